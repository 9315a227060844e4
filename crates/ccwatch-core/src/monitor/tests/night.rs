//! A night asleep: what was between is read in the page's own history.

use jiff::{SignedDuration, Timestamp};

use crate::history::episodes::{EpisodeRecord, episodes};
use crate::model::{Change, Failure, FailureKind, Incident, IncidentId, Level, Phase, Update};
use crate::monitor::Input;
use crate::notice::kind::{Kind, Reason};
use crate::settings::Settings;
use crate::testing::{CODE, Harness, start};

/// Minutes after the outage of the evening.
fn at(minutes: i64) -> Timestamp {
    start() + SignedDuration::from_mins(minutes + 1)
}

/// An incident, whose updates set Claude Code to these words at these minutes.
fn posted(id: &str, words: &[(i64, &str)]) -> Incident {
    let mut harness = Harness::watching();
    harness.incident(id, "identified", &[CODE]);
    let mut incident = harness.page.incidents.unwrap().remove(0);
    let well = |word: &&(i64, &str)| word.1 == "operational";
    let over = words.last().filter(well).map(|(minutes, _)| at(*minutes));
    incident.created_at = Some(at(words[0].0));
    incident.started_at = incident.created_at;
    incident.resolved_at = over;
    incident.phase = if over.is_some() { Phase::Resolved } else { Phase::Identified };
    let update = |(minutes, word): &(i64, &str)| Update {
        id: format!("{id}-{minutes}"),
        phase: if *word == "operational" { Phase::Resolved } else { Phase::Identified },
        body: String::new(),
        created_at: Some(at(*minutes)),
        changes: vec![Change { component: CODE.into(), new: (*word).into() }],
    };
    incident.updates = words.iter().rev().map(update).collect();
    incident
}

/// Partial outage in the evening, told; then 8 hours of sleep. The page meanwhile: `word` since
/// `changed`.
fn asleep(settings: Settings, word: &str, changed: i64) -> Harness {
    let mut harness = Harness::new(settings);
    harness.polls().history(Vec::new());
    harness.wait(60).status(CODE, "partial_outage").incident("a", "identified", &[CODE]);
    harness.page.components[2].updated_at = Some(harness.now);
    harness.polls().wait(60).polls().wait(8 * 3600);
    assert_eq!(harness.take(), [Kind::Outage]);
    harness.status(CODE, word).drop_incidents();
    harness.page.components[2].updated_at = Some(at(changed));
    harness
}

const A: [(i64, &str); 2] = [(0, "partial_outage"), (33, "operational")];

fn said(found: &[EpisodeRecord]) -> Vec<(Level, Option<Timestamp>, Option<Timestamp>)> {
    found.iter().map(|one| (one.worst, one.since, one.until)).collect()
}

#[test]
fn two_outages_with_hours_of_green_between_are_two_in_whatever_order_the_page_answers() {
    for history_first in [true, false] {
        let mut harness = asleep(Settings::default(), "major_outage", 270);
        let another = posted("b", &[(270, "major_outage")]);
        let list = vec![another.clone(), posted("a", &A)];
        harness.page.incidents = Some(vec![another]);
        if history_first {
            harness.history(list).polls();
        } else {
            harness.polls();
            assert_eq!(harness.take(), [], "the history was asked for, and is waited for");
            harness.wait(2).history(list);
        }
        let notice = harness.told.first().unwrap().clone();
        assert_eq!((notice.reason, harness.take()), (Reason::NewOutage, vec![Kind::Outage]));
        assert_eq!(notice.title, "Major outage: Claude Code");
        assert!(
            notice.body.ends_with("The outage before this one was over at 10:34."),
            "{}",
            notice.body
        );
        assert_eq!(notice.incident, Some(IncidentId::from("b")));
        let bubble = harness.shown.last().unwrap().1.as_ref();
        assert_eq!(bubble.map(|bubble| bubble.id), Some(1), "in the place of the one of before");
        let end = harness.decisions.iter().find(|it| it.reason == Reason::AwayAgain).unwrap();
        assert_eq!(end.kind, Kind::Back);
        harness.wait(30).polls().restart().wait(30).polls();
        assert_eq!(harness.take(), []);
        harness.wait(30).status(CODE, "operational").drop_incidents();
        harness.page.components[2].updated_at = Some(harness.now);
        let back = harness.now;
        harness.polls().wait(60).polls();
        assert_eq!(harness.titles(), ["Back: Claude Code, after 3 h 33 min"]);
        assert_eq!(
            said(&episodes(&harness.transitions)),
            [
                (Level::Partial, Some(at(0)), Some(at(33))),
                (Level::Major, Some(at(270)), Some(back)),
            ]
        );
    }
}

