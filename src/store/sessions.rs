//! The sessions of Claude Code that stopped. Hooks and `ccwatch sessions` write this table, each
//! change in a transaction of its own; the daemon only reads it, and deletes what is old.
//!
//! A hook that waits holds a lock on a file of its own, so that everybody can tell whether it still
//! waits: the lock is free the moment its process is gone, however it went.

use std::fs::{self, DirBuilder, File, TryLockError};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, OptionalExtension, Row, TransactionBehavior, params};

use ccwatch_core::api_error::Cause;
use ccwatch_core::sessions::{Counts, LATELY, Next, Standing, Stop, StoppedSession, Wish};
use ccwatch_core::time::{between, shifted};

use super::files::{DATABASE, open_private};
use super::load::{Odd, understood};
use super::notes::{self, Since};
use super::rows::{maybe_time, time};
use super::value::{Millis, Word};
use super::{Lock, Reader, StoreError, connect, schema};
use crate::platform::{clock, plain};

/// The first schema that has the table.
pub(super) const SINCE_VERSION: i64 = 6;
/// A session is kept for so long after the last thing that happened to it.
const KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Hooks wait no longer than this for somebody else's transaction, in total.
const PATIENCE: Duration = Duration::from_millis(500);
/// The same where a session waits for the hook.
const IN_PASSING: Duration = Duration::from_millis(3);
/// Where the files of waiting hooks are, in the state directory.
const WAITING: &str = "sessions";

/// The table, for who changes it.
#[derive(Debug)]
pub struct Sessions {
    db: Connection,
    path: PathBuf,
}

impl Sessions {
    /// Opens the table in `dir`, which must exist; makes the database where there is none yet.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        Self::open_with(dir, PATIENCE)
    }

    /// The same for who has no time to wait: what is noted isn't lost.
    pub fn open_in_passing(dir: &Path) -> Result<Self, StoreError> {
        Self::open_with(dir, IN_PASSING)
    }

    fn open_with(dir: &Path, patience: Duration) -> Result<Self, StoreError> {
        let path = dir.join(DATABASE);
        let db = match light(&path, patience)? {
            Some(db) => db,
            None if Lock::holder(dir).is_ok_and(|holder| holder.is_some()) => {
                return Err(StoreError::OldDaemon { path });
            }
            None => {
                drop(connect(&path)?);
                light(&path, patience)?
                    .ok_or_else(|| StoreError::OldDaemon { path: path.clone() })?
            }
        };
        Ok(Self { db, path })
    }

    /// One of them.
    pub fn get(&self, id: &str) -> Result<Option<StoppedSession>, StoreError> {
        let found = get(&self.db, id).map_err(|error| StoreError::sqlite(&self.path, error))?;
        Ok(found.map(|session| as_noted(self.dir(), session)))
    }

    /// Writes down what is noted of one of them.
    pub fn take_in(&mut self, id: &str) -> Result<(), StoreError> {
        self.change(id, |session| session).map(drop)
    }

    /// A session stopped; how that stands to what is known of it, its note tells. Where that knows
    /// nothing of it any more, the session works since, is over, or was forgotten.
    pub fn stopped(
        &mut self,
        stop: Stop,
        wish: &Wish,
    ) -> Result<Option<StoppedSession>, StoreError> {
        let (dir, id) = (self.dir().to_owned(), stop.id.clone());
        self.change(&id, |before| {
            if notes::since(&dir, &id, &stop.hook) == Since::Gone {
                return before;
            }
            let order = |before: &StoppedSession| notes::order(&dir, &id, &before.hook, &stop.hook);
            let before = before.as_ref().map(|before| (before, order(before)));
            Some(StoppedSession::stopped(before, stop, wish))
        })
    }

    /// Changes one of them as one step: what it gives is kept, none deletes it. What is noted of it
    /// is known in that step.
    pub fn change(
        &mut self,
        id: &str,
        change: impl FnOnce(Option<StoppedSession>) -> Option<StoppedSession>,
    ) -> Result<Option<StoppedSession>, StoreError> {
        let done = (|| {
            let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let before = get(&tx, id)?;
            let dir = self.path.parent().unwrap_or(Path::new("."));
            let after = change(before.clone().map(|session| as_noted(dir, session)));
            match &after {
                Some(session) if before.as_ref() != Some(session) => put(&tx, session)?,
                Some(_) => {}
                None => drop(tx.execute("DELETE FROM sessions WHERE id = ?1", [id])?),
            }
            tx.commit()?;
            Ok(after)
        })();
        done.map_err(|error| StoreError::sqlite(&self.path, error))
    }

    fn dir(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new("."))
    }

    /// A session got an answer: those that wait on the same road may hear of it.
    pub fn worked(&mut self, id: &str, elsewhere: bool, at: Timestamp) -> Result<(), StoreError> {
        let sql = "UPDATE sessions SET other_worked_at = ?3
             WHERE id <> ?1 AND elsewhere = ?2 AND standing = 'waiting' AND stopped_at < ?3
                 AND other_worked_at IS NULL";
        let done = self.db.execute(sql, params![id, elsewhere, Millis(at)]);
        done.map(drop).map_err(|error| StoreError::sqlite(&self.path, error))
    }

    /// Deletes all of them; how many there were.
    pub fn forget_all(&mut self) -> Result<usize, StoreError> {
        let done = self.db.execute("DELETE FROM sessions", []);
        done.map_err(|error| StoreError::sqlite(&self.path, error))
    }

    /// Deletes what is old.
    pub fn tidy(&mut self, now: Timestamp) -> Result<(), StoreError> {
        tidy_notes(self.dir(), now);
        forget_old(&self.db, now).map_err(|error| StoreError::sqlite(&self.path, error))
    }
}

