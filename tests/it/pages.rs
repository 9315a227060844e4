//! Several pages in one daemon: each is told as if it were alone.
#![cfg(target_os = "linux")]

use std::fs;

use ccwatch_core::notice::DeliveryState;
use ccwatch_core::notice::sink::Sink;
use serde_json::{Value, json};

use crate::daemon::{OUTAGE, Scene};
use crate::desktop::PATIENCE;
use crate::feeds::utf16;
use crate::hook::{at_last, newest};
use crate::page::{API, Answer, CLAUDE_CODE, FakePage, PageModel, SOON};
use crate::program::{Daemon, QUICK};

/// A scene with a second page, which is called "Other".
pub(crate) struct Two {
    pub(crate) scene: Scene,
    pub(crate) other: FakePage,
}

impl Two {
    pub(crate) fn new() -> Self {
        let two = Self { scene: Scene::new(), other: FakePage::start() };
        two.configure(&format!("[[pages]]\nname = \"Other\"\nurl = \"{}\"\n", two.other.url()));
        two
    }

    pub(crate) fn configure(&self, more: &str) {
        let rest = format!("{QUICK}{more}");
        self.scene.home.configure(&self.scene.page.url(), "stale_after = \"10m\"", &rest);
    }

    /// What the second page says now has been taken in, and what the first one says, too.
    pub(crate) fn polls(&self) {
        self.scene.polls();
        self.other.wait_for_requests(self.other.requests().len() + 4, SOON);
    }

    /// The titles of all pop-ups so far, once there are `n`.
    pub(crate) fn titles(&self, n: usize) -> Vec<String> {
        let log = self.scene.server.wait_for(n, PATIENCE);
        log.iter().map(|notified| notified.summary.clone()).collect()
    }

    /// The newest message of the second page is written down as shown, and its bubble is known.
    fn other_is_marked(&self) {
        let dir = self.scene.home.state().join("pages/other");
        at_last(&self.other, || {
            let newest = newest(&dir, Sink::Desktop)?;
            (newest.state == DeliveryState::Shown).then_some(())
        });
    }

    pub(crate) fn status(&self, args: &[&str]) -> (String, Value) {
        let run = |args: &[&str]| self.scene.home.run(args).stdout;
        let text = String::from_utf8(run(&[&["status"], args].concat())).unwrap();
        let json = run(&[&["status", "--json"], args].concat());
        (text, serde_json::from_slice(&json).unwrap())
    }
}

/// Nothing in the feed of AWS Health, and Bedrock down in a region.
pub(crate) fn well_feed() -> Answer {
    utf16(&json!([]))
}

pub(crate) fn red_feed(region: &str) -> Answer {
    red_event(region, 1)
}

