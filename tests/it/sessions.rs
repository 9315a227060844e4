//! Sessions that stopped, on the built program: the test is Claude Code, and runs its hooks.
#![cfg(target_os = "linux")]

use std::fs;
use std::io::Write;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::page::{API, FakePage, SOON};
use crate::program::{Daemon, Home, QUICK};
use crate::shim::Shim;

/// Somebody whose sessions may go on.
struct User {
    page: FakePage,
    home: Home,
    /// Whose clock may be set.
    shim: Option<Shim>,
}

/// A hook that was started, and may wait.
struct Hook(Child);

impl User {
    fn new(more: &str) -> Self {
        let page = FakePage::start();
        let home = Home::new(&page);
        let rest = format!("{QUICK}\n[sessions]\nresume = true\nspread = \"0s\"\n{more}");
        home.configure(&page.url(), "", &rest);
        fs::create_dir(home.state()).unwrap();
        Self { page, home, shim: None }
    }

    /// The same, who may set the clock.
    fn with_a_clock() -> Self {
        Self { shim: Some(Shim::new()), ..Self::new("") }
    }

    fn sets_the_clock(&self, hours: i64) {
        self.shim.as_ref().unwrap().clock(hours * 3600);
    }

    fn command(&self, args: &[&str]) -> Command {
        match &self.shim {
            Some(shim) => shim.command(&self.home, args),
            None => self.home.command(args),
        }
    }

    /// A hook that is called by the process of Claude Code with this number.
    fn called_by(&self, claude: &Child, args: &[&str]) -> Command {
        let mut command = self.command(args);
        command.env("CLAUDE_PID", claude.id().to_string());
        command
    }

    /// The same with a daemon that has read the page, which is red or green.
    fn watching(more: &str, status: &str) -> (Self, Daemon) {
        let user = Self::new(more);
        user.page.set(|page| page.set_status(API, status, "2026-11-27T10:00:00Z"));
        let daemon = user.home.daemon();
        user.page.wait_for_requests(user.page.requests().len() + 4, SOON);
        (user, daemon)
    }

    fn start(&self, event: &Value) -> Hook {
        start(&mut self.command(&["hook", "--wait"]), event)
    }

    /// A session stops; the hook that waits for it.
    fn fails(&self, id: &str) -> Hook {
        let hook = self.start(&failure(id, "server_error", "API Error: 529 Overloaded."));
        self.until(id, "waiting");
        hook
    }

    /// Something else that Claude Code reports, which is done in a moment and without a word.
    fn reports(&self, event: &Value) {
        start(&mut self.command(&["hook"]), event).wakes_nobody();
    }

    /// Until hooks that wait have looked at everything, however often.
    fn lets_hooks_look(&self) {
        let asked = self.page.requests().len();
        self.page.wait_for_requests(asked + 120, SOON);
    }

    fn sessions(&self) -> Vec<Value> {
        let output = self.command(&["sessions", "--all", "--json"]).output().unwrap();
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
        answer["sessions"].as_array().unwrap().clone()
    }

    fn session(&self, id: &str) -> Option<Value> {
        self.sessions().into_iter().find(|one| one["id"] == id)
    }

    fn state(&self, id: &str) -> String {
        let found = self.session(id).map(|one| one["state"].as_str().unwrap().to_owned());
        found.unwrap_or_default()
    }

    /// Asks until a session is in that state. Each asking is a process, so that it is no tight loop.
    fn until(&self, id: &str, state: &str) -> Value {
        self.until_so(id, state, |_| true)
    }

    /// The same until something else is true of it, too.
    fn until_so(&self, id: &str, state: &str, is_so: impl Fn(&Value) -> bool) -> Value {
        for _ in 0..3000 {
            if let Some(found) = self.session(id).filter(|one| one["state"] == state && is_so(one))
            {
                return found;
            }
        }
        panic!("{id} is not {state}, or not so: {:#?}", self.sessions());
    }

    fn turns(&self, status: &str) {
        let at = ccwatch::platform::clock::now().to_string();
        self.page.set(|page| page.set_status(API, status, &at));
    }
}

