//! What is affected but doesn't concern the user: quiet everywhere, and shown as filtered.

use alloc::string::String;
use alloc::vec::Vec;

use crate::decide::models;
use crate::model::Level;
use crate::settings::Settings;

use super::PageState;
use super::component::{Component, State};

/// Why something that is affected doesn't concern the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filter {
    /// Only incidents about models that the user doesn't use explain it.
    OtherModels,
    /// It never was as bad as the level from which the user wants to hear.
    BelowMinLevel,
}

impl Filter {
    /// The word used in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OtherModels => "other_models",
            Self::BelowMinLevel => "below_min_level",
        }
    }
}

impl PageState {
    /// What keeps a component's time away, or its last one, from concerning the user.
    pub fn filter(&self, component: &Component) -> Option<Filter> {
        match &component.state {
            // Who was told of it waits for its end.
            State::Affected { episode } | State::Recovering { episode, .. } => {
                filter(&self.settings, episode.worst, episode.other_models_since.is_some())
                    .filter(|why| *why != Filter::BelowMinLevel || episode.told.is_none())
            }
            State::Up { .. } => {
                let last = component.last_episode.as_ref()?;
                filter(&self.settings, last.worst, last.other_models)
            }
            State::Unknown | State::Gone { .. } => None,
        }
    }

    /// The same for a time away that is under way, with the models that its incidents name.
    pub fn filtered(&self, component: &Component) -> Option<(Filter, String)> {
        component.episode()?;
        let filter = self.filter(component)?;
        let about = self.incidents.open.iter().filter(|i| i.names(&component.id));
        let mut names: Vec<String> = about.map(|i| models::shown(&i.name)).collect();
        names.retain(|name| !name.is_empty());
        names.sort_unstable();
        names.dedup();
        Some((filter, names.join(", ")))
    }

    /// Whether an episode of a component is under way that concerns the user.
    pub fn concerns(&self, component: &Component) -> bool {
        component.episode().is_some() && self.filter(component).is_none()
    }
}

fn filter(settings: &Settings, worst: Level, other_models: bool) -> Option<Filter> {
    match (other_models, settings.wants_level(worst)) {
        (true, _) => Some(Filter::OtherModels),
        (false, false) => Some(Filter::BelowMinLevel),
        (false, true) => None,
    }
}
