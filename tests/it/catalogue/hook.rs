//! Line 36: the user's own command.

use std::fs;
use std::time::Duration;

use ccwatch_core::decide::notice::DeliveryState;

use super::*;
use crate::daemon::OUTAGE;
use crate::hook;

/// The pop-up comes once, the page is read on, and the log says what was wrong with the hook.
fn outlives_the_hook(fault: &mut Fault, text: &str, said: &str) {
    let scene = Scene::new();
    hook::script(&scene.home, &scene.page, text);
    let mut daemon = scene.home.daemon();
    scene.polls();
    scene.page.set(|page| {
        page.set_status(CLAUDE_CODE, "partial_outage", AT);
        let long = "$(touch bad)`touch bad`; touch bad\n\u{1b}[31m\u{202e}".repeat(4000);
        page.post("abc", &long, "major", AT, &[CLAUDE_CODE]);
    });
    scene.server.wait_for(1, PATIENCE);
    if said.is_empty() {
        let done =
            || (notices(&scene.home).last()?.hook == Some(DeliveryState::Shown)).then_some(());
        hook::at_last(&scene.page, done);
    } else {
        let line = daemon.says(said);
        assert!(line.len() < 1000 && !line.contains('\u{1b}'), "{line}");
    }
    scene.polls();
    assert!(!scene.home.path().join("bad").exists(), "{text}");
    scene.page.set(OUTAGE[1].0);
    scene.server.wait_for(2, PATIENCE);
    scene.polls();
    fault.injected(1);
    fault.shown(&OUTAGE.map(|(_, title)| title)[..2], &scene.server);
    let (status, took, _) = daemon.stop();
    assert!(status.success() && took < Duration::from_secs(2), "{text}: {took:?}");
}

#[test]
fn fault_36_a_hook_that_fails_reads_nothing_or_gets_hostile_text() {
    let mut fault = Fault::new(36, "a hook that fails, reads nothing, kills, or gets hostile text");
    for (text, said) in [
        ("exit 0", ""),
        ("exec <&-; exit 0", ""),
        ("touch \"ran\"; eval : \"$CCWATCH_URGENCY\"; cat >/dev/null", ""),
        ("echo 'no token' >&2; exit 3", "the hook failed: exit code 3: no token"),
        ("printf '\\033[31m%s' \"$CCWATCH_BODY\" >&2; exit 1", "the hook failed: exit code 1: "),
        ("kill -9 $$", "the hook failed: ended by signal 9"),
        ("kill -9 $PPID", "the process that runs notify.hook is gone"),
        ("kill $PPID; exit 4", "the hook failed: exit code 4"),
    ] {
        outlives_the_hook(&mut fault, text, said);
    }
    fault.end();
}

#[test]
fn fault_36_a_hook_that_hangs_is_killed_with_its_group() {
    let mut fault = Fault::new(36, "a hook that hangs, with a child that heeds no signal");
    let scene = Scene::new();
    hook::script(&scene.home, &scene.page, &format!("trap '' TERM; {}; wait", hook::STUBBORN));
    let mut daemon = scene.home.daemon();
    scene.polls();
    scene.page.set(OUTAGE[0].0);
    scene.server.wait_for(1, PATIENCE);
    let pid = hook::at_last(&scene.page, || {
        fs::read_to_string(scene.home.path().join("pid")).ok().filter(|pid| pid.ends_with('\n'))
    });
    scene.polls();
    assert!(!hook::is_gone(&pid), "it runs while the page is read");
    let begun = ccwatch::platform::clock::now();
    daemon.says("the hook failed: killed after 10 s");
    assert!(ccwatch::platform::clock::now().duration_since(begun) < SignedDuration::from_secs(14));
    assert!(hook::is_gone(&pid), "its group is killed before that is said");
    fault.injected(1);
    fault.shown(&[OUTAGE[0].1], &scene.server);
    fault.end();
}

#[test]
fn fault_36_a_hook_that_is_not_there() {
    let mut fault = Fault::new(36, "a hook that is not there");
    let scene = Scene::new();
    hook::configure(&scene.home, &scene.page, &["/nowhere/hook"]);
    let mut daemon = scene.home.daemon();
    daemon.says("notify.hook: there is no file /nowhere/hook");
    scene.polls();
    scene.page.set(OUTAGE[0].0);
    scene.server.wait_for(1, PATIENCE);
    daemon.says("the hook failed: there is no file /nowhere/hook");
    fault.injected(1);
    fault.shown(&[OUTAGE[0].1], &scene.server);
    let (status, _, _) = daemon.stop();
    assert!(status.success());
    fault.end();
}