/// The same by an event with this number.
pub(crate) fn red_event(region: &str, number: usize) -> Answer {
    let service = format!("bedrock-{region}");
    utf16(&json!([{
        "date": "1788472198", "arn": format!("arn:aws:health:{region}::event/M/I/I_{number}"),
        "service": format!("multipleservices-{region}"), "summary": "More errors",
        "event_log": [], "impacted_services": {service: {"current": "3"}},
    }]))
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
        assert!(told.last().unwrap().starts_with(title), "{title}: {told:?}");
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
        assert!(told.last().unwrap().starts_with(title), "{title}: {told:?}");
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
    let daemon = two.scene.home.daemon();
    two.scene.polls();
    assert_eq!(two.other.requests().len(), 0);
    two.other.set(red);
    two.configure(&format!("[[pages]]\nname = \"Other\"\nurl = \"{}\"\n", two.other.url()));
    daemon.signal("-HUP");
    assert_eq!(two.titles(1), ["Major outage (Other): Claude API"]);
    two.other_is_marked();
    // Also where it goes while no daemon runs.
    daemon.stop();
    let with_other = fs::read_to_string(two.scene.home.config()).unwrap();
    two.configure("");
    let mut daemon = two.scene.home.daemon();
    two.scene.server.wait_until_gone(two.scene.server.log()[0].id);
    two.other.set(green);
    fs::write(two.scene.home.config(), &with_other).unwrap();
    daemon.signal("-HUP");
    // Who was told of an outage is told of its end.
    assert!(two.titles(2)[1].starts_with("Back (Other): Claude API"));
    two.other.set(|page| page.set_status(CLAUDE_CODE, "major_outage", "2026-11-01T10:20:00Z"));
    assert_eq!(two.titles(3)[2], "Major outage (Other): Claude Code");
    two.other_is_marked();
    two.configure("");
    daemon.signal("-HUP");
    daemon.says("other is not watched any more");
    // What stood on the screen about it is gone, and so is every word of it.
    two.scene.server.wait_until_gone(two.scene.server.log()[2].id);
    two.scene.page.set(OUTAGE[0].0);
    assert_eq!(two.titles(4)[3], "Partial outage: Claude Code");
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

#[test]
fn mutes_of_incidents_of_two_pages_leave_each_other_alone() {
    let two = Two::new();
    let down = |id: &'static str| {
        move |page: &mut PageModel| {
            page.set_status(CLAUDE_CODE, "partial_outage", "2026-11-01T10:00:00Z");
            page.post(id, "Errors", "major", "2026-11-01T10:00:00Z", &[CLAUDE_CODE]);
        }
    };
    two.scene.page.set(down("ours"));
    two.other.set(down("theirs"));
    let daemon = two.scene.home.daemon();
    two.polls();
    let muted = |args: &[&str]| {
        let said = two.scene.home.run(&[&["mute", "--json"], args].concat()).stdout;
        let said: Value = serde_json::from_slice(&said).unwrap();
        let muted = said["muted"].as_array().unwrap().iter();
        muted.map(|it| it["incident"].as_str().unwrap_or("all").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(muted(&["ours"]), ["ours"]);
    let both = ["ours", "theirs"];
    assert_eq!(muted(&["theirs", "--page", "other"]), both);
    assert_eq!(muted(&["list"]), both);
    assert_eq!(muted(&["list", "--page", "other"]), both);
    assert_eq!(muted(&["1h"]), ["ours", "theirs", "all"]);
    // That of an incident that is over is put away.
    two.other.set(|page| {
        page.set_status(CLAUDE_CODE, "operational", "2026-11-01T10:20:00Z");
        page.update("theirs", "resolved", "It is over.", "2026-11-01T10:20:00Z");
    });
    two.polls();
    assert_eq!(muted(&["list"]), ["ours", "all"]);
    assert_eq!(muted(&["off"]), Vec::<String>::new());
    daemon.stop();
}

impl Two {
    /// The second page is the feed of AWS Health.
    pub(crate) fn with_bedrock(more: &str) -> Self {
        let two = Self::new();
        let url = two.other.url();
        two.configure(&format!(
            "[providers]\nbedrock = [\"us-east-1\"]\nbedrock_url = \"{url}\"\n{more}"
        ));
        two.other.always(well_feed());
        two
    }

    /// A command in a shell from which requests go to Bedrock.
    pub(crate) fn on_bedrock(&self, args: &[&str]) -> std::process::Command {
        let mut command = self.scene.home.command(args);
        command.env("CLAUDE_CODE_USE_BEDROCK", "1").env("AWS_REGION", "us-east-1");
        command
    }

    pub(crate) fn said_on_bedrock(&self, args: &[&str]) -> (String, Option<i32>) {
        let output = self.on_bedrock(args).output().unwrap();
        (String::from_utf8(output.stdout).unwrap(), output.status.code())
    }
}

#[test]
fn on_bedrock_its_feed_decides_and_the_page_of_claude_is_context() {
    let two = Two::with_bedrock("");
    let daemon = Daemon::start(two.on_bedrock(&["run"]));
    two.polls();
    // Claude's page is red, Bedrock is well: no pop-up, no WAIT, and nothing to wait for.
    two.scene.page.set(OUTAGE[0].0);
    two.polls();
    two.polls();
    let (text, code) = two.said_on_bedrock(&["status"]);
    assert!(text.starts_with("CLEAR") && code == Some(0), "{text}");
    assert!(text.contains("\n  claude  WAIT: Claude Code: partial outage since "), "{text}");
    assert_eq!(two.said_on_bedrock(&["wait", "-q"]).1, Some(0));
    let (decisions, _) =
        two.said_on_bedrock(&["history", "--decisions", "--page", "claude", "--json"]);
    assert!(decisions.contains("\"other_road\""), "{decisions}");
    // Another region is no news.
    two.other.always(red_feed("me-south-1"));
    two.polls();
    two.polls();
    assert!(two.said_on_bedrock(&["status"]).0.starts_with("CLEAR"));
    assert_eq!(two.scene.server.log().len(), 0);
    // From a shell that goes straight, the page counts, and the way round is offered.
    two.other.always(well_feed());
    two.polls();
    let (text, status) = two.status(&[]);
    assert!(text.starts_with("WAIT"), "{text}");
    let command = "env CLAUDE_CODE_USE_BEDROCK=1 AWS_REGION=us-east-1 claude";
    assert!(text.contains("Another way looks well: Amazon Bedrock (us-east-1);"), "{text}");
    assert!(text.contains(&format!("\n  {command}\n")), "{text}");
    assert_eq!(status["way_round"][0]["command"], command);
    // The reverse: WAIT, a pop-up, and `wait` waits until Bedrock is back.
    two.scene.page.set(OUTAGE[3].0);
    two.other.always(red_feed("us-east-1"));
    assert_eq!(two.titles(1), ["Major outage (us-east-1): Amazon Bedrock"]);
    let (text, code) = two.said_on_bedrock(&["status"]);
    assert!(text.starts_with("WAIT") && code == Some(2), "{text}");
    assert!(!text.contains("Another way looks well: Amazon"), "{text}");
    // The pop-up tells of Bedrock alone: that Claude's page is green again is read in its own time.
    two.polls();
    two.polls();
    assert_eq!(two.scene.home.run(&["status", "-q"]).status.code(), Some(0));
    let mut waits = two.on_bedrock(&["wait", "--timeout", "1h"]).spawn().unwrap();
    two.polls();
    assert_eq!(waits.try_wait().unwrap(), None);
    two.other.always(well_feed());
    let title = two.titles(2)[1].clone();
    assert!(title.starts_with("Back (us-east-1): Amazon Bedrock, after "), "{title}");
    assert_eq!(waits.wait().unwrap().code(), Some(0));
    daemon.stop();
}

#[test]
fn a_change_of_road_is_seen_at_the_next_poll() {
    let two = Two::with_bedrock("");
    let settings = two.scene.home.path().join(".claude/settings.json");
    fs::create_dir(settings.parent().unwrap()).unwrap();
    fs::write(&settings, r#"{"env": {"CLAUDE_CODE_USE_BEDROCK": "1"}}"#).unwrap();
    let mut daemon = two.scene.home.daemon();
    two.scene.page.set(OUTAGE[0].0);
    two.polls();
    two.polls();
    assert_eq!(two.scene.server.log().len(), 0);
    // Whoever comes back to Anthropic's road while its page is red is told.
    fs::write(&settings, "{}").unwrap();
    daemon.says("your requests go by the page claude now");
    assert_eq!(two.titles(1), ["Partial outage: Claude Code"]);
    // Who was told hears how it goes on, whatever way requests go by then.
    fs::write(&settings, r#"{"env": {"CLAUDE_CODE_USE_BEDROCK": "1"}}"#).unwrap();
    daemon.says("your requests go by the page bedrock-us-east-1 now");
    two.scene.page.set(OUTAGE[3].0);
    assert!(two.titles(2)[1].starts_with("Back: Claude Code"));
    daemon.stop();
}

#[test]
fn a_provider_is_told_always_or_never_where_that_is_wanted() {
    for (notify, told) in [("always", 1), ("never", 0)] {
        let two = Two::with_bedrock(&format!("notify = \"{notify}\"\n"));
        let daemon = two.scene.home.daemon();
        two.other.always(red_feed("us-east-1"));
        two.polls();
        two.polls();
        two.scene.page.set(OUTAGE[0].0);
        let titles = two.titles(told + 1);
        assert!(titles.contains(&"Partial outage: Claude Code".to_owned()), "{titles:?}");
        assert_eq!(titles.len(), told + 1, "{titles:?}");
        daemon.stop();
    }
}

#[test]
fn where_the_page_of_the_road_can_not_be_opened_claudes_page_is_told() {
    let two = Two::with_bedrock("");
    let daemon = two.scene.home.daemon();
    two.polls();
    daemon.stop();
    let pages = two.scene.home.state().join("pages");
    fs::remove_dir_all(&pages).unwrap();
    fs::write(&pages, "no folder").unwrap();
    let mut daemon = Daemon::start(two.on_bedrock(&["run"]));
    daemon.says("bedrock-us-east-1 is not watched: ");
    two.scene.page.set(OUTAGE[0].0);
    assert_eq!(two.titles(1), ["Partial outage: Claude Code"]);
    daemon.stop();
}
