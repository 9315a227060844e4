mod beside;
mod groups;
mod lost;
mod milder;
mod nameless;
mod names;
mod night;
mod over;
mod signal;
mod stale;
mod unclear;

use crate::notice::sink::Sink;
use std::time::Duration;

use crate::deliver::delivery::Outcome;
use crate::model::*;
use crate::notice::Urgency;
use crate::notice::kind::{Kind, Reason};
use crate::notice::mute::{End, Mute};
use crate::settings::{Settings, WantedKinds};
use crate::state::verdict::Verdict;
use crate::testing::{API, CHAT, CODE, COWORK, Harness, Screen, green};

use super::Input;

#[test]
fn a_green_first_start_is_silent_and_a_red_one_tells_what_is_wrong() {
    let mut harness = Harness::with_defaults();
    harness.polls();
    assert_eq!(harness.take(), []);
    assert_eq!(harness.monitor.state().verdict(harness.now), Verdict::Clear);

    let mut harness = Harness::with_defaults();
    harness.status(CODE, "partial_outage").incident("a", "identified", &[CODE]).polls();
    let notice = harness.told.first().unwrap().clone();
    assert_eq!(notice.title, "Partial outage: Claude Code");
    assert_eq!(
        notice.body,
        "Claude Code: Elevated errors on Claude models (identified, 10:00). Leave your settings alone and wait; \
         ccwatch tells you when to retry."
    );
    assert_eq!(notice.link.as_deref(), Some("https://status.claude.com/incidents/a"));
    assert_eq!(notice.urgency, Urgency::Normal);
    assert_eq!(harness.monitor.state().verdict(harness.now), Verdict::Wait);
}

#[test]
fn outage_worsening_fix_and_recovery_share_one_bubble() {
    let mut harness = Harness::watching();
    harness.wait(60).status(CODE, "partial_outage").incident("a", "identified", &[CODE]).polls();
    harness.wait(30).status(CODE, "major_outage").polls();
    harness.wait(30).incident("a", "monitoring", &[CODE]).polls();
    assert_eq!(harness.monitor.state().verdict(harness.now), Verdict::Retry);
    harness.wait(2880 - 60).status(CODE, "operational").incident("a", "resolved", &[]).polls();
    assert_eq!(harness.take(), [Kind::Outage, Kind::Worse, Kind::FixOut]);
    harness.wait(30).polls();
    assert_eq!(harness.titles(), ["Back: Claude Code, after 48 min"]);
    let (back, replaces) = harness.shown.last().unwrap();
    assert_eq!(back.lasted_seconds, Some(2880));
    let bubbles: Vec<Option<u32>> =
        harness.shown.iter().map(|(_, bubble)| bubble.as_ref().map(|b| b.id)).collect();
    assert_eq!(bubbles, [None, Some(1), Some(1), Some(1)]);
    assert!(replaces.is_some());
    assert_eq!(harness.monitor.state().verdict(harness.now), Verdict::Retry);
    for minutes in 1..40 {
        harness.wait(60).polls();
        let expected = if minutes < 30 { Verdict::Retry } else { Verdict::Clear };
        assert_eq!(harness.monitor.state().verdict(harness.now), expected, "{minutes} min later");
    }
    assert_eq!(harness.take(), []);
}

#[test]
fn a_restart_at_each_step_loses_nothing_and_repeats_nothing() {
    let mut harness = Harness::watching();
    let steps: [(&str, &str); 4] = [
        ("partial_outage", "investigating"),
        ("major_outage", "identified"),
        ("major_outage", "monitoring"),
        ("operational", "resolved"),
    ];
    for (status, phase) in steps {
        harness.restart().wait(60).status(CODE, status).incident("a", phase, &[CODE]).polls();
        harness.restart().wait(60).polls().restart().wait(60).polls();
    }
    assert_eq!(harness.take(), [Kind::Outage, Kind::Worse, Kind::FixOut, Kind::Back]);
}

#[test]
fn changed_while_off_gives_exactly_one() {
    let mut harness = Harness::watching();
    harness.restart().wait(7200).status(CODE, "major_outage").polls().wait(30).polls();
    assert_eq!(harness.take(), [Kind::Outage]);
    harness.restart().wait(7200).status(CODE, "operational").polls().wait(30).polls();
    assert_eq!(harness.take(), [Kind::Back]);
}

#[test]
fn no_failure_changes_a_level_or_raises_an_outage() {
    for kind in FailureKind::ALL {
        let mut harness = Harness::watching();
        for _ in 0..60 {
            harness.wait(60).fails(*kind);
        }
        assert_eq!(harness.take(), [], "{kind:?}");
        assert!(harness.monitor.state().components().iter().all(|c| c.level == Level::Operational));
        assert_eq!(harness.monitor.state().verdict(harness.now), Verdict::Unknown);
        harness.wait(60).polls();
        assert_eq!(
            (harness.take(), harness.monitor.state().verdict(harness.now)),
            (vec![], Verdict::Clear)
        );
        assert_eq!(harness.transitions.len(), 4, "{kind:?}: only the first sight of each");
    }
}

