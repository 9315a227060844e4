//! On the strictest of desktops: nothing says that an outage goes on once it is over, whether or not
//! *back* is told.
#![cfg(target_os = "linux")]

use std::fs;
use std::process::Stdio;

use crate::daemon::{OUTAGE, Scene};
use crate::desktop::{Bus, PATIENCE, Server};
use crate::page::{CLAUDE_CODE, FakePage, PageModel};
use crate::program::{Daemon, Home, QUICK};

fn breaks(page: &mut PageModel) {
    page.set_status(CLAUDE_CODE, "major_outage", "2026-11-01T10:00:00Z");
    page.post("abc", "Elevated errors", "major", "2026-11-01T10:00:00Z", &[CLAUDE_CODE]);
}

/// The scene with these settings, a critical outage on its screen.
fn critical(settings: &str) -> (Scene, Daemon) {
    let scene = Scene::new();
    let rest = QUICK.replace("[notify]", &format!("[notify]\n{settings}"));
    scene.home.configure(&scene.page.url(), "", &rest);
    scene.page.set(breaks);
    let daemon = scene.home.daemon();
    assert_eq!(scene.server.wait_for(1, PATIENCE)[0].urgency, Some(2));
    scene.is_marked();
    (scene, daemon)
}

/// Nothing is left, and nothing was told beside it.
fn is_gone(scene: &Scene) {
    scene.server.wait_until_gone(1);
    scene.polls();
    assert_eq!(scene.server.list(), []);
    assert_eq!(scene.server.log().len(), 1);
}

#[test]
fn without_back_a_critical_bubble_goes_when_its_outage_is_over() {
    for restarts in [false, true] {
        let (scene, mut daemon) = critical("back = false\nfix_out = false");
        scene.page.set(OUTAGE[2].0);
        scene.polls();
        assert_eq!(scene.server.screen().len(), 1);
        if restarts {
            assert!(daemon.stop().0.success());
            assert_eq!(scene.server.screen().len(), 1, "a restart is likely, and takes it over");
            daemon = scene.home.daemon();
            scene.polls();
            assert_eq!(scene.server.screen().len(), 1);
        }
        scene.page.set(OUTAGE[3].0);
        is_gone(&scene);
        assert!(daemon.stop().0.success());
    }
}

#[test]
fn a_critical_bubble_goes_when_nobody_wants_to_know_any_more() {
    let another = FakePage::start();
    let (from, to) = ("[notify]", "[watch]\ncomponents = [\"Claude API\"]\n[notify]");
    let off = "[notify]\ndesktop = false";
    let url = another.url();
    for (from, to) in [(from, to), (from, off), ("", url.as_str())] {
        for restarts in [false, true] {
            let (scene, mut daemon) = critical("");
            let text = fs::read_to_string(scene.home.config()).unwrap();
            let text = match from {
                // Believed as another page.
                "" => text.replace(&scene.page.url(), to).replace("[page]", "[page]\nid = \"\""),
                from => text.replace(from, to),
            };
            if restarts {
                daemon.kill();
                fs::write(scene.home.config(), text).unwrap();
                daemon = scene.home.daemon();
            } else {
                fs::write(scene.home.config(), text).unwrap();
                daemon.signal("-HUP");
            }
            scene.server.wait_until_gone(1);
            assert_eq!(scene.server.list(), []);
            assert!(daemon.stop().0.success());
            assert_eq!(scene.server.log().len(), 1);
        }
    }
}

#[test]
fn a_demo_that_is_stopped_leaves_no_outage_behind() {
    let dir = tempfile::tempdir().unwrap();
    let bus = Bus::start(dir.path());
    let server = Server::start(&bus, &["body"]);
    let home = Home::on(&FakePage::start(), bus.address());
    for signal in ["-INT", "-TERM"] {
        let before = server.log().len();
        let mut command = home.command(&["demo"]);
        let demo = Daemon::start({
            command.stdout(Stdio::null());
            command
        });
        assert_eq!(server.wait_for(before + 2, PATIENCE)[before + 1].urgency, Some(2));
        demo.signal(signal);
        assert!(demo.ends().0.success());
        assert_eq!(server.list(), []);
    }
}
