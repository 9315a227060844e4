//! When to poll next, and whom.
//!
//! Polls are spread by ±10 %, so that ten thousand clients don't knock at once; failures back off
//! exponentially with full jitter. Chance comes in as `dice`, a number in `[0, 1)`.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::model::{Failure, FailureKind, Host};
use super::time::{after, between, shifted};

/// The longest pause after ordinary failures.
const BACK_OFF_CAP: Duration = Duration::from_secs(5 * 60);
/// The longest pause where the host wants to be left alone.
const WALL_CAP: Duration = Duration::from_secs(15 * 60);
/// The longest that a Retry-After is obeyed.
const RETRY_AFTER_CAP: Duration = Duration::from_secs(3600);
/// A poll this late means that the machine slept or the process stood still.
const LATE: Duration = Duration::from_secs(120);
/// For this long after a start or a wake-up the network may just not be there yet.
const SETTLING_IN: Duration = Duration::from_secs(60);
/// Between tries in that time.
const QUICK_RETRY: Duration = Duration::from_secs(5);
/// One read in this time asks for the whole body, in case a cache's ETag never changes.
const UNCONDITIONAL_EVERY: Duration = Duration::from_secs(3600);
/// The incident history is read this often even if nothing calls for it.
const HISTORY_EVERY: Duration = Duration::from_secs(6 * 3600);
/// After a failed read of the history.
const HISTORY_RETRY: Duration = Duration::from_secs(10 * 60);
/// Failures of the page's own host in a row before the fallback is tried.
const FALLBACK_AFTER: u32 = 3;
/// While the fallback works, the page's own host is tried this often.
const PRIMARY_AGAIN: Duration = Duration::from_secs(15 * 60);

/// How a poll went, as far as the schedule cares.
#[derive(Debug)]
pub enum Went<'a> {
    /// News, and the pause that suits how things stand.
    Well {
        /// The pause.
        interval: Duration,
        /// A reading at this time would complete a recovery.
        wanted_at: Option<Timestamp>,
    },
    /// None.
    Badly {
        /// Why.
        failure: &'a Failure,
        /// The pause that suits how things stand.
        interval: Duration,
    },
}

/// When to poll next, and whom. Not kept over a restart: a start polls at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// The next poll; none while one is under way.
    next_poll: Option<Timestamp>,
    /// The next read of the history; none while one is under way.
    next_history: Option<Timestamp>,
    last_whole: Option<Timestamp>,
    settling_in_until: Timestamp,
    host: Host,
    host_since: Timestamp,
    failures: u32,
}

impl Schedule {
    /// A start: poll at once; the history follows the first good reading.
    pub fn new(now: Timestamp) -> Self {
        Self {
            next_poll: Some(now),
            next_history: Some(Timestamp::MAX),
            last_whole: None,
            settling_in_until: after(now, SETTLING_IN),
            host: Host::Primary,
            host_since: now,
            failures: 0,
        }
    }

