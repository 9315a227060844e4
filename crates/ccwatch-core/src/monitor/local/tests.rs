use crate::notice::sink::Sink;
use jiff::SignedDuration;

use crate::model::{Endpoint, FailureKind, Impact, Incident};
use crate::notice::Urgency;
use crate::notice::kind::Kind;
use crate::settings::Settings;
use crate::settings::WantedKinds;
use crate::state::verdict::Verdict;
use crate::testing::{CODE, Harness, Screen};
use crate::witness::{LocalError, hash};

use super::super::Input;

/// An error of `session`, `ago` seconds back.
fn error(harness: &Harness, session: &str, status: u16, ago: i64) -> Input {
    Input::LocalError(LocalError {
        at: harness.now - SignedDuration::from_secs(ago),
        kind: "api_error".to_owned(),
        status: Some(status),
        request_id: None,
        session: hash(session),
        server: status >= 500,
        foreign: false,
        by_hook: false,
    })
}

/// The same, of a session that somebody else than Anthropic answers.
fn foreign(harness: &Harness, session: &str, status: u16, ago: i64) -> Input {
    match error(harness, session, status, ago) {
        Input::LocalError(error) => {
            Input::LocalError(LocalError { server: false, foreign: true, ..error })
        }
        other => other,
    }
}

/// Three server errors of one session in half a minute, the newest one now.
fn burst(harness: &mut Harness) {
    for ago in [30, 15, 0] {
        let error = error(harness, "one", 529, ago);
        harness.give(error);
    }
}

fn success(harness: &mut Harness) {
    let at = harness.now;
    harness.give(Input::LocalSuccess { at, session: hash("one") });
}

#[test]
fn a_burst_under_a_green_page_is_suspect_and_told_once() {
    let mut harness = Harness::watching();
    harness.wait(40);
    burst(&mut harness);
    assert_eq!(harness.monitor.state().verdict(harness.now), Verdict::Suspect);
    let notice = harness.told.first().unwrap().clone();
    assert_eq!((notice.kind, notice.urgency), (Kind::Suspect, Urgency::Low));
    assert_eq!(notice.title, "API errors here, page still green");
    assert!(notice.body.starts_with("3 errors of the API (529) on this machine since 10:00."));
    assert_eq!(harness.take(), [Kind::Suspect]);
    harness.wait(10);
    burst(&mut harness);
    assert_eq!(harness.take(), [], "told once");
}

#[test]
fn errors_of_a_gateway_are_taken_back_once_it_shows_who_answered() {
    let mut harness = Harness::watching();
    harness.wait(40);
    burst(&mut harness);
    assert_eq!(harness.monitor.state().verdict(harness.now), Verdict::Suspect);
    // The error that ends the turn names the gateway; of another session it proves nothing.
    for (session, verdict) in [("two", Verdict::Suspect), ("one", Verdict::Clear)] {
        let Input::LocalError(last) = error(&harness, session, 529, 0) else { unreachable!() };
        harness.give(Input::LocalError(LocalError { server: false, foreign: true, ..last }));
        assert_eq!(harness.monitor.state().verdict(harness.now), verdict, "{session}");
    }
    harness.wait(10);
    burst(&mut harness);
    assert_eq!(
        harness.monitor.state().verdict(harness.now),
        Verdict::Clear,
        "that session stays the gateway's"
    );
    // Resumed on another route it counts again; and a session may say beforehand that it won't.
    for (straight, verdict) in [(true, Verdict::Suspect), (false, Verdict::Clear)] {
        harness.give(Input::LocalRoute { session: hash("one"), straight });
        harness.wait(10);
        burst(&mut harness);
        assert_eq!(harness.monitor.state().verdict(harness.now), verdict, "straight: {straight}");
    }
}

#[test]
fn what_makes_it_suspect_and_what_never_does() {
    type Errors = &'static [(&'static str, u16, i64)];
    let cases: &[(&str, Errors, bool)] = &[
        ("two of one session", &[("a", 529, 10), ("a", 529, 0)], false),
        ("three of one session", &[("a", 500, 20), ("a", 529, 10), ("a", 529, 0)], true),
        ("one each of two sessions", &[("a", 529, 10), ("b", 529, 0)], true),
        ("too far apart", &[("a", 500, 400), ("a", 529, 310), ("a", 529, 0)], false),
        ("limits", &[("a", 429, 20), ("b", 429, 10), ("c", 429, 0)], false),
        ("refusals", &[("a", 401, 20), ("b", 403, 10), ("c", 400, 0)], false),
        ("one failure reported twice", &[("a", 529, 1), ("a", 529, 0), ("a", 529, 0)], false),
    ];
    for (name, errors, suspect) in cases {
        let mut harness = Harness::watching();
        harness.wait(30).polls();
        for (session, status, ago) in *errors {
            let error = error(&harness, session, *status, *ago);
            harness.give(error);
        }
        let expected = if *suspect { Verdict::Suspect } else { Verdict::Clear };
        assert_eq!(harness.monitor.state().verdict(harness.now), expected, "{name}");
        assert_eq!(harness.take().len(), usize::from(*suspect), "{name}");
    }
}

