//! Lines 36, 40 and 44: the user's own command, and the processes that run it.

use ccwatch_core::notice::sink::Sink;
use std::fs;

use ccwatch_core::notice::DeliveryState;

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
        let done = || {
            (notices(&scene.home).last()?.state(Sink::Hook) == Some(DeliveryState::Shown))
                .then_some(())
        };
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
    last_words(daemon);
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
        ("kill -9 $PPID", "the hook failed: the process that ran it was killed"),
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
    daemon.says("the hook failed: killed after 10 s");
    // The whole group was killed before that was said; how soon it is gone is the system's matter.
    hook::at_last(&scene.page, || hook::is_gone(&pid).then_some(()));
    fault.injected(1);
    fault.shown(&[OUTAGE[0].1], &scene.server);
    fault.end();
}

#[test]
fn fault_36_a_hook_that_is_not_there() {
    let mut fault = Fault::new(36, "a hook that is not there");
    let scene = Scene::new();
    let missing = scene.home.path().join("missing");
    let missing = missing.to_str().unwrap();
    hook::configure(&scene.home, &scene.page, &[missing]);
    let mut daemon = scene.home.daemon();
    daemon.says(&format!("notify.hook: there is no file {missing}"));
    scene.polls();
    scene.page.set(OUTAGE[0].0);
    scene.server.wait_for(1, PATIENCE);
    daemon.says(&format!("the hook failed: there is no file {missing}"));
    fault.injected(1);
    fault.shown(&[OUTAGE[0].1], &scene.server);
    let (status, _, _) = daemon.stop();
    assert!(status.success());
    fault.end();
}

/// The pop-up of a step comes, and the page is read on, while `hangs` holds before and after.
pub(super) fn goes_on(scene: &Scene, fault: &mut Fault, step: usize, hangs: impl Fn() -> bool) {
    let before = scene.server.log().len();
    let begun = ccwatch::platform::clock::now();
    scene.page.set(OUTAGE[step].0);
    scene.server.wait_for(before + 1, PATIENCE);
    println!("the pop-up came after {:?}", ccwatch::platform::clock::now().duration_since(begun));
    scene.polls();
    assert!(hangs(), "it came only when nothing stood in the way any more");
    fault.injected(1);
}

fn children(pid: &str) -> Option<String> {
    let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).ok()?;
    Some(children.split_whitespace().next()?.to_owned())
}

/// The process that the daemon started, to keep the one that runs hooks.
fn keeper(daemon: &Daemon) -> String {
    children(&daemon.pid().to_string()).unwrap()
}

/// The process that runs hooks; its keeper may just be starting it.
fn runner(page: &FakePage, daemon: &Daemon) -> String {
    hook::at_last(page, || children(&keeper(daemon)))
}

/// Nobody is left who could run a hook.
pub(super) fn kill_runner(page: &FakePage, daemon: &Daemon) {
    let (keeper, runner) = (keeper(daemon), runner(page, daemon));
    signal("-KILL", &keeper);
    signal("-KILL", &runner);
}

fn is_stopped(pid: &str) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    stat.rsplit(')').next().unwrap().trim_start().starts_with('T')
}

fn signal(name: &str, pid: &str) {
    assert!(std::process::Command::new("kill").args([name, pid]).status().unwrap().success());
}

#[test]
fn fault_40_a_hook_that_stops_its_parent() {
    let mut fault = Fault::new(40, "a hook that stops its parent, and hangs");
    let scene = Scene::new();
    let text = "echo $PPID >parent; echo $$ >hook; kill -STOP $PPID; sleep 1000";
    hook::script(&scene.home, &scene.page, text);
    let mut daemon = scene.home.daemon();
    scene.polls();
    // The hook may begin after the pop-up.
    let pid = |name: &str| {
        let file = scene.home.path().join(name);
        let whole = || fs::read_to_string(&file).ok().filter(|pid| pid.ends_with('\n'));
        hook::at_last(&scene.page, whole)
    };
    goes_on(&scene, &mut fault, 0, || !hook::is_gone(&pid("hook")));
    daemon.says("the hook failed: the process that ran it did not answer");
    for file in ["parent", "hook"] {
        let pid = pid(file);
        hook::at_last(&scene.page, || hook::is_gone(&pid).then_some(()));
    }
    // The next one is run.
    hook::script(&scene.home, &scene.page, "cat >told");
    daemon.signal("-HUP");
    goes_on(&scene, &mut fault, 1, || true);
    hook::at_last(&scene.page, || {
        fs::read_to_string(scene.home.path().join("told"))
            .ok()
            .filter(|t| t.contains("Major outage"))
    });
    fault.shown(&OUTAGE.map(|(_, title)| title)[..2], &scene.server);
    last_words(daemon);
    fault.end();
}

