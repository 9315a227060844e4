//! `ccwatch diagnose`: one error, the page at its time, the route in force; one answer.

mod json;
mod text;

use std::collections::BTreeSet;
use std::io::{self, Read, Write};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::app::App;
use crate::app::exit_code::ExitCode;
use crate::app::explain::Explained;
use crate::claude_code::find::{self, Looked};
use crate::claude_code::pasted;
use crate::claude_code::place::{Place, environment};
use crate::claude_code::route::{self, Route};
use crate::claude_code::transcript::Failed;
use crate::claude_code::{reading, reset};
use crate::cli;
use crate::client::page_at;
use crate::client::picture::Picture;
use crate::config::pages::When;
use crate::platform::clock;
use crate::redact;
use crate::render::{sanitize, shell};
use ccwatch_core::api_error::{Branch, Cause};
use ccwatch_core::diagnose::{Around, Case, Diagnosis, Means, Outlook, diagnose, is_of_the_way};
use ccwatch_core::history::page_at::{PageThen, WayThen};
use ccwatch_core::notice::sink::Sink;
use ccwatch_core::route::{Path, RouteFacts};

/// More than this of standard input is not kept, in bytes.
const LONGEST: usize = 1 << 20;
/// No more of an error's text is shown, in bytes.
const SHOWN: usize = 4 << 10;

/// There is nothing to diagnose.
#[derive(Debug, thiserror::Error)]
pub enum NoError {
    /// No transcripts.
    #[error("there are no transcripts of Claude Code in {0}")]
    NoTranscripts(String),
    /// No error in them.
    #[error("no transcript in {0} shows an API error")]
    NoErrorFound(String),
    /// No error in those that were looked at.
    #[error("the newest {} of {} transcripts in {dir} show no API error", looked.at, looked.of)]
    NoneInTheNewest {
        /// Where they are.
        dir: String,
        /// How far the search went.
        looked: Looked,
    },
    /// No such session, or no error in it.
    #[error("no API error was found in a session {0:?}")]
    NotInSession(String),
    /// No home directory.
    #[error("there is no home directory to look for transcripts in")]
    NoHome,
    /// No error in a time.
    #[error("no transcript shows an API error in that time")]
    NoneInTime,
    /// Nothing was given.
    #[error("the text of the error is empty")]
    Empty,
}

impl NoError {
    /// The next step of somebody who ran `command`.
    pub(super) fn hint(&self, command: &str) -> String {
        let give = format!(
            "give the error as Claude Code shows it, all of it, as in: ccwatch {command} 'API Error: \
             529 Overloaded'"
        );
        match self {
            Self::NotInSession(_) => format!(
                "the id is the name of a file in ~/.claude/projects/*/, without .jsonl; or {give}"
            ),
            Self::NoneInTime => format!("name an earlier time; or {give}"),
            Self::NoTranscripts(_)
            | Self::NoErrorFound(_)
            | Self::NoneInTheNewest { .. }
            | Self::NoHome
            | Self::Empty => give,
        }
    }
}

impl Explained for NoError {
    fn exit_code(&self) -> ExitCode {
        ExitCode::Undecided
    }

    fn next_step(&self) -> Option<String> {
        Some(self.hint("diagnose"))
    }
}

/// Everything that an answer needs.
pub(super) struct Report {
    pub(super) now: Timestamp,
    /// About the page that decides.
    pub(super) about: App,
    pub(super) failed: Failed,
    pub(super) page: PageThen,
    pub(super) facts: RouteFacts,
    pub(super) route: Option<Route>,
    pub(super) around: Around,
    pub(super) diagnosis: Diagnosis,
    pub(super) place: Option<Place>,
    /// The request id is not the error's own, but that of the last attempt before it.
    pub(super) id_of_attempt: bool,
}

