use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::store::tests::child::Helper;

use super::*;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_782_900_000 + seconds).unwrap()
}

#[test]
fn one_holds_it_and_the_others_are_told_who() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(Lock::holder(dir.path()).unwrap(), None);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0, "asking makes no file");
    let mut lock = Lock::acquire(dir.path(), at(0)).unwrap();
    let (pid, since) = (Some(std::process::id()), Some(at(0)));
    let mut holder = Holder { pid, since, protection: None };
    assert_eq!(Lock::holder(dir.path()).unwrap(), Some(holder.clone()));
    let off = Protection::off("two\nlines");
    lock.note(&off);
    holder.protection = Some(off);
    assert_eq!(Lock::holder(dir.path()).unwrap(), Some(holder));
    let error = Lock::acquire(dir.path(), at(1)).unwrap_err();
    assert!(matches!(error, LockError::Held { pid: p, since: s } if (p, s) == (pid, since)));
    let text = format!(
        "another daemon is already running (process {}, since 2026-07-01 10:00 UTC)",
        std::process::id()
    );
    assert_eq!(error.to_string(), text);
    drop(lock);
    assert_eq!(Lock::holder(dir.path()).unwrap(), None);
    Lock::acquire(dir.path(), at(2)).unwrap();
}

#[test]
fn it_is_free_at_once_when_its_holder_was_killed() {
    let dir = tempfile::tempdir().unwrap();
    let mut holder = Helper::start("hold", dir.path());
    let pid = holder.next();
    assert!(pid.is_some());
    let held = Lock::holder(dir.path()).unwrap().unwrap();
    assert_eq!(held, Holder { pid, since: Some(at(7)), protection: None });
    assert!(matches!(Lock::acquire(dir.path(), at(0)), Err(LockError::Held { .. })));
    holder.kill();
    assert_eq!(Lock::holder(dir.path()).unwrap(), None);
    Lock::acquire(dir.path(), at(0)).unwrap();
}

#[test]
fn what_is_in_the_file_does_not_matter() {
    for text in [&b""[..], b"\xff\xfe\0", b"-7 yesterday", b"99999999999 1", &[b'9'; 5000]] {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(LOCK), text).unwrap();
        assert_eq!(Lock::holder(dir.path()).unwrap(), None);
        let _lock = Lock::acquire(dir.path(), at(0)).unwrap();
        fs::write(dir.path().join(LOCK), text).unwrap();
        assert_eq!(Lock::holder(dir.path()).unwrap(), Some(Holder::default()));
        let error = Lock::acquire(dir.path(), at(0)).unwrap_err();
        assert_eq!(error.to_string(), "another daemon is already running");
    }
}

#[test]
fn those_who_ask_keep_no_daemon_from_starting() {
    let dir = tempfile::tempdir().unwrap();
    drop(Lock::acquire(dir.path(), at(0)).unwrap());
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    Lock::holder(dir.path()).unwrap();
                }
            });
        }
        let started = (0..500).filter(|_| Lock::acquire(dir.path(), at(0)).is_ok()).count();
        done.store(true, Ordering::Relaxed);
        assert_eq!(started, 500);
    });
}

#[test]
fn of_several_that_start_at_once_one_wins() {
    let dir = tempfile::tempdir().unwrap();
    for _ in 0..100 {
        let locks = std::thread::scope(|scope| {
            let start = || Lock::acquire(dir.path(), at(0)).ok();
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(start)).collect();
            threads.into_iter().filter_map(|t| t.join().unwrap()).collect::<Vec<_>>()
        });
        assert_eq!(locks.len(), 1);
    }
}

#[test]
fn a_directory_that_is_not_there_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let error = Lock::acquire(&dir.path().join("missing"), at(0)).unwrap_err();
    assert!(error.to_string().contains("missing/ccwatch.lock"), "{error}");
    assert_eq!(Lock::holder(&dir.path().join("missing")).unwrap(), None);
}

#[test]
fn a_file_that_was_deleted_is_made_again_and_one_that_another_took_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join(LOCK);
    let mut lock = Lock::acquire(dir.path(), at(0)).unwrap();
    let off = Protection::off("for a test");
    lock.note(&off);
    let before = Lock::holder(dir.path()).unwrap();
    lock.keep().unwrap();
    fs::remove_file(&file).unwrap();
    assert_eq!(Lock::holder(dir.path()).unwrap(), None);
    lock.keep().unwrap();
    assert_eq!(Lock::holder(dir.path()).unwrap(), before, "with all that was noted");
    assert!(matches!(Lock::acquire(dir.path(), at(1)), Err(LockError::Held { .. })));
    fs::remove_file(&file).unwrap();
    let other = Lock::acquire(dir.path(), at(2)).unwrap();
    assert!(matches!(lock.keep(), Err(LockError::Held { since, .. }) if since == Some(at(2))));
    drop(other);
    lock.keep().unwrap();
}
