//! That the user's words mean something else on the page from now on, told once.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use super::Text;
use super::names::{list_all, title};

/// What the page calls components from now on: what it called each before, and its new name.
pub fn renamed(names: &[(String, String)]) -> Text {
    let one = |(old, new): &(String, String)| format!("{old} is now called {new}");
    let what: Vec<String> = names.iter().map(one).collect();
    let title_names: Vec<&str> = names.iter().map(|(old, _)| old.as_str()).collect();
    let body = format!(
        "{} on the status page. ccwatch goes on watching; to use the new name, change \
         watch.components in the configuration.",
        what.join("; ")
    );
    (title("Renamed on the page", &title_names), body)
}

/// What the user's word means is another component from now on; the page calls what it meant before
/// `others`.
pub fn other_meant(word: &str, others: &[String]) -> Text {
    let others: Vec<&str> = others.iter().map(String::as_str).collect();
    let body = format!(
        "On the status page {word} is another component now; what it was before is called {}. \
         ccwatch watches {word}; to watch more, change watch.components in the configuration.",
        list_all(&others)
    );
    (title("Renamed on the page", &[word]), body)
}

/// Several components are one from now on.
pub fn merged(names: &[String], into: &str) -> Text {
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let body = format!(
        "{} are one on the status page now: {into}. ccwatch goes on watching; to use the new name, \
         change watch.components in the configuration.",
        list_all(&names)
    );
    (title("Merged on the page", &names), body)
}

/// What the user's word means from now on, where the page lists several components for it.
pub fn split(word: &str, names: &[String]) -> Text {
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let body = format!(
        "On the status page {word} now means {}. ccwatch watches {}; to choose among them, change \
         watch.components in the configuration.",
        list_all(&names),
        if names.len() == 2 { "both" } else { "them all" },
    );
    (title("Split on the page", &[word]), body)
}

/// A group that is watched is no longer on the page; what was in it is.
pub fn group_gone(group: &str, names: &[&str]) -> Text {
    let all = list_all(names);
    let (are, them) = if names.len() == 1 { ("is", "it") } else { ("are", "them") };
    let body = format!(
        "The status page has no {group} any more; {all} {are} still there. ccwatch goes on watching \
         {them}; to change that, change watch.components in the configuration."
    );
    (title("Group gone from the page", &[group]), body)
}

/// Components that are no longer parts of a group which is watched; `awaited`: the user waits for the
/// end of their outage.
pub fn left_group(group: &str, names: &[&str], awaited: bool) -> Text {
    let (are, it, parts) = match names.len() {
        1 => ("is", "it", "a part"),
        _ => ("are", "them", "parts"),
    };
    let watches = match (awaited, names.len()) {
        (true, 1) => "tells you when it is back, and doesn't watch it after that".to_owned(),
        (true, _) => "tells you when they are back, and doesn't watch them after that".to_owned(),
        (false, _) => format!("doesn't watch {it} any more"),
    };
    let all = list_all(names);
    let body = format!(
        "On the status page {all} {are} no longer {parts} of {group}. ccwatch {watches}; to go on, \
         add {it} to watch.components in the configuration."
    );
    (title(&format!("No longer in {group}"), names), body)
}
