//! Power cuts and kills: what is acknowledged is there, and everything there is of one moment.

use std::fs;
use std::path::Path;

use jiff::Timestamp;

use crate::fault_row::Row;
use crate::store::{Reader, Store};
use ccwatch_core::monitor::Saved;

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
    assert_eq!(saved.state.page_health.last_good, Some(now));
    assert_eq!(saved.state.components[0].since, now);
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

/// Wherever the log is torn, exactly the commits come back that were whole by then.
#[test]
fn a_torn_log_opens_as_a_prefix() {
    let run = unfinished();
    let mut random = numbers(0x5eed);
    let mut row = Row { fault: "the database's log, torn", again: TORN, ..Row::default() };
    let cuts: Vec<usize> = (0..500).map(|_| random(run.log.len() as u64)).collect();
    let mut reached = 0;
    for cut in cuts.into_iter().chain([0, run.log.len()]) {
        run.judge(&mut row, &run.log[..cut], cut, true);
        reached = reached.max(run.whole_by(cut));
    }
    assert_eq!(reached, run.states.len() - 1, "the whole log holds everything");
    row.end();
}

/// Other damage than an end: overwritten with zeros, with noise, with another part of itself.
#[test]
fn a_log_with_a_part_overwritten_ends_there() {
    let run = unfinished();
    let mut random = numbers(0x0dd);
    let mut row =
        Row { fault: "the database's log, partly overwritten", again: TORN, ..Row::default() };
    for n in 0..200 {
        let mut log = run.log.clone();
        let at = random(log.len() as u64);
        let length = (1 + random(3 * 4096)).min(log.len() - at);
        match n % 3 {
            0 => log[at..at + length].fill(0),
            1 => log[at..at + length].fill_with(|| u8::try_from(random(256)).unwrap()),
            _ => {
                let from = random((log.len() - length) as u64 + 1);
                log.copy_within(from..from + length, at);
            }
        }
        let same = log.iter().zip(&run.log).position(|(one, other)| one != other);
        run.judge(&mut row, &log, same.unwrap_or(log.len()), false);
    }
    row.end();
}

#[test]
fn a_log_with_a_flipped_bit_ends_there() {
    let run = unfinished();
    let mut random = numbers(0xb17);
    let mut row = Row { fault: "the database's log, a bit flipped", again: TORN, ..Row::default() };
    for _ in 0..200 {
        let mut log = run.log.clone();
        let at = random(log.len() as u64);
        log[at] ^= 1 << random(8);
        run.judge(&mut row, &log, at, false);
    }
    row.end();
}

const TORN: &str = "cargo test --lib store::tests::crash";

/// A run that was cut off: the states it went through, each with the length of the log at its
/// commit; the database and the log.
struct Run {
    states: Vec<Saved>,
    lengths: Vec<usize>,
    base: Vec<u8>,
    log: Vec<u8>,
}

impl Run {
    /// The newest state of which everything is in the first bytes.
    fn whole_by(&self, bytes: usize) -> usize {
        self.lengths.iter().rposition(|length| *length <= bytes).unwrap_or(0)
    }

    /// Opens it with this log, of which so many bytes are as they were: what was acknowledged in
    /// them must be there, and nothing that was never committed. A log that ends there holds no
    /// more than that.
    fn judge(&self, row: &mut Row<'_>, log: &[u8], sound: usize, ends: bool) {
        let expected = self.whole_by(sound);
        row.times += 1;
        row.messages += expected;
        match state_of(&self.base, log, &self.states) {
            None => row.invented += 1,
            Some(place) if place < expected => row.lost += expected - place,
            Some(place) => {
                let same = self.states[place] == self.states[expected];
                assert!(!ends || same, "{place}, not {expected}, out of {sound} bytes");
            }
        }
    }
}

fn unfinished() -> Run {
    let dir = dir();
    let mut store = open(dir.path());
    store.db.execute_batch("PRAGMA wal_autocheckpoint = 0").unwrap();
    let log = || fs::read(dir.path().join("ccwatch.db-wal")).unwrap();
    let mut play = Play::new();
    let mut states = vec![play.saved()];
    let mut lengths = vec![0];
    for moment in script() {
        let records = play.take(&moment);
        store.commit(&play.event(&moment, &records)).unwrap();
        states.push(play.saved());
        lengths.push(log().len());
    }
    let base = fs::read(database(dir.path())).unwrap();
    Run { states, lengths, base, log: log() }
}

/// Which of `states` comes back, the newest if several are alike; the reader and the writer agree.
fn state_of(base: &[u8], log: &[u8], states: &[Saved]) -> Option<usize> {
    let dir = dir();
    fs::write(database(dir.path()), base).unwrap();
    fs::write(dir.path().join("ccwatch.db-wal"), log).unwrap();
    let read = read(dir.path());
    let opened = Store::open(dir.path(), at(0)).unwrap();
    assert_eq!(opened.rebuilt, None);
    assert_eq!(read.unwrap_or_default(), opened.saved);
    states.iter().rposition(|state| *state == opened.saved)
}

fn read(dir: &Path) -> Option<Saved> {
    Reader::open(dir).unwrap().map(|reader| reader.saved().unwrap())
}
