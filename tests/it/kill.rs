//! kill -9 at random moments: nothing is lost, nothing is invented, and nothing is repeated but
//! what was on its way to the screen.
//!
//! The page goes through one outage after another, a step at a time, and every step must give
//! its one message. Meanwhile the daemon is killed: while it starts, reads, writes and shows.
//! `CCWATCH_KILLS` says how often, `CCWATCH_SEED` which moments.
#![cfg(target_os = "linux")]
use ccwatch_core::notice::sink::Sink;
use std::collections::BTreeSet;

use ccwatch::store::Reader;
use ccwatch_core::model::Level;
use ccwatch_core::notice::DeliveryState;
use jiff::Timestamp;
use rusqlite::Connection;

use crate::desktop::{Bus, Notified, PATIENCE, Server};
use crate::fault::Row;
use crate::page::{API, Answer, CLAUDE_AI, CLAUDE_CODE, CONSOLE, FakePage, PageModel, SOON};
use crate::program::{Daemon, Home};
use crate::random::{Random, number, spin};

/// Who is affected, one outage after another, with the name in a title.
const PARTS: [(&str, &str); 4] = [
    (CLAUDE_CODE, "Claude Code"),
    (API, "Claude API"),
    (CLAUDE_AI, "claude.ai"),
    (CONSOLE, "Claude Console"),
];
const KINDS: [&str; 4] = ["outage", "worse", "fix_out", "back"];
const LEVELS: [&str; 4] = ["partial", "major", "major", "operational"];

/// One step of the story, counted from the beginning.
#[derive(Clone, Copy)]
pub(crate) struct Step(pub(crate) usize);

impl Step {
    fn outage(self) -> usize {
        self.0 / 4
    }

    fn part(self) -> (&'static str, &'static str) {
        PARTS[self.outage() % PARTS.len()]
    }

    pub(crate) fn show(self, page: &mut PageModel) {
        let (id, _) = self.part();
        let incident = format!("outage{}", self.outage());
        let start: Timestamp = "2026-10-01T10:00:00Z".parse().unwrap();
        let at = (start + jiff::SignedDuration::from_mins(self.0 as i64)).to_string();
        match self.0 % 4 {
            0 => {
                page.set_status(id, "partial_outage", &at);
                page.post(&incident, "Elevated errors", "major", &at, &[id]);
            }
            1 => {
                page.set_status(id, "major_outage", &at);
                page.update(&incident, "identified", "Found it.", &at);
            }
            2 => page.update(&incident, "monitoring", "Fixed.", &at),
            _ => {
                page.set_status(id, "operational", &at);
                page.update(&incident, "resolved", "Over.", &at);
            }
        }
    }

    pub(crate) fn told_by(self, notified: &Notified) -> bool {
        let beginning = match self.0 % 4 {
            0 => "Partial outage",
            1 => "Major outage",
            2 => "Fix out, try again",
            _ => "Back",
        };
        notified.summary.starts_with(&format!("{beginning}: {}", self.part().1))
    }
}

/// The daemon, killed again and again, and what was seen of it.
struct Trial {
    page: FakePage,
    server: Server,
    home: Home,
    daemon: Option<Daemon>,
    random: Random,
    /// The step that the page shows, if the story has begun.
    step: Option<Step>,
    /// Steps that were written down as shown at a kill, with the length of the log then.
    marked: Vec<(usize, usize)>,
    kills: usize,
    _bus: Bus,
    _dir: tempfile::TempDir,
}

const CONFIG: &str = r#"
[poll]
interval = "25ms"
during_outage = "25ms"
[watch]
components = ["Claude Code", "Claude API", "claude.ai", "Claude Console"]
[notify]
settle = "5ms"
"#;

