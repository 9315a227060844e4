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

use crate::platform::clock;
use ccwatch_core::monitor::Input;
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
    Failed(StoredLocalError),
    /// A session began, and which way its requests go.
    Began {
        /// A hash of its id.
        session: String,
        /// Straight to Anthropic.
        straight: bool,
    },
    /// A turn worked, in a session that had failed before.
    Worked {
        /// When.
        at: Timestamp,
        /// A hash of its id.
        #[serde(default)]
        session: String,
    },
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
pub(super) fn take(path: &Path, now: Timestamp) -> Option<Input> {
    let found = fs::symlink_metadata(path).ok().filter(|found| found.is_file())?;
    let text = (found.len() <= LARGEST).then(|| fs::read(path).ok()).flatten();
    fs::remove_file(path).ok()?;
    match serde_json::from_slice(&text?).ok()? {
        Report::Failed(stored) => {
            let error = LocalError::from(stored);
            (between(error.at, now) <= OLD).then_some(Input::LocalError(error))
        }
        Report::Began { session, straight } => Some(Input::LocalRoute { session, straight }),
        Report::Worked { at, session } => Some(Input::LocalSuccess { at, session }),
    }
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
