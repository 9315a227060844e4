//! What is said is true: no name beside a level that isn't its own, what isn't known isn't fine, and
//! announced work from its announcement to its end. On the built program.
#![cfg(target_os = "linux")]

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use ccwatch::platform::clock::now;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::daemon::Scene;
use crate::desktop::PATIENCE;
use crate::hook::{RECORD, at_last};
use crate::page::{API, CLAUDE_AI, CLAUDE_CODE, COWORK, FakePage, SOON};
use crate::program::{Daemon, Home, QUICK};
use crate::service::Manager;
use crate::watch::{Terminal, shell_line};

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn out(home: &Home, args: &[&str]) -> String {
    text(&home.run(args).stdout)
}

/// Whom the table test watches, with the words that are its own in the first and in the last step.
const NAMES: [(&str, &str, [&str; 2]); 4] = [
    (API, "Claude API", ["major", "major"]),
    (CLAUDE_CODE, "Claude Code", ["degraded", "degraded"]),
    (CLAUDE_AI, "claude.ai", ["maintenance", "maintenance"]),
    (COWORK, "Claude Cowork", ["unknown", "operational"]),
];

/// Words that say a level, in titles and in sentences.
const WORDS: [(&str, &str); 10] = [
    ("major outage", "major"),
    ("partial outage", "partial"),
    ("degraded", "degraded"),
    ("under maintenance", "maintenance"),
    ("maintenance: c", "maintenance"),
    ("incident reported", "reported"),
    ("operational", "operational"),
    ("not known", "unknown"),
    ("not on the page", "gone"),
    ("back: c", "operational"),
];

/// Names that stand beside a level that isn't their own, clause by clause.
fn wrong(said: &str, step: usize) -> Vec<String> {
    let clauses = said.split(['\n', ';', '|']).flat_map(|part| part.split(". "));
    // A change names two levels, and both were its own.
    let clauses = clauses.filter(|clause| !clause.contains("->"));
    let mut found = Vec::new();
    for clause in clauses {
        let lower = clause.to_lowercase();
        let levels: BTreeSet<&str> = WORDS
            .iter()
            .filter(|(word, _)| lower.contains(word))
            .map(|(_, level)| *level)
            .collect();
        let names = NAMES.iter().filter(|(_, name, _)| clause.contains(name));
        for (_, name, own) in names {
            if !levels.is_empty() && levels != BTreeSet::from([own[step]]) {
                found.push(format!("{name} beside {levels:?}: {clause}"));
            }
        }
    }
    found
}

#[test]
fn the_check_finds_a_wrong_level() {
    for good in [
        "Claude API: major outage; Claude Code: degraded performance",
        "Major outage: Claude API; 1 more affected",
        "Claude API and Claude Code: fix is out, try again",
    ] {
        assert_eq!(wrong(good, 0), [""; 0], "{good}");
    }
    for bad in [
        "Claude API and Claude Code: major outage (3 min)",
        "claude.ai, Claude API and Claude Code: major outage",
        "claude.ai: degraded performance",
        "Claude Cowork: operational",
    ] {
        assert!(!wrong(bad, 0).is_empty(), "{bad}");
    }
}

/// What every query says, by its name.
fn queries(home: &Home) -> Vec<(String, String)> {
    let mut said = Vec::new();
    for form in ["line", "starship", "claude-code", "tmux"] {
        said.push((form.to_owned(), out(home, &["status", "--format", form])));
    }
    let waybar: Value = parse(&out(home, &["status", "--format", "waybar"]));
    said.push(("waybar".to_owned(), waybar["text"].as_str().unwrap().to_owned()));
    said.push(("waybar's tooltip".to_owned(), waybar["tooltip"].as_str().unwrap().to_owned()));
    let block: Value = parse(&out(home, &["status", "--format", "i3blocks"]));
    said.push(("i3blocks".to_owned(), block["full_text"].as_str().unwrap().to_owned()));
    for args in [
        &["status"][..],
        &["status", "--all"],
        &["status", "--at", "now"],
        &["history"],
        &["history", "--notices"],
        &["history", "--transitions"],
        &["history", "--decisions"],
    ] {
        said.push((args.join(" "), out(home, args)));
    }
    let wait = home.run(&["wait", "--timeout", "1ms"]);
    said.push(("wait".to_owned(), text(&wait.stderr)));
    said
}

