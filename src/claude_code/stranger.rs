//! Whose error is it? What a user pastes need not be Claude's: a tool's, an MCP server's, npm's.
//!
//! A status means nothing by itself. It counts only beside a mark of the API, of Claude Code or of
//! an SDK that spoke to it, and whoever is named first is whose error it is.

mod hosts;
mod names;
mod plain;
mod trace;

use std::ops::Range;
use std::sync::LazyLock;

use super::marks::{self, Body, Tail};
use super::scan::{self, Index};
use super::screen::Piece;
use super::wording::{self, Scope};
use ccwatch_core::api_error::is_anthropics_id;
pub(super) use hosts::ANOTHER;
use names::STRANGERS;

/// Whose a piece of text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    /// Claude Code's, or the API's.
    Claude,
    /// Somebody else's, and whose.
    Stranger(&'static str),
    /// It names Claude, so that a status in it may be the API's.
    Near,
    /// Nothing says so.
    Nobody,
}

/// Marks that make a text Claude's, in lower case: of Claude Code, and of the SDKs.
const CLAUDES: &[&str] = &[
    "terminated early due to an api error",
    "node_modules/@anthropic-ai/sdk/",
    "site-packages/anthropic/_",
    "@anthropic-ai/claude-code/cli.js:",
    "@anthropic-ai\\claude-code\\cli.js:",
    "$bunfs/root/claude:",
    "$bunfs/root/src/entrypoints/cli.js:",
    "~bun/root/claude.exe:",
    "anthropicexception",
    "com.anthropic.errors.",
    "anthropicerror",
    "anthropic.apierror",
    "anthropic.internalservererror",
    "anthropic.apistatuserror",
    "anthropic.apitimeouterror",
    "anthropic.apiconnectionerror",
    "anthropic.ratelimiterror",
    "anthropic.authenticationerror",
    "anthropic.badrequesterror",
    "anthropic.overloadederror",
    "anthropic._exceptions",
    "apikeyhelper script is failing",
    "(forceloginorguuid)",
    "site-packages/anthropic/lib/",
    "api connectivity",
    "oauth request failed",
];

/// What names Claude without being a mark of its errors.
const NEAR: &[&str] = &["claude", "anthropic"];

/// Whose a piece is. What nobody but Claude Code writes decides at once; then a server that is
/// named; of marks that others may have, too, the earliest counts: what follows it is what that one
/// says. Where Claude Code's words could be anybody's, whoever is named has the error.
pub(super) fn owner(piece: &Piece) -> Owner {
    if piece.asks {
        return Owner::Nobody;
    }
    let lower = piece.text.to_lowercase();
    if let Some(tool) = piece.tool {
        return Owner::Stranger(stranger(&lower, 0).map_or(tool, |(_, who)| who));
    }
    if is_made_up(piece, &lower) {
        return Owner::Stranger(names::TEST);
    }
    if is_nobody_elses(piece, &lower) {
        return Owner::Claude;
    }
    if hosts::asks_the_api(&lower) {
        return Owner::Near;
    }
    let marked = mark(piece, &lower);
    by_server(piece, &lower, marked.is_some())
        .or_else(|| Some(by_mark(piece, &lower, marked?)))
        .unwrap_or_else(|| by_words(piece, &lower))
}

/// Whether a text begins as a test does: an answer in it is made up, and has no id of Anthropic's.
fn is_made_up(piece: &Piece, lower: &str) -> bool {
    const BEGINNING: usize = 80;
    let begun = marks::head(lower, BEGINNING);
    names::TESTS.iter().any(|mark| begun.contains(mark)) && own_id(&piece.text).is_none()
}

/// Whose it is by the server that it names. To a gateway Claude Code speaks as it does to the API,
/// and "API Error" is its word of whoever answers.
fn by_server(piece: &Piece, lower: &str, marked: bool) -> Option<Owner> {
    if marked && lower.contains("/v1/messages") {
        return Some(Owner::Claude);
    }
    if let Some((_, who)) = hosts::origins(lower).find_map(|host| stranger(host, 0)) {
        return Some(Owner::Stranger(who));
    }
    let claudes = |host: &str| !hosts::is_no_message(lower, host) && marker(piece, lower).is_some();
    let answered = answered_by(lower).filter(|host| !claudes(host));
    let named = || stranger(lower, 0).map_or(hosts::ANOTHER, |(_, who)| who);
    answered.map(|_| Owner::Stranger(named()))
}

