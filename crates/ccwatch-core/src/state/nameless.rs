//! Incidents that name nobody whom the user watches, neither as a component nor as a product in their
//! title: they change no level, and are told on wish, or where they are bad ones.

use super::PageState;
use crate::decide::models;
use crate::model::Incident;
use crate::notice::kind::Kind;

impl PageState {
    /// Those that are open and that the user wants to hear of: beside a green light they are why not
    /// all is well.
    pub fn nameless(&self) -> impl Iterator<Item = &Incident> {
        self.unattributed().filter(|incident| {
            let others = models::only_others(&incident.name, &self.settings.models);
            self.is_for_all(incident) && self.wants_nameless(incident) && !others
        })
    }

    /// All that are open, wanted or not.
    pub(crate) fn unattributed(&self) -> impl Iterator<Item = &Incident> {
        let nameless = |i: &&Incident| i.components.is_empty() && !self.is_about_watched(i);
        self.incidents.open.iter().filter(|i| i.phase.is_active()).filter(nameless)
    }

    /// Whether it may be about anybody: what is about a product that nobody watches is told on wish
    /// alone.
    pub(crate) fn is_for_all(&self, incident: &Incident) -> bool {
        incident.meant.is_empty() || self.settings.tell.has(Kind::Unattributed)
    }

    /// Whether an incident that names no component is told: on wish, and where it is a bad one.
    pub(crate) fn wants_nameless(&self, incident: &Incident) -> bool {
        self.settings.tell.has(Kind::Unattributed) || incident.impact.is_bad()
    }

    /// Whether it names something watched, or means it by its title.
    pub(crate) fn is_about_watched(&self, incident: &Incident) -> bool {
        self.watched().any(|c| incident.names(&c.id) || incident.means(&c.id))
    }
}
