//! Whose it is: accounts, tenants, organisations and projects, the names in them, and the hosts of
//! a company's own network.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::Range;

use super::chance::is_uuid;
use super::pattern::{Pattern, Text};
use super::{Span, part, trimmed};

const ACCOUNT: &str = "[account]";
const ORGANIZATION: &str = "[organization]";
const PROJECT: &str = "[project]";
const PRIVATE: &str = "[private]";
const HOST: &str = "[host]";
const ADDRESS: &str = "[address]";

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
/// Its name: behind a key, in quotes, behind a colon, between commas, before "'s Organization".
static ORG_NAMES: [Pattern; 6] = [
    Pattern::new(
        &["org"],
        r#"(?i)\borg(?:ani[sz]ation)?[ _\-]?name\\*["'`]?\s*[:=]\s*\\*["'`]?([^"'`\n,}\\]+)"#,
    ),
    Pattern::new(
        &["org", "tenant", "directory", "team", "workspace", "company", "account"],
        r#"(?i)\b(?:org(?:ani[sz]ation)?|tenant|directory|team|workspace|company|account)(?: name| named)?\s*[:=]?\s*\\*["'`]([^"'`\n\\]+)\\*["'`]"#,
    ),
    Pattern::new(
        &["org"],
        r"\b(?:[Oo]rg(?:ani[sz]ation)?|ORG(?:ANI[SZ]ATION)?)(?::\s+|, |\s+named\s+)([A-Z][^\n,;.()\[]+)",
    ),
    Pattern::new(
        &["org", "team", "tenant", "workspace", "company", "consumer", "customer", "alias"],
        r#"(?i)\b(?:org(?:ani[sz]ation)?|team|tenant|workspace|company|consumer|customer|alias)(?:[ _](?:name|alias))?\\*["'`]?\s*[:=]\s*\\*["'`]?([A-Za-z0-9][\w.\-]*)"#,
    ),
    Pattern::new(&["org"], r"\b[Oo]rgani[sz]ation \(?([A-Z][\w&\-]*(?: [A-Z][\w&\-]*)*)"),
    Pattern::new(
        &["'s org"],
        r"([A-Za-z0-9][\w&.\-]*(?: [A-Z0-9][\w&.\-]*){0,3})'s [Oo]rgani[sz]ation",
    ),
];
/// A profile of a cloud's command line.
static PROFILE: Pattern = Pattern::new(
    &["profile"],
    r#"(?i)(?:--profile[ =]|_profile=|\bprofile\s*\\*["'`])([A-Za-z0-9][\w.\-]*)"#,
);
/// A project: behind its word with a slash, a key, in quotes, or as Google's sentences have it.
static PROJECTS: [Pattern; 3] = [
    Pattern::new(&["projects/"], r"(?i)\bprojects/([A-Za-z0-9][\w.:\-]*)"),
    Pattern::new(
        &["project"],
        r#"(?i)\bproject(?:[ _\-]?(?:id|name|number))?\\*["'`]?\s*(?:[:=]\s*\\*["'`]?|\s\\*["'`])([A-Za-z0-9][\w.\-]*)"#,
    ),
    Pattern::new(&["project"], r"(?i)\bproject ([a-z0-9]*[0-9\-][a-z0-9\-]*)\b"),
];
/// At the end of a host's name, or in it, where it is of a network of one's own.
const AT_END: &[&str] = &["internal", "local", "lan", "corp", "intranet", "localdomain", "priv"];
const WITHIN: &[&str] = &["corp", "internal", "intranet", "vpn", "svc", "lan"];

/// All of it.
pub(super) fn find(text: &Text<'_>) -> Vec<Span> {
    let whole = text.whole;
    let mut found: Vec<(Range<usize>, &str)> =
        tokens(whole).flat_map(|it| of_token(whole, it)).collect();
    found.extend(single_hosts(whole).map(|range| (range, HOST)));
    let plain = [
        (&ARN, ACCOUNT),
        (&SPACED_ACCOUNT, ACCOUNT),
        (&ARN_NAME, PRIVATE),
        (&USER, PRIVATE),
        (&PRINCIPAL, PRIVATE),
        (&PROFILE, PRIVATE),
        (&ORG_WORD, ORGANIZATION),
    ];
    let names = ORG_NAMES.iter().map(|pattern| (pattern, ORGANIZATION));
    let projects = PROJECTS.iter().map(|pattern| (pattern, PROJECT));
    for (pattern, label) in plain.into_iter().chain(names).chain(projects) {
        let ranges = pattern.groups(text).map(|range| trimmed(whole, range));
        found.extend(ranges.filter(|range| tells(part(whole, range))).map(|range| (range, label)));
    }
    found.into_iter().map(|(range, label)| Span { range, label: label.to_owned() }).collect()
}

