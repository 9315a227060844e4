//! Text as it comes off a terminal: with colours, boxes, bullets and quotes, and with lines that
//! end where the window did.

use jiff::Timestamp;

use crate::render::sanitize;

/// More than this is not looked at, in characters.
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

/// The things that stand on a screen one after the other, each in one line.
pub fn pieces(text: &str) -> Vec<String> {
    let text: String = sanitize::paragraph(text, LONGEST).chars().map(plain).collect();
    let mut pieces: Vec<String> = Vec::new();
    let (mut ended, mut was_quoted) = (true, false);
    for line in text.lines() {
        let quoted = line.trim_start().starts_with(QUOTES);
        let line = line.trim_start_matches(|c: char| c.is_whitespace() || QUOTES.contains(&c));
        let bare = line.trim_start_matches(|c: char| c.is_whitespace() || BULLETS.contains(&c));
        if bare.trim().is_empty() {
            ended = true;
            continue;
        }
        let words = bare.split_whitespace().collect::<Vec<_>>().join(" ");
        let unfinished = pieces.last().is_some_and(|piece| piece.ends_with(['·', ':']));
        let new = ended || quoted != was_quoted || bare.len() < line.len() || begins(&words);
        match pieces.last_mut().filter(|_| !new || unfinished || words.starts_with(TAIL)) {
            Some(piece) => {
                piece.push(' ');
                piece.push_str(&words);
            }
            None => pieces.push(words),
        }
        (ended, was_quoted) = (false, quoted);
    }
    pieces
}

/// The end of an error, which Claude Code may show under a bullet of its own.
const TAIL: &str = "If it persists";

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
            (" \n ● \n", &[]),
        ];
        for (text, expected) in cases {
            assert_eq!(pieces(text), *expected, "{text:?}");
        }
        assert_eq!(flat("│ a’s │\n│ b\u{a0}c │"), "a's b c");
    }
}
