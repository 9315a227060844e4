//! `ccwatch status --at TIME`: what the page said then, and how that is known.

use std::io::Write;

use jiff::Timestamp;
use serde::Serialize;

use crate::app::App;
use crate::app::exit_code::ExitCode;
use crate::cli;
use crate::platform::clock;
use crate::render::names::{PastNames, room_beside};
use crate::render::{columns, sanitize};
use ccwatch_core::decide::models;
use ccwatch_core::history::page_at::{ComponentThen, IncidentThen, PageSource, PageThen, WorkThen};
use ccwatch_core::model::{ComponentId, IncidentId, Level, Phase};
use ccwatch_core::settings::Settings;
use ccwatch_core::state::filter::Filter;
use ccwatch_core::text;
use ccwatch_core::time::between;
use ccwatch_core::time::when::{self, Side};

use crate::app::usage::UsageError;
use crate::client::page_at;
use crate::client::pages;
use crate::render::json::print_json;

/// The longest word of the page, in characters.
const NAME: usize = 32;
/// What stands beside a name in the table: its indent, two spaces and a level.
const BESIDE: usize = 24;

#[derive(Serialize)]
struct Then<'a> {
    version: u8,
    page: &'a str,
    at: Timestamp,
    source: &'a str,
    /// The readings around it, where it was not read then.
    read_before: Option<Timestamp>,
    read_after: Option<Timestamp>,
    components: Vec<Row<'a>>,
    incidents: Vec<Open<'a>>,
    maintenances: Vec<Work<'a>>,
}

/// Announced work that went on.
#[derive(Serialize)]
struct Work<'a> {
    id: &'a IncidentId,
    name: &'a str,
    phase: &'a Phase,
    components: &'a [ComponentId],
    scheduled_until: Option<Timestamp>,
    url: Option<String>,
}

#[derive(Serialize)]
struct Row<'a> {
    id: &'a ComponentId,
    name: &'a str,
    level: Level,
    watched: bool,
    filtered: Option<&'static str>,
}

#[derive(Serialize)]
struct Open<'a> {
    id: &'a IncidentId,
    name: &'a str,
    phase: &'a Phase,
    components: &'a [ComponentId],
    began: Option<Timestamp>,
    ended: Option<Timestamp>,
    posted_afterwards: bool,
    began_afterwards: bool,
    url: Option<String>,
}

/// Answers for the time that `text` means.
pub(super) fn run(
    app: &App,
    args: &cli::Status,
    text: &str,
    out: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    let settings = app.settings();
    let now = clock::now();
    let at = when::parse(text, now, &settings.zone, Side::Past).map_err(|error| UsageError {
        what: format!("{text:?}: {error}"),
        hint: error.hint().to_owned(),
    })?;
    let page = page_at::page(app, at);
    if args.json {
        json(&page, &settings, out)?;
    } else if !args.quiet {
        print_text(&page, &settings, args.all, now, out)?;
    }
    Ok(exit_code(&page, &settings))
}

/// The worst known level says it; what is not known is never green, and what is filtered is nothing.
fn exit_code(page: &PageThen, settings: &Settings) -> ExitCode {
    let watched = page.watched(settings);
    let level = |c: &&ComponentThen| quiet(c).map_or(c.level, |_| Level::Operational);
    let levels: Vec<Level> = watched.iter().map(level).collect();
    let worst = levels.iter().max_by_key(|level| level.severity());
    match worst {
        Some(Level::Partial | Level::Major) => ExitCode::Critical,
        Some(Level::Maintenance | Level::Reported | Level::Degraded) => ExitCode::Warning,
        Some(Level::Operational) if !levels.contains(&Level::Unknown) => ExitCode::Success,
        _ => ExitCode::Unknown,
    }
}

/// Why the trouble that a component was in doesn't concern the user. What followed is no trouble of that
/// time, and what isn't known isn't filtered.
fn quiet(component: &ComponentThen) -> Option<Filter> {
    component.filtered.filter(|_| component.level.is_worse_than(Level::Operational))
}

fn json(page: &PageThen, settings: &Settings, out: &mut dyn Write) -> anyhow::Result<()> {
    let watched = page.watched(settings);
    let row = |c| -> Row<'_> {
        let component: &ComponentThen = c;
        Row {
            id: &component.id,
            name: &component.name,
            level: component.level,
            watched: watched.iter().any(|c| c.id == component.id),
            filtered: quiet(component).map(Filter::as_str),
        }
    };
    let (read_before, read_after) = match (page.source, &page.before) {
        (PageSource::Between { before, after }, _) => (Some(before), Some(after)),
        (_, before) => (before.as_ref().map(|before| before.at), None),
    };
    let then = Then {
        version: 1,
        page: pages::key(settings),
        at: page.at,
        source: page.source.as_str(),
        read_before,
        read_after,
        components: page.components.iter().map(row).collect(),
        incidents: page.incidents.iter().map(|i| open(page.at, i, settings)).collect(),
        maintenances: page.works.iter().map(|work| planned(work, settings)).collect(),
    };
    Ok(print_json(&then, out)?)
}

