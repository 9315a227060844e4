//! Secrets, by the forms that they are known to come in, and by looking like chance.

use std::ops::Range;
use std::sync::LazyLock;

use regex_lite::Regex;

use super::{Span, groups, pattern, trimmed};

/// Forms that tell a secret by themselves.
static FORMS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    [
        // Well-known beginnings; Anthropic's own even in the midst of a word.
        r"(?i)(sk-ant-[\w\-.~+/=%*]+)",
        r"(?i)(?:^|[^a-z0-9])((?:sk|pk|rk)[-_][\w\-*]{8,}[\w\-.~+/=%*]*)",
        r"(?i)(?:^|[^a-z0-9])((?:gh[pousr]_|github_pat_|glpat-|xox[a-z]-|shpat_|dop_v1_|gsk_|xai-|pypi-)[\w\-]{10,})",
        r"(?i)(?:^|[^a-z0-9])((?:npm|hf)_[a-z0-9]{16,})",
        r"(?i)(?:^|[^a-z0-9])((?:akia|asia|aroa|aida|abia|acca)[a-z0-9]{12,})",
        r"(?i)(?:^|[^a-z0-9])(aiza[\w\-]{16,}|ya29\.[\w\-.]{8,}|eyj[\w\-]{8,}[\w\-.~+/=]*|sg\.[\w\-]{12,}\.[\w\-]+)",
        r"(?s)(-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*-----|$))",
        // User names and passwords: in an address, before a host, as curl takes them.
        r#"://([^\s/?#"'<>`]+)@"#,
        r#"://([^\s"'<>`/@:]+:[0-9]*[^\s"'<>`/@0-9][^\s"'<>`]*)@"#,
        r#"([^\s/@"'<>`(){}\[\],;:=]+:(?:[^\s"'<>`/@]|/[^\s"'<>`/@])[^\s"'<>`]*)@[A-Za-z0-9\[]"#,
        r#"(?:^|\s)(?:-u|-U|--user|--proxy-user)[ =]+["']?([^\s"':]+:[^\s"']+)"#,
        // Headers that are secret to their end.
        r#"(?i)cookie2?\\*["']?\s*[:=]\s*\\*["']?([^\r\n"'\\]+)"#,
        r#"(?i)anthropic_custom_headers\\*["']?\s*[:=]\s*\\*["']?([^\r\n"'\\]+)"#,
    ]
    .map(pattern)
    .into()
});
/// A name, what may stand between it and its value, and the separator.
static NAMED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"((?:(?:[Aa][Pp][Ii]|[Aa]ccess|[Ss]ecret|[Pp]rivate|[Aa]uth)[ ])?[A-Za-z][A-Za-z0-9_.\-]*)(?:\s+(?:provided|given|supplied|received|used|value|header|is|was))*(?:\\*["'`]|&quot;|\])*(?:\s*(?:=>|:=|=|:|%3[AaDd])\s*|>)"#,
    )
});
/// An option of a command line that has its value behind a space.
static OPTION: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?:^|\s)--([A-Za-z][A-Za-z0-9\-]*)[ \t]+"));
/// A scheme of authentication and what is behind it.
static SCHEME: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)\b(?:bearer|basic)\s+([\w+/\-.=~%]{6,})"));
/// A value in the query of an address.
static QUERY: LazyLock<Regex> = LazyLock::new(|| pattern(r#"[?&][\w.\-\[\]%]+=([^&#\s"'<>`]+)"#));
/// Words of the characters that keys are made of.
static WORD: LazyLock<Regex> = LazyLock::new(|| pattern(r"([A-Za-z0-9][\w+/\-.~%]*)"));
/// A query's values that are none: switches, small numbers, versions of an API.
static SETTING: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^(?:true|false|\d{1,4}|\d{4}-\d\d-\d\d(?:-preview)?)$"));
/// Identifiers that are long and no secret; support needs them.
static HARMLESS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:(?:req|msg|toolu|srvtoolu|msgbatch|file)_[A-Za-z0-9]{1,40}|(?i)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{16}-[a-z]{3})$",
    )
});
/// A part of a word that is a word, a number, or a short mixture such as `v1`, `1m`, `22T19`.
static PLAIN: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"^(?:[A-Za-z]*\d{0,3}|\d{1,14}|\d{1,6}[A-Za-z]{1,2}|\d{1,2}T\d{1,2})$")
});
/// The pieces of a word in mixed case.
static PIECES: LazyLock<Regex> = LazyLock::new(|| pattern(r"[A-Z]?[a-z]+|[A-Z]+"));
/// The end of a name that announces a key, and not a monkey.
static KEY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:[_\-. ](?i:key)|[a-z]Key|(?i:account|master|subscription|signing|license|encryption|service|shared|admin)(?i:key))$",
    )
});

