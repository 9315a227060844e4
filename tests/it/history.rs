//! Months of the real page, replayed by the built program and checked against what it showed.
//!
//! The recording and the truth (component episodes as JSON lines: `component`, `start`, `end`) are
//! no part of the repository; `scripts/replay-history.sh` makes them out of an archive of the page
//! and runs this. Without them the test says SKIPPED.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::page::{API, CLAUDE_AI, CLAUDE_CODE};

const WATCHED: [&str; 3] = [CLAUDE_CODE, API, CLAUDE_AI];

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn time(value: &Value) -> Option<Timestamp> {
    value.as_str().map(|text| text.parse().unwrap())
}

/// Whether a summary shows a component red.
fn shows_red(body: &Value, id: &str) -> bool {
    let mut components = body["components"].as_array().unwrap().iter();
    components.any(|c| c["id"] == id && c["status"] != "operational")
}

/// Whether a summary shows a component red, or named by an incident that is worked on and was not
/// silent for six hours.
fn shows(body: &Value, id: &str, now: Timestamp) -> bool {
    let named = |incident: &&Value| {
        let phase = incident["status"].as_str().unwrap();
        let silent = now.duration_since(time(&incident["updated_at"]).unwrap()).as_hours() >= 6;
        matches!(phase, "investigating" | "identified")
            && !silent
            && incident["components"].as_array().unwrap().iter().any(|c| c["id"] == id)
    };
    shows_red(body, id) || body["incidents"].as_array().unwrap().iter().any(|i| named(&i))
}

/// From when to when the user was told that a component is affected.
type Told = BTreeMap<String, Vec<(Timestamp, Option<Timestamp>)>>;

fn told(notices: &[Value]) -> Told {
    let mut told = Told::new();
    for notice in notices {
        let at = time(&notice["at"]).unwrap();
        for id in notice["components"].as_array().unwrap() {
            let spans = told.entry(id.as_str().unwrap().to_owned()).or_default();
            let open = spans.last_mut().filter(|span| span.1.is_none());
            match (notice["kind"].as_str().unwrap(), open) {
                ("outage", Some(_)) => panic!("told twice: {notice}"),
                ("back", Some(span)) => span.1 = Some(at),
                ("back" | "fix_out", None) => panic!("told of nothing: {notice}"),
                ("outage" | "worse", None) => spans.push((at, None)),
                _ => {}
            }
        }
    }
    told
}

#[test]
fn months_of_the_real_page_are_told_completely_once_and_truly() {
    let given = |name: &str| std::env::var_os(name).map(|path| fs::read_to_string(path).unwrap());
    let (Some(recording), Some(truth)) = (given("CCWATCH_RECORDING"), given("CCWATCH_TRUTH"))
    else {
        crate::fault::skipped(
            "the months of the real page: CCWATCH_RECORDING and CCWATCH_TRUTH name no files",
        );
        return;
    };
    let replay = Command::new(env!("CARGO_BIN_EXE_ccwatch"))
        .args([
            "replay",
            "--json",
            "--config",
            concat!(env!("CARGO_MANIFEST_DIR"), "/config.example.toml"),
        ])
        .arg(std::env::var_os("CCWATCH_RECORDING").unwrap())
        .output()
        .unwrap();
    assert!(replay.status.success(), "{}", String::from_utf8_lossy(&replay.stderr));
    let notices = lines(&String::from_utf8(replay.stdout).unwrap());
    let told = told(&notices);

    // True: in the very reading that gave the notice, the page showed what it says.
    let mut polls: Vec<Timestamp> = Vec::new();
    let mut body = Value::Null;
    let mut next = notices.iter().peekable();
    for line in recording.lines() {
        let mut line: Value = serde_json::from_str(line).unwrap();
        let at = time(&line["at"]).unwrap();
        polls.push(at);
        if !line["body"].is_null() {
            body = line["body"].take();
        }
        while let Some(notice) = next.next_if(|notice| time(&notice["at"]).unwrap() == at) {
            for id in notice["components"].as_array().unwrap() {
                let id = id.as_str().unwrap();
                match notice["kind"].as_str().unwrap() {
                    "outage" | "worse" => {
                        assert!(shows(&body, id, at), "not on the page: {notice}")
                    }
                    // By the page's own word, whatever becomes of the incident.
                    "back" => assert!(!shows_red(&body, id), "not over: {notice}"),
                    _ => {}
                }
            }
        }
    }
    assert!(next.next().is_none(), "a notice at a time without a poll");

    // Complete: every episode that two polls could see was told.
    let mut counted = BTreeSet::new();
    for episode in lines(&truth) {
        let id = episode["component"].as_str().unwrap();
        let (start, end) = (time(&episode["start"]).unwrap(), time(&episode["end"]));
        let end = end.unwrap_or(Timestamp::MAX);
        let seen = polls.iter().filter(|at| start <= **at && **at < end).count();
        if !WATCHED.contains(&id) || seen == 0 {
            continue;
        }
        let spans = told.get(id).map_or(&[][..], Vec::as_slice);
        let heard = spans.iter().any(|(from, to)| *from < end && to.is_none_or(|to| to > start));
        assert!(heard || seen < 2, "never told: {episode}");
        counted.insert((id.to_owned(), start));
    }
    in_time(&notices, &truth);
    let outages = notices.iter().filter(|n| n["kind"] == "outage").count();
    println!(
        "{} polls, {} episodes of watched components, {} messages: {:.2} an episode, {:.2} an outage",
        polls.len(),
        counted.len(),
        notices.len(),
        notices.len() as f64 / counted.len() as f64,
        notices.len() as f64 / outages as f64,
    );
}

/// In time: how long after the green that it is about each recovery was told. One in a hundred may be
/// told later than three minutes after it.
fn in_time(notices: &[Value], truth: &str) {
    let mut greens: BTreeMap<String, Vec<Timestamp>> = BTreeMap::new();
    for episode in lines(truth) {
        let id = episode["component"].as_str().unwrap().to_owned();
        greens.entry(id).or_default().extend(time(&episode["end"]));
    }
    let mut delays: Vec<SignedDuration> = Vec::new();
    for notice in notices.iter().filter(|notice| notice["kind"] == "back") {
        let at = time(&notice["at"]).unwrap();
        // Two polls before what it says of its beginning; a green before that is another one's.
        let lasted = notice["lasted_seconds"].as_i64().unwrap() + 120;
        let began = at - SignedDuration::from_secs(lasted);
        for id in notice["components"].as_array().unwrap() {
            let greens = greens.get(id.as_str().unwrap()).map_or(&[][..], Vec::as_slice);
            let own = greens.iter().filter(|green| began <= **green && **green <= at);
            delays.extend(own.max().map(|green| at.duration_since(*green)));
        }
    }
    let late = delays.iter().filter(|delay| delay.as_secs() > 180).count();
    let sum: i64 = delays.iter().map(|delay| delay.as_secs()).sum();
    println!(
        "{} recoveries told, {late} later than 3 min after their green; {} min late in all",
        delays.len(),
        sum / 60
    );
    assert!(late * 100 <= delays.len(), "{late} of {} recoveries were told late", delays.len());
}
