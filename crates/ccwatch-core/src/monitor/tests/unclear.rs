//! A word of the page that isn't known: what was before is not known any more, neither as down nor as
//! well.

use crate::model::Level;
use crate::notice::Urgency;
use crate::notice::kind::Kind;
use crate::settings::Settings;
use crate::state::verdict::Verdict;
use crate::testing::{API, CODE, Harness};

const ODD: &str = "a word of tomorrow";

fn verdict(harness: &Harness) -> Verdict {
    harness.monitor.state().verdict(harness.now)
}

#[test]
fn an_outage_whose_word_is_not_understood_is_not_known() {
    let mut harness = Harness::watching();
    harness.wait(60).status(CODE, "major_outage").polls();
    harness.wait(60).status(CODE, ODD).polls().wait(60).polls();
    assert_eq!(verdict(&harness), Verdict::Unknown);
    assert_eq!(harness.monitor.state().worst_level(), Level::Operational, "of what is known");
    harness.wait(7200).polls();
    assert_eq!(harness.take(), [Kind::Outage], "it is no news, and no end");
    // The same episode goes on, and ends.
    harness.restart().wait(60).status(CODE, "major_outage").polls();
    assert_eq!((harness.take(), verdict(&harness)), (vec![], Verdict::Wait));
    harness.wait(60).status(CODE, ODD).polls();
    harness.wait(60).status(CODE, "operational").polls().wait(60).polls();
    assert_eq!(harness.titles(), ["Back: Claude Code, after 2 h 5 min"]);
}

#[test]
fn who_is_not_known_is_not_said_to_be_down() {
    let mut harness = Harness::watching();
    harness.wait(60).status(CODE, "major_outage").status(API, "major_outage").polls();
    harness.wait(60).status(API, ODD).polls();
    assert_eq!(verdict(&harness), Verdict::Wait, "the other one is down");
    harness.wait(60).status(CODE, "operational").polls().wait(60).polls();
    let back = harness.told.last().unwrap();
    assert_eq!(
        (back.title.as_str(), back.urgency),
        ("Back: Claude Code, after 2 min", Urgency::Normal)
    );
    assert_eq!(
        back.body,
        "Claude Code: operational again. Repeat what needs only Claude Code now, on the same path. Not \
         known: Claude API. If it still fails, run: ccwatch diagnose"
    );
    assert_eq!(verdict(&harness), Verdict::Unknown);
    harness.wait(60).status(CODE, "degraded_performance").polls();
    let worse = harness.told.last().unwrap();
    assert_eq!(worse.title, "Degraded: Claude Code");
    assert!(worse.body.contains("Not known: Claude API."), "{worse:?}");
}

/// Nor is a fix told, or that it is over for the user.
#[test]
fn nothing_is_said_to_be_over_by_a_word_that_is_not_known() {
    let mut harness = Harness::watching();
    harness.wait(60).status(CODE, "major_outage").incident("a", "identified", &[CODE]).polls();
    harness.wait(60).incident("a", "resolved", &[CODE]).polls();
    harness.wait(60).status(CODE, ODD).polls().wait(60).polls();
    assert_eq!((harness.take(), verdict(&harness)), (vec![Kind::Outage], Verdict::Unknown));

    let models = vec!["sonnet".to_owned()];
    let mut harness = Harness::new(Settings { models, ..Settings::default() });
    harness.polls().wait(60).status(CODE, "major_outage").incident("a", "identified", &[CODE]);
    harness.polls().wait(60).incident("a", "identified", &[CODE]);
    harness.page.incidents.as_mut().unwrap()[0].name = "Errors on Claude Opus 4.7".to_owned();
    harness.polls().wait(60).status(CODE, ODD).polls().wait(60).polls();
    assert_eq!((harness.take(), verdict(&harness)), (vec![Kind::Outage], Verdict::Unknown));
}
