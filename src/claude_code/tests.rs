//! Every recorded shape and every known wording, and the branch that each must lead to.

use jiff::Timestamp;

use super::transcript::{self, Row};
use super::{marks, pasted};
use ccwatch_core::api_error::{ApiError, Branch, Cause};
use ccwatch_core::diagnose::{Around, Case, Means, diagnose};
use ccwatch_core::history::page_at::{ComponentThen, PageSource, PageThen};
use ccwatch_core::model::{ComponentId, Level};
use ccwatch_core::route::{Path, RouteFacts};

use Branch::{LiveIncident as Live, Login, Network, RateLimit, Route, Session, Undecided};

/// The page with the components of the direct paths all at `level`.
fn page(level: Level) -> PageThen {
    let component = |name: &str| ComponentThen {
        id: ComponentId::from(name),
        name: name.to_owned(),
        group: None,
        watched: None,
        level,
        followed: None,
        worst: None,
        filtered: None,
    };
    PageThen {
        components: ["Claude Code", "Claude API (api.anthropic.com)"].map(component).to_vec(),
        source: PageSource::Readings,
        network: Some(true),
        ..PageThen::unknown(Timestamp::UNIX_EPOCH)
    }
}

/// The branch on a plain login, with the page affected, green, and not known.
fn branches(error: &ApiError) -> [Branch; 3] {
    let route = RouteFacts { path: Path::Subscription, ..RouteFacts::default() };
    let unknown = PageThen::unknown(Timestamp::UNIX_EPOCH);
    [page(Level::Partial), page(Level::Operational), unknown].map(|page| {
        diagnose(&Case {
            error,
            page: &page,
            route: &route,
            around: Around::default(),
            means: Means::default(),
        })
        .branch
    })
}

/// A line of a fixture as it is pasted; rows of a transcript must be found as such, too.
fn line(file: &str, number: usize) -> ApiError {
    let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/claude-code/");
    let text = std::fs::read_to_string(format!("{dir}{file}.jsonl")).unwrap();
    let line = text.lines().nth(number - 1).unwrap();
    if file.starts_with("terminal") || file.starts_with("system") {
        let Some(Row::Error(failed)) = transcript::read(line) else {
            panic!("{file}:{number} is an error");
        };
        assert_eq!(failed.error.cause, pasted::read(line).cause, "{file}:{number}");
        return failed.error;
    }
    pasted::read(line)
}

