//! `ccwatch doctor` on the built program: a well user, and every illness by itself.
#![cfg(target_os = "linux")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Output;

use ccwatch::platform::clock::now;

use crate::desktop::{Bus, Server};
use crate::fetch::{authority, server};
use crate::page::{Answer, DeadPort, FakePage, PAGE_ID, PageModel, SOON};
use crate::program::{Home, executable};

/// The line about `what`.
pub(crate) fn line(output: &Output, what: &str) -> String {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    let found = text.lines().find(|line| line.split_whitespace().nth(1) == Some(what));
    found.unwrap_or_else(|| panic!("nothing about {what}:\n{text}")).to_owned()
}

fn doctor(home: &Home) -> Output {
    home.run(&["doctor"])
}

/// A service manager that answers with `script`.
fn service_manager(home: &Home, script: &str) -> Output {
    let bin = home.path().join("bin");
    fs::create_dir_all(&bin).unwrap();
    let program = bin.join("systemctl");
    executable(&program, &format!("#!/bin/sh\n{script}\n"));
    let path = format!("{}:/usr/bin:/bin", bin.display());
    home.command(&["doctor"]).env("PATH", path).output().unwrap()
}

#[test]
fn all_is_well() {
    let dir = tempfile::tempdir().unwrap();
    let bus = Bus::start(dir.path());
    let _server = Server::start(&bus, &["body"]);
    let page = FakePage::start();
    let home = Home::on(&page, bus.address());
    let daemon = home.daemon();
    page.wait_for_requests(4, SOON);
    let runs = "case \"$*\" in '--user show --property '*' ccwatch.service')
        printf 'LoadState=loaded\nActiveState=active\n';; *) exit 1;; esac";
    let output = service_manager(&home, runs);
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert_eq!(text.lines().count(), 12, "{text}");
    assert_eq!(line(&output, "network"), "ok   network   127.0.0.1 answers, without a proxy");
    assert_eq!(line(&output, "page"), "ok   page      lists 6 components, you watch 3 of them");
    assert!(line(&output, "local").starts_with("-    local     Claude Code's transcripts are not"));
    assert!(line(&output, "database").starts_with("ok   database  sound, newest reading "));
    let service = format!("ok   service   the daemon runs (pid {}), as a service", daemon.pid());
    assert_eq!(line(&output, "service"), service);
    daemon.kill();
    let output = service_manager(&home, "printf 'LoadState=loaded\nActiveState=failed\n'");
    let service = "FIX  service   the service failed; see why: ccwatch service logs";
    assert_eq!(line(&output, "service"), service);
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn transcripts_that_are_to_be_followed_must_be_there() {
    let page = FakePage::start();
    let home = Home::new(&page);
    home.configure(&page.url(), "", "[local]\ntranscripts = true\n");
    let found = line(&doctor(&home), "local");
    let missing =
        "FIX  local     there are no transcripts of Claude Code in ~/.claude/projects; run";
    assert!(found.starts_with(missing), "{found}");
    fs::create_dir_all(home.path().join(".claude/projects/-work")).unwrap();
    let found = line(&doctor(&home), "local");
    let well =
        "ok   local     Claude Code's transcripts in ~/.claude/projects are followed, projects: 1";
    assert_eq!(found, well);
}

#[test]
fn every_way_in_which_the_page_can_be_out_of_reach() {
    let page = FakePage::start();
    let home = Home::new(&page);
    let dated = |by: i64| {
        let date = now() + jiff::SignedDuration::from_secs(by);
        let date = jiff::fmt::rfc2822::to_string(&date.to_zoned_datetime(jiff::tz::TimeZone::UTC))
            .unwrap();
        let headers = [("Content-Type", "application/json"), ("Date", &date), ("Age", "60")];
        Answer::new(200, &headers, PageModel::default().summary().to_string().as_bytes())
    };
    // Each is made when it is asked for: it may be dated.
    let answers: [(&dyn Fn() -> Answer, &str, &str); 6] = [
        (&|| Answer::html("<html>Sign in"), "network", "FIX  network   a web page came instead"),
        (&|| Answer::html("<html>Sign in"), "page", "-    page      could not be read"),
        (&|| Answer::status(503), "network", "FIX  network   the page's own server fails"),
        (&|| Answer::json("{}"), "page", "FIX  page      "),
        (&|| dated(-60), "clock", "ok   clock     agrees with the page's"),
        (
            &|| dated(7140),
            "clock",
            "FIX  clock     this machine's clock is 2 h behind the page's; set",
        ),
    ];
    for (answer, what, expected) in answers {
        page.queue(answer());
        let output = doctor(&home);
        let found = line(&output, what);
        assert!(found.starts_with(expected), "{found}");
        assert_eq!(output.status.code(), Some(1), "no daemon runs here");
    }
    page.set(|page| page.id = "another".to_owned());
    assert!(line(&doctor(&home), "page").contains("another status page"));
    page.set(|page| {
        page.id = PAGE_ID.to_owned();
        page.components.retain(|component| component.name != "Claude Code");
    });
    let found = line(&doctor(&home), "page");
    assert!(found.starts_with("FIX  page      does not list Claude Code; compare"), "{found}");

    let nobody = DeadPort::new();
    home.configure(&format!("http://{}", nobody.address()), "", "");
    assert!(line(&doctor(&home), "network").contains("no connection to the page"));
    home.configure("https://status.test", "", "");
    let mut command = home.command(&["doctor"]);
    let output = command.env("HTTPS_PROXY", "http://me:secret@127.0.0.1:9").output().unwrap();
    let found = line(&output, "network");
    assert!(found.contains("through the proxy 127.0.0.1:9; check your network"), "{found}");
    assert!(!String::from_utf8_lossy(&output.stdout).contains("secret"));
}

