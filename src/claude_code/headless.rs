//! A `claude -p …` command, taken apart, so that a repeat can go on with the session of the run
//! before it.
//!
//! Sending the prompt again would do the work again that was done before the error, and pay for it
//! again. So the first run gets a session id that we choose, and a later one is `claude -p` with
//! `--resume`, that id and a sentence of ours in place of the prompt. All other options stay.

use std::ffi::{OsStr, OsString};
use std::path::Path;

/// What is said to Claude instead of the prompt, which the session has already.
pub const GO_ON: &str = "Go on where you stopped: an API error cut your last turn off. Look at \
                         what your last step had done before you repeat it.";

/// Why a command can't be turned into one that goes on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CantResume {
    /// It is not Claude Code that is run, or not in a way that shows.
    #[error("no word of the command is claude")]
    NotClaude,
    /// It is a session for somebody who types.
    #[error("the command has no -p: a session with a terminal goes on by its own means")]
    NotHeadless,
    /// The prompt comes as a stream of messages.
    #[error("with --input-format stream-json the messages are not there a second time")]
    Streamed,
    /// The session isn't kept.
    #[error("with --no-session-persistence nothing is kept to go on with")]
    NotKept,
    /// An option that we don't know, with a word behind it that may be the prompt.
    #[error(
        "{0} is no option that ccwatch knows, so the word behind it may be its value or the prompt"
    )]
    Unclear(String),
}

impl CantResume {
    /// What to do then.
    pub fn hint(&self) -> String {
        match self {
            Self::Unclear(option) => format!("write it in one word: {option}=VALUE"),
            Self::NotClaude => {
                "write the command as ccwatch retry --resume -- claude -p ..., not inside of a \
                 script; or leave --resume away"
                    .to_owned()
            }
            Self::NotHeadless | Self::Streamed | Self::NotKept => {
                "leave --resume away, or change the command".to_owned()
            }
        }
    }
}

/// What an option takes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Takes {
    Nothing,
    One,
    /// The next word, unless that is an option.
    Perhaps,
    /// All words up to the next option.
    Many,
}

/// The options of 2.1.78 to 2.1.332, also those that `--help` doesn't show.
const OPTIONS: &[(Takes, &str)] = &[
    (
        Takes::Nothing,
        "-p --print -c --continue -h --help -v --version --verbose \
         --allow-dangerously-skip-permissions --ax-screen-reader --bare --brief --chrome \
         --cowork --dangerously-skip-permissions --disable-slash-commands \
         --enable-auth-status --enable-auto-mode --exclude-dynamic-system-prompt-sections \
         --fork-session --forward-subagent-text --ide --include-hook-events \
         --include-partial-messages --init --init-only --maintenance --mcp-debug \
         --no-chrome --no-session-persistence --replay-user-messages --restricted \
         --safe-mode --strict-mcp-config --tmux --bg --background --desktop",
    ),
    (
        Takes::One,
        "--advisor --agent --agents --append-subagent-system-prompt \
         --append-subagent-system-prompt-file --append-system-prompt \
         --append-system-prompt-file --autocompact --debug-file --effort --environment \
         --fallback-model --fast-mode --input-format --json-schema --managed-settings \
         --max-budget-usd --max-thinking-tokens --max-turns --model -n --name \
         --output-format --permission-mode --permission-prompt-tool --permission-prompts \
         --plan-mode-instructions --plugin-dir --plugin-dir-no-mcp --plugin-url --profile \
         --remote-control-session-name-prefix --resume-session-at --session-id \
         --setting-sources --settings --system-prompt --system-prompt-file \
         --system-prompt-snapshot --task-budget --thinking --thinking-display",
    ),
    (
        Takes::Perhaps,
        "-d --debug --from-pr --prompt-suggestions -r --resume -w --worktree --rc \
         --remote-control --cloud --remote --teleport",
    ),
    (
        Takes::Many,
        "--add-dir --allowedTools --allowed-tools --betas --channels --disallowedTools \
         --disallowed-tools --file --mcp-config --tools",
    ),
];

