//! Words that name nobody: what people and programs put around an error without saying whose it is.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::hosts;
use crate::claude_code::wording;

/// Whether a text is made of such words, numbers and signs alone.
pub(super) fn are_plain(lower: &str) -> bool {
    lower.split_whitespace().all(is_plain)
}

/// Whether what stands behind the words of an error ends there, or goes on in words that name
/// nobody, as far as the next sign.
pub(super) fn ends_there(behind: &str) -> bool {
    const ENDS: &[char] = &['·', '∙', '—', '–', '.', '(', ',', ';', '|', '{', '"', '\n'];
    let end = behind.find(ENDS).unwrap_or(behind.len());
    behind.get(..end).is_some_and(are_plain_or_own)
}

/// Whether what stands before words of Claude Code's own is a part of what they say.
pub(super) fn leads_to_own_words(before: &str) -> bool {
    // What stands in an open quotation is what the words before are about.
    let open = |quote: char| before.matches(quote).count() % 2 == 1;
    let quoted = (open('"') || open('`')) && before.contains(char::is_alphanumeric);
    !quoted && are_plain_or_own(before)
}

/// Whether a clause of a text tells the user to log in by Claude Code's own command: something
/// needs a login, whatever that is.
pub(super) fn tells_to_log_in(lower: &str) -> bool {
    const COMMANDS: &[&str] =
        &["run /login", "run `/login`", "run `claude /login`", "use `/login`", "with /login"];
    const BEFORE: &[&str] = &[".", ";", ",", "(", "·", "—", "please", "sign in", "sign in again"];
    const BEHIND: &[&str] = &[
        "to ",
        "again",
        "with ",
        "and ",
        "first",
        "here",
        "if ",
        "or ",
        "in claude",
        "in an ",
        "from an ",
    ];
    let led = |before: &str| BEFORE.iter().any(|word| before.trim_end().ends_with(word));
    let quoted = |before: &str| before.matches('"').count() % 2 == 1 || before.contains("('");
    let goes_on = |behind: &str| {
        let words = behind.strip_prefix(' ').unwrap_or(behind);
        !words.starts_with(char::is_alphanumeric) || BEHIND.iter().any(|it| words.starts_with(it))
    };
    COMMANDS.iter().flat_map(|command| lower.match_indices(command)).any(|(at, command)| {
        let before = lower.get(..at).unwrap_or_default();
        let behind = lower.get(at + command.len()..).unwrap_or_default();
        (before.is_empty() || led(before)) && !quoted(before) && goes_on(behind)
    })
}

/// The same as [`are_plain`], with the words that Claude Code's own wordings are made of.
pub(super) fn are_plain_or_own(lower: &str) -> bool {
    let own = |token: &str| {
        let parts = token.split(|c: char| !(c.is_alphanumeric() || c == '\''));
        parts.filter(|part| !part.is_empty()).all(|part| is_known(part) || OWN.contains(part))
    };
    lower.split_whitespace().all(|token| is_plain(token) || own(token))
}

static OWN: LazyLock<HashSet<&'static str>> = LazyLock::new(|| wording::own_vocabulary().collect());

/// A word, or what is in no word.
fn is_plain(token: &str) -> bool {
    let bare = token.trim_matches(|c: char| !c.is_alphanumeric());
    let dotted = bare.contains('.') && !bare.starts_with(|c: char| c.is_ascii_digit());
    if dotted || bare.contains("claude") || bare.contains("anthropic") {
        return is_claudes(bare);
    }
    let parts = bare.split(|c: char| !(c.is_alphanumeric() || c == '\''));
    parts.filter(|part| !part.is_empty()).all(is_known)
}

/// Whether a word is a name of Claude, of a model or a host of Anthropic's, and not of something
/// that has the name in its own.
pub(super) fn is_claudes(token: &str) -> bool {
    const NAMES: &[&str] =
        &["claude", "claude-code", "claude-code-action", "claude-agent-sdk", "anthropic"];
    const MODELS: &[&str] = &["opus", "sonnet", "haiku", "fable", "instant"];
    let bare = token.trim_matches(|c: char| !c.is_alphanumeric());
    let name = bare.strip_suffix("'s").unwrap_or(bare);
    let model = || {
        let behind = name.strip_prefix("claude-")?;
        let first = behind.split('-').next()?;
        Some(MODELS.contains(&first) || first.starts_with(|c: char| c.is_ascii_digit()))
    };
    NAMES.contains(&name) || hosts::is_anthropics(name) || model().unwrap_or(false)
}

fn is_known(word: &str) -> bool {
    let stem = word.split('\'').next().unwrap_or(word);
    // What is in another script names nobody that a list could know.
    let foreign = !word.contains(|c: char| c.is_ascii_alphabetic());
    foreign || word.starts_with(|c: char| c.is_ascii_digit()) || PLAIN.contains(stem)
}

static PLAIN: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("plain.txt").split_whitespace().collect());

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_names_somebody_is_not_plain() {
        for text in ["i keep getting this error", "claude code gives 529 since 10:00", "", "(529)"]
        {
            assert!(are_plain(text), "{text}");
        }
        for text in ["my nginx gives 502", "claude-flow", "orders-service", "a.example 529"] {
            assert!(!are_plain(text), "{text}");
        }
        assert!(
            ends_there(" · resets 3pm") && ends_there("") && ends_there(": 214000 tokens > 200000")
        );
        assert!(!ends_there(" for rdp connections") && !ends_there(" in the esbuild resolver"));
    }
}
