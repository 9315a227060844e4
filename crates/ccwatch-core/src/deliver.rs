//! From a decided notice to the sinks that take it.
//!
//! A notice is marked as delivered, for each sink, only after that sink took it.

pub mod delivery;
pub mod outbox;

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use jiff::{SignedDuration, Timestamp};

use crate::notice::Notice;

use self::delivery::{Step, Thread};
use self::outbox::Outbox;
use crate::notice::sink::Sink;

/// An outbox for each sink.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outboxes(BTreeMap<Sink, Outbox>);

/// What a sink has that nothing was given to yet.
const NOTHING: &Outbox = &Outbox::new();

/// What of an outbox survives a restart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SavedOutbox {
    /// The stories of its bubbles.
    pub threads: BTreeMap<String, Thread>,
    /// Notices that were not delivered yet, with their calls that were not answered.
    pub pending: Vec<(Notice, u32)>,
}

/// What is to be written down of the notices of each sink.
pub type SinkSteps = Vec<(Sink, Step)>;

impl Outboxes {
    /// As they were before the restart, and what became of notices that a newer one overtook.
    pub fn restore(mut saved: BTreeMap<Sink, SavedOutbox>, now: Timestamp) -> (Self, SinkSteps) {
        let mut all = Self::default();
        let mut steps = SinkSteps::new();
        for sink in Sink::ALL {
            let SavedOutbox { threads, pending } = saved.remove(&sink).unwrap_or_default();
            let (outbox, merged) = Outbox::restore(pending, threads, now);
            *all.of_mut(sink) = outbox;
            steps.extend(merged.into_iter().map(|step| (sink, step)));
        }
        (all, steps)
    }

    /// The outbox of one sink.
    pub fn of(&self, sink: Sink) -> &Outbox {
        self.0.get(&sink).unwrap_or(NOTHING)
    }

    pub(crate) fn of_mut(&mut self, sink: Sink) -> &mut Outbox {
        self.0.entry(sink).or_default()
    }

    /// All of them, in the order of [`Sink::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = (Sink, &Outbox)> {
        Sink::ALL.into_iter().map(|sink| (sink, self.of(sink)))
    }

    /// Whether any sink is at work on a notice right now.
    pub fn is_sending(&self) -> bool {
        self.iter().any(|(_, outbox)| outbox.is_sending())
    }

    /// When the next notice may go out; `weighed`: the page was read since the start.
    pub fn poll_timeout(&self, weighed: bool) -> Option<Timestamp> {
        self.iter().filter_map(|(_, outbox)| outbox.poll_timeout(weighed)).min()
    }

    /// The wall clock was set.
    pub(crate) fn shift(&mut self, by: SignedDuration) {
        Sink::ALL.into_iter().for_each(|sink| self.of_mut(sink).shift(by));
    }

    /// Does the same to each outbox, and gathers what is to be written down.
    pub(crate) fn each(
        &mut self,
        mut act: impl FnMut(Sink, &mut Outbox) -> Vec<Step>,
    ) -> SinkSteps {
        let mut steps = SinkSteps::new();
        for sink in Sink::ALL {
            let done = act(sink, self.of_mut(sink));
            steps.extend(done.into_iter().map(|step| (sink, step)));
        }
        steps
    }
}
