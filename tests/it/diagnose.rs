//! `ccwatch diagnose`, `route` and `evidence`: a fake page, a fake home, the built program.

#[cfg(target_os = "linux")]
mod local;
mod today;

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::Stdio;

use ccwatch::platform::clock::now;
use serde_json::{Value, json};

use crate::page::{API, CLAUDE_AI, CLAUDE_CODE, FakePage, SOON};
use crate::program::Home;

/// Keys planted in every place where one can be: none of them may ever come out.
const CANARIES: [&str; 7] = [
    "sk-ant-api03-CANARYENVIRONMENT0001",
    "sk-ant-api03-CANARYSETTINGS00002",
    "CANARYaccessToken00003AAAABBBBCCCC",
    "CANARYrefreshToken00004AAAABBBBCCC",
    "sk-ant-oat01-CANARYTRANSCRIPT0005",
    "CANARYproxypassword0006",
    "CANARYcustomheader0007",
];

/// One user with a page and transcripts.
struct User {
    page: FakePage,
    home: Home,
}

impl User {
    fn new() -> Self {
        let page = FakePage::start();
        let home = Home::new(&page);
        fs::create_dir_all(home.path().join("work")).unwrap();
        Self { page, home }
    }

    fn file(&self, path: &str, content: &str) -> PathBuf {
        let path = self.home.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    fn login(&self) {
        let oauth = json!({"claudeAiOauth": {"accessToken": CANARIES[2],
            "refreshToken": CANARIES[3], "expiresAt": 4_102_444_800_000_i64, "scopes": []}});
        self.file(".claude/.credentials.json", &oauth.to_string());
    }

    /// What the user said about API keys: the ends of those that were approved and rejected.
    fn answers(&self, approved: &[&str], rejected: &[&str]) {
        let answers = json!({"customApiKeyResponses":
            {"approved": approved, "rejected": rejected}, "numStartups": 7});
        self.file(".claude.json", &answers.to_string());
    }

    /// The answer of `ccwatch route`, as JSON or as text.
    fn route(&self, json: bool, env: &[(&str, &str)]) -> String {
        let args: &[&str] = if json { &["route", "--json"] } else { &["route"] };
        let mut command = self.home.command(args);
        let command = command.current_dir(self.home.path().join("work"));
        let output = command.envs(env.iter().copied()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn route_json(&self, env: &[(&str, &str)]) -> Value {
        serde_json::from_str(&self.route(true, env)).unwrap()
    }

    /// Rows of a session, as a transcript.
    fn session(&self, id: &str, rows: &[Value]) {
        let lines: Vec<String> = rows.iter().map(Value::to_string).collect();
        self.file(&format!(".claude/projects/-work/{id}.jsonl"), &(lines.join("\n") + "\n"));
    }

    /// The answer of `ccwatch diagnose --json` with `args`, and its exit code.
    fn diagnose(&self, args: &[&str], env: &[(&str, &str)]) -> (Value, i32) {
        let mut command = self.home.command(&["diagnose", "--json"]);
        let command = command.current_dir(self.home.path().join("work")).args(args);
        let output = command.envs(env.iter().copied()).output().unwrap();
        let json = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&output.stderr)));
        (json, output.status.code().unwrap())
    }

    fn outage(&self) {
        let at = now().saturating_sub(jiff::SignedDuration::from_secs(60)).unwrap().to_string();
        self.page.set(|page| {
            page.set_status(API, "partial_outage", &at);
            page.post("abc", "Elevated errors on Claude models", "major", &at, &[API]);
        });
    }
}

fn row(session: &str, seconds_ago: i64, more: &Value) -> Value {
    let at = now().saturating_sub(jiff::SignedDuration::from_secs(seconds_ago)).unwrap();
    let mut row = json!({"timestamp": at.to_string(), "sessionId": session,
        "version": "2.1.260", "cwd": "/home/me/secret-project", "gitBranch": "secret-branch"});
    for (key, value) in more.as_object().unwrap() {
        row[key] = value.clone();
    }
    row
}

fn terminal(
    session: &str,
    seconds_ago: i64,
    status: Option<u16>,
    error: &str,
    text: &str,
) -> Value {
    let message = json!({"model": "<synthetic>", "content": [{"type": "text", "text": text}]});
    let mut more = json!({"type": "assistant", "message": message, "isApiErrorMessage": true,
        "error": error});
    if let Some(status) = status {
        more["apiErrorStatus"] = status.into();
    }
    row(session, seconds_ago, &more)
}

