//! The loop: wait for an event, give it to the core, carry out its commands.
//!
//! No decision is made here. What the core commands is done in a fixed order: everything that it
//! wants written down goes into one transaction, and only then are notices shown and the page
//! asked, so that nothing is on the screen that a restart would not know of.

mod event_log;
mod queue;
mod reload;
mod state_writer;

use ccwatch_core::notice::sink::Sink;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::{Instant, timeout_at};

use crate::claude_code::local;
use crate::page::fetch::{Fetched, Fetcher, Request};
use crate::page::reading;
use crate::page::recording::Recorder;
use crate::platform::clock::{Alarm, Clock};
use crate::platform::lifecycle::{Manager, Signal, Signals};
use crate::sinks::{SinkNews, Sinks};
use crate::store::LockError;
use ccwatch_core::deliver::Outboxes;
use ccwatch_core::deliver::delivery::Outcome;
use ccwatch_core::model::{Endpoint, Failure, Host};
use ccwatch_core::monitor::{Command, Input, Monitor};
use ccwatch_core::text::summary;
use ccwatch_core::time::between;

use event_log::EventLog;
pub use reload::Read;
use reload::{Reload, Reloaded};
pub use state_writer::StateWriter;

/// How long a stop waits for what is being delivered, so that it isn't delivered again.
const LAST_DELIVERY: Duration = Duration::from_millis(700);

/// How long it waits in all for a notification server that stands still: only its answer says which
/// bubble it made, and what nobody knows the number of can't be taken down later.
const LAST_ANSWER: Duration = Duration::from_millis(1200);

/// How long it waits for the last lines of a recording.
const LAST_RECORD: Duration = Duration::from_millis(150);

/// What the daemon needs of the outside.
pub struct Parts {
    /// The core, as it was left.
    pub monitor: Monitor,
    /// Reads the page.
    pub fetcher: Fetcher,
    /// Writes down.
    pub writer: StateWriter,
    /// Gives notices to the sinks.
    pub sinks: Sinks,
    /// What Claude Code writes down on this machine, as it is followed.
    pub local: UnboundedReceiver<local::News>,
    /// Records every answer, where that is wanted.
    pub recorder: Option<Recorder>,
    /// It ends once the page was read, and what there was to tell is told.
    pub once: bool,
    /// What it tells is made up: no bubble that says an outage is left behind.
    pub made_up: bool,
    /// Reads the configuration again.
    pub reload: Read,
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
    Delivered(SinkNews),
    Local(local::News),
    Signalled(Signal),
    Reloaded(Reloaded),
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
        sinks: parts.sinks,
        recorder: parts.recorder,
        reload: Reload::new(parts.reload),
        clock: Clock::start(),
        event_log: EventLog::default(),
        answers,
        asked: 0,
        answered: 0,
    };
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
        if parts.once && daemon.has_told() {
            break daemon.writer.keep_lock();
        }
        manager.alive(&daemon.summary(now));
        let due = daemon.monitor.poll_timeout().map(|at| between(now, at));
        let pause = [due, manager.patience()].into_iter().flatten().min();
        let event = tokio::select! {
            signal = signals.next() => Event::Signalled(signal),
            () = &mut until => Event::Signalled(Signal::Stop),
            Some(answer) = answered.recv() => Event::Answered(answer),
            news = daemon.sinks.next() => Event::Delivered(news),
            Some(news) = local.recv() => Event::Local(news),
            read = daemon.reload.next() => Event::Reloaded(read),
            () = alarm.wait(pause.unwrap_or(Duration::MAX)), if pause.is_some() => Event::Due,
        };
        now = daemon.look_at_the_clock();
        daemon.look_for_mutes(now);
        daemon.look_for_a_bus(now);
        match event {
            Event::Signalled(Signal::Stop) => break daemon.writer.keep_lock(),
            Event::Signalled(Signal::Reload) => {
                manager.reloading();
                daemon.reload.begin();
            }
            Event::Reloaded(read) => {
                if daemon.reloaded(now, read) {
                    manager.ready();
                }
            }
            Event::Answered(answer) => daemon.take_in(now, answer),
            Event::Delivered(news) => daemon.take_in_news(now, news),
            Event::Local(local::News::Input(input)) => daemon.monitor.handle(now, input),
            Event::Local(local::News::Trouble(what)) => daemon.writer.note_local(what),
            Event::Due => daemon.monitor.handle_timeout(now),
        }
    };
    manager.stopping();
    match &outcome {
        Ok(()) => daemon.finish(parts.made_up).await,
        Err(_) => daemon.give_way().await,
    }
    manager.finish();
    outcome
}

