//! A daemon in a world that a test turns.

use ccwatch_core::notice::sink::Sink;
use std::collections::BTreeSet;
use std::collections::VecDeque;
use std::fs;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OpenFlags};
use tempfile::TempDir;

use crate::daemon::StateWriter;
use crate::store::{Heartbeat, Opened, Store, change_mutes};
use ccwatch_core::deliver::delivery::Outcome;
use ccwatch_core::model::*;
use ccwatch_core::monitor::{Command, Input, Monitor, Record};
use ccwatch_core::notice::kind::Kind;
use ccwatch_core::notice::mute::{End, Mute};
use ccwatch_core::notice::{Bubble, DeliveryState, Notice};
use ccwatch_core::settings::Settings;
use ccwatch_core::state::component::{Component, State};
use ccwatch_core::testing::{green, start};
use ccwatch_core::time::{after, between, shifted};

use super::witness::Witness;

/// What the daemon does with the world, one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    Read,
    Write,
    Send,
    Hook,
}

/// What goes wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// It fails.
    Error,
    /// The daemon is killed right before.
    KilledBefore,
    /// The daemon is killed right after.
    KilledAfter,
}

/// Bugs that the witness must find.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bug {
    /// That a notice was shown is not written down.
    ShownIsNotMarked,
    /// What was told is not remembered over a restart.
    ToldIsForgotten,
    /// The shell shows a notice twice.
    ShownTwice,
    /// A recovery is believed at first sight.
    NothingSettles,
    /// A page that can't be read is taken for a green one.
    FailureIsGreen,
    /// A recovery is not told.
    BackIsLost,
    /// A change is not written down.
    ChangeIsLost,
    /// An old copy of the page looks as if it were new.
    StaleLooksFresh,
    /// A mute never ends.
    MutedForEver,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Screen {
    Takes,
    Missing,
    Silent,
}

struct Running {
    monitor: Monitor,
    writer: StateWriter,
    /// Answers of the screen that are still under way.
    late: VecDeque<Input>,
}

pub(super) struct World {
    /// The true time; the page's clock.
    pub(super) time: Timestamp,
    /// By how much this machine's clock is wrong.
    pub(super) offset: SignedDuration,
    pub(super) page: Snapshot,
    pub(super) past: Vec<Incident>,
    version: usize,
    /// What a stale edge serves in the page's place.
    pub(super) edge: Option<(Snapshot, usize)>,
    /// The newest version that was read, and that was written down: what a kill leaves.
    read_version: usize,
    kept_version: usize,
    bus_starts: usize,
    pub(super) network: bool,
    pub(super) screen: Screen,
    /// Whether the screen answers at once.
    pub(super) slow: bool,
    pub(super) settings: Settings,
    pub(super) bug: Option<Bug>,
    pub(super) witness: Witness,
    /// What goes wrong with the next operation.
    pub(super) fate: Box<dyn FnMut(Operation) -> Option<Fault>>,
    pub(super) told: Vec<(Kind, String)>,
    /// What was served to the last good read that was no older than what was known.
    served: Option<(Snapshot, usize)>,
    dir: TempDir,
    running: Option<Running>,
}

impl World {
    pub(super) fn new(bug: Option<Bug>) -> Self {
        let settings = Settings {
            interval: Duration::from_secs(900),
            during_outage: Duration::from_secs(300),
            sinks: BTreeSet::from(Sink::ALL),
            ..Settings::default()
        };
        let mut page = green();
        page.components.iter_mut().for_each(|row| row.updated_at = Some(start()));
        Self {
            time: after(start(), Duration::from_secs(3600)),
            offset: SignedDuration::ZERO,
            page,
            past: Vec::new(),
            version: 0,
            edge: None,
            read_version: 0,
            kept_version: 0,
            bus_starts: 1,
            network: true,
            screen: Screen::Takes,
            slow: false,
            settings,
            bug,
            witness: Witness::default(),
            fate: Box::new(|_| None),
            told: Vec::new(),
            served: None,
            dir: dir_in_memory(),
            running: None,
        }
    }

    /// The time on this machine.
    fn now(&self) -> Timestamp {
        shifted(self.time, self.offset)
    }

    pub(super) fn change(&mut self, change: impl FnOnce(&mut Snapshot, Timestamp)) {
        change(&mut self.page, self.time);
        self.version += 1;
    }

    pub(super) fn status(&mut self, id: &str, word: &str) {
        self.change(|page, now| {
            for row in page.components.iter_mut().filter(|row| row.id.0 == id) {
                row.status = word.into();
                row.updated_at = Some(now);
            }
        });
    }

