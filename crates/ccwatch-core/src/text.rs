//! Every word that a user reads in a notice, and the advice of `status`.
//!
//! Short, plain, calm: what happened, since when, what to do. A title begins with what happened
//! and says it in forty characters, since some desktops cut the rest; the body begins with the
//! names of all components that the notice is about. Page text is put in raw; each sink makes it
//! inert.

mod advice;
pub mod doubt;
pub mod ending;
mod failure;
mod local;
pub mod maintenance;
mod moved;
mod names;
mod page;
mod record;
mod rest;
pub mod sessions;
pub mod summary;
#[cfg(test)]
mod tests;
pub mod waiting;

use alloc::borrow::ToOwned;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::model::{FailureKind, Incident, Level, Phase};
use crate::state::expectation::Expectation;
use crate::state::maintenance::KnownMaintenance;
use crate::time::between;

use names::{is_mixed, list_all, outage_title, title};
use rest::{before_the_rest, behind_what_is_worse, first_move, is_left, worse};

pub use advice::{Behind, advice};
pub use doubt::why_unknown;
pub use ending::{back, back_for_user, faded};
pub use failure::failure;
pub use local::{after_another, after_own_errors, seen_here_first, suspect};
pub use maintenance::{
    left_behind, maintenance, maintenance_extended, maintenance_over, maintenance_overruns,
    maintenance_while_green, outage_and_work_over, outage_in_work_over, outage_turned_into_work,
};
pub use moved::{group_gone, left_group, merged, other_meant, renamed, split};
pub use names::{by_level, grouped, list};
pub use page::{not_listed, of_page, page_readable, page_trouble, run_for_page};
pub use record::{filtered, muted};
pub use rest::{Other, Stand, also};

/// An incident whose newest word comes this long after its beginning is said to be open since then.
const LONG_OPEN: Duration = Duration::from_secs(3600);
/// Clocks differ, but not by this much.
const AHEAD: Duration = Duration::from_secs(3600);

/// The first move where a retry makes no sense yet.
const WAIT: &str = "Leave your settings alone and wait; ccwatch tells you when to retry.";
/// The second move where something can be repeated, but not all.
const WAIT_WITH_THE_REST: &str = "Wait with the rest; ccwatch tells you when to retry.";

/// A title and a body.
pub type Text = (String, String);

/// What all notices of components have in common.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    /// Now.
    pub now: Timestamp,
    /// The zone of the times.
    pub zone: &'a TimeZone,
    /// The short names of those whom the notice is about.
    pub names: &'a [&'a str],
    /// The same with the level of each.
    pub levels: &'a [(&'a str, Level)],
    /// The worst of their levels.
    pub level: Level,
    /// Since when the first of them is affected.
    pub since: Timestamp,
    /// The incident that explains it.
    pub incident: Option<&'a Incident>,
    /// The short names of those whom that is about; without one, of those about whom none is posted.
    pub explained: &'a [&'a str],
    /// Announced work that goes on and names one of them.
    pub work: Option<&'a KnownMaintenance>,
    /// Those that are affected besides, of which the user was told or would be but for a mute.
    pub others: &'a [Other<'a>],
    /// The short names of those that came back in the same moment.
    pub back: &'a [&'a str],
    /// How much longer it may take.
    pub expectation: Option<Expectation>,
}

/// A component became affected, got worse or joined; `fixed` tells that a retry makes sense
/// already.
pub fn outage(scene: &Scene<'_>, fixed: bool) -> Text {
    let advice = match (fixed, is_left(scene)) {
        (true, false) => "A fix is out already: repeat the same request on the same path. ccwatch \
                          tells you when it is green."
            .to_owned(),
        (true, true) => {
            let names = list(scene.names);
            format!("A fix is out already: repeat what needs only {names}, on the same path.")
        }
        (false, _) => WAIT.to_owned(),
    };
    let rest = if fixed && is_left(scene) { WAIT_WITH_THE_REST } else { "" };
    let expected =
        scene.expectation.as_ref().filter(|_| !fixed).map_or_else(String::new, expectation);
    let body = join([what_happened(scene), advice, also(scene), rest.to_owned(), expected]);
    (behind_what_is_worse(scene, outage_title(scene)), body)
}

/// What was told to be back is red again, in the same incident.
pub fn relapsed(scene: &Scene<'_>, fixed: bool) -> Text {
    let (title, body) = outage(scene, fixed);
    match title.split_once(": ") {
        Some((what, names)) => (format!("{what} again: {names}"), body),
        None => (title, body),
    }
}

/// The fix did not hold.
pub fn fell_back(scene: &Scene<'_>) -> Text {
    let expected = scene.expectation.as_ref().map_or_else(String::new, expectation);
    let levels = format!("{}.", by_level(scene.levels));
    let incident = match scene.incident {
        Some(one) if is_partly_explained(scene) => of_them(scene.explained, &quoted(one, scene)),
        Some(one) => format!("{}.", quoted(one, scene)),
        None => String::new(),
    };
    let title = behind_what_is_worse(scene, title("Fix didn't hold", scene.names));
    (title, join([levels, incident, WAIT.to_owned(), also(scene), expected]))
}

