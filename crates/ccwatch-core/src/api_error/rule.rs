//! How a cause leads to a branch.

use super::Confidence;

/// By which rule a cause is judged. The rules themselves are in `diagnose`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// It decides by itself: how sure that is, and why.
    Alone(Confidence, &'static str),
    /// An error of the API's own making: the page and what else was seen decide.
    Server,
    /// An error of an edge: Anthropic's own, or one in between.
    Edge,
    /// An error of the server that logs people in.
    LoginServer,
    /// An answer that stopped, or never came.
    NoAnswer,
    /// A connection that was lost.
    Dropped,
    /// A connection that was never there.
    NoConnection,
    /// A network that is not let in.
    EdgeBlocked,
    /// A rule of an administrator about where a request may come from.
    NetworkRule,
    /// A credential that was turned away.
    Refused,
    /// A token that is no good for a reason that no outage makes.
    Token,
    /// An account that is turned away, unless a gateway answered: how sure, and why.
    Account(Confidence, &'static str),
    /// An organisation that was turned away.
    OrgDisabled,
    /// Somebody else's answer.
    ForeignAnswer,
    /// A balance that is too low.
    NoCredit,
    /// Too many requests for the moment.
    TooManyRequests,
    /// A request that was not accepted.
    BadRequest,
    /// Files of this machine.
    OwnFiles,
    /// Somebody else's error.
    Stranger,
    /// A text that tells nothing.
    Unknown,
}
