//! The loop: wait for an event, give it to the core, carry out its commands.
//!
//! No decision is made here. What the core commands is done in a fixed order: everything that it
//! wants written down goes into one transaction, and only then are notices shown and the page
//! asked, so that nothing is on the screen that a restart would not know of.

mod event_log;
mod queue;
mod state_writer;

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::page::fetch::{Fetched, Fetcher, Request};
use crate::page::reading;
use crate::page::recording::Recorder;
use crate::platform::clock::{Alarm, Clock};
use crate::platform::lifecycle::{Manager, Signal, Signals};
use crate::sinks::desktop::{self, Delivery, Notifier, Popup, Report};
use crate::sinks::hook::{self, Hook, Payload};
use crate::store::LockError;
use ccwatch_core::deliver::outbox::Outcome;
use ccwatch_core::model::{Endpoint, Failure, Host};
use ccwatch_core::monitor::{Command, Input, Monitor};
use ccwatch_core::settings::Settings;
use ccwatch_core::text::summary;
use ccwatch_core::time::between;

use event_log::EventLog;
pub use state_writer::StateWriter;

/// How long a stop waits for the pop-up that is being shown, so that it isn't shown again.
const LAST_DELIVERY: Duration = Duration::from_millis(700);

/// What the daemon needs of the outside.
pub struct Parts {
    /// The core, as it was left.
    pub monitor: Monitor,
    /// Reads the page.
    pub fetcher: Fetcher,
    /// Writes down.
    pub writer: StateWriter,
    /// Shows.
    pub notifier: Notifier,
    /// What comes back from showing.
    pub reports: UnboundedReceiver<Report>,
    /// Runs the user's hook, where there is one.
    pub hook: Option<Hook>,
    /// What comes back from it.
    pub hooked: UnboundedReceiver<hook::News>,
    /// What Claude Code writes down on this machine, as it is followed.
    pub local: UnboundedReceiver<Input>,
    /// Records every answer, where that is wanted.
    pub recorder: Option<Recorder>,
    /// Reads the configuration again: new settings and a new fetcher.
    pub reload: Box<dyn FnMut() -> anyhow::Result<(Settings, Fetcher)>>,
}

/// An answer of the page.
struct Answer {
    endpoint: Endpoint,
    host: Host,
    /// Which page was asked: a reload may have changed it since.
    page_number: u32,
    outcome: Result<Fetched, Failure>,
}

/// What can happen.
enum Event {
    Due,
    Answered(Answer),
    Reported(Report),
    Hooked(hook::News),
    Local(Input),
    Signalled(Signal),
}

/// Runs until a signal or `until` ends it, or another daemon took its place.
pub async fn run(
    parts: Parts,
    mut signals: Signals,
    until: impl Future<Output = ()>,
) -> Result<(), LockError> {
    tokio::pin!(until);
    let (answers, mut answered) = unbounded_channel();
    let mut daemon = Daemon {
        monitor: parts.monitor,
        fetcher: Arc::new(parts.fetcher),
        writer: parts.writer,
        notifier: parts.notifier,
        hook: parts.hook,
        recorder: parts.recorder,
        reload: parts.reload,
        clock: Clock::start(),
        event_log: EventLog::default(),
        answers,
        bus_missing: false,
    };
    let mut reports = parts.reports;
    let mut hooked = parts.hooked;
    let mut local = parts.local;
    let alarm = Alarm::new();
    let mut manager = Manager::from_environment();
    let mut now = daemon.look_at_the_clock();
    daemon.monitor.handle_timeout(now);
    manager.ready();
    let outcome = loop {
        if let Err(replaced) = daemon.writer.keep_lock() {
            break Err(replaced);
        }
        daemon.carry_out(now);
        manager.alive(&daemon.summary(now));
        let due = daemon.monitor.poll_timeout().map(|at| between(now, at));
        let pause = [due, manager.patience()].into_iter().flatten().min();
        let event = tokio::select! {
            signal = signals.next() => Event::Signalled(signal),
            () = &mut until => Event::Signalled(Signal::Stop),
            Some(answer) = answered.recv() => Event::Answered(answer),
            Some(report) = reports.recv() => Event::Reported(report),
            Some(news) = hooked.recv() => Event::Hooked(news),
            Some(input) = local.recv() => Event::Local(input),
            () = alarm.wait(pause.unwrap_or(Duration::MAX)), if pause.is_some() => Event::Due,
        };
        now = daemon.look_at_the_clock();
        daemon.look_for_a_bus(now);
        match event {
            Event::Signalled(Signal::Stop) => break daemon.writer.keep_lock(),
            Event::Signalled(Signal::Reload) => {
                manager.reloading();
                daemon.reload(now);
                manager.ready();
            }
            Event::Answered(answer) => daemon.take_in(now, answer),
            Event::Reported(report) => daemon.monitor.handle(now, report.into()),
            Event::Hooked(news) => daemon.take_in_hook(now, news),
            Event::Local(input) => daemon.monitor.handle(now, input),
            Event::Due => daemon.monitor.handle_timeout(now),
        }
    };
    manager.stopping();
    match &outcome {
        Ok(()) => daemon.finish(&mut reports, &mut hooked).await,
        Err(_) => daemon.give_way().await,
    }
    outcome
}

