//! Whose error is it? What a user pastes need not be Claude's: a tool's, an MCP server's, npm's.
//!
//! A status means nothing by itself. It counts only beside a mark of the API, of Claude Code or of
//! an SDK that spoke to it, and whoever is named first is whose error it is.

use std::sync::LazyLock;

use super::marks::{self, Body};
use super::scan::Index;
use super::screen::Piece;
use super::wording::{self, Scope};

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

/// Marks of others, in lower case, and who they are.
const STRANGERS: &[(&str, &str)] = &[
    ("mcp error", MCP),
    ("mcp server", MCP),
    ("mcp tool", MCP),
    ("mcp-remote", MCP),
    ("(mcp)", MCP),
    ("mcp__", MCP),
    ("mcp:", MCP),
    ("modelcontextprotocol", MCP),
    ("plugin:", MCP),
    ("hook error", "a hook"),
    ("hook failed", "a hook"),
    ("hook blocking error", "a hook"),
    ("hook timed out", "a hook"),
    ("npm error", "npm"),
    ("npm err!", "npm"),
    ("err_pnpm", "pnpm"),
    ("pip._vendor", "pip"),
    ("spurious network error", "cargo"),
    ("error response from daemon", "Docker"),
    ("api.github.com", "GitHub"),
    ("github.com/graphql", "GitHub"),
    ("raw.githubusercontent.com", "GitHub"),
    ("gh: ", "GitHub"),
    ("github api", "GitHub"),
    ("github actions", "GitHub"),
    ("gitlab", "GitLab"),
    ("bitbucket.org", "Bitbucket"),
    ("fatal: unable to access", "git"),
    ("rpc failed; http", "git"),
    ("remote: ", "git"),
    ("curl: (", "curl"),
    ("wget: ", "wget"),
    ("kubectl", "Kubernetes"),
    ("error from server (", "Kubernetes"),
    ("terraform", "Terraform"),
    ("helm ", "Helm"),
    ("an error occurred (", "the AWS command line"),
    ("openai", "OpenAI"),
    ("gpt-4", "OpenAI"),
    ("gpt-5", "OpenAI"),
    ("chatgpt", "OpenAI"),
    ("generativelanguage.googleapis.com", "Gemini"),
    ("google.api_core", "Google's SDK"),
    ("google.genai", "Gemini"),
    ("gemini", "Gemini"),
    ("mistral", "Mistral"),
    ("cohere", "Cohere"),
    ("huggingface", "Hugging Face"),
    ("ollama", "Ollama"),
    ("psycopg", "a database"),
    ("psql:", "a database"),
    ("postgres", "a database"),
    ("mysql", "a database"),
    ("mongo", "a database"),
    ("redis", "a database"),
    ("slack", "Slack"),
    ("stripe", "Stripe"),
    ("sentry", "Sentry"),
    ("jira", "Jira"),
    ("atlassian", "Atlassian"),
    ("notion", "Notion"),
    ("linear.app", "Linear"),
    ("supabase", "Supabase"),
    ("vercel", "Vercel"),
    ("netlify", "Netlify"),
    ("heroku", "Heroku"),
    ("while connecting to upstream", "a web server"),
    ("requests.exceptions", "a program of yours"),
    ("urllib.error", "a program of yours"),
    ("playwright", "a browser test"),
    ("selenium", "a browser test"),
];
const MCP: &str = "an MCP server";

