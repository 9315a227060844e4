//! Waiting for the page, with a word at each change: until something is reached, it takes too long,
//! or a signal comes.

use std::time::Duration;

use jiff::Timestamp;
use rustix::process::Signal;

use super::child::Interrupts;
use super::follow::Follower;
use super::wait_line::WaitLine;
use ccwatch_core::state::PageState;
use ccwatch_core::state::verdict::Verdict;
use ccwatch_core::text::waiting::{links, situation};

/// How a wait ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Waited {
    /// What was waited for is there.
    Reached,
    /// It took too long.
    TimedOut,
    /// A signal.
    Interrupted(Signal),
}

/// Waits until `reached`, telling each change. `deadline` counts from the follower's start.
pub(crate) async fn until(
    follower: &mut Follower,
    progress: &mut WaitLine,
    interrupts: &mut Interrupts,
    reached: impl Fn(&PageState, Timestamp) -> bool,
    deadline: Option<Duration>,
) -> Waited {
    loop {
        if reached(follower.page(), follower.now()) {
            return Waited::Reached;
        }
        if deadline.is_some_and(|deadline| follower.elapsed() >= deadline) {
            return Waited::TimedOut;
        }
        tell(follower, progress);
        tokio::select! {
            signal = interrupts.next() => return Waited::Interrupted(signal),
            () = follower.step() => {}
        }
    }
}

/// A line if something changed, and the time that passed. What is not known is told once, not
/// with each new reason.
fn tell(follower: &Follower, progress: &mut WaitLine) {
    let (page, now) = (follower.page(), follower.now());
    if !follower.has_looked() {
        return progress.tick("reading the page", follower.elapsed());
    }
    let verdict = page.verdict(now);
    let text = format!("waiting: {}", situation(page, now));
    match (follower.unreadable(), verdict) {
        (Some(why), _) => progress.say_change(now, "unreadable", &format!("waiting: {why}"), &[]),
        (None, Verdict::Unknown) => progress.say_change(now, "unknown", &text, &[]),
        (None, Verdict::Clear) => {}
        (None, _) => progress.say_change(now, &text, &text, &links(page, now)),
    }
    progress.tick("waiting", follower.elapsed());
}