/// Whose it is by the first mark, and who is named before it.
fn by_mark(piece: &Piece, lower: &str, at: usize) -> Owner {
    // What stands in a sentence before that of the error is about something else.
    let sentence = lower.get(..at).and_then(|before| before.rfind(". ")).unwrap_or(0);
    let before = stranger(lower, sentence).filter(|(before, _)| *before < at);
    match before.map(|(_, who)| who).or_else(|| trace::traced(piece, lower)) {
        Some(who) => Owner::Stranger(who),
        None => Owner::Claude,
    }
}

/// Whose it is by its words and by who is named in it.
fn by_words(piece: &Piece, lower: &str) -> Owner {
    let own = || own_words(piece, lower);
    match stranger(lower, 0) {
        None => match hosts::other(lower) {
            Some(who) if !(hosts::is_this_machine(lower) && own().is_some()) => {
                Owner::Stranger(who)
            }
            _ if own().is_some() || is_capacity(piece, lower) => Owner::Claude,
            _ if is_about_claude(piece, lower) => Owner::Near,
            _ => Owner::Nobody,
        },
        Some((before, _)) if own().is_some_and(|end| end <= before) => Owner::Claude,
        Some((_, who)) if looks_wrong(&piece.text, lower) => Owner::Stranger(who),
        Some(_) => Owner::Nobody,
    }
}

/// What nobody but Claude Code and Anthropic's SDK writes, whoever passes it on: the whole sentence
/// with Anthropic's page, the API's body behind "API Error", the SDK's classes.
fn is_nobody_elses(piece: &Piece, lower: &str) -> bool {
    if piece.said && !lower.starts_with("api error") {
        return false;
    }
    let begun = lower.find("api error");
    let sentence = begun.is_some() && marks::tail(&piece.text) == Some(Tail::Anthropic);
    let body = begun.and_then(|at| piece.text.get(at..)).is_some_and(|rest| {
        let (before, _) = rest.split_once('{').unwrap_or((rest, ""));
        before.len() < 24 && Body::find(rest).is_the_apis
    });
    sentence
        || body
        || says_overloaded(lower)
        || lower.contains("com.anthropic.errors.")
        || trace::sdk(lower).is_some_and(|(_, package)| package == "anthropic")
}

/// Whether the API's own answer stands in a text that it is overloaded, in whatever notation.
pub(super) fn says_overloaded(lower: &str) -> bool {
    let sign = |c: char| matches!(c, '"' | '\'' | ' ' | '\\');
    let plain: String = lower.replace('=', ":").chars().filter(|c| !sign(*c)).collect();
    plain.contains("type:overloaded_error,message:overloaded}")
}

/// Whether a text names Claude, or sends to its login, and is about nothing else, or tells to log in
/// at the beginning of a sentence: a status in it may be the API's.
fn is_about_claude(piece: &Piece, lower: &str) -> bool {
    let about = names_claude(lower) || sends_to_login(lower);
    !piece.said && (about && plain::are_plain(lower) || plain::tells_to_log_in(lower))
}

/// Whether a text sends the user to Claude Code's own command.
fn sends_to_login(lower: &str) -> bool {
    ["run /login", "run `/login", "try /login", "use /login", "· /login", "/login again"]
        .iter()
        .any(|words| lower.contains(words))
}

/// The server that a text says the answer came from, where it is none of Anthropic's.
pub(super) fn answered_by(lower: &str) -> Option<&str> {
    let told = |host: &&str| host.contains('.') && !hosts::is_anthropics(host);
    hosts::origins(lower).find(told).filter(|host| lower.contains(&format!("://{host}")))
}

/// Whether somebody is called so for no more than the address of a host.
pub(super) fn is_named_by(who: &str, host: &str) -> bool {
    who == ANOTHER || who == hosts::HERE || stranger(host, 0).is_some_and(|(_, it)| it == who)
}

/// Whether a text names Claude, and not only in the name of a package, a path or a proxy.
fn names_claude(lower: &str) -> bool {
    let ends = |c: char| c.is_whitespace() || "\"'`()[]{}<>,;".contains(c);
    let mut tokens = lower.split(ends);
    tokens.any(|it| NEAR.iter().any(|word| it.contains(word)) && hosts::names_anthropic(it))
}