/// Answers.
pub fn run(app: &App, args: &cli::Diagnose, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let place = Place::of_process();
    let failed = match args.text.as_slice() {
        [] => found(place.as_ref(), args.session.as_deref())?,
        words => given(&words.join(" "))?,
    };
    let evidence = evidence(args, &failed.error.text);
    let report = Report::make(app, place, failed, &evidence);
    if args.json {
        json::print(&report, out)?;
    } else {
        text::print(&report, out)?;
        if report.diagnosis.branch == Branch::LiveIncident {
            text::way_round(app, &report.about, out)?;
        }
    }
    Ok(exit_code(report.diagnosis.branch))
}

/// A text that is no longer than this can be given again on the command line, in characters.
const PASTED_AGAIN: usize = 60;

/// The command that makes the packet of the same error.
fn evidence(args: &cli::Diagnose, text: &str) -> String {
    let short = text.chars().count() <= PASTED_AGAIN && text.lines().count() <= 1;
    match (args.text.as_slice(), &args.session) {
        ([], None) => "ccwatch evidence".to_owned(),
        ([], Some(id)) => {
            format!("ccwatch evidence --session {}", shell::quoted(&redact::secrets(id)))
        }
        // What is private in it would be on the screen, and in somebody's log.
        _ if short && redact::secrets(text) == text => {
            format!("ccwatch evidence {}", shell::quoted(&sanitize::line(text, PASTED_AGAIN)))
        }
        _ => "ccwatch evidence - (and paste the same text)".to_owned(),
    }
}

/// The error that the transcripts hold.
pub(super) fn found(place: Option<&Place>, session: Option<&str>) -> Result<Failed, NoError> {
    let place = place.ok_or(NoError::NoHome)?;
    let dir = || place.shown(&place.projects());
    match session {
        Some(id) => find::of_session(place, id).ok_or_else(|| NoError::NotInSession(id.to_owned())),
        None => find::newest(place).map_err(|looked| match looked {
            Looked { of: 0, .. } => NoError::NoTranscripts(dir()),
            Looked { at, of } if at == of => NoError::NoErrorFound(dir()),
            looked => NoError::NoneInTheNewest { dir: dir(), looked },
        }),
    }
}

/// The error that the user gave, or that is on standard input where that is `-`.
pub(super) fn given(text: &str) -> anyhow::Result<Failed> {
    let text = &match text {
        "-" => standard_input()?,
        text => text.to_owned(),
    };
    if text.trim().is_empty() {
        return Err(NoError::Empty.into());
    }
    let error = pasted::read(text);
    Ok(Failed { error, session: None, version: None, cwd: None, private: Vec::new() })
}

