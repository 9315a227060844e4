//! The table of sinks: where notices go. A row has every word that is its own.

use alloc::borrow::ToOwned;
use alloc::string::String;

use serde::Serialize;

use super::DeliveryState;

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

/// A row of the table.
#[derive(Debug)]
struct Row {
    /// The word used in JSON and the database.
    word: &'static str,
    /// Under which name the stories of its bubbles are kept.
    threads: &'static str,
    /// What stands before why it takes nothing.
    trouble: &'static str,
    /// What a try that came to nothing was.
    failed: &'static str,
    /// Whether it knows of an uncertain try that it came to nothing, if it says what went wrong: a
    /// call that isn't answered may have been heard.
    knows_failures: bool,
    /// What became of a notice with it.
    became: Became,
}

/// What became of a notice, in words.
#[derive(Debug)]
struct Became {
    pending: &'static str,
    shown: &'static str,
    uncertain: &'static str,
    logged: &'static str,
    merged: &'static str,
    dropped: &'static str,
}

const DESKTOP: Row = Row {
    word: "desktop",
    threads: "threads",
    trouble: "Pop-ups wait",
    failed: "pop-up not possible",
    knows_failures: false,
    became: Became {
        pending: "waits for the screen",
        shown: "shown",
        uncertain: "maybe shown: no answer",
        logged: "in the log only",
        merged: "a newer one took its place",
        dropped: "over before it could be shown",
    },
};

const HOOK: Row = Row {
    word: "hook",
    threads: "hook",
    trouble: "notify.hook is not run",
    failed: "hook failed",
    knows_failures: true,
    became: Became {
        pending: "waits for the hook",
        shown: "hook run",
        uncertain: "hook failed twice",
        logged: "hook switched off",
        merged: "not given to the hook: a newer one took its place",
        dropped: "not given to the hook: it was over before",
    },
};

impl Sink {
    /// All of them, in the order in which they are given a notice.
    pub const ALL: [Self; 2] = [Self::Desktop, Self::Hook];

    /// Their words, in the same order.
    #[expect(clippy::indexing_slicing, reason = "the compiler runs it, and knows the length")]
    pub const WORDS: [&'static str; Self::ALL.len()] = {
        let mut words = [""; Self::ALL.len()];
        let mut at = 0;
        while at < words.len() {
            words[at] = Self::ALL[at].row().word;
            at += 1;
        }
        words
    };

    const fn row(self) -> &'static Row {
        match self {
            Self::Desktop => &DESKTOP,
            Self::Hook => &HOOK,
        }
    }

    /// The word used in JSON and the database.
    pub fn as_str(self) -> &'static str {
        self.row().word
    }

    /// Under which name the stories of its bubbles are kept.
    pub fn threads_key(self) -> &'static str {
        self.row().threads
    }

    /// What stands before why it takes nothing.
    pub fn trouble(self) -> &'static str {
        self.row().trouble
    }

    /// Whether an uncertain try of which it says what went wrong came to nothing.
    pub fn knows_failures(self) -> bool {
        self.row().knows_failures
    }

    /// What became of a notice with it, in words.
    pub fn became(self, state: DeliveryState) -> &'static str {
        let words = &self.row().became;
        match state {
            DeliveryState::Pending => words.pending,
            DeliveryState::Shown => words.shown,
            DeliveryState::Uncertain => words.uncertain,
            DeliveryState::Logged => words.logged,
            DeliveryState::Merged => words.merged,
            DeliveryState::Dropped => words.dropped,
        }
    }

    /// The same with its cause. Where the sink said why it took nothing, that is the cause, and not that
    /// it was overtaken or over before it could be given.
    pub fn became_by(self, state: DeliveryState, why: Option<&str>) -> String {
        let word = self.became(state);
        let Some(why) = why else { return word.to_owned() };
        match state {
            DeliveryState::Shown | DeliveryState::Logged => word.to_owned(),
            DeliveryState::Uncertain if !self.knows_failures() => word.to_owned(),
            DeliveryState::Pending | DeliveryState::Uncertain => format!("{word} ({why})"),
            DeliveryState::Merged | DeliveryState::Dropped => {
                format!("{} ({why})", self.row().failed)
            }
        }
    }
}