/// Those that make a run without a screen.
const PRINT: &[&str] = &["-p", "--print"];

/// Those that say which session it is; a command that goes on says that itself.
const OF_SESSIONS: &[&str] = &[
    "-c",
    "--continue",
    "-r",
    "--resume",
    "--resume-session-at",
    "--session-id",
    "--fork-session",
    "--from-pr",
    "--teleport",
];

/// One option with its values, or a word that belongs to none.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Part {
    /// The option's name; none for a word of the prompt.
    name: Option<String>,
    words: Vec<OsString>,
}

impl Part {
    fn is(&self, names: &[&str]) -> bool {
        self.name.as_deref().is_some_and(|name| names.contains(&name))
    }

    /// The first value, in either way of writing.
    fn value(&self) -> Option<String> {
        let text = |word: &OsString| word.to_str().map(str::to_owned);
        let joined = text(self.words.first()?)?;
        let joined = joined.split_once('=').map(|(_, value)| value.to_owned());
        joined.or_else(|| text(self.words.get(1)?))
    }
}

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Headless {
    /// Everything up to `claude`.
    program: Vec<OsString>,
    /// What follows, as it stands there.
    words: Vec<OsString>,
    /// The same, taken apart.
    parts: Vec<Part>,
}

impl Headless {
    /// Takes a command apart.
    ///
    /// # Errors
    /// A repeat of it can't go on with its session.
    pub fn read(command: &[OsString]) -> Result<Self, CantResume> {
        let at = command.iter().position(|word| is_claude(word)).ok_or(CantResume::NotClaude)?;
        let (program, words) = command.split_at(at + 1);
        let headless =
            Self { program: program.to_vec(), words: words.to_vec(), parts: parts(words)? };
        let has = |names: &[&str]| headless.parts.iter().any(|part| part.is(names));
        let streams = |part: &Part| {
            part.is(&["--input-format"]) && part.value().as_deref() == Some("stream-json")
        };
        if !has(PRINT) {
            Err(CantResume::NotHeadless)
        } else if has(&["--no-session-persistence"]) {
            Err(CantResume::NotKept)
        } else if headless.parts.iter().any(streams) {
            Err(CantResume::Streamed)
        } else {
            Ok(headless)
        }
    }

    /// The command as it is run first, and its session where that is known: `id`, which is a new
    /// one, unless the command names a session itself.
    pub fn first(&self, id: &str) -> (Vec<OsString>, Option<String>) {
        let has = |names: &[&str]| self.parts.iter().any(|part| part.is(names));
        let value = |names: &[&str]| self.parts.iter().rfind(|part| part.is(names))?.value();
        let goes_on = has(&["-c", "--continue", "-r", "--resume", "--from-pr", "--teleport"]);
        let mut command = self.program.clone();
        let session = if has(&["--session-id"]) {
            value(&["--session-id"])
        } else if goes_on && !has(&["--fork-session"]) {
            value(&["-r", "--resume"])
        } else {
            command.extend(["--session-id", id].map(OsString::from));
            Some(id.to_owned())
        };
        command.extend(self.words.iter().cloned());
        (command, session)
    }

    /// The command that goes on with a session. The sentence stands before the options: behind one
    /// that takes many words it would be one of them.
    pub fn go_on(&self, session: &str) -> Vec<OsString> {
        let mut command = self.program.clone();
        command.extend([GO_ON, "--resume", session].map(OsString::from));
        let kept = self.parts.iter().filter(|part| part.name.is_some() && !part.is(OF_SESSIONS));
        command.extend(kept.flat_map(|part| part.words.clone()));
        command
    }
}

/// Whether a command is `claude -p` with no prompt among its words, which it reads from its standard
/// input then.
pub fn reads_its_prompt(command: &[OsString]) -> bool {
    let Some(at) = command.iter().position(|word| is_claude(word)) else { return false };
    let Ok(parts) = parts(command.get(at + 1..).unwrap_or_default()) else { return false };
    let has_prompt = parts.iter().any(|part| part.name.is_none());
    parts.iter().any(|part| part.is(PRINT)) && !has_prompt
}

