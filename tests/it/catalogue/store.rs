//! Lines 23 to 30: the database and its files.

use ccwatch_core::notice::sink::Sink;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use ccwatch::platform::clock::now;
use ccwatch_core::model::Level;
use ccwatch_core::notice::DeliveryState;
use jiff::SignedDuration;
use rusqlite::Connection;

use super::*;
use crate::fault::{Row, skipped};
use crate::hook::at_last;
use crate::program::QUICK;
use crate::shim::{DISK_ERRORS, Shim};

#[test]
fn fault_23_kill_9_anywhere() {
    let row = crate::kill::trial(8, 23);
    let fault = "kill -9 at random moments, for `cargo test`";
    Row { line: 23, fault, again: "cargo test --test it fault_23", ..row }.end();
}

/// The directory holds nothing that was set aside.
fn nothing_was_damaged(state: &Path) {
    let names = fs::read_dir(state).unwrap().map(|entry| entry.unwrap().file_name());
    let aside: Vec<_> = names.filter(|name| name.to_string_lossy().contains("damaged")).collect();
    assert!(aside.is_empty(), "{aside:?}");
}

#[test]
fn fault_24_a_torn_log() {
    let mut fault = Fault::new(24, "the log torn at eight places, before the real daemon");
    let scene = Scene::new();
    let daemon = scene.home.daemon();
    outage(&scene);
    scene.is_marked();
    daemon.kill();
    let log = scene.home.state().join("ccwatch.db-wal");
    let whole = fs::read(&log).unwrap();
    let base = fs::read(database(&scene.home)).unwrap();
    assert!(whole.len() > 4096 * 8, "there is something to tear: {}", whole.len());
    let heard = scene.server.log().len();
    for part in [99, 98, 97, 95, 90, 80, 70, 40] {
        fs::write(database(&scene.home), &base).unwrap();
        fs::write(&log, &whole[..whole.len() * part / 100]).unwrap();
        let _ = fs::remove_file(scene.home.state().join("ccwatch.db-shm"));
        // What it must know is in the log up to there, or is fetched again.
        let known = reader(&scene.home);
        let told = known.notices(Timestamp::MIN).unwrap();
        let forgotten =
            told.iter().all(|notice| notice.state(Sink::Desktop) != Some(DeliveryState::Shown));
        drop(known);
        let mut daemon = scene.home.daemon();
        scene.polls();
        daemon.signal("-TERM");
        daemon.says("stopped");
        drop(daemon);
        let saved = reader(&scene.home).state().unwrap();
        let api = saved.components.iter().find(|c| c.id.0 == API).unwrap();
        assert_eq!(api.level, Level::Major, "the missing tail was fetched again");
        nothing_was_damaged(&scene.home.state());
        fault.injected(1);
        // What the torn part had written down as told is unknown, and told again.
        fault.may_repeat(usize::from(forgotten));
    }
    assert!(scene.server.log().len() >= heard);
    fault.shown(&[MAJOR], &scene.server);
    fault.end();
}

/// While the disk takes nothing: an outage is told from memory, once; `status` claims nothing that
/// the page doesn't say. Then the disk takes something again.
fn from_memory(
    fault: &mut Fault,
    scene: &Scene,
    daemon: &mut Daemon,
    status: &dyn Fn() -> (Value, i32),
    heal: impl FnOnce(),
) {
    let heard = scene.server.log().len();
    // What must be written down and is too large for what was left.
    scene.page.set(|page| {
        page.post("abc", "Elevated errors", "major", AT, &[API]);
        page.update("abc", "identified", &"x".repeat(300_000), AT);
        breaks(page);
    });
    daemon.says("goes on from memory");
    scene.server.wait_for(heard + 1, PATIENCE);
    scene.polls();
    // What was written down is old before long, and then it is not current.
    let from = now();
    loop {
        let (answer, code) = status();
        if answer["verdict"] == "unknown" || level(&answer, API) == "major" {
            assert!(code > 0, "{answer}");
            break;
        }
        let took = now().duration_since(from);
        assert!(took < SignedDuration::from_secs(20), "old news as current: {answer}");
    }
    fault.injected(1);
    heal();
    daemon.says("can be written again, nothing was lost");
    scene.polls();
    fault.claims(&status().0, &[(API, "major")]);
}

