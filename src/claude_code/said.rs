//! What a command said before it ended: the API error in it, and its session.
//!
//! The result of a headless run (`--output-format json` or `stream-json`) decides alone: an error
//! before it went by, and what the model's answer quotes is nobody's error. Without one the last
//! lines are read as they stand on a screen.
//!
//! What is not Claude Code may print anything: the log of a test, the lines that it searched. There an
//! error counts only as its last words, in the form of Claude Code or of an SDK.

use std::ffi::OsString;

use serde_json::Value;

use super::wording::{self, Scope};
use super::{headless, pasted};
use ccwatch_core::api_error::{ApiError, Cause, TimeHeals};

/// So many lines of the end are read where there is no result: further up is what went by.
const LINES: usize = 40;
/// What may stand below the last words of a program: the end of its trace, and who started it.
const BELOW: &[&str] = &[
    "}",
    "]",
    ")",
    "Node.js v",
    "Bun v",
    "npm ",
    "make: ",
    "make[",
    "error Command failed",
    "info Visit ",
    "error: script ",
    "error: Recipe ",
    "\u{2009}ELIFECYCLE",
    "ELIFECYCLE",
];

/// How lines of Claude Code's begin that name an API error only behind other words.
const LEADING_TO_IT: &[&str] = &["api error", "failed to authenticate", "please run /login"];

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// Claude Code.
    Claude,
    /// Any other program: a script that runs it, too.
    Anybody,
}

impl By {
    /// By the words of a command.
    pub fn of(command: &[OsString]) -> Self {
        if headless::is_claude_code(command) { Self::Claude } else { Self::Anybody }
    }
}

/// See the module.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// The API error that it ended with.
    pub error: Option<ApiError>,
    /// The session that it was, where it says so itself.
    pub session: Option<String>,
}

/// Reads the end of standard output and of standard error.
pub fn read(output: &str, errors: &str, by: By) -> Said {
    let session = session(output);
    let result = result(output).filter(|_| by == By::Claude || ends_with_object(output));
    if let Some(result) = result {
        // It repeats the error of the row before, which knows more.
        let failed = result.get("is_error").and_then(Value::as_bool) == Some(true);
        let error = failed.then(|| known(pasted::read(output))).flatten();
        return Said { error, session };
    }
    let found = [errors, output].map(|text| {
        let error = known(pasted::read(&end(text)))?;
        match by {
            By::Claude => Some(error),
            By::Anybody if error.cause == Cause::Stranger => Some(error),
            By::Anybody => last_words(text),
        }
    });
    // Of two errors the one that nobody may wait for; somebody else's only where there is no other.
    let rank = |error: &ApiError| match (error.cause, error.time_heals()) {
        (Cause::Stranger, _) => 2,
        (_, TimeHeals::No) => 0,
        (_, TimeHeals::Yes | TimeHeals::AtReset) => 1,
    };
    Said { error: found.into_iter().flatten().min_by_key(rank), session }
}

/// The error that a text ends with, in the form of Claude Code or of an SDK.
fn last_words(text: &str) -> Option<ApiError> {
    let below = |line: &&&str| {
        line.starts_with(char::is_whitespace) || BELOW.iter().any(|begins| line.starts_with(begins))
    };
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let further = lines.iter().rev().take(LINES).take_while(below).count();
    let first = lines.len().checked_sub(further + 1)?;
    if !is_error_of_claudes(lines.get(first)?) {
        return None;
    }
    let error = known(pasted::read(&lines.get(first..)?.join("\n")))?;
    (error.cause != Cause::Stranger).then_some(error)
}

/// Whether a line begins with words of Claude Code's own, or is what an SDK raises.
fn is_error_of_claudes(line: &str) -> bool {
    let lower = line.to_lowercase();
    let own =
        || wording::places(&lower).any(|(place, scope)| place.start == 0 && scope == Scope::Own);
    let raised = lower.split(' ').next().is_some_and(|word| word.ends_with("error:"));
    let sdk = lower.contains("{\"type\":\"error\"") || lower.starts_with("anthropic.");
    LEADING_TO_IT.iter().any(|begins| lower.starts_with(begins)) || own() || raised && sdk
}

