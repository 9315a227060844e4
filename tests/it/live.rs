//! `ccwatch config check --live`: what the page that is configured turns out to be.

use serde_json::{Value, json};

use crate::page::{API, Answer, CLAUDE_AI, CLAUDE_CODE, FakePage, PAGE_ID};
use crate::program::Home;

fn home(page: &FakePage, rest: &str) -> Home {
    let home = Home::new(page);
    home.configure(&page.url(), "", rest);
    home
}

/// What it says, to people and as JSON, with its exit code.
fn check(home: &Home) -> (String, Value, i32) {
    let text = home.run(&["config", "check", "--live"]);
    let json = home.run(&["config", "check", "--live", "--json"]);
    assert_eq!(text.status, json.status);
    let said = String::from_utf8(text.stdout).unwrap() + &String::from_utf8(text.stderr).unwrap();
    let json: Value =
        serde_json::from_slice(&json.stdout).unwrap_or_else(|e| panic!("{e}: {said}"));
    (said, json["live"].clone(), text.status.code().unwrap())
}

#[test]
fn it_says_what_the_page_is_and_what_of_it_is_watched() {
    let page = FakePage::start();
    page.set(|page| {
        page.set_status(API, "partial_outage", "2026-11-01T10:00:00Z");
        let at = ccwatch::platform::clock::now().to_string();
        page.post("abc", "Elevated errors", "major", &at, &[API]);
    });
    let home =
        home(&page, "[watch]\ncomponents = [\"claude api\", \"claude.ai\", \"Claude Cod\"]\n");
    let (said, live, code) = check(&home);
    assert_eq!(code, 0, "{said}");
    let url = page.url();
    for part in [
        &format!("config.toml: ok\n{url} is a page by Statuspage"),
        &format!("\"Claude\" (id {PAGE_ID})"),
        "\n  Claude API: partial outage, watched as \"claude api\"\n",
        "\n  Claude Code: operational, not watched\n",
        "nothing on the page answers to \"Claude Cod\"",
        "hint: the page has: claude.ai,",
        "\n  Elevated errors (investigating): Claude API\n",
    ] {
        assert!(said.contains(part), "{part:?} in:\n{said}");
    }
    assert_eq!((&live["readable"], &live["error"]), (&json!(true), &Value::Null));
    assert_eq!(
        (&live["engine"], &live["id"], &live["name"]),
        (&json!("statuspage"), &json!(PAGE_ID), &json!("Claude"))
    );
    let expected = json!([
        {"entry": "claude api", "components": [API]},
        {"entry": "claude.ai", "components": [CLAUDE_AI]},
        {"entry": "Claude Cod", "components": []},
    ]);
    assert_eq!(live["watch"], expected);
    let rows = live["components"].as_array().unwrap();
    let row = rows.iter().find(|row| row["id"] == CLAUDE_CODE).unwrap();
    assert_eq!((&row["level"], &row["watched"]), (&json!("operational"), &json!(false)));
    assert_eq!(live["incidents"][0]["components"], json!([API]));
    assert!(!home.state().exists(), "a look leaves nothing behind");
}

/// Without the option nothing of this is said, and a named file is not compared with any page.
#[test]
fn only_with_the_option_is_the_page_asked_for_a_named_file() {
    let page = FakePage::start();
    let home = home(&page, "");
    let file = home.config();
    let file = file.to_str().unwrap();
    let run = |args: &[&str]| home.run(&[&["config", "check", file, "--json"], args].concat());
    let json = |args: &[&str]| serde_json::from_slice::<Value>(&run(args).stdout).unwrap();
    let plain = json(&[]);
    assert_eq!((&plain["live"], &plain["not_on_page"]), (&Value::Null, &Value::Null));
    assert!(page.requests().is_empty());
    let live = json(&["--live"]);
    assert_eq!((&live["live"]["readable"], &live["not_on_page"]), (&json!(true), &json!([])));
    assert_eq!(page.requests().len(), 1);
}

fn rss(title: &str) -> Answer {
    let body = format!(
        "<?xml version=\"1.0\"?>\n<rss version=\"2.0\"><channel><title>{title}</title></channel></rss>"
    );
    Answer::new(200, &[("Content-Type", "application/rss+xml")], body.as_bytes())
}

