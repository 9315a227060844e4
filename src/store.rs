//! The database: the daemon writes through [`Store`], query commands read through [`Reader`].
//!
//! It is the only thing between the two. One event is one transaction, and committing an event
//! again changes nothing, so that a caller may repeat what it is not sure of. Nothing here decides
//! anything about the page, and nothing here panics: every error is a [`StoreError`].
//!
//! Times are kept in milliseconds; what the core needs to the nanosecond is kept as its JSON.

mod error;
mod files;
mod load;
mod lock;
mod mutes;
pub mod notes;
mod reader;
mod rows;
mod schema;
mod sessions;
mod value;
mod write;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use ccwatch_core::monitor::Saved;
use ccwatch_core::notice::FIRST_PAGE;
use ccwatch_core::notice::mute::Mute;
use ccwatch_core::sessions::Counts;
use ccwatch_core::state::SavedState;
use ccwatch_core::time::shifted;

pub use error::StoreError;
pub use lock::{Holder, Lock, LockError};
pub use mutes::change_mutes;
pub use reader::Reader;
pub use rows::{Heartbeat, StoredDelivery, StoredIncident, StoredNotice, StoredReading, Watch};
pub use sessions::{Sessions, Waiting};
pub use write::{Event, ReadingRow};

use value::Millis;

/// Where the pages beside the first one have their places, in the state directory.
const PAGES: &str = "pages";

/// How long a command, or a start, waits for somebody else's lock, in total.
const BUSY_TIMEOUT: Duration = Duration::from_secs(2);
/// How long the running writer waits for it: the daemon's loop stands still meanwhile, and what
/// could not be written is tried again at the next event.
const WRITER_PATIENCE: Duration = Duration::from_millis(100);
/// How long it waits the last time.
const LAST_PATIENCE: Duration = Duration::from_millis(500);
const READINGS_KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);
const NOTICES_KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Where the database of a page is kept, by the page's key: the first one's in the state directory
/// itself, each other's in a directory of its own below it. What all share - the lock, the mutes, the
/// sessions - is in that of the first.
pub fn page_dir(state: &Path, key: &str) -> PathBuf {
    if key == FIRST_PAGE { state.to_owned() } else { state.join(PAGES).join(key) }
}

/// The places of the pages beside the first one, whether or not they are watched now, by their keys.
pub fn other_page_dirs(state: &Path) -> Vec<(String, PathBuf)> {
    let entries = fs::read_dir(state.join(PAGES)).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| Some((entry.file_name().into_string().ok()?, entry.path())))
        .collect()
}

/// What is known of a page, with what all pages share, and the daemon's newest sign of life beside it;
/// none where there is no database yet.
pub fn page_state(
    state: &Path,
    key: &str,
) -> Result<Option<(SavedState, Option<Heartbeat>)>, StoreError> {
    let Some(reader) = Reader::open(&page_dir(state, key))? else { return Ok(None) };
    let (mut saved, beat) = (reader.state()?, reader.heartbeat()?);
    if key != FIRST_PAGE
        && let Some(shared) = Reader::open(state)?
    {
        let SavedState { mutes, sessions, .. } = shared.state()?;
        (saved.mutes, saved.sessions) = (mutes, sessions);
    }
    Ok(Some((saved, beat)))
}

/// The one writer.
#[derive(Debug)]
pub struct Store {
    db: Connection,
    path: PathBuf,
    files: files::Files,
}

/// A store that is ready, and what was in it.
#[derive(Debug)]
pub struct Opened {
    /// The store.
    pub store: Store,
    /// The state as of the last commit.
    pub saved: Saved,
    /// Where a damaged database was moved to; the store is a new one then.
    pub rebuilt: Option<PathBuf>,
}

