//! Announced work as a play.

use crate::model::Level;
use crate::notice::Urgency;
use crate::notice::kind::{Kind, Reason};
use crate::notice::mute::{End, Mute};
use crate::settings::Settings;
use crate::state::maintenance::Stage;
use crate::state::verdict::Verdict;
use crate::testing::{API, CODE, COWORK, Harness};
use crate::text;
use crate::text::maintenance::plan;
use crate::text::summary;
use crate::text::waiting::{Goal, situation};

use super::super::Input;

fn shown(harness: &Harness) -> Vec<String> {
    let state = harness.monitor.state();
    let works = state.announced(harness.now, false);
    works.map(|known| plan(known, harness.now, &state.settings().zone)).collect()
}

fn verdict(harness: &Harness) -> Verdict {
    harness.monitor.state().verdict(harness.now)
}

fn said(harness: &mut Harness) -> Vec<String> {
    let told = std::mem::take(&mut harness.told).into_iter();
    told.map(|notice| format!("{}: {} / {}", notice.kind.as_str(), notice.title, notice.body))
        .collect()
}

/// The recording `m3`: work in progress names a component whose light stays green.
#[test]
fn work_under_a_green_light_is_shown_and_told_low_once_with_its_planned_end() {
    let mut harness = Harness::watching();
    harness.wait(60).work("m3", "in_progress", &[CODE], (60, 120)).polls();
    let notice = harness.told.first().unwrap().clone();
    assert_eq!(notice.urgency, Urgency::Low);
    assert_eq!(notice.link.as_deref(), Some("https://status.claude.com/incidents/m3"));
    assert_eq!(notice.incident, Some("m3".into()));
    assert_eq!(notice.components, [CODE.into()]);
    assert_eq!(
        said(&mut harness),
        [
            "maintenance: Maintenance: Claude Code / Claude Code: Planned upgrade (in progress, until \
          12:01). The light is still green: go on. If a request fails, this may be why."
        ]
    );
    assert_eq!(shown(&harness), ["Planned upgrade (in progress, until 12:01)"]);
    assert_eq!(verdict(&harness), Verdict::Clear, "a green light is green");
    let line = summary::line(harness.monitor.state(), false, harness.now);
    assert_eq!(
        line,
        "CLEAR: the page is green; Planned upgrade (in progress, until 12:01) \
         https://status.claude.com/incidents/m3"
    );
    harness.restart();
    for _ in 0..150 {
        harness.wait(60).polls().restart();
    }
    assert_eq!(harness.take(), [], "once, and an overrun of what is green is no news");
    assert_eq!(
        shown(&harness),
        ["Planned upgrade (in progress, planned until 12:01, and still going on)"]
    );
    harness.drop_work().wait(60).polls();
    assert_eq!((harness.take(), shown(&harness)), (vec![], vec![]));
}

#[test]
fn from_the_announcement_to_what_is_left_behind() {
    let mut harness = Harness::watching();
    harness.wait(60).work("w", "scheduled", &[API], (60 * 48, 60 * 50)).polls();
    assert_eq!(shown(&harness), ["Planned upgrade (announced, 4 Jun 10:01 to 4 Jun 12:01)"]);
    assert_eq!(harness.take(), [], "an announcement is shown and not told");
    harness.work("w", "scheduled", &[API], (1, 61)).wait(120).polls();
    assert_eq!(shown(&harness), ["Planned upgrade (announced, 10:02 to 11:02; not begun yet)"]);
    harness.status(API, "under_maintenance").work("w", "in_progress", &[API], (-1, 59)).polls();
    assert_eq!(
        said(&mut harness),
        ["maintenance: Maintenance: Claude API / Claude API: Planned upgrade (in progress, until \
          11:02). Wait with your request; ccwatch tells you when it is over."]
    );
    assert_eq!(verdict(&harness), Verdict::Wait);
    assert_eq!(
        summary::line(harness.monitor.state(), false, harness.now),
        "WAIT: Claude API: under maintenance since 10:03; Planned upgrade (in progress, until 11:02) \
         https://status.claude.com/incidents/w"
    );
    assert_eq!(
        situation(harness.monitor.state(), harness.now),
        "Claude API: under maintenance; Planned upgrade (in progress, until 11:02)"
    );
    harness.restart().wait(60).work("w", "in_progress", &[API], (-2, 88)).polls();
    assert_eq!(
        said(&mut harness),
        ["maintenance: Maintenance until 11:32: Claude API / Claude API: Planned upgrade (in \
          progress, until 11:32, first planned until 11:02). ccwatch tells you when it is over."]
    );
    harness.restart().wait(89 * 60).polls().wait(60).polls();
    assert_eq!(
        said(&mut harness),
        ["maintenance: Maintenance takes longer: Claude API / Claude API: Planned upgrade (in \
          progress, planned until 11:32, and still going on). ccwatch tells you when it is over."]
    );
    harness.restart().wait(60).drop_work().polls();
    assert_eq!(harness.take(), [], "a list that lacks it once may be a hiccup");
    harness.wait(30).polls();
    assert_eq!(
        said(&mut harness),
        ["fix_out: Work no longer listed, try again: Claude API / Claude API: the announced work \
          (Planned upgrade) is no longer on the page. The page still shows maintenance. Repeat the same request now, \
          on the same path. ccwatch tells you when it is green."]
    );
    assert_eq!(verdict(&harness), Verdict::Retry);
    assert!(Goal::Retry.is_reached(harness.monitor.state(), harness.now));
    let behind = text::Behind::of(harness.monitor.state(), harness.now);
    assert!(text::advice(Verdict::Retry, behind).contains("announced work is no longer listed"));
    assert_eq!(
        shown(&harness),
        ["Planned upgrade (no longer listed since 11:35)"],
        "while left behind"
    );
    harness.restart().wait(60).polls().status(API, "operational").polls().wait(60).polls();
    assert_eq!(harness.titles(), ["Maintenance over: Claude API, after 1 h 34 min"]);
    assert_eq!(shown(&harness), [""; 0]);
    let bubbles: Vec<Option<u32>> =
        harness.shown.iter().map(|(_, bubble)| bubble.as_ref().map(|b| b.id)).collect();
    assert_eq!(bubbles, [None, Some(1), Some(1), Some(1), Some(1)], "one bubble");
}