#[test]
fn a_page_that_cannot_be_read_never_completes_a_recovery() {
    let mut harness = Harness::watching();
    harness.wait(60).status(CODE, "partial_outage").polls();
    harness.wait(60).status(CODE, "operational").polls();
    for _ in 0..5 {
        harness.wait(60).fails(FailureKind::Dns);
    }
    assert_eq!(harness.take(), [Kind::Outage]);
    harness.wait(60).polls();
    assert_eq!(harness.take(), [Kind::Back]);
    assert_eq!(harness.shown.last().unwrap().0.lasted_seconds, Some(60));
}

#[test]
fn sight_lost_during_an_outage_is_told_once() {
    let mut harness = Harness::watching();
    harness.wait(60).status(CODE, "partial_outage").polls();
    assert_eq!(harness.take(), [Kind::Outage]);
    for _ in 0..120 {
        harness.wait(60).fails(FailureKind::Connect);
    }
    assert_eq!(harness.take(), [Kind::LostSight]);
    harness.wait(60).polls().wait(60).polls();
    assert_eq!(harness.take(), []);
}

#[test]
fn a_night_asleep_is_no_blindness() {
    let mut harness = Harness::watching();
    harness.wait(60).status(CODE, "partial_outage").polls().take();
    harness.wait(30).fails(FailureKind::Dns);
    harness.wait(8 * 3600).fails(FailureKind::Dns).wait(5).fails(FailureKind::Dns);
    assert_eq!(harness.take(), []);
    assert_eq!(harness.monitor.state().verdict(harness.now), Verdict::Unknown);
}

#[test]
fn flapping_on_every_poll_gives_one_start_and_one_end_also_over_restarts() {
    for restarts in [false, true] {
        let mut harness = Harness::watching();
        for round in 0..30 {
            let word = if round % 2 == 0 { "partial_outage" } else { "operational" };
            harness.wait(60).status(CODE, word).polls();
            if restarts {
                harness.restart();
            }
        }
        assert_eq!(harness.take(), [Kind::Outage]);
        for _ in 0..11 {
            harness.wait(60).polls();
        }
        assert_eq!(harness.take(), [Kind::Back], "restarts: {restarts}");
    }
}

#[test]
fn settling_grows_with_each_relapse() {
    let mut harness = Harness::watching();
    for (relapses, minutes) in [(0, 0.5), (1, 1.0), (2, 2.0), (3, 5.0), (4, 10.0), (5, 10.0)] {
        harness.wait(60).status(CODE, "partial_outage").polls();
        harness.wait(60).status(CODE, "operational").polls();
        let settled = harness
            .monitor
            .state()
            .watched()
            .find_map(|c| c.settled_at(Duration::from_secs(30)))
            .unwrap();
        let settle = Duration::try_from(settled.duration_since(harness.now)).unwrap();
        assert_eq!(settle, Duration::from_secs_f64(minutes * 60.0), "{relapses} relapses");
    }
}

#[test]
fn another_component_that_joins_replaces_the_bubble_and_each_end_is_told() {
    let mut harness = Harness::watching();
    harness.wait(60).status(CODE, "partial_outage").polls();
    harness.wait(60).status(API, "degraded_performance").polls();
    let joined = "Partial outage: Claude Code; degraded: Claude API";
    assert_eq!(harness.titles(), ["Partial outage: Claude Code", joined]);
    harness.wait(60).status(CODE, "operational").polls().wait(60).polls();
    let body = &harness.shown.last().unwrap().0.body;
    assert!(
        body.starts_with("Claude Code: operational again, after 2 min. Repeat what needs only ")
    );
    assert!(body.contains(" Still affected: Claude API (degraded performance). "));
    harness.wait(60).status(API, "operational").polls().wait(60).polls();
    assert_eq!(harness.take(), [Kind::Back, Kind::Back]);
    assert_eq!(harness.shown.iter().filter(|(_, bubble)| bubble.is_none()).count(), 1);
    // What comes later is another outage, in a bubble of its own.
    harness.wait(7200).status(CODE, "partial_outage").polls();
    assert_eq!(harness.take(), [Kind::Outage]);
    assert!(harness.shown.last().unwrap().1.is_none());
}

#[test]
fn transitions_that_go_the_same_way_share_one_notice() {
    let mut harness = Harness::watching();
    harness.wait(60);
    for id in [CODE, API, CHAT, COWORK] {
        harness.status(id, "partial_outage");
    }
    harness.status(CHAT, "major_outage").polls();
    let notice = harness.told.first().unwrap().clone();
    assert_eq!(notice.title, "Major outage: claude.ai; 2 more affected");
    let levels = "claude.ai: major outage; Claude API and Claude Code: partial outage. On the ";
    assert!(notice.body.starts_with(levels), "{}", notice.body);
    assert_eq!((harness.told.len(), notice.urgency), (1, Urgency::Critical));
    assert_eq!(harness.transitions.len(), 8, "the one that nobody watches is recorded too");
    assert_eq!(harness.transitions.last().unwrap().reason, Reason::NotWatched);
}

#[test]
fn a_level_that_eases_or_returns_to_what_was_told_is_no_news() {
    let mut harness = Harness::watching();
    for word in ["partial_outage", "degraded_performance", "partial_outage", "degraded_performance"]
    {
        harness.wait(60).status(CODE, word).polls();
    }
    assert_eq!(harness.take(), [Kind::Outage]);
    harness.wait(60).status(CODE, "major_outage").polls();
    assert_eq!(harness.take(), [Kind::Worse]);
}