fn parse(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn watch_all(scene: &Scene) {
    let hook = scene.home.path().join("hook.sh");
    fs::write(&hook, format!("cd '{}'\n{RECORD}", scene.home.path().display())).unwrap();
    let names: Vec<&str> = NAMES.iter().map(|(_, name, _)| *name).collect();
    let rest = format!("{QUICK}hook = [\"sh\", {hook:?}]\n[watch]\ncomponents = {names:?}\n");
    scene.home.configure(&scene.page.url(), "stale_after = \"10m\"", &rest);
}

/// Must show 3 of the issue: two components at different levels, one in maintenance, one unknown.
#[test]
fn no_name_stands_beside_a_level_that_is_not_its_own_on_any_surface() {
    let scene = Scene::new();
    watch_all(&scene);
    let (manager, command) = Manager::of(&scene.home, None);
    let mut daemon = Daemon::start(command);
    scene.polls();
    let at = now();
    scene.page.set(|page| {
        page.set_status(API, "major_outage", &at.to_string());
        page.set_status(CLAUDE_CODE, "degraded_performance", &at.to_string());
        page.set_status(CLAUDE_AI, "under_maintenance", &at.to_string());
        page.set_status(COWORK, "a_word_of_tomorrow", &at.to_string());
        let until = at + SignedDuration::from_hours(2);
        page.announce("work", "in_progress", (at, until), &[CLAUDE_AI]);
    });
    daemon.says("Maintenance: claude.ai");
    all_surfaces(&scene, &manager, 0);
    let terminal = (Command::new("tmux").arg("-V").output().is_ok()).then(|| {
        let terminal = Terminal::start(&scene.home);
        terminal.shows("back>");
        let watch = shell_line(&scene.home.command(&["watch"]));
        terminal.tmux(&["send-keys", &watch, "Enter"]);
        terminal
    });
    if let Some(terminal) = &terminal {
        let screen = terminal.shows("WAIT");
        assert_eq!(wrong(&screen, 0), [""; 0], "watch:\n{screen}");
    }
    scene.page.set(|page| {
        page.post("abc", "Elevated errors", "major", &at.to_string(), &[API, CLAUDE_CODE]);
        page.update("abc", "monitoring", "Fixed.", &at.to_string());
        page.maintenances.clear();
        // What isn't known would keep the verdict unknown.
        page.set_status(COWORK, "operational", &at.to_string());
    });
    daemon.says("Work no longer listed, try again: claude.ai");
    all_surfaces(&scene, &manager, 1);
    if let Some(terminal) = &terminal {
        let screen = terminal.shows("RETRY");
        assert_eq!(wrong(&screen, 1), [""; 0], "watch:\n{screen}");
    }
    drop(terminal);
    let (_, _, log) = daemon.stop();
    assert_eq!(wrong(&log, 1), [""; 0], "log:\n{log}");
    assert!(log.contains("Major outage: Claude API; 1 more affected"), "{log}");
}

fn all_surfaces(scene: &Scene, manager: &Manager, step: usize) {
    scene.polls();
    let (status, code) = scene.home.status();
    assert_eq!(code, if step == 0 { 2 } else { 0 }, "{status}");
    for (id, name, own) in NAMES {
        let rows = status["components"].as_array().unwrap();
        let row = rows.iter().find(|row| row["id"] == id).unwrap();
        assert_eq!(row["level"], own[step], "{name}");
    }
    let mut said = queries(&scene.home);
    let shown = scene.server.seen();
    said.extend(
        shown.iter().map(|one| ("pop-up".to_owned(), format!("{}\n{}", one.title, one.body))),
    );
    let hooked = at_last(&scene.page, || {
        let log = fs::read_to_string(scene.home.path().join("log")).ok()?;
        (log.lines().count() >= 2 * (step + 1)).then_some(log)
    });
    for line in hooked.lines() {
        let told = parse(line);
        let text =
            format!("{}\n{}", told["title"].as_str().unwrap(), told["body"].as_str().unwrap());
        said.push(("hook".to_owned(), text));
    }
    // The manager is told each new status; the last one is that of now.
    let wanted = if step == 0 { "STATUS=WAIT" } else { "STATUS=RETRY" };
    let status = loop {
        let heard = manager.hears();
        if let Some(line) = heard.iter().find(|line| line.starts_with(wanted)) {
            break line.clone();
        }
    };
    if step == 0 {
        let link = format!("{}/incidents/work", scene.page.url());
        assert!(status.ends_with(&format!(") {link}")), "the work and its page: {status}");
    }
    said.push(("sd_notify".to_owned(), status));
    for (surface, said) in &said {
        assert_eq!(wrong(said, step), [""; 0], "{surface}:\n{said}");
    }
    let of = |surface: &str| &said.iter().find(|(name, _)| name == surface).unwrap().1;
    let line = of("line");
    if step == 0 {
        assert!(line.starts_with("Claude API: major outage ("), "{line}");
        assert!(line.contains("; Claude Code: degraded performance ("), "{line}");
        assert!(line.contains("; claude.ai: under maintenance ("), "{line}");
        assert!(of("waybar's tooltip").contains("Claude Cowork: not known"));
    } else {
        let expected = "Claude API and Claude Code: fix is out; claude.ai: maintenance is no longer listed, \
             try again";
        let other = "Claude Code and Claude API: fix is out; claude.ai: maintenance is no longer listed, \
             try again";
        assert!([expected, other].contains(&line.trim_end()), "{line}");
    }
}

#[test]
fn a_watched_entry_that_matches_nothing_is_unknown_everywhere() {
    let page = FakePage::start();
    let home = Home::new(&page);
    let watch = "[watch]\ncomponents = [\"Claude Code\", \"Claude Cod\"]\n";
    home.configure(&page.url(), "stale_after = \"10m\"", &format!("{QUICK}{watch}"));
    let warning = "warning: watch.components: nothing on the page answers to \"Claude Cod\"\n  \
                   hint: the page has: claude.ai, Claude Console, Claude API, Claude Code";
    let checked = home.run(&["config", "check"]);
    assert_eq!(checked.status.code(), Some(0));
    assert!(text(&checked.stdout).contains(warning), "asked: {}", text(&checked.stdout));
    assert_eq!(home.status().1, 3, "without a daemon");

    let mut daemon = home.daemon();
    daemon.says("component_gone");
    page.wait_for_requests(page.requests().len() + 4, SOON);
    let (status, code) = home.status();
    assert_eq!((&status["verdict"], code), (&json!("unknown"), 3), "{status}");
    assert_eq!(status["unmatched"], json!(["Claude Cod"]));
    let told = out(&home, &["status"]);
    assert!(told.contains("Nothing on the page answers to \"Claude Cod\""), "{told}");
    assert!(told.contains("Claude Cod   not on the page"), "{told}");
    assert_eq!(
        out(&home, &["status", "--format", "line"]),
        "Claude: not known, Claude Cod is not on the page\n"
    );
    let waybar = parse(&out(&home, &["status", "--format", "waybar"]));
    assert!(
        waybar["tooltip"].as_str().unwrap().contains("\nClaude Cod: not on the page\n"),
        "{waybar}"
    );
    let wait = home.run(&["wait", "--", "echo", "no"]);
    assert_eq!((wait.status.code(), text(&wait.stdout)), (Some(3), String::new()));
    let told = "the page is green; nothing on the page answers to \"Claude Cod\"";
    assert!(text(&wait.stderr).contains(told), "{}", text(&wait.stderr));
    assert!(text(&wait.stderr).contains("the page has: claude.ai, "), "{}", text(&wait.stderr));
    let ended = parse(&out(&home, &["wait", "--json"]));
    assert_eq!(
        (&ended["outcome"], &ended["unmatched"]),
        (&json!("unmatched"), &json!(["Claude Cod"]))
    );
    page.always(crate::page::Answer::status(500));
    let checked = out(&home, &["config", "check"]);
    assert!(checked.contains(warning), "from the database: {checked}");
    daemon.stop();
}

#[test]
fn a_component_that_left_is_unknown_and_an_outage_of_another_still_wins() {
    let page = FakePage::start();
    let home = Home::new(&page);
    let mut daemon = home.daemon();
    page.wait_for_requests(4, SOON);
    page.set(|page| page.components.retain(|component| component.id != CLAUDE_AI));
    daemon.says("component_gone");
    page.wait_for_requests(page.requests().len() + 4, SOON);
    let (status, code) = home.status();
    assert_eq!((&status["verdict"], code), (&json!("unknown"), 3), "{status}");
    assert_eq!(status["unmatched"], json!(["claude.ai"]));
    let rows = status["components"].as_array().unwrap();
    let row = rows.iter().find(|row| row["id"] == CLAUDE_AI).unwrap();
    assert_eq!((&row["level"], &row["on_page"]), (&json!("unknown"), &json!(false)));
    page.set(|page| page.set_status(API, "partial_outage", &now().to_string()));
    daemon.says("Partial outage: Claude API");
    page.wait_for_requests(page.requests().len() + 2, SOON);
    assert_eq!(home.status().1, 2);
    daemon.stop();
}

#[test]
fn bars_mark_what_a_stopped_daemon_left_as_old_at_once() {
    let page = FakePage::start();
    let home = Home::new(&page);
    for (status, head) in
        [("operational", "Claude: clear"), ("partial_outage", "Claude Code: partial outage (")]
    {
        page.set(|page| page.set_status(CLAUDE_CODE, status, "2026-11-01T10:00:00Z"));
        let daemon = home.daemon();
        page.wait_for_requests(page.requests().len() + 5, SOON);
        let line = out(&home, &["status", "--format", "line"]);
        assert!(line.starts_with(head) && !line.contains("as of"), "{line}");
        daemon.stop();
        for form in ["line", "starship", "claude-code", "waybar", "i3blocks"] {
            let said = out(&home, &["status", "--format", form]);
            assert!(said.contains(head), "{form}: {said}");
            assert!(said.contains(", as of ") && said.contains("no daemon is running"), "{said}");
        }
        let tmux = out(&home, &["status", "--format", "tmux"]);
        assert!(tmux.starts_with("#[fg=yellow]") && tmux.contains("(old)"), "{tmux}");
        let waybar = parse(&out(&home, &["status", "--format", "waybar"]));
        assert_eq!(waybar["class"][2], "old");
        let block = parse(&out(&home, &["status", "--format", "i3blocks"]));
        assert_eq!(block["urgent"], false);
    }
}

/// The recording `m3` of the issue, on the built program: work goes on while the light stays green.
#[test]
fn work_under_a_green_light_is_shown_and_told_low_with_its_planned_end() {
    let scene = Scene::new();
    let mut daemon = scene.home.daemon();
    scene.polls();
    let (at, hour) = (now(), SignedDuration::from_hours(1));
    scene.page.set(|page| {
        page.announce("m3", "in_progress", (at + hour, at + hour * 2), &[CLAUDE_CODE]);
        page.announce("next", "scheduled", (at + hour * 48, at + hour * 50), &[API]);
        page.announce("far", "scheduled", (at + hour * 480, at + hour * 481), &[API]);
    });
    daemon.says("Maintenance: Claude Code");
    let log = scene.server.wait_for(1, PATIENCE);
    scene.polls();
    let clock =
        |at: jiff::Timestamp| ccwatch_core::text::clock(at, now(), &jiff::tz::TimeZone::UTC);
    let until = clock(at + hour * 2);
    assert_eq!((log[0].summary.as_str(), log[0].urgency), ("Maintenance: Claude Code", Some(0)));
    let plan = format!("Planned upgrade (in progress, until {until})");
    assert!(log[0].body.contains(&plan), "{}", log[0].body);
    let (status, code) = scene.home.status();
    assert_eq!((&status["verdict"], code), (&json!("clear"), 0));
    let works = status["maintenances"].as_array().unwrap();
    let stages: Vec<&Value> = works.iter().map(|work| &work["stage"]).collect();
    assert_eq!(stages, ["in_progress", "upcoming"], "{works:?}");
    assert_eq!(works[0]["url"], format!("{}/incidents/m3", scene.page.url()));
    assert_eq!(works[0]["scheduled_until"], (at + hour * 2).to_string());
    assert_eq!(works[0]["components"], json!([CLAUDE_CODE]));
    let told = out(&scene.home, &["status"]);
    assert!(told.contains(&format!("Maintenance: {plan}")), "{told}");
    assert!(told.contains("  About: Claude Code\n  We move to new machines.\n"), "{told}");
    assert!(told.contains(&format!("{}/incidents/next", scene.page.url())), "{told}");
    assert!(!told.contains("incidents/far"), "{told}");
    let waybar = parse(&out(&scene.home, &["status", "--format", "waybar"]));
    assert!(waybar["tooltip"].as_str().unwrap().contains(&format!("Maintenance: {plan}")));
    let muted = out(&scene.home, &["mute", "m3"]);
    assert!(muted.contains("Muted: incident m3"), "{muted}");
    daemon.stop();
    let history = out(&scene.home, &["history", "--incidents"]);
    assert!(history.contains("Planned upgrade (in progress)"), "{history}");
    assert_eq!(scene.server.log().len(), 1, "told once");
}

#[test]
fn the_history_says_since_when_it_watched_what_it_learnt_and_who_was_told() {
    let scene = Scene::new();
    let hours = |n: i64| (now() - SignedDuration::from_hours(n)).to_string();
    let minutes = |n: i64| (now() - SignedDuration::from_mins(n)).to_string();
    scene.page.set(|page| {
        page.post("early", "Before all", "major", &hours(30), &[API]);
        page.update("early", "resolved", "Over.", &hours(29));
        page.set_status(API, "partial_outage", &minutes(40));
    });
    let mut daemon = scene.home.daemon();
    daemon.says("Partial outage: ");
    scene.server.wait_for(1, PATIENCE);
    scene.page.set(|page| page.set_status(API, "operational", &now().to_string()));
    daemon.says("Back: ");
    scene.server.wait_for(2, PATIENCE);
    scene.polls();
    daemon.stop();
    let told = out(&scene.home, &["history"]);
    assert!(told.contains("It began while ccwatch wasn't watching; seen at "), "{told}");
    assert!(
        told.contains("Before all (resolved)") && told.contains("Learnt afterwards, at "),
        "{told}"
    );
    assert!(
        told.contains("Watched since ") && told.contains("; what is older was learnt"),
        "{told}"
    );
    assert!(told.contains("  told ") && told.contains("(shown)"), "{told}");
    let transitions = out(&scene.home, &["history", "--transitions"]);
    let back = transitions.lines().find(|line| line.contains("partial -> operational")).unwrap();
    assert!(back.ends_with("told: it is back"), "{transitions}");
    let all = parse(&out(&scene.home, &["history", "--json"]));
    assert!(all["watched_since"].is_string(), "{all}");
    let episode = &all["episodes"][0];
    assert_eq!((&episode["began_unseen"], &episode["ended_unseen"]), (&json!(true), &json!(false)));
    assert!(episode["told_at"].is_string() && episode["back_told_at"].is_string(), "{episode}");
    assert_eq!(all["incidents"][0]["learnt_later"], true);
    let uptime = out(&scene.home, &["uptime", "--days", "3"]);
    assert!(uptime.contains("Watched since "), "{uptime}");
    assert!(parse(&out(&scene.home, &["uptime", "--json"]))["watched_since"].is_string());
}

/// Finding: `diagnose` said "wait" beside RETRY, and promised what was not to come.
#[test]
fn diagnose_says_what_status_says_and_promises_only_what_comes() {
    let scene = Scene::new();
    let mut daemon = Daemon::start(scene.home.command(&["run"]));
    scene.polls();
    let said = || -> (Value, String, String) {
        let told = parse(&out(&scene.home, &["diagnose", "--json", "API Error: 500"]));
        let (status, _) = scene.home.status();
        let words = |value: &Value| value.as_str().unwrap().to_owned();
        (status["verdict"].clone(), words(&told["first_move"]), words(&told["why"][1]))
    };
    let at = now().to_string();
    scene.page.set(|page| page.post("n", "Claude Code logins are slow", "minor", &at, &[]));
    daemon.says("Claude Code: operational -> reported");
    scene.polls();
    let (verdict, first, why) = said();
    assert_eq!(verdict, "wait");
    assert!(first.contains("ccwatch doesn't tell you when this one is over"), "{first}");
    assert!(first.ends_with("run: ccwatch wait"), "{first}");
    assert!(why.ends_with("Claude Code logins are slow (investigating)."), "{why}");
    let status = out(&scene.home, &["status"]);
    assert!(status.contains("by its title it is about Claude Code."), "{status}");
    scene.page.set(|page| {
        page.update("n", "resolved", "Done.", &at);
        page.set_status(CLAUDE_CODE, "major_outage", &at);
        page.post("abc", "Code is down", "major", &at, &[CLAUDE_CODE]);
        page.post("def", "Chat is slow", "minor", &at, &[CLAUDE_AI]);
        page.set_status(CLAUDE_AI, "degraded_performance", &at);
    });
    daemon.says("Major outage: Claude Code");
    scene.polls();
    let (verdict, first, why) = said();
    assert_eq!(verdict, "wait");
    assert_eq!(first, "Change nothing and wait. ccwatch tells you when to retry.");
    assert_eq!(why, "The page showed major outage at the time: Code is down (investigating).");
    scene.page.set(|page| {
        page.update("abc", "monitoring", "Fixed.", &at);
        page.update("def", "resolved", "Done.", &at);
        page.set_status(CLAUDE_AI, "operational", &at);
    });
    daemon.says("Fix out, try again: Claude Code");
    scene.polls();
    let (verdict, first, _) = said();
    assert_eq!(verdict, "retry");
    assert!(first.starts_with("A fix is out though the page is still red: repeat"), "{first}");
    daemon.stop();
    let (verdict, first, _) = said();
    assert_eq!(verdict, "retry");
    assert!(first.starts_with("A fix is out though the page is still red: repeat"), "{first}");
}

/// Where only the hook tells, ccwatch tells all the same.
#[test]
fn diagnose_counts_the_hook_among_those_who_tell() {
    let scene = Scene::new();
    let rest = format!("{QUICK}desktop = false\nhook = [\"true\"]\n");
    scene.home.configure(&scene.page.url(), "stale_after = \"10m\"", &rest);
    let mut daemon = scene.home.daemon();
    scene.polls();
    let at = now().to_string();
    scene.page.set(|page| {
        page.set_status(CLAUDE_CODE, "major_outage", &at);
        page.post("abc", "Code is down", "major", &at, &[CLAUDE_CODE]);
    });
    daemon.says("Major outage: Claude Code");
    scene.polls();
    let told = parse(&out(&scene.home, &["diagnose", "--json", "API Error: 500"]));
    assert_eq!(told["first_move"], "Change nothing and wait. ccwatch tells you when to retry.");
    daemon.stop();
}
