//! Waiting for the page: whether it is over, and what there is to say meanwhile.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use jiff::Timestamp;

use crate::api_error::{ApiError, TimeHeals};
use crate::decide::models;
use crate::model::{Incident, Level};
use crate::state::PageState;
use crate::state::component::{Component, Episode, Fix, State};
use crate::state::maintenance::KnownMaintenance;
use crate::state::verdict::Verdict;
use crate::text;
use crate::text::ending;
use crate::time::between;

/// Errors of this machine that stopped for so long make a retry worth it.
const LULL: Duration = Duration::from_secs(5 * 60);

/// What is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goal {
    /// A retry makes sense: nothing is wrong, a fix is out, it came back, or the errors of this
    /// machine under a green page have stopped for a while.
    Retry,
    /// The page shows everything watched as operational, and has done so for the settling time.
    Clear,
}

impl Goal {
    /// Whether it is reached by everything that is waited for. What is not known never is.
    pub fn is_reached(self, page: &PageState, now: Timestamp) -> bool {
        !page.has_missing_entries() && self.is_reached_by(page, now)
    }

    /// Whether there is nothing more to wait for: it is reached by all that the page lists of what
    /// is waited for. An entry that nothing answers to won't come by waiting.
    pub fn is_over(self, page: &PageState, now: Timestamp) -> bool {
        self.is_reached_by(&page.listed(), now) || page.lists_nothing_watched(now)
    }

    fn is_reached_by(self, page: &PageState, now: Timestamp) -> bool {
        let verdict = page.verdict(now);
        match self {
            Self::Retry => match verdict {
                Verdict::Retry | Verdict::Clear => true,
                Verdict::Suspect => lull(page, now),
                Verdict::Wait | Verdict::Unknown => false,
            },
            Self::Clear => {
                let well = |c: &Component| matches!(c.state, State::Up { .. } | State::Gone { .. });
                !matches!(verdict, Verdict::Unknown | Verdict::Suspect)
                    && page.watched().all(|c| well(c) || page.filter(c).is_some())
            }
        }
    }
}

/// Whether this machine saw no more errors for so long that the page would have followed, or that
/// one more try costs nothing. Who waits sends no requests, so that nothing else ends it soon.
fn lull(page: &PageState, now: Timestamp) -> bool {
    page.witness().suspicion().is_some_and(|suspicion| between(suspicion.newest, now) >= LULL)
}

/// How it stands with all that is watched, in a line without a full stop; raw. It changes when
/// something happens, and not with the time alone.
pub fn situation(page: &PageState, now: Timestamp) -> String {
    let listed = page.listed();
    let partly = is_partly_known(page, &listed, now);
    let mut parts = match listed.verdict(now) {
        Verdict::Unknown if partly => affected(&listed, now),
        Verdict::Unknown => {
            return format!("can't tell how it is: {}", text::why_unknown(page, now));
        }
        Verdict::Clear => vec![text::summary::green(page, now)],
        Verdict::Suspect => match text::summary::green(page, now) {
            green if green.contains(';') => vec![green, "this machine saw API errors".to_owned()],
            green => vec![format!("{green}, but this machine saw API errors")],
        },
        Verdict::Wait | Verdict::Retry => affected(&listed, now),
    };
    let zone = &page.settings().zone;
    parts.extend(works(page, now).map(|known| text::maintenance::plan(known, now, zone)));
    if partly || matches!(listed.verdict(now), Verdict::Wait | Verdict::Retry) {
        parts.extend(page.watched().filter_map(|component| not_waited_for(page, component)));
    }
    if page.has_missing_entries() {
        parts.push(text::doubt::no_answer(&page.missing_entries()));
    }
    parts.join("; ")
}

/// Whether something is known of what is listed though the page, which was read, doesn't say how all of it
/// is.
fn is_partly_known(page: &PageState, listed: &PageState, now: Timestamp) -> bool {
    let read = page.page_health().is_current(now, page.settings().stale_after);
    read && listed.verdict(now) == Verdict::Unknown && !listed.worth_a_retry(now).is_empty()
}

/// What to do now that a retry makes sense, or makes sense for some: a clause.
pub fn first_move(page: &PageState, now: Timestamp) -> Option<String> {
    let listed = page.listed();
    match listed.verdict(now) {
        Verdict::Retry | Verdict::Suspect => {}
        Verdict::Wait | Verdict::Clear | Verdict::Unknown => return None,
    }
    let unclear = page.watched().any(|c| c.is_listed() && c.level == Level::Unknown);
    let partly = unclear || page.has_missing_entries();
    let back = listed.grounds(now).into_iter().map(|c| c.shown_name());
    let names: Vec<&str> = back.filter(|_| partly).collect();
    Some(match names.as_slice() {
        [] => "repeat the same request, on the same path".to_owned(),
        names => format!("repeat what needs only {}, on the same path", text::list(names)),
    })
}

