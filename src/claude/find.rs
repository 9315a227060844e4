//! Finds API errors in the transcripts on this machine.
//!
//! There may be thousands of files of hundreds of megabytes. Files are taken newest first, read
//! from their end, and no further than it takes.

use std::collections::{BTreeSet, HashSet};
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;

use super::place::Place;
use super::transcript::{self, Failed, Row};
use crate::core::diagnosis::{Around, ErrorSource};
use crate::core::time::{after, between};

/// How many of the newest files are looked at for an error.
const FILES: usize = 200;
/// How many are looked at for what else happened around it.
const NEIGHBOURS: usize = 40;
/// The pieces of a file's end that are tried one after the other, in bytes.
const TAILS: &[u64] = &[256 << 10, 2 << 20, 16 << 20];
/// More than this is not read in search of the newest error, all files together, in bytes.
const MOST: u64 = 256 << 20;
/// Errors so close to each other belong together.
const NEAR: Duration = Duration::from_secs(10 * 60);
/// An answer for so long after the error says that it went by.
const LATER: Duration = Duration::from_secs(60 * 60);

/// A transcript.
#[derive(Debug, Clone)]
struct Transcript {
    path: PathBuf,
    changed: Timestamp,
}

/// The newest API error in all transcripts.
pub fn newest(place: &Place) -> Option<Failed> {
    let mut best: Option<(Timestamp, Failed)> = None;
    let mut left = MOST;
    for file in transcripts(&place.projects()).into_iter().take(FILES) {
        if best.as_ref().is_some_and(|(at, _)| *at >= file.changed) {
            break;
        }
        if left == 0 {
            break;
        }
        let Some(mut failed) = newest_in(&file, &mut left) else { continue };
        let at = *failed.error.at.get_or_insert(file.changed);
        if best.as_ref().is_none_or(|(found, _)| *found < at) {
            best = Some((at, failed));
        }
    }
    best.map(|(_, failed)| failed)
}

/// The newest API error of one session; none where there is none, or no such session.
pub fn of_session(place: &Place, id: &str) -> Option<Failed> {
    let files = transcripts(&place.projects());
    let of = |file: &Transcript| {
        let named = file.path.file_stem().is_some_and(|stem| stem == id);
        named || file.path.components().any(|part| part.as_os_str() == id)
    };
    let found = files.iter().filter(|file| of(file)).filter_map(|file| {
        let mut failed = newest_in(file, &mut MOST.clone())?;
        failed.error.at.get_or_insert(file.changed);
        Some(failed)
    });
    found.max_by_key(|failed| failed.error.at)
}

/// Whether there are transcripts at all.
pub fn any(place: &Place) -> bool {
    !transcripts(&place.projects()).is_empty()
}

/// What else happened on this machine around an error.
pub fn around(place: &Place, failed: &Failed) -> Around {
    let Some(at) = failed.error.at else { return Around::default() };
    let (mut failing, mut working) = (BTreeSet::new(), BTreeSet::new());
    let mut around = Around::default();
    let mut turn_is_failing = false;
    for row in once_each(rows_near(place, at), failed.session.as_deref()) {
        if matches!(row, Row::Answer { .. }) && row.session() == failed.session.as_deref() {
            turn_is_failing = false;
        }
        match row {
            Row::Error(other) if near(other.error.at, at) && other.error.cause.is_server() => {
                if other.session == failed.session {
                    // A turn has a row for each attempt, and one more when Claude Code gives up.
                    around.same_session_failures += u32::from(!turn_is_failing);
                    turn_is_failing = other.error.source != ErrorSource::TerminalRow;
                } else if other.error.foreign.is_none() {
                    failing.insert(other.session);
                }
            }
            Row::Answer { at: Some(answered), session }
                if answered > at && between(at, answered) <= LATER =>
            {
                if session == failed.session {
                    around.same_session_worked_later = true;
                } else {
                    working.insert(session);
                }
            }
            _ => {}
        }
    }
    around.other_sessions_failing = count(failing.len());
    around.other_sessions_working = count(working.len());
    around
}