#[test]
fn fault_40_stopped_while_the_hook_has_stopped_its_parent() {
    let mut fault = Fault::new(40, "SIGTERM while a hook has stopped its parent");
    let scene = Scene::new();
    let text = "echo $PPID >parent; kill -STOP $PPID; echo $$ >hook; sleep 1000";
    hook::script(&scene.home, &scene.page, text);
    let daemon = scene.home.daemon();
    scene.polls();
    goes_on(&scene, &mut fault, 0, || true);
    let pid = |name: &str| fs::read_to_string(scene.home.path().join(name)).ok();
    hook::at_last(&scene.page, || pid("hook").filter(|pid| pid.ends_with('\n')));
    last_words(daemon);
    for file in ["parent", "hook"] {
        while !hook::is_gone(&pid(file).unwrap()) {
            std::thread::yield_now();
        }
    }
    fault.shown(&[OUTAGE[0].1], &scene.server);
    fault.end();
}

#[test]
fn fault_40_the_runner_stands_still() {
    let mut fault = Fault::new(40, "the runner is stopped (SIGSTOP), and goes on later");
    let scene = Scene::new();
    hook::script(&scene.home, &scene.page, "{ cat; echo; } >>log");
    let mut daemon = scene.home.daemon();
    scene.polls();
    let pid = runner(&scene.page, &daemon);
    signal("-STOP", &pid);
    goes_on(&scene, &mut fault, 0, || is_stopped(&pid));
    daemon.says("the process that runs notify.hook does not answer");
    scene.polls();
    let (status, _) = scene.home.status();
    let said = status["daemon"]["hook_lost"].as_str().unwrap();
    assert!(said.contains("does not answer"), "{status}");
    goes_on(&scene, &mut fault, 1, || is_stopped(&pid));
    signal("-CONT", &pid);
    daemon.says("the process that runs notify.hook answers again");
    // What waited is run: the first one once, and the second.
    let log = || fs::read_to_string(scene.home.path().join("log")).unwrap_or_default();
    hook::at_last(&scene.page, || (log().lines().count() == 2).then_some(()));
    scene.polls();
    assert_eq!(log().lines().count(), 2, "{}", log());
    assert!(scene.home.status().0["daemon"]["hook_lost"].is_null());
    signal("-STOP", &pid);
    goes_on(&scene, &mut fault, 2, || is_stopped(&pid));
    last_words(daemon);
    // It goes on, and ends, when nobody is there any more who could wake it.
    while !hook::is_gone(&pid) {
        std::thread::yield_now();
    }
    fault.shown(&OUTAGE.map(|(_, title)| title)[..3], &scene.server);
    fault.end();
}

/// What the hook was told so far.
fn heard(scene: &Scene) -> Vec<String> {
    let log = fs::read_to_string(scene.home.path().join("log")).unwrap_or_default();
    let told = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    told.map(|told| told["title"].as_str().unwrap().to_owned()).collect()
}

/// Waits until the hook was told so much, and that is written down.
fn hears(scene: &Scene, n: usize) {
    hook::at_last(&scene.page, || (heard(scene).len() >= n).then_some(()));
    hook::at_last(&scene.page, || {
        let newest = hook::newest(&scene.home.state(), Sink::Hook)?;
        (newest.state == DeliveryState::Shown).then_some(())
    });
}

/// The hook's runner is killed until it is left alone.
fn wear_out(scene: &Scene, daemon: &mut Daemon) {
    for again in [true, true, true, false] {
        let pid = runner(&scene.page, daemon);
        signal("-KILL", &pid);
        match again {
            true => daemon.says("the process that runs notify.hook is there again"),
            false => daemon.says("as often before: no hook is run for 10 min, pop-ups go on"),
        };
    }
}

