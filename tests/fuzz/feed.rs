//! What both the fuzzer and the plain test do with one input, a function for each target: nothing
//! may panic, and what comes out must keep its promises.

use ccwatch_core::notice::kind::Kind;
use ccwatch_core::notice::sink::Sink;
use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use ccwatch::claude_code::local::inbox::Report;
use ccwatch::claude_code::{pasted, transcript};
use ccwatch::config::Config;
use ccwatch::page::engine::{Engine, Syntax};
use ccwatch::page::fetch::{self, Fetched, Verdict};
use ccwatch::page::recording::Line;
use ccwatch::redact;
use ccwatch::render::sanitize;
use ccwatch_core::model::{Endpoint, Failure, Host, Level};
use ccwatch_core::monitor::{Command, Monitor, Saved};
use ccwatch_core::settings::Settings;
use ccwatch_core::time::when::{self, Side};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use jiff::Timestamp;
use jiff::tz::{TimeZone, offset};
use serde_json::Value;

const PAGE: &str = "tymt9n04zgry";
const NOW: Timestamp = Timestamp::constant(1_782_900_000, 0);

/// The body of `summary.json`: operational is only what it says in so many words, and a second
/// reading of the same is no news.
pub(crate) fn page(bytes: &[u8]) {
    let said = operational(bytes);
    let _ = Engine::statuspage(PAGE).page_name(bytes);
    if let Ok(snapshot) = Engine::statuspage(PAGE).summary(bytes) {
        for row in &snapshot.components {
            let fine = row.status.level() == Level::Operational;
            assert!(!fine || said.contains(&row.id.0), "invented: {row:?}");
        }
    }
    let answer = Ok(Fetched::Body { bytes: bytes.to_vec(), etag: None });
    let monitor = drive(Endpoint::Summary, &answer);
    for component in monitor.state().components() {
        let fine = component.level == Level::Operational;
        assert!(!fine || said.contains(&component.id.0), "invented: {component:?}");
    }
}

/// The ids that a body calls operational, and nothing else beside that, by another reader than ours.
fn operational(bytes: &[u8]) -> BTreeSet<String> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let Ok(value) = serde_json::from_slice::<Value>(bytes) else { return BTreeSet::new() };
    let rows = || value.get("components").and_then(Value::as_array).into_iter().flatten();
    let ids = |fine: bool| -> BTreeSet<String> {
        let is_so = |row: &&Value| (row.get("status") == Some(&"operational".into())) == fine;
        let ids = rows().filter(is_so).filter_map(|row| row.get("id")?.as_str());
        ids.map(str::to_owned).collect()
    };
    ids(true).difference(&ids(false)).cloned().collect()
}

/// The body of `incidents.json`: history alone changes no level and tells nothing.
pub(crate) fn incidents(bytes: &[u8]) {
    let answer = Ok(Fetched::Body { bytes: bytes.to_vec(), etag: None });
    let monitor = drive(Endpoint::Incidents, &answer);
    assert_eq!(monitor.state().components(), [], "a component out of the history");
    assert_eq!(
        monitor.outboxes().of(Sink::Desktop).pending().next(),
        None,
        "what is over is no news"
    );
}

/// The feed of AWS Health: what it says to be slow or down in a region isn't fine there, nor is what it
/// doesn't say, and only what names Bedrock is bad for it.
pub(crate) fn aws_health(bytes: &[u8]) {
    let engine = Engine::AwsHealth { regions: vec!["us-east-1".to_owned()] };
    let rows = rows(bytes);
    let not_fine = rows.iter().any(|row| {
        let level = row.pointer("/impacted_services/bedrock-us-east-1/current");
        let of_many = is_bad(level) && goes_on(row.get("end_time"));
        !row.is_object() || of_many || is_unlisted(row) || is_bad(alone(row).as_ref())
    });
    let named = rows.iter().any(|row| row.to_string().to_lowercase().contains("bedrock"));
    feed(&engine, bytes, "bedrock-us-east-1", not_fine, named);
}

/// Whether a level of AWS is a bad one, as a number or as a text.
fn is_bad(level: Option<&Value>) -> bool {
    let level = level.map(|level| level.as_str().map_or(level.to_string(), str::to_owned));
    matches!(level.as_deref(), Some("2" | "3"))
}

/// Whether what stands for an end is none: a time is a number of seconds or milliseconds, or such a
/// number as a text.
fn goes_on(end: Option<&Value>) -> bool {
    let Some(end) = end else { return true };
    let number = end.as_i64().or_else(|| end.as_str()?.parse().ok());
    number.is_none_or(|number| number <= 0)
}

