//! The wait after a failure, in a process of its own that does next to nothing: while a daemon reads
//! the page, it looks every two seconds whether the database was written to. Only where no daemon
//! does its work it reads the page itself.

use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use rustix::process::{Pid, getppid, test_kill_process};

use crate::app::{App, runtime};
use crate::claude_code::place::environment;
use crate::client::beside::{DaemonState, Signs};
use crate::client::follow::{Follower, Stamp, is_sure, stamp};
use crate::platform::clock::Clock;
use crate::store::{Heartbeat, Holder, Lock, Reader, Sessions, Waiting};
use ccwatch_core::sessions::{Heals, Next, Sign, Standing, Step, StoppedSession, Waiter, Wish};
use ccwatch_core::state::{PageState, SavedState};
use ccwatch_core::text;
use ccwatch_core::time::between;

/// How often it looks whether something changed.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// A daemon that is gone for so long doesn't come back at once: it isn't only restarted.
const GONE_FOR: Duration = Duration::from_secs(10);
/// A pause of ours that took so long is the machine's.
const SLEPT: Duration = Duration::from_secs(60);
/// A database that can't be read so many times is not waited for.
const MOST_TROUBLE: u32 = 30;

/// How one look went.
enum Turn {
    /// Nothing is to be done until then, unless something changes.
    Wait(Next),
    /// It is over: with the reason by which the session is woken, or without a word.
    Over(Option<String>),
}

/// How a way of looking at the page ended.
enum Way {
    /// The wait is over.
    Over(Option<String>),
    /// There is another way now.
    Other,
}

/// One wait for one failure of one session.
pub(super) struct Wait<'a> {
    app: &'a App,
    state: PathBuf,
    id: String,
    hook: String,
    waiter: Waiter,
    said: Option<Next>,
    beat: Option<Heartbeat>,
    tried_at: Option<Timestamp>,
    clock: Clock,
    session: Process,
    _waiting: Waiting,
}

impl<'a> Wait<'a> {
    pub(super) fn new(
        app: &'a App,
        state: PathBuf,
        session: StoppedSession,
        heals: Heals,
        wish: Wish,
        waiting: Waiting,
    ) -> Self {
        Self {
            app,
            state,
            waiter: Waiter::new(&session, heals, wish, fastrand::f64()),
            id: session.id,
            hook: session.hook,
            said: None,
            beat: None,
            tried_at: None,
            clock: Clock::start(),
            session: Process::of_claude(),
            _waiting: waiting,
        }
    }

    /// Waits; gives the reason to wake the session, or none where it must not be woken.
    pub(super) fn until_it_makes_sense(mut self) -> anyhow::Result<Option<String>> {
        loop {
            if let Way::Over(reason) = self.beside_a_daemon()? {
                return Ok(reason);
            }
            if let Way::Over(reason) = self.alone()? {
                return Ok(reason);
            }
            rest();
        }
    }

    /// While a daemon reads the page. One that is restarted is waited for.
    fn beside_a_daemon(&mut self) -> anyhow::Result<Way> {
        let mut now = self.now();
        let (mut seen, mut due, mut worked_at, mut trouble) = (None, now, None, 0);
        loop {
            if self.session.is_gone() {
                return self.give_up(Standing::ProcessGone, now).map(|()| Way::Over(None));
            }
            let written = stamp(&self.state);
            let daemon = self.daemon(now);
            if daemon.may_yet_write() {
                worked_at = Some(now);
            } else if worked_at.is_none_or(|at| between(at, now) >= GONE_FOR) {
                return Ok(Way::Other);
            }
            let is_news = now >= due || !is_known(seen, &written);
            if daemon == DaemonState::Works && is_news {
                match self.look_at_the_database(now) {
                    Ok(Turn::Over(reason)) => return Ok(Way::Over(reason)),
                    Ok(Turn::Wait(next)) => {
                        (seen, trouble) = (Some((written, now)), 0);
                        due = next.due.map_or(self.waiter.end(), |at| at.min(self.waiter.end()));
                    }
                    Err(error) if trouble >= MOST_TROUBLE => return Err(error),
                    Err(_) => trouble += 1,
                }
            }
            rest();
            now = self.now();
        }
    }

    /// While no daemon does.
    fn alone(&mut self) -> anyhow::Result<Way> {
        let runtime = runtime()?;
        let way = runtime.block_on(self.follow());
        runtime.shutdown_timeout(Duration::ZERO);
        way
    }

    async fn follow(&mut self) -> anyhow::Result<Way> {
        let mut follower = Follower::start(self.app, self.app.settings())?;
        let (mut looked_at, mut trouble) = (None, 0);
        while !follower.is_beside_a_daemon() {
            let now = self.now();
            if self.session.is_gone() {
                return self.give_up(Standing::ProcessGone, now).map(|()| Way::Over(None));
            }
            let lately = looked_at.is_some_and(|at| between(at, now) < LOOK_EVERY);
            if follower.has_looked() && !lately {
                looked_at = Some(now);
                match self.turn(now, follower.page()) {
                    Ok(Turn::Over(reason)) => return Ok(Way::Over(reason)),
                    Ok(Turn::Wait(_)) => trouble = 0,
                    Err(error) if trouble >= MOST_TROUBLE => return Err(error),
                    Err(_) => trouble += 1,
                }
            }
            follower.step().await;
        }
        Ok(Way::Other)
    }

