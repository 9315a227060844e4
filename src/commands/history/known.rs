//! Until when things are known: what went on when the page was read last went on at least until then.

use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;

use super::Past;
use crate::store::Lock;
use ccwatch_core::history::episodes::EpisodeRecord;
use ccwatch_core::text;
use ccwatch_core::time::{after, between};

/// What is shorter rounds to no minute at all.
const MOMENT: Duration = Duration::from_secs(30);

/// The last reading, where it is no longer of now: no daemon reads the page, or it can't.
pub(super) fn until(
    dir: &Path,
    last_good: Option<Timestamp>,
    now: Timestamp,
    stale_after: Duration,
) -> Option<Timestamp> {
    let runs = Lock::holder(dir).is_ok_and(|holder| holder.is_some());
    last_good.filter(|read| !runs || after(*read, stale_after) < now)
}

/// Whether the page gives an end before the beginning.
pub(super) fn is_turned(began: Timestamp, ended: Option<Timestamp>) -> bool {
    ended.is_some_and(|ended| ended < began)
}

impl Past {
    /// Up to when an episode is known that has no end; none where that is now.
    pub(super) fn known_until_of(&self, spell: &EpisodeRecord) -> Option<Timestamp> {
        [spell.unclear_since, self.known_until].into_iter().flatten().min()
    }

    /// How long something took, of which nothing is known after `known_until`; none where the page's
    /// times don't say.
    pub(super) fn lasted(
        &self,
        began: Timestamp,
        ended: Option<Timestamp>,
        known_until: Option<Timestamp>,
    ) -> Option<u64> {
        let until = ended.or(known_until).unwrap_or(self.now);
        (!is_turned(began, ended)).then(|| between(began, until).as_secs())
    }

    /// What is said of an episode that has no end, where nothing is known of now.
    pub(super) fn unknown_line(&self, spell: &EpisodeRecord) -> Option<String> {
        match spell.unclear_since.filter(|since| self.known_until_of(spell) == Some(*since)) {
            Some(_) => Some("How it is since then is not known.".to_owned()),
            None => self.unread_line(),
        }
    }

    /// What is said of something that went on when the page was read last.
    pub(super) fn unread_line(&self) -> Option<String> {
        let read = self.stamp(self.known_until?);
        Some(format!("The page was read last at {read}: whether it goes on is not known."))
    }

    /// From when to when, and how long that took as far as it is known.
    pub(super) fn period(
        &self,
        since: Timestamp,
        until: Option<Timestamp>,
        known_until: Option<Timestamp>,
    ) -> String {
        let (began, to) = (self.stamp(since), until.or(known_until).unwrap_or(self.now));
        if is_turned(since, until) {
            return format!("until {}", self.stamp(to));
        }
        // In a table there is no room for "less than a minute".
        let lasted = match between(since, to) {
            moment if moment < MOMENT => "under 1 min".to_owned(),
            lasted => text::duration(lasted),
        };
        let same_day = self.format(since, "%F") == self.format(to, "%F");
        let end = if same_day { self.format(to, "%H:%M") } else { self.stamp(to) };
        match (until, known_until) {
            (None, None) => format!("{began} to now    {lasted}"),
            (None, Some(_)) => format!("{began} at least until {end}  {lasted}"),
            (Some(_), _) => format!("{began} to {end}  {lasted}"),
        }
    }
}
