//! The questions of the query commands.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags, OptionalExtension, Params, Row, params};

use ccwatch_core::decide::decision::Decision;
use ccwatch_core::model::{ComponentId, IncidentId};
use ccwatch_core::monitor::Transition;
use ccwatch_core::notice::DeliveryState;
use ccwatch_core::notice::sink::Sink;
use ccwatch_core::state::SavedState;

use super::files::{DATABASE, check_plain, has_no_log};
use super::rows::{Heartbeat, StoredDelivery, StoredIncident, StoredNotice, StoredReading, Watch};
use super::schema::{self, Found, check_sound, examine};
use super::{BUSY_TIMEOUT, StoreError, load, rows, sessions};

/// The database at one moment: everything asked of one `Reader` is of the same commit. It holds
/// a read transaction, which keeps the write-ahead log from shrinking: ask, then drop it.
///
/// Every table is checked before it is asked, so that damage gives an error and not an answer. The
/// history of many years is the exception: see `CHECKED_SIZE`.
#[derive(Debug)]
pub struct Reader {
    db: Connection,
    path: PathBuf,
    /// The file is too big for its history to be looked through at each question.
    is_big: bool,
}

/// In a file that is bigger, of the tables that grow only the rows that are read are checked: to
/// look through them takes longer than all else that a query does. The page of today would fill it
/// in ten years. The daemon looks through the whole file when it starts, and `doctor` does.
const CHECKED_SIZE: u64 = 32 << 20;
/// The tables that grow.
const HISTORY: [&str; 8] = [
    "decisions",
    "deliveries",
    "incident_updates",
    "incidents",
    "notices",
    "readings",
    "transitions",
    "watches",
];
/// When an incident ended, as the index `incidents_time` has it.
const ENDED: &str = "coalesce(resolved_at, removed_at,
    CASE WHEN phase IN ('resolved', 'postmortem', 'completed')
         THEN coalesce(updated_at, created_at, first_seen)
         ELSE 9223372036854775807 END)";

impl Reader {
    /// Opens the database in `dir`; none where there is none yet. Never writes to it, never makes
    /// it, and waits 2 s at most.
    pub fn open(dir: &Path) -> Result<Option<Self>, StoreError> {
        let path = dir.join(DATABASE);
        match fs::metadata(&path) {
            Ok(file) if file.is_file() && file.len() == 0 => return Ok(None),
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(StoreError::io(&path, error)),
        }
        check_plain(&path).map_err(|error| StoreError::io(&path, error))?;
        match Self::begin(&path, &path, OpenFlags::empty()) {
            // SQLite wants to put files beside the database, and may not. Where there is no log
            // nobody is writing either, and the file alone is the whole truth.
            Err(StoreError::Io { .. } | StoreError::ReadOnly { .. } | StoreError::Full { .. })
                if has_no_log(&path) =>
            {
                Self::begin(&path, &immutable(&path), OpenFlags::SQLITE_OPEN_URI)
            }
            other => other,
        }
    }

    pub(super) fn begin(
        path: &Path,
        name: &Path,
        flags: OpenFlags,
    ) -> Result<Option<Self>, StoreError> {
        let context = |error| StoreError::reading(path, error);
        let flags = flags | OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let db = Connection::open_with_flags(name, flags).map_err(context)?;
        db.busy_timeout(BUSY_TIMEOUT).map_err(context)?;
        db.execute_batch("BEGIN").map_err(context)?;
        let found = examine(&db, path)?;
        let is_big = fs::metadata(path).is_ok_and(|file| file.len() > CHECKED_SIZE);
        Ok((found == Found::Ours).then(|| Self { db, path: path.to_owned(), is_big }))
    }

    /// The state as of the last commit. A part of it that this version can't understand is an
    /// error: leaving it out would make things look better than they are.
    pub fn state(&self) -> Result<SavedState, StoreError> {
        self.check(&["components", "page"])?;
        if self.version() >= 3 {
            self.check(&["mutes"])?;
        }
        if self.version() >= sessions::SINCE_VERSION {
            self.check(&["sessions"])?;
        }
        let (state, odd) = load::state(&self.db).map_err(|error| self.context(error))?;
        match odd.into_iter().next() {
            None => Ok(state),
            Some(detail) => Err(StoreError::Damaged { path: self.path.clone(), detail }),
        }
    }

    /// All that survives a restart, as a daemon takes it over that can't write.
    pub fn saved(&self) -> Result<ccwatch_core::monitor::Saved, StoreError> {
        self.state()?;
        let (saved, odd) = load::saved(&self.db).map_err(|error| self.context(error))?;
        match odd.into_iter().next() {
            None => Ok(saved),
            Some(detail) => Err(StoreError::Damaged { path: self.path.clone(), detail }),
        }
    }