/// The page shows less than maintenance while announced work goes on, and posts no incident.
#[test]
fn an_outage_beside_announced_work_names_the_work() {
    let mut harness = Harness::watching();
    harness.wait(60).work("w", "in_progress", &[CODE], (0, 60));
    harness.status(CODE, "degraded_performance").polls();
    let body = harness.told.first().unwrap().body.clone();
    let during = "On the status page since 10:01, during announced work: Planned upgrade (in \
                  progress, until 11:01).";
    assert!(body.to_lowercase().contains(&during.to_lowercase()), "{body}");
    assert!(!body.contains("no incident is posted"), "{body}");
}

#[test]
fn an_outage_inside_work_takes_over_the_bubble_and_alone_counts() {
    let mut harness = Harness::watching();
    harness.wait(60).status(CODE, "under_maintenance").work("w", "in_progress", &[CODE], (0, 240));
    harness.polls().wait(1800).status(CODE, "major_outage").polls();
    harness.wait(1200).status(CODE, "under_maintenance").polls();
    harness.wait(3600).drop_work().status(CODE, "operational").polls().wait(60).polls();
    assert_eq!(
        harness.titles(),
        [
            "Maintenance: Claude Code",
            "Major outage: Claude Code",
            "Back: Claude Code, after 20 min"
        ]
    );
    let bubbles: Vec<Option<u32>> =
        harness.shown.iter().map(|(_, bubble)| bubble.as_ref().map(|b| b.id)).collect();
    assert_eq!(bubbles, [None, Some(1), Some(1)]);
}

#[test]
fn an_outage_of_what_was_told_as_green_takes_over_the_bubble_too() {
    let mut harness = Harness::watching();
    harness.wait(60).work("w", "in_progress", &[CODE], (0, 240)).polls();
    harness.wait(60).status(CODE, "partial_outage").polls();
    assert_eq!(harness.take(), [Kind::Maintenance, Kind::Outage]);
    assert_eq!(harness.shown[1].1.as_ref().map(|bubble| bubble.id), Some(1));
}

#[test]
fn work_that_is_cancelled_or_put_off_is_said_in_status_alone() {
    let mut harness = Harness::watching();
    harness.wait(60).work("w", "scheduled", &[CODE], (60, 120)).polls();
    harness.wait(60).drop_work().polls();
    assert_eq!(
        shown(&harness),
        ["Planned upgrade (cancelled; it was announced for 11:01 to 12:01)"]
    );
    harness.wait(25 * 3600).polls();
    assert_eq!(shown(&harness), [""; 0]);
    harness.work("w", "scheduled", &[CODE], (60, 120)).wait(60).polls();
    assert_eq!(shown(&harness).len(), 1, "listed again");
    harness.work("w", "in_progress", &[CODE], (0, 60)).wait(60).polls();
    assert_eq!(harness.take(), [Kind::Maintenance]);
    harness.work("w", "scheduled", &[CODE], (600, 660)).wait(60).polls();
    assert_eq!(harness.take(), []);
    harness.work("w", "in_progress", &[CODE], (0, 60)).wait(36_000).polls();
    assert_eq!(harness.take(), [Kind::Maintenance], "it began anew");
}

