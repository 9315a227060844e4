//! Databases as earlier schemas left them: they must load for ever, and mean the same.
//!
//! A `vN.db` is never made anew once it was released. What it means is in `vN.json`, which changes
//! when the core's types do; look at the difference before keeping it:
//!
//! ```text
//! CCWATCH_FREEZE=json cargo test --lib store::tests::frozen     what each means now
//! CCWATCH_FREEZE=v4.db cargo test --lib store::tests::frozen    a new one, of the newest schema
//! ```

use ccwatch_core::deliver::sink::Sink;
use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::store::{Reader, Store};
use ccwatch_core::monitor::Saved;

use super::play::{at, play_all};
use super::schema::schema;
use super::{database, dir, open, reader};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/store").join(name)
}

fn meaning(saved: &Saved, reader: &Reader) -> Value {
    let notices = reader.notices(Timestamp::MIN).unwrap();
    let incidents = reader.incidents(Timestamp::MIN).unwrap();
    json!({
        "saved": {
            "components": saved.state.components,
            "sight": saved.state.page_health,
            "incidents": saved.state.incidents,
            "threads": saved.outboxes[&Sink::Desktop].threads,
            "pending": saved.outboxes[&Sink::Desktop].pending,
        },
        "transitions": reader.transitions(Timestamp::MIN, None).unwrap(),
        "incidents": incidents
            .iter()
            .map(|i| json!([i.incident, i.removed_at, i.first_seen]))
            .collect::<Value>(),
        "notices": notices
            .iter()
            .map(|n| {
                let desktop = n.deliveries[&Sink::Desktop];
                json!([n.notice, desktop.state, desktop.at, desktop.unanswered])
            })
            .collect::<Value>(),
        "readings": reader
            .readings(Timestamp::MIN, Timestamp::MAX)
            .unwrap()
            .iter()
            .map(|r| json!([r.at, r.outcome, r.detail]))
            .collect::<Value>(),
        "heartbeat": format!("{:?}", reader.heartbeat().unwrap()),
    })
}

#[test]
fn earlier_schemas_load_for_ever() {
    let freeze = std::env::var("CCWATCH_FREEZE").unwrap_or_default();
    if freeze.ends_with(".db") {
        let dir = dir();
        play_all(&mut open(dir.path()));
        fs::write(fixture(&freeze), fs::read(database(dir.path())).unwrap()).unwrap();
    }
    for name in ["v1", "v3"] {
        loads(name, freeze == "json");
    }
}

fn loads(name: &str, freeze: bool) {
    let dir = dir();
    fs::copy(fixture(&format!("{name}.db")), database(dir.path())).unwrap();
    let read = reader(dir.path());
    let meant = meaning(&read.saved().unwrap(), &read);
    let means = fixture(&format!("{name}.json"));
    if freeze {
        fs::write(&means, serde_json::to_string_pretty(&meant).unwrap() + "\n").unwrap();
    }
    let expected: Value = serde_json::from_slice(&fs::read(means).unwrap()).unwrap();
    assert_eq!(meant, expected, "{name} as a reader sees it");

    let opened = Store::open(dir.path(), at(0)).unwrap();
    assert_eq!(opened.rebuilt, None);
    assert_eq!(opened.saved.outboxes[&Sink::Hook].pending, [], "no hook was to be told");
    assert_eq!(meaning(&opened.saved, &reader(dir.path())), expected, "{name} after the upgrade");
    assert_eq!(schema(&opened.store.db), schema(&open(super::dir().path()).db));
}
