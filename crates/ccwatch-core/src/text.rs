//! Every word that a user reads in a notice, and the advice of `status`.
//!
//! Short, plain, calm: what happened, since when, what to do. The key facts stand in the first
//! fifty characters, for some desktops show no more. Page text is put in raw; each sink makes it
//! inert.

mod doubt;
mod local;
mod record;
pub mod summary;
pub mod waiting;

use alloc::borrow::ToOwned;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::model::{FailureKind, Incident, Level, Phase};
use crate::state::expectation::Expectation;
use crate::state::verdict::Verdict;
use crate::time::between;

pub use doubt::why_unknown;
pub use local::{after_own_errors, seen_here_first, suspect};
pub use record::{hook, muted, progress, reason};

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
    /// The short names of those that are affected besides.
    pub others: &'a [&'a str],
    /// How much longer it may take.
    pub expectation: Option<Expectation>,
}

/// A component became affected, got worse or joined; `fixed` tells that a retry makes sense
/// already.
pub fn outage(scene: &Scene<'_>, fixed: bool) -> Text {
    let what = what_happened(scene);
    let advice = if fixed {
        "A fix is out already: repeat the same request on the same path. \
         ccwatch tells you when it is green."
    } else {
        "Leave your settings alone and wait; ccwatch tells you when to retry."
    };
    let expected =
        scene.expectation.as_ref().filter(|_| !fixed).map_or_else(String::new, expectation);
    (by_level(scene.levels), join([what, format!("{advice}{}", also(scene)), expected]))
}

/// The fix did not hold.
pub fn fell_back(scene: &Scene<'_>) -> Text {
    let title = format!("{}: the fix did not hold, {}", list(scene.names), level(scene.level));
    let advice = "Leave your settings alone and wait; ccwatch tells you when to retry.";
    let expected = scene.expectation.as_ref().map_or_else(String::new, expectation);
    (title, join([what_happened(scene), advice.to_owned(), expected]))
}

/// A retry makes sense while the page is still red.
pub fn fix_out(scene: &Scene<'_>, closed: bool) -> Text {
    let names = list(scene.names);
    let still = format!("the page still shows {}", level(scene.level));
    if closed {
        let title = format!("{names}: incident closed, try again");
        let body = format!(
            "The page has no open incident for it any more, though {still}. Repeat the same \
             request now, on the same path; ccwatch tells you when it is green."
        );
        return (title, body);
    }
    let title = format!("{names}: fix is out, try again");
    let advice =
        "Repeat the same request now, on the same path; ccwatch tells you when it is green.";
    (title, join([format!("{} {}.", quoted(scene), still), advice.to_owned()]))
}

/// The episode is over after `lasted`.
pub fn back(scene: &Scene<'_>, lasted: Duration) -> Text {
    let verb = if scene.names.len() == 1 { "is" } else { "are" };
    let title = format!("{} {verb} back after {}", list(scene.names), duration(lasted));
    let advice =
        "Repeat the same request now, on the same path. If it still fails, run: ccwatch diagnose";
    (title, join([also(scene).trim_start().to_owned(), advice.to_owned()]))
}

/// Announced work is over after `lasted`.
pub fn maintenance_over(scene: &Scene<'_>, lasted: Duration) -> Text {
    let title = format!("{}: maintenance over after {}", list(scene.names), duration(lasted));
    (title, format!("The page shows it operational again.{}", also(scene)))
}

/// The incident has been silent for so long that it no longer counts.
pub fn faded(scene: &Scene<'_>) -> Text {
    let title = format!("{}: no news of the incident, page green", list(scene.names));
    let body = format!(
        "{}. No update for hours, and the page shows it operational. Repeat the request; \
         if it fails, run: ccwatch diagnose",
        quoted(scene).trim_end_matches(',')
    );
    (title, body)
}

