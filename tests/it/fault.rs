//! What came of a fault, counted: how often it was injected, and which messages were lost, repeated
//! or invented. Each test of a line of the catalogue ends with such a count, which fails on a number
//! that the promise forbids, and prints a row for `scripts/fault-table.sh`.

use std::io::Write;

use serde_json::{Value, json};

use crate::desktop::Server;

#[path = "../../src/fault_row.rs"]
mod row;
pub(crate) use row::Row;

/// Says aloud that something could not be tried here: what a test prints is only shown if it fails.
pub(crate) fn skipped(what: &str) {
    let _ = writeln!(std::io::stderr(), "SKIPPED: {what}");
}

/// The count of one fault.
pub(crate) struct Fault {
    row: Row<'static>,
    compared: bool,
}

impl Fault {
    /// `line` of the catalogue; `fault` is injected.
    pub(crate) fn new(line: usize, fault: &'static str) -> Self {
        Self { row: Row { line, fault, ..Row::default() }, compared: false }
    }

    /// It was injected.
    pub(crate) fn injected(&mut self, times: usize) {
        self.row.times += times;
    }

    /// Repeats that the promise allows here: killed inside the delivery, or not answered.
    pub(crate) fn may_repeat(&mut self, times: usize) {
        self.row.allowed += times;
    }

    /// What was heard, against the messages that the page gave reason for; of these only the
    /// beginning is given.
    pub(crate) fn heard<T: AsRef<str>>(&mut self, reasons: &[&str], heard: &[T]) {
        self.compared = true;
        self.row.messages += reasons.len();
        let mut open: Vec<&str> = reasons.to_vec();
        for message in heard.iter().map(AsRef::as_ref) {
            match open.iter().position(|reason| message.starts_with(reason)) {
                Some(at) => drop(open.remove(at)),
                None if reasons.iter().any(|reason| message.starts_with(reason)) => {
                    println!("repeated: {message}");
                    self.row.repeated += 1;
                }
                None => {
                    println!("invented: {message}");
                    self.row.invented += 1;
                }
            }
        }
        open.iter().for_each(|reason| println!("lost: {reason}"));
        self.row.lost += open.len();
    }

    /// The same for what a user of a notification server has seen.
    pub(crate) fn shown(&mut self, reasons: &[&str], server: &Server) {
        let titles: Vec<String> = server.seen().into_iter().map(|shown| shown.title).collect();
        self.heard(reasons, &titles);
    }

    /// What `status --json` claims about components, against what the page said of them.
    pub(crate) fn claims(&mut self, status: &Value, page: &[(&str, &str)]) {
        self.compared = true;
        let rows = status["components"].as_array().unwrap();
        for (id, level) in page {
            let claimed = rows.iter().find(|row| row["id"] == *id).map(|row| &row["level"]);
            if claimed != Some(&json!(level)) {
                println!("invented: {id} is claimed to be {claimed:?}, the page said {level}");
                self.row.invented += 1;
            }
        }
    }

    /// The row, and the judgement.
    #[track_caller]
    pub(crate) fn end(self) {
        assert!(self.compared, "nothing was compared: {}", self.row.fault);
        let again = format!("cargo test --test it fault_{:02}", self.row.line);
        Row { again: &again, ..self.row }.end();
    }
}

/// The count itself finds what it is for.
#[test]
fn a_wrong_number_is_found() {
    let count = |reasons: &[&str], heard: &[&str]| {
        let mut fault = Fault::new(0, "test");
        fault.heard(reasons, heard);
        [fault.row.lost, fault.row.repeated, fault.row.invented]
    };
    assert_eq!(count(&["a", "b"], &["a 1", "b 2"]), [0, 0, 0]);
    assert_eq!(count(&["a", "a"], &["a 1"]), [1, 0, 0]);
    assert_eq!(count(&["a"], &["a 1", "a 2"]), [0, 1, 0]);
    assert_eq!(count(&["a"], &["c", "a"]), [0, 0, 1]);
    let mut fault = Fault::new(0, "test");
    fault.claims(&json!({"components": [{"id": "x", "level": "major"}]}), &[("x", "partial")]);
    assert_eq!(fault.row.invented, 1);
    fault.injected(1);
    let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| fault.end()));
    assert!(ended.is_err(), "and it fails on it");
}
