//! Lines that a terminal broke wherever it ended, inside of words, too.

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
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let column = |line: &str| line.chars().count();
    let width = lines.iter().map(|line| column(line)).max().filter(|width| *width >= NARROWEST)?;
    let mut whole = String::with_capacity(text.len());
    let mut joined = 0;
    for (at, line) in lines.iter().enumerate() {
        let next = lines.get(at + 1).map(|next| next.trim_start());
        let goes_on = next.is_some_and(|next| next.starts_with(|c: char| !c.is_control()));
        let start = if joined > 0 && !whole.ends_with('\n') { line.trim_start() } else { line };
        whole.push_str(start);
        if column(line) == width && goes_on {
            joined += 1;
        } else {
            whole.push('\n');
        }
    }
    (joined > 0).then_some(Unbroken { text: whole, is_sure: joined > 1 })
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
        assert_eq!(join("short\nlines"), None);
        assert_eq!(join("one long line and no other"), None);
        assert_eq!(join("a paragraph that ends\n\nthen one more"), None);
    }
}
