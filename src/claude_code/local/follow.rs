//! What was appended to transcripts since they were last looked at.

use std::collections::{BTreeSet, HashMap};
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use memchr::memmem;
use rustix::fs::OFlags;

use super::heard::{By, Heard};
use crate::claude_code::place::{Place, environment};
use crate::claude_code::reading;
use crate::claude_code::route::{self, Roads, Way};
use crate::claude_code::settings::Problem;
use crate::claude_code::transcript::{self, Row};
use crate::platform::clock;
use ccwatch_core::diagnose::is_of_the_way;
use ccwatch_core::monitor::Input;
use ccwatch_core::notice::FIRST_PAGE;
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
    roads: Roads,
}

/// The way of a session's requests as far as it can be told.
#[derive(Debug, Clone)]
struct Sighted {
    /// The page by which they are taken to go.
    page: String,
    /// Where that is, if it is another way.
    way: Option<Way>,
    /// What else is known of the road to there.
    road: Road,
}

/// The ways of the sessions, for each directory that one ran in.
type Sights = HashMap<Option<PathBuf>, Sighted>;

impl Follower {
    /// Reads transcripts; `claude` is where the settings are that say whose answers they hold.
    pub(super) fn of(claude: Option<Place>, roads: Roads) -> Self {
        Self { claude, roads, ..Self::default() }
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
    pub(super) fn read(&mut self, touched: &BTreeSet<PathBuf>) -> Vec<Heard> {
        let mut found = Vec::new();
        let mut sights = Sights::new();
        for path in touched.iter().filter(|path| is_transcript(path)) {
            match self.appended(path) {
                Ok(bytes) => {
                    let mut sight = |cwd: Option<PathBuf>| {
                        let known = |cwd: &Option<PathBuf>| self.sight(cwd);
                        sights.entry(cwd).or_insert_with_key(known).clone()
                    };
                    hear(&bytes, path, &mut sight, &mut found);
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    self.read_to.remove(path);
                }
                Err(error) => tracing::debug!("{} can't be read: {error}", path.display()),
            }
        }
        found
    }

    /// The way of a session in `cwd`. The environment of a session isn't known here and goes before all
    /// that is: where nothing else is said, it is taken to go the way that ccwatch goes by itself.
    fn sight(&self, cwd: &Option<PathBuf>) -> Sighted {
        let dir = cwd.clone().unwrap_or_default();
        let known = self.roads.page(&environment, dir);
        let is_known = known.is_some();
        let page = known.unwrap_or_else(|| FIRST_PAGE.to_owned());
        let way = self.roads.way(&page).cloned();
        let road = match is_known {
            true => road(self.claude.as_ref(), cwd, way.as_ref()),
            false => Road::Hidden,
        };
        Sighted { page, way, road }
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

/// The road of a session in `cwd` to Anthropic, or to the `way` that it is taken to go, as far as
/// settings files tell it. The environment goes before them, so they can only show that somebody else
/// answers.
fn road(claude: Option<&Place>, cwd: &Option<PathBuf>, way: Option<&Way>) -> Road {
    let place = claude.map(|place| Place { cwd: cwd.clone().unwrap_or_default(), ..place.clone() });
    let Some(found) = place.map(|place| route::look(&|_| None, &place)) else { return Road::Open };
    let hidden = |problem: &Problem| problem.set_in.contains("settings");
    let elsewhere = match way {
        Some(way) => found.endpoint.is_some() || found.path.is_foreign() && found.path != way.path,
        None => found.path.is_foreign(),
    };
    match elsewhere {
        true => Road::Elsewhere,
        // The sandbox closes the settings of projects, for one.
        false if found.problems.iter().any(hidden) => Road::Hidden,
        false => Road::Open,
    }
}

/// Every error, and the newest answer.
fn hear(
    bytes: &[u8],
    path: &Path,
    sight: &mut dyn FnMut(Option<PathBuf>) -> Sighted,
    found: &mut Vec<Heard>,
) {
    let mut answer = None;
    for line in bytes.split(|byte| *byte == b'\n') {
        if transcript::may_be_error(line) {
            if let Some(heard) = error(line, path, sight) {
                found.push(heard);
                answer = None;
            }
        } else if memmem::find(line, b"assistant").is_some() {
            answer = Some(line);
        }
    }
    found.extend(answer.and_then(|line| success(line, path, sight)));
}

fn error(
    line: &[u8],
    path: &Path,
    sight: &mut dyn FnMut(Option<PathBuf>) -> Sighted,
) -> Option<Heard> {
    let Row::Error(failed) = transcript::read(std::str::from_utf8(line).ok()?)? else {
        return None;
    };
    let at = failed.error.at.unwrap_or_else(clock::now);
    let id = failed.session.unwrap_or_else(|| named(path));
    let Sighted { mut page, way, mut road } = sight(failed.cwd);
    let mut error = failed.error;
    match way {
        Some(way) if is_of_the_way(&error) => error = reading::by_way(error, way.path),
        // It says itself that Anthropic answered.
        Some(_) => (page, road) = (FIRST_PAGE.to_owned(), Road::Open),
        None => {}
    }
    let error = LocalError::of(&error, at, &id, road);
    let session = error.session.clone();
    Some(Heard { session, by: By::Assumed(page), input: Input::LocalError(error) })
}

/// An answer, unless the settings say that it came from elsewhere.
fn success(
    line: &[u8],
    path: &Path,
    sight: &mut dyn FnMut(Option<PathBuf>) -> Sighted,
) -> Option<Heard> {
    let Row::Answer { at, session, cwd } = transcript::read(std::str::from_utf8(line).ok()?)?
    else {
        return None;
    };
    let Sighted { page, road, .. } = sight(cwd);
    let session = hash(&session.unwrap_or_else(|| named(path)));
    let at = at.unwrap_or_else(clock::now);
    let input = Input::LocalSuccess { at, session: session.clone() };
    (road != Road::Elsewhere).then_some(Heard { session, by: By::Assumed(page), input })
}

/// The session that a file is named after.
fn named(path: &Path) -> String {
    path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests;
