//! What goes into the core, what comes out of it, and what of it survives a restart.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::decide::mute::Mute;
use crate::decide::notice::{Bubble, Notice};
use crate::decide::policy::Reason;
use crate::deliver::outbox::{Outcome, Step, Thread};
use crate::model::{
    ComponentId, Endpoint, HistoryReading, Host, Incident, IncidentId, Level, Reading,
};
use crate::settings::Settings;
use crate::state::SavedState;
use crate::witness::LocalError;

/// What happened.
#[derive(Debug)]
pub enum Input {
    /// A poll of `summary.json` is done.
    Polled {
        /// Who was asked.
        host: Host,
        /// Its outcome.
        reading: Reading,
        /// The ETag that came with a fresh reading.
        etag: Option<String>,
        /// Chance, in `[0, 1)`.
        jitter: f64,
    },
    /// A read of `incidents.json` is done.
    HistoryRead(HistoryReading),
    /// A delivery is done.
    Delivered {
        /// Of which notice.
        key: String,
        /// How it went.
        outcome: Outcome,
    },
    /// The user's hook is done with a notice.
    HookDone {
        /// Which.
        key: String,
        /// How it went: run well is shown; one that failed may have done its work.
        outcome: Outcome,
    },
    /// A bubble is no longer on the screen, as the user, the server or we wanted.
    BubbleClosed(Bubble),
    /// A bubble went down with the notification server.
    BubbleLost(Bubble),
    /// A notification server appeared.
    ServerAppeared,
    /// What runs the user's hook can do so again.
    RunnerAppeared,
    /// Claude Code wrote down an API error on this machine.
    LocalError(LocalError),
    /// Claude Code wrote down an answer on this machine.
    LocalSuccess {
        /// When.
        at: Timestamp,
        /// A hash of the session's id.
        session: String,
    },
    /// Which way a session's requests go.
    LocalRoute {
        /// A hash of the session's id.
        session: String,
        /// Straight to Anthropic, or to a gateway or another provider.
        straight: bool,
    },
    /// The wall clock was set by this much.
    ClockStepped(SignedDuration),
    /// The configuration is another one now.
    Reconfigured(Box<Settings>),
    /// The user muted something, or wants to hear again.
    Muted(Vec<Mute>),
    /// Somebody waits for a reading.
    ReadingWanted,
}

/// What the shell must do.
#[derive(Debug, PartialEq)]
pub enum Command {
    /// Read the page: once, with every limit, and report the outcome.
    Fetch {
        /// What.
        endpoint: Endpoint,
        /// From whom.
        host: Host,
        /// The ETag of what we have, where an "unchanged" would do.
        etag: Option<String>,
    },
    /// Write down, in one transaction with all other records of the same input.
    Record(Record),
    /// Show a notice and report how it went.
    Show {
        /// The notice.
        notice: Box<Notice>,
        /// The bubble to replace, if it is still there.
        replaces: Option<Bubble>,
    },
    /// Run the user's hook for a notice and report how it went.
    Hook(Box<Notice>),
}

/// What must be written down.
#[derive(Debug, PartialEq)]
pub enum Record {
    /// A component's level changed.
    Transition(Transition),
    /// An incident is new, was edited, or was learnt of later.
    Incident(Box<Incident>),
    /// An incident vanished from the page without having ended.
    Removed {
        /// Which.
        incident: IncidentId,
        /// Since when.
        at: Timestamp,
    },
    /// A notice was decided.
    Notice(Box<Notice>),
    /// A notice came further on its way to the screen.
    Step(Step),
    /// A notice came further on its way to the user's hook.
    HookStep(Step),
    /// An API error on this machine.
    LocalError(LocalError),
}

/// One change of a component's level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transition {
    /// When the page changed, as well as can be told.
    pub at: Timestamp,
    /// When the reading came.
    pub seen_at: Timestamp,
    /// Whose.
    pub component: ComponentId,
    /// Its name then, raw.
    pub name: String,
    /// Before.
    pub from: Level,
    /// After.
    pub to: Level,
    /// What explains it.
    pub incident: Option<IncidentId>,
    /// Whether the user was told, and why or why not.
    pub reason: Reason,
}

/// Everything that survives a restart, apart from the history in the database.
#[derive(Debug, Default, PartialEq)]
pub struct Saved {
    /// What is known of the page.
    pub state: SavedState,
    /// The stories of the bubbles.
    pub threads: BTreeMap<String, Thread>,
    /// Notices that were not shown yet, with their unanswered calls.
    pub pending: Vec<(Notice, u32)>,
    /// What the user's hook heard, a thread each.
    pub hook_threads: BTreeMap<String, Thread>,
    /// Notices that the hook was not run for yet, with its failures.
    pub hook_pending: Vec<(Notice, u32)>,
}
