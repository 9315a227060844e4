//! One component's time away from operational, and what the user was told of it.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::model::{IncidentId, Level};
use crate::notice::kind::{Kind, Reason};
use crate::time::{between, shifted};

use super::relapse::{LastEpisode, settling};
use super::{Sighting, Told};

/// Fixes that did not hold are remembered this long.
const FALLBACK_MEMORY: Duration = Duration::from_secs(3600);

/// One component's time away from operational.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Episode {
    /// What ties notices, decisions and changes of level to it.
    pub id: String,
    /// First sight, or the page's own time of the change where it lies between two readings.
    pub since: Timestamp,
    /// The beginning of all its parts, the same as `since` where it has one only: what was told to
    /// be back may be red again in the same incident, and announced work goes on after an outage
    /// inside of it.
    pub began: Timestamp,
    /// The newest known level.
    pub level: Level,
    /// The worst level so far; of what is filtered, that in which it began.
    pub worst: Level,
    /// The newest decision about it that was written down, for each kind of notice.
    pub decided: BTreeMap<Kind, Reason>,
    /// What the user was told of it.
    pub told: Option<Told>,
    /// The incident that explains it, as of the newest reading that named one.
    pub incident: Option<IncidentId>,
    /// The announced work that explains it while it is in maintenance.
    pub work: Option<IncidentId>,
    /// Of an outage inside announced work, since when there was that work: it goes on after it.
    /// Maintenance that nobody announced is no such work: it may be the outage's own.
    pub work_began: Option<Timestamp>,
    /// When an outage turned into maintenance, and didn't turn back.
    pub outage_until: Option<Timestamp>,
    /// Whether the cause is gone though the page is still red.
    pub fix: Fix,
    /// Whether its beginning was muted with the wish to hear of its end.
    pub tell_end: bool,
    /// Since when what goes on of it is filtered: only incidents about models that the user doesn't use
    /// explain it, or it was red, and is only reported, which is milder than the user wants to hear of.
    pub filtered_since: Option<Timestamp>,
    /// When fixes that were out turned out not to hold, the last hour's.
    pub fallbacks: Vec<Timestamp>,
}

/// Whether a fix is out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fix {
    /// Not that we know.
    Awaited,
    /// A retry makes sense.
    Out {
        /// Since when we know.
        at: Timestamp,
        /// Whether the incident is closed altogether, not only `monitoring`.
        closed: bool,
    },
}

/// What the open incidents say of one component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attention {
    /// The page did not say which incidents are open.
    Unknown,
    /// No open incident names it.
    None,
    /// One that is still being worked on names it.
    Active(IncidentId),
    /// The same, but it has been silent for hours. It goes on explaining what it explained, and
    /// nothing new: one stayed open for days while other outages came and went.
    Lingering(IncidentId),
    /// All that name it are in `monitoring`.
    Monitoring(IncidentId),
}

/// What announced work says of one component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Work {
    /// The page did not say which work is announced.
    Unknown,
    /// None that goes on names it.
    None,
    /// This work names it, and goes on.
    GoesOn(IncidentId),
}

impl Attention {
    /// The incident.
    pub fn incident(&self) -> Option<&IncidentId> {
        match self {
            Self::Active(id) | Self::Lingering(id) | Self::Monitoring(id) => Some(id),
            Self::Unknown | Self::None => None,
        }
    }
}

impl Episode {
    /// One that begins at `since`, as it is seen; or the next part of the `last` one, which was told to
    /// be back.
    pub(super) fn new(
        id: String,
        since: Timestamp,
        seen: &Sighting,
        last: Option<&LastEpisode>,
    ) -> Self {
        let mut episode = Self::begins(id, since, seen.level);
        // It never was about the user's models.
        let others = seen.other_models == Some(true) && seen.level != Level::Maintenance;
        episode.filtered_since = others.then_some(since);
        episode.goes_on_with(last);
        episode
    }

