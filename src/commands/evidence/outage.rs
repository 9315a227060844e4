//! A whole outage as this machine saw it: all errors of all sessions in a time.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::tz::TimeZone;
use jiff::{Timestamp, Unit};
use serde::Serialize;

use crate::app::App;
use crate::app::usage::UsageError;
use crate::claude_code::find;
use crate::claude_code::place::Place;
use crate::claude_code::transcript::Failed;
use crate::cli;
use crate::client::page_at;
use crate::platform::clock;
use crate::render::sanitize;
use crate::store::Reader;
use ccwatch_core::api_error::ErrorSource;
use ccwatch_core::history::page_at::PageThen;
use ccwatch_core::model::IncidentId;
use ccwatch_core::route::Path;
use ccwatch_core::time::when::{self, Side};

/// So many ids are passed on: the first of the outage.
const IDS: usize = 50;

/// From when to when, and of which incident of the page.
pub(super) struct Span {
    from: Timestamp,
    to: Timestamp,
    incident: Option<String>,
}

/// The time that the arguments name; none: they name none.
pub(super) fn span(app: &App, args: &cli::Evidence) -> anyhow::Result<Option<Span>> {
    let now = clock::now();
    if let Some(since) = &args.since {
        let from = when::parse(since, now, &TimeZone::system(), Side::Past).map_err(|error| {
            UsageError { what: format!("{since:?}: {error}"), hint: error.hint().to_owned() }
        })?;
        return Ok(Some(Span { from, to: now, incident: None }));
    }
    let Some(id) = &args.incident else { return Ok(None) };
    let id = IncidentId::from(id.as_str());
    // An incident of the page of the road, or else of Claude's.
    let road = app.clone().on_road();
    let pages = std::iter::once(&road).chain((road.page_key() != app.page_key()).then_some(app));
    let stored = |about: &App| -> anyhow::Result<_> {
        let reader = Reader::open(&about.page_dir()?)?;
        Ok(reader.map(|reader| reader.incident(&id)).transpose()?.flatten())
    };
    let known = pages.clone().find_map(|about| stored(about).transpose()).transpose()?;
    let known = known.map(|stored| {
        let from = stored.incident.began().unwrap_or(stored.first_seen);
        (from, stored.incident.resolved_at.or(stored.removed_at), stored.incident)
    });
    // What no daemon wrote down the page itself may still list.
    let listed = || {
        let incident = pages.clone().find_map(|about| page_at::listed(about, &id))?;
        Some((incident.began()?, incident.resolved_at, incident))
    };
    let (from, to, incident) = known.or_else(listed).ok_or_else(|| UsageError {
        what: format!("no incident {:?} is written down here or listed by the page", id.0),
        hint: "ccwatch history lists them; or give a time: ccwatch evidence --since '2h ago'"
            .to_owned(),
    })?;
    let incident = Some(format!("{}: {}", incident.id, incident.name));
    Ok(Some(Span { from, to: to.unwrap_or(now), incident }))
}

impl Span {
    /// The errors of it, oldest first.
    pub(super) fn errors(&self, place: &Place) -> Errors {
        let all = find::between_times(place, self.from, self.to);
        let (servers, others): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|failed| failed.error.cause.is_server());
        match servers.is_empty() {
            true => Errors { counted: others, left_out: 0 },
            false => Errors { counted: servers, left_out: others.len() },
        }
    }
}

/// The errors of an outage: those of servers, or all where there are none of servers.
#[derive(Default)]
pub(super) struct Errors {
    counted: Vec<Failed>,
    /// Errors of another kind in the same time: of logins, of sessions, of limits.
    left_out: usize,
}

impl Errors {
    /// The one that stands for all of them: of the commonest kind the newest, one that ended a
    /// turn if there is such a one, for it has the words that were shown.
    pub(super) fn head(&self) -> Option<&Failed> {
        let kind = |failed: &Failed| (failed.error.cause, failed.error.status);
        let mut many: HashMap<_, usize> = HashMap::new();
        for failed in &self.counted {
            *many.entry(kind(failed)).or_default() += 1;
        }
        let ended = |it: &Failed| it.error.source == ErrorSource::TerminalRow;
        self.counted.iter().max_by_key(|it| (many.get(&kind(it)), ended(it), it.error.at))
    }

