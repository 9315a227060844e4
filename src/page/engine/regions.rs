//! What the feeds share that tell of incidents alone: the components are what was asked for, one a
//! region, and an incident makes them red.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::lenient::Oddities;
use ccwatch_core::model::{
    Change, ComponentId, Impact, Incident, IncidentId, PageComponent, PageStatus, Phase, Snapshot,
    Update,
};

/// The word for the status of a component that an incident may mean, in words not understood.
const NOT_UNDERSTOOD: &str = "not understood";
/// The longest id of an incident that is kept.
const MAX_ID: usize = 64;

/// An incident of a feed, with how it leaves each component that it names.
#[derive(Debug)]
pub(super) struct Event {
    /// The feed's key.
    pub id: String,
    /// The title, raw.
    pub title: String,
    /// When it began.
    pub began: Option<Timestamp>,
    /// When it ended; `Some(None)`: it did, at a time that isn't known.
    pub ended: Option<Option<Timestamp>>,
    /// What it does to the components that it names.
    pub effects: Vec<(ComponentId, Effect)>,
    /// Its updates, in any order.
    pub updates: Vec<(Option<Timestamp>, String)>,
}

/// How an open incident leaves a component, in the order in which they outdo each other. What can't
/// be told outdoes what would leave it green, and nothing that is known to be red.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Effect {
    /// Named, in no words that say how bad it is: the component is *reported*.
    Named,
    /// Nobody can tell.
    Unclear,
    /// Slow or flaky.
    Degraded,
    /// Down for some.
    Partial,
    /// Down.
    Major,
}

impl Effect {
    /// What it makes of the component's status.
    fn status(self) -> PageStatus {
        match self {
            Self::Named => PageStatus::Operational,
            Self::Degraded => PageStatus::Degraded,
            Self::Partial => PageStatus::Partial,
            Self::Major => PageStatus::Major,
            Self::Unclear => PageStatus::Other(NOT_UNDERSTOOD.to_owned()),
        }
    }

    /// How bad an incident is that does this at worst.
    fn impact(self) -> Impact {
        match self {
            Self::Named | Self::Unclear => Impact::None,
            Self::Degraded => Impact::Minor,
            Self::Partial => Impact::Major,
            Self::Major => Impact::Critical,
        }
    }
}

/// A component that is looked at: its id and its name.
pub(super) type Watched = (ComponentId, String);

/// The page as its events show it. `unclear` are those that something may concern that wasn't
/// understood.
pub(super) fn snapshot(
    watched: &[Watched],
    events: Vec<Event>,
    unclear: &[ComponentId],
    oddities: Oddities,
) -> Snapshot {
    let open: Vec<Event> = events.into_iter().filter(|event| event.ended.is_none()).collect();
    let status = |id: &ComponentId| {
        let effects = open.iter().flat_map(|event| &event.effects);
        let named = effects.filter(|(named, _)| named == id).map(|(_, effect)| *effect);
        let unclear = unclear.contains(id).then_some(Effect::Unclear);
        named.chain(unclear).max().map_or(PageStatus::Operational, Effect::status)
    };
    let component = |(id, name): &Watched| PageComponent {
        id: id.clone(),
        name: name.clone(),
        group: None,
        status: status(id),
        updated_at: None,
    };
    Snapshot {
        updated_at: None,
        components: watched.iter().map(component).collect(),
        complete: true,
        incidents: Some(incidents(open)),
        incidents_complete: unclear.is_empty(),
        maintenances: None,
        maintenances_complete: false,
        oddities: oddities.into_lines(),
    }
}

/// The events as incidents, one for each id.
pub(super) fn incidents(events: Vec<Event>) -> Vec<Incident> {
    let mut merged: Vec<Event> = Vec::new();
    for event in events {
        match merged.iter_mut().find(|known| known.id == event.id) {
            None => merged.push(event),
            Some(_) if event.ended.is_some() => {}
            Some(over) if over.ended.is_some() => *over = event,
            Some(open) => open.effects.extend(event.effects),
        }
    }
    merged.into_iter().map(incident).collect()
}

/// An event as an incident. Feeds have no phases: what is open is being looked into.
fn incident(event: Event) -> Incident {
    let phase = if event.ended.is_some() { Phase::Resolved } else { Phase::Investigating };
    let components: BTreeSet<ComponentId> =
        event.effects.iter().map(|(id, _)| id.clone()).collect();
    let worst = event.effects.iter().map(|(_, effect)| *effect).max();
    let mut updates: Vec<Update> = event
        .updates
        .into_iter()
        .map(|(created_at, body)| Update {
            id: String::new(),
            phase: Phase::Investigating,
            body,
            created_at,
            changes: Vec::new(),
        })
        .collect();
    updates.sort_by_key(|update| std::cmp::Reverse(update.created_at));
    if let Some(newest) = updates.first_mut() {
        newest.phase = phase.clone();
        newest.changes = changes(&event.effects, event.ended.is_some());
    }
    Incident {
        id: IncidentId(event.id),
        name: event.title,
        phase,
        impact: worst.map_or(Impact::None, Effect::impact),
        created_at: event.began,
        started_at: event.began,
        updated_at: updates.iter().filter_map(|update| update.created_at).max().or(event.began),
        resolved_at: event.ended.flatten(),
        meant: components.clone(),
        components,
        updates,
    }
}

/// What the newest update of an event says about its components.
fn changes(effects: &[(ComponentId, Effect)], ended: bool) -> Vec<Change> {
    let after = |effect: Effect| if ended { PageStatus::Operational } else { effect.status() };
    let change = |(id, effect): &(ComponentId, Effect)| Change {
        component: id.clone(),
        new: after(*effect),
    };
    effects.iter().map(change).collect()
}

/// The last letters and digits of a feed's key, as our ids have them: keys differ at their ends.
pub(super) fn id(key: &str) -> String {
    let plain: Vec<char> = key.chars().filter(char::is_ascii_alphanumeric).collect();
    plain.iter().skip(plain.len().saturating_sub(MAX_ID)).collect()
}

/// A feed's text without its markup.
pub(super) fn plain(markup: &str) -> String {
    let mut text = String::with_capacity(markup.len());
    let mut rest = markup;
    while let Some((before, tag)) = rest.split_once('<') {
        text.push_str(before);
        // A lone "<" is no tag.
        let Some((_, after)) = tag.split_once('>') else {
            rest = tag;
            text.push('<');
            continue;
        };
        rest = after;
    }
    text.push_str(rest);
    text.trim().to_owned()
}