    /// The next deadline.
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        [self.next_poll, self.next_history].into_iter().flatten().min()
    }

    /// The next poll, where none is under way.
    pub fn next_poll(&self) -> Option<Timestamp> {
        self.next_poll
    }

    /// Whether a poll is due; if so, it counts as under way, and the answer says whether it came
    /// late: then the machine slept.
    pub fn take_poll(&mut self, now: Timestamp) -> Option<bool> {
        let due = self.next_poll.filter(|due| *due <= now)?;
        self.next_poll = None;
        let late = between(due, now) > LATE;
        if late {
            self.settling_in_until = after(now, SETTLING_IN);
            self.failures = 0;
            self.history_soon(now);
        }
        Some(late)
    }

    /// Whether a read of the history is due; if so, it counts as under way.
    pub fn take_history(&mut self, now: Timestamp) -> bool {
        let due = self.next_history.is_some_and(|due| due <= now);
        if due {
            self.next_history = None;
        }
        due
    }

    /// Whether the next poll may ask for changes only.
    pub fn may_be_conditional(&self, now: Timestamp) -> bool {
        self.last_whole.is_some_and(|at| between(at, now) < UNCONDITIONAL_EVERY)
    }

    /// Notes that a whole body was read.
    pub fn read_whole(&mut self, now: Timestamp) {
        self.last_whole = Some(now);
    }

    /// Whom to ask.
    pub fn host(&self, now: Timestamp, has_fallback: bool) -> Host {
        let rested = between(self.host_since, now) >= PRIMARY_AGAIN;
        match self.host {
            _ if !has_fallback => Host::Primary,
            Host::Fallback if rested => Host::Primary,
            host => host,
        }
    }

    /// Something calls for the poll now.
    pub fn poll_soon(&mut self, now: Timestamp) {
        self.next_poll = self.next_poll.map(|next| next.min(now));
    }

    /// Something calls for the history.
    pub fn history_soon(&mut self, now: Timestamp) {
        self.next_history = self.next_history.map(|next| next.min(now));
    }

    /// The poll of `asked` is done.
    pub fn polled(&mut self, now: Timestamp, asked: Host, went: &Went<'_>, dice: f64) {
        self.next_poll = Some(match went {
            Went::Well { interval, wanted_at } => {
                self.stay_with(now, asked);
                let next = after(now, interval.mul_f64(0.9 + 0.2 * unit(dice)));
                wanted_at.filter(|at| *at > now).map_or(next, |at| next.min(at))
            }
            Went::Badly { failure, interval } => {
                self.failed(now, asked);
                after(now, self.pause(now, failure, *interval, unit(dice)))
            }
        });
    }

    /// The read of the history is done.
    pub fn history_read(&mut self, now: Timestamp, good: bool) {
        let pause = if good { HISTORY_EVERY } else { HISTORY_RETRY };
        self.next_history = Some(after(now, pause));
    }

    /// The wall clock was set.
    pub fn shift(&mut self, by: SignedDuration) {
        let times = [&mut self.next_poll, &mut self.next_history, &mut self.last_whole];
        for at in times.into_iter().flatten().filter(|at| **at != Timestamp::MAX) {
            *at = shifted(*at, by);
        }
        self.settling_in_until = shifted(self.settling_in_until, by);
        self.host_since = shifted(self.host_since, by);
    }

    fn stay_with(&mut self, now: Timestamp, asked: Host) {
        self.failures = 0;
        if self.host != asked {
            self.host = asked;
            self.host_since = now;
        }
    }

    /// A host that fails often enough gives way to the other one.
    fn failed(&mut self, now: Timestamp, asked: Host) {
        self.failures = self.failures.saturating_add(1);
        if asked != self.host {
            self.host_since = now;
        } else if self.failures.is_multiple_of(FALLBACK_AFTER) {
            self.host = asked.other();
            self.host_since = now;
        }
    }

    fn pause(&self, now: Timestamp, failure: &Failure, interval: Duration, dice: f64) -> Duration {
        let here_soon = matches!(failure.kind, FailureKind::Dns | FailureKind::Connect);
        if let Some(asked) = failure.retry_after {
            return asked.clamp(interval, RETRY_AFTER_CAP.max(interval));
        }
        if here_soon && now < self.settling_in_until {
            return QUICK_RETRY.min(interval).mul_f64(1.0 + dice);
        }
        if failure.kind == FailureKind::UnexpectedUnchanged && self.failures < 2 {
            return Duration::from_secs(1);
        }
        let cap = match failure.kind {
            FailureKind::BotWall | FailureKind::RateLimited => WALL_CAP,
            _ => BACK_OFF_CAP,
        };
        let doubled = interval.saturating_mul(2_u32.saturating_pow(self.failures.min(10)));
        let ceiling = doubled.min(cap).max(interval);
        interval + ceiling.saturating_sub(interval).mul_f64(dice)
    }
}

/// Chance as asked for, whatever came in.
fn unit(dice: f64) -> f64 {
    if dice.is_finite() { dice.clamp(0.0, 1.0) } else { 0.5 }
}
