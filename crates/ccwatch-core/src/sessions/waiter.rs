//! When a stopped session may go on.

use core::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::time::{after, shifted};

use super::Wish;
use super::standing::Standing;
use super::stopped::{Heals, StoppedSession};

/// From a failure to the next try, in minutes, by how often it was tried before; the last one is
/// for all that follow.
const PAUSES: [u32; 5] = [1, 2, 5, 10, 15];

/// After a sleep the page is to be read anew within this time; until then nothing is known, whatever
/// it said before.
const READ_AFTER_SLEEP: Duration = Duration::from_secs(2 * 60);

/// What the page says of the road that a session's requests take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageNews {
    /// Something watched is affected.
    Red,
    /// It still is, and its fix is out.
    FixOut,
    /// Nothing is.
    Green,
    /// Nobody knows, or no page speaks for this road.
    Unknown,
}

/// A look at the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageLook {
    /// What it says.
    pub news: PageNews,
    /// When it was read well last.
    pub read_at: Option<Timestamp>,
}

impl PageLook {
    /// Nothing is known.
    pub const NONE: Self = Self { news: PageNews::Unknown, read_at: None };
}

/// What a session waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Awaited {
    /// The page: a fix, or that it is green.
    Page,
    /// The network: that the page can be reached.
    Network,
    /// Some time, after which it tries again.
    Pause,
    /// The reset of a limit.
    Reset,
    /// Its turn: it may go on, and others may too.
    Turn,
}

/// What a session waits for, and until when where that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Next {
    /// For what.
    pub awaited: Awaited,
    /// Until when.
    pub due: Option<Timestamp>,
}

/// Why it makes sense to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// A fix is out.
    FixOut,
    /// The page is green again.
    Green,
    /// Another session works.
    OtherWorks,
    /// This machine is on the network again.
    Reached,
    /// The limit is reset.
    Reset,
    /// None: some time has passed.
    Pause,
}

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Wait on, and look again when something changed or it is due.
    Wait(Next),
    /// Wake the session.
    Wake {
        /// Why now.
        sign: Sign,
        /// Since when that is known.
        since: Timestamp,
    },
    /// Give up, and why.
    GiveUp(Standing),
}

/// Decides when one failure of one session is over. It lives as long as the hook that waits.
#[derive(Debug, Clone)]
pub struct Waiter {
    wish: Wish,
    heals: Heals,
    elsewhere: bool,
    first_at: Timestamp,
    stopped_at: Timestamp,
    attempts: u32,
    /// After this nobody wakes it any more.
    end: Timestamp,
    /// Its place among those that would go on in the same moment, in `[0, 1)`.
    jitter: f64,
    /// When the page was last seen red since the failure.
    red_at: Option<Timestamp>,
    /// Since when it is known not to be red any more after that, and what it says.
    well: Option<(Timestamp, Sign)>,
    /// When the page was first read after the failure.
    reached_at: Option<Timestamp>,
    /// The page was read at some time: that it can't be read says something.
    ever_read: bool,
    /// When the machine woke up last.
    woke_up_at: Option<Timestamp>,
}

impl Waiter {
    /// A wait that begins; `jitter` is chance, in `[0, 1)`.
    pub fn new(session: &StoppedSession, heals: Heals, wish: Wish, jitter: f64) -> Self {
        Self {
            heals,
            elsewhere: session.elsewhere,
            first_at: session.first_at,
            stopped_at: session.stopped_at,
            attempts: session.attempts,
            end: after(session.first_at, wish.within),
            jitter: jitter.clamp(0.0, 1.0),
            red_at: None,
            well: None,
            reached_at: None,
            ever_read: false,
            woke_up_at: None,
            wish,
        }
    }

    /// Takes a look: what the page says, when another session worked, and whether everything is
    /// muted.
    pub fn look(
        &mut self,
        now: Timestamp,
        page: PageLook,
        other_worked_at: Option<Timestamp>,
        muted: bool,
    ) -> Step {
        if let Some(why) = self.over(now) {
            return Step::GiveUp(why);
        }
        if let Some(due) = self.reads_it_anew_until(now, page) {
            return Step::Wait(Next { awaited: Awaited::Page, due: Some(due) });
        }
        let news = if self.elsewhere { PageNews::Unknown } else { page.news };
        self.take_in(now, news, page.read_at);
        if news == PageNews::Red {
            return Step::Wait(Next { awaited: Awaited::Page, due: None });
        }
        let Some((ready_at, sign)) = self.ready(other_worked_at) else {
            return Step::Wait(Next { awaited: Awaited::Network, due: None });
        };
        let due = after(ready_at, self.wish.spread.mul_f64(self.jitter));
        match (now >= due, muted) {
            (true, true) => Step::GiveUp(Standing::Muted),
            (true, false) => Step::Wake { sign, since: ready_at },
            (false, _) => Step::Wait(Next { awaited: awaited(sign), due: Some(due) }),
        }
    }