/// Anywhere in a name, in small letters and without separators.
const WITHIN: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "passcode",
    "secret",
    "apikey",
    "accesskey",
    "privatekey",
    "credential",
    "authorization",
];
/// At the end of a name, in the same form.
const AT_END: &[&str] =
    &["token", "pwd", "signature", "sig", "jwt", "cookie", "bearer", "assertion", "otp", "sas"];
/// Names that mostly mean something else: only a value that looks like a secret is one.
const WEAK: &[&str] = &["key", "code", "pass", "auth", "oauth", "sid", "session"];
/// Not the secret itself, but the way it is sent.
const SCHEMES: &[&str] =
    &["bearer", "basic", "digest", "token", "negotiate", "ntlm", "apikey", "aws4-hmac-sha256"];
/// What follows a colon in plain English rather than being the value.
const PROSE: &[&str] = &[
    "null",
    "none",
    "nil",
    "true",
    "false",
    "undefined",
    "missing",
    "invalid",
    "expired",
    "required",
    "revoked",
    "rejected",
    "unauthorized",
    "forbidden",
    "empty",
    "unset",
    "not",
    "no",
    "is",
    "was",
    "has",
    "must",
    "should",
    "cannot",
    "can't",
    "please",
    "check",
    "run",
    "field",
    "input",
    "extra",
    "value",
    "unknown",
    "malformed",
    "incorrect",
    "failed",
    "error",
    "the",
    "a",
    "an",
    "your",
    "you",
    "this",
    "it",
    "in",
    "for",
    "from",
    "of",
    "and",
    "or",
    "to",
    "at",
    "on",
    "with",
    "expected",
    "token",
    "oauth",
    "api",
    "http",
    "request",
    "fix",
];

/// How much a name says about its value.
#[derive(Clone, Copy, PartialEq)]
enum Says {
    Secret,
    Perhaps,
}

/// All secrets in a text.
pub(super) fn find(text: &str) -> Vec<Span> {
    let forms = FORMS.iter().flat_map(|form| groups(form, text));
    let mut found: Vec<Range<usize>> = forms.map(|range| trimmed(text, range)).collect();
    found.extend(named(text));
    found.extend(groups(&SCHEME, text).filter(|range| {
        let value = part(text, range);
        !is_plain(value) || (value.len() >= 16 && !value.contains(['-', '.', '_']))
    }));
    found.extend(queries(text));
    found.extend(words(text));
    found.retain(|range| !range.is_empty());
    let wrapped: Vec<_> = found.iter().filter_map(|range| wrapped(text, range.end)).collect();
    found.into_iter().chain(wrapped).map(Span::secret).collect()
}

fn part<'a>(text: &'a str, range: &Range<usize>) -> &'a str {
    text.get(range.clone()).unwrap_or_default()
}

/// Values behind names, in any of the notations.
fn named(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for (pattern, option) in [(&*NAMED, false), (&*OPTION, true)] {
        let mut from = 0;
        while let Some(captures) = pattern.captures_at(text, from) {
            let (Some(all), Some(name)) = (captures.get(0), captures.get(1)) else { break };
            from = all.end().max(from + 1);
            let Some(says) = says(name.as_str()) else { continue };
            let mut value = value(text, all.end());
            // The scheme of an Authorization is followed by the secret.
            if SCHEMES.contains(&part(text, &value).to_lowercase().as_str()) {
                let next = text.get(value.end..).unwrap_or_default();
                let gap = next.len() - next.trim_start_matches([' ', '\t']).len();
                value = self::value(text, value.end + gap);
            }
            let quoted = text.get(..value.start).is_some_and(|t| t.ends_with(['"', '\'', '`']));
            let assigned = all.as_str().trim_end().ends_with('=') || quoted;
            let word = part(text, &value);
            let meant = match says {
                Says::Secret if option => !word.starts_with('-'),
                Says::Secret => assigned || !is_prose(word),
                Says::Perhaps => is_odd(word),
            };
            if meant {
                found.push(value);
            }
        }
    }
    found
}

fn says(name: &str) -> Option<Says> {
    let name = name.trim_end_matches(['.', '-', '_']);
    let flat: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let flat = flat.to_ascii_lowercase();
    let secret = WITHIN.iter().any(|word| flat.contains(word))
        || AT_END.iter().any(|word| flat.ends_with(word))
        || KEY.is_match(name);
    let last = name.rsplit(['.', '_', '-', ' ']).next().unwrap_or(name).to_ascii_lowercase();
    match secret {
        true => Some(Says::Secret),
        false => WEAK.contains(&last.as_str()).then_some(Says::Perhaps),
    }
}

