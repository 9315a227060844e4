//! What `ccwatch diagnose` takes for the page at the time of the error, on the built program.

use std::fs;

use ccwatch::platform::clock::now;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::page::{API, Answer, CLAUDE_CODE, DeadPort, FakePage, SOON};
use crate::program::{Daemon, Home};

const INTERNAL: &str = "API Error: 500 Internal server error.";
const TIMED_OUT: &str = "API Error: Request timed out";

fn diagnose(home: &Home, words: &str) -> Value {
    let output = home.run(&["diagnose", "--json", words]);
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&output.stderr)))
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.pointer(key).unwrap().as_str().unwrap()
}

/// A time as a time: as texts, "…38.3Z" stands behind "…38.35Z".
fn time(value: &Value, key: &str) -> Timestamp {
    text(value, key).parse().unwrap()
}

fn ago(hours: i64) -> Timestamp {
    now().saturating_sub(SignedDuration::from_hours(hours)).unwrap()
}

/// A daemon sees the page, and is stopped.
fn after_a_daemon(page: &FakePage, home: &Home) {
    let daemon = home.daemon();
    page.wait_for_requests(page.requests().len() + 4, SOON);
    daemon.kill();
}

#[test]
fn without_a_daemon_the_page_of_now_is_read_now() {
    let page = FakePage::start();
    let home = Home::new(&page);
    after_a_daemon(&page, &home);
    let at = now().to_string();
    page.set(|page| {
        page.set_status(API, "major_outage", &at);
        page.post("abc", "Elevated errors", "major", &at, &[API]);
    });
    // What was written down is a few seconds old, and green.
    let found = diagnose(&home, INTERNAL);
    assert_eq!(text(&found, "/branch"), "live_incident", "{found:#}");
    assert_eq!(text(&found, "/page/source"), "live");

    // The other way round: an incident was open when the daemon stopped.
    after_a_daemon(&page, &home);
    let at = now().to_string();
    page.set(|page| {
        page.set_status(API, "operational", &at);
        page.update("abc", "resolved", "Over.", &at);
    });
    let asked = page.requests().len();
    let found = diagnose(&home, TIMED_OUT);
    assert_eq!(text(&found, "/page/source"), "live", "{found:#}");
    assert!(page.requests().len() > asked, "the page itself was asked");
    let components = found["page"]["components"].as_array().unwrap();
    assert!(components.iter().all(|c| c["level"] == "operational"), "{found:#}");

    // Where it can't be read, what was written down stands, and the network is named.
    page.always(Answer::status(503));
    let found = diagnose(&home, INTERNAL);
    assert_eq!(text(&found, "/page/source"), "readings", "{found:#}");
    assert!(time(&found, "/page/last_read_at") < time(&found, "/page/at"), "{found:#}");
    assert_eq!(text(&found, "/confidence"), "medium", "{found:#}");
}

/// A daemon that holds the lock and reads nothing.
fn stopped(page: &FakePage, home: &Home) -> Daemon {
    let daemon = home.daemon();
    page.wait_for_requests(page.requests().len() + 4, SOON);
    daemon.signal("-STOP");
    daemon
}

#[test]
fn beside_a_daemon_the_page_is_asked_for_what_was_not_read_yet() {
    let page = FakePage::start();
    let home = Home::new(&page);
    let daemon = stopped(&page, &home);
    let stored = || ["ccwatch.db", "ccwatch.db-wal"].map(|file| fs::read(home.state().join(file)));
    let before = stored().map(Result::unwrap);

    // Nobody can read it: what it was before is no more than that.
    page.always(Answer::status(500));
    let found = diagnose(&home, INTERNAL);
    assert_eq!(text(&found, "/branch"), "undecided", "{found:#}");
    assert!(found["why"].to_string().contains("last read as green"), "{found:#}");
    let components = found["page"]["components"].as_array().unwrap();
    assert!(components.iter().all(|c| c["level"] == "unknown"), "{found:#}");
    assert_eq!(home.run(&["status", "-q", "--at", "now"]).status.code(), Some(3));

    page.heal();
    let at = now().to_string();
    page.set(|page| page.set_status(API, "major_outage", &at));
    let asked = page.requests().len();
    let found = diagnose(&home, INTERNAL);
    assert_eq!(text(&found, "/branch"), "live_incident", "{found:#}");
    assert_eq!(text(&found, "/confidence"), "high", "{found:#}");
    let asked = page.requests().split_off(asked);
    assert!(asked.iter().all(|seen| seen.path.ends_with("summary.json")), "{asked:#?}");
    assert_eq!(stored().map(Result::unwrap), before, "nothing was written");
    daemon.kill();
}

