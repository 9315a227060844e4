//! Announced work: what the page says of it, what was told of it, and how it ended.

use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::model::{ComponentId, Incident, IncidentId, Maintenance, Phase, Snapshot};
use crate::notice::kind::Reason;
use crate::time::{after, between, shifted};

use super::PageState;
use super::component::{Component, Work};
use super::incidents::Incidents;

/// Work that is over is remembered for this long: a component may be left behind by it.
const REMEMBERED: Duration = Duration::from_secs(7 * 24 * 3600);
/// Work that was cancelled is shown for this long.
const CANCELLED_SHOWN: Duration = Duration::from_secs(24 * 3600);
/// Work that is to begin within this time is shown.
const SHOWN_AHEAD: Duration = Duration::from_secs(7 * 24 * 3600);

/// Announced work that the page lists, or listed until a while ago.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownMaintenance {
    /// What the page says of it, as of the newest reading that listed it.
    pub page: Maintenance,
    /// When it was to be over, by the newest plan from before it began.
    pub planned_until: Option<Timestamp>,
    /// What the user was told of it.
    pub told: Option<ToldWork>,
    /// The newest decision about it that was written down.
    pub decided: Option<Reason>,
    /// How it left the page.
    pub ended: Option<EndedWork>,
    /// The components that it names and didn't name at first, until they are told of.
    pub joined: BTreeSet<ComponentId>,
}

/// What the user was told of announced work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldWork {
    /// The bubble that it was told in.
    pub thread: String,
    /// The planned end that was told.
    pub until: Option<Timestamp>,
    /// Whether it was told that the planned end is past.
    pub overrun: bool,
}

/// How announced work left the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndedWork {
    /// Since when it is not listed as going on, as far as we saw.
    pub at: Timestamp,
    /// Whether it was taken off the page before it was to begin.
    pub cancelled: bool,
}

/// How far announced work has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// It is to begin later.
    Upcoming,
    /// It should have begun, and the page doesn't say that it did.
    Due,
    /// It goes on, as planned.
    UnderWay,
    /// It goes on, though its planned end is past.
    Overrun,
    /// The page has a word for it that we don't know.
    Unclear,
    /// It is over.
    Over,
    /// It was taken off the page before it began.
    Cancelled,
}

impl Stage {
    /// The word in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Upcoming => "upcoming",
            Self::Due => "due",
            Self::UnderWay => "in_progress",
            Self::Overrun => "overrun",
            Self::Unclear => "unclear",
            Self::Over => "over",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether it goes on.
    pub fn is_under_way(self) -> bool {
        match self {
            Self::UnderWay | Self::Overrun => true,
            Self::Upcoming | Self::Due | Self::Unclear | Self::Over | Self::Cancelled => false,
        }
    }
}

impl KnownMaintenance {
    fn new(page: Maintenance) -> Self {
        let planned_until = page.scheduled_until;
        let joined = BTreeSet::new();
        Self { page, planned_until, told: None, decided: None, ended: None, joined }
    }

    /// The page's key of it.
    pub fn id(&self) -> &IncidentId {
        &self.page.work.id
    }

    /// How far it has come.
    pub fn stage(&self, now: Timestamp) -> Stage {
        let past = |at: Option<Timestamp>| at.is_some_and(|at| at < now);
        match (&self.ended, &self.page.work.phase) {
            (Some(ended), _) if ended.cancelled => Stage::Cancelled,
            (Some(_), _) => Stage::Over,
            (None, phase) if phase.is_over() => Stage::Over,
            (None, Phase::Scheduled) if past(self.page.scheduled_for) => Stage::Due,
            (None, Phase::Scheduled) => Stage::Upcoming,
            (None, phase) if !phase.is_under_way() => Stage::Unclear,
            (None, _) if past(self.page.scheduled_until) => Stage::Overrun,
            (None, _) => Stage::UnderWay,
        }
    }

    /// The end that was planned before it began, where it is a later one now.
    pub fn extended_from(&self) -> Option<Timestamp> {
        let (planned, now) = (self.planned_until?, self.page.scheduled_until?);
        (now > planned).then_some(planned)
    }

    /// Whether it left the page while it went on, without a word of its end.
    pub fn is_taken_off(&self) -> bool {
        self.ended.as_ref().is_some_and(|ended| !ended.cancelled) && !self.page.work.phase.is_over()
    }

    /// As the history keeps it: with its end.
    fn as_incident(&self) -> Incident {
        let ended = self.ended.as_ref();
        Incident {
            phase: ended.map_or_else(|| self.page.work.phase.clone(), |_| Phase::Completed),
            resolved_at: self.page.work.resolved_at.or(ended.map(|ended| ended.at)),
            ..self.page.work.clone()
        }
    }

    /// The page lists it, as `row`.
    fn observe(&mut self, now: Timestamp, row: &Maintenance) {
        let waits = row.work.phase == Phase::Scheduled;
        if waits {
            // What was told was that it had begun; it will begin anew.
            self.told = None;
            self.joined.clear();
            self.planned_until = row.scheduled_until;
        }
        let over = row.work.phase.is_over();
        let (before, named) = (&self.page.work.components, &row.work.components);
        self.joined.extend(named.difference(before).cloned());
        self.joined.retain(|id| named.contains(id));
        self.page.clone_from(row);
        self.ended = match (over, self.ended.take()) {
            (false, _) => None,
            (true, before) => before.or(Some(EndedWork { at: now, cancelled: false })),
        };
    }

