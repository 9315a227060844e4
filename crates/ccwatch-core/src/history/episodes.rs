//! What happened to a component: its times away from operational, out of its transitions.

use alloc::string::String;
use alloc::vec::Vec;
use jiff::Timestamp;
use serde::Serialize;

use crate::model::{ComponentId, IncidentId, Level};
use crate::monitor::Transition;
use crate::notice::reason::Reason;

/// One time away from operational.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EpisodeRecord {
    /// What ties it to notices and decisions; none: an earlier ccwatch wrote it down.
    pub id: Option<String>,
    /// Whose.
    pub component: ComponentId,
    /// Its name then, raw.
    pub name: String,
    /// Since when; none: since before anything was written down.
    pub since: Option<Timestamp>,
    /// When its beginning was seen.
    pub since_seen_at: Option<Timestamp>,
    /// Until when; none: it goes on.
    pub until: Option<Timestamp>,
    /// When its end was seen.
    pub until_seen_at: Option<Timestamp>,
    /// The worst level.
    pub worst: Level,
    /// What explains it.
    pub incident: Option<IncidentId>,
    /// Whether the user was told when a level changed, and why or why not.
    pub reason: Reason,
}

/// The episodes of all components, in the order in which they began, from transitions with the
/// oldest first.
pub fn episodes(transitions: &[Transition]) -> Vec<EpisodeRecord> {
    let mut episodes: Vec<EpisodeRecord> = Vec::new();
    for it in transitions {
        let open = episodes.iter_mut().rfind(|known| match (&known.id, &it.episode) {
            (Some(known), Some(id)) => known == id,
            (Some(_), None) | (None, _) => known.component == it.component && known.until.is_none(),
        });
        let (was, is) = (is_away(it.from), is_away(it.to));
        match open {
            Some(open) => {
                // Begun under an earlier ccwatch, and gone on under this one.
                open.id = open.id.take().or_else(|| it.episode.clone());
                if it.to.is_worse_than(open.worst) {
                    open.worst = it.to;
                }
                open.incident = open.incident.take().or_else(|| it.incident.clone());
                if is && !open.reason.tells() {
                    open.reason = it.reason;
                }
                open.until = (it.to == Level::Operational).then_some(it.at);
                open.until_seen_at = open.until.map(|_| it.seen_at);
            }
            None if was || is => episodes.push(EpisodeRecord {
                id: it.episode.clone(),
                component: it.component.clone(),
                name: it.name.clone(),
                since: (!was).then_some(it.at),
                since_seen_at: (!was).then_some(it.seen_at),
                until: (it.to == Level::Operational).then_some(it.at),
                until_seen_at: (it.to == Level::Operational).then_some(it.seen_at),
                worst: if it.to.is_worse_than(it.from) || !was { it.to } else { it.from },
                incident: it.incident.clone(),
                reason: it.reason,
            }),
            None => {}
        }
    }
    episodes
}

fn is_away(level: Level) -> bool {
    level.is_worse_than(Level::Operational)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{API, CODE, COWORK, Harness};

    #[test]
    fn each_time_away_is_one_spell_with_its_worst_level() {
        let mut harness = Harness::watching();
        harness
            .wait(60)
            .status(CODE, "degraded_performance")
            .status(COWORK, "major_outage")
            .polls();
        harness.wait(60).status(CODE, "partial_outage").polls();
        harness.wait(60).status(CODE, "a word of tomorrow").polls();
        harness.wait(60).status(CODE, "operational").polls().wait(60).polls();
        harness.wait(7200).status(API, "major_outage").polls();
        let found = episodes(&harness.transitions);
        let told: Vec<_> = found
            .iter()
            .map(|s| (s.component.0.as_str(), s.worst, s.reason, s.until.is_some()))
            .collect();
        assert_eq!(
            told,
            [
                (CODE, Level::Partial, Reason::NewOutage, true),
                (COWORK, Level::Major, Reason::NotWatched, false),
                (API, Level::Major, Reason::NewOutage, false),
            ]
        );
        let code = &found[0];
        let lasted = code.until.unwrap().duration_since(code.since.unwrap());
        assert_eq!(lasted.as_secs(), 180, "what can't be told ends nothing");
    }

    /// What was caught: a muted outage took the message of the next one within the hour for its own.
    #[test]
    fn a_second_time_away_within_the_hour_is_one_of_its_own() {
        let mut harness = Harness::watching();
        for _ in 0..2 {
            harness.wait(60).status(CODE, "major_outage").polls();
            harness.wait(60).status(CODE, "operational").polls();
            harness.wait(900).polls();
        }
        let found = episodes(&harness.transitions);
        assert_eq!(found.len(), 2);
        assert_ne!(found[0].id, found[1].id);
        assert!(found.iter().all(|one| one.until.is_some()));
    }

    #[test]
    fn a_spell_that_began_before_the_record_has_no_beginning() {
        let mut harness = Harness::watching();
        harness.wait(60).status(CODE, "partial_outage").polls();
        harness.wait(60).status(CODE, "operational").polls();
        let last = harness.transitions.pop().unwrap();
        let found = episodes(&[last]);
        assert_eq!((found[0].since, found[0].worst), (None, Level::Partial));
    }
}
