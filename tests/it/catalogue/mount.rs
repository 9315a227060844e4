//! Line 40 on mounts: files that take every question and answer none, as over a network that is gone.

use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use super::hook::goes_on;
use super::store::{inside, works};
use super::*;
use crate::daemon::OUTAGE;
use crate::fault::skipped;
use crate::fuse::Fuse;
use crate::hook;

/// The daemon, with a file system of one file at `place`; none where that is not possible.
fn beside(scene: &Scene, place: &Path, file: (&str, &str)) -> Option<(Daemon, Fuse)> {
    let made = match works(inside(std::process::id(), "true".as_ref())) {
        true => Fuse::around(&scene.home.command(&["run"]), place, &[file]),
        false => Err("nsenter is not allowed".to_owned()),
    };
    match made {
        // The file system goes first: who waits for it can't even be killed.
        Ok((fuse, command)) => Some((Daemon::start(command), fuse)),
        Err(why) => {
            skipped(&format!("fault 40: a FUSE mount that no longer answers: {why}"));
            None
        }
    }
}

/// What `ccwatch doctor` says where the daemon is.
fn doctor(scene: &Scene, daemon: &Daemon) -> String {
    let asked = scene.home.command(&["doctor"]);
    let mut command = inside(daemon.pid(), asked.get_program());
    command.args(asked.get_args());
    command.env_clear().envs(asked.get_envs().filter_map(|(n, value)| Some((n, value?))));
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    text(&command.output().unwrap().stdout)
}

#[test]
fn fault_40_a_hook_on_a_mount_that_no_longer_answers() {
    let mut fault =
        Fault::new(40, "a hook on a FUSE mount that no longer answers, SIGHUP, SIGTERM");
    let scene = Scene::new();
    let (home, place) = (scene.home.path(), scene.home.path().join("far"));
    hook::configure(&scene.home, &scene.page, &[place.join("hook").to_str().unwrap()]);
    let script = format!("#!/bin/sh\n{{ cat; echo; }} >>'{}/log'\n", home.display());
    let Some((mut daemon, fuse)) = beside(&scene, &place, ("hook", &script)) else { return };
    scene.polls();
    goes_on(&scene, &mut fault, 0, || true);
    let told = || fs::read_to_string(home.join("log")).unwrap_or_default();
    hook::at_last(&scene.page, || told().ends_with('\n').then_some(()));
    fuse.fall_silent();
    goes_on(&scene, &mut fault, 1, || true);
    fuse.is_asked();
    daemon.signal("-HUP");
    daemon.says("the configuration was read again");
    goes_on(&scene, &mut fault, 2, || fuse.waiting() > 0);
    let said = doctor(&scene, &daemon);
    assert!(said.contains("does not answer: is it on a mount that is gone?"), "{said}");
    goes_on(&scene, &mut fault, 3, || fuse.waiting() > 0);
    assert!(daemon.terminate().0.success());
    assert!(fuse.waiting() > 0, "it ended while somebody still waited for the mount");
    fault.shown(&OUTAGE.map(|(_, title)| title), &scene.server);
    fault.heard(&["1"], &[told().lines().count().to_string()]);
    fault.end();
}

/// The configuration is a link into a directory of that name, which the sandbox opens.
fn move_configuration(scene: &Scene) -> (std::path::PathBuf, String) {
    let file = scene.home.config();
    let text = fs::read_to_string(&file).unwrap();
    let dir = scene.home.path().join("ccwatch");
    fs::create_dir(&dir).unwrap();
    fs::rename(&file, dir.join("config.toml")).unwrap();
    symlink(dir.join("config.toml"), &file).unwrap();
    (dir, text)
}

#[test]
fn fault_40_a_configuration_on_a_mount_that_no_longer_answers() {
    let mut fault = Fault::new(40, "SIGHUP with the configuration on a FUSE mount that is silent");
    let scene = Scene::new();
    let (place, config) = move_configuration(&scene);
    let found = beside(&scene, &place, ("config.toml", &config));
    let Some((mut daemon, fuse)) = found else { return };
    scene.polls();
    fuse.fall_silent();
    daemon.signal("-HUP");
    fuse.is_asked();
    goes_on(&scene, &mut fault, 0, || fuse.waiting() == 1);
    daemon.says("the configuration can't be read yet");
    daemon.signal("-HUP");
    goes_on(&scene, &mut fault, 1, || fuse.waiting() == 1);
    let said = doctor(&scene, &daemon);
    assert!(said.contains("does not answer: is it on a mount that is gone?"), "{said}");
    goes_on(&scene, &mut fault, 2, || fuse.waiting() > 0);
    fuse.answer_again("config.toml", &config.replace("desktop = ", "# "));
    daemon.says("the configuration was read again");
    goes_on(&scene, &mut fault, 3, || true);
    fault.shown(&OUTAGE.map(|(_, title)| title), &scene.server);
    last_words(daemon);
    fault.end();
}

/// The same without a mount: a pipe that nobody writes to.
#[test]
fn fault_40_a_configuration_that_does_not_come() {
    let mut fault = Fault::new(40, "SIGHUP with a pipe as configuration, into which nobody writes");
    let scene = Scene::new();
    let (place, config) = move_configuration(&scene);
    let mut daemon = scene.home.daemon();
    scene.polls();
    let pipe = place.join("config.toml");
    fs::remove_file(&pipe).unwrap();
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    daemon.signal("-HUP");
    goes_on(&scene, &mut fault, 0, || true);
    daemon.says("the configuration can't be read yet");
    goes_on(&scene, &mut fault, 1, || true);
    fs::write(&pipe, &config).unwrap();
    daemon.says("the configuration was read again");
    daemon.signal("-HUP");
    goes_on(&scene, &mut fault, 2, || true);
    let said = last_words(daemon);
    assert!(!said.contains("read again"), "it ended while it still waited: {said}");
    fault.shown(&OUTAGE.map(|(_, title)| title)[..3], &scene.server);
    fault.end();
}
