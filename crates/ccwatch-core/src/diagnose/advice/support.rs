//! Who is asked when nothing else helps.

use alloc::string::String;

use crate::diagnose::Case;

/// How the sentences of the advice end that lead to Anthropic's support, by the command that makes the
/// packet for it.
const PACKET: &str = "Then run: ccwatch evidence";

/// The same with the command that makes the packet of this very error; of what another provider
/// answered Anthropic's support knows nothing.
pub(super) fn of_this_error(case: &Case<'_>, escalate_when: String) -> String {
    match (escalate_when.strip_suffix(PACKET), &case.page.way) {
        (None, _) => escalate_when,
        (Some(when), Some(_)) => format!("{when}Then ask the provider's support."),
        (Some(when), None) => format!("{when}Then run: {}", case.means.evidence),
    }
}
