//! What the hooks write down of sessions that stopped.
//!
//! The note of a session comes first, and needs no database. That can be written to later: whoever
//! reads it takes in what is noted.

use std::io;
use std::path::Path;

use jiff::Timestamp;
use serde_json::Value;

use super::process;
use super::wait::{Wait, keep_trying};
use crate::app::{App, wiring};
use crate::claude_code::place::environment;
use crate::store::notes::{self, Failed, Note};
use crate::store::{Sessions, StoreError, Waiting};
use ccwatch_core::api_error::ApiError;
use ccwatch_core::sessions::{Ending, Happened, Heals, Standing, Stop, StoppedSession, Wish};

/// A longer path is none of Claude Code's, in bytes.
const LONGEST_FOLDER: usize = 4096;
/// A longer id is none.
const LONGEST_ID: usize = 200;
/// Claude Code's own prompts begin with one of these: that it was woken, or that a task of it is done.
/// The second is of the oldest versions with this hook.
const OWN_PROMPTS: [&str; 2] = ["<task-notification>", "<system-reminder>"];

/// What starts Claude Code without a screen, beside its SDKs.
const HEADLESS: [&str; 2] = ["mcp", "claude-code-github-action"];

/// What the hook knows beside the event.
pub(super) struct Report {
    /// The page doesn't speak for it.
    pub(super) elsewhere: bool,
    /// The hook was started such that it may wait.
    pub(super) wait: bool,
}

/// The session that an event is about.
#[derive(Debug, Clone, Copy)]
pub(super) struct Session<'a> {
    pub(super) state: &'a Path,
    pub(super) id: &'a str,
    /// When it happened.
    pub(super) now: Timestamp,
}

