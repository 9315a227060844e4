//! `ccwatch status` and the small commands, on the built program.

use serde_json::json;

use crate::page::{API, Answer, CLAUDE_CODE, FakePage, SOON};
use crate::program::{Home, QUICK};

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn without_a_daemon_it_reads_the_page_itself_and_says_so() {
    let page = FakePage::start();
    let home = Home::new(&page);
    for (status, phase, verdict, code) in [
        ("operational", None, "clear", 0),
        ("degraded_performance", None, "wait", 1),
        ("under_maintenance", None, "wait", 1),
        ("partial_outage", None, "wait", 2),
        ("major_outage", None, "wait", 2),
        ("a_word_of_tomorrow", None, "unknown", 3),
        ("operational", Some("investigating"), "wait", 1),
        ("operational", Some("monitoring"), "clear", 0),
        ("major_outage", Some("monitoring"), "retry", 0),
    ] {
        let now = ccwatch::platform::clock::now().to_string();
        page.set(|page| {
            page.incidents.clear();
            page.set_status(CLAUDE_CODE, status, "2026-11-01T10:00:00Z");
            if let Some(phase) = phase {
                page.post("abc", "Elevated errors", "major", &now, &[CLAUDE_CODE]);
                page.update("abc", phase, "News.", &now);
            }
        });
        let (answer, exit) = home.status();
        assert_eq!((answer["verdict"].as_str(), exit), (Some(verdict), code), "{status} {phase:?}");
        assert_eq!(answer["reading"]["source"], "live");
        assert_eq!(answer["daemon"]["running"], false);
        assert_eq!(answer["version"], 1);
    }
    assert!(!home.state().exists(), "a look leaves nothing behind");
}

/// A cache may serve its copy while the page fails, and says how old that is.
#[test]
fn a_copy_that_is_older_than_stale_after_is_not_fine() {
    let page = FakePage::start();
    let home = Home::new(&page);
    let body = page_body(&page);
    let aged = |age| {
        page.always(Answer::new(200, &[("Content-Type", "application/json"), ("Age", age)], &body));
        home.status()
    };
    assert_eq!(aged("599").1, 0);
    let (answer, exit) = aged("1800");
    assert_eq!((answer["verdict"].as_str(), exit), (Some("unknown"), 3), "{answer}");
    assert_eq!(answer["reading"]["error_kind"], "stale", "{answer}");
    // How old is too old is the user's choice, for the daemon as well.
    home.configure(&page.url(), "stale_after = \"1h\"", QUICK);
    assert_eq!(aged("1800").1, 0);
    let mut daemon = home.daemon();
    daemon.says("the page says now: CLEAR");
    aged("7200");
    daemon.says("an outdated copy of the page was served (a cache's copy, 2 h old)");
}

/// The page's summary, as it is now.
fn page_body(page: &FakePage) -> Vec<u8> {
    let mut body = Vec::new();
    page.set(|model| body = model.summary().to_string().into_bytes());
    body
}

#[test]
fn with_a_daemon_it_only_reads_the_database() {
    let page = FakePage::start();
    let home = Home::new(&page);
    let mut daemon = home.daemon();
    page.set(|page| {
        page.set_status(API, "partial_outage", "2026-11-01T10:00:00Z");
        page.post("abc", "Elevated errors", "major", "2026-11-01T10:00:00Z", &[API]);
    });
    daemon.says("Partial outage: ");
    page.wait_for_requests(page.requests().len() + 2, SOON);
    daemon.signal("-STOP");
    let (answer, exit) = home.status();
    daemon.signal("-CONT");
    assert_eq!(exit, 2);
    assert_eq!(answer["reading"]["source"], "daemon");
    assert_eq!(answer["daemon"]["running"], true);
    assert_eq!(answer["daemon"]["pid"], daemon.pid());
    let row = answer["components"].as_array().unwrap().iter().find(|c| c["id"] == API).unwrap();
    assert_eq!(row["level"], "partial");
    assert_eq!(row["page_status"], "partial_outage");
    assert_eq!((&row["watched"], &row["incident"]), (&json!(true), &json!("abc")));
    let incident = &answer["incidents"][0];
    assert_eq!(incident["phase"], "investigating");
    assert_eq!(incident["url"], format!("{}/incidents/abc", page.url()));
    assert_eq!(incident["components"], json!([API]));
}

#[test]
fn old_news_is_never_shown_as_current() {
    let page = FakePage::start();
    let home = Home::new(&page);
    home.configure(&page.url(), "stale_after = \"1ms\"", "[poll]\ninterval = \"40ms\"");
    let daemon = home.daemon();
    page.wait_for_requests(3, SOON);
    daemon.kill();
    page.always(Answer::status(500));
    let output = home.run(&["status"]);
    let told = text(&output.stdout);
    assert_eq!(output.status.code(), Some(3), "{told}");
    assert!(told.starts_with("UNKNOWN"), "{told}");
    assert!(told.contains("The page's own server fails"), "{told}");
    assert!(told.contains("As of ") && told.contains(" s ago"), "{told}");
    assert!(told.contains("No daemon is running"), "{told}");
}

