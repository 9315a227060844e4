//! What ccwatch knows of the page as a whole: how current its sight is, and the incidents.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::component::{Attention, Component};
use super::expectation::Past;
use super::model::{
    ComponentId, Failure, FailureKind, Incident, IncidentId, Level, PageStatus, Phase, Snapshot,
};
use super::time::{between, shifted};

/// An incident that still is investigated or identified stops counting as *reported* this long
/// after its newest update: three of 447 stayed open for days without a word.
const REPORTED_FADES: Duration = Duration::from_secs(6 * 3600);
/// A cache that serves an older state is not believed for this long. The page's CDN may keep a
/// body for an hour while its origin fails; what is still there later is what the page says.
const STALE_ENDS: Duration = Duration::from_secs(65 * 60);
/// A time stamp that lies further ahead than this says nothing. A clock may be wrong by days, so
/// that what is only a little ahead still does.
const FAR_AHEAD: Duration = Duration::from_secs(30 * 24 * 3600);
/// How long an incident that is over is remembered.
const REMEMBERED: Duration = Duration::from_secs(45 * 24 * 3600);

/// How well the page can be seen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sight {
    /// The id of the page that all this is about.
    #[serde(default)]
    pub page_id: String,
    /// The newest time stamp of the page as a whole.
    #[serde(default)]
    pub page_updated_at: Option<Timestamp>,
    /// The first good reading of all: what ended before is not news.
    pub first_good: Option<Timestamp>,
    /// The newest good reading.
    pub last_good: Option<Timestamp>,
    /// The newest reading of any outcome.
    pub last_attempt: Option<Timestamp>,
    /// The unbroken run of failed readings up to now.
    pub failing: Option<Failing>,
    /// The newest good reading of the incident history.
    pub history_at: Option<Timestamp>,
    /// Whether the user was told that the page can't be read. Only a good reading ends that.
    #[serde(default)]
    pub lost_told: bool,
    /// Since when older states are served than one already seen.
    pub stale_since: Option<Timestamp>,
    /// Entries of `watch.components` that no component of the page answers to.
    pub unmatched: Vec<String>,
}

/// A run of failed readings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failing {
    /// The first of them.
    pub since: Timestamp,
    /// How many.
    pub count: u32,
    /// The kind of the newest.
    pub kind: FailureKind,
    /// The particulars of the newest; may hold foreign text.
    pub detail: String,
}

impl Sight {
    /// Whether the newest good reading still speaks for the present.
    pub fn is_current(&self, now: Timestamp, stale_after: Duration) -> bool {
        self.last_good.is_some_and(|at| between(at, now) <= stale_after)
    }

    /// Takes in a good reading.
    pub fn good(&mut self, now: Timestamp) {
        self.first_good.get_or_insert(now);
        self.last_good = Some(now);
        self.last_attempt = Some(now);
        self.failing = None;
        self.lost_told = false;
    }

    /// Takes in a failed one. A run of failures doesn't reach over a pause in which nobody tried
    /// (`gap`): a night asleep is not eight hours of blindness.
    pub fn failed(&mut self, now: Timestamp, failure: &Failure, gap: Duration) {
        let paused = self.last_attempt.is_some_and(|last| between(last, now) > gap);
        self.last_attempt = Some(now);
        let before = self.failing.take().filter(|_| !paused);
        self.failing = Some(Failing {
            since: before.as_ref().map_or(now, |run| run.since),
            count: before.as_ref().map_or(0, |run| run.count).saturating_add(1),
            kind: failure.kind,
            detail: failure.detail.clone(),
        });
    }

    /// Whether an older state than the one already seen is still to be refused.
    pub fn refuses_stale(&mut self, now: Timestamp) -> bool {
        let since = *self.stale_since.get_or_insert(now);
        between(since, now) < STALE_ENDS
    }

    /// Notes the page's own time stamp. An older one that is believed after all counts anew.
    pub fn stamped(&mut self, now: Timestamp, at: Option<Timestamp>, older: bool) {
        let at = credible(now, at);
        self.page_updated_at = if older { at } else { self.page_updated_at.max(at) };
    }

    /// The wall clock was set.
    pub fn shift(&mut self, by: SignedDuration) {
        let times = [
            &mut self.first_good,
            &mut self.last_good,
            &mut self.last_attempt,
            &mut self.history_at,
            &mut self.stale_since,
        ];
        for at in times.into_iter().flatten() {
            *at = shifted(*at, by);
        }
        if let Some(run) = &mut self.failing {
            run.since = shifted(run.since, by);
        }
    }
}

/// The incidents that ccwatch knows of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incidents {
    /// Those that the newest good reading lists as unresolved, in the page's order.
    pub open: Vec<Incident>,
    /// Announced work of the newest good reading.
    pub maintenances: Vec<Incident>,
    /// All that were ever seen lately.
    pub known: BTreeMap<IncidentId, Known>,
    /// How long those took that are over, in the order in which they ended.
    #[serde(default)]
    pub past: Vec<Past>,
}

/// What is remembered of an incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// When ccwatch first saw it.
    pub first_seen: Timestamp,
    /// The page's newest time stamp of it.
    pub updated_at: Option<Timestamp>,
    /// When it left the list of unresolved ones without our knowing yet how it ended.
    pub left: Option<Timestamp>,
    /// Whether the incident history says that it is over.
    #[serde(default)]
    pub over: bool,
    /// Whether it was told as one that names no component.
    pub told: bool,
}

/// What a reading changed about the incidents.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct IncidentNews {
    /// New or edited ones.
    pub changed: Vec<Incident>,
    /// Those that are no longer among the unresolved.
    pub left: Vec<IncidentId>,
}

