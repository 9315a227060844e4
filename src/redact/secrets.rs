//! Secrets, by the forms that they are known to come in, and by looking like chance.

use std::ops::Range;
use std::sync::LazyLock;

use regex_lite::Regex;

use super::chance::{is_odd, is_plain, words};
use super::named::{named, spoken};
use super::{Span, groups, part, pattern, trimmed};

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
        r#"(?:^|\s)sshpass\s+-p\s*["']?([^\s"']+)"#,
        // Values one level further down, and beside their names.
        r#"(?i)(?:password|passwd|passphrase|secret|token|api[_-]?key|credential|authorization)\\*["']\s*:\s*\{\s*\\*["']\w+\\*["']\s*:\s*\\*["']([^"'\\]+)"#,
        r#"(?i)["']name\\*["']\s*:\s*\\*["'][\w-]*(?:authorization|api-?key|token|cookie|secret|password)[\w-]*\\*["']\s*,\s*\\*["']value\\*["']\s*:\s*\\*["']([^"'\\]+)"#,
        // Headers that are secret to their end.
        r#"(?i)cookie2?\\*["']?\s*[:=]\s*\\*["']?([^\r\n"'\\]+)"#,
        r#"(?i)\[\s*\\*["'](?:[\w-]*(?:authorization|api-?key|token|cookie|secret)[\w-]*)\\*["']\s*,\s*\\*["']([^"'\\]+)"#,
        r#"(?i)anthropic_custom_headers\\*["']?\s*[:=]\s*\\*["']?([^\r\n"'\\]+)"#,
    ]
    .map(pattern)
    .into()
});
/// A scheme of authentication and what is behind it.
static SCHEME: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)\b(?:bearer|basic)\s+([\w+/\-.=~%]{6,})"));
/// A value in the query of an address.
static QUERY: LazyLock<Regex> = LazyLock::new(|| pattern(r#"[?&][\w.\-\[\]%]+=([^&#\s"'<>`]+)"#));
/// A query's values that are none: switches, small numbers, versions of an API.
static SETTING: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^(?:true|false|\d{1,4}|\d{4}-\d\d-\d\d(?:-preview)?)$"));

/// All secrets in a text.
pub(super) fn find(text: &str) -> Vec<Span> {
    let forms = FORMS.iter().flat_map(|form| groups(form, text));
    let mut found: Vec<Range<usize>> = forms.map(|range| trimmed(text, range)).collect();
    found.extend(named(text));
    found.extend(spoken(text));
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

/// Whether a secret can be told by its form alone.
pub(super) fn has_known_form(text: &str) -> bool {
    FORMS.iter().any(|form| form.is_match(text))
}

/// Values in queries: without knowing the names that a gateway gives them, all but settings.
fn queries(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let values = groups(&QUERY, text).map(|range| trimmed(text, range));
    values.filter(|range| !SETTING.is_match(part(text, range)))
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