/// After it: the end is told as well, everything is in the database, and it was warned of once.
fn all_is_written(fault: &mut Fault, scene: &Scene, daemon: Daemon) {
    end_of_outage(scene);
    all_is_shown(fault, scene, daemon);
    is_written(&scene.home);
}

fn all_is_shown(fault: &mut Fault, scene: &Scene, daemon: Daemon) {
    let said = last_words(daemon);
    assert!(!said.contains("goes on from memory"), "warned once: {said}");
    fault.shown(&[MAJOR, BACK], &scene.server);
}

fn is_written(home: &Home) {
    let stored = notices(home);
    let told: Vec<_> =
        stored.iter().map(|n| (n.notice.kind.as_str(), n.state(Sink::Desktop))).collect();
    let shown = Some(DeliveryState::Shown);
    assert_eq!(told, [("outage", shown), ("back", shown)]);
    let changes = reader(home).transitions(Timestamp::MIN, None).unwrap();
    let api = changes.iter().filter(|change| change.component.0 == API);
    assert!(api.map(|change| change.to.as_str()).eq(["operational", "major", "operational"]));
}

fn scene_that_knows_what_is_old() -> Scene {
    let scene = Scene::new();
    scene.home.configure(&scene.page.url(), "stale_after = \"1s\"", QUICK);
    scene
}

#[test]
fn fault_25_a_disk_that_takes_no_more() {
    let mut fault = Fault::new(25, "a limit to the size of files");
    let scene = scene_that_knows_what_is_old();
    // No file may grow beyond so many blocks of 512 bytes; the signal for it is switched off.
    let mut shell = Command::new("sh");
    let run = scene.home.command(&["run"]);
    shell.env_clear().envs(run.get_envs().filter_map(|(name, value)| Some((name, value?))));
    shell.args(["-c", "trap '' XFSZ; ulimit -S -f 400; exec \"$0\" \"$@\""]);
    shell.arg(run.get_program()).args(run.get_args());
    let mut daemon = Daemon::start(shell);
    scene.polls();
    let pid = daemon.pid().to_string();
    from_memory(&mut fault, &scene, &mut daemon, &|| scene.home.status(), || {
        let healed = Command::new("prlimit").args(["--pid", &pid, "--fsize=unlimited"]).status();
        assert!(healed.unwrap().success(), "prlimit of util-linux");
    });
    all_is_written(&mut fault, &scene, daemon);
    fault.end();
}

#[test]
fn fault_25_writes_that_fail() {
    let mut fault = Fault::new(25, "every write and sync fails: ENOSPC, EROFS, EIO");
    for (error, name) in DISK_ERRORS {
        let scene = scene_that_knows_what_is_old();
        let shim = Shim::new();
        let mut daemon = shim.daemon(&scene.home);
        scene.polls();
        shim.disk(error);
        from_memory(&mut fault, &scene, &mut daemon, &|| scene.home.status(), || shim.disk(0));
        println!("{name}: survived");
        all_is_written(&mut fault, &scene, daemon);
    }
    fault.end();
}

/// `PROGRAM ARGS` in the mounts of a process.
pub(super) fn inside(pid: u32, program: &std::ffi::OsStr) -> Command {
    let mut command = Command::new("nsenter");
    command.args(["-t", &pid.to_string(), "-m"]).arg(program);
    command
}

pub(super) fn works(mut command: Command) -> bool {
    command.output().is_ok_and(|output| output.status.success())
}

