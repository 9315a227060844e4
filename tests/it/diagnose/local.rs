//! The second witness: a user whose daemon follows the transcripts, on a desktop.

use super::*;
use crate::desktop::{Bus, PATIENCE, Server};
use crate::program::Daemon;

struct Desk {
    user: User,
    server: Server,
    _bus: Bus,
    _dir: tempfile::TempDir,
}

impl Desk {
    fn new(transcripts: bool) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let bus = Bus::start(dir.path());
        let page = FakePage::start();
        let server = Server::start(&bus, &["body"]);
        let home = Home::on(&page, bus.address());
        let more = format!(
            "[poll]\ninterval = \"40ms\"\nduring_outage = \"40ms\"\n[notify]\nsettle = \
             \"60ms\"\n[local]\ntranscripts = {transcripts}\n"
        );
        home.configure(&page.url(), "stale_after = \"10m\"", &more);
        let user = User { page, home };
        user.file(".claude/projects/-work/old.jsonl", &"{\"type\":\"user\"}\n".repeat(1000));
        Self { user, server, _bus: bus, _dir: dir }
    }

    fn append(&self, session: &str, row: &Value) {
        let path = self.user.home.path().join(format!(".claude/projects/-work/{session}.jsonl"));
        let file = fs::OpenOptions::new().create(true).append(true).open(path);
        writeln!(file.unwrap(), "{row}").unwrap();
    }

    /// Two more whole polls.
    fn polls(&self) {
        let seen = self.user.page.requests().len();
        self.user.page.wait_for_requests(seen + 3, SOON);
    }

    /// `ccwatch hook` with `event` on its standard input.
    fn hook(&self, event: &Value) -> (String, String) {
        self.hook_in(event, &[])
    }

    /// The same, in a session with `env`.
    fn hook_in(&self, event: &Value, env: &[(&str, &str)]) -> (String, String) {
        let mut command = self.user.home.command(&["hook"]);
        command.envs(env.iter().copied());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(event.to_string().as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success());
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (text(output.stdout), text(output.stderr))
    }

    /// Waits until `status` has nothing to say any more.
    fn becomes_clear(&self) {
        loop {
            let seen = self.user.page.requests().len();
            if text(&self.user.home.status().0["verdict"]) == "clear" {
                break;
            }
            self.user.page.wait_for_requests(seen + 1, SOON);
        }
    }

    fn notices(&self) -> Vec<(String, Option<i64>)> {
        let db = rusqlite::Connection::open(self.user.home.state().join("ccwatch.db")).unwrap();
        let mut ask = db.prepare("SELECT kind, lead_seconds FROM notices ORDER BY id").unwrap();
        let rows = ask.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        rows.map(Result::unwrap).collect()
    }
}

#[test]
fn story_five_the_notice_comes_before_the_page_and_becomes_part_of_the_outage() {
    let desk = Desk::new(true);
    let mut daemon = desk.user.home.daemon();
    daemon.says("Claude Code transcripts are followed");
    desk.polls();
    for ago in [50, 30, 10] {
        desk.append("a", &retry("a", ago, 529, &format!("req_{ago}")));
    }
    let log = desk.server.wait_for(1, PATIENCE);
    assert_eq!(log[0].summary, "API errors here, page still green");
    assert_eq!(log[0].urgency, Some(0));
    let (status, code) = desk.user.home.status();
    assert_eq!((text(&status["verdict"]), code), ("suspect", 1), "{status:#}");
    desk.polls();
    desk.user.page.set(|page| {
        page.set_status(API, "partial_outage", &now().to_string());
    });
    let log = desk.server.wait_for(2, PATIENCE);
    assert_eq!(log[1].summary, "Partial outage: Claude API");
    assert_eq!(desk.server.list().len(), 1, "no second bubble");
    assert!(log[1].body.contains("Your own errors began 1 min before the page."), "{log:?}");
    let words = format!("API Error: 401 {} refused", CANARIES[4]);
    desk.append("a", &terminal("a", 0, Some(401), "authentication_failed", &words));
    daemon.says("status=401");
    // A type that isn't the API's could be anything.
    let words = format!("API Error: 500 {{\"error\":{{\"type\":\"{}\"}}}}", CANARIES[4]);
    desk.append("a", &terminal("a", 0, Some(500), "server_error", &words));
    daemon.says("status=500");
    desk.polls();
    let (_, _, said) = daemon.stop();
    assert!(!said.contains("CANARY") && !said.contains("secret-"), "{said}");
    let notices = desk.notices();
    assert_eq!((notices[0].0.as_str(), notices[1].0.as_str()), ("suspect", "outage"));
    let lead = notices[1].1.unwrap();
    assert!((50..110).contains(&lead), "{lead} s");
    let past = desk.user.home.run(&["history", "--json"]);
    let past: Value = serde_json::from_slice(&past.stdout).unwrap();
    assert_eq!(past["episodes"][0]["lead_seconds"], lead, "{past:#}");
    let past = String::from_utf8(desk.user.home.run(&["history"]).stdout).unwrap();
    assert!(past.contains("\n    Your machine saw it 1 min before the page."), "{past}");
    // Of the errors nothing is kept but what was announced.
    let db = fs::read(desk.user.home.state().join("ccwatch.db")).unwrap();
    let db = String::from_utf8_lossy(&db);
    assert!(db.contains("req_50") && !db.contains("secret-"), "no path, no branch, no text");
    assert!(!db.contains("CANARY") && !db.contains("refused"), "no text, no secret");
}

