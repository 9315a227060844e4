//! What kept the page from being read, in words.

use crate::model::FailureKind;

/// What a failure means to the user, and what to do about it.
pub fn failure(kind: FailureKind) -> (&'static str, &'static str) {
    use FailureKind as K;
    match kind {
        K::Dns => ("the page's name could not be resolved", "check your network or DNS"),
        K::Connect => ("no connection to the page", "check your network, VPN or proxy"),
        K::Proxy => (
            "the proxy that the environment names is not understood",
            "correct or unset that variable, then start ccwatch again",
        ),
        K::Tls => (
            "the page's certificate was refused",
            "check for a Wi-Fi sign-in page and that the clock of this machine is right",
        ),
        K::Timeout => ("the page did not answer in time", "it is asked again by itself"),
        K::Stalled => ("the page's answer stopped half-way", "it is asked again by itself"),
        K::Transport => ("the page's answer broke off", "it is asked again by itself"),
        K::TooLarge => ("the page's answer is larger than any status page", "check page.url"),
        K::Redirect => ("the page sends us elsewhere", "check page.url"),
        K::CaptivePortal => (
            "a web page came instead of the status page's data",
            "sign in to the network, or check for a proxy or filter",
        ),
        K::BotWall => ("the page's host asks for a human", "it is asked again later"),
        K::RateLimited => ("the page asks us to slow down", "it is asked again later"),
        K::Unavailable => ("the page's own server fails", "it is asked again by itself"),
        K::HttpStatus => ("the page's host gave no usable answer", "check page.url"),
        K::ContentType => ("the answer is not the status page's data", "check page.url"),
        K::NotJson => ("the page's data could not be read", "it is asked again by itself"),
        K::NotUnderstood => ("the page's data lists no components", "check page.url"),
        K::OtherPage => ("this is another status page", "check page.url and page.id"),
        K::Stale => ("an outdated copy of the page was served", "it is asked again by itself"),
        K::UnexpectedUnchanged => {
            ("the page says \"unchanged\" without having said anything", "it is asked again")
        }
        K::Other => ("the page could not be read", "it is asked again by itself"),
    }
}
