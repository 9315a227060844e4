//! The products that the titles of incidents name: 28 of 447 incidents name no component, and most
//! of their titles name a product as the page writes it.

use alloc::borrow::ToOwned;
use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;

use crate::settings::short_name;

/// Products that titles also name by the last word alone.
const BY_LAST_WORD: &[&str] = &["api", "console"];

/// Which of the components with these names a title names: by the whole name, else by the name up to
/// a parenthesis. Words that are one's whole name are nobody else's.
pub fn products(title: &str, names: &[&str]) -> Vec<bool> {
    let mut title: Vec<Option<String>> = words(title).into_iter().map(Some).collect();
    let wholes: Vec<Vec<String>> = names.iter().map(|name| words(name)).collect();
    let mut named = vec![false; names.len()];
    let lengths: BTreeSet<usize> = wholes.iter().map(Vec::len).collect();
    for length in lengths.into_iter().rev() {
        let said = title.clone();
        for (name, named) in wholes.iter().zip(&mut named).filter(|(it, _)| it.len() == length) {
            *named = stands_in(&said, name);
            take_out(&mut title, name);
        }
    }
    let short = |name: &str| {
        let name = words(&short_name(name));
        let last = name.last().filter(|last| BY_LAST_WORD.contains(&last.as_str()));
        let by_last = last.is_some_and(|last| title.iter().flatten().any(|word| word == last));
        by_last || stands_in(&title, &name)
    };
    names.iter().zip(named).map(|(name, named)| named || short(name)).collect()
}

fn stands_in(title: &[Option<String>], name: &[String]) -> bool {
    !name.is_empty() && title.windows(name.len()).any(|part| is_name(part, name))
}

fn is_name(part: &[Option<String>], name: &[String]) -> bool {
    part.iter().map(Option::as_ref).eq(name.iter().map(Some))
}

/// Takes a name out of a title, wherever it stands.
fn take_out(title: &mut [Option<String>], name: &[String]) {
    for start in 0..title.len() {
        let part = title.get_mut(start..start + name.len()).filter(|_| !name.is_empty());
        if let Some(part) = part.filter(|part| is_name(part, name)) {
            part.fill(None);
        }
    }
}

/// Lower-case words; a full stop within one belongs to it.
fn words(text: &str) -> Vec<String> {
    text.to_lowercase()
        .split(|c: char| !(c.is_alphanumeric() || c == '.'))
        .map(|word| word.trim_matches('.').to_owned())
        .filter(|word| !word.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_names_a_product_by_its_whole_words() {
        let page = [
            "claude.ai",
            "Claude Console (platform.claude.com)",
            "Claude API (api.anthropic.com)",
            "Claude Code",
            "Claude Cowork",
        ];
        for (title, expected) in [
            ("Elevated errors on claude.ai", &["claude.ai"][..]),
            ("Claude.ai is down.", &["claude.ai"]),
            ("Claude Code web sessions fail", &["Claude Code"]),
            ("claude code: slow", &["Claude Code"]),
            ("Elevated API errors", &["Claude API (api.anthropic.com)"]),
            ("Console login and API keys", &[page[1], page[2]]),
            ("Claude Cowork can't start", &["Claude Cowork"]),
            ("Errors in Claude Codex", &[]),
            ("Rapid errors", &[]),
            ("MCP authorisation", &[]),
            ("Code execution is slow", &[]),
            ("", &[]),
        ] {
            assert_eq!(found(title, &page), expected, "{title:?}");
        }
        assert_eq!(found("anything", &[""]), [""; 0]);
    }

    fn found<'a>(title: &str, page: &[&'a str]) -> Vec<&'a str> {
        let named = products(title, page).into_iter().zip(page);
        named.filter(|(named, _)| *named).map(|(_, name)| *name).collect()
    }

    #[test]
    fn a_whole_name_is_nobody_elses_short_one() {
        let page = ["Claude Code", "Claude Code (CLI)", "Claude Code (Web)", "claude.ai"];
        for (title, expected) in [
            ("Claude Code (Web) sessions fail", &["Claude Code (Web)"][..]),
            ("Claude Code (Web), Claude Code (CLI)", &["Claude Code (CLI)", "Claude Code (Web)"]),
        ] {
            assert_eq!(found(title, &page), expected, "{title:?}");
        }
        assert_eq!(found("Claude Code is slow", &page), ["Claude Code"]);
        assert_eq!(found("Claude Code is slow", &page[1..3]), &page[1..3]);
    }
}
