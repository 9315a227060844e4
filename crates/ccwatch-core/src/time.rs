//! Arithmetic on points in time that can neither overflow nor run backwards.

pub mod when;

use core::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// `at` plus `by`, held at the end of representable time.
pub fn after(at: Timestamp, by: Duration) -> Timestamp {
    let by = SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX);
    at.saturating_add(by).unwrap_or(Timestamp::MAX)
}

/// From `earlier` to `later`; zero where the clock says that `later` came first.
pub fn between(earlier: Timestamp, later: Timestamp) -> Duration {
    Duration::try_from(later.duration_since(earlier)).unwrap_or(Duration::ZERO)
}

/// `at` moved by `by`, held within representable time.
pub fn shifted(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.saturating_add(by).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_age_is_negative_and_nothing_overflows() {
        let now = Timestamp::UNIX_EPOCH;
        assert_eq!(between(after(now, Duration::from_secs(5)), now), Duration::ZERO);
        assert_eq!(between(now, after(now, Duration::from_secs(5))), Duration::from_secs(5));
        assert_eq!(after(now, Duration::MAX), Timestamp::MAX);
        assert_eq!(shifted(Timestamp::MAX, SignedDuration::MAX), Timestamp::MAX);
    }
}
