//! Amazon Bedrock in some AWS regions, out of the public feed of AWS Health.
//!
//! The feed isn't documented, so whatever surprises means "can't tell" for each region that it may
//! concern. It has had two shapes, which are told apart row by row: one with `impacted_services`
//! (a level for each service and region, "0" to "3"), and one with an object for each incident of
//! one service in one region, whose times are in milliseconds. The first is sent as UTF-16.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::lenient::{Oddities, decode, json, text};
use super::regions::{self, Effect, Event, Watched, plain};
use ccwatch_core::model::{ComponentId, Failure, FailureKind, Incident, Snapshot};

/// The service, as the first shape names it and as the second does.
const SERVICE: &str = "bedrock";
/// What is beyond this is not read; real feeds have about thirty rows.
const MAX_ROWS: usize = 2_000;
/// The longest id of an incident that is kept.
const MAX_ID: usize = 64;

/// What the feed says now of the service in these regions.
///
/// # Errors
/// `NotJson`, or `NotUnderstood` where it is no list.
pub(super) fn summary(body: &[u8], regions: &[String]) -> Result<Snapshot, Failure> {
    let feed = Feed::read(body, regions)?;
    Ok(regions::snapshot(&feed.watched, feed.events, feed.unclear, feed.oddities))
}

/// The incidents that the feed still has; it keeps those that are over for some days.
///
/// # Errors
/// As for [`summary`].
pub(super) fn incidents(body: &[u8], regions: &[String]) -> Result<Vec<Incident>, Failure> {
    let feed = Feed::read(body, regions)?;
    Ok(feed.events.into_iter().map(regions::incident).collect())
}

/// What of the feed concerns the regions.
struct Feed {
    watched: Vec<Watched>,
    events: Vec<Event>,
    /// Whether a row wasn't understood that may concern one of them.
    unclear: bool,
    oddities: Oddities,
}

impl Feed {
    fn read(body: &[u8], regions: &[String]) -> Result<Self, Failure> {
        let Value::Array(rows) = json(decode(body)?.as_bytes())? else {
            return Err(Failure::new(FailureKind::NotUnderstood, "not a list of events"));
        };
        let mut feed = Self {
            watched: regions.iter().map(|region| component(region)).collect(),
            events: Vec::new(),
            unclear: rows.len() > MAX_ROWS,
            oddities: Oddities::default(),
        };
        for row in rows.iter().take(MAX_ROWS) {
            match event(row, regions) {
                Ok(event) => feed.events.extend(event),
                Err(_) if is_elsewhere(row, regions) => {}
                Err(why) => {
                    feed.unclear = true;
                    feed.oddities.note(why);
                }
            }
        }
        Ok(feed)
    }
}

fn component(region: &str) -> Watched {
    (ComponentId(key(region)), format!("Amazon Bedrock ({region})"))
}

fn key(region: &str) -> String {
    format!("{SERVICE}-{region}")
}

/// The row as an event, where it concerns the service in one of the regions; an error says what of
/// it isn't understood.
fn event(row: &Value, regions: &[String]) -> Result<Option<Event>, String> {
    let Value::Object(row) = row else { return Err("a row that is no object".to_owned()) };
    if row.contains_key("impacted_services") || row.contains_key("event_log") {
        return of_many_services(row, regions);
    }
    if row.contains_key("region") && row.contains_key("typeCode") {
        return of_one_service(row, regions);
    }
    Err("an event of an unknown shape".to_owned())
}

/// The first shape: an event with a level for each service in a region that it concerns.
fn of_many_services(row: &Map<String, Value>, regions: &[String]) -> Result<Option<Event>, String> {
    let log = entries(row.get("event_log"))?;
    let own = row.get("service").and_then(Value::as_str);
    let impacted = match row.get("impacted_services") {
        None | Some(Value::Null) if own.is_none() => {
            return Err("an event of no service".to_owned());
        }
        None | Some(Value::Null) => None,
        Some(Value::Object(services)) => Some(services),
        Some(_) => return Err("impacted_services is no object".to_owned()),
    };
    let level_in = |region: &String| {
        let key = key(region);
        let level = match impacted.and_then(|services| services.get(&key)) {
            Some(service) => level(service.get("current")),
            // An event of the service alone may leave that list out; then its newest word counts.
            None if own == Some(&key) => level(log.last().and_then(|entry| entry.get("status"))),
            None => return None,
        };
        Some((ComponentId(key), level))
    };
    let named: Vec<_> = regions.iter().filter_map(level_in).collect();
    if named.is_empty() {
        return Ok(None);
    }
    let arn = row.get("arn").and_then(Value::as_str).ok_or("an event without an arn")?;
    let ended = match row.get("end_time") {
        None | Some(Value::Null) => false,
        Some(Value::String(time)) => !time.is_empty(),
        Some(_) => true,
    };
    Ok(Some(Event {
        id: id(arn.rsplit('/').next().unwrap_or(arn)),
        title: title(row.get("summary").and_then(Value::as_str).unwrap_or_default()),
        began: row.get("date").and_then(seconds),
        ended: end(ended, row.get("end_time").and_then(seconds), &named),
        effects: effects(named, ended),
        updates: updates(log),
    }))
}

