//! Since when ccwatch watched, and what it only learnt afterwards: of the time before its first look,
//! or of a night asleep.

use jiff::Timestamp;

use super::Past;
use crate::store::{StoredIncident, StoredNotice};
use ccwatch_core::history::episodes::EpisodeRecord;
use ccwatch_core::history::watched;
use ccwatch_core::model::Incident;
use ccwatch_core::notice::Notice;
use ccwatch_core::notice::kind::Kind;

impl Past {
    /// Since when ccwatch has looked: what is older, it only learnt.
    pub(super) fn watched_line(&self) -> Option<String> {
        let since = self.watches.first()?.0;
        let older = match since > self.since {
            true => "; what is older was learnt afterwards",
            false => "",
        };
        let unread = self.known_until.map(|read| format!(", read last {}", self.stamp(read)));
        let unread = unread.unwrap_or_default();
        Some(format!("Watched since {}{unread}{older}.", self.stamp(since)))
    }

    pub(super) fn was_learnt_later(
        &self,
        at: Option<Timestamp>,
        seen_at: Option<Timestamp>,
    ) -> bool {
        matches!((at, seen_at), (Some(at), Some(seen_at))
            if watched::was_learnt_later(at, seen_at, &self.watches))
    }

    /// What of an episode was found only when it had happened.
    pub(super) fn learnt_line(&self, spell: &EpisodeRecord) -> Option<String> {
        let began = self.was_learnt_later(spell.since, spell.since_seen_at);
        let ended = self.was_learnt_later(spell.until, spell.until_seen_at);
        let (what, seen_at) = match (began, ended) {
            (false, false) => return None,
            (true, false) => ("It began", spell.since_seen_at?),
            (false, true) => ("It ended", spell.until_seen_at?),
            (true, true) => ("It began and ended", spell.until_seen_at?),
        };
        Some(format!("{what} while ccwatch wasn't watching; seen at {}.", self.stamp(seen_at)))
    }

    /// Incidents that no episode tells of: those of what is watched that were over when ccwatch first
    /// saw them, and those that name nobody and were told all the same.
    pub(super) fn beside(
        &self,
        episodes: &[EpisodeRecord],
        notices: &[StoredNotice],
    ) -> anyhow::Result<Vec<StoredIncident>> {
        let told = |i: &Incident| episodes.iter().any(|e| e.incident.as_ref() == Some(&i.id));
        let by_itself = |i: &Incident| {
            let about =
                |n: &Notice| n.kind == Kind::Unattributed && n.incident.as_ref() == Some(&i.id);
            notices.iter().any(|stored| about(&stored.notice))
        };
        let concerns =
            |i: &Incident| !self.components.is_empty() || self.watched.iter().any(|id| i.names(id));
        let mut found = self.incidents()?;
        found.retain(|stored| {
            let i = &stored.incident;
            let learnt = is_later(stored) && concerns(i) && !i.phase.is_of_announced_work();
            (learnt || by_itself(i)) && !told(i)
        });
        Ok(found)
    }
}

/// Whether an incident was over when ccwatch first saw it.
pub(super) fn is_later(stored: &StoredIncident) -> bool {
    stored.incident.resolved_at.is_some_and(|ended| ended <= stored.first_seen)
}
