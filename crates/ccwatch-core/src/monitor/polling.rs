//! What a poll of the page meant.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use jiff::Timestamp;

use crate::model::{ComponentId, Failure, FailureKind, Host, Reading, Snapshot};
use crate::state::component::{Attention, Component, Event, Sighting, Work};
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

    fn fresh(
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
        let events = self.observe(now, snapshot);
        self.state.page_health.good(now);
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
        let (incidents, models) = (&self.state.incidents, &self.state.settings.models);
        let observe = |(at, component): (usize, &mut Component)| {
            let events = if component.is_listed() {
                let seen = Sighting {
                    name: component.name.clone(),
                    page_status: component.page_status.clone(),
                    level: incidents.level(&component.id, &component.page_status, now),
                    updated_at: None,
                    incidents: incidents.attention(&component.id, models, now),
                    work: incidents.work_on(&component.id, now),
                    other_models: incidents.other_models(&component.id, models),
                };
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
        let (incidents, models) = (&self.state.incidents, &self.state.settings.models);
        let mut events = Vec::new();
        for (at, component) in self.state.components.iter_mut().enumerate() {
            let row = rows.get(&component.id).and_then(|at| snapshot.components.get(*at));
            let happened = match row {
                Some(row) => {
                    let (attention, other_models) = match snapshot.incidents {
                        Some(_) => (
                            incidents.attention(&row.id, models, now),
                            incidents.other_models(&row.id, models),
                        ),
                        None => (Attention::Unknown, None),
                    };
                    let seen = Sighting {
                        name: row.name.clone(),
                        page_status: row.status.clone(),
                        level: incidents.level(&row.id, &row.status, now),
                        updated_at: row.updated_at,
                        incidents: attention,
                        work: match snapshot.maintenances {
                            Some(_) => self.state.incidents.work_on(&row.id, now),
                            None => Work::Unknown,
                        },
                        other_models,
                    };
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