/// The value that begins at `at`: to its closing quote, or to the next space.
fn value(text: &str, at: usize) -> Range<usize> {
    let rest = text.get(at..).unwrap_or_default();
    let bare = rest.trim_start_matches('\\');
    let entity = bare.strip_prefix("&quot;");
    let quote = bare.chars().next().filter(|c| matches!(c, '"' | '\'' | '`'));
    let inside = match (quote, entity) {
        (Some(_), _) => bare.get(1..).unwrap_or_default(),
        (None, Some(inside)) => inside,
        (None, None) => rest,
    };
    let start = at + (rest.len() - inside.len());
    let end = match quote {
        Some(quote) => inside.find([quote, '\n']),
        None => inside.find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '<')),
    };
    let mut end = end.unwrap_or(inside.len());
    let value = inside.get(..end).unwrap_or_default();
    // The next field of a form or a query, or the end of an escaped quotation.
    let stop = value.match_indices('&').find(|(at, _)| {
        let next = value.get(at + 1..).unwrap_or_default();
        next.starts_with("quot;")
            || next.split_once('=').is_some_and(|(name, _)| {
                name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            })
    });
    if let Some((at, _)) = stop {
        end = at;
    }
    let range = start..start + end;
    if quote.is_some() {
        range.start..start + inside.get(..end).map_or(end, |v| v.trim_end_matches('\\').len())
    } else {
        trimmed(text, range)
    }
}

fn is_prose(word: &str) -> bool {
    let lower = word.to_lowercase();
    let status =
        word.len() == 3 && word.starts_with(['4', '5']) && word.chars().all(|c| c.is_ascii_digit());
    word.is_empty()
        || status
        || !lower.chars().any(char::is_alphanumeric)
        || PROSE.contains(&lower.as_str())
}

/// Values in queries: without knowing the names that a gateway gives them, all but settings.
fn queries(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let values = groups(&QUERY, text).map(|range| trimmed(text, range));
    values.filter(|range| !SETTING.is_match(part(text, range)))
}

/// Words that look like chance; shortly behind a word that announces a secret, shorter ones too.
fn words(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut announced = 0_u8;
    let mut from = 0;
    while let Some(word) = WORD.find_at(text, from) {
        from = word.end();
        let range = trimmed(text, word.range());
        let word = part(text, &range);
        if announced > 0 && is_odd(word) {
            found.push(range);
        } else {
            found.extend(
                random(word).into_iter().map(|r| range.start + r.start..range.start + r.end),
            );
        }
        let lower = word.to_ascii_lowercase();
        let name = lower == "key" || lower == "basic" || says(&lower) == Some(Says::Secret);
        announced = if name { 3 } else { announced.saturating_sub(1) };
    }
    found
}

/// Not a word, nor anything else that is known: enough where a secret is announced.
fn is_odd(word: &str) -> bool {
    word.len() >= 6 && !is_harmless(word) && !is_plain(word)
}

/// The parts of a word that can only be chance. Between slashes each part counts by itself, unless
/// most of them are odd: base64 has slashes, too.
fn random(word: &str) -> Vec<Range<usize>> {
    let mut at = 0;
    let mut parts = Vec::new();
    for segment in word.split('/') {
        parts.push((at..at + segment.len(), oddness(segment)));
        at += segment.len() + 1;
    }
    let odd = parts.iter().filter(|(_, odd)| *odd > 0).count();
    let all: usize = parts.iter().map(|(_, odd)| odd).sum();
    if parts.len() > 1 && odd * 2 >= parts.len() && all >= 20 {
        return std::iter::once(0..word.len()).collect();
    }
    let secret = |(range, odd): (Range<usize>, usize)| (odd >= 16).then_some(range);
    parts.into_iter().filter_map(secret).collect()
}

/// How many letters and digits stand in parts that are no words.
fn oddness(segment: &str) -> usize {
    if is_harmless(segment) {
        return 0;
    }
    segment.split(is_joint).filter(|part| !is_plain_part(part)).map(str::len).sum()
}

fn is_harmless(word: &str) -> bool {
    HARMLESS.is_match(word)
}

fn is_joint(c: char) -> bool {
    !c.is_ascii_alphanumeric()
}

/// Made of words and numbers, as names of models and types are.
fn is_plain(word: &str) -> bool {
    word.split(is_joint).all(is_plain_part)
}

fn is_plain_part(part: &str) -> bool {
    let letters = part.trim_end_matches(|c: char| c.is_ascii_digit());
    let pieces = PIECES.find_iter(letters).count();
    PLAIN.is_match(part) && letters.len() <= 40 && pieces <= 1 + letters.len() / 4
}

/// The rest of a secret that a terminal broke into two lines.
fn wrapped(text: &str, end: usize) -> Option<Range<usize>> {
    let rest = text.get(end..)?;
    let edge = |c: char| matches!(c, ' ' | '\t' | '\r' | '│' | '|');
    let next = rest.trim_start_matches(edge).strip_prefix('\n')?.trim_start_matches(edge);
    let start = end + (rest.len() - next.len());
    let word = next.split(|c: char| c.is_whitespace() || c == '"').next()?;
    let range = trimmed(text, start..start + word.len());
    is_odd(part(text, &range)).then_some(range)
}
