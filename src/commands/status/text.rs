//! `ccwatch status` for people: the verdict and what to do first, then why.

use std::io::{self, Write};
use std::time::Duration;

use jiff::Timestamp;

use crate::render::names::{Names, room_beside};
use crate::render::{columns, sanitize};
use crate::sinks::desktop;
use ccwatch_core::model::{Incident, Level, PageStatus};
use ccwatch_core::notice::sink::Sink;
use ccwatch_core::state::component::{Component, Fix, State};
use ccwatch_core::state::maintenance::KnownMaintenance;
use ccwatch_core::state::verdict::Verdict;
use ccwatch_core::text::{self, ending};
use ccwatch_core::time::{after, between};

use super::super::mute;
use crate::client::beside::DaemonState;
use crate::client::pages;
use crate::client::picture::{Picture, Source};

/// The longest word of the page, in characters.
const NAME: usize = 32;
/// What stands beside a name in the table: its indent, two spaces and a level.
const BESIDE: usize = 24;
/// Updates of incidents are cut here, in characters.
const UPDATE: usize = 400;

pub(super) fn print(
    picture: &Picture,
    all: bool,
    colours: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    let paint = Paint { colours };
    let verdict = picture.verdict();
    let word = verdict.as_str().to_uppercase();
    writeln!(out, "{}  {}", paint.verdict(verdict, &word), picture.advice())?;
    if let Some(why) = why_unknown(picture) {
        writeln!(out, "         {why}")?;
    }
    if let Some(expected) = picture.page.expectation(picture.now) {
        writeln!(out, "      {}", text::expectation(&expected))?;
    }
    writeln!(out)?;
    pages::heading(picture.page.settings(), out)?;
    components(picture, all, paint, out)?;
    elsewhere(picture, all, out)?;
    for incident in concerning(picture, all) {
        print_incident(picture, incident, out)?;
    }
    for known in picture.page.announced(picture.now, all) {
        print_work(picture, known, out)?;
    }
    let zone = &picture.page.settings().zone;
    mute::lines(picture.page.mutes(picture.now), picture.now, zone, out)?;
    if let Some(stopped) = text::sessions::counts(picture.page.sessions()) {
        writeln!(out, "{stopped}")?;
    }
    writeln!(out, "{}", sources(picture))?;
    let Some(beat) = picture.heartbeat.as_ref() else { return Ok(()) };
    let sinks = Sink::ALL.map(|sink| (sink.trouble(), beat.trouble(sink)));
    let local = [("Claude Code's transcripts are not followed", beat.local.as_deref())];
    for (what, why) in sinks.into_iter().chain(local) {
        if let Some(why) = why {
            writeln!(out, "{what}: {}.", sanitize::line(why, UPDATE))?;
        }
    }
    if beat.trouble(Sink::Desktop).is_some() {
        writeln!(out, "{}.", text::sentence(desktop::instead()).trim_end_matches('.'))?;
    }
    Ok(())
}

/// What exactly is not known.
pub(in crate::commands) fn why_unknown(picture: &Picture) -> Option<String> {
    if picture.verdict() != Verdict::Unknown {
        return None;
    }
    let why = text::why_unknown(&picture.page, picture.now);
    Some(sanitize::line(&text::sentence(&why), UPDATE))
}

fn components(picture: &Picture, all: bool, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    let shown: Vec<&Component> = picture
        .page
        .components()
        .iter()
        .filter(|component| all || is_shown(picture, component))
        .collect();
    let room = room_beside(BESIDE);
    let names = Names::of(picture.page.components(), room);
    let width = shown.iter().map(|c| columns::width(names.get(&c.id))).max().unwrap_or(0);
    for component in &shown {
        let level = columns::padded(&paint.level(component.level, &level_words(component)), 20);
        let note = note(picture, component);
        let line =
            format!("  {}  {level}  {note}", columns::padded(names.get(&component.id), width));
        writeln!(out, "{}", line.trim_end())?;
    }
    for entry in missing(picture) {
        let entry = sanitize::line(entry, room);
        let entry = columns::padded(&entry, width);
        writeln!(out, "  {entry}  not on the page; check watch.components")?;
    }
    if shown.is_empty() && missing(picture).is_empty() {
        return Ok(());
    }
    writeln!(out)
}

/// Under lights that are green: who isn't well all the same, and isn't shown.
fn elsewhere(picture: &Picture, all: bool, out: &mut dyn Write) -> io::Result<()> {
    let green = matches!(picture.verdict(), Verdict::Clear | Verdict::Suspect);
    let lines = text::summary::elsewhere(&picture.page);
    if all || !green || lines.is_empty() {
        return Ok(());
    }
    for line in lines {
        writeln!(out, "  {}", sanitize::line(&line, UPDATE))?;
    }
    writeln!(out)
}

/// Whether a component is watched, and nothing else has taken its place.
pub(in crate::commands) fn is_shown(picture: &Picture, component: &Component) -> bool {
    component.watched.is_some() && !picture.page.is_replaced(component)
}

