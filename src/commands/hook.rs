//! `ccwatch hook`: what Claude Code's hooks call. It is done in milliseconds, never fails, and says
//! nothing, but one line at the start of a session where something watched is affected.

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde_json::Value;

use super::diagnose::environment;
use crate::app::exit_code::ExitCode;
use crate::claude_code::local::inbox::{self, Report};
use crate::claude_code::place::Place;
use crate::claude_code::{pasted, route};
use crate::cli::Global;
use crate::config::Config;
use crate::platform::clock;
use crate::platform::paths;
use crate::render::sanitize;
use crate::store::{Lock, Reader};
use ccwatch_core::state::PageState;
use ccwatch_core::state::verdict::Verdict;
use ccwatch_core::text::summary;
use ccwatch_core::witness::{LocalError, Road, hash};

/// More than this of standard input is not read, in bytes: events carry the last message whole.
const LONGEST: u64 = 16 << 20;

/// Records what happened. A session must not notice anything of it, whatever goes wrong.
pub fn run(global: &Global, out: &mut dyn Write) -> ExitCode {
    if let Err(error) = record(global, out) {
        tracing::debug!("the hook did nothing: {error:#}");
    }
    ExitCode::Success
}

fn record(global: &Global, out: &mut dyn Write) -> anyhow::Result<()> {
    let mut bytes = Vec::new();
    io::stdin().lock().take(LONGEST).read_to_end(&mut bytes)?;
    let event: Value = serde_json::from_slice(&bytes)?;
    let (config, _) = Config::load(global.config.as_deref())?;
    let state = paths::state_dir(global.state_dir.as_deref(), config.state_dir.as_deref())?;
    // Not set up: none of our business.
    if !state.is_dir() {
        return Ok(());
    }
    let text = |key: &str| event.get(key).and_then(Value::as_str).unwrap_or_default();
    let session = hash(text("session_id"));
    match text("hook_event_name") {
        "StopFailure" => failed(&state, &event, text("session_id"))?,
        "Stop" if inbox::unmark(&state, &session) => {
            let now = clock::now();
            // What came from elsewhere says nothing of Anthropic.
            if road_of(&event) != Road::Elsewhere {
                inbox::put(&state, &name(now), &Report::Worked { at: now, session })?;
            }
        }
        // Without a daemon nobody takes a report, and what is known may be old.
        "SessionStart" if Lock::holder(&state)?.is_some() => {
            let road = road_of(&event);
            tell_road(&state, road, session, text("source") == "resume")?;
            // The page speaks for no other road.
            if road != Road::Elsewhere {
                greet(&config, &state, out)?;
            }
        }
        _ => {}
    }
    Ok(())
}

fn failed(state: &Path, event: &Value, session: &str) -> io::Result<()> {
    let Some(error) = pasted::hook(event) else { return Ok(()) };
    let now = clock::now();
    let error = LocalError::of(&error, now, session, road_of(event));
    inbox::put(state, &name(now), &Report::Failed((&error).into()))?;
    inbox::mark(state, &hash(session), now)
}

/// The road of the session's requests: a hook has its environment.
fn road_of(event: &Value) -> Road {
    let cwd = event.get("cwd").and_then(Value::as_str).map(PathBuf::from).unwrap_or_default();
    let Some(place) = Place::find(&environment, cwd) else { return Road::Open };
    let found = route::look(&environment, &place);
    match (found.path.is_foreign(), found.path.is_direct() && found.proxy.is_none()) {
        (true, _) => Road::Elsewhere,
        (false, true) => Road::Straight,
        (false, false) => Road::Open,
    }
}

/// A session that goes elsewhere says so before it fails; one that is resumed may have changed.
fn tell_road(state: &Path, road: Road, session: String, resumed: bool) -> io::Result<()> {
    let straight = road != Road::Elsewhere;
    if straight && !resumed {
        return Ok(());
    }
    inbox::put(state, &name(clock::now()), &Report::Began { session, straight })
}

/// Sorted by time, and unlike any other.
fn name(now: Timestamp) -> String {
    format!("{}-{}", now.as_nanosecond(), std::process::id())
}

/// One line where something watched is affected.
fn greet(config: &Config, state: &Path, out: &mut dyn Write) -> anyhow::Result<()> {
    let Some(reader) = Reader::open(state)? else { return Ok(()) };
    let now = clock::now();
    let page = PageState::restore(crate::app::wiring::settings(config), reader.state()?, now);
    if page.verdict(now) == Verdict::Wait {
        writeln!(out, "ccwatch: {}", sanitize::line(&summary::line(&page, false, now), 200))?;
    }
    Ok(())
}
