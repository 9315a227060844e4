//! What says that an outage goes on is taken off the screen once it is over, also where nothing that
//! is told takes its place.

use std::time::Duration;

use crate::deliver::delivery::Outcome;
use crate::monitor::Input;
use crate::notice::Bubble;
use crate::notice::kind::Kind;
use crate::notice::mute::{End, Mute};
use crate::notice::sink::Sink;
use crate::settings::{Settings, WantedKinds};
use crate::testing::{CODE, Harness, Screen};
use crate::time::after;

fn bubble(id: u32) -> Bubble {
    Bubble { bus: "bus".to_owned(), owner: ":1.1".to_owned(), id }
}

/// A critical outage on the screen, with these settings.
fn critical(settings: Settings) -> Harness {
    let mut harness = Harness::new(settings);
    harness.polls().wait(60).status(CODE, "major_outage").polls();
    assert_eq!((harness.shown.len(), harness.take()), (1, vec![Kind::Outage]));
    assert_eq!(harness.taken_down, []);
    harness
}

fn reconfigure(harness: &mut Harness, change: impl FnOnce(&mut Settings)) {
    let mut settings = harness.monitor.state().settings().clone();
    change(&mut settings);
    harness.give(Input::Reconfigured(Box::new(settings)));
}

/// Green, and settled.
fn recovers(harness: &mut Harness) {
    harness.wait(60).status(CODE, "operational").polls();
    assert_eq!(harness.taken_down, [], "it may come again");
    harness.wait(60).polls();
}

fn without_back() -> Settings {
    let tell = WantedKinds::default().with(Kind::Back, false).with(Kind::FixOut, false);
    Settings { tell, ..Settings::default() }
}

#[test]
fn where_back_is_not_wanted() {
    let mut harness = critical(without_back());
    // How it was to be told does not matter.
    harness.wait(60).incident("a", "monitoring", &[CODE]).polls();
    assert_eq!(harness.taken_down, [], "the user wants no word of a fix");
    recovers(&mut harness);
    assert_eq!(harness.taken_down, [bubble(1)]);
    harness.wait(60).polls().restart().polls();
    assert_eq!(harness.taken_down, [bubble(1), bubble(1)], "asked again by the next life");
    harness.give(Input::BubbleClosed(bubble(1))).restart().polls();
    assert_eq!(harness.taken_down.len(), 2);
    assert_eq!(harness.shown.len(), 1);
}

#[test]
fn where_back_is_told_that_takes_its_place() {
    for screen in [Screen::Takes, Screen::Missing] {
        let mut harness = critical(Settings::default());
        harness.screen = screen;
        recovers(&mut harness);
        harness.wait(60).polls();
        harness.screen = Screen::Takes;
        harness.give(Input::SinkReady(Sink::Desktop));
        assert_eq!(harness.shown.last().unwrap().0.kind, Kind::Back);
        assert_eq!(harness.taken_down, []);
    }
}

#[test]
fn where_the_user_wants_silence() {
    for (end, told, taken_down) in [(End::IfTold, 2, 0), (End::Never, 1, 1)] {
        let mut harness = critical(Settings::default());
        let until = Some(after(harness.now, Duration::from_secs(36000)));
        let mute = Mute { incident: None, until, end, since: harness.now };
        harness.give(Input::Muted(vec![mute]));
        assert_eq!(harness.taken_down, [], "it goes on");
        recovers(&mut harness);
        assert_eq!((harness.shown.len(), harness.taken_down.len()), (told, taken_down), "{end:?}");
    }
}

#[test]
fn where_nobody_watches_it_any_more_or_it_is_another_page() {
    let changes: [fn(&mut Settings); 4] = [
        |settings| settings.watch = vec!["Claude API".to_owned()],
        |settings| settings.page_id = "another".to_owned(),
        |settings| settings.page_url = "https://status.example.com".to_owned(),
        |settings| settings.sinks.clear(),
    ];
    for change in changes {
        for restarts in [false, true] {
            let mut harness = critical(Settings::default());
            let mut settings = harness.monitor.state().settings().clone();
            change(&mut settings);
            let another = settings.page_key() != harness.monitor.state().settings().page_key();
            let same = settings.page_url != Settings::default().page_url && !another;
            match restarts {
                false => reconfigure(&mut harness, change),
                true => drop(harness.restart_with(settings).give(Input::ReadingWanted)),
            }
            let expected = if same { vec![] } else { vec![bubble(1)] };
            assert_eq!(harness.taken_down, expected, "the same page at another address goes on");
            harness.wait(60).polls();
            assert_eq!(harness.taken_down, expected);
        }
    }
}

#[test]
fn an_outage_that_comes_again_has_a_new_bubble() {
    let mut harness = critical(without_back());
    recovers(&mut harness);
    harness.wait(60).status(CODE, "major_outage").polls();
    assert_eq!(harness.shown.len(), 2);
    harness.wait(60).status(CODE, "operational").polls().wait(600).polls().wait(600).polls();
    assert_eq!(harness.taken_down.len(), 2);
}

/// A server that dies of a message must not be killed with it again and again.
#[test]
fn what_went_wrong_is_tried_once_more_and_not_at_once() {
    let mut harness = Harness::watching();
    harness.screen = Screen::Slow;
    harness.wait(60).status(CODE, "major_outage").polls();
    for calls in 1..=2 {
        assert_eq!(harness.shown.len(), calls);
        let key = harness.shown[0].0.key.clone();
        let outcome = Outcome::Failed("the server left".to_owned());
        harness.give(Input::Delivered { sink: Sink::Desktop, key, outcome });
        for _ in 0..20 {
            harness.wait(1).give(Input::SinkReady(Sink::Desktop));
        }
        assert_eq!(harness.shown.len(), calls, "not because a server is there again");
        harness.wait(30).polls();
    }
    harness.wait(3600).give(Input::SinkReady(Sink::Desktop));
    assert_eq!(harness.shown.len(), 2, "given up");
}

#[test]
fn a_reload_that_changes_nothing_asks_nobody() {
    let mut harness = Harness::watching();
    harness.fetches.clear();
    (0..100).for_each(|_| reconfigure(&mut harness, |_| {}));
    assert_eq!(harness.fetches, []);
    reconfigure(&mut harness, |settings| settings.interval *= 2);
    assert_eq!(harness.fetches.len(), 1);
}