    /// The time, with what the clock tells of: that it was set, that the machine slept.
    fn now(&mut self) -> Timestamp {
        let before = self.clock.elapsed();
        let (now, stepped) = self.clock.read();
        if let Some(by) = stepped {
            self.waiter.shift(by);
        }
        if self.clock.elapsed().saturating_sub(before) > SLEPT {
            self.waiter.slept(now);
        }
        now
    }

    fn daemon(&mut self, now: Timestamp) -> DaemonState {
        let holder = Lock::holder(&self.state).ok().flatten();
        let state = self.state_of(holder.as_ref(), now);
        if holder.is_none() || state == DaemonState::Works {
            return state;
        }
        // It may have given another sign of life since.
        let _ = self.read();
        self.state_of(holder.as_ref(), now)
    }

    fn state_of(&self, holder: Option<&Holder>, now: Timestamp) -> DaemonState {
        let signs = Signs { holder, beat: self.beat.as_ref(), tried_at: self.tried_at };
        DaemonState::of(signs, &self.state, now)
    }

    /// What the database says of the page, and of the daemon.
    fn read(&mut self) -> anyhow::Result<SavedState> {
        let Some(reader) = Reader::open(&self.state)? else { return Ok(SavedState::default()) };
        let saved = reader.state()?;
        (self.beat, self.tried_at) = (reader.heartbeat()?, saved.page_health.last_attempt);
        Ok(saved)
    }

    fn look_at_the_database(&mut self, now: Timestamp) -> anyhow::Result<Turn> {
        let saved = self.read()?;
        let page = PageState::restore(self.app.settings(), saved, now);
        self.turn(now, &page)
    }

    /// Looks at what became of the session, and decides.
    fn turn(&mut self, now: Timestamp, page: &PageState) -> anyhow::Result<Turn> {
        let kept = Sessions::open(&self.state)?.get(&self.id)?;
        let Some(kept) = kept.filter(|kept| kept.is_awaited_by(&self.hook)) else {
            return Ok(Turn::Over(None));
        };
        let muted = page.mutes(now).any(|mute| mute.incident.is_none());
        let news = page.look_for_sessions(now);
        match self.waiter.look(now, news, kept.other_worked_at, muted) {
            Step::Wait(next) => {
                if self.said != Some(next) {
                    self.change(|kept| kept.awaits(next))?;
                    self.said = Some(next);
                }
                Ok(Turn::Wait(next))
            }
            Step::GiveUp(why) => self.give_up(why, now).map(|()| Turn::Over(None)),
            Step::Wake { sign, since } => self.wake(now, sign, since).map(Turn::Over),
        }
    }

    /// It counts before it is done: who is killed in between wakes nobody, and nobody twice.
    fn wake(
        &mut self,
        now: Timestamp,
        sign: Sign,
        since: Timestamp,
    ) -> anyhow::Result<Option<String>> {
        // What the user wants may be another thing by now.
        if !App::load(&self.app.global)?.config.sessions.resume {
            return self.give_up(Standing::SwitchedOff, now).map(|()| None);
        }
        let woken = self.change(|kept| kept.wakes(now))?;
        let zone = self.app.settings().zone;
        Ok(woken.then(|| text::sessions::for_claude(sign, since, now, &zone)))
    }

    fn give_up(&mut self, why: Standing, now: Timestamp) -> anyhow::Result<()> {
        self.change(|kept| kept.is_given_up(why, now)).map(drop)
    }

    /// Changes what is kept, if this hook is still the one that waits; whether it is.
    fn change(&mut self, change: impl FnOnce(&mut StoppedSession)) -> anyhow::Result<bool> {
        let mut ours = false;
        Sessions::open(&self.state)?.change(&self.id, |before| {
            let mut kept = before?;
            if kept.is_awaited_by(&self.hook) {
                ours = true;
                change(&mut kept);
            }
            Some(kept)
        })?;
        Ok(ours)
    }
}

#[expect(clippy::disallowed_methods, reason = "to be told of it would take a thread and a watch")]
fn rest() {
    std::thread::sleep(LOOK_EVERY);
}

/// Whether the files of the database are those that were read.
fn is_known(seen: Option<(Stamp, Timestamp)>, written: &Stamp) -> bool {
    seen.is_some_and(|(stamp, read_at)| stamp == *written && is_sure(&stamp, read_at))
}

/// The process of the session.
struct Process {
    parent: Option<Pid>,
    claude: Option<Pid>,
}

impl Process {
    /// As it is when the hook begins.
    fn of_claude() -> Self {
        let claude = environment("CLAUDE_PID").and_then(|pid| pid.parse().ok());
        let claude = claude.and_then(Pid::from_raw);
        let parent = getppid();
        // A number may be given anew; that a parent is gone shows for sure.
        Self { parent, claude: claude.filter(|_| claude != parent) }
    }

    /// Whether there is nobody any more who could be woken.
    fn is_gone(&self) -> bool {
        let gone = |pid| test_kill_process(pid) == Err(rustix::io::Errno::SRCH);
        match self.claude {
            Some(claude) => gone(claude),
            None => getppid() != self.parent,
        }
    }
}