/// Why nobody waits for an error to go away, in a sentence; raw.
pub fn never_healed(error: &ApiError) -> String {
    let row = error.cause.row();
    let what = match &error.stranger {
        Some(who) => format!("{} ({who})", row.words),
        None => row.words.to_owned(),
    };
    match row.heals {
        TimeHeals::AtReset => format!("{what}, and when it resets is not known"),
        TimeHeals::No | TimeHeals::Yes => {
            format!("{what}, which trying again doesn't change. {}", row.first_move)
        }
    }
}

/// The pages of the incident and of the announced work that [`situation`] names.
pub fn links(page: &PageState, now: Timestamp) -> Vec<String> {
    let verdict = page.listed().verdict(now);
    let explains = incident(page).filter(|_| matches!(verdict, Verdict::Wait | Verdict::Retry));
    let works = works(page, now).filter(|_| verdict != Verdict::Unknown).map(KnownMaintenance::id);
    let ids = explains.map(|incident| &incident.id).into_iter().chain(works);
    ids.filter_map(|id| page.settings().incident_url(id)).collect()
}

/// The first incident about something watched that is affected, and about what the user uses.
/// Announced work is explained by itself; maintenance without any may be an outage's.
fn incident(page: &PageState) -> Option<&Incident> {
    let waits = |c: &Component| {
        let explained = |episode: &Episode| episode.is_work() && episode.work.is_some();
        c.affected().is_some_and(|episode| !explained(episode)) && page.filter(c).is_none()
    };
    let others = |i: &Incident| models::only_others(&i.name, &page.settings().models);
    let about = |i: &Incident, c: &Component| i.names(&c.id) || i.means(&c.id);
    let named = |i: &&Incident| page.watched().any(|c| waits(c) && about(i, c));
    page.incidents().open.iter().filter(|i| !others(i)).find(named)
}

/// Announced work that goes on.
fn works(page: &PageState, now: Timestamp) -> impl Iterator<Item = &KnownMaintenance> {
    page.announced(now, false).filter(move |known| known.stage(now).is_under_way())
}

/// Who is affected or came back, and the incident that explains it.
fn affected(page: &PageState, now: Timestamp) -> Vec<String> {
    let concerning = page.watched().filter(|c| page.filter(c).is_none());
    let mut parts: Vec<String> = concerning.filter_map(|c| standing(page, c)).collect();
    parts.extend(incident(page).map(|it| text::summary::incident_line(page, it, now)));
    if parts.is_empty() { returned(page, now) } else { parts }
}

/// Who came back lately, where nobody is affected any more.
fn returned(page: &PageState, now: Timestamp) -> Vec<String> {
    let back: Vec<&Component> =
        page.worth_a_retry(now).into_iter().filter(|c| c.affected().is_none()).collect();
    let was_red = |c: &&Component| !ending::was_only_reported(c);
    let all_well = page.watched().filter(|c| c.is_listed()).all(|c| c.level == Level::Operational);
    if all_well && back.iter().any(was_red) {
        return vec!["all operational again".to_owned()];
    }
    let (red, reported): (Vec<&Component>, Vec<&Component>) = back.into_iter().partition(was_red);
    let part = |(group, only_reported): (Vec<&Component>, bool)| {
        let names: Vec<&str> = group.into_iter().map(|c| c.shown_name()).collect();
        (!names.is_empty())
            .then(|| format!("{}: {}", text::list(&names), ending::again(only_reported)))
    };
    [(red, false), (reported, true)].into_iter().filter_map(part).collect()
}

/// How it stands with one that nobody waits for, though it isn't well: it doesn't concern the user,
/// or the page's word for it isn't known.
fn not_waited_for(page: &PageState, component: &Component) -> Option<String> {
    let name = component.shown_name();
    if let Some((why, models)) = page.filtered(component) {
        let (level, why) = (text::level(component.level), text::filtered(why, &models));
        return Some(format!("{name}: {level} ({why})"));
    }
    let unclear = component.is_listed()
        && component.level == Level::Unknown
        && !component.page_status.as_str().is_empty();
    unclear.then(|| format!("{name}: not known ({})", component.page_status.as_str()))
}

