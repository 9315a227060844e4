use std::path::Path;

use proptest::prelude::*;

use super::*;

mod owned;

/// A text of each form of a secret, and what is to be left of it.
const SECRETS: &[(&str, &str)] = &[
    ("key sk-ant-api03-abcdefgh bad", "key [secret] bad"),
    ("Authorization: Bearer abc123xyz789", "Authorization: Bearer [secret]"),
    ("Authorization: Basic dXNlcjpwYXNz", "Authorization: Basic [secret]"),
    ("authorization=Token abcdefgh", "authorization=Token [secret]"),
    ("sent Basic dXNlcjpwYXNz there", "sent Basic [secret] there"),
    ("{\"x-api-key\":\"hunter2hunter2\"}", "{\"x-api-key\":\"[secret]\"}"),
    ("{\\\"apiKey\\\": \\\"hunter\\\"}", "{\\\"apiKey\\\": \\\"[secret]\\\"}"),
    ("password: \"correct horse battery\" x", "password: \"[secret]\" x"),
    ("password: correcthorsebattery", "password: [secret]"),
    ("client_secret: abcdefgh", "client_secret: [secret]"),
    ("access_token=abcdefghijklmnopqrs", "access_token=[secret]"),
    ("SharedAccessKey=Qm9va1NlY3JldEtleUhlcmU9", "SharedAccessKey=[secret]"),
    (
        "aws_secret_access_key=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "aws_secret_access_key=[secret]",
    ),
    ("it is wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "it is [secret]"),
    ("https://gw.corp/v1?key=ZZZ999YYY888 x", "https://gw.corp/v1?key=[secret] x"),
    ("https://gw.corp/v1?k=abc&beta=true", "https://gw.corp/v1?k=[secret]&beta=true"),
    ("api key provided: abcd1234efgh5678", "api key provided: [secret]"),
    ("Incorrect API key provided: sk-a1*****xyz.", "Incorrect API key provided: [secret]."),
    ("check (alice:hunter2@gw.corp:8080)", "check ([secret]@gw.corp:8080)"),
    ("http://user:pa55word@proxy:8080/x", "http://[secret]@proxy:8080/x"),
    ("http://user:pa/ss@proxy:8080/x", "http://[secret]@proxy:8080/x"),
    ("http://user:p@ss@proxy:8080/x", "http://[secret]@proxy:8080/x"),
    ("curl -u alice:hunter2 https://x", "curl -u [secret] https://x"),
    ("--api-key hunter --model opus", "--api-key [secret] --model opus"),
    ("Cookie: a=b; session=c d", "Cookie: [secret]"),
    ("ANTHROPIC_CUSTOM_HEADERS=X-A: b", "ANTHROPIC_CUSTOM_HEADERS=[secret]"),
    ("<password>hunter</password>", "<password>[secret]</password>"),
    ("token%3Dabcdef", "token%3D[secret]"),
    ("{\"authorization\":[\"Bearer abcd\"]}", "{\"authorization\":[\"[secret]\"]}"),
    ("[\"x-api-key\", \"abcd\"]", "[\"x-api-key\", \"[secret]\"]"),
    ("pass=word1, bypass=true", "pass=[secret], bypass=true"),
    (
        "https://hooks.slack.com/services/T0AB12CD3/B0AB12CD3/XyZ123abcDEF456ghiJKL789",
        "https://hooks.slack.com/services/[secret]",
    ),
    ("sk-ant-\u{200b}api03-\u{1b}[1mabcdefgh", "[secret]"),
    ("key is sk-ant-api03-abcd\n    efgh1234ijkl.", "key is [secret]\n    [secret]."),
    ("-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----", "[secret]"),
    ("id 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b", "id [secret]"),
    ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.sig", "[secret]"),
    ("ghp_16C7e42F292c6912E7710c838347Ae178B4a", "[secret]"),
    ("AKIAIOSFODNN7EXAMPLE", "[secret]"),
    ("host sk-ant-api03-abcdefgh.corp", "host [secret]"),
    // A UUID where a key is said to be; names and passwords in other dress.
    ("key 8f14e45f-ceea-467f-a8d5-1b2c3d4e5f60", "key [secret]"),
    ("key=8f14e45f-ceea-467f-a8d5-1b2c3d4e5f60", "key=[secret]"),
    ("invalid token 8f14e45f-ceea-467f-a8d5-1b2c3d4e5f60", "invalid token [secret]"),
    (
        "{\"name\":\"x-api-key\",\"value\":\"8f14e45f-ceea-467f-a8d5-1b2c3d4e5f60\"}",
        "{\"name\":\"x-api-key\",\"value\":\"[secret]\"}",
    ),
    (
        "{\"name\":\"x-api-key\",\"value\":\"hu\"}",
        "{\"name\":\"x-api-key\",\"value\":\"[secret]\"}",
    ),
    ("AWS_BEARER_TOKEN_BEDROCK=hunter2pw", "AWS_BEARER_TOKEN_BEDROCK=[secret]"),
    ("password is hunter2", "password is [secret]"),
    ("password \"hunter\"", "password \"[secret]\""),
    ("{\"password\":{\"value\":\"hunter2\"}}", "{\"password\":{\"value\":\"[secret]\"}}"),
    ("sshpass -p hunter2 ssh", "sshpass -p [secret] ssh"),
    ("received sk-1234 as key", "received [secret] as key"),
    ("password: correct horse battery staple", "password: [secret]"),
    ("passphrase=tiger lily is wrong", "passphrase=[secret] is wrong"),
    ("password: hunter does not fit", "password: [secret] not fit"),
    ("Invalid code abcDEF123secretcode#STATE1", "Invalid code [secret]#[secret]"),
    // Words for a password in other languages, and a file of logins.
    ("Passwort: Sommer-88UM!2026", "Passwort: [secret]"),
    ("mot de passe : azerty", "mot de passe : [secret]"),
    ("contraseña: verano", "contraseña: [secret]"),
    ("密码：abc", "密码：[secret]"),
    ("{\"Пароль\": \"abc\"}", "{\"Пароль\": \"[secret]\"}"),
    ("パスワード：「abc", "パスワード：「[secret]"),
    ("machine x login ada password correct-horse", "machine x login ada password [secret]"),
    ("pin=Sommer-88UM2026x", "pin=[secret]"),
    ("pw=summer", "pw=[secret]"),
    ("Invalid header value: 'Zq7 x'", "Invalid header value: '[secret]'"),
    ("Header 'X-Key' has invalid value: 'Zq7\nx'", "Header 'X-Key' has invalid value: '[secret]'"),
];

#[test]
fn secrets_go_and_everything_else_stays() {
    for (text, expected) in SECRETS {
        assert_eq!(secrets(text), *expected);
        assert_eq!(secrets(expected), *expected, "covered once is covered");
    }
}

#[test]
fn no_text_is_passed_over_that_a_pattern_is_found_in() {
    let patterns = secrets::patterns().chain(named::PATTERNS).chain(places::PATTERNS);
    let patterns = patterns.chain(owners::patterns());
    let mut texts: Vec<String> = SECRETS.iter().map(|(text, _)| (*text).to_owned()).collect();
    texts.extend(ANNOUNCED.iter().chain(ALONE).chain(PLACES).map(|text| (*text).to_owned()));
    texts.extend(owned::OWNERS.iter().map(|(text, _)| (*text).to_owned()));
    texts.extend(KEYS.iter().map(|key| format!("x {key} y")));
    texts.extend(texts.clone().iter().map(|text| text.to_uppercase()));
    texts.extend(texts.clone().iter().map(|text| text.to_lowercase()));
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    for pattern in patterns {
        assert!(pattern.keeps_its_word(&texts), "{pattern:?}");
        assert!(texts.iter().any(|text| pattern.fits(text)), "nothing tries {pattern:?}");
    }
}

/// What support needs: none of it may change.
const HARMLESS: &[&str] = &[
    "req_011CeM2FL1UdMH6NL1JxmXrT",
    "01313446-ae34-4e0c-9f91-4ef0bd66593c",
    "cf-ray 8f1b2c3d4e5f6a7b-FRA",
    "API Error: 529 Overloaded.",
    "https://status.claude.com/history",
    "https://api.anthropic.com/v1/messages?beta=true",
    "POST /v1/messages failed, see /login or /status",
    "OAuth token has expired",
    "messages.1.content.0.tool_use.id: Field required",
    "claude-opus-4-5-20251101, us.anthropic.claude-sonnet-4-5-20250929-v1:0",
    "anthropic-beta: fine-grained-tool-streaming-2025-05-14,context-1m-2025-08-07",
    "max_tokens: 250000 > 200000, input_tokens=12, cache_read_input_tokens: 7",
    "2026-06-22T19:40:41.805Z [ERROR] API error (attempt 1/11): 529",
    "UNABLE_TO_VERIFY_LEAF_SIGNATURE, FailedToOpenSocket, DEPTH_ZERO_SELF_SIGNED_CERT",
    "gw.example.com:4000, bedrock-runtime.us-east-1.amazonaws.com, 127.0.0.1:8787, [::1]:80",
    "{\"type\":\"error\",\"error\":{\"type\":\"authentication_error\",\"message\":\"invalid x-api-key\"}}",
    "Invalid bearer token: 401 Unauthorized",
    "no token: please run /login and/or ask",
    "claude-code@2.1.260 on linux x64, 429 / 500",
    "Bearer authentication required, Basic auth failed",
    "Your apiKeyHelper script is failing",
    "req_vrtx_011CTPZb9Dg8vNxyZr6oUwoS, req_bdrk_011CTPZb9Dg8vNxyZr6oUwoS",
    "msg_bdrk_01XFDUDYJgAACzvnptvVoYEL",
    "trace_id=4bf92f3577b34da6a3ce929d0e0e4736",
    "{\"request_id\":\"4bf92f3577b34da6a3ce929d0e0e4736\"}",
    "invalid token, request id: 01JQ8Z7YV3K2M5N6P7R8S9T0AB",
    "invalid token (request_id 8f14e45f-ceea-467f-a8d5-1b2c3d4e5f60)",
    "code: 0x80004005",
    "arn:aws:bedrock:us-east-1::inference-profile/us.anthropic.claude-opus-4-1-20250805-v1:0",
    "see https://github.com/anthropics/claude-code/issues/12345",
    "token_type: 7, max_output_tokens: 8, the token is expired, password is required",
    "Unexpected token '<', \"<!DOCTYPE \"... is not valid JSON",
    "<html><head><title>502 Bad Gateway</title></head></html>",
    "{\"message\":\"This would exceed your organization's rate limit of 30,000 tokens\"}, 'x'",
    "OAuth token does not meet scope requirement any_of(user:profile, user:office)",
    "Get https://registry.example.org: 529 Overloaded",
    "This model needs the conversation to end with a user message. Please try again",
    "messages.3: `tool_use` ids were found without `tool_result` blocks",
    "Tool at java.net.SocketException, System.IO, console.error, model.ts:12, v2.1.332",
    "Das Passwort ist falsch, la contraseña es incorrecta",
    "user is not authorized, user does not have access to Claude",
    "Your team plan has no seats, the organization has disabled it, workspace limit reached",
    "Your card was declined, card ending in 4242",
];

#[test]
fn what_support_needs_stays() {
    let words = ["server".to_owned(), "api".to_owned(), "/home/me/login".to_owned()];
    for text in HARMLESS {
        assert_eq!(secrets(text), *text);
        assert_eq!(private(text, Some(Path::new("/home/me")), &words), *text);
    }
    // Every error that was ever recorded, and every known wording.
    let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/claude-code/");
    let mut texts: Vec<String> = Vec::new();
    for file in std::fs::read_dir(dir).unwrap() {
        for line in std::fs::read_to_string(file.unwrap().path()).unwrap().lines() {
            texts.push(crate::claude_code::pasted::read(line).text);
        }
    }
    let wordings = include_str!("../claude_code/tests.rs").lines();
    texts.extend(wordings.filter_map(|line| {
        let (_, rest) = line.split_once("(\"")?;
        Some(rest.split_once("\", Cause")?.0.to_owned())
    }));
    assert!(texts.len() > 80, "{}", texts.len());
    let private_parts = ["/home/", " /x", "arn:"];
    let has_path = |text: &&String| private_parts.iter().any(|part| text.contains(part));
    for text in texts.iter().filter(|text| !has_path(text)) {
        assert_eq!(private(text, Some(Path::new("/home/me")), &words), *text);
    }
}

#[test]
fn a_secret_on_the_edge_of_what_is_shown_is_known_for_one() {
    let key = format!("sk-ant-api03-{}", "A1b2C3d4".repeat(11));
    for before in [0, 3, 31] {
        let text = format!("{}{key} and more {}", "é ".repeat(before), "words ".repeat(900));
        for longest in (1..120).step_by(13) {
            let shown = beginning(&text, longest);
            assert!(!shown.contains("sk-ant-api03-A1"), "{longest}: {shown}");
            assert!(shown.len() <= longest, "{longest}: {shown}");
        }
    }
    assert_eq!(beginning("plain words", 100), "plain words");
}

#[test]
fn whose_account_it_is_goes() {
    for (text, expected) in [
        (
            "User: arn:aws:iam::123456789012:user/x is not authorized",
            "User: arn:aws:iam::[account]:user/[private] is not authorized",
        ),
        (
            "arn:aws-us-gov:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude",
            "arn:aws-us-gov:bedrock:us-east-1:[account]:inference-profile/us.anthropic.claude",
        ),
        (
            "organization 1f0a2b3c-4d5e-4f60-8a7b-9c0d1e2f3a4b is over its limit",
            "organization [organization] is over its limit",
        ),
        (
            r#"{"organization_id":"1f0a2b3c-4d5e-4f60-8a7b-9c0d1e2f3a4b"}"#,
            r#"{"organization_id":"[organization]"}"#,
        ),
        ("in organization org-Ab3dEf9hIj2kLm", "in organization [organization]"),
        ("your organization has been disabled", "your organization has been disabled"),
    ] {
        assert_eq!(private(text, None, &[]), expected);
    }
}

#[test]
fn paths_branches_and_the_home_directory_go() {
    let words =
        ["feature/secret-plan".to_owned(), "main".to_owned(), "/srv/my acme/plan-b".to_owned()];
    for (text, expected) in [
        ("in /srv/repo/x.rs, line 3", "in [path], line 3"),
        ("at /home/me/work/a now", "at [path] now"),
        ("at /home/me now", "at [path] now"),
        ("at /home/mebert/notes now", "at [path] now"),
        ("C:\\Users\\me\\p", "[path]"),
        ("C:\\Users\\John Smith\\Bluebird x", "[path] x"),
        ("C:\\Users\\John Smith", "[path]"),
        ("C:/Users/me/p", "[path]"),
        ("\\\\server\\share\\x", "[path]"),
        ("{\"cwd\":\"C:\\\\Users\\\\me\"}", "{\"cwd\":\"[path]\"}"),
        ("/Users/me/Library/Application Support/x y", "[path] y"),
        ("file:///srv/acme/plan.ts:3", "[path]"),
        ("vscode://file/srv/acme/plan.ts", "[path]"),
        ("cwd:/srv/acme/x", "cwd:[path]"),
        ("Read(/srv/Acme Corp/Big Plan.docx) failed", "Read([path]) failed"),
        ("\"/srv/acme secret/Bluebird/x.ts\" y", "\"[path]\" y"),
        ("/srv/acme secret/Bluebird/x.ts y", "[path] y"),
        ("projects/-home-alice-secret/a.jsonl", "[path]"),
        ("in -home-alice-secret now", "in [path] now"),
        ("in -srv-my-acme-plan-b-x now", "in [path] now"),
        ("./secret/x ../y/z $HOME/x ~bob/x", "[path] [path] [path] [path]"),
        ("src/acme/plan.ts:12 failed", "[path]:12 failed"),
        ("mail alice.smith@acme.com, or", "mail [email], or"),
        ("git@github.com:acme/plan now", "[email] now"),
        ("alice:hunter2@gw.corp:8080", "[secret]@[host]:8080"),
        ("on feature/secret-plan or main", "on [private] or main"),
        ("in plan-b and plan-bc", "in [private] and plan-bc"),
        ("set in ~/.claude/settings.json)", "set in ~/.claude/settings.json)"),
        (
            "set in /srv/x/.claude/settings.local.json)",
            "set in [path]/.claude/settings.local.json)",
        ),
        (
            "set in /etc/claude-code/managed-settings.json",
            "set in /etc/claude-code/managed-settings.json",
        ),
        ("résumé/plan.ts", "[path]"),
        ("see https://github.com/acme/plan/pull/3.", "see https://github.com/[path]."),
        ("https://me:pw@gw.acme.com:80/acme/x?a=b", "https://[secret]@[host]:80/[path]"),
        ("https://gw.acme.com/llm/v1/messages", "https://[host]/llm/v1/messages"),
        ("https://status.claude.com/history", "https://status.claude.com/history"),
    ] {
        assert_eq!(private(text, Some(Path::new("/home/me")), &words), expected);
        assert_eq!(private(expected, Some(Path::new("/home/me")), &words), expected);
    }
}

#[test]
fn whose_it_is_goes() {
    for (text, expected) in owned::OWNERS {
        assert_eq!(private(text, None, &[]), *expected);
        assert_eq!(private(expected, None, &[]), *expected, "covered once is covered");
    }
}

#[test]
fn a_branch_that_is_a_word_goes_only_where_a_branch_stands() {
    let words = ["server".to_owned(), "qa".to_owned()];
    for (text, expected) in [
        ("500 Internal server error on qa", "500 Internal server error on qa"),
        ("on branch qa", "on branch [private]"),
        ("branch 'server' is behind origin/qa", "branch '[private]' is behind origin/[private]"),
        ("refs/heads/qa", "refs/heads/[private]"),
    ] {
        assert_eq!(private(text, Some(Path::new("/home/alice")), &words), expected);
    }
}

#[test]
fn a_long_text_of_what_a_finder_lives_on_is_taken() {
    for part in
        ["a:b@", "key=", "a/", "/a b", "sk-", "\\", "A a/a ", "a.", "-home-a", "?a=b&", "://a:"]
    {
        let text = part.repeat((4 << 10) / part.len());
        let words = [part.to_owned(), "/srv/a b".to_owned()];
        assert!(private(&text, Some(Path::new("/a")), &words).len() <= 8 * text.len());
    }
}

/// Ways in which text carries a secret.
const ANNOUNCED: &[&str] = &[
    "Authorization: Bearer @",
    "Authorization: Basic @ x",
    "{\"Authorization\":\"Bearer @\"}",
    "x-api-key: @",
    "'x-api-key': '@',",
    "{\\\"api_key\\\":\\\"@\\\"}",
    "ANTHROPIC_API_KEY=@ claude",
    "export AWS_SECRET_ACCESS_KEY=\"@\"",
    "password=@&user=x",
    "client_secret: @",
    "https://gw.corp/v1/messages?sig=@&x=1",
    "https://gw.corp/v1?zzz=@",
    "https://user:@@gw.corp:8080/v1",
    "https://@@gw.corp/v1",
    "(alice:@@gw.corp:8080)",
    "--auth-token @",
    "refreshToken=@",
    "Set-Cookie: session=@; Path=/",
    "<secret>@</secret>",
];
/// Documents that hold what is private in every way that a key and an object go together.
const DOCUMENTS: &[&str] = &[
    r#"{"account":{"email_address":"ada@initech.com","full_name":"Ada Lovelace","display_name":"Ada"}}"#,
    r#"{"organization":{"uuid":"0a1b2c3d-1111-2222-3333-444455556666","name":"Initech LLC"}}"#,
    r#"{"organization": {"name": "Initech LLC", "id": "0a1b2c3d-1111-2222-3333-444455556666"}}"#,
    r#"{"Account":"123456789012","UserId":"AROAX:ada","Arn":"arn:aws:sts::123456789012:assumed-role/Dev/ada"}"#,
    r#"{"user":{"id":"u1","name":"x"},"team":["a","b"],"project":{"id":null},"password":{"a":1},"token":[]}"#,
    r#"{"workspace":{"host":"gw.acme.com"},"company":"Acme \"Big\" Corp","alias":{},"member":{"user":"ada"}}"#,
    r#"{"error":"{\"organization\":{\"name\":\"Initech\"},\"account\":{\"id\":1}}","cookie":{"a":"b"},"key":{"a":"b"}}"#,
];

#[test]
fn what_is_covered_leaves_a_document_a_document() {
    for text in DOCUMENTS {
        let clean = private(text, Some(Path::new("/home/me")), &[]);
        let value: Result<serde_json::Value, _> = serde_json::from_str(&clean);
        assert!(value.is_ok(), "{text} -> {clean}");
        for private in ["Initech", "initech", "Lovelace", "ada", "0a1b2c3d", "123456789012"] {
            assert!(!clean.contains(private), "{clean}");
        }
    }
}

/// Keys of every form that is known by its beginning.
const KEYS: &[&str] = &[
    "-home-me-plan x",
    "npm_abcdefghijklmnop1234",
    "hf_abcdefghijklmnop1234",
    "glpat-abcdefghij12",
    "xoxb-abcdefghij12",
    "shpat_abcdefghij12",
    "dop_v1_abcdefghij12",
    "gsk_abcdefghij12",
    "xai-abcdefghij12",
    "pypi-abcdefghij12",
    "ya29.abcdefgh12",
    "AIzaabcdefghijklmnop12",
    "sg.abcdefghijklm.n",
    "ASIAabcdefghijkl12",
    "rk_abcdefgh12",
    "organization 1f0a2b3c-4d5e-4f60-8a7b-9c0d1e2f3a4b",
    "org-Ab3dEf9hIj2kLm",
    "arn:aws:iam::123456789012:user/x",
];
/// Ways in which it stands alone.
const ALONE: &[&str] = &["@", "API Error: 401 @ was refused", "(@)", "\"@\"", "at @, again", "x=@"];

/// Ways in which a path, a branch or an address stands in an error.
const PLACES: &[&str] = &[
    "API Error: 500 x /home/me/@A/@B.rs on @C",
    "API Error: 500 x '/home/me/@A @B/x.rs' (@C)",
    "API Error: 500 x: /home/me/@A @B/x.rs, branch @C.",
    "API Error: 500 x cwd=/srv/@A @B/it/sub/f.rs at @C:",
    "API Error: 500 x {\"cwd\":\"/opt/@A/@B\",\"gitBranch\":\"@C\"}",
    "API Error: 500 x {\\\"cwd\\\":\\\"/opt/@A/@B\\\"}",
    "API Error: 500 x C:\\Users\\@A\\@B\\x.rs:12:3",
    "API Error: 500 x \"C:\\\\Users\\\\@A\\\\@B\"",
    "API Error: 500 x file:///Users/@A/@B.rs refs/heads/@C",
    "API Error: 500 x ENOENT: no such file, open '/Users/@A/@B'",
    "API Error: 500 x (~/.claude/projects/-srv-@A-@B-it/1.jsonl)",
    "API Error: 500 x -srv-@A-@B-it",
    "API Error: 500 x src/@A/@B.rs: @C",
    "API Error: 500 x by @A.@B@example.com",
    "API Error: 500 x at f (/home/me/@A/@B.js:1:2)",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn no_announced_secret_survives(
        form in 0..ANNOUNCED.len(),
        secret in "[A-Za-z0-9][A-Za-z0-9+/_.~!#$%^*-]{8,40}[A-Za-z0-9]",
        before in "[ -~]{0,20}",
    ) {
        let form = ANNOUNCED[form];
        // A query's `#` and `%` are written otherwise, or they end it.
        prop_assume!(!form.contains("://") || !secret.contains(['#', '%', '/']));
        let text = format!("{before} {}", form.replacen('@', &secret, 1));
        let clean = secrets(&text);
        prop_assert!(!clean.contains(&secret), "{text:?} -> {clean:?}");
        prop_assert!(!private(&text, None, &[]).contains(&secret));
    }

    #[test]
    fn no_secret_survives_by_itself(
        form in 0..ALONE.len(),
        secret in prop_oneof![
            "sk-ant-(api|oat)[0-9]{2}-[A-Za-z0-9_-]{12,90}",
            "sk-(proj-)?[A-Za-z0-9]{20,48}",
            "gh[pousr]_[A-Za-z0-9]{36}",
            "AKIA[A-Z0-9]{16}",
            "eyJ[A-Za-z0-9]{20}\\.eyJ[A-Za-z0-9]{20,60}\\.[A-Za-z0-9_-]{20,43}",
            "[0-9a-f]{8}[a-f][0-9][a-f][0-9][0-9a-f]{20}",
            "([A-Za-z]{1,3}[0-9]{1,2}[A-Z]){8,12}",
            "([A-Za-z]{1,3}[0-9]{1,2}[A-Z]){4}[+/]([a-z][0-9][A-Z]){4,8}",
        ],
    ) {
        let text = ALONE[form].replace('@', &secret);
        let clean = secrets(&text);
        prop_assert!(!clean.contains(&secret), "{text:?} -> {clean:?}");
    }

    #[test]
    fn no_name_of_a_directory_survives(
        form in 0..PLACES.len(),
        first in "[A-Z][a-z]{3,8}",
        name in "[a-z]{1,4}[0-9][a-z]{3,8}",
        branch in "[a-z]{2,6}(/|-|_)[a-z]{3,9}[0-9]",
    ) {
        let text = PLACES[form]
            .replace("@A", &first).replace("@B", &name).replace("@C", &branch);
        let cwd = format!("/srv/{first} {name}/it");
        let clean = private(&text, Some(Path::new("/home/me")), &[cwd, branch.clone()]);
        for word in [&first, &name, &branch] {
            prop_assert!(!clean.contains(word.as_str()), "{text:?} -> {clean:?}");
        }
        prop_assert!(clean.starts_with("API Error: 500 x"), "{clean:?}");
    }

    #[test]
    fn any_text_is_taken(text in "\\PC{0,200}", word in "\\PC{0,10}") {
        let once = secrets(&text);
        prop_assert_eq!(secrets(&once), once);
        private(&text, Some(Path::new(&word)), std::slice::from_ref(&word));
    }
}
