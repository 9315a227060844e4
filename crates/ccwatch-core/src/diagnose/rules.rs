//! Which branch, how sure, and why.

mod server;

use crate::diagnose::route::Path;
use crate::history::page_at::Light;
use crate::text;
use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::string::ToString;
use alloc::vec::Vec;

use super::{Branch, Case, Cause, Confidence};
use Confidence::{High, Low, Medium};
use server::{dropped, edge, no_answer, no_connection, server};

/// A branch with its reasons.
pub(super) struct Finding {
    pub(super) branch: Branch,
    pub(super) confidence: Confidence,
    pub(super) why: Vec<String>,
    pub(super) missing: Option<String>,
}

impl Finding {
    fn new(branch: Branch, confidence: Confidence, why: impl Into<String>) -> Self {
        Self { branch, confidence, why: vec![why.into()], missing: None }
    }

    fn because(mut self, why: impl Into<String>) -> Self {
        self.why.push(why.into());
        self
    }

    fn ask(mut self, question: impl Into<String>) -> Self {
        self.missing = Some(question.into());
        self
    }
}

const FRESH_SESSION: &str = "Does the same request fail in a fresh session too? Run: claude -p \
    \"Reply with OK\" - if that works it is the session, if it fails the same way it isn't.";
const OTHER_ROUTE: &str = "Does the same request work without the gateway or proxy, on a route \
    that is known to be good?";

/// Decides by what went wrong, each kind by its own rule.
pub(super) fn judge(case: &Case<'_>) -> Finding {
    let finding = match case.error.cause {
        Cause::Internal | Cause::TimedOut | Cause::Overloaded => server(case),
        Cause::BadGateway => edge(case),
        Cause::NoAnswer => no_answer(case),
        Cause::Dropped => dropped(case),
        Cause::NoConnection => no_connection(case),
        Cause::Refused => refused(case),
        Cause::NoCredit => no_credit(case),
        Cause::TooManyRequests => too_many(case),
        Cause::BadRequest | Cause::OwnFiles | Cause::Unknown => unclear(case),
        plain => by_itself(plain, case),
    };
    let error = case.error;
    let mut why = vec![headline(case)];
    why.extend(finding.why);
    if error.background && finding.branch == Branch::Route {
        why.push(
            "It was a session in the background: it has the environment of the process that \
             started it, not that of your shell."
                .to_owned(),
        );
    }
    Finding { why, ..finding }
}

/// What the error is, 500 and 529 by their own names.
fn headline(case: &Case<'_>) -> String {
    let error = case.error;
    let is = error.cause.words();
    match (error.status, &error.code) {
        (Some(status), _) if !is.starts_with(&status.to_string()) => format!("{status}: {is}."),
        (None, Some(code)) => format!("{code}: {is}."),
        (Some(_), _) => format!("The error is {is}."),
        _ => format!("{}.", capital(is)),
    }
}

