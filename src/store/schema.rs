//! The tables, how they came to be, and whether a file is one of ours.

use std::collections::BTreeSet;
use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::StoreError;

/// Marks a SQLite file as ours ("ccwa").
const APPLICATION_ID: i32 = 0x6363_7761;

/// Append only: a database at `user_version` n has the first n behind it. Never edit one that
/// was released; databases out there were made by its text.
pub(super) const MIGRATIONS: &[&str] = &[
    include_str!("schema/v1.sql"),
    include_str!("schema/v2.sql"),
    include_str!("schema/v3.sql"),
    include_str!("schema/v4.sql"),
    include_str!("schema/v5.sql"),
    include_str!("schema/v6.sql"),
    include_str!("schema/v7.sql"),
];

/// The first schema with tables of deliveries, episodes and decisions.
pub(super) const TABLES_OF_DECISIONS: i64 = 6;

/// What a file turned out to be.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// Nothing in it yet.
    Nothing,
    /// One of ours, of a schema that we know.
    Ours,
}

/// Says what a file is, by its header and its list of tables.
pub(super) fn examine(db: &Connection, path: &Path) -> Result<Found, StoreError> {
    let header = || -> rusqlite::Result<(i32, i64, i64)> {
        let application = db.pragma_query_value(None, "application_id", |row| row.get(0))?;
        let objects = db.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        Ok((application, version(db)?, objects))
    };
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    let header = header().map_err(|error| StoreError::reading(path, error))?;
    let noted = noted_version(db);
    match header {
        (0, 0, 0) => Ok(Found::Nothing),
        // A flipped bit of the header makes neither a newer nor an older schema.
        (APPLICATION_ID, found, _)
            if noted.is_some_and(|noted| noted != found && noted <= known) =>
        {
            Err(damaged(path, &format!("its header names schema {found}, which it isn't of")))
        }
        (APPLICATION_ID, found, _) if found > known => {
            Err(StoreError::Newer { path: path.to_owned(), found, known })
        }
        (APPLICATION_ID, found, objects) if found > 0 && objects > 0 => Ok(Found::Ours),
        _ => Err(damaged(path, "not a database of ccwatch")),
    }
}

/// Refuses what must not be written to.
pub(super) fn check_writable(db: &Connection, path: &Path) -> Result<(), StoreError> {
    if examine(db, path)? == Found::Ours {
        check_sound(db, path, None)?;
    }
    let read_only = db.is_readonly("main").map_err(|error| StoreError::reading(path, error))?;
    // The file itself could be opened for writing, so that this comes from its header.
    if read_only { Err(damaged(path, "it calls itself read-only")) } else { Ok(()) }
}

/// Looks through one table, or the whole file. A plain SELECT would miss most flipped bits.
pub(super) fn check_sound(
    db: &Connection,
    path: &Path,
    table: Option<&'static str>,
) -> Result<(), StoreError> {
    let pragma = match table {
        Some(table) => format!("PRAGMA quick_check({table})"),
        None => "PRAGMA quick_check(1)".to_owned(),
    };
    let finding = db.query_row(&pragma, [], |row| row.get::<_, String>(0));
    match finding.map_err(|error| StoreError::reading(path, error))?.as_str() {
        "ok" => Ok(()),
        finding => Err(damaged(path, finding)),
    }
}

/// Brings the schema up to date.
pub(super) fn upgrade(db: &mut Connection) -> rusqlite::Result<()> {
    migrate(db, MIGRATIONS)
}

/// Each step together with its number in one transaction: killed at any time, it is done or not.
pub(super) fn migrate(db: &mut Connection, migrations: &[&str]) -> rusqlite::Result<()> {
    loop {
        let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let done = version(&tx)?;
        let next = usize::try_from(done).ok().and_then(|done| migrations.get(done));
        let Some(next) = next else { return Ok(()) };
        tx.execute_batch(next)?;
        tx.pragma_update(None, "application_id", APPLICATION_ID)?;
        tx.pragma_update(None, "user_version", done + 1)?;
        note_version(&tx, done + 1)?;
        tx.commit()?;
    }
}

/// Makes sure that every table and column is there, whatever somebody did to the file.
pub(super) fn check_complete(db: &Connection, path: &Path) -> Result<(), StoreError> {
    let expected = || {
        let mut fresh = Connection::open_in_memory()?;
        upgrade(&mut fresh)?;
        columns(&fresh)
    };
    let expected = expected().map_err(|error| StoreError::sqlite(path, error))?;
    let found = columns(db).map_err(|error| StoreError::reading(path, error))?;
    match expected.difference(&found).next() {
        None => Ok(()),
        Some((table, column)) => Err(damaged(path, &format!("{table}.{column} is missing"))),
    }
}

fn columns(db: &Connection) -> rusqlite::Result<BTreeSet<(String, String)>> {
    let mut statement = db.prepare(
        "SELECT t.name, c.name FROM sqlite_schema t, pragma_table_info(t.name) c
         WHERE t.type = 'table'",
    )?;
    statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

pub(super) fn version(db: &Connection) -> rusqlite::Result<i64> {
    db.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// The version once more, beside the header: the one word for the other.
fn note_version(db: &Connection, version: i64) -> rusqlite::Result<()> {
    let table = "SELECT count(*) FROM sqlite_schema WHERE name = 'page'";
    if db.query_row(table, [], |row| row.get::<_, i64>(0))? == 0 {
        return Ok(());
    }
    let sql = "INSERT INTO page (key, value) VALUES ('schema', ?1)
         ON CONFLICT (key) DO UPDATE SET value = excluded.value";
    db.execute(sql, [version.to_string()]).map(drop)
}

/// None in a database that was made before it was noted.
fn noted_version(db: &Connection) -> Option<i64> {
    let sql = "SELECT value FROM page WHERE key = 'schema'";
    db.query_row(sql, [], |row| row.get::<_, String>(0)).ok()?.parse().ok()
}

fn damaged(path: &Path, detail: &str) -> StoreError {
    StoreError::Damaged { path: path.to_owned(), detail: detail.to_owned() }
}
