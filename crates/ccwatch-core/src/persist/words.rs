//! The words by which the enums of the core are stored, in columns and inside of JSON.
//!
//! They are written out here once more on purpose: a word that is printed may change one day, a
//! word that is stored may not.

use alloc::string::String;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::model::Level;
use crate::notice::kind::{self, Kind};
use crate::notice::mute::End;
use crate::notice::reason::Reason;
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

// The table of kinds has their words: a new kind is a row there.
impl StoredWord for Kind {
    const WORDS: &'static [&'static str] = &kind::WORDS;

    fn word(self) -> &'static str {
        self.as_str()
    }

    fn from_stored(word: &str) -> Option<Self> {
        kind::KINDS.iter().find(|row| row.word == word).map(|row| row.kind)
    }
}

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

// The table of sinks has their words: a new sink is a row there.
impl StoredWord for Sink {
    const WORDS: &'static [&'static str] = &Self::WORDS;

    fn word(self) -> &'static str {
        self.as_str()
    }

    fn from_stored(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sink| sink.as_str() == word)
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
    Reason {
        NewOutage = "new_outage",
        Relapsed = "relapsed",
        GotWorse = "got_worse",
        Joined = "joined",
        FellBack = "fell_back",
        FixIsOut = "fix_is_out",
        Recovered = "recovered",
        WorkGoesOn = "work_goes_on",
        TurnedIntoWork = "turned_into_work",
        OthersOnly = "others_only",
        MilderOnly = "milder_only",
        Faded = "faded",
        PageUnreadable = "page_unreadable",
        MaintenanceBegan = "maintenance_began",
        MaintenanceExtended = "maintenance_extended",
        MaintenanceOverruns = "maintenance_overruns",
        MaintenanceOver = "maintenance_over",
        Vanished = "vanished",
        Renamed = "renamed",
        NotListed = "not_listed",
        PageTrouble = "page_trouble",
        PageReadable = "page_readable",
        LearntLater = "learnt_later",
        NoComponentNamed = "no_component_named",
        IncidentOver = "incident_over",
        LocalErrors = "local_errors",
        NotWatched = "not_watched",
        BelowMinLevel = "below_min_level",
        OtherModels = "other_models",
        SwitchedOff = "switched_off",
        AlreadyTold = "already_told",
        Muted = "muted",
        OtherRoad = "other_road",
        NeverTold = "never_told",
        AwayAgain = "away_again",
        Settling = "settling",
        NoNews = "no_news",
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
