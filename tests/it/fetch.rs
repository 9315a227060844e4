//! The real fetcher against a page that misbehaves.

use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use ccwatch::page::engine::Engine;
use ccwatch::page::fetch::{Fetched, Fetcher, Limits, Page, Request};
use ccwatch_core::model::FailureKind::*;
use ccwatch_core::model::*;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;

use crate::page::*;

/// Set in the environment of a test that has started itself again.
const CHILD: &str = "CCWATCH_TEST_CHILD";

const JSON: (&str, &str) = ("Content-Type", "application/json");

fn fetcher(page: &FakePage, limits: Limits) -> Fetcher {
    Fetcher::new(&Page { url: page.url(), fallback: None, engine: Engine::statuspage("") }, limits)
        .unwrap()
}

fn summary(etag: Option<&str>) -> Request {
    let etag = etag.map(str::to_owned);
    Request { host: Host::Primary, endpoint: Endpoint::Summary, etag }
}

fn body(fetched: Fetched) -> (Vec<u8>, Option<String>) {
    match fetched {
        Fetched::Body { bytes, etag } => (bytes, etag),
        Fetched::Unchanged => panic!("unchanged"),
    }
}

/// The failure of one GET of the summary that is answered with `answer`.
async fn failure_of(answer: Answer, limits: Limits) -> Failure {
    let page = FakePage::start();
    page.always(answer);
    fetcher(&page, limits).get(&summary(None)).await.unwrap_err()
}

/// Expects for each answer the kind of failure, and a part of its detail.
async fn expect(limits: &Limits, table: Vec<(&str, Answer, FailureKind, &str)>) {
    for (name, answer, kind, detail) in table {
        let failure = failure_of(answer, limits.clone()).await;
        assert_eq!(failure.kind, kind, "{name}: {failure:?}");
        assert!(failure.detail.contains(detail), "{name}: {failure:?}");
        assert!(failure.detail.len() < 200 && !failure.detail.ends_with('.'), "{failure:?}");
    }
}

// --- the page as it should be ---------------------------------------------------------------

#[tokio::test]
async fn a_body_then_unchanged_then_the_next_body() {
    let page = FakePage::start();
    let fetcher = fetcher(&page, Limits::default());
    let (bytes, etag) = body(fetcher.get(&summary(None)).await.unwrap());
    let snapshot = Engine::statuspage(PAGE_ID).summary(&bytes).unwrap();
    assert_eq!(snapshot.components.len(), 6);
    assert!(snapshot.complete && snapshot.oddities.is_empty());

    let again = summary(etag.as_deref());
    assert_eq!(fetcher.get(&again).await.unwrap(), Fetched::Unchanged);

    page.set(|m| m.set_status(CLAUDE_CODE, "partial_outage", "2026-08-21T10:00:00Z"));
    let (bytes, next) = body(fetcher.get(&again).await.unwrap());
    assert_ne!(etag, next);
    let snapshot = Engine::statuspage(PAGE_ID).summary(&bytes).unwrap();
    assert_eq!(snapshot.components[3].status, PageStatus::Partial);
}

#[tokio::test]
async fn what_is_sent() {
    let page = FakePage::start();
    let fetcher = fetcher(&page, Limits::default());
    let summary_body = page_summary().to_string();
    page.queue(Answer::new(200, &[JSON, ("Set-Cookie", "a=b; Path=/")], summary_body.as_bytes()));
    fetcher.get(&summary(None)).await.unwrap();
    let history = Request { endpoint: Endpoint::Incidents, ..summary(Some("W/\"x\"")) };
    fetcher.get(&history).await.unwrap();
    fetcher.get(&summary(Some("bad\nheader"))).await.unwrap();

    let seen = page.wait_for_requests(3, SOON);
    let paths: Vec<_> = seen.iter().map(|s| s.path.as_str()).collect();
    assert_eq!(paths, ["/api/v2/summary.json", "/api/v2/incidents.json", "/api/v2/summary.json"]);
    let connections: Vec<_> = seen.iter().map(|s| s.connection).collect();
    assert_eq!(connections, [0, 1, 2], "one connection a request");
    for request in &seen {
        let agent = request.header("user-agent").unwrap();
        assert!(agent.starts_with("ccwatch/") && agent.contains("(+https://"), "{agent}");
        assert_eq!(request.header("accept"), Some("application/json"));
        assert_eq!(request.header("accept-encoding"), Some("gzip"));
        assert_eq!((request.header("cookie"), request.header("referer")), (None, None));
    }
    assert_eq!(seen[0].header("if-none-match"), None);
    assert_eq!(seen[1].header("if-none-match"), Some("W/\"x\""));
    assert_eq!(seen[2].header("if-none-match"), None, "a broken ETag is dropped");
}

