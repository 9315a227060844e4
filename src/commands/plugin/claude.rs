//! Claude Code's own command, and what it is asked to do.

use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use rustix::fs::{Access, access};

use super::PluginError;
use crate::render::{sanitize, shell};

/// Where its installers put it, below the home directory, and for all users.
const USUAL: [&str; 2] = [".local/bin/claude", ".claude/local/claude"];
const SHARED: [&str; 2] = ["/usr/local/bin/claude", "/opt/homebrew/bin/claude"];
/// Older ones know no StopFailure, and leave out all hooks of a plugin that has one.
const OLDEST: (u32, u32, u32) = (2, 1, 78);
/// It starts slowly on a busy machine, and asks nobody on the network for a plugin of this machine.
const PATIENCE: Duration = Duration::from_secs(120);
/// The longest that its complaint is quoted, in characters.
const LONGEST: usize = 300;

/// One `claude plugin ...`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Call(Vec<String>);

impl Call {
    pub(super) fn new(what: &str, plugin: &str) -> Self {
        Self(["plugin", what, plugin].map(str::to_owned).to_vec())
    }

    /// Makes a directory known as a marketplace.
    pub(super) fn add(dir: &Path) -> Self {
        let dir = dir.to_string_lossy().into_owned();
        let mut words = ["plugin", "marketplace", "add"].map(str::to_owned).to_vec();
        words.push(dir);
        Self(words)
    }

    /// Forgets a marketplace.
    pub(super) fn remove(marketplace: &str) -> Self {
        Self(["plugin", "marketplace", "remove", marketplace].map(str::to_owned).to_vec())
    }
}

/// As it would be typed into a shell.
impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "claude")?;
        self.0.iter().try_for_each(|word| write!(f, " {}", shell::quoted(word)))
    }
}

/// The program.
pub(super) struct Claude(PathBuf);

impl Claude {
    /// The first one that is there.
    pub(super) fn find() -> Option<Self> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let home = std::env::var_os("HOME").map(PathBuf::from);
        Self::among(&path, home.as_deref(), &SHARED)
    }

    fn among(path: &OsStr, home: Option<&Path>, shared: &[&str]) -> Option<Self> {
        let in_path = std::env::split_paths(path).filter(|dir| dir.is_absolute());
        let in_path = in_path.map(|dir| dir.join("claude"));
        let at_home = home.into_iter().flat_map(|home| USUAL.map(|place| home.join(place)));
        let shared = shared.iter().map(PathBuf::from);
        let runs = |path: &PathBuf| path.is_file() && access(path, Access::EXEC_OK).is_ok();
        in_path.chain(at_home).chain(shared).find(runs).map(Self)
    }

    /// Whether it is one that would take the plugin and run nothing of it. One that doesn't say its
    /// version is given the chance.
    pub(super) fn check_version(&self) -> Result<(), PluginError> {
        let said = self.run(&Call(vec!["--version".to_owned()])).unwrap_or_default();
        match version(&said).filter(|version| *version < OLDEST) {
            Some((major, minor, patch)) => {
                Err(PluginError::TooOld { version: format!("{major}.{minor}.{patch}") })
            }
            None => Ok(()),
        }
    }

    /// Asks it, and waits for the answer.
    pub(super) fn run(&self, call: &Call) -> Result<String, PluginError> {
        let failed = |why: String| PluginError::Step { what: call.to_string(), why };
        let runtime = crate::app::runtime().map_err(|error| failed(error.to_string()))?;
        let mut command = tokio::process::Command::new(&self.0);
        command.args(&call.0).stdin(Stdio::null()).kill_on_drop(true);
        let answered =
            runtime.block_on(async { tokio::time::timeout(PATIENCE, command.output()).await });
        let output = answered
            .map_err(|_| failed(format!("no answer within {} s", PATIENCE.as_secs())))?
            .map_err(|error| failed(error.to_string()))?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said).into_owned();
        let last = said.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
        let last = sanitize::line(last.trim(), LONGEST);
        Err(failed(if last.is_empty() { output.status.to_string() } else { last }))
    }
}

/// The three numbers at the start of what `--version` says.
fn version(said: &str) -> Option<(u32, u32, u32)> {
    let mut numbers = said.split_whitespace().next()?.split('.').map(str::parse);
    match (numbers.next()?, numbers.next()?, numbers.next()?) {
        (Ok(major), Ok(minor), Ok(patch)) => Some((major, minor, patch)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_looked_for_in_path_and_where_installers_put_it() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        let make = |name: &str, mode| {
            std::fs::create_dir_all(at(name).parent().unwrap()).unwrap();
            std::fs::write(at(name), "").unwrap();
            std::fs::set_permissions(at(name), std::fs::Permissions::from_mode(mode)).unwrap();
        };
        let find = || {
            let path = std::env::join_paths([at("bin")]).unwrap();
            Claude::among(&path, Some(dir.path()), &[]).map(|claude| claude.0)
        };
        assert_eq!(find(), None);
        make("bin/claude", 0o644);
        assert_eq!(find(), None, "it can't be run");
        make(".claude/local/claude", 0o755);
        assert_eq!(find(), Some(at(".claude/local/claude")));
        make("bin/claude", 0o755);
        assert_eq!(find(), Some(at("bin/claude")));
    }

    #[test]
    fn its_version_is_read_where_it_says_one() {
        for (said, expected) in [
            ("2.1.332 (Claude Code)\n", Some((2, 1, 332))),
            ("2.1.78", Some((2, 1, 78))),
            ("claude 2.1", None),
            ("", None),
        ] {
            assert_eq!(version(said), expected, "{said}");
        }
        for (version, is_old) in
            [((2, 1, 77), true), ((2, 0, 99), true), ((2, 1, 78), false), ((2, 2, 0), false)]
        {
            assert_eq!(version < OLDEST, is_old, "{version:?}");
        }
    }

    #[test]
    fn a_call_can_be_pasted_into_a_shell() {
        let call = Call::add(Path::new("/my data/claude-code"));
        assert_eq!(call.to_string(), "claude plugin marketplace add '/my data/claude-code'");
    }
}
