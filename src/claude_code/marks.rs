//! What stands out in the text of an error: a status, a code, an id, a body, and whom it tells
//! to ask. Texts are in one line here.

use serde_json::Value;

use ccwatch_core::api_error::{ID_LENGTH, is_anthropics};

/// The JSON body that older versions show, and newer ones keep in the details.
#[derive(Default)]
pub(super) struct Body {
    pub(super) kind: Option<String>,
    pub(super) request_id: Option<String>,
    /// It names an error in the form of the API's bodies, with one of the API's types.
    pub(super) is_the_apis: bool,
    /// It has the form of another vendor's API.
    pub(super) foreign_form: bool,
}

/// What gateways put at the top of a body, and the API never.
const FOREIGN_KEYS: &[&str] = &[
    "message",
    "Message",
    "fault",
    "errors",
    "errorMessage",
    "errorCode",
    "statusCode",
    "success",
    "title",
    "code",
    "msg",
    "reason",
];

impl Body {
    pub(super) fn find(text: &str) -> Self {
        let Some(start) = text.find('{') else { return Self::default() };
        let json = text.get(start..).unwrap_or_default();
        let first = serde_json::Deserializer::from_str(json).into_iter::<Value>().next();
        match first.and_then(Result::ok) {
            Some(value) => Self::of(&value),
            None => Self::dumped(json),
        }
    }

    fn of(value: &Value) -> Self {
        // An entry of the "Errors" of a bug report: the body stands in what was logged.
        if let Some((logged, _)) = logged(value) {
            return Self::find(logged);
        }
        // Serverless runtimes put an exception into an object of their own.
        let thrown = value.get("errorMessage").and_then(Value::as_str);
        if let Some(thrown) = thrown.filter(|message| message.contains('{')) {
            return Self::find(thrown);
        }
        let text = |pointer: &str| value.pointer(pointer)?.as_str().map(str::to_owned);
        let kind = text("/error/type").or_else(|| text("/error/error/type"));
        let has = |pointer: &str| value.pointer(pointer).is_some();
        let error_of_api = text("/type").as_deref() == Some("error");
        let foreign = has("/error/code") || has("/error/param") || has("/detail");
        let bare = value.get("error").is_some_and(Value::is_string);
        let gateways = FOREIGN_KEYS.iter().any(|key| value.get(key).is_some());
        Self {
            is_the_apis: error_of_api && kind.as_deref().is_some_and(is_anthropics),
            foreign_form: !error_of_api && (foreign || bare || gateways),
            kind,
            request_id: text("/request_id").and_then(|id| unbroken(&id)),
        }
    }

    /// The same as the SDKs print it, in the notation of their language.
    fn dumped(text: &str) -> Self {
        let plain: String =
            text.replace('=', ":").chars().filter(|c| !matches!(c, '"' | '\'' | ' ')).collect();
        let error_of_api = plain.contains("type:error");
        let kinds = plain.split("type:").skip(1).filter_map(|rest| rest.split([',', '}']).next());
        let kind = kinds.filter(|kind| is_anthropics(kind)).last().map(str::to_owned);
        let code = plain.contains("code:") || plain.contains("param:");
        Self {
            is_the_apis: error_of_api && kind.is_some(),
            foreign_form: !error_of_api && plain.contains("error:{") && code,
            kind,
            request_id: None,
        }
    }
}

/// An entry of the "Errors" of a bug report: the text of what Claude Code logged, and when. Other
/// programs log in objects that hold more.
pub(super) fn logged(value: &Value) -> Option<(&str, &str)> {
    let (text, at) = (value.get("error")?.as_str()?, value.get("timestamp")?.as_str()?);
    (value.as_object()?.len() == 2).then_some((text, at))
}

/// Whom the text tells to ask if it persists: that betrays the route.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Tail {
    /// Anthropic's own page, in the form of versions that know gateways.
    Anthropic,
    /// Somebody else.
    Other(String),
}