#[tokio::test]
async fn a_feed_is_asked_for_as_what_it_is() {
    let page = FakePage::start();
    page.queue(Answer::new(200, &[("Content-Type", "application/rss+xml")], b"<rss/>"));
    let feed = Page { url: page.url(), fallback: None, engine: Engine::AzureRss };
    let fetcher = Fetcher::new(&feed, Limits::default()).unwrap();
    fetcher.get(&summary(None)).await.unwrap();
    let seen = page.wait_for_requests(1, SOON);
    let accepted = seen[0].header("accept").unwrap();
    assert!(accepted.starts_with("application/rss+xml,"), "{accepted}");
    assert!(!accepted.contains("json"), "{accepted}");
}

fn page_summary() -> serde_json::Value {
    PageModel::default().summary()
}

#[tokio::test]
async fn a_compressed_body_is_unpacked() {
    let page = FakePage::start();
    let fetcher = fetcher(&page, Limits::default());
    let plain = page_summary().to_string();
    page.always(Answer::new(200, &[JSON, ("Content-Encoding", "gzip")], &gzip(plain.as_bytes())));
    let (bytes, etag) = body(fetcher.get(&summary(None)).await.unwrap());
    assert_eq!((bytes, etag), (plain.into_bytes(), None));
}

#[tokio::test]
async fn the_history_has_the_incidents_that_the_summary_has_no_more() {
    let page = FakePage::start();
    let fetcher = fetcher(&page, Limits::default());
    page.set(|m| {
        m.set_status(API, "major_outage", "2026-08-21T10:00:00Z");
        m.post("inc1", "API errors", "major", "2026-08-21T10:00:00Z", &[API, CLAUDE_CODE]);
    });
    let (bytes, _) = body(fetcher.get(&summary(None)).await.unwrap());
    let open = Engine::statuspage(PAGE_ID).summary(&bytes).unwrap().incidents.unwrap();
    assert_eq!((open.len(), &open[0].phase), (1, &Phase::Investigating));

    page.set(|m| {
        for id in [CLAUDE_AI, CONSOLE, API, COWORK, GOVERNMENT] {
            m.set_status(id, "operational", "2026-08-21T10:40:00Z");
        }
        m.incident("inc1").name = "API errors, renamed".to_owned();
        m.update("inc1", "resolved", "Over.", "2026-08-21T10:40:00Z");
    });
    let (bytes, _) = body(fetcher.get(&summary(None)).await.unwrap());
    assert_eq!(Engine::statuspage(PAGE_ID).summary(&bytes).unwrap().incidents, Some(vec![]));
    let history = Request { endpoint: Endpoint::Incidents, ..summary(None) };
    let (bytes, _) = body(fetcher.get(&history).await.unwrap());
    let [incident] = &Engine::statuspage(PAGE_ID).incidents(&bytes).unwrap()[..] else { panic!() };
    assert_eq!(incident.name, "API errors, renamed");
    assert_eq!(incident.phase, Phase::Resolved);
    assert_eq!(incident.resolved_at, Some("2026-08-21T10:40:00Z".parse().unwrap()));
    assert_eq!(incident.updates.len(), 2);
    assert_eq!(incident.updates[1].changes[0].new, PageStatus::Major);
    assert!(incident.names(&API.into()) && incident.names(&CLAUDE_CODE.into()));
}

#[tokio::test]
async fn the_fallback_is_another_address() {
    let (first, second) = (FakePage::start(), FakePage::start());
    let page = Page {
        url: first.url(),
        fallback: Some(format!("{}/", second.url())),
        engine: Engine::statuspage(""),
    };
    let fetcher = Fetcher::new(&page, Limits::default()).unwrap();
    let there = Request { host: Host::Fallback, ..summary(None) };
    fetcher.get(&there).await.unwrap();
    assert_eq!((first.requests().len(), second.requests().len()), (0, 1));
    assert_eq!(second.requests()[0].path, "/api/v2/summary.json");

    let alone = Page { url: first.url(), fallback: None, engine: Engine::statuspage("") };
    let failure = Fetcher::new(&alone, Limits::default()).unwrap().get(&there).await.unwrap_err();
    assert_eq!(failure.kind, Other);
}

