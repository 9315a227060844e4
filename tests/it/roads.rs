//! Who goes another way to Claude: what is asked and what waits goes by the page of that way.
#![cfg(target_os = "linux")]

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::page::{API, Answer, CLAUDE_CODE, SOON};
use crate::pages::{Two, red_feed, well_feed};
use crate::program::{Daemon, QUICK, executable};

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
        assert_eq!((found["branch"].as_str(), code), (Some("undecided"), 16), "{found:#}");
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
        assert!(text.starts_with(&format!("LIVE INCIDENT  it is {name}, not you")), "{text}");
        // Of the way back to Anthropic only a daemon knows how it is.
        assert!(!text.contains("Another way looks well: Amazon"), "{text}");
        let back = "Another way looks well: Anthropic itself;";
        assert_eq!(text.contains(back), with_daemon, "{text}");
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
fn evidence_of_a_whole_outage_is_by_the_page_of_the_road() {
    let two = Two::with_bedrock("");
    two.other.always(red_feed("us-east-1"));
    fs::create_dir_all(two.scene.home.path().join(".claude/projects/-work")).unwrap();
    two.attempt_fails("a", 500, None);
    for span in [["--since", "1h ago"], ["--incident", "I1"]] {
        let (packet, _) = two.said_on_bedrock(&[&["evidence", "--json"], &span[..]].concat());
        let packet: Value = serde_json::from_str(&packet).unwrap();
        let said = &packet["outage"]["page_at_first"];
        assert_eq!(*said, json!(["Amazon Bedrock (us-east-1): major"]), "{packet:#}");
    }
}

#[test]
fn a_feed_that_can_not_be_read_is_neither_green_nor_red() {
    let two = Two::with_bedrock("");
    two.other.always(Answer::status(503));
    let (found, text, code) = two.diagnosed_on_bedrock(INTERNAL);
    assert_eq!((found["branch"].as_str(), code), (Some("undecided"), 16), "{found:#}");
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

/// Claude's page is red all the while, and holds nobody.
fn claude_is_red(two: &Two) {
    two.scene.page.set(|page| page.set_status(API, "major_outage", "2026-11-01T10:00:00Z"));
}

#[test]
fn a_session_on_bedrock_waits_for_bedrock_and_not_for_claudes_page() {
    for with_daemon in [true, false] {
        let two = Two::with_bedrock("\n[sessions]\nresume = true\nspread = \"0s\"\n");
        claude_is_red(&two);
        two.other.always(red_feed("us-east-1"));
        fs::create_dir(two.scene.home.state()).unwrap();
        let daemon = with_daemon.then(|| two.scene.home.daemon());
        if daemon.is_some() {
            two.polls();
        }
        let mut command = two.on_bedrock(&["hook", "--wait"]);
        let piped = command.stdin(Stdio::piped()).stderr(Stdio::piped());
        let mut waits = piped.spawn().unwrap();
        let event = json!({"hook_event_name": "StopFailure", "session_id": "one",
            "cwd": two.scene.home.path(), "error": "server_error", "last_assistant_message": INTERNAL});
        waits.stdin.take().unwrap().write_all(event.to_string().as_bytes()).unwrap();
        let session = || {
            let said = two.scene.home.run(&["sessions", "--all", "--json"]).stdout;
            let said: Value = serde_json::from_slice(&said).unwrap();
            said["sessions"][0]["state"].as_str().unwrap_or_default().to_owned()
        };
        // Each asking is a process.
        let begun = (0..3000).any(|_| session() == "waiting");
        assert!(begun, "{}", session());
        // So often the feed is read until the hook has surely looked at it.
        two.other.wait_for_requests(two.other.requests().len() + 120, SOON);
        assert_eq!((session().as_str(), waits.try_wait().unwrap()), ("waiting", None));
        two.other.always(well_feed());
        let output = waits.wait_with_output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains("its status page is green again"), "{said}");
        assert_eq!(session(), "woken");
    }
}

#[test]
fn retry_on_bedrock_waits_for_bedrock_and_not_for_claudes_page() {
    for with_daemon in [false, true] {
        let two = Two::with_bedrock("");
        claude_is_red(&two);
        let home = two.scene.home.path();
        let script = "#!/bin/sh\necho >>\"$HOME/ran\"\n[ $(wc -l <\"$HOME/ran\") -ge 2 ] && exit 0\n\
                      echo 'API Error: 529 Overloaded'; exit 1\n";
        executable(&home.join("claude"), script);
        two.other.always(red_feed("us-east-1"));
        let daemon = with_daemon.then(|| two.scene.home.daemon());
        if daemon.is_some() {
            two.polls();
        }
        let path = format!("{}:{}", home.display(), std::env::var("PATH").unwrap());
        let mut command = two.on_bedrock(&["retry", "--pause", "20ms", "--", "claude"]);
        command.env("PATH", path);
        let mut retry = Daemon::start(command);
        retry.says("waiting: Amazon Bedrock: major outage; More errors (");
        let ran = || fs::read_to_string(home.join("ran")).unwrap().lines().count();
        two.other.wait_for_requests(two.other.requests().len() + 20, SOON);
        assert_eq!(ran(), 1, "it waits");
        two.other.always(well_feed());
        let (status, said) = retry.ends();
        assert_eq!((status.code(), ran()), (Some(0), 2), "{said}");
        assert!(with_daemon || two.scene.page.requests().is_empty(), "nobody asked Claude's page");
    }
}

