//! Relapses: what is remembered of the episode before, and how much longer a recovery has to hold
//! after each.

use alloc::borrow::ToOwned;
use alloc::collections::BTreeMap;
use alloc::string::String;
use core::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::model::{IncidentId, Level};
use crate::notice::kind::{Kind, Reason};
use crate::time::{between, shifted};

use super::{Attention, Component, Episode};

/// A relapse within this time of the last one, or of the end of an episode, lengthens settling.
pub(super) const RELAPSE_MEMORY: Duration = Duration::from_secs(3600);
/// Settling never takes longer than this, unless the configured time itself does.
const LONGEST_SETTLE: Duration = Duration::from_secs(600);

/// What matters of an episode that is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastEpisode {
    /// Its id.
    pub id: String,
    /// The beginning of all its parts.
    pub began: Timestamp,
    /// The beginning of its last part.
    pub since: Timestamp,
    /// The incident that explained it: red again while that goes on is a relapse.
    pub incident: Option<IncidentId>,
    /// The worst level.
    pub worst: Level,
    /// Whether what went on of it at its end was filtered.
    pub filtered: bool,
    /// The bubble that it was told in.
    pub thread: Option<String>,
    /// What was told of it, by kinds: what is told once is not told again where it goes on.
    pub heard: BTreeMap<Kind, Reason>,
}

impl From<&Episode> for LastEpisode {
    fn from(episode: &Episode) -> Self {
        let mut heard = episode.decided.clone();
        heard.retain(|_, reason| reason.tells());
        Self {
            heard,
            id: episode.id.clone(),
            began: episode.began,
            since: episode.since,
            incident: episode.incident.clone(),
            worst: episode.worst,
            filtered: episode.filtered_since.is_some(),
            thread: episode.outage_thread().map(str::to_owned),
        }
    }
}

impl LastEpisode {
    /// The wall clock was set.
    pub(super) fn shift(&mut self, by: SignedDuration) {
        self.began = shifted(self.began, by);
        self.since = shifted(self.since, by);
    }
}

impl Component {
    /// Red again after an outage that ended then.
    pub(super) fn note_relapse(&mut self, now: Timestamp, ended: Timestamp) {
        if self.last_episode.is_some() && between(ended, now) < RELAPSE_MEMORY {
            self.relapses.push(now);
        }
    }

    /// The episode that goes on where the page had said that it was over, but not the incident. One
    /// that lingers explains nothing new.
    pub(super) fn relapse_of(&self, about: &Attention) -> Option<&LastEpisode> {
        let incident = match about {
            Attention::Active(id) | Attention::Monitoring(id) => id,
            Attention::Lingering(_) | Attention::Unknown | Attention::None => return None,
        };
        self.last_episode.as_ref().filter(|last| last.incident.as_ref() == Some(incident))
    }

    pub(super) fn settling(&self, now: Timestamp, settle: Duration) -> Duration {
        let recent = |relapse: &&Timestamp| between(**relapse, now) < RELAPSE_MEMORY;
        settling(settle, self.relapses.iter().filter(recent).count())
    }
}

/// Short at first, so that a first recovery is told almost at once; longer with each relapse in
/// the last hour, so that a flapping component is told once. 30 s become 1, 2, 5, 10 min: on the
/// page's own history (ARCHITECTURE.md has the table) waiting longer than one more reading takes
/// back next to no message, so that only what flaps again and again waits.
pub(super) fn settling(settle: Duration, relapses: usize) -> Duration {
    let factor = match relapses {
        0 => 1,
        1 => 2,
        2 => 4,
        3 => 10,
        _ => 20,
    };
    settle.saturating_mul(factor).min(LONGEST_SETTLE).max(settle)
}