/// A line of a log, so many seconds old.
fn logged(seconds: i64) -> String {
    let at = now().saturating_sub(SignedDuration::from_secs(seconds)).unwrap();
    format!("{at} [ERROR] API error (attempt 1/11): 500 Internal")
}

#[test]
fn a_database_that_says_nothing_of_the_time_is_no_reason_not_to_ask() {
    let page = FakePage::start();
    let home = Home::new(&page);
    let daemon = stopped(&page, &home);
    let at = |ago| now().saturating_sub(SignedDuration::from_secs(ago)).unwrap().to_string();
    page.set(|page| {
        page.post("abc", "Elevated errors", "major", &at(400), &[API]);
        page.update("abc", "resolved", "Over.", &at(200));
    });
    let found = diagnose(&home, &logged(300));
    assert_eq!(text(&found, "/branch"), "live_incident", "{found:#}");
    assert_eq!(text(&found, "/page/incidents/0/id"), "abc");
    daemon.kill();
}

#[test]
fn a_component_that_is_red_since_after_the_error_was_not_seen_red_at_its_time() {
    let page = FakePage::start();
    let home = Home::new(&page);
    let at = now().saturating_sub(SignedDuration::from_secs(100)).unwrap().to_string();
    page.set(|page| page.set_status(API, "major_outage", &at));
    for (ago, confidence, said) in [
        (500, "medium", "It showed major outage 7 min later."),
        (50, "high", "showed major outage at the time"),
    ] {
        let found = diagnose(&home, &logged(ago));
        assert_eq!(text(&found, "/branch"), "live_incident", "{found:#}");
        assert_eq!(text(&found, "/confidence"), confidence, "{found:#}");
        assert!(found["why"].to_string().contains(said), "{found:#}");
    }
}

#[test]
fn a_closed_pipe_keeps_the_answer_in_the_exit_code() {
    let page = FakePage::start();
    let home = Home::new(&page);
    let at = now().to_string();
    page.set(|page| page.set_status(API, "major_outage", &at));
    for args in [&["diagnose", INTERNAL][..], &["diagnose", "--json", INTERNAL]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let status = home.command(args).stdout(writer).status().unwrap();
        assert_eq!(status.code(), Some(10), "{args:?}");
    }
}

#[test]
fn the_other_address_is_asked_too_and_one_that_refuses_is_not_the_network() {
    let nobody = DeadPort::new();
    let dead = format!("http://{}", nobody.address());
    let page = FakePage::start();
    let home = Home::new(&page);
    let with = |fallback: &str| {
        let text = format!("[page]\nurl = \"{dead}\"\nfallback = \"{fallback}\"\n");
        fs::write(home.config(), text).unwrap();
    };
    with(&page.url());
    let found = diagnose(&home, TIMED_OUT);
    assert_eq!(text(&found, "/branch"), "undecided", "{found:#}");
    assert_eq!(found["page"]["network"], true);
    let at = now().to_string();
    page.set(|page| page.set_status(CLAUDE_CODE, "major_outage", &at));
    let found = diagnose(&home, INTERNAL);
    assert_eq!(text(&found, "/branch"), "live_incident", "{found:#}");
    let (status, code) = home.status();
    assert_eq!((text(&status, "/verdict"), code), ("wait", 2), "{status:#}");

    // One address, which refuses: that says nothing of the network.
    with("");
    let found = diagnose(&home, TIMED_OUT);
    assert_eq!((text(&found, "/branch"), &found["page"]["network"]), ("undecided", &Value::Null));
    // Neither can be reached.
    with(&dead.replace("127.0.0.1", "localhost"));
    let found = diagnose(&home, TIMED_OUT);
    assert_eq!((text(&found, "/branch"), &found["page"]["network"]), ("network", &false.into()));
}

