//! One row of the table of faults, as tests print it and `scripts/fault-table.sh` collects it:
//! how often a fault was injected, and what it did to the messages. Counted, then judged.

use serde_json::json;

/// What came of one fault.
#[derive(Debug, Default)]
pub(crate) struct Row<'a> {
    /// Its line in the catalogue; 0 for what is beyond it.
    pub(crate) line: usize,
    pub(crate) fault: &'a str,
    /// How often it was injected.
    pub(crate) times: usize,
    /// What should have been heard, or be there, in number.
    pub(crate) messages: usize,
    pub(crate) lost: usize,
    pub(crate) repeated: usize,
    /// Repeats that the promise allows: killed inside the delivery, or not answered.
    pub(crate) allowed: usize,
    pub(crate) invented: usize,
    /// The command that injects it again.
    pub(crate) again: &'a str,
}

impl Row<'_> {
    /// Prints the row, and fails if a number in it is one that the promise forbids.
    #[track_caller]
    pub(crate) fn end(self) {
        let Self { line, fault, times, messages, lost, repeated, allowed, invented, again } = self;
        println!(
            "FAULT {}",
            json!({"line": line, "fault": fault, "times": times, "messages": messages,
                "lost": lost, "repeated": repeated, "allowed": allowed, "invented": invented,
                "again": again})
        );
        assert!(times > 0, "nothing happened: {fault}");
        assert!(lost == 0 && invented == 0, "{fault}: {lost} lost, {invented} invented");
        assert!(repeated <= allowed, "{fault}: {repeated} repeated, {allowed} allowed");
    }
}