impl Store {
    /// Opens the database in `dir`, which must exist, or makes it. One that is damaged, or not
    /// ours, is set aside with its companions, and a new one made; one of a newer ccwatch is
    /// refused and not touched. Hold the [`Lock`] before calling this.
    pub fn open(dir: &Path, now: Timestamp) -> Result<Opened, StoreError> {
        let path = dir.join(files::DATABASE);
        let (mut rebuilt, attempt) = (None, Self::attempt(&path));
        let (store, saved) = match attempt {
            Err(damaged @ StoreError::Damaged { .. }) => {
                let aside = files::set_aside(&path, now).map_err(|e| StoreError::io(&path, e))?;
                tracing::warn!(reason = %damaged, moved_to = %aside.display(), "database rebuilt");
                rebuilt = Some(aside);
                Self::attempt(&path)?
            }
            other => other?,
        };
        Ok(Opened { store, saved, rebuilt })
    }

    fn attempt(path: &Path) -> Result<(Self, Saved), StoreError> {
        let context = |error| StoreError::sqlite(path, error);
        let db = connect(path)?;
        let (saved, odd) = load::saved(&db).map_err(context)?;
        for part in odd {
            tracing::warn!(%part, "stored state not understood, it starts empty");
        }
        db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false).map_err(context)?;
        db.busy_timeout(WRITER_PATIENCE).map_err(context)?;
        let files = files::Files::of(path);
        Ok((Self { db, path: path.to_owned(), files }, saved))
    }

    /// Writes everything of one event, or nothing. After an error hand in its records again with
    /// the next event.
    pub fn commit(&mut self, event: &Event<'_>) -> Result<(), StoreError> {
        self.follow(event.now)?;
        let done = write::event(&mut self.db, event);
        self.files.note_growth(&self.path);
        done.map_err(|error| StoreError::sqlite(&self.path, error))
    }

    /// Whether the database was deleted or replaced under our hands. The next commit goes on with
    /// the one that is there now, which knows nothing of what was written before.
    pub fn is_replaced(&self) -> bool {
        !files::Files::of(&self.path).is(&self.files)
    }

    /// No other try follows the next commit, so that it may wait longer.
    pub fn be_patient(&self) {
        if let Err(error) = self.db.busy_timeout(LAST_PATIENCE) {
            tracing::debug!("the database's timeout can't be set: {error}");
        }
    }

    /// What the user wants silence about, as of now.
    pub fn mutes(&self) -> Result<Vec<Mute>, StoreError> {
        if self.is_replaced() {
            let source = std::io::Error::other("it was deleted or replaced");
            return Err(StoreError::io(&self.path, source));
        }
        let mutes = mutes::mutes(&self.db, &mut Vec::new());
        mutes.map_err(|error| StoreError::sqlite(&self.path, error))
    }

    /// How many of Claude Code's sessions stopped lately.
    pub fn sessions(&self) -> Result<Counts, StoreError> {
        let counts = sessions::counts(&self.db);
        counts.map_err(|error| StoreError::sqlite(&self.path, error))
    }

    /// Forgets what is too old to be asked for; transitions and incidents are kept for ever. Call
    /// it about once a day.
    pub fn tidy(&mut self, now: Timestamp) -> Result<(), StoreError> {
        sessions::tidy_notes(self.path.parent().unwrap_or(Path::new(".")), now);
        forget(&mut self.db, now)
            .and_then(|()| shrink(&self.db))
            .map_err(|error| StoreError::sqlite(&self.path, error))
    }

    /// A database that was deleted or replaced under our hands would take in everything and keep
    /// nothing: go on with the one that is there now. The next commit makes its state whole; its
    /// history begins anew.
    fn follow(&mut self, now: Timestamp) -> Result<(), StoreError> {
        if !self.is_replaced() {
            return Ok(());
        }
        self.save_the_log();
        // Closing the old one must not tidy up files that are the new one's by now.
        self.db
            .set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)
            .map_err(|error| StoreError::sqlite(&self.path, error))?;
        // A new one beside it would share its view of the index, which may have been cut short.
        let none = Connection::open_in_memory();
        self.db = none.map_err(|error| StoreError::sqlite(&self.path, error))?;
        self.files = files::Files::default();
        let dir = self.path.parent().unwrap_or(Path::new("."));
        *self = Self::open(dir, now)?.store;
        let path = self.path.display();
        tracing::warn!(%path, "database, or what belongs to it, was deleted or replaced, reopened");
        Ok(())
    }
}