    /// Until when a page is waited for that was not read since the machine woke up.
    fn reads_it_anew_until(&self, now: Timestamp, page: PageLook) -> Option<Timestamp> {
        let woke_up_at = self.woke_up_at.filter(|_| !self.elsewhere)?;
        let due = after(woke_up_at, READ_AFTER_SLEEP);
        let is_read = page.news != PageNews::Unknown && page.read_at > Some(woke_up_at);
        (now < due && !is_read).then_some(due)
    }

    /// The user wants something else now.
    pub fn wants(&mut self, wish: Wish) {
        self.end = after(self.first_at, wish.within);
        self.wish = wish;
    }

    /// Why nobody may wake it any more, where that is so.
    fn over(&self, now: Timestamp) -> Option<Standing> {
        let is_limit = matches!(self.heals, Heals::Reset(_));
        match () {
            () if is_limit && !self.wish.limits => Some(Standing::LimitsOff),
            () if !self.wish.resume => Some(Standing::SwitchedOff),
            () if self.attempts >= self.wish.max_attempts => Some(Standing::AttemptsUsed),
            () if now >= self.end => Some(Standing::TimeUp),
            () => None,
        }
    }

    /// The machine slept until now: what was due meanwhile is not due before the page was read.
    pub fn slept(&mut self, now: Timestamp) {
        self.woke_up_at = Some(now);
    }

    /// When the wait is over at the latest.
    pub fn end(&self) -> Timestamp {
        self.end
    }

    /// The wall clock was set.
    pub fn shift(&mut self, by: SignedDuration) {
        let own = [&mut self.red_at, &mut self.reached_at, &mut self.woke_up_at];
        own.into_iter().flatten().for_each(|at| *at = shifted(*at, by));
        self.well.iter_mut().for_each(|(at, _)| *at = shifted(*at, by));
        self.stopped_at = shifted(self.stopped_at, by);
        self.first_at = shifted(self.first_at, by);
        self.end = shifted(self.end, by);
        // A limit is reset when the calendar says so.
    }

    fn take_in(&mut self, now: Timestamp, news: PageNews, read_at: Option<Timestamp>) {
        let well = match news {
            PageNews::Red => {
                (self.red_at, self.well) = (Some(now), None);
                None
            }
            PageNews::FixOut => Some(Sign::FixOut),
            PageNews::Green => Some(Sign::Green),
            PageNews::Unknown => None,
        };
        if let (Some(sign), Some(_)) = (well, self.red_at) {
            let since = self.well.map_or(now, |(since, _)| since);
            self.well = Some((since, sign));
        }
        self.ever_read |= read_at.is_some();
        if self.reached_at.is_none() && read_at.is_some_and(|at| at > self.stopped_at) {
            self.reached_at = Some(now);
        }
    }

    /// Since when, or from when on, it makes sense to go on, and why; none: nobody knows.
    fn ready(&self, other_worked_at: Option<Timestamp>) -> Option<(Timestamp, Sign)> {
        if let Heals::Reset(at) = self.heals {
            // A reset that is past already was none.
            let pause = after(self.stopped_at, self.pause(self.attempts));
            return Some((at.max(pause), Sign::Reset));
        }
        if self.well.is_some() {
            return self.well;
        }
        // One that fails again and again while others work keeps its distance.
        let distance = match self.attempts {
            0 => self.stopped_at,
            tried => after(self.stopped_at, self.pause(tried - 1)),
        };
        let other = other_worked_at.filter(|at| Some(*at) > self.red_at && *at > self.stopped_at);
        let other = other.map(|at| (at.max(distance), Sign::OtherWorks));
        let by_itself = match self.heals {
            Heals::Network if self.reached_at.is_some() || self.ever_read => {
                self.reached_at.map(|at| (at.max(distance), Sign::Reached))
            }
            // A page that could never be read says nothing of the network.
            Heals::Network => Some((after(self.stopped_at, self.pause(u32::MAX)), Sign::Pause)),
            Heals::Time | Heals::Reset(_) | Heals::No => Some(self.after_a_pause()),
        };
        [other, by_itself].into_iter().flatten().min_by_key(|(at, _)| *at)
    }

    /// Who saw the page red and can't see it now waits longest.
    fn after_a_pause(&self) -> (Timestamp, Sign) {
        let at = after(self.stopped_at, self.pause(self.attempts));
        let longest = |red_at| after(red_at, self.pause(u32::MAX));
        (self.red_at.map_or(at, |red_at| at.max(longest(red_at))), Sign::Pause)
    }

    fn pause(&self, tried: u32) -> Duration {
        let at = usize::try_from(tried).unwrap_or(usize::MAX).min(PAUSES.len() - 1);
        self.wish.pause.saturating_mul(PAUSES.get(at).copied().unwrap_or(1))
    }
}

fn awaited(sign: Sign) -> Awaited {
    match sign {
        Sign::FixOut | Sign::Green | Sign::OtherWorks | Sign::Reached => Awaited::Turn,
        Sign::Reset => Awaited::Reset,
        Sign::Pause => Awaited::Pause,
    }
}
