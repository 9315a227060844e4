//! The mutes: the one table that the command line writes, in a transaction of its own. The daemon
//! reads it before it decides anything, and never writes it.

use std::path::Path;

use rusqlite::{Connection, Row, TransactionBehavior, params};

use ccwatch_core::notice::mute::Mute;

use super::load::{Odd, understood};
use super::value::{Millis, Word};
use super::{Lock, Reader, StoreError, connect, files, schema};

/// The first schema that has the table.
const SINCE_VERSION: i64 = 3;

/// Changes the mutes of the database in `dir`, which must exist, as one step; gives what was there
/// and what is there now. Makes the database where there is none yet. Safe beside a daemon, unless
/// that is of a version which knows no mutes.
pub fn change_mutes(
    dir: &Path,
    change: impl FnOnce(Vec<Mute>) -> Vec<Mute>,
) -> Result<Vec<Mute>, StoreError> {
    let path = dir.join(files::DATABASE);
    let runs = Lock::holder(dir).is_ok_and(|holder| holder.is_some());
    if runs && Reader::open(dir)?.is_some_and(|reader| reader.version() < SINCE_VERSION) {
        return Err(StoreError::OldDaemon { path });
    }
    let mut db = connect(&path)?;
    replace(&mut db, change).map_err(|error| StoreError::sqlite(&path, error))
}

fn replace(
    db: &mut Connection,
    change: impl FnOnce(Vec<Mute>) -> Vec<Mute>,
) -> rusqlite::Result<Vec<Mute>> {
    let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let changed = change(mutes(&tx, &mut Odd::new())?);
    tx.execute("DELETE FROM mutes", [])?;
    let sql = "INSERT INTO mutes (incident, until, ending, since) VALUES (?1, ?2, ?3, ?4)";
    for mute in &changed {
        tx.execute(
            sql,
            params![
                mute.incident.as_ref().map(|id| &id.0),
                mute.until.map(Millis),
                Word(mute.end),
                Millis(mute.since),
            ],
        )?;
    }
    tx.commit()?;
    Ok(changed)
}

/// All mutes; none in a database of a schema that has no such table.
pub(super) fn mutes(db: &Connection, odd: &mut Odd) -> rusqlite::Result<Vec<Mute>> {
    if schema::version(db)? < SINCE_VERSION {
        return Ok(Vec::new());
    }
    let mut statement = db.prepare_cached("SELECT * FROM mutes ORDER BY id")?;
    understood(statement.query([])?, "mute", odd, mute)
}

fn mute(row: &Row<'_>) -> rusqlite::Result<Mute> {
    Ok(Mute {
        incident: super::rows::incident_id(row)?,
        until: super::rows::maybe_time(row, "until")?,
        end: row.get::<_, Word<_>>("ending")?.0,
        since: super::rows::time(row, "since")?,
    })
}
