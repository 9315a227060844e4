//! The answer in forty columns: how bad it is first, then who, as far as there is room.

use super::stand;
use crate::client::beside::DaemonState;
use crate::client::picture::Picture;
use crate::render::columns;
use crate::render::names::Names;
use crate::render::sanitize;
use ccwatch_core::model::Level;
use ccwatch_core::state::PageState;
use ccwatch_core::state::component::Component;
use ccwatch_core::state::doubt::Doubt;
use ccwatch_core::state::verdict::Verdict;
use ccwatch_core::text;
use ccwatch_core::time::between;

/// The right side of tmux's status line has so much by default.
const ROOM: usize = 40;
/// A name that is cut to less says nothing.
const FEWEST: usize = 8;

/// `partial outage: Claude Code +2 (12 min)`: the worst level, those that are at it, and how many
/// others are affected besides; `fix is out: Claude Code; 1 not known`, where not all is known. What
/// nobody keeps up to date any more is `old`.
pub(super) fn line(picture: &Picture, old: bool) -> String {
    let (page, now) = (&picture.page, picture.now);
    let unknown = page.unclear(now).len() + page.missing_entries().len();
    let tail = if unknown == 0 { String::new() } else { format!("; {unknown} not known") };
    let mark = if old { " (old)" } else { "" };
    let calm = |text: &str| of_page(page, &format!("{text}{mark}"));
    let tails = [format!("{tail}{mark}"), mark.to_owned()];
    match picture.verdict() {
        Verdict::Wait => {
            let all = page.grounds(now).len() + stand::fixed(picture).len();
            let worst =
                text::grouped(page.grounds(now), |component| component.level).into_iter().next();
            let (level, group) = worst.unwrap_or((Level::Unknown, Vec::new()));
            let end = if old { String::new() } else { lasting(picture, &group) };
            named(page, level_words(level), &group, all, &end, &tails)
        }
        Verdict::Retry => {
            let (why, group, all) = first_reason(picture);
            let what = format!("{why}, try again");
            named(page, [&what, &what], &group, all, "", &tails)
        }
        Verdict::Clear if page.nameless().next().is_some() => calm("clear, but an incident"),
        Verdict::Clear => calm(&format!("clear{}", works(picture))),
        Verdict::Suspect => calm("clear, but errors here"),
        Verdict::Unknown if stand::is_partly_known(picture) => match first_reason(picture) {
            (_, group, _) if group.is_empty() => {
                let tails = [mark.to_owned(), mark.to_owned()];
                named(page, ["not known"; 2], &page.unclear(now), unknown, "", &tails)
            }
            (why, group, all) => named(page, [why; 2], &group, all, "", &tails),
        },
        Verdict::Unknown => why_unknown(picture),
    }
}

/// Why the first of those are worth a try, and how many there are in all.
fn first_reason(picture: &Picture) -> (&'static str, Vec<&Component>, usize) {
    let those = picture.page.worth_a_retry(picture.now);
    let first = stand::reasons(&picture.page, &those).into_iter().next();
    let (why, group) = first.unwrap_or(("back", Vec::new()));
    (why, group, those.len())
}

/// A level in words, and in fewer.
fn level_words(level: Level) -> [&'static str; 2] {
    let words = text::level(level);
    [words, if level == Level::Degraded { "degraded" } else { words }]
}

/// How long the first of them has been affected; a moment is not worth a word.
fn lasting(picture: &Picture, group: &[&Component]) -> String {
    let since = group.iter().filter_map(|c| c.episode()).map(|e| e.since).min();
    let lasting = between(since.unwrap_or(picture.now), picture.now);
    match lasting.as_secs() {
        0..60 => String::new(),
        _ => format!(" ({})", text::duration(lasting)),
    }
}

