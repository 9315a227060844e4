//! The last look before a session is woken, at the end of its own transcript.

use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;

use crate::claude_code::last_turn::{self, End};
use ccwatch_core::time::{after, between};

/// A session has written its error into its transcript after this.
const WRITTEN_WITHIN: Duration = Duration::from_secs(5);
/// A turn that a command for the shell began has shown itself there after so many first pauses, which
/// are minutes.
const SHELL_PAUSES: u32 = 10;

/// How things look in a session's transcript.
pub(super) enum Looks {
    /// It stands where the error stopped it.
    Stopped,
    /// It may go on: that shows until then.
    Unclear(Timestamp),
    /// It goes on.
    GoingOn,
}

/// See the module.
pub(super) struct LastLook {
    transcript: PathBuf,
    /// How long the wait had taken when a command for the shell was first seen to stand last.
    shell_seen: Option<Duration>,
}

impl LastLook {
    pub(super) fn at(transcript: PathBuf) -> Self {
        Self { transcript, shell_seen: None }
    }

    /// Looks, after a wait of that time; `pause` is the first one.
    pub(super) fn take(&mut self, now: Timestamp, waited: Duration, pause: Duration) -> Looks {
        let (passed, longest, then) = match last_turn::end(&self.transcript) {
            End::Error => return Looks::Stopped,
            // The error itself may not have been written there yet.
            End::Turn => (waited, WRITTEN_WITHIN, Looks::GoingOn),
            End::Shell(at) => {
                let seen = waited.saturating_sub(*self.shell_seen.get_or_insert(waited));
                // Its time may be still to come, if the clock was set.
                let passed = at.map_or(seen, |at| between(at, now).max(seen));
                (passed, pause.saturating_mul(SHELL_PAUSES), Looks::Stopped)
            }
        };
        let left = longest.saturating_sub(passed);
        if left.is_zero() { then } else { Looks::Unclear(after(now, left)) }
    }
}
