//! The way round an outage: what is offered leads there, from where the user is.
#![cfg(target_os = "linux")]

use std::fs;
use std::process::Command;

use serde_json::{Value, json};

use crate::page::{API, Answer, FakePage};
use crate::pages::{Two, red_feed, well_feed};
use crate::program::executable;

/// Bedrock and Vertex AI beside Claude's page.
struct Ways {
    two: Two,
    vertex: FakePage,
}

impl Ways {
    fn new() -> Self {
        let vertex = FakePage::start();
        vertex.always(Answer::json("[]"));
        let more = format!("vertex = [\"us-east5\"]\nvertex_url = \"{}\"\n", vertex.url());
        let two = Two::with_bedrock(&more);
        let claude = two.scene.home.path().join("claude");
        // Every variable that decides, in an order of its own.
        executable(&claude, "#!/bin/sh\nenv | grep -e CLAUDE_CODE_USE -e _REGION= | sort\n");
        Self { two, vertex }
    }

    fn polls(&self) {
        self.two.polls();
        self.vertex.wait_for_requests(self.vertex.requests().len() + 4, crate::page::SOON);
    }

    /// What `ccwatch` says in a terminal of 80 columns, from which requests go to Bedrock.
    fn says(&self, args: &[&str]) -> String {
        let output = self.two.on_bedrock(args).env("COLUMNS", "80").output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    }

    /// What a session sees that is started by what stands below this offer, in a shell where Bedrock
    /// is switched on.
    fn pasted(&self, said: &str, name: &str) -> String {
        let (_, below) = said.split_once(&format!("Another way looks well: {name};")).unwrap();
        let from = below.find("  env ").unwrap();
        let mut command = String::new();
        for line in below[from..].lines() {
            command.push_str(line);
            command.push('\n');
            if !line.ends_with('\\') {
                break;
            }
        }
        let home = self.two.scene.home.path();
        let path = format!("{}:{}", home.display(), std::env::var("PATH").unwrap());
        let mut shell = Command::new("sh");
        let shell = shell.args(["-c", &command]).env_clear().env("PATH", path);
        let output =
            shell.env("CLAUDE_CODE_USE_BEDROCK", "1").env("AWS_REGION", "us-east-1").output();
        String::from_utf8(output.unwrap().stdout).unwrap()
    }
}

#[test]
fn what_is_pasted_goes_another_way_from_a_shell_that_goes_to_bedrock() {
    let ways = Ways::new();
    ways.two.other.always(red_feed("us-east-1"));
    let daemon = ways.two.scene.home.daemon();
    ways.polls();
    for said in
        [ways.says(&["status"]), ways.says(&["diagnose", "API Error: 500 Internal server error"])]
    {
        assert_eq!(
            ways.pasted(&said, "Vertex AI (us-east5)"),
            "AWS_REGION=us-east-1\nCLAUDE_CODE_USE_VERTEX=1\nCLOUD_ML_REGION=us-east5\n"
        );
        assert_eq!(ways.pasted(&said, "Anthropic itself"), "AWS_REGION=us-east-1\n");
        assert!(!said.contains("(first take "), "{said}");
    }
    // What isn't well is not offered, and nothing for a page that isn't that of the road.
    ways.two.scene.page.set(|page| page.set_status(API, "major_outage", "2026-11-01T10:00:00Z"));
    ways.vertex.always(Answer::status(503));
    ways.polls();
    let said = ways.says(&["status"]);
    assert!(!said.contains("Anthropic itself") && said.starts_with("WAIT"), "{said}");
    let said = ways.says(&["status", "--page", "claude"]);
    assert!(!said.contains("Another way") && said.starts_with("WAIT"), "{said}");
    daemon.stop();
}

#[test]
fn what_the_settings_say_before_the_shell_is_said_beside_the_offer() {
    let ways = Ways::new();
    ways.two.other.always(red_feed("us-east-1"));
    let claude = ways.two.scene.home.path().join(".claude");
    fs::create_dir(&claude).unwrap();
    let settings = r#"{"env": {"CLAUDE_CODE_USE_BEDROCK": "1", "AWS_REGION": "us-east-1"}}"#;
    fs::write(claude.join("settings.json"), settings).unwrap();
    let daemon = ways.two.scene.home.daemon();
    ways.polls();
    let (said, json) = ways.two.status(&[]);
    let first = "  (first take CLAUDE_CODE_USE_BEDROCK out of ~/.claude/settings.json, which goes \
                 before the shell)\n";
    assert_eq!(said.matches(first).count(), 2, "{said}");
    let expected =
        json!([{"name": "CLAUDE_CODE_USE_BEDROCK", "set_in": "~/.claude/settings.json"}]);
    let ways_round = json["way_round"].as_array().unwrap();
    assert!(ways_round.iter().all(|way| way["first_unset"] == expected), "{json:#}");
    let keys: Vec<&Value> = ways_round.iter().map(|way| &way["page"]).collect();
    assert_eq!(keys, ["claude", "vertex-us-east5"]);
    daemon.stop();
}

#[test]
fn there_is_no_way_round_for_another_page_than_those_of_claude() {
    let two = Two::new();
    let feed = FakePage::start();
    feed.always(well_feed());
    let other = format!(
        "[[pages]]\nname = \"Other\"\nurl = \"{}\"\n[providers]\nbedrock = [\"us-east-1\"]\n\
         bedrock_url = \"{}\"\n",
        two.other.url(),
        feed.url()
    );
    two.configure(&other);
    two.other.set(|page| page.set_status(API, "major_outage", "2026-11-01T10:00:00Z"));
    let daemon = two.scene.home.daemon();
    two.polls();
    feed.wait_for_requests(4, crate::page::SOON);
    let (text, json) = two.status(&["--page", "other"]);
    assert!(text.starts_with("WAIT") && !text.contains("Another way"), "{text}");
    assert_eq!(json["way_round"], json!([]));
    daemon.stop();
}

#[test]
fn who_goes_to_a_provider_that_is_not_watched_hears_that_the_page_says_nothing_of_it() {
    let ways = Ways::new();
    let told = |region: &str| {
        let mut command = ways.two.on_bedrock(&["status"]);
        let output = command.env("AWS_REGION", region).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let said = told("us-west-2");
    let expected = "\nYour requests go to Amazon Bedrock (us-west-2), of which this page says nothing. \
                    To watch it, put bedrock = [\"us-west-2\"] below [providers] in the configuration.\n";
    assert!(said.contains(expected), "{said}");
    assert!(!told("us-east-1").contains("says nothing"));
    let (text, _) = ways.two.status(&[]);
    assert!(!text.contains("Your requests"), "{text}");
}
