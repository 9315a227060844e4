//! Whose error is it? What a user pastes need not be Claude's: a tool's, an MCP server's, npm's.
//!
//! A status means nothing by itself. It counts only beside a mark of the API, of Claude Code or of
//! an SDK that spoke to it, and whoever is named first is whose error it is.

mod hosts;
mod names;

use std::sync::LazyLock;

use super::marks::{self, Body};
use super::scan::{self, Index};
use super::screen::Piece;
use super::wording::{self, Scope};
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
    "anthropicerror",
    "anthropic.internalservererror",
    "anthropic.apistatuserror",
    "anthropic.apiconnectionerror",
    "anthropic.ratelimiterror",
    "anthropic.authenticationerror",
    "anthropic.badrequesterror",
    "anthropic.overloadederror",
    "anthropic._exceptions",
    "status.claude.com",
    "req_01",
    "api connectivity",
    "oauth request failed",
];

/// What names Claude without being a mark of its errors.
const NEAR: &[&str] = &["claude", "anthropic"];

/// Whose a piece is. Of strong marks the earliest counts: what follows it is what that one says.
/// A server that is named goes before all of them. Where Claude Code's words could be anybody's,
/// whoever is named has the error.
pub(super) fn owner(piece: &Piece) -> Owner {
    if piece.asks {
        return Owner::Nobody;
    }
    let text = piece.text.as_str();
    let lower = text.to_lowercase();
    let named = stranger(&lower, 0);
    if let Some(tool) = piece.tool {
        return Owner::Stranger(named.map_or(tool, |(_, who)| who));
    }
    if let Some((_, who)) = hosts::origins(&lower).find_map(|host| stranger(host, 0)) {
        return Owner::Stranger(who);
    }
    if let Some(at) = mark(text, &lower) {
        // What stands in a sentence before that of the error is about something else.
        let sentence = lower.get(..at).and_then(|before| before.rfind(". ")).unwrap_or(0);
        let before = stranger(&lower, sentence).filter(|(before, _)| *before < at);
        return before.map_or(Owner::Claude, |(_, who)| Owner::Stranger(who));
    }
    match (own_words(&lower), named) {
        (Some(_), None) => Owner::Claude,
        (Some(at), Some((before, _))) if at <= before && names_claude(&lower) => Owner::Claude,
        (_, Some((_, who))) if looks_wrong(text, &lower) => Owner::Stranger(who),
        (_, Some(_)) => Owner::Nobody,
        (None, None) => match hosts::other(&lower) {
            Some(who) => Owner::Stranger(who),
            None if is_capacity(piece, &lower) => Owner::Claude,
            None if names_claude(&lower) || sends_to_login(&lower) => Owner::Near,
            None => Owner::Nobody,
        },
    }
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
    let sdk = other_sdk(lower).filter(|at| *at >= from).map(|at| (at, "another vendor's SDK"));
    found.chain(sdk).min_by_key(|(at, _)| *at)
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

/// Where the first mark stands that nobody but Claude Code, its API or its SDKs makes.
fn mark(text: &str, lower: &str) -> Option<usize> {
    let marks = CLAUDES.iter().filter_map(|mark| {
        // An agent's failure names first what the agent was about.
        let at = lower.find(mark)?;
        Some(if *mark == "terminated early due to an api error" { 0 } else { at })
    });
    let retrying = lower.find("retrying in").filter(|_| lower.contains("attempt"));
    let body = Body::find(text);
    let of_api = body.is_the_apis.then(|| text.find('{')).flatten();
    let python = lower.find("error code: ").filter(|_| lower.contains(" - {"));
    marks.chain([marker(lower), retrying, of_api, python].into_iter().flatten()).min()
}

/// Where words of Claude Code's own stand that begin an error.
fn own_words(lower: &str) -> Option<usize> {
    let own = wording::places(lower).filter(|(_, scope)| *scope == Scope::Own);
    own.map(|(at, _)| at).filter(|at| stands_out(lower, *at)).min()
}

/// Nobody else's server is known to answer with a 529, as long as every word beside it is one that
/// names nobody. What the model says of one is no error.
fn is_capacity(piece: &Piece, lower: &str) -> bool {
    let plain = |token: &str| {
        let bare = token.trim_matches(|c: char| !c.is_alphanumeric());
        let dotted = bare.contains('.') && !bare.starts_with(|c: char| c.is_ascii_digit());
        !dotted && marks::words(bare).all(|word| PLAIN.contains(&word) || is_number(word))
    };
    !piece.said && marks::status_in(&piece.text) == Some(529) && lower.split_whitespace().all(plain)
}

fn is_number(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit())
}

