//! `ccwatch evidence`: the packet for support. Shown first, written only where that is asked for.

mod outage;

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::Context;
use jiff::Timestamp;
use serde::Serialize;

use super::diagnose::{NoError, Report, found, given};
use crate::app::App;
use crate::app::exit_code::ExitCode;
use crate::app::explain::Explained;
use crate::claude_code::find;
use crate::claude_code::place::Place;
use crate::claude_code::route::LoginState;
use crate::claude_code::transcript::Failed;
use crate::cli;
use crate::redact;
use crate::render::sanitize;
use ccwatch_core::history::page_at::PageThen;
use outage::{Errors, Outage};

/// The longest piece of foreign text, in characters.
const LONGEST: usize = 2000;

/// The packet. Everything in it went through [`redact`].
#[derive(Debug, Serialize)]
struct Packet {
    version: u8,
    made_at: Timestamp,
    ccwatch: String,
    platform: String,
    claude_code: Option<String>,
    error: String,
    error_at: Option<Timestamp>,
    status: Option<u16>,
    r#type: Option<String>,
    requests: Vec<Request>,
    page: Vec<String>,
    page_source: &'static str,
    route: String,
    branch: &'static str,
    confidence: &'static str,
    tests: Vec<Test>,
    open_question: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    outage: Option<Outage>,
}

/// A text without what must not leave this machine.
fn cleaned(report: &Report, text: &str) -> String {
    let home = report.place.as_ref().map(|place| place.home.as_path());
    let text = redact::private(text, home, &report.failed.private);
    sanitize::paragraph(&text, LONGEST)
}

/// One attempt.
#[derive(Debug, Serialize)]
struct Request {
    at: Option<Timestamp>,
    status: Option<u16>,
    request_id: Option<String>,
    from: &'static str,
}

/// A branch, and what spoke for or against it.
#[derive(Debug, Serialize)]
struct Test {
    test: &'static str,
    outcome: String,
}

/// There is nothing to make a packet of.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct NoEvidence(NoError);

impl Explained for NoEvidence {
    fn exit_code(&self) -> ExitCode {
        self.0.exit_code()
    }

    fn next_step(&self) -> Option<String> {
        Some(self.0.hint("evidence"))
    }
}

/// Makes the packet, shows it, and writes it where that is asked for.
pub fn run(app: &App, args: &cli::Evidence, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let place = Place::of_process();
    let span = outage::span(app, args)?;
    let errors = match (&span, &place) {
        (Some(span), Some(place)) => span.errors(place),
        _ => Errors::default(),
    };
    let failed = match (args.text.as_slice(), &span) {
        ([], Some(_)) => errors.head().cloned().ok_or(NoEvidence(NoError::NoneInTime))?,
        ([], None) => found(place.as_ref(), args.session.as_deref()).map_err(NoEvidence)?,
        (words, _) => given(&words.join(" "))?,
    };
    let of_session = place.as_ref().filter(|_| args.text.is_empty());
    let trail = of_session.map_or_else(|| vec![failed.clone()], |it| find::trail(it, &failed));
    let report = Report::make(app, place, failed, "ccwatch evidence");
    let mut packet = Packet::of(&report, &trail);
    packet.outage = span.map(|span| {
        let first = errors.began().unwrap_or(report.now);
        let page = crate::client::page_at::page(&report.about, first);
        let page = PageThen { way: report.page.way.clone(), ..page };
        let clean = |text: &str| cleaned(&report, text);
        Outage::of(&span, &errors, &page, report.facts.path, &clean)
    });
    let json = sanitize::json(&serde_json::to_string_pretty(&packet)?) + "\n";
    let markdown = packet.markdown();
    out.write_all(if args.json { json.as_bytes() } else { markdown.as_bytes() })?;
    if let Some(path) = &args.output {
        out.flush()?;
        let as_json = path.extension().is_some_and(|ending| ending == "json");
        write(path, if as_json { &json } else { &markdown })
            .with_context(|| format!("can't write {}", path.display()))?;
        // stdout holds the packet and nothing else.
        let _ = writeln!(io::stderr(), "written to {}", path.display());
    }
    Ok(ExitCode::Success)
}

/// A new file for this user alone; one that is there is not written over.
fn write(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())
}

impl Packet {
    fn of(report: &Report, trail: &[Failed]) -> Self {
        let clean = |text: &str| cleaned(report, text);
        let error = &report.failed.error;
        let request = |failed: &Failed| Request {
            at: failed.error.at,
            status: failed.error.status,
            // It was looked at where it was read: by chance alone it isn't told from a key.
            request_id: failed.error.request_id.as_deref().map(|id| sanitize::line(id, LONGEST)),
            from: failed.error.source.as_str(),
        };
        Self {
            version: 1,
            made_at: report.now,
            ccwatch: env!("CARGO_PKG_VERSION").to_owned(),
            platform: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
            claude_code: report.failed.version.as_deref().map(&clean),
            error: or_unrecorded(clean(&error.text)),
            error_at: error.at,
            status: error.status,
            r#type: error.kind.as_deref().map(&clean),
            requests: trail.iter().map(request).collect(),
            page: page(report).iter().map(|line| clean(line)).collect(),
            page_source: report.page.source.as_str(),
            route: clean(&report.facts.in_words()),
            branch: report.diagnosis.branch.as_str(),
            confidence: report.diagnosis.confidence.as_str(),
            tests: tests(report)
                .into_iter()
                .map(|(test, outcome)| Test { test, outcome: clean(&outcome) })
                .collect(),
            open_question: report.diagnosis.missing.as_deref().map(&clean),
            outage: None,
        }
    }

