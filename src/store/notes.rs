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
/// What is noted in this time happened in one moment: Claude Code starts hooks side by side.
const MOMENT: Duration = Duration::from_secs(1);

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Line {
    /// A turn failed, as this hook reports.
    Failed(Timestamp, String),
    /// Something else.
    Happened(Timestamp, Happened),
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
    pub fn since(&self, hook: &str) -> Since {
        let reports = |line: &Line| matches!(line, Line::Failed(_, by) if by == hook);
        let Some(Line::Failed(failed_at, _)) = self.0.iter().find(|line| reports(line)) else {
            return Since::Gone;
        };
        // A plugin that is there twice reports it twice.
        let same = |line: &Line| matches!(line, Line::Failed(at, _) if distance(*at, *failed_at) <= MOMENT);
        let first = self.0.iter().position(same).unwrap_or_default();
        let (before, after) = self.0.split_at(first);
        let happened = queued(before, *failed_at).into_iter().chain(after);
        // What stands behind it came later, whatever the clock says.
        let earliest = ccwatch_core::time::after(*failed_at, Duration::from_millis(1));
        let happened = happened.filter_map(Line::other_than_failed);
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

/// The prompt that waited in the queue while the turn ran that failed: its hook is started together
/// with that of the failure, or a little before. The prompt that began the turn stands before it.
fn queued(before: &[Line], failed_at: Timestamp) -> Option<&Line> {
    let is_prompt =
        |line: &&Line| matches!(line, Line::Happened(_, Happened::Typed | Happened::OwnPrompt));
    let mut prompts = before.iter().rev().take_while(is_prompt);
    let (last, _began) = (prompts.next()?, prompts.next()?);
    let (at, _) = last.other_than_failed()?;
    (distance(at, failed_at) <= MOMENT).then_some(last)
}

fn distance(one: Timestamp, other: Timestamp) -> Duration {
    between(one.min(other), one.max(other))
}

/// Notes that a turn failed. Forgets the notes of sessions that never came to an end.
///
/// # Errors
/// It can't be written: then nobody could end a wait for it.
pub fn failed(state: &Path, id: &str, at: Timestamp, hook: &str) -> io::Result<()> {
    append(state, id, &format!("failed {} {hook}", at.as_millisecond()))?;
    for path in all(state) {
        let written = fs::symlink_metadata(&path).and_then(|found| found.modified()).ok();
        let written = written.and_then(|written| Timestamp::try_from(written).ok());
        if written.is_some_and(|written| between(written, at) > FORGOTTEN) {
            let _ = fs::remove_file(path);
        }
    }
    Ok(())
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
        return Some(Line::Failed(at, words.next()?.to_owned()));
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
        Note::of(dir, "one").map_or(Since::Gone, |note| note.since(hook))
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
        failed(dir, "one", at(60), "1-1").unwrap();
        assert_eq!(since(dir, "1-1"), Since::Nothing);
        failed(dir, "one", at(60), "2-2").unwrap();
        assert_eq!(since(dir, "1-1"), Since::Nothing, "a second report is no sign of life");
        happened(dir, "two", at(61), Happened::Typed).unwrap();
        assert_eq!(since(dir, "2-2"), Since::Nothing, "another session's");
        for (n, what) in Happened::ALL.into_iter().enumerate() {
            happened(dir, "one", at(70), what).unwrap();
            let Since::Happened(found) = since(dir, "2-2") else { panic!() };
            assert_eq!((found.len(), found[n]), (n + 1, (at(70), what)));
        }
        failed(dir, "one", at(80), "3-3").unwrap();
        assert_eq!(since(dir, "3-3"), Since::Nothing);
        end(dir, "one");
        assert_eq!(since(dir, "3-3"), Since::Gone);
    }

    #[test]
    fn a_prompt_that_waited_in_the_queue_counts_though_it_is_noted_first() {
        for (prompts, failed_at, expected) in [
            (&[0, 100][..], 100, true),
            (&[0, 100][..], 101, true),
            // It was sent into the turn that ran, which failed later.
            (&[0, 100][..], 102, false),
            // The turn that failed began with it.
            (&[100][..], 100, false),
        ] {
            let dir = tempfile::tempdir().unwrap();
            happened(dir.path(), "one", at(-10), Happened::Worked).unwrap();
            for prompt in prompts {
                happened(dir.path(), "one", at(*prompt), Happened::Typed).unwrap();
            }
            let moment = ccwatch_core::time::after(at(failed_at), Duration::from_millis(1));
            let queued = Since::Happened(vec![(moment, Happened::Typed)]);
            // The plugin may be there twice.
            for hook in ["1-1", "2-2"] {
                failed(dir.path(), "one", at(failed_at), hook).unwrap();
                let found = since(dir.path(), hook);
                let expected = if expected { &queued } else { &Since::Nothing };
                assert_eq!(&found, expected, "{prompts:?} {hook}");
            }
        }
    }

    #[test]
    fn no_number_of_other_failures_takes_a_note_away_but_time_does() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path();
        let now = crate::platform::clock::now();
        failed(dir, "one", now, "1-1").unwrap();
        for other in 0..300 {
            failed(dir, &format!("other {other}"), now, "2-2").unwrap();
        }
        assert_eq!(since(dir, "1-1"), Since::Nothing);
        let much_later = ccwatch_core::time::after(now, FORGOTTEN + Duration::from_secs(60));
        failed(dir, "later", much_later, "3-3").unwrap();
        assert_eq!(since(dir, "1-1"), Since::Gone);
        end_all(dir);
        assert_eq!(all(dir), [] as [PathBuf; 0]);
    }

    #[test]
    fn what_is_no_note_says_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path();
        failed(dir, "one", at(0), "1-1").unwrap();
        let file = place(dir, "one");
        let mut long = "odd\nfailed\ntyped x\nfailed 1\n\n".repeat(5000);
        long.push_str(&fs::read_to_string(&file).unwrap());
        fs::write(&file, long).unwrap();
        assert_eq!(since(dir, "1-1"), Since::Nothing);
        fs::write(&file, [0xff; 300]).unwrap();
        assert_eq!(since(dir, "1-1"), Since::Gone);
    }
}