/// `ccwatch ARGS` where a daemon is.
pub(super) fn beside(pid: u32, home: &Home, args: &[&str]) -> Command {
    let asked = home.command(args);
    let mut command = inside(pid, asked.get_program());
    command.args(asked.get_args());
    command.env_clear().envs(asked.get_envs().filter_map(|(n, value)| Some((n, value?))));
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command
}

/// The daemon with its state on a small file system of its own, which is gone with the daemon; before
/// it starts, a shell does something there. None where that is not allowed.
pub(super) fn on_a_small_disk(home: &Home, then: &str) -> Option<Daemon> {
    fs::create_dir(home.state()).unwrap();
    let mount = format!("mount -t tmpfs -o size=8m,mode=700 tmpfs \"$0\" && {{ {then} true; }}");
    let mut may = Command::new("unshare");
    may.args(["-m", "sh", "-c", &mount]).arg(home.state());
    if !works(may) || !works(inside(std::process::id(), "true".as_ref())) {
        skipped("fault 25: a real full disk and a read-only mount take root and mounts");
        return None;
    }
    let run = home.command(&["run"]);
    let mut shell = Command::new("unshare");
    shell.env_clear().envs(run.get_envs().filter_map(|(name, value)| Some((name, value?))));
    shell.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    shell.args(["-m", "sh", "-c", &format!("{mount} && shift 0 && exec \"$@\"")]);
    shell.arg(home.state()).arg(run.get_program()).args(run.get_args());
    Some(Daemon::start(shell))
}

#[test]
fn fault_25_a_real_full_disk_and_a_real_read_only_mount() {
    let mut fault = Fault::new(25, "a tmpfs of 8 MB that is full; a read-only mount over it");
    for full in [true, false] {
        let scene = scene_that_knows_what_is_old();
        let Some(mut daemon) = on_a_small_disk(&scene.home, "") else { return };
        scene.polls();
        let (pid, state) = (daemon.pid(), scene.home.state());
        let status = || {
            let output = beside(pid, &scene.home, &["status", "--json"]).output().unwrap();
            let said = || panic!("{}", text(&output.stderr));
            (
                serde_json::from_slice(&output.stdout).unwrap_or_else(|_| said()),
                output.status.code().unwrap(),
            )
        };
        let sh = |script: &str| {
            let mut command = inside(pid, "sh".as_ref());
            command.args(["-c", script]).arg(&state);
            command
        };
        if full {
            assert!(!works(sh("cat /dev/zero >\"$0/filler\"")), "until nothing fits in any more");
            from_memory(&mut fault, &scene, &mut daemon, &status, || {
                assert!(works(sh("rm \"$0/filler\"")));
            });
        } else {
            assert!(works(sh("mount -t tmpfs -o ro,mode=700 tmpfs \"$0\"")));
            from_memory(&mut fault, &scene, &mut daemon, &status, || {
                assert!(works(sh("umount \"$0\"")));
            });
        }
        end_of_outage(&scene);
        assert!(works(sh("cp \"$0\"/ccwatch.db* \"$0/..\"")));
        all_is_shown(&mut fault, &scene, daemon);
        // On the file system that is gone by now; this is its copy.
        for name in ["ccwatch.db", "ccwatch.db-wal"] {
            let _ = fs::rename(state.join("..").join(name), state.join(name));
        }
        is_written(&scene.home);
    }
    fault.end();
}

