//! The words by which the enums of the core are stored, in columns and inside of JSON.
//!
//! A word that is stored may not change, which a frozen list of all of them holds. What has a table with
//! its words in it is stored by those; of the others they are written out here.

use alloc::string::String;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::model::Level;
use crate::notice::kind::{Kind, Reason};
use crate::notice::mute::End;
use crate::notice::sink::Sink;
use crate::notice::{DeliveryState, Urgency};
use crate::sessions::{Awaited, Standing};

/// An enum that is stored as a word.
pub trait StoredWord: Copy + 'static {
    /// All stored words, in the order of the table.
    const WORDS: &'static [&'static str];

    /// The word that stands for this value.
    fn word(self) -> &'static str;

    /// The value that a stored word stands for; none for a word that this version doesn't know.
    fn from_stored(word: &str) -> Option<Self>;
}

/// The stored form of such an enum. An unknown word is an error: it has no safe meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Word<T>(pub T);

impl<T: StoredWord> Serialize for Word<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.word())
    }
}

impl<'de, T: StoredWord> Deserialize<'de> for Word<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        let unknown = || D::Error::unknown_variant(&word, T::WORDS);
        T::from_stored(&word).map(Self).ok_or_else(unknown)
    }
}

macro_rules! stored_words {
    ($type:ty { $($variant:ident = $word:literal),+ $(,)? }) => {
        impl StoredWord for $type {
            const WORDS: &'static [&'static str] = &[$($word),+];

            fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }

            fn from_stored(word: &str) -> Option<Self> {
                match word {
                    $($word => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }
    };
}

stored_words! {
    Level {
        Unknown = "unknown",
        Operational = "operational",
        Maintenance = "maintenance",
        Reported = "reported",
        Degraded = "degraded",
        Partial = "partial",
        Major = "major",
    }
}

/// What has a table with its words in it: a new one is a row there.
macro_rules! table_words {
    ($($type:ty),+) => {
        $(impl StoredWord for $type {
            const WORDS: &'static [&'static str] = &<$type>::WORDS;

            fn word(self) -> &'static str {
                self.as_str()
            }

            fn from_stored(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|row| row.as_str() == word)
            }
        })+
    };
}

table_words! { Kind, Reason, Sink }

stored_words! {
    Urgency {
        Low = "low",
        Normal = "normal",
        Critical = "critical",
    }
}

stored_words! {
    DeliveryState {
        Pending = "pending",
        Shown = "shown",
        Uncertain = "unanswered",
        Logged = "logged",
        Merged = "merged",
        Dropped = "dropped",
    }
}

stored_words! {
    End {
        IfTold = "if_told",
        Always = "always",
        Never = "never",
    }
}

stored_words! {
    Standing {
        Waiting = "waiting",
        Woken = "woken",
        GoingOn = "going_on",
        Works = "works",
        SwitchedOff = "switched_off",
        NeedsYou = "needs_you",
        LimitsOff = "limits_off",
        AttemptsUsed = "attempts_used",
        TimeUp = "time_up",
        Muted = "muted",
        ProcessGone = "process_gone",
        HookGone = "hook_gone",
        NoHook = "no_hook",
        Unheard = "unheard",
        Headless = "headless",
        Typed = "typed",
        Ended = "ended",
        Cleared = "cleared",
    }
}

stored_words! {
    Awaited {
        Page = "page",
        Network = "network",
        Pause = "pause",
        Reset = "reset",
        Turn = "turn",
    }
}
