//! What hooks report: one small file each, which the daemon takes away.
//!
//! A file and no socket: it is written in a moment, whether or not a daemon runs, and what nobody
//! took is old by the time that one does.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::heard::{By, Heard};
use crate::platform::clock;
use ccwatch_core::monitor::Input;
use ccwatch_core::notice::FIRST_PAGE;
use ccwatch_core::persist::StoredLocalError;
use ccwatch_core::time::between;
use ccwatch_core::witness::LocalError;

/// A report that nobody took for so long says nothing any more.
const OLD: Duration = Duration::from_secs(10 * 60);
/// Larger files aren't reports, in bytes.
const LARGEST: u64 = 4096;
/// Reports that wait; more are not written while no daemon takes them.
const MOST: usize = 200;

/// The file that says when a hook was last heard of.
const HEARD: &str = "plugin-heard";

/// What a hook reports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Report {
    /// A turn failed.
    Failed {
        /// The error as Claude's page sees it.
        #[serde(flatten)]
        error: StoredLocalError,
        /// The same as the page of the way sees it that the session's requests go.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        way: Option<OfWay>,
    },
    /// A session began, and which way its requests go.
    Began {
        /// A hash of its id.
        session: String,
        /// Straight to Anthropic.
        straight: bool,
        /// The key of the page of the way that they go, where that is watched.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        page: Option<String>,
    },
    /// A turn worked, in a session that had failed before.
    Worked {
        /// When.
        at: Timestamp,
        /// A hash of its id.
        #[serde(default)]
        session: String,
    },
    /// The same in a session whose requests go another way, which a daemon that knows no other ways
    /// must not take for an answer of Anthropic's.
    WorkedOnWay {
        /// When.
        at: Timestamp,
        /// A hash of its id.
        session: String,
        /// The key of the page of that way.
        page: String,
    },
}

/// An error as the page of another way sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfWay {
    /// The key of the page.
    pub page: String,
    /// Whether it is an error of that way's servers.
    pub server: bool,
}

impl Report {
    /// What the daemon takes of it.
    pub fn heard(self) -> Heard {
        let (session, page, input) = match self {
            Self::Failed { error, way: Some(OfWay { page, server }) } => {
                let error = LocalError { server, foreign: false, ..error.into() };
                (error.session.clone(), Some(page), Input::LocalError(error))
            }
            Self::Failed { error, way: None } => {
                let error = LocalError::from(error);
                let page = (!error.foreign).then(|| FIRST_PAGE.to_owned());
                (error.session.clone(), page, Input::LocalError(error))
            }
            Self::Began { session, straight, page } => {
                let input = Input::LocalRoute { session: session.clone(), straight: true };
                (session, page.or_else(|| straight.then(|| FIRST_PAGE.to_owned())), input)
            }
            Self::Worked { at, session } => {
                let input = Input::LocalSuccess { at, session: session.clone() };
                (session, Some(FIRST_PAGE.to_owned()), input)
            }
            Self::WorkedOnWay { at, session, page } => {
                let input = Input::LocalSuccess { at, session: session.clone() };
                (session, Some(page), input)
            }
        };
        Heard { session, by: By::Told(page), input }
    }
}

/// The directory in the state directory.
pub fn dir(state: &Path) -> PathBuf {
    state.join("inbox")
}

/// Whether a path is a whole report.
pub(super) fn is_report(path: &Path, state: &Path) -> bool {
    path.parent() == Some(&dir(state)) && path.extension().is_some_and(|ending| ending == "json")
}

/// The reports that wait, oldest first.
pub(super) fn waiting(state: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir(state)).into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> =
        entries.map(|entry| entry.path()).filter(|path| is_report(path, state)).collect();
    found.sort();
    found
}

