//! A harness for tests: a page that a test changes, a clock that it moves, and a screen that takes
//! every notice. Tests of the core read as scripts.

use std::time::Duration;

use jiff::Timestamp;

use crate::decide::decision::Decision;
use crate::deliver::SavedOutbox;
use crate::deliver::delivery::Outcome;
use crate::deliver::outbox::Outbox;
use crate::model::*;
use crate::monitor::{Command, Input, Monitor, Record, Saved, Transition};
use crate::notice::kind::Kind;
use crate::notice::sink::Sink;
use crate::notice::{Bubble, Notice};
use crate::persist::Persist;
use crate::settings::Settings;
use crate::state::SavedState;
use crate::time::after;

/// The id of Claude Code.
pub const CODE: &str = "yyzkbfz2thpt";
/// The id of the Claude API.
pub const API: &str = "k8w3r06qmzrp";
/// The id of claude.ai.
pub const CHAT: &str = "rwppv331jlwc";
/// The id of Claude Cowork, which nobody watches by default.
pub const COWORK: &str = "bpp5gb3hpjcl";

/// A monitor with everything around it that a test changes or looks at.
pub struct Harness {
    /// What is tested.
    pub monitor: Monitor,
    /// The time of the next input.
    pub now: Timestamp,
    /// What the page says when it is read next.
    pub page: Snapshot,
    /// The notices that were decided since [`take`](Self::take).
    pub told: Vec<Notice>,
    /// What reached the screen, with the bubble that it was to replace.
    pub shown: Vec<(Notice, Option<Bubble>)>,
    /// What was given to the hook.
    pub hooked: Vec<Notice>,
    /// Bubbles that were to be taken off the screen.
    pub taken_down: Vec<Bubble>,
    /// The changes of level that were written down.
    pub transitions: Vec<Transition>,
    /// The decisions that were written down.
    pub decisions: Vec<Decision>,
    /// How much else was written down.
    pub records: usize,
    /// What was asked of the page.
    pub fetches: Vec<Endpoint>,
    /// How the notification server behaves.
    pub screen: Screen,
}

/// What the notification server does with a call.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Screen {
    /// It shows everything.
    Takes,
    /// There is none.
    Missing,
    /// It never answers.
    Silent,
    /// The call is under way until the test says how it went.
    Slow,
}

/// When every test begins.
pub fn start() -> Timestamp {
    "2026-06-02T10:00:00Z".parse().unwrap()
}

/// A page on which all is well.
pub fn green() -> Snapshot {
    let row = |id: &str, name: &str| PageComponent {
        id: id.into(),
        name: name.to_owned(),
        status: PageStatus::Operational,
        group: None,
        updated_at: None,
    };
    Snapshot {
        updated_at: None,
        components: vec![
            row(CHAT, "claude.ai"),
            row(API, "Claude API (api.anthropic.com)"),
            row(CODE, "Claude Code"),
            row(COWORK, "Claude Cowork"),
        ],
        complete: true,
        incidents: Some(Vec::new()),
        incidents_complete: true,
        maintenances: Some(Vec::new()),
        maintenances_complete: true,
        oddities: Vec::new(),
    }
}

impl Harness {
    /// Just started, with nothing read yet.
    pub fn new(settings: Settings) -> Self {
        let now = start();
        Self {
            monitor: Monitor::new(settings, Saved::default(), now),
            now,
            page: green(),
            told: Vec::new(),
            shown: Vec::new(),
            hooked: Vec::new(),
            taken_down: Vec::new(),
            transitions: Vec::new(),
            decisions: Vec::new(),
            records: 0,
            fetches: Vec::new(),
            screen: Screen::Takes,
        }
    }

    /// The same with the settings that hold without a configuration.
    pub fn with_defaults() -> Self {
        Self::new(Settings::default())
    }