#[test]
fn an_incident_raises_a_green_component_to_reported_until_its_fix_is_out() {
    let mut harness = Harness::watching();
    harness.wait(60).incident("a", "investigating", &[CODE]).polls();
    assert_eq!(harness.titles(), ["Incident reported: Claude Code"]);
    harness.wait(60).incident("a", "monitoring", &[CODE]).polls().wait(60).polls();
    assert_eq!(harness.take(), [Kind::Back]);
}

#[test]
fn a_silent_incident_fades_after_six_hours_and_is_not_called_a_recovery() {
    let mut harness = Harness::watching();
    harness.wait(60).incident("a", "identified", &[CODE]).polls().take();
    for _ in 0..359 {
        harness.wait(60).polls();
    }
    assert_eq!(harness.take(), []);
    harness.wait(60).polls().wait(60).polls();
    assert_eq!(harness.titles(), ["Page green, no more news: Claude Code"]);
}

#[test]
fn a_silent_incident_explains_no_new_outage_and_hides_no_recovery() {
    let mut harness = Harness::watching();
    harness.wait(60).incident("old", "investigating", &[CODE]).polls();
    for _ in 0..400 {
        harness.wait(60).polls();
    }
    harness.take();
    harness.wait(3 * 86_400).status(CODE, "major_outage").polls();
    assert_eq!(harness.told.first().unwrap().incident, None);
    assert!(harness.told.first().unwrap().body.contains("no incident is posted yet"));
    harness.wait(60).incident("new", "identified", &[CODE]).polls();
    harness.wait(7 * 3600).polls();
    assert_eq!(harness.take(), [Kind::Outage], "a long silence is not a fix");
    harness.wait(60).status(CODE, "operational").polls().wait(60).polls();
    assert_eq!(harness.titles(), ["Back: Claude Code, after 7 h 2 min"]);
}

#[test]
fn a_resolved_or_removed_incident_over_a_red_component_is_a_fix_that_is_out() {
    for removed in [false, true] {
        let mut harness = Harness::watching();
        harness
            .wait(60)
            .status(CODE, "partial_outage")
            .incident("a", "identified", &[CODE])
            .polls();
        harness.wait(60);
        match removed {
            true => harness.drop_incidents().polls(),
            false => harness.incident("a", "resolved", &[]).polls(),
        };
        assert_eq!(harness.take(), [Kind::Outage], "one reading may be a hiccup");
        assert_eq!(harness.monitor.state().verdict(harness.now), Verdict::Retry);
        harness.wait(60).polls().wait(60).polls();
        assert_eq!(harness.take(), [Kind::FixOut]);
    }
}

#[test]
fn a_fix_that_does_not_hold_is_told_as_worse_and_the_next_one_as_a_fix() {
    let mut harness = Harness::watching();
    harness.wait(60).status(CODE, "partial_outage").incident("a", "identified", &[CODE]).polls();
    harness.wait(60).incident("a", "monitoring", &[CODE]).polls();
    harness.wait(60).incident("a", "identified", &[CODE]).polls();
    assert_eq!(harness.monitor.state().verdict(harness.now), Verdict::Wait);
    harness.wait(60).incident("a", "monitoring", &[CODE]).polls();
    assert_eq!(
        harness.take(),
        [Kind::Outage, Kind::FixOut, Kind::Worse],
        "the next must hold longer"
    );
    harness.wait(60).polls().wait(60).polls();
    assert_eq!(harness.take(), [Kind::FixOut]);
}

#[test]
fn a_phase_that_flaps_and_an_incident_that_comes_and_goes_are_told_once() {
    for vanishes in [false, true] {
        let mut harness = Harness::watching();
        harness
            .wait(60)
            .status(CODE, "partial_outage")
            .incident("a", "identified", &[CODE])
            .polls();
        for round in 0..30 {
            harness.wait(60);
            match (round % 2, vanishes) {
                (0, true) => harness.drop_incidents().polls(),
                (0, false) => harness.incident("a", "monitoring", &[CODE]).polls(),
                _ => harness.incident("a", "identified", &[CODE]).polls(),
            };
        }
        let told = harness.take();
        assert!(told.len() <= 3, "{told:?}");
    }
}

#[test]
fn an_odd_word_or_an_unreadable_row_of_an_incident_is_neither_a_recovery_nor_a_fix() {
    let mut harness = Harness::watching();
    harness.wait(60).incident("a", "investigating", &[CODE]).polls();
    for _ in 0..5 {
        harness.wait(60).incident("a", "weird", &[CODE]).polls();
    }
    assert_eq!(harness.take(), [Kind::Outage]);
    let mut harness = Harness::watching();
    harness.wait(60).status(CODE, "partial_outage").incident("a", "identified", &[CODE]).polls();
    harness.drop_incidents().page.incidents_complete = false;
    for _ in 0..5 {
        harness.wait(60).polls();
    }
    assert_eq!(harness.take(), [Kind::Outage]);
    assert_eq!(harness.monitor.state().incidents().open.len(), 1);
}