#[test]
fn work_on_what_nobody_watches_is_neither_told_nor_shown() {
    let mut harness = Harness::watching();
    harness.wait(60).work("w", "in_progress", &[COWORK], (0, 60)).polls();
    assert_eq!((harness.take(), shown(&harness)), (vec![], vec![]));
    let all = harness.monitor.state().announced(harness.now, true).count();
    assert_eq!(all, 1);
}

#[test]
fn two_works_at_once_are_two_messages() {
    let mut harness = Harness::watching();
    harness.wait(60).status(CODE, "under_maintenance").status(API, "under_maintenance");
    harness.work("a", "in_progress", &[CODE], (0, 60)).work("b", "verifying", &[API], (0, 90));
    harness.polls();
    assert_eq!(harness.titles(), ["Maintenance: Claude API", "Maintenance: Claude Code"]);
}

#[test]
fn a_level_that_was_chosen_above_reported_keeps_work_quiet() {
    for (min_level, expected) in [
        (Level::Maintenance, vec![Kind::Maintenance, Kind::Maintenance]),
        (Level::Reported, vec![Kind::Maintenance, Kind::Maintenance]),
        (Level::Degraded, vec![]),
        (Level::Partial, vec![]),
    ] {
        let mut harness = Harness::new(Settings { min_level, ..Settings::default() });
        harness.polls().wait(60).work("w", "in_progress", &[CODE], (0, 60)).polls();
        harness.wait(60).status(API, "under_maintenance").polls();
        harness.wait(7200).polls();
        assert_eq!(harness.take(), expected, "{min_level}");
        let quiet = harness.decisions.iter().filter(|d| d.reason == Reason::BelowMinLevel).count();
        assert_eq!(quiet, 2 - expected.len(), "{min_level}: once each");
    }
}

#[test]
fn muted_work_is_quiet_and_a_list_that_is_missing_means_nothing() {
    let mut harness = Harness::watching();
    let mute =
        Mute { incident: Some("w".into()), until: None, end: End::IfTold, since: harness.now };
    harness.give(Input::Muted(vec![mute]));
    harness.wait(60).work("w", "in_progress", &[CODE], (0, 60)).polls().wait(60).polls();
    assert_eq!(harness.take(), []);
    assert_eq!(harness.monitor.state().mutes(harness.now).count(), 1);

    let mut harness = Harness::watching();
    harness.wait(60).status(CODE, "under_maintenance").work("w", "in_progress", &[CODE], (0, 60));
    harness.polls().page.maintenances = None;
    harness.wait(60).polls().wait(60).polls().wait(60).polls();
    assert_eq!(harness.take(), [Kind::Maintenance]);
    let known = harness.monitor.state().announced(harness.now, false).next().unwrap();
    assert_eq!(known.stage(harness.now), Stage::UnderWay);
}

#[test]
fn what_waits_for_a_screen_is_dropped_when_the_work_is_over() {
    use crate::testing::Screen;
    let mut harness = Harness::watching();
    harness.screen = Screen::Missing;
    harness.wait(60).work("w", "in_progress", &[CODE], (0, 60)).polls().wait(60).polls();
    harness.screen = Screen::Takes;
    harness.give(Input::SinkReady(crate::notice::sink::Sink::Desktop));
    assert_eq!(harness.shown.len(), 1, "it holds while it goes on");
    let mut harness = Harness::watching();
    harness.screen = Screen::Missing;
    harness.wait(60).work("w", "in_progress", &[CODE], (0, 60)).polls();
    harness.wait(60).drop_work().polls();
    harness.screen = Screen::Takes;
    harness.give(Input::SinkReady(crate::notice::sink::Sink::Desktop));
    assert_eq!(harness.shown.len(), 0);
}