/// Whether a name says whose it is: some words stand where names do.
fn tells(name: &str) -> bool {
    const KNOWN: &[&str] = &[
        "admin",
        "administrator",
        "administrators",
        "admins",
        "anthropic",
        "arn",
        "claude",
        "default",
        "for",
        "id",
        "in",
        "is",
        "level",
        "limit",
        "localhost",
        "none",
        "not",
        "null",
        "policy",
        "required",
        "root",
        "scope",
        "settings",
        "sk",
        "the",
        "true",
        "false",
        "undefined",
        "unknown",
        "user",
        "with",
    ];
    let lower = name.to_ascii_lowercase();
    let ours = name.starts_with('[');
    !ours && !name.is_empty() && !KNOWN.contains(&lower.as_str()) && !lower.starts_with("req_")
}

/// Hosts of one word, in an address or behind a code of the connection; those of more words are
/// looked at by themselves.
fn single_hosts(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    const BEFORE: [&str; 3] = ["://", "ENOTFOUND ", "EAI_AGAIN "];
    let places = BEFORE.into_iter().flat_map(|before| text.match_indices(before));
    places.filter_map(|(at, before)| {
        let start = at + before.len();
        let rest = text.get(start..)?;
        let goes_on = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        let end = rest.find(|c| !goes_on(c)).unwrap_or(rest.len());
        let host = rest.get(..end)?;
        let begins = host.starts_with(|c: char| c.is_ascii_alphabetic());
        let longer = rest.get(end..)?.starts_with(['.', '@', '%']);
        (begins && !longer && tells(host)).then_some(start..start + end)
    })
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
    let token = part(text, &range);
    let bare = token.trim_end_matches(['.', ':', '-']);
    if bare.matches(':').count() > 1 && bare.parse().is_ok_and(|it: Ipv6Addr| is_told(it.into())) {
        return vec![(range.start..range.start + bare.len(), ADDRESS)];
    }
    let mut at = range.start;
    let pieces = bare.split(':').map(|piece| {
        let piece = at..at + piece.len();
        at = piece.end + 1;
        piece
    });
    pieces.filter_map(|piece| of_piece(text, piece)).collect()
}

/// An address, a host, the number of an account, or an id that is somebody's.
fn of_piece(text: &str, range: Range<usize>) -> Option<(Range<usize>, &'static str)> {
    let piece = part(text, &range);
    if is_account(piece) {
        return Some((range, ACCOUNT));
    }
    if is_uuid(piece) {
        let label = owner(text.get(..range.start)?)?;
        return Some((range, label));
    }
    if !piece.contains('.') {
        return None;
    }
    if piece.parse().is_ok_and(|it: Ipv4Addr| is_told(it.into())) {
        return Some((range, ADDRESS));
    }
    let lower = piece.to_ascii_lowercase();
    let (labels, last) = lower.rsplit_once('.')?;
    let own = AT_END.contains(&last) || labels.split('.').any(|label| WITHIN.contains(&label));
    if own {
        return Some((range, HOST));
    }
    // As registries of containers have it.
    let first = piece.split('.').next().filter(|label| is_account(label))?;
    Some((range.start..range.start + first.len(), ACCOUNT))
}

/// Whether an address says where somebody is.
fn is_told(address: IpAddr) -> bool {
    !(address.is_loopback() || address.is_unspecified())
}

/// Twelve digits, as AWS gives to accounts and Google to projects, also in groups.
fn is_account(piece: &str) -> bool {
    let digits =
        |part: &str, count: usize| part.len() == count && part.chars().all(|c| c.is_ascii_digit());
    let grouped = || piece.split('-').count() == 3 && piece.split('-').all(|part| digits(part, 4));
    digits(piece, 12) || piece.len() == 14 && grouped()
}

/// What an id stands behind, by the nearest word that says it.
fn owner(before: &str) -> Option<&'static str> {
    const NEAR: usize = 80;
    const WORDS: usize = 5;
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
    ];
    let start = before.len().saturating_sub(NEAR);
    let near = before.get(before.ceil_char_boundary(start)..)?.to_ascii_lowercase();
    let words = near.rsplit(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.take(WORDS).find_map(|word| {
        let is = |names: &[&str]| {
            names.iter().any(|name| {
                let rest = word.strip_prefix(name);
                rest.is_some_and(|it| matches!(it, "" | "s" | "id" | "ids" | "uuid"))
            })
        };
        match word {
            _ if is(OTHERS) => Some(None),
            _ if is(&["org", "organization", "organisation"]) => Some(Some(ORGANIZATION)),
            _ if is(OWNERS) => Some(Some(ACCOUNT)),
            _ => None,
        }
    })?
}

