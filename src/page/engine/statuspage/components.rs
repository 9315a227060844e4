//! The list of components: group rows left out, each id once, in the page's order.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::lenient::{Oddities, clip, id, text, time, word};
use ccwatch_core::model::{PageComponent, PageStatus};

/// The largest page seen has 539 rows; what is beyond this is not read.
const MAX_ROWS: usize = 2_000;

/// The status of a component that the page lists twice with two statuses: nobody can tell.
const CONFLICTING: &str = "conflicting";

/// Every component, and whether all rows could be read.
pub(super) fn read(rows: &[Value], oddities: &mut Oddities) -> (Vec<PageComponent>, bool) {
    let groups = group_ids(rows);
    let mut components: Vec<PageComponent> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    let mut unreadable = rows.len().saturating_sub(MAX_ROWS);
    if unreadable > 0 {
        oddities.note(format!("more than {MAX_ROWS} rows in the component list"));
    }
    for row in rows.iter().take(MAX_ROWS) {
        let Some(id) = id(row, "id") else {
            unreadable += 1;
            continue;
        };
        if groups.contains(id) {
            continue;
        }
        let component = component(row, id, oddities);
        match places.get(id).and_then(|&place| components.get_mut(place)) {
            Some(first) => merge(first, component, oddities),
            None => {
                places.insert(id, components.len());
                components.push(component);
            }
        }
    }
    if unreadable > 0 {
        oddities.note(format!("{unreadable} rows of the component list have no usable id"));
    }
    (components, unreadable == 0)
}

/// The ids of the rows that only sum up others. A group carries up to three marks, and not every
/// page sets all of them.
fn group_ids(rows: &[Value]) -> HashSet<&str> {
    let mut groups = HashSet::new();
    for row in rows {
        let Some(own) = id(row, "id") else { continue };
        let marked = row.get("group").and_then(Value::as_bool) == Some(true);
        if marked || row.get("components").is_some_and(Value::is_array) {
            groups.insert(own);
        }
        groups.extend(id(row, "group_id").filter(|group| *group != own));
    }
    groups
}

fn component(row: &Value, id: &str, oddities: &mut Oddities) -> PageComponent {
    let owner = format!("component {}", clip(id));
    let name = text(row, "name").unwrap_or_default();
    if name.is_empty() {
        oddities.note(format!("{owner} has no name"));
    }
    let status = PageStatus::from(word(row, "status"));
    match &status {
        PageStatus::Other(word) if word.is_empty() => {
            oddities.note(format!("{owner} has no status"));
        }
        PageStatus::Other(word) => oddities.note(format!("{owner}: unknown status {word:?}")),
        _ => {}
    }
    let updated_at = time(row, "updated_at", &owner, oddities);
    PageComponent { id: id.into(), name: name.to_owned(), status, updated_at }
}

/// Takes a second row of the same component into the first.
fn merge(first: &mut PageComponent, second: PageComponent, oddities: &mut Oddities) {
    if first.status != second.status {
        oddities.note(format!("component {} is listed with different statuses", clip(&first.id.0)));
        first.status = PageStatus::Other(CONFLICTING.to_owned());
    }
    if first.name.is_empty() {
        first.name = second.name;
    }
    first.updated_at = first.updated_at.max(second.updated_at);
}
