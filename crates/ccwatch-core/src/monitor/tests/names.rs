//! Names: what the user's words mean, and what the page's titles name.

use crate::model::{Group, Impact, Level, PageComponent};
use crate::notice::kind::Kind;
use crate::notice::reason::Reason;
use crate::settings::Settings;
use crate::state::verdict::Verdict;
use crate::testing::{API, CHAT, CODE, Harness};

fn harness(watch: &[&str]) -> Harness {
    let watch = watch.iter().map(|entry| (*entry).to_owned()).collect();
    Harness::new(Settings { watch, ..Settings::default() })
}

fn row(id: &str, name: &str, group: Option<&str>) -> PageComponent {
    let group = group.map(|group| Group { id: format!("id of {group}"), name: group.to_owned() });
    PageComponent {
        id: id.into(),
        name: name.to_owned(),
        group,
        status: "operational".into(),
        updated_at: None,
    }
}

fn watched(harness: &Harness) -> Vec<&str> {
    harness.monitor.state().watched().map(|component| component.id.0.as_str()).collect()
}

fn level(harness: &Harness, id: &str) -> Level {
    let mut components = harness.monitor.state().components().iter();
    components.find(|component| component.id.0 == id).unwrap().level
}

#[test]
fn an_exact_name_goes_before_one_that_is_cut() {
    let mut harness = harness(&["Claude API"]);
    harness.page.components.push(row("beta", "Claude API (beta)", None));
    harness.page.components.push(row("exact", "claude api", None));
    harness.polls();
    assert_eq!(watched(&harness), ["exact"]);
}

#[test]
fn an_empty_list_watches_everything() {
    let mut harness = harness(&[]);
    harness.page.components.push(row("x", "anything", None));
    harness.polls();
    assert_eq!(watched(&harness).len(), harness.page.components.len());
}

/// Nobody watches it, which is the reason, and not the switch.
#[test]
fn a_nameless_incident_about_what_nobody_watches_is_not_told_for_that() {
    let mut harness = harness(&["Claude API"]);
    harness.polls().wait(60);
    nameless(&mut harness, "Elevated errors in Claude Code", Impact::Minor);
    harness.polls();
    let code = harness.transitions.iter().rfind(|it| it.component.0 == CODE).unwrap();
    assert_eq!((code.to, code.reason), (Level::Reported, Reason::NotWatched));
}

#[test]
fn a_group_is_watched_by_its_name_and_stands_before_names_that_repeat() {
    let mut harness = harness(&["US-East"]);
    harness.page.components = vec![
        row("a", "US-East: Object Storage", Some("US-East")),
        row("b", "Compute", Some("US-East")),
        row("c", "EU: Object Storage", Some("EU")),
    ];
    harness.polls();
    assert_eq!(watched(&harness), ["a", "b"]);
    assert_eq!(harness.monitor.state().page_health().unmatched, Vec::<String>::new());
    harness.wait(60).status("a", "major_outage").status("c", "major_outage").polls();
    assert_eq!(harness.titles(), ["Major outage: US-East: Object Storage"]);
    harness.restart().wait(60).polls();
    assert_eq!(watched(&harness), ["a", "b"], "a restart forgets no group");
}

#[test]
fn two_entries_that_mean_the_same_are_both_matched() {
    let mut harness = harness(&["US-East", "Compute", "nowhere"]);
    harness.page.components = vec![row("b", "Compute", Some("US-East"))];
    harness.polls();
    assert_eq!(harness.monitor.state().page_health().unmatched, ["nowhere"]);
}

#[test]
fn a_renamed_component_stays_watched_and_that_is_said_once() {
    let mut harness = Harness::watching();
    let code = |harness: &mut Harness, name: &str| {
        let row = harness.page.components.iter_mut().find(|row| row.id.0 == CODE).unwrap();
        row.name = name.to_owned();
    };
    code(&mut harness, "Claude Code (cli)");
    harness.wait(60).polls();
    assert_eq!(harness.take(), [], "only the parenthesis is another one");
    code(&mut harness, "Claude Agent");
    harness.wait(60).polls().wait(60).polls().restart().wait(60).polls();
    assert_eq!(harness.titles(), ["Renamed on the page: Claude Code"]);
    harness.wait(60).status(CODE, "major_outage").polls();
    assert_eq!(harness.titles(), ["Major outage: Claude Agent"]);
}

#[test]
fn what_takes_the_place_of_a_component_is_watched_and_that_is_said_once() {
    let mut harness = Harness::watching();
    harness.remove(API);
    harness.page.components.push(row("batch", "Claude API - Batch", None));
    harness.page.components.push(row("chat", "Claude API - Messages", None));
    harness.wait(60).polls().wait(60).polls().wait(60).polls();
    assert_eq!(harness.titles(), ["Split on the page: Claude API"]);
    assert!(watched(&harness).contains(&"batch"), "{:?}", watched(&harness));
    harness.restart().wait(60).status("batch", "partial_outage").polls();
    assert_eq!(harness.titles(), ["Partial outage: Claude API - Batch"]);
}

/// Posts an incident that names no component.
fn nameless(harness: &mut Harness, title: &str, impact: Impact) {
    harness.incident("n", "investigating", &[]);
    let incident = harness.page.incidents.as_mut().unwrap().last_mut().unwrap();
    (incident.name, incident.impact) = (title.to_owned(), impact);
}

#[test]
fn an_incident_that_names_no_component_counts_for_the_product_in_its_title() {
    for (title, impact, id, told) in [
        ("Elevated errors in Claude Code", Impact::Minor, Some(CODE), false),
        ("Elevated errors in Claude Code", Impact::Major, Some(CODE), true),
        ("Claude.ai is slow", Impact::Critical, Some(CHAT), true),
        ("API errors", Impact::None, Some(API), false),
        ("Desktop app fails to open", Impact::Minor, None, false),
        ("Desktop app fails to open", Impact::Major, None, true),
    ] {
        let mut harness = Harness::watching();
        harness.wait(60);
        nameless(&mut harness, title, impact.clone());
        harness.polls();
        for other in [CODE, CHAT, API] {
            let expected = if id == Some(other) { Level::Reported } else { Level::Operational };
            assert_eq!(level(&harness, other), expected, "{title}: {other}");
        }
        let verdict = if id.is_some() { Verdict::Wait } else { Verdict::Clear };
        assert_eq!(harness.monitor.state().verdict(harness.now), verdict, "{title}");
        let kind = if id.is_some() { Kind::Outage } else { Kind::Unattributed };
        assert_eq!(harness.take(), if told { vec![kind] } else { vec![] }, "{title} {impact:?}");
        harness.wait(60).incident("n", "resolved", &[]).polls().wait(60).polls();
        let back = told && id.is_some();
        assert_eq!(harness.take(), if back { vec![Kind::Back] } else { vec![] }, "{title}");
    }
}

/// An id that changes with each reading is one incident, told once.
#[test]
fn an_incident_whose_id_rotates_is_one() {
    let mut harness = Harness::watching();
    harness.wait(60);
    nameless(&mut harness, "Desktop app fails to open", Impact::Major);
    harness.polls();
    assert_eq!(harness.take(), [Kind::Unattributed]);
    for n in 0..3 {
        let incident = harness.page.incidents.as_mut().unwrap().last_mut().unwrap();
        incident.id = format!("n{n}").as_str().into();
        harness.wait(60).polls();
    }
    assert_eq!(harness.take(), []);
    assert_eq!(harness.monitor.state().incidents().known.len(), 1);
}