impl Incidents {
    /// Takes in the lists of a fresh reading; a list that the page did not give changes nothing.
    pub fn take_in(&mut self, now: Timestamp, snapshot: &Snapshot) -> IncidentNews {
        self.maintenances.clone_from(&snapshot.maintenances);
        let Some(listed) = &snapshot.incidents else { return IncidentNews::default() };
        let open: Vec<Incident> = listed.iter().filter(|i| !i.phase.is_over()).cloned().collect();
        let before = std::mem::replace(&mut self.open, open);
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
        let left: Vec<IncidentId> =
            before.into_iter().map(|i| i.id).filter(|id| !still_open.contains(id)).collect();
        for incident in &changed {
            let known = self.known_mut(now, incident);
            (known.left, known.over) = (None, false);
        }
        for id in &left {
            if let Some(known) = self.known.get_mut(id) {
                known.left = Some(now);
            }
        }
        IncidentNews { changed, left }
    }

    /// Notes an incident as known.
    pub fn known_mut(&mut self, now: Timestamp, incident: &Incident) -> &mut Known {
        let known = self.known.entry(incident.id.clone()).or_insert(Known {
            first_seen: now,
            updated_at: None,
            left: None,
            over: false,
            told: false,
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
    fn lacks_any(&self, snapshot: &Snapshot) -> bool {
        let Some(listed) = &snapshot.incidents else { return false };
        let gone = |old: &Incident| !listed.iter().any(|new| new.id == old.id);
        snapshot.incidents_complete && self.open.iter().any(gone)
    }

    /// When the page last touched one that is over, or no longer listed.
    fn closed_at(&self, id: &IncidentId) -> Option<Timestamp> {
        let closed = |known: &&Known| known.over || known.left.is_some();
        self.known.get(id).filter(closed).and_then(|known| known.updated_at)
    }

    /// The level of a component, given the page's own word for it.
    pub fn level(&self, id: &ComponentId, status: &PageStatus, now: Timestamp) -> Level {
        let level = status.level();
        let counts = |i: &&Incident| !fades(self.newest_word(i), now);
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
    pub fn attention(&self, id: &ComponentId, now: Timestamp) -> Attention {
        let newest = |which: &dyn Fn(&Incident) -> bool| {
            let those = self.naming(id).filter(|incident| which(incident));
            those.max_by_key(|incident| incident.began()).map(|incident| incident.id.clone())
        };
        let worked_on = |incident: &Incident| incident.phase != Phase::Monitoring;
        newest(&|i| worked_on(i) && !self.lingers(i, now))
            .map(Attention::Active)
            .or_else(|| newest(&worked_on).map(Attention::Lingering))
            .or_else(|| newest(&|_| true).map(Attention::Monitoring))
            .unwrap_or(Attention::None)
    }

    /// When the page last said something about it; where it gives no times, when we saw it first.
    fn newest_word(&self, incident: &Incident) -> Option<Timestamp> {
        incident.newest_update_at().or(self.first_seen(incident))
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
        self.open.iter().filter(move |incident| incident.names(id))
    }

    /// The wall clock was set: only our own times move, the page's stay.
    pub fn shift(&mut self, by: SignedDuration) {
        for known in self.known.values_mut() {
            known.first_seen = shifted(known.first_seen, by);
            known.left = known.left.map(|at| shifted(at, by));
        }
    }
}

fn fades(at: Option<Timestamp>, now: Timestamp) -> bool {
    at.is_none_or(|at| between(at, now) >= REPORTED_FADES)
}

/// What betrays that a snapshot is older than one already seen: it differs, and time stamps go
/// back while none of a row goes forward. A snapshot with anything newer in it is no stale copy,
/// and one that says the same can't mislead.
pub fn went_back(
    now: Timestamp,
    snapshot: &Snapshot,
    components: &[Component],
    incidents: &Incidents,
    page_updated_at: Option<Timestamp>,
) -> Option<String> {
    let mut rows = Vec::new();
    let mut differs = incidents.lacks_any(snapshot);
    let new: BTreeMap<_, _> = snapshot.components.iter().map(|row| (&row.id, row)).collect();
    for old in components {
        match new.get(&old.id) {
            Some(new) => {
                differs |= old.page_status != new.status || !old.is_listed();
                rows.push((&old.id.0, old.updated_at, new.updated_at));
            }
            None => differs |= snapshot.complete && old.is_listed(),
        }
    }
    for new in snapshot.incidents.iter().flatten() {
        if let Some(old) = incidents.get(&new.id) {
            differs |= old.phase != new.phase;
            rows.push((&new.id.0, old.updated_at, new.updated_at));
        } else if !new.phase.is_over() {
            differs = true;
            rows.push((&new.id.0, incidents.closed_at(&new.id), new.updated_at));
        }
    }
    let earlier =
        |a, b| matches!((credible(now, a), credible(now, b)), (Some(a), Some(b)) if a < b);
    let open = snapshot.incidents.iter().flatten().filter(|new| !new.phase.is_over());
    let mut unheard_of = open.filter(|new| !incidents.known.contains_key(&new.id));
    // Posted after all that was seen before: no copy of earlier has it.
    if unheard_of.any(|new| earlier(page_updated_at, new.updated_at)) {
        return None;
    }
    if !differs || rows.iter().any(|row| earlier(row.1, row.2)) {
        return None;
    }
    let row = rows.iter().find(|row| earlier(row.2, row.1)).map(|row| row.0.as_str());
    let page = earlier(snapshot.updated_at, page_updated_at).then_some("the page");
    row.or(page).map(|what| format!("{what} is older than when it was last seen"))
}

fn credible(now: Timestamp, at: Option<Timestamp>) -> Option<Timestamp> {
    at.filter(|at| between(now, *at) < FAR_AHEAD)
}
