//! Waiting for the page: whether it is over, and what there is to say meanwhile.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use jiff::Timestamp;

use crate::api_error::{ApiError, TimeHeals};
use crate::model::{Incident, Level};
use crate::settings::short_name;
use crate::state::PageState;
use crate::state::component::{Component, Fix, State};
use crate::state::maintenance::KnownMaintenance;
use crate::state::verdict::Verdict;
use crate::text;
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
    /// Whether it is reached. What is not known never is.
    pub fn is_reached(self, page: &PageState, now: Timestamp) -> bool {
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
                    && !page.has_missing_entries()
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

/// How it stands, in a line without a full stop; raw. It changes when something happens, and not
/// with the time alone.
pub fn situation(page: &PageState, now: Timestamp) -> String {
    match page.verdict(now) {
        Verdict::Unknown => format!("can't tell how it is: {}", text::why_unknown(page, now)),
        Verdict::Clear => text::summary::green(page),
        Verdict::Suspect => "the page is green, but this machine saw API errors".to_owned(),
        Verdict::Wait | Verdict::Retry => affected(page, now),
    }
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
    let ids = match page.verdict(now) {
        Verdict::Wait | Verdict::Retry => {
            let works = works(page, now).map(KnownMaintenance::id);
            incident(page).map(|incident| &incident.id).into_iter().chain(works).collect()
        }
        Verdict::Unknown | Verdict::Clear | Verdict::Suspect => Vec::new(),
    };
    ids.into_iter().filter_map(|id| page.settings().incident_url(id)).collect()
}

/// The first incident about something watched that is affected.
fn incident(page: &PageState) -> Option<&Incident> {
    let named = |i: &&Incident| {
        page.watched().any(|c| c.affected().is_some() && page.filter(c).is_none() && i.names(&c.id))
    };
    page.incidents().open.iter().find(named)
}

/// Announced work that goes on.
fn works(page: &PageState, now: Timestamp) -> impl Iterator<Item = &KnownMaintenance> {
    page.announced(now, false).filter(move |known| known.stage(now).is_under_way())
}

fn affected(page: &PageState, now: Timestamp) -> String {
    let mut parts: Vec<String> =
        page.watched().filter(|c| page.filter(c).is_none()).filter_map(standing).collect();
    parts.extend(incident(page).map(|incident| {
        let at = text::said_at(incident, now).map_or_else(String::new, |at| {
            format!(", {}", text::clock(at, now, &page.settings().zone))
        });
        format!("{} ({}{at})", incident.name, text::phase(&incident.phase))
    }));
    let zone = &page.settings().zone;
    parts.extend(works(page, now).map(|known| text::maintenance::plan(known, now, zone)));
    if parts.is_empty() { "all operational again".to_owned() } else { parts.join("; ") }
}

fn standing(component: &Component) -> Option<String> {
    let name = short_name(&component.name);
    match &component.state {
        State::Affected { episode } => {
            let fix = match (&episode.fix, episode.level) {
                (Fix::Awaited, _) => "",
                (Fix::Out { .. }, Level::Maintenance) => ", the announced work is over",
                (Fix::Out { .. }, _) => ", a fix is out",
            };
            Some(format!("{name}: {}{fix}", text::level(component.level)))
        }
        State::Recovering { .. } => Some(format!("{name}: operational again")),
        State::Unknown | State::Up { .. } | State::Gone { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::FailureKind;
    use crate::monitor::Input;
    use crate::testing::{CODE, Harness};
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
