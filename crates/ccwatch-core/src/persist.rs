//! The stored forms: what of the core is kept in the database as JSON or as a word.
//!
//! They are apart from the types that think, so that a change of those never changes by accident
//! what is stored. Going from one to the other takes every field by name: a new field of a thinking
//! type does not compile until somebody decided whether it is stored.
//!
//! The rule, which `docs/dev/stored-forms.md` explains:
//!
//! 1. A field may be added, with a default that is true of all that was stored before it. What is
//!    not known is never taken as operational, as told or as over.
//! 2. A field or a word is never renamed, never taken away while an older ccwatch may still read
//!    it, and never given another meaning.
//! 3. A new meaning is a new version: a step of the database's schema, which says how what is
//!    stored already is to be read, and [`VERSION`] one higher.
//! 4. What cannot be understood is not half understood: the part is left out and named, and the
//!    page says anew what is true.
//! 5. The samples of each version are frozen, and load for ever.

mod component;
mod incidents;
mod page_health;
mod thread;
mod witness;
mod words;

use serde::Serialize;
use serde::de::DeserializeOwned;

pub use component::{StoredComponent, StoredEpisode, StoredFix, StoredState, StoredTold};
pub use incidents::{
    StoredChange, StoredEndedWork, StoredIncidents, StoredKnownIncident, StoredMaintenance,
    StoredOpenIncident, StoredPast, StoredToldWork, StoredUpdate,
};
pub use page_health::{StoredFailing, StoredPageHealth, StoredPageTrouble};
pub use thread::{StoredBubble, StoredStandingNotice, StoredThread, StoredThreads};
pub use witness::{StoredLocal, StoredLocalError, StoredSuspicion};
pub use words::{StoredWord, Word};

/// The version of the stored forms. It is the `user_version` of the database, which says what is
/// stored there: no form carries a version of its own.
pub const VERSION: u32 = 6;

/// A type that thinks, and has a form in which it is stored.
pub trait Persist: Sized {
    /// That form. Nothing is lost on the way there and back.
    type Stored: Serialize + DeserializeOwned + for<'a> From<&'a Self> + Into<Self>;
}

#[cfg(test)]
mod tests;