    /// When the first one happened.
    pub(super) fn began(&self) -> Option<Timestamp> {
        self.counted.first().and_then(|failed| failed.error.at)
    }
}

/// What is told of it.
#[derive(Debug, Serialize)]
pub(super) struct Outage {
    since: Timestamp,
    until: Timestamp,
    incident: Option<String>,
    errors: usize,
    sessions: usize,
    /// Errors of another kind in the same time, which aren't counted.
    other_errors: usize,
    statuses: BTreeMap<String, usize>,
    minutes: Vec<Minute>,
    request_ids: Vec<String>,
    request_ids_left_out: usize,
    page_at_first: Vec<String>,
}

/// The errors of one minute.
#[derive(Debug, Serialize)]
struct Minute {
    at: Timestamp,
    errors: usize,
}

impl Outage {
    /// Counts. `page` is what the page said at the first error; `clean` takes out what is private.
    pub(super) fn of(
        span: &Span,
        errors: &Errors,
        page: &PageThen,
        path: Path,
        clean: &dyn Fn(&str) -> String,
    ) -> Self {
        let left_out = errors.left_out;
        let errors = errors.counted.as_slice();
        let sessions: BTreeSet<_> = errors.iter().map(|failed| &failed.session).collect();
        let mut statuses = BTreeMap::new();
        let mut minutes: BTreeMap<Timestamp, usize> = BTreeMap::new();
        for failed in errors {
            let status = failed.error.status.map(|status| status.to_string());
            *statuses.entry(status.unwrap_or_else(|| "none".to_owned())).or_default() += 1;
            let minute = failed.error.at.and_then(floor);
            *minutes.entry(minute.unwrap_or(span.from)).or_default() += 1;
        }
        let ids: BTreeSet<&str> =
            errors.iter().filter_map(|failed| failed.error.request_id.as_deref()).collect();
        let said = page.on(path).map(|c| clean(&format!("{}: {}", c.name, c.level)));
        Self {
            since: span.from,
            until: span.to,
            incident: span.incident.as_deref().map(clean),
            errors: errors.len(),
            sessions: sessions.len(),
            other_errors: left_out,
            statuses,
            minutes: minutes.into_iter().map(|(at, errors)| Minute { at, errors }).collect(),
            request_ids: ids.iter().take(IDS).map(|id| sanitize::line(id, 100)).collect(),
            request_ids_left_out: ids.len().saturating_sub(IDS),
            page_at_first: said.collect(),
        }
    }

    /// The same for people.
    pub(super) fn markdown(&self) -> String {
        let time = |at: Timestamp| at.strftime("%Y-%m-%d %H:%M UTC").to_string();
        let mut text = format!(
            "\n## The whole outage: {} to {}\n\n- {} errors in {} sessions\n",
            time(self.since),
            time(self.until),
            self.errors,
            self.sessions
        );
        if self.other_errors > 0 {
            text += &format!("- {} errors of another kind, not counted here\n", self.other_errors);
        }
        if let Some(incident) = &self.incident {
            text += &format!("- Incident {incident}\n");
        }
        for (status, count) in &self.statuses {
            text += &format!("- Status {status}: {count}\n");
        }
        for said in &self.page_at_first {
            text += &format!("- The page at the first error: {said}\n");
        }
        text += "\nErrors by the minute:\n\n";
        for minute in &self.minutes {
            text += &format!("- {}: {}\n", time(minute.at), minute.errors);
        }
        text += "\nRequest ids of all sessions:\n\n";
        for id in &self.request_ids {
            text += &format!("- {id}\n");
        }
        if self.request_ids_left_out > 0 {
            text += &format!("- and {} more\n", self.request_ids_left_out);
        }
        if self.request_ids.is_empty() {
            text += "None was given.\n";
        }
        text
    }
}

/// The minute that a time lies in.
fn floor(at: Timestamp) -> Option<Timestamp> {
    let round = jiff::TimestampRound::new().smallest(Unit::Minute).mode(jiff::RoundMode::Floor);
    at.round(round).ok()
}
