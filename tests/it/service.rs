//! ccwatch as a service: what it tells the service manager, and a session that comes and goes.
#![cfg(target_os = "linux")]
use std::os::unix::net::UnixDatagram;
use std::process::Command;

use crate::desktop::{Bus, PATIENCE, Server};
use crate::page::{Answer, CLAUDE_CODE, FakePage, SOON};
use crate::program::{Daemon, Home};

const CAPABILITIES: &[&str] = &["body", "body-markup", "actions"];
const CLEAR: &str = "STATUS=CLEAR: the page is green";

/// A service manager's end of the notification socket.
pub(crate) struct Manager {
    socket: UnixDatagram,
}

impl Manager {
    /// A manager, and the command that starts the daemon under it; `watchdog` is in microseconds.
    pub(crate) fn of(home: &Home, watchdog: Option<u64>) -> (Self, Command) {
        let path = home.path().join("notify");
        let socket = UnixDatagram::bind(&path).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut command = home.command(&["run"]);
        command.env("NOTIFY_SOCKET", path);
        command.envs(watchdog.map(|limit| ("WATCHDOG_USEC", limit.to_string())));
        (Self { socket }, command)
    }

    /// The next message, a line a variable.
    #[track_caller]
    pub(crate) fn hears(&self) -> Vec<String> {
        let mut message = [0; 4096];
        let length = self.socket.recv(&mut message).expect("the manager hears nothing");
        let text = std::str::from_utf8(&message[..length]).unwrap();
        text.lines().map(str::to_owned).collect()
    }

    /// Waits for a message, and returns it and those before it.
    #[track_caller]
    fn waits_for(&self, first_line: &str) -> Vec<Vec<String>> {
        let mut heard = Vec::new();
        loop {
            let message = self.hears();
            let done = message[0] == first_line;
            heard.push(message);
            if done {
                return heard;
            }
        }
    }
}

#[test]
fn the_manager_hears_how_it_goes_from_start_to_stop() {
    let page = FakePage::start();
    page.always(Answer::Silence);
    let home = Home::new(&page);
    let (manager, command) = Manager::of(&home, None);
    let daemon = Daemon::start(command);
    assert_eq!(manager.hears(), ["READY=1"], "the page is not waited for");
    assert_eq!(manager.hears(), ["STATUS=UNKNOWN: no reading yet"]);
    page.wait_for_requests(1, SOON);
    daemon.kill();

    let page = FakePage::start();
    let home = Home::new(&page);
    let (manager, command) = Manager::of(&home, None);
    let daemon = Daemon::start(command);
    manager.waits_for(CLEAR);
    page.set(|page| page.set_status(CLAUDE_CODE, "major_outage", "2026-11-01T10:00:00Z"));
    let wait = manager.hears();
    assert!(wait[0].starts_with("STATUS=WAIT: Claude Code: major outage since "), "{wait:?}");

    daemon.signal("-HUP");
    let reloading = manager.waits_for("RELOADING=1");
    let at = reloading.last().unwrap()[1].strip_prefix("MONOTONIC_USEC=").unwrap();
    assert!(at.parse::<u64>().unwrap() > 0);
    manager.waits_for("READY=1");

    let (status, _, _) = daemon.stop();
    assert!(status.success());
    manager.waits_for("STOPPING=1");
}

#[test]
fn the_watchdog_is_fed_while_the_page_does_not_answer() {
    let page = FakePage::start();
    page.always(Answer::Silence);
    let home = Home::new(&page);
    let (manager, command) = Manager::of(&home, Some(200_000));
    let _daemon = Daemon::start(command);
    page.wait_for_requests(1, SOON);
    for _ in 0..3 {
        manager.waits_for("WATCHDOG=1");
    }
    assert_eq!(page.requests().len(), 1, "it was fed without a poll");
}

#[test]
fn a_patient_watchdog_is_not_fed_at_every_poll() {
    let page = FakePage::start();
    let home = Home::new(&page);
    let (manager, command) = Manager::of(&home, Some(3_600_000_000));
    let daemon = Daemon::start(command);
    page.wait_for_requests(10, SOON);
    daemon.stop();
    let said = manager.waits_for("STOPPING=1");
    assert!(!said.iter().flatten().any(|line| line.starts_with("WATCHDOG")), "{said:?}");
}

