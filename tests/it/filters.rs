//! Filters mean the same everywhere: what is only about other models, or milder than wanted, makes no
//! pop-up, no verdict, no exit code and no line of a bar, and is shown as filtered.
#![cfg(target_os = "linux")]

use ccwatch::platform::clock::now;
use serde_json::json;

use crate::daemon::Scene;
use crate::page::CLAUDE_CODE;
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
