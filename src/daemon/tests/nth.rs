//! A short story, told once for each operation that can fail in it, and each way to fail.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use crate::fault_row::Row;
use ccwatch_core::notice::kind::Kind;
use ccwatch_core::testing::{API, CODE};

use super::witness::Counts;
use super::world::{Fault, Operation, World};

/// Two outages from start to end; every message has its time to be shown.
fn story(world: &mut World) {
    let wait = |world: &mut World| world.pass(Duration::from_secs(6 * 60));
    world.settings.interval = Duration::from_secs(120);
    world.settings.during_outage = Duration::from_secs(120);
    wait(world);
    for id in [CODE, API] {
        world.status(id, "partial_outage");
        world.incident(id, "investigating", id);
        wait(world);
        world.status(id, "major_outage");
        wait(world);
        world.incident(id, "monitoring", id);
        wait(world);
        world.status(id, "operational");
        world.incident(id, "resolved", id);
        wait(world);
    }
}

/// The story with a fault at the `nth` operation of a kind; whether there was such a one.
fn play(operation: Operation, nth: usize, fault: Fault) -> (bool, Vec<Kind>, Counts) {
    let mut world = World::new(None);
    let left = Rc::new(Cell::new(nth));
    let own = Rc::clone(&left);
    world.fate = Box::new(move |now| {
        if now != operation || own.get() == 0 {
            return None;
        }
        own.set(own.get() - 1);
        (own.get() == 0).then_some(fault)
    });
    story(&mut world);
    world.check(true);
    assert_eq!(world.witness.waiting(), 0, "never told to be back");
    let told = world.told.iter().map(|(kind, _)| *kind).collect();
    (left.get() == 0, told, world.witness.counts.clone())
}

#[test]
fn whatever_fails_when_the_story_is_told() {
    let outage = [Kind::Outage, Kind::Worse, Kind::FixOut, Kind::Back];
    let expected = [outage, outage].concat();
    for operation in [Operation::Read, Operation::Write, Operation::Send, Operation::Hook] {
        for fault in [Fault::Error, Fault::KilledBefore, Fault::KilledAfter] {
            let name = format!("{}: {}", what(operation), how(fault));
            let again = "cargo test --lib nth";
            let mut row = Row { fault: &name, again, ..Row::default() };
            let mut nth = 0;
            let (mut repeats, mut hook_repeats) = (0, 0);
            loop {
                nth += 1;
                let (happened, mut told, counts) = play(operation, nth, fault);
                // Decided, not written down, and decided again.
                if fault == Fault::KilledBefore && operation == Operation::Write {
                    told.dedup();
                }
                row.messages += expected.len();
                row.lost += expected.iter().filter(|kind| !told.contains(kind)).count();
                row.invented += told.len().saturating_sub(expected.len());
                row.repeated += counts.repeats + counts.hook_repeats;
                row.allowed += counts.allowed + counts.hook_allowed;
                assert_eq!(told, expected, "{operation:?} {nth} {fault:?}");
                assert!(counts.repeats <= counts.kills, "{operation:?} {nth} {fault:?}");
                repeats += counts.repeats;
                hook_repeats += counts.hook_repeats;
                if !happened {
                    break;
                }
                row.times += 1;
            }
            row.end();
            assert!(nth > 8, "too little happens: {operation:?}");
            // Between the screen's taking it and its being written down.
            let in_delivery = [
                (Operation::Send, Fault::KilledAfter),
                (Operation::Write, Fault::KilledBefore),
                (Operation::Hook, Fault::KilledBefore),
                (Operation::Hook, Fault::KilledAfter),
            ];
            let most = if in_delivery.contains(&(operation, fault)) { expected.len() } else { 0 };
            assert_eq!(repeats, most, "{operation:?} {fault:?}");
            if operation == Operation::Hook {
                let most = if fault == Fault::KilledBefore { 0 } else { expected.len() };
                assert_eq!(hook_repeats, most, "{fault:?}");
            }
        }
    }
}

fn what(operation: Operation) -> &'static str {
    match operation {
        Operation::Read => "the n-th read of the page",
        Operation::Write => "the n-th transaction",
        Operation::Send => "the n-th call of the screen",
        Operation::Hook => "the n-th run of the hook",
    }
}

fn how(fault: Fault) -> &'static str {
    match fault {
        Fault::Error => "fails",
        Fault::KilledBefore => "killed right before",
        Fault::KilledAfter => "killed right after",
    }
}
