//! Our plugin for Claude Code: it travels in this program, and is written down for one machine.
//!
//! What is written names this program by its absolute path: an editor that starts Claude Code has
//! another `PATH` than the shell. Its version ends with a digest of all of it, so that Claude Code,
//! which keeps a copy by the version, takes every change over.

mod registered;

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::render::shell;
use ccwatch_core::witness::hash;

pub use registered::{Registered, registered};

/// How Claude Code names it: the plugin, and the marketplace that it comes from.
pub const ID: &str = "ccwatch@ccwatch";
/// The name of the marketplace.
pub const MARKETPLACE: &str = "ccwatch";

const MANIFEST: &str = "ccwatch/.claude-plugin/plugin.json";

/// The files, by their place below the marketplace's directory.
const FILES: &[(&str, &str)] = &[
    (
        ".claude-plugin/marketplace.json",
        include_str!("../../claude-code/.claude-plugin/marketplace.json"),
    ),
    (MANIFEST, include_str!("../../claude-code/ccwatch/.claude-plugin/plugin.json")),
    ("ccwatch/hooks/hooks.json", include_str!("../../claude-code/ccwatch/hooks/hooks.json")),
    ("ccwatch/commands/ccwatch.md", include_str!("../../claude-code/ccwatch/commands/ccwatch.md")),
    ("README.md", include_str!("../../claude-code/README.md")),
];

/// Files that an earlier version had.
const FORMER: &[&str] = &[];

/// The plugin for one machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plugin {
    /// Its version.
    pub version: String,
    files: Vec<(&'static str, String)>,
}

impl Plugin {
    /// The plugin whose hooks start `program`, with `options` in front of their own.
    pub fn of(program: &str, options: &[String]) -> Self {
        let words = Words::of(program, options);
        let mut files: Vec<(&str, String)> =
            FILES.iter().map(|(path, text)| (*path, words.put_into(path, text))).collect();
        let whole: String = files.iter().map(|(path, text)| format!("{path}\n{text}\n")).collect();
        let digest: String = hash(&whole).chars().take(8).collect();
        let version = format!("{}+{digest}", env!("CARGO_PKG_VERSION"));
        for (_, text) in files.iter_mut().filter(|(path, _)| *path == MANIFEST) {
            *text = with_version(text, &version);
        }
        Self { version, files }
    }

    /// Each file's path below `dir`, with its text.
    pub fn files(&self, dir: &Path) -> impl Iterator<Item = (PathBuf, &str)> {
        self.files.iter().map(|(path, text)| (dir.join(path), text.as_str()))
    }

    /// Writes it into `dir`, each file whole or not at all, and takes away what an older one had. What
    /// else is there is somebody's.
    ///
    /// # Errors
    /// A file can't be written.
    pub fn write(&self, dir: &Path) -> io::Result<()> {
        for (path, text) in self.files(dir) {
            let parent = path.parent().unwrap_or(dir);
            fs::create_dir_all(parent)?;
            let mut file = tempfile_in(parent)?;
            let written =
                file.1.write_all(text.as_bytes()).and_then(|()| fs::rename(&file.0, &path));
            if written.is_err() {
                // Half a file is nobody's.
                let _ = fs::remove_file(&file.0);
            }
            written?;
        }
        FORMER.iter().try_for_each(|path| remove(&dir.join(path)))
    }

    /// Takes it away out of `dir`, and `dir` with it unless there are files of somebody else.
    ///
    /// # Errors
    /// A file can't be removed.
    pub fn remove(dir: &Path) -> io::Result<()> {
        let ours = FILES.iter().map(|(path, _)| path).chain(FORMER);
        for path in ours {
            let path = dir.join(path);
            remove(&path)?;
            // Up to `dir` itself; one in which something is left stays.
            let above = path.ancestors().skip(1).take_while(|above| above.starts_with(dir));
            for above in above {
                let _ = fs::remove_dir(above);
            }
        }
        Ok(())
    }

    /// Whether it is in `dir` as it should be; none where nothing of it is there.
    pub fn is_in(&self, dir: &Path) -> Option<bool> {
        let manifest = dir.join(MANIFEST);
        if manifest.symlink_metadata().is_err() {
            return None;
        }
        Some(
            self.files(dir)
                .all(|(path, text)| fs::read(&path).is_ok_and(|there| there == text.as_bytes())),
        )
    }
}

/// It may be gone already.
fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// A new file that nobody knows yet.
fn tempfile_in(dir: &Path) -> io::Result<(PathBuf, fs::File)> {
    let path = dir.join(format!(".{:016x}.new", fastrand::u64(..)));
    let file = fs::OpenOptions::new().write(true).create_new(true).open(&path)?;
    Ok((path, file))
}

/// What stands for `ccwatch` in the commands of the plugin.
struct Words {
    /// Where it is only looked for.
    program: String,
    /// Where it is run.
    run: String,
}

impl Words {
    fn of(program: &str, options: &[String]) -> Self {
        let program = shell::quoted(program);
        let words =
            [program.clone()].into_iter().chain(options.iter().map(|word| shell::quoted(word)));
        Self { run: words.collect::<Vec<_>>().join(" "), program }
    }

    fn put_into(&self, path: &str, text: &str) -> String {
        if path.ends_with("hooks.json") {
            return self.put_into_hooks(text);
        }
        match path.ends_with(".md") && path.contains("/commands/") {
            true => self.put_into_command(text),
            false => text.to_owned(),
        }
    }

    /// Into every `command` of the hooks.
    fn put_into_hooks(&self, text: &str) -> String {
        let Ok(mut hooks) = serde_json::from_str::<Value>(text) else { return text.to_owned() };
        self.put_into_value(&mut hooks);
        format!("{hooks:#}\n")
    }

    fn put_into_value(&self, value: &mut Value) {
        match value {
            Value::Array(list) => list.iter_mut().for_each(|value| self.put_into_value(value)),
            Value::Object(map) => {
                for (key, value) in map {
                    match value {
                        Value::String(command) if key == "command" => {
                            *command = self.put_into_shell(command);
                        }
                        value => self.put_into_value(value),
                    }
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    fn put_into_shell(&self, command: &str) -> String {
        let mut before = "";
        let words = command.split(' ').map(|word| {
            let looks = std::mem::replace(&mut before, word) == "-v";
            match (word == "ccwatch", looks) {
                (true, true) => self.program.as_str(),
                (true, false) => self.run.as_str(),
                (false, _) => word,
            }
        });
        words.collect::<Vec<_>>().join(" ")
    }

    /// Into what a command of the plugin may run, and runs; what it says of ccwatch stays.
    fn put_into_command(&self, text: &str) -> String {
        const LEADS: [&str; 3] = ["(ccwatch ", "`ccwatch ", "; ccwatch "];
        LEADS.iter().fold(text.to_owned(), |text, lead| {
            text.replace(lead, &lead.replace("ccwatch", &self.run))
        })
    }
}

/// The manifest with another version.
fn with_version(manifest: &str, version: &str) -> String {
    let Ok(mut value) = serde_json::from_str::<Value>(manifest) else { return manifest.to_owned() };
    if let Some(map) = value.as_object_mut() {
        map.insert("version".to_owned(), version.into());
    }
    format!("{value:#}\n")
}

#[cfg(test)]
mod tests;
