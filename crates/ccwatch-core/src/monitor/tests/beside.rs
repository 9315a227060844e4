//! What a message says of those that it is not about: it stands where the message about them was.

use std::time::Duration;

use crate::deliver::delivery::Outcome;
use crate::monitor::Input;
use crate::notice::kind::Kind;
use crate::notice::mute::{End, Mute};
use crate::notice::sink::Sink;
use crate::notice::{Notice, Urgency};
use crate::testing::{API, CODE, Harness, Screen};
use crate::time::after;

/// Major outages of these, told in one message.
fn down(ids: &[&str]) -> Harness {
    let mut harness = Harness::watching();
    harness.wait(60);
    for id in ids {
        harness.status(id, "major_outage");
    }
    harness.polls();
    assert_eq!(harness.take(), [Kind::Outage]);
    harness
}

fn last(harness: &Harness) -> &Notice {
    &harness.shown.last().unwrap().0
}

#[test]
fn who_is_still_down_stands_in_the_title_of_who_is_back() {
    let mut harness = down(&[CODE, API]);
    harness.wait(60).status(CODE, "operational").polls().wait(60).polls();
    let back = last(&harness);
    assert_eq!(back.title, "Back: Claude Code; still down: Claude API");
    assert_eq!(
        back.body,
        "Claude Code: operational again, after 1 min. Repeat what needs only Claude Code now, on \
         the same path. Still affected: Claude API (major outage). Wait with the rest; ccwatch \
         tells you when to retry."
    );
    assert_eq!((back.kind, back.urgency), (Kind::Back, Urgency::Critical));
    harness.wait(60).status(API, "operational").polls().wait(60).polls();
    let back = last(&harness);
    assert_eq!(
        (back.title.as_str(), back.urgency),
        ("Back: Claude API, after 3 min", Urgency::Normal)
    );
    assert!(back.body.contains("Repeat the same request now, on the same path."), "{}", back.body);
}

#[test]
fn a_fix_for_one_is_no_fix_for_the_other() {
    let mut harness = down(&[CODE, API]);
    harness.wait(60).incident("a", "investigating", &[CODE]).incident("b", "identified", &[API]);
    harness.polls().take();
    harness.wait(60).incident("a", "monitoring", &[CODE]).polls();
    assert_eq!(harness.take(), [Kind::FixOut]);
    let fix = last(&harness);
    assert_eq!(fix.title, "Fix out, try again: Claude Code; still down: Claude API");
    assert!(fix.body.contains("Repeat what needs only Claude Code now"), "{}", fix.body);
    assert_eq!(fix.urgency, Urgency::Critical);
    // Once there is one for the other, too, nothing has to be waited for.
    harness.wait(60).incident("b", "monitoring", &[API]).polls();
    let fix = last(&harness);
    assert_eq!(fix.title, "Fix out, try again: Claude API");
    assert!(fix.body.contains("Fix out, try again: Claude Code. Repeat the same"), "{}", fix.body);
    assert_eq!(fix.urgency, Urgency::Normal);
}

/// It looks well for a moment, and then it doesn't: that is no news, so that what stands there says
/// that nobody can be sure.
#[test]
fn who_looks_well_but_not_for_long_enough_is_not_passed_over() {
    let mut harness = down(&[CODE, API]);
    harness.wait(60).status(CODE, "operational").polls();
    harness.wait(20).status(API, "operational").polls();
    harness.wait(20).polls();
    let back = last(&harness);
    assert_eq!(
        (back.title.as_str(), back.urgency),
        ("Back: Claude Code, after 1 min", Urgency::Critical)
    );
    assert!(back.body.contains("Not sure yet: Claude API."), "{}", back.body);
    harness.wait(5).status(API, "major_outage").polls();
    assert_eq!(harness.take(), [Kind::Back], "as it was told");
}

#[test]
fn what_is_told_in_spite_of_a_mute_is_told_whole() {
    let mut harness = down(&[CODE]);
    let mute = Mute { incident: None, until: None, end: End::IfTold, since: harness.now };
    harness.give(Input::Muted(vec![mute]));
    harness.wait(60).status(API, "major_outage").polls();
    assert_eq!(harness.take(), []);
    harness.wait(60).status(CODE, "operational").polls().wait(60).polls();
    let back = last(&harness);
    assert_eq!(back.title, "Back: Claude Code; still down: Claude API");
    assert_eq!(back.urgency, Urgency::Normal, "of that one nobody was told");
    // Who was named is not forgotten: neither when the mute is over, nor at the end.
    for ends in [false, true] {
        let mut harness = down(&[CODE]);
        let until = Some(after(harness.now, Duration::from_secs(1200)));
        let mute = Mute { incident: None, until, end: End::IfTold, since: harness.now };
        harness.give(Input::Muted(vec![mute]));
        harness.wait(60).status(API, "major_outage").polls();
        harness.wait(60).status(CODE, "operational").polls().wait(60).polls().restart();
        assert_eq!(harness.take(), [Kind::Back]);
        if ends {
            harness.wait(600).status(API, "operational").polls().wait(60).polls();
            assert_eq!(harness.titles(), ["Back: Claude API, after 12 min"]);
        } else {
            harness.wait(600).polls();
            assert_eq!(harness.take(), []);
            harness.wait(600).polls();
            assert_eq!(harness.titles(), ["Major outage: Claude API"]);
            assert_eq!(last(&harness).urgency, Urgency::Critical);
        }
        let bubble = harness.shown.last().unwrap().1.as_ref();
        assert_eq!(bubble.map(|bubble| bubble.id), Some(1), "in the place of what named it");
    }
}

