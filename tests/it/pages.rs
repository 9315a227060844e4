//! Several pages in one daemon: each is told as if it were alone.
#![cfg(target_os = "linux")]

use std::fs;

use serde_json::{Value, json};

use crate::daemon::{OUTAGE, Scene};
use crate::desktop::PATIENCE;
use crate::page::{API, Answer, CLAUDE_CODE, FakePage, PageModel, SOON};
use crate::program::QUICK;

/// A scene with a second page, which is called "Other".
struct Two {
    scene: Scene,
    other: FakePage,
}

impl Two {
    fn new() -> Self {
        let two = Self { scene: Scene::new(), other: FakePage::start() };
        two.configure(&format!("[[pages]]\nname = \"Other\"\nurl = \"{}\"\n", two.other.url()));
        two
    }

    fn configure(&self, more: &str) {
        let rest = format!("{QUICK}{more}");
        self.scene.home.configure(&self.scene.page.url(), "stale_after = \"10m\"", &rest);
    }

    /// What the second page says now has been taken in, and what the first one says, too.
    fn polls(&self) {
        self.scene.polls();
        self.other.wait_for_requests(self.other.requests().len() + 4, SOON);
    }

    /// The titles of all pop-ups so far, once there are `n`.
    fn titles(&self, n: usize) -> Vec<String> {
        let log = self.scene.server.wait_for(n, PATIENCE);
        log.iter().map(|notified| notified.summary.clone()).collect()
    }

    fn status(&self, args: &[&str]) -> (String, Value) {
        let run = |args: &[&str]| self.scene.home.run(args).stdout;
        let text = String::from_utf8(run(&[&["status"], args].concat())).unwrap();
        let json = run(&[&["status", "--json"], args].concat());
        (text, serde_json::from_slice(&json).unwrap())
    }
}

fn red(page: &mut PageModel) {
    page.set_status(API, "major_outage", "2026-11-01T10:01:00Z");
}

fn green(page: &mut PageModel) {
    page.set_status(API, "operational", "2026-11-01T10:09:00Z");
}

#[test]
fn each_page_has_its_own_messages_and_its_own_answers() {
    let two = Two::new();
    let daemon = two.scene.home.daemon();
    two.polls();
    let (text, status) = two.status(&[]);
    assert!(text.contains("\n  other  CLEAR: the page is green\n"), "{text}");
    assert_eq!(status["pages"][1]["key"], "other");
    assert_eq!(status["pages"][0]["shown"], true);
    // The other one alone: the first one stays well.
    two.other.set(red);
    assert_eq!(two.titles(1), ["Major outage (Other): Claude API"]);
    two.polls();
    let (text, status) = two.status(&[]);
    assert!(text.starts_with("CLEAR"), "{text}");
    assert!(text.contains("\n  other  WAIT: Claude API: major outage since "), "{text}");
    assert_eq!(
        (&status["verdict"], &status["pages"][1]["verdict"]),
        (&json!("clear"), &json!("wait"))
    );
    let (text, status) = two.status(&["--page", "other"]);
    assert!(text.starts_with("WAIT") && !text.contains("Also watched"), "{text}");
    assert_eq!((&status["verdict"], &status["pages"][1]["shown"]), (&json!("wait"), &json!(true)));
    // Both at once, each in a bubble of its own, over a restart of the daemon.
    two.scene.page.set(OUTAGE[0].0);
    assert_eq!(two.titles(2)[1], "Partial outage: Claude Code");
    two.polls();
    daemon.stop();
    let daemon = two.scene.home.daemon();
    two.polls();
    assert_eq!(two.titles(2).len(), 2, "a restart tells nothing again");
    two.other.set(green);
    let title = two.titles(3)[2].clone();
    assert!(title.starts_with("Back (Other): Claude API, after "), "{title}");
    OUTAGE[1..].iter().for_each(|(step, title)| {
        two.scene.page.set(step);
        let told = two.titles(two.scene.server.log().len() + 1);
        assert_eq!(told.last().unwrap(), title);
    });
    let history = |args: &[&str]| {
        let args = [&["history", "--notices", "--json"], args].concat();
        let said: Value = serde_json::from_slice(&two.scene.home.run(&args).stdout).unwrap();
        said["notices"].as_array().unwrap().len()
    };
    assert_eq!((history(&[]), history(&["--page", "other"])), (4, 2));
    let unknown = two.scene.home.run(&["status", "--page", "none"]);
    assert_eq!(unknown.status.code(), Some(64));
    let said = String::from_utf8_lossy(&unknown.stderr).into_owned();
    assert!(said.contains("claude, other"), "{said}");
    daemon.stop();
}

#[test]
fn a_page_that_misbehaves_changes_nothing_for_the_other() {
    let two = Two::new();
    let daemon = two.scene.home.daemon();
    two.polls();
    let faults = [
        Answer::Silence,
        Answer::status(503),
        Answer::html("<!DOCTYPE html><html><body>Sign in</body></html>"),
        Answer::json("{\"components\": 1}"),
    ];
    for (number, ((step, title), fault)) in OUTAGE.iter().zip(faults).enumerate() {
        two.other.always(fault);
        two.scene.polls();
        two.scene.page.set(step);
        let told = two.titles(number + 1);
        assert_eq!(told.last().unwrap(), title, "{told:?}");
    }
    two.scene.polls();
    assert_eq!(two.scene.server.log().len(), OUTAGE.len());
    let (_, status) = two.status(&[]);
    assert_eq!(status["verdict"], "retry");
    daemon.stop();
}

#[test]
fn a_page_comes_and_goes_with_the_configuration() {
    let two = Two::new();
    two.configure("");
    let mut daemon = two.scene.home.daemon();
    two.scene.polls();
    assert_eq!(two.other.requests().len(), 0);
    two.other.set(red);
    two.configure(&format!("[[pages]]\nname = \"Other\"\nurl = \"{}\"\n", two.other.url()));
    daemon.signal("-HUP");
    assert_eq!(two.titles(1), ["Major outage (Other): Claude API"]);
    two.configure("");
    daemon.signal("-HUP");
    daemon.says("other is not watched any more");
    // What stood on the screen about it is gone, and so is every word of it.
    two.scene.server.wait_until_gone(two.scene.server.log()[0].id);
    two.scene.page.set(OUTAGE[0].0);
    assert_eq!(two.titles(2)[1], "Partial outage: Claude Code");
    let (text, _) = two.status(&[]);
    assert!(!text.contains("Also watched"), "{text}");
    let kept = two.scene.home.state().join("pages/other/ccwatch.db");
    assert!(fs::exists(kept).unwrap(), "its history stays");
    daemon.stop();
}

#[test]
fn a_page_without_messages_is_only_shown() {
    let two = Two::new();
    two.configure(&format!(
        "[[pages]]\nname = \"Other\"\nurl = \"{}\"\nnotify = false\n",
        two.other.url()
    ));
    let daemon = two.scene.home.daemon();
    two.other.set(red);
    two.polls();
    two.polls();
    let (text, _) = two.status(&[]);
    assert!(text.contains("\n  other  WAIT: "), "{text}");
    two.scene.page.set(OUTAGE[0].0);
    two.scene.page.set(|page| page.component(CLAUDE_CODE).name = "Claude Code".to_owned());
    assert_eq!(two.titles(1), ["Partial outage: Claude Code"]);
    daemon.stop();
}
