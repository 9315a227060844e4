//! What looks like chance, and what only looks odd: names of models, ids of requests, dates.

use std::ops::Range;
use std::sync::LazyLock;

use regex_lite::Regex;

use super::named::announces;
use super::{is_label, part, pattern, trimmed};

/// Words of the characters that keys are made of.
static WORD: LazyLock<Regex> = LazyLock::new(|| pattern(r"([A-Za-z0-9][\w+/\-.~%]*)"));
/// Identifiers that are long and no secret; support needs them.
static HARMLESS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:(?:req|msg|toolu|srvtoolu|msgbatch|file)_(?:(?:vrtx|bdrk)_)?[A-Za-z0-9]{1,40}|(?i)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{16}-[a-z]{3})$",
    )
});
/// Identifiers that could be anything by themselves: a trace's, a ULID.
static ID: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^(?i)(?:[0-9a-f]{16}|[0-9a-f]{32}|[0-9a-hjkmnp-tv-z]{26})$"));
/// What such an identifier stands behind, in small letters and without separators.
const IDS: &[&str] = &["requestid", "reqid", "traceid", "spanid", "correlationid", "rayid"];
/// A number in base 16, as codes of Windows are.
static HEX: LazyLock<Regex> = LazyLock::new(|| pattern(r"^0[xX][0-9A-Fa-f]{1,8}$"));
/// A part of a word that is a word, a number, or a short mixture such as `v1`, `1m`, `22T19`.
static PLAIN: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"^(?:[A-Za-z]*\d{0,3}|\d{1,14}|\d{1,6}[A-Za-z]{1,2}|\d{1,2}T\d{1,2})$")
});
/// The pieces of a word in mixed case.
static PIECES: LazyLock<Regex> = LazyLock::new(|| pattern(r"[A-Z]?[a-z]+|[A-Z]+"));

/// Words that look like chance; shortly behind a word that announces a secret, shorter ones too.
pub(super) fn words(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let (mut announced, mut before) = (0_u8, String::new());
    let mut from = 0;
    while let Some(word) = WORD.find_at(text, from) {
        from = word.end();
        let range = trimmed(text, word.range());
        let place = range.clone();
        let word = part(text, &range);
        let lower = word.to_ascii_lowercase();
        let flat: String = lower.chars().filter(char::is_ascii_alphanumeric).collect();
        if announces_id(&before) && ID.is_match(word) {
            // What support asks for first.
        } else if announced > 0 && is_odd_behind(&before, word) {
            found.push(range);
        } else {
            found.extend(
                random(word).into_iter().map(|r| range.start + r.start..range.start + r.end),
            );
        }
        let label = is_label(text, &place);
        let name = lower == "key" || lower == "basic" || announces(&lower);
        announced = if name && !label { 3 } else { announced.saturating_sub(1) };
        before = if flat == "id" { before + &flat } else { flat };
    }
    found
}

/// Whether a name, in small letters and without separators, is one of an identifier.
fn announces_id(name: &str) -> bool {
    IDS.iter().any(|id| name.ends_with(id))
}

/// The same behind the word before it: a UUID is an id, unless it is said to be a key.
fn is_odd_behind(before: &str, word: &str) -> bool {
    let says_so = || matches!(before, "key" | "is" | "was" | "value") || announces(before);
    is_odd(word) || is_uuid(word) && says_so()
}

fn is_uuid(word: &str) -> bool {
    word.len() == 36 && !word.contains('_') && is_harmless(word)
}

/// No name and no id is longer, in bytes.
const LONGEST: usize = 200;

/// Not a word, nor anything else that is known: enough where a secret is announced.
pub(super) fn is_odd(word: &str) -> bool {
    word.len() >= 6
        && (word.len() > LONGEST || !(is_harmless(word) || HEX.is_match(word) || is_plain(word)))
}

/// The parts of a word that can only be chance. Between slashes each part counts by itself, unless
/// most of them are odd: base64 has slashes, too.
fn random(word: &str) -> Vec<Range<usize>> {
    let mut at = 0;
    let mut parts = Vec::new();
    for segment in word.split('/') {
        parts.push((at..at + segment.len(), oddness(segment)));
        at += segment.len() + 1;
    }
    let odd = parts.iter().filter(|(_, odd)| *odd > 0).count();
    let all: usize = parts.iter().map(|(_, odd)| odd).sum();
    if parts.len() > 1 && odd * 2 >= parts.len() && all >= 20 {
        let first = parts.iter().find(|(_, odd)| *odd > 0);
        return first.map(|(range, _)| range.start..word.len()).into_iter().collect();
    }
    let secret = |(range, odd): (Range<usize>, usize)| (odd >= 16).then_some(range);
    parts.into_iter().filter_map(secret).collect()
}

/// How many letters and digits stand in parts that are no words.
fn oddness(segment: &str) -> usize {
    if is_harmless(segment) {
        return 0;
    }
    segment.split(is_joint).filter(|part| !is_plain_part(part)).map(str::len).sum()
}

fn is_harmless(word: &str) -> bool {
    HARMLESS.is_match(word)
}

fn is_joint(c: char) -> bool {
    !c.is_ascii_alphanumeric()
}

/// Made of words and numbers, as names of models and types are.
pub(super) fn is_plain(word: &str) -> bool {
    word.split(is_joint).all(is_plain_part)
}

fn is_plain_part(part: &str) -> bool {
    let letters = part.trim_end_matches(|c: char| c.is_ascii_digit());
    let pieces = PIECES.find_iter(letters).count();
    PLAIN.is_match(part) && letters.len() <= 40 && pieces <= 1 + letters.len() / 4
}
