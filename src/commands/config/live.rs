//! `ccwatch config check --live`: one look at the page that is configured, what it turns out to be,
//! and what of it would be watched. Nothing is written down.

use std::io::{self, Write};
use std::time::Duration;

use serde_json::{Value, json};
use url::Url;

use crate::app::wiring::{self, ONE_LOOK};
use crate::client::look;
use crate::config::Config;
use crate::page::engine::{Format, PageName};
use crate::page::fetch::{Fetched, Fetcher, Limits, Page, Request};
use crate::page::reading;
use crate::platform::clock;
use crate::render::sanitize;
use crate::tty::spinner::Spinner;
use ccwatch_core::model::{Endpoint, Failure, FailureKind, Host, Incident, Snapshot};
use ccwatch_core::state::component::Component;
use ccwatch_core::state::{PageState, SavedState};
use ccwatch_core::text;

/// For each look at what else may be there.
const GUESS: Limits = Limits { total: Duration::from_secs(5), ..ONE_LOOK };
/// The longest name, and the longest list of them, in characters.
const NAME: usize = 100;
const LIST: usize = 1_000;

/// What a look at the page gave.
#[derive(Debug)]
pub(super) struct Live {
    url: Url,
    format: Format,
    /// Which page it says to be.
    name: PageName,
    /// What it shows, or why that can't be used.
    pub(super) read: Result<Seen, Failure>,
    /// The page that is there in another format, or near by, where the configured one isn't.
    instead: Option<(Url, Format)>,
    /// The other address, and why it doesn't answer as the same page, if it doesn't.
    fallback: Option<(Url, Option<Failure>)>,
}

/// What a page shows that can be used.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) page: PageState,
    /// The configured regions that nothing there names, and all that are named.
    regions: Option<Regions>,
}

/// How the configured regions compare with those that a feed names.
#[derive(Debug)]
struct Regions {
    not_named: Vec<String>,
    named: Vec<String>,
}

/// Looks. An error is one of the runtime, not of the page.
pub(super) fn look(config: &Config) -> anyhow::Result<Live> {
    let runtime = crate::app::runtime()?;
    let spinner = Spinner::start("reading the page");
    let live = runtime.block_on(look_at(config));
    drop(spinner);
    runtime.shutdown_timeout(Duration::ZERO);
    live
}

async fn look_at(config: &Config) -> anyhow::Result<Live> {
    let fetcher = wiring::limited_fetcher(config, ONE_LOOK)?;
    let body = get(&fetcher, Host::Primary).await;
    let name = body.as_ref().map(|body| fetcher.engine().page_name(body)).unwrap_or_default();
    let read = body.and_then(|body| seen(config, &fetcher, body));
    let instead = match &read {
        Err(failure) if may_be_another(failure.kind) => instead(config).await,
        _ => None,
    };
    let fallback = match wiring::fallback(config) {
        Some(other) if *other != config.page.url => {
            let body = get(&fetcher, Host::Fallback).await;
            let failure = body.and_then(|body| fetcher.engine().summary(&body)).err();
            Some((other.clone(), failure))
        }
        _ => None,
    };
    let (url, format) = (config.page.url.clone(), config.page.engine);
    Ok(Live { url, format, name, read, instead, fallback })
}

async fn get(fetcher: &Fetcher, host: Host) -> Result<Vec<u8>, Failure> {
    let request = Request { host, endpoint: Endpoint::Summary, etag: None };
    match fetcher.get(&request).await? {
        Fetched::Body { bytes, .. } => Ok(bytes),
        // The fetcher refuses it where no copy was named.
        Fetched::Unchanged => Err(Failure::new(FailureKind::UnexpectedUnchanged, "304")),
    }
}

