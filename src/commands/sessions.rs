//! `ccwatch sessions`: what stopped, and what happens next with each.

mod json;

use std::io::{self, Write};
use std::path::Path;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::app::App;
use crate::app::exit_code::ExitCode;
use crate::app::usage::UsageError;
use crate::cli::{self, Global, SessionsCommand};
use crate::platform::clock;
use crate::platform::paths::below_home;
use crate::render::{columns, sanitize, shell};
use crate::store::{Reader, Sessions, StoreError, Waiting, notes};
use ccwatch_core::sessions::{Standing, StoppedSession};
use ccwatch_core::text;

/// So much of an id tells sessions apart for people.
const SHORT_ID: usize = 8;
/// The longest path, in characters.
const FOLDER: usize = 120;

/// A session as it is shown.
struct Shown {
    session: StoppedSession,
    /// How things really stand with it.
    standing: Standing,
}

/// Shows them, or forgets some. A mistake in the configuration hides nobody who waits.
pub fn run(global: &Global, args: &cli::Sessions, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let (app, mistake) = App::load_despite_mistakes(global)?;
    let dir = app.state_dir()?;
    if let Some(SessionsCommand::Forget(forget)) = &args.command {
        return forget_some(&dir, forget, out).map(|()| ExitCode::Success);
    }
    let (now, zone) = (clock::now(), clock::zone());
    let all = stopped(&dir, now)?;
    let shown: Vec<Shown> = all
        .into_iter()
        .filter(|one| args.all || one.session.is_recent(one.standing, now))
        .collect();
    if args.json {
        let settings = json::Settings { resume: app.config.sessions.resume, mistake };
        json::print(&shown, settings, now, &zone, out)?;
        return Ok(ExitCode::Success);
    }
    print(&shown, args.all, now, &zone, out)?;
    if mistake.is_some() {
        writeln!(
            out,
            "\nThe configuration has a mistake: see ccwatch config check. Until that is mended, \
             sessions go by what it said before."
        )?;
    }
    Ok(ExitCode::Success)
}

fn stopped(dir: &Path, now: Timestamp) -> anyhow::Result<Vec<Shown>> {
    let reader = Reader::open(dir).map_err(|error| with_those_that_wait(dir, error))?;
    let all = reader.map(|reader| reader.sessions()).transpose()?.unwrap_or_default();
    let shown = all.into_iter().map(|(session, alive)| {
        let standing = session.standing_now(alive, now);
        Shown { session, standing }
    });
    Ok(shown.collect())
}

/// A database that can't be read keeps nobody's hook from waiting: it is tried again and again.
fn with_those_that_wait(dir: &Path, error: StoreError) -> anyhow::Error {
    let error = anyhow::Error::from(error);
    match Waiting::count(dir) {
        0 => error,
        1 => error.context("1 session waits, and can go on only once this is mended"),
        n => error.context(format!("{n} sessions wait, and can go on only once this is mended")),
    }
}

fn print(
    shown: &[Shown],
    all: bool,
    now: Timestamp,
    zone: &TimeZone,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    if shown.is_empty() {
        let when = if all { "in the last 7 days" } else { "lately" };
        writeln!(out, "No session of Claude Code was stopped by an API error {when}.")?;
    }
    for (at, one) in shown.iter().enumerate() {
        if at > 0 {
            writeln!(out)?;
        }
        let Shown { session, standing } = one;
        let stopped = text::clock(session.stopped_at, now, zone);
        let folder = sanitize::line(&short_folder(&session.folder), FOLDER);
        writeln!(out, "{stopped}  {folder}  ({})", short_id(&session.id))?;
        writeln!(out, "  stopped: {}", text::sessions::cause(session))?;
        writeln!(out, "  next:    {}", text::sessions::next(session, *standing, now, zone))?;
        if let Some(command) = by_hand(one) {
            let line = format!("  by hand: {command}");
            writeln!(out, "{}", columns::command(&line, columns::of(io::stdout())))?;
        }
    }
    Ok(())
}

/// The command to go on by hand; none where there is nothing to go on with.
fn by_hand(shown: &Shown) -> Option<String> {
    if shown.standing == Standing::Cleared {
        return None;
    }
    let session = &shown.session;
    // Made harmless it would be another one.
    let quoted = |text: &str| {
        let harmless = sanitize::line(text, FOLDER * 8);
        (harmless == text).then(|| shell::quoted(text))
    };
    Some(format!("cd {} && claude --resume {}", quoted(&session.folder)?, quoted(&session.id)?))
}

fn short_id(id: &str) -> String {
    sanitize::line(&id.chars().take(SHORT_ID).collect::<String>(), SHORT_ID)
}

/// With `~` for the home directory.
fn short_folder(folder: &str) -> String {
    let home = below_home(Path::new("~/"));
    match Path::new(folder).strip_prefix(&home) {
        Ok(rest) if rest.as_os_str().is_empty() => "~".to_owned(),
        Ok(rest) => format!("~/{}", rest.display()),
        Err(_) => folder.to_owned(),
    }
}

fn forget_some(dir: &Path, forget: &cli::Forget, out: &mut dyn Write) -> anyhow::Result<()> {
    let known = stopped(dir, clock::now())?;
    let Some(wanted) = &forget.id else {
        // A hook that waits finds no note any more, and ends.
        notes::end_all(dir);
        let forgotten = match known.is_empty() {
            true => 0,
            false => Sessions::open(dir)?.forget_all()?,
        };
        writeln!(out, "Forgotten: {forgotten}.")?;
        return Ok(());
    };
    let fits = |one: &&Shown| one.session.id.starts_with(wanted.as_str());
    let found: Vec<&Shown> = known.iter().filter(fits).collect();
    let [one] = found.as_slice() else {
        let what = match found.len() {
            0 => format!("{wanted:?} is none of the sessions that stopped"),
            n => format!("{wanted:?} is the beginning of {n} sessions"),
        };
        let hint = "see their ids with: ccwatch sessions --all --json".to_owned();
        return Err(UsageError { what, hint }.into());
    };
    notes::end(dir, &one.session.id);
    Sessions::open(dir)?.change(&one.session.id, |_| None)?;
    writeln!(out, "Forgotten: {}.", short_id(&one.session.id))?;
    Ok(())
}
