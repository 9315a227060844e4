//! `ccwatch status`: the verdict, what to do, and what the page says.
//!
//! With a daemon it only reads the database. Without one, or beside one that hangs, it reads the page
//! once itself, writes nothing, and says so.

mod at;
mod forms;
mod json;
mod session;
pub(super) mod text;

use std::io::Write;
use std::path::Path;

use jiff::Timestamp;

use crate::app::exit_code::ExitCode;
use crate::cli::{self, Global};
use crate::config::Config;
use crate::platform::clock;
use crate::platform::paths::{self, PathError};
use crate::store::{Heartbeat, Holder, Lock, Reader, StoreError, does_its_work};
use ccwatch_core::model::{Failure, Level};
use ccwatch_core::monitor::{Monitor, Saved};
use ccwatch_core::state::SavedState;
use ccwatch_core::state::component::{Component, Fix};
use ccwatch_core::state::verdict::Verdict;

use crate::tty::spinner::Spinner;

/// Where the newest reading comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// A daemon that runs, or ran, wrote it down.
    Daemon,
    /// Read just now.
    Live,
    /// There is none.
    None,
}

/// Everything that an answer needs.
pub(super) struct Picture {
    pub(super) now: Timestamp,
    pub(super) monitor: Monitor,
    pub(super) source: Source,
    /// The daemon's heartbeat, and whether it still runs.
    pub(super) heartbeat: Option<Heartbeat>,
    pub(super) running: bool,
    /// It runs, but does nothing.
    pub(super) hangs: bool,
}

/// Answers.
pub fn run(
    global: &Global,
    args: &cli::Status,
    out: &mut dyn Write,
    colours: bool,
) -> anyhow::Result<ExitCode> {
    if let Some(form) = args.format {
        return forms::run(global, args, form, out);
    }
    let (config, _) = Config::load(global.config.as_deref())?;
    if let Some(at) = &args.at {
        return at::run(global, &config, args, at, out);
    }
    let picture = look(global, &config)?;
    let printed = match args {
        cli::Status { quiet: true, .. } => Ok(()),
        cli::Status { json: true, .. } => json::print(&picture, out),
        _ => text::print(&picture, args.all, colours, out),
    };
    // Who closed the pipe has read enough, and still gets the answer in the exit code.
    match printed.and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(picture.exit_code()),
    }
}

fn look(global: &Global, config: &Config) -> anyhow::Result<Picture> {
    let dir = paths::state_dir(global.state_dir.as_deref(), config.state_dir.as_deref());
    let known = match dir {
        Ok(dir) => Known::read(&dir)?,
        // Without a home there is nothing to know, but the page can be read.
        Err(PathError::NoHome { .. }) => Known::default(),
        Err(error) => return Err(error.into()),
    };
    let mut picture = Picture::new(config, known);
    if !picture.running || picture.hangs {
        picture.look_live(config)?;
    }
    if picture.monitor.state().page_health().last_good.is_none() {
        picture.source = Source::None;
    }
    Ok(picture)
}

/// What the database says, without a look at the page.
fn glance(global: &Global) -> anyhow::Result<Picture> {
    let (config, _) = Config::load(global.config.as_deref())?;
    let dir = paths::state_dir(global.state_dir.as_deref(), config.state_dir.as_deref())?;
    let holder = Lock::holder(&dir)?;
    Ok(Picture::new(&config, Known { holder, ..Known::load(&dir)? }))
}

/// What the database knows.
#[derive(Default)]
pub(super) struct Known {
    saved: SavedState,
    heartbeat: Option<Heartbeat>,
    holder: Option<Holder>,
}

impl Known {
    /// A database that can't be read is an error while a daemon runs, for then it is the answer;
    /// else the page itself is.
    pub(super) fn read(dir: &Path) -> anyhow::Result<Self> {
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
}

impl Picture {
    pub(super) fn new(config: &Config, known: Known) -> Self {
        let (now, settings) = (clock::now(), crate::app::wiring::settings(config));
        let works = |holder: &Holder| does_its_work(holder.since, known.heartbeat.as_ref(), now);
        let hangs = known.holder.as_ref().is_some_and(|holder| !works(holder));
        Self {
            now,
            monitor: Monitor::new(settings, Saved { state: known.saved, ..Saved::default() }, now),
            source: Source::Daemon,
            heartbeat: known.heartbeat,
            running: known.holder.is_some(),
            hangs,
        }
    }

    /// One reading of the page, taken in by the core and written down nowhere.
    fn look_live(&mut self, config: &Config) -> anyhow::Result<()> {
        let progress = Spinner::start("reading the page");
        let look = crate::client::look::once(config, false);
        drop(progress);
        self.now = clock::now();
        self.monitor.handle(self.now, look?.summary);
        if self.monitor.state().page_health().failing.is_none() {
            self.source = Source::Live;
        }
        Ok(())
    }

    pub(super) fn verdict(&self) -> Verdict {
        self.monitor.state().verdict(self.now)
    }

    pub(super) fn advice(&self) -> &'static str {
        let fixed = |c: &Component| c.affected().is_some_and(|e| matches!(e.fix, Fix::Out { .. }));
        ccwatch_core::text::advice(self.verdict(), self.monitor.state().watched().any(fixed))
    }

    /// Why the page could not be read lately, where that is so.
    fn failure(&self) -> Option<Failure> {
        let run = self.monitor.state().page_health().failing.as_ref()?;
        Some(Failure::new(run.kind, run.detail.clone()))
    }

    fn exit_code(&self) -> ExitCode {
        let down = matches!(self.monitor.state().worst_level(), Level::Partial | Level::Major);
        match self.verdict() {
            Verdict::Clear | Verdict::Retry => ExitCode::Success,
            Verdict::Unknown => ExitCode::Unknown,
            Verdict::Wait if down => ExitCode::Critical,
            Verdict::Wait | Verdict::Suspect => ExitCode::Warning,
        }
    }
}
