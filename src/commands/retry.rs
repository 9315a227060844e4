//! `ccwatch retry`: the same request on the same path, once that makes sense.
//!
//! A failure is explained by the page or it is not. Where it is, the command is repeated when
//! `wait` would end. Where the page is green it is not: repeating blindly costs tokens and hides
//! what is really wrong. The page is only believed to be green by a reading that is newer than the
//! failure. Where nothing is known, that is waited out for a while and no longer. Where only this
//! machine's own errors speak of an outage it is repeated after a pause.

use std::time::Duration;

use jiff::Timestamp;

use crate::app::App;
use crate::app::exit_code::Exit;
use crate::cli;
use crate::platform::clock;
use crate::render::sanitize;
use ccwatch_core::state::PageState;
use ccwatch_core::state::verdict::Verdict;
use ccwatch_core::text::waiting::{Goal, situation};
use ccwatch_core::text::{self, doubt};

use crate::client::child::{self, Interrupts, Ran};
use crate::client::follow::Follower;
use crate::client::wait_line::WaitLine;
use crate::client::waiting::{Waited, until};

/// For a reading that is newer than the failure.
const FOR_A_READING: Duration = Duration::from_secs(2 * 60);
/// For a page that can't be read.
const FOR_SIGHT: Duration = Duration::from_secs(15 * 60);
/// Before a repeat where the page said at once that a retry makes sense; doubled each time.
const FIRST_PAUSE: Duration = Duration::from_secs(15);
const LONGEST_PAUSE: Duration = Duration::from_secs(5 * 60);

/// What comes after a failure.
enum Next {
    Repeat,
    /// No more, and why.
    Stop(String),
    Interrupted(Exit),
}

/// Runs and repeats.
pub fn run(app: &App, args: &cli::Retry) -> anyhow::Result<Exit> {
    let runtime = crate::app::runtime()?;
    let done = runtime.block_on(retry(app, args));
    runtime.shutdown_timeout(Duration::ZERO);
    done
}

async fn retry(app: &App, args: &cli::Retry) -> anyhow::Result<Exit> {
    let mut interrupts = Interrupts::listen()?;
    let settings = app.settings();
    let mut progress = WaitLine::new(settings.zone.clone(), args.quiet);
    let name = args.command.first().map(|name| name.to_string_lossy());
    let name = sanitize::line(&name.unwrap_or_default(), 100);
    let mut after_failure = None;
    let mut runs = 0;
    loop {
        runs += 1;
        let exit = match child::run(&args.command, &mut interrupts).await? {
            Ran::Ended(exit) if exit != Exit::Command(0) => exit,
            Ran::Ended(exit) | Ran::Stopped(exit) | Ran::NotAtAll(exit) => return Ok(exit),
        };
        let failed_at = clock::now();
        if runs >= args.max {
            if runs > 1 {
                progress.say(failed_at, &format!("{name} failed {runs} times: no more"));
            }
            return Ok(exit);
        }
        let waiting = match &mut after_failure {
            Some(waiting) => waiting,
            empty @ None => {
                let follower = Follower::start(app, settings.clone())?;
                empty.insert(Waiting { follower, within: args.within, pauses: 0 })
            }
        };
        match waiting.decide(failed_at, &mut progress, &mut interrupts).await {
            Next::Repeat => {
                let (now, next) = (clock::now(), runs + 1);
                if let Some(unmatched) = waiting.unmatched() {
                    progress.say_change(now, &unmatched, &unmatched);
                }
                progress
                    .say(now, &format!("repeating {name} (run {next} of {} at most)", args.max));
            }
            Next::Stop(why) => {
                progress.say(clock::now(), &format!("{name} is not repeated: {why}"));
                return Ok(exit);
            }
            Next::Interrupted(exit) => return Ok(exit),
        }
    }
}

/// The wait after a failure; begun at the first one.
struct Waiting {
    follower: Follower,
    within: Option<Duration>,
    pauses: u32,
}

