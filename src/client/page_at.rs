//! What the page said at a time, from everything that can be asked: the database first, and the
//! page itself where that doesn't know.

use std::time::Duration;

use jiff::Timestamp;

use crate::app::{App, wiring};
use crate::client::look::{self, Look};
use crate::config::Config;
use crate::platform::clock;
use crate::store::{Lock, Reader, StoreError};
use ccwatch_core::history::page_at::{
    self, Outcome, PageThen, Past, is_attested, page_at, whole_since,
};
use ccwatch_core::model::{Incident, IncidentId};
use ccwatch_core::state::SavedState;
use ccwatch_core::state::component::Component;
use ccwatch_core::time::{after, between};

/// What the page said at `at`, with what the user filters out marked as such. Never fails: what can't
/// be known is not known.
///
/// What was written down is good for a time up to the last reading. After that, and where it says
/// nothing of that time, the page itself is asked: that a daemon holds the lock is no reading.
pub(crate) fn page(app: &App, at: Timestamp) -> PageThen {
    page_and_look(app, at).0
}

/// The same with the look at the page, where it was asked.
pub(crate) fn page_and_look(app: &App, at: Timestamp) -> (PageThen, Option<Look>) {
    let config = &app.config;
    let state = app.state_dir().ok();
    let running = || state.as_ref().is_some_and(|dir| matches!(Lock::holder(dir), Ok(Some(_))));
    let dir = app.page_dir().ok();
    let known = dir.as_ref().and_then(|dir| {
        written_down(dir, config, at).unwrap_or_else(|error| {
            tracing::warn!("{error}; the page itself is asked instead");
            None
        })
    });
    let filtered = |page: PageThen| page.filtered_by(&wiring::settings(config));
    let (known, missed, saved) = match known {
        Some(known) if known.attested && known.page.tells() => return (filtered(known.page), None),
        // Beside a daemon only the moment since its last reading is missing: the summary has it.
        Some(known) => (Some(known.page), !known.attested, known.saved),
        None => (None, false, SavedState::default()),
    };
    let summary_is_enough = missed && between(at, clock::now()) <= RECENT && running();
    let (asked, look) = match ask(config, saved, at, !summary_is_enough) {
        Some((asked, look)) => (asked, Some(look)),
        None => (PageThen::unknown(at), None),
    };
    let page = match known.filter(|_| !asked.tells()) {
        Some(page) => PageThen { network: asked.network.or(page.network), ..page },
        None => asked,
    };
    (filtered(page), look)
}

/// What the database knows.
struct Known {
    page: PageThen,
    /// Something was read at that time or after it.
    attested: bool,
    saved: SavedState,
}

/// From the database, where there is one.
fn written_down(
    dir: &std::path::Path,
    config: &Config,
    at: Timestamp,
) -> Result<Option<Known>, StoreError> {
    let Some(reader) = Reader::open(dir)? else { return Ok(None) };
    let saved = reader.state()?;
    if saved.page_health.page_id != wiring::settings(config).page_id {
        return Ok(None);
    }
    let (since, until) = page_at::window(at, config.stale_after);
    let soon = after(at, page_at::FOLLOWS);
    let mut transitions = Vec::new();
    for component in &saved.components {
        transitions.extend(reader.transitions_around(&component.id, at, soon)?);
    }
    let looks: Vec<page_at::Look> = reader
        .readings(since, until)?
        .iter()
        .map(|row| page_at::Look { at: row.at, outcome: Outcome::of(&row.outcome) })
        .collect();
    let listed_at = saved.page_health.history_at;
    let watches = reader.watches(at)?;
    let watches: Vec<_> = watches.iter().map(|watch| (watch.since, watch.until)).collect();
    let posted = reader.posted()?;
    let stored = reader.incidents_within(at, soon)?;
    let incidents: Vec<Incident> = stored.into_iter().map(|stored| stored.incident).collect();
    let past = Past {
        components: &saved.components,
        transitions: &transitions,
        looks: &looks,
        works: &saved.incidents.maintenances,
        whole_since: listed_at.and_then(|read| whole_since(&posted, &watches, read)),
        listed_at,
        read_at: saved.page_health.last_good,
        incidents: &incidents,
        interval: config.poll.interval,
        stale_after: config.stale_after,
        live: false,
    };
    let (page, attested) = (page_at(at, &past), is_attested(at, &past));
    Ok(Some(Known { page, attested, saved }))
}

/// From the page itself, which is asked for its components with the open incidents, and for its
/// newest incidents if `with_list`. What was `saved` says nothing of that time where it can't be read.
fn ask(
    config: &Config,
    saved: SavedState,
    at: Timestamp,
    with_list: bool,
) -> Option<(PageThen, Look)> {
    let mut look = look::once(config, wiring::settings(config), saved, with_list).ok()?;
    let now = look.at;
    let page = Some(&look.page).filter(|_| look.outcome == Outcome::Good);
    let listed = page.iter().flat_map(|page| page.components()).filter(|c| c.is_listed());
    let components: Vec<Component> = listed.cloned().collect();
    let mut incidents = page.map_or_else(Vec::new, |page| page.incidents().open.clone());
    let (listed_at, since) = match look.incidents.take() {
        Some(list) => {
            // Only the list says how far back it reaches: the summary may name older ones.
            let since = whole_since(&page_at::posted(&list), &[], now);
            incidents.retain(|open| list.iter().all(|listed| listed.id != open.id));
            incidents.extend(list);
            (Some(now), since)
        }
        None => (None, None),
    };
    let past = Past {
        components: &components,
        transitions: &[],
        looks: &[page_at::Look { at: now, outcome: look.outcome }],
        whole_since: since,
        listed_at,
        read_at: page.and_then(|page| page.page_health().last_good),
        incidents: &incidents,
        works: page.map_or(&[], |page| &page.incidents().maintenances),
        interval: config.poll.interval,
        stale_after: config.stale_after.max(between(at, now).min(RECENT)),
        live: true,
    };
    Some((page_at(at, &past), look))
}

/// An incident that the page lists at this moment, open or over.
pub(crate) fn listed(app: &App, id: &IncidentId) -> Option<Incident> {
    let config = &app.config;
    let Look { page, incidents, .. } =
        look::once(config, wiring::settings(config), SavedState::default(), true).ok()?;
    let open = page.incidents().open.iter().find(|incident| incident.id == *id).cloned();
    let listed = incidents.into_iter().flatten().find(|incident| incident.id == *id);
    open.or(listed)
}

/// An error of this age is as good as one of now.
const RECENT: Duration = Duration::from_secs(10 * 60);
