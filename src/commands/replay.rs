//! `ccwatch replay`: the notices that a recording would have given.
//!
//! The same core and policy as the daemon, in the recording's own time, and nothing else.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

use crate::app::App;
use crate::app::exit_code::ExitCode;
use crate::app::explain::Explained;
use crate::app::usage::UsageError;
use crate::app::wiring;
use crate::cli;
use crate::page::engine::Engine;
use crate::page::fetch;
use crate::page::recording::Line;
use crate::render::sanitize;
use ccwatch_core::deliver::delivery::Outcome;
use ccwatch_core::model::{ComponentId, Host, IncidentId};
use ccwatch_core::monitor::{Command, Input, Monitor, Record, Saved};
use ccwatch_core::notice::kind::{Kind, Reason};
use ccwatch_core::notice::{Notice, Urgency};
use ccwatch_core::settings::Settings;
use ccwatch_core::state::PageState;

/// The longest line that is read: an incident history with some room.
const LONGEST_LINE: u64 = 16 << 20;

/// Why a recording can't be replayed.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// It can't be opened or read.
    #[error("can't read {}: {why}", path.display())]
    Unreadable {
        /// The recording.
        path: PathBuf,
        /// Why.
        why: io::Error,
    },
    /// A line is not what a recording has.
    #[error("{}:{line}: {why}", path.display())]
    Line {
        /// The recording.
        path: PathBuf,
        /// The line's number, from 1.
        line: usize,
        /// What is wrong with it.
        why: String,
    },
}

impl Explained for ReplayError {
    fn exit_code(&self) -> ExitCode {
        ExitCode::Usage
    }

    fn next_step(&self) -> Option<String> {
        let hint = match self {
            Self::Unreadable { .. } => "make a recording with: ccwatch run --record FILE",
            Self::Line { .. } => {
                "a line is {\"at\": TIME, \"status\": 200, \"body\": {...}}, \
                 {\"at\": TIME, \"status\": 304} or {\"at\": TIME, \"error\": KIND}"
            }
        };
        Some(hint.to_owned())
    }
}

/// Replays a recording.
pub fn run(app: &App, args: &cli::Replay, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let settings = app.settings();
    let show = |notice: &Notice| match args.json {
        true => print_json(notice, out),
        false => print_text(notice, &settings.zone, out),
    };
    let page = replay(&args.file, settings.clone(), &wiring::engine(&app.config), show)?;
    if let Some(page) = page {
        UsageError::check_components(&args.components, &page)?;
    }
    Ok(ExitCode::Success)
}

/// Shows every notice; then what is known of the page at the end, where there was anything.
fn replay(
    path: &Path,
    settings: Settings,
    engine: &Engine,
    mut show: impl FnMut(&Notice) -> io::Result<()>,
) -> anyhow::Result<Option<PageState>> {
    let mut monitor: Option<Monitor> = None;
    let mut lines = Lines::open(path)?;
    let mut last = Timestamp::MIN;
    while let Some((number, text)) = lines.next()? {
        let wrong = |why: String| ReplayError::Line { path: path.to_owned(), line: number, why };
        let line: Line<'_> = serde_json::from_str(text).map_err(|e| wrong(wording(&e)))?;
        if line.at < last {
            return Err(wrong("it is earlier than the line before".to_owned()).into());
        }
        last = line.at;
        let answer = line.answer().map_err(|why| wrong(why.to_owned()))?;
        let monitor = monitor
            .get_or_insert_with(|| Monitor::new(settings.clone(), Saved::default(), line.at));
        let input = fetch::input(line.endpoint(), Host::Primary, answer, engine, 0.5);
        // What was due before the line comes first.
        for input in [None, Some(input)] {
            let mut shown = Ok(());
            monitor.drive(line.at, input, |command| {
                if let (Command::Record(Record::Notice(notice)), Ok(())) = (&command, &shown) {
                    shown = show(notice);
                }
                delivered(command)
            });
            shown.context("can't print")?;
        }
    }
    Ok(monitor.map(Monitor::into_state))
}

/// Every sink takes everything at once.
fn delivered(command: Command) -> Option<Input> {
    let Command::Deliver { sink, notice, .. } = command else { return None };
    let outcome = Outcome::Delivered(None);
    Some(Input::Delivered { sink, key: notice.key, outcome })
}

/// The lines of a recording, one at a time, with their numbers; blank ones are passed over.
struct Lines {
    path: PathBuf,
    from: Box<dyn BufRead>,
    buffer: String,
    number: usize,
}

impl Lines {
    fn open(path: &Path) -> Result<Self, ReplayError> {
        let from: Box<dyn BufRead> = match path.as_os_str() == "-" {
            true => Box::new(BufReader::new(io::stdin())),
            false => match File::open(path) {
                Ok(file) => Box::new(BufReader::with_capacity(1 << 16, file)),
                Err(why) => return Err(ReplayError::Unreadable { path: path.to_owned(), why }),
            },
        };
        Ok(Self { path: path.to_owned(), from, buffer: String::new(), number: 0 })
    }

    fn next(&mut self) -> Result<Option<(usize, &str)>, ReplayError> {
        loop {
            self.buffer.clear();
            self.number += 1;
            let mut bounded = io::Read::take(&mut self.from, LONGEST_LINE);
            match bounded.read_line(&mut self.buffer) {
                Ok(0) => return Ok(None),
                Ok(_) if bounded.limit() == 0 => {
                    return Err(self.wrong("longer than 16 MiB".to_owned()));
                }
                Ok(_) => {}
                Err(why) if why.kind() == io::ErrorKind::InvalidData => {
                    return Err(self.wrong("not UTF-8".to_owned()));
                }
                Err(why) => return Err(ReplayError::Unreadable { path: self.path.clone(), why }),
            }
            if !self.buffer.trim().is_empty() {
                break;
            }
        }
        Ok(Some((self.number, self.buffer.trim())))
    }

    fn wrong(&self, why: String) -> ReplayError {
        ReplayError::Line { path: self.path.clone(), line: self.number, why }
    }
}

/// serde_json's words without its own "at line 1", which would be read as the recording's line.
fn wording(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let text = text.split(" at line ").next().unwrap_or_default();
    format!("{} (column {})", sanitize::line(text, 200), error.column())
}

/// One notice as a line of JSON.
#[derive(Serialize)]
struct JsonNotice<'a> {
    at: Timestamp,
    kind: Kind,
    components: &'a [ComponentId],
    incident: Option<&'a IncidentId>,
    title: &'a str,
    body: &'a str,
    urgency: Urgency,
    reason: Reason,
    lasted_seconds: Option<u64>,
}

fn print_json(notice: &Notice, out: &mut dyn Write) -> io::Result<()> {
    let line = JsonNotice {
        at: notice.at,
        kind: notice.kind,
        components: &notice.components,
        incident: notice.incident.as_ref(),
        title: &notice.title,
        body: &notice.body,
        urgency: notice.urgency,
        reason: notice.reason,
        lasted_seconds: notice.lasted_seconds,
    };
    writeln!(out, "{}", sanitize::json(&serde_json::to_string(&line)?))
}

fn print_text(notice: &Notice, zone: &TimeZone, out: &mut dyn Write) -> io::Result<()> {
    let at = notice.at.to_zoned_datetime(zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string();
    let title = sanitize::line(&notice.title, 200);
    let body = sanitize::line(&notice.body, 500);
    writeln!(out, "{at}  {:<14}  {title}\n{:37}{body}", notice.kind.as_str(), "")
}
