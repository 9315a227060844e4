//! The schema: the same however one came to it, and never half.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use rusqlite::Connection;

use crate::store::schema::{MIGRATIONS, migrate};
use crate::store::{Reader, Store, StoreError};

use super::play::{at, play_all};
use super::{database, dir, open};

pub(super) fn schema(db: &Connection) -> BTreeMap<String, Option<String>> {
    let mut statement = db.prepare("SELECT name, sql FROM sqlite_schema").unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

#[test]
fn an_upgraded_schema_is_the_same_as_a_fresh_one() {
    let fresh = schema(&open(dir().path()).db);
    assert!(fresh.len() > 10);
    for done in 0..=MIGRATIONS.len() {
        let dir = dir();
        let mut old = Connection::open(database(dir.path())).unwrap();
        migrate(&mut old, &MIGRATIONS[..done]).unwrap();
        drop(old);
        assert_eq!(schema(&open(dir.path()).db), fresh, "from version {done}");
    }
}

/// The database says which version the stored forms are of, and no form says so itself.
#[test]
fn the_stored_forms_are_of_the_newest_schema() {
    assert_eq!(usize::try_from(ccwatch_core::persist::VERSION).unwrap(), MIGRATIONS.len());
    let frozen = format!("tests/fixtures/store/v{}.db", MIGRATIONS.len());
    let frozen = Path::new(env!("CARGO_MANIFEST_DIR")).join(frozen);
    assert!(frozen.exists(), "{} is to be frozen", frozen.display());
}

#[test]
fn a_migration_is_done_with_its_number_or_not_at_all() {
    let mut db = Connection::open_in_memory().unwrap();
    let steps = ["CREATE TABLE a (x)", "CREATE TABLE b (x); CREATE TABLE a (x)"];
    assert!(migrate(&mut db, &steps).is_err());
    let version: i64 = db.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    assert_eq!(version, 1);
    assert_eq!(schema(&db).into_keys().collect::<Vec<_>>(), ["a"]);
    migrate(&mut db, &["CREATE TABLE a (x)", "CREATE TABLE b (x)"]).unwrap();
    assert_eq!(schema(&db).into_keys().collect::<Vec<_>>(), ["a", "b"]);
}

#[test]
fn a_newer_schema_is_refused_and_not_touched() {
    let source = dir();
    let mut store = open(source.path());
    play_all(&mut store);
    let newer = "PRAGMA user_version = 99; UPDATE page SET value = '99' WHERE key = 'schema'";
    store.db.execute_batch(newer).unwrap();
    // Copied while it is open: part of it is still in the log, which a careless close would move.
    let dir = dir();
    for name in ["ccwatch.db", "ccwatch.db-wal"] {
        fs::copy(source.path().join(name), dir.path().join(name)).unwrap();
    }
    let before = bytes(dir.path());
    for _ in 0..2 {
        let error = Store::open(dir.path(), at(0)).unwrap_err();
        assert!(matches!(error, StoreError::Newer { found: 99, .. }), "{error:?}");
        assert_eq!(error.hint(), Some("upgrade this ccwatch"));
        let error = Reader::open(dir.path()).unwrap_err();
        assert!(matches!(error, StoreError::Newer { found: 99, .. }), "{error:?}");
    }
    assert_eq!(bytes(dir.path()), before);
}

fn bytes(dir: &Path) -> (Vec<u8>, Vec<u8>) {
    let read = |name| fs::read(dir.join(name)).unwrap();
    (read("ccwatch.db"), read("ccwatch.db-wal"))
}
