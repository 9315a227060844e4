//! Lines that a terminal broke wherever it ended, inside of words, too.

use super::prefix;

/// A text with such lines joined, and whether it surely was broken so: more than one line ends in
/// the last column.
pub struct Unbroken {
    /// The text.
    pub text: String,
    /// More than one line was joined to the next.
    pub is_sure: bool,
}

/// A narrower terminal is none.
const NARROWEST: usize = 12;

/// Joins each line that reaches the last column with the next, without a space. None where no
/// line of a paragraph does.
pub fn unbroken(text: &str) -> Option<Unbroken> {
    let text: String = text.chars().map(super::plain).collect();
    let bare: Vec<&str> = text.lines().map(behind_prefix).collect();
    // A collector puts its prefix before every line; a window breaks a line with all that is in it.
    let mut both = text.lines().zip(&bare);
    let collected = both.all(|(line, bare)| bare.len() < line.len() || line.trim().is_empty());
    let lines: Vec<&str> = if collected { bare } else { text.lines().collect() };
    let lines: Vec<&str> = lines.into_iter().map(str::trim_end).collect();
    let column = |line: &str| line.chars().count();
    let indent = |line: &str| column(line) - column(line.trim_start());
    let width = lines.iter().map(|line| column(line)).max().filter(|width| *width >= NARROWEST)?;
    let mut whole = String::with_capacity(text.len());
    let mut joined = 0;
    for (at, line) in lines.iter().enumerate() {
        let next = lines.get(at + 1).filter(|next| !next.is_empty() && !begins(next));
        // The first line may stand further out than those that go on.
        let is_full = column(line) == width
            || next.is_some_and(|next| {
                column(line) + indent(next) - indent(line).min(indent(next)) == width
            });
        // What a window breaks may stand further in; a single space is one of the text.
        let goes_on = joined > 0 && !whole.ends_with('\n');
        whole.push_str(if goes_on && indent(line) != 1 { line.trim_start() } else { line });
        if is_full && next.is_some() {
            joined += 1;
        } else {
            whole.push('\n');
        }
    }
    (joined > 0).then_some(Unbroken { text: whole, is_sure: joined > 1 })
}

/// Whether a line has the sign of something new.
fn begins(line: &str) -> bool {
    line.trim_start().starts_with(['●', '⏺', '⎿'])
}

/// A line as it was before a collector of logs took it, however far in it stood.
fn behind_prefix(line: &str) -> &str {
    let bare = prefix::without(line);
    if bare.len() < line.trim_start().len() { bare } else { line }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_lines_that_reach_the_last_column_are_joined() {
        let join = |text| unbroken(text).map(|it| (it.text, it.is_sure));
        let one = ("Context limit reached · x\n".to_owned(), false);
        assert_eq!(join("Context limit reache\nd · x"), Some(one));
        let two = ("Context limit reached\n".to_owned(), true);
        assert_eq!(join("Context limi\n      t reac\n      hed"), Some(two));
        let spaced = ("Prompt is to long\n".to_owned(), false);
        assert_eq!(join("Prompt is to\n long"), Some(spaced));
        assert_eq!(join("Context limi\n⏺ reached"), None);
        assert_eq!(join("short\nlines"), None);
        assert_eq!(join("one long line and no other"), None);
        assert_eq!(join("a paragraph that ends\n\nthen one more"), None);
    }
}
