//! What a good reading says of a component, and what that meant.

use alloc::string::String;
use core::time::Duration;

use jiff::Timestamp;

use crate::model::{Level, PageStatus};
use crate::time::between;

use super::{Attention, Episode, Work};

/// How far back the first reading of all believes the page's own time stamps.
const FIRST_SIGHT_BELIEVES: Duration = Duration::from_secs(24 * 3600);

/// What a good reading says of one component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// The page's name of it, raw.
    pub name: String,
    /// The page's word.
    pub page_status: PageStatus,
    /// The level, incidents taken into account.
    pub level: Level,
    /// The page's time stamp of it.
    pub updated_at: Option<Timestamp>,
    /// What the incidents say of it.
    pub incidents: Attention,
    /// What announced work says of it.
    pub work: Work,
    /// Whether all incidents that name it are about models that the user doesn't use; none: no
    /// incident names it.
    pub other_models: Option<bool>,
    /// Whether it is only reported, under a green light, and that is milder than the user wants to hear
    /// of.
    pub is_too_mild: bool,
}

/// What a good reading meant for one component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Its level is another one.
    LevelChanged {
        /// Before.
        from: Level,
    },
    /// An episode is over.
    Over {
        /// The episode.
        episode: Episode,
        /// When it really ended.
        back_at: Timestamp,
    },
    /// One more reading agrees that the page doesn't list it any more.
    Vanished {
        /// The episode that this closes, not as recovered.
        episode: Option<Episode>,
    },
}

/// When the page changed: its own word where that lies between the two readings (after a sleep
/// it says far better than the reading when it was), else the reading. The first reading of all
/// believes a day.
pub(super) fn when(seen: &Sighting, last_good: Option<Timestamp>, now: Timestamp) -> Timestamp {
    let possible = |at: &Timestamp| match last_good {
        _ if *at > now => false,
        Some(last) => *at > last,
        None => between(*at, now) < FIRST_SIGHT_BELIEVES,
    };
    seen.updated_at.filter(possible).unwrap_or(now)
}
