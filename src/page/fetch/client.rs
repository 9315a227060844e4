//! The HTTP client and what it must not do.

use std::error::Error as StdError;
use std::fmt;

use reqwest::redirect::{Attempt, Policy};
use reqwest::{Client, ClientBuilder, Proxy, Url};

use super::address::may_redirect;
use super::{Limits, is_loopback};

/// More redirects than this are a loop.
const MAX_REDIRECTS: usize = 5;

/// Who we are, so that the page's operators can tell and complain.
const USER_AGENT: &str = concat!(
    env!("CARGO_PKG_NAME"),
    "/",
    env!("CARGO_PKG_VERSION"),
    " (+",
    env!("CARGO_PKG_REPOSITORY"),
    ")"
);

/// A client for the page at `base`. One request a minute needs no pool, and a pooled connection
/// hangs for minutes after the machine slept.
pub(super) fn builder(base: &Url, limits: &Limits, proxy: Option<Url>) -> ClientBuilder {
    // Fails where it is installed already, which is what we want.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let origin = base.clone();
    let mut builder = Client::builder()
        .user_agent(USER_AGENT)
        .http1_only()
        .pool_max_idle_per_host(0)
        .connect_timeout(limits.connect)
        .referer(false)
        .redirect(Policy::custom(move |attempt| judge(attempt, &origin)));
    match proxy.map(Proxy::all) {
        Some(Ok(proxy)) => builder = builder.proxy(proxy),
        // Only macOS has settings of its own, and there they are asked.
        None if cfg!(target_os = "macos") && !is_loopback(base) => {}
        None | Some(Err(_)) => builder = builder.no_proxy(),
    }
    if base.scheme() == "http" {
        // No TLS, so no need for the certificate authorities, which take a while to load.
        builder = builder.tls_certs_only([]);
    }
    builder
}

fn judge(attempt: Attempt<'_>, origin: &Url) -> reqwest::redirect::Action {
    let problem = if !may_redirect(origin, attempt.url()) {
        let to = attempt.url();
        let port = to.port().map(|port| format!(":{port}")).unwrap_or_default();
        let host = to.host_str().unwrap_or_default();
        format!("redirected to {}://{host}{port}", to.scheme())
    } else if attempt.previous().len() > MAX_REDIRECTS {
        format!("redirected more than {MAX_REDIRECTS} times")
    } else {
        return attempt.follow();
    };
    attempt.error(RefusedRedirect(problem))
}

/// Why a redirect was not followed.
#[derive(Debug)]
pub(super) struct RefusedRedirect(pub(super) String);

impl fmt::Display for RefusedRedirect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl StdError for RefusedRedirect {}
