//! `ccwatch watch` on a real terminal, which tmux plays.
#![cfg(target_os = "linux")]

use std::fs;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use crate::page::{CLAUDE_CODE, FakePage, SOON};
use crate::pages::Two;
use crate::program::Home;
use crate::shim::Shim;

/// A terminal of 80x24 in a tmux of its own; ended with it.
pub(crate) struct Terminal<'a> {
    home: &'a Home,
}

impl<'a> Terminal<'a> {
    /// A shell in it.
    pub(crate) fn start(home: &'a Home) -> Self {
        let terminal = Self { home };
        terminal.tmux(&["new-session", "-d", "-x", "80", "-y", "24", "PS1='back> ' exec sh"]);
        terminal
    }

    pub(crate) fn tmux(&self, args: &[&str]) -> Output {
        let socket = self.home.path().join("tmux");
        let mut command = Command::new("tmux");
        command
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("TERM", "xterm")
            .env("LANG", "C.UTF-8");
        command.arg("-S").arg(socket).args(["-f", "/dev/null"]).args(args).output().unwrap()
    }

    fn screen(&self) -> String {
        String::from_utf8(self.tmux(&["capture-pane", "-p"]).stdout).unwrap()
    }

    /// Waits until the screen shows it.
    pub(crate) fn shows(&self, what: &str) -> String {
        self.waits_for(what, |screen| screen.contains(what))
    }

    /// Waits until it shows all of this: a terminal takes up in pieces what a program draws.
    fn shows_all(&self, all: &[&str]) -> String {
        self.waits_for(&all.join(" and "), |screen| all.iter().all(|what| screen.contains(what)))
    }

    fn waits_for(&self, what: &str, wanted: impl Fn(&str) -> bool) -> String {
        let begun = ccwatch::platform::clock::now();
        loop {
            let screen = self.screen();
            if wanted(&screen) {
                return screen;
            }
            let waited = ccwatch::platform::clock::now().duration_since(begun).unsigned_abs();
            assert!(waited < SOON, "the screen did not show {what:?}:\n{screen}");
            // tmux tells nobody when it has drawn: it is asked again.
            std::thread::park_timeout(Duration::from_millis(50));
        }
    }
}

impl Drop for Terminal<'_> {
    fn drop(&mut self) {
        self.tmux(&["kill-server"]);
    }
}

#[test]
fn live_on_a_small_terminal_which_is_given_back_as_it_was() {
    if Command::new("tmux").arg("-V").output().is_err() {
        crate::fault::skipped("the whole screen in a real terminal: tmux is not installed");
        return;
    }
    let page = FakePage::start();
    let home = Home::new(&page);
    let terminal = Terminal::start(&home);
    let (config, state) = (home.config(), home.state());
    let watch = format!(
        "exec env TZ=UTC {} --config {} --state-dir {} watch",
        env!("CARGO_BIN_EXE_ccwatch"),
        config.display(),
        state.display()
    );
    terminal.tmux(&["new-session", "-d", "-x", "80", "-y", "24", "PS1='back> ' exec sh"]);
    terminal.shows("back>");
    let start = |terminal: &Terminal<'_>| {
        terminal.tmux(&["send-keys", &format!("sh -c '{watch}'"), "Enter"]);
    };
    start(&terminal);
    let screen = terminal.shows_all(&["CLEAR", "  Claude Code  operational"]);
    assert!(!screen.contains("back>"), "a screen of its own: {screen}");
    page.set(|page| page.set_status(CLAUDE_CODE, "partial_outage", "2026-11-01T10:00:00Z"));
    terminal.shows_all(&["WAIT", "  Claude Code  partial outage"]);
    terminal.tmux(&["send-keys", "a"]);
    terminal.shows("Claude for Government");
    terminal.tmux(&["resize-window", "-x", "40", "-y", "12"]);
    terminal.waits_for("a narrow screen", |screen| {
        let is_narrow = screen.lines().all(|line| line.chars().count() <= 40);
        is_narrow && screen.contains("q leaves") && screen.contains("WAIT")
    });
    terminal.tmux(&["send-keys", "q"]);
    terminal.shows("back>");

    start(&terminal);
    terminal.shows("WAIT");
    let pane = terminal.tmux(&["list-panes", "-F", "#{pane_pid}"]);
    let pane = String::from_utf8(pane.stdout).unwrap();
    let killed = Command::new("pkill").args(["-TERM", "-P", pane.trim()]).status().unwrap();
    assert!(killed.success());
    let screen = terminal.shows("back>");
    assert!(!screen.contains("WAIT"), "{screen}");
    terminal.tmux(&[
        "send-keys",
        "stty -a | tr ' ;' '\\n\\n' | grep -x -e echo -e icanon",
        "Enter",
    ]);
    terminal.waits_for("a terminal in order", |screen| {
        screen.lines().any(|line| line == "echo") && screen.lines().any(|line| line == "icanon")
    });
}

