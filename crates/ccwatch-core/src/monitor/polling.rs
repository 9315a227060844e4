//! What a poll of the page meant.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use jiff::Timestamp;

use crate::model::{ComponentId, Failure, FailureKind, Host, Level, PageStatus, Reading, Snapshot};
use crate::settings::Settings;
use crate::state::component::{Attention, Component, Event, Sighting, Work};
use crate::state::incidents::Incidents;
use crate::state::rollback;

use super::schedule::PollOutcome;
use super::{GAP, Monitor, Record};

impl Monitor {
    pub(super) fn polled(
        &mut self,
        now: Timestamp,
        host: Host,
        reading: Reading,
        etag: Option<String>,
        jitter: f64,
    ) {
        let reading = match reading {
            Reading::Fresh(snapshot) if self.needs_history(now, &snapshot) => {
                self.hold(now, host, snapshot, etag);
                self.schedule.history_soon(now);
                let went = PollOutcome::Well { interval: self.pause(), wanted_at: None };
                return self.schedule.polled(now, host, &went, jitter);
            }
            Reading::Fresh(snapshot) => {
                self.forget_held();
                Reading::Fresh(snapshot)
            }
            other => {
                self.take_up_held(now);
                other
            }
        };
        let affected = self.state.is_affected();
        let outcome = match reading {
            Reading::Fresh(snapshot) => self.fresh(now, host, &snapshot, etag),
            Reading::Unchanged => self.unchanged(now),
            Reading::Failed(failure) => Err(failure),
        };
        let went = match &outcome {
            Ok(()) => PollOutcome::Well { interval: self.pause(), wanted_at: self.settled_at() },
            Err(failure) => {
                self.state.page_health.failed(now, failure, GAP);
                if host == Host::Primary {
                    self.state.page_health.trouble_by(now, failure.kind);
                }
                PollOutcome::Badly { failure, interval: self.pause() }
            }
        };
        self.schedule.polled(now, host, &went, jitter);
        match outcome {
            Ok(()) => self.weigh_local(now, affected),
            Err(_) => {
                self.tell_lost_sight(now);
                self.tell_page_trouble(now);
            }
        }
    }

    pub(super) fn fresh(
        &mut self,
        now: Timestamp,
        host: Host,
        snapshot: &Snapshot,
        etag: Option<String>,
    ) -> Result<(), Failure> {
        let seen = self.state.page_health.page_updated_at;
        let older =
            rollback::detect(now, snapshot, &self.state.components, &self.state.incidents, seen);
        if let Some(detail) = &older
            && self.state.page_health.refuses_stale(now)
        {
            return Err(Failure::new(FailureKind::Stale, detail.clone()));
        }
        self.state.page_health.stamped(now, snapshot.updated_at, older.is_some());
        self.state.page_health.stale_since = None;
        self.etag = etag.map(|etag| (host, etag));
        self.schedule.read_whole(now);
        let news = self.state.incidents.take_in(now, snapshot);
        let work = self.state.incidents.take_in_work(now, snapshot);
        if !news.left.is_empty() || !self.read_since_start {
            self.schedule.history_soon(now);
        }
        self.read_since_start = true;
        for incident in news.changed.into_iter().chain(work) {
            self.record(Record::Incident(Box::new(incident)));
        }
        self.end_unseen(now, snapshot);
        let events = self.observe(now, snapshot);
        self.state.page_health.good(now);
        self.tell_unattributed_over(now, &news.left);
        self.tell(now, events);
        Ok(())
    }

    /// The page says that nothing changed: one more reading that agrees.
    fn unchanged(&mut self, now: Timestamp) -> Result<(), Failure> {
        if !self.read_since_start {
            let detail = "304 without anything to compare with";
            return Err(Failure::new(FailureKind::UnexpectedUnchanged, detail));
        }
        // What we have is the newest after all; a stale copy after this is another one.
        self.state.page_health.stale_since = None;
        let (last_good, settle) = (self.state.page_health.last_good, self.state.settings.settle);
        let (incidents, settings) = (&self.state.incidents, &self.state.settings);
        let observe = |(at, component): (usize, &mut Component)| {
            let events = if component.is_listed() {
                let (name, status) = (component.name.clone(), component.page_status.clone());
                let seen = sighting(incidents, settings, now, &component.id, name, status);
                component.observe(now, last_good, seen, settle)
            } else {
                component.observe_absence(now)
            };
            events.into_iter().map(move |event| (at, event)).collect::<Vec<_>>()
        };
        let events = self.state.components.iter_mut().enumerate().flat_map(observe).collect();
        self.state.page_health.good(now);
        self.tell(now, events);
        Ok(())
    }

    /// Shows each component what a fresh reading says of it.
    fn observe(&mut self, now: Timestamp, snapshot: &Snapshot) -> Vec<(usize, Event)> {
        let rows: BTreeMap<&ComponentId, usize> =
            snapshot.components.iter().enumerate().map(|(at, row)| (&row.id, at)).collect();
        self.register_new(now, snapshot, &rows);
        let (last_good, settle) = (self.state.page_health.last_good, self.state.settings.settle);
        let (incidents, settings) = (&self.state.incidents, &self.state.settings);
        let mut events = Vec::new();
        for (at, component) in self.state.components.iter_mut().enumerate() {
            let row = rows.get(&component.id).and_then(|at| snapshot.components.get(*at));
            let happened = match row {
                Some(row) => {
                    let (name, status) = (row.name.clone(), row.status.clone());
                    let mut seen = sighting(incidents, settings, now, &row.id, name, status);
                    seen.updated_at = row.updated_at;
                    if snapshot.incidents.is_none() {
                        (seen.incidents, seen.other_models) = (Attention::Unknown, None);
                    }
                    if snapshot.maintenances.is_none() {
                        seen.work = Work::Unknown;
                    }
                    component.observe(now, last_good, seen, settle)
                }
                None if snapshot.complete => component.observe_absence(now),
                None => Vec::new(),
            };
            events.extend(happened.into_iter().map(|event| (at, event)));
        }
        events
    }
}

/// What is known of a component by its page's word and the lists of incidents and of work.
pub(super) fn sighting(
    incidents: &Incidents,
    settings: &Settings,
    now: Timestamp,
    id: &ComponentId,
    name: String,
    page_status: PageStatus,
) -> Sighting {
    let level = incidents.level(id, &page_status, settings, now);
    Sighting {
        is_too_mild: level == Level::Reported && !settings.wants_level(level),
        level,
        incidents: incidents.attention(id, settings, now),
        work: incidents.work_on(id, now),
        other_models: incidents.other_models(id, &settings.models),
        updated_at: None,
        name,
        page_status,
    }
}
