//! Text as it comes off a terminal: with colours, boxes, bullets and quotes, and with lines that
//! end where the window did.

mod prefix;
mod shell;
mod tools;
mod wrapped;

use jiff::Timestamp;

use self::tools::Tool;
pub use self::wrapped::unbroken;
use super::marks;
use crate::render::sanitize;
use ccwatch_core::api_error::is_anthropics;

/// More than this is not looked at, in characters or bytes.
const LONGEST: usize = 1 << 20;
/// What Claude Code, a shell or a list puts before something new.
const BULLETS: &[char] =
    &['●', '⏺', '⎿', '✻', '✽', '✶', '✳', '✢', '•', '*', '❯', '$', '☐', '✔', '✗', '⚠', '!'];
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
    /// Whether it is what the user typed, the call of a tool, a row of a table, or a paragraph of
    /// what the model says: it may name errors, and is none.
    pub asks: bool,
    /// It is what the user typed.
    pub typed: bool,
    /// It has the sign of what the model says, as errors have it, too.
    pub said: bool,
    /// When it was written, where the line says so.
    pub at: Option<Timestamp>,
}

/// The things that stand on a screen one after the other, each in one line.
pub fn pieces(text: &str) -> Vec<Piece> {
    let text: String = sanitize::visible(text).replace("\r\n", "\n").chars().map(plain).collect();
    let text = marks::head(&text, LONGEST);
    let mut pieces: Vec<Piece> = Vec::new();
    let mut before = Before {
        ended: true,
        called: false,
        quoted: false,
        at: None,
        saying: false,
        tool: Tool::None,
    };
    for line in text.split(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']) {
        let Some(line) = Line::read(line) else {
            before.ended = true;
            continue;
        };
        let in_step = before.called && shell::tells_of_step(&line.words);
        before.called = line.is_call || in_step;
        let unfinished = pieces.last().is_some_and(|piece| piece.text.ends_with('·'))
            || !before.ended && pieces.last().is_some_and(|piece| piece.text.ends_with(':'));
        let new = before.ended
            || line.quoted != before.quoted
            || line.bullet.is_some()
            || line.at.is_some() && line.at != before.at
            || line.is_comment
            || in_step
            || begins(&line.words);
        let tail = is_tail(&line.words);
        let last = match tail {
            true => pieces.iter_mut().rfind(|piece| !piece.asks),
            false => pieces.last_mut(),
        };
        match last.filter(|_| !new || unfinished || tail) {
            Some(piece) => {
                piece.text.push(' ');
                piece.text.push_str(&line.words);
            }
            None => {
                before.tool = before.tool.next(line.sign(), line.indent, &line.words);
                before.saying = line.is_said() || before.saying && line.goes_on();
                pieces.push(line.piece(&before));
            }
        }
        before.ended = line.is_comment || in_step;
        (before.quoted, before.at) = (line.quoted, line.at);
    }
    pieces
}

/// A line that says something.
struct Line {
    words: String,
    bullet: Option<char>,
    quoted: bool,
    /// How far in it stands.
    indent: usize,
    at: Option<Timestamp>,
    /// It stands between bars, as rows of tables do.
    is_row: bool,
    /// It is a comment, the heading of a text, a line of a patch, or what was typed behind a prompt.
    is_comment: bool,
    /// It is the call of Claude Code.
    is_call: bool,
}

impl Line {
    fn read(whole: &str) -> Option<Self> {
        let line = whole.trim_start();
        let quoted = line.starts_with(QUOTES);
        let is_row = line.starts_with('|') && line.trim_end().ends_with('|');
        let line = line.trim_start_matches(|c: char| c.is_whitespace() || QUOTES.contains(&c));
        let bare = line.trim_start_matches(|c: char| c.is_whitespace() || BULLETS.contains(&c));
        let at = bare.split(' ').next().and_then(|word| word.parse().ok());
        let words = prefix::without(bare).split_whitespace().collect::<Vec<_>>().join(" ");
        let bullet = line.chars().next().filter(|_| bare.len() < line.len());
        let indent = whole.chars().take_while(|c| c.is_whitespace()).count();
        let sign = words.split(' ').next().unwrap_or_default();
        let is_comment = matches!(sign, "//" | "/*" | "<!--" | "@@" | "+")
            || sign.chars().all(|c| c == '#') && words != sign;
        let is_call = shell::calls_claude(&words);
        let is_comment =
            is_comment || is_call || shell::ends_step(&words) || shell::is_prompt(&words);
        (!words.is_empty()).then_some(Self {
            words,
            bullet,
            quoted,
            indent,
            at,
            is_row,
            is_comment,
            is_call,
        })
    }

    fn sign(&self) -> Option<char> {
        self.bullet.or(self.quoted.then_some('>'))
    }

    fn is_said(&self) -> bool {
        matches!(self.bullet, Some('⏺' | '●'))
    }

    /// Whether it may be another paragraph of what the model says.
    fn goes_on(&self) -> bool {
        self.bullet.is_none() && self.indent >= 2
    }

    /// Whether it tells of errors: a comment, the row of a table, or a status with its type and
    /// what it means, as documentation lists them.
    fn is_told(&self) -> bool {
        let listed = || {
            let (status, rest) = self.words.split_once([' ', ':'])?;
            let (kind, _) = rest.trim_start_matches(['-', '–', '—', ' ', '`']).split_once(':')?;
            let is_type = is_anthropics(kind.trim_end_matches('`')) && !rest.starts_with(kind);
            Some(status.parse::<u16>().is_ok() && is_type)
        };
        self.is_comment || self.is_row || listed().unwrap_or(false)
    }

    fn piece(&self, before: &Before) -> Piece {
        let typed = self.bullet == Some('❯') && !begins(&self.words);
        let told = before.saying && !self.is_said();
        Piece {
            tool: before.tool.gave(),
            asks: typed || before.tool.is_called() || told || self.is_told(),
            typed,
            said: self.is_said(),
            at: self.at,
            text: self.words.clone(),
        }
    }
}

/// What came before a line.
struct Before {
    ended: bool,
    /// Claude Code was called, and nothing but how was said since.
    called: bool,
    quoted: bool,
    /// When the line before was written: what was written at once is one thing.
    at: Option<Timestamp>,
    /// The model speaks: what stands further in is another paragraph of it.
    saying: bool,
    tool: Tool,
}

/// The end of an error, which Claude Code may show under a bullet of its own, or apart.
const TAILS: &[&str] = &["If it persists", "Request ID", "Request-ID", "request_id"];

fn is_tail(line: &str) -> bool {
    TAILS.iter().any(|tail| line.starts_with(tail))
}

/// Whether a line is the first of something even without a sign before it.
fn begins(line: &str) -> bool {
    line.starts_with("API Error")
}

/// Frames are space, and an apostrophe is an apostrophe.
fn plain(c: char) -> char {
    match c {
        '\u{2500}'..='\u{259f}' => ' ',
        '\u{2018}' | '\u{2019}' | '\u{2bc}' | '\u{2032}' => '\'',
        '\u{201c}'..='\u{201f}' | '«' | '»' => '"',
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
            ("2026-06-22T19:40:41Z one\n2026-06-22T19:40:42Z two\nmore", &["one", "two more"]),
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