fn retry(session: &str, seconds_ago: i64, status: u16, id: &str) -> Value {
    row(
        session,
        seconds_ago,
        &json!({"type": "system", "subtype": "api_error", "level": "error",
            "error": {"message": format!("{status} x"), "status": status, "requestId": id,
                "formatted": format!("{status} x"), "connection": null},
            "retryInMs": 500.0, "retryAttempt": 1, "maxRetries": 10}),
    )
}

fn answer(session: &str, seconds_ago: i64) -> Value {
    let message = json!({"model": "claude-x", "content": [{"type": "text", "text": "ok"}]});
    row(
        session,
        seconds_ago,
        &json!({"type": "assistant", "message": message, "requestId": "req_ok"}),
    )
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

const INTERNAL: &str = "API Error: 500 Internal server error. This is a server-side issue, usually \
    temporary — try again in a moment. If it persists, check https://status.claude.com.";

#[test]
fn story_one_a_live_incident() {
    let user = User::new();
    user.login();
    user.session("one", &[terminal("one", 20, Some(500), "server_error", INTERNAL)]);
    user.outage();
    let (found, code) = user.diagnose(&[], &[]);
    assert_eq!((text(&found["branch"]), code), ("live_incident", 10), "{found:#}");
    assert_eq!(text(&found["confidence"]), "high");
    assert!(text(&found["first_move"]).starts_with("Change nothing and wait"));
    assert_eq!(text(&found["verify"]), "Repeat the same request on the same path.");
    assert_eq!(found["page"]["source"], "live");
    assert_eq!(found["route"]["path"], "subscription");
    assert_eq!(found["error"]["status"], 500);
}

#[test]
fn story_two_the_login() {
    let user = User::new();
    user.login();
    let words = "Please run /login · API Error: 401 OAuth access token has expired.";
    user.session("two", &[terminal("two", 20, Some(401), "authentication_failed", words)]);
    let (found, code) = user.diagnose(&["--last"], &[]);
    assert_eq!((text(&found["branch"]), code), ("login", 11), "{found:#}");
    assert!(text(&found["first_move"]).contains("/status"));
    assert!(text(&found["first_move"]).contains("/login"));
    assert!(text(&found["first_move"]).contains("claude doctor"));
    // The same while nobody can log in: not the time to log in again.
    let at = now().to_string();
    user.page.set(|page| page.post("auth", "Users can't log in", "major", &at, &[CLAUDE_AI]));
    let (found, code) = user.diagnose(&["--last"], &[]);
    assert_eq!((text(&found["branch"]), code), ("live_incident", 10), "{found:#}");
    assert!(text(&found["first_move"]).contains("don't log in again yet"));
}

#[test]
fn story_three_the_session() {
    let user = User::new();
    user.login();
    let long = terminal("three", 20, Some(400), "invalid_request", "Prompt is too long");
    user.session("three", &[answer("three", 90), long]);
    let (found, code) = user.diagnose(&["--session", "three"], &[]);
    assert_eq!((text(&found["branch"]), code), ("session", 12), "{found:#}");
    assert!(text(&found["first_move"]).contains("fresh session"));
    // A resumed session that keeps failing while a fresh one works.
    let failing: Vec<Value> =
        [60, 40, 20].map(|ago| terminal("old", ago, Some(500), "server_error", INTERNAL)).into();
    user.session("old", &failing);
    let (found, code) = user.diagnose(&["--session", "old"], &[]);
    assert_eq!((text(&found["branch"]), code), ("undecided", 16), "{found:#}");
    assert!(text(&found["missing"]).contains("fresh session"));
    user.session("new", &[answer("new", 5)]);
    let (found, code) = user.diagnose(&["--session", "old"], &[]);
    assert_eq!((text(&found["branch"]), code), ("session", 12), "{found:#}");
    // And one that fails the same way is no matter of the session.
    user.session("other", &[terminal("other", 30, Some(500), "server_error", INTERNAL)]);
    let (found, code) = user.diagnose(&["--session", "old"], &[]);
    assert_eq!((text(&found["branch"]), code), ("live_incident", 10), "{found:#}");
}

#[test]
fn story_four_the_route() {
    let user = User::new();
    user.login();
    user.session("four", &[terminal("four", 20, Some(500), "server_error", "API Error: 500 x")]);
    let settings = json!({"env": {"ANTHROPIC_BASE_URL": "http://127.0.0.1:8787/v1"}});
    user.file("work/.claude/settings.local.json", &settings.to_string());
    let (found, code) = user.diagnose(&[], &[]);
    assert_eq!((text(&found["branch"]), code), ("route", 13), "{found:#}");
    let first = text(&found["first_move"]);
    assert!(first.contains("127.0.0.1:8787") && first.contains("settings.local.json"), "{first}");
    // A settings file goes before the shell, even to switch something off.
    let off = json!({"env": {"ANTHROPIC_BASE_URL": ""}});
    user.file("work/.claude/settings.local.json", &off.to_string());
    let shell = [("ANTHROPIC_BASE_URL", "http://127.0.0.1:8787")];
    let (found, code) = user.diagnose(&[], &shell);
    assert_eq!((text(&found["branch"]), code), ("undecided", 16), "{found:#}");
    fs::remove_file(user.home.path().join("work/.claude/settings.local.json")).unwrap();
    let (found, code) = user.diagnose(&[], &shell);
    assert_eq!((text(&found["branch"]), code), ("route", 13), "{found:#}");
    assert_eq!(found["route"]["endpoint_set_in"], "the environment");
    let key = [("ANTHROPIC_API_KEY", CANARIES[0])];
    let (found, code) = user.diagnose(&["Invalid API key · Fix external API key"], &key);
    assert_eq!((text(&found["branch"]), code), ("route", 13), "{found:#}");
    assert!(text(&found["first_move"]).contains("ANTHROPIC_API_KEY"));
}

#[test]
fn the_other_exit_codes_and_what_is_pasted() {
    let user = User::new();
    user.login();
    for (words, branch, code) in [
        ("You've hit your session limit · resets 3:45pm", "rate_limit", 14),
        (
            "API Error: Can't reach the API server — check your internet or DNS (ENOTFOUND)",
            "network",
            15,
        ),
        ("something went wrong", "undecided", 16),
        ("API Error: 529 Overloaded", "live_incident", 10),
    ] {
        let (found, exit) = user.diagnose(&[words], &[]);
        assert_eq!((text(&found["branch"]), exit), (branch, code), "{found:#}");
    }
    // The end of a long scrollback, too.
    for before in [String::new(), "words of work\n\n".repeat(100_000)] {
        let mut command = user.home.command(&["diagnose", "-"]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let given = before + "  ⎿  Login expired \u{b7} Please run /login";
        child.stdin.take().unwrap().write_all(given.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(11));
        assert!(String::from_utf8(output.stdout).unwrap().starts_with("LOGIN  your login"));
    }
    // Nothing to go by is said, with what to do.
    for args in [&["diagnose"][..], &["diagnose", "--session", "x"], &["diagnose", " "]] {
        let output = user.home.run(args);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), said.contains("hint: ")), (Some(16), true), "{said}");
    }
}

