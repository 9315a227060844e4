//! The only clock. It knows about suspend, and about a wall clock that is set.
//!
//! The core's timeline is the wall clock. Beside it runs one that counts through suspend and
//! that nobody can set; where the two drift apart by more than a few seconds, the wall clock was
//! stepped, and the core is told by how much. Waiting is done on the second one as well, so that
//! a deadline passed in a night's sleep is due at once on waking.

use std::path::Path;
use std::time::{Duration, SystemTime};

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rustix::time::{ClockId, clock_gettime};

/// Smaller differences are drift and slewing, not a step.
const STEP: SignedDuration = SignedDuration::from_secs(5);

/// Counts through suspend: on Linux `CLOCK_BOOTTIME`, on macOS `CLOCK_MONOTONIC`.
#[cfg(target_os = "linux")]
const THROUGH_SUSPEND: ClockId = ClockId::Boottime;
#[cfg(not(target_os = "linux"))]
const THROUGH_SUSPEND: ClockId = ClockId::Monotonic;

/// The wall clock.
#[expect(clippy::disallowed_methods, reason = "this is the clock")]
pub fn now() -> Timestamp {
    let now = SystemTime::now();
    // A clock may be set to any time, also to one that no calendar reaches.
    let end = || if now < SystemTime::UNIX_EPOCH { Timestamp::MIN } else { Timestamp::MAX };
    Timestamp::try_from(now).unwrap_or_else(|_| end())
}

/// The system's time zone, UTC where it has none.
pub fn zone() -> TimeZone {
    // The file itself: to find out its name, the whole of the system's zones would be looked
    // through, which takes longer than everything else that `status` does.
    let named = std::env::var_os("TZ");
    let file =
        named.as_ref().map(|name| Path::new(name.to_str().unwrap_or("").trim_start_matches(':')));
    let is_file = |file: &Path| std::fs::metadata(file).is_ok_and(|found| found.is_file());
    // A pipe that nobody writes to would keep us waiting.
    if file.is_some_and(|file| file.is_absolute() && !is_file(file)) {
        return TimeZone::UTC;
    }
    let system = Path::new("/etc/localtime");
    let local = (named.is_none() && is_file(system)).then(|| std::fs::read(system).ok()).flatten();
    local
        .and_then(|file| TimeZone::tzif("local", &file).ok())
        .or_else(|| TimeZone::try_system().ok())
        .unwrap_or(TimeZone::UTC)
}

/// Since the machine was started, suspend included.
fn running() -> SignedDuration {
    let time = clock_gettime(THROUGH_SUSPEND);
    SignedDuration::new(time.tv_sec, i32::try_from(time.tv_nsec).unwrap_or(0))
}

/// Both clocks at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Pair {
    wall: Timestamp,
    running: SignedDuration,
}

/// A clock that notices when the wall clock is set.
#[derive(Debug)]
pub struct Clock {
    first: SignedDuration,
    last: Pair,
}

impl Clock {
    /// Starts to compare.
    pub fn start() -> Self {
        let last = Pair { wall: now(), running: running() };
        Self { first: last.running, last }
    }

    /// How long it has run as of the last look, suspend included, whatever the wall clock did.
    pub fn elapsed(&self) -> Duration {
        Duration::try_from(self.last.running.saturating_sub(self.first)).unwrap_or_default()
    }

    /// The time, and by how much the wall clock was set since the last look, if it was.
    pub fn read(&mut self) -> (Timestamp, Option<SignedDuration>) {
        let pair = Pair { wall: now(), running: running() };
        let stepped = step(self.last, pair);
        self.last = pair;
        (pair.wall, stepped)
    }
}

/// By how much the wall clock was set between two looks.
fn step(last: Pair, now: Pair) -> Option<SignedDuration> {
    let passed = now.running.saturating_sub(last.running);
    let by = now.wall.duration_since(last.wall).saturating_sub(passed);
    (by.abs() >= STEP).then_some(by)
}

