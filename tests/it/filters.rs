//! Filters mean the same everywhere: what is only about other models, or milder than wanted, makes no
//! pop-up, no verdict, no exit code and no line of a bar, and is shown as filtered.
#![cfg(target_os = "linux")]

use ccwatch::platform::clock::now;
use jiff::SignedDuration;
use serde_json::json;

use crate::daemon::Scene;
use crate::hook::{RECORD, at_last};
use crate::page::{API, CLAUDE_CODE, COWORK};
use crate::program::{Daemon, Home, QUICK};

fn out(home: &Home, args: &[&str]) -> String {
    String::from_utf8(home.run(args).stdout).unwrap()
}

#[test]
fn what_is_filtered_is_quiet_on_every_surface_and_shown_as_filtered() {
    for (watch, filter, words) in [
        ("models = [\"haiku\"]", "other_models", "Opus 4.6 only; not your model"),
        ("min_level = \"partial\"", "below_min_level", "milder than watch.min_level"),
    ] {
        let scene = Scene::new();
        let rest = format!("{QUICK}[watch]\n{watch}\n");
        scene.home.configure(&scene.page.url(), "stale_after = \"10m\"", &rest);
        let mut daemon = Daemon::start(scene.home.command(&["run"]));
        scene.polls();
        let at = now().to_string();
        scene.page.set(|page| {
            page.set_status(CLAUDE_CODE, "degraded_performance", &at);
            page.post("abc", "Elevated errors on Claude Opus 4.6", "minor", &at, &[CLAUDE_CODE]);
        });
        daemon.says("Claude Code: operational -> degraded");
        scene.polls();
        let (status, code) = scene.home.status();
        assert_eq!((status["verdict"].clone(), code), (json!("clear"), 0), "{watch}: {status}");
        let mut rows = status["components"].as_array().unwrap().iter();
        let code = rows.find(|row| row["id"] == CLAUDE_CODE).unwrap();
        assert_eq!((&code["level"], &code["filtered"]), (&json!("degraded"), &json!(filter)));
        let text = out(&scene.home, &["status"]);
        assert!(text.contains(words) && text.contains("CLEAR"), "{text}");
        assert!(text.contains("Nothing that concerns you is affected"), "{text}");
        for form in ["line", "tmux", "waybar", "i3blocks", "starship", "claude-code"] {
            let bar = out(&scene.home, &["status", "--format", form, "--always"]);
            assert!(bar.contains("clear"), "{form}: {bar}");
            let shown = bar.contains("degraded");
            assert!(!shown || bar.contains(words), "only as filtered: {form}: {bar}");
        }
        let wait = scene.home.run(&["wait", "--timeout", "1ms"]);
        assert_eq!(wait.status.code(), Some(0), "{watch}: there is nothing to wait for");
        let wait = scene.home.run(&["wait", "--for", "clear", "--timeout", "1ms"]);
        assert_eq!(wait.status.code(), Some(0), "{watch}: nor for all to be well");
        let told = out(&scene.home, &["history", "--notices"]);
        assert!(!told.contains("Degraded"), "{watch}: {told}");
        let why = out(&scene.home, &["history", "--transitions"]);
        assert!(why.contains("not told"), "{watch}: {why}");
    }
}

#[test]
fn a_model_that_is_none_is_refused_with_what_to_write() {
    let scene = Scene::new();
    for (entry, hint) in [
        ("opusplan", "\"opus\", \"sonnet\""),
        ("default", "opus, sonnet, haiku"),
        ("best", "opus, sonnet, haiku"),
        ("opsu", "opus, sonnet, haiku"),
    ] {
        let rest = format!("{QUICK}[watch]\nmodels = [\"{entry}\"]\n");
        scene.home.configure(&scene.page.url(), "stale_after = \"10m\"", &rest);
        let check = scene.home.run(&["config", "check"]);
        let told =
            String::from_utf8(check.stderr).unwrap() + &String::from_utf8(check.stdout).unwrap();
        assert_eq!(check.status.code(), Some(78), "{entry}: {told}");
        assert!(told.contains("is no model") && told.contains(hint), "{entry}: {told}");
    }
    for entry in ["opus", "sonnet[1m]", "claude-zephyr-5"] {
        let rest = format!("{QUICK}[watch]\nmodels = [\"{entry}\"]\n");
        scene.home.configure(&scene.page.url(), "stale_after = \"10m\"", &rest);
        assert_eq!(scene.home.run(&["config", "check"]).status.code(), Some(0), "{entry}");
    }
}