/// An outage inside announced work, which goes on after it.
#[test]
fn maintenance_goes_on_being_told_after_an_outage_inside_of_it() {
    let mut harness = Harness::watching();
    harness.wait(60).work("m", "in_progress", &[CODE, API], (0, 30));
    harness.status(CODE, "under_maintenance").status(API, "under_maintenance").polls();
    assert_eq!(harness.titles(), ["Maintenance: Claude API and Claude Code"]);
    harness.wait(600).status(CODE, "major_outage").incident("i", "investigating", &[CODE]).polls();
    let outage = harness.told.last().unwrap().clone();
    assert_eq!(harness.titles(), ["Major outage: Claude Code"]);
    harness.wait(300).status(CODE, "under_maintenance").incident("i", "resolved", &[]).polls();
    assert_eq!(harness.titles(), [""; 0], "one more reading has to agree");
    harness.restart().wait(60).polls();
    let over = harness.told.last().unwrap().clone();
    assert_eq!(over.reason, Reason::WorkGoesOn);
    assert_eq!((over.kind, &over.thread), (Kind::Back, &outage.thread), "in the same bubble");
    assert_eq!(over.lasted_seconds, Some(300));
    assert_ne!(over.urgency, Urgency::Critical);
    assert_eq!(
        said(&mut harness),
        ["back: Outage over: Claude Code, after 5 min / Claude Code: under maintenance again: \
          Planned upgrade (in progress, until 10:31). Repeat the same request; if it fails, wait for \
          the end of the work. ccwatch tells you when it is over. In maintenance: Claude API."]
    );
    harness.wait(60).polls().restart().polls();
    assert_eq!(harness.take(), [], "once");
    harness.wait(15 * 60).polls();
    assert_eq!(harness.titles(), ["Maintenance takes longer: Claude API and Claude Code"]);
    harness.status(CODE, "operational").status(API, "operational").drop_work();
    harness.wait(60).polls().wait(60).polls();
    let told = harness.titles();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("Maintenance over: Claude API and Claude Code"), "{told:?}");
}

/// The page calls an outage maintenance while it is mended: nobody is back, but it isn't an outage any
/// more, and the work is told as any other is.
#[test]
fn an_outage_that_turns_into_maintenance_is_told_as_that_and_goes_on_as_work() {
    let mut harness = Harness::watching();
    harness.wait(60).status(CODE, "major_outage").incident("i", "investigating", &[CODE]).polls();
    let outage = harness.told.last().unwrap().clone();
    harness.take();
    harness.wait(480).status(CODE, "under_maintenance").incident("i", "resolved", &[CODE]);
    harness.work("m", "in_progress", &[CODE], (0, 60)).polls();
    assert_eq!(harness.take(), [], "one more reading has to agree");
    harness.restart().wait(60).polls();
    let turned = harness.told.last().unwrap().clone();
    assert_eq!((turned.reason, turned.lasted_seconds), (Reason::TurnedIntoWork, Some(480)));
    assert_eq!((turned.urgency, &turned.thread), (Urgency::Low, &outage.thread));
    assert_eq!(turned.link.as_deref(), Some("https://status.claude.com/incidents/m"));
    assert_eq!(turned.components, [CODE.into()]);
    assert!(turned.episodes.len() == 2 && turned.episodes.contains(&outage.episodes[0]));
    assert_eq!(
        said(&mut harness),
        [
            "maintenance: Now under maintenance: Claude Code / Claude Code: after 8 min of outage the page \
          shows maintenance: Planned upgrade (in progress, until 11:09). Wait with your request; \
          ccwatch tells you when it is over."
        ]
    );
    assert_eq!(verdict(&harness), Verdict::Wait);
    harness.restart().wait(60).polls().work("m", "in_progress", &[CODE], (0, 70)).polls();
    harness.restart().wait(71 * 60).polls().wait(60).polls();
    harness.drop_work().wait(60).polls().wait(60).polls();
    harness.wait(60).status(CODE, "operational").polls().wait(60).polls();
    assert_eq!(
        harness.titles(),
        [
            "Maintenance until 11:21: Claude Code",
            "Maintenance takes longer: Claude Code",
            "Work no longer listed, try again: Claude Code",
            "Maintenance over: Claude Code, after 1 h 17 min",
        ]
    );
    let bubbles: Vec<Option<u32>> =
        harness.shown.iter().skip(1).map(|(_, bubble)| bubble.as_ref().map(|b| b.id)).collect();
    assert_eq!(bubbles, [Some(1); 5], "one bubble");
}

/// What waits to be told of work that is over says so in new words, too, where another component
/// is down meanwhile.
#[test]
fn the_end_of_work_beside_an_outage_is_no_closed_incident() {
    let mut harness = Harness::watching();
    harness.wait(60).status(CODE, "under_maintenance").status(API, "under_maintenance");
    harness.work("m", "in_progress", &[CODE, API], (0, 60)).polls().wait(60).polls();
    harness.wait(60).status(API, "partial_outage").incident("i", "investigating", &[API]).polls();
    harness.take();
    harness.drop_work().wait(60).polls().wait(60).polls();
    let told: Vec<String> = harness
        .shown
        .iter()
        .map(|(notice, _)| format!("{} / {}", notice.title, notice.body))
        .collect();
    assert!(
        told.iter().any(|text| text.starts_with("Work no longer listed, try again: Claude Code")),
        "{told:?}"
    );
    assert!(told.iter().all(|text| !text.contains("Incident closed")), "{told:?}");
}