/// A connection that is had in a moment: no check of the whole, no migration. None where there is
/// no database of this schema. What it writes survives every crash but that of the machine, with
/// which the sessions are gone, too.
fn light(path: &Path, patience: Duration) -> Result<Option<Connection>, StoreError> {
    let context = |error| StoreError::sqlite(path, error);
    match fs::metadata(path) {
        Ok(file) if file.len() > 0 => {}
        Ok(_) => return Ok(None),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(StoreError::io(path, error)),
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(path, flags).map_err(context)?;
    // The daemon's log is not ours to end.
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).map_err(context)?;
    db.busy_timeout(patience).map_err(context)?;
    let ours = schema::examine(&db, path)? == schema::Found::Ours;
    if !ours || schema::version(&db).map_err(context)? < SINCE_VERSION {
        return Ok(None);
    }
    let own = "PRAGMA synchronous = NORMAL; PRAGMA temp_store = MEMORY;";
    db.execute_batch(own).map_err(context)?;
    Ok(Some(db))
}

impl Reader {
    /// All of them, the newest first, each with whether a hook still waits for it.
    pub fn sessions(&self) -> Result<Vec<(StoppedSession, bool)>, StoreError> {
        if self.version() < SINCE_VERSION {
            return Ok(Vec::new());
        }
        let sql = "SELECT * FROM sessions ORDER BY stopped_at DESC, id";
        let found = self.list("sessions", sql, [], session)?;
        let dir = self.dir();
        Ok(found.into_iter().map(|one| with_its_hook(dir, one)).collect())
    }
}

/// How many stopped lately; none in a database of a schema that has no such table.
pub(super) fn counts(db: &Connection) -> rusqlite::Result<Counts> {
    if schema::version(db)? < SINCE_VERSION {
        return Ok(Counts::default());
    }
    let mut statement = db.prepare_cached("SELECT * FROM sessions")?;
    let found = understood(statement.query([])?, "session", &mut Odd::new(), session)?;
    let dir = db.path().map(Path::new).and_then(Path::parent).unwrap_or(Path::new("."));
    let now = clock::now();
    // Of the others no file need be read.
    let lately = |one: &StoppedSession| {
        one.standing == Standing::Waiting || between(one.changed_at, now) <= LATELY
    };
    let found = found.into_iter().filter(lately).map(|one| with_its_hook(dir, one));
    let recent = found.filter_map(|(one, alive)| {
        let standing = one.standing_now(alive, now);
        one.is_recent(standing, now).then(|| standing.group())
    });
    Ok(Counts::of(recent))
}

/// Deletes what is old.
pub(super) fn forget_old(db: &Connection, now: Timestamp) -> rusqlite::Result<()> {
    let before = Millis(shifted(now, -KEPT));
    db.execute("DELETE FROM sessions WHERE max(changed_at, stopped_at) < ?1", [before]).map(drop)
}

/// Forgets what is noted of sessions that are long gone.
pub(super) fn tidy_notes(dir: &Path, now: Timestamp) {
    notes::tidy(dir, now, |hook| Waiting::is_held(dir, hook));
}

/// With all that is noted of it since it failed, also what was taken in before.
fn with_its_note(dir: &Path, mut session: StoppedSession) -> StoppedSession {
    if let Since::Happened(happened) = notes::since(dir, &session.id, &session.hook) {
        happened.into_iter().for_each(|(at, what)| session.hears(what, at));
    }
    session
}

/// The same for who may wake it: without a note nobody could end the wait.
fn as_noted(dir: &Path, session: StoppedSession) -> StoppedSession {
    let mut session = with_its_note(dir, session);
    let is_gone = || notes::since(dir, &session.id, &session.hook) == Since::Gone;
    if session.standing == Standing::Waiting && is_gone() {
        session.is_given_up(Standing::HookGone, session.changed_at);
    }
    session
}

