//! Writes that fail on the way: nothing of the event is there, and nothing is lost in the end.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};

use proptest::prelude::*;
use rusqlite::types::Value;

use crate::store::{Store, StoreError};
use ccwatch_core::monitor::{Record, Saved};

use super::play::{Play, old_incident, script};
use super::{dir, dump, open, reader};

/// Lets the `nth` check that SQLite makes while it works interrupt it, once.
fn fail_at(store: &mut Store, nth: u32) {
    let left = AtomicU32::new(nth);
    let handler = move || left.fetch_sub(1, Ordering::Relaxed) == 1;
    store.db.progress_handler(1, Some(handler)).unwrap();
}

fn fail_no_more(store: &mut Store) {
    store.db.progress_handler(0, None::<fn() -> bool>).unwrap();
}

#[test]
fn a_failure_at_any_point_leaves_all_or_nothing() {
    let dir = dir();
    let mut store = open(dir.path());
    let mut play = Play::new();
    for moment in script() {
        let before = dump(&store.db);
        let records = play.take(&moment);
        let mut failed = Vec::new();
        for nth in (1..20).chain((20..).step_by(11)) {
            fail_at(&mut store, nth);
            let outcome = store.commit(&play.event(&moment, &records));
            fail_no_more(&mut store);
            if outcome.is_ok() {
                break;
            }
            failed.push(dump(&store.db));
            assert!(failed.len() < 2000, "it never works again: {outcome:?}");
        }
        let after = dump(&store.db);
        assert!(failed.len() > 20, "{} points of failure", failed.len());
        // A commit can fail when all is done: then it is there, and was done twice.
        assert!(failed.iter().all(|rows| *rows == before || *rows == after));
        assert_eq!(reader(dir.path()).saved().unwrap(), play.saved());
    }
}

#[test]
fn a_full_disk_is_said_and_nothing_is_lost_when_it_is_over() {
    let dir = dir();
    let mut store = open(dir.path());
    let limit = |store: &Store, pages: u32| {
        store.db.execute_batch(&format!("PRAGMA max_page_count = {pages}")).unwrap();
    };
    let mut big = old_incident();
    big.id = "big1".into();
    big.updates[0].body = "x".repeat(100_000);
    let big = || Record::Incident(Box::new(big.clone()));
    limit(&store, 1);
    let mut play = Play::new();
    let mut waiting = vec![big()];
    for moment in script() {
        waiting.extend(play.take(&moment));
        let error = store.commit(&play.event(&moment, &waiting)).unwrap_err();
        assert!(matches!(error, StoreError::Full { .. }), "{error:?}");
        assert!(error.hint().is_some());
    }
    assert_eq!(reader(dir.path()).saved().unwrap(), Saved::default());
    limit(&store, 1_000_000);
    let moment = script().pop().unwrap();
    store.commit(&play.event(&moment, &waiting)).unwrap();
    assert_eq!(reader(dir.path()).saved().unwrap(), play.saved());

    let other = super::dir();
    let mut untroubled = open(other.path());
    super::play_all(&mut untroubled);
    untroubled.commit(&play.event(&moment, &[big()])).unwrap();
    assert_eq!(history(&store), history(&untroubled));
}

/// What the records left behind, but for times that a failure changes.
fn history(store: &Store) -> Vec<Vec<Value>> {
    let db = rusqlite::Connection::open(&store.path).unwrap();
    db.execute_batch(
        "BEGIN; DELETE FROM readings; UPDATE deliveries SET at = 0;
         UPDATE incidents SET first_seen = 0",
    )
    .unwrap();
    dump(&db)
}

/// The same without any failure.
static UNTROUBLED: LazyLock<Vec<Vec<Value>>> = LazyLock::new(|| {
    let dir = dir();
    let mut store = open(dir.path());
    super::play_all(&mut store);
    history(&store)
});

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Whatever fails when, and whenever the daemon is started again in between: the state is
    /// that of a commit, and in the end everything is there.
    #[test]
    fn any_run_of_failures_leaves_a_loadable_database(
        steps in prop::collection::vec((prop::option::of(1_u32..400), any::<bool>()), 14)
    ) {
        let dir = dir();
        let mut store = open(dir.path());
        let mut play = Play::new();
        let mut waiting: Vec<Record> = Vec::new();
        // What may be there: the last commit that succeeded, or one after it that failed when all
        // was done.
        let mut possible = vec![play.saved()];
        for (moment, (nth, reopen)) in script().iter().zip(steps) {
            waiting.extend(play.take(moment));
            if let Some(nth) = nth {
                fail_at(&mut store, nth);
            }
            let outcome = store.commit(&play.event(moment, &waiting));
            fail_no_more(&mut store);
            if outcome.is_ok() {
                waiting.clear();
                possible.clear();
            }
            possible.push(play.saved());
            if reopen {
                drop(store);
                let opened = Store::open(dir.path(), moment.at).unwrap();
                prop_assert!(possible.contains(&opened.saved));
                possible = vec![opened.saved];
                prop_assert_eq!(opened.rebuilt, None);
                store = opened.store;
            }
        }
        let moment = script().pop().unwrap();
        store.commit(&play.event(&moment, &waiting)).unwrap();
        prop_assert_eq!(reader(dir.path()).saved().unwrap(), play.saved());
        prop_assert_eq!(&history(&store), &*UNTROUBLED);
    }
}