#[test]
fn a_retry_is_advised_only_for_those_whose_fix_is_out_and_then_for_them() {
    let mut harness = Harness::watching();
    harness.wait(60).status(CODE, "partial_outage").status(CHAT, "partial_outage");
    harness.incident("a", "identified", &[CHAT]).incident("b", "monitoring", &[CODE]).polls();
    assert!(harness.told.first().unwrap().body.contains("Leave your settings alone"));
    harness.take();
    harness.wait(30).polls();
    let title = "Fix out, try again: Claude Code; still affected: claude.ai";
    assert_eq!(harness.titles(), [title]);
    harness.wait(30).polls();
    assert_eq!(harness.take(), []);
}

#[test]
fn another_incident_is_not_called_a_fix_that_did_not_hold() {
    let mut harness = Harness::watching();
    harness.wait(60).status(CODE, "partial_outage").incident("a", "monitoring", &[CODE]).polls();
    harness.take();
    harness.wait(60).incident("b", "investigating", &[CODE]).polls();
    assert_eq!(harness.titles(), ["Partial outage: Claude Code"]);
}

#[test]
fn getting_worse_after_the_incident_was_closed_is_no_fix() {
    let mut harness = Harness::watching();
    harness
        .wait(60)
        .status(CODE, "degraded_performance")
        .incident("a", "identified", &[CODE])
        .polls();
    harness.wait(60).drop_incidents().polls().wait(60).polls().take();
    harness.wait(60).status(CODE, "major_outage").polls();
    let body = harness.told.first().unwrap().body.clone();
    assert!(body.contains("no incident is posted yet. Leave your settings alone"), "{body}");
}

#[test]
fn blindness_is_told_once_however_often_the_machine_sleeps_and_leaves_the_bubble_alone() {
    let mut harness = Harness::watching();
    harness.wait(60).status(CODE, "major_outage").polls().take();
    for _ in 0..3 {
        for _ in 0..20 {
            harness.wait(60).fails(FailureKind::Dns);
        }
        harness.wait(3 * 3600);
    }
    assert_eq!(harness.take(), [Kind::LostSight]);
    assert_eq!(harness.shown.last().unwrap().1, None, "a bubble of its own");
    harness.wait(60).polls();
    for _ in 0..20 {
        harness.wait(60).fails(FailureKind::Dns);
    }
    assert_eq!(harness.take(), [Kind::LostSight], "seen in between: lost again");
}

#[test]
fn a_time_stamp_that_goes_back_beside_one_that_goes_forward_is_no_stale_copy() {
    let mut harness = Harness::with_defaults();
    let now = harness.now;
    harness.page.components.iter_mut().for_each(|row| row.updated_at = Some(now));
    harness.polls().wait(60);
    let (earlier, later) = (crate::testing::start(), harness.now);
    harness.page.components[3].updated_at =
        Some(crate::time::shifted(earlier, jiff::SignedDuration::from_secs(-300)));
    harness.polls();
    assert_eq!(
        harness.monitor.state().page_health().failing,
        None,
        "the same levels mislead nobody"
    );
    harness.page.components[2].updated_at = Some(later);
    harness.wait(60).status(CODE, "major_outage").polls();
    assert_eq!(harness.take(), [Kind::Outage]);
}

#[test]
fn who_was_told_of_the_beginning_is_told_how_it_goes_on() {
    let settings = Settings { min_level: Level::Partial, ..Settings::default() };
    let mut harness = Harness::new(settings);
    harness.polls().wait(60).status(CODE, "partial_outage").incident("a", "identified", &[CODE]);
    harness.polls().wait(60).status(CODE, "degraded_performance").polls();
    harness.wait(60).incident("a", "monitoring", &[CODE]).polls();
    assert_eq!(harness.take(), [Kind::Outage, Kind::FixOut]);
}

#[test]
fn a_component_gone_in_an_outage_replaces_its_bubble_and_is_told_once_a_day() {
    let mut harness = Harness::watching();
    harness.wait(60).status(CODE, "major_outage").polls();
    for _ in 0..4 {
        harness.wait(60).remove(CODE).polls().wait(60).polls();
        harness.page = green();
        harness.wait(60).polls();
    }
    assert_eq!(harness.take(), [Kind::Outage, Kind::ComponentGone]);
    assert!(harness.shown.last().unwrap().1.is_some());
}

#[test]
fn a_component_that_the_page_lists_under_another_id_is_not_gone() {
    let mut harness = Harness::watching();
    harness.page.components[2].id = "newid".into();
    for _ in 0..4 {
        harness.wait(60).polls();
    }
    assert_eq!(harness.take(), []);
}

#[test]
fn what_was_overtaken_before_a_restart_is_not_shown_after_it() {
    let mut harness = Harness::watching();
    harness.screen = Screen::Slow;
    harness.wait(60).status(CODE, "major_outage").polls();
    harness.wait(60).status(CODE, "operational").polls().wait(60).polls();
    harness.restart().screen = Screen::Takes;
    let before = harness.shown.len();
    harness.wait(60).polls();
    let shown: Vec<Kind> = harness.shown[before..].iter().map(|(notice, _)| notice.kind).collect();
    assert_eq!(shown, [Kind::Back]);
}

