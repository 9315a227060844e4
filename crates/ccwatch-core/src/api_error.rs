//! One API error as it was read, before anybody judges it.
//!
//! What went wrong is a [`Cause`]: a row of one table, which says the words for it, where it leads
//! and whether time heals it.

mod branch;
pub mod cause;
mod rule;
mod time_heals;

use alloc::string::String;

use jiff::Timestamp;

pub use branch::{Branch, Confidence};
pub use cause::Cause;
pub use rule::Rule;
pub use time_heals::TimeHeals;

/// Where an error was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ErrorSource {
    /// The user gave its text.
    Pasted,
    /// One of the attempts before a request was given up, in a transcript.
    RetryRow,
    /// The error that ended a turn, in a transcript.
    TerminalRow,
    /// A hook of Claude Code reported it.
    Hook,
}

impl ErrorSource {
    /// The word used in JSON.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Pasted => "pasted",
            Self::RetryRow => "retry_row",
            Self::TerminalRow => "terminal_row",
            Self::Hook => "hook",
        }
    }
}

/// One API error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiError {
    /// When it happened.
    pub at: Option<Timestamp>,
    /// The HTTP status.
    pub status: Option<u16>,
    /// The type that the API gives, such as `api_error`, or somebody else's word.
    pub kind: Option<String>,
    /// What went wrong.
    pub cause: Cause,
    /// Anthropic's id of the request.
    pub request_id: Option<String>,
    /// Who answered instead of Anthropic, where the error itself says so: a host, or a server.
    pub foreign: Option<String>,
    /// Whose error it is where it is none of Claude's at all, such as `npm`.
    pub stranger: Option<String>,
    /// Its own text says that it was Anthropic's API that answered.
    pub direct: bool,
    /// Its own text says that it is about the login, not about a key.
    pub login: bool,
    /// When a limit is over.
    pub resets_at: Option<Timestamp>,
    /// A code of the operating system, such as `ECONNRESET`.
    pub code: Option<String>,
    /// The text as it was shown, raw.
    pub text: String,
    /// Whether it was a session in the background, with another environment than the shell's.
    pub background: bool,
    /// Where it was read.
    pub source: ErrorSource,
}

impl ApiError {
    /// An error of which nothing is known but its text.
    pub fn new(text: impl Into<String>, source: ErrorSource) -> Self {
        Self {
            at: None,
            status: None,
            kind: None,
            cause: Cause::Unknown,
            request_id: None,
            foreign: None,
            stranger: None,
            direct: false,
            login: false,
            resets_at: None,
            code: None,
            text: text.into(),
            background: false,
            source,
        }
    }

    /// Whether its type is one that Anthropic's API gives, or none: then whoever is named in
    /// between only passed it on.
    pub fn foreign_is_only_the_road(&self) -> bool {
        self.kind.as_deref().is_none_or(is_anthropics)
    }

    /// Whether Anthropic numbered the request: whoever is in between has ids of another form.
    pub fn has_anthropics_id(&self) -> bool {
        self.request_id.as_deref().is_some_and(is_anthropics_id)
    }

    /// Whether waiting makes it go away. A limit whose end isn't known heals at no known time, so
    /// nobody may wait for it.
    pub fn time_heals(&self) -> TimeHeals {
        match self.cause.row().heals {
            TimeHeals::AtReset if self.resets_at.is_none() => TimeHeals::No,
            heals => heals,
        }
    }
}

/// So many characters are in Anthropic's ids, behind what says what they are of.
pub const ID_LENGTH: usize = 24;

/// Whether an id has the form of Anthropic's, and not of another service that numbers its requests:
/// so many characters, not all of them small.
pub fn is_anthropics_id(id: &str) -> bool {
    let own = id.strip_prefix("req_").unwrap_or_default();
    let fits = own.chars().all(|c| c.is_ascii_alphanumeric());
    let capital = own.chars().any(|c| c.is_ascii_uppercase());
    own.starts_with("01") && own.len() == ID_LENGTH && fits && capital
}

/// Whether `kind` is an error type of Anthropic's API, or of the edge before it (`forbidden`).
pub fn is_anthropics(kind: &str) -> bool {
    matches!(
        kind,
        "invalid_request_error"
            | "authentication_error"
            | "billing_error"
            | "permission_error"
            | "forbidden"
            | "not_found_error"
            | "conflict_error"
            | "request_too_large"
            | "rate_limit_error"
            | "api_error"
            | "timeout_error"
            | "overloaded_error"
    )
}

#[cfg(test)]
mod tests;
