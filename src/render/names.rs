//! Names in the places that a screen has for them: cut where they are too long, and each still
//! different from all others.

use std::collections::{BTreeMap, BTreeSet};

use super::{columns, sanitize};
use ccwatch_core::model::ComponentId;
use ccwatch_core::state::component::Component;
use ccwatch_core::state::names::{Named, of_the_past};

/// A name that is longer than this is cut, whomever that hides.
const LONGEST: usize = 200;

/// The room for a name in a table on stdout whose other columns take so much beside it. A name that can
/// stand on a line of its own is not cut for less than a line.
pub(crate) fn room_beside(others: usize) -> usize {
    const FEWEST: usize = 40;
    let columns = columns::of(std::io::stdout());
    columns.map_or(LONGEST, |columns| columns.saturating_sub(others).max(FEWEST))
}

/// What each component of a page is called in a place of some width, made harmless.
pub(crate) struct Names(BTreeMap<ComponentId, String>);

impl Names {
    /// Names of at most `max` characters, as far as that leaves them different.
    pub(crate) fn of(components: &[Component], max: usize) -> Self {
        let names: Vec<&str> = components.iter().map(Component::shown_name).collect();
        let ids = components.iter().map(|component| component.id.clone());
        Self(ids.zip(fitted(&names, max)).collect())
    }

    /// The name of one of them.
    pub(crate) fn get(&self, id: &ComponentId) -> &str {
        self.0.get(id).map_or("", String::as_str)
    }
}

/// The same for what is written down by id and the name of that day, whether or not the page still
/// lists it.
pub(crate) struct PastNames(BTreeMap<(String, String), String>);

impl PastNames {
    /// The names of `past`, pairs of an id and a name, beside those of the page.
    pub(crate) fn of<'a>(
        components: &[Component],
        past: impl IntoIterator<Item = (&'a ComponentId, &'a str)>,
        max: usize,
    ) -> Self {
        let past = past.into_iter().map(|(id, name)| Named { id: &id.0, name });
        let past: Vec<Named<'_>> = past.collect::<BTreeSet<_>>().into_iter().collect();
        let shown = of_the_past(components, &past);
        // What the page shows now must not be taken for one of them.
        let now = components.iter().map(Component::shown_name);
        let all: Vec<&str> = shown.iter().map(String::as_str).chain(now).collect();
        let pairs = past.iter().map(|one| (one.id.to_owned(), one.name.to_owned()));
        Self(pairs.zip(fitted(&all, max)).collect())
    }

    /// What the component with this id and this name is called.
    pub(crate) fn get(&self, id: &ComponentId, name: &str) -> &str {
        self.0.get(&(id.0.clone(), name.to_owned())).map_or("", String::as_str)
    }
}

/// Each name in at most `max` characters: cut at its end where that leaves it different from all
/// others, else in its middle. Where nothing helps it stays whole.
pub(crate) fn fitted(names: &[&str], max: usize) -> Vec<String> {
    let wholes: Vec<String> = names.iter().map(|name| sanitize::line(name, LONGEST)).collect();
    let mut could: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for whole in &wholes {
        for cut in ways(whole, max) {
            could.entry(cut).or_default().insert(whole);
        }
    }
    let alone = |cut: &String| could.get(cut).is_none_or(|wholes| wholes.len() == 1);
    let name = |whole: &String| ways(whole, max).into_iter().find(alone);
    wholes.iter().map(|whole| name(whole).unwrap_or_else(|| whole.clone())).collect()
}

/// The ways to cut a name, the best first: at its end; before its last words; before its last
/// letters.
fn ways(name: &str, max: usize) -> [String; 3] {
    let length = name.chars().count();
    let words = name.match_indices(' ').map(|(at, _)| name.split_at(at + 1).1.chars().count());
    let words = words.filter(|count| *count <= max * 2 / 3).max().unwrap_or(max / 2);
    let before = |tail: usize| match length <= max {
        true => name.to_owned(),
        false => {
            let head: String = name.chars().take(max.saturating_sub(tail + 1)).collect();
            let tail: String = name.chars().skip(length.saturating_sub(tail)).collect();
            format!("{}…{tail}", head.trim_end())
        }
    };
    [sanitize::line(name, max), before(words), before(max / 4)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_cut_stays_different_from_the_others() {
        for (names, max, expected) in [
            (&["Claude Code", "Claude API"][..], 24, &["Claude Code", "Claude API"][..]),
            (
                &["Managed Agents sandbox environments", "API"],
                24,
                &["Managed Agents sandbox…", "API"],
            ),
            (
                &["Managed Agents sandbox environments", "Managed Agents sandbox sessions"],
                24,
                &["Managed Age…environments", "Managed…sandbox sessions"],
            ),
            (&["aaaaaaaaaaaab", "aaaaaaaaaaaac"], 8, &["aaa…aaab", "aaa…aaac"]),
            (
                &[
                    "first words of it, then b, then the very same again",
                    "first words of it, then c, then the very same again",
                ],
                16,
                &[
                    "first words of it, then b, then the very same again",
                    "first words of it, then c, then the very same again",
                ],
            ),
            (&["the same twice", "the same twice"], 8, &["the sam…", "the sam…"]),
            (&["\u{1b}[31mred"], 8, &["red"]),
        ] {
            assert_eq!(fitted(names, max), expected);
        }
    }
}
