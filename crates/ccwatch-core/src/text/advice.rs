//! What `status` advises.

use jiff::Timestamp;

use crate::model::Level;
use crate::state::PageState;
use crate::state::component::{Component, Episode, Fix};
use crate::state::verdict::Verdict;
use crate::text::{self, ending};

/// What the page still shows while a retry makes sense already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behind {
    /// Nothing.
    Nothing,
    /// Announced work that is over.
    Maintenance,
    /// Announced work that was taken off the page without a word of its end.
    UnlistedMaintenance,
    /// An outage whose fix is out.
    Outage,
    /// Only what doesn't concern the user.
    Filtered,
    /// An incident that names nobody, under lights that are green.
    Nameless,
    /// Only what isn't watched.
    Elsewhere,
    /// Some of what is watched has to be waited for, and a retry makes sense for the rest.
    Partly,
    /// Nothing, and it was only reported: the light was green all the time.
    OnlyReported,
    /// The page was read, and doesn't say how all is that is watched.
    Unclear,
}

impl Behind {
    /// The worst of what the page still shows of the components that are watched.
    pub fn of(page: &PageState, now: Timestamp) -> Self {
        let is_read = page.page_health().is_current(now, page.settings().stale_after);
        if is_read && page.verdict(now) == Verdict::Unknown {
            return Self::Unclear;
        }
        if page.verdict(now) == Verdict::Wait && !page.worth_a_retry(now).is_empty() {
            return Self::Partly;
        }
        let concerns = |component: &&Component| page.filter(component).is_none();
        let fixed = page.watched().filter(concerns).filter_map(Component::affected);
        let fixed = fixed.filter(|episode| matches!(episode.fix, Fix::Out { .. }));
        let worst = text::grouped(fixed.collect(), |episode| episode.level).into_iter().next();
        let taken_off = |episode: &&Episode| {
            episode.work.as_ref().is_some_and(|work| ending::is_taken_off(page, work))
        };
        match worst {
            None if !page.worth_a_retry(now).is_empty() => Self::of_those_back(page, now),
            None if page.nameless().next().is_some() => Self::Nameless,
            None if page.watched().any(|c| page.filtered(c).is_some()) => Self::Filtered,
            None if page.elsewhere().next().is_some() => Self::Elsewhere,
            None => Self::Nothing,
            Some((Level::Maintenance, group)) if group.iter().any(taken_off) => {
                Self::UnlistedMaintenance
            }
            Some((Level::Maintenance, _)) => Self::Maintenance,
            Some(_) => Self::Outage,
        }
    }

    fn of_those_back(page: &PageState, now: Timestamp) -> Self {
        let mut back = page.worth_a_retry(now).into_iter();
        match back.all(ending::was_only_reported) {
            true => Self::OnlyReported,
            false => Self::Nothing,
        }
    }
}

/// What `status` advises.
pub fn advice(verdict: Verdict, behind: Behind) -> &'static str {
    match verdict {
        Verdict::Wait if behind == Behind::Partly => {
            "Leave your settings alone. A retry makes sense already for some of it: repeat what needs \
             only that, on the same path. Wait with the rest."
        }
        Verdict::Wait => {
            "Leave your settings alone and wait. Repeat the same request, on the same path, \
             when it clears."
        }
        Verdict::Retry if behind == Behind::Outage => {
            "A fix is out though the page is still red: repeat the same request, on the same path."
        }
        Verdict::Retry if behind == Behind::Maintenance => {
            "The announced work is over though the page still shows it: repeat the same request, on \
             the same path."
        }
        Verdict::Retry if behind == Behind::UnlistedMaintenance => {
            "The announced work is no longer listed though the page still shows maintenance: repeat \
             the same request, on the same path."
        }
        Verdict::Retry if behind == Behind::OnlyReported => {
            "Nothing is reported any more: repeat the same request, on the same path. If it still \
             fails, run: ccwatch diagnose"
        }
        Verdict::Retry => {
            "It came back: repeat the same request, on the same path. If it still fails, run: \
             ccwatch diagnose"
        }
        Verdict::Clear if behind == Behind::Filtered => {
            "Nothing that concerns you is affected: waiting won't help. Look at your own side: \
             ccwatch diagnose"
        }
        Verdict::Clear if behind == Behind::Nameless => {
            "All that you watch is green, but the page has an incident that names nobody: see if it is \
             on your path. If it isn't, look at your own side: ccwatch diagnose"
        }
        Verdict::Clear if behind == Behind::Elsewhere => {
            "All that you watch is green: waiting won't help. Look at your own side: ccwatch diagnose"
        }
        Verdict::Clear => {
            "The page is green: waiting won't help. Look at your own side: ccwatch diagnose"
        }
        Verdict::Suspect if behind == Behind::Filtered => {
            "Nothing that concerns you is affected, but this machine saw API errors. Wait a few \
             minutes and repeat the same request; the page may follow."
        }
        Verdict::Suspect if matches!(behind, Behind::Nameless | Behind::Elsewhere) => {
            "All that you watch is green, but this machine saw API errors. Wait a few minutes and \
             repeat the same request; the page may follow."
        }
        Verdict::Suspect => {
            "The page is green, but this machine saw API errors. Wait a few minutes and repeat the \
             same request; the page may follow."
        }
        Verdict::Unknown if behind == Behind::Unclear => {
            "ccwatch can't tell: the page doesn't say how all is that you watch."
        }
        Verdict::Unknown => "ccwatch can't tell: it doesn't know what the page says now.",
    }
}
