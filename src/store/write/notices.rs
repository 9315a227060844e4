//! Notices, what became of each, and what was decided.

use jiff::Timestamp;
use rusqlite::{Transaction, params};

use ccwatch_core::decide::decision::Decision;
use ccwatch_core::deliver::delivery::Step;
use ccwatch_core::notice::Notice;
use ccwatch_core::notice::sink::Sink;

use super::ids;
use crate::store::value::{Json, Millis, Word};

/// What each sink makes of it follows in the same transaction, so that none can be lost in between.
pub(super) fn notice(tx: &Transaction<'_>, what: &Notice) -> rusqlite::Result<()> {
    let sql = "INSERT INTO notices
             (key, at, kind, thread, components, incident, title, body, urgency, reason,
              lasted_seconds, link, lead_seconds)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
         ON CONFLICT (key) DO NOTHING";
    tx.prepare_cached(sql)?.execute(params![
        what.key,
        Millis(what.at),
        Word(what.kind),
        what.thread,
        Json(ids(&what.components)),
        what.incident.as_ref().map(|id| &id.0),
        what.title,
        what.body,
        Word(what.urgency),
        Word(what.reason),
        what.lasted_seconds.map(|seconds| i64::try_from(seconds).unwrap_or(i64::MAX)),
        what.link,
        what.lead_seconds.map(|seconds| i64::try_from(seconds).unwrap_or(i64::MAX)),
    ])?;
    let sql = "INSERT INTO notice_episodes (notice, episode, position) VALUES (?1, ?2, ?3)
         ON CONFLICT DO NOTHING";
    for (position, episode) in (0_i64..).zip(&what.episodes) {
        tx.prepare_cached(sql)?.execute(params![what.key, episode, position])?;
    }
    Ok(())
}

/// What waits says something else now.
pub(super) fn reworded(tx: &Transaction<'_>, what: &Notice) -> rusqlite::Result<()> {
    let sql = "UPDATE notices SET title = ?2, body = ?3, urgency = ?4, components = ?5,
             incident = ?6, link = ?7
         WHERE key = ?1 AND (title, body, urgency, components, incident, link)
             IS NOT (?2, ?3, ?4, ?5, ?6, ?7)";
    tx.prepare_cached(sql)?.execute(params![
        what.key,
        what.title,
        what.body,
        Word(what.urgency),
        Json(ids(&what.components)),
        what.incident.as_ref().map(|id| &id.0),
        what.link,
    ])?;
    Ok(())
}

/// Only a pending notice comes further: what was delivered is never pending again. Of a notice
/// that this database never heard of there is nothing to say.
pub(super) fn delivery(
    tx: &Transaction<'_>,
    now: Timestamp,
    sink: Sink,
    what: &Step,
) -> rusqlite::Result<()> {
    let sql = "INSERT INTO deliveries (notice, sink, state, unanswered, at, why)
         SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE EXISTS (SELECT 1 FROM notices WHERE key = ?1)
         ON CONFLICT (notice, sink) DO UPDATE SET state = excluded.state,
             unanswered = excluded.unanswered,
             at = iif((deliveries.state, deliveries.unanswered)
                 IS (excluded.state, excluded.unanswered), deliveries.at, excluded.at),
             why = iif(excluded.state = 'shown', NULL, coalesce(excluded.why, deliveries.why))
         WHERE deliveries.state = 'pending'
             AND (deliveries.state, deliveries.unanswered, deliveries.why)
                 IS NOT (excluded.state, excluded.unanswered, coalesce(excluded.why, deliveries.why))";
    tx.prepare_cached(sql)?.execute(params![
        what.key,
        Word(sink),
        Word(what.progress),
        what.unanswered,
        Millis(now),
        what.why,
    ])?;
    Ok(())
}

/// What was written down in a transaction that is done again is not written twice.
pub(super) fn decision(tx: &Transaction<'_>, what: &Decision) -> rusqlite::Result<()> {
    let sql = "INSERT INTO decisions
             (at, kind, reason, component, name, episode, incident, notice)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
         ON CONFLICT DO NOTHING";
    tx.prepare_cached(sql)?.execute(params![
        Millis(what.at),
        Word(what.kind),
        Word(what.reason),
        what.component.as_ref().map(|id| &id.0),
        what.name,
        what.episode,
        what.incident.as_ref().map(|id| &id.0),
        what.notice,
    ])?;
    Ok(())
}