#[test]
fn what_was_told_is_over_when_it_was_over_first_and_the_next_one_was_learnt() {
    for history_first in [true, false] {
        let mut harness = asleep(Settings::default(), "operational", 330);
        let list =
            vec![posted("b", &[(270, "major_outage"), (330, "operational")]), posted("a", &A)];
        match history_first {
            true => harness.history(list).polls(),
            false => harness.polls().wait(2).history(list),
        };
        assert_eq!(harness.take(), [], "as sure as any other recovery");
        harness.wait(60).polls();
        assert_eq!(harness.titles(), ["Back: Claude Code, after 33 min"]);
        let found = said(&episodes(&harness.transitions));
        assert_eq!(found, [(Level::Partial, Some(at(0)), Some(at(33)))]);
    }
}

#[test]
fn without_the_history_the_reading_counts_as_it_is() {
    // It can't be read; it says nothing of a green time; a newer reading is there before it.
    for what in 0..3 {
        let mut harness = asleep(Settings::default(), "major_outage", 270);
        harness.polls();
        assert_eq!(harness.take(), []);
        match what {
            0 => {
                let failure = Failure::new(FailureKind::Timeout, "test");
                harness.wait(2).give(Input::HistoryRead(Err(failure)))
            }
            1 => harness.wait(2).history(vec![posted("a", &A[..1])]),
            _ => harness.wait(30).polls(),
        };
        assert_eq!(harness.take(), [Kind::Worse], "{what}");
        assert_eq!(episodes(&harness.transitions).len(), 1, "{what}");
        // Later than that it changes nothing.
        harness.wait(30).history(vec![posted("a", &A)]).wait(30).polls();
        assert_eq!(harness.take(), [], "{what}");
    }
}

#[test]
fn a_reading_waits_only_where_the_history_may_say_something_else() {
    // The page says that nothing changed; nothing was open; it was a short gap.
    let mut harness = asleep(Settings::default(), "partial_outage", 0);
    let good = |harness: &Harness| harness.monitor.state().page_health().last_good;
    harness.polls();
    assert_eq!(good(&harness), Some(harness.now));
    let mut harness = Harness::watching();
    harness.wait(8 * 3600).status(CODE, "major_outage");
    harness.page.components[2].updated_at = Some(harness.now);
    harness.polls();
    assert_eq!(harness.take(), [Kind::Outage]);
    harness.wait(900).status(CODE, "operational");
    harness.page.components[2].updated_at = Some(harness.now);
    harness.polls();
    assert_eq!(good(&harness), Some(harness.now));
}

/// Who knows of an outage is told of its end, also where the one after it isn't told.
#[test]
fn an_outage_that_is_followed_by_a_quiet_one_goes_on_until_that_is_over() {
    let settings = Settings { min_level: Level::Partial, ..Settings::default() };
    let mut harness = asleep(settings, "degraded_performance", 270);
    let another = posted("b", &[(270, "degraded_performance")]);
    harness.page.incidents = Some(vec![another.clone()]);
    harness.history(vec![another, posted("a", &A)]).polls();
    assert_eq!(harness.take(), []);
    harness.wait(60).status(CODE, "operational").drop_incidents();
    harness.polls().wait(60).polls();
    assert_eq!(harness.take(), [Kind::Back]);
}