impl Trial {
    fn new(seed: u64) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let bus = Bus::start(dir.path());
        let page = FakePage::start();
        let server = Server::start(&bus, &["body", "actions"]);
        let home = Home::on(&page, bus.address());
        home.configure(&page.url(), "stale_after = \"10m\"", CONFIG);
        Self {
            page,
            server,
            home,
            daemon: None,
            random: Random::new(seed),
            step: None,
            marked: Vec::new(),
            kills: 0,
            _bus: bus,
            _dir: dir,
        }
    }

    fn start(&mut self) {
        self.daemon.get_or_insert_with(|| self.home.daemon());
    }

    fn requests(&self, more: usize) {
        self.page.wait_for_requests(self.page.requests().len() + more, SOON);
    }

    /// A moment that the daemon doesn't choose: while it starts, idles, reads, or has just read.
    fn moment(&mut self) {
        self.start();
        if self.random.below(4) != 0 {
            let more = 1 + self.random.below(3);
            self.requests(more);
        }
        spin(&mut self.random);
    }

    fn kill(&mut self) {
        self.start();
        self.daemon.take().unwrap().kill();
        self.kills += 1;
        let shown = self.database();
        let length = self.server.log().len();
        for step in shown {
            if !self.marked.iter().any(|(known, _)| *known == step) {
                self.marked.push((step, length));
            }
        }
        self.status();
    }

    /// The database is sound and tells the story so far, and nothing else; the steps whose
    /// message is marked as shown.
    fn database(&self) -> Vec<usize> {
        let Some(reader) = Reader::open(&self.home.state()).unwrap() else { return Vec::new() };
        let raw = Connection::open(self.home.state().join("ccwatch.db")).unwrap();
        let sound = raw.query_row("PRAGMA integrity_check", [], |row| row.get::<_, String>(0));
        assert_eq!(sound.unwrap(), "ok");
        reader.state().unwrap();
        let incidents = reader.incidents(Timestamp::MIN).unwrap();
        assert!(incidents.len() <= self.step.map_or(0, |step| step.outage() + 1));
        let expected = self.step.map_or(0, |step| step.0 + 1);
        let transitions = reader.transitions(Timestamp::MIN, None).unwrap();
        let changes = transitions.iter().filter(|change| change.from != Level::Unknown);
        let changes: Vec<_> =
            changes.map(|c| (c.component.0.as_str(), c.from.as_str(), c.to.as_str())).collect();
        let all = story(expected);
        assert_eq!(changes, all[..changes.len()], "nothing invented, nothing twice");
        let notices = reader.notices(Timestamp::MIN).unwrap();
        assert!((expected.saturating_sub(1)..=expected).contains(&notices.len()), "{notices:#?}");
        assert!(changes.len() >= story(notices.len()).len(), "what was told is explained");
        let mut shown = Vec::new();
        for (at, stored) in notices.iter().enumerate() {
            let notice = &stored.notice;
            assert_eq!(notice.kind.as_str(), KINDS[at % 4], "{notices:#?}");
            assert_eq!(notice.components[0].0, Step(at).part().0);
            assert!(
                matches!(
                    stored.state(Sink::Desktop),
                    Some(DeliveryState::Shown | DeliveryState::Pending)
                ),
                "{stored:?}"
            );
            shown.extend((stored.state(Sink::Desktop) == Some(DeliveryState::Shown)).then_some(at));
        }
        shown
    }

    /// `status` answers, whether or not the page does, and only with what the page said.
    fn status(&mut self) {
        if self.random.below(2) == 0 {
            self.page.always(Answer::status(503));
        }
        let (answer, code) = self.home.status();
        self.page.heal();
        assert!(code <= 3, "{answer}");
        assert_eq!(answer["daemon"]["running"], false, "{answer}");
        let (Some(step), Some(rows)) = (self.step, answer["components"].as_array()) else { return };
        for row in rows {
            let level = row["level"].as_str().unwrap();
            let may: BTreeSet<&str> = match row["id"] == step.part().0 {
                false => ["operational"].into(),
                true if step.0.is_multiple_of(4) => ["operational", LEVELS[0]].into(),
                true => [LEVELS[step.0 % 4 - 1], LEVELS[step.0 % 4]].into(),
            };
            assert!(may.contains(level), "step {}: {row}", step.0);
        }
    }

    /// The page goes on; whatever is killed meanwhile, the message comes.
    fn play(&mut self, step: Step) {
        self.start();
        let seen = self.server.log().len();
        self.page.set(|page| step.show(page));
        self.step = Some(step);
        for _ in 0..self.random.below(3) {
            self.moment();
            self.kill();
        }
        self.start();
        let mut length = seen + 1;
        while !self.server.wait_for(length, PATIENCE)[seen..].iter().any(|n| step.told_by(n)) {
            length += 1;
        }
        // Right after the server took it: before, while or after that is written down.
        if self.random.below(3) != 0 {
            spin(&mut self.random);
            self.kill();
        }
        // Let live until that is done, so that the next step meets nothing that waits.
        self.start();
        let mut polls = 0;
        while !self.database().contains(&step.0) {
            self.requests(1);
            polls += 1;
            assert!(polls < 400, "it is never marked as shown");
        }
    }

    /// What was heard, against the story: its one message for each step, in order. A repeat is
    /// allowed once for each kill, by another daemon, of what was not marked as shown.
    fn heard(&self, steps: usize) -> Row<'static> {
        let mut row = Row { times: self.kills, messages: steps, ..Row::default() };
        let mut heard = 0;
        let mut senders = BTreeSet::new();
        for (at, notified) in self.server.log().iter().enumerate() {
            let skipped = (heard..steps).position(|step| Step(step).told_by(notified));
            if let Some(skipped) = skipped.filter(|skipped| *skipped < 4) {
                row.lost += skipped;
                heard += skipped + 1;
                senders = [notified.sender.clone()].into();
                continue;
            }
            if heard == 0 || !Step(heard - 1).told_by(notified) {
                println!("invented: {notified:?}");
                row.invented += 1;
                continue;
            }
            let marked = self.marked.iter().any(|(known, from)| *known == heard - 1 && at >= *from);
            let in_flight = !marked && senders.insert(notified.sender.clone());
            println!("repeated{}: {notified:?}", if in_flight { ", in flight" } else { "" });
            row.repeated += 1;
            row.allowed += usize::from(in_flight);
        }
        row.lost += steps - heard;
        row
    }
}

