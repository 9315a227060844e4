//! When to poll next, and whom.
//!
//! Polls are spread by ±10 %, so that ten thousand clients don't knock at once; failures back off
//! exponentially with full jitter. Chance comes in as `jitter`, a number in `[0, 1)`.

use core::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::model::{Failure, FailureKind, Host};
use crate::time::{after, between, shifted};

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
pub enum PollOutcome<'a> {
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
    /// When the poll under way was asked for.
    asked_at: Option<Timestamp>,
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
            asked_at: None,
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
        self.asked_at = Some(now);
        let late = between(due, now) > LATE;
        if late {
            self.woke(now);
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

    /// The first poll is not before this time.
    pub fn poll_first_at(&mut self, at: Timestamp) {
        self.next_poll = self.next_poll.map(|next| next.max(at));
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
    pub fn polled(&mut self, now: Timestamp, asked: Host, went: &PollOutcome<'_>, jitter: f64) {
        // No request takes that long: the machine slept over it.
        let slept = self.asked_at.take().is_some_and(|at| between(at, now) > LATE);
        if slept {
            self.woke(now);
        }
        self.next_poll = Some(match went {
            PollOutcome::Well { interval, wanted_at } => {
                self.stay_with(now, asked);
                let next = after(now, interval.mul_f64(0.9 + 0.2 * unit(jitter)));
                wanted_at.filter(|at| *at > now).map_or(next, |at| next.min(at))
            }
            PollOutcome::Badly { interval, .. } if slept => {
                after(now, QUICK_RETRY.min(*interval).mul_f64(1.0 + unit(jitter)))
            }
            PollOutcome::Badly { failure, interval } => {
                self.failed(now, asked);
                after(now, self.pause(now, failure, *interval, unit(jitter)))
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
        let times =
            [&mut self.next_poll, &mut self.asked_at, &mut self.next_history, &mut self.last_whole];
        for at in times.into_iter().flatten().filter(|at| **at != Timestamp::MAX) {
            *at = shifted(*at, by);
        }
        self.settling_in_until = shifted(self.settling_in_until, by);
        self.host_since = shifted(self.host_since, by);
    }

    /// The machine slept: the network may need a moment, and what happened meanwhile is history.
    fn woke(&mut self, now: Timestamp) {
        self.settling_in_until = after(now, SETTLING_IN);
        self.failures = 0;
        self.history_soon(now);
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

    fn pause(
        &self,
        now: Timestamp,
        failure: &Failure,
        interval: Duration,
        jitter: f64,
    ) -> Duration {
        let here_soon = matches!(failure.kind, FailureKind::Dns | FailureKind::Connect);
        if let Some(asked) = failure.retry_after {
            return asked.clamp(interval, RETRY_AFTER_CAP.max(interval));
        }
        if here_soon && now < self.settling_in_until {
            return QUICK_RETRY.min(interval).mul_f64(1.0 + jitter);
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
        interval + ceiling.saturating_sub(interval).mul_f64(jitter)
    }
}

/// Chance as asked for, whatever came in.
fn unit(jitter: f64) -> f64 {
    if jitter.is_finite() { jitter.clamp(0.0, 1.0) } else { 0.5 }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn start() -> Timestamp {
        "2026-06-02T10:00:00Z".parse().unwrap()
    }

    fn failure(kind: FailureKind) -> Failure {
        Failure::new(kind, "test")
    }

    /// Seconds from `now` to the next poll after a failed one.
    fn pause(schedule: &mut Schedule, now: Timestamp, failure: &Failure, jitter: f64) -> u64 {
        let went = PollOutcome::Badly { failure, interval: MINUTE };
        schedule.polled(now, schedule.host(now, false), &went, jitter);
        between(now, schedule.next_poll().unwrap()).as_secs()
    }

    fn settled(now: Timestamp) -> Schedule {
        let mut schedule = Schedule::new(now);
        schedule.settling_in_until = now;
        schedule
    }

    #[test]
    fn a_start_polls_at_once_and_polls_are_spread_by_a_tenth() {
        let mut schedule = Schedule::new(start());
        assert_eq!(schedule.take_poll(start()), Some(false));
        assert_eq!(schedule.poll_timeout(), Some(Timestamp::MAX), "one poll at a time");
        for (jitter, seconds) in [(0.0, 54), (0.5, 60), (1.0, 66), (f64::NAN, 60), (9.0, 66)] {
            let went = PollOutcome::Well { interval: MINUTE, wanted_at: None };
            schedule.polled(start(), Host::Primary, &went, jitter);
            assert_eq!(between(start(), schedule.next_poll().unwrap()).as_secs(), seconds);
        }
        let soon = after(start(), Duration::from_secs(30));
        let went = PollOutcome::Well { interval: MINUTE, wanted_at: Some(soon) };
        schedule.polled(start(), Host::Primary, &went, 0.5);
        assert_eq!(
            schedule.next_poll(),
            Some(soon),
            "a recovery is confirmed as soon as it can be"
        );
    }

    #[test]
    fn failures_back_off_with_full_jitter_up_to_their_cap() {
        for (kind, caps) in [
            (FailureKind::Timeout, [120, 240, 300, 300, 300]),
            (FailureKind::Dns, [120, 240, 300, 300, 300]),
            (FailureKind::BotWall, [120, 240, 480, 900, 900]),
            (FailureKind::RateLimited, [120, 240, 480, 900, 900]),
        ] {
            let mut schedule = settled(start());
            for cap in caps {
                let mut low = schedule.clone();
                assert_eq!(pause(&mut low, start(), &failure(kind), 0.0), 60, "{kind:?}");
                assert_eq!(pause(&mut schedule, start(), &failure(kind), 1.0), cap, "{kind:?}");
            }
        }
    }

    #[test]
    fn retry_after_is_obeyed_between_the_interval_and_an_hour() {
        for (asked, seconds) in [(1, 60), (90, 90), (3600, 3600), (10 * 365 * 86_400, 3600)] {
            let asked = Some(Duration::from_secs(asked));
            let failure = Failure { retry_after: asked, ..failure(FailureKind::Unavailable) };
            assert_eq!(pause(&mut settled(start()), start(), &failure, 0.7), seconds);
        }
    }

    #[test]
    fn after_a_start_and_a_wake_up_the_network_is_given_a_minute_of_quick_tries() {
        let mut schedule = Schedule::new(start());
        assert!(pause(&mut schedule, start(), &failure(FailureKind::Dns), 1.0) <= 10);
        let woken = after(start(), Duration::from_secs(8 * 3600));
        assert_eq!(schedule.take_poll(woken), Some(true), "hours late: the machine slept");
        assert!(pause(&mut schedule, woken, &failure(FailureKind::Connect), 1.0) <= 10);
        let later = after(woken, Duration::from_secs(61));
        assert!(pause(&mut schedule, later, &failure(FailureKind::Connect), 0.0) >= 60);
    }

    #[test]
    fn a_request_that_was_slept_over_is_tried_again_at_once() {
        for kind in [FailureKind::Timeout, FailureKind::Transport, FailureKind::Dns] {
            let mut schedule = settled(start());
            schedule.take_poll(start());
            let woken = after(start(), Duration::from_secs(8 * 3600));
            assert!(pause(&mut schedule, woken, &failure(kind), 1.0) <= 10, "{kind:?}");
            // The next one fails by itself.
            let again = schedule.next_poll().unwrap();
            schedule.take_poll(again);
            let late = after(again, Duration::from_secs(61));
            assert!(pause(&mut schedule, late, &failure(kind), 0.0) >= 60, "{kind:?}");
        }
        // A clock that was set is no sleep.
        let mut schedule = settled(start());
        schedule.take_poll(start());
        schedule.shift(SignedDuration::from_hours(24));
        let tomorrow = after(start(), Duration::from_secs(24 * 3600));
        assert!(pause(&mut schedule, tomorrow, &failure(FailureKind::Timeout), 0.0) >= 60);
    }

    #[test]
    fn a_poll_that_came_late_asks_for_the_history_too() {
        let mut schedule = settled(start());
        assert!(!schedule.take_history(start()));
        schedule.take_poll(start());
        schedule.polled(
            start(),
            Host::Primary,
            &PollOutcome::Well { interval: MINUTE, wanted_at: None },
            0.5,
        );
        let woken = after(start(), Duration::from_secs(3 * 3600));
        assert_eq!(schedule.take_poll(woken), Some(true));
        assert!(schedule.take_history(woken));
    }

    #[test]
    fn the_fallback_is_asked_after_three_failures_and_the_primary_again_after_a_quarter() {
        let mut schedule = settled(start());
        let down = failure(FailureKind::Unavailable);
        let bad = PollOutcome::Badly { failure: &down, interval: MINUTE };
        let well = PollOutcome::Well { interval: MINUTE, wanted_at: None };
        for asked in [Host::Primary, Host::Primary, Host::Primary] {
            assert_eq!(schedule.host(start(), true), asked);
            schedule.polled(start(), asked, &bad, 0.5);
        }
        assert_eq!(schedule.host(start(), true), Host::Fallback);
        assert_eq!(schedule.host(start(), false), Host::Primary, "where there is none");
        schedule.polled(start(), Host::Fallback, &well, 0.5);
        assert_eq!(schedule.host(start(), true), Host::Fallback, "it works: stay");
        let later = after(start(), Duration::from_secs(901));
        assert_eq!(schedule.host(later, true), Host::Primary, "is it back?");
        schedule.polled(later, Host::Primary, &bad, 0.5);
        assert_eq!(schedule.host(later, true), Host::Fallback, "not yet");
        let much_later = after(later, Duration::from_secs(901));
        schedule.polled(much_later, Host::Primary, &well, 0.5);
        assert_eq!(schedule.host(much_later, true), Host::Primary, "it is back");
    }

    #[test]
    fn once_an_hour_the_whole_page_is_asked_for() {
        let mut schedule = Schedule::new(start());
        assert!(!schedule.may_be_conditional(start()));
        schedule.read_whole(start());
        assert!(schedule.may_be_conditional(after(start(), 59 * MINUTE)));
        assert!(!schedule.may_be_conditional(after(start(), 60 * MINUTE)));
    }

    #[test]
    fn an_unexpected_unchanged_is_asked_again_at_once_but_not_for_ever() {
        let mut schedule = settled(start());
        let odd = failure(FailureKind::UnexpectedUnchanged);
        assert_eq!(pause(&mut schedule, start(), &odd, 0.5), 1);
        assert!(pause(&mut schedule, start(), &odd, 0.5) >= 60);
    }
}
