//! The loop: wait for an event, give it to the core, carry out its commands.
//!
//! No decision is made here. What the core commands is done in a fixed order: everything that it
//! wants written down goes into one transaction, and only then are notices shown and the page
//! asked, so that nothing is on the screen that a restart would not know of.

mod ending;
mod event_log;
mod hear;
mod pages;
mod queue;
mod reload;
mod road;
mod state_writer;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::claude_code::local;
use crate::page::fetch::{self, Fetched, Request};
use crate::page::recording::Recorder;
use crate::platform::clock::{Alarm, Clock};
use crate::platform::lifecycle::{Manager, Signal, Signals};
use crate::sinks::{SinkNews, Sinks};
use crate::store::LockError;
use ccwatch_core::model::{Endpoint, Failure, Host};
use ccwatch_core::monitor::{Command, Input};
use ccwatch_core::notice::mute::Mute;
use ccwatch_core::notice::sink::Sink;
use ccwatch_core::text::summary;
use ccwatch_core::time::between;

use pages::left_behind;
pub use pages::{PageSetup, Pages, WatchedPage, Watchlist, open_others};
pub use reload::Read;
use reload::{Reload, Reloaded};
pub use road::FindRoad;
use road::RoadLook;
pub use state_writer::StateWriter;

/// What the daemon needs of the outside.
pub struct Parts {
    /// The pages, as they were left.
    pub pages: Pages,
    /// Finds out by which of them requests go.
    pub find_road: FindRoad,
    /// The state directory, in which each page has its place.
    pub state: PathBuf,
    /// Gives notices to the sinks.
    pub sinks: Sinks,
    /// What Claude Code writes down on this machine, as it is followed.
    pub local: UnboundedReceiver<local::News>,
    /// Records every answer of the first page, where that is wanted.
    pub recorder: Option<Recorder>,
    /// It ends once the pages were read, and what there was to tell is told.
    pub once: bool,
    /// What it tells is made up: no bubble that says an outage is left behind.
    pub made_up: bool,
    /// Reads the configuration again.
    pub reload: Read,
}