#[test]
fn connection_errors_have_no_status_and_never_make_it_suspect() {
    let mut harness = Harness::watching();
    for session in ["a", "b", "c", "d"] {
        let Input::LocalError(error) = error(&harness, session, 500, 0) else { panic!() };
        harness.give(Input::LocalError(LocalError { status: None, server: false, ..error }));
    }
    assert_eq!(harness.monitor.state().verdict(harness.now), Verdict::Clear);
}

#[test]
fn a_row_that_a_resumed_session_copied_is_one_error() {
    let mut harness = Harness::watching();
    for session in ["first", "resumed", "forked"] {
        let copy = error(&harness, session, 500, 10);
        harness.give(copy);
    }
    assert_eq!(harness.monitor.state().verdict(harness.now), Verdict::Clear);
}

#[test]
fn what_a_gateway_answers_says_nothing_of_anthropic() {
    let mut harness = Harness::watching();
    for session in ["a", "b", "c"] {
        let foreign = foreign(&harness, session, 503, 0);
        harness.give(foreign);
    }
    assert_eq!(harness.monitor.state().verdict(harness.now), Verdict::Clear);

    // The transcript's rows come first and don't say it; the hook's report does, for all of them.
    let mut harness = Harness::watching();
    burst(&mut harness);
    assert_eq!(harness.monitor.state().verdict(harness.now), Verdict::Suspect);
    let late = foreign(&harness, "one", 529, 0);
    harness.give(late);
    assert_eq!(harness.monitor.state().verdict(harness.now), Verdict::Clear);
    burst(harness.wait(20));
    assert_eq!(harness.monitor.state().verdict(harness.now), Verdict::Clear, "known by now");
}

#[test]
fn an_answer_from_elsewhere_ends_nothing() {
    let mut harness = Harness::watching();
    harness.give(Input::LocalRoute { session: hash("gateway"), straight: false });
    burst(&mut harness);
    let at = harness.wait(1).now;
    harness.give(Input::LocalSuccess { at, session: hash("gateway") });
    assert_eq!(harness.monitor.state().verdict(harness.now), Verdict::Suspect);
    harness.give(Input::LocalSuccess { at, session: hash("another") });
    assert_eq!(harness.monitor.state().verdict(harness.now), Verdict::Clear);
}

#[test]
fn a_failure_that_a_slow_hook_tells_too_is_one() {
    let mut harness = Harness::watching();
    for (ago, by_hook) in [(40, false), (37, true), (20, false), (15, true)] {
        let Input::LocalError(told) = error(&harness, "one", 529, ago) else { panic!() };
        harness.give(Input::LocalError(LocalError { by_hook, ..told }));
    }
    assert_eq!(harness.monitor.state().verdict(harness.now), Verdict::Clear, "two failures");
}

#[test]
fn a_burst_before_the_page_could_be_read_counts_once_it_is_green() {
    let mut harness = Harness::watching();
    harness.wait(700).fails(FailureKind::Timeout);
    burst(&mut harness);
    assert_eq!(harness.monitor.state().verdict(harness.now), Verdict::Unknown);
    harness.wait(30).polls();
    assert_eq!(harness.monitor.state().verdict(harness.now), Verdict::Suspect);
    assert_eq!(harness.take(), [Kind::Suspect]);
}

#[test]
fn errors_in_an_outage_are_the_outage_and_no_suspicion_after_it() {
    let mut harness = Harness::watching();
    harness.wait(60).status(CODE, "major_outage").polls();
    burst(&mut harness);
    harness.wait(30).status(CODE, "operational").polls();
    harness.wait(60).polls();
    assert_eq!(harness.take(), [Kind::Outage, Kind::Back]);
    harness.wait(60).polls();
    assert_eq!(
        (harness.monitor.state().verdict(harness.now), harness.take()),
        (Verdict::Retry, vec![])
    );
}

#[test]
fn an_answer_from_the_future_is_one_of_now() {
    let mut harness = Harness::watching();
    let at = harness.now + SignedDuration::from_hours(30 * 24);
    harness.give(Input::LocalSuccess { at, session: hash("one") });
    burst(harness.wait(60));
    assert_eq!(harness.monitor.state().verdict(harness.now), Verdict::Suspect);
}

#[test]
fn the_page_is_asked_at_once_and_then_more_often() {
    let mut harness = Harness::watching();
    harness.wait(30);
    harness.fetches.clear();
    let first = error(&harness, "a", 529, 0);
    harness.give(first);
    assert_eq!(harness.fetches, [Endpoint::Summary], "at once");
    harness.polls();
    burst(&mut harness);
    harness.polls();
    let next = harness.monitor.next_poll().unwrap().duration_since(harness.now).as_secs();
    assert!((27..=33).contains(&next), "{next}");
    // A storm of errors is no storm of polls.
    harness.fetches.clear();
    for _ in 0..50 {
        let more = error(&harness, "a", 529, 0);
        harness.wait(0).give(more);
    }
    assert_eq!(harness.fetches, []);
}

