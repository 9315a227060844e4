//! What lies on the disk: the configuration, the state directory, the database.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rustix::fs::{Access, access, statvfs};

use crate::claude_code::place::Place;
use crate::cli::Global;
use crate::config::{Config, ConfigError};
use crate::platform::clock;
use crate::platform::paths::{self, PathError};
use crate::platform::reach;
use crate::platform::sandbox::is_below;
use crate::render::shell;
use crate::sinks::hook;
use crate::store::{Heartbeat, Holder, Lock, Reader, StoreError, other_page_dirs};
use ccwatch_core::notice::sink::Sink;
use ccwatch_core::text;
use ccwatch_core::time::between;

use super::Finding::{self, Fix, Skipped, Well};

/// With less than this, in bytes, the database can't be relied on to grow.
const ROOM: u64 = 20 << 20;

pub(super) fn config(
    global: &Global,
    loaded: &Result<(Config, Option<PathBuf>), ConfigError>,
) -> Finding {
    match loaded {
        Ok((_, Some(file))) => Well(format!("{} is right", file.display())),
        Ok((_, None)) => match global.config.clone().map_or_else(paths::config_file, Ok) {
            Ok(file) => Well(format!("every key at its default, there is no {}", file.display())),
            Err(_) => Well("every key at its default".to_owned()),
        },
        Err(error) => Fix(error.to_string(), error.hint().to_owned()),
    }
}

/// What the running daemon last said of itself.
pub(super) fn heartbeat(dir: &Path) -> Option<Heartbeat> {
    Lock::holder(dir).ok().flatten()?;
    Reader::open(dir).ok()??.heartbeat().ok()?
}

/// When the hook failed, if it did when it was last run.
pub(super) fn hook_failed(dir: &Path) -> Option<Timestamp> {
    // A database that can't be read is named further down.
    Reader::open(dir).ok().flatten()?.failed_last(Sink::Hook).ok()?
}

/// The user's hook. That it `failed` counts until it or the configuration was changed: who mended
/// it need not wait for the next outage.
pub(super) async fn hook(
    program: &str,
    beat: Option<&Heartbeat>,
    failed: Option<Timestamp>,
    configuration: Option<&Path>,
) -> Finding {
    if let Some(why) = beat.and_then(|beat| beat.trouble(Sink::Hook)) {
        let step = "run: ccwatch service restart".to_owned();
        return Fix(format!("notify.hook is not run: {why}"), step);
    }
    match hook::find_apart(program).await {
        Ok(path) => match failed.filter(|at| !is_changed(&path, configuration, *at)) {
            Some(at) => {
                let (zone, now) = (clock::zone(), clock::now());
                let at = text::clock(at, now, &zone);
                let step = "see why, and try it: ccwatch notify-test".to_owned();
                Fix(format!("notify.hook failed when it was last run, at {at}"), step)
            }
            None => Well(format!("{} can be run; try it: ccwatch notify-test", path.display())),
        },
        Err(why) => {
            let step = "write its absolute path into notify.hook, and chmod +x it".to_owned();
            Fix(format!("notify.hook: {why}"), step)
        }
    }
}

/// Whether one of these files was changed after `at`; both answered just now.
fn is_changed(program: &Path, configuration: Option<&Path>, at: Timestamp) -> bool {
    let changed = |path: &Path| {
        let modified = fs::metadata(path).and_then(|file| file.modified()).ok();
        modified.and_then(|time| Timestamp::try_from(time).ok()).is_some_and(|time| time > at)
    };
    [Some(program), configuration].into_iter().flatten().any(changed)
}

pub(super) fn state(dir: Option<&Result<PathBuf, PathError>>) -> Finding {
    match dir {
        None => Skipped("depends on the configuration".to_owned()),
        Some(Err(error)) => Fix(error.to_string(), error.hint()),
        Some(Ok(dir)) => directory(dir),
    }
}

fn directory(dir: &Path) -> Finding {
    let shown = dir.display();
    let elsewhere = || "name another directory with --state-dir or state_dir".to_owned();
    // The daemon makes it, and those above it.
    let Some(there) = dir.ancestors().find(|path| path.symlink_metadata().is_ok()) else {
        return Fix(format!("there is no place for {shown}"), elsewhere());
    };
    let writable = access(there, Access::WRITE_OK | Access::EXEC_OK).is_ok();
    let found = fs::symlink_metadata(there);
    let is_dir = found.as_ref().is_ok_and(|found| found.is_dir());
    let open = found.as_ref().is_ok_and(|found| found.mode() & 0o077 != 0);
    let ours = found.is_ok_and(|found| found.uid() == rustix::process::geteuid().as_raw());
    if (there == dir && !is_dir) || !there.is_dir() {
        return Fix(format!("{} is not a directory", there.display()), elsewhere());
    }
    if there == dir && !ours {
        return Fix(format!("{shown} belongs to another user"), elsewhere());
    }
    if there == dir && paths::is_shared(dir) {
        return Fix(format!("{shown} is used by other programs, too"), elsewhere());
    }
    if there == dir && open && !paths::is_ours(dir) {
        let step = format!("run: chmod 700 {}; or {}", shell::path(dir), elsewhere());
        return Fix(format!("{shown} is open to others, and holds what is not ccwatch's"), step);
    }
    if !writable {
        let step = format!("run: chmod u+rwx {}", shell::path(there));
        return Fix(format!("{} can't be written to", there.display()), step);
    }
    if statvfs(there).is_ok_and(|disk| disk.f_bavail.saturating_mul(disk.f_frsize) < ROOM) {
        let step = "make room, or choose another with state_dir".to_owned();
        return Fix(format!("the disk with {shown} is full"), step);
    }
    let when = if there == dir { "" } else { " (made by the first run)" };
    Well(format!("{shown}{when}"))
}