/// Waits, suspend included.
#[derive(Debug)]
pub struct Alarm {
    #[cfg(target_os = "linux")]
    timer: Option<tokio::io::unix::AsyncFd<rustix::fd::OwnedFd>>,
}

impl Alarm {
    /// An alarm; it must be made inside the runtime.
    #[cfg(target_os = "linux")]
    #[expect(deprecated, reason = "its successor is unsafe; an OwnedFd is all that it asks for")]
    pub fn new() -> Self {
        use rustix::time::{TimerfdClockId, TimerfdFlags, timerfd_create};
        let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
        let timer = timerfd_create(TimerfdClockId::Boottime, flags).ok();
        Self { timer: timer.and_then(|fd| tokio::io::unix::AsyncFd::new(fd).ok()) }
    }

    /// An alarm; it must be made inside the runtime.
    #[cfg(not(target_os = "linux"))]
    pub fn new() -> Self {
        Self {}
    }

    /// Waits for `pause`, or less: look at the clock again afterwards. Safe to be dropped.
    pub async fn wait(&self, pause: Duration) {
        #[cfg(target_os = "linux")]
        if let Some(timer) = &self.timer
            && wait_on(timer, pause).await.is_ok()
        {
            return;
        }
        // Timers of the runtime stand still in suspend: look at the clock often.
        tokio::time::sleep(pause.min(Duration::from_secs(10))).await;
    }
}

impl Default for Alarm {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(target_os = "linux")]
async fn wait_on(
    timer: &tokio::io::unix::AsyncFd<rustix::fd::OwnedFd>,
    pause: Duration,
) -> std::io::Result<()> {
    use rustix::time::{Itimerspec, TimerfdTimerFlags, Timespec, timerfd_settime};
    // Zero would disarm it.
    let pause = pause.max(Duration::from_millis(1));
    let spec = Itimerspec {
        it_interval: Timespec { tv_sec: 0, tv_nsec: 0 },
        it_value: Timespec {
            tv_sec: i64::try_from(pause.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: i64::from(pause.subsec_nanos()),
        },
    };
    timerfd_settime(timer, TimerfdTimerFlags::empty(), &spec)?;
    loop {
        let mut ready = timer.readable().await?;
        let mut expirations = [0_u8; 8];
        let read = ready.try_io(|fd| Ok(rustix::io::read(fd, &mut expirations)?));
        if let Ok(result) = read {
            return result.map(|_| ());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_what_the_two_clocks_disagree_on() {
        let last = Pair { wall: Timestamp::UNIX_EPOCH, running: SignedDuration::from_secs(100) };
        for (wall, running, expected) in [
            (60, 160, None),
            (64, 160, None),
            (28_860, 28_960, None),
            (60 + 86_400, 160, Some(86_400)),
            (60 - 86_400, 160, Some(-86_400)),
            (1_780_000_060, 160, Some(1_780_000_000)),
            (0, 105, Some(-5)),
        ] {
            let now = Pair {
                wall: Timestamp::from_second(wall).unwrap(),
                running: SignedDuration::from_secs(running),
            };
            let expected = expected.map(SignedDuration::from_secs);
            assert_eq!(step(last, now), expected, "{wall} {running}");
        }
    }

    #[test]
    fn the_zone_is_the_systems() {
        let system = TimeZone::try_system().unwrap_or(TimeZone::UTC);
        for at in [Timestamp::UNIX_EPOCH, now(), now() + SignedDuration::from_hours(182 * 24)] {
            assert_eq!(zone().to_offset(at), system.to_offset(at), "{at}");
        }
    }

    #[test]
    fn the_clock_agrees_with_itself() {
        let mut clock = Clock::start();
        let (first, stepped) = clock.read();
        assert_eq!(stepped, None);
        assert!(clock.read().0 >= first);
    }
}