/// The second shape: an incident of one service in one region. How bad it is stands in its log
/// alone, and notes such as the withdrawal of a model have the type code of an outage.
fn of_one_service(row: &Map<String, Value>, regions: &[String]) -> Result<Option<Event>, String> {
    let word = |key| row.get(key).and_then(Value::as_str).ok_or(format!("an event without {key}"));
    let service = word("service")?.to_lowercase();
    let region = regions.iter().find(|region| Some(region.as_str()) == word("region").ok());
    let Some(region) = region.filter(|_| service == SERVICE) else {
        word("region")?;
        return Ok(None);
    };
    let began = row.get("startTime").and_then(milliseconds).ok_or("an event without a start")?;
    let log = row.get("metadata").and_then(|metadata| metadata.get("EVENT_LOG"));
    let log = log.and_then(Value::as_str).ok_or("an event without a log")?;
    let log: Value = serde_json::from_str(log).map_err(|_| "a log that is no JSON")?;
    let log = entries(Some(&log))?;
    let newest = log.last().ok_or("an event with an empty log")?;
    let ended = row.get("endTime").is_some_and(|end| !end.is_null());
    let named = vec![(ComponentId(key(region)), level(newest.get("status")))];
    Ok(Some(Event {
        id: id(&format!("bedrock{region}{}", began.as_millisecond())),
        title: title(text(newest, "summary").unwrap_or_default()),
        began: Some(began),
        ended: end(ended, row.get("endTime").and_then(milliseconds), &named),
        effects: effects(named, ended),
        updates: updates(log),
    }))
}

/// A level of the feed: none for "0", well again.
fn level(value: Option<&Value>) -> Option<Effect> {
    let level = match value {
        Some(Value::String(level)) => level.parse().ok(),
        Some(value) => value.as_u64(),
        None => None,
    };
    match level {
        Some(0) => None,
        // "Informational": it says that there is something, not how bad it is.
        Some(1) => Some(Effect::Named),
        Some(2) => Some(Effect::Degraded),
        Some(3) => Some(Effect::Major),
        Some(_) | None => Some(Effect::Unclear),
    }
}

/// When it ended, if it did: by its own word, or since it is well again wherever that matters here.
fn end(
    ended: bool,
    at: Option<Timestamp>,
    named: &[(ComponentId, Option<Effect>)],
) -> Option<Option<Timestamp>> {
    let well = named.iter().all(|(_, level)| level.is_none());
    (ended || well).then_some(at)
}

/// How it leaves those that it names. What has ended, or is well again everywhere, only named them.
fn effects(named: Vec<(ComponentId, Option<Effect>)>, ended: bool) -> Vec<(ComponentId, Effect)> {
    let over = ended || named.iter().all(|(_, level)| level.is_none());
    let effect = |(component, level): (ComponentId, Option<Effect>)| match over {
        true => Some((component, Effect::Named)),
        false => level.map(|effect| (component, effect)),
    };
    named.into_iter().filter_map(effect).collect()
}

/// Whether a row that isn't understood names a region, and none of ours.
fn is_elsewhere(row: &Value, regions: &[String]) -> bool {
    let service = text(row, "service").filter(|service| service.contains('-'));
    let arn =
        text(row, "arn").and_then(|arn| arn.split(':').nth(3)).filter(|place| !place.is_empty());
    let places = [service, arn, text(row, "region")];
    let mut named = places.into_iter().flatten().peekable();
    // What it says to be impacted counts more than where it calls itself at home.
    let impacted = row.get("impacted_services").and_then(Value::as_object);
    let ours = impacted.is_some_and(|them| regions.iter().any(|it| them.contains_key(&key(it))));
    // One that spans the world, or says nowhere where it is, may be here as well.
    !ours
        && named.peek().is_some()
        && named.all(|place| {
            place != "global" && !regions.iter().any(|region| place.ends_with(region.as_str()))
        })
}

/// The entries of a log, oldest first.
fn entries(log: Option<&Value>) -> Result<&[Value], String> {
    match log {
        None | Some(Value::Null) => Ok(&[]),
        Some(Value::Array(entries)) => Ok(entries),
        Some(_) => Err("a log that is no list".to_owned()),
    }
}

fn updates(log: &[Value]) -> Vec<(Option<Timestamp>, String)> {
    let update = |entry: &Value| {
        let at = entry.get("timestamp").and_then(seconds);
        (at, plain(text(entry, "message").unwrap_or_default()))
    };
    log.iter().take(MAX_ROWS).map(update).collect()
}

/// A title without the mark that it is over.
fn title(summary: &str) -> String {
    plain(summary.trim().strip_prefix("[RESOLVED]").unwrap_or(summary))
}

/// An id in the letters and digits that ids of ours have.
fn id(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).take(MAX_ID).collect()
}

fn seconds(value: &Value) -> Option<Timestamp> {
    Timestamp::from_second(number(value)?).ok()
}

fn milliseconds(value: &Value) -> Option<Timestamp> {
    Timestamp::from_millisecond(number(value)?).ok()
}

/// Numbers come as such, and as texts.
fn number(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}