/// Whether it is an event of many services in the region, in the first shape, that says neither which
/// nor that it is over.
fn is_unlisted(row: &Value) -> bool {
    let is = |key: &str, value: &str| row.get(key).and_then(Value::as_str) == Some(value);
    let lists = row.get("impacted_services").is_some_and(|list| !list.is_null());
    let lists = lists || row.get("region").is_some();
    let over = matches!(row.get("status").and_then(Value::as_str), Some("0"));
    is("service", "multipleservices-us-east-1") && !lists && !over && goes_on(row.get("end_time"))
}

/// The level of an incident of Bedrock alone, in the second shape, that goes on in the region, where
/// its log has one entry.
fn alone(row: &Value) -> Option<Value> {
    let is = |key: &str, value: &str| row.get(key).and_then(Value::as_str) == Some(value);
    if row.get("impacted_services").is_some() || row.get("event_log").is_some() {
        return None;
    }
    if !is("service", "BEDROCK") || !is("region", "us-east-1") || !goes_on(row.get("endTime")) {
        return None;
    }
    let log = row.pointer("/metadata/EVENT_LOG")?.as_str()?;
    match serde_json::from_str(log).ok()? {
        Value::Array(entries) if entries.len() == 1 => entries[0].get("status").cloned(),
        _ => None,
    }
}

/// Google Cloud's incidents: what disrupts the product in a region isn't fine there, and only what
/// names both is bad.
pub(crate) fn google_cloud(bytes: &[u8]) {
    const PRODUCTS: [&str; 2] = ["Z0FZJAMvEB4j3NbCJs6B", "sdXM79fz1FS6ekNpu37K"];
    let engine = Engine::GoogleCloud { regions: vec!["us-east5".to_owned()] };
    let has = |row: &Value, list: &str, id: &str| {
        let entries = row.get(list).and_then(Value::as_array).into_iter().flatten();
        entries.filter_map(|entry| entry.get("id")?.as_str()).any(|found| found == id)
    };
    let rows = rows(bytes);
    let not_fine = rows.iter().any(|row| {
        let end = row.get("end").and_then(Value::as_str).unwrap_or_default();
        let goes_on = end.parse::<Timestamp>().is_err();
        let word = row.get("status_impact").and_then(Value::as_str).unwrap_or_default();
        let ours = PRODUCTS.iter().any(|product| has(row, "affected_products", product));
        // Where it is now has to be said.
        let here = has(row, "currently_affected_locations", "us-east5")
            || row.get("currently_affected_locations").is_none_or(|list| !list.is_array());
        !row.is_object() || goes_on && ours && here && word != "SERVICE_INFORMATION"
    });
    let named = rows.iter().any(|row| {
        let text = row.to_string();
        let place = text.to_lowercase().contains("us-east5");
        place && PRODUCTS.iter().any(|product| text.contains(product))
    });
    feed(&engine, bytes, "vertex-us-east5", not_fine, named);
}

/// Azure's feed: nothing but that channel says that all is well, and not while an item's title names
/// the service.
pub(crate) fn azure_rss(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    feed(&Engine::AzureRss, bytes, "foundry", false, false);
    let Ok(snapshot) = Engine::AzureRss.summary(bytes) else { return };
    assert!(text.contains("rss") && text.contains("Azure"), "took it for the feed: {text}");
    let open = snapshot.incidents.iter().flatten().count() > 0;
    let fine = !open && snapshot.components[0].status.level() == Level::Operational;
    assert!(!(fine && names_foundry(&text)), "fine, though an item names it: {text}");
}

/// Whether an item's title of plain letters names the service and doesn't call anything over. Only
/// where nothing could hide an item from a simple look: no comment, and nothing quoted.
fn names_foundry(text: &str) -> bool {
    let plain = text.replace("version=\"1.0\"", "").replace("version=\"2.0\"", "");
    let plain = plain.trim_start().trim_start_matches("<?xml ?>");
    if plain.contains(['"', '\'']) || plain.contains("<!") || plain.contains("<?") {
        return false;
    }
    let mut titles = plain.split("<item><title>").skip(1).filter_map(|rest| {
        let (title, _) = rest.split_once("</title>")?;
        (!title.contains(['<', '&', '>'])).then(|| title.to_lowercase())
    });
    titles.any(|title| {
        let names = ["foundry", "openai", "claude"].iter().any(|name| title.contains(name));
        names && !title.contains("resolved") && !title.contains("mitigated")
    })
}

/// The rows of a body of JSON, in UTF-16 by its mark or in UTF-8, by another reader than ours.
fn rows(bytes: &[u8]) -> Vec<Value> {
    let utf16 = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]])).collect();
        String::from_utf16(&units).unwrap_or_default()
    };
    let text = match bytes {
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        plain => String::from_utf8_lossy(plain).trim_start_matches('\u{feff}').to_owned(),
    };
    let read = serde_json::from_str::<Value>(&text).ok();
    read.and_then(|value| value.as_array().cloned()).unwrap_or_default()
}

