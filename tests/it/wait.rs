//! `ccwatch wait` and `ccwatch retry`, on the built program.

use std::process::Stdio;

use crate::page::{API, Answer, CLAUDE_CODE, FakePage, PageModel, SOON};
use crate::program::{Daemon, Home, QUICK};

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn down(page: &mut PageModel) {
    page.set_status(CLAUDE_CODE, "partial_outage", "2026-11-01T10:00:00Z");
    page.post("abc", "Elevated errors", "major", "2026-11-01T10:00:00Z", &[CLAUDE_CODE]);
}

fn fix_out(page: &mut PageModel) {
    page.update("abc", "monitoring", "Fixed.", "2026-11-01T10:10:00Z");
}

fn up(page: &mut PageModel) {
    page.set_status(CLAUDE_CODE, "operational", "2026-11-01T10:20:00Z");
    page.update("abc", "resolved", "Over.", "2026-11-01T10:20:00Z");
}

/// Two more polls have begun, so that one has been taken in.
fn polls(page: &FakePage) {
    page.wait_for_requests(page.requests().len() + 3, SOON);
}

#[test]
fn a_green_page_is_not_waited_for_and_the_command_is_all_that_remains() {
    let page = FakePage::start();
    let home = Home::new(&page);
    let output = home.run(&["wait"]);
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(0), String::new()));
    assert!(text(&output.stderr).ends_with("  the page is green\n"), "{}", text(&output.stderr));
    let output = home.run(&["wait", "-q", "--", "sh", "-c", "echo \"$0 $1\"; exit 7", "a", "b c"]);
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(7), "a b c\n".to_owned()));
    assert_eq!(text(&output.stderr), "");
    let output = home.run(&["wait", "-q", "--", "sh", "-c", "kill -9 $$"]);
    assert_eq!(std::os::unix::process::ExitStatusExt::signal(&output.status), Some(9));
    for (command, code) in [("/does/not/exist", 127), (home.path().to_str().unwrap(), 126)] {
        let output = home.run(&["wait", "-q", "--", command]);
        assert_eq!(output.status.code(), Some(code), "{command}");
        assert!(text(&output.stderr).contains("can't run"), "{}", text(&output.stderr));
    }
    assert!(!home.state().exists(), "a wait leaves nothing behind");
}

#[test]
fn without_a_daemon_it_polls_until_the_goal_is_reached() {
    for (goal, steps, lines) in
        [("retry", &[fix_out as fn(&mut PageModel)][..], 1), ("clear", &[fix_out, up], 3)]
    {
        let page = FakePage::start();
        let home = Home::new(&page);
        page.set(down);
        let mut wait = home.start(&["wait", "--for", goal]);
        let line = wait.says("waiting: ");
        assert!(line.contains("Claude Code: partial outage; Elevated errors (inv"), "{line}");
        for step in steps {
            polls(&page);
            page.set(*step);
        }
        let (status, said) = wait.ends();
        assert_eq!(status.code(), Some(0), "{said}");
        let changes = said.lines().filter(|line| !line.starts_with("       http")).count();
        assert_eq!(changes, lines, "one more line at each change: {said}");
        assert!(said.ends_with("repeat the same request, on the same path"), "{said}");
        let asked = page.requests();
        assert!(asked.iter().all(|seen| seen.path.ends_with("summary.json")), "{asked:?}");
    }
}

#[test]
fn with_a_daemon_it_asks_the_page_nothing() {
    let page = FakePage::start();
    let home = Home::new(&page);
    page.set(down);
    let mut daemon = home.daemon();
    daemon.says("Partial outage: ");
    polls(&page);
    daemon.signal("-STOP");
    let before = page.requests().len();
    let output = home.run(&["wait", "--timeout", "700ms", "--", "echo", "no"]);
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(124), String::new()));
    assert!(text(&output.stderr).contains("timed out after"), "{}", text(&output.stderr));
    // What the daemon had just asked for may have come in after that; it knows an ETag by then.
    let asked = page.requests().split_off(before);
    assert!(asked.iter().all(|seen| seen.header("if-none-match").is_some()), "{asked:?}");
    let mut wait = home.start(&["wait"]);
    wait.says("Claude Code: partial outage");
    daemon.signal("-CONT");
    page.set(up);
    assert_eq!(wait.ends().0.code(), Some(0));
}

#[test]
fn it_takes_over_from_a_daemon_that_stops_and_hands_over_to_one_that_starts() {
    let page = FakePage::start();
    let home = Home::new(&page);
    page.set(down);
    let mut daemon = home.daemon();
    daemon.says("Partial outage: ");
    let mut wait = home.start(&["wait"]);
    wait.says("Claude Code: partial outage");
    daemon.kill();
    polls(&page);
    let mut daemon = home.daemon();
    // Two of the daemon's own readings later the wait has let go.
    daemon.says("watching");
    page.set(|page| page.update("abc", "identified", "Found it.", "2026-11-01T10:05:00Z"));
    wait.says("(identified");
    daemon.kill();
    page.set(up);
    assert_eq!(wait.ends().0.code(), Some(0));
}

