//! The products that the titles of incidents name: 28 of 447 incidents name no component, and most
//! of their titles name a product as the page writes it.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use crate::settings::short_name;

/// Products that titles also name by the last word alone.
const BY_LAST_WORD: &[&str] = &["api", "console"];

/// Whether a title names the component with this name.
pub fn names_product(title: &str, component: &str) -> bool {
    let (title, name) = (words(title), words(short_name(component)));
    let last = name.last().filter(|last| BY_LAST_WORD.contains(&last.as_str()));
    let whole = !name.is_empty() && title.windows(name.len()).any(|part| part == name);
    whole || last.is_some_and(|last| title.contains(last))
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
            let found: Vec<&str> =
                page.into_iter().filter(|name| names_product(title, name)).collect();
            assert_eq!(found, expected, "{title:?}");
        }
        assert!(!names_product("anything", ""));
    }
}
