//! The page itself in trouble, as a play.

use crate::model::FailureKind as K;
use crate::notice::kind::{Kind, Reason};
use crate::notice::sink::Sink;
use crate::settings::{Settings, WantedKinds};
use crate::state::verdict::Verdict;
use crate::testing::{API, CHAT, CODE, Harness, Screen};
use crate::text::waiting::{Goal, situation};

use super::super::Input;

/// Fails once a minute.
fn fails(harness: &mut Harness, kind: K, minutes: usize) {
    for _ in 0..minutes {
        harness.wait(60).fails(kind);
    }
}

#[test]
fn a_page_that_can_be_reached_and_not_used_is_told_once_after_an_hour_and_once_when_right_again() {
    for kind in K::ALL {
        let mut harness = Harness::watching();
        fails(&mut harness, *kind, 60);
        assert_eq!(harness.take(), [], "{kind:?}: not before an hour");
        fails(&mut harness, *kind, 3);
        harness.restart();
        fails(&mut harness, *kind, 60 * 48);
        let told = harness.take();
        let shown = harness.shown.len();
        harness.wait(60).polls().wait(60).polls();
        if kind.is_of_the_page() {
            assert_eq!((told, shown), (vec![Kind::PageTrouble], 1), "{kind:?}");
            assert_eq!(harness.take(), [Kind::PageReadable], "{kind:?}");
            assert_eq!(harness.shown[1].1.as_ref().unwrap().id, 1, "in the same bubble");
        } else {
            assert_eq!((told, harness.take()), (vec![], vec![]), "{kind:?}: that is no news");
        }
    }
}

#[test]
fn it_says_what_is_wrong_and_what_to_do() {
    let mut harness = Harness::watching();
    fails(&mut harness, K::Redirect, 61);
    let notice = harness.told.first().unwrap().clone();
    assert_eq!(notice.title, "The status page has moved");
    assert_eq!(
        notice.body,
        "Since 10:01: the page sends us elsewhere. Your network works. Until that is right ccwatch \
         can't tell how things are. Check page.url."
    );
    harness.wait(60).polls();
    assert_eq!(harness.told.last().unwrap().title, "The status page can be read again");
}

#[test]
fn a_night_without_network_or_asleep_is_no_hour_of_trouble() {
    let mut harness = Harness::watching();
    fails(&mut harness, K::OtherPage, 40);
    fails(&mut harness, K::Dns, 1);
    fails(&mut harness, K::OtherPage, 40);
    assert_eq!(harness.take(), []);
    harness.wait(8 * 3600).fails(K::OtherPage);
    assert_eq!(harness.take(), []);
    fails(&mut harness, K::OtherPage, 60);
    assert_eq!(harness.take(), [Kind::PageTrouble]);
}

#[test]
fn while_something_is_red_lost_sight_is_what_is_told() {
    let mut harness = Harness::watching();
    harness.wait(60).status(CODE, "partial_outage").polls();
    fails(&mut harness, K::BotWall, 180);
    assert_eq!(harness.take(), [Kind::Outage, Kind::LostSight]);
}

#[test]
fn a_page_that_was_never_read_is_told_too_and_switched_off_it_is_quiet() {
    let mut harness = Harness::with_defaults();
    fails(&mut harness, K::BotWall, 62);
    assert_eq!((harness.take(), harness.shown.len()), (vec![Kind::PageTrouble], 1));

    let tell = WantedKinds::default().with(Kind::PageTrouble, false);
    let mut harness = Harness::new(Settings { tell, ..Settings::default() });
    fails(&mut harness, K::BotWall, 300);
    harness.wait(60).polls();
    assert_eq!(harness.take(), []);
    let off = harness.decisions.iter().filter(|d| d.reason == Reason::SwitchedOff).count();
    assert_eq!(off, 1);
}