    /// The page doesn't list it any more. Work that was still to begin has been cancelled; of work
    /// whose time came meanwhile we only know that it isn't there any more.
    fn leaves(&mut self, now: Timestamp) {
        let ahead = self.page.scheduled_for.is_some_and(|at| at > now);
        let cancelled = self.page.work.phase == Phase::Scheduled && ahead;
        self.ended.get_or_insert(EndedWork { at: now, cancelled });
    }

    /// The wall clock was set.
    pub(super) fn shift(&mut self, by: SignedDuration) {
        if let Some(ended) = &mut self.ended {
            ended.at = shifted(ended.at, by);
        }
    }
}

impl Incidents {
    /// Takes in the list of announced work of a fresh reading; a list that the page did not give
    /// changes nothing. Gives what the history should know: work that goes on or went on.
    pub fn take_in_work(&mut self, now: Timestamp, snapshot: &Snapshot) -> Vec<Incident> {
        let Some(listed) = &snapshot.maintenances else { return Vec::new() };
        let mut before = core::mem::take(&mut self.maintenances);
        let mut changed = Vec::new();
        for row in listed {
            let at = before.iter().position(|known| known.id() == &row.work.id);
            let old = at.map(|at| before.remove(at));
            let mut known = old.clone().unwrap_or_else(|| KnownMaintenance::new(row.clone()));
            known.observe(now, row);
            if old.is_none_or(|old| old.as_incident() != known.as_incident()) {
                changed.extend(worth_keeping(&known));
            }
            self.maintenances.push(known);
        }
        for mut known in before {
            if known.ended.is_none() && snapshot.maintenances_complete {
                known.leaves(now);
                changed.extend(worth_keeping(&known));
            }
            self.maintenances.push(known);
        }
        let fresh = |ended: &EndedWork| between(ended.at, now) < REMEMBERED;
        self.maintenances.retain(|known| known.ended.as_ref().is_none_or(fresh));
        changed
    }

    /// Announced work, by the page's key of it.
    pub fn work(&self, id: &IncidentId) -> Option<&KnownMaintenance> {
        self.maintenances.iter().find(|known| known.id() == id)
    }

    /// What announced work says of a component. A phase that we don't know counts as going on.
    pub fn work_on(&self, id: &ComponentId, now: Timestamp) -> Work {
        let goes_on = |known: &&KnownMaintenance| {
            let stage = known.stage(now);
            known.page.work.names(id) && (stage.is_under_way() || stage == Stage::Unclear)
        };
        match self.maintenances.iter().find(goes_on) {
            Some(known) => Work::GoesOn(known.id().clone()),
            None => Work::None,
        }
    }

    /// Whether an incident, or announced work, is open.
    pub fn is_open(&self, id: &IncidentId) -> bool {
        self.get(id).is_some() || self.work(id).is_some_and(|known| known.ended.is_none())
    }
}

impl PageState {
    /// The announced work that is worth showing: what goes on, what is to begin in the next days,
    /// what was cancelled lately, and what is over while a component was left behind by it. Unless
    /// `all` is asked for, only what names something watched, or nothing at all.
    pub fn announced(&self, now: Timestamp, all: bool) -> impl Iterator<Item = &KnownMaintenance> {
        let soon = after(now, SHOWN_AHEAD);
        let mut shown: Vec<&KnownMaintenance> = self
            .incidents
            .maintenances
            .iter()
            .filter(|known| all || self.names_watched(&known.page.work))
            .filter(|known| match known.stage(now) {
                Stage::Upcoming => known.page.scheduled_for.is_none_or(|at| at <= soon),
                Stage::Due | Stage::UnderWay | Stage::Overrun | Stage::Unclear => true,
                Stage::Over => self.left_behind_by(known),
                Stage::Cancelled => {
                    known.ended.as_ref().is_some_and(|e| between(e.at, now) < CANCELLED_SHOWN)
                }
            })
            .collect();
        shown.sort_by_key(|known| known.page.scheduled_for);
        shown.into_iter()
    }

    /// The announced work that goes on and names a component.
    pub(crate) fn work_beside(
        &self,
        component: &Component,
        now: Timestamp,
    ) -> Option<&KnownMaintenance> {
        let mut works = self.incidents.maintenances.iter();
        works.find(|known| known.stage(now).is_under_way() && known.page.work.names(&component.id))
    }

    /// Whether an incident or announced work names something watched, or nothing at all.
    fn names_watched(&self, work: &Incident) -> bool {
        work.components.is_empty() || self.watched().any(|component| work.names(&component.id))
    }

    fn left_behind_by(&self, known: &KnownMaintenance) -> bool {
        let behind = |work: &IncidentId| work == known.id();
        self.watched().any(|c| c.affected().is_some_and(|e| e.work.as_ref().is_some_and(behind)))
    }
}

/// Work that only was announced is nothing that happened.
fn worth_keeping(known: &KnownMaintenance) -> Option<Incident> {
    let never = known.ended.as_ref().is_some_and(|ended| ended.cancelled);
    (known.page.work.phase != Phase::Scheduled && !never).then(|| known.as_incident())
}
