//! How long the questions about the past take, as whole processes, over 100,000 incidents.
//!
//! `cargo bench --bench history`. That many are 27 years of ten a day: a page that never had a
//! quiet week, and a daemon that never forgot.

use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, ensure};
use ccwatch::platform::clock::now;
use ccwatch::store::{Event, Heartbeat, Lock, Store};
use ccwatch_core::model::{Host, PageComponent, PageStatus, Reading, Snapshot};
use ccwatch_core::monitor::{Input, Monitor, Saved};
use ccwatch_core::settings::Settings;
use jiff::{SignedDuration, Timestamp};

const RUNS: usize = 20;
const INCIDENTS: i64 = 100_000;
const APART: SignedDuration = SignedDuration::from_mins(144);

/// Made by the database itself: 100,000 incidents with four updates and four changes of level each,
/// one watch over all of them, and a reading a minute for the thirty days that those are kept.
/// `?1` is now, `?2` how far incidents are apart, in milliseconds.
const FILL: [&str; 5] = [
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
     INSERT INTO incidents (id, name, phase, impact, created_at, started_at, updated_at,
         resolved_at, first_seen, components)
     SELECT printf('incident%06d', i), 'Elevated errors on Claude Opus and Sonnet', 'resolved',
         'minor', ?1 - i * ?2, ?1 - i * ?2, ?1 - i * ?2 + 3600000, ?1 - i * ?2 + 3600000,
         ?1 - i * ?2, '[\"Claude API\",\"Claude Code\"]' FROM n",
    "INSERT INTO incident_updates (incident, key, id, position, phase, body, created_at, changes)
     SELECT i.id, i.id || p.value, i.id || p.value, p.value,
         CASE p.value WHEN 3 THEN 'resolved' ELSE 'investigating' END,
         replace(printf('%4d', p.value), ' ', 'We continue to investigate elevated error rates. '),
         i.created_at + p.value * 1200000, '[]'
     FROM incidents i, json_each('[0, 1, 2, 3]') p WHERE ?1 > ?2",
    "INSERT INTO transitions
         (at, seen_at, component, name, from_level, to_level, incident, episode, reason)
     SELECT created_at + p.value * 1800000, created_at + p.value * 1800000, c.value, c.value,
         CASE p.value WHEN 0 THEN 'operational' ELSE 'partial' END,
         CASE p.value WHEN 0 THEN 'partial' ELSE 'operational' END,
         i.id, c.value || i.id, CASE p.value WHEN 0 THEN 'new_outage' ELSE 'recovered' END
     FROM incidents i, json_each('[0, 1]') p,
         json_each('[\"Claude API\", \"Claude Code\"]') c WHERE ?1 > ?2 ORDER BY 1",
    "INSERT INTO watches (since, until) VALUES (?1 - 100000 * ?2 - 60000, ?1)
     ON CONFLICT (since) DO NOTHING",
    // Two minutes ahead: no question asks the page itself meanwhile.
    "WITH RECURSIVE n(i) AS (SELECT -2 UNION ALL SELECT i + 1 FROM n WHERE i < 43200 AND ?2 > 0)
     INSERT OR IGNORE INTO readings SELECT ?1 - i * 60000, 'unchanged', '' FROM n",
];

fn main() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let state = dir.path().join("state");
    std::fs::create_dir(&state)?;
    let begun = now();
    // Held as a running daemon holds it.
    let _lock = Lock::acquire(&state, begun)?;
    fill(&state, begun)?;
    let size = std::fs::metadata(state.join("ccwatch.db"))?.len();
    let mut out = io::stdout().lock();
    writeln!(out, "{INCIDENTS} incidents: {} MiB; {RUNS} runs each", size >> 20)?;
    let at = |number: i64| (begun - APART * i32::try_from(number).unwrap_or(1)).to_string();
    let (newest, middle, oldest) = (at(1), at(INCIDENTS / 2), at(INCIDENTS));
    for (name, args) in [
        ("status --at, the newest", &["status", "--at", &newest][..]),
        ("status --at, in the middle", &["status", "--at", &middle]),
        ("status --at, the oldest", &["status", "--at", &oldest]),
        ("diagnose", &["diagnose", "API Error: 529 Overloaded."]),
        ("history", &["history"]),
        ("history --json", &["history", "--json"]),
        ("status", &["status"]),
    ] {
        let mut times = (0..RUNS).map(|_| time(&state, args)).collect::<Result<Vec<f64>, _>>()?;
        times.sort_by(f64::total_cmp);
        let of = |percent: usize| times.get(RUNS * percent / 100 - 1).copied().unwrap_or_default();
        let (median, longest) = (of(50), of(100));
        writeln!(out, "{name:<28} median {median:.0} ms, longest {longest:.0} ms")?;
    }
    Ok(())
}

/// Milliseconds from start to end of one process, whose answer must name what was down.
fn time(state: &Path, args: &[&str]) -> anyhow::Result<f64> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ccwatch"));
    command.arg("--state-dir").arg(state).args(args).stdin(Stdio::null());
    command.env_remove("XDG_CONFIG_HOME").env_remove("TZ").env("HOME", state);
    let begun = now();
    let output = command.output().context("ccwatch did not start")?;
    let took = now().duration_since(begun).as_secs_f64() * 1000.0;
    let (said, wrong) = (&output.stdout, String::from_utf8_lossy(&output.stderr));
    ensure!(output.status.code().is_some_and(|code| code < 64), "{args:?}: {wrong}");
    ensure!(!said.is_empty(), "{args:?} said nothing");
    Ok(took)
}

/// A quiet page now, and the years before it.
fn fill(state: &Path, now: Timestamp) -> anyhow::Result<()> {
    let mut store = Store::open(state, now)?.store;
    let mut monitor = Monitor::new(Settings::default(), Saved::default(), now);
    monitor.handle(now, Input::HistoryRead(Ok(Vec::new())));
    let reading = Reading::Fresh(snapshot());
    monitor.handle(now, Input::Polled { host: Host::Primary, reading, etag: None, jitter: 0.5 });
    store.commit(&Event::of(now, &monitor, &[], &Heartbeat::first(now)))?;
    drop(store);
    let db = rusqlite::Connection::open(state.join("ccwatch.db"))?;
    for sql in FILL {
        db.execute(sql, [now.as_millisecond(), i64::try_from(APART.as_millis())?])?;
    }
    Ok(())
}

fn snapshot() -> Snapshot {
    let component = |name: &&str| PageComponent {
        id: (*name).into(),
        name: (*name).to_owned(),
        status: PageStatus::Operational,
        group: None,
        updated_at: None,
    };
    Snapshot {
        updated_at: None,
        components: ["Claude API", "Claude Code"].iter().map(component).collect(),
        complete: true,
        incidents: Some(Vec::new()),
        incidents_complete: true,
        maintenances: Some(Vec::new()),
        maintenances_complete: true,
        oddities: Vec::new(),
    }
}
