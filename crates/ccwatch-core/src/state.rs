//! What is known of a page now: its components, its incidents, and how well it can be seen.
//!
//! [`PageState`] is all of it together, and what every query asks. Only a
//! [`Monitor`](crate::monitor::Monitor) changes it.

pub mod component;
pub mod doubt;
pub mod expectation;
pub mod filter;
pub mod incidents;
mod listed;
pub mod maintenance;
mod nameless;
pub mod names;
pub mod page_health;
pub mod rollback;
pub mod titles;
pub mod unseen;
pub mod verdict;
pub mod watchlist;

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use jiff::{SignedDuration, Timestamp};

use crate::model::IncidentId;
use crate::notice::mute::{self, Mute};
use crate::sessions::Counts;
use crate::settings::Settings;
use crate::witness::Local;

use self::component::{Component, Episode, State};
use self::incidents::Incidents;
use self::page_health::PageHealth;
use self::watchlist::{Fit, same};

/// Everything that is known of a page, and what the user wants to know of it.
#[derive(Debug, Clone)]
pub struct PageState {
    pub(crate) settings: Settings,
    pub(crate) components: Vec<Component>,
    pub(crate) page_health: PageHealth,
    pub(crate) incidents: Incidents,
    pub(crate) witness: Local,
    pub(crate) mutes: Vec<Mute>,
    pub(crate) sessions: Counts,
}

/// What of it survives a restart.
#[derive(Debug, Default, PartialEq)]
pub struct SavedState {
    /// The components.
    pub components: Vec<Component>,
    /// How well the page can be seen.
    pub page_health: PageHealth,
    /// The incidents that matter.
    pub incidents: Incidents,
    /// What this machine's own sessions saw.
    pub witness: Local,
    /// What the user does not want to hear of.
    pub mutes: Vec<Mute>,
    /// How many of Claude Code's sessions stopped lately.
    pub sessions: Counts,
}

impl SavedState {
    /// Whether it is of the page that the settings name.
    pub fn is_of(&self, settings: &Settings) -> bool {
        let about = self.page_health.page_id.as_str();
        about.is_empty() || about == settings.page_key()
    }
}

impl PageState {
    /// The state as it was left. What was remembered of another page is not used, but the mutes
    /// are the user's.
    pub fn restore(settings: Settings, saved: SavedState, now: Timestamp) -> Self {
        let mut saved = match saved.is_of(&settings) {
            true => saved,
            false => {
                SavedState { mutes: saved.mutes, sessions: saved.sessions, ..SavedState::default() }
            }
        };
        saved.page_health.page_id = settings.page_key().to_owned();
        let mut state = Self {
            settings,
            components: saved.components,
            page_health: saved.page_health,
            incidents: saved.incidents,
            witness: saved.witness,
            mutes: saved.mutes,
            sessions: saved.sessions,
        };
        state.distrust_times_ahead(now);
        state.rewatch(Component::is_listed);
        state.components.iter_mut().for_each(Component::name_episode);
        state
    }

    /// What was written down under a clock that was ahead is not due that much later: it counts as
    /// if no time had passed since.
    fn distrust_times_ahead(&mut self, now: Timestamp) {
        if let Some(last) = self.page_health.last_attempt.filter(|last| *last > now) {
            self.shift(now.duration_since(last));
        }
    }

    /// What the user wants.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// All components, in the page's order.
    pub fn components(&self) -> &[Component] {
        &self.components
    }

    /// The components that the user watches.
    pub fn watched(&self) -> impl Iterator<Item = &Component> {
        self.components.iter().filter(|component| component.watched.is_some())
    }

    /// How well the page can be seen.
    pub fn page_health(&self) -> &PageHealth {
        &self.page_health
    }

    /// The incidents that matter now.
    pub fn incidents(&self) -> &Incidents {
        &self.incidents
    }

    /// What this machine's own sessions saw.
    pub fn witness(&self) -> &Local {
        &self.witness
    }

    /// How many of Claude Code's sessions stopped lately.
    pub fn sessions(&self) -> Counts {
        self.sessions
    }

    /// The mutes that hold: until a time that is yet to come, or of an incident that is open.
    pub fn mutes(&self, now: Timestamp) -> impl Iterator<Item = &Mute> {
        let open = |id: &IncidentId| self.incidents.is_open(id);
        self.mutes.iter().filter(move |m| m.holds(now) && m.incident.as_ref().is_none_or(open))
    }

    /// The mute that silences what `incident` explains.
    pub(crate) fn mute_of(&self, now: Timestamp, incident: Option<&IncidentId>) -> Option<&Mute> {
        mute::covering(&self.mutes, incident, now)
    }

    /// Whether an episode of something watched is under way.
    pub fn is_affected(&self) -> bool {
        self.watched().any(|component| component.episode().is_some())
    }

    /// An incident's page, where the page's address is an https one and the id is one.
    pub fn link(&self, id: &IncidentId) -> Option<String> {
        self.page_link()?;
        self.settings.incident_url(id)
    }

    /// The page itself, where its address is an https one.
    pub(crate) fn page_link(&self) -> Option<String> {
        let page = &self.settings.page_url;
        page.starts_with("https://").then(|| page.clone())
    }

