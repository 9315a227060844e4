//! What of the page at a time concerns the user: what is filtered, whom the user watches, and the
//! announced work that went on.

use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;

use jiff::Timestamp;

use super::{ComponentThen, IncidentThen, PageThen, Past, covers};
use crate::decide::models;
use crate::model::{ComponentId, Incident, IncidentId, Level, Phase};
use crate::route::Path;
use crate::settings::Settings;
use crate::state::component::{Component, State};
use crate::state::filter::Filter;
use crate::state::maintenance::KnownMaintenance;
use crate::state::titles::products;
use crate::state::watchlist::{fit, own_name};

/// Announced work that went on at that time, whatever the light.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkThen {
    /// The page's key.
    pub id: IncidentId,
    /// The title, raw.
    pub name: String,
    /// How far it had come then.
    pub phase: Phase,
    /// Whom it names.
    pub components: Vec<ComponentId>,
    /// When it was to be over, by the newest plan that is known.
    pub scheduled_until: Option<Timestamp>,
}

/// Trouble that the page showed and that doesn't concern the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilteredThen {
    /// How bad it was.
    pub level: Level,
    /// Why it doesn't concern the user.
    pub filter: Filter,
    /// The models that its incidents name; may be empty.
    pub models: String,
    /// The title of an incident that explains it, raw.
    pub incident: Option<String>,
}

impl PageThen {
    /// The same with what the user doesn't want to hear of marked as filtered.
    #[must_use]
    pub fn filtered_by(mut self, settings: &Settings) -> Self {
        for component in &mut self.components {
            component.filtered = filter(component, &self.incidents, settings);
        }
        for incident in &mut self.incidents {
            incident.nameless &= !models::only_others(&incident.name, &settings.models);
        }
        self
    }

    /// The worst of what is filtered on `path`.
    pub fn filtered_on(&self, path: Path) -> Option<FilteredThen> {
        let filtered = self.on(path).filter_map(|c| Some((c, c.filtered?)));
        let (component, filter) =
            filtered.max_by_key(|(c, _)| trouble(c, &self.incidents).severity())?;
        let mut names: Vec<String> =
            naming(component, &self.incidents).map(|i| models::shown(&i.name)).collect();
        names.retain(|name| !name.is_empty());
        names.sort_unstable();
        names.dedup();
        Some(FilteredThen {
            level: trouble(component, &self.incidents),
            filter,
            models: names.join(", "),
            incident: naming(component, &self.incidents).next().map(|i| i.name.clone()),
        })
    }

    /// The announced work that went on for a component on `path`, or for none by name.
    pub fn works_on(&self, path: Path) -> impl Iterator<Item = &WorkThen> {
        let ids: Vec<&ComponentId> = self.on(path).map(|c| &c.id).collect();
        self.works.iter().filter(move |work| {
            work.components.is_empty() || work.components.iter().any(|id| ids.contains(&id))
        })
    }

    /// Those that the user watches: who answered to an entry then, else what it would mean now.
    pub fn watched(&self, settings: &Settings) -> Vec<&ComponentThen> {
        let meant = |entry: &String| -> Vec<&ComponentId> {
            let answered = self.components.iter().filter(|c| c.watched.as_ref() == Some(entry));
            let answered: Vec<&ComponentId> = answered.map(|c| &c.id).collect();
            let fit = |c: &ComponentThen| fit(entry, &c.id.0, &c.name, c.group.as_ref());
            match self.components.iter().filter_map(fit).min() {
                Some(best) if answered.is_empty() => {
                    let those = self.components.iter().filter(|c| fit(c) == Some(best));
                    those.map(|c| &c.id).collect()
                }
                Some(_) | None => answered,
            }
        };
        let ids: BTreeSet<&ComponentId> = settings.watch.iter().flat_map(meant).collect();
        let is = |c: &&ComponentThen| settings.watch.is_empty() || ids.contains(&c.id);
        self.components.iter().filter(is).collect()
    }
}

/// The incidents that name a component.
fn naming<'a>(
    component: &'a ComponentThen,
    incidents: &'a [IncidentThen],
) -> impl Iterator<Item = &'a IncidentThen> {
    incidents.iter().filter(|incident| incident.components.contains(&component.id))
}

