//! Text as it comes off a terminal: with colours, boxes, bullets and quotes, and with lines that
//! end where the window did.

use jiff::Timestamp;

use super::marks;
use crate::render::sanitize;

/// More than this is not looked at, in characters or bytes.
const LONGEST: usize = 1 << 20;
/// What Claude Code, a shell or a list puts before something new.
const BULLETS: &[char] =
    &['●', '⏺', '⎿', '✻', '✽', '✶', '✳', '✢', '•', '*', '❯', '$', '☐', '✔', '✗', '⚠'];
/// What stands before every line of a quotation.
const QUOTES: &[char] = &['>', '|'];

/// The text in one line: no escape sequences and frames, plain apostrophes, single spaces.
pub fn flat(text: &str) -> String {
    let text: String = sanitize::paragraph(text, LONGEST).chars().map(plain).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// One thing on a screen, in one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// What it says.
    pub text: String,
    /// What gave it, where it is what a tool gave back.
    pub tool: Option<&'static str>,
    /// Whether it is what the user typed, or the call of a tool: it may name errors, and is none.
    pub asks: bool,
    /// It has the sign of what the model says, as errors have it, too.
    pub said: bool,
}

/// The things that stand on a screen one after the other, each in one line.
pub fn pieces(text: &str) -> Vec<Piece> {
    let text: String = sanitize::visible(text).replace("\r\n", "\n").chars().map(plain).collect();
    let text = marks::head(&text, LONGEST);
    let mut pieces: Vec<Piece> = Vec::new();
    let mut before = Before { ended: true, quoted: false, tool: Tool::None };
    for line in text.split(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']) {
        let quoted = line.trim_start().starts_with(QUOTES);
        let line = line.trim_start_matches(|c: char| c.is_whitespace() || QUOTES.contains(&c));
        let bare = line.trim_start_matches(|c: char| c.is_whitespace() || BULLETS.contains(&c));
        if bare.trim().is_empty() {
            before.ended = true;
            continue;
        }
        let words = bare.split_whitespace().collect::<Vec<_>>().join(" ");
        let bullet = line.chars().next().filter(|_| bare.len() < line.len());
        let unfinished = pieces.last().is_some_and(|piece| piece.text.ends_with(['·', ':']));
        let new = before.ended || quoted != before.quoted || bullet.is_some() || begins(&words);
        match pieces.last_mut().filter(|_| !new || unfinished || is_tail(&words)) {
            Some(piece) => {
                piece.text.push(' ');
                piece.text.push_str(&words);
            }
            None => {
                let sign = bullet.or(quoted.then_some('>'));
                before.tool = before.tool.next(sign, &words);
                let said = matches!(bullet, Some('⏺' | '●'));
                let typed = bullet == Some('❯') && !begins(&words);
                let asks = typed || before.tool.is_called();
                pieces.push(Piece { tool: before.tool.gave(), asks, said, text: words });
            }
        }
        (before.ended, before.quoted) = (false, quoted);
    }
    pieces
}

/// What came before a line.
struct Before {
    ended: bool,
    quoted: bool,
    tool: Tool,
}

/// Where a screen is with the tools that Claude Code calls.
#[derive(Clone, Copy)]
enum Tool {
    /// Nowhere near.
    None,
    /// One was called.
    Called(&'static str),
    /// What follows is what it gave back.
    Gives(&'static str),
}

impl Tool {
    /// The state after a new piece.
    fn next(self, bullet: Option<char>, words: &str) -> Self {
        match (self, bullet) {
            (Self::Called(tool), Some('⎿')) => Self::Gives(tool),
            (Self::Gives(tool), None) => Self::Gives(tool),
            // Copied without its sign, too.
            (_, Some('⏺' | '●') | None) => called(words).map_or(Self::None, Self::Called),
            _ => Self::None,
        }
    }

    fn is_called(self) -> bool {
        matches!(self, Self::Called(_))
    }

    fn gave(self) -> Option<&'static str> {
        match self {
            Self::Gives(tool) => Some(tool),
            Self::None | Self::Called(_) => None,
        }
    }
}

/// The tools whose output is anybody's words, and what to call it.
const TOOLS: &[(&str, &str)] = &[
    ("Bash(", "a command that Claude Code ran"),
    ("BashOutput(", "a command that Claude Code ran"),
    ("Fetch(", "a web page that was fetched"),
    ("WebFetch(", "a web page that was fetched"),
    ("Web Search(", "a web search"),
    ("WebSearch(", "a web search"),
    ("Read(", "a file that was read"),
    ("Search(", "files that were searched"),
    ("Grep(", "files that were searched"),
];

fn called(words: &str) -> Option<&'static str> {
    let mcp = words.contains("(MCP)").then_some("an MCP server");
    let tool = TOOLS.iter().find(|(call, _)| words.starts_with(call)).map(|(_, what)| *what);
    mcp.or(tool)
}

