//! The files of the store: private to the user, and set aside rather than deleted.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
#[cfg(unix)]
use rustix::fs::OFlags;

use crate::platform::plain;

/// The database's name in the state directory.
pub(super) const DATABASE: &str = "ccwatch.db";
/// What SQLite keeps beside a database, by what it appends to the name.
const COMPANIONS: [&str; 3] = ["-wal", "-shm", "-journal"];

/// Which file a path leads to; none where there is no file.
pub(super) type Identity = Option<(u64, u64)>;

/// The files of a database that is open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Files {
    pub(super) database: Identity,
    pub(super) log: Identity,
    index: Identity,
    /// How long the log's index is, which only grows; it is mapped into memory.
    index_length: u64,
}

impl Files {
    /// As they are now.
    pub(super) fn of(path: &Path) -> Self {
        let index = companion(path, "-shm");
        Self {
            database: identity(path),
            log: identity(&companion(path, "-wal")),
            index: identity(&index),
            index_length: fs::metadata(&index).map_or(0, |file| file.len()),
        }
    }

    /// After a transaction: the index may be longer now.
    pub(super) fn note_growth(&mut self, path: &Path) {
        let now = Self::of(path);
        if now.index == self.index {
            self.index_length = self.index_length.max(now.index_length);
        }
    }

    /// Whether the log's index was cut short, so that touching it would end us. One that was
    /// deleted is whole in memory.
    pub(super) fn is_cut(&self, before: &Self) -> bool {
        self.index == before.index && self.index_length < before.index_length
    }

    /// Whether all of it is what it was.
    pub(super) fn is(&self, before: &Self) -> bool {
        let same = self.database == before.database && self.log == before.log;
        same && self.index == before.index && !self.is_cut(before)
    }
}

/// `path` with `suffix` appended to its name.
pub(super) fn companion(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

/// Opens a file for writing, made if it isn't there; nobody else may read it, whatever the umask.
/// A symbolic link is refused.
pub(super) fn open_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
        options.mode(0o600).custom_flags(flags.bits().cast_signed());
    }
    if let Ok(found) = fs::symlink_metadata(path)
        && let Some(other) = plain::other_than_plain(&found).filter(|_| !found.is_symlink())
    {
        // A socket would be refused in riddles.
        return Err(io::Error::other(other));
    }
    let file = regular(options.open(path)?)?;
    close_to_others(&file)?;
    Ok(file)
}

/// What can't be opened in a database's place, or in that of its companions.
pub(super) fn check_plain(path: &Path) -> io::Result<()> {
    let companions = COMPANIONS.map(|suffix| companion(path, suffix));
    for file in std::iter::once(path).chain(companions.iter().map(PathBuf::as_path)) {
        let other = fs::metadata(file).ok().and_then(|found| plain::other_than_plain(&found));
        if let Some(other) = other {
            return Err(io::Error::other(format!("{}: {other}", file.display())));
        }
    }
    Ok(())
}

fn regular(file: File) -> io::Result<File> {
    match plain::other_than_plain(&file.metadata()?) {
        None => Ok(file),
        Some(other) => Err(io::Error::other(other)),
    }
}

/// Makes a database private with its companions. SQLite gives the companions that it makes later
/// the database's own mode.
pub(super) fn make_private(path: &Path) -> io::Result<()> {
    open_private(path)?;
    for suffix in COMPANIONS {
        match plain::open(&companion(path, suffix)) {
            Ok(file) => close_to_others(&file)?,
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Moves a database away with its companions; gives its new place.
pub(super) fn set_aside(path: &Path, now: Timestamp) -> io::Result<PathBuf> {
    let stamp = now.strftime("%Y%m%dT%H%M%SZ");
    let first = companion(path, &format!(".damaged-{stamp}"));
    let others = (2_u32..).map(|n| companion(path, &format!(".damaged-{stamp}-{n}")));
    let place = std::iter::once(first.clone()).chain(others).find(|place| !place.exists());
    let place = place.unwrap_or(first);
    // The database last: as long as it is there, this is not done.
    for suffix in COMPANIONS {
        match fs::rename(companion(path, suffix), companion(&place, suffix)) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    fs::rename(path, &place)?;
    Ok(place)
}

/// Whether there is no write-ahead log with anything in it.
pub(super) fn has_no_log(path: &Path) -> bool {
    match fs::metadata(companion(path, "-wal")) {
        Ok(log) => log.len() == 0,
        Err(error) => error.kind() == ErrorKind::NotFound,
    }
}

/// Which file `path` leads to.
#[cfg(unix)]
pub(super) fn identity(path: &Path) -> Identity {
    fs::metadata(path).ok().as_ref().map(numbers)
}

/// Which file it is.
#[cfg(unix)]
pub(super) fn identity_of(file: &File) -> Identity {
    file.metadata().ok().as_ref().map(numbers)
}

#[cfg(unix)]
fn numbers(file: &fs::Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt;
    (file.dev(), file.ino())
}

/// Which file `path` leads to; where open files can't be replaced it needs no telling apart.
#[cfg(not(unix))]
pub(super) fn identity(_path: &Path) -> Identity {
    None
}

/// The same of an open file.
#[cfg(not(unix))]
pub(super) fn identity_of(_file: &File) -> Identity {
    None
}

#[cfg(unix)]
fn close_to_others(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let open_to_others = file.metadata()?.permissions().mode() & 0o177 != 0;
    if open_to_others { file.set_permissions(fs::Permissions::from_mode(0o600)) } else { Ok(()) }
}

#[cfg(not(unix))]
fn close_to_others(_file: &File) -> io::Result<()> {
    Ok(())
}