#[test]
fn what_is_not_known_is_waited_out_and_told_once() {
    let page = FakePage::start();
    page.always(Answer::status(500));
    let home = Home::new(&page);
    let mut wait = home.start(&["wait"]);
    wait.says("waiting: can't tell how it is: the page's own server fails");
    page.always(Answer::html("<html>Sign in</html>"));
    polls(&page);
    page.heal();
    let (status, said) = wait.ends();
    assert_eq!(status.code(), Some(0), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.ends_with("the page is green"), "{said}");
}

#[test]
fn named_components_go_before_those_watched_and_must_be_on_the_page() {
    let page = FakePage::start();
    let home = Home::new(&page);
    page.set(down);
    assert_eq!(home.run(&["wait", "claude api", API]).status.code(), Some(0));
    let code = home.run(&["wait", "Claude Code", "--timeout", "100ms"]).status.code();
    assert_eq!(code, Some(124));
    let output = home.run(&["wait", "Claude Coder"]);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(64), "{said}");
    assert!(said.contains("no component 'Claude Coder'"), "{said}");
    assert!(said.contains("hint: it has: claude.ai, 'Claude Console'"), "{said}");
    assert!(said.contains("; to run a command then: ccwatch wait -- 'Claude Coder'"), "{said}");
    let output = home.run(&["wait", "--component", "Claude API", "--json"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(text(&output.stdout).contains("\"outcome\": \"reached\""));
}

#[test]
fn a_signal_ends_a_wait_as_the_shell_tells_it() {
    for (signal, code) in [("-INT", 130), ("-TERM", 143)] {
        let page = FakePage::start();
        let home = Home::new(&page);
        page.set(down);
        let mut wait = home.start(&["wait", "--", "true"]);
        wait.says("waiting");
        wait.signal(signal);
        assert_eq!(wait.ends().0.code(), Some(code), "{signal}");
    }
}

#[test]
fn a_green_page_repeats_nothing_and_says_what_to_check() {
    let page = FakePage::start();
    let home = Home::new(&page);
    let script = "echo run; exit 3";
    assert_eq!(home.run(&["retry", "--", "true"]).status.code(), Some(0));
    assert_eq!(page.requests().len(), 0, "what works needs no page");
    for daemon in [None, Some(home.daemon())] {
        let output = home.run(&["retry", "--", "sh", "-c", script]);
        assert_eq!((output.status.code(), text(&output.stdout)), (Some(3), "run\n".to_owned()));
        let said = text(&output.stderr);
        assert!(said.contains("sh is not repeated: The page is green"), "{said}");
        assert!(said.contains("Look at your own side"), "{said}");
        drop(daemon);
    }
    for (command, code) in [(&["/does/not/exist"][..], 127), (&["sh", "-c", "kill -9 $$"], 137)] {
        let output = home.run(&[&["retry", "-q", "--"], command].concat());
        assert_eq!(output.status.code(), Some(code), "{command:?}");
    }
}

/// Fails until it has been run `times` times, and says which run it was and what it was given.
fn fails_before(times: usize) -> String {
    format!(
        "echo x >>\"$HOME/runs\"; n=$(wc -l <\"$HOME/runs\"); read -r line; echo run $((n)) $line; \
         [ $((n)) -ge {times} ]"
    )
}

#[test]
fn in_an_outage_the_same_command_is_repeated_when_a_retry_makes_sense() {
    for with_daemon in [false, true] {
        let page = FakePage::start();
        let home = Home::new(&page);
        page.set(down);
        let mut daemon = with_daemon.then(|| home.daemon());
        daemon.iter_mut().for_each(|daemon| drop(daemon.says("Partial outage: ")));
        std::fs::write(home.path().join("input"), "one\ntwo\n").unwrap();
        let mut command = home.command(&["retry", "--", "sh", "-c", &fails_before(2)]);
        let input = std::fs::File::open(home.path().join("input")).unwrap();
        let printed = home.path().join("printed");
        command.stdin(input).stdout(std::fs::File::create(&printed).unwrap());
        let mut retry = Daemon::start(command);
        retry.says("waiting: ");
        page.set(up);
        let (status, said) = retry.ends();
        assert_eq!(status.code(), Some(0), "{said}");
        let printed = std::fs::read_to_string(&printed).unwrap();
        assert!(printed.starts_with("run 1 one\nrun 2"), "{printed}");
        assert!(said.contains("repeating sh (run 2 of 5 at most)"), "{said}");
    }
}

#[test]
fn a_retry_ends_with_its_limits_and_the_commands_own_code() {
    let page = FakePage::start();
    let home = Home::new(&page);
    page.set(down);
    let output = home.run(&["retry", "--within", "300ms", "--", "sh", "-c", "exit 9"]);
    assert_eq!(output.status.code(), Some(9));
    assert!(text(&output.stderr).contains("is not repeated: time is up"));
    let output = home.run(&["retry", "--max", "1", "--", "sh", "-c", "exit 9"]);
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(9), String::new()));
}

