//! The shapes that `docs/json.md` promises are those that the program prints.
#![cfg(target_os = "linux")]

use std::collections::BTreeSet;
use std::fs;

use ccwatch::platform::clock::now;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::daemon::Scene;
use crate::hook;
use crate::json_more::{example, keys};
use crate::page::{API, FakePage, PageModel};
use crate::program::Home;

const DOCS: &str = include_str!("../../docs/json.md");

/// Every key of a value with the kind of what it holds, lists by all their elements. What is
/// `null` is only there.
fn shape(value: &Value, path: &str, found: &mut BTreeSet<String>) {
    let kind = match value {
        Value::Null => return,
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "text",
        Value::Array(all) => {
            all.iter().for_each(|one| shape(one, &format!("{path}[]"), found));
            "list"
        }
        Value::Object(all) => {
            all.iter().for_each(|(key, one)| shape(one, &format!("{path}.{key}"), found));
            "object"
        }
    };
    found.insert(format!("{path}: {kind}"));
}

fn of(value: &Value, look: fn(&Value, &str, &mut BTreeSet<String>)) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    look(value, "", &mut found);
    found
}

#[test]
fn the_documented_shapes_are_the_printed_ones() {
    let page = FakePage::start();
    let home = Home::new(&page);
    let ago = |seconds| now().saturating_sub(SignedDuration::from_secs(seconds)).unwrap();
    let posted = ago(90).to_string();
    page.set(|page| {
        page.set_status(API, "partial_outage", &posted);
        page.post("tmyn1ydxm0n6", "Elevated errors on Claude models", "major", &posted, &[API]);
    });
    let file = |path: &str, content: &str| {
        let path = home.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    };
    let login = json!({"claudeAiOauth": {"accessToken": "a", "refreshToken": "r",
        "expiresAt": 4_102_444_800_000_i64, "refreshTokenExpiresAt": 4_102_444_800_000_i64}});
    file(".claude/.credentials.json", &login.to_string());
    let retry = json!({"type": "system", "subtype": "api_error", "sessionId": "s",
        "timestamp": ago(40).to_string(), "version": "2.1.330",
        "error": {"status": 529, "requestId": "req_011C", "formatted": "529 Overloaded"}});
    let content = json!([{"type": "text", "text": "API Error: 529 Overloaded."}]);
    let end = json!({"type": "assistant", "isApiErrorMessage": true, "sessionId": "s",
        "apiErrorStatus": 529, "apiErrorType": "overloaded_error", "error": "server_error",
        "timestamp": ago(30).to_string(), "version": "2.1.330",
        "message": {"model": "<synthetic>", "content": content}});
    file(".claude/projects/-work/s.jsonl", &format!("{retry}\n{end}\n"));
    file("work/.claude/settings.json", "{ broken");
    let answers = json!({"customApiKeyResponses": {"approved": [], "rejected": ["a key"]}});
    file(".claude.json", &answers.to_string());

    let proxy = ("https_proxy", "http://proxy.example:3128");
    let gateway = [
        proxy,
        ("NO_PROXY", "llm.example"),
        ("ANTHROPIC_API_KEY", "a key"),
        ("ANTHROPIC_BASE_URL", "http://llm.example:8080"),
        ("ANTHROPIC_CUSTOM_HEADERS", "a: b"),
        ("CLAUDE_CODE_MAX_RETRIES", "15"),
    ];
    let print = |args: &[&str], env: &[(&str, &str)]| -> Value {
        let mut command = home.command(args);
        command.current_dir(home.path().join("work")).envs(env.iter().copied());
        serde_json::from_slice(&command.output().unwrap().stdout).unwrap()
    };
    for (args, env) in [
        (&["diagnose", "--json"][..], &[proxy][..]),
        (&["route", "--json"], &gateway),
        (&["evidence", "--json"], &[]),
    ] {
        is_as_documented(&print(args, env), args[0]);
    }
    // Its first answer is word for word what the page and the error of this test give.
    let (printed, documented) = (print(&["diagnose", "--json"], &[proxy]), example("diagnose"));
    for key in ["branch", "confidence", "why", "first_move", "verify", "escalate_when", "missing"] {
        assert_eq!(printed[key], documented[key], "{key}");
    }
}

