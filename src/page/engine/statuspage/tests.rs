//! The shapes of the real world, and what damage to them must not do.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{incidents, summary};
use ccwatch_core::model::*;

const CLAUDE: &str = "tymt9n04zgry";
const QUIET: &str = include_str!("../../../../tests/fixtures/pages/quiet.json");
const OPEN: &str = include_str!("../../../../tests/fixtures/pages/open-incident.json");
const GROUPS: &str = include_str!("../../../../tests/fixtures/pages/groups.json");
const LOOK_ALIKE: &str = include_str!("../../../../tests/fixtures/pages/incident-io.json");
const MAINTENANCE: &str = include_str!("../../../../tests/fixtures/pages/maintenance.json");
const HISTORY: &str = include_str!("../../../../tests/fixtures/pages/incidents.json");
const OLD: &str = include_str!("../../../../tests/fixtures/pages/incidents-2019.json");
const SUMMARIES: [&str; 5] = [QUIET, OPEN, GROUPS, LOOK_ALIKE, MAINTENANCE];

fn read(body: &str) -> Snapshot {
    summary(body.as_bytes(), "").unwrap()
}

fn read_json(body: &Value) -> Snapshot {
    read(&body.to_string())
}

fn statuses(snapshot: &Snapshot) -> Vec<(&str, &str)> {
    snapshot.components.iter().map(|c| (c.id.0.as_str(), c.status.as_str())).collect()
}

fn kind<T: std::fmt::Debug>(result: Result<T, Failure>) -> FailureKind {
    result.unwrap_err().kind
}

fn names(incident: &Incident) -> Vec<&str> {
    incident.components.iter().map(|c| c.0.as_str()).collect()
}

fn at(text: &str) -> Option<jiff::Timestamp> {
    Some(text.parse().unwrap())
}

/// A page with these rows of components.
fn page(rows: Value) -> Value {
    json!({"page": {"id": CLAUDE}, "components": rows, "incidents": []})
}

#[test]
fn a_quiet_page() {
    let snapshot = summary(QUIET.as_bytes(), CLAUDE).unwrap();
    let ids: Vec<_> = snapshot.components.iter().map(|c| c.id.0.as_str()).collect();
    assert_eq!(
        ids,
        [
            "rwppv331jlwc",
            "0qbwn08sd68x",
            "k8w3r06qmzrp",
            "yyzkbfz2thpt",
            "bpp5gb3hpjcl",
            "0scnb50nvy53"
        ]
    );
    assert!(snapshot.components.iter().all(|c| c.status == PageStatus::Operational));
    assert_eq!(snapshot.components[3].name, "Claude Code");
    assert_eq!(snapshot.components[3].updated_at, at("2026-08-20T17:31:09.120Z"));
    assert!(snapshot.complete);
    assert_eq!(snapshot.incidents, Some(vec![]));
    assert_eq!(snapshot.maintenances, Some(Vec::new()));
    assert!(snapshot.oddities.is_empty(), "{:?}", snapshot.oddities);
}

#[test]
fn an_open_incident_with_offset_times() {
    let snapshot = summary(OPEN.as_bytes(), CLAUDE).unwrap();
    assert_eq!(
        statuses(&snapshot),
        [
            ("rwppv331jlwc", "degraded_performance"),
            ("k8w3r06qmzrp", "operational"),
            ("yyzkbfz2thpt", "partial_outage"),
        ]
    );
    let [incident] = &snapshot.incidents.as_ref().unwrap()[..] else { panic!("{snapshot:?}") };
    assert_eq!(incident.name, "Elevated errors on Claude Opus");
    assert_eq!((&incident.phase, &incident.impact), (&Phase::Identified, &Impact::Major));
    assert_eq!(incident.started_at, at("2026-06-03T08:51:00Z"));
    assert_eq!(incident.created_at, at("2026-06-03T08:58:40.002Z"));
    assert_eq!(incident.resolved_at, None);
    assert_eq!(names(incident), ["rwppv331jlwc", "yyzkbfz2thpt"], "one only an update names");
    let first = &incident.updates[0];
    assert_eq!(first.phase, Phase::Identified);
    assert_eq!(first.body, "The cause is known and a fix is being prepared.");
    let changes: Vec<_> =
        first.changes.iter().map(|c| (c.component.0.as_str(), c.new.as_str())).collect();
    assert_eq!(
        changes,
        [("yyzkbfz2thpt", "partial_outage"), ("rwppv331jlwc", "degraded_performance")]
    );
    assert!(snapshot.oddities.is_empty(), "{:?}", snapshot.oddities);
}

