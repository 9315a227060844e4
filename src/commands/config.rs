//! `ccwatch config`: where the configuration is, whether it is right, and what is in force.

mod json;
mod live;

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::app::App;
use crate::app::exit_code::ExitCode;
use crate::app::explain::Explained;
use crate::app::wiring::proxy_problem;
use crate::cli::{self, Global};
use crate::client::look;
use crate::config::pages::PageConfig;
use crate::config::{Config, ConfigError};
use crate::platform::{clock, paths, reach};
use crate::render::{columns, sanitize};
use ccwatch_core::state::component::Component;
use ccwatch_core::state::watchlist::fit;
use ccwatch_core::state::{PageState, SavedState};

/// The manual of the configuration: every key, at its default, commented out.
const EXAMPLE: &str = include_str!("../../config.example.toml");

/// The configuration could not be written.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// There is one.
    #[error("{} is there already, and is left as it is", .0.display())]
    Exists(PathBuf),
    /// It can't be made.
    #[error("can't write {}: {why}", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// Why.
        why: io::Error,
    },
}

impl Explained for InitError {
    fn exit_code(&self) -> ExitCode {
        ExitCode::Warning
    }

    fn next_step(&self) -> Option<String> {
        Some(match self {
            Self::Exists(_) => {
                "to see what is in force, run: ccwatch config show; for a new file beside it, name \
                 one: ccwatch --config FILE config init"
            }
            Self::Unwritable { .. } => "name a place that you may write to with --config FILE",
        }
        .to_owned())
    }
}

/// Runs one of the sub-commands.
pub fn run(
    global: &Global,
    command: &cli::Config,
    out: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    let file = global.config.as_deref();
    match command {
        cli::Config::Path { json: false } => path(file, out),
        cli::Config::Path { json: true } => json::path(file, out),
        cli::Config::Init => init(file, out),
        cli::Config::Check { file: named, live, json: false } => {
            check_with_page(global, named.as_deref(), *live, out)
        }
        cli::Config::Check { file: named, live, json: true } => {
            json::check(global, named.as_deref(), *live, out)
        }
        cli::Config::Show { json: false } => show(file, out),
        cli::Config::Show { json: true } => json::show(file, out),
    }
}

/// The file that is read, whether or not it exists.
fn path_of(file: Option<&Path>) -> anyhow::Result<PathBuf> {
    Ok(file.map_or_else(paths::config_file, |file| Ok(file.to_owned()))?)
}

fn path(file: Option<&Path>, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    writeln!(out, "{}", path_of(file)?.display())?;
    Ok(ExitCode::Success)
}

/// Writes the manual of the configuration where it is read from. A file that is there stays.
fn init(file: Option<&Path>, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let path = path_of(file)?;
    if !reach::answers(&path) {
        return Err(InitError::Unwritable { path, why: reach::silent() }.into());
    }
    // A link to nowhere is somebody's, too.
    if path.symlink_metadata().is_ok() {
        return Err(InitError::Exists(path).into());
    }
    write_new(&path).map_err(|why| InitError::Unwritable { path: path.clone(), why })?;
    writeln!(out, "wrote {}", path.display())?;
    writeln!(
        out,
        "Every key stands in it, at its default and commented out: take the # away from what you \
         change. To check it afterwards, run: ccwatch config check"
    )?;
    Ok(ExitCode::Success)
}

fn write_new(path: &Path) -> io::Result<()> {
    if let Some(dir) = path.parent().filter(|dir| !dir.as_os_str().is_empty()) {
        fs::create_dir_all(dir)?;
    }
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    let written = file.write_all(EXAMPLE.as_bytes()).and_then(|()| file.sync_all());
    if written.is_err() {
        // Half a file would be in the way of the next try.
        let _ = fs::remove_file(path);
    }
    written
}

/// `config check [FILE]`: `FILE: ok`, or every problem with its hint.
fn check(file: Option<&Path>, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    match Config::load(file) {
        Ok((_, Some(file))) => writeln!(out, "{}: ok", file.display())?,
        Ok((_, None)) => writeln!(out, "{}", no_file())?,
        Err(error) => {
            list(&error, out)?;
            return Ok(ExitCode::Config);
        }
    }
    Ok(ExitCode::Success)
}