/// An answer of a page.
struct Answer {
    /// Which page was asked, and under which number: a reload may have changed it since.
    life: u64,
    page_number: u32,
    endpoint: Endpoint,
    host: Host,
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
    /// By which page requests go.
    Road(String),
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
        pages: parts.pages,
        road: RoadLook::new(parts.find_road),
        state: parts.state,
        mutes: None,
        sinks: parts.sinks,
        recorder: parts.recorder,
        reload: Reload::new(parts.reload),
        clock: Clock::start(),
        answers,
        asked: 0,
        answered: 0,
    };
    let mut local = parts.local;
    let alarm = Alarm::new();
    let mut manager = Manager::from_environment();
    let mut now = daemon.look_at_the_clock();
    daemon.pages.iter_mut().for_each(|page| page.handle_timeout(now));
    for bubble in left_behind(&daemon.state, &daemon.pages) {
        daemon.sinks.take_down(bubble);
    }
    manager.ready();
    let outcome = loop {
        if let Err(replaced) = daemon.pages.first_mut().writer.keep_lock() {
            break Err(replaced);
        }
        daemon.carry_out(now);
        if parts.once && daemon.has_told() {
            break daemon.pages.first_mut().writer.keep_lock();
        }
        manager.alive(&daemon.summary(now));
        let due = daemon.pages.poll_timeout().map(|at| between(now, at));
        let pause = [due, manager.patience()].into_iter().flatten().min();
        let event = tokio::select! {
            signal = signals.next() => Event::Signalled(signal),
            () = &mut until => Event::Signalled(Signal::Stop),
            Some(answer) = answered.recv() => Event::Answered(answer),
            news = daemon.sinks.next() => Event::Delivered(news),
            Some(news) = local.recv() => Event::Local(news),
            read = daemon.reload.next() => Event::Reloaded(read),
            road = daemon.road.next() => Event::Road(road),
            () = alarm.wait(pause.unwrap_or(Duration::MAX)), if pause.is_some() => Event::Due,
        };
        now = daemon.look_at_the_clock();
        daemon.look_for_mutes(now);
        daemon.look_for_a_bus(now);
        match event {
            Event::Signalled(Signal::Stop) => break daemon.pages.first_mut().writer.keep_lock(),
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
            Event::Local(news) => daemon.take_in_local(now, news),
            Event::Road(road) => daemon.pages.follow(now, road),
            Event::Due => daemon.pages.iter_mut().for_each(|page| page.handle_timeout(now)),
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
    pages: Pages,
    road: RoadLook,
    state: PathBuf,
    /// The mutes as every page knows them; none: not all know them yet.
    mutes: Option<Vec<Mute>>,
    sinks: Sinks,
    recorder: Option<Recorder>,
    reload: Reload,
    clock: Clock,
    answers: UnboundedSender<Answer>,
    /// How many answers of pages were asked for, and how many came.
    asked: u64,
    answered: u64,
}

impl Daemon {
    fn look_at_the_clock(&mut self) -> Timestamp {
        let (now, stepped) = self.clock.read();
        if let Some(by) = stepped {
            tracing::info!("the clock was set by {by:#}");
            self.pages.iter_mut().for_each(|page| page.handle(now, Input::ClockStepped(by)));
        }
        now
    }

    /// How things stand, in a line for the service manager.
    fn summary(&self, now: Timestamp) -> String {
        let popups_wait = self.pages.wait_for(Sink::Desktop);
        summary::line(self.pages.on_road().monitor.state(), popups_wait, now)
    }

    /// What the user wants silence about, before anything is decided or given to a sink.
    fn look_for_mutes(&mut self, now: Timestamp) {
        let Some(mutes) = self.pages.first().writer.mutes() else { return };
        if self.mutes.as_ref() != Some(&mutes) {
            self.pages.iter_mut().for_each(|page| page.handle(now, Input::Muted(mutes.clone())));
            self.mutes = Some(mutes);
        }
    }

    /// A session bus that came after us announces itself to nobody, unlike a server on a bus.
    fn look_for_a_bus(&mut self, now: Timestamp) {
        let waiting = self.pages.wait_for(Sink::Desktop);
        if self.sinks.bus_appeared(waiting) {
            self.sink_is_ready(now, Sink::Desktop);
        }
    }

    fn sink_is_ready(&mut self, now: Timestamp, sink: Sink) {
        self.pages.iter_mut().for_each(|page| page.handle(now, Input::SinkReady(sink)));
    }

    /// Whether the pages were read, and no notice is on its way to anybody.
    fn has_told(&self) -> bool {
        let sends = |page: &WatchedPage| page.monitor.outboxes().is_sending();
        self.asked > 0 && self.answered == self.asked && !self.pages.iter().any(sends)
    }

    fn take_in(&mut self, now: Timestamp, answer: Answer) {
        self.answered += 1;
        let Answer { life, page_number, endpoint, host, outcome } = answer;
        let counts = self.pages.first().writer.sessions();
        let is_first = self.pages.first().life == life;
        let is_on_road = self.pages.on_road().life == life;
        if is_first && self.pages.are_many() {
            self.road.begin();
        }
        let Some(page) = self.pages.of_life(life) else { return };
        if page_number != page.monitor.page_number() {
            return;
        }
        let _in_log = page.in_log();
        if is_first {
            record(&mut self.recorder, now, endpoint, &outcome);
        }
        let input = fetch::input(endpoint, host, outcome, page.fetcher.engine(), fastrand::f64());
        page.event_log.before(&input);
        page.writer.note_reading(&input);
        if let Some(counts) = counts.filter(|_| is_on_road) {
            page.handle(now, Input::SessionsStopped(counts));
        }
        page.handle(now, input);
        page.event_log.after(now, &page.monitor);
    }

    fn take_in_local(&mut self, now: Timestamp, news: local::News) {
        match news {
            local::News::Heard(heard) => self.pages.hear(now, heard),
            local::News::Trouble(what) => {
                self.pages.first_mut().notes(|writer| writer.note_local(what));
            }
        }
    }

    fn take_in_news(&mut self, now: Timestamp, news: SinkNews) {
        match news {
            SinkNews::OfNotice { key, input } => {
                // None: its page is no longer watched.
                if let Some(page) = self.pages.of_notice(&key) {
                    page.handle(now, input);
                }
            }
            // Whose it is, each page knows of its own.
            SinkNews::BubbleClosed(bubble) => self.pages.iter_mut().for_each(|page| {
                page.handle(now, Input::BubbleClosed(bubble.clone()));
            }),
            SinkNews::BubbleLost(bubble) => self.pages.iter_mut().for_each(|page| {
                page.handle(now, Input::BubbleLost(bubble.clone()));
            }),
            SinkNews::Trouble { sink, why } => {
                let sinks = &self.pages.first().monitor.state().settings().sinks;
                if sink == Sink::Desktop && sinks.contains(&sink) {
                    self.pages.first_mut().event_log.popups(why.as_deref());
                }
                if why.is_none() {
                    self.sink_is_ready(now, sink);
                }
                let pages = self.pages.iter_mut();
                pages.for_each(|page| page.notes(|writer| writer.note_trouble(sink, why.clone())));
            }
        }
    }

    /// Carries out what the cores want, for each page in order: write, show, ask.
    fn carry_out(&mut self, now: Timestamp) {
        for page in self.pages.iter_mut().filter_map(WatchedPage::if_touched) {
            let _in_log = page.in_log();
            let (mut deliveries, mut outdated) = (Vec::new(), Vec::new());
            while let Some(command) = page.monitor.next_command() {
                match command {
                    Command::Record(record) => {
                        page.event_log.recorded(&record);
                        page.writer.note(record);
                    }
                    Command::Deliver { sink, notice, replaces } => {
                        deliveries.push((sink, notice, replaces));
                    }
                    Command::TakeDown(bubble) => outdated.push(bubble),
                    Command::Fetch { endpoint, host, etag } if page.stays() => {
                        self.asked += 1;
                        ask(page, Request { host, endpoint, etag }, self.answers.clone());
                    }
                    Command::Fetch { .. } => {}
                }
            }
            page.writer.commit(now, &page.monitor);
            outdated.into_iter().for_each(|bubble| self.sinks.take_down(bubble));
            for (sink, notice, replaces) in deliveries {
                self.sinks.deliver(sink, *notice, replaces);
            }
        }
        self.pages.let_go();
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
            Ok(Watchlist { pages, find_road }) => {
                tracing::info!("the configuration was read again");
                self.watch(now, pages);
                self.road.find_by(find_road);
            }
            Err(error) => tracing::error!("the old configuration stays in force: {error:#}"),
        }
        !self.reload.is_under_way()
    }

    /// From now on these are the pages.
    fn watch(&mut self, now: Timestamp, setups: Vec<PageSetup>) {
        let keys: Vec<String> = setups.iter().map(|setup| setup.key.clone()).collect();
        self.pages.keep(now, |key| keys.iter().any(|kept| kept == key));
        self.pages.follow(now, self.pages.road().to_owned());
        for setup in setups {
            let road = self.pages.road().to_owned();
            if let Some(page) = self.pages.of_key(&setup.key) {
                page.reconfigure(now, setup, &road);
                continue;
            }
            for page in open_others(vec![setup], &self.state, now) {
                self.pages.add(page);
                self.pages.follow(now, road.clone());
                // It knows of no mute yet.
                self.mutes = None;
                self.look_for_mutes(now);
            }
        }
    }
}

fn record(
    recorder: &mut Option<Recorder>,
    now: Timestamp,
    endpoint: Endpoint,
    outcome: &Result<Fetched, Failure>,
) {
    let Some(open) = recorder else { return };
    if let Err(error) = open.append(now, endpoint, outcome) {
        tracing::warn!("recording stopped: {error}");
        *recorder = None;
    }
}

fn ask(page: &WatchedPage, request: Request, answers: UnboundedSender<Answer>) {
    let fetcher = Arc::clone(&page.fetcher);
    let (life, page_number) = (page.life, page.monitor.page_number());
    tokio::spawn(async move {
        let outcome = fetcher.get(&request).await;
        let Request { host, endpoint, .. } = request;
        // Nobody listens any more only while stopping.
        let _ = answers.send(Answer { life, page_number, endpoint, host, outcome });
    });
}

#[cfg(test)]
mod tests;