struct Daemon {
    monitor: Monitor,
    fetcher: Arc<Fetcher>,
    writer: StateWriter,
    sinks: Sinks,
    recorder: Option<Recorder>,
    reload: Reload,
    clock: Clock,
    event_log: EventLog,
    answers: UnboundedSender<Answer>,
    /// How many answers of the page were asked for, and how many came.
    asked: u64,
    answered: u64,
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
        let popups_wait = self.monitor.outboxes().of(Sink::Desktop).waiting().is_some();
        summary::line(self.monitor.state(), popups_wait, now)
    }

    /// What the user wants silence about, before anything is decided or given to a sink.
    fn look_for_mutes(&mut self, now: Timestamp) {
        if let Some(mutes) = self.writer.mutes() {
            self.monitor.handle(now, Input::Muted(mutes));
        }
    }

    /// A session bus that came after us announces itself to nobody, unlike a server on a bus.
    fn look_for_a_bus(&mut self, now: Timestamp) {
        let waiting = self.monitor.outboxes().of(Sink::Desktop).waiting().is_some();
        if self.sinks.bus_appeared(waiting) {
            self.monitor.handle(now, Input::SinkReady(Sink::Desktop));
        }
    }

    /// Whether the page was read, and no notice is on its way to anybody.
    fn has_told(&self) -> bool {
        self.asked > 0 && self.answered == self.asked && !self.monitor.outboxes().is_sending()
    }

    fn take_in(&mut self, now: Timestamp, answer: Answer) {
        self.answered += 1;
        let Answer { endpoint, host, page_number, outcome } = answer;
        if page_number != self.monitor.page_number() {
            return;
        }
        self.record(now, endpoint, &outcome);
        let engine = self.fetcher.engine();
        let input = reading::input(endpoint, host, outcome, engine, fastrand::f64());
        self.event_log.before(&input);
        self.writer.note_reading(&input);
        if let Some(counts) = self.writer.sessions() {
            self.monitor.handle(now, Input::SessionsStopped(counts));
        }
        self.monitor.handle(now, input);
        self.event_log.after(now, &self.monitor);
    }

    fn take_in_news(&mut self, now: Timestamp, news: SinkNews) {
        match news {
            SinkNews::Input(input) => self.monitor.handle(now, input),
            SinkNews::Trouble { sink, why } => {
                let sinks = &self.monitor.state().settings().sinks;
                if sink == Sink::Desktop && sinks.contains(&sink) {
                    self.event_log.popups(why.as_deref());
                }
                if why.is_none() {
                    self.monitor.handle(now, Input::SinkReady(sink));
                }
                self.writer.note_trouble(sink, why);
            }
        }
    }

    fn record(&mut self, now: Timestamp, endpoint: Endpoint, outcome: &Result<Fetched, Failure>) {
        let Some(recorder) = &mut self.recorder else { return };
        if let Err(error) = recorder.append(now, endpoint, outcome) {
            tracing::warn!("recording stopped: {error}");
            self.recorder = None;
        }
    }

    /// Carries out what the core wants, in order: write, show, ask.
    fn carry_out(&mut self, now: Timestamp) {
        let (mut deliveries, mut outdated) = (Vec::new(), Vec::new());
        while let Some(command) = self.monitor.next_command() {
            match command {
                Command::Record(record) => {
                    self.event_log.recorded(&record);
                    self.writer.note(record);
                }
                Command::Deliver { sink, notice, replaces } => {
                    deliveries.push((sink, notice, replaces));
                }
                Command::TakeDown(bubble) => outdated.push(bubble),
                Command::Fetch { endpoint, host, etag } => {
                    self.ask(Request { host, endpoint, etag });
                }
            }
        }
        self.writer.commit(now, &self.monitor);
        outdated.into_iter().for_each(|bubble| self.sinks.take_down(bubble));
        for (sink, notice, replaces) in deliveries {
            self.sinks.deliver(sink, *notice, replaces);
        }
    }

    fn ask(&mut self, request: Request) {
        self.asked += 1;
        let (fetcher, answers) = (Arc::clone(&self.fetcher), self.answers.clone());
        let page_number = self.monitor.page_number();
        tokio::spawn(async move {
            let outcome = fetcher.get(&request).await;
            let Request { host, endpoint, .. } = request;
            // Nobody listens any more only while stopping.
            let _ = answers.send(Answer { endpoint, host, page_number, outcome });
        });
    }

    /// Takes in what came of a reading of the configuration; whether that is all for now.
    fn reloaded(&mut self, now: Timestamp, read: Reloaded) -> bool {
        let done = match read {
            Reloaded::Done(done) => done,
            Reloaded::Late => {
                tracing::error!(
                    "the configuration can't be read yet, its file does not answer: the old one \
                     stays in force until it does"
                );
                return true;
            }
        };
        // Also where nothing changed: a hook's runner that ended too often is started again.
        self.sinks.reload();
        match done {
            Ok(new) => {
                let (settings, fetcher) = *new;
                tracing::info!("the configuration was read again");
                self.fetcher = Arc::new(fetcher);
                self.monitor.handle(now, Input::Reconfigured(Box::new(settings)));
            }
            Err(error) => tracing::error!("the old configuration stays in force: {error:#}"),
        }
        !self.reload.is_under_way()
    }

    /// Waits a moment for the pop-up that is being shown and the hook that is running, so that a
    /// restart doesn't repeat them. A hook that takes longer is ended; a pop-up that was not
    /// answered for may be on the screen, so that the next daemon tells the end of it.
    async fn finish(&mut self, made_up: bool) {
        let begun = Instant::now();
        let busy = |outboxes: &Outboxes| {
            outboxes.is_sending() || outboxes.of(Sink::Desktop).awaits_answer()
        };
        self.hear_sinks(begun + LAST_DELIVERY, busy).await;
        let hook_ends = self.sinks.stop();
        let awaits = |outboxes: &Outboxes| outboxes.of(Sink::Desktop).awaits_answer();
        tokio::join!(hook_ends, self.hear_sinks(begun + LAST_ANSWER, awaits));
        if made_up {
            let bubbles = self.monitor.outboxes().of(Sink::Desktop).says_outage();
            bubbles.for_each(|(_, bubble)| self.sinks.take_down(bubble.clone()));
            let there = |outboxes: &Outboxes| outboxes.of(Sink::Desktop).says_outage().count() > 0;
            self.hear_sinks(begun + LAST_ANSWER, there).await;
        }
        let now = self.look_at_the_clock();
        let sink = Sink::Desktop;
        if let Some(key) = self.monitor.outboxes().of(sink).sending().map(str::to_owned) {
            let outcome = Outcome::Uncertain;
            self.monitor.handle(now, Input::Delivered { sink, key, outcome });
        }
        self.drop_all_but_records();
        self.writer.commit_last(now, &self.monitor);
        self.recorder.iter().for_each(|recorder| recorder.finish(LAST_RECORD));
        tracing::info!("stopped");
    }

    /// Takes in what the sinks say while something is `awaited` of them.
    async fn hear_sinks(&mut self, until: Instant, awaited: impl Fn(&Outboxes) -> bool) {
        while awaited(self.monitor.outboxes()) {
            let Ok(news) = timeout_at(until, self.sinks.next()).await else { return };
            let now = self.look_at_the_clock();
            self.take_in_news(now, news);
            self.drop_all_but_records();
        }
    }

    /// Ends without a word to the database, which is another daemon's by now.
    async fn give_way(&mut self) {
        self.sinks.stop().await;
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

#[cfg(test)]
mod tests;