/// Errors that decide by themselves.
fn by_itself(cause: Cause, case: &Case<'_>) -> Finding {
    use Branch as B;
    match cause {
        Cause::Slept => {
            Finding::new(B::Network, High, "The request was cut off because this machine slept.")
        }
        Cause::LoggedOut => Finding::new(
            B::Login,
            High,
            "Claude Code stopped by itself and sent nothing: trying again can't help.",
        ),
        Cause::NotAllowed => {
            Finding::new(B::Login, Medium, "The account itself was turned away, not the request.")
        }
        Cause::ForeignCredential => Finding::new(
            B::Route,
            High,
            "The credential that was refused comes from outside the login; /login won't change it.",
        )
        .because(in_force(case)),
        Cause::ForeignAnswer => foreign(case),
        Cause::Intercepted => Finding::new(
            B::Route,
            High,
            "A proxy, gateway or filter sits between this machine and the API.",
        )
        .because(in_force(case)),
        Cause::Certificate => Finding::new(
            B::Route,
            High,
            "Something on the way shows a certificate of its own, or this machine doesn't know \
             the authority behind it. The API never saw the request.",
        )
        .because(in_force(case)),
        Cause::Helper => Finding::new(
            B::Route,
            High,
            "The key comes from a script, the apiKeyHelper, and the script gives none.",
        ),
        Cause::CloudCredential => Finding::new(
            B::Route,
            High,
            "Requests go through a cloud provider, whose own credentials are refused; /login \
             won't change them.",
        )
        .because(in_force(case)),
        Cause::Headers => Finding::new(
            B::Route,
            High,
            "ANTHROPIC_CUSTOM_HEADERS is set, and is not a list of headers.",
        ),
        Cause::NoModel => Finding::new(
            B::Route,
            Medium,
            "The model's name is wrong, or the model is not offered on the route in force.",
        )
        .because(in_force(case)),
        Cause::NotFound => {
            Finding::new(B::Route, Medium, "The address doesn't exist on the route in force.")
                .because(in_force(case))
        }
        Cause::TooLong | Cause::BrokenHistory => {
            Finding::new(B::Session, High, "What is refused is this conversation, not you.")
        }
        Cause::Declined => Finding::new(
            B::Session,
            High,
            "Repeating it in the same session gives the same answer.",
        ),
        Cause::NoSession => Finding::new(B::Session, High, "Only this session is concerned."),
        Cause::LongAnswer => {
            Finding::new(B::Session, Medium, "The task asks for more than one answer can hold.")
        }
        Cause::SpendLimit => {
            Finding::new(B::RateLimit, High, "Spending is limited: waiting a minute can't help.")
        }
        Cause::SpendWindow => {
            Finding::new(B::RateLimit, High, "Spending is limited for a while, and the while ends.")
        }
        Cause::LongContext => Finding::new(
            B::RateLimit,
            High,
            "The long context is paid by usage credits, which are off or used up.",
        ),
        _ => Finding::new(B::RateLimit, High, "The plan's limit is used up; nothing is broken."),
    }
}

/// 401 and 403 from the API.
fn refused(case: &Case<'_>) -> Finding {
    let error = case.error;
    // A session that speaks of its login doesn't go through a cloud provider.
    let own = error.login && case.route.endpoint.is_none() && error.foreign.is_none();
    if is_foreign(case) && !own {
        return foreign(case);
    }
    if case.route.path == Path::ApiKey && !error.login {
        return Finding::new(Branch::Route, Medium, "What was refused is not the login.")
            .because(in_force(case));
    }
    if let Some(trouble) = case.page.login_trouble() {
        return Finding::new(
            Branch::LiveIncident,
            Medium,
            format!("The page had trouble with logging in {}: {trouble}.", at_the_time(case)),
        )
        .because("Logging in again would fail, or lose a login that is still good.");
    }
    let finding = Finding::new(
        Branch::Login,
        if case.error.status == Some(403) { Medium } else { High },
        "The API answered, and turned the credential away.",
    );
    match case.page.light(case.route.path) {
        Light::Affected(level) => {
            let open: Vec<&str> =
                case.page.incidents_on(case.route.path).map(|i| i.name.as_str()).collect();
            let names =
                if open.is_empty() { String::new() } else { format!(": {}", open.join("; ")) };
            Finding { confidence: finding.confidence.min(Medium), ..finding }
                .because(format!(
                    "The page showed {} {}{names}. If that is why, /login won't help.",
                    text::level(level),
                    at_the_time(case)
                ))
                .ask("Does the same request work once that is over? Run: ccwatch status")
        }
        Light::NotKnown => Finding { confidence: Medium, ..finding }
            .because(not_known(case))
            .ask("Does the page show trouble with logging in? Run: ccwatch status"),
        Light::Green => finding,
    }
}

fn no_credit(case: &Case<'_>) -> Finding {
    if case.route.path == Path::ApiKey {
        let sure = if case.route.overrides_login { High } else { Medium };
        return Finding::new(Branch::Route, sure, "Credit is a matter of API keys, not of a plan.")
            .because(in_force(case));
    }
    Finding::new(Branch::RateLimit, Medium, "The organisation that pays has no credit left.")
        .ask("Is an API key in force that you forgot about? Run in the same shell: ccwatch route")
}

fn too_many(case: &Case<'_>) -> Finding {
    if case.error.foreign.is_some() && !case.error.foreign_is_only_the_road() {
        return foreign(case);
    }
    let words = "A 429 that names no limit of yours is a matter of moments.";
    match case.page.light(case.route.path) {
        Light::Affected(level) => Finding::new(Branch::RateLimit, Medium, words).because(format!(
            "The page showed {} {}, which may be why.",
            text::level(level),
            at_the_time(case)
        )),
        _ => Finding::new(Branch::RateLimit, High, words),
    }
}

