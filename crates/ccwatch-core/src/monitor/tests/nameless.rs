//! Incidents that name nobody, and what isn't watched: told or not, the page isn't green with them.

use crate::model::Impact;
use crate::notice::Urgency;
use crate::notice::kind::{Kind, Reason};
use crate::settings::{Settings, WantedKinds};
use crate::state::verdict::Verdict;
use crate::testing::{CODE, COWORK, Harness, Screen};
use crate::text::{Behind, advice, summary, waiting};

/// Posts an incident that names no component.
fn nameless(harness: &mut Harness, title: &str, impact: Impact) {
    harness.incident("n", "investigating", &[]);
    let incident = harness.page.incidents.as_mut().unwrap().last_mut().unwrap();
    (incident.name, incident.impact) = (title.to_owned(), impact);
}

fn behind(harness: &Harness) -> (Verdict, Behind) {
    let (state, now) = (harness.monitor.state(), harness.now);
    (state.verdict(now), Behind::of(state, now))
}

fn said(harness: &Harness) -> [String; 2] {
    let (state, now) = (harness.monitor.state(), harness.now);
    [summary::line(state, false, now), waiting::situation(state, now)]
}

/// Finding: a critical incident was told, no other surface knew of it, and its end was never told.
#[test]
fn a_bad_incident_that_names_nobody_is_known_everywhere_and_told_to_its_end() {
    let mut harness = Harness::watching();
    harness.wait(60);
    nameless(&mut harness, "Everything is down", Impact::Critical);
    harness.polls();
    assert_eq!(harness.titles(), ["Incident: Everything is down"]);
    assert_eq!(behind(&harness), (Verdict::Clear, Behind::Nameless));
    assert!(advice(Verdict::Clear, Behind::Nameless).contains("an incident that names nobody"));
    let green = "all that you watch is green; Everything is down (investigating, 10:01)";
    assert_eq!(said(&harness), [format!("CLEAR: {green}"), green.to_owned()]);
    harness.restart().wait(1080).incident("n", "resolved", &[]).polls();
    let over = harness.told.last().unwrap().clone();
    assert_eq!(harness.titles(), ["Incident over: Everything is down"]);
    assert_eq!((over.kind, over.reason), (Kind::Back, Reason::IncidentOver));
    assert_eq!((over.urgency, over.lasted_seconds), (Urgency::Low, Some(1080)));
    let bubbles: Vec<bool> = harness.shown.iter().map(|(_, it)| it.is_some()).collect();
    assert_eq!(bubbles, [false, true], "in the bubble of the beginning");
    harness.restart().wait(60).polls().wait(60).polls();
    assert_eq!(harness.take(), [], "once");
    assert_eq!(behind(&harness), (Verdict::Clear, Behind::Nothing));
    assert_eq!(said(&harness)[1], "the page is green");
    nameless(&mut harness, "Everything is down", Impact::Critical);
    harness.wait(60).polls();
    assert_eq!(harness.take(), [Kind::Unattributed], "listed once more, it is news");
}

#[test]
fn the_end_is_told_to_who_was_told_and_as_the_end_of_what_it_came_to_name() {
    // Not told: nothing ends.
    let mut harness = Harness::watching();
    nameless(&mut harness, "Desktop app fails to open", Impact::Minor);
    harness.wait(60).polls().incident("n", "resolved", &[]).wait(60).polls();
    assert_eq!(harness.take(), []);
    // Not wanted.
    let tell = WantedKinds::default().with(Kind::Back, false);
    let mut harness = Harness::new(Settings { tell, ..Settings::default() });
    harness.polls();
    nameless(&mut harness, "Everything is down", Impact::Critical);
    harness.wait(60).polls().incident("n", "resolved", &[]).wait(60).polls();
    assert_eq!(harness.take(), [Kind::Unattributed]);
    assert_eq!(harness.decisions.last().unwrap().reason, Reason::SwitchedOff);
    // Never shown: neither beginning nor end.
    let mut harness = Harness::watching();
    harness.screen = Screen::Missing;
    nameless(&mut harness, "Everything is down", Impact::Critical);
    harness.wait(60).polls().incident("n", "resolved", &[]).wait(60).polls();
    harness.screen = Screen::Takes;
    harness.give(crate::monitor::Input::SinkReady(crate::notice::sink::Sink::Desktop));
    harness.wait(60).polls();
    assert_eq!(harness.shown.len(), 0);
    // It names a component by and by: that one's end is the end.
    let mut harness = Harness::watching();
    nameless(&mut harness, "Everything is down", Impact::Critical);
    harness.wait(60).polls();
    for incident in harness.page.incidents.iter_mut().flatten() {
        incident.components = [CODE.into()].into();
        incident.meant = [CODE.into()].into();
    }
    harness.wait(60).polls().wait(60).incident("n", "resolved", &[]).polls().wait(60).polls();
    assert_eq!(harness.take(), [Kind::Unattributed, Kind::Outage, Kind::Back]);
}

/// Finding: "the page is green", while something is down that nobody watches.
#[test]
fn a_page_on_which_something_is_down_is_not_called_green() {
    let mut harness = Harness::watching();
    assert_eq!(behind(&harness), (Verdict::Clear, Behind::Nothing));
    harness.wait(60).status(COWORK, "major_outage").polls();
    assert_eq!(behind(&harness), (Verdict::Clear, Behind::Elsewhere));
    let green = "all that you watch is green; Claude Cowork: major outage (not watched)";
    assert_eq!(said(&harness), [format!("CLEAR: {green}"), green.to_owned()]);
    for verdict in [Verdict::Clear, Verdict::Suspect] {
        let said = advice(verdict, Behind::Elsewhere);
        assert!(said.starts_with("All that you watch is green"), "{said}");
    }
}