    /// Finds who is watched, and what everybody is called. Who once answered to an entry stays
    /// watched over a renaming, unless the page calls something else by just those words. Who left a
    /// group that is watched stays until the end is told that the user waits for.
    /// `listed`: whether the newest reading lists a component.
    pub(crate) fn rewatch(&mut self, listed: impl Fn(&Component) -> bool) {
        names::settle(&mut self.components, &listed);
        let watch = &self.settings.watch;
        let best: Vec<Option<Fit>> =
            watch.iter().map(|entry| self.best_fit(entry, &listed)).collect();
        let taken: Vec<Option<Fit>> =
            watch.iter().map(|entry| self.exact_fit(entry, &listed)).collect();
        for component in &mut self.components {
            let before = component.watched.take();
            let answered = |(entry, _): &(&String, &Option<Fit>)| {
                before.as_ref().is_some_and(|old| same(entry.trim(), old.trim()))
            };
            let stays = |(entry, taken): &(&String, &Option<Fit>)| {
                taken.is_none()
                    || !listed(component)
                    || fit(entry, component).is_some_and(Fit::is_exact)
            };
            let of_group = |(_, taken): &(&String, &Option<Fit>)| {
                taken.is_some_and(Fit::is_by_group)
                    && component.episode().is_some_and(Episode::is_awaited)
            };
            let old = watch.iter().zip(&taken).find(answered);
            let (kept, left) = (old.filter(stays), old.filter(of_group));
            let meant = || {
                let mut entries = watch.iter().zip(&best);
                let found =
                    entries.find(|(entry, best)| best.is_some() && fit(entry, component) == **best);
                found.map(|(entry, _)| entry.clone())
            };
            component.watched = match watch.is_empty() {
                true => Some(String::new()),
                false => kept
                    .map(|(entry, _)| entry.clone())
                    .or_else(meant)
                    .or_else(|| left.map(|(entry, _)| entry.clone())),
            };
        }
        let matched = |entry: &&String| self.components.iter().any(|c| is_meant(entry, c));
        self.page_health.unmatched = match self.components.is_empty() {
            true => Vec::new(),
            false => watch.iter().filter(|entry| !matched(entry)).cloned().collect(),
        };
    }

    /// The best way in which an entry fits any component that the page lists; one that it doesn't
    /// list any more counts where there is none.
    fn best_fit(&self, entry: &str, listed: impl Fn(&Component) -> bool) -> Option<Fit> {
        let there = self.components.iter().filter(|component| listed(component));
        let best = there.filter_map(|component| fit(entry, component)).min();
        best.or_else(|| self.components.iter().filter_map(|component| fit(entry, component)).min())
    }

    /// The best way in which something that the page lists is called exactly as an entry says.
    fn exact_fit(&self, entry: &str, listed: impl Fn(&Component) -> bool) -> Option<Fit> {
        let there = self.components.iter().filter(|component| listed(component));
        there.filter_map(|component| fit(entry, component)).filter(|fit| fit.is_exact()).min()
    }

    /// The entries of `watch.components` to which nothing answers that the page lists: nothing is
    /// known of what they mean, and that is not green. None before the page was read.
    pub fn missing_entries(&self) -> Vec<&str> {
        if self.components.is_empty() {
            return Vec::new();
        }
        let there = |c: &&Component| !matches!(c.state, State::Gone { confirmed: true, .. });
        let missing = |entry: &&String| {
            !self.components.iter().filter(there).any(|component| is_meant(entry, component))
        };
        self.settings.watch.iter().filter(missing).map(String::as_str).collect()
    }

    /// Whether there are such entries.
    pub fn has_missing_entries(&self) -> bool {
        !self.missing_entries().is_empty()
    }

    /// Whether something else on the page has taken the place of a component that left it.
    pub fn is_replaced(&self, gone: &Component) -> bool {
        let heir = |c: &Component| c.is_listed() && c.watched.is_some() && takes_place(c, gone);
        !gone.is_listed() && self.components.iter().any(heir)
    }

    /// The wall clock was set: everything that ccwatch itself has timed moves with it.
    pub(crate) fn shift(&mut self, by: SignedDuration) {
        self.components.iter_mut().for_each(|component| component.shift(by));
        self.page_health.shift(by);
        self.incidents.shift(by);
        self.witness.shift(by);
    }
}

fn fit(entry: &str, component: &Component) -> Option<Fit> {
    watchlist::fit(entry, &component.id.0, &component.name, component.group.as_ref())
}

/// Whether one answers to the same entry as another did, and may stand in its place. Of those whom an
/// entry means as several of one kind, all in a group or all of the page, only the one of the same name
/// may: the others were there before.
pub(crate) fn takes_place(heir: &Component, old: &Component) -> bool {
    let of_many = |c: &Component| {
        let entry = c.watched.as_deref().unwrap_or_default();
        entry.is_empty() || fit(entry, c).is_some_and(Fit::is_by_group)
    };
    let group = |c: &Component| c.group.as_ref().map(|group| group.name.clone());
    let own = |c: &Component| watchlist::own_name(&c.name, c.group.as_ref()).to_lowercase();
    heir.id != old.id
        && heir.watched == old.watched
        && (!(of_many(heir) && of_many(old))
            || (own(heir) == own(old) && group(heir) == group(old)))
}

/// Whether an entry of `watch.components` means this component. One that answered to it once goes
/// on doing so over a renaming.
pub fn is_meant(entry: &str, component: &Component) -> bool {
    let kept = component.watched.as_deref().is_some_and(|kept| same(kept.trim(), entry.trim()));
    kept || fit(entry, component).is_some()
}
