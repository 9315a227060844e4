//! How a time away ended, or a retry came to make sense, in no more than the page's own words: what
//! only was reported and never red isn't operational *again*, and announced work that was taken off
//! the page isn't said to be over.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use super::names::title;
use super::rest::{also, before_the_rest, first_move, is_left, is_still_affected};
use super::{Scene, Text, about, duration, join, level, quoted, quoted_about};
use crate::model::{IncidentId, Level};
use crate::state::PageState;
use crate::state::component::{Component, Episode, State};
use crate::time::between;

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

/// How long those were away this time, where all of them were told to be back before in the same
/// incident: how long it took counts from the first beginning.
pub fn this_time(about: &[&Component]) -> Option<Duration> {
    let last_part = |component: &&Component| {
        let last = component.last_episode.as_ref().filter(|last| last.began < last.since)?;
        let State::Up { ended: Some(ended) } = component.state else { return None };
        Some(between(last.since, ended))
    };
    let parts: Option<Vec<Duration>> = about.iter().map(last_part).collect();
    parts?.into_iter().max()
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

/// The episode is over after `lasted`, in which the light was red, or there was `only_reported` that
/// something is wrong; `this_time` it took so long, where it was told to be back before.
pub fn back(
    scene: &Scene<'_>,
    only_reported: bool,
    lasted: Duration,
    this_time: Option<Duration>,
) -> Text {
    let how = again(only_reported);
    match only_reported {
        true => {
            let what = format!("{how}; it was never shown as down");
            back_with(scene, "No longer reported", &what, lasted, None)
        }
        false => back_with(scene, "Back", how, lasted, this_time),
    }
}

/// The episode is over for the user after `lasted`: what goes on is filtered, for this reason.
pub fn back_for_user(scene: &Scene<'_>, lasted: Duration, why: &str) -> Text {
    let goes_on = match scene.incident {
        Some(incident) => quoted(incident, scene),
        None => format!("still {} on the page", level(scene.level)),
    };
    let what = format!("what goes on is {why}: {goes_on}");
    back_with(scene, "Back", &what, lasted, None)
}

/// How long it took stands in the title, unless who is still away needs the place.
fn back_with(
    scene: &Scene<'_>,
    happened: &str,
    what: &str,
    lasted: Duration,
    this_time: Option<Duration>,
) -> Text {
    let (back, lasted) = (title(happened, scene.names), format!(", after {}", duration(lasted)));
    let part = |part| format!("; this time after {}", duration(part));
    let this_time = this_time.map_or_else(String::new, part);
    let advice = first_move(scene, "If it still fails, run: ccwatch diagnose");
    match is_still_affected(scene) {
        true => {
            let what = about(scene, &format!("{what}{lasted}{this_time}"));
            (before_the_rest(scene, back), join([what, advice]))
        }
        false => {
            let what = about(scene, &format!("{what}{this_time}"));
            (format!("{back}{lasted}"), join([what, advice]))
        }
    }
}

/// The incident has been silent for so long that it no longer counts.
pub fn faded(scene: &Scene<'_>) -> Text {
    let what = match scene.incident {
        Some(incident) => quoted_about(scene, incident, again(true)),
        None => about(scene, again(true)),
    };
    let silent = "No update of the incident for hours, and the page is green.";
    let advice = match is_left(scene) {
        true => first_move(scene, ""),
        false => {
            join([also(scene), "Repeat the request; if it fails, run: ccwatch diagnose".to_owned()])
        }
    };
    let title = before_the_rest(scene, title("Page green, no more news", scene.names));
    (title, join([what, silent.to_owned(), advice]))
}
