//! What is known of the page and of the daemon at one moment: all that an answer needs.
//!
//! It comes from the database while a daemon does its work. Without one, or beside one that hangs,
//! the page is read once, which is written down nowhere.

use std::path::Path;

use jiff::Timestamp;

use super::look;
use crate::app::App;
use crate::app::exit_code::ExitCode;
use crate::app::wiring;
use crate::config::Config;
use crate::platform::clock;
use crate::store::{Heartbeat, Holder, Lock, Reader, StoreError, does_its_work};
use crate::tty::spinner::Spinner;
use ccwatch_core::model::{Failure, Level};
use ccwatch_core::state::verdict::Verdict;
use ccwatch_core::state::{PageState, SavedState};
use ccwatch_core::text::{self, Behind};

/// Where the newest reading comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// A daemon that runs, or ran, wrote it down.
    Daemon,
    /// This process read it.
    Live,
    /// There is none.
    None,
}

/// Everything that an answer needs.
#[derive(Debug, Clone)]
pub(crate) struct Picture {
    /// The moment.
    pub(crate) now: Timestamp,
    /// What is known of the page.
    pub(crate) page: PageState,
    /// Where that comes from.
    pub(crate) source: Source,
    /// The newest heartbeat that a daemon wrote down.
    pub(crate) heartbeat: Option<Heartbeat>,
    /// Whether a daemon runs.
    pub(crate) running: bool,
    /// Whether it runs, but does nothing.
    pub(crate) hangs: bool,
}

impl Picture {
    /// The answer of now: the daemon's where one does its work, else that of the page itself.
    ///
    /// # Errors
    /// The configuration can't be used, or a daemon runs and its database can't be read.
    pub(crate) fn look(app: &App) -> anyhow::Result<Self> {
        let config = &app.config;
        // Without a home there is nothing to know, but the page can be read.
        let known = match app.state_dir_if_any()? {
            Some(dir) => Known::read(&dir)?,
            None => Known::default(),
        };
        let now = clock::now();
        let mut picture = match known.holder.is_some() && !known.hangs(now) {
            true => known.picture(config, now),
            false => known.picture_with_a_look(config)?,
        };
        if picture.page.page_health().last_good.is_none() {
            picture.source = Source::None;
        }
        Ok(picture)
    }

    /// What the database says, without a look at the page.
    ///
    /// # Errors
    /// The database can't be read.
    pub(crate) fn glance(app: &App) -> anyhow::Result<Self> {
        let dir = app.state_dir()?;
        let holder = Lock::holder(&dir)?;
        Ok(Known { holder, ..Known::load(&dir)? }.picture(&app.config, clock::now()))
    }

    /// The advice in one word.
    pub(crate) fn verdict(&self) -> Verdict {
        self.page.verdict(self.now)
    }

    /// The advice as a sentence.
    pub(crate) fn advice(&self) -> &'static str {
        text::advice(self.verdict(), Behind::of(&self.page))
    }

    /// Why the page could not be read lately, where that is so.
    pub(crate) fn failure(&self) -> Option<Failure> {
        let run = self.page.page_health().failing.as_ref()?;
        Some(Failure::new(run.kind, run.detail.clone()))
    }

    /// The exit code of `status`.
    pub(crate) fn exit_code(&self) -> ExitCode {
        let down = matches!(self.page.worst_level(), Level::Partial | Level::Major);
        match self.verdict() {
            Verdict::Clear | Verdict::Retry => ExitCode::Success,
            Verdict::Unknown => ExitCode::Unknown,
            Verdict::Wait if down => ExitCode::Critical,
            Verdict::Wait | Verdict::Suspect => ExitCode::Warning,
        }
    }
}

/// What the database knows, and whether a daemon keeps it.
#[derive(Default)]
struct Known {
    saved: SavedState,
    heartbeat: Option<Heartbeat>,
    holder: Option<Holder>,
}

impl Known {
    /// A database that can't be read is an error while a daemon runs, for then it is the answer;
    /// else the page itself is.
    fn read(dir: &Path) -> anyhow::Result<Self> {
        let holder = Lock::holder(dir)?;
        match Self::load(dir) {
            Ok(known) => Ok(Self { holder, ..known }),
            Err(error) if holder.is_some() => Err(error.into()),
            Err(error) => {
                let hint = error.hint().map_or_else(String::new, |hint| format!(" (hint: {hint})"));
                tracing::warn!("{error}{hint}");
                Ok(Self::default())
            }
        }
    }

    fn load(dir: &Path) -> Result<Self, StoreError> {
        let Some(reader) = Reader::open(dir)? else { return Ok(Self::default()) };
        Ok(Self { saved: reader.state()?, heartbeat: reader.heartbeat()?, holder: None })
    }

    fn hangs(&self, now: Timestamp) -> bool {
        let works = |holder: &Holder| does_its_work(holder.since, self.heartbeat.as_ref(), now);
        self.holder.as_ref().is_some_and(|holder| !works(holder))
    }

    /// As it stands there.
    fn picture(self, config: &Config, now: Timestamp) -> Picture {
        let (running, hangs) = (self.holder.is_some(), self.hangs(now));
        Picture {
            now,
            page: PageState::restore(wiring::settings(config), self.saved, now),
            source: Source::Daemon,
            heartbeat: self.heartbeat,
            running,
            hangs,
        }
    }

    /// With one reading of the page on top of it.
    fn picture_with_a_look(self, config: &Config) -> anyhow::Result<Picture> {
        let (running, hangs) = (self.holder.is_some(), self.hangs(clock::now()));
        let spinner = Spinner::start("reading the page");
        let look = look::once(config, self.saved, false);
        drop(spinner);
        let look = look?;
        let source =
            if look.page.page_health().failing.is_none() { Source::Live } else { Source::Daemon };
        let heartbeat = self.heartbeat;
        Ok(Picture { now: look.at, page: look.page, source, heartbeat, running, hangs })
    }
}
