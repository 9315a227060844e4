//! What the page said at a time, from everything that can be asked: the database first, and the
//! page itself where that doesn't know.

use std::time::Duration;

use jiff::Timestamp;

use super::status::ONE_LOOK;
use crate::cli::Global;
use crate::config::Config;
use crate::core::component::Component;
use crate::core::model::{Endpoint, Host, Incident};
use crate::core::monitor::{Input, Monitor, Saved};
use crate::core::past::{Look, Outcome, PageSource, PageThen, Past, page_at, whole_since};
use crate::core::time::between;
use crate::fetch::{Fetcher, Request};
use crate::store::{Reader, StoreError};
use crate::{clock, paths, reading};

/// What the page said at `at`. Never fails: what can't be known is not known.
pub(super) fn page(global: &Global, config: &Config, at: Timestamp) -> PageThen {
    let dir = paths::state_dir(global.state_dir.as_deref(), config.state_dir.as_deref());
    let known = dir.ok().and_then(|dir| {
        written_down(&dir, config, at).unwrap_or_else(|error| {
            tracing::warn!("{error}; the page itself is asked instead");
            None
        })
    });
    match known.filter(|page| page.source != PageSource::None) {
        Some(page) => page,
        None => ask(config, at).unwrap_or_else(|| PageThen::unknown(at)),
    }
}

/// From the database, where there is one.
fn written_down(
    dir: &std::path::Path,
    config: &Config,
    at: Timestamp,
) -> Result<Option<PageThen>, StoreError> {
    let Some(reader) = Reader::open(dir)? else { return Ok(None) };
    let saved = reader.saved()?;
    if saved.sight.page_id != config.page.id {
        return Ok(None);
    }
    let transitions = reader.transitions(Timestamp::MIN, None)?;
    let since = crate::core::past::window(at, config.stale_after).0;
    let looks: Vec<Look> = reader
        .readings(since)?
        .iter()
        .map(|row| Look { at: row.at, outcome: Outcome::of(&row.outcome) })
        .collect();
    let listed_at = saved.sight.history_at;
    let watches = reader.watches(Timestamp::MIN)?;
    let watches: Vec<_> = watches.iter().map(|watch| (watch.since, watch.until)).collect();
    let stored = reader.incidents(Timestamp::MIN)?;
    let incidents: Vec<Incident> = stored.into_iter().map(|stored| stored.incident).collect();
    Ok(Some(page_at(
        at,
        &Past {
            components: &saved.components,
            transitions: &transitions,
            looks: &looks,
            whole_since: listed_at.and_then(|read| whole_since(&incidents, &watches, read)),
            listed_at,
            incidents: &incidents,
            stale_after: config.stale_after,
            live: false,
        },
    )))
}

/// From the page itself, which is asked for its components, and for its newest incidents.
fn ask(config: &Config, at: Timestamp) -> Option<PageThen> {
    let fetcher = super::run::limited_fetcher(config, ONE_LOOK).ok()?;
    let runtime = super::runtime().ok()?;
    let (summary, history) = runtime.block_on(async {
        tokio::join!(
            read(&fetcher, Endpoint::Summary, &config.page.id),
            read(&fetcher, Endpoint::Incidents, &config.page.id)
        )
    });
    runtime.shutdown_timeout(Duration::ZERO);
    let now = clock::now();
    let settings = super::run::settings(config);
    let mut monitor = Monitor::new(settings, Saved::default(), now);
    monitor.handle(now, summary);
    let outcome = match &monitor.sight().failing {
        None => Outcome::Good,
        Some(run) => Outcome::of(run.kind.as_str()),
    };
    let mut incidents: Vec<Incident> = monitor.incidents().open.clone();
    let listed = match history {
        Input::HistoryRead(Ok(list)) => {
            incidents.retain(|open| list.iter().all(|listed| listed.id != open.id));
            incidents.extend(list);
            Some(now)
        }
        _ => None,
    };
    let components: Vec<Component> = monitor.components().to_vec();
    Some(page_at(
        at,
        &Past {
            components: &components,
            transitions: &[],
            looks: &[Look { at: now, outcome }],
            whole_since: listed.and(incidents.iter().filter_map(|i| i.created_at).min()),
            listed_at: listed,
            incidents: &incidents,
            stale_after: config.stale_after.max(between(at, now).min(RECENT)),
            live: true,
        },
    ))
}

/// An error of this age is as good as one of now.
const RECENT: Duration = Duration::from_secs(10 * 60);

async fn read(fetcher: &Fetcher, endpoint: Endpoint, page_id: &str) -> Input {
    let request = Request { host: Host::Primary, endpoint, etag: None };
    reading::input(endpoint, Host::Primary, fetcher.get(&request).await, page_id, 0.5)
}
