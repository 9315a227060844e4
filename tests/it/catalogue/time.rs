//! Lines 20 and 37 to 39: time, and ways to end.

use std::process::Stdio;

use ccwatch::platform::clock::now;
use ccwatch_core::model::FailureKind;
use ccwatch_core::state::verdict::Verdict;
use jiff::SignedDuration;

use super::desk::Desk;
use super::*;
use crate::program::QUICK;
use crate::shim::Shim;

const DAY: i64 = 24 * 3600;

#[test]
fn fault_20_flapping_at_every_poll() {
    let mut fault = Fault::new(20, "another level at every poll for an hour, restarts between");
    for restart_every in [1000, 7, 2, 1] {
        let mut desk = Desk::new(at(0));
        desk.reads(at(0), &PageModel::default());
        for minute in 1..=60 {
            let mut page = red();
            let word = if minute % 2 == 1 { "major_outage" } else { "operational" };
            page.set_status(API, word, &at(minute).to_string());
            desk.reads(at(minute), &page);
            if minute % restart_every == 0 {
                desk.restart(at(minute));
            }
            fault.injected(1);
        }
        (61..90).for_each(|minute| desk.reads(at(minute), &well_again(60)));
        fault.heard(&[MAJOR, BACK], &desk.heard);
    }
    fault.end();
}

#[test]
fn fault_20_flapping_before_the_real_daemon() {
    let mut fault = Fault::new(20, "another level at every poll of the real daemon, kills between");
    let scene = Scene::new();
    // However late the page turns red again, it has not been well for so long.
    let settles = QUICK.replace("60ms", "1h");
    scene.home.configure(&scene.page.url(), "stale_after = \"10m\"", &settles);
    let mut daemon = Some(scene.home.daemon());
    outage(&scene);
    scene.is_marked();
    for minute in 1..=60 {
        let word = if minute % 2 == 0 { "major_outage" } else { "operational" };
        scene.page.set(|page| page.set_status(API, word, &at(minute).to_string()));
        more(&scene.page, 1);
        if minute % 12 == 0 {
            daemon.take().into_iter().for_each(Daemon::kill);
            daemon = Some(scene.home.daemon());
        }
        fault.injected(1);
    }
    scene.polls();
    fault.shown(&[MAJOR], &scene.server);
    fault.end();
}

#[test]
fn fault_37_eight_hours_of_suspend() {
    let mut fault = Fault::new(37, "eight hours of suspend, with and without a network after it");
    for failures in [0, 4] {
        let mut desk = Desk::new(at(0));
        desk.reads(at(0), &red());
        let woken = at(480);
        assert!(desk.due() <= woken, "due at once");
        assert_eq!(
            desk.monitor().state().verdict(woken),
            Verdict::Unknown,
            "what is old is not current"
        );
        let before = desk.asked.len();
        (0..3).for_each(|_| desk.wait(woken));
        assert_eq!(desk.asked.len(), before + 1, "one poll, not one for each that was missed");
        let mut now = woken;
        for _ in 0..failures {
            desk.fails(now, FailureKind::Dns, 0.999);
            let next = desk.due();
            assert!(next.duration_since(now) <= SignedDuration::from_secs(10), "{now} {next}");
            now = next;
            desk.wait(now);
        }
        desk.reads(now, &red());
        assert_eq!(desk.monitor().state().verdict(now), Verdict::Wait);
        let calm = desk.due().duration_since(now);
        assert!(calm >= SignedDuration::from_secs(27), "and no burst after it: {calm:?}");
        // Asleep again, and the outage is over on waking: told as long as it was.
        desk.reads(at(960), &well_again(600));
        // It asked the history how the night was; nobody answers here, and it goes on without.
        let next = desk.due();
        desk.reads(next, &well_again(600));
        let settled = desk.due();
        desk.reads(settled, &well_again(600));
        fault.injected(2);
        fault.heard(&[MAJOR, "Back: Claude API, after 10 h"], &desk.heard);
    }
    fault.end();
}

