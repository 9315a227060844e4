//! Vertex AI in some regions of Google Cloud, out of its list of incidents.
//!
//! Products are told by their ids: the titles are being renamed.

use std::collections::BTreeSet;

use serde_json::Value;

use super::lenient::{Oddities, clip, ended, id, json, list, text, time};
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
    Ok(regions::snapshot(&watched, events, &unclear, oddities))
}

/// The incidents of Vertex AI in these regions, those that are over, too.
///
/// # Errors
/// As for [`summary`].
pub(super) fn incidents(body: &[u8], regions: &[String]) -> Result<Vec<Incident>, Failure> {
    let (events, ..) = read(body, regions)?;
    Ok(regions::incidents(events))
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

/// The events that concern us, and what a row may concern that wasn't understood.
fn read(
    body: &[u8],
    regions: &[String],
) -> Result<(Vec<Event>, Vec<ComponentId>, Oddities), Failure> {
    let Value::Array(rows) = json(body)? else {
        return Err(Failure::new(FailureKind::NotUnderstood, "not a list of incidents"));
    };
    let (mut events, mut oddities) = (Vec::new(), Oddities::default());
    let mut unclear = Vec::new();
    if rows.len() > MAX_ROWS {
        unclear.extend(regions.iter().map(|region| key(region)));
        oddities.note("too many incidents");
    }
    for row in rows.iter().take(MAX_ROWS) {
        match event(row, regions, &mut oddities) {
            Ok(event) => events.extend(event),
            Err(why) => {
                // What it says of where it is or was counts, whatever else it doesn't say.
                let mut here = effects(row, regions, false);
                here.extend(effects(row, regions, true));
                if !here.is_empty() {
                    unclear.extend(here.into_iter().map(|(region, _)| region));
                    oddities.note(why);
                }
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
    let own = id(row, "id");
    let owner = format!("incident {}", own.map(clip).unwrap_or_default());
    let ended = ended(row.get("end"), |end| end.as_str()?.parse().ok());
    // What is over can't make anything red.
    let over = matches!(ended, Ok(Some(_)));
    match is_of_vertex(row) {
        Some(true) => {}
        None if !over => return Err(format!("{owner} names no products")),
        Some(false) | None => return Ok(None),
    }
    let mut here = effects(row, regions, over);
    // Where it is over it may still go on elsewhere.
    let over_here = here.is_empty();
    if over_here {
        here = effects(row, regions, true);
    }
    if here.is_empty() {
        return Ok(None);
    }
    let own = own.ok_or("an incident without a usable id")?;
    let ended = match ended {
        Err(_) if over_here => None,
        ended => ended.map_err(|why| format!("{owner}: {why}"))?,
    };
    let update = |update: &Value| {
        let at = time(update, "when", &owner, &mut Oddities::default());
        (at, plain(text(update, "text").unwrap_or_default()))
    };
    Ok(Some(Event {
        id: own.to_owned(),
        title: plain(text(row, "external_desc").unwrap_or_default()),
        began: time(row, "begin", &owner, oddities),
        ended: (over || over_here).then_some(ended),
        updates: list(row, "updates").iter().map(update).collect(),
        effects: here,
    }))
}

/// Whether it is about one of the products; none where it doesn't say about which it is.
fn is_of_vertex(row: &Value) -> Option<bool> {
    let products: Vec<Option<&str>> =
        list(row, "affected_products").iter().map(|product| id(product, "id")).collect();
    let mut named = products.iter().copied().chain([id(row, "service_key")]).flatten();
    if named.any(|product| PRODUCTS.contains(&product)) {
        return Some(true);
    }
    let says = !products.is_empty() && products.iter().all(Option::is_some);
    says.then_some(false)
}

/// What it does to which region: where it is over, where it was; and where it doesn't say where it
/// is, nobody can tell.
fn effects(row: &Value, regions: &[String], over: bool) -> Vec<(ComponentId, Effect)> {
    let (now, is_whole) = places(row, "currently_affected_locations");
    let (before, _) = places(row, "previously_affected_locations");
    let nowhere = now.is_empty() && before.is_empty();
    let effect = match text(row, "status_impact") {
        _ if over => Effect::Named,
        Some("SERVICE_INFORMATION") => Effect::Named,
        Some("SERVICE_DISRUPTION") => Effect::Partial,
        Some("SERVICE_OUTAGE") => Effect::Major,
        Some(_) | None => Effect::Unclear,
    };
    let in_region = |region: &String| {
        let is_there = |places: &[&str]| places.iter().any(|place| is_in(place, region));
        let effect = match (is_there(&now), over) {
            (true, _) => Some(effect),
            (false, true) => (nowhere || is_there(&before)).then_some(Effect::Named),
            (false, false) => (nowhere || !is_whole).then_some(Effect::Unclear),
        };
        effect.map(|effect| (key(region), effect))
    };
    regions.iter().filter_map(in_region).collect()
}

/// Whether a place is a region, or a zone in it such as "us-east5-a".
fn is_in(place: &str, region: &str) -> bool {
    let place = place.to_ascii_lowercase();
    let zone = place.strip_prefix(region).map(str::as_bytes);
    matches!(zone, Some([] | [b'-', b'a'..=b'z']))
}

/// The ids of the places under `key`, and whether that is a list of which each has one.
fn places<'a>(row: &'a Value, key: &str) -> (Vec<&'a str>, bool) {
    let ids: Vec<&str> = list(row, key).iter().filter_map(|place| id(place, "id")).collect();
    let is_whole = row.get(key).and_then(Value::as_array).is_some_and(|all| all.len() == ids.len());
    (ids, is_whole)
}
