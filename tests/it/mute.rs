//! `ccwatch mute`, on the built program.

use serde_json::json;

use crate::page::{CLAUDE_CODE, FakePage, PageModel, SOON};
use crate::program::Home;

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn down(page: &mut PageModel) {
    page.set_status(CLAUDE_CODE, "partial_outage", "2026-11-01T10:00:00Z");
    page.post("abc", "Elevated errors", "major", "2026-11-01T10:00:00Z", &[CLAUDE_CODE]);
}

fn ok(home: &Home, args: &[&str]) -> String {
    let output = home.run(args);
    assert_eq!(output.status.code(), Some(0), "{args:?}: {}", text(&output.stderr));
    text(&output.stdout)
}

#[test]
fn a_mute_holds_over_restarts_until_it_is_taken_back() {
    let page = FakePage::start();
    let home = Home::new(&page);
    let said = ok(&home, &["mute", "1h"]);
    assert!(said.contains("Muted until ") && said.contains("No daemon is running"), "{said}");
    let mut daemon = home.daemon();
    page.set(down);
    daemon.says("reason=\"muted\"");
    daemon.kill();
    let mut daemon = home.daemon();
    page.wait_for_requests(page.requests().len() + 3, SOON);
    let (answer, _) = home.status();
    assert_eq!(answer["muted"][0]["end"], "if_told", "{answer}");
    let status = text(&home.run(&["status"]).stdout);
    assert!(status.contains("Muted until ") && status.contains("ccwatch mute off"), "{status}");
    assert!(ok(&home, &["mute", "list"]).starts_with("Muted until "));
    assert_eq!(ok(&home, &["mute", "off"]), "Nothing is muted.\n");
    daemon.says("Partial outage: Claude Code. ");
    let (_, _, said) = daemon.stop();
    assert_eq!(said.matches("outage: ").count(), 0, "said once: {said}");
}

#[test]
fn an_incident_is_muted_by_its_id_or_its_address_and_its_end_is_told_if_asked() {
    let page = FakePage::start();
    let home = Home::new(&page);
    let mut daemon = home.daemon();
    page.set(down);
    daemon.says("Partial outage: ");
    // Written down by then, too.
    page.wait_for_requests(page.requests().len() + 3, SOON);
    let address = format!("{}/incidents/abc", page.url());
    let said = ok(&home, &["mute", &address, "--and-tell-end", "--json"]);
    let shown: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!((&shown["version"], &shown["muted"][0]["incident"]), (&json!(1), &json!("abc")));
    page.set(|page| {
        page.set_status(CLAUDE_CODE, "operational", "2026-11-01T10:20:00Z");
        page.update("abc", "resolved", "Over.", "2026-11-01T10:20:00Z");
    });
    daemon.says("Back: Claude Code");
    assert_eq!(ok(&home, &["mute"]), "Nothing is muted.\n");
}

#[test]
fn what_cannot_be_muted_is_refused_with_what_can() {
    let page = FakePage::start();
    let home = Home::new(&page);
    for (args, expected) in [
        (&["mute", "xyz"][..], "no open incident"),
        (&["mute", "until", "yesterday", "9:00"], "this time is over"),
        (&["mute", "1x"], "not a time"),
    ] {
        let output = home.run(args);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(64), "{args:?}: {said}");
        assert!(said.contains(expected) && said.contains("hint: "), "{args:?}: {said}");
    }
    assert!(!home.state().exists());
    // Below a file there is no directory.
    let below = home.config().join("state");
    let nowhere = home.run(&["mute", "1h", "--state-dir", below.to_str().unwrap()]);
    assert_eq!(nowhere.status.code(), Some(74), "{}", text(&nowhere.stderr));
}
