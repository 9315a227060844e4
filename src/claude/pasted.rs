//! What a user pastes: the text of an error, or a line of any of Claude Code's own formats.

use jiff::Timestamp;
use serde_json::Value;

use super::transcript::{self, Row};
use super::wording::{self, Known};
use crate::core::diagnosis::{ApiError, ErrorSource};

/// Reads it. Anything is an error of some kind: what can't be understood has the cause `Unknown`.
pub fn read(text: &str) -> ApiError {
    let text = text.trim();
    let row = text.lines().find(|line| line.starts_with('{')).and_then(of_json);
    let mut error =
        row.unwrap_or_else(|| wording::read(text, Known::default(), ErrorSource::Pasted));
    error.at = error.at.or_else(|| time_in(text));
    error
}

/// A row of a transcript, an event of `--output-format stream-json`, what a hook is given, or the
/// body of an answer of the API.
fn of_json(line: &str) -> Option<ApiError> {
    if let Some(Row::Error(failed)) = transcript::read(line) {
        return Some(failed.error);
    }
    let value: Value = serde_json::from_str(line).ok()?;
    hook(&value).or_else(|| stream(&value))
}

/// The input of a StopFailure hook: a class, and the text as it was shown.
pub fn hook(value: &Value) -> Option<ApiError> {
    let text = |key: &str| value.get(key).and_then(Value::as_str);
    if text("hook_event_name") != Some("StopFailure") {
        return None;
    }
    let details = text("error_details").unwrap_or_default();
    let shown = text("last_assistant_message").unwrap_or(details);
    let known = Known {
        class: text("error").map(str::to_owned),
        request_id: wording::request_id_in(details),
        ..Known::default()
    };
    Some(wording::read(shown, known, ErrorSource::Hook))
}

/// Events of a headless run: retries of the session or of a subagent, and the result.
fn stream(value: &Value) -> Option<ApiError> {
    let retry = value.get("subagent_retry").or_else(|| {
        (value.get("subtype").and_then(Value::as_str) == Some("api_retry")).then_some(value)
    });
    let result = value.get("is_error").and_then(Value::as_bool) == Some(true);
    let (status, class, shown) = match (retry, result) {
        (Some(retry), _) => {
            let class = retry.get("error").or_else(|| retry.get("error_category"));
            (retry.get("error_status"), class, None)
        }
        (None, true) => (value.get("api_error_status"), None, value.get("result")),
        (None, false) => return None,
    };
    let known = Known {
        status: status
            .and_then(Value::as_u64)
            .and_then(|n| u16::try_from(n).ok())
            .filter(|n| (100..=599).contains(n)),
        class: class.and_then(Value::as_str).map(str::to_owned),
        ..Known::default()
    };
    let text = shown.and_then(Value::as_str).unwrap_or_default();
    Some(wording::read(text, known, ErrorSource::Pasted))
}

/// A time at the start of a line, as the debug log writes it.
fn time_in(text: &str) -> Option<Timestamp> {
    text.split_whitespace().next()?.parse().ok()
}
