//! Who goes another way to Claude: what is asked and what waits goes by the page of that way.
#![cfg(target_os = "linux")]

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::page::{API, Answer, SOON};
use crate::pages::{Two, red_feed, well_feed};
use crate::program::Daemon;

const INTERNAL: &str = "API Error: 500 Internal server error";

const BEDROCK: [(&str, &str); 2] = [("CLAUDE_CODE_USE_BEDROCK", "1"), ("AWS_REGION", "us-east-1")];

/// A session in which nothing is set.
const STRAIGHT: [(&str, &str); 0] = [];

impl Two {
    /// A hook of a session with this environment reports something, and is done.
    fn reports(&self, env: &[(&str, &str)], event: &Value) {
        let mut command = self.scene.home.command(&["hook"]);
        hook(command.envs(env.iter().copied()), event);
    }

    /// A turn of such a session fails.
    fn fails(&self, env: &[(&str, &str)], session: &str) {
        let event = json!({"hook_event_name": "StopFailure", "session_id": session,
            "cwd": self.scene.home.path(), "error": "server_error", "last_assistant_message": INTERNAL});
        self.reports(env, &event);
    }

    fn verdict(&self, page: &str) -> String {
        let (_, status) = self.status(&["--page", page]);
        status["verdict"].as_str().unwrap().to_owned()
    }

    /// Asks until the verdict on a page is this one, once a poll.
    #[track_caller]
    fn until(&self, page: &str, verdict: &str) {
        for _ in 0..500 {
            if self.verdict(page) == verdict {
                return;
            }
            self.scene.page.wait_for_requests(self.scene.page.requests().len() + 1, SOON);
        }
        panic!("{page} is {}", self.verdict(page));
    }

    /// Waits until the daemon has taken everything that hooks reported.
    fn reports_are_taken(&self) {
        while fs::read_dir(self.scene.home.state().join("inbox")).unwrap().next().is_some() {
            self.scene.page.wait_for_requests(self.scene.page.requests().len() + 1, SOON);
        }
    }

    /// What Claude Code writes down of an attempt that failed in a session.
    fn attempt_fails(&self, session: &str, status: u16, id: Option<&str>) {
        let dir = self.scene.home.path().join(".claude/projects/-work");
        let at = ccwatch::platform::clock::now().to_string();
        let row = json!({"type": "system", "subtype": "api_error", "level": "error",
            "timestamp": at, "sessionId": session, "cwd": self.scene.home.path(),
            "error": {"message": format!("{status} x"), "status": status, "requestId": id,
                "formatted": format!("{status} x")}});
        let file = dir.join(format!("{session}.jsonl"));
        let file = fs::OpenOptions::new().create(true).append(true).open(file);
        writeln!(file.unwrap(), "{row}").unwrap();
    }

    /// A daemon that follows transcripts, with more in `[providers]`, and settings of Claude Code.
    fn following(more: &str, settings: &str) -> (Self, Daemon) {
        let two = Self::with_bedrock(&format!("{more}\n[local]\ntranscripts = true\n"));
        let claude = two.scene.home.path().join(".claude");
        fs::create_dir_all(claude.join("projects/-work")).unwrap();
        fs::write(claude.join("settings.json"), settings).unwrap();
        let mut daemon = two.scene.home.daemon();
        daemon.says("Claude Code transcripts are followed");
        two.polls();
        (two, daemon)
    }
}