#[test]
fn fault_26_a_damaged_foreign_or_empty_database() {
    let mut fault = Fault::new(26, "a database of garbage, of zeros, empty, foreign, cut");
    let whole = {
        let scene = Scene::new();
        let daemon = scene.home.daemon();
        scene.polls();
        daemon.stop();
        fs::read(database(&scene.home)).unwrap()
    };
    let cases: [(&[u8], bool); 4] = [
        (b"not a database", true),
        (&[0; 8192], true),
        (&whole[..whole.len() / 2], true),
        (b"", false),
    ];
    for (bytes, damaged) in cases {
        let scene = Scene::new();
        scene.page.set(|page| {
            page.post("old", "Elevated errors", "major", AT, &[API]);
            page.update("old", "resolved", "Over.", AT);
        });
        fs::create_dir(scene.home.state()).unwrap();
        fs::set_permissions(scene.home.state(), fs::Permissions::from_mode(0o700)).unwrap();
        fs::write(database(&scene.home), bytes).unwrap();
        fs::write(scene.home.state().join("ccwatch.db-wal"), b"stale").unwrap();
        let daemon = scene.home.daemon();
        scene.polls();
        scene.polls();
        assert_eq!(scene.server.log(), [], "nothing old is told");
        // Rebuilt from the history, which is read beside the page.
        at_last(&scene.page, || reader(&scene.home).incident(&"old".into()).unwrap());
        outage(&scene);
        let said = last_words(daemon);
        let said = said.matches("the database was damaged").count();
        assert_eq!(said, usize::from(damaged), "told once");
        let names = fs::read_dir(scene.home.state()).unwrap();
        let aside = names
            .filter(|n| n.as_ref().unwrap().file_name().to_string_lossy().contains("damaged-"));
        assert_eq!(aside.count() >= 2, damaged, "with its log");
        fault.injected(1);
        fault.shown(&[MAJOR], &scene.server);
    }
    fault.end();
}

#[test]
fn fault_27_a_newer_schema() {
    let mut fault = Fault::new(27, "a database of a newer ccwatch");
    let scene = Scene::new();
    let daemon = scene.home.daemon();
    scene.polls();
    daemon.stop();
    let set = |version: i64| {
        let db = Connection::open(database(&scene.home)).unwrap();
        let before: i64 = db.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
        db.pragma_update(None, "user_version", version).unwrap();
        // A newer ccwatch notes it beside the header, too.
        let noted = "UPDATE page SET value = ?1 WHERE key = 'schema'";
        db.execute(noted, [version.to_string()]).unwrap();
        before
    };
    let own = set(99);
    scene.page.set(breaks);
    let before = fs::read(database(&scene.home)).unwrap();
    let (status, said) = scene.home.daemon().ends();
    assert_eq!(status.code(), Some(74), "{said}");
    assert!(said.contains("newer"), "{said}");
    assert_eq!(fs::read(database(&scene.home)).unwrap(), before, "not touched");
    fault.injected(1);
    set(own);
    let daemon = scene.home.daemon();
    scene.server.wait_for(1, PATIENCE);
    scene.polls();
    daemon.stop();
    fault.shown(&[MAJOR], &scene.server);
    fault.end();
}

#[test]
fn fault_28_a_reader_that_stays_and_a_writer_that_is_busy() {
    let mut fault = Fault::new(28, "a reader that stays for 100 polls, a writer that is busy");
    let scene = Scene::new();
    let mut daemon = scene.home.daemon();
    scene.polls();
    let log = || fs::metadata(scene.home.state().join("ccwatch.db-wal")).unwrap().len();
    let other = Connection::open(database(&scene.home)).unwrap();
    other.execute_batch("BEGIN; SELECT count(*) FROM notices").unwrap();
    more(&scene.page, 100);
    let grown = log();
    assert!(grown < 8 << 20, "{grown} bytes of log after 100 polls");
    fault.injected(1);
    other.execute_batch("COMMIT; BEGIN IMMEDIATE").unwrap();
    scene.page.set(breaks);
    daemon.says("goes on from memory");
    scene.server.wait_for(1, PATIENCE);
    let timed = |args: &[&str]| {
        let asked = now();
        let output = scene.home.run(args);
        let took = now().duration_since(asked);
        println!("{args:?} beside a busy writer: {took:?}");
        (output.status.code().unwrap(), text(&output.stderr), took)
    };
    // A reader need not wait for a writer, another writer must, but not for ever.
    assert!(timed(&["status"]).0 <= 3);
    let (code, said, took) = timed(&["mute", "1h"]);
    assert_eq!(code, 74, "{said}");
    assert!(said.contains("locked by another program") && said.contains("hint:"), "{said}");
    assert!(took >= SignedDuration::from_secs(1), "it was waited for: {took:?}");
    fault.injected(1);
    other.execute_batch("COMMIT").unwrap();
    daemon.says("can be written again, nothing was lost");
    scene.polls();
    fault.claims(&scene.home.status().0, &[(API, "major")]);
    more(&scene.page, 60);
    assert!(log() <= grown.max(2 << 20), "it shrinks again: {grown}, then {}", log());
    daemon.stop();
    // Somebody who lets nobody else read.
    other.execute_batch("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE").unwrap();
    let (code, said, _) = timed(&["history"]);
    assert_eq!(code, 74, "{said}");
    assert!(said.contains("locked by another program") && said.contains("hint:"), "{said}");
    fault.injected(1);
    assert_eq!(other.execute_batch("COMMIT"), Ok(()));
    drop(other);
    assert_eq!(notices(&scene.home).len(), 1);
    fault.shown(&[MAJOR], &scene.server);
    fault.end();
}

