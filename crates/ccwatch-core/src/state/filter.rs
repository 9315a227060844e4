//! What is affected but doesn't concern the user: quiet everywhere, and shown as filtered.

use alloc::string::String;
use alloc::vec::Vec;

use crate::decide::models;
use crate::model::Level;

use super::PageState;
use super::component::{Component, State};

/// Why something that is affected doesn't concern the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filter {
    /// Only incidents about models that the user doesn't use explain it.
    OtherModels,
    /// It never was as bad as the level from which the user wants to hear, or is only reported by now,
    /// and that is milder.
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
            State::Affected { episode } | State::Recovering { episode, .. } => {
                match episode.filtered_since {
                    Some(_) if self.is_too_mild(component) => Some(Filter::BelowMinLevel),
                    Some(_) => Some(Filter::OtherModels),
                    // Who was told of it waits for its end.
                    None => self.too_mild(episode.worst).filter(|_| episode.told.is_none()),
                }
            }
            State::Up { .. } => {
                let last = component.last_episode.as_ref()?;
                last.filtered.then_some(Filter::OtherModels).or_else(|| self.too_mild(last.worst))
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

    /// Whether it is only reported, which is milder than the user wants to hear of.
    pub(crate) fn is_too_mild(&self, component: &Component) -> bool {
        let level = component.level_away();
        level == Level::Reported && !self.settings.wants_level(level)
    }

    fn too_mild(&self, worst: Level) -> Option<Filter> {
        (!self.settings.wants_level(worst)).then_some(Filter::BelowMinLevel)
    }

    /// Whether an episode of a component is under way that concerns the user.
    pub fn concerns(&self, component: &Component) -> bool {
        component.episode().is_some() && self.filter(component).is_none()
    }
}