#[test]
fn without_a_terminal_it_says_what_to_do() {
    let home = Home::new(&FakePage::start());
    for term in ["xterm", "dumb"] {
        let output = home.command(&["watch"]).env("TERM", term).stdout(Stdio::piped()).output();
        let output = output.unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(64), "{said}");
        assert!(said.contains("hint: for one answer as text run: ccwatch status"), "{said}");
        assert_eq!(output.stdout, b"");
    }
}

/// `command` as a line of a shell.
pub(crate) fn shell_line(command: &Command) -> String {
    let text = |text: &std::ffi::OsStr| text.to_str().unwrap().to_owned();
    let set = command.get_envs().filter(|(name, _)| *name != "TERM");
    let set = set.filter_map(|(name, value)| Some(format!("{}={}", text(name), text(value?))));
    let words = std::iter::once(command.get_program()).chain(command.get_args()).map(text);
    let words: Vec<String> = set.chain(words).collect();
    format!("env {}", words.join(" "))
}

/// A page that shows an outage, watched under a clock that `shim` sets.
fn watch_under<'a>(shim: &Shim, home: &'a Home) -> Option<Terminal<'a>> {
    if Command::new("tmux").arg("-V").output().is_err() {
        println!("SKIPPED: tmux is not installed");
        return None;
    }
    let terminal = Terminal::start(home);
    terminal.shows("back>");
    let watch = shell_line(&shim.command(home, &["watch"]));
    terminal.tmux(&["send-keys", &watch, "Enter"]);
    Some(terminal)
}

#[test]
fn a_clock_that_is_set_makes_nothing_old() {
    let page = FakePage::start();
    let home = Home::new(&page);
    let shim = Shim::new();
    let Some(terminal) = watch_under(&shim, &home) else { return };
    terminal.shows("CLEAR");
    page.set(|page| page.set_status(CLAUDE_CODE, "partial_outage", "2026-11-01T10:00:00Z"));
    terminal.shows("WAIT");
    let ahead = jiff::SignedDuration::from_hours(6);
    shim.clock(ahead.as_secs());
    // Who does not notice is six hours into the outage from here on.
    let screen = terminal.waits_for("the new time", |screen| {
        let now = ccwatch::platform::clock::now() + ahead;
        let hour = format!(" {}:", now.strftime("%H"));
        screen.lines().next().is_some_and(|head| head.contains(&hour))
    });
    assert!(screen.contains("WAIT"), "{screen}");
    assert!(screen.contains("(less than a minute)"), "{screen}");
}

#[test]
fn a_daemon_that_hangs_is_not_waited_for() {
    let page = FakePage::start();
    let home = Home::new(&page);
    let mut daemon = home.daemon();
    daemon.says("watching");
    page.wait_for_requests(4, SOON);
    daemon.signal("-STOP");
    page.set(|page| page.set_status(CLAUDE_CODE, "partial_outage", "2026-11-01T10:00:00Z"));
    let shim = Shim::new();
    // Ten minutes later nothing came of its next poll.
    shim.clock(600);
    let Some(terminal) = watch_under(&shim, &home) else { return };
    terminal.shows_all(&["WAIT", "hangs"]);
}

#[test]
fn a_change_of_road_is_seen_at_the_next_poll() {
    if Command::new("tmux").arg("-V").output().is_err() {
        crate::fault::skipped("the whole screen in a real terminal: tmux is not installed");
        return;
    }
    let two = Two::with_bedrock("");
    let home = &two.scene.home;
    let settings = home.path().join(".claude/settings.json");
    fs::create_dir(settings.parent().unwrap()).unwrap();
    fs::write(&settings, "{}").unwrap();
    let terminal = Terminal::start(home);
    for with_daemon in [false, true] {
        let daemon = with_daemon.then(|| home.daemon());
        terminal.shows("back>");
        let watch = shell_line(&home.command(&["watch"]));
        terminal.tmux(&["send-keys", &watch, "Enter"]);
        terminal.shows_all(&["127.0.0.1:", "Claude Code"]);
        fs::write(&settings, r#"{"env": {"CLAUDE_CODE_USE_BEDROCK": "1"}}"#).unwrap();
        terminal.shows_all(&["ccwatch  Amazon Bedrock (us-east-1)", "CLEAR"]);
        fs::write(&settings, "{}").unwrap();
        terminal.shows_all(&["127.0.0.1:", "Claude Code"]);
        terminal.tmux(&["send-keys", "q"]);
        daemon.into_iter().for_each(|daemon| drop(daemon.stop()));
    }
}