/// The process stands still, as in a suspend, and the clock that counts through it goes on.
#[test]
fn fault_37_the_real_daemon_stands_still() {
    let mut fault = Fault::new(37, "the real daemon stands still for two seconds");
    let scene = Scene::new();
    scene.home.configure(&scene.page.url(), "stale_after = \"1s\"", QUICK);
    let daemon = scene.home.daemon();
    outage(&scene);
    for _ in 0..2 {
        daemon.signal("-STOP");
        // Marked as stale as soon as it is.
        let stopped = now();
        loop {
            let (status, code) = scene.home.status();
            if status["verdict"] == "unknown" {
                assert_eq!(code, 3);
                break;
            }
            assert!(now().duration_since(stopped) < SignedDuration::from_secs(20), "{status}");
        }
        let before = scene.page.requests().len();
        let woken = now();
        daemon.signal("-CONT");
        scene.page.wait_for_requests(before + 1, SOON);
        println!("the first poll after {:?}", now().duration_since(woken));
        scene.page.wait_for_requests(before + 11, SOON);
        let ten = now().duration_since(woken);
        assert!(ten >= SignedDuration::from_millis(9 * 36), "a burst: ten polls in {ten:?}");
        scene.polls();
        fault.claims(&scene.home.status().0, &[(API, "major")]);
        fault.injected(1);
    }
    end_of_outage(&scene);
    fault.shown(&[MAJOR, BACK], &scene.server);
    fault.end();
}

#[test]
fn fault_38_a_clock_that_is_set() {
    let mut fault = Fault::new(38, "a clock set by a day, by 20 years, in virtual time");
    for hours in [-24 * 365 * 20, -24, -1, 1, 24] {
        let mut desk = Desk::new(at(0));
        desk.reads(at(0), &red());
        let by = SignedDuration::from_hours(hours);
        desk.clock_stepped(at(10) + by, by);
        let mut page = red();
        page.set_status(API, "operational", &at(11).to_string());
        for minutes in 11..20 {
            desk.reads(at(minutes) + by, &page);
        }
        fault.injected(1);
        fault.heard(&[MAJOR, "Back: Claude API, after 11 min"], &desk.heard);
    }
    fault.end();
}

/// Numbers in `value` whose name speaks of an age or a time that passed.
fn spans(value: &Value) -> Vec<f64> {
    match value {
        Value::Object(map) => map
            .iter()
            .flat_map(|(name, value)| {
                let span = name.contains("seconds").then(|| value.as_f64()).flatten();
                span.into_iter().chain(spans(value)).collect::<Vec<_>>()
            })
            .collect(),
        Value::Array(list) => list.iter().flat_map(spans).collect(),
        _ => Vec::new(),
    }
}

/// The real daemon and the real commands, on a clock that is a day off, or in 1970, and is set
/// right while it runs, or while it does not.
#[test]
fn fault_38_the_real_clock_is_wrong() {
    let mut fault =
        Fault::new(38, "the real daemon on a clock a day off or in 1970, set right later");
    let since_1970 = now().as_second();
    for offset in [DAY, -DAY, 60 - since_1970] {
        for restart in [false, true] {
            let scene = Scene::new();
            let shim = Shim::new();
            let sound = |claim: &str, fault: &mut Fault| {
                for args in [&["status", "--json"][..], &["history", "--json"], &["status"]] {
                    let output = shim.command(&scene.home, args).output().unwrap();
                    let said = text(&output.stdout);
                    assert!(output.status.code().unwrap() <= 3, "{args:?}: {said}");
                    let Ok(json) = serde_json::from_str::<Value>(&said) else { continue };
                    assert!(spans(&json).iter().all(|span| *span >= 0.0), "{json}");
                    if args[0] == "status" && !claim.is_empty() {
                        fault.claims(&json, &[(API, claim), (CLAUDE_CODE, "operational")]);
                    }
                }
            };
            shim.clock(offset);
            let mut daemon = shim.daemon(&scene.home);
            scene.polls();
            outage(&scene);
            sound("major", &mut fault);
            if restart {
                daemon.stop();
                shim.clock(0);
                sound("", &mut fault);
                daemon = shim.daemon(&scene.home);
            } else {
                shim.clock(0);
                daemon.says("the clock was set");
            }
            scene.polls();
            sound("major", &mut fault);
            end_of_outage(&scene);
            sound("operational", &mut fault);
            assert_eq!(chain(&scene.home), ["operational", "major", "operational"]);
            daemon.stop();
            fault.injected(1);
            fault.shown(&[MAJOR, BACK], &scene.server);
        }
    }
    fault.end();
}

