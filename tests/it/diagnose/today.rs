//! Errors as they are now, by the built program: whose they are, the newer routes, and evidence of
//! a whole outage.

use std::io::Write;
use std::process::Stdio;

use serde_json::{Value, json};

use super::{SOON, User, retry, row, terminal};

impl User {
    /// The output of `ccwatch ARGS` with `input`, which has to succeed.
    fn evidence(&self, args: &[&str], input: &str) -> String {
        let mut command = self.home.command(args);
        command.current_dir(self.home.path().join("work"));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }
}

#[test]
fn a_foreign_error_is_called_foreign_on_a_red_page_too() {
    let user = User::new();
    user.login();
    user.outage();
    let npm = "npm error code E503\nnpm error 503 Service Unavailable - GET https://registry.example.org/x";
    let (found, code) = user.diagnose(&[npm], &[]);
    assert_eq!((found["branch"].as_str(), code), (Some("undecided"), 16), "{found:#}");
    assert_eq!(found["error"]["whose"], "npm");
    assert_eq!(found["error"]["status"], Value::Null, "no status of the API");
    let mut command = user.home.command(&["diagnose", npm]);
    let shown = command.current_dir(user.home.path().join("work")).output().unwrap();
    let shown = String::from_utf8(shown.stdout).unwrap();
    assert!(shown.starts_with("NOT CLAUDE") && shown.contains("an error of npm"), "{shown}");
    // The same page, and an error of Claude's.
    let (found, _) = user.diagnose(&["API Error: 529 Overloaded"], &[]);
    assert_eq!(found["branch"], "live_incident");
    assert_eq!(
        (&found["error"]["whose"], &found["error"]["time_heals"]),
        (&Value::Null, &json!("yes"))
    );
}

#[test]
fn a_limit_says_when_it_resets_by_its_words() {
    let user = User::new();
    user.login();
    let (found, _) = user.diagnose(&["You've hit your weekly limit · resets 9am (UTC)"], &[]);
    assert_eq!(found["branch"], "rate_limit");
    let resets = found["error"]["resets_at"].as_str().unwrap();
    assert!(resets.ends_with("T09:00:00Z"), "{resets}");
    assert_eq!(found["error"]["time_heals"], "at_reset");
    assert!(found["first_move"].as_str().unwrap().contains("09:00 UTC"), "{found:#}");
}

