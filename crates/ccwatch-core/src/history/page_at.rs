//! What the page said at a time that is over, from what was written down since.
//!
//! Own readings come first: a change of level that ccwatch saw, between two readings that worked.
//! Where it was not looking, the page's incidents with their updates stand in for them. Where
//! those don't reach back far enough the answer is "not known", never "green".

mod concern;
mod sight;
mod then;

use alloc::vec::Vec;
use core::time::Duration;

use jiff::Timestamp;

use crate::model::{ComponentId, Incident, Level, PageStatus, Phase, Update};
use crate::monitor::Transition;
use crate::state::component::Component;
use crate::state::maintenance::KnownMaintenance;
use crate::time::{after, between};
pub use concern::{FilteredThen, WorkThen};
use sight::{Sight, speaks_between};
pub(crate) use then::is_on;
pub use then::{Before, ComponentThen, IncidentThen, Light, PageSource, PageThen, WayThen};

/// The page often follows the first errors only minutes later.
pub const FOLLOWS: Duration = Duration::from_secs(30 * 60);
/// A look so soon after the time in question is a look at that time, whatever two clocks say.
const SAME_MOMENT: Duration = Duration::from_secs(15);

/// Everything that was written down and matters.
#[derive(Debug, Clone, Copy)]
pub struct Past<'a> {
    /// The components as they are known now.
    pub components: &'a [Component],
    /// Changes of level, those of each component oldest first: the last one up to the time in
    /// question, the first one after it, and those that followed within [`FOLLOWS`]; more do no harm.
    pub transitions: &'a [Transition],
    /// Readings around the time in question.
    pub looks: &'a [Look],
    /// Incidents, with those that were open at the time.
    pub incidents: &'a [Incident],
    /// Announced work, as it is known now.
    pub works: &'a [KnownMaintenance],
    /// Since when the list of incidents is whole; none: it is not at all.
    pub whole_since: Option<Timestamp>,
    /// When the list of incidents was read last.
    pub listed_at: Option<Timestamp>,
    /// When the page was read last, with the incidents that were open.
    pub read_at: Option<Timestamp>,
    /// How often the page is polled.
    pub interval: Duration,
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
            "dns" | "connect" | "proxy" => Self::NoNetwork,
            _ => Self::Failed,
        }
    }
}

/// What the page said at `at`, as well as `past` tells.
pub fn page_at(at: Timestamp, past: &Past<'_>) -> PageThen {
    let sight = Sight::of(at, past);
    let listed = past.whole_since.is_some_and(|since| since <= at)
        && past.listed_at.is_some_and(|read| read >= at);
    let until = past.read_at.map(|read| after(read, past.stale_after)).max(past.listed_at);
    let then = |incident| incident_then(at, incident, until, past);
    // Announced work that goes on with a green light is no trouble; a component's own level says
    // where it is one.
    let troubles = || past.incidents.iter().filter(|i| !i.phase.is_of_announced_work());
    let incidents: Vec<IncidentThen> = troubles().filter_map(then).collect();
    let level = |component: &Component| {
        let id = &component.id;
        let covering = || troubles().filter(|i| covers(i, at, until));
        let posted = level_posted(at, id, covering(), listed);
        let seen = || level_seen(at, component, past.transitions);
        match sight {
            Sight::Then | Sight::Before if changed_since(at, component, past) => {
                posted_trouble(posted)
            }
            // The page's own word of now, with all that is known of its incidents.
            Sight::Then if sight::is_now(at, past) && component.level != Level::Unknown => {
                component.level
            }
            Sight::Then if past.live => worse(component.level, posted),
            Sight::Then | Sight::Before => {
                Some(seen()).filter(|level| *level != Level::Unknown).unwrap_or(posted)
            }
            // What the reading before already said of an incident is in what was seen.
            Sight::Between { before, .. } => {
                let news = covering().filter(|i| speaks_between(i, before, at));
                worse(seen(), level_posted(at, id, news, false))
            }
            // Red a moment before, and no incident says so: nobody knows how long it was.
            Sight::No if posted == Level::Operational && was_red_before(at, component, past) => {
                Level::Unknown
            }
            Sight::No => posted,
        }
    };
    let then = |c: &Component| ComponentThen {
        id: c.id.clone(),
        name: c.name.clone(),
        group: c.group.clone(),
        watched: c.watched.clone(),
        level: level(c),
        followed: followed(at, &c.id, past.transitions).or_else(|| now_affected(at, c, past)),
        worst: concern::worst_away(at, c),
        filtered: None,
    };
    let mut components: Vec<ComponentThen> = past.components.iter().map(then).collect();
    let source = match sight {
        Sight::Then if past.live => PageSource::Live,
        Sight::Then | Sight::Before => PageSource::Readings,
        Sight::Between { before, after } => PageSource::Between { before, after },
        Sight::No if listed || !incidents.is_empty() => PageSource::Incidents,
        Sight::No => PageSource::None,
    };
    let before =
        last_read_before(at, past).map(|read| Before { at: read, green: unsure(&mut components) });
    let works = concern::works(at, until, past);
    let network = network(at, past);
    PageThen { source, components, incidents, works, network, before, ..PageThen::unknown(at) }
}