#[test]
fn a_session_is_judged_by_the_settings_where_it_ran() {
    let user = User::new();
    user.login();
    user.outage();
    let gateway = r#"{"env":{"ANTHROPIC_BASE_URL":"http://127.0.0.1:8787"}}"#;
    user.file("elsewhere/.claude/settings.json", gateway);
    let mut there = terminal("there", 5, Some(500), "server_error", "API Error: 500 x");
    there["cwd"] = user.home.path().join("elsewhere").to_str().into();
    let mut here = terminal("here", 5, Some(500), "server_error", "API Error: 500 x");
    here["cwd"] = user.home.path().join("work").to_str().into();
    user.session("there", &[there]);
    user.session("here", &[here]);
    assert_eq!(user.diagnose(&["--session", "there"], &[]).0["route"]["path"], "gateway");
    let (found, code) = user.diagnose(&["--session", "here"], &[]);
    assert_eq!((text(&found["branch"]), code), ("live_incident", 10), "{found:#}");
}

#[test]
fn a_key_that_is_there_is_named_when_its_credit_is_used_up() {
    let user = User::new();
    user.login();
    let key = [("ANTHROPIC_API_KEY", "k")];
    let (found, code) = user.diagnose(&["Credit balance is too low"], &key);
    assert_eq!((text(&found["branch"]), code), ("route", 13), "{found:#}");
    assert!(text(&found["first_move"]).contains("ANTHROPIC_API_KEY"), "{found:#}");
}

