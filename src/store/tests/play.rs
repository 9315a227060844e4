//! A run of the core over a made-up outage, as the daemon would drive it.

use ccwatch_core::deliver::SavedOutbox;
use ccwatch_core::notice::sink::Sink;
use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use crate::store::{Event, Heartbeat, ReadingRow, Store};
use ccwatch_core::deliver::delivery::Outcome;
use ccwatch_core::model::{
    Change, ComponentId, Failure, FailureKind, Host, Impact, Incident, IncidentId, PageComponent,
    PageStatus, Phase, Reading, Snapshot, Update,
};
use ccwatch_core::monitor::{Command, Input, Monitor, Record, Saved};
use ccwatch_core::notice::Bubble;
use ccwatch_core::settings::Settings;
use ccwatch_core::state::SavedState;
use ccwatch_core::witness::LocalError;

/// `seconds` after the beginning.
pub(super) fn at(seconds: i64) -> Timestamp {
    Timestamp::constant(1_782_900_000, 0) + SignedDuration::from_secs(seconds)
}

pub(super) struct Moment {
    pub(super) at: Timestamp,
    pub(super) what: What,
}

pub(super) enum What {
    Polled(Reading),
    History(Vec<Incident>),
    Delivered(Outcome),
    LocalError(LocalError),
}

/// The core, and what a daemon knows beside it.
pub(super) struct Play {
    monitor: Monitor,
    shown: Option<String>,
    hooked: Vec<String>,
    unanswered: BTreeMap<String, u32>,
    heartbeat: Heartbeat,
}

/// The whole script, committed.
pub(super) fn play_all(store: &mut Store) -> Play {
    let mut play = Play::new();
    for moment in script() {
        let records = play.take(&moment);
        store.commit(&play.event(&moment, &records)).unwrap();
    }
    play
}

/// The same for a user who also has a hook, and whose own sessions fail: a burst of errors before
/// the page says anything, and errors after it. The hook takes the first notice and no other.
pub(super) fn play_more(store: &mut Store) {
    let settings = Settings { sinks: BTreeSet::from(Sink::ALL), ..any_page() };
    let mut play = Play::with(settings);
    let error = |seconds, session: &str, foreign: bool| Moment {
        at: at(seconds),
        what: What::LocalError(LocalError {
            at: at(seconds),
            kind: "overloaded_error".to_owned(),
            status: Some(529),
            request_id: Some(format!("req_{seconds}")),
            session: session.to_owned(),
            server: !foreign,
            foreign,
            by_hook: false,
        }),
    };
    let (page, local): (Vec<_>, Vec<_>) = (
        script(),
        vec![
            error(95, "00000000000000aa", false),
            error(96, "00000000000000bb", false),
            error(97, "00000000000000cc", true),
        ],
    );
    let mut moments: Vec<Moment> = page.into_iter().chain(local).collect();
    moments.sort_by_key(|moment| moment.at);
    for moment in moments {
        let mut records = play.take(&moment);
        records.extend(play.hook_takes_the_first(moment.at));
        store.commit(&play.event(&moment, &records)).unwrap();
    }
}

impl Play {
    pub(super) fn new() -> Self {
        Self::with(any_page())
    }

    fn with(settings: Settings) -> Self {
        let heartbeat = Heartbeat {
            pid: 4242,
            version: "1.2.3".to_owned(),
            started_at: at(0),
            beat_at: at(0),
            next_poll: None,
            troubles: std::collections::BTreeMap::new(),
            local: None,
        };
        let monitor = Monitor::new(settings, Saved::default(), at(0));
        Self { monitor, shown: None, hooked: Vec::new(), unanswered: BTreeMap::new(), heartbeat }
    }

    /// Gives a moment to the core; what it wants written down.
    pub(super) fn take(&mut self, moment: &Moment) -> Vec<Record> {
        let input = match &moment.what {
            What::Polled(reading) => {
                let reading = reading.clone();
                Input::Polled { host: Host::Primary, reading, etag: None, jitter: 0.5 }
            }
            What::History(list) => Input::HistoryRead(Ok(list.clone())),
            What::Delivered(outcome) => {
                let key = self.shown.take().expect("something to deliver");
                Input::Delivered { sink: Sink::Desktop, key, outcome: outcome.clone() }
            }
            What::LocalError(error) => Input::LocalError(error.clone()),
        };
        self.monitor.handle(moment.at, input);
        self.heartbeat.beat_at = moment.at;
        self.heartbeat.next_poll = self.monitor.next_poll();
        let waiting = self.monitor.outboxes().of(Sink::Desktop).waiting().map(str::to_owned);
        self.heartbeat.troubles = waiting.map(|why| (Sink::Desktop, why)).into_iter().collect();
        let records = self.drain();
        for record in &records {
            if let Record::Delivery { sink: Sink::Desktop, step } = record {
                self.unanswered.insert(step.key.clone(), step.unanswered);
            }
        }
        records
    }

