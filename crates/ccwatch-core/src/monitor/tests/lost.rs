//! A notification server that is started anew takes its bubbles with it.

use crate::monitor::Input;
use crate::notice::Bubble;
use crate::notice::kind::Kind;
use crate::notice::mute::{End, Mute};
use crate::notice::sink::Sink;
use crate::testing::{API, CODE, Harness, Screen};

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

#[test]
fn another_outage_in_the_same_bubble_keeps_it() {
    let mut harness = critical();
    harness.wait(60).status(API, "major_outage").polls();
    harness.wait(60).status(CODE, "operational").polls().wait(60).polls();
    assert_eq!(harness.take(), [Kind::Worse, Kind::Back]);
    harness.give(Input::BubbleLost(bubble(1)));
    harness.give(Input::SinkReady(Sink::Desktop));
    let kinds: Vec<Kind> = harness.shown.iter().map(|(notice, _)| notice.kind).collect();
    assert_eq!(kinds, [Kind::Outage, Kind::Worse, Kind::Back, Kind::Back], "the latest");
}
