//! A component as it is stored: the column `components.state`.

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::{ComponentId, Group, IncidentId, Level};
use crate::notice::kind::{Kind, Reason};
use crate::state::component::{Component, Episode, Fix, LastEpisode, State, Told};

use super::{Persist, Word};

/// A [`Component`] as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredComponent {
    id: String,
    name: String,
    page_status: String,
    level: Word<Level>,
    since: Timestamp,
    updated_at: Option<Timestamp>,
    watched: Option<String>,
    /// The id and the name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    group: Option<(String, String)>,
    state: StoredState,
    relapses: Vec<Timestamp>,
    #[serde(default)]
    gone_told: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_episode: Option<StoredLastEpisode>,
}

/// A [`LastEpisode`] as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredLastEpisode {
    id: String,
    began: Timestamp,
    since: Timestamp,
    incident: Option<String>,
    worst: Word<Level>,
    other_models: bool,
    /// Absent where it was not told, and in what earlier versions wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    thread: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    heard: StoredDecisions,
}

/// A [`State`] as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
#[expect(missing_docs, reason = "State says what each of them means")]
pub enum StoredState {
    Unknown,
    Up { ended: Option<Timestamp> },
    Affected { episode: StoredEpisode },
    Recovering { episode: StoredEpisode, back_at: Timestamp, settled_at: Timestamp },
    Gone { since: Timestamp, confirmed: bool, before: Box<StoredState> },
}

/// An [`Episode`] as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredEpisode {
    /// An episode of a version that gave no ids has none until it is restored.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    id: String,
    since: Timestamp,
    /// Absent where it is the same as `since`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    began: Option<Timestamp>,
    level: Word<Level>,
    worst: Word<Level>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    decided: StoredDecisions,
    told: Option<StoredTold>,
    incident: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    work: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    work_began: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    outage_until: Option<Timestamp>,
    fix: StoredFix,
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    tell_end: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    /// Named for the first filter that there was.
    other_models_since: Option<Timestamp>,
    #[serde(default)]
    fallbacks: Vec<Timestamp>,
}

/// What was decided, by kinds of notice, as it is stored.
type StoredDecisions = BTreeMap<Word<Kind>, Word<Reason>>;

fn stored_decisions(decided: &BTreeMap<Kind, Reason>) -> StoredDecisions {
    decided.iter().map(|(kind, reason)| (Word(*kind), Word(*reason))).collect()
}

fn decisions(stored: StoredDecisions) -> BTreeMap<Kind, Reason> {
    stored.into_iter().map(|(kind, reason)| (kind.0, reason.0)).collect()
}

/// A [`Told`] as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredTold {
    level: Word<Level>,
    fix: bool,
    thread: String,
    #[serde(default)]
    incident: Option<String>,
}

/// A [`Fix`] as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "Fix says what each of them means")]
pub enum StoredFix {
    Awaited,
    Out { at: Timestamp, closed: bool },
}

impl Persist for Component {
    type Stored = StoredComponent;
}

impl From<&Component> for StoredComponent {
    fn from(component: &Component) -> Self {
        let Component {
            id,
            name,
            shown: _,
            page_status,
            level,
            since,
            updated_at,
            watched,
            group,
            state,
            relapses,
            gone_told,
            last_episode,
        } = component;
        Self {
            id: id.0.clone(),
            name: name.clone(),
            page_status: page_status.as_str().to_owned(),
            level: Word(*level),
            since: *since,
            updated_at: *updated_at,
            watched: watched.clone(),
            group: group.as_ref().map(|group| (group.id.clone(), group.name.clone())),
            state: state.into(),
            relapses: relapses.clone(),
            gone_told: *gone_told,
            last_episode: last_episode.as_ref().map(Into::into),
        }
    }
}

impl From<StoredComponent> for Component {
    fn from(stored: StoredComponent) -> Self {
        Self {
            id: ComponentId(stored.id),
            name: stored.name,
            shown: String::new(),
            page_status: stored.page_status.into(),
            level: stored.level.0,
            since: stored.since,
            updated_at: stored.updated_at,
            watched: stored.watched,
            group: stored.group.map(|(id, name)| Group { id, name }),
            state: stored.state.into(),
            relapses: stored.relapses,
            gone_told: stored.gone_told,
            last_episode: stored.last_episode.map(Into::into),
        }
    }
}

