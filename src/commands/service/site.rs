//! What the plans need to know of this user and this machine.

use std::path::{Path, PathBuf};

use directories::BaseDirs;

use super::ServiceError;
use crate::platform::paths::PathError;

/// The program's file name, as it is looked for in PATH.
const PROGRAM: &str = "ccwatch";
/// The variables that say where configuration and state are.
const PLACES: [&str; 2] = ["XDG_CONFIG_HOME", "XDG_STATE_HOME"];

/// This user on this machine.
#[derive(Debug, Clone)]
pub(super) struct Site {
    /// Absolute path of the program, one that stays right over an upgrade.
    pub(super) program: String,
    /// Options that `run` gets besides.
    pub(super) options: Vec<String>,
    /// Variables that this shell has and the service manager has not, or otherwise.
    pub(super) environment: Vec<(String, String)>,
    /// The home directory.
    pub(super) home: PathBuf,
    /// Where this shell's programs look for their configuration.
    pub(super) config_home: PathBuf,
    /// Where the service manager looks for the user's.
    pub(super) manager_config_home: PathBuf,
    /// Where applications are listed.
    pub(super) data_home: PathBuf,
    /// The directory of the database.
    pub(super) state_dir: PathBuf,
    /// The user's number.
    pub(super) uid: u32,
}

impl Site {
    /// Looks around. `manager` is the environment of the service manager, where one answers.
    ///
    /// # Errors
    /// There is no home directory, or the program can't be named.
    pub(super) fn look(
        options: Vec<String>,
        state_dir: PathBuf,
        manager: Option<&str>,
    ) -> anyhow::Result<Self> {
        let base = BaseDirs::new().ok_or(PathError::NoHome { instead: "--state-dir" })?;
        let ours =
            |name: &str| std::env::var(name).ok().filter(|value| Path::new(value).is_absolute());
        let theirs = |name: &str| manager.and_then(|environment| variable(environment, name));
        let differs = |name: &str| manager.is_some() && ours(name) != theirs(name);
        let environment = PLACES.into_iter().filter(|name| differs(name));
        Ok(Self {
            program: program()?,
            options,
            environment: environment
                .filter_map(|name| Some((name.to_owned(), ours(name)?)))
                .collect(),
            home: base.home_dir().to_owned(),
            config_home: base.config_dir().to_owned(),
            manager_config_home: match (manager, theirs("XDG_CONFIG_HOME")) {
                (None, _) => base.config_dir().to_owned(),
                (Some(_), Some(place)) => place.into(),
                (Some(_), None) => base.home_dir().join(".config"),
            },
            data_home: base.data_dir().to_owned(),
            state_dir,
            uid: rustix::process::getuid().as_raw(),
        })
    }

    /// Whether the program lies where Cargo builds, and not where programs are installed.
    pub(super) fn is_build(&self) -> bool {
        let parts: Vec<_> = Path::new(&self.program).components().map(|c| c.as_os_str()).collect();
        let in_target = |pair: &[&std::ffi::OsStr]| matches!(pair, [a, b] if *a == "target" && (*b == "debug" || *b == "release"));
        parts.windows(2).any(in_target)
    }
}

/// A variable in the output of `systemctl --user show-environment`.
fn variable(environment: &str, name: &str) -> Option<String> {
    let value = |line: &str| line.strip_prefix(name)?.strip_prefix('=').map(str::to_owned);
    environment.lines().find_map(value).filter(|value| Path::new(value).is_absolute())
}

/// The path to start this program by: the one in PATH if it leads here, since it outlives an
/// upgrade where the file that it leads to may not; else the file itself.
pub(in crate::commands) fn program() -> Result<String, ServiceError> {
    let unusable = |why: String| ServiceError::Program { why };
    let own = std::env::current_exe().map_err(|error| unusable(error.to_string()))?;
    let real =
        own.canonicalize().map_err(|error| unusable(format!("{}: {error}", own.display())))?;
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = stable(&real, std::env::split_paths(&path));
    match path.to_str() {
        Some(path) => Ok(path.to_owned()),
        None => Err(unusable(format!("{} is not UTF-8", path.display()))),
    }
}

fn stable(real: &Path, directories: impl Iterator<Item = PathBuf>) -> PathBuf {
    let leads_here = |path: &PathBuf| path.canonicalize().is_ok_and(|target| target == real);
    directories
        .filter(|directory| directory.is_absolute())
        .map(|directory| directory.join(PROGRAM))
        .find(leads_here)
        .unwrap_or_else(|| real.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_over_path_is_taken_if_it_leads_here() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        let at = |name: &str| root.join(name);
        for name in ["cellar", "bin", "other"] {
            std::fs::create_dir(at(name)).unwrap();
        }
        for file in ["cellar/ccwatch", "other/ccwatch"] {
            std::fs::write(at(file), "").unwrap();
        }
        std::os::unix::fs::symlink(at("cellar/ccwatch"), at("bin/ccwatch")).unwrap();
        let real = at("cellar/ccwatch");
        for (directories, expected) in [
            (&["bin"][..], "bin/ccwatch"),
            (&["other", "bin", "cellar"], "bin/ccwatch"),
            (&["other"], "cellar/ccwatch"),
            (&[], "cellar/ccwatch"),
        ] {
            let directories = directories.iter().map(|name| at(name));
            assert_eq!(stable(&real, directories), at(expected));
        }
        assert_eq!(stable(&real, [PathBuf::from("bin")].into_iter()), real);
    }

    #[test]
    fn variables_of_the_manager() {
        let environment = "HOME=/h\nXDG_STATE_HOME=/s t\nXDG_CONFIG_HOME=relative\nXDG=/x\n";
        for (name, expected) in [
            ("HOME", Some("/h")),
            ("XDG_STATE_HOME", Some("/s t")),
            ("XDG_CONFIG_HOME", None),
            ("XDG_STATE", None),
        ] {
            assert_eq!(variable(environment, name).as_deref(), expected, "{name}");
        }
    }
}
