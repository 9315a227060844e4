//! The files that `service` looks after, and whose they are.
//!
//! Every file that ccwatch writes carries a mark with a version near its top. What carries none
//! is somebody else's, and is neither replaced nor removed without `--force`.

use std::io;
use std::path::Path;

use crate::platform::plain;

use super::ServiceError;
use super::plan::{Plan, Step};

/// Begins the mark, after the characters that make a comment in the file's own language.
const MARK: &str = "ccwatch-unit: ";
/// The version of the files that this ccwatch writes; raised when one of them changes in a way
/// that an older ccwatch must not undo.
pub(super) const VERSION: u32 = 1;
/// The mark stands in one of the first lines.
const TOP: usize = 5;

/// What is at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found {
    /// Nothing.
    Nothing,
    /// A file of ours, of this version.
    Ours { version: u32, text: String },
    /// Something that ccwatch did not write.
    Foreign,
}

/// Looks at a path; the disk in earnest, a map in tests.
pub(super) trait Look {
    fn look(&self, path: &Path) -> Found;
}

/// The disk.
pub(super) struct Disk;

impl Look for Disk {
    fn look(&self, path: &Path) -> Found {
        match plain::read_to_string(path) {
            Ok(text) => whose(text),
            // A dangling link is there, and a mask (a link to /dev/null) has no mark.
            Err(error) if error.kind() == io::ErrorKind::NotFound && !path.is_symlink() => {
                Found::Nothing
            }
            Err(_) => Found::Foreign,
        }
    }
}

pub(super) fn whose(text: String) -> Found {
    let mark = text.lines().take(TOP).find_map(|line| line.split_once(MARK));
    let version = mark.and_then(|(_, rest)| {
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        rest.get(..end)?.parse().ok()
    });
    match version {
        Some(version) => Found::Ours { version, text },
        None => Found::Foreign,
    }
}

impl Plan {
    /// Plans to write `text`, if it isn't there already.
    ///
    /// # Errors
    /// The file is somebody else's or a newer ccwatch's, and `force` is not given.
    pub(super) fn write(
        &mut self,
        disk: &dyn Look,
        force: bool,
        path: &Path,
        text: String,
    ) -> Result<(), ServiceError> {
        match disk.look(path) {
            Found::Foreign if !force => {
                return Err(ServiceError::Foreign { path: path.to_owned(), done: "replaced" });
            }
            Found::Ours { version, .. } if version > VERSION && !force => {
                return Err(ServiceError::Newer { path: path.to_owned(), version });
            }
            Found::Ours { text: same, .. } if same == text => return Ok(()),
            Found::Nothing | Found::Foreign | Found::Ours { .. } => {}
        }
        self.step(Step::Write { path: path.to_owned(), text });
        Ok(())
    }

    /// Plans to remove a file, if there is one.
    ///
    /// # Errors
    /// It is somebody else's, and `force` is not given.
    pub(super) fn remove(
        &mut self,
        disk: &dyn Look,
        force: bool,
        path: &Path,
    ) -> Result<(), ServiceError> {
        match disk.look(path) {
            Found::Nothing => return Ok(()),
            Found::Foreign if !force => {
                return Err(ServiceError::Foreign { path: path.to_owned(), done: "removed" });
            }
            Found::Foreign | Found::Ours { .. } => {}
        }
        self.step(Step::Remove(path.to_owned()));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn ours_carries_a_mark() {
        for (text, version) in [
            ("# ccwatch-unit: 1\n[Unit]\n", Some(1)),
            ("# ccwatch-unit: 12, whatever\n", Some(12)),
            ("<?xml?>\n<!DOCTYPE>\n<!-- ccwatch-unit: 3\n-->\n", Some(3)),
            ("[Unit]\nDescription=ccwatch\n", None),
            ("# ccwatch-unit: \n", None),
            ("\n\n\n\n\n\n# ccwatch-unit: 1\n", None),
            ("", None),
        ] {
            let found = whose(text.to_owned());
            let expected = match version {
                Some(version) => Found::Ours { version, text: text.to_owned() },
                None => Found::Foreign,
            };
            assert_eq!(found, expected, "{text:?}");
        }
    }

    #[test]
    fn the_disk_is_read_as_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        fs::write(at("ours"), "# ccwatch-unit: 1\n").unwrap();
        fs::write(at("binary"), [0xff, 0xfe]).unwrap();
        std::os::unix::fs::symlink("/dev/null", at("masked")).unwrap();
        std::os::unix::fs::symlink("nowhere", at("dangling")).unwrap();
        fs::create_dir(at("dir")).unwrap();
        assert!(matches!(Disk.look(&at("ours")), Found::Ours { version: 1, .. }));
        assert_eq!(Disk.look(&at("missing")), Found::Nothing);
        for name in ["binary", "masked", "dangling", "dir"] {
            assert_eq!(Disk.look(&at(name)), Found::Foreign, "{name}");
        }
    }
}
