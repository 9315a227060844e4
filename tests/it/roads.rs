//! Who goes another way to Claude: what is asked and what waits goes by the page of that way.
#![cfg(target_os = "linux")]

use serde_json::Value;

use crate::page::{API, Answer};
use crate::pages::{Two, red_feed, well_feed};

const INTERNAL: &str = "API Error: 500 Internal server error";

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
