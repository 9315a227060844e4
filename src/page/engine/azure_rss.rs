//! Microsoft Foundry, out of the feed of Azure's status page.
//!
//! The feed lists what goes wrong now, and is empty while all is well: so an answer counts only if
//! it is this very channel, and not the sign-in page of a network. Items have no severity, hence
//! what one names is *reported*.

use std::fmt::Display;

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
/// What the service is called in an item: words in small letters, with one blank between them.
const NAMES: [&str; 6] =
    ["foundry", "openai", "azure ai service", "cognitive service", "claude", "anthropic"];
/// What ends an item, in small letters, where it stands alone in its title: "partially mitigated" and
/// "can't be resolved" don't.
const OVER: [&str; 2] = ["resolved", "mitigated"];
/// What is beyond this is not read.
const MAX_ITEMS: usize = 1_000;
/// Elements within elements beyond this are no feed; real ones have four.
const MAX_DEPTH: usize = 64;

/// What the feed says now.
///
/// # Errors
/// `NotUnderstood` where it is no such feed.
pub(super) fn summary(body: &[u8]) -> Result<Snapshot, Failure> {
    let (events, unclear, oddities) = read(body)?;
    let (id, name) = watched();
    let unclear = if unclear { vec![id.clone()] } else { Vec::new() };
    Ok(regions::snapshot(&[(id, name)], events, &unclear, oddities))
}

/// What the feed has, what is over as well.
///
/// # Errors
/// As for [`summary`].
pub(super) fn incidents(body: &[u8]) -> Result<Vec<Incident>, Failure> {
    Ok(regions::incidents(read(body)?.0))
}

fn watched() -> Watched {
    (ComponentId("foundry".to_owned()), "Microsoft Foundry".to_owned())
}

/// The texts of the feed that matter.
#[derive(Debug, Default)]
struct Feed {
    is_rss: bool,
    /// How many elements there are beside each other at the top; a document has one.
    roots: usize,
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
    /// Whatever else it says.
    more: String,
}

/// The events that name the service, and whether an item wasn't understood that may do so.
fn read(body: &[u8]) -> Result<(Vec<Event>, bool, Oddities), Failure> {
    let refuse = |why: &str| Failure::new(FailureKind::NotUnderstood, why);
    let text = std::str::from_utf8(body).map_err(|_| refuse("not UTF-8"))?;
    let feed = parse(text.strip_prefix('\u{feff}').unwrap_or(text)).map_err(|why| refuse(&why))?;
    if !feed.is_rss || feed.roots != 1 {
        return Err(Failure::new(FailureKind::CaptivePortal, "no RSS feed"));
    }
    if feed.title.trim() != CHANNEL {
        let detail = format!("expected the feed {CHANNEL}, got {}", clip(feed.title.trim()));
        return Err(Failure::new(FailureKind::OtherPage, detail));
    }
    let (mut oddities, mut unclear) = (Oddities::default(), feed.items.len() > MAX_ITEMS);
    if unclear {
        oddities.note("too many items");
    }
    for _ in feed.items.iter().filter(|item| item.said().trim().is_empty()) {
        unclear = true;
        oddities.note("an item that says nothing");
    }
    let events = feed.items.into_iter().filter(Item::names_service);
    let events = events.map(|item| event(item, &mut oddities)).collect();
    Ok((events, unclear, oddities))
}

impl Item {
    fn said(&self) -> String {
        [self.title.as_str(), &self.description, &self.more].join(" ")
    }

    /// Whether it names the service, with whatever between the words: markup, line breaks, hyphens.
    fn names_service(&self) -> bool {
        let said = self.said().replace("&nbsp;", " ");
        let apart = words(&said.replace('<', " <"));
        let joined = words(&said);
        NAMES.iter().any(|name| joined.contains(name) || apart.contains(name))
    }
}