#[test]
fn a_success_ends_it_and_what_is_switched_off_is_not_read() {
    let desk = Desk::new(true);
    let mut daemon = desk.user.home.daemon();
    daemon.says("Claude Code transcripts are followed");
    desk.polls();
    desk.append("a", &retry("a", 2, 529, "req_1"));
    desk.append("b", &retry("b", 1, 529, "req_2"));
    desk.server.wait_for(1, PATIENCE);
    desk.append("b", &answer("b", 0));
    desk.becomes_clear();
    daemon.kill();

    let off = Desk::new(false);
    let mut daemon = off.user.home.daemon();
    daemon.says("watching");
    off.polls();
    for session in ["a", "b", "c"] {
        off.append(session, &retry(session, 1, 529, "req_1"));
    }
    // What a hook reports afterwards is seen: so the rows would have been, too.
    off.hook(&failure("d"));
    daemon.says("an API error on this machine");
    assert_eq!(text(&off.user.home.status().0["verdict"]), "clear");
    let (_, _, said) = daemon.stop();
    assert_eq!(said.matches("an API error on this machine").count(), 0, "only the hook's");
}

/// The sandbox is closed by then.
#[test]
fn transcripts_that_come_after_the_start_are_followed() {
    let desk = Desk::new(true);
    let claude = desk.user.home.path().join(".claude");
    fs::remove_dir_all(&claude).unwrap();
    let mut daemon = desk.user.home.daemon();
    daemon.says("Claude Code transcripts are followed");
    fs::create_dir_all(claude.join("projects/-work")).unwrap();
    for session in ["a", "b", "c"] {
        desk.polls();
        desk.append("a", &retry(session, 1, 529, "req_1"));
    }
    let log = desk.server.wait_for(1, PATIENCE);
    assert_eq!(log[0].summary, "API errors here, page still green");
}

/// A desk under suspicion; the newest error is `ago` seconds old.
fn suspected(ago: i64) -> (Desk, Daemon) {
    let desk = Desk::new(true);
    let mut daemon = desk.user.home.daemon();
    daemon.says("Claude Code transcripts are followed");
    desk.polls();
    for (session, more) in [("a", 2), ("b", 0)] {
        desk.append(session, &retry(session, ago + more, 529, &format!("req_{session}")));
    }
    desk.server.wait_for(1, PATIENCE);
    assert_eq!(text(&desk.user.home.status().0["verdict"]), "suspect");
    (desk, daemon)
}

const SUSPECT: &str = "the page is green, but this machine saw API errors";

