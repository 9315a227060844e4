//! Starts that can't be: files that are no files, places that don't answer, proxies that nobody
//! understands. Each is said at once, and nothing waits for it.
#![cfg(target_os = "linux")]

use std::fs;
use std::io::Write;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::mpsc::channel;

use ccwatch::platform::clock::now;
use serde_json::Value;

use crate::daemon::Scene;
use crate::desktop::PATIENCE;
use crate::page::{API, FakePage, PageModel, SOON};
use crate::program::{Daemon, Home};

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What a command says, which must end by itself, with nothing written to its input.
pub(crate) fn ends(command: &mut Command, what: &str) -> Output {
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let pid = rustix::process::Pid::from_child(&child);
    let (send, ended) = channel();
    std::thread::spawn(move || send.send(child.wait_with_output()));
    let Ok(output) = ended.recv_timeout(SOON) else {
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
        panic!("{what} hangs");
    };
    output.unwrap()
}

pub(crate) fn pipe(path: &Path) {
    assert!(Command::new("mkfifo").arg("-m600").arg(path).status().unwrap().success());
}

/// Whether a process has a handler for SIGHUP, the first of all signals.
pub(crate) fn catches_hang_ups(pid: u32) -> bool {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
    let caught = caught.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    caught.is_some_and(|mask| mask & 1 == 1)
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap_or(-1)
}

/// Each command that reads the configuration, how it ends without a right one, and whether it says so
/// on standard output.
const COMMANDS: [(&[&str], i32, bool); 9] = [
    (&["run"], 78, false),
    (&["status"], 78, false),
    (&["wait", "--timeout", "1s"], 78, false),
    (&["history"], 78, false),
    (&["config", "check"], 78, true),
    (&["config", "check", "--json"], 78, true),
    (&["config", "show"], 78, false),
    (&["doctor"], 1, true),
    (&["status", "--format", "waybar"], 0, true),
];

#[test]
fn a_configuration_that_is_no_plain_file_is_said_and_not_waited_for() {
    let page = FakePage::start();
    let home = Home::new(&page);
    let at = |name: &str| home.path().join(name);
    pipe(&at("pipe"));
    let _socket = UnixListener::bind(at("socket")).unwrap();
    fs::create_dir(at("directory")).unwrap();
    let usual = home.path().join(".config/ccwatch");
    fs::create_dir_all(&usual).unwrap();
    for (path, word) in [
        (at("pipe"), "is a pipe, not a plain file"),
        (at("socket"), "is a socket, not a plain file"),
        (at("directory"), "is a directory, not a plain file"),
        ("/dev/zero".into(), "is a device, not a plain file"),
    ] {
        for by_name in [true, false] {
            let _ = fs::remove_file(usual.join("config.toml"));
            std::os::unix::fs::symlink(&path, usual.join("config.toml")).unwrap();
            for (args, expected, on_stdout) in COMMANDS {
                let base = home.command(&[]);
                let mut command = Command::new(base.get_program());
                command.env_clear();
                command.envs(base.get_envs().filter_map(|(name, value)| Some((name, value?))));
                command.stdin(Stdio::null());
                if by_name {
                    command.arg("--config").arg(&path);
                }
                command.arg("--state-dir").arg(home.state()).args(args);
                let output = ends(&mut command, &format!("{args:?} with {}", path.display()));
                let (out, error) = (text(&output.stdout), text(&output.stderr));
                assert_eq!(code(&output), expected, "{args:?} {word}: {out}{error}");
                let said = if on_stdout { out } else { error };
                assert!(said.contains(word), "{args:?} {word}: {said}");
            }
        }
    }
    let null = ends(home.command(&[]).args(["config", "check", "/dev/null"]), "/dev/null");
    assert_eq!((code(&null), text(&null.stdout).as_str()), (0, "/dev/null: ok\n"));
}

#[test]
fn a_recording_and_a_log_go_to_plain_files_only() {
    let scene = Scene::new();
    let pipe_at = scene.home.path().join("pipe");
    pipe(&pipe_at);
    let name = pipe_at.to_str().unwrap();
    let output = ends(&mut scene.home.command(&["run", "--record", name]), "run --record PIPE");
    let said = text(&output.stderr);
    assert_eq!(code(&output), 64, "{said}");
    assert!(said.contains("can't record to ") && said.contains("it is a pipe"), "{said}");

    let mut daemon = scene.home.daemon_with(&["--log-file", name]);
    let said = daemon.says("can't log to ");
    assert!(said.contains("it is a pipe, not a plain file"), "{said}");
    scene.polls();
    daemon.stop();
}