    /// Posts an incident, or gives it its next phase.
    pub(super) fn incident(&mut self, id: &str, phase: &str, component: &str) {
        let now = self.time;
        let list = self.page.incidents.get_or_insert_default();
        if !list.iter().any(|incident| incident.id.0 == id) {
            list.push(Incident {
                id: id.into(),
                name: "Elevated errors".to_owned(),
                phase: phase.into(),
                impact: Impact::Major,
                created_at: Some(now),
                started_at: Some(now),
                updated_at: None,
                resolved_at: None,
                components: [ComponentId::from(component)].into(),
                meant: [ComponentId::from(component)].into(),
                updates: Vec::new(),
            });
        }
        let at = list.iter().position(|incident| incident.id.0 == id).unwrap();
        list[at].phase = phase.into();
        list[at].updated_at = Some(now);
        if list[at].phase.is_over() {
            let mut over = list.remove(at);
            over.resolved_at = Some(now);
            self.past.push(over);
        }
        self.version += 1;
    }

    /// Nothing of the daemon survives but its files.
    pub(super) fn kill(&mut self) {
        self.running = None;
        self.read_version = self.kept_version;
        self.witness.killed();
    }

    /// Whether it runs; starts it if not.
    fn start(&mut self) {
        if self.running.is_some() {
            return;
        }
        let now = self.now();
        let Opened { store, mut saved, rebuilt } = Store::open(self.dir.path(), now).unwrap();
        assert_eq!(rebuilt, None);
        if self.bug == Some(Bug::ToldIsForgotten) {
            saved.state.components.iter_mut().for_each(forget_told);
        }
        let settings = self.effective_settings();
        let heartbeat = Heartbeat::first(now);
        self.running = Some(Running {
            monitor: Monitor::new(settings, saved, now),
            writer: StateWriter::new(self.dir.path().to_owned(), store, heartbeat),
            late: VecDeque::new(),
        });
        self.give(None);
    }

    fn effective_settings(&self) -> Settings {
        let settle = match self.bug {
            Some(Bug::NothingSettles) => Duration::ZERO,
            _ => self.settings.settle,
        };
        Settings { settle, ..self.settings.clone() }
    }

    /// The configuration is read again.
    pub(super) fn reload(&mut self, change: impl FnOnce(&mut Settings)) {
        change(&mut self.settings);
        self.witness.counts.reloads += 1;
        self.witness.excused = true;
        let settings = Box::new(self.effective_settings());
        self.give(Some(Input::Reconfigured(settings)));
    }

    /// The user wants silence for a while, by the command line.
    pub(super) fn mute(&mut self, time: Duration) {
        let now = self.now();
        let until = match self.bug {
            Some(Bug::MutedForEver) => after(now, Duration::from_secs(365 * 24 * 3600)),
            _ => after(now, time),
        };
        let mute = Mute { incident: None, until: Some(until), end: End::IfTold, since: now };
        change_mutes(self.dir.path(), |_| vec![mute]).unwrap();
        self.witness.muted_until = Some(after(now, time));
        self.witness.counts.mutes += 1;
    }

    /// The desktop's server is another one now: its bubbles are gone, and it says so.
    pub(super) fn restart_server(&mut self) {
        self.bus_starts += 1;
        self.witness.counts.servers += 1;
        self.give(Some(Input::SinkReady(Sink::Desktop)));
    }

    /// The page as it is now, for an edge to serve later.
    pub(super) fn copy(&self) -> (Snapshot, usize) {
        (self.page.clone(), self.version)
    }

    /// Lets time pass, with all that the daemon does meanwhile.
    pub(super) fn pass(&mut self, time: Duration) {
        let until = after(self.time, time);
        loop {
            while self.running.is_none() {
                self.start();
            }
            let Some(running) = &self.running else { continue };
            let due = running.monitor.poll_timeout().expect("there is always a next poll");
            let due = shifted(due, -self.offset).max(self.time);
            assert!(between(self.time, due) <= Duration::from_secs(3700), "it fell asleep");
            if due > until {
                break;
            }
            self.time = due;
            self.give(None);
            let late = self.running.as_mut().and_then(|running| running.late.pop_front());
            late.into_iter().for_each(|answer| self.give(Some(answer)));
        }
        self.time = until;
    }

    /// The machine sleeps; no timer goes off.
    pub(super) fn suspend(&mut self, time: Duration) {
        self.time = after(self.time, time);
    }

