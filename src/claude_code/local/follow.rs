//! What was appended to transcripts since they were last looked at.

use std::collections::{BTreeSet, HashMap};
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use memchr::memmem;
use rustix::fs::OFlags;

use crate::claude_code::place::Place;
use crate::claude_code::route;
use crate::claude_code::settings::Problem;
use crate::claude_code::transcript::{self, Row};
use crate::platform::clock;
use ccwatch_core::monitor::Input;
use ccwatch_core::witness::{LocalError, Road, hash};

/// More than this of one file is not read at a time; what is before it is left out, in bytes.
const MOST: u64 = 32 << 20;
/// How deep transcripts lie below the projects' directory: project, session, subagents, file.
const DEPTH: usize = 4;

/// How far each file was read.
#[derive(Debug, Default)]
pub(super) struct Follower {
    read_to: HashMap<PathBuf, u64>,
    claude: Option<Place>,
}

/// The route by the settings files, for each directory that a session ran in.
type Routes = HashMap<Option<PathBuf>, Road>;

impl Follower {
    /// Reads transcripts; `claude` is where the settings are that say whose answers they hold.
    pub(super) fn of(claude: Option<Place>) -> Self {
        Self { claude, ..Self::default() }
    }

    /// Takes every transcript that is there for read.
    pub(super) fn skip_what_is_there(&mut self, dir: &Path) {
        for path in Self::transcripts(dir) {
            let length = fs::metadata(&path).map_or(0, |found| found.len());
            self.read_to.insert(path, length);
        }
    }

    /// Every transcript below a directory.
    pub(super) fn transcripts(dir: &Path) -> Vec<PathBuf> {
        let mut found = Vec::new();
        collect(dir, DEPTH, &mut found);
        found
    }

    /// What the files that were touched say of the API.
    pub(super) fn read(&mut self, touched: &BTreeSet<PathBuf>) -> Vec<Input> {
        let mut found = Vec::new();
        let mut routes = Routes::new();
        for path in touched.iter().filter(|path| is_transcript(path)) {
            match self.appended(path) {
                Ok(bytes) => {
                    let mut route = |cwd: Option<PathBuf>| {
                        let known = |cwd: &Option<PathBuf>| route(self.claude.as_ref(), cwd);
                        *routes.entry(cwd).or_insert_with_key(known)
                    };
                    inputs(&bytes, path, &mut route, &mut found);
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    self.read_to.remove(path);
                }
                Err(error) => tracing::debug!("{} can't be read: {error}", path.display()),
            }
        }
        found
    }

    /// The whole lines since last time. A file that is shorter than it was begins anew.
    fn appended(&mut self, path: &Path) -> io::Result<Vec<u8>> {
        // A pipe that nobody writes to would keep us waiting.
        let flags = OFlags::NONBLOCK.bits().cast_signed();
        let mut file = File::options().read(true).custom_flags(flags).open(path)?;
        let found = file.metadata()?;
        if !found.is_file() {
            return Ok(Vec::new());
        }
        let length = found.len();
        let known = self.read_to.get(path).copied().unwrap_or(0);
        let from = if length < known { 0 } else { known };
        let start = from.max(length.saturating_sub(MOST));
        file.seek(SeekFrom::Start(start))?;
        let mut bytes = Vec::new();
        file.take(length - start).read_to_end(&mut bytes)?;
        // A line that is not whole yet is read again; one that is far too long is given up.
        let whole = memchr::memrchr(b'\n', &bytes).map_or(0, |end| end + 1);
        let given_up = whole == 0 && bytes.len() as u64 >= MOST;
        let kept = if given_up { bytes.len() } else { whole };
        self.read_to.insert(path.to_owned(), start + kept as u64);
        bytes.truncate(whole);
        Ok(bytes)
    }
}

fn collect(dir: &Path, depth: usize, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        match entry.file_type() {
            Ok(kind) if kind.is_dir() && depth > 1 => collect(&path, depth - 1, found),
            Ok(_) if is_transcript(&path) => found.push(path),
            _ => {}
        }
    }
}

fn is_transcript(path: &Path) -> bool {
    path.extension() == Some(OsStr::new("jsonl"))
}

/// The route of a session in `cwd` as far as settings files tell it. The environment of a session
/// isn't known here and goes before them, so they can only show that somebody else answers.
fn route(claude: Option<&Place>, cwd: &Option<PathBuf>) -> Road {
    let place = claude.map(|place| Place { cwd: cwd.clone().unwrap_or_default(), ..place.clone() });
    let Some(found) = place.map(|place| route::look(&|_| None, &place)) else { return Road::Open };
    let hidden = |problem: &Problem| problem.set_in.contains("settings");
    match found.path.is_foreign() {
        true => Road::Elsewhere,
        // The sandbox closes the settings of projects, for one.
        false if found.problems.iter().any(hidden) => Road::Hidden,
        false => Road::Open,
    }
}

/// Every error, and the newest answer.
fn inputs(
    bytes: &[u8],
    path: &Path,
    route: &mut dyn FnMut(Option<PathBuf>) -> Road,
    found: &mut Vec<Input>,
) {
    let mut answer = None;
    for line in bytes.split(|byte| *byte == b'\n') {
        if transcript::may_be_error(line) {
            if let Some(input) = error(line, path, route) {
                found.push(input);
                answer = None;
            }
        } else if memmem::find(line, b"assistant").is_some() {
            answer = Some(line);
        }
    }
    found.extend(answer.and_then(|line| success(line, path, route)));
}

fn error(
    line: &[u8],
    path: &Path,
    route: &mut dyn FnMut(Option<PathBuf>) -> Road,
) -> Option<Input> {
    let Row::Error(failed) = transcript::read(std::str::from_utf8(line).ok()?)? else {
        return None;
    };
    let at = failed.error.at.unwrap_or_else(clock::now);
    let session = failed.session.unwrap_or_else(|| named(path));
    Some(Input::LocalError(LocalError::of(&failed.error, at, &session, route(failed.cwd))))
}

/// An answer, unless the settings say that it came from elsewhere.
fn success(
    line: &[u8],
    path: &Path,
    route: &mut dyn FnMut(Option<PathBuf>) -> Road,
) -> Option<Input> {
    match transcript::read(std::str::from_utf8(line).ok()?)? {
        Row::Answer { at, session, cwd } if route(cwd.clone()) != Road::Elsewhere => {
            let session = hash(&session.unwrap_or_else(|| named(path)));
            Some(Input::LocalSuccess { at: at.unwrap_or_else(clock::now), session })
        }
        _ => None,
    }
}

/// The session that a file is named after.
fn named(path: &Path) -> String {
    path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests;
