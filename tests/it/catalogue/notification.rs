//! Lines 31 to 35 and 41: the desktop. (36, the hook command, is in a place of its own.)

use ccwatch::platform::clock::now;
use ccwatch_core::notice::DeliveryState;
use ccwatch_core::notice::sink::Sink;
use rusqlite::Connection;

use super::hook::kill_runner;
use super::*;
use crate::daemon::OUTAGE;
use crate::desktop::{Bus, Character, Server, Shown};
use crate::hook::{self, at_last};
use crate::shim::Shim;

#[test]
fn fault_31_no_server_at_login_and_one_that_restarts() {
    let mut fault = Fault::new(31, "no notification server at login; it restarts");
    let dir = tempfile::tempdir().unwrap();
    let bus = Bus::start(dir.path());
    let page = FakePage::start();
    let home = Home::on(&page, bus.address());
    let mut daemon = home.daemon();
    page.set(OUTAGE[0].0);
    daemon.says("Partial outage: ");
    let server = Server::start(&bus, &["body"]);
    server.wait_for(1, PATIENCE);
    more(&page, 6);
    fault.shown(&[OUTAGE[0].1], &server);
    fault.injected(1);
    server.stop();
    page.set(OUTAGE[1].0);
    daemon.says("Major outage: ");
    page.set(OUTAGE[2].0);
    daemon.says("Fix out, try again: ");
    // It was tried, and found nobody: nothing is on its way any more.
    at_last(&page, || hook::newest(&home.state(), Sink::Desktop)?.why);
    let server = Server::start(&bus, &["body"]);
    server.wait_for(1, PATIENCE);
    more(&page, 6);
    // Only what still holds: the newest.
    fault.shown(&[OUTAGE[2].1], &server);
    fault.injected(1);
    fault.end();
}

#[test]
fn fault_32_killed_between_showing_and_marking() {
    let mut fault = Fault::new(32, "kill -9 between showing and marking");
    let scene = Scene::new();
    let mut daemon = scene.home.daemon();
    scene.polls();
    scene.server.freeze();
    scene.page.set(OUTAGE[0].0);
    daemon.says("Partial outage: ");
    more(&scene.page, 3);
    // It can't be marked while somebody else writes.
    let other = Connection::open(database(&scene.home)).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    scene.server.thaw();
    scene.server.wait_for(1, PATIENCE);
    daemon.kill();
    fault.injected(1);
    fault.may_repeat(1);
    other.execute_batch("COMMIT").unwrap();
    for _ in 0..2 {
        let daemon = scene.home.daemon();
        scene.server.wait_for(2, PATIENCE);
        scene.is_marked();
        scene.polls();
        daemon.kill();
    }
    fault.shown(&[OUTAGE[0].1], &scene.server);
    fault.end();
}

#[test]
fn fault_33_a_call_that_hangs() {
    let mut fault = Fault::new(33, "the notification server does not answer");
    let scene = Scene::new();
    let mut daemon = scene.home.daemon();
    scene.polls();
    scene.server.freeze();
    let since = now();
    scene.page.set(OUTAGE[0].0);
    daemon.says("Partial outage: ");
    let polls = scene.page.requests().len();
    at_last(&scene.page, || {
        let stored = notices(&scene.home);
        let notice = stored.first()?;
        assert_eq!(
            notice.state(Sink::Desktop),
            Some(DeliveryState::Pending),
            "not marked before it is"
        );
        (notice.deliveries[&Sink::Desktop].unanswered == 1).then_some(())
    });
    let waited = now().duration_since(since).as_secs_f64();
    assert!(waited >= 5.0, "given up after 5 s: {waited}");
    let polls = scene.page.requests().len() - polls;
    assert!(polls >= 3, "polling goes on meanwhile: {polls}");
    fault.injected(1);
    scene.server.thaw();
    // The server still has the call that was given up: that it answers is enough.
    scene.server.wait_for(1, PATIENCE);
    at_last(&scene.page, || {
        (notices(&scene.home).remove(0).state(Sink::Desktop) == Some(DeliveryState::Shown))
            .then_some(())
    });
    // What comes next takes its place.
    scene.page.set(OUTAGE[1].0);
    scene.server.wait_for(2, PATIENCE);
    scene.polls();
    fault.shown(&OUTAGE.map(|(_, title)| title)[..2], &scene.server);
    assert_eq!(scene.server.list().len(), 1);
    fault.end();
}

/// The server may have shown it, or may still: nobody will know which bubble it is, but its end is
/// told.
#[test]
fn fault_33_stopped_while_a_call_hangs() {
    let mut fault = Fault::new(33, "SIGTERM while the notification server does not answer");
    // Where both come at once, GNOME takes the first away before anybody can read it.
    for (thaws_first, character) in [(true, Character::Gnome), (false, Character::Plain)] {
        let scene = Scene::on(character);
        let mut daemon = scene.home.daemon();
        scene.polls();
        scene.server.freeze();
        scene.page.set(OUTAGE[0].0);
        daemon.says("Partial outage: ");
        // The call hangs still when it has ended.
        last_words(daemon);
        if thaws_first {
            scene.server.thaw();
            scene.server.wait_for(1, PATIENCE);
        }
        scene.page.set(OUTAGE[3].0);
        let mut daemon = scene.home.daemon();
        daemon.says("Back: ");
        scene.server.thaw();
        scene.server.wait_for(2, PATIENCE);
        scene.polls();
        fault.injected(1);
        fault.shown(&[OUTAGE[0].1, OUTAGE[3].1], &scene.server);
        last_words(daemon);
    }
    fault.end();
}

