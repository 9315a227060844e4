//! What the page said at a time that is over, from what was written down since.
//!
//! Own readings come first: a change of level that ccwatch saw, between two readings that worked.
//! Where it was not looking, the page's incidents with their updates stand in for them. Where
//! those don't reach back far enough the answer is "not known", never "green".

use std::time::Duration;

use jiff::Timestamp;

use super::component::Component;
use super::model::{ComponentId, Incident, IncidentId, Level, PageStatus, Phase};
use super::monitor::Transition;
use super::route::Path;
use super::settings::plain_name;
use super::time::{after, between};

/// The page often follows the first errors only minutes later.
const FOLLOWS: Duration = Duration::from_secs(30 * 60);

/// Everything that was written down and matters.
#[derive(Debug, Clone, Copy)]
pub struct Past<'a> {
    /// The components as they are known now.
    pub components: &'a [Component],
    /// Changes of level, oldest first, those after the time in question included.
    pub transitions: &'a [Transition],
    /// Readings around the time in question.
    pub looks: &'a [Look],
    /// Incidents, with those that were open at the time.
    pub incidents: &'a [Incident],
    /// Since when the list of incidents is whole; none: it is not at all.
    pub whole_since: Option<Timestamp>,
    /// When the list of incidents was read last.
    pub listed_at: Option<Timestamp>,
    /// A reading counts for this long before and after itself.
    pub stale_after: Duration,
    /// The components were read just now, so that their levels say nothing of since when.
    pub live: bool,
}

/// One poll, as far as it says whether ccwatch could see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// When.
    pub at: Timestamp,
    /// How it went.
    pub outcome: Outcome,
}

/// How a poll went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The page was read.
    Good,
    /// This machine could not reach it: no name, no connection.
    NoNetwork,
    /// Anything else.
    Failed,
}

impl Outcome {
    /// From the word that the database keeps.
    pub fn of(word: &str) -> Self {
        match word {
            "fresh" | "unchanged" => Self::Good,
            "dns" | "connect" => Self::NoNetwork,
            _ => Self::Failed,
        }
    }
}

/// Where the knowledge of a past state comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageSource {
    /// ccwatch looked at the page then.
    Readings,
    /// The page's incidents, read later.
    Incidents,
    /// The page was read just now, and the time is recent.
    Live,
    /// There is none.
    None,
}

impl PageSource {
    /// The word used in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Readings => "readings",
            Self::Incidents => "incidents",
            Self::Live => "live",
            Self::None => "none",
        }
    }
}

/// What the page said at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageThen {
    /// The time in question.
    pub at: Timestamp,
    /// Where this comes from.
    pub source: PageSource,
    /// The components; none where it is not known.
    pub components: Vec<ComponentThen>,
    /// Incidents that were open then, or whose time, as posted later, includes it.
    pub incidents: Vec<IncidentThen>,
    /// Whether this machine could reach the page then; none: nobody tried.
    pub network: Option<bool>,
}

/// A component at that time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComponentThen {
    /// The page's key.
    pub id: ComponentId,
    /// The page's name, raw.
    pub name: String,
    /// How it was.
    pub level: Level,
    /// It became affected soon after: when, and how badly.
    pub followed: Option<(Timestamp, Level)>,
}

/// An incident at that time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncidentThen {
    /// The page's key.
    pub id: IncidentId,
    /// The title, raw.
    pub name: String,
    /// How far it had come then.
    pub phase: Phase,
    /// Whom it names.
    pub components: Vec<ComponentId>,
    /// When it began and ended, by the page.
    pub began: Option<Timestamp>,
    /// See `began`.
    pub ended: Option<Timestamp>,
    /// It was posted only after that time, or began soon after.
    pub afterwards: bool,
}

/// The components on a path, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Light {
    /// At least one was affected, this badly at worst.
    Affected(Level),
    /// All were operational and no incident named them.
    Green,
    /// Nobody knows, or the page says nothing about this path.
    NotKnown,
}

impl PageThen {
    /// Nothing is known.
    pub fn unknown(at: Timestamp) -> Self {
        let (components, incidents) = (Vec::new(), Vec::new());
        Self { at, source: PageSource::None, components, incidents, network: None }
    }

    /// How the components on `path` were.
    pub fn light(&self, path: Path) -> Light {
        let relevant: Vec<&ComponentThen> = self.on(path).collect();
        let worst = relevant
            .iter()
            .map(|c| c.level)
            .filter(|level| level.is_worse_than(Level::Operational) && *level != Level::Unknown)
            .max_by_key(|level| level.severity());
        if let Some(level) = worst {
            return Light::Affected(level);
        }
        if self.incidents_on(path).any(|i| i.phase.is_active() || i.afterwards) {
            return Light::Affected(Level::Reported);
        }
        let known = relevant.iter().all(|c| c.level == Level::Operational);
        if known && !relevant.is_empty() { Light::Green } else { Light::NotKnown }
    }