#[test]
fn what_is_muted_before_it_could_be_shown_waits_for_the_end_of_the_mute() {
    let mut harness = Harness::watching();
    harness.screen = Screen::Missing;
    harness.wait(60).status(CODE, "major_outage").polls();
    let mute = Mute { incident: None, until: None, end: End::IfTold, since: harness.now };
    harness.give(Input::Muted(vec![mute]));
    harness.screen = Screen::Takes;
    harness.give(Input::SinkReady(Sink::Desktop)).wait(60).polls();
    assert_eq!(harness.shown.len(), 0);
    harness.give(Input::Muted(Vec::new()));
    assert_eq!(last(&harness).title, "Major outage: Claude Code");
}

/// What is quiet is shown in a bubble of its own, while the outage goes on in its.
#[test]
fn what_is_quiet_takes_no_place_from_an_outage() {
    let mut harness = down(&[CODE, API]);
    harness.remove(CODE);
    for _ in 0..3 {
        harness.wait(600).polls();
    }
    assert_eq!(harness.take(), [Kind::ComponentGone]);
    let (gone, replaces) = harness.shown.last().unwrap();
    assert_eq!((gone.urgency, replaces), (Urgency::Low, &None));
    harness.wait(60).status(API, "operational").polls().wait(60).polls();
    assert_eq!(harness.shown.last().unwrap().1.as_ref().map(|bubble| bubble.id), Some(1));
}

/// Two messages of one reading are in one bubble, and the second is the one that stays.
#[test]
fn who_comes_back_as_another_gets_a_fix_is_named_with_it() {
    let mut harness = down(&[CODE]);
    harness.wait(60).status(API, "major_outage").incident("b", "identified", &[API]).polls();
    harness.wait(60).status(CODE, "operational").polls();
    harness.take();
    harness.screen = Screen::Missing;
    harness.wait(60).incident("b", "monitoring", &[API]).polls();
    assert_eq!(harness.take(), [Kind::Back, Kind::FixOut]);
    harness.screen = Screen::Takes;
    harness.give(Input::SinkReady(Sink::Desktop));
    let fix = last(&harness);
    assert_eq!((fix.kind, fix.title.as_str()), (Kind::FixOut, "Fix out, try again: Claude API"));
    assert!(fix.body.contains("Back: Claude Code."), "{}", fix.body);
}

/// It said who is down, and had to wait.
#[test]
fn who_is_back_is_told_with_what_goes_on_when_it_can_be_shown() {
    let mut harness = down(&[CODE, API]);
    harness.screen = Screen::Missing;
    harness.wait(60).status(CODE, "operational").polls().wait(60).polls();
    harness.wait(60).status(API, "degraded_performance").polls();
    harness.screen = Screen::Takes;
    harness.restart().give(Input::SinkReady(Sink::Desktop)).polls();
    let back = last(&harness);
    assert_eq!(back.title, "Back: Claude Code; still affected: Claude API");
    assert!(back.body.contains("Still affected: Claude API (degraded performance)."));
    assert_eq!(back.urgency, Urgency::Normal);
}

/// The same of something bad, where nothing has changed but what it says of another one.
#[test]
fn what_waits_says_of_the_others_what_is_so_when_it_is_shown() {
    let mut harness = down(&[CODE]);
    harness.screen = Screen::Missing;
    harness.wait(60).status(API, "degraded_performance").polls();
    let waits = harness.take();
    harness.wait(60).status(CODE, "partial_outage").polls();
    harness.screen = Screen::Takes;
    harness.give(Input::SinkReady(Sink::Desktop));
    assert_eq!((waits, harness.take()), (vec![Kind::Worse], vec![]));
    let worse = last(&harness);
    assert_eq!(worse.title, "Partial outage: Claude Code; degraded: Claude API");
    assert!(worse.body.contains("Still affected: Claude Code (partial outage)."));
    assert_eq!(worse.urgency, Urgency::Normal);
}

#[test]
fn an_answer_that_comes_late_gives_the_bubble_to_the_next_message() {
    for newer in [false, true] {
        let mut harness = Harness::watching();
        harness.screen = Screen::Silent;
        harness.wait(60).status(CODE, "major_outage").polls();
        let key = harness.told[0].key.clone();
        harness.screen = Screen::Missing;
        if newer {
            harness.wait(10).incident("a", "monitoring", &[CODE]).polls();
        }
        let bubble = crate::notice::Bubble { bus: "bus".into(), owner: ":1.1".into(), id: 7 };
        let late = Input::ShownLate { key: key.clone(), thread: key, bubble: bubble.clone() };
        harness.screen = Screen::Takes;
        harness.give(late).give(Input::SinkReady(Sink::Desktop)).wait(3600).polls();
        assert_eq!(harness.shown.len(), if newer { 2 } else { 1 }, "not called again");
        harness.wait(60).status(CODE, "operational").drop_incidents().polls().wait(60).polls();
        assert_eq!(last(&harness).kind, Kind::Back);
        assert_eq!(harness.shown[1].1.as_ref(), Some(&bubble), "newer: {newer}");
    }
}

/// A daemon that is stopped while its call is under way.
#[test]
fn the_end_of_what_may_have_been_shown_is_told() {
    let mut harness = Harness::watching();
    harness.screen = Screen::Slow;
    harness.wait(60).status(CODE, "major_outage").polls();
    let key = harness.told[0].key.clone();
    harness.give(Input::Delivered { sink: Sink::Desktop, key, outcome: Outcome::Uncertain });
    harness.screen = Screen::Takes;
    harness.restart().status(CODE, "operational").polls().wait(60).polls();
    assert_eq!(last(&harness).kind, Kind::Back);
}
