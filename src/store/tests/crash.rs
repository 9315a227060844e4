//! Power cuts and kills: what is acknowledged is there, and everything there is of one moment.

use std::fs;
use std::path::Path;

use jiff::Timestamp;

use crate::core::monitor::Saved;
use crate::store::{Reader, Store};

use super::child::{Helper, commit_number};
use super::play::{Play, at, script};
use super::{database, dir, open, reader};

/// Numbers that are the same in every run.
pub(super) fn numbers(seed: u64) -> impl FnMut(u64) -> usize {
    let mut state = seed;
    move |below| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % below).unwrap()
    }
}

/// The numbered events that are there, all parts of the state agreeing.
fn committed(reader: &Reader) -> u32 {
    let transitions = reader.transitions(Timestamp::MIN, None).unwrap();
    let count = u32::try_from(transitions.len()).unwrap();
    let now = at(i64::from(count));
    assert_eq!(transitions.last().unwrap().at, now, "no gap");
    assert_eq!(reader.heartbeat().unwrap().unwrap().pid, count);
    let saved = reader.saved().unwrap();
    assert_eq!(saved.sight.last_good, Some(now));
    assert_eq!(saved.components[0].since, now);
    count
}

#[test]
fn a_killed_writer_loses_nothing_that_it_acknowledged() {
    let dir = dir();
    let mut writer = Helper::start("write", dir.path());
    let mut said = 0;
    while said < 200 {
        said = writer.next().expect("it writes for ever");
    }
    let alive = committed(&reader(dir.path()));
    assert!(alive >= said, "read while the writer lives");
    writer.kill();
    let said = std::iter::from_fn(|| writer.next()).last().unwrap_or(said);
    let found = committed(&reader(dir.path()));
    assert!(found == said || found == said + 1, "acknowledged {said}, found {found}");
    let mut store = open(dir.path());
    commit_number(&mut store, found + 1);
    assert_eq!(committed(&reader(dir.path())), found + 1);
}

#[test]
fn a_torn_log_opens_as_a_prefix() {
    let (states, base, log) = unfinished();
    let mut random = numbers(0x5eed);
    let mut cuts: Vec<usize> = (0..400).map(|_| random(log.len() as u64)).collect();
    cuts.extend([0, log.len()]);
    cuts.sort_unstable();
    let mut reached = 0;
    for cut in cuts {
        let place = state_of(&base, &log[..cut], &states);
        assert!(place >= reached, "a longer log holds no less");
        reached = place;
    }
    assert_eq!(reached, states.len() - 1, "the whole log holds everything");
}

#[test]
fn a_log_with_a_flipped_bit_ends_there() {
    let (states, base, log) = unfinished();
    let mut random = numbers(0xb17);
    let mut reached = Vec::new();
    for _ in 0..100 {
        let mut log = log.clone();
        let at = random(log.len() as u64);
        log[at] ^= 1 << random(8);
        reached.push(state_of(&base, &log, &states));
    }
    assert!(reached.iter().any(|place| *place + 1 < states.len()), "{reached:?}");
}

/// A run that was cut off: the states it went through, the database and its log.
fn unfinished() -> (Vec<Saved>, Vec<u8>, Vec<u8>) {
    let dir = dir();
    let mut store = open(dir.path());
    store.db.execute_batch("PRAGMA wal_autocheckpoint = 0").unwrap();
    let mut play = Play::new();
    let mut states = vec![play.saved()];
    for moment in script() {
        let records = play.take(&moment);
        store.commit(&play.event(&moment, &records)).unwrap();
        states.push(play.saved());
    }
    let base = fs::read(database(dir.path())).unwrap();
    let log = fs::read(dir.path().join("ccwatch.db-wal")).unwrap();
    (states, base, log)
}

/// Which of `states` comes back; the reader and the writer agree.
fn state_of(base: &[u8], log: &[u8], states: &[Saved]) -> usize {
    let dir = dir();
    fs::write(database(dir.path()), base).unwrap();
    fs::write(dir.path().join("ccwatch.db-wal"), log).unwrap();
    let read = read(dir.path());
    let opened = Store::open(dir.path(), at(0)).unwrap();
    assert_eq!(opened.rebuilt, None);
    assert_eq!(read.unwrap_or_default(), opened.saved);
    states.iter().position(|state| *state == opened.saved).expect("a state that was committed")
}

fn read(dir: &Path) -> Option<Saved> {
    Reader::open(dir).unwrap().map(|reader| reader.saved().unwrap())
}
