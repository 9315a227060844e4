//! Which components there are, and which of them are watched.

use alloc::collections::{BTreeMap, BTreeSet};
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
        let known: BTreeSet<ComponentId> =
            self.state.components.iter().map(|c| c.id.clone()).collect();
        let new = snapshot.components.iter().filter(|row| !known.contains(&row.id));
        self.state.components.extend(new.map(|row| Component::new(row.id.clone(), now)));
        for component in &mut self.state.components {
            if let Some(row) = rows.get(&component.id).and_then(|at| snapshot.components.get(*at)) {
                component.name.clone_from(&row.name);
            }
        }
        self.state.components.sort_by_key(|c| rows.get(&c.id).copied().unwrap_or(usize::MAX));
        self.state.rewatch();
        self.hand_over(&known, rows);
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
