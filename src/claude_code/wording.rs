//! From the text of an error, in the words of many versions, to what went wrong.
//!
//! Text is the last witness: where a row or a body gives a status, a type or a code, those decide
//! and the text only refines what they leave open.

use super::marks::{self, Body, Tail, code_in, head, is_certificate, status_in, tail};
use super::screen;
use crate::redact;
use ccwatch_core::diagnose::{ApiError, Cause, ErrorSource, is_anthropics};

/// More of a text than this is not looked at, in bytes.
const LONGEST: usize = 16 << 10;

/// What stands for a type that isn't the API's: it could be anything, a secret too.
const FOREIGN_KIND: &str = "foreign_error";
/// Who gave it.
const FOREIGN_SERVER: &str = "A server with error types of its own";

/// What is known of an error beside its text.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// The HTTP status.
    pub status: Option<u16>,
    /// Claude Code's own class, such as `server_error`.
    pub class: Option<String>,
    /// The API's type, such as `overloaded_error`.
    pub kind: Option<String>,
    /// A code of the operating system.
    pub code: Option<String>,
    /// The id of the request.
    pub request_id: Option<String>,
    /// Whether a limit of the plan was given with it.
    pub quota: bool,
}

/// Reads an error: `known` first, then what the text adds.
pub fn read(text: &str, known: Known, source: ErrorSource) -> ApiError {
    let shown = head(text.trim(), LONGEST);
    let text = &screen::flat(shown);
    let body = Body::find(text);
    let kind = known.kind.clone().or(body.kind).map(of_the_api);
    let status = known.status.or_else(|| status_in(text));
    let code = known.code.clone().filter(|code| is_code(code)).or_else(|| code_in(text));
    let tail = tail(text);
    let lower = text.to_lowercase();
    let mut error = ApiError::new(shown, source);
    error.cause = cause(status, kind.as_deref(), code.as_deref(), &known, &lower, text);
    error.login = lower.contains("/login") || lower.contains("oauth");
    error.status = status;
    error.code = code;
    let given = known.request_id.or(body.request_id).filter(|id| is_request_id(id));
    error.request_id = given.or_else(|| marks::request_id_in(shown));
    error.direct = tail == Some(Tail::Anthropic);
    error.foreign = match tail {
        Some(Tail::Other(who)) => Some(who),
        _ => kind.as_ref().filter(|it| !is_anthropics(it)).map(|_| FOREIGN_SERVER.to_owned()),
    };
    error.kind = kind;
    error
}

/// A type of the API, or a word for all others.
fn of_the_api(kind: String) -> String {
    if is_anthropics(&kind) { kind } else { FOREIGN_KIND.to_owned() }
}

/// Whether it has the form of a code such as `ECONNRESET` or `CERT_HAS_EXPIRED`.
fn is_code(code: &str) -> bool {
    let fits = code.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    fits && code.len() <= 48 && redact::is_clean(code)
}

/// Whether it has the form of a request's id, Anthropic's or a gateway's.
fn is_request_id(id: &str) -> bool {
    let fits = id.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    !id.is_empty() && fits && id.len() <= 80 && redact::is_id(id)
}

