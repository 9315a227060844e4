//! The wait after a failure, in a process of its own that does next to nothing: while a daemon reads
//! the page, it looks every two seconds whether the database was written to. Only where no daemon
//! does its work it reads the page itself.

mod last_look;
mod wish;

use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;

use super::process::Process;
use crate::app::{App, runtime};
use crate::client::beside::{DaemonState, Signs};
use crate::client::follow::{Follower, Stamp, is_sure, stamps};
use crate::platform::clock::Clock;
use crate::store::notes::{self, Since};
use crate::store::{Heartbeat, Holder, Lock, Sessions, Waiting, page_state};
use ccwatch_core::sessions::{
    Awaited, Happened, Next, Sign, Standing, Step, Stop, StoppedSession, Waiter, Wish,
};
use ccwatch_core::state::{PageState, SavedState};
use ccwatch_core::text;
use ccwatch_core::time::after;

use last_look::{LastLook, Looks};
use wish::WishNow;

/// How often it looks whether something changed.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// A daemon that is gone for so long doesn't come back at once: it isn't only restarted.
const GONE_FOR: Duration = Duration::from_secs(10);
/// A pause of ours that took so long is the machine's.
const SLEPT: Duration = Duration::from_secs(60);
/// What only has to be written down is tried again so often.
const TRIES: u32 = 15;

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
    stop: Stop,
    wish: WishNow,
    /// As the database had it last; none: it could not be written there yet.
    known: Option<StoppedSession>,
    waiter: Waiter,
    last_look: LastLook,
    said: Option<Next>,
    beat: Option<Heartbeat>,
    tried_at: Option<Timestamp>,
    clock: Clock,
    session: Process,
    _waiting: Waiting,
}

/// A session for the waiter: the page of its own road speaks for it, wherever that leads.
fn of_the_page(app: &App, session: &StoppedSession) -> StoppedSession {
    StoppedSession { elsewhere: session.elsewhere && app.page.is_none(), ..session.clone() }
}

impl<'a> Wait<'a> {
    pub(super) fn new(
        app: &'a App,
        state: PathBuf,
        stop: Stop,
        wish: Wish,
        transcript: PathBuf,
        waiting: Waiting,
    ) -> Self {
        let session = StoppedSession::stopped(None, stop.clone(), &wish);
        Self {
            app,
            state,
            waiter: Waiter::new(
                &of_the_page(app, &session),
                stop.heals,
                wish.clone(),
                fastrand::f64(),
            ),
            wish: WishNow::new(&app.global, wish),
            stop,
            known: None,
            last_look: LastLook::at(transcript),
            said: None,
            beat: None,
            tried_at: None,
            clock: Clock::start(),
            session: Process::of_claude(),
            _waiting: waiting,
        }
    }

    /// Waits; gives the reason to wake the session, or none where it must not be woken.
    ///
    /// No trouble of ours ends it before its time: nobody is woken meanwhile, and what is in the way
    /// may be mended.
    pub(super) fn until_it_makes_sense(mut self) -> anyhow::Result<Option<String>> {
        // What keeps it from being written down is met again below.
        let _ = self.kept();
        loop {
            if let Way::Over(reason) = self.beside_a_daemon() {
                return Ok(reason);
            }
            if let Ok(Way::Over(reason)) = self.alone() {
                return Ok(reason);
            }
            let now = self.now();
            if self.is_over(now) {
                return Ok(None);
            }
            rest();
        }
    }

    /// Whether there is nothing more to wait for, whatever state the database is in.
    fn is_over(&mut self, now: Timestamp) -> bool {
        if self.session.is_gone() {
            // Where it can't be written down, that its hook is gone shows.
            let _ = self.give_up(Standing::ProcessGone, now);
            return true;
        }
        if notes::since(&self.state, &self.stop.id, &self.stop.hook) != Since::Nothing {
            // It stays noted where this can't be done.
            let _ = self.change(|_| ());
            return true;
        }
        // The database may say so in time; where it can't, this is the end.
        now >= after(self.waiter.end(), LOOK_EVERY)
    }

