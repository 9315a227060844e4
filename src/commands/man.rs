//! `ccwatch man [DIR]`: made from the definitions in [`cli`](crate::cli) and from the table of
//! exit codes.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::builder::Resettable;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use super::completions::visible;
use crate::app::exit_code::ExitCode;
use crate::app::explain::Explained;

/// A row of a section: what it is about, what is said of it, and the commands that have to do with it;
/// none: all.
type Row = (&'static str, &'static str, &'static [&'static str]);

/// Those that read the page.
const READERS: &[&str] = &[
    "run", "status", "watch", "wait", "retry", "diagnose", "evidence", "metrics", "config",
    "doctor", "service",
];
/// Those that look at Claude Code.
const LOOKERS: &[&str] = &["run", "retry", "diagnose", "route", "evidence", "doctor"];

/// Where things are, for the manual's section of that name.
const FILES: &[Row] = &[
    ("~/.config/ccwatch/config.toml", "the configuration, which need not exist", &[]),
    ("~/.local/state/ccwatch", "the database, only for you to enter", &[]),
    ("~/Library/Application Support/ccwatch", "both of them on macOS", &[]),
    (
        "~/.config/systemd/user/ccwatch.service",
        "the service, where `ccwatch service install` made it",
        &["service", "doctor"],
    ),
    ("~/Library/LaunchAgents/io.github.ccwatch.plist", "the same on macOS", &["service", "doctor"]),
    ("~/.claude", "Claude Code's settings and transcripts, which are only read", LOOKERS),
    ("/usr/share/doc/ccwatch", "the documentation, where a package brought it", &["doctor"]),
];

/// What is taken from the environment.
const ENVIRONMENT: &[Row] = &[
    ("COLUMNS", "how wide the lines are, instead of what the terminal says; also in a pipe", &[]),
    ("NO_COLOR", "set to anything: no colours, unless --color=always", &[]),
    ("CLICOLOR, CLICOLOR_FORCE", "CLICOLOR=0: no colours; CLICOLOR_FORCE=1: also in a pipe", &[]),
    ("TERM", "dumb: no colours, and nothing that moves", &[]),
    ("TZ", "the zone of all times that people read", &[]),
    ("LC_ALL, LC_CTYPE, LANG", "whether the terminal shows UTF-8, for the bars", &["uptime"]),
    ("HOME, XDG_CONFIG_HOME, XDG_STATE_HOME", "where the files are", &[]),
    (
        "HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY",
        "the way to the page; a service needs them in its own environment",
        READERS,
    ),
    ("SSL_CERT_FILE, SSL_CERT_DIR", "certificates to trust instead of the system's", READERS),
    ("CLAUDE_CONFIG_DIR", "where Claude Code keeps its files, if not in ~/.claude", LOOKERS),
    ("RUST_LOG", "what is logged, in the words of env_logger, instead of -v", &[]),
];

/// The place of a page of the documentation.
macro_rules! docs {
    ($page:literal) => {
        concat!(env!("CARGO_PKG_HOMEPAGE"), "/blob/main/docs/", $page)
    };
}

/// Where more is said, in whole pages.
const DOCS: &[Row] = &[
    (docs!("commands.md"), "all commands, the verdicts, exit codes, bars and prompts", &[]),
    (docs!("install.md"), "every way in, and away again", &["service", "completions", "man"]),
    (
        docs!("configuration.md"),
        "what to watch, and what to be told",
        &["run", "config", "mute", "watch"],
    ),
    (docs!("hooks.md"), "a command of your own for each notice", &["run", "plugin", "notify-test"]),
    (docs!("sessions.md"), "sessions that go on by themselves", &["sessions", "plugin"]),
    (docs!("retry.md"), "what is repeated, when, and when not", &["retry", "wait"]),
    (
        docs!("other-pages.md"),
        "Bedrock, Vertex AI, Foundry, any status page",
        &["run", "status", "config", "route", "diagnose"],
    ),
    (docs!("team.md"), "one cache and metrics for many", &["metrics"]),
    (docs!("platforms.md"), "Linux, macOS, WSL; services; what it costs", &["service", "doctor"]),
    (docs!("desktops.md"), "what is seen on which desktop", &["demo", "notify-test"]),
    (
        docs!("privacy.md"),
        "what is read, sent and kept, and what is promised",
        &["run", "evidence"],
    ),
    (docs!("faults.md"), "what happens when things break", &["run", "replay"]),
    (docs!("json.md"), "the JSON of every command that shows something", WITH_JSON),
];

/// Those with `--json`, or with a command below them that has it.
const WITH_JSON: &[&str] = &[
    "status",
    "diagnose",
    "route",
    "evidence",
    "wait",
    "history",
    "uptime",
    "mute",
    "sessions",
    "replay",
    "notify-test",
    "config",
    "service",
    "plugin",
    "doctor",
];

/// These take nothing from anywhere.
const BARE: &[&str] = &["completions", "man"];

/// Who belongs together, for SEE ALSO.
const FAMILIES: &[&[&str]] = &[
    &["run", "demo", "service", "doctor", "notify-test", "config", "mute"],
    &["status", "watch", "wait", "retry", "metrics"],
    &["history", "uptime", "status", "replay"],
    &["diagnose", "route", "evidence"],
    &["completions", "man"],
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
    let mut command = visible().disable_help_subcommand(true);
    command.build();
    match dir {
        None => out.write_all(&page(&command, None)?)?,
        Some(dir) => {
            let made = fs::create_dir_all(dir).and_then(|()| write_all(&command, None, dir));
            made.map_err(|why| ManError { dir: dir.to_owned(), why })?;
        }
    }
    Ok(ExitCode::Success)
}

