//! From what an error says of itself to what went wrong: the witnesses, in their order.
//!
//! Claude Code's own finding and class go first, then the API's status and type from a body that is
//! the API's, then codes of the operating system, and words last.

use super::codes::{self, Finding};
use super::marks::{self, Body, Tail, code_in, head, status_in, tail};
use super::{screen, stranger, wording};
use crate::redact;
use ccwatch_core::api_error::{ApiError, Cause, ErrorSource, is_anthropics};
use ccwatch_core::route::Path;

/// More of a text than this is not looked at, in bytes.
const LONGEST: usize = 16 << 10;

/// What stands for a type that isn't the API's: it could be anything, a secret too.
const FOREIGN_KIND: &str = "foreign_error";
/// Who gave it.
const FOREIGN_SERVER: &str = "a server with error types of its own";
/// Who answers in the form of another vendor's API.
const FOREIGN_FORM: &str = "a router or gateway (its form is not the API's)";

/// What is known of an error beside its text.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// The HTTP status.
    pub status: Option<u16>,
    /// Claude Code's own finding, such as `connection_failed`.
    pub finding: Option<String>,
    /// Claude Code's own class, such as `server_error`.
    pub class: Option<String>,
    /// The API's type, such as `overloaded_error`.
    pub kind: Option<String>,
    /// A code of the operating system.
    pub code: Option<String>,
    /// The id of the request.
    pub request_id: Option<String>,
    /// Whether a limit of the plan was given with it.
    pub quota: bool,
}

/// Reads an error that Claude Code wrote down: `known` first, then what the text adds.
pub fn read(text: &str, known: Known, source: ErrorSource) -> ApiError {
    look(text, known, source, true)
}

/// The same where more is told beside what was shown: it may hold the reason that was left out.
pub(super) fn read_both(shown: &str, details: &str, known: Known, source: ErrorSource) -> ApiError {
    if details.is_empty() || shown.contains(details) {
        return read(shown, known, source);
    }
    let both = read(&format!("{shown} {details}"), known, source);
    ApiError { text: head(shown.trim(), LONGEST).to_owned(), ..both }
}

/// Reads a text of which nobody knows whose it is: no status in it counts, and of the words only
/// those about this machine.
pub(super) fn read_unowned(text: &str, source: ErrorSource) -> ApiError {
    look(text, Known::default(), source, false)
}

fn look(text: &str, known: Known, source: ErrorSource, about_claude: bool) -> ApiError {
    let shown = head(text.trim(), LONGEST);
    let text = &screen::flat(shown);
    let body = if about_claude { Body::find(text) } else { Body::default() };
    let in_text = || status_in(text).filter(|_| about_claude);
    let status = known.status.or_else(in_text);
    let given = known.kind.clone().or(body.kind);
    let misfit = given
        .as_deref()
        .is_some_and(|kind| is_anthropics(kind) && status.is_some_and(|s| !codes::fits(kind, s)));
    let kind = given.map(|kind| if misfit { FOREIGN_KIND.to_owned() } else { of_the_api(kind) });
    let code = known.code.clone().filter(|code| is_code(code)).or_else(|| code_in(text));
    let tail = tail(text);
    let lower = without_library(text.to_lowercase());
    let mut error = ApiError::new(shown, source);
    let (kind_seen, code_seen) = (kind.as_deref(), code.as_deref());
    let seen = Seen::of(status, kind_seen, code_seen, &lower, about_claude);
    error.cause = seen.cause(&known);
    error.login = lower.contains("/login") || lower.contains("oauth");
    error.status = status;
    error.code = code;
    let given = known.request_id.or(body.request_id).filter(|id| is_request_id(id));
    error.request_id = given.or_else(|| marks::request_id_in(shown));
    error.direct = tail == Some(Tail::Anthropic);
    let other_type = kind.as_ref().is_some_and(|kind| !is_anthropics(kind));
    error.foreign = match tail {
        Some(Tail::Other(who)) => Some(who),
        _ if other_type => Some(FOREIGN_SERVER.to_owned()),
        _ if body.foreign_form => Some(FOREIGN_FORM.to_owned()),
        _ if about_claude => stranger::answered_by(&lower).map(str::to_owned),
        _ => None,
    };
    error.kind = kind;
    error
}

/// The same of an error that came while requests went to a provider: who names nobody else was
/// answered by that provider.
pub fn by_way(error: ApiError, path: Path) -> ApiError {
    let hosts: &[&str] = match path {
        Path::Bedrock => &[".amazonaws.com", ".api.aws"],
        Path::Vertex => &[".googleapis.com"],
        Path::Foundry => &[".azure.com"],
        Path::Subscription
        | Path::ApiKey
        | Path::Gateway
        | Path::AnthropicOnAws
        | Path::AnthropicOnGoogleCloud
        | Path::Unknown => return error,
    };
    let is_of_way = |who: &str| {
        let host = who.split(':').next().unwrap_or(who);
        [path.words(), "the cloud provider", FOREIGN_SERVER, FOREIGN_FORM].contains(&who)
            || hosts.iter().any(|end| host.ends_with(end))
    };
    ApiError { foreign: error.foreign.filter(|who| !is_of_way(who)), ..error }
}

