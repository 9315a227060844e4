//! Lines that fit the terminal: broken between words and between the columns of a table, never
//! inside a word.

use std::io::{self, Write};
use std::os::fd::AsFd;

use unicode_width::UnicodeWidthChar;

/// What is left of a line goes on with this in front, beyond the line's own indent.
const HANG: usize = 4;
/// A terminal that claims to be narrower isn't believed.
const NARROWEST: usize = 20;

/// For how many columns to write: what `COLUMNS` says, else what a terminal tells. None where it is
/// no terminal, or doesn't tell: lines stay whole there, since scripts read them.
pub(crate) fn of(stream: impl AsFd) -> Option<usize> {
    asked_for().or_else(|| of_terminal(stream))
}

/// What the user's environment says.
pub(crate) fn asked_for() -> Option<usize> {
    let columns: usize = std::env::var("COLUMNS").ok()?.trim().parse().ok()?;
    Some(columns).filter(|columns| *columns > 0)
}

fn of_terminal(stream: impl AsFd) -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(stream).ok()?;
    Some(usize::from(size.ws_col)).filter(|columns| *columns > 0)
}

/// How many columns a text takes. Colours take none.
pub(crate) fn width(text: &str) -> usize {
    let (mut width, mut rest) = (0, text.chars());
    while let Some(c) = rest.next() {
        if c == '\x1b' {
            // The colours of our own: up to their final letter.
            rest.by_ref().find(char::is_ascii_alphabetic);
        } else {
            width += c.width().unwrap_or(0);
        }
    }
    width
}

/// A line broken into as many as it takes; as it is where nothing is known of the terminal.
///
/// The columns of a table are set apart by two spaces or more. One that doesn't fit goes to the
/// next line as a whole, and is broken between its words if it is longer than that. A word that is
/// too long, such as an address, stays whole.
pub(crate) fn wrap(line: &str, columns: Option<usize>) -> String {
    match columns {
        Some(columns) => wrap_to(line, columns.max(NARROWEST), HANG),
        None => line.to_owned(),
    }
}

/// The same for a sentence that stands by itself, which goes on at the left.
pub(crate) fn wrap_sentence(line: &str, columns: usize) -> String {
    wrap_to(line, columns.max(NARROWEST), 0)
}

/// What stands behind a line of a command that goes on in the next one.
const CONTINUED: &str = " \\";

/// A command to be pasted. Where it takes more than a line, any shell joins them again.
pub(crate) fn command(line: &str, columns: Option<usize>) -> String {
    let Some(columns) = columns.map(|columns| columns.max(NARROWEST)) else {
        return line.to_owned();
    };
    if width(line) <= columns {
        return line.to_owned();
    }
    let indent = line.len() - line.trim_start().len();
    let mut lines = vec![" ".repeat(indent)];
    for (at, word) in shell_words(line.trim_start()).enumerate() {
        let used = lines.last().map_or(0, |line| width(line));
        if at > 0 && used + 1 + width(word) + CONTINUED.len() > columns {
            lines.push(" ".repeat(indent + HANG));
        } else if at > 0 {
            lines.iter_mut().last().into_iter().for_each(|line| line.push(' '));
        }
        lines.iter_mut().last().into_iter().for_each(|line| line.push_str(word));
    }
    lines.join(&format!("{CONTINUED}\n"))
}

/// The words of a line, with what is in single quotes as a part of one.
fn shell_words(line: &str) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    line.split(move |c: char| {
        quoted ^= c == '\'' && !escaped;
        escaped = c == '\\' && !quoted && !escaped;
        c == ' ' && !quoted
    })
}

fn wrap_to(line: &str, columns: usize, further: usize) -> String {
    let line = line.trim_end();
    if width(line) <= columns || line.ends_with(CONTINUED) {
        return line.to_owned();
    }
    let own = line.chars().take_while(|c| *c == ' ').count();
    // What stands far to the right below something would have no room there.
    let own = if own > columns / 3 { HANG } else { own };
    let hang = match line.trim_start().starts_with("- ") {
        true => own + 2,
        false if own >= HANG => own,
        false => own + further,
    };
    let mut lines = Lines { columns, hang, all: vec![" ".repeat(own)], fresh: true };
    for cell in cells(line) {
        lines.put_cell(&cell);
    }
    lines.all.join("\n")
}