    /// Somebody sets this machine's clock; what the user asked for until a time of day stays. That is written down without a fault: a step that a
    /// dead daemon could not see is beyond what it can know.
    pub(super) fn step_clock(&mut self, by: SignedDuration) {
        self.offset += by;
        let fate = std::mem::replace(&mut self.fate, Box::new(|_| None));
        self.give(Some(Input::ClockStepped(by)));
        self.fate = fate;
    }

    /// One input, and all that follows from it.
    pub(super) fn give(&mut self, input: Option<Input>) {
        let mut inputs: VecDeque<Input> = input.into_iter().collect();
        let now = self.now();
        let mut read = false;
        loop {
            let Some(running) = &mut self.running else { return };
            match inputs.pop_front() {
                Some(input) => {
                    read = self.served.is_some()
                        && matches!(
                            &input,
                            Input::Polled { reading: Reading::Fresh(_) | Reading::Unchanged, .. }
                        );
                    running.writer.note_reading(&input);
                    if matches!(input, Input::Polled { .. } | Input::HistoryRead(_))
                        && let Some(mutes) = running.writer.mutes()
                    {
                        running.monitor.handle(now, Input::Muted(mutes));
                    }
                    if let Some((_, version)) = self.served.as_ref().filter(|_| read) {
                        self.read_version = *version;
                        self.witness.excused = self.witness.may_be_muted(now);
                    }
                    running.monitor.handle(now, input);
                }
                None => running.monitor.handle_timeout(now),
            }
            let Some(answers) = self.carry_out(now, read) else { return };
            inputs.extend(answers);
            if inputs.is_empty() {
                return;
            }
        }
    }

    /// As the daemon does it: write, then show, then ask. None: it was killed.
    fn carry_out(&mut self, now: Timestamp, read: bool) -> Option<Vec<Input>> {
        let (mut popups, mut hooks, mut questions) = (Vec::new(), Vec::new(), Vec::new());
        let mut answers = Vec::new();
        let bug = self.bug;
        let running = self.running.as_mut()?;
        while let Some(command) = running.monitor.next_command() {
            match command {
                Command::Record(record) => {
                    let seen = self.served.as_ref().filter(|_| read).map(|served| &served.0);
                    if bug == Some(Bug::BackIsLost) && is_back(&record) {
                        continue;
                    }
                    self.witness.record(&record, seen, self.time);
                    if let Record::Notice(notice) = &record {
                        self.told.push((notice.kind, notice.title.clone()));
                    }
                    if !forgotten(bug, &record) {
                        running.writer.note(record);
                    }
                }
                Command::Deliver { sink: Sink::Desktop, notice, .. } => popups.push(*notice),
                Command::Deliver { sink: Sink::Hook, notice, .. } => hooks.push(*notice),
                Command::TakeDown(bubble) => answers.push(Input::BubbleClosed(bubble)),
                Command::Fetch { endpoint, etag, .. } => questions.push((endpoint, etag)),
            }
        }
        self.write(now)?;
        for popup in popups {
            answers.extend(self.show(&popup)?);
        }
        for notice in hooks {
            answers.push(self.run_hook(&notice)?);
        }
        for (endpoint, etag) in questions {
            answers.push(self.ask(endpoint, etag)?);
        }
        Some(answers)
    }

    fn write(&mut self, now: Timestamp) -> Option<()> {
        let fault = self.begin(Operation::Write)?;
        let away = self.dir.path().with_extension("away");
        if fault == Some(Fault::Error) {
            fs::rename(self.dir.path(), &away).unwrap();
        }
        let Running { monitor, writer, .. } = self.running.as_mut()?;
        writer.commit(now, monitor);
        if fault == Some(Fault::Error) {
            fs::rename(&away, self.dir.path()).unwrap();
            self.witness.counts.unwritten += 1;
        } else {
            self.kept_version = self.read_version;
            self.witness.written();
            self.witness.complete(monitor.state().components());
        }
        self.end(fault)
    }

    /// Calls the screen; its answer, if it came at once.
    fn show(&mut self, notice: &Notice) -> Option<Option<Input>> {
        let fault = self.begin(Operation::Send)?;
        let screen = match fault {
            Some(Fault::Error) => Screen::Missing,
            _ => self.screen,
        };
        let key = notice.key.clone();
        let owner = format!(":1.{}", self.bus_starts);
        let bubble = Bubble { bus: "bus".to_owned(), owner, id: 1 };
        let outcome = match screen {
            Screen::Takes => Outcome::Delivered(Some(bubble)),
            Screen::Missing => Outcome::RetryLater("nobody there".to_owned()),
            Screen::Silent => Outcome::Uncertain,
        };
        if screen != Screen::Missing {
            self.witness.called(&key);
        }
        if screen == Screen::Silent {
            self.witness.unanswered(&key);
        }
        if self.bug == Some(Bug::ShownTwice) && screen == Screen::Takes {
            self.witness.called(&key);
        }
        self.end(fault)?;
        let answer = Input::Delivered { sink: Sink::Desktop, key, outcome };
        if !self.slow {
            return Some(Some(answer));
        }
        self.running.as_mut()?.late.push_back(answer);
        Some(None)
    }

