//! The answer in forty columns: how bad it is first, then who, as far as there is room.

use super::forms;
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
/// The longest name of a component, in characters.
const NAME: usize = 20;
/// A name that is cut to less says nothing.
const FEWEST: usize = 8;

/// `partial outage: Claude Code +2 (12 min)`: the worst level, those that are at it, and how many
/// others are affected besides. What nobody keeps up to date any more is `old`.
pub(super) fn line(picture: &Picture, old: bool) -> String {
    let grounds = picture.page.grounds(picture.now);
    let all = grounds.len();
    let calm = |text: &str| if old { format!("{text} (old)") } else { text.to_owned() };
    match picture.verdict() {
        Verdict::Wait => {
            let worst = text::grouped(grounds, |component| component.level).into_iter().next();
            let (level, group) = worst.unwrap_or((Level::Unknown, Vec::new()));
            named(&picture.page, text::level(level), &group, all, &lasting(picture, &group, old))
        }
        Verdict::Retry => {
            let first = forms::reasons(&picture.page, &grounds).into_iter().next();
            let (why, group) = first.unwrap_or(("back", Vec::new()));
            let end = if old { " (old)" } else { "" };
            named(&picture.page, &format!("{why}, try again"), &group, all, end)
        }
        Verdict::Clear => calm(&format!("Claude: clear{}", works(picture))),
        Verdict::Suspect => calm("Claude: clear, but errors here"),
        Verdict::Unknown => why_unknown(picture),
    }
}

/// How long the first of them has been affected; a moment is not worth a word.
fn lasting(picture: &Picture, group: &[&Component], old: bool) -> String {
    let since = group.iter().filter_map(|c| c.episode()).map(|e| e.since).min();
    let lasting = between(since.unwrap_or(picture.now), picture.now);
    match lasting.as_secs() {
        _ if old => " (old)".to_owned(),
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
/// room for one, a part of it.
fn named(page: &PageState, what: &str, components: &[&Component], all: usize, end: &str) -> String {
    let names = Names::of(page.components(), NAME);
    let names: Vec<&str> = components.iter().map(|c| names.get(&c.id)).collect();
    let with = |names: &[&str], end: &str| {
        let shown = names.join(", ");
        let colon = if shown.is_empty() { "" } else { ": " };
        let more = all.saturating_sub(names.len());
        let more = if more == 0 { String::new() } else { format!(" +{more}") };
        // Without a name a number of others says nothing.
        let more = if names.is_empty() { "" } else { &more };
        format!("{what}{colon}{shown}{more}{end}")
    };
    let counts = (1..=names.len()).rev();
    let first = |count: usize| names.get(..count).unwrap_or(&names);
    let lines = counts.clone().map(|count| with(first(count), end));
    // A name says more than how long it has been.
    let lines = lines.chain(counts.map(|count| with(first(count), "")));
    let cut = (FEWEST..NAME).rev().filter_map(|room| {
        let names = Names::of(page.components(), room);
        Some(with(&[names.get(&components.first()?.id)], ""))
    });
    let lines = lines.chain(cut).chain([with(&[], end), what.to_owned()]);
    let fits = |line: &String| columns::width(line) <= ROOM;
    lines.into_iter().find(fits).unwrap_or_else(|| sanitize::line(what, ROOM))
}

fn why_unknown(picture: &Picture) -> String {
    let why = match (picture.page.doubt(picture.now), picture.daemon) {
        (Doubt::NothingWatched | Doubt::UnknownWord(_) | Doubt::NotListed(_), _) => None,
        (Doubt::Failing(_), DaemonState::Works) => Some("can't read the page"),
        (_, DaemonState::Works | DaemonState::Begins) => Some("not read yet"),
        (_, daemon) => daemon.why_old(),
    };
    why.map_or_else(|| "Claude: not known".to_owned(), |why| format!("Claude: not known, {why}"))
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
            super::named(page, "degraded performance", &components, names.len(), " (1 day 2 h)")
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
