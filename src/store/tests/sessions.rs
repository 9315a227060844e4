//! The sessions that stopped: what hooks write beside the daemon.

use std::fs;
use std::path::Path;

use ccwatch_core::api_error::Cause;
use ccwatch_core::sessions::{
    Awaited, Counts, Happened, Heals, Next, Standing, Stop, StoppedSession, Wish,
};
use rusqlite::Connection;

use crate::platform::clock;
use crate::store::schema::{MIGRATIONS, migrate};
use crate::store::{Lock, Reader, Sessions, Store, StoreError, Waiting, notes};

use super::child::commit_number;
use super::play::at;
use super::{database, dir, open, reader};

pub(super) fn stopped(id: &str, seconds: i64) -> StoppedSession {
    let stop = Stop {
        id: id.to_owned(),
        folder: "/home/me/a project".to_owned(),
        at: at(seconds),
        cause: Cause::Overloaded,
        status: Some(529),
        heals: Heals::Time,
        elsewhere: false,
        headless: false,
        hook: format!("{seconds}-1"),
    };
    StoppedSession::stopped(None, stop, &Wish { resume: true, ..Wish::default() })
}

fn put(dir: &Path, session: &StoppedSession) {
    notes::failed(dir, &session.id, session.stopped_at, &session.hook, "").unwrap();
    let mut table = Sessions::open(dir).unwrap();
    table.change(&session.id, |_| Some(session.clone())).unwrap();
}

fn all(dir: &Path) -> Vec<StoppedSession> {
    reader(dir).sessions().unwrap().into_iter().map(|(session, _)| session).collect()
}

#[test]
fn what_is_kept_comes_back_whole() {
    let dir = dir();
    let mut whole = stopped("a", 10);
    whole.resets_at = Some(at(3600));
    whole.other_worked_at = Some(at(12));
    whole.attempts = 3;
    whole.awaits(Next { awaited: Awaited::Pause, due: Some(at(70)) });
    let bare = StoppedSession { status: None, elsewhere: true, ..stopped("b", 20) };
    for session in [&whole, &bare] {
        put(dir.path(), session);
    }
    assert_eq!(all(dir.path()), [bare, whole.clone()], "the newest first");
    let mut table = Sessions::open(dir.path()).unwrap();
    assert_eq!(table.get("a").unwrap(), Some(whole.clone()));
    let changed = table.change("a", |before| {
        let mut session = before?;
        session.wakes(at(80));
        Some(session)
    });
    assert_eq!(changed.unwrap().unwrap().standing, Standing::Woken);
    assert_eq!(table.get("a").unwrap().unwrap().attempts, 4);
    assert_eq!(table.change("a", |_| None).unwrap(), None);
    assert_eq!(table.get("a").unwrap(), None);
    assert_eq!(table.forget_all().unwrap(), 1);
    assert_eq!(all(dir.path()), []);
}

#[test]
fn another_session_that_works_is_a_sign_for_those_on_its_road() {
    let dir = dir();
    let mut over = stopped("over", 10);
    over.prompted(true, at(11));
    let elsewhere = StoppedSession { elsewhere: true, ..stopped("elsewhere", 10) };
    for session in [stopped("waits", 10), stopped("later", 100), elsewhere, over] {
        put(dir.path(), &session);
    }
    let mut table = Sessions::open(dir.path()).unwrap();
    table.worked("itself", false, at(50)).unwrap();
    table.worked("waits", false, at(60)).unwrap();
    let heard = |id: &str| table.get(id).unwrap().unwrap().other_worked_at;
    assert_eq!(heard("waits"), Some(at(50)), "the first one counts");
    for id in ["later", "elsewhere", "over"] {
        assert_eq!(heard(id), None, "{id}");
    }
}

#[test]
fn hooks_and_the_daemon_write_side_by_side() {
    let dir = dir();
    let mut store = open(dir.path());
    commit_number(&mut store, 1);
    put(dir.path(), &stopped("a", 10));
    commit_number(&mut store, 2);
    let mut table = Sessions::open(dir.path()).unwrap();
    commit_number(&mut store, 3);
    table.worked("b", false, at(30)).unwrap();
    drop(table);
    assert!(!store.is_replaced(), "its files are the same");
    commit_number(&mut store, 4);
    assert_eq!(all(dir.path()).len(), 1);
    assert_eq!(reader(dir.path()).transitions(at(0), None).unwrap().len(), 4);
}

#[test]
fn a_killed_hook_waits_no_more() {
    let dir = dir();
    let now = clock::now();
    let mut session = stopped("a", 10);
    (session.stopped_at, session.changed_at) = (now, now);
    put(dir.path(), &session);
    let counts = |dir: &Path| reader(dir).state().unwrap().sessions;
    assert_eq!(counts(dir.path()), Counts { going_on: 0, yours: 1 }, "nobody holds its lock");
    let waiting = Waiting::begin(dir.path(), &session.hook).unwrap();
    assert_eq!(counts(dir.path()), Counts { going_on: 1, yours: 0 });
    assert!(reader(dir.path()).sessions().unwrap()[0].1);
    assert_eq!(open(dir.path()).sessions().unwrap(), Counts { going_on: 1, yours: 0 });
    drop(waiting);
    assert_eq!(counts(dir.path()), Counts { going_on: 0, yours: 1 });
}

