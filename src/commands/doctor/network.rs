//! The way to the page: name, proxy, TLS, what answers, its clock, and whether it is the page.

use std::time::Duration;

use hyper_util::client::proxy::matcher::Matcher;
use jiff::{SignedDuration, Timestamp};
use tokio::net::lookup_host;
use tokio::time::timeout;
use url::{Host as Name, Url};

use crate::app::wiring;
use crate::client::look;
use crate::config::Config;
use crate::page::fetch::{self, Fetched, Limits, Request, is_loopback, proxy_for};
use crate::platform::clock;
use ccwatch_core::model::{Endpoint, Failure, FailureKind, Host};
use ccwatch_core::state::SavedState;
use ccwatch_core::text;

use super::Finding::{self, Fix, Skipped, Well};

/// For the name alone.
const LOOKUP: Duration = Duration::from_secs(3);
/// For everything after it.
const LIMITS: Limits = Limits {
    connect: Duration::from_secs(4),
    read: Duration::from_secs(4),
    total: Duration::from_secs(7),
    age: Duration::from_secs(10 * 60),
    summary: 2 << 20,
    incidents: 8 << 20,
};
/// A clock that is further off makes times, and in the end certificates, wrong.
const TOLERANCE: SignedDuration = SignedDuration::from_secs(120);

/// What the way to the page is like.
pub(super) struct Findings {
    pub(super) network: Finding,
    pub(super) clock: Finding,
    pub(super) page: Finding,
}

/// `before`: what was known of the page.
pub(super) async fn check(config: Option<&Config>, before: SavedState) -> Findings {
    let skipped = |why: &str| Skipped(why.to_owned());
    let Some(config) = config else {
        let why = "depends on the configuration";
        return Findings { network: skipped(why), clock: skipped(why), page: skipped(why) };
    };
    let unknown = skipped("the page's host gave no time");
    let ends = |network| {
        let (clock, page) = (skipped("the page's host gave no time"), skipped("could not be read"));
        Findings { network, clock, page }
    };
    let proxy = match proxy_for(&config.page.url) {
        Ok(proxy) => proxy.as_ref().map(shown).or_else(|| of_the_system(&config.page.url)),
        Err(failure) => {
            let (what, step) = text::failure(failure.kind);
            return ends(Fix(format!("{what} ({})", failure.detail), step.to_owned()));
        }
    };
    if proxy.is_none()
        && let Some(problem) = lookup(&config.page.url).await
    {
        return ends(problem);
    }
    let mut sent = None;
    let answer = match crate::app::wiring::limited_fetcher(config, LIMITS) {
        Ok(fetcher) => {
            let request = Request { host: Host::Primary, endpoint: Endpoint::Summary, etag: None };
            fetcher.get_dated(&request, &mut sent).await
        }
        Err(error) => Err(Failure::new(FailureKind::Other, error.to_string())),
    };
    let clock = sent.map_or(unknown, |sent| compare(sent, clock::now()));
    let (network, page) = judge(config, proxy.as_deref(), before, answer);
    Findings { network, clock, page }
}

/// The pages beside the first one, one after the other, each by its key.
pub(super) async fn others(config: Option<&Config>) -> Vec<(String, Finding)> {
    let pages = config.map(Config::all_pages).unwrap_or_default();
    let mut found = Vec::new();
    for page in pages.into_iter().skip(1) {
        let Findings { network, page: finding, .. } =
            check(Some(&page.config), SavedState::default()).await;
        let finding = if matches!(network, Fix(..)) { network } else { finding };
        found.push((page.key, finding));
    }
    found
}

/// A proxy without its user name and password.
fn shown(proxy: &Url) -> String {
    let port = proxy.port().map_or_else(String::new, |port| format!(":{port}"));
    let kind = match proxy.scheme() {
        "http" => String::new(),
        other => format!(" ({other})"),
    };
    format!("{}{port}{kind}", proxy.host_str().unwrap_or_default())
}

