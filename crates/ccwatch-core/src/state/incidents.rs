//! The incidents that ccwatch knows of, and what they say of a component.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::decide::models;
use crate::model::{ComponentId, Incident, IncidentId, Level, PageStatus, Phase, Snapshot};
use crate::notice::kind::Reason;
use crate::settings::Settings;
use crate::time::{between, shifted};

use super::component::Attention;
use super::expectation::Past;
use super::maintenance::KnownMaintenance;
use super::titles;
use super::watchlist::own_name;

/// An incident that still is investigated or identified stops counting as *reported* this long
/// after its newest update: three of 447 stayed open for days without a word.
const REPORTED_FADES: Duration = Duration::from_secs(6 * 3600);
/// How long an incident that is over is remembered.
const REMEMBERED: Duration = Duration::from_secs(45 * 24 * 3600);

/// The incidents that ccwatch knows of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Incidents {
    /// Those that the newest good reading lists as unresolved, in the page's order.
    pub open: Vec<Incident>,
    /// Announced work that the page lists, and such that left it lately.
    pub maintenances: Vec<KnownMaintenance>,
    /// All that were ever seen lately.
    pub known: BTreeMap<IncidentId, KnownIncident>,
    /// How long those took that are over, in the order in which they ended.
    pub past: Vec<Past>,
}

/// What is remembered of an incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownIncident {
    /// When ccwatch first saw it.
    pub first_seen: Timestamp,
    /// The page's newest time stamp of it.
    pub updated_at: Option<Timestamp>,
    /// When ccwatch saw what is newest about it.
    pub touched: Timestamp,
    /// When it left the list of unresolved ones without our knowing yet how it ended.
    pub left: Option<Timestamp>,
    /// Whether the incident history says that it is over.
    pub over: bool,
    /// Whether it was told as one that names no component.
    pub told: bool,
    /// The newest decision about that which was written down.
    pub decided: Option<Reason>,
    /// Components that the page showed red while it named them. One that is operational after that
    /// is back by the page's own word, while the incident goes on.
    pub red: BTreeSet<ComponentId>,
}

/// What a reading changed about the incidents.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct IncidentNews {
    /// New or edited ones.
    pub changed: Vec<Incident>,
    /// Those that are no longer among the unresolved, as they were last.
    pub left: Vec<Incident>,
}

impl Incidents {
    /// Takes in the lists of a fresh reading; a list that the page did not give changes nothing.
    pub fn take_in(&mut self, now: Timestamp, snapshot: &Snapshot) -> IncidentNews {
        let Some(listed) = &snapshot.incidents else { return IncidentNews::default() };
        let open: Vec<Incident> = listed.iter().filter(|i| !i.phase.is_over()).cloned().collect();
        let before = core::mem::replace(&mut self.open, open);
        self.follow_new_ids(&before, snapshot.incidents_complete);
        self.attribute(snapshot);
        if !snapshot.incidents_complete {
            let unread = before.iter().filter(|old| !listed.iter().any(|i| i.id == old.id));
            self.open.extend(unread.cloned());
        }
        for incident in &mut self.open {
            if let Some(old) = before.iter().find(|old| old.id == incident.id) {
                incident.components.extend(old.components.iter().cloned());
            }
        }
        let changed: Vec<Incident> =
            self.open.iter().filter(|incident| !before.contains(incident)).cloned().collect();
        let still_open: BTreeSet<&IncidentId> = self.open.iter().map(|i| &i.id).collect();
        let gone = |id: &IncidentId| !still_open.contains(id) && self.known.contains_key(id);
        let left: Vec<Incident> = before.iter().filter(|i| gone(&i.id)).cloned().collect();
        for incident in &changed {
            let known = self.known_mut(now, incident);
            (known.left, known.over, known.touched) = (None, false, now);
        }
        for incident in &left {
            if let Some(known) = self.known.get_mut(&incident.id) {
                known.left = Some(now);
            }
        }
        self.note_red(snapshot);
        IncidentNews { changed, left }
    }

