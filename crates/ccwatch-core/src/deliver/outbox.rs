//! What still has to be shown, and what no longer needs to be.
//!
//! It holds the latest wanted state of each bubble, not a backlog. A notice counts as shown only
//! when a notification server took it. A call that was not answered may have been shown: it is
//! repeated once and no more. While no server is there the notices wait.

use alloc::borrow::ToOwned;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::decide::notice::{Bubble, DeliveryState, Kind, Notice, Urgency};
use crate::time::{after, shifted};

/// The first pause while no server takes a notice; doubled at each try.
const FIRST_PAUSE: Duration = Duration::from_secs(5);
/// The longest pause. A server that appears is noticed at once, without this.
const LONGEST_PAUSE: Duration = Duration::from_secs(300);
/// Before the one repeat of a call that was not answered.
const UNANSWERED_PAUSE: Duration = Duration::from_secs(30);
/// How many bubbles are remembered.
const BUBBLES: usize = 20;

/// How a delivery went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The server took it; the bubble, where the platform has such a thing.
    Shown(Option<Bubble>),
    /// Not possible now, and why.
    NotYet(String),
    /// No answer in time: it may have been shown.
    Uncertain,
}

/// A notice on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// The notice.
    pub notice: Notice,
    /// Calls that were not answered.
    pub unanswered: u32,
    /// Whether its thread is over with it.
    ends: bool,
    /// It was on the screen before, and went down with the notification server.
    again: bool,
    /// Calls that the server did not take.
    refused: u32,
    /// Not before.
    next_try: Timestamp,
}

impl Pending {
    fn new(notice: Notice, unanswered: u32, due: Timestamp) -> Self {
        Self { notice, unanswered, ends: false, again: false, refused: 0, next_try: due }
    }

    /// Waits longer after each try that no server took.
    fn wait(&mut self, now: Timestamp) {
        let factor = 2_u32.saturating_pow(self.refused.min(10));
        self.refused = self.refused.saturating_add(1);
        self.next_try = after(now, FIRST_PAUSE.saturating_mul(factor).min(LONGEST_PAUSE));
    }
}

/// A bubble's story so far.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thread {
    /// Where it is on the screen.
    pub bubble: Option<Bubble>,
    /// Whether anything of it was, or may have been, on the screen.
    pub seen: bool,
    /// What is to stay on the screen until it is dismissed or replaced, and was not shown again
    /// yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    standing: Option<Notice>,
    /// For forgetting the oldest.
    touched: Timestamp,
}

/// What is to be written down of a notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Which notice.
    pub key: String,
    /// How far it has come.
    pub progress: DeliveryState,
    /// Calls that were not answered.
    pub unanswered: u32,
}

/// Notices on their way to the screen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outbox {
    pending: Vec<Pending>,
    threads: BTreeMap<String, Thread>,
    in_flight: Option<String>,
    /// Why notices wait, where they do.
    waiting: Option<String>,
}

impl Outbox {
    /// As it was before the restart, and what became of notices that a newer one of their thread
    /// overtook meanwhile. What was in flight then was not marked: it is shown (again).
    /// All of it is due at once: the clock may have been ahead when it was written down.
    pub fn restore(
        notices: Vec<(Notice, u32)>,
        threads: BTreeMap<String, Thread>,
        now: Timestamp,
    ) -> (Self, Vec<Step>) {
        let mut pending: Vec<Pending> = Vec::new();
        let mut merged = Vec::new();
        for (notice, unanswered) in notices {
            let older = pending.iter().position(|p| p.notice.thread == notice.thread);
            if let Some(older) = older {
                let older = pending.remove(older);
                let (key, unanswered) = (older.notice.key, older.unanswered);
                merged.push(Step { key, progress: DeliveryState::Merged, unanswered });
            }
            pending.push(Pending::new(notice, unanswered, now));
        }
        (Self { pending, threads, ..Self::default() }, merged)
    }

    /// Pop-ups are switched off: what waits is in the log already.
    pub fn silence(&mut self) -> Vec<Step> {
        let flying = self.in_flight.clone();
        let kept = |p: &Pending| flying.as_ref() == Some(&p.notice.key);
        let step = |p: &Pending| Step {
            key: p.notice.key.clone(),
            progress: DeliveryState::Logged,
            unanswered: p.unanswered,
        };
        let steps = self.pending.iter().filter(|p| !kept(p)).map(step).collect();
        self.pending.retain(kept);
        steps
    }