/// What went wrong: first what is certain, then words, then what the status leaves. `lower` is
/// the text in lower case.
fn cause(
    status: Option<u16>,
    kind: Option<&str>,
    code: Option<&str>,
    known: &Known,
    lower: &str,
    text: &str,
) -> Cause {
    if let Some((_, inner)) = lower.split_once("compaction failed:") {
        let code = code_in(text);
        let known = Known::default();
        let inner = cause(status_in(inner), None, code.as_deref(), &known, inner, text);
        return if inner == Cause::Unknown { Cause::TooLong } else { inner };
    }
    if known.quota {
        return Cause::UsageLimit;
    }
    let by_kind = kind.map(|kind| of_kind(kind, lower)).filter(|cause| *cause != Cause::Unknown);
    match status {
        Some(status) if status >= 500 => return of_status(status),
        Some(_) => {}
        // A type in a body tells as much as the status that came with it.
        None => {
            if let Some(cause) = by_kind.filter(|cause| cause.is_server()) {
                return cause;
            }
        }
    }
    // A proxy that wants a password; one that is spoken to in TLS and doesn't speak it.
    if status == Some(407) || lower.contains("wrong version number") {
        return Cause::Intercepted;
    }
    if let Some(cause) = code.and_then(of_code).filter(|_| status.is_none()) {
        return cause;
    }
    let forbidden = matches!(status, Some(401 | 403));
    if forbidden && FOREIGN_REFUSALS.iter().any(|words| lower.contains(words)) {
        return Cause::ForeignAnswer;
    }
    let class = known.class.as_deref();
    class
        .and_then(of_precise_class)
        .or_else(|| of_words(lower).map(|cause| refined(cause, status, lower)))
        .or_else(|| of_refused_tools(status, lower))
        .or(by_kind)
        .or_else(|| class.and_then(of_class))
        .or_else(|| status.map(of_status))
        .unwrap_or(Cause::Unknown)
}

/// The API speaks of tools in a 400 only where the history is wrong.
fn of_refused_tools(status: Option<u16>, lower: &str) -> Option<Cause> {
    let tools = lower.contains("tool_use") || lower.contains("tool_result");
    (status == Some(400) && tools).then_some(Cause::BrokenHistory)
}

/// What a second look at the words makes of a cause.
fn refined(cause: Cause, status: Option<u16>, lower: &str) -> Cause {
    match cause {
        // Old versions say so of a login that is not there, without asking the API.
        Cause::ForeignCredential if lower.contains("/login") => match status {
            None => Cause::LoggedOut,
            Some(_) => Cause::Refused,
        },
        Cause::SpendLimit if lower.contains("resets") || lower.contains("regain access") => {
            Cause::SpendWindow
        }
        cause => cause,
    }
}

/// Words in a 401 or 403 that Anthropic's API doesn't use.
const FOREIGN_REFUSALS: &[&str] =
    &["quota", "administrator", "gateway", "proxy", "<html", "firewall", "zscaler", "forbidden by"];

