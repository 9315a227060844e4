//! The state as of the last commit.

use std::collections::BTreeMap;
use std::fmt::Display;

use rusqlite::{Connection, OptionalExtension, Row};

use ccwatch_core::deliver::SavedOutbox;
use ccwatch_core::monitor::Saved;
use ccwatch_core::notice::sink::Sink;
use ccwatch_core::notice::{DeliveryState, Notice};
use ccwatch_core::persist::{Persist, StoredComponent};
use ccwatch_core::state::SavedState;
use ccwatch_core::state::component::Component;
use ccwatch_core::state::names;

use super::error::is_misfit;
use super::mutes::mutes;
use super::sessions::counts;
use super::value::Word;
use super::{rows, schema};

/// Parts that could not be understood, a line each.
pub(super) type Odd = Vec<String>;

/// Reads all that survives a restart. A part that this version can't understand is left empty and named.
pub(super) fn saved(db: &Connection) -> rusqlite::Result<(Saved, Odd)> {
    let (state, mut odd) = state(db)?;
    let mut outboxes = BTreeMap::new();
    for sink in Sink::ALL {
        let threads = page(db, sink.threads_key(), &mut odd)?;
        let pending = pending(db, sink, &mut odd)?;
        outboxes.insert(sink, SavedOutbox { threads, pending });
    }
    let saved = Saved { state, outboxes };
    Ok((saved, odd))
}

/// The part of it that queries ask.
pub(super) fn state(db: &Connection) -> rusqlite::Result<(SavedState, Odd)> {
    let mut odd = Odd::new();
    let state = SavedState {
        components: components(db, &mut odd)?,
        page_health: page(db, "sight", &mut odd)?,
        incidents: page(db, "incidents", &mut odd)?,
        witness: page(db, "local", &mut odd)?,
        mutes: mutes(db, &mut odd)?,
        sessions: counts(db)?,
    };
    Ok((state, odd))
}

/// All rows of a query that are what they should be; the others are named.
pub(super) fn understood<T>(
    mut rows: rusqlite::Rows<'_>,
    what: &str,
    odd: &mut Odd,
    read: impl Fn(&Row<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<Vec<T>> {
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        match read(row) {
            Ok(one) => found.push(one),
            Err(error) if is_misfit(&error) => odd.push(line(what, &error)),
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

fn components(db: &Connection, odd: &mut Odd) -> rusqlite::Result<Vec<Component>> {
    let mut statement = db.prepare("SELECT state FROM components ORDER BY position, id")?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        match serde_json::from_slice::<StoredComponent>(row.get_ref("state")?.as_bytes()?) {
            Ok(stored) => found.push(stored.into()),
            Err(error) => odd.push(line("component", &error)),
        }
    }
    names::settle(&mut found, Component::is_listed);
    Ok(found)
}

fn page<T: Persist + Default>(
    db: &Connection,
    key: &'static str,
    odd: &mut Odd,
) -> rusqlite::Result<T> {
    let value = db
        .query_row("SELECT value FROM page WHERE key = ?1", [key], |row| {
            Ok(row.get_ref(0)?.as_bytes()?.to_vec())
        })
        .optional()?;
    let Some(value) = value else { return Ok(T::default()) };
    Ok(serde_json::from_slice::<T::Stored>(&value).map(Into::into).unwrap_or_else(|error| {
        odd.push(line(key, &error));
        T::default()
    }))
}

fn pending(db: &Connection, sink: Sink, odd: &mut Odd) -> rusqlite::Result<Vec<(Notice, u32)>> {
    if schema::version(db)? < schema::TABLES_OF_DECISIONS {
        return early_pending(db, sink, odd);
    }
    let sql = "SELECT notices.*, deliveries.unanswered FROM notices
         JOIN deliveries ON deliveries.notice = notices.key
         WHERE sink = ?1 AND state = 'pending' ORDER BY notices.at, notices.id";
    let mut statement = db.prepare(sql)?;
    let mut found = understood(statement.query([Word(sink)])?, "notice", odd, |row| {
        Ok((rows::notice(row)?, row.get("unanswered")?))
    })?;
    for (notice, _) in &mut found {
        notice.episodes = episodes_of(db, &notice.key)?;
    }
    Ok(found)
}

/// The same of a database that an earlier ccwatch is at work on.
fn early_pending(
    db: &Connection,
    sink: Sink,
    odd: &mut Odd,
) -> rusqlite::Result<Vec<(Notice, u32)>> {
    let mut statement = db.prepare("SELECT * FROM notices ORDER BY at, id")?;
    let rows = understood(statement.query([])?, "notice", odd, |row| {
        let (_, deliveries) = rows::early_deliveries(row)?;
        let waits = deliveries.get(&sink).filter(|one| one.state == DeliveryState::Pending);
        let unanswered = waits.map(|one| one.unanswered);
        unanswered.map(|unanswered| Ok((rows::notice(row)?, unanswered))).transpose()
    })?;
    Ok(rows.into_iter().flatten().collect())
}

/// The episodes that a notice is about.
pub(super) fn episodes_of(db: &Connection, notice: &str) -> rusqlite::Result<Vec<String>> {
    let sql = "SELECT episode FROM notice_episodes WHERE notice = ?1 ORDER BY position";
    let mut statement = db.prepare_cached(sql)?;
    statement.query_map([notice], |row| row.get(0))?.collect()
}

fn line(what: &str, error: &dyn Display) -> String {
    format!("{what}: {error}")
}