fn with_its_hook(dir: &Path, session: StoppedSession) -> (StoppedSession, bool) {
    let session = with_its_note(dir, session);
    let waits = session.is_awaited_by(&session.hook) && Waiting::is_held(dir, &session.hook);
    (session, waits)
}

fn get(db: &Connection, id: &str) -> rusqlite::Result<Option<StoppedSession>> {
    let mut statement = db.prepare_cached("SELECT * FROM sessions WHERE id = ?1")?;
    statement.query_row([id], session).optional()
}

fn session(row: &Row<'_>) -> rusqlite::Result<StoppedSession> {
    let awaited = row.get::<_, Option<Word<_>>>("awaited")?;
    let due = maybe_time(row, "due")?;
    Ok(StoppedSession {
        id: row.get("id")?,
        folder: row.get("folder")?,
        cause: Cause::from_name(&row.get::<_, String>("cause")?),
        status: row.get("status")?,
        elsewhere: row.get("elsewhere")?,
        stopped_at: time(row, "stopped_at")?,
        first_at: time(row, "first_at")?,
        resets_at: maybe_time(row, "resets_at")?,
        attempts: row.get("attempts")?,
        standing: row.get::<_, Word<_>>("standing")?.0,
        changed_at: time(row, "changed_at")?,
        next: awaited.map(|awaited| Next { awaited: awaited.0, due }),
        hook: row.get("hook")?,
        other_worked_at: maybe_time(row, "other_worked_at")?,
    })
}

fn put(db: &Connection, session: &StoppedSession) -> rusqlite::Result<()> {
    let sql = "INSERT OR REPLACE INTO sessions
             (id, folder, cause, status, elsewhere, stopped_at, first_at, resets_at, attempts,
              standing, changed_at, awaited, due, hook, other_worked_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)";
    db.prepare_cached(sql)?.execute(params![
        session.id,
        session.folder,
        session.cause.name(),
        session.status,
        session.elsewhere,
        Millis(session.stopped_at),
        Millis(session.first_at),
        session.resets_at.map(Millis),
        session.attempts,
        Word(session.standing),
        Millis(session.changed_at),
        session.next.map(|next| Word(next.awaited)),
        session.next.and_then(|next| next.due).map(Millis),
        session.hook,
        session.other_worked_at.map(Millis),
    ])?;
    Ok(())
}

/// That a hook waits, for as long as this is held.
#[derive(Debug)]
pub struct Waiting {
    path: PathBuf,
    _lock: File,
}

impl Waiting {
    /// Says that the hook of this name waits; takes away what hooks left that were killed.
    pub fn begin(dir: &Path, hook: &str) -> io::Result<Self> {
        let place = dir.join(WAITING);
        match DirBuilder::new().mode(0o700).create(&place) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        hooks(dir).for_each(|left| take_away(&place.join(left)));
        let path = file_of(dir, hook).ok_or(ErrorKind::InvalidInput)?;
        loop {
            let lock = open_private(&path)?;
            // Who looks whether it is held holds it for a moment.
            lock.lock()?;
            // Before it was held, somebody may have taken it for one that was left.
            if is_still_there(&lock, &path) {
                return Ok(Self { path, _lock: lock });
            }
        }
    }

    /// How many hooks wait.
    pub fn count(dir: &Path) -> usize {
        hooks(dir).filter(|name| Self::is_held(dir, name)).count()
    }

    /// Whether a hook may wait: one that was killed leaves its file.
    pub fn may_be_any(dir: &Path) -> bool {
        hooks(dir).next().is_some()
    }

    /// Whether the hook of this name waits.
    pub fn is_held(dir: &Path, hook: &str) -> bool {
        let Some(Ok(file)) = file_of(dir, hook).map(|path| plain::open(&path)) else {
            return false;
        };
        matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock))
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// Takes a file away that nobody holds; it is held meanwhile, so that nobody begins to wait by it.
fn take_away(path: &Path) {
    let Ok(file) = plain::open(path) else { return };
    if file.try_lock().is_ok() && is_still_there(&file, path) {
        let _ = fs::remove_file(path);
    }
}

/// Whether an open file is the one that is found by its name.
fn is_still_there(file: &File, path: &Path) -> bool {
    match (file.metadata(), fs::symlink_metadata(path)) {
        (Ok(open), Ok(found)) => (open.dev(), open.ino()) == (found.dev(), found.ino()),
        _ => false,
    }
}

/// The names of the files of hooks that wait, or waited. There are notes of sessions beside them.
fn hooks(dir: &Path) -> impl Iterator<Item = String> {
    let entries = fs::read_dir(dir.join(WAITING)).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    names.filter(|name| is_hook(name))
}

/// The name is our own: a time and a process.
fn is_hook(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_digit() || b == b'-')
}

fn file_of(dir: &Path, hook: &str) -> Option<PathBuf> {
    is_hook(hook).then(|| dir.join(WAITING).join(hook))
}