#[test]
fn a_message_that_waited_over_a_restart_goes_out_only_if_it_still_is_so() {
    for (still, expected) in [(true, 1), (false, 0)] {
        let mut harness = Harness::watching();
        harness.screen = Screen::Missing;
        fails(&mut harness, K::Redirect, 62);
        assert_eq!((harness.take(), harness.shown.len()), (vec![Kind::PageTrouble], 0));
        harness.restart().screen = Screen::Takes;
        harness.wait(60).give(Input::SinkReady(Sink::Desktop));
        assert_eq!(harness.shown.len(), 0, "nobody knows yet whether it still is so");
        if still {
            harness.fails(K::Redirect);
        } else {
            harness.polls();
        }
        harness.wait(60).give(Input::SinkReady(Sink::Desktop));
        assert_eq!(harness.shown.len(), expected, "{still}");
    }
}

#[test]
fn an_entry_that_matches_nothing_is_unknown_and_told_once() {
    let watch = ["Claude Code", "Claude Cod"].map(str::to_owned).to_vec();
    let mut harness = Harness::new(Settings { watch: watch.clone(), ..Settings::default() });
    harness.polls();
    let verdict = |harness: &Harness| harness.monitor.state().verdict(harness.now);
    assert_eq!((harness.take(), verdict(&harness)), (vec![], Verdict::Unknown));
    harness.wait(60).polls();
    let notice = harness.told.first().unwrap().clone();
    assert_eq!(notice.title, "Not on the page: Claude Cod");
    assert_eq!(harness.take(), [Kind::ComponentGone]);
    for _ in 0..10 {
        harness.restart().wait(60).polls();
    }
    assert_eq!(harness.take(), []);
    let state = harness.monitor.state();
    assert_eq!(state.missing_entries(), ["Claude Cod"]);
    assert!(
        situation(state, harness.now).ends_with("nothing on the page answers to \"Claude Cod\"")
    );
    assert!(!Goal::Retry.is_reached(state, harness.now));
    assert!(!Goal::Clear.is_reached(state, harness.now));
    assert!(Goal::Retry.is_over(state, harness.now), "waiting won't bring it");
    harness.wait(60).status(CODE, "partial_outage").polls();
    assert_eq!(verdict(&harness), Verdict::Wait, "what is worse is known");
    let fixed = Settings { watch: vec!["Claude Code".to_owned()], ..Settings::default() };
    harness.restart_with(fixed).wait(60).status(CODE, "operational").polls().wait(60).polls();
    assert_eq!(verdict(&harness), Verdict::Retry);
    harness.restart_with(Settings { watch, ..Settings::default() });
    harness.take();
    harness.wait(60).polls().wait(60).polls();
    assert_eq!(harness.take(), [Kind::ComponentGone], "it was right in between");
}

#[test]
fn an_entry_whose_component_left_is_unknown_and_a_second_name_of_one_is_not() {
    let mut harness = Harness::watching();
    harness.remove(CHAT);
    harness.wait(60).polls();
    assert_eq!(harness.monitor.state().verdict(harness.now), Verdict::Unknown);
    harness.wait(60).polls().wait(60).polls().restart().wait(60).polls();
    assert_eq!(harness.take(), [Kind::ComponentGone]);
    assert_eq!(harness.monitor.state().missing_entries(), ["claude.ai"]);
    assert_eq!(harness.monitor.state().verdict(harness.now), Verdict::Unknown);

    let watch = ["Claude API", API, "Claude Code"].map(str::to_owned).to_vec();
    let mut harness = Harness::new(Settings { watch, ..Settings::default() });
    harness.polls().wait(60).polls();
    assert_eq!(harness.take(), []);
    assert_eq!(harness.monitor.state().verdict(harness.now), Verdict::Clear);

    let mut harness = Harness::new(Settings { watch: Vec::new(), ..Settings::default() });
    harness.polls().remove(CHAT).wait(60).polls().wait(60).polls();
    assert_eq!(harness.take(), [Kind::ComponentGone]);
    let verdict = harness.monitor.state().verdict(harness.now);
    assert_eq!(verdict, Verdict::Clear, "everything that there is is watched, and is well");
}