    /// While a daemon reads the page. One that is restarted is waited for.
    fn beside_a_daemon(&mut self) -> Way {
        let mut now = self.now();
        // By how long we wait, which nobody can set.
        let mut worked_at = None;
        let (mut seen, mut due) = (None, now);
        loop {
            if self.is_over(now) {
                return Way::Over(None);
            }
            let written = stamps(&self.state, self.app.page_key());
            let daemon = self.daemon(now);
            let waited = self.clock.elapsed();
            if daemon.may_yet_write() {
                worked_at = Some(waited);
            } else if worked_at.is_none_or(|at| waited.saturating_sub(at) >= GONE_FOR) {
                return Way::Other;
            }
            if self.wants_something_else() {
                seen = None;
            }
            let is_news = now >= due || !is_known(seen, &written, now);
            if daemon == DaemonState::Works && is_news {
                match self.look_at_the_database(now) {
                    Ok(Turn::Over(reason)) => return Way::Over(reason),
                    Ok(Turn::Wait(next)) => {
                        seen = Some((written, now));
                        due = next.due.map_or(self.waiter.end(), |at| at.min(self.waiter.end()));
                    }
                    Err(_) => seen = None,
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
        let mut looked_at: Option<Duration> = None;
        while !follower.is_beside_a_daemon() {
            let now = self.now();
            if self.is_over(now) {
                return Ok(Way::Over(None));
            }
            let waited = self.clock.elapsed();
            let lately = looked_at.is_some_and(|at| waited.saturating_sub(at) < LOOK_EVERY);
            if follower.has_looked() && !lately {
                looked_at = Some(waited);
                self.wants_something_else();
                if let Ok(Turn::Over(reason)) = self.turn(now, follower.page()) {
                    return Ok(Way::Over(reason));
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
            // What can't be written now is shown as it was.
            let _ = self.change(|kept| kept.shift(by));
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
        let Some((saved, beat)) = page_state(&self.state, self.app.page_key())? else {
            return Ok(SavedState::default());
        };
        (self.beat, self.tried_at) = (beat, saved.page_health.last_attempt);
        Ok(saved)
    }

    fn look_at_the_database(&mut self, now: Timestamp) -> anyhow::Result<Turn> {
        let saved = self.read()?;
        let page = PageState::restore(self.app.settings(), saved, now);
        self.turn(now, &page)
    }

    /// Whether what the user wants of stopped sessions is another thing now; it is heeded.
    fn wants_something_else(&mut self) -> bool {
        let wish = self.wish.changed();
        let is_new = wish.is_some();
        if let Some(wish) = wish {
            self.waiter.wants(wish);
        }
        is_new
    }

    /// The session, if this hook is still the one that waits for it.
    fn kept(&mut self) -> anyhow::Result<Option<StoppedSession>> {
        let mut table = Sessions::open(&self.state)?;
        let found = table.get(&self.stop.id)?;
        let kept = match (found, &self.known) {
            (Some(kept), Some(_)) => Some(kept),
            (None, Some(known)) => self.write_down(&mut table, Some(known.clone()))?,
            (_, None) => self.write_down(&mut table, None)?,
        };
        let kept = kept.filter(|kept| kept.is_awaited_by(&self.stop.hook));
        if let Some(kept) = &kept {
            if self.known.is_none() {
                let jitter = fastrand::f64();
                let kept = of_the_page(self.app, kept);
                self.waiter = Waiter::new(&kept, self.stop.heals, self.wish.last.clone(), jitter);
            }
            self.known = Some(kept.clone());
        }
        Ok(kept)
    }

    /// Writes down that the session waits: at the start, or as soon as that can be done. A database
    /// that was set aside for a new one had it already.
    fn write_down(
        &self,
        table: &mut Sessions,
        known: Option<StoppedSession>,
    ) -> anyhow::Result<Option<StoppedSession>> {
        let kept = match known {
            Some(known) => table.change(&self.stop.id, |before| before.or(Some(known)))?,
            None => table.stopped(self.stop.clone(), &self.wish.last)?,
        };
        // What is old may stay for a while.
        let _ = table.tidy(self.stop.at);
        Ok(kept)
    }

    /// Looks at what became of the session, and decides.
    fn turn(&mut self, now: Timestamp, page: &PageState) -> anyhow::Result<Turn> {
        let Some(kept) = self.kept()? else { return Ok(Turn::Over(None)) };
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
            Step::Wake { sign, since } => match self.look_at_its_transcript(now) {
                Looks::Stopped => self.wake(now, sign, since).map(Turn::Over),
                Looks::Unclear(due) => {
                    Ok(Turn::Wait(Next { awaited: Awaited::Turn, due: Some(due) }))
                }
                Looks::GoingOn => {
                    self.change(|kept| kept.hears(Happened::OwnPrompt, now))?;
                    Ok(Turn::Over(None))
                }
            },
        }
    }

    fn look_at_its_transcript(&mut self, now: Timestamp) -> Looks {
        self.last_look.take(now, self.clock.elapsed(), self.wish.last.pause)
    }

    /// It counts before it is done: who is killed in between wakes nobody, and nobody twice.
    fn wake(
        &mut self,
        now: Timestamp,
        sign: Sign,
        since: Timestamp,
    ) -> anyhow::Result<Option<String>> {
        if !self.change(|kept| kept.wakes(now))? {
            return Ok(None);
        }
        // Where that can't be noted nobody could tell the prompt that follows from the user's.
        notes::happened(&self.state, &self.stop.id, now, Happened::Woken)?;
        let zone = self.app.settings().zone;
        Ok(Some(text::sessions::for_claude(sign, since, now, &zone)))
    }

    fn give_up(&mut self, why: Standing, now: Timestamp) -> anyhow::Result<()> {
        self.change(|kept| kept.is_given_up(why, now)).map(drop)
    }

    /// Changes what is kept, if this hook is still the one that waits; whether it is.
    fn change(&mut self, change: impl FnOnce(&mut StoppedSession)) -> anyhow::Result<bool> {
        let mut ours = false;
        Sessions::open(&self.state)?.change(&self.stop.id, |before| {
            let mut kept = before?;
            if kept.is_awaited_by(&self.stop.hook) {
                ours = true;
                change(&mut kept);
            }
            Some(kept)
        })?;
        Ok(ours)
    }
}

/// Tries until it can be done, where nobody waits for it; for half a minute.
pub(super) fn keep_trying<E: Into<anyhow::Error>>(
    in_the_background: bool,
    mut what: impl FnMut() -> Result<(), E>,
) -> anyhow::Result<()> {
    let mut tries = 1;
    loop {
        match what() {
            Err(_) if in_the_background && tries < TRIES => tries += 1,
            done => return done.map_err(Into::into),
        }
        rest();
    }
}

#[expect(clippy::disallowed_methods, reason = "to be told of it would take a thread and a watch")]
fn rest() {
    std::thread::sleep(LOOK_EVERY);
}

/// Whether the files of the database are those that were read. What was read at a time that is still to
/// come is read again: the clock was set, and what was due then is due at another time.
fn is_known(seen: Option<([Stamp; 2], Timestamp)>, written: &[Stamp; 2], now: Timestamp) -> bool {
    seen.is_some_and(|(stamps, read_at)| {
        stamps == *written && stamps.iter().all(|it| is_sure(it, read_at)) && read_at <= now
    })
}
