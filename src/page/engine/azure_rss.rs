//! Microsoft Foundry, out of the feed of Azure's status page.
//!
//! The feed lists what goes wrong now, and is empty while all is well: so an answer counts only if
//! it is this very channel, and not the sign-in page of a network. Items have no severity, hence
//! what one names is *reported*.

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, Event as Token};

use super::lenient::{Oddities, clip};
use super::regions::{self, Effect, Event, Watched, plain};
use ccwatch_core::model::{ComponentId, Failure, FailureKind, Incident, Snapshot};

/// The channel's title.
const CHANNEL: &str = "Azure Status";
/// What the service is called in an item, in small letters.
const NAMES: [&str; 4] = ["foundry", "azure openai", "azure ai services", "cognitive services"];
/// The words that end an item, in small letters.
const OVER: [&str; 2] = ["resolved", "mitigated"];
/// What is beyond this is not read.
const MAX_ITEMS: usize = 1_000;
/// The longest id of an incident that is kept.
const MAX_ID: usize = 64;

/// What the feed says now.
///
/// # Errors
/// `NotUnderstood` where it is no such feed.
pub(super) fn summary(body: &[u8]) -> Result<Snapshot, Failure> {
    let (events, oddities) = read(body)?;
    Ok(regions::snapshot(&[watched()], events, false, oddities))
}

/// What the feed has, what is over as well.
///
/// # Errors
/// As for [`summary`].
pub(super) fn incidents(body: &[u8]) -> Result<Vec<Incident>, Failure> {
    Ok(read(body)?.0.into_iter().map(regions::incident).collect())
}

fn watched() -> Watched {
    (ComponentId("foundry".to_owned()), "Microsoft Foundry".to_owned())
}

/// The texts of the feed that matter.
#[derive(Debug, Default)]
struct Feed {
    is_rss: bool,
    is_whole: bool,
    title: String,
    items: Vec<Item>,
}

/// The texts of an item that matter.
#[derive(Debug, Default)]
struct Item {
    title: String,
    description: String,
    published: String,
    id: String,
}

/// The events that name the service.
fn read(body: &[u8]) -> Result<(Vec<Event>, Oddities), Failure> {
    let refuse = |why: &str| Failure::new(FailureKind::NotUnderstood, why);
    let text = std::str::from_utf8(body).map_err(|_| refuse("not UTF-8"))?;
    let feed = parse(text.strip_prefix('\u{feff}').unwrap_or(text))
        .map_err(|error| refuse(&format!("no whole XML: {}", clip(&error.to_string()))))?;
    if !feed.is_rss || !feed.is_whole {
        return Err(Failure::new(FailureKind::CaptivePortal, "no RSS feed"));
    }
    if feed.title.trim() != CHANNEL {
        let detail = format!("expected the feed {CHANNEL}, got {}", clip(feed.title.trim()));
        return Err(Failure::new(FailureKind::OtherPage, detail));
    }
    let mut oddities = Oddities::default();
    let events = feed.items.into_iter().filter(names_service);
    Ok((events.map(|item| event(item, &mut oddities)).collect(), oddities))
}

fn names_service(item: &Item) -> bool {
    let said = format!("{} {}", item.title, item.description).to_lowercase();
    NAMES.iter().any(|name| said.contains(name))
}

fn event(item: Item, oddities: &mut Oddities) -> Event {
    let published = when(&item.published);
    if published.is_none() && !item.published.is_empty() {
        oddities.note(format!("not a time: {:?}", clip(&item.published)));
    }
    let title = plain(&item.title);
    // As a word: "unresolved" is none.
    let words = title.to_lowercase();
    let mut words = words.split(|letter: char| !letter.is_alphanumeric());
    let over = words.any(|word| OVER.contains(&word));
    let key = if item.id.is_empty() { format!("{title}{}", item.published) } else { item.id };
    Event {
        id: id(&key),
        title,
        began: published,
        ended: over.then_some(None),
        effects: vec![(watched().0, Effect::Named)],
        updates: vec![(published, plain(&item.description))],
    }
}

/// Dates end in "Z" where the format wants "GMT" or an offset.
fn when(published: &str) -> Option<Timestamp> {
    let published = published.trim();
    let utc = published.strip_suffix(" Z").map(|rest| format!("{rest} +0000"));
    DateTimeParser::new().parse_timestamp(utc.as_deref().unwrap_or(published)).ok()
}

/// The last letters and digits of a key: addresses differ at their ends.
fn id(key: &str) -> String {
    let plain: Vec<char> = key.chars().filter(char::is_ascii_alphanumeric).collect();
    plain.iter().skip(plain.len().saturating_sub(MAX_ID)).collect()
}

fn parse(text: &str) -> Result<Feed, quick_xml::Error> {
    let mut reader = Reader::from_str(text);
    let (mut feed, mut path) = (Feed::default(), Vec::<String>::new());
    loop {
        match reader.read_event()? {
            Token::Start(tag) => {
                let name = tag.local_name().as_ref().to_owned();
                feed.is_rss |= path.is_empty() && name == "rss";
                path.push(name);
                if at(&path, &["rss", "channel", "item"]) && feed.items.len() < MAX_ITEMS {
                    feed.items.push(Item::default());
                }
            }
            Token::End(_) => {
                path.pop();
                feed.is_whole |= path.is_empty();
            }
            Token::Text(text) => add(&mut feed, &path, &text.xml10_content()),
            Token::CData(text) => add(&mut feed, &path, &text.xml10_content()),
            Token::GeneralRef(entity) => add(&mut feed, &path, &letters(&entity)?),
            Token::Eof => return Ok(feed),
            _ => {}
        }
    }
}

/// What an entity stands for; nothing for one that the feed would have to declare.
fn letters(entity: &BytesRef<'_>) -> Result<String, quick_xml::Error> {
    let letter = entity.resolve_char_ref()?.map(String::from);
    let named = || resolve_predefined_entity(&entity.xml10_content()).map(str::to_owned);
    Ok(letter.or_else(named).unwrap_or_default())
}

fn at(path: &[String], tags: &[&str]) -> bool {
    path.len() == tags.len() && path.iter().zip(tags).all(|(one, other)| one == other)
}

/// Puts a text where it belongs, if it is one of those that matter.
fn add(feed: &mut Feed, path: &[String], text: &str) {
    if at(path, &["rss", "channel", "title"]) {
        return feed.title.push_str(text);
    }
    let [rss, channel, item, tag] = path else { return };
    let (true, Some(newest)) =
        (rss == "rss" && channel == "channel" && item == "item", feed.items.last_mut())
    else {
        return;
    };
    match tag.as_str() {
        "title" => newest.title.push_str(text),
        "description" => newest.description.push_str(text),
        "pubDate" => newest.published.push_str(text),
        "guid" => newest.id.push_str(text),
        _ => {}
    }
}
