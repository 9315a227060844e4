//! What else becomes of notices on their way: they are taken back, silenced, lost with a server, or
//! found to be shown after all.

use alloc::vec::Vec;
use jiff::Timestamp;

use crate::deliver::SinkSteps;
use crate::notice::Bubble;
use crate::notice::kind::Kind;
use crate::notice::mute::Mute;
use crate::notice::sink::Sink;

use super::{Monitor, Record};

impl Monitor {
    /// Takes back what is no longer true and was not told yet.
    pub(super) fn withdraw(&mut self, kind: Kind) {
        let steps = self.outboxes.each(|_, outbox| outbox.withdraw(kind));
        self.record_steps(steps);
    }

    /// What waits for a sink that is switched off is no longer wanted there.
    pub(super) fn silence_what_is_off(&mut self) {
        let on = self.state.settings.sinks.clone();
        let steps = self.outboxes.each(|sink, outbox| match on.contains(&sink) {
            true => Vec::new(),
            false => outbox.silence(),
        });
        self.record_steps(steps);
    }

    /// A bubble went down with its server. Where it was to stay on the screen, how its outage is now
    /// is shown again, as long as that goes on and the user wants to hear of it.
    pub(super) fn bubble_lost(&mut self, now: Timestamp, bubble: &Bubble) {
        let Some((thread, was)) = self.outboxes.of_mut(Sink::Desktop).lost(bubble) else {
            return;
        };
        let wanted = self.state.settings.sinks.contains(&Sink::Desktop);
        if let Some(notice) = self.standing(now, &thread, &was).filter(|_| wanted) {
            self.outboxes.of_mut(Sink::Desktop).add_again(now, notice);
        }
    }

    /// The answer to a call came late: the bubble is known from now on.
    pub(super) fn shown_late(&mut self, now: Timestamp, key: &str, thread: &str, bubble: Bubble) {
        let sink = Sink::Desktop;
        let steps = self.outboxes.of_mut(sink).shown_late(now, key, thread, bubble);
        self.record_steps(steps.into_iter().map(|step| (sink, step)).collect());
    }

    /// The user wants silence, or no longer: that also holds for what waits.
    pub(super) fn muted(&mut self, now: Timestamp, mutes: Vec<Mute>) {
        let changed = mutes != self.state.mutes;
        self.state.mutes = mutes;
        if changed && self.weighed {
            self.weigh(now);
        }
    }

    pub(super) fn record_steps(&mut self, steps: SinkSteps) {
        for (sink, step) in steps {
            self.record(Record::Delivery { sink, step });
        }
    }
}

#[cfg(test)]
mod tests;