impl Session<'_> {
    /// Whether it is one of Claude Code's, which can be gone on with by its id.
    fn is_plain(&self) -> bool {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        self.id.len() <= LONGEST_ID
            && self.id.starts_with(|c: char| c.is_ascii_alphanumeric())
            && self.id.chars().all(plain)
    }

    /// Whether it failed, and didn't work since.
    pub(super) fn has_failed(&self) -> bool {
        Note::of(self.state, self.id).is_some_and(|note| note.has_failed())
    }

    fn is_in_the_database(&self) -> bool {
        Note::of(self.state, self.id).is_some_and(|note| note.tells_of_a_failure())
    }

    /// The name of this hook, unlike any other.
    fn hook(&self) -> String {
        super::name(self.now)
    }

    /// Notes that a turn of it failed, or a part of it.
    pub(super) fn note_failure(&self, event: &Value) -> io::Result<()> {
        let hook = if is_part(event) { "part".to_owned() } else { self.hook() };
        let turn = event.get("prompt_id").and_then(Value::as_str).unwrap_or_default();
        let failed = Failed { hook: &hook, turn, process: process::of_claude() };
        notes::failed(self.state, self.id, self.now, failed)
    }

    /// Writes down that it stopped; gives the wait, where there is one.
    pub(super) fn stopped<'a>(
        &self,
        app: &'a App,
        event: &Value,
        error: &ApiError,
        report: Report,
    ) -> anyhow::Result<Option<Wait<'a>>> {
        let folder = folder(event);
        // What a part of a session ran into is the session's own business.
        if !self.is_plain() || folder.len() > LONGEST_FOLDER || is_part(event) {
            return Ok(None);
        }
        let wish = wiring::session_wish(&app.config);
        let stop = Stop {
            id: self.id.to_owned(),
            folder,
            at: self.now,
            cause: error.cause,
            status: error.status,
            heals: Heals::of(error),
            elsewhere: report.elsewhere,
            headless: is_headless(),
            hook: self.hook(),
            can_wait: report.wait,
        };
        let transcript = event.get("transcript_path").and_then(Value::as_str).unwrap_or_default();
        let alone = StoppedSession::stopped(None, stop.clone(), &wish);
        if alone.standing != Standing::Waiting {
            return keep_trying(report.wait, || self.write_down_stop(&stop, &wish)).map(|()| None);
        }
        // Before it is written down that it waits, so that nobody finds it dead.
        let waiting = Waiting::begin(self.state, &stop.hook)?;
        Ok(Some(Wait::new(app, self.state.to_owned(), stop, wish, transcript.into(), waiting)))
    }

    fn write_down_stop(&self, stop: &Stop, wish: &Wish) -> Result<(), StoreError> {
        let mut table = Sessions::open(self.state)?;
        table.stopped(stop.clone(), wish)?;
        table.tidy(self.now)
    }

    /// A prompt was submitted. It is noted in every session: a failure of the turn before may be
    /// reported only afterwards.
    pub(super) fn prompted(&self, prompt: &str) -> anyhow::Result<()> {
        let is_own = OWN_PROMPTS.iter().any(|begins| prompt.trim_start().starts_with(begins));
        let what = if is_own { Happened::OwnPrompt } else { Happened::Typed };
        notes::happened(self.state, self.id, self.now, what)?;
        match self.is_in_the_database() {
            true => Ok(self.write_down()?),
            false => Ok(()),
        }
    }

    /// The session is over. Who closes a terminal gives another reason than who leaves by a word.
    /// Where it is open in two terminals, only that of one of them is over.
    pub(super) fn ended(&self, reason: &str) -> anyhow::Result<()> {
        if self.stands_in_another_process() {
            return Ok(());
        }
        let how = match reason {
            "clear" => Ending::Cleared,
            "other" => Ending::Lost,
            _ => Ending::Left,
        };
        self.is_over(Happened::Ended(how))
    }

    /// Whether it stopped in another process of Claude Code than this hook's, which is still there.
    fn stands_in_another_process(&self) -> bool {
        let failed_in = Note::of(self.state, self.id).and_then(|note| note.failed_in());
        match (failed_in, process::of_claude()) {
            (Some(failed_in), Some(own)) => failed_in != own && !process::is_gone(failed_in),
            _ => false,
        }
    }

    /// A turn of the session ended well; `others`: some wait, and whether its road leads elsewhere.
    pub(super) fn worked(&self, others: Option<bool>) -> anyhow::Result<()> {
        self.is_over(Happened::Worked)?;
        if let Some(elsewhere) = others {
            Sessions::open_in_passing(self.state)?.worked(self.id, elsewhere, self.now)?;
        }
        Ok(())
    }

    /// Its note ends, once all of it is written down.
    fn is_over(&self, what: Happened) -> anyhow::Result<()> {
        if self.is_in_the_database() {
            notes::happened(self.state, self.id, self.now, what)?;
            self.write_down()?;
        }
        notes::end(self.state, self.id);
        Ok(())
    }

    /// What is noted, that is.
    fn write_down(&self) -> Result<(), StoreError> {
        Sessions::open_in_passing(self.state)?.take_in(self.id)
    }
}

fn is_part(event: &Value) -> bool {
    event.get("agent_id").is_some_and(|agent| !agent.is_null())
}

/// The project's folder: there Claude Code finds the session again, wherever the session went since.
fn folder(event: &Value) -> String {
    let project = environment("CLAUDE_PROJECT_DIR").filter(|dir| Path::new(dir).is_absolute());
    let cwd = || event.get("cwd").and_then(Value::as_str).unwrap_or_default().to_owned();
    project.unwrap_or_else(cwd)
}

/// Whether Claude Code runs without a screen: `claude -p`, or a program that drives it. What it was
/// started by may be inherited from somebody with one.
fn is_headless() -> bool {
    let entry = environment("CLAUDE_CODE_ENTRYPOINT").unwrap_or_default();
    entry.starts_with("sdk") || HEADLESS.contains(&entry.as_str()) || process::ends_with_its_turn()
}