/// What the body shows, by the way that every reading takes.
fn seen(config: &Config, fetcher: &Fetcher, body: Vec<u8>) -> Result<Seen, Failure> {
    let regions = fetcher.engine().regions_named(&body).map(|named| Regions {
        not_named: config.page.regions.iter().filter(|it| !named.contains(*it)).cloned().collect(),
        named: named.into_iter().collect(),
    });
    let answer = Ok(Fetched::Body { bytes: body, etag: None });
    let input = reading::input(Endpoint::Summary, Host::Primary, answer, fetcher.engine(), 0.5);
    let page = look::take_in(config, SavedState::default(), input, clock::now());
    match &page.page_health().failing {
        Some(run) => Err(Failure::new(run.kind, run.detail.clone())),
        None => Ok(Seen { page, regions }),
    }
}

/// Whether somebody answered, and it may have been a page of another kind.
fn may_be_another(kind: FailureKind) -> bool {
    use FailureKind as K;
    matches!(
        kind,
        K::HttpStatus
            | K::BotWall
            | K::Redirect
            | K::CaptivePortal
            | K::ContentType
            | K::NotJson
            | K::NotUnderstood
    )
}

/// A page in another format at the configured address, or one in any at the top of its host. People
/// also copy the address of the document itself, so what ends like one is tried first. It counts only
/// if its own engine understands it.
async fn instead(config: &Config) -> Option<(Url, Format)> {
    let page = &config.page;
    let mut top = page.url.clone();
    top.set_path("");
    let all = |place: &Url| Format::ALL.map(|(_, format, _)| (place.clone(), format));
    let mut tries: Vec<(Url, Format)> = all(&page.url).into_iter().chain(all(&top)).collect();
    tries.retain(|(place, format)| *place != page.url || *format != page.engine);
    let documents = Format::ALL.into_iter().filter_map(|(_, format, _)| above(&page.url, format));
    tries.splice(..0, documents.collect::<Vec<_>>());
    for (place, format) in tries {
        if is_there(&place, format, config).await {
            return Some((place, format));
        }
    }
    None
}

/// The page whose document in a format an address is, if it is one.
fn above(url: &Url, format: Format) -> Option<(Url, Format)> {
    let document = format.engine("", &[]).document(Endpoint::Summary).trim_end_matches('/');
    let path = url.path().trim_end_matches('/').strip_suffix(document)?.strip_suffix('/')?;
    let mut page = url.clone();
    page.set_path(path);
    Some((page, format))
}

async fn is_there(url: &Url, format: Format, config: &Config) -> bool {
    // Which regions are looked at doesn't matter to what is understood.
    let regions = ["us-east-1".to_owned()];
    let page =
        Page { url: url.as_str().to_owned(), fallback: None, engine: format.engine("", &regions) };
    let Ok(fetcher) = Fetcher::new(&page, Limits { age: config.stale_after, ..GUESS }) else {
        return false;
    };
    let body = get(&fetcher, Host::Primary).await;
    let snapshot = body.and_then(|body| page.engine.summary(&body));
    // A feed takes any list, and tells rows apart that it doesn't understand: those of another feed.
    let is_own = |snapshot: &Snapshot| match format {
        Format::Statuspage => true,
        Format::AwsHealth | Format::GoogleCloud | Format::AzureRss => snapshot.incidents_complete,
    };
    snapshot.as_ref().is_ok_and(is_own)
}

impl Live {
    /// What it is, for people.
    pub(super) fn print(&self, out: &mut dyn Write) -> io::Result<()> {
        match &self.read {
            Ok(seen) => {
                writeln!(out, "{} is {}{}", shown(&self.url), self.format.title(), self.called())?;
                self.print_fallback(out)?;
                seen.print(self.format, out)
            }
            Err(failure) => {
                let (what, step) = text::failure(failure.kind);
                let detail = sanitize::line(&failure.detail, NAME * 2);
                let (url, engine) = (shown(&self.url), self.format.name());
                writeln!(
                    out,
                    "error: {url} can't be read with engine = {engine:?}: {what} ({detail})"
                )?;
                let step = self.suggestion(failure.kind).unwrap_or_else(|| step.to_owned());
                writeln!(out, "  hint: {step}")?;
                self.print_fallback(out)
            }
        }
    }

