//! The fault catalogue, line by line: what happens, and what must be seen of it.
//!
//! The built program wherever the fault is outside of it; a recording in its own time, replayed by
//! the built program, where the fault is one of time.
#![cfg(target_os = "linux")]
use std::fs;
use std::net::{Ipv4Addr, Ipv6Addr, TcpListener};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use ccwatch::core::model::{Endpoint, Host, Level};
use ccwatch::core::monitor::{self, Input, Monitor, Saved};
use ccwatch::core::notice::Progress;
use ccwatch::core::settings::Settings;
use ccwatch::core::verdict::Verdict;
use ccwatch::reading;
use ccwatch::store::{Reader, StoredNotice};
use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;
use serde_json::{Value, json};

use crate::daemon::{OUTAGE, Scene};
use crate::desktop::{Bus, PATIENCE, Server};
use crate::hook;
use crate::page::{API, Answer, CLAUDE_CODE, FakePage, PAGE_ID, PageModel, SOON, gzip};
use crate::program::{Daemon, Home};

const AT: &str = "2026-11-01T10:00:00Z";
const JSON: (&str, &str) = ("Content-Type", "application/json");

fn level(status: &Value, id: &str) -> String {
    let rows = status["components"].as_array().unwrap();
    rows.iter().find(|row| row["id"] == id).unwrap()["level"].as_str().unwrap().to_owned()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn more(page: &FakePage, requests: usize) {
    page.wait_for_requests(page.requests().len() + requests, SOON);
}

/// An outage is known; the fault begins, is named in the log, changes nothing, and goes.
fn outlives(faults: Vec<(Answer, &str)>) {
    let page = FakePage::start();
    let home = Home::new(&page);
    page.set(|page| page.set_status(API, "major_outage", AT));
    let mut daemon = home.daemon();
    daemon.says("Claude API: major outage. ");
    for (fault, words) in faults {
        page.always(fault);
        daemon.says(words);
        // Said before it is written down.
        more(&page, 2);
        let (status, code) = home.status();
        assert_eq!((level(&status, API).as_str(), code), ("major", 2), "{words}");
        assert_eq!(level(&status, CLAUDE_CODE), "operational", "{words}");
        assert!(status["reading"]["error"].is_string(), "{words}: {status}");
        page.heal();
        daemon.says("can be read again");
    }
    let (_, _, said) = daemon.stop();
    assert!(!said.contains("major ->") && !said.contains("back after"), "{said}");
}

/// Notices of the recording: kinds and titles.
fn replay(lines: &[Value]) -> Vec<(String, String)> {
    let page = FakePage::start();
    let home = Home::new(&page);
    home.configure("https://status.claude.com", "", "");
    let file = home.path().join("recording.jsonl");
    fs::write(&file, lines.iter().map(|line| format!("{line}\n")).collect::<String>()).unwrap();
    let output = home.run(&["replay", "--json", file.to_str().unwrap()]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let notice = |line: &str| serde_json::from_str::<Value>(line).unwrap();
    let word = |notice: &Value, key: &str| notice[key].as_str().unwrap().to_owned();
    text(&output.stdout)
        .lines()
        .map(notice)
        .map(|notice| (word(&notice, "kind"), word(&notice, "title")))
        .collect()
}

fn kinds(lines: &[Value]) -> Vec<String> {
    replay(lines).into_iter().map(|(kind, _)| kind).collect()
}

/// `minutes` after the beginning.
fn at(minutes: i64) -> Timestamp {
    AT.parse::<Timestamp>().unwrap() + SignedDuration::from_mins(minutes)
}

fn reads(minutes: i64, page: &PageModel) -> Value {
    json!({"at": at(minutes), "status": 200, "body": page.summary()})
}

fn fails(minutes: i64, error: &str) -> Value {
    json!({"at": at(minutes), "error": error})
}

fn red() -> PageModel {
    let mut page = PageModel::default();
    page.set_status(API, "major_outage", AT);
    page
}

fn well_again(minutes: i64) -> PageModel {
    let mut page = red();
    page.set_status(API, "operational", &at(minutes).to_string());
    page
}

fn database(home: &Home) -> PathBuf {
    home.state().join("ccwatch.db")
}

fn notices(home: &Home) -> Vec<StoredNotice> {
    Reader::open(&home.state()).unwrap().unwrap().notices(Timestamp::MIN).unwrap()
}

// --- network --------------------------------------------------------------------------------

#[test]
fn fault_01_offline_at_start() {
    let page = FakePage::start();
    let home = Home::new(&page);
    let daemon = home.daemon();
    more(&page, 3);
    daemon.stop();
    drop(page);
    let mut daemon = home.daemon_with(&["-v"]);
    daemon.says("no connection to the page");
    // The second failure: the first one is written down.
    daemon.says("still no reading");
    let told = text(&home.run(&["status"]).stdout);
    assert!(told.contains("no connection to the page"), "{told}");
    let (status, _) = home.status();
    assert_eq!(level(&status, API), "operational");
    assert!(status["reading"]["age_seconds"].is_u64(), "{status}");
    let (_, _, said) = daemon.stop();
    assert!(!said.contains("outage"), "{said}");
    fs::remove_dir_all(home.state()).unwrap();
    let mut daemon = home.daemon_with(&["-v"]);
    daemon.says("still no reading");
    let (status, code) = home.status();
    assert_eq!((status["verdict"].as_str(), code), (Some("unknown"), 3));
}

#[test]
fn fault_02_dns_fails_after_resume() {
    let mut lines = vec![reads(0, &red())];
    // A night asleep, then a network that comes up slowly.
    lines.extend((0..9).map(|n| fails(480 + n, "dns")));
    lines.push(reads(489, &red()));
    assert_eq!(kinds(&lines), ["outage"]);
}

/// One look, by the real limits for it.
fn too_slow(answer: Answer) {
    let page = FakePage::start();
    let home = Home::new(&page);
    page.always(answer);
    let (status, code) = home.status();
    assert_eq!((status["verdict"].as_str(), code), (Some("unknown"), 3), "{status}");
    let error = status["reading"]["error"].to_string();
    assert!(error.contains("within 10 s"), "{error}");
}

#[test]
fn fault_03_accepted_and_never_answered() {
    too_slow(Answer::Silence);
}

#[test]
fn fault_04_one_byte_now_and_then() {
    let Answer::Stall(at_once) = Answer::stall_in_body() else { panic!("a stall") };
    let every = Duration::from_millis(300);
    too_slow(Answer::Drip { at_once, then: vec![b' '; 200], every });
}

#[test]
fn fault_05_a_stall_in_the_body() {
    let page = FakePage::start();
    let home = Home::new(&page);
    page.queue(Answer::stall_in_body());
    let mut daemon = home.daemon();
    daemon.says("the page's answer stopped half-way");
    daemon.says("can be read again");
}

#[test]
fn fault_06_broken_answers() {
    let Answer::Cut(begun) = Answer::short_body() else { panic!("a cut") };
    let mut bad = gzip(b"{}");
    bad.truncate(12);
    let zipped = [JSON, ("Content-Encoding", "gzip")];
    outlives(vec![
        (Answer::short_body(), "the page's answer broke off"),
        (Answer::Reset(begun), "the page's answer broke off"),
        (Answer::Reset(Vec::new()), "the page's answer broke off"),
        (Answer::new(200, &zipped, &bad), "the page's answer broke off"),
        (Answer::endless_header(), "the page's answer broke off"),
    ]);
}

#[test]
fn fault_07_a_certificate_that_is_not_trusted() {
    let authority = crate::fetch::authority();
    let config = crate::fetch::server(&authority, "127.0.0.1", [2020, 2090]);
    let page = FakePage::start_tls(config);
    let home = Home::new(&page);
    let mut daemon = home.daemon();
    daemon.says("check for a Wi-Fi sign-in page and that the clock of this machine is right");
    let (status, code) = home.status();
    assert_eq!((status["verdict"].as_str(), code), (Some("unknown"), 3));
    assert_eq!(page.requests().len(), 0, "nothing was asked over it");
}

#[test]
fn fault_08_captive_portals_and_bot_walls() {
    outlives(vec![
        (Answer::html("<html>Sign in</html>"), "a web page came instead"),
        (Answer::status(511), "sign in to the network"),
        (Answer::status(202), "asks for a human"),
        (Answer::status(405), "asks for a human"),
    ]);
}

#[test]
fn fault_09_redirects() {
    outlives(vec![
        (Answer::redirect("/api/v2/summary.json"), "the page sends us elsewhere"),
        (
            Answer::redirect("https://127.0.0.1:1/api/v2/summary.json"),
            "the page sends us elsewhere",
        ),
        (Answer::redirect("http://192.0.2.1/"), "the page sends us elsewhere"),
    ]);
}

#[test]
fn fault_10_slow_down() {
    let hour = SignedDuration::from_hours(1);
    let soon = SignedDuration::from_secs(10);
    for (status, after, least, most) in [
        (429, "soon", -soon, soon),
        (503, "-5", -soon, soon),
        (503, "315360000", hour - soon, hour),
        (429, "99999999999999999999", -soon, hour),
        (503, "Thu, 01 Jan 1970 00:00:00 GMT", -soon, soon),
        (429, "Fri, 01 Jan 2100 00:00:00 GMT", -soon, hour),
    ] {
        let page = FakePage::start();
        let home = Home::new(&page);
        let mut daemon = home.daemon();
        more(&page, 2);
        page.always_for("summary", Answer::new(status, &[("Retry-After", after)], b""));
        daemon.says("WARN");
        daemon.stop();
        let reader = Reader::open(&home.state()).unwrap().unwrap();
        let beat = reader.heartbeat().unwrap().unwrap();
        let pause = beat.next_poll.unwrap().duration_since(beat.beat_at);
        assert!((least..=most).contains(&pause), "{after}: {pause:?}");
        let saved = reader.saved().unwrap();
        let all_well = saved.components.iter().all(|c| c.level == Level::Operational);
        assert!(all_well && saved.components.len() == 6, "{after}");
    }
}

#[test]
fn fault_11_more_than_any_page() {
    let peak = |daemon: &Daemon| {
        let status = fs::read_to_string(format!("/proc/{}/status", daemon.pid())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap().to_owned();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap()
    };
    let page = FakePage::start();
    let home = Home::new(&page);
    let mut daemon = home.daemon();
    more(&page, 3);
    let before = peak(&daemon);
    for answer in [Answer::gzip_bomb(), Answer::endless_body()] {
        page.always(answer);
        daemon.says("larger than any status page");
        page.heal();
        daemon.says("can be read again");
    }
    let grown = peak(&daemon) - before;
    assert!(grown < 20_000, "grown by {grown} kB");
}

#[test]
fn fault_12_unchanged_without_a_body() {
    let page = FakePage::start();
    let home = Home::new(&page);
    page.queue(Answer::status(304));
    let mut daemon = home.daemon();
    daemon.says("says \"unchanged\" without having said anything");
    daemon.says("can be read again");
    let summaries = page.requests().into_iter().filter(|seen| seen.path.contains("summary"));
    let asked: Vec<_> = summaries.take(2).collect();
    assert!(asked.iter().all(|seen| seen.header("if-none-match").is_none()));
    more(&page, 2);
    assert_eq!(level(&home.status().0, API), "operational");
}

#[test]
fn fault_13_broken_ipv6() {
    let page = FakePage::start();
    let home = Home::new(&page);
    let port = page.url().rsplit(':').next().unwrap().to_owned();
    let free = TcpListener::bind((Ipv6Addr::LOCALHOST, port.parse().unwrap())).map(drop).is_ok();
    let v4 = TcpListener::bind((Ipv4Addr::LOCALHOST, port.parse().unwrap())).is_err();
    assert!(v4, "the page is on IPv4 only (IPv6 here: {free})");
    home.configure(&format!("http://localhost:{port}"), "", "[poll]\ninterval = \"40ms\"");
    let asked = ccwatch::clock::now();
    let (status, code) = home.status();
    let took = ccwatch::clock::now().duration_since(asked);
    assert_eq!((status["verdict"].as_str(), code), (Some("clear"), 0));
    assert!(took < SignedDuration::from_secs(3), "{took:?}");
}

#[test]
fn fault_14_own_network_down_for_two_hours() {
    let down = |from: i64| (0..24).map(move |n| fails(from + n * 5, "connect"));
    let mut green = vec![reads(0, &PageModel::default())];
    green.extend(down(1));
    green.push(reads(121, &PageModel::default()));
    assert_eq!(replay(&green), [], "nobody waits for anything");
    let mut open = vec![reads(0, &red())];
    open.extend(down(1));
    open.push(reads(121, &red()));
    assert_eq!(kinds(&open), ["outage", "lost_sight"]);
}

// --- data -----------------------------------------------------------------------------------

#[test]
fn fault_15_not_json() {
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let bodies: [&[u8]; 5] = [b"{", b"", b"{\"page\":\"\xff\xfe\"}", deep.as_bytes(), b"null"];
    let words = "the page's data";
    outlives(bodies.into_iter().map(|body| (Answer::json(body), words)).collect());
}

#[test]
fn fault_16_unknown_is_never_operational() {
    let page = FakePage::start();
    let home = Home::new(&page);
    for status in [json!("a_word_of_tomorrow"), json!(null), json!(7), json!({"is": "up"})] {
        let mut body = PageModel::default().summary();
        for row in body["components"].as_array_mut().unwrap() {
            row["status"] = status.clone();
            row["extra"] = json!([1]);
        }
        page.always(Answer::json(body.to_string()));
        let (answer, code) = home.status();
        assert_eq!((answer["verdict"].as_str(), code), (Some("unknown"), 3), "{status}");
        assert_eq!(level(&answer, API), "unknown", "{status}");
    }
    let mut missing = PageModel::default().summary();
    let rows = missing["components"].as_array_mut().unwrap();
    rows.iter_mut().for_each(|row| drop(row.as_object_mut().unwrap().remove("status")));
    page.always(Answer::json(missing.to_string()));
    assert_eq!(home.status().1, 3);
    let mut twice = PageModel::default().summary();
    let mut again = twice["components"][3].clone();
    again["status"] = json!("major_outage");
    twice["components"].as_array_mut().unwrap().push(again);
    page.always(Answer::json(twice.to_string()));
    assert_ne!(level(&home.status().0, CLAUDE_CODE), "operational", "one of two says so");
}

#[test]
fn fault_17_components_come_and_go() {
    let mut renamed = red();
    renamed.component(API).name = "The API of tomorrow".to_owned();
    let mut without = renamed.clone();
    without.components.retain(|component| component.id != API);
    let mut new = without.clone();
    new.components.push(PageModel::default().component(API).clone());
    new.components.last_mut().unwrap().id = "another".to_owned();
    let told = replay(&[
        reads(0, &red()),
        reads(1, &renamed),
        reads(2, &without),
        reads(3, &without),
        reads(4, &without),
        reads(5, &new),
    ]);
    let kinds: Vec<_> = told.iter().map(|(kind, _)| kind.as_str()).collect();
    assert_eq!(kinds, ["outage", "component_gone"], "{told:?}");
}

#[test]
fn fault_18_an_older_copy_is_no_recovery() {
    let page = FakePage::start();
    let home = Home::new(&page);
    let mut daemon = home.daemon();
    more(&page, 2);
    let old = PageModel::default().summary().to_string();
    page.set(|page| page.set_status(API, "major_outage", AT));
    daemon.says("Claude API: major outage. ");
    page.always_for("summary", Answer::json(old));
    daemon.says("an outdated copy of the page was served");
    more(&page, 2);
    assert_eq!(level(&home.status().0, API), "major");
    page.heal();
    daemon.says("can be read again");
    let (_, _, said) = daemon.stop();
    assert!(!said.contains("back after"), "{said}");
}

#[test]
fn fault_19_an_incident_is_edited_deleted_and_posted_again() {
    let mut page = red();
    page.post("abc", "Elevated errors", "major", AT, &[API]);
    let mut lines = vec![reads(0, &page)];
    let edits: [fn(&mut PageModel); 4] = [
        |page| page.incident("abc").name = "Elevated errors on all models".to_owned(),
        |page| page.incident("abc").started_at = "2026-10-31T22:00:00Z".to_owned(),
        |page| page.incident("abc").updates[0].body = "Another wording.".to_owned(),
        |page| page.incident("abc").impact = "critical".to_owned(),
    ];
    for (minute, edit) in (1..).zip(edits) {
        edit(&mut page);
        lines.push(reads(minute, &page));
    }
    assert_eq!(kinds(&lines), ["outage"], "an edit is no news");
    let mut without = page.clone();
    without.incidents.clear();
    lines.extend([reads(10, &without), reads(11, &without), reads(12, &page), reads(13, &page)]);
    let told = replay(&lines);
    let titles: Vec<_> = told.iter().map(|(_, title)| title.as_str()).collect();
    assert_eq!(
        titles,
        [
            "Claude API: major outage",
            "Claude API: incident closed, try again",
            "Claude API: the fix did not hold, major outage"
        ]
    );
}

#[test]
fn fault_20_flapping_at_every_poll() {
    let mut lines = vec![reads(0, &PageModel::default())];
    for n in 0..60 {
        let mut page = red();
        let word = if n % 2 == 0 { "major_outage" } else { "operational" };
        page.set_status(API, word, &at(1 + n).to_string());
        lines.push(reads(1 + n, &page));
    }
    lines.extend((61..90).map(|n| reads(n, &well_again(60))));
    let told = kinds(&lines);
    assert_eq!(told.first().map(String::as_str), Some("outage"));
    assert_eq!(told.last().map(String::as_str), Some("back"));
    assert_eq!(told.len(), 2, "one start and one end: {told:?}");
}

#[test]
fn fault_21_down_and_up_between_two_polls() {
    let scene = Scene::new();
    let daemon = scene.home.daemon();
    scene.polls();
    daemon.stop();
    scene.page.set(|page| {
        page.post("abc", "Elevated errors", "major", AT, &[API]);
        page.update("abc", "resolved", "Over.", "2026-11-01T10:20:00Z");
    });
    let _daemon = scene.home.daemon();
    scene.polls();
    scene.polls();
    assert_eq!(scene.server.log(), []);
    let reader = Reader::open(&scene.home.state()).unwrap().unwrap();
    let known = reader.incident(&"abc".into()).unwrap().expect("in the history");
    assert_eq!(known.incident.resolved_at, Some(at(20)), "with its true times");
}

#[test]
fn fault_22_hostile_text() {
    let scene = Scene::new();
    let hostile = "<b>&amp;</b>\u{1b}[31m\u{1b}]0;t\u{7}\u{9b}2J\u{202e}x\u{200b}\r\nb\0a\u{2028}";
    let huge = format!("{hostile}{}", "y".repeat(1 << 20));
    let mut daemon = scene.home.daemon();
    scene.page.set(|page| {
        page.set_status(API, "major_outage", AT);
        page.component(API).name = format!("Claude API (\u{1b}[2J{hostile})");
        page.post("abc", &huge, "major", AT, &[API]);
        page.update("abc", "identified", hostile, AT);
    });
    let log = scene.server.wait_for(1, PATIENCE);
    let line = daemon.says("major outage. ");
    let status = text(&scene.home.run(&["status"]).stdout);
    let inert = |c: char| c == '\n' || !(c.is_control() || "\u{202e}\u{200b}\u{2028}".contains(c));
    for (sink, text) in
        [("title", &log[0].summary), ("body", &log[0].body), ("log", &line), ("status", &status)]
    {
        assert!(text.chars().all(inert), "{sink}: {text:?}");
        assert!(text.len() < 10_000, "{sink}: {} bytes", text.len());
    }
    assert!(!log[0].body.contains("<b>"), "{:?}", log[0].body);
}

// --- store ----------------------------------------------------------------------------------

#[test]
fn fault_23_kill_9_anywhere() {
    crate::kill::trial(8, 23);
}

/// A daemon that told of an outage, killed: its database, and the log that it left.
fn killed_in_an_outage() -> (FakePage, Home) {
    let page = FakePage::start();
    let home = Home::new(&page);
    page.set(|page| page.set_status(API, "major_outage", AT));
    let mut daemon = home.daemon();
    daemon.says("major outage. ");
    more(&page, 4);
    daemon.kill();
    (page, home)
}

#[test]
fn fault_24_a_torn_log() {
    let (page, home) = killed_in_an_outage();
    let log = home.state().join("ccwatch.db-wal");
    let whole = fs::read(&log).unwrap();
    for part in [0, 1, 40, 70, 95, 99] {
        fs::write(&log, &whole[..whole.len() * part / 100]).unwrap();
        let _ = fs::remove_file(home.state().join("ccwatch.db-shm"));
        let mut daemon = home.daemon();
        more(&page, 4);
        daemon.signal("-TERM");
        daemon.says("stopped");
        drop(daemon);
        let reader = Reader::open(&home.state()).unwrap().expect("a database");
        let api = reader.saved().unwrap().components.into_iter().find(|c| c.id.0 == API).unwrap();
        assert_eq!(api.level, Level::Major, "the missing tail was fetched again");
        let aside = fs::read_dir(home.state()).unwrap();
        let names: Vec<_> = aside.map(|entry| entry.unwrap().file_name()).collect();
        assert!(!names.iter().any(|name| name.to_string_lossy().contains("damaged")), "{names:?}");
    }
}

#[test]
fn fault_25_a_disk_that_takes_no_more() {
    let scene = Scene::new();
    // No file may grow beyond so many blocks of 512 bytes; the signal for it is switched off.
    let mut shell = Command::new("sh");
    let run = scene.home.command(&["run"]);
    shell.env_clear().envs(run.get_envs().filter_map(|(name, value)| Some((name, value?))));
    shell.args(["-c", "trap '' XFSZ; ulimit -S -f 400; exec \"$0\" \"$@\""]);
    shell.arg(run.get_program()).args(run.get_args());
    let mut daemon = Daemon::start(shell);
    scene.polls();
    // What must be written down and is too large to be.
    scene.page.set(|page| {
        page.post("abc", "Elevated errors", "major", AT, &[API]);
        page.update("abc", "identified", &"x".repeat(300_000), AT);
        page.set_status(API, "major_outage", AT);
    });
    daemon.says("goes on from memory");
    let log = scene.server.wait_for(1, PATIENCE);
    assert_eq!(log[0].summary, "Claude API: major outage");
    scene.polls();
    let pid = daemon.pid().to_string();
    let healed = Command::new("prlimit").args(["--pid", &pid, "--fsize=unlimited"]).status();
    assert!(healed.unwrap().success(), "prlimit of util-linux");
    daemon.says("can be written again, nothing was lost");
    scene.polls();
    assert_eq!(scene.server.log().len(), 1, "said once");
    let stored = notices(&scene.home);
    let told: Vec<_> = stored.iter().map(|n| (n.notice.kind.as_str(), n.progress)).collect();
    assert_eq!(told, [("outage", Progress::Shown)]);
    let (_, _, said) = daemon.stop();
    assert!(!said.contains("goes on from memory"), "warned once: {said}");
}

#[test]
fn fault_26_a_damaged_foreign_or_empty_database() {
    let page = FakePage::start();
    page.set(|page| {
        page.post("old", "Elevated errors", "major", AT, &[API]);
        page.update("old", "resolved", "Over.", AT);
    });
    for (bytes, damaged) in [(&b"not a database"[..], true), (&[0; 8192], true), (b"", false)] {
        let home = Home::new(&page);
        fs::create_dir(home.state()).unwrap();
        fs::set_permissions(home.state(), fs::Permissions::from_mode(0o700)).unwrap();
        fs::write(database(&home), bytes).unwrap();
        let daemon = home.daemon();
        more(&page, 5);
        let (_, _, said) = daemon.stop();
        assert_eq!(said.matches("the database was damaged").count(), usize::from(damaged));
        assert!(!said.contains("outage"), "nothing old is told: {said}");
        let reader = Reader::open(&home.state()).unwrap().expect("a database");
        assert!(reader.incident(&"old".into()).unwrap().is_some(), "rebuilt from the history");
    }
}

#[test]
fn fault_27_a_newer_schema() {
    let page = FakePage::start();
    let home = Home::new(&page);
    let daemon = home.daemon();
    more(&page, 2);
    daemon.stop();
    Connection::open(database(&home)).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let before = fs::read(database(&home)).unwrap();
    let (status, said) = home.daemon().ends();
    assert_eq!(status.code(), Some(74), "{said}");
    assert!(said.contains("newer"), "{said}");
    assert_eq!(fs::read(database(&home)).unwrap(), before, "not touched");
}

#[test]
fn fault_28_a_reader_that_stays_and_a_writer_that_is_busy() {
    let scene = Scene::new();
    let mut daemon = scene.home.daemon();
    scene.polls();
    let other = Connection::open(database(&scene.home)).unwrap();
    other.execute_batch("BEGIN; SELECT count(*) FROM notices").unwrap();
    more(&scene.page, 100);
    let log = fs::metadata(scene.home.state().join("ccwatch.db-wal")).unwrap().len();
    assert!(log < 8 << 20, "{log} bytes of log after 100 polls");
    other.execute_batch("COMMIT; BEGIN IMMEDIATE").unwrap();
    scene.page.set(OUTAGE[0].0);
    daemon.says("goes on from memory");
    scene.server.wait_for(1, PATIENCE);
    let asked = ccwatch::clock::now();
    scene.home.status();
    let took = ccwatch::clock::now().duration_since(asked);
    assert!(took < SignedDuration::from_secs(3), "{took:?}");
    other.execute_batch("COMMIT").unwrap();
    daemon.says("can be written again, nothing was lost");
    assert_eq!(notices(&scene.home).len(), 1);
}

#[test]
fn fault_29_a_second_daemon() {
    let page = FakePage::start();
    let home = Home::new(&page);
    let daemon = home.daemon();
    more(&page, 1);
    assert_eq!(home.daemon().ends().0.code(), Some(75));
    daemon.kill();
    let _again = home.daemon();
    more(&page, 2);
}

#[test]
fn fault_30_a_state_directory_that_is_not_ours_alone() {
    let page = FakePage::start();
    let home = Home::new(&page);
    fs::create_dir(home.path().join("elsewhere")).unwrap();
    symlink(home.path().join("elsewhere"), home.state()).unwrap();
    let (status, said) = home.daemon().ends();
    assert!(!status.success() && said.contains("a symbolic link"), "{said}");
    fs::remove_file(home.state()).unwrap();
    fs::create_dir(home.state()).unwrap();
    fs::set_permissions(home.state(), fs::Permissions::from_mode(0o755)).unwrap();
    let _daemon = home.daemon();
    more(&page, 3);
    let mode = |path: PathBuf| fs::metadata(path).unwrap().mode() & 0o777;
    assert_eq!(mode(home.state()), 0o700);
    for entry in fs::read_dir(home.state()).unwrap() {
        let path = entry.unwrap().path();
        let private = if path.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(mode(path.clone()), private, "{path:?}");
    }
}

// --- notification ---------------------------------------------------------------------------

#[test]
fn fault_31_no_server_at_login_and_one_that_restarts() {
    let dir = tempfile::tempdir().unwrap();
    let bus = Bus::start(dir.path());
    let page = FakePage::start();
    let home = Home::on(&page, bus.address());
    let mut daemon = home.daemon();
    page.set(OUTAGE[0].0);
    daemon.says("partial outage. ");
    let server = Server::start(&bus, &["body"]);
    assert_eq!(server.wait_for(1, PATIENCE)[0].summary, OUTAGE[0].1);
    server.stop();
    page.set(OUTAGE[1].0);
    daemon.says("major outage. ");
    page.set(OUTAGE[2].0);
    daemon.says("fix is out");
    let server = Server::start(&bus, &["body"]);
    assert_eq!(server.wait_for(1, PATIENCE)[0].summary, OUTAGE[2].1, "only what still holds");
    more(&page, 6);
    assert_eq!(server.log().len(), 1);
}

#[test]
fn fault_32_killed_between_showing_and_marking() {
    let scene = Scene::new();
    let mut daemon = scene.home.daemon();
    scene.polls();
    scene.server.freeze();
    scene.page.set(OUTAGE[0].0);
    daemon.says("partial outage. ");
    more(&scene.page, 3);
    // It can't be marked while somebody else writes.
    let other = Connection::open(database(&scene.home)).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    scene.server.thaw();
    scene.server.wait_for(1, PATIENCE);
    daemon.kill();
    other.execute_batch("COMMIT").unwrap();
    for _ in 0..2 {
        let daemon = scene.home.daemon();
        scene.server.wait_for(2, PATIENCE);
        scene.polls();
        daemon.kill();
    }
    let log = scene.server.log();
    assert_eq!(log.len(), 2, "repeated once and never again");
    assert_eq!(log[0].summary, log[1].summary);
}

#[test]
fn fault_33_a_call_that_hangs() {
    let scene = Scene::new();
    let mut daemon = scene.home.daemon();
    scene.polls();
    scene.server.freeze();
    scene.page.set(OUTAGE[0].0);
    daemon.says("partial outage. ");
    more(&scene.page, 10);
    assert_eq!(notices(&scene.home)[0].progress, Progress::Pending, "not marked before it is");
    scene.server.thaw();
    scene.server.wait_for(1, PATIENCE);
}

#[test]
fn fault_34_a_restart_is_silent() {
    let scene = Scene::new();
    scene.page.set(OUTAGE[0].0);
    let daemon = scene.home.daemon();
    scene.server.wait_for(1, PATIENCE);
    scene.polls();
    daemon.stop();
    let _daemon = scene.home.daemon();
    scene.polls();
    assert_eq!(scene.server.log().len(), 1);
}

#[test]
fn fault_35_changed_while_off() {
    let scene = Scene::new();
    let daemon = scene.home.daemon();
    scene.polls();
    daemon.stop();
    scene.page.set(OUTAGE[0].0);
    let _daemon = scene.home.daemon();
    scene.server.wait_for(1, PATIENCE);
    scene.polls();
    assert_eq!(scene.server.log().len(), 1);
}

/// The pop-up comes once, the page is read on, and the log says what was wrong with the hook.
fn outlives_the_hook(text: &str, said: &str) {
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
        let done = || (notices(&scene.home).last()?.hook == Some(Progress::Shown)).then_some(());
        hook::at_last(&scene.page, done);
    } else {
        let line = daemon.says(said);
        assert!(line.len() < 1000 && !line.contains('\u{1b}'), "{line}");
    }
    scene.polls();
    assert_eq!(scene.server.log().len(), 1, "{text}");
    assert!(!scene.home.path().join("bad").exists(), "{text}");
    scene.page.set(OUTAGE[1].0);
    assert!(scene.server.wait_for(2, PATIENCE)[1].summary.contains("major outage"), "{text}");
    let (status, took, _) = daemon.stop();
    assert!(status.success() && took < Duration::from_secs(2), "{text}: {took:?}");
}

#[test]
fn fault_36_a_hook_that_fails_reads_nothing_or_gets_hostile_text() {
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
        outlives_the_hook(text, said);
    }
}

#[test]
fn fault_36_a_hook_that_hangs_is_killed_with_its_group() {
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
    let begun = ccwatch::clock::now();
    daemon.says("the hook failed: killed after 10 s");
    assert!(ccwatch::clock::now().duration_since(begun) < SignedDuration::from_secs(14));
    assert!(hook::is_gone(&pid), "its group is killed before that is said");
    assert_eq!(scene.server.log().len(), 1);
}

#[test]
fn fault_36_a_hook_that_is_not_there() {
    let scene = Scene::new();
    hook::configure(&scene.home, &scene.page, &["/nowhere/hook"]);
    let mut daemon = scene.home.daemon();
    daemon.says("notify.hook: there is no file /nowhere/hook");
    scene.polls();
    scene.page.set(OUTAGE[0].0);
    scene.server.wait_for(1, PATIENCE);
    daemon.says("the hook failed: there is no file /nowhere/hook");
    let (status, _, _) = daemon.stop();
    assert!(status.success());
}

// --- time -----------------------------------------------------------------------------------

/// The core after a reading that shows an outage, its commands taken.
fn watching(now: Timestamp) -> Monitor {
    let mut monitor = Monitor::new(Settings::default(), Saved::default(), now);
    take(&mut monitor, now, &red());
    fetches(&mut monitor);
    monitor
}

fn take(monitor: &mut Monitor, now: Timestamp, page: &PageModel) {
    let bytes = page.summary().to_string().into_bytes();
    let answer = Ok(ccwatch::fetch::Fetched::Body { bytes, etag: None });
    monitor.handle_timeout(now);
    monitor.handle(now, reading::input(Endpoint::Summary, Host::Primary, answer, PAGE_ID, 0.5));
}

fn fetches(monitor: &mut Monitor) -> usize {
    let summary = |command: &monitor::Command| {
        matches!(command, monitor::Command::Fetch { endpoint: Endpoint::Summary, .. })
    };
    std::iter::from_fn(|| monitor.next_command()).filter(summary).count()
}

#[test]
fn fault_37_eight_hours_of_suspend() {
    let mut monitor = watching(at(0));
    let woken = at(480);
    assert_eq!(monitor.verdict(woken), Verdict::Unknown, "what is old is not current");
    assert!(monitor.poll_timeout().is_some_and(|due| due <= woken), "due at once");
    for _ in 0..3 {
        monitor.handle_timeout(woken);
    }
    assert_eq!(fetches(&mut monitor), 1, "one poll, not one for each that was missed");
    take(&mut monitor, woken, &red());
    assert_eq!((fetches(&mut monitor), monitor.verdict(woken)), (0, Verdict::Wait));
}

#[test]
fn fault_38_a_clock_that_is_wrong() {
    for hours in [-24 * 365 * 20, -24, -1, 1, 24] {
        let mut monitor = watching(at(0));
        let by = SignedDuration::from_hours(hours);
        let now = at(10) + by;
        monitor.handle(now, Input::ClockStepped(by));
        assert_eq!(fetches(&mut monitor), 1, "it is asked as if nothing had happened: {hours}");
        for minutes in 0..10 {
            let now = now + SignedDuration::from_mins(minutes);
            let mut page = red();
            page.set_status(API, "operational", &at(10 + minutes).to_string());
            take(&mut monitor, now, &page);
        }
        let notice = monitor.outbox().pending().next().expect("something was told").clone();
        let lasted = notice.lasted_seconds.unwrap_or(600);
        assert!((540..=1200).contains(&lasted), "{hours}: {notice:?}");
    }
}

#[test]
fn fault_39_stopped_while_it_waits_and_a_closed_pipe() {
    let page = FakePage::start();
    page.always(Answer::Silence);
    let home = Home::new(&page);
    let daemon = home.daemon();
    more(&page, 1);
    let (status, took, _) = daemon.stop();
    assert!(status.success() && took < Duration::from_secs(2), "{took:?}");
    let mut show = home.command(&["config", "show"]);
    show.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let mut show = show.spawn().unwrap();
    drop(show.stdout.take());
    let output = show.wait_with_output().unwrap();
    assert_eq!((text(&output.stderr).as_str(), output.status.code()), ("", Some(0)));
}
