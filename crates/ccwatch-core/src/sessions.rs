//! Claude Code sessions that an API error stopped, and when each of them may go on by itself.
//!
//! A [`StoppedSession`] is what is kept of one: what happened to it, step by step. A [`Waiter`] is
//! the decision when to wake it. It lives in the hook that waits, and in nothing else: whoever can
//! wake a session decides about it, so that nobody has to agree with anybody. What is kept serves
//! two ends: it tells the hook that its wait is over, and it tells the user what happens next.
//!
//! ```text
//! stopped ──time doesn't heal it, headless, switched off, or used up──▶ one of those that wait for the user
//! stopped ──else──▶ waiting
//! waiting ──red page: fix out or back; else a pause, or another session works; a limit: its reset──▶ woken
//! woken ──it is heard of──▶ going on ──a turn ends well──▶ works
//! woken, going on ──it fails again──▶ stopped, with one attempt more
//! waiting ──the user types, it ends, is cleared, is forgotten, its process is gone, ...──▶ over
//! ```

mod standing;
mod stopped;
mod waiter;

use core::time::Duration;

pub use standing::{Group, Standing};
pub use stopped::{Ending, Happened, Heals, Order, Stop, StoppedSession};
pub use waiter::{Awaited, Next, PageLook, PageNews, Sign, Step, Waiter};

/// What counts as lately: older ones are only shown on wish.
pub const LATELY: Duration = Duration::from_secs(24 * 3600);

/// What the user wants of stopped sessions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// Whether they may go on by themselves.
    pub resume: bool,
    /// Also those that a limit of the plan stopped, at its reset.
    pub limits: bool,
    /// So often a session is woken before it works.
    pub max_attempts: u32,
    /// So long after its first failure it is woken no more.
    pub within: Duration,
    /// Over so much time sessions are spread that would go on in the same moment.
    pub spread: Duration,
    /// The first pause, of which the others are multiples: a minute.
    pub pause: Duration,
}

impl Default for Wish {
    fn default() -> Self {
        Self {
            resume: false,
            limits: false,
            max_attempts: 8,
            within: Duration::from_secs(6 * 3600),
            spread: Duration::from_secs(30),
            pause: Duration::from_secs(60),
        }
    }
}

/// How many sessions stopped lately, as messages and bars count them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// They go on by themselves.
    pub going_on: u32,
    /// They wait for the user.
    pub yours: u32,
}

impl Counts {
    /// Counts sessions by their groups.
    pub fn of(groups: impl IntoIterator<Item = Group>) -> Self {
        let mut counts = Self::default();
        for group in groups {
            match group {
                Group::GoesOn => counts.going_on += 1,
                Group::Yours => counts.yours += 1,
                Group::WentOn | Group::Over => {}
            }
        }
        counts
    }
}

#[cfg(test)]
mod outages;
#[cfg(test)]
mod tests;