    /// The stories of the bubbles, for keeping.
    pub fn threads(&self) -> &BTreeMap<String, Thread> {
        &self.threads
    }

    /// Notices that wait.
    pub fn pending(&self) -> impl Iterator<Item = &Notice> {
        self.pending.iter().map(|pending| &pending.notice)
    }

    /// The same with the calls that were not answered, as [`restore`](Self::restore) takes them.
    pub fn to_restore(&self) -> impl Iterator<Item = (&Notice, u32)> {
        self.pending.iter().map(|pending| (&pending.notice, pending.unanswered))
    }

    /// Whether a notice is being shown right now.
    pub fn is_sending(&self) -> bool {
        self.in_flight.is_some()
    }

    /// Why notices wait, where they do.
    pub fn waiting(&self) -> Option<&str> {
        self.waiting.as_deref().filter(|_| !self.pending.is_empty())
    }

    /// Takes a new notice; gives what became of older ones and of itself. `ends` says that with
    /// it the whole thread is over.
    pub fn add(&mut self, notice: Notice, ends: bool, desktop: bool) -> Vec<Step> {
        let step = |key: &str, progress| Step { key: key.to_owned(), progress, unanswered: 0 };
        if !desktop {
            return vec![step(&notice.key, DeliveryState::Logged)];
        }
        let seen = self.threads.get(&notice.thread).is_some_and(|thread| thread.seen);
        let flying = |pending: &Pending| self.in_flight.as_ref() == Some(&pending.notice.key);
        let overtaken: Vec<String> = self
            .pending
            .iter()
            .filter(|pending| pending.notice.thread == notice.thread && !flying(pending))
            .map(|pending| pending.notice.key.clone())
            .collect();
        let on_its_way = self.pending.iter().any(|p| p.notice.thread == notice.thread && flying(p));
        self.pending.retain(|pending| !overtaken.contains(&pending.notice.key));
        let unheard = notice.kind == Kind::Back && ends && !seen && !on_its_way;
        if unheard && !overtaken.is_empty() {
            let mut steps: Vec<Step> =
                overtaken.iter().map(|key| step(key, DeliveryState::Dropped)).collect();
            steps.push(step(&notice.key, DeliveryState::Dropped));
            return steps;
        }
        let mut steps: Vec<Step> =
            overtaken.iter().map(|key| step(key, DeliveryState::Merged)).collect();
        steps.push(step(&notice.key, DeliveryState::Pending));
        let due = notice.at;
        self.pending.push(Pending { ends, ..Pending::new(notice, 0, due) });
        steps
    }

    /// A bubble went down with its server: gives its thread, and the notice that was to stay on
    /// the screen, where nothing newer waits to take its place.
    pub fn lost(&mut self, bubble: &Bubble) -> Option<(String, Notice)> {
        let of_it = |(_, thread): &(&String, &mut Thread)| thread.bubble.as_ref() == Some(bubble);
        let (key, thread) = self.threads.iter_mut().find(of_it)?;
        thread.bubble = None;
        let notice = thread.standing.take()?;
        let waits = self.pending.iter().any(|pending| pending.notice.thread == *key);
        (!waits).then(|| (key.clone(), notice))
    }

    /// Takes a notice that was shown before, to show it once more; it stays marked as shown.
    pub fn add_again(&mut self, now: Timestamp, notice: Notice) {
        self.pending.push(Pending { again: true, ..Pending::new(notice, 0, now) });
    }

    /// Takes back what is no longer true and was not shown yet.
    pub fn withdraw(&mut self, kind: Kind) -> Vec<Step> {
        let in_flight = self.in_flight.clone();
        let outdated =
            |p: &Pending| p.notice.kind == kind && in_flight.as_ref() != Some(&p.notice.key);
        let step = |p: &Pending| Step {
            key: p.notice.key.clone(),
            progress: DeliveryState::Dropped,
            unanswered: p.unanswered,
        };
        let steps = self.pending.iter().filter(|p| outdated(p)).map(step).collect();
        self.pending.retain(|p| !outdated(p));
        steps
    }

