//! `ccwatch man [DIR]`: made from the definitions in [`cli`](crate::cli) and from the table of
//! exit codes.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::CommandFactory;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use crate::app::exit_code::ExitCode;
use crate::app::explain::Explained;
use crate::cli::Cli;

/// Where things are, for the manual's section of that name.
const FILES: &[(&str, &str)] = &[
    ("~/.config/ccwatch/config.toml", "the configuration, which need not exist"),
    ("~/.local/state/ccwatch", "the database, only for you to enter"),
    ("~/Library/Application Support/ccwatch", "both of them on macOS"),
];

/// The pages could not be written.
#[derive(Debug, thiserror::Error)]
#[error("can't write manual pages to {}: {why}", dir.display())]
pub struct ManError {
    dir: PathBuf,
    why: io::Error,
}

impl Explained for ManError {
    fn exit_code(&self) -> ExitCode {
        ExitCode::Usage
    }

    fn next_step(&self) -> Option<String> {
        Some("name a directory that you may write to".to_owned())
    }
}

/// Prints the page of `ccwatch`, or writes one for each command into `dir`.
pub fn run(dir: Option<&Path>, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let mut command = Cli::command().disable_help_subcommand(true);
    command.build();
    match dir {
        None => out.write_all(&page(&command)?)?,
        Some(dir) => {
            let made = fs::create_dir_all(dir).and_then(|()| write_all(&command, dir));
            made.map_err(|why| ManError { dir: dir.to_owned(), why })?;
        }
    }
    Ok(ExitCode::Success)
}

fn write_all(command: &clap::Command, dir: &Path) -> io::Result<()> {
    fs::write(dir.join(format!("{}.1", name(command))), page(command)?)?;
    command.get_subcommands().try_for_each(|sub| write_all(sub, dir))
}

/// `ccwatch-config-check` for `ccwatch config check`.
fn name(command: &clap::Command) -> &str {
    command.get_display_name().unwrap_or_else(|| command.get_name())
}

/// One page. What is the same for all commands stands in the main one only.
fn page(command: &clap::Command) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    let version = concat!("ccwatch ", env!("CARGO_PKG_VERSION"));
    let man = Man::new(command.clone()).source(version).manual("ccwatch");
    man.render(&mut text)?;
    if command.get_name() == "ccwatch" {
        table("EXIT STATUS", exit_codes()).to_writer(&mut text)?;
        let files = FILES.iter().map(|(path, what)| ((*path).to_owned(), *what));
        table("FILES", files).to_writer(&mut text)?;
    }
    Ok(text)
}

fn exit_codes() -> impl Iterator<Item = (String, &'static str)> {
    ExitCode::ALL.iter().map(|code| (code.code().to_string(), code.meaning()))
}

fn table(heading: &str, rows: impl Iterator<Item = (String, &'static str)>) -> Roff {
    let mut section = Roff::new();
    section.control("SH", [heading]);
    for (key, meaning) in rows {
        section.control("TP", []);
        section.text([bold(key)]);
        section.text([roman(meaning)]);
    }
    section
}
