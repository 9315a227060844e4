//! A notification server that is started anew takes its bubbles with it.

use std::time::Duration;

use crate::monitor::Input;
use crate::notice::kind::Kind;
use crate::notice::mute::{End, Mute};
use crate::notice::sink::Sink;
use crate::notice::{Bubble, Urgency};
use crate::testing::{API, CODE, Harness, Screen};
use crate::time::after;

/// A critical outage, told and on the screen.
fn critical() -> Harness {
    let mut harness = Harness::watching();
    harness.wait(60).status(CODE, "major_outage").polls();
    assert_eq!(harness.take(), [Kind::Outage]);
    harness
}

/// The server leaves with the bubble, and another one comes.
fn server_restarts(harness: &mut Harness) {
    let id = u32::try_from(harness.shown.len()).unwrap();
    harness.screen = Screen::Missing;
    harness.give(Input::BubbleLost(bubble(id))).wait(5);
    harness.screen = Screen::Takes;
    harness.give(Input::SinkReady(Sink::Desktop)).polls();
}

fn bubble(id: u32) -> Bubble {
    Bubble { bus: "bus".to_owned(), owner: ":1.1".to_owned(), id }
}

#[test]
fn what_was_to_stay_is_shown_again_once() {
    let mut harness = critical();
    server_restarts(&mut harness);
    assert_eq!(harness.shown.len(), 2);
    let (again, replaces) = harness.shown.last().unwrap();
    assert_eq!((again, replaces), (&harness.shown[0].0, &None), "the same, in a new bubble");
    assert_eq!(harness.take(), [], "nothing new was decided");
    server_restarts(&mut harness);
    harness.wait(3600).polls();
    assert_eq!(harness.shown.len(), 2, "once");
    harness.wait(60).status(CODE, "operational").polls().wait(60).polls();
    assert_eq!(harness.take(), [Kind::Back]);
    assert_eq!(harness.shown.len(), 3);
}

#[test]
fn a_restart_of_the_daemon_knows_what_was_to_stay() {
    let mut harness = critical();
    harness.restart().polls();
    assert_eq!(harness.shown.len(), 1);
    server_restarts(&mut harness);
    assert_eq!(harness.shown.len(), 2);
}

#[test]
fn what_came_meanwhile_is_shown_instead() {
    let mut harness = critical();
    harness.screen = Screen::Missing;
    harness.wait(60).incident("a", "monitoring", &[CODE]).polls();
    server_restarts(&mut harness);
    let kinds: Vec<Kind> = harness.shown.iter().map(|(notice, _)| notice.kind).collect();
    assert_eq!(kinds, [Kind::Outage, Kind::FixOut]);
}

#[test]
fn nothing_is_shown_again_that_was_not_to_stay_or_that_somebody_took_away() {
    let mut harness = Harness::watching();
    harness.wait(60).status(CODE, "partial_outage").polls();
    server_restarts(&mut harness);
    assert_eq!(harness.shown.len(), 1, "not critical");

    let mut harness = critical();
    harness.give(Input::BubbleClosed(bubble(1)));
    server_restarts(&mut harness);
    assert_eq!(harness.shown.len(), 1, "dismissed");

    let mut harness = critical();
    harness.give(Input::BubbleLost(Bubble { owner: ":1.9".to_owned(), ..bubble(1) }));
    harness.give(Input::SinkReady(Sink::Desktop));
    assert_eq!(harness.shown.len(), 1, "another bubble");
}

#[test]
fn nothing_is_shown_again_that_is_over_or_muted() {
    let mut harness = critical();
    // Green again, though not yet for long enough to say so.
    harness.wait(60).status(CODE, "operational").polls();
    server_restarts(&mut harness);
    assert_eq!(harness.shown.len(), 1);

    let mut harness = critical();
    let mute = Mute { incident: None, until: None, end: End::Always, since: harness.now };
    harness.give(Input::Muted(vec![mute]));
    server_restarts(&mut harness);
    assert_eq!(harness.shown.len(), 1);
}

/// What is muted after it went down, and before it could be shown again.
#[test]
fn a_mute_holds_for_what_waits_to_be_shown_again() {
    let mut harness = critical();
    harness.screen = Screen::Missing;
    harness.give(Input::BubbleLost(bubble(1)));
    let until = Some(after(harness.now, Duration::from_secs(600)));
    let mute = Mute { incident: None, until, end: End::IfTold, since: harness.now };
    harness.give(Input::Muted(vec![mute]));
    harness.screen = Screen::Takes;
    harness.give(Input::SinkReady(Sink::Desktop)).wait(60).polls();
    assert_eq!(harness.shown.len(), 1);
    harness.wait(600).polls();
    assert_eq!(harness.shown.len(), 2, "the outage goes on, and is to stay on the screen");
}

/// The message before said who is back; what is shown again says who is not.
#[test]
fn what_goes_on_is_shown_again_and_not_who_is_back() {
    for restart in [false, true] {
        let mut harness = critical();
        harness.wait(60).status(API, "major_outage").polls();
        harness.wait(60).status(CODE, "operational").polls().wait(60).polls();
        if restart {
            harness.restart();
        }
        harness.give(Input::BubbleLost(bubble(1)));
        harness.give(Input::SinkReady(Sink::Desktop)).polls();
        let (again, replaces) = harness.shown.last().unwrap();
        assert_eq!((again.title.as_str(), replaces), ("Major outage: Claude API", &None));
        assert_eq!((again.kind, again.urgency), (Kind::Worse, Urgency::Critical));
        assert_eq!(harness.shown.len(), 4, "restart: {restart}");
        harness.wait(3700).polls();
        assert_eq!(harness.shown.len(), 4, "once");
    }
}

/// The milder one that joined took the place of the message that was to stay.
#[test]
fn a_milder_one_that_joins_does_not_take_the_outage_off_the_screen() {
    let mut harness = critical();
    harness.wait(60).status(API, "degraded_performance").polls();
    let joined = harness.told.last().unwrap();
    assert_eq!(joined.title, "Major outage: Claude Code; degraded: Claude API");
    assert_eq!((joined.kind, joined.urgency), (Kind::Worse, Urgency::Critical));
    assert!(joined.body.starts_with("Claude API: degraded performance. "), "{}", joined.body);
    assert!(joined.body.contains("Still affected: Claude Code (major outage)."));
    harness.give(Input::BubbleLost(bubble(1)));
    harness.give(Input::SinkReady(Sink::Desktop));
    let (again, _) = harness.shown.last().unwrap();
    assert_eq!(again.title, "Major outage: Claude Code; 1 more affected");
    assert_eq!((harness.shown.len(), again.urgency), (3, Urgency::Critical));
}

#[test]
fn nothing_is_shown_again_once_a_fix_is_out_or_it_is_no_longer_that_bad() {
    for fixed in [true, false] {
        let mut harness = critical();
        harness.wait(60);
        match fixed {
            true => harness.incident("a", "monitoring", &[CODE]),
            false => harness.status(CODE, "degraded_performance"),
        };
        harness.polls();
        let shown = harness.shown.len();
        harness.give(Input::BubbleLost(bubble(1)));
        harness.give(Input::SinkReady(Sink::Desktop)).polls();
        assert_eq!(harness.shown.len(), shown, "fixed: {fixed}");
    }
}
