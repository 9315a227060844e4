//! Whose it is: accounts, tenants, organisations and projects, and the names in them.

use std::ops::Range;

use super::chance::is_uuid;
use super::pattern::{Pattern, Text};
use super::{Span, hosts, part, people, tells, trimmed};

const ACCOUNT: &str = "[account]";
const ORGANIZATION: &str = "[organization]";
const PROJECT: &str = "[project]";
const PRIVATE: &str = "[private]";

/// The number of an account, where a name of a thing at AWS has it; a terminal may have broken it.
static ARN: Pattern = Pattern::new(
    &["arn:"],
    r"(?i)arn:\s*aws[a-z\-]*\s*:\s*[a-z0-9\-]*\s*:\s*[a-z0-9\-]*\s*:(?:\s|│)*((?:\d(?:\s|│)*){11}\d)",
);
/// The same behind the word, in groups as a console shows it.
static SPACED_ACCOUNT: Pattern = Pattern::new(
    &["account"],
    r"(?i)\baccounts?\b[^\n0-9]{0,24}(\d{4}(?: |\xc2\xa0)\d{4}(?: |\xc2\xa0)\d{4})\b",
);
/// The number of a card or of an account at a bank, behind the word for it.
static PAYMENT: Pattern = Pattern::new(
    &["card", "iban"],
    r"(?i)\b(?:card|iban)\b[^\n0-9]{0,24}?((?:[a-z]{2}\d{2}|\d{4})(?:[ \-]?\d{4}){3,6}(?:[ \-]?\d{1,3})?)\b",
);
/// Who or what it is in that account: what has names of people and teams.
static ARN_NAME: Pattern = Pattern::new(
    &["user/", "role/", "group/", "profile/", "session/", "cluster/", "provider/"],
    r"(?i)(?:user|role|group|session|cluster|provider|instance-profile|application-inference-profile)/([\w+=,.@\-/]*(?:\r?\n[ \t]*[\w+=,.@\-/]+)?)",
);
/// The same by itself.
static USER: Pattern =
    Pattern::new(&["users/"], r#"(?i)(?:^|[\s"'`(=,:])users/([A-Za-z0-9][\w.@+\-]*)"#);
static PRINCIPAL: Pattern = Pattern::new(
    &["principal", "user", "member"],
    r#"(?i)\b(?:principal|user(?:[ _]?(?:name|id))?|member)\\*["'`]?\s*(?:[:=]\s*\\*["'`]?|\\*["'`])([A-Za-z0-9][^"'`\s\\,;:)]*)"#,
);
/// The id of an organisation or of a part of it, in a form of its own.
static ORG_WORD: Pattern = Pattern::new(
    &["org-", "org_", "wrkspc_"],
    r"\b((?:org[\-_]|wrkspc_)[A-Za-z0-9]*[0-9][A-Za-z0-9]{7,})\b",
);
/// Its name: behind a key, in quotes, behind a colon, between commas, before "'s Organization". It
/// never begins with a sign: a quote may be the end of a key, and what follows it is no name. Nor
/// is the end of a host's name a word for one.
static ORG_NAMES: [Pattern; 10] = [
    Pattern::new(
        &["org"],
        r#"(?i)(?:^|[^\w.])org(?:ani[sz]ation)?[ _\-]?name\\*["'`]?\s*[:=]\s*\\*["'`]?([^\s"'`,;:.{}\[\]()<>=\\][^"'`\n,}\\]*)"#,
    ),
    Pattern::new(
        &["org", "tenant", "directory", "team", "workspace", "company", "account"],
        r#"(?i)(?:^|[^\w.])(?:org(?:ani[sz]ation)?|tenant|directory|team|workspace|company|account)(?: name| named)?(?:\s*[:=]?\s*\\*["`]|(?:\s+|\s*[:=]\s*)\\*')([^\s"'`,;:.{}\[\]()<>=\\][^"'`\n\\]*)\\*["'`]"#,
    ),
    // The same behind a key in quotes. Right behind the word an apostrophe is no quote.
    Pattern::new(
        &["org", "tenant", "directory", "team", "workspace", "company"],
        r#"(?i)["'`](?:org(?:ani[sz]ation)?|tenant|directory|team|workspace|company)(?:[ _\-]?name)?\\*["'`]\s*[:=]\s*\\*["'`]([^"'`\n\\]+)"#,
    ),
    // An object's name, with other fields before it.
    Pattern::new(
        &["org", "tenant", "team", "workspace", "company", "account"],
        r#"(?i)(?:^|[^\w.])(?:org(?:ani[sz]ation)?|tenant|team|workspace|company|account)s?\\*["'`]\s*:\s*\{[^{}]{0,400}?\\*["'`]name\\*["'`]\s*:\s*\\*["'`]([^"'`\n\\]+)"#,
    ),
    Pattern::new(
        &["org"],
        r"(?:^|[^\w.])(?:[Oo]rg(?:ani[sz]ation)?|ORG(?:ANI[SZ]ATION)?)(?::\s+|, |\s+named\s+)([A-Z][^\n,;.()\[]+)",
    ),
    Pattern::new(
        &["org", "team", "tenant", "workspace", "company", "consumer", "customer", "alias"],
        r#"(?i)(?:^|[^\w.])(?:org(?:ani[sz]ation)?|team|tenant|workspace|company|consumer|customer|alias)(?:[ _\-]?(?:name|alias|id|slug))?\\*["'`]?\s*[:=]\s*\\*["'`]?([A-Za-z0-9][\w.\-]*(?: [A-Z][\w.\-]*){0,3})"#,
    ),
    Pattern::new(&["org"], r"(?:^|[^\w.])[Oo]rgani[sz]ation \(?([A-Z][\w&\-]*(?: [A-Z][\w&\-]*)*)"),
    // By itself, with a sign or a digit in it: then it is no word.
    Pattern::new(
        &["org", "team ", "tenant ", "workspace "],
        r"(?i)(?:^|[^\w.])(?:org(?:ani[sz]ation)?|team|tenant|workspace) ([a-z0-9][a-z0-9]*[0-9_\-][\w\-]*)\b",
    ),
    // Behind somebody's name: "for ada.lovelace (Acme Corporation)".
    Pattern::new(&[" ("], r"(?i:\b(?:for|of|as|user) [a-z0-9]+[._@][\w.@\-]*) \(([A-Z][^()\n]*)\)"),
    Pattern::new(
        &["'s org"],
        r"([A-Za-z0-9][\w&.\-]*(?: [A-Z0-9][\w&.\-]*){0,3})'s [Oo]rgani[sz]ation",
    ),
];
/// A profile of a cloud's command line.
static PROFILES: [Pattern; 4] = [
    Pattern::new(
        &["profile"],
        r#"(?i)(?:--profile[ =]|_profile=|\bprofile\s*\\*["'`])([A-Za-z0-9][\w.\-]*)"#,
    ),
    Pattern::new(&["profile"], r"(?i)\bprofile \(([^()\n]+)\)"),
    Pattern::new(&["profile:"], r"(?i)\bprofile:\s*\[?([a-z][a-z0-9.]*[_\-0-9][\w.\-]*)"),
    Pattern::new(&["profile"], r"(?i)\bprofile ([a-z][a-z0-9.]*[_\-0-9][\w.\-]*)"),
];
/// A project: behind its word with a slash, a key, in quotes, or as Google's sentences have it.
static PROJECTS: [Pattern; 5] = [
    Pattern::new(&["projects/"], r"(?i)\bprojects/([A-Za-z0-9][\w.:\-]*)"),
    Pattern::new(
        &["project"],
        r#"(?i)\bproject(?:[ _\-]?(?:id|name|number))?\\*["'`]?\s*(?:[:=]\s*\\*["'`]?|\s\\*["'`])([A-Za-z0-9][\w.\-]*)"#,
    ),
    Pattern::new(&["project"], r"(?i)\bproject ([a-z0-9]*[0-9\-][a-z0-9\-]*)\b"),
    // A repository, by itself or with the number of an issue.
    Pattern::new(&["#"], r"(?:^|[\s(\[])([A-Za-z0-9][\w\-]*/[A-Za-z0-9][\w.\-]*)#\d"),
    Pattern::new(&["repo"], r"(?i)\brepo(?:sitory)?[:=]? ?([a-z0-9][\w\-]*/[a-z0-9][\w.\-]*)"),
];
/// All of it.
pub(super) fn find(text: &Text<'_>) -> Vec<Span> {
    let whole = text.whole;
    let mut found: Vec<(Range<usize>, &str)> =
        tokens(whole).flat_map(|it| of_token(whole, it)).collect();
    found.extend(hosts::find(text));
    found.extend(people::find(text));
    let plain = [
        (&ARN, ACCOUNT),
        (&SPACED_ACCOUNT, ACCOUNT),
        (&PAYMENT, ACCOUNT),
        (&ARN_NAME, PRIVATE),
        (&USER, PRIVATE),
        (&PRINCIPAL, PRIVATE),
        (&ORG_WORD, ORGANIZATION),
    ];
    let names = ORG_NAMES.iter().map(|pattern| (pattern, ORGANIZATION));
    let projects = PROJECTS.iter().map(|pattern| (pattern, PROJECT));
    let profiles = PROFILES.iter().map(|pattern| (pattern, PRIVATE));
    let all = plain.into_iter().chain(names).chain(projects).chain(profiles);
    for (pattern, label) in all {
        let ranges = pattern.groups(text).map(|range| trimmed(whole, range));
        found.extend(ranges.filter(|range| tells(part(whole, range))).map(|range| (range, label)));
    }
    found.into_iter().map(|(range, label)| Span { range, label: label.to_owned() }).collect()
}

/// The runs of characters that numbers, ids, hosts and addresses are made of.
fn tokens(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let goes_on = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ':');
    let mut from = 0;
    std::iter::from_fn(move || {
        let rest = text.get(from..)?;
        let start = from + rest.find(goes_on)?;
        let run = text.get(start..)?;
        from = start + run.find(|c| !goes_on(c)).unwrap_or(run.len());
        Some(start..from)
    })
}

