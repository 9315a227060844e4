//! What is milder than the user wants to hear of, after an outage that was told.

use crate::history::page_at::{Look, Outcome, Past, page_at};
use crate::model::Level;
use crate::notice::kind::Reason;
use crate::settings::Settings;
use crate::state::filter::Filter;
use crate::state::verdict::Verdict;
use crate::testing::{CODE, Harness};
use crate::text::{summary, waiting};
use std::time::Duration;

fn from(min_level: Level) -> Harness {
    let mut harness = Harness::new(Settings { min_level, ..Settings::default() });
    harness.polls();
    harness
}

fn filter(harness: &Harness) -> Option<Filter> {
    let state = harness.monitor.state();
    let code = state.components().iter().find(|component| component.id.0 == CODE).unwrap();
    state.filter(code)
}

/// Finding: an incident that is only reported held the end of an outage for 51 minutes, and a fresh look
/// at the same page said CLEAR.
#[test]
fn what_is_only_reported_by_another_incident_holds_no_end() {
    let mut harness = from(Level::Partial);
    harness.wait(60).status(CODE, "partial_outage").incident("a", "investigating", &[CODE]).polls();
    harness.take();
    harness.wait(420).status(CODE, "operational").incident("a", "resolved", &[]);
    harness.incident("b", "investigating", &[CODE]).polls();
    assert_eq!(harness.monitor.state().verdict(harness.now), Verdict::Retry);
    harness.restart().wait(60).polls();
    let told = harness.told.last().unwrap().clone();
    assert_eq!(told.reason, Reason::MilderOnly);
    assert_eq!(harness.titles(), ["Back: Claude Code, after 7 min"]);
    assert_eq!(
        told.body,
        "Claude Code: what goes on is milder than watch.min_level: Elevated errors on Claude models \
         (investigating, 10:08). Repeat the same request now, on the same path. If it still fails, \
         run: ccwatch diagnose"
    );
    assert_eq!(filter(&harness), Some(Filter::BelowMinLevel));
    harness.wait(3600).polls();
    assert_eq!(harness.monitor.state().verdict(harness.now), Verdict::Clear, "as at a first look");
    let fresh = {
        let mut fresh = from(Level::Partial);
        fresh.page = harness.page.clone();
        fresh.wait(3600).polls();
        waiting::situation(fresh.monitor.state(), fresh.now)
    };
    assert_eq!(waiting::situation(harness.monitor.state(), harness.now), fresh);
    // Bad again, it is told again; and its end.
    harness.wait(60).status(CODE, "major_outage").polls();
    assert_eq!(harness.titles(), ["Major outage: Claude Code"]);
    harness.wait(60).status(CODE, "operational").polls().wait(60).polls();
    assert_eq!(harness.titles(), ["Back: Claude Code, after 1 min"]);
}

/// Without such a wish it goes on, and so it does where the light is red, for who was told waits.
#[test]
fn what_is_wanted_or_red_goes_on() {
    let mut harness = from(Level::Reported);
    harness.wait(60).status(CODE, "partial_outage").incident("a", "investigating", &[CODE]).polls();
    harness.wait(420).status(CODE, "operational").incident("a", "resolved", &[]);
    harness.incident("b", "investigating", &[CODE]).polls().wait(60).polls();
    assert_eq!(harness.titles(), ["Partial outage: Claude Code"]);
    assert_eq!(harness.monitor.state().verdict(harness.now), Verdict::Wait);
    let mut harness = from(Level::Major);
    harness.wait(60).status(CODE, "major_outage").polls();
    harness.wait(60).status(CODE, "partial_outage").polls().wait(60).polls();
    assert_eq!(harness.titles(), ["Major outage: Claude Code"]);
    assert_eq!(
        (filter(&harness), harness.monitor.state().verdict(harness.now)),
        (None, Verdict::Wait)
    );
    let line = summary::line(harness.monitor.state(), false, harness.now);
    assert_eq!(line, "WAIT: Claude Code: partial outage since 10:01");
}

/// Finding: beside WAIT, `diagnose` said that nobody tells of the end.
#[test]
fn the_page_of_a_moment_is_filtered_as_the_verdict_is() {
    for (before, now, min_level, expected) in [
        ("major_outage", "partial_outage", Level::Major, None),
        ("operational", "partial_outage", Level::Major, Some(Filter::BelowMinLevel)),
        ("major_outage", "degraded_performance", Level::Partial, None),
        (
            "degraded_performance",
            "degraded_performance",
            Level::Partial,
            Some(Filter::BelowMinLevel),
        ),
    ] {
        let mut harness = from(min_level);
        harness.wait(60).status(CODE, before).polls().wait(60).status(CODE, now).polls();
        let (state, at) = (harness.monitor.state(), harness.now);
        let looks = [Look { at, outcome: Outcome::Good }];
        let past = Past {
            components: state.components(),
            transitions: &harness.transitions,
            looks: &looks,
            incidents: &[],
            works: &[],
            whole_since: None,
            listed_at: None,
            read_at: Some(at),
            interval: Duration::from_secs(60),
            stale_after: Duration::from_secs(600),
            live: false,
        };
        let then = page_at(at, &past).filtered_by(state.settings());
        let code = then.components.iter().find(|component| component.id.0 == CODE).unwrap();
        assert_eq!((code.filtered, filter(&harness)), (expected, expected), "{before} {now}");
    }
}
