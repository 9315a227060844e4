//! What an error says besides its words: how the process ends, and what to do next.
//!
//! An error of one command says it where it stands. Those of the rooms below, which know of no exit
//! codes, are here.

use std::io;

use super::exit_code::ExitCode;
use super::usage::UsageError;
use crate::config::ConfigError;
use crate::platform::paths::PathError;
use crate::store::{LockError, StoreError};

/// An error that a command can end with.
pub trait Explained: std::error::Error + Send + Sync + 'static {
    /// How the process ends.
    fn exit_code(&self) -> ExitCode;

    /// What the user can do about it, where there is something.
    fn next_step(&self) -> Option<String>;
}

/// The exit code and the next step.
pub(crate) type Explanation = (ExitCode, Option<String>);

/// The explanation of an error, if it is an `E`, under whatever context.
pub(crate) fn explanation<E: Explained>(error: &anyhow::Error) -> Option<Explanation> {
    let error = error.downcast_ref::<E>()?;
    Some((error.exit_code(), error.next_step()))
}

impl Explained for ConfigError {
    fn exit_code(&self) -> ExitCode {
        ExitCode::Config
    }

    fn next_step(&self) -> Option<String> {
        Some(self.hint().to_owned())
    }
}

impl Explained for PathError {
    fn exit_code(&self) -> ExitCode {
        ExitCode::Store
    }

    fn next_step(&self) -> Option<String> {
        Some(self.hint())
    }
}

impl Explained for StoreError {
    fn exit_code(&self) -> ExitCode {
        ExitCode::Store
    }

    fn next_step(&self) -> Option<String> {
        self.hint().map(str::to_owned)
    }
}

impl Explained for LockError {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::Held { .. } => ExitCode::AlreadyRunning,
            Self::Io { .. } => ExitCode::Store,
        }
    }

    fn next_step(&self) -> Option<String> {
        Some(self.hint().to_owned())
    }
}

impl Explained for UsageError {
    fn exit_code(&self) -> ExitCode {
        ExitCode::Usage
    }

    fn next_step(&self) -> Option<String> {
        Some(self.hint.clone())
    }
}

impl Explained for io::Error {
    fn exit_code(&self) -> ExitCode {
        of_io(self.kind())
    }

    fn next_step(&self) -> Option<String> {
        None
    }
}

/// JSON that could not be written is an error of its own kind, with the cause inside.
impl Explained for serde_json::Error {
    fn exit_code(&self) -> ExitCode {
        self.io_error_kind().map_or(ExitCode::Internal, of_io)
    }

    fn next_step(&self) -> Option<String> {
        None
    }
}

/// Who closed the pipe has read enough: that is no error.
fn of_io(kind: io::ErrorKind) -> ExitCode {
    if kind == io::ErrorKind::BrokenPipe { ExitCode::Success } else { ExitCode::Store }
}
