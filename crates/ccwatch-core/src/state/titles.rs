//! The products that the titles of incidents name: 28 of 447 incidents name no component, and most
//! of their titles name a product as the page writes it.

use alloc::string::String;
use alloc::vec::Vec;

use crate::settings::short_name;

/// Products that titles also name by the last word alone.
const BY_LAST_WORD: &[&str] = &["api", "console"];
/// The names before that word that leave it the product's.
const OWN_NAMES: &[&str] = &["anthropic", "claude", "messages", "public"];

/// Whether a title names the component with this name.
pub fn names_product(title: &str, component: &str) -> bool {
    let (title, name) = (words(title), words(short_name(component)));
    let lower: Vec<String> = title.iter().map(|word| word.to_lowercase()).collect();
    let name: Vec<String> = name.iter().map(|word| word.to_lowercase()).collect();
    let last = name.last().filter(|last| BY_LAST_WORD.contains(&last.as_str()));
    let whole = !name.is_empty() && lower.windows(name.len()).any(|part| part == name);
    let alone = |at: usize| match at.checked_sub(1).and_then(|before| title.get(before)) {
        Some(before) => !is_name(before, at == 1),
        None => true,
    };
    whole
        || last.is_some_and(|last| {
            lower.iter().enumerate().any(|(at, word)| word == last && alone(at))
        })
}

/// Whether a word is the name of something else: "GitHub API" is none of ours. The first word of a
/// title has a capital letter anyway.
fn is_name(word: &str, is_first: bool) -> bool {
    let own = OWN_NAMES.contains(&word.to_lowercase().as_str());
    let begins = word.chars().next().is_some_and(char::is_uppercase);
    let inside = word.chars().skip(1).any(char::is_uppercase);
    !own && (inside || begins && !is_first)
}

/// The words of a text; a full stop within one belongs to it.
fn words(text: &str) -> Vec<&str> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '.'))
        .map(|word| word.trim_matches('.'))
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
            ("GitHub API integration is failing", &[]),
            ("Errors in the Slack API", &[]),
            ("Errors on the Anthropic API", &["Claude API (api.anthropic.com)"]),
            ("Errors on the Messages API", &["Claude API (api.anthropic.com)"]),
            ("Elevated errors on the API", &["Claude API (api.anthropic.com)"]),
            ("MCP authorisation", &[]),
            ("Code execution is slow", &[]),
            ("", &[]),
        ] {
            let found: Vec<&str> =
                page.into_iter().filter(|name| names_product(title, name)).collect();
            assert_eq!(found, expected, "{title:?}");
        }
        assert!(!names_product("anything", ""));
    }
}