/// Takes a report away; none where there is none, or an old one.
pub(super) fn take(path: &Path, now: Timestamp) -> Option<Heard> {
    let found = fs::symlink_metadata(path).ok().filter(|found| found.is_file())?;
    let text = (found.len() <= LARGEST).then(|| fs::read(path).ok()).flatten();
    fs::remove_file(path).ok()?;
    let heard = serde_json::from_slice::<Report>(&text?).ok()?.heard();
    let is_old = |error: &LocalError| between(error.at, now) > OLD;
    let old = matches!(&heard.input, Input::LocalError(error) if is_old(error));
    (!old).then_some(heard)
}

/// Makes the directory, so that it can be watched.
pub(super) fn prepare(state: &Path) {
    if let Err(error) = make(&dir(state)) {
        tracing::warn!("no inbox for Claude Code's hooks: {error}");
    }
}

fn make(inbox: &Path) -> io::Result<()> {
    match DirBuilder::new().mode(0o700).create(inbox) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        result => result,
    }
}

/// Puts a report into the inbox, whole or not at all. `name` is unlike any other.
pub fn put(state: &Path, name: &str, report: &Report) -> io::Result<()> {
    let inbox = dir(state);
    make(&inbox)?;
    if waiting(state).len() >= MOST {
        return Ok(());
    }
    let unfinished = inbox.join(format!("{name}.new"));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&unfinished)?;
    file.write_all(&serde_json::to_vec(report)?)?;
    fs::rename(&unfinished, inbox.join(format!("{name}.json")))
}

/// Notes that a hook of Claude Code was heard of, by the time of a file that is empty. It lies beside
/// the inbox, so that nobody who watches that is woken.
pub fn note_heard(state: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    let file = options.write(true).create(true).mode(0o600).open(state.join(HEARD))?;
    file.set_modified(clock::now().try_into().map_err(io::Error::other)?)
}

/// When a hook was last heard of.
pub fn last_heard(state: &Path) -> Option<Timestamp> {
    let file = fs::symlink_metadata(state.join(HEARD)).ok()?;
    Timestamp::try_from(file.modified().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A hook and a daemon may be of two versions for a while.
    #[test]
    fn reports_of_earlier_hooks_are_of_claudes_page_or_of_nobodys() {
        let error = |foreign: bool| {
            format!(
                r#"{{"failed": {{"at": "2026-11-27T10:00:00Z", "kind": "api_error", "status": 500,
                    "request_id": null, "session": "s", "server": {}, "foreign": {foreign}}}}}"#,
                !foreign
            )
        };
        let began =
            |straight: bool| format!(r#"{{"began": {{"session": "s", "straight": {straight}}}}}"#);
        let worked = r#"{"worked": {"at": "2026-11-27T10:00:00Z"}}"#.to_owned();
        let claude = Some(FIRST_PAGE.to_owned());
        for (text, page) in [
            (error(false), claude.clone()),
            (error(true), None),
            (began(true), claude.clone()),
            (began(false), None),
            (worked, claude),
        ] {
            let report: Report = serde_json::from_str(&text).unwrap();
            assert_eq!(report.heard().by, By::Told(page), "{text}");
        }
    }

    #[test]
    fn an_error_of_another_way_is_somebody_elses_to_who_knows_no_ways() {
        let at = Timestamp::UNIX_EPOCH;
        let local = LocalError {
            at,
            kind: "api_error".to_owned(),
            status: Some(503),
            request_id: None,
            session: "s".to_owned(),
            server: false,
            foreign: true,
            by_hook: true,
        };
        let way = Some(OfWay { page: "foundry".to_owned(), server: true });
        let written = serde_json::to_value(Report::Failed { error: (&local).into(), way }).unwrap();
        let failed = &written["failed"];
        assert_eq!((&failed["server"], &failed["foreign"]), (&false.into(), &true.into()));
        let Heard { by, input, .. } = serde_json::from_value::<Report>(written).unwrap().heard();
        assert_eq!(by, By::Told(Some("foundry".to_owned())));
        let counts = |input| matches!(input, Input::LocalError(e) if e.server && !e.foreign);
        assert!(counts(input));
    }
}