#[test]
fn group_rows_are_no_components() {
    let expected = [
        ("a1authservice", "operational"),
        ("a2pushdeliver", "degraded_performance"),
        ("b1apichildone", "operational"),
        ("c1standalone1", "major_outage"),
    ];
    let full: Value = serde_json::from_str(GROUPS).unwrap();
    assert_eq!(statuses(&read_json(&full)), expected);
    assert_eq!(
        read_json(&full).components[1].name,
        "Core Services: Push Delivery",
        "another one is called so"
    );
    assert_eq!(read_json(&full).components[0].name, "Core Authentication Service");
    let group = read_json(&full).components[0].group.clone().unwrap();
    assert_eq!(group.name, "Core Services");
    // Each of the three marks is enough.
    for kept in ["group", "components", "group_id"] {
        let mut body = full.clone();
        for row in body["components"].as_array_mut().unwrap() {
            for mark in ["group", "components", "group_id"].iter().filter(|m| **m != kept) {
                row.as_object_mut().unwrap().remove(*mark);
            }
        }
        assert_eq!(statuses(&read_json(&body)), expected, "only {kept}");
    }
}

/// A list that no page has is read up to an end, and not held to be whole.
#[test]
fn of_a_list_without_end_the_beginning_is_read() {
    let rows: Vec<Value> = (0..100_000).map(|n| json!({"id": n.to_string()})).collect();
    let mut body = page(json!([{"id": "a", "name": "API", "status": "operational"}]));
    (body["incidents"], body["scheduled_maintenances"]) = (json!(rows), json!(rows));
    let snapshot = read_json(&body);
    assert_eq!(snapshot.incidents.map(|list| list.len()), Some(2_000));
    assert_eq!(snapshot.maintenances.map(|list| list.len()), Some(2_000));
    assert!(!snapshot.incidents_complete && !snapshot.maintenances_complete);
}

#[test]
fn a_row_with_a_list_of_no_components_is_no_group() {
    let red = json!({"id": "a", "name": "API", "status": "major_outage", "components": []});
    let well = json!({"id": "b", "name": "Web", "status": "operational"});
    let snapshot = read_json(&page(json!([red, well])));
    assert_eq!(statuses(&snapshot), [("a", "major_outage"), ("b", "operational")]);
}

#[test]
fn a_look_alike_without_incidents_groups_and_time_zone() {
    let snapshot = summary(LOOK_ALIKE.as_bytes(), "01JMDK9XYNH5R2B1").unwrap();
    assert_eq!(
        statuses(&snapshot),
        [
            ("01JMXBRMFE6N2NNT7DG6XZQ6PW", "operational"),
            ("01JMXBNQPM7Y5Q6MAC1G5R9KDX", "degraded_performance"),
        ]
    );
    assert!(snapshot.complete);
    assert_eq!(snapshot.incidents, None, "not said is not none");
    assert_eq!(snapshot.oddities, ["no list of incidents"]);
}

#[test]
fn a_maintenance() {
    let snapshot = read(MAINTENANCE);
    assert_eq!(snapshot.components[2].status, PageStatus::Maintenance);
    let Some([planned]) = snapshot.maintenances.as_deref() else { panic!("{snapshot:?}") };
    let work = &planned.work;
    assert_eq!((&work.phase, &work.impact), (&Phase::InProgress, &Impact::Maintenance));
    assert_eq!(planned.scheduled_for, at("2026-08-21T09:30:00Z"));
    assert_eq!(planned.scheduled_until, at("2026-08-21T11:00:00Z"));
    assert!(snapshot.maintenances_complete);
    assert_eq!(names(work), ["k8w3r06qmzrp"]);
    assert_eq!(snapshot.incidents, Some(vec![]));
}

