//! `ccwatch history`, `uptime` and `status --at`, on the built program.

use std::sync::LazyLock;

use serde_json::Value;

use crate::page::{CLAUDE_CODE, COWORK, FakePage, SOON};
use crate::program::{Home, QUICK};

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn ok(home: &Home, args: &[&str]) -> String {
    let output = home.run(args);
    assert_eq!(output.status.code(), Some(0), "{args:?}: {}", text(&output.stderr));
    text(&output.stdout)
}

fn json(home: &Home, args: &[&str]) -> Value {
    let output = home.run(&[args, &["--json"]].concat());
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|e| panic!("{args:?}: {e}: {}", text(&output.stderr)))
}

/// The day of the outage, by the page: one of the month that a history tells of.
static DAY: LazyLock<String> = LazyLock::new(|| {
    let day = ccwatch::platform::clock::now() - jiff::SignedDuration::from_hours(10 * 24);
    day.strftime("%Y-%m-%d").to_string()
});

/// A time of that day.
fn at(time: &str) -> String {
    format!("{}T{time}:00Z", *DAY)
}

/// A daemon saw an outage from beginning to end, and one that nobody watches, which goes on.
fn after_an_outage() -> (FakePage, Home) {
    let page = FakePage::start();
    let home = Home::new(&page);
    let mut daemon = home.daemon();
    page.wait_for_requests(3, SOON);
    page.set(|page| {
        page.set_status(CLAUDE_CODE, "major_outage", &at("10:00"));
        page.set_status(COWORK, "degraded_performance", &at("10:00"));
        page.post("abc", "Elevated\u{1b}[31m errors", "major", &at("10:00"), &[CLAUDE_CODE]);
    });
    daemon.says("Major outage: ");
    page.set(|page| {
        page.set_status(CLAUDE_CODE, "operational", &at("10:20"));
        page.update("abc", "resolved", "Over.", &at("10:20"));
    });
    daemon.says("Back: ");
    page.wait_for_requests(page.requests().len() + 4, SOON);
    assert!(daemon.stop().0.success());
    (page, home)
}

#[test]
fn the_history_says_what_happened_and_whether_the_user_was_told() {
    let (_page, home) = after_an_outage();
    let all = json(&home, &["history"]);
    assert_eq!(all["version"], 1);
    let episodes = all["episodes"].as_array().unwrap();
    assert_eq!(episodes.len(), 2, "{all}");
    let of = |id: &str| episodes.iter().find(|e| e["component"] == id).unwrap();
    let code = of(CLAUDE_CODE);
    assert_eq!((code["worst"].as_str(), code["incident"].as_str()), (Some("major"), Some("abc")));
    assert!(code["told_at"].is_null() && code["until"].is_string(), "{code}");
    assert_eq!(
        (of(COWORK)["reason"].as_str(), &of(COWORK)["until"]),
        (Some("not_watched"), &Value::Null)
    );
    let kinds: Vec<_> = all["notices"].as_array().unwrap().iter().map(|n| &n["kind"]).collect();
    assert_eq!(kinds, ["outage", "back"]);
    assert_eq!(all["incidents"][0]["phase"], "resolved");
    assert!(all["transitions"].as_array().unwrap().len() >= 3);
    let only = json(&home, &["history", "--notices", "--component", "claude code"]);
    assert_eq!(only["notices"].as_array().unwrap().len(), 2);
    assert!(only.get("episodes").is_none());

    // No daemon reads the page any more: what went on is known up to the last reading.
    let cowork = of(COWORK);
    assert_eq!(cowork["at_least_until"], all["known_until"], "{cowork}");
    assert!(all["known_until"].is_string() && code["at_least_until"].is_null(), "{all}");
    let read = all["known_until"].as_str().unwrap();
    let (read, since) = (read, cowork["since"].as_str().unwrap());
    let [read, since] = [read, since].map(|at| at.parse::<jiff::Timestamp>().unwrap());
    assert_eq!(cowork["lasted_seconds"], read.duration_since(since).as_secs());

    let told = ok(&home, &["history"]);
    let why = "Claude Code       major outage          not told: pop-up not possible (";
    assert!(told.contains(why) && !told.contains("over before it could be shown"), "{told}");
    assert!(!told.contains("to now"), "{told}");
    for said in [" at least until ", "whether it goes on is not known.", ", read last "] {
        assert!(told.contains(said), "{said}: {told}");
    }
    assert!(told.contains("not told: you don't watch it"), "{told}");
    for (view, expected) in [
        ("--incidents", "Elevated errors (resolved)"),
        ("--notices", "Major outage: Claude Code (a new outage; pop-up not possible ("),
        ("--notices", "ccwatch tells you when to retry."),
        ("--transitions", "operational -> major          not told: pop-up not possible ("),
    ] {
        let told = ok(&home, &["history", view]);
        assert!(told.contains(expected) && !told.contains('\u{1b}'), "{view}: {told}");
    }
    assert!(ok(&home, &["history", "--since", "now"]).contains("Claude Cowork"), "it goes on");
    for (args, hint) in [
        (&["history", "--component", "Clod"][..], "it has: claude.ai"),
        (&["history", "--since", "soon"], "write it as"),
        (&["history", "--notices", "--incidents"], "cannot be used with"),
    ] {
        let output = home.run(args);
        assert_eq!(output.status.code(), Some(64), "{args:?}");
        assert!(text(&output.stderr).contains(hint), "{}", text(&output.stderr));
    }
}

