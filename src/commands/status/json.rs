//! `ccwatch status --json`: version 1 of a documented shape. Keys may be added, never renamed.

use std::io::{self, Write};

use jiff::Timestamp;
use serde::Serialize;

use ccwatch_core::model::{ComponentId, Impact, Incident, IncidentId, Level, PageStatus, Phase};
use ccwatch_core::notice::mute::Mute;
use ccwatch_core::notice::sink::Sink;
use ccwatch_core::state::PageState;
use ccwatch_core::state::component::Component;
use ccwatch_core::state::expectation::Expectation;
use ccwatch_core::state::maintenance::KnownMaintenance;
use ccwatch_core::state::verdict::Verdict;
use ccwatch_core::text;
use ccwatch_core::time::between;

use crate::client::beside::DaemonState;
use crate::client::pages::{WatchedPicture, WayRound};
use crate::client::picture::{Picture, Source};
use crate::render::json::print_json;

#[derive(Serialize)]
struct Status<'a> {
    version: u8,
    verdict: Verdict,
    advice: &'a str,
    expectation: Option<Expected>,
    at: Timestamp,
    reading: Reading<'a>,
    daemon: Daemon<'a>,
    components: Vec<Row<'a>>,
    incidents: Vec<Open<'a>>,
    maintenances: Vec<Planned<'a>>,
    unmatched: Vec<&'a str>,
    muted: Vec<&'a Mute>,
    sessions: Sessions,
    way_round: &'a [WayRound],
    pages: Vec<Page<'a>>,
}

/// One of the pages that are watched.
#[derive(Serialize)]
struct Page<'a> {
    key: &'a str,
    name: &'a str,
    /// Whether the keys beside `pages` are about it.
    shown: bool,
    verdict: Verdict,
    level: Level,
    says: String,
    read_at: Option<Timestamp>,
    error_kind: Option<&'a str>,
}

/// How many sessions of Claude Code stopped lately.
#[derive(Serialize)]
struct Sessions {
    going_on: u32,
    yours: u32,
}

/// How much longer it may take, by similar incidents of the past.
#[derive(Serialize)]
struct Expected {
    similar: usize,
    half_within_seconds: u64,
    half_by: Timestamp,
    most_within_seconds: u64,
    most_by: Timestamp,
}

#[derive(Serialize)]
struct Reading<'a> {
    at: Option<Timestamp>,
    age_seconds: Option<u64>,
    source: &'a str,
    error: Option<String>,
    error_kind: Option<&'a str>,
}

#[derive(Serialize)]
struct Daemon<'a> {
    running: bool,
    pid: Option<u32>,
    since: Option<Timestamp>,
    next_poll: Option<Timestamp>,
    hangs: bool,
    cannot_write: Option<&'a str>,
    popups_wait: Option<&'a str>,
    hook_lost: Option<&'a str>,
    transcripts_lost: Option<&'a str>,
}

#[derive(Serialize)]
struct Row<'a> {
    id: &'a ComponentId,
    name: &'a str,
    level: Level,
    page_status: &'a PageStatus,
    watched: bool,
    on_page: bool,
    since: Timestamp,
    incident: Option<&'a IncidentId>,
    filtered: Option<&'static str>,
}

#[derive(Serialize)]
struct Open<'a> {
    id: &'a IncidentId,
    name: &'a str,
    phase: &'a Phase,
    impact: &'a Impact,
    started: Option<Timestamp>,
    updated: Option<Timestamp>,
    text: Option<&'a str>,
    url: Option<String>,
    components: Vec<&'a ComponentId>,
}

/// Announced work.
#[derive(Serialize)]
struct Planned<'a> {
    id: &'a IncidentId,
    name: &'a str,
    stage: &'static str,
    phase: &'a Phase,
    scheduled_for: Option<Timestamp>,
    scheduled_until: Option<Timestamp>,
    extended_from: Option<Timestamp>,
    ended: Option<Timestamp>,
    updated: Option<Timestamp>,
    text: Option<&'a str>,
    url: Option<String>,
    components: Vec<&'a ComponentId>,
}

pub(super) fn print(
    picture: &Picture,
    (pages, about): (&[WatchedPicture], &str),
    way_round: &[WayRound],
    out: &mut dyn Write,
) -> io::Result<()> {
    let status = Status {
        version: 1,
        verdict: picture.verdict(),
        advice: picture.advice(),
        expectation: picture.page.expectation(picture.now).map(|e| expected(&e, picture.now)),
        at: picture.now,
        reading: reading(picture),
        daemon: daemon(picture),
        components: picture.page.components().iter().map(|c| row(&picture.page, c)).collect(),
        incidents: picture.page.incidents().open.iter().map(|i| open(i, picture)).collect(),
        maintenances: picture
            .page
            .announced(picture.now, true)
            .map(|known| planned(known, picture))
            .collect(),
        unmatched: picture.page.missing_entries(),
        muted: picture.page.mutes(picture.now).collect(),
        sessions: Sessions {
            going_on: picture.page.sessions().going_on,
            yours: picture.page.sessions().yours,
        },
        way_round,
        pages: pages.iter().map(|one| page(one, about)).collect(),
    };
    print_json(&status, out)
}

