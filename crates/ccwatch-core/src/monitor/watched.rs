//! Which components there are, and which of them are watched.

use alloc::borrow::ToOwned;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Reverse;

use jiff::Timestamp;

use crate::model::{ComponentId, Level, PageComponent, Snapshot};
use crate::notice::kind::{Kind, Reason};
use crate::settings::{plain_name, short_name};
use crate::state::component::{Component, Episode, State};
use crate::state::takes_place;
use crate::state::watchlist::{Fit, fit, goes_on, own_name, same};
use crate::text;

use super::Monitor;
use super::draft::Place;

/// Where the newest reading lists each component.
type Rows<'a> = BTreeMap<&'a ComponentId, usize>;

/// The components as they were before a reading.
type Before = BTreeMap<ComponentId, Component>;

impl Monitor {
    /// Makes room for components that are new, in the page's order, and finds who is watched. Tells
    /// of those whose name is another one, and of what took the place of others, once.
    pub(super) fn register_new(&mut self, now: Timestamp, snapshot: &Snapshot, rows: &Rows<'_>) {
        let copy = |c: &Component| (c.id.clone(), c.clone());
        let before: Before = self.state.components.iter().map(copy).collect();
        let new = snapshot.components.iter().filter(|row| !before.contains_key(&row.id));
        self.state.components.extend(new.map(|row| Component::new(row.id.clone(), now)));
        for component in &mut self.state.components {
            if let Some(row) = row_of(component, snapshot, rows) {
                component.name.clone_from(&row.name);
                component.group.clone_from(&row.group);
            }
        }
        self.state.components.sort_by_key(|c| rows.get(&c.id).copied().unwrap_or(usize::MAX));
        self.state.rewatch(|component| rows.contains_key(&component.id));
        self.adopt_parts(&before, rows);
        self.hand_over_red(&before, rows);
        self.hand_over(&before, snapshot, rows);
        self.split_outages(now, &before, snapshot, rows);
        let mut said = self.tell_moved(now, &before, rows);
        said.extend(self.tell_left_group(now, &before, rows));
        self.tell_renamed(now, &before, &said);
    }

    /// Watches what is new and goes on with the words of an entry that means nobody any more, as the
    /// page calls those now who answered to it: "Claude Code Web" for "Claude Code".
    fn adopt_parts(&mut self, before: &Before, rows: &Rows<'_>) {
        for entry in self.state.settings.watch.clone() {
            let answered = || before.values().filter(|old| answers(old, &entry));
            let listed = |c: &&Component| rows.contains_key(&c.id);
            let mut there = self.state.components.iter().filter(listed);
            if answered().next().is_none() || there.any(|c| is_its_own(c, &entry, before)) {
                continue;
            }
            // Whom an id meant has a name.
            let by_id = answered().filter(|old| fit_of(&entry, old) == Some(Fit::Id));
            let beginnings: Vec<String> =
                by_id.map(|old| short_name(own(old))).chain([entry.clone()]).collect();
            let goes_on = |c: &Component| {
                beginnings.iter().any(|it| goes_on(&c.name, it) || goes_on(own(c), it))
            };
            for component in &mut self.state.components {
                let free = component.watched.is_none() && !is_old(component, before);
                if free && goes_on(component) {
                    component.watched = Some(entry.clone());
                }
            }
        }
    }

    /// Watched components that the page calls something else: they stay watched.
    fn tell_renamed(&mut self, now: Timestamp, before: &Before, said: &[ComponentId]) {
        let old = |c: &Component| before.get(&c.id).filter(|old| is_renamed(old, c));
        let places =
            self.places(|c| c.watched.is_some() && old(c).is_some() && !said.contains(&c.id));
        let about = places.iter().filter_map(|at| self.state.components.get(*at));
        let names: Vec<(String, String)> =
            about.filter_map(|c| Some(both_names(old(c)?, c))).collect();
        self.send_renamed(now, &places, || text::renamed(&names));
    }