#[test]
fn an_error_is_found_however_much_comes_after_it() {
    let user = User::new();
    user.login();
    let long = row("a", 30, &json!({"type": "user", "message": {"content": "x".repeat(20 << 20)}}));
    user.session("a", &[terminal("a", 60, Some(500), "server_error", INTERNAL), long]);
    for args in [&["--session", "a"][..], &["--last"]] {
        assert_eq!(user.diagnose(args, &[]).0["error"]["status"], 500, "behind a line of 20 MB");
    }

    let user = User::new();
    user.login();
    user.session("old", &[terminal("old", 7200, Some(500), "server_error", INTERNAL)]);
    let old = user.home.path().join(".claude/projects/-work/old.jsonl");
    let then =
        std::time::SystemTime::try_from(now()).unwrap() - std::time::Duration::from_secs(7200);
    fs::File::options().append(true).open(old).unwrap().set_modified(then).unwrap();
    for n in 0..300 {
        user.session(&format!("s{n}"), &[answer("s", 100)]);
    }
    assert_eq!(user.diagnose(&["--last"], &[]).0["error"]["status"], 500, "in the 301st file");
}

#[test]
fn copies_of_rows_and_attempts_of_one_request_are_one_failure() {
    let user = User::new();
    user.login();
    // A session that was resumed under a new id takes its rows along.
    let failed = terminal("old", 30, Some(500), "server_error", INTERNAL);
    let mut copy = failed.clone();
    copy["sessionId"] = "new".into();
    user.session("old", &[failed]);
    user.session("new", &[copy]);
    let (answer_json, code) = user.diagnose(&["--session", "new"], &[]);
    assert_eq!((text(&answer_json["branch"]), code), ("undecided", 16), "{answer_json:#}");
    assert_eq!(answer_json["around"]["other_sessions_failing"], 0);

    let user = User::new();
    user.login();
    user.session("a", &[9, 6, 3].map(|ago| retry("a", ago, 500, "req_1")));
    user.session("b", &[answer("b", 1)]);
    let (answer_json, _) = user.diagnose(&["--session", "a"], &[]);
    assert_eq!(answer_json["around"]["same_session_failures"], 1, "{answer_json:#}");
    assert_eq!(text(&answer_json["branch"]), "undecided");
    // Turns that failed one after the other are several.
    let turn = |ago| [retry("a", ago + 2, 500, "req_1"), retry("a", ago + 1, 500, "req_1")];
    let over = |ago| terminal("a", ago, Some(500), "server_error", INTERNAL);
    let rows: Vec<Value> =
        [90, 60, 30].into_iter().flat_map(|ago| turn(ago).into_iter().chain([over(ago)])).collect();
    user.session("a", &rows);
    let (answer_json, _) = user.diagnose(&["--session", "a"], &[]);
    assert_eq!(answer_json["around"]["same_session_failures"], 3, "{answer_json:#}");
    assert_eq!(text(&answer_json["branch"]), "session");
}

#[test]
fn a_page_that_nobody_can_read_is_never_green() {
    let user = User::new();
    user.login();
    user.page.always(crate::page::Answer::status(503));
    let (found, code) = user.diagnose(&[INTERNAL], &[]);
    assert_eq!((text(&found["branch"]), code), ("undecided", 16), "{found:#}");
    assert_eq!(found["page"]["source"], "none");
    assert!(!found.to_string().contains("was green"), "{found:#}");
    assert!(text(&found["missing"]).contains("ccwatch status"));
}

#[test]
fn an_error_from_before_anything_was_known_is_not_taken_for_one_under_a_green_page() {
    let user = User::new();
    user.login();
    let ten_days = 10 * 24 * 3600;
    user.session("x", &[terminal("x", ten_days, Some(500), "server_error", INTERNAL)]);
    // The page's only incident is younger; with a daemon and without one.
    user.outage();
    let unknown = |found: Value, code: i32| {
        assert_eq!((text(&found["branch"]), code), ("undecided", 16), "{found:#}");
        assert_eq!(found["page"]["source"], "none", "{found:#}");
        assert!(!found.to_string().contains("was green"), "{found:#}");
    };
    let (found, code) = user.diagnose(&[], &[]);
    unknown(found, code);
    let mut daemon = user.home.daemon();
    daemon.says("Partial outage: ");
    user.page.wait_for_requests(user.page.requests().len() + 3, SOON);
    let (found, code) = user.diagnose(&[], &[]);
    unknown(found, code);
}

