//! Watched groups while the page is rebuilt: who leaves one, comes under another id, or is a group
//! and one component in turn.

use crate::model::IncidentId;
use crate::settings::Settings;
use crate::state::verdict::Verdict;
use crate::testing::{CODE, Harness};

use super::names::{harness, row};

/// A group of two, watched and read.
fn east() -> Harness {
    let mut harness = harness(&["US-East"]);
    harness.page.components = vec![
        row("k1", "Compute", Some("US-East")),
        row("k2", "Storage", Some("US-East")),
        row("x", "Billing", None),
    ];
    harness.polls();
    harness
}

/// Takes a component out of its group.
fn leaves(harness: &mut Harness, id: &str, group: Option<&str>) {
    for component in harness.page.components.iter_mut().filter(|row| row.id.0 == id) {
        component.group = row(id, "", group).group;
    }
}

fn watched(harness: &Harness) -> Vec<&str> {
    harness.monitor.state().watched().map(|component| component.id.0.as_str()).collect()
}

fn bodies(harness: &mut Harness) -> Vec<String> {
    std::mem::take(&mut harness.told).into_iter().map(|notice| notice.body).collect()
}

/// Finding: a red child that left its group was dropped without a word, and the verdict was CLEAR.
#[test]
fn who_leaves_a_watched_group_while_red_is_told_to_its_end() {
    let mut harness = east();
    harness.wait(60).status("k1", "major_outage").polls();
    assert_eq!(harness.titles(), ["Major outage: Compute"]);
    leaves(&mut harness, "k1", None);
    harness.wait(60).polls();
    assert_eq!(
        bodies(&mut harness),
        [
            "On the status page Compute is no longer a part of US-East. ccwatch tells you when it is \
          back, and doesn't watch it after that; to go on, add it to watch.components in the \
          configuration."
        ]
    );
    harness.restart().wait(60).polls().wait(60).polls();
    assert_eq!((harness.titles(), watched(&harness)), (vec![], vec!["k1", "k2"]));
    assert_eq!(harness.monitor.state().verdict(harness.now), Verdict::Wait);
    harness.wait(60).status("k1", "operational").polls().wait(60).polls();
    assert_eq!(harness.titles(), ["Back: Compute, after 4 min"]);
    harness.wait(60).polls();
    assert_eq!((harness.titles(), watched(&harness)), (vec![], vec!["k2"]));
}

#[test]
fn who_leaves_a_watched_group_while_green_is_said_once() {
    let mut harness = east();
    leaves(&mut harness, "k1", Some("EU"));
    harness.wait(60).polls();
    assert_eq!(harness.told.last().unwrap().title, "No longer in US-East: Compute");
    let [body] = &bodies(&mut harness)[..] else { panic!("one message") };
    assert!(body.contains("ccwatch doesn't watch it any more; to go on, add it to"), "{body}");
    harness.restart().wait(60).polls().wait(60).status("k1", "major_outage").polls();
    assert_eq!((harness.titles(), watched(&harness)), (vec![], vec!["k2"]));
}

/// Finding: "Storage is now called Storage".
#[test]
fn a_group_that_is_gone_leaves_its_children_watched() {
    let mut harness = east();
    harness.wait(60).status("k1", "major_outage").polls().titles();
    leaves(&mut harness, "k1", None);
    leaves(&mut harness, "k2", None);
    harness.wait(60).polls();
    assert_eq!(
        bodies(&mut harness),
        [
            "The status page has no US-East any more; Compute and Storage are still there. ccwatch goes on \
          watching them; to change that, change watch.components in the configuration."
        ]
    );
    harness.restart().wait(60).polls().wait(60).status("k1", "operational").polls();
    harness.wait(60).polls();
    assert_eq!(
        (harness.titles(), watched(&harness)),
        (vec!["Back: Compute, after 3 min".to_owned()], vec!["k1", "k2"])
    );
}

/// From one watched group to another there is nothing to say.
#[test]
fn who_moves_between_two_watched_groups_goes_on() {
    let mut harness = harness(&["US-East", "EU"]);
    harness.page.components = vec![
        row("k1", "Compute", Some("US-East")),
        row("k2", "Storage", Some("US-East")),
        row("k3", "Queue", Some("EU")),
    ];
    harness.polls().wait(60).status("k2", "major_outage").polls().titles();
    leaves(&mut harness, "k2", Some("EU"));
    harness.wait(60).polls().wait(60).status("k2", "operational").polls().wait(60).polls();
    assert_eq!(harness.titles(), ["Back: Storage, after 2 min"]);
    assert_eq!(watched(&harness), ["k1", "k2", "k3"]);
}