    fn begins(id: String, since: Timestamp, level: Level) -> Self {
        Self {
            id,
            decided: BTreeMap::new(),
            since,
            began: since,
            level,
            worst: level,
            told: None,
            incident: None,
            work: None,
            work_began: None,
            outage_until: None,
            fix: Fix::Awaited,
            tell_end: false,
            filtered_since: None,
            fallbacks: Vec::new(),
        }
    }

    /// Takes in a good reading that shows it still open, at this level.
    pub(super) fn observe(&mut self, now: Timestamp, level: Level, seen: &Sighting) {
        let (about, work) = (&seen.incidents, &seen.work);
        let in_work = level == Level::Maintenance;
        if *about == Attention::None && level.is_worse_than(self.level) {
            // It gets worse after its incident was closed: that one explains it no longer.
            self.incident = None;
            self.concerns_user(now, level);
        }
        let only_mild = seen.is_too_mild && self.worst.is_worse_than(Level::Reported);
        match seen.other_models {
            // Whatever the incidents are about: announced work is no outage of some models.
            _ if in_work => self.concerns_user(now, level),
            Some(true) => self.filtered_since = self.filtered_since.or(Some(now)),
            _ if only_mild => self.filtered_since = self.filtered_since.or(Some(now)),
            Some(false) => self.concerns_user(now, level),
            None => {}
        }
        self.level = level;
        if level.is_worse_than(self.worst) && self.filtered_since.is_none() {
            self.worst = level;
        }
        if let Attention::Active(id) | Attention::Monitoring(id) = about
            && !in_work
        {
            self.incident = Some(id.clone());
        }
        if let Work::GoesOn(id) = work {
            self.work = Some(id.clone());
        }
        let red = level.is_worse_than(Level::Reported);
        let fix = match (about, &self.fix) {
            _ if in_work && self.is_work() => self.fix_of_work(now, work),
            // The page calls an outage maintenance: that is neither a fix nor the end of one.
            (_, fix) if in_work => fix.clone(),
            (Attention::Unknown, fix) => fix.clone(),
            (Attention::Lingering(id), fix) if self.incident.as_ref() == Some(id) => fix.clone(),
            (Attention::Active(_), _) => Fix::Awaited,
            (Attention::Monitoring(_), _) if red => self.fix.out(now, false),
            (Attention::None | Attention::Lingering(_), _) if red && self.incident.is_some() => {
                self.fix.out(now, true)
            }
            _ => Fix::Awaited,
        };
        self.fallbacks.retain(|at| between(*at, now) < FALLBACK_MEMORY);
        if fix == Fix::Awaited && self.fix != Fix::Awaited {
            self.fallbacks.push(now);
        }
        self.fix = fix;
    }

    /// Announced work that is over is the fix of a component that the page still shows in
    /// maintenance.
    fn fix_of_work(&self, now: Timestamp, work: &Work) -> Fix {
        match work {
            Work::Unknown => self.fix.clone(),
            Work::None if self.work.is_some() => self.fix.out(now, true),
            Work::None | Work::GoesOn(_) => Fix::Awaited,
        }
    }

    /// Whether it never was more than announced work.
    pub fn is_work(&self) -> bool {
        self.worst == Level::Maintenance
    }

    /// What explains it: the announced work, or the incident of an outage.
    pub fn explained_by(&self) -> Option<&IncidentId> {
        if self.is_work() { self.work.as_ref() } else { self.incident.as_ref() }
    }

    /// When an outage ended that looks well since `back_at`: earlier, where it was inside announced
    /// work that went on.
    pub fn outage_ended(&self, back_at: Timestamp) -> Timestamp {
        self.outage_until.unwrap_or(back_at).min(back_at)
    }

    /// It is about what the user uses. What was about other models before begins now.
    fn concerns_user(&mut self, now: Timestamp, level: Level) {
        if self.filtered_since.take().is_some() && self.told.is_none() {
            (self.since, self.began, self.worst) = (now, now, level);
            (self.incident, self.outage_until) = (None, None);
        }
    }

