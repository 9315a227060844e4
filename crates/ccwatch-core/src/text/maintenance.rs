//! The words about announced work.

use alloc::borrow::ToOwned;
use alloc::string::String;
use core::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::names::title;
use super::rest::first_move;
use super::{Scene, Text, about, also, clock, duration, join, phase, short};
use crate::state::maintenance::{KnownMaintenance, Stage};

/// Announced work began, and the page shows its components in maintenance.
pub fn maintenance(scene: &Scene<'_>, work: Option<&KnownMaintenance>) -> Text {
    let what = match work {
        Some(work) => about(scene, &plan(work, scene.now, scene.zone)),
        None => {
            let since = clock(scene.since, scene.now, scene.zone);
            about(scene, &format!("announced work, since {since}"))
        }
    };
    let advice = "Wait with your request; ccwatch tells you when it is over.";
    (title("Maintenance", scene.names), join([what, advice.to_owned()]))
}

/// Announced work began, and the light of the components that it names stays green.
pub fn maintenance_while_green(scene: &Scene<'_>, work: &KnownMaintenance) -> Text {
    let what = about(scene, &plan(work, scene.now, scene.zone));
    let advice = "The light is still green: go on. If a request fails, this may be why.";
    (title("Maintenance", scene.names), join([what, advice.to_owned()]))
}

/// Announced work is to take longer.
pub fn maintenance_extended(scene: &Scene<'_>, work: &KnownMaintenance) -> Text {
    let until = until(work, scene.now, scene.zone);
    let until = until.map_or_else(|| " longer".to_owned(), |until| format!(" until {until}"));
    let what = about(scene, &plan(work, scene.now, scene.zone));
    let title = title(&format!("Maintenance{until}"), scene.names);
    (title, join([what, "ccwatch tells you when it is over.".to_owned()]))
}

/// The planned end of announced work is past, and it goes on.
pub fn maintenance_overruns(scene: &Scene<'_>, work: &KnownMaintenance) -> Text {
    let what = about(scene, &plan(work, scene.now, scene.zone));
    let title = title("Maintenance takes longer", scene.names);
    (title, join([what, "ccwatch tells you when it is over.".to_owned()]))
}

/// Announced work is over, or no longer listed, while the page still shows it.
pub fn left_behind(scene: &Scene<'_>, work: Option<&KnownMaintenance>) -> Text {
    let happened = match work.is_some_and(KnownMaintenance::is_taken_off) {
        true => "Work no longer listed, try again",
        false => "Maintenance over, try again",
    };
    (title(happened, scene.names), over_but_shown(scene, work))
}

/// That announced work is over, and what to do while the page still shows it.
fn over_but_shown(scene: &Scene<'_>, work: Option<&KnownMaintenance>) -> String {
    let name = work.map(|work| short(&work.page.work.name)).filter(|name| !name.is_empty());
    let name = name.map_or_else(String::new, |name| format!(" ({name})"));
    let how = match work.is_some_and(KnownMaintenance::is_taken_off) {
        true => "no longer on the page",
        false => "over",
    };
    let what = about(scene, &format!("the announced work{name} is {how}"));
    let still = "The page still shows maintenance.".to_owned();
    join([what, still, first_move(scene, "ccwatch tells you when it is green.")])
}

/// An outage inside announced work is over after `lasted`, and so is that work; the page still shows it.
pub fn outage_and_work_over(
    scene: &Scene<'_>,
    lasted: Duration,
    work: Option<&KnownMaintenance>,
) -> Text {
    let title = format!("{}, after {}", title("Outage over", scene.names), duration(lasted));
    (title, over_but_shown(scene, work))
}

/// An outage inside announced work is over after `lasted`, and the page shows maintenance again.
pub fn outage_in_work_over(
    scene: &Scene<'_>,
    lasted: Duration,
    work: Option<&KnownMaintenance>,
) -> Text {
    let title = format!("{}, after {}", title("Outage over", scene.names), duration(lasted));
    let goes_on = match work {
        Some(work) => format!("under maintenance again: {}", plan(work, scene.now, scene.zone)),
        None => "under maintenance again".to_owned(),
    };
    let advice = "Repeat the same request; if it fails, wait for the end of the work. ccwatch tells \
                  you when it is over.";
    (title, join([about(scene, &goes_on), advice.to_owned(), also(scene)]))
}

/// The page shows maintenance in place of an outage of `lasted`, or of an incident that was
/// `only_reported`.
pub fn outage_turned_into_work(
    scene: &Scene<'_>,
    only_reported: bool,
    lasted: Duration,
    work: Option<&KnownMaintenance>,
) -> Text {
    let of = if only_reported { "a reported incident" } else { "outage" };
    let after = format!("after {} of {of} the page shows maintenance", duration(lasted));
    let what = match work {
        Some(work) => format!("{after}: {}", plan(work, scene.now, scene.zone)),
        None => format!("{after}, and announces no work"),
    };
    let advice = "Wait with your request; ccwatch tells you when it is over.";
    let title = title("Now under maintenance", scene.names);
    (title, join([about(scene, &what), advice.to_owned(), also(scene)]))
}

/// Announced work is over after `lasted`, and the page shows it.
pub fn maintenance_over(scene: &Scene<'_>, lasted: Duration) -> Text {
    let title = format!("{}, after {}", title("Maintenance over", scene.names), duration(lasted));
    (title, join([about(scene, "operational again"), also(scene)]))
}

/// Announced work in a line: "Planned upgrade (in progress, until 22:29)"; raw.
pub fn plan(work: &KnownMaintenance, now: Timestamp, zone: &TimeZone) -> String {
    let name = short(&work.page.work.name);
    let name = if name.is_empty() { "announced work".to_owned() } else { name };
    format!("{name} ({})", stage(work, now, zone))
}

/// How far announced work has come, and until when it is planned.
pub fn stage(work: &KnownMaintenance, now: Timestamp, zone: &TimeZone) -> String {
    let at = |at: Timestamp| clock(at, now, zone);
    let from = work.page.scheduled_for.map(at);
    let until = until(work, now, zone);
    let window = match (&from, &until) {
        (Some(from), Some(until)) => format!("{from} to {until}"),
        (Some(from), None) => format!("from {from}"),
        (None, Some(until)) => format!("until {until}"),
        (None, None) => "the page gives no times".to_owned(),
    };
    let extended = work
        .extended_from()
        .map_or_else(String::new, |planned| format!(", first planned until {}", at(planned)));
    let word = phase(&work.page.work.phase);
    match work.stage(now) {
        Stage::Upcoming => format!("announced, {window}"),
        Stage::Due => format!("announced, {window}; not begun yet"),
        Stage::UnderWay => match until {
            Some(until) => format!("{word}, until {until}{extended}"),
            None => format!("{word}, the page gives no end"),
        },
        Stage::Overrun => match until {
            Some(until) => format!("{word}, planned until {until}, and still going on"),
            None => word.to_owned(),
        },
        Stage::Unclear => format!("{word}, {window}"),
        Stage::Over => match &work.ended {
            Some(ended) if work.is_taken_off() => {
                format!("no longer listed since {}", at(ended.at))
            }
            Some(ended) => format!("over since {}", at(ended.at)),
            None => "over".to_owned(),
        },
        Stage::Cancelled => format!("cancelled; it was announced for {window}"),
    }
}

/// The planned end, with its date only where that isn't clear.
fn until(work: &KnownMaintenance, now: Timestamp, zone: &TimeZone) -> Option<String> {
    work.page.scheduled_until.map(|until| clock(until, now, zone))
}