/// Finding: a child under another id was "gone from the page".
#[test]
fn a_child_under_another_id_is_the_same_one() {
    for (watch, red) in [(&["US-East"][..], true), (&["US-East"], false), (&[], true), (&[], false)]
    {
        let mut harness = east();
        harness.restart_with(Settings {
            watch: watch.iter().map(|entry| (*entry).to_owned()).collect(),
            ..Settings::default()
        });
        let word = if red { "major_outage" } else { "operational" };
        harness.wait(60).status("k1", word).polls().titles();
        harness.remove("k1").page.components.push(row("k9", "Compute", Some("US-East")));
        harness.status("k9", word).wait(60).polls().wait(60).polls().wait(60).polls();
        assert_eq!(harness.titles(), [""; 0], "{watch:?} {red}");
        harness.status("k9", "operational").wait(60).polls().wait(60).polls();
        let told = if red { vec!["Back: Compute, after 4 min"] } else { vec![] };
        assert_eq!(harness.titles(), told, "{watch:?} {red}");
    }
}

/// What is new in a group is not what left it.
#[test]
fn another_child_takes_over_no_outage() {
    let mut harness = east();
    harness.wait(60).status("k1", "major_outage").polls().titles();
    harness.remove("k1").page.components.push(row("k9", "Network", Some("US-East")));
    harness.wait(60).polls().wait(60).polls().wait(60).polls();
    assert_eq!(harness.titles(), ["Gone from the page: Compute"]);
}

/// Finding: told as worse, then as gone, and back after half of the time.
#[test]
fn a_group_that_becomes_one_component_while_red_goes_on_in_that() {
    let mut harness = harness(&["Claude Code"]);
    harness.polls();
    let leaf = harness.page.components.iter().find(|row| row.id.0 == CODE).unwrap().clone();
    let children = ["CLI", "Web"].map(|name| row(name, name, Some("Claude Code")));
    harness.remove(CODE).page.components.extend(children.clone());
    harness.wait(60).polls().wait(60).polls().wait(60).polls();
    assert_eq!(harness.titles(), ["Split on the page: Claude Code"]);
    harness.wait(60).status("Web", "partial_outage").polls();
    assert_eq!(harness.titles(), ["Partial outage: Web"]);
    harness.remove("CLI").remove("Web").page.components.push(leaf);
    harness.wait(240).status(CODE, "partial_outage").polls().wait(60).polls().wait(60).polls();
    assert_eq!(harness.titles(), [""; 0]);
    harness.wait(60).status(CODE, "operational").polls().wait(60).polls();
    assert_eq!(harness.titles(), ["Back: Claude Code, after 7 min"]);
    assert_eq!(harness.monitor.state().missing_entries(), [""; 0]);
}

/// Finding: red, then green by the page's own word, was held for as long as the incident went on, where
/// the id changed with the green.
#[test]
fn what_was_red_under_another_id_is_back_while_its_incident_goes_on() {
    for early in [false, true] {
        let mut harness = harness(&["Claude Code"]);
        harness.polls().wait(60).status(CODE, "major_outage");
        harness.incident("i", "investigating", &[CODE]).polls();
        assert_eq!(harness.titles(), ["Major outage: Claude Code"]);
        if early {
            harness.wait(240).status(CODE, "operational").polls().wait(60).polls();
            assert_eq!(harness.titles(), ["Back: Claude Code, after 4 min"]);
        }
        harness.remove(CODE).page.components.push(row("new", "Claude Code", None));
        harness.drop_incidents().incident("i", "identified", &["new"]);
        let incident = harness.page.incidents.as_mut().unwrap().last_mut().unwrap();
        assert_eq!(incident.id, IncidentId::from("i"));
        harness.wait(240).polls().wait(60).polls().wait(60).polls();
        let told = if early { vec![] } else { vec!["Back: Claude Code, after 4 min"] };
        assert_eq!(harness.titles(), told, "{early}");
    }
}