#[test]
fn who_waits_waits_for_an_answer_or_for_the_page_to_follow() {
    let (desk, _daemon) = suspected(1);
    let mut wait = desk.user.home.start(&["wait"]);
    wait.says(&format!("waiting: {SUSPECT}"));
    let mut clear = desk.user.home.start(&["wait", "--for", "clear"]);
    clear.says(&format!("waiting: {SUSPECT}"));
    desk.append("b", &answer("b", 0));
    for wait in [wait, clear] {
        let (ended, said) = wait.ends();
        assert_eq!(ended.code(), Some(0), "{said}");
        assert!(said.ends_with("the page is green"), "{said}");
    }

    let (desk, _daemon) = suspected(1);
    let mut wait = desk.user.home.start(&["wait"]);
    wait.says(SUSPECT);
    desk.user.outage();
    wait.says("waiting: Claude API: partial outage");
    let at = now().to_string();
    desk.user.page.set(|page| page.update("abc", "monitoring", "Fixed.", &at));
    let (ended, said) = wait.ends();
    assert_eq!(ended.code(), Some(0), "{said}");
    assert!(said.contains("a fix is out"), "{said}");
}

#[test]
fn who_waits_waits_no_longer_than_the_errors_and_a_failure_is_not_taken_for_ones_own() {
    // Six minutes later, as far as what is stored knows.
    let (desk, daemon) = suspected(1);
    daemon.kill();
    let db = rusqlite::Connection::open(desk.user.home.state().join("ccwatch.db")).unwrap();
    let sql = "SELECT value FROM page WHERE key = 'local'";
    let local: String = db.query_row(sql, [], |row| row.get(0)).unwrap();
    let mut local: Value = serde_json::from_str(&local).unwrap();
    let then = now().saturating_sub(jiff::SignedDuration::from_secs(360)).unwrap();
    for (_, at) in local["suspicion"].as_object_mut().unwrap() {
        if at.as_str().is_some_and(|at| at.parse::<jiff::Timestamp>().is_ok()) {
            *at = then.to_string().into();
        }
    }
    db.execute("UPDATE page SET value = ?1 WHERE key = 'local'", [local.to_string()]).unwrap();
    drop(db);
    let _daemon = desk.user.home.daemon();
    desk.polls();
    let (ended, said) = desk.user.home.start(&["wait"]).ends();
    assert_eq!(ended.code(), Some(0), "{said}");
    let last = format!("{SUSPECT}: repeat the same request, on the same path");
    assert!(said.ends_with(&last), "{said}");
    // The pause before a repeat is longer than the time that is given.
    let output = desk.user.home.run(&["retry", "--within", "1s", "--", "false"]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains(&format!("waiting: {SUSPECT}")), "{said}");
    assert!(said.contains("time is up"), "{said}");
}

#[test]
fn following_is_switched_on_and_off_while_it_runs() {
    let desk = Desk::new(false);
    // In the sandbox only what was allowed at the start can be read: that is said.
    let sandboxed = fs::read_to_string(desk.user.home.config()).unwrap();
    let mut daemon = desk.user.home.daemon();
    daemon.says("watching");
    let on = sandboxed.replace("transcripts = false", "transcripts = true");
    fs::write(desk.user.home.config(), on).unwrap();
    daemon.signal("-HUP");
    daemon.says("so start ccwatch again");
    daemon.stop();
    fs::write(desk.user.home.config(), format!("sandbox = false\n{sandboxed}")).unwrap();
    let mut daemon = desk.user.home.daemon();
    daemon.says("watching");
    desk.polls();
    desk.append("a", &retry("a", 2, 529, "req_before"));
    let off = fs::read_to_string(desk.user.home.config()).unwrap();
    let on = off.replace("transcripts = false", "transcripts = true");
    fs::write(desk.user.home.config(), on).unwrap();
    daemon.signal("-HUP");
    daemon.says("Claude Code transcripts are followed");
    desk.append("b", &retry("b", 1, 529, "req_b"));
    daemon.says("an API error on this machine");
    fs::write(desk.user.home.config(), &off).unwrap();
    daemon.signal("-HUP");
    daemon.says("Claude Code transcripts are no longer followed");
    desk.append("c", &retry("c", 1, 529, "req_c"));
    desk.hook(&failure("d"));
    daemon.says("an API error on this machine");
    let (_, _, said) = daemon.stop();
    assert_eq!(said.matches("an API error on this machine").count(), 0, "only the hook's");
}