    fn markdown(&self) -> String {
        let utc = |at: Option<Timestamp>| {
            at.map_or_else(
                || "time not known".to_owned(),
                |at| at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string(),
            )
        };
        let mut text = String::from("# API error in Claude Code\n\n");
        let fence = if self.error.contains("```") { "````" } else { "```" };
        text += &format!("{fence}\n{}\n{fence}\n\n", self.error);
        text += &format!("- When: {}\n", utc(self.error_at));
        text += &format!(
            "- Status: {}, type: {}\n",
            or_none(self.status),
            or_none(self.r#type.as_deref())
        );
        text += &format!("- Route: {}\n", self.route);
        text += &format!(
            "- Claude Code: {}\n",
            self.claude_code.as_deref().unwrap_or("version not known")
        );
        text += &format!("- Platform: {}, ccwatch {}\n", self.platform, self.ccwatch);
        text += "\n## Request ids, in order\n\n";
        for request in &self.requests {
            let id = request.request_id.as_deref().unwrap_or("none was given");
            let status = request.status.map_or_else(String::new, |status| format!(" {status},"));
            text += &format!("- {},{status} {id} ({})\n", utc(request.at), request.from);
        }
        if self.requests.iter().all(|request| request.request_id.is_none()) {
            text +=
                "\nThe transcripts give no request id for this error that could be passed on.\n";
        }
        text += &format!("\n## The status page at that time\n\n- Source: {}\n", self.page_source);
        for line in &self.page {
            text += &format!("- {line}\n");
        }
        text += &format!(
            "\n## Tests done\n\nBranch: {} (confidence: {})\n\n",
            self.branch, self.confidence
        );
        for test in &self.tests {
            text += &format!("- {}: {}\n", test.test, test.outcome);
        }
        if let Some(question) = &self.open_question {
            text += &format!("- Not tested yet: {question}\n");
        }
        if let Some(outage) = &self.outage {
            text += &outage.markdown();
        }
        text += &format!("\nMade by ccwatch at {}; times in UTC.\n", utc(Some(self.made_at)));
        text
    }
}

/// Old rows of attempts may hold nothing at all.
fn or_unrecorded(text: String) -> String {
    if text.trim().is_empty() { "(no text was recorded)".to_owned() } else { text }
}

fn or_none<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(|| "none".to_owned(), |value| value.to_string())
}

/// The components of the path, then the incidents.
fn page(report: &Report) -> Vec<String> {
    let page = &report.page;
    let component =
        |c: &ccwatch_core::history::page_at::ComponentThen| format!("{}: {}", c.name, c.level);
    let whose = page.way.iter().map(|way| format!("The page of {}", way.name));
    let mut lines: Vec<String> = whose.chain(page.on(report.facts.path).map(component)).collect();
    lines.extend(page.incidents.iter().map(|incident| {
        let later = if incident.afterwards { ", posted afterwards" } else { "" };
        format!("Incident {}: {} ({}{later})", incident.id, incident.name, incident.phase.as_str())
    }));
    lines.extend(page.works_on(report.facts.path).map(|work| {
        format!("Announced work {}: {} ({})", work.id, work.name, work.phase.as_str())
    }));
    if let Some((ago, green)) = page.last_read(report.facts.path) {
        let how = if green { " as green" } else { "" };
        lines.push(format!("Last read{how} {} before", ccwatch_core::text::duration(ago)));
    }
    if lines.is_empty() {
        lines.push("not known, or the page says nothing about this path".to_owned());
    }
    lines
}

/// What was looked at for each branch, and how it came out.
fn tests(report: &Report) -> Vec<(&'static str, String)> {
    let around = report.around;
    let sessions = format!(
        "{} other sessions failed, {} got answers afterwards; this one failed {} times and {} later",
        around.other_sessions_failing,
        around.other_sessions_working,
        around.same_session_failures,
        if around.same_session_worked_later { "worked" } else { "did not work" },
    );
    let login = match report.route.as_ref().and_then(|route| route.login.as_ref()) {
        Some(login) => match login.state(report.now) {
            LoginState::Good => "a login is there, and by its file it is good",
            LoginState::Refreshable => "a login is there, and can be refreshed",
            LoginState::Over => "a login is there, and it is over",
        },
        None => "no login in a file",
    };
    let network = match report.page.network {
        Some(true) => "the page could be reached from this machine",
        Some(false) => "the page could not be reached from this machine",
        None => "not known",
    };
    vec![
        ("Diagnosis", report.diagnosis.why.join(" ")),
        ("Login", login.to_owned()),
        ("Session", sessions),
        ("Route", report.facts.in_words()),
        ("Network", network.to_owned()),
    ]
}
