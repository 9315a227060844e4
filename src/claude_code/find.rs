//! Finds API errors in the transcripts on this machine.
//!
//! There may be thousands of files of hundreds of megabytes. Files are taken newest first, read
//! from their end, and no further than it takes.

use std::collections::{BTreeSet, HashSet};
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;

use super::place::Place;
use super::transcript::{self, Failed, Row};
use crate::platform::reach;
use ccwatch_core::api_error::{ApiError, ErrorSource};
use ccwatch_core::diagnose::Around;
use ccwatch_core::time::{after, between};

/// How many files are looked at for what else happened around an error.
const NEIGHBOURS: usize = 40;
/// How many files are looked at for a whole outage.
const OUTAGE: usize = 400;
/// What is read of a file's end for that, in bytes.
const TAIL: u64 = 2 << 20;
/// The first piece that is read of a file's end in search of an error, and the largest, in bytes.
const PIECES: (u64, u64) = (256 << 10, 16 << 20);
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

/// How many transcripts there are, and how many of them were looked at: the newest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Looked {
    /// Looked at.
    pub at: usize,
    /// All.
    pub of: usize,
}

/// The newest API error in all transcripts; none: how far the search went.
pub fn newest(place: &Place) -> Result<Failed, Looked> {
    let files = transcripts(&place.projects());
    let mut looked = Looked { at: 0, of: files.len() };
    let mut best: Option<(Timestamp, Failed)> = None;
    let mut left = MOST;
    for file in files {
        if left == 0 || best.as_ref().is_some_and(|(at, _)| *at >= file.changed) {
            break;
        }
        looked.at += 1;
        let Some(mut failed) = newest_in(&file, &mut left) else { continue };
        let at = *failed.error.at.get_or_insert(file.changed);
        if best.as_ref().is_none_or(|(found, _)| *found < at) {
            best = Some((at, failed));
        }
    }
    best.map(|(_, failed)| failed).ok_or(looked)
}

/// The newest API error of one session; none where there is none, or no such session.
pub fn of_session(place: &Place, id: &str) -> Option<Failed> {
    let files = transcripts(&place.projects());
    let of = |file: &Transcript| {
        let named = file.path.file_stem().is_some_and(|stem| stem == id);
        named || file.path.components().any(|part| part.as_os_str() == id)
    };
    let found = files.iter().filter(|file| of(file)).filter_map(|file| {
        let mut failed = newest_in(file, &mut u64::MAX.clone())?;
        failed.error.at.get_or_insert(file.changed);
        Some(failed)
    });
    found.max_by_key(|failed| failed.error.at)
}

/// A session whose last turn ended with an API error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// Its id.
    pub session: Option<String>,
    /// The error.
    pub error: ApiError,
}

/// The sessions of the folder of `place` whose last word since `from` is an API error, by its time.
pub fn ended_since(place: &Place, from: Timestamp) -> Vec<Ended> {
    let files = transcripts(&place.projects()).into_iter();
    let touched = files.take_while(|file| file.changed >= from).take(NEIGHBOURS);
    // Those of subagents lie deeper: their session tells of them itself.
    let own = touched.filter(|file| file.path.iter().all(|part| part != "subagents"));
    let last = |file: Transcript| {
        let is_last = |row: &Row| match row {
            Row::Error(failed) => failed.error.source == ErrorSource::TerminalRow,
            Row::Answer { .. } => true,
        };
        match rows(&file.path).into_iter().rfind(is_last)? {
            Row::Error(failed) => Some(*failed),
            Row::Answer { .. } => None,
        }
    };
    let here = |failed: &Failed| {
        failed.cwd.as_ref() == Some(&place.cwd) && failed.error.at.is_some_and(|at| at >= from)
    };
    let mut ended: Vec<Failed> = own.filter_map(last).filter(here).collect();
    ended.sort_by_key(|failed| failed.error.at);
    ended.into_iter().map(|Failed { session, error, .. }| Ended { session, error }).collect()
}