#[test]
fn what_the_daemon_saw_counts_for_an_error_of_that_time() {
    let user = User::new();
    user.login();
    let mut daemon = user.home.daemon();
    user.page.wait_for_requests(3, SOON);
    user.outage();
    daemon.says("Partial outage: ");
    user.session("x", &[terminal("x", 0, Some(529), "server_error", "API Error: 529 Overloaded")]);
    user.page.wait_for_requests(user.page.requests().len() + 2, SOON);
    let at = now().to_string();
    user.page.set(|page| {
        page.set_status(API, "operational", &at);
        page.update("abc", "resolved", "Over.", &at);
    });
    daemon.says("Back: ");
    daemon.kill();
    let (found, code) = user.diagnose(&[], &[]);
    assert_eq!((text(&found["branch"]), code), ("live_incident", 10), "{found:#}");
    assert_eq!(found["page"]["source"], "readings");
    let api = found["page"]["components"].as_array().unwrap();
    let api = api.iter().find(|row| row["id"] == API).unwrap();
    assert_eq!((&api["level"], &api["on_path"]), (&json!("partial"), &json!(true)));
    assert!(found["page"]["components"].as_array().unwrap().iter().any(|c| c["id"] == CLAUDE_CODE));
}

#[test]
fn no_secret_comes_out_of_anything() {
    let user = User::new();
    user.login();
    let settings =
        json!({"env": {"ANTHROPIC_AUTH_TOKEN": CANARIES[1]}, "apiKeyHelper": CANARIES[1]});
    user.file(".claude/settings.json", &settings.to_string());
    let words = format!("API Error: 401 bad key {} for /home/me/secret-project/x.rs", CANARIES[4]);
    user.session(
        "leak",
        &[
            retry("leak", 25, 529, "req_first"),
            terminal("leak", 20, Some(401), "authentication_failed", &words),
        ],
    );
    let proxy = format!("http://me:{}@127.0.0.1:1", CANARIES[5]);
    let env = [
        ("ANTHROPIC_API_KEY", CANARIES[0]),
        ("CLAUDE_CODE_OAUTH_TOKEN", CANARIES[0]),
        ("ANTHROPIC_CUSTOM_HEADERS", CANARIES[6]),
        ("https_proxy", &proxy),
    ];
    let file = user.home.path().join("packet.md");
    let commands: [&[&str]; 9] = [
        &["-vv", "diagnose"],
        &["diagnose", "--json"],
        &["diagnose", &format!("API Error: 401 {}", CANARIES[4])],
        &["route"],
        &["-vv", "route", "--json"],
        &["evidence"],
        &["evidence", "--json"],
        &["evidence", "-o", file.to_str().unwrap()],
        &["status", "--json"],
    ];
    let mut all = String::new();
    for args in commands {
        let mut command = user.home.command(args);
        let output = command.current_dir(user.home.path().join("work")).envs(env).output().unwrap();
        all += &String::from_utf8_lossy(&output.stdout);
        all += &String::from_utf8_lossy(&output.stderr);
    }
    let packet = fs::read_to_string(&file).unwrap();
    all += &packet;
    for canary in CANARIES {
        assert!(!all.contains(canary), "{canary} came out:\n{all}");
    }
    assert!(!all.contains("CANARY"), "not even a part:\n{all}");
    // What is private stays here, what support needs is there.
    for private in ["secret-project", "secret-branch", user.home.path().to_str().unwrap()] {
        assert!(!packet.contains(private), "{private}:\n{packet}");
    }
    for needed in ["req_first", "ANTHROPIC_AUTH_TOKEN", "API Error: 401 bad key", "2.1.260", "UTC"]
    {
        assert!(packet.contains(needed), "{needed}:\n{packet}");
    }
    assert!(all.contains("127.0.0.1:1"), "the proxy's host is no secret:\n{all}");
    let again = user.home.run(&["evidence", "-o", file.to_str().unwrap()]);
    assert!(!again.status.success(), "what is there is not written over");
}

