//! How things stand in one line, for a service manager's status and for whoever has no room.
//!
//! It names points in time, not ages, so that it changes only when something happens. Names are
//! the page's, raw: each sink makes them inert.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use jiff::Timestamp;

use crate::model::{Incident, Level};
use crate::state::PageState;
use crate::state::component::{Component, State};
use crate::state::doubt::Doubt;
use crate::state::maintenance::KnownMaintenance;
use crate::state::verdict::Verdict;
use crate::text;
use crate::text::doubt::why_unknown_in_short;
use crate::text::ending;

/// The verdict and what it rests on, such as `WAIT: Claude Code: partial outage since 15:52`.
pub fn line(page: &PageState, popups_wait: bool, now: Timestamp) -> String {
    let verdict = page.verdict(now);
    let word = verdict.as_str().to_uppercase();
    let why = match verdict {
        Verdict::Wait => {
            let parts = [affected(page, now), fixed(page, now), not_known(page, now)];
            parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
        }
        Verdict::Retry => retry(page, now),
        Verdict::Clear | Verdict::Suspect => green(page, now),
        Verdict::Unknown => match page.doubt(now) {
            Doubt::UnknownWord(_) | Doubt::NotListed(_) => {
                let back = (!page.worth_a_retry(now).is_empty()).then(|| retry(page, now));
                back.into_iter().chain(not_known(page, now)).collect::<Vec<_>>().join("; ")
            }
            Doubt::Failing(_) | Doubt::NeverRead | Doubt::TooOld(_) | Doubt::NothingWatched => {
                why_unknown_in_short(page, now)
            }
        },
    };
    let mut end = String::new();
    if let Some(run) = page.page_health().failing.as_ref().filter(|_| verdict != Verdict::Unknown) {
        end.push_str(&format!("; the last try failed: {}", text::failure(run.kind).0));
    }
    if popups_wait {
        end.push_str("; pop-ups wait for a notification server");
    }
    let works = page.announced(now, false).filter(|known| known.stage(now).is_under_way());
    let plan =
        |known: &KnownMaintenance| text::maintenance::plan(known, now, &page.settings().zone);
    let works: Vec<(String, Option<String>)> =
        works.map(|known| (plan(known), page.settings().incident_url(known.id()))).collect();
    with_works(format!("{word}: {why}"), &works, &end)
}

/// The line with announced work, each with its link where all of it has room with that: half a link is
/// of no use, and what the line says is worth more.
fn with_works(start: String, works: &[(String, Option<String>)], end: &str) -> String {
    let length = |text: &str| text.chars().count();
    let plans: usize = works.iter().map(|(plan, _)| length(plan) + 2).sum();
    let mut room = ROOM.saturating_sub(length(&start) + plans + length(end));
    let mut line = start;
    for (plan, link) in works {
        line.push_str(&format!("; {plan}"));
        if let Some(link) = link.as_ref().filter(|link| length(link) < room) {
            room -= length(link) + 1;
            line.push_str(&format!(" {link}"));
        }
    }
    line.push_str(end);
    line
}

/// How many characters the line may have: more than that a service manager is not told.
pub const ROOM: usize = 300;

/// That the page is green, or what of it isn't: what doesn't concern the user, what they don't watch,
/// and incidents that name nobody.
pub fn green(page: &PageState, now: Timestamp) -> String {
    let part = |component: &Component| {
        let (why, models) = page.filtered(component)?;
        let (level, why) = (text::level(component.level), text::filtered(why, &models));
        Some(format!("{}: {level} ({why})", component.shown_name()))
    };
    let mut parts: Vec<String> = page.watched().filter_map(part).collect();
    let start = if parts.is_empty() { "all that you watch is green" } else { NONE_OF_YOURS };
    parts.extend(page.nameless().map(|incident| incident_line(page, incident, now)));
    parts.extend(elsewhere(page));
    match parts.is_empty() {
        true => "the page is green".to_owned(),
        false => format!("{start}; {}", parts.join("; ")),
    }
}

const NONE_OF_YOURS: &str = "nothing of yours is affected";

/// Who isn't well among those that nobody watches, by level; raw.
pub fn elsewhere(page: &PageState) -> Vec<String> {
    let part = |(level, group): (Level, Vec<&Component>)| {
        format!("{}: {} (not watched)", text::list(&names(group)), text::level(level))
    };
    let groups = text::grouped(page.elsewhere().collect(), |component| component.level);
    groups.into_iter().map(part).collect()
}

