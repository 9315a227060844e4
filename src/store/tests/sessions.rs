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
        status: Some(529),
        ..stop(&format!("{seconds}-1"), seconds)
    };
    StoppedSession::stopped(None, stop, &Wish { resume: true, ..Wish::default() })
}

fn stop(hook: &str, seconds: i64) -> Stop {
    Stop {
        id: "a".to_owned(),
        folder: "/home/me".to_owned(),
        at: at(seconds),
        cause: Cause::Overloaded,
        status: None,
        heals: Heals::Time,
        elsewhere: false,
        headless: false,
        hook: hook.to_owned(),
        can_wait: true,
    }
}

fn note_failure(dir: &Path, id: &str, hook: &str) {
    let failed = notes::Failed { hook, turn: "", process: None };
    notes::failed(dir, id, at(0), failed).unwrap();
}

fn put(dir: &Path, session: &StoppedSession) {
    note_failure(dir, &session.id, &session.hook);
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
    note_failure(dir.path(), "a", "2-2");
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

/// The file of a hook, held as who tidies up holds it, or who looks whether it is held.
fn opened(path: &Path) -> fs::File {
    fs::OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path).unwrap()
}

#[test]
fn a_file_that_is_taken_away_before_it_is_held_is_made_again() {
    let dir = dir();
    drop(Waiting::begin(dir.path(), "1-1").unwrap());
    let path = dir.path().join("sessions/3-3");
    let held = opened(&path);
    held.lock().unwrap();
    let begins = std::thread::spawn({
        let dir = dir.path().to_owned();
        move || Waiting::begin(&dir, "3-3").unwrap()
    });
    // Until it waits for the lock: we have the file open, and it.
    let is_open = |link: &fs::DirEntry| fs::read_link(link.path()).is_ok_and(|to| to == path);
    let opened = || fs::read_dir("/proc/self/fd").unwrap().flatten().filter(is_open).count();
    while cfg!(target_os = "linux") && opened() < 2 {
        std::thread::yield_now();
    }
    fs::remove_file(&path).unwrap();
    drop(held);
    let waiting = begins.join().unwrap();
    assert!(Waiting::is_held(dir.path(), "3-3"), "everybody sees that it waits");
    assert_eq!(Waiting::count(dir.path()), 1);
    drop(waiting);
    assert!(!path.exists());
}

#[test]
fn only_who_holds_a_file_takes_it_away() {
    let dir = dir();
    drop(Waiting::begin(dir.path(), "1-1").unwrap());
    let path = dir.path().join("sessions/2-2");
    let looked_at = opened(&path);
    looked_at.lock_shared().unwrap();
    drop(Waiting::begin(dir.path(), "3-3").unwrap());
    assert!(path.exists(), "it may be held a moment later");
    drop(looked_at);
    drop(Waiting::begin(dir.path(), "3-3").unwrap());
    assert!(!path.exists());
}

#[test]
fn what_was_noted_before_the_clock_was_set_back_came_before() {
    let dir = dir();
    let mut woken = stopped("a", 9000);
    woken.wakes(at(9060));
    put(dir.path(), &woken);
    let mut table = Sessions::open(dir.path()).unwrap();
    let wish = Wish { resume: true, ..Wish::default() };
    notes::happened(dir.path(), "a", at(9060), Happened::Woken).unwrap();
    // It is three hours earlier now.
    notes::happened(dir.path(), "a", at(20), Happened::OwnPrompt).unwrap();
    assert_eq!(table.get("a").unwrap().unwrap().standing, Standing::GoingOn);
    note_failure(dir.path(), "a", "30-1");
    let again = table.stopped(stop("30-1", 30), &wish).unwrap().unwrap();
    assert!(again.is_awaited_by("30-1"), "{again:?}");
    assert_eq!((again.attempts, again.first_at), (1, at(30)));
    let late = table.stopped(stop("9000-1", 9000), &wish).unwrap().unwrap();
    assert_eq!(late, again, "an older failure takes nothing away");
}

#[test]
fn a_failure_that_is_over_before_it_is_written_down_is_not_written_down() {
    let dir = dir();
    let wish = Wish { resume: true, ..Wish::default() };
    let mut table = Sessions::open(dir.path()).unwrap();
    note_failure(dir.path(), "a", "1-1");
    notes::end(dir.path(), "a");
    assert_eq!(table.stopped(stop("1-1", 10), &wish).unwrap(), None);
    assert_eq!(all(dir.path()), []);
    note_failure(dir.path(), "a", "2-2");
    let kept = table.stopped(stop("2-2", 20), &wish).unwrap();
    assert_eq!(table.stopped(stop("1-1", 10), &wish).unwrap(), kept, "it tells of another one");
}

#[test]
fn a_hook_that_can_wait_does_whichever_of_two_is_first() {
    let dir = dir();
    let wish = Wish { resume: true, ..Wish::default() };
    let mut table = Sessions::open(dir.path()).unwrap();
    let plain = || Stop { can_wait: false, ..stop("2-2", 10) };
    for plain_writes_first in [true, false] {
        note_failure(dir.path(), "a", "1-1");
        note_failure(dir.path(), "a", "2-2");
        let first = if plain_writes_first { plain() } else { stop("1-1", 10) };
        let second = if plain_writes_first { stop("1-1", 10) } else { plain() };
        table.stopped(first, &wish).unwrap();
        let kept = table.stopped(second, &wish).unwrap().unwrap();
        assert!(kept.is_awaited_by("1-1"), "{plain_writes_first} {kept:?}");
        table.forget_all().unwrap();
        notes::end_all(dir.path());
    }
}

#[test]
fn the_first_prompt_after_a_waking_may_be_told_of_as_often_as_one_likes() {
    let dir = dir();
    let mut woken = stopped("a", 10);
    woken.wakes(at(20));
    put(dir.path(), &woken);
    notes::happened(dir.path(), "a", at(20), Happened::Woken).unwrap();
    notes::happened(dir.path(), "a", at(21), Happened::Typed).unwrap();
    let mut table = Sessions::open(dir.path()).unwrap();
    for _ in 0..3 {
        table.take_in("a").unwrap();
        let kept = table.get("a").unwrap().unwrap();
        assert_eq!((kept.standing, kept.attempts), (Standing::Typed, 1));
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
