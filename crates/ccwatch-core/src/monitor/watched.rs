//! Which components there are, and which of them are watched.

use alloc::borrow::ToOwned;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;

use jiff::Timestamp;

use crate::model::{ComponentId, Snapshot};
use crate::state::component::Component;

use super::Monitor;

impl Monitor {
    /// Makes room for components that are new, in the page's order, and finds who is watched.
    pub(super) fn register_new(
        &mut self,
        now: Timestamp,
        snapshot: &Snapshot,
        rows: &BTreeMap<&ComponentId, usize>,
    ) {
        let known: BTreeSet<ComponentId> = self.components.iter().map(|c| c.id.clone()).collect();
        let new = snapshot.components.iter().filter(|row| !known.contains(&row.id));
        self.components.extend(new.map(|row| Component::new(row.id.clone(), now)));
        for component in &mut self.components {
            if let Some(row) = rows.get(&component.id).and_then(|at| snapshot.components.get(*at)) {
                component.name.clone_from(&row.name);
            }
        }
        self.components.sort_by_key(|c| rows.get(&c.id).copied().unwrap_or(usize::MAX));
        self.rewatch();
        self.hand_over(&known, rows);
    }

    /// A component that the page lists under another id all at once is the same one to the user:
    /// who was told of its outage is told how that goes on.
    fn hand_over(&mut self, known: &BTreeSet<ComponentId>, rows: &BTreeMap<&ComponentId, usize>) {
        let (mut new, mut old): (Vec<_>, Vec<_>) =
            self.components.iter_mut().partition(|component| !known.contains(&component.id));
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

    /// Finds who is watched. Who once answered to an entry stays watched over a renaming.
    pub(super) fn rewatch(&mut self) {
        let settings = &self.settings;
        for component in &mut self.components {
            let kept = component.watched.take().filter(|entry| settings.watch.contains(entry));
            component.watched = kept.or_else(|| {
                settings.watch_entry(&component.id.0, &component.name).map(str::to_owned)
            });
        }
        let matched = |entry: &&String| {
            self.components.iter().any(|component| component.watched.as_ref() == Some(*entry))
        };
        self.page_health.unmatched = match self.components.is_empty() {
            true => Vec::new(),
            false => settings.watch.iter().filter(|entry| !matched(entry)).cloned().collect(),
        };
    }
}
