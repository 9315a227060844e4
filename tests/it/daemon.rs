//! The daemon as a whole: the built program, a fake page, a real bus, real signals, real files.
#![cfg(target_os = "linux")]

use ccwatch_core::notice::DeliveryState;
use ccwatch_core::notice::sink::Sink;
use serde_json::json;

use crate::desktop::{Bus, Character, Notified, PATIENCE, Server, Shown};
use crate::hook::{at_last, newest};
use crate::page::{API, Answer, CLAUDE_CODE, FakePage, PageModel, SOON};
use crate::program::{Daemon, Home};

const CAPABILITIES: &[&str] = &["body", "body-markup", "actions"];

/// A page, a desktop and a user at it.
pub(crate) struct Scene {
    pub(crate) page: FakePage,
    pub(crate) server: Server,
    pub(crate) home: Home,
    bus: Bus,
    _dir: tempfile::TempDir,
}

impl Scene {
    /// On the strictest of desktops.
    pub(crate) fn new() -> Self {
        Self::on(Character::Gnome)
    }

    pub(crate) fn on(character: Character) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let bus = Bus::start(dir.path());
        let page = FakePage::start();
        let server = Server::with(character, &bus, CAPABILITIES);
        let home = Home::on(&page, bus.address());
        Self { page, server, home, bus, _dir: dir }
    }

    /// The server ends, and a new one comes.
    pub(crate) fn restart_server(&mut self, character: Character) {
        self.server.leave();
        self.server = Server::with(character, &self.bus, CAPABILITIES);
    }

    /// After `n` calls, the user has just seen what begins with `title`, and nothing else is there
    /// any more.
    #[track_caller]
    fn shows_only(&self, n: usize, title: &str) {
        let log = self.server.wait_for(n, PATIENCE);
        assert!(log[n - 1].summary.starts_with(title), "{title}: {:?}", titles(&log));
        self.is_marked();
        self.polls();
        assert_eq!(self.server.log().len(), n, "{:?}", titles(&self.server.log()));
        let title = self.server.cut(&log[n - 1].summary);
        let of = |all: Vec<Shown>| all.into_iter().map(|shown| shown.title).collect::<Vec<_>>();
        assert_eq!(of(self.server.seen()).len(), n);
        assert_eq!(of(self.server.seen()).last(), Some(&title));
        assert_eq!(of(self.server.screen()), [title.as_str()]);
        assert_eq!(of(self.server.list()), [title.as_str()]);
    }

    /// The newest message is written down as shown: its pop-up comes before that, and who is killed
    /// in between repeats it.
    pub(crate) fn is_marked(&self) {
        at_last(&self.page, || {
            let newest = newest(&self.home.state(), Sink::Desktop)?;
            (newest.state == DeliveryState::Shown).then_some(())
        });
    }

    /// Two more whole polls: whatever the page says now has been taken in.
    pub(crate) fn polls(&self) {
        let asked = |page: &FakePage| {
            page.requests().iter().filter(|seen| seen.path.contains("summary")).count()
        };
        let before = asked(&self.page);
        let mut total = self.page.requests().len();
        while asked(&self.page) < before + 3 {
            total += 1;
            self.page.wait_for_requests(total, SOON);
        }
    }
}

