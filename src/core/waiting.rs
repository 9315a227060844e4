//! Waiting for the page: whether it is over, and what there is to say meanwhile.

use std::time::Duration;

use jiff::Timestamp;

use super::component::{Component, Fix, State};
use super::model::Incident;
use super::monitor::Monitor;
use super::settings::short_name;
use super::time::between;
use super::verdict::Verdict;
use super::wording;

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
    pub fn is_reached(self, monitor: &Monitor, now: Timestamp) -> bool {
        let verdict = monitor.verdict(now);
        match self {
            Self::Retry => match verdict {
                Verdict::Retry | Verdict::Clear => true,
                Verdict::Suspect => lull(monitor, now),
                Verdict::Wait | Verdict::Unknown => false,
            },
            Self::Clear => {
                let well = |c: &Component| matches!(c.state, State::Up { .. } | State::Gone { .. });
                !matches!(verdict, Verdict::Unknown | Verdict::Suspect)
                    && monitor.watched().all(well)
            }
        }
    }
}

/// Whether this machine saw no more errors for so long that the page would have followed, or that
/// one more try costs nothing. Who waits sends no requests, so that nothing else ends it soon.
fn lull(monitor: &Monitor, now: Timestamp) -> bool {
    monitor.local().suspicion().is_some_and(|suspicion| between(suspicion.newest, now) >= LULL)
}

/// How it stands, in a line without a full stop; raw. It changes when something happens, and not
/// with the time alone.
pub fn situation(monitor: &Monitor, now: Timestamp) -> String {
    match monitor.verdict(now) {
        Verdict::Unknown => format!("can't tell how it is: {}", wording::why_unknown(monitor, now)),
        Verdict::Clear => "the page is green".to_owned(),
        Verdict::Suspect => "the page is green, but this machine saw API errors".to_owned(),
        Verdict::Wait | Verdict::Retry => affected(monitor, now),
    }
}

fn affected(monitor: &Monitor, now: Timestamp) -> String {
    let mut parts: Vec<String> = monitor.watched().filter_map(standing).collect();
    let named = |i: &&Incident| monitor.watched().any(|c| c.affected().is_some() && i.names(&c.id));
    parts.extend(monitor.incidents().open.iter().find(named).map(|incident| {
        let at = incident.newest_update_at().map_or_else(String::new, |at| {
            format!(", {}", wording::clock(at, now, &monitor.settings().zone))
        });
        format!("{} ({}{at})", incident.name, wording::phase(&incident.phase))
    }));
    if parts.is_empty() { "all operational again".to_owned() } else { parts.join("; ") }
}

fn standing(component: &Component) -> Option<String> {
    let name = short_name(&component.name);
    match &component.state {
        State::Affected { episode } => {
            let fix = if episode.fix == Fix::Awaited { "" } else { ", a fix is out" };
            Some(format!("{name}: {}{fix}", wording::level(episode.level)))
        }
        State::Recovering { .. } => Some(format!("{name}: operational again")),
        State::Unknown | State::Up { .. } | State::Gone { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::local::LocalError;
    use crate::core::model::FailureKind;
    use crate::core::monitor::Input;
    use crate::core::script::{CODE, Stage};

    fn reached(stage: &Stage) -> (bool, bool) {
        let reached = |goal: Goal| goal.is_reached(&stage.monitor, stage.now);
        (reached(Goal::Retry), reached(Goal::Clear))
    }

    #[test]
    fn an_outage_is_waited_for_until_its_fix_or_until_it_is_green() {
        let mut stage = Stage::watching();
        assert_eq!(reached(&stage), (true, true));
        assert_eq!(situation(&stage.monitor, stage.now), "the page is green");
        stage.wait(60).status(CODE, "partial_outage").incident("a", "identified", &[CODE]).polls();
        assert_eq!(reached(&stage), (false, false));
        let told = "Claude Code: partial outage; \
                    Elevated errors on Claude models (identified, 10:01)";
        assert_eq!(situation(&stage.monitor, stage.now), told);
        stage.wait(60).polls();
        assert_eq!(situation(&stage.monitor, stage.now), told, "time alone is no news");
        stage.wait(60).incident("a", "monitoring", &[CODE]).polls();
        assert_eq!(reached(&stage), (true, false));
        stage.wait(60).status(CODE, "operational").incident("a", "resolved", &[]).polls();
        assert_eq!(reached(&stage), (true, false), "not settled yet");
        assert_eq!(situation(&stage.monitor, stage.now), "Claude Code: operational again");
        stage.wait(60).polls();
        assert_eq!(reached(&stage), (true, true));
        assert_eq!(situation(&stage.monitor, stage.now), "all operational again");
    }

    #[test]
    fn own_errors_under_a_green_page_are_waited_for_until_they_stop() {
        let mut stage = Stage::watching();
        let error = |stage: &Stage, status| LocalError {
            at: stage.now,
            kind: "overloaded_error".to_owned(),
            status: Some(status),
            request_id: None,
            session: "a".to_owned(),
            server: true,
            foreign: false,
            by_hook: false,
        };
        for _ in 0..3 {
            stage.wait(10);
            let error = error(&stage, 529);
            stage.give(Input::LocalError(error));
        }
        let told = "the page is green, but this machine saw API errors";
        assert_eq!(situation(&stage.monitor, stage.now), told);
        assert_eq!(reached(&stage), (false, false));
        stage.wait(270).polls();
        assert_eq!(reached(&stage), (false, false));
        stage.wait(30).polls();
        assert_eq!(reached(&stage), (true, false), "they stopped");
        let once_more = error(&stage, 500);
        stage.give(Input::LocalError(once_more));
        assert_eq!(reached(&stage), (false, false), "and go on");
        let at = stage.now + jiff::SignedDuration::from_secs(1);
        stage.wait(1).give(Input::LocalSuccess { at, session: "a".to_owned() });
        assert_eq!(reached(&stage), (true, true), "a session got an answer");
    }

    #[test]
    fn what_is_not_known_is_neither_green_nor_silent() {
        let mut stage = Stage::with_defaults();
        let why = |stage: &Stage| situation(&stage.monitor, stage.now);
        assert_eq!(why(&stage), "can't tell how it is: no reading yet");
        stage.fails(FailureKind::Dns);
        assert_eq!(reached(&stage), (false, false));
        assert!(why(&stage).contains("could not be resolved (test); check your network"));
        stage.wait(60).status(CODE, "a_word_of_tomorrow").polls();
        assert_eq!(reached(&stage), (false, false));
        assert!(why(&stage).contains("Claude Code (a_word_of_tomorrow)"), "{}", why(&stage));
        stage.wait(601);
        assert!(why(&stage).ends_with("too old to go by"), "{}", why(&stage));
    }
}
