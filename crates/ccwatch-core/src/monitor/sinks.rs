//! The two sinks of a notice, the screen and the user's hook. Each has an outbox of its own, so
//! that neither waits for the other, and neither repeats what only the other missed.

use alloc::boxed::Box;
use alloc::vec::Vec;
use jiff::Timestamp;

use crate::decide::notice::{Bubble, Kind, Notice};
use crate::deliver::outbox::Step;
use crate::state::component::Component;

use super::{Command, Monitor, Record};

impl Monitor {
    /// Puts a notice on its way. `ends` says that with it the whole thread is over.
    pub(super) fn post(&mut self, notice: Notice, ends: bool) {
        self.commands.push_back(Command::Record(Record::Notice(Box::new(notice.clone()))));
        if self.state.settings.hook {
            let steps = self.hook.add(notice.clone(), ends, true);
            self.hook_steps(steps);
        }
        let steps = self.outbox.add(notice, ends, self.state.settings.desktop);
        self.screen_steps(steps);
    }

    /// Takes back what is no longer true and was not told yet.
    pub(super) fn withdraw(&mut self, kind: Kind) {
        let (screen, hook) = (self.outbox.withdraw(kind), self.hook.withdraw(kind));
        self.screen_steps(screen);
        self.hook_steps(hook);
    }

    /// What waits for a sink that is switched off is no longer wanted there.
    pub(super) fn silence_what_is_off(&mut self) {
        if !self.state.settings.desktop {
            let steps = self.outbox.silence();
            self.screen_steps(steps);
        }
        if !self.state.settings.hook {
            let steps = self.hook.silence();
            self.hook_steps(steps);
        }
    }

    /// A bubble went down with its server. What was to stay on the screen is shown again, as long
    /// as its outage goes on and the user wants to hear of it.
    pub(super) fn bubble_lost(&mut self, now: Timestamp, bubble: &Bubble) {
        let Some((thread, notice)) = self.outbox.lost(bubble) else { return };
        let in_thread =
            |c: &Component| c.affected().is_some_and(|e| e.outage_thread() == Some(&thread));
        let goes_on = self.state.components.iter().any(in_thread);
        let muted = self.state.mute_of(now, notice.incident.as_ref()).is_some();
        if goes_on && !muted && self.state.settings.desktop {
            self.outbox.add_again(now, notice);
        }
    }

    /// What may go out now, one notice a sink.
    pub(super) fn deliver(&mut self, now: Timestamp) {
        if let Some((notice, replaces)) = self.outbox.next(now) {
            self.commands.push_back(Command::Show { notice: Box::new(notice), replaces });
        }
        if let Some((notice, _)) = self.hook.next(now) {
            self.commands.push_back(Command::Hook(Box::new(notice)));
        }
    }

    pub(super) fn screen_steps(&mut self, steps: Vec<Step>) {
        steps.into_iter().for_each(|step| self.record(Record::Step(step)));
    }

    pub(super) fn hook_steps(&mut self, steps: Vec<Step>) {
        steps.into_iter().for_each(|step| self.record(Record::HookStep(step)));
    }
}

#[cfg(test)]
mod tests;
