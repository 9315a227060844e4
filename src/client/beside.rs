//! How a daemon is doing, as somebody beside it can tell: by its lock, and by what it wrote down.
//!
//! What a daemon does not write down is of no use to anybody else, whatever keeps it from that: then
//! who is asked reads the page.

use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use rustix::fs::{StatVfsMountFlags, statvfs};

use crate::store::{Heartbeat, Holder};
use ccwatch_core::time::after;

/// A poll that is due for so long is not coming, and neither is the first one of a daemon that was
/// started so long ago: none takes longer than 30 s.
const OVERDUE: Duration = Duration::from_secs(45);
/// The same where the disk takes nothing: it came, and could not be written down.
const OVERDUE_ON_A_FULL_DISK: Duration = Duration::from_secs(5);
/// With less than this, in bytes, nothing much can be written.
const ROOM: u64 = 1 << 20;

/// See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DaemonState {
    /// None runs.
    Away,
    /// It keeps what is written down up to date.
    Works,
    /// It has not read the page yet.
    Begins,
    /// It can't write, and why: a phrase for people.
    CannotWrite(&'static str),
    /// It runs, and that is all there is to see of it.
    Hangs,
    /// It keeps the first page up to date, and doesn't watch this one: the configuration that it read
    /// doesn't have it, or its place can't be used.
    LeavesOut,
}

/// What there is to go by.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Signs<'a> {
    /// Who holds the lock.
    pub(crate) holder: Option<&'a Holder>,
    /// The newest heartbeat, of this daemon or of one before.
    pub(crate) beat: Option<&'a Heartbeat>,
    /// The newest try to read the page that is written down.
    pub(crate) tried_at: Option<Timestamp>,
}

impl DaemonState {
    /// What the signs in a state directory say.
    pub(crate) fn of(signs: Signs<'_>, dir: &Path, now: Timestamp) -> Self {
        let Some(holder) = signs.holder else { return Self::Away };
        let disk = disk_trouble(dir);
        let patience = if disk.is_some() { OVERDUE_ON_A_FULL_DISK } else { OVERDUE };
        let own = signs.beat.filter(|beat| holder.pid.is_none_or(|pid| pid == beat.pid));
        let due = own.map(|beat| beat.next_poll.unwrap_or(beat.beat_at).max(beat.beat_at));
        let is_due = |due: Timestamp| after(due, patience) < now;
        match own.is_some_and(|beat| has_tried(beat, signs.tried_at)) {
            true if !due.is_some_and(is_due) => return Self::Works,
            true => {}
            false => {
                let young = due.max(holder.since).is_some_and(|at| after(at, OVERDUE) >= now);
                if young && disk.is_none() {
                    return Self::Begins;
                }
            }
        }
        disk.map_or(Self::Hangs, Self::CannotWrite)
    }

    /// The same of a page beside the first one, of which the signs say this: one loop reads them all, and
    /// hangs for all or for none.
    pub(crate) fn beside_the_first(self, first: Self) -> Self {
        match (self, first) {
            (Self::Hangs, Self::Works) => Self::LeavesOut,
            _ => self,
        }
    }

    /// The heartbeat, if it is of the daemon that runs, as far as that can be told.
    pub(crate) fn own(self, beat: Option<Heartbeat>, holder: Option<&Holder>) -> Option<Heartbeat> {
        let pid = holder.and_then(|holder| holder.pid);
        match self {
            Self::Away => None,
            Self::Works => beat,
            Self::Begins | Self::CannotWrite(_) | Self::Hangs | Self::LeavesOut => {
                beat.filter(|beat| Some(beat.pid) == pid)
            }
        }
    }

    /// Whether one runs, whatever it does.
    pub(crate) fn runs(self) -> bool {
        match self {
            Self::Away => false,
            Self::Works | Self::Begins | Self::CannotWrite(_) | Self::Hangs | Self::LeavesOut => {
                true
            }
        }
    }

    /// Whether it may still keep what is written down, for all that one can tell.
    pub(crate) fn may_yet_write(self) -> bool {
        match self {
            Self::Works | Self::Begins => true,
            Self::Away | Self::CannotWrite(_) | Self::Hangs | Self::LeavesOut => false,
        }
    }

    /// Whether one reads the page, and so tells what there is to tell.
    pub(crate) fn tells(self) -> bool {
        match self {
            Self::Works | Self::Begins | Self::CannotWrite(_) => true,
            Self::Away | Self::Hangs | Self::LeavesOut => false,
        }
    }