/// The steps of an outage, and what the bubble must say after each.
pub(crate) type Step = (fn(&mut PageModel), &'static str);
pub(crate) const OUTAGE: [Step; 4] = [
    (
        |page| {
            page.set_status(CLAUDE_CODE, "partial_outage", "2026-11-01T10:00:00Z");
            page.post("abc", "Elevated errors", "major", "2026-11-01T10:00:00Z", &[CLAUDE_CODE]);
        },
        "Partial outage: Claude Code",
    ),
    (
        |page| {
            page.set_status(CLAUDE_CODE, "major_outage", "2026-11-01T10:05:00Z");
            page.update("abc", "identified", "Found it.", "2026-11-01T10:05:00Z");
        },
        "Major outage: Claude Code",
    ),
    (
        |page| page.update("abc", "monitoring", "Fixed.", "2026-11-01T10:10:00Z"),
        "Fix out, try again: Claude Code",
    ),
    (
        |page| {
            page.set_status(CLAUDE_CODE, "operational", "2026-11-01T10:20:00Z");
            page.update("abc", "resolved", "Over.", "2026-11-01T10:20:00Z");
        },
        // How long it took is the machine's matter.
        "Back: Claude Code, after ",
    ),
];

fn titles(log: &[Notified]) -> Vec<&str> {
    log.iter().map(|notified| notified.summary.as_str()).collect()
}

/// At no time more than one bubble, and where the server allows it always the same.
fn one_bubble(character: Character, server: &Server) {
    assert_eq!(server.refused(), 0);
    let ids: Vec<u32> = server.log().iter().map(|notified| notified.id).collect();
    if character == Character::Small {
        assert!(ids.iter().all(|id| *id == ids[0]), "one bubble: {ids:?}");
    }
}

#[test]
fn an_outage_is_one_bubble_from_start_to_recovery() {
    for character in Character::ALL {
        let scene = Scene::on(character);
        let daemon = scene.home.daemon();
        scene.polls();
        assert_eq!(scene.server.log(), [], "a green first start is silent");
        for (n, (change, title)) in OUTAGE.into_iter().enumerate() {
            scene.page.set(change);
            scene.shows_only(n + 1, title);
        }
        let log = scene.server.log();
        one_bubble(character, &scene.server);
        assert!(log.iter().all(|notified| notified.sender == log[0].sender), "one connection");
        let urgencies: Vec<Option<u8>> = log.iter().map(|notified| notified.urgency).collect();
        assert_eq!(urgencies, [Some(1), Some(2), Some(1), Some(1)]);
        assert!(daemon.stop().0.success());
    }
}

#[test]
fn killed_and_started_again_at_each_step_it_misses_nothing_and_repeats_nothing() {
    for character in Character::ALL {
        let scene = Scene::on(character);
        let mut daemon: Option<Daemon> = None;
        for (n, (change, title)) in OUTAGE.into_iter().enumerate() {
            if let Some(daemon) = daemon.take() {
                daemon.kill();
            }
            scene.page.set(change);
            daemon = Some(scene.home.daemon());
            scene.shows_only(n + 1, title);
            if let Some(daemon) = daemon.take() {
                daemon.kill();
            }
            daemon = Some(scene.home.daemon());
            scene.shows_only(n + 1, title);
        }
        one_bubble(character, &scene.server);
    }
}

#[test]
fn a_clicked_bubble_is_gone_and_the_next_news_is_a_new_one() {
    for character in Character::ALL {
        let scene = Scene::on(character);
        let _daemon = scene.home.daemon();
        for (n, (change, title)) in OUTAGE.into_iter().enumerate() {
            scene.page.set(change);
            scene.shows_only(n + 1, title);
            let id = scene.server.log()[n].id;
            scene.server.click(id);
            // The daemon heard of it.
            scene.server.wait_until_asked_to_close(id);
            scene.server.wait_until_gone(id);
        }
        assert!(scene.server.log().iter().all(|notified| notified.replaces_id == 0));
    }
}

#[test]
fn what_is_to_stay_is_shown_once_more_when_the_server_was_started_anew() {
    for character in Character::ALL {
        let mut scene = Scene::on(character);
        let _daemon = scene.home.daemon();
        scene.polls();
        scene.page.set(OUTAGE[0].0);
        scene.shows_only(1, OUTAGE[0].1);
        // Not critical: it would have gone by itself.
        scene.restart_server(character);
        scene.polls();
        assert_eq!(scene.server.log(), []);
        scene.page.set(OUTAGE[1].0);
        scene.shows_only(1, OUTAGE[1].1);
        scene.restart_server(character);
        scene.shows_only(1, OUTAGE[1].1);
        scene.restart_server(character);
        scene.polls();
        assert_eq!(scene.server.log(), [], "once");
        scene.page.set(OUTAGE[2].0);
        scene.shows_only(1, OUTAGE[2].1);
    }
}

/// Before the server ends, or while that happens.
#[test]
fn what_is_to_stay_is_shown_once_more_though_the_daemon_was_started_anew_too() {
    for character in Character::ALL {
        for daemon_is_there in [true, false] {
            let mut scene = Scene::on(character);
            let daemon = scene.home.daemon();
            for (n, (change, title)) in OUTAGE.into_iter().take(2).enumerate() {
                scene.page.set(change);
                scene.shows_only(n + 1, title);
            }
            assert!(daemon.stop().0.success());
            let mut daemon = daemon_is_there.then(|| scene.home.daemon());
            if daemon.is_some() {
                scene.polls();
            }
            scene.restart_server(character);
            let _daemon = daemon.take().unwrap_or_else(|| scene.home.daemon());
            scene.shows_only(1, OUTAGE[1].1);
            scene.restart_server(character);
            scene.polls();
            assert_eq!(scene.server.log(), [], "once");
            scene.page.set(OUTAGE[3].0);
            scene.shows_only(1, OUTAGE[3].1);
        }
    }
}

#[test]
fn what_was_over_by_then_is_not_shown_once_more() {
    let mut scene = Scene::new();
    let daemon = scene.home.daemon();
    for (n, (change, title)) in OUTAGE.into_iter().take(2).enumerate() {
        scene.page.set(change);
        scene.shows_only(n + 1, title);
    }
    daemon.kill();
    scene.page.set(OUTAGE[3].0);
    scene.restart_server(Character::Gnome);
    let _daemon = scene.home.daemon();
    scene.shows_only(1, OUTAGE[3].1);
    let history = scene.home.run(&["history", "--notices"]);
    let history = String::from_utf8(history.stdout).unwrap();
    assert_eq!(history.matches("; shown)").count(), 3, "it was told, and stays so: {history}");
}

/// Who left a bubble hears of it on servers that tell everyone.
#[test]
fn what_an_earlier_daemon_showed_and_the_user_dismissed_is_not_shown_again() {
    for character in [Character::Lxqt, Character::Small, Character::Plain] {
        let mut scene = Scene::on(character);
        let daemon = scene.home.daemon();
        for (n, (change, title)) in OUTAGE.into_iter().take(2).enumerate() {
            scene.page.set(change);
            scene.shows_only(n + 1, title);
        }
        daemon.kill();
        let _daemon = scene.home.daemon();
        // It listens from before it asks the server what that can do.
        scene.server.wait_for_clients(2);
        scene.polls();
        let id = scene.server.log()[1].id;
        scene.server.close(id, 2);
        scene.polls();
        scene.restart_server(character);
        scene.polls();
        assert_eq!(scene.server.log(), [], "{character:?}");
    }
}

#[test]
fn what_was_dismissed_or_clicked_is_not_shown_again() {
    for character in Character::ALL {
        for click in [true, false] {
            let mut scene = Scene::on(character);
            let _daemon = scene.home.daemon();
            for (n, (change, title)) in OUTAGE.into_iter().take(2).enumerate() {
                scene.page.set(change);
                scene.shows_only(n + 1, title);
            }
            let id = scene.server.log()[1].id;
            match click {
                true => scene.server.click(id),
                false => scene.server.close(id, 2),
            }
            scene.server.wait_until_gone(id);
            scene.polls();
            scene.restart_server(character);
            scene.polls();
            assert_eq!(scene.server.log(), [], "{character:?}");
        }
    }
}

#[test]
fn a_red_first_start_tells_what_is_wrong_and_a_restart_is_silent() {
    let scene = Scene::new();
    scene.page.set(OUTAGE[0].0);
    let daemon = scene.home.daemon();
    let log = scene.server.wait_for(1, PATIENCE);
    assert_eq!(titles(&log), ["Partial outage: Claude Code"]);
    scene.is_marked();
    daemon.kill();
    let _daemon = scene.home.daemon();
    scene.polls();
    assert_eq!(scene.server.log().len(), 1);
}

#[test]
fn changed_while_off_gives_exactly_one() {
    let scene = Scene::new();
    let daemon = scene.home.daemon();
    scene.polls();
    let (status, ..) = daemon.stop();
    assert!(status.success());
    scene.page.set(|page| page.set_status(API, "major_outage", "2026-11-01T10:00:00Z"));
    let _daemon = scene.home.daemon();
    scene.server.wait_for(1, PATIENCE);
    scene.polls();
    assert_eq!(titles(&scene.server.log()), ["Major outage: Claude API"]);
}

#[test]
fn no_fault_of_the_network_or_of_the_data_changes_a_level() {
    let faults: [fn() -> Answer; 15] = [
        || Answer::status(500),
        || Answer::status(503),
        || Answer::status(429),
        || Answer::status(202),
        || Answer::status(403),
        || Answer::status(405),
        || Answer::status(511),
        || Answer::html("<html>Sign in</html>"),
        || Answer::redirect("http://127.0.0.1:1/elsewhere"),
        Answer::short_body,
        Answer::endless_header,
        Answer::gzip_bomb,
        || Answer::json("{"),
        || Answer::json("{}"),
        || {
            Answer::json(
                r#"{"page":{"id":"another"},"components":[{"id":"x","status":"major_outage"}]}"#,
            )
        },
    ];
    for (n, fault) in faults.into_iter().enumerate() {
        let page = FakePage::start();
        let home = Home::new(&page);
        let mut daemon = home.daemon();
        page.wait_for_requests(3, SOON);
        page.always(fault());
        daemon.says("WARN");
        // Said before it is written down.
        page.wait_for_requests(page.requests().len() + 2, SOON);
        let (status, _) = home.status();
        let levels: Vec<&str> = status["components"]
            .as_array()
            .unwrap()
            .iter()
            .map(|c| c["level"].as_str().unwrap())
            .collect();
        assert_eq!(levels, ["operational"; 6], "fault {n}");
        assert!(status["reading"]["error"].is_string(), "fault {n}: {status}");
        page.heal();
        daemon.says("can be read again");
        let (_, _, said) = daemon.stop();
        assert!(!said.contains("outage") && !said.contains("->"), "fault {n}: {said}");
    }
}

#[test]
fn a_second_daemon_ends_with_75_and_names_the_first() {
    let page = FakePage::start();
    let home = Home::new(&page);
    let daemon = home.daemon();
    page.wait_for_requests(1, SOON);
    let (status, said) = home.daemon().ends();
    assert_eq!(status.code(), Some(75));
    assert!(said.contains(&format!("process {}, since 20", daemon.pid())), "{said}");
    daemon.kill();
    let again = home.daemon();
    page.wait_for_requests(page.requests().len() + 1, SOON);
    assert!(again.stop().0.success(), "after kill -9 a new one starts at once");
}

#[test]
fn a_deleted_lock_is_made_again_and_one_that_another_holds_ends_the_daemon_with_75() {
    let page = FakePage::start();
    let home = Home::new(&page);
    let mut daemon = home.daemon();
    page.wait_for_requests(1, SOON);
    let lock = home.state().join("ccwatch.lock");
    std::fs::remove_file(&lock).unwrap();
    daemon.says("the lock file was deleted or replaced: it was made again");
    let (status, said) = home.daemon().ends();
    assert_eq!(status.code(), Some(75), "{said}");
    let others = home.path().join("others");
    let file = std::fs::File::create(&others).unwrap();
    file.lock().unwrap();
    std::fs::rename(&others, &lock).unwrap();
    let (status, said) = daemon.ends();
    assert_eq!(status.code(), Some(75), "{said}");
    assert!(said.contains("another daemon took it: this one stops"), "{said}");
}

#[test]
fn without_a_desktop_the_notice_is_in_the_log_and_the_start_says_why() {
    let page = FakePage::start();
    let home = Home::new(&page);
    let mut daemon = home.daemon();
    daemon.says("pop-ups aren't possible here (no session bus");
    page.set(OUTAGE[0].0);
    let line =
        daemon.says("Partial outage: Claude Code. Claude Code: Elevated errors (investigating");
    assert!(line.contains(" INFO "), "{line}");
}

#[test]
fn a_late_notification_server_gets_the_newest_state_once() {
    let dir = tempfile::tempdir().unwrap();
    let bus = Bus::start(dir.path());
    let page = FakePage::start();
    let home = Home::on(&page, bus.address());
    let mut daemon = home.daemon();
    page.set(OUTAGE[0].0);
    daemon.says("Partial outage: ");
    page.set(OUTAGE[1].0);
    daemon.says("Major outage: ");
    // It was tried, and found nobody: nothing is on its way any more.
    at_last(&page, || newest(&home.state(), Sink::Desktop)?.why);
    let server = Server::start(&bus, CAPABILITIES);
    assert_eq!(titles(&server.wait_for(1, PATIENCE)), ["Major outage: Claude Code"]);
    page.wait_for_requests(page.requests().len() + 4, SOON);
    assert_eq!(server.log().len(), 1);
}

#[test]
fn sighup_reads_the_configuration_again_and_keeps_the_old_one_if_it_is_wrong() {
    let page = FakePage::start();
    let home = Home::new(&page);
    let mut daemon = home.daemon();
    page.wait_for_requests(1, SOON);
    std::fs::write(home.config(), "[poll]\nintervall = \"1s\"\n").unwrap();
    daemon.signal("-HUP");
    daemon.says("the old configuration stays in force");
    page.wait_for_requests(page.requests().len() + 2, SOON);
    let watch = "[watch]\ncomponents = [\"Claude Cowork\"]\n[poll]\ninterval = \"40ms\"";
    home.configure(&page.url(), "", watch);
    daemon.signal("-HUP");
    daemon.says("the configuration was read again");
    page.set(|page| page.set_status("bpp5gb3hpjcl", "major_outage", "2026-11-01T10:00:00Z"));
    daemon.says("Major outage: Claude Cowork. ");
}

#[test]
fn it_stops_at_once_while_the_page_does_not_answer() {
    let page = FakePage::start();
    page.always(Answer::Silence);
    let home = Home::new(&page);
    let daemon = home.daemon();
    page.wait_for_requests(1, SOON);
    assert!(daemon.stop().0.success());
}

#[test]
fn a_recording_replays_to_the_notices_of_the_run() {
    let page = FakePage::start();
    let home = Home::new(&page);
    let file = home.path().join("recording.jsonl");
    let mut daemon = home.daemon_with(&["--record", file.to_str().unwrap()]);
    page.wait_for_requests(2, SOON);
    for (change, title) in OUTAGE {
        page.set(change);
        daemon.says(title);
    }
    page.always(Answer::status(500));
    daemon.says("the page's own server fails");
    assert!(daemon.stop().0.success());
    let output = home.run(&["replay", "--json", file.to_str().unwrap()]);
    let notices: Vec<serde_json::Value> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let titles: Vec<&str> = notices.iter().map(|n| n["title"].as_str().unwrap()).collect();
    assert_eq!(titles.len(), OUTAGE.len(), "{titles:?}");
    for (title, (_, begins)) in titles.iter().zip(OUTAGE) {
        assert!(title.starts_with(begins), "{begins}: {titles:?}");
    }
    let kinds: Vec<&str> = notices.iter().map(|n| n["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["outage", "worse", "fix_out", "back"]);
    assert_eq!(notices[0]["components"], json!([CLAUDE_CODE]));
    assert_eq!(notices[0]["incident"], json!("abc"));
    assert!(notices[3]["lasted_seconds"].is_u64(), "{}", notices[3]);
}