/// The newest reading before `at`, where there is none at that time or after it.
fn last_read_before(at: Timestamp, past: &Past<'_>) -> Option<Timestamp> {
    let good = past.looks.iter().filter(|look| look.outcome == Outcome::Good);
    let near = good.filter(|look| look.at < at && apart(look.at, at) <= past.stale_after);
    let newest = near.map(|look| look.at).max();
    newest.filter(|_| !past.live && !is_attested(at, past))
}

/// Takes back what was green before and may no longer have been; says which components those are.
fn unsure(components: &mut [ComponentThen]) -> Vec<ComponentId> {
    let green = components.iter_mut().filter(|c| c.level == Level::Operational);
    let taken = green.map(|c| {
        c.level = Level::Unknown;
        c.id.clone()
    });
    taken.collect()
}

/// Whether a look of just now says nothing of how a component was at `at`: it changed after that,
/// or the page doesn't say when.
fn changed_since(at: Timestamp, component: &Component, past: &Past<'_>) -> bool {
    past.live && !sight::is_now(at, past) && component.updated_at.is_none_or(|changed| changed > at)
}

/// What a component became after `at`, where it is affected now.
fn now_affected(
    at: Timestamp,
    component: &Component,
    past: &Past<'_>,
) -> Option<(Timestamp, Level)> {
    let changed = component.updated_at.filter(|changed| *changed <= after(at, FOLLOWS))?;
    let affected = component.level.is_worse_than(Level::Maintenance);
    (affected && changed_since(at, component, past)).then_some((changed, component.level))
}

/// Whether the last reading before `at`, so short before that it still counts, showed it red.
fn was_red_before(at: Timestamp, component: &Component, past: &Past<'_>) -> bool {
    let good = past.looks.iter().filter(|look| look.outcome == Outcome::Good && look.at <= at);
    let last = good.map(|look| look.at).max();
    last.is_some_and(|last| {
        between(last, at) <= past.stale_after
            && level_seen(last, component, past.transitions).is_worse_than(Level::Maintenance)
    })
}

/// What incidents say; that they say nothing is not known to be green.
fn posted_trouble(posted: Level) -> Level {
    if posted.is_worse_than(Level::Operational) { posted } else { Level::Unknown }
}

/// When each of these incidents was posted, the newest first.
pub fn posted(incidents: &[Incident]) -> Vec<Timestamp> {
    let mut posted: Vec<Timestamp> = incidents.iter().filter_map(|i| i.created_at).collect();
    posted.sort_by_key(|at| core::cmp::Reverse(*at));
    posted
}

/// The page's list holds no more incidents than this, the newest.
const LISTED: usize = 50;