#[test]
fn signals_reach_the_command_and_end_the_repeating() {
    let page = FakePage::start();
    let home = Home::new(&page);
    page.set(down);
    let script = "trap 'kill $!; echo caught >&2; exit 5' TERM; sleep 60 & echo ready >&2; wait";
    let mut retry = home.start(&["retry", "--", "sh", "-c", script]);
    retry.says("ready");
    retry.signal("-TERM");
    retry.says("caught");
    assert_eq!(retry.ends().0.code(), Some(5));
    let mut retry = home.start(&["retry", "--", "false"]);
    retry.says("waiting");
    retry.signal("-INT");
    assert_eq!(retry.ends().0.code(), Some(130));
}

#[test]
fn a_command_in_quotes_is_shown_without_them() {
    let page = FakePage::start();
    let home = Home::new(&page);
    for args in [["retry", "claude -p hi"].as_slice(), &["wait", "-q", "--", "claude -p hi"]] {
        let output = home.run(args);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(127), "{said}");
        assert!(said.contains("hint: the quotes make one word of it; without them: claude -p hi"));
    }
    let output = home.run(&["mute", "--component", "Claude Code"]);
    assert_eq!(output.status.code(), Some(64));
    assert!(text(&output.stderr).contains("hint: a mute is of everything, or of one incident"));
    page.set(down);
    let output = home.run(&["retry", "--component", "claude.ai", "--", "sh", "-c", "exit 7"]);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(7), "{said}");
    assert!(said.contains("All that you watch is green"), "{said}");
}

/// A slip of the pen in `watch.components` doesn't keep anybody waiting: what is known is waited for.
#[test]
fn an_entry_that_nothing_answers_to_is_said_and_not_waited_for() {
    let page = FakePage::start();
    let home = Home::new(&page);
    let watch = "[watch]\ncomponents = [\"Claude Code\", \"Claude Foo\"]\n";
    home.configure(&page.url(), "", &format!("{QUICK}{watch}"));
    let nobody = "nothing on the page answers to \"Claude Foo\"";
    let output = home.run(&["retry", "--", "sh", "-c", "exit 7"]);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(7), "{said}");
    assert!(said.contains("The page is green") && said.contains(nobody), "{said}");
    page.set(down);
    let mut wait = home.start(&["wait"]);
    let line = wait.says("waiting: ");
    assert!(line.contains("Claude Code: partial outage") && line.contains(nobody), "{line}");
    page.set(up);
    let (status, said) = wait.ends();
    assert_eq!(status.code(), Some(3), "{said}");
    assert!(said.contains("repeat what needs only Claude Code"), "{said}");
    assert!(said.contains("the page has: claude.ai, "), "{said}");
    page.set(down);
    let mut retry = home.start(&["retry", "--", "sh", "-c", &fails_before(2)]);
    retry.says("waiting: ");
    page.set(up);
    let (status, said) = retry.ends();
    assert_eq!(status.code(), Some(0), "{said}");
    assert!(said.contains(nobody) && said.contains("repeating sh (run 2 of 5"), "{said}");
    let watch = "[watch]\ncomponents = [\"Claude Foo\"]\n";
    home.configure(&page.url(), "", &format!("{QUICK}{watch}"));
    assert_eq!(home.run(&["wait", "-q"]).status.code(), Some(3));
    let output = home.run(&["retry", "--", "sh", "-c", "exit 7"]);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(7), "{said}");
    assert!(said.contains("lists nothing that you watch") && said.contains(nobody), "{said}");
}

#[test]
fn what_is_waited_for_is_said_with_the_pages_of_it() {
    let page = FakePage::start();
    let home = Home::new(&page);
    page.set(|page| {
        page.post("abc", "Elevated errors", "major", "2026-11-01T10:00:00Z", &[API]);
        page.set_status(API, "major_outage", "2026-11-01T10:00:00Z");
        let at = ccwatch::platform::clock::now();
        let plan = (at, at + jiff::SignedDuration::from_hours(2));
        page.announce("move", "in_progress", plan, &[CLAUDE_CODE]);
    });
    let links: Vec<String> =
        ["abc", "move"].iter().map(|id| format!("{}/incidents/{id}", page.url())).collect();
    let mut wait = home.start(&["wait"]);
    wait.says("waiting: Claude API: major outage");
    for link in &links {
        assert_eq!(wait.says("/incidents/"), format!("       {link}"));
    }
    wait.stop();
    let mut command = home.command(&["wait", "--json"]);
    let before = page.requests().len();
    let wait = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    page.wait_for_requests(before + 3, SOON);
    let pid = rustix::process::Pid::from_child(&wait);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    let output = wait.wait_with_output().unwrap();
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["links"], serde_json::json!(links), "{answer}");
    assert_eq!(text(&output.stderr), "");
}