    /// Runs the hook, which fails now and then; a kill may come inside of it.
    fn run_hook(&mut self, notice: &Notice) -> Option<Input> {
        let fault = self.begin(Operation::Hook)?;
        let key = notice.key.clone();
        self.witness.hooked(&key);
        let outcome = match fault {
            Some(Fault::Error) => {
                self.witness.hook_failed(&key);
                Outcome::Uncertain
            }
            _ => Outcome::Delivered(None),
        };
        self.end(fault)?;
        Some(Input::Delivered { sink: Sink::Hook, key, outcome })
    }

    fn ask(&mut self, endpoint: Endpoint, etag: Option<String>) -> Option<Input> {
        let fault = self.begin(Operation::Read)?;
        let up = self.network && fault != Some(Fault::Error);
        self.end(fault)?;
        let failure = || Failure::new(FailureKind::Connect, "test");
        if endpoint == Endpoint::Incidents {
            let open = self.page.incidents.iter().flatten().cloned();
            let list = open.chain(self.past.iter().cloned()).collect();
            return Some(Input::HistoryRead(if up { Ok(list) } else { Err(failure()) }));
        }
        let (page, version) = match &self.edge {
            Some((page, version)) => (page.clone(), *version),
            None => (self.page.clone(), self.version),
        };
        let tag = version.to_string();
        let same = etag.as_ref() == Some(&tag);
        let outdated = version < self.read_version;
        let counts = &mut self.witness.counts;
        *(if up { &mut counts.readings } else { &mut counts.failed }) += 1;
        if up && outdated {
            counts.stale += 1;
        }
        self.served = (up && !outdated).then(|| (page.clone(), version));
        if self.served.is_some() {
            self.witness.read(&page, self.time);
        }
        let reading = match up {
            true if same => Reading::Unchanged,
            true if outdated && self.bug == Some(Bug::StaleLooksFresh) => {
                Reading::Fresh(dated(page, self.time))
            }
            true => Reading::Fresh(page),
            false if self.bug == Some(Bug::FailureIsGreen) => Reading::Fresh(green()),
            false => Reading::Failed(failure()),
        };
        Some(Input::Polled { host: Host::Primary, reading, etag: Some(tag), jitter: 0.5 })
    }

    /// What goes wrong with this operation; none at all: it was killed before.
    fn begin(&mut self, operation: Operation) -> Option<Option<Fault>> {
        let fault = (self.fate)(operation);
        if fault == Some(Fault::KilledBefore) {
            self.kill();
            return None;
        }
        Some(fault)
    }

    fn end(&mut self, fault: Option<Fault>) -> Option<()> {
        if fault == Some(Fault::KilledAfter) {
            self.kill();
            return None;
        }
        Some(())
    }

    /// Looks into the database; `quiet`: nothing should be under way.
    pub(super) fn check(&self, quiet: bool) {
        let path = self.dir.path().join("ccwatch.db");
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
        self.witness.database(&Connection::open_with_flags(path, flags).unwrap(), quiet);
    }
}

/// Where every commit need not wait for a disk, if there is such a place.
fn dir_in_memory() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

/// A page that claims to be of now.
fn dated(mut page: Snapshot, now: Timestamp) -> Snapshot {
    page.components.iter_mut().for_each(|row| row.updated_at = Some(now));
    page.incidents.iter_mut().flatten().for_each(|incident| incident.updated_at = Some(now));
    page
}

fn forget_told(component: &mut Component) {
    if let State::Affected { episode } | State::Recovering { episode, .. } = &mut component.state {
        episode.told = None;
    }
}

fn is_back(record: &Record) -> bool {
    matches!(record, Record::Notice(notice) if notice.kind == Kind::Back)
}

fn forgotten(bug: Option<Bug>, record: &Record) -> bool {
    match record {
        Record::Delivery { sink: Sink::Desktop, step } => {
            bug == Some(Bug::ShownIsNotMarked) && step.progress == DeliveryState::Shown
        }
        Record::Transition(_) => bug == Some(Bug::ChangeIsLost),
        _ => false,
    }
}
