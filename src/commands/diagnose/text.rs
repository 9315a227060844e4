//! `ccwatch diagnose` for people.

use std::io::{self, Write};

use jiff::Timestamp;

use super::Report;
use crate::app::App;
use crate::client::pages::{STAY, ways_round};
use crate::platform::clock;
use crate::render::{columns, sanitize};
use ccwatch_core::api_error::{Branch, ErrorSource};
use ccwatch_core::history::page_at::PageSource;

/// The longest piece of foreign text, in characters.
const LONGEST: usize = 400;

pub(super) fn print(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let diagnosis = &report.diagnosis;
    let sure = diagnosis.confidence.as_str();
    if report.failed.error.stranger.is_some() {
        writeln!(out, "NOT CLAUDE  somebody else's error (confidence: {sure})")?;
    } else {
        let branch = diagnosis.branch.as_str().replace('_', " ").to_uppercase();
        writeln!(out, "{branch}  {} (confidence: {sure})", in_words(report))?;
    }
    writeln!(out)?;
    writeln!(out, "  {}", sanitize::line(&report.failed.error.text, LONGEST))?;
    writeln!(out)?;
    for why in &diagnosis.why {
        writeln!(out, "  - {}", sanitize::line(why, LONGEST))?;
    }
    writeln!(out)?;
    let rows = [
        ("First move", Some(&diagnosis.first_move)),
        ("Verify", Some(&diagnosis.verify)),
        ("Escalate when", Some(&diagnosis.escalate_when)),
        ("What would decide", diagnosis.missing.as_ref()),
    ];
    for (name, words) in rows.into_iter().filter_map(|(name, words)| Some((name, words?))) {
        writeln!(out, "{:<18} {}", format!("{name}:"), sanitize::line(words, LONGEST))?;
    }
    writeln!(out)?;
    let (which, how) = (which(report), page(report));
    writeln!(out, "{} The page{which}: {how}", error(report))
}

/// What the branch means; of trouble of another way it is that one's.
fn in_words(report: &Report) -> String {
    let branch = report.diagnosis.branch;
    match &report.page.way {
        Some(way) if branch == Branch::LiveIncident => {
            format!("it is {}, not you", sanitize::line(&way.name, LONGEST))
        }
        _ => branch.words().to_owned(),
    }
}

/// Which page decided, where that isn't Claude's.
fn which(report: &Report) -> String {
    let way = report.page.way.as_ref();
    way.map_or_else(String::new, |way| format!(" of {}", sanitize::line(&way.name, LONGEST)))
}

/// The ways beside the road in force that look well; or how ccwatch would know of any.
pub(super) fn way_round(app: &App, about: &App, out: &mut dyn Write) -> io::Result<()> {
    let ways = ways_round(app, about);
    let columns = columns::of(io::stdout());
    for line in ways.iter().flat_map(|way| way.lines(columns)) {
        writeln!(out, "{line}")?;
    }
    match (ways.is_empty(), app.config.watches_ways()) {
        (false, _) => writeln!(out, "{STAY}"),
        (true, true) => Ok(()),
        (true, false) => writeln!(
            out,
            "Another way to Claude (Bedrock, Vertex AI, Foundry): name it in [providers], and it is \
             watched, too. See {}",
            concat!(env!("CARGO_PKG_HOMEPAGE"), "/blob/main/docs/other-pages.md")
        ),
    }
}

/// Which error it was, and where it was read.
fn error(report: &Report) -> String {
    let error = &report.failed.error;
    let local = |at: Timestamp| {
        at.to_zoned_datetime(clock::zone()).strftime("%Y-%m-%d %H:%M:%S").to_string()
    };
    let at = error.at.map(|at| format!(" of {}", local(at)));
    let place = match error.source {
        ErrorSource::Pasted => "as given",
        ErrorSource::RetryRow => "a retry in the transcripts",
        ErrorSource::TerminalRow => "the end of a turn in the transcripts",
        ErrorSource::Hook => "from a hook",
    };
    let id = match &error.request_id {
        Some(id) if report.id_of_attempt => {
            format!("request id of its last attempt {}", sanitize::line(id, 80))
        }
        Some(id) => format!("request id {}", sanitize::line(id, 80)),
        None => "no request id".to_owned(),
    };
    format!("The error{} ({place}), {id}.", at.unwrap_or_default())
}

/// Where the knowledge of the page comes from.
fn page(report: &Report) -> &'static str {
    match report.page.source {
        PageSource::Readings if report.page.before.is_some() => {
            "as ccwatch read it last, before that."
        }
        PageSource::Readings => "as ccwatch read it then.",
        PageSource::Between { .. } => "as ccwatch read it shortly before and after.",
        PageSource::Incidents => "by its incidents, read later.",
        PageSource::Live => "read just now.",
        PageSource::None => "not known.",
    }
}
