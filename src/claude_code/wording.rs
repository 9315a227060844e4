//! The words of Claude Code, of the API and of the systems in between, in many versions: a table
//! for each subject. A new wording is a row there and nothing else.
//!
//! Text is the last witness. Where a row or a body gives a finding, a status, a type or a code,
//! those decide, and the words only refine what they leave open.

mod account;
mod cloud;
mod edge;
mod limits;
mod model;
mod refused;
mod rest;
mod road;
mod servers;
mod session;

use std::ops::Range;
use std::sync::LazyLock;

use super::scan::{self, Index};
use ccwatch_core::api_error::Cause;

/// In which texts words count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// Claude Code's own, or of who serves its models: a text that has them is about Claude.
    Own,
    /// The same, and others say so, too: only where the text names nobody else.
    Alone,
    /// Anybody says so: they count in a text that is about Claude for another reason.
    About,
    /// The same, and only beside a 401, a 402 or a 403.
    Refusal,
    /// About this machine and its files, or so particular that nobody else says so: they count in
    /// every text.
    Local,
}

use Scope::{About, Alone, Local, Own, Refusal};

/// A wording in lower case, what it tells, and where it counts.
type Word = (&'static str, Cause, Scope);

/// The subjects in their order: the first word that is found counts, so that the particular stands
/// before the general, and what names a limit or a broken session before what only names a
/// connection.
const SUBJECTS: [&[Word]; 10] = [
    edge::WORDS,
    account::WORDS,
    cloud::WORDS,
    road::WORDS,
    refused::WORDS,
    model::WORDS,
    session::WORDS,
    limits::WORDS,
    servers::WORDS,
    rest::WORDS,
];

/// All words, in their order.
fn words() -> impl Iterator<Item = &'static Word> {
    SUBJECTS.into_iter().flatten()
}

/// What is known of a text whose words are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Text<'a> {
    /// The text in lower case, in one line.
    pub(super) lower: &'a str,
    /// Whether it is about Claude, whatever its words.
    pub(super) about_claude: bool,
    /// Whether it was refused: 401, 402 or 403.
    pub(super) refusal: bool,
}

static INDEX: LazyLock<Index> = LazyLock::new(|| Index::new(words().map(|(words, _, _)| *words)));

/// The cause that the words of a text tell.
pub(super) fn cause(text: Text<'_>) -> Option<Cause> {
    deciding(text).map(|(_, cause)| cause)
}

/// How far down the table the word stands that decides; none: no word does. Of two readings of one
/// text that one is right whose word stands further up.
pub(super) fn rank(text: Text<'_>) -> Option<usize> {
    deciding(text).map(|(place, _)| place)
}

/// The first word of the table that counts, by its place, and what it tells.
fn deciding(text: Text<'_>) -> Option<(usize, Cause)> {
    let counts = |scope: Scope| match scope {
        Local => true,
        Own | Alone | About => text.about_claude,
        Refusal => text.about_claude && text.refusal,
    };
    let places = INDEX.first_places(text.lower, scan::begins);
    let mut found = words().zip(places).enumerate().filter(|(_, (_, place))| place.is_some());
    let (rank, ((_, cause, _), _)) = found.find(|(_, ((_, _, scope), _))| counts(*scope))?;
    Some((rank, *cause))
}

/// Where the words that are in a text stand first, with their scope.
pub(super) fn places(lower: &str) -> impl Iterator<Item = (Range<usize>, Scope)> + use<> {
    let places = INDEX.first_places(lower, scan::begins).into_iter();
    words().zip(places).filter_map(|((words, _, scope), at)| Some((at?..at? + words.len(), *scope)))
}

/// The words of the wordings that are Claude Code's own.
pub(super) fn own_vocabulary() -> impl Iterator<Item = &'static str> {
    let own = words().filter(|(_, _, scope)| matches!(scope, Own | Alone));
    own.flat_map(|(words, _, _)| words.split(|c: char| !c.is_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claude_code::pasted;

    /// That each of these texts, as it is pasted, has a cause.
    pub(super) fn assert_causes(cause: Cause, texts: &[&str]) {
        for text in texts {
            let error = pasted::read(text);
            assert_eq!(error.cause, cause, "{text}: {error:?}");
        }
    }

    /// Whether the texts in which `one` counts include those in which `other` does.
    fn covers(one: Scope, other: Scope) -> bool {
        match (one, other) {
            (Local, _) => true,
            (Own | Alone | About, Own | Alone | About | Refusal) => true,
            (Refusal, Refusal) => true,
            (Own | Alone | About | Refusal, _) => false,
        }
    }

    #[test]
    fn no_word_is_shadowed_by_an_earlier_one() {
        let all: Vec<&Word> = words().collect();
        for (at, (words, cause, scope)) in all.iter().enumerate() {
            assert!(!words.chars().any(char::is_uppercase), "{words}");
            for (earlier, other, wide) in &all[..at] {
                let inside = words.match_indices(earlier);
                let hidden = covers(*wide, *scope)
                    && inside.into_iter().any(|(at, _)| scan::begins(words, at, earlier));
                assert!(!hidden, "{words:?} ({cause:?}) never counts: {earlier:?} ({other:?})");
            }
            let text = Text {
                lower: words,
                about_claude: matches!(scope, Own | Alone | About | Refusal),
                refusal: *scope == Refusal,
            };
            assert_eq!(super::cause(text), Some(*cause), "{words}");
        }
    }
}