/// Wordings, lower case; the first that is found counts. What names a limit or a broken session
/// stands before what only names a connection.
const WORDS: &[(&str, Cause)] = &[
    // Servers of the user's own tools.
    ("mcp error", Cause::Unknown),
    ("not logged in", Cause::LoggedOut),
    ("missing api key", Cause::LoggedOut),
    ("login expired", Cause::LoggedOut),
    ("session expired and could not be refreshed", Cause::LoggedOut),
    ("account is on hold", Cause::NotAllowed),
    ("disabled claude subscription access", Cause::NotAllowed),
    ("invalid api key", Cause::ForeignCredential),
    ("invalid x-api-key", Cause::ForeignCredential),
    ("invalid auth token", Cause::ForeignCredential),
    ("fix external", Cause::ForeignCredential),
    ("anthropic_custom_headers", Cause::Headers),
    ("apikeyhelper", Cause::Helper),
    ("organization has been disabled", Cause::ForeignCredential),
    ("disabled api key authentication", Cause::ForeignCredential),
    ("aws credentials", Cause::CloudCredential),
    ("not authorized to perform: bedrock", Cause::CloudCredential),
    ("security token included in the request", Cause::CloudCredential),
    ("google cloud authentication", Cause::CloudCredential),
    ("microsoft foundry authentication", Cause::CloudCredential),
    ("gateway refused the request", Cause::ForeignAnswer),
    ("bedrock streaming response", Cause::ForeignAnswer),
    ("empty or malformed response", Cause::Intercepted),
    ("certificate", Cause::Certificate),
    ("issue with the selected model", Cause::NoModel),
    ("model identifier is invalid", Cause::NoModel),
    ("prompt is too long", Cause::TooLong),
    ("context limit reached", Cause::TooLong),
    ("context window limit", Cause::TooLong),
    ("input is too long", Cause::TooLong),
    ("conversation too long", Cause::TooLong),
    ("request too large", Cause::TooLong),
    ("exceed context limit", Cause::TooLong),
    ("tool use concurrency", Cause::BrokenHistory),
    ("tool_result in conversation", Cause::BrokenHistory),
    ("tool_result block", Cause::BrokenHistory),
    ("`tool_result`", Cause::BrokenHistory),
    ("`tool_use`", Cause::BrokenHistory),
    ("duplicate tool_use", Cause::BrokenHistory),
    ("tool_use id", Cause::BrokenHistory),
    ("tool_use_id", Cause::BrokenHistory),
    ("thinking blocks", Cause::BrokenHistory),
    ("`thinking`", Cause::BrokenHistory),
    ("must precede an 'assistant'", Cause::BrokenHistory),
    ("safeguards flagged", Cause::Declined),
    ("start a new session to continue", Cause::Declined),
    ("failed to resume", Cause::NoSession),
    ("no conversation found", Cause::NoSession),
    ("output token maximum", Cause::LongAnswer),
    ("not your usage limit", Cause::TooManyRequests),
    ("request rejected (429)", Cause::TooManyRequests),
    ("credit balance", Cause::NoCredit),
    ("usage credits required", Cause::LongContext),
    ("specified api usage limits", Cause::SpendLimit),
    ("spend limit", Cause::SpendLimit),
    ("shared budget", Cause::SpendLimit),
    ("you've hit your", Cause::UsageLimit),
    ("usage limit reached", Cause::UsageLimit),
    ("out of extra usage", Cause::UsageLimit),
    ("hour limit reached", Cause::UsageLimit),
    ("weekly limit reached", Cause::UsageLimit),
    ("session limit reached", Cause::UsageLimit),
    ("opus limit reached", Cause::UsageLimit),
    ("sonnet limit reached", Cause::UsageLimit),
    ("rate limit", Cause::TooManyRequests),
    ("went to sleep", Cause::Slept),
    ("connection dropped", Cause::Dropped),
    ("connection lost", Cause::Dropped),
    ("connection closed", Cause::Dropped),
    ("socket hang up", Cause::Dropped),
    ("unable to connect", Cause::NoConnection),
    ("connection refused", Cause::NoConnection),
    ("can't reach the api server", Cause::NoConnection),
    ("no internet route", Cause::NoConnection),
    ("couldn't connect through your proxy", Cause::NoConnection),
    ("fetch failed", Cause::NoConnection),
    ("connection error", Cause::Dropped),
    ("server error mid-response", Cause::NoAnswer),
    ("request timed out", Cause::NoAnswer),
    ("no response from api", Cause::NoAnswer),
    ("response stalled", Cause::NoAnswer),
    ("response stopped arriving", Cause::NoAnswer),
    ("login not accepted", Cause::Refused),
    ("oauth", Cause::Refused),
    ("/login", Cause::Refused),
    ("invalid authentication credentials", Cause::Refused),
    ("overloaded", Cause::Overloaded),
    ("server overload", Cause::Overloaded),
    ("internal server error", Cause::Internal),
];

/// Whether a line of a screen shows an error as Claude Code does, and doesn't only speak of one.
pub(super) fn is_shown_as_error(line: &str) -> bool {
    let lower = line.to_lowercase();
    let mut places = WORDS.iter().filter_map(|(words, _)| lower.find(words));
    lower.contains("api error")
        || places.any(|at| at == 0 || lower.contains(" · "))
        || status_in(line).is_some() && lower.contains(" · ")
}

/// Whether a line of a screen begins with an error: further on words are anybody's.
pub(super) fn begins_with_error(line: &str) -> bool {
    const BEGINNING: usize = 40;
    let lower = line.to_lowercase();
    let mut places = WORDS.iter().filter_map(|(words, _)| lower.find(words));
    status_in(line).is_some() || places.any(|at| at < BEGINNING)
}

fn of_words(lower: &str) -> Option<Cause> {
    WORDS.iter().find(|(words, _)| lower.contains(words)).map(|(_, cause)| *cause)
}