/// That announced work goes on, and until when as far as there is room.
fn works(picture: &Picture) -> String {
    let zone = &picture.page.settings().zone;
    let going = picture.page.announced(picture.now, false);
    let mut going = going.filter(|known| known.stage(picture.now).is_under_way());
    let Some(known) = going.next() else { return String::new() };
    let until = known.page.scheduled_until.filter(|until| *until > picture.now);
    let until = until.map(|until| text::clock(until, picture.now, zone));
    let until = until.filter(|until| until.len() == "22:29".len());
    until.map_or_else(|| ", maintenance".to_owned(), |at| format!(", maintenance until {at}"))
}

/// As many of the names as there is room for, and the number of all others. Where there is no
/// room for one, a part of it. The first of the `tails` that has room stands behind that, even in place
/// of how long it has been or of a whole word.
fn named(
    page: &PageState,
    [what, in_short]: [&str; 2],
    components: &[&Component],
    all: usize,
    end: &str,
    tails: &[String; 2],
) -> String {
    let at_most = |room: usize| -> Vec<String> {
        let names = Names::of(page.components(), room);
        components.iter().map(|c| names.get(&c.id).to_owned()).collect()
    };
    let with = |what: &str, names: &[String], end: &str| {
        let shown = names.join(", ");
        let colon = if shown.is_empty() { "" } else { ": " };
        let more = all.saturating_sub(names.len());
        let more = if more == 0 { String::new() } else { format!(" +{more}") };
        // Without a name a number of others says nothing.
        let more = if names.is_empty() { "" } else { &more };
        format!("{what}{colon}{shown}{more}{end}")
    };
    let wholes = at_most(ROOM);
    let lines = |what: &str, tail: &str| -> Vec<String> {
        let first = |count: usize| wholes.get(..count).unwrap_or(&wholes);
        let counts = (1..=wholes.len()).rev();
        let lines = counts.clone().map(|count| with(what, first(count), &format!("{end}{tail}")));
        // A name says more than how long it has been.
        let lines = lines.chain(counts.map(|count| with(what, first(count), tail)));
        let cut = (FEWEST..ROOM).rev().map(|room| {
            let names = at_most(room);
            with(what, names.get(..1).unwrap_or_default(), tail)
        });
        lines.chain(cut.filter(|_| !wholes.is_empty())).collect()
    };
    let bare = tails.iter().map(|tail| with(what, &[], tail)).chain([what.to_owned()]);
    let ways = tails.iter().flat_map(|tail| [(what, tail), (in_short, tail)]);
    let mut all = ways.flat_map(|(what, tail)| lines(what, tail)).chain(bare);
    all.find(|line| columns::width(line) <= ROOM).unwrap_or_else(|| sanitize::line(what, ROOM))
}

fn why_unknown(picture: &Picture) -> String {
    let why = match (picture.page.doubt(picture.now), picture.daemon) {
        (Doubt::NothingWatched | Doubt::UnknownWord(_) | Doubt::NotListed(_), _) => None,
        (Doubt::Failing(_), DaemonState::Works) => Some("can't read the page"),
        (_, DaemonState::Works | DaemonState::Begins) => Some("not read yet"),
        (_, daemon) => daemon.why_old(),
    };
    let said = why.map_or_else(|| "not known".to_owned(), |why| format!("not known, {why}"));
    of_page(&picture.page, &said)
}

/// The same with what the page is about.
fn of_page(page: &PageState, said: &str) -> String {
    let room = ROOM.saturating_sub(columns::width(said) + 2);
    format!("{}: {said}", stand::about(page, room))
}

#[cfg(test)]
mod tests {
    use ccwatch_core::testing::{API, CODE, Harness};

    use super::*;
    use crate::client::picture::Source;

    fn said(harness: &Harness) -> String {
        let page = harness.monitor.state().clone();
        let (source, now) = (Source::Daemon, harness.now);
        let daemon = DaemonState::Works;
        line(&Picture { now, page, source, heartbeat: None, daemon }, false)
    }

