//! `ccwatch diagnose --json`: version 1 of a documented shape. Keys may be added, never renamed.

use std::io::{self, Write};

use jiff::Timestamp;
use serde::Serialize;

use super::Report;
use crate::render::json::print_json;
use ccwatch_core::api_error::ErrorSource;
use ccwatch_core::diagnose::{Around, Diagnosis};
use ccwatch_core::history::page_at::{ComponentThen, PageThen};
use ccwatch_core::model::Level;
use ccwatch_core::route::Path;
use ccwatch_core::state::filter::Filter;

#[derive(Serialize)]
struct Answer<'a> {
    version: u8,
    #[serde(flatten)]
    diagnosis: &'a Diagnosis,
    at: Timestamp,
    error: Error<'a>,
    page: Page<'a>,
    route: Route<'a>,
    around: Around,
}

#[derive(Serialize)]
struct Error<'a> {
    at: Option<Timestamp>,
    status: Option<u16>,
    r#type: Option<&'a str>,
    meaning: &'a str,
    whose: Option<&'a str>,
    time_heals: &'a str,
    code: Option<&'a str>,
    request_id: Option<&'a str>,
    request_id_from: Option<&'a str>,
    session: Option<&'a str>,
    resets_at: Option<Timestamp>,
    text: &'a str,
    source: &'a str,
}

#[derive(Serialize)]
pub(crate) struct Page<'a> {
    key: &'a str,
    at: Timestamp,
    source: &'a str,
    network: Option<bool>,
    last_read_at: Option<Timestamp>,
    components: Vec<Row<'a>>,
    incidents: Vec<Incident<'a>>,
    maintenances: Vec<Work<'a>>,
}

/// Announced work that went on.
#[derive(Serialize)]
struct Work<'a> {
    id: &'a str,
    name: &'a str,
    phase: &'a str,
    scheduled_until: Option<Timestamp>,
}

#[derive(Serialize)]
struct Row<'a> {
    id: &'a str,
    name: &'a str,
    level: Level,
    on_path: bool,
    filtered: Option<&'static str>,
}

#[derive(Serialize)]
struct Incident<'a> {
    id: &'a str,
    name: &'a str,
    phase: &'a str,
    began: Option<Timestamp>,
    ended: Option<Timestamp>,
    posted_afterwards: bool,
}

#[derive(Serialize)]
struct Route<'a> {
    path: Path,
    credential: Option<&'a str>,
    set_in: Option<&'a str>,
    endpoint: Option<&'a str>,
    endpoint_set_in: Option<&'a str>,
    proxy: Option<&'a str>,
    components: &'a [&'a str],
}

pub(super) fn print(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let error = &report.failed.error;
    let facts = &report.facts;
    let answer = Answer {
        version: 1,
        diagnosis: &report.diagnosis,
        at: report.now,
        error: Error {
            at: error.at,
            status: error.status,
            r#type: error.kind.as_deref(),
            meaning: error.cause.words(),
            whose: error.stranger.as_deref(),
            time_heals: error.time_heals().as_str(),
            code: error.code.as_deref(),
            request_id: error.request_id.as_deref(),
            request_id_from: error.request_id.as_ref().map(|_| match report.id_of_attempt {
                true => ErrorSource::RetryRow.as_str(),
                false => error.source.as_str(),
            }),
            session: report.failed.session.as_deref(),
            resets_at: error.resets_at,
            text: &error.text,
            source: error.source.as_str(),
        },
        page: page(&report.page, report.about.page_key(), facts.path),
        route: Route {
            path: facts.path,
            credential: facts.credential.as_deref(),
            set_in: facts.set_in.as_deref(),
            endpoint: facts.endpoint.as_ref().map(|(host, _)| host.as_str()),
            endpoint_set_in: facts.endpoint.as_ref().map(|(_, place)| place.as_str()),
            proxy: facts.proxy.as_ref().map(|(host, _)| host.as_str()),
            components: facts.path.components(),
        },
        around: report.around,
    };
    print_json(&answer, out)
}

/// The page at that time.
pub(crate) fn page<'a>(page: &'a PageThen, key: &'a str, path: Path) -> Page<'a> {
    let on_path: Vec<&str> = page.on(path).map(|c| c.id.0.as_str()).collect();
    let row = |c| -> Row<'a> {
        let component: &'a ComponentThen = c;
        Row {
            id: &component.id.0,
            name: &component.name,
            level: component.level,
            on_path: on_path.contains(&component.id.0.as_str()),
            filtered: component.filtered.map(Filter::as_str),
        }
    };
    Page {
        key,
        at: page.at,
        source: page.source.as_str(),
        network: page.network,
        last_read_at: page.before.as_ref().map(|before| before.at),
        components: page.components.iter().map(row).collect(),
        incidents: page
            .incidents
            .iter()
            .map(|i| Incident {
                id: &i.id.0,
                name: &i.name,
                phase: i.phase.as_str(),
                began: i.began,
                ended: i.ended,
                posted_afterwards: i.afterwards,
            })
            .collect(),
        maintenances: page
            .works
            .iter()
            .map(|work| Work {
                id: &work.id.0,
                name: &work.name,
                phase: work.phase.as_str(),
                scheduled_until: work.scheduled_until,
            })
            .collect(),
    }
}
