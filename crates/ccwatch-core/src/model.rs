//! What the page says, in our own types.
//!
//! Nothing here knows the JSON of the page (that is `statuspage.rs`), the time, or any file.
//! Every enum that mirrors a word of the page is open: a word we don't know is kept as it came
//! and means "cannot tell", never "operational" and never "down".

mod failure;
mod words;

use alloc::borrow::ToOwned;
use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use jiff::Timestamp;
use serde::Serialize;

pub use failure::{Failure, FailureKind};
pub use words::{Impact, PageStatus, Phase};

/// Statuspage's key of a component. Names change, ids do not.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct ComponentId(pub String);

/// Statuspage's key of an incident.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct IncidentId(pub String);

impl fmt::Display for ComponentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for IncidentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&str> for ComponentId {
    fn from(id: &str) -> Self {
        Self(id.to_owned())
    }
}

impl From<&str> for IncidentId {
    fn from(id: &str) -> Self {
        Self(id.to_owned())
    }
}

/// How badly a component is affected, in the order of the design.
///
/// `Unknown` stands beside the order: it is neither better nor worse than anything, so there is
/// no `Ord` here; compare [`Level::severity`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// The page has not said, or said a word that we don't know.
    Unknown,
    /// All is well.
    Operational,
    /// Announced work.
    Maintenance,
    /// The page says operational, but an open incident that is still being looked into names it.
    Reported,
    /// Slow or flaky.
    Degraded,
    /// Down for some.
    Partial,
    /// Down.
    Major,
}

impl Level {
    /// Every level, `Unknown` first, then in the order of the design.
    pub const ALL: [Self; 7] = [
        Self::Unknown,
        Self::Operational,
        Self::Maintenance,
        Self::Reported,
        Self::Degraded,
        Self::Partial,
        Self::Major,
    ];

    /// The place in the order `operational < maintenance < reported < degraded < partial < major`;
    /// none for `Unknown`.
    pub fn severity(self) -> Option<u8> {
        match self {
            Self::Unknown => None,
            Self::Operational => Some(0),
            Self::Maintenance => Some(1),
            Self::Reported => Some(2),
            Self::Degraded => Some(3),
            Self::Partial => Some(4),
            Self::Major => Some(5),
        }
    }

    /// Whether this is known to be worse than `other`; never true where either is unknown.
    pub fn is_worse_than(self, other: Self) -> bool {
        matches!((self.severity(), other.severity()), (Some(a), Some(b)) if a > b)
    }

    /// Whether this is known to be `other` or worse.
    pub fn is_at_least(self, other: Self) -> bool {
        matches!((self.severity(), other.severity()), (Some(a), Some(b)) if a >= b)
    }

    /// The word used in configuration, JSON and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Operational => "operational",
            Self::Maintenance => "maintenance",
            Self::Reported => "reported",
            Self::Degraded => "degraded",
            Self::Partial => "partial",
            Self::Major => "major",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A group of components.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The page's key.
    pub id: String,
    /// The name of the day, raw.
    pub name: String,
}

/// One component as a reading shows it. Group rows never become one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageComponent {
    /// The page's key.
    pub id: ComponentId,
    /// The name of the day, raw; empty where the page gave none. Where others have the same name,
    /// that of its group stands before it: "US-East: Storage".
    pub name: String,
    /// The group that it is in.
    pub group: Option<Group>,
    /// The page's word for how it is.
    pub status: PageStatus,
    /// When the page last touched it.
    pub updated_at: Option<Timestamp>,
}

/// A component's change as an incident update tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Which component.
    pub component: ComponentId,
    /// Its status after the update.
    pub new: PageStatus,
}

/// One update of an incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Update {
    /// The page's key; empty where it gave none.
    pub id: String,
    /// The phase that the update set.
    pub phase: Phase,
    /// The page's text, raw.
    pub body: String,
    /// When it became visible (`created_at`; `display_at` may be back-dated and is not used).
    pub created_at: Option<Timestamp>,
    /// What it changed.
    pub changes: Vec<Change>,
}

