//! What looks like chance, and what only looks odd: names of models, ids of requests, dates.

use std::ops::Range;

use super::named::announces;
use super::{is_label, part, trimmed};

/// What such an identifier stands behind, in small letters and without separators.
const IDS: &[&str] = &["requestid", "reqid", "traceid", "spanid", "correlationid", "rayid"];
/// Words that look like chance; shortly behind a word that announces a secret, shorter ones too.
pub(super) fn words(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let (mut announced, mut before) = (0_u8, String::new());
    for range in runs(text) {
        let range = trimmed(text, range);
        let place = range.clone();
        let word = part(text, &range);
        let lower = word.to_ascii_lowercase();
        let flat: String = lower.chars().filter(char::is_ascii_alphanumeric).collect();
        if announces_id(&before) && is_bare_id(word) {
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

/// The runs of characters that keys are made of; each begins with a letter or a digit.
fn runs(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let goes_on = |c: char| c.is_ascii_alphanumeric() || "_+/-.~%".contains(c);
    let mut from = 0;
    std::iter::from_fn(move || {
        let rest = text.get(from..)?;
        let start = from + rest.find(|c: char| c.is_ascii_alphanumeric())?;
        let run = text.get(start..)?;
        from = start + run.find(|c| !goes_on(c)).unwrap_or(run.len());
        Some(start..from)
    })
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

/// Five groups of a UUID, in hexadecimal digits.
pub(super) fn is_uuid(word: &str) -> bool {
    const GROUPS: [usize; 5] = [8, 4, 4, 4, 12];
    word.split('-').count() == GROUPS.len()
        && word.split('-').zip(GROUPS).all(|(group, digits)| is_hex(group, digits))
}

/// So many hexadecimal digits and nothing else.
fn is_hex(word: &str, digits: usize) -> bool {
    word.len() == digits && word.chars().all(|c| c.is_ascii_hexdigit())
}

/// An identifier that could be anything by itself: a trace's, a ULID.
fn is_bare_id(word: &str) -> bool {
    let ulid = |c: char| c.is_ascii_alphanumeric() && !"ilouILOU".contains(c);
    is_hex(word, 16) || is_hex(word, 32) || word.len() == 26 && word.chars().all(ulid)
}

/// A number in base 16, as codes of Windows are.
fn is_code(word: &str) -> bool {
    let digits = word.strip_prefix("0x").or_else(|| word.strip_prefix("0X"));
    digits.is_some_and(|digits| (1..=8).any(|count| is_hex(digits, count)))
}

/// No name and no id is longer, in bytes.
const LONGEST: usize = 200;

/// Not a word, nor anything else that is known: enough where a secret is announced.
pub(super) fn is_odd(word: &str) -> bool {
    word.len() >= 6
        && (word.len() > LONGEST || !(is_harmless(word) || is_code(word) || is_plain(word)))
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

/// Identifiers that are long and no secret; support needs them.
fn is_harmless(word: &str) -> bool {
    is_uuid(word) || is_ray(word) || is_api_id(word)
}

/// The id of a request at Cloudflare, with the place that took it.
fn is_ray(word: &str) -> bool {
    word.split_once('-').is_some_and(|(id, place)| {
        is_hex(id, 16) && place.len() == 3 && place.chars().all(|c| c.is_ascii_alphabetic())
    })
}

/// An id of the API, of its own or of one who offers it.
fn is_api_id(word: &str) -> bool {
    const OF: &[&str] = &["req", "msg", "toolu", "srvtoolu", "msgbatch", "file"];
    let Some((of, id)) = word.split_once('_') else { return false };
    let id = id.strip_prefix("vrtx_").or_else(|| id.strip_prefix("bdrk_")).unwrap_or(id);
    OF.contains(&of)
        && (1..=40).contains(&id.len())
        && id.chars().all(|c| c.is_ascii_alphanumeric())
}

fn is_joint(c: char) -> bool {
    !c.is_ascii_alphanumeric()
}

/// Made of words and numbers, as names of models and types are.
pub(super) fn is_plain(word: &str) -> bool {
    word.split(is_joint).all(is_plain_part)
}

/// A word, a number, or a short mixture such as `v1`, `1m`, `22T19`.
fn is_plain_part(part: &str) -> bool {
    let digits = |text: &str| text.len() - text.trim_start_matches(is_digit).len();
    let (number, rest) = part.split_at(digits(part));
    let letters = rest.trim_end_matches(is_digit);
    let count = rest.len() - letters.len();
    if letters.contains(is_digit) {
        return false;
    }
    let fits = match (number.len(), letters, count) {
        (0, _, count) => count <= 3,
        (number, "", _) => number <= 14,
        (number, "T", 1 | 2) => number <= 2,
        (number, _, 0) => number <= 6 && letters.len() <= 2,
        _ => false,
    };
    let letters = part.trim_end_matches(is_digit);
    fits && letters.len() <= 40 && pieces(letters) <= 1 + letters.len() / 4
}

fn is_digit(c: char) -> bool {
    c.is_ascii_digit()
}

/// How many pieces a word in mixed case has: small letters with a capital before them, or capitals.
fn pieces(word: &str) -> usize {
    let (mut count, mut rest) = (0, word);
    while let Some(start) = rest.find(|c: char| c.is_ascii_alphabetic()) {
        let word = rest.get(start..).unwrap_or_default();
        let small = |c: char| c.is_ascii_lowercase();
        let second = word.get(1..).unwrap_or_default();
        rest = match word.starts_with(small) || second.starts_with(small) {
            true => second.trim_start_matches(small),
            false => word.trim_start_matches(|c: char| c.is_ascii_uppercase()),
        };
        count += 1;
    }
    count
}
