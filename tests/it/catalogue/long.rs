//! Lines 42 to 55: what stops a loop, or hides that it stopped.

use std::fs::{self, OpenOptions};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::SystemTime;

use ccwatch::platform::clock::now;

use crate::hook::at_last;
use crate::program::QUICK;
use crate::shim::Shim;

use super::*;

const TRANSCRIPTS: &str = "[local]\ntranscripts = true\n";

/// A user whose transcripts are followed; `sandbox` as in the configuration.
fn follows(scene: &Scene, sandbox: bool) {
    let top = format!("stale_after = \"10m\"\nsandbox = {sandbox}");
    scene.home.configure(&scene.page.url(), &top, &format!("{QUICK}{TRANSCRIPTS}"));
    fs::create_dir_all(project(scene)).unwrap();
}

fn project(scene: &Scene) -> PathBuf {
    scene.home.path().join(".claude/projects/-work")
}

/// Claude Code writes down an API error.
fn api_error(scene: &Scene, session: &str) {
    fs::create_dir_all(project(scene)).unwrap();
    let path = project(scene).join(format!("{session}.jsonl"));
    let words = "API Error: 500 Internal server error.";
    let row = json!({
        "type": "assistant", "isApiErrorMessage": true, "error": "server_error",
        "apiErrorStatus": 500, "timestamp": now().to_string(), "sessionId": session,
        "uuid": session, "message": {"model": "<synthetic>",
            "content": [{"type": "text", "text": words}]},
    });
    let file = OpenOptions::new().create(true).append(true).open(path);
    writeln!(file.unwrap(), "{row}").unwrap();
}

fn errors(home: &Home) -> u32 {
    let db = rusqlite::Connection::open(database(home)).unwrap();
    db.query_row("SELECT count(*) FROM local_errors", [], |row| row.get(0)).unwrap()
}

fn lost(home: &Home) -> Option<String> {
    home.status().0["daemon"]["transcripts_lost"].as_str().map(str::to_owned)
}

#[test]
fn fault_42_the_followed_directory_is_deleted_and_made_again() {
    let mut fault = Fault::new(42, "the transcripts' directory deleted, made again; a FIFO in it");
    let scene = Scene::new();
    follows(&scene, false);
    let mut daemon = scene.home.daemon();
    daemon.says("Claude Code transcripts are followed");
    let fifo = project(&scene).join("pipe.jsonl");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    fault.injected(1);
    api_error(&scene, "first");
    at_last(&scene.page, || (errors(&scene.home) == 1).then_some(()));
    for (n, gone) in (0..).zip([".claude/projects", ".claude"]) {
        fs::remove_dir_all(scene.home.path().join(gone)).unwrap();
        daemon.says("transcripts are not followed: there is no directory");
        at_last(&scene.page, || lost(&scene.home).filter(|why| why.contains("no directory")));
        api_error(&scene, &format!("s{n}"));
        daemon.says("Claude Code transcripts are followed");
        at_last(&scene.page, || (errors(&scene.home) == n + 2).then_some(()));
        assert_eq!(lost(&scene.home), None);
        fault.injected(1);
    }
    fault.heard(&["3"], &[errors(&scene.home).to_string()]);
    daemon.stop();
    fault.end();
}

#[test]
fn fault_42_no_directory_can_be_watched_any_more() {
    let mut fault =
        Fault::new(42, "inotify is exhausted; a directory that the sandbox doesn't know");
    let scene = Scene::new();
    follows(&scene, true);
    let shim = Shim::new();
    shim.watches("full");
    let mut daemon = shim.daemon(&scene.home);
    daemon.says("transcripts are not followed");
    let why = at_last(&scene.page, || lost(&scene.home));
    assert!(why.contains("fs.inotify.max_user_watches"), "{why}");
    let doctor = text(&scene.home.run(&["doctor"]).stdout);
    assert!(
        doctor.contains("FIX  local     Claude Code's transcripts are not followed"),
        "{doctor}"
    );
    fault.injected(1);
    daemon.stop();

    let mut daemon = scene.home.daemon();
    daemon.says("Claude Code transcripts are followed");
    fs::remove_dir_all(scene.home.path().join(".claude/projects")).unwrap();
    daemon.says("transcripts are not followed: there is no directory");
    fs::create_dir_all(project(&scene)).unwrap();
    if text(&scene.home.run(&["doctor"]).stdout).contains("sandbox   on") {
        daemon.says("can't be read: the sandbox opens it at the start, so start ccwatch again");
    }
    fault.injected(1);
    outage(&scene);
    fault.shown(&[MAJOR], &scene.server);
    daemon.stop();
    fault.end();
}

