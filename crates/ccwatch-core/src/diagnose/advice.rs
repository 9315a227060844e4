//! What to do about it: first move, how to verify, when to escalate. Every word of it.

use super::{Branch, Case, Cause, rules};
use crate::diagnose::route::Path;
use alloc::borrow::ToOwned;
use alloc::string::String;

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
    let (first, verify) = match case.error.cause {
        Cause::Certificate => (certificate(case), "The same request from another network."),
        Cause::NoModel => (model(case), "The same request with the other model."),
        Cause::Helper => (helper(case), "The helper prints a key, then the same request."),
        Cause::CloudCredential => (cloud(case), "The same request, in the same shell."),
        Cause::Headers => (
            "Correct ANTHROPIC_CUSTOM_HEADERS, one `Name: value` a line, or take it out; ccwatch \
             route says where it is set."
                .to_owned(),
            "The same request after that.",
        ),
        _ => (in_force(case), "The same request on a path that is known to be good."),
    };
    Advice {
        first_move: first,
        ..say(
            "",
            verify,
            "The same route with fresh credentials still fails. Then run: ccwatch evidence",
        )
    }
}

/// Names what is in force, and where to change it.
fn in_force(case: &Case<'_>) -> String {
    let found = case.route;
    match (&found.endpoint, &found.credential, &case.error.foreign) {
        (Some((host, place)), _, _) => format!(
            "Requests go to {host}, set in {place}. If you didn't expect that, take it out there; \
             if you did, ask whoever runs it."
        ),
        // Who intercepts doesn't care for the key.
        (None, _, _) if case.error.cause == Cause::Intercepted => match &found.proxy {
            Some((host, place)) => format!(
                "Requests go through the proxy {host}, set in {place}. Try without it, or ask \
                 whoever runs it."
            ),
            None => "Look for what is in between: a proxy, a VPN, a filter of the company or of \
                     the guest network. Try another network."
                .to_owned(),
        },
        (None, _, Some(host)) if !found.path.is_foreign() => format!(
            "{} answered. See what is in force with: ccwatch route - in the same shell and \
             directory - and ask whoever runs it.",
            rules::at_the_start(host)
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
        _ => {
            "See what is in force with: ccwatch route - in the same shell and directory.".to_owned()
        }
    }
}

fn certificate(case: &Case<'_>) -> String {
    let through = match (&case.route.endpoint, &case.route.proxy) {
        (Some((host, place)), _) => format!(" Requests go to {host}, set in {place}."),
        (None, Some((host, place))) => format!(" The proxy {host} is set in {place}."),
        (None, None) => String::new(),
    };
    format!(
        "Find out what inspects encrypted traffic here (a company's proxy, an antivirus) and name \
         its root certificate in NODE_EXTRA_CA_CERTS. Don't switch the check off.{through}"
    )
}

fn model(case: &Case<'_>) -> String {
    let offered = match &case.route.endpoint {
        Some((host, place)) => format!(", one that {host} (set in {place}) offers"),
        None if case.route.path.is_foreign() => {
            format!(", one that {} offers", case.route.path.words())
        }
        None => String::new(),
    };
    format!(
        "Pick another model with /model{offered}; correct the name where it is set \
         (ANTHROPIC_MODEL, --model, \"model\" in the settings)."
    )
}

fn helper(case: &Case<'_>) -> String {
    let helper = case.route.credential.as_deref() == Some("apiKeyHelper");
    let place = case.route.set_in.as_deref().filter(|_| helper);
    let place = place.map_or_else(|| "the settings".to_owned(), str::to_owned);
    format!(
        "Run the script that apiKeyHelper names in {place} by hand: it has to print a key and to \
         end without an error."
    )
}

fn cloud(case: &Case<'_>) -> String {
    let command = match case.route.path {
        Path::Bedrock => "aws sso login",
        Path::Vertex => "gcloud auth application-default login",
        Path::Foundry => "az login",
        _ => "aws sso login, gcloud auth application-default login, or az login",
    };
    format!(
        "Renew the provider's own login in the same shell ({command}), then start Claude Code \
             anew."
    )
}

fn limit(case: &Case<'_>) -> Advice {
    let first = match case.error.cause {
        Cause::TooManyRequests => "Wait a minute, then repeat the same request.",
        Cause::SpendLimit => "Raise the limit, or ask whoever administers it; waiting can't help.",
        Cause::SpendWindow => {
            "Wait until the limit resets, at the time in the error, or ask whoever administers it \
             to raise it."
        }
        Cause::LongContext => {
            "Pick the model without the long context with /model, or switch on usage credits."
        }
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
        Cause::OwnFiles => "Make room, or correct the permissions, of the file in the error.",
        _ => "Change nothing yet: repeat the same request once, then answer the question below.",
    };
    say(
        first,
        "Repeat the same request on the same path.",
        "It fails on a green page, in a fresh session, on the route that you expect. Then run: \
         ccwatch evidence",
    )
}
