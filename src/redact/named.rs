//! Values behind names that announce a secret: `api_key=...`, `"password": "..."`, `--token ...`.

use std::ops::Range;

use super::chance::is_odd;
use super::pattern::{Found, Pattern, Text};
use super::{is_label, part, trimmed};

/// A name, what may stand between it and its value, and the separator.
static NAMED: Pattern = Pattern::new(
    &["=", ":", ">", "%3"],
    r#"((?:(?:[Aa][Pp][Ii]|[Aa]ccess|[Ss]ecret|[Pp]rivate|[Aa]uth)[ ])?[A-Za-z][A-Za-z0-9_.\-]*)(?:\s+(?:provided|given|supplied|received|used|value|header|is|was))*(?:\\*["'`]|&quot;|\])*(?:\s*(?:=>|:=|=|:|%3[AaDd])\s*|>)"#,
);
/// An option of a command line that has its value behind a space.
static OPTION: Pattern = Pattern::new(&["--"], r"(?:^|\s)--([A-Za-z][A-Za-z0-9\-]*)[ \t]+");
/// A word for a password and the password, as people write it.
static SPOKEN: Pattern = Pattern::new(
    &["password", "passwd", "passphrase", "passcode", "pwd", "secret", "key", "token"],
    r#"(?i)(?:^|[^a-z])(?:(?:password|passwd|passphrase|passcode|pwd)\s+(?:is\s+|was\s+)?["'`]|(?:password|passwd|passphrase|passcode|pwd|secret|key|token)\s+(?:is|was)\s+)([^\s"'`]+)"#,
);

/// The same in other languages, whatever the password looks like.
static ELSEWHERE: Pattern = Pattern::new(
    &[
        "passwort",
        "kennwort",
        "mot de passe",
        "contrase",
        "senha",
        "palabra clave",
        "parola",
        "wachtwoord",
        "lösenord",
        "hasło",
        "пароль",
        "Пароль",
        "密码",
        "密碼",
        "口令",
        "パスワード",
        "비밀번호",
    ],
    r#"(?:[Pp]asswort|PASSWORT|[Kk]ennwort|[Mm]ot de passe|[Cc]ontrase(?:ñ|n)a|[Ss]enha|[Pp]alabra clave|[Pp]arola|[Ww]achtwoord|[Ll]ösenord|[Hh]asło|пароль|Пароль|密码|密碼|口令|パスワード|비밀번호)\\*["'`]?\s*(?:=|:|：)\s*(?:\\*["'`]|„|“|«|「)?([^\s"'`,;]+)"#,
);
/// What stands behind a user's name in a file of logins.
static NETRC: Pattern = Pattern::new(&["login"], r"(?i)\blogin\s+\S+\s+password\s+(\S+)");

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
/// What follows `token` in a name of something that is none.
const ABOUT_TOKENS: &[&str] =
    &["count", "limit", "type", "usage", "budget", "expiry", "expires", "endpoint", "url", "file"];
/// Names that mostly mean something else: only a value that looks like a secret is one.
const WEAK: &[&str] = &["key", "code", "auth", "oauth", "sid", "session", "pin"];
/// Whose key it is that a name announces: a key by itself may be one of a piano.
const KEYS: &[&str] = &[
    "account",
    "master",
    "subscription",
    "signing",
    "license",
    "encryption",
    "service",
    "shared",
    "admin",
];
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

/// A value of so many bytes is no name of another one.
const SHORT: usize = 64;

/// How much a name says about its value.
#[derive(Clone, Copy, PartialEq)]
enum Says {
    Secret,
    Perhaps,
}

/// Values behind names, in any of the notations.
pub(super) fn named(text: &Text<'_>) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for (pattern, option) in [(&NAMED, false), (&OPTION, true)] {
        let Some(mut search) = pattern.search(text) else { continue };
        let (text, mut from) = (text.whole, 0);
        while let Some(Found { all, group: name }) = search.next(from) {
            from = all.end.max(from + 1);
            let label = is_label(text, &name);
            let Some(says) = says(part(text, &name)).filter(|_| !label) else { continue };
            let mut value = value(text, all.end);
            // The scheme of an Authorization is followed by the secret.
            if SCHEMES.contains(&part(text, &value).to_lowercase().as_str()) {
                let next = text.get(value.end..).unwrap_or_default();
                let gap = next.len() - next.trim_start_matches([' ', '\t']).len();
                value = self::value(text, value.end + gap);
            }
            let quoted = text.get(..value.start).is_some_and(|t| t.ends_with(['"', '\'', '`']));
            let assigned = part(text, &all).trim_end().ends_with('=') || quoted;
            let word = part(text, &value);
            let meant = match says {
                Says::Secret if option => !word.starts_with('-'),
                Says::Secret => assigned || !is_prose(word),
                Says::Perhaps => is_odd(word),
            };
            if meant && is_phrase(part(text, &name)) {
                value = value.start..phrase_end(text, &value);
            }
            if meant {
                // What announces something itself may be a value: look on behind a short one only.
                from = if value.len() < SHORT { from } else { from.max(value.end) };
                found.push(value);
            }
        }
    }
    found
}