/// Nothing in the error itself decides.
fn unclear(case: &Case<'_>) -> Finding {
    let answered = case.error.status.is_some() && is_foreign(case);
    if case.error.foreign.is_some() || answered {
        return foreign(case);
    }
    let (words, question) = match case.error.cause {
        Cause::BadRequest if case.around.other_sessions_working > 0 => {
            let many = sessions(case.around.other_sessions_working);
            let why = format!("{many} got answers all the while.");
            return Finding::new(Branch::Session, Medium, why);
        }
        Cause::BadRequest => {
            ("The API refused what was sent, and doesn't say what of it.", FRESH_SESSION)
        }
        Cause::OwnFiles => (
            "It came from a file or the disk of this machine: neither the API nor the network had \
             a part in it.",
            "Is there room on the disk (df -h), and do the files in question belong to you?",
        ),
        _ => (
            "Nothing in the text tells a status, a type or a known wording.",
            "What is the whole error, as Claude Code shows it? Paste it, or run: ccwatch diagnose \
             --last",
        ),
    };
    Finding::new(Branch::Undecided, Low, words).ask(question)
}

/// Somebody else's answer.
fn foreign(case: &Case<'_>) -> Finding {
    let sure = if case.error.foreign.is_some() { High } else { Medium };
    // Without a status there may have been no answer at all.
    let what = match case.error.status {
        Some(_) => format!("{} answered, not Anthropic", at_the_start(&who(case))),
        None => format!("The request went to {}, not to Anthropic", who(case)),
    };
    let words = format!("{what}: the status page doesn't speak for it.");
    let mut finding = Finding::new(Branch::Route, sure, words).because(in_force(case));
    if case.error.direct {
        finding.confidence = Low;
        finding = finding.because(
            "Its text names status.claude.com, so that session may have taken another route than \
             the one in force here.",
        );
    }
    if let Light::Affected(level) = light_of_api(case) {
        finding = finding.because(format!(
            "The page showed {} for Anthropic's own API {}; the gateway may pass that on.",
            text::level(level),
            at_the_time(case)
        ));
    }
    finding
}

/// When the page was as it is said to be.
fn at_the_time(case: &Case<'_>) -> String {
    match case.page.last_read(case.route.path) {
        Some((ago, _)) => format!("when it was last read, {} before", text::duration(ago)),
        None => "at the time".to_owned(),
    }
}

/// Nobody knows what the page said; what it said before is no more than that.
fn not_known(case: &Case<'_>) -> String {
    let unknown = "What the page said at that time is not known";
    match case.page.last_read(case.route.path) {
        Some((ago, true)) => {
            format!("{unknown}; it was last read as green, {} before.", text::duration(ago))
        }
        _ => format!("{unknown}."),
    }
}

/// Whether the error or the route says that somebody else answers.
fn is_foreign(case: &Case<'_>) -> bool {
    case.error.foreign.is_some() || case.route.path.is_foreign() || case.route.endpoint.is_some()
}

fn who(case: &Case<'_>) -> String {
    let named = case.error.foreign.clone();
    let endpoint = || case.route.endpoint.as_ref().map(|(host, _)| host.clone());
    let path = case.route.path;
    named.or_else(endpoint).unwrap_or_else(|| match path.is_foreign() {
        true => capital(path.words()),
        false => "Something in between".to_owned(),
    })
}

/// A name as a sentence begins with it: words get a capital, hosts stay as they are.
pub(super) fn at_the_start(name: &str) -> String {
    match name.starts_with("the ") || name.starts_with("an ") {
        true => capital(name),
        false => name.to_owned(),
    }
}

fn in_force(case: &Case<'_>) -> String {
    match case.route.path {
        Path::Unknown => "Which route is in force could not be told from here.".to_owned(),
        _ => format!("In force here: {}.", case.route.in_words()),
    }
}

/// The API's own light, whatever the route.
fn light_of_api(case: &Case<'_>) -> Light {
    case.page.light(Path::ApiKey)
}

fn sessions(count: u32) -> String {
    match count {
        1 => "Another session".to_owned(),
        many => format!("{many} other sessions"),
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