#[test]
fn newer_routes_and_what_is_set_for_retries_are_known() {
    let user = User::new();
    user.login();
    for (variable, path) in [
        ("CLAUDE_CODE_USE_ANTHROPIC_AWS", "anthropic_on_aws"),
        ("CLAUDE_CODE_USE_ANTHROPIC_GOOGLE_CLOUD", "anthropic_on_google_cloud"),
        ("CLAUDE_CODE_USE_GATEWAY", "gateway"),
        ("CLAUDE_CODE_USE_BEDROCK", "bedrock"),
    ] {
        assert_eq!(user.route_json(&[(variable, "1")])["path"], path, "{variable}");
    }
    let both = [("CLAUDE_CODE_USE_ANTHROPIC_AWS", "1"), ("CLAUDE_CODE_USE_BEDROCK", "1")];
    assert_eq!(user.route_json(&both)["path"], "bedrock");
    let shown = user.route(false, &both);
    assert!(shown.contains("outranked:  CLAUDE_CODE_USE_ANTHROPIC_AWS"), "{shown}");
    let aws = user.route_json(&[("CLAUDE_CODE_USE_ANTHROPIC_AWS", "1")]);
    assert_eq!(aws["components"], json!(["Claude Code", "Claude API"]));
    let socket = user.route_json(&[("ANTHROPIC_UNIX_SOCKET", "/run/secret-gateway")]);
    assert_eq!(
        (&socket["path"], &socket["endpoint"]["name"]),
        (&json!("gateway"), &json!("ANTHROPIC_UNIX_SOCKET"))
    );
    assert!(!socket.to_string().contains("secret-gateway"));

    user.file(".claude/settings.json", r#"{"fallbackModel": ["sonnet", "haiku"]}"#);
    let env = [("CLAUDE_CODE_RETRY_WATCHDOG", "1"), ("CLAUDE_CODE_MAX_RETRIES", "15")];
    let found = user.route_json(&env);
    let set: Vec<_> =
        found["retries"].as_array().unwrap().iter().map(|it| it["value"].clone()).collect();
    assert_eq!(set, ["on", "15", "sonnet, haiku"]);
    let shown = user.route(false, &env);
    assert!(
        shown.contains("fallbackModel sonnet, haiku, set in ~/.claude/settings.json"),
        "{shown}"
    );
    assert!(shown.contains("for runs that nobody watches"), "{shown}");
    assert!(shown.contains("claude auth status"), "{shown}");
    for (value, words) in [("99", "15 are in force"), ("abc", "10 are in force"), ("-1", "10 are")]
    {
        let shown = user.route(false, &[("CLAUDE_CODE_MAX_RETRIES", value)]);
        assert!(shown.contains(words), "{value}: {shown}");
    }
}

#[test]
fn evidence_takes_what_is_pasted() {
    let user = User::new();
    user.login();
    let text = "API Error: 403 User: arn:aws:iam::123456789012:user/x is not authorized to perform: \
        bedrock:InvokeModel (organization 1f0a2b3c-4d5e-4f60-8a7b-9c0d1e2f3a4b) req_011CSHzr8pbTkGkGBmTUAKWj";
    let packet: Value =
        serde_json::from_str(&user.evidence(&["evidence", "--json", "-"], text)).unwrap();
    assert_eq!((&packet["branch"], &packet["status"]), (&json!("route"), &json!(403)));
    assert_eq!(packet["requests"][0]["request_id"], "req_011CSHzr8pbTkGkGBmTUAKWj");
    let error = packet["error"].as_str().unwrap();
    assert!(error.contains("iam::[account]:") && error.contains("[organization]"), "{error}");
    assert!(!error.contains("123456789012") && !error.contains("1f0a2b3c"), "{error}");
}

#[test]
fn evidence_covers_a_whole_outage() {
    let user = User::new();
    user.login();
    user.outage();
    let text = "API Error: 500 Internal server error.";
    user.session(
        "one",
        &[
            retry("one", 400, 529, "req_011Cone1"),
            terminal("one", 300, Some(529), "server_error", "API Error: 529 Overloaded."),
        ],
    );
    user.session(
        "two",
        &[
            retry("two", 200, 500, "req_011Ctwo1"),
            terminal("two", 100, Some(500), "server_error", text),
        ],
    );
    user.session("old", &[terminal("old", 40_000, Some(500), "server_error", text)]);
    // Of another kind, and later: no part of the outage, and not what the packet is about.
    user.session(
        "login",
        &[terminal(
            "login",
            60,
            None,
            "authentication_failed",
            "Login expired · Please run /login",
        )],
    );
    user.session(
        "fine",
        &[row("fine", 50, &json!({"type": "assistant", "message": {"model": "x"}}))],
    );
    let args = ["evidence", "--since", "1h ago"];
    let packet: Value =
        serde_json::from_str(&user.evidence(&["evidence", "--json", "--since", "1h ago"], ""))
            .unwrap();
    let outage = &packet["outage"];
    assert_eq!((&outage["errors"], &outage["sessions"]), (&json!(4), &json!(2)), "{outage:#}");
    assert_eq!(outage["statuses"], json!({"500": 2, "529": 2}));
    assert_eq!((&packet["branch"], &packet["error"]), (&json!("live_incident"), &json!(text)));
    assert_eq!(outage["other_errors"], 1);
    assert_eq!(outage["request_ids"], json!(["req_011Cone1", "req_011Ctwo1"]));
    let minutes = outage["minutes"].as_array().unwrap();
    assert!(
        minutes.len() > 1
            && minutes.iter().map(|m| m["errors"].as_u64().unwrap()).sum::<u64>() == 4
    );
    let shown = user.evidence(&args, "");
    assert!(shown.contains("4 errors in 2 sessions") && shown.contains("req_011Ctwo1"), "{shown}");
    assert!(!shown.contains("secret-project") && !shown.contains("secret-branch"), "{shown}");
    let unknown = user.home.run(&["evidence", "--incident", "nosuchone"]);
    let said = String::from_utf8_lossy(&unknown.stderr).into_owned();
    assert!(!unknown.status.success() && said.contains("no incident"), "{said}");
}

#[test]
fn evidence_covers_an_incident_that_only_the_page_knows() {
    let user = User::new();
    user.login();
    user.outage();
    user.session(
        "in",
        &[terminal("in", 10, Some(529), "overloaded", "API Error: 529 Overloaded.")],
    );
    let packet: Value = serde_json::from_str(&user.evidence(&["evidence", "--json"], "")).unwrap();
    assert!(packet["page"].to_string().contains("Incident abc: "), "{packet:#}");
    let args = ["evidence", "--json", "--incident", "abc"];
    let packet: Value = serde_json::from_str(&user.evidence(&args, "")).unwrap();
    assert_eq!(packet["outage"]["incident"], "abc: Elevated errors on Claude models");
    assert_eq!(packet["outage"]["errors"], 1);
}

#[test]
fn evidence_covers_an_incident_of_the_page() {
    let user = User::new();
    user.login();
    user.outage();
    let mut daemon = user.home.daemon();
    daemon.says("Partial outage: ");
    // One more poll: what came before it is written down by then.
    user.page.wait_for_requests(user.page.requests().len() + 2, SOON);
    daemon.kill();
    let text = "API Error: 529 Overloaded.";
    user.session("before", &[terminal("before", 4000, Some(529), "overloaded", text)]);
    user.session(
        "in",
        &[retry("in", 20, 529, "req_011Cin01"), terminal("in", 10, Some(529), "overloaded", text)],
    );
    let args = ["evidence", "--json", "--incident", "abc"];
    let packet: Value = serde_json::from_str(&user.evidence(&args, "")).unwrap();
    let outage = &packet["outage"];
    assert_eq!((&outage["errors"], &outage["sessions"]), (&json!(2), &json!(1)), "{outage:#}");
    assert_eq!(outage["incident"], "abc: Elevated errors on Claude models");
    assert_eq!(outage["request_ids"], json!(["req_011Cin01"]));
    let said = outage["page_at_first"].to_string();
    assert!(said.contains("Claude API") && said.contains("partial"), "{said}");
    let shown = user.evidence(&["evidence", "--incident", "abc"], "");
    assert!(shown.contains("Incident abc: Elevated errors on Claude models"), "{shown}");
    // One in which nothing went wrong here.
    let since = user.home.run(&["evidence", "--since", "2s ago"]);
    let said = String::from_utf8_lossy(&since.stderr).into_owned();
    assert!(!since.status.success() && said.contains("no transcript shows"), "{said}");
}
