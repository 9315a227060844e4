//! How the plugin stands: is it there, on, and the one that this program would write?

use std::path::{Path, PathBuf};

use crate::claude_code::plugin::{Plugin, Registered};

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It is installed, and what this program would write.
    Current(String),
    /// It is installed from somewhere else: a clone of the repository, for example.
    Elsewhere(PathBuf),
    /// It is installed, and of another ccwatch, or not whole.
    Outdated,
    /// The user switched it off in Claude Code.
    Off,
    /// Claude Code doesn't have it.
    Missing,
}

impl Standing {
    /// Compares what there is with what there should be.
    pub(crate) fn of(plugin: &Plugin, dir: &Path, known: Option<&Registered>) -> Self {
        let Some(known) = known else { return Self::Missing };
        if !known.is_enabled {
            return Self::Off;
        }
        match &known.from {
            Some(from) if from != dir => Self::Elsewhere(from.clone()),
            _ if plugin.is_in(dir) != Some(true) => Self::Outdated,
            _ if known.version.as_ref() != Some(&plugin.version) => Self::Outdated,
            _ => Self::Current(plugin.version.clone()),
        }
    }

    /// The word in JSON.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Current(_) => "current",
            Self::Elsewhere(_) => "elsewhere",
            Self::Outdated => "outdated",
            Self::Off => "off",
            Self::Missing => "missing",
        }
    }

    /// The same in a sentence.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Current(version) => format!("The plugin is installed: {version}."),
            Self::Elsewhere(from) => {
                format!("A plugin of yours is installed, from {}.", from.display())
            }
            Self::Outdated => {
                "The plugin is installed, and was written by another ccwatch, for another place of it, or \
                 with other options."
                    .to_owned()
            }
            Self::Off => "The plugin is installed, and switched off in Claude Code.".to_owned(),
            Self::Missing => "The plugin is not installed in Claude Code.".to_owned(),
        }
    }

    /// What to do, where there is something.
    pub(crate) fn step(&self) -> Option<&'static str> {
        match self {
            Self::Current(_) | Self::Elsewhere(_) => None,
            Self::Outdated => Some("To bring it up to date, run: ccwatch plugin install"),
            Self::Off => Some("To switch it on, run: claude plugin enable ccwatch@ccwatch"),
            Self::Missing => Some("To install it, run: ccwatch plugin install"),
        }
    }

    /// Whether there is nothing to do.
    pub(crate) fn is_well(&self) -> bool {
        self.step().is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_stands_as_the_files_say() {
        let dir = tempfile::tempdir().unwrap();
        let plugin = Plugin::of("/usr/bin/ccwatch", &[]);
        let known = |version: &str, is_enabled, from: &Path| Registered {
            version: Some(version.to_owned()),
            is_enabled,
            from: Some(from.to_owned()),
        };
        let of = |known: &Registered| Standing::of(&plugin, dir.path(), Some(known));
        let right = known(&plugin.version, true, dir.path());
        assert_eq!(Standing::of(&plugin, dir.path(), None), Standing::Missing);
        assert_eq!(of(&right), Standing::Outdated, "nothing is written");
        plugin.write(dir.path()).unwrap();
        assert_eq!(of(&right), Standing::Current(plugin.version.clone()));
        assert_eq!(of(&known("0.0.9+1", true, dir.path())), Standing::Outdated);
        assert_eq!(of(&known(&plugin.version, false, dir.path())), Standing::Off);
        let clone = Path::new("/src/claude-code");
        assert_eq!(of(&known("0.1.0", true, clone)), Standing::Elsewhere(clone.to_owned()));
        let other = Plugin::of("/opt/ccwatch", &[]);
        assert_eq!(Standing::of(&other, dir.path(), Some(&right)), Standing::Outdated);
    }
}
