//! The core and its writer in virtual time, with a real database: a restart loses what a restart
//! loses. Chance is the test's.

use ccwatch::daemon::StateWriter;
use ccwatch::page::engine::Engine;
use ccwatch::page::fetch::{self, Fetched};
use ccwatch::store::{Heartbeat, Opened, Store};
use ccwatch_core::deliver::delivery::Outcome;
use ccwatch_core::model::{Endpoint, Failure, FailureKind, Host};
use ccwatch_core::monitor::{Command, Input, Monitor, Saved};
use ccwatch_core::notice::sink::Sink;
use ccwatch_core::settings::Settings;
use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;

use crate::page::{PAGE_ID, PageModel};

pub(super) struct Desk {
    dir: TempDir,
    /// Gone while the daemon is.
    running: Option<(Monitor, StateWriter)>,
    /// Titles, as they were shown.
    pub(super) heard: Vec<String>,
    /// Polls that were asked for: when, and whether only for changes.
    pub(super) asked: Vec<(Timestamp, bool)>,
    /// Changes of a level that were written down.
    pub(super) changes: usize,
}

impl Desk {
    pub(super) fn new(now: Timestamp) -> Self {
        let mut desk = Self {
            dir: tempfile::tempdir().unwrap(),
            running: None,
            heard: Vec::new(),
            asked: Vec::new(),
            changes: 0,
        };
        desk.restart(now);
        desk
    }

    /// Killed, and started again.
    pub(super) fn restart(&mut self, now: Timestamp) {
        self.running = None;
        let Opened { store, saved, rebuilt } = Store::open(self.dir.path(), now).unwrap();
        assert_eq!(rebuilt, None);
        let heartbeat = Heartbeat::first(now);
        let writer = StateWriter::new(self.dir.path().to_owned(), store, heartbeat);
        let monitor = Monitor::new(Settings::default(), known(saved), now);
        self.running = Some((monitor, writer));
        self.give(now, None);
    }

    pub(super) fn monitor(&self) -> &Monitor {
        &self.running.as_ref().unwrap().0
    }

    /// The next deadline.
    pub(super) fn due(&self) -> Timestamp {
        self.monitor().poll_timeout().expect("there is always a next poll")
    }

    /// Time passes, and nothing else happens.
    pub(super) fn wait(&mut self, now: Timestamp) {
        self.give(now, None);
    }

    pub(super) fn reads(&mut self, now: Timestamp, page: &PageModel) {
        let bytes = page.summary().to_string().into_bytes();
        self.polled(now, Ok(Fetched::Body { bytes, etag: Some("\"tag\"".to_owned()) }), 0.5);
    }

    pub(super) fn unchanged(&mut self, now: Timestamp) {
        self.polled(now, Ok(Fetched::Unchanged), 0.5);
    }

    pub(super) fn fails(&mut self, now: Timestamp, kind: FailureKind, jitter: f64) {
        self.polled(now, Err(Failure::new(kind, "test")), jitter);
    }

    pub(super) fn clock_stepped(&mut self, now: Timestamp, by: SignedDuration) {
        self.give(now, Some(Input::ClockStepped(by)));
    }

    fn polled(&mut self, now: Timestamp, answer: Result<Fetched, Failure>, jitter: f64) {
        self.give(now, None);
        let input = fetch::input(
            Endpoint::Summary,
            Host::Primary,
            answer,
            &Engine::statuspage(PAGE_ID),
            jitter,
        );
        self.give(now, Some(input));
    }

    /// As the daemon does it: write, then show.
    fn give(&mut self, now: Timestamp, input: Option<Input>) {
        let mut input = input;
        loop {
            let (monitor, writer) = self.running.as_mut().unwrap();
            match input.take() {
                Some(input) => {
                    writer.note_reading(&input);
                    monitor.handle(now, input);
                }
                None => monitor.handle_timeout(now),
            }
            while let Some(command) = monitor.next_command() {
                match command {
                    Command::Record(record) => {
                        self.changes += usize::from(is_change(&record));
                        writer.note(record);
                    }
                    Command::Deliver { sink: Sink::Desktop, notice, .. } => {
                        let (key, outcome) = (notice.key, Outcome::Delivered(None));
                        input = Some(Input::Delivered { sink: Sink::Desktop, key, outcome });
                        self.heard.push(notice.title);
                    }
                    Command::Fetch { endpoint: Endpoint::Summary, etag, .. } => {
                        self.asked.push((now, etag.is_some()));
                    }
                    // Nobody has a hook here.
                    Command::Deliver { sink: Sink::Hook, .. }
                    | Command::Fetch { .. }
                    | Command::TakeDown(_) => {}
                }
            }
            writer.commit(now, monitor);
            if input.is_none() {
                return;
            }
        }
    }
}

/// What was saved, all of it: nothing is pending that was shown.
fn known(saved: Saved) -> Saved {
    assert!(
        saved.outboxes[&Sink::Desktop].pending.is_empty(),
        "{:?}",
        saved.outboxes[&Sink::Desktop].pending
    );
    saved
}

fn is_change(record: &ccwatch_core::monitor::Record) -> bool {
    use ccwatch_core::model::Level;
    matches!(record, ccwatch_core::monitor::Record::Transition(change) if change.from != Level::Unknown)
}
