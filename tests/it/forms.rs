//! `ccwatch status --format`, on the built program: always an answer, never the page.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::page::{API, CLAUDE_CODE, FakePage, SOON};
use crate::program::{Daemon, Home, QUICK};

const FORMS: &[&str] = &["line", "waybar", "tmux", "i3blocks", "starship", "claude-code"];

fn say(home: &Home, form: &str, more: &[&str]) -> String {
    let output = home.run(&[&["status", "--format", form], more].concat());
    told(&output)
}

/// What was printed, which is one line at most, and no error in any case.
fn told(output: &Output) -> String {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(text.lines().count() <= 1 && (text.is_empty() || text.ends_with('\n')), "{text}");
    text.trim_end().to_owned()
}

/// A daemon that has seen the page as it is now, and one reading more.
fn seen(page: &FakePage, home: &Home) -> Daemon {
    let daemon = home.daemon();
    page.wait_for_requests(page.requests().len() + 4, SOON);
    daemon
}

/// Waits for a line of the log, and until what it tells is in the database: the next event is
/// handled only after the one before was written down.
fn written(page: &FakePage, daemon: &mut Daemon, what: &str) {
    daemon.says(what);
    page.wait_for_requests(page.requests().len() + 2, SOON);
}

#[test]
fn there_is_always_an_answer_and_the_page_is_never_asked() {
    let page = FakePage::start();
    let home = Home::new(&page);
    for form in FORMS {
        assert!(say(&home, form, &[]).contains("Claude: not known, no daemon is running"));
    }
    std::fs::create_dir_all(home.state()).unwrap();
    std::fs::write(home.state().join("ccwatch.db"), "not a database, but long enough".repeat(99))
        .unwrap();
    for form in FORMS {
        assert!(say(&home, form, &[]).contains("Claude: not known"), "{form}, damaged");
    }
    std::fs::write(home.config(), "nonsense").unwrap();
    for form in FORMS {
        let told = say(&home, form, &[]);
        assert!(told.contains("Claude: not known, run: ccwatch status"), "{form}: {told}");
    }
    let waybar: Value = serde_json::from_str(&say(&home, "waybar", &[])).unwrap();
    assert!(waybar["tooltip"].as_str().unwrap().contains("config.toml"), "{waybar}");
    let homeless = Command::new(env!("CARGO_BIN_EXE_ccwatch"))
        .env_clear()
        .args(["status", "--format", "line"])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(told(&homeless).starts_with("Claude: not known"));
    assert_eq!(page.requests().len(), 0);
}

#[test]
fn the_line_says_what_matters_as_it_goes_on() {
    let page = FakePage::start();
    let home = Home::new(&page);
    let mut daemon = seen(&page, &home);
    assert_eq!(say(&home, "line", &[]), "Claude: clear");
    assert_eq!(say(&home, "starship", &[]), "");
    assert_eq!(say(&home, "claude-code", &[]), "");
    assert_eq!(say(&home, "starship", &["--always"]), "Claude: clear");
    assert_eq!(say(&home, "claude-code", &["--always"]), "\u{1b}[32m●\u{1b}[0m Claude: clear");
    assert_eq!(say(&home, "tmux", &[]), "#[fg=green]Claude: clear#[fg=default]");

    page.set(|page| {
        let name = &mut page.component(CLAUDE_CODE).name;
        *name = "Claude <Code> #[x]".to_owned();
        page.set_status(CLAUDE_CODE, "partial_outage", "2026-11-01T10:00:00Z");
        page.set_status(API, "major_outage", "2026-11-01T10:00:00Z");
    });
    written(&page, &mut daemon, "outage: ");
    let line = say(&home, "line", &[]);
    assert_eq!(
        line,
        "Claude API: major outage (less than a minute); Claude <Code> #[x]: partial outage (less than \
         a minute)"
    );
    let tmux = say(&home, "tmux", &[]);
    assert_eq!(tmux, "#[fg=red]major outage: Claude API +1#[fg=default]");
    let waybar: Value = serde_json::from_str(&say(&home, "waybar", &[])).unwrap();
    assert!(waybar["text"].as_str().unwrap().contains("Claude &lt;Code&gt; #[x]"), "{waybar}");
    assert!(waybar["tooltip"].as_str().unwrap().contains("\nclaude.ai: operational"), "{waybar}");
    assert_eq!(waybar["class"], serde_json::json!(["wait", "major"]));
    let block: Value = serde_json::from_str(&say(&home, "i3blocks", &[])).unwrap();
    assert_eq!((&block["color"], &block["urgent"]), (&"#FF5555".into(), &true.into()));
    let code = |args: &[&str]| {
        let output = home.run(args);
        assert_eq!(output.stdout, b"");
        output.status.code()
    };
    assert_eq!(code(&["status", "--format", "line", "-q"]), Some(2));

    page.set(|page| {
        page.set_status(CLAUDE_CODE, "operational", "2026-11-01T11:00:00Z");
        page.set_status(API, "operational", "2026-11-01T11:00:00Z");
    });
    written(&page, &mut daemon, "Back: ");
    let line = say(&home, "starship", &[]);
    assert_eq!(line, "Claude API and Claude <Code> #[x]: back, try again");
    assert_eq!(code(&["status", "--format", "line", "-q"]), Some(0));
    daemon.kill();
}