/// Without any work that is announced, and with work that is posted after the light changed.
#[test]
fn maintenance_after_an_outage_needs_no_announcement() {
    let mut harness = Harness::watching();
    harness.wait(60).status(CODE, "partial_outage").polls();
    harness.wait(60).status(CODE, "under_maintenance").polls().wait(60).polls().take();
    let told = harness.shown.last().unwrap().0.body.clone();
    assert!(told.contains("shows maintenance, and announces no work. Wait"), "{told}");
    harness.work("m", "in_progress", &[CODE], (0, 60)).wait(60).polls().wait(60).polls();
    assert_eq!(harness.titles(), ["Maintenance until 11:03: Claude Code"]);
    assert_eq!(harness.shown.last().unwrap().0.incident, Some("m".into()));
    harness.wait(3600).polls().wait(60).polls();
    assert_eq!(harness.titles(), ["Maintenance takes longer: Claude Code"]);
}

/// What only was reported was no outage, and is reported again where the incident outlives the work.
#[test]
fn what_was_only_reported_turns_into_maintenance_and_back() {
    let mut harness = Harness::watching();
    harness.wait(60).incident("i", "investigating", &[CODE]).polls();
    harness.wait(300).status(CODE, "under_maintenance").polls().wait(60).polls();
    let told = harness.told.last().unwrap();
    assert!(told.body.starts_with("Claude Code: after 5 min of a reported incident"), "{told:?}");
    harness.restart().wait(600).status(CODE, "operational").polls();
    assert_eq!(
        harness.titles(),
        [
            "Incident reported: Claude Code",
            "Now under maintenance: Claude Code",
            "Incident reported again: Claude Code"
        ]
    );
    harness.wait(300).incident("i", "resolved", &[CODE]).polls().wait(60).polls();
    assert_eq!(harness.titles(), ["No longer reported: Claude Code, after 21 min"]);
}

/// A fix was out, and then the page shows maintenance: that is no fix that didn't hold, and no end of
/// work either.
#[test]
fn maintenance_after_a_fix_is_no_fix_that_did_not_hold() {
    for announced in [false, true] {
        let mut harness = Harness::watching();
        harness.wait(60).status(CODE, "major_outage").incident("i", "identified", &[CODE]);
        harness.polls().wait(60).incident("i", "monitoring", &[CODE]).polls();
        assert_eq!(harness.take(), [Kind::Outage, Kind::FixOut]);
        harness.wait(60).status(CODE, "under_maintenance").incident("i", "resolved", &[CODE]);
        if announced {
            harness.work("m", "in_progress", &[CODE], (0, 60));
        }
        harness.polls().wait(60).polls().wait(60).polls();
        assert_eq!(harness.titles(), ["Now under maintenance: Claude Code"], "{announced}");
    }
    // The incident was closed a reading before.
    let mut harness = Harness::watching();
    harness.wait(60).status(CODE, "major_outage").incident("i", "identified", &[CODE]).polls();
    harness.wait(60).incident("i", "resolved", &[CODE]).polls();
    harness.wait(60).status(CODE, "under_maintenance").polls().wait(60).polls();
    assert_eq!(
        harness.titles(),
        ["Major outage: Claude Code", "Now under maintenance: Claude Code"]
    );
    // It turns red once more, before the second reading: it is the same outage, and its fix is out.
    let mut harness = Harness::watching();
    harness.wait(60).status(CODE, "major_outage").incident("i", "identified", &[CODE]).polls();
    harness.wait(60).incident("i", "monitoring", &[CODE]).polls();
    harness.wait(60).status(CODE, "under_maintenance").polls();
    harness.wait(60).status(CODE, "major_outage").polls();
    assert_eq!(harness.take(), [Kind::Outage, Kind::FixOut]);
}

/// Who doesn't hear of maintenance was told of the outage all the same, and waits for its end.
#[test]
fn an_outage_that_was_told_is_told_to_turn_into_maintenance_whatever_the_filters_say() {
    let off = Settings::default().tell.with(Kind::Maintenance, false);
    for settings in [
        Settings { min_level: Level::Partial, ..Settings::default() },
        Settings { tell: off, ..Settings::default() },
    ] {
        let mut harness = Harness::new(settings);
        harness.polls().wait(60).status(CODE, "major_outage").polls();
        harness.wait(60).status(CODE, "under_maintenance");
        harness.work("m", "in_progress", &[CODE], (0, 60)).polls().wait(60).polls();
        assert_eq!(verdict(&harness), Verdict::Wait);
        harness.wait(60).polls().status(CODE, "operational").drop_work().polls().wait(60).polls();
        assert_eq!(
            harness.titles(),
            [
                "Major outage: Claude Code",
                "Now under maintenance: Claude Code",
                "Maintenance over: Claude Code, after 2 min"
            ]
        );
    }
    // Whoever wasn't told of the outage hears of the work as of any other, or not at all.
    let mute = |harness: &Harness| Mute {
        incident: Some("i".into()),
        until: None,
        end: End::IfTold,
        since: harness.now,
    };
    let mut harness = Harness::watching();
    harness.give(Input::Muted(vec![mute(&harness)]));
    harness.wait(60).status(CODE, "major_outage").incident("i", "identified", &[CODE]).polls();
    harness.wait(60).status(CODE, "under_maintenance").polls().wait(60).polls();
    assert_eq!(harness.titles(), ["Maintenance: Claude Code"]);
}