/// A retry makes sense while the page is still red.
pub fn fix_out(scene: &Scene<'_>, closed: bool) -> Text {
    let still = match is_mixed(scene.levels) {
        true => by_level(scene.levels),
        false => level(scene.level).to_owned(),
    };
    let then = format!("The page still shows {still}; ccwatch tells you when it is green.");
    let (happened, what) = match (closed, scene.incident) {
        (true, _) => ("Incident closed, try again", about(scene, "the incident is closed")),
        (false, Some(incident)) => {
            ("Fix out, try again", quoted_about(scene, incident, "a fix is out"))
        }
        (false, None) => ("Fix out, try again", about(scene, "a fix is out")),
    };
    let title = before_the_rest(scene, title(happened, scene.names));
    (title, join([what, first_move(scene, &then)]))
}

/// The page can't be read while an episode is open.
pub fn lost_sight(scene: &Scene<'_>, blind_since: Timestamp, kind: FailureKind) -> Text {
    let at = clock(blind_since, scene.now, scene.zone);
    let title = format!("Can't see the status page since {at}");
    let body = format!(
        "{} when last seen. {} ccwatch keeps trying.",
        by_level(scene.levels),
        sentence(failure(kind).0)
    );
    (title, body)
}

/// Watched components vanished from the page.
pub fn gone(names: &[&str], affected: bool) -> Text {
    let known = match (affected, names.len()) {
        (false, _) => "",
        (true, 1) => " It was affected when it vanished; that is not a recovery.",
        (true, _) => " Not all was well when they vanished; that is not a recovery.",
    };
    let body = format!(
        "{}: no longer on the status page.{known} ccwatch can't tell any more how things are \
         there. To see what the page lists now, run: ccwatch status --all",
        list_all(names)
    );
    (title("Gone from the page", names), body)
}

/// An incident that names no component.
pub fn unattributed(incident: &Incident, now: Timestamp, zone: &TimeZone) -> Text {
    let title = format!("Incident: {}", incident.name);
    let body = format!(
        "{}, {}. It names no component of the page; see if it is on your path.",
        capital(phase(&incident.phase)),
        clock(said_at(incident, now).unwrap_or(now), now, zone)
    );
    (title, body)
}

/// Such an incident is over, after `lasted`.
pub fn unattributed_over(incident: &Incident, lasted: Duration) -> Text {
    let title = format!("Incident over: {}", incident.name);
    let body = format!(
        "After {} it is no longer among the open incidents of the page. If a request failed, repeat \
         it, on the same path.",
        duration(lasted)
    );
    (title, body)
}

/// Incidents that were only learnt of when they were over.
pub fn after_the_fact(incidents: &[&Incident], now: Timestamp, zone: &TimeZone) -> Text {
    let line = |incident: &&Incident| {
        let from = incident.began().map(|at| clock(at, now, zone));
        let to = incident.resolved_at.map(|at| clock(at, now, zone));
        match (from, to) {
            // The page may give an end before the beginning.
            (Some(from), Some(_)) if incident.resolved_at <= incident.began() => {
                format!("{}, {from}.", incident.name)
            }
            (Some(from), Some(to)) => format!("{}, {from} to {to}.", incident.name),
            (Some(from), None) => format!("{}, from {from}.", incident.name),
            _ => format!("{}.", incident.name),
        }
    };
    let title = match incidents {
        [one] => format!("Over already: {}", one.name),
        many => format!("Over already: {} incidents", many.len()),
    };
    let mut body: Vec<String> = incidents.iter().take(3).map(line).collect();
    if incidents.len() > 3 {
        body.push(format!("And {} more.", incidents.len() - 3));
    }
    body.push("Posted or seen only afterwards: errors of that time weren't yours.".to_owned());
    (title, body.join(" "))
}

/// How much longer it may take; no promise.
pub fn expectation(expected: &Expectation) -> String {
    format!(
        "Going by {} similar incidents: half had a fix within {} from here, 80 % within {}.",
        expected.similar,
        duration(expected.half),
        duration(expected.most)
    )
}
/// A level in words.
pub fn level(level: Level) -> &'static str {
    match level {
        Level::Unknown => "not known",
        Level::Operational => "operational",
        Level::Maintenance => "under maintenance",
        Level::Reported => "incident reported",
        Level::Degraded => "degraded performance",
        Level::Partial => "partial outage",
        Level::Major => "major outage",
    }
}

/// A phase in words.
pub fn phase(phase: &Phase) -> &str {
    match phase {
        Phase::InProgress => "in progress",
        Phase::Other(word) if word.is_empty() => "no phase given",
        known => known.as_str(),
    }
}

