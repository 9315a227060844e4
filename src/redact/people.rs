//! Who somebody is: names behind a login or a key, users of a network, telephones.

use std::ops::Range;

use super::pattern::{Pattern, Text};
use super::{part, tells, trimmed};

const PRIVATE: &str = "[private]";

/// Names that nothing but the words around them tell.
static NAMES: [Pattern; 13] = [
    // "Logged in as Ada Lovelace".
    Pattern::new(
        &[" as "],
        r#"(?i:\b(?:log(?:ged|ging)?[ \-]?in|sign(?:ed|ing)?[ \-]?in|authenticated|signed on) as )([^\s"'`(),;:.<>\[\]]+(?: [A-Z][^\s"'`(),;:.<>\[\]]*){0,3})"#,
    ),
    // The values of keys.
    Pattern::new(
        &["name"],
        r#"(?i)["'`](?:full|display|given|family|first|last|nick|preferred|user|owner|real)[ _\-]?names?\\*["'`]\s*:\s*\\*["'`]([^"'`\n\\]+)"#,
    ),
    // "User ada.lovelace is not allowed": more than a plain word.
    Pattern::new(
        &["user ", "member ", "principal "],
        r"(?i)\b(?:user|member|principal) ([a-z0-9]+[._\-@+][a-z0-9][\w.@+\-]*|[a-z]+[0-9][\w.@+\-]*)",
    ),
    // "user lovelace is not allowed": a plain word that something is denied to.
    Pattern::new(
        &["user ", "member ", "principal "],
        r"(?i)\b(?:user|member|principal) ([a-z][\w\-]{2,}) (?:(?:is|was) (?:not|no longer) (?:allowed|authori[sz]ed|permitted|a member|found)|(?:isn't|wasn't) (?:allowed|authori[sz]ed|permitted|a member|found)|(?:does not|doesn't) (?:have|exist)|has no|lacks)\b",
    ),
    // As directories name who somebody is.
    Pattern::new(
        &["uid=", "cn=", "uid =", "cn ="],
        r#"(?i)(?:^|[\s"'`,(:/])(?:uid|cn) ?= ?([^,;/"'`)<>\n]+)"#,
    ),
    // The organisation and its parts in the same list.
    Pattern::new(&["o=", "ou=", "o =", "ou ="], r#"(?:^|[\s"'`,(:/])OU? ?= ?([^,;/"'`)<>\n]+)"#),
    // Whom something is of or for: "access for ada.lovelace".
    Pattern::new(
        &[" for ", " of "],
        r"(?i)\b(?:access|account|data|login|plan|profile|quota|seat|settings|usage) (?:for|of) ([a-z0-9]+[._][a-z][\w.\-]*)",
    ),
    Pattern::new(
        &["_user"],
        r#"(?i)(?:^|[^a-z])[a-z]+_user(?:_?(?:id|name))?\\*["'`]?\s*[:=]\s*\\*["'`]?([a-z0-9][\w.@+\-]*)"#,
    ),
    // What runs a job, and where.
    Pattern::new(&["runner"], r"(?i)\brunner(?: name)?:? ([a-z][a-z0-9]*[\-_.][\w.\-]+)"),
    // "NETWORK\user": a small letter behind the sign may be an escape.
    Pattern::new(
        &["\\"],
        r"(?:^|[^A-Za-z0-9\\/:.])([A-Z][A-Z0-9\-]{1,14}\\{1,2}[ac-eg-mo-qsv-zA-Z][\w.\-]+)",
    ),
    // The session of a role or a user, behind its id.
    Pattern::new(
        &["aroa", "aida", "[secret]:"],
        r"(?i)(?:\b(?:aroa|aida)[a-z0-9]*|\[secret\]):([a-z][\w+=,.@\-]+)",
    ),
    Pattern::new(
        &["key alias", "key_alias", "key name", "key_name"],
        r#"(?i)\bkey[ _](?:alias|name)\\*["'`]?(?:\s*[:=]\s*|\s+)\\*["'`]?([a-z0-9]+[._\-][\w.\-]+)"#,
    ),
    // Telephones, in groups behind a country's number.
    Pattern::new(
        &["+"],
        r"(?:^|[^\w+])(\+[1-9]\d{0,2}[ .\-]?\(?\d{2,5}\)?(?:[ .\-/]?\d{2,5}){2,4})\b",
    ),
];

/// All of them.
pub(super) fn find(text: &Text<'_>) -> Vec<(Range<usize>, &'static str)> {
    let whole = text.whole;
    let groups = NAMES.iter().flat_map(|pattern| pattern.groups(text));
    let names =
        groups.map(|range| trimmed(whole, range)).filter(|range| is_name(part(whole, range)));
    names.map(|range| (range, PRIVATE)).collect()
}

/// Whether a word is more than the beginning of a sentence about another matter.
fn is_name(word: &str) -> bool {
    const OTHERS: &[&str] = &[
        "a",
        "an",
        "another",
        "different",
        "you",
        "someone",
        "user-agent",
        "access",
        "account",
        "agent",
        "authentication",
        "content",
        "data",
        "input",
        "interaction",
        "login",
        "message",
        "request",
        "role",
        "session",
        "token",
    ];
    let lower = word.to_ascii_lowercase();
    tells(word) && !OTHERS.contains(&lower.as_str())
}

/// Every pattern that is looked for in whole texts.
#[cfg(test)]
pub(super) fn patterns() -> impl Iterator<Item = &'static Pattern> {
    NAMES.iter()
}