/// One is back, the other turns into maintenance: two messages, and none takes the other's place.
#[test]
fn who_is_back_and_what_turns_into_maintenance_are_told_beside_each_other() {
    let mut harness = Harness::watching();
    harness.wait(60).status(CODE, "major_outage").status(API, "major_outage").polls();
    harness.wait(60).status(CODE, "under_maintenance").status(API, "operational").polls();
    harness.take();
    harness.wait(60).polls();
    assert_eq!(
        harness.titles(),
        ["Back: Claude API, after 1 min", "Now under maintenance: Claude Code"]
    );
    let (_, replaced) = harness.shown.last().unwrap();
    assert_eq!(replaced, &None, "a bubble of its own");
    harness.wait(60).status(CODE, "operational").polls().wait(60).polls();
    let (over, replaced) = harness.shown.last().unwrap();
    assert!(over.title.starts_with("Maintenance over") && replaced.is_some(), "{over:?}");
}

/// The outage of another one goes on in the bubble of both.
#[test]
fn work_that_an_outage_turned_into_is_told_to_overrun_beside_another_outage() {
    let mut harness = Harness::watching();
    harness.wait(60).status(CODE, "major_outage").status(API, "partial_outage").polls();
    harness.wait(60).status(CODE, "under_maintenance");
    harness.work("m", "in_progress", &[CODE], (0, 10)).polls().wait(60).polls().take();
    harness.wait(600).polls();
    assert_eq!(harness.titles(), ["Maintenance takes longer: Claude Code"]);
    assert_eq!(harness.shown.last().unwrap().1.as_ref().map(|bubble| bubble.id), Some(2));
}

fn using_sonnet() -> Harness {
    let mut harness =
        Harness::new(Settings { models: vec!["sonnet".to_owned()], ..Settings::default() });
    harness.polls();
    harness
}

/// Posts or ends an incident about Opus alone.
fn opus(harness: &mut Harness, phase: &str) {
    harness.incident("o", phase, &[CODE]);
    for incident in harness.page.incidents.as_mut().unwrap() {
        incident.name = "Errors on Claude Opus 4.7".to_owned();
    }
}

/// What other models have is no end of announced work, whatever the page shows meanwhile.
#[test]
fn an_incident_of_other_models_ends_no_announced_work() {
    for light in ["under_maintenance", "degraded_performance", "major_outage"] {
        let mut harness = using_sonnet();
        harness.wait(60).status(CODE, "under_maintenance");
        harness.work("m", "in_progress", &[CODE], (0, 60)).polls();
        assert_eq!(harness.titles(), ["Maintenance: Claude Code"], "{light}");
        opus(harness.wait(600).status(CODE, light), "investigating");
        harness.polls().wait(60).polls().wait(60).polls();
        assert_eq!((harness.take(), verdict(&harness)), (vec![], Verdict::Wait), "{light}");
        opus(harness.status(CODE, "under_maintenance"), "resolved");
        harness.wait(60).polls().wait(60).polls();
        assert_eq!((harness.take(), verdict(&harness)), (vec![], Verdict::Wait), "{light}");
        harness.status(CODE, "operational").drop_work().wait(60).polls().wait(60).polls();
        let over = "Maintenance over: Claude Code, after 15 min";
        assert_eq!(harness.titles(), [over], "{light}");
    }
    // Nor of such work as the page doesn't list: there, what goes on is said.
    let mut harness = using_sonnet();
    harness.wait(60).status(CODE, "under_maintenance").polls().take();
    opus(harness.wait(600).status(CODE, "major_outage"), "investigating");
    harness.polls().wait(60).polls();
    let told = harness.told.last().unwrap();
    assert_eq!((told.reason, &told.incident), (Reason::OthersOnly, &Some("o".into())));
    assert!(told.body.contains("not about your models: Errors on Claude Opus 4.7"), "{told:?}");
    // One of the user's own is an outage; when it is over, what is there is the work.
    let mut harness = using_sonnet();
    harness.wait(60).status(CODE, "under_maintenance");
    harness.work("m", "in_progress", &[CODE], (0, 60)).polls().take();
    opus(harness.wait(60).status(CODE, "major_outage"), "investigating");
    harness.polls().wait(60).incident("mine", "investigating", &[CODE]).polls();
    assert_eq!(harness.titles(), ["Major outage: Claude Code"]);
    harness.wait(300).incident("mine", "resolved", &[CODE]).polls().wait(60).polls();
    assert_eq!(harness.titles(), ["Outage over: Claude Code, after 5 min"]);
    assert_eq!(verdict(&harness), Verdict::Wait);
}