/// One incident, or one maintenance, with its updates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Incident {
    /// The page's key.
    pub id: IncidentId,
    /// The title, raw.
    pub name: String,
    /// How far it has come.
    pub phase: Phase,
    /// How bad the page says it is.
    pub impact: Impact,
    /// When it was posted.
    pub created_at: Option<Timestamp>,
    /// When it began, by the page; may be earlier than the post.
    pub started_at: Option<Timestamp>,
    /// When the page last touched it.
    pub updated_at: Option<Timestamp>,
    /// When it ended, by the page.
    pub resolved_at: Option<Timestamp>,
    /// Every component that the incident or one of its updates names.
    pub components: BTreeSet<ComponentId>,
    /// Those of them that it still means: the page may take one out of its list while the
    /// incident goes on.
    #[serde(skip)]
    pub meant: BTreeSet<ComponentId>,
    /// Newest first.
    pub updates: Vec<Update>,
}

impl Incident {
    /// When it began, as well as the page tells.
    pub fn began(&self) -> Option<Timestamp> {
        self.started_at
            .or(self.created_at)
            .or_else(|| self.updates.last().and_then(|u| u.created_at))
    }

    /// When its newest update became visible.
    pub fn newest_update_at(&self) -> Option<Timestamp> {
        self.updates.iter().filter_map(|u| u.created_at).max().or(self.updated_at).or(self.began())
    }

    /// Whether it names `component`.
    pub fn names(&self, component: &ComponentId) -> bool {
        self.components.contains(component)
    }

    /// Whether it still means `component`.
    pub fn means(&self, component: &ComponentId) -> bool {
        self.meant.contains(component)
    }

    /// Whether one of its updates set `component` to an outage.
    pub fn set_red(&self, component: &ComponentId) -> bool {
        let changes = self.updates.iter().flat_map(|update| &update.changes);
        changes.filter(|change| change.component == *component).any(|change| change.new.is_red())
    }
}

/// Announced work, as the page says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Maintenance {
    /// What the page says of it as of any incident: its title, phase, components and updates.
    pub work: Incident,
    /// When it is to begin.
    pub scheduled_for: Option<Timestamp>,
    /// When it is to be over.
    pub scheduled_until: Option<Timestamp>,
}

/// What the page said in one good reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// When the page was last touched. It moves without any visible change, so a newer one says
    /// nothing; one that goes back betrays a stale copy.
    pub updated_at: Option<Timestamp>,
    /// Every component, group rows left out, each id once, in the page's order. Never empty.
    pub components: Vec<PageComponent>,
    /// Whether every row of the page's component list could be read: only then does a missing
    /// component mean that the page dropped it.
    pub complete: bool,
    /// The unresolved incidents; none where the page did not say.
    pub incidents: Option<Vec<Incident>>,
    /// Whether every row of the page's incident list could be read: only then does a missing
    /// incident mean that it left the page.
    pub incidents_complete: bool,
    /// Upcoming and active maintenances; none where the page did not say.
    pub maintenances: Option<Vec<Maintenance>>,
    /// Whether every row of that list could be read: only then does a missing one mean that it is
    /// over, or cancelled.
    pub maintenances_complete: bool,
    /// What could not be understood, a line each, for one warning in the log.
    pub oddities: Vec<String>,
}

/// The outcome of one poll of `summary.json`. Only `Fresh` and `Unchanged` are news.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// The page was read.
    Fresh(Snapshot),
    /// The page says that nothing changed since the last fresh reading.
    Unchanged,
    /// The page could not be read or not be believed.
    Failed(Failure),
}

/// The outcome of one read of `incidents.json`: the newest 50 incidents.
pub type HistoryReading = Result<Vec<Incident>, Failure>;

/// Which address of the page is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Host {
    /// The page's own.
    Primary,
    /// The one to fall back to while the first can't be read.
    Fallback,
}

impl Host {
    /// The other one.
    pub fn other(self) -> Self {
        match self {
            Self::Primary => Self::Fallback,
            Self::Fallback => Self::Primary,
        }
    }
}

/// What is read of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Endpoint {
    /// `summary.json`: the components and the unresolved incidents.
    Summary,
    /// `incidents.json`: the newest 50 incidents with all their updates.
    Incidents,
}