/// The levels of the API, in the order in which they were written down, without a gap.
fn chain(home: &Home) -> Vec<String> {
    let db = rusqlite::Connection::open(database(home)).unwrap();
    let sql = "SELECT from_level, to_level FROM transitions WHERE component = ?1 ORDER BY id";
    let mut rows = db.prepare(sql).unwrap();
    let rows = rows.query_map([API], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    let rows: Vec<(String, String)> = rows.collect::<Result<_, _>>().unwrap();
    assert!(rows.windows(2).all(|pair| pair[0].1 == pair[1].0), "{rows:?}");
    rows.into_iter().map(|(_, to)| to).collect()
}

#[test]
fn fault_39_stopped_while_it_waits() {
    let mut fault = Fault::new(39, "SIGTERM in a name lookup, and while the page does not answer");
    for (lookup, answer) in [("hang", Answer::status(500)), ("", Answer::Silence)] {
        let scene = Scene::new();
        let url = scene.page.url().replace("127.0.0.1", "localhost");
        scene.home.configure(&url, "", QUICK);
        let shim = Shim::new();
        let mut daemon = shim.daemon(&scene.home);
        outage(&scene);
        scene.page.always(answer);
        shim.names(lookup);
        // One that was under way, and then none any more.
        scene.page.wait_for_requests(scene.page.requests().len(), SOON);
        if lookup.is_empty() {
            more(&scene.page, 1);
        } else {
            assert!(hangs_in_lookup(&daemon), "a thread that looks up a name");
        }
        // Neither the lookup nor the answer has come by then.
        last_words(daemon);
        fault.injected(1);
        // And nothing was lost by it.
        shim.names("");
        scene.page.heal();
        daemon = shim.daemon(&scene.home);
        end_of_outage(&scene);
        daemon.stop();
        fault.shown(&[MAJOR, BACK], &scene.server);
    }
    fault.end();
}

/// The runtime's own thread for lookups is there, and nothing ends it.
fn hangs_in_lookup(daemon: &Daemon) -> bool {
    let threads = || fs::read_dir(format!("/proc/{}/task", daemon.pid())).unwrap().count();
    let from = now();
    while now().duration_since(from) < SignedDuration::from_secs(20) {
        if threads() > 1 {
            return true;
        }
    }
    false
}

#[test]
fn fault_39_a_closed_pipe() {
    let mut fault = Fault::new(39, "commands whose reader is gone");
    let scene = Scene::new();
    let daemon = scene.home.daemon();
    outage(&scene);
    end_of_outage(&scene);
    daemon.stop();
    for args in [
        &["history"][..],
        &["history", "--json"],
        &["uptime"],
        &["status", "--all"],
        &["status", "--json"],
        &["config", "show"],
        &["completions", "bash"],
        &["doctor"],
    ] {
        let mut command = scene.home.command(args);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        let said = text(&output.stderr);
        assert!(
            !said.contains("panick") && output.status.code().is_some_and(|code| code < 4),
            "{args:?}: {said}"
        );
        fault.injected(1);
    }
    fault.shown(&[MAJOR, BACK], &scene.server);
    fault.end();
}
