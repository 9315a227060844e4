//! Every screen of the program at 80, 60 and 45 columns: nothing is wider than the terminal, and
//! nothing is broken inside a word.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use crate::page::{API, CLAUDE_CODE, FakePage, PageModel, SOON};
use crate::program::Home;

const WIDTHS: [usize; 3] = [80, 60, 45];

/// Every command that says something to people, in an outage. What it says depends on the time of
/// day and the moment only in words with digits.
const SCREENS: &[&[&str]] = &[
    &["status"],
    &["status", "--all"],
    &["status", "--at", "1h ago"],
    &["status", "--component", "claude api"],
    &["status", "--component", "nobody"],
    &["history"],
    &["history", "--incidents"],
    &["history", "--notices"],
    &["history", "--transitions"],
    &["history", "--decisions"],
    &["history", "--until", "2024-01-01"],
    &["uptime", "--all"],
    &["uptime", "--days", "400"],
    &["diagnose", "API Error: 529 Overloaded"],
    &["diagnose", "API Error: 401 invalid x-api-key, and a long story about what happened then"],
    &["diagnose", "something that nobody ever saw"],
    &["diagnose"],
    &["evidence", "API Error: 529 Overloaded"],
    &["evidence"],
    &["route"],
    &["doctor"],
    &["wait", "--timeout", "0s"],
    &["wait", "nobody", "--timeout", "5s"],
    &["wait", "claude", "-p", "hi"],
    &["mute"],
    &["mute", "nonsense"],
    &["config", "check"],
    &["config", "check", "wrong.toml"],
    &["config", "check", "/nowhere.toml"],
    &["config", "init"],
    &["service", "status"],
    &["service", "install"],
    &["replay", "recording.jsonl"],
    &["replay", "/nowhere.jsonl"],
    &["notify-test"],
    &["watch"],
    &["--help"],
    &["-h"],
    &["retry"],
    &["statsu"],
];

/// What comes in words of its own at each width: the bars of `uptime`, and the months before them.
fn is_bar(word: &str) -> bool {
    let month = format!("1 {word} 2026");
    jiff::civil::Date::strptime("%d %b %Y", month).is_ok()
        || (word.len() > 1 && word.chars().all(|c| ".-wrdpM".contains(c)))
}

/// How long something lasts grows from "less than a minute" to "1 min" from one look to the next.
fn is_of_a_duration(word: &str) -> bool {
    let word = word.trim_matches(|c: char| !c.is_alphabetic());
    ["less", "than", "a", "minute", "min"].contains(&word)
}

fn words(text: &str) -> BTreeSet<&str> {
    let timeless = |word: &str| !is_bar(word) && !is_of_a_duration(word);
    let plain = |word: &&str| !word.contains(|c: char| c.is_ascii_digit()) && timeless(word);
    text.split_whitespace().filter(plain).collect()
}

fn said(home: &Home, args: &[&str], columns: Option<usize>) -> String {
    let mut command: Command = home.command(args);
    command.current_dir(home.path()).env("TERM", "xterm");
    command.envs(columns.map(|columns| ("COLUMNS", columns.to_string())));
    let output = command.output().unwrap();
    let text = [output.stdout, b"\n".to_vec(), output.stderr].concat();
    String::from_utf8(text).unwrap()
}

/// A word that has no room on any line stands on one of its own.
fn is_one_word(line: &str) -> bool {
    line.split_whitespace().count() == 1
}

fn down(page: &mut PageModel) {
    let at = "2026-11-01T10:00:00Z";
    page.set_status(CLAUDE_CODE, "partial_outage", at);
    page.set_status(API, "degraded_performance", at);
    let title = "Elevated errors on Claude models, and what else there is to say about it";
    page.post("abc", title, "major", at, &[CLAUDE_CODE, API]);
}

/// A user with a past, a recording and a wrong configuration, in an outage.
fn home_with_a_past(page: &FakePage) -> Home {
    let home = Home::new(page);
    let recording = home.path().join("recording.jsonl");
    let mut daemon = home.daemon_with(&["--record", recording.to_str().unwrap()]);
    page.wait_for_requests(4, SOON);
    page.set(down);
    daemon.says("Claude Code");
    daemon.says("Partial outage");
    assert!(daemon.stop().0.success());
    fs::write(home.path().join("wrong.toml"), "interval = 5\nnotify.back = 1\n").unwrap();
    home
}

