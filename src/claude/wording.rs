//! From the text of an error, in the words of many versions, to what went wrong.
//!
//! Text is the last witness: where a row or a body gives a status, a type or a code, those decide
//! and the text only refines what they leave open.

use serde_json::Value;

use crate::core::diagnosis::{ApiError, Cause, ErrorSource, is_anthropics};

/// More of a text than this is not looked at, in bytes.
const LONGEST: usize = 16 << 10;

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
    let text = head(text.trim(), LONGEST);
    let body = Body::find(text);
    let kind = known.kind.clone().or(body.kind);
    let status = known.status.or_else(|| status_in(text));
    let code = known.code.clone().or_else(|| code_in(text));
    let tail = tail(text);
    let mut error = ApiError::new(text, source);
    error.cause = cause(status, kind.as_deref(), code.as_deref(), &known, text);
    error.status = status;
    error.code = code;
    error.request_id = known.request_id.or(body.request_id).or_else(|| request_id_in(text));
    error.direct = tail == Some(Tail::Anthropic);
    error.foreign = match tail {
        Some(Tail::Other(who)) => Some(who),
        _ => kind.as_ref().filter(|kind| !is_anthropics(kind)).map(|k| format!("{k} (its type)")),
    };
    error.kind = kind;
    error
}

/// What went wrong: first what is certain, then words, then what the status leaves.
fn cause(
    status: Option<u16>,
    kind: Option<&str>,
    code: Option<&str>,
    known: &Known,
    text: &str,
) -> Cause {
    let lower = text.to_lowercase();
    if let Some((_, inner)) = lower.split_once("compaction failed:") {
        let inner =
            cause(status_in(inner), None, code_in(inner).as_deref(), &Known::default(), inner);
        return if inner == Cause::Unknown { Cause::TooLong } else { inner };
    }
    if known.quota {
        return Cause::UsageLimit;
    }
    let by_kind = kind.map(of_kind).filter(|cause| *cause != Cause::Unknown);
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
        .or_else(|| of_words(&lower))
        .or(by_kind)
        .or_else(|| class.and_then(of_class))
        .or_else(|| status.map(of_status))
        .unwrap_or(Cause::Unknown)
}

/// Words in a 401 or 403 that Anthropic's API doesn't use.
const FOREIGN_REFUSALS: &[&str] =
    &["quota", "administrator", "gateway", "proxy", "<html", "firewall", "zscaler", "forbidden by"];

/// Wordings, lower case; the first that is found counts. What names a limit or a broken session
/// stands before what only names a connection.
const WORDS: &[(&str, Cause)] = &[
    ("not logged in", Cause::LoggedOut),
    ("login expired", Cause::LoggedOut),
    ("session expired and could not be refreshed", Cause::LoggedOut),
    ("account is on hold", Cause::NotAllowed),
    ("disabled claude subscription access", Cause::NotAllowed),
    ("invalid api key", Cause::ForeignCredential),
    ("invalid x-api-key", Cause::ForeignCredential),
    ("invalid auth token", Cause::ForeignCredential),
    ("fix external", Cause::ForeignCredential),
    ("invalid anthropic_custom_headers", Cause::ForeignCredential),
    ("apikeyhelper", Cause::ForeignCredential),
    ("organization has been disabled", Cause::ForeignCredential),
    ("disabled api key authentication", Cause::ForeignCredential),
    ("aws credentials expired", Cause::ForeignCredential),
    ("google cloud authentication failed", Cause::ForeignCredential),
    ("microsoft foundry authentication failed", Cause::ForeignCredential),
    ("gateway refused the request", Cause::ForeignAnswer),
    ("bedrock streaming response", Cause::ForeignAnswer),
    ("empty or malformed response", Cause::Intercepted),
    ("certificate", Cause::Intercepted),
    ("issue with the selected model", Cause::NotFound),
    ("prompt is too long", Cause::TooLong),
    ("context limit reached", Cause::TooLong),
    ("input is too long", Cause::TooLong),
    ("conversation too long", Cause::TooLong),
    ("request too large", Cause::TooLong),
    ("exceed context limit", Cause::TooLong),
    ("tool use concurrency", Cause::BrokenHistory),
    ("tool_result", Cause::BrokenHistory),
    ("tool_use", Cause::BrokenHistory),
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
    ("usage credits required", Cause::SpendLimit),
    ("spend limit", Cause::SpendLimit),
    ("shared budget", Cause::SpendLimit),
    ("you've hit your", Cause::UsageLimit),
    ("you’ve hit your", Cause::UsageLimit),
    ("usage limit reached", Cause::UsageLimit),
    ("limit reached", Cause::UsageLimit),
    ("went to sleep", Cause::Slept),
    ("connection dropped", Cause::Dropped),
    ("connection lost", Cause::Dropped),
    ("connection closed", Cause::Dropped),
    ("unable to connect", Cause::NoConnection),
    ("connection refused", Cause::NoConnection),
    ("can't reach the api server", Cause::NoConnection),
    ("no internet route", Cause::NoConnection),
    ("couldn't connect through your proxy", Cause::NoConnection),
    ("fetch failed", Cause::NoConnection),
    ("connection error", Cause::Dropped),
    ("server error mid-response", Cause::NoAnswer),
    ("timed out", Cause::NoAnswer),
    ("no response from api", Cause::NoAnswer),
    ("response stalled", Cause::NoAnswer),
    ("response stopped arriving", Cause::NoAnswer),
    ("login not accepted", Cause::Refused),
    ("oauth", Cause::Refused),
    ("/login", Cause::Refused),
    ("invalid authentication credentials", Cause::Refused),
    ("overloaded", Cause::Overloaded),
    ("internal server error", Cause::Internal),
];

