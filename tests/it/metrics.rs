//! `ccwatch metrics`: what Prometheus is told, beside a daemon and without one.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;

use ccwatch::platform::clock::now;

use crate::page::{API, Answer, CLAUDE_CODE, FakePage, SOON};
use crate::program::{Home, QUICK};

/// Every sample, by its name and labels without that of the page. Each must be of a metric that was
/// introduced before it, and none may be there twice.
fn samples(text: &str) -> BTreeMap<String, i64> {
    let (mut found, mut introduced) = (BTreeMap::new(), Vec::new());
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            introduced.push(rest.strip_suffix(" gauge").unwrap());
        }
        if line.starts_with('#') {
            continue;
        }
        let (series, value) = line.rsplit_once(' ').unwrap();
        assert_eq!(series.split('{').next(), introduced.last().copied(), "{text}");
        let (page, rest) =
            series.split_once("{page=\"127.0.0.1:").unwrap().1.split_once('"').unwrap();
        assert!(page.bytes().all(|b| b.is_ascii_digit()), "{line}");
        let name = series.split('{').next().unwrap();
        let key = format!("{name}{{{}", rest.trim_start_matches(','));
        assert!(found.insert(key, value.parse().unwrap()).is_none(), "twice: {line}");
    }
    found
}

fn ask(home: &Home) -> BTreeMap<String, i64> {
    let output = home.run(&["metrics"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{said}");
    samples(&String::from_utf8(output.stdout).unwrap())
}

/// The labels of those of a state set that hold.
fn that_hold(found: &BTreeMap<String, i64>, name: &str) -> Vec<String> {
    let of = |(key, value): (&String, &i64)| {
        let labels = key.strip_prefix(name)?.strip_prefix('{')?.trim_end_matches('}');
        (*value == 1).then(|| labels.to_owned())
    };
    found.iter().filter_map(of).collect()
}

fn level(name: &str, id: &str, level: &str) -> String {
    format!("component=\"{name}\",id=\"{id}\",level=\"{level}\"")
}

#[test]
fn beside_a_daemon_and_without_one_the_same_is_known() {
    let page = FakePage::start();
    let home = Home::new(&page);
    let rest = format!("{QUICK}[watch]\ncomponents = [\"Claude Code\", \"Claude API\"]\n");
    home.configure(&page.url(), "", &rest);
    let at = now().to_string();
    page.set(|page| {
        page.set_status(CLAUDE_CODE, "major_outage", &at);
        page.post("abc", "Elevated errors", "major", &at, &[CLAUDE_CODE]);
    });
    let expected =
        [level("Claude API", API, "operational"), level("Claude Code", CLAUDE_CODE, "major")];
    let alone = ask(&home);
    assert_eq!(that_hold(&alone, "ccwatch_verdict"), ["verdict=\"wait\""]);
    assert_eq!(that_hold(&alone, "ccwatch_component_level"), expected);
    assert_eq!(alone["ccwatch_daemon_up{}"], 0);
    assert_eq!(alone["ccwatch_page_readable{}"], 1);
    assert_eq!(alone["ccwatch_watched_components{}"], 2);
    assert_eq!(alone["ccwatch_incidents_open{}"], 1);
    assert!(!alone.keys().any(|key| key.contains("last_day") || key.contains("stopped")));
    assert!(!home.state().exists(), "a look leaves nothing behind");

    let mut daemon = home.daemon();
    daemon.says("Major outage");
    page.wait_for_requests(page.requests().len() + 2, SOON);
    let beside = ask(&home);
    assert_eq!(that_hold(&beside, "ccwatch_verdict"), ["verdict=\"wait\""]);
    assert_eq!(that_hold(&beside, "ccwatch_component_level"), expected);
    assert_eq!(beside["ccwatch_daemon_up{}"], 1);
    assert_eq!(beside["ccwatch_notices_last_day{kind=\"outage\"}"], 1);
    assert_eq!(beside["ccwatch_notices_last_day{kind=\"back\"}"], 0);
    assert_eq!(beside["ccwatch_local_errors_last_day{whose=\"server\"}"], 0);
    assert_eq!(beside["ccwatch_stopped_sessions{by=\"user\"}"], 0);
    let read_at = beside["ccwatch_page_last_read_timestamp_seconds{}"];
    assert!((0..60).contains(&(now().as_second() - read_at)), "{read_at}");
    let text = String::from_utf8(home.run(&["metrics"]).stdout).unwrap();
    assert!(!text.contains("Elevated"), "no words of incidents: {text}");
}

#[test]
fn what_is_not_known_is_not_fine() {
    let page = FakePage::start();
    let home = Home::new(&page);
    let unknown = |found: &BTreeMap<String, i64>| {
        assert_eq!(that_hold(found, "ccwatch_verdict"), ["verdict=\"unknown\""]);
        let levels = that_hold(found, "ccwatch_component_level");
        assert_eq!(levels.len(), 3, "{levels:?}");
        assert!(levels.iter().all(|held| held.contains("level=\"unknown\"")), "{levels:?}");
        assert!(!found.contains_key("ccwatch_incidents_open{}"));
        assert_eq!(found["ccwatch_page_readable{}"], 0);
    };
    page.always(Answer::status(503));
    let never = ask(&home);
    unknown(&never);
    assert_eq!(never["ccwatch_page_last_read_timestamp_seconds{}"], 0);
    // What was read before and is too old by now.
    page.heal();
    home.configure(&page.url(), "stale_after = \"1ms\"", QUICK);
    let mut daemon = home.daemon();
    daemon.says("the page says now");
    page.always(Answer::status(503));
    page.wait_for_requests(page.requests().len() + 3, SOON);
    let old = ask(&home);
    unknown(&old);
    assert!(old["ccwatch_page_last_read_timestamp_seconds{}"] > 0);
    // An entry that nothing answers to.
    page.heal();
    home.configure(&page.url(), "", "[watch]\ncomponents = [\"claude.ai\", \"Claude Cod\"]\n");
    daemon.stop();
    let found = ask(&home);
    assert_eq!(that_hold(&found, "ccwatch_verdict"), ["verdict=\"unknown\""]);
    let levels = that_hold(&found, "ccwatch_component_level");
    assert!(levels.contains(&level("Claude Cod", "", "unknown")), "{levels:?}");
}

#[test]
fn names_of_the_page_can_forge_nothing() {
    let page = FakePage::start();
    let home = Home::new(&page);
    home.configure(&page.url(), "", &format!("{QUICK}[watch]\ncomponents = []\n"));
    page.set(|page| {
        let hostile = "x\"} 1\nccwatch_verdict{verdict=\"clear\"} 1\\ \u{202e}\u{1b}[31m";
        for component in &mut page.components {
            hostile.clone_into(&mut component.name);
        }
        for n in 0..300 {
            let mut more = page.component(API).clone();
            more.id = format!("more{n}");
            more.name = format!("More {n}");
            page.components.push(more);
        }
        page.set_status(API, "a_word_of_tomorrow", "2026-11-01T10:00:00Z");
    });
    let text = String::from_utf8(home.run(&["metrics"]).stdout).unwrap();
    let found = samples(&text);
    assert_eq!(that_hold(&found, "ccwatch_verdict"), ["verdict=\"unknown\""]);
    assert!(text.contains(r#"x\"} 1 ccwatch_verdict{verdict=\"clear\"} 1\\"#), "{text}");
    assert!(!text.contains(['\u{202e}', '\u{1b}']), "{text}");
    // No page can make more series than this of it.
    assert_eq!(found["ccwatch_watched_components{}"], 306);
    let shown = found.keys().filter(|key| key.starts_with("ccwatch_component_filtered")).count();
    assert_eq!(shown, 200);
}

#[test]
fn what_does_not_concern_the_user_is_shown_as_filtered() {
    let page = FakePage::start();
    let home = Home::new(&page);
    home.configure(&page.url(), "", &format!("{QUICK}[watch]\nmin_level = \"partial\"\n"));
    page.set(|page| page.set_status(CLAUDE_CODE, "degraded_performance", "2026-11-01T10:00:00Z"));
    let found = ask(&home);
    assert_eq!(that_hold(&found, "ccwatch_verdict"), ["verdict=\"clear\""]);
    let levels = that_hold(&found, "ccwatch_component_level");
    assert!(levels.contains(&level("Claude Code", CLAUDE_CODE, "degraded")), "{levels:?}");
    let filtered = that_hold(&found, "ccwatch_component_filtered");
    assert_eq!(filtered, [format!("component=\"Claude Code\",id=\"{CLAUDE_CODE}\"")]);
}

#[test]
fn a_file_is_replaced_whole_or_left_as_it_was() {
    let page = FakePage::start();
    let home = Home::new(&page);
    let dir = home.path().join("textfile");
    let file = dir.join("ccwatch.prom");
    let write = || home.run(&["metrics", "--output", file.to_str().unwrap()]);
    let missing = write();
    assert_eq!(missing.status.code(), Some(74));
    let said = String::from_utf8(missing.stderr).unwrap();
    assert!(said.contains("can't write") && said.contains("hint: make"), "{said}");
    fs::create_dir(&dir).unwrap();
    for _ in 0..2 {
        let written = write();
        assert_eq!((written.status.code(), written.stdout.len()), (Some(0), 0));
        let left: Vec<_> = fs::read_dir(&dir).unwrap().map(|one| one.unwrap().path()).collect();
        assert_eq!(left, std::slice::from_ref(&file), "nothing beside it");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o644);
        samples(&fs::read_to_string(&file).unwrap());
    }
    // Whoever reads it has the old one to its end.
    let before = fs::read_to_string(&file).unwrap();
    fs::write(home.config(), "broken").unwrap();
    assert_eq!(write().status.code(), Some(78));
    assert_eq!(fs::read_to_string(&file).unwrap(), before);
    // A directory can't be replaced by a file, and nothing is left of the try.
    home.configure(&page.url(), "", QUICK);
    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    assert_eq!(write().status.code(), Some(74));
    assert_eq!(fs::read_dir(&dir).unwrap().count(), 1);
}
