//! The second witness: what this machine's own sessions saw.

use core::time::Duration;

use jiff::Timestamp;

use crate::notice::kind::{Kind, Reason};
use crate::text;
use crate::time::between;
use crate::witness::LocalError;

use super::{Monitor, Record};

/// The page is not asked for each error, but so often.
const ASKED_LATELY: Duration = Duration::from_secs(20);

impl Monitor {
    /// Claude Code wrote down an API error.
    pub(super) fn local_error(&mut self, now: Timestamp, error: LocalError) {
        let taken = self.state.witness.take(now, error);
        // Also an error that is no news can say that it wasn't Anthropic who answered.
        self.take_back();
        let Some(error) = taken else { return };
        let server = error.server;
        self.record(Record::LocalError(error));
        let lately =
            self.state.page_health.last_attempt.is_some_and(|at| between(at, now) < ASKED_LATELY);
        if server && !lately {
            self.schedule.poll_soon(now);
        }
        self.suspect(now);
    }

    /// A session told which way its requests go.
    pub(super) fn local_route(&mut self, session: &str, straight: bool) {
        self.state.witness.goes(session, straight);
        self.take_back();
    }

    /// Ends a suspicion whose errors turned out to be somebody else's.
    fn take_back(&mut self) {
        if self.state.witness.unfounded() {
            self.withdraw_suspicion();
        }
    }

    /// Claude Code wrote down an answer.
    pub(super) fn local_success(&mut self, at: Timestamp, session: &str) {
        if self.state.witness.succeeded(at, session) {
            self.withdraw_suspicion();
        }
    }

    /// A good reading: either the page speaks for the errors so far (`affected`: it did until now),
    /// or it is green, and a burst that came while it could not be read counts.
    pub(super) fn weigh_local(&mut self, now: Timestamp, affected: bool) {
        if affected || self.state.is_affected() {
            self.state.witness.settle(now);
        } else {
            self.suspect(now);
        }
    }

    /// Begins to suspect where there is a burst and the page is known to be green.
    fn suspect(&mut self, now: Timestamp) {
        let current = self.state.page_health.is_current(now, self.state.settings.stale_after);
        if !current || self.state.is_affected() || self.state.witness.suspicion().is_some() {
            return;
        }
        let Some(since) = self.state.witness.burst(now) else { return };
        self.state.witness.suspect(since);
        self.schedule.poll_soon(now);
        let reason = self.judge_other(now, Kind::Suspect, Reason::LocalErrors);
        if !reason.tells() {
            return self.note_other(now, Kind::Suspect, reason, None, None);
        }
        let (count, statuses) = self.state.witness.recent(since);
        let text = text::suspect(count, &statuses, since, now, &self.state.settings.zone);
        let draft = self.draft(Kind::Suspect, Reason::LocalErrors, &[]);
        let thread = self.send(now, draft, text);
        self.state.witness.told(thread);
    }

    /// Ends a suspicion that nothing feeds any more.
    pub(super) fn fade_suspicion(&mut self, now: Timestamp) {
        if self.state.witness.fade(now) {
            self.withdraw_suspicion();
        }
    }

    fn withdraw_suspicion(&mut self) {
        self.withdraw(Kind::Suspect);
    }
}

#[cfg(test)]
mod tests;
