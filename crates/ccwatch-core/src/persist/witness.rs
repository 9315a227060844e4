//! What this machine's own sessions saw, as it is stored: the row `local` of the table `page`.
//!
//! A [`StoredLocalError`] is also what a hook of Claude Code leaves in the inbox for the daemon,
//! which may be of another version.

use alloc::string::String;
use alloc::vec::Vec;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::witness::{Local, LocalError, Suspicion};

use super::Persist;

/// What is remembered of this machine, as it is stored.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct StoredLocal {
    errors: Vec<StoredLocalError>,
    suspicion: Option<StoredSuspicion>,
    elsewhere: Vec<String>,
    settled_at: Option<Timestamp>,
}

/// A [`LocalError`] as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredLocalError {
    at: Timestamp,
    kind: String,
    status: Option<u16>,
    request_id: Option<String>,
    session: String,
    server: bool,
    #[serde(default)]
    foreign: bool,
    #[serde(default)]
    by_hook: bool,
}

/// A [`Suspicion`] as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredSuspicion {
    since: Timestamp,
    newest: Timestamp,
    thread: Option<String>,
}

impl Persist for Local {
    type Stored = StoredLocal;
}

impl From<&Local> for StoredLocal {
    fn from(local: &Local) -> Self {
        let Local { errors, suspicion, elsewhere, settled_at } = local;
        Self {
            errors: errors.iter().map(Into::into).collect(),
            suspicion: suspicion.as_ref().map(Into::into),
            elsewhere: elsewhere.clone(),
            settled_at: *settled_at,
        }
    }
}

impl From<StoredLocal> for Local {
    fn from(stored: StoredLocal) -> Self {
        Self {
            errors: stored.errors.into_iter().map(Into::into).collect(),
            suspicion: stored.suspicion.map(Into::into),
            elsewhere: stored.elsewhere,
            settled_at: stored.settled_at,
        }
    }
}

impl From<&LocalError> for StoredLocalError {
    fn from(error: &LocalError) -> Self {
        let LocalError { at, kind, status, request_id, session, server, foreign, by_hook } = error;
        Self {
            at: *at,
            kind: kind.clone(),
            status: *status,
            request_id: request_id.clone(),
            session: session.clone(),
            server: *server,
            foreign: *foreign,
            by_hook: *by_hook,
        }
    }
}

impl From<StoredLocalError> for LocalError {
    fn from(stored: StoredLocalError) -> Self {
        Self {
            at: stored.at,
            kind: stored.kind,
            status: stored.status,
            request_id: stored.request_id,
            session: stored.session,
            server: stored.server,
            foreign: stored.foreign,
            by_hook: stored.by_hook,
        }
    }
}

impl From<&Suspicion> for StoredSuspicion {
    fn from(suspicion: &Suspicion) -> Self {
        let Suspicion { since, newest, thread } = suspicion;
        Self { since: *since, newest: *newest, thread: thread.clone() }
    }
}

impl From<StoredSuspicion> for Suspicion {
    fn from(stored: StoredSuspicion) -> Self {
        Self { since: stored.since, newest: stored.newest, thread: stored.thread }
    }
}
