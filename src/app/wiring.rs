//! What a configuration means: the core's settings, and who fetches which page.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use ccwatch_core::sessions::Wish;
use ccwatch_core::settings::Settings;
use ccwatch_core::text;

use super::road;
use crate::claude_code::place::environment;
use crate::config::pages::{PageConfig, When};
use crate::config::{Config, CriticalFrom};
use crate::daemon::{PageSetup, Watchlist};
use crate::page::engine::{Engine, Format};
use crate::page::fetch::{Fetcher, Limits, Page, is_loopback, proxy_for};
use crate::platform::clock;

/// A person waits for a single look at the page: less patience than the daemon has.
pub(crate) const ONE_LOOK: Limits = Limits {
    connect: Duration::from_secs(5),
    read: Duration::from_secs(5),
    total: Duration::from_secs(10),
    age: Duration::from_secs(10 * 60),
    summary: 2 << 20,
    incidents: 8 << 20,
};

/// The page's other address, where it can be told from another page and is not far away while
/// the page itself is on this machine.
pub(crate) fn fallback(config: &Config) -> Option<&url::Url> {
    let local = is_loopback(&config.page.url);
    let has_id = config.page.engine == Format::Statuspage && !config.page.id.is_empty();
    let usable = |url: &&url::Url| has_id && (is_loopback(url) || !local);
    config.page.fallback.as_ref().filter(usable)
}

/// The page's format.
pub(crate) fn engine(config: &Config) -> Engine {
    config.page.engine.engine(&config.page.id, &config.page.regions)
}

/// The fetcher that a configuration asks for.
pub(crate) fn fetcher(config: &Config) -> anyhow::Result<Fetcher> {
    limited_fetcher(config, Limits::default())
}

/// The same with other limits. How old an answer may be, the configuration says.
pub(crate) fn limited_fetcher(config: &Config, limits: Limits) -> anyhow::Result<Fetcher> {
    let limits = Limits { age: config.stale_after, ..limits };
    let page = Page {
        url: config.page.url.as_str().to_owned(),
        fallback: fallback(config).map(|url| url.as_str().to_owned()),
        engine: engine(config),
    };
    Fetcher::new(&page, limits).context("the page's address can't be used")
}

/// What is wrong with the proxy that the environment names, and the next step.
pub(crate) fn proxy_problem(page: &url::Url) -> Option<(String, &'static str)> {
    let failure = proxy_for(page).err()?;
    let (what, hint) = text::failure(failure.kind);
    Some((format!("{what} ({})", failure.detail), hint))
}

/// The core's part of a configuration.
pub(crate) fn settings(config: &Config) -> Settings {
    let notify = &config.notify;
    let engine = engine(config);
    let page_url = engine.site(config.page.url.as_str()).trim_end_matches('/').to_owned();
    Settings {
        stale_after: config.stale_after,
        interval: config.poll.interval,
        during_outage: config.poll.during_outage,
        watch: config.watch.components.clone(),
        min_level: config.watch.min_level,
        models: config.watch.models.clone(),
        settle: notify.settle,
        critical_from: match notify.critical_from {
            CriticalFrom::At(level) => Some(level),
            CriticalFrom::Never => None,
        },
        tell: notify.tell.clone(),
        // Only a daemon runs hooks.
        sinks: notify.sinks(false),
        page_id: engine.page_id(config.page.url.as_str()),
        has_fallback: fallback(config).is_some(),
        page_url,
        incident_pages: engine.has_incident_pages(),
        incidents_linger: engine.incidents_linger(),
        label: None,
        on_road: true,
        zone: clock::zone(),
    }
}

/// What a daemon watches. It has a hook only together with the process that runs it.
pub(crate) fn watchlist(config: &Config, has_runner: bool) -> anyhow::Result<Watchlist> {
    let setup = |page: PageConfig| {
        let sinks = match page.notify {
            When::Route | When::Always => config.notify.sinks(has_runner),
            When::Never => BTreeSet::new(),
        };
        let settings = Settings { sinks, label: page.label(), ..settings(&page.config) };
        let fetcher = fetcher(&page.config).with_context(|| page.key.clone())?;
        let by_road = page.notify == When::Route;
        Ok(PageSetup { key: page.key, settings, by_road, fetcher })
    };
    let pages = config.all_pages().into_iter().map(setup).collect::<anyhow::Result<_>>()?;
    let roads = road::roads(config);
    let find_road = move || roads.page(&environment, PathBuf::new());
    Ok(Watchlist { pages, find_road: Arc::new(find_road) })
}

/// The pause before the first try to go on, of which the others are multiples. A page on this machine
/// is for trying things out: there it is as short as the interval.
const PAUSE: Duration = Duration::from_secs(60);

/// What a configuration wants of stopped sessions.
pub(crate) fn session_wish(config: &Config) -> Wish {
    let sessions = &config.sessions;
    Wish {
        resume: sessions.resume,
        limits: sessions.limits,
        max_attempts: sessions.max_attempts,
        within: sessions.within.0,
        spread: sessions.spread,
        pause: match is_loopback(&config.page.url) {
            true => config.poll.interval.min(PAUSE),
            false => PAUSE,
        },
    }
}
