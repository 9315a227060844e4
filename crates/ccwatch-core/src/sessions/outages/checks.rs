//! What must be true of an outage at every step, and at its end.

use core::time::Duration;

use super::{CALM, Claude, Group, TICK, World, after};
use crate::time::between;

impl World {
    /// Whom a hook waits for, though it could have gone on long ago.
    pub(super) fn check_that_nobody_is_late(&self, well_since: u64) {
        let longest = Duration::from_secs(15 * 60) + self.wish.spread + Duration::from_secs(TICK);
        let well = self.at(well_since);
        for session in &self.sessions {
            let Some(kept) = self.kept.get(&session.id) else { continue };
            let waits = session.hooks.iter().any(|hook| kept.is_awaited_by(&hook.token));
            let since = kept.stopped_at.max(well);
            assert!(!waits || between(since, self.now()) <= longest, "it waits too long: {kept:?}");
        }
    }

    /// Nothing can happen any more.
    pub(super) fn is_quiet(&self) -> bool {
        let quiet = |session: &Claude| session.hooks.is_empty() && session.busy_until.is_none();
        self.second >= CALM && self.sessions.iter().all(quiet)
    }

    pub(super) fn check_the_end(&self) {
        for session in &self.sessions {
            assert!(session.hooks.is_empty(), "it waits for ever");
            let Some(kept) = self.kept.get(&session.id) else {
                assert!(session.stopped_by.is_none() || !session.reported, "forgotten");
                continue;
            };
            let later = after(self.now(), Duration::from_secs(900));
            let standing = kept.standing_now(false, later);
            let group = standing.group();
            assert_ne!(group, Group::GoesOn, "{kept:?}");
            if session.open && session.stopped_by.is_some() && session.reported {
                assert_eq!(group, Group::Yours, "it stands still, and nobody says so: {kept:?}");
            }
        }
    }
}
