//! What the hooks write down of sessions that stopped.

use std::path::Path;

use jiff::Timestamp;
use serde_json::Value;

use super::wait::Wait;
use crate::app::{App, wiring};
use crate::claude_code::place::environment;
use crate::platform::clock;
use crate::store::{Sessions, Waiting};
use ccwatch_core::api_error::ApiError;
use ccwatch_core::sessions::{Ending, Heals, Standing, Stop, StoppedSession};

/// A longer id or path is none of Claude Code's, in bytes.
const LONGEST: usize = 4096;
/// Claude Code's own prompts begin with this: that it was woken, or that a task of it is done.
const OWN_PROMPT: &str = "<task-notification>";

/// What the hook knows beside the event.
pub(super) struct Report {
    pub(super) now: Timestamp,
    /// The page doesn't speak for it.
    pub(super) elsewhere: bool,
    /// The hook was started such that it may wait.
    pub(super) wait: bool,
}

/// Writes down that a session stopped; gives the wait, where there is one.
pub(super) fn stopped<'a>(
    app: &'a App,
    state: &Path,
    event: &Value,
    error: &ApiError,
    report: Report,
) -> anyhow::Result<Option<Wait<'a>>> {
    let text = |key: &str| event.get(key).and_then(Value::as_str).unwrap_or_default();
    let (id, folder) = (text("session_id"), text("cwd"));
    // What a part of a session ran into is the session's own business.
    let is_part = event.get("agent_id").is_some_and(|agent| !agent.is_null());
    if id.is_empty() || id.len() > LONGEST || folder.len() > LONGEST || is_part {
        return Ok(None);
    }
    let mut wish = wiring::session_wish(&app.config);
    wish.resume &= report.wait;
    let stop = Stop {
        id: id.to_owned(),
        folder: folder.to_owned(),
        at: report.now,
        cause: error.cause,
        status: error.status,
        heals: Heals::of(error),
        elsewhere: report.elsewhere,
        headless: is_headless(),
        hook: super::name(report.now),
    };
    let (hook, heals) = (stop.hook.clone(), stop.heals);
    // Before it is written down that it waits, so that nobody finds it dead.
    let waiting = match wish.resume && heals != Heals::No {
        true => Some(Waiting::begin(state, &hook)?),
        false => None,
    };
    let mut table = Sessions::open(state)?;
    let kept =
        table.change(id, |before| Some(StoppedSession::stopped(before.as_ref(), stop, &wish)))?;
    table.tidy(report.now)?;
    let waits = kept.filter(|kept| kept.standing == Standing::Waiting);
    Ok(waits
        .zip(waiting)
        .map(|(session, waiting)| Wait::new(app, state.to_owned(), session, heals, wish, waiting)))
}

/// A prompt was submitted.
pub(super) fn prompted(state: &Path, id: &str, prompt: &str) -> anyhow::Result<()> {
    let by_user = !prompt.trim_start().starts_with(OWN_PROMPT);
    change(state, id, |session, now| session.prompted(by_user, now))
}

/// The session is over. Who closes a terminal gives another reason than who leaves by a word.
pub(super) fn ended(state: &Path, id: &str, reason: &str) -> anyhow::Result<()> {
    let how = match reason {
        "clear" => Ending::Cleared,
        "other" => Ending::Lost,
        _ => Ending::Left,
    };
    change(state, id, |session, now| session.ended(how, now))
}

/// A turn of the session ended well; `others`: some wait, and whether its road leads elsewhere.
pub(super) fn worked(
    state: &Path,
    id: &str,
    failed_before: bool,
    others: Option<bool>,
    now: Timestamp,
) -> anyhow::Result<()> {
    if failed_before {
        change(state, id, StoppedSession::worked)?;
    }
    if let Some(elsewhere) = others {
        Sessions::open(state)?.worked(id, elsewhere, now)?;
    }
    Ok(())
}

fn change(
    state: &Path,
    id: &str,
    change: impl FnOnce(&mut StoppedSession, Timestamp),
) -> anyhow::Result<()> {
    let now = clock::now();
    Sessions::open(state)?.change(id, |before| {
        let mut session = before?;
        change(&mut session, now);
        Some(session)
    })?;
    Ok(())
}

/// Whether Claude Code runs without a screen: `claude -p`, or a program that drives it.
fn is_headless() -> bool {
    let entry = environment("CLAUDE_CODE_ENTRYPOINT").unwrap_or_default();
    entry.starts_with("sdk") || entry == "mcp"
}
