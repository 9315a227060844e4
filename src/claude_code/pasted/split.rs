//! What is pasted may be prose, JSON in rows, or JSON spread over many lines.

use serde::de::IgnoredAny;
use serde_json::value::RawValue;

/// So many objects that don't end in their own line are looked for: each may reach to the end.
const SPREAD: u32 = 32;

/// What was pasted, with the JSON apart: rows, in lines or spread over many.
pub(super) struct Split<'a> {
    pub(super) prose: String,
    pub(super) objects: Vec<&'a str>,
}

/// Takes them apart.
pub(super) fn split(text: &str) -> Split<'_> {
    let (mut prose, mut objects, mut rest) = (String::new(), Vec::new(), text);
    let mut spread_left = SPREAD;
    while let Some(line) = rest.split_inclusive('\n').next() {
        let mut spread = || {
            spread_left = spread_left.checked_sub(1)?;
            object(rest)
        };
        let opens = line.trim_start().starts_with(['{', '[']);
        let json = opens.then(|| object(line).or_else(&mut spread)).flatten();
        let json = json.or_else(|| found_in_file(line)).filter(|(json, _)| !rows(json).is_empty());
        let end = json.map_or(line.len(), |(json, end)| {
            objects.extend(rows(json));
            end
        });
        if json.is_none() && !is_quoting(line) {
            prose.push_str(line);
        }
        rest = rest.get(end..).unwrap_or_default();
    }
    Split { prose, objects }
}

/// An object, or those of a list.
fn rows(json: &str) -> Vec<&str> {
    if json.trim_start().starts_with('{') {
        return vec![json];
    }
    let list: Vec<&RawValue> = serde_json::from_str(json).unwrap_or_default();
    list.into_iter().map(RawValue::get).filter(|it| it.starts_with('{')).collect()
}

/// A row behind the name of its file or the number of its line, as `grep` shows it.
fn found_in_file(line: &str) -> Option<(&str, usize)> {
    let at = line.find('{')?;
    let before = line.get(..at)?.trim().strip_suffix([':', '-'])?;
    let is_place = before.contains(".jsonl") || before.chars().all(|c| c.is_ascii_digit());
    let (json, end) = is_place.then(|| object(line.get(at..)?)).flatten()?;
    Some((json, at + end))
}

/// A part of a row: what it says is anybody's, unless it is one of an error.
fn is_quoting(line: &str) -> bool {
    const OF_ROWS: &[&str] = &[
        "\"type\":\"user\"",
        "\"type\":\"assistant\"",
        "\"tool_result\"",
        "\"sessionId\":",
        "\"parentUuid\":",
    ];
    const OF_ERRORS: &[&str] = &["\"isApiErrorMessage\":true", "\"subtype\":\"api_error\""];
    let line = line.replace("\": ", "\":");
    let has = |marks: &[&str]| marks.iter().any(|mark| line.contains(mark));
    has(OF_ROWS) && !has(OF_ERRORS)
}

/// The JSON value at the start of a text, and where it ends.
fn object(text: &str) -> Option<(&str, usize)> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<IgnoredAny>();
    values.next()?.ok()?;
    let end = values.byte_offset();
    Some((text.get(..end)?, end))
}
