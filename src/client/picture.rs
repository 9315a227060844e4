//! What is known of the page and of the daemon at one moment: all that an answer needs.
//!
//! It comes from the database while a daemon does its work. Without one, or beside one that hangs or
//! can't write, the page is read once, which is written down nowhere.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::beside::{DaemonState, Signs};
use super::look::{self, Look};
use crate::app::App;
use crate::app::exit_code::ExitCode;
use crate::config::pages::FIRST;
use crate::platform::clock;
use crate::store::{Heartbeat, Holder, Lock, page_state};
use crate::tty::spinner::Spinner;
use ccwatch_core::model::{Failure, Level};
use ccwatch_core::settings::Settings;
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
    /// The newest heartbeat of the daemon that runs, where it wrote one down.
    pub(crate) heartbeat: Option<Heartbeat>,
    /// How the daemon is doing.
    pub(crate) daemon: DaemonState,
}

impl Picture {
    /// The answer of now: the daemon's where one does its work, else that of the page itself.
    ///
    /// # Errors
    /// The configuration can't be used, or a daemon runs and its database can't be read.
    pub(crate) fn look(app: &App) -> anyhow::Result<Self> {
        // Without a home there is nothing to know, but the page can be read.
        let known = match app.state_dir_if_any()? {
            Some(dir) => Known::read(&dir, app.page_key(), true)?,
            None => Known::default(),
        };
        let now = clock::now();
        let mut picture = match known.daemon(now) {
            DaemonState::Works => known.picture(app.settings(), now),
            daemon => known.picture_with_a_look(app, daemon)?,
        };
        if picture.page.page_health().last_good.is_none() {
            picture.source = Source::None;
        }
        Ok(picture)
    }

    /// The same where the page was asked just now, which was done for something else.
    ///
    /// # Errors
    /// A daemon runs, and its database can't be read.
    pub(crate) fn of_look(app: &App, look: Look) -> anyhow::Result<Self> {
        let known = match app.state_dir_if_any()? {
            Some(dir) => Known::read(&dir, app.page_key(), true)?,
            None => Known::default(),
        };
        let daemon = known.daemon(look.at);
        Ok(known.with_look(look, daemon))
    }

    /// What the database says, without a look at the page.
    ///
    /// # Errors
    /// The database can't be read.
    pub(crate) fn glance(app: &App) -> anyhow::Result<Self> {
        let dir = app.state_dir()?;
        let known = Known::read(&dir, app.page_key(), false)?;
        Ok(known.picture(app.settings(), clock::now()))
    }

    /// Up to when the page is known: whether something is late or over by now nobody can say of later.
    pub(crate) fn known_at(&self) -> Timestamp {
        self.page.page_health().last_good.unwrap_or(self.now)
    }

    /// The advice in one word.
    pub(crate) fn verdict(&self) -> Verdict {
        self.page.verdict(self.now)
    }

    /// The advice as a sentence.
    pub(crate) fn advice(&self) -> &'static str {
        text::advice(self.verdict(), Behind::of(&self.page, self.now))
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
    dir: PathBuf,
    saved: SavedState,
    heartbeat: Option<Heartbeat>,
    holder: Option<Holder>,
    /// What the daemon wrote down of the first page, where this is another one.
    first: Option<(SavedState, Option<Heartbeat>)>,
}

impl Known {
    /// A database that can't be read is an error while a daemon runs, for then it is the answer, and
    /// where the page is not to be asked; else the page itself is. What the disk doesn't give is no
    /// error beside a daemon, which may go on without.
    fn read(dir: &Path, page: &str, may_ask: bool) -> anyhow::Result<Self> {
        let holder = Lock::holder(dir)?;
        let (saved, heartbeat) = match page_state(dir, page) {
            Ok(known) => known.unwrap_or_default(),
            Err(error) if holder.is_some() && !error.is_of_the_disk() => return Err(error.into()),
            Err(error) if holder.is_none() && !may_ask => return Err(error.into()),
            Err(error) => {
                let hint = error.hint().map_or_else(String::new, |hint| format!(" (hint: {hint})"));
                tracing::warn!("{error}{hint}");
                Default::default()
            }
        };
        let is_beside = page != FIRST && holder.is_some();
        let first = is_beside.then(|| page_state(dir, FIRST).ok().flatten()).flatten();
        Ok(Self { dir: dir.to_owned(), saved, heartbeat, holder, first })
    }

    fn daemon(&self, now: Timestamp) -> DaemonState {
        let of = |saved: &SavedState, beat: Option<&Heartbeat>| {
            let tried_at = saved.page_health.last_attempt;
            let signs = Signs { holder: self.holder.as_ref(), beat, tried_at };
            DaemonState::of(signs, &self.dir, now)
        };
        let state = of(&self.saved, self.heartbeat.as_ref());
        match &self.first {
            Some((saved, beat)) => state.beside_the_first(of(saved, beat.as_ref())),
            None => state,
        }
    }

    /// As it stands there.
    fn picture(self, settings: Settings, now: Timestamp) -> Picture {
        let daemon = self.daemon(now);
        let heartbeat = daemon.own(self.heartbeat, self.holder.as_ref());
        let page = PageState::restore(settings, self.saved, now);
        Picture { now, page, source: Source::Daemon, heartbeat, daemon }
    }

    /// With one reading of the page on top of it.
    fn picture_with_a_look(mut self, app: &App, daemon: DaemonState) -> anyhow::Result<Picture> {
        let spinner = Spinner::start("reading the page");
        let look = look::once(&app.config, app.settings(), std::mem::take(&mut self.saved), false);
        drop(spinner);
        Ok(self.with_look(look?, daemon))
    }

    fn with_look(self, look: Look, daemon: DaemonState) -> Picture {
        let source =
            if look.page.page_health().failing.is_none() { Source::Live } else { Source::Daemon };
        let heartbeat = daemon.own(self.heartbeat, self.holder.as_ref());
        Picture { now: look.at, page: look.page, source, heartbeat, daemon }
    }
}
