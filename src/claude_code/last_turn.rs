//! Whether a session still stands where an API error stopped it, by the end of its own transcript:
//! the last look before it is woken. Hooks may be switched off, killed or late, and a prompt that was
//! queued while the turn ran is told of before the failure and begins its own turn without a word;
//! what the session wrote down itself is no guess.
//!
//! Only what kind of row stands last is looked at, and nothing of it is kept.

use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use serde_json::Value;

use crate::platform::plain;

/// So much of the end is read, in bytes.
const END: u64 = 256 << 10;
/// Rows of the user's own commands, which Claude Code answers by itself. One for the shell begins a turn.
const COMMANDS: &[&str] = &["<command-", "<local-command-"];

/// Whether the session went on after its last API error. Where that can't be told it did not: then
/// there is what its hooks said.
pub fn went_on(transcript: &Path) -> bool {
    end(transcript).is_some_and(|end| end.lines().rev().find_map(is_of_a_turn) == Some(true))
}

fn end(transcript: &Path) -> Option<String> {
    let mut file = plain::open(transcript).ok()?;
    let length = file.metadata().ok()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(END))).ok()?;
    let mut bytes = Vec::new();
    file.take(END).read_to_end(&mut bytes).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// Whether a row is a prompt or an answer, or else the error that ended a turn; none: neither.
fn is_of_a_turn(line: &str) -> Option<bool> {
    let row: Value = serde_json::from_str(line).ok()?;
    let is = |key: &str| row.get(key).and_then(Value::as_bool) == Some(true);
    if is("isSidechain") || is("isMeta") {
        return None;
    }
    match row.get("type")?.as_str()? {
        "assistant" => {
            let model = row.pointer("/message/model").and_then(Value::as_str);
            Some(!is("isApiErrorMessage") && model != Some("<synthetic>"))
        }
        "user" => {
            let content = row.pointer("/message/content")?;
            let text = content.as_str().or_else(|| content.pointer("/0/text")?.as_str());
            let is_command = text.is_some_and(|text| {
                COMMANDS.iter().any(|begins| text.trim_start().starts_with(begins))
            });
            (!is_command).then_some(true)
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
        let shell = r#"{"type":"user","message":{"content":[{"type":"text","text":"<bash-input>ls</bash-input>"}]}}"#;
        let meta = r#"{"type":"user","isMeta":true,"message":{"content":"x"}}"#;
        let side = r#"{"type":"user","isSidechain":true,"message":{"content":"x"}}"#;
        let stopped = r#"{"type":"user","message":{"content":[{"type":"text","text":"[Request interrupted by user]"}]}}"#;
        let system = r#"{"type":"system","subtype":"turn_duration"}"#;
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("one.jsonl");
        for (rows, expected) in [
            (&[prompt, error][..], false),
            (&[prompt, error, system, "no row"], false),
            (&[prompt, error, command, meta, side], false),
            (&[prompt, error, shell], true),
            (&[error, prompt], true),
            (&[error, prompt, system], true),
            (&[error, prompt, answer], true),
            (&[error, prompt, answer, error], false),
            (&[error, stopped], true),
            (&[], false),
        ] {
            std::fs::write(&file, rows.join("\n")).unwrap();
            assert_eq!(went_on(&file), expected, "{rows:?}");
        }
        let long = format!("{answer}\n{error}\n{}", format!("{system}\n").repeat(2000));
        std::fs::write(&file, long).unwrap();
        assert!(!went_on(&file));
        assert!(
            !went_on(&dir.path().join("none")) && !went_on(dir.path()) && !went_on(Path::new(""))
        );
    }
}
