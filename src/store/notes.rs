//! What hooks note down of a session: a small file each, in the order in which things happened.
//!
//! The note is what ends a wait. It needs no database: a hook that is told of a prompt appends one
//! line in a moment, whatever state the database is in, and the hook that waits reads it before it
//! does anything. A note that is gone ends a wait, too.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;

use crate::platform::plain;
use ccwatch_core::sessions::Happened;
use ccwatch_core::time::between;
use ccwatch_core::witness::hash;

/// Notes are in the directory of waiting hooks, whose files have no ending.
const DIR: &str = "sessions";
const ENDING: &str = "session";
/// A note that nobody wrote to for so long is of a session that is gone: twice the longest wait.
const FORGOTTEN: Duration = Duration::from_secs(48 * 3600);
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
    /// It went on, or is over.
    Happened(Vec<(Timestamp, Happened)>),
    /// Nothing is known of the failure any more: it works since, or was forgotten.
    Gone,
}

impl Note {
    /// The note of a session; none where there is none.
    pub fn of(state: &Path, id: &str) -> Option<Self> {
        let mut file = plain::open(&place(state, id)).ok()?;
        let length = file.metadata().ok()?.len();
        let mut text = Vec::new();
        io::Seek::seek(&mut file, io::SeekFrom::Start(length.saturating_sub(LONGEST))).ok()?;
        file.take(LONGEST).read_to_end(&mut text).ok()?;
        Some(Self(String::from_utf8_lossy(&text).lines().filter_map(line).collect()))
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
        self.0.iter().any(|line| matches!(line, Line::Failed(..)))
    }

    /// What happened after the failure that `hook` reported.
    fn since(&self, hook: &str) -> Since {
        let failures = || {
            self.0.iter().enumerate().filter_map(|(place, line)| match line {
                Line::Failed(at, failure) => Some((place, *at, failure)),
                Line::Happened(..) => None,
            })
        };
        let Some(own) = failures().find(|(_, _, failure)| failure.hook == hook) else {
            return Since::Gone;
        };
        let (_, failed_at, Failure { turn, .. }) = own;
        // A plugin that is there twice reports it twice.
        let mut same = failures().filter(|(_, _, other)| turn.is_some() && other.turn == *turn);
        let (first, ..) = same.next().unwrap_or(own);
        let after = self.0.iter().skip(first);
        // What stands behind it came later, whatever the clock says.
        let earliest = ccwatch_core::time::after(failed_at, Duration::from_millis(1));
        let happened = after.filter_map(Line::other_than_failed);
        let happened: Vec<_> = happened.map(|(at, what)| (at.max(earliest), what)).collect();
        if happened.is_empty() { Since::Nothing } else { Since::Happened(happened) }
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

/// Notes that a turn failed; `turn` is its id, or nothing.
///
/// # Errors
/// It can't be written: then nobody could end a wait for it.
pub fn failed(state: &Path, id: &str, at: Timestamp, hook: &str, turn: &str) -> io::Result<()> {
    let turn = if turn.is_empty() { String::new() } else { format!(" {}", hash(turn)) };
    append(state, id, &format!("failed {} {hook}{turn}", at.as_millisecond()))
}

/// Forgets the notes of sessions that never came to an end.
pub fn tidy(state: &Path, now: Timestamp) {
    for path in all(state) {
        let written = fs::symlink_metadata(&path).and_then(|found| found.modified()).ok();
        let written = written.and_then(|written| Timestamp::try_from(written).ok());
        if written.is_some_and(|written| between(written, now) > FORGOTTEN) {
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
        let (hook, turn) = (words.next()?.to_owned(), words.next().map(str::to_owned));
        return Some(Line::Failed(at, Failure { hook, turn }));
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
        failed(dir, "one", at(60), "1-1", "").unwrap();
        assert_eq!(since(dir, "1-1"), Since::Nothing);
        failed(dir, "one", at(60), "2-2", "").unwrap();
        assert_eq!(since(dir, "1-1"), Since::Nothing, "a second report is no sign of life");
        happened(dir, "two", at(61), Happened::Typed).unwrap();
        assert_eq!(since(dir, "2-2"), Since::Nothing, "another session's");
        for (n, what) in Happened::ALL.into_iter().enumerate() {
            happened(dir, "one", at(70), what).unwrap();
            let Since::Happened(found) = since(dir, "2-2") else { panic!() };
            assert_eq!((found.len(), found[n]), (n + 1, (at(70), what)));
        }
        failed(dir, "one", at(80), "3-3", "").unwrap();
        assert_eq!(since(dir, "3-3"), Since::Nothing);
        end(dir, "one");
        assert_eq!(since(dir, "3-3"), Since::Gone);
    }

    #[test]
    fn a_prompt_between_two_reports_of_one_failure_ends_the_wait_for_both() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path();
        happened(dir, "one", at(0), Happened::Typed).unwrap();
        failed(dir, "one", at(60), "1-1", "a turn").unwrap();
        happened(dir, "one", at(60), Happened::Typed).unwrap();
        failed(dir, "one", at(60), "2-2", "a turn").unwrap();
        failed(dir, "one", at(60), "3-3", "another").unwrap();
        failed(dir, "one", at(60), "4-4", "").unwrap();
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
        failed(dir, "one", now, "1-1", "").unwrap();
        for other in 0..300 {
            failed(dir, &format!("other {other}"), now, "2-2", "").unwrap();
        }
        assert_eq!(since(dir, "1-1"), Since::Nothing);
        let much_later = ccwatch_core::time::after(now, FORGOTTEN + Duration::from_secs(60));
        tidy(dir, now);
        assert_eq!(since(dir, "1-1"), Since::Nothing);
        tidy(dir, much_later);
        assert_eq!((since(dir, "1-1"), all(dir).len()), (Since::Gone, 0));
        failed(dir, "one", now, "1-1", "").unwrap();
        end_all(dir);
        assert_eq!(all(dir), [] as [PathBuf; 0]);
    }

    #[test]
    fn what_is_no_note_says_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path();
        failed(dir, "one", at(0), "1-1", "").unwrap();
        let file = place(dir, "one");
        let mut long = "odd\nfailed\ntyped x\nfailed 1\n\n".repeat(5000);
        long.push_str(&fs::read_to_string(&file).unwrap());
        fs::write(&file, long).unwrap();
        assert_eq!(since(dir, "1-1"), Since::Nothing);
        fs::write(&file, [0xff; 300]).unwrap();
        assert_eq!(since(dir, "1-1"), Since::Gone);
    }
}