/// Whom an incident names; where it names nobody, the product that its title names.
pub(super) fn named(incident: &Incident, components: &[Component]) -> Vec<ComponentId> {
    if !incident.components.is_empty() {
        return incident.components.iter().cloned().collect();
    }
    let names: Vec<&str> = components.iter().map(|c| own_name(&c.name, c.group.as_ref())).collect();
    let named = products(&incident.name, &names).into_iter().zip(components);
    named.filter(|(named, _)| *named).map(|(_, component)| component.id.clone()).collect()
}

/// The worst that the page showed of a component at that time, or soon after.
fn trouble(component: &ComponentThen, incidents: &[IncidentThen]) -> Level {
    let reported = naming(component, incidents).any(|i| i.phase.is_active() || i.afterwards);
    let reported = reported.then_some(Level::Reported);
    let followed = component.followed.map(|(_, level)| level);
    let levels = [Some(component.level), followed, reported].into_iter().flatten();
    levels.max_by_key(|level| level.severity()).unwrap_or(Level::Unknown)
}

fn filter(
    component: &ComponentThen,
    incidents: &[IncidentThen],
    settings: &Settings,
) -> Option<Filter> {
    let level = trouble(component, incidents);
    if !level.is_worse_than(Level::Operational) {
        return None;
    }
    let mut named = naming(component, incidents).peekable();
    let others = named.peek().is_some()
        && named.all(|incident| models::only_others(&incident.name, &settings.models));
    // What was worse before was told, and its end is waited for, unless the light is green by now.
    let was_worse = component.worst.filter(|_| level != Level::Reported);
    let wanted =
        settings.wants_level(level) || was_worse.is_some_and(|it| settings.wants_level(it));
    match (others, wanted) {
        (true, _) => Some(Filter::OtherModels),
        (false, false) => Some(Filter::BelowMinLevel),
        (false, true) => None,
    }
}

/// The worst of the time away in which a component was at `at`, that of now or the last one.
pub(super) fn worst_away(at: Timestamp, component: &Component) -> Option<Level> {
    let now = component.episode().filter(|episode| episode.since <= at);
    let last = || match component.state {
        State::Up { ended: Some(ended) } if at <= ended => component.last_episode.as_ref(),
        _ => None,
    };
    now.map(|episode| episode.worst)
        .or_else(|| last().filter(|last| last.since <= at).map(|last| last.worst))
}

/// Whether an incident names neither a component nor a product, and the page says that it is a bad one.
pub(super) fn is_nameless(incident: &Incident, components: &[Component]) -> bool {
    incident.impact.is_bad() && named(incident, components).is_empty()
}

/// The announced work that went on at `at`: that of now with its plan, and that of the past.
pub(super) fn works(at: Timestamp, until: Option<Timestamp>, past: &Past<'_>) -> Vec<WorkThen> {
    let planned = |incident: &&Incident| past.works.iter().all(|known| *known.id() != incident.id);
    let of_the_past = past.incidents.iter().filter(|i| i.phase.is_of_announced_work());
    let of_the_past = of_the_past.filter(planned).map(|incident| (incident, None));
    let of_now = past.works.iter().map(|known| (&known.page.work, Some(known)));
    of_now
        .chain(of_the_past)
        .filter_map(|(work, known)| work_then(at, until, work, known))
        .collect()
}

fn work_then(
    at: Timestamp,
    until: Option<Timestamp>,
    work: &Incident,
    known: Option<&KnownMaintenance>,
) -> Option<WorkThen> {
    let by_then = work.updates.iter().filter(|u| u.created_at.is_some_and(|created| created <= at));
    let newest = by_then.max_by_key(|update| update.created_at).map(|update| &update.phase);
    // A page that gives no updates says how far it has come, and nothing more.
    let phase = if work.updates.is_empty() { Some(&work.phase) } else { newest }?;
    let ended = known.and_then(|known| known.ended.as_ref()).map(|ended| ended.at);
    let goes_on = phase.is_under_way()
        && ended.is_none_or(|ended| at <= ended)
        && covers(work, at, until.max(ended));
    goes_on.then(|| WorkThen {
        id: work.id.clone(),
        name: work.name.clone(),
        phase: phase.clone(),
        components: work.components.iter().cloned().collect(),
        scheduled_until: known.and_then(|known| known.page.scheduled_until),
    })
}
