//! The table of sinks: where notices go.

use serde::Serialize;

/// One place that takes notices. Each has an outbox of its own, so that none waits for another,
/// and none repeats what only another one missed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Sink {
    /// The screen, by the notification server of the desktop.
    Desktop,
    /// The user's own command.
    Hook,
}

impl Sink {
    /// All of them, in the order in which they are given a notice.
    pub const ALL: [Self; 2] = [Self::Desktop, Self::Hook];

    /// The word used in JSON and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Desktop => "desktop",
            Self::Hook => "hook",
        }
    }
}