    /// An incident that the page lists under another id all at once is the same one: it has the same
    /// title and the same beginning, and its old id is gone.
    fn follow_new_ids(&mut self, before: &[Incident], complete: bool) {
        let listed: BTreeSet<&IncidentId> = self.open.iter().map(|i| &i.id).collect();
        for new in self.open.iter().filter(|_| complete) {
            let same = |old: &&Incident| {
                !listed.contains(&old.id) && old.name == new.name && old.began() == new.began()
            };
            if self.known.contains_key(&new.id) {
                continue;
            }
            let old = before.iter().filter(|old| old.began().is_some()).find(same);
            if let Some(known) = old.and_then(|old| self.known.remove(&old.id)) {
                self.known.insert(new.id.clone(), known);
            }
        }
    }

    /// An incident that names no component means the product that its title names.
    fn attribute(&mut self, snapshot: &Snapshot) {
        let rows = &snapshot.components;
        let names: Vec<&str> =
            rows.iter().map(|row| own_name(&row.name, row.group.as_ref())).collect();
        for incident in self.open.iter_mut().filter(|i| i.components.is_empty()) {
            let named = titles::products(&incident.name, &names).into_iter().zip(rows);
            let named = named.filter(|(named, _)| *named);
            incident.meant = named.map(|(_, row)| row.id.clone()).collect();
        }
    }

    /// Notes who is red in which incident.
    fn note_red(&mut self, snapshot: &Snapshot) {
        let red = || snapshot.components.iter().filter(|row| row.status.is_red());
        for incident in &self.open {
            let Some(known) = self.known.get_mut(&incident.id) else { continue };
            // One that names nobody is about what its title means.
            let about = |id: &ComponentId| incident.names(id) || incident.means(id);
            let named = red().filter(|row| about(&row.id));
            known.red.extend(named.map(|row| row.id.clone()));
        }
    }

    /// Notes an incident as known.
    pub fn known_mut(&mut self, now: Timestamp, incident: &Incident) -> &mut KnownIncident {
        let known = self.known.entry(incident.id.clone()).or_insert(KnownIncident {
            first_seen: now,
            updated_at: None,
            touched: now,
            left: None,
            over: false,
            told: false,
            decided: None,
            red: BTreeSet::new(),
        });
        known.updated_at = known.updated_at.max(incident.updated_at);
        known
    }

    /// Drops what is long over.
    pub fn forget(&mut self, now: Timestamp, still_listed: &BTreeSet<IncidentId>) {
        let open: BTreeSet<IncidentId> = self.open.iter().map(|i| i.id.clone()).collect();
        self.known.retain(|id, known| {
            open.contains(id)
                || still_listed.contains(id)
                || known.left.is_some()
                || between(known.first_seen, now) < REMEMBERED
        });
    }

    /// An open incident.
    pub fn get(&self, id: &IncidentId) -> Option<&Incident> {
        self.open.iter().find(|incident| incident.id == *id)
    }

    /// Whether a snapshot no longer lists one that is open.
    pub(super) fn lacks_any(&self, snapshot: &Snapshot) -> bool {
        let Some(listed) = &snapshot.incidents else { return false };
        let gone = |old: &Incident| !listed.iter().any(|new| new.id == old.id);
        snapshot.incidents_complete && self.open.iter().any(gone)
    }

    /// When the page last touched one that is over, or no longer listed.
    pub(super) fn closed_at(&self, id: &IncidentId) -> Option<Timestamp> {
        let closed = |known: &&KnownIncident| known.over || known.left.is_some();
        self.known.get(id).filter(closed).and_then(|known| known.updated_at)
    }

    /// The level of a component, given the page's own word for it.
    pub fn level(
        &self,
        id: &ComponentId,
        status: &PageStatus,
        settings: &Settings,
        now: Timestamp,
    ) -> Level {
        let level = status.level();
        let faded = |i: &Incident| settings.incidents_linger && fades(self.newest_word(i), now);
        let counts = |i: &&Incident| self.raises(i, id) && !faded(i);
        let any =
            |which: fn(&Phase) -> bool| self.naming(id).filter(counts).any(|i| which(&i.phase));
        match level {
            Level::Operational if any(Phase::is_active) => Level::Reported,
            // A phase that we don't know: whether it is still worked on can't be told.
            Level::Operational if any(|phase| matches!(phase, Phase::Other(_))) => Level::Unknown,
            level => level,
        }
    }