    /// Entries that mean something new, because the page lists that in place of what they meant, or
    /// beside it by the same words. Gives those who were told of.
    fn tell_moved(&mut self, now: Timestamp, before: &Before, rows: &Rows<'_>) -> Vec<ComponentId> {
        let mut said = Vec::new();
        for entry in self.state.settings.watch.clone() {
            let places = self.places(|c| answers(c, &entry) && rows.contains_key(&c.id));
            let about: Vec<&Component> =
                places.iter().filter_map(|at| self.state.components.get(*at)).collect();
            let Some(text) = self.moved(&entry, &about, before, rows) else { continue };
            said.extend(about.iter().map(|c| c.id.clone()));
            self.send_renamed(now, &places, || text);
        }
        said
    }

    /// Components that left a group which is watched: the user's word doesn't mean them any more. Where
    /// the group itself is gone they stay watched. Gives those who were told of.
    fn tell_left_group(
        &mut self,
        now: Timestamp,
        before: &Before,
        rows: &Rows<'_>,
    ) -> Vec<ComponentId> {
        let mut said = Vec::new();
        for entry in self.state.settings.watch.clone() {
            let by_group = |c: &Component| fit_of(&entry, c).is_some_and(Fit::is_by_group);
            let listed = |c: &Component| rows.contains_key(&c.id);
            let is_there = self.state.components.iter().any(|c| listed(c) && by_group(c));
            let was_in = |c: &Component| {
                before.get(&c.id).is_some_and(|old| answers(old, &entry) && by_group(old))
            };
            let left = |c: &Component| listed(c) && was_in(c) && fit_of(&entry, c).is_none();
            for awaited in [true, false] {
                let stands = |c: &Component| match awaited {
                    true => answers(c, &entry),
                    false => c.watched.is_none(),
                };
                let places = self.places(|c| left(c) && stands(c));
                let names = self.names(&places);
                let text = match is_there {
                    true => text::left_group(&entry, &names, awaited),
                    false => text::group_gone(&entry, &names),
                };
                let about = places.iter().filter_map(|at| self.state.components.get(*at));
                said.extend(about.map(|c| c.id.clone()));
                self.send_renamed(now, &places, || text);
            }
        }
        said
    }

    /// What there is to say of an entry that means these now.
    fn moved(
        &self,
        entry: &str,
        about: &[&Component],
        before: &Before,
        rows: &Rows<'_>,
    ) -> Option<text::Text> {
        let of_group = |c: &Component| fit_of(entry, c).is_some_and(Fit::is_by_group);
        let olds = meant_before(entry, before);
        let stays = |old: &Component| about.iter().any(|c| c.id == old.id);
        // A group may grow; but what was a component may become one.
        let left = olds.iter().any(|old| !is_gone(old) && !stays(old));
        let is_new = |c: &&&Component| {
            let meant = before.get(&c.id).is_some_and(|old| answers(old, entry));
            !meant && !olds.is_empty() && (left || !of_group(c))
        };
        let new = about.iter().find(is_new)?;
        let let_go = self.let_go(&olds, rows);
        let names = |all: &[&Component]| -> Vec<String> {
            all.iter().map(|c| c.shown_name().to_owned()).collect()
        };
        match (about, olds.as_slice()) {
            ([_], _) if !let_go.is_empty() => {
                Some(text::other_meant(new.shown_name(), &names(&let_go)))
            }
            // Under another id it is the same one to the user, and so it is called what the user
            // calls it: there is nothing to change.
            ([_], [old]) if plain_name(own(old)) == plain_name(own(new)) => None,
            ([_], _) if is_called(entry, new) => None,
            ([_], [old]) => Some(text::renamed(&[both_names(old, new)])),
            ([_], _) => Some(text::merged(&names(&olds), new.shown_name())),
            _ if is_same_list(&olds, about) => None,
            _ => {
                let by_id = olds.iter().find(|old| fit_of(entry, old) == Some(Fit::Id));
                Some(text::split(by_id.map_or(entry, |old| old.shown_name()), &names(about)))
            }
        }
    }

    /// Those of `olds` that the page still lists and that nobody watches any more: it calls something
    /// else by the user's words.
    fn let_go(&self, olds: &[&Component], rows: &Rows<'_>) -> Vec<&Component> {
        let those = |c: &&Component| {
            c.watched.is_none() && rows.contains_key(&c.id) && olds.iter().any(|old| old.id == c.id)
        };
        self.state.components.iter().filter(those).collect()
    }

