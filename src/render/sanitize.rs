//! Makes text that somebody else wrote harmless, one function a sink.
//!
//! Names, incidents and updates come from a web page, error texts from other programs. They are
//! stored as they came and pass through here on their way to a screen: no escape sequence, no
//! control, no character that hides or reorders others gets through, and nothing is longer than
//! its place. Emoji and every script survive; a joined emoji falls into its parts, because the
//! zero-width joiner is one of the invisible characters.
//!
//! Own code, because the strippers on offer know escape sequences only in their 7-bit form, and
//! lose the rest of the text behind one that never ends.

use std::fmt::Write;
use std::str::Chars;

/// Longest title of a pop-up, in characters.
pub const TITLE_MAX: usize = 100;
/// Longest body of a pop-up, in characters, before any escaping.
pub const BODY_MAX: usize = 400;

/// Longest title that a hook is given, in bytes.
pub const HOOK_TITLE_MAX: usize = 1 << 10;
/// Longest body that a hook is given, in bytes.
pub const HOOK_BODY_MAX: usize = 16 << 10;
/// Longest id, key or word that a hook is given, in bytes.
pub const HOOK_WORD_MAX: usize = 512;

/// A pop-up's title: one line of plain text. Servers show titles literally, so nothing is escaped.
pub fn popup_title(text: &str) -> String {
    line(text, TITLE_MAX)
}

/// A pop-up's body: one line, since some servers show only the first, and since text from the
/// page must not be able to fake a second message. With `escape`, `&`, `<` and `>` become
/// entities: right exactly for servers that read markup.
pub fn popup_body(text: &str, escape: bool) -> String {
    let text = line(text, BODY_MAX);
    if !escape {
        return text;
    }
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// A notice's title for a hook: one line, as JSON and in a variable of its environment. Not
/// escaped: there is no shell between.
pub fn hook_title(text: &str) -> String {
    within(text, HOOK_TITLE_MAX)
}

/// A notice's body for a hook, as the title.
pub fn hook_body(text: &str) -> String {
    within(text, HOOK_BODY_MAX)
}

/// An id, a key or a word for a hook, as the title.
pub fn hook_word(text: &str) -> String {
    within(text, HOOK_WORD_MAX)
}

/// One line of at most `max` bytes: what one variable may hold is limited in bytes, and a program
/// whose environment has a longer one is not started at all.
fn within(text: &str, max: usize) -> String {
    let mut text = tidy(text, max, ' ');
    if text.len() > max {
        text.truncate(text.floor_char_boundary(max.saturating_sub('…'.len_utf8())));
        text.truncate(text.trim_end().len());
        text.push('…');
    }
    text
}

/// One line for the terminal or the log, of at most `max` characters.
pub fn line(text: &str, max: usize) -> String {
    shorten(tidy(text, max, ' '), max)
}

/// Text for the terminal that keeps its line breaks (as single `\n`), of at most `max` characters.
pub fn paragraph(text: &str, max: usize) -> String {
    shorten(tidy(text, max, '\n'), max)
}

/// The text without escape sequences, controls and invisible characters. White space stays.
pub fn visible(text: &str) -> String {
    Visible::of(text).collect()
}

/// Finished JSON for a terminal as well as for a program: what doesn't show itself is written as
/// `\\u` escapes, which a parser reads as the same text. Outside of strings JSON has no such
/// characters but its line breaks, and those stay.
pub fn json(finished: &str) -> String {
    let mut out = String::with_capacity(finished.len());
    for c in finished.chars() {
        if c == '\n' || !is_hidden(c) {
            out.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            // Writing to a string can't fail.
            let _ = write!(out, "\\u{unit:04x}");
        }
    }
    out
}

/// The visible text with every run of white space as one space, or as one `line_break` if the run
/// has a line break in it. Stops after `max + 1` characters, enough to see that it's too long.
fn tidy(text: &str, max: usize, line_break: char) -> String {
    let mut out = String::new();
    let mut length = 0;
    let mut gap = None;
    for c in Visible::of(text) {
        if c.is_whitespace() {
            let broken = gap == Some(line_break) || is_line_break(c);
            gap = Some(if broken { line_break } else { ' ' });
            continue;
        }
        if let Some(gap) = gap.take().filter(|_| length > 0) {
            out.push(gap);
            length += 1;
        }
        out.push(c);
        length += 1;
        if length > max {
            break;
        }
    }
    out
}

/// Cuts to `max` characters, the last of them an ellipsis.
fn shorten(mut text: String, max: usize) -> String {
    if text.chars().nth(max).is_none() {
        return text;
    }
    let Some(keep) = max.checked_sub(1) else { return String::new() };
    let end = text.char_indices().nth(keep).map_or(0, |(at, _)| at);
    text.truncate(end);
    text.truncate(text.trim_end().len());
    text.push('…');
    text
}

fn is_line_break(c: char) -> bool {
    matches!(c, '\n'..='\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Nothing that a reader sees as itself.
fn is_hidden(c: char) -> bool {
    c.is_control() || is_line_break(c) || is_invisible(c)
}

/// Characters that show nothing but change what is around them: Unicode's
/// Default_Ignorable_Code_Point without the variation selectors that scripts and emoji need, then
/// interlinear annotation and noncharacters.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
        | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
        | '\u{fdd0}'..='\u{fdef}')
        || u32::from(c) & 0xfffe == 0xfffe
}

/// The characters of a text that a reader may see: no escape sequences, controls or invisible
/// characters. White space is left in, line breaks and tabs too.
struct Visible<'a> {
    rest: Chars<'a>,
    /// A control string without an end was met, so no later one has an end either: without this
    /// a text made of nothing but openers would be searched to its end for each of them.
    endless: bool,
}

