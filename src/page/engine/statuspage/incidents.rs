//! Lists of incidents and maintenances, which share one shape.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::Value;

use crate::page::engine::lenient::{Oddities, clip, id, list, text, time, word};
use ccwatch_core::model::{
    Change, ComponentId, Impact, Incident, IncidentId, Maintenance, PageStatus, Phase, Update,
};

/// Real lists have 50; what is beyond this is not read.
const MAX_ROWS: usize = 2_000;

/// Every incident that has an id, each once, in the page's order, and whether every row was one.
pub(super) fn read(rows: &[Value], oddities: &mut Oddities) -> (Vec<Incident>, bool) {
    let mut complete = rows.len() <= MAX_ROWS;
    if !complete {
        oddities.note(format!("more than {MAX_ROWS} rows in a list of incidents"));
    }
    let mut incidents: Vec<Incident> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for row in rows.iter().take(MAX_ROWS) {
        let Some(id) = id(row, "id") else {
            oddities.note("an incident without a usable id");
            complete = false;
            continue;
        };
        let incident = incident(row, id, oddities);
        match places.get(id).and_then(|&place| incidents.get_mut(place)) {
            Some(first) if incident.updated_at > first.updated_at => *first = incident,
            Some(_) => {}
            None => {
                places.insert(id, incidents.len());
                incidents.push(incident);
            }
        }
    }
    (incidents, complete)
}

/// The same of announced work, which says when it is to begin and to be over.
pub(super) fn read_maintenances(
    rows: &[Value],
    oddities: &mut Oddities,
) -> (Vec<Maintenance>, bool) {
    let (works, complete) = read(rows, oddities);
    let planned = |work: Incident| {
        // Of two rows of one id the newer one was taken.
        let of_it = |row: &&Value| {
            let updated_at = || time(row, "updated_at", "", &mut Oddities::default());
            id(row, "id") == Some(work.id.0.as_str()) && updated_at() == work.updated_at
        };
        let row = rows.iter().find(of_it);
        let owner = format!("incident {}", clip(&work.id.0));
        let mut at = |key| row.and_then(|row| time(row, key, &owner, oddities));
        let (scheduled_for, scheduled_until) = (at("scheduled_for"), at("scheduled_until"));
        Maintenance { work, scheduled_for, scheduled_until }
    };
    (works.into_iter().map(planned).collect(), complete)
}

fn incident(row: &Value, id: &str, oddities: &mut Oddities) -> Incident {
    let owner = format!("incident {}", clip(id));
    let updates = updates(row, &owner, oddities);
    let mut time = |key| time(row, key, &owner, oddities);
    let (created_at, started_at) = (time("created_at"), time("started_at"));
    let (updated_at, resolved_at) = (time("updated_at"), time("resolved_at"));
    Incident {
        id: IncidentId::from(id),
        name: text(row, "name").unwrap_or_default().to_owned(),
        phase: phase(row, &owner, oddities),
        impact: Impact::from(word(row, "impact")),
        created_at,
        started_at,
        updated_at,
        resolved_at,
        components: named(row, &updates),
        meant: meant(row, &updates),
        updates,
    }
}

fn phase(row: &Value, owner: &str, oddities: &mut Oddities) -> Phase {
    let phase = Phase::from(word(row, "status"));
    match &phase {
        Phase::Other(word) if word.is_empty() => oddities.note(format!("{owner} has no phase")),
        Phase::Other(word) => oddities.note(format!("{owner}: unknown phase {word:?}")),
        _ => {}
    }
    phase
}

/// The components that the incident or one of its updates names. The status beside an
/// incident's component is the component's status of now, so it is not looked at.
fn named(row: &Value, updates: &[Update]) -> BTreeSet<ComponentId> {
    let listed = list(row, "components").iter().filter_map(|component| id(component, "id"));
    let changed = updates.iter().flat_map(|update| &update.changes);
    listed.map(ComponentId::from).chain(changed.map(|change| change.component.clone())).collect()
}

/// The components that it still means: those that it lists now. Where it lists none, each that an
/// update names and that none of its updates has set to operational since.
fn meant(row: &Value, updates: &[Update]) -> BTreeSet<ComponentId> {
    let listed = list(row, "components").iter().filter_map(|component| id(component, "id"));
    let listed: BTreeSet<ComponentId> = listed.map(ComponentId::from).collect();
    if !listed.is_empty() {
        return listed;
    }
    let mut last: BTreeMap<&ComponentId, &PageStatus> = BTreeMap::new();
    for change in updates.iter().flat_map(|update| &update.changes) {
        last.entry(&change.component).or_insert(&change.new);
    }
    let open = last.into_iter().filter(|(_, status)| **status != PageStatus::Operational);
    open.map(|(component, _)| component.clone()).collect()
}

/// The updates, newest first; those without a time last.
fn updates(row: &Value, owner: &str, oddities: &mut Oddities) -> Vec<Update> {
    let rows = list(row, "incident_updates").iter().filter(|update| update.is_object());
    let mut updates: Vec<Update> = rows
        .map(|update| Update {
            id: id(update, "id").unwrap_or_default().to_owned(),
            phase: Phase::from(word(update, "status")),
            body: text(update, "body").unwrap_or_default().to_owned(),
            created_at: time(update, "created_at", owner, oddities),
            changes: list(update, "affected_components").iter().filter_map(change).collect(),
        })
        .collect();
    updates.sort_by_key(|update| Reverse(update.created_at));
    updates
}

/// Rows without a code are sentences such as "No components were affected by this update."
fn change(row: &Value) -> Option<Change> {
    let component = ComponentId::from(id(row, "code")?);
    Some(Change { component, new: PageStatus::from(word(row, "new_status")) })
}
