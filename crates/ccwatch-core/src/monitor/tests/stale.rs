//! Old copies of the page, clocks that were wrong, and components under another id.

use jiff::{SignedDuration, Timestamp};

use crate::model::*;
use crate::monitor::Input;
use crate::notice::kind::Kind;
use crate::settings::Settings;
use crate::testing::{API, CODE, Harness, Screen};
use crate::time::shifted;

/// The page as it is, touched now.
fn touched(harness: &mut Harness) -> Snapshot {
    harness.page.updated_at = Some(harness.now);
    harness.page.clone()
}

fn reads_old(harness: &mut Harness, old: &Snapshot) {
    for _ in 0..3 {
        harness.wait(60).reads(Reading::Fresh(old.clone()));
        let failing = harness.monitor.state().page_health().failing.as_ref();
        assert_eq!(failing.map(|run| run.kind), Some(FailureKind::Stale));
    }
    assert_eq!(harness.take(), [], "an old copy is no news");
    harness.wait(60).polls();
    assert_eq!(harness.take(), [], "and neither is the page after it");
}

#[test]
fn an_older_copy_without_the_incident_is_no_recovery() {
    let mut harness = Harness::watching();
    let old = touched(&mut harness);
    harness.polls().wait(60).incident("a", "investigating", &[CODE]);
    touched(&mut harness);
    harness.polls();
    assert_eq!(harness.take(), [Kind::Outage]);
    reads_old(&mut harness, &old);
}

#[test]
fn an_older_copy_of_before_the_incident_was_posted_is_no_fix() {
    let mut harness = Harness::watching();
    harness.status(CODE, "partial_outage").page.components[2].updated_at = Some(harness.now);
    let old = touched(&mut harness);
    harness.polls().wait(180).incident("a", "investigating", &[CODE]);
    touched(&mut harness);
    harness.polls();
    assert_eq!(harness.take(), [Kind::Outage]);
    reads_old(&mut harness, &old);
}

#[test]
fn an_older_copy_with_an_incident_that_is_over_is_no_outage() {
    // What betrays it: the page's own time stamp, or the history's of the incident.
    for history in [false, true] {
        let mut harness = Harness::watching();
        harness.incident("a", "investigating", &[CODE]);
        let mut old = if history { harness.page.clone() } else { touched(&mut harness) };
        harness.polls();
        let mut over = old.incidents.as_mut().unwrap()[0].clone();
        harness.wait(300).incident("a", "resolved", &[]);
        if !history {
            touched(&mut harness);
        }
        harness.polls().wait(60).polls();
        assert_eq!(harness.take(), [Kind::Outage, Kind::Back]);
        if history {
            over.phase = Phase::Resolved;
            (over.updated_at, over.resolved_at) = (Some(harness.now), Some(harness.now));
            harness.history(vec![over]);
        }
        reads_old(&mut harness, &old);
        harness.wait(60).incident("a", "investigating", &[CODE]);
        touched(&mut harness);
        harness.polls();
        assert_eq!(harness.take(), [Kind::Outage], "posted again is news");
    }
}

#[test]
fn a_page_time_stamp_that_goes_back_alone_says_nothing() {
    let mut harness = Harness::watching();
    harness.page.components[1].updated_at = Some(harness.now);
    touched(&mut harness);
    harness.polls();
    harness.page.updated_at = Some(shifted(harness.now, SignedDuration::from_secs(-600)));
    harness.wait(60).polls();
    assert_eq!(harness.monitor.state().page_health().failing, None);
    // Beside a row that goes forward it says nothing either.
    harness.wait(60).status(API, "major_outage");
    harness.page.components[1].updated_at = Some(harness.now);
    harness.polls();
    assert_eq!(harness.take(), [Kind::Outage]);
}

#[test]
fn what_is_still_there_after_an_hour_is_what_the_page_says_by_any_stamp() {
    let mut harness = Harness::watching();
    let old = touched(&mut harness);
    harness.polls().wait(60).incident("a", "investigating", &[CODE]);
    touched(&mut harness);
    harness.polls();
    for _ in 0..70 {
        harness.wait(60).reads(Reading::Fresh(old.clone()));
    }
    assert_eq!(harness.take(), [Kind::Outage, Kind::LostSight, Kind::Back]);
    harness.wait(60).reads(Reading::Fresh(old));
    assert_eq!(harness.monitor.state().page_health().failing, None);
}

