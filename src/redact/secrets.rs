//! Secrets, by the forms that they are known to come in, and by looking like chance.

use std::ops::Range;

use super::chance::{is_odd, is_plain, words};
use super::named::{named, spoken, told};
use super::pattern::{Pattern, Text};
use super::{Span, part, trimmed};

/// Forms that tell a secret by themselves.
static FORMS: [Pattern; 19] = [
    // Well-known beginnings; Anthropic's own even in the midst of a word.
    Pattern::new(&["sk-ant-"], r"(?i)(sk-ant-[\w\-.~+/=%*]+)"),
    Pattern::new(
        &["sk-", "sk_", "pk-", "pk_", "rk-", "rk_"],
        r"(?i)(?:^|[^a-z0-9])((?:sk|pk|rk)[-_][\w\-*]{8,}[\w\-.~+/=%*]*)",
    ),
    // A short one, as people make up for a gateway of their own.
    Pattern::new(&["sk-"], r"(?i)(?:^|[^a-z0-9\-_])(sk-[a-z]*[0-9][\w\-*]*)"),
    Pattern::new(
        &["gh", "glpat-", "xox", "shpat_", "dop_v1_", "gsk_", "xai-", "pypi-"],
        r"(?i)(?:^|[^a-z0-9])((?:gh[pousr]_|github_pat_|glpat-|xox[a-z]-|shpat_|dop_v1_|gsk_|xai-|pypi-)[\w\-]{10,})",
    ),
    Pattern::new(&["npm_", "hf_"], r"(?i)(?:^|[^a-z0-9])((?:npm|hf)_[a-z0-9]{16,})"),
    Pattern::new(
        &["akia", "asia", "aroa", "aida", "abia", "acca"],
        r"(?i)(?:^|[^a-z0-9])((?:akia|asia|aroa|aida|abia|acca)[a-z0-9]{12,})",
    ),
    Pattern::new(
        &["aiza", "ya29.", "eyj", "sg."],
        r"(?i)(?:^|[^a-z0-9])(aiza[\w\-]{16,}|ya29\.[\w\-.]{8,}|eyj[\w\-]{8,}[\w\-.~+/=]*|sg\.[\w\-]{12,}\.[\w\-]+)",
    ),
    Pattern::new(
        &["private key-----"],
        r"(?s)(-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*-----|$))",
    ),
    // User names and passwords: in an address, before a host, as curl takes them.
    Pattern::new(&["://"], r#"://([^\s/?#"'<>`]+)@"#),
    Pattern::new(&["://"], r#"://([^\s"'<>`/@:]+:[0-9]*[^\s"'<>`/@0-9][^\s"'<>`]*)@"#),
    Pattern::new(
        &["@"],
        r#"([^\s/@"'<>`(){}\[\],;:=]+:(?:[^\s"'<>`/@]|/[^\s"'<>`/@])[^\s"'<>`]*)@[A-Za-z0-9\[]"#,
    ),
    Pattern::new(
        &["-u", "--proxy-user"],
        r#"(?:^|\s)(?:-u|-U|--user|--proxy-user)[ =]+["']?([^\s"':]+:[^\s"']+)"#,
    ),
    Pattern::new(&["sshpass"], r#"(?:^|\s)sshpass\s+-p\s*["']?([^\s"']+)"#),
    // Values one level further down, and beside their names.
    Pattern::new(
        &["{"],
        r#"(?i)(?:password|passwd|passphrase|secret|token|api[_-]?key|credential|authorization|cookie)\\*["']\s*:\s*\{\s*\\*["']\w+\\*["']\s*:\s*\\*["']([^"'\\]+)"#,
    ),
    Pattern::new(
        &["value"],
        r#"(?i)["']name\\*["']\s*:\s*\\*["'][\w-]*(?:authorization|api-?key|token|cookie|secret|password)[\w-]*\\*["']\s*,\s*\\*["']value\\*["']\s*:\s*\\*["']([^"'\\]+)"#,
    ),
    // Headers that are secret to their end.
    Pattern::new(
        &["cookie"],
        r#"(?i)cookie2?\\*["']?\s*[:=]\s*\\*["']?([^\s{\["'\\][^\r\n"'\\]*)"#,
    ),
    Pattern::new(
        &["["],
        r#"(?i)\[\s*\\*["'](?:[\w-]*(?:authorization|api-?key|token|cookie|secret)[\w-]*)\\*["']\s*,\s*\\*["']([^"'\\]+)"#,
    ),
    // What can't be sent in a header is quoted where it is said.
    Pattern::new(
        &["header"],
        r#"(?i)(?:invalid header value|header[^\n]{0,80}? has invalid value)\s*:\s*\\*["'`]([^"'`]{4,})"#,
    ),
    Pattern::new(
        &["anthropic_custom_headers"],
        r#"(?i)anthropic_custom_headers\\*["']?\s*[:=]\s*\\*["']?([^\r\n"'\\]+)"#,
    ),
];
/// A scheme of authentication and what is behind it.
static SCHEME: Pattern =
    Pattern::new(&["bearer", "basic"], r"(?i)\b(?:bearer|basic)\s+([\w+/\-.=~%]{6,})");
/// A value in the query of an address.
static QUERY: Pattern = Pattern::new(&["?", "&"], r#"[?&][\w.\-\[\]%]+=([^&#\s"'<>`]+)"#);
/// A query's values that are none: switches, small numbers, versions of an API.
static SETTING: Pattern =
    Pattern::new(&[], r"^(?:true|false|\d{1,4}|\d{4}-\d\d-\d\d(?:-preview)?)$");

/// All secrets in a text.
pub(super) fn find(text: &Text<'_>) -> Vec<Span> {
    let whole = text.whole;
    let forms = FORMS.iter().flat_map(|form| form.groups(text));
    // A name of a thing at AWS has colons and may end in a mail, and so has the address of a
    // mail: they are no user with a password.
    let forms = forms.filter(|range| !begins(part(whole, range), &["arn:", "mailto:"]));
    let mut found: Vec<Range<usize>> = forms.map(|range| trimmed(whole, range)).collect();
    found.extend(named(text));
    found.extend(spoken(text));
    found.extend(told(text));
    found.extend(SCHEME.groups(text).filter(|range| {
        let value = part(whole, range);
        !is_plain(value) || (value.len() >= 16 && !value.contains(['-', '.', '_']))
    }));
    found.extend(queries(text));
    found.extend(words(whole));
    found.retain(|range| !range.is_empty());
    let wrapped = found.iter().filter_map(|range| wrapped(whole, range.end));
    let halves = found.iter().filter_map(|range| second_half(whole, range.end));
    let more: Vec<_> = wrapped.chain(halves).collect();
    found.into_iter().chain(more).map(Span::secret).collect()
}

fn begins(word: &str, with: &[&str]) -> bool {
    let begun =
        |start: &str| word.get(..start.len()).is_some_and(|it| it.eq_ignore_ascii_case(start));
    with.iter().any(|start| begun(start))
}

/// What a code for logging in has behind its `#`.
fn second_half(text: &str, end: usize) -> Option<Range<usize>> {
    let rest = text.get(end..)?.strip_prefix('#')?;
    let goes_on = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let length = rest.find(|c| !goes_on(c)).unwrap_or(rest.len());
    (length > 0).then(|| end + 1..end + 1 + length)
}

/// Whether a secret can be told by its form alone.
pub(super) fn has_known_form(text: &Text<'_>) -> bool {
    FORMS.iter().any(|form| form.is_in(text))
}

/// Values in queries: without knowing the names that a gateway gives them, all but settings.
fn queries<'t>(text: &Text<'t>) -> impl Iterator<Item = Range<usize>> + use<'t> {
    let whole = text.whole;
    let values = QUERY.groups(text).map(|range| trimmed(whole, range));
    values.filter(|range| !SETTING.fits(part(whole, range)))
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

/// Every pattern that is looked for in whole texts.
#[cfg(test)]
pub(super) fn patterns() -> impl Iterator<Item = &'static Pattern> {
    FORMS.iter().chain([&SCHEME, &QUERY])
}
