//! Whether a session still stands where an API error stopped it, by the end of its own transcript:
//! the last look before it is woken. Hooks may be switched off, killed or late, and a prompt that was
//! queued while the turn ran is told of before the failure and begins its own turn without a word;
//! what the session wrote down itself is no guess.
//!
//! Only what kind of row stands last is looked at, and nothing of it is kept.

use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use jiff::Timestamp;
use serde_json::Value;

use crate::platform::plain;

/// So much of the end is read, in bytes.
const END: u64 = 256 << 10;
/// Rows of the user's own commands, which Claude Code answers by itself. 2.1.250 writes down `/compact` as
/// it was typed, too.
const COMMANDS: &[&str] = &["<command-", "<local-command-", "/compact"];
/// Rows of commands for the shell, and of what they gave. From 2.1.197 at the latest one begins a turn,
/// of which no hook is told before it ends, unless the user's settings say that none does.
const SHELL: &[&str] = &["<bash-"];

/// What stands last in a transcript.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The error that ended a turn; also where nothing can be told: then there is what its hooks said.
    Error,
    /// A prompt or an answer: the session goes on.
    Turn,
    /// A command for the shell, of that time: it goes on, or not.
    Shell(Option<Timestamp>),
}

/// What stands last in the transcript of a session.
pub fn end(transcript: &Path) -> End {
    let text = last_rows(transcript).unwrap_or_default();
    text.lines().rev().find_map(of_a_turn).unwrap_or(End::Error)
}

fn last_rows(transcript: &Path) -> Option<String> {
    let mut file = plain::open(transcript).ok()?;
    let length = file.metadata().ok()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(END))).ok()?;
    let mut bytes = Vec::new();
    file.take(END).read_to_end(&mut bytes).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// What a row says of a turn; none: nothing.
fn of_a_turn(line: &str) -> Option<End> {
    let row: Value = serde_json::from_str(line).ok()?;
    let is = |key: &str| row.get(key).and_then(Value::as_bool) == Some(true);
    // The summary that a compaction puts in place of the conversation looks like a prompt.
    if is("isSidechain") || is("isMeta") || is("isCompactSummary") {
        return None;
    }
    match row.get("type")?.as_str()? {
        "assistant" => {
            let model = row.pointer("/message/model").and_then(Value::as_str);
            let is_error = is("isApiErrorMessage") || model == Some("<synthetic>");
            Some(if is_error { End::Error } else { End::Turn })
        }
        "user" => {
            let content = row.pointer("/message/content")?;
            let text = content.as_str().or_else(|| content.pointer("/0/text")?.as_str());
            let begins = |with: &[&str]| {
                let text = text.unwrap_or_default().trim_start();
                with.iter().any(|with| text.starts_with(with))
            };
            if begins(COMMANDS) {
                return None;
            }
            let at = || row.get("timestamp").and_then(Value::as_str)?.parse().ok();
            Some(if begins(SHELL) { End::Shell(at()) } else { End::Turn })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_row_of_a_turn_tells_whether_it_went_on() {
        let error = r#"{"type":"assistant","isApiErrorMessage":true,"message":{"model":"<synthetic>","content":[]}}"#;
        let answer = r#"{"type":"assistant","message":{"model":"claude","content":[]}}"#;
        let prompt = r#"{"type":"user","message":{"role":"user","content":"go on"}}"#;
        let command =
            r#"{"type":"user","message":{"content":"<command-name>/status</command-name>"}}"#;
        let shell = r#"{"type":"user","timestamp":"2026-11-27T16:52:17.365Z","message":{"content":[{"type":"text","text":"<bash-input>ls</bash-input>"}]}}"#;
        let output = r#"{"type":"user","timestamp":"2026-11-27T16:52:18Z","message":{"content":"<bash-stdout>a</bash-stdout><bash-stderr></bash-stderr>"}}"#;
        let typed = r#"{"type":"user","message":{"content":"/compact keep the plan"}}"#;
        let compacted = r#"{"type":"system","subtype":"compact_boundary"}"#;
        let summary = r#"{"type":"user","isCompactSummary":true,"message":{"content":"This session is being continued"}}"#;
        let meta = r#"{"type":"user","isMeta":true,"message":{"content":"x"}}"#;
        let side = r#"{"type":"user","isSidechain":true,"message":{"content":"x"}}"#;
        let stopped = r#"{"type":"user","message":{"content":[{"type":"text","text":"[Request interrupted by user]"}]}}"#;
        let system = r#"{"type":"system","subtype":"turn_duration"}"#;
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("one.jsonl");
        let shell_at = |at: &str| End::Shell(Some(at.parse().unwrap()));
        for (rows, expected) in [
            (&[prompt, error][..], End::Error),
            (&[prompt, error, system, "no row"], End::Error),
            (&[prompt, error, command, meta, side], End::Error),
            (&[prompt, error, typed, compacted, summary, meta, command], End::Error),
            (&[prompt, answer, typed, compacted, summary, meta, command], End::Turn),
            (&[prompt, error, shell], shell_at("2026-11-27T16:52:17.365Z")),
            (&[prompt, error, shell, output, system], shell_at("2026-11-27T16:52:18Z")),
            (&[prompt, error, shell, output, answer], End::Turn),
            (&[prompt, error, shell, output, error], End::Error),
            (&[error, prompt], End::Turn),
            (&[error, prompt, system], End::Turn),
            (&[error, prompt, answer], End::Turn),
            (&[error, prompt, answer, error], End::Error),
            (&[error, stopped], End::Turn),
            (&[], End::Error),
        ] {
            std::fs::write(&file, rows.join("\n")).unwrap();
            assert_eq!(end(&file), expected, "{rows:?}");
        }
        let long = format!("{answer}\n{error}\n{}", format!("{system}\n").repeat(2000));
        std::fs::write(&file, long).unwrap();
        assert_eq!(end(&file), End::Error);
        for none in [dir.path().join("none"), dir.path().to_owned(), "".into()] {
            assert_eq!(end(&none), End::Error);
        }
    }
}
