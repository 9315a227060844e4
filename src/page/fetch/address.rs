//! Which addresses a page may have.

use reqwest::Url;
use url::Host;

/// An address that is not acceptable for a page.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("page address {url:?}: {reason}")]
pub struct UrlError {
    /// The address; without the user name and password, if it held any.
    pub url: String,
    /// What was expected instead.
    pub reason: &'static str,
}

/// The rule for the address of a page: https, or http on a loopback address (for tests and demos),
/// and no part that a page's address can't have.
///
/// # Errors
/// What was expected instead.
pub fn fits(url: &Url) -> Result<(), &'static str> {
    if url.scheme() != "https" && !(url.scheme() == "http" && is_loopback(url)) {
        return Err("expected https; http is only for this machine (127.0.0.1, ::1, localhost)");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("expected an address without a user name and password");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("expected an address without ? and #");
    }
    Ok(())
}

/// Reads the address of a page.
///
/// # Errors
/// It is no address, or not one that [`fits`].
pub fn check_url(text: &str) -> Result<Url, UrlError> {
    let Ok(mut url) = Url::parse(text.trim()) else {
        let reason = "expected a web address such as https://status.claude.com";
        return Err(UrlError { url: text.to_owned(), reason });
    };
    match fits(&url) {
        Ok(()) => Ok(url),
        Err(reason) => {
            // An error is shown. Neither call can fail on an address that has such parts.
            let _ = url.set_username("");
            let _ = url.set_password(None);
            Err(UrlError { url: url.into(), reason })
        }
    }
}

/// Whether the host is this machine: 127.0.0.0/8, `::1` or `localhost`.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        None => false,
    }
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