/// The words of a text without its markup, in small letters, with one blank between them.
fn words(text: &str) -> String {
    let text = plain(text).to_lowercase();
    let words = text.split(|letter: char| !letter.is_alphanumeric());
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

fn event(item: Item, oddities: &mut Oddities) -> Event {
    let published = when(&item.published);
    if published.is_none() && !item.published.is_empty() {
        oddities.note(format!("not a time: {:?}", clip(&item.published)));
    }
    let title = plain(&item.title);
    let said = || regions::id(&format!("{title}{}", item.published));
    let id = Some(regions::id(&item.id)).filter(|id| !id.is_empty()).unwrap_or_else(said);
    Event {
        id,
        began: published,
        ended: is_over(&title).then_some(None),
        title,
        effects: vec![(watched().0, Effect::Named)],
        updates: vec![(published, plain(&item.description))],
    }
}

/// Whether a title says that it is over, in a part of its own: "Azure OpenAI - Resolved".
fn is_over(title: &str) -> bool {
    let title = title.to_lowercase().replace(" - ", "|");
    let mut parts = title.split([':', '|', '(', ')', '[', ']', '\u{2013}', '\u{2014}']);
    parts.any(|part| OVER.contains(&part.trim()))
}

/// Dates end in "Z" where the format wants "GMT" or an offset, and people get the weekday wrong.
fn when(published: &str) -> Option<Timestamp> {
    let published = published.trim();
    if let Ok(time) = published.parse() {
        return Some(time);
    }
    let utc = published.strip_suffix('Z').map(|rest| format!("{} +0000", rest.trim_end()));
    let parser = DateTimeParser::new().relaxed_weekday(true);
    parser.parse_timestamp(utc.as_deref().unwrap_or(published)).ok()
}

/// The texts of the feed; an error says why it is none.
fn parse(text: &str) -> Result<Feed, String> {
    let mut reader = Reader::from_str(text);
    let (mut feed, mut path) = (Feed::default(), Vec::<String>::new());
    let broken = |why: &dyn Display| format!("no whole XML: {}", clip(&why.to_string()));
    loop {
        match reader.read_event().map_err(|why| broken(&why))? {
            Token::Start(tag) => open(&mut feed, &mut path, tag.local_name().as_ref())?,
            Token::Empty(tag) => {
                open(&mut feed, &mut path, tag.local_name().as_ref())?;
                path.pop();
            }
            Token::End(_) => {
                path.pop();
            }
            Token::Text(text) => add(&mut feed, &path, &text.xml10_content()),
            Token::CData(text) => add(&mut feed, &path, &text.xml10_content()),
            Token::GeneralRef(entity) => {
                let letters = letters(&entity).map_err(|why| broken(&why))?;
                add(&mut feed, &path, &letters);
            }
            Token::Eof if path.is_empty() || !feed.is_rss => return Ok(feed),
            Token::Eof => return Err(broken(&"it is cut off")),
            _ => {}
        }
    }
}

/// An element begins.
fn open(feed: &mut Feed, path: &mut Vec<String>, name: &str) -> Result<(), String> {
    if path.is_empty() {
        feed.roots += 1;
        feed.is_rss |= name == "rss";
    }
    if path.len() >= MAX_DEPTH {
        return Err("elements too deep within each other".to_owned());
    }
    path.push(name.to_owned());
    if at(path, &["rss", "channel", "item"]) {
        // The last one may hold more than its own: it is one too many.
        if feed.items.len() <= MAX_ITEMS {
            feed.items.push(Item::default());
        }
    } else if ["item", "entry"].iter().any(|it| name.eq_ignore_ascii_case(it)) {
        return Err("an item where none should be".to_owned());
    }
    Ok(())
}

/// What an entity stands for; a blank for one that the feed would have to declare, such as HTML's.
fn letters(entity: &BytesRef<'_>) -> Result<String, quick_xml::Error> {
    let letter = entity.resolve_char_ref()?.map(String::from);
    let named = || resolve_predefined_entity(&entity.xml10_content()).map(str::to_owned);
    Ok(letter.or_else(named).unwrap_or_else(|| " ".to_owned()))
}

fn at(path: &[String], tags: &[&str]) -> bool {
    path.len() == tags.len() && path.iter().zip(tags).all(|(one, other)| one == other)
}

/// Puts a text where it belongs, if it is one of those that matter. Markup within is left out.
fn add(feed: &mut Feed, path: &[String], text: &str) {
    if at(path, &["rss", "channel", "title"]) {
        return feed.title.push_str(text);
    }
    let [_, _, item, tag, ..] = path else { return };
    let Some(newest) = feed.items.last_mut().filter(|_| item == "item") else { return };
    let place = match tag.as_str() {
        "title" => &mut newest.title,
        "description" => &mut newest.description,
        "pubDate" => &mut newest.published,
        "guid" => &mut newest.id,
        "link" => return,
        _ => {
            newest.more.push(' ');
            &mut newest.more
        }
    };
    place.push_str(text);
}