impl Store {
    /// A log that was deleted is still open here: what is in it goes into the database. An index
    /// that was cut short must not be touched, and the log itself is there then.
    fn save_the_log(&self) {
        let now = files::Files::of(&self.path);
        let lost = now.database == self.files.database && now.log != self.files.log;
        if lost && !now.is_cut(&self.files) {
            let saved = self.db.query_row("PRAGMA wal_checkpoint(FULL)", [], |_| Ok(()));
            if let Err(error) = saved {
                tracing::warn!("the deleted write-ahead log could not be saved: {error}");
            }
        }
    }
}

/// A connection to a whole database of the newest schema, with our settings. Until everything is
/// known to be in order it changes nothing when it is dropped.
fn connect(path: &Path) -> Result<Connection, StoreError> {
    files::make_private(path).map_err(|error| StoreError::io(path, error))?;
    let context = |error| StoreError::sqlite(path, error);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut db = Connection::open_with_flags(path, flags).map_err(context)?;
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).map_err(context)?;
    db.busy_timeout(BUSY_TIMEOUT).map_err(context)?;
    schema::check_writable(&db, path)?;
    configure(&db).map_err(context)?;
    schema::upgrade(&mut db).map_err(context)?;
    schema::check_complete(&db, path)?;
    Ok(db)
}

fn configure(db: &Connection) -> rusqlite::Result<()> {
    let mode: String = db.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
    if mode != "wal" {
        tracing::warn!(mode, "no write-ahead log here (a network file system?)");
    }
    db.set_prepared_statement_cache_capacity(32);
    // No files elsewhere: the sandbox has no place for them.
    // fullfsync matters on macOS only, where fsync alone leaves data in the drive's cache.
    db.execute_batch(
        "PRAGMA synchronous = FULL;
         PRAGMA fullfsync = ON;
         PRAGMA foreign_keys = ON;
         PRAGMA temp_store = MEMORY;
         PRAGMA wal_autocheckpoint = 256;
         PRAGMA journal_size_limit = 1048576;",
    )
}

/// The newest reading always stays: how old it is tells that the clock is what is wrong.
fn forget(db: &mut Connection, now: Timestamp) -> rusqlite::Result<()> {
    let before = |kept: SignedDuration| Millis(shifted(now, -kept));
    let tx = write::begin(db)?;
    tx.execute(
        "DELETE FROM readings WHERE at < ?1 AND at < (SELECT max(at) FROM readings)",
        [before(READINGS_KEPT)],
    )?;
    tx.execute("DELETE FROM local_errors WHERE at < ?1", [before(READINGS_KEPT)])?;
    tx.execute(
        "DELETE FROM notices WHERE at < ?1
             AND key NOT IN (SELECT notice FROM deliveries WHERE state = 'pending')",
        [before(NOTICES_KEPT)],
    )?;
    for table in ["deliveries", "notice_episodes"] {
        let orphans = "WHERE notice NOT IN (SELECT key FROM notices)";
        tx.execute(&format!("DELETE FROM {table} {orphans}"), [])?;
    }
    tx.execute("DELETE FROM decisions WHERE at < ?1", [before(NOTICES_KEPT)])?;
    sessions::forget_old(&tx, now)?;
    tx.commit()
}

/// Takes the log back to nothing, which a reader that stayed long may have let grow. If one is
/// there right now, it is tried again another day.
fn shrink(db: &Connection) -> rusqlite::Result<()> {
    db.busy_timeout(Duration::ZERO)?;
    let busy = db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, bool>(0));
    db.busy_timeout(WRITER_PATIENCE)?;
    if busy? {
        tracing::debug!("write-ahead log is in use, not shortened");
    }
    Ok(())
}

#[cfg(test)]
mod tests;