/// One column of a table.
struct Cell<'a> {
    text: &'a str,
    /// Where it begins in the whole line.
    start: usize,
    last: bool,
}

/// The columns of a line.
fn cells(line: &str) -> Vec<Cell<'_>> {
    let mut cells = Vec::new();
    let mut start = line.chars().take_while(|c| *c == ' ').count();
    let mut rest = line.trim();
    while !rest.is_empty() {
        let (text, behind) = rest.split_at(rest.find("  ").unwrap_or(rest.len()));
        rest = behind.trim_start();
        cells.push(Cell { text, start, last: rest.is_empty() });
        start += width(text) + behind.len() - rest.len();
    }
    cells
}

/// What a line becomes.
struct Lines {
    columns: usize,
    /// So much stands in front of every line but the first.
    hang: usize,
    all: Vec<String>,
    /// Nothing but that is in the newest line.
    fresh: bool,
}

impl Lines {
    fn put_cell(&mut self, cell: &Cell<'_>) {
        let (long, used) = (width(cell.text), self.used());
        let fits = |gap: usize| used + gap + long <= self.columns;
        // The table keeps its form as long as there is room for it.
        let padding = if self.all.len() == 1 { cell.start.saturating_sub(used).max(2) } else { 2 };
        if self.fresh {
            self.put_words(0, cell.text);
        } else if fits(padding) {
            self.put_words(padding, cell.text);
        } else if cell.last && used + padding <= self.columns / 3 {
            // What a label stands in front of goes on below itself.
            self.hang = used + padding;
            self.put_words(padding, cell.text);
        } else if fits(2) {
            self.put_words(2, cell.text);
        } else {
            self.new_line(self.hang);
            self.put_words(0, cell.text);
        }
    }

    /// Puts words into the newest line, the first of them behind a gap, and into further ones.
    fn put_words(&mut self, gap: usize, text: &str) {
        let mut gap = gap;
        for word in text.split(' ') {
            let long = width(word);
            if !self.fresh && self.used() + gap + long > self.columns {
                // What is too long for that is at least not far to the right, and the rest below it.
                if self.hang + long > self.columns {
                    self.hang = self.hang.min(HANG);
                }
                self.new_line(self.hang);
            }
            let gap = std::mem::replace(&mut gap, 1);
            let gap = if self.fresh { 0 } else { gap };
            if let Some(line) = self.all.last_mut() {
                line.extend(std::iter::repeat_n(' ', gap));
                line.push_str(word);
            }
            self.fresh = false;
        }
    }

    fn new_line(&mut self, indent: usize) {
        self.all.push(" ".repeat(indent));
        self.fresh = true;
    }

    fn used(&self) -> usize {
        self.all.last().map_or(0, |line| width(line))
    }
}

/// A text with spaces behind it up to so many columns.
pub(crate) fn padded(text: &str, columns: usize) -> String {
    let gap = columns.saturating_sub(width(text));
    format!("{text}{:gap$}", "")
}

/// Writes lines so that they fit.
pub(crate) struct Fitted<W> {
    out: W,
    columns: Option<usize>,
    /// What is not a whole line yet.
    begun: Vec<u8>,
}

impl<W: Write> Fitted<W> {
    /// For so many columns; none: lines stay as they are.
    pub(crate) fn new(out: W, columns: Option<usize>) -> Self {
        Self { out, columns, begun: Vec::new() }
    }
}