#[test]
fn fault_44_the_runner_is_killed_and_comes_back() {
    let mut fault = Fault::new(44, "the runner is killed: it comes back, by itself or by SIGHUP");
    let scene = Scene::new();
    hook::script(&scene.home, &scene.page, "{ cat; echo; } >>log");
    let mut daemon = scene.home.daemon();
    scene.polls();
    signal("-KILL", &runner(&scene.page, &daemon));
    let line = daemon.says("the process that runs notify.hook is gone");
    assert!(line.contains("(ended by signal 9), and is started again"), "{line}");
    daemon.says("the process that runs notify.hook is there again");
    goes_on(&scene, &mut fault, 0, || true);
    hears(&scene, 1);
    // One that was killed while it stood still over a notice: that is told again, once.
    let pid = runner(&scene.page, &daemon);
    signal("-STOP", &pid);
    goes_on(&scene, &mut fault, 1, || is_stopped(&pid));
    signal("-KILL", &pid);
    daemon.says("the process that runs notify.hook is there again");
    hears(&scene, 2);
    scene.polls();
    assert!(scene.home.status().0["daemon"]["hook_lost"].is_null());
    daemon.signal("-HUP");
    daemon.says("the configuration was read again");
    wear_out(&scene, &mut daemon);
    scene.polls();
    let said = |args: &[&str]| text(&scene.home.run(args).stdout);
    let lost = "notify.hook is not run: the process that runs it ends again and again";
    assert!(said(&["status"]).contains(lost), "{}", said(&["status"]));
    let doctor = said(&["doctor"]);
    assert!(doctor.contains(&format!("FIX  hook      {lost}")), "{doctor}");
    goes_on(&scene, &mut fault, 2, || children(&keeper(&daemon)).is_none());
    daemon.signal("-HUP");
    daemon.says("the process that runs notify.hook is there again");
    hears(&scene, 3);
    goes_on(&scene, &mut fault, 3, || true);
    hears(&scene, 4);
    let titles = OUTAGE.map(|(_, title)| title);
    fault.shown(&titles, &scene.server);
    fault.heard(&titles, &heard(&scene));
    last_words(daemon);
    fault.end();
}

#[test]
fn fault_44_the_runner_and_its_keeper_are_killed() {
    let mut fault =
        Fault::new(44, "the runner and who starts it are killed: seen in status, doctor");
    let scene = Scene::new();
    hook::script(&scene.home, &scene.page, "{ cat; echo; } >>log");
    let mut daemon = scene.home.daemon();
    scene.polls();
    // One of them alone is no loss.
    let (first, pid) = (keeper(&daemon), runner(&scene.page, &daemon));
    signal("-KILL", &first);
    goes_on(&scene, &mut fault, 0, || true);
    hears(&scene, 1);
    signal("-KILL", &pid);
    daemon.says("the process that runs notify.hook is gone, and the one that starts it, too");
    scene.polls();
    let said = |args: &[&str]| text(&scene.home.run(args).stdout);
    assert!(said(&["status"]).contains("notify.hook is not run: the process that runs it is gone"));
    assert!(said(&["doctor"]).contains("FIX  hook      notify.hook is not run"));
    goes_on(&scene, &mut fault, 1, || true);
    last_words(daemon);
    // What it could not be told is told at the next start.
    let daemon = scene.home.daemon();
    hears(&scene, 2);
    last_words(daemon);
    let titles = OUTAGE.map(|(_, title)| title);
    fault.shown(&titles[..2], &scene.server);
    fault.heard(&titles[..2], &heard(&scene));
    fault.end();
}

#[test]
fn fault_44_the_daemon_is_killed() {
    let mut fault = Fault::new(44, "kill -9 of the daemon: nobody who ran its hooks is left");
    let scene = Scene::new();
    hook::script(&scene.home, &scene.page, "{ cat; echo; } >>log");
    for worn_out in [false, true] {
        let mut daemon = scene.home.daemon();
        scene.polls();
        let mut left = vec![keeper(&daemon), runner(&scene.page, &daemon)];
        if worn_out {
            wear_out(&scene, &mut daemon);
            left.pop();
        } else {
            signal("-STOP", &left[1]);
        }
        daemon.kill();
        fault.injected(1);
        for pid in left {
            while !hook::is_gone(&pid) {
                std::thread::yield_now();
            }
        }
    }
    fault.shown(&[], &scene.server);
    fault.end();
}
