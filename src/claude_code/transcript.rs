//! One line of a transcript.
//!
//! Two kinds of row tell of an API error: `system` rows of subtype `api_error`, one for each
//! attempt before Claude Code gives up, and the `assistant` row with the model `<synthetic>` that
//! ends the turn. What a tool printed or a user wrote is never one, whatever it quotes.

use std::path::PathBuf;

use jiff::Timestamp;
use memchr::memmem;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::marks;
use super::reading::{self, Known};
use ccwatch_core::api_error::{ApiError, Cause, ErrorSource};

/// What a row means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Row {
    /// An API error.
    Error(Box<Failed>),
    /// The model answered.
    Answer {
        /// When.
        at: Option<Timestamp>,
        /// In which session.
        session: Option<String>,
        /// In which directory that runs.
        cwd: Option<PathBuf>,
    },
}

impl Row {
    /// In which session.
    pub fn session(&self) -> Option<&str> {
        match self {
            Self::Error(failed) => failed.session.as_deref(),
            Self::Answer { session, .. } => session.as_deref(),
        }
    }
}

/// An API error with the place where it happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed {
    /// The error.
    pub error: ApiError,
    /// The session.
    pub session: Option<String>,
    /// Claude Code's version.
    pub version: Option<String>,
    /// The directory that the session runs in.
    pub cwd: Option<PathBuf>,
    /// Words that must not leave this machine: the directory, the branch.
    pub private: Vec<String>,
}

/// What every row has, and what makes it one of ours. `message` stays unread: it may be large.
#[derive(Deserialize)]
struct Head<'a> {
    #[serde(default, rename = "type")]
    kind: Value,
    #[serde(default)]
    subtype: Value,
    #[serde(default)]
    timestamp: Value,
    #[serde(default, rename = "sessionId", alias = "session_id")]
    session: Option<Value>,
    #[serde(default, rename = "isApiErrorMessage", alias = "is_api_error_message")]
    is_error: Value,
    #[serde(default)]
    cwd: Value,
    #[serde(borrow, default)]
    message: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Model {
    #[serde(default)]
    model: Value,
}

/// Whether a line may be an API error: cheap, and never wrongly no. With their quotes, because in
/// text that quotes a row they are escaped, so that it need not be parsed.
pub fn may_be_error(line: &[u8]) -> bool {
    let has = |words: &str| memmem::find(line, words.as_bytes()).is_some();
    has("\"api_error\"") || has("\"isApiErrorMessage\"") || has("\"is_api_error_message\"")
}

/// Reads one line; none where it is of no interest, or no row at all.
pub fn read(line: &str) -> Option<Row> {
    // Most rows are neither, and need not be parsed to see that.
    if !(line.contains("\"api_error\"") || line.contains("assistant")) {
        return None;
    }
    let (kind, answer) = Kind::of(line)?;
    if kind == Kind::Answer {
        return Some(answer);
    }
    let row: Value = serde_json::from_str(line).ok()?;
    let error = if kind == Kind::Retry { retry(&row) } else { terminal(&row) };
    Some(Row::Error(Box::new(failed(&row, error))))
}

#[derive(PartialEq)]
enum Kind {
    Retry,
    Terminal,
    Answer,
}

impl Kind {
    /// What a line is, and the answer that it is if it is one.
    fn of(line: &str) -> Option<(Self, Row)> {
        // A row may carry the session under both its names, which serde takes for a duplicate.
        let Ok(head) = serde_json::from_str::<Head<'_>>(line) else { return Self::of_odd(line) };
        let model = || serde_json::from_str::<Model>(head.message?.get()).ok();
        let model = model().and_then(|m| m.model.as_str().map(str::to_owned));
        let kind = Self::decide(&head.kind, &head.subtype, &head.is_error, model)?;
        let session = head.session.as_ref().and_then(Value::as_str).map(str::to_owned);
        let cwd = head.cwd.as_str().map(PathBuf::from);
        Some((kind, Row::Answer { at: time(&head.timestamp), session, cwd }))
    }

    fn of_odd(line: &str) -> Option<(Self, Row)> {
        let row: Value = serde_json::from_str(line).ok()?;
        let at = |key: &str| row.get(key).unwrap_or(&Value::Null);
        let model = row.pointer("/message/model").and_then(Value::as_str).map(str::to_owned);
        let is_error = either(&row, "isApiErrorMessage").unwrap_or(&Value::Null);
        let kind = Self::decide(at("type"), at("subtype"), is_error, model)?;
        let cwd = at("cwd").as_str().map(PathBuf::from);
        Some((kind, Row::Answer { at: time(at("timestamp")), session: session(&row), cwd }))
    }

    fn decide(
        kind: &Value,
        subtype: &Value,
        is_error: &Value,
        model: Option<String>,
    ) -> Option<Self> {
        let synthetic = model.as_deref() == Some("<synthetic>");
        match (kind.as_str()?, subtype.as_str()) {
            ("system", Some("api_error")) => Some(Self::Retry),
            ("assistant", _) if synthetic && is_error == &Value::Bool(true) => Some(Self::Terminal),
            ("assistant", _) if !synthetic && model.is_some() => Some(Self::Answer),
            _ => None,
        }
    }
}

fn failed(row: &Value, mut error: ApiError) -> Failed {
    error.at = row.get("timestamp").and_then(time);
    error.background = row.get("sessionKind").and_then(Value::as_str) == Some("bg");
    let version = row.get("version").and_then(Value::as_str).map(str::to_owned);
    let word = |key: &str| row.get(key).and_then(Value::as_str).map(str::to_owned);
    let private = ["cwd", "gitBranch"].into_iter().filter_map(word).collect();
    let cwd = word("cwd").map(PathBuf::from);
    Failed { error, session: session(row), version, cwd, private }
}

