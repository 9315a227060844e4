//! `ccwatch plugin`: our plugin for Claude Code, from this program into Claude Code and out again.
//!
//! It is written into the user's directory for data, and Claude Code is told of it by its own
//! commands. Whether sessions may go on by themselves is asked once, and stands in the configuration.

mod claude;
mod consent;
mod standing;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde_json::json;

use super::service;
use crate::app::App;
use crate::app::exit_code::ExitCode;
use crate::app::explain::Explained;
use crate::claude_code::local::inbox;
use crate::claude_code::place::Place;
use crate::claude_code::plugin::{ID, MARKETPLACE, Plugin, registered};
use crate::cli::{self, Global};
use crate::platform::{clock, paths};
use crate::render::json::print_json;
use crate::render::shell;
use ccwatch_core::text;
use ccwatch_core::time::between;

use claude::{Call, Claude};
use consent::Wish;
pub(super) use standing::Standing;

/// Why the plugin could not be changed.
#[derive(Debug, thiserror::Error)]
pub enum PluginError {
    /// There is no Claude Code to be seen.
    #[error("claude was not found: not in PATH, and not where it is usually installed")]
    NoClaude {
        /// What to do in its place, in lines.
        by_hand: String,
    },
    /// It would take the plugin, and run none of its hooks.
    #[error("Claude Code {version} is too old for the plugin: it needs 2.1.78")]
    TooOld {
        /// Its version.
        version: String,
    },
    /// Claude Code did not do it.
    #[error("this failed: {what}: {why}")]
    Step {
        /// The command.
        what: String,
        /// Why.
        why: String,
    },
    /// A file could not be written.
    #[error("can't write below {}: {why}", dir.display())]
    Unwritable {
        /// Where.
        dir: PathBuf,
        /// Why.
        why: io::Error,
    },
    /// The configuration could not be changed for certain.
    #[error("{} is left as it is: {why}", file.display())]
    Config {
        /// The file.
        file: PathBuf,
        /// Why.
        why: String,
        /// The key, with its table.
        key: String,
        /// What it is to be.
        value: bool,
    },
}

impl Explained for PluginError {
    fn exit_code(&self) -> ExitCode {
        ExitCode::Warning
    }

    fn next_step(&self) -> Option<String> {
        Some(match self {
            Self::NoClaude { by_hand } => format!("where claude is there, run: {by_hand}"),
            Self::TooOld { .. } => "run: claude update; then run this again".to_owned(),
            Self::Step { .. } => "do it by hand, then run this again".to_owned(),
            Self::Unwritable { .. } => {
                "make room there, or name another place with XDG_DATA_HOME".to_owned()
            }
            Self::Config { key, value, .. } => format!("set {key} to {value} in it"),
        })
    }
}

/// Runs one of the sub-commands.
pub fn run(
    global: &Global,
    command: &cli::Plugin,
    out: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    match command {
        cli::Plugin::Install(args) => install(global, args, out),
        cli::Plugin::Uninstall(args) => uninstall(args, out),
        cli::Plugin::Status(args) => status(global, args, out),
    }
}

/// Where the plugin is written.
pub(super) fn place() -> anyhow::Result<PathBuf> {
    Ok(paths::data_dir()?.join("claude-code"))
}

/// The plugin for this program, with the options that this command line has.
pub(super) fn ours(global: &Global) -> anyhow::Result<Plugin> {
    let mut options = Vec::new();
    let named = [("--config", &global.config), ("--state-dir", &global.state_dir)];
    for (option, path) in named {
        let Some(path) = path else { continue };
        let path = std::path::absolute(path)?;
        options.extend([option.to_owned(), path.to_string_lossy().into_owned()]);
    }
    Ok(Plugin::of(&service::program()?, &options))
}

