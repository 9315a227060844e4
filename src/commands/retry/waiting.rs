//! The wait after a failure: for the page, for a while, for the network, or for a limit.

use std::time::Duration;

use jiff::Timestamp;

use super::failure::{Asks, Failure};
use crate::app::exit_code::Exit;
use crate::client::child::{self, Interrupts};
use crate::client::follow::Follower;
use crate::client::wait_line::WaitLine;
use crate::client::waiting::{Waited, until};
use ccwatch_core::state::PageState;
use ccwatch_core::state::verdict::Verdict;
use ccwatch_core::text::waiting::{Goal, situation};
use ccwatch_core::text::{self, doubt};
use ccwatch_core::time::between;

/// For a reading that is newer than the failure.
const FOR_A_READING: Duration = Duration::from_secs(2 * 60);
/// For a page that can't be read.
const FOR_SIGHT: Duration = Duration::from_secs(15 * 60);
/// After a limit's reset, at most: clocks differ, and others wait for the same moment.
const AFTER_RESET: Duration = Duration::from_secs(30);

/// What comes after a failure.
pub(super) enum Next {
    Repeat,
    /// No more, and why.
    Stop(String),
    Interrupted(Exit),
}

/// Begun at the first failure.
pub(super) struct Waiting<'a> {
    /// What is run, for people.
    pub(super) name: &'a str,
    pub(super) follower: &'a mut Follower,
    pub(super) progress: &'a mut WaitLine,
    pub(super) interrupts: &'a mut Interrupts,
    /// No repeat begins later than this.
    pub(super) within: Duration,
    /// After each failure that no outage explains; the last one goes on.
    pub(super) pauses: &'a [Duration],
    pub(super) paused: &'a mut usize,
}