/// A text without the name of LiteLLM where it is the library that a program of the user's asks the
/// API with. What a gateway of it answers Claude Code shows as an error of the API.
fn without_library(lower: String) -> String {
    match lower.contains("anthropicexception") && !lower.contains("api error") {
        true => lower.replace("litellm", ""),
        false => lower,
    }
}

/// A type of the API, or a word for all others.
fn of_the_api(kind: String) -> String {
    if is_anthropics(&kind) { kind } else { FOREIGN_KIND.to_owned() }
}

/// Whether it has the form of a code such as `ECONNRESET` or `CERT_HAS_EXPIRED`.
fn is_code(code: &str) -> bool {
    let fits = code.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    fits && code.len() <= 48 && redact::is_clean(code)
}

/// Whether it has the form of a request's id, Anthropic's or a gateway's.
fn is_request_id(id: &str) -> bool {
    let fits = id.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    !id.is_empty() && fits && id.len() <= 80 && redact::is_id(id)
}

/// What the witnesses are asked about. `lower` is the text in lower case.
#[derive(Clone, Copy)]
struct Seen<'a> {
    status: Option<u16>,
    kind: Option<&'a str>,
    code: Option<&'a str>,
    lower: &'a str,
    about_claude: bool,
    /// What the words tell.
    words: Option<Cause>,
}

impl<'a> Seen<'a> {
    fn of(
        status: Option<u16>,
        kind: Option<&'a str>,
        code: Option<&'a str>,
        lower: &'a str,
        about_claude: bool,
    ) -> Self {
        let refusal = matches!(status, Some(401..=403));
        let words = wording::cause(wording::Text { lower, about_claude, refusal });
        let seen = Self { status, kind, code, lower, about_claude, words };
        Self { words: seen.refined(), ..seen }
    }

    fn cause(&self, known: &Known) -> Cause {
        if let Some(inner) = self.of_compaction() {
            return inner;
        }
        let class = known.class.as_deref();
        let finding = known.finding.as_deref().and_then(codes::of_finding);
        let precise = || class.and_then(codes::of_precise_class);
        let limit = || known.quota.then_some(codes::LIMIT);
        if let Some(finding) = finding.or_else(limit).or_else(precise) {
            return self.settled(finding);
        }
        self.answered()
            .or_else(|| self.of_code().filter(|cause| !self.says_more_than(*cause)))
            .or(self.words)
            .or_else(|| self.of_refused_history())
            .or_else(|| self.of_own_reason())
            .or_else(|| self.kind.and_then(|kind| codes::of_kind(kind, self.lower)))
            .or_else(|| class.and_then(codes::of_class))
            .or_else(|| self.status.map(codes::of_status))
            .or_else(|| self.of_code())
            .unwrap_or(Cause::Unknown)
    }

    /// A code of the operating system, where nobody answered.
    fn of_code(&self) -> Option<Cause> {
        self.code.and_then(codes::of_code).filter(|_| self.status.is_none())
    }

    /// Whether the words say more than a code: which file of the machine it is, or what was wrong.
    fn says_more_than(&self, code: Cause) -> bool {
        let clouds = self.words == Some(Cause::CloudCredential);
        code == Cause::BadRequest || code == Cause::OwnFiles && clouds
    }

    /// Where a compaction failed for another reason, that reason is the error.
    fn of_compaction(&self) -> Option<Cause> {
        // The last one, so that the rest is looked at once.
        let (_, inner) = self.lower.rsplit_once("compaction failed:")?;
        let inner = Seen::of(status_in(inner), None, self.code, inner, self.about_claude);
        Some(match inner.cause(&Known::default()) {
            Cause::Unknown => Cause::TooLong,
            cause => cause,
        })
    }

    /// What Claude Code found out itself; a code or the words say which of its kind, where it
    /// leaves that open.
    fn settled(&self, finding: Finding) -> Cause {
        let (usual, kinds) = match finding {
            Finding::Certain(cause) => return cause,
            Finding::OneOf(usual, kinds) => (usual, kinds),
        };
        let by_code = self.code.and_then(codes::of_code);
        let told = [by_code, self.words].into_iter().flatten();
        told.into_iter().find(|cause| kinds.contains(cause)).unwrap_or(usual)
    }