/// What starts the program that a later word names.
const STARTERS: &[&str] = &[
    "env",
    "timeout",
    "nice",
    "ionice",
    "nohup",
    "time",
    "stdbuf",
    "setsid",
    "sudo",
    "doas",
    "caffeinate",
    "npx",
    "bunx",
    "pnpx",
    "npm",
    "pnpm",
    "yarn",
    "bun",
    "mise",
    "direnv",
];

/// Whether a command is Claude Code itself, as far as its words show: alone, or behind what only starts
/// it. A script may run it, too.
pub fn is_claude_code(command: &[OsString]) -> bool {
    let Some((first, rest)) = command.split_first() else { return false };
    let starts = Path::new(first).file_name().and_then(OsStr::to_str);
    let starts = starts.is_some_and(|name| STARTERS.contains(&name));
    is_claude(first) || starts && rest.iter().any(|word| is_claude(word))
}

/// Whether a word of a command is Claude Code: by any path, or by the name of its npm package.
fn is_claude(word: &OsStr) -> bool {
    let package = word.to_str().is_some_and(|word| {
        word == "@anthropic-ai/claude-code" || word.starts_with("@anthropic-ai/claude-code@")
    });
    package || Path::new(word).file_name().is_some_and(|name| name == "claude")
}

fn takes(option: &str) -> Option<Takes> {
    let row = OPTIONS.iter().find(|(_, names)| names.split(' ').any(|name| name == option));
    row.map(|(takes, _)| *takes)
}

fn parts(words: &[OsString]) -> Result<Vec<Part>, CantResume> {
    let mut parts = Vec::new();
    let mut rest = words;
    while let Some((word, behind)) = rest.split_first() {
        rest = behind;
        if word == "--" {
            // Behind it there are no more options.
            parts.extend(behind.iter().map(|word| plain(word)));
            break;
        }
        let Some(name) = option(word) else {
            parts.push(plain(word));
            continue;
        };
        let mut part = Part { name: Some(name.to_owned()), words: vec![word.clone()] };
        let joined = word.to_string_lossy().contains('=');
        let values = behind.iter().take_while(|word| option(word).is_none()).count();
        let taken = match takes(name) {
            _ if joined => 0,
            Some(Takes::Nothing) => 0,
            Some(Takes::One) => 1,
            Some(Takes::Perhaps) => values.min(1),
            Some(Takes::Many) => values,
            None if values == 0 => 0,
            None => return Err(CantResume::Unclear(name.to_owned())),
        };
        let (values, behind) = behind.split_at(taken.min(behind.len()));
        part.words.extend_from_slice(values);
        rest = behind;
        parts.push(part);
    }
    Ok(parts)
}

/// The name of the option that a word is.
fn option(word: &OsStr) -> Option<&str> {
    let word = word.to_str().filter(|word| word.len() > 1 && word.starts_with('-'))?;
    Some(word.split_once('=').map_or(word, |(name, _)| name))
}

fn plain(word: &OsStr) -> Part {
    Part { name: None, words: vec![word.to_owned()] }
}

