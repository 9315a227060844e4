use ccwatch_core::notice::sink::Sink;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use jiff::SignedDuration;
use rusqlite::Connection;

use ccwatch_core::deliver::delivery::Outcome;
use ccwatch_core::model::Host;
use ccwatch_core::monitor::{Command, Saved};
use ccwatch_core::notice::kind::Kind;
use ccwatch_core::settings::Settings;
use ccwatch_core::testing::{CODE, green, start};

use super::*;

fn at(seconds: i64) -> Timestamp {
    start() + SignedDuration::from_secs(seconds)
}

fn writer(dir: &Path) -> StateWriter {
    let heartbeat = Heartbeat::first(start());
    StateWriter::new(dir.to_owned(), Store::open(dir, start()).unwrap().store, heartbeat)
}

/// Gives the core an input, and the writer what comes of it.
fn give(writer: &mut StateWriter, monitor: &mut Monitor, seconds: i64, input: Input) {
    writer.note_reading(&input);
    monitor.drive(at(seconds), Some(input), |command| {
        if let Command::Record(record) = command {
            writer.note(record);
        }
        None
    });
    writer.commit(at(seconds), monitor);
}

/// A core with a screen and a hook, over a page that went red: one notice waits for both.
fn outage(writer: &mut StateWriter) -> Monitor {
    let settings = Settings { sinks: BTreeSet::from(Sink::ALL), ..Settings::default() };
    let mut monitor = Monitor::new(settings, Saved::default(), start());
    for (seconds, word) in [(0, "operational"), (60, "major_outage")] {
        let mut page = green();
        page.components.iter_mut().filter(|c| c.id.0 == CODE).for_each(|c| c.status = word.into());
        let reading = Reading::Fresh(page);
        let input = Input::Polled { host: Host::Primary, reading, etag: None, jitter: 0.5 };
        give(writer, &mut monitor, seconds, input);
    }
    monitor
}

fn delete(dir: &Path) {
    for name in ["ccwatch.db", "ccwatch.db-wal", "ccwatch.db-shm"] {
        fs::remove_file(dir.join(name)).unwrap();
    }
}

fn saved(dir: &Path) -> Saved {
    Store::open(dir, at(1000)).unwrap().saved
}

#[test]
fn what_waits_to_be_told_is_in_a_database_that_begins_anew() {
    for garbage in [None, Some("not a database")] {
        let dir = tempfile::tempdir().unwrap();
        let mut writer = writer(dir.path());
        let mut monitor = outage(&mut writer);
        let notice = monitor.outboxes().of(Sink::Desktop).pending().next().unwrap().clone();
        assert_eq!(notice.kind, Kind::Outage);
        let unanswered = Input::Delivered {
            sink: Sink::Desktop,
            key: notice.key.clone(),
            outcome: Outcome::Uncertain,
        };
        give(&mut writer, &mut monitor, 61, unanswered);
        delete(dir.path());
        garbage
            .into_iter()
            .for_each(|text| fs::write(dir.path().join("ccwatch.db"), text).unwrap());
        writer.commit(at(62), &monitor);
        assert!(!writer.failing);
        drop(writer);
        let saved = saved(dir.path());
        assert_eq!(saved.outboxes[&Sink::Desktop].pending, [(notice.clone(), 1)], "{garbage:?}");
        assert_eq!(saved.outboxes[&Sink::Hook].pending, [(notice, 0)], "{garbage:?}");
        assert_eq!(saved.state.components, monitor.state().components());
    }
}

#[test]
fn what_was_shown_does_not_wait_again_in_a_database_that_begins_anew() {
    let dir = tempfile::tempdir().unwrap();
    let mut writer = writer(dir.path());
    let mut monitor = outage(&mut writer);
    let key = monitor.outboxes().of(Sink::Desktop).pending().next().unwrap().key.clone();
    let shown = Input::Delivered {
        sink: Sink::Desktop,
        key: key.clone(),
        outcome: Outcome::Delivered(None),
    };
    give(&mut writer, &mut monitor, 61, shown);
    delete(dir.path());
    writer.commit(at(62), &monitor);
    drop(writer);
    let saved = saved(dir.path());
    assert_eq!(saved.outboxes[&Sink::Desktop].pending, []);
    let hook: Vec<&str> =
        saved.outboxes[&Sink::Hook].pending.iter().map(|(n, _)| n.key.as_str()).collect();
    assert_eq!(hook, [key.as_str()]);
}

#[test]
fn what_a_locked_database_did_not_take_is_written_at_the_stop() {
    let dir = tempfile::tempdir().unwrap();
    let mut writer = writer(dir.path());
    let other = Connection::open(dir.path().join("ccwatch.db")).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let monitor = outage(&mut writer);
    assert!(writer.failing);
    writer.commit_last(at(61), &monitor);
    assert!(writer.failing, "it is still locked");
    other.execute_batch("COMMIT").unwrap();
    writer.commit_last(at(62), &monitor);
    assert!(!writer.failing);
    assert_eq!(writer.queue.records().len(), 0);
    drop(writer);
    assert_eq!(saved(dir.path()).outboxes[&Sink::Desktop].pending.len(), 1);
}

#[test]
fn a_lock_that_another_daemon_took_is_an_error_and_one_that_cannot_be_had_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let mut writer = writer(dir.path()).guarded_by(Lock::acquire(dir.path(), start()).unwrap());
    let file = dir.path().join("ccwatch.lock");
    assert!(writer.keep_lock().is_ok());
    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    assert!(writer.keep_lock().is_ok());
    assert!(writer.unguarded);
    fs::remove_dir(&file).unwrap();
    assert!(writer.keep_lock().is_ok());
    assert!(!writer.unguarded);
    fs::remove_file(&file).unwrap();
    let other = Lock::acquire(dir.path(), at(1)).unwrap();
    assert!(matches!(writer.keep_lock(), Err(LockError::Held { .. })));
    drop(other);
    assert!(writer.keep_lock().is_ok());
}