struct Daemon {
    monitor: Monitor,
    fetcher: Arc<Fetcher>,
    writer: StateWriter,
    notifier: Notifier,
    hook: Option<Hook>,
    recorder: Option<Recorder>,
    reload: Box<dyn FnMut() -> anyhow::Result<(Settings, Fetcher)>>,
    clock: Clock,
    event_log: EventLog,
    answers: UnboundedSender<Answer>,
    /// Notices waited for a session bus when last looked.
    bus_missing: bool,
}

impl Daemon {
    fn look_at_the_clock(&mut self) -> Timestamp {
        let (now, stepped) = self.clock.read();
        if let Some(by) = stepped {
            tracing::info!("the clock was set by {by:#}");
            self.monitor.handle(now, Input::ClockStepped(by));
        }
        now
    }

    /// How things stand, in a line for the service manager.
    fn summary(&self, now: Timestamp) -> String {
        let popups_wait = self.monitor.outbox().waiting().is_some();
        summary::line(self.monitor.state(), popups_wait, now)
    }

    /// A session bus that came after us announces itself to nobody, unlike a server on a bus.
    fn look_for_a_bus(&mut self, now: Timestamp) {
        if self.monitor.outbox().waiting().is_none() {
            self.bus_missing = false;
            return;
        }
        let missing = desktop::availability().is_err();
        if std::mem::replace(&mut self.bus_missing, missing) && !missing {
            self.monitor.handle(now, Input::ServerAppeared);
        }
    }

    fn take_in(&mut self, now: Timestamp, answer: Answer) {
        let Answer { endpoint, host, page_number, outcome } = answer;
        if page_number != self.monitor.page_number() {
            return;
        }
        self.record(now, endpoint, &outcome);
        let page_id = &self.monitor.state().settings().page_id;
        let input = reading::input(endpoint, host, outcome, page_id, fastrand::f64());
        self.event_log.before(&input);
        self.writer.note_reading(&input);
        if let Some(mutes) = self.writer.mutes() {
            self.monitor.handle(now, Input::Muted(mutes));
        }
        self.monitor.handle(now, input);
        self.event_log.after(now, &self.monitor);
    }

    fn take_in_hook(&mut self, now: Timestamp, news: hook::News) {
        match news {
            hook::News::Ran(report) => self.monitor.handle(now, report.into()),
            hook::News::Trouble(what) => {
                if what.is_none() {
                    self.monitor.handle(now, Input::RunnerAppeared);
                }
                self.writer.note_hook(what);
            }
        }
    }

    fn record(&mut self, now: Timestamp, endpoint: Endpoint, outcome: &Result<Fetched, Failure>) {
        let Some(recorder) = &mut self.recorder else { return };
        if let Err(error) = recorder.append(now, endpoint, outcome) {
            tracing::warn!("recording stopped, the file can't be written: {error}");
            self.recorder = None;
        }
    }

    /// Carries out what the core wants, in order: write, show, ask.
    fn carry_out(&mut self, now: Timestamp) {
        let (mut popups, mut payloads) = (Vec::new(), Vec::new());
        while let Some(command) = self.monitor.next_command() {
            match command {
                Command::Record(record) => {
                    self.event_log.recorded(&record);
                    self.writer.note(record);
                }
                Command::Show { notice, replaces } => popups.push(Popup {
                    key: notice.key,
                    title: notice.title,
                    body: notice.body,
                    urgency: notice.urgency,
                    link: notice.link,
                    replaces,
                }),
                Command::Hook(notice) => payloads.push(Payload::from(&*notice)),
                Command::Fetch { endpoint, host, etag } => {
                    self.ask(Request { host, endpoint, etag });
                }
            }
        }
        self.writer.commit(now, &self.monitor);
        popups.into_iter().for_each(|popup| self.notifier.show(popup));
        if let Some(hook) = &self.hook {
            payloads.into_iter().for_each(|payload| hook.tell(payload));
        }
    }