/// Whether Claude Code's transcripts can be followed, where that is wanted.
pub(super) fn local(config: Option<&Config>, beat: Option<&Heartbeat>) -> Finding {
    let Some(config) = config else {
        return Skipped("depends on the configuration".to_owned());
    };
    if !config.local.transcripts {
        return Skipped(
            "Claude Code's transcripts are not followed; to be warned by your own API errors, set \
             transcripts = true below [local] in the configuration"
                .to_owned(),
        );
    }
    if let Some(why) = beat.and_then(|beat| beat.local.as_ref()) {
        let step = "then run: ccwatch service restart".to_owned();
        return Fix(format!("Claude Code's transcripts are not followed: {why}"), step);
    }
    let Some(place) = Place::of_process() else {
        return Fix("there is no home directory".to_owned(), "set HOME".to_owned());
    };
    let dir = place.projects();
    let shown = place.shown(&dir);
    if !reach::answers(&dir) {
        let step = "bring the mount back, then run: ccwatch service restart".to_owned();
        return Fix(format!("the transcripts in {shown}: {}", reach::silent()), step);
    }
    match fs::read_dir(&dir).map(Iterator::count) {
        Ok(projects) => {
            Well(format!("Claude Code's transcripts in {shown} are followed, projects: {projects}"))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Fix(
            format!("there are no transcripts of Claude Code in {shown}"),
            "run claude once; if it keeps them elsewhere, the service needs CLAUDE_CONFIG_DIR, too"
                .to_owned(),
        ),
        Err(error) => {
            let step = format!("see the permissions of {shown}");
            Fix(format!("the transcripts in {shown} can't be read: {error}"), step)
        }
    }
}

pub(super) fn database(dir: Option<&Path>) -> Finding {
    let Some(dir) = dir else {
        return Skipped("depends on the state directory".to_owned());
    };
    match contents(dir) {
        Ok(said) => Well(said),
        Err(error) => {
            let step = error.hint().unwrap_or("see the permissions of the state directory");
            Fix(error.to_string(), step.to_owned())
        }
    }
}

/// The whole file is looked through, which takes a while where there are many years in it.
fn contents(dir: &Path) -> Result<String, StoreError> {
    let Some(reader) = Reader::open(dir)? else {
        return Ok("none yet, the daemon makes it".to_owned());
    };
    let now = clock::now();
    let newest = reader.state()?.page_health.last_good;
    reader.heartbeat()?;
    reader.check_whole()?;
    for (_, place) in other_page_dirs(dir) {
        if let Some(reader) = Reader::open(&place)? {
            reader.check_whole()?;
        }
    }
    Ok(match newest {
        Some(at) => {
            format!("sound, newest reading {} ago", text::duration(between(at, now)))
        }
        None => "sound, no reading yet".to_owned(),
    })
}

/// How well the running daemon is shut in. It works without; only where it is shut in and could
/// write its own configuration is there something to mend.
pub(super) fn sandbox(global: &Global, is_read: bool, dir: Option<&Path>) -> Finding {
    let Some(dir) = dir else {
        return Skipped("depends on the state directory".to_owned());
    };
    // One that can't be read was named above, and may not even be looked at.
    let file = global.config.clone().or_else(|| paths::config_file().ok()).filter(|_| is_read);
    let inside = file.filter(|file| is_below(file, dir));
    match Lock::holder(dir) {
        Ok(Some(Holder { protection: Some(protection), .. })) => match protection.is_on() {
            true => match inside {
                None => Well(protection.to_string()),
                Some(file) => Fix(
                    format!("{protection}, but {} is in the state directory", file.display()),
                    "move it out of there, where the sandbox can't protect it".to_owned(),
                ),
            },
            false => Skipped(protection.to_string()),
        },
        Ok(Some(_)) => Skipped("the daemon that runs does not say".to_owned()),
        Ok(None) | Err(_) => Skipped("known once the daemon runs".to_owned()),
    }
}
