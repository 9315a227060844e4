//! What can go wrong with the database, by what can be done about it.

use std::error::Error;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;
use thiserror::Error;

/// Why the database could not be used. [`hint`](Self::hint) says what to do.
#[derive(Debug, Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum StoreError {
    #[error("{path} is locked by another program")]
    Busy { path: PathBuf },
    #[error("no space is left to write {path}")]
    Full { path: PathBuf },
    #[error("{path} can't be written")]
    ReadOnly { path: PathBuf },
    #[error("{path} can't be read or written")]
    Io { path: PathBuf, source: Box<dyn Error + Send + Sync> },
    #[error("{path} is damaged: {detail}")]
    Damaged { path: PathBuf, detail: String },
    #[error("{path} was written by a newer ccwatch (schema {found}, this one knows {known})")]
    Newer { path: PathBuf, found: i64, known: i64 },
    #[error("{path} belongs to the running daemon, which is of an older version")]
    OldDaemon { path: PathBuf },
    #[error("{path} can't be used")]
    Other { path: PathBuf, source: rusqlite::Error },
}

impl StoreError {
    /// What the user can do about it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Busy { .. } => Some("close other programs that have it open, then try again"),
            Self::Full { .. } => Some("free some disk space"),
            Self::ReadOnly { .. } => Some("check who owns the file and its directory"),
            Self::Io { .. } => Some("check the disk, and the permissions of the directory"),
            Self::Damaged { .. } => {
                Some("restart the daemon: it sets the damaged file aside and begins a new one")
            }
            Self::Newer { .. } => Some("upgrade this ccwatch"),
            Self::OldDaemon { .. } => Some("restart the daemon, then try again"),
            Self::Other { .. } => None,
        }
    }

    /// Whether it is the disk that says no, so that it may say yes later.
    pub fn is_of_the_disk(&self) -> bool {
        matches!(self, Self::Full { .. } | Self::ReadOnly { .. } | Self::Io { .. })
    }

    /// From the file system.
    pub(super) fn io(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => Self::ReadOnly { path },
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Self::Full { path },
            _ => Self::Io { path, source: source.into() },
        }
    }

    /// From SQLite.
    pub(super) fn sqlite(path: &Path, source: rusqlite::Error) -> Self {
        use ErrorCode as Code;
        let path = path.to_owned();
        match source.sqlite_error_code() {
            Some(Code::DatabaseBusy | Code::DatabaseLocked | Code::FileLockingProtocolFailed) => {
                Self::Busy { path }
            }
            Some(Code::DiskFull) => Self::Full { path },
            Some(Code::ReadOnly | Code::PermissionDenied) => Self::ReadOnly { path },
            Some(Code::SystemIoFailure | Code::CannotOpen) => {
                Self::Io { path, source: source.into() }
            }
            Some(Code::DatabaseCorrupt | Code::NotADatabase) => Self::damaged(path, &source),
            None if is_misfit(&source) => Self::damaged(path, &source),
            _ => Self::Other { path, source },
        }
    }

    /// From SQLite, where the statement is beyond doubt: if it can't be run at all, it is the file
    /// that lacks what it should have.
    pub(super) fn reading(path: &Path, source: rusqlite::Error) -> Self {
        match Self::sqlite(path, source) {
            Self::Other { path, source } if is_rejected(&source) => Self::damaged(path, &source),
            other => other,
        }
    }

    fn damaged(path: PathBuf, source: &rusqlite::Error) -> Self {
        Self::Damaged { path, detail: source.to_string() }
    }
}

/// Whether the fault is a stored value that is not what its column should hold.
pub(super) fn is_misfit(error: &rusqlite::Error) -> bool {
    use rusqlite::Error as E;
    matches!(
        error,
        E::FromSqlConversionFailure(..)
            | E::IntegralValueOutOfRange(..)
            | E::Utf8Error(..)
            | E::InvalidColumnType(..)
    )
}

/// Whether SQLite could not make sense of a statement.
fn is_rejected(error: &rusqlite::Error) -> bool {
    let unspecific = error.sqlite_error_code() == Some(ErrorCode::Unknown);
    unspecific || matches!(error, rusqlite::Error::SqlInputError { .. })
}