#[test]
fn a_name_on_the_page_gives_the_manager_no_orders() {
    let page = FakePage::start();
    page.set(|page| {
        let component = page.component(CLAUDE_CODE);
        component.name = "Claude Code\nWATCHDOG=trigger\nMAINPID=1".to_owned();
        component.status = "major_outage".to_owned();
    });
    let home = Home::new(&page);
    home.configure(&page.url(), "", "[watch]\ncomponents = []\n[poll]\ninterval = \"40ms\"");
    let (manager, command) = Manager::of(&home, None);
    let daemon = Daemon::start(command);
    page.wait_for_requests(2, SOON);
    daemon.stop();
    let said = manager.waits_for("STOPPING=1");
    assert!(said.iter().flatten().any(|line| line.contains("major outage")), "{said:?}");
    for line in said.iter().flatten() {
        let fine = line.starts_with("STATUS=") || line == "READY=1" || line == "STOPPING=1";
        assert!(fine, "{line}");
    }
}

#[test]
fn a_session_bus_that_comes_later_and_goes_and_comes_again_is_found() {
    let page = FakePage::start();
    // No DBUS_SESSION_BUS_ADDRESS; XDG_RUNTIME_DIR is the home's directory.
    let home = Home::new(&page);
    let mut daemon = home.daemon();
    let polls = || page.wait_for_requests(page.requests().len() + 4, SOON);
    page.set(|page| page.set_status(CLAUDE_CODE, "partial_outage", "2026-11-01T10:00:00Z"));
    daemon.says("Partial outage: Claude Code. ");
    polls();
    let bus = Bus::start(home.path());
    let server = Server::start(&bus, CAPABILITIES);
    assert_eq!(server.wait_for(1, PATIENCE)[0].summary, "Partial outage: Claude Code");

    drop((server, bus));
    page.set(|page| page.set_status(CLAUDE_CODE, "major_outage", "2026-11-01T10:05:00Z"));
    daemon.says("Major outage: Claude Code. ");
    polls();
    let bus = Bus::start(home.path());
    let server = Server::start(&bus, CAPABILITIES);
    let log = server.wait_for(1, PATIENCE);
    assert_eq!((log[0].summary.as_str(), log[0].replaces_id), ("Major outage: Claude Code", 0));
    polls();
    assert_eq!(server.log().len(), 1);
}

#[test]
fn the_log_goes_to_a_file_and_so_does_the_error_that_ends_it() {
    let page = FakePage::start();
    let home = Home::new(&page);
    let log = home.path().join("Library/Logs/ccwatch/ccwatch.log");
    let text = || std::fs::read_to_string(&log).unwrap();
    // The home is named as launchd would: no shell expands it.
    let run = ["--log-file", "~/Library/Logs/ccwatch/ccwatch.log"];
    let daemon = home.daemon_with(&run);
    page.wait_for_requests(2, SOON);
    let (_, _, stderr) = daemon.stop();
    assert_eq!(stderr, "");
    assert!(text().contains(" INFO watching http://127.0.0.1"), "{}", text());

    std::fs::write(home.config(), "[poll]\nintervall = \"1s\"\n").unwrap();
    let (status, _) = home.daemon_with(&run).ends();
    assert_eq!(status.code(), Some(78));
    let lines = text();
    assert!(lines.contains("ERROR error: ") && lines.contains("ERROR hint: "), "{lines}");
    assert!(lines.lines().all(|line| line.starts_with("20")), "a time on every line: {lines}");
}

#[test]
fn without_a_manager_the_service_says_what_to_do() {
    let page = FakePage::start();
    let home = Home::new(&page);
    // No bus and no runtime directory of a manager: systemctl can't reach any, if it is there.
    for args in [&["service", "install"][..], &["service", "start"], &["service", "status"]] {
        let output = home.run(args);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{args:?}: {stderr}");
        assert!(stderr.contains("no service manager for your login can be reached"), "{stderr}");
        assert!(stderr.contains("hint: ") && stderr.contains("--autostart"), "{stderr}");
    }
    let dry = home.run(&["service", "install", "--dry-run"]);
    let plan = String::from_utf8(dry.stdout).unwrap();
    assert!(plan.contains("write ") && plan.contains("[Service]"), "{plan}");
    assert!(plan.contains("systemctl --user enable ccwatch.service"), "{plan}");

    let entry = home.path().join(".config/autostart/ccwatch.desktop");
    assert_eq!(home.run(&["service", "install", "--autostart"]).status.code(), Some(0));
    let text = std::fs::read_to_string(&entry).unwrap();
    assert!(text.contains(" run --config ") && text.contains("[Desktop Entry]"), "{text}");
    assert_eq!(home.run(&["service", "uninstall"]).status.code(), Some(0));
    assert!(!entry.exists());
}
