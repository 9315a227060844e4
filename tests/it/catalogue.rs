//! The fault catalogue, line by line: what happens, and what must be seen of it.
//!
//! The built program wherever the fault is outside of it; the core with its writer in virtual time
//! where the fault is one of time. Each test counts what came of its fault, see [`Fault`].
#![cfg(target_os = "linux")]

mod data;
mod desk;
mod hook;
mod long;
mod mount;
mod network;
mod notification;
mod past;
mod store;
mod time;
mod unread;
mod watched_page;

use std::fs;
use std::path::PathBuf;

use ccwatch::store::{Reader, StoredNotice};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::daemon::Scene;
use crate::desktop::PATIENCE;
use crate::fault::Fault;
use crate::page::{API, Answer, CLAUDE_CODE, FakePage, PageModel, SOON};
use crate::program::{Daemon, Home};

const AT: &str = "2026-11-01T10:00:00Z";
const MAJOR: &str = "Major outage: Claude API";
const BACK: &str = "Back: Claude API, after";

fn level(status: &Value, id: &str) -> String {
    let rows = status["components"].as_array().unwrap();
    rows.iter().find(|row| row["id"] == id).unwrap()["level"].as_str().unwrap().to_owned()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn more(page: &FakePage, requests: usize) {
    page.wait_for_requests(page.requests().len() + requests, SOON);
}

fn breaks(page: &mut PageModel) {
    page.set_status(API, "major_outage", AT);
}

fn recovers(page: &mut PageModel) {
    page.set_status(API, "operational", "2026-11-01T10:20:00Z");
}

/// The page shows an outage, and the user is told.
fn outage(scene: &Scene) {
    scene.page.set(breaks);
    scene.server.wait_for(scene.server.log().len() + 1, PATIENCE);
    scene.polls();
}

/// It is over, and the user is told; then nothing more comes.
fn end_of_outage(scene: &Scene) {
    scene.page.set(recovers);
    scene.server.wait_for(scene.server.log().len() + 1, PATIENCE);
    scene.polls();
}

/// An outage is known; each fault begins, is named in the log, changes nothing, and goes.
fn outlives(mut fault: Fault, faults: Vec<(Answer, &str)>) {
    let scene = Scene::new();
    let mut daemon = scene.home.daemon();
    outage(&scene);
    for (answer, words) in faults {
        scene.page.always(answer);
        daemon.says(words);
        // Said before it is written down.
        more(&scene.page, 2);
        let (status, code) = scene.home.status();
        fault.claims(&status, &[(API, "major"), (CLAUDE_CODE, "operational")]);
        assert!(status["reading"]["error"].is_string() && code == 2, "{words}: {status}");
        scene.page.heal();
        daemon.says("can be read again");
        fault.injected(1);
    }
    end_of_outage(&scene);
    fault.shown(&[MAJOR, BACK], &scene.server);
    fault.end();
}

/// Notices of the recording, replayed by the built program: `KIND TITLE`.
fn replay(lines: &[Value]) -> Vec<String> {
    let page = FakePage::start();
    let home = Home::new(&page);
    home.configure("https://status.claude.com", "", "");
    let file = home.path().join("recording.jsonl");
    fs::write(&file, lines.iter().map(|line| format!("{line}\n")).collect::<String>()).unwrap();
    let output = home.run(&["replay", "--json", file.to_str().unwrap()]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let said = |line: &str| {
        let notice: Value = serde_json::from_str(line).unwrap();
        format!("{} {}", notice["kind"].as_str().unwrap(), notice["title"].as_str().unwrap())
    };
    text(&output.stdout).lines().map(said).collect()
}

/// `minutes` after the beginning.
fn at(minutes: i64) -> Timestamp {
    AT.parse::<Timestamp>().unwrap() + SignedDuration::from_mins(minutes)
}

fn reads(minutes: i64, page: &PageModel) -> Value {
    json!({"at": at(minutes), "status": 200, "body": page.summary()})
}

fn fails(minutes: i64, error: &str) -> Value {
    json!({"at": at(minutes), "error": error})
}

fn red() -> PageModel {
    let mut page = PageModel::default();
    breaks(&mut page);
    page
}

fn well_again(minutes: i64) -> PageModel {
    let mut page = red();
    page.set_status(API, "operational", &at(minutes).to_string());
    page
}

fn database(home: &Home) -> PathBuf {
    home.state().join("ccwatch.db")
}

fn reader(home: &Home) -> Reader {
    Reader::open(&home.state()).unwrap().expect("a database")
}

fn notices(home: &Home) -> Vec<StoredNotice> {
    reader(home).notices(Timestamp::MIN).unwrap()
}

/// Stops in order, so that everything that was said can be read.
fn last_words(daemon: Daemon) -> String {
    let (status, _, said) = daemon.stop();
    assert!(status.success(), "{said}");
    said
}
