//! The incidents as they are stored: the row `incidents` of the table `page`, and the column
//! `incident_updates.changes`.

use alloc::borrow::ToOwned;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::{Change, ComponentId, Incident, IncidentId, Maintenance, Update};
use crate::notice::kind::Reason;
use crate::state::expectation::Past;
use crate::state::incidents::{Incidents, KnownIncident};
use crate::state::maintenance::{EndedWork, KnownMaintenance, ToldWork};

use super::{Persist, Word};

/// The [`Incidents`] as they are stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredIncidents {
    open: Vec<StoredOpenIncident>,
    maintenances: Vec<StoredMaintenance>,
    known: BTreeMap<String, StoredKnownIncident>,
    #[serde(default)]
    past: Vec<StoredPast>,
}

/// An [`Incident`] or announced work that is not over, as it is stored. One that is over is kept
/// in columns only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredOpenIncident {
    id: String,
    name: String,
    phase: String,
    impact: String,
    created_at: Option<Timestamp>,
    started_at: Option<Timestamp>,
    updated_at: Option<Timestamp>,
    resolved_at: Option<Timestamp>,
    components: BTreeSet<String>,
    /// Absent where all of `components` are meant, and in what earlier versions wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    meant: Option<BTreeSet<String>>,
    updates: Vec<StoredUpdate>,
}

/// A [`KnownMaintenance`] as it is stored: the fields of the work itself, and those beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredMaintenance {
    #[serde(flatten)]
    work: StoredOpenIncident,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scheduled_for: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scheduled_until: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    planned_until: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    told: Option<StoredToldWork>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    decided: Option<Word<Reason>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ended: Option<StoredEndedWork>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    joined: BTreeSet<String>,
}

/// A [`ToldWork`] as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredToldWork {
    thread: String,
    until: Option<Timestamp>,
    overrun: bool,
}

/// An [`EndedWork`] as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredEndedWork {
    at: Timestamp,
    cancelled: bool,
}

/// An [`Update`] as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredUpdate {
    id: String,
    phase: String,
    body: String,
    created_at: Option<Timestamp>,
    changes: Vec<StoredChange>,
}

/// A [`Change`] as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredChange {
    component: String,
    new: String,
}

/// A [`KnownIncident`] as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredKnownIncident {
    first_seen: Timestamp,
    updated_at: Option<Timestamp>,
    /// Absent where it is `first_seen`, and in what earlier versions wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    touched: Option<Timestamp>,
    left: Option<Timestamp>,
    #[serde(default)]
    over: bool,
    told: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    decided: Option<Word<Reason>>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    red: BTreeSet<String>,
}

/// A [`Past`] as it is stored, in a few bytes: its id, the second in which it was fixed, the seconds
/// that it lasted, and its impact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredPast(String, i64, u64, String);

impl Persist for Incidents {
    type Stored = StoredIncidents;
}

impl From<&Incidents> for StoredIncidents {
    fn from(incidents: &Incidents) -> Self {
        let Incidents { open, maintenances, known, past } = incidents;
        Self {
            open: open.iter().map(Into::into).collect(),
            maintenances: maintenances.iter().map(Into::into).collect(),
            known: known.iter().map(|(id, known)| (id.0.clone(), known.into())).collect(),
            past: past.iter().map(Into::into).collect(),
        }
    }
}