    /// An answer that leaves no question: a server's own trouble, or somebody in between.
    fn answered(&self) -> Option<Cause> {
        let server = match self.status {
            // A proxy that is spoken to in TLS and doesn't speak it.
            None if self.lower.contains("wrong version number") => return Some(Cause::Intercepted),
            // Its type tells more than an internal error's status.
            Some(500) if self.kind == Some("overloaded_error") => Cause::Overloaded,
            Some(status) if status >= 500 => codes::of_status(status),
            Some(status @ (407 | 408)) => return Some(codes::of_status(status)),
            Some(_) => return None,
            // A type in a body tells as much as the status that came with it.
            None => codes::of_kind(self.kind?, self.lower).filter(|cause| cause.is_server())?,
        };
        // The server that logs people in is another than the API.
        let login = self.words.filter(|cause| *cause == Cause::LoginServer);
        Some(login.unwrap_or(server))
    }

    /// What the words tell, after a second look at what else is known.
    fn refined(&self) -> Option<Cause> {
        // The API answered that the request is wrong: a connection that it speaks of is another
        // one, to a server that it was asked to use.
        const OF_CONNECTIONS: &[Cause] =
            &[Cause::NoConnection, Cause::Dropped, Cause::NoAnswer, Cause::Slept];
        let answered = self.kind == Some("invalid_request_error");
        let words = self.words.filter(|cause| !(answered && OF_CONNECTIONS.contains(cause)));
        Some(match words? {
            // Old versions say so of a login that is not there, without asking the API.
            Cause::LoggedOut if self.status.is_some() && self.lower.contains("api key") => {
                Cause::Refused
            }
            // The API's own type: no gateway in between said so.
            Cause::ForeignAnswer if self.kind == Some("permission_error") => Cause::Denied,
            Cause::SpendLimit
                if self.lower.contains("resets") || self.lower.contains("regain access") =>
            {
                Cause::SpendWindow
            }
            cause => cause,
        })
    }

    /// The API speaks of tools, or names a place in the messages, in a 400 only where the history is
    /// wrong. A field that it doesn't know is another matter.
    fn of_refused_history(&self) -> Option<Cause> {
        const PLACES: &[&str] = &["tool_use", "tool_result", "messages: "];
        let said = said_by_the_api(self.lower);
        let names = PLACES.iter().any(|place| said.contains(place)) || names_a_message(said);
        let unknown = said.contains("extra inputs");
        (self.status == Some(400) && names && !unknown).then_some(Cause::BrokenHistory)
    }

    /// A 403 that says why in words that nobody knows: they aren't about what authenticates.
    fn of_own_reason(&self) -> Option<Cause> {
        let fits = self.status == Some(403) && matches!(self.kind, None | Some("permission_error"));
        let (_, behind) = self.lower.split_once("403").filter(|_| fits)?;
        let said = behind.split_once("\"message\":").map_or(behind, |(_, message)| message);
        says_why(said).then_some(Cause::Denied)
    }
}

/// What the API itself says, where its body is there; code that asked it may stand around.
fn said_by_the_api(lower: &str) -> &str {
    let behind = |(at, key): (usize, &str)| {
        let rest = lower.get(at + key.len()..)?.trim_start_matches(['\\', '"', '\'']);
        rest.strip_prefix([':', '='])
    };
    let mut messages = lower.rmatch_indices("message").filter_map(behind);
    messages.next().unwrap_or(lower)
}

/// Whether a message of the conversation is named by its number, as in `messages.3.content`.
fn names_a_message(said: &str) -> bool {
    let mut places = said.split("messages.").skip(1);
    places.any(|place| place.starts_with(|c: char| c.is_ascii_digit()))
}

/// Whether a refusal says more than that it is one, and is not about what authenticates.
fn says_why(said: &str) -> bool {
    const CREDENTIALS: &[&str] =
        &["token", "credential", "api key", "api-key", "oauth", "authenticat", "bearer", "/login"];
    const GENERIC: &[&str] = &[
        "access",
        "allowed",
        "api",
        "denied",
        "error",
        "failed",
        "forbidden",
        "insufficient",
        "message",
        "not",
        "operation",
        "permission",
        "permissions",
        "permission_error",
        "permitted",
        "request",
        "request_id",
        "resource",
        "status",
        "the",
        "this",
        "type",
        "unauthorized",
        "you",
        "your",
        "body",
        "code",
        "null",
        "true",
        "false",
    ];
    /// So many bytes in other words are a reason.
    const REASON: usize = 12;
    let about_credentials = CREDENTIALS.iter().any(|word| said.contains(word));
    let words = said.split(|c: char| !(c.is_alphanumeric() || c == '_'));
    let telling = words.filter(|word| !GENERIC.contains(word) && !word.starts_with("req_"));
    !about_credentials && !said.contains('<') && telling.map(str::len).sum::<usize>() >= REASON
}
