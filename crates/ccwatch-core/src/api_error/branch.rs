//! The branches that an error can lead to, and how sure an answer is.

use serde::Serialize;

/// The branches that lead to different first moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Branch {
    /// Anthropic has trouble: wait.
    LiveIncident,
    /// The login or the account.
    Login,
    /// The session.
    Session,
    /// Something unexpected authenticates, or answers.
    Route,
    /// A limit.
    RateLimit,
    /// This machine's network.
    Network,
    /// The evidence doesn't decide.
    Undecided,
}

impl Branch {
    /// The word used in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LiveIncident => "live_incident",
            Self::Login => "login",
            Self::Session => "session",
            Self::Route => "route",
            Self::RateLimit => "rate_limit",
            Self::Network => "network",
            Self::Undecided => "undecided",
        }
    }

    /// The branch in words, for a headline.
    pub fn words(self) -> &'static str {
        match self {
            Self::LiveIncident => "it is Claude, not you",
            Self::Login => "your login",
            Self::Session => "this session",
            Self::Route => "an unexpected route",
            Self::RateLimit => "a limit, not a failure",
            Self::Network => "this machine's network",
            Self::Undecided => "the evidence doesn't decide",
        }
    }
}

/// How sure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// More likely than the others.
    Low,
    /// The evidence points there.
    Medium,
    /// Nothing else explains it.
    High,
}

impl Confidence {
    /// The word used in JSON and on the screen.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}
