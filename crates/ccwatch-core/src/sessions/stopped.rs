//! One stopped session, and what happens to it.

use alloc::string::String;
use core::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::api_error::{ApiError, Branch, Cause, TimeHeals};
use crate::time::{after, between, shifted};

use super::standing::{Group, Standing};
use super::waiter::Next;
use super::{LATELY, Wish};

/// Who was told to go on is heard of within this time, or not at all.
const HEARD_WITHIN: Duration = Duration::from_secs(10 * 60);

/// What makes an error go away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heals {
    /// Time: the server's side gets well.
    Time,
    /// Time: this machine is on the network again.
    Network,
    /// The reset of a limit.
    Reset(Timestamp),
    /// Somebody has to do something.
    No,
}

impl Heals {
    /// By the table of causes.
    pub fn of(error: &ApiError) -> Self {
        match (error.time_heals(), error.resets_at) {
            (TimeHeals::Yes, _) if error.cause.row().branch == Branch::Network => Self::Network,
            (TimeHeals::Yes, _) => Self::Time,
            (TimeHeals::AtReset, Some(at)) => Self::Reset(at),
            (TimeHeals::AtReset, None) | (TimeHeals::No, _) => Self::No,
        }
    }
}

/// That a session stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop {
    /// Claude Code's id of it.
    pub id: String,
    /// Its project folder.
    pub folder: String,
    /// When.
    pub at: Timestamp,
    /// What stopped it.
    pub cause: Cause,
    /// The HTTP status.
    pub status: Option<u16>,
    /// What makes that go away.
    pub heals: Heals,
    /// Its requests go to a gateway or another provider, for which the page doesn't speak.
    pub elsewhere: bool,
    /// It has no screen, and ends with the error.
    pub headless: bool,
    /// The hook that reports it: the only one that may wake it after this.
    pub hook: String,
    /// Whether that hook may wait: not where Claude Code itself would wait for it.
    pub can_wait: bool,
}

/// How the failure that a hook reports stands to the one that is known of its session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// It came later, or none is known.
    Newer,
    /// It is the same one, reported once more: a plugin may be there twice.
    Same,
    /// It came earlier.
    Older,
}

/// How a session ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Its conversation was thrown away: there is nothing to go on with.
    Cleared,
    /// The user left it.
    Left,
    /// Its process ended in another way, such as with its terminal.
    Lost,
}

/// What else a session is heard of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happened {
    /// It was told to go on.
    Woken,
    /// The user submitted a prompt.
    Typed,
    /// Claude Code submitted one by itself: it was woken, or a task of its own is done.
    OwnPrompt,
    /// A turn ended well.
    Worked,
    /// The session is over.
    Ended(Ending),
}

impl Happened {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Woken,
        Self::Typed,
        Self::OwnPrompt,
        Self::Worked,
        Self::Ended(Ending::Cleared),
        Self::Ended(Ending::Left),
        Self::Ended(Ending::Lost),
    ];

    /// The word by which it is noted down.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Woken => "woken",
            Self::Typed => "typed",
            Self::OwnPrompt => "own_prompt",
            Self::Worked => "worked",
            Self::Ended(Ending::Cleared) => "cleared",
            Self::Ended(Ending::Left) => "left",
            Self::Ended(Ending::Lost) => "lost",
        }
    }
}

/// What is kept of a session that stopped: nothing of what was said in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoppedSession {
    /// Claude Code's id of it.
    pub id: String,
    /// Its project folder.
    pub folder: String,
    /// What stopped it last.
    pub cause: Cause,
    /// The HTTP status of that.
    pub status: Option<u16>,
    /// Its requests go to a gateway or another provider.
    pub elsewhere: bool,
    /// When it stopped last.
    pub stopped_at: Timestamp,
    /// When it stopped first without having worked since.
    pub first_at: Timestamp,
    /// When the limit resets that stopped it.
    pub resets_at: Option<Timestamp>,
    /// How often it was woken since then.
    pub attempts: u32,
    /// How things stand.
    pub standing: Standing,
    /// Since when they stand so.
    pub changed_at: Timestamp,
    /// What is waited for.
    pub next: Option<Next>,
    /// The hook that may wake it.
    pub hook: String,
    /// When another session got an answer on the same road.
    pub other_worked_at: Option<Timestamp>,
}

