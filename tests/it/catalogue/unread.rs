//! Line 40 once more: what the daemon writes to and nobody reads, what it looks for on a mount that is
//! gone, and a notification server that does not survive it.

use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::path::Path;
use std::process::{Command, Stdio};

use super::hook::goes_on;
use super::*;
use crate::daemon::OUTAGE;
use crate::desktop::Character;
use crate::fault::skipped;
use crate::fuse::Fuse;

/// Writes until nobody takes any more.
fn fill(mut to: impl Write, nonblocking: impl Fn(bool)) {
    // What is made for this is not shared with anybody.
    nonblocking(true);
    while to.write(&[b'x'; 4096]).is_ok() {}
    while to.write(b"x").is_ok() {}
    nonblocking(false);
}

/// A pipe, as a terminal's at Ctrl-S, and a stream socket, as journald's: both are full.
fn full_ones() -> [(OwnedFd, OwnedFd); 2] {
    let (reader, writer) = io::pipe().unwrap();
    fill(&writer, |on| rustix::io::ioctl_fionbio(&writer, on).unwrap());
    let (ours, theirs) = UnixStream::pair().unwrap();
    fill(&theirs, |on| theirs.set_nonblocking(on).unwrap());
    [(reader.into(), writer.into()), (ours.into(), theirs.into())]
}

#[test]
fn fault_40_a_log_that_nobody_reads() {
    let mut fault = Fault::new(40, "a log that nobody reads: a full pipe, a full socket; SIGTERM");
    for (end, stderr) in full_ones() {
        let scene = Scene::new();
        let mut command = scene.home.command(&["-vv", "run"]);
        let mut daemon = Daemon::unheard(command.stderr(Stdio::from(stderr)));
        scene.polls();
        (0..4).for_each(|step| goes_on(&scene, &mut fault, step, || true));
        fault.shown(&OUTAGE.map(|(_, title)| title), &scene.server);
        // Nobody has read anything when it has ended.
        assert!(daemon.terminate().0.success());
        drop(end);
    }
    fault.end();
}

#[test]
fn fault_40_a_service_manager_that_does_not_listen() {
    let mut fault = Fault::new(40, "a service manager that reads nothing; SIGTERM");
    let scene = Scene::new();
    let path = scene.home.path().join("notify");
    let _manager = UnixDatagram::bind(&path).unwrap();
    let other = UnixDatagram::unbound().unwrap();
    other.set_nonblocking(true).unwrap();
    while other.send_to(b"STATUS=x", &path).is_ok() {}
    let mut command = scene.home.command(&["run"]);
    command.env("NOTIFY_SOCKET", &path).env("WATCHDOG_USEC", "60000000");
    let mut daemon = Daemon::start(command);
    scene.polls();
    (0..4).for_each(|step| goes_on(&scene, &mut fault, step, || true));
    fault.shown(&OUTAGE.map(|(_, title)| title), &scene.server);
    // Nobody has read anything when it has ended.
    assert!(daemon.terminate().0.success());
    fault.end();
}

/// The daemon, run as `change` has it, with a file system of one file at `place` that is silent.
fn beside_silence(
    command: &Command,
    place: &Path,
    environment: &str,
    file: &str,
) -> Option<(Daemon, Fuse)> {
    let mut run = Command::new("env");
    run.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    run.arg(environment).arg(command.get_program()).args(command.get_args());
    match Fuse::around(&run, place, &[(file, "")]) {
        Ok((fuse, command)) => {
            fuse.fall_silent();
            Some((Daemon::start(command), fuse))
        }
        Err(why) => {
            skipped(&format!("fault 40: a FUSE mount that does not answer: {why}"));
            None
        }
    }
}

#[test]
fn fault_40_a_directory_of_path_on_a_mount_that_does_not_answer() {
    let mut fault = Fault::new(40, "a directory of PATH on a FUSE mount that is silent");
    for near in [true, false] {
        let scene = Scene::new();
        let (far, near_by) = (scene.home.path().join("far"), scene.home.path().join("near"));
        fs::create_dir(&near_by).unwrap();
        if near {
            fs::write(near_by.join("xdg-open"), "#!/bin/sh\n").unwrap();
        }
        let path = format!("PATH={}:{}", far.display(), near_by.display());
        let command = scene.home.command(&["run"]);
        let found = beside_silence(&command, &far, &path, "xdg-open");
        let Some((mut daemon, fuse)) = found else { return };
        scene.polls();
        (0..4).for_each(|step| goes_on(&scene, &mut fault, step, || true));
        assert_eq!(fuse.waiting() > 0, !near, "it is looked for there only if it is nowhere else");
        fault.shown(&OUTAGE.map(|(_, title)| title), &scene.server);
        fuse.answer_again("xdg-open", "");
        assert!(daemon.terminate().0.success());
    }
    fault.end();
}

#[test]
fn fault_40_a_start_with_the_home_on_a_mount_that_does_not_answer() {
    let mut fault = Fault::new(40, "a start with HOME on a FUSE mount that is silent");
    let scene = Scene::new();
    let far = scene.home.path().join("far");
    let home = format!("HOME={}", far.display());
    let command = scene.home.command(&["run"]);
    let Some((mut daemon, fuse)) = beside_silence(&command, &far, &home, "x") else { return };
    daemon.says("does not answer: is it on a mount that is gone?");
    (0..4).for_each(|step| goes_on(&scene, &mut fault, step, || fuse.waiting() > 0));
    fault.shown(&OUTAGE.map(|(_, title)| title), &scene.server);
    fuse.answer_again("x", "");
    assert!(daemon.terminate().0.success());
    fault.end();
}

/// Whatever writes to a mount that is gone stands still; the daemon does not.
#[test]
fn fault_40_a_log_and_a_recording_on_a_mount_that_no_longer_answers() {
    let mut fault = Fault::new(40, "the log, a recording on a FUSE mount that is silent");
    for option in ["--log-file", "--record"] {
        let scene = Scene::new();
        let far = scene.home.path().join("far");
        scene.home.configure(&scene.page.url(), "sandbox = false", crate::program::QUICK);
        let file = far.join("file");
        let command = scene.home.command(&["run", option, file.to_str().unwrap()]);
        let (fuse, command) = match Fuse::around(&command, &far, &[("file", "")]) {
            Ok(made) => made,
            Err(why) => return skipped(&format!("fault 40: a log on a FUSE mount: {why}")),
        };
        let mut daemon = Daemon::start(command);
        scene.polls();
        fuse.fall_silent();
        (0..4).for_each(|step| goes_on(&scene, &mut fault, step, || true));
        fault.shown(&OUTAGE.map(|(_, title)| title), &scene.server);
        // Who writes there can't be ended before it answers.
        fuse.answer_again("file", "");
        assert!(daemon.terminate().0.success());
    }
    fault.end();
}

/// Told once more at most, and not as soon as the server is there again: it may be what it died of.
#[test]
fn fault_33_a_server_that_dies_of_a_message() {
    let mut fault = Fault::new(33, "a notification server that leaves over each message");
    let mut scene = Scene::new();
    let mut daemon = scene.home.daemon();
    scene.polls();
    scene.server.deny();
    scene.page.set(OUTAGE[0].0);
    let heard = scene.server.wait_for(1, PATIENCE).remove(0).summary;
    scene.polls();
    for _ in 0..3 {
        scene.restart_server(Character::Gnome);
        daemon.says("pop-ups are possible now");
        scene.polls();
        assert_eq!(scene.server.log(), [], "not at once");
        fault.injected(1);
    }
    fault.heard(&[OUTAGE[0].1], &[heard]);
    fault.end();
}
