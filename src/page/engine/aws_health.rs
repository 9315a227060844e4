//! Amazon Bedrock in some AWS regions, out of the public feed of AWS Health.
//!
//! The feed isn't documented, so whatever surprises means "can't tell" for each region that it may
//! concern. It has had two shapes, which are told apart row by row: one with `impacted_services`
//! (a level for each service and region, "0" to "3"), and one with an object for each incident of
//! one service in one region, whose times are in milliseconds. The first is sent as UTF-16.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::lenient::{Oddities, decode, ended, is_credible, json, text};
use super::regions::{self, Effect, Event, Watched, plain};
use ccwatch_core::model::{ComponentId, Failure, FailureKind, Incident, Snapshot};

/// The service, as both shapes name it.
const SERVICE: &str = "bedrock";
/// Its other names, in small letters and with one hyphen between words: the feed could change.
const ALSO: [&str; 4] = ["amazon-bedrock", "amazonbedrock", "bedrock-runtime", "bedrockruntime"];
/// What stands where a region should for what is everywhere.
const EVERYWHERE: &str = "global";
/// What is beyond this is not read; real feeds have about thirty rows.
const MAX_ROWS: usize = 2_000;

/// What the feed says now of the service in these regions.
///
/// # Errors
/// `NotJson`, or `NotUnderstood` where it is no list.
pub(super) fn summary(body: &[u8], regions: &[String]) -> Result<Snapshot, Failure> {
    let feed = Feed::read(body, regions)?;
    Ok(regions::snapshot(&feed.watched, feed.events, &feed.unclear, feed.oddities))
}

/// The incidents that the feed still has; it keeps those that are over for some days.
///
/// # Errors
/// As for [`summary`].
pub(super) fn incidents(body: &[u8], regions: &[String]) -> Result<Vec<Incident>, Failure> {
    let feed = Feed::read(body, regions)?;
    Ok(regions::incidents(feed.events))
}

/// What of the feed concerns the regions.
struct Feed {
    watched: Vec<Watched>,
    events: Vec<Event>,
    /// Those that a row may concern that wasn't understood.
    unclear: Vec<ComponentId>,
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
            unclear: Vec::new(),
            oddities: Oddities::default(),
        };
        if rows.len() > MAX_ROWS {
            feed.not_understood("too many events", regions.iter());
        }
        for row in rows.iter().take(MAX_ROWS) {
            match event(row, regions) {
                Ok(event) => feed.events.extend(event),
                Err(why) => {
                    let may_be_in = |region: &&String| !is_elsewhere(row, region);
                    feed.not_understood(why, regions.iter().filter(may_be_in));
                }
            }
        }
        Ok(feed)
    }

    /// Something that may concern some of the regions.
    fn not_understood<'a>(
        &mut self,
        why: impl Into<String>,
        regions: impl Iterator<Item = &'a String>,
    ) {
        let before = self.unclear.len();
        self.unclear.extend(regions.map(|region| ComponentId(key(region))));
        if self.unclear.len() > before {
            self.oddities.note(why);
        }
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
    let log = entries(row.get("event_log"));
    let own = row.get("service").and_then(Value::as_str);
    let ended = ended(row.get("end_time"), seconds);
    let impacted = match row.get("impacted_services") {
        None | Some(Value::Null) => &Map::new(),
        Some(Value::Object(services)) => services,
        Some(_) => return Err("impacted_services is no object".to_owned()),
    };
    let level_in = |region: &String| {
        let here = impacted.iter().filter(|(service, _)| is_here(service, region));
        let of_service = |(_, service): (_, &Value)| {
            after(level(service.get("current")), level(service.get("max")))
        };
        let level = match here.map(of_service).max() {
            Some(worst) => worst,
            // An event of the service alone may leave that list out; then its newest word counts.
            None if own.is_some_and(|own| is_here(own, region)) => newest_level(log.as_deref()),
            None => return None,
        };
        Some((ComponentId(key(region)), level))
    };
    let named: Vec<_> = regions.iter().filter_map(level_in).collect();
    if named.is_empty() {
        let over = matches!(ended, Ok(Some(_))) || level(row.get("status")).is_none();
        let unsaid = impacted.is_empty() && own.is_none_or(|own| own.is_empty() || is_of_many(own));
        return match unsaid && !over {
            true => Err("an event of many services that doesn't say which".to_owned()),
            false => Ok(None),
        };
    }
    let arn = row.get("arn").and_then(Value::as_str).unwrap_or_default();
    let id = regions::id(arn.rsplit('/').next().unwrap_or(arn));
    if id.is_empty() {
        return Err("an event without an arn".to_owned());
    }
    let ended = ended?;
    Ok(Some(Event {
        id,
        title: title(row.get("summary").and_then(Value::as_str).unwrap_or_default()),
        began: row.get("date").and_then(seconds),
        ended: end(ended, &named),
        effects: effects(named, ended.is_some()),
        updates: updates(log?),
    }))
}