#[test]
fn fault_34_a_restart_is_silent() {
    let mut fault = Fault::new(34, "stopped and killed, started again, nothing changed");
    let scene = Scene::new();
    scene.page.set(OUTAGE[0].0);
    let mut daemon = scene.home.daemon();
    scene.server.wait_for(1, PATIENCE);
    for round in 0..6 {
        scene.is_marked();
        scene.polls();
        if round % 2 == 0 {
            drop(daemon.stop())
        } else {
            daemon.kill()
        }
        daemon = scene.home.daemon();
        fault.injected(1);
    }
    scene.polls();
    fault.shown(&[OUTAGE[0].1], &scene.server);
    fault.end();
}

#[test]
fn fault_35_changed_while_off() {
    let mut fault = Fault::new(35, "the page changed while ccwatch was off");
    let scene = Scene::new();
    let mut daemon = scene.home.daemon();
    scene.polls();
    for (n, (change, _)) in OUTAGE.into_iter().enumerate() {
        daemon.stop();
        scene.page.set(change);
        daemon = scene.home.daemon();
        scene.server.wait_for(n + 1, PATIENCE);
        scene.polls();
        fault.injected(1);
    }
    fault.shown(&OUTAGE.map(|(_, title)| title), &scene.server);
    fault.end();
}

/// Stopped with an outage that nobody was there to show, and started on another page, a minute and
/// three days later.
fn starts_with_what_waited(
    fault: &mut Fault,
    turn: fn(&mut PageModel),
    fails: bool,
    said: &[&str],
) {
    for later in [60, 3 * 24 * 3600] {
        starts_later_with_what_waited(fault, later, turn, fails, said);
    }
}

fn starts_later_with_what_waited(
    fault: &mut Fault,
    later: i64,
    turn: fn(&mut PageModel),
    fails: bool,
    said: &[&str],
) {
    let shim = Shim::new();
    shim.clock(later);
    let dir = tempfile::tempdir().unwrap();
    let bus = Bus::start(dir.path());
    let page = FakePage::start();
    let home = Home::on(&page, bus.address());
    hook::script(&home, &page, "exit 0");
    let mut daemon = home.daemon();
    more(&page, 3);
    // Neither a server nor a hook.
    kill_runner(&page, &daemon);
    daemon.says("the process that runs notify.hook is gone");
    page.set(OUTAGE[0].0);
    daemon.says("Partial outage: ");
    more(&page, 3);
    daemon.stop();
    page.set(turn);
    if fails {
        page.always(Answer::status(500));
    }
    hook::script(&home, &page, "{ printf '%s\\n' \"$CCWATCH_TITLE\"; } >>heard");
    let server = Server::start(&bus, &["body"]);
    let mut daemon = shim.daemon(&home);
    if fails {
        daemon.says("the page's own server fails");
    }
    if !said.is_empty() {
        server.wait_for(said.len(), PATIENCE);
    }
    let heard = || std::fs::read_to_string(home.path().join("heard")).unwrap_or_default();
    at_last(&page, || (heard().lines().count() >= said.len()).then_some(()));
    // While the page fails each pause is twice as long as the one before.
    more(&page, if fails { 2 } else { 8 });
    fault.injected(1);
    fault.shown(said, &server);
    fault.heard(said, &heard().lines().collect::<Vec<_>>());
    daemon.stop();
}

#[test]
fn fault_41_what_waited_at_a_stop_is_not_told_against_the_page() {
    let mut fault = Fault::new(41, "stopped with an untold outage, started on another page");
    starts_with_what_waited(&mut fault, |page| *page = PageModel::default(), false, &[]);
    starts_with_what_waited(&mut fault, |_| {}, true, &[]);
    starts_with_what_waited(&mut fault, |_| {}, false, &[OUTAGE[0].1]);
    starts_with_what_waited(&mut fault, OUTAGE[1].0, false, &[OUTAGE[1].1]);
    let another = |page: &mut PageModel| {
        *page = PageModel::default();
        breaks(page);
    };
    starts_with_what_waited(&mut fault, another, false, &[MAJOR]);
    fault.end();
}

#[test]
fn fault_56_servers_as_strict_as_the_strictest() {
    let mut fault =
        Fault::new(56, "clicks and a restart, on servers that refuse, block, cut or keep");
    for character in Character::ALL {
        let scene = Scene::on(character);
        let mut daemon = scene.home.daemon();
        let titles = OUTAGE.map(|(_, title)| scene.server.cut(title));
        for (n, (change, _)) in OUTAGE.into_iter().enumerate() {
            scene.page.set(change);
            let id = scene.server.wait_for(n + 1, PATIENCE)[n].id;
            scene.is_marked();
            scene.polls();
            match n {
                1 => {
                    scene.server.click(id);
                    scene.server.wait_until_gone(id);
                }
                2 => {
                    daemon.kill();
                    daemon = scene.home.daemon();
                }
                _ => {}
            }
            fault.injected(1);
        }
        let of = |all: Vec<Shown>| all.into_iter().map(|shown| shown.title).collect::<Vec<_>>();
        let titles = titles.each_ref().map(String::as_str);
        fault.heard(&titles, &of(scene.server.seen()));
        for there in [scene.server.screen(), scene.server.list()].map(of) {
            let is_back = there.len() == 1 && there[0].starts_with(titles[3]);
            assert!(is_back, "{character:?}: {there:?}");
        }
        last_words(daemon);
    }
    fault.end();
}