/// Since when the incidents that were written down are whole, without a hole up to `listed_at`,
/// when the list was read last. They were `posted` at these times, the newest first. `watches` are
/// the times in which the page could be seen, oldest first; each began with a reading of the list,
/// and missed nothing that was posted in it. Those that ended before the time that is asked about
/// may be left out.
pub fn whole_since(
    posted: &[Timestamp],
    watches: &[(Timestamp, Timestamp)],
    listed_at: Timestamp,
) -> Option<Timestamp> {
    let mut read_at = listed_at;
    let mut whole = None;
    loop {
        let newest = posted.partition_point(|at| *at > read_at);
        let mut listed = posted.iter().skip(newest).take(LISTED);
        let Some(oldest) = listed.next_back() else { return whole };
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

/// The worse of two levels; what is not known counts only where the other is no trouble. An incident
/// raises no light that the page shows in maintenance.
fn worse(now: Level, posted: Level) -> Level {
    let raises = posted.is_worse_than(now) || now == Level::Unknown;
    let in_work = now == Level::Maintenance && posted == Level::Reported;
    if posted.is_worse_than(Level::Operational) && raises && !in_work { posted } else { now }
}

/// From incidents of that time alone: what the newest update by then set, or what its phase means.
fn level_posted<'a>(
    at: Timestamp,
    id: &ComponentId,
    covering: impl Iterator<Item = &'a Incident>,
    listed: bool,
) -> Level {
    let mut worst = if listed { Level::Operational } else { Level::Unknown };
    for incident in covering.filter(|i| i.names(id) && !is_back(i, id, at)) {
        let by_then = || incident.updates.iter().filter(|u| u.created_at.is_some_and(|c| c <= at));
        let newest = by_then().max_by_key(|u| u.created_at);
        let set = newest.and_then(|update| set_to(update, id)).map(PageStatus::level);
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

/// What an update set a component to.
fn set_to<'a>(update: &'a Update, id: &ComponentId) -> Option<&'a PageStatus> {
    update.changes.iter().find(|change| change.component == *id).map(|change| &change.new)
}

/// Whether a component was back by then, by the incident's own updates: red in it, then operational.
fn is_back(incident: &Incident, id: &ComponentId, at: Timestamp) -> bool {
    let mut by_then: Vec<&Update> =
        incident.updates.iter().filter(|u| u.created_at.is_some_and(|c| c <= at)).collect();
    by_then.sort_by_key(|update| update.created_at);
    let set: Vec<&PageStatus> = by_then.iter().filter_map(|update| set_to(update, id)).collect();
    let well = set.last().is_some_and(|last| **last == PageStatus::Operational);
    well && set.iter().any(|status| status.is_red())
}

/// Whether a component was back by then, by what was read: red after the incident began, then
/// operational.
fn is_seen_back(at: Timestamp, incident: &Incident, id: &ComponentId, past: &Past<'_>) -> bool {
    let mut own = past.transitions.iter().filter(|t| t.component == *id);
    let last = own.rfind(|t| t.at <= at);
    let began = incident.began();
    last.is_some_and(|last| {
        let red = last.from.is_worse_than(Level::Reported);
        red && last.to == Level::Operational && began.is_some_and(|began| began <= last.at)
    })
}

fn incident_then(
    at: Timestamp,
    incident: &Incident,
    until: Option<Timestamp>,
    past: &Past<'_>,
) -> Option<IncidentThen> {
    let soon = after(at, FOLLOWS);
    if !(covers(incident, at, until) || incident.began().is_some_and(|b| b > at && b <= soon)) {
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
        components: concern::named(incident, past.components)
            .into_iter()
            .filter(|id| !is_back(incident, id, at) && !is_seen_back(at, incident, id, past))
            .filter(|id| !incident.phase.is_active() || !sight::is_well_now(at, id, past))
            .collect(),
        began: incident.began(),
        ended: incident.resolved_at,
        afterwards,
        nameless: concern::is_nameless(incident, past.components),
    })
}

/// Whether its time, as the page gives it, includes `at`. One that was open when it was read last
/// says nothing of times after `until`, up to which that is known.
fn covers(incident: &Incident, at: Timestamp, until: Option<Timestamp>) -> bool {
    let ended = incident
        .resolved_at
        .or_else(|| incident.phase.is_over().then(|| incident.newest_update_at()).flatten())
        .or(until);
    incident.began().is_some_and(|began| began <= at) && ended.is_some_and(|ended| at <= ended)
}

/// Whether something was read at `at` or after it, so that what is known of it is not only what
/// was so before.
pub fn is_attested(at: Timestamp, past: &Past<'_>) -> bool {
    let until = after(at, past.stale_after);
    let good = |look: &Look| look.outcome == Outcome::Good && look.at >= at && look.at <= until;
    past.looks.iter().any(good) || past.listed_at.is_some_and(|listed| listed >= at)
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