/// The same, and a warning for each name that its page doesn't have, with those that it has. The
/// daemon's databases tell them, else the first page itself is asked, but only for the configuration in
/// force: another file may be for another machine. With `live` the page is asked in any case, and
/// what it is is said, too.
fn check_with_page(
    global: &Global,
    named: Option<&Path>,
    live: bool,
    out: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    let file = named.or(global.config.as_deref());
    let mut code = check(file, out)?;
    if code == ExitCode::Success {
        let (config, file) = Config::load(file)?;
        let app = App { global: global.clone(), config, file, page: None };
        if let Some((what, hint)) = proxy_problem(&app.config.page.url) {
            let what = sanitize::line(&what, 400);
            writeln!(out, "warning: {what}\n  hint: {hint}")?;
        }
        if live {
            let pages = app.config.all_pages();
            let many = pages.len() > 1;
            for page in pages {
                if many {
                    writeln!(out, "\n{}:", sanitize::line(&page.key, 80))?;
                }
                let live = live::look(&page.config)?;
                live.print(out)?;
                code = if code == ExitCode::Success { live_code(&live) } else { code };
            }
        } else {
            warn_of_names(&app, named.is_none(), out)?;
        }
    }
    Ok(code)
}

/// Whether the page that a right configuration names could be read.
fn live_code(live: &live::Live) -> ExitCode {
    if live.read.is_ok() { ExitCode::Success } else { ExitCode::Unreachable }
}

/// The page to compare with; none: it is not to be asked.
fn page_of(app: &App, may_ask: bool) -> anyhow::Result<Option<PageState>> {
    Ok(match written_down(app) {
        None if may_ask => {
            Some(look::once(&app.config, app.settings(), SavedState::default(), false)?.page)
        }
        known => known,
    })
}

/// The pages beside the first one that a daemon read, with what it wrote down of them.
fn other_pages(app: &App) -> Vec<(PageConfig, PageState)> {
    let known = |page: PageConfig| Some((page.clone(), written_down(&app.clone().about(page))?));
    app.config.all_pages().into_iter().skip(1).filter_map(known).collect()
}

fn warn_of_names(app: &App, may_ask: bool, out: &mut dyn Write) -> anyhow::Result<()> {
    let others = other_pages(app);
    if let Some(page) = page_of(app, may_ask)? {
        if page.components().is_empty() {
            writeln!(
                out,
                "(The page can't be read now: watch.components was not compared with it.)"
            )?;
        }
        warn_of_missing("watch.components", &page, &others, out)?;
    }
    for (other, page) in &others {
        warn_of_missing(&format!("watch of {}", other.key), page, &[], out)?;
    }
    Ok(())
}

/// Warns of each entry that nothing on the page answers to, and says where else something does.
fn warn_of_missing(
    list: &str,
    page: &PageState,
    others: &[(PageConfig, PageState)],
    out: &mut dyn Write,
) -> io::Result<()> {
    let has: Vec<&str> = listed(page).map(|component| component.shown_name()).collect();
    for entry in page.missing_entries() {
        let answers = |c: &Component| fit(entry, &c.id.0, &c.name, c.group.as_ref()).is_some();
        let there = others.iter().find(|(_, other)| listed(other).any(answers));
        let there = there.map_or_else(String::new, |(page, _)| {
            format!("; {} has it, which is a page of its own", page.key)
        });
        let (entry, has) = (sanitize::line(entry, 100), sanitize::line(&has.join(", "), 400));
        writeln!(out, "warning: {list}: nothing on the page answers to {entry:?}")?;
        writeln!(out, "  hint: the page has: {has}{there}")?;
    }
    Ok(())
}

fn listed(page: &PageState) -> impl Iterator<Item = &Component> {
    page.components().iter().filter(|component| component.is_listed())
}

/// What a daemon wrote down of the page that is configured. What can't be read is no reason to
/// refuse a configuration.
fn written_down(app: &App) -> Option<PageState> {
    let (dir, settings) = (app.state_dir_if_any().ok()??, app.settings());
    let saved = look::remembered(&dir, app.page_key(), &settings)?;
    Some(PageState::restore(settings, saved, clock::now()))
}

/// `config show`: every key with the value in force, as TOML.
fn show(file: Option<&Path>, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let (config, file) = Config::load(file)?;
    let columns = columns::of(io::stdout());
    let place = file.map_or_else(no_file, |file| file.display().to_string());
    let place = columns::wrap(&place, columns.map(|columns| columns.saturating_sub(2)));
    for line in place.lines() {
        writeln!(out, "# {line}")?;
    }
    let text = config.to_toml();
    for line in text.lines() {
        writeln!(out, "{}", fitted(line, columns))?;
    }
    Ok(ExitCode::Success)
}

/// A line of TOML: a list that is too long for the terminal has an entry a line.
fn fitted(line: &str, columns: Option<usize>) -> String {
    let fits = columns.is_none_or(|columns| columns::width(line) <= columns);
    let list = || {
        let value: toml::Table = line.parse().ok()?;
        let (key, value) = value.iter().next()?;
        let entries = value.as_array().filter(|entries| !entries.is_empty())?;
        let entries: String = entries.iter().map(|entry| format!("    {entry},\n")).collect();
        Some(format!("{key} = [\n{entries}]"))
    };
    if fits { None } else { list() }.unwrap_or_else(|| line.to_owned())
}

