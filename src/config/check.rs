//! What the values allow: limits, and what must fit together.

use std::collections::BTreeMap;
use std::time::Duration;

use ccwatch_core::decide::models;

use super::report::Report;
use super::setting::duration_text;
use super::{Config, Sessions, pages};
use crate::page::engine::Format;
use crate::page::fetch::is_loopback;

/// The shortest interval for a page that others share.
const SHORTEST: Duration = Duration::from_secs(30);
/// The shortest interval for a page on this machine.
const SHORTEST_LOOPBACK: Duration = Duration::from_millis(1);
/// The longest interval, and the longest time to settle.
const HOUR: Duration = Duration::from_secs(60 * 60);
/// The oldest that a reading may be and still count.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The least that a session may be waited for.
const MINUTE: Duration = Duration::from_secs(60);
/// The longest time over which sessions are spread.
const MOST_SPREAD: Duration = Duration::from_secs(10 * 60);
/// So often a session may be woken at most.
const MOST_ATTEMPTS: u32 = 50;

/// As AWS writes them.
const DIRECTIONS: [&str; 9] = [
    "north",
    "south",
    "east",
    "west",
    "central",
    "northeast",
    "northwest",
    "southeast",
    "southwest",
];

/// Reports every value that is not allowed, alone or beside the others.
pub(super) fn check(config: &Config, report: &mut Report<'_>) {
    check_interval_of(config, "page.url", config, report);
    if config.stale_after > DAY {
        report.refuse("stale_after", "expected at most 24h");
    }
    if config.notify.settle > HOUR {
        report.refuse("notify.settle", "expected 0s to 1h");
    }
    check_engine(config, "page", report);
    pages::check(config, report);
    check_sessions(&config.sessions, report);
    check_hook(&config.notify.hook.0, report);
    check_names("watch.components", &config.watch.components, report);
    check_names("watch.models", &config.watch.models, report);
    let no_model = config.watch.models.iter().find(|entry| !models::is_model(entry));
    if let Some(entry) = no_model.filter(|entry| !entry.trim().is_empty()) {
        let why = format!("{entry:?} is no model: {}", models::instead_of(entry));
        report.refuse("watch.models", &why);
    }
}

/// The timeout of the hook that waits, in the plugin, is for the longest `for`.
fn check_sessions(sessions: &Sessions, report: &mut Report<'_>) {
    if !(1..=MOST_ATTEMPTS).contains(&sessions.max_attempts) {
        report.refuse("sessions.max_attempts", "expected 1 to 50");
    }
    if !(MINUTE..=DAY).contains(&sessions.within.0) {
        report.refuse("sessions.for", "expected 1m to 24h");
    }
    if sessions.spread > MOST_SPREAD {
        report.refuse("sessions.spread", "expected 0s to 10m");
    }
}

/// The pauses between polls, which go for every page: here for the one of `page`, whose address
/// stands at `url`.
pub(super) fn check_interval_of(
    page: &Config,
    url: &str,
    config: &Config,
    report: &mut Report<'_>,
) {
    let shortest = if is_loopback(&page.page.url) { SHORTEST_LOOPBACK } else { SHORTEST };
    let both = [
        ("poll.interval", config.poll.interval),
        ("poll.during_outage", config.poll.during_outage),
    ];
    for (path, interval) in both {
        if interval < shortest {
            let why = format!("expected {} to 1h", duration_text(shortest));
            report.conflict(&[path, url], &why);
        } else {
            check_interval(path, interval, page, report);
        }
    }
}

fn check_interval(path: &str, interval: Duration, config: &Config, report: &mut Report<'_>) {
    if interval > HOUR {
        return report.refuse(path, "expected at most 1h");
    }
    // A page on this machine is for trying things out: there, any combination goes.
    let least = interval * 2;
    if config.stale_after < least && !is_loopback(&config.page.url) {
        let (least, interval) = (duration_text(least), duration_text(interval));
        let why = format!("expected {least} (twice `{path}`, which is {interval}) to 24h");
        report.conflict(&["stale_after", path], &why);
    }
}

/// A format needs the address of a page that has it, and the regions where it tells of many. `table`
/// is where the page stands in the file.
pub(super) fn check_engine(config: &Config, table: &str, report: &mut Report<'_>) {
    let engine = config.page.engine;
    let found = Format::ALL.iter().find(|(_, known, _)| *known == engine);
    let Some((name, _, home)) = found else { return };
    let regions = &config.page.regions;
    let [url, key, of_regions] = ["url", "engine", "regions"].map(|key| format!("{table}.{key}"));
    if let Some(home) = home.filter(|_| config.page.url == super::Page::default().url) {
        let why = format!("expected the address of the feed for {name}, which is {home}");
        report.conflict(&[&url, &key], &why);
    }
    match engine.has_regions() {
        true if regions.is_empty() => {
            let why =
                "expected regions such as [\"us-east-1\"]: somewhere in the world it is always red";
            report.conflict(&[&of_regions, &key], why);
        }
        false if !regions.is_empty() => {
            let why = format!("expected none: pages of {name} are not read by region");
            report.conflict(&[&of_regions, &key], &why);
        }
        _ => {}
    }
    check_regions(&of_regions, regions, engine, report);
}

/// Each region is a word, as clouds write them.
pub(super) fn check_regions(
    path: &str,
    regions: &[String],
    engine: Format,
    report: &mut Report<'_>,
) {
    let is_region = |region: &&String| {
        let letters =
            region.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        let fits = !region.is_empty() && region.len() <= 40 && letters;
        // The feed names a region only while there is trouble: one that isn't spelt right would be
        // well for ever.
        fits && (engine != Format::AwsHealth || is_of_aws(region))
    };
    if let Some(region) = regions.iter().find(|region| !is_region(region)) {
        report.refuse(path, &format!("{region:?} is no region such as \"us-east-1\""));
    }
}

/// Whether it ends as all regions of AWS do, such as `us-gov-east-1`: in a direction and a number.
fn is_of_aws(region: &str) -> bool {
    let mut words = region.rsplit('-');
    let is_number = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit());
    let number = words.next().is_some_and(is_number);
    let direction = words.next().is_some_and(|word| DIRECTIONS.contains(&word));
    number && direction && words.next().is_some()
}

/// Whether there is such a program is not asked here: it may come later, and doctor looks.
fn check_hook(words: &[String], report: &mut Report<'_>) {
    let Some(program) = words.first() else { return };
    let path = "notify.hook";
    if words.iter().any(|word| word.trim().is_empty()) {
        return report.refuse(path, "expected no empty text in it; [] is no hook");
    }
    if words.iter().any(|word| word.contains('\0')) {
        return report.refuse(path, "expected no NUL character in it");
    }
    let anywhere = program.starts_with('/') || program.starts_with("~/");
    if program.contains('/') && !anywhere {
        let why = "expected an absolute path, one that begins with ~/, or the name of a program";
        return report.refuse(path, why);
    }
    if program.contains(char::is_whitespace) && !anywhere {
        let why = "expected each word as a text of its own: there is no shell that would split it";
        report.refuse(path, why);
    }
}

/// Names must say something, and each only once.
pub(super) fn check_names(path: &str, names: &[String], report: &mut Report<'_>) {
    let mut seen = BTreeMap::new();
    for name in names {
        let key = name.trim().to_lowercase();
        if key.is_empty() || key.starts_with('(') {
            return report.refuse(path, &format!("{name:?} names nothing"));
        }
        if let Some(first) = seen.insert(key, name) {
            return report.refuse(path, &format!("{first:?} and {name:?} are the same"));
        }
    }
}