#[test]
fn every_recorded_error_leads_to_its_branch() {
    // With the page affected, green, and not known.
    let cases: &[(&str, usize, Cause, [Branch; 3])] = &[
        ("terminal-server", 1, Cause::Internal, [Live, Undecided, Undecided]),
        ("terminal-server", 2, Cause::Overloaded, [Live, Route, Route]),
        ("terminal-server", 3, Cause::Overloaded, [Live, Live, Live]),
        ("terminal-connection", 1, Cause::Dropped, [Live, Network, Network]),
        ("terminal-connection", 2, Cause::NoAnswer, [Live, Undecided, Undecided]),
        ("terminal-connection", 3, Cause::NoAnswer, [Live, Undecided, Undecided]),
        ("terminal-connection", 5, Cause::NoConnection, [Network, Network, Network]),
        ("terminal-connection", 6, Cause::NoConnection, [Network, Network, Network]),
        ("continuation-trap", 2, Cause::NoAnswer, [Live, Undecided, Undecided]),
        ("terminal-auth", 1, Cause::Refused, [Login, Login, Login]),
        ("terminal-auth", 2, Cause::LoggedOut, [Login, Login, Login]),
        ("terminal-auth", 3, Cause::EdgeBlocked, [Network, Network, Network]),
        ("terminal-auth", 4, Cause::ForeignAnswer, [Route, Route, Route]),
        ("terminal-auth", 5, Cause::Refused, [Login, Login, Login]),
        ("terminal-auth", 6, Cause::ForeignCredential, [Route, Route, Route]),
        ("terminal-auth", 7, Cause::LoggedOut, [Login, Login, Login]),
        ("terminal-auth", 8, Cause::LoggedOut, [Login, Login, Login]),
        ("terminal-session", 1, Cause::TooLong, [Session, Session, Session]),
        ("terminal-session", 2, Cause::TooLong, [Session, Session, Session]),
        ("terminal-session", 3, Cause::LoggedOut, [Login, Login, Login]),
        ("terminal-session", 4, Cause::BrokenHistory, [Session, Session, Session]),
        ("terminal-session", 5, Cause::Declined, [Session, Session, Session]),
        ("terminal-limits", 1, Cause::UsageLimit, [RateLimit, RateLimit, RateLimit]),
        ("terminal-limits", 2, Cause::UsageLimit, [RateLimit, RateLimit, RateLimit]),
        ("terminal-limits", 3, Cause::UsageLimit, [RateLimit, RateLimit, RateLimit]),
        ("terminal-limits", 4, Cause::SpendLimit, [RateLimit, RateLimit, RateLimit]),
        ("terminal-limits", 5, Cause::NoCredit, [RateLimit, RateLimit, RateLimit]),
        ("system-api_error", 1, Cause::BadGateway, [Route, Route, Route]),
        ("system-api_error", 2, Cause::Overloaded, [Live, Live, Live]),
        ("system-api_error", 3, Cause::NoAnswer, [Live, Undecided, Undecided]),
        ("system-api_error", 4, Cause::Dropped, [Live, Network, Network]),
        ("system-api_error", 5, Cause::Dropped, [Live, Network, Network]),
        ("system-api_error", 6, Cause::Dropped, [Live, Network, Network]),
        ("system-api_error", 7, Cause::Overloaded, [Live, Live, Live]),
        ("system-api_error", 8, Cause::TooManyRequests, [RateLimit, RateLimit, RateLimit]),
        ("system-api_error", 9, Cause::Dropped, [Live, Network, Network]),
        ("hook-stopfailure.stdin", 1, Cause::Overloaded, [Live, Live, Live]),
        ("hook-stopfailure.stdin", 2, Cause::TooLong, [Session, Session, Session]),
        ("hook-stopfailure.stdin", 3, Cause::LoggedOut, [Login, Login, Login]),
        ("stream-json", 1, Cause::Overloaded, [Live, Live, Live]),
        ("stream-json", 2, Cause::Overloaded, [Live, Live, Live]),
        ("stream-json", 3, Cause::Internal, [Live, Undecided, Undecided]),
        // Written by 2.1.330 behind a gateway on this machine.
        ("terminal-2.1.330", 1, Cause::Internal, [Live, Route, Route]),
        ("terminal-2.1.330", 2, Cause::Overloaded, [Live, Route, Route]),
        ("terminal-2.1.330", 3, Cause::ForeignCredential, [Route, Route, Route]),
        ("terminal-2.1.330", 4, Cause::EdgeBlocked, [Network, Network, Network]),
        ("terminal-2.1.330", 5, Cause::TooManyRequests, [RateLimit, RateLimit, RateLimit]),
        ("terminal-2.1.330", 6, Cause::TooLong, [Session, Session, Session]),
        ("terminal-2.1.330", 7, Cause::BrokenHistory, [Session, Session, Session]),
        ("terminal-2.1.330", 8, Cause::NoCredit, [RateLimit, RateLimit, RateLimit]),
        ("terminal-2.1.330", 9, Cause::NoModel, [Route, Route, Route]),
        ("terminal-2.1.330", 10, Cause::TooLong, [Session, Session, Session]),
        ("terminal-2.1.330", 11, Cause::BadGateway, [Route, Route, Route]),
        ("terminal-2.1.330", 12, Cause::BadGateway, [Route, Route, Route]),
        ("terminal-2.1.330", 13, Cause::TimedOut, [Live, Route, Route]),
        ("terminal-2.1.330", 14, Cause::Dropped, [Route, Route, Route]),
        ("terminal-2.1.330", 15, Cause::NoConnection, [Network, Network, Network]),
        ("terminal-2.1.330", 16, Cause::Intercepted, [Route, Route, Route]),
        // The same, straight to Anthropic's address.
        ("terminal-2.1.330", 17, Cause::Overloaded, [Live, Live, Live]),
        ("terminal-2.1.330", 18, Cause::Internal, [Live, Undecided, Undecided]),
        ("system-api_error-2.1.330", 1, Cause::Internal, [Live, Undecided, Undecided]),
        ("system-api_error-2.1.330", 2, Cause::Overloaded, [Live, Live, Live]),
        ("system-api_error-2.1.330", 3, Cause::ForeignCredential, [Route, Route, Route]),
        ("system-api_error-2.1.330", 4, Cause::TooManyRequests, [RateLimit; 3]),
        ("system-api_error-2.1.330", 5, Cause::BadGateway, [Live, Live, Live]),
        ("system-api_error-2.1.330", 6, Cause::Dropped, [Live, Network, Network]),
        ("system-api_error-2.1.330", 7, Cause::NoConnection, [Network, Network, Network]),
        ("system-api_error-2.1.330", 8, Cause::Dropped, [Live, Network, Network]),
        ("hook-2.1.330.stdin", 1, Cause::Internal, [Route, Route, Route]),
        ("hook-2.1.330.stdin", 2, Cause::ForeignCredential, [Route, Route, Route]),
        ("hook-2.1.330.stdin", 3, Cause::TimedOut, [Route, Route, Route]),
        ("hook-2.1.330.stdin", 4, Cause::Intercepted, [Route, Route, Route]),
    ];
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|(file, number, cause, expected)| {
            let error = line(file, *number);
            let found = (error.cause, branches(&error));
            let right = found == (*cause, *expected);
            (!right).then(|| format!("{file}:{number} {found:?} {error:?}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_a_row_knows_is_kept() {
    let overloaded = line("terminal-server", 2);
    assert_eq!(overloaded.foreign.as_deref(), Some("127.0.0.1:8787"));
    assert!(overloaded.request_id.is_some() && overloaded.status == Some(529));
    let limit = line("terminal-limits", 1);
    assert_eq!(limit.resets_at, Timestamp::from_second(1_790_155_800).ok());
    let gateway = line("system-api_error", 1);
    assert_eq!(gateway.foreign.as_deref(), Some("Caddy (its server header)"));
    assert!(line("terminal-auth", 6).background);
    for number in [2, 7, 8] {
        assert!(line("system-api_error", number).request_id.is_some(), "{number}");
    }
    let texts = [5, 8].map(|number| line("system-api_error", number).text);
    assert_eq!(texts, ["ECONNRESET at api.anthropic.com", "429"], "from their fields");
    assert!(line("terminal-auth", 5).request_id.is_some(), "from the JSON in the text");
    assert!(line("system-api_error", 5).direct, "its path shows the route");
    // Newer rows that end a turn give the API's type, and a class that leaves no question.
    for (number, kind) in [(1, "api_error"), (2, "overloaded_error"), (13, "timeout_error")] {
        let error = line("terminal-2.1.330", number);
        assert_eq!(error.kind.as_deref(), Some(kind));
        assert_eq!(error.foreign.as_deref(), Some("127.0.0.1:8787"), "its text names the gateway");
    }
    assert!([17, 18].iter().all(|number| line("terminal-2.1.330", *number).direct));
    let reworded = r#"{"type":"assistant","isApiErrorMessage":true,"apiErrorStatus":400,
        "error":"invalid_request","apiError":"tool_history_mismatch",
        "apiErrorType":"invalid_request_error","message":{"model":"<synthetic>","content":
        [{"type":"text","text":"Words of a version to come."}]}}"#;
    assert_eq!(pasted::read(&reworded.replace('\n', "")).cause, Cause::BrokenHistory);
}

#[test]
fn what_only_quotes_an_error_is_none() {
    let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/claude-code/");
    let controls = std::fs::read_to_string(format!("{dir}negative-controls.jsonl")).unwrap();
    let own = [
        r#"{"type":"assistant","isApiErrorMessage":true,"message":{"model":"claude-x","content":[]}}"#,
        r#"{"type":"assistant","message":{"model":"<synthetic>","content":[{"type":"text","text":"API Error: 500"}]}}"#,
        r#"{"type":"user","message":{"content":"{\"type\":\"system\",\"subtype\":\"api_error\"}"}}"#,
        r#"{"type":"assistant","isApiErrorMessage":"true","message":{"model":"<synthetic>"}}"#,
        r#"{"type":"system","subtype":"turn_duration","note":"api_error"}"#,
        "assistant \"api_error\" and no JSON at all",
        "{\"type\":\"assistant\"",
        "",
    ];
    for line in controls.lines().chain(own) {
        assert!(!matches!(transcript::read(line), Some(Row::Error(_))), "{line}");
    }
}

#[test]
fn odd_types_spoil_no_row() {
    let line = r#"{"type":"assistant","isApiErrorMessage":true,"apiErrorStatus":"529","error":7,
        "timestamp":12,"sessionId":null,"session_id":"s","requestId":[],"quotaLimits":"x",
        "message":{"model":"<synthetic>","content":"API Error: 529 Overloaded"}}"#;
    let Some(Row::Error(failed)) = transcript::read(&line.replace('\n', " ")) else { panic!() };
    assert_eq!((failed.error.status, failed.error.cause), (Some(529), Cause::Overloaded));
    assert_eq!(failed.error.at, None);
}

fn assert_causes(cases: &[(&str, Cause)]) {
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|(text, cause)| {
            let error = pasted::read(text);
            (error.cause != *cause).then(|| format!("{text}: not {cause:?}: {error:?}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_known_wording_is_understood() {
    let tail = "This is a server-side issue, usually temporary — try again in a moment. If it \
        persists, check https://status.claude.com.";
    let cases: &[(&str, Cause)] = &[
        ("API Error: 500 Internal server error.", Cause::Internal),
        (
            r#"API Error: 500 {"type":"error","error":{"type":"api_error","message":"Internal server error"},"request_id":"req_1234567"}"#,
            Cause::Internal,
        ),
        (
            r#"API Error (500 {"type":"error","error":{"type":"api_error","message":"x"}}) · Retrying in 4 seconds… (attempt 4/10)"#,
            Cause::Internal,
        ),
        (
            r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#,
            Cause::Overloaded,
        ),
        ("✻ 529 Overloaded · Retrying in 24s · attempt 10/10", Cause::Overloaded),
        (
            "2026-06-22T19:40:41.805Z [ERROR] API error (attempt 1/11): 529 529 {\"type\":\"error\"}",
            Cause::Overloaded,
        ),
        ("API Error: Repeated 529 Overloaded errors. The API is at capacity.", Cause::Overloaded),
        ("API Error: 504 Gateway Timeout", Cause::TimedOut),
        ("API Error: 502 Bad Gateway", Cause::BadGateway),
        ("API Error: 503 Service Unavailable", Cause::BadGateway),
        ("Request timed out", Cause::NoAnswer),
        (
            "API Error: No response from API (waited 3m, then 10m on the retry). Try again.",
            Cause::NoAnswer,
        ),
        (
            "API Error: Server error mid-response. The response above may be incomplete.",
            Cause::NoAnswer,
        ),
        (
            "API Error: Connection lost mid-response. The response above may be incomplete.",
            Cause::Dropped,
        ),
        ("API Error: Your computer went to sleep mid-response.", Cause::Slept),
        (
            "API Error: The response stopped arriving. The response above may be incomplete.",
            Cause::NoAnswer,
        ),
        ("The response stalled before a response was produced", Cause::NoAnswer),
        (
            "API Error: Server is temporarily limiting requests (not your usage limit)",
            Cause::TooManyRequests,
        ),
        (
            "API Error: Request rejected (429) · this may be a temporary capacity issue.",
            Cause::TooManyRequests,
        ),
        (
            "Agent terminated early due to an API error: API Error: 529 Overloaded",
            Cause::Overloaded,
        ),
        ("You've hit your weekly limit · resets 3:45pm", Cause::UsageLimit),
        ("You've hit your individual spend limit", Cause::SpendLimit),
        ("You've hit your team's shared budget for this month", Cause::SpendLimit),
        ("API Error: 400 spend limit reached (daily; resets 00:00 UTC)", Cause::SpendWindow),
        ("Credit balance is too low", Cause::NoCredit),
        ("Usage credits required for 1M context", Cause::LongContext),
        ("OAuth token revoked · Please run /login", Cause::TokenRefused),
        ("Please run /login · API Error: 401 Invalid authentication credentials", Cause::Refused),
        ("Claude login not accepted · Run /login, then try again", Cause::Refused),
        ("Your account is on hold and can't use Claude Code", Cause::OnHold),
        ("Your organization has disabled Claude subscription access", Cause::NotAllowed),
        ("Invalid auth token · Fix external auth token", Cause::ForeignCredential),
        ("Invalid ANTHROPIC_CUSTOM_HEADERS · Fix the environment variable", Cause::Headers),
        ("Your apiKeyHelper script is failing", Cause::Helper),
        ("This organization has been disabled", Cause::OrgDisabled),
        ("Your organization has disabled API key authentication", Cause::ForeignCredential),
        ("Gateway refused the request", Cause::ForeignAnswer),
        ("AWS credentials expired or invalid", Cause::CloudCredential),
        ("Google Cloud authentication failed", Cause::CloudCredential),
        (
            "API returned an empty or malformed response (HTTP 200) — check for a proxy or gateway intercepting the request.",
            Cause::Intercepted,
        ),
        ("Bedrock streaming response has content-type text/html", Cause::ForeignAnswer),
        ("SSL certificate verification failed", Cause::Certificate),
        ("There's an issue with the selected model (claude-x)", Cause::NoModel),
        ("API Error: 404 not found", Cause::NotFound),
        ("Unable to connect to API. Check your internet connection", Cause::NoConnection),
        ("Connection refused — is a proxy running? (ECONNREFUSED)", Cause::NoConnection),
        ("No internet route — check your network (EHOSTUNREACH)", Cause::NoConnection),
        ("Couldn't connect through your proxy (ERR_PROXY_TUNNEL)", Cause::NoConnection),
        ("Connection dropped (ECONNRESET)", Cause::Dropped),
        ("fetch failed", Cause::NoConnection),
        ("Context limit reached · /compact or /clear to continue", Cause::TooLong),
        ("Input is too long for requested model", Cause::TooLong),
        ("Error during compaction: Conversation too long.", Cause::TooLong),
        ("Request too large (max 32MB). Double press esc to go back", Cause::TooLong),
        ("API Error: 413 too large", Cause::TooLong),
        ("API Error: 400 orphaned tool_result in conversation history", Cause::BrokenHistory),
        ("API Error: 400 duplicate tool_use ID", Cause::BrokenHistory),
        (
            "API Error: 400 messages.1: `thinking` blocks in the latest message cannot be modified",
            Cause::BrokenHistory,
        ),
        ("API Error: 400 role 'system' must precede an 'assistant' message", Cause::BrokenHistory),
        ("Opus can't help with this. Start a new session to continue", Cause::Declined),
        ("Failed to resume the conversation.", Cause::NoSession),
        ("No conversation found with session ID: x", Cause::NoSession),
        ("API Error: 400 something else", Cause::BadRequest),
        // Limits of several kinds.
        ("spend limit reached (daily; resets 00:00 UTC)", Cause::SpendWindow),
        ("API Error: Rate limit reached", Cause::TooManyRequests),
        ("You're out of extra usage · resets 3pm (Europe/Paris)", Cause::UsageLimit),
        ("Claude AI usage limit reached|1754578800", Cause::UsageLimit),
        ("5-hour limit reached ∙ resets 3pm", Cause::UsageLimit),
        // The login, in old words and in the edge's.
        ("Invalid API key · Please run /login", Cause::LoggedOut),
        ("Invalid API key · Fix external API key", Cause::ForeignCredential),
        (
            r#"Please run /login · API Error: 403 {"error":{"type":"forbidden","message":"Request not allowed"}}"#,
            Cause::EdgeBlocked,
        ),
        // Certificates, and what is no matter of the network at all.
        ("Unable to connect to API (UNABLE_TO_VERIFY_LEAF_SIGNATURE)", Cause::Certificate),
        ("Unable to connect to API (SELF_SIGNED_CERT_IN_CHAIN)", Cause::Certificate),
        ("API Error: Connection error. (UNABLE_TO_GET_ISSUER_CERT_LOCALLY)", Cause::Certificate),
        ("API Error: Connection error. (ERR_TLS_CERT_ALTNAME_INVALID)", Cause::Certificate),
        ("ENOSPC: no space left on device, write", Cause::OwnFiles),
        ("EACCES: permission denied, open '/home/a/.claude.json'", Cause::OwnFiles),
        ("API Error: Request failed (ERR_BAD_REQUEST)", Cause::BadRequest),
        (
            "Failed to connect to api.anthropic.com: ERR_BAD_REQUEST\nNote: Claude Code might not be available in your country.",
            Cause::EdgeBlocked,
        ),
        // Whose error it is: a mark of Claude's, or of somebody else before it.
        ("GitHub API error: 500 Internal Server Error", Cause::Stranger),
        ("MCP server \"x\": API Error: 500 Internal server error", Cause::Stranger),
        ("HTTP 500 Internal Server Error", Cause::Unknown),
        ("POST /login 500 12ms - Internal Server Error", Cause::Unknown),
        (
            "requests.exceptions.HTTPError: 500 Server Error for url: https://shop.example/x",
            Cause::Stranger,
        ),
        ("● I looked at the postgres logs. API Error: 529 Overloaded", Cause::Overloaded),
        (
            "anthropic.InternalServerError: Error code: 500 - {'type': 'error', 'error': {'type': 'api_error', 'message': 'x'}}",
            Cause::Internal,
        ),
        ("Opus is experiencing high load, please use /model to switch", Cause::HighLoad),
        (
            "Could not refresh your login because another Claude Code process is refreshing it",
            Cause::LoginBusy,
        ),
        (
            "Could not refresh your login: can't save to the Keychain · If locked, run security unlock-keychain",
            Cause::KeychainLocked,
        ),
        ("API Error: 403 <html><title>Just a moment...</title>", Cause::EdgeBlocked),
        ("API Error: Could not load AWS credentials · x", Cause::CloudCredential),
        ("API Error (x): ThrottlingException: Too many requests", Cause::TooManyRequests),
        ("MCP error -32001: Request timed out", Cause::Stranger),
        ("Command timed out after 2m 0.0s", Cause::Unknown),
        (
            r#"API Error: 404 {"type":"error","error":{"type":"not_found_error","message":"model: claude-foo"}}"#,
            Cause::NoModel,
        ),
        // A status where one stands, in any dress.
        ("HTTP/2 529", Cause::Overloaded),
        ("status=529", Cause::Overloaded),
        ("Error:529 overloaded_error", Cause::Overloaded),
        ("API-Fehler: 529 Überlastet", Cause::Overloaded),
        ("APIエラー：529", Cause::Overloaded),
        (
            "Error code: 529 - {'type': 'error', 'error': {'type': 'overloaded_error'}}",
            Cause::Overloaded,
        ),
        // What is no status, and whose words they are.
        ("connect ECONNREFUSED api.anthropic.com:443", Cause::NoConnection),
        ("getaddrinfo ENOTFOUND api.anthropic.com:443", Cause::NoConnection),
        ("API Error: 407 Proxy Authentication Required", Cause::Intercepted),
        (
            "API Error: 403 User: arn:aws:iam::123456789012:user/x is not authorized to perform: bedrock:InvokeModel",
            Cause::CloudRight,
        ),
        (
            r#"API Error: 403 {"message":"The security token included in the request is invalid."}"#,
            Cause::CloudCredential,
        ),
        (
            "write EPROTO 140:error:0A00010B:SSL routines:ssl3_get_record:wrong version number",
            Cause::Intercepted,
        ),
        (
            "API Error: 400 You have reached your specified API usage limits. You will regain access on 2026-12-01 at 00:00 UTC.",
            Cause::SpendWindow,
        ),
        ("API Error: The model has reached its context window limit.", Cause::TooLong),
        ("API Error: Repeated server overload with Opus model", Cause::Overloaded),
        ("API Error: socket hang up", Cause::Dropped),
        ("Missing API key · Run /login", Cause::LoggedOut),
        ("500 tests passed", Cause::Unknown),
        ("429 passed, 0 failed", Cause::Unknown),
        ("it does not work", Cause::Unknown),
        ("I have 500 files and 404 reasons", Cause::Unknown),
    ];
    assert_causes(cases);
    let direct = pasted::read(&format!("API Error: 500 Internal server error. {tail}"));
    assert!(direct.direct && direct.foreign.is_none());
    let elsewhere = tail.replace("https://status.claude.com", "the AWS Health Dashboard");
    let elsewhere = pasted::read(&format!("API Error: 500 Internal server error. {elsewhere}"));
    assert_eq!(elsewhere.foreign.as_deref(), Some("Amazon Bedrock"));
    let timed = pasted::read("2026-06-22T19:40:41.805Z [ERROR] API error (attempt 1/11): 529 x");
    assert_eq!(timed.at, "2026-06-22T19:40:41.805Z".parse().ok());
}

#[test]
fn text_is_understood_as_a_terminal_gives_it() {
    let cases: &[(&str, Cause)] = &[
        ("  ⎿  Prompt is\n     too long\n", Cause::TooLong),
        ("Context limit\n reached · /compact or /clear", Cause::TooLong),
        ("You've hit\n your session limit", Cause::UsageLimit),
        ("You’ve hit your session limit", Cause::UsageLimit),
        ("Credit\nbalance is too low", Cause::NoCredit),
        ("╭───╮\n│ Prompt is too  │\n│ long │\n╰───╯", Cause::TooLong),
        ("\u{1b}[31mPrompt is \u{1b}[1mtoo long\u{1b}[0m", Cause::TooLong),
        ("API Error: \u{1b}[1m401\u{1b}[0m nope", Cause::Refused),
        ("Can’t reach the API server — check your internet or DNS", Cause::NoConnection),
        ("API Error: api.anthropic.com | 522: Connection timed out", Cause::BadGateway),
        (
            "Please run /login · API Error: Zscaler: this site is blocked by your company's policy",
            Cause::ForeignAnswer,
        ),
        ("Failed to authenticate. API Error: 403 status code (no body)", Cause::ForeignAnswer),
        ("API Error: Header 'x-a' has invalid value: '€'", Cause::Headers),
        // An error in several paragraphs, the last of them its id.
        (
            "API Error: Opus 5.5's safeguards flagged this message (https://www.anthropic.com/legal/aup).\n\nTry rephrasing.\n\nLearn more: https://support.claude.com/en/articles/1\n\nRequest ID: req_011CfGoNrkuohZ1uVqFh3yA7\n\nMessage ID: msg_01",
            Cause::Declined,
        ),
        ("Login\nexpired · Please run /login", Cause::LoggedOut),
        ("> API Error:\n> 529 Overloaded", Cause::Overloaded),
        ("\"API Error: 529 Overloaded\"", Cause::Overloaded),
        // Scrollback: the last error counts, and what was said around it doesn't.
        ("● The tool_use block was fine\n\n  ⎿  API Error: Overloaded", Cause::Overloaded),
        ("● The tool_use block was fine, API Error: Overloaded", Cause::Overloaded),
        ("● curl says HTTP 404 for /x\n\n  ⎿  API Error: 529 Overloaded", Cause::Overloaded),
        (
            "  ⎿  API Error: 529 Overloaded\n\n> again\n\n  ⎿  Login expired · Please run /login",
            Cause::LoggedOut,
        ),
        (
            "  ⎿  API Error: 529 Overloaded\n\n● I looked at the tool_use block and it is fine.",
            Cause::Overloaded,
        ),
        ("Please run /login · API Error: 401 x", Cause::Refused),
        // Words in a sentence are nobody's error.
        ("● The tool_use block was fine", Cause::Unknown),
        (
            "● FAIL 404x not found\n\n● I see a tool_result there, and renewed the certificate.",
            Cause::Unknown,
        ),
        ("● I looked it up.\n\nunable to get local issuer certificate", Cause::Certificate),
        ("API Error: 400 something about tool_use", Cause::BrokenHistory),
        ("API Error: 400 The provided model identifier is invalid.", Cause::NoModel),
        (
            "Prompt is too long · automatic compaction failed: API Error: 529 Overloaded",
            Cause::Overloaded,
        ),
        // Rows, in one line or many; what they quote doesn't count.
        (
            "{\n  \"type\": \"assistant\",\n  \"apiErrorStatus\": 529,\n  \"isApiErrorMessage\": true,\n  \"message\": {\"model\": \"<synthetic>\", \"content\": [{\"type\": \"text\", \"text\": \"x\"}]}\n}",
            Cause::Overloaded,
        ),
        (
            r#"{"type":"user","message":{"content":[{"type":"tool_result","content":"API Error: 529 Overloaded"}]}}"#,
            Cause::Unknown,
        ),
        (
            r#"{"type":"user","message":{"content":[{"type":"tool_result","content":"API Error: 529 Overl"#,
            Cause::Unknown,
        ),
        (
            r#"[{"type": "user", "message": {"content": "why API Error: 529 Overloaded"}}]"#,
            Cause::Unknown,
        ),
        (
            r#"[{"type":"assistant","message":{"model":"claude-x","content":"API Error: 529 Overloaded"}}]"#,
            Cause::Unknown,
        ),
        (
            r#"x.jsonl:12:{"type":"assistant","message":{"model":"claude-x","content":"API Error: 529 Overloaded"}}"#,
            Cause::Unknown,
        ),
        (
            r#"{"sessionId": "s", "type": "assistant", "message": {"model": "claude-x", "content": "API Error: 529 Overl"#,
            Cause::Unknown,
        ),
        (
            r#"x.jsonl:{"type":"assistant","isApiErrorMessage":true,"apiErrorStatus":529,"message":{"model":"<synthetic>","content":"x"}}"#,
            Cause::Overloaded,
        ),
        ("[ERROR] API Error: 529 Overloaded", Cause::Overloaded),
        (
            "{\"type\":\"user\",\"message\":{\"content\":\"tool_use\"}}\n  ⎿  API Error: 500 Internal server error.",
            Cause::Internal,
        ),
    ];
    assert_causes(cases);
    let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/claude-code/");
    let controls = std::fs::read_to_string(format!("{dir}negative-controls.jsonl")).unwrap();
    for line in controls.lines() {
        assert_eq!(pasted::read(line).cause, Cause::Unknown, "{line}");
    }
    let wrapped = "⎿  API Error: 529 Overloaded. Try again in a moment. If it persists, check\n     \
        your inference gateway (127.0.0.1:8787).";
    assert_eq!(pasted::read(wrapped).foreign.as_deref(), Some("127.0.0.1:8787"));
    let bold = pasted::read("API Error: \u{1b}[1m401\u{1b}[0m nope");
    assert_eq!(bold.status, Some(401));
    let long = format!("{}\n\n  ⎿  API Error: 529 Overloaded", "words of work\n".repeat(20_000));
    assert_eq!(pasted::read(&long).cause, Cause::Overloaded, "the end of a long scrollback");
    // What is opened again and again and never closed takes no time either.
    let opened = format!("{}API Error: 529 Overloaded", "{\"a\":[\n".repeat(20_000));
    assert_eq!(pasted::read(&opened).cause, Cause::Overloaded);
}

#[test]
fn a_row_tells_of_a_certificate_by_its_structure() {
    let row = r#"{"type":"system","subtype":"api_error","error":{"message":"Connection error.",
        "connection":{"code":"WHATEVER","isSSLError":true}}}"#;
    let Some(Row::Error(failed)) = transcript::read(&row.replace('\n', " ")) else { panic!() };
    assert_eq!(failed.error.cause, Cause::Certificate);
}

#[test]
fn what_is_kept_of_an_error_beside_its_text_can_hold_no_secret() {
    let secret = "sk-ant-api03-CANARYTYPE1234";
    let body = |kind: &str| format!(r#"{{"type":"error","error":{{"type":"{kind}"}}}}"#);
    let rows = [
        format!(
            r#"{{"type":"system","subtype":"api_error","error":{{"status":500,"type":"{secret}","requestId":"{secret}","message":"x","connection":{{"code":"{secret}"}}}}}}"#
        ),
        format!(
            r#"{{"type":"assistant","isApiErrorMessage":true,"apiErrorStatus":500,"requestId":"{secret}","message":{{"model":"<synthetic>","content":"API Error: 500"}}}}"#
        ),
        format!("API Error: 500 {}", body(secret)),
        format!("API Error: 500 {}", body("AKIAIOSFODNN7CANARY1")),
        format!("API Error: 500 {}", body("correct horse")),
    ];
    for row in rows {
        let error = ApiError { text: String::new(), ..pasted::read(&row) };
        let kept = format!("{error:?}");
        assert!(!kept.contains("CANARY") && !kept.contains("correct"), "{row}: {kept}");
    }
    let foreign = pasted::read(&format!("API Error: 502 {}", body("upstream_error")));
    assert_eq!(foreign.kind.as_deref(), Some("foreign_error"));
    assert!(foreign.foreign.is_some() && !foreign.foreign_is_only_the_road());
    for kind in ["api_error", "overloaded_error", "not_found_error"] {
        let own = pasted::read(&format!("API Error: 500 {}", body(kind)));
        assert_eq!((own.kind.as_deref(), own.foreign), (Some(kind), None));
    }
}

#[test]
fn request_ids_are_found_wherever_they_stand() {
    assert_eq!(marks::request_id_in("x (req_011C2) y").as_deref(), Some("req_011C2"));
    assert_eq!(marks::request_id_in("no req_ here"), None);
    for id in ["req_vrtx_011CTPZb9Dg8vNxyZr6oUwoS", "4bf92f3577b34da6a3ce929d0e0e4736"] {
        let row = format!(
            r#"{{"type":"assistant","isApiErrorMessage":true,"apiErrorStatus":529,"requestId":"{id}","message":{{"model":"<synthetic>","content":"x"}}}}"#
        );
        assert_eq!(pasted::read(&row).request_id.as_deref(), Some(id));
    }
    // Broken by a terminal: put together, or not given.
    let whole = Some("req_011CSHzr8pbTkGkGBmTUAKWj".to_owned());
    let body =
        r#"{"type":"error","error":{"type":"api_error"},"request_id":"req_011CSHzr8pbTkGkGB"#;
    let body = format!("  ⎿  API Error: 500 {body}\n     mTUAKWj\"}}");
    assert_eq!(pasted::read(&body).request_id, whole);
    let body = r#"{"type":"error","error":{"type":"api_error"},"request_id":"req_011C words"}"#;
    assert_eq!(pasted::read(body).request_id.as_deref(), Some("req_011C"), "no words in an id");
    assert_eq!(marks::request_id_in("(req_011CSHzr8pbTkGkGB\n   mTUAKWj)"), whole);
    assert_eq!(marks::request_id_in("(req_011CSHzr8pbTkGkGB\n   mTU)"), None);
    assert!(marks::request_id_in(&format!("req_{}", "a".repeat(500))).unwrap().len() <= 80);
}