#[test]
fn a_time_stamp_out_of_all_reason_hides_no_recovery() {
    let mut harness = Harness::watching();
    let far: Timestamp = "9999-12-01T00:00:00Z".parse().unwrap();
    harness.wait(60).status(CODE, "partial_outage").page.components[2].updated_at = Some(far);
    harness.page.updated_at = Some(far);
    harness.polls().wait(60).status(CODE, "operational");
    harness.page.components[2].updated_at = Some(harness.now);
    touched(&mut harness);
    harness.polls().wait(60).polls();
    assert_eq!(harness.take(), [Kind::Outage, Kind::Back]);
}

const DAY: SignedDuration = SignedDuration::from_hours(24);

#[test]
fn what_waits_under_a_clock_that_was_ahead_is_shown_once_the_clock_is_right() {
    let mut harness = Harness::watching();
    harness.now = shifted(harness.now, DAY);
    harness.screen = Screen::Missing;
    harness.give(Input::ClockStepped(DAY)).status(CODE, "partial_outage").polls();
    harness.now = shifted(harness.now, -DAY);
    harness.screen = Screen::Takes;
    harness.restart().wait(30).polls();
    assert_eq!((harness.take(), harness.shown.len()), (vec![Kind::Outage], 1));
}

#[test]
fn what_settled_under_a_clock_that_was_ahead_settles_once_the_clock_is_right() {
    let mut harness = Harness::watching();
    harness.now = shifted(harness.now, DAY);
    harness.give(Input::ClockStepped(DAY)).status(CODE, "partial_outage").polls();
    harness.wait(60).status(CODE, "operational").polls();
    assert_eq!(harness.take(), [Kind::Outage]);
    harness.now = shifted(harness.now, -DAY);
    harness.restart().polls();
    assert_eq!(harness.take(), [], "no earlier than it must");
    harness.wait(30).polls();
    assert_eq!(harness.take(), [Kind::Back]);
}

fn renumber(harness: &mut Harness) {
    for row in harness.page.components.iter_mut().filter(|row| row.id.0 == CODE) {
        row.id = "another".into();
    }
}

#[test]
fn an_outage_goes_on_under_another_id() {
    for vanishes_first in [false, true] {
        let mut harness = Harness::watching();
        harness.wait(60).status(CODE, "partial_outage").polls();
        assert_eq!(harness.take(), [Kind::Outage]);
        if vanishes_first {
            let page = harness.page.clone();
            harness.wait(60).remove(CODE).polls();
            harness.page = page;
        }
        renumber(&mut harness);
        for _ in 0..3 {
            harness.wait(60).polls();
        }
        assert_eq!(harness.take(), [], "the same outage is told already");
        harness.wait(60).status("another", "operational").polls().wait(60).polls();
        assert_eq!(harness.take(), [Kind::Back]);
        for _ in 0..3 {
            harness.wait(60).polls();
        }
        assert_eq!(harness.take(), []);
    }
}

#[test]
fn a_new_id_that_is_well_at_once_is_a_recovery() {
    let mut harness = Harness::watching();
    harness.wait(60).status(CODE, "partial_outage").polls();
    renumber(&mut harness);
    harness.wait(60).status("another", "operational").polls().wait(60).polls().wait(60).polls();
    assert_eq!(harness.take(), [Kind::Outage, Kind::Back]);
}

#[test]
fn a_reload_to_another_page_asks_that_one_at_once_and_awaits_no_answer_of_the_old_one() {
    let mut harness = Harness::watching();
    let settings = harness.monitor.state().settings().clone();
    // A poll is under way.
    let now = harness.wait(70).now;
    harness.monitor.handle_timeout(now);
    while harness.monitor.next_command().is_some() {}
    harness.fetches.clear();
    let before = harness.monitor.page_number();
    harness.give(Input::Reconfigured(Box::new(settings.clone())));
    assert_eq!(
        (harness.monitor.page_number(), harness.fetches.len()),
        (before, 0),
        "the same page"
    );
    let url = "https://status.example.org".to_owned();
    let other = Settings { page_url: url, page_id: "another".to_owned(), ..settings };
    harness.give(Input::Reconfigured(Box::new(other)));
    assert_ne!(harness.monitor.page_number(), before);
    assert_eq!(harness.fetches, [Endpoint::Summary]);
}