/// The incident of other models came first: the work is told, and its end is that of work.
#[test]
fn announced_work_that_begins_in_an_incident_of_other_models_is_told() {
    let mut harness = using_sonnet();
    opus(harness.wait(60), "investigating");
    harness.polls();
    assert_eq!((harness.take(), verdict(&harness)), (vec![], Verdict::Clear));
    harness.wait(600).status(CODE, "under_maintenance");
    harness.work("m", "in_progress", &[CODE], (0, 60)).polls().wait(60).polls();
    assert_eq!(harness.titles(), ["Maintenance: Claude Code"]);
    opus(&mut harness, "resolved");
    harness.status(CODE, "operational").drop_work().wait(540).polls().wait(60).polls();
    assert_eq!(harness.titles(), ["Maintenance over: Claude Code, after 10 min"]);
}

/// Announced work lasts as long as all of it; each outage inside of it as long as itself.
#[test]
fn work_with_outages_inside_of_it_counts_from_its_beginning() {
    let mut harness = Harness::watching();
    harness.wait(60).status(CODE, "under_maintenance");
    harness.work("m", "in_progress", &[CODE], (0, 60)).polls().take();
    for _ in 0..2 {
        harness.wait(600).status(CODE, "major_outage").polls();
        harness.wait(300).status(CODE, "under_maintenance").polls().restart().wait(120).polls();
    }
    harness.wait(60).status(CODE, "operational").drop_work().polls().wait(60).polls();
    assert_eq!(
        harness.titles(),
        [
            "Major outage: Claude Code",
            "Outage over: Claude Code, after 5 min",
            "Major outage: Claude Code",
            "Outage over: Claude Code, after 5 min",
            "Maintenance over: Claude Code, after 35 min",
        ]
    );
}

/// An incident that names what is in maintenance explains nothing of the work.
#[test]
fn the_end_of_work_carries_the_work_and_no_incident() {
    let mut harness = Harness::watching();
    harness.wait(60).status(CODE, "under_maintenance");
    harness.work("m", "in_progress", &[CODE], (0, 60)).polls();
    harness.wait(600).incident("i", "investigating", &[CODE]).polls();
    harness.wait(600).incident("i", "resolved", &[CODE]).polls();
    harness.wait(60).status(CODE, "operational").drop_work().polls().wait(60).polls();
    let over = harness.told.last().unwrap();
    assert!(over.title.starts_with("Maintenance over"), "{over:?}");
    assert_eq!(over.incident, Some("m".into()));
}

/// One is back from an outage inside of the work, the other from the work, in one reading.
#[test]
fn an_outage_and_maintenance_that_end_together_are_both_told() {
    let mut harness = Harness::watching();
    harness.wait(60).work("m", "in_progress", &[CODE, API], (0, 30));
    harness.status(CODE, "under_maintenance").status(API, "under_maintenance").polls();
    harness.wait(600).status(CODE, "major_outage").polls();
    harness.take();
    harness.status(CODE, "operational").status(API, "operational").drop_work();
    harness.wait(60).polls().wait(60).polls();
    let shown: Vec<&str> = harness.shown.iter().map(|(n, _)| n.title.as_str()).collect();
    let newest: Vec<&&str> = shown.iter().rev().take(2).collect();
    assert!(newest.iter().any(|title| title.starts_with("Back: Claude Code")), "{shown:?}");
    assert!(
        newest.iter().any(|title| title.starts_with("Maintenance over: Claude API")),
        "{shown:?}"
    );
}

/// Two works on one component, announced in one reading.
#[test]
fn two_works_of_one_component_are_two_notices() {
    let mut harness = Harness::watching();
    harness.wait(60).work("a", "in_progress", &[CODE], (0, 30));
    harness.work("b", "in_progress", &[CODE], (0, 60)).polls();
    let keys: Vec<&str> = harness.told.iter().map(|notice| notice.key.as_str()).collect();
    assert_eq!(keys.len(), 2, "{keys:?}");
    assert_ne!(keys[0], keys[1]);
}

