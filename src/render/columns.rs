//! Lines that fit the terminal.

use std::os::fd::AsFd;

/// What is left of a line goes on with this in front, beyond the line's own indent.
const HANG: usize = 4;
/// A terminal that claims to be narrower isn't believed.
const NARROWEST: usize = 20;

/// How many columns a terminal has; none where it is no terminal, or doesn't tell.
pub(crate) fn of(stream: impl AsFd) -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(stream).ok()?;
    Some(usize::from(size.ws_col)).filter(|columns| *columns > 0)
}

/// A line broken between words into as many as it takes; as it is where nothing is known of the
/// terminal. A word that is too long, such as an address, stays whole.
pub(crate) fn wrap(line: &str, columns: Option<usize>) -> String {
    let Some(columns) = columns.map(|columns| columns.max(NARROWEST)) else {
        return line.to_owned();
    };
    let own = line.chars().take_while(|c| *c == ' ').count();
    let hang = " ".repeat((own + HANG).min(columns / 2));
    let mut lines = Vec::new();
    let mut rest = line.trim_end().to_owned();
    while let Some((too_far, _)) = rest.char_indices().nth(columns) {
        let start = rest.len() - rest.trim_start().len();
        let (near, far) = rest.split_at(too_far);
        // A gap right behind what fits is as good as one before.
        let fits = if far.starts_with(' ') { Some(too_far) } else { near.rfind(' ') };
        let next = || far.find(' ').map(|at| too_far + at);
        let Some(end) = fits.filter(|end| *end > start).or_else(next) else { break };
        let (head, tail) = rest.split_at(end);
        lines.push(head.trim_end().to_owned());
        rest = format!("{hang}{}", tail.trim_start());
    }
    lines.push(rest);
    lines.join("\n")
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
            ("when        told: ü ü ü ü", "when        told: ü\n    ü ü ü"),
            ("    https://page.example/incidents/abc", "    https://page.example/incidents/abc"),
            (
                "see https://page.example/incidents x",
                "see\n    https://page.example/incidents\n    x",
            ),
        ] {
            assert_eq!(wrap(line, Some(20)), expected);
            assert_eq!(wrap(line, None), line);
        }
    }
}
