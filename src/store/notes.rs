//! What hooks note down of a session: a small file each, in the order in which things happened.
//!
//! The note is what ends a wait. It needs no database: a hook that is told of a prompt appends one
//! line in a moment, whatever state the database is in, and the hook that waits reads it before it
//! does anything. A note that is gone ends a wait, too.

use std::cmp::Ordering;
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;

use crate::platform::plain;
use ccwatch_core::sessions::{Happened, Order};
use ccwatch_core::time::between;
use ccwatch_core::witness::hash;

/// Notes are in the directory of waiting hooks, whose files have no ending.
const DIR: &str = "sessions";
const ENDING: &str = "session";
/// A note that nobody wrote to for so long is of a session that is gone: twice the longest wait.
const FORGOTTEN: Duration = Duration::from_secs(48 * 3600);
/// Two reports of one failure, where no turn has an id, come within this time of each other.
const SAME_WITHIN: Duration = Duration::from_secs(5);
/// The end of a longer one is enough, in bytes.
const LONGEST: u64 = 64 << 10;

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Line {
    /// A turn failed.
    Failed(Timestamp, Failure),
    /// Something else.
    Happened(Timestamp, Happened),
}

/// A turn that failed, as a hook reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Failure {
    hook: String,
    /// The process of Claude Code that it was met in, where that is known.
    process: Option<u32>,
    /// A hash of the turn's id, where it has one.
    turn: Option<String>,
}

/// What is noted of one session.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Note(Vec<Line>);

/// What became of a session after a failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Since {
    /// Nothing.
    Nothing,
    /// It was told to go on, went on, or is over.
    Happened(Vec<(Timestamp, Happened)>),
    /// Nothing is known of the failure any more: it works since, or was forgotten.
    Gone,
}

impl Note {
    /// The note of a session; none where there is none.
    pub fn of(state: &Path, id: &str) -> Option<Self> {
        read(&place(state, id))
    }

    /// Whether the session failed, and didn't work since.
    pub fn has_failed(&self) -> bool {
        let last = self.0.iter().rev().find_map(|line| match line {
            Line::Failed(..) => Some(true),
            Line::Happened(_, Happened::Worked) => Some(false),
            Line::Happened(..) => None,
        });
        last == Some(true)
    }

    /// Whether it tells of a failure, of which the database may not know all yet.
    pub fn tells_of_a_failure(&self) -> bool {
        self.failures().next().is_some()
    }

    /// The process of Claude Code in which it failed last, where that is known.
    pub fn failed_in(&self) -> Option<u32> {
        self.failures().last().and_then(|(_, _, failure)| failure.process)
    }

    fn failures(&self) -> impl Iterator<Item = (usize, Timestamp, &Failure)> {
        self.0.iter().enumerate().filter_map(|(place, line)| match line {
            Line::Failed(at, failure) => Some((place, *at, failure)),
            Line::Happened(..) => None,
        })
    }

    fn reported_by(&self, hook: &str) -> Option<(usize, Timestamp, &Failure)> {
        self.failures().find(|(_, _, failure)| failure.hook == hook)
    }

    /// What happened after the failure that `hook` reported, in its order: that the clock was set
    /// changes nothing.
    fn since(&self, hook: &str) -> Since {
        let Some(own) = self.reported_by(hook) else { return Since::Gone };
        let (_, _, Failure { turn, .. }) = own;
        // A plugin that is there twice reports it twice.
        let mut same =
            self.failures().filter(|(_, _, other)| turn.is_some() && other.turn == *turn);
        let (first, ..) = same.next().unwrap_or(own);
        let happened = self.0.iter().skip(first).filter_map(Line::other_than_failed);
        let happened: Vec<_> = happened.collect();
        if happened.is_empty() { Since::Nothing } else { Since::Happened(happened) }
    }

    /// How the failure that a hook reported stands to the one that another hook reported.
    fn order(&self, known: &str, reported: &str) -> Order {
        let (Some(known), Some(reported)) = (self.reported_by(known), self.reported_by(reported))
        else {
            return Order::Newer;
        };
        match known.0.cmp(&reported.0) {
            _ if self.are_same(known, reported) => Order::Same,
            Ordering::Less => Order::Newer,
            Ordering::Equal => Order::Same,
            Ordering::Greater => Order::Older,
        }
    }

