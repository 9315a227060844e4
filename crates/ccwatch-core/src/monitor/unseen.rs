//! After a night asleep: an outage of before it that the page's own history says was over, and the
//! one that is there now, are two.
//!
//! The first reading after the gap waits for that history, which is asked for with it, where it
//! would be read as a part of the episode of before; it never waits for longer than one reading.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use jiff::Timestamp;

use crate::model::{ComponentId, Host, Incident, Level, PageComponent, Snapshot};
use crate::notice::kind::{Kind, Reason};
use crate::state::component::{Component, Event, Sighting, State};
use crate::state::unseen::{GAP, Well};
use crate::text::{self, Text};
use crate::time::between;

use super::draft::Place;
use super::judge::Around;
use super::{Monitor, Record, Transition, polling};

/// What is known of a gap until the reading that ends it was taken in.
#[derive(Debug, Default)]
pub(super) struct Unseen {
    /// The reading that waits for the history.
    held: Option<Box<Held>>,
    /// When components were well in the gap.
    well: BTreeMap<ComponentId, Well>,
    /// Outages that were over in it, of components that are away again.
    ended: Vec<Ended>,
}

/// A reading that waits.
#[derive(Debug)]
struct Held {
    at: Timestamp,
    host: Host,
    snapshot: Snapshot,
    etag: Option<String>,
}

/// An outage that was over while nobody looked.
#[derive(Debug)]
struct Ended {
    place: Place,
    thread: Option<String>,
    at: Timestamp,
}

impl Monitor {
    /// Whether a reading is one after a gap that the history has to be read for first.
    pub(super) fn needs_history(&self, now: Timestamp, snapshot: &Snapshot) -> bool {
        let Some(last) = self.last_before_gap(now) else { return false };
        let is_read = self.state.page_health.history_at.is_some_and(|read| read > last);
        let changed = |row: &PageComponent| row.updated_at.is_some_and(|at| at > last && at <= now);
        let is_open = |row: &PageComponent| {
            let of_row = |c: &Component| c.id == row.id && c.episode().is_some();
            self.state.components.iter().any(of_row)
        };
        let any = || snapshot.components.iter().any(|row| changed(row) && is_open(row));
        self.unseen.held.is_none() && !is_read && any()
    }

    /// The last reading, where it is so long ago that much may have happened since.
    fn last_before_gap(&self, now: Timestamp) -> Option<Timestamp> {
        self.state.page_health.last_good.filter(|last| between(*last, now) > GAP)
    }

    /// Keeps a reading until the history is there.
    pub(super) fn hold(
        &mut self,
        at: Timestamp,
        host: Host,
        snapshot: Snapshot,
        etag: Option<String>,
    ) {
        self.unseen.held = Some(Box::new(Held { at, host, snapshot, etag }));
    }

    /// A newer reading is there.
    pub(super) fn forget_held(&mut self) {
        self.unseen.held = None;
    }

    /// Whether a reading waits for the history of incidents: who doesn't read that says so.
    pub fn awaits_history(&self) -> bool {
        self.unseen.held.is_some()
    }

    /// Takes in the reading that waited. One that waited over a night asleep is no reading of now.
    pub(super) fn take_up_held(&mut self, now: Timestamp) {
        let held = self.unseen.held.take().filter(|held| between(held.at, now) <= GAP);
        let Some(held) = held else { return };
        let affected = self.state.is_affected();
        let Held { at: _, host, snapshot, etag } = *held;
        match self.fresh(now, host, &snapshot, etag) {
            Ok(()) => self.weigh_local(now, affected),
            Err(failure) => self.state.page_health.failed(now, &failure, super::GAP),
        }
    }

    /// Learns from the history when components that were away before a gap were well in it.
    pub(super) fn learn_unseen(&mut self, now: Timestamp, list: &[Incident]) {
        let Some(last) = self.last_before_gap(now) else { return };
        let well = |component: &Component| {
            let since = match &component.state {
                State::Affected { .. } => None,
                State::Recovering { back_at, .. } => Some(*back_at),
                State::Unknown | State::Up { .. } | State::Gone { .. } => return None,
            };
            Some((component.id.clone(), Well::first(list, &component.id, last, since)?))
        };
        self.unseen.well = self.state.components.iter().filter_map(well).collect();
    }