/// Writes the page of a command, and those below it. `above` is the page that it stands below.
fn write_all(command: &clap::Command, above: Option<&str>, dir: &Path) -> io::Result<()> {
    let own = name(command);
    fs::write(dir.join(format!("{own}.1")), page(command, above)?)?;
    command.get_subcommands().try_for_each(|sub| write_all(sub, Some(own), dir))
}

/// `ccwatch-config-check` for `ccwatch config check`.
fn name(command: &clap::Command) -> &str {
    command.get_display_name().unwrap_or_else(|| command.get_name())
}

/// One page. The exit codes, which are the same for all commands, stand in the main one only.
fn page(command: &clap::Command, above: Option<&str>) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    let version = concat!("ccwatch ", env!("CARGO_PKG_VERSION"));
    let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let bare = command.clone().after_help(Resettable::Reset);
    Man::new(bare).source(version).manual("ccwatch").render(&mut text)?;
    let main = above.is_none();
    examples(if main { MAIN_EXAMPLES } else { &after }).to_writer(&mut text)?;
    if main {
        table("EXIT STATUS", exit_codes()).to_writer(&mut text)?;
    }
    let own = name(command).strip_prefix("ccwatch-").unwrap_or_default();
    if !BARE.contains(&own) {
        table("ENVIRONMENT", rows_of(ENVIRONMENT, own)).to_writer(&mut text)?;
        table("FILES", rows_of(FILES, own)).to_writer(&mut text)?;
    }
    table("DOCUMENTATION", rows_of(DOCS, own)).to_writer(&mut text)?;
    see_also(command, above).to_writer(&mut text)?;
    Ok(text)
}

const MAIN_EXAMPLES: &str = "Examples:
  ccwatch demo                         what you will get
  ccwatch run                          watch, and be told
  ccwatch service install              the same whenever you log in
  ccwatch status                       is it Claude, or is it me?
  ccwatch wait && claude --continue    as soon as a retry makes sense";

/// The rows that have to do with a command, `config-check` for `ccwatch config check`; the main page,
/// which has no such name, has them all.
fn rows_of(rows: &'static [Row], own: &str) -> impl Iterator<Item = (String, &'static str)> {
    let is_below = |word: &&str| own.strip_prefix(word).is_some_and(|rest| rest.starts_with('-'));
    let concerns = move |commands: &&[&str]| {
        own.is_empty() || commands.is_empty() || commands.iter().any(|c| *c == own || is_below(c))
    };
    let of_it: Vec<&Row> = rows.iter().filter(|(_, _, commands)| concerns(commands)).collect();
    of_it.into_iter().map(|(key, meaning, _)| ((*key).to_owned(), *meaning))
}

/// The examples of the help as a section of their own; what follows them is a paragraph.
fn examples(help: &str) -> Roff {
    let mut section = Roff::new();
    let Some(examples) = help.strip_prefix("Examples:\n") else { return section };
    let (lines, more) = examples.split_once("\n\n").unwrap_or((examples, ""));
    section.control("SH", ["EXAMPLES"]).control("nf", []);
    for line in lines.lines() {
        section.text([roman(line.strip_prefix("  ").unwrap_or(line))]);
    }
    section.control("fi", []);
    if !more.is_empty() {
        section.control("PP", []).text([roman(more)]);
    }
    section
}

/// The main page, the one above, those below, and those of the same family.
fn see_also(command: &clap::Command, above: Option<&str>) -> Roff {
    let mut names: Vec<String> = Vec::new();
    names.extend(above.map(|_| "ccwatch".to_owned()));
    names.extend(above.filter(|above| *above != "ccwatch").map(str::to_owned));
    names.extend(command.get_subcommands().map(|below| name(below).to_owned()));
    if above == Some("ccwatch") {
        let word = command.get_name();
        let family = FAMILIES.iter().filter(|family| family.contains(&word)).copied().flatten();
        for other in family.filter(|other| **other != word) {
            let page = format!("ccwatch-{other}");
            if !names.contains(&page) {
                names.push(page);
            }
        }
    }
    let names: Vec<String> = names.iter().map(|name| format!("{name}(1)")).collect();
    let mut section = Roff::new();
    section.control("SH", ["SEE ALSO"]).text([roman(names.join(", "))]);
    if above.is_some() {
        let more = "All exit codes are on the page of ccwatch(1).";
        section.control("PP", []).text([roman(more)]);
    }
    section
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_page_of_the_documentation_is_named_and_there() {
        let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
        let is_page = |name: &String| name.ends_with(".md");
        let there: BTreeSet<String> = fs::read_dir(docs)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(is_page)
            .collect();
        let names = |row: &Row| row.0.rsplit_once('/').unwrap().1.to_owned();
        assert_eq!(DOCS.iter().map(names).collect::<BTreeSet<_>>(), there);
    }

    #[test]
    fn each_manual_page_says_where_more_is_said() {
        let dir = tempfile::tempdir().unwrap();
        run(Some(dir.path()), &mut Vec::new()).unwrap();
        let mut command = visible().disable_help_subcommand(true);
        command.build();
        let mut rest = vec![&command];
        while let Some(command) = rest.pop() {
            rest.extend(command.get_subcommands());
            let page = fs::read_to_string(dir.path().join(format!("{}.1", name(command)))).unwrap();
            assert!(page.contains("/docs/commands.md"), "{}", name(command));
            if command.get_arguments().any(|argument| argument.get_id() == "json") {
                assert!(page.contains("/docs/json.md"), "{}", name(command));
            }
        }
    }
}
