//! One conditional GET of the page, with every limit, and what its answer means to the core.
//!
//! Every way in which it can go wrong becomes one [`FailureKind`], decided before a byte of JSON
//! is parsed. Nothing here reads a clock or keeps state between two calls but the HTTP client.

mod address;
mod answer;
mod authorities;
mod client;
mod network;
mod proxy;
#[cfg(test)]
mod tests;

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::{ACCEPT, ETAG, HeaderMap, HeaderValue, IF_NONE_MATCH};
use reqwest::{Client, Response};
use tokio::time::{Instant, timeout, timeout_at};

pub use address::{UrlError, check_url, fits, is_loopback};
pub use answer::{Verdict, judge, sent_at};
pub use proxy::proxy_for;
pub use reqwest::Url;

use crate::page::engine::Engine;
use ccwatch_core::model::{Endpoint, Failure, FailureKind, Host, Reading};
use ccwatch_core::monitor::Input;

/// A longer ETag is not kept; real ones have 36 characters.
const MAX_ETAG: usize = 256;

/// Where the page is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The page's address, for example `https://status.claude.com`.
    pub url: String,
    /// Another address of the same page, for when the first fails.
    pub fallback: Option<String>,
    /// Its format, by which its documents are found and read.
    pub engine: Engine,
}

/// How long and how much is enough.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// For a connection, with its TLS handshake.
    pub connect: Duration,
    /// For the next piece of the body.
    pub read: Duration,
    /// For everything from the name lookup to the last byte.
    pub total: Duration,
    /// How old an answer out of a cache may be, by its own word: an older one says nothing of now.
    pub age: Duration,
    /// Bytes of a decoded summary.
    pub summary: usize,
    /// Bytes of a decoded list of incidents.
    pub incidents: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            read: Duration::from_secs(10),
            total: Duration::from_secs(30),
            age: Duration::from_secs(10 * 60),
            summary: 2 << 20,
            incidents: 8 << 20,
        }
    }
}

/// What to ask, and whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Which of the page's addresses.
    pub host: Host,
    /// Which document.
    pub endpoint: Endpoint,
    /// The ETag of the copy that is at hand, from the same host and endpoint.
    pub etag: Option<String>,
}

/// An answer that is news.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fetched {
    /// The copy with the ETag that was sent is still the newest.
    Unchanged,
    /// A whole body that calls itself JSON.
    Body {
        /// The body, decoded.
        bytes: Vec<u8>,
        /// To be sent along next time.
        etag: Option<String>,
    },
}

/// Fetches the documents of one page.
#[derive(Debug)]
pub struct Fetcher {
    primary: Site,
    fallback: Option<Site>,
    engine: Engine,
    limits: Limits,
}

impl Fetcher {
    /// Nothing is looked up or connected yet.
    ///
    /// # Errors
    /// One of the addresses is not acceptable; see [`check_url`].
    pub fn new(page: &Page, limits: Limits) -> Result<Self, UrlError> {
        let site = |url: &String| check_url(url).map(Site::new);
        let fallback = page.fallback.as_ref().map(site).transpose()?;
        let engine = page.engine.clone();
        Ok(Self { primary: site(&page.url)?, fallback, engine, limits })
    }

    /// By which the answers are read.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// One GET. Safe to be dropped at any await.
    ///
    /// # Errors
    /// Everything but a believable 200 or an expected 304, see [`FailureKind`].
    pub async fn get(&self, request: &Request) -> Result<Fetched, Failure> {
        self.get_dated(request, &mut None).await
    }

    /// The same, which leaves in `sent` when the answer was sent by the server's own clock, if
    /// there was an answer of any kind that says so.
    pub async fn get_dated(
        &self,
        request: &Request,
        sent: &mut Option<Timestamp>,
    ) -> Result<Fetched, Failure> {
        let site = match request.host {
            Host::Primary => &self.primary,
            Host::Fallback => self.fallback.as_ref().ok_or_else(|| {
                Failure::new(FailureKind::Other, "no fallback address is configured")
            })?,
        };
        let outcome = site.get(request, &self.engine, &self.limits, sent).await;
        if outcome.is_err() {
            site.forget_client();
        }
        outcome
    }
}