    /// The components on `path`.
    pub fn on(&self, path: Path) -> impl Iterator<Item = &ComponentThen> {
        let names: Vec<String> = path.components().iter().map(|name| plain_name(name)).collect();
        self.components.iter().filter(move |c| names.contains(&plain_name(&c.name)))
    }

    /// The incidents that name a component on `path`.
    pub fn incidents_on(&self, path: Path) -> impl Iterator<Item = &IncidentThen> {
        let ids: Vec<&ComponentId> = self.on(path).map(|c| &c.id).collect();
        self.incidents.iter().filter(move |i| i.components.iter().any(|id| ids.contains(&id)))
    }

    /// When the page followed: the first time soon after that a component on `path` became
    /// affected, and how badly.
    pub fn followed(&self, path: Path) -> Option<(Timestamp, Level)> {
        self.on(path).filter_map(|c| c.followed).min_by_key(|(at, _)| *at)
    }

    /// Whether the page had trouble with logging in: an open incident that says so, or claude.ai
    /// itself, which logs everybody in.
    pub fn login_trouble(&self) -> bool {
        let says = |i: &IncidentThen| {
            let name = i.name.to_lowercase();
            let words = ["login", "log in", "logging in", "sign in", "signing in", "oauth", "auth"];
            words.iter().any(|word| name.contains(word))
        };
        let claude_ai = |c: &ComponentThen| {
            plain_name(&c.name) == "claude.ai" && c.level.is_at_least(Level::Degraded)
        };
        self.components.iter().any(claude_ai)
            || self.incidents.iter().any(|i| (i.phase.is_active() || i.afterwards) && says(i))
    }
}

/// What the page said at `at`, as well as `past` tells.
pub fn page_at(at: Timestamp, past: &Past<'_>) -> PageThen {
    let seen = past
        .looks
        .iter()
        .any(|look| look.outcome == Outcome::Good && apart(look.at, at) <= past.stale_after);
    let listed = past.whole_since.is_some_and(|since| since <= at)
        && past.listed_at.is_some_and(|read| read >= at);
    let incidents: Vec<IncidentThen> =
        past.incidents.iter().filter_map(|incident| incident_then(at, incident)).collect();
    let level = |component: &Component| {
        let posted = level_posted(at, &component.id, past.incidents, listed);
        match seen {
            true if past.live => worse(component.level, posted),
            true => Some(level_seen(at, component, past.transitions))
                .filter(|level| *level != Level::Unknown)
                .unwrap_or(posted),
            false => posted,
        }
    };
    let then = |c: &Component| ComponentThen {
        id: c.id.clone(),
        name: c.name.clone(),
        level: level(c),
        followed: followed(at, &c.id, past.transitions),
    };
    let components: Vec<ComponentThen> = past.components.iter().map(then).collect();
    let source = match (seen, listed || !incidents.is_empty()) {
        (true, _) if past.live => PageSource::Live,
        (true, _) => PageSource::Readings,
        (false, true) => PageSource::Incidents,
        (false, false) => PageSource::None,
    };
    PageThen { at, source, components, incidents, network: network(at, past) }
}

/// The page's list holds no more incidents than this, the newest.
const LISTED: usize = 50;

/// Since when the incidents that were written down are whole, without a hole up to `listed_at`,
/// when the list was read last. `watches` are the times in which the page could be seen, oldest
/// first; each began with a reading of the list, and missed nothing that was posted in it.
pub fn whole_since(
    incidents: &[Incident],
    watches: &[(Timestamp, Timestamp)],
    listed_at: Timestamp,
) -> Option<Timestamp> {
    let mut posted: Vec<Timestamp> = incidents.iter().filter_map(|i| i.created_at).collect();
    posted.sort_by_key(|at| std::cmp::Reverse(*at));
    let mut read_at = listed_at;
    let mut whole = None;
    loop {
        let listed = posted.iter().filter(|at| **at <= read_at).take(LISTED);
        let Some(oldest) = listed.last() else { return whole };
        whole = Some(*oldest);
        let watched = |watch: &&(Timestamp, Timestamp)| watch.0 < *oldest && *oldest <= watch.1;
        let Some(watch) = watches.iter().find(watched) else { return whole };
        read_at = watch.0;
        whole = Some(read_at);
    }
}