/// The end of an error, which Claude Code may show under a bullet of its own, or apart.
const TAILS: &[&str] = &["If it persists", "Request ID", "Request-ID", "request_id"];

fn is_tail(line: &str) -> bool {
    TAILS.iter().any(|tail| line.starts_with(tail))
}

/// Whether a line is the first of something even without a sign before it.
fn begins(line: &str) -> bool {
    let dated = || line.split(' ').next().is_some_and(|word| word.parse::<Timestamp>().is_ok());
    line.starts_with("API Error") || dated()
}

/// Frames are space, and an apostrophe is an apostrophe.
fn plain(c: char) -> char {
    match c {
        '\u{2500}'..='\u{259f}' => ' ',
        '\u{2018}' | '\u{2019}' | '\u{2bc}' | '\u{2032}' => '\'',
        '\u{201c}' | '\u{201d}' => '"',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_belongs_together_is_one_line() {
        let cases: &[(&str, &[&str])] = &[
            ("  ⎿  Prompt is\n     too long\n", &["Prompt is too long"]),
            ("╭────╮\n│ Prompt is too  │\n│ long │\n╰────╯", &["Prompt is too long"]),
            ("> API Error:\n> 529 Overloaded", &["API Error: 529 Overloaded"]),
            ("\u{1b}[31mPrompt is \u{1b}[1mtoo\u{a0}long\u{1b}[0m", &["Prompt is too long"]),
            ("Can’t reach the API server", &["Can't reach the API server"]),
            (
                "✻ 529 Overloaded · Retrying in 24s\n  ⎿ If it persists, check x.",
                &["529 Overloaded · Retrying in 24s If it persists, check x."],
            ),
            (
                "● curl says HTTP 404 for /x\n\n  ⎿  API Error: 529 Overloaded",
                &["curl says HTTP 404 for /x", "API Error: 529 Overloaded"],
            ),
            ("Please run /login ·\nAPI Error: 401 x", &["Please run /login · API Error: 401 x"]),
            (
                "2026-06-22T19:40:41Z one\n2026-06-22T19:40:42Z two\nmore",
                &["2026-06-22T19:40:41Z one", "2026-06-22T19:40:42Z two more"],
            ),
            ("> try again\n  ⎿  Login\n     expired", &["try again", "Login expired"]),
            ("API Error: x\n\nRequest ID: req_01", &["API Error: x Request ID: req_01"]),
            ("one\n\ntwo\r\nmore", &["one", "two more"]),
            (" \n ● \n", &[]),
        ];
        for (text, expected) in cases {
            let found: Vec<String> = pieces(text).into_iter().map(|piece| piece.text).collect();
            assert_eq!(found, *expected, "{text:?}");
        }
        let tools = |text| pieces(text).into_iter().map(|p| p.tool.is_some()).collect::<Vec<_>>();
        assert_eq!(tools("⏺ Bash(x)\n  ⎿ one\n\n> two\n\n⏺ said"), [false, true, false, false]);
        assert_eq!(tools("⏺ Read(x)\n  ⎿ one\n  ⎿ API Error: 529"), [false, true, false]);
        assert_eq!(tools("a - b (MCP)(c: 1)\n  ⎿ API Error: 529"), [false, true]);
        assert_eq!(tools("⏺ Task(x)\n  ⎿ API Error: 529"), [false, false]);
        assert_eq!(flat("│ a’s │\n│ b\u{a0}c │"), "a's b c");
    }
}