impl<W: Write> Write for Fitted<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.columns.is_none() {
            return self.out.write(bytes);
        }
        let Some(end) = bytes.iter().rposition(|byte| *byte == b'\n') else {
            self.begun.extend(bytes);
            return Ok(bytes.len());
        };
        let (whole, begun) = bytes.split_at(end + 1);
        let whole = [std::mem::take(&mut self.begun).as_slice(), whole].concat();
        self.begun.extend(begun);
        for line in String::from_utf8_lossy(&whole).lines() {
            writeln!(self.out, "{}", wrap(line, self.columns))?;
        }
        Ok(bytes.len())
    }

    // A terminal's writer takes a line and its end in one call only so.
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self.columns {
            None => self.out.write_all(bytes),
            Some(_) => self.write(bytes).map(drop),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        let begun = std::mem::take(&mut self.begun);
        if !begun.is_empty() {
            let begun = wrap(&String::from_utf8_lossy(&begun), self.columns);
            self.out.write_all(begun.as_bytes())?;
        }
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_goes_on_below_and_loses_nothing() {
        for (line, expected) in [
            ("short", "short"),
            ("exactly twenty long.", "exactly twenty long."),
            ("a b c d e f g h i j k l", "a b c d e f g h i j\n    k l"),
            ("  one, two, three, four", "  one, two, three,\n      four"),
            ("  - one, two, three, four", "  - one, two, three,\n    four"),
            ("when        told: \u{fc} \u{fc} \u{fc}", "when  told: \u{fc} \u{fc} \u{fc}"),
            ("    https://page.example/incidents/abc", "    https://page.example/incidents/abc"),
            (
                "see https://page.example/incidents x",
                "see\n    https://page.example/incidents\n    x",
            ),
            ("\x1b[31mred\x1b[0m  and  plain, too", "\x1b[31mred\x1b[0m  and  plain, too"),
        ] {
            assert_eq!(wrap(line, Some(20)), expected);
            assert_eq!(wrap(line, None), line);
        }
    }

    #[test]
    fn a_table_keeps_its_columns_or_drops_them_to_the_next_line() {
        let row = "  Claude Code  partial outage        since 22:41 (12 min)";
        for (columns, expected) in [
            (60, row),
            (52, "  Claude Code  partial outage  since 22:41 (12 min)"),
            (45, "  Claude Code  partial outage\n      since 22:41 (12 min)"),
        ] {
            assert_eq!(wrap(row, Some(columns)), expected);
        }
        let check = "ok   config    /home/somebody/.config/ccwatch/config.toml is right";
        for (columns, expected) in [
            (80, check),
            (
                60,
                "ok   config    /home/somebody/.config/ccwatch/config.toml is\n               right",
            ),
            (45, "ok   config\n    /home/somebody/.config/ccwatch/config.toml\n    is right"),
        ] {
            assert_eq!(wrap(check, Some(columns)), expected);
        }
        let label = "Verify:      Repeat the same request on the same path.";
        assert_eq!(
            wrap(label, Some(45)),
            "Verify:      Repeat the same request on the\n             same path."
        );
    }

    #[test]
    fn a_command_that_is_too_long_stays_one_for_a_shell() {
        let line = "  by hand: cd '/a b c/it'\\''s d e' && claude --resume x";
        let expected = "  by hand: cd '/a b c/it'\\''s d e' \\\n      && claude --resume x";
        assert_eq!(command(line, Some(37)), expected);
        assert_eq!(command(line, Some(80)), line);
        assert_eq!(command(line, None), line);
        // A line of it is not broken again.
        for part in command(line, Some(20)).lines() {
            assert_eq!(wrap(part, Some(20)), part);
        }
    }

    #[test]
    fn wide_characters_take_two_columns_and_colours_none() {
        for (text, expected) in
            [("abc", 3), ("\u{4e2d}\u{6587}", 4), ("e\u{301}", 1), ("\x1b[1;31mWAIT\x1b[0m", 4)]
        {
            assert_eq!(width(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_written_in_pieces_is_fitted_as_lines() {
        let fitted = |columns| {
            let mut fitted = Fitted::new(Vec::new(), columns);
            for piece in ["one two three", " four five\nsix\nsev", "en"] {
                fitted.write_all(piece.as_bytes()).unwrap();
            }
            fitted.flush().unwrap();
            String::from_utf8(fitted.out).unwrap()
        };
        assert_eq!(fitted(Some(20)), "one two three four\n    five\nsix\nseven");
        assert_eq!(fitted(None), "one two three four five\nsix\nseven");
    }
}
