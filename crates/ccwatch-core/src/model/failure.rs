//! Why a poll gave no news.

use alloc::string::String;
use core::time::Duration;

use serde::Serialize;

/// Declares the failure kinds with their words once, so that none can be forgotten.
macro_rules! failure_kinds {
    ($($(#[$doc:meta])* $variant:ident = $word:literal),+ $(,)?) => {
        /// Why a poll gave no news. Each kind is distinct to the user; none changes a level.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
        #[serde(into = "&'static str")]
        pub enum FailureKind {
            $($(#[$doc])* $variant,)+
        }

        impl FailureKind {
            /// Every kind, for tables and tests.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The word used in recordings, the log and the database.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }

        impl From<String> for FailureKind {
            /// A word that this version doesn't know is `Other`.
            fn from(word: String) -> Self {
                match word.as_str() {
                    $($word => Self::$variant,)+
                    _ => Self::Other,
                }
            }
        }

        impl From<FailureKind> for &'static str {
            fn from(kind: FailureKind) -> Self {
                kind.as_str()
            }
        }
    };
}

failure_kinds! {
    /// The host name could not be resolved.
    Dns = "dns",
    /// No connection: refused, unreachable, or the proxy failed.
    Connect = "connect",
    /// The environment names a proxy that isn't understood.
    Proxy = "proxy",
    /// The certificate or the handshake was not acceptable.
    Tls = "tls",
    /// No whole answer within the total limit, or no connection within its limit.
    Timeout = "timeout",
    /// The answer stopped coming.
    Stalled = "stalled",
    /// The answer broke off or was not valid HTTP or gzip.
    Transport = "transport",
    /// The answer was larger than the cap.
    TooLarge = "too_large",
    /// A redirect that is not followed: another host, plain http, or a loop.
    Redirect = "redirect",
    /// A web page instead of JSON: most likely a Wi-Fi sign-in page, a proxy or a filter.
    CaptivePortal = "captive_portal",
    /// The page's host wants a human (202 or 405 with a challenge, 403).
    BotWall = "bot_wall",
    /// Asked to slow down (429).
    RateLimited = "rate_limited",
    /// The page's own server fails (5xx).
    Unavailable = "unavailable",
    /// Another HTTP status that is no answer.
    HttpStatus = "http_status",
    /// Neither JSON nor a web page.
    ContentType = "content_type",
    /// Not JSON, not UTF-8, or nested too deep.
    NotJson = "not_json",
    /// JSON without a single component, or without the shape of a status page.
    NotUnderstood = "not_understood",
    /// Another page than the configured one.
    OtherPage = "other_page",
    /// An older state than one already seen: a stale cache.
    Stale = "stale",
    /// "Unchanged", but there is nothing that it could refer to.
    UnexpectedUnchanged = "unexpected_unchanged",
    /// Anything else; also a word in a recording that this version doesn't know.
    Other = "other",
}

impl FailureKind {
    /// Whether the page itself is to blame, which was reached: it moved, is another one, refuses
    /// us, or lists nothing. What may as well be this machine's own network is not.
    pub fn is_of_the_page(self) -> bool {
        match self {
            Self::Redirect | Self::OtherPage | Self::BotWall | Self::RateLimited => true,
            Self::HttpStatus | Self::NotUnderstood | Self::NotJson => true,
            Self::ContentType | Self::TooLarge => true,
            Self::Dns | Self::Connect | Self::Proxy | Self::Tls | Self::Timeout => false,
            Self::Stalled => false,
            Self::Transport | Self::CaptivePortal | Self::Unavailable | Self::Stale => false,
            Self::UnexpectedUnchanged | Self::Other => false,
        }
    }
}

/// A poll that gave no news.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What kind.
    pub kind: FailureKind,
    /// The particulars (status code, host, limit), without a full stop; may hold foreign text.
    pub detail: String,
    /// How long the server asked us to stay away.
    pub retry_after: Option<Duration>,
}

impl Failure {
    /// A failure without a Retry-After.
    pub fn new(kind: FailureKind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into(), retry_after: None }
    }
}
