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
    text(&super::store::beside(daemon.pid(), &scene.home, &["doctor"]).output().unwrap().stdout)
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

/// A command that finds the mount silent from the beginning; none where there can't be one.
fn finds_it_silent(command: &Command, place: &Path) -> Option<(Command, Fuse)> {
    match Fuse::around(command, place, &[("config.toml", "")]) {
        Ok((fuse, command)) => {
            fuse.fall_silent();
            Some((command, fuse))
        }
        Err(why) => {
            skipped(&format!("fault 40: a FUSE mount that never answers: {why}"));
            None
        }
    }
}

#[test]
fn fault_40_a_start_with_its_files_on_a_mount_that_does_not_answer() {
    let mut fault = Fault::new(40, "a start with its files on a FUSE mount that is silent");
    let scene = Scene::new();
    let place = scene.home.path().join("far");
    let link = scene.home.path().join("link.toml");
    symlink(place.join("config.toml"), &link).unwrap();
    let state = place.join("state");
    let (config, state) = (link.to_str().unwrap(), state.to_str().unwrap());
    let (with_config, with_state) = (["--config", config], ["--state-dir", state]);
    for (args, expected) in [
        ([&["run"][..], &with_config].concat(), 78),
        ([&["status"][..], &with_config].concat(), 78),
        ([&["config", "check"][..], &with_config].concat(), 78),
        ([&["doctor"][..], &with_config].concat(), 1),
        ([&["run"][..], &with_state].concat(), 74),
        ([&["status"][..], &with_state].concat(), 74),
        ([&["doctor"][..], &with_state].concat(), 1),
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ccwatch"));
        let base = scene.home.command(&[]);
        command.envs(base.get_envs().filter_map(|(name, value)| Some((name, value?)))).args(&args);
        if args.contains(&"--state-dir") {
            command.arg("--config").arg(scene.home.config());
        }
        let Some((mut command, fuse)) = finds_it_silent(&command, &place) else { return };
        let output = crate::starts::ends(&mut command, &format!("{args:?}"));
        let said = text(&output.stdout) + &text(&output.stderr);
        assert_eq!(output.status.code(), Some(expected), "{args:?}: {said}");
        let word = "does not answer: is it on a mount that is gone?";
        assert!(said.contains(word), "{args:?}: {said}");
        assert!(fuse.waiting() > 0, "{args:?}: it ended while somebody still waited for the mount");
        fault.injected(1);
    }
    fault.shown(&[], &scene.server);
    fault.end();
}

/// A pipe in the place of the configuration is said at once, and nobody waits for it.
#[test]
fn fault_40_a_configuration_that_became_a_pipe() {
    let mut fault = Fault::new(40, "SIGHUP with a pipe as configuration, and right again");
    let scene = Scene::new();
    let (place, config) = move_configuration(&scene);
    let mut daemon = scene.home.daemon();
    scene.polls();
    let pipe = place.join("config.toml");
    fs::remove_file(&pipe).unwrap();
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    daemon.signal("-HUP");
    let said = daemon.says("the old configuration stays in force");
    assert!(said.contains("is a pipe, not a plain file"), "{said}");
    goes_on(&scene, &mut fault, 0, || true);
    fs::remove_file(&pipe).unwrap();
    fs::write(&pipe, &config).unwrap();
    daemon.signal("-HUP");
    daemon.says("the configuration was read again");
    goes_on(&scene, &mut fault, 1, || true);
    last_words(daemon);
    fault.shown(&OUTAGE.map(|(_, title)| title)[..2], &scene.server);
    fault.end();
}