/// What is private in one of them.
fn of_token(text: &str, range: Range<usize>) -> Vec<(Range<usize>, &'static str)> {
    let range = unescaped(text, range);
    let token = part(text, &range);
    let bare = token.trim_end_matches(['.', ':', '-']);
    if let Some(address) = hosts::address(bare) {
        return vec![(range.start..range.start + bare.len(), address)];
    }
    let mut at = range.start;
    let pieces = bare.split(':').map(|piece| {
        let piece = at..at + piece.len();
        at = piece.end + 1;
        piece
    });
    pieces.flat_map(|piece| of_piece(text, piece)).collect()
}

/// Without the end of a JSON escape such as `\u0020`, which a run of characters may begin with.
fn unescaped(text: &str, range: Range<usize>) -> Range<usize> {
    let escape = |it: &str| {
        let code = it.strip_prefix('u').and_then(|rest| rest.get(..4));
        code.is_some_and(|code| code.chars().all(|c| c.is_ascii_hexdigit()))
    };
    let behind = text.get(..range.start).is_some_and(|before| before.ends_with('\\'));
    if behind && escape(part(text, &range)) { range.start + 5..range.end } else { range }
}

/// No number of an account and no id is shorter.
const SHORTEST: usize = 12;

/// An address, a host, the numbers of accounts, or an id that is somebody's.
fn of_piece(text: &str, range: Range<usize>) -> Vec<(Range<usize>, &'static str)> {
    let piece = part(text, &range);
    // Most words are short and have no dot in them: they are none of it.
    if piece.len() < SHORTEST && !piece.contains('.') {
        return Vec::new();
    }
    if is_account(piece) || is_billing(piece) {
        return vec![(range, ACCOUNT)];
    }
    if is_uuid(piece) || piece.len() == 36 && is_uuid(&piece.replace('_', "-")) {
        return owner(text, &range).map(|label| (range, label)).into_iter().collect();
    }
    if let Some(address) = hosts::address(piece) {
        return vec![(range, address)];
    }
    // Numbers of accounts in a longer name: of a registry of containers, of a user.
    let mut at = range.start;
    let parts = piece.split(['.', '-', '_']).map(|word| {
        let part = at..at + word.len();
        at = part.end + 1;
        part
    });
    let numbers = parts.filter(|range| is_account(part(text, range))).map(|it| (it, ACCOUNT));
    numbers.chain(hosts::named(text, &range).map(|range| (range, hosts::HOST))).collect()
}