fn standard_input() -> io::Result<String> {
    let (mut bytes, mut stdin) = (Vec::new(), io::stdin().lock());
    // The last error counts, so it is the end that is kept, from the start of a line on.
    while stdin.by_ref().take(LONGEST as u64).read_to_end(&mut bytes)? > 0 {
        let surplus = bytes.len().saturating_sub(LONGEST);
        if surplus > 0 {
            let kept = bytes.get(surplus..bytes.len() - 1).unwrap_or_default();
            let cut = kept.iter().position(|byte| *byte == b'\n').map_or(0, |at| at + 1);
            bytes.drain(..surplus + cut);
        }
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

impl Report {
    /// Joins the witnesses.
    pub(super) fn make(
        app: &App,
        place: Option<Place>,
        mut failed: Failed,
        evidence: &str,
    ) -> Self {
        let now = clock::now();
        // A time to come is a mistake; without a time it is about now.
        let at = failed.error.at.filter(|at| *at <= now).unwrap_or(now);
        // The settings of the directory that the session ran in; the environment is this shell's.
        let there = |place: &Place| match &failed.cwd {
            Some(cwd) if cwd.is_dir() => Place { cwd: cwd.clone(), ..place.clone() },
            _ => place.clone(),
        };
        let there = place.as_ref().map(there);
        let route = there.as_ref().map(|place| route::look(&environment, place));
        let own = |route: &Route| route.endpoint.as_ref()?.host.clone();
        if let Some(endpoint) = route.as_ref().and_then(own) {
            failed.error = pasted::at_endpoint(failed.error, &endpoint);
        }
        reset::note(&mut failed.error, at, &TimeZone::system());
        let own = failed.error.request_id.is_some();
        if let Some(place) = place.as_ref().filter(|_| !own) {
            failed.error.request_id = find::attempt_id(place, &failed);
        }
        let id_of_attempt = !own && failed.error.request_id.is_some();
        let mut facts = route.as_ref().map(|it| it.facts_of(&failed.error)).unwrap_or_default();
        let cwd = there.map(|place| place.cwd).unwrap_or_default();
        let about = match is_of_the_way(&failed.error) {
            true => app.clone().on_road_from(cwd),
            false => app.clone(),
        };
        let way = about.page.as_ref().and_then(|page| Some((page, page.role.path()?)));
        if let Some((_, path)) = way {
            failed.error = reading::by_way(failed.error, path);
            if facts.path != path {
                facts = RouteFacts { path, ..wanted_road(app, facts) };
            }
        }
        let (mut page, look) = page_at::page_and_look(&about, at);
        let picture = match look {
            Some(look) => Picture::of_look(&about, look),
            None => Picture::look(&about),
        };
        page.way = way.map(|(way, _)| WayThen {
            name: way.name.clone(),
            api: page_at::page(app, at).light_of_api(),
        });
        // What is known of now decides what to do; without it the answer is no less true of then.
        let picture = picture.ok();
        let around = match (&place, &failed.session) {
            (Some(place), Some(_)) => find::around(place, &failed),
            _ => Around::default(),
        };
        failed.error.text = redact::beginning(&failed.error.text, SHOWN);
        failed.error.foreign = failed.error.foreign.as_deref().map(redact::secrets);
        failed.session = failed.session.as_deref().map(redact::secrets);
        // A daemon that runs, runs the hook, too.
        let sinks = match way {
            Some((page, _)) if page.notify == When::Never => BTreeSet::new(),
            _ => app.config.notify.sinks(true),
        };
        let outlook = |picture| outlook(picture, &sinks, facts.path, &page);
        let outlook = picture.as_ref().map_or(Outlook::NOT_KNOWN, outlook);
        let has_another = || place.as_ref().is_some_and(|place| find::newest(place).is_ok());
        let means = Means {
            evidence,
            outlook,
            // Only who gave an error that says nothing is asked for another one.
            has_another: failed.error.cause == Cause::Unknown && has_another(),
            limit_is_over: failed.error.resets_at.is_some_and(|reset| reset <= now),
        };
        let case = Case { error: &failed.error, page: &page, route: &facts, around, means };
        let diagnosis = diagnose(&case);
        Self { now, about, page, facts, route, around, diagnosis, place, failed, id_of_attempt }
    }
}

/// The road as the configuration names it, where no variable of Claude Code does.
fn wanted_road(app: &App, facts: RouteFacts) -> RouteFacts {
    let file = app.file.as_ref().map(|file| file.display().to_string());
    RouteFacts { credential: Some("providers.road".to_owned()), set_in: file, ..facts }
}

/// How it stands on the path now, and whether anybody tells of the end.
fn outlook<'a>(
    picture: &'a Picture,
    sinks: &BTreeSet<Sink>,
    path: Path,
    then: &PageThen,
) -> Outlook<'a> {
    let works =
        |sink: &Sink| picture.heartbeat.as_ref().is_none_or(|beat| beat.trouble(*sink).is_none());
    let (runs, shows) = (picture.daemon.tells(), sinks.iter().any(works));
    Outlook::of(&picture.page, picture.now, path, then, (runs, shows))
}

fn exit_code(branch: Branch) -> ExitCode {
    match branch {
        Branch::LiveIncident => ExitCode::LiveIncident,
        Branch::Login => ExitCode::Login,
        Branch::Session => ExitCode::Session,
        Branch::Route => ExitCode::Route,
        Branch::RateLimit => ExitCode::RateLimit,
        Branch::Network => ExitCode::Network,
        Branch::Undecided => ExitCode::Undecided,
    }
}
