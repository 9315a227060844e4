//! Refusals: of the network, of the account, of what authenticates.

use super::{
    Finding, at_the_time, foreign, in_force, is_foreign, not_known, somebody_else_answered,
};
use crate::api_error::{Branch, Confidence};
use crate::diagnose::Case;
use crate::history::page_at::Light;
use crate::route::Path;
use crate::text;
use Confidence::{High, Medium};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// The edge before the API looks at where a request comes from, and at nothing else.
pub(super) fn edge_blocked(case: &Case<'_>) -> Finding {
    if is_foreign(case) {
        return foreign(case);
    }
    let finding = Finding::new(
        Branch::Network,
        High,
        "The edge before the API refused it for where it comes from: an unsupported region, or a \
         VPN, proxy or hosting network. No login changes that.",
    );
    match &case.route.proxy {
        Some(_) => finding.because(in_force(case)),
        None => finding,
    }
}

/// An administrator decides from where Claude may be used, and as whom.
pub(super) fn network_rule(case: &Case<'_>) -> Finding {
    if is_foreign(case) {
        return foreign(case);
    }
    let finding = Finding::new(
        Branch::Network,
        High,
        "An administrator's rule decides from which network, and for which organisation, Claude \
         may be used. No login changes that.",
    );
    match &case.route.proxy {
        Some(_) => finding.because(in_force(case)),
        None => finding,
    }
}

/// The account itself, or that of a gateway.
pub(super) fn account(case: &Case<'_>, sure: Confidence, why: &str) -> Finding {
    match somebody_else_answered(case) {
        true => foreign(case),
        false => Finding::new(Branch::Login, sure, why),
    }
}

/// Whose organisation it is depends on what authenticates.
pub(super) fn org_disabled(case: &Case<'_>) -> Finding {
    if is_foreign(case) {
        return foreign(case);
    }
    if case.route.path == Path::ApiKey || credential_of_the_environment(case) {
        return Finding::new(
            Branch::Route,
            High,
            "The organisation that was disabled is the one of the key in force; /login won't \
             change it.",
        )
        .because(in_force(case));
    }
    Finding::new(Branch::Login, Medium, "The organisation behind the login itself was turned away.")
}

/// Tokens that stand in the environment or the settings go before the login, and are never renewed.
fn credential_of_the_environment(case: &Case<'_>) -> bool {
    matches!(
        case.route.credential.as_deref(),
        Some("CLAUDE_CODE_OAUTH_TOKEN" | "ANTHROPIC_AUTH_TOKEN")
    )
}

/// Where what was refused is not the login of a plan: a gateway's, a key, a token of the
/// environment.
fn not_the_login(case: &Case<'_>) -> Option<Finding> {
    let error = case.error;
    // A session that speaks of its login doesn't go through a cloud provider.
    let own = error.login && case.route.endpoint.is_none() && error.foreign.is_none();
    if is_foreign(case) && !own {
        return Some(foreign(case));
    }
    if case.route.path == Path::ApiKey && !error.login {
        let finding = Finding::new(Branch::Route, Medium, "What was refused is not the login.");
        return Some(finding.because(in_force(case)));
    }
    (case.route.path.is_direct() && credential_of_the_environment(case)).then(|| {
        Finding::new(
            Branch::Route,
            Medium,
            "What was refused is a token that is set from outside and goes before the login: \
             /login won't change it.",
        )
        .because(in_force(case))
    })
}

/// No outage revokes a token, or takes a right from it.
pub(super) fn token(case: &Case<'_>) -> Finding {
    not_the_login(case).unwrap_or_else(|| {
        Finding::new(
            Branch::Login,
            High,
            "The API answered, and knows the token: it was revoked, or lacks a right.",
        )
    })
}

/// 401 and 403 from the API.
pub(super) fn refused(case: &Case<'_>) -> Finding {
    if let Some(finding) = not_the_login(case) {
        return finding;
    }
    if let Some(trouble) = case.page.login_trouble() {
        return Finding::new(
            Branch::LiveIncident,
            Medium,
            format!("The page had trouble with logging in {}: {trouble}.", at_the_time(case)),
        )
        .because("Logging in again would fail, or lose a login that is still good.");
    }
    let finding = Finding::new(
        Branch::Login,
        if case.error.status == Some(403) { Medium } else { High },
        "The API answered, and turned the credential away.",
    );
    match case.page.light(case.route.path) {
        Light::Affected(level) => {
            let open: Vec<&str> =
                case.page.incidents_on(case.route.path).map(|i| i.name.as_str()).collect();
            let names =
                if open.is_empty() { String::new() } else { format!(": {}", open.join("; ")) };
            Finding { confidence: finding.confidence.min(Medium), ..finding }
                .because(format!(
                    "The page showed {} {}{names}. If that is why, /login won't help.",
                    text::level(level),
                    at_the_time(case)
                ))
                .ask("Does the same request work once that is over? Run: ccwatch status")
        }
        Light::NotKnown => Finding { confidence: Medium, ..finding }
            .because(not_known(case))
            .ask("Does the page show trouble with logging in? Run: ccwatch status"),
        Light::Green => finding,
    }
}

pub(super) fn no_credit(case: &Case<'_>) -> Finding {
    if is_foreign(case) {
        return foreign(case);
    }
    if case.route.path == Path::ApiKey {
        let sure = if case.route.overrides_login { High } else { Medium };
        return Finding::new(Branch::Route, sure, "Credit is a matter of API keys, not of a plan.")
            .because(in_force(case));
    }
    Finding::new(Branch::RateLimit, Medium, "The organisation that pays has no credit left.")
        .ask("Is an API key in force that you forgot about? Run in the same shell: ccwatch route")
}
