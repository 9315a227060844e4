//! Lines of a shell, or of what runs one for a workflow, around what Claude Code says.

/// What a prompt ends with.
const PROMPTS: &[char] = &['$', '%', '#', '>', '❯', '➜', '✗', '»', 'λ'];
/// Words behind which a command stands.
const LEADS: &[&str] = &[
    "|", "&&", "||", ";", "then", "do", "exec", "npx", "bunx", "dlx", "-y", "--yes", "time",
    "sudo", "env",
];

/// Commands that run another one behind a number or an option.
const RUNNERS: &[&str] = &["timeout", "nice", "nohup", "sudo", "npx"];

/// Whether a line is the call of Claude Code, with or without the prompt before it, and no error.
pub(super) fn calls_claude(line: &str) -> bool {
    let words: Vec<&str> = line.split(' ').collect();
    let called = |at: usize, word: &str| {
        let typed = word.rsplit(PROMPTS).next().unwrap_or(word);
        let behind = words.get(at + 1).is_none_or(|next| !next.starts_with(char::is_alphanumeric));
        let before = words.get(..at).unwrap_or_default();
        is_claude_code(typed) && behind && (typed.len() < word.len() || leads_to_call(before))
    };
    !line.contains("API Error") && words.iter().enumerate().any(|(at, word)| called(at, word))
}

/// Whether a command stands behind these words.
fn leads_to_call(before: &[&str]) -> bool {
    match before {
        [] | ["Run"] => true,
        [.., runner, with]
            if RUNNERS.contains(runner) && !with.starts_with(char::is_alphabetic) =>
        {
            true
        }
        [.., last] => last.ends_with(PROMPTS) || LEADS.contains(last) || last.contains('='),
    }
}

/// Whether a line is the prompt of a shell that waits for a command.
pub(super) fn is_prompt(line: &str) -> bool {
    const PLACES: &[&str] = &["@", "~", "git:("];
    let windows = line.ends_with('>') && line.contains(":\\");
    let unix = line.ends_with(PROMPTS) && !line.ends_with('>');
    windows || unix && PLACES.iter().any(|place| line.contains(place))
}

/// Whether a word of a command names the program.
fn is_claude_code(word: &str) -> bool {
    let name = word.rsplit(['/', '\\']).next().unwrap_or(word);
    let packed = word.starts_with("@anthropic-ai/claude-code");
    packed || matches!(name, "claude" | "claude.exe" | "claude.cmd")
}

/// Whether a line tells in what a workflow runs a command: its shell and its environment.
pub(super) fn tells_of_step(line: &str) -> bool {
    let Some((key, _)) = line.split_once(':') else { return false };
    let variable = !key.is_empty() && key.chars().all(|c| c.is_ascii_uppercase() || c == '_');
    matches!(key, "shell" | "env" | "with") || variable
}

/// Whether a line is the last of a step: that it failed, whoever made it fail.
pub(super) fn ends_step(line: &str) -> bool {
    const ENDS: &[&str] = &[
        "Error: Process completed with exit code",
        "Cleaning up project directory",
        "ERROR: Job failed",
    ];
    ENDS.iter().any(|end| line.starts_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_told_from_what_is_said_of_it() {
        for line in [
            "claude",
            "claude -p hi",
            "user@host:~/x$ claude -p \"fix\"",
            "ada@mbp shop % claude",
            "~/src ❯ claude -p hi",
            "➜ shop git:(main) ✗ claude -p",
            "PS C:\\src> claude -p",
            "C:\\src>claude -p",
            "root@3f2a:/work# /usr/local/bin/claude -p hi",
            "npx -y @anthropic-ai/claude-code -p hi",
            "cat x | claude -p",
            "Run claude -p \"x\"",
            "ANTHROPIC_LOG=debug claude -p hi",
            "timeout 600 claude -p hi",
        ] {
            assert!(calls_claude(line), "{line}");
        }
        for line in [
            "claude is down",
            "I run claude -p and get: API Error: 529 Overloaded",
            "Error from claude: Prompt is too long",
            "this is claude",
            "claude-1 | x",
            "> my claude",
            "claude -p says: API Error: 529 Overloaded",
            "my timeout claude -p",
        ] {
            assert!(!calls_claude(line), "{line}");
        }
        for line in ["ada@mbp shop %", "root@3f2a:/work#", "~/src ❯", "PS C:\\src>"] {
            assert!(is_prompt(line), "{line}");
        }
        for line in
            ["you've used 95%", "<center>nginx</center>", "By: Claude <noreply@anthropic.com>"]
        {
            assert!(!is_prompt(line), "{line}");
        }
    }
}
