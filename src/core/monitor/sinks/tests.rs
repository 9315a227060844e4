use std::time::Duration;

use crate::core::monitor::Input;
use crate::core::notice::Kind;
use crate::core::outbox::Outcome;
use crate::core::script::{API, Screen, Stage};
use crate::core::settings::Settings;

/// A stage whose user has a hook, after a first green reading.
fn with_hook(settings: Settings) -> Stage {
    let mut stage = Stage::new(Settings { hook: true, ..settings });
    stage.polls();
    stage
}

fn runs(stage: &mut Stage) -> Vec<Kind> {
    std::mem::take(&mut stage.hooked).into_iter().map(|notice| notice.kind).collect()
}

/// The newest run of the hook ends.
fn ends(stage: &mut Stage, key: &str, outcome: Outcome) {
    stage.give(Input::HookDone { key: key.to_owned(), outcome });
}

fn key(stage: &Stage) -> String {
    stage.hooked.last().expect("a run").key.clone()
}

fn outage(stage: &mut Stage) {
    stage.wait(60).status(API, "major_outage").polls();
}

fn recovery(stage: &mut Stage) {
    stage.wait(60).status(API, "operational").polls();
    stage.wait(60).polls();
}

#[test]
fn neither_sink_waits_for_the_other() {
    let mut stage = with_hook(Settings::default());
    stage.screen = Screen::Missing;
    outage(&mut stage);
    let first = key(&stage);
    assert_eq!((stage.shown.len(), runs(&mut stage)), (0, vec![Kind::Outage]));
    ends(&mut stage, &first, Outcome::Shown(None));
    stage.screen = Screen::Takes;
    stage.give(Input::ServerAppeared);
    assert_eq!(stage.shown.len(), 1);
    recovery(&mut stage);
    assert_eq!((stage.shown.len(), runs(&mut stage)), (2, vec![Kind::Back]));
    stage.wait(3600).give(Input::ReadingWanted);
    assert_eq!((stage.shown.len(), runs(&mut stage)), (2, vec![]), "nothing twice");
}

#[test]
fn without_pop_ups_the_hook_is_run_all_the_same() {
    let mut stage = with_hook(Settings { desktop: false, ..Settings::default() });
    outage(&mut stage);
    assert_eq!((stage.shown.len(), runs(&mut stage)), (0, vec![Kind::Outage]));
}

#[test]
fn without_a_hook_none_is_run() {
    let mut stage = Stage::watching();
    outage(&mut stage);
    assert_eq!((stage.shown.len(), runs(&mut stage)), (1, vec![]));
}

#[test]
fn a_hook_that_fails_is_repeated_once_and_the_pop_up_is_not() {
    let mut stage = with_hook(Settings::default());
    outage(&mut stage);
    let first = key(&stage);
    ends(&mut stage, &first, Outcome::Unanswered);
    stage.wait(29).give(Input::ReadingWanted);
    assert_eq!(runs(&mut stage), [Kind::Outage]);
    stage.wait(2).give(Input::ReadingWanted);
    assert_eq!(key(&stage), first, "the same key");
    ends(&mut stage, &first, Outcome::Unanswered);
    stage.wait(3600).give(Input::ReadingWanted);
    assert_eq!(runs(&mut stage), [Kind::Outage], "repeated once");
    assert_eq!(stage.shown.len(), 1);
}

#[test]
fn one_at_a_time_and_only_what_still_holds() {
    let mut stage = with_hook(Settings::default());
    outage(&mut stage);
    let first = key(&stage);
    assert_eq!(runs(&mut stage), [Kind::Outage]);
    recovery(&mut stage);
    assert_eq!(runs(&mut stage), [], "the first one still runs");
    ends(&mut stage, &first, Outcome::Shown(None));
    assert_eq!(runs(&mut stage), [Kind::Back]);
}

#[test]
fn what_is_over_before_the_hook_could_be_run_is_not_told() {
    let mut stage = with_hook(Settings::default());
    let refuse = |stage: &mut Stage| {
        let key = key(stage);
        ends(stage, &key, Outcome::NotYet("no runner".to_owned()));
    };
    outage(&mut stage);
    refuse(&mut stage);
    stage.wait(60).status(API, "operational").polls();
    refuse(&mut stage);
    stage.wait(60).polls();
    refuse(&mut stage);
    assert_eq!(stage.take(), [Kind::Outage, Kind::Back], "as the screen shows it");
    stage.wait(3600).give(Input::ReadingWanted);
    assert_eq!(runs(&mut stage), [Kind::Outage; 3], "tried, and never the end of it");
    assert_eq!(stage.monitor.hook().pending().count(), 0);
}

#[test]
fn what_was_in_flight_at_a_restart_is_run_again_and_what_was_done_is_not() {
    let mut stage = with_hook(Settings::default());
    outage(&mut stage);
    let first = key(&stage);
    stage.restart().wait(1).give(Input::ReadingWanted);
    assert_eq!(key(&stage), first);
    assert_eq!(runs(&mut stage), [Kind::Outage, Kind::Outage]);
    ends(&mut stage, &first, Outcome::Shown(None));
    stage.restart().wait(1).give(Input::ReadingWanted);
    assert_eq!(runs(&mut stage), []);
    assert_eq!(stage.shown.len(), 1, "the pop-up was shown before");
    // It heard of the outage, so that it hears of the end, whatever is overtaken in between.
    recovery(&mut stage);
    assert_eq!(runs(&mut stage), [Kind::Back]);
}

#[test]
fn a_hook_that_is_taken_away_leaves_nothing_behind() {
    let mut stage = with_hook(Settings::default());
    outage(&mut stage);
    let first = key(&stage);
    ends(&mut stage, &first, Outcome::NotYet("no runner".to_owned()));
    runs(&mut stage);
    let settings = Settings { hook: false, ..stage.monitor.settings().clone() };
    stage.give(Input::Reconfigured(Box::new(settings)));
    assert_eq!(stage.monitor.hook().pending().count(), 0);
    assert_eq!(stage.monitor.hook().poll_timeout(), None);
    stage.wait(Duration::from_secs(3600).as_secs()).give(Input::ReadingWanted);
    assert_eq!(runs(&mut stage), []);
}

/// What waited when a sink was switched off while the daemon was not running.
#[test]
fn a_sink_that_is_off_at_the_start_is_not_used() {
    let mut stage = with_hook(Settings::default());
    stage.screen = Screen::Missing;
    outage(&mut stage);
    runs(&mut stage);
    let off = Settings { hook: false, desktop: false, ..stage.monitor.settings().clone() };
    stage.screen = Screen::Takes;
    stage.restart_with(off).wait(600).give(Input::ReadingWanted);
    assert_eq!((stage.shown.len(), runs(&mut stage)), (0, vec![]));
}
