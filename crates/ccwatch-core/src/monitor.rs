//! All components and the page's reachability: inputs with `now` in, commands out.

mod decisions;
mod draft;
mod drive;
mod ended;
mod exchange;
mod history;
mod judge;
mod local;
mod maintenance;
mod nameless;
mod polling;
pub mod schedule;
mod sinks;
mod standing;
mod tell;
mod trouble;
mod unseen;
mod watched;
mod weigh;

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::string::String;
use core::time::Duration;

use crate::deliver::Outboxes;
use crate::model::{Endpoint, Host};
use crate::monitor::schedule::Schedule;
use crate::notice::sink::Sink;
use crate::settings::Settings;
use crate::state::component::Component;
use crate::state::incidents::Incidents;
use crate::state::page_health::PageHealth;
use crate::state::{PageState, SavedState};
use crate::time::between;
use jiff::{SignedDuration, Timestamp};

pub use exchange::{Command, Input, Record, Saved, Transition};

/// A pause between two tries after which a run of failures begins anew; longer than the longest
/// pause that the schedule makes by itself.
const GAP: Duration = Duration::from_secs(70 * 60);
/// The same for a poll that came late.
const SLEPT: Duration = Duration::from_secs(20 * 60);

/// The whole core: see [the crate](crate) for how to drive it.
#[derive(Debug)]
pub struct Monitor {
    state: PageState,
    outboxes: Outboxes,
    schedule: Schedule,
    etag: Option<(Host, String)>,
    read_since_start: bool,
    /// There was a good reading since the start: what waited before may go out.
    weighed: bool,
    page_number: u32,
    /// What is known of a gap between two readings.
    unseen: unseen::Unseen,
    commands: VecDeque<Command>,
}

impl Monitor {
    /// A monitor as it was left, or a new one from `Saved::default()`.
    pub fn new(settings: Settings, saved: Saved, now: Timestamp) -> Self {
        let mut commands = VecDeque::new();
        let saved = if saved.state.is_of(&settings) {
            saved
        } else {
            commands.extend(saved.says_outage().map(Command::TakeDown));
            let SavedState { mutes, sessions, .. } = saved.state;
            let state = SavedState { mutes, sessions, ..SavedState::default() };
            Saved { state, ..Saved::default() }
        };
        let (outboxes, merged) = Outboxes::restore(saved.outboxes, now);
        let mut monitor = Self {
            state: PageState::restore(settings, saved.state, now),
            outboxes,
            schedule: Schedule::new(now),
            etag: None,
            read_since_start: false,
            weighed: false,
            page_number: 0,
            unseen: unseen::Unseen::default(),
            commands,
        };
        monitor.record_steps(merged);
        monitor.silence_what_is_off();
        monitor.forget_failures_before_a_pause(now);
        monitor
    }

    /// Takes one input. Then take commands until there are none.
    pub fn handle(&mut self, now: Timestamp, input: Input) {
        match input {
            Input::Polled { host, reading, etag, jitter } => {
                self.polled(now, host, reading, etag, jitter)
            }
            Input::HistoryRead(reading) => self.history_read(now, reading),
            Input::Delivered { sink, key, outcome } => {
                let steps = self.outboxes.of_mut(sink).delivered(now, &key, outcome);
                steps.into_iter().for_each(|step| self.record(Record::Delivery { sink, step }));
            }
            Input::ShownLate { key, thread, bubble } => {
                self.shown_late(now, &key, &thread, bubble);
            }
            Input::BubbleClosed(bubble) => self.outboxes.of_mut(Sink::Desktop).closed(&bubble),
            Input::BubbleLost(bubble) => self.bubble_lost(now, &bubble),
            Input::SinkReady(sink) => self.outboxes.of_mut(sink).sink_ready(now),
            Input::LocalError(error) => self.local_error(now, error),
            Input::LocalSuccess { at, session } => self.local_success(at.min(now), &session),
            Input::LocalRoute { session, straight } => self.local_route(&session, straight),
            Input::ClockStepped(by) => self.shift(by),
            Input::Reconfigured(settings) => self.reconfigure(now, *settings),
            Input::Muted(mutes) => self.muted(now, mutes),
            Input::SessionsStopped(counts) => self.state.sessions = counts,
            Input::ReadingWanted => self.schedule.poll_soon(now),
        }
        self.handle_timeout(now);
    }

