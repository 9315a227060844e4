//! Rows as they are read back.

use jiff::Timestamp;
use rusqlite::Row;
use rusqlite::types::FromSql;

use ccwatch_core::decide::notice::{DeliveryState, Notice};
use ccwatch_core::model::{ComponentId, Incident, IncidentId, Update};
use ccwatch_core::monitor::Transition;

use super::value::{Json, Millis, Word};

/// The daemon's last sign of life.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heartbeat {
    /// Its process.
    pub pid: u32,
    /// Its version.
    pub version: String,
    /// When it was started.
    pub started_at: Timestamp,
    /// When it gave this sign of life.
    pub beat_at: Timestamp,
    /// When it reads the page next; none while it reads.
    pub next_poll: Option<Timestamp>,
    /// Why pop-ups wait, where they do.
    pub popups: Option<String>,
    /// Why the user's hook can't be run, where that is so.
    pub hook: Option<String>,
    /// Why Claude Code's transcripts aren't followed, where they should be.
    pub local: Option<String>,
}

impl Heartbeat {
    /// The first sign of life of this process.
    pub fn first(now: Timestamp) -> Self {
        Self {
            pid: std::process::id(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            started_at: now,
            beat_at: now,
            next_poll: None,
            popups: None,
            hook: None,
            local: None,
        }
    }
}

/// How one poll went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredReading {
    /// When.
    pub at: Timestamp,
    /// `fresh`, `unchanged`, or the word of a `FailureKind`.
    pub outcome: String,
    /// The particulars; may hold foreign text.
    pub detail: String,
}

/// A notice and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredNotice {
    /// The notice.
    pub notice: Notice,
    /// How far it came.
    pub progress: DeliveryState,
    /// When it came so far.
    pub progress_at: Timestamp,
    /// Calls that were not answered.
    pub unanswered: u32,
    /// How far it came with the user's hook; none: there was none to be told.
    pub hook: Option<DeliveryState>,
    /// Runs of the hook for it that failed.
    pub hook_failures: u32,
}

/// An incident, as last seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredIncident {
    /// The incident. Updates that the page took back are still there.
    pub incident: Incident,
    /// Since when it is gone from the page without having ended.
    pub removed_at: Option<Timestamp>,
    /// When ccwatch first saw it.
    pub first_seen: Timestamp,
}

/// A time in which the page could be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Watch {
    /// The first good reading.
    pub since: Timestamp,
    /// The last one.
    pub until: Timestamp,
}

pub(super) fn watch(row: &Row<'_>) -> rusqlite::Result<Watch> {
    Ok(Watch { since: time(row, "since")?, until: time(row, "until")? })
}

pub(super) fn heartbeat(row: &Row<'_>) -> rusqlite::Result<Heartbeat> {
    Ok(Heartbeat {
        pid: row.get("pid")?,
        version: row.get("version")?,
        started_at: time(row, "started_at")?,
        beat_at: time(row, "beat_at")?,
        next_poll: maybe_time(row, "next_poll")?,
        popups: row.get("popups")?,
        hook: since_v5(row, "hook")?,
        local: since_v5(row, "local")?,
    })
}

/// A column that databases of an earlier schema lack.
fn since_v5(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<String>> {
    match row.get(column) {
        Err(rusqlite::Error::InvalidColumnName(_)) => Ok(None),
        found => found,
    }
}

pub(super) fn reading(row: &Row<'_>) -> rusqlite::Result<StoredReading> {
    Ok(StoredReading {
        at: time(row, "at")?,
        outcome: row.get("outcome")?,
        detail: row.get("detail")?,
    })
}

pub(super) fn transition(row: &Row<'_>) -> rusqlite::Result<Transition> {
    Ok(Transition {
        at: time(row, "at")?,
        seen_at: time(row, "seen_at")?,
        component: ComponentId(row.get("component")?),
        name: row.get("name")?,
        from: row.get::<_, Word<_>>("from_level")?.0,
        to: row.get::<_, Word<_>>("to_level")?.0,
        incident: incident_id(row)?,
        reason: row.get::<_, Word<_>>("reason")?.0,
    })
}

pub(super) fn notice(row: &Row<'_>) -> rusqlite::Result<StoredNotice> {
    let notice = Notice {
        key: row.get("key")?,
        at: time(row, "at")?,
        kind: row.get::<_, Word<_>>("kind")?.0,
        thread: row.get("thread")?,
        components: row.get::<_, Json<_>>("components")?.0,
        incident: incident_id(row)?,
        title: row.get("title")?,
        body: row.get("body")?,
        urgency: row.get::<_, Word<_>>("urgency")?.0,
        reason: row.get::<_, Word<_>>("reason")?.0,
        lasted_seconds: seconds(row, "lasted_seconds")?,
        lead_seconds: seconds(row, "lead_seconds")?,
        link: row.get("link")?,
    };
    Ok(StoredNotice {
        notice,
        progress: row.get::<_, Word<_>>("progress")?.0,
        progress_at: time(row, "progress_at")?,
        unanswered: row.get("unanswered")?,
        hook: known::<Option<Word<_>>>(row, "hook")?.flatten().map(|word| word.0),
        hook_failures: known(row, "hook_failures")?.unwrap_or(0),
    })
}

/// An incident without its updates.
pub(super) fn incident(row: &Row<'_>) -> rusqlite::Result<StoredIncident> {
    let incident = Incident {
        id: IncidentId(row.get("id")?),
        name: row.get("name")?,
        phase: row.get::<_, String>("phase")?.into(),
        impact: row.get::<_, String>("impact")?.into(),
        created_at: maybe_time(row, "created_at")?,
        started_at: maybe_time(row, "started_at")?,
        updated_at: maybe_time(row, "updated_at")?,
        resolved_at: maybe_time(row, "resolved_at")?,
        components: row.get::<_, Json<_>>("components")?.0,
        updates: Vec::new(),
    };
    Ok(StoredIncident {
        incident,
        removed_at: maybe_time(row, "removed_at")?,
        first_seen: time(row, "first_seen")?,
    })
}

pub(super) fn update(row: &Row<'_>) -> rusqlite::Result<Update> {
    Ok(Update {
        id: row.get("id")?,
        phase: row.get::<_, String>("phase")?.into(),
        body: row.get("body")?,
        created_at: maybe_time(row, "created_at")?,
        changes: row.get::<_, Json<_>>("changes")?.0,
    })
}

pub(super) fn time(row: &Row<'_>, column: &str) -> rusqlite::Result<Timestamp> {
    row.get::<_, Millis>(column).map(|at| at.0)
}

pub(super) fn maybe_time(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<Timestamp>> {
    row.get::<_, Option<Millis>>(column).map(|at| at.map(|at| at.0))
}

pub(super) fn incident_id(row: &Row<'_>) -> rusqlite::Result<Option<IncidentId>> {
    row.get::<_, Option<String>>("incident").map(|id| id.map(IncidentId))
}

fn seconds(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<u64>> {
    let stored = known::<Option<i64>>(row, column)?.flatten();
    let positive = |n| u64::try_from(n).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(0, n));
    stored.map(positive).transpose()
}

/// A column that is not there yet in a database that an older daemon is at work on.
fn known<T: FromSql>(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<T>> {
    match row.get(column) {
        Err(rusqlite::Error::InvalidColumnName(_)) => Ok(None),
        found => found.map(Some),
    }
}