#[test]
fn what_killed_hooks_left_is_taken_away() {
    let dir = dir();
    let here = |name: &str| dir.path().join("sessions").join(name);
    assert!(!Waiting::may_be_any(dir.path()));
    let first = Waiting::begin(dir.path(), "1-1").unwrap();
    fs::write(here("2-2"), "").unwrap();
    notes::failed(dir.path(), "a", at(0), "2-2", "").unwrap();
    assert_eq!(Waiting::count(dir.path()), 1);
    let second = Waiting::begin(dir.path(), "3-3").unwrap();
    assert!(here("1-1").exists() && !here("2-2").exists() && here("3-3").exists());
    drop((first, second));
    assert!(!here("1-1").exists() && !here("3-3").exists());
    assert!(notes::Note::of(dir.path(), "a").is_some(), "a note is no hook");
    for odd in ["", "../1-1", "a"] {
        assert!(Waiting::begin(dir.path(), odd).is_err(), "{odd:?}");
        assert!(!Waiting::is_held(dir.path(), odd), "{odd:?}");
    }
}

#[test]
fn what_is_noted_counts_before_it_is_written_down() {
    let dir = dir();
    put(dir.path(), &stopped("a", 10));
    put(dir.path(), &stopped("b", 10));
    let other = Connection::open(database(dir.path())).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let typed = |session: Option<StoppedSession>| {
        let mut session = session?;
        session.hears(Happened::Typed, at(20));
        Some(session)
    };
    let busy = Sessions::open_in_passing(dir.path()).unwrap().change("a", typed);
    assert!(matches!(busy, Err(StoreError::Busy { .. })), "{busy:?}");
    notes::happened(dir.path(), "a", at(20), Happened::Typed).unwrap();
    assert_eq!(all(dir.path())[0].standing, Standing::Typed, "for who reads");
    other.execute_batch("ROLLBACK").unwrap();
    let mut table = Sessions::open(dir.path()).unwrap();
    assert_eq!(table.get("a").unwrap().unwrap().standing, Standing::Typed);
    let mut awaited = true;
    let seen = table.change("a", |before| {
        awaited = before.as_ref().unwrap().is_awaited_by("10-1");
        before
    });
    assert_eq!((awaited, seen.unwrap().unwrap().changed_at), (false, at(20)));
    notes::end(dir.path(), "a");
    assert_eq!(table.get("a").unwrap().unwrap().standing, Standing::Typed, "written down now");
    notes::end(dir.path(), "b");
    let gone = table.get("b").unwrap().unwrap();
    assert!(!gone.is_awaited_by("10-1"), "nobody could end the wait");
}

#[test]
fn they_are_kept_for_a_week() {
    const WEEK: i64 = 7 * 24 * 3600;
    let dir = dir();
    let mut store = open(dir.path());
    let mut touched = stopped("touched", 0);
    touched.prompted(true, at(100));
    for session in [stopped("old", 0), touched, stopped("young", 100)] {
        put(dir.path(), &session);
    }
    store.tidy(at(WEEK + 50)).unwrap();
    let ids: Vec<String> = all(dir.path()).into_iter().map(|session| session.id).collect();
    assert_eq!(ids, ["young", "touched"]);
    Sessions::open(dir.path()).unwrap().tidy(at(WEEK + 101)).unwrap();
    assert_eq!(all(dir.path()), [], "hooks tidy up where no daemon runs");
}

#[test]
fn a_database_of_an_earlier_schema_is_only_changed_where_no_daemon_is_at_work_on_it() {
    let dir = dir();
    let mut old = Connection::open(database(dir.path())).unwrap();
    migrate(&mut old, &MIGRATIONS[..5]).unwrap();
    drop(old);
    assert_eq!(reader(dir.path()).sessions().unwrap(), []);
    let lock = Lock::acquire(dir.path(), at(0)).unwrap();
    let refused = Sessions::open(dir.path());
    assert!(matches!(refused, Err(StoreError::OldDaemon { .. })), "{refused:?}");
    drop(lock);
    put(dir.path(), &stopped("a", 10));
    assert_eq!(all(dir.path()).len(), 1);
}

#[test]
fn a_file_that_is_no_database_of_ours_is_an_error_and_not_touched() {
    let dir = dir();
    fs::write(database(dir.path()), "this is no database, whatever else it may be").unwrap();
    assert!(Sessions::open(dir.path()).is_err());
    let kept = fs::read(database(dir.path())).unwrap();
    assert!(kept.starts_with(b"this is no database"));
    fs::remove_file(database(dir.path())).unwrap();
    put(dir.path(), &stopped("a", 10));
    assert!(Reader::open(dir.path()).unwrap().is_some());
    assert!(Store::open(dir.path(), at(0)).unwrap().rebuilt.is_none());
}