/// Announced work began.
pub fn maintenance(scene: &Scene<'_>) -> Text {
    let title = format!("{}: under maintenance", list(scene.names));
    let what = match scene.incident {
        Some(incident) => sentence(&incident.name),
        None => format!("Announced work, since {}.", clock(scene.since, scene.now, scene.zone)),
    };
    (title, join([what, "Wait with your request; ccwatch tells you when it is over.".to_owned()]))
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
    let verb = if names.len() == 1 { "is" } else { "are" };
    let title = format!("{} {verb} no longer on the status page", list(names));
    let known = match (affected, names.len()) {
        (false, _) => "",
        (true, 1) => "It was affected when it vanished; that is not a recovery. ",
        (true, _) => "Not all was well when they vanished; that is not a recovery. ",
    };
    let body = format!(
        "{known}ccwatch can't tell any more how things are there. To see what the page lists now, \
         run: ccwatch status --all"
    );
    (title, body)
}

/// An incident that names no component.
pub fn unattributed(incident: &Incident, now: Timestamp, zone: &TimeZone) -> Text {
    let title = format!("Incident: {}", incident.name);
    let body = format!(
        "{}, {}. It names no component of the page; see if it is on your path.",
        capital(phase(&incident.phase)),
        clock(incident.newest_update_at().unwrap_or(now), now, zone)
    );
    (title, body)
}

/// Incidents that were only learnt of when they were over.
pub fn after_the_fact(incidents: &[&Incident], now: Timestamp, zone: &TimeZone) -> Text {
    let line = |incident: &&Incident| {
        let from = incident.began().map(|at| clock(at, now, zone));
        let to = incident.resolved_at.map(|at| clock(at, now, zone));
        match (from, to) {
            (Some(from), Some(to)) => format!("{}, {from} to {to}.", incident.name),
            (Some(from), None) => format!("{}, from {from}.", incident.name),
            _ => format!("{}.", incident.name),
        }
    };
    let title = match incidents {
        [one] => format!("Over already: {}", one.name),
        many => format!("{} incidents, over already", many.len()),
    };
    let mut body: Vec<String> = incidents.iter().take(3).map(line).collect();
    if incidents.len() > 3 {
        body.push(format!("And {} more.", incidents.len() - 3));
    }
    body.push("Posted or seen only afterwards: errors of that time weren't yours.".to_owned());
    (title, body.join(" "))
}

/// What `status` advises.
pub fn advice(verdict: Verdict, fix_out: bool) -> &'static str {
    match verdict {
        Verdict::Wait => {
            "Leave your settings alone and wait. Repeat the same request, on the same path, \
             when it clears."
        }
        Verdict::Retry if fix_out => {
            "A fix is out though the page is still red: repeat the same request, on the same path."
        }
        Verdict::Retry => {
            "It came back: repeat the same request, on the same path. If it still fails, run: \
             ccwatch diagnose"
        }
        Verdict::Clear => {
            "The page is green: waiting won't help. Look at your own side: ccwatch diagnose"
        }
        Verdict::Suspect => {
            "The page is green, but this machine saw API errors. Wait a few minutes and repeat the \
             same request; the page may follow."
        }
        Verdict::Unknown => "ccwatch can't tell: it doesn't know what the page says now.",
    }
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
/// What a failure means to the user, and what to do about it.
pub fn failure(kind: FailureKind) -> (&'static str, &'static str) {
    use FailureKind as K;
    match kind {
        K::Dns => ("the page's name could not be resolved", "check your network or DNS"),
        K::Connect => ("no connection to the page", "check your network, VPN or proxy"),
        K::Tls => (
            "the page's certificate was refused",
            "check for a Wi-Fi sign-in page and that the clock of this machine is right",
        ),
        K::Timeout => ("the page did not answer in time", "it is asked again by itself"),
        K::Stalled => ("the page's answer stopped half-way", "it is asked again by itself"),
        K::Transport => ("the page's answer broke off", "it is asked again by itself"),
        K::TooLarge => ("the page's answer is larger than any status page", "check page.url"),
        K::Redirect => ("the page sends us elsewhere", "check page.url"),
        K::CaptivePortal => (
            "a web page came instead of the status page's data",
            "sign in to the network, or check for a proxy or filter",
        ),
        K::BotWall => ("the page's host asks for a human", "it is asked again later"),
        K::RateLimited => ("the page asks us to slow down", "it is asked again later"),
        K::Unavailable => ("the page's own server fails", "it is asked again by itself"),
        K::HttpStatus => ("the page's host gave no usable answer", "check page.url"),
        K::ContentType => ("the answer is not the status page's data", "check page.url"),
        K::NotJson => ("the page's data could not be read", "it is asked again by itself"),
        K::NotUnderstood => ("the page's data lists no components", "check page.url"),
        K::OtherPage => ("this is another status page", "check page.url and page.id"),
        K::Stale => ("an outdated copy of the page was served", "it is asked again by itself"),
        K::UnexpectedUnchanged => {
            ("the page says \"unchanged\" without having said anything", "it is asked again")
        }
        K::Other => ("the page could not be read", "it is asked again by itself"),
    }
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
    at.to_zoned(zone.clone()).strftime(format).to_string()
}

