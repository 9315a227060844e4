//! What is forgotten, and what never is.

use jiff::{SignedDuration, Timestamp};

use crate::store::Store;

use super::play::{at, play_all, script};
use super::{count, dir, open};

fn counts(store: &Store) -> [i64; 4] {
    ["readings", "notices", "transitions", "incidents"].map(|table| count(&store.db, table))
}

fn days(days: i64) -> Timestamp {
    at(0) + SignedDuration::from_hours(24 * days)
}

#[test]
fn readings_and_notices_grow_old_but_history_does_not() {
    let dir = dir();
    let mut store = open(dir.path());
    let play = play_all(&mut store);
    let all = [8, 5, 8, 3];
    for (now, left) in [
        (days(1), all),
        (days(-400), all),
        (Timestamp::MIN, all),
        (days(29), all),
        (days(31), [1, 5, 8, 3]),
        (days(89), [1, 5, 8, 3]),
        (days(91), [1, 1, 8, 3]),
        (Timestamp::MAX, [1, 1, 8, 3]),
    ] {
        store.tidy(now).unwrap();
        assert_eq!(counts(&store), left, "at {now}: the pending ones and the newest stay");
    }
    let moment = script().pop().unwrap();
    store.commit(&play.event(&moment, &[])).unwrap();
    drop(store);
    assert_eq!(Store::open(dir.path(), at(0)).unwrap().saved, play.saved());
}
