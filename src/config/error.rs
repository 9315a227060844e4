//! What can be wrong with a configuration, in words for its author.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file could not be read.
    #[error("can't read the configuration {}: {why}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        why: io::Error,
    },
    /// Not a plain file.
    #[error("the configuration {} is {what}, not a plain file", path.display())]
    NotPlain {
        /// Where it is.
        path: PathBuf,
        /// What it is.
        what: &'static str,
    },
    /// Far too large to be one.
    #[error("the configuration {} is larger than 1 MiB", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// Not UTF-8.
    #[error("the configuration {} is not UTF-8 text (byte {})", path.display(), valid_up_to + 1)]
    NotText {
        /// The file.
        path: PathBuf,
        /// How many bytes of it are.
        valid_up_to: usize,
    },
    /// The file was read, but not accepted.
    #[error("{}", Located(path, problems))]
    Invalid {
        /// The file.
        path: PathBuf,
        /// All that is wrong with it, in its order; never empty.
        problems: Vec<Problem>,
    },
}

/// One mistake in a configuration file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Line and column of the mistake, counted from 1 in characters.
    pub at: (usize, usize),
    /// What is wrong: the key, its value, what is allowed.
    pub message: String,
    /// The next step.
    pub hint: String,
}

impl ConfigError {
    /// The next step.
    pub fn hint(&self) -> &str {
        match self {
            Self::Unreadable { path, why }
                if why.kind() == io::ErrorKind::NotFound && path.is_symlink() =>
            {
                "it is a link to nowhere: make the file that it leads to, or remove the link"
            }
            Self::Unreadable { why, .. } if why.kind() == io::ErrorKind::NotFound => {
                "check the path, or leave --config out to use the defaults"
            }
            Self::Unreadable { why, .. } if why.kind() == io::ErrorKind::TimedOut => {
                "bring the mount back, or name a file elsewhere with --config"
            }
            Self::Unreadable { .. } => "make the file readable for you",
            Self::NotPlain { what: "a directory", .. } => {
                "name the file in it, usually config.toml"
            }
            Self::NotPlain { .. } => {
                "put a file with the settings there, or name one with --config: it is read more than \
                 once"
            }
            Self::TooLarge { .. } => "check the path: a configuration is a few lines of TOML",
            Self::NotText { .. } => "save the file as UTF-8",
            Self::Invalid { problems, .. } => match problems.as_slice() {
                [only] => &only.hint,
                _ => "run: ccwatch config check",
            },
        }
    }

    /// What is wrong inside the file, if it could be read.
    pub fn problems(&self) -> &[Problem] {
        match self {
            Self::Invalid { problems, .. } => problems,
            _ => &[],
        }
    }

    /// Whether the file may not be read.
    pub fn is_denied(&self) -> bool {
        matches!(self, Self::Unreadable { why, .. } if why.kind() == io::ErrorKind::PermissionDenied)
    }

    /// Whether there is no such file.
    pub(super) fn is_missing(&self) -> bool {
        matches!(self, Self::Unreadable { why, .. } if why.kind() == io::ErrorKind::NotFound)
    }
}

impl Problem {
    /// The mistake in one line, as compilers put it: `FILE:LINE:COLUMN: MESSAGE`.
    pub fn located(&self, path: &Path) -> String {
        let (line, column) = self.at;
        format!("{}:{line}:{column}: {}", path.display(), self.message)
    }
}

/// All problems of a file, a line each.
struct Located<'a>(&'a Path, &'a [Problem]);

impl fmt::Display for Located<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, problem) in self.1.iter().enumerate() {
            let separator = if n == 0 { "" } else { "\n" };
            write!(f, "{separator}{}", problem.located(self.0))?;
        }
        Ok(())
    }
}
