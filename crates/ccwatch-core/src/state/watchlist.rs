//! Which components the user's words mean.
//!
//! An entry of `watch.components` is an id, a name, or a group. Of all that it could mean it means
//! what fits best: an exact name goes before one that is cut at a parenthesis, so that "Claude API"
//! is not "Claude API (beta)" where there is both.

use alloc::string::String;

use crate::model::Group;
use crate::settings::plain_name;

/// How an entry fits a component, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fit {
    /// By id.
    Id,
    /// By the whole name, without case, with or without that of its group.
    Name,
    /// By the name up to a parenthesis.
    ShortName,
    /// By the name or the id of its group: every component in it.
    Group,
    /// As a part of what the entry once was: "Claude API - Batch" for "Claude API".
    Part,
}

/// How an entry fits a component; none where it doesn't mean it.
pub fn fit(entry: &str, id: &str, name: &str, group: Option<&Group>) -> Option<Fit> {
    let wanted = entry.trim().to_lowercase();
    let whole = name.trim().to_lowercase();
    let own = own_name(name, group);
    if entry == id {
        return Some(Fit::Id);
    }
    if wanted.is_empty() {
        return None;
    }
    if wanted == whole || wanted == own.to_lowercase() {
        return Some(Fit::Name);
    }
    let short = plain_name(entry);
    if short == plain_name(name) || short == plain_name(own) {
        return Some(Fit::ShortName);
    }
    if group.is_some_and(|group| entry == group.id || short == plain_name(&group.name)) {
        return Some(Fit::Group);
    }
    is_part(&whole, &wanted).then_some(Fit::Part)
}

/// The name of a component without that of its group.
pub fn own_name<'a>(name: &'a str, group: Option<&Group>) -> &'a str {
    let within = group.and_then(|group| name.strip_prefix(group.name.as_str())?.strip_prefix(": "));
    within.unwrap_or(name).trim()
}

/// Whether a name goes on after the entry with a mark that sets a part off.
fn is_part(name: &str, entry: &str) -> bool {
    let rest = name.strip_prefix(entry).map(str::trim_start);
    rest.is_some_and(|rest| rest.starts_with(['-', '–', '—', ':', '/', '|', ',']))
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
        for (entry, id, name, group, expected) in [
            ("k8w3", "k8w3", "anything", None, Some(Fit::Id)),
            ("claude api", "k8w3", "Claude API", None, Some(Fit::Name)),
            ("claude api", "k8w3", "Claude API (api.anthropic.com)", None, Some(Fit::ShortName)),
            ("Claude API (old)", "k8w3", "Claude API", None, Some(Fit::ShortName)),
            ("Storage", "s", "US-East: Storage", grouped, Some(Fit::Name)),
            ("us-east: storage", "s", "US-East: Storage", grouped, Some(Fit::Name)),
            ("us-east", "s", "US-East: Storage", grouped, Some(Fit::Group)),
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
}
