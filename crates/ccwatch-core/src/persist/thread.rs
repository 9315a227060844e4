//! The stories of a sink's bubbles as they are stored: the rows `threads` and `hook` of the table
//! `page`.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::deliver::delivery::Thread;
use crate::model::{ComponentId, IncidentId};
use crate::notice::kind::{Kind, Reason};
use crate::notice::{Bubble, Notice, Urgency};

use super::{Persist, Word};

/// All threads of a sink as they are stored, by their names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StoredThreads(BTreeMap<String, StoredThread>);

/// A [`Thread`] as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredThread {
    bubble: Option<StoredBubble>,
    seen: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    standing: Option<StoredStandingNotice>,
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    says_outage: bool,
    touched: Timestamp,
}

/// A [`Bubble`] as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredBubble {
    bus: String,
    owner: String,
    id: u32,
}

/// The [`Notice`] that is to stay on the screen, as it is stored with its thread. All others are
/// kept in columns only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredStandingNotice {
    key: String,
    at: Timestamp,
    kind: Word<Kind>,
    thread: String,
    components: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    episodes: Vec<String>,
    incident: Option<String>,
    title: String,
    body: String,
    urgency: Word<Urgency>,
    reason: Word<Reason>,
    lasted_seconds: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lead_seconds: Option<u64>,
    link: Option<String>,
}

impl Persist for BTreeMap<String, Thread> {
    type Stored = StoredThreads;
}

impl From<&BTreeMap<String, Thread>> for StoredThreads {
    fn from(threads: &BTreeMap<String, Thread>) -> Self {
        Self(threads.iter().map(|(name, thread)| (name.clone(), thread.into())).collect())
    }
}

impl From<StoredThreads> for BTreeMap<String, Thread> {
    fn from(stored: StoredThreads) -> Self {
        stored.0.into_iter().map(|(name, thread)| (name, thread.into())).collect()
    }
}

impl From<&Thread> for StoredThread {
    fn from(thread: &Thread) -> Self {
        let Thread { bubble, seen, standing, says_outage, taken_down: _, touched } = thread;
        Self {
            bubble: bubble.as_ref().map(Into::into),
            seen: *seen,
            standing: standing.as_ref().map(Into::into),
            says_outage: *says_outage,
            touched: *touched,
        }
    }
}

impl From<StoredThread> for Thread {
    fn from(stored: StoredThread) -> Self {
        Self {
            bubble: stored.bubble.map(Into::into),
            seen: stored.seen,
            says_outage: stored.says_outage || stored.standing.is_some(),
            standing: stored.standing.map(Into::into),
            taken_down: false,
            touched: stored.touched,
        }
    }
}

impl From<&Bubble> for StoredBubble {
    fn from(bubble: &Bubble) -> Self {
        let Bubble { bus, owner, id } = bubble;
        Self { bus: bus.clone(), owner: owner.clone(), id: *id }
    }
}

impl From<StoredBubble> for Bubble {
    fn from(stored: StoredBubble) -> Self {
        Self { bus: stored.bus, owner: stored.owner, id: stored.id }
    }
}

impl From<&Notice> for StoredStandingNotice {
    fn from(notice: &Notice) -> Self {
        let Notice {
            key,
            at,
            kind,
            thread,
            components,
            episodes,
            incident,
            title,
            body,
            urgency,
            reason,
            lasted_seconds,
            lead_seconds,
            link,
        } = notice;
        Self {
            key: key.clone(),
            at: *at,
            kind: Word(*kind),
            thread: thread.clone(),
            components: components.iter().map(|id| id.0.clone()).collect(),
            episodes: episodes.clone(),
            incident: incident.as_ref().map(|id| id.0.clone()),
            title: title.clone(),
            body: body.clone(),
            urgency: Word(*urgency),
            reason: Word(*reason),
            lasted_seconds: *lasted_seconds,
            lead_seconds: *lead_seconds,
            link: link.clone(),
        }
    }
}

impl From<StoredStandingNotice> for Notice {
    fn from(stored: StoredStandingNotice) -> Self {
        Self {
            key: stored.key,
            at: stored.at,
            kind: stored.kind.0,
            thread: stored.thread,
            components: stored.components.into_iter().map(ComponentId).collect(),
            episodes: stored.episodes,
            incident: stored.incident.map(IncidentId),
            title: stored.title,
            body: stored.body,
            urgency: stored.urgency.0,
            reason: stored.reason.0,
            lasted_seconds: stored.lasted_seconds,
            lead_seconds: stored.lead_seconds,
            link: stored.link,
        }
    }
}