impl Waiting {
    /// Finds out what to do about a failure, and waits for as long as that takes.
    async fn decide(
        &mut self,
        failed_at: Timestamp,
        progress: &mut WaitLine,
        interrupts: &mut Interrupts,
    ) -> Next {
        self.follower.ask_soon();
        let known = |page: &PageState, now| {
            matches!(page.listed().verdict(now), Verdict::Wait | Verdict::Retry | Verdict::Suspect)
                || page.page_health().last_attempt.is_some_and(|at| at >= failed_at)
        };
        // What the page doesn't list of what is watched won't come into sight.
        let sighted = |page: &PageState, now| {
            page.listed().verdict(now) != Verdict::Unknown || page.lists_nothing_watched(now)
        };
        let (mut paused, mut sought) = (false, false);
        let mut waited = self.until(progress, interrupts, known, Some(FOR_A_READING)).await;
        loop {
            if let Waited::Interrupted(signal) = waited {
                return Next::Interrupted(child::ended_by(signal));
            }
            if self.is_over() {
                return Next::Stop(format!("time is up; {}", self.situation()));
            }
            waited = match self.verdict() {
                Verdict::Retry | Verdict::Suspect if paused => return Next::Repeat,
                Verdict::Retry | Verdict::Suspect => {
                    paused = true;
                    let pause = self.next_pause();
                    self.until(progress, interrupts, |_, _| false, Some(pause)).await
                }
                Verdict::Wait => {
                    let goal = |page: &PageState, now| Goal::Retry.is_over(page, now);
                    let waited = self.until(progress, interrupts, goal, None).await;
                    if waited == Waited::Reached {
                        return Next::Repeat;
                    }
                    waited
                }
                Verdict::Unknown if !sought => {
                    sought = true;
                    self.until(progress, interrupts, sighted, Some(FOR_SIGHT)).await
                }
                Verdict::Clear | Verdict::Unknown => {
                    return Next::Stop(self.explanation());
                }
            };
        }
    }

    /// Waits for `limit` at most, and not beyond the time that the user gave.
    async fn until(
        &mut self,
        progress: &mut WaitLine,
        interrupts: &mut Interrupts,
        reached: impl Fn(&PageState, Timestamp) -> bool,
        limit: Option<Duration>,
    ) -> Waited {
        let limit = limit.map(|limit| self.follower.elapsed().saturating_add(limit));
        let deadline = [limit, self.within].into_iter().flatten().min();
        until(&mut self.follower, progress, interrupts, reached, deadline).await
    }

    fn is_over(&self) -> bool {
        self.within.is_some_and(|within| self.follower.elapsed() >= within)
    }

    fn verdict(&self) -> Verdict {
        self.follower.page().listed().verdict(self.follower.now())
    }

    fn situation(&self) -> String {
        situation(self.follower.page(), self.follower.now())
    }

    fn explanation(&self) -> String {
        let page = self.follower.page();
        let why = match self.verdict() {
            Verdict::Unknown => self.situation(),
            verdict => {
                let behind = text::Behind::of(page, self.follower.now());
                text::advice(verdict, behind).to_owned()
            }
        };
        match self.unmatched() {
            Some(unmatched) => format!("{why}; besides, {unmatched}"),
            None => why,
        }
    }

    /// What the page doesn't list of what is watched, and what to write instead.
    fn unmatched(&self) -> Option<String> {
        let page = self.follower.page();
        let missing = page.missing_entries();
        let instead = doubt::to_write_instead(page).unwrap_or_default();
        (!missing.is_empty()).then(|| format!("{}; {instead}", doubt::no_answer(&missing)))
    }

    /// So that a request that still fails is not repeated in a tight loop.
    fn next_pause(&mut self) -> Duration {
        let doubled = FIRST_PAUSE.saturating_mul(2_u32.saturating_pow(self.pauses.min(10)));
        self.pauses += 1;
        doubled.min(LONGEST_PAUSE).mul_f64(0.75 + 0.5 * fastrand::f64())
    }
}