/// Finding: beside something red what isn't known was left out, and with its fix out only that was said.
#[test]
fn who_is_down_and_who_is_not_known_stand_side_by_side() {
    let page = FakePage::start();
    let home = Home::new(&page);
    let watch = "[watch]\ncomponents = [\"Claude Code\", \"Claude API\", \"Claude Foo\"]\n";
    home.configure(&page.url(), "stale_after = \"10m\"", &format!("{QUICK}{watch}"));
    let mut daemon = seen(&page, &home);
    let now = ccwatch::platform::clock::now().to_string();
    page.set(|page| {
        page.set_status(CLAUDE_CODE, "major_outage", "2026-11-01T10:00:00Z");
        page.set_status(API, "a_word_of_tomorrow", "2026-11-01T10:00:00Z");
        page.post("abc", "Code is down", "major", &now, &[CLAUDE_CODE]);
    });
    written(&page, &mut daemon, "Major outage: ");
    let text = |form: &str| {
        let said = say(&home, form, &["--color", "never"]);
        let json: Value = serde_json::from_str(&said).unwrap_or(Value::Null);
        let text = json.get("text").or_else(|| json.get("full_text")).and_then(Value::as_str);
        text.map_or(said.clone(), str::to_owned)
    };
    let unknown = "Claude API: not known; Claude Foo: not on the page";
    for (down, short) in [
        ("Claude Code: major outage (less than a minute)", "major outage"),
        ("Claude Code: fix is out", "fix is out"),
    ] {
        for form in FORMS {
            let expected = match *form {
                "tmux" => format!("{short}: Claude Code; 2 not known"),
                "claude-code" => format!("● {down}; {unknown}"),
                _ => format!("{down}; {unknown}"),
            };
            assert_eq!(text(form), expected, "{form}");
        }
        page.set(|page| page.update("abc", "monitoring", "Fixed.", &now));
        if short == "major outage" {
            written(&page, &mut daemon, "Fix out, try again: ");
        }
    }
    let wait = home.run(&["wait", "--timeout", "1ms"]);
    let told = String::from_utf8(wait.stderr).unwrap();
    let expected = "Claude Code: major outage, a fix is out; Code is down (monitoring, ";
    assert!(told.contains(expected), "{told}");
    assert!(told.contains("Claude API: not known (a_word_of_tomorrow); nothing on"), "{told}");
    daemon.kill();
}

#[test]
fn claude_codes_status_line_knows_the_model_and_waits_for_nobody() {
    let page = FakePage::start();
    let home = Home::new(&page);
    let mut daemon = seen(&page, &home);
    let now = ccwatch::platform::clock::now().to_string();
    page.set(|page| {
        page.set_status(CLAUDE_CODE, "degraded_performance", "2026-11-01T10:00:00Z");
        page.post("abc", "Elevated errors on Claude Opus 4.6", "minor", &now, &[CLAUDE_CODE]);
    });
    written(&page, &mut daemon, "Degraded: ");
    for (model, expected) in [
        ("Sonnet 4.6", "Claude Code: degraded performance (less than a minute), not your model"),
        ("Opus 4.6", "Claude Code: degraded performance (less than a minute)"),
    ] {
        let mut child = home
            .command(&["status", "--format", "claude-code"])
            .env("NO_COLOR", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let session = format!(r#"{{"session_id":"x","model":{{"display_name":"{model}"}}}}"#);
        // Not closed before the end: nobody waits for more.
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(session.as_bytes()).unwrap();
        assert_eq!(told(&child.wait_with_output().unwrap()), format!("● {expected}"));
    }
    daemon.kill();
}
