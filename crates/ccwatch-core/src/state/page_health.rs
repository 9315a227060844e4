//! How well the page can be seen, and since when.

use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::model::{Failure, FailureKind};
use crate::notice::kind::Reason;
use crate::time::{between, shifted};

use super::rollback::credible;

/// A cache that serves an older state is not believed for this long. The page's CDN may keep a
/// body for an hour while its origin fails; what is still there later is what the page says.
const STALE_ENDS: Duration = Duration::from_secs(65 * 60);

/// How well the page can be seen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageHealth {
    /// The id of the page that all this is about.
    pub page_id: String,
    /// The newest time stamp of the page as a whole.
    pub page_updated_at: Option<Timestamp>,
    /// The first good reading of all: what ended before is not news.
    pub first_good: Option<Timestamp>,
    /// The newest good reading.
    pub last_good: Option<Timestamp>,
    /// The newest reading of any outcome.
    pub last_attempt: Option<Timestamp>,
    /// The unbroken run of failed readings up to now.
    pub failing: Option<Failing>,
    /// The newest good reading of the incident history.
    pub history_at: Option<Timestamp>,
    /// Whether the user was told that the page can't be read. Only a good reading ends that.
    pub lost_told: bool,
    /// The newest decision about that which was written down.
    pub lost_decided: Option<Reason>,
    /// Since when older states are served than one already seen.
    pub stale_since: Option<Timestamp>,
    /// Entries of `watch.components` that no component of the page answers to.
    pub unmatched: Vec<String>,
    /// The same as of the good reading before: one reading alone may be a hiccup of the page.
    pub unmatched_before: Vec<String>,
    /// Those of them that the user was told of.
    pub unmatched_told: Vec<String>,
    /// The newest decision about them that was written down.
    pub unmatched_decided: Option<Reason>,
    /// What is wrong with the page itself, if something is.
    pub trouble: Option<PageTrouble>,
}

/// The page can be reached and not be used: it moved, is another one, refuses us or lists nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageTrouble {
    /// Since when, without a reading and without a trouble of our own network in between.
    pub since: Timestamp,
    /// What is wrong, as of the newest try.
    pub kind: FailureKind,
    /// The bubble in which the user was told.
    pub told: Option<String>,
    /// The newest decision about it that was written down.
    pub decided: Option<Reason>,
}

/// A run of failed readings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failing {
    /// The first of them.
    pub since: Timestamp,
    /// How many.
    pub count: u32,
    /// The kind of the newest.
    pub kind: FailureKind,
    /// The particulars of the newest; may hold foreign text.
    pub detail: String,
}

impl PageHealth {
    /// Whether the newest good reading still speaks for the present.
    pub fn is_current(&self, now: Timestamp, stale_after: Duration) -> bool {
        self.last_good.is_some_and(|at| between(at, now) <= stale_after)
    }

    /// Takes in a good reading.
    pub fn good(&mut self, now: Timestamp) {
        self.first_good.get_or_insert(now);
        self.last_good = Some(now);
        self.last_attempt = Some(now);
        self.failing = None;
        self.lost_told = false;
        self.lost_decided = None;
    }

    /// Takes in a failed one. A run of failures doesn't reach over a pause in which nobody tried
    /// (`gap`): a night asleep is not eight hours of blindness.
    pub fn failed(&mut self, now: Timestamp, failure: &Failure, gap: Duration) {
        let paused = self.last_attempt.is_some_and(|last| between(last, now) > gap);
        self.last_attempt = Some(now);
        let before = self.failing.take().filter(|_| !paused);
        if paused {
            self.forget_untold_trouble();
        }
        self.failing = Some(Failing {
            since: before.as_ref().map_or(now, |run| run.since),
            count: before.as_ref().map_or(0, |run| run.count).saturating_add(1),
            kind: failure.kind,
            detail: failure.detail.clone(),
        });
    }

    /// Notes what a failed try of the page's own address says of the page. A trouble of our own
    /// network says nothing, and what was before it counts no longer, unless it was told.
    pub fn trouble_by(&mut self, now: Timestamp, kind: FailureKind) {
        match (&mut self.trouble, kind.is_of_the_page()) {
            (Some(trouble), true) => trouble.kind = kind,
            (None, true) => {
                self.trouble = Some(PageTrouble { since: now, kind, told: None, decided: None });
            }
            (_, false) => self.forget_untold_trouble(),
        }
    }

    /// A pause in which nobody tried says nothing of the page.
    pub fn forget_untold_trouble(&mut self) {
        self.trouble = self.trouble.take().filter(|trouble| trouble.told.is_some());
    }

    /// Whether an older state than the one already seen is still to be refused.
    pub fn refuses_stale(&mut self, now: Timestamp) -> bool {
        let since = *self.stale_since.get_or_insert(now);
        between(since, now) < STALE_ENDS
    }

    /// Notes the page's own time stamp. An older one that is believed after all counts anew.
    pub fn stamped(&mut self, now: Timestamp, at: Option<Timestamp>, older: bool) {
        let at = credible(now, at);
        self.page_updated_at = if older { at } else { self.page_updated_at.max(at) };
    }

    /// The wall clock was set.
    pub fn shift(&mut self, by: SignedDuration) {
        let times = [
            &mut self.first_good,
            &mut self.last_good,
            &mut self.last_attempt,
            &mut self.history_at,
            &mut self.stale_since,
        ];
        for at in times.into_iter().flatten() {
            *at = shifted(*at, by);
        }
        if let Some(run) = &mut self.failing {
            run.since = shifted(run.since, by);
        }
        if let Some(trouble) = &mut self.trouble {
            trouble.since = shifted(trouble.since, by);
        }
    }
}
