//! Lines 1 to 14: the network.

use std::io::{Read, Write};
use std::net::{Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use ccwatch::page::engine::Engine;
use ccwatch::page::fetch::{Fetched, Fetcher, Limits, Page, Request};
use ccwatch::platform::clock::now;
use ccwatch_core::model::{Endpoint, FailureKind, Host, Level};
use jiff::SignedDuration;
use socket2::{Domain, Socket, Type};

use super::desk::Desk;
use super::*;
use crate::page::{DeadPort, gzip};
use crate::program::QUICK;
use crate::shim::Shim;

const JSON: (&str, &str) = ("Content-Type", "application/json");

fn port(page: &FakePage) -> u16 {
    page.url().rsplit(':').next().unwrap().parse().unwrap()
}

#[test]
fn fault_01_offline_at_start() {
    let mut fault = Fault::new(1, "no network at the start");
    let scene = Scene::new();
    let daemon = scene.home.daemon();
    scene.polls();
    daemon.stop();
    let nobody = DeadPort::new();
    scene.home.configure(&format!("http://{}", nobody.address()), "", QUICK);
    let mut daemon = scene.home.daemon_with(&["-v"]);
    daemon.says("no connection to the page");
    // The second failure: the first one is written down.
    daemon.says("still no reading");
    let told = text(&scene.home.run(&["status"]).stdout);
    assert!(told.contains("no connection to the page"), "{told}");
    let (status, _) = scene.home.status();
    fault.claims(&status, &[(API, "operational")]);
    assert!(status["reading"]["age_seconds"].is_u64(), "{status}");
    fault.injected(1);
    daemon.stop();
    // And with nothing known at all.
    fs::remove_dir_all(scene.home.state()).unwrap();
    let mut daemon = scene.home.daemon_with(&["-v"]);
    daemon.says("still no reading");
    let (status, code) = scene.home.status();
    assert_eq!((status["verdict"].as_str(), code), (Some("unknown"), 3));
    assert_eq!(status["components"], json!([]), "nothing is made up");
    fault.injected(1);
    assert_eq!(scene.server.log(), [], "no alert");
    // There is a network, and an outage.
    scene.page.set(breaks);
    scene.home.configure(&scene.page.url(), "", QUICK);
    daemon.signal("-HUP");
    scene.server.wait_for(1, PATIENCE);
    scene.polls();
    fault.shown(&[MAJOR], &scene.server);
    fault.end();
}

#[test]
fn fault_02_dns_fails_after_resume() {
    let mut fault = Fault::new(2, "names can't be resolved after a pause of the process");
    let scene = Scene::new();
    let port = port(&scene.page);
    scene.home.configure(&format!("http://localhost:{port}"), "", QUICK);
    let shim = Shim::new();
    let mut daemon = shim.daemon(&scene.home);
    outage(&scene);
    for _ in 0..3 {
        daemon.signal("-STOP");
        shim.names("fail");
        daemon.signal("-CONT");
        daemon.says("name could not be resolved");
        daemon.says("still no reading");
        fault.claims(&scene.home.status().0, &[(API, "major"), (CLAUDE_CODE, "operational")]);
        shim.names("");
        daemon.says("can be read again");
        fault.injected(1);
    }
    end_of_outage(&scene);
    fault.shown(&[MAJOR, BACK], &scene.server);
    fault.end();
}

/// Quick at first, then ever longer pauses, each by chance between the interval and its ceiling.
#[test]
fn fault_02_quick_retries_then_a_back_off_with_full_jitter() {
    let mut fault = Fault::new(2, "names can't be resolved for an hour after a night asleep");
    let pauses = |jitter: f64, fault: &mut Fault| {
        let mut desk = Desk::new(at(0));
        desk.reads(at(0), &red());
        let mut now = at(480);
        let before = desk.changes;
        let mut pauses = Vec::new();
        while now < at(540) {
            desk.fails(now, FailureKind::Dns, jitter);
            let api = desk.monitor().state().components().iter().find(|c| c.id.0 == API).unwrap();
            assert_eq!((api.level, desk.changes), (Level::Major, before), "no component changes");
            pauses.push(desk.due().duration_since(now).as_secs());
            now = desk.due();
            fault.injected(1);
        }
        desk.reads(now, &red());
        fault.heard(&[MAJOR, "Can't see the status page since"], &desk.heard);
        pauses
    };
    let least = pauses(0.0, &mut fault);
    let most = pauses(0.999, &mut fault);
    let quick = |pauses: &[i64]| pauses.iter().take_while(|pause| **pause <= 10).count();
    assert!(quick(&least) >= 6 && quick(&most) >= 5, "{least:?} {most:?}");
    // While something is affected the interval is 30 s; the ceiling grows up to 5 minutes.
    assert!(least[quick(&least)..].iter().all(|pause| *pause == 30), "{least:?}");
    let grown = &most[quick(&most)..];
    assert!(grown.is_sorted() && grown.iter().all(|pause| (30..300).contains(pause)), "{most:?}");
    fault.end();
}

/// One look, by the real limits for it.
fn too_slow(fault: &mut Fault, answer: Answer) {
    let page = FakePage::start();
    let home = Home::new(&page);
    page.always(answer);
    let (status, code) = home.status();
    assert_eq!((status["verdict"].as_str(), code), (Some("unknown"), 3), "{status}");
    let error = status["reading"]["error"].to_string();
    assert!(error.contains("within 10 s"), "{error}");
    fault.claims(&status, &[]);
    fault.injected(1);
}

/// The daemon's own limit, by the real one, and the next poll when it is due.
fn outlasts(mut fault: Fault, answer: Answer) {
    let scene = Scene::new();
    let mut daemon = scene.home.daemon();
    outage(&scene);
    let before = scene.page.requests().len();
    scene.page.queue(answer.clone());
    scene.page.wait_for_requests(before + 1, SOON);
    let asked = now();
    scene.page.wait_for_requests(before + 2, Duration::from_secs(60));
    let took = now().duration_since(asked);
    println!("the next poll after {took:?}");
    assert!(took >= SignedDuration::from_secs(29), "before its limit: {took:?}");
    daemon.says("the page did not answer in time");
    fault.injected(1);
    end_of_outage(&scene);
    fault.shown(&[MAJOR, BACK], &scene.server);
    too_slow(&mut fault, answer);
    fault.end();
}

#[test]
fn fault_03_accepted_and_never_answered() {
    outlasts(Fault::new(3, "the server accepts and never answers"), Answer::Silence);
}

#[test]
fn fault_04_one_byte_now_and_then() {
    let Answer::Stall(at_once) = Answer::stall_in_body() else { panic!("a stall") };
    let every = Duration::from_millis(300);
    let drip = Answer::Drip { at_once, then: vec![b' '; 200], every };
    outlasts(Fault::new(4, "one byte in 300 ms"), drip);
}

#[test]
fn fault_05_a_stall_in_the_body() {
    let stall = (Answer::stall_in_body(), "the page's answer stopped half-way");
    outlives(Fault::new(5, "the body stops half-way"), vec![stall]);
}

#[test]
fn fault_06_broken_answers() {
    let Answer::Cut(begun) = Answer::short_body() else { panic!("a cut") };
    let mut bad = gzip(b"{}");
    bad.truncate(12);
    let zipped = [JSON, ("Content-Encoding", "gzip")];
    let broken = [
        Answer::short_body(),
        Answer::Reset(begun),
        Answer::Reset(Vec::new()),
        Answer::new(200, &zipped, &bad),
        Answer::new(200, &zipped, b"not gzip at all"),
        Answer::endless_header(),
    ];
    let named = broken.map(|answer| (answer, "the page's answer broke off"));
    outlives(Fault::new(6, "short body, reset, bad gzip, endless header"), named.into());
}

#[test]
fn fault_07_a_certificate_that_is_not_trusted() {
    let mut fault = Fault::new(7, "a certificate of an unknown authority");
    let scene = Scene::new();
    let authority = crate::fetch::authority();
    let config = crate::fetch::server(&authority, "127.0.0.1", [2020, 2090]);
    let page = FakePage::start_tls(config);
    page.set(breaks);
    scene.home.configure(&page.url(), "", "[poll]\ninterval = \"40ms\"");
    let mut daemon = scene.home.daemon_with(&["-v"]);
    daemon.says("check for a Wi-Fi sign-in page and that the clock of this machine is right");
    fault.injected(1);
    daemon.says("still no reading");
    fault.injected(1);
    let (status, code) = scene.home.status();
    assert_eq!((status["verdict"].as_str(), code), (Some("unknown"), 3));
    let doctor = text(&scene.home.run(&["doctor"]).stdout);
    assert!(doctor.contains("certificate"), "{doctor}");
    assert_eq!(page.requests().len(), 0, "nothing was asked over it");
    fault.shown(&[], &scene.server);
    fault.end();
}

#[test]
fn fault_08_captive_portals_and_bot_walls() {
    let walls = vec![
        (Answer::html("<html>Sign in</html>"), "a web page came instead"),
        (Answer::json("<html>Sign in</html>"), "a web page came instead"),
        (Answer::status(511), "sign in to the network"),
        (Answer::status(202), "asks for a human"),
        (Answer::status(405), "asks for a human"),
        (Answer::status(403), "asks for a human"),
    ];
    outlives(Fault::new(8, "200 with text/html, 511, 202, 405, 403"), walls);
}

#[test]
fn fault_09_redirects() {
    let elsewhere = "the page sends us elsewhere";
    let redirects = vec![
        (Answer::redirect("/api/v2/summary.json"), elsewhere),
        (Answer::redirect("https://127.0.0.1:1/api/v2/summary.json"), elsewhere),
        (Answer::redirect("http://192.0.2.1/"), elsewhere),
    ];
    outlives(Fault::new(9, "a redirect loop, to another host, to http"), redirects);
}

#[test]
fn fault_10_slow_down() {
    let mut fault = Fault::new(10, "429 and 503 with a Retry-After of any kind");
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
        let scene = Scene::new();
        let mut daemon = scene.home.daemon();
        outage(&scene);
        scene.page.always_for("summary", Answer::new(status, &[("Retry-After", after)], b""));
        daemon.says("WARN");
        daemon.stop();
        let reader = reader(&scene.home);
        let beat = reader.heartbeat().unwrap().unwrap();
        let pause = beat.next_poll.unwrap().duration_since(beat.beat_at);
        assert!((least..=most).contains(&pause), "{after}: {pause:?}");
        fault.claims(&scene.home.status().0, &[(API, "major"), (CLAUDE_CODE, "operational")]);
        fault.injected(1);
        fault.shown(&[MAJOR], &scene.server);
    }
    fault.end();
}

