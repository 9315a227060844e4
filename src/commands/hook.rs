//! `ccwatch hook`: what Claude Code's hooks call. It is done in milliseconds, never fails, and says
//! nothing, but one line at the start of a session where something watched is affected.
//!
//! One of them may take long, in the background: after a failure `hook --wait` waits for the moment
//! at which the session may go on, and ends with 2 then, by which Claude Code wakes it. Whatever goes
//! wrong before that ends with 0, which wakes nobody.

mod going;
mod process;
mod session;
mod wait;

use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::mpsc::channel;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use crate::app::App;
use crate::app::exit_code::{Exit, ExitCode};
use crate::claude_code::local::inbox;
use crate::claude_code::{pasted, reset};
use crate::cli::{self, Global};
use crate::config::last_good;
use crate::platform::clock::{self, Clock};
use crate::render::sanitize;
use crate::store::{Lock, Waiting, page_state};
use ccwatch_core::state::PageState;
use ccwatch_core::state::verdict::Verdict;
use ccwatch_core::text::summary;
use ccwatch_core::witness::hash;

use going::Going;
use session::Session;

/// Standard input is read for so long: the session waits for us.
const WITHIN: Duration = Duration::from_secs(2);
/// More than this of standard input is not read, in bytes: events carry the last message whole.
const LONGEST: u64 = 16 << 20;

/// What Claude Code wakes a session by: standard error is the reason that it gives to Claude.
const WAKE: Exit = Exit::Command(2);

/// Records what happened. A session must not notice anything of it, whatever goes wrong.
pub fn run(global: &Global, args: &cli::Hook, out: &mut dyn Write) -> Exit {
    match record(global, args, out) {
        Ok(Some(reason)) => match writeln!(io::stderr(), "{reason}") {
            Ok(()) => WAKE,
            Err(_) => ExitCode::Success.into(),
        },
        Ok(None) => ExitCode::Success.into(),
        Err(error) => {
            tracing::debug!("the hook did nothing: {error:#}");
            ExitCode::Success.into()
        }
    }
}

/// Why the session is to be woken, where it is.
fn record(
    global: &Global,
    args: &cli::Hook,
    out: &mut dyn Write,
) -> anyhow::Result<Option<String>> {
    let now = clock::now();
    let event: Value = serde_json::from_slice(&input())?;
    // A mistake in the configuration makes nobody deaf.
    let (app, mistake) = App::load_despite_mistakes(global)?;
    let (whole, app) = (app.config.clone(), app.on_road());
    let state = app.state_dir()?;
    // Not set up: none of our business.
    if !state.is_dir() {
        return Ok(None);
    }
    // Who asks how the plugin stands learns little less without it.
    let _ = inbox::note_heard(&state);
    let text = |key: &str| event.get(key).and_then(Value::as_str).unwrap_or_default();
    let session = Session { state: &state, id: text("session_id"), now };
    match text("hook_event_name") {
        "StopFailure" => {
            if mistake.is_none() {
                last_good::keep(&state, &whole)?;
            }
            return failed(&app, session, &event, args.wait);
        }
        "UserPromptSubmit" => session.prompted(text("prompt"))?,
        "SessionEnd" => session.ended(text("reason"))?,
        "Stop" => worked(&app, session, &event)?,
        // Without a daemon nobody takes a report, and what is known may be old.
        "SessionStart" if Lock::holder(&state)?.is_some() => {
            let going = Going::of(&app, &event);
            let resumed = text("source") == "resume";
            if let Some(report) = going.began(hash(session.id), resumed) {
                inbox::put(&state, &name(clock::now()), &report)?;
            }
            if going.has_a_page() || app.page.is_some() {
                greet(&app, &state, out)?;
            }
        }
        _ => {}
    }
    Ok(None)
}

/// Standard input, or what came of it in time: who holds it open is not waited for.
fn input() -> Vec<u8> {
    let (sender, chunks) = channel();
    let read = move || {
        let mut stdin = io::stdin().lock().take(LONGEST);
        let mut chunk = vec![0; 1 << 16];
        while let Ok(n @ 1..) = stdin.read(&mut chunk) {
            if sender.send(chunk.iter().take(n).copied().collect::<Vec<u8>>()).is_err() {
                return;
            }
        }
    };
    let mut bytes = Vec::new();
    // Without a thread there is nothing to record.
    let _ = std::thread::Builder::new().spawn(read);
    let mut clock = Clock::start();
    loop {
        clock.read();
        let left = WITHIN.saturating_sub(clock.elapsed());
        match chunks.recv_timeout(left) {
            Ok(chunk) => bytes.extend(chunk),
            Err(_) => return bytes,
        }
    }
}

fn failed(
    app: &App,
    session: Session<'_>,
    event: &Value,
    wait: bool,
) -> anyhow::Result<Option<String>> {
    let Some(mut error) = pasted::hook(event) else { return Ok(None) };
    let Session { state, id, now } = session;
    // Before all that takes longer: a prompt that follows is to be noted behind it.
    let noted = session.note_failure(event);
    let going = Going::of(app, event);
    reset::note(&mut error, now, &clock::zone());
    let (report, elsewhere) = going.failed(&error, now, id);
    inbox::put(state, &name(now), &report)?;
    noted?;
    match session.stopped(app, event, &error, session::Report { elsewhere, wait })? {
        Some(wait) => wait.until_it_makes_sense(),
        None => Ok(None),
    }
}

/// A turn ended well: news of a session that had failed, and of the API to those that wait.
fn worked(app: &App, session: Session<'_>, event: &Value) -> anyhow::Result<()> {
    let Session { state, id, now } = session;
    let failed_before = session.has_failed();
    let others_wait = Waiting::may_be_any(state);
    let going = (failed_before || others_wait).then(|| Going::of(app, event));
    let reported = match going.as_ref().filter(|_| failed_before) {
        Some(going) => going
            .worked(now, hash(id))
            .map_or(Ok(()), |report| inbox::put(state, &name(now), &report)),
        None => Ok(()),
    };
    session.worked(going.filter(|_| others_wait).map(|going| going.is_elsewhere()))?;
    Ok(reported?)
}

/// Sorted by time, and unlike any other.
fn name(now: Timestamp) -> String {
    format!("{}-{}", now.as_nanosecond(), std::process::id())
}

/// One line where something watched is affected.
fn greet(app: &App, state: &Path, out: &mut dyn Write) -> anyhow::Result<()> {
    let Some((saved, _)) = page_state(state, app.page_key())? else { return Ok(()) };
    let now = clock::now();
    let page = PageState::restore(app.settings(), saved, now);
    if page.verdict(now) == Verdict::Wait {
        writeln!(out, "ccwatch: {}", sanitize::line(&summary::line(&page, false, now), 200))?;
    }
    Ok(())
}