#[test]
fn a_page_of_thousands_of_components_is_no_burden() {
    let mut harness = Harness::with_defaults();
    let row = harness.page.components[3].clone();
    let many =
        (0..20_000).map(|n| PageComponent { id: format!("c{n}").as_str().into(), ..row.clone() });
    harness.page.components.extend(many);
    harness.polls().wait(60).status(CODE, "major_outage").polls();
    assert_eq!(harness.take(), [Kind::Outage]);
}

#[test]
fn an_outage_first_seen_with_its_fix_out_says_so_at_once() {
    let mut harness = Harness::with_defaults();
    harness.status(CODE, "partial_outage").incident("a", "monitoring", &[CODE]).polls();
    assert!(harness.told.first().unwrap().body.contains("A fix is out already"));
    assert_eq!(harness.take(), [Kind::Outage]);
    harness.wait(60).polls();
    assert_eq!(harness.take(), []);
}

#[test]
fn the_list_of_incidents_missing_from_one_reading_means_nothing() {
    let mut harness = Harness::watching();
    harness.wait(60).status(CODE, "partial_outage").incident("a", "identified", &[CODE]).polls();
    harness.wait(60);
    let page = Snapshot { incidents: None, ..harness.page.clone() };
    harness.reads(Reading::Fresh(page));
    assert_eq!(harness.take(), [Kind::Outage]);
    assert_eq!(harness.monitor.state().incidents().open.len(), 1);
}

#[test]
fn an_unknown_word_is_shown_as_unknown_and_neither_begins_nor_ends_anything() {
    let mut harness = Harness::watching();
    harness.wait(60).status(CODE, "on_fire").polls();
    assert_eq!(
        (harness.take(), harness.monitor.state().verdict(harness.now)),
        (vec![], Verdict::Unknown)
    );
    harness.wait(60).status(CODE, "partial_outage").polls();
    harness.wait(60).status(CODE, "on_fire").polls().wait(60).polls();
    assert_eq!(
        (harness.take(), harness.monitor.state().verdict(harness.now)),
        (vec![Kind::Outage], Verdict::Unknown)
    );
    harness.wait(60).status(CODE, "operational").polls();
    harness.wait(60).status(CODE, "on_fire").polls();
    assert_eq!(
        (harness.take(), harness.monitor.state().verdict(harness.now)),
        (vec![], Verdict::Unknown)
    );
    harness.wait(60).status(CODE, "operational").polls();
    assert_eq!(harness.take(), [Kind::Back]);
}

#[test]
fn a_watched_component_that_vanishes_is_told_once_and_has_not_recovered() {
    let mut harness = Harness::watching();
    harness.wait(60).status(CODE, "partial_outage").polls().take();
    harness.wait(60).remove(CODE).polls();
    assert_eq!(harness.take(), [], "once may be a hiccup");
    for _ in 0..5 {
        harness.wait(60).polls().restart();
    }
    assert_eq!(harness.take(), [Kind::ComponentGone]);
    harness.page = green();
    harness.wait(60).polls();
    assert_eq!(harness.take(), []);
}

#[test]
fn a_component_missing_from_an_incomplete_list_has_not_vanished() {
    let mut harness = Harness::watching();
    harness.remove(CODE).page.complete = false;
    for _ in 0..5 {
        harness.wait(60).polls();
    }
    assert_eq!(harness.take(), []);
}

#[test]
fn a_renamed_component_stays_watched() {
    let mut harness = Harness::watching();
    harness.wait(60);
    harness.page.components[2].name = "Claude Coder".to_owned();
    harness.polls().restart().wait(60).status(CODE, "partial_outage").polls();
    let told = ["Renamed on the page: Claude Code", "Partial outage: Claude Coder"];
    assert_eq!(harness.titles(), told);
}

#[test]
fn an_older_state_from_a_stale_cache_is_refused_for_an_hour() {
    let mut harness = Harness::watching();
    let stamp = |harness: &mut Harness| harness.page.components[2].updated_at = Some(harness.now);
    stamp(harness.wait(60));
    let old = harness.page.clone();
    harness.polls();
    stamp(harness.wait(60).status(CODE, "partial_outage"));
    harness.polls();
    assert_eq!(harness.take(), [Kind::Outage]);
    for _ in 0..60 {
        harness.wait(60).reads(Reading::Fresh(old.clone()));
    }
    assert_eq!(harness.take(), [Kind::LostSight]);
    assert_eq!(
        harness.monitor.state().page_health().failing.as_ref().unwrap().kind,
        FailureKind::Stale
    );
    for _ in 0..8 {
        harness.wait(60).reads(Reading::Fresh(old.clone()));
    }
    assert_eq!(harness.take(), [Kind::Back], "what is still there after an hour is what it says");
}

/// The one in between was answered by "unchanged": what is at hand is the newest.
#[test]
fn a_second_stale_copy_hours_after_the_first_is_refused_as_well() {
    let mut harness = Harness::watching();
    let stamp = |harness: &mut Harness| harness.page.components[2].updated_at = Some(harness.now);
    stamp(harness.wait(60));
    let old = harness.page.clone();
    harness.polls();
    stamp(harness.wait(60).status(CODE, "partial_outage"));
    harness.polls();
    assert_eq!(harness.take(), [Kind::Outage]);
    harness.wait(60).reads(Reading::Fresh(old.clone()));
    for _ in 0..120 {
        harness.wait(60).reads(Reading::Unchanged);
    }
    for _ in 0..3 {
        harness.wait(60).reads(Reading::Fresh(old.clone()));
        assert_eq!(
            harness.monitor.state().page_health().failing.as_ref().unwrap().kind,
            FailureKind::Stale
        );
    }
    assert_eq!(harness.take(), [], "an old copy is no recovery");
}