/// A feed that is read tells of one component, calls it fine only where it may, and bad only where it
/// is `named`.
fn feed(engine: &Engine, bytes: &[u8], id: &str, not_fine: bool, named: bool) {
    let past = engine.incidents(bytes);
    let _ = engine.regions_named(bytes);
    let Ok(snapshot) = engine.summary(bytes) else { return };
    let ids: Vec<&str> = snapshot.components.iter().map(|row| row.id.0.as_str()).collect();
    assert_eq!(ids, [id]);
    let status = &snapshot.components[0].status;
    let fine = status.level() == Level::Operational;
    assert!(!(not_fine && fine), "fine, though it says otherwise: {snapshot:?}");
    assert!(named || !status.is_red(), "bad, though nothing names it: {snapshot:?}");
    for incidents in [snapshot.incidents.unwrap_or_default(), past.unwrap_or_default()] {
        let ids: BTreeSet<_> = incidents.iter().map(|incident| &incident.id).collect();
        assert_eq!(ids.len(), incidents.len(), "one id, two incidents: {incidents:?}");
    }
    let mut monitor = Monitor::new(Settings::default(), Saved::default(), NOW);
    let answer = Ok(Fetched::Body { bytes: bytes.to_vec(), etag: None });
    monitor.handle(NOW, fetch::input(Endpoint::Summary, Host::Primary, answer, engine, 0.5));
}

/// The head of an answer: a line with the status, then `Name: value` lines.
pub(crate) fn headers(bytes: &[u8]) {
    let mut lines = bytes.split(|byte| *byte == b'\n');
    let first = lines.next().and_then(|line| std::str::from_utf8(line).ok()).unwrap_or_default();
    let Some(status) = first.trim().parse().ok().and_then(|n| StatusCode::from_u16(n).ok()) else {
        return;
    };
    let mut headers = HeaderMap::new();
    for line in lines {
        let Some(at) = line.iter().position(|byte| *byte == b':') else { continue };
        let name = HeaderName::from_bytes(line[..at].trim_ascii());
        let value = HeaderValue::from_bytes(line[at + 1..].trim_ascii());
        if let (Ok(name), Ok(value)) = (name, value) {
            headers.append(name, value);
        }
    }
    let _ = fetch::sent_at(&headers);
    for conditional in [false, true] {
        match fetch::judge(status, &headers, conditional, Syntax::Json) {
            Ok(Verdict::Unchanged) => assert!(conditional && status == 304),
            Ok(Verdict::Body) => assert_eq!(status, 200),
            Err(failure) => {
                assert!(failure.detail.chars().count() < 200, "{failure:?}");
                patient(failure);
            }
        }
    }
}

/// Whatever the page asks for, it is polled again within the hour, and not at once.
fn patient(failure: Failure) {
    let monitor = drive(Endpoint::Summary, &Err(failure));
    let pause = monitor.next_poll().expect("a next poll").duration_since(NOW);
    assert!(pause >= jiff::SignedDuration::from_secs(1), "{pause:?}");
    assert!(pause <= jiff::SignedDuration::from_mins(61), "{pause:?}");
    assert_eq!(monitor.state().components(), [], "a failed reading is never news");
}

/// A line of a transcript: no error is overlooked by the cheap look that comes first, and an
/// answer is never taken for an error.
pub(crate) fn transcript(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for line in text.lines() {
        let row = transcript::read(line);
        if let Some(transcript::Row::Error(failed)) = &row {
            assert!(transcript::may_be_error(line.as_bytes()), "overlooked: {line}");
            assert!(failed.error.status.is_none_or(|status| status >= 100), "{failed:?}");
        }
        assert_eq!(row, transcript::read(line));
    }
}

/// A report of a hook: it comes back as it was written, and changes no component.
pub(crate) fn inbox(bytes: &[u8]) {
    let Ok(report) = serde_json::from_slice::<Report>(bytes) else { return };
    let written = serde_json::to_vec(&report).unwrap();
    assert_eq!(serde_json::from_slice::<Report>(&written).unwrap(), report);
    let mut monitor = Monitor::new(Settings::default(), Saved::default(), NOW);
    for _ in 0..3 {
        monitor.handle(NOW, report.clone().heard().input);
        while monitor.next_command().is_some() {}
    }
    assert_eq!(monitor.state().components(), [], "this machine's errors are not the page's");
}