    /// What the open incidents say of a component: the newest that is still worked on, else the
    /// newest in `monitoring`. A phase that we don't know counts as worked on.
    /// Where some are about models that the user doesn't use and some are not, only the latter
    /// speak.
    pub fn attention(&self, id: &ComponentId, settings: &Settings, now: Timestamp) -> Attention {
        let models = &settings.models;
        let lingers = |i: &Incident| settings.incidents_linger && self.lingers(i, now);
        let others = |incident: &Incident| models::only_others(&incident.name, models);
        let all_others = self.other_models(id, models) != Some(false);
        let newest = |which: &dyn Fn(&Incident) -> bool| {
            let speaks =
                |incident: &&Incident| which(incident) && (all_others || !others(incident));
            let those = self.naming(id).filter(speaks);
            those.max_by_key(|incident| incident.began()).map(|incident| incident.id.clone())
        };
        let worked_on = |incident: &Incident| incident.phase != Phase::Monitoring;
        newest(&|i| worked_on(i) && !lingers(i))
            .map(Attention::Active)
            .or_else(|| newest(&worked_on).map(Attention::Lingering))
            .or_else(|| newest(&|_| true).map(Attention::Monitoring))
            .unwrap_or(Attention::None)
    }

    /// Whether an incident, while it is worked on, raises a component that the page shows
    /// operational: it means it, and it was not red in it. Red, then operational by the page's own
    /// word, is back while the incident goes on.
    pub fn raises(&self, incident: &Incident, id: &ComponentId) -> bool {
        let worked_on = incident.phase.is_active() || matches!(incident.phase, Phase::Other(_));
        worked_on && incident.means(id) && !self.was_red(incident, id)
    }

    /// Whether the component was red in this incident.
    fn was_red(&self, incident: &Incident, id: &ComponentId) -> bool {
        let seen = self.known.get(&incident.id).is_some_and(|known| known.red.contains(id));
        seen || incident.set_red(id)
    }

    /// A component goes by another id from now on: it was red in whatever it was red in before.
    pub(crate) fn goes_by(&mut self, old: &ComponentId, new: &ComponentId) {
        let was_red = |incident: &&Incident| self.was_red(incident, old);
        let open: Vec<IncidentId> =
            self.open.iter().filter(was_red).map(|incident| incident.id.clone()).collect();
        for id in open {
            if let Some(known) = self.known.get_mut(&id) {
                known.red.insert(new.clone());
            }
        }
    }

    /// Whether all that is open about a component is about models that the user doesn't use; none:
    /// nothing is open about it.
    pub fn other_models(&self, id: &ComponentId, models: &[String]) -> Option<bool> {
        let mut about = self.naming(id).peekable();
        about.peek()?;
        Some(about.all(|incident| models::only_others(&incident.name, models)))
    }

    /// When the page last said something about it. Where it gives no times, or times to come, when
    /// that was seen.
    fn newest_word(&self, incident: &Incident) -> Option<Timestamp> {
        let seen = self.known.get(&incident.id).map(|known| known.touched);
        match (incident.newest_update_at(), seen) {
            (Some(said), Some(seen)) => Some(said.min(seen)),
            (said, seen) => said.or(seen),
        }
    }

    /// Silent for hours, and known for hours: whoever sees it for the first time takes it as it
    /// stands on the page.
    fn lingers(&self, incident: &Incident, now: Timestamp) -> bool {
        fades(self.newest_word(incident).max(self.first_seen(incident)), now)
    }

    fn first_seen(&self, incident: &Incident) -> Option<Timestamp> {
        self.known.get(&incident.id).map(|known| known.first_seen)
    }

    fn naming<'a>(&'a self, id: &'a ComponentId) -> impl Iterator<Item = &'a Incident> {
        self.open.iter().filter(move |incident| incident.names(id) || incident.means(id))
    }

    /// The wall clock was set: only our own times move, the page's stay.
    pub fn shift(&mut self, by: SignedDuration) {
        for known in self.known.values_mut() {
            known.first_seen = shifted(known.first_seen, by);
            known.touched = shifted(known.touched, by);
            known.left = known.left.map(|at| shifted(at, by));
        }
        self.maintenances.iter_mut().for_each(|known| known.shift(by));
    }
}

fn fades(at: Option<Timestamp>, now: Timestamp) -> bool {
    at.is_none_or(|at| between(at, now) >= REPORTED_FADES)
}
