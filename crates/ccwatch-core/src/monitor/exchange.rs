//! What goes into the core, what comes out of it, and what of it survives a restart.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::decide::decision::Decision;
use crate::deliver::SavedOutbox;
use crate::deliver::delivery::{Outcome, Step};
use crate::model::{
    ComponentId, Endpoint, HistoryReading, Host, Incident, IncidentId, Level, Reading,
};
use crate::notice::kind::Reason;
use crate::notice::mute::Mute;
use crate::notice::sink::Sink;
use crate::notice::{Bubble, Notice};
use crate::sessions::Counts;
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
    /// A sink is done with a notice.
    Delivered {
        /// Which sink.
        sink: Sink,
        /// Of which notice.
        key: String,
        /// How it went.
        outcome: Outcome,
    },
    /// The notification server answered a call at last: this is where the notice is, with nothing
    /// newer of its thread in its place.
    ShownLate {
        /// Of which notice.
        key: String,
        /// Which bubble's story it belongs to.
        thread: String,
        /// Where it is on the screen.
        bubble: Bubble,
    },
    /// A bubble is no longer on the screen, as the user, the server or we wanted.
    BubbleClosed(Bubble),
    /// A bubble went down with the notification server.
    BubbleLost(Bubble),
    /// A sink that was missing is there, or is there anew: what waits may go out now.
    SinkReady(Sink),
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
    /// So many of Claude Code's sessions stopped lately.
    SessionsStopped(Counts),
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
    /// Give a sink a notice, and report how it went.
    Deliver {
        /// Which sink.
        sink: Sink,
        /// The notice.
        notice: Box<Notice>,
        /// The bubble to replace, if it is still there.
        replaces: Option<Bubble>,
    },
    /// Take a bubble off the screen: what it says is no longer so, and nothing follows that would
    /// take its place. [`Input::BubbleClosed`] says when it is gone.
    TakeDown(Bubble),
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
    /// It was decided that something is told, or not.
    Decision(Box<Decision>),
    /// A notice was decided.
    Notice(Box<Notice>),
    /// A notice that waits says something else now.
    Reworded(Box<Notice>),
    /// A notice came further on its way to a sink.
    Delivery {
        /// Which sink.
        sink: Sink,
        /// How far.
        step: Step,
    },
    /// An API error on this machine.
    LocalError(LocalError),
}

/// One change of a component's level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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
    /// The episode that it is part of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub episode: Option<String>,
    /// Whether the user was told, and why or why not.
    pub reason: Reason,
}

/// Everything that survives a restart, apart from the history in the database.
#[derive(Debug, PartialEq)]
pub struct Saved {
    /// What is known of the page.
    pub state: SavedState,
    /// What waits for each sink.
    pub outboxes: BTreeMap<Sink, SavedOutbox>,
}

impl Saved {
    /// The bubbles that say that an outage goes on.
    pub fn says_outage(&self) -> impl Iterator<Item = Bubble> {
        let threads = self.outboxes.get(&Sink::Desktop).into_iter();
        let threads = threads.flat_map(|outbox| outbox.threads.values());
        threads.filter(|thread| thread.says_outage).filter_map(|thread| thread.bubble.clone())
    }
}

impl Default for Saved {
    fn default() -> Self {
        let outboxes = Sink::ALL.map(|sink| (sink, SavedOutbox::default()));
        Self { state: SavedState::default(), outboxes: BTreeMap::from(outboxes) }
    }
}