impl StoppedSession {
    /// A session stopped, of which `before` is known. What is known better already stays: a later
    /// failure, that it was woken for this one, and a hook that waits, for one that can't.
    pub fn stopped(before: Option<(&Self, Order)>, stop: Stop, wish: &Wish) -> Self {
        if let Some((before, order)) = before {
            let is_known = match order {
                Order::Newer => false,
                Order::Same => before.standing == Standing::Woken,
                Order::Older => true,
            };
            if is_known || before.standing == Standing::Waiting && !stop.can_wait {
                return before.clone();
            }
        }
        let before = before.map(|(before, _)| before);
        let counts = before.filter(|before| !before.begins_anew());
        let first_at = counts.map_or(stop.at, |before| before.first_at.min(stop.at));
        let attempts = counts.map_or(0, |before| before.attempts);
        let mut session = Self {
            id: stop.id,
            folder: stop.folder,
            cause: stop.cause,
            status: stop.status,
            elsewhere: stop.elsewhere,
            stopped_at: stop.at,
            first_at,
            resets_at: match stop.heals {
                Heals::Reset(at) => Some(at),
                Heals::Time | Heals::Network | Heals::No => None,
            },
            attempts,
            standing: Standing::Waiting,
            changed_at: stop.at,
            next: None,
            hook: stop.hook,
            other_worked_at: None,
        };
        session.standing = match session.judge(stop.heals, stop.headless, wish) {
            Standing::Waiting if !stop.can_wait => Standing::NoHook,
            standing => standing,
        };
        session
    }

    /// Whether a failure that follows begins a new count of attempts: somebody was there, or it
    /// worked in between. Everything else goes on counting, so that nothing can wake for ever.
    fn begins_anew(&self) -> bool {
        match self.standing {
            Standing::Works | Standing::Ended | Standing::Cleared => true,
            // Else it may have been Claude Code's own prompt, in words that we don't know.
            Standing::Typed => self.attempts == 0,
            Standing::Waiting
            | Standing::Woken
            | Standing::GoingOn
            | Standing::SwitchedOff
            | Standing::NeedsYou
            | Standing::LimitsOff
            | Standing::AttemptsUsed
            | Standing::TimeUp
            | Standing::Muted
            | Standing::ProcessGone
            | Standing::HookGone
            | Standing::NoHook
            | Standing::Unheard
            | Standing::Headless => false,
        }
    }

    fn judge(&self, heals: Heals, headless: bool, wish: &Wish) -> Standing {
        let end = after(self.first_at, wish.within);
        match heals {
            _ if headless => Standing::Headless,
            Heals::No => Standing::NeedsYou,
            Heals::Reset(_) if !wish.limits => Standing::LimitsOff,
            _ if !wish.resume => Standing::SwitchedOff,
            _ if self.attempts >= wish.max_attempts => Standing::AttemptsUsed,
            Heals::Reset(at) if at >= end => Standing::TimeUp,
            _ if self.stopped_at >= end => Standing::TimeUp,
            Heals::Reset(_) | Heals::Time | Heals::Network => Standing::Waiting,
        }
    }

    /// Whether `hook` still waits for the moment to wake it.
    pub fn is_awaited_by(&self, hook: &str) -> bool {
        self.standing == Standing::Waiting && self.hook == hook
    }

    /// What is waited for is another thing now.
    pub fn awaits(&mut self, next: Next) {
        self.next = Some(next);
    }