    /// After a first green reading.
    pub fn watching() -> Self {
        let mut harness = Self::with_defaults();
        harness.polls();
        assert_eq!(harness.take(), []);
        harness
    }

    /// Lets time pass.
    pub fn wait(&mut self, seconds: u64) -> &mut Self {
        self.now = after(self.now, Duration::from_secs(seconds));
        self
    }

    /// Changes what the page says of a component.
    pub fn status(&mut self, id: &str, word: &str) -> &mut Self {
        for row in self.page.components.iter_mut().filter(|row| row.id.0 == id) {
            row.status = word.into();
        }
        self
    }

    /// Takes a component off the page.
    pub fn remove(&mut self, id: &str) -> &mut Self {
        self.page.components.retain(|row| row.id.0 != id);
        self
    }

    /// Posts an incident, or gives it its next phase.
    pub fn incident(&mut self, id: &str, phase: &str, components: &[&str]) -> &mut Self {
        let update = Update {
            id: format!("{id}-{}", self.now),
            phase: phase.into(),
            body: "We are on it.".to_owned(),
            created_at: Some(self.now),
            changes: Vec::new(),
        };
        let list = self.page.incidents.get_or_insert_default();
        let now = self.now;
        if !list.iter().any(|incident| incident.id.0 == id) {
            list.push(Incident {
                id: id.into(),
                name: "Elevated errors on Claude models".to_owned(),
                phase: phase.into(),
                impact: Impact::Major,
                created_at: Some(now),
                started_at: Some(now),
                updated_at: None,
                resolved_at: None,
                components: components.iter().map(|id| ComponentId::from(*id)).collect(),
                meant: components.iter().map(|id| ComponentId::from(*id)).collect(),
                updates: Vec::new(),
            });
        }
        let incident = list.iter_mut().find(|incident| incident.id.0 == id).unwrap();
        incident.phase = phase.into();
        incident.updated_at = Some(now);
        incident.updates.insert(0, update);
        if incident.phase.is_over() {
            list.retain(|incident| incident.id.0 != id);
        }
        self
    }

    /// Announces work, or gives it its next phase: from `begins` to `ends` minutes after now.
    pub fn work(
        &mut self,
        id: &str,
        phase: &str,
        components: &[&str],
        (begins, ends): (i64, i64),
    ) -> &mut Self {
        let minutes = |n| Some(self.now + jiff::SignedDuration::from_mins(n));
        let (scheduled_for, scheduled_until) = (minutes(begins), minutes(ends));
        let list = self.page.maintenances.get_or_insert_default();
        let created_at = Some(self.now);
        list.retain(|planned| planned.work.id.0 != id);
        let work = Incident {
            id: id.into(),
            name: "Planned upgrade".to_owned(),
            phase: phase.into(),
            impact: Impact::Maintenance,
            created_at,
            started_at: created_at,
            updated_at: created_at,
            resolved_at: None,
            components: components.iter().map(|id| ComponentId::from(*id)).collect(),
            meant: components.iter().map(|id| ComponentId::from(*id)).collect(),
            updates: Vec::new(),
        };
        list.push(Maintenance { work, scheduled_for, scheduled_until });
        self
    }

    /// Takes all announced work off the page.
    pub fn drop_work(&mut self) -> &mut Self {
        self.page.maintenances = Some(Vec::new());
        self
    }

    /// Takes all incidents off the page.
    pub fn drop_incidents(&mut self) -> &mut Self {
        self.page.incidents = Some(Vec::new());
        self
    }

    /// A poll that reads the page as it stands.
    pub fn polls(&mut self) -> &mut Self {
        let page = self.page.clone();
        self.reads(Reading::Fresh(page))
    }

    /// A poll that fails.
    pub fn fails(&mut self, kind: FailureKind) -> &mut Self {
        self.reads(Reading::Failed(Failure::new(kind, "test")))
    }

