//! Rows as they are read back.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use rusqlite::Row;
use rusqlite::types::FromSql;

use ccwatch_core::decide::decision::Decision;
use ccwatch_core::model::{ComponentId, Incident, IncidentId, Update};
use ccwatch_core::monitor::Transition;
use ccwatch_core::notice::sink::Sink;
use ccwatch_core::notice::{DeliveryState, Notice};
use ccwatch_core::persist::{StoredChange, StoredWord};

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
    /// Why sinks take nothing, where that is so.
    pub troubles: BTreeMap<Sink, String>,
    /// Why Claude Code's transcripts aren't followed, where they should be.
    pub local: Option<String>,
}

impl Heartbeat {
    /// Why a sink takes nothing, where that is so.
    pub fn trouble(&self, sink: Sink) -> Option<&str> {
        self.troubles.get(&sink).map(String::as_str)
    }

    /// The first sign of life of this process.
    pub fn first(now: Timestamp) -> Self {
        Self {
            pid: std::process::id(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            started_at: now,
            beat_at: now,
            next_poll: None,
            troubles: BTreeMap::new(),
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
    /// How far it came with each sink that was to take it.
    pub deliveries: BTreeMap<Sink, StoredDelivery>,
}

/// How far a notice came with one sink.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredDelivery {
    /// How far.
    pub state: DeliveryState,
    /// Since when.
    pub at: Timestamp,
    /// Calls that were not answered, or runs that failed.
    pub unanswered: u32,
    /// Why the sink took nothing, where it said; raw.
    pub why: Option<String>,
}

impl StoredNotice {
    /// How far it came with a sink; none: that sink was switched off.
    pub fn state(&self, sink: Sink) -> Option<DeliveryState> {
        self.deliveries.get(&sink).map(|delivery| delivery.state)
    }
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
        troubles: troubles(row)?,
        local: later(row, "local")?,
    })
}

/// Why sinks take nothing, in one column or in those that there were before.
fn troubles(row: &Row<'_>) -> rusqlite::Result<BTreeMap<Sink, String>> {
    let json = later(row, "sinks")?.unwrap_or_default();
    let written: BTreeMap<String, String> = serde_json::from_str(&json).unwrap_or_default();
    let written = written.into_iter().map(|(word, why)| (Sink::from_stored(&word), Some(why)));
    let early = [(Sink::Desktop, "popups"), (Sink::Hook, "hook")];
    let early = early.into_iter().map(|(sink, column)| Ok((Some(sink), later(row, column)?)));
    let early = early.collect::<rusqlite::Result<Vec<_>>>()?;
    let all = early.into_iter().chain(written);
    Ok(all.filter_map(|(sink, why)| Some((sink?, why?))).collect())
}

/// A column that databases of another schema lack.
fn later(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<String>> {
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
        episode: known(row, "episode")?.flatten(),
        reason: row.get::<_, Word<_>>("reason")?.0,
    })
}

/// A notice without its episodes.
pub(super) fn notice(row: &Row<'_>) -> rusqlite::Result<Notice> {
    let notice = Notice {
        key: row.get("key")?,
        at: time(row, "at")?,
        kind: row.get::<_, Word<_>>("kind")?.0,
        thread: row.get("thread")?,
        components: ids(row)?,
        episodes: Vec::new(),
        incident: incident_id(row)?,
        title: row.get("title")?,
        body: row.get("body")?,
        urgency: row.get::<_, Word<_>>("urgency")?.0,
        reason: row.get::<_, Word<_>>("reason")?.0,
        lasted_seconds: seconds(row, "lasted_seconds")?,
        lead_seconds: seconds(row, "lead_seconds")?,
        link: row.get("link")?,
    };
    Ok(notice)
}

/// A row of `deliveries`: of which notice, by which sink, and how far. A sink of a newer ccwatch
/// is none.
pub(super) fn delivery(row: &Row<'_>) -> rusqlite::Result<(String, Option<Sink>, StoredDelivery)> {
    let sink = Sink::from_stored(&row.get::<_, String>("sink")?);
    let stored = StoredDelivery {
        state: row.get::<_, Word<_>>("state")?.0,
        at: time(row, "at")?,
        unanswered: row.get("unanswered")?,
        why: row.get("why")?,
    };
    Ok((row.get("notice")?, sink, stored))
}

/// The same out of the columns that notices had before there was a table of deliveries.
pub(super) fn early_deliveries(
    row: &Row<'_>,
) -> rusqlite::Result<(String, BTreeMap<Sink, StoredDelivery>)> {
    let desktop = StoredDelivery {
        state: row.get::<_, Word<_>>("progress")?.0,
        at: time(row, "progress_at")?,
        unanswered: row.get("unanswered")?,
        why: None,
    };
    let desktop_at = desktop.at;
    let mut found = BTreeMap::from([(Sink::Desktop, desktop)]);
    if let Some(Word(state)) = known::<Option<Word<_>>>(row, "hook")?.flatten() {
        let at = known::<Option<Millis>>(row, "hook_at")?.flatten().map_or(desktop_at, |at| at.0);
        let unanswered = known(row, "hook_failures")?.unwrap_or(0);
        found.insert(Sink::Hook, StoredDelivery { state, at, unanswered, why: None });
    }
    found.retain(|_, delivery| delivery.state != DeliveryState::Logged);
    Ok((row.get("key")?, found))
}

/// A row of `decisions`.
pub(super) fn decision(row: &Row<'_>) -> rusqlite::Result<Decision> {
    Ok(Decision {
        at: time(row, "at")?,
        kind: row.get::<_, Word<_>>("kind")?.0,
        reason: row.get::<_, Word<_>>("reason")?.0,
        component: row.get::<_, Option<String>>("component")?.map(ComponentId),
        name: row.get("name")?,
        episode: row.get("episode")?,
        incident: incident_id(row)?,
        notice: row.get("notice")?,
    })
}

/// An incident without its updates.
pub(super) fn incident(row: &Row<'_>) -> rusqlite::Result<StoredIncident> {
    let components: BTreeSet<ComponentId> = ids(row)?;
    let incident = Incident {
        id: IncidentId(row.get("id")?),
        name: row.get("name")?,
        phase: row.get::<_, String>("phase")?.into(),
        impact: row.get::<_, String>("impact")?.into(),
        created_at: maybe_time(row, "created_at")?,
        started_at: maybe_time(row, "started_at")?,
        updated_at: maybe_time(row, "updated_at")?,
        resolved_at: maybe_time(row, "resolved_at")?,
        // What was meant at a time is told by the updates.
        meant: components.clone(),
        components,
        updates: Vec::new(),
    };
    Ok(StoredIncident {
        incident,
        removed_at: maybe_time(row, "removed_at")?,
        first_seen: time(row, "first_seen")?,
    })
}

pub(super) fn update(row: &Row<'_>) -> rusqlite::Result<Update> {
    let changes: Json<Vec<StoredChange>> = row.get("changes")?;
    Ok(Update {
        id: row.get("id")?,
        phase: row.get::<_, String>("phase")?.into(),
        body: row.get("body")?,
        created_at: maybe_time(row, "created_at")?,
        changes: changes.0.into_iter().map(Into::into).collect(),
    })
}

fn ids<T: FromIterator<ComponentId>>(row: &Row<'_>) -> rusqlite::Result<T> {
    let stored: Json<Vec<String>> = row.get("components")?;
    Ok(stored.0.into_iter().map(ComponentId).collect())
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
