//! Which branch is it? From one API error, what the page said at its time, and the route.
//!
//! Pure and table-like: `rules` says which branch and why, `advice` what to do about it. The
//! page is never taken for green: where it is not known, the diagnosis says so, and asks for the
//! one thing that would decide.

mod advice;
mod outlook;
mod rules;

use alloc::string::String;
use alloc::vec::Vec;
use serde::Serialize;

use crate::api_error::{ApiError, Branch, Confidence, Rule};
use crate::history::page_at::PageThen;
use crate::route::RouteFacts;

pub use outlook::{Outlook, Teller};

/// What else this machine saw around the time of the error.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Around {
    /// Other sessions with errors of a server.
    pub other_sessions_failing: u32,
    /// Other sessions that got an answer after the error.
    pub other_sessions_working: u32,
    /// Errors of a server in the same session, this one included.
    pub same_session_failures: u32,
    /// The same session got an answer after the error.
    pub same_session_worked_later: bool,
}

/// Everything that a diagnosis is made from.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// The error.
    pub error: &'a ApiError,
    /// What the page said at its time.
    pub page: &'a PageThen,
    /// The route in force.
    pub route: &'a RouteFacts,
    /// What else was seen.
    pub around: Around,
    /// What can be done next.
    pub means: Means<'a>,
}

/// What the user can do next, so that no advice leads back to where it was given.
#[derive(Debug, Clone, Copy)]
pub struct Means<'a> {
    /// The command that makes the packet for support of this very error.
    pub evidence: &'a str,
    /// How it stands on the path now, and who tells when it is over.
    pub outlook: Outlook<'a>,
    /// The transcripts hold an error that can be asked about without its text.
    pub has_another: bool,
    /// The limit that the error names has reset since: there is nothing left to wait for.
    pub limit_is_over: bool,
}

impl Default for Means<'_> {
    fn default() -> Self {
        Self {
            evidence: "ccwatch evidence",
            outlook: Outlook::NOT_KNOWN,
            has_another: true,
            limit_is_over: false,
        }
    }
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnosis {
    /// Which branch.
    pub branch: Branch,
    /// How sure.
    pub confidence: Confidence,
    /// The evidence, a sentence each. May hold foreign text.
    pub why: Vec<String>,
    /// What to do first.
    pub first_move: String,
    /// How to tell that it helped.
    pub verify: String,
    /// When to go to support.
    pub escalate_when: String,
    /// The one thing that would decide, where something is missing.
    pub missing: Option<String>,
}

/// Whether an error can be one of the way that requests go, so that the page of that way speaks for it:
/// not one that says itself that Anthropic answered, or that is about Anthropic's login.
pub fn is_of_the_way(error: &ApiError) -> bool {
    let login = error.login || error.cause.row().rule == Rule::LoginServer;
    !error.direct && !error.has_anthropics_id() && !login
}

/// Finds the branch.
pub fn diagnose(case: &Case<'_>) -> Diagnosis {
    let finding = rules::judge(case);
    let advice = advice::of(case, finding.branch);
    Diagnosis {
        branch: finding.branch,
        confidence: finding.confidence,
        why: finding.why,
        first_move: advice.first_move,
        verify: advice.verify,
        escalate_when: advice.escalate_when,
        missing: finding.missing,
    }
}

#[cfg(test)]
mod tests;