#[test]
fn fault_43_beside_a_daemon_that_hangs_the_page_is_asked() {
    let mut fault = Fault::new(43, "status, wait and retry beside a daemon that hangs");
    let scene = Scene::new();
    scene.page.set(breaks);
    let daemon = scene.home.daemon();
    scene.server.wait_for(1, PATIENCE);
    scene.polls();
    daemon.signal("-STOP");
    let shim = Shim::new();
    // Ten minutes later.
    shim.clock(600);
    let status = || -> Value {
        let output = shim.command(&scene.home, &["status", "--json"]).output().unwrap();
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let found = status();
    assert_eq!(found["reading"]["source"], "live", "{found}");
    assert_eq!(found["daemon"]["hangs"], true, "{found}");
    fault.claims(&found, &[(API, "major")]);
    let said = text(&shim.command(&scene.home, &["status"]).output().unwrap().stdout);
    assert!(said.contains("hangs, its last poll was due 10 min ago; start it again"), "{said}");
    fault.injected(1);

    let mut wait = Daemon::start(shim.command(&scene.home, &["wait"]));
    wait.says("waiting: ");
    scene.page.set(recovers);
    let (status, said) = wait.ends();
    assert!(status.success(), "{said}");
    fault.injected(1);

    scene.page.set(breaks);
    let script = "[ -e again ] && exit 0; touch again; exit 1";
    let mut command = shim.command(&scene.home, &["retry", "--", "sh", "-c", script]);
    command.current_dir(scene.home.path());
    let mut retry = Daemon::start(command);
    retry.says("waiting: ");
    scene.page.set(recovers);
    let (status, said) = retry.ends();
    assert!(status.success(), "{said}");
    fault.injected(1);
    fault.shown(&[MAJOR], &scene.server);
    daemon.kill();
    fault.end();
}

#[test]
fn fault_45_the_disk_is_full_at_the_start() {
    let mut fault = Fault::new(45, "every write fails at the start: no database yet, and one");
    for there in [false, true] {
        let scene = Scene::new();
        if there {
            let daemon = scene.home.daemon();
            scene.polls();
            daemon.stop();
        }
        let shim = Shim::new();
        shim.disk(28);
        let mut daemon = shim.daemon(&scene.home);
        daemon.says("ccwatch begins without it, from memory");
        scene.polls();
        outage(&scene);
        // Nothing is written down: who is asked reads the page.
        let (status, code) = scene.home.status();
        assert_eq!((&status["reading"]["source"], code), (&json!("live"), 2), "{status}");
        fault.claims(&status, &[(API, "major"), (CLAUDE_CODE, "operational")]);
        shim.disk(0);
        daemon.says("can be written again");
        scene.polls();
        let (status, _) = scene.home.status();
        fault.claims(&status, &[(API, "major"), (CLAUDE_CODE, "operational")]);
        daemon.kill();
        let daemon = scene.home.daemon();
        scene.polls();
        end_of_outage(&scene);
        daemon.stop();
        fault.injected(1);
        fault.shown(&[MAJOR, BACK], &scene.server);
    }
    fault.end();
}

/// A state directory on a disk of its own that has room for nothing at all, not even in the lock.
#[test]
fn fault_45_a_real_disk_that_is_full_at_the_start() {
    let mut fault = Fault::new(45, "a tmpfs that is full at the start");
    let scene = Scene::new();
    let filled = "cat /dev/zero >\"$0/filler\" 2>/dev/null;";
    let Some(mut daemon) = super::store::on_a_small_disk(&scene.home, filled) else { return };
    daemon.says("no space is left to write");
    scene.polls();
    outage(&scene);
    let pid = daemon.pid();
    let beside = |args: &[&str]| super::store::beside(pid, &scene.home, args);
    let asked = |args: &[&str]| text(&beside(args).output().unwrap().stdout);
    let status: Value = serde_json::from_str(&asked(&["status", "--json"])).unwrap();
    assert_eq!(status["reading"]["source"], "live", "{status}");
    assert_eq!(status["daemon"]["cannot_write"], "the disk is full", "{status}");
    fault.claims(&status, &[(API, "major")]);
    let said = asked(&["status"]);
    assert!(said.contains("runs and tells you, but the disk is full"), "{said}");
    for form in ["line", "tmux"] {
        let said = asked(&["status", "--format", form]);
        assert!(said.contains("Claude: not known, the disk is full"), "{said}");
    }
    let said = asked(&["doctor"]);
    assert!(said.contains("but the disk is full, so it can't write down"), "{said}");

    let mut wait = Daemon::start(beside(&["wait"]));
    wait.says("waiting: Claude API: major outage");
    let mark = scene.home.path().join("again");
    let script = format!("[ -e {0} ] && exit 0; touch {0}; exit 1", mark.display());
    let retry = beside(&["retry", "--", "sh", "-c", &script]);
    let mut retry = Daemon::start(retry);
    retry.says("waiting: Claude API: major outage");
    end_of_outage(&scene);
    for waiting in [wait, retry] {
        let (status, said) = waiting.ends();
        assert!(status.success(), "{said}");
    }
    fault.injected(1);
    fault.shown(&[MAJOR, BACK], &scene.server);
    daemon.stop();
    fault.end();
}

#[test]
fn fault_46_sighup_while_it_begins() {
    let mut fault = Fault::new(46, "SIGHUP from the first line of the program on");
    for _ in 0..5 {
        let scene = Scene::new();
        let mut daemon = scene.home.daemon();
        let pid = rustix::process::Pid::from_raw(daemon.pid().cast_signed()).unwrap();
        while !crate::starts::catches_hang_ups(daemon.pid()) {
            std::thread::yield_now();
        }
        while scene.page.requests().is_empty() {
            rustix::process::kill_process(pid, rustix::process::Signal::HUP).unwrap();
            fault.injected(1);
            std::thread::yield_now();
        }
        daemon.says("the configuration was read again");
        outage(&scene);
        daemon.stop();
        fault.shown(&[MAJOR], &scene.server);
    }
    fault.end();
}

#[test]
fn fault_47_the_log_deleted_and_its_index_cut_short() {
    let mut fault = Fault::new(47, "-wal deleted, -shm cut short or deleted, under a daemon");
    let scene = Scene::new();
    let mut daemon = scene.home.daemon();
    outage(&scene);
    let file = |ending: &str| scene.home.state().join(format!("ccwatch.db-{ending}"));
    for fault_of in ["wal", "shm", "cut", "both"] {
        match fault_of {
            "cut" => {
                // While it waits for the page, and not in the middle of a transaction, which would
                // be the end of any program.
                scene.page.always(Answer::Silence);
                more(&scene.page, 1);
                OpenOptions::new().write(true).open(file("shm")).unwrap().set_len(0).unwrap();
                // Under another address it is asked at once.
                let address = scene.page.url().replace("127.0.0.1", "localhost");
                scene.page.heal();
                scene.home.configure(&address, "", QUICK);
                daemon.signal("-HUP");
            }
            "both" => ["wal", "shm"].iter().for_each(|name| fs::remove_file(file(name)).unwrap()),
            name => fs::remove_file(file(name)).unwrap(),
        }
        daemon.says("was deleted or replaced, reopened");
        scene.polls();
        let (status, _) = scene.home.status();
        fault.claims(&status, &[(API, "major"), (CLAUDE_CODE, "operational")]);
        fault.injected(1);
    }
    let told = notices(&scene.home);
    assert_eq!(told.len(), 1, "nothing of the history is lost");
    daemon.kill();
    let daemon = scene.home.daemon();
    scene.polls();
    end_of_outage(&scene);
    daemon.stop();
    fault.shown(&[MAJOR, BACK], &scene.server);
    fault.end();
}

#[test]
fn fault_48_a_damaged_header_is_no_newer_schema() {
    let mut fault = Fault::new(48, "a bit of the version in the header, flipped");
    let scene = Scene::new();
    for bit in [0, 1, 3, 7, 8, 15, 16, 24, 30, 31] {
        let daemon = scene.home.daemon();
        scene.polls();
        daemon.stop();
        let mut bytes = fs::read(database(&scene.home)).unwrap();
        bytes[60 + bit / 8] ^= 1 << (bit % 8);
        fs::write(database(&scene.home), bytes).unwrap();
        let mut daemon = scene.home.daemon();
        daemon.says("the database was damaged: it was moved to");
        scene.polls();
        daemon.stop();
        fault.injected(1);
    }
    let _daemon = scene.home.daemon();
    outage(&scene);
    fault.shown(&[MAJOR], &scene.server);
    fault.end();
}

#[test]
fn fault_50_a_pipe_as_lock_file_or_time_zone() {
    let mut fault = Fault::new(50, "a FIFO as lock file, and as TZ");
    let scene = Scene::new();
    let fifo = |path: &std::path::Path| {
        assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
    };
    let zone = scene.home.path().join("zone");
    fifo(&zone);
    let mut command = scene.home.command(&["run"]);
    command.env("TZ", &zone);
    let daemon = Daemon::start(command);
    outage(&scene);
    let output = scene.home.command(&["status"]).env("TZ", &zone).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));
    fault.injected(2);
    daemon.stop();
    let lock = scene.home.state().join("ccwatch.lock");
    fs::remove_file(&lock).unwrap();
    fifo(&lock);
    let (status, said) = scene.home.daemon().ends();
    assert_eq!(status.code(), Some(74), "{said}");
    let output = scene.home.run(&["status"]);
    assert_eq!(output.status.code(), Some(74), "{}", text(&output.stderr));
    fs::remove_file(&lock).unwrap();
    fault.injected(1);
    fault.shown(&[MAJOR], &scene.server);
    fault.end();
}