static INDEX: LazyLock<Index> =
    LazyLock::new(|| Index::new(STRANGERS.iter().map(|(mark, _)| *mark)));

/// The first mark of somebody else from a place on, and who that is. It is a word of its own, and
/// no part of another.
fn stranger(lower: &str, from: usize) -> Option<(usize, &'static str)> {
    let fits = |text: &str, at: usize, mark: &str| at >= from && scan::begins(text, at, mark);
    let places = INDEX.first_places(lower, fits).into_iter();
    let found = STRANGERS.iter().zip(places).filter_map(|((_, who), at)| Some((at?, *who)));
    let other = trace::sdk(lower).filter(|(at, package)| *at >= from && *package != "anthropic");
    found.chain(other.map(|(at, _)| (at, "another vendor's SDK"))).min_by_key(|(at, _)| *at)
}

/// Whether a text tells of a failure at all.
fn looks_wrong(text: &str, lower: &str) -> bool {
    const FAILURES: &[&str] = &[
        "error",
        "fail",
        "fatal",
        "refused",
        "denied",
        "unauthorized",
        "timed out",
        "timeout",
        "✘",
        "disconnect",
        "unable",
        "cannot",
        "could not",
        "can't",
        "couldn't",
        "not found",
        "invalid",
        "expired",
        "unreachable",
        "exceeded",
        "limit",
        "rejected",
        "abort",
        "unavailable",
        "overloaded",
        "problem",
    ];
    marks::status_in(text).is_some()
        || marks::code_in(text).is_some()
        || FAILURES.iter().any(|word| lower.contains(word))
        || wording::places(lower).next().is_some()
}

/// Where the first mark stands that Claude Code, its API or its SDKs make.
fn mark(piece: &Piece, lower: &str) -> Option<usize> {
    let text = piece.text.as_str();
    let marks = CLAUDES.iter().filter_map(|mark| {
        // An agent's failure names first what the agent was about.
        let at = lower.find(mark)?;
        let at = if *mark == "terminated early due to an api error" { 0 } else { at };
        // Further on in a sentence the model speaks of it.
        (at == 0 || !piece.said).then_some(at)
    });
    // As Claude Code counts its attempts.
    let retrying = lower.find("retrying in").filter(|at| {
        let before = text.get(..*at).unwrap_or_default().trim_end();
        lower.contains("attempt") && (before.is_empty() || before.ends_with(['·', '∙']))
    });
    let of_api = Body::find(text).is_the_apis.then(|| text.find('{')).flatten();
    let id = own_id(text).and_then(|_| text.find("req_"));
    let found = marks.chain([marker(piece, lower), retrying, of_api, id].into_iter().flatten());
    // As the Python SDK's own words are shown where Claude Code passes them on.
    let python = (piece.said && lower.starts_with("error code: ")).then_some(0);
    found.chain(python).min()
}

/// Anthropic's id of a request in a text, in its whole form.
fn own_id(text: &str) -> Option<String> {
    marks::request_id_in(text).filter(|id| is_anthropics_id(id))
}

/// Where words of Claude Code's own end that begin an error and say all of it.
fn own_words(piece: &Piece, lower: &str) -> Option<usize> {
    let own =
        wording::places(lower).filter(|(_, scope)| matches!(scope, Scope::Own | Scope::Alone));
    if is_warning(lower) {
        return None;
    }
    let stands = |(range, scope): &(Range<usize>, Scope)| {
        let (before, behind) = (lower.get(..range.start), lower.get(range.end..));
        let words = lower.get(range.start..).unwrap_or_default();
        let begins = before.filter(|before| !is_key(before, words)).is_some_and(|before| {
            let led = || plain::leads_to_own_words(before);
            match piece.said {
                // What Claude Code says begins with a word of its own, and with no type of the API's.
                true => {
                    led()
                        && begins_own_sentence(before)
                        && !words.get(..range.len()).unwrap_or_default().contains('_')
                }
                false => led() || begins_error(before, false),
            }
        });
        let ends = |behind: &str| match scope {
            Scope::Alone => sends_to_login(behind) || plain::are_plain_or_own(behind),
            Scope::Own | Scope::About | Scope::Refusal | Scope::Local => plain::ends_there(behind),
        };
        begins && behind.is_some_and(|behind| names_claude(behind) || ends(behind))
    };
    own.filter(stands).map(|(range, _)| range.end).min()
}