    /// Its name and id behind a comma, where it says them.
    fn called(&self) -> String {
        let name =
            self.name.name.as_ref().map(|name| format!(", {:?}", sanitize::line(name, NAME)));
        let id = self.name.id.as_ref().map(|id| format!(" (id {})", sanitize::line(id, NAME)));
        format!("{}{}", name.unwrap_or_default(), id.unwrap_or_default())
    }

    fn suggestion(&self, kind: FailureKind) -> Option<String> {
        if let Some((url, format)) = &self.instead {
            let url = shown(url);
            let regions = match format.has_regions() {
                true => ", and the regions that you use",
                false => "",
            };
            let (title, engine) = (format.title(), format.name());
            return Some(format!(
                "there is {title}: below [page] write url = {url:?} and engine = {engine:?}{regions}"
            ));
        }
        let id = self.name.id.as_ref().filter(|_| kind == FailureKind::OtherPage)?;
        let id = sanitize::line(id, NAME);
        Some(format!("if this is the page that you mean, write id = {id:?} below [page]"))
    }

    fn print_fallback(&self, out: &mut dyn Write) -> io::Result<()> {
        match &self.fallback {
            None => Ok(()),
            Some((url, None)) => writeln!(out, "{} (page.fallback) is the same page", shown(url)),
            Some((url, Some(failure))) => {
                let (what, step) = text::failure(failure.kind);
                let detail = sanitize::line(&failure.detail, NAME * 2);
                writeln!(out, "warning: page.fallback {}: {what} ({detail})", shown(url))?;
                writeln!(out, "  hint: {step}")
            }
        }
    }

    /// The same as JSON.
    pub(super) fn json(&self) -> Value {
        let failed = self.read.as_ref().err();
        let seen = self.read.as_ref().ok();
        let error = |failure: &Failure| {
            let (what, step) = text::failure(failure.kind);
            let hint = self.suggestion(failure.kind).unwrap_or_else(|| step.to_owned());
            let message = format!("{what} ({})", failure.detail);
            json!({"kind": failure.kind.as_str(), "message": message, "hint": hint})
        };
        let instead =
            |(url, format): &(Url, Format)| json!({"url": shown(url), "engine": format.name()});
        let fallback = |(url, failure): &(Url, Option<Failure>)| {
            let kind = failure.as_ref().map(|failure| failure.kind.as_str());
            json!({"url": shown(url), "error_kind": kind})
        };
        json!({
            "url": shown(&self.url),
            "engine": self.format.name(),
            "id": self.name.id,
            "name": self.name.name,
            "readable": seen.is_some(),
            "error": failed.map(error),
            "instead": self.instead.as_ref().map(instead),
            "fallback": self.fallback.as_ref().map(fallback),
            "components": seen.map(Seen::components),
            "watch": seen.map(Seen::watch),
            "regions": seen.and_then(|seen| seen.regions.as_ref()).map(|regions| {
                json!({"named": regions.named, "not_named": regions.not_named})
            }),
            "incidents": seen.map(Seen::incidents),
        })
    }
}

impl Seen {
    fn print(&self, format: Format, out: &mut dyn Write) -> io::Result<()> {
        if let Some(what) = format.looks_for() {
            writeln!(out, "It is looked through for {what}.")?;
        }
        writeln!(out, "Components:")?;
        for component in self.listed() {
            let name = sanitize::line(component.shown_name(), NAME);
            let group = component.group.as_ref().map(|group| sanitize::line(&group.name, NAME));
            let group = group.map_or_else(String::new, |group| format!(" [{group}]"));
            let watched = match component.watched.as_deref() {
                None => "not watched".to_owned(),
                Some("") => "watched, as all are".to_owned(),
                Some(entry) => format!("watched as {:?}", sanitize::line(entry, NAME)),
            };
            writeln!(out, "  {name}{group}: {}, {watched}", text::level(component.level))?;
        }
        for entry in self.taken_entries() {
            let entry = sanitize::line(entry, NAME);
            writeln!(
                out,
                "note: watch.components: what {entry:?} means, another entry means, too"
            )?;
        }
        super::warn_of_missing(&self.page, out)?;
        self.print_regions(format, out)?;
        self.print_incidents(out)
    }