/// The number of a billing account, as Google gives them.
fn is_billing(piece: &str) -> bool {
    let fits = |group: &str| {
        group.len() == 6 && group.chars().all(|c| c.is_ascii_digit() || c.is_ascii_uppercase())
    };
    let three = piece.len() == 20 && piece.split('-').count() == 3;
    three && piece.split('-').all(fits) && piece.contains(|c: char| c.is_ascii_digit())
}

/// Twelve digits, as AWS gives to accounts and Google to projects, also in groups.
fn is_account(piece: &str) -> bool {
    let digits =
        |part: &str, count: usize| part.len() == count && part.chars().all(|c| c.is_ascii_digit());
    let grouped = || piece.split('-').count() == 3 && piece.split('-').all(|part| digits(part, 4));
    digits(piece, 12) || piece.len() == 14 && grouped()
}

/// Whose an id is, by the nearest word that says it: before it, or else right behind it. An id
/// that nobody says is a request's may be anybody's; one that stands alone says nothing of itself.
fn owner(text: &str, id: &Range<usize>) -> Option<&'static str> {
    const NEAR: usize = 80;
    const WORDS: usize = 5;
    let before = text.get(..id.start).unwrap_or_default();
    let start = before.ceil_char_boundary(before.len().saturating_sub(NEAR));
    let before = before.get(start..).unwrap_or_default().to_ascii_lowercase();
    let after = text.get(id.end..).unwrap_or_default();
    let after = after.get(..after.floor_char_boundary(NEAR)).unwrap_or_default();
    // What goes on about it, in the same sentence; not the next field.
    let after = after.trim_start_matches([')', ']', '"', '\'', '`', ':', ' ']);
    let end = after.find([',', '"', '\'', '\n', '{', '}', ';']).unwrap_or(after.len());
    let after = after.get(..end).unwrap_or_default().to_ascii_lowercase();
    let joint = |c: char| !c.is_ascii_alphanumeric();
    let back = before.rsplit(joint).filter(|word| !word.is_empty()).take(WORDS);
    // As transcripts name their rows.
    let of_row = || back.clone().next().is_some_and(|word| word.ends_with("uuid"));
    let on = after.split(joint).filter(|word| !word.is_empty()).take(WORDS);
    let said = back.clone().chain(on.clone()).find_map(of_owner);
    let alone =
        || !(before.contains(char::is_alphanumeric) || after.contains(char::is_alphanumeric));
    said.unwrap_or_else(|| (!of_row() && !alone()).then_some(PRIVATE))
}

