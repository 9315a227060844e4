//! The second witness: what this machine's own sessions saw.

use std::time::Duration;

use jiff::Timestamp;

use crate::core::local::{Local, LocalError};
use crate::core::notice::Kind;
use crate::core::policy::Reason;
use crate::core::time::between;
use crate::core::wording;

use super::{Monitor, Record};

/// The page is not asked for each error, but so often.
const ASKED_LATELY: Duration = Duration::from_secs(20);

impl Monitor {
    /// Claude Code wrote down an API error.
    pub(super) fn local_error(&mut self, now: Timestamp, error: LocalError) {
        let server = error.server;
        if !self.local.take(now, error.clone()) {
            return;
        }
        self.record(Record::LocalError(error));
        let lately = self.sight.last_attempt.is_some_and(|at| between(at, now) < ASKED_LATELY);
        if server && !lately {
            self.schedule.poll_soon(now);
        }
        self.suspect(now);
    }

    /// Claude Code wrote down an answer.
    pub(super) fn local_success(&mut self, at: Timestamp) {
        if self.local.succeeded(at) {
            self.withdraw_suspicion();
        }
    }

    /// What this machine's own sessions saw.
    pub fn local(&self) -> &Local {
        &self.local
    }

    /// Begins to suspect where there is a burst and the page is known to be green.
    fn suspect(&mut self, now: Timestamp) {
        let current = self.sight.is_current(now, self.settings.stale_after);
        let affected = self.watched().any(|component| component.episode().is_some());
        if !current || affected || self.local.suspicion().is_some() {
            return;
        }
        let Some(since) = self.local.burst(now) else { return };
        self.local.suspect(since);
        self.schedule.poll_soon(now);
        if !self.settings.tell.suspect || self.mute_of(now, None).is_some() {
            return;
        }
        let (count, statuses) = self.local.recent(since);
        let text = wording::suspect(count, &statuses, since, now, &self.settings.zone);
        let draft = self.draft(Kind::Suspect, Reason::LocalErrors, &[]);
        let thread = self.send(now, draft, text);
        self.local.told(thread);
    }

    /// Ends a suspicion that nothing feeds any more.
    pub(super) fn fade_suspicion(&mut self, now: Timestamp) {
        if self.local.fade(now) {
            self.withdraw_suspicion();
        }
    }

    fn withdraw_suspicion(&mut self) {
        self.withdraw(Kind::Suspect);
    }
}

#[cfg(test)]
mod tests;
