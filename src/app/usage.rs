//! A command line that can be parsed, and not be obeyed.

/// What was asked for can't be.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
pub struct UsageError {
    /// Why not.
    pub what: String,
    /// The next step.
    pub hint: String,
}
