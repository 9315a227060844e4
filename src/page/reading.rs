//! From what came over the wire to an input of the core: the one way of the daemon, of `replay`
//! and of a single look.

use crate::page::engine::Engine;
use crate::page::fetch::Fetched;
use ccwatch_core::model::{Endpoint, Failure, Host, Reading};
use ccwatch_core::monitor::Input;

/// What a read of `endpoint` means, by the page's format. `jitter` is chance in `[0, 1)`, for the next pause.
pub fn input(
    endpoint: Endpoint,
    host: Host,
    answer: Result<Fetched, Failure>,
    engine: &Engine,
    jitter: f64,
) -> Input {
    match endpoint {
        Endpoint::Summary => {
            let (reading, etag) = summary(answer, engine);
            Input::Polled { host, reading, etag, jitter }
        }
        Endpoint::Incidents => Input::HistoryRead(answer.and_then(|fetched| match fetched {
            Fetched::Body { bytes, .. } => engine.incidents(&bytes),
            // Never asked for conditionally.
            Fetched::Unchanged => Ok(Vec::new()),
        })),
    }
}

fn summary(answer: Result<Fetched, Failure>, engine: &Engine) -> (Reading, Option<String>) {
    match answer {
        Ok(Fetched::Unchanged) => (Reading::Unchanged, None),
        Ok(Fetched::Body { bytes, etag }) => match engine.summary(&bytes) {
            Ok(snapshot) => (Reading::Fresh(snapshot), etag),
            Err(failure) => (Reading::Failed(failure), None),
        },
        Err(failure) => (Reading::Failed(failure), None),
    }
}