    fn send_renamed(
        &mut self,
        now: Timestamp,
        places: &[Place],
        text: impl FnOnce() -> text::Text,
    ) {
        let reason = self.judge_other(now, Kind::Renamed, Reason::Renamed);
        if !places.is_empty() && reason.tells() {
            let draft = self.draft(Kind::Renamed, reason, places);
            self.send(now, draft, text());
        }
    }

    /// A component that the page lists under another id all at once is the same one to the user:
    /// who was told of its outage is told how that goes on. So is one that took over the name, or
    /// that several became. Of several in its place the worst one goes on with it.
    fn hand_over(&mut self, before: &Before, snapshot: &Snapshot, rows: &Rows<'_>) {
        let components = &self.state.components;
        let is_heir = |c: &Component| {
            let Some(entry) = &c.watched else { return false };
            let of_many = || entry.is_empty() || fit_of(entry, c).is_some_and(Fit::is_by_group);
            rows.contains_key(&c.id)
                && before.get(&c.id).is_none_or(|old| {
                    is_gone(old) || old.watched != c.watched || (old.name != c.name && !of_many())
                })
        };
        let mut heirs: Vec<Place> = self.places(is_heir);
        heirs.sort_by_key(|at| {
            let row = components.get(*at).and_then(|heir| row_of(heir, snapshot, rows));
            Reverse(row.and_then(|row| row.status.level().severity()))
        });
        for at in heirs {
            let Some(mut heir) = self.state.components.get(at).cloned() else { continue };
            let left = |old: &Component| {
                let same = old.watched == heir.watched && rows.contains_key(&old.id);
                old.id != heir.id && !same && old.episode().is_some()
            };
            let answered = |old: &Component| {
                let was = before.get(&old.id);
                was.is_some_and(|was| takes_place(&heir, was) && was.episode().is_some())
            };
            let candidates =
                self.state.components.iter_mut().filter(|old| left(old) && answered(old));
            // One of the same name goes before another that the entry means, too.
            let named = |old: &&mut Component| {
                !before.get(&old.id).is_some_and(|old| same(own(old), own(&heir)))
            };
            let Some(old) = candidates.min_by_key(named) else { continue };
            pass_on(&mut heir, old);
            if let Some(place) = self.state.components.get_mut(at) {
                *place = heir;
            }
        }
    }

    /// What the page lists under another id was red in the incidents in which it was red under the old
    /// one: green by the page's own word, it is back while they go on.
    fn hand_over_red(&mut self, before: &Before, rows: &Rows<'_>) {
        let there = |old: &&Component| before.get(&old.id).is_none_or(is_gone);
        let new = self.state.components.iter().filter(|c| rows.contains_key(&c.id)).filter(there);
        for heir in new {
            let left = before.values().filter(|old| !rows.contains_key(&old.id));
            for old in left.filter(|old| !is_gone(old) && takes_place(heir, old)) {
                self.state.incidents.goes_by(&old.id, &heir.id);
            }
        }
    }

    /// What is new, away, and until now was a part of something that was away as well, goes on with
    /// that: it is away for as long, and the user was told of it.
    fn split_outages(
        &mut self,
        now: Timestamp,
        before: &Before,
        snapshot: &Snapshot,
        rows: &Rows<'_>,
    ) {
        let (incidents, settings) = (&self.state.incidents, &self.state.settings);
        let is_new = |c: &&mut Component| !is_old(c, before) && matches!(c.state, State::Unknown);
        for part in self.state.components.iter_mut().filter(is_new) {
            let Some(row) = row_of(part, snapshot, rows) else { continue };
            let level = incidents.level(&row.id, &row.status, settings, now);
            let entry = part.watched.as_deref().filter(|entry| !entry.is_empty());
            let whole = entry.and_then(|entry| whole_of(before, entry));
            if let Some(whole) = whole.filter(|_| level.is_worse_than(Level::Operational)) {
                part.split_from(now, whole);
            }
        }
    }
}

