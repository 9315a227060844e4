//! One daemon at a time, by a held lock. No PID file: the lock is free again the moment its
//! holder is gone, however it went; what is written in the file only serves the message.
//!
//! A daemon holds the lock exclusively. A query command that wants to know whether one runs takes
//! it shared for a moment, which could get in the way of a daemon that starts just then. So a
//! daemon that doesn't get it takes it shared itself: where that works no daemon holds it, only
//! someone who asks, and it tries again.

use std::fs::{File, TryLockError};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use thiserror::Error;

use crate::platform::plain;
use crate::platform::sandbox::Protection;

use super::files::{identity, identity_of, open_private};

const LOCK: &str = "ccwatch.lock";
/// More than this is not read of it, in bytes.
const LONGEST: u64 = 1000;
/// How often a starting daemon gives way to those who only ask. Asking takes microseconds.
const TRIES: u32 = 10_000;

/// The right to be the daemon, until it is dropped.
#[derive(Debug)]
pub struct Lock {
    file: File,
    dir: PathBuf,
    started_at: Timestamp,
    protection: Option<Protection>,
}

/// Who holds the lock, as well as the file tells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Holder {
    /// Its process.
    pub pid: Option<u32>,
    /// When it was started.
    pub since: Option<Timestamp>,
    /// How well it is shut in.
    pub protection: Option<Protection>,
}

/// Why the lock could not be had.
#[derive(Debug, Error)]
pub enum LockError {
    /// Another daemon is running.
    #[error("another daemon is already running{}", described(*.pid, *.since))]
    Held {
        /// Its process, where the file tells.
        pid: Option<u32>,
        /// When it was started, where the file tells.
        since: Option<Timestamp>,
    },
    /// The file system says no.
    #[error("{path} can't be locked")]
    Io {
        /// The lock file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl LockError {
    /// What the user can do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Held { .. } => "stop it first, or give this one a state directory of its own",
            Self::Io { .. } => "check the permissions of the state directory",
        }
    }
}

impl Lock {
    /// Takes the lock in `dir`, which must exist, and writes down who holds it since when.
    pub fn acquire(dir: &Path, started_at: Timestamp) -> Result<Self, LockError> {
        let path = dir.join(LOCK);
        let failed = |source| LockError::Io { path: path.clone(), source };
        let mut file = open_private(&path).map_err(failed)?;
        for _ in 0..TRIES {
            match file.try_lock() {
                Ok(()) => {
                    // A full disk must not keep the daemon from starting.
                    if let Err(error) = sign(&mut file, started_at) {
                        tracing::warn!(path = %path.display(), %error, "lock file not written");
                    }
                    let dir = dir.to_owned();
                    return Ok(Self { file, dir, started_at, protection: None });
                }
                Err(TryLockError::Error(error)) => return Err(failed(error)),
                Err(TryLockError::WouldBlock) => {}
            }
            if is_held(&file).map_err(failed)? {
                break;
            }
            std::thread::yield_now();
        }
        let Holder { pid, since, .. } = read_holder(&mut file);
        Err(LockError::Held { pid, since })
    }

    /// Writes down how well the daemon is shut in, as a second line. It is here and not in the
    /// database because it is true exactly as long as the lock is held.
    pub fn note(&mut self, protection: &Protection) {
        let line = serde_json::to_string(protection).map_err(io::Error::from);
        if let Err(error) = line.and_then(|line| writeln!(self.file, "{line}")) {
            tracing::warn!(%error, "lock file not written");
        }
        self.protection = Some(protection.clone());
    }

    /// Looks whether the file is still the one that others find, and takes the lock anew where it
    /// was deleted or replaced. Another daemon may have been quicker.
    pub fn keep(&mut self) -> Result<(), LockError> {
        if identity(&self.dir.join(LOCK)) == identity_of(&self.file) {
            return Ok(());
        }
        let mut anew = Self::acquire(&self.dir, self.started_at)?;
        if let Some(protection) = &self.protection {
            anew.note(protection);
        }
        *self = anew;
        tracing::warn!("the lock file was deleted or replaced: it was made again");
        Ok(())
    }

    /// The daemon that is running, if one is. Makes no file and keeps no daemon from starting.
    pub fn holder(dir: &Path) -> Result<Option<Holder>, LockError> {
        let path = dir.join(LOCK);
        let failed = |source| LockError::Io { path: path.clone(), source };
        let mut file = match plain::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        let held = is_held(&file).map_err(failed)?;
        Ok(held.then(|| read_holder(&mut file)))
    }
}

/// Whether a daemon holds the lock, not only someone who asks.
fn is_held(file: &File) -> io::Result<bool> {
    match file.try_lock_shared() {
        Ok(()) => file.unlock().map(|()| false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

fn sign(file: &mut File, started_at: Timestamp) -> io::Result<()> {
    let line = format!("{} {started_at}\n", std::process::id());
    // In the place of what was there: a disk that is full has room for that.
    file.write_all(line.as_bytes())?;
    file.set_len(line.len().try_into().unwrap_or(u64::MAX))
}

/// Nothing where the file holds something else, or can't be read.
fn read_holder(file: &mut File) -> Holder {
    let mut text = Vec::new();
    if file.take(LONGEST).read_to_end(&mut text).is_err() {
        return Holder::default();
    }
    let text = String::from_utf8_lossy(&text);
    let (first, second) = text.split_once('\n').unwrap_or((&text, ""));
    let mut words = first.split_whitespace();
    let pid = words.next().and_then(|word| word.parse().ok());
    let since = words.next().and_then(|word| word.parse().ok());
    Holder { pid, since, protection: serde_json::from_str(second).ok() }
}

fn described(pid: Option<u32>, since: Option<Timestamp>) -> String {
    let since = since.map(|at| format!("since {}", at.strftime("%Y-%m-%d %H:%M UTC")));
    let parts = [pid.map(|pid| format!("process {pid}")), since];
    let known: Vec<String> = parts.into_iter().flatten().collect();
    if known.is_empty() { String::new() } else { format!(" ({})", known.join(", ")) }
}

#[cfg(test)]
mod tests;