#[test]
fn fault_29_a_second_daemon() {
    let mut fault = Fault::new(29, "a second daemon; kill -9 of the first");
    let scene = Scene::new();
    let daemon = scene.home.daemon();
    outage(&scene);
    scene.is_marked();
    for _ in 0..3 {
        assert_eq!(scene.home.daemon().ends().0.code(), Some(75));
        fault.injected(1);
    }
    daemon.kill();
    let _again = scene.home.daemon();
    scene.polls();
    fault.injected(1);
    fault.shown(&[MAJOR], &scene.server);
    fault.end();
}

#[test]
fn fault_30_a_state_directory_that_is_not_ours_alone() {
    let mut fault =
        Fault::new(30, "a state directory that is a link, is used by others, or open to them");
    let scene = Scene::new();
    let home = &scene.home;
    scene.page.set(breaks);
    fs::create_dir(home.path().join("elsewhere")).unwrap();
    symlink(home.path().join("elsewhere"), home.state()).unwrap();
    let (status, said) = home.daemon().ends();
    assert!(!status.success() && said.contains("a symbolic link"), "{said}");
    fault.injected(1);
    fs::remove_file(home.state()).unwrap();
    fs::create_dir(home.state()).unwrap();
    let open_to_others = fs::Permissions::from_mode(0o755);
    fs::set_permissions(home.state(), open_to_others.clone()).unwrap();
    fs::write(home.state().join("letter"), "").unwrap();
    let (status, said) = home.daemon().ends();
    assert!(!status.success() && said.contains("holds what is not ccwatch's"), "{said}");
    assert_eq!(fs::metadata(home.state()).unwrap().mode() & 0o777, 0o755, "left alone");
    fs::remove_file(home.state().join("letter")).unwrap();
    fault.injected(1);
    fs::set_permissions(home.state(), open_to_others).unwrap();
    let mut open = Command::new("sh");
    let run = home.command(&["run"]);
    open.env_clear().envs(run.get_envs().filter_map(|(name, value)| Some((name, value?))));
    open.args(["-c", "umask 000; exec \"$0\" \"$@\""]).arg(run.get_program()).args(run.get_args());
    let _daemon = Daemon::start(open);
    scene.server.wait_for(1, PATIENCE);
    scene.polls();
    let mode = |path: PathBuf| fs::metadata(path).unwrap().mode() & 0o777;
    assert_eq!(mode(home.state()), 0o700);
    for entry in fs::read_dir(home.state()).unwrap() {
        let path = entry.unwrap().path();
        let private = if path.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(mode(path.clone()), private, "{path:?}");
    }
    fault.injected(1);
    fault.shown(&[MAJOR], &scene.server);
    fault.end();
}
