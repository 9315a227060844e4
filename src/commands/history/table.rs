//! Rows whose columns stand below each other, however long what stands in them is.

use crate::render::columns;

/// One row, and what is said below it.
pub(super) struct Row {
    cells: Vec<String>,
    /// Lines of their own, each with its indent.
    below: String,
}

impl Row {
    pub(super) fn new<const N: usize>(cells: [String; N]) -> Self {
        Self { cells: cells.into(), below: String::new() }
    }

    /// The same with lines below it.
    pub(super) fn with(mut self, lines: impl IntoIterator<Item = String>) -> Self {
        self.below.extend(lines.into_iter().map(|line| format!("\n    {line}")));
        self
    }
}

/// The rows as they are printed; a column is at least as wide as `least` says. The last one of a row goes
/// on to its end.
pub(super) fn lines(rows: &[Row], least: &[usize]) -> Vec<String> {
    let inner = |row: &Row, at: usize| match row.cells.get(at + 1) {
        Some(_) => row.cells.get(at).map_or(0, |cell| columns::width(cell)),
        None => 0,
    };
    let widest = |at: usize| rows.iter().map(|row| inner(row, at)).max().unwrap_or(0);
    let widths: Vec<usize> =
        least.iter().enumerate().map(|(at, least)| widest(at).max(*least)).collect();
    let line = |row: &Row| {
        let cells = row.cells.iter().enumerate().map(|(at, cell)| {
            let width = widths.get(at).copied().filter(|_| at + 1 < row.cells.len());
            columns::padded(cell, width.unwrap_or(0))
        });
        let line = cells.collect::<Vec<_>>().join("  ");
        format!("{}{}", line.trim_end(), row.below)
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_below_each_other_and_the_last_one_is_free() {
        let row = |cells: [&str; 3]| Row::new(cells.map(str::to_owned));
        let rows = [
            row(["a", "Claude Code", "told"]),
            row(["a long time", "", "x"]).with(["more".to_owned()]),
            Row::new(["b".to_owned(), "a title that is longer than all names".to_owned()]),
        ];
        let expected = [
            "a            Claude Code  told",
            "a long time               x\n    more",
            "b            a title that is longer than all names",
        ];
        assert_eq!(lines(&rows, &[4, 0]), expected);
    }
}
