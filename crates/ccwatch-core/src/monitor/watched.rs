//! Which components there are, and which of them are watched.

use alloc::borrow::ToOwned;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;

use jiff::Timestamp;

use crate::model::{ComponentId, PageComponent, Snapshot};
use crate::notice::kind::Kind;
use crate::notice::reason::Reason;
use crate::settings::{plain_name, short_name};
use crate::state::component::Component;
use crate::state::watchlist::{Fit, fit, own_name};
use crate::text;

use super::Monitor;

impl Monitor {
    /// Makes room for components that are new, in the page's order, and finds who is watched. Tells
    /// of those whose name is another one, once.
    pub(super) fn register_new(
        &mut self,
        now: Timestamp,
        snapshot: &Snapshot,
        rows: &BTreeMap<&ComponentId, usize>,
    ) {
        let known: BTreeSet<ComponentId> =
            self.state.components.iter().map(|c| c.id.clone()).collect();
        let new = snapshot.components.iter().filter(|row| !known.contains(&row.id));
        self.state.components.extend(new.map(|row| Component::new(row.id.clone(), now)));
        let mut renamed = Vec::new();
        for component in &mut self.state.components {
            if let Some(row) = rows.get(&component.id).and_then(|at| snapshot.components.get(*at)) {
                if is_renamed(component, row) {
                    renamed.push((component.id.clone(), component.name.clone()));
                }
                component.name.clone_from(&row.name);
                component.group.clone_from(&row.group);
            }
        }
        self.state.components.sort_by_key(|c| rows.get(&c.id).copied().unwrap_or(usize::MAX));
        self.state.rewatch(|component| rows.contains_key(&component.id));
        self.hand_over(&known, rows);
        self.tell_renamed(now, &renamed);
        self.tell_split(now, &known, rows);
    }

    /// Watched components that the page calls something else: they stay watched.
    fn tell_renamed(&mut self, now: Timestamp, renamed: &[(ComponentId, String)]) {
        let old = |c: &Component| renamed.iter().find(|(id, _)| c.watched.is_some() && *id == c.id);
        let places = self.places(|component| old(component).is_some());
        let reason = self.judge_other(now, Kind::Renamed, Reason::Renamed);
        if places.is_empty() || !reason.tells() {
            return;
        }
        let about = places.iter().filter_map(|at| self.state.components.get(*at));
        let names: Vec<(String, String)> = about
            .filter_map(|component| {
                let (_, old) = old(component)?;
                Some((short_name(old).to_owned(), short_name(&component.name).to_owned()))
            })
            .collect();
        let draft = self.draft(Kind::Renamed, reason, &places);
        self.send(now, draft, text::renamed(&names));
    }

    /// An entry that means new components now, as parts of what it meant before.
    fn tell_split(
        &mut self,
        now: Timestamp,
        known: &BTreeSet<ComponentId>,
        rows: &BTreeMap<&ComponentId, usize>,
    ) {
        let entries: BTreeSet<String> = known
            .iter()
            .filter(|id| !rows.contains_key(id))
            .filter_map(|id| self.state.components.iter().find(|c| c.id == *id)?.watched.clone())
            .filter(|entry| !entry.is_empty())
            .collect();
        for entry in entries {
            let part = |c: &Component| {
                !known.contains(&c.id) && c.watched.as_ref() == Some(&entry) && is_part(c)
            };
            let places = self.places(part);
            let reason = self.judge_other(now, Kind::Renamed, Reason::Renamed);
            if places.is_empty() || !reason.tells() {
                continue;
            }
            let about = places.iter().filter_map(|at| self.state.components.get(*at));
            let names: Vec<String> = about.map(|c| c.name.trim().to_owned()).collect();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let draft = self.draft(Kind::Renamed, reason, &places);
            self.send(now, draft, text::split(&entry, &names));
        }
    }

    /// A component that the page lists under another id all at once is the same one to the user:
    /// who was told of its outage is told how that goes on.
    fn hand_over(&mut self, known: &BTreeSet<ComponentId>, rows: &BTreeMap<&ComponentId, usize>) {
        let (mut new, mut old): (Vec<_>, Vec<_>) =
            self.state.components.iter_mut().partition(|component| !known.contains(&component.id));
        for heir in &mut new {
            let Some(entry) = heir.watched.clone().filter(|entry| !entry.is_empty()) else {
                continue;
            };
            let moved = old.iter_mut().find(|old| {
                let gone = !rows.contains_key(&old.id) && old.episode().is_some();
                gone && old.watched.as_ref() == Some(&entry)
            });
            if let Some(old) = moved {
                heir.inherit(old);
            }
        }
    }
}

/// Whether the page calls it something else, beyond what stands in a parenthesis or before it.
fn is_renamed(component: &Component, row: &PageComponent) -> bool {
    let old = own_name(&component.name, component.group.as_ref());
    let new = own_name(&row.name, row.group.as_ref());
    !old.is_empty() && !new.is_empty() && plain_name(old) != plain_name(new)
}

/// Whether it is watched as a part of what the entry says.
fn is_part(component: &Component) -> bool {
    let entry = component.watched.as_deref().unwrap_or_default();
    fit(entry, &component.id.0, &component.name, component.group.as_ref()) == Some(Fit::Part)
}