/// From ccwatch's own readings: the newest change before, or what the first change after left.
fn level_seen(at: Timestamp, component: &Component, transitions: &[Transition]) -> Level {
    let own = || transitions.iter().filter(|t| t.component == component.id);
    let before = own().rfind(|t| t.at <= at).map(|t| t.to);
    let left = || own().find(|t| t.at > at).map(|t| t.from);
    before.or_else(left).unwrap_or_else(|| {
        // No change was ever written down: as it is now, it always was.
        if component.since <= at { component.level } else { Level::Unknown }
    })
}

/// The first change to the worse soon after `at`.
fn followed(
    at: Timestamp,
    id: &ComponentId,
    transitions: &[Transition],
) -> Option<(Timestamp, Level)> {
    let soon = after(at, FOLLOWS);
    let worse = |t: &&Transition| {
        t.component == *id && t.at > at && t.at <= soon && t.to.is_worse_than(Level::Maintenance)
    };
    transitions.iter().find(worse).map(|t| (t.at, t.to))
}

/// The worse of two levels; what is not known counts only where the other is no trouble.
fn worse(now: Level, posted: Level) -> Level {
    if posted.is_worse_than(Level::Operational)
        && (posted.is_worse_than(now) || now == Level::Unknown)
    {
        posted
    } else {
        now
    }
}

/// From incidents alone: what the newest update by then set, or what its phase means.
fn level_posted(at: Timestamp, id: &ComponentId, all: &[Incident], listed: bool) -> Level {
    let mut worst = if listed { Level::Operational } else { Level::Unknown };
    for incident in all.iter().filter(|i| i.names(id) && covers(i, at)) {
        let by_then = || incident.updates.iter().filter(|u| u.created_at.is_some_and(|c| c <= at));
        let newest = by_then().max_by_key(|u| u.created_at);
        let status = |changes: &[super::model::Change]| -> Option<PageStatus> {
            changes.iter().find(|change| change.component == *id).map(|change| change.new.clone())
        };
        let set = newest.and_then(|update| status(&update.changes)).map(|status| status.level());
        let active = newest.is_none_or(|update| update.phase.is_active());
        let level = match set {
            Some(level) if level.is_worse_than(Level::Operational) => level,
            _ if active => Level::Reported,
            _ => Level::Operational,
        };
        if level.is_worse_than(worst) || worst == Level::Unknown {
            worst = level;
        }
    }
    worst
}

fn incident_then(at: Timestamp, incident: &Incident) -> Option<IncidentThen> {
    let soon = after(at, FOLLOWS);
    if !(covers(incident, at) || incident.began().is_some_and(|b| b > at && b <= soon)) {
        return None;
    }
    let newest = incident
        .updates
        .iter()
        .filter(|update| update.created_at.is_some_and(|created| created <= at))
        .max_by_key(|update| update.created_at);
    let first = incident.updates.iter().filter_map(|update| update.created_at).min();
    let posted = first.or(incident.created_at);
    let afterwards = posted.is_some_and(|posted| posted > at);
    let phase = newest.map(|update| update.phase.clone());
    Some(IncidentThen {
        id: incident.id.clone(),
        name: incident.name.clone(),
        phase: phase.unwrap_or(Phase::Investigating),
        components: incident.components.iter().cloned().collect(),
        began: incident.began(),
        ended: incident.resolved_at,
        afterwards,
    })
}

/// Whether its time, as the page gives it, includes `at`.
fn covers(incident: &Incident, at: Timestamp) -> bool {
    let ended = incident
        .resolved_at
        .or_else(|| incident.phase.is_over().then(|| incident.newest_update_at()).flatten());
    incident.began().is_some_and(|began| began <= at) && ended.is_none_or(|ended| at <= ended)
}

/// Whether this machine could reach the page, by the poll nearest to `at`.
fn network(at: Timestamp, past: &Past<'_>) -> Option<bool> {
    let near = past.looks.iter().filter(|look| apart(look.at, at) <= past.stale_after);
    let nearest = near.min_by_key(|look| apart(look.at, at))?;
    match nearest.outcome {
        Outcome::Good => Some(true),
        Outcome::NoNetwork => Some(false),
        Outcome::Failed => None,
    }
}

fn apart(a: Timestamp, b: Timestamp) -> Duration {
    between(a, b).max(between(b, a))
}

/// The window around `at` from which readings are worth having.
pub fn window(at: Timestamp, stale_after: Duration) -> (Timestamp, Timestamp) {
    let back = jiff::SignedDuration::try_from(stale_after).unwrap_or_default();
    (at.saturating_sub(back).unwrap_or(at), after(at, stale_after))
}

#[cfg(test)]
mod tests;
