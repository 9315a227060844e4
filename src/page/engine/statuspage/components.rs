//! The list of components: group rows left out, each id once, in the page's order.

use std::collections::HashMap;

use serde_json::Value;

use crate::page::engine::lenient::{Oddities, clip, id, list, text, time, word};
use ccwatch_core::model::{Group, PageComponent, PageStatus};
use ccwatch_core::settings::plain_name;
use ccwatch_core::state::watchlist::qualified;

/// The largest page seen has 539 rows; what is beyond this is not read.
const MAX_ROWS: usize = 2_000;

/// The status of a component that the page lists twice with two statuses: nobody can tell.
const CONFLICTING: &str = "conflicting";

/// Every component, and whether all rows could be read.
pub(super) fn read(rows: &[Value], oddities: &mut Oddities) -> (Vec<PageComponent>, bool) {
    let groups = groups(rows);
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
        if groups.contains_key(id) {
            continue;
        }
        let group = id_of_group(row).and_then(|group| groups.get(group)).cloned().flatten();
        let component = PageComponent { group, ..component(row, id, oddities) };
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
    tell_apart(&mut components);
    (components, unreadable == 0)
}

/// The rows that only sum up others, with the group that each stands for, where it has a name. A
/// group carries up to three marks, and not every page sets all of them.
fn groups(rows: &[Value]) -> HashMap<&str, Option<Group>> {
    let mut groups: HashMap<&str, Option<Group>> = HashMap::new();
    for row in rows {
        let Some(own) = id(row, "id") else { continue };
        let marked = row.get("group").and_then(Value::as_bool) == Some(true);
        // A list of nothing marks no group: other pages may give every row one.
        if marked || !list(row, "components").is_empty() {
            groups.entry(own).or_default();
        }
        if let Some(group) = id_of_group(row).filter(|group| *group != own) {
            groups.entry(group).or_default();
        }
    }
    for row in rows {
        let named = text(row, "name").filter(|name| !name.is_empty());
        if let (Some(own), Some(name)) = (id(row, "id"), named)
            && let Some(group) = groups.get_mut(own)
        {
            *group = Some(Group { id: own.to_owned(), name: name.to_owned() });
        }
    }
    groups
}

fn id_of_group(row: &Value) -> Option<&str> {
    id(row, "group_id")
}

/// Children of several groups often have the same names: there the group's stands before it.
fn tell_apart(components: &mut [PageComponent]) {
    let mut seen: HashMap<String, usize> = HashMap::new();
    for component in components.iter() {
        *seen.entry(plain_name(&component.name)).or_default() += 1;
    }
    for component in components {
        let repeats = seen.get(&plain_name(&component.name)).is_some_and(|times| *times > 1);
        if let Some(group) = component.group.as_ref().filter(|_| repeats) {
            component.name = qualified(&component.name, group);
        }
    }
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
    PageComponent { id: id.into(), name: name.to_owned(), group: None, status, updated_at }
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