fn failure(id: &str, error: &str, said: &str) -> Value {
    json!({"hook_event_name": "StopFailure", "session_id": id, "cwd": "/home/me/it's mine",
        "error": error, "last_assistant_message": said})
}

fn prompt(id: &str, words: &str) -> Value {
    json!({"hook_event_name": "UserPromptSubmit", "session_id": id, "prompt": words})
}

fn stop(id: &str) -> Value {
    json!({"hook_event_name": "Stop", "session_id": id})
}

fn start(command: &mut Command, event: &Value) -> Hook {
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().unwrap();
    child.stdin.take().unwrap().write_all(event.to_string().as_bytes()).unwrap();
    Hook(child)
}

impl Hook {
    /// How it ended, and what it said to Claude.
    fn ends(self) -> (Option<i32>, String) {
        let output = self.0.wait_with_output().unwrap();
        assert!(output.stdout.is_empty());
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    }

    fn wakes_nobody(self) {
        assert_eq!(self.ends(), (Some(0), String::new()));
    }

    fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

const GOES_ON: &str = "Go on where you stopped, if a turn of yours was cut off. Before you repeat \
                       its last step, look at what that had already done.\n";

#[test]
fn a_session_goes_on_once_the_page_is_green_again() {
    let (user, daemon) = User::watching("", "partial_outage");
    let hook = user.fails("one");
    let asked = user.page.requests().len();
    user.page.wait_for_requests(asked + 40, SOON);
    let waits = user.until("one", "waiting");
    assert_eq!((&waits["next"], &waits["whose"]), (&json!("waits for the fix"), &json!("ccwatch")));
    assert_eq!(waits["command"], "cd '/home/me/it'\\''s mine' && claude --resume one");
    let status = String::from_utf8(user.home.run(&["status"]).stdout).unwrap();
    assert!(status.contains("1 session goes on by itself: ccwatch sessions"), "{status}");
    user.turns("operational");
    let (code, said) = hook.ends();
    assert_eq!(code, Some(2), "{said}");
    let begins = "The API should answer again: its status page is green again since ";
    assert!(said.starts_with(begins) && said.ends_with(GOES_ON), "{said}");
    assert_eq!(user.state("one"), "woken");
    user.reports(&prompt("one", "<task-notification>..."));
    assert_eq!(user.state("one"), "going_on");
    user.reports(&stop("one"));
    let works = user.until("one", "works");
    assert_eq!(works["attempts"], 1);
    daemon.kill();
}

#[test]
fn under_a_green_page_it_tries_again_until_its_attempts_are_used_up() {
    let (user, _daemon) = User::watching("max_attempts = 2\n", "operational");
    for attempt in 1..=2 {
        let hook = user.start(&failure("one", "server_error", "API Error: 529 Overloaded."));
        let (code, said) = hook.ends();
        assert_eq!(code, Some(2), "{said}");
        assert!(said.ends_with(GOES_ON), "{said}");
        assert_eq!(user.until("one", "woken")["attempts"], attempt);
        user.reports(&prompt("one", "<task-notification>..."));
    }
    user.start(&failure("one", "server_error", "API Error: 529 Overloaded.")).wakes_nobody();
    let over = user.until("one", "attempts_used");
    assert_eq!(over["next"], "yours: it was woken 2 times and stopped each time");
    assert_eq!(over["whose"], "you");
    user.reports(&prompt("one", "go on"));
    user.start(&failure("one", "server_error", "API Error: 529 Overloaded.")).ends();
    assert_eq!(user.until("one", "woken")["attempts"], 1, "somebody was there: it counts anew");
}

#[test]
fn whatever_goes_on_in_a_session_ends_its_wait() {
    let (user, daemon) = User::watching("", "partial_outage");
    let ended = |reason: &str| json!({"hook_event_name": "SessionEnd", "session_id": "one", "reason": reason});
    for (event, state) in [
        (prompt("one", "never mind"), "typed"),
        (prompt("one", "<task-notification> a task of its own is done"), "going_on"),
        (prompt("one", "<system-reminder>\nStop hook blocking error"), "going_on"),
        (stop("one"), "works"),
        (ended("prompt_input_exit"), "ended"),
        (ended("clear"), "cleared"),
        (ended("other"), "process_gone"),
    ] {
        let hook = user.fails("one");
        user.reports(&event);
        hook.wakes_nobody();
        assert_eq!(user.state("one"), state, "{event}");
    }
    let older = user.fails("one");
    let newer = user.start(&failure("one", "server_error", "API Error: 500"));
    older.wakes_nobody();
    // The older one ends once the newer failure is noted, which is before it is in the database.
    user.until_so("one", "waiting", |one| one["status"] == 500);
    let forgotten = user.home.run(&["sessions", "forget", "on"]);
    assert_eq!(String::from_utf8(forgotten.stdout).unwrap(), "Forgotten: one.\n");
    newer.wakes_nobody();
    assert_eq!(user.sessions(), [] as [Value; 0]);
    let hook = user.fails("one");
    user.home.run(&["sessions", "forget", "--all"]);
    hook.wakes_nobody();
    let unknown = user.home.run(&["sessions", "forget", "nobody"]);
    assert_eq!(unknown.status.code(), Some(64));
    daemon.kill();
}

#[test]
fn a_muted_session_and_one_whose_time_is_up_are_the_users() {
    let (user, daemon) = User::watching("", "partial_outage");
    let hook = user.fails("one");
    assert!(user.home.run(&["mute", "1h"]).status.success());
    user.turns("operational");
    hook.wakes_nobody();
    assert!(user.state("one") == "muted", "{:#?}", user.sessions());
    daemon.kill();
}

#[test]
fn switched_off_meanwhile_it_wakes_nobody() {
    let (user, daemon) = User::watching("", "partial_outage");
    let hook = user.fails("one");
    user.home.configure(&user.page.url(), "", QUICK);
    user.turns("operational");
    hook.wakes_nobody();
    assert_eq!(user.state("one"), "switched_off");
    daemon.kill();
}

#[test]
fn without_a_daemon_the_hook_reads_the_page_itself() {
    let user = User::new("");
    user.page.set(|page| page.set_status(API, "partial_outage", "2026-11-27T10:00:00Z"));
    let hook = user.fails("one");
    // By then its first pause would be over many times.
    user.page.wait_for_requests(20, SOON);
    assert_eq!(user.until("one", "waiting")["next"], "waits for the fix");
    user.turns("operational");
    let (code, said) = hook.ends();
    assert_eq!(code, Some(2), "{said}");
}

#[test]
fn a_daemon_that_is_killed_changes_nothing() {
    let (user, daemon) = User::watching("", "partial_outage");
    let hook = user.fails("one");
    daemon.kill();
    let asked = user.page.requests().len();
    user.page.wait_for_requests(asked + 3, SOON);
    assert_eq!(user.state("one"), "waiting", "it reads the page itself");
    let daemon = user.home.daemon();
    user.turns("operational");
    assert_eq!(hook.ends().0, Some(2));
    daemon.kill();
}

#[test]
fn a_hook_that_is_killed_is_known_to_be_gone() {
    let (user, daemon) = User::watching("", "partial_outage");
    user.fails("one").kill();
    let gone = user.until("one", "hook_gone");
    assert_eq!(
        (&gone["next"], &gone["whose"]),
        (&json!("yours: nothing waits for it any more"), &json!("you"))
    );
    let (status, _) = user.home.status();
    assert_eq!(status["sessions"], json!({"going_on": 0, "yours": 1}));
    daemon.kill();
}

#[test]
fn nobody_is_woken_when_the_process_of_the_session_is_gone() {
    let (user, daemon) = User::watching("", "partial_outage");
    let claude = claude();
    let mut command = user.called_by(&claude, &["hook", "--wait"]);
    let hook = start(&mut command, &failure("one", "server_error", "API Error: 500"));
    user.until("one", "waiting");
    is_killed(claude);
    hook.wakes_nobody();
    assert_eq!(user.state("one"), "process_gone");
    daemon.kill();
}

/// A process that may be that of Claude Code.
fn claude() -> Child {
    Command::new("cat").stdin(Stdio::piped()).spawn().unwrap()
}

fn is_killed(mut claude: Child) {
    claude.kill().unwrap();
    claude.wait().unwrap();
}

#[test]
fn who_leaves_another_terminal_with_the_same_session_ends_no_wait() {
    let (user, daemon) = User::watching("", "partial_outage");
    let left = json!({"hook_event_name": "SessionEnd", "session_id": "one",
        "reason": "prompt_input_exit"});
    let (first, second) = (claude(), claude());
    let event = failure("one", "server_error", "API Error: 500");
    let hook = start(&mut user.called_by(&first, &["hook", "--wait"]), &event);
    user.until("one", "waiting");
    start(&mut user.called_by(&second, &["hook"]), &left).wakes_nobody();
    user.lets_hooks_look();
    assert_eq!(user.state("one"), "waiting");
    start(&mut user.called_by(&first, &["hook"]), &left).wakes_nobody();
    hook.wakes_nobody();
    assert_eq!(user.state("one"), "ended");
    // Where the terminal in which it stopped is gone, the other one's end is its end.
    let hook = start(&mut user.called_by(&first, &["hook", "--wait"]), &event);
    user.until("one", "waiting");
    is_killed(first);
    hook.wakes_nobody();
    let gone = user.until("one", "process_gone");
    assert!(gone["next"].as_str().unwrap().starts_with("yours: its process is gone since "));
    start(&mut user.called_by(&second, &["hook"]), &left).wakes_nobody();
    assert_eq!(user.state("one"), "ended");
    is_killed(second);
    daemon.kill();
}

#[test]
fn a_hook_that_can_not_wait_takes_no_wait_away() {
    let (user, daemon) = User::watching("", "partial_outage");
    let mut hooks = Vec::new();
    for (id, turn) in [("with", Some("a turn")), ("without", None)] {
        let mut event = failure(id, "server_error", "API Error: 529 Overloaded.");
        if let Some(turn) = turn {
            event["prompt_id"] = turn.into();
        }
        user.reports(&event);
        let alone = user.until(id, "no_hook");
        assert!(alone["next"].as_str().unwrap().starts_with("yours: the hook"), "{alone}");
        hooks.push(user.start(&event));
        user.until(id, "waiting");
        user.reports(&event);
        assert_eq!(user.state(id), "waiting");
    }
    user.turns("operational");
    for hook in hooks {
        assert_eq!(hook.ends().0, Some(2));
    }
    daemon.kill();
}

#[test]
fn words_of_claude_code_that_nobody_knows_do_not_wake_it_for_ever() {
    let (user, _daemon) = User::watching("max_attempts = 2\n", "operational");
    let event = failure("one", "server_error", "API Error: 529 Overloaded.");
    for attempt in 1..=2 {
        assert_eq!(user.start(&event).ends().0, Some(2), "{attempt}");
        user.reports(&prompt("one", "<words-of-a-later-version>"));
        assert_eq!(user.until("one", "typed")["attempts"], attempt);
    }
    user.start(&event).wakes_nobody();
    assert_eq!(user.state("one"), "attempts_used");
}

#[test]
fn a_clock_that_is_set_back_loses_nobody() {
    let user = User::with_a_clock();
    let daemon = user.shim.as_ref().unwrap().daemon(&user.home);
    user.page.wait_for_requests(4, SOON);
    let event = failure("one", "server_error", "API Error: 529 Overloaded.");
    assert_eq!(user.start(&event).ends().0, Some(2));
    user.reports(&prompt("one", "<task-notification>..."));
    assert_eq!(user.state("one"), "going_on");
    user.sets_the_clock(-3);
    assert_eq!(user.start(&event).ends().0, Some(2), "it stopped again");
    assert_eq!(user.until("one", "woken")["attempts"], 2);
    user.sets_the_clock(-6);
    user.reports(&prompt("one", "<task-notification>..."));
    assert_eq!(user.state("one"), "going_on");
    // The same while a hook waits.
    user.turns("partial_outage");
    let asked = user.page.requests().len();
    user.page.wait_for_requests(asked + 6, SOON);
    let hook = user.fails("two");
    user.sets_the_clock(-9);
    user.lets_hooks_look();
    user.turns("operational");
    assert_eq!(hook.ends().0, Some(2));
    daemon.kill();
}

#[test]
fn a_clock_that_is_set_back_keeps_no_hook_from_reading_the_page() {
    let user = User::with_a_clock();
    user.page.set(|page| page.set_status(API, "partial_outage", "2026-11-27T10:00:00Z"));
    let hook = user.fails("one");
    user.page.wait_for_requests(20, SOON);
    assert_eq!(user.until("one", "waiting")["next"], "waits for the fix");
    user.sets_the_clock(-3);
    user.page.wait_for_requests(user.page.requests().len() + 20, SOON);
    user.turns("operational");
    assert_eq!(hook.ends().0, Some(2));
}

#[test]
fn a_configuration_that_is_away_for_a_moment_switches_nothing_off() {
    let (user, daemon) = User::watching("", "partial_outage");
    let hook = user.fails("one");
    let config = fs::read_to_string(user.home.config()).unwrap();
    let aside = user.home.path().join("aside");
    fs::rename(user.home.config(), &aside).unwrap();
    user.lets_hooks_look();
    fs::rename(&aside, user.home.config()).unwrap();
    user.lets_hooks_look();
    fs::write(user.home.config(), "").unwrap();
    user.lets_hooks_look();
    fs::write(user.home.config(), config).unwrap();
    assert_eq!(user.state("one"), "waiting");
    user.turns("operational");
    assert_eq!(hook.ends().0, Some(2));
    daemon.kill();
}

#[test]
fn what_time_does_not_heal_and_who_has_no_screen_is_never_waited_for() {
    let user = User::new("");
    for (id, error, said, state) in [
        ("login", "authentication_failed", "Please run /login · API Error: 401", "needs_you"),
        ("long", "invalid_request", "Prompt is too long", "needs_you"),
        ("limit", "rate_limit", "You've hit your session limit · resets 3:45pm", "limits_off"),
        ("spend", "billing_error", "Credit balance is too low", "needs_you"),
    ] {
        user.start(&failure(id, error, said)).wakes_nobody();
        let found = user.until(id, state);
        assert_eq!(found["whose"], "you", "{found:#}");
    }
    let mut gone = claude();
    gone.kill().unwrap();
    gone.wait().unwrap();
    let mut print = Command::new("sh");
    let words = ["-c", "read -r line", "claude", "-p", "do it"];
    let print = print.args(words).stdin(Stdio::piped()).spawn().unwrap();
    let screen = claude();
    for (id, entry, by) in [
        ("sdk", "sdk-cli", &screen),
        ("action", "claude-code-github-action", &screen),
        ("print", "claude-vscode", &print),
        ("gone", "cli", &gone),
    ] {
        let mut command = user.called_by(by, &["hook", "--wait"]);
        command.env("CLAUDE_CODE_ENTRYPOINT", entry);
        start(&mut command, &failure(id, "server_error", "API Error: 500")).wakes_nobody();
        assert_eq!(user.state(id), "headless", "{entry}");
    }
    is_killed(print);
    is_killed(screen);
    // A hook that Claude Code waits for must not keep it waiting.
    user.reports(&failure("plain", "server_error", "API Error: 500"));
    assert_eq!(user.state("plain"), "no_hook");
    let shown = String::from_utf8(user.home.run(&["sessions"]).stdout).unwrap();
    assert!(shown.contains("next:    yours. Run /status to see the login, then /login"), "{shown}");
    assert!(!shown.contains("sdk"), "that is over: {shown}");
}

#[test]
fn every_trouble_of_our_own_wakes_nobody() {
    let user = User::new("");
    let event = failure("one", "server_error", "API Error: 500");
    // A place that can't be noted in: nobody could end the wait.
    fs::write(user.home.state().join("sessions"), "no directory").unwrap();
    user.start(&event).wakes_nobody();
    fs::remove_file(user.home.state().join("sessions")).unwrap();
    for odd in [
        json!({}),
        json!([]),
        json!({"hook_event_name": "StopFailure"}),
        failure("", "x", "y"),
        failure("-x", "server_error", "API Error: 500"),
        failure("../a b", "server_error", "API Error: 500"),
        failure(&"x".repeat(5000), "server_error", "API Error: 500"),
    ] {
        user.start(&odd).wakes_nobody();
    }
    assert_eq!(user.sessions(), [] as [Value; 0]);
    fs::remove_dir_all(user.home.state()).unwrap();
    user.start(&event).wakes_nobody();
    assert!(!user.home.state().exists(), "not set up: nothing is made");
}

/// The database, locked as by a program that takes its time.
fn locked(user: &User) -> rusqlite::Connection {
    let db = rusqlite::Connection::open(user.home.state().join("ccwatch.db")).unwrap();
    db.execute_batch("BEGIN IMMEDIATE").unwrap();
    db
}

#[test]
fn what_happens_while_the_database_is_locked_is_not_lost() {
    let (user, daemon) = User::watching("", "partial_outage");
    let ended =
        |id: &str| json!({"hook_event_name": "SessionEnd", "session_id": id, "reason": "clear"});
    let hooks = ["one", "two", "three"].map(|id| user.fails(id));
    let lock = locked(&user);
    user.reports(&prompt("one", "never mind"));
    user.reports(&ended("two"));
    user.reports(&stop("three"));
    // They end though the database can't be written to.
    hooks.into_iter().for_each(Hook::wakes_nobody);
    let late = user.start(&failure("late", "server_error", "API Error: 529 Overloaded."));
    drop(lock);
    for (id, state) in [("one", "typed"), ("two", "cleared"), ("three", "works")] {
        assert_eq!(user.state(id), state);
    }
    user.until("late", "waiting");
    user.turns("operational");
    assert_eq!(late.ends().0, Some(2), "it is written down as soon as that can be done");
    daemon.kill();
}

#[test]
fn a_damaged_or_newer_database_loses_nobody() {
    let (user, daemon) = User::watching("", "partial_outage");
    let hook = user.fails("one");
    daemon.kill();
    let file = user.home.state().join("ccwatch.db");
    let whole = rusqlite::Connection::open(&file).unwrap();
    whole.execute_batch("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA user_version = 99").unwrap();
    whole.execute_batch("UPDATE page SET value = '99' WHERE key = 'schema'").unwrap();
    drop(whole);
    let said = user.home.run(&["sessions"]);
    let said = String::from_utf8(said.stderr).unwrap();
    assert!(said.contains("1 session waits, and can go on only once this is mended"), "{said}");
    assert!(said.contains("newer ccwatch"), "{said}");
    let late = user.start(&failure("late", "server_error", "API Error: 529 Overloaded."));
    let asked = user.page.requests().len();
    user.page.wait_for_requests(asked + 3, SOON);
    for name in ["ccwatch.db", "ccwatch.db-wal", "ccwatch.db-shm"] {
        let _ = fs::remove_file(user.home.state().join(name));
    }
    fs::write(&file, "no database").unwrap();
    // The daemon sets it aside, and the hooks that wait write themselves down again.
    let daemon = user.home.daemon();
    user.page.wait_for_requests(user.page.requests().len() + 6, SOON);
    for id in ["one", "late"] {
        assert_eq!(user.until(id, "waiting")["attempts"], 0);
    }
    user.reports(&prompt("one", "never mind"));
    hook.wakes_nobody();
    user.turns("operational");
    assert_eq!(late.ends().0, Some(2));
    daemon.kill();
}

#[test]
fn a_hook_in_the_first_moment_of_a_daemon_is_written_down_later() {
    let user = User::new("");
    user.page.set(|page| page.set_status(API, "partial_outage", "2026-11-27T10:00:00Z"));
    // It holds its lock, and has not made its database yet.
    let now = ccwatch::platform::clock::now();
    let lock = ccwatch::store::Lock::acquire(&user.home.state(), now).unwrap();
    let hook = user.start(&failure("one", "server_error", "API Error: 500"));
    while ccwatch::store::Waiting::count(&user.home.state()) == 0 {
        std::thread::yield_now();
    }
    drop(lock);
    let daemon = user.home.daemon();
    user.until("one", "waiting");
    user.turns("operational");
    assert_eq!(hook.ends().0, Some(2));
    daemon.kill();
}

#[test]
fn a_mistake_in_the_configuration_changes_nothing() {
    let (user, daemon) = User::watching("", "partial_outage");
    let right = fs::read_to_string(user.home.config()).unwrap();
    let (typed, waits) = (user.fails("typed"), user.fails("waits"));
    fs::write(user.home.config(), format!("{right}oops =\n")).unwrap();
    user.reports(&prompt("typed", "never mind"));
    typed.wakes_nobody();
    let new = user.fails("new");
    let printed = user.home.run(&["sessions", "--json"]);
    let printed: Value = serde_json::from_slice(&printed.stdout).unwrap();
    assert!(printed["config_error"].as_str().unwrap().contains("config.toml"), "{printed}");
    assert_eq!(printed["resume"], true);
    let shown = String::from_utf8(user.home.run(&["sessions"]).stdout).unwrap();
    assert!(shown.contains("The configuration has a mistake"), "{shown}");
    user.turns("operational");
    for hook in [waits, new] {
        assert_eq!(hook.ends().0, Some(2));
    }
    daemon.kill();
}

#[test]
fn one_failure_that_is_reported_twice_wakes_once() {
    let (user, daemon) = User::watching("limits = true\n", "operational");
    let reset = ccwatch::platform::clock::now().as_second() - 3;
    let mut event = failure("one", "rate_limit", &format!("Claude AI usage limit reached|{reset}"));
    // However far apart its reports are.
    event["prompt_id"] = "a turn".into();
    let ended = [user.start(&event), user.start(&event)].map(Hook::ends);
    let mut codes = ended.map(|(code, _)| code.unwrap());
    codes.sort_unstable();
    assert_eq!(codes, [0, 2]);
    assert_eq!(user.until("one", "woken")["attempts"], 1);
    let late = user.start(&event);
    late.wakes_nobody();
    assert_eq!(user.until("one", "woken")["attempts"], 1);
    daemon.kill();
}

#[test]
fn two_hundred_other_failures_take_nobodys_note() {
    let (user, daemon) = User::watching("", "partial_outage");
    let hook = user.fails("one");
    for other in 0..250 {
        let at = ccwatch::platform::clock::now();
        let failed = ccwatch::store::notes::Failed { hook: "1-1", turn: "", process: None };
        ccwatch::store::notes::failed(&user.home.state(), &other.to_string(), at, failed).unwrap();
    }
    user.reports(&failure("more", "server_error", "API Error: 500"));
    user.reports(&prompt("one", "go on yourself"));
    hook.wakes_nobody();
    assert_eq!(user.state("one"), "typed");
    daemon.kill();
}

#[test]
fn a_session_that_works_on_by_its_own_transcript_is_not_woken() {
    let (user, daemon) = User::watching("", "partial_outage");
    let error =
        r#"{"type":"assistant","isApiErrorMessage":true,"message":{"model":"<synthetic>"}}"#;
    let queued = r#"{"type":"user","message":{"content":"a prompt that was queued"}}"#;
    let start = |id: &str, rows: &[&str]| {
        let transcript = user.home.path().join(id);
        fs::write(&transcript, rows.join("\n")).unwrap();
        let mut event = failure(id, "server_error", "API Error: 500");
        event["transcript_path"] = transcript.to_str().unwrap().into();
        let hook = user.start(&event);
        user.until(id, "waiting");
        hook
    };
    let (works, stands) = (start("works", &[error, queued]), start("stands", &[queued, error]));
    let summary =
        r#"{"type":"user","isCompactSummary":true,"message":{"content":"what was said before"}}"#;
    let compacted = start("compacted", &[error, summary]);
    let (long_ago, now) = ("2026-11-27T10:00:00Z".to_owned(), "2126-11-27T10:00:00Z".to_owned());
    let shell = |at: &str| {
        format!(r#"{{"type":"user","timestamp":"{at}","message":{{"content":"<bash-input>ls"}}}}"#)
    };
    let shells =
        [start("shell", &[error, &shell(&long_ago)]), start("new", &[error, &shell(&now)])];
    user.turns("operational");
    assert_eq!(stands.ends().0, Some(2));
    assert_eq!(compacted.ends().0, Some(2));
    for shell in shells {
        assert_eq!(shell.ends().0, Some(2), "it began no turn");
    }
    works.wakes_nobody();
    assert_eq!(user.state("works"), "going_on");
    daemon.kill();
}

#[test]
fn what_is_switched_off_meanwhile_ends_the_wait_at_once_and_says_why() {
    let (user, daemon) = User::watching("limits = true\n", "partial_outage");
    let reset = ccwatch::platform::clock::now().as_second() + 3000;
    let said = format!("Claude AI usage limit reached|{reset}");
    let limit = user.start(&failure("limit", "rate_limit", &said));
    user.until("limit", "waiting");
    let hook = user.fails("one");
    let config = fs::read_to_string(user.home.config()).unwrap();
    fs::write(user.home.config(), config.replace("limits = true", "limits = false")).unwrap();
    limit.wakes_nobody();
    let found = user.until("limit", "limits_off");
    assert!(found["next"].as_str().unwrap().ends_with("([sessions] limits = false)"), "{found}");
    assert_eq!(user.state("one"), "waiting");
    fs::write(user.home.config(), config.replace("resume = true", "resume = false")).unwrap();
    hook.wakes_nobody();
    let found = user.until("one", "switched_off");
    assert!(found["next"].as_str().unwrap().contains("resume = false"), "{found}");
    daemon.kill();
}

#[test]
fn the_command_by_hand_names_the_projects_folder() {
    let user = User::new("");
    for (project, folder) in [
        (Some("/home/me/project"), "/home/me/project"),
        (Some("odd"), "/home/me/it's mine"),
        (None, "/home/me/it's mine"),
    ] {
        let mut command = user.home.command(&["hook"]);
        if let Some(project) = project {
            command.env("CLAUDE_PROJECT_DIR", project);
        }
        start(&mut command, &failure("one", "server_error", "API Error: 500")).wakes_nobody();
        assert_eq!(user.session("one").unwrap()["folder"], folder);
    }
}

#[test]
fn messages_say_how_many_go_on_and_how_many_wait() {
    let (user, _daemon) = User::watching("", "partial_outage");
    let hooks = [user.fails("one"), user.fails("two")];
    user.start(&failure("mine", "authentication_failed", "API Error: 401")).wakes_nobody();
    let line = "2 sessions go on by themselves, 1 waits for you: ccwatch sessions";
    let bar = user.home.run(&["status", "--format", "waybar"]);
    assert!(String::from_utf8(bar.stdout).unwrap().contains(line));
    user.turns("operational");
    for hook in hooks {
        assert_eq!(hook.ends().0, Some(2));
    }
}

#[test]
fn the_documented_shape_is_the_printed_one() {
    let (user, daemon) = User::watching("", "partial_outage");
    let hook = user.fails("one");
    let printed = user.home.run(&["sessions", "--json"]);
    let printed: Value = serde_json::from_slice(&printed.stdout).unwrap();
    let documented = crate::json_more::example("sessions");
    let all = |value: &Value| {
        let mut found = std::collections::BTreeSet::new();
        crate::json_more::keys(value, "", &mut found);
        found
    };
    assert_eq!(all(&printed), all(&documented));
    hook.kill();
    daemon.kill();
}