fn all_commands(home: &Home) -> Vec<Vec<String>> {
    let help = said(home, &["--help"], None);
    let (_, list) = help.split_once("Commands:\n").unwrap();
    let (list, _) = list.split_once("\n\n").unwrap();
    let name = |line: &str| Some(line.strip_prefix("  ")?.split(' ').next()?.to_owned());
    let names = list.lines().filter_map(name).filter(|name| !name.is_empty() && name != "help");
    let pages =
        names.flat_map(|name| ["-h", "--help"].map(|help| vec![name.clone(), help.to_owned()]));
    let pages: Vec<Vec<String>> = pages.collect();
    assert!(pages.len() > 36, "{pages:?}");
    pages
}

#[test]
fn nothing_is_wider_than_the_terminal_and_no_word_is_broken() {
    let page = FakePage::start();
    let home = home_with_a_past(&page);
    let screens = SCREENS.iter().map(|args| args.iter().map(|arg| (*arg).to_owned()).collect());
    for args in screens.chain(all_commands(&home)) {
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let whole = said(&home, &args, None);
        assert!(whole.trim().len() > 10, "{args:?} says nothing");
        for columns in WIDTHS {
            let text = said(&home, &args, Some(columns));
            for line in text.lines() {
                let fits = line.chars().count() <= columns || is_one_word(line);
                assert!(fits, "{args:?} at {columns}: {line:?} in\n{text}");
                assert_eq!(line, line.trim_end(), "{args:?} at {columns}");
            }
            let broken: Vec<&str> = words(&text).difference(&words(&whole)).copied().collect();
            assert!(broken.is_empty(), "{args:?} at {columns}: {broken:?} in\n{text}\n{whole}");
        }
        // `config init` found no file the first time only.
        let _ = fs::remove_file(home.path().join(".config/ccwatch/config.toml"));
    }
}

#[test]
fn what_scripts_read_is_never_broken() {
    let page = FakePage::start();
    let home = home_with_a_past(&page);
    for args in [
        &["status", "--json"][..],
        &["status", "--format", "json"],
        &["status", "--format", "waybar"],
        &["status", "--format", "i3blocks"],
        &["history", "--json"],
        &["uptime", "--json"],
        &["evidence", "--json", "API Error: 529"],
        &["doctor", "--json"],
        &["config", "show", "--json"],
    ] {
        let text = home.command(args).env("COLUMNS", "20").output().unwrap().stdout;
        serde_json::from_slice::<serde_json::Value>(&text)
            .unwrap_or_else(|e| panic!("{args:?}: {e}"));
    }
    let shown = home.command(&["config", "show"]).env("COLUMNS", "20").output().unwrap().stdout;
    let narrow: toml::Table = String::from_utf8(shown).unwrap().parse().unwrap();
    let shown = String::from_utf8(home.run(&["config", "show"]).stdout).unwrap();
    assert_eq!(narrow, shown.parse::<toml::Table>().unwrap());
    // Without COLUMNS a pipe has whole lines.
    let status = String::from_utf8(home.run(&["status"]).stdout).unwrap();
    assert!(status.lines().any(|line| line.chars().count() > 100), "{status}");
}

#[test]
fn the_form_for_tmux_says_the_level_first_in_forty_columns() {
    let page = FakePage::start();
    let home = home_with_a_past(&page);
    let output = home.run(&["status", "--format", "tmux", "--color", "never"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.starts_with("partial outage: Claude Code"), "{text}");
    assert!(text.trim_end().chars().count() <= 40, "{text}");
    let output = home.run(&["status", "--format", "tmux"]);
    let text = String::from_utf8(output.stdout).unwrap();
    // The daemon was stopped: nobody knows how it is by now.
    assert_eq!(text, "#[fg=yellow]partial outage: Claude Code +1 (old)#[fg=default]\n");
}

#[test]
fn colours_are_there_when_they_are_asked_for() {
    let page = FakePage::start();
    let home = Home::new(&page);
    for (args, env, expected) in [
        (&["status"][..], None, false),
        (&["status", "--color", "always"], None, true),
        (&["--color=always", "status"], Some(("NO_COLOR", "1")), true),
        (&["status"], Some(("CLICOLOR_FORCE", "1")), true),
        (&["status", "--color", "never"], Some(("CLICOLOR_FORCE", "1")), false),
        (&["doctor", "--color", "always"], None, true),
        (&["uptime", "--color", "always"], None, false),
        (&["--help", "--color", "always"], None, true),
        (&["--help", "--color", "never"], Some(("CLICOLOR_FORCE", "1")), false),
    ] {
        let output = home.command(args).envs(env).output().unwrap();
        let coloured = output.stdout.contains(&0x1b);
        assert_eq!(coloured, expected, "{args:?} {env:?}");
    }
}