/// Providers, by a word that names them.
const PROVIDERS: &[(&str, &str)] = &[
    ("aws", "Amazon Bedrock"),
    ("amazon", "Amazon Bedrock"),
    ("bedrock", "Amazon Bedrock"),
    ("google", "Google Vertex AI"),
    ("vertex", "Google Vertex AI"),
    ("azure", "Microsoft Foundry"),
    ("microsoft", "Microsoft Foundry"),
    ("foundry", "Microsoft Foundry"),
];

pub(super) fn tail(text: &str) -> Option<Tail> {
    const GATEWAY: &str = "the gateway set in ANTHROPIC_BASE_URL";
    if text.contains(GATEWAY) {
        return Some(Tail::Other(GATEWAY.to_owned()));
    }
    let (_, rest) = text.split_once("If it persists, check ")?;
    let end = rest.find(". ").or_else(|| rest.find(" · ")).unwrap_or(rest.len());
    let who = rest.get(..end).unwrap_or_default().trim_end_matches(['.', ' ', '"', '\'']);
    if who.contains("status.claude.com") {
        return who.contains("https://").then_some(Tail::Anthropic);
    }
    if let Some((host, _)) = who.split_once('(').and_then(|(_, rest)| rest.split_once(')')) {
        return (!host.trim().is_empty()).then(|| Tail::Other(head(host.trim(), 100).to_owned()));
    }
    let lower = who.to_lowercase();
    let names = |word: &str| words(&lower).any(|w| w == word);
    let provider = PROVIDERS.iter().find(|(word, _)| names(word)).map(|(_, name)| *name);
    let named = match provider {
        Some(name) => name,
        None if lower.contains("gateway") => "an inference gateway",
        None if lower.contains("provider") => "the cloud provider",
        None => who,
    };
    (!named.is_empty()).then(|| Tail::Other(head(named, 100).to_owned()))
}

/// The words of a text, without what stands between them.
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

/// Words before a status.
const BEFORE: &[&str] = &["error", "status", "code", "repeated", "rejected", "errormessage", "|"];
/// What follows a status, as far as it begins.
const AFTER: &[&str] = &[
    "overloaded",
    "internal",
    "bad",
    "service",
    "gateway",
    "{\"type\"",
    "{\"error\"",
    "unauthorized",
    "forbidden",
    "oauth",
    "too many",
    "not found",
    "payment",
];

/// A status where a status stands: best behind "API Error", then before words that go with one,
/// then behind "HTTP" and its like.
pub(super) fn status_in(text: &str) -> Option<u16> {
    let words = text.split_whitespace().map(without_port).collect::<Vec<_>>().join(" ");
    let spaced = words.replace([':', '：', '=', '(', ')', '[', ']', ','], " ");
    let lower = spaced.to_lowercase();
    let about_api = lower.contains("api");
    let mut before: Vec<&str> = Vec::new();
    let mut best: Option<(u8, u16)> = None;
    let mut rest = lower.as_str();
    while let Some(word) = rest.split_whitespace().next() {
        let after = rest.trim_start().get(word.len()..).unwrap_or_default().trim_start();
        let digits = word.trim_matches(|c: char| !c.is_alphanumeric() && c != '{');
        let status: Option<u16> = digits.parse().ok().filter(|n| (400..600).contains(n));
        if let Some(status) = status {
            let rank = rank(&before, after, about_api);
            if rank > best.map_or(0, |(best, _)| best) {
                best = Some((rank, status));
            }
        }
        // A bar is kept: Cloudflare's titles have the host before one and the status behind.
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        before.push(if word == "|" { word } else { bare });
        rest = after;
    }
    best.map(|(_, status)| status)
}

/// A host without its port, which is no status.
fn without_port(word: &str) -> &str {
    let bare = word.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
    let Some((host, port)) = bare.rsplit_once(':') else { return word };
    let is_host = host.contains('.') || host.ends_with(']') || host.ends_with("localhost");
    let is_port = !port.is_empty() && port.chars().all(|c| c.is_ascii_digit());
    let http = host.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("http/"));
    if is_host && is_port && !http { host } else { word }
}