#[test]
fn an_incident_without_components_changes_no_level_and_is_told_if_asked_or_bad() {
    for (unattributed, impact) in
        [(false, Impact::Minor), (true, Impact::Minor), (false, Impact::Critical)]
    {
        let tell = WantedKinds::default().with(Kind::Unattributed, unattributed);
        let mut harness = Harness::new(Settings { tell, ..Settings::default() });
        harness.polls().wait(60).incident("a", "investigating", &[]);
        harness.page.incidents.as_mut().unwrap()[0].impact = impact.clone();
        harness.polls().wait(60).polls();
        let told = unattributed || impact == Impact::Critical;
        let expected = if told { vec![Kind::Unattributed] } else { vec![] };
        assert_eq!(harness.take(), expected);
        assert_eq!(harness.monitor.state().verdict(harness.now), Verdict::Clear);
    }
}

#[test]
fn an_outage_that_no_poll_saw_is_learnt_from_the_history_and_told_only_if_asked() {
    for after_the_fact in [false, true] {
        let tell = WantedKinds::default().with(Kind::AfterTheFact, after_the_fact);
        let mut harness = Harness::new(Settings { tell, ..Settings::default() });
        harness.polls().history(Vec::new());
        let mut other = Harness::with_defaults();
        other.wait(600).incident("a", "identified", &[CODE]);
        let mut missed = other.page.incidents.unwrap().remove(0);
        missed.phase = Phase::Resolved;
        missed.resolved_at = Some(harness.wait(900).now);
        harness.wait(60).polls().history(vec![missed.clone()]);
        harness.wait(60).history(vec![missed]);
        let expected = if after_the_fact { vec![Kind::AfterTheFact] } else { vec![] };
        assert_eq!(harness.take(), expected);
    }
}

#[test]
fn the_first_history_of_all_is_no_news() {
    let tell = WantedKinds::default().with(Kind::AfterTheFact, true);
    let mut harness = Harness::new(Settings { tell, ..Settings::default() });
    harness.polls();
    let mut other = Harness::with_defaults();
    other.incident("a", "identified", &[CODE]);
    let mut old = other.page.incidents.unwrap().remove(0);
    old.phase = Phase::Resolved;
    old.resolved_at = Some(harness.now);
    harness.history(vec![old]);
    assert_eq!(harness.take(), []);
}

#[test]
fn maintenance_is_quiet_and_an_outage_after_it_is_an_outage() {
    let mut harness = Harness::watching();
    harness.wait(60).status(CODE, "under_maintenance").polls();
    assert_eq!(harness.told.first().unwrap().urgency, Urgency::Low);
    assert_eq!(harness.take(), [Kind::Maintenance]);
    harness.wait(60).status(CODE, "major_outage").polls();
    assert_eq!(harness.take(), [Kind::Outage]);
    harness.wait(60).status(CODE, "operational").polls().wait(60).polls();
    assert_eq!(harness.titles(), ["Back: Claude Code, after 1 min"]);
}

#[test]
fn quiet_by_level_and_by_model_until_it_concerns_the_user() {
    let settings = Settings { min_level: Level::Partial, ..Settings::default() };
    let mut harness = Harness::new(settings);
    harness.polls().wait(60).status(CODE, "degraded_performance").polls();
    assert_eq!(harness.take(), []);
    assert_eq!(harness.transitions.last().unwrap().reason, Reason::BelowMinLevel);
    harness.wait(60).status(CODE, "partial_outage").polls();
    assert_eq!(harness.take(), [Kind::Outage]);

    let settings = Settings { models: vec!["sonnet".to_owned()], ..Settings::default() };
    let mut harness = Harness::new(settings);
    harness.polls().wait(60).status(CODE, "partial_outage").incident("a", "identified", &[CODE]);
    harness.page.incidents.as_mut().unwrap()[0].name = "Elevated errors on Opus 4.6".to_owned();
    harness.polls();
    assert_eq!(harness.take(), []);
    harness.wait(60).page.incidents.as_mut().unwrap()[0].name = "Elevated errors".to_owned();
    harness.polls();
    assert_eq!(harness.take(), [Kind::Outage]);
}

#[test]
fn kinds_that_are_switched_off_are_decided_and_not_told() {
    let tell = WantedKinds::default().with(Kind::Outage, false);
    let mut harness = Harness::new(Settings { tell, ..Settings::default() });
    harness.polls().wait(60).status(CODE, "partial_outage").polls();
    assert_eq!(harness.transitions.last().unwrap().reason, Reason::SwitchedOff);
    harness.wait(60).status(CODE, "operational").polls().wait(60).polls();
    assert_eq!(harness.take(), [], "who was not told of the start is not told of the end");
}