/// What must be in the history after so many steps.
fn story(steps: usize) -> Vec<(&'static str, &'static str, &'static str)> {
    let change = |at: usize| {
        let (id, before) =
            (Step(at).part().0, if at.is_multiple_of(4) { "operational" } else { "partial" });
        match at % 4 {
            0 | 1 => Some((id, before, LEVELS[at % 4])),
            2 => None,
            _ => Some((id, "major", "operational")),
        }
    };
    (0..steps).filter_map(change).collect()
}

/// Kills the daemon so often, and says what came of it.
pub(crate) fn trial(kills: u64, seed: u64) -> Row<'static> {
    println!("CCWATCH_SEED={seed}");
    let mut trial = Trial::new(seed);
    trial.start();
    trial.requests(2);
    let mut steps = 0_usize;
    while (trial.kills as u64) < kills || !steps.is_multiple_of(4) {
        trial.play(Step(steps));
        steps += 1;
    }
    let row = trial.heard(steps);
    assert!(row.repeated <= trial.kills, "at most one for a kill");
    trial.kill();
    assert_eq!(trial.database(), (0..steps).collect::<Vec<_>>(), "all of it, and all of it shown");
    row
}

#[test]
fn kill_at_any_moment_loses_nothing_and_invents_nothing() {
    let (kills, seed) = (number("CCWATCH_KILLS", 40), number("CCWATCH_SEED", 1));
    let row = trial(kills, seed);
    let fault = "kill -9 of the real daemon at random moments, each with a look at its database and \
                 at `status`";
    let again = format!("scripts/ci/kill-test.sh {kills} {seed}");
    Row { fault, again: &again, ..row }.end();
}
