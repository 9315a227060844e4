//! A stage for tests: a page that a test changes, a clock that it moves, and a screen that takes
//! every notice. Tests of the core read as scripts.

use std::time::Duration;

use jiff::Timestamp;

use super::model::*;
use super::monitor::{Command, Input, Monitor, Record, Saved, Transition};
use super::notice::{Bubble, Kind, Notice};
use super::outbox::Outcome;
use super::settings::Settings;
use super::time::after;

pub(crate) const CODE: &str = "yyzkbfz2thpt";
pub(crate) const API: &str = "k8w3r06qmzrp";
pub(crate) const CHAT: &str = "rwppv331jlwc";
pub(crate) const COWORK: &str = "bpp5gb3hpjcl";

pub(crate) struct Stage {
    pub(crate) monitor: Monitor,
    pub(crate) now: Timestamp,
    pub(crate) page: Snapshot,
    pub(crate) told: Vec<Notice>,
    pub(crate) shown: Vec<(Notice, Option<Bubble>)>,
    pub(crate) hooked: Vec<Notice>,
    pub(crate) transitions: Vec<Transition>,
    pub(crate) records: usize,
    pub(crate) fetches: Vec<Endpoint>,
    pub(crate) screen: Screen,
}

/// What the notification server does with a call.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Screen {
    Takes,
    Missing,
    Silent,
    /// The call is under way until the test says how it went.
    Slow,
}

pub(crate) fn start() -> Timestamp {
    "2026-06-02T10:00:00Z".parse().unwrap()
}

pub(crate) fn green() -> Snapshot {
    let row = |id: &str, name: &str| PageComponent {
        id: id.into(),
        name: name.to_owned(),
        status: PageStatus::Operational,
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
        maintenances: Vec::new(),
        oddities: Vec::new(),
    }
}

impl Stage {
    pub(crate) fn new(settings: Settings) -> Self {
        let now = start();
        Self {
            monitor: Monitor::new(settings, Saved::default(), now),
            now,
            page: green(),
            told: Vec::new(),
            shown: Vec::new(),
            hooked: Vec::new(),
            transitions: Vec::new(),
            records: 0,
            fetches: Vec::new(),
            screen: Screen::Takes,
        }
    }

    pub(crate) fn with_defaults() -> Self {
        Self::new(Settings::default())
    }

    /// After a first green reading.
    pub(crate) fn watching() -> Self {
        let mut stage = Self::with_defaults();
        stage.polls();
        assert_eq!(stage.take(), []);
        stage
    }

    pub(crate) fn wait(&mut self, seconds: u64) -> &mut Self {
        self.now = after(self.now, Duration::from_secs(seconds));
        self
    }

    pub(crate) fn status(&mut self, id: &str, word: &str) -> &mut Self {
        for row in self.page.components.iter_mut().filter(|row| row.id.0 == id) {
            row.status = word.into();
        }
        self
    }

    pub(crate) fn remove(&mut self, id: &str) -> &mut Self {
        self.page.components.retain(|row| row.id.0 != id);
        self
    }

    /// Posts an incident, or gives it its next phase.
    pub(crate) fn incident(&mut self, id: &str, phase: &str, components: &[&str]) -> &mut Self {
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

    pub(crate) fn drop_incidents(&mut self) -> &mut Self {
        self.page.incidents = Some(Vec::new());
        self
    }

    /// A poll that reads the page as it stands.
    pub(crate) fn polls(&mut self) -> &mut Self {
        let page = self.page.clone();
        self.reads(Reading::Fresh(page))
    }

    pub(crate) fn fails(&mut self, kind: FailureKind) -> &mut Self {
        self.reads(Reading::Failed(Failure::new(kind, "test")))
    }

    pub(crate) fn reads(&mut self, reading: Reading) -> &mut Self {
        self.monitor.handle_timeout(self.now);
        self.drain();
        let input = Input::Polled { host: Host::Primary, reading, etag: None, dice: 0.5 };
        self.give(input)
    }

    pub(crate) fn history(&mut self, list: Vec<Incident>) -> &mut Self {
        self.give(Input::HistoryRead(Ok(list)))
    }

    pub(crate) fn give(&mut self, input: Input) -> &mut Self {
        self.monitor.handle(self.now, input);
        self.drain();
        self
    }

    /// Killed and started again: only what was written down survives.
    pub(crate) fn restart(&mut self) -> &mut Self {
        self.restart_with(self.monitor.settings().clone())
    }

    /// The same, with another configuration from then on.
    pub(crate) fn restart_with(&mut self, settings: Settings) -> &mut Self {
        let saved = Saved {
            components: copy(&self.monitor.components()),
            sight: copy(&self.monitor.sight()),
            incidents: copy(&self.monitor.incidents()),
            threads: copy(&self.monitor.outbox().threads()),
            local: copy(&self.monitor.local()),
            pending: self.monitor.outbox().pending().map(|notice| (notice.clone(), 0)).collect(),
            hook_threads: copy(&self.monitor.hook().threads()),
            hook_pending: self.monitor.hook().pending().map(|n| (n.clone(), 0)).collect(),
            mutes: self.monitor.mutes.clone(),
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
                Command::Record(_) => self.records += 1,
                Command::Show { notice, replaces } => self.show(*notice, replaces),
                Command::Hook(notice) => self.hooked.push(*notice),
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
            Screen::Takes => Outcome::Shown(Some(bubble)),
            Screen::Missing => Outcome::NotYet("nobody there".to_owned()),
            Screen::Silent => Outcome::Unanswered,
            Screen::Slow => return self.shown.push((notice, replaces)),
        };
        if self.screen != Screen::Missing {
            self.shown.push((notice, replaces));
        }
        self.monitor.handle(self.now, Input::Delivered { key, outcome });
    }

    /// The kinds told since the last call.
    pub(crate) fn take(&mut self) -> Vec<Kind> {
        std::mem::take(&mut self.told).into_iter().map(|notice| notice.kind).collect()
    }

    /// The titles told since the last call.
    pub(crate) fn titles(&mut self) -> Vec<String> {
        std::mem::take(&mut self.told).into_iter().map(|notice| notice.title).collect()
    }
}

/// What survives a restart goes through JSON, as in the database.
fn copy<T: serde::Serialize, U: serde::de::DeserializeOwned>(value: &T) -> U {
    serde_json::from_str(&serde_json::to_string(value).unwrap()).unwrap()
}