#[test]
fn a_changed_configuration_asks_again_what_the_user_should_know() {
    let mut harness = Harness::watching();
    harness.wait(60).status(COWORK, "partial_outage").polls();
    assert_eq!(harness.take(), []);
    let watch = vec!["claude cowork".to_owned()];
    let settings = Settings { watch, ..harness.monitor.state().settings().clone() };
    harness.give(Input::Reconfigured(Box::new(settings))).wait(1).polls();
    assert_eq!(harness.titles(), ["Partial outage: Claude Cowork"]);
}

#[test]
fn while_no_server_is_there_notices_wait_and_what_is_overtaken_is_dropped() {
    let mut harness = Harness::watching();
    harness.screen = Screen::Missing;
    harness.wait(60).status(CODE, "partial_outage").polls();
    harness.wait(60).status(CODE, "major_outage").polls();
    harness.screen = Screen::Takes;
    harness.give(Input::SinkReady(Sink::Desktop));
    let kinds: Vec<Kind> = harness.shown.iter().map(|(notice, _)| notice.kind).collect();
    assert_eq!(kinds, [Kind::Worse], "the newest says it all");

    harness.screen = Screen::Missing;
    harness.wait(60).status(CODE, "operational").polls().wait(60).polls();
    harness.wait(7200).status(CODE, "partial_outage").polls();
    harness.wait(60).status(CODE, "operational").polls().wait(600).polls();
    harness.restart().screen = Screen::Takes;
    harness.wait(1).give(Input::SinkReady(Sink::Desktop));
    assert_eq!(harness.shown.len(), 1, "nothing before a first good reading");
    harness.polls();
    let kinds: Vec<Kind> = harness.shown.iter().map(|(notice, _)| notice.kind).collect();
    assert_eq!(kinds, [Kind::Worse, Kind::Back], "an outage over before it could be shown is not");
}

#[test]
fn a_call_without_an_answer_is_repeated_once() {
    let mut harness = Harness::watching();
    harness.screen = Screen::Silent;
    harness.wait(60).status(CODE, "partial_outage").polls();
    for _ in 0..10 {
        harness.wait(60).polls();
    }
    assert_eq!(harness.shown.len(), 2);
}

#[test]
fn what_is_overtaken_while_its_call_is_under_way_is_never_shown_later() {
    for (outcome, kinds) in [
        (Outcome::Uncertain, vec![Kind::Outage, Kind::Worse]),
        (Outcome::RetryLater("gone".to_owned()), vec![Kind::Outage, Kind::Worse]),
        (Outcome::Delivered(None), vec![Kind::Outage, Kind::Worse]),
    ] {
        let mut harness = Harness::watching();
        harness.screen = Screen::Slow;
        harness.wait(60).status(CODE, "partial_outage").polls();
        harness.wait(60).status(CODE, "major_outage").polls();
        let key = harness.shown[0].0.key.clone();
        harness.screen = Screen::Takes;
        harness.give(Input::Delivered { sink: Sink::Desktop, key, outcome });
        for _ in 0..10 {
            harness.wait(60).polls();
        }
        let shown: Vec<Kind> = harness.shown.iter().map(|(notice, _)| notice.kind).collect();
        assert_eq!(shown, kinds);
    }
}

#[test]
fn an_end_that_comes_while_the_start_cannot_be_shown_is_not_told_either() {
    let mut harness = Harness::watching();
    harness.screen = Screen::Slow;
    harness.wait(60).status(CODE, "partial_outage").polls();
    harness.wait(60).status(CODE, "operational").polls().wait(60).polls();
    let key = harness.shown[0].0.key.clone();
    harness.screen = Screen::Takes;
    harness.give(Input::Delivered {
        sink: Sink::Desktop,
        key,
        outcome: Outcome::RetryLater("gone".to_owned()),
    });
    for _ in 0..10 {
        harness.wait(60).polls();
    }
    assert_eq!(harness.shown.len(), 1, "the one that could not be shown");
}

#[test]
fn a_bubble_that_was_closed_is_not_replaced() {
    let mut harness = Harness::watching();
    harness.wait(60).status(CODE, "partial_outage").polls();
    let mut bubble =
        crate::notice::Bubble { bus: "bus".to_owned(), owner: ":1.1".to_owned(), id: 7 };
    harness.give(Input::BubbleClosed(bubble.clone()));
    harness.wait(60).status(CODE, "major_outage").polls();
    assert!(harness.shown.last().unwrap().1.is_some(), "another bubble's end is not ours");
    bubble.id = 1;
    harness.give(Input::BubbleClosed(bubble));
    harness.wait(60).status(CODE, "operational").polls().wait(60).polls();
    assert_eq!(harness.shown.last().unwrap().1, None);
}

#[test]
fn a_stepped_clock_changes_no_duration_and_delays_nothing() {
    for by in [-86_400, 86_400, 56 * 365 * 86_400] {
        let mut harness = Harness::watching();
        harness.wait(60).status(CODE, "partial_outage").polls();
        harness.wait(1200).status(CODE, "operational").polls().take();
        let by = jiff::SignedDuration::from_secs(by);
        harness.now = crate::time::shifted(harness.now, by);
        harness.give(Input::ClockStepped(by)).wait(30).polls();
        assert_eq!(harness.titles(), ["Back: Claude Code, after 20 min"], "{by}");
    }
}