/// The row that ends a turn, as the transcript or as `--output-format stream-json` names its keys.
fn terminal(row: &Value) -> ApiError {
    let text = |key: &str| either(row, key).and_then(Value::as_str).map(str::to_owned);
    let details = text("errorDetails");
    let params = either(row, "apiErrorParams").and_then(|params| params.get("rate_limit_info"));
    let quota = either(row, "quotaLimits").or(params).filter(|limits| limits.is_object());
    let from_details = details.as_deref().and_then(marks::request_id_in);
    let known = Known {
        status: either(row, "apiErrorStatus").and_then(status),
        finding: text("apiError"),
        kind: text("apiErrorType"),
        class: text("error"),
        request_id: text("requestId").or(from_details),
        quota: quota
            .is_some_and(|limits| limits.get("status").and_then(Value::as_str) == Some("rejected")),
        ..Known::default()
    };
    let details = details.unwrap_or_default();
    let mut error = reading::read_both(&content(row), &details, known, ErrorSource::TerminalRow);
    let resets = quota.and_then(|limits| limits.get("resetsAt")).and_then(Value::as_i64);
    error.resets_at = resets.and_then(|at| Timestamp::from_second(at).ok());
    error
}

/// The value of a key, in either of its spellings: `apiErrorStatus` and `api_error_status`.
fn either<'a>(row: &'a Value, key: &str) -> Option<&'a Value> {
    row.get(key).or_else(|| {
        let mut snake = String::new();
        for c in key.chars() {
            if c.is_ascii_uppercase() {
                snake.push('_');
            }
            snake.push(c.to_ascii_lowercase());
        }
        row.get(&snake)
    })
}

/// One attempt, in the form of any version: headers and `requestID` in the old one, `formatted`
/// and `connection` in the new one.
fn retry(row: &Value) -> ApiError {
    let at = |pointer: &str| row.pointer(pointer).filter(|value| !value.is_null());
    let text = |pointer: &str| at(pointer).and_then(Value::as_str).map(str::to_owned);
    let shown = text("/error/formatted").or_else(|| text("/error/error/error/message"));
    let message = text("/error/message").or_else(|| text("/error/error/message"));
    let both = [shown.as_deref(), message.as_deref()].into_iter().flatten().collect::<Vec<_>>();
    let kind = text("/error/error/error/type").or_else(|| text("/error/type"));
    let known = Known {
        status: at("/error/status").and_then(status),
        kind: kind.filter(|kind| kind != "error"),
        code: text("/error/connection/code").or_else(|| text("/cause/code")),
        request_id: ["/error/requestId", "/error/requestID", "/error/error/request_id"]
            .into_iter()
            .find_map(text),
        ..Known::default()
    };
    let mut error = reading::read(&both.join(" "), known, ErrorSource::RetryRow);
    let asked = text("/cause/path").and_then(|url| host(&url));
    error.text = shown.or(message).unwrap_or_else(|| of_fields(&error, asked.as_deref()));
    if at("/error/isNetworkDown") == Some(&Value::Bool(true)) {
        error.cause = Cause::NoConnection;
    }
    if at("/error/connection/isSSLError") == Some(&Value::Bool(true)) {
        error.cause = Cause::Certificate;
    }
    // Without a status, a code or a word it never got as far as an answer.
    if error.cause == Cause::Unknown && error.status.is_none() {
        error.cause = Cause::Dropped;
    }
    error.direct |= asked.as_deref() == Some("api.anthropic.com");
    let asked = asked.filter(|host| host != "api.anthropic.com");
    let server = text("/error/headers/server").filter(|s| !s.eq_ignore_ascii_case("cloudflare"));
    let server = server.map(|server| format!("{server} (its server header)"));
    error.foreign = asked.or(server).or(error.foreign.take());
    error
}

/// What an attempt without a text says of itself; may be empty.
fn of_fields(error: &ApiError, asked: Option<&str>) -> String {
    let status = error.status.map(|status| status.to_string());
    let known = [status.as_deref(), error.kind.as_deref(), error.code.as_deref()];
    let known = known.into_iter().flatten().collect::<Vec<_>>().join(" ");
    match asked {
        Some(host) if !known.is_empty() => format!("{known} at {host}"),
        _ => known,
    }
}

/// The text of a message: a list of blocks, or plain.
fn content(row: &Value) -> String {
    match row.pointer("/message/content") {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(blocks)) => {
            let text = |block: &Value| block.get("text").and_then(Value::as_str).map(str::to_owned);
            blocks.iter().filter_map(text).collect::<Vec<_>>().join("\n")
        }
        _ => String::new(),
    }
}

/// The host of an address, with its port where that is unusual.
fn host(url: &str) -> Option<String> {
    super::host_and_port(&url::Url::parse(url).ok()?)
}

fn session(row: &Value) -> Option<String> {
    let id = row.get("sessionId").or_else(|| row.get("session_id"))?;
    id.as_str().map(str::to_owned)
}

fn time(value: &Value) -> Option<Timestamp> {
    value.as_str()?.parse().ok()
}

fn status(value: &Value) -> Option<u16> {
    value.as_u64().and_then(|n| u16::try_from(n).ok()).filter(|n| (100..600).contains(n))
}