/// Rows without their copies: a session that is resumed or split off takes the rows of the one
/// before along, with their times. Those of the session in question come first.
fn once_each(mut rows: Vec<Row>, session: Option<&str>) -> Vec<Row> {
    rows.sort_by_key(|row| row.session() != session);
    let mut seen = HashSet::new();
    rows.retain(|row| match row {
        Row::Error(failed) => {
            let error = &failed.error;
            let id = error.request_id.clone().or_else(|| Some(error.text.clone()));
            error.at.is_none_or(|at| seen.insert((at, error.status, id)))
        }
        Row::Answer { at, .. } => at.is_none_or(|at| seen.insert((at, None, None))),
    });
    rows
}

/// All API errors of a session around a time, oldest first.
pub fn trail(place: &Place, failed: &Failed) -> Vec<Failed> {
    let Some(at) = failed.error.at else { return vec![failed.clone()] };
    let own = rows_near(place, at).into_iter().filter_map(|row| match row {
        Row::Error(other) if other.session == failed.session => Some(*other),
        _ => None,
    });
    let mut own: Vec<Failed> = own.filter(|other| near(other.error.at, at)).collect();
    own.sort_by_key(|other| other.error.at);
    if own.is_empty() { vec![failed.clone()] } else { own }
}

/// Rows of the files that were written to since shortly before `at`.
fn rows_near(place: &Place, at: Timestamp) -> Vec<Row> {
    let files = transcripts(&place.projects()).into_iter();
    let recent = files.take_while(|file| after(file.changed, NEAR) >= at).take(NEIGHBOURS);
    let tail = TAILS.get(1).copied().unwrap_or_default();
    recent.flat_map(|file| rows(&file.path, tail, |_| true)).collect()
}

fn near(other: Option<Timestamp>, at: Timestamp) -> bool {
    other.is_some_and(|other| between(other, at).max(between(at, other)) <= NEAR)
}

fn count(many: usize) -> u32 {
    u32::try_from(many).unwrap_or(u32::MAX)
}

/// The newest error in a file: from its end, in growing pieces.
fn newest_in(file: &Transcript, left: &mut u64) -> Option<Failed> {
    let length = fs::metadata(&file.path).ok()?.len();
    for tail in TAILS {
        *left = left.saturating_sub(length.min(*tail));
        let errors = rows(&file.path, *tail, transcript::may_be_error).into_iter().rev();
        let found = errors.into_iter().find_map(|row| match row {
            Row::Error(failed) => Some(*failed),
            Row::Answer { .. } => None,
        });
        if found.is_some() || *tail >= length {
            return found;
        }
    }
    None
}

/// The rows of interest in the last `tail` bytes of a file, of the lines that are `wanted`.
fn rows(path: &Path, tail: u64, wanted: impl Fn(&[u8]) -> bool) -> Vec<Row> {
    let bytes = last(path, tail).unwrap_or_default();
    let lines = bytes.split(|byte| *byte == b'\n').filter(|line| wanted(line));
    lines.filter_map(|line| transcript::read(std::str::from_utf8(line).ok()?)).collect()
}

fn last(path: &Path, tail: u64) -> std::io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    let start = file.metadata()?.len().saturating_sub(tail);
    file.seek(SeekFrom::Start(start))?;
    let mut bytes = Vec::new();
    file.take(tail).read_to_end(&mut bytes)?;
    if start > 0 {
        let first_whole = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
        bytes.drain(..first_whole);
    }
    Ok(bytes)
}

/// Every transcript, newest first: those of sessions and those of their subagents.
fn transcripts(projects: &Path) -> Vec<Transcript> {
    let mut found = Vec::new();
    for project in entries(projects) {
        for entry in entries(&project) {
            if is_transcript(&entry) {
                found.extend(transcript(entry));
            } else {
                let agents =
                    entries(&entry.join("subagents")).into_iter().filter(|p| is_transcript(p));
                found.extend(agents.filter_map(transcript));
            }
        }
    }
    found.sort_by_key(|file| std::cmp::Reverse(file.changed));
    found
}

fn is_transcript(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "jsonl")
}

fn transcript(path: PathBuf) -> Option<Transcript> {
    let found = fs::metadata(&path).ok().filter(fs::Metadata::is_file)?;
    let changed = Timestamp::try_from(found.modified().ok()?).ok()?;
    Some(Transcript { path, changed })
}

/// What a directory holds; nothing where it can't be read.
fn entries(dir: &Path) -> Vec<PathBuf> {
    fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path()).collect()
}
