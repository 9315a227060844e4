//! Everything of one event in one transaction. What is there already is not written again.

mod notices;

use ccwatch_core::notice::sink::Sink;
use serde_json::json;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, Transaction, TransactionBehavior, params};

use ccwatch_core::deliver::Outboxes;
use ccwatch_core::model::{ComponentId, Incident, IncidentId, Update};
use ccwatch_core::monitor::{Monitor, Record, Transition};
use ccwatch_core::persist::{Persist, StoredChange, StoredComponent};
use ccwatch_core::state::component::Component;
use ccwatch_core::state::incidents::Incidents;
use ccwatch_core::state::page_health::PageHealth;
use ccwatch_core::witness::{Local, LocalError};

use super::rows::Heartbeat;
use super::value::{Json, Millis, Word};

/// The longest detail of a reading that is kept, in characters.
const DETAIL_CAP: usize = 200;

/// What one event left behind.
#[derive(Debug)]
pub struct Event<'a> {
    /// When it was.
    pub now: Timestamp,
    /// How the poll went, if it was one.
    pub reading: Option<ReadingRow<'a>>,
    /// What the core said to write down, in its order; also that of earlier events that could not
    /// be committed.
    pub records: &'a [Record],
    /// All components, in the page's order.
    pub components: &'a [Component],
    /// How well the page can be seen.
    pub page_health: &'a PageHealth,
    /// The incidents that matter.
    pub incidents: &'a Incidents,
    /// What waits for each sink, and the stories of its bubbles.
    pub outboxes: &'a Outboxes,
    /// What this machine's own sessions saw.
    pub local: &'a Local,
    /// The daemon's sign of life.
    pub heartbeat: &'a Heartbeat,
    /// How long a good reading counts: two that are closer together leave no gap.
    pub counts_for: Duration,
}

impl<'a> Event<'a> {
    /// What `monitor` knows after `records`; no poll.
    pub fn of(
        now: Timestamp,
        monitor: &'a Monitor,
        records: &'a [Record],
        heartbeat: &'a Heartbeat,
    ) -> Self {
        Self {
            now,
            reading: None,
            records,
            components: monitor.state().components(),
            page_health: monitor.state().page_health(),
            incidents: monitor.state().incidents(),
            outboxes: monitor.outboxes(),
            local: monitor.state().witness(),
            heartbeat,
            counts_for: monitor.state().settings().stale_after,
        }
    }
}

/// How a poll went.
#[derive(Debug, Clone, Copy)]
pub struct ReadingRow<'a> {
    /// `fresh`, `unchanged`, or the word of a `FailureKind`.
    pub outcome: &'a str,
    /// The particulars; cut after 200 characters.
    pub detail: &'a str,
}

pub(super) fn event(db: &mut Connection, event: &Event<'_>) -> rusqlite::Result<()> {
    let tx = begin(db)?;
    heartbeat(&tx, event.heartbeat)?;
    if let Some(row) = event.reading {
        reading(&tx, event.now, row)?;
        if matches!(row.outcome, "fresh" | "unchanged") {
            watched(&tx, event.now, event.counts_for)?;
        }
    }
    components(&tx, event.components)?;
    page(&tx, "sight", event.page_health)?;
    page(&tx, "incidents", event.incidents)?;
    for (sink, outbox) in event.outboxes.iter() {
        page(&tx, sink.threads_key(), outbox.threads())?;
    }
    page(&tx, "local", event.local)?;
    for record in event.records {
        match record {
            Record::Transition(what) => transition(&tx, what)?,
            Record::Incident(what) => incident(&tx, event, what)?,
            Record::Removed { incident, at } => removed(&tx, incident, *at)?,
            Record::Notice(what) => notices::notice(&tx, what)?,
            Record::Reworded(what) => notices::reworded(&tx, what)?,
            Record::Delivery { sink, step } => notices::delivery(&tx, event.now, *sink, step)?,
            Record::Decision(what) => notices::decision(&tx, what)?,
            Record::LocalError(what) => local_error(&tx, what)?,
        }
    }
    tx.commit()
}

/// A transaction that may write, even after one whose beginning failed half way.
pub(super) fn begin(db: &mut Connection) -> rusqlite::Result<Transaction<'_>> {
    if !db.is_autocommit() {
        db.execute_batch("ROLLBACK")?;
    }
    db.transaction_with_behavior(TransactionBehavior::Immediate)
}

