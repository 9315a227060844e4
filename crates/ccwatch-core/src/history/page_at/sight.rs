//! Whether ccwatch saw the page at a time: what was read just before and just after it.

use core::time::Duration;

use jiff::Timestamp;

use super::{Look, Outcome, Past, SAME_MOMENT, apart};
use crate::model::{ComponentId, Incident, Level};
use crate::state::component::Component;
use crate::time::between;

/// Two readings that are further apart than this have something unseen between them, however seldom the
/// page is polled.
const CLOSE: Duration = Duration::from_secs(2 * 60);

/// So far apart two readings may be that have nothing unseen between them, where the page is polled at
/// this interval: one poll that takes its time, and no more.
pub(super) fn close(interval: Duration) -> Duration {
    (interval * 2 + Duration::from_secs(1)).min(CLOSE)
}

/// Whether the page was read just now, at the time in question.
pub(super) fn is_now(at: Timestamp, past: &Past<'_>) -> bool {
    past.live && past.looks.iter().any(|look| apart(look.at, at) <= SAME_MOMENT)
}

/// Whether that look shows a component operational, all that is known of its incidents taken into
/// account: that it was red in one that goes on, and is back.
pub(super) fn is_well_now(at: Timestamp, id: &ComponentId, past: &Past<'_>) -> bool {
    let well = |c: &Component| c.id == *id && c.level == Level::Operational;
    is_now(at, past) && past.components.iter().any(well)
}

/// Whether an incident began or was heard of after the reading at `read`, up to `at`.
pub(super) fn speaks_between(incident: &Incident, read: Timestamp, at: Timestamp) -> bool {
    let updates = incident.updates.iter().filter_map(|update| update.created_at);
    updates.chain(incident.began()).any(|word| word > read && word <= at)
}

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
        let close = close(past.interval);
        let same = |look: Timestamp| apart(look, at) <= SAME_MOMENT.min(close / 8);
        if looks().any(|look| past.live || same(look)) {
            return Self::Then;
        }
        let before = looks().filter(|look| *look <= at).max();
        let after = looks().filter(|look| *look >= at).min();
        match (before, after) {
            (Some(before), Some(after)) => match between(before, after) {
                hole if hole <= close => Self::Then,
                hole if hole <= past.stale_after => Self::Between { before, after },
                _ => Self::No,
            },
            (Some(_), None) if past.listed_at.is_none_or(|listed| listed < at) => Self::Before,
            (Some(_) | None, _) => Self::No,
        }
    }
}
