//! The files of the store: private to the user, and set aside rather than deleted.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use jiff::Timestamp;

/// The database's name in the state directory.
pub(super) const DATABASE: &str = "ccwatch.db";
/// What SQLite keeps beside a database, by what it appends to the name.
const COMPANIONS: [&str; 3] = ["-wal", "-shm", "-journal"];

/// Which file a path leads to; none where there is no file.
pub(super) type Identity = Option<(u64, u64)>;

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
        options.mode(0o600).custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed());
    }
    let file = options.open(path)?;
    close_to_others(&file)?;
    Ok(file)
}

/// Makes a database private with its companions. SQLite gives the companions that it makes later
/// the database's own mode.
pub(super) fn make_private(path: &Path) -> io::Result<()> {
    open_private(path)?;
    for suffix in COMPANIONS {
        match File::open(companion(path, suffix)) {
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