fn no_file() -> String {
    match paths::config_file() {
        Ok(path) => format!("{}: not there, the defaults apply", path.display()),
        Err(_) => "no home directory and no --config, the defaults apply".to_owned(),
    }
}

fn list(error: &ConfigError, out: &mut dyn Write) -> std::io::Result<()> {
    let ConfigError::Invalid { path, problems } = error else {
        return writeln!(out, "{error}\n  hint: {}", error.hint());
    };
    for problem in problems {
        writeln!(out, "{}\n  hint: {}", problem.located(path), problem.hint)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    type Command = fn(Option<&Path>, &mut dyn Write) -> anyhow::Result<ExitCode>;

    /// What `command` says about a file with `text`, the file's path shown as FILE.
    fn run(command: Command, text: &str) -> (ExitCode, String) {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("c.toml");
        fs::write(&file, text).unwrap();
        let mut out = Vec::new();
        let code = command(Some(&file), &mut out).unwrap();
        (code, String::from_utf8(out).unwrap().replace(file.to_str().unwrap(), "FILE"))
    }

    #[test]
    fn a_list_that_is_too_long_is_still_the_same_toml() {
        let line = r#"components = ["Claude Code", "a \"b\"", "claude.ai"]"#;
        assert_eq!(fitted(line, None), line);
        assert_eq!(fitted(line, Some(80)), line);
        let narrow = fitted(line, Some(30));
        assert!(narrow.lines().count() == 5, "{narrow}");
        let read = |text: &str| text.parse::<toml::Table>().unwrap();
        assert_eq!(read(&narrow), read(line));
        assert_eq!(fitted("hook = []", Some(5)), "hook = []");
    }

    #[test]
    fn the_manual_that_init_writes_is_a_right_configuration_at_the_defaults() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("new/config.toml");
        let mut out = Vec::new();
        assert_eq!(init(Some(&file), &mut out).unwrap(), ExitCode::Success);
        assert!(String::from_utf8(out).unwrap().starts_with(&format!("wrote {}", file.display())));
        assert_eq!(Config::load(Some(&file)).unwrap().0, Config::default());
        fs::write(&file, "mine").unwrap();
        let error = init(Some(&file), &mut Vec::new()).unwrap_err();
        assert!(matches!(error.downcast_ref(), Some(InitError::Exists(_))), "{error}");
        assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
        let error = init(Some(&file.join("below")), &mut Vec::new()).unwrap_err();
        assert!(matches!(error.downcast_ref(), Some(InitError::Unwritable { .. })), "{error}");
    }

    #[test]
    fn path_names_the_file() {
        assert_eq!(run(path, "whatever"), (ExitCode::Success, "FILE\n".to_owned()));
    }

    #[test]
    fn check_says_ok_or_every_problem() {
        assert_eq!(run(check, "[poll]"), (ExitCode::Success, "FILE: ok\n".to_owned()));
        let (code, text) = run(check, "interval = 5\nnotify.back = 1\n");
        assert_eq!(code, ExitCode::Config);
        insta::assert_snapshot!(text, @"
        FILE:1:1: unknown key `interval`; did you mean `poll.interval`?
          hint: write interval below [poll]
        FILE:2:15: `notify.back` is 1; expected true or false, without quotes
          hint: the default: back = true
        ");
    }

    #[test]
    fn check_of_a_missing_file() {
        let mut out = Vec::new();
        let code = check(Some(Path::new("no/such.toml")), &mut out).unwrap();
        assert_eq!(code, ExitCode::Config);
        let text = String::from_utf8(out).unwrap();
        assert!(text.starts_with("can't read the configuration no/such.toml: "), "{text}");
        assert!(text.contains("\n  hint: check the path"), "{text}");
    }

    #[test]
    fn show_can_be_used_as_a_configuration() {
        let (code, text) = run(show, "watch.models = ['Opus']");
        assert_eq!(code, ExitCode::Success);
        assert!(text.starts_with("# FILE\nstale_after = "), "{text}");
        let shown = Config::parse(&text, Path::new("shown")).unwrap();
        assert_eq!(shown.watch.models, ["Opus"]);
        assert_eq!(run(show, &text).1, text);
    }

    #[test]
    fn show_of_a_wrong_file_is_an_error_of_the_configuration() {
        let error = show(Some(Path::new("no/such.toml")), &mut Vec::new()).unwrap_err();
        assert!(error.downcast_ref::<ConfigError>().is_some());
    }
}
