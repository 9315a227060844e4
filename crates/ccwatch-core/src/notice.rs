//! A notice: the decision to tell the user something, in words.
//!
//! Beside it stand the plain words that everybody needs to speak of notices: their [`kind`]s and the
//! reasons for them, the [`mute`]s and the [`sink`]s. They know nothing of how it is decided, so that
//! the settings and the state of a page can name them without a circle.

pub mod kind;
pub mod mute;
pub mod sink;

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use jiff::Timestamp;
use serde::Serialize;

use crate::model::{ComponentId, IncidentId};

use self::kind::{Kind, Reason};

/// How strongly a pop-up asks for attention.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Urgency {
    /// May be collected quietly.
    Low,
    /// A banner.
    Normal,
    /// Stays on the screen until it is dismissed.
    Critical,
}

impl Urgency {
    /// The word used in JSON and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Normal => "normal",
            Self::Critical => "critical",
        }
    }
}

/// Identity of a shown bubble. Ids restart with the notification server, so an id alone is worth
/// nothing: it is kept with the server that gave it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Bubble {
    /// The bus (`org.freedesktop.DBus.GetId`).
    pub bus: String,
    /// The server's unique name on that bus.
    pub owner: String,
    /// The id that the server returned.
    pub id: u32,
}

/// One message to the user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Notice {
    /// Never told twice for one key.
    pub key: String,
    /// When it was decided.
    pub at: Timestamp,
    /// What it is about.
    pub kind: Kind,
    /// The bubble it belongs to: notices of one thread replace each other on the screen.
    pub thread: String,
    /// Whom it is about.
    pub components: Vec<ComponentId>,
    /// The episodes that it is about.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub episodes: Vec<String>,
    /// The incident that explains it.
    pub incident: Option<IncidentId>,
    /// One line, raw: sinks make it inert.
    pub title: String,
    /// One or two sentences, raw: sinks make it inert.
    pub body: String,
    /// How strongly it asks for attention.
    pub urgency: Urgency,
    /// Why it is told.
    pub reason: Reason,
    /// How long the episode lasted, where it is over.
    pub lasted_seconds: Option<u64>,
    /// How long before the page this machine's own errors began, where they did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lead_seconds: Option<u64>,
    /// The incident's page, or the status page where there is no incident: an https address that
    /// ccwatch built itself.
    pub link: Option<String>,
}

/// The beginning of a notice's key: the word of its kind, behind the key of its page, where that
/// isn't the first one.
pub fn with_page(page: Option<&str>, word: &str) -> String {
    page.map_or_else(|| word.to_owned(), |page| format!("{page}:{word}"))
}

/// The key of the first page, which stands in no notice's key.
pub const FIRST_PAGE: &str = "claude";

/// Of which page a notice is, by its key or that of its thread.
pub fn page_of(key: &str) -> &str {
    let word = key.split('/').next().unwrap_or(key);
    word.split_once(':').map_or(FIRST_PAGE, |(page, _)| page)
}

/// How far a notice has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// Decided, not yet taken by a notification server.
    Pending,
    /// A notification server took it.
    Shown,
    /// The server did not answer, twice: it may have been shown.
    #[serde(rename = "unanswered")]
    Uncertain,
    /// Pop-ups are switched off: it is in the log only.
    Logged,
    /// A newer notice of the same thread took its place before it could be shown.
    Merged,
    /// It was over before it could be shown.
    Dropped,
}

impl DeliveryState {
    /// Every state, from the first to the last.
    pub const ALL: [Self; 6] =
        [Self::Pending, Self::Shown, Self::Uncertain, Self::Logged, Self::Merged, Self::Dropped];

    /// The word used in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Shown => "shown",
            Self::Uncertain => "unanswered",
            Self::Logged => "logged",
            Self::Merged => "merged",
            Self::Dropped => "dropped",
        }
    }
}
