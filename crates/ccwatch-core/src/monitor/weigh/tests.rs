//! Stopped with a notice that was not delivered, and started later on another page.

use std::collections::BTreeSet;

use crate::deliver::delivery::Outcome;
use crate::model::FailureKind;
use crate::monitor::Input;
use crate::notice::Notice;
use crate::notice::kind::Kind;
use crate::notice::sink::Sink;
use crate::settings::Settings;
use crate::testing::{API, CODE, Harness, Screen, green};

const MINUTE: u64 = 60;
const DAYS: u64 = 3 * 24 * 3600;

/// What the page says at the start.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Page {
    Green,
    Same,
    Worse,
    Milder,
    Another,
    Unreachable,
}

const PAGES: [Page; 6] =
    [Page::Green, Page::Same, Page::Worse, Page::Milder, Page::Another, Page::Unreachable];

fn turn(harness: &mut Harness, page: Page) {
    match page {
        Page::Green => {
            harness.page = green();
        }
        Page::Same | Page::Unreachable => {}
        Page::Worse => {
            harness.status(API, "major_outage");
        }
        Page::Milder => {
            harness.status(API, "degraded_performance");
        }
        Page::Another => {
            harness.page = green();
            harness.status(CODE, "degraded_performance");
        }
    }
}

/// An outage that was decided; `shown`: on the screen, `hooked`: by the hook.
fn stopped(shown: bool, hooked: bool) -> Harness {
    let mut harness =
        Harness::new(Settings { sinks: BTreeSet::from(Sink::ALL), ..Settings::default() });
    harness.polls();
    harness.screen = if shown { Screen::Takes } else { Screen::Missing };
    harness.wait(60).status(API, "partial_outage").incident("abc", "investigating", &[API]).polls();
    assert_eq!(harness.take(), [Kind::Outage]);
    if hooked {
        hook_takes(&mut harness);
    }
    harness
}

/// The hook is run for all that it was given.
fn hook_takes(harness: &mut Harness) {
    let mut done = 0;
    while let Some(notice) = harness.hooked.get(done) {
        let key = notice.key.clone();
        harness.give(Input::Delivered { sink: Sink::Hook, key, outcome: Outcome::Delivered(None) });
        done += 1;
    }
}

fn titles(notices: &[Notice]) -> Vec<&str> {
    notices.iter().map(|notice| notice.title.as_str()).collect()
}

/// Starts on that page, and lets it stay as it is for a while: what each sink is told.
fn started(mut harness: Harness, page: Page, later: u64) -> [Vec<String>; 2] {
    harness.wait(later);
    turn(&mut harness, page);
    harness.screen = Screen::Takes;
    (harness.shown, harness.hooked) = (Vec::new(), Vec::new());
    harness.restart();
    harness.monitor.handle_timeout(harness.now);
    harness.give(Input::SinkReady(Sink::Desktop));
    assert!(harness.shown.is_empty() && harness.hooked.is_empty(), "before a first reading");
    for _ in 0..6 {
        match page {
            Page::Unreachable => harness.wait(30).fails(FailureKind::Timeout),
            _ => harness.wait(30).polls(),
        };
        hook_takes(&mut harness);
    }
    let shown: Vec<Notice> = harness.shown.iter().map(|(notice, _)| notice.clone()).collect();
    [&shown, &harness.hooked].map(|told| titles(told).iter().map(ToString::to_string).collect())
}

/// What a sink must be told, which was told of the outage or was not.
fn expected(page: Page, told: bool) -> &'static [&'static str] {
    match (page, told) {
        (Page::Unreachable, _) => &[],
        (Page::Green, false) => &[],
        (Page::Green, true) => &["Back: Claude API"],
        (Page::Same, false) => &["Partial outage: Claude API"],
        (Page::Same | Page::Milder, true) => &[],
        (Page::Worse, _) => &["Major outage: Claude API"],
        (Page::Milder, false) => &["Degraded: Claude API"],
        (Page::Another, false) => &["Degraded: Claude Code"],
        (Page::Another, true) => &["Degraded: Claude Code", "Back: Claude API"],
    }
}

