//! What `service` is going to do, as data: it is printed, or carried out, and tested as it is.

use std::fmt;
use std::io::{self, Write};
use std::path::PathBuf;

use crate::render::shell;

/// Steps in order, and what to say when they are done.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) steps: Vec<Step>,
    pub(super) notes: Vec<String>,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// Makes a directory, and those above it, where there is none.
    MakeDir(PathBuf),
    /// Writes a file, as a whole or not at all.
    Write { path: PathBuf, text: String },
    /// Removes a file; it's fine if there is none.
    Remove(PathBuf),
    /// Removes a directory, unless there is something in it.
    RemoveIfEmpty(PathBuf),
    /// Runs a command.
    Run(Command),
    /// Runs a command whose failure only means that there was nothing to do.
    Try(Command),
    /// Runs a command again and again until it fails, for a few seconds.
    UntilItFails(Command),
    /// Runs a command, and again after a moment if it fails.
    Insist(Command),
}

/// A program and its arguments; no shell is involved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Command(pub(super) Vec<String>);

impl Command {
    pub(super) fn new<const N: usize>(words: [&str; N]) -> Self {
        Self(words.map(str::to_owned).to_vec())
    }

    /// The program and its arguments apart.
    pub(super) fn split(&self) -> (&str, &[String]) {
        self.0.split_first().map_or(("", &[]), |(program, arguments)| (program, arguments))
    }
}

/// As it would be typed into a shell.
impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, word) in self.0.iter().enumerate() {
            let gap = if at == 0 { "" } else { " " };
            write!(f, "{gap}{}", shell::quoted(word))?;
        }
        Ok(())
    }
}

impl Step {
    /// The same in words, in the form of a command to the reader.
    pub(super) fn by_hand(&self) -> String {
        match self {
            Self::MakeDir(path) => format!("mkdir -p {}", shell::path(path)),
            Self::Write { path, .. } => {
                format!("write {} (see --dry-run)", shell::path(path))
            }
            Self::Remove(path) => format!("rm {}", shell::path(path)),
            Self::RemoveIfEmpty(path) => format!("rmdir {}", shell::path(path)),
            Self::Run(command) | Self::Insist(command) | Self::Try(command) => command.to_string(),
            Self::UntilItFails(command) => format!("wait until this fails: {command}"),
        }
    }
}

impl Plan {
    pub(super) fn step(&mut self, step: Step) {
        self.steps.push(step);
    }

    pub(super) fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }

    /// Prints every file and every command.
    pub(super) fn print(&self, out: &mut dyn Write) -> io::Result<()> {
        for step in &self.steps {
            match step {
                Step::Write { path, text } => {
                    writeln!(out, "write {}:", shell::path(path))?;
                    for line in text.lines() {
                        writeln!(out, "{}", format!("    {line}").trim_end())?;
                    }
                }
                Step::Try(command) => writeln!(out, "{command}  # a failure is fine")?,
                Step::Insist(command) => writeln!(out, "{command}  # up to three times")?,
                step => writeln!(out, "{}", step.by_hand())?,
            }
        }
        if self.steps.is_empty() {
            writeln!(out, "nothing to do")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_can_be_pasted_into_a_shell() {
        for (words, expected) in [
            (&["systemctl", "--user", "daemon-reload"][..], "systemctl --user daemon-reload"),
            (&["rm", "a b", "it's", "$HOME", ""], r"rm 'a b' 'it'\''s' '$HOME' ''"),
        ] {
            let command = Command(words.iter().map(ToString::to_string).collect());
            assert_eq!(command.to_string(), expected);
        }
    }

    #[test]
    fn a_plan_is_printed_whole() {
        let text = "[Unit]\n\n[Service]\n".to_owned();
        let plan = Plan {
            steps: vec![
                Step::MakeDir("/a b".into()),
                Step::Write { path: "/u".into(), text },
                Step::Run(Command::new(["x", "y"])),
                Step::Try(Command::new(["z"])),
            ],
            notes: Vec::new(),
        };
        let mut out = Vec::new();
        plan.print(&mut out).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "mkdir -p '/a b'\nwrite /u:\n    [Unit]\n\n    [Service]\nx y\n\
             z  # a failure is fine\n"
        );
        let mut out = Vec::new();
        Plan::default().print(&mut out).unwrap();
        assert_eq!(out, b"nothing to do\n");
    }
}
