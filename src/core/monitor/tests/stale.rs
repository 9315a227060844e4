//! Old copies of the page, clocks that were wrong, and components under another id.

use jiff::{SignedDuration, Timestamp};

use crate::core::model::*;
use crate::core::monitor::Input;
use crate::core::notice::Kind;
use crate::core::script::{API, CODE, Screen, Stage};
use crate::core::settings::Settings;
use crate::core::time::shifted;

/// The page as it is, touched now.
fn touched(stage: &mut Stage) -> Snapshot {
    stage.page.updated_at = Some(stage.now);
    stage.page.clone()
}

fn reads_old(stage: &mut Stage, old: &Snapshot) {
    for _ in 0..3 {
        stage.wait(60).reads(Reading::Fresh(old.clone()));
        let failing = stage.monitor.sight().failing.as_ref();
        assert_eq!(failing.map(|run| run.kind), Some(FailureKind::Stale));
    }
    assert_eq!(stage.take(), [], "an old copy is no news");
    stage.wait(60).polls();
    assert_eq!(stage.take(), [], "and neither is the page after it");
}

#[test]
fn an_older_copy_without_the_incident_is_no_recovery() {
    let mut stage = Stage::watching();
    let old = touched(&mut stage);
    stage.polls().wait(60).incident("a", "investigating", &[CODE]);
    touched(&mut stage);
    stage.polls();
    assert_eq!(stage.take(), [Kind::Outage]);
    reads_old(&mut stage, &old);
}

#[test]
fn an_older_copy_of_before_the_incident_was_posted_is_no_fix() {
    let mut stage = Stage::watching();
    stage.status(CODE, "partial_outage").page.components[2].updated_at = Some(stage.now);
    let old = touched(&mut stage);
    stage.polls().wait(180).incident("a", "investigating", &[CODE]);
    touched(&mut stage);
    stage.polls();
    assert_eq!(stage.take(), [Kind::Outage]);
    reads_old(&mut stage, &old);
}

#[test]
fn an_older_copy_with_an_incident_that_is_over_is_no_outage() {
    // What betrays it: the page's own time stamp, or the history's of the incident.
    for history in [false, true] {
        let mut stage = Stage::watching();
        stage.incident("a", "investigating", &[CODE]);
        let mut old = if history { stage.page.clone() } else { touched(&mut stage) };
        stage.polls();
        let mut over = old.incidents.as_mut().unwrap()[0].clone();
        stage.wait(300).incident("a", "resolved", &[]);
        if !history {
            touched(&mut stage);
        }
        stage.polls().wait(60).polls();
        assert_eq!(stage.take(), [Kind::Outage, Kind::Back]);
        if history {
            over.phase = Phase::Resolved;
            (over.updated_at, over.resolved_at) = (Some(stage.now), Some(stage.now));
            stage.history(vec![over]);
        }
        reads_old(&mut stage, &old);
        stage.wait(60).incident("a", "investigating", &[CODE]);
        touched(&mut stage);
        stage.polls();
        assert_eq!(stage.take(), [Kind::Outage], "posted again is news");
    }
}

#[test]
fn a_page_time_stamp_that_goes_back_alone_says_nothing() {
    let mut stage = Stage::watching();
    stage.page.components[1].updated_at = Some(stage.now);
    touched(&mut stage);
    stage.polls();
    stage.page.updated_at = Some(shifted(stage.now, SignedDuration::from_secs(-600)));
    stage.wait(60).polls();
    assert_eq!(stage.monitor.sight().failing, None);
    // Beside a row that goes forward it says nothing either.
    stage.wait(60).status(API, "major_outage");
    stage.page.components[1].updated_at = Some(stage.now);
    stage.polls();
    assert_eq!(stage.take(), [Kind::Outage]);
}

#[test]
fn what_is_still_there_after_an_hour_is_what_the_page_says_by_any_stamp() {
    let mut stage = Stage::watching();
    let old = touched(&mut stage);
    stage.polls().wait(60).incident("a", "investigating", &[CODE]);
    touched(&mut stage);
    stage.polls();
    for _ in 0..70 {
        stage.wait(60).reads(Reading::Fresh(old.clone()));
    }
    assert_eq!(stage.take(), [Kind::Outage, Kind::LostSight, Kind::Back]);
    stage.wait(60).reads(Reading::Fresh(old));
    assert_eq!(stage.monitor.sight().failing, None);
}