#[test]
fn what_is_private_stays_here_and_what_support_needs_is_there() {
    let user = User::new();
    user.login();
    let home = user.home.path().to_str().unwrap().to_owned();
    let settings =
        json!({"env": {"ANTHROPIC_BASE_URL": "https://me:CANARYpw@gw.corp:8080/CANARYpath"}});
    user.file("work/.claude/settings.local.json", &settings.to_string());
    for (said, expected) in [
        ("Authorization: Basic dXNlcjpwYXNz", "Authorization: Basic [secret]"),
        ("client_secret: abcdefgh", "client_secret: [secret]"),
        ("https://gw.corp/v1?key=ZZZ999YYY888", "https://[host]/v1?key=[secret]"),
        ("check (alice:hunter2@gw.corp:8080)", "check ([secret]@[host]:8080)"),
        ("mail alice.smith@acme.com", "mail [email]"),
        ("file:///srv/acme/plan.ts", "[path]"),
        ("\"/srv/acme secret/Bluebird/x.ts\"", "\"[path]\""),
        ("C:\\Users\\John Smith\\Bluebird", "[path]"),
        (&format!("{home}bert/notes and {home}/x"), "[path] and [path]"),
        ("projects/-home-alice-secret/a.jsonl", "[path]"),
        ("Internal server error on bob", "Internal server error on bob"),
    ] {
        let mut error =
            terminal("s", 20, Some(500), "server_error", &format!("API Error: 500 {said}"));
        error["gitBranch"] = "server".into();
        user.session("s", &[error]);
        let mut command = user.home.command(&["evidence", "--json"]);
        let output = command.current_dir(user.home.path().join("work")).output().unwrap();
        let packet: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(packet["error"], format!("API Error: 500 {expected}"));
        assert_eq!(
            packet["route"],
            "a gateway, to [host]:8080 (set in [path]/.claude/settings.local.json), with \
             subscription login (/login) (set in ~/.claude/.credentials.json)"
        );
        assert!(!packet.to_string().contains("CANARY"), "{packet:#}");
    }
}

