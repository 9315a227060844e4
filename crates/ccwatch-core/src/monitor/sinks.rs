//! Notices on their way to the sinks. Each sink has an outbox of its own, so that none waits for
//! another, and none repeats what only another one missed.

use alloc::boxed::Box;
use alloc::vec::Vec;
use jiff::Timestamp;

use crate::deliver::SinkSteps;
use crate::notice::kind::Kind;
use crate::notice::mute::Mute;
use crate::notice::sink::Sink;
use crate::notice::{Bubble, Notice};

use super::{Command, Monitor, Record};

impl Monitor {
    /// Puts a notice on its way. `ends` says that with it the whole thread is over.
    pub(super) fn post(&mut self, notice: &Notice, ends: bool) {
        self.commands.push_back(Command::Record(Record::Notice(Box::new(notice.clone()))));
        let on = self.state.settings.sinks.clone();
        let steps = self.outboxes.each(|sink, outbox| match on.contains(&sink) {
            true => outbox.add(notice.clone(), ends),
            false => Vec::new(),
        });
        self.record_steps(steps);
    }

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

    /// What may go out now, one notice a sink; before a first good reading only what says that
    /// there is none.
    pub(super) fn deliver(&mut self, now: Timestamp) {
        for sink in Sink::ALL {
            if let Some((notice, replaces)) = self.outboxes.of_mut(sink).next(now, self.weighed) {
                let notice = Box::new(notice);
                self.commands.push_back(Command::Deliver { sink, notice, replaces });
            }
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
