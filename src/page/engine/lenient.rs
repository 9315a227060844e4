//! Careful looks into JSON whose every field may be missing or odd.

use jiff::Timestamp;
use serde_json::Value;

use ccwatch_core::model::{Failure, FailureKind};

/// At most this many lines of oddities are kept: one odd page must not fill the log.
const MAX_ODDITIES: usize = 6;
/// At most this many characters of the page's text go into a line, a word or a detail.
const MAX_TEXT: usize = 80;
/// A longer id is no id; real ones have 12 to 26 characters.
const MAX_ID: usize = 100;
/// No page tells of a time before this one (2000-01-01): what does is a zero, or in another unit.
const EARLIEST: Timestamp = Timestamp::constant(946_684_800, 0);

/// What could not be understood, a line each, capped.
#[derive(Debug, Default)]
pub(in crate::page::engine) struct Oddities {
    lines: Vec<String>,
    more: usize,
}

impl Oddities {
    pub(in crate::page::engine) fn note(&mut self, line: impl Into<String>) {
        if self.lines.len() < MAX_ODDITIES {
            self.lines.push(line.into());
        } else {
            self.more += 1;
        }
    }

    /// The first lines, and a last one that counts the rest.
    pub(in crate::page::engine) fn into_lines(mut self) -> Vec<String> {
        if self.more > 0 {
            self.lines.push(format!("and {} more", self.more));
        }
        self.lines
    }
}

/// The beginning of a text of the page.
pub(in crate::page::engine) fn clip(text: &str) -> String {
    text.chars().take(MAX_TEXT).collect()
}

/// The text under `key`; none where there is nothing or something else.
pub(in crate::page::engine) fn text<'a>(row: &'a Value, key: &str) -> Option<&'a str> {
    row.get(key).and_then(Value::as_str)
}

/// The id under `key`, if it is one.
pub(in crate::page::engine) fn id<'a>(row: &'a Value, key: &str) -> Option<&'a str> {
    text(row, key).filter(|id| !id.is_empty() && id.len() <= MAX_ID)
}

/// The word under `key`, to be matched with one of ours; empty where there is none.
pub(in crate::page::engine) fn word(row: &Value, key: &str) -> String {
    clip(text(row, key).unwrap_or_default())
}

/// The elements under `key`; none at all where there is no list.
pub(in crate::page::engine) fn list<'a>(row: &'a Value, key: &str) -> &'a [Value] {
    row.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The time under `key`. Nothing or `null` is normal; anything else that is no time is odd.
pub(in crate::page::engine) fn time(
    row: &Value,
    key: &str,
    owner: &str,
    oddities: &mut Oddities,
) -> Option<Timestamp> {
    let value = row.get(key).filter(|value| !value.is_null())?;
    let time = value.as_str().and_then(|text| text.parse().ok());
    if time.is_none() {
        oddities.note(format!("{owner}: {key} is not a time"));
    }
    time
}

/// Whether a time is one, and not a zero or a number in another unit.
pub(in crate::page::engine) fn is_credible(at: &Timestamp) -> bool {
    *at >= EARLIEST
}

/// When something ended, if it did: nothing, `null` and an empty text are "not yet".
///
/// # Errors
/// What is no time says neither that it goes on nor that it is over.
pub(in crate::page::engine) fn ended(
    end: Option<&Value>,
    time: impl FnOnce(&Value) -> Option<Timestamp>,
) -> Result<Option<Timestamp>, String> {
    match end {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(nothing)) if nothing.is_empty() => Ok(None),
        Some(end) => {
            let at = time(end).filter(is_credible);
            at.map(Some)
                .ok_or_else(|| format!("an end that is no time: {}", clip(&end.to_string())))
        }
    }
}

/// The JSON of a body.
///
/// # Errors
/// `NotJson`.
pub(in crate::page::engine) fn json(body: &[u8]) -> Result<Value, Failure> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    // serde_json refuses nesting beyond 128 levels, so a deep body can't exhaust the stack.
    serde_json::from_slice(body)
        .map_err(|error| Failure::new(FailureKind::NotJson, clip(&error.to_string())))
}

/// The text of a body: UTF-16 by its mark, or else UTF-8.
///
/// # Errors
/// `NotJson`: it is neither.
pub fn decode(body: &[u8]) -> Result<String, Failure> {
    let not_text = || Failure::new(FailureKind::NotJson, "neither UTF-8 nor UTF-16");
    let units = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let pairs = bytes.chunks_exact(2);
        let whole = pairs.remainder().is_empty();
        let units = pairs.filter_map(|pair| pair.try_into().ok()).map(unit);
        let text: Result<String, _> = char::decode_utf16(units).collect();
        text.ok().filter(|_| whole).ok_or_else(not_text)
    };
    match body {
        [0xfe, 0xff, rest @ ..] => units(rest, u16::from_be_bytes),
        [0xff, 0xfe, rest @ ..] => units(rest, u16::from_le_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8(rest.to_vec()).map_err(|_| not_text()),
        plain => String::from_utf8(plain.to_vec()).map_err(|_| not_text()),
    }
}
