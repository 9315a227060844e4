//! What stands on the screen for as long as an outage goes on: how strongly a message asks to stay
//! there, and what is shown again where a notification server took it away.

use alloc::vec::Vec;

use jiff::Timestamp;

use crate::model::Level;
use crate::notice::kind::Kind;
use crate::notice::{Notice, Urgency};
use crate::state::component::{Component, Episode};

use super::Monitor;
use super::draft::Place;

impl Monitor {
    /// Critical from the configured level up.
    fn urgency_of(&self, level: Level) -> Urgency {
        let critical =
            self.state.settings.critical_from.is_some_and(|from| level.is_at_least(from));
        if critical { Urgency::Critical } else { Urgency::Normal }
    }

    /// The urgency of a message about these, at a level where it is about something bad. It takes
    /// the place of the message before it, so that everybody else counts as well whom the user was
    /// told of and still waits for.
    pub(super) fn urgency_beside(
        &self,
        now: Timestamp,
        about: &[Place],
        level: Option<Level>,
    ) -> Urgency {
        let mut others = self.awaited(now, |episode| episode.outage_thread().is_some());
        others.retain(|at| !about.contains(at));
        let is_critical = |level: Level| self.urgency_of(level) == Urgency::Critical;
        let told = |at: &Place| self.state.components.get(*at)?.episode().map(Episode::told_level);
        let critical =
            level.is_some_and(is_critical) || others.iter().filter_map(told).any(is_critical);
        if critical { Urgency::Critical } else { Urgency::Normal }
    }

    /// What is shown where a bubble that was to stay went down with its server: how its outage is
    /// now, unless it is no longer that bad, or the user wants silence about it.
    pub(super) fn standing(&self, now: Timestamp, thread: &str, was: &Notice) -> Option<Notice> {
        let mut places = self.awaited(now, |episode| episode.outage_thread() == Some(thread));
        places.retain(|at| self.state.components.get(*at).is_some_and(|c| self.is_heard(now, c)));
        if places.is_empty() || self.urgency_of(self.level_of(&places)) != Urgency::Critical {
            return None;
        }
        // It may have said who is back: now it says who is not.
        let kind = if was.kind == Kind::Outage { Kind::Outage } else { Kind::Worse };
        let was = Notice { kind, lasted_seconds: None, ..was.clone() };
        Some(self.reworded(now, &was, &places))
    }

    /// Whether it is affected, and nothing about it is muted.
    fn is_heard(&self, now: Timestamp, component: &Component) -> bool {
        let heard = |e: &Episode| self.state.mute_of(now, e.explained_by()).is_none();
        component.affected().is_some_and(heard)
    }

    /// Those that are not known to be back, and for whom there is no fix; of whom the page has no word
    /// that is known, nothing is said.
    fn awaited(&self, now: Timestamp, which: impl Fn(&Episode) -> bool) -> Vec<Place> {
        let settle = self.state.settings.settle;
        let awaited = |e: &Episode| which(e) && !e.fix_stands(now, settle);
        let is_known = |component: &Component| component.level != Level::Unknown;
        self.places(|component| is_known(component) && component.episode().is_some_and(awaited))
    }
}