/// Whether a name is one of a secret that may have more words than one.
fn is_phrase(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    ["password", "passwd", "passphrase", "passcode", "pwd", "mnemonic", "phrase"]
        .iter()
        .any(|word| lower.ends_with(word))
}

/// Where the plain words end that go on from a password of a plain word. Words of a sentence about
/// it are none of it.
fn phrase_end(text: &str, first: &Range<usize>) -> usize {
    const WORDS: usize = 24;
    let is_plain = |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase());
    let mut end = first.end;
    if !is_plain(part(text, first)) {
        return end;
    }
    for _ in 0..WORDS {
        let Some(rest) = text.get(end..).and_then(|rest| rest.strip_prefix(' ')) else { break };
        let word = rest.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
        if !is_plain(word) || is_prose(word) {
            break;
        }
        end += 1 + word.len();
    }
    end
}

/// Whether a name announces a secret.
pub(super) fn announces(name: &str) -> bool {
    says(name) == Some(Says::Secret)
}

fn says(name: &str) -> Option<Says> {
    let name = name.trim_end_matches(['.', '-', '_']);
    let flat: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let flat = flat.to_ascii_lowercase();
    let secret = WITHIN.iter().any(|word| flat.contains(word))
        || AT_END.iter().any(|word| flat.ends_with(word))
        || is_key(name)
        || has_token(name);
    let last = name.rsplit(['.', '_', '-', ' ']).next().unwrap_or(name).to_ascii_lowercase();
    match secret || matches!(last.as_str(), "pass" | "pw") {
        true => Some(Says::Secret),
        false => WEAK.contains(&last.as_str()).then_some(Says::Perhaps),
    }
}

/// Whether a name ends in a key, and is not a monkey.
fn is_key(name: &str) -> bool {
    let split = name.len().checked_sub(3).and_then(|at| name.split_at_checked(at));
    let Some((before, key)) = split.filter(|(_, key)| key.eq_ignore_ascii_case("key")) else {
        return false;
    };
    let ends_with = |owner: &str| {
        let end = before.len().checked_sub(owner.len()).and_then(|at| before.get(at..));
        end.is_some_and(|end| end.eq_ignore_ascii_case(owner))
    };
    before.ends_with(['_', '-', '.', ' '])
        || key == "Key" && before.ends_with(|c: char| c.is_ascii_lowercase())
        || KEYS.iter().any(|owner| ends_with(owner))
}

/// Whether `token` stands by itself in a name such as `AWS_BEARER_TOKEN_BEDROCK`.
fn has_token(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let next = lower.split('_').skip_while(|word| *word != "token").nth(1);
    next.is_some_and(|next| !ABOUT_TOKENS.contains(&next))
}

/// Passwords whose word is no English one, and those of a file of logins.
pub(super) fn told<'t>(text: &Text<'t>) -> impl Iterator<Item = Range<usize>> + use<'t> {
    let whole = text.whole;
    let found = ELSEWHERE.groups(text).chain(NETRC.groups(text));
    found.map(|range| trimmed(whole, range)).filter(move |range| !is_prose(part(whole, range)))
}

/// Passwords in sentences: in quotes, or of letters and digits.
pub(super) fn spoken<'t>(text: &Text<'t>) -> impl Iterator<Item = Range<usize>> + use<'t> {
    let whole = text.whole;
    SPOKEN.groups(text).map(|range| trimmed(whole, range)).filter(move |range| {
        let text = whole;
        let word = part(text, range);
        let quoted = text.get(..range.start).is_some_and(|t| t.ends_with(['"', '\'', '`']));
        let mixed = word.contains(|c: char| c.is_ascii_digit())
            && word.contains(|c: char| c.is_ascii_alphabetic());
        if quoted { !is_prose(word) } else { mixed && word.len() >= 4 }
    })
}

/// The value that begins at `at`: to its closing quote, or to the next space.
fn value(text: &str, at: usize) -> Range<usize> {
    let rest = text.get(at..).unwrap_or_default();
    // A list of one value; what we put in place of a secret begins in the same way.
    let listed = rest.strip_prefix('[').map(|rest| rest.trim_start_matches([' ', '\\']));
    let bare = listed.filter(|rest| rest.starts_with(['"', '\'']));
    let bare = bare.unwrap_or_else(|| rest.trim_start_matches('\\'));
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
        let name = next.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_');
        next.starts_with("quot;") || name.starts_with('=')
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

/// Every pattern that is looked for in whole texts.
#[cfg(test)]
pub(super) const PATTERNS: [&Pattern; 5] = [&NAMED, &OPTION, &SPOKEN, &ELSEWHERE, &NETRC];
