//! Which components the user's words mean.
//!
//! An entry of `watch.components` is an id, a name, or a group. Of all that it could mean it means
//! what fits best: an exact name, of a component or of a group, goes before one that is cut at a
//! parenthesis, so that "Claude API" is not "Claude API (beta)" where there is both. An entry may leave
//! a parenthesis out; one that has a parenthesis itself means no name with another one.

use alloc::string::String;

use crate::model::Group;
use crate::settings::short_name;

/// How an entry fits a component, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fit {
    /// By id, or by the name with the id in a parenthesis, as it is shown where a name alone would
    /// mean several.
    Id,
    /// By the whole name, without case, with or without that of its group.
    Name,
    /// By the whole name or the id of its group: every component in it.
    Group,
    /// By the name up to a parenthesis.
    ShortName,
    /// By the name of its group up to a parenthesis.
    ShortGroup,
    /// As a part of what the entry once was: "Claude API - Batch" for "Claude API".
    Part,
}

impl Fit {
    /// Whether the entry says just what the page says.
    pub fn is_exact(self) -> bool {
        match self {
            Self::Id | Self::Name | Self::Group => true,
            Self::ShortName | Self::ShortGroup | Self::Part => false,
        }
    }

    /// Whether the entry means the whole group, and the component only as one in it.
    pub fn is_by_group(self) -> bool {
        match self {
            Self::Group | Self::ShortGroup => true,
            Self::Id | Self::Name | Self::ShortName | Self::Part => false,
        }
    }
}

/// How an entry fits a component; none where it doesn't mean it.
pub fn fit(entry: &str, id: &str, name: &str, group: Option<&Group>) -> Option<Fit> {
    let (entry, name, own) = (entry.trim(), name.trim(), own_name(name, group));
    if entry.is_empty() {
        return None;
    }
    if entry == id || is_with_id(entry, name, id) {
        return Some(Fit::Id);
    }
    let within_group = group.map(|group| qualified(own, group));
    let names = [Some(name), Some(own), within_group.as_deref()];
    if names.into_iter().flatten().any(|name| same(entry, name)) {
        return Some(Fit::Name);
    }
    if group.is_some_and(|group| entry == group.id || same(entry, group.name.trim())) {
        return Some(Fit::Group);
    }
    if names.into_iter().flatten().any(|name| same(entry, &short_name(name))) {
        return Some(Fit::ShortName);
    }
    if group.is_some_and(|group| same(entry, &short_name(&group.name))) {
        return Some(Fit::ShortGroup);
    }
    let rest = rest_behind(name, entry);
    rest.is_some_and(|rest| rest.trim_start().starts_with(MARKS)).then_some(Fit::Part)
}

/// What sets a part off from the name of the whole.
const MARKS: [char; 7] = ['-', '–', '—', ':', '/', '|', ','];

/// Whether a name goes on behind this beginning with another word: "Claude Code Web" does behind
/// "Claude Code", "Claude Codex" doesn't.
pub fn goes_on(name: &str, beginning: &str) -> bool {
    let rest = rest_behind(name, beginning.trim()).filter(|_| !beginning.trim().is_empty());
    rest.is_some_and(|rest| {
        let word = rest.starts_with(char::is_whitespace) || rest.starts_with(MARKS);
        (word || rest.starts_with('(')) && !rest.trim().is_empty()
    })
}

/// Whether two texts are the same but for their case.
pub fn same(a: &str, b: &str) -> bool {
    let lower = |text: &str| text.chars().flat_map(char::to_lowercase).collect::<String>();
    a == b || (a.chars().count() == b.chars().count() && lower(a) == lower(b))
}

/// A name with the id in a parenthesis: what is left to tell those apart whose names are the same.
pub fn with_id(name: &str, id: &str) -> String {
    format!("{name} ({id})")
}

fn is_with_id(entry: &str, name: &str, id: &str) -> bool {
    let named = entry.strip_suffix(')').and_then(|entry| entry.strip_suffix(id));
    let named = named.and_then(|entry| entry.strip_suffix('(')).map(str::trim);
    !id.is_empty() && named.is_some_and(|named| same(named, name) || same(named, &short_name(name)))
}

/// What follows a beginning, whatever the case of it.
fn rest_behind<'a>(name: &'a str, beginning: &str) -> Option<&'a str> {
    let end = name.char_indices().map(|(at, _)| at).nth(beginning.chars().count());
    let (start, rest) = name.split_at_checked(end.unwrap_or(name.len()))?;
    same(start, beginning).then_some(rest)
}