    /// Whether a fix is out and has held for long enough to be told: at once the first time, if the
    /// page says `monitoring`; after one more reading if the incident is just gone; and longer with
    /// each fix of the last hour that did not hold.
    pub fn fix_holds(&self, now: Timestamp, settle: Duration) -> bool {
        let Fix::Out { at, closed } = self.fix else { return false };
        let held = between(at, now);
        match self.fallbacks.len() {
            0 => !closed || at < now,
            n => held >= settling(settle, n),
        }
    }

    /// Whether a fix is out as far as the user is told: it holds, or was told with another's.
    pub fn fix_stands(&self, now: Timestamp, settle: Duration) -> bool {
        let told = self.told.as_ref().is_some_and(|told| told.fix);
        self.fix_holds(now, settle) || (told && self.is_fixed_at_first())
    }

    /// Whether a fix is out, and none before it in the last hour did not hold.
    pub fn is_fixed_at_first(&self) -> bool {
        matches!(self.fix, Fix::Out { .. }) && self.fallbacks.is_empty()
    }

    /// How bad it is to the user: what the page shows. Announced work that goes on is that, and is that
    /// again, while an outage inside of it is only about other models.
    pub(super) fn level_for_user(&self, seen: &Sighting) -> Level {
        let outage = seen.level.is_worse_than(Level::Reported) && seen.other_models == Some(true);
        let of_work = self.is_work() || self.work_began.is_some();
        match of_work && outage && seen.work != Work::None {
            true => Level::Maintenance,
            false => seen.level,
        }
    }

    /// Whether announced work turned into an outage that is about what the user uses.
    pub(super) fn escalates(&self, level: Level, seen: &Sighting) -> bool {
        self.is_work() && level.is_worse_than(self.worst) && seen.other_models != Some(true)
    }

    /// Announced work turned into an outage: that one begins then, or is the next part of the `last`
    /// one.
    pub(super) fn begins_inside_work(&mut self, at: Timestamp, last: Option<&LastEpisode>) {
        self.work_began = self.work.is_some().then_some(self.began);
        (self.since, self.began) = (at, at);
        self.goes_on_with(last);
    }

    fn goes_on_with(&mut self, last: Option<&LastEpisode>) {
        let Some(last) = last else { return };
        self.id.clone_from(&last.id);
        self.decided.extend(last.heard.iter().map(|(kind, reason)| (*kind, *reason)));
        if last.thread.is_some() {
            self.began = last.began.min(self.since);
        }
    }

    /// What goes on of it when it turned into announced work: an episode of its own, which is told in
    /// the same bubble.
    pub(super) fn work_goes_on(&self, id: String, since: Timestamp) -> Self {
        let told = self.told.clone();
        let told = told.map(|told| Told { level: Level::Maintenance, fix: false, ..told });
        Self {
            told,
            began: self.work_began.unwrap_or(since),
            work: self.work.clone(),
            tell_end: self.tell_end,
            ..Self::begins(id, since, Level::Maintenance)
        }
    }

    /// Notes when an outage turns into announced work, and forgets it where the outage goes on.
    pub(super) fn bounds_outage(&mut self, at: Timestamp, level: Level) {
        if level.is_worse_than(Level::Maintenance) {
            self.outage_until = None;
        } else if level == Level::Maintenance && self.worst.is_worse_than(level) {
            self.outage_until.get_or_insert(at);
        }
    }

    /// The wall clock was set.
    pub(super) fn shift(&mut self, by: SignedDuration) {
        self.since = shifted(self.since, by);
        self.began = shifted(self.began, by);
        self.work_began = self.work_began.map(|at| shifted(at, by));
        self.outage_until = self.outage_until.map(|at| shifted(at, by));
        self.fallbacks.iter_mut().for_each(|at| *at = shifted(*at, by));
        self.filtered_since = self.filtered_since.map(|at| shifted(at, by));
        if let Fix::Out { at, .. } = &mut self.fix {
            *at = shifted(*at, by);
        }
    }
}

impl Fix {
    /// Out since `now`, or since it was already.
    fn out(&self, now: Timestamp, closed: bool) -> Self {
        match self {
            Self::Out { at, .. } => Self::Out { at: *at, closed },
            Self::Awaited => Self::Out { at: now, closed },
        }
    }
}