/// A line of a recording: a failure in it is never news.
pub(crate) fn recording(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for text in text.lines() {
        let Ok(line) = serde_json::from_str::<Line<'_>>(text) else { continue };
        let Ok(answer) = line.answer() else { continue };
        let monitor = drive(line.endpoint(), &answer);
        if answer.is_err() {
            assert_eq!(monitor.state().components(), [], "out of a failure: {text}");
        }
    }
}

/// A configuration file: what is accepted keeps its limits and can be written and read again.
pub(crate) fn config(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let origin = Path::new("config.toml");
    let config = match Config::parse(text, origin) {
        Ok(config) => config,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    let least = Duration::from_secs(30);
    assert!(config.poll.interval >= least || fetch::is_loopback(&config.page.url));
    assert!(config.stale_after <= Duration::from_secs(24 * 3600));
    let shown = config.to_toml();
    let again = Config::parse(&shown, origin).unwrap_or_else(|error| panic!("{error}:\n{shown}"));
    assert_eq!(again.to_toml(), shown);
}

/// A time as people write it: on the side that was asked for, and RFC 3339 as it is.
pub(crate) fn when(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for zone in [TimeZone::UTC, TimeZone::fixed(offset(-11)), TimeZone::fixed(offset(13))] {
        if let Ok(at) = when::parse(text, NOW, &zone, Side::Past) {
            assert!(at <= NOW, "{text:?} is {at}");
            assert_eq!(when::parse(&at.to_string(), NOW, &zone, Side::Past), Ok(at));
        }
        if let Ok(at) = when::parse(text, NOW, &zone, Side::Future) {
            assert!(at > NOW, "{text:?} is {at}");
        }
    }
}

/// A pasted error: nothing is found in it that isn't there.
pub(crate) fn error(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let read = pasted::read(&text);
    assert!(read.status.is_none_or(|status| (100..=999).contains(&status)), "{read:?}");
    if let Some(id) = &read.request_id {
        // A terminal may have broken it in two, and put a frame between.
        let between = |c: &char| c.is_whitespace() || ('\u{2500}'..='\u{259f}').contains(c);
        let joined = |text: &str| text.chars().filter(|c| !between(c)).collect::<String>();
        let there = |text: &str| joined(text).contains(id.as_str());
        let there = there(&text) || there(&sanitize::visible(&text));
        assert!(there || text.contains('\\'), "invented: {read:?}");
    }
    assert!(read.text.len() <= text.len() || text.contains('\\'), "longer than it was: {read:?}");
    let left = redact::secrets(&text);
    let key = |word: &str| word.starts_with("sk-ant-") && word.len() >= 30;
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    assert!(!left.split(|c| !plain(c)).any(key), "a key is left: {left:?}");
}

/// Foreign text on its way to each sink.
pub(crate) fn text(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for (outcome, max) in [
        (sanitize::line(&text, 300), 300),
        (sanitize::popup_title(&text), sanitize::TITLE_MAX),
        (sanitize::popup_body(&text, false), sanitize::BODY_MAX),
    ] {
        assert!(!outcome.contains(hidden), "{outcome:?}");
        assert!(outcome.chars().count() <= max, "{outcome:?}");
        assert_eq!(sanitize::line(&outcome, max), outcome, "twice is once");
    }
    let escaped = sanitize::popup_body(&text, true);
    assert!(!escaped.contains(['<', '>']) && !escaped.contains(hidden), "{escaped:?}");
    let read = escaped.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    assert_eq!(read, sanitize::popup_body(&text, false), "it reads as the plain one");
    let paragraph = sanitize::paragraph(&text, 300);
    assert!(!paragraph.contains(|c| c != '\n' && hidden(c)), "{paragraph:?}");
    assert_eq!(sanitize::paragraph(&paragraph, 300), paragraph, "twice is once");
}

/// What no sink may get: controls, and what reorders or hides text.
fn hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(c, '\u{feff}' | '\u{ad}' | '\u{e0000}'..='\u{e0fff}')
}

/// Three times: the second reading meets what the first one left, and may say what one more reading
/// had to agree to; the third has nothing to add.
fn drive(endpoint: Endpoint, answer: &Result<Fetched, Failure>) -> Monitor {
    let mut monitor = Monitor::new(Settings::default(), Saved::default(), NOW);
    let engine = Engine::statuspage(PAGE);
    for round in 0..3 {
        monitor.handle_timeout(NOW);
        let input = fetch::input(endpoint, Host::Primary, answer.clone(), &engine, 0.5);
        monitor.handle(NOW, input);
        while let Some(command) = monitor.next_command() {
            let Command::Deliver { notice, .. } = &command else { continue };
            let agreed = round == 1 && notice.kind == Kind::ComponentGone;
            assert!(round == 0 || agreed, "told of it again: {command:?}");
        }
    }
    monitor
}