/// The proxy that the settings of macOS name for the page.
fn of_the_system(page: &Url) -> Option<String> {
    if is_loopback(page) || !cfg!(target_os = "macos") {
        return None;
    }
    let page: http::Uri = page.as_str().parse().ok()?;
    let proxy = Matcher::from_system().intercept(&page)?;
    Url::parse(&proxy.uri().to_string()).ok().as_ref().map(shown)
}

/// What is wrong with the page's name, if anything is.
async fn lookup(page: &Url) -> Option<Finding> {
    let Some(Name::Domain(name)) = page.host() else { return None };
    let port = page.port_or_known_default().unwrap_or(443);
    let (what, step) = text::failure(FailureKind::Dns);
    let found = match timeout(LOOKUP, lookup_host((name, port))).await {
        Ok(Ok(mut addresses)) => addresses.next().is_some(),
        Ok(Err(_)) => false,
        Err(_) => {
            let said = format!("no answer about the name {name} within {} s", LOOKUP.as_secs());
            return Some(Fix(said, step.to_owned()));
        }
    };
    (!found).then(|| Fix(format!("{what} ({name})"), step.to_owned()))
}

/// What the answer says of the way, and of the page.
fn judge(
    config: &Config,
    proxy: Option<&str>,
    before: SavedState,
    answer: Result<Fetched, Failure>,
) -> (Finding, Finding) {
    let host = config.page.url.host_str().unwrap_or_default();
    let way = match proxy {
        Some(proxy) => format!("through the proxy {proxy}"),
        None => "without a proxy".to_owned(),
    };
    if let Err(failure) = answer {
        let (what, step) = text::failure(failure.kind);
        let said = format!("{what} ({}), {way}", failure.detail);
        return (Fix(said, step.to_owned()), Skipped("could not be read".to_owned()));
    }
    (Well(format!("{host} answers, {way}")), page(config, before, answer))
}

/// Whether it is the page, and whether it lists what is watched.
fn page(config: &Config, before: SavedState, answer: Result<Fetched, Failure>) -> Finding {
    let now = clock::now();
    let engine = wiring::engine(config);
    let answer = fetch::input(Endpoint::Summary, Host::Primary, answer, &engine, 0.5);
    let state = look::take_in(wiring::settings(config), before, answer, now);
    if let Some(failing) = &state.page_health().failing {
        let (what, step) = text::failure(failing.kind);
        return Fix(format!("{what} ({})", failing.detail), step.to_owned());
    }
    match state.missing_entries().as_slice() {
        [] => {
            let all = state.components().iter().filter(|c| c.is_listed()).count();
            let watched = state.watched().filter(|c| c.is_listed()).count();
            let components = if all == 1 { "component" } else { "components" };
            Well(format!("lists {all} {components}, you watch {watched} of them"))
        }
        missing => {
            let said = format!("does not list {}", missing.join(", "));
            Fix(said, "compare watch.components with: ccwatch status --all".to_owned())
        }
    }
}

fn compare(sent: Timestamp, now: Timestamp) -> Finding {
    let off = now.duration_since(sent);
    if off.abs() <= TOLERANCE {
        return Well("agrees with the page's".to_owned());
    }
    let direction = if off.is_positive() { "ahead of" } else { "behind" };
    let by = text::duration(off.unsigned_abs());
    let said = format!("this machine's clock is {by} {direction} the page's");
    Fix(said, "set it, or switch on that it is set by the network".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_may_be_a_little_off() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        for (off, expected) in [
            (0, None),
            (119, None),
            (-119, None),
            (600, Some("this machine's clock is 10 min behind the page's")),
            (-7200, Some("this machine's clock is 2 h ahead of the page's")),
        ] {
            let sent = now + SignedDuration::from_secs(off);
            match (compare(sent, now), expected) {
                (Well(_), None) => {}
                (Fix(said, _), Some(expected)) => assert_eq!(said, expected),
                (finding, _) => panic!("{off}: {finding:?}"),
            }
        }
    }
}
