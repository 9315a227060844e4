//! The page, followed for a command that waits or draws: through the database while a daemon does
//! its work, by polls of its own while none runs, or while it hangs. It may change from one to the
//! other at any time. It writes nothing, and is all that drives a monitor outside of the daemon for
//! longer than one answer.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::beside::{DaemonState, Signs};
use super::look;
use super::picture::{Picture, Source};
use crate::app::App;
use crate::app::wiring::{self, ONE_LOOK};
use crate::page::fetch::{self, Fetcher, Limits, Request};
use crate::platform::clock::{Alarm, Clock};
use crate::store::{Heartbeat, Holder, Lock, StoreError, page_dir, page_state};
use ccwatch_core::model::Endpoint;
use ccwatch_core::monitor::{Command, Input, Monitor, Saved};
use ccwatch_core::settings::Settings;
use ccwatch_core::state::PageState;
use ccwatch_core::time::{after, between, shifted};

/// How often it looks whether the daemon wrote something, or whether there still is one.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// A file changed less than this ago may have been changed again with the same time stamp.
const STAMP_IS_SURE: Duration = Duration::from_secs(1);

/// Who reads the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Via {
    /// A daemon, and we read what it wrote down.
    Daemon,
    /// This process.
    Ourselves,
}

/// When and how long the database's files were last written; none where there is no file.
pub(crate) type Stamp = [Option<(Timestamp, u64)>; 2];

/// See the module.
pub(crate) struct Follower {
    /// The state directory, and the key of the page.
    dir: Option<PathBuf>,
    page: String,
    fetcher: Arc<Fetcher>,
    settings: Settings,
    /// Whether the incidents of the past are of use, from which comes how long it may take.
    with_history: bool,
    monitor: Monitor,
    via: Via,
    daemon: DaemonState,
    stamp: Option<(Stamp, Timestamp)>,
    unreadable: Option<String>,
    beat: Option<Heartbeat>,
    /// The newest try to read the page that the database knows of.
    tried_at: Option<Timestamp>,
    clock: Clock,
    alarm: Alarm,
    now: Timestamp,
    started_at: Timestamp,
    answers: UnboundedSender<Input>,
    answered: UnboundedReceiver<Input>,
}

impl Follower {
    /// Begins to follow for a command that waits; must be called inside the runtime. Without a home
    /// directory it can only ask the page.
    ///
    /// # Errors
    /// The page's address can't be used, or a daemon runs and its database can't be read.
    pub(crate) fn start(app: &App, settings: Settings) -> anyhow::Result<Self> {
        Self::begin(app, settings, Limits::default(), false)
    }

    /// The same for somebody who looks at a screen: with less patience, and with the incidents of
    /// the past.
    ///
    /// # Errors
    /// As for [`start`](Self::start).
    pub(crate) fn start_for_a_screen(app: &App) -> anyhow::Result<Self> {
        Self::begin(app, app.settings(), ONE_LOOK, true)
    }

    fn begin(
        app: &App,
        settings: Settings,
        limits: Limits,
        with_history: bool,
    ) -> anyhow::Result<Self> {
        let dir = app.state_dir_if_any()?;
        let mut clock = Clock::start();
        let (now, _) = clock.read();
        let (answers, answered) = unbounded_channel();
        let mut follower = Self {
            dir,
            page: app.page_key().to_owned(),
            fetcher: Arc::new(wiring::limited_fetcher(&app.config, limits)?),
            with_history,
            monitor: Monitor::new(settings.clone(), Saved::default(), now),
            settings,
            via: Via::Daemon,
            daemon: DaemonState::Away,
            stamp: None,
            unreadable: None,
            beat: None,
            tried_at: None,
            clock,
            alarm: Alarm::new(),
            now,
            started_at: now,
            answers,
            answered,
        };
        let read = follower.read_database();
        if let Err(error) = read
            && !error.is_of_the_disk()
            && follower.holder().is_some()
        {
            return Err(error.into());
        }
        follower.look();
        Ok(follower)
    }

    /// Everything that is known of the page.
    pub(crate) fn page(&self) -> &PageState {
        self.monitor.state()
    }

    /// The same with what is known of the daemon, to be shown.
    pub(crate) fn picture(&self) -> Picture {
        let page = self.page().clone();
        let health = page.page_health();
        let ours = self.via == Via::Ourselves && health.last_good >= Some(self.started_at);
        let source = match health.last_good {
            None => Source::None,
            Some(_) if ours && health.failing.is_none() => Source::Live,
            Some(_) => Source::Daemon,
        };
        let daemon = self.daemon;
        let heartbeat = daemon.own(self.beat.clone(), self.holder().as_ref());
        Picture { now: self.now, page, source, heartbeat, daemon }
    }

    /// Where the daemon's database of the page would be, if there is a place for one.
    pub(crate) fn dir(&self) -> Option<PathBuf> {
        self.dir.as_deref().map(|state| page_dir(state, &self.page))
    }

    /// When something was last taken from the database.
    pub(crate) fn read_at(&self) -> Option<Timestamp> {
        self.stamp.map(|(_, read_at)| read_at)
    }

    /// The time as of the last step.
    pub(crate) fn now(&self) -> Timestamp {
        self.now
    }

    /// How long this has been going on, suspend included.
    pub(crate) fn elapsed(&self) -> Duration {
        self.clock.elapsed()
    }

    /// Whether what is known is what the reader of the page has to say: without a daemon that takes
    /// a first try of our own.
    pub(crate) fn has_looked(&self) -> bool {
        let tried = self.page().page_health().last_attempt;
        self.via == Via::Daemon || tried.is_some_and(|at| at >= self.started_at)
    }