    /// A poll with this outcome.
    pub fn reads(&mut self, reading: Reading) -> &mut Self {
        self.monitor.handle_timeout(self.now);
        self.drain();
        let input = Input::Polled { host: Host::Primary, reading, etag: None, jitter: 0.5 };
        self.give(input)
    }

    /// A read of the incident history.
    pub fn history(&mut self, list: Vec<Incident>) -> &mut Self {
        self.give(Input::HistoryRead(Ok(list)))
    }

    /// Any other input.
    pub fn give(&mut self, input: Input) -> &mut Self {
        self.monitor.handle(self.now, input);
        self.drain();
        self
    }

    /// Killed and started again: only what was written down survives.
    pub fn restart(&mut self) -> &mut Self {
        self.restart_with(self.monitor.state().settings().clone())
    }

    /// The same, with another configuration from then on.
    pub fn restart_with(&mut self, settings: Settings) -> &mut Self {
        let state = self.monitor.state();
        let saved = Saved {
            state: SavedState {
                components: state.components.iter().map(copy).collect(),
                page_health: copy(&state.page_health),
                incidents: copy(&state.incidents),
                witness: copy(&state.witness),
                mutes: state.mutes.clone(),
                sessions: state.sessions,
            },
            outboxes: self.monitor.outboxes().iter().map(saved_outbox).collect(),
        };
        self.monitor = Monitor::new(settings, saved, self.now);
        self
    }

    fn drain(&mut self) {
        while let Some(command) = self.monitor.next_command() {
            match command {
                Command::Fetch { endpoint, .. } => self.fetches.push(endpoint),
                Command::Record(Record::Notice(notice)) => self.told.push(*notice),
                Command::Record(Record::Transition(it)) => self.transitions.push(it),
                Command::Record(Record::Decision(it)) => self.decisions.push(*it),
                Command::Record(_) => self.records += 1,
                Command::Deliver { sink: Sink::Desktop, notice, replaces } => {
                    self.show(*notice, replaces);
                }
                Command::Deliver { sink: Sink::Hook, notice, .. } => self.hooked.push(*notice),
                Command::TakeDown(bubble) => self.taken_down.push(bubble),
            }
        }
    }

    fn show(&mut self, notice: Notice, replaces: Option<Bubble>) {
        let key = notice.key.clone();
        let bubble = replaces.clone().unwrap_or_else(|| Bubble {
            bus: "bus".to_owned(),
            owner: ":1.1".to_owned(),
            id: u32::try_from(self.shown.len()).unwrap() + 1,
        });
        let outcome = match self.screen {
            Screen::Takes => Outcome::Delivered(Some(bubble)),
            Screen::Missing => Outcome::RetryLater("nobody there".to_owned()),
            Screen::Silent => Outcome::Uncertain,
            Screen::Slow => return self.shown.push((notice, replaces)),
        };
        if self.screen != Screen::Missing {
            self.shown.push((notice, replaces));
        }
        self.monitor.handle(self.now, Input::Delivered { sink: Sink::Desktop, key, outcome });
    }

    /// The kinds told since the last call.
    pub fn take(&mut self) -> Vec<Kind> {
        std::mem::take(&mut self.told).into_iter().map(|notice| notice.kind).collect()
    }

    /// The titles told since the last call.
    pub fn titles(&mut self) -> Vec<String> {
        std::mem::take(&mut self.told).into_iter().map(|notice| notice.title).collect()
    }
}

fn saved_outbox((sink, outbox): (Sink, &Outbox)) -> (Sink, SavedOutbox) {
    let pending = outbox.pending().map(|notice| (notice.clone(), 0)).collect();
    (sink, SavedOutbox { threads: copy(outbox.threads()), pending })
}

/// What survives a restart goes through its stored form and JSON, as in the database.
fn copy<T: Persist>(value: &T) -> T {
    let text = serde_json::to_string(&T::Stored::from(value)).unwrap();
    serde_json::from_str::<T::Stored>(&text).unwrap().into()
}
