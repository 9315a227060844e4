//! What to do about it: first move, how to verify, when to escalate. Every word of it.

mod live;
mod support;

use super::{Case, rules};
use crate::api_error::{Branch, Cause, TimeHeals};
use crate::route::Path;
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

/// The advice for a branch. The table of causes says what to do where a cause leads to its own
/// branch; where the evidence led elsewhere, the branch says it.
pub(super) fn of(case: &Case<'_>, branch: Branch) -> Advice {
    let row = case.error.cause.row();
    let own = (row.branch == branch).then_some(row.first_move);
    let advice = match branch {
        Branch::LiveIncident => live::advice(case, own),
        Branch::Login => login(case, own),
        Branch::Session => session(case, own),
        Branch::Route => route(case, own),
        Branch::RateLimit => limit(case, own),
        Branch::Network => network(case, own),
        Branch::Undecided => undecided(case, own),
    };
    let escalate_when = support::of_this_error(case, advice.escalate_when);
    Advice { escalate_when, ..advice }
}

const AN_HOUR_LATER: &str = "That is done more than an hour ago and the request still fails. Then \
    ask support, at https://support.claude.com";
const NOBODY_KNOWS_WHY: &str =
    "Nobody can say why it was disabled. Then ask support, at https://support.claude.com";

fn login(case: &Case<'_>, own: Option<&str>) -> Advice {
    let verify = match case.error.cause {
        Cause::LoggedOut | Cause::Refused | Cause::TokenRefused | Cause::LoginCode => {
            "The same login path: after /login, repeat the same request."
        }
        _ => "The same request on the same login.",
    };
    let escalate_when = match case.error.cause {
        Cause::PaymentDue => {
            "It is paid for more than an hour and still turned away. Then ask support, at \
             https://support.claude.com"
        }
        Cause::OnHold | Cause::Unverified => {
            "The page behind the link says that all is well, and it is still turned away. Then \
             ask support, at https://support.claude.com"
        }
        Cause::OrgDisabled => NOBODY_KNOWS_WHY,
        Cause::NotAllowed | Cause::Denied => {
            "Whoever administers it says that you may, and it is still turned away. Then run: \
             ccwatch evidence"
        }
        _ => "It still fails while the page is green. Then run: ccwatch evidence",
    };
    let log_in = "Run /status to see the login, then /login; if it fails, claude doctor.";
    say(own.unwrap_or(log_in), verify, escalate_when)
}

fn session(case: &Case<'_>, own: Option<&str>) -> Advice {
    let verify = match case.error.cause {
        Cause::Filtered => "The same task in the other words.",
        Cause::LongAnswer => "The first of the smaller steps.",
        Cause::Media => "The same task without it, or with the smaller one.",
        _ => "The same task in the fresh session.",
    };
    let escalate_when = match case.error.cause {
        Cause::Filtered | Cause::Declined => {
            "A plainly harmless request in a fresh session fails the same way. Then run: ccwatch \
             evidence"
        }
        _ => "The fresh session fails the same way. Then run: ccwatch evidence",
    };
    say(
        own.unwrap_or("Start a fresh session with the same task and the least context."),
        verify,
        escalate_when,
    )
}

fn route(case: &Case<'_>, own: Option<&str>) -> Advice {
    const MENDED: &str =
        "That is right, and the same request still fails. Then run: ccwatch evidence";
    let (first, verify, escalate_when) = match case.error.cause {
        Cause::Certificate => (
            certificate(case, own),
            "The same request from another network.",
            "It fails from another network and without a proxy, too. Then run: ccwatch evidence",
        ),
        Cause::NoModel => (
            model(case, own),
            "The same request with the other model.",
            "The name is right, the model is offered to you, and it still fails. Then run: \
             ccwatch evidence",
        ),
        Cause::NoCredit if of_a_key(case) => {
            (in_force(case), "The same request after that.", AN_HOUR_LATER)
        }
        Cause::OrgDisabled if of_a_key(case) => {
            (in_force(case), "The same request after that.", NOBODY_KNOWS_WHY)
        }
        Cause::Helper => (helper(case), "The helper prints a key, then the same request.", MENDED),
        Cause::CloudCredential => {
            (cloud(case, own), "The same request, in the same shell.", MENDED)
        }
        Cause::CloudRight | Cause::ModelNotEnabled => (
            plain(own),
            "The same request, in the same shell.",
            "The provider says that it is allowed and switched on, and it still fails. Then ask \
             the provider's support.",
        ),
        Cause::BetaHeader => (with_road(case, own), "The same request after that.", MENDED),
        Cause::Headers | Cause::Profile | Cause::OwnHook => {
            (plain(own), "The same request after that.", MENDED)
        }
        Cause::GatewayLogin => (
            with_road(case, own),
            "The same request through the gateway.",
            "The gateway's own login is fresh and it still refuses: ask whoever runs it.",
        ),
        _ => (
            in_force(case),
            "The same request on a path that is known to be good.",
            "It fails the same way on a path that is known to be good. Then run: ccwatch evidence",
        ),
    };
    Advice { first_move: first, ..say("", verify, escalate_when) }
}