    /// Whether a daemon that does its work reads the page, so that nobody else has to.
    pub(crate) fn is_beside_a_daemon(&self) -> bool {
        self.via == Via::Daemon
    }

    /// Why the daemon's database can't be read, where that is so.
    pub(crate) fn unreadable(&self) -> Option<&str> {
        self.unreadable.as_deref()
    }

    /// Somebody waits for a reading: without a daemon the page is asked at once.
    pub(crate) fn ask_soon(&mut self) {
        self.read_the_clock();
        self.look();
        if self.via == Via::Ourselves {
            self.monitor.handle(self.now, Input::ReadingWanted);
            self.carry_out();
        }
    }

    /// Waits until something may have changed, for half a second at most. Safe to be dropped.
    pub(crate) async fn step(&mut self) {
        let due = self.monitor.poll_timeout().filter(|_| self.via == Via::Ourselves);
        let pause = due.map_or(LOOK_EVERY, |at| between(self.now, at).min(LOOK_EVERY));
        let answer = tokio::select! {
            Some(answer) = self.answered.recv() => Some(answer),
            () = self.alarm.wait(pause) => None,
        };
        self.read_the_clock();
        if let Some(answer) = answer {
            self.monitor.handle(self.now, answer);
        }
        self.look();
    }

    /// Follows whoever reads the page now. A daemon that hangs does not, nor one that can't write.
    fn look(&mut self) {
        let holder = self.holder();
        let read = match holder.is_some() || self.via == Via::Daemon {
            true => self.read_database(),
            false => Ok(()),
        };
        self.daemon = self.state_of(holder.as_ref());
        // What is damaged, or of another version, is said, and not passed over; what the disk doesn't
        // give, the page does.
        let unreadable = read.err().filter(|error| !error.is_of_the_disk());
        let unreadable = unreadable.filter(|_| self.daemon.may_yet_write());
        let works = unreadable.is_some() || self.daemon == DaemonState::Works;
        self.unreadable = unreadable.map(|error| error.to_string());
        self.via = if works { Via::Daemon } else { Via::Ourselves };
        if !works {
            self.monitor.handle_timeout(self.now);
            self.carry_out();
        }
    }

    fn holder(&self) -> Option<Holder> {
        Lock::holder(self.dir.as_ref()?).ok().flatten()
    }

    fn state_of(&self, holder: Option<&Holder>) -> DaemonState {
        let Some(dir) = &self.dir else { return DaemonState::Away };
        let signs = Signs { holder, beat: self.beat.as_ref(), tried_at: self.tried_at };
        DaemonState::of(signs, dir, self.now)
    }

    /// Takes over what the database knows, unless we know something newer.
    fn read_database(&mut self) -> Result<(), StoreError> {
        let (Some(state), Some(dir)) = (&self.dir, self.dir()) else { return Ok(()) };
        let stamp = stamp(&dir);
        if self.stamp.is_some_and(|(old, read_at)| old == stamp && is_sure(&old, read_at)) {
            return Ok(());
        }
        let Some((state, beat)) = page_state(state, &self.page)? else { return Ok(()) };
        self.beat = beat;
        self.tried_at = state.page_health.last_attempt;
        self.stamp = Some((stamp, self.now));
        if state.page_health.last_good >= self.page().page_health().last_good {
            // What waits for a sink is the daemon's business.
            let saved = Saved { state, ..Saved::default() };
            self.monitor = Monitor::new(self.settings.clone(), saved, self.now);
        }
        Ok(())
    }

    fn read_the_clock(&mut self) {
        let (now, stepped) = self.clock.read();
        self.now = now;
        if let Some(by) = stepped {
            self.started_at = shifted(self.started_at, by);
            self.monitor.handle(now, Input::ClockStepped(by));
        }
    }

    /// Reads what the core wants to be read: its records and notices are the daemon's business.
    fn carry_out(&mut self) {
        if !self.with_history && self.monitor.awaits_history() {
            self.monitor.handle(self.now, look::not_asked_for());
        }
        while let Some(command) = self.monitor.next_command() {
            match command {
                Command::Fetch { endpoint: Endpoint::Incidents, .. } if !self.with_history => {}
                Command::Fetch { host, endpoint, etag } => {
                    self.fetch(Request { host, endpoint, etag });
                }
                Command::Record(_) | Command::Deliver { .. } | Command::TakeDown(_) => {}
            }
        }
    }

    fn fetch(&self, request: Request) {
        let (fetcher, answers) = (Arc::clone(&self.fetcher), self.answers.clone());
        tokio::spawn(async move {
            let Request { host, endpoint, .. } = request;
            let answer = fetcher.get(&request).await;
            let input = fetch::input(endpoint, host, answer, fetcher.engine(), fastrand::f64());
            // Nobody listens any more only when it is over.
            let _ = answers.send(input);
        });
    }
}

/// As it is now.
fn stamp(dir: &Path) -> Stamp {
    ["ccwatch.db", "ccwatch.db-wal"].map(|name| {
        let file = fs::metadata(dir.join(name)).ok()?;
        let written = Timestamp::try_from(file.modified().ok()?).ok()?;
        Some((written, file.len()))
    })
}

/// The same of the database with the sessions, and of that with what a page says.
pub(crate) fn stamps(state: &Path, page: &str) -> [Stamp; 2] {
    [state.to_owned(), page_dir(state, page)].map(|dir| stamp(&dir))
}

/// Whether what was read then is what the files hold.
pub(crate) fn is_sure(stamp: &Stamp, read_at: Timestamp) -> bool {
    stamp.iter().flatten().all(|(written, _)| after(*written, STAMP_IS_SURE) < read_at)
}