/// What a word says of an id near it: whose it is, or that it is nobody's; nothing, if it says
/// neither.
fn of_owner(word: &str) -> Option<Option<&'static str>> {
    const OWNERS: &[&str] = &[
        "account",
        "tenant",
        "subscription",
        "directory",
        "workspace",
        "user",
        "client",
        "app",
        "application",
        "object",
        "principal",
        "customer",
        "team",
        "resource",
        "oid",
        "tid",
        "billing",
        "device",
    ];
    const OTHERS: &[&str] = &[
        "request",
        "req",
        "trace",
        "span",
        "correlation",
        "ray",
        "session",
        "message",
        "feedback",
        "activity",
        "operation",
        "invocation",
        "reference",
        "resume",
        "conversation",
        "tool",
    ];
    let is = |names: &[&str]| {
        names.iter().any(|name| {
            let rest = word.strip_prefix(name);
            rest.is_some_and(|it| matches!(it, "" | "s" | "id" | "ids" | "uuid"))
        })
    };
    match word {
        _ if is(OTHERS) => Some(None),
        _ if is(&["org", "organization", "organisation", "organiza"]) => Some(Some(ORGANIZATION)),
        _ if is(OWNERS) => Some(Some(ACCOUNT)),
        _ => None,
    }
}

/// Every pattern that is looked for in whole texts.
#[cfg(test)]
pub(super) fn patterns() -> impl Iterator<Item = &'static Pattern> {
    let single = [&ARN, &SPACED_ACCOUNT, &PAYMENT, &ARN_NAME, &USER, &PRINCIPAL, &ORG_WORD];
    let named = single.into_iter().chain(&ORG_NAMES).chain(&PROFILES).chain(&PROJECTS);
    named.chain(hosts::patterns()).chain(people::patterns())
}
