//! How long `ccwatch status` takes, as a whole process, against a database with a year of history.
//!
//! `cargo bench --bench status`; the bar's forms are what must be quick.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, ensure};
use ccwatch::platform::clock::now;
use ccwatch::store::{Event, Heartbeat, Lock, Store};
use ccwatch_core::model::{
    Host, Impact, Incident, IncidentId, Level, PageComponent, PageStatus, Phase, Reading, Snapshot,
    Update,
};
use ccwatch_core::monitor::{Input, Monitor, Record, Saved, Transition};
use ccwatch_core::notice::kind::Reason;
use ccwatch_core::settings::Settings;
use jiff::{SignedDuration, Timestamp};

const RUNS: usize = 100;
const DAYS: i64 = 365;
/// More than the page really has (1.2), each with two changes of two components.
const INCIDENTS_A_DAY: i64 = 3;

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
    writeln!(out, "a year of history: {} KiB; {RUNS} runs each", size / 1024)?;
    for args in [
        &["--version"][..],
        &["status", "--format", "line"],
        &["status", "--format", "waybar"],
        &["status", "--format", "claude-code"],
        &["status", "--json"],
    ] {
        let mut times = (0..RUNS).map(|_| time(&state, args)).collect::<Result<Vec<f64>, _>>()?;
        times.sort_by(f64::total_cmp);
        let at = |percent: usize| times.get(RUNS * percent / 100 - 1).copied().unwrap_or_default();
        let (name, median, p95, most) = (args.join(" "), at(50), at(95), at(100));
        writeln!(out, "{name:<28} median {median:.1} ms, 95 % {p95:.1} ms, longest {most:.1} ms")?;
    }
    Ok(())
}

/// Milliseconds from start to end of one process.
fn time(state: &Path, args: &[&str]) -> anyhow::Result<f64> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ccwatch"));
    command.arg("--state-dir").arg(state).args(args).stdin(Stdio::null());
    command.env_remove("XDG_CONFIG_HOME").env_remove("TZ").env("HOME", state);
    let begun = now();
    let output = command.output().context("ccwatch did not start")?;
    let took = now().duration_since(begun).as_secs_f64() * 1000.0;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(took)
}

/// A quiet page now, and a year before it.
fn fill(state: &Path, now: Timestamp) -> anyhow::Result<()> {
    let mut store = Store::open(state, now)?.store;
    let mut monitor = Monitor::new(Settings::default(), Saved::default(), now);
    let past: Vec<Incident> = (0..DAYS * INCIDENTS_A_DAY).map(|n| incident(n, now)).collect();
    // The page lists the newest fifty; the newest come first.
    for (weeks, listed) in past.chunks(50).enumerate().rev() {
        let then = ago(i64::try_from(weeks * 50)?, DAYS * INCIDENTS_A_DAY, now);
        monitor.handle(then, Input::HistoryRead(Ok(listed.to_vec())));
    }
    let reading = Reading::Fresh(snapshot());
    monitor.handle(now, Input::Polled { host: Host::Primary, reading, etag: None, jitter: 0.5 });
    let mut records: Vec<Record> =
        past.into_iter().map(|incident| Record::Incident(Box::new(incident))).collect();
    records.extend((0..DAYS * INCIDENTS_A_DAY * 4).map(|n| Record::Transition(transition(n, now))));
    store.commit(&Event::of(now, &monitor, &records, &Heartbeat::first(now)))?;
    drop(store);
    // A reading a minute for the thirty days that they are kept, without 43,200 commits.
    let db = rusqlite::Connection::open(state.join("ccwatch.db"))?;
    db.execute(
        "WITH RECURSIVE minute(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM minute WHERE n < 43200)
         INSERT INTO readings SELECT ?1 - n * 60000, 'unchanged', '' FROM minute",
        [now.as_millisecond()],
    )?;
    Ok(())
}

fn snapshot() -> Snapshot {
    let names = ["claude.ai", "Claude Console", "Claude API", "Claude Code", "Claude Cowork"];
    let component = |name: &&str| PageComponent {
        id: (*name).into(),
        name: (*name).to_owned(),
        status: PageStatus::Operational,
        group: None,
        updated_at: None,
    };
    Snapshot {
        updated_at: None,
        components: names.iter().map(component).collect(),
        complete: true,
        incidents: Some(Vec::new()),
        incidents_complete: true,
        maintenances: Some(Vec::new()),
        maintenances_complete: true,
        oddities: Vec::new(),
    }
}

/// Hours ago, spread over the year.
fn ago(part: i64, parts: i64, now: Timestamp) -> Timestamp {
    now - SignedDuration::from_mins(24 * 60 * DAYS * (part + 1) / parts)
}

fn incident(n: i64, now: Timestamp) -> Incident {
    let began = ago(n, DAYS * INCIDENTS_A_DAY, now);
    let update = |(at, phase): (i64, Phase)| Update {
        id: format!("{n}-{at}"),
        phase,
        body: "We are continuing to investigate elevated errors on requests. ".repeat(4),
        created_at: Some(began + SignedDuration::from_mins(at)),
        changes: Vec::new(),
    };
    let phases = [(60, Phase::Resolved), (45, Phase::Monitoring), (20, Phase::Identified)];
    Incident {
        id: IncidentId(format!("incident{n:04}")),
        name: "Elevated errors on Claude Opus 4.6 and Sonnet 4.6".to_owned(),
        phase: Phase::Resolved,
        impact: Impact::Minor,
        created_at: Some(began),
        started_at: Some(began),
        updated_at: Some(began + SignedDuration::from_mins(60)),
        resolved_at: Some(began + SignedDuration::from_mins(60)),
        components: BTreeSet::from(["Claude Code".into(), "Claude API".into()]),
        meant: BTreeSet::from(["Claude Code".into(), "Claude API".into()]),
        updates: phases.into_iter().chain([(0, Phase::Investigating)]).map(update).collect(),
    }
}

fn transition(n: i64, now: Timestamp) -> Transition {
    let at = ago(n, DAYS * INCIDENTS_A_DAY * 4, now);
    let (from, to) = match n % 2 {
        0 => (Level::Operational, Level::Partial),
        _ => (Level::Partial, Level::Operational),
    };
    Transition {
        at,
        seen_at: at,
        component: "Claude Code".into(),
        name: "Claude Code".to_owned(),
        from,
        to,
        incident: Some(IncidentId(format!("incident{:04}", n / 4))),
        episode: None,
        reason: Reason::NewOutage,
    }
}