/// The name of a component without that of its group.
pub fn own_name<'a>(name: &'a str, group: Option<&Group>) -> &'a str {
    let within = group.and_then(|group| name.strip_prefix(group.name.as_str())?.strip_prefix(": "));
    within.unwrap_or(name).trim()
}

/// Where two components of a page share a name, the group tells them apart: "US-East: Storage".
pub fn qualified(name: &str, group: &Group) -> String {
    format!("{}: {name}", group.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_component_is_matched_by_name_without_case_up_to_a_parenthesis_or_by_id() {
        let watch = ["claude api", "Claude Code", "rwppv331jlwc"];
        for (id, name, expected) in [
            ("k8w3r06qmzrp", "Claude API (api.anthropic.com)", Some("claude api")),
            ("yyzkbfz2thpt", "CLAUDE CODE", Some("Claude Code")),
            ("rwppv331jlwc", "renamed", Some("rwppv331jlwc")),
            ("bpp5gb3hpjcl", "Claude Cowork", None),
            ("x", "(api.anthropic.com)", None),
        ] {
            let found = watch.into_iter().find(|entry| fit(entry, id, name, None).is_some());
            assert_eq!(found, expected, "{name}");
        }
    }

    #[test]
    fn an_entry_means_what_fits_it_best() {
        let group = Group { id: "g1".into(), name: "US-East".into() };
        let grouped = Some(&group);
        let long = Group { id: "g2".into(), name: "US-East (N. Virginia)".into() };
        let parenthesis = Some(&long);
        for (entry, id, name, group, expected) in [
            ("k8w3", "k8w3", "anything", None, Some(Fit::Id)),
            ("claude api", "k8w3", "Claude API", None, Some(Fit::Name)),
            ("claude api", "k8w3", "Claude API (api.anthropic.com)", None, Some(Fit::ShortName)),
            ("Claude API (old)", "k8w3", "Claude API", None, None),
            ("Claude API (old)", "k8w3", "Claude API (new)", None, None),
            ("Claude API (old)", "k8w3", "claude api (OLD)", None, Some(Fit::Name)),
            ("Storage", "s", "US-East: Storage", grouped, Some(Fit::Name)),
            ("us-east: storage", "s", "US-East: Storage", grouped, Some(Fit::Name)),
            ("us-east: storage", "s", "Storage", grouped, Some(Fit::Name)),
            ("Storage (s)", "s", "Storage", None, Some(Fit::Id)),
            ("Storage (t)", "s", "Storage", None, None),
            ("us-east", "s", "US-East: Storage", grouped, Some(Fit::Group)),
            ("US-East: storage", "s", "Storage (S3)", parenthesis, Some(Fit::ShortName)),
            ("US-East (N. Virginia): Storage", "s", "Storage", parenthesis, Some(Fit::Name)),
            ("us-east (old): storage", "s", "Storage", parenthesis, None),
            ("us-east (old)", "s", "Storage", parenthesis, None),
            ("us-east (n. virginia)", "s", "Storage", parenthesis, Some(Fit::Group)),
            ("us-east", "s", "Storage", parenthesis, Some(Fit::ShortGroup)),
            ("US-East: Compute", "s", "Storage", parenthesis, None),
            ("g1", "s", "Storage", grouped, Some(Fit::Group)),
            ("Claude API", "k", "Claude API - Batch", None, Some(Fit::Part)),
            ("Claude API", "k", "Claude API/Batch (beta)", None, Some(Fit::Part)),
            ("Claude", "k", "Claude API", None, None),
            ("Claude API", "k", "Claude Code", None, None),
            ("", "k", "", None, None),
            ("  ", "k", " ", None, None),
        ] {
            assert_eq!(fit(entry, id, name, group), expected, "{entry} {name}");
        }
    }

    #[test]
    fn an_exact_name_of_a_component_or_of_a_group_goes_before_one_that_is_cut() {
        let best = [Fit::Id, Fit::Name, Fit::Group, Fit::ShortName, Fit::ShortGroup, Fit::Part];
        assert!(best.is_sorted());
    }

    #[test]
    fn a_part_goes_on_with_another_word() {
        for (name, beginning, expected) in [
            ("Claude Code Web", "claude code", true),
            ("Claude Code (Web)", "Claude Code", true),
            ("Claude Code: Web", "Claude Code (old)", false),
            ("Claude Code (old): Web", "Claude Code (old)", true),
            ("Claude Codex", "Claude Code", false),
            ("Claude Code", "Claude Code", false),
            ("claude.ai.example", "claude.ai", false),
            ("Claude", "Claude Code", false),
            ("É Web", "é", true),
            ("anything", "", false),
        ] {
            assert_eq!(goes_on(name, beginning), expected, "{name} {beginning}");
        }
    }
}