    fn drain(&mut self) -> Vec<Record> {
        let mut records = Vec::new();
        while let Some(command) = self.monitor.next_command() {
            match command {
                Command::Record(record) => records.push(record),
                Command::Deliver { sink: Sink::Desktop, notice, .. } => {
                    self.shown = Some(notice.key)
                }
                Command::Deliver { sink: Sink::Hook, notice, .. } => self.hooked.push(notice.key),
                Command::Fetch { .. } | Command::TakeDown(_) => {}
            }
        }
        records
    }

    fn hook_takes_the_first(&mut self, now: Timestamp) -> Vec<Record> {
        if self.hooked.len() != 1 {
            return Vec::new();
        }
        let key = self.hooked[0].clone();
        self.hooked.push(String::new());
        let outcome = Outcome::Delivered(None);
        self.monitor.handle(now, Input::Delivered { sink: Sink::Hook, key, outcome });
        self.drain()
    }

    pub(super) fn event<'a>(&'a self, moment: &'a Moment, records: &'a [Record]) -> Event<'a> {
        let row = |outcome, detail| Some(ReadingRow { outcome, detail });
        Event {
            now: moment.at,
            reading: match &moment.what {
                What::Polled(Reading::Fresh(_)) => row("fresh", ""),
                What::Polled(Reading::Unchanged) => row("unchanged", ""),
                What::Polled(Reading::Failed(why)) => row(why.kind.as_str(), why.detail.as_str()),
                _ => None,
            },
            records,
            components: self.monitor.state().components(),
            page_health: self.monitor.state().page_health(),
            incidents: self.monitor.state().incidents(),
            outboxes: self.monitor.outboxes(),
            local: self.monitor.state().witness(),
            heartbeat: &self.heartbeat,
            counts_for: std::time::Duration::from_secs(600),
        }
    }

    /// What must come back from the store.
    pub(super) fn saved(&self) -> Saved {
        let outbox = self.monitor.outboxes().of(Sink::Desktop);
        let unanswered = |key: &String| self.unanswered.get(key).copied().unwrap_or(0);
        let state = self.monitor.state();
        Saved {
            state: SavedState {
                components: state.components().to_vec(),
                page_health: state.page_health().clone(),
                incidents: state.incidents().clone(),
                witness: state.witness().clone(),
                mutes: Vec::new(),
                sessions: state.sessions(),
            },
            outboxes: BTreeMap::from([
                (
                    Sink::Desktop,
                    SavedOutbox {
                        threads: outbox.threads().clone(),
                        pending: outbox
                            .pending()
                            .map(|n| (n.clone(), unanswered(&n.key)))
                            .collect(),
                    },
                ),
                (Sink::Hook, SavedOutbox::default()),
            ]),
        }
    }

    pub(super) fn heartbeat(&self) -> &Heartbeat {
        &self.heartbeat
    }

    /// All records of the script once more, as a caller would hand them in who is not sure of any.
    pub(super) fn all_records(&self) -> Vec<Record> {
        let mut again = Self::new();
        script().iter().flat_map(|moment| again.take(moment)).collect()
    }
}

