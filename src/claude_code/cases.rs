//! Errors as they are pasted, one case a line: those of `errors.jsonl` are real or shaped like
//! real ones, those of `hostile.jsonl` were made up to be misread. What an expert accepts on the
//! page of its time, where we lead under a red, a green and an unknown page, and the id.

use std::fs;
use std::path::PathBuf;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::place::Place;
use super::{pasted, route};
use ccwatch_core::api_error::{ApiError, Branch};
use ccwatch_core::diagnose::{Around, Case, Means, diagnose};
use ccwatch_core::history::page_at::{ComponentThen, IncidentThen, PageSource, PageThen};
use ccwatch_core::model::{ComponentId, IncidentId, Level, Phase};
use ccwatch_core::route::RouteFacts;

#[derive(Deserialize)]
struct Row {
    name: String,
    text: String,
    #[serde(default)]
    env: serde_json::Map<String, Value>,
    settings: Option<Value>,
    login: bool,
    page: String,
    accept: Vec<String>,
    id: Option<String>,
    /// Under a red, a green and an unknown page.
    leads: Vec<String>,
}

/// The three components of the direct paths; `claude.ai` has its own level.
fn page(level: Level, claude_ai: Level) -> PageThen {
    let component = |(name, level): (&str, Level)| ComponentThen {
        id: ComponentId::from(name),
        name: name.to_owned(),
        group: None,
        watched: None,
        level,
        followed: None,
        worst: None,
        filtered: None,
    };
    let rows = [
        ("Claude Code", level),
        ("Claude API (api.anthropic.com)", level),
        ("claude.ai", claude_ai),
    ];
    PageThen {
        components: rows.map(component).to_vec(),
        source: PageSource::Readings,
        network: Some(true),
        ..PageThen::unknown(Timestamp::UNIX_EPOCH)
    }
}

fn named(name: &str) -> PageThen {
    match name {
        "red" => page(Level::Partial, Level::Partial),
        "green" => page(Level::Operational, Level::Operational),
        "auth" => {
            let incident = IncidentThen {
                id: IncidentId::from("abc"),
                name: "Elevated errors when logging in".to_owned(),
                phase: Phase::Investigating,
                components: vec![ComponentId::from("claude.ai")],
                began: None,
                ended: None,
                afterwards: false,
                nameless: false,
            };
            PageThen { incidents: vec![incident], ..page(Level::Operational, Level::Partial) }
        }
        _ => PageThen::unknown(Timestamp::UNIX_EPOCH),
    }
}

/// A home of its own, as the case has it.
fn place(row: &Row) -> (tempfile::TempDir, Place) {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().to_path_buf();
    let config = home.join(".claude");
    fs::create_dir(&config).unwrap();
    if row.login {
        let login =
            r#"{"claudeAiOauth":{"accessToken":"a","refreshToken":"b","expiresAt":4102444800000}}"#;
        fs::write(config.join(".credentials.json"), login).unwrap();
    }
    if let Some(settings) = &row.settings {
        fs::write(config.join("settings.json"), settings.to_string()).unwrap();
    }
    let managed: PathBuf = home.join("none");
    (dir, Place { cwd: home.clone(), home, config, managed })
}

/// The error as it is on the route of the case.
fn error_of(row: &Row) -> (ApiError, RouteFacts) {
    let (_home, place) = place(row);
    let env = |name: &str| row.env.get(name).and_then(Value::as_str).map(str::to_owned);
    let route = route::look(&env, &place);
    let endpoint = route.endpoint.as_ref().and_then(|it| it.host.as_deref());
    let error = pasted::read(&row.text);
    let error = match endpoint {
        Some(endpoint) => pasted::at_endpoint(error, endpoint),
        None => error,
    };
    let facts = route.facts_of(&error);
    (error, facts)
}

fn branch(error: &ApiError, facts: &RouteFacts, page: &PageThen) -> Branch {
    diagnose(&Case {
        error,
        page,
        route: facts,
        around: Around::default(),
        means: Means::default(),
    })
    .branch
}

#[test]
fn every_case_leads_where_an_expert_sends_it() {
    let file = |name: &str| {
        let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/pasted/");
        fs::read_to_string(format!("{dir}{name}.jsonl")).unwrap()
    };
    let text = file("errors") + &file("hostile");
    let mut wrong = Vec::new();
    for line in text.lines() {
        let row: Row = serde_json::from_str(line).unwrap();
        let (error, facts) = error_of(&row);
        let found = branch(&error, &facts, &named(&row.page)).as_str();
        if !row.accept.iter().any(|branch| branch == found) {
            wrong.push(format!("{}: {found} {:?} {:?}", row.name, error.cause, row.accept));
        }
        if error.request_id != row.id {
            wrong.push(format!("{}: the id {:?}", row.name, error.request_id));
        }
        let leads =
            ["red", "green", "dark"].map(|page| branch(&error, &facts, &named(page)).as_str());
        if leads.to_vec() != row.leads {
            wrong.push(format!("{}: {leads:?}, not {:?}", row.name, row.leads));
        }
    }
    assert!(text.lines().count() >= 750, "the cases that were handed over, and more of our own");
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