/// A duration in words, two units at most.
pub fn duration(duration: Duration) -> String {
    let minutes = (duration.as_secs() + 30) / 60;
    let (days, hours, rest) = (minutes / 1440, minutes / 60 % 24, minutes % 60);
    let days_word = if days == 1 { "day" } else { "days" };
    match (days, hours, rest) {
        (0, 0, 0) => "less than a minute".to_owned(),
        (0, 0, m) => format!("{m} min"),
        (0, h, 0) => format!("{h} h"),
        (0, h, m) => format!("{h} h {m} min"),
        (d, 0, _) => format!("{d} {days_word}"),
        (d, h, _) => format!("{d} {days_word} {h} h"),
    }
}

/// A time of day; with the date where it is more than 18 hours from `now`.
pub fn clock(at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let far = between(at, now).max(between(now, at)) > Duration::from_secs(18 * 3600);
    let format = if far { "%-d %b %H:%M" } else { "%H:%M" };
    at.to_zoned_datetime(zone.clone()).strftime(format).to_string()
}

/// Who is affected, at which level where they differ, and the incident that explains it.
fn what_happened(scene: &Scene<'_>) -> String {
    let what = match scene.incident {
        Some(incident) => format!("{}{}", quoted(incident, scene), open_since(incident, scene)),
        None => {
            let since = clock(scene.since, scene.now, scene.zone);
            match scene.work {
                Some(work) => {
                    let plan = maintenance::plan(work, scene.now, scene.zone);
                    format!("on the status page since {since}, during announced work: {plan}")
                }
                None => format!("on the status page since {since}; no incident is posted yet"),
            }
        }
    };
    // The level stands in the title, unless that begins with another one.
    match is_mixed(scene.levels) || worse(scene).is_some() {
        _ if is_partly_explained(scene) => {
            format!("{}. {}", by_level(scene.levels), of_them(scene.explained, &what))
        }
        true => format!("{}. {}", by_level(scene.levels), sentence(&what)),
        false => about(scene, &what),
    }
}

/// Whether what explains the notice is about some of those only whom it is about.
fn is_partly_explained(scene: &Scene<'_>) -> bool {
    scene.explained.len() < scene.names.len()
}

/// The incident, of those whom it is about; and what is to say of all, where that is not the same.
fn quoted_about(scene: &Scene<'_>, incident: &Incident, of_all: &str) -> String {
    let quoted = quoted(incident, scene);
    match is_partly_explained(scene) {
        true => join([about(scene, of_all), of_them(scene.explained, &quoted)]),
        false => about(scene, &quoted),
    }
}

/// "A and B: what is to say of them."
fn about(scene: &Scene<'_>, what: &str) -> String {
    of_them(scene.names, what)
}

fn of_them(names: &[&str], what: &str) -> String {
    format!("{}: {}.", list_all(names), what.trim_end_matches('.'))
}

/// The incident as it is quoted: "Elevated errors (identified, 15:52)".
fn quoted(incident: &Incident, scene: &Scene<'_>) -> String {
    let phase = phase(&incident.phase);
    match said_at(incident, scene.now) {
        Some(at) => {
            format!("{} ({phase}, {})", short(&incident.name), clock(at, scene.now, scene.zone))
        }
        None => format!("{} ({phase})", short(&incident.name)),
    }
}

/// When the page last said something about an incident. A stamp that is hours ahead says nothing.
pub fn said_at(incident: &Incident, now: Timestamp) -> Option<Timestamp> {
    let ahead = |at: &Timestamp| between(now, *at) > AHEAD;
    incident.newest_update_at().filter(|at| !ahead(at))
}

/// Since when it is open, where that is long before its newest word.
fn open_since(incident: &Incident, scene: &Scene<'_>) -> String {
    let newest = said_at(incident, scene.now).unwrap_or(scene.now);
    let began = incident.began().filter(|began| between(*began, newest) >= LONG_OPEN);
    began.map_or_else(String::new, |began| {
        format!(", open since {}", clock(began, scene.now, scene.zone))
    })
}

/// Long enough for every title seen so far, short enough that the advice stays on the screen.
fn short(title: &str) -> String {
    const LONGEST: usize = 120;
    match title.char_indices().nth(LONGEST) {
        Some((cut, _)) => format!("{}…", title.get(..cut).unwrap_or_default().trim_end()),
        None => title.to_owned(),
    }
}

/// A clause as a sentence: with a capital and a full stop.
pub fn sentence(text: &str) -> String {
    let text = text.trim_end_matches('.');
    format!("{}.", capital(text))
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

fn join<const N: usize>(sentences: [String; N]) -> String {
    let sentences: Vec<String> = sentences.into_iter().filter(|s| !s.is_empty()).collect();
    sentences.join(" ")
}
