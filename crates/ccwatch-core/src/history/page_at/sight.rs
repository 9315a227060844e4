//! Whether ccwatch saw the page at a time: what was read just before and just after it.

use core::time::Duration;

use jiff::Timestamp;

use super::{Look, Outcome, Past, SAME_MOMENT, apart};
use crate::time::between;

/// Two readings that are no further apart than this have nothing unseen between them: the longest
/// pause of a poll that works, with the poll itself.
const CLOSE: Duration = Duration::from_secs(2 * 60);

/// How a time lies to the readings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sight {
    /// The page was read then.
    Then,
    /// It was read before and after, and neither is as good as a reading of that time.
    Between { before: Timestamp, after: Timestamp },
    /// It was read before, and not since.
    Before,
    /// It was not read around that time.
    No,
}

impl Sight {
    pub(super) fn of(at: Timestamp, past: &Past<'_>) -> Self {
        let good =
            |look: &&Look| look.outcome == Outcome::Good && apart(look.at, at) <= past.stale_after;
        let looks = || past.looks.iter().filter(good).map(|look| look.at);
        let same = |look: Timestamp| apart(look, at) <= SAME_MOMENT;
        if looks().any(|look| past.live || same(look)) {
            return Self::Then;
        }
        let before = looks().filter(|look| *look <= at).max();
        let after = looks().filter(|look| *look >= at).min();
        match (before, after) {
            (Some(before), Some(after)) => match between(before, after) {
                hole if hole <= CLOSE => Self::Then,
                hole if hole <= past.stale_after => Self::Between { before, after },
                _ => Self::No,
            },
            (Some(_), None) if past.listed_at.is_none_or(|listed| listed < at) => Self::Before,
            (Some(_) | None, _) => Self::No,
        }
    }
}