#[test]
fn the_end_of_an_outage_slept_through_has_the_pages_own_time() {
    let mut harness = Harness::watching();
    harness.wait(60).status(CODE, "partial_outage").polls();
    let end = crate::time::after(harness.now, Duration::from_secs(1200));
    harness.wait(8 * 3600).status(CODE, "operational");
    harness.page.components[2].updated_at = Some(end);
    harness.polls().history(Vec::new()).wait(30).polls();
    assert_eq!(harness.shown.last().unwrap().0.lasted_seconds, Some(1200));
    assert_eq!(
        harness.monitor.state().verdict(harness.now),
        Verdict::Clear,
        "hours ago is not recent"
    );
}

#[test]
fn a_reading_grows_old_whatever_it_said() {
    let mut harness = Harness::watching();
    harness.wait(600);
    assert_eq!(harness.monitor.state().verdict(harness.now), Verdict::Clear);
    harness.wait(1);
    assert_eq!(harness.monitor.state().verdict(harness.now), Verdict::Unknown);
}

#[test]
fn links_are_built_here_and_only_over_https() {
    let page = Settings::default();
    assert_eq!(
        page.incident_url(&"tymt9n04zgry".into()).as_deref(),
        Some("https://status.claude.com/incidents/tymt9n04zgry")
    );
    for id in ["", "../x", "a b", "a?b", "a/b", &"a".repeat(65)] {
        assert_eq!(page.incident_url(&id.into()), None, "{id:?}");
    }
    let none = Settings { incident_pages: false, ..Settings::default() };
    assert_eq!(none.incident_url(&"tymt9n04zgry".into()), None);
    let http = Settings { page_url: "http://127.0.0.1:1".to_owned(), ..Settings::default() };
    assert_eq!(Harness::new(http).monitor.state().link(&"a".into()), None);
}

#[test]
fn a_clock_that_was_ahead_before_a_restart_holds_no_message_back() {
    const DAY: u64 = 24 * 3600;
    let right = |harness: &mut Harness| {
        harness.now -= Duration::from_secs(DAY);
        harness.restart();
    };
    let mut harness = Harness::watching();
    harness.screen = Screen::Missing;
    harness.wait(DAY).status(CODE, "major_outage").polls();
    assert_eq!(harness.take(), [Kind::Outage]);
    right(&mut harness);
    harness.screen = Screen::Takes;
    harness.shown.clear();
    harness.wait(60).polls();
    assert_eq!(harness.shown.len(), 1, "it waits for a screen, not for a date");

    harness.wait(DAY).status(CODE, "operational").polls();
    assert_eq!(harness.take(), []);
    right(&mut harness);
    harness.wait(29).polls();
    assert_eq!(harness.take(), []);
    harness.wait(2).polls();
    assert_eq!(harness.take(), [Kind::Back]);
}

/// What was caught: `history` said "told" of a component that left the page and that nobody
/// watched, or that was muted.
#[test]
fn what_leaves_the_page_unwatched_or_muted_is_not_told_and_says_why() {
    let mut harness = Harness::watching();
    harness.wait(60).remove(COWORK).polls().wait(60).polls();
    assert_eq!(harness.take(), []);
    assert_eq!(harness.transitions.last().unwrap().reason, Reason::NotWatched);
    let decision = harness.decisions.last().unwrap();
    assert_eq!((decision.kind, decision.reason), (Kind::ComponentGone, Reason::NotWatched));

    let mut harness = Harness::watching();
    let mute = Mute { incident: None, until: None, end: End::IfTold, since: harness.now };
    harness.give(Input::Muted(vec![mute]));
    harness.wait(60).remove(CODE).polls().wait(60).polls();
    assert_eq!(harness.take(), []);
    assert_eq!(harness.transitions.last().unwrap().reason, Reason::Muted);
    assert_eq!(harness.decisions.last().unwrap().reason, Reason::Muted);
}

/// Every decision is written down, told or not, with what it is about; and once, not at each poll.
#[test]
fn decisions_are_written_down_with_the_episode_and_the_notice() {
    let mut harness = Harness::watching();
    harness.wait(60).status(COWORK, "major_outage").status(CODE, "partial_outage").polls();
    for _ in 0..5 {
        harness.wait(60).polls();
    }
    harness.wait(60).status(CODE, "operational").polls().wait(60).polls();
    let made: Vec<_> = harness
        .decisions
        .iter()
        .map(|d| (d.component.clone().unwrap().0, d.kind, d.reason, d.notice.is_some()))
        .collect();
    assert_eq!(
        made,
        [
            (COWORK.to_owned(), Kind::Outage, Reason::NotWatched, false),
            (CODE.to_owned(), Kind::Outage, Reason::NewOutage, true),
            (CODE.to_owned(), Kind::Back, Reason::Recovered, true),
        ]
    );
    let [_, outage, back] = &harness.decisions[..] else { panic!("{made:?}") };
    assert_eq!(outage.episode, back.episode, "joined by the episode");
    let changes = harness.transitions.iter().filter(|it| it.component.0 == CODE);
    let of: Vec<_> = changes.filter(|it| it.from != Level::Unknown).map(|it| &it.episode).collect();
    assert_eq!(of, [&outage.episode, &back.episode]);
    assert_eq!(harness.shown[0].0.episodes, [outage.episode.clone().unwrap()]);
}