/// Whether what stands before words of Claude Code's own, behind the sign that the model's sentences
/// have, too, is the beginning of the same sentence: those who explain an error lead to it in words
/// of their own.
fn begins_own_sentence(before: &str) -> bool {
    const LEADING: &[&str] = &[
        "if", "when", "whenever", "say", "says", "said", "see", "means", "wenn", "sagt", "si",
        "dice", "quand", "dit", "se", "quando",
    ];
    let leads = || before.split_whitespace().any(|word| LEADING.contains(&word));
    before.is_empty() || before.starts_with(char::is_alphabetic) && !leads()
}

/// Nobody else's server is known to answer with a 529, as long as every word beside it is one that
/// names nobody. What the model says of one is no error.
fn is_capacity(piece: &Piece, lower: &str) -> bool {
    !piece.said && marks::status_in(&piece.text) == Some(529) && plain::are_plain(lower)
}

/// How far a limit is used up is said before it is reached; nothing failed.
fn is_warning(lower: &str) -> bool {
    lower.contains("% of your") && !lower.contains("100% of your")
}

/// Where "API Error" begins an error, and is not another program's.
fn marker(piece: &Piece, lower: &str) -> Option<usize> {
    let places = lower.match_indices("api error").chain(lower.match_indices("api-fehler"));
    let mut places = places.chain(lower.match_indices("apiエラー")).map(|(at, _)| at);
    places.find(|at| {
        let (before, behind) = lower.split_at_checked(*at).unwrap_or_default();
        let is_told = is_key(before, behind) || is_somebodys(before) || are_counted(behind);
        !is_told && (begins_error(before, piece.said) || is_foreign_script(before))
    })
}

/// Whether a text in another script leads to an error: in it nobody's name is told. Without a space
/// between it is a part of the name.
fn is_foreign_script(before: &str) -> bool {
    let spaced = before.ends_with(|c: char| !c.is_alphanumeric());
    let last = before.trim_end().chars().next_back();
    spaced && last.is_some_and(|c| c.is_alphabetic() && !c.is_ascii())
}

/// Whether it is the API of somebody that is spoken of.
fn is_somebodys(before: &str) -> bool {
    const WHOSE: &[&str] = &["my", "our", "your", "their", "his", "her", "its"];
    let mut leading = WHOSE.iter().filter_map(|word| before.trim_end().strip_suffix(word));
    leading.any(|rest| !rest.ends_with(char::is_alphanumeric))
}

/// Whether errors are counted.
fn are_counted(behind: &str) -> bool {
    behind.strip_prefix("api errors").is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
}

/// Whether it is quoted as a key or a name that something else is told of.
fn is_key(before: &str, behind: &str) -> bool {
    let Some(quote) = before.chars().next_back().filter(|c| matches!(c, '"' | '\'' | '`')) else {
        return false;
    };
    let end = behind.find(quote).and_then(|end| behind.get(end + 1..));
    end.is_some_and(|rest| rest.trim_start().starts_with(':'))
}

/// Whether what stands before an error is no more than what leads to one: nothing, a sign of Claude
/// Code's, its name, words that name nobody.
fn begins_error(before: &str, said: bool) -> bool {
    const COMMENTS: &[&str] = &["//", "/*", "<!--", "#"];
    let bare = before.trim_end();
    if bare.is_empty() {
        return true;
    }
    let in_word =
        before.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '.' | '/' | '_' | '-'));
    if in_word || COMMENTS.iter().any(|sign| bare.ends_with(sign)) {
        return false;
    }
    // What is quoted behind words is what they are about.
    if bare.ends_with(['`', '"', '\'']) && bare.contains(char::is_alphanumeric) {
        return bare.ends_with("textblock(text='");
    }
    // What the model says ends in a sentence, or leads to the error in plain words.
    if said {
        return bare.ends_with(['.', ','])
            || bare.ends_with(['·', ':', '(']) && plain::are_plain(bare);
    }
    let names = || bare.split_whitespace().any(plain::is_claudes);
    bare.ends_with(['●', '⏺', '⎿', '·', '∙'])
        || bare.ends_with(':') && (names() || bare.starts_with("agent "))
        || plain::are_plain(bare)
}