/// An incident with its phase: "Elevated errors (identified, 15:52)"; raw.
pub(super) fn incident_line(page: &PageState, incident: &Incident, now: Timestamp) -> String {
    let at = text::said_at(incident, now).map_or_else(String::new, |at| {
        format!(", {}", text::clock(at, now, &page.settings().zone))
    });
    format!("{} ({}{at})", incident.name, text::phase(&incident.phase))
}

fn affected(page: &PageState, now: Timestamp) -> Vec<String> {
    let part = |(level, group): (Level, Vec<&Component>)| {
        let since = group.iter().filter_map(|c| c.affected()).map(|e| e.since).min();
        let since = since.map_or_else(String::new, |at| {
            format!(" since {}", text::clock(at, now, &page.settings().zone))
        });
        format!("{}: {}{since}", text::list(&names(group)), text::level(level))
    };
    let groups = text::grouped(page.grounds(now), |component| component.level);
    groups.into_iter().map(part).collect()
}

/// Who is worth a try though the page still shows it affected.
fn fixed(page: &PageState, now: Timestamp) -> Vec<String> {
    let still = |c: &&Component| c.affected().is_some() && page.filter(c).is_none();
    let fixed: Vec<&Component> = page.worth_a_retry(now).into_iter().filter(still).collect();
    let ended = |c: &Component| c.affected().map(|episode| ending::work_ended(page, episode));
    let part = |(level, group): (Level, Vec<&Component>)| {
        let why = match level {
            Level::Maintenance => group.iter().find_map(|c| ended(c)).unwrap_or_default(),
            _ => "a fix is out",
        };
        let names = text::list(&names(group));
        format!("{names}: {why}, the page still shows {}", text::level(level))
    };
    text::grouped(fixed, |component| component.level).into_iter().map(part).collect()
}

/// Who isn't known though the page was read, and which entries of the watch list mean nobody.
fn not_known(page: &PageState, now: Timestamp) -> Vec<String> {
    let unclear = names(page.unclear(now));
    let missing = page.missing_entries();
    let unclear = (!unclear.is_empty()).then(|| format!("{}: not known", text::list(&unclear)));
    let missing = missing.iter().map(|entry| format!("the page lists no {entry:?}"));
    unclear.into_iter().chain(missing).collect()
}

fn retry(page: &PageState, now: Timestamp) -> String {
    let fixed = fixed(page, now);
    if !fixed.is_empty() {
        return fixed.join("; ");
    }
    let back = page.watched().filter_map(|component| match component.state {
        _ if page.filter(component).is_some() => None,
        State::Recovering { back_at, .. } => Some((back_at, component)),
        State::Up { ended: Some(at) } => Some((at, component)),
        _ => None,
    });
    match back.max_by_key(|(at, _)| *at) {
        Some((at, component)) => {
            let at = text::clock(at, now, &page.settings().zone);
            let name = component.shown_name();
            match ending::was_only_reported(component) {
                true => format!("{name} is no longer reported since {at}"),
                false => format!("{name} is back since {at}"),
            }
        }
        None => "it came back".to_owned(),
    }
}

