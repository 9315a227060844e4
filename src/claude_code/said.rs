//! What a command said before it ended: the API error in it, and its session.
//!
//! The result of a headless run (`--output-format json` or `stream-json`) decides alone: an error
//! before it went by, and what the model's answer quotes is nobody's error. Without one the last
//! lines are read as they stand on a screen.

use serde_json::Value;

use super::pasted;
use ccwatch_core::api_error::{ApiError, Cause, TimeHeals};

/// So many lines of the end are read where there is no result: further up is what went by.
const LINES: usize = 40;

/// See the module.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// The API error that it ended with.
    pub error: Option<ApiError>,
    /// The session that it was, where it says so itself.
    pub session: Option<String>,
}

/// Reads the end of standard output and of standard error.
pub fn read(output: &str, errors: &str) -> Said {
    let session = session(output);
    if let Some(result) = result(output) {
        // It repeats the error of the row before, which knows more.
        let failed = result.get("is_error").and_then(Value::as_bool) == Some(true);
        let error = failed.then(|| known(pasted::read(output))).flatten();
        return Said { error, session };
    }
    let found = [errors, output].map(|text| known(pasted::read(&end(text))));
    // Of two errors the one that nobody may wait for; somebody else's only where there is no other.
    let rank = |error: &ApiError| match (error.cause, error.time_heals()) {
        (Cause::Stranger, _) => 2,
        (_, TimeHeals::No) => 0,
        (_, TimeHeals::Yes | TimeHeals::AtReset) => 1,
    };
    Said { error: found.into_iter().flatten().min_by_key(rank), session }
}

/// What can't be read is no error.
fn known(error: ApiError) -> Option<ApiError> {
    (error.cause != Cause::Unknown).then_some(error)
}

/// The last lines.
fn end(text: &str) -> String {
    let lines: Vec<&str> =
        text.lines().rev().filter(|line| !line.trim().is_empty()).take(LINES).collect();
    lines.into_iter().rev().collect::<Vec<_>>().join("\n")
}

/// The result of the last headless run in it.
fn result(output: &str) -> Option<Value> {
    objects(output).find(|value| value.get("type").and_then(Value::as_str) == Some("result"))
}

/// The session of the newest row that names one.
fn session(output: &str) -> Option<String> {
    let id =
        objects(output).find_map(|value| value.get("session_id")?.as_str().map(str::to_owned))?;
    let is_id = id.starts_with(|c: char| c.is_ascii_alphanumeric())
        && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    is_id.then_some(id)
}

/// The objects that stand in lines of their own, alone or in a list, last ones first.
fn objects(output: &str) -> impl Iterator<Item = Value> {
    let values = output.lines().rev().filter(|line| line.trim_start().starts_with(['{', '[']));
    values.filter_map(|line| serde_json::from_str(line).ok()).flat_map(|value| match value {
        Value::Array(list) => list.into_iter().rev().collect(),
        value => vec![value],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cause(output: &str, errors: &str) -> Option<Cause> {
        read(output, errors).error.map(|error| error.cause)
    }

    const OVERLOADED: &str = "API Error: 529 Overloaded. This is a server-side issue, usually temporary \u{2014} try again in a moment. If it persists, check https://status.claude.com.";

    fn result(status: &str, text: &str) -> String {
        format!(
            r#"{{"type":"result","subtype":"success","is_error":{},"api_error_status":{status},"session_id":"11111111-2222-4333-8444-555555555555","result":"{text}"}}"#,
            status != "null"
        )
    }

    #[test]
    fn the_last_words_of_a_run_tell_what_failed() {
        for (output, errors, expected) in [
            (OVERLOADED, "", Some(Cause::Overloaded)),
            ("", OVERLOADED, Some(Cause::Overloaded)),
            (
                "Failed to authenticate. API Error: 401 OAuth token has expired.",
                "",
                Some(Cause::Refused),
            ),
            ("API Error: Connection dropped (ECONNRESET). Try again.", "", Some(Cause::Dropped)),
            ("Prompt is too long", "", Some(Cause::TooLong)),
            ("", "No conversation found with session ID: 1", Some(Cause::NoSession)),
            ("run 1", "something else went wrong", None),
            ("", "", None),
            (OVERLOADED, "npm error code ELIFECYCLE", Some(Cause::Overloaded)),
            (
                OVERLOADED,
                "Failed to authenticate. API Error: 401 Invalid authentication credentials",
                Some(Cause::Refused),
            ),
        ] {
            assert_eq!(cause(output, errors), expected, "{output} {errors}");
        }
        let long_ago = format!("{OVERLOADED}\n{}", "it went on\n".repeat(50));
        assert_eq!(cause(&long_ago, ""), None);
    }

    #[test]
    fn a_result_decides_alone() {
        let retry = r#"{"type":"system","subtype":"api_retry","attempt":1,"max_retries":10,"retry_delay_ms":600,"error_status":529,"error":"overloaded","session_id":"a"}"#;
        let failed = read(&format!("{retry}\n{}\n", result("529", OVERLOADED)), "");
        assert_eq!(failed.error.unwrap().cause, Cause::Overloaded);
        assert_eq!(failed.session.as_deref(), Some("11111111-2222-4333-8444-555555555555"));
        let worked =
            format!("{retry}\n{}\n", result("null", "the log says API Error: 529 Overloaded"));
        assert_eq!(cause(&worked, OVERLOADED), None, "what it quotes is no error of the run");
        let turns =
            r#"{"type":"result","subtype":"error_max_turns","is_error":true,"session_id":"a"}"#;
        assert_eq!(cause(&format!("{retry}\n{turns}"), ""), None, "it went by");
        let list = format!(
            "[{retry},{}]",
            result("401", "API Error: 401 Invalid authentication credentials")
        );
        assert_eq!(cause(&list, ""), Some(Cause::Refused));
        let killed = read(&format!("{retry}\n"), "");
        assert_eq!(
            (killed.error.unwrap().cause, killed.session.as_deref()),
            (Cause::Overloaded, Some("a"))
        );
        assert_eq!(read(r#"{"session_id":"--help"}"#, "").session, None);
    }
}