    /// Whether two reports are of one failure: of the same turn, or, where turns have no ids, of the
    /// same moment, with nothing in between that begins or ends a turn.
    fn are_same(
        &self,
        (place, at, failure): (usize, Timestamp, &Failure),
        (other_place, other_at, other): (usize, Timestamp, &Failure),
    ) -> bool {
        if let (Some(turn), Some(other)) = (&failure.turn, &other.turn) {
            return turn == other;
        }
        let (from, to) = (place.min(other_place), place.max(other_place));
        let mut between_them = self.0.iter().take(to).skip(from);
        let is_of_a_turn = |line: &Line| match line {
            Line::Failed(..) | Line::Happened(_, Happened::Woken) => false,
            Line::Happened(..) => true,
        };
        let apart = between(at, other_at).max(between(other_at, at));
        apart < SAME_WITHIN && !between_them.any(is_of_a_turn)
    }
}

impl Line {
    fn other_than_failed(&self) -> Option<(Timestamp, Happened)> {
        match self {
            Self::Happened(at, what) => Some((*at, *what)),
            Self::Failed(..) => None,
        }
    }
}

/// What happened to a session after the failure that `hook` reported.
pub fn since(state: &Path, id: &str, hook: &str) -> Since {
    Note::of(state, id).map_or(Since::Gone, |note| note.since(hook))
}

/// How the failure that the hook `reported` told of stands to the one of the hook `known`: by their
/// places in the note of the session.
pub fn order(state: &Path, id: &str, known: &str, reported: &str) -> Order {
    Note::of(state, id).map_or(Order::Newer, |note| note.order(known, reported))
}

/// A report of a failure.
#[derive(Debug, Clone, Copy)]
pub struct Failed<'a> {
    /// Its hook.
    pub hook: &'a str,
    /// The id of the turn, or nothing.
    pub turn: &'a str,
    /// The process of Claude Code, where it is known.
    pub process: Option<u32>,
}

/// Notes that a turn failed.
///
/// # Errors
/// It can't be written: then nobody could end a wait for it.
pub fn failed(state: &Path, id: &str, at: Timestamp, failed: Failed<'_>) -> io::Result<()> {
    let Failed { hook, turn, process } = failed;
    // No process has the number 0.
    let process = process.unwrap_or_default();
    let turn = if turn.is_empty() { String::new() } else { format!(" {}", hash(turn)) };
    append(state, id, &format!("failed {} {hook} {process}{turn}", at.as_millisecond()))
}

/// Forgets the notes of sessions that never came to an end. One that a hook still waits for stays,
/// however old the clock makes it look.
pub(super) fn tidy(state: &Path, now: Timestamp, waits: impl Fn(&str) -> bool) {
    for path in all(state) {
        let written = fs::symlink_metadata(&path).and_then(|found| found.modified()).ok();
        let written = written.and_then(|written| Timestamp::try_from(written).ok());
        let is_old = written.is_some_and(|written| between(written, now) > FORGOTTEN);
        let is_awaited =
            || read(&path).is_some_and(|note| note.failures().any(|(_, _, one)| waits(&one.hook)));
        if is_old && !is_awaited() {
            let _ = fs::remove_file(path);
        }
    }
}

/// Notes what else happened.
///
/// # Errors
/// It can't be written.
pub fn happened(state: &Path, id: &str, at: Timestamp, what: Happened) -> io::Result<()> {
    append(state, id, &format!("{} {}", what.as_str(), at.as_millisecond()))
}

/// Ends the note of a session, and with it a wait for it.
pub fn end(state: &Path, id: &str) {
    let _ = fs::remove_file(place(state, id));
}

/// The same of every session.
pub fn end_all(state: &Path) {
    for path in all(state) {
        let _ = fs::remove_file(path);
    }
}

fn all(state: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(state.join(DIR)).into_iter().flatten().flatten();
    let is_note = |path: &PathBuf| path.extension().is_some_and(|ending| ending == ENDING);
    entries.map(|entry| entry.path()).filter(is_note).collect()
}

fn read(path: &Path) -> Option<Note> {
    let mut file = plain::open(path).ok()?;
    let length = file.metadata().ok()?.len();
    let mut text = Vec::new();
    io::Seek::seek(&mut file, io::SeekFrom::Start(length.saturating_sub(LONGEST))).ok()?;
    file.take(LONGEST).read_to_end(&mut text).ok()?;
    Some(Note(String::from_utf8_lossy(&text).lines().filter_map(line).collect()))
}

