//! How far each notice came with the user's hook.

use ccwatch_core::notice::sink::Sink;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;

use crate::store::{Event, Store};
use ccwatch_core::deliver::delivery::Outcome;
use ccwatch_core::model::{Host, Reading};
use ccwatch_core::monitor::{Command, Input, Monitor, Record, Saved};
use ccwatch_core::notice::DeliveryState;
use ccwatch_core::settings::Settings;
use ccwatch_core::testing::{API, green, start};

use super::play::Play;
use super::{dir, open, reader};

/// A core with a hook, over a page that went red; the records of that, and the notice's key.
fn told() -> (Monitor, Vec<Record>, String) {
    let settings = Settings { sinks: BTreeSet::from(Sink::ALL), ..Settings::default() };
    let mut monitor = Monitor::new(settings, Saved::default(), start());
    let mut page = green();
    for (seconds, word) in [(0, "operational"), (60, "major_outage")] {
        for row in page.components.iter_mut().filter(|row| row.id.0 == API) {
            row.status = word.into();
        }
        let reading = Reading::Fresh(page.clone());
        let input = Input::Polled { host: Host::Primary, reading, etag: None, jitter: 0.5 };
        monitor.handle(start() + SignedDuration::from_secs(seconds), input);
    }
    let (records, key) = take(&mut monitor);
    (monitor, records, key.expect("the hook is to be run"))
}

fn take(monitor: &mut Monitor) -> (Vec<Record>, Option<String>) {
    let (mut records, mut key) = (Vec::new(), None);
    while let Some(command) = monitor.next_command() {
        match command {
            Command::Record(record) => records.push(record),
            Command::Deliver { sink: Sink::Hook, notice, .. } => key = Some(notice.key),
            _ => {}
        }
    }
    (records, key)
}

fn commit(store: &mut Store, monitor: &Monitor, records: &[Record], seconds: i64) {
    let play = Play::new();
    let now = start() + SignedDuration::from_secs(seconds);
    store.commit(&Event::of(now, monitor, records, play.heartbeat())).unwrap();
}

#[test]
fn a_run_is_pending_until_it_was_done_and_never_again() {
    let dir = dir();
    let mut store = open(dir.path());
    let (mut monitor, first, key) = told();
    commit(&mut store, &monitor, &first, 60);
    let saved = reader(dir.path()).saved().unwrap();
    let pending: Vec<_> =
        saved.outboxes[&Sink::Hook].pending.iter().map(|(n, f)| (n.key.clone(), *f)).collect();
    assert_eq!(pending, [(key.clone(), 0)]);
    assert_eq!(saved.outboxes[&Sink::Desktop].pending.len(), 1, "and the pop-up for itself");

    let failed = || Outcome::Failed("exit code 1".to_owned());
    for (outcome, progress, failures, why) in [
        (failed(), DeliveryState::Pending, 1, Some("exit code 1")),
        (Outcome::RetryLater("no runner".to_owned()), DeliveryState::Pending, 1, Some("no runner")),
        (Outcome::Delivered(None), DeliveryState::Shown, 1, None),
    ] {
        monitor.handle(
            start() + SignedDuration::from_secs(100),
            Input::Delivered { sink: Sink::Hook, key: key.clone(), outcome },
        );
        let (records, _) = take(&mut monitor);
        commit(&mut store, &monitor, &records, 100);
        let stored = reader(dir.path()).notices(Timestamp::MIN).unwrap().remove(0);
        assert_eq!(
            (stored.state(Sink::Hook), stored.deliveries[&Sink::Hook].unanswered),
            (Some(progress), failures)
        );
        assert_eq!(stored.deliveries[&Sink::Hook].why.as_deref(), why);
        assert_eq!(
            stored.state(Sink::Desktop),
            Some(DeliveryState::Pending),
            "the pop-up is another matter"
        );
    }
    commit(&mut store, &monitor, &first, 200);
    let saved = reader(dir.path()).saved().unwrap();
    assert_eq!(
        saved.outboxes[&Sink::Hook].pending,
        [],
        "an event that is committed again changes nothing"
    );
    assert_eq!(saved.outboxes[&Sink::Hook].threads, *monitor.outboxes().of(Sink::Hook).threads());
    assert_eq!(saved.outboxes[&Sink::Hook].threads.len(), 1);
}

#[test]
fn what_waits_for_the_hook_does_not_grow_old() {
    let dir = dir();
    let mut store = open(dir.path());
    let (monitor, records, _) = told();
    commit(&mut store, &monitor, &records, 60);
    store.db.execute_batch("UPDATE deliveries SET state = 'shown' WHERE sink = 'desktop'").unwrap();
    store.tidy(start() + SignedDuration::from_hours(24 * 400)).unwrap();
    assert_eq!(reader(dir.path()).saved().unwrap().outboxes[&Sink::Hook].pending.len(), 1);
}
