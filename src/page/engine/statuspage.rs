//! Statuspage's JSON (API v2), turned into the types of `core::model`.
//!
//! The only place that knows that JSON. It is as lenient as it can be: nothing but ids must be
//! there or have the right type. What can be understood is used; the rest becomes "unknown" and
//! a line of `oddities`. Nothing that is missing or odd is ever read as operational or as down.

mod components;
mod incidents;
#[cfg(test)]
mod tests;

use serde_json::Value;

use super::PageName;
use super::lenient::{Oddities, clip, json, text, time};
use ccwatch_core::model::{Failure, FailureKind, Incident, Snapshot};

/// Reads the body of `summary.json` (or of `components.json`, which has no incidents).
///
/// `page_id` is the page that is believed; an empty one believes any page.
///
/// # Errors
/// `NotJson`, `OtherPage`, or `NotUnderstood` where not one component could be read.
pub(super) fn summary(body: &[u8], page_id: &str) -> Result<Snapshot, Failure> {
    let root = parse(body, page_id)?;
    let mut oddities = Oddities::default();
    let Some(Value::Array(rows)) = root.get("components") else {
        return Err(Failure::new(FailureKind::NotUnderstood, "no list of components"));
    };
    let (components, complete) = components::read(rows, &mut oddities);
    if components.is_empty() {
        return Err(Failure::new(FailureKind::NotUnderstood, "no component that could be read"));
    }
    let (incidents, incidents_complete) = match root.get("incidents") {
        Some(Value::Array(rows)) => {
            let (incidents, complete) = incidents::read(rows, &mut oddities);
            (Some(incidents), complete)
        }
        _ => {
            oddities.note("no list of incidents");
            (None, false)
        }
    };
    let (maintenances, maintenances_complete) = match root.get("scheduled_maintenances") {
        Some(Value::Array(rows)) => {
            let (maintenances, complete) = incidents::read_maintenances(rows, &mut oddities);
            (Some(maintenances), complete)
        }
        None | Some(Value::Null) => (None, false),
        Some(_) => {
            oddities.note("scheduled_maintenances is not a list");
            (None, false)
        }
    };
    let page = root.get("page").cloned().unwrap_or_default();
    Ok(Snapshot {
        updated_at: time(&page, "updated_at", "the page", &mut oddities),
        components,
        complete,
        incidents,
        incidents_complete,
        maintenances,
        maintenances_complete,
        oddities: oddities.into_lines(),
    })
}

/// Reads the body of `incidents.json`, in the page's order.
///
/// `page_id` is the page that is believed; an empty one believes any page.
///
/// # Errors
/// `NotJson`, `OtherPage`, or `NotUnderstood` where there is no list of incidents.
pub(super) fn incidents(body: &[u8], page_id: &str) -> Result<Vec<Incident>, Failure> {
    let root = parse(body, page_id)?;
    let Some(Value::Array(rows)) = root.get("incidents") else {
        return Err(Failure::new(FailureKind::NotUnderstood, "no list of incidents"));
    };
    Ok(incidents::read(rows, &mut Oddities::default()).0)
}

/// Which page a body is of.
pub(super) fn page_name(body: &[u8]) -> PageName {
    let root = json(body).unwrap_or_default();
    let said = |key| root.get("page").and_then(|page| text(page, key)).map(clip);
    PageName { id: said("id"), name: said("name") }
}

/// The JSON object of the page with the id `page_id`.
fn parse(body: &[u8], page_id: &str) -> Result<Value, Failure> {
    let root = json(body)?;
    if !root.is_object() {
        return Err(Failure::new(FailureKind::NotUnderstood, "not a JSON object"));
    }
    let found = root.get("page").and_then(|page| text(page, "id")).unwrap_or_default();
    if page_id.is_empty() || found == page_id {
        return Ok(root);
    }
    let detail = if found.is_empty() {
        format!("expected the page {page_id}, got one without an id")
    } else {
        format!("expected the page {page_id}, got {}", clip(found))
    };
    Err(Failure::new(FailureKind::OtherPage, detail))
}
