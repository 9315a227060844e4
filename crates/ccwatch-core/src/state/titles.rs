//! The products that the titles of incidents name: 28 of 447 incidents name no component, and most
//! of their titles name a product as the page writes it.

use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;

use crate::settings::short_name;

/// Products that titles also name by the last word alone.
const BY_LAST_WORD: &[&str] = &["api", "console"];
/// The words before that word that leave it the product's: the makers' own names, and such as belong to
/// the sentence. Any other one makes it the name of something else, such as "Files API".
const LEAVE_IT: &[&str] = &[
    "anthropic",
    "claude",
    "messages",
    "public", // own names
    "the",
    "our",
    "all",
    "some",
    "and",
    "or",
    "but",
    "as",
    "with",
    "without",
    "to",
    "from",
    "of",
    "on",
    "in",
    "at",
    "for",
    "by",
    "via",
    "using",
    "across",
    "affecting",
    "impacting",
    "reaching",
    "elevated",
    "increased",
    "increasing",
    "intermittent",
    "sporadic",
    "occasional",
    "widespread",
    "high",
    "higher",
    "degraded",
    "slow",
    "slower",
    "partial",
    "major",
    "new",
    "several",
    "many",
];

/// Which of the components with these names a title names: by the whole name, else by the name up to
/// a parenthesis. Words that are one's whole name are nobody else's.
pub fn products(title: &str, names: &[&str]) -> Vec<bool> {
    let mut title = Title::of(title);
    let wholes: Vec<Vec<String>> = names.iter().map(|name| lower(&words(name))).collect();
    let mut named = vec![false; names.len()];
    let lengths: BTreeSet<usize> = wholes.iter().map(Vec::len).collect();
    for length in lengths.into_iter().rev() {
        let said = title.clone();
        for (name, named) in wholes.iter().zip(&mut named).filter(|(it, _)| it.len() == length) {
            *named = said.names(name);
            title.take_out(name);
        }
    }
    let short = |name: &str| {
        let name = lower(&words(&short_name(name)));
        let last = name.last().filter(|last| BY_LAST_WORD.contains(&last.as_str()));
        title.names(&name) || last.is_some_and(|last| title.names_alone(last))
    };
    names.iter().zip(named).map(|(name, named)| named || short(name)).collect()
}

/// A title, in which some words stand for somebody already.
#[derive(Clone)]
struct Title<'a> {
    words: Vec<&'a str>,
    /// Whether more than white space stands before each of them.
    apart: Vec<bool>,
    /// The words without case; none where one is taken.
    free: Vec<Option<String>>,
}

impl<'a> Title<'a> {
    fn of(text: &'a str) -> Self {
        let words = words(text);
        let apart = apart(text, &words);
        Self { free: lower(&words).into_iter().map(Some).collect(), apart, words }
    }

    fn names(&self, name: &[String]) -> bool {
        !name.is_empty() && self.free.windows(name.len()).any(|part| is_said(part, name))
    }

    /// Whether the word stands there, and is not the end of another name.
    fn names_alone(&self, last: &str) -> bool {
        let alone = |at: usize| match at.checked_sub(1).and_then(|before| self.words.get(before)) {
            Some(before) => {
                LEAVE_IT.contains(&before.to_lowercase().as_str())
                    || self.apart.get(at).is_some_and(|apart| *apart)
            }
            None => true,
        };
        let mut free = self.free.iter().enumerate();
        free.any(|(at, word)| word.as_deref() == Some(last) && alone(at))
    }

    /// Takes a name out, wherever it stands.
    fn take_out(&mut self, name: &[String]) {
        for start in 0..self.free.len() {
            let part = self.free.get_mut(start..start + name.len()).filter(|_| !name.is_empty());
            if let Some(part) = part.filter(|part| is_said(part, name)) {
                part.fill(None);
            }
        }
    }
}

fn is_said(part: &[Option<String>], name: &[String]) -> bool {
    part.iter().map(Option::as_ref).eq(name.iter().map(Some))
}

fn lower(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| word.to_lowercase()).collect()
}

/// The words of a text; a full stop within one belongs to it.
fn words(text: &str) -> Vec<&str> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '.'))
        .map(|word| word.trim_matches('.'))
        .filter(|word| !word.is_empty())
        .collect()
}

/// Whether more than white space stands in a text before each of its words.
fn apart(text: &str, words: &[&str]) -> Vec<bool> {
    let mut rest = text;
    let before = |word: &&str| {
        let (before, behind) = rest.split_once(word).unwrap_or_default();
        rest = behind;
        !before.trim().is_empty()
    };
    words.iter().map(before).collect()
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
            ("Files API", &[]),
            ("Batch API processing", &[]),
            ("Errors on the batch API", &[]),
            ("Compliance API delayed", &[]),
            ("Usage & Cost Admin API", &[]),
            ("Elevated errors on Message Batches API", &[]),
            ("Newly generated API keys are unable to be used", &[]),
            ("API Outage", &["Claude API (api.anthropic.com)"]),
            ("Elevated API Errors", &["Claude API (api.anthropic.com)"]),
            ("Intermittent errors with Console and API", &[page[1], page[2]]),
            ("Claude.ai, Console, and API not available", &[page[0], page[1], page[2]]),
            ("Degraded: API", &["Claude API (api.anthropic.com)"]),
            ("Errors on the Anthropic API", &["Claude API (api.anthropic.com)"]),
            ("Errors on the Messages API", &["Claude API (api.anthropic.com)"]),
            ("Elevated errors on the API", &["Claude API (api.anthropic.com)"]),
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
