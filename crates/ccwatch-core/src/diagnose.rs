//! Which branch is it? From one API error, what the page said at its time, and the route.
//!
//! Pure and table-like: `rules` says which branch and why, `advice` what to do about it. The
//! page is never taken for green: where it is not known, the diagnosis says so, and asks for the
//! one thing that would decide.

mod advice;
pub mod route;
mod rules;

use alloc::string::String;
use alloc::vec::Vec;
use jiff::Timestamp;
use serde::Serialize;

use crate::diagnose::route::RouteFacts;
use crate::history::page_at::PageThen;

/// What went wrong, as far as the error itself tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cause {
    /// 500, `api_error`.
    Internal,
    /// 529, `overloaded_error`.
    Overloaded,
    /// 504, `timeout_error`.
    TimedOut,
    /// 502, 503, 520 and other 5xx that Anthropic's API doesn't give by itself.
    BadGateway,
    /// The server broke off in the middle, or never answered. It carries no status.
    NoAnswer,
    /// The connection was lost in the middle. It carries no status.
    Dropped,
    /// No connection from this machine: no name, no route, refused.
    NoConnection,
    /// The machine slept through it.
    Slept,
    /// The login is over or was never there; nothing was sent.
    LoggedOut,
    /// The API refused the credential: 401, or 403.
    Refused,
    /// The account or the organisation may not.
    NotAllowed,
    /// A key, token or helper from outside the login was refused.
    ForeignCredential,
    /// A gateway, a proxy or a cloud provider answered in its own words.
    ForeignAnswer,
    /// A key could not be had from the helper that gives it.
    Helper,
    /// A cloud provider's own credentials are over or wrong.
    CloudCredential,
    /// The headers that are to be added can't be.
    Headers,
    /// An answer that is none: something is in between.
    Intercepted,
    /// A certificate that this machine doesn't trust.
    Certificate,
    /// There is no such model, or not for this account.
    NoModel,
    /// The address is not there: 404.
    NotFound,
    /// The conversation has grown too long.
    TooLong,
    /// The history of the conversation doesn't hold together.
    BrokenHistory,
    /// The model won't go on with this conversation.
    Declined,
    /// The session could not be resumed.
    NoSession,
    /// The answer grew too long.
    LongAnswer,
    /// Asked too often for the moment.
    TooManyRequests,
    /// A limit of the plan.
    UsageLimit,
    /// A limit of spending, or of an organisation's budget.
    SpendLimit,
    /// The same, and it resets by itself.
    SpendWindow,
    /// The long context takes credits that are not switched on.
    LongContext,
    /// No credit.
    NoCredit,
    /// A request that the API did not accept, for a reason we don't know.
    BadRequest,
    /// Files or the disk of this machine; nobody was asked.
    OwnFiles,
    /// An error that we can't read.
    Unknown,
}

impl Cause {
    /// Whether a server answered that it can't: what an outage at Anthropic looks like from here.
    /// A connection without an answer is no evidence of that.
    pub fn is_server(self) -> bool {
        matches!(self, Self::Internal | Self::Overloaded | Self::TimedOut | Self::BadGateway)
    }

