//! A long run with random faults: what it costs must not grow. `scripts/soak.sh` makes it long.
#![cfg(target_os = "linux")]
use std::collections::BTreeMap;
use std::fs;

use crate::desktop::{Bus, Notified, PATIENCE, Server};
use crate::fault::Row;
use crate::kill::Step;
use crate::page::{Answer, FAULTS, FakePage, SOON};
use crate::program::{Daemon, Home};
use crate::random::{Random, number};
use crate::shim::{DISK_ERRORS, Shim};

/// What the daemon takes of the machine.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cost {
    pub(crate) memory_kb: u64,
    pub(crate) descriptors: usize,
    log_bytes: u64,
}

pub(crate) fn cost(daemon: &Daemon, home: &Home) -> Cost {
    let status = fs::read_to_string(format!("/proc/{}/status", daemon.pid())).unwrap();
    let memory = status.lines().find(|line| line.starts_with("VmRSS")).unwrap();
    let log = fs::metadata(home.state().join("ccwatch.db-wal"));
    Cost {
        memory_kb: memory.split_whitespace().nth(1).unwrap().parse().unwrap(),
        descriptors: fs::read_dir(format!("/proc/{}/fd", daemon.pid())).unwrap().count(),
        log_bytes: log.map_or(0, |file| file.len()),
    }
}

/// So many of the faults of a page are drawn from: a seed stands for the order of these.
const DRAWN: usize = 8;

fn fault(random: &mut Random) -> Answer {
    FAULTS[random.below(DRAWN)]()
}

/// The daemon with everything around it that can fail.
struct Trial {
    page: FakePage,
    bus: Bus,
    server: Server,
    /// What servers before this one got.
    heard: Vec<Notified>,
    shim: Shim,
    daemon: Daemon,
    random: Random,
    faults: BTreeMap<&'static str, usize>,
}

impl Trial {
    fn polls(&self, polls: usize) {
        self.page.wait_for_requests(self.page.requests().len() + polls, SOON);
    }

    /// A fault of the page, the disk, the desktop or the process, which is over when this ends.
    fn fault(&mut self) {
        let name = match self.random.below(7) {
            0 => {
                let (error, name) = DISK_ERRORS[self.random.below(DISK_ERRORS.len())];
                self.shim.disk(error);
                self.polls(2);
                self.shim.disk(0);
                name
            }
            1 => {
                self.server.freeze();
                self.polls(2);
                self.server.thaw();
                "server hangs"
            }
            2 => {
                self.heard.extend(self.server.log());
                self.server.leave();
                self.server = Server::start(&self.bus, &CAPABILITIES);
                "server restarts"
            }
            3 => {
                self.daemon.signal("-STOP");
                self.daemon.signal("-CONT");
                "stands still"
            }
            4 => {
                self.daemon.signal("-HUP");
                "reload"
            }
            _ => {
                self.page.queue(fault(&mut self.random));
                "page"
            }
        };
        *self.faults.entry(name).or_default() += 1;
    }

    /// The page goes on, and it is told.
    fn step(&mut self, step: usize) {
        let before = self.server.log().len();
        self.page.set(|page| Step(step).show(page));
        self.server.wait_for(before + 1, PATIENCE);
    }
}

const CAPABILITIES: [&str; 2] = ["body", "actions"];

#[test]
fn a_long_run_costs_no_more_than_a_short_one() {
    let polls = number("CCWATCH_SOAK_POLLS", 120) as usize;
    let pause = number("CCWATCH_SOAK_MS", 25);
    let seed = number("CCWATCH_SEED", 1);
    let dir = tempfile::tempdir().unwrap();
    let bus = Bus::start(dir.path());
    let page = FakePage::start();
    let server = Server::start(&bus, &CAPABILITIES);
    let home = Home::on(&page, bus.address());
    let rest = format!(
        "[poll]\ninterval = \"{pause}ms\"\nduring_outage = \"{pause}ms\"\n\
         [watch]\ncomponents = []\n[notify]\nsettle = \"5ms\"\n"
    );
    home.configure(&page.url(), "", &rest);
    let shim = Shim::new();
    let daemon = shim.daemon(&home);
    let (heard, faults, random) = (Vec::new(), BTreeMap::new(), Random::new(seed));
    let mut trial = Trial { page, bus, server, heard, shim, daemon, random, faults };
    let (mut steps, mut start) = (0_usize, None);
    let begun = trial.page.requests().len();
    while trial.page.requests().len() < begun + polls || !steps.is_multiple_of(4) {
        trial.polls(1);
        if trial.page.requests().len() > begun + polls / 4 {
            start.get_or_insert_with(|| cost(&trial.daemon, &home));
        }
        match trial.random.below(8) {
            0 | 1 => trial.fault(),
            2 => {
                trial.step(steps);
                steps += 1;
            }
            _ => {}
        }
    }
    let (start, end) = (start.unwrap(), cost(&trial.daemon, &home));
    let log = [trial.heard.clone(), trial.server.log()].concat();
    let (next, repeated, invented) = compare(&log, steps);
    println!("polls: {}, faults: {:?}", trial.page.requests().len() - begun, trial.faults);
    println!("after a quarter: {start:?}");
    println!("at the end:      {end:?}");
    let (lost, times) = (steps - next, trial.faults.values().sum());
    println!("messages: {steps}, missed: {lost}, repeated: {repeated}, invented: {invented}");
    let (fault, again) = (
        "random faults of page, disk, desktop and process",
        format!("scripts/soak.sh 3600 {seed}"),
    );
    Row {
        fault,
        times,
        messages: steps,
        lost,
        repeated,
        invented,
        again: &again,
        ..Row::default()
    }
    .end();
    // Eight bubbles are kept alive at most, each by two connections.
    assert!(end.descriptors <= start.descriptors + 18, "descriptors leak");
    assert!(end.log_bytes < 4 << 20, "the log grows");
    assert!(end.memory_kb < start.memory_kb + 8_000, "memory grows");
}

/// How far the story was told, and what was said too often, or out of nothing.
fn compare(log: &[Notified], steps: usize) -> (usize, usize, usize) {
    let (mut next, mut repeated, mut invented) = (0, 0, 0);
    for notified in log {
        if next < steps && Step(next).told_by(notified) {
            next += 1;
        } else if next > 0 && Step(next - 1).told_by(notified) {
            repeated += 1;
        } else {
            invented += 1;
        }
    }
    (next, repeated, invented)
}