#[test]
fn fault_51_a_clock_that_no_calendar_reaches() {
    let mut fault = Fault::new(51, "a clock past the year 9999, set right later");
    let scene = Scene::new();
    let shim = Shim::new();
    shim.clock(300_000_000_000);
    let mut daemon = shim.daemon(&scene.home);
    outage(&scene);
    for args in
        [&["status"][..], &["status", "--json"], &["history"], &["diagnose", "API Error: 500"]]
    {
        let output = shim.command(&scene.home, args).output().unwrap();
        let said = text(&output.stderr);
        assert!(!said.contains("panicked"), "{args:?}: {said}");
    }
    fault.injected(1);
    shim.clock(0);
    daemon.says("the clock was set");
    scene.polls();
    end_of_outage(&scene);
    daemon.stop();
    fault.shown(&[MAJOR, BACK], &scene.server);
    fault.end();
}

#[test]
fn fault_52_a_hook_of_claude_code_whose_input_stays_open() {
    let mut fault = Fault::new(52, "standard input of ccwatch hook held open; 1,000 sessions fail");
    let scene = Scene::new();
    let daemon = scene.home.daemon();
    scene.polls();
    daemon.stop();
    let event = |session: usize| {
        json!({"hook_event_name": "StopFailure", "session_id": format!("s{session}"),
            "error": "server_error", "last_assistant_message": "API Error: 500 Internal server error."})
        .to_string()
    };
    let mut child = scene.home.command(&["hook"]).stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(event(0).as_bytes()).unwrap();
    // It ends though nobody closes it.
    assert!(child.wait().unwrap().success());
    let inbox = scene.home.state().join("inbox");
    let sessions = scene.home.state().join("sessions");
    let files = |dir: &Path, ending: &str| {
        let entries = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
        entries.filter(|path| path.extension().is_some_and(|e| e == ending)).count()
    };
    let found = format!("{} {}", files(&inbox, "json"), files(&sessions, "session"));
    fault.heard(&["1 1"], &[found]);
    drop(stdin);
    fault.injected(1);
    // Notes of sessions that are gone for three days don't stay.
    let long_ago = SystemTime::try_from(now() - SignedDuration::from_hours(72)).unwrap();
    for n in 0..1000 {
        let note = fs::File::create(sessions.join(format!("{n}.session"))).unwrap();
        note.set_modified(long_ago).unwrap();
    }
    let mut child = scene.home.command(&["hook"]).stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(event(1).as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
    let daemon = scene.home.daemon();
    scene.polls();
    daemon.stop();
    fault.heard(&["2"], &[files(&sessions, "session").to_string()]);
    fault.injected(1);
    fault.end();
}

/// A SOCKS5 proxy for one connection after the other, whatever is asked for, to `target`; gives
/// what was asked for.
fn socks(listener: TcpListener, target: SocketAddr) -> Vec<String> {
    let mut asked = Vec::new();
    {
        let (mut client, _) = listener.accept().unwrap();
        let mut take = |n: usize| {
            let mut bytes = vec![0; n];
            client.read_exact(&mut bytes).unwrap();
            bytes
        };
        let methods = take(2);
        take(methods[1].into());
        client.write_all(&[5, 0]).unwrap();
        let mut take = |n: usize| {
            let mut bytes = vec![0; n];
            client.read_exact(&mut bytes).unwrap();
            bytes
        };
        let kind = take(4)[3];
        asked.push(match kind {
            1 => format!("{:?}", take(4)),
            _ => {
                let length = take(1)[0];
                text(&take(length.into()))
            }
        });
        take(2);
        client.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).unwrap();
        let mut server = TcpStream::connect(target).unwrap();
        let (mut back, mut away) = (client.try_clone().unwrap(), server.try_clone().unwrap());
        let there = std::thread::spawn(move || {
            let _ = std::io::copy(&mut client, &mut away);
            let _ = away.shutdown(std::net::Shutdown::Write);
        });
        let _ = std::io::copy(&mut server, &mut back);
        let _ = back.shutdown(std::net::Shutdown::Both);
        there.join().unwrap();
    }
    asked
}