/// Marks that make a text Claude's, in lower case: of Claude Code, and of the SDKs.
const CLAUDES: &[&str] = &[
    "terminated early due to an api error",
    "@anthropic-ai/",
    "anthropic/_",
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

/// Whose a piece is. The earliest mark counts: what follows it is what that one says.
pub(super) fn owner(piece: &Piece) -> Owner {
    if piece.asks {
        return Owner::Nobody;
    }
    let text = piece.text.as_str();
    let lower = text.to_lowercase();
    if let Some(tool) = piece.tool {
        return Owner::Stranger(stranger(&lower, 0).map_or(tool, |(_, who)| who));
    }
    let nobody_else = || stranger(&lower, 0).is_none();
    let claude = claude(text, &lower).or_else(|| capacity(piece, &lower).filter(|_| nobody_else()));
    // What stands in a sentence before that of the error is about something else.
    let sentence = claude.and_then(|at| lower.get(..at)?.rfind(". ")).unwrap_or(0);
    let stranger = stranger(&lower, sentence);
    match (claude, stranger) {
        (Some(at), Some((before, _))) if at <= before => Owner::Claude,
        (Some(_), None) => Owner::Claude,
        (_, Some((_, who))) if looks_wrong(text, &lower) => Owner::Stranger(who),
        (_, Some(_)) => Owner::Nobody,
        (None, None) if NEAR.iter().any(|word| lower.contains(word)) => Owner::Near,
        (None, None) => other_host(&lower).map_or(Owner::Nobody, Owner::Stranger),
    }
}

static INDEX: LazyLock<Index> =
    LazyLock::new(|| Index::new(STRANGERS.iter().map(|(mark, _)| *mark)));

/// The first mark of somebody else from a place on, and who that is. It is a word of its own, and
/// no part of another.
fn stranger(lower: &str, from: usize) -> Option<(usize, &'static str)> {
    let whole = |at: usize, mark: &str| {
        let before = lower.get(..at).and_then(|text| text.chars().next_back());
        let inside = before.is_some_and(char::is_alphanumeric);
        at >= from && !(inside && mark.starts_with(char::is_alphanumeric))
    };
    let places = INDEX.first_places(lower, whole).into_iter();
    let found = STRANGERS.iter().zip(places).filter_map(|((_, who), at)| Some((at?, *who)));
    let sdk = other_sdk(lower).filter(|at| *at >= from).map(|at| (at, "another vendor's SDK"));
    found.chain(sdk).min_by_key(|(at, _)| *at)
}

/// Whether a text tells of a failure at all.
fn looks_wrong(text: &str, lower: &str) -> bool {
    const FAILURES: &[&str] =
        &["error", "fail", "refused", "denied", "unauthorized", "timed out", "✘", "disconnect"];
    marks::status_in(text).is_some() || FAILURES.iter().any(|word| lower.contains(word))
}

/// Where the first mark of Claude stands.
fn claude(text: &str, lower: &str) -> Option<usize> {
    let marks = CLAUDES.iter().filter_map(|mark| {
        // An agent's failure names first what the agent was about.
        let at = lower.find(mark)?;
        Some(if *mark == "terminated early due to an api error" { 0 } else { at })
    });
    let own = wording::places(lower)
        .filter(|(at, scope)| *scope == Scope::Own && stands_out(lower, *at))
        .map(|(at, _)| at);
    let retrying = lower.find("retrying in").filter(|_| lower.contains("attempt"));
    let body = Body::find(text).is_the_apis.then(|| text.find('{')).flatten();
    let python = lower.find("error code: ").filter(|_| lower.contains(" - {"));
    let rest = [marker(lower), retrying, body, python].into_iter().flatten();
    marks.chain(own).chain(rest).min()
}

/// Nobody else's server is known to answer with a 529, unless the text names another one. What the
/// model says of one is no error.
fn capacity(piece: &Piece, lower: &str) -> Option<usize> {
    let elsewhere = piece.said || other_host(lower).is_some();
    (!elsewhere && marks::status_in(&piece.text) == Some(529)).then_some(0)
}

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
        leads || BEFORE.contains(&last) || last.ends_with("stderr") || last.ends_with("stdout")
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

fn is_anthropics(host: &str) -> bool {
    const OWN: &[&str] = &["claude.com", "claude.ai", "anthropic.com"];
    let name = host.split(':').next().unwrap_or_default();
    OWN.iter()
        .any(|own| name.strip_suffix(own).is_some_and(|it| it.is_empty() || it.ends_with('.')))
}

/// A host in the text that is none of Anthropic's, as an address; a port of this machine, too.
fn other_host(lower: &str) -> Option<&'static str> {
    if ["127.0.0.1:", "localhost:", "[::1]:", "::1:"].iter().any(|own| lower.contains(own)) {
        return Some("a server on this machine, which its address names");
    }
    let hosts = lower.split("://").skip(1).map(|rest| {
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "-.:".contains(c)));
        rest.get(..end.unwrap_or(rest.len())).unwrap_or_default()
    });
    let mut others = hosts.filter(|host| host.contains('.') && !is_anthropics(host));
    others.next().map(|_| "another server, which its address names")
}
