//! `--component` means the same everywhere: what it means in the watch list.
#![cfg(target_os = "linux")]

use serde_json::Value;

use crate::page::{API, CLAUDE_CODE, COWORK, FakePage, SOON};
use crate::program::Home;

const BETA: &str = "betabetabeta";

/// The ids of components whose episodes `history` shows.
fn told(home: &Home, names: &[&str]) -> Result<Vec<String>, String> {
    let names = names.iter().flat_map(|name| ["--component", name]);
    let args: Vec<&str> = ["history", "--json"].into_iter().chain(names).collect();
    let output = home.run(&args);
    if !output.status.success() {
        assert_eq!(output.status.code(), Some(64));
        return Err(String::from_utf8(output.stderr).unwrap());
    }
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    let ids = json["episodes"].as_array().unwrap().iter();
    let mut ids: Vec<String> = ids.map(|it| it["component"].as_str().unwrap().to_owned()).collect();
    ids.sort();
    Ok(ids)
}

#[test]
fn history_finds_components_as_the_watch_list_does() {
    let page = FakePage::start();
    let home = Home::new(&page);
    page.set(|page| {
        let mut beta = page.component(API).clone();
        (beta.id, beta.name) = (BETA.to_owned(), "Claude API (beta)".to_owned());
        page.components.insert(0, beta);
        for id in [API, BETA, CLAUDE_CODE, COWORK] {
            page.set_status(id, "partial_outage", "2026-11-01T10:00:00Z");
        }
        "Claude API".clone_into(&mut page.component(API).name);
    });
    let daemon = home.daemon();
    page.wait_for_requests(5, SOON);
    let ids = |ids: &[&str]| Ok(ids.iter().map(|id| (*id).to_owned()).collect::<Vec<String>>());
    // The exact name goes before one that is cut at a parenthesis, whichever comes first.
    assert_eq!(told(&home, &["claude api"]), ids(&[API]));
    assert_eq!(told(&home, &["Claude API (beta)"]), ids(&[BETA]));
    assert_eq!(told(&home, &[BETA]), ids(&[BETA]));
    assert_eq!(told(&home, &["Claude API", API]), ids(&[API]), "once");
    assert_eq!(told(&home, &["Claude API", "Claude Code"]), ids(&[API, CLAUDE_CODE]));
    // Renamed, it is found by both names, whether or not the old one is in the watch list.
    page.set(|page| {
        "Claude Code CLI".clone_into(&mut page.component(CLAUDE_CODE).name);
        "Preview".clone_into(&mut page.component(COWORK).name);
    });
    page.wait_for_requests(page.requests().len() + 4, SOON);
    for (name, id) in [
        ("Claude Code", CLAUDE_CODE),
        ("Claude Code CLI", CLAUDE_CODE),
        ("Preview", COWORK),
        ("Claude Cowork", COWORK),
    ] {
        assert_eq!(told(&home, &[name]), ids(&[id]), "{name}");
    }
    let output = home.run(&["status", "--json", "--component", "Claude Code"]);
    assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stderr));
    let said = told(&home, &["Claude Cod"]).unwrap_err();
    assert!(said.contains("the page has no component 'Claude Cod'"), "{said}");
    daemon.stop();
}
