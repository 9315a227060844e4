//! Patterns, and what is cheap to look for before one is tried.

use std::ops::Range;
use std::sync::OnceLock;

use memchr::memmem;
use regex::bytes::{CaptureLocations, Regex, RegexBuilder};

use super::next_char;

/// A text, and the same in small letters as far as they are ASCII: both have the same places.
pub(super) struct Text<'a> {
    pub(super) whole: &'a str,
    lower: String,
}

impl<'a> Text<'a> {
    pub(super) fn new(whole: &'a str) -> Self {
        Self { whole, lower: whole.to_ascii_lowercase() }
    }

    /// Whether it has a word that is in small letters, whatever its own letters are.
    fn has(&self, word: &str) -> bool {
        memmem::find(self.lower.as_bytes(), word.as_bytes()).is_some()
    }
}

/// A pattern that is a constant of ours. Most texts have nothing of what it takes, so it is made
/// only for one that does.
///
/// It is matched byte by byte: letters, digits and spaces are those of ASCII, and a class that
/// leaves some of these out takes any other character, in its parts.
#[derive(Debug)]
pub(super) struct Pattern {
    /// In small letters; without one of these in it nothing is found in a text.
    needs: &'static [&'static str],
    pattern: &'static str,
    made: OnceLock<Regex>,
}

impl Pattern {
    pub(super) const fn new(needs: &'static [&'static str], pattern: &'static str) -> Self {
        Self { needs, pattern, made: OnceLock::new() }
    }

    #[expect(clippy::expect_used, reason = "every pattern is a constant, and compiled by a test")]
    fn made(&self) -> &Regex {
        let make = || RegexBuilder::new(self.pattern).unicode(false).build();
        self.made.get_or_init(|| make().expect("the pattern is well-formed"))
    }

    /// Whether a text may have it.
    fn may_be_in(&self, text: &Text<'_>) -> bool {
        self.needs.iter().any(|word| text.has(word))
    }

    /// A search in a text, if anything can be found there at all.
    pub(super) fn search<'t>(&'static self, text: &Text<'t>) -> Option<Search<'t>> {
        let regex = self.may_be_in(text).then(|| self.made())?;
        Some(Search { regex, text: text.whole, places: regex.capture_locations() })
    }

    /// Whether it is anywhere in a text.
    pub(super) fn is_in(&self, text: &Text<'_>) -> bool {
        self.may_be_in(text) && self.fits(text.whole)
    }

    /// Whether a part of a text fits it.
    pub(super) fn fits(&self, part: &str) -> bool {
        self.made().is_match(part.as_bytes())
    }

    /// Where it is in a part of a text, first.
    pub(super) fn find<'p>(&self, part: &'p str) -> Option<&'p str> {
        part.get(self.made().find(part.as_bytes())?.range())
    }

    /// Everything in a text that its first group finds. The search goes on right behind the
    /// group, so that what ends it may begin the next.
    pub(super) fn groups<'t>(
        &'static self,
        text: &Text<'t>,
    ) -> impl Iterator<Item = Range<usize>> + use<'t> {
        let (mut search, mut from) = (self.search(text), 0);
        std::iter::from_fn(move || {
            let search = search.as_mut()?;
            let group = search.next(from)?.group;
            from = group.end.max(next_char(search.text, from));
            Some(group)
        })
    }
}

/// A search for one pattern in one text.
pub(super) struct Search<'t> {
    regex: &'static Regex,
    text: &'t str,
    places: CaptureLocations,
}

/// What was found: all of it, and its first group.
pub(super) struct Found {
    pub(super) all: Range<usize>,
    pub(super) group: Range<usize>,
}

impl Search<'_> {
    /// The first place from `from` on.
    pub(super) fn next(&mut self, from: usize) -> Option<Found> {
        let rest = self.text.as_bytes().get(..).filter(|text| from <= text.len())?;
        self.regex.captures_read_at(&mut self.places, rest, from)?;
        let range = |group: usize| self.places.get(group).map(|(start, end)| start..end);
        let (all, group) = (range(0)?, range(1)?);
        // A group may end within a character.
        let end = self.text.ceil_char_boundary(group.end);
        Some(Found { all, group: group.start..end })
    }
}

#[cfg(test)]
impl Pattern {
    /// Whether it is well-formed, and whether every text that it is found in has what it needs.
    pub(super) fn keeps_its_word(&self, texts: &[&str]) -> bool {
        let found = texts.iter().filter(|text| self.fits(text));
        found.map(|text| Text::new(text)).all(|text| self.may_be_in(&text))
    }
}
