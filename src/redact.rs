//! Takes secrets and private things out of text before it leaves the machine or reaches a screen.
//!
//! Several finders look at the same text, each for one form: what they find is put together and
//! covered. Meant to err on the safe side: what looks like a key goes, even if it was none. What
//! support needs stays: plain words, statuses, error types, models, ids of requests, hosts.

mod chance;
mod named;
mod places;
mod secrets;

use std::ops::Range;
use std::path::Path;

use regex_lite::Regex;

use crate::render::sanitize;

/// What stands in place of a secret.
const SECRET: &str = "[secret]";

/// Takes out what looks like a secret; everything else that can be seen stays as it was.
pub fn secrets(text: &str) -> String {
    // First what is invisible: it could stand in the midst of a key and hide it from us.
    let text = sanitize::visible(text);
    cover(&text, secrets::find(&text))
}

/// The beginning of a text without what looks like a secret, in bytes. It looks further than it
/// shows, so that no secret is cut in two and not known for one.
pub fn beginning(text: &str, longest: usize) -> String {
    const FURTHER: usize = 1 << 10;
    let cut = |text: &str, at: usize| text.floor_char_boundary(at);
    let looked_at = text.get(..cut(text, longest + FURTHER)).unwrap_or_default();
    let clean = secrets(looked_at);
    match text.len() > longest {
        true => clean.get(..cut(&clean, longest)).unwrap_or_default().to_owned(),
        false => clean,
    }
}

/// Takes out secrets, e-mail addresses, paths, the home directory, and `words`: the directory and
/// the branch of the session.
pub fn private(text: &str, home: Option<&Path>, words: &[String]) -> String {
    let text = sanitize::visible(text);
    let mut spans = secrets::find(&text);
    spans.extend(places::find(&text, &spans, home.and_then(Path::to_str), words));
    cover(&text, spans)
}

/// Whether nothing in it looks like a secret.
pub fn is_clean(text: &str) -> bool {
    secrets::find(text).is_empty()
}

/// Whether an identifier, given as one, has none of the forms that keys are known to come in. It
/// may look like chance, as identifiers do.
pub fn is_id(text: &str) -> bool {
    !secrets::has_known_form(text)
}

/// A part of a text, in bytes, and what is to stand there.
#[derive(Debug, Clone)]
struct Span {
    range: Range<usize>,
    label: String,
}

impl Span {
    fn secret(range: Range<usize>) -> Self {
        Self { range, label: SECRET.to_owned() }
    }

    fn meets(&self, range: &Range<usize>) -> bool {
        self.range.start < range.end && range.start < self.range.end
    }
}

/// The text with the parts covered. Where parts overlap, the one that begins first, or is longer,
/// says what stands there.
fn cover(text: &str, mut spans: Vec<Span>) -> String {
    spans.sort_by_key(|span| (span.range.start, std::cmp::Reverse(span.range.end)));
    let mut out = String::with_capacity(text.len());
    let (mut end, mut last) = (0, String::new());
    for span in spans {
        let touches = span.range.start == end && span.label == last;
        if span.range.start >= end && !touches {
            out.push_str(text.get(end..span.range.start).unwrap_or_default());
            out.push_str(&span.label);
            last.clone_from(&span.label);
        }
        end = end.max(span.range.end);
    }
    out + text.get(end..).unwrap_or_default()
}

/// A pattern that is a constant of ours.
#[expect(clippy::expect_used, reason = "every pattern is a constant, and compiled by a test")]
fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is well-formed")
}

/// Everything that the first group of a pattern finds. The search goes on right behind the group,
/// so that what ends it may begin the next.
fn groups<'a>(pattern: &'a Regex, text: &'a str) -> impl Iterator<Item = Range<usize>> + 'a {
    let mut from = 0;
    std::iter::from_fn(move || {
        let group = pattern.captures_at(text, from)?.get(1)?.range();
        from = group.end.max(next_char(text, from));
        Some(group)
    })
}

fn part<'a>(text: &'a str, range: &Range<usize>) -> &'a str {
    text.get(range.clone()).unwrap_or_default()
}

/// Whether a word is ours, from an earlier time: then it announces nothing.
fn is_label(text: &str, word: &Range<usize>) -> bool {
    let around = word.start.checked_sub(1).map(|start| start..word.end + 1);
    around.is_some_and(|around| part(text, &around) == SECRET)
}

/// Where the character after the one at `at` begins.
fn next_char(text: &str, at: usize) -> usize {
    at + text.get(at..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8)
}

/// The range without punctuation at its end that belongs to the sentence around it.
fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let mut part = text.get(range.clone()).unwrap_or_default();
    while let Some(last) = part.chars().next_back() {
        let opener = match last {
            ')' => Some('('),
            ']' => Some('['),
            '}' => Some('{'),
            '.' | ',' | ';' | ':' | '!' | '?' | '…' | '\\' => None,
            _ => break,
        };
        if opener.is_some_and(|opener| part.contains(opener)) {
            break;
        }
        part = part.strip_suffix(last).unwrap_or_default();
    }
    range.start..range.start + part.len()
}

#[cfg(test)]
mod tests;
