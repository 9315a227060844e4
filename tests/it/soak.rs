//! A long run with random faults: what it costs must not grow. `scripts/soak.sh` makes it long.
#![cfg(target_os = "linux")]
use std::collections::BTreeSet;
use std::fs;

use crate::desktop::{Bus, PATIENCE, Server};
use crate::kill::Step;
use crate::page::{Answer, FakePage, SOON};
use crate::program::{Daemon, Home};
use crate::random::{Random, number};

/// What the daemon takes of the machine.
#[derive(Debug, Clone, Copy)]
struct Cost {
    memory_kb: u64,
    descriptors: usize,
    log_bytes: u64,
}

fn cost(daemon: &Daemon, home: &Home) -> Cost {
    let status = fs::read_to_string(format!("/proc/{}/status", daemon.pid())).unwrap();
    let memory = status.lines().find(|line| line.starts_with("VmRSS")).unwrap();
    let log = fs::metadata(home.state().join("ccwatch.db-wal"));
    Cost {
        memory_kb: memory.split_whitespace().nth(1).unwrap().parse().unwrap(),
        descriptors: fs::read_dir(format!("/proc/{}/fd", daemon.pid())).unwrap().count(),
        log_bytes: log.map_or(0, |file| file.len()),
    }
}

fn fault(random: &mut Random) -> Answer {
    let faults: [fn() -> Answer; 8] = [
        || Answer::status(500),
        || Answer::status(503),
        || Answer::html("<html>Sign in</html>"),
        || Answer::json("{"),
        || Answer::Reset(Vec::new()),
        Answer::short_body,
        Answer::gzip_bomb,
        Answer::endless_header,
    ];
    faults[random.below(faults.len())]()
}

#[test]
fn a_long_run_costs_no_more_than_a_short_one() {
    let polls = number("CCWATCH_SOAK_POLLS", 120) as usize;
    let pause = number("CCWATCH_SOAK_MS", 25);
    let mut random = Random::new(number("CCWATCH_SEED", 1));
    let dir = tempfile::tempdir().unwrap();
    let bus = Bus::start(dir.path());
    let page = FakePage::start();
    let server = Server::start(&bus, &["body", "actions"]);
    let home = Home::on(&page, bus.address());
    let rest = format!(
        "[poll]\ninterval = \"{pause}ms\"\nduring_outage = \"{pause}ms\"\n\
         [watch]\ncomponents = []\n[notify]\nsettle = \"5ms\"\n"
    );
    home.configure(&page.url(), "", &rest);
    let daemon = home.daemon();
    let (mut steps, mut faults, mut start) = (0_usize, 0, None);
    let mut poll = 0;
    while poll < polls || !steps.is_multiple_of(4) {
        poll += 1;
        page.wait_for_requests(page.requests().len() + 1, SOON);
        if poll > polls / 4 {
            start.get_or_insert_with(|| cost(&daemon, &home));
        }
        match random.below(12) {
            0 | 1 => {
                page.queue(fault(&mut random));
                faults += 1;
            }
            2 => {
                let step = Step(steps);
                page.set(|page| step.show(page));
                server.wait_for(steps + 1, PATIENCE);
                steps += 1;
            }
            _ => {}
        }
    }
    let (start, end) = (start.unwrap(), cost(&daemon, &home));
    let log = server.log();
    let heard: BTreeSet<usize> = (0..steps).filter(|at| Step(*at).told_by(&log[*at])).collect();
    let (missed, repeated) = (steps - heard.len(), log.len() - steps);
    println!("polls: {poll}, faults: {faults}, messages: {steps}");
    println!("after a quarter: {start:?}");
    println!("at the end:      {end:?}");
    println!("missed: {missed}, repeated: {repeated}");
    assert_eq!((missed, repeated), (0, 0));
    // Eight bubbles are kept alive at most, each by two connections.
    assert!(end.descriptors <= start.descriptors + 18, "descriptors leak");
    assert!(end.log_bytes < 4 << 20, "the log grows");
    assert!(end.memory_kb < start.memory_kb + 8_000, "memory grows");
}