#[test]
fn when_the_page_follows_it_is_one_bubble_with_the_lead_time() {
    let mut harness = Harness::watching();
    harness.wait(60).polls();
    burst(&mut harness);
    harness.wait(300).polls();
    harness.wait(300).status(CODE, "partial_outage").polls();
    let outage = harness.told.last().unwrap().clone();
    assert_eq!(harness.take(), [Kind::Suspect, Kind::Outage]);
    assert_eq!(outage.lead_seconds, Some(630));
    assert!(outage.body.ends_with("Your own errors began 11 min before the page."), "{outage:?}");
    let bubbles: Vec<Option<u32>> =
        harness.shown.iter().map(|(_, bubble)| bubble.as_ref().map(|b| b.id)).collect();
    assert_eq!(bubbles, [None, Some(1)]);
    assert_eq!(harness.monitor.state().verdict(harness.now), Verdict::Wait);
    // More of them are no news any more, and after it nothing is left of the suspicion.
    burst(&mut harness);
    harness.wait(60).status(CODE, "operational").polls();
    harness.wait(60).polls();
    assert_eq!(harness.take(), [Kind::Back]);
    harness.wait(3600).polls();
    assert_eq!(harness.monitor.state().verdict(harness.now), Verdict::Clear);
}

#[test]
fn a_success_or_time_ends_it_and_a_restart_does_not() {
    let mut harness = Harness::watching();
    burst(&mut harness);
    harness.wait(30).restart().polls();
    assert_eq!(harness.monitor.state().verdict(harness.now), Verdict::Suspect);
    assert_eq!(harness.take(), [Kind::Suspect], "not told again");
    success(&mut harness);
    assert_eq!(harness.monitor.state().verdict(harness.now), Verdict::Clear);
    let one = error(&harness, "one", 529, 0);
    harness.wait(5).give(one);
    assert_eq!(
        harness.monitor.state().verdict(harness.now),
        Verdict::Clear,
        "what was before is answered for"
    );

    let mut harness = Harness::watching();
    burst(&mut harness);
    for _ in 0..29 {
        harness.wait(60).polls();
    }
    assert_eq!(harness.monitor.state().verdict(harness.now), Verdict::Suspect);
    harness.wait(60).polls();
    assert_eq!(harness.monitor.state().verdict(harness.now), Verdict::Clear);
}

#[test]
fn a_success_takes_back_what_was_not_shown_yet() {
    let mut harness = Harness::watching();
    harness.screen = Screen::Missing;
    burst(&mut harness);
    assert_eq!(harness.monitor.outboxes().of(Sink::Desktop).pending().count(), 1);
    harness.wait(1);
    success(&mut harness);
    assert_eq!(harness.monitor.outboxes().of(Sink::Desktop).pending().count(), 0);
}

#[test]
fn nothing_is_said_where_the_page_is_not_known_to_be_green() {
    let mut harness = Harness::watching();
    harness.wait(700).fails(FailureKind::Dns);
    burst(&mut harness);
    assert_eq!(harness.monitor.state().verdict(harness.now), Verdict::Unknown);
    assert_eq!(harness.take(), []);

    let mut harness = Harness::watching();
    harness.status(CODE, "major_outage").polls();
    harness.take();
    burst(&mut harness);
    assert_eq!(
        (harness.monitor.state().verdict(harness.now), harness.take()),
        (Verdict::Wait, vec![])
    );
}

#[test]
fn an_error_in_a_short_incident_is_told_quietly_afterwards() {
    for met in [true, false] {
        let mut harness = Harness::watching();
        harness.history(Vec::new());
        harness.wait(60).polls();
        let began = harness.now;
        if met {
            let one = error(&harness, "one", 500, 0);
            harness.wait(60).give(one);
        }
        harness.wait(300).polls();
        let short = Incident {
            id: "short".into(),
            name: "Elevated errors".to_owned(),
            phase: "resolved".into(),
            impact: Impact::Minor,
            created_at: Some(harness.now),
            started_at: Some(began - SignedDuration::from_secs(60)),
            updated_at: Some(harness.now),
            resolved_at: Some(harness.now - SignedDuration::from_secs(60)),
            components: [CODE.into()].into(),
            meant: [CODE.into()].into(),
            updates: Vec::new(),
        };
        harness.wait(60).history(vec![short.clone()]);
        let told: Vec<_> = harness.told.iter().map(|n| (n.kind, n.urgency)).collect();
        let expected = if met { vec![(Kind::AfterTheFact, Urgency::Low)] } else { vec![] };
        assert_eq!(told, expected);
        harness.take();
        harness.wait(60).history(vec![short]);
        assert_eq!(harness.take(), [], "once");
    }
}

#[test]
fn it_can_be_switched_off() {
    let tell = WantedKinds::default().with(Kind::Suspect, false);
    let mut harness = Harness::new(Settings { tell, ..Settings::default() });
    harness.polls();
    burst(&mut harness);
    assert_eq!(
        (harness.monitor.state().verdict(harness.now), harness.take()),
        (Verdict::Suspect, vec![])
    );
}