#[test]
fn the_history_with_updates_newest_first() {
    let history = incidents(HISTORY.as_bytes(), CLAUDE).unwrap();
    let ids: Vec<_> = history.iter().map(|i| i.id.0.as_str()).collect();
    assert_eq!(ids, ["r1resolved00", "r2nocomponen", "r3postmortem"]);
    let updates: Vec<_> = history[0].updates.iter().map(|u| u.id.as_str()).collect();
    assert_eq!(updates, ["a4resolved00", "a3monitoring", "a2identified", "a1investigat"]);
    assert_eq!(names(&history[0]), ["rwppv331jlwc", "yyzkbfz2thpt"]);
    assert_eq!(history[0].resolved_at, at("2026-08-19T16:35:58.062Z"));
    assert!(history[1].components.is_empty());
    assert_eq!(history[2].phase, Phase::Postmortem);
    assert_eq!(names(&history[2]), ["k8w3r06qmzrp"], "the list was emptied after the end");
}

#[test]
fn the_shape_of_2019() {
    let history = incidents(OLD.as_bytes(), "y2019pageid0").unwrap();
    assert_eq!(names(&history[0]), ["1v7mxwebhome"]);
    assert_eq!(history[0].created_at, at("2019-02-20T18:00:19.418Z"));
    assert!(history[0].updates[1].changes.is_empty());
    assert!(history[1].components.is_empty(), "a sentence is no component");
}

#[test]
fn what_is_refused() {
    use FailureKind::*;
    let deep = "[".repeat(10_000);
    let deep_row = format!("{{\"components\":{}", "{\"a\":".repeat(10_000));
    let table: &[(&[u8], FailureKind)] = &[
        (b"", NotJson),
        (b"<html>", NotJson),
        (&OPEN.as_bytes()[..OPEN.len() - 2], NotJson),
        (b"{\"page\":{\"id\":\"tymt9n04zgry\"},\"a\":\"\xff\xfe\"}", NotJson),
        (deep.as_bytes(), NotJson),
        (deep_row.as_bytes(), NotJson),
        (b"[]", NotUnderstood),
        (b"null", NotUnderstood),
        (b"\"operational\"", NotUnderstood),
        (b"{}", OtherPage),
        (b"{\"page\":null}", OtherPage),
        (b"{\"page\":{\"id\":7}}", OtherPage),
        (b"{\"page\":{\"id\":\"other\"}}", OtherPage),
        (b"{\"page\":{\"id\":\"tymt9n04zgry\"}}", NotUnderstood),
        (b"{\"page\":{\"id\":\"tymt9n04zgry\"},\"components\":{},\"incidents\":{}}", NotUnderstood),
    ];
    for (body, expected) in table {
        let shown = String::from_utf8_lossy(&body[..body.len().min(60)]);
        assert_eq!(kind(summary(body, CLAUDE)), *expected, "summary {shown}");
        assert_eq!(kind(incidents(body, CLAUDE)), *expected, "incidents {shown}");
    }
    for rows in [json!([]), json!([null, 7, {"id": 7}, {"id": ""}])] {
        assert_eq!(kind(summary(page(rows).to_string().as_bytes(), "")), NotUnderstood);
    }
    let detail = summary(LOOK_ALIKE.as_bytes(), CLAUDE).unwrap_err().detail;
    assert!(detail.contains(CLAUDE) && detail.contains("01JMDK9XYNH5R2B1"), "{detail}");
}

#[test]
fn an_empty_id_believes_any_page_and_a_byte_order_mark_does_no_harm() {
    assert!(summary(b"{\"components\":[{\"id\":\"a\"}]}", "").is_ok());
    assert_eq!(incidents(b"{\"incidents\":[]}", ""), Ok(vec![]));
    assert!(summary(format!("\u{feff}{QUIET}").as_bytes(), CLAUDE).is_ok());
}

