//! Where Claude Code keeps its files.

use std::path::{Path, PathBuf};

/// Looks up a variable of the environment. Passed in, so that a test has an environment of its own.
pub type Env<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The directories that matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The user's home.
    pub home: PathBuf,
    /// `CLAUDE_CONFIG_DIR`, or `~/.claude`.
    pub config: PathBuf,
    /// Where Claude Code would be started.
    pub cwd: PathBuf,
    /// Where an administrator puts settings.
    pub managed: PathBuf,
}

#[cfg(target_os = "macos")]
const MANAGED: &str = "/Library/Application Support/ClaudeCode";
#[cfg(not(target_os = "macos"))]
const MANAGED: &str = "/etc/claude-code";

impl Place {
    /// The directories of the user whose environment this is; none without a home.
    pub fn find(env: Env<'_>, cwd: PathBuf) -> Option<Self> {
        let home = set(env, "HOME").map(PathBuf::from)?;
        let config = set(env, "CLAUDE_CONFIG_DIR").map(PathBuf::from);
        Some(Self {
            config: config.unwrap_or_else(|| home.join(".claude")),
            home,
            cwd,
            managed: PathBuf::from(MANAGED),
        })
    }

    /// The same for this process, which stands where Claude Code would be started.
    pub fn of_process() -> Option<Self> {
        Self::find(&environment, std::env::current_dir().unwrap_or_default())
    }

    /// Where the transcripts are.
    pub fn projects(&self) -> PathBuf {
        self.config.join("projects")
    }

    /// Where the login is kept, except on macOS.
    pub fn credentials(&self) -> PathBuf {
        self.config.join(".credentials.json")
    }

    /// Where Claude Code keeps what the user answered, among much else.
    pub fn state(&self) -> PathBuf {
        let usual = self.config == self.home.join(".claude");
        if usual { &self.home } else { &self.config }.join(".claude.json")
    }

    /// A path as it is shown: with `~` for the home directory.
    pub fn shown(&self, path: &Path) -> String {
        match path.strip_prefix(&self.home) {
            Ok(rest) => format!("~/{}", rest.display()),
            Err(_) => path.display().to_string(),
        }
    }
}

/// The environment of this process.
pub fn environment(name: &str) -> Option<String> {
    std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())
}

/// A variable that is set, and not to nothing.
pub(super) fn set(env: Env<'_>, name: &str) -> Option<String> {
    env(name).filter(|value| !value.is_empty())
}
