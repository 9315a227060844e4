//! What components are called on screens and in messages.
//!
//! A name is shortened at a parenthesis only while that leaves it different from all others of the
//! page: two components are never shown by the same words.

use alloc::borrow::ToOwned;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;

use super::component::Component;
use super::watchlist::with_id;
use crate::model::ComponentId;
use crate::settings::short_name;

/// Somebody on the page, or a word that means them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Named<'a> {
    /// The page's key.
    pub id: &'a str,
    /// The whole name, raw.
    pub name: &'a str,
}

/// What each of them is called, in their order: the name up to a parenthesis where nobody else goes
/// by that, else the whole name, else the name with the id. The words that are `taken` mean somebody
/// already, and are left to them.
pub fn apart(all: &[Named<'_>], taken: &[Named<'_>]) -> Vec<String> {
    // Whom each word could mean, and whom it means as a whole name.
    let mut could: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    let mut wholes: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for one in all {
        could.entry(key(&short_name(one.name))).or_default().insert(one.id);
    }
    for one in all.iter().chain(taken) {
        could.entry(key(one.name)).or_default().insert(one.id);
        wholes.entry(key(one.name)).or_default().insert(one.id);
    }
    let alone = |words: &BTreeMap<String, BTreeSet<&str>>, word: &str| {
        words.get(&key(word)).is_none_or(|ids| ids.len() == 1)
    };
    let name = |one: &Named<'_>| {
        let (short, whole) = (short_name(one.name), one.name.trim());
        if whole.is_empty() {
            one.id.to_owned()
        } else if alone(&could, &short) {
            short
        } else if alone(&wholes, whole) {
            whole.to_owned()
        } else {
            with_id(whole, one.id)
        }
    };
    all.iter().map(name).collect()
}

/// Finds anew what each component is called. Those that the page lists come first: who left it is
/// told apart from them. The name of a group that is there is a word for others, too.
pub fn settle(components: &mut [Component], listed: impl Fn(&Component) -> bool) {
    let (there, gone): (Vec<&Component>, Vec<&Component>) =
        components.iter().partition(|component| listed(component));
    let groups = groups(there.iter().copied());
    let named = |those: &[&Component], taken: &[Named<'_>]| -> Vec<(ComponentId, String)> {
        let all: Vec<Named<'_>> = those.iter().map(|c| of(c, &c.name)).collect();
        let ids = those.iter().map(|component| component.id.clone());
        ids.zip(apart(&all, taken)).collect()
    };
    let there_shown = named(&there, &groups);
    let words = there_shown.iter().map(|(id, name)| Named { id: &id.0, name });
    let taken: Vec<Named<'_>> = groups.into_iter().chain(words).collect();
    let gone_shown = named(&gone, &taken);
    let mut shown: BTreeMap<ComponentId, String> =
        there_shown.into_iter().chain(gone_shown).collect();
    for component in components {
        component.shown = shown.remove(&component.id).unwrap_or_default();
    }
}

/// What components were called that were written down by id and the name of that day, in their
/// order; beside those of the page, who keep the names that they are shown by.
pub fn of_the_past(components: &[Component], past: &[Named<'_>]) -> Vec<String> {
    let mut taken = groups(components);
    taken.extend(components.iter().map(|component| of(component, component.shown_name())));
    let now = |one: &Named<'_>| {
        components
            .iter()
            .find(|c| c.id.0 == one.id && c.name == one.name)
            .map(Component::shown_name)
    };
    let names = past.iter().zip(apart(past, &taken));
    names.map(|(one, name)| now(one).map_or(name, ToOwned::to_owned)).collect()
}

fn of<'a>(component: &'a Component, name: &'a str) -> Named<'a> {
    Named { id: &component.id.0, name }
}

fn groups<'a>(components: impl IntoIterator<Item = &'a Component>) -> Vec<Named<'a>> {
    let groups: BTreeSet<Named<'_>> = components
        .into_iter()
        .filter_map(|component| component.group.as_ref())
        .map(|group| Named { id: &group.id, name: &group.name })
        .collect();
    groups.into_iter().collect()
}