#[test]
fn odd_rows() {
    let table = [
        // rows, expected statuses, complete, a word of the oddities
        (json!([{"id": "a"}]), vec![("a", "")], true, "no status"),
        (json!([{"id": "a", "name": "A", "status": null}]), vec![("a", "")], true, "no status"),
        (json!([{"id": "a", "status": "on_fire"}]), vec![("a", "on_fire")], true, "on_fire"),
        (
            json!([{"id": "a", "status": "Operational"}]),
            vec![("a", "Operational")],
            true,
            "unknown",
        ),
        (json!([{"id": "a"}, null]), vec![("a", "")], false, "1 rows"),
        (json!([{"id": "a"}, {"status": "operational"}]), vec![("a", "")], false, "1 rows"),
        (
            json!([{"id": "a", "status": "operational"}, {"id": "a", "status": "operational"}]),
            vec![("a", "operational")],
            true,
            "no name",
        ),
        (
            json!([
                {"id": "a", "status": "operational", "name": "A"},
                {"id": "a", "status": "major_outage", "name": "A"},
                {"id": "a", "status": "operational", "name": "A"}
            ]),
            vec![("a", "conflicting")],
            true,
            "different statuses",
        ),
        (
            json!([{"id": "a", "status": "operational", "updated_at": "yesterday"}]),
            vec![("a", "operational")],
            true,
            "updated_at is not a time",
        ),
    ];
    for (rows, expected, complete, oddity) in table {
        let snapshot = read_json(&page(rows.clone()));
        assert_eq!(statuses(&snapshot), expected, "{rows}");
        assert_eq!(snapshot.complete, complete, "{rows}");
        assert!(snapshot.oddities.iter().any(|o| o.contains(oddity)), "{rows} {snapshot:?}");
        for component in &snapshot.components {
            let known = component.status == PageStatus::Operational;
            assert!(known || component.status.level() == Level::Unknown);
        }
    }
}

#[test]
fn odd_incidents() {
    let row = json!({"id": "i", "updated_at": "2026-01-01T00:00:00Z"});
    let newer = json!({"id": "i", "updated_at": "2026-01-02T00:00:00Z", "name": "newer"});
    let older = json!({"id": "i", "updated_at": "2025-01-02T00:00:00Z", "name": "older"});
    let odd = json!({
        "id": "o", "name": 7, "status": "exploded", "impact": [], "created_at": "soon",
        "components": {"id": "x"}, "incident_updates": [null, 7, {"affected_components": {}}]
    });
    let mut body = page(json!([{"id": "a", "name": "A", "status": "operational"}]));
    body["incidents"] = json!([row, odd, newer, older, null, {"name": "no id"}]);
    let snapshot = read_json(&body);
    let [i, o] = &snapshot.incidents.as_ref().unwrap()[..] else { panic!("{snapshot:?}") };
    assert_eq!((i.id.0.as_str(), i.name.as_str()), ("i", "newer"));
    assert_eq!(i.phase, Phase::Other(String::new()));
    assert_eq!((o.name.as_str(), o.phase.as_str(), o.impact.as_str()), ("", "exploded", ""));
    assert_eq!((o.created_at, o.updates.len()), (None, 1));
    let all = snapshot.oddities.join("\n");
    for part in ["without a usable id", "incident i has no phase", "exploded", "created_at"] {
        assert!(all.contains(part), "{part}: {all}");
    }
}

#[test]
fn oddities_are_few_and_short() {
    let long = "x".repeat(10_000);
    let rows: Vec<_> =
        (0..100).map(|n| json!({"id": format!("c{n}"), "name": "n", "status": long})).collect();
    let snapshot = read_json(&page(Value::from(rows)));
    assert_eq!(snapshot.components.len(), 100);
    assert!(snapshot.oddities.len() <= 7);
    assert!(snapshot.oddities.iter().all(|line| line.len() < 200));
    assert!(snapshot.components.iter().all(|c| c.status.as_str().len() <= 80));
}

#[test]
fn an_incident_does_not_lend_its_components_a_status() {
    let mut body: Value = serde_json::from_str(OPEN).unwrap();
    body["incidents"][0]["components"][0]["status"] = json!("operational");
    body["components"][2]["status"] = json!(null);
    assert_eq!(read_json(&body).components[2].status, PageStatus::Other(String::new()));
}

// --- damage ---------------------------------------------------------------------------------

/// Every place in `value`, the root left out.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    let children: Vec<(String, &Value)> = match value {
        Value::Object(map) => map.iter().map(|(k, v)| (k.clone(), v)).collect(),
        Value::Array(list) => list.iter().enumerate().map(|(n, v)| (n.to_string(), v)).collect(),
        _ => return,
    };
    for (key, child) in children {
        let place = format!("{at}/{key}");
        places(child, &place, found);
        found.push(place);
    }
}

