//! Takes secrets and private things out of text before it leaves the machine or reaches a screen.
//!
//! Several finders look at the same text, each for one form: what they find is put together and
//! covered. Meant to err on the safe side: what looks like a key goes, even if it was none. What
//! support needs stays: plain words, statuses, error types, models, ids of requests, public hosts.

mod chance;
mod hosts;
mod named;
mod owners;
mod pattern;
mod people;
mod places;
mod secrets;

use std::cell::LazyCell;
use std::ops::Range;
use std::path::Path;

use crate::render::sanitize;
use pattern::Text;

/// What stands in place of a secret.
const SECRET: &str = "[secret]";

/// Takes out what looks like a secret; everything else that can be seen stays as it was.
pub fn secrets(text: &str) -> String {
    // First what is invisible: it could stand in the midst of a key and hide it from us.
    let text = sanitize::visible(text);
    cover(&text, secrets::find(&Text::new(&text)))
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

/// Takes out secrets, e-mail addresses, paths, the home directory, `words` (the directory and the
/// branch of the session), and whose it is: accounts, organisations, projects, people, and hosts
/// that are not public ones.
pub fn private(text: &str, home: Option<&Path>, words: &[String]) -> String {
    let visible = sanitize::visible(text);
    let text = Text::new(&visible);
    let mut spans = secrets::find(&text);
    spans.extend(places::find(&text, &spans, home.and_then(Path::to_str), words));
    spans.extend(owners::find(&text));
    cover(&visible, spans)
}

/// Whether nothing in it looks like a secret.
pub fn is_clean(text: &str) -> bool {
    secrets::find(&Text::new(text)).is_empty()
}

/// Whether an identifier, given as one, has none of the forms that keys are known to come in. It
/// may look like chance, as identifiers do.
pub fn is_id(text: &str) -> bool {
    !secrets::has_known_form(&Text::new(text))
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

fn part<'a>(text: &'a str, range: &Range<usize>) -> &'a str {
    text.get(range.clone()).unwrap_or_default()
}

/// Whether a name says whose it is: some words stand where names do.
fn tells(name: &str) -> bool {
    const KNOWN: &[&str] = &[
        "admin",
        "administrator",
        "administrators",
        "admins",
        "anthropic",
        "arn",
        "claude",
        "default",
        "for",
        "id",
        "in",
        // Rights of a token: `user:inference`.
        "inference",
        "profile",
        "sessions",
        "mcp_servers",
        "file_upload",
        "office",
        "is",
        "level",
        "limit",
        "localhost",
        "none",
        "not",
        "null",
        "policy",
        "required",
        "root",
        "scope",
        "settings",
        "sk",
        "the",
        "true",
        "false",
        "undefined",
        "unknown",
        "user",
        "with",
    ];
    let lower = name.to_ascii_lowercase();
    let ours = name.starts_with('[');
    let known = KNOWN.contains(&lower.as_str())
        || ["req_", "anthropics/"].iter().any(|ours| lower.starts_with(ours));
    !ours && !name.is_empty() && !known
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
    let whole = part(text, &range);
    // A bracket belongs to it where as many open as close; each is counted once.
    let mut brackets = [(')', '('), (']', '['), ('}', '{')].map(|(closer, opener)| {
        let counts = move || (whole.matches(opener).count(), whole.matches(closer).count());
        (closer, LazyCell::new(counts))
    });
    let mut belongs = |c: char| match brackets.iter_mut().find(|(closer, _)| *closer == c) {
        Some((_, counts)) => {
            let (opened, closed) = LazyCell::force_mut(counts);
            let fits = *opened >= *closed;
            *closed -= usize::from(!fits);
            fits
        }
        None => !matches!(c, '.' | ',' | ';' | ':' | '!' | '?' | '…' | '\\'),
    };
    range.start..range.start + whole.trim_end_matches(|c| !belongs(c)).len()
}

#[cfg(test)]
mod tests;
