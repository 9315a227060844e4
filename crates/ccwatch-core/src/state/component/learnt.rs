//! What somebody else saw of a component while nobody looked.

use core::time::Duration;

use jiff::Timestamp;

use super::{Component, Event, State, ended};
use crate::model::Level;
use crate::time::after;

impl Component {
    /// Takes in that it was well from `at` on, which somebody else saw: it looks well since then, and
    /// what comes next says whether that is sure.
    pub(crate) fn was_well(&mut self, now: Timestamp, at: Timestamp, settle: Duration) {
        let settled_at = after(now, self.settling(now, settle));
        self.state = match core::mem::replace(&mut self.state, State::Unknown) {
            State::Affected { episode } => {
                let back_at = at.max(episode.since);
                (self.level, self.since) = (Level::Operational, back_at);
                State::Recovering { episode, back_at, settled_at }
            }
            other => other,
        };
    }

    /// Completes a recovery that is sure.
    pub(crate) fn complete(&mut self) -> Option<Event> {
        match core::mem::replace(&mut self.state, State::Unknown) {
            State::Recovering { episode, back_at, .. } => {
                let (state, over) = ended(episode, back_at);
                self.state = state;
                if let Some(Event::Over { episode, .. }) = &over {
                    self.last_episode = Some(episode.into());
                }
                over
            }
            other => {
                self.state = other;
                None
            }
        }
    }
}
