//! What to advise: wait, retry, look at your own side, or "cannot tell".

use alloc::vec::Vec;
use core::time::Duration;

use jiff::Timestamp;
use serde::Serialize;

use crate::model::Level;
use crate::sessions::{PageLook, PageNews};
use crate::state::PageState;
use crate::state::component::{Component, Fix, State};
use crate::time::between;

/// For this long after a recovery the advice is to repeat the request.
const RETRY_FOR: Duration = Duration::from_secs(30 * 60);

/// The advice in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Something watched is affected: change nothing, wait.
    Wait,
    /// It came back, or the fix is out: repeat the same request on the same path.
    Retry,
    /// Green, and nothing recent: look at your own side.
    Clear,
    /// The page is green, but this machine saw API errors.
    Suspect,
    /// No good reading that is recent enough, or one that does not say.
    Unknown,
}

impl Verdict {
    /// Every verdict, in the order of their weight for the user.
    pub const ALL: [Self; 5] = [Self::Wait, Self::Retry, Self::Clear, Self::Suspect, Self::Unknown];

    /// The word used in JSON and on the screen.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Wait => "wait",
            Self::Retry => "retry",
            Self::Clear => "clear",
            Self::Suspect => "suspect",
            Self::Unknown => "unknown",
        }
    }
}

/// How one watched component weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Weight {
    Affected,
    Retry,
    Unclear,
    Well,
}

impl PageState {
    /// The verdict as of `now`. Never anything but unknown from old news.
    pub fn verdict(&self, now: Timestamp) -> Verdict {
        let mut weights: Vec<Weight> = self.watched().filter_map(|c| self.weight(c, now)).collect();
        // What isn't on the page isn't known to be well.
        weights.extend(self.has_missing_entries().then_some(Weight::Unclear));
        if !self.page_health().is_current(now, self.settings().stale_after) || weights.is_empty() {
            return Verdict::Unknown;
        }
        let any = |weight: Weight| weights.contains(&weight);
        if any(Weight::Affected) {
            Verdict::Wait
        } else if any(Weight::Unclear) {
            // What isn't known isn't fine, and who came back doesn't change that.
            Verdict::Unknown
        } else if any(Weight::Retry) {
            Verdict::Retry
        } else if self.witness().suspicion().is_some() {
            Verdict::Suspect
        } else {
            Verdict::Clear
        }
    }

    /// What a stopped session goes by.
    pub fn look_for_sessions(&self, now: Timestamp) -> PageLook {
        let fixed = |c: &&Component| {
            c.affected().is_some_and(|episode| matches!(episode.fix, Fix::Out { .. }))
        };
        let news = match self.verdict(now) {
            Verdict::Wait => PageNews::Red,
            Verdict::Retry if self.grounds(now).iter().any(fixed) => PageNews::FixOut,
            // What this machine's own sessions saw is what they wait for.
            Verdict::Retry | Verdict::Clear | Verdict::Suspect => PageNews::Green,
            Verdict::Unknown => PageNews::Unknown,
        };
        PageLook { news, read_at: self.page_health().last_good }
    }

    /// The watched components that `wait` or `retry` rests on.
    pub fn grounds(&self, now: Timestamp) -> Vec<&Component> {
        match self.verdict(now) {
            Verdict::Wait => self.weighing(Weight::Affected, now),
            Verdict::Retry => self.worth_a_retry(now),
            Verdict::Clear | Verdict::Suspect | Verdict::Unknown => Vec::new(),
        }
    }

    /// The watched components for which a retry makes sense, whatever is to say of the others.
    pub fn worth_a_retry(&self, now: Timestamp) -> Vec<&Component> {
        self.weighing(Weight::Retry, now)
    }

    /// The watched components of which the page, as it was read last, doesn't say how they are.
    pub fn unclear(&self, now: Timestamp) -> Vec<&Component> {
        self.weighing(Weight::Unclear, now)
    }

    fn weighing(&self, wanted: Weight, now: Timestamp) -> Vec<&Component> {
        self.watched().filter(|component| self.weight(component, now) == Some(wanted)).collect()
    }

    /// The worst known level of the watched components; of an episode that is open, its own. What
    /// the page has no word for that is known has none; what doesn't concern the user counts as operational.
    pub fn worst_level(&self) -> Level {
        let level = |c: &Component| match (c.affected(), self.filter(c)) {
            (Some(_), Some(_)) => Level::Operational,
            (Some(_), None) => c.level_away(),
            (None, _) => c.level,
        };
        let known = self.watched().map(level).filter(|level| level.severity().is_some());
        known.max_by_key(|level| level.severity()).unwrap_or(Level::Unknown)
    }

    fn weight(&self, component: &Component, now: Timestamp) -> Option<Weight> {
        let concerns = self.filter(component).is_none();
        Some(match &component.state {
            State::Gone { confirmed: true, .. } => return None,
            // The page has a word for it that isn't known: what was before is old news.
            _ if component.level == Level::Unknown => Weight::Unclear,
            State::Affected { episode } if !concerns => match episode.filtered_since {
                // It concerned the user as well, until lately.
                Some(at) if at > episode.since && between(at, now) < RETRY_FOR => Weight::Retry,
                _ => Weight::Well,
            },
            State::Affected { episode } if matches!(episode.fix, Fix::Out { .. }) => Weight::Retry,
            State::Affected { .. } => Weight::Affected,
            State::Recovering { .. } if concerns => Weight::Retry,
            State::Up { ended: Some(ended) } if concerns && between(*ended, now) < RETRY_FOR => {
                Weight::Retry
            }
            State::Recovering { .. } | State::Up { .. } => Weight::Well,
            State::Unknown | State::Gone { .. } => Weight::Unclear,
        })
    }
}