#[test]
fn a_check_compares_the_names_of_each_page_with_that_page() {
    let two = Two::new();
    two.other.set(|page| page.component(CLAUDE_CODE).name = "Gateway".to_owned());
    let other = format!("[[pages]]\nname = \"Other\"\nurl = \"{}\"\n", two.other.url());
    let more = format!(
        "[watch]\ncomponents = [\"Claude API\", \"Gateway\"]\n{other}watch = [\"Gateway\", \"Gone\"]\n"
    );
    let rest = format!("{QUICK}{more}");
    two.scene.home.configure(&two.scene.page.url(), "stale_after = \"10m\"", &rest);
    let daemon = two.scene.home.daemon();
    two.polls();
    daemon.stop();
    for page in [&two.scene.page, &two.other] {
        page.always(Answer::status(503));
    }
    let check = |args: &[&str]| two.scene.home.run(&[&["config", "check"], args].concat()).stdout;
    let text = String::from_utf8(check(&[])).unwrap();
    let said = "warning: watch.components: nothing on the page answers to \"Gateway\"\n  hint: the \
                page has: claude.ai, Claude Console, Claude API, Claude Code";
    assert!(text.contains(said), "{text}");
    assert!(text.contains("; other has it, which is a page of its own\n"), "{text}");
    let said =
        "warning: watch of other: nothing on the page answers to \"Gone\"\n  hint: the page has: ";
    assert!(text.contains(said), "{text}");
    assert_eq!(text.matches("warning: ").count(), 2, "{text}");
    let json: Value = serde_json::from_slice(&check(&["--json"])).unwrap();
    assert_eq!(json["not_on_page"], json!(["Gateway"]));
    let pages = json!([{"page": "other", "not_on_page": ["Gone"], "live": null}]);
    assert_eq!(json["pages"], pages);
}

#[test]
fn every_answer_says_which_page_it_is_of() {
    let two = Two::with_bedrock("");
    let (route, _) = two.said_on_bedrock(&["route"]);
    let said = "On the page:  Amazon Bedrock (us-east-1), which has a page of its own here (--page \
                bedrock-us-east-1)\n";
    assert!(route.contains(said), "{route}");
    let (route, _) = two.said_on_bedrock(&["route", "--json"]);
    let route: Value = serde_json::from_str(&route).unwrap();
    assert_eq!(route["page"], "bedrock-us-east-1");
    let (status, _) = two.said_on_bedrock(&["status"]);
    assert!(status.contains("\nOn the page of Amazon Bedrock (us-east-1):\n"), "{status}");
    let daemon = two.scene.home.daemon();
    two.polls();
    for about in [&["status", "--at", "now"][..], &["history"], &["uptime"]] {
        let (text, _) = two.said_on_bedrock(about);
        assert!(text.starts_with("On the page of Amazon Bedrock (us-east-1):\n"), "{text}");
        let (json, _) = two.said_on_bedrock(&[about, &["--json"]].concat());
        let json: Value = serde_json::from_str(&json).unwrap();
        assert_eq!(json["page"], "bedrock-us-east-1");
        let straight = two.scene.home.run(about).stdout;
        assert!(!String::from_utf8_lossy(&straight).contains("On the page of"), "{about:?}");
    }
    let bar = ["status", "--format", "line"];
    assert_eq!(two.said_on_bedrock(&bar).0, "Amazon Bedrock: clear\n");
    assert_eq!(two.scene.home.run(&bar).stdout, b"Claude: clear\n");
    daemon.stop();
    // Where the way isn't watched, how it would be is said.
    two.configure("");
    let (route, _) = two.said_on_bedrock(&["route"]);
    assert!(route.contains("says nothing about this path; to watch it, name it"), "{route}");
    // Of a page that isn't Claude's nothing is claimed.
    let rest = format!("id = \"\"\n{QUICK}");
    two.scene.home.configure(&two.scene.page.url(), "stale_after = \"10m\"", &rest);
    let (route, _) = two.said_on_bedrock(&["route"]);
    assert!(route.contains("On the page:  not known: [page] is another one than"), "{route}");
}
