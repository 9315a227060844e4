//! How a time away ended, or a retry came to make sense, in no more than the page's own words: what
//! only was reported and never red isn't operational *again*, and announced work that was taken off
//! the page isn't said to be over.

use crate::model::{IncidentId, Level};
use crate::state::PageState;
use crate::state::component::{Component, Episode, State};

/// How a component stands after a time away in which it was `only_reported`, or red.
pub fn again(only_reported: bool) -> &'static str {
    if only_reported { "no longer reported" } else { "operational again" }
}

/// Whether a component's time away, that of now or the last one, never was worse than reported.
pub fn was_only_reported(component: &Component) -> bool {
    let worst = match &component.state {
        State::Affected { episode } | State::Recovering { episode, .. } => Some(episode.worst),
        State::Up { .. } | State::Unknown | State::Gone { .. } => {
            component.last_episode.as_ref().map(|last| last.worst)
        }
    };
    worst == Some(Level::Reported)
}

/// What became of the announced work by which a component was left behind.
pub fn work_ended(page: &PageState, episode: &Episode) -> &'static str {
    match episode.work.as_ref().is_some_and(|work| is_taken_off(page, work)) {
        true => "the announced work is no longer on the page",
        false => "the announced work is over",
    }
}

/// Whether announced work left the page without a word of its end.
pub fn is_taken_off(page: &PageState, work: &IncidentId) -> bool {
    page.incidents()
        .work(work)
        .is_some_and(crate::state::maintenance::KnownMaintenance::is_taken_off)
}