#[test]
fn fault_11_more_than_any_page() {
    let mut fault = Fault::new(11, "a gzip bomb, a body without an end");
    let peak = |daemon: &Daemon| {
        let status = fs::read_to_string(format!("/proc/{}/status", daemon.pid())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap().to_owned();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap()
    };
    let scene = Scene::new();
    let mut daemon = scene.home.daemon();
    outage(&scene);
    let before = peak(&daemon);
    for answer in [Answer::gzip_bomb(), Answer::endless_body()] {
        scene.page.always(answer);
        daemon.says("larger than any status page");
        more(&scene.page, 1);
        fault.claims(&scene.home.status().0, &[(API, "major")]);
        scene.page.heal();
        daemon.says("can be read again");
        fault.injected(1);
    }
    let grown = peak(&daemon) - before;
    assert!(grown < 20_000, "grown by {grown} kB");
    end_of_outage(&scene);
    fault.shown(&[MAJOR, BACK], &scene.server);
    fault.end();
}

#[test]
fn fault_12_unchanged_without_a_body() {
    let mut fault = Fault::new(12, "304 to a request that had no ETag");
    let scene = Scene::new();
    scene.page.set(breaks);
    scene.page.queue(Answer::status(304));
    let mut daemon = scene.home.daemon();
    daemon.says("says \"unchanged\" without having said anything");
    daemon.says("can be read again");
    let requests = scene.page.requests();
    let asked: Vec<_> =
        requests.iter().filter(|seen| seen.path.contains("summary")).take(2).collect();
    assert!(asked.iter().all(|seen| seen.header("if-none-match").is_none()));
    fault.injected(1);
    scene.server.wait_for(1, PATIENCE);
    scene.polls();
    fault.claims(&scene.home.status().0, &[(API, "major")]);
    fault.shown(&[MAJOR], &scene.server);
    fault.end();
}

/// A cache whose ETag never changes hides an outage for an hour and not longer.
#[test]
fn fault_12_an_etag_that_never_changes() {
    let mut fault = Fault::new(12, "an ETag that never changes: \"unchanged\" for six hours");
    let mut desk = Desk::new(at(0));
    desk.reads(at(0), &PageModel::default());
    let (hidden, over) = (red(), well_again(150));
    let mut now = at(0);
    while now < at(360) {
        now = desk.due();
        let before = desk.asked.len();
        desk.wait(now);
        match desk.asked[before..].last() {
            Some((_, true)) => desk.unchanged(now),
            // The whole page: what the cache hid for so long.
            Some((_, false)) => desk.reads(now, if now > at(200) { &over } else { &hidden }),
            None => continue,
        }
        fault.injected(1);
    }
    let whole: Vec<_> = desk.asked.iter().filter(|(_, conditional)| !conditional).collect();
    assert!((6..=8).contains(&whole.len()), "at the start and once an hour: {whole:?}");
    for pair in whole.windows(2) {
        let apart = pair[1].0.duration_since(pair[0].0);
        assert!(apart <= SignedDuration::from_mins(62), "{apart:?}");
    }
    fault.heard(&[MAJOR, BACK], &desk.heard);
    fault.end();
}

/// An address that takes no connection and refuses none: its queue is full.
fn swallows(address: SocketAddr) -> (Socket, Vec<TcpStream>) {
    let socket = Socket::new(Domain::IPV6, Type::STREAM, None).unwrap();
    socket.set_only_v6(true).unwrap();
    socket.bind(&address.into()).unwrap();
    socket.listen(0).unwrap();
    let wait = Duration::from_millis(300);
    let queue = std::iter::from_fn(|| TcpStream::connect_timeout(&address, wait).ok());
    let queue: Vec<_> = queue.take(50).collect();
    assert!(queue.len() < 50, "the queue never fills");
    (socket, queue)
}

#[test]
fn fault_13_broken_ipv6() {
    let mut fault = Fault::new(13, "IPv6 that swallows every connection");
    if TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_err() {
        crate::fault::skipped("fault 13: no IPv6 on this machine's loopback");
        return;
    }
    let scene = Scene::new();
    let port = port(&scene.page);
    let _hole = swallows((Ipv6Addr::LOCALHOST, port).into());
    scene.home.configure(&format!("http://localhost:{port}"), "", QUICK);
    let shim = Shim::new();
    shim.names("both");
    let asked = now();
    let output = shim.command(&scene.home, &["status", "--json"]).output().unwrap();
    let took = now().duration_since(asked);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
    println!("over IPv4 after {took:?}");
    assert!(took >= SignedDuration::from_millis(200), "IPv6 is tried first: {took:?}");
    let _daemon = shim.daemon(&scene.home);
    outage(&scene);
    end_of_outage(&scene);
    fault.injected(scene.page.requests().len());
    fault.shown(&[MAJOR, BACK], &scene.server);
    fault.end();
}

const CHILD: &str = "CCWATCH_TEST_PROXY";

/// A proxy that opens one tunnel after the other, whatever is asked for, to `target`.
fn tunnel(listener: TcpListener, target: SocketAddr, tunnels: usize) {
    for _ in 0..tunnels {
        let (mut client, _) = listener.accept().unwrap();
        let mut head = Vec::new();
        let mut byte = [0];
        while !head.ends_with(b"\r\n\r\n") && client.read(&mut byte).unwrap() == 1 {
            head.push(byte[0]);
        }
        assert!(head.starts_with(b"CONNECT status.test:443 "), "{}", text(&head));
        client.write_all(b"HTTP/1.1 200 Established\r\n\r\n").unwrap();
        let mut server = TcpStream::connect(target).unwrap();
        let (mut back, mut away) = (client.try_clone().unwrap(), server.try_clone().unwrap());
        std::thread::spawn(move || {
            let _ = std::io::copy(&mut server, &mut back);
        });
        std::thread::spawn(move || {
            let _ = std::io::copy(&mut client, &mut away);
            let _ = away.shutdown(std::net::Shutdown::Both);
        });
    }
}

/// In a process of its own, whose environment names a proxy and an authority.
#[test]
fn fault_13_a_proxy_that_appears_and_goes() {
    if std::env::var_os(CHILD).is_none() {
        let dir = tempfile::tempdir().unwrap();
        let nobody = DeadPort::new();
        let proxy = format!("http://{}", nobody.address());
        let output = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "catalogue::network::fault_13_a_proxy_that_appears_and_goes"])
            .arg("--nocapture")
            .env(CHILD, &proxy)
            .envs([("HTTPS_PROXY", proxy.as_str()), ("NO_PROXY", ""), ("SSL_CERT_DIR", "")])
            .env("SSL_CERT_FILE", dir.path().join("authority.pem"))
            .output()
            .unwrap();
        let said = format!("{}{}", text(&output.stdout), text(&output.stderr));
        assert!(output.status.success() && said.contains("1 passed"), "{said}");
        let row = said.lines().find_map(|line| line.split_once("FAULT ")).expect("a row");
        println!("FAULT {}", row.1);
        return;
    }
    let mut fault = Fault::new(13, "a proxy that appears, goes, and appears again");
    let authority = crate::fetch::authority();
    fs::write(std::env::var_os("SSL_CERT_FILE").unwrap(), authority.pem()).unwrap();
    let config = crate::fetch::server(&authority, "status.test", [2020, 2090]);
    let page = FakePage::start_tls(config);
    let target: SocketAddr = page.url().split_once("://").unwrap().1.parse().unwrap();
    let proxy = std::env::var(CHILD).unwrap().split_once("://").unwrap().1.to_owned();
    let status = Page {
        url: "https://status.test".to_owned(),
        fallback: None,
        engine: Engine::statuspage(""),
    };
    let fetcher = Fetcher::new(&status, Limits::default()).unwrap();
    let ask = Request { host: Host::Primary, endpoint: Endpoint::Summary, etag: None };
    let runtime = crate::desktop::runtime();
    for round in 0..3 {
        let gone = runtime.block_on(fetcher.get(&ask)).unwrap_err();
        assert_eq!(gone.kind, FailureKind::Connect, "{round}: {gone:?}");
        let listener = TcpListener::bind(&proxy).unwrap();
        let serving = std::thread::spawn(move || tunnel(listener, target, 2));
        for _ in 0..2 {
            let Fetched::Body { bytes, .. } = runtime.block_on(fetcher.get(&ask)).unwrap() else {
                panic!("the very next poll reads the page")
            };
            fault.heard(&[&PageModel::default().summary().to_string()], &[text(&bytes)]);
        }
        serving.join().unwrap();
        fault.injected(2);
    }
    assert_eq!(page.requests().len(), 6, "all through the proxy, none past it");
    fault.end();
}

#[test]
fn fault_14_own_network_down_for_two_hours() {
    let mut fault = Fault::new(14, "no network for two hours, a try every five minutes");
    let down = |from: i64| (0..24).map(move |n| fails(from + n * 5, "connect"));
    let mut green = vec![reads(0, &PageModel::default())];
    green.extend(down(1));
    green.push(reads(121, &PageModel::default()));
    fault.heard(&[], &replay(&green));
    fault.injected(down(1).count());
    let mut open = vec![reads(0, &red())];
    open.extend(down(1));
    open.extend([reads(121, &red()), reads(122, &well_again(122)), reads(124, &well_again(122))]);
    fault.heard(&["outage", "lost_sight", "back"], &replay(&open));
    fault.injected(down(1).count());
    fault.end();
}
