//! `ccwatch config check --live`: one look at the page that is configured, what it turns out to be,
//! and what of it would be watched. Nothing is written down.

mod show;

use std::time::Duration;

use url::Url;

use crate::app::wiring::{self, ONE_LOOK};
use crate::client::look;
use crate::config::Config;
use crate::page::engine::{Format, PageName};
use crate::page::fetch::{self, Fetched, Fetcher, Limits, Page, Request};
use crate::platform::clock;
use crate::tty::spinner::Spinner;
use ccwatch_core::model::{Endpoint, Failure, FailureKind, Host, Snapshot};
use ccwatch_core::state::{PageState, SavedState};

/// For each look at what else may be there.
const GUESS: Limits = Limits { total: Duration::from_secs(5), ..ONE_LOOK };

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
    /// How much of its list of open incidents is understood; none where it gives no list.
    lists: Option<Listed>,
    /// What of it isn't understood, a line each, raw.
    oddities: Vec<String>,
    /// The configured regions that nothing there names, and all that are named.
    regions: Option<Regions>,
}

/// How much of the list of open incidents is understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Listed {
    All,
    Some,
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
    let snapshot = fetcher.engine().summary(&body)?;
    let lists = snapshot.incidents.is_some().then_some(match snapshot.incidents_complete {
        true => Listed::All,
        false => Listed::Some,
    });
    let answer = Ok(Fetched::Body { bytes: body, etag: None });
    let input = fetch::input(Endpoint::Summary, Host::Primary, answer, fetcher.engine(), 0.5);
    let page = look::take_in(wiring::settings(config), SavedState::default(), input, clock::now());
    match &page.page_health().failing {
        Some(run) => Err(Failure::new(run.kind, run.detail.clone())),
        None => Ok(Seen { page, lists, oddities: snapshot.oddities, regions }),
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
