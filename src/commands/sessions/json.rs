//! The same as JSON.

use std::io::{self, Write};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::{Shown, by_hand};
use crate::config::ConfigError;
use crate::render::json::print_json;
use ccwatch_core::persist::StoredWord;
use ccwatch_core::sessions::Group;
use ccwatch_core::text;

#[derive(Serialize)]
struct Answer<'a> {
    version: u32,
    at: Timestamp,
    resume: bool,
    config_error: Option<String>,
    sessions: Vec<Session<'a>>,
}

/// What the configuration says, as far as it counts.
pub(super) struct Settings {
    pub(super) resume: bool,
    /// What is wrong with it: then it is what it said before that counts.
    pub(super) mistake: Option<ConfigError>,
}

#[derive(Serialize)]
struct Session<'a> {
    id: &'a str,
    folder: &'a str,
    state: &'static str,
    whose: &'static str,
    stopped_at: Timestamp,
    first_stopped_at: Timestamp,
    changed_at: Timestamp,
    cause: &'static str,
    status: Option<u16>,
    why: String,
    attempts: u32,
    waits_for: Option<&'static str>,
    due: Option<Timestamp>,
    resets_at: Option<Timestamp>,
    next: String,
    command: Option<String>,
}

pub(super) fn print(
    shown: &[Shown],
    settings: Settings,
    now: Timestamp,
    zone: &TimeZone,
    out: &mut dyn Write,
) -> io::Result<()> {
    let session = |one| session(one, now, zone);
    let sessions = shown.iter().map(session).collect();
    let config_error = settings.mistake.map(|mistake| mistake.to_string());
    let resume = settings.resume;
    print_json(&Answer { version: 1, at: now, resume, config_error, sessions }, out)
}

/// Who is to do something.
fn whose(group: Group) -> &'static str {
    match group {
        Group::GoesOn => "ccwatch",
        Group::Yours => "you",
        Group::WentOn | Group::Over => "nobody",
    }
}

fn session<'a>(shown: &'a Shown, now: Timestamp, zone: &TimeZone) -> Session<'a> {
    let Shown { session, standing } = shown;
    Session {
        id: &session.id,
        folder: &session.folder,
        state: standing.as_str(),
        whose: whose(standing.group()),
        stopped_at: session.stopped_at,
        first_stopped_at: session.first_at,
        changed_at: session.changed_at,
        cause: session.cause.as_str(),
        status: session.status,
        why: text::sessions::cause(session),
        attempts: session.attempts,
        waits_for: session.next.map(|next| next.awaited.word()),
        due: session.next.and_then(|next| next.due),
        resets_at: session.resets_at,
        next: text::sessions::next(session, *standing, now, zone),
        command: by_hand(shown),
    }
}