/// A word as it is compared: nobody sees the difference of a case, of white space, or of what shows
/// nothing.
fn key(word: &str) -> String {
    let seen = |c: &char| c.is_whitespace() || !(c.is_control() || is_invisible(*c));
    let word: String = word.to_lowercase().chars().filter(seen).collect();
    word.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The characters without a sign of their own that a name could hide in.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    fn shown(names: &[&str], taken: &[&str]) -> Vec<String> {
        let ids: Vec<String> = (1..=names.len()).map(|n| format!("id{n}")).collect();
        let named = ids.iter().zip(names).map(|(id, name)| Named { id, name });
        let taken: Vec<Named<'_>> = taken.iter().map(|name| Named { id: "g", name }).collect();
        apart(&named.collect::<Vec<_>>(), &taken)
    }

    #[test]
    fn a_name_is_shortened_only_while_nobody_else_goes_by_that() {
        for (names, taken, expected) in [
            (&["Claude API (api.anthropic.com)"][..], &[][..], &["Claude API"][..]),
            (&["Code (CLI)", "Code (Web)"], &[], &["Code (CLI)", "Code (Web)"]),
            (&["API", "API (legacy)", "Web (x)"], &[], &["API", "API (legacy)", "Web"]),
            (&["api (x)", "API  (Y)"], &[], &["api (x)", "API  (Y)"]),
            (&["API (legacy)", "Messages"], &["API"], &["API (legacy)", "Messages"]),
            (&["Storage", "storage"], &[], &["Storage (id1)", "storage (id2)"]),
            (&["API (x)", "API (x)"], &[], &["API (x) (id1)", "API (x) (id2)"]),
            (&["API", "A\u{200b}PI"], &[], &["API (id1)", "A\u{200b}PI (id2)"]),
            (&["", " "], &[], &["id1", "id2"]),
            (
                &["East (N. Virginia): Compute", "East (N. Virginia): Storage", "East (x): Queue"],
                &[],
                &["East: Compute", "East: Storage", "East: Queue"],
            ),
            (
                &["East (1): Compute", "East (2): Compute"],
                &[],
                &["East (1): Compute", "East (2): Compute"],
            ),
        ] {
            assert_eq!(shown(names, taken), expected, "{names:?}");
        }
    }

    #[test]
    fn the_same_component_twice_is_no_other() {
        let all = [Named { id: "a", name: "API (x)" }, Named { id: "a", name: "API (x)" }];
        assert_eq!(apart(&all, &[]), ["API", "API"]);
    }

    #[test]
    fn who_left_the_page_is_told_apart_from_who_is_there() {
        let component = |id: &str, name: &str| Component {
            name: name.to_owned(),
            ..Component::new(id.into(), Timestamp::UNIX_EPOCH)
        };
        let mut components = [
            component("old", "Code"),
            component("cli", "Code (CLI)"),
            component("new", "API"),
            component("gone", "API"),
        ];
        settle(&mut components, |c| c.id.0 == "cli" || c.id.0 == "new");
        let names: Vec<&str> = components.iter().map(Component::shown_name).collect();
        assert_eq!(names, ["Code (old)", "Code", "API", "API (gone)"]);
    }

    #[test]
    fn a_name_of_the_past_is_nobody_elses_of_today() {
        let component = |id: &str, name: &str| Component {
            name: name.to_owned(),
            ..Component::new(id.into(), Timestamp::UNIX_EPOCH)
        };
        let mut components = [component("a", "Code (CLI)"), component("b", "API (new)")];
        settle(&mut components, |_| true);
        let past = [
            ("a", "Code (CLI)"),
            ("a", "Code"),
            ("x", "Code"),
            ("x", "API (old)"),
            ("y", "Web (z)"),
        ];
        let past = past.map(|(id, name)| Named { id, name });
        let expected = ["Code", "Code (a)", "Code (x)", "API (old)", "Web"];
        assert_eq!(of_the_past(&components, &past), expected);
        let own = [Named { id: "b", name: "API" }];
        assert_eq!(of_the_past(&components, &own), ["API"], "it is the same component");
    }
}
