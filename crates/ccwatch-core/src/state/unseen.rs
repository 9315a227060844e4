//! What the page's own history says of a time in which nobody read the page: whether a component that
//! was away before and is away after it was well between, so that these are two outages and not one.

use core::time::Duration;

use alloc::vec::Vec;
use jiff::Timestamp;

use crate::model::{ComponentId, Incident, PageStatus};
use crate::time::between;

/// A pause between two readings after which the page's history is asked what was between. Shorter
/// ones are told by the stamps of the components well enough.
pub const GAP: Duration = Duration::from_secs(20 * 60);
/// As long as a recovery takes at most to be sure: what is away again sooner flaps, and is one outage.
const SURE: Duration = Duration::from_secs(600);

/// A time in which a component was well, by the page's word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Well {
    /// From when on.
    pub from: Timestamp,
    /// When it was away again; none: the history says nothing of that.
    pub until: Option<Timestamp>,
}

impl Well {
    /// The first such time of a component after `since`, by what the updates of incidents set it to.
    /// `well` is since when it looked well at `since`, where it did.
    pub fn first(
        incidents: &[Incident],
        id: &ComponentId,
        since: Timestamp,
        well: Option<Timestamp>,
    ) -> Option<Self> {
        let mut from = well;
        for (at, is_well) in words(incidents, id, since) {
            match (from, is_well) {
                (None, true) => from = Some(at),
                (Some(began), false) if between(began, at) >= SURE => {
                    return Some(Self { from: began, until: Some(at) });
                }
                (Some(_), false) => from = None,
                (None, false) | (Some(_), true) => {}
            }
        }
        from.map(|from| Self { from, until: None })
    }

    /// When it was away again, where it was well for long enough before. `changed` is when the page
    /// says that it became as it is now, where it is away now.
    pub fn away_again(&self, changed: Option<Timestamp>) -> Option<Timestamp> {
        let again = self.until.or(changed)?;
        (between(self.from, again) >= SURE).then_some(again)
    }
}

/// What the page's updates set a component to after `since`, oldest first.
fn words(incidents: &[Incident], id: &ComponentId, since: Timestamp) -> Vec<(Timestamp, bool)> {
    let updates = incidents.iter().flat_map(|incident| &incident.updates);
    let word = updates.filter_map(|update| {
        let set = update.changes.iter().find(|change| change.component == *id)?;
        let at = update.created_at.filter(|at| *at > since)?;
        Some((at, set.new == PageStatus::Operational))
    });
    let mut words: Vec<(Timestamp, bool)> = word.collect();
    words.sort_by_key(|(at, _)| *at);
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Change, Update};
    use crate::testing::{CODE, Harness, start};
    use crate::time::after;

    #[test]
    fn it_was_well_where_the_page_set_it_so_and_left_it_so() {
        let at = |minutes: u64| after(start(), Duration::from_secs(minutes * 60));
        let word = |(minutes, status): &(u64, &str)| Update {
            id: minutes.to_string(),
            phase: "identified".into(),
            body: String::new(),
            created_at: Some(at(*minutes)),
            changes: vec![Change { component: CODE.into(), new: (*status).into() }],
        };
        let (red, well) = ("major_outage", "operational");
        for (words, before, expected) in [
            (&[][..], None, None),
            (&[(30, red)], None, None),
            (&[(30, well)], None, Some((30, None))),
            (&[(300, red), (30, well)], None, Some((30, Some(300)))),
            // Too short to be sure; then long enough.
            (&[(30, well), (35, red), (60, well), (90, red)], None, Some((60, Some(90)))),
            // Before the time in question.
            (&[(5, well), (300, red)], None, None),
            (&[(300, red)], Some(9), Some((9, Some(300)))),
        ] {
            let mut harness = Harness::watching();
            harness.incident("a", "identified", &[CODE]);
            let mut incident = harness.page.incidents.unwrap().remove(0);
            incident.updates = words.iter().map(word).collect();
            let found = Well::first(&[incident], &CODE.into(), at(10), before.map(at));
            let found = found.map(|well| (well.from, well.until));
            assert_eq!(found, expected.map(|(from, to)| (at(from), to.map(at))), "{words:?}");
        }
    }
}