#[test]
fn an_old_incident_that_is_still_open_makes_no_time_before_the_list_green() {
    let page = FakePage::start();
    let home = Home::new(&page);
    page.set(|page| {
        page.post("old", "Long open", "minor", &ago(40 * 24).to_string(), &[CLAUDE_CODE]);
        page.update("old", "monitoring", "Watching.", &ago(39 * 24).to_string());
        for n in 0..50 {
            let id = format!("h{n}");
            page.post(&id, "Short", "minor", &ago(150 - n).to_string(), &[API]);
            page.update(&id, "resolved", "Over.", &ago(150 - n).to_string());
        }
    });
    let error = format!("{} [ERROR] API error (attempt 1/11): 500 Internal", ago(20 * 24));
    let found = diagnose(&home, &error);
    assert_eq!(text(&found, "/branch"), "undecided", "{found:#}");
    assert!(!found.to_string().contains("was green"), "{found:#}");
    // Control: a time that the list reaches back to.
    let error = format!(
        "{} [ERROR] API error (attempt 1/11): 500 Internal",
        ago(90).round(jiff::Unit::Hour).unwrap()
    );
    let found = diagnose(&home, &error);
    assert_eq!(text(&found, "/page/source"), "incidents", "{found:#}");
}

#[test]
fn a_text_about_the_login_is_about_the_login_whatever_key_is_set() {
    let page = FakePage::start();
    let home = Home::new(&page);
    for (words, code) in [
        ("OAuth token revoked · Please run /login", 11),
        ("Please run /login · API Error: 401 Invalid authentication credentials", 11),
        ("API Error: 401 Invalid authentication credentials", 13),
        ("Invalid API key · Fix external API key", 13),
    ] {
        let mut command = home.command(&["diagnose", "--json", words]);
        let output = command.env("ANTHROPIC_API_KEY", "k").output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{words}");
    }
}

#[test]
fn an_error_without_an_id_has_that_of_its_last_attempt() {
    let page = FakePage::start();
    let home = Home::new(&page);
    let dir = home.path().join(".claude/projects/-work");
    fs::create_dir_all(&dir).unwrap();
    let at = |seconds: i64| now().saturating_sub(SignedDuration::from_secs(seconds)).unwrap();
    let retry = |ago: i64, id: Option<&str>| {
        json!({"type": "system", "subtype": "api_error", "sessionId": "s",
            "timestamp": at(ago).to_string(),
            "error": {"status": 529, "requestId": id, "formatted": "529 Overloaded"}})
    };
    let end = |ago: i64| {
        let content = json!([{"type": "text", "text": "API Error: 529 Overloaded"}]);
        json!({"type": "assistant", "isApiErrorMessage": true, "sessionId": "s",
            "apiErrorStatus": 529, "error": "server_error", "timestamp": at(ago).to_string(),
            "message": {"model": "<synthetic>", "content": content}})
    };
    let answer = |ago: i64| {
        json!({"type": "assistant", "sessionId": "s", "timestamp": at(ago).to_string(),
            "message": {"model": "claude-x", "content": []}})
    };
    for (rows, expected) in [
        (vec![retry(30, Some("req_one")), retry(20, Some("req_two")), end(10)], Some("req_two")),
        (vec![retry(30, Some("req_one")), retry(20, None), end(10)], Some("req_one")),
        (vec![retry(30, Some("req_one")), answer(20), end(10)], None),
        (vec![retry(30, Some("req_one")), end(20), end(10)], None),
        (vec![end(10)], None),
    ] {
        let lines: Vec<String> = rows.iter().map(Value::to_string).collect();
        fs::write(dir.join("s.jsonl"), lines.join("\n") + "\n").unwrap();
        let output = home.run(&["diagnose", "--json", "--session", "s"]);
        let found: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(found["error"]["request_id"].as_str(), expected, "{rows:#?}");
        let from = expected.map(|_| "retry_row");
        assert_eq!(found["error"]["request_id_from"].as_str(), from);
    }
}
