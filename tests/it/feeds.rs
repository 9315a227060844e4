//! The feeds of the other ways to Claude, by the built program: an outage, its end, and what is no
//! feed at all.
#![cfg(target_os = "linux")]

use std::fs;

use serde_json::{Value, json};

use crate::daemon::Scene;
use crate::desktop::PATIENCE;
use crate::page::{Answer, SOON};
use crate::program::{Daemon, QUICK};

/// A feed: its lines of the configuration, its document, its answer when well and when not, and
/// what the outage is called.
struct Feed {
    engine: &'static str,
    document: &'static str,
    well: fn() -> Answer,
    red: fn() -> Answer,
    title: &'static str,
    over: &'static str,
    component: &'static str,
}

/// As AWS sends it.
pub(crate) fn utf16(value: &Value) -> Answer {
    let text = format!("\u{feff}{value}");
    let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    Answer::json(bytes)
}

pub(crate) fn rss(items: &str) -> Answer {
    let body =
        format!("<rss version=\"2.0\"><channel><title>Azure Status</title>{items}</channel></rss>");
    Answer::new(200, &[("Content-Type", "application/rss+xml; charset=utf-8")], body.as_bytes())
}

const FEEDS: [Feed; 3] = [
    Feed {
        engine: "engine = \"aws-health\"\nregions = [\"us-east-1\"]",
        document: "/public/currentevents",
        well: || utf16(&json!([])),
        red: || {
            utf16(&json!([{
                "date": "1788472198", "arn": "arn:aws:health:us-east-1::event/M/I/I_1",
                "service": "multipleservices-us-east-1", "summary": "More errors",
                "event_log": [], "impacted_services": {"bedrock-us-east-1": {"current": "3"}},
            }]))
        },
        title: "Major outage: Amazon Bedrock",
        over: "Back: Amazon Bedrock",
        component: "Amazon Bedrock (us-east-1)",
    },
    Feed {
        engine: "engine = \"google-cloud\"\nregions = [\"us-east5\"]",
        document: "/incidents.json",
        well: || Answer::json("[]"),
        red: || {
            let incident = json!([{
                "id": "T8gmtofFSTGT5tbhyciF", "begin": "2026-07-14T17:00:00+00:00",
                "external_desc": "Requests fail", "status_impact": "SERVICE_DISRUPTION",
                "affected_products": [{"id": "Z0FZJAMvEB4j3NbCJs6B"}],
                "currently_affected_locations": [{"id": "us-east5"}],
            }]);
            Answer::json(incident.to_string())
        },
        title: "Partial outage: Vertex AI",
        over: "Back: Vertex AI",
        component: "Vertex AI (us-east5)",
    },
    Feed {
        engine: "engine = \"azure-rss\"",
        document: "/en-us/status/feed/",
        well: || rss(""),
        red: || rss("<item><title>Azure OpenAI: errors</title><guid>e1</guid></item>"),
        title: "Incident reported: Microsoft Foundry",
        over: "No longer reported: Microsoft Foundry",
        component: "Microsoft Foundry",
    },
];

#[test]
fn an_outage_in_a_feed_is_told_and_so_is_its_end() {
    for feed in FEEDS {
        let scene = Scene::new();
        let polls = || scene.page.wait_for_requests(scene.page.requests().len() + 4, SOON);
        let rest = format!("{}\n{QUICK}[watch]\ncomponents = []\n", feed.engine);
        scene.home.configure(&scene.page.url(), "stale_after = \"10m\"", &rest);
        let recording = scene.home.path().join("recording.jsonl");
        scene.page.always((feed.well)());
        let command = ["run", "--record", recording.to_str().unwrap()];
        let daemon = Daemon::start(scene.home.command(&command));
        let paths = polls();
        assert!(paths.iter().all(|seen| seen.path == feed.document), "{paths:?}");
        let (status, code) = scene.home.status();
        assert_eq!((&status["verdict"], code), (&json!("clear"), 0), "{}: {status}", feed.engine);
        scene.page.always((feed.red)());
        let told = scene.server.wait_for(1, PATIENCE);
        assert_eq!(told[0].summary, feed.title);
        let (status, _) = scene.home.status();
        assert_eq!(status["verdict"], "wait", "{status}");
        assert_eq!(status["components"][0]["name"], feed.component, "{status}");
        // What can't be the feed changes nothing.
        scene.page.always(Answer::html("<!DOCTYPE html><html><body>Sign in</body></html>"));
        polls();
        let (status, _) = scene.home.status();
        assert_eq!(status["verdict"], "wait", "{status}");
        assert!(status["reading"]["error_kind"] == "captive_portal", "{status}");
        scene.page.always((feed.well)());
        let told = scene.server.wait_for(2, PATIENCE);
        assert!(told[1].summary.starts_with(feed.over), "{told:?}");
        daemon.stop();
        // The recording replays to the same messages.
        let replayed = scene.home.run(&["replay", "--json", recording.to_str().unwrap()]);
        let replayed = String::from_utf8(replayed.stdout).unwrap();
        let titles: Vec<String> = replayed
            .lines()
            .map(|line| {
                serde_json::from_str::<Value>(line).unwrap()["title"].as_str().unwrap().to_owned()
            })
            .collect();
        assert_eq!(titles.len(), 2, "{replayed}\n{}", fs::read_to_string(&recording).unwrap());
        assert_eq!(titles[0], feed.title);
    }
}

#[test]
fn a_feed_without_its_address_or_its_regions_is_refused_with_what_to_write() {
    let scene = Scene::new();
    let refused = |page: &str, expected: &str| {
        fs::write(scene.home.config(), format!("[page]\n{page}\n")).unwrap();
        let check = scene.home.run(&["config", "check"]);
        let said = String::from_utf8_lossy(&check.stderr) + String::from_utf8_lossy(&check.stdout);
        assert_eq!(check.status.code(), Some(78), "{page}: {said}");
        assert!(said.contains(expected), "{page}: {said}");
    };
    refused("engine = \"azure-rss\"", "https://rssfeed.azure.status.microsoft");
    refused("engine = \"aws\"", "aws-health");
    let aws = "url = \"https://health.aws.amazon.com\"\nengine = \"aws-health\"";
    refused(aws, "somewhere in the world it is always red");
    refused(&format!("{aws}\nregions = [\"US East\"]"), "is no region such as");
    refused("regions = [\"us-east-1\"]", "not read by region");
}