    /// When the next notice may go out.
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        match self.in_flight {
            Some(_) => None,
            None => self.pending.iter().map(|pending| pending.next_try).min(),
        }
    }

    /// The next notice to show, with the bubble to replace. It counts as in flight from now on.
    pub fn next(&mut self, now: Timestamp) -> Option<(Notice, Option<Bubble>)> {
        if self.in_flight.is_some() {
            return None;
        }
        let notice = self.pending.iter().find(|pending| pending.next_try <= now)?.notice.clone();
        let bubble = self.threads.get(&notice.thread).and_then(|thread| thread.bubble.clone());
        self.in_flight = Some(notice.key.clone());
        Some((notice, bubble))
    }

    /// A delivery is done, one way or another.
    pub fn delivered(&mut self, now: Timestamp, key: &str, outcome: Outcome) -> Vec<Step> {
        self.in_flight = self.in_flight.take().filter(|flying| flying != key);
        let Some(at) = self.pending.iter().position(|p| p.notice.key == key) else {
            return Vec::new();
        };
        let mut pending = self.pending.remove(at);
        let thread = pending.notice.thread.clone();
        let newer = self.pending.iter().position(|p| p.notice.thread == thread);
        let progress = match outcome {
            Outcome::Shown(bubble) => {
                self.waiting = None;
                let stays = pending.notice.urgency == Urgency::Critical && bubble.is_some();
                let standing = (stays && !pending.again).then(|| pending.notice.clone());
                let thread = touch(&mut self.threads, &thread, now);
                (thread.bubble, thread.standing) = (bubble, standing);
                DeliveryState::Shown
            }
            Outcome::Uncertain => {
                pending.unanswered += 1;
                pending.next_try = after(now, UNANSWERED_PAUSE);
                touch(&mut self.threads, &thread, now);
                let again = if pending.unanswered > 1 {
                    DeliveryState::Uncertain
                } else {
                    DeliveryState::Pending
                };
                // What came meanwhile says it all.
                newer.map_or(again, |_| DeliveryState::Merged)
            }
            Outcome::NotYet(why) => {
                self.waiting = Some(why);
                if let Some(newer) = newer {
                    return self.overtaken(&pending, newer);
                }
                pending.wait(now);
                self.pending.insert(at, pending);
                return Vec::new();
            }
        };
        let step = Step { key: key.to_owned(), progress, unanswered: pending.unanswered };
        if progress == DeliveryState::Pending {
            self.pending.insert(at, pending);
        }
        vec![step]
    }

    /// It could not be shown, and a newer one of its thread waits already; where that one is the
    /// end of what nobody heard of, neither is told.
    fn overtaken(&mut self, pending: &Pending, newer: usize) -> Vec<Step> {
        let step = |of: &Pending, progress| Step {
            key: of.notice.key.clone(),
            progress,
            unanswered: of.unanswered,
        };
        let seen = self.threads.get(&pending.notice.thread).is_some_and(|thread| thread.seen);
        let unheard =
            self.pending.get(newer).is_some_and(|p| p.ends && p.notice.kind == Kind::Back);
        if !unheard || seen {
            return vec![step(pending, DeliveryState::Merged)];
        }
        let end = self.pending.remove(newer);
        vec![step(pending, DeliveryState::Dropped), step(&end, DeliveryState::Dropped)]
    }

    /// A bubble is no longer on the screen: what comes next is a new one.
    pub fn closed(&mut self, bubble: &Bubble) {
        for thread in self.threads.values_mut() {
            if thread.bubble.as_ref() == Some(bubble) {
                thread.bubble = None;
                thread.standing = None;
            }
        }
    }

    /// A notification server appeared: what waits may go out now.
    pub fn server_appeared(&mut self, now: Timestamp) {
        for pending in &mut self.pending {
            pending.next_try = now;
            pending.refused = 0;
        }
    }

    /// The wall clock was set.
    pub fn shift(&mut self, by: SignedDuration) {
        for pending in &mut self.pending {
            pending.next_try = shifted(pending.next_try, by);
        }
    }
}

/// The thread's story, begun if there is none, with something of it seen.
fn touch<'a>(
    threads: &'a mut BTreeMap<String, Thread>,
    key: &str,
    now: Timestamp,
) -> &'a mut Thread {
    while threads.len() >= BUBBLES && !threads.contains_key(key) {
        let oldest = threads.iter().min_by_key(|(_, t)| t.touched).map(|(key, _)| key.clone());
        oldest.and_then(|oldest| threads.remove(&oldest));
    }
    let thread = threads.entry(key.to_owned()).or_default();
    thread.seen = true;
    thread.touched = now;
    thread
}