    /// The word that is written down where the API gave no type.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Internal => "api_error",
            Self::Overloaded => "overloaded_error",
            Self::TimedOut => "timeout_error",
            Self::BadGateway => "bad_gateway",
            Self::NoAnswer => "no_answer",
            Self::Dropped | Self::NoConnection | Self::Slept => "connection",
            Self::LoggedOut | Self::Refused | Self::NotAllowed => "authentication",
            Self::ForeignCredential | Self::ForeignAnswer | Self::Intercepted => "route",
            Self::Helper | Self::CloudCredential | Self::Headers | Self::Certificate => "route",
            Self::NoModel | Self::NotFound => "not_found",
            Self::TooLong | Self::BrokenHistory | Self::Declined => "session",
            Self::NoSession | Self::LongAnswer => "session",
            Self::TooManyRequests | Self::UsageLimit => "rate_limit",
            Self::SpendLimit | Self::SpendWindow | Self::LongContext | Self::NoCredit => "spending",
            Self::BadRequest => "bad_request",
            Self::OwnFiles => "own_files",
            Self::Unknown => "unknown",
        }
    }

    /// The cause in words, for a headline.
    pub fn words(self) -> &'static str {
        match self {
            Self::Internal => "500 api_error: an internal error of the API",
            Self::Overloaded => "529 overloaded_error: the API is out of capacity",
            Self::TimedOut => "504 timeout_error: the API took too long",
            Self::BadGateway => "an error of an edge or gateway, not of the API's own set",
            Self::NoAnswer => "the answer broke off or never came",
            Self::Dropped => "the connection was lost",
            Self::NoConnection => "no connection from this machine",
            Self::Slept => "this machine slept through it",
            Self::LoggedOut => "not logged in (any more)",
            Self::Refused => "the credential was refused",
            Self::NotAllowed => "the account or organisation is not allowed to",
            Self::ForeignCredential => "a credential from outside the login was refused",
            Self::ForeignAnswer => "a gateway or provider answered in its own words",
            Self::Intercepted => "something in between tampered with the answer",
            Self::Helper => "a failing apiKeyHelper",
            Self::CloudCredential => "credentials of a cloud provider that are over or wrong",
            Self::Headers => "in ANTHROPIC_CUSTOM_HEADERS",
            Self::Certificate => "a certificate that is not trusted here",
            Self::NoModel => "a model that is not there for this account",
            Self::NotFound => "an address that was not found",
            Self::TooLong => "the conversation is too long",
            Self::BrokenHistory => "the conversation's history is broken",
            Self::Declined => "the model won't go on with this conversation",
            Self::NoSession => "the session could not be resumed",
            Self::LongAnswer => "the answer became too long",
            Self::TooManyRequests => "too many requests for the moment",
            Self::UsageLimit => "a usage limit of the plan",
            Self::SpendLimit => "a spending limit",
            Self::SpendWindow => "a spending limit that resets by itself",
            Self::LongContext => "a long context that takes usage credits",
            Self::NoCredit => "the credit balance is too low",
            Self::BadRequest => "the API did not accept the request",
            Self::OwnFiles => "about files or the disk of this machine",
            Self::Unknown => "not an error that ccwatch knows",
        }
    }
}

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

/// What else this machine saw around the time of the error.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Around {
    /// Other sessions with errors of a server.
    pub other_sessions_failing: u32,
    /// Other sessions that got an answer after the error.
    pub other_sessions_working: u32,
    /// Errors of a server in the same session, this one included.
    pub same_session_failures: u32,
    /// The same session got an answer after the error.
    pub same_session_worked_later: bool,
}

/// Everything that a diagnosis is made from.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// The error.
    pub error: &'a ApiError,
    /// What the page said at its time.
    pub page: &'a PageThen,
    /// The route in force.
    pub route: &'a RouteFacts,
    /// What else was seen.
    pub around: Around,
}

/// The branches that lead to different first moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Branch {
    /// Anthropic has trouble: wait.
    LiveIncident,
    /// The login or the account.
    Login,
    /// The session.
    Session,
    /// Something unexpected authenticates, or answers.
    Route,
    /// A limit.
    RateLimit,
    /// This machine's network.
    Network,
    /// The evidence doesn't decide.
    Undecided,
}

impl Branch {
    /// The word used in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LiveIncident => "live_incident",
            Self::Login => "login",
            Self::Session => "session",
            Self::Route => "route",
            Self::RateLimit => "rate_limit",
            Self::Network => "network",
            Self::Undecided => "undecided",
        }
    }

    /// The branch in words, for a headline.
    pub fn words(self) -> &'static str {
        match self {
            Self::LiveIncident => "it is Claude, not you",
            Self::Login => "your login",
            Self::Session => "this session",
            Self::Route => "an unexpected route",
            Self::RateLimit => "a limit, not a failure",
            Self::Network => "this machine's network",
            Self::Undecided => "the evidence doesn't decide",
        }
    }
}

/// How sure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// More likely than the others.
    Low,
    /// The evidence points there.
    Medium,
    /// Nothing else explains it.
    High,
}

impl Confidence {
    /// The word used in JSON and on the screen.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnosis {
    /// Which branch.
    pub branch: Branch,
    /// How sure.
    pub confidence: Confidence,
    /// The evidence, a sentence each. May hold foreign text.
    pub why: Vec<String>,
    /// What to do first.
    pub first_move: String,
    /// How to tell that it helped.
    pub verify: String,
    /// When to go to support.
    pub escalate_when: String,
    /// The one thing that would decide, where something is missing.
    pub missing: Option<String>,
}

/// Finds the branch.
pub fn diagnose(case: &Case<'_>) -> Diagnosis {
    let finding = rules::judge(case);
    let advice = advice::of(case, finding.branch);
    Diagnosis {
        branch: finding.branch,
        confidence: finding.confidence,
        why: finding.why,
        first_move: advice.first_move,
        verify: advice.verify,
        escalate_when: advice.escalate_when,
        missing: finding.missing,
    }
}

#[cfg(test)]
mod tests;
