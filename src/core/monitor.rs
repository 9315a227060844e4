//! All components and the page's reachability: inputs with `now` in, commands out.

mod draft;
mod exchange;
mod history;
mod local;
mod sinks;
mod tell;
mod watched;

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use super::component::{Attention, Component, Event, Sighting};
use super::local::Local;
use super::model::{
    ComponentId, Endpoint, Failure, FailureKind, Host, IncidentId, Reading, Snapshot,
};
use super::mute::Mute;
use super::outbox::Outbox;
use super::schedule::{Schedule, Went};
use super::settings::Settings;
use super::sight::{Incidents, Sight, went_back};
use super::time::between;
use jiff::{SignedDuration, Timestamp};

pub use draft::incident_url;
pub use exchange::{Command, Input, Record, Saved, Transition};

/// A pause between two tries after which a run of failures begins anew; longer than the longest
/// pause that the schedule makes by itself.
const GAP: Duration = Duration::from_secs(70 * 60);
/// The same for a poll that came late.
const SLEPT: Duration = Duration::from_secs(20 * 60);

/// The whole core: see the module [`core`](crate::core) for how to drive it.
#[derive(Debug)]
pub struct Monitor {
    settings: Settings,
    components: Vec<Component>,
    sight: Sight,
    incidents: Incidents,
    outbox: Outbox,
    hook: Outbox,
    local: Local,
    pub(in crate::core) mutes: Vec<Mute>,
    schedule: Schedule,
    etag: Option<(Host, String)>,
    read_since_start: bool,
    page_number: u32,
    commands: VecDeque<Command>,
}

impl Monitor {
    /// A monitor as it was left, or a new one from `Saved::default()`.
    pub fn new(settings: Settings, saved: Saved, now: Timestamp) -> Self {
        let about = saved.sight.page_id.as_str();
        let ours = about.is_empty() || about == settings.page_key();
        let mut saved = if ours { saved } else { Saved::default() };
        let mutes = std::mem::take(&mut saved.mutes);
        let (outbox, merged) = Outbox::restore(saved.pending, saved.threads, now);
        let (hook, overtaken) = Outbox::restore(saved.hook_pending, saved.hook_threads, now);
        let mut monitor = Self {
            settings,
            components: saved.components,
            sight: saved.sight,
            incidents: saved.incidents,
            outbox,
            hook,
            local: saved.local,
            mutes,
            schedule: Schedule::new(now),
            etag: None,
            read_since_start: false,
            page_number: 0,
            commands: VecDeque::new(),
        };
        monitor.screen_steps(merged);
        monitor.hook_steps(overtaken);
        monitor.silence_what_is_off();
        monitor.sight.page_id = monitor.settings.page_key().to_owned();
        monitor.distrust_times_ahead(now);
        monitor.forget_failures_before_a_pause(now);
        monitor.rewatch();
        monitor
    }

    /// Takes one input. Then take commands until there are none.
    pub fn handle(&mut self, now: Timestamp, input: Input) {
        match input {
            Input::Polled { host, reading, etag, dice } => {
                self.polled(now, host, reading, etag, dice)
            }
            Input::HistoryRead(reading) => self.history_read(now, reading),
            Input::Delivered { key, outcome } => {
                let steps = self.outbox.delivered(now, &key, outcome);
                self.screen_steps(steps);
            }
            Input::HookDone { key, outcome } => {
                let steps = self.hook.delivered(now, &key, outcome);
                self.hook_steps(steps);
            }
            Input::BubbleClosed(bubble) => self.outbox.closed(&bubble),
            Input::ServerAppeared => self.outbox.server_appeared(now),
            Input::LocalError(error) => self.local_error(now, error),
            Input::LocalSuccess { at, session } => self.local_success(at.min(now), &session),
            Input::LocalRoute { session, straight } => self.local_route(&session, straight),
            Input::ClockStepped(by) => self.shift(by),
            Input::Reconfigured(settings) => self.reconfigure(now, *settings),
            Input::Muted(mutes) => self.mutes = mutes,
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
            let host = self.schedule.host(now, self.settings.has_fallback);
            let conditional = self.schedule.may_be_conditional(now) && self.read_since_start;
            let etag = self.etag.as_ref().filter(|(of, _)| conditional && *of == host);
            let etag = etag.map(|(_, etag)| etag.clone());
            self.commands.push_back(Command::Fetch { endpoint: Endpoint::Summary, host, etag });
        }
        if self.schedule.take_history(now) {
            let host = self.schedule.host(now, self.settings.has_fallback);
            self.commands.push_back(Command::Fetch {
                endpoint: Endpoint::Incidents,
                host,
                etag: None,
            });
        }
        self.deliver(now);
    }