#[test]
fn a_time_stamp_out_of_all_reason_hides_no_recovery() {
    let mut stage = Stage::watching();
    let far: Timestamp = "9999-12-01T00:00:00Z".parse().unwrap();
    stage.wait(60).status(CODE, "partial_outage").page.components[2].updated_at = Some(far);
    stage.page.updated_at = Some(far);
    stage.polls().wait(60).status(CODE, "operational");
    stage.page.components[2].updated_at = Some(stage.now);
    touched(&mut stage);
    stage.polls().wait(60).polls();
    assert_eq!(stage.take(), [Kind::Outage, Kind::Back]);
}

const DAY: SignedDuration = SignedDuration::from_hours(24);

#[test]
fn what_waits_under_a_clock_that_was_ahead_is_shown_once_the_clock_is_right() {
    let mut stage = Stage::watching();
    stage.now = shifted(stage.now, DAY);
    stage.screen = Screen::Missing;
    stage.give(Input::ClockStepped(DAY)).status(CODE, "partial_outage").polls();
    stage.now = shifted(stage.now, -DAY);
    stage.screen = Screen::Takes;
    stage.restart().wait(30).polls();
    assert_eq!((stage.take(), stage.shown.len()), (vec![Kind::Outage], 1));
}

#[test]
fn what_settled_under_a_clock_that_was_ahead_settles_once_the_clock_is_right() {
    let mut stage = Stage::watching();
    stage.now = shifted(stage.now, DAY);
    stage.give(Input::ClockStepped(DAY)).status(CODE, "partial_outage").polls();
    stage.wait(60).status(CODE, "operational").polls();
    assert_eq!(stage.take(), [Kind::Outage]);
    stage.now = shifted(stage.now, -DAY);
    stage.restart().polls();
    assert_eq!(stage.take(), [], "no earlier than it must");
    stage.wait(30).polls();
    assert_eq!(stage.take(), [Kind::Back]);
}

fn renumber(stage: &mut Stage) {
    for row in stage.page.components.iter_mut().filter(|row| row.id.0 == CODE) {
        row.id = "another".into();
    }
}

#[test]
fn an_outage_goes_on_under_another_id() {
    for vanishes_first in [false, true] {
        let mut stage = Stage::watching();
        stage.wait(60).status(CODE, "partial_outage").polls();
        assert_eq!(stage.take(), [Kind::Outage]);
        if vanishes_first {
            let page = stage.page.clone();
            stage.wait(60).remove(CODE).polls();
            stage.page = page;
        }
        renumber(&mut stage);
        for _ in 0..3 {
            stage.wait(60).polls();
        }
        assert_eq!(stage.take(), [], "the same outage is told already");
        stage.wait(60).status("another", "operational").polls().wait(60).polls();
        assert_eq!(stage.take(), [Kind::Back]);
        for _ in 0..3 {
            stage.wait(60).polls();
        }
        assert_eq!(stage.take(), []);
    }
}

#[test]
fn a_new_id_that_is_well_at_once_is_a_recovery() {
    let mut stage = Stage::watching();
    stage.wait(60).status(CODE, "partial_outage").polls();
    renumber(&mut stage);
    stage.wait(60).status("another", "operational").polls().wait(60).polls().wait(60).polls();
    assert_eq!(stage.take(), [Kind::Outage, Kind::Back]);
}

#[test]
fn a_reload_to_another_page_asks_that_one_at_once_and_awaits_no_answer_of_the_old_one() {
    let mut stage = Stage::watching();
    let settings = stage.monitor.settings().clone();
    // A poll is under way.
    let now = stage.wait(70).now;
    stage.monitor.handle_timeout(now);
    while stage.monitor.next_command().is_some() {}
    stage.fetches.clear();
    let before = stage.monitor.page_number();
    stage.give(Input::Reconfigured(Box::new(settings.clone())));
    assert_eq!((stage.monitor.page_number(), stage.fetches.len()), (before, 0), "the same page");
    let url = "https://status.example.org".to_owned();
    let other = Settings { page_url: url, page_id: "another".to_owned(), ..settings };
    stage.give(Input::Reconfigured(Box::new(other)));
    assert_ne!(stage.monitor.page_number(), before);
    assert_eq!(stage.fetches, [Endpoint::Summary]);
}