    fn print_regions(&self, format: Format, out: &mut dyn Write) -> io::Result<()> {
        let Some(regions) = &self.regions else {
            return match format.has_regions() {
                true => writeln!(
                    out,
                    "(The feed names a region only while there is trouble: whether page.regions is \
                     spelt right can't be told from it.)"
                ),
                false => Ok(()),
            };
        };
        let named = sanitize::line(&regions.named.join(", "), LIST);
        for region in &regions.not_named {
            writeln!(
                out,
                "warning: page.regions: nothing in the feed names {region:?}, now or in its past"
            )?;
            writeln!(out, "  hint: check its spelling; the feed names: {named}")?;
        }
        Ok(())
    }

    fn print_incidents(&self, out: &mut dyn Write) -> io::Result<()> {
        let open = &self.page.incidents().open;
        if open.is_empty() {
            return writeln!(out, "No open incident.");
        }
        writeln!(out, "Open incidents:")?;
        for incident in open {
            let title = sanitize::line(&incident.name, NAME * 2);
            let phase = sanitize::line(text::phase(&incident.phase), NAME);
            let about = self.names(incident).join(", ");
            let about = if about.is_empty() { "names no component".to_owned() } else { about };
            writeln!(out, "  {title} ({phase}): {}", sanitize::line(&about, LIST))?;
        }
        Ok(())
    }

    fn listed(&self) -> impl Iterator<Item = &Component> {
        self.page.components().iter().filter(|component| component.is_listed())
    }

    /// What an incident names, as it is shown.
    fn names(&self, incident: &Incident) -> Vec<&str> {
        let named = self.listed().filter(|component| incident.names(&component.id));
        named.map(Component::shown_name).collect()
    }

    /// The components that answer to an entry.
    fn answering(&self, entry: &str) -> impl Iterator<Item = &Component> {
        self.listed().filter(move |component| component.watched.as_deref() == Some(entry))
    }

    /// Entries that mean nothing that an earlier one doesn't mean.
    fn taken_entries(&self) -> Vec<&str> {
        let missing = self.page.missing_entries();
        let entries = self.page.settings().watch.iter().map(String::as_str);
        let taken =
            |entry: &&str| !missing.contains(entry) && self.answering(entry).next().is_none();
        entries.filter(taken).collect()
    }

    fn components(&self) -> Vec<Value> {
        let row = |component: &Component| {
            json!({
                "id": component.id,
                "name": component.name,
                "group": component.group.as_ref().map(|group| &group.name),
                "level": component.level,
                "watched": component.watched.is_some(),
            })
        };
        self.listed().map(row).collect()
    }

    fn watch(&self) -> Vec<Value> {
        let entry = |entry: &String| {
            let ids: Vec<_> = self.answering(entry).map(|component| &component.id).collect();
            json!({"entry": entry, "components": ids})
        };
        self.page.settings().watch.iter().map(entry).collect()
    }

    fn incidents(&self) -> Vec<Value> {
        let row = |incident: &Incident| {
            json!({
                "id": incident.id,
                "name": incident.name,
                "phase": incident.phase,
                "impact": incident.impact,
                "components": incident.components,
            })
        };
        self.page.incidents().open.iter().map(row).collect()
    }
}

/// An address without a slash at its end.
fn shown(url: &Url) -> &str {
    url.as_str().trim_end_matches('/')
}