    /// What to do next; none: wait until [`poll_timeout`](Self::poll_timeout) or the next input.
    pub fn next_command(&mut self) -> Option<Command> {
        self.commands.pop_front()
    }

    /// The earliest deadline kept in the data.
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        let own = [self.schedule.poll_timeout(), self.local.poll_timeout()];
        let sinks = [self.outbox.poll_timeout(), self.hook.poll_timeout()];
        own.into_iter().chain(sinks).flatten().min()
    }

    /// Which page is read, counted over reloads: an answer that was asked for under another number
    /// is of another page, and must not be given to this monitor.
    pub fn page_number(&self) -> u32 {
        self.page_number
    }

    /// When the page is read next; none while it is being read.
    pub fn next_poll(&self) -> Option<Timestamp> {
        self.schedule.next_poll()
    }

    /// Everything that the core knows of the components, in the page's order.
    pub fn components(&self) -> &[Component] {
        &self.components
    }

    /// The components that the user watches.
    pub fn watched(&self) -> impl Iterator<Item = &Component> {
        self.components.iter().filter(|component| component.watched.is_some())
    }

    /// How well the page can be seen.
    pub fn sight(&self) -> &Sight {
        &self.sight
    }

    /// The incidents that matter now.
    pub fn incidents(&self) -> &Incidents {
        &self.incidents
    }

    /// Notices on their way to the screen.
    pub fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    /// Notices on their way to the user's hook.
    pub fn hook(&self) -> &Outbox {
        &self.hook
    }

    /// The mutes that hold: until a time that is yet to come, or of an incident that is open.
    pub fn mutes(&self, now: Timestamp) -> impl Iterator<Item = &Mute> {
        let open = |id: &IncidentId| self.incidents.get(id).is_some();
        self.mutes.iter().filter(move |m| m.holds(now) && m.incident.as_ref().is_none_or(open))
    }

    /// What the user wants.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// What was written down under a clock that was ahead is not due that much later: it counts as
    /// if no time had passed since.
    fn distrust_times_ahead(&mut self, now: Timestamp) {
        if let Some(last) = self.sight.last_attempt.filter(|last| *last > now) {
            self.shift(now.duration_since(last));
            self.schedule = Schedule::new(now);
        }
    }

    /// A night asleep or switched off is not a night of blindness.
    fn forget_failures_before_a_pause(&mut self, now: Timestamp) {
        if self.sight.last_attempt.is_none_or(|last| between(last, now) > SLEPT) {
            self.sight.failing = None;
        }
    }

    fn reconfigure(&mut self, now: Timestamp, settings: Settings) {
        let same_page = settings.page_key() == self.settings.page_key();
        let same_address = settings.page_url == self.settings.page_url;
        self.settings = settings;
        self.silence_what_is_off();
        if !same_page {
            self.components.clear();
            self.incidents = Incidents::default();
            self.sight = Sight { page_id: self.settings.page_key().to_owned(), ..Sight::default() };
        }
        if !(same_page && same_address) {
            self.etag = None;
            self.read_since_start = false;
            self.page_number = self.page_number.wrapping_add(1);
            self.schedule = Schedule::new(now);
        }
        self.rewatch();
        self.schedule.poll_soon(now);
    }

    fn polled(
        &mut self,
        now: Timestamp,
        host: Host,
        reading: Reading,
        etag: Option<String>,
        dice: f64,
    ) {
        let affected = self.is_affected();
        let outcome = match reading {
            Reading::Fresh(snapshot) => self.fresh(now, host, &snapshot, etag),
            Reading::Unchanged => self.unchanged(now),
            Reading::Failed(failure) => Err(failure),
        };
        let went = match &outcome {
            Ok(()) => Went::Well { interval: self.pause(), wanted_at: self.settled_at() },
            Err(failure) => {
                self.sight.failed(now, failure, GAP);
                Went::Badly { failure, interval: self.pause() }
            }
        };
        self.schedule.polled(now, host, &went, dice);
        match outcome {
            Ok(()) => self.weigh_local(now, affected),
            Err(_) => self.tell_lost_sight(now),
        }
    }

    fn fresh(
        &mut self,
        now: Timestamp,
        host: Host,
        snapshot: &Snapshot,
        etag: Option<String>,
    ) -> Result<(), Failure> {
        let seen = self.sight.page_updated_at;
        let older = went_back(now, snapshot, &self.components, &self.incidents, seen);
        if let Some(detail) = &older
            && self.sight.refuses_stale(now)
        {
            return Err(Failure::new(FailureKind::Stale, detail.clone()));
        }
        self.sight.stamped(now, snapshot.updated_at, older.is_some());
        self.sight.stale_since = None;
        self.etag = etag.map(|etag| (host, etag));
        self.schedule.read_whole(now);
        let news = self.incidents.take_in(now, snapshot);
        if !news.left.is_empty() || !self.read_since_start {
            self.schedule.history_soon(now);
        }
        self.read_since_start = true;
        for incident in news.changed {
            self.record(Record::Incident(Box::new(incident)));
        }
        let events = self.observe(now, snapshot);
        self.sight.good(now);
        self.tell(now, events);
        Ok(())
    }

    /// The page says that nothing changed: one more reading that agrees.
    fn unchanged(&mut self, now: Timestamp) -> Result<(), Failure> {
        if !self.read_since_start {
            let detail = "304 without anything to compare with";
            return Err(Failure::new(FailureKind::UnexpectedUnchanged, detail));
        }
        // What we have is the newest after all; a stale copy after this is another one.
        self.sight.stale_since = None;
        let (last_good, settle) = (self.sight.last_good, self.settings.settle);
        let incidents = &self.incidents;
        let observe = |(at, component): (usize, &mut Component)| {
            let events = if component.is_listed() {
                let seen = Sighting {
                    name: component.name.clone(),
                    page_status: component.page_status.clone(),
                    level: incidents.level(&component.id, &component.page_status, now),
                    updated_at: None,
                    incidents: incidents.attention(&component.id, now),
                };
                component.observe(now, last_good, seen, settle)
            } else {
                component.observe_absence(now)
            };
            events.into_iter().map(move |event| (at, event)).collect::<Vec<_>>()
        };
        let events = self.components.iter_mut().enumerate().flat_map(observe).collect();
        self.sight.good(now);
        self.tell(now, events);
        Ok(())
    }

    /// Shows each component what a fresh reading says of it.
    fn observe(&mut self, now: Timestamp, snapshot: &Snapshot) -> Vec<(usize, Event)> {
        let rows: BTreeMap<&ComponentId, usize> =
            snapshot.components.iter().enumerate().map(|(at, row)| (&row.id, at)).collect();
        self.meet(now, snapshot, &rows);
        let (last_good, settle) = (self.sight.last_good, self.settings.settle);
        let mut events = Vec::new();
        for (at, component) in self.components.iter_mut().enumerate() {
            let row = rows.get(&component.id).and_then(|at| snapshot.components.get(*at));
            let happened = match row {
                Some(row) => {
                    let attention = match snapshot.incidents {
                        Some(_) => self.incidents.attention(&row.id, now),
                        None => Attention::Unknown,
                    };
                    let seen = Sighting {
                        name: row.name.clone(),
                        page_status: row.status.clone(),
                        level: self.incidents.level(&row.id, &row.status, now),
                        updated_at: row.updated_at,
                        incidents: attention,
                    };
                    component.observe(now, last_good, seen, settle)
                }
                None if snapshot.complete => component.observe_absence(now),
                None => Vec::new(),
            };
            events.extend(happened.into_iter().map(|event| (at, event)));
        }
        events
    }

    /// The pause that suits how things stand.
    fn pause(&self) -> Duration {
        let busy = self.is_affected();
        let busy = busy || self.local.suspicion().is_some();
        if busy { self.settings.during_outage } else { self.settings.interval }
    }

    /// When a reading would complete a recovery, the earliest one.
    fn settled_at(&self) -> Option<Timestamp> {
        self.watched().filter_map(Component::settled_at).min()
    }

    fn shift(&mut self, by: SignedDuration) {
        self.components.iter_mut().for_each(|component| component.shift(by));
        self.sight.shift(by);
        self.incidents.shift(by);
        self.outbox.shift(by);
        self.hook.shift(by);
        self.local.shift(by);
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