fn standing(page: &PageState, component: &Component) -> Option<String> {
    let name = component.shown_name();
    match &component.state {
        State::Affected { episode } => {
            let fix = match (&episode.fix, episode.level) {
                (Fix::Awaited, _) => String::new(),
                (Fix::Out { .. }, Level::Maintenance) => {
                    format!(", {}", ending::work_ended(page, episode))
                }
                (Fix::Out { .. }, _) => ", a fix is out".to_owned(),
            };
            (component.level != Level::Unknown)
                .then(|| format!("{name}: {}{fix}", text::level(component.level)))
        }
        State::Recovering { .. } if component.level != Level::Unknown => {
            Some(format!("{name}: {}", ending::again(ending::was_only_reported(component))))
        }
        State::Recovering { .. } | State::Unknown | State::Up { .. } | State::Gone { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::FailureKind;
    use crate::monitor::Input;
    use crate::settings::Settings;
    use crate::testing::{API, CHAT, CODE, Harness};
    use crate::witness::LocalError;

    fn reached(harness: &Harness) -> (bool, bool) {
        let reached = |goal: Goal| goal.is_reached(harness.monitor.state(), harness.now);
        (reached(Goal::Retry), reached(Goal::Clear))
    }

    #[test]
    fn an_outage_is_waited_for_until_its_fix_or_until_it_is_green() {
        let mut harness = Harness::watching();
        assert_eq!(reached(&harness), (true, true));
        assert_eq!(situation(harness.monitor.state(), harness.now), "the page is green");
        harness
            .wait(60)
            .status(CODE, "partial_outage")
            .incident("a", "identified", &[CODE])
            .polls();
        assert_eq!(reached(&harness), (false, false));
        let told = "Claude Code: partial outage; \
                    Elevated errors on Claude models (identified, 10:01)";
        assert_eq!(situation(harness.monitor.state(), harness.now), told);
        harness.wait(60).polls();
        assert_eq!(situation(harness.monitor.state(), harness.now), told, "time alone is no news");
        harness.wait(60).incident("a", "monitoring", &[CODE]).polls();
        assert_eq!(reached(&harness), (true, false));
        harness.wait(60).status(CODE, "operational").incident("a", "resolved", &[]).polls();
        assert_eq!(reached(&harness), (true, false), "not settled yet");
        assert_eq!(
            situation(harness.monitor.state(), harness.now),
            "Claude Code: operational again"
        );
        harness.wait(60).polls();
        assert_eq!(reached(&harness), (true, true));
        assert_eq!(situation(harness.monitor.state(), harness.now), "all operational again");
    }

    #[test]
    fn own_errors_under_a_green_page_are_waited_for_until_they_stop() {
        let mut harness = Harness::watching();
        let error = |harness: &Harness, status| LocalError {
            at: harness.now,
            kind: "overloaded_error".to_owned(),
            status: Some(status),
            request_id: None,
            session: "a".to_owned(),
            server: true,
            foreign: false,
            by_hook: false,
        };
        for _ in 0..3 {
            harness.wait(10);
            let error = error(&harness, 529);
            harness.give(Input::LocalError(error));
        }
        let told = "the page is green, but this machine saw API errors";
        assert_eq!(situation(harness.monitor.state(), harness.now), told);
        assert_eq!(reached(&harness), (false, false));
        harness.wait(270).polls();
        assert_eq!(reached(&harness), (false, false));
        harness.wait(30).polls();
        assert_eq!(reached(&harness), (true, false), "they stopped");
        let once_more = error(&harness, 500);
        harness.give(Input::LocalError(once_more));
        assert_eq!(reached(&harness), (false, false), "and go on");
        let at = harness.now + jiff::SignedDuration::from_secs(1);
        harness.wait(1).give(Input::LocalSuccess { at, session: "a".to_owned() });
        assert_eq!(reached(&harness), (true, true), "a session got an answer");
    }

    fn settings() -> Settings {
        Settings { settle: Duration::from_secs(30), ..Settings::default() }
    }

    /// What was told at the end is true of everything that was waited for.
    #[test]
    fn what_is_filtered_or_not_known_is_never_called_operational() {
        let said = |harness: &Harness| situation(harness.monitor.state(), harness.now);
        let first = |harness: &Harness| first_move(harness.monitor.state(), harness.now);
        let models = Settings { models: vec!["sonnet".to_owned()], ..settings() };
        let mut harness = Harness::new(models);
        harness.polls().wait(60).status(CODE, "major_outage").incident("a", "identified", &[CODE]);
        for incident in harness.page.incidents.iter_mut().flatten() {
            incident.name = "Elevated errors on Claude Opus 4.7".to_owned();
        }
        harness.status(CHAT, "partial_outage").polls();
        let filtered = "Claude Code: major outage (Opus 4.7 only; not your model)";
        assert_eq!(said(&harness), format!("claude.ai: partial outage; {filtered}"));
        harness.wait(60).status(CHAT, "operational").polls();
        assert_eq!(said(&harness), format!("claude.ai: operational again; {filtered}"));
        harness.wait(60).polls();
        assert_eq!(said(&harness), format!("claude.ai: operational again; {filtered}"));
        assert_eq!(first(&harness).unwrap(), "repeat the same request, on the same path");

        let mut harness = Harness::watching();
        harness.wait(60).status(CODE, "security_event").status(API, "major_outage").polls();
        let unknown = "Claude Code: not known (security_event)";
        assert_eq!(said(&harness), format!("Claude API: major outage; {unknown}"));
        harness.wait(60).status(API, "operational").polls().wait(60).polls();
        let told = said(&harness);
        assert!(!told.contains("all operational") && told.contains("security_event"), "{told}");
    }

    /// Finding: what isn't known hid who is worth a try.
    #[test]
    fn what_is_not_known_hides_nobody() {
        let said = |harness: &Harness| situation(harness.monitor.state(), harness.now);
        let mut harness = Harness::watching();
        harness.wait(60).status(API, "security_event").status(CODE, "major_outage");
        harness.incident("a", "monitoring", &[CODE]).polls();
        let expected = "Claude Code: major outage, a fix is out; \
                        Elevated errors on Claude models (monitoring, 10:01); \
                        Claude API: not known (security_event)";
        assert_eq!(said(&harness), expected);
        assert_eq!(reached(&harness), (false, false));
        harness.wait(60).status(CODE, "operational").incident("a", "resolved", &[]).polls();
        let expected = "Claude Code: operational again; Claude API: not known (security_event)";
        assert_eq!(said(&harness), expected);
        harness.wait(60).polls();
        assert_eq!(said(&harness), expected);
    }

    #[test]
    fn an_entry_that_nothing_answers_to_is_not_waited_for_and_never_well() {
        let watch = ["Claude Code", "Claude Foo"].map(str::to_owned).to_vec();
        let mut harness = Harness::new(Settings { watch, ..settings() });
        let over = |harness: &Harness| {
            [Goal::Retry, Goal::Clear].map(|goal| {
                let (page, now) = (harness.monitor.state(), harness.now);
                (goal.is_over(page, now), goal.is_reached(page, now))
            })
        };
        let said = |harness: &Harness| situation(harness.monitor.state(), harness.now);
        assert_eq!(over(&harness), [(false, false); 2], "nothing read yet");
        harness.polls();
        assert_eq!(over(&harness), [(true, false); 2]);
        let nobody = "nothing on the page answers to \"Claude Foo\"";
        assert_eq!(said(&harness), format!("the page is green; {nobody}"));
        harness.wait(60).status(CODE, "partial_outage").polls();
        assert_eq!(over(&harness), [(false, false); 2], "what is known is waited for");
        assert_eq!(said(&harness), format!("Claude Code: partial outage; {nobody}"));
        harness.wait(60).status(CODE, "operational").polls();
        assert_eq!(over(&harness), [(true, false), (false, false)]);
        assert_eq!(said(&harness), format!("Claude Code: operational again; {nobody}"));
        assert_eq!(
            first_move(harness.monitor.state(), harness.now).unwrap(),
            "repeat what needs only Claude Code, on the same path"
        );
        harness.wait(60).polls();
        assert_eq!(over(&harness), [(true, false); 2]);
        let watch = vec!["Claude Foo".to_owned()];
        harness.restart_with(Settings { watch, ..settings() }).wait(60).polls();
        assert_eq!(over(&harness), [(true, false); 2], "there is nothing to wait for");
    }

    #[test]
    fn announced_work_that_goes_on_under_a_green_light_is_said() {
        let mut harness = Harness::watching();
        harness.wait(60).work("w", "in_progress", &[CODE], (0, 60)).polls();
        assert_eq!(reached(&harness), (true, true));
        assert_eq!(
            situation(harness.monitor.state(), harness.now),
            "the page is green; Planned upgrade (in progress, until 11:01)"
        );
    }

    #[test]
    fn what_was_only_reported_is_not_operational_again() {
        let mut harness = Harness::watching();
        harness.wait(60).incident("a", "investigating", &[CODE]).polls();
        harness.wait(60).incident("a", "resolved", &[]).polls();
        let said = |harness: &Harness| situation(harness.monitor.state(), harness.now);
        assert_eq!(said(&harness), "Claude Code: no longer reported");
        harness.wait(60).polls();
        assert_eq!(said(&harness), "Claude Code: no longer reported");
    }

    #[test]
    fn what_is_not_known_is_neither_green_nor_silent() {
        let mut harness = Harness::with_defaults();
        let why = |harness: &Harness| situation(harness.monitor.state(), harness.now);
        assert_eq!(why(&harness), "can't tell how it is: no reading yet");
        harness.fails(FailureKind::Dns);
        assert_eq!(reached(&harness), (false, false));
        assert!(why(&harness).contains("could not be resolved (test); check your network"));
        harness.wait(60).status(CODE, "a_word_of_tomorrow").polls();
        assert_eq!(reached(&harness), (false, false));
        assert!(why(&harness).contains("Claude Code (a_word_of_tomorrow)"), "{}", why(&harness));
        harness.wait(601);
        assert!(why(&harness).ends_with("too old to go by"), "{}", why(&harness));
    }
}
