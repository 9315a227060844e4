//! How often a runner that died is started again.

use std::time::Duration;

use tokio::time::Instant;

/// A runner that dies more often than this within [`PAUSE`] is not started again at once.
const AT_ONCE: u32 = 3;
/// How long it is left alone then.
pub(super) const PAUSE: Duration = Duration::from_secs(600);

/// The deaths of late.
#[derive(Debug, Default)]
pub(super) struct Restarts {
    deaths: u32,
    last: Option<Instant>,
}

impl Restarts {
    /// Counts a death: when the next runner is to begin; none: at once.
    pub(super) fn after_a_death(&mut self, now: Instant) -> Option<Instant> {
        if self.last.is_some_and(|last| now.duration_since(last) >= PAUSE) {
            self.deaths = 0;
        }
        self.deaths += 1;
        self.last = Some(now);
        (self.deaths > AT_ONCE).then(|| now + PAUSE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_times_at_once_and_then_after_a_pause() {
        let (mut restarts, now) = (Restarts::default(), Instant::now());
        for _ in 0..3 {
            assert_eq!(restarts.after_a_death(now), None);
        }
        assert_eq!(restarts.after_a_death(now), Some(now + PAUSE));
        let later = now + PAUSE;
        assert_eq!(restarts.after_a_death(later), None, "it lived through the pause");
    }
}
