//! Files that are not what they should be.

use ccwatch_core::notice::sink::Sink;
use std::fs;

use jiff::Timestamp;
use rusqlite::Connection;

use crate::fault_row::Row;
use crate::store::{Reader, Store, StoreError};
use ccwatch_core::monitor::Saved;
use ccwatch_core::state::component::Component;
use ccwatch_core::state::incidents::Incidents;

use super::crash::numbers;
use super::play::{Play, at, play_all, script};
use super::{count, database, dir, open, reader};

/// The bytes of a database with everything in it.
fn whole() -> Vec<u8> {
    let dir = dir();
    play_all(&mut open(dir.path()));
    fs::read(database(dir.path())).unwrap()
}

fn foreign() -> Vec<u8> {
    let dir = dir();
    let path = dir.path().join("other.db");
    let db = Connection::open(&path).unwrap();
    db.execute_batch("CREATE TABLE components (id); PRAGMA user_version = 1").unwrap();
    drop(db);
    fs::read(path).unwrap()
}

#[test]
fn what_is_not_our_database_is_set_aside() {
    let whole = whole();
    let mut random = numbers(7);
    let noise: Vec<u8> = (0..20_000).map(|_| u8::try_from(random(256)).unwrap()).collect();
    for (what, bytes) in [
        ("garbage", noise),
        ("text", b"not a database".to_vec()),
        ("foreign", foreign()),
        ("cut in the middle", whole[..whole.len() / 2].to_vec()),
        // The last pages are of tables that the state doesn't need.
        ("cut in a page", whole[..whole.len() - 3 * 4096 - 1000].to_vec()),
        ("zeros", vec![0; 8192]),
        ("header only", whole[..100].to_vec()),
        ("calls itself read-only", [&whole[..18], &[9], &whole[19..]].concat()),
    ] {
        let dir = dir();
        fs::write(database(dir.path()), &bytes).unwrap();
        fs::write(dir.path().join("ccwatch.db-wal"), b"stale").unwrap();
        let asked = Reader::open(dir.path()).and_then(|r| r.map(|r| r.saved()).transpose());
        if what == "calls itself read-only" {
            assert!(asked.is_ok(), "it can still be read");
        } else {
            assert!(matches!(asked, Err(StoreError::Damaged { .. })), "{what}: {asked:?}");
        }

        let opened = Store::open(dir.path(), at(0)).unwrap();
        assert_eq!(opened.saved, Saved::default(), "{what}");
        let aside = dir.path().join("ccwatch.db.damaged-20260701T100000Z");
        assert_eq!(opened.rebuilt.as_deref(), Some(aside.as_path()), "{what}");
        assert_eq!(fs::read(&aside).unwrap(), bytes, "{what}: kept as it was");
        assert!(aside.with_file_name("ccwatch.db.damaged-20260701T100000Z-wal").exists());
        drop(opened);
        let again = Store::open(dir.path(), at(0)).unwrap();
        assert_eq!(again.rebuilt, None, "{what}: the new one is in order");
    }
}

#[test]
fn nothing_that_was_set_aside_is_overwritten() {
    let dir = dir();
    let mut places = Vec::new();
    for bytes in ["one", "two", "three"] {
        fs::write(database(dir.path()), bytes).unwrap();
        places.push((Store::open(dir.path(), at(0)).unwrap().rebuilt.unwrap(), bytes));
    }
    for (place, bytes) in places {
        assert_eq!(fs::read_to_string(place).unwrap(), bytes);
    }
}

#[test]
fn an_empty_file_is_a_new_database() {
    let dir = dir();
    fs::write(database(dir.path()), "").unwrap();
    let opened = Store::open(dir.path(), at(0)).unwrap();
    assert_eq!((opened.saved, opened.rebuilt), (Saved::default(), None));
}

#[test]
fn a_flipped_bit_is_found_or_harmless() {
    let whole = whole();
    let expected = play_state();
    let mut random = numbers(0xf11b);
    let mut found = 0;
    let again = "cargo test --lib store::tests::damage";
    let mut row = Row { fault: "the database itself, a bit flipped", again, ..Row::default() };
    let known = levels(&expected);
    for _ in 0..300 {
        let mut bytes = whole.clone();
        bytes[random(whole.len() as u64)] ^= 1 << random(8);
        let dir = dir();
        fs::write(database(dir.path()), &bytes).unwrap();
        row.times += 1;
        let read = Reader::open(dir.path()).and_then(|r| r.map(|r| r.saved()).transpose());
        if let Ok(Some(saved)) = &read {
            row.invented += levels(saved).iter().filter(|level| !known.contains(level)).count();
            row.lost += known.len().saturating_sub(levels(saved).len());
            row.messages += known.len();
        }
        match Store::open(dir.path(), at(0)) {
            Ok(opened) if opened.rebuilt.is_some() => {
                found += 1;
                assert_eq!(opened.saved, Saved::default());
            }
            Ok(opened) => {
                assert_eq!(count(&opened.store.db, "transitions"), 8);
                let levels = levels(&opened.saved);
                row.invented += levels.iter().filter(|level| !known.contains(level)).count();
            }
            Err(StoreError::Newer { .. }) => {}
            Err(other) => panic!("{other:?}"),
        }
    }
    assert!(found > 0, "some were found");
    row.end();
}

