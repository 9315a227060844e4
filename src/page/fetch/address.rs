//! Which addresses a page may have.

use std::net::IpAddr;

use reqwest::Url;

/// An address that is not acceptable for a page.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("page address {url:?} {reason}")]
pub struct UrlError {
    /// The address; without the user name and password, if it held any.
    pub url: String,
    /// What is wrong, as the rest of a sentence.
    pub reason: &'static str,
}

/// Checks the address of a page: https, or http on a loopback address (for tests and demos).
///
/// # Errors
/// Not an address, not https, or with a part that a page's address can't have.
pub fn check_url(text: &str) -> Result<Url, UrlError> {
    let refuse = |reason| Err(UrlError { url: text.to_owned(), reason });
    let Ok(mut url) = Url::parse(text.trim()) else {
        return refuse("is not a web address such as https://status.claude.com");
    };
    if !url.username().is_empty() || url.password().is_some() {
        // Neither call can fail on an address that has such parts.
        let _ = url.set_username("");
        let _ = url.set_password(None);
        let reason = "must not hold a user name or a password";
        return Err(UrlError { url: url.into(), reason });
    }
    if url.scheme() != "https" && !(url.scheme() == "http" && is_loopback(&url)) {
        return refuse("must begin with https:// (http:// is for loopback addresses only)");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return refuse("must not hold a ? or a #");
    }
    Ok(url)
}

/// Whether the host is this machine: 127.0.0.0/8, `::1` or `localhost`.
pub fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Whether a redirect from the page's address `from` to `to` may be followed: to https on the
/// same host, or to exactly the same origin where that is http on a loopback address.
pub(super) fn may_redirect(from: &Url, to: &Url) -> bool {
    let same_host = from.host_str() == to.host_str();
    match (from.scheme(), to.scheme()) {
        ("https", "https") => same_host,
        ("http", "http") => {
            same_host
                && is_loopback(to)
                && from.port_or_known_default() == to.port_or_known_default()
        }
        _ => false,
    }
}