/// Every pattern that is looked for in whole texts.
#[cfg(test)]
pub(super) fn patterns() -> impl Iterator<Item = &'static Pattern> {
    let single = [&ARN, &SPACED_ACCOUNT, &ARN_NAME, &USER, &PRINCIPAL, &PROFILE, &ORG_WORD];
    single.into_iter().chain(&ORG_NAMES).chain(&PROJECTS)
}

#[cfg(test)]
pub(super) const OWNERS: &[(&str, &str)] = &[
    (
        "User: arn:aws:sts::123456789012:assumed-role/Dev/ada is not authorized",
        "User: arn:aws:sts::[account]:assumed-role/[private] is not authorized",
    ),
    ("arn:aws:iam::1234567\n     89012:user/ada-l is", "arn:aws:iam::[account]:user/[private] is"),
    ("arn:aws:sts:\n  :123456789012:role/x", "arn:aws:sts:\n  :[account]:role/[private]"),
    ("AWS account 123456789012 has", "AWS account [account] has"),
    ("{\"accountId\":\"123456789012\"}", "{\"accountId\":\"[account]\"}"),
    ("account 1234-5678-9012.", "account [account]."),
    ("AWS account ID: 1234 5678 9012 has", "AWS account ID: [account] has"),
    ("rows 1234 5678 9012 of", "rows 1234 5678 9012 of"),
    (
        "in subscription 11112222-3333-4444-5555-666677778888 tenant '99998888-7777-6666-5555-444433332222'",
        "in subscription [account] tenant '[account]'",
    ),
    (
        "Application with identifier '11112222-3333-4444-5555-666677778888' was not found in the directory 'Acme Corp'",
        "Application with identifier '[account]' was not found in the directory '[organization]'",
    ),
    ("\"account_uuid\":\"11112222-3333-4444-5555-666677778888\"", "\"account_uuid\":\"[account]\""),
    (
        "organization 1f0a2b3c-4d5e-4f60-8a7b-9c0d1e2f3a4b (org-Ab3dEf9hIj2kLm)",
        "organization [organization] ([organization])",
    ),
    ("workspace wrkspc_01AbCdEfGhIjKl", "workspace [organization]"),
    ("{\"organization_name\":\"Acme Corp\"}", "{\"organization_name\":\"[organization]\"}"),
    ("Organization: Acme Corp\nEmail", "Organization: [organization]\nEmail"),
    (
        "Your organization \"Acme Corp\" has disabled",
        "Your organization \"[organization]\" has disabled",
    ),
    ("Your organization, Acme Corp, has", "Your organization, [organization], has"),
    ("Acme Corp's Organization", "[organization]'s Organization"),
    (
        "Publisher Model `projects/acme-prod/locations/us-east5/publishers/anthropic/models/x`",
        "Publisher Model `projects/[project]/locations/us-east5/publishers/anthropic/models/x`",
    ),
    (
        "has not been used in project acme-42 before",
        "has not been used in project [project] before",
    ),
    ("project: acme, project_id=acme", "project: [project], project_id=[project]"),
    ("The principal `ada` lacks", "The principal `[private]` lacks"),
    ("users/ada has", "users/[private] has"),
    (
        "check your inference gateway (llm.corp.acme.com:4000)",
        "check your inference gateway ([host]:4000)",
    ),
    ("arn:aws:iam::123456789012:user/a\n    da is", "arn:aws:iam::[account]:user/[private] is"),
    (
        "org: acme, team=payments, consumer: ada",
        "org: [organization], team=[organization], consumer: [organization]",
    ),
    ("for organization Acme Corp.", "for organization [organization]."),
    ("Your organization (Acme Corp) has", "Your organization ([organization]) has"),
    ("aws sso login --profile acme-prod", "aws sso login --profile [private]"),
    ("user_id: user_2abCDef", "user_id: [private]"),
    ("getaddrinfo ENOTFOUND build-7", "getaddrinfo ENOTFOUND [host]"),
    ("getaddrinfo ENOTFOUND api.anthropic.com", "getaddrinfo ENOTFOUND api.anthropic.com"),
    ("getaddrinfo ENOTFOUND build-7.acme.internal", "getaddrinfo ENOTFOUND [host]"),
    ("http://litellm:4000/v1/messages", "http://[host]:4000/v1/messages"),
    ("https://gw.corp/llm/v1/messages", "https://[host]/llm/v1/messages"),
    ("connect ETIMEDOUT 10.1.2.3:3128", "connect ETIMEDOUT [address]:3128"),
    ("Your IP: 2001:db8::7 at 10:00:00", "Your IP: [address] at 10:00:00"),
];