fn hook(command: &mut Command, event: &Value) {
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(event.to_string().as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
}

impl Two {
    /// `ccwatch diagnose` in such a shell, as JSON and as text, and its exit code.
    fn diagnosed_on_bedrock(&self, words: &str) -> (Value, String, i32) {
        let (json, code) = self.said_on_bedrock(&["diagnose", "--json", words]);
        let (text, _) = self.said_on_bedrock(&["diagnose", words]);
        (serde_json::from_str(&json).unwrap(), text, code.unwrap())
    }
}

#[test]
fn on_bedrock_its_page_decides_whether_an_error_is_a_live_incident() {
    let two = Two::with_bedrock("");
    let claude = |word: &str| {
        let at = ccwatch::platform::clock::now().to_string();
        two.scene.page.set(|page| page.set_status(API, word, &at));
    };
    for with_daemon in [false, true] {
        two.other.always(well_feed());
        let daemon = with_daemon.then(|| two.scene.home.daemon());
        let polls = || daemon.iter().for_each(|_| two.polls());
        claude("major_outage");
        polls();
        let (found, text, code) = two.diagnosed_on_bedrock(INTERNAL);
        assert_eq!((found["branch"].as_str(), code), (Some("route"), 13), "{found:#}");
        assert_eq!(found["page"]["key"], "bedrock-us-east-1");
        let name = "Amazon Bedrock (us-east-1)";
        assert!(text.contains(&format!("The page of {name} was green at the time.")), "{text}");
        let context =
            "Claude's own page showed major outage meanwhile, which says nothing of Amazon";
        assert!(text.contains(context), "{text}");
        assert!(text.contains(&format!("The page of {name}: ")), "{text}");
        // The reverse.
        claude("operational");
        two.other.always(red_feed("us-east-1"));
        polls();
        let (found, text, code) = two.diagnosed_on_bedrock(INTERNAL);
        assert_eq!((found["branch"].as_str(), code), (Some("live_incident"), 10), "{found:#}");
        assert_eq!(found["page"]["components"][0]["on_path"], true, "{found:#}");
        assert!(text.contains(&format!("The page of {name} showed major outage")), "{text}");
        assert!(text.contains("Then ask the provider's support."), "{text}");
        assert!(!text.contains("Another way"), "nothing else is watched: {text}");
        // An error that says itself that Anthropic answered came by another road than the shell's.
        let own = format!("{INTERNAL}. If it persists, check https://status.claude.com.");
        let (found, _, _) = two.diagnosed_on_bedrock(&own);
        assert_eq!(
            (&found["page"]["key"], &found["branch"]),
            (&"claude".into(), &"route".into()),
            "{found:#}"
        );
        // From a shell that goes straight, Bedrock is nobody's business.
        let straight = two.scene.home.run(&["diagnose", "--json", INTERNAL]);
        let straight: Value = serde_json::from_slice(&straight.stdout).unwrap();
        assert_eq!(straight["branch"], "undecided", "{straight:#}");
    }
}

#[test]
fn a_feed_that_can_not_be_read_is_neither_green_nor_red() {
    let two = Two::with_bedrock("");
    two.other.always(Answer::status(503));
    let (found, text, code) = two.diagnosed_on_bedrock(INTERNAL);
    assert_eq!((found["branch"].as_str(), code), (Some("route"), 13), "{found:#}");
    let said = "What the page of Amazon Bedrock (us-east-1) said at that time is not known.";
    assert!(text.contains(said), "{text}");
}

#[test]
fn where_the_way_is_not_watched_it_is_diagnosed_as_ever() {
    let two = Two::new();
    two.configure("");
    two.scene.page.set(|page| page.set_status(API, "major_outage", "2026-11-01T10:00:00Z"));
    let (found, text, code) = two.diagnosed_on_bedrock(INTERNAL);
    assert_eq!((found["branch"].as_str(), code), (Some("route"), 13), "{found:#}");
    assert_eq!(found["page"]["key"], "claude");
    assert!(text.contains("Amazon Bedrock answered, not Anthropic: the status page"), "{text}");
}

#[test]
fn a_road_that_the_configuration_names_is_that_of_a_diagnosis_too() {
    let two = Two::with_bedrock("road = \"bedrock-us-east-1\"\n");
    two.other.always(red_feed("us-east-1"));
    let output = two.scene.home.run(&["diagnose", "--json", INTERNAL]);
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(found["branch"], "live_incident", "{found:#}");
    assert_eq!(found["route"]["credential"], "providers.road");
}

#[test]
fn errors_of_sessions_count_for_the_page_of_their_own_road() {
    let two = Two::with_bedrock("");
    let daemon = two.scene.home.daemon();
    two.polls();
    for session in ["a", "b"] {
        two.fails(&BEDROCK, session);
    }
    two.until("bedrock-us-east-1", "suspect");
    assert_eq!(two.verdict("claude"), "clear", "nothing of Anthropic's failed");
    // An answer that came the same way ends it, one of Anthropic's does not.
    two.fails(&STRAIGHT, "c");
    let works = |session: &str| json!({"hook_event_name": "Stop", "session_id": session});
    two.reports(&STRAIGHT, &works("c"));
    two.polls();
    assert_eq!(two.verdict("bedrock-us-east-1"), "suspect");
    two.reports(&BEDROCK, &works("a"));
    two.until("bedrock-us-east-1", "clear");
    // The reverse.
    for session in ["d", "e"] {
        two.fails(&STRAIGHT, session);
    }
    two.until("claude", "suspect");
    assert_eq!(two.verdict("bedrock-us-east-1"), "clear");
    daemon.stop();
}

#[test]
fn an_error_before_a_gateway_or_on_a_way_that_nobody_watches_counts_for_nobody() {
    let two = Two::with_bedrock("");
    let mut daemon = two.scene.home.daemon();
    two.polls();
    let gateway = ("ANTHROPIC_BEDROCK_BASE_URL", "https://gateway.example.org");
    let vertex = [("CLAUDE_CODE_USE_VERTEX", "1"), ("CLOUD_ML_REGION", "us-east5")];
    for (number, env) in
        [&[BEDROCK[0], BEDROCK[1], gateway][..], &vertex[..]].into_iter().enumerate()
    {
        for session in ["a", "b", "c"] {
            two.fails(env, &format!("{session}{number}"));
            daemon.says("an API error on this machine");
        }
    }
    two.polls();
    for page in ["claude", "bedrock-us-east-1"] {
        assert_eq!(two.verdict(page), "clear", "{page}");
    }
    daemon.stop();
}

#[test]
fn what_a_transcript_does_not_say_is_taken_from_settings_and_hooks() {
    // Nothing says otherwise: straight to Anthropic.
    let (two, daemon) = Two::following("", "{}");
    for session in ["a", "b"] {
        two.attempt_fails(session, 500, None);
    }
    two.until("claude", "suspect");
    assert_eq!(two.verdict("bedrock-us-east-1"), "clear");
    // Its hook says that it goes to Bedrock: that takes back what was assumed.
    let begins = |session: &str| json!({"hook_event_name": "SessionStart", "session_id": session, "source": "startup"});
    for session in ["a", "b"] {
        two.reports(&BEDROCK, &begins(session));
    }
    two.reports_are_taken();
    two.until("claude", "clear");
    for session in ["a", "b"] {
        two.attempt_fails(session, 529, None);
    }
    two.until("bedrock-us-east-1", "suspect");
    assert_eq!(two.verdict("claude"), "clear");
    daemon.stop();

    // The settings say Bedrock.
    let settings = r#"{"env": {"CLAUDE_CODE_USE_BEDROCK": "1"}}"#;
    let (two, daemon) = Two::following("", settings);
    for session in ["a", "b"] {
        two.attempt_fails(session, 500, None);
    }
    two.until("bedrock-us-east-1", "suspect");
    assert_eq!(two.verdict("claude"), "clear");
    // An id of Anthropic's says who answered, whatever the settings say.
    for session in ["c", "d"] {
        two.attempt_fails(session, 503, Some("req_011CSHzr8pbTkGkGBmTUAKWj"));
    }
    two.until("claude", "suspect");
    daemon.stop();

    // The configuration says so.
    let (two, daemon) = Two::following("road = \"bedrock-us-east-1\"", "{}");
    for session in ["a", "b"] {
        two.attempt_fails(session, 500, None);
    }
    two.until("bedrock-us-east-1", "suspect");
    assert_eq!(two.verdict("claude"), "clear");
    daemon.stop();
}
