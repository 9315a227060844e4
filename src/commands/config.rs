//! `ccwatch config`: where the configuration is, whether it is right, and what is in force.

use std::io::Write;
use std::path::Path;

use crate::app::App;
use crate::app::exit_code::ExitCode;
use crate::cli::Global;
use crate::client::look;
use crate::config::{Config, ConfigError};
use crate::platform::{clock, paths};
use crate::render::sanitize;
use crate::store::Reader;
use ccwatch_core::settings::short_name;
use ccwatch_core::state::{PageState, SavedState};

/// `config path`: the file that is read, whether or not it exists.
pub fn path(file: Option<&Path>, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    match file {
        Some(file) => writeln!(out, "{}", file.display())?,
        None => writeln!(out, "{}", paths::config_file()?.display())?,
    }
    Ok(ExitCode::Success)
}

/// `config check [FILE]`: `FILE: ok`, or every problem with its hint.
pub fn check(file: Option<&Path>, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
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

/// The same, and a warning for each name that the page doesn't have, with those that it has. The
/// daemon's database tells them, else the page itself is asked, but only for the configuration in
/// force: another file may be for another machine.
pub fn check_with_page(
    global: &Global,
    named: Option<&Path>,
    out: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    let file = named.or(global.config.as_deref());
    let code = check(file, out)?;
    if code == ExitCode::Success {
        let (config, file) = Config::load(file)?;
        let app = App { global: global.clone(), config, file };
        warn_of_names(&app, named.is_none(), out)?;
    }
    Ok(code)
}

fn warn_of_names(app: &App, may_ask: bool, out: &mut dyn Write) -> anyhow::Result<()> {
    let page = match written_down(app) {
        None if may_ask => Some(look::once(&app.config, SavedState::default(), false)?.page),
        known => known,
    };
    let Some(page) = page else { return Ok(()) };
    if page.components().is_empty() {
        writeln!(out, "(The page can't be read now: watch.components was not compared with it.)")?;
    }
    let listed = page.components().iter().filter(|component| component.is_listed());
    let has: Vec<&str> = listed.map(|component| short_name(&component.name)).collect();
    for entry in page.missing_entries() {
        let (entry, has) = (sanitize::line(entry, 100), sanitize::line(&has.join(", "), 400));
        writeln!(out, "warning: watch.components: nothing on the page answers to {entry:?}")?;
        writeln!(out, "  hint: the page has: {has}")?;
    }
    Ok(())
}

/// What a daemon wrote down of the page that is configured. What can't be read is no reason to
/// refuse a configuration.
fn written_down(app: &App) -> Option<PageState> {
    let dir = app.state_dir_if_any().ok()??;
    let saved = Reader::open(&dir).ok()??.state().ok()?;
    let settings = app.settings();
    let useful = saved.is_of(&settings) && !saved.components.is_empty();
    useful.then(|| PageState::restore(settings, saved, clock::now()))
}

/// `config show`: every key with the value in force, as TOML.
pub fn show(file: Option<&Path>, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let (config, file) = Config::load(file)?;
    match file {
        Some(file) => writeln!(out, "# {}", file.display())?,
        None => writeln!(out, "# {}", no_file())?,
    }
    out.write_all(config.to_toml().as_bytes())?;
    Ok(ExitCode::Success)
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