fn plain(own: Option<&str>) -> String {
    own.unwrap_or("See what is in force with: ccwatch route - in the same shell and directory.")
        .to_owned()
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
             start Claude Code anew; if you did, {}.",
            found.set_in.as_deref().unwrap_or("an unknown place"),
            mended(case, "renew it")
        ),
        // A token of a plan from the environment is never renewed by itself.
        (None, Some(credential), None) if credential == "CLAUDE_CODE_OAUTH_TOKEN" => format!(
            "{credential} is in force, set in {}. If you didn't expect that, take it out there and \
             start Claude Code anew; if you did, {}",
            found.set_in.as_deref().unwrap_or("an unknown place"),
            mended(case, "make a new one with: claude setup-token")
        ),
        _ if found.path.is_foreign() => format!(
            "Requests go through {}, switched on in {}. See {}.",
            found.path.words(),
            found.set_in.as_deref().unwrap_or("an unknown place"),
            rules::where_to_look(case)
        ),
        // Nothing that is known here stands in between.
        _ if case.error.cause == Cause::ForeignAnswer => {
            "See what is in force with: ccwatch route - in the shell and directory of that session. \
             If nothing is in between there, look for a proxy, a VPN or a filter of the network, \
             and try another one."
                .to_owned()
        }
        _ => {
            "See what is in force with: ccwatch route - in the same shell and directory.".to_owned()
        }
    }
}

/// Whether it is about the key or token that is in force, and who answered is Anthropic.
fn of_a_key(case: &Case<'_>) -> bool {
    let found = case.route;
    found.credential.is_some() && found.endpoint.is_none() && case.error.foreign.is_none()
}

/// What mends a key or token that is meant to be in force: a new one of the same account helps only
/// where the old one was refused itself.
fn mended<'a>(case: &Case<'_>, anew: &'a str) -> &'a str {
    match case.error.cause {
        Cause::NoCredit => "add credit to its account, at https://platform.claude.com",
        Cause::OrgDisabled => "use one of another organisation",
        _ => anew,
    }
}

/// Whether the error itself has one of these words.
fn says(case: &Case<'_>, words: &[&str]) -> bool {
    let told = case.error.text.to_lowercase();
    words.iter().any(|word| told.contains(word))
}

/// A certificate that is out of its time is no matter of trust: the clock or the certificate is
/// wrong.
fn certificate(case: &Case<'_>, own: Option<&str>) -> String {
    const OF_TIME: &[&str] = &["expired", "not yet valid", "not_yet_valid"];
    const OUT_OF_TIME: &str = "See that the clock of this machine is right. If it is, the \
        certificate itself is out of its time: tell whoever runs the server or proxy that shows \
        it. No setting here mends that.";
    with_road(case, if says(case, OF_TIME) { Some(OUT_OF_TIME) } else { own })
}

/// The move, and what is known of the road beside it.
fn with_road(case: &Case<'_>, own: Option<&str>) -> String {
    let through = match (&case.route.endpoint, &case.route.proxy) {
        (Some((host, place)), _) => format!(" Requests go to {host}, set in {place}."),
        (None, Some((host, place))) => format!(" The proxy {host} is set in {place}."),
        (None, None) => String::new(),
    };
    format!("{}{through}", plain(own))
}

