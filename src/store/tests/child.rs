//! A second process: this test binary once more, told by its environment what to do.

use std::io::{BufRead, BufReader, Lines, Read};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use crate::store::{Event, Heartbeat, Lock, Store};
use ccwatch_core::model::Level;
use ccwatch_core::monitor::{Record, Transition};
use ccwatch_core::notice::kind::Reason;
use ccwatch_core::state::component::Component;
use ccwatch_core::state::incidents::Incidents;
use ccwatch_core::state::page_health::PageHealth;

use super::play::at;

const JOB: &str = "CCWATCH_TEST_JOB";
const DIR: &str = "CCWATCH_TEST_DIR";

pub(in crate::store) struct Helper {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Helper {
    pub(in crate::store) fn start(job: &str, dir: &Path) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "store::tests::child::job", "--nocapture"])
            .env(JOB, job)
            .env(DIR, dir)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    /// The number in the next line that it says; none when it is gone.
    pub(in crate::store) fn next(&mut self) -> Option<u32> {
        self.lines.find_map(|line| line.unwrap().strip_prefix("said ")?.parse().ok())
    }

    /// kill -9.
    pub(in crate::store) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// Does a job in the second process; in the first there is none to do.
#[test]
fn job() {
    let (Ok(job), Some(dir)) = (std::env::var(JOB), std::env::var_os(DIR)) else { return };
    let dir = Path::new(&dir);
    match job.as_str() {
        "write" => write_for_ever(dir),
        "hold" => {
            let _lock = Lock::acquire(dir, at(7)).unwrap();
            println!("said {}", std::process::id());
            std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
        }
        other => panic!("no such job: {other}"),
    }
}

/// Event n is transition n and the component's n-th state; says n once it is committed.
fn write_for_ever(dir: &Path) {
    let mut store = Store::open(dir, at(0)).unwrap().store;
    for n in 1_u32.. {
        commit_number(&mut store, n);
        println!("said {n}");
    }
}

pub(super) fn commit_number(store: &mut Store, n: u32) {
    let now = at(i64::from(n));
    let transition = Transition {
        at: now,
        seen_at: now,
        component: "one".into(),
        name: "One".to_owned(),
        from: Level::Operational,
        to: Level::Partial,
        incident: None,
        episode: None,
        reason: Reason::NoNews,
    };
    let heartbeat = Heartbeat {
        pid: n,
        version: String::new(),
        started_at: at(0),
        beat_at: now,
        next_poll: None,
        troubles: std::collections::BTreeMap::new(),
        local: None,
    };
    let event = Event {
        now,
        reading: None,
        records: &[Record::Transition(transition)],
        components: &[Component::new("one".into(), now)],
        page_health: &PageHealth { last_good: Some(now), ..PageHealth::default() },
        incidents: &Incidents::default(),
        outboxes: &ccwatch_core::deliver::Outboxes::default(),
        local: &Default::default(),
        heartbeat: &heartbeat,
        counts_for: std::time::Duration::from_secs(600),
    };
    store.commit(&event).unwrap();
}
