//! Line 49: a history of many years.

use ccwatch::platform::clock::now;

use super::*;

const INCIDENTS: i64 = 20_000;
const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// When the n-th incident from the newest began: they are two hours apart, and last for one.
fn began(n: i64, now: Timestamp) -> Timestamp {
    now - SignedDuration::from_hours(2 * n)
}

/// Incidents of the API with their updates and changes of level, a watch over all of them, and one
/// reading, at `read_at`.
fn fill(home: &Home, now: Timestamp, read_at: Timestamp) {
    let db = rusqlite::Connection::open(database(home)).unwrap();
    let numbers = format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {INCIDENTS}),
         past(id, at) AS (SELECT printf('old%05d', i), {} - i * 7200000 FROM n)",
        now.as_millisecond()
    );
    let body = "We continue to investigate elevated error rates. ".repeat(12);
    for sql in [
        format!(
            "INSERT INTO incidents (id, name, phase, impact, created_at, started_at, updated_at,
                 resolved_at, first_seen, components)
             {numbers} SELECT id, 'Elevated errors', 'resolved', 'minor', at, at, at + 3600000,
                 at + 3600000, at, '[\"{API}\"]' FROM past"
        ),
        format!(
            "INSERT INTO incident_updates
                 (incident, key, id, position, phase, body, created_at, changes)
             {numbers} SELECT past.id, u.value, u.value, u.value,
                 CASE u.value WHEN 3 THEN 'resolved' ELSE 'investigating' END, '{body}',
                 at + u.value * 1200000, '[]'
             FROM past, json_each('[0, 1, 2, 3]') u"
        ),
        format!(
            "INSERT INTO transitions
                 (at, seen_at, component, name, from_level, to_level, incident, reason)
             {numbers} SELECT at, at, '{API}', 'Claude API', 'operational', 'partial', id,
                 'new_outage' FROM past
             UNION ALL SELECT at + 3600000, at + 3600000, '{API}', 'Claude API', 'partial',
                 'operational', id, 'recovered' FROM past"
        ),
    ] {
        db.execute(&sql, []).unwrap();
    }
    let oldest = (began(INCIDENTS, now) - HOUR).as_millisecond();
    db.execute("INSERT INTO watches VALUES (?1, ?2)", [oldest, now.as_millisecond()]).unwrap();
    let reading = "INSERT INTO readings VALUES (?1, 'fresh', '')";
    db.execute(reading, [read_at.as_millisecond()]).unwrap();
}

#[test]
fn fault_49_a_history_of_many_years() {
    let mut fault = Fault::new(49, "20,000 incidents: the page at eight times, and what was since");
    let scene = Scene::new();
    let daemon = scene.home.daemon();
    scene.polls();
    daemon.stop();
    let (now, minutes) = (now(), SignedDuration::from_mins);
    let read_at = began(INCIDENTS / 4, now) + minutes(10);
    fill(&scene.home, now, read_at);
    let size = fs::metadata(database(&scene.home)).unwrap().len();
    assert!(size > 32 << 20, "as big as those whose history isn't looked through: {size}");

    let json = |args: &[&str]| -> Value {
        let output = scene.home.run(args);
        serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|e| panic!("{args:?}: {e}: {}", text(&output.stderr)))
    };
    let mut ask = |at: Timestamp, source: &str, level: &str, open: &[String]| {
        let then = json(&["status", "--json", "--at", &at.to_string()]);
        assert_eq!(then["source"], source, "{then}");
        fault.claims(&then, &[(API, level)]);
        let rows = then["incidents"].as_array().unwrap();
        let ids: Vec<&str> = rows.iter().map(|row| row["id"].as_str().unwrap()).collect();
        fault.heard(&open.iter().map(String::as_str).collect::<Vec<_>>(), &ids);
        fault.injected(1);
    };
    for n in [1, INCIDENTS / 2, INCIDENTS] {
        let id = format!("old{n:05}");
        ask(began(n, now) + minutes(10), "incidents", "reported", &[id]);
        ask(began(n, now) + minutes(70), "incidents", "operational", &[]);
    }
    ask(read_at, "readings", "partial", &[format!("old{:05}", INCIDENTS / 4)]);
    ask(began(INCIDENTS, now) - HOUR - HOUR, "none", "unknown", &[]);

    let since = (began(3, now) + minutes(30)).to_string();
    let past = json(&["history", "--json", "--since", &since]);
    let ids: Vec<&str> =
        past["incidents"].as_array().unwrap().iter().map(|i| i["id"].as_str().unwrap()).collect();
    fault.heard(&["old00003", "old00002", "old00001"], &ids);
    let updates = past["incidents"][0]["updates"].as_array().unwrap();
    assert_eq!(updates.len(), 4, "{}", past["incidents"][0]);
    let changes = past["transitions"].as_array().unwrap().iter();
    let old = changes.filter(|change| change["incident"].is_string()).count();
    assert_eq!(old, 5, "{}", past["transitions"]);
    fault.injected(1);
    let found = scene.home.run(&["doctor"]);
    assert!(text(&found.stdout).contains("sound, newest reading"), "{}", text(&found.stdout));
    fault.end();
}
