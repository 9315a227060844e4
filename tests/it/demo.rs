//! `ccwatch demo`: its story, and the truth about it at the end.
#![cfg(target_os = "linux")]

use std::process::{Child, Stdio};

use crate::desktop::{Bus, Server};
use crate::page::FakePage;
use crate::program::Home;

/// Starts the demo, which takes as long as its story.
fn begin(home: &Home) -> Child {
    let mut command = home.command(&["demo"]);
    command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
}

fn said(child: Child) -> String {
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn at_its_end_it_says_what_became_of_each_notice() {
    let dir = tempfile::tempdir().unwrap();
    let bus = Bus::start(dir.path());
    let server = Server::start(&bus, &["body"]);
    let page = FakePage::start();
    let (seen, unseen) = (Home::on(&page, bus.address()), Home::new(&page));
    let both = [begin(&seen), begin(&unseen)];
    let [seen, unseen] = both.map(said);
    assert!(seen.contains("The page turns red: Claude Code, partial outage."), "{seen}");
    let titles = server.seen();
    let told: String =
        titles.iter().map(|shown| format!("  {}: accepted\n", shown.title)).collect();
    assert_eq!(titles.len(), 4, "{titles:?}");
    assert!(seen.contains(&told), "{seen}");
    let end = "Accepted is not seen: if you saw none of it, run: ccwatch notify-test\n";
    assert!(seen.ends_with(end), "{seen}");
    assert!(!unseen.contains("accepted"), "{unseen}");
    let end = "Not all of it could be shown; to see why, run: ccwatch doctor\n";
    assert!(unseen.ends_with(end), "{unseen}");
}