impl From<&LastEpisode> for StoredLastEpisode {
    fn from(last: &LastEpisode) -> Self {
        let LastEpisode { id, began, since, incident, worst, filtered, thread, heard } = last;
        Self {
            id: id.clone(),
            began: *began,
            since: *since,
            incident: incident.as_ref().map(|id| id.0.clone()),
            worst: Word(*worst),
            other_models: *filtered,
            thread: thread.clone(),
            heard: stored_decisions(heard),
        }
    }
}

impl From<StoredLastEpisode> for LastEpisode {
    fn from(stored: StoredLastEpisode) -> Self {
        Self {
            id: stored.id,
            began: stored.began,
            since: stored.since,
            incident: stored.incident.map(IncidentId),
            worst: stored.worst.0,
            filtered: stored.other_models,
            thread: stored.thread,
            heard: decisions(stored.heard),
        }
    }
}

impl From<&State> for StoredState {
    fn from(state: &State) -> Self {
        match state {
            State::Unknown => Self::Unknown,
            State::Up { ended } => Self::Up { ended: *ended },
            State::Affected { episode } => Self::Affected { episode: episode.into() },
            State::Recovering { episode, back_at, settled_at } => Self::Recovering {
                episode: episode.into(),
                back_at: *back_at,
                settled_at: *settled_at,
            },
            State::Gone { since, confirmed, before } => Self::Gone {
                since: *since,
                confirmed: *confirmed,
                before: Box::new(before.as_ref().into()),
            },
        }
    }
}

impl From<StoredState> for State {
    fn from(stored: StoredState) -> Self {
        match stored {
            StoredState::Unknown => Self::Unknown,
            StoredState::Up { ended } => Self::Up { ended },
            StoredState::Affected { episode } => Self::Affected { episode: episode.into() },
            StoredState::Recovering { episode, back_at, settled_at } => {
                Self::Recovering { episode: episode.into(), back_at, settled_at }
            }
            StoredState::Gone { since, confirmed, before } => {
                Self::Gone { since, confirmed, before: Box::new((*before).into()) }
            }
        }
    }
}

impl From<&Episode> for StoredEpisode {
    fn from(episode: &Episode) -> Self {
        let Episode {
            id,
            since,
            began,
            level,
            worst,
            decided,
            told,
            incident,
            work,
            work_began,
            outage_until,
            fix,
            tell_end,
            filtered_since,
            fallbacks,
        } = episode;
        Self {
            id: id.clone(),
            since: *since,
            began: Some(*began).filter(|began| began != since),
            level: Word(*level),
            worst: Word(*worst),
            decided: stored_decisions(decided),
            told: told.as_ref().map(Into::into),
            incident: incident.as_ref().map(|id| id.0.clone()),
            work: work.as_ref().map(|id| id.0.clone()),
            work_began: *work_began,
            outage_until: *outage_until,
            fix: fix.into(),
            tell_end: *tell_end,
            other_models_since: *filtered_since,
            fallbacks: fallbacks.clone(),
        }
    }
}

impl From<StoredEpisode> for Episode {
    fn from(stored: StoredEpisode) -> Self {
        Self {
            id: stored.id,
            since: stored.since,
            began: stored.began.unwrap_or(stored.since),
            level: stored.level.0,
            worst: stored.worst.0,
            decided: decisions(stored.decided),
            told: stored.told.map(Into::into),
            incident: stored.incident.map(IncidentId),
            work: stored.work.map(IncidentId),
            work_began: stored.work_began,
            outage_until: stored.outage_until,
            fix: stored.fix.into(),
            tell_end: stored.tell_end,
            filtered_since: stored.other_models_since,
            fallbacks: stored.fallbacks,
        }
    }
}

impl From<&Told> for StoredTold {
    fn from(told: &Told) -> Self {
        let Told { level, fix, thread, incident } = told;
        Self {
            level: Word(*level),
            fix: *fix,
            thread: thread.clone(),
            incident: incident.as_ref().map(|id| id.0.clone()),
        }
    }
}

impl From<StoredTold> for Told {
    fn from(stored: StoredTold) -> Self {
        Self {
            level: stored.level.0,
            fix: stored.fix,
            thread: stored.thread,
            incident: stored.incident.map(IncidentId),
        }
    }
}

impl From<&Fix> for StoredFix {
    fn from(fix: &Fix) -> Self {
        match fix {
            Fix::Awaited => Self::Awaited,
            Fix::Out { at, closed } => Self::Out { at: *at, closed: *closed },
        }
    }
}

impl From<StoredFix> for Fix {
    fn from(stored: StoredFix) -> Self {
        match stored {
            StoredFix::Awaited => Self::Awaited,
            StoredFix::Out { at, closed } => Self::Out { at, closed },
        }
    }
}
