//! What happened to a component: its times away from operational, out of its transitions.

use alloc::string::String;
use alloc::vec::Vec;
use jiff::Timestamp;
use serde::Serialize;

use crate::model::{ComponentId, IncidentId, Level};
use crate::monitor::Transition;
use crate::notice::kind::Reason;

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
    /// Since when it is not known how it is, where it has no end: the page has a word for it that isn't
    /// understood, or doesn't list it.
    #[serde(skip)]
    pub unclear_since: Option<Timestamp>,
    /// The worst level.
    pub worst: Level,
    /// What explains it.
    pub incident: Option<IncidentId>,
    /// Whether the user was told when a level changed, and why or why not.
    pub reason: Reason,
}

/// The episodes of all components, in the order in which they began, from transitions with the
/// oldest first.
///
/// Announced work and an outage are two things, each with its own cause, length and message: where
/// one episode has both it is as many records as it has stretches, one after the other, with one id.
pub fn episodes(transitions: &[Transition]) -> Vec<EpisodeRecord> {
    let mut episodes: Vec<EpisodeRecord> = Vec::new();
    for it in transitions {
        let place = episodes.iter().rposition(|known| is_of(known, it));
        let place = place.or_else(|| episodes.iter().rposition(|known| goes_on_as(known, it)));
        let kind = Kind::of(it.to);
        let Some(place) = place else {
            episodes.extend(unopened(it));
            continue;
        };
        let Some(known) = episodes.get_mut(place) else { continue };
        // Begun under an earlier ccwatch, or in an outage that is over, and gone on under this id.
        known.id = it.episode.clone().or(known.id.take());
        let changes = matches!(kind, Kind::Work | Kind::Trouble) && kind != Kind::of(known.worst);
        if !changes {
            go_on(known, it);
            continue;
        }
        if known.until.is_none() {
            known.until = Some(it.at);
            known.until_seen_at = Some(it.seen_at);
            known.unclear_since = None;
        }
        let incident = cause(&episodes, it);
        episodes.push(EpisodeRecord { incident, ..begun(it) });
    }
    episodes
}

/// What a level is to an episode.
#[derive(PartialEq, Eq)]
enum Kind {
    Work,
    Trouble,
    Well,
    NotKnown,
}

impl Kind {
    fn of(level: Level) -> Self {
        match level {
            Level::Unknown => Self::NotKnown,
            Level::Operational => Self::Well,
            Level::Maintenance => Self::Work,
            Level::Reported | Level::Degraded | Level::Partial | Level::Major => Self::Trouble,
        }
    }
}

/// Whether a change belongs to a time away that is known already.
fn is_of(known: &EpisodeRecord, it: &Transition) -> bool {
    match (&known.id, &it.episode) {
        (Some(known), Some(id)) => known == id,
        (Some(_), None) | (None, _) => known.component == it.component && known.until.is_none(),
    }
}

/// Whether a change is of the same time away under another id: the work that goes on when an outage in
/// it is over is an episode of its own.
fn goes_on_as(known: &EpisodeRecord, it: &Transition) -> bool {
    known.component == it.component && known.until.is_none() && is_away(it.from)
}

/// One more change of the same stretch.
fn go_on(known: &mut EpisodeRecord, it: &Transition) {
    if it.to.is_worse_than(known.worst) {
        known.worst = it.to;
    }
    known.incident = known.incident.take().or_else(|| it.incident.clone());
    if is_away(it.to) && !known.reason.tells() {
        known.reason = it.reason;
    }
    known.until = (it.to == Level::Operational).then_some(it.at);
    known.until_seen_at = known.until.map(|_| it.seen_at);
    known.unclear_since = (it.to == Level::Unknown).then_some(it.at);
}

/// A stretch that begins with this change.
fn begun(it: &Transition) -> EpisodeRecord {
    EpisodeRecord {
        id: it.episode.clone(),
        component: it.component.clone(),
        name: it.name.clone(),
        since: Some(it.at),
        since_seen_at: Some(it.seen_at),
        until: None,
        until_seen_at: None,
        unclear_since: None,
        worst: it.to,
        incident: it.incident.clone(),
        reason: it.reason,
    }
}