fn page<'a>(one: &'a WatchedPicture, about: &str) -> Page<'a> {
    let picture = one.picture.as_ref();
    let health = picture.map(|it| it.page.page_health());
    Page {
        key: &one.page.key,
        name: &one.page.name,
        shown: one.page.key == about,
        verdict: picture.map_or(Verdict::Unknown, Picture::verdict),
        level: picture.map_or(Level::Unknown, |it| it.page.worst_level()),
        says: one.says(),
        read_at: health.and_then(|health| health.last_good),
        error_kind: health.and_then(|health| Some(health.failing.as_ref()?.kind.as_str())),
    }
}

fn expected(expectation: &Expectation, now: Timestamp) -> Expected {
    let (half_by, most_by) = expectation.times(now);
    Expected {
        similar: expectation.similar,
        half_within_seconds: expectation.half.as_secs(),
        half_by,
        most_within_seconds: expectation.most.as_secs(),
        most_by,
    }
}

fn reading(picture: &Picture) -> Reading<'_> {
    let page_health = picture.page.page_health();
    let failing = page_health.failing.as_ref();
    Reading {
        at: page_health.last_good,
        age_seconds: page_health.last_good.map(|at| between(at, picture.now).as_secs()),
        source: match picture.source {
            Source::Daemon => "daemon",
            Source::Live => "live",
            Source::None => "none",
        },
        error: failing.map(|run| format!("{} ({})", text::failure(run.kind).0, run.detail)),
        error_kind: failing.map(|run| run.kind.as_str()),
    }
}

fn daemon(picture: &Picture) -> Daemon<'_> {
    let heartbeat = picture.heartbeat.as_ref();
    Daemon {
        running: picture.daemon.runs(),
        pid: heartbeat.map(|beat| beat.pid),
        since: heartbeat.map(|beat| beat.started_at),
        next_poll: heartbeat.and_then(|beat| beat.next_poll),
        hangs: picture.daemon == DaemonState::Hangs,
        cannot_write: match picture.daemon {
            DaemonState::CannotWrite(why) => Some(why),
            DaemonState::Away
            | DaemonState::Works
            | DaemonState::Begins
            | DaemonState::Hangs
            | DaemonState::LeavesOut => None,
        },
        popups_wait: heartbeat.and_then(|beat| beat.trouble(Sink::Desktop)),
        hook_lost: heartbeat.and_then(|beat| beat.trouble(Sink::Hook)),
        transcripts_lost: heartbeat.and_then(|beat| beat.local.as_deref()),
    }
}

fn row<'a>(page: &PageState, component: &'a Component) -> Row<'a> {
    Row {
        id: &component.id,
        name: &component.name,
        level: component.level,
        page_status: &component.page_status,
        watched: component.watched.is_some(),
        on_page: component.is_listed(),
        since: component.since,
        incident: component.episode().and_then(|episode| episode.explained_by()),
        filtered: page.filtered(component).map(|(filter, _)| filter.as_str()),
    }
}

fn open<'a>(incident: &'a Incident, picture: &'a Picture) -> Open<'a> {
    Open {
        id: &incident.id,
        name: &incident.name,
        phase: &incident.phase,
        impact: &incident.impact,
        started: incident.began(),
        updated: incident.newest_update_at(),
        text: incident.updates.first().map(|update| update.body.as_str()),
        url: picture.page.settings().incident_url(&incident.id),
        components: incident.components.iter().collect(),
    }
}

fn planned<'a>(known: &'a KnownMaintenance, picture: &'a Picture) -> Planned<'a> {
    let work = &known.page.work;
    Planned {
        id: &work.id,
        name: &work.name,
        stage: known.stage(picture.known_at()).as_str(),
        phase: &work.phase,
        scheduled_for: known.page.scheduled_for,
        scheduled_until: known.page.scheduled_until,
        extended_from: known.extended_from(),
        ended: known.ended.as_ref().map(|ended| ended.at),
        updated: work.newest_update_at(),
        text: work.updates.first().map(|update| update.body.as_str()),
        url: picture.page.settings().incident_url(&work.id),
        components: work.components.iter().collect(),
    }
}