    /// Does what is due. Then take commands until there are none.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        self.fade_suspicion(now);
        if let Some(late) = self.schedule.take_poll(now) {
            if late {
                self.forget_failures_before_a_pause(now);
            }
            let host = self.schedule.host(now, self.state.settings.has_fallback);
            let conditional = self.schedule.may_be_conditional(now) && self.read_since_start;
            let etag = self.etag.as_ref().filter(|(of, _)| conditional && *of == host);
            let etag = etag.map(|(_, etag)| etag.clone());
            self.commands.push_back(Command::Fetch { endpoint: Endpoint::Summary, host, etag });
        }
        if self.schedule.take_history(now) {
            let host = self.schedule.host(now, self.state.settings.has_fallback);
            self.commands.push_back(Command::Fetch {
                endpoint: Endpoint::Incidents,
                host,
                etag: None,
            });
        }
        self.deliver(now);
        self.take_down_what_is_over();
    }

    /// What may go out now, one notice a sink; before a first good reading only what says that
    /// there is none.
    fn deliver(&mut self, now: Timestamp) {
        for sink in Sink::ALL {
            if let Some((notice, replaces)) = self.outboxes.of_mut(sink).next(now, self.weighed) {
                let notice = Box::new(notice);
                self.commands.push_back(Command::Deliver { sink, notice, replaces });
            }
        }
    }

    /// What to do next; none: wait until [`poll_timeout`](Self::poll_timeout) or the next input.
    pub fn next_command(&mut self) -> Option<Command> {
        self.commands.pop_front()
    }

    /// The earliest deadline kept in the data.
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        let sinks = self.outboxes.poll_timeout(self.weighed);
        let all = [self.schedule.poll_timeout(), self.state.witness.poll_timeout(), sinks];
        all.into_iter().flatten().min()
    }

    /// Which page is read, counted over reloads: an answer that was asked for under another number
    /// is of another page, and must not be given to this monitor.
    pub fn page_number(&self) -> u32 {
        self.page_number
    }

    /// The first poll is not before this time: many pages begin one after the other.
    pub fn poll_first_at(&mut self, at: Timestamp) {
        self.schedule.poll_first_at(at);
    }

    /// When the page is read next; none while it is being read.
    pub fn next_poll(&self) -> Option<Timestamp> {
        self.schedule.next_poll()
    }

    /// What is known of the page, for whoever asks.
    pub fn state(&self) -> &PageState {
        &self.state
    }

    /// The same when nothing is to be done any more.
    pub fn into_state(self) -> PageState {
        self.state
    }

    /// Notices on their way to the sinks.
    pub fn outboxes(&self) -> &Outboxes {
        &self.outboxes
    }

    /// A night asleep or switched off is not a night of blindness.
    fn forget_failures_before_a_pause(&mut self, now: Timestamp) {
        if self.state.page_health.last_attempt.is_none_or(|last| between(last, now) > SLEPT) {
            self.state.page_health.failing = None;
            self.state.page_health.forget_untold_trouble();
        }
    }

    fn reconfigure(&mut self, now: Timestamp, settings: Settings) {
        // Who asks again and again for nothing must not make us ask the page as often.
        if settings == self.state.settings {
            return;
        }
        let same_page = settings.page_key() == self.state.settings.page_key();
        let same_address = settings.page_url == self.state.settings.page_url;
        self.state.settings = settings;
        self.silence_what_is_off();
        if !(same_page && same_address) {
            self.unseen = unseen::Unseen::default();
        }
        if !same_page {
            self.state.components.clear();
            self.state.incidents = Incidents::default();
            self.state.page_health = PageHealth {
                page_id: self.state.settings.page_key().to_owned(),
                ..PageHealth::default()
            };
        }
        if !(same_page && same_address) {
            self.etag = None;
            self.read_since_start = false;
            self.page_number = self.page_number.wrapping_add(1);
            self.schedule = Schedule::new(now);
        }
        self.state.rewatch(Component::is_listed);
        self.schedule.poll_soon(now);
    }

    /// The pause that suits how things stand.
    fn pause(&self) -> Duration {
        let busy = self.state.is_affected();
        let busy = busy || self.state.witness.suspicion().is_some();
        if busy { self.state.settings.during_outage } else { self.state.settings.interval }
    }

    /// When a reading would complete a recovery, the earliest one.
    fn settled_at(&self) -> Option<Timestamp> {
        let settle = self.state.settings.settle;
        self.state.watched().filter_map(|component| component.settled_at(settle)).min()
    }

    fn shift(&mut self, by: SignedDuration) {
        self.state.shift(by);
        self.outboxes.shift(by);
        self.schedule.shift(by);
    }

    fn record(&mut self, record: Record) {
        self.commands.push_back(Command::Record(record));
    }
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