#[test]
fn the_route_names_everything_in_its_order_and_its_place() {
    let user = User::new();
    let route = |env: &[(&str, &str)]| -> Value {
        let mut command = user.home.command(&["route", "--json"]);
        let command = command.current_dir(user.home.path().join("work"));
        let output = command.envs(env.iter().copied()).output().unwrap();
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let none = route(&[]);
    assert_eq!((&none["path"], &none["credentials"]), (&json!("unknown"), &json!([])));
    user.login();
    assert_eq!(route(&[])["path"], "subscription");
    user.answers(&["k"], &[]);
    for (env, path, first, components) in [
        (&[("ANTHROPIC_API_KEY", "k")][..], "api_key", "ANTHROPIC_API_KEY", 2),
        (
            &[("ANTHROPIC_API_KEY", "k"), ("ANTHROPIC_AUTH_TOKEN", "t")],
            "api_key",
            "ANTHROPIC_AUTH_TOKEN",
            2,
        ),
        (&[("CLAUDE_CODE_OAUTH_TOKEN", "t")], "subscription", "CLAUDE_CODE_OAUTH_TOKEN", 3),
        (
            &[("CLAUDE_CODE_USE_BEDROCK", "1"), ("ANTHROPIC_API_KEY", "k")],
            "bedrock",
            "CLAUDE_CODE_USE_BEDROCK",
            0,
        ),
        (&[("CLAUDE_CODE_USE_VERTEX", "true")], "vertex", "CLAUDE_CODE_USE_VERTEX", 0),
        (&[("CLAUDE_CODE_USE_FOUNDRY", "1")], "foundry", "CLAUDE_CODE_USE_FOUNDRY", 0),
        (
            &[("CLAUDE_CODE_USE_BEDROCK", "0"), ("ANTHROPIC_API_KEY", "")],
            "subscription",
            "subscription login (/login)",
            3,
        ),
        (
            &[("ANTHROPIC_BASE_URL", "https://api.anthropic.com")],
            "subscription",
            "subscription login (/login)",
            3,
        ),
        (
            &[("ANTHROPIC_BASE_URL", "https://llm.example")],
            "gateway",
            "subscription login (/login)",
            0,
        ),
    ] {
        let found = route(env);
        assert_eq!(found["path"], path, "{env:?} {found:#}");
        assert_eq!(found["credentials"][0]["name"], first, "{env:?} {found:#}");
        assert_eq!(found["credentials"][0]["in_force"], true);
        assert_eq!(found["components"].as_array().unwrap().len(), components, "{env:?}");
    }
    // Local before project before user; broken files are named and left out.
    user.file(".claude/settings.json", r#"{"env":{"ANTHROPIC_BASE_URL":"http://user.example"}}"#);
    user.file(
        "work/.claude/settings.json",
        r#"{"env":{"ANTHROPIC_BASE_URL":"http://project.example"}}"#,
    );
    let found = route(&[]);
    assert_eq!(found["endpoint"]["host"], "project.example");
    user.file("work/.claude/settings.local.json", "{ broken");
    let found = route(&[("CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST", "1")]);
    assert_eq!(found["endpoint"], Value::Null, "the host manages it: files don't count");
    assert!(text(&found["unreadable"][0]).ends_with("settings.local.json"));
}

#[test]
fn a_key_is_in_force_for_sessions_only_once_it_was_approved() {
    const KEY: &str = "sk-ant-api03-abcdefghijklmnopqrstuvwxyz";
    let user = User::new();
    user.login();
    let end = &KEY[KEY.len() - 20..];
    let env = [("ANTHROPIC_API_KEY", KEY)];
    let revoked = "OAuth token revoked · Please run /login";
    let refused =
        "API Error: 401 {\"type\":\"error\",\"error\":{\"type\":\"authentication_error\"}}";
    for (approved, rejected, said, path) in [
        (&[][..], &[end][..], "rejected", "subscription"),
        (&[], &[], "not_asked", "subscription"),
        (&["another"], &[], "not_asked", "subscription"),
        (&[end], &[], "approved", "api_key"),
    ] {
        user.answers(approved, rejected);
        let found = user.route_json(&env);
        assert_eq!((&found["path"], &found["headless"]["path"]), (&json!(path), &json!("api_key")));
        let key = &found["credentials"][0];
        assert_eq!((&key["name"], &key["approval"]), (&json!("ANTHROPIC_API_KEY"), &json!(said)));
        assert_eq!(key["in_force"], said == "approved", "{found:#}");
        assert_eq!(found["headless"]["credential"], "ANTHROPIC_API_KEY");
        let shown = user.route(false, &env);
        assert_eq!(shown.contains("With -p:      API key"), said != "approved", "{shown}");
        assert!(!shown.contains("abcdef"), "{shown}");
        // What speaks of the login is about the login, whatever key is in force.
        let (found, code) = user.diagnose(&[revoked], &env);
        assert_eq!((text(&found["branch"]), code), ("login", 11), "{said} {found:#}");
        // What doesn't was said to `claude -p`, or to a session with the key.
        let (found, code) = user.diagnose(&[refused], &env);
        assert_eq!((text(&found["branch"]), code), ("route", 13), "{said} {found:#}");
    }
    // Where there is nothing else, the key is all that can be in force.
    fs::remove_file(user.home.path().join(".claude/.credentials.json")).unwrap();
    user.answers(&[], &[end]);
    assert_eq!(user.route_json(&env)["path"], "api_key");
    // Elsewhere, when Claude Code's files are.
    user.file(
        "other/.claude.json",
        &json!({"customApiKeyResponses": {"approved": [end]}}).to_string(),
    );
    let other = user.home.path().join("other");
    let env = [env[0], ("CLAUDE_CONFIG_DIR", other.to_str().unwrap())];
    assert_eq!(user.route_json(&env)["credentials"][0]["approval"], "approved");
}

#[test]
fn a_login_is_worth_what_its_file_says() {
    let user = User::new();
    let later = 4_102_444_800_000_i64;
    for (oauth, state, words) in [
        (json!({"expiresAt": 1000, "refreshTokenExpiresAt": 2000}), "over", "over: run /login"),
        (json!({"expiresAt": 1000, "refreshTokenExpiresAt": later}), "refreshable", "can be refr"),
        (json!({"expiresAt": 1000}), "refreshable", "access over, can be refreshed"),
        (json!({"expiresAt": 1000, "refreshToken": ""}), "over", "over: run /login"),
        (json!({"expiresAt": later}), "good", "good until 2100-01-01"),
        (json!({}), "good", "without an expiry"),
    ] {
        let mut login = json!({"accessToken": CANARIES[2], "refreshToken": CANARIES[3]});
        login.as_object_mut().unwrap().extend(oauth.as_object().unwrap().clone());
        let file = json!({"claudeAiOauth": login}).to_string();
        user.file(".claude/.credentials.json", &file);
        assert_eq!(user.route_json(&[])["login"]["state"], state, "{oauth}");
        let shown = user.route(false, &[]);
        assert!(shown.contains(words) && !shown.contains("CANARY"), "{oauth}: {shown}");
    }
}

#[test]
fn files_that_are_not_understood_are_said() {
    let user = User::new();
    let login = ".claude/.credentials.json";
    let settings = ".claude/settings.json";
    for (path, content, what) in [
        (login, "{bad", "it is no JSON"),
        (login, "[1]", "it is no JSON object"),
        (login, r#"{"claudeAiOauth":"x"}"#, "its login is no object"),
        (login, r#"{"claudeAiOauth":{"accessToken":7}}"#, "a token in it is no text"),
        (settings, "[1]", "it is no JSON object"),
        (settings, r#"{"env":"ANTHROPIC_BASE_URL=http://gw"}"#, "its env is no object"),
        (
            settings,
            r#"{"env":{"ANTHROPIC_BASE_URL":["http://gw"]}}"#,
            "a variable in its env is no text",
        ),
        (settings, r#"{"apiKeyHelper":["x"]}"#, "its apiKeyHelper is no text"),
        (".claude.json", "{bad", "it is no JSON"),
    ] {
        let file = user.file(path, content);
        let found = user.route_json(&[]);
        assert_eq!(found["problems"][0]["what"], what, "{content} {found:#}");
        assert_eq!(found["unreadable"][0], format!("~/{path}"));
        assert_eq!(
            (&found["path"], &found["endpoint"]),
            (&json!("unknown"), &Value::Null),
            "{content}"
        );
        assert!(user.route(false, &[]).contains(&format!("left out: ~/{path} ({what})")));
        fs::remove_file(file).unwrap();
    }
    fs::create_dir_all(user.home.path().join(settings)).unwrap();
    assert_eq!(user.route_json(&[])["problems"][0]["what"], "it is no file");
}

#[test]
fn what_no_proxy_covers_goes_past_the_proxy() {
    let user = User::new();
    user.login();
    let gateway = ("ANTHROPIC_BASE_URL", "https://gw.corp:4000");
    for (no_proxy, more, used) in [
        ("api.anthropic.com:443", None, false),
        ("*", None, false),
        ("localhost,api.anthropic.com", None, false),
        ("localhost .anthropic.com", None, false),
        ("*.anthropic.com", None, false),
        ("anthropic.com", None, false),
        ("xanthropic.com, thropic.com", None, true),
        ("", None, true),
        ("api.anthropic.com", Some(gateway), true),
        ("gw.corp:4000", Some(gateway), false),
        ("gw.corp", Some(gateway), false),
        (".amazonaws.com", Some(("CLAUDE_CODE_USE_BEDROCK", "1")), false),
        (".amazonaws.com", Some(("CLAUDE_CODE_USE_VERTEX", "1")), true),
    ] {
        let mut env = vec![("HTTPS_PROXY", "http://me:CANARYpw@p:1"), ("NO_PROXY", no_proxy)];
        env.extend(more);
        let found = user.route_json(&env);
        let shown = user.route(false, &env);
        assert_eq!(found["proxy"].is_object(), used, "{no_proxy} {more:?} {found:#}");
        assert_eq!(found["proxy_bypassed"].is_null(), used, "{no_proxy} {more:?}");
        assert_eq!(shown.contains("NO_PROXY, set in the environment, lets"), !used, "{shown}");
        assert!(shown.contains("p:1") && !shown.contains("CANARY"), "{shown}");
        // A proxy that isn't in force is no reason to doubt an edge of Anthropic's own.
        if more.is_none() {
            let (found, _) = user.diagnose(&["API Error: 502 Bad Gateway"], &env);
            assert_eq!(found["route"]["proxy"].is_null(), !used, "{found:#}");
        }
    }
}

#[test]
fn a_key_where_an_address_belongs_is_not_shown() {
    let user = User::new();
    user.login();
    for value in [
        "sk-ant-api03-CANARYADDRESS",
        "http://sk-ant-api03-CANARYADDRESS",
        "http://sk-ant-api03-CANARYADDRESS.corp/v1",
        "CANARY",
        "localhost:4000",
        "not a url CANARY",
        "https://",
    ] {
        for name in ["ANTHROPIC_BASE_URL", "HTTPS_PROXY"] {
            if name == "HTTPS_PROXY" && !value.contains("sk-ant") {
                continue;
            }
            let env = [(name, value)];
            let all = user.route(false, &env)
                + &user.route(true, &env)
                + &user.diagnose(&["API Error: 500 x"], &env).0.to_string();
            assert!(!all.to_uppercase().contains("CANARY"), "{value}: {all}");
            assert!(all.contains(&format!("{name} is not a URL")), "{value}: {all}");
            assert!(all.contains("\"problem\": \"not a URL\""), "{value}: {all}");
        }
    }
}

#[test]
fn without_a_home_the_route_says_so() {
    let user = User::new();
    let output = user.home.command(&["route"]).env("HOME", "").output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(64), "{said}");
    assert!(said.contains("no home directory") && said.contains("hint: set HOME"), "{said}");
}