#[test]
fn an_outage_that_waited_says_what_the_page_says_or_nothing() {
    for (shown, hooked) in [(false, false), (true, false), (false, true), (true, true)] {
        for later in [MINUTE, DAYS] {
            for page in PAGES {
                let told = started(stopped(shown, hooked), page, later);
                for (sink, told, heard) in [("screen", &told[0], shown), ("hook", &told[1], hooked)]
                {
                    let mut expected = expected(page, heard).to_vec();
                    // Another sink was told of the outage: this one hears of its end, too.
                    if page == Page::Another && !heard && (shown || hooked) {
                        expected.push("Back: Claude API");
                    }
                    let fits = told.len() == expected.len()
                        && told.iter().zip(&expected).all(|(told, e)| told.starts_with(e));
                    assert!(
                        fits,
                        "{page:?} {later} s later, shown {shown}, by hook {hooked}: the {sink} was \
                         told {told:?}, not {expected:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn a_return_that_waited_is_told_if_the_page_bears_it_out() {
    for later in [MINUTE, DAYS] {
        for page in PAGES {
            let mut harness = stopped(true, true);
            harness.screen = Screen::Missing;
            let red = harness.page.clone();
            harness.page = green();
            harness.wait(60).polls().wait(60).polls();
            assert_eq!(harness.take(), [Kind::Back]);
            if page != Page::Green {
                harness.page = red;
            }
            let told = started(harness, page, later);
            // An incident that was silent for days explains nothing new.
            let expected: &[&str] = match (page, later) {
                (Page::Green, _) => &["Back: Claude API"],
                (Page::Unreachable, _) => &[],
                (Page::Same, DAYS) => &["Partial outage: Claude API"],
                (Page::Worse, DAYS) => &["Major outage: Claude API"],
                (Page::Milder, DAYS) => &["Degraded: Claude API"],
                (Page::Same, _) => &["Partial outage again: Claude API"],
                (Page::Worse, _) => &["Major outage again: Claude API"],
                (Page::Milder, _) => &["Degraded again: Claude API"],
                (Page::Another, _) => &["Back: Claude API", "Degraded: Claude Code"],
            };
            for told in told {
                let mut told: Vec<&str> = told.iter().map(String::as_str).collect();
                told.sort_unstable();
                let fits = told.len() == expected.len()
                    && told.iter().zip(expected).all(|(told, e)| told.starts_with(e));
                assert!(fits, "{page:?} {later} s later: {told:?}");
            }
        }
    }
}

#[test]
fn what_waits_for_a_server_waits_while_a_recovery_settles() {
    let mut harness = stopped(false, true);
    let red = harness.page.clone();
    harness.page = green();
    harness.wait(60).polls();
    harness.screen = Screen::Takes;
    harness.give(Input::SinkReady(Sink::Desktop));
    assert_eq!(harness.shown.len(), 0, "the page is green");
    harness.page = red;
    harness.wait(10).polls();
    let shown: Vec<&str> = harness.shown.iter().map(|(n, _)| n.title.as_str()).collect();
    assert_eq!(shown, ["Partial outage: Claude API"], "it was not over");
}

#[test]
fn young_and_true_it_goes_out_unchanged_with_its_key_and_old_in_new_words() {
    for (later, same) in [(MINUTE, true), (DAYS, false)] {
        let mut harness = stopped(false, false);
        let before = harness.monitor.outboxes().of(Sink::Desktop).pending().next().unwrap().clone();
        harness.wait(later).screen = Screen::Takes;
        harness.restart().polls();
        let (after, _) = harness.shown.last().unwrap();
        assert_eq!(after.key, before.key);
        assert_eq!(*after == before, same, "{later}: {after:?}");
    }
}