#[test]
fn it_speaks_plainly_and_only_to_a_terminal_in_colours() {
    let page = FakePage::start();
    let home = Home::new(&page);
    page.set(|page| {
        page.set_status(CLAUDE_CODE, "partial_outage", "2026-11-01T10:00:00Z");
        page.post(
            "abc",
            "Elevated \u{1b}[31merrors",
            "major",
            "2026-11-01T10:00:00Z",
            &[CLAUDE_CODE],
        );
    });
    let told = text(&home.run(&["status"]).stdout);
    let lines: Vec<&str> = told.lines().collect();
    assert!(lines[0].starts_with("WAIT  Leave your settings alone and wait."), "{told}");
    assert!(told.contains("  Claude Code  partial outage"), "{told}");
    assert!(told.contains("Incident: Elevated errors (investigating, 1 Nov 10:00)"), "{told}");
    assert!(!told.contains('\u{1b}'), "{told}");
    assert!(!told.contains("Claude Cowork"), "{told}");
    let all = text(&home.run(&["status", "--all"]).stdout);
    assert!(all.contains("Claude Cowork"), "{all}");
    let quiet = home.run(&["status", "-q"]);
    assert_eq!((quiet.stdout.len(), quiet.stderr.len(), quiet.status.code()), (0, 0, Some(2)));
}

#[test]
fn wrong_usage_wrong_configuration_and_unreadable_recordings_have_their_codes_and_hints() {
    let page = FakePage::start();
    let home = Home::new(&page);
    std::fs::write(
        home.path().join("bad.jsonl"),
        "{\"at\":\"2026-01-01T00:00:00Z\",\"status\":304}\n\n{\"at\":1}\n",
    )
    .unwrap();
    let bad = home.path().join("bad.jsonl");
    for (args, code, hint) in [
        (vec!["stat"], 64, "status"),
        (vec![], 64, "Usage"),
        (vec!["replay", "/does/not/exist"], 64, "hint: make a recording"),
        (vec!["replay", bad.to_str().unwrap()], 64, "bad.jsonl:3: "),
    ] {
        let output = home.run(&args);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{args:?}: {said}");
        assert!(said.contains(hint), "{args:?}: {said}");
    }
    std::fs::write(home.config(), "[poll]\nintervall = \"1s\"\n").unwrap();
    for args in [&["run"][..], &["status"], &["config", "show"]] {
        let output = home.run(args);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(78), "{args:?}: {said}");
        assert!(said.contains("interval") && said.contains("hint: "), "{args:?}: {said}");
    }
    assert_eq!(home.run(&["config", "check"]).status.code(), Some(78));
    assert_eq!(home.run(&["--help"]).status.code(), Some(0));
}

#[test]
fn the_example_is_accepted_and_what_is_in_force_can_be_read_back() {
    let page = FakePage::start();
    let home = Home::new(&page);
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/config.example.toml");
    let output = home.run(&["config", "check", example]);
    assert!(output.status.success(), "{}", text(&output.stdout));
    let shown = text(&home.run(&["config", "show"]).stdout);
    std::fs::write(home.config(), &shown).unwrap();
    assert_eq!(text(&home.run(&["config", "show"]).stdout), shown);
    let path = text(&home.run(&["config", "path"]).stdout);
    assert_eq!(path.trim(), home.config().to_str().unwrap());
}

#[test]
fn a_closed_pipe_is_success() {
    let page = FakePage::start();
    let home = Home::new(&page);
    let mut status = home
        .command(&["status", "--json"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(status.stdout.take());
    let output = status.wait_with_output().unwrap();
    assert_eq!(text(&output.stderr), "");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn it_says_how_long_similar_incidents_took() {
    let page = FakePage::start();
    let home = Home::new(&page);
    let now = ccwatch::platform::clock::now();
    page.set(|page| {
        for n in 1..=30_i64 {
            let began = now - jiff::SignedDuration::from_hours(24 * (40 - n));
            let over = began + jiff::SignedDuration::from_mins(10 * n);
            let id = format!("past{n}");
            page.post(&id, "Elevated errors", "minor", &began.to_string(), &[API]);
            page.update(&id, "resolved", "Over.", &over.to_string());
        }
    });
    let mut daemon = home.daemon();
    page.wait_for_requests(6, SOON);
    assert_eq!(home.status().0["expectation"], json!(null), "nothing is waited for");
    page.set(|page| page.set_status(API, "degraded_performance", "2026-11-01T10:00:00Z"));
    // They took longer each time, so that more is said than a plain half of them would.
    let expected = "Going by 30 similar incidents: half had a fix within 3 h 50 min from here, \
                    80 % within 5 h.";
    daemon.says(expected);
    page.wait_for_requests(page.requests().len() + 2, SOON);
    let told = text(&home.run(&["status"]).stdout);
    assert!(told.contains(expected), "{told}");
    let (answer, _) = home.status();
    let answer = &answer["expectation"];
    assert_eq!(answer["similar"], 30);
    let seconds = answer["most_within_seconds"].as_u64().unwrap();
    assert!((17_900..=18_000).contains(&seconds), "{answer}");
    daemon.kill();
}