    /// It is told to go on, which counts before it is done.
    pub fn wakes(&mut self, now: Timestamp) {
        self.attempts = self.attempts.saturating_add(1);
        self.stands(Standing::Woken, now);
    }

    /// Nobody waits any more to wake it.
    pub fn is_given_up(&mut self, why: Standing, now: Timestamp) {
        self.stands(why, now);
    }

    /// It is heard of. To hear once more all that was heard since a failure changes nothing.
    pub fn hears(&mut self, what: Happened, now: Timestamp) {
        match what {
            // The attempt was counted in the moment in which it was decided.
            Happened::Woken => self.stands(Standing::Woken, now),
            Happened::Typed => self.prompted(true, now),
            Happened::OwnPrompt => self.prompted(false, now),
            Happened::Worked => self.worked(now),
            Happened::Ended(how) => self.ended(how, now),
        }
    }

    /// A prompt was submitted in it: by the user, or by Claude Code itself. For the one that follows
    /// the waking the count goes on, whosever it looks: else it could be woken for ever.
    pub fn prompted(&mut self, by_user: bool, now: Timestamp) {
        let is_first_after_waking = self.standing == Standing::Woken;
        match by_user {
            true => {
                if !is_first_after_waking {
                    self.attempts = 0;
                }
                self.stands(Standing::Typed, now);
            }
            false if self.standing != Standing::Works => self.stands(Standing::GoingOn, now),
            false => {}
        }
    }

    /// A turn of it ended well.
    pub fn worked(&mut self, now: Timestamp) {
        // It did not go on by itself.
        if self.standing == Standing::Typed {
            self.attempts = 0;
        }
        if self.standing != Standing::Works {
            self.stands(Standing::Works, now);
        }
    }

    /// It is over. What is known of it better stays known: that it works, or why it is the user's.
    pub fn ended(&mut self, how: Ending, now: Timestamp) {
        let under_way =
            matches!(self.standing, Standing::Waiting | Standing::Woken | Standing::GoingOn);
        let over = matches!(self.standing, Standing::Works | Standing::Headless);
        match how {
            Ending::Cleared => self.stands(Standing::Cleared, now),
            Ending::Left if !over => self.stands(Standing::Ended, now),
            Ending::Lost if under_way => self.stands(Standing::ProcessGone, now),
            Ending::Left | Ending::Lost => {}
        }
    }

    /// The wall clock was set, while somebody waits who noticed it.
    pub fn shift(&mut self, by: SignedDuration) {
        let own = [&mut self.stopped_at, &mut self.first_at, &mut self.changed_at];
        own.into_iter().chain(&mut self.other_worked_at).for_each(|at| *at = shifted(*at, by));
    }

    /// Another session on the same road got an answer.
    pub fn other_worked(&mut self, at: Timestamp) {
        if self.standing == Standing::Waiting && self.other_worked_at.is_none() {
            self.other_worked_at = Some(at);
        }
    }

    /// How things really stand: `alive` tells whether its hook still waits.
    pub fn standing_now(&self, alive: bool, now: Timestamp) -> Standing {
        match self.standing {
            Standing::Waiting if !alive => Standing::HookGone,
            // Of a time that is still to come nobody knows how long ago it was: the clock was set.
            Standing::Woken if apart(self.changed_at, now) > HEARD_WITHIN => Standing::Unheard,
            standing => standing,
        }
    }

    /// Whether it belongs into a list of what matters now.
    pub fn is_recent(&self, standing: Standing, now: Timestamp) -> bool {
        match standing.group() {
            Group::GoesOn => true,
            Group::WentOn | Group::Yours => between(self.changed_at, now) <= LATELY,
            Group::Over => false,
        }
    }

    fn stands(&mut self, standing: Standing, now: Timestamp) {
        (self.standing, self.changed_at, self.next) = (standing, now, None);
    }
}

/// Between two times, whichever came first.
fn apart(one: Timestamp, other: Timestamp) -> Duration {
    between(one, other).max(between(other, one))
}
