//! Who may read the files, where they may be, and how large they get.

use std::fs;
use std::path::Path;

use crate::store::reader::immutable;
use crate::store::{Reader, Store, StoreError};

use super::child::commit_number;
use super::play::{at, play_all};
use super::{database, dir, open, reader};

fn log_size(dir: &Path) -> u64 {
    fs::metadata(dir.join("ccwatch.db-wal")).unwrap().len()
}

#[cfg(unix)]
#[test]
fn nobody_else_may_read_what_is_kept() {
    use std::os::unix::fs::PermissionsExt;
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let dir = dir();
    let check = |names: &[&str]| {
        for name in names {
            assert_eq!(mode(&dir.path().join(name)), 0o600, "{name}");
        }
    };
    let all = ["ccwatch.db", "ccwatch.db-wal", "ccwatch.db-shm"];
    let mut store = open(dir.path());
    commit_number(&mut store, 1);
    check(&all);
    for name in all {
        fs::set_permissions(dir.path().join(name), fs::Permissions::from_mode(0o644)).unwrap();
    }
    let _second = open(dir.path());
    check(&all);
    let _lock = crate::store::Lock::acquire(dir.path(), at(0)).unwrap();
    check(&["ccwatch.lock"]);
}

#[cfg(unix)]
#[test]
fn a_symbolic_link_is_refused() {
    let dir = dir();
    let elsewhere = dir.path().join("elsewhere");
    fs::write(&elsewhere, "mine").unwrap();
    std::os::unix::fs::symlink(&elsewhere, database(dir.path())).unwrap();
    let error = Store::open(dir.path(), at(0)).unwrap_err();
    assert!(matches!(error, StoreError::Io { .. }), "{error:?}");
    assert_eq!(fs::read_to_string(&elsewhere).unwrap(), "mine");
}

#[test]
fn a_directory_that_is_not_there_is_named() {
    let dir = dir();
    let missing = dir.path().join("missing");
    let error = Store::open(&missing, at(0)).unwrap_err();
    assert!(matches!(error, StoreError::Io { .. }), "{error:?}");
    assert!(error.to_string().contains("missing/ccwatch.db"), "{error}");
    assert!(error.hint().is_some());
}

/// The superuser may write anywhere, and then this takes the ordinary way.
#[cfg(unix)]
#[test]
fn a_read_only_directory_can_be_read() {
    use std::os::unix::fs::PermissionsExt;
    let dir = dir();
    let play = play_all(&mut open(dir.path()));
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o500)).unwrap();
    let saved = Reader::open(dir.path()).and_then(|r| r.map(|r| r.saved()).transpose());
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o700)).unwrap();
    assert_eq!(saved.unwrap(), Some(play.saved()));
}

#[test]
fn a_file_that_does_not_change_is_read_without_companions_wherever_it_is() {
    let dir = dir();
    let odd = dir.path().join("a b?c#d%41é&e");
    fs::create_dir(&odd).unwrap();
    let play = play_all(&mut open(&odd));
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_URI;
    let path = database(&odd);
    let reader = Reader::begin(&path, &immutable(&path), flags).unwrap().unwrap();
    assert_eq!(reader.saved().unwrap(), play.saved());
    assert_eq!(fs::read_dir(&odd).unwrap().count(), 1, "nothing was put beside it");
}

#[test]
fn the_log_stays_small_and_a_reader_that_stays_costs_only_while_it_stays() {
    let dir = dir();
    let mut store = open(dir.path());
    (1..=1000).for_each(|n| commit_number(&mut store, n));
    assert!(log_size(dir.path()) < 3 << 20, "{}", log_size(dir.path()));

    let pinned = reader(dir.path());
    (1001..=2000).for_each(|n| commit_number(&mut store, n));
    let grown = log_size(dir.path());
    assert!(grown > 3 << 20, "the reader is in the way: {grown}");
    store.tidy(at(3000)).unwrap();
    assert!(pinned.heartbeat().unwrap().is_some_and(|beat| beat.pid == 1000));
    drop(pinned);
    store.tidy(at(3000)).unwrap();
    assert_eq!(log_size(dir.path()), 0);
}
