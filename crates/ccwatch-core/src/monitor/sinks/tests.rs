use std::collections::BTreeSet;

use crate::notice::sink::Sink;
use std::time::Duration;

use crate::deliver::delivery::Outcome;
use crate::monitor::Input;
use crate::notice::kind::Kind;
use crate::settings::Settings;
use crate::testing::{API, Harness, Screen};

/// A harness with these sinks, after a first green reading.
fn with_sinks<const N: usize>(sinks: [Sink; N]) -> Harness {
    let sinks = BTreeSet::from(sinks);
    let mut harness = Harness::new(Settings { sinks, ..Settings::default() });
    harness.polls();
    harness
}

fn runs(harness: &mut Harness) -> Vec<Kind> {
    std::mem::take(&mut harness.hooked).into_iter().map(|notice| notice.kind).collect()
}

/// The newest run of the hook ends.
fn ends(harness: &mut Harness, key: &str, outcome: Outcome) {
    harness.give(Input::Delivered { sink: Sink::Hook, key: key.to_owned(), outcome });
}

fn key(harness: &Harness) -> String {
    harness.hooked.last().expect("a run").key.clone()
}

fn outage(harness: &mut Harness) {
    harness.wait(60).status(API, "major_outage").polls();
}

fn recovery(harness: &mut Harness) {
    harness.wait(60).status(API, "operational").polls();
    harness.wait(60).polls();
}

#[test]
fn neither_sink_waits_for_the_other() {
    let mut harness = with_sinks(Sink::ALL);
    harness.screen = Screen::Missing;
    outage(&mut harness);
    let first = key(&harness);
    assert_eq!((harness.shown.len(), runs(&mut harness)), (0, vec![Kind::Outage]));
    ends(&mut harness, &first, Outcome::Delivered(None));
    harness.screen = Screen::Takes;
    harness.give(Input::SinkReady(Sink::Desktop));
    assert_eq!(harness.shown.len(), 1);
    recovery(&mut harness);
    assert_eq!((harness.shown.len(), runs(&mut harness)), (2, vec![Kind::Back]));
    harness.wait(3600).give(Input::ReadingWanted);
    assert_eq!((harness.shown.len(), runs(&mut harness)), (2, vec![]), "nothing twice");
}

#[test]
fn without_pop_ups_the_hook_is_run_all_the_same() {
    let mut harness = with_sinks([Sink::Hook]);
    outage(&mut harness);
    assert_eq!((harness.shown.len(), runs(&mut harness)), (0, vec![Kind::Outage]));
}

#[test]
fn without_a_hook_none_is_run() {
    let mut harness = Harness::watching();
    outage(&mut harness);
    assert_eq!((harness.shown.len(), runs(&mut harness)), (1, vec![]));
}

#[test]
fn a_hook_that_fails_is_repeated_once_and_the_pop_up_is_not() {
    let mut harness = with_sinks(Sink::ALL);
    outage(&mut harness);
    let first = key(&harness);
    ends(&mut harness, &first, Outcome::Uncertain);
    harness.wait(29).give(Input::ReadingWanted);
    assert_eq!(runs(&mut harness), [Kind::Outage]);
    harness.wait(2).give(Input::ReadingWanted);
    assert_eq!(key(&harness), first, "the same key");
    ends(&mut harness, &first, Outcome::Uncertain);
    harness.wait(3600).give(Input::ReadingWanted);
    assert_eq!(runs(&mut harness), [Kind::Outage], "repeated once");
    assert_eq!(harness.shown.len(), 1);
}

#[test]
fn one_at_a_time_and_only_what_still_holds() {
    let mut harness = with_sinks(Sink::ALL);
    outage(&mut harness);
    let first = key(&harness);
    assert_eq!(runs(&mut harness), [Kind::Outage]);
    recovery(&mut harness);
    assert_eq!(runs(&mut harness), [], "the first one still runs");
    ends(&mut harness, &first, Outcome::Delivered(None));
    assert_eq!(runs(&mut harness), [Kind::Back]);
}

#[test]
fn what_is_over_before_the_hook_could_be_run_is_not_told() {
    let mut harness = with_sinks(Sink::ALL);
    let refuse = |harness: &mut Harness| {
        let key = key(harness);
        ends(harness, &key, Outcome::RetryLater("no runner".to_owned()));
    };
    outage(&mut harness);
    refuse(&mut harness);
    harness.wait(60).status(API, "operational").polls();
    refuse(&mut harness);
    harness.wait(60).polls();
    refuse(&mut harness);
    assert_eq!(harness.take(), [Kind::Outage, Kind::Back], "as the screen shows it");
    harness.wait(3600).give(Input::ReadingWanted);
    assert_eq!(runs(&mut harness), [Kind::Outage; 3], "tried, and never the end of it");
    assert_eq!(harness.monitor.outboxes().of(Sink::Hook).pending().count(), 0);
}

#[test]
fn what_was_in_flight_at_a_restart_is_run_again_and_what_was_done_is_not() {
    let mut harness = with_sinks(Sink::ALL);
    outage(&mut harness);
    let first = key(&harness);
    harness.restart().wait(1).give(Input::ReadingWanted).polls();
    assert_eq!(key(&harness), first);
    assert_eq!(runs(&mut harness), [Kind::Outage, Kind::Outage]);
    ends(&mut harness, &first, Outcome::Delivered(None));
    harness.restart().wait(1).give(Input::ReadingWanted).polls();
    assert_eq!(runs(&mut harness), []);
    assert_eq!(harness.shown.len(), 1, "the pop-up was shown before");
    // It heard of the outage, so that it hears of the end, whatever is overtaken in between.
    recovery(&mut harness);
    assert_eq!(runs(&mut harness), [Kind::Back]);
}

#[test]
fn a_hook_that_is_taken_away_leaves_nothing_behind() {
    let mut harness = with_sinks(Sink::ALL);
    outage(&mut harness);
    let first = key(&harness);
    ends(&mut harness, &first, Outcome::RetryLater("no runner".to_owned()));
    runs(&mut harness);
    let settings = harness.monitor.state().settings().clone();
    let settings = Settings { sinks: BTreeSet::from([Sink::Desktop]), ..settings };
    harness.give(Input::Reconfigured(Box::new(settings)));
    assert_eq!(harness.monitor.outboxes().of(Sink::Hook).pending().count(), 0);
    assert_eq!(harness.monitor.outboxes().of(Sink::Hook).poll_timeout(true), None);
    harness.wait(Duration::from_secs(3600).as_secs()).give(Input::ReadingWanted);
    assert_eq!(runs(&mut harness), []);
}

/// What waited when a sink was switched off while the daemon was not running.
#[test]
fn a_sink_that_is_off_at_the_start_is_not_used() {
    let mut harness = with_sinks(Sink::ALL);
    harness.screen = Screen::Missing;
    outage(&mut harness);
    runs(&mut harness);
    let settings = harness.monitor.state().settings().clone();
    let off = Settings { sinks: BTreeSet::new(), ..settings };
    harness.screen = Screen::Takes;
    harness.restart_with(off).wait(600).give(Input::ReadingWanted);
    assert_eq!((harness.shown.len(), runs(&mut harness)), (0, vec![]));
}