/// How well a number fits as a status between what is before and after it; 0: not at all.
fn rank(before: &[&str], after: &str, about_api: bool) -> u8 {
    let mut back = before.iter().rev();
    let (last, one_more) = (back.next().copied(), back.next().copied());
    match last {
        Some("error" | "errors") if one_more == Some("api") => 4,
        _ if AFTER.iter().any(|start| after.starts_with(start)) => 3,
        Some(word) if BEFORE.contains(&word) || word.starts_with("http") => 2,
        Some(word) if word.ends_with("exception") => 2,
        _ if after.starts_with("error") => 1,
        // In other languages, at the start, or alone.
        Some(_) if about_api && before.len() <= 3 => 1,
        None if after.is_empty() || !after.starts_with(char::is_alphanumeric) => 1,
        _ => 0,
    }
}

/// A code such as `ECONNRESET`, `ERR_PROXY_TUNNEL`, `SELF_SIGNED_CERT_IN_CHAIN` or
/// `FailedToOpenSocket`, in parentheses or not.
pub(super) fn code_in(text: &str) -> Option<String> {
    const NAMED: &[&str] = &[
        "FailedToOpenSocket",
        "ConnectionRefused",
        "ConnectionClosed",
        "ConnectionIdle",
        "RedirectRefused",
        "StreamSuspended",
        "StreamTruncated",
        "StreamNoResponse",
    ];
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    let is_code = |word: &&str| {
        let upper = word.chars().all(|c| c.is_ascii_uppercase() || c == '_' || c.is_ascii_digit());
        let errno = word.len() > 4 && word.starts_with('E') && *word != "ERROR";
        NAMED.contains(word)
            || upper && (errno || word.starts_with("UND_ERR") || is_certificate(word))
    };
    words.filter(|word| word.len() <= 60).find(is_code).map(|code| match code {
        "ConnectionRefused" => "ECONNREFUSED".to_owned(),
        other => other.to_owned(),
    })
}

/// Whether a code is about a certificate: OpenSSL's words for that, as Node and Bun give them.
pub(super) fn is_certificate(code: &str) -> bool {
    let parts = ["CERT", "SIGNATURE", "ISSUER", "SSL", "TLS", "CRL"];
    let whole = ["HOSTNAME_MISMATCH", "EPROTO", "INVALID_CA"];
    whole.contains(&code) || code.contains('_') && code.split('_').any(|part| parts.contains(&part))
}

/// Anthropic's id of a request, wherever it stands.
pub fn request_id_in(text: &str) -> Option<String> {
    let start = text.find("req_")?;
    let rest = text.get(start..)?;
    let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
    let id = rest.get(..end.min(80))?;
    let own = id.rsplit('_').next().unwrap_or_default();
    let missing = ID_LENGTH.checked_sub(own.len()).filter(|n| *n > 0 && own.starts_with("01"));
    // The rest of one that a terminal broke in two; without it, a part is not given as the whole.
    let more = rest.get(end..)?.trim_start_matches(|c: char| c.is_whitespace() || c == '│');
    let gap = rest.get(end..rest.len() - more.len()).unwrap_or_default();
    let more = more.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    match missing.filter(|_| !gap.is_empty() && !more.is_empty()) {
        Some(missing) if more.len() == missing => Some(format!("{id}{more}")),
        Some(_) if gap.contains('\n') => None,
        _ => (id.len() > 4).then(|| id.to_owned()),
    }
}

/// An id that a terminal may have broken in two: then it is one only where it is as long as one.
fn unbroken(id: &str) -> Option<String> {
    let whole: String = id.split_whitespace().collect();
    let own = whole.rsplit('_').next().unwrap_or_default();
    (whole == id || own.len() == ID_LENGTH).then_some(whole)
}

/// At most `max` bytes of a text, whole characters.
pub(super) fn head(text: &str, max: usize) -> &str {
    let end = (0..=max.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    end.and_then(|end| text.get(..end)).unwrap_or_default()
}
