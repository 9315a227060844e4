//! The store, fed by the core itself: what is stored is what a real run would store.

pub(in crate::store) mod child;
mod crash;
mod damage;
mod failing;
mod files;
mod frozen;
mod hook;
mod play;
mod reading;
mod retention;
mod schema;
mod sessions;

use ccwatch_core::notice::sink::Sink;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rusqlite::Connection;
use rusqlite::types::Value;
use tempfile::TempDir;

use super::{Reader, Store};
use ccwatch_core::monitor::Record;
use play::{Play, at, play_all};

const TABLES: [&str; 8] = [
    "heartbeat",
    "readings",
    "components",
    "page",
    "transitions",
    "incidents",
    "incident_updates",
    "notices",
];

/// In memory where there is such a place: a commit need not wait for a disk here.
fn dir() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

fn open(dir: &Path) -> Store {
    let opened = Store::open(dir, at(0)).unwrap();
    assert_eq!(opened.rebuilt, None);
    opened.store
}

fn reader(dir: &Path) -> Reader {
    Reader::open(dir).unwrap().unwrap()
}

fn database(dir: &Path) -> PathBuf {
    dir.join("ccwatch.db")
}

/// Every row of every table.
fn dump(db: &Connection) -> Vec<Vec<Value>> {
    let rows = |table: &&str| {
        let mut statement = db.prepare(&format!("SELECT * FROM {table} ORDER BY 1, 2")).unwrap();
        let columns = statement.column_count();
        let row = |row: &rusqlite::Row<'_>| (0..columns).map(|at| row.get(at)).collect();
        statement.query_map([], row).unwrap().collect::<Result<Vec<_>, _>>().unwrap()
    };
    TABLES.iter().flat_map(rows).collect()
}

fn count(db: &Connection, table: &str) -> i64 {
    db.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
}

#[test]
fn what_was_saved_comes_back_after_every_event() {
    let dir = dir();
    let mut store = open(dir.path());
    let mut play = Play::new();
    let mut most_pending = 0;
    for moment in play::script() {
        let records = play.take(&moment);
        store.commit(&play.event(&moment, &records)).unwrap();
        let saved = reader(dir.path()).saved().unwrap();
        assert_eq!(saved, play.saved());
        most_pending = most_pending.max(saved.outboxes[&Sink::Desktop].pending.len());
        drop(store);
        let opened = Store::open(dir.path(), moment.at).unwrap();
        assert_eq!((opened.saved, opened.rebuilt), (play.saved(), None));
        store = opened.store;
    }
    assert!(most_pending > 0, "the script leaves something to show");
    assert!(TABLES.iter().all(|table| count(&store.db, table) > 0), "the script fills all tables");
}

#[test]
fn an_event_committed_twice_changes_nothing_the_second_time() {
    let dir = dir();
    let mut store = open(dir.path());
    let mut play = Play::new();
    let changes =
        |db: &Connection| db.query_row("SELECT total_changes()", [], |r| r.get::<_, i64>(0));
    for moment in play::script() {
        let records = play.take(&moment);
        store.commit(&play.event(&moment, &records)).unwrap();
        let (rows, before) = (dump(&store.db), changes(&store.db).unwrap());
        store.commit(&play.event(&moment, &records)).unwrap();
        assert_eq!(dump(&store.db), rows);
        let moved = records.iter().any(|r| matches!(r, Record::Removed { .. }));
        assert!(moved || changes(&store.db).unwrap() == before, "not even rewritten");
    }
}

#[test]
fn a_component_that_is_no_longer_known_is_forgotten() {
    let dir = dir();
    let mut store = open(dir.path());
    let play = play_all(&mut store);
    let moment = play::script().pop().unwrap();
    let mut event = play.event(&moment, &[]);
    event.components = &event.components[1..];
    store.commit(&event).unwrap();
    assert_eq!(reader(dir.path()).saved().unwrap().state.components, event.components);
}

#[test]
fn a_notice_that_was_shown_is_never_pending_again() {
    let dir = dir();
    let mut store = open(dir.path());
    let play = play_all(&mut store);
    let notices = reader(dir.path()).notices(Timestamp::MIN).unwrap();
    let old = play.all_records();
    let moment = play::script().pop().unwrap();
    store.commit(&play.event(&moment, &old)).unwrap();
    assert_eq!(reader(dir.path()).notices(Timestamp::MIN).unwrap(), notices);
}