#[test]
fn uptime_counts_only_what_was_watched() {
    let (_page, home) = after_an_outage();
    let answer = json(&home, &["uptime", "--days", "3", "--all"]);
    let rows = answer["components"].as_array().unwrap();
    let row = rows.iter().find(|row| row["id"] == CLAUDE_CODE).unwrap();
    let days = row["days"].as_array().unwrap();
    assert_eq!((rows.len(), days.len()), (6, 3));
    assert_eq!((&days[0]["worst"], &days[0]["watched_seconds"]), (&Value::Null, &Value::from(0.0)));
    assert_eq!(days[2]["worst"], "major");
    assert!(row["uptime"].as_f64().unwrap() < 1.0, "{row}");
    let told = ok(&home, &["uptime", "--days", "3"]);
    assert!(told.contains("Claude Code  ") && told.contains("  --M\n"), "{told}");
    assert!(!told.contains("Cowork") && told.is_ascii(), "{told}");
    let days = |args: &[&str]| {
        let answer = json(&home, &[&["uptime"], args].concat());
        answer["components"][0]["days"].as_array().unwrap().len()
    };
    assert_eq!(days(&["--since", "48h ago"]), 3);
    assert_eq!(days(&["--since", "72h ago", "--until", "24h ago"]), 3);
    assert_eq!(days(&["--days", "5", "--until", "24h ago"]), 5);
    for odd in [&["--since", "24h ago", "--until", "72h ago"][..], &["--since", "soon"]] {
        assert_eq!(home.run(&[&["uptime"], odd].concat()).status.code(), Some(64), "{odd:?}");
    }
}

/// What is filtered is no trouble at a time that is over either, and work that went on is named.
#[test]
fn the_page_at_a_time_heeds_the_filters_and_names_announced_work() {
    let page = FakePage::start();
    let home = Home::new(&page);
    let now = ccwatch::platform::clock::now;
    page.set(|page| {
        page.set_status(CLAUDE_CODE, "major_outage", "2026-11-01T10:00:00Z");
        let at = now().to_string();
        page.post("abc", "Elevated errors on Claude Opus 4.7", "major", &at, &[CLAUDE_CODE]);
        let until = now() + jiff::SignedDuration::from_hours(1);
        page.announce("move", "in_progress", (now(), until), &[CLAUDE_CODE]);
    });
    home.configure(&page.url(), "", &format!("{QUICK}[watch]\nmodels = [\"sonnet\"]\n"));
    let daemon = home.daemon();
    page.wait_for_requests(4, SOON);
    let at = now().to_string();
    let told = home.run(&["status", "--at", &at]);
    let (code, told) = (told.status.code(), text(&told.stdout));
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("major outage  (Opus 4.7 only; not your model)"), "{told}");
    assert!(told.contains("Maintenance: Planned upgrade (in progress, planned until "), "{told}");
    assert!(told.contains(&format!("{}/incidents/move", page.url())), "{told}");
    let diagnosed = home.run(&["diagnose", "API Error: 500 Internal server error"]);
    let told = text(&diagnosed.stdout);
    assert!(told.contains("Opus 4.7 only; not your model."), "{told}");
    assert!(told.contains("Announced work was going on, which may be why: Planned"), "{told}");
    assert!(!told.contains("tells you when to retry"), "{told}");
    daemon.stop();
}

#[test]
fn nothing_written_down_is_said_so() {
    let page = FakePage::start();
    let home = Home::new(&page);
    for args in [["history"], ["uptime"]] {
        assert!(ok(&home, &args).contains("Nothing was written down yet"));
        assert_eq!(json(&home, &args)["version"], 1);
    }
    assert!(!home.state().exists());
}

#[test]
fn the_page_at_a_time_comes_from_own_readings_then_from_its_history_and_is_never_guessed() {
    let (page, home) = after_an_outage();
    let transitions = json(&home, &["history", "--transitions"]);
    let red = transitions["transitions"].as_array().unwrap().iter();
    let red = red.clone().find(|t| t["to"] == "major").unwrap()["at"].as_str().unwrap();
    let then = json(&home, &["status", "--at", red]);
    assert_eq!((then["source"].as_str(), then["version"].as_u64()), (Some("readings"), Some(1)));
    let code = then["components"].as_array().unwrap().iter().find(|c| c["id"] == CLAUDE_CODE);
    assert_eq!(code.unwrap()["level"], "major", "{then}");
    assert_eq!(home.run(&["status", "-q", "--at", red]).status.code(), Some(2));
    let told = text(&home.run(&["status", "--at", red]).stdout);
    assert!(
        told.contains("Claude Code  major outage") && told.contains("As ccwatch read it then.")
    );

    // Within the time for which a reading counts, but before the first one.
    let then = json(&home, &["status", "--at", "2m ago"]);
    assert_eq!(then["source"], "incidents", "{then}");

    let posted = home.run(&["status", "--at", &at("10:10")]);
    let told = text(&posted.stdout);
    assert!(told.contains("from the page's incident history, read later"), "{told}");
    assert_eq!(posted.status.code(), Some(2), "{told}");
    drop(page);
    let unknown = home.run(&["status", "--at", "2020-01-01"]);
    assert_eq!(unknown.status.code(), Some(3), "{}", text(&unknown.stdout));
    for (time, said) in [("tomorrow", "still to come"), ("soon", "not a time")] {
        let output = home.run(&["status", "--at", time]);
        assert_eq!(output.status.code(), Some(64));
        assert!(text(&output.stderr).contains(said), "{}", text(&output.stderr));
    }
}