#[test]
fn a_recording_is_replayed_out_of_any_pipe() {
    let page = FakePage::start();
    let home = Home::new(&page);
    let mut recording = String::new();
    for (at, status) in [("10:00", "operational"), ("10:01", "major_outage")] {
        let mut model = PageModel::default();
        model.set_status(API, status, "2026-11-01T10:00:30Z");
        let body = model.summary();
        recording += &format!(
            "{}\n",
            serde_json::json!({"at": format!("2026-11-01T{at}:00Z"), "status": 200, "body": body})
        );
    }
    let file = home.path().join("recording.jsonl");
    fs::write(&file, &recording).unwrap();
    let expected = text(&home.run(&["replay", file.to_str().unwrap()]).stdout);
    assert!(expected.contains("Major outage: Claude API"), "{expected}");

    for name in ["/dev/stdin", "-"] {
        let mut command = home.command(&["replay", name]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(recording.as_bytes()).unwrap();
        assert_eq!(text(&child.wait_with_output().unwrap().stdout), expected, "{name}");
    }
    let named = home.path().join("pipe");
    pipe(&named);
    let mut command = home.command(&["replay", named.to_str().unwrap()]);
    let child = command.stdout(Stdio::piped()).spawn().unwrap();
    fs::write(&named, &recording).unwrap();
    assert_eq!(text(&child.wait_with_output().unwrap().stdout), expected, "a named pipe");
}

#[test]
fn pipes_in_the_state_directory_stop_nobody() {
    for name in [
        "ccwatch.db",
        "ccwatch.db-wal",
        "ccwatch.db-shm",
        "ccwatch.db-journal",
        "inbox",
        "inbox/1.json",
        "icons",
        "icons/ccwatch-back.svg",
    ] {
        let scene = Scene::new();
        let daemon = scene.home.daemon();
        scene.polls();
        daemon.stop();
        let file = scene.home.state().join(name);
        if file.is_dir() {
            fs::remove_dir_all(&file).unwrap();
        }
        let _ = fs::remove_file(&file);
        pipe(&file);
        for args in [&["status"][..], &["status", "--format", "line"], &["doctor"], &["history"]] {
            ends(&mut scene.home.command(args), &format!("{args:?} with a pipe as {name}"));
        }
        let daemon = scene.home.daemon();
        scene.polls();
        scene.page.set(|page| {
            page.set_status(API, "major_outage", "2026-11-01T10:00:00Z");
        });
        scene.server.wait_for(1, PATIENCE);
        let output = ends(&mut scene.home.command(&["status", "--json"]), name);
        let status: Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|_| panic!("{name}: {}", text(&output.stderr)));
        assert_eq!(status["verdict"], "wait", "{name}: {status}");
        assert!(daemon.stop().0.success(), "{name}");
    }
}

#[test]
fn authorities_out_of_a_pipe_are_not_waited_for() {
    let page = FakePage::start();
    let home = Home::new(&page);
    home.configure("https://192.0.2.1", "", "");
    let file = home.path().join("authorities.pem");
    pipe(&file);
    let mut command = home.command(&["status", "--json"]);
    let output = ends(command.env("SSL_CERT_FILE", &file), "status");
    let status: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(status["reading"]["error_kind"], "tls", "{status}");
    let said = status["reading"]["error"].as_str().unwrap();
    assert!(said.contains("what SSL_CERT_FILE names can't be read: it is a pipe"), "{said}");
}

#[test]
fn a_proxy_that_is_not_understood_is_said_and_never_passed_by() {
    let page = FakePage::start();
    let home = Home::new(&page);
    home.configure("https://192.0.2.1", "", "");
    let word = "ALL_PROXY: quic:// is no kind of proxy that ccwatch knows";
    let with = |args: &[&str]| {
        let mut command = home.command(args);
        command.env("ALL_PROXY", "quic://me:CANARY@127.0.0.1:1");
        command
    };
    let output = ends(&mut with(&["status", "--json"]), "status");
    let status: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(status["reading"]["error_kind"], "proxy", "{status}");
    assert!(status["reading"]["error"].as_str().unwrap().contains(word), "{status}");
    for args in [&["doctor"][..], &["config", "check"], &["config", "check", "--json"], &["status"]]
    {
        let output = ends(&mut with(args), "a command");
        let said = text(&output.stdout) + &text(&output.stderr);
        assert!(said.contains(word), "{args:?}: {said}");
        assert!(!said.contains("CANARY"), "{args:?}: {said}");
    }
    let mut daemon = Daemon::start(with(&["run"]));
    daemon.says(word);
    daemon.says(word);
    daemon.stop();
}

/// Before the command line is even parsed: what it prints can't be printed, so it gets no further.
#[test]
fn a_daemon_outlives_hang_ups_from_the_first_line_on() {
    let page = FakePage::start();
    let home = Home::new(&page);
    let (mut full, mut end) = std::io::pipe().unwrap();
    let flags = rustix::fs::fcntl_getfl(&end).unwrap();
    rustix::fs::fcntl_setfl(&end, flags | rustix::fs::OFlags::NONBLOCK).unwrap();
    while end.write(&[b' '; 512]).is_ok() {}
    rustix::fs::fcntl_setfl(&end, flags).unwrap();
    for (args, outlives) in [(["status", "--help"], false), (["run", "--help"], true)] {
        let mut child = home.command(&args).stdout(end.try_clone().unwrap()).spawn().unwrap();
        let from = now();
        while outlives && !catches_hang_ups(child.id()) {
            assert!(now().duration_since(from).unsigned_abs() < SOON, "it has not begun with that");
            std::thread::yield_now();
        }
        let pid = rustix::process::Pid::from_child(&child);
        rustix::process::kill_process(pid, rustix::process::Signal::HUP).unwrap();
        if outlives {
            // It goes on as soon as there is room.
            std::io::Read::read_exact(&mut full, &mut [0; 1 << 15]).unwrap();
        }
        let status = child.wait().unwrap();
        let ended = std::os::unix::process::ExitStatusExt::signal(&status);
        assert_eq!(ended.is_none(), outlives, "{args:?}: {status}");
    }
}