/// Values of other types, and for a text another text.
fn wrong_values(original: &Value) -> Vec<Value> {
    let all =
        [json!(null), json!(7), json!(true), json!("operational"), json!([]), json!({"id": 1})];
    let same = |a: &Value| std::mem::discriminant(a) == std::mem::discriminant(original);
    let mut wrong: Vec<Value> = all.into_iter().filter(|value| !same(value)).collect();
    if original.is_null() {
        wrong.retain(|value| !value.is_string());
    }
    if original.is_string() {
        wrong.push(json!("unheard_of"));
    }
    wrong
}

/// Every way to damage the place `at` of `body`.
fn damaged(body: &Value, at: &str) -> Vec<Value> {
    let mut results = Vec::new();
    for wrong in wrong_values(body.pointer(at).unwrap()) {
        let mut copy = body.clone();
        *copy.pointer_mut(at).unwrap() = wrong;
        results.push(copy);
    }
    let (parent, key) = at.rsplit_once('/').unwrap();
    let mut removed = body.clone();
    let mut renamed = body.clone();
    match removed.pointer_mut(parent).unwrap() {
        Value::Object(map) => {
            let value = map.remove(key).unwrap();
            let map = renamed.pointer_mut(parent).unwrap().as_object_mut().unwrap();
            map.remove(key);
            map.insert(format!("{key}_v2"), value);
            results.push(renamed);
        }
        Value::Array(list) => {
            list.remove(key.parse().unwrap());
        }
        _ => unreachable!("only containers have places"),
    }
    results.push(removed);
    results
}

/// The status that each component was given in `original`, checked against what is read from
/// `body`, which was damaged at `place`.
fn check_damage(original: &BTreeMap<String, PageStatus>, rows: &Value, place: &str, body: &Value) {
    let parts: Vec<&str> = place.split('/').skip(1).collect();
    let Ok(snapshot) = summary(body.to_string().as_bytes(), "") else {
        assert_eq!(parts, ["components"], "refused because of {place}");
        return;
    };
    for component in &snapshot.components {
        let before = &original[&component.id.0];
        assert!(
            component.status == *before || component.status.level() == Level::Unknown,
            "{place}: {component:?} was {before:?}"
        );
    }
    for (id, status) in original {
        let touched = match parts[..] {
            ["components"] => true,
            ["components", row] | ["components", row, "status"] => {
                rows[row.parse::<usize>().unwrap()]["id"] == **id
            }
            _ => false,
        };
        let found = snapshot.components.iter().find(|c| c.id.0 == *id);
        assert!(touched || found.is_some_and(|c| c.status == *status), "{place}: {id} {found:?}");
        assert!(found.is_some() || touched, "{place}: {id} vanished");
    }
    let now = body["components"].as_array().unwrap();
    let readable = now.iter().all(|row| row["id"].is_string());
    assert_eq!(snapshot.complete, readable, "{place}");
}

#[test]
fn no_damage_makes_a_component_look_well() {
    let mut tried = 0;
    for text in SUMMARIES {
        let body: Value = serde_json::from_str(text).unwrap();
        let rows = body["components"].as_array().unwrap();
        let own = rows.iter().filter(|row| row["group"] != true);
        let original = own
            .map(|row| {
                (row["id"].as_str().unwrap().to_owned(), row["status"].as_str().unwrap().into())
            })
            .collect();
        let mut all = Vec::new();
        places(&body, "", &mut all);
        for place in all.iter().filter(|p| !p.ends_with("/id")) {
            for copy in damaged(&body, place) {
                check_damage(&original, &body["components"], place, &copy);
                tried += 1;
            }
        }
    }
    assert!(tried > 3000, "only {tried} cases");
}

#[test]
fn no_damage_to_the_history_panics_or_loses_a_whole_list() {
    for text in [HISTORY, OLD] {
        let body: Value = serde_json::from_str(text).unwrap();
        let count = incidents(text.as_bytes(), "").unwrap().len();
        let mut all = Vec::new();
        places(&body, "", &mut all);
        for place in all.iter().filter(|p| !p.ends_with("/id") && *p != "/incidents") {
            for copy in damaged(&body, place) {
                let found = incidents(copy.to_string().as_bytes(), "").unwrap().len();
                let row_hit = place.matches('/').count() == 2 && place.starts_with("/incidents/");
                assert_eq!(found, count - usize::from(row_hit), "{place}");
            }
        }
    }
}