fn install(
    global: &Global,
    args: &cli::PluginInstall,
    out: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    // Hooks with a wrong configuration would do nothing: say so now.
    let app = App::load(global)?;
    let (plugin, dir) = (ours(global)?, place()?);
    let calls = [Call::add(&dir), Call::new("install", ID), Call::new("update", ID)];
    if args.dry_run {
        print(&plugin, &dir, &calls, out)?;
        if let Some(wish) = Wish::said(args) {
            writeln!(out, "in {}: [sessions] {}", shell::path(&consent::file(&app)?), wish.line())?;
        }
        return Ok(ExitCode::Success);
    }
    plugin.write(&dir).map_err(|why| PluginError::Unwritable { dir: dir.clone(), why })?;
    writeln!(out, "wrote {}", dir.display())?;
    // Where hooks leave what they report, whether or not a daemon runs.
    paths::prepare_state_dir(&app.state_dir()?)?;
    let by_hand = || calls.each_ref().map(ToString::to_string).join(" && ");
    let claude = Claude::find().ok_or_else(|| PluginError::NoClaude { by_hand: by_hand() })?;
    claude.check_version()?;
    for call in &calls {
        claude.run(call)?;
        writeln!(out, "ran {call}")?;
    }
    consent::settle(&app, args, out)?;
    writeln!(
        out,
        "Sessions that begin from now on have the plugin; in one that runs: /reload-plugins, or start it \
         anew."
    )?;
    Ok(ExitCode::Success)
}

fn print(plugin: &Plugin, dir: &Path, calls: &[Call], out: &mut dyn Write) -> io::Result<()> {
    for (path, text) in plugin.files(dir) {
        writeln!(out, "write {}:", shell::path(&path))?;
        for line in text.lines() {
            writeln!(out, "{}", format!("    {line}").trim_end())?;
        }
    }
    calls.iter().try_for_each(|call| writeln!(out, "{call}"))
}

fn uninstall(args: &cli::PluginUninstall, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let dir = place()?;
    let known = Place::of_process().and_then(|place| registered(&place));
    let mut calls = Vec::new();
    if let Some(known) = &known {
        calls.push(Call::new("uninstall", ID));
        // Another directory is somebody else's: a clone of the repository, for example.
        if known.from.as_deref().is_none_or(|from| from == dir) {
            calls.push(Call::remove(MARKETPLACE));
        }
    }
    let is_written = dir.symlink_metadata().is_ok();
    if args.dry_run {
        calls.iter().try_for_each(|call| writeln!(out, "{call}"))?;
        if is_written {
            writeln!(out, "remove the plugin's files from {}", shell::path(&dir))?;
        }
        if calls.is_empty() && !is_written {
            writeln!(out, "nothing to do")?;
        }
        return Ok(ExitCode::Success);
    }
    if !calls.is_empty() {
        let by_hand = || calls.iter().map(ToString::to_string).collect::<Vec<_>>().join(" && ");
        let claude = Claude::find().ok_or_else(|| PluginError::NoClaude { by_hand: by_hand() })?;
        for call in &calls {
            claude.run(call)?;
            writeln!(out, "ran {call}")?;
        }
    }
    if is_written {
        Plugin::remove(&dir).map_err(|why| PluginError::Unwritable { dir: dir.clone(), why })?;
        match dir.symlink_metadata().is_ok() {
            true => {
                writeln!(out, "removed the plugin's files; others are left in {}", dir.display())?
            }
            false => writeln!(out, "removed {}", dir.display())?,
        }
    }
    if calls.is_empty() && !is_written {
        writeln!(out, "There is no plugin to uninstall.")?;
    }
    writeln!(out, "[sessions] in the configuration stays as it is.")?;
    Ok(ExitCode::Success)
}

fn status(
    global: &Global,
    args: &cli::PluginStatus,
    out: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    let app = App::load(global)?;
    let (plugin, dir) = (ours(global)?, place()?);
    let known = Place::of_process().and_then(|place| registered(&place));
    let standing = Standing::of(&plugin, &dir, known.as_ref());
    let (now, heard) = (clock::now(), inbox::last_heard(&app.state_dir()?));
    let resume = app.config.sessions.resume;
    if args.json {
        let answer = json!({
            "version": 1,
            "state": standing.word(),
            "plugin": plugin.version,
            "installed": known.as_ref().and_then(|known| known.version.clone()),
            "from": known.as_ref().and_then(|known| known.from.clone()),
            "heard": heard,
            "resume": resume,
        });
        print_json(&answer, out)?;
    } else {
        writeln!(out, "{}", standing.words())?;
        if let Some(step) = standing.step() {
            writeln!(out, "{step}")?;
        }
        match heard {
            Some(at) => writeln!(out, "Heard of last {} ago.", text::duration(between(at, now)))?,
            None => writeln!(out, "Nothing was heard of it yet.")?,
        }
        writeln!(out, "{}", consent::words(resume))?;
    }
    Ok(if standing.is_well() { ExitCode::Success } else { ExitCode::Warning })
}