/// Words that stand beside a status and name nobody.
const PLAIN: &[&str] = &[
    "a",
    "again",
    "all",
    "already",
    "am",
    "an",
    "and",
    "any",
    "api",
    "are",
    "at",
    "attempt",
    "back",
    "bad",
    "been",
    "busy",
    "but",
    "by",
    "capacity",
    "code",
    "code",
    "constantly",
    "content",
    "day",
    "due",
    "error",
    "errors",
    "even",
    "every",
    "few",
    "for",
    "from",
    "get",
    "gets",
    "getting",
    "got",
    "has",
    "have",
    "having",
    "hours",
    "http",
    "https",
    "i",
    "in",
    "is",
    "issue",
    "issues",
    "it",
    "just",
    "keep",
    "keeps",
    "later",
    "many",
    "message",
    "minutes",
    "model",
    "moment",
    "more",
    "morning",
    "my",
    "new",
    "no",
    "not",
    "now",
    "of",
    "on",
    "only",
    "opus",
    "haiku",
    "sonnet",
    "fable",
    "or",
    "over",
    "overload",
    "overloaded",
    "overloaded_error",
    "please",
    "repeated",
    "repeatedly",
    "request",
    "requests",
    "response",
    "retries",
    "retry",
    "retrying",
    "seconds",
    "seeing",
    "server",
    "service",
    "since",
    "site",
    "so",
    "some",
    "status",
    "still",
    "stuck",
    "temporarily",
    "that",
    "the",
    "this",
    "time",
    "times",
    "to",
    "today",
    "too",
    "try",
    "type",
    "unknown",
    "was",
    "we",
    "what",
    "why",
    "with",
    "yet",
    "you",
];

/// The class of an error with the package that it is from, as Python shows it: other vendors' SDKs
/// are made by the same generator as Anthropic's.
fn other_sdk(lower: &str) -> Option<usize> {
    let before = lower.get(..lower.find("error: error code: ")?)?;
    let class = before.rsplit(char::is_whitespace).next().unwrap_or_default();
    let (package, _) = class.split_once('.')?;
    let at = before.len() - class.len();
    (!package.is_empty() && package != "anthropic").then_some(at)
}

/// Where "API Error" begins an error, and is not another vendor's.
fn marker(lower: &str) -> Option<usize> {
    const BEFORE: &[&str] = &["", "claude", "anthropic", "an", "the", "[error]", "error"];
    let places = lower.match_indices("api error").chain(lower.match_indices("api-fehler"));
    let mut places = places.chain(lower.match_indices("apiエラー")).map(|(at, _)| at);
    places.find(|at| {
        let before = lower.get(..*at).unwrap_or_default().trim_end();
        let leads = before.ends_with(|c: char| !c.is_alphanumeric());
        let last = before.rsplit(char::is_whitespace).next().unwrap_or_default();
        // In another script nobody's name is told.
        let foreign = !last.is_empty() && !last.contains(|c: char| c.is_ascii());
        leads
            || foreign
            || BEFORE.contains(&last)
            || last.ends_with("stderr")
            || last.ends_with("stdout")
    })
}

/// Whether words at a place are an error, and no part of a sentence about one.
fn stands_out(lower: &str, at: usize) -> bool {
    let before = lower.get(..at).unwrap_or_default().trim_end();
    let sign = before.ends_with(|c: char| !c.is_alphanumeric() && !matches!(c, ',' | '.' | '`'));
    before.is_empty() || sign || lower.contains(" · ") || begins_soon(before)
}

/// Words such as "Your organization has disabled": they begin the error, in its first sentence.
fn begins_soon(before: &str) -> bool {
    const BEGINNING: usize = 40;
    before.len() < BEGINNING && !before.contains(['.', '`'])
}