/// The second shape: an incident of one service in one region. How bad it is stands in its log
/// alone, and notes such as the withdrawal of a model have the type code of an outage.
fn of_one_service(row: &Map<String, Value>, regions: &[String]) -> Result<Option<Event>, String> {
    let word = |key| {
        let word = row.get(key).and_then(Value::as_str).filter(|word| !word.is_empty());
        word.ok_or(format!("an event without {key}"))
    };
    let service = word("service")?;
    if !is_service(service) && !is_of_many(service) {
        return Ok(None);
    }
    let place = word("region")?;
    let everywhere = place.eq_ignore_ascii_case(EVERYWHERE);
    if !everywhere && !ends_in_region(place) {
        return Err("an event in no region that we know".to_owned());
    }
    let is_here = |region: &&String| everywhere || place.eq_ignore_ascii_case(region);
    let here: Vec<&String> = regions.iter().filter(is_here).collect();
    if here.is_empty() {
        return Ok(None);
    }
    let ended = ended(row.get("endTime"), milliseconds)?;
    if !is_service(service) {
        return match ended {
            Some(_) => Ok(None),
            None => Err("an event of many services that doesn't say which".to_owned()),
        };
    }
    let began = row.get("startTime").and_then(milliseconds).ok_or("an event without a start")?;
    let log = row.get("metadata").and_then(|metadata| metadata.get("EVENT_LOG"));
    let log = log.and_then(Value::as_str).ok_or("an event without a log")?;
    let log: Value = serde_json::from_str(log).map_err(|_| "a log that is no JSON")?;
    let log = entries(Some(&log))?;
    let last = newest(log).or(log.last()).ok_or("an event with an empty log")?;
    let level = newest_level(Ok(log));
    let named: Vec<_> = here.iter().map(|region| (ComponentId(key(region)), level)).collect();
    Ok(Some(Event {
        id: regions::id(&format!("{SERVICE}{place}{}", began.as_millisecond())),
        title: title(text(last, "summary").unwrap_or_default()),
        began: Some(began),
        ended: end(ended, &named),
        effects: effects(named, ended.is_some()),
        updates: updates(log),
    }))
}

/// Whether a name is the service's.
fn is_service(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let words = name.split(['-', '_', ' ']).filter(|word| !word.is_empty());
    let name = words.collect::<Vec<_>>().join("-");
    name == SERVICE || ALSO.contains(&name.as_str())
}

/// Whether a key such as "bedrock-us-east-1" is the service's in a region. One without a region is of
/// all of them.
fn is_here(key: &str, region: &str) -> bool {
    let key = key.to_ascii_lowercase();
    let service = [region, EVERYWHERE].iter().find_map(|place| key.strip_suffix(place));
    is_service(service.unwrap_or(&key))
}

/// Whether a name stands for several services, of which the service may be one.
fn is_of_many(name: &str) -> bool {
    name.to_ascii_lowercase().starts_with("multiple")
}

/// Whether a word ends like the name of a region: in words, and a number.
fn ends_in_region(word: &str) -> bool {
    let mut parts = word.rsplit('-');
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    parts.next().is_some_and(is_number) && parts.count() >= 2
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

/// The level of a service that was worse in the same event: "informational" doesn't say that it is
/// well again.
fn after(now: Option<Effect>, worst: Option<Effect>) -> Option<Effect> {
    let was_red = worst.is_some_and(|worst| worst > Effect::Unclear);
    match now {
        Some(Effect::Named) if was_red => Some(Effect::Degraded),
        now => now,
    }
}

/// When it ended, if it did: by its own word, or since it is well again wherever that matters here.
fn end(
    ended: Option<Timestamp>,
    named: &[(ComponentId, Option<Effect>)],
) -> Option<Option<Timestamp>> {
    let well = named.iter().all(|(_, level)| level.is_none());
    (ended.is_some() || well).then_some(ended)
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

/// Whether a row that isn't understood names regions, and this one isn't among them.
fn is_elsewhere(row: &Value, region: &str) -> bool {
    // One that spans the world, or says nowhere where it is, may be here as well.
    let says = |word: &&str| ends_in_region(word) || word.ends_with(EVERYWHERE);
    let service = text(row, "service").filter(says);
    let arn =
        text(row, "arn").and_then(|arn| arn.split(':').nth(3)).filter(|place| !place.is_empty());
    let places = [service, arn, text(row, "region")];
    let mut named = places.into_iter().flatten().peekable();
    // What it says to be impacted counts more than where it calls itself at home.
    let impacted = row.get("impacted_services").and_then(Value::as_object);
    let mut impacted = impacted.into_iter().flat_map(Map::keys);
    let is_ours = impacted.any(|service| is_here(service, region));
    !is_ours
        && named.peek().is_some()
        && named.all(|place| {
            let place = place.to_ascii_lowercase();
            ends_in_region(&place) && !place.ends_with(region)
        })
}

/// The entries of a log, in any order.
fn entries(log: Option<&Value>) -> Result<&[Value], String> {
    match log {
        None | Some(Value::Null) => Ok(&[]),
        Some(Value::Array(entries)) => Ok(entries),
        Some(_) => Err("a log that is no list".to_owned()),
    }
}

/// The entry of a log that was written last, by its time. Where some have none, nobody can tell.
fn newest(log: &[Value]) -> Option<&Value> {
    if let [only] = log {
        return Some(only);
    }
    let at = |entry: &Value| entry.get("timestamp").and_then(seconds).filter(is_credible);
    log.iter().max_by_key(|entry| at(entry)).filter(|_| log.iter().all(|entry| at(entry).is_some()))
}

/// The level that the newest entry of a log gives.
fn newest_level(log: Result<&[Value], &String>) -> Option<Effect> {
    let log = log.unwrap_or_default();
    let level_of = |entry: &Value| level(entry.get("status"));
    after(
        newest(log).map_or(Some(Effect::Unclear), level_of),
        log.iter().map(level_of).max().flatten(),
    )
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