/// Whether the transcript of a session is there to go on with.
pub fn is_kept(place: &Place, session: &str) -> bool {
    let name = format!("{session}.jsonl");
    entries(&place.projects()).iter().any(|project| project.join(&name).is_file())
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
            Row::Answer { at: Some(answered), session, .. }
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

/// All API errors of all sessions in a time, oldest first, each once.
pub fn between_times(place: &Place, from: Timestamp, to: Timestamp) -> Vec<Failed> {
    let files = transcripts(&place.projects()).into_iter();
    let touched = files.take_while(|file| file.changed >= from).take(OUTAGE);
    let rows: Vec<Row> = touched.flat_map(|file| rows(&file.path)).collect();
    let errors = once_each(rows, None).into_iter().filter_map(|row| match row {
        Row::Error(failed) => Some(*failed),
        Row::Answer { .. } => None,
    });
    let within = |failed: &Failed| failed.error.at.is_some_and(|at| at >= from && at <= to);
    let mut errors: Vec<Failed> = errors.filter(within).collect();
    errors.sort_by_key(|failed| failed.error.at);
    errors
}

/// The id of the last attempt of the turn that an error ended, for an error that gives none
/// itself.
pub fn attempt_id(place: &Place, failed: &Failed) -> Option<String> {
    let at = failed.error.at?;
    files_near(place, at).into_iter().find_map(|rows| {
        let mut id = None;
        for row in rows.into_iter().filter(|row| row.session() == failed.session.as_deref()) {
            match row {
                Row::Error(other) if other.error.source == ErrorSource::RetryRow => {
                    id = other.error.request_id.or(id);
                }
                Row::Error(other) if other.error.at == Some(at) => return id,
                // Another turn.
                Row::Error(_) | Row::Answer { .. } => id = None,
            }
        }
        None
    })
}

/// Rows of the files that were written to since shortly before `at`.
fn rows_near(place: &Place, at: Timestamp) -> Vec<Row> {
    files_near(place, at).into_iter().flatten().collect()
}

/// The same, a list for each file.
fn files_near(place: &Place, at: Timestamp) -> Vec<Vec<Row>> {
    let files = transcripts(&place.projects()).into_iter();
    let recent = files.take_while(|file| after(file.changed, NEAR) >= at).take(NEIGHBOURS);
    recent.map(|file| rows(&file.path)).collect()
}

fn near(other: Option<Timestamp>, at: Timestamp) -> bool {
    other.is_some_and(|other| between(other, at).max(between(at, other)) <= NEAR)
}

fn count(many: usize) -> u32 {
    u32::try_from(many).unwrap_or(u32::MAX)
}

/// The newest error in a file, read from its end in growing pieces until it is found or nothing is
/// `left` to read.
fn newest_in(file: &Transcript, left: &mut u64) -> Option<Failed> {
    let mut open = File::open(&file.path).ok()?;
    let mut end = open.metadata().ok()?.len();
    let (mut piece, largest) = PIECES;
    // The end of a line whose beginning lies further ahead.
    let mut rest = Vec::new();
    while end > 0 && *left > 0 {
        let start = end.saturating_sub(piece);
        let mut bytes = read_at(&mut open, start, end - start).ok()?;
        *left = left.saturating_sub(end - start);
        bytes.append(&mut rest);
        let whole = match start {
            0 => 0,
            _ => memchr::memchr(b'\n', &bytes).map_or(bytes.len(), |newline| newline + 1),
        };
        let lines = bytes.get(whole..).unwrap_or_default().rsplit(|byte| *byte == b'\n');
        let found = lines.filter(|line| transcript::may_be_error(line)).find_map(error);
        if found.is_some() {
            return found;
        }
        bytes.truncate(whole);
        rest = bytes;
        end = start;
        piece = (piece * 4).min(largest);
    }
    None
}

fn error(line: &[u8]) -> Option<Failed> {
    match transcript::read(std::str::from_utf8(line).ok()?)? {
        Row::Error(failed) => Some(*failed),
        Row::Answer { .. } => None,
    }
}

/// The rows of interest at the end of a file.
fn rows(path: &Path) -> Vec<Row> {
    let bytes = last(path).unwrap_or_default();
    let lines = bytes.split(|byte| *byte == b'\n');
    lines.filter_map(|line| transcript::read(std::str::from_utf8(line).ok()?)).collect()
}

fn last(path: &Path) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    let start = file.metadata()?.len().saturating_sub(TAIL);
    let mut bytes = read_at(&mut file, start, TAIL)?;
    if start > 0 {
        let first_whole = memchr::memchr(b'\n', &bytes).unwrap_or(bytes.len());
        bytes.drain(..first_whole);
    }
    Ok(bytes)
}

fn read_at(file: &mut File, start: u64, length: u64) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(start))?;
    let mut bytes = Vec::new();
    file.take(length).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Every transcript, newest first: those of sessions and those of their subagents.
fn transcripts(projects: &Path) -> Vec<Transcript> {
    let mut found = Vec::new();
    // On a mount that is gone there are none.
    let there = if reach::answers(projects) { entries(projects) } else { Vec::new() };
    for project in there {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn row(at: &str, cwd: &str, session: &str, error: bool) -> String {
        let (model, more) = match error {
            true => (
                "<synthetic>",
                r#","error":"server_error","isApiErrorMessage":true,"apiErrorStatus":529"#,
            ),
            false => ("claude-opus-5", ""),
        };
        format!(
            r#"{{"type":"assistant","timestamp":"{at}","cwd":"{cwd}","sessionId":"{session}","message":{{"model":"{model}","content":"API Error: 529 Overloaded"}}{more}}}"#
        )
    }

    #[test]
    fn sessions_of_this_folder_that_ended_with_an_error_are_found_and_no_others() {
        let dir = tempfile::tempdir().unwrap();
        let home = dir.path().to_owned();
        let place =
            Place { config: home.clone(), cwd: "/here".into(), managed: home.clone(), home };
        let project = place.projects().join("here");
        fs::create_dir_all(project.join("sub/subagents")).unwrap();
        let (before, during, later) =
            ("2026-11-27T10:00:00Z", "2026-11-27T10:05:00Z", "2026-11-27T10:06:00Z");
        for (name, rows) in [
            (
                "ended",
                vec![row(before, "/here", "ended", false), row(during, "/here", "ended", true)],
            ),
            ("newer", vec![row(later, "/here", "newer", true)]),
            (
                "went-on",
                vec![row(during, "/here", "went-on", true), row(later, "/here", "went-on", false)],
            ),
            ("elsewhere", vec![row(during, "/there", "elsewhere", true)]),
            ("long-ago", vec![row(before, "/here", "long-ago", true)]),
            ("sub/subagents/agent-1", vec![row(during, "/here", "sub", true)]),
        ] {
            fs::write(project.join(format!("{name}.jsonl")), rows.join("\n") + "\n").unwrap();
        }
        let ended = ended_since(&place, "2026-11-27T10:03:00Z".parse().unwrap());
        let sessions: Vec<&str> =
            ended.iter().filter_map(|ended| ended.session.as_deref()).collect();
        assert_eq!(sessions, ["ended", "newer"]);
        assert!(
            is_kept(&place, "ended") && !is_kept(&place, "other") && !is_kept(&place, "agent-1")
        );
    }
}