fn open<'a>(at: Timestamp, incident: &'a IncidentThen, settings: &Settings) -> Open<'a> {
    Open {
        id: &incident.id,
        name: &incident.name,
        phase: &incident.phase,
        components: &incident.components,
        began: incident.began,
        ended: incident.ended,
        posted_afterwards: incident.afterwards,
        began_afterwards: incident.begins_after(at),
        url: settings.incident_url(&incident.id),
    }
}

fn planned<'a>(work: &'a WorkThen, settings: &Settings) -> Work<'a> {
    Work {
        id: &work.id,
        name: &work.name,
        phase: &work.phase,
        components: &work.components,
        scheduled_until: work.scheduled_until,
        url: settings.incident_url(&work.id),
    }
}

fn print_text(
    page: &PageThen,
    settings: &Settings,
    all: bool,
    now: Timestamp,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let stamp = page.at.to_zoned_datetime(settings.zone.clone()).strftime("%-d %b %Y %H:%M");
    let ago = text::duration(between(page.at, now));
    pages::heading(settings, out)?;
    writeln!(out, "At {stamp} ({ago} ago) the page said:\n")?;
    let shown: Vec<&ComponentThen> = match all {
        true => page.components.iter().collect(),
        false => page.watched(settings),
    };
    let names = page.components.iter().map(|c| (&c.id, c.name.as_str()));
    let names = PastNames::of(&[], names, room_beside(BESIDE));
    let name = |c: &ComponentThen| names.get(&c.id, &c.name);
    let width = shown.iter().map(|c| columns::width(name(c))).max().unwrap_or(0);
    for component in &shown {
        let level = text::level(component.level);
        let why = filtered(component, &page.incidents);
        let name = columns::padded(name(component), width);
        writeln!(out, "  {name}  {level}{why}")?;
    }
    if shown.is_empty() {
        writeln!(out, "  not known")?;
    }
    writeln!(out)?;
    for incident in &page.incidents {
        print_incident(page.at, incident, settings, now, out)?;
    }
    let named = |work: &&WorkThen| {
        let names = |c: &&ComponentThen| work.components.contains(&c.id);
        work.components.is_empty() || shown.iter().any(names)
    };
    for work in page.works.iter().filter(|work| all || named(work)) {
        print_work(work, settings, now, out)?;
    }
    match &page.before {
        Some(before) => {
            let ago = text::duration(between(before.at, page.at));
            writeln!(out, "Not read then: ccwatch read it last {ago} before.")?;
        }
        None => writeln!(out, "{}", source(page))?,
    }
    Ok(())
}

fn print_incident(
    at: Timestamp,
    incident: &IncidentThen,
    settings: &Settings,
    now: Timestamp,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let clock = |at: Option<Timestamp>| at.map(|at| text::clock(at, now, &settings.zone));
    let phase = match (incident.begins_after(at), incident.afterwards) {
        (true, _) => "began only afterwards".to_owned(),
        (false, true) => "posted only afterwards".to_owned(),
        (false, false) => sanitize::line(text::phase(&incident.phase), NAME),
    };
    // The page may give an end before the beginning.
    let ended = incident.ended.filter(|ended| incident.began.is_none_or(|began| began <= *ended));
    let until = clock(ended).map_or_else(String::new, |at| format!(" to {at}"));
    let began = clock(incident.began).map_or_else(String::new, |at| format!(", from {at}{until}"));
    writeln!(out, "Incident: {} ({phase}{began})", sanitize::line(&incident.name, 160))?;
    if let Some(url) = settings.incident_url(&incident.id) {
        writeln!(out, "  {url}")?;
    }
    Ok(())
}

/// Why the trouble of a component doesn't concern the user.
fn filtered(component: &ComponentThen, incidents: &[IncidentThen]) -> String {
    let Some(filter) = quiet(component) else { return String::new() };
    let naming = incidents.iter().filter(|i| i.components.contains(&component.id));
    let names: Vec<String> = naming.map(|i| models::shown(&i.name)).collect();
    format!("  ({})", sanitize::line(&text::filtered(filter, &names.join(", ")), 80))
}

fn print_work(
    work: &WorkThen,
    settings: &Settings,
    now: Timestamp,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let until = work.scheduled_until.map(|at| text::clock(at, now, &settings.zone));
    let until = until.map_or_else(String::new, |at| format!(", planned until {at}"));
    let phase = sanitize::line(text::phase(&work.phase), NAME);
    writeln!(out, "Maintenance: {} ({phase}{until})", sanitize::line(&work.name, 160))?;
    if let Some(url) = settings.incident_url(&work.id) {
        writeln!(out, "  {url}")?;
    }
    Ok(())
}

/// How it is known.
fn source(page: &PageThen) -> String {
    let said = match page.source {
        PageSource::Readings => "As ccwatch read it then.",
        PageSource::Between { before, after } => {
            let before = text::duration(between(before, page.at));
            let after = text::duration(between(page.at, after));
            let incidents = match page.incidents.is_empty() {
                true => "",
                false => " Incidents are from the page's own history, read later.",
            };
            return format!(
                "Not read then: ccwatch read it {before} before and {after} after.{incidents}"
            );
        }
        PageSource::Incidents => {
            "ccwatch did not look then: this is from the page's incident history, read later."
        }
        PageSource::Live => "As the page says it just now.",
        PageSource::None => {
            "Not known: ccwatch did not look then, and the incident history that it could read \
             doesn't reach that far."
        }
    };
    said.to_owned()
}