fn heartbeat(tx: &Transaction<'_>, beat: &Heartbeat) -> rusqlite::Result<()> {
    let sql = "INSERT INTO heartbeat
             (id, pid, version, started_at, beat_at, next_poll, sinks, local)
         VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (id) DO UPDATE SET pid = excluded.pid, version = excluded.version,
             started_at = excluded.started_at, beat_at = excluded.beat_at,
             next_poll = excluded.next_poll, sinks = excluded.sinks, local = excluded.local
         WHERE (pid, version, started_at, beat_at, next_poll, sinks, local)
             IS NOT (excluded.pid, excluded.version, excluded.started_at, excluded.beat_at,
                 excluded.next_poll, excluded.sinks, excluded.local)";
    tx.prepare_cached(sql)?.execute(params![
        beat.pid,
        beat.version,
        Millis(beat.started_at),
        Millis(beat.beat_at),
        beat.next_poll.map(Millis),
        troubles(&beat.troubles),
        beat.local,
    ])?;
    Ok(())
}

/// Why sinks take nothing, by their words.
fn troubles(troubles: &BTreeMap<Sink, String>) -> Option<String> {
    let words = troubles.iter().map(|(sink, why)| (sink.as_str(), why.as_str()));
    (!troubles.is_empty()).then(|| json!(words.collect::<BTreeMap<_, _>>()).to_string())
}

fn reading(tx: &Transaction<'_>, at: Timestamp, row: ReadingRow<'_>) -> rusqlite::Result<()> {
    let detail: String = row.detail.chars().take(DETAIL_CAP).collect();
    let sql = "INSERT INTO readings (at, outcome, detail) VALUES (?1, ?2, ?3)
         ON CONFLICT DO NOTHING";
    tx.prepare_cached(sql)?.execute(params![Millis(at), row.outcome, detail])?;
    Ok(())
}

/// Lengthens the newest watch, or begins one after a gap.
fn watched(tx: &Transaction<'_>, now: Timestamp, counts_for: Duration) -> rusqlite::Result<()> {
    let gap = i64::try_from(counts_for.as_millis()).unwrap_or(i64::MAX);
    let sql = "UPDATE watches SET until = max(until, ?1)
         WHERE since = (SELECT max(since) FROM watches WHERE since <= ?1) AND until >= ?1 - ?2";
    let at = Millis(now);
    let same = "SELECT count(*) FROM watches WHERE ?1 BETWEEN since AND until";
    if tx.prepare_cached(same)?.query_row([at], |row| row.get::<_, i64>(0))? > 0 {
        return Ok(());
    }
    if tx.prepare_cached(sql)?.execute(params![at, gap])? == 0 {
        tx.prepare_cached("INSERT INTO watches (since, until) VALUES (?1, ?1)")?.execute([at])?;
    }
    Ok(())
}

fn components(tx: &Transaction<'_>, components: &[Component]) -> rusqlite::Result<()> {
    let sql = "INSERT INTO components
             (id, position, name, level, page_status, since, watched, updated, state)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
         ON CONFLICT (id) DO UPDATE SET position = excluded.position, name = excluded.name,
             level = excluded.level, page_status = excluded.page_status, since = excluded.since,
             watched = excluded.watched, updated = excluded.updated, state = excluded.state
         WHERE (position, state) IS NOT (excluded.position, excluded.state)";
    let mut upsert = tx.prepare_cached(sql)?;
    for (position, component) in (0_i64..).zip(components) {
        upsert.execute(params![
            component.id.0,
            position,
            component.name,
            Word(component.level),
            component.page_status.as_str(),
            Millis(component.since),
            component.watched,
            component.updated_at.map(Millis),
            Json(StoredComponent::from(component)),
        ])?;
    }
    forget_others(tx, components)
}

