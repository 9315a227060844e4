//! What one sink still has to be given, and what no longer.
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

use crate::notice::kind::{Kind, Waiting};
use crate::notice::{Bubble, DeliveryState, Notice, Urgency};
use crate::time::{after, shifted};

use super::delivery::{Fate, Outcome, Pending, Step, Thread, Weighed};

/// Before the one repeat of a call that was not answered.
const UNANSWERED_PAUSE: Duration = Duration::from_secs(30);
/// How many bubbles are remembered.
const BUBBLES: usize = 20;

/// Notices on their way to one sink.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outbox {
    pending: Vec<Pending>,
    threads: BTreeMap<String, Thread>,
    in_flight: Option<String>,
    /// Why notices wait, where they do.
    waiting: Option<String>,
}

impl Outbox {
    /// One with nothing in it.
    pub const fn new() -> Self {
        Self { pending: Vec::new(), threads: BTreeMap::new(), in_flight: None, waiting: None }
    }

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
                let why = None;
                merged.push(Step { key, progress: DeliveryState::Merged, unanswered, why });
            }
            // Whether the page still can't be used, the next try says.
            let held = notice.kind.row().waiting == Waiting::Trouble;
            pending.push(Pending { held, ..Pending::new(notice, unanswered, now) });
        }
        (Self { pending, threads, ..Self::default() }, merged)
    }

    /// The sink is switched off: what waits is in the log already.
    pub fn silence(&mut self) -> Vec<Step> {
        let flying = self.in_flight.clone();
        let kept = |p: &Pending| flying.as_ref() == Some(&p.notice.key);
        let gone = self.pending.iter().filter(|p| !kept(p));
        let steps = gone.filter_map(|p| p.step(DeliveryState::Logged)).collect();
        self.pending.retain(kept);
        steps
    }

    /// The stories of the bubbles, for keeping.
    pub fn threads(&self) -> &BTreeMap<String, Thread> {
        &self.threads
    }

    /// What is on the screen, as far as anybody said, each with what a click on it opens where that
    /// is known.
    pub fn bubbles(&self) -> impl Iterator<Item = (&Bubble, Option<&str>)> {
        self.threads.values().filter_map(|thread| {
            let link = thread.standing.as_ref().and_then(|notice| notice.link.as_deref());
            Some((thread.bubble.as_ref()?, link))
        })
    }

    /// The bubbles that say that an outage goes on, each with its thread, where nothing waits to take
    /// their place.
    pub fn says_outage(&self) -> impl Iterator<Item = (&str, &Bubble)> {
        let waits = |key: &str| self.pending.iter().any(|pending| pending.notice.thread == key);
        self.threads.iter().filter_map(move |(key, thread)| {
            let bubble = thread.bubble.as_ref().filter(|_| thread.says_outage)?;
            (!thread.taken_down && !waits(key)).then_some((key.as_str(), bubble))
        })
    }

    /// The bubble of a thread is being taken down. It counts as there until that is reported, so that
    /// the next life of the program asks again.
    pub(crate) fn take_down(&mut self, thread: &str) -> Option<Bubble> {
        let thread = self.threads.get_mut(thread)?;
        thread.taken_down = true;
        thread.standing = None;
        thread.bubble.clone()
    }

    /// Whether anything of a thread was, or may have been, delivered.
    pub fn has_heard(&self, thread: &str) -> bool {
        self.threads.get(thread).is_some_and(|thread| thread.seen)
    }

    /// Notices that wait.
    pub fn pending(&self) -> impl Iterator<Item = &Notice> {
        self.pending.iter().map(|pending| &pending.notice)
    }

    /// The same with the calls that were not answered, as [`restore`](Self::restore) takes them.
    pub fn to_restore(&self) -> impl Iterator<Item = (&Notice, u32)> {
        self.pending.iter().map(|pending| (&pending.notice, pending.unanswered))
    }

    /// The key of the notice that is being shown right now.
    pub fn sending(&self) -> Option<&str> {
        self.in_flight.as_deref()
    }

    /// Whether a call was not answered yet, and may still be.
    pub fn awaits_answer(&self) -> bool {
        self.is_sending() || self.pending.iter().any(|pending| pending.unanswered > 0)
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
    pub fn add(&mut self, notice: Notice, ends: bool) -> Vec<Step> {
        let seen = self.threads.get(&notice.thread).is_some_and(|thread| thread.seen);
        let flying = |pending: &Pending| self.in_flight.as_ref() == Some(&pending.notice.key);
        let of_thread = |pending: &Pending| pending.notice.thread == notice.thread;
        let on_its_way = self.pending.iter().any(|p| of_thread(p) && flying(p));
        let is_overtaken = |pending: &Pending| of_thread(pending) && !flying(pending);
        let (overtaken, kept): (Vec<_>, Vec<_>) =
            self.pending.iter().cloned().partition(is_overtaken);
        self.pending = kept;
        let unheard = notice.kind.is_end() && ends && !seen && !on_its_way;
        let is_dropped = unheard && !overtaken.is_empty();
        let (old, new) = match is_dropped {
            true => (DeliveryState::Dropped, DeliveryState::Dropped),
            false => (DeliveryState::Merged, DeliveryState::Pending),
        };
        let due = notice.at;
        let pending = Pending { ends, ..Pending::new(notice, 0, due) };
        let steps = overtaken.iter().map(|p| p.step(old)).chain([pending.step(new)]);
        let steps = steps.flatten().collect();
        if !is_dropped {
            self.pending.push(pending);
        }
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

    /// Takes in what a good reading means for each notice that waits, by its key.
    pub fn weigh(&mut self, now: Timestamp, mut fates: BTreeMap<String, Fate>) -> Weighed {
        let mut weighed = Weighed::default();
        let flying = self.in_flight.as_ref();
        self.pending.retain_mut(|pending| {
            let key = pending.notice.key.clone();
            if flying == Some(&key) {
                return true;
            }
            let Some(fate) = fates.remove(&key) else { return true };
            if pending.held && fate != Fate::Waits {
                pending.next_try = now;
            }
            pending.held = fate == Fate::Waits;
            match fate {
                Fate::Says(notice) if pending.notice != *notice => {
                    pending.notice.clone_from(&notice);
                    // What was written down of it tells of the time when it was shown first.
                    weighed.reworded.extend((!pending.again).then_some(*notice));
                }
                Fate::Over => {
                    weighed.steps.extend(pending.step(DeliveryState::Dropped));
                    return false;
                }
                Fate::Says(_) | Fate::Holds | Fate::Waits => {}
            }
            true
        });
        weighed
    }

    /// What was held because nobody knew whether it still is so may go out.
    pub fn release(&mut self, kind: Kind) {
        let of_kind = |pending: &&mut Pending| pending.notice.kind == kind;
        self.pending.iter_mut().filter(of_kind).for_each(|pending| pending.held = false);
    }

    /// Takes back what is no longer true and was not shown yet.
    pub fn withdraw(&mut self, kind: Kind) -> Vec<Step> {
        let in_flight = self.in_flight.clone();
        let outdated =
            |p: &Pending| p.notice.kind == kind && in_flight.as_ref() != Some(&p.notice.key);
        let gone = self.pending.iter().filter(|p| outdated(p));
        let steps = gone.filter_map(|p| p.step(DeliveryState::Dropped)).collect();
        self.pending.retain(|p| !outdated(p));
        steps
    }

    /// When the next notice may go out; `weighed`: the page was read since the start.
    pub fn poll_timeout(&self, weighed: bool) -> Option<Timestamp> {
        match self.in_flight {
            Some(_) => None,
            None => self.pending.iter().filter(|p| p.may_go(weighed)).map(|p| p.next_try).min(),
        }
    }

    /// The next notice to show, with the bubble to replace. It counts as in flight from now on.
    pub fn next(&mut self, now: Timestamp, weighed: bool) -> Option<(Notice, Option<Bubble>)> {
        if self.in_flight.is_some() {
            return None;
        }
        let due = |pending: &&Pending| pending.next_try <= now && pending.may_go(weighed);
        let notice = self.pending.iter().find(due)?.notice.clone();
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
        let why = match &outcome {
            Outcome::RetryLater(why) | Outcome::Failed(why) => Some(why.clone()),
            Outcome::Delivered(_) | Outcome::Uncertain => None,
        };
        let failed = matches!(outcome, Outcome::Failed(_));
        let is_new = why.is_some() && pending.why != why;
        pending.why = why.or(pending.why);
        let progress = match outcome {
            Outcome::Delivered(bubble) => {
                self.waiting = None;
                let stays = pending.notice.urgency == Urgency::Critical && bubble.is_some();
                let standing = (stays && !pending.again).then(|| pending.notice.clone());
                let thread = touch(&mut self.threads, &thread, now);
                (thread.bubble, thread.standing) = (bubble, standing);
                thread.says_outage = pending.notice.kind.says_outage();
                thread.taken_down = false;
                DeliveryState::Shown
            }
            Outcome::Uncertain | Outcome::Failed(_) => {
                pending.unanswered += 1;
                pending.next_try = after(now, UNANSWERED_PAUSE);
                pending.failed = failed;
                touch(&mut self.threads, &thread, now).says_outage |=
                    pending.notice.kind.says_outage();
                let again = if pending.unanswered > 1 {
                    DeliveryState::Uncertain
                } else {
                    DeliveryState::Pending
                };
                // What came meanwhile says it all.
                newer.map_or(again, |_| DeliveryState::Merged)
            }
            Outcome::RetryLater(why) => {
                self.waiting = Some(why);
                if let Some(newer) = newer {
                    return self.overtaken(&pending, newer);
                }
                pending.wait(now);
                let step = pending.step(DeliveryState::Pending).filter(|_| is_new);
                self.pending.insert(at, pending);
                return step.into_iter().collect();
            }
        };
        let step = pending.step(progress);
        if progress == DeliveryState::Pending {
            self.pending.insert(at, pending);
        }
        step.into_iter().collect()
    }

    /// It could not be shown, and a newer one of its thread waits already; where that one is the
    /// end of what nobody heard of, neither is told.
    fn overtaken(&mut self, pending: &Pending, newer: usize) -> Vec<Step> {
        let seen = self.threads.get(&pending.notice.thread).is_some_and(|thread| thread.seen);
        let unheard = self.pending.get(newer).is_some_and(|p| p.ends && p.notice.kind.is_end());
        if !unheard || seen {
            return pending.step(DeliveryState::Merged).into_iter().collect();
        }
        let end = self.pending.remove(newer);
        [pending, &end].into_iter().filter_map(|p| p.step(DeliveryState::Dropped)).collect()
    }

    /// The answer to a call that counted as not answered: the notice needs no other call, and what
    /// comes next takes the place of this bubble.
    pub fn shown_late(
        &mut self,
        now: Timestamp,
        key: &str,
        thread: &str,
        bubble: Bubble,
    ) -> Vec<Step> {
        let waits = self.pending.iter().any(|pending| pending.notice.key == key);
        if waits && self.in_flight.as_deref() != Some(key) {
            return self.delivered(now, key, Outcome::Delivered(Some(bubble)));
        }
        let thread = touch(&mut self.threads, thread, now);
        (thread.bubble, thread.taken_down) = (Some(bubble), false);
        Vec::new()
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

    /// The sink is there again: what waits may go out now. What went wrong before waits on: it may be
    /// what the sink died of.
    pub fn sink_ready(&mut self, now: Timestamp) {
        for pending in self.pending.iter_mut().filter(|pending| !pending.failed) {
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