    /// The daemon's last sign of life; none where it has not given any yet.
    pub fn heartbeat(&self) -> Result<Option<Heartbeat>, StoreError> {
        self.check(&["heartbeat"])?;
        let beat = self.db.query_row("SELECT * FROM heartbeat", [], rows::heartbeat);
        beat.optional().map_err(|error| self.context(error))
    }

    /// The state directory.
    pub(super) fn dir(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new("."))
    }

    /// The version of the schema.
    pub(super) fn version(&self) -> i64 {
        schema::version(&self.db).unwrap_or_default()
    }

    /// The times, up to now, in which the page could be seen, oldest first; those that ended
    /// before `since` are left out.
    pub fn watches(&self, since: Timestamp) -> Result<Vec<Watch>, StoreError> {
        if self.version() < 3 {
            return Ok(Vec::new());
        }
        let sql = "SELECT * FROM watches WHERE until >= ?1 ORDER BY since";
        self.list("watches", sql, [since.as_millisecond()], rows::watch)
    }

    /// Changes of level at or after `since`, of one component or of all, oldest first.
    pub fn transitions(
        &self,
        since: Timestamp,
        component: Option<&ComponentId>,
    ) -> Result<Vec<Transition>, StoreError> {
        let sql = "SELECT * FROM transitions
             WHERE at >= ?1 AND (?2 IS NULL OR component = ?2) ORDER BY at, id";
        let component = component.map(|id| &id.0);
        let since = since.as_millisecond();
        self.list("transitions", sql, params![since, component], rows::transition)
    }

    /// Those changes of a component that tell of the time `at`, oldest first: the last one up to
    /// it, the first one after it, and all others up to `until`.
    pub fn transitions_around(
        &self,
        component: &ComponentId,
        at: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<Transition>, StoreError> {
        let sql = "SELECT * FROM (SELECT * FROM transitions
                 WHERE component = ?1 AND at <= ?2 ORDER BY at DESC, id DESC LIMIT 1)
             UNION SELECT * FROM (SELECT * FROM transitions
                 WHERE component = ?1 AND at > ?2 ORDER BY at, id LIMIT 1)
             UNION SELECT * FROM transitions WHERE component = ?1 AND at > ?2 AND at <= ?3
             ORDER BY at, id";
        let (at, until) = (at.as_millisecond(), until.as_millisecond());
        self.list("transitions", sql, params![component.0, at, until], rows::transition)
    }

    /// Notices decided at or after `since`, oldest first, and what became of each.
    pub fn notices(&self, since: Timestamp) -> Result<Vec<StoredNotice>, StoreError> {
        let sql = "SELECT * FROM notices WHERE at >= ?1 ORDER BY at, id";
        let notices = self.list("notices", sql, [since.as_millisecond()], rows::notice)?;
        let mut deliveries = self.deliveries(since)?;
        let mut found = Vec::new();
        for mut notice in notices {
            if self.version() >= schema::TABLES_OF_DECISIONS {
                let episodes = load::episodes_of(&self.db, &notice.key);
                notice.episodes = episodes.map_err(|error| self.context(error))?;
            }
            let deliveries = deliveries.remove(&notice.key).unwrap_or_default();
            found.push(StoredNotice { notice, deliveries });
        }
        Ok(found)
    }

    fn deliveries(
        &self,
        since: Timestamp,
    ) -> Result<BTreeMap<String, BTreeMap<Sink, StoredDelivery>>, StoreError> {
        let since = [since.as_millisecond()];
        if self.version() < schema::TABLES_OF_DECISIONS {
            let sql = "SELECT * FROM notices WHERE at >= ?1";
            let rows = self.list("notices", sql, since, rows::early_deliveries)?;
            return Ok(rows.into_iter().collect());
        }
        let sql = "SELECT deliveries.* FROM deliveries JOIN notices ON notice = key
             WHERE notices.at >= ?1";
        let mut found: BTreeMap<String, BTreeMap<Sink, StoredDelivery>> = BTreeMap::new();
        for (notice, sink, stored) in self.list("deliveries", sql, since, rows::delivery)? {
            if let Some(sink) = sink {
                found.entry(notice).or_default().insert(sink, stored);
            }
        }
        Ok(found)
    }

    /// Since when a sink has failed: none where it did its work when it was last given a notice, or
    /// was never given one.
    pub fn failed_last(&self, sink: Sink) -> Result<Option<Timestamp>, StoreError> {
        if self.version() < schema::TABLES_OF_DECISIONS {
            return Ok(None);
        }
        let sql = "SELECT deliveries.* FROM deliveries JOIN notices ON notice = key
             WHERE sink = ?1 AND (state = 'shown' OR deliveries.unanswered > 0)
             ORDER BY notices.at DESC, deliveries.at DESC LIMIT 1";
        let last = self.list("deliveries", sql, [sink.as_str()], rows::delivery)?;
        let failed = |stored: &StoredDelivery| stored.state != DeliveryState::Shown;
        Ok(last.into_iter().map(|(_, _, stored)| stored).find(failed).map(|stored| stored.at))
    }

    /// What was decided at or after `since`, oldest first: why something was told, or why not.
    pub fn decisions(&self, since: Timestamp) -> Result<Vec<Decision>, StoreError> {
        if self.version() < schema::TABLES_OF_DECISIONS {
            return Ok(Vec::new());
        }
        let sql = "SELECT * FROM decisions WHERE at >= ?1 ORDER BY at, id";
        self.list("decisions", sql, [since.as_millisecond()], rows::decision)
    }

    /// Readings from `since` to `until`, oldest first.
    pub fn readings(
        &self,
        since: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<StoredReading>, StoreError> {
        let sql = "SELECT * FROM readings WHERE at >= ?1 AND at <= ?2 ORDER BY at";
        let times = [since.as_millisecond(), until.as_millisecond()];
        self.list("readings", sql, times, rows::reading)
    }

    /// Incidents that were open at or after `since`, with their updates, in the order in which
    /// they began.
    pub fn incidents(&self, since: Timestamp) -> Result<Vec<StoredIncident>, StoreError> {
        self.incidents_within(since, Timestamp::MAX)
    }

    /// Those of them that began up to `until`.
    pub fn incidents_within(
        &self,
        since: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<StoredIncident>, StoreError> {
        let sql = format!(
            "SELECT * FROM incidents WHERE {ENDED} >= ?1 AND coalesce(started_at, created_at, 0) <= ?2
             ORDER BY coalesce(started_at, created_at, first_seen), id"
        );
        self.with_updates(&sql, [since.as_millisecond(), until.as_millisecond()])
    }

    /// When each incident was posted, the newest first; announced work is in no list of incidents.
    pub fn posted(&self) -> Result<Vec<Timestamp>, StoreError> {
        let sql = "SELECT created_at FROM incidents WHERE created_at IS NOT NULL
             AND phase NOT IN ('scheduled', 'in_progress', 'verifying', 'completed')
             ORDER BY created_at DESC";
        self.list("incidents", sql, [], |row| rows::time(row, "created_at"))
    }

    /// One incident with its updates.
    pub fn incident(&self, id: &IncidentId) -> Result<Option<StoredIncident>, StoreError> {
        let found = self.with_updates("SELECT * FROM incidents WHERE id = ?1", [&id.0])?;
        Ok(found.into_iter().next())
    }

    fn with_updates(
        &self,
        sql: &str,
        params: impl Params,
    ) -> Result<Vec<StoredIncident>, StoreError> {
        let mut found = self.list("incidents", sql, params, rows::incident)?;
        let updates = "SELECT * FROM incident_updates WHERE incident = ?1
             ORDER BY created_at DESC, position DESC";
        self.check(&["incident_updates"])?;
        for stored in &mut found {
            let id = [&stored.incident.id.0];
            stored.incident.updates = self.rows("incident_updates", updates, id, rows::update)?;
        }
        Ok(found)
    }

    pub(super) fn list<T>(
        &self,
        table: &'static str,
        sql: &str,
        params: impl Params,
        read: impl Fn(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        self.check(&[table])?;
        self.rows(table, sql, params, read)
    }

    /// Rows that hold words of a newer ccwatch are left out, with a warning.
    fn rows<T>(
        &self,
        table: &'static str,
        sql: &str,
        params: impl Params,
        read: impl Fn(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        let mut odd = Vec::new();
        let ask = || {
            let mut statement = self.db.prepare_cached(sql)?;
            load::understood(statement.query(params)?, table, &mut odd, read)
        };
        let found = ask().map_err(|error| self.context(error))?;
        if let Some(first) = odd.first() {
            tracing::warn!(rows = odd.len(), %first, "rows not understood, left out");
        }
        Ok(found)
    }

    /// Looks through the whole file, however long it takes.
    pub fn check_whole(&self) -> Result<(), StoreError> {
        check_sound(&self.db, &self.path, None)
    }

    fn check(&self, tables: &[&'static str]) -> Result<(), StoreError> {
        let quick = |table: &&&str| !(self.is_big && HISTORY.contains(*table));
        let mut tables = tables.iter().filter(quick);
        tables.try_for_each(|table| check_sound(&self.db, &self.path, Some(table)))
    }

    fn context(&self, error: rusqlite::Error) -> StoreError {
        StoreError::reading(&self.path, error)
    }
}

/// `path` as a URI that tells SQLite that the file doesn't change, so that it needs neither locks
/// nor companions.
pub(super) fn immutable(path: &Path) -> PathBuf {
    let mut uri = OsString::from("file:");
    if path.is_absolute() {
        uri.push("//");
    }
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => {
                uri.push(char::from(*byte).to_string());
            }
            other => uri.push(format!("%{other:02X}")),
        }
    }
    uri.push("?immutable=1");
    uri.into()
}