/// A page that is there in another format, or at another place of its host, is named.
#[test]
fn a_wrong_engine_is_found_out() {
    let incidents = json!([{
        "id": "T8gmtofFSTGT5tbhyciF", "begin": "2026-07-14T17:00:00+00:00",
        "end": "2026-07-14T18:00:00+00:00", "affected_products": [{"id": "Z0FZJAMvEB4j3NbCJs6B"}],
        "previously_affected_locations": [{"id": "us-east5"}, {"id": "europe-west1"}],
    }]);
    let feeds = [
        ("/en-us/status/feed", rss("Azure Status"), "azure-rss", "engine = \"azure-rss\""),
        (
            "/incidents.json",
            Answer::json(incidents.to_string()),
            "google-cloud",
            "engine = \"google-cloud\", and the regions that you use",
        ),
        ("/public/currentevents", Answer::json("[]"), "aws-health", "engine = \"aws-health\""),
    ];
    for (document, answer, engine, hint) in feeds {
        let page = FakePage::start();
        page.always_for("", Answer::status(404));
        page.always_for(document, answer);
        // Below the document there is nothing.
        page.always_for(&format!("{document}{document}"), Answer::status(404));
        // The address of the feed itself, and that of its host.
        for place in ["", document] {
            let home = Home::new(&page);
            home.configure(&format!("{}{place}", page.url()), "", "");
            let (said, live, code) = check(&home);
            assert_eq!(code, 69, "{said}");
            assert!(said.contains("can't be read with engine = \"statuspage\""), "{said}");
            assert!(said.contains(hint), "{said}");
            assert_eq!(live["instead"], json!({"url": page.url(), "engine": engine}), "{said}");
            assert_eq!((&live["readable"], &live["components"]), (&json!(false), &Value::Null));
        }
    }
    // The other way round.
    let page = FakePage::start();
    let home = home(&page, "");
    let wrong = format!("{}/history.rss", page.url());
    home.configure(&wrong, "", "");
    let (said, live, _) = check(&home);
    assert_eq!(live["instead"], json!({"url": page.url(), "engine": "statuspage"}), "{said}");
    home.configure(&page.url(), "", "engine = \"azure-rss\"\n");
    let (said, live, _) = check(&home);
    assert_eq!(live["instead"]["engine"], "statuspage", "{said}");
}

#[test]
fn what_is_no_page_at_all_is_said_as_what_it_is() {
    for (answer, kind, words) in [
        (
            Answer::html("<!DOCTYPE html><html>Sign in</html>"),
            "captive_portal",
            "sign in to the network",
        ),
        (rss("GitHub Status"), "content_type", "application/rss+xml instead of JSON"),
        (Answer::status(503), "unavailable", "503"),
    ] {
        let page = FakePage::start();
        page.always(answer);
        let (said, live, code) = check(&home(&page, ""));
        assert_eq!((code, &live["error"]["kind"]), (69, &json!(kind)), "{said}");
        assert!(said.contains(words), "{said}");
        assert_eq!(live["instead"], Value::Null);
    }
    let page = FakePage::start();
    page.set(|page| page.id = "other".to_owned());
    let (said, live, code) = check(&home(&page, ""));
    assert_eq!((code, &live["error"]["kind"]), (69, &json!("other_page")), "{said}");
    assert!(said.contains("write id = \"other\" below [page]"), "{said}");
}

#[test]
fn a_region_that_a_feed_never_named_may_be_misspelt() {
    let page = FakePage::start();
    let incidents = json!([{
        "id": "T8gmtofFSTGT5tbhyciF", "begin": "2026-07-14T17:00:00+00:00",
        "end": "2026-07-14T18:00:00+00:00", "affected_products": [{"id": "x"}],
        "previously_affected_locations": [{"id": "us-east5"}, {"id": "europe-west1"}],
    }]);
    page.always(Answer::json(incidents.to_string()));
    let home = home(
        &page,
        "engine = \"google-cloud\"\nregions = [\"us-east5\", \"us-esat5\"]\n[watch]\ncomponents = []\n",
    );
    let (said, live, code) = check(&home);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("Vertex AI (us-east5): operational, watched, as all are"), "{said}");
    assert!(said.contains("nothing in the feed names the region \"us-esat5\""), "{said}");
    assert!(said.contains("the feed names: europe-west1, us-east5"), "{said}");
    let regions = json!({"named": ["europe-west1", "us-east5"], "not_named": ["us-esat5"]});
    assert_eq!(live["regions"], regions);
}

/// What isn't known of a page is said, and none of it as if all were well.
#[test]
fn what_is_not_understood_of_a_page_is_said() {
    let page = FakePage::start();
    let look_alike = include_str!("../fixtures/pages/incident-io.json");
    page.always(Answer::json(look_alike.replace("01JMDK9XYNH5R2B1", PAGE_ID)));
    let (said, live, code) = check(&home(&page, ""));
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("It doesn't say here which incidents are open"), "{said}");
    assert!(!said.contains("No open incident"), "{said}");
    assert_eq!(live["incidents"], Value::Null);
    let event = json!({
        "arn": "arn:aws:health:us-east-1::event/M/I/I_1", "service": "multipleservices-us-east-1",
        "status": "3", "event_log": [], "impacted_services": null,
    });
    page.always(Answer::json(json!([event]).to_string()));
    let feed = "engine = \"aws-health\"\nregions = [\"us-east-1\"]\n[watch]\ncomponents = []\n";
    let (said, live, code) = check(&home(&page, feed));
    assert_eq!(code, 0, "{said}");
    for part in [
        "Amazon Bedrock: not known, watched",
        "note: an event of many services that doesn't say which",
        "No open incident that is understood.",
    ] {
        assert!(said.contains(part), "{part:?} in:\n{said}");
    }
    let lines = json!(["an event of many services that doesn't say which"]);
    assert_eq!((&live["not_understood"], &live["incidents"]), (&lines, &json!([])));
}