/// Entries of the watch list to which nothing that is shown answers.
pub(in crate::commands) fn missing(picture: &Picture) -> Vec<&str> {
    let shown = |entry: &&str| picture.page.watched().any(|c| c.watched.as_deref() == Some(*entry));
    picture.page.missing_entries().into_iter().filter(|entry| !shown(entry)).collect()
}

pub(in crate::commands) fn level_words(component: &Component) -> String {
    match (&component.state, &component.page_status) {
        (State::Gone { confirmed: true, .. }, _) => "not on the page".to_owned(),
        (_, PageStatus::Other(word)) if component.level == Level::Unknown && !word.is_empty() => {
            format!("not known ({})", sanitize::line(word, NAME))
        }
        _ => text::level(component.level).to_owned(),
    }
}

/// Since when, where that says something.
pub(in crate::commands) fn note(picture: &Picture, component: &Component) -> String {
    let zone = &picture.page.settings().zone;
    let clock = |at: Timestamp| text::clock(at, picture.now, zone);
    let lasting = |since: Timestamp| text::duration(between(since, picture.now));
    match &component.state {
        State::Affected { episode } => {
            let fix = match (&episode.fix, episode.level) {
                (Fix::Awaited, _) => String::new(),
                (Fix::Out { .. }, Level::Maintenance) => {
                    format!(", {}", ending::work_ended(&picture.page, episode))
                }
                (Fix::Out { closed: true, .. }, _) => ", incident closed".to_owned(),
                (Fix::Out { closed: false, .. }, _) => ", fix is out".to_owned(),
            };
            let filtered =
                picture.page.filtered(component).map_or_else(String::new, |(why, of)| {
                    format!(", {}", sanitize::line(&text::filtered(why, &of), UPDATE))
                });
            format!("since {} ({}){fix}{filtered}", clock(episode.since), lasting(episode.since))
        }
        State::Recovering { back_at, .. } => {
            format!("{} since {}", again(component), clock(*back_at))
        }
        State::Up { ended: Some(at) } if between(*at, picture.now) < DAY => {
            format!("{} since {}", again(component), clock(*at))
        }
        State::Gone { since, .. } => format!("since {}", clock(*since)),
        State::Up { .. } | State::Unknown => String::new(),
    }
}

/// What it is since its time away, beside its level.
fn again(component: &Component) -> &'static str {
    if ending::was_only_reported(component) { "no longer reported" } else { "again" }
}

/// A recovery is worth a word for this long.
const DAY: Duration = Duration::from_secs(24 * 3600);

/// Open incidents that concern what is shown; those without components concern everybody.
pub(in crate::commands) fn concerning(
    picture: &Picture,
    all: bool,
) -> impl Iterator<Item = &Incident> {
    picture.page.incidents().open.iter().filter(move |incident| {
        all || incident.components.is_empty()
            || picture.page.watched().any(|component| incident.names(&component.id))
    })
}

fn print_incident(picture: &Picture, incident: &Incident, out: &mut dyn Write) -> io::Result<()> {
    let settings = picture.page.settings();
    let phase = sanitize::line(text::phase(&incident.phase), NAME);
    let at =
        text::said_at(incident, picture.now).map(|at| text::clock(at, picture.now, &settings.zone));
    let at = at.map_or_else(String::new, |at| format!(", {at}"));
    writeln!(out, "Incident: {} ({phase}{at})", sanitize::line(&incident.name, 160))?;
    if let Some(update) = incident.updates.first().filter(|update| !update.body.is_empty()) {
        writeln!(out, "  {}", sanitize::line(&update.body, UPDATE))?;
    }
    if incident.components.is_empty() {
        let meant = picture.page.components().iter().filter(|c| incident.means(&c.id));
        let meant: Vec<&str> = meant.map(Component::shown_name).collect();
        let about = match meant.as_slice() {
            [] => "see if it is on your path".to_owned(),
            names => format!("by its title it is about {}", text::list(names)),
        };
        let line = format!("It names no component of the page; {about}.");
        writeln!(out, "  {}", sanitize::line(&line, UPDATE))?;
    }
    if let Some(url) = settings.incident_url(&incident.id) {
        writeln!(out, "  {url}")?;
    }
    writeln!(out)
}

/// Announced work: how far it has come, whom it is about, and what is said of it.
fn print_work(picture: &Picture, known: &KnownMaintenance, out: &mut dyn Write) -> io::Result<()> {
    let [head, more @ ..] = work_lines(picture, known);
    writeln!(out, "{head}")?;
    for line in more.iter().filter(|line| !line.is_empty()) {
        writeln!(out, "  {line}")?;
    }
    writeln!(out)
}

