//! What the user was told of an episode, and what follows from that.

use alloc::borrow::ToOwned;
use alloc::string::String;

use crate::model::{IncidentId, Level};
use crate::notice::kind::Kind;

use super::Episode;

/// What the user was told of an episode. Remembered with it, so that a restart repeats nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The worst level told.
    pub level: Level,
    /// Whether the newest message said that a fix is out.
    pub fix: bool,
    /// The bubble that it was told in.
    pub thread: String,
    /// The incident that explained it then.
    pub incident: Option<IncidentId>,
}

impl Episode {
    /// Notes that the user was told how it stands now, and whether that a fix is out.
    pub fn mark_told(&mut self, thread: &str, fix: bool) {
        let before = self.told.as_ref().map_or(self.level, |told| told.level);
        let level = if self.level.is_worse_than(before) { self.level } else { before };
        let (thread, incident) = (thread.to_owned(), self.incident.clone());
        self.told = Some(Told { level, fix, thread, incident });
    }

    /// Notes that it was named beside what was told, in spite of a mute: its end is not to be lost, and
    /// when the mute is over it is news all the same.
    pub fn mark_named(&mut self, thread: &str) {
        let (level, thread) = (Level::Operational, thread.to_owned());
        self.told.get_or_insert(Told { level, fix: false, thread, incident: None });
    }

    /// How bad it is as far as the user was told.
    pub fn told_level(&self) -> Level {
        let told = self.told.as_ref().map_or(Level::Operational, |told| told.level);
        if self.level.is_worse_than(told) { told } else { self.level }
    }

    /// Notes that what waited to be told was brought up to how it stands now.
    pub fn mark_told_anew(&mut self, fix: bool) {
        if let Some(told) = &mut self.told {
            (told.level, told.fix) = (self.level, fix);
            told.incident.clone_from(&self.incident);
        }
    }

    /// Whether a message of this kind about it was told. One that is told once asks this before it is
    /// put before the decision.
    pub fn heard(&self, kind: Kind) -> bool {
        self.decided.get(&kind).is_some_and(|reason| reason.tells())
    }

    /// Whether the user waits for its end: was told of it, or muted it with the wish to hear of that.
    pub fn is_awaited(&self) -> bool {
        self.told.is_some() || self.tell_end
    }

    /// The bubble of a told outage; maintenance has bubbles of its own.
    pub fn outage_thread(&self) -> Option<&str> {
        let told = self.told.as_ref()?;
        (told.level != Level::Maintenance).then_some(told.thread.as_str())
    }
}