#[test]
fn the_daemon_keeps_no_secret_anywhere() {
    let desk = Desk::new(true);
    desk.user.login();
    let helper = format!("echo {}", CANARIES[1]);
    let settings = json!({"env": {"ANTHROPIC_AUTH_TOKEN": CANARIES[1],
        "ANTHROPIC_CUSTOM_HEADERS": CANARIES[6]}, "apiKeyHelper": helper});
    desk.user.file(".claude/settings.json", &settings.to_string());
    let proxy = format!("http://me:{}@127.0.0.1:1", CANARIES[5]);
    let recording = desk.user.home.path().join("recording.jsonl");
    let env = [
        ("ANTHROPIC_API_KEY", CANARIES[0]),
        ("ANTHROPIC_AUTH_TOKEN", CANARIES[1]),
        ("CLAUDE_CODE_OAUTH_TOKEN", CANARIES[2]),
        ("ANTHROPIC_CUSTOM_HEADERS", CANARIES[6]),
        ("https_proxy", &proxy),
        ("HTTPS_PROXY", &proxy),
    ];
    let mut command =
        desk.user.home.command(&["-vv", "run", "--record", recording.to_str().unwrap()]);
    command.envs(env);
    let mut daemon = Daemon::start(command);
    daemon.says("Claude Code transcripts are followed");
    desk.polls();
    // In the text of rows, in what a hook reports, and in a report that somebody put there.
    let words = format!("API Error: 529 {} {proxy} Overloaded", CANARIES[4]);
    desk.append("a", &terminal("a", 2, Some(529), "server_error", &words));
    daemon.says("an API error on this machine");
    let mut event = failure("b");
    event["last_assistant_message"] = words.clone().into();
    event["error_details"] = words.into();
    desk.hook(&event);
    daemon.says("an API error on this machine");
    desk.server.wait_for(1, PATIENCE);
    let inbox = desk.user.home.state().join("inbox");
    fs::write(inbox.join("odd.new"), format!("{{\"failed\": \"{}\"}}", CANARIES[4])).unwrap();
    fs::rename(inbox.join("odd.new"), inbox.join("odd.json")).unwrap();
    desk.user.outage();
    daemon.says("Partial outage: ");
    desk.polls();
    let mut all = Vec::new();
    // While it runs there is a log beside the database.
    for entry in fs::read_dir(desk.user.home.state()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            all.extend(fs::read(&path).unwrap());
        }
    }
    assert!(desk.user.home.state().join("ccwatch.db-wal").exists());
    for args in [&["doctor"][..], &["status", "--all"], &["history", "--notices"]] {
        let output = desk.user.home.command(args).envs(env).output().unwrap();
        all.extend(output.stdout);
        all.extend(output.stderr);
    }
    let (_, _, said) = daemon.stop();
    all.extend(said.into_bytes());
    all.extend(fs::read(&recording).unwrap());
    all.extend(fs::read(desk.user.home.state().join("ccwatch.db")).unwrap());
    for notice in desk.server.wait_for(2, PATIENCE) {
        all.extend(format!("{} {}", notice.summary, notice.body).into_bytes());
    }
    let all = String::from_utf8_lossy(&all);
    assert!(all.contains("Partial outage: Claude API") && all.contains("\"endpoint\""));
    let found = all.find("CANARY").map(|at| all.get(at.saturating_sub(200)..at + 40));
    assert_eq!(found, None, "a secret came out");

    // An address with a password is refused, and the refusal doesn't repeat it.
    let url = format!("https://me:{}@status.example", CANARIES[5]);
    desk.user.home.configure(&url, "", "");
    for args in [&["run"][..], &["status"], &["config", "show"], &["doctor"]] {
        let output = desk.user.home.run(args);
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        assert!(said.contains("page.url") && !said.contains("CANARY"), "{args:?}: {said}");
    }
}

fn failure(session: &str) -> Value {
    json!({"session_id": session, "hook_event_name": "StopFailure", "error": "server_error",
        "cwd": "/home/me/secret-project", "last_assistant_message": "API Error: 529 Overloaded."})
}