    fn ask(&self, request: Request) {
        let (fetcher, answers) = (Arc::clone(&self.fetcher), self.answers.clone());
        let page_number = self.monitor.page_number();
        tokio::spawn(async move {
            let outcome = fetcher.get(&request).await;
            let Request { host, endpoint, .. } = request;
            // Nobody listens any more only while stopping.
            let _ = answers.send(Answer { endpoint, host, page_number, outcome });
        });
    }

    fn reload(&mut self, now: Timestamp) {
        match (self.reload)() {
            Ok((settings, fetcher)) => {
                tracing::info!("the configuration was read again");
                self.fetcher = Arc::new(fetcher);
                self.hook.iter().for_each(Hook::reload);
                self.monitor.handle(now, Input::Reconfigured(Box::new(settings)));
            }
            Err(error) => tracing::error!("the old configuration stays in force: {error:#}"),
        }
    }

    /// Waits a moment for the pop-up that is being shown and the hook that is running, so that a
    /// restart doesn't repeat them. A hook that takes longer is ended.
    async fn finish(
        &mut self,
        reports: &mut UnboundedReceiver<Report>,
        hooked: &mut UnboundedReceiver<hook::News>,
    ) {
        let deadline = tokio::time::sleep(LAST_DELIVERY);
        tokio::pin!(deadline);
        while self.monitor.outbox().is_sending() || self.monitor.hook().is_sending() {
            let event = tokio::select! {
                Some(report) = reports.recv() => Event::Reported(report),
                Some(news) = hooked.recv() => Event::Hooked(news),
                () = &mut deadline => break,
            };
            let now = self.look_at_the_clock();
            match event {
                Event::Hooked(news) => self.take_in_hook(now, news),
                Event::Reported(report) => self.monitor.handle(now, report.into()),
                _ => {}
            }
            self.drop_all_but_records();
        }
        if let Some(hook) = self.hook.take() {
            hook.stop().await;
        }
        let now = self.look_at_the_clock();
        self.drop_all_but_records();
        self.writer.commit_last(now, &self.monitor);
        tracing::info!("stopped");
    }

    /// Ends without a word to the database, which is another daemon's by now.
    async fn give_way(&mut self) {
        if let Some(hook) = self.hook.take() {
            hook.stop().await;
        }
        tracing::error!("the lock file was deleted, and another daemon took it: this one stops");
    }

    fn drop_all_but_records(&mut self) {
        while let Some(command) = self.monitor.next_command() {
            if let Command::Record(record) = command {
                self.writer.note(record);
            }
        }
    }
}

impl From<Report> for Input {
    fn from(report: Report) -> Self {
        match report {
            Report::Closed(bubble) => Self::BubbleClosed(bubble),
            Report::Lost(bubble) => Self::BubbleLost(bubble),
            Report::ServerAppeared => Self::ServerAppeared,
            Report::Delivered { key, delivery } => {
                let outcome = match delivery {
                    Delivery::Shown(bubble) => Outcome::Shown(bubble),
                    Delivery::Uncertain => Outcome::Uncertain,
                    Delivery::NoServer(why) | Delivery::Failed(why) => Outcome::NotYet(why),
                };
                Self::Delivered { key, outcome }
            }
        }
    }
}

impl From<hook::Report> for Input {
    fn from(report: hook::Report) -> Self {
        let outcome = match report.outcome {
            hook::Outcome::Done => Outcome::Shown(None),
            hook::Outcome::Failed(why) => {
                tracing::warn!("the hook failed: {why} (hint: try it with: ccwatch notify-test)");
                Outcome::Uncertain
            }
            hook::Outcome::Lost => Outcome::Uncertain,
            hook::Outcome::NoRunner => Outcome::NotYet("no runner".to_owned()),
        };
        Self::HookDone { key: report.key, outcome }
    }
}

#[cfg(test)]
mod tests;