    #[test]
    fn the_level_comes_first_and_names_as_far_as_there_is_room() {
        let mut harness = Harness::watching();
        assert_eq!(said(&harness), "Claude: clear");
        harness.status(CODE, "partial_outage").polls().wait(12 * 60).polls();
        assert_eq!(said(&harness), "partial outage: Claude Code (12 min)");
        harness.status(API, "degraded_performance").polls();
        assert_eq!(said(&harness), "partial outage: Claude Code +1 (12 min)");
        harness.status(API, "partial_outage").polls();
        let both = said(&harness);
        assert!(both.starts_with("partial outage: ") && both.ends_with(" +1 (12 min)"), "{both}");
        harness.incident("i", "monitoring", &[CODE, API]).polls();
        assert_eq!(said(&harness), "fix is out, try again: Claude API +1");
    }

    /// Finding: what isn't known beside something red was left out, or hid that.
    #[test]
    fn what_is_not_known_stands_behind_what_is() {
        let mut harness = Harness::watching();
        harness.status(API, "a_word_of_tomorrow").polls();
        assert_eq!(said(&harness), "not known: Claude API");
        harness.status(CODE, "major_outage").incident("i", "identified", &[CODE]).polls();
        harness.wait(12 * 60).polls();
        assert_eq!(said(&harness), "major outage: Claude Code; 1 not known");
        harness.status(CODE, "degraded_performance").polls();
        assert_eq!(said(&harness), "degraded: Claude Code; 1 not known");
        harness.incident("i", "monitoring", &[CODE]).polls();
        assert_eq!(said(&harness), "fix is out: Claude Code; 1 not known");
        harness.status(CODE, "operational").incident("i", "resolved", &[]).polls();
        assert_eq!(said(&harness), "back: Claude Code; 1 not known");
    }

    #[test]
    fn what_is_old_is_said_before_what_is_not_known() {
        let mut harness = Harness::watching();
        harness.status(API, "a_word_of_tomorrow").status(CODE, "partial_outage").polls();
        let page = harness.monitor.state().clone();
        let (source, now, daemon) = (Source::Daemon, harness.now, DaemonState::Away);
        let picture = Picture { now, page, source, heartbeat: None, daemon };
        assert_eq!(line(&picture, true), "partial outage: Claude Code (old)");
    }

    #[test]
    fn work_that_goes_on_under_a_green_light_is_said() {
        let mut harness = Harness::watching();
        harness.wait(60).work("w", "in_progress", &[CODE], (0, 60)).polls();
        assert_eq!(said(&harness), "Claude: clear, maintenance until 11:01");
        harness.wait(60 * 60 * 2).polls();
        assert_eq!(said(&harness), "Claude: clear, maintenance");
    }

    #[test]
    fn what_was_only_reported_is_cleared_and_not_back() {
        let mut harness = Harness::watching();
        harness.wait(60).incident("i", "investigating", &[CODE]).polls();
        harness.wait(60).incident("i", "resolved", &[]).polls();
        assert_eq!(said(&harness), "cleared, try again: Claude Code");
    }

    #[test]
    fn however_many_and_long_the_names_are_it_is_forty_columns() {
        let named = |names: &[&str]| {
            let mut harness = Harness::with_defaults();
            harness.page.components.truncate(names.len());
            for (row, name) in harness.page.components.iter_mut().zip(names) {
                row.name = (*name).to_owned();
            }
            harness.polls();
            let page = harness.monitor.state();
            let components: Vec<&Component> = page.components().iter().collect();
            let what = ["degraded performance", "degraded"];
            let tails = [String::new(), String::new()];
            super::named(page, what, &components, names.len(), " (1 day 2 h)", &tails)
        };
        for (names, expected) in [
            (&["API"][..], "degraded performance: API (1 day 2 h)"),
            (&["API", "Claude Code", "claude.ai"], "degraded performance: API +2 (1 day 2 h)"),
            (&["Claude Code", "API"], "degraded performance: Claude Code, API"),
            (&["Claude Code", "claude.ai"], "degraded performance: Claude Code +1"),
            (&["Managed Agents sandboxes"], "degraded performance: Managed Agents sa…"),
            (
                &["Managed Agents environments", "Managed Agents sessions"],
                "degraded performance: Managed…onments +1",
            ),
        ] {
            let line = named(names);
            assert_eq!(line, expected);
            assert!(columns::width(&line) <= ROOM);
        }
    }
}