/// One line as a whole, behind what others append in the same moment.
fn append(state: &Path, id: &str, line: &str) -> io::Result<()> {
    match DirBuilder::new().mode(0o700).create(state.join(DIR)) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    let mut file = options.append(true).create(true).mode(0o600).open(place(state, id))?;
    file.write_all(format!("{line}\n").as_bytes())
}

/// A hash of the id can be a file's name.
fn place(state: &Path, id: &str) -> PathBuf {
    state.join(DIR).join(hash(id)).with_extension(ENDING)
}

/// What can't be read says nothing.
fn line(text: &str) -> Option<Line> {
    let mut words = text.split(' ');
    let (word, at) = (words.next()?, words.next()?.parse().ok()?);
    let at = Timestamp::from_millisecond(at).ok()?;
    if word == "failed" {
        let (hook, process) = (words.next()?.to_owned(), words.next()?.parse().ok()?);
        let (process, turn) = (Some(process).filter(|id| *id > 0), words.next().map(str::to_owned));
        return Some(Line::Failed(at, Failure { hook, process, turn }));
    }
    let what = Happened::ALL.into_iter().find(|what| what.as_str() == word)?;
    Some(Line::Happened(at, what))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    fn note_failed(dir: &Path, id: &str, at: Timestamp, hook: &str, turn: &str) -> io::Result<()> {
        failed(dir, id, at, Failed { hook, turn, process: None })
    }

    fn since(dir: &Path, hook: &str) -> Since {
        super::since(dir, "one", hook)
    }

    #[test]
    fn what_happens_after_a_failure_ends_the_wait_for_it() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path();
        assert_eq!(since(dir, "1-1"), Since::Gone);
        happened(dir, "one", at(0), Happened::Typed).unwrap();
        assert_eq!(
            (since(dir, "1-1"), Note::of(dir, "one").unwrap().has_failed()),
            (Since::Gone, false)
        );
        note_failed(dir, "one", at(60), "1-1", "").unwrap();
        assert_eq!(since(dir, "1-1"), Since::Nothing);
        note_failed(dir, "one", at(60), "2-2", "").unwrap();
        assert_eq!(since(dir, "1-1"), Since::Nothing, "a second report is no sign of life");
        happened(dir, "two", at(61), Happened::Typed).unwrap();
        assert_eq!(since(dir, "2-2"), Since::Nothing, "another session's");
        for (n, what) in Happened::ALL.into_iter().enumerate() {
            happened(dir, "one", at(70), what).unwrap();
            let Since::Happened(found) = since(dir, "2-2") else { panic!() };
            assert_eq!((found.len(), found[n]), (n + 1, (at(70), what)));
        }
        note_failed(dir, "one", at(80), "3-3", "").unwrap();
        assert_eq!(since(dir, "3-3"), Since::Nothing);
        end(dir, "one");
        assert_eq!(since(dir, "3-3"), Since::Gone);
    }

    #[test]
    fn a_prompt_between_two_reports_of_one_failure_ends_the_wait_for_both() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path();
        happened(dir, "one", at(0), Happened::Typed).unwrap();
        note_failed(dir, "one", at(60), "1-1", "a turn").unwrap();
        happened(dir, "one", at(60), Happened::Typed).unwrap();
        note_failed(dir, "one", at(60), "2-2", "a turn").unwrap();
        note_failed(dir, "one", at(60), "3-3", "another").unwrap();
        note_failed(dir, "one", at(60), "4-4", "").unwrap();
        assert_eq!(since(dir, "2-2"), since(dir, "1-1"));
        assert!(matches!(since(dir, "1-1"), Since::Happened(found) if found.len() == 1));
        for other in ["3-3", "4-4"] {
            assert_eq!(since(dir, other), Since::Nothing, "a failure of its own");
        }
    }

    #[test]
    fn no_number_of_other_failures_takes_a_note_away_but_time_does() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path();
        let now = crate::platform::clock::now();
        note_failed(dir, "one", now, "1-1", "").unwrap();
        for other in 0..300 {
            note_failed(dir, &format!("other {other}"), now, "2-2", "").unwrap();
        }
        assert_eq!(since(dir, "1-1"), Since::Nothing);
        let much_later = ccwatch_core::time::after(now, FORGOTTEN + Duration::from_secs(60));
        tidy(dir, now, |_| false);
        assert_eq!(since(dir, "1-1"), Since::Nothing);
        tidy(dir, much_later, |hook| hook == "1-1");
        assert_eq!((since(dir, "1-1"), all(dir).len()), (Since::Nothing, 1), "it is waited for");
        tidy(dir, much_later, |_| false);
        assert_eq!((since(dir, "1-1"), all(dir).len()), (Since::Gone, 0));
        note_failed(dir, "one", now, "1-1", "").unwrap();
        end_all(dir);
        assert_eq!(all(dir), [] as [PathBuf; 0]);
    }

    #[test]
    fn what_is_no_note_says_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path();
        note_failed(dir, "one", at(0), "1-1", "").unwrap();
        let file = place(dir, "one");
        let mut long = "odd\nfailed\ntyped x\nfailed 1\n\n".repeat(5000);
        long.push_str(&fs::read_to_string(&file).unwrap());
        fs::write(&file, long).unwrap();
        assert_eq!(since(dir, "1-1"), Since::Nothing);
        fs::write(&file, [0xff; 300]).unwrap();
        assert_eq!(since(dir, "1-1"), Since::Gone);
    }

    #[test]
    fn the_order_is_that_of_the_lines_whatever_the_clock_says() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path();
        let order = |known: &str, reported: &str| super::order(dir, "one", known, reported);
        assert_eq!(order("1-1", "2-2"), Order::Newer, "nothing is noted");
        note_failed(dir, "one", at(90), "1-1", "first").unwrap();
        note_failed(dir, "one", at(90), "2-2", "first").unwrap();
        happened(dir, "one", at(95), Happened::Woken).unwrap();
        note_failed(dir, "one", at(9000), "3-3", "first").unwrap();
        happened(dir, "one", at(96), Happened::OwnPrompt).unwrap();
        // The clock was set back.
        note_failed(dir, "one", at(5), "4-4", "second").unwrap();
        note_failed(dir, "one", at(6), "5-5", "third").unwrap();
        for (known, reported, expected) in [
            ("1-1", "1-1", Order::Same),
            ("1-1", "2-2", Order::Same),
            ("2-2", "1-1", Order::Same),
            ("2-2", "3-3", Order::Same),
            ("4-4", "1-1", Order::Older),
            ("3-3", "4-4", Order::Newer),
            ("4-4", "3-3", Order::Older),
            ("4-4", "5-5", Order::Newer),
            ("0-0", "4-4", Order::Newer),
        ] {
            assert_eq!(order(known, reported), expected, "{known} {reported}");
        }
        let Since::Happened(found) = since(dir, "2-2") else { panic!() };
        assert_eq!(found, [(at(95), Happened::Woken), (at(96), Happened::OwnPrompt)]);
    }

    #[test]
    fn where_turns_have_no_ids_reports_of_one_moment_are_of_one_failure() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path();
        let order = |known: &str, reported: &str| super::order(dir, "one", known, reported);
        note_failed(dir, "one", at(90), "1-1", "").unwrap();
        happened(dir, "one", at(91), Happened::Woken).unwrap();
        note_failed(dir, "one", at(88), "2-2", "").unwrap();
        note_failed(dir, "one", at(99), "3-3", "").unwrap();
        happened(dir, "one", at(99), Happened::Typed).unwrap();
        note_failed(dir, "one", at(99), "4-4", "").unwrap();
        assert_eq!(order("1-1", "2-2"), Order::Same, "a waking is no prompt");
        assert_eq!((order("2-2", "1-1"), order("4-4", "1-1")), (Order::Same, Order::Older));
        assert_eq!(order("2-2", "3-3"), Order::Newer, "much later");
        assert_eq!(order("3-3", "4-4"), Order::Newer, "somebody typed in between");
    }

    #[test]
    fn the_process_is_that_of_the_last_failure() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path();
        let failed_in = || Note::of(dir, "one").and_then(|note| note.failed_in());
        for process in [None, Some(7), Some(8), None] {
            failed(dir, "one", at(0), Failed { hook: "1-1", turn: "x", process }).unwrap();
            happened(dir, "one", at(1), Happened::Typed).unwrap();
            assert_eq!(failed_in(), process);
        }
    }
}