fn forget_others(tx: &Transaction<'_>, components: &[Component]) -> rusqlite::Result<()> {
    let mut all = tx.prepare_cached("SELECT id FROM components")?;
    let stored = all.query_map([], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?;
    let kept: BTreeSet<&str> = components.iter().map(|component| component.id.0.as_str()).collect();
    for id in stored.iter().filter(|id| !kept.contains(id.as_str())) {
        tx.prepare_cached("DELETE FROM components WHERE id = ?1")?.execute([id])?;
    }
    Ok(())
}

fn page<T: Persist>(tx: &Transaction<'_>, key: &str, value: &T) -> rusqlite::Result<()> {
    let sql = "INSERT INTO page (key, value) VALUES (?1, ?2)
         ON CONFLICT (key) DO UPDATE SET value = excluded.value WHERE value <> excluded.value";
    tx.prepare_cached(sql)?.execute(params![key, Json(T::Stored::from(value))])?;
    Ok(())
}

fn transition(tx: &Transaction<'_>, what: &Transition) -> rusqlite::Result<()> {
    let sql = "INSERT INTO transitions
             (at, seen_at, component, name, from_level, to_level, incident, reason, episode)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
         ON CONFLICT (component, seen_at, at, from_level, to_level) DO NOTHING";
    tx.prepare_cached(sql)?.execute(params![
        Millis(what.at),
        Millis(what.seen_at),
        what.component.0,
        what.name,
        Word(what.from),
        Word(what.to),
        what.incident.as_ref().map(|id| &id.0),
        Word(what.reason),
        what.episode,
    ])?;
    Ok(())
}

fn incident(tx: &Transaction<'_>, event: &Event<'_>, what: &Incident) -> rusqlite::Result<()> {
    // Being listed again undoes a removal.
    let sql = "INSERT INTO incidents
             (id, name, phase, impact, created_at, started_at, updated_at, resolved_at,
              removed_at, first_seen, components)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, NULL, ?9, ?10)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, phase = excluded.phase,
             impact = excluded.impact, created_at = excluded.created_at,
             started_at = excluded.started_at, updated_at = excluded.updated_at,
             resolved_at = excluded.resolved_at, removed_at = NULL,
             components = excluded.components
         WHERE (name, phase, impact, created_at, started_at, updated_at, resolved_at, removed_at,
                 components)
             IS NOT (excluded.name, excluded.phase, excluded.impact, excluded.created_at,
                 excluded.started_at, excluded.updated_at, excluded.resolved_at, NULL,
                 excluded.components)";
    let known = event.incidents.known.get(&what.id);
    tx.prepare_cached(sql)?.execute(params![
        what.id.0,
        what.name,
        what.phase.as_str(),
        what.impact.as_str(),
        what.created_at.map(Millis),
        what.started_at.map(Millis),
        what.updated_at.map(Millis),
        what.resolved_at.map(Millis),
        Millis(known.map_or(event.now, |known| known.first_seen)),
        Json(ids(&what.components)),
    ])?;
    let mut taken = BTreeSet::new();
    for (position, update) in (0_i64..).zip(what.updates.iter().rev()) {
        let key = update_key(update, position, &mut taken);
        incident_update(tx, &what.id, &key, position, update)?;
    }
    Ok(())
}

/// A list of components as it is stored.
fn ids<'a>(components: impl IntoIterator<Item = &'a ComponentId>) -> Vec<&'a str> {
    components.into_iter().map(|id| id.0.as_str()).collect()
}

/// What an update is known by: the page's id, else its time, else its place.
fn update_key(update: &Update, position: i64, taken: &mut BTreeSet<String>) -> String {
    let key = match (update.id.as_str(), update.created_at) {
        ("", Some(at)) => format!("at {}", at.as_millisecond()),
        ("", None) => format!("no {position}"),
        (id, _) => id.to_owned(),
    };
    let key = if taken.contains(&key) { format!("{key} no {position}") } else { key };
    taken.insert(key.clone());
    key
}

fn incident_update(
    tx: &Transaction<'_>,
    incident: &IncidentId,
    key: &str,
    position: i64,
    update: &Update,
) -> rusqlite::Result<()> {
    let sql = "INSERT INTO incident_updates
             (incident, key, id, position, phase, body, created_at, changes)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
         ON CONFLICT (incident, key) DO UPDATE SET id = excluded.id,
             position = excluded.position, phase = excluded.phase, body = excluded.body,
             created_at = excluded.created_at, changes = excluded.changes
         WHERE (id, position, phase, body, created_at, changes)
             IS NOT (excluded.id, excluded.position, excluded.phase, excluded.body,
                 excluded.created_at, excluded.changes)";
    let changes: Vec<StoredChange> = update.changes.iter().map(Into::into).collect();
    tx.prepare_cached(sql)?.execute(params![
        incident.0,
        key,
        update.id,
        position,
        update.phase.as_str(),
        update.body,
        update.created_at.map(Millis),
        Json(changes),
    ])?;
    Ok(())
}

fn removed(tx: &Transaction<'_>, incident: &IncidentId, at: Timestamp) -> rusqlite::Result<()> {
    let sql = "UPDATE incidents SET removed_at = ?2 WHERE id = ?1 AND removed_at IS NOT ?2";
    tx.prepare_cached(sql)?.execute(params![incident.0, Millis(at)])?;
    Ok(())
}

fn local_error(tx: &Transaction<'_>, what: &LocalError) -> rusqlite::Result<()> {
    let sql = "INSERT INTO local_errors (at, kind, status, request_id, session)
         VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (at, session, kind) DO NOTHING";
    tx.prepare_cached(sql)?.execute(params![
        Millis(what.at),
        what.kind,
        what.status,
        what.request_id,
        what.session,
    ])?;
    Ok(())
}