#[tokio::test]
async fn after_faults_the_page_is_read_again() {
    let page = FakePage::start();
    let fetcher = fetcher(&page, Limits::default());
    page.queue(Answer::status(503));
    page.queue(Answer::Cut(vec![]));
    page.always_for("summary", Answer::html("<p>"));
    let mut kinds = Vec::new();
    for _ in 0..3 {
        kinds.push(fetcher.get(&summary(None)).await.unwrap_err().kind);
    }
    assert_eq!(kinds, [Unavailable, Transport, CaptivePortal]);
    page.heal();
    body(fetcher.get(&summary(None)).await.unwrap());
}

/// A cache that goes on with its copy while the page fails says how old that is. Neither the copy nor
/// "unchanged" since then is news of now.
#[tokio::test]
async fn a_copy_that_is_old_by_its_own_word_is_refused() {
    let limits = Limits { age: Duration::from_secs(600), ..Limits::default() };
    let aged = |status, age| {
        let body = if status == 200 { page_summary().to_string() } else { String::new() };
        Answer::new(status, &[JSON, ("Age", age), ("ETag", "\"x\"")], body.as_bytes())
    };
    let page = FakePage::start();
    let fetcher = fetcher(&page, limits);
    for (status, age, detail) in [
        (200, "0", None),
        (200, "600", None),
        (304, "600", None),
        (200, "soon", None),
        (200, "-700", None),
        (200, "601", Some("a cache's copy, 10 min old")),
        (304, "3000", Some("a cache's copy, 50 min old")),
        (200, "99999999999999999999", Some("a cache's copy, 49710 days 6 h old")),
    ] {
        page.queue(aged(status, age));
        let answer = fetcher.get(&summary(Some("\"x\""))).await;
        let failure = answer.err().map(|failure| (failure.kind, failure.detail));
        let expected = detail.map(|detail| (Stale, detail.to_owned()));
        assert_eq!(failure, expected, "{status} {age}");
    }
}

/// The end of a page's address is easily that of its feed.
#[tokio::test]
async fn a_feed_is_no_sign_in_page() {
    let feed = |body: &str| Answer::new(200, &[], body.as_bytes());
    let detail = "200 with an RSS or Atom feed instead of JSON";
    expect(
        &Limits::default(),
        vec![
            ("rss", feed("<rss version=\"2.0\"></rss>"), ContentType, detail),
            (
                "atom",
                feed("\u{feff}<?xml version=\"1.0\"?>\n<!-- x --> <feed>"),
                ContentType,
                detail,
            ),
            ("xhtml", feed("<?xml version=\"1.0\"?><!DOCTYPE html><html>"), CaptivePortal, ""),
            ("no end", feed("<!-- <rss"), CaptivePortal, ""),
        ],
    )
    .await;
}

// --- faults 3 to 6, 11: time, size, and broken answers ----------------------------------------

#[tokio::test]
async fn slow_answers_end_at_the_total_limit() {
    let limits = Limits { total: Duration::from_millis(400), ..Limits::default() };
    // The head of an answer has to come before the limit even on a busy machine.
    let patient = Limits { total: Duration::from_secs(3), ..Limits::default() };
    let every = Duration::from_millis(30);
    let head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n";
    let drip = |at_once: &[u8], then: &[u8]| Answer::Drip {
        at_once: at_once.to_vec(),
        then: then.to_vec(),
        every,
    };
    expect(
        &limits,
        vec![
            ("silence", Answer::Silence, Timeout, "no answer within 400 ms"),
            ("a dripping head", drip(b"", head), Timeout, "no answer within 400 ms"),
        ],
    )
    .await;
    let body = ("a dripping body", drip(head, &[b' '; 900]), Timeout, "no whole answer within");
    expect(&patient, vec![body]).await;
}

#[tokio::test]
async fn a_stalled_body_ends_at_the_read_limit() {
    // The head has to come within it, too, even on a busy machine.
    let limits = Limits { read: Duration::from_secs(2), ..Limits::default() };
    let detail = "stopped coming for 2 s";
    expect(&limits, vec![("stall", Answer::stall_in_body(), Stalled, detail)]).await;
}