/// Whether the last line is an object, or a list of them.
fn ends_with_object(output: &str) -> bool {
    let last = output.lines().rev().find(|line| !line.trim().is_empty());
    last.is_some_and(|line| serde_json::from_str::<Value>(line).is_ok_and(|it| !it.is_string()))
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
        read(output, errors, By::Claude).error.map(|error| error.cause)
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
    fn of_others_only_their_last_words_count() {
        let python = "Traceback (most recent call last):\n  File \"a.py\", line 3, in <module>\nanthropic.InternalServerError: Error code: 529 - {'type': 'error', 'error': {'type': 'overloaded_error', 'message': 'Overloaded'}}";
        let node = "file:///a/node_modules/@anthropic-ai/sdk/core/error.mjs:50\n        return new InternalServerError(status);\n               ^\n\nInternalServerError: 529 {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n    at APIError.generate (file:///a.mjs:50:16) {\n  status: 529,\n}\n\nNode.js v22.1.0";
        let refused = "Failed to authenticate. API Error: 401 Invalid authentication credentials";
        let done = result("529", OVERLOADED);
        for (output, errors, expected) in [
            ("running\n", OVERLOADED, Some(Cause::Overloaded)),
            (&format!("{OVERLOADED}\n"), "exit status 1", Some(Cause::Overloaded)),
            (
                &format!("{OVERLOADED}\nnpm error code 1\nmake: *** [a] Error 1"),
                "",
                Some(Cause::Overloaded),
            ),
            (
                &format!("{OVERLOADED}\nmake: *** [Makefile:2: ask] Error 1"),
                "",
                Some(Cause::Overloaded),
            ),
            ("", python, Some(Cause::Overloaded)),
            ("", node, Some(Cause::Overloaded)),
            (&done, "", Some(Cause::Overloaded)),
            (&format!("{OVERLOADED}\n{refused}"), "", Some(Cause::Refused)),
            // Somewhere in between, or in the middle of a line.
            (&format!("{OVERLOADED}\nFAILED 3 tests"), "", None),
            (&format!("{done}\nFAILED 3 tests"), "", None),
            ("test retry_on_529 ... API Error: 529 Overloaded handled ok", "", None),
            ("grep: found: API Error: 500 in CHANGELOG", "", None),
            ("src/a.rs:12: // API Error: 529 Overloaded", "", None),
            ("", "curl: (7) Failed to connect: Connection refused", None),
            ("npm error code ELIFECYCLE", "", Some(Cause::Stranger)),
        ] {
            let found = read(output, errors, By::Anybody).error.map(|error| error.cause);
            let found = found.filter(|cause| expected.is_some() || *cause != Cause::Stranger);
            assert_eq!(found, expected, "{output} {errors}");
        }
        let by = |words: &str| By::of(&words.split(' ').map(OsString::from).collect::<Vec<_>>());
        for words in [
            "claude -p x",
            "/usr/bin/claude",
            "timeout 5 claude -p",
            "npx -y @anthropic-ai/claude-code",
        ] {
            assert_eq!(by(words), By::Claude, "{words}");
        }
        for words in ["grep -r 529 /src/claude", "./ask.sh claude", "sh", "cargo test"] {
            assert_eq!(by(words), By::Anybody, "{words}");
        }
    }

    #[test]
    fn a_result_decides_alone() {
        let retry = r#"{"type":"system","subtype":"api_retry","attempt":1,"max_retries":10,"retry_delay_ms":600,"error_status":529,"error":"overloaded","session_id":"a"}"#;
        let failed = read(&format!("{retry}\n{}\n", result("529", OVERLOADED)), "", By::Claude);
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
        let killed = read(&format!("{retry}\n"), "", By::Claude);
        assert_eq!(
            (killed.error.unwrap().cause, killed.session.as_deref()),
            (Cause::Overloaded, Some("a"))
        );
        assert_eq!(read(r#"{"session_id":"--help"}"#, "", By::Claude).session, None);
    }
}