fn play_state() -> Saved {
    let mut play = Play::new();
    script().iter().for_each(|moment| drop(play.take(moment)));
    play.saved()
}

fn levels(saved: &Saved) -> Vec<String> {
    let mut levels: Vec<String> = saved.state.components.iter().map(level).collect();
    levels.sort();
    levels
}

fn level(component: &Component) -> String {
    format!("{} {}", component.level, component.affected().is_some())
}

#[test]
fn a_part_that_can_not_be_understood_starts_empty_and_the_rest_is_kept() {
    let dir = dir();
    let mut store = open(dir.path());
    let play = play_all(&mut store);
    store
        .db
        .execute_batch(
            "UPDATE components SET state = '{\"id\": 7}' WHERE position = 0;
             UPDATE page SET value = CAST(x'ff' AS TEXT) WHERE key = 'incidents';
             UPDATE notices SET kind = 'sung'
                 WHERE key IN (SELECT notice FROM deliveries WHERE state = 'pending')",
        )
        .unwrap();
    drop(store);
    let error = reader(dir.path()).saved().unwrap_err();
    assert!(matches!(error, StoreError::Damaged { .. }), "not half an answer: {error:?}");
    let all = play.saved();
    let opened = Store::open(dir.path(), at(0)).unwrap();
    assert_eq!(opened.rebuilt, None);
    assert_eq!(opened.saved.state.components, all.state.components[1..]);
    assert_eq!(opened.saved.state.incidents, Incidents::default());
    assert_eq!(opened.saved.state.page_health, all.state.page_health);
    assert_eq!(
        opened.saved.outboxes[&Sink::Desktop].pending,
        all.outboxes[&Sink::Desktop].pending[1..]
    );
    let reader = reader(dir.path());
    assert_eq!(reader.transitions(Timestamp::MIN, None).unwrap().len(), 8);
    assert_eq!(reader.notices(Timestamp::MIN).unwrap().len(), 4, "five but for the odd one");
}

/// The page says that it has no rows: an ordinary SELECT believes it.
#[test]
fn lost_rows_are_an_error_and_not_an_empty_answer() {
    for table in ["transitions", "page", "heartbeat", "readings"] {
        let dir = dir();
        let store = open(dir.path());
        lose_rows(store, dir.path(), table);
        let plain = Connection::open(database(dir.path())).unwrap();
        let table_itself = format!("{table} NOT INDEXED");
        assert_eq!(count(&plain, &table_itself), 0, "it is believed");
        drop(plain);

        let reader = reader(dir.path());
        let asked = match table {
            "transitions" => reader.transitions(Timestamp::MIN, None).map(drop),
            "page" => reader.saved().map(drop),
            "heartbeat" => reader.heartbeat().map(drop),
            _ => reader.readings(Timestamp::MIN, Timestamp::MAX).map(drop),
        };
        assert!(matches!(asked, Err(StoreError::Damaged { .. })), "{table}: {asked:?}");
        assert_eq!(reader.incidents(Timestamp::MIN).unwrap().len(), 3, "the rest is sound");
        drop(reader);
        let opened = Store::open(dir.path(), at(0)).unwrap();
        assert!(opened.rebuilt.is_some(), "{table}");
    }
}

/// Everything, and then a first page of `table` that counts no rows.
fn lose_rows(mut store: Store, dir: &std::path::Path, table: &str) {
    play_all(&mut store);
    let sql = "SELECT rootpage FROM sqlite_schema WHERE name = ?1";
    let page: usize = store.db.query_row(sql, [table], |r| r.get::<_, u32>(0)).unwrap() as usize;
    drop(store);
    let mut bytes = fs::read(database(dir)).unwrap();
    bytes[(page - 1) * 4096 + 3..][..2].fill(0);
    fs::write(database(dir), bytes).unwrap();
}

#[test]
fn a_lost_table_or_column_is_damage() {
    for sql in ["DROP TABLE notices", "ALTER TABLE page RENAME COLUMN value TO worth"] {
        let dir = dir();
        let store = open(dir.path());
        store.db.execute_batch(sql).unwrap();
        drop(store);
        let asked = reader(dir.path()).saved();
        assert!(matches!(asked, Err(StoreError::Damaged { .. })), "{asked:?}");
        assert!(Store::open(dir.path(), at(0)).unwrap().rebuilt.is_some(), "{sql}");
    }
}

#[test]
fn a_database_deleted_or_replaced_under_our_hands_is_followed() {
    let dir = dir();
    let mut store = open(dir.path());
    let play = play_all(&mut store);
    let moment = script().pop().unwrap();
    for file in fs::read_dir(dir.path()).unwrap() {
        fs::remove_file(file.unwrap().path()).unwrap();
    }
    store.commit(&play.event(&moment, &[])).unwrap();
    let saved = reader(dir.path()).saved().unwrap();
    assert_eq!(saved.state.components, play.saved().state.components);
    assert_eq!(
        saved.outboxes[&Sink::Desktop].threads,
        play.saved().outboxes[&Sink::Desktop].threads
    );

    fs::rename(dir.path(), dir.path().with_extension("moved")).unwrap();
    let error = store.commit(&play.event(&moment, &[])).unwrap_err();
    assert!(matches!(error, StoreError::Io { .. }), "{error:?}");
    fs::rename(dir.path().with_extension("moved"), dir.path()).unwrap();
    store.commit(&play.event(&moment, &[])).unwrap();
}