/// The lines of announced work: its title with its plan, whom it is about, its newest update and its
/// link; what there isn't is empty.
pub(in crate::commands) fn work_lines(picture: &Picture, known: &KnownMaintenance) -> [String; 4] {
    let page = &picture.page;
    let work = &known.page.work;
    let plan = text::maintenance::plan(known, picture.known_at(), &page.settings().zone);
    let named = page.components().iter().filter(|component| work.names(&component.id));
    let names = Names::of(page.components(), room_beside(BESIDE));
    let named: Vec<&str> = named.map(|component| names.get(&component.id)).collect();
    let named = named.join(", ");
    let named = if named.is_empty() { named } else { format!("About: {named}") };
    let update = work.updates.first().map_or("", |update| update.body.as_str());
    let url = page.settings().incident_url(known.id()).unwrap_or_default();
    let title = format!("Maintenance: {}", sanitize::line(&plan, 240));
    [title, named, sanitize::line(update, UPDATE), url]
}

/// How old the news is, where it comes from, and what comes next.
pub(in crate::commands) fn sources(picture: &Picture) -> String {
    let age = picture.page.page_health().last_good.map(|at| ago(between(at, picture.now)));
    let read = match (picture.source, age) {
        (Source::Live, _) => "Read just now.".to_owned(),
        (_, Some(age)) => format!("As of {age}."),
        (_, None) => "Never read.".to_owned(),
    };
    let daemon = daemon(picture);
    let failing = picture.failure().filter(|_| picture.verdict() != Verdict::Unknown);
    let failing = failing.map_or_else(String::new, |failure| {
        format!(" The last try failed: {}.", text::failure(failure.kind).0)
    });
    format!("{read}{failing} {daemon}")
}

/// Who sees to it that there is news.
fn daemon(picture: &Picture) -> String {
    let beat = picture.heartbeat.as_ref();
    let pid = beat.map_or_else(String::new, |beat| format!(" (pid {})", beat.pid));
    match (picture.daemon, beat) {
        (DaemonState::Works, Some(beat)) => {
            let since = text::clock(beat.started_at, picture.now, &picture.page.settings().zone);
            format!("The daemon runs since {since}{pid}{}.", next(picture))
        }
        (DaemonState::Works | DaemonState::Begins, _) => "The daemon is starting.".to_owned(),
        (DaemonState::CannotWrite(why), _) => format!(
            "The daemon{pid} runs and tells you, but {why}, and so it can't write down what it reads: \
             make room, or name another place with state_dir"
        ),
        (DaemonState::Hangs, Some(beat)) => {
            let (pid, due) = (beat.pid, next(picture));
            format!(
                "The daemon (pid {pid}) hangs{due}; start it again: ccwatch service restart (where \
                 it is no service: kill {pid}, then ccwatch run)"
            )
        }
        (DaemonState::Hangs, None) => "A daemon runs, but has not written down a reading; see why: \
                                       ccwatch doctor; or start it again: ccwatch service restart"
            .to_owned(),
        (DaemonState::LeavesOut, _) => "The daemon doesn't watch this page: either it has not read the \
                                        configuration again (ccwatch service restart), or its log \
                                        says why"
            .to_owned(),
        (DaemonState::Away, _) if picture.verdict() == Verdict::Wait => {
            "No daemon runs to tell you when to retry. To wait for it: ccwatch wait; to be told from \
             now on: ccwatch service install"
                .to_owned()
        }
        (DaemonState::Away, _) => {
            "No daemon is running; keep one with: ccwatch service install".to_owned()
        }
    }
}

fn next(picture: &Picture) -> String {
    let next = picture.heartbeat.as_ref().and_then(|beat| beat.next_poll);
    match next {
        Some(at) if at > picture.now => {
            format!(", next poll in {}", short(between(picture.now, at)))
        }
        Some(at) if after(at, Duration::from_secs(60)) < picture.now => {
            format!(", its last poll was due {}", ago(between(at, picture.now)))
        }
        _ => ", polling now".to_owned(),
    }
}

fn ago(age: Duration) -> String {
    format!("{} ago", short(age))
}

/// Seconds where they matter.
fn short(duration: Duration) -> String {
    match duration.as_secs() {
        seconds @ 0..=99 => format!("{seconds} s"),
        _ => text::duration(duration),
    }
}

/// Colours, or none.
#[derive(Clone, Copy)]
struct Paint {
    colours: bool,
}

impl Paint {
    fn verdict(self, verdict: Verdict, text: &str) -> String {
        self.with(
            text,
            match verdict {
                Verdict::Wait => "1;31",
                Verdict::Retry | Verdict::Clear => "1;32",
                Verdict::Suspect | Verdict::Unknown => "1;33",
            },
        )
    }

    fn level(self, level: Level, text: &str) -> String {
        self.with(
            text,
            match level {
                Level::Operational => "32",
                Level::Maintenance => "34",
                Level::Unknown | Level::Reported | Level::Degraded => "33",
                Level::Partial | Level::Major => "31",
            },
        )
    }

    fn with(self, text: &str, code: &str) -> String {
        if self.colours { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}