/// One address of the page with the client that is used for it.
#[derive(Debug)]
struct Site {
    base: Url,
    client: Mutex<Option<Client>>,
}

impl Site {
    fn new(base: Url) -> Self {
        Self { base, client: Mutex::new(None) }
    }

    async fn get(
        &self,
        request: &Request,
        engine: &Engine,
        limits: &Limits,
        sent: &mut Option<Timestamp>,
    ) -> Result<Fetched, Failure> {
        let deadline = Instant::now() + limits.total;
        let syntax = engine.syntax();
        let document = self.document(engine.document(request.endpoint));
        let mut get = self.client(limits)?.get(document).header(ACCEPT, syntax.accepted());
        let etag = request.etag.as_deref().and_then(|tag| HeaderValue::from_str(tag).ok());
        let conditional = etag.is_some();
        if let Some(etag) = etag {
            get = get.header(IF_NONE_MATCH, etag);
        }
        let mut response = timeout_at(deadline, get.send())
            .await
            .map_err(|_| network::too_slow("no answer", limits.total))?
            .map_err(|error| network::failure(&error, &self.base, limits))?;
        *sent = answer::sent_at(response.headers());
        let verdict = answer::judge(response.status(), response.headers(), conditional, syntax)?;
        answer::judge_age(response.headers(), limits.age)?;
        match verdict {
            Verdict::Unchanged => Ok(Fetched::Unchanged),
            Verdict::Body => {
                let etag = etag_of(response.headers());
                let cap = match request.endpoint {
                    Endpoint::Summary => limits.summary,
                    Endpoint::Incidents => limits.incidents,
                };
                let bytes = timeout_at(deadline, self.body(&mut response, cap, limits))
                    .await
                    .map_err(|_| network::too_slow("no whole answer", limits.total))??;
                answer::judge_body(&bytes, syntax)?;
                Ok(Fetched::Body { bytes, etag })
            }
        }
    }

    /// The decoded body. Its length isn't known in advance, and a few bytes can unpack to
    /// gigabytes, so it is counted while it comes in.
    async fn body(
        &self,
        response: &mut Response,
        cap: usize,
        limits: &Limits,
    ) -> Result<Vec<u8>, Failure> {
        let mut bytes = Vec::new();
        loop {
            let chunk = timeout(limits.read, response.chunk())
                .await
                .map_err(|_| network::stalled(limits.read))?
                .map_err(|error| network::failure(&error, &self.base, limits))?;
            let Some(chunk) = chunk else { return Ok(bytes) };
            if bytes.len() + chunk.len() > cap {
                let detail = format!("the answer is larger than {}", network::size(cap));
                return Err(Failure::new(FailureKind::TooLarge, detail));
            }
            bytes.extend_from_slice(&chunk);
        }
    }

    fn document(&self, path: &str) -> String {
        format!("{}/{path}", self.base.as_str().trim_end_matches('/'))
    }

    /// The client of the last call, or a new one after a failure.
    fn client(&self, limits: &Limits) -> Result<Client, Failure> {
        let mut kept = self.client.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = kept.as_ref() {
            return Ok(client.clone());
        }
        if self.base.scheme() == "https" {
            authorities::check()?;
        }
        let client = client::builder(&self.base, limits, proxy::proxy_for(&self.base)?)
            .build()
            .map_err(|error| network::failure(&error, &self.base, limits))?;
        Ok(kept.insert(client).clone())
    }

    /// A client knows the proxy and the certificate authorities of the moment it was built. After
    /// a failure both are looked up anew: the laptop may be in another network.
    fn forget_client(&self) {
        *self.client.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

fn etag_of(headers: &HeaderMap) -> Option<String> {
    let etag = headers.get(ETAG)?.to_str().ok()?;
    (!etag.is_empty() && etag.len() <= MAX_ETAG).then(|| etag.to_owned())
}

/// From what came over the wire to an input of the core, by the page's format: the one way of the
/// daemon, of `replay` and of a single look. `jitter` is chance in `[0, 1)`, for the next pause.
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