/// A green page; an outage that is told, gets worse, has its fix out, falls back; failures and an
/// unanswered call on the way. In the end one notice waits.
pub(super) fn script() -> Vec<Moment> {
    use PageStatus::{Major, Operational, Partial};
    use Phase::{Identified, Investigating, Monitoring};
    let all_well = [Operational, Operational, Operational];
    let bubble = Bubble { bus: "4a1f".to_owned(), owner: ":1.7".to_owned(), id: 3 };
    let polled = |seconds, code: [PageStatus; 3], open: Vec<Incident>| Moment {
        at: at(seconds),
        what: What::Polled(Reading::Fresh(page(code, open))),
    };
    let delivered = |seconds, outcome| Moment { at: at(seconds), what: What::Delivered(outcome) };
    let failure = Failure::new(FailureKind::Timeout, "é\u{1b}[31m".repeat(100));
    vec![
        polled(0, all_well.clone(), vec![incident("gone9", &[(-60, Investigating)])]),
        polled(30, all_well, vec![]),
        Moment { at: at(31), what: What::History(vec![old_incident()]) },
        polled(
            90,
            [Partial, Operational, Operational],
            vec![incident("inc1", &[(80, Investigating)])],
        ),
        delivered(91, Outcome::Delivered(Some(bubble.clone()))),
        Moment { at: at(120), what: What::Polled(Reading::Failed(failure)) },
        polled(
            150,
            [Partial, Major, Operational],
            vec![incident("inc1", &[(80, Investigating), (140, Identified)])],
        ),
        delivered(155, Outcome::Uncertain),
        Moment { at: at(186), what: What::Polled(Reading::Unchanged) },
        delivered(187, Outcome::RetryLater("no notification server".to_owned())),
        polled(
            240,
            [Partial, Major, Operational],
            vec![incident("inc1", &[(80, Investigating), (140, Identified), (230, Monitoring)])],
        ),
        delivered(241, Outcome::Delivered(Some(bubble))),
        polled(
            300,
            [Partial, Operational, Operational],
            vec![incident(
                "inc1",
                &[(80, Investigating), (140, Identified), (230, Monitoring), (290, Identified)],
            )],
        ),
        delivered(305, Outcome::Uncertain),
    ]
}

fn page(status: [PageStatus; 3], open: Vec<Incident>) -> Snapshot {
    let names = [
        ("yyzkbfz2thpt", "Claude Code"),
        ("k8w3r06qmzrp", "Claude API (api.anthropic.com)"),
        ("rwppv331jlwc", "claude.ai"),
    ];
    let component = |((id, name), status): ((&str, &str), PageStatus)| PageComponent {
        id: id.into(),
        name: name.to_owned(),
        status,
        group: None,
        updated_at: None,
    };
    Snapshot {
        updated_at: None,
        components: names.into_iter().zip(status).map(component).collect(),
        complete: true,
        incidents: Some(open),
        incidents_complete: true,
        maintenances: Some(Vec::new()),
        maintenances_complete: true,
        oddities: Vec::new(),
    }
}

/// An incident by the times and phases of its updates, oldest first.
pub(super) fn incident(id: &str, story: &[(i64, Phase)]) -> Incident {
    let components: BTreeSet<ComponentId> = ["yyzkbfz2thpt".into(), "k8w3r06qmzrp".into()].into();
    let update = |(seconds, phase): &(i64, Phase)| Update {
        id: format!("{id}u{seconds}"),
        phase: phase.clone(),
        body: format!("We are looking into it.\u{2028}<b>{seconds}</b>"),
        created_at: Some(at(*seconds)),
        changes: vec![Change { component: "yyzkbfz2thpt".into(), new: PageStatus::Partial }],
    };
    Incident {
        id: IncidentId::from(id),
        name: "Elevated errors on Claude models".to_owned(),
        phase: story.last().map_or(Phase::Investigating, |last| last.1.clone()),
        impact: Impact::Other("dire".to_owned()),
        created_at: story.first().map(|first| at(first.0)),
        started_at: None,
        updated_at: story.last().map(|last| at(last.0)),
        resolved_at: None,
        meant: components.clone(),
        components,
        updates: story.iter().rev().map(update).collect(),
    }
}

/// One of long ago, whose updates have neither ids nor, some of them, times.
pub(super) fn old_incident() -> Incident {
    let days = |days: i64| -86_400 * days;
    let mut old = incident(
        "old1",
        &[
            (days(9), Phase::Investigating),
            (days(9), Phase::Monitoring),
            (days(8), Phase::Resolved),
        ],
    );
    old.resolved_at = Some(at(days(8)));
    old.updates.iter_mut().for_each(|update| update.id.clear());
    old.updates[2].created_at = None;
    old
}

/// A state of no page in particular, so that the first state of all is an empty one.
fn any_page() -> Settings {
    Settings { page_id: String::new(), page_url: String::new(), ..Settings::default() }
}