#[test]
fn a_certificate_that_is_refused_names_the_sign_in_page_and_the_clock() {
    let authority = authority();
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), authority.pem()).unwrap();
    for (name, years, expected) in [
        ("127.0.0.1", [2020, 2021], "expired"),
        ("wifi.example", [2020, 2090], "made out to another name"),
    ] {
        let page = FakePage::start_tls(server(&authority, name, years));
        let home = Home::new(&page);
        let mut command = home.command(&["doctor"]);
        let output = command.env("SSL_CERT_FILE", file.path()).env("SSL_CERT_DIR", "").output();
        let found = line(&output.unwrap(), "network");
        assert!(found.contains(expected), "{found}");
        let step = "; check for a Wi-Fi sign-in page and that the clock of this machine is right";
        assert!(found.ends_with(step), "{found}");
    }
}

#[test]
fn configuration_state_and_database() {
    let page = FakePage::start();
    let home = Home::new(&page);
    assert!(line(&doctor(&home), "state").ends_with("(made by the first run)"));
    let none = "ok   database  none yet, the daemon makes it";
    assert_eq!(line(&doctor(&home), "database"), none);
    assert!(!home.state().exists(), "looking changes nothing");

    fs::create_dir(home.state()).unwrap();
    fs::write(home.state().join("ccwatch.db"), [7; 5000]).unwrap();
    assert!(line(&doctor(&home), "database").starts_with("FIX  database"));
    fs::remove_dir_all(home.state()).unwrap();
    fs::create_dir(home.state()).unwrap();
    fs::write(home.state().join("letter"), "").unwrap();
    fs::set_permissions(home.state(), fs::Permissions::from_mode(0o755)).unwrap();
    let found = line(&doctor(&home), "state");
    assert!(found.contains("holds what is not ccwatch's; run: chmod 700"), "{found}");
    let shared = home.command(&["doctor"]).arg("--state-dir").arg(home.path()).output();
    let found = line(&shared.unwrap(), "state");
    assert!(found.contains("is used by other programs, too; name another"), "{found}");
    fs::remove_dir_all(home.state()).unwrap();
    fs::write(home.state(), "").unwrap();
    let found = line(&doctor(&home), "state");
    assert!(found.contains("is not a directory; name another"), "{found}");

    fs::write(home.config(), "[poll]\nintervall = \"60s\"").unwrap();
    let asked = page.requests().len();
    let output = doctor(&home);
    assert!(line(&output, "config").contains("interval"));
    for what in ["state", "database", "network", "page"] {
        assert!(line(&output, what).starts_with("-  "), "{what}");
    }
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(page.requests().len(), asked);
}

/// Everybody who is asked says nothing.
#[test]
fn it_never_takes_long() {
    let dir = tempfile::tempdir().unwrap();
    let bus = Bus::start(dir.path());
    let server = Server::start(&bus, &["body"]);
    server.freeze();
    let page = FakePage::start();
    page.always(Answer::Silence);
    let home = Home::on(&page, bus.address());
    let begun = now();
    let output = service_manager(&home, "exec sleep 1000");
    // They say nothing still.
    println!("doctor took {:?}", now().duration_since(begun));
    assert!(line(&output, "network").contains("did not answer in time"));
    assert!(line(&output, "pop-ups").starts_with("FIX"));
    assert!(line(&output, "service").starts_with("FIX"));
}