/// A new session id.
pub fn new_id() -> String {
    let bits = fastrand::u128(..);
    // Version 4, of the usual variant.
    let bits = bits & !(0xf << 76) & !(0x3 << 62) | (0x4 << 76) | (0x2 << 62);
    let hex = format!("{bits:032x}");
    let ranges = [0..8, 8..12, 12..16, 16..20, 20..32];
    ranges.map(|range| hex.get(range).unwrap_or_default()).join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<OsString> {
        text.split(' ').map(|word| word.replace('_', " ").into()).collect()
    }

    fn shown(command: Vec<OsString>) -> String {
        let words = command.iter().map(|word| word.to_str().unwrap().replace(GO_ON, "GO_ON"));
        words.map(|word| word.replace(' ', "_")).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_repeat_goes_on_with_the_session_and_leaves_the_prompt_away() {
        for (command, first, again) in [
            (
                "claude -p say_done",
                "claude --session-id ID -p say_done",
                "claude GO_ON --resume S -p",
            ),
            (
                "timeout 10m /opt/claude say_done --print --output-format json",
                "timeout 10m /opt/claude --session-id ID say_done --print --output-format json",
                "timeout 10m /opt/claude GO_ON --resume S --print --output-format json",
            ),
            (
                "npx -y @anthropic-ai/claude-code@2.1.332 -p --allowedTools Bash Edit --model=opus",
                "npx -y @anthropic-ai/claude-code@2.1.332 --session-id ID -p --allowedTools Bash Edit --model=opus",
                "npx -y @anthropic-ai/claude-code@2.1.332 GO_ON --resume S -p --allowedTools Bash Edit --model=opus",
            ),
            (
                "claude -p --model opus -- --say done",
                "claude --session-id ID -p --model opus -- --say done",
                "claude GO_ON --resume S -p --model opus",
            ),
            (
                "claude --session-id OWN -p say_done --unknown --verbose --other=x",
                "claude --session-id OWN -p say_done --unknown --verbose --other=x",
                "claude GO_ON --resume S -p --unknown --verbose --other=x",
            ),
            (
                "claude --resume OLD --fork-session -p next_step",
                "claude --session-id ID --resume OLD --fork-session -p next_step",
                "claude GO_ON --resume S -p",
            ),
            ("claude -c -p next", "claude -c -p next", "claude GO_ON --resume S -p"),
        ] {
            let read = Headless::read(&words(command)).unwrap();
            assert_eq!(shown(read.first("ID").0), first);
            assert_eq!(shown(read.go_on("S")), again);
        }
        let session = |command: &str| Headless::read(&words(command)).unwrap().first("ID").1;
        assert_eq!(session("claude -p x").as_deref(), Some("ID"));
        assert_eq!(session("claude -p x --session-id=OWN").as_deref(), Some("OWN"));
        assert_eq!(session("claude -p x -r OLD").as_deref(), Some("OLD"));
        assert_eq!(session("claude -p x --continue"), None);
    }

    #[test]
    fn what_cant_go_on_says_why() {
        for (command, why) in [
            ("sh -c claude_-p_x", CantResume::NotClaude),
            ("claude say_done", CantResume::NotHeadless),
            ("claude -p x --no-session-persistence", CantResume::NotKept),
            ("claude -p --input-format stream-json", CantResume::Streamed),
            ("claude -p --input-format=stream-json", CantResume::Streamed),
            ("claude -p --of-tomorrow say_done", CantResume::Unclear("--of-tomorrow".to_owned())),
        ] {
            assert_eq!(Headless::read(&words(command)), Err(why), "{command}");
        }
    }

    #[test]
    fn a_new_id_is_a_uuid_of_version_4() {
        for _ in 0..100 {
            let id = new_id();
            let parts: Vec<&str> = id.split('-').collect();
            assert_eq!(parts.iter().map(|part| part.len()).collect::<Vec<_>>(), [8, 4, 4, 4, 12]);
            assert!(id.chars().all(|c| c == '-' || c.is_ascii_hexdigit()));
            assert!(
                parts[2].starts_with('4') && parts[3].starts_with(['8', '9', 'a', 'b']),
                "{id}"
            );
        }
    }

    #[test]
    fn a_prompt_that_is_no_word_is_read() {
        for (command, expected) in [
            ("claude -p", true),
            ("env A=b claude -p --model opus", true),
            ("claude --print --output-format json --resume x", true),
            ("claude -p do_it", false),
            ("claude -p --model opus -- do_it", false),
            ("claude", false),
            ("sh -c claude_-p", false),
            ("claude -p --unheard-of x", false),
        ] {
            assert_eq!(reads_its_prompt(&words(command)), expected, "{command}");
        }
    }
}