fn of_kind(kind: &str, lower: &str) -> Cause {
    match kind {
        "not_found_error" if lower.contains("model") => Cause::NoModel,
        "api_error" => Cause::Internal,
        "overloaded_error" => Cause::Overloaded,
        "timeout_error" => Cause::TimedOut,
        "authentication_error" | "permission_error" | "forbidden" => Cause::Refused,
        "rate_limit_error" => Cause::TooManyRequests,
        "billing_error" => Cause::NoCredit,
        "not_found_error" => Cause::NotFound,
        "request_too_large" => Cause::TooLong,
        "invalid_request_error" => Cause::BadRequest,
        _ => Cause::Unknown,
    }
}

/// Classes that newer versions give beside the coarse ones, and that leave no question.
fn of_precise_class(class: &str) -> Option<Cause> {
    (class == "tool_history_mismatch").then_some(Cause::BrokenHistory)
}

/// Whether a class says more than Claude Code's coarse ones do.
pub(super) fn is_precise(class: &str) -> bool {
    of_precise_class(class).is_some()
}

/// Claude Code's own classes. `server_error` without a status is a matter of the connection.
fn of_class(class: &str) -> Option<Cause> {
    Some(match class {
        "rate_limit" => Cause::TooManyRequests,
        "overloaded" => Cause::Overloaded,
        "authentication_failed" => Cause::Refused,
        "oauth_org_not_allowed" | "account_on_hold" | "verification_required" => Cause::NotAllowed,
        "cloud_credential_error" => Cause::CloudCredential,
        "billing_error" => Cause::NoCredit,
        "invalid_request" => Cause::BadRequest,
        "model_not_found" => Cause::NoModel,
        "max_output_tokens" => Cause::LongAnswer,
        "server_error" => Cause::NoAnswer,
        _ => return None,
    })
}

fn of_status(status: u16) -> Cause {
    match status {
        500 => Cause::Internal,
        529 => Cause::Overloaded,
        504 => Cause::TimedOut,
        501.. => Cause::BadGateway,
        401 | 403 => Cause::Refused,
        402 => Cause::NoCredit,
        404 => Cause::NotFound,
        408 => Cause::NoAnswer,
        413 => Cause::TooLong,
        429 => Cause::TooManyRequests,
        400..=499 => Cause::BadRequest,
        _ => Cause::Unknown,
    }
}

/// Codes of the connection, and of this machine's own files; others say nothing by themselves.
fn of_code(code: &str) -> Option<Cause> {
    Some(match code {
        code if is_certificate(code) => Cause::Certificate,
        "ECONNRESET"
        | "EPIPE"
        | "ECONNABORTED"
        | "ERR_STREAM_PREMATURE_CLOSE"
        | "ConnectionClosed"
        | "StreamTruncated"
        | "UND_ERR_SOCKET" => Cause::Dropped,
        "ENOTFOUND" | "EAI_AGAIN" | "EAI_FAIL" | "EAI_NODATA" | "EAI_NONAME" | "ECONNREFUSED"
        | "EHOSTUNREACH" | "EHOSTDOWN" | "ENETUNREACH" | "ENETDOWN" | "ENONET"
        | "EADDRNOTAVAIL" | "ETIMEDOUT" | "ERR_PROXY_TUNNEL" | "ERR_NETWORK"
        | "FailedToOpenSocket" => Cause::NoConnection,
        "UND_ERR_HEADERS_TIMEOUT" | "UND_ERR_BODY_TIMEOUT" => Cause::NoAnswer,
        code if code.starts_with("UND_ERR") => Cause::NoConnection,
        "ENOSPC" | "EDQUOT" | "EACCES" | "EPERM" | "EROFS" | "ENOENT" | "EEXIST" | "ENOTDIR"
        | "EISDIR" | "EMFILE" | "ENFILE" | "ENOMEM" | "EFBIG" | "EBUSY" | "ENAMETOOLONG"
        | "ELOOP" => Cause::OwnFiles,
        "ERR_BAD_REQUEST" => Cause::BadRequest,
        _ => return None,
    })
}