/// Finding: two notices that contradict each other, within a minute.
#[test]
fn an_outage_and_the_work_around_it_that_are_over_are_told_in_one_message() {
    for told_before in [false, true] {
        let mut harness = Harness::watching();
        harness.status(CODE, "under_maintenance").work("m", "in_progress", &[CODE], (0, 60));
        harness.wait(60).polls().wait(600);
        if told_before {
            harness.drop_work().polls().wait(60).polls().wait(60);
        }
        harness.status(CODE, "partial_outage").incident("i", "investigating", &[CODE]).polls();
        harness.take();
        harness.drop_work().wait(600).polls();
        harness.wait(600).status(CODE, "under_maintenance").incident("i", "resolved", &[CODE]);
        harness.polls().restart().wait(60).polls();
        let over = harness.told.last().unwrap().clone();
        assert_eq!((over.kind, over.reason), (Kind::Back, Reason::MaintenanceOver));
        assert_eq!(
            said(&mut harness),
            ["back: Outage over: Claude Code, after 20 min / Claude Code: the announced work \
              (Planned upgrade) is no longer on the page. The page still shows maintenance. Repeat \
              the same request now, on the same path. ccwatch tells you when it is green."]
        );
        assert_eq!(verdict(&harness), Verdict::Retry);
        harness.restart().wait(60).polls().wait(60).polls();
        assert_eq!(harness.titles(), [""; 0], "{told_before}");
        harness.wait(60).status(CODE, "operational").polls().wait(60).polls();
        let told = harness.titles();
        assert!(
            told.len() == 1 && told[0].starts_with("Maintenance over: Claude Code"),
            "{told:?}"
        );
    }
}

/// Finding: the same page, told with opposite advice.
#[test]
fn maintenance_that_nobody_announced_is_told_the_same_way_each_time() {
    for posted in [true, false] {
        let mut harness = Harness::watching();
        harness.wait(60).status(CODE, "major_outage");
        if posted {
            harness.incident("i", "investigating", &[CODE]);
        }
        harness.polls();
        for minutes in [8, 2] {
            harness.wait(minutes * 60).status(CODE, "under_maintenance").polls().wait(60).polls();
            let turned = harness.told.last().unwrap().clone();
            assert_eq!(turned.reason, Reason::TurnedIntoWork, "{posted} {minutes}");
            assert_eq!(turned.lasted_seconds, Some(minutes * 60), "the outage alone");
            assert!(turned.body.ends_with(
                "of outage the page shows maintenance, and announces no work. Wait with your \
                 request; ccwatch tells you when it is over."
            ));
            if posted {
                let why = situation(harness.monitor.state(), harness.now);
                assert!(why.contains("Elevated errors"), "the incident that is open: {why}");
            }
            harness.wait(60).status(CODE, "major_outage").polls();
        }
    }
}

/// Finding: of what the work came to name, nothing was told.
#[test]
fn work_under_green_lights_that_grows_is_told_of_whom_it_grows_to() {
    let mut harness = Harness::watching();
    harness.wait(60).work("m", "in_progress", &[CODE], (0, 60)).polls();
    assert_eq!(harness.titles(), ["Maintenance: Claude Code"]);
    harness.wait(60).work("m", "in_progress", &[CODE, API, COWORK], (-1, 59)).polls();
    assert_eq!(harness.titles(), ["Maintenance: Claude API"]);
    assert!(harness.shown.last().unwrap().1.is_some(), "in the same bubble");
    harness.reads(crate::model::Reading::Unchanged).restart().wait(60).polls().wait(60).polls();
    assert_eq!(harness.titles(), [""; 0]);
}

/// Where one may be retried and another is in maintenance, the notice says no more than the verdict.
#[test]
fn a_fix_beside_maintenance_of_another_is_for_what_needs_only_that() {
    let mut harness = Harness::watching();
    harness.wait(60).status(API, "under_maintenance").work("m", "in_progress", &[API], (0, 60));
    harness.status(CODE, "major_outage").incident("i", "investigating", &[CODE]).polls();
    harness.wait(60).incident("i", "monitoring", &[CODE]).polls();
    let fix = harness.told.last().unwrap().clone();
    assert_eq!(fix.title, "Fix out, try again: Claude Code");
    let expected = "Repeat what needs only Claude Code now, on the same path. In maintenance: Claude \
                    API. Wait with the rest; ccwatch tells you when to retry.";
    assert!(fix.body.ends_with(expected), "{}", fix.body);
    assert_eq!(verdict(&harness), Verdict::Wait);
    let behind = text::Behind::of(harness.monitor.state(), harness.now);
    assert_eq!(behind, text::Behind::Partly);
    harness.wait(60).status(CODE, "operational").incident("i", "resolved", &[CODE]).polls();
    harness.wait(60).polls();
    let back = harness.told.last().unwrap().clone();
    assert_eq!(back.title, "Back: Claude Code, after 2 min");
    assert!(back.body.ends_with(expected), "{}", back.body);
}