#[test]
fn hooks_report_failures_and_recoveries_and_never_get_in_the_way() {
    let desk = Desk::new(false);
    let quiet = (String::new(), String::new());
    let start = json!({"session_id": "a", "hook_event_name": "SessionStart", "source": "startup"});
    let stop = json!({"session_id": "a", "hook_event_name": "Stop"});
    for event in [failure("a"), stop.clone(), start.clone(), json!("odd"), json!({})] {
        assert_eq!(desk.hook(&event), quiet, "not set up: nothing happens");
    }
    assert!(!desk.user.home.state().exists());
    let mut daemon = desk.user.home.daemon();
    desk.polls();
    assert_eq!(desk.hook(&failure("a")), quiet);
    daemon.says("an API error on this machine");
    assert_eq!(desk.hook(&failure("b")), quiet);
    let log = desk.server.wait_for(1, PATIENCE);
    assert_eq!(log[0].summary, "API errors here, page still green");
    assert_eq!(desk.hook(&stop), quiet);
    desk.becomes_clear();
    assert_eq!(desk.hook(&start), quiet, "green: nothing to say");
    desk.user.outage();
    daemon.says("Partial outage: ");
    desk.polls();
    let (said, _) = desk.hook(&start);
    assert!(said.starts_with("ccwatch: WAIT: Claude API: partial outage"), "{said}");
    assert_eq!(said.lines().count(), 1);
    let db = fs::read(desk.user.home.state().join("ccwatch.db")).unwrap();
    assert!(!String::from_utf8_lossy(&db).contains("secret-project"));
}

#[test]
fn sessions_behind_a_gateway_are_never_a_suspicion() {
    let desk = Desk::new(true);
    let mut daemon = desk.user.home.daemon();
    daemon.says("Claude Code transcripts are followed");
    desk.polls();
    let gateway = [("ANTHROPIC_BASE_URL", "http://127.0.0.1:8787")];
    // One says so when it begins; of the other the environment of its failure tells.
    let start = json!({"session_id": "a", "hook_event_name": "SessionStart", "source": "startup"});
    desk.hook_in(&start, &gateway);
    desk.hook_in(&failure("b"), &gateway);
    daemon.says("an API error on this machine");
    for ago in [3, 2, 1] {
        desk.append("a", &retry("a", ago, 529, &format!("req_{ago}")));
        daemon.says("an API error on this machine");
    }
    desk.polls();
    assert_eq!(text(&desk.user.home.status().0["verdict"]), "clear");
    // Two that go straight are one.
    for session in ["c", "d"] {
        desk.hook(&failure(session));
    }
    let log = desk.server.wait_for(1, PATIENCE);
    assert!(log[0].body.starts_with("2 errors of the API (529)"), "{log:?}");
    // An answer ends it, however long it is.
    let long = "x".repeat(2 << 20);
    desk.hook(&json!({"session_id": "d", "hook_event_name": "Stop",
        "last_assistant_message": long}));
    desk.becomes_clear();
    daemon.kill();
}

#[test]
fn the_plugin_is_what_claude_code_expects() {
    let read = |path: &str| -> Value {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/claude-code/");
        serde_json::from_str(&fs::read_to_string(format!("{root}{path}")).unwrap()).unwrap()
    };
    let market = read(".claude-plugin/marketplace.json");
    assert!(market["name"].is_string() && market["owner"]["name"].is_string());
    let source = text(&market["plugins"][0]["source"]).trim_start_matches("./").to_owned();
    let plugin = read(&format!("{source}/.claude-plugin/plugin.json"));
    assert_eq!(plugin["name"], market["plugins"][0]["name"]);
    assert_eq!(plugin["version"], env!("CARGO_PKG_VERSION"));
    let hooks = read(&format!("{source}/hooks/hooks.json"));
    for event in ["StopFailure", "Stop", "SessionStart"] {
        let hook = &hooks["hooks"][event][0]["hooks"][0];
        assert_eq!(hook["type"], "command");
        assert!(text(&hook["command"]).contains("ccwatch hook"), "{event}");
    }
}