/// Every key and what it holds, where it isn't `null`, as the example of a command has it.
#[track_caller]
fn is_as_documented(printed: &Value, command: &str) {
    let documented = example(command);
    for (what, look) in [("keys", keys as fn(&_, &_, &mut _)), ("shape", shape)] {
        let (one, other) = (of(printed, look), of(&documented, look));
        let odd: Vec<_> = one.symmetric_difference(&other).collect();
        assert!(odd.is_empty(), "{command}, {what}: {odd:?}: {printed:#}");
    }
    assert_eq!(printed["version"], documented["version"]);
}

/// Beside a daemon that told of an outage by pop-up and by hook, and of its end.
#[test]
fn status_and_history_are_as_documented() {
    let scene = Scene::new();
    hook::script(&scene.home, &scene.page, "exit 0");
    let daemon = scene.home.daemon();
    scene.polls();
    // In the month that a history tells of.
    let [posted, over] = [10, 9].map(|days| now() - SignedDuration::from_hours(days * 24));
    let turns: [fn(&mut PageModel, &str); 2] = [
        |page, posted| {
            page.set_status(API, "partial_outage", posted);
            page.post("tmyn1ydxm0n6", "Elevated errors", "major", posted, &[API]);
            let begins = ccwatch::platform::clock::now() + jiff::SignedDuration::from_hours(24);
            let plan = (begins, begins + jiff::SignedDuration::from_hours(2));
            page.announce("m1w0rk00n6ab", "scheduled", plan, &[API]);
        },
        |page, over| page.set_status(API, "operational", over),
    ];
    let json =
        |args: &[&str]| -> Value { serde_json::from_slice(&scene.home.run(args).stdout).unwrap() };
    let mut answers = Vec::new();
    for (n, (turn, at)) in (1..).zip(turns.into_iter().zip([posted, over])) {
        scene.page.set(|page| turn(page, &at.to_string()));
        let heard = || {
            let notices = &json(&["history", "--json", "--notices"])["notices"];
            let shown = |sink: &str| {
                let all = notices.as_array().unwrap().iter();
                all.filter(|notice| notice["deliveries"][sink]["state"] == "shown").count()
            };
            (shown("desktop") == n && shown("hook") == n).then_some(())
        };
        hook::at_last(&scene.page, heard);
        answers.push(json(&["status", "--json"]));
    }
    is_as_documented(&answers[0], "status");
    for key in ["hook_lost", "transcripts_lost", "popups_wait", "hangs", "cannot_write"] {
        assert!(answers[0]["daemon"].get(key).is_some(), "{key}");
    }
    is_as_documented(&json(&["history", "--json"]), "history");
    daemon.stop();
}

#[test]
fn every_word_that_a_key_may_hold_is_documented() {
    use ccwatch_core::api_error::{Branch, Confidence, ErrorSource};
    use ccwatch_core::history::page_at::PageSource;
    let branches = [
        Branch::LiveIncident,
        Branch::Login,
        Branch::Session,
        Branch::Route,
        Branch::RateLimit,
        Branch::Network,
        Branch::Undecided,
    ];
    let at = jiff::Timestamp::UNIX_EPOCH;
    let sources = [
        PageSource::Readings,
        PageSource::Between { before: at, after: at },
        PageSource::Incidents,
        PageSource::Live,
        PageSource::None,
    ];
    let errors =
        [ErrorSource::Pasted, ErrorSource::RetryRow, ErrorSource::TerminalRow, ErrorSource::Hook];
    let words = branches
        .map(Branch::as_str)
        .into_iter()
        .chain([Confidence::Low, Confidence::Medium, Confidence::High].map(Confidence::as_str))
        .chain(sources.map(PageSource::as_str))
        .chain(errors.iter().map(ErrorSource::as_str));
    for word in words {
        assert!(DOCS.contains(&format!("`{word}`")), "{word}");
    }
}
