//! The configuration as it was when it was last right, for those that must not stop over a mistake in
//! it: hooks of Claude Code, and what is shown of the sessions that they wait for.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

use super::Config;
use crate::platform::plain;

/// Its name in the state directory.
const FILE: &str = "last-good-config.toml";

/// Keeps it, where it isn't kept already.
///
/// # Errors
/// It can't be written.
pub fn keep(state: &Path, config: &Config) -> io::Result<()> {
    let (path, text) = (state.join(FILE), config.to_toml());
    if plain::read_to_string(&path).is_ok_and(|kept| kept == text) {
        return Ok(());
    }
    let unfinished = state.join(format!(".{FILE}-{}", std::process::id()));
    let mut options = OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
    let written = file.write_all(text.as_bytes()).and_then(|()| fs::rename(&unfinished, &path));
    if written.is_err() {
        // Half a file is nobody's.
        let _ = fs::remove_file(&unfinished);
    }
    written
}

/// The one that was kept; the defaults where none was.
pub fn kept(state: &Path) -> Config {
    let path = state.join(FILE);
    let text = plain::read_to_string(&path).unwrap_or_default();
    Config::parse(&text, &path).unwrap_or_default()
}

/// The state directory that a file names, whatever is wrong with the rest of it: keys without a table
/// stand before the first one, each in a line of its own.
pub fn state_dir(file: &Path) -> Option<PathBuf> {
    let text = String::from_utf8_lossy(&plain::read(file).ok()?).into_owned();
    let root = text.lines().take_while(|line| !line.trim_start().starts_with('['));
    root.filter_map(named).last()
}

fn named(line: &str) -> Option<PathBuf> {
    let table = DeTable::parse(line).ok()?;
    match table.get_ref().get("state_dir")?.get_ref() {
        DeValue::String(path) => Some(PathBuf::from(path.as_ref())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_right_last_is_kept() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(kept(dir.path()), Config::default());
        let text =
            "[sessions]\nresume = true\nfor = \"2h\"\n[page]\nurl = \"http://127.0.0.1:1\"\n";
        let config = Config::parse(text, Path::new("")).unwrap();
        for _ in 0..2 {
            keep(dir.path(), &config).unwrap();
            assert_eq!(kept(dir.path()), config);
        }
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
        fs::write(dir.path().join(FILE), "no configuration").unwrap();
        assert_eq!(kept(dir.path()), Config::default());
        keep(dir.path(), &config).unwrap();
        assert_eq!(kept(dir.path()), config);
    }

    #[test]
    fn where_the_state_is_is_read_beside_every_mistake() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("config.toml");
        for (text, expected) in [
            ("state_dir = \"/a\" # mine\noops =\n", Some("/a")),
            ("oops =\n  state_dir = '~/b'\n[page]\nurl = 1\n", Some("~/b")),
            ("[page]\nstate_dir = \"/a\"\n", None),
            ("state_dir = 1\n", None),
            ("# state_dir = \"/a\"\n", None),
            ("", None),
        ] {
            fs::write(&file, text).unwrap();
            assert_eq!(state_dir(&file), expected.map(PathBuf::from), "{text}");
        }
        assert_eq!(state_dir(&dir.path().join("none")), None);
    }
}
