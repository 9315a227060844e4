//! Whether time heals an error.

/// Whether waiting makes an error go away, with nobody doing anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeHeals {
    /// It goes by: the same request works some time later.
    Yes,
    /// It is over when the limit resets.
    AtReset,
    /// Somebody has to do something first.
    No,
}

impl TimeHeals {
    /// The word used in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::AtReset => "at_reset",
            Self::No => "no",
        }
    }
}