impl Waiting<'_> {
    /// Finds out what to do about a failure, and waits for as long as that takes.
    pub(super) async fn decide(&mut self, failure: &Failure, of_the_page: bool) -> Next {
        self.follower.ask_soon();
        let what = failure.error.as_ref().map_or("", |error| error.cause.words());
        let done = match failure.asks() {
            Asks::Somebody(why) => Err(Next::Stop(why)),
            Asks::ThePage => self.by_the_page(failure.at).await,
            Asks::Time => self.by_time(what, of_the_page).await,
            Asks::TheNetwork => self.by_the_network(what, failure.at, of_the_page).await,
            Asks::Reset(at) => self.by_the_reset(what, at, of_the_page).await,
        };
        match done {
            Ok(()) => {
                self.warn();
                Next::Repeat
            }
            Err(next) => next,
        }
    }

    /// Only the page can explain it. A page that is green explains nothing, and is believed to be
    /// that only by a reading that is newer than the failure.
    async fn by_the_page(&mut self, failed_at: Timestamp) -> Result<(), Next> {
        let known = |page: &PageState, now| {
            matches!(page.listed().verdict(now), Verdict::Wait | Verdict::Retry | Verdict::Suspect)
                || page.page_health().last_attempt.is_some_and(|at| at >= failed_at)
        };
        // What the page doesn't list of what is watched won't come into sight.
        let sighted = |page: &PageState, now| {
            page.listed().verdict(now) != Verdict::Unknown || page.lists_nothing_watched(now)
        };
        self.wait(known, Some(FOR_A_READING)).await?;
        if self.verdict() == Verdict::Unknown {
            self.wait(sighted, Some(FOR_SIGHT)).await?;
        }
        if matches!(self.verdict(), Verdict::Retry | Verdict::Suspect) {
            self.pause(|_, _| false).await?;
        }
        match self.verdict() {
            Verdict::Wait => self.for_the_fix().await,
            Verdict::Retry | Verdict::Suspect => Ok(()),
            Verdict::Clear => Err(Next::Stop(self.but(text::advice(
                Verdict::Clear,
                text::Behind::of(self.follower.page(), self.follower.now()),
            )))),
            Verdict::Unknown => Err(Next::Stop(self.but(&self.situation()))),
        }
    }

    /// Time heals it: once a red page says so, else after a pause.
    async fn by_time(&mut self, what: &str, of_the_page: bool) -> Result<(), Next> {
        let is_red =
            |page: &PageState, now| of_the_page && page.listed().verdict(now) == Verdict::Wait;
        if is_red(self.follower.page(), self.follower.now()) {
            self.say(&format!("failed: {what}"));
            return self.for_the_fix().await;
        }
        let pause = self.next_pause();
        let is_known = !of_the_page || self.verdict() != Verdict::Unknown;
        if is_known && self.follower.elapsed().saturating_add(pause) > self.within {
            let pause = text::duration(pause);
            return Err(Next::Stop(format!("{what}; the next try, in {pause}, would be too late")));
        }
        self.say(&format!("failed: {what}; trying again in {}", text::duration(pause)));
        if self.pause(is_red).await? {
            self.for_the_fix().await?;
        }
        Ok(())
    }

    /// Once the page can be reached. Where it can at once, the network is not all of it.
    async fn by_the_network(
        &mut self,
        what: &str,
        failed_at: Timestamp,
        of_the_page: bool,
    ) -> Result<(), Next> {
        let health = PageState::page_health;
        let tried =
            |page: &PageState, _| health(page).last_attempt.is_some_and(|at| at >= failed_at);
        let reached =
            |page: &PageState, _| health(page).last_good.is_some_and(|at| at >= failed_at);
        self.wait(tried, Some(FOR_A_READING)).await?;
        if reached(self.follower.page(), self.follower.now()) {
            return self.by_time(what, of_the_page).await;
        }
        self.say(&format!("failed: {what}; trying again once the status page can be reached"));
        // The page may be out of reach while the API isn't.
        let longest = self.pauses.iter().max().copied();
        self.wait(reached, Some(longest.unwrap_or_default())).await?;
        Ok(())
    }

    /// Once a limit is over.
    async fn by_the_reset(
        &mut self,
        what: &str,
        at: Timestamp,
        of_the_page: bool,
    ) -> Result<(), Next> {
        let now = self.follower.now();
        let left = between(now, at);
        if left.is_zero() {
            return self.by_time(what, of_the_page).await;
        }
        let when = text::clock(at, now, &self.follower.page().settings().zone);
        let left = left.saturating_add((left / 10).min(AFTER_RESET).mul_f64(fastrand::f64()));
        if self.follower.elapsed().saturating_add(left) > self.within {
            return Err(Next::Stop(format!("{what}, until {when}, which is too late")));
        }
        self.say(&format!("failed: {what}, until {when}; trying again then"));
        self.wait(|_, _| false, Some(left)).await?;
        Ok(())
    }

    /// Until a fix is out, or it is back.
    async fn for_the_fix(&mut self) -> Result<(), Next> {
        self.wait(|page: &PageState, now| Goal::Retry.is_over(page, now), None).await?;
        Ok(())
    }

    /// The next pause, unless something comes before its end; whether that came.
    async fn pause(
        &mut self,
        reached: impl Fn(&PageState, Timestamp) -> bool,
    ) -> Result<bool, Next> {
        // Up to a quarter more, so that what failed together doesn't come back together.
        let pause = self.next_pause().mul_f64(1.0 + 0.25 * fastrand::f64());
        let came = self.wait(reached, Some(pause)).await?;
        *self.paused += usize::from(!came);
        Ok(came)
    }

    fn next_pause(&self) -> Duration {
        self.pauses.get(*self.paused).or(self.pauses.last()).copied().unwrap_or_default()
    }

    /// Waits for `limit` at most, and not beyond the time that the user gave; whether it came.
    async fn wait(
        &mut self,
        reached: impl Fn(&PageState, Timestamp) -> bool,
        limit: Option<Duration>,
    ) -> Result<bool, Next> {
        let limit = limit.map(|limit| self.follower.elapsed().saturating_add(limit));
        let deadline = limit.map_or(self.within, |limit| limit.min(self.within));
        let Self { follower, progress, interrupts, .. } = self;
        match until(follower, progress, interrupts, reached, Some(deadline)).await {
            Waited::Reached => Ok(true),
            Waited::Interrupted(signal) => Err(Next::Interrupted(child::ended_by(signal))),
            Waited::TimedOut if self.follower.elapsed() >= self.within => {
                Err(Next::Stop(format!("time is up; {}", self.situation())))
            }
            Waited::TimedOut => Ok(false),
        }
    }

    fn say(&mut self, text: &str) {
        self.progress.say(self.follower.now(), &format!("{} {text}", self.name));
    }

    /// Says what is watched and not on the page, before a repeat that rests on the rest.
    fn warn(&mut self) {
        if let Some(unmatched) = self.unmatched() {
            self.progress.say_change(self.follower.now(), &unmatched, &unmatched, &[]);
        }
    }

    /// The same beside why nothing is repeated.
    fn but(&self, why: &str) -> String {
        match self.unmatched() {
            Some(unmatched) => format!("{why}; but {unmatched}"),
            None => why.to_owned(),
        }
    }

    /// What the page doesn't list of what is watched, and what to write instead.
    fn unmatched(&self) -> Option<String> {
        let page = self.follower.page();
        let missing = page.missing_entries();
        let instead = doubt::to_write_instead(page).unwrap_or_default();
        (!missing.is_empty()).then(|| format!("{}; {instead}", doubt::no_answer(&missing)))
    }

    /// As far as the page lists what is watched.
    fn verdict(&self) -> Verdict {
        self.follower.page().listed().verdict(self.follower.now())
    }

    fn situation(&self) -> String {
        situation(self.follower.page(), self.follower.now())
    }
}