/// Names in a row: "A", "A and B", "A, B and C", "A, B and 3 more".
pub fn list(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [a, b] => format!("{a} and {b}"),
        [a, b, c] => format!("{a}, {b} and {c}"),
        [a, b, rest @ ..] => format!("{a}, {b} and {} more", rest.len()),
    }
}

/// Names with their levels, worst first: "A: major outage; B and C: degraded performance".
fn by_level(levels: &[(&str, Level)]) -> String {
    let mut order: Vec<Level> = levels.iter().map(|(_, level)| *level).collect();
    order.sort_by_key(|level| core::cmp::Reverse(level.severity()));
    order.dedup();
    let part = |of: &Level| {
        let names: Vec<&str> = levels.iter().filter(|(_, l)| l == of).map(|(n, _)| *n).collect();
        format!("{}: {}", list(&names), level(*of))
    };
    order.iter().map(part).collect::<Vec<_>>().join("; ")
}

fn what_happened(scene: &Scene<'_>) -> String {
    match scene.incident {
        Some(_) => format!("{}.", quoted(scene).trim_end_matches(',')),
        None => format!(
            "On the status page since {}; no incident is posted yet.",
            clock(scene.since, scene.now, scene.zone)
        ),
    }
}

/// The incident as it is quoted: "Elevated errors (identified, 15:52),".
fn quoted(scene: &Scene<'_>) -> String {
    let Some(incident) = scene.incident else { return String::new() };
    let at = incident.newest_update_at().unwrap_or(scene.since);
    let at = clock(at, scene.now, scene.zone);
    format!("{} ({}, {at}),", short(&incident.name), phase(&incident.phase))
}

fn also(scene: &Scene<'_>) -> String {
    match scene.others {
        [] => String::new(),
        [one] => format!(" Still affected: {one}."),
        many => format!(" Still affected: {}.", list(many)),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_two_units_at_most() {
        for (seconds, expected) in [
            (0, "less than a minute"),
            (29, "less than a minute"),
            (30, "1 min"),
            (48 * 60, "48 min"),
            (3600, "1 h"),
            (2 * 3600 + 5 * 60, "2 h 5 min"),
            (86400, "1 day"),
            (3 * 86400 + 4 * 3600 + 59, "3 days 4 h"),
        ] {
            assert_eq!(duration(Duration::from_secs(seconds)), expected, "{seconds} s");
        }
    }

    #[test]
    fn a_far_time_carries_its_date() {
        let now: Timestamp = "2026-06-02T16:00:00Z".parse().unwrap();
        for (at, expected) in [
            ("2026-06-02T15:52:10Z", "15:52"),
            ("2026-06-01T23:00:00Z", "23:00"),
            ("2026-06-01T15:52:10Z", "1 Jun 15:52"),
        ] {
            assert_eq!(clock(at.parse().unwrap(), now, &TimeZone::UTC), expected);
        }
    }

    #[test]
    fn names_are_listed_as_people_do() {
        for (names, expected) in [
            (&["A"][..], "A"),
            (&["A", "B"], "A and B"),
            (&["A", "B", "C"], "A, B and C"),
            (&["A", "B", "C", "D", "E"], "A, B and 3 more"),
        ] {
            assert_eq!(list(names), expected);
        }
    }

    #[test]
    fn every_failure_is_explained_in_its_own_words() {
        let mut seen = std::collections::BTreeSet::new();
        for kind in FailureKind::ALL {
            assert!(seen.insert(failure(*kind).0), "{kind:?} shares its words with another kind");
        }
    }
}