impl From<StoredIncidents> for Incidents {
    fn from(stored: StoredIncidents) -> Self {
        let known = stored.known.into_iter();
        Self {
            open: stored.open.into_iter().map(Into::into).collect(),
            maintenances: stored.maintenances.into_iter().map(Into::into).collect(),
            known: known.map(|(id, known)| (IncidentId(id), known.into())).collect(),
            past: stored.past.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<&Incident> for StoredOpenIncident {
    fn from(incident: &Incident) -> Self {
        let Incident {
            id,
            name,
            phase,
            impact,
            created_at,
            started_at,
            updated_at,
            resolved_at,
            components,
            meant,
            updates,
        } = incident;
        Self {
            id: id.0.clone(),
            name: name.clone(),
            phase: phase.as_str().to_owned(),
            impact: impact.as_str().to_owned(),
            created_at: *created_at,
            started_at: *started_at,
            updated_at: *updated_at,
            resolved_at: *resolved_at,
            components: components.iter().map(|id| id.0.clone()).collect(),
            meant: (meant != components).then(|| meant.iter().map(|id| id.0.clone()).collect()),
            updates: updates.iter().map(Into::into).collect(),
        }
    }
}

impl From<StoredOpenIncident> for Incident {
    fn from(stored: StoredOpenIncident) -> Self {
        let ids = |ids: BTreeSet<String>| ids.into_iter().map(ComponentId).collect();
        let components: BTreeSet<ComponentId> = ids(stored.components);
        Self {
            id: IncidentId(stored.id),
            name: stored.name,
            phase: stored.phase.into(),
            impact: stored.impact.into(),
            created_at: stored.created_at,
            started_at: stored.started_at,
            updated_at: stored.updated_at,
            resolved_at: stored.resolved_at,
            meant: stored.meant.map_or_else(|| components.clone(), ids),
            components,
            updates: stored.updates.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<&KnownMaintenance> for StoredMaintenance {
    fn from(known: &KnownMaintenance) -> Self {
        let KnownMaintenance { page, planned_until, told, decided, ended, joined } = known;
        let Maintenance { work, scheduled_for, scheduled_until } = page;
        Self {
            work: work.into(),
            scheduled_for: *scheduled_for,
            scheduled_until: *scheduled_until,
            planned_until: *planned_until,
            told: told.as_ref().map(|told| {
                let ToldWork { thread, until, overrun } = told;
                StoredToldWork { thread: thread.clone(), until: *until, overrun: *overrun }
            }),
            decided: decided.map(Word),
            ended: ended.as_ref().map(|ended| {
                let EndedWork { at, cancelled } = ended;
                StoredEndedWork { at: *at, cancelled: *cancelled }
            }),
            joined: joined.iter().map(|id| id.0.clone()).collect(),
        }
    }
}

impl From<StoredMaintenance> for KnownMaintenance {
    fn from(stored: StoredMaintenance) -> Self {
        let told = stored.told.map(|StoredToldWork { thread, until, overrun }| ToldWork {
            thread,
            until,
            overrun,
        });
        Self {
            page: Maintenance {
                work: stored.work.into(),
                scheduled_for: stored.scheduled_for,
                scheduled_until: stored.scheduled_until,
            },
            planned_until: stored.planned_until,
            told,
            decided: stored.decided.map(|word| word.0),
            ended: stored
                .ended
                .map(|StoredEndedWork { at, cancelled }| EndedWork { at, cancelled }),
            joined: stored.joined.into_iter().map(ComponentId).collect(),
        }
    }
}

impl From<&Update> for StoredUpdate {
    fn from(update: &Update) -> Self {
        let Update { id, phase, body, created_at, changes } = update;
        Self {
            id: id.clone(),
            phase: phase.as_str().to_owned(),
            body: body.clone(),
            created_at: *created_at,
            changes: changes.iter().map(Into::into).collect(),
        }
    }
}

impl From<StoredUpdate> for Update {
    fn from(stored: StoredUpdate) -> Self {
        Self {
            id: stored.id,
            phase: stored.phase.into(),
            body: stored.body,
            created_at: stored.created_at,
            changes: stored.changes.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<&Change> for StoredChange {
    fn from(change: &Change) -> Self {
        let Change { component, new } = change;
        Self { component: component.0.clone(), new: new.as_str().to_owned() }
    }
}

impl From<StoredChange> for Change {
    fn from(stored: StoredChange) -> Self {
        Self { component: ComponentId(stored.component), new: stored.new.into() }
    }
}

impl From<&KnownIncident> for StoredKnownIncident {
    fn from(known: &KnownIncident) -> Self {
        let KnownIncident { first_seen, updated_at, touched, left, over, told, decided, red } =
            known;
        Self {
            first_seen: *first_seen,
            updated_at: *updated_at,
            touched: (touched != first_seen).then_some(*touched),
            left: *left,
            over: *over,
            told: *told,
            decided: decided.map(Word),
            red: red.iter().map(|id| id.0.clone()).collect(),
        }
    }
}

impl From<StoredKnownIncident> for KnownIncident {
    fn from(stored: StoredKnownIncident) -> Self {
        Self {
            first_seen: stored.first_seen,
            updated_at: stored.updated_at,
            touched: stored.touched.unwrap_or(stored.first_seen),
            left: stored.left,
            over: stored.over,
            told: stored.told,
            decided: stored.decided.map(|word| word.0),
            red: stored.red.into_iter().map(ComponentId).collect(),
        }
    }
}

impl From<&Past> for StoredPast {
    fn from(past: &Past) -> Self {
        let Past { id, fixed, lasted, impact } = past;
        Self(id.0.clone(), fixed.as_second(), lasted.as_secs(), impact.as_str().to_owned())
    }
}

impl From<StoredPast> for Past {
    fn from(StoredPast(id, fixed, lasted, impact): StoredPast) -> Self {
        Self {
            id: IncidentId(id),
            fixed: Timestamp::from_second(fixed).unwrap_or(Timestamp::MAX),
            lasted: Duration::from_secs(lasted),
            impact: impact.into(),
        }
    }
}