impl<'a> Visible<'a> {
    fn of(text: &'a str) -> Self {
        Self { rest: text.chars(), endless: false }
    }

    /// Skips what follows an escape character, or the 8-bit form of the same (`introducer`).
    fn skip_sequence(&mut self, introducer: char) {
        match introducer {
            '[' => self.skip_control_sequence(),
            ']' | 'P' | 'X' | '^' | '_' => self.skip_string(),
            ' '..='/' => {
                self.skip_while(|c| matches!(c, ' '..='/'));
                self.skip_one(|c| matches!(c, '0'..='~'));
            }
            _ => {}
        }
    }

    /// Colours, cursor moves and the like: parameters, intermediates, one final letter. Terminals
    /// read on after a control in the midst of it, so these are skipped as well; a line break is
    /// not, since it more likely ends a sequence that was cut off.
    fn skip_control_sequence(&mut self) {
        let stray = |c: char| c.is_control() && !c.is_whitespace() && !is_abort(c);
        self.skip_while(|c| matches!(c, ' '..='?') || stray(c));
        self.skip_one(|c| matches!(c, '@'..='~'));
    }

    /// Titles, links and device strings: everything up to a terminator. If there's none, only the
    /// opener goes: a stray one (text decoded wrongly has them) must not swallow the message.
    fn skip_string(&mut self) {
        if self.endless {
            return;
        }
        let mut ahead = self.rest.clone();
        loop {
            let before = ahead.clone();
            match ahead.next() {
                None => {
                    self.endless = true;
                    return;
                }
                Some('\x1b') => {
                    // ESC \ is the terminator; any other escape ends the string and is read next.
                    let end = ahead.next() == Some('\\');
                    self.rest = if end { ahead } else { before };
                    return;
                }
                Some('\x07' | '\x18' | '\x1a' | '\u{9c}') => {
                    self.rest = ahead;
                    return;
                }
                Some(_) => {}
            }
        }
    }

    fn skip_one(&mut self, wanted: impl Fn(char) -> bool) {
        if self.rest.clone().next().is_some_and(wanted) {
            self.rest.next();
        }
    }

    fn skip_while(&mut self, wanted: impl Fn(char) -> bool) {
        while self.rest.clone().next().is_some_and(&wanted) {
            self.rest.next();
        }
    }
}

/// Controls that end a sequence early: CAN, SUB, and the next ESC.
fn is_abort(c: char) -> bool {
    matches!(c, '\x18' | '\x1a' | '\x1b')
}

impl Iterator for Visible<'_> {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        loop {
            let c = self.rest.next()?;
            match c {
                '\x1b' => {
                    let next = self.rest.clone().next().filter(|c| matches!(c, ' '..='~'));
                    if let Some(introducer) = next {
                        self.rest.next();
                        self.skip_sequence(introducer);
                    }
                }
                '\u{90}' | '\u{98}' | '\u{9d}'..='\u{9f}' => self.skip_string(),
                '\u{9b}' => self.skip_control_sequence(),
                // Braille's blank is a space that Unicode doesn't count as one.
                '\u{2800}' => return Some(' '),
                c if c.is_whitespace() => return Some(c),
                c if c.is_control() || is_invisible(c) => {}
                c => return Some(c),
            }
        }
    }
}

#[cfg(test)]
mod tests;