#[test]
fn fault_55_a_socks_proxy() {
    let mut fault = Fault::new(55, "proxies: socks5h://, SOCKS5H://, socks5://, of each variable");
    for (variable, scheme, host, asked) in [
        ("ALL_PROXY", "socks5h", "status.test", "status.test"),
        ("all_proxy", "SOCKS5H", "status.test", "status.test"),
        ("HTTPS_PROXY", "Socks5h", "status.test", "status.test"),
        ("https_proxy", "socks5", "192.0.2.1", "[192, 0, 2, 1]"),
    ] {
        let authority = crate::fetch::authority();
        let page = FakePage::start_tls(crate::fetch::server(&authority, host, [2020, 2090]));
        page.set(breaks);
        let home = Home::new(&page);
        home.configure(&format!("https://{host}"), "", "");
        let file = home.path().join("authority.pem");
        fs::write(&file, authority.pem()).unwrap();
        let target = page.url().split_once("://").unwrap().1.parse().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let proxy = format!("{scheme}://{}", listener.local_addr().unwrap());
        let serving = std::thread::spawn(move || socks(listener, target));
        let output = home
            .command(&["status", "--json"])
            .env(variable, proxy)
            .env("SSL_CERT_FILE", file)
            .output()
            .unwrap();
        let status: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(status["reading"]["source"], "live", "{status}");
        fault.claims(&status, &[(API, "major")]);
        assert_eq!(serving.join().unwrap(), [asked]);
        fault.injected(1);
    }
    fault.end();
}
