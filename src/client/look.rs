//! One look at the page, for a command that somebody waits for: at the page's own address first,
//! and at the other one where that fails.

use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;

use crate::app::wiring::{self, ONE_LOOK};
use crate::config::Config;
use crate::page::fetch::{self, Fetcher, Request};
use crate::platform::clock;
use crate::store::page_state;
use ccwatch_core::history::page_at::Outcome;
use ccwatch_core::model::{Endpoint, Failure, FailureKind, Host, Incident, Reading};
use ccwatch_core::monitor::{Input, Monitor, Saved};
use ccwatch_core::settings::Settings;
use ccwatch_core::state::{PageState, SavedState};

/// What is known after a look.
pub(crate) struct Look {
    /// When it was over.
    pub(crate) at: Timestamp,
    /// What was known before, with what the page said now.
    pub(crate) page: PageState,
    /// The newest incidents, where they were asked for and could be read.
    pub(crate) incidents: Option<Vec<Incident>>,
    /// How it went, both addresses together.
    pub(crate) outcome: Outcome,
}

/// What a daemon wrote down of a page that is configured, where there is anything. What can't be
/// read is nothing.
pub(crate) fn remembered(state: &Path, page: &str, settings: &Settings) -> Option<SavedState> {
    let (saved, _) = page_state(state, page).ok()??;
    (saved.is_of(settings) && !saved.components.is_empty()).then_some(saved)
}

/// Looks, and takes what the page says into what was known. An error is one of the configuration or
/// of the runtime, not of the page.
pub(crate) fn once(
    config: &Config,
    settings: Settings,
    before: SavedState,
    with_history: bool,
) -> anyhow::Result<Look> {
    let fetcher = wiring::limited_fetcher(config, ONE_LOOK)?;
    let runtime = crate::app::runtime()?;
    let Answers { summary, history, outcome } =
        runtime.block_on(both(&fetcher, config, with_history));
    runtime.shutdown_timeout(Duration::ZERO);
    let at = clock::now();
    let incidents = match history {
        Some(Input::HistoryRead(Ok(list))) => Some(list),
        _ => None,
    };
    Ok(Look { at, page: take_in(settings, before, summary, at), incidents, outcome })
}

/// What is known of the page after one answer more.
pub(crate) fn take_in(
    settings: Settings,
    before: SavedState,
    answer: Input,
    now: Timestamp,
) -> PageState {
    // What waits for a sink is the daemon's business.
    let saved = Saved { state: before, ..Saved::default() };
    let mut monitor = Monitor::new(settings, saved, now);
    monitor.handle(now, answer);
    if monitor.awaits_history() {
        monitor.handle(now, not_asked_for());
    }
    monitor.into_state()
}

/// The answer of a history that nobody asks the page for.
pub(crate) fn not_asked_for() -> Input {
    Input::HistoryRead(Err(Failure::new(FailureKind::Unavailable, "not asked for")))
}

/// What one address, or both together, said.
struct Answers {
    /// The reading of the components, of the address that gave one.
    summary: Input,
    /// The incidents, where they were asked for, from the same address.
    history: Option<Input>,
    outcome: Outcome,
}

async fn both(fetcher: &Fetcher, config: &Config, with_history: bool) -> Answers {
    let first = one(fetcher, Host::Primary, with_history).await;
    let Some(failed) = failure(&first.summary) else { return first };
    let other = wiring::fallback(config).filter(|other| **other != config.page.url);
    if other.is_none() {
        // One address that refuses is not the network; one name that isn't found is.
        let outcome = if failed == FailureKind::Dns { Outcome::NoNetwork } else { Outcome::Failed };
        return Answers { outcome, ..first };
    }
    let second = one(fetcher, Host::Fallback, with_history).await;
    match failure(&second.summary) {
        None => second,
        // The page's own failure says more.
        Some(other) => Answers { outcome: together(failed, other), ..first },
    }
}

/// Whether two failures are this machine's network: it is only if neither address was reached.
fn together(one: FailureKind, other: FailureKind) -> Outcome {
    let [one, other] = [one, other].map(|kind| Outcome::of(kind.as_str()));
    if one == other { one } else { Outcome::Failed }
}

async fn one(fetcher: &Fetcher, host: Host, with_history: bool) -> Answers {
    let history = async {
        match with_history {
            true => Some(read(fetcher, host, Endpoint::Incidents).await),
            false => None,
        }
    };
    let (summary, history) = tokio::join!(read(fetcher, host, Endpoint::Summary), history);
    Answers { summary, history, outcome: Outcome::Good }
}

async fn read(fetcher: &Fetcher, host: Host, endpoint: Endpoint) -> Input {
    let request = Request { host, endpoint, etag: None };
    fetch::input(endpoint, host, fetcher.get(&request).await, fetcher.engine(), 0.5)
}

fn failure(summary: &Input) -> Option<FailureKind> {
    match summary {
        Input::Polled { reading: Reading::Failed(failure), .. } => Some(failure.kind),
        _ => None,
    }
}
