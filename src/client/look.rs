//! One look at the page, for a command that somebody waits for: at the page's own address first,
//! and at the other one where that fails.

use std::time::Duration;

use crate::app::wiring::ONE_LOOK;
use crate::config::Config;
use crate::page::fetch::{Fetcher, Request};
use crate::page::reading;
use ccwatch_core::history::page_at::Outcome;
use ccwatch_core::model::{Endpoint, FailureKind, Host, Reading};
use ccwatch_core::monitor::Input;

/// What was seen.
pub(crate) struct Look {
    /// The reading of the components, of the address that gave one.
    pub(crate) summary: Input,
    /// The incidents, where they were asked for, from the same address.
    pub(crate) history: Option<Input>,
    /// How it went, both addresses together.
    pub(crate) outcome: Outcome,
}

/// Looks. An error is one of the configuration or of the runtime, not of the page.
pub(crate) fn once(config: &Config, with_history: bool) -> anyhow::Result<Look> {
    let fetcher = crate::app::wiring::limited_fetcher(config, ONE_LOOK)?;
    let runtime = crate::app::runtime()?;
    let look = runtime.block_on(both(&fetcher, config, with_history));
    runtime.shutdown_timeout(Duration::ZERO);
    Ok(look)
}

async fn both(fetcher: &Fetcher, config: &Config, with_history: bool) -> Look {
    let first = one(fetcher, Host::Primary, &config.page.id, with_history).await;
    let Some(failed) = failure(&first.summary) else { return first };
    let other = crate::app::wiring::fallback(config).filter(|other| **other != config.page.url);
    if other.is_none() {
        // One address that refuses is not the network; one name that isn't found is.
        let outcome = if failed == FailureKind::Dns { Outcome::NoNetwork } else { Outcome::Failed };
        return Look { outcome, ..first };
    }
    let second = one(fetcher, Host::Fallback, &config.page.id, with_history).await;
    match failure(&second.summary) {
        None => second,
        // The page's own failure says more.
        Some(other) => Look { outcome: together(failed, other), ..first },
    }
}

/// Whether two failures are this machine's network: it is only if neither address was reached.
fn together(one: FailureKind, other: FailureKind) -> Outcome {
    let [one, other] = [one, other].map(|kind| Outcome::of(kind.as_str()));
    if one == other { one } else { Outcome::Failed }
}

async fn one(fetcher: &Fetcher, host: Host, page_id: &str, with_history: bool) -> Look {
    let history = async {
        match with_history {
            true => Some(read(fetcher, host, Endpoint::Incidents, page_id).await),
            false => None,
        }
    };
    let (summary, history) = tokio::join!(read(fetcher, host, Endpoint::Summary, page_id), history);
    Look { summary, history, outcome: Outcome::Good }
}

async fn read(fetcher: &Fetcher, host: Host, endpoint: Endpoint, page_id: &str) -> Input {
    let request = Request { host, endpoint, etag: None };
    reading::input(endpoint, host, fetcher.get(&request).await, page_id, 0.5)
}

fn failure(summary: &Input) -> Option<FailureKind> {
    match summary {
        Input::Polled { reading: Reading::Failed(failure), .. } => Some(failure.kind),
        _ => None,
    }
}