/// A bad incident that names nobody changes no light, and no surface says that the page is green; nor
/// where something is down that nobody watches. Its end is told.
#[test]
fn what_names_nobody_and_what_nobody_watches_is_known_on_every_surface() {
    let scene = Scene::new();
    let hook = scene.home.path().join("hook.sh");
    std::fs::write(&hook, format!("cd '{}'\n{RECORD}", scene.home.path().display())).unwrap();
    let rest = format!("{QUICK}hook = [\"sh\", {hook:?}]\n");
    scene.home.configure(&scene.page.url(), "stale_after = \"10m\"", &rest);
    let mut daemon = Daemon::start(scene.home.command(&["run"]));
    scene.polls();
    let at = now().to_string();
    scene.page.set(|page| page.post("down", "Everything is down", "critical", &at, &[]));
    daemon.says("Incident: Everything is down");
    scene.polls();
    let title = "Everything is down";
    for args in [
        &["status"][..],
        &["status", "--format", "line"],
        &["status", "--format", "waybar"],
        &["status", "--format", "i3blocks"],
        &["status", "--format", "starship"],
        &["status", "--format", "claude-code"],
        &["history"],
        &["diagnose", "API Error: 500"],
    ] {
        let said = out(&scene.home, args);
        assert!(said.contains(title), "{args:?}: {said}");
        assert!(!said.to_lowercase().contains("page is green"), "{args:?}: {said}");
    }
    let tmux = out(&scene.home, &["status", "--format", "tmux", "--color", "always"]);
    assert_eq!(tmux.trim_end(), "#[fg=yellow]Claude: clear, but an incident#[fg=default]");
    let wait = scene.home.run(&["wait", "--timeout", "1ms"]);
    let said = String::from_utf8(wait.stderr).unwrap();
    assert!(said.contains("all that you watch is green; Everything is down"), "{said}");
    scene.page.set(|page| page.update("down", "resolved", "It is over.", &now().to_string()));
    daemon.says("Incident over: Everything is down");
    at_last(&scene.page, || {
        out(&scene.home, &["history"]).contains("Everything is down (resolved)").then_some(())
    });
    let at = now().to_string();
    scene.page.set(|page| page.set_status(COWORK, "major_outage", &at));
    daemon.says("Claude Cowork: operational -> major");
    scene.polls();
    for args in [&["status"][..], &["diagnose", "API Error: 500"]] {
        let said = out(&scene.home, args).to_lowercase();
        let green = said.contains("page is green") || said.contains("page was green");
        assert!(!green && said.contains("all that"), "{args:?}: {said}");
    }
    let said = out(&scene.home, &["status"]);
    assert!(said.contains("  Claude Cowork: major outage (not watched)"), "{said}");
}

/// The colour of a bar is that of the level that stands in it.
#[test]
fn a_bar_has_the_colour_of_what_it_names() {
    let scene = Scene::new();
    let mut daemon = Daemon::start(scene.home.command(&["run"]));
    scene.polls();
    let at = now();
    scene.page.set(|page| {
        page.set_status(CLAUDE_CODE, "major_outage", &at.to_string());
        page.set_status(API, "under_maintenance", &at.to_string());
        page.post("abc", "Elevated errors", "major", &at.to_string(), &[CLAUDE_CODE]);
        page.update("abc", "monitoring", "A fix is out.", &at.to_string());
        page.announce("m", "in_progress", (at, at + SignedDuration::from_hours(1)), &[API]);
    });
    daemon.says("Claude Code: operational -> major");
    scene.polls();
    let bar = out(&scene.home, &["status", "--format", "tmux", "--color", "always"]);
    assert!(bar.starts_with("#[fg=blue]under maintenance: Claude API"), "{bar}");
    let said = out(&scene.home, &["status"]);
    assert!(
        said.contains("WAIT  Leave your settings alone. A retry makes sense already"),
        "{said}"
    );
}
