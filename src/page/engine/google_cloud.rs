//! Vertex AI in some regions of Google Cloud, out of its list of incidents.
//!
//! Products are told by their ids: the titles are being renamed.

use std::collections::BTreeSet;

use serde_json::Value;

use super::lenient::{Oddities, clip, id, json, list, text, time};
use super::regions::{self, Effect, Event, Watched, plain};
use ccwatch_core::model::{ComponentId, Failure, FailureKind, Incident, Snapshot};

/// Vertex AI's online prediction and its Gemini API, by which Claude is served, too.
const PRODUCTS: [&str; 2] = ["sdXM79fz1FS6ekNpu37K", "Z0FZJAMvEB4j3NbCJs6B"];
/// What is beyond this is not read; the real list has about 150 incidents.
const MAX_ROWS: usize = 5_000;

/// What the list says now of Vertex AI in these regions.
///
/// # Errors
/// `NotJson`, or `NotUnderstood` where it is no list.
pub(super) fn summary(body: &[u8], regions: &[String]) -> Result<Snapshot, Failure> {
    let (events, unclear, oddities) = read(body, regions)?;
    let watched: Vec<Watched> = regions.iter().map(|region| component(region)).collect();
    Ok(regions::snapshot(&watched, events, unclear, oddities))
}

/// The incidents of Vertex AI in these regions, those that are over, too.
///
/// # Errors
/// As for [`summary`].
pub(super) fn incidents(body: &[u8], regions: &[String]) -> Result<Vec<Incident>, Failure> {
    let (events, ..) = read(body, regions)?;
    Ok(events.into_iter().map(regions::incident).collect())
}

/// Every region that an incident of any product has named.
pub(super) fn regions_named(body: &[u8]) -> BTreeSet<String> {
    let rows = json(body).unwrap_or_default();
    let rows = rows.as_array().map(Vec::as_slice).unwrap_or_default();
    let keys = ["currently_affected_locations", "previously_affected_locations"];
    let places = rows.iter().take(MAX_ROWS).flat_map(|row| keys.map(|key| list(row, key)));
    places.flatten().filter_map(|place| id(place, "id")).map(clip).collect()
}

fn component(region: &str) -> Watched {
    (key(region), format!("Vertex AI ({region})"))
}

fn key(region: &str) -> ComponentId {
    ComponentId(format!("vertex-{region}"))
}

/// The events that concern us, and whether a row that wasn't understood may do so.
fn read(body: &[u8], regions: &[String]) -> Result<(Vec<Event>, bool, Oddities), Failure> {
    let Value::Array(rows) = json(body)? else {
        return Err(Failure::new(FailureKind::NotUnderstood, "not a list of incidents"));
    };
    let (mut events, mut oddities) = (Vec::new(), Oddities::default());
    let mut unclear = rows.len() > MAX_ROWS;
    for row in rows.iter().take(MAX_ROWS) {
        match event(row, regions, &mut oddities) {
            Ok(event) => events.extend(event),
            Err(why) => {
                unclear = true;
                oddities.note(why);
            }
        }
    }
    Ok((events, unclear, oddities))
}

/// The row as an event, where it is one of Vertex AI in one of the regions; an error says what of
/// it isn't understood.
fn event(
    row: &Value,
    regions: &[String],
    oddities: &mut Oddities,
) -> Result<Option<Event>, String> {
    let own = id(row, "id").ok_or("an incident without a usable id")?;
    let owner = format!("incident {}", clip(own));
    let ended = row.get("end").is_some_and(|end| !end.is_null());
    let Some(Value::Array(products)) = row.get("affected_products") else {
        // What is over can't make anything red.
        return if ended { Ok(None) } else { Err(format!("{owner} names no products")) };
    };
    if !products.iter().filter_map(|product| id(product, "id")).any(|id| PRODUCTS.contains(&id)) {
        return Ok(None);
    }
    let effects = effects(row, regions, ended);
    if effects.is_empty() {
        return Ok(None);
    }
    let update = |update: &Value| {
        let at = time(update, "when", &owner, &mut Oddities::default());
        (at, plain(text(update, "text").unwrap_or_default()))
    };
    Ok(Some(Event {
        id: own.to_owned(),
        title: plain(text(row, "external_desc").unwrap_or_default()),
        began: time(row, "begin", &owner, oddities),
        ended: ended.then(|| time(row, "end", &owner, oddities)),
        updates: list(row, "updates").iter().map(update).collect(),
        effects,
    }))
}

/// What it does to which region: where it is over, where it was; and where it says nowhere where
/// it is, nobody can tell.
fn effects(row: &Value, regions: &[String], ended: bool) -> Vec<(ComponentId, Effect)> {
    let places =
        |key| list(row, key).iter().filter_map(|place| id(place, "id")).collect::<Vec<_>>();
    let (now, before) =
        (places("currently_affected_locations"), places("previously_affected_locations"));
    let effect = match text(row, "status_impact") {
        _ if ended => Effect::Named,
        Some("SERVICE_INFORMATION") => Effect::Named,
        Some("SERVICE_DISRUPTION") => Effect::Partial,
        Some("SERVICE_OUTAGE") => Effect::Major,
        Some(_) | None => Effect::Unclear,
    };
    let in_region = |region: &String| {
        let is_there = |places: &[&str]| places.iter().any(|place| place == region);
        let effect = match (is_there(&now), ended) {
            (true, _) => Some(effect),
            (false, true) => (is_there(&before) || before.is_empty()).then_some(Effect::Named),
            (false, false) => (now.is_empty() && before.is_empty()).then_some(Effect::Unclear),
        };
        effect.map(|effect| (key(region), effect))
    };
    regions.iter().filter_map(in_region).collect()
}