/// JSON that often uses the page's own keys, so that it gets past the first look.
fn arbitrary_json() -> impl Strategy<Value = Value> {
    let key = prop_oneof![
        Just("id"),
        Just("page"),
        Just("components"),
        Just("incidents"),
        Just("incident_updates"),
        Just("affected_components"),
        Just("status"),
        Just("group"),
        Just("group_id"),
        Just("created_at"),
        Just("code"),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        Just(json!("tymt9n04zgry")),
        Just(json!("partial_outage")),
        Just(json!("2026-06-03T02:14:01-07:00")),
    ];
    leaf.prop_recursive(6, 60, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((key.clone(), inner), 0..8).prop_map(|pairs| {
                Value::from(
                    pairs
                        .into_iter()
                        .map(|(k, v)| (k.to_owned(), v))
                        .collect::<serde_json::Map<_, _>>(),
                )
            }),
        ]
    })
}

proptest! {
    #[test]
    fn any_bytes_are_survived(body in prop::collection::vec(any::<u8>(), 0..600)) {
        let _ = (summary(&body, ""), incidents(&body, ""));
    }

    #[test]
    fn any_cut_and_flip_is_survived(cut in any::<usize>(), place in any::<usize>(), byte: u8) {
        for text in [OPEN, GROUPS, HISTORY] {
            // A cut that takes no more than white space leaves everything.
            let mut body = text.trim_end().as_bytes().to_vec();
            let place = place % body.len();
            body[place] = byte;
            let _ = (summary(&body, ""), incidents(&body, ""));
            body.truncate(cut % body.len());
            prop_assert!(summary(&body, "").is_err());
        }
    }

    #[test]
    fn any_json_is_survived_and_never_operational(
        components in arbitrary_json(),
        incident_list in arbitrary_json(),
    ) {
        let body = json!({"components": components, "incidents": incident_list}).to_string();
        if let Ok(snapshot) = summary(body.as_bytes(), "") {
            prop_assert!(!snapshot.components.is_empty());
            prop_assert!(snapshot.components.iter().all(|c| c.status != PageStatus::Operational));
            prop_assert!(snapshot.oddities.len() <= 7);
        }
        let _ = incidents(body.as_bytes(), CLAUDE);
    }
}

// --- real captures --------------------------------------------------------------------------

fn captures(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            captures(&path, found);
        } else if path.extension().is_some_and(|e| e == "json") {
            found.push(path);
        }
    }
}

#[test]
fn real_captures_are_understood() {
    let Some(folder) = std::env::var_os("CCWATCH_CAPTURES") else {
        println!("SKIPPED: CCWATCH_CAPTURES names no folder with captures");
        return;
    };
    let mut paths = Vec::new();
    captures(Path::new(&folder), &mut paths);
    assert!(!paths.is_empty(), "no *.json below {}", folder.display());
    for path in paths {
        let body = fs::read(&path).unwrap();
        let raw: Value = serde_json::from_slice(&body).unwrap();
        if raw.get("components").is_some() {
            let snapshot = summary(&body, "").unwrap();
            let rows = raw["components"].as_array().unwrap();
            let groups = rows.iter().filter(|row| row["group"] == true).count();
            println!(
                "{}: {} rows, {groups} groups, {} components, {:?}",
                path.display(),
                rows.len(),
                snapshot.components.len(),
                snapshot.oddities
            );
            assert_eq!(snapshot.components.len(), rows.len() - groups, "{}", path.display());
            assert!(snapshot.complete);
            assert!(snapshot.components.iter().all(|c| c.status.level() != Level::Unknown));
            assert!(snapshot.components.iter().all(|c| c.updated_at.is_some()));
        }
        if raw.get("incidents").is_some() {
            let list = incidents(&body, "").unwrap();
            println!("{}: {} incidents", path.display(), list.len());
            assert_eq!(list.len(), raw["incidents"].as_array().unwrap().len());
            for incident in &list {
                assert!(!matches!(incident.phase, Phase::Other(_)), "{incident:?}");
                assert!(!matches!(incident.impact, Impact::Other(_)), "{incident:?}");
                assert!(incident.created_at.is_some() && !incident.updates.is_empty());
                assert!(incident.updates.is_sorted_by_key(|u| std::cmp::Reverse(u.created_at)));
            }
        }
    }
}