fn model(case: &Case<'_>, own: Option<&str>) -> String {
    let offered = match &case.route.endpoint {
        Some((host, place)) => format!("one that {host} (set in {place}) offers"),
        None if case.route.path.is_foreign() => {
            format!("one that {} offers", case.route.path.words())
        }
        None => return plain(own),
    };
    format!(
        "Pick another model with /model, {offered}; correct the name where it is set \
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

fn cloud(case: &Case<'_>, own: Option<&str>) -> String {
    const OF_TIME: &[&str] = &["signature expired", "signature not yet current"];
    if says(case, OF_TIME) {
        return "Set the clock of this machine right: the request was signed at another time than \
                the provider's. Then repeat the same request."
            .to_owned();
    }
    let command = match case.route.path {
        Path::Bedrock | Path::AnthropicOnAws => {
            "aws sso login, or new keys or a new AWS_BEARER_TOKEN_BEDROCK where they are set"
        }
        Path::Vertex | Path::AnthropicOnGoogleCloud => "gcloud auth application-default login",
        Path::Foundry => "az login",
        Path::Subscription | Path::ApiKey | Path::Gateway | Path::Unknown => return plain(own),
    };
    format!(
        "Renew the provider's own login in the same shell ({command}), then start Claude Code \
             anew."
    )
}

/// What a limit says that a minute doesn't mend.
const LONG_QUOTAS: &[&str] =
    &["per day", "per-day", "daily", "per week", "weekly", "per month", "per-month", "monthly"];

fn limit(case: &Case<'_>, own: Option<&str>) -> Advice {
    let window = matches!(case.error.cause, Cause::UsageLimit | Cause::SpendWindow);
    let first = match case.error.resets_at.filter(|_| window) {
        Some(at) => {
            let at = at.strftime("%Y-%m-%d %H:%M UTC");
            match case.means.limit_is_over {
                true => format!("Repeat the same request: the limit has reset, at {at}."),
                false => format!("Wait until the limit resets, at {at}."),
            }
        }
        None if case.error.cause == Cause::TooManyRequests && says(case, LONG_QUOTAS) => {
            "Wait until the quota is full again, as the error says, or ask whoever administers it \
             to raise it: it is one of a day or longer."
                .to_owned()
        }
        None => own.unwrap_or("Wait a minute, then repeat the same request.").to_owned(),
    };
    let escalate_when = match case.error.cause.row().heals {
        TimeHeals::AtReset => {
            "The limit should have reset long ago and the request still fails. Then run: ccwatch \
             evidence"
        }
        TimeHeals::Yes => {
            "It goes on for an hour, although you send little. Then run: ccwatch evidence"
        }
        TimeHeals::No => AN_HOUR_LATER,
    };
    Advice { first_move: first, ..say("", "The same request after that.", escalate_when) }
}

fn network(case: &Case<'_>, own: Option<&str>) -> Advice {
    let by_road =
        matches!(case.error.cause, Cause::Slept | Cause::EdgeBlocked | Cause::NetworkRule);
    let first = match &case.route.proxy {
        Some((host, place)) if !by_road => {
            format!("Check the network, the VPN and the proxy {host} (set in {place}).")
        }
        _ => own
            .unwrap_or("Check the network, DNS, the VPN and any proxy of this machine.")
            .to_owned(),
    };
    match case.error.cause {
        Cause::Slept => say(
            &first,
            "The same request gets an answer.",
            "It happens while the machine is awake. Then run: ccwatch evidence",
        ),
        Cause::EdgeBlocked => say(
            &first,
            "The same request from the other network.",
            "It is turned away from a plain network in a supported region, too. Then run: ccwatch \
             evidence",
        ),
        Cause::NetworkRule => say(
            &first,
            "The same request from a network that is allowed.",
            "The administrator says that this network is allowed, and it is still turned away. \
             Then run: ccwatch evidence",
        ),
        _ => say(
            &format!("{first} claude doctor tries the connection to the API."),
            "The status page can be read (ccwatch status), then the same request.",
            "Other sites work, the page is green, and the API still can't be reached. Then run: \
             ccwatch evidence",
        ),
    }
}

fn undecided(case: &Case<'_>, own: Option<&str>) -> Advice {
    const REPEAT: &str =
        "Change nothing yet: repeat the same request once, then answer the question below.";
    let (verify, escalate_when) = match case.error.cause {
        Cause::Stranger => (
            "What the error names works again.",
            "Claude Code itself shows an error, too. Then run: ccwatch diagnose --last",
        ),
        Cause::Unknown => (
            "Repeat the same request on the same path.",
            "The whole error says no more, and it fails in a fresh session, too. Then run: ccwatch \
             evidence",
        ),
        Cause::Setting | Cause::OldVersion | Cause::OwnFiles => (
            "The same request after that.",
            "That is done and the same request still fails. Then run: ccwatch evidence",
        ),
        _ => (
            "Repeat the same request on the same path.",
            "It fails on a green page, in a fresh session, on the route that you expect. Then \
             run: ccwatch evidence",
        ),
    };
    say(own.unwrap_or(REPEAT), verify, escalate_when)
}