fn names<'a>(components: impl IntoIterator<Item = &'a Component>) -> Vec<&'a str> {
    components.into_iter().map(|component| component.shown_name()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::FailureKind;
    use crate::notice::sink::Sink;
    use crate::settings::Settings;
    use crate::testing::{API, CODE, Harness, Screen};

    #[test]
    fn announced_work_has_its_link_where_that_fits() {
        let works = |name: &str, links: &[Option<&str>]| -> Vec<(String, Option<String>)> {
            links.iter().map(|link| (name.to_owned(), link.map(str::to_owned))).collect()
        };
        let line = |name: &str, links: &[Option<&str>], end: &str| {
            with_works("WAIT: a".to_owned(), &works(name, links), end)
        };
        let link = "https://status.claude.com/incidents/abc";
        assert_eq!(line("Move", &[Some(link)], "; x"), format!("WAIT: a; Move {link}; x"));
        assert_eq!(line("Move", &[None, Some(link)], ""), format!("WAIT: a; Move; Move {link}"));
        let long = "m".repeat(ROOM - 9 - link.len() - 1);
        assert_eq!(line(&long, &[Some(link)], "").chars().count(), ROOM);
        assert_eq!(line(&long, &[Some(link)], ";"), format!("WAIT: a; {long};"));
        let half = "m".repeat(ROOM / 2 - 20);
        let two = line(&half, &[Some(link), Some(link)], "");
        assert_eq!(two.matches(link).count(), 0, "{two}");
        let two = line("Move", &[Some(link), Some(link)], "");
        assert_eq!(two.matches(link).count(), 2, "{two}");
    }

    #[test]
    fn a_day_in_one_line_at_a_time() {
        type Act = fn(&mut Harness);
        let day: [(Act, &str); 9] = [
            (|_| {}, "UNKNOWN: no reading yet"),
            (
                |s| {
                    s.fails(FailureKind::Dns);
                },
                "UNKNOWN: the page's name could not be resolved, since 10:01",
            ),
            (
                |s| {
                    s.polls();
                },
                "CLEAR: the page is green",
            ),
            (
                |s| {
                    s.fails(FailureKind::Connect);
                },
                "CLEAR: the page is green; the last try failed: no connection to the page",
            ),
            (
                |s| {
                    s.status(CODE, "partial_outage").status(API, "degraded_performance").polls();
                },
                "WAIT: Claude Code: partial outage since 10:04; \
                 Claude API: degraded performance since 10:04",
            ),
            (
                |s| {
                    s.status(API, "operational");
                    s.incident("i", "monitoring", &[CODE]).polls();
                },
                "RETRY: Claude Code: a fix is out, the page still shows partial outage",
            ),
            (
                |s| {
                    s.status(CODE, "operational").polls();
                },
                "RETRY: Claude Code is back since 10:06",
            ),
            (
                |s| {
                    s.wait(3600);
                },
                "UNKNOWN: last read at 10:06",
            ),
            (
                |s| {
                    s.polls().wait(2400).polls();
                },
                "CLEAR: the page is green",
            ),
        ];
        let mut harness = Harness::with_defaults();
        for (act, expected) in day {
            act(&mut harness);
            assert_eq!(
                line(
                    harness.monitor.state(),
                    harness.monitor.outboxes().of(Sink::Desktop).waiting().is_some(),
                    harness.now
                ),
                expected
            );
            harness.wait(60);
        }
    }

    /// Finding: what isn't known hid who is down, and who is worth a try.
    #[test]
    fn who_is_down_and_who_is_not_known_stand_side_by_side() {
        let watch = ["Claude Code", "Claude API", "Claude Foo"].map(str::to_owned).to_vec();
        let mut harness = Harness::new(Settings { watch, ..Settings::default() });
        harness.polls().wait(60).status(API, "a_word_of_tomorrow").status(CODE, "major_outage");
        harness.incident("i", "identified", &[CODE]).polls();
        let said = |harness: &Harness| line(harness.monitor.state(), false, harness.now);
        let unknown = "Claude API: not known; the page lists no \"Claude Foo\"";
        let down = "WAIT: Claude Code: major outage since 10:01";
        assert_eq!(said(&harness), format!("{down}; {unknown}"));
        harness.wait(60).incident("i", "monitoring", &[CODE]).polls();
        let fixed = "Claude Code: a fix is out, the page still shows major outage";
        assert_eq!(said(&harness), format!("UNKNOWN: {fixed}; {unknown}"));
        harness.wait(60).status(CODE, "operational").incident("i", "resolved", &[]).polls();
        assert_eq!(said(&harness), format!("UNKNOWN: Claude Code is back since 10:03; {unknown}"));
    }

    #[test]
    fn waiting_pop_ups_are_said() {
        let mut harness = Harness::watching();
        harness.screen = Screen::Missing;
        harness.status(CODE, "major_outage").polls();
        assert_eq!(
            line(
                harness.monitor.state(),
                harness.monitor.outboxes().of(Sink::Desktop).waiting().is_some(),
                harness.now
            ),
            "WAIT: Claude Code: major outage since 10:00; pop-ups wait for a notification server"
        );
    }

    #[test]
    fn a_page_without_what_is_watched_is_not_clear() {
        let mut harness = Harness::with_defaults();
        harness.page.components.retain(|row| row.name == "Claude Cowork");
        harness.polls();
        assert_eq!(
            line(
                harness.monitor.state(),
                harness.monitor.outboxes().of(Sink::Desktop).waiting().is_some(),
                harness.now
            ),
            "UNKNOWN: the page lists nothing that is watched"
        );
    }
}
