//! The shapes of `docs/json.md` that need no error of Claude Code: every other command with
//! `--json`. Each key that is documented is printed, and each that is printed is documented.

use std::collections::BTreeSet;
use std::fs;

use ccwatch::platform::clock::now;
use jiff::SignedDuration;
use serde_json::Value;

use crate::page::{API, FakePage, SOON};
use crate::program::Home;

const DOCS: &str = include_str!("../../docs/json.md");

/// The example of a command.
pub(crate) fn example(command: &str) -> Value {
    let begin = format!("```json {command}\n");
    let (_, rest) = DOCS.split_once(&begin).unwrap_or_else(|| panic!("no example of {command}"));
    serde_json::from_str(rest.split_once("```").unwrap().0).unwrap()
}

/// Every key, whatever it holds.
pub(crate) fn keys(value: &Value, path: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Array(all) => all.iter().for_each(|one| keys(one, &format!("{path}[]"), found)),
        Value::Object(all) => {
            for (key, one) in all {
                let path = format!("{path}.{key}");
                keys(one, &path, found);
                found.insert(path);
            }
        }
        _ => {}
    }
}

fn of(value: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    keys(value, "", &mut found);
    found
}

#[test]
fn every_shape_is_the_documented_one() {
    let page = FakePage::start();
    let home = Home::new(&page);
    let posted = now().saturating_sub(SignedDuration::from_mins(5)).unwrap().to_string();
    page.set(|page| {
        page.set_status(API, "partial_outage", &posted);
        page.post("tmyn1ydxm0n6", "Elevated errors on Claude models", "major", &posted, &[API]);
        let until = now() + SignedDuration::from_hours(2);
        page.announce("m2yn1ydxm0n7", "in_progress", (now(), until), &[API]);
        for work in page.maintenances.iter_mut().map(|planned| &mut planned.work) {
            work.created_at.clone_from(&posted);
            work.started_at.clone_from(&posted);
            work.updates.iter_mut().for_each(|update| update.at.clone_from(&posted));
        }
    });
    let recording = home.path().join("recording.jsonl");
    let mut daemon = home.daemon_with(&["--record", recording.to_str().unwrap()]);
    page.wait_for_requests(4, SOON);
    daemon.says("Partial outage");
    assert!(daemon.stop().0.success());
    fs::write(home.path().join("wrong.toml"), "interval = 5\n").unwrap();
    // A hook for notify-test.
    home.configure(
        &page.url(),
        "",
        "[notify]\nhook = [\"/bin/true\"]\n[watch]\ncomponents = [\"Claude API\"]\n",
    );
    for (example_of, args, code) in [
        ("status --at", &["status", "--at", "1 min ago", "--json"][..], None),
        ("uptime", &["uptime", "--days", "1", "--json"], Some(0)),
        ("wait", &["wait", "--timeout", "0s", "--json"], Some(124)),
        ("mute", &["mute", "1h", "--json"], Some(0)),
        ("replay", &["replay", "--json", "recording.jsonl"], Some(0)),
        ("doctor", &["doctor", "--json"], Some(1)),
        ("plugin status", &["plugin", "status", "--json"], Some(1)),
        ("notify-test", &["notify-test", "--json"], Some(1)),
        ("config path", &["config", "path", "--json"], Some(0)),
        ("config check", &["config", "check", "wrong.toml", "--json"], Some(78)),
        ("config check --live", &["config", "check", "--live", "--json"], Some(0)),
    ] {
        let output = home.command(args).current_dir(home.path()).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(code.is_none_or(|code| output.status.code() == Some(code)), "{args:?}: {said}");
        // Of a recording, a line is an answer.
        let text = if example_of == "replay" { text.lines().next().unwrap() } else { &text };
        let printed: Value = serde_json::from_str(text).unwrap_or_else(|e| panic!("{args:?}: {e}"));
        assert_eq!(of(&printed), of(&example(example_of)), "{args:?}: {printed:#}");
        assert_eq!(printed["version"], example(example_of)["version"], "{args:?}");
    }
}

#[test]
fn the_settings_in_force_are_those_of_the_file() {
    let page = FakePage::start();
    let home = Home::new(&page);
    let output = home.run(&["config", "show", "--json"]);
    let shown: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(shown["version"], 1);
    assert_eq!(shown["file"], home.config().to_str().unwrap());
    assert_eq!(shown["settings"]["page"]["url"], page.url());
    let toml = String::from_utf8(home.run(&["config", "show"]).stdout).unwrap();
    let toml: toml::Table = toml.parse().unwrap();
    assert_eq!(shown["settings"], serde_json::to_value(toml).unwrap());
    let check = home.run(&["config", "check", "--json"]);
    let check: Value = serde_json::from_slice(&check.stdout).unwrap();
    assert_eq!((&check["right"], &check["problems"]), (&true.into(), &Value::Array(Vec::new())));
}

#[test]
fn history_up_to_a_time_and_only_the_newest() {
    let page = FakePage::start();
    let home = Home::new(&page);
    let mut daemon = home.daemon();
    page.wait_for_requests(4, SOON);
    for (status, said) in [("partial_outage", "Partial outage"), ("major_outage", "Major outage")] {
        page.set(|page| page.set_status(API, status, "2026-11-01T10:00:00Z"));
        daemon.says(said);
    }
    assert!(daemon.stop().0.success());
    let list = |args: &[&str]| -> Vec<Value> {
        let output = home.run(&[&["history", "--notices", "--json"], args].concat());
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
        answer["notices"].as_array().unwrap().clone()
    };
    let all = list(&[]);
    assert_eq!(all.len(), 2);
    assert_eq!(list(&["-n", "1"]), all[1..]);
    assert_eq!(list(&["--limit", "7"]), all);
    let first = all[0]["at"].as_str().unwrap();
    assert_eq!(list(&["--until", first]), all[..1]);
    assert_eq!(list(&["--until", "2h ago"]), [] as [Value; 0]);
    let turned = home.run(&["history", "--since", "1h ago", "--until", "2h ago"]);
    assert_eq!(turned.status.code(), Some(64));
}