/// The time away, before a reading, of what the entry meant until then; one of a group was no whole.
fn whole_of<'a>(before: &'a Before, entry: &str) -> Option<&'a Episode> {
    let of_group = |c: &Component| fit_of(entry, c).is_some_and(Fit::is_by_group);
    let olds = before.values().filter(|old| answers(old, entry) && !of_group(old));
    let away = |old: &&Component| !matches!(old.state, State::Recovering { .. });
    olds.filter(away).filter_map(Component::episode).min_by_key(|episode| episode.began)
}

/// Gives the open episode of one component to another. Where both were told in one bubble, that goes
/// on; one with a bubble of its own keeps it, and ends by itself.
fn pass_on(heir: &mut Component, old: &mut Component) {
    let bubble = |c: &Component| c.episode()?.told.as_ref().map(|told| told.thread.clone());
    match (bubble(heir), bubble(old)) {
        (None, _) => heir.inherit(old),
        (Some(own), Some(its)) if own == its => old.state = State::Unknown,
        (Some(_), _) => {}
    }
}

fn row_of<'a>(of: &Component, page: &'a Snapshot, rows: &Rows<'_>) -> Option<&'a PageComponent> {
    rows.get(&of.id).and_then(|at| page.components.get(*at))
}

fn is_old(component: &Component, before: &Before) -> bool {
    before.contains_key(&component.id)
}

/// Those that an entry meant before a reading, but for such as it means as members of a group; where
/// all of them had left the page by then, these.
fn meant_before<'a>(entry: &str, before: &'a Before) -> Vec<&'a Component> {
    let of_group = |c: &Component| fit_of(entry, c).is_some_and(Fit::is_by_group);
    let all = || before.values().filter(|old| answers(old, entry) && !of_group(old));
    let there: Vec<&Component> = all().filter(|old| !is_gone(old)).collect();
    if there.is_empty() { all().collect() } else { there }
}

fn is_gone(component: &Component) -> bool {
    matches!(component.state, State::Gone { confirmed: true, .. })
}

/// What one was called before and is called now; whole where cutting would hide what changed.
fn both_names(old: &Component, new: &Component) -> (String, String) {
    let (before, now) = (old.shown_name(), new.shown_name());
    match same(before, now) {
        true => (old.name.trim().to_owned(), new.name.trim().to_owned()),
        false => (before.to_owned(), now.to_owned()),
    }
}

fn answers(component: &Component, entry: &str) -> bool {
    component.watched.as_deref() == Some(entry)
}

fn fit_of(entry: &str, component: &Component) -> Option<Fit> {
    fit(entry, &component.id.0, &component.name, component.group.as_ref())
}

/// Whether a component's own name is what the entry says.
fn is_called(entry: &str, component: &Component) -> bool {
    fit_of(entry, component).is_some_and(|fit| fit != Fit::Part && !fit.is_by_group())
}

/// Whether the entry still means this one for its own words, and not for what it meant before.
fn is_its_own(component: &Component, entry: &str, before: &Before) -> bool {
    let fit = fit_of(entry, component);
    fit.is_some_and(|fit| fit <= Fit::Group || is_old(component, before))
}

/// The name without that of the group.
fn own(component: &Component) -> &str {
    own_name(&component.name, component.group.as_ref())
}

/// Whether the page calls it something else, beyond what stands in a parenthesis or before it; or
/// no longer what the user's words say.
fn is_renamed(old: &Component, new: &Component) -> bool {
    let says = |c: &Component| old.watched.as_ref().is_some_and(|it| fit_of(it, c).is_some());
    let (was, is) = (own(old), own(new));
    let other = plain_name(was) != plain_name(is) || says(old) && !says(new);
    !was.is_empty() && !is.is_empty() && old.watched == new.watched && other
}

/// Whether the page lists the same components under other ids.
fn is_same_list(olds: &[&Component], new: &[&Component]) -> bool {
    let names = |list: &[&Component]| -> BTreeSet<String> {
        list.iter().map(|c| c.name.trim().to_lowercase()).collect()
    };
    names(olds) == names(new)
}
