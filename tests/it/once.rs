//! `ccwatch run --once`: one look, told if there is news, and the exit code of `status`.

use serde_json::Value;

use crate::page::{Answer, CLAUDE_CODE, FakePage, SOON};
use crate::program::Home;

fn notices(home: &Home) -> Vec<String> {
    let output = home.run(&["history", "--notices", "--json"]);
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    let all = answer["notices"].as_array().unwrap();
    all.iter().map(|notice| notice["kind"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn an_outage_is_told_once_by_as_many_looks_as_there_are() {
    let page = FakePage::start();
    let home = Home::new(&page);
    // With the intervals of a user: one look is one poll.
    home.configure(&page.url(), "", "");
    let look = || home.run(&["run", "--once"]).status.code().unwrap();
    assert_eq!(look(), 0);
    page.set(|page| page.set_status(CLAUDE_CODE, "partial_outage", "2026-11-01T10:00:00Z"));
    assert_eq!((look(), look()), (2, 2));
    assert_eq!(notices(&home), ["outage"]);
    // It asked for the page and for its past, and left nothing running.
    let asked = page.requests().len();
    assert_eq!(asked, 6, "{:?}", page.requests());
    assert_eq!(home.run(&["run", "--once"]).status.code(), Some(2));
}

#[test]
fn what_is_not_known_is_not_fine() {
    let page = FakePage::start();
    page.always(Answer::status(503));
    let home = Home::new(&page);
    let output = home.run(&["run", "--once"]);
    assert_eq!(output.status.code(), Some(3), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn beside_a_daemon_there_is_nothing_to_do() {
    let page = FakePage::start();
    let home = Home::new(&page);
    let mut daemon = home.daemon();
    let said = daemon.says("watching");
    assert!(said.contains(": Claude Code, Claude API and claude.ai"), "{said}");
    daemon.says("the page says now: CLEAR: the page is green");
    page.wait_for_requests(2, SOON);
    assert_eq!(home.run(&["run", "--once"]).status.code(), Some(75));
}