fn of_words(lower: &str) -> Option<Cause> {
    WORDS.iter().find(|(words, _)| lower.contains(words)).map(|(_, cause)| *cause)
}

fn of_kind(kind: &str) -> Cause {
    match kind {
        "api_error" => Cause::Internal,
        "overloaded_error" => Cause::Overloaded,
        "timeout_error" => Cause::TimedOut,
        "authentication_error" | "permission_error" => Cause::Refused,
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
        "cloud_credential_error" => Cause::ForeignCredential,
        "billing_error" => Cause::NoCredit,
        "invalid_request" => Cause::BadRequest,
        "model_not_found" => Cause::NotFound,
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

fn of_code(code: &str) -> Option<Cause> {
    Some(match code {
        "ECONNRESET" | "EPIPE" | "ECONNABORTED" | "UND_ERR_SOCKET" | "StreamTruncated" => {
            Cause::Dropped
        }
        "ETIMEDOUT" | "UND_ERR_CONNECT_TIMEOUT" => Cause::NoConnection,
        code if code.contains("CERT") || code.contains("SSL") || code.contains("TLS") => {
            Cause::Intercepted
        }
        _ => Cause::NoConnection,
    })
}

/// The JSON body that older versions show, and newer ones keep in the details.
#[derive(Default)]
struct Body {
    kind: Option<String>,
    request_id: Option<String>,
}

impl Body {
    fn find(text: &str) -> Self {
        let Some(start) = text.find('{') else { return Self::default() };
        let json = text.get(start..).unwrap_or_default();
        let first = serde_json::Deserializer::from_str(json).into_iter::<Value>().next();
        first.and_then(Result::ok).map_or_else(Self::default, |value| Self::of(&value))
    }

    fn of(value: &Value) -> Self {
        let text = |pointer: &str| value.pointer(pointer)?.as_str().map(str::to_owned);
        Self {
            kind: text("/error/type").or_else(|| text("/error/error/type")),
            request_id: text("/request_id"),
        }
    }
}

/// Whom the text tells to ask if it persists: that betrays the route.
#[derive(Debug, PartialEq, Eq)]
enum Tail {
    /// Anthropic's own page, in the form of versions that know gateways.
    Anthropic,
    /// Somebody else.
    Other(String),
}

fn tail(text: &str) -> Option<Tail> {
    const GATEWAY: &str = "the gateway set in ANTHROPIC_BASE_URL";
    if text.contains(GATEWAY) {
        return Some(Tail::Other(GATEWAY.to_owned()));
    }
    let (_, rest) = text.split_once("If it persists, check ")?;
    let who = rest.lines().next().unwrap_or_default().trim_end_matches(['.', ' ']);
    if who.contains("status.claude.com") {
        return who.contains("https://").then_some(Tail::Anthropic);
    }
    let host = who.split_once('(').and_then(|(_, rest)| rest.split_once(')'));
    let named = host.map_or(who, |(host, _)| host).trim();
    (!named.is_empty()).then(|| Tail::Other(head(named, 100).to_owned()))
}

/// A status where a status stands: at the start, behind "Error", "HTTP" and their like, or before
/// words that go with one.
fn status_in(text: &str) -> Option<u16> {
    const BEFORE: &[&str] = &["error", "http", "status", "code", "repeated", "rejected"];
    const AFTER: &[&str] =
        &["overloaded", "internal", "bad", "service", "gateway", "{\"type\"", "unauthorized"];
    let words: Vec<&str> =
        text.split([' ', '\n', '\t', '\u{a0}']).filter(|w| !w.is_empty()).collect();
    let plain = |word: &&str| word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    words.iter().enumerate().find_map(|(at, word)| {
        let digits = word.trim_matches(|c: char| !c.is_ascii_alphanumeric() && c != '{');
        let status: u16 = digits.parse().ok().filter(|n| (400..600).contains(n))?;
        let before = at.checked_sub(1).and_then(|at| words.get(at)).map(plain);
        let after = words.get(at + 1).map(|word| word.to_lowercase());
        let fits = before.is_none_or(|word| BEFORE.contains(&word.as_str()))
            || after.is_some_and(|word| AFTER.iter().any(|start| word.starts_with(start)));
        fits.then_some(status)
    })
}

/// A code such as `ECONNRESET`, `ERR_PROXY_TUNNEL` or `FailedToOpenSocket`, in parentheses or not.
fn code_in(text: &str) -> Option<String> {
    const NAMED: &[&str] = &["FailedToOpenSocket", "ConnectionRefused", "ConnectionClosed"];
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    let is_code = |word: &&str| {
        let upper = word.chars().all(|c| c.is_ascii_uppercase() || c == '_' || c.is_ascii_digit());
        let errno = upper && word.len() > 4 && word.starts_with('E') && *word != "ERROR";
        NAMED.contains(word) || errno || (upper && word.starts_with("UND_ERR"))
    };
    words.filter(|word| word.len() <= 40).find(is_code).map(|code| match code {
        "ConnectionRefused" => "ECONNREFUSED".to_owned(),
        other => other.to_owned(),
    })
}

/// Anthropic's id of a request, wherever it stands.
pub fn request_id_in(text: &str) -> Option<String> {
    let start = text.find("req_")?;
    let rest = text.get(start..)?;
    let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
    let id = rest.get(..end.min(80))?;
    (id.len() > 4).then(|| id.to_owned())
}

/// At most `max` bytes of a text, whole characters.
pub(super) fn head(text: &str, max: usize) -> &str {
    let end = (0..=max.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    end.and_then(|end| text.get(..end)).unwrap_or_default()
}
