//! The table of faults in the repository: whole, and with no number that the promise forbids.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The last line of the catalogue.
const LAST: usize = 56;

#[derive(Debug)]
struct Line {
    label: String,
    /// Times, messages, lost, repeated, allowed, invented.
    numbers: [usize; 6],
    again: String,
}

fn number(cell: &str) -> usize {
    cell.parse().unwrap_or_else(|_| panic!("{cell:?} is no number"))
}

fn line(text: &str) -> Option<Line> {
    let cells: Vec<&str> = text.strip_prefix("| ")?.strip_suffix(" |")?.split(" | ").collect();
    let [label, times, messages, lost, repeated, invented, again] = cells[..] else {
        panic!("not seven cells: {text}")
    };
    if times == "times" {
        return None;
    }
    let (repeated, allowed) = repeated.split_once(" of ").unwrap_or((repeated, "0 allowed"));
    let allowed = allowed.strip_suffix(" allowed").expect("so many are allowed");
    let numbers = [times, messages, lost, repeated, allowed, invented].map(number);
    Some(Line { label: label.to_owned(), numbers, again: again.to_owned() })
}

#[test]
fn every_line_of_the_catalogue_has_its_row_and_no_row_a_forbidden_number() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let table = fs::read_to_string(root.join("docs/faults.md")).unwrap();
    let lines: Vec<Line> = table.lines().filter_map(line).collect();
    for line in &lines {
        let [times, _, lost, repeated, allowed, invented] = line.numbers;
        assert!(times > 0 && lost == 0 && invented == 0 && repeated <= allowed, "{line:?}");
        assert!(line.again.contains("cargo test") || line.again.contains("scripts/"), "{line:?}");
    }
    let of = |line: &Line| line.label.split_once(". ").and_then(|(n, _)| n.parse::<usize>().ok());
    let there: BTreeSet<usize> = lines.iter().filter_map(of).collect();
    let missing: Vec<usize> = (1..=LAST).filter(|n| !there.contains(n)).collect();
    assert_eq!(missing, [0; 0], "lines of the catalogue without a row");
    let beyond = lines.iter().filter(|line| of(line).is_none()).count();
    assert!(beyond >= 15, "kills, operations, logs, bits, texts, input, months: {beyond}");
}
