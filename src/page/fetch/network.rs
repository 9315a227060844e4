//! What went wrong on the way, told apart by the types in the chain of causes.

use std::error::Error as StdError;
use std::io;
use std::iter::successors;
use std::time::Duration;

use reqwest::Url;
use rustls::CertificateError;

use super::Limits;
use super::client::RefusedRedirect;
use ccwatch_core::model::{Failure, FailureKind};

/// Foreign text in a detail is cut to so many characters.
const MAX_TEXT: usize = 80;

/// The failure behind an error of reqwest, while talking to the page at `base`.
pub(super) fn failure(error: &reqwest::Error, base: &Url, limits: &Limits) -> Failure {
    let host = base.host_str().unwrap_or_default();
    if let Some(RefusedRedirect(problem)) = cause(error) {
        return Failure::new(FailureKind::Redirect, clip(problem));
    }
    if let Some(rustls::Error::InvalidMessage(_)) = cause(error) {
        let problem = "what answers there, or a proxy on the way, speaks no TLS";
        return Failure::new(FailureKind::Connect, format!("no connection to {host}: {problem}"));
    }
    if let Some(tls) = cause(error) {
        return Failure::new(FailureKind::Tls, tls_detail(tls, host));
    }
    if error.is_redirect() {
        return Failure::new(FailureKind::Redirect, "a redirect that can't be followed");
    }
    if error.is_dns() {
        return Failure::new(FailureKind::Dns, host.to_owned());
    }
    if error.is_connect() && error.is_timeout() {
        return too_slow(&format!("no connection to {host}"), limits.connect);
    }
    let last = clip(&causes(error).last().map(ToString::to_string).unwrap_or_default());
    if error.is_connect() {
        return Failure::new(FailureKind::Connect, format!("no connection to {host}: {last}"));
    }
    if error.is_builder() {
        return Failure::new(FailureKind::Other, last);
    }
    Failure::new(FailureKind::Transport, format!("the answer broke off or was not valid: {last}"))
}

/// `what` did not come within `limit`.
pub(super) fn too_slow(what: &str, limit: Duration) -> Failure {
    Failure::new(FailureKind::Timeout, format!("{what} within {}", span(limit)))
}

/// The body stopped coming.
pub(super) fn stalled(limit: Duration) -> Failure {
    let detail = format!("the answer stopped coming for {}", span(limit));
    Failure::new(FailureKind::Stalled, detail)
}

/// The beginning of a foreign text.
pub(super) fn clip(text: &str) -> String {
    text.chars().take(MAX_TEXT).collect()
}

/// A number of bytes in the largest unit that holds it whole.
pub(super) fn size(bytes: usize) -> String {
    match bytes {
        b if b > 0 && b % (1 << 20) == 0 => format!("{} MiB", b >> 20),
        b if b > 0 && b % (1 << 10) == 0 => format!("{} KiB", b >> 10),
        b => format!("{b} bytes"),
    }
}

fn span(time: Duration) -> String {
    match time.subsec_millis() {
        0 => format!("{} s", time.as_secs()),
        _ => format!("{} ms", time.as_millis()),
    }
}

fn tls_detail(error: &rustls::Error, host: &str) -> String {
    use CertificateError::{
        Expired, ExpiredContext, NotValidForName, NotValidForNameContext, NotValidYet,
        NotValidYetContext, Revoked, UnknownIssuer,
    };
    let rustls::Error::InvalidCertificate(problem) = error else {
        return format!("no secure connection to {host}: {}", clip(&error.to_string()));
    };
    let problem = match problem {
        Expired | ExpiredContext { .. } => "expired",
        NotValidYet | NotValidYetContext { .. } => "not valid yet",
        NotValidForName | NotValidForNameContext { .. } => "made out to another name",
        UnknownIssuer => "issued by an authority that this machine does not know",
        Revoked => "revoked",
        other => &clip(&other.to_string()),
    };
    format!("the certificate of {host} is not valid: {problem}")
}

/// The first cause of type `T`.
fn cause<'a, T: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a T> {
    causes(error).find_map(|cause| cause.downcast_ref())
}

/// The error and its causes. `io::Error::source` leaves out the very error that it wraps, which is
/// where rustls and hyper put the interesting one.
fn causes<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    successors(Some(error), |&error| match error.downcast_ref().and_then(io::Error::get_ref) {
        Some(wrapped) => Some(wrapped as &(dyn StdError + 'static)),
        None => error.source(),
    })
}