    /// Ends the episodes of before a gap that were over in it, before a reading is taken in.
    pub(super) fn end_unseen(&mut self, now: Timestamp, snapshot: &Snapshot) {
        for (id, well) in core::mem::take(&mut self.unseen.well) {
            let row = snapshot.components.iter().find(|row| row.id == id);
            let place = self.state.components.iter().position(|component| component.id == id);
            let (Some(row), Some(place)) = (row, place) else { continue };
            let mut seen = self.sighting(now, row);
            seen.updated_at = row.updated_at;
            let again = well.away_again(self.away_since(now, well, &seen));
            match seen.level {
                Level::Unknown => {}
                _ if again.is_none() => {}
                Level::Operational => self.recover_unseen(now, place, well.from),
                Level::Maintenance
                | Level::Reported
                | Level::Degraded
                | Level::Partial
                | Level::Major => self.replace_unseen(now, place, well.from, seen),
            }
        }
    }

    fn sighting(&self, now: Timestamp, row: &PageComponent) -> Sighting {
        let (name, status) = (row.name.clone(), row.status.clone());
        let settings = &self.state.settings;
        polling::sighting(&self.state.incidents, settings, now, &row.id, name, status)
    }

    /// Since when it is as it is now, where that is away and by the page's word came after it was
    /// well: by the component's own stamp, or by the incident that reports it.
    fn away_since(&self, now: Timestamp, well: Well, seen: &Sighting) -> Option<Timestamp> {
        let reported = || self.state.incidents.get(seen.incidents.incident()?)?.began();
        let at = match seen.level {
            Level::Unknown | Level::Operational => None,
            Level::Reported => reported(),
            Level::Maintenance | Level::Degraded | Level::Partial | Level::Major => seen.updated_at,
        };
        at.filter(|at| *at > well.from && *at <= now)
    }

    /// It was well, away again, and is well now: what was told is over since it was well first.
    fn recover_unseen(&mut self, now: Timestamp, place: Place, at: Timestamp) {
        let settle = self.state.settings.settle;
        let Some(component) = self.state.components.get_mut(place) else { return };
        let before = component.clone();
        component.was_well(now, at, settle);
        self.write_unseen(now, &before, at, Reason::Settling);
    }

    /// It was well, and is away: another outage. Where that one isn't told to somebody who knows of the
    /// one before, it counts as that: its end must not be lost.
    fn replace_unseen(&mut self, now: Timestamp, place: Place, at: Timestamp, seen: Sighting) {
        let (settle, last) = (self.state.settings.settle, self.state.page_health.last_good);
        let Some(before) = self.state.components.get(place).cloned() else { return };
        let mut over = before.clone();
        over.was_well(now, at, settle);
        let Some(Event::Over { episode, .. }) = over.complete() else { return };
        let mut anew = over.clone();
        anew.observe(now, last, seen, settle);
        let around = Around { open: false, fix_is_told: false };
        let tells = anew
            .affected()
            .is_some_and(|episode| self.judge_affected(now, &anew, episode, around).1.tells());
        let was_told = episode.told.is_some();
        if was_told && !tells {
            return;
        }
        if let Some(component) = self.state.components.get_mut(place) {
            *component = over;
        }
        let reason = match (before.watched.is_some(), was_told) {
            (false, _) => Reason::NotWatched,
            (true, false) => Reason::NeverTold,
            (true, true) => Reason::AwayAgain,
        };
        self.note_quiet_end(now, Kind::Back, place, Some(&episode), reason);
        self.write_unseen(now, &before, at, reason);
        let thread = episode.outage_thread().map(String::from);
        if was_told {
            self.unseen.ended.push(Ended { place, thread, at });
        }
    }

    /// Writes down that a component was well from then on, where it wasn't known to be.
    fn write_unseen(&mut self, now: Timestamp, before: &Component, at: Timestamp, reason: Reason) {
        let Some(episode) = before.episode().filter(|_| before.level != Level::Operational) else {
            return;
        };
        self.record(Record::Transition(Transition {
            at: at.max(episode.since),
            seen_at: now,
            component: before.id.clone(),
            name: before.name.clone(),
            from: before.level,
            to: Level::Operational,
            incident: episode.explained_by().cloned(),
            episode: Some(episode.id.clone()),
            reason,
        }));
    }

    /// The bubble of an outage that was over while nobody looked, which a new one of the same
    /// component takes.
    pub(super) fn thread_of_unseen(&self, places: &[Place]) -> Option<String> {
        let mut ended = self.unseen.ended.iter().filter(|ended| places.contains(&ended.place));
        ended.find_map(|ended| ended.thread.clone())
    }

    /// The words for an outage, with the end of the one before.
    pub(super) fn after_unseen(&self, now: Timestamp, places: &[Place], text: Text) -> Text {
        let ended = self.unseen.ended.iter().filter(|ended| places.contains(&ended.place));
        match ended.map(|ended| ended.at).max() {
            Some(at) => text::after_another(text, at, now, &self.state.settings.zone),
            None => text,
        }
    }

    /// What was told of the gap is told.
    pub(super) fn forget_unseen(&mut self) {
        self.unseen.ended.clear();
    }
}
