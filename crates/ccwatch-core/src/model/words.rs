//! The words of the page: open enums, one variant a word that we know.

use alloc::borrow::ToOwned;
use alloc::string::String;
use serde::Serialize;

use super::Level;

/// An enum whose variants are words of the page, with `Other` for every word we don't know.
macro_rules! page_word {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
        #[serde(into = "String")]
        pub enum $name {
            $($(#[$vdoc])* $variant,)+
            /// A word of the page that ccwatch does not know, or an empty one where it said none.
            Other(String),
        }

        impl $name {
            /// The page's own word.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $word,)+
                    Self::Other(word) => word,
                }
            }
        }

        impl From<String> for $name {
            fn from(word: String) -> Self {
                match word.as_str() {
                    $($word => Self::$variant,)+
                    _ => Self::Other(word),
                }
            }
        }

        impl From<&str> for $name {
            fn from(word: &str) -> Self {
                Self::from(word.to_owned())
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.as_str().to_owned()
            }
        }
    };
}

page_word! {
    /// A component's status as the page words it.
    PageStatus {
        /// All is well.
        Operational = "operational",
        /// Slow or flaky.
        Degraded = "degraded_performance",
        /// Down for some.
        Partial = "partial_outage",
        /// Down.
        Major = "major_outage",
        /// Announced work.
        Maintenance = "under_maintenance",
    }
}

impl PageStatus {
    /// The level that the status alone gives; incidents may raise it to `reported`.
    pub fn level(&self) -> Level {
        match self {
            Self::Operational => Level::Operational,
            Self::Degraded => Level::Degraded,
            Self::Partial => Level::Partial,
            Self::Major => Level::Major,
            Self::Maintenance => Level::Maintenance,
            Self::Other(_) => Level::Unknown,
        }
    }

    /// Whether the page calls it an outage: neither well, nor announced work, nor a word that we
    /// don't know.
    pub fn is_red(&self) -> bool {
        self.level().is_worse_than(Level::Reported)
    }
}

page_word! {
    /// How far an incident has come (Statuspage's `incident.status`).
    Phase {
        /// Being looked into.
        Investigating = "investigating",
        /// The cause is known.
        Identified = "identified",
        /// The fix is out and being watched.
        Monitoring = "monitoring",
        /// Over.
        Resolved = "resolved",
        /// Over, and explained.
        Postmortem = "postmortem",
        /// Maintenance to come.
        Scheduled = "scheduled",
        /// Maintenance under way.
        InProgress = "in_progress",
        /// Maintenance done, being checked.
        Verifying = "verifying",
        /// Maintenance over.
        Completed = "completed",
    }
}

impl Phase {
    /// Still being looked into: such an incident raises the components it names to `reported`.
    pub fn is_active(&self) -> bool {
        matches!(self, Self::Investigating | Self::Identified)
    }

    /// Announced work that is going on.
    pub fn is_under_way(&self) -> bool {
        matches!(self, Self::InProgress | Self::Verifying)
    }

    /// A phase that only announced work has.
    pub fn is_of_announced_work(&self) -> bool {
        matches!(self, Self::Scheduled | Self::InProgress | Self::Verifying | Self::Completed)
    }

    /// Ended, by the page's own word.
    pub fn is_over(&self) -> bool {
        matches!(self, Self::Resolved | Self::Postmortem | Self::Completed)
    }
}

impl Impact {
    /// Whether it is a bad one, which is told whatever it names.
    pub fn is_bad(&self) -> bool {
        matches!(self, Self::Major | Self::Critical)
    }
}

page_word! {
    /// How bad the page says an incident is.
    Impact {
        /// No impact.
        None = "none",
        /// Minor.
        Minor = "minor",
        /// Major.
        Major = "major",
        /// Critical.
        Critical = "critical",
        /// Announced work.
        Maintenance = "maintenance",
    }
}