#[tokio::test]
async fn broken_answers() {
    let gzipped = |bytes: &[u8]| Answer::new(200, &[JSON, ("Content-Encoding", "gzip")], bytes);
    let mut flipped = gzip(page_summary().to_string().as_bytes());
    let middle = flipped.len() / 2;
    flipped[middle] ^= 0x55;
    let torn = &gzip(page_summary().to_string().as_bytes())[..60];
    let many = "X-Filler: a\r\n".repeat(500);
    expect(
        &Limits::default(),
        vec![
            ("short body", Answer::short_body(), Transport, ""),
            ("no answer, closed", Answer::Cut(vec![]), Transport, ""),
            ("reset at once", Answer::Reset(vec![]), Transport, ""),
            ("reset in the head", Answer::Reset(b"HTTP/1.1 200 O".to_vec()), Transport, ""),
            ("no http", Answer::Cut(b"SSH-2.0-OpenSSH_9.2\r\n".to_vec()), Transport, ""),
            ("no gzip", gzipped(b"{}"), Transport, ""),
            ("damaged gzip", gzipped(&flipped), Transport, ""),
            ("torn gzip", gzipped(torn), Transport, ""),
            ("endless header", Answer::endless_header(), Transport, ""),
            (
                "500 headers",
                Answer::Cut(format!("HTTP/1.1 200 OK\r\n{many}\r\n{{}}").into()),
                Transport,
                "",
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn what_never_ends_is_cut_off_at_the_cap() {
    let limits =
        Limits { summary: 1 << 20, incidents: 3 << 20, total: SOON * 2, ..Limits::default() };
    for answer in [Answer::endless_body(), Answer::gzip_bomb()] {
        for (endpoint, cap) in [(Endpoint::Summary, "1 MiB"), (Endpoint::Incidents, "3 MiB")] {
            let page = FakePage::start();
            page.always(answer.clone());
            let request = Request { endpoint, ..summary(None) };
            let failure = fetcher(&page, limits.clone()).get(&request).await.unwrap_err();
            assert_eq!(failure.kind, TooLarge, "{failure:?}");
            assert_eq!(failure.detail, format!("the answer is larger than {cap}"));
            // What the kernels of both sides hold comes on top of what was read.
            assert!(page.bytes_sent() < 24 << 20, "took {} bytes", page.bytes_sent());
        }
    }
}

/// The most memory that this process ever held, in KiB.
#[cfg(target_os = "linux")]
fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// In a process of its own, because other tests need memory too.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_bomb_costs_little_memory() {
    if std::env::var_os(CHILD).is_none() {
        return run_again("fetch::a_bomb_costs_little_memory", &[]);
    }
    let page = FakePage::start();
    page.always(Answer::gzip_bomb());
    let before = peak_memory();
    let failure = fetcher(&page, Limits::default()).get(&summary(None)).await.unwrap_err();
    let growth = peak_memory() - before;
    assert_eq!(failure.kind, TooLarge, "{failure:?}");
    assert!(growth < 20 << 10, "needed {growth} KiB");
}

#[tokio::test]
async fn a_body_of_exactly_the_cap_is_taken() {
    let page = FakePage::start();
    page.always(Answer::json(vec![b' '; 1000]));
    let just = Limits { summary: 1000, ..Limits::default() };
    assert_eq!(body(fetcher(&page, just).get(&summary(None)).await.unwrap()).0.len(), 1000);
    let less = Limits { summary: 999, ..Limits::default() };
    let failure = fetcher(&page, less).get(&summary(None)).await.unwrap_err();
    assert_eq!(
        (failure.kind, failure.detail.as_str()),
        (TooLarge, "the answer is larger than 999 bytes")
    );
}

#[tokio::test]
async fn nobody_listens() {
    let nobody = DeadPort::new();
    let url = format!("http://{}", nobody.address());
    let page = Page { url, fallback: None, engine: Engine::statuspage("") };
    let fetcher = Fetcher::new(&page, Limits::default()).unwrap();
    let failure = fetcher.get(&summary(None)).await.unwrap_err();
    assert_eq!(failure.kind, Connect);
    assert!(failure.detail.contains("127.0.0.1") && failure.detail.contains("refused"));
}

// --- faults 8 to 10, 12: what the head says -------------------------------------------------

#[tokio::test]
async fn walls_portals_and_other_statuses() {
    let with = |status, headers: &[(&str, &str)]| Answer::new(status, headers, b"<html>");
    let waf = |action| ("x-amzn-waf-action", action);
    expect(
        &Limits::default(),
        vec![
            ("captcha", with(405, &[waf("captcha")]), BotWall, "405 with a firewall's captcha"),
            ("challenge", with(202, &[waf("challenge")]), BotWall, "202"),
            ("403 with waf", with(403, &[waf("block")]), BotWall, "block"),
            ("200 with waf", with(200, &[waf("captcha"), JSON]), BotWall, "200"),
            ("plain 202", Answer::status(202), BotWall, "202 Accepted"),
            ("plain 403", Answer::status(403), BotWall, "403 Forbidden"),
            ("plain 405", Answer::status(405), BotWall, "405"),
            ("511", with(511, &[]), CaptivePortal, "511"),
            ("html", Answer::html("<html>sign in"), CaptivePortal, "200 with text/html instead"),
            ("html as json", Answer::json("\r\n <!doctype html>"), CaptivePortal, "a web page"),
            ("html without a type", Answer::new(200, &[], b"<html>"), CaptivePortal, "a web page"),
            (
                "text",
                Answer::new(200, &[("Content-Type", "text/plain")], b"{}"),
                ContentType,
                "text/plain",
            ),
            ("429", Answer::status(429), RateLimited, "429 Too Many Requests"),
            ("500", Answer::status(500), Unavailable, "500"),
            ("503", Answer::html("<p>").with_status(503), Unavailable, "503 Service Unavailable"),
            ("404", Answer::status(404), HttpStatus, "404 Not Found"),
            ("204", Answer::status(204), HttpStatus, "204"),
            ("304 unasked", Answer::status(304), UnexpectedUnchanged, "304"),
        ],
    )
    .await;
}

#[tokio::test]
async fn json_by_any_name() {
    for name in ["application/json; charset=utf-8", "Application/JSON", "text/json", "a/b+json"] {
        let page = FakePage::start();
        page.always(Answer::new(200, &[("Content-Type", name)], b"{}"));
        let (bytes, _) = body(fetcher(&page, Limits::default()).get(&summary(None)).await.unwrap());
        assert_eq!(bytes, b"{}", "{name}");
    }
}

#[tokio::test]
async fn a_304_to_an_etag_that_could_not_be_sent_is_unexpected() {
    let page = FakePage::start();
    page.always(Answer::status(304));
    let fetcher = fetcher(&page, Limits::default());
    assert_eq!(fetcher.get(&summary(Some("\"a\""))).await, Ok(Fetched::Unchanged));
    let failure = fetcher.get(&summary(Some("a\r\nb"))).await.unwrap_err();
    assert_eq!(failure.kind, UnexpectedUnchanged);
}

#[tokio::test]
async fn retry_after_reaches_the_failure() {
    let date = ("Date", "Fri, 21 Aug 2026 10:00:00 GMT");
    let until = ("Retry-After", "Fri, 21 Aug 2026 10:05:00 GMT");
    for (status, headers, expected) in [
        (429, vec![("Retry-After", "120")], Some(120)),
        (503, vec![date, until], Some(300)),
        (429, vec![until], None),
        (503, vec![("Retry-After", "soon")], None),
    ] {
        let failure = failure_of(Answer::new(status, &headers, b""), Limits::default()).await;
        assert_eq!(failure.retry_after, expected.map(Duration::from_secs), "{headers:?}");
    }
}

#[tokio::test]
async fn redirects() {
    let elsewhere = FakePage::start();
    let elsewhere_url = elsewhere.url();
    let table = [
        ("https://status.example.org/".to_owned(), "status.example.org"),
        ("http://status.example.org/".to_owned(), "http://status.example.org"),
        (format!("{}/api/v2/summary.json", elsewhere.url()), elsewhere_url.as_str()),
        ("https://127.0.0.1/api/v2/summary.json".to_owned(), "https://127.0.0.1"),
        ("ftp://127.0.0.1/x".to_owned(), "ftp://127.0.0.1"),
        ("/api/v2/summary.json".to_owned(), "more than 5 times"),
        ("http://[".to_owned(), ""),
    ];
    for (to, detail) in table {
        let failure = failure_of(Answer::redirect(&to), Limits::default()).await;
        assert_eq!(failure.kind, Redirect, "{to}: {failure:?}");
        assert!(failure.detail.contains(detail), "{to}: {failure:?}");
    }
    assert_eq!(failure_of(Answer::status(302), Limits::default()).await.kind, Redirect);
    assert!(elsewhere.requests().is_empty(), "nobody was asked elsewhere");

    let page = FakePage::start();
    (0..5).for_each(|_| page.queue(Answer::redirect("/api/v2/summary.json")));
    body(fetcher(&page, Limits::default()).get(&summary(None)).await.unwrap());
    assert_eq!(page.requests().len(), 6);
}

// --- fault 7: TLS ---------------------------------------------------------------------------

/// An authority that can certify servers.
pub(crate) fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new(vec![]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// A server certified by `authority` for `name`, from the year `first` to `last`.
pub(crate) fn server(
    authority: &CertifiedIssuer<'_, KeyPair>,
    name: &str,
    years: [i32; 2],
) -> ServerConfig {
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    params.not_before = date_time_ymd(years[0], 1, 1);
    params.not_after = date_time_ymd(years[1], 1, 1);
    let key = KeyPair::generate().unwrap();
    let chain = vec![params.signed_by(&key, authority).unwrap().der().clone()];
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap()
}

#[tokio::test]
async fn a_certificate_of_an_unknown_authority_is_refused() {
    let page = FakePage::start_tls(server(&authority(), "127.0.0.1", [2020, 2090]));
    let failure = fetcher(&page, Limits::default()).get(&summary(None)).await.unwrap_err();
    assert_eq!(failure.kind, Tls, "{failure:?}");
    assert!(failure.detail.contains("the certificate of 127.0.0.1 is not valid"), "{failure:?}");
    assert!(page.requests().is_empty(), "nothing was asked");
}

/// Starts the test `name` of this binary again, in an environment that it can't give itself.
fn run_again(name: &str, environment: &[(&str, &str)]) {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .env(CHILD, "1")
        .envs(environment.iter().copied())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && text.contains("1 passed"), "{text}\n{errors}");
}

/// Here the machine knows the authority, so that each other fault of a certificate shows by itself.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn certificates_of_a_known_authority() {
    let Some(file) =
        std::env::var_os("SSL_CERT_FILE").filter(|_| std::env::var_os(CHILD).is_some())
    else {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("authority.pem");
        let file = file.to_str().unwrap();
        let name = "fetch::certificates_of_a_known_authority";
        return run_again(name, &[("SSL_CERT_FILE", file), ("SSL_CERT_DIR", "")]);
    };
    let authority = authority();
    std::fs::write(file, authority.pem()).unwrap();
    let ok = FakePage::start_tls(server(&authority, "127.0.0.1", [2020, 2090]));
    body(fetcher(&ok, Limits::default()).get(&summary(None)).await.unwrap());

    let url = ok.url();
    let (_, address) = url.split_once("://").unwrap();
    ok.always(Answer::redirect(&format!("http://{address}")));
    let failure = fetcher(&ok, Limits::default()).get(&summary(None)).await.unwrap_err();
    assert_eq!(
        (failure.kind, failure.detail.as_str()),
        (Redirect, format!("redirected to http://{address}").as_str())
    );

    for (name, years, detail) in [
        ("127.0.0.1", [2020, 2021], "expired"),
        ("127.0.0.1", [2089, 2090], "not valid yet"),
        ("status.example.org", [2020, 2090], "another name"),
    ] {
        let page = FakePage::start_tls(server(&authority, name, years));
        let failure = fetcher(&page, Limits::default()).get(&summary(None)).await.unwrap_err();
        assert_eq!(failure.kind, Tls, "{failure:?}");
        assert!(failure.detail.ends_with(detail), "{failure:?}");
        assert!(page.requests().is_empty(), "nothing was asked");
    }
}

// --- fault 13: a proxy ----------------------------------------------------------------------

#[tokio::test]
async fn the_proxy_of_the_environment_is_used_but_not_for_loopback() {
    if std::env::var_os(CHILD).is_none() {
        let proxy = FakePage::start();
        let url = proxy.url();
        let proxies = [("HTTPS_PROXY", url.as_str()), ("HTTP_PROXY", &url), ("NO_PROXY", "")];
        run_again("fetch::the_proxy_of_the_environment_is_used_but_not_for_loopback", &proxies);
        let paths: Vec<_> = proxy.requests().into_iter().map(|seen| seen.path).collect();
        assert_eq!(paths, ["status.test:443"], "one tunnel asked for");
        return;
    }
    let here = FakePage::start();
    body(fetcher(&here, Limits::default()).get(&summary(None)).await.unwrap());
    let away = Page {
        url: "https://status.test".to_owned(),
        fallback: None,
        engine: Engine::statuspage(""),
    };
    let fetcher = Fetcher::new(&away, Limits::default()).unwrap();
    let failure = fetcher.get(&summary(None)).await.unwrap_err();
    assert_eq!(failure.kind, Connect, "{failure:?}");
}
