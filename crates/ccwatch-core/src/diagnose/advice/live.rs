//! What to do about trouble of Anthropic's own: wait, or retry, as the page stands now.

use alloc::borrow::ToOwned;
use alloc::string::String;

use super::{Advice, say};
use crate::api_error::Cause;
use crate::diagnose::{Case, Outlook, Teller};
use crate::history::page_at::Light;
use crate::state::verdict::Verdict;
use crate::text::{self, Behind};

/// The page doesn't show it, so nobody can say when it is over.
const AGAIN: &str = "Change nothing, and repeat the same request in a few minutes.";
const LOG_IN_AGAIN: &str = "Change nothing, and try the same login again in a few minutes.";
const AGAIN_OR_SWITCH: &str = "Change nothing, and repeat the same request in a few minutes. \
    Capacity is per model: /model may get you further meanwhile.";

pub(super) fn advice(case: &Case<'_>, own: Option<&str>) -> Advice {
    let of_way = case.page.way.is_some();
    let shown = matches!(case.page.light(case.route.path), Light::Affected(_))
        || !of_way && matches!(case.page.light_of_api(), Light::Affected(_))
        || case.page.login_trouble().is_some();
    let outlook = case.means.outlook;
    let waits = match outlook.verdict {
        Verdict::Wait => true,
        Verdict::Unknown => shown,
        Verdict::Retry | Verdict::Clear | Verdict::Suspect => false,
    };
    let first = retry(outlook, shown).unwrap_or_else(|| match (case.error.cause, own) {
        (Cause::Refused, None) if waits => {
            wait("Change nothing, don't log in again yet, and wait.", outlook.teller)
        }
        // One lost connection under trouble of a day costs no more than a repetition.
        (Cause::Dropped, None) if waits => wait(
            "Repeat the same request once; if it fails again, change nothing and wait.",
            outlook.teller,
        ),
        (_, Some(own)) if waits => wait(own, outlook.teller),
        (_, None) if waits => wait("Change nothing and wait.", outlook.teller),
        (cause, _) if cause.is_capacity() => AGAIN_OR_SWITCH.to_owned(),
        (Cause::LoginServer, _) => LOG_IN_AGAIN.to_owned(),
        _ => AGAIN.to_owned(),
    });
    let verify = match case.error.cause {
        Cause::LoginServer => "Try the same login again, on the same path.",
        _ => "Repeat the same request on the same path.",
    };
    say(
        &first,
        verify,
        match shown {
            true => {
                "The page is green again and the same path still fails. Then run: ccwatch evidence"
            }
            false => {
                "It goes on for an hour and the page still doesn't show it. Then run: ccwatch evidence"
            }
        },
    )
}

/// To wait, and who tells when that is over.
fn wait(first: &str, teller: Teller<'_>) -> String {
    let told = match teller {
        Teller::Daemon => "ccwatch tells you when to retry.".to_owned(),
        Teller::Unwatched(name) => format!(
            "You don't watch {name}, so ccwatch doesn't tell you when to retry; to wait for it, run: \
             ccwatch wait '{name}'"
        ),
        Teller::NoDaemon => {
            "No daemon runs to tell you when to retry; to wait for it, run: ccwatch wait".to_owned()
        }
        Teller::Silent => {
            "ccwatch doesn't tell you when this one is over; to wait for it, run: ccwatch wait"
                .to_owned()
        }
    };
    format!("{first} {told}")
}

/// What to do where a retry makes sense by now, though the page showed trouble.
fn retry(outlook: Outlook<'_>, shown: bool) -> Option<String> {
    let again = match (outlook.verdict, outlook.behind) {
        (Verdict::Wait | Verdict::Unknown, _) => return None,
        (Verdict::Retry, Behind::Outage | Behind::Maintenance | Behind::UnlistedMaintenance) => {
            let first = text::advice(outlook.verdict, outlook.behind);
            return Some(format!(
                "{first} If it fails again, wait for green: ccwatch wait --for clear"
            ));
        }
        _ if !shown => return None,
        (Verdict::Retry, Behind::OnlyReported) => "Nothing is reported any more",
        (
            Verdict::Retry,
            Behind::Nothing
            | Behind::Filtered
            | Behind::Nameless
            | Behind::Elsewhere
            | Behind::Partly
            | Behind::Unclear,
        ) => "It came back",
        (Verdict::Clear | Verdict::Suspect, _) => "It is over by now",
    };
    Some(format!("{again}: repeat the same request, on the same path."))
}