/// What a change says of a time away that nothing was written down of before: one that began with
/// it, one that it ended, or both.
fn unopened(it: &Transition) -> Vec<EpisodeRecord> {
    let (was, is) = (is_away(it.from), is_away(it.to));
    let same = was && (Kind::of(it.from) == Kind::of(it.to) || !is);
    let worst = if it.to.is_worse_than(it.from) { it.to } else { it.from };
    let over = it.to == Level::Operational || !same;
    let before = EpisodeRecord {
        since: None,
        since_seen_at: None,
        until: over.then_some(it.at),
        until_seen_at: over.then_some(it.seen_at),
        worst: if same { worst } else { it.from },
        ..begun(it)
    };
    let after = (is && !same).then(|| begun(it));
    was.then_some(before).into_iter().chain(after).collect()
}

/// What explains a stretch: work that goes on after an outage is the work of before.
fn cause(episodes: &[EpisodeRecord], it: &Transition) -> Option<IncidentId> {
    let earlier = |known: &&EpisodeRecord| {
        known.id.is_some() && known.id == it.episode && known.worst == Level::Maintenance
    };
    let work = episodes.iter().rfind(earlier).filter(|_| it.to == Level::Maintenance);
    work.and_then(|work| work.incident.clone()).or_else(|| it.incident.clone())
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
        assert_eq!(code.unclear_since, None, "it has an end");
    }

    #[test]
    fn a_time_away_is_known_up_to_the_word_that_is_not_understood() {
        let mut harness = Harness::watching();
        harness.wait(60).status(CODE, "major_outage").polls();
        harness.wait(60).status(CODE, "a word of tomorrow").polls();
        let since = harness.now;
        harness.wait(60).polls();
        let found = episodes(&harness.transitions);
        assert_eq!((found[0].until, found[0].unclear_since), (None, Some(since)));
        harness.wait(60).status(CODE, "major_outage").polls();
        assert_eq!(episodes(&harness.transitions)[0].unclear_since, None, "it goes on");
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

    /// What was caught: 5 min of maintenance with 65 s of outage in it read as a major outage of 6 min
    /// by the maintenance's cause, told before it began.
    #[test]
    fn announced_work_and_an_outage_inside_it_are_two_things() {
        let mut harness = Harness::watching();
        harness.wait(60).work("m", "in_progress", &[CODE], (0, 60));
        harness.status(CODE, "under_maintenance").polls();
        harness.wait(180).status(CODE, "major_outage").incident("a", "identified", &[CODE]);
        harness.polls().wait(60).status(CODE, "a word of tomorrow").polls();
        harness.wait(60).status(CODE, "under_maintenance").incident("a", "resolved", &[CODE]);
        harness.polls().wait(120).status(CODE, "operational").drop_work().polls();
        harness.wait(60).polls();
        let found = episodes(&harness.transitions);
        let lasted =
            |one: &EpisodeRecord| one.until.unwrap().duration_since(one.since.unwrap()).as_secs();
        let said: Vec<_> = found
            .iter()
            .map(|one| (one.worst, lasted(one), one.incident.as_ref().unwrap().0.as_str()))
            .collect();
        assert_eq!(
            said,
            [
                (Level::Maintenance, 180, "m"),
                (Level::Major, 120, "a"),
                (Level::Maintenance, 120, "m"),
            ]
        );
        assert!(found.windows(2).all(|two| two[0].until == two[1].since));
        assert_eq!(found[0].id, found[1].id, "of one episode");
        assert_eq!(found[1].reason, Reason::NewOutage);
        // Of the first change nothing is left: what it ended began before that.
        let found = episodes(&harness.transitions[harness.transitions.len() - 4..]);
        let said: Vec<_> = found.iter().map(|one| (one.worst, one.since.is_some())).collect();
        assert_eq!(
            said,
            [(Level::Maintenance, false), (Level::Major, true), (Level::Maintenance, true)]
        );
    }

    /// Finding: announced work had the cause of the outage before it.
    #[test]
    fn work_after_an_outage_is_not_explained_by_its_incident() {
        for announced in [true, false] {
            let mut harness = Harness::watching();
            harness.wait(60).status(CODE, "major_outage").incident("a", "identified", &[CODE]);
            harness.polls().wait(120);
            harness.status(CODE, "under_maintenance").incident("a", "resolved", &[CODE]);
            if announced {
                harness.work("m", "in_progress", &[CODE], (0, 60));
            }
            harness.polls().wait(60).polls();
            let found = episodes(&harness.transitions);
            let causes: Vec<_> = found
                .iter()
                .map(|one| (one.worst, one.incident.as_ref().map(|id| id.0.as_str())))
                .collect();
            let work = announced.then_some("m");
            assert_eq!(causes, [(Level::Major, Some("a")), (Level::Maintenance, work)]);
        }
    }
}
