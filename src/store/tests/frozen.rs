//! Databases as earlier schemas left them: they must load for ever, and mean the same.
//!
//! A `vN.db` is never made anew once it was released. What it means is in `vN.json`, which changes
//! when the core's types do; look at the difference before keeping it:
//!
//! ```text
//! CCWATCH_FREEZE=json cargo test --lib store::tests::frozen     what each means now
//! CCWATCH_FREEZE=v7.db cargo test --lib store::tests::frozen    a new one, of the newest schema
//! ```

use ccwatch_core::notice::sink::Sink;
use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::store::{Reader, Sessions, Store, StoredNotice, change_mutes};
use ccwatch_core::model::IncidentId;
use ccwatch_core::monitor::Saved;
use ccwatch_core::notice::mute::{End, Mute};
use ccwatch_core::persist::Persist;
use ccwatch_core::sessions::{Awaited, Next, StoppedSession};

use super::play::{at, play_more};
use super::schema::schema;
use super::sessions::stopped;
use super::{database, dir, open, reader};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/store").join(name)
}

fn meaning(saved: &Saved, reader: &Reader) -> Value {
    let notices = reader.notices(Timestamp::MIN).unwrap();
    let incidents = reader.incidents(Timestamp::MIN).unwrap();
    json!({
        "saved": {
            "components": saved.state.components.iter().map(stored).collect::<Value>(),
            "sight": stored(&saved.state.page_health),
            "incidents": stored(&saved.state.incidents),
            "threads": stored(&saved.outboxes[&Sink::Desktop].threads),
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
                let desktop = &n.deliveries[&Sink::Desktop];
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

/// A part of the state as it would be stored now.
fn stored<T: Persist>(value: &T) -> Value {
    json!(T::Stored::from(value))
}

/// What the schemas since version 6 have beside that.
fn whole_meaning(saved: &Saved, reader: &Reader) -> Value {
    let mut whole = meaning(saved, reader);
    let hook = &saved.outboxes[&Sink::Hook];
    let sessions: Vec<String> =
        reader.sessions().unwrap().iter().map(|session| format!("{session:?}")).collect();
    let more = [
        ("local", stored(&saved.state.witness)),
        ("mutes", json!(saved.state.mutes)),
        ("hook_threads", stored(&hook.threads)),
        ("hook_pending", json!(hook.pending)),
        ("decisions", json!(reader.decisions(Timestamp::MIN).unwrap())),
        ("sessions", json!(sessions)),
        ("hook_notices", reader.notices(Timestamp::MIN).unwrap().iter().map(hook_state).collect()),
    ];
    whole.as_object_mut().unwrap().extend(more.map(|(key, value)| (key.to_owned(), value)));
    whole
}

fn hook_state(stored: &StoredNotice) -> Value {
    let hook = stored.deliveries.get(&Sink::Hook);
    json!([stored.notice.key, hook.map(|hook| json!([hook.state, hook.at, hook.unanswered]))])
}

/// What happens to a session.
type Happening = fn(&mut StoppedSession);

/// Sessions that stopped, and what happened to them.
const SESSIONS: [(&str, Happening); 3] = [
    ("waits", |one| one.awaits(Next { awaited: Awaited::Pause, due: Some(at(460)) })),
    ("woken", |one| one.wakes(at(470))),
    ("typed", |one| {
        one.other_worked(at(410));
        one.prompted(true, at(480));
    }),
];

/// A database of the newest schema with something in every table.
fn make(dir: &Path) {
    let incident = Some(IncidentId::from("inc1"));
    let of_incident = Mute { incident, until: None, end: End::Always, since: at(306) };
    let of_all = Mute { incident: None, until: Some(at(3600)), end: End::Never, since: at(307) };
    change_mutes(dir, |_| vec![of_incident, of_all]).unwrap();
    play_more(&mut open(dir));
    let mut table = Sessions::open(dir).unwrap();
    for (id, change) in SESSIONS {
        table
            .change(id, |_| {
                let mut session = stopped(id, 400);
                change(&mut session);
                Some(session)
            })
            .unwrap();
    }
    drop(table);
    // What is in the log goes into the file.
    drop(open(dir));
}

/// What a frozen database says, in a form that can be compared.
type Meaning = fn(&Saved, &Reader) -> Value;

/// The frozen databases, and what is asked of each.
const FROZEN: [(&str, Meaning); 3] = [("v1", meaning), ("v3", meaning), ("v6", whole_meaning)];

#[test]
fn earlier_schemas_load_for_ever() {
    let freeze = std::env::var("CCWATCH_FREEZE").unwrap_or_default();
    if freeze.ends_with(".db") {
        let dir = dir();
        make(dir.path());
        fs::write(fixture(&freeze), fs::read(database(dir.path())).unwrap()).unwrap();
    }
    for (name, meaning) in FROZEN {
        loads(name, meaning, freeze == "json");
    }
}

fn loads(name: &str, meaning: fn(&Saved, &Reader) -> Value, freeze: bool) {
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
    let hooked = !opened.saved.outboxes[&Sink::Hook].pending.is_empty();
    assert_eq!(hooked, name == "v6", "before that no hook was to be told");
    assert_eq!(meaning(&opened.saved, &reader(dir.path())), expected, "{name} after the upgrade");
    assert_eq!(schema(&opened.store.db), schema(&open(super::dir().path()).db));
}