    /// Why nobody keeps what is written down up to date, where that is so.
    pub(crate) fn why_old(self) -> Option<&'static str> {
        match self {
            Self::Works => None,
            Self::Away => Some("no daemon is running"),
            Self::Begins => Some("the daemon is starting"),
            Self::CannotWrite(why) => Some(why),
            Self::Hangs => Some("the daemon hangs"),
            Self::LeavesOut => Some("not watched yet"),
        }
    }
}

/// Whether a daemon has tried to read the page since it was started. A clock that was set back since
/// then leaves that open, and then it has.
fn has_tried(beat: &Heartbeat, tried_at: Option<Timestamp>) -> bool {
    tried_at.is_some_and(|at| at >= beat.started_at || beat.started_at > beat.beat_at)
}

/// Why nothing can be written to a directory, as far as its disk tells.
fn disk_trouble(dir: &Path) -> Option<&'static str> {
    let disk = statvfs(dir).ok()?;
    if disk.f_flag.contains(StatVfsMountFlags::RDONLY) {
        return Some("the disk is read-only");
    }
    let full = disk.f_bavail.saturating_mul(disk.f_frsize) < ROOM;
    // Where files aren't counted there are none at all.
    let no_more_files = disk.f_files > 0 && disk.f_favail == 0;
    (full || no_more_files).then_some("the disk is full")
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    #[test]
    fn a_daemon_works_as_long_as_it_writes_down_what_it_reads() {
        let dir = tempfile::tempdir().unwrap();
        let start = Timestamp::from_second(1_800_000_000).unwrap();
        let at = |seconds: i64| start + SignedDuration::from_secs(seconds);
        let beat = |pid: u32, next_poll: i64| Heartbeat {
            pid,
            started_at: at(0),
            next_poll: Some(at(next_poll)),
            ..Heartbeat::first(at(1))
        };
        let holder = Holder { pid: Some(7), since: Some(at(0)), ..Holder::default() };
        let unsigned = Holder::default();
        let state = |holder: &Holder, beat: Option<&Heartbeat>, tried: Option<i64>, now: i64| {
            let signs = Signs { holder: Some(holder), beat, tried_at: tried.map(at) };
            DaemonState::of(signs, dir.path(), at(now))
        };
        let (own, other) = (beat(7, 60), beat(8, 60));
        use DaemonState::{Begins, Hangs, Works};
        for (holder, beat, tried, now, expected) in [
            (&holder, Some(&own), Some(1), 60, Works),
            (&holder, Some(&own), Some(1), 60 + 45, Works),
            (&holder, Some(&own), Some(1), 60 + 46, Hangs),
            // The one before it wrote down all that there is.
            (&holder, Some(&other), Some(1), 30, Begins),
            (&holder, Some(&own), Some(-5), 30, Begins),
            (&holder, Some(&own), None, 30, Begins),
            (&holder, None, None, 45, Begins),
            (&holder, None, None, 46, Hangs),
            // The lock could not be written.
            (&unsigned, None, None, 1, Hangs),
            (&unsigned, Some(&own), Some(1), 60, Works),
            (&unsigned, Some(&own), Some(1), 300, Hangs),
        ] {
            assert_eq!(state(holder, beat, tried, now), expected, "{tried:?} {now}");
        }
        let signs = Signs { holder: None, beat: Some(&own), tried_at: Some(at(1)) };
        assert_eq!(DaemonState::of(signs, dir.path(), at(2)), DaemonState::Away);
    }

    #[test]
    fn a_daemon_that_works_for_the_first_page_hangs_for_no_other() {
        use DaemonState::{Away, Begins, Hangs, LeavesOut, Works};
        for (own, first, expected) in [
            (Hangs, Works, LeavesOut),
            (Hangs, Hangs, Hangs),
            (Begins, Works, Begins),
            (Works, Works, Works),
            (Works, Hangs, Works),
            (Away, Works, Away),
        ] {
            assert_eq!(own.beside_the_first(first), expected, "{own:?} {first:?}");
        }
        assert!(LeavesOut.runs() && !LeavesOut.tells() && !LeavesOut.may_yet_write());
    }

    #[test]
    fn a_clock_that_was_set_back_leaves_a_daemon_at_work() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let ahead = now + SignedDuration::from_hours(3);
        let beat = Heartbeat { started_at: ahead, ..Heartbeat::first(now) };
        assert!(has_tried(&beat, Some(now)));
        assert!(!has_tried(&beat, None));
    }
}
