//! What to do about it: first move, how to verify, when to escalate. Every word of it.

use super::{Branch, Case, Cause};
use crate::core::route::Path;

/// The three things to say.
pub(super) struct Advice {
    pub(super) first_move: String,
    pub(super) verify: String,
    pub(super) escalate_when: String,
}

fn say(first_move: &str, verify: &str, escalate_when: &str) -> Advice {
    Advice {
        first_move: first_move.to_owned(),
        verify: verify.to_owned(),
        escalate_when: escalate_when.to_owned(),
    }
}

/// The advice for a branch.
pub(super) fn of(case: &Case<'_>, branch: Branch) -> Advice {
    match branch {
        Branch::LiveIncident => live(case),
        Branch::Login => login(case),
        Branch::Session => session(case),
        Branch::Route => route(case),
        Branch::RateLimit => limit(case),
        Branch::Network => network(case),
        Branch::Undecided => undecided(case),
    }
}

fn live(case: &Case<'_>) -> Advice {
    let first = match case.error.cause {
        Cause::Refused => {
            "Change nothing, don't log in again yet, and wait: ccwatch tells you when to retry."
        }
        Cause::Overloaded => {
            "Change nothing and wait: ccwatch tells you when to retry. Capacity is per model: \
             /model may get you further meanwhile."
        }
        _ => "Change nothing and wait: ccwatch tells you when to retry.",
    };
    say(
        first,
        "Repeat the same request on the same path.",
        "The page is green again and the same path still fails. Then run: ccwatch evidence",
    )
}

fn login(case: &Case<'_>) -> Advice {
    let first = match case.error.cause {
        Cause::NotAllowed => {
            "Run /status to see which account is in use, then ask who administers it; \
             /login switches to another one."
        }
        _ => "Run /status to see the login, then /login; if it fails, claude doctor.",
    };
    say(
        first,
        "The same login path: after /login, repeat the same request.",
        "It still fails while the page is green. Then run: ccwatch evidence",
    )
}

fn session(case: &Case<'_>) -> Advice {
    let first = match case.error.cause {
        Cause::TooLong => {
            "Start a fresh session (/clear) with the same task and the least context; \
             /compact may save this one."
        }
        Cause::BrokenHistory => {
            "Start a fresh session with the same task and the least context; /rewind may save \
             this one."
        }
        Cause::LongAnswer => "Ask for the same in smaller steps, in a fresh session if need be.",
        _ => "Start a fresh session with the same task and the least context.",
    };
    say(
        first,
        "The same task in the fresh session.",
        "The fresh session fails the same way. Then run: ccwatch evidence",
    )
}

fn route(case: &Case<'_>) -> Advice {
    let found = case.route;
    let foreign = case.error.foreign.as_ref();
    let first = match (&found.endpoint, &found.credential, foreign) {
        (Some((host, place)), _, _) => format!(
            "Requests go to {host}, set in {place}. If you didn't expect that, take it out there; \
             if you did, ask whoever runs it."
        ),
        (None, Some(credential), _) if found.path == Path::ApiKey => format!(
            "{credential} is in force, set in {}. If you didn't expect that, take it out there and \
             start Claude Code anew.",
            found.set_in.as_deref().unwrap_or("an unknown place")
        ),
        _ if found.path.is_foreign() => format!(
            "Requests go through {}, switched on in {}. See that provider's own status page and \
             credentials.",
            found.path.words(),
            found.set_in.as_deref().unwrap_or("an unknown place")
        ),
        (_, _, Some(host)) => format!(
            "{host} answered. See what is in force with: ccwatch route - in the same shell and \
             directory - and ask whoever runs it."
        ),
        _ => {
            "See what is in force with: ccwatch route - in the same shell and directory.".to_owned()
        }
    };
    Advice {
        first_move: first,
        ..say(
            "",
            "The same request on a path that is known to be good.",
            "The same route with fresh credentials still fails. Then run: ccwatch evidence",
        )
    }
}

fn limit(case: &Case<'_>) -> Advice {
    let first = match case.error.cause {
        Cause::TooManyRequests => "Wait a minute, then repeat the same request.",
        Cause::SpendLimit => "Raise the limit, or ask whoever administers it; waiting can't help.",
        Cause::NoCredit => {
            "Add credit, or use the login of a plan: run /status to see which is in use."
        }
        _ => "Wait until the limit resets; /status shows when.",
    };
    let resets = case.error.resets_at.filter(|_| case.error.cause == Cause::UsageLimit);
    let first = resets.map_or_else(
        || first.to_owned(),
        |at| format!("Wait until the limit resets, at {}.", at.strftime("%Y-%m-%d %H:%M UTC")),
    );
    Advice {
        first_move: first,
        ..say(
            "",
            "The same request after that.",
            "The limit should have reset long ago and the request still fails. Then run: ccwatch evidence",
        )
    }
}

fn network(case: &Case<'_>) -> Advice {
    let first = match (case.error.cause, &case.route.proxy) {
        (Cause::Slept, _) => "Repeat the same request.".to_owned(),
        (_, Some((host, place))) => {
            format!("Check the network, the VPN and the proxy {host} (set in {place}).")
        }
        (Cause::Dropped, _) => "Repeat the same request once; if it happens again, check the \
             network, the VPN and any proxy."
            .to_owned(),
        _ => "Check the network, DNS, the VPN and any proxy of this machine.".to_owned(),
    };
    Advice {
        first_move: first,
        ..say(
            "",
            "The status page can be read (ccwatch status), then the same request.",
            "Other sites work, the page is green, and the API still can't be reached. Then run: \
             ccwatch evidence",
        )
    }
}

fn undecided(case: &Case<'_>) -> Advice {
    let first = match case.error.cause {
        Cause::Unknown => "Find out what the error was, before changing anything.",
        _ => "Change nothing yet: repeat the same request once, then answer the question below.",
    };
    say(
        first,
        "Repeat the same request on the same path.",
        "It fails on a green page, in a fresh session, on the route that you expect. Then run: \
         ccwatch evidence",
    )
}
