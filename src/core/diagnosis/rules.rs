//! Which branch, how sure, and why.

use crate::core::model::Level;
use crate::core::past::{Light, PageSource};
use crate::core::route::Path;
use crate::core::time::between;
use crate::core::wording;

use super::{Branch, Case, Cause, Confidence};
use Confidence::{High, Low, Medium};

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
        Cause::BadRequest | Cause::Unknown => unclear(case),
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
        _ => format!("The error is {is}."),
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
        Cause::NotFound => Finding::new(
            B::Route,
            Medium,
            "The model's name or the address doesn't exist on the route in force.",
        )
        .because(in_force(case)),
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
        _ => Finding::new(B::RateLimit, High, "The plan's limit is used up; nothing is broken."),
    }
}

/// 500, 504 and 529: the API's own errors of its own making.
fn server(case: &Case<'_>) -> Finding {
    let light = case.page.light(case.route.path);
    if is_foreign(case) {
        let passed_on = case.error.request_id.is_some() || case.error.direct;
        return match light_of_api(case) {
            Light::Affected(level) if passed_on && case.error.foreign_is_only_the_road() => {
                Finding::new(
                    Branch::LiveIncident,
                    Medium,
                    format!(
                        "The request may have gone through {}, but it was Anthropic that \
                         answered, and the page showed {} at the time.",
                        who(case),
                        wording::level(level)
                    ),
                )
            }
            _ => foreign(case),
        };
    }
    match light {
        Light::Affected(level) => affected(case, level, High),
        Light::Green => green(case),
        Light::NotKnown => dark(case),
    }
}

fn affected(case: &Case<'_>, level: Level, sure: Confidence) -> Finding {
    let sure = if case.page.source == PageSource::Incidents { sure.min(Medium) } else { sure };
    let page = case.page;
    let incident = page.incidents_on(case.route.path).next();
    let began_later = incident.is_some_and(|i| i.began.is_some_and(|began| began > page.at));
    let sure = if began_later { sure.min(Medium) } else { sure };
    let said = match incident {
        Some(incident) if began_later => {
            format!("The page posted an incident soon after: {}. It wasn't you.", incident.name)
        }
        Some(incident) if incident.afterwards => {
            format!(
                "The page posted an incident for that time afterwards: {}. It wasn't you.",
                incident.name
            )
        }
        Some(incident) => format!(
            "The page showed {} at the time: {} ({}).",
            wording::level(level),
            incident.name,
            wording::phase(&incident.phase)
        ),
        None => format!("The page showed {} at the time.", wording::level(level)),
    };
    Finding::new(Branch::LiveIncident, sure, said)
}

/// The API failed under a green page: what else was seen on this machine decides.
fn green(case: &Case<'_>) -> Finding {
    let around = case.around;
    let green = "The page was green at the time; it often lags behind.";
    if let Some((at, level)) = case.page.followed(case.route.path) {
        let (level, after) = (wording::level(level), wording::duration(between(case.page.at, at)));
        return Finding::new(Branch::LiveIncident, Medium, "The page was green at the time.")
            .because(format!("It showed {level} {after} later: your error came first."));
    }
    if around.other_sessions_failing > 0 {
        let many = sessions(around.other_sessions_failing);
        return Finding::new(Branch::LiveIncident, Medium, green)
            .because(format!("{many} on this machine failed the same way."));
    }
    if case.error.cause != Cause::Overloaded
        && around.other_sessions_working > 0
        && !around.same_session_worked_later
        && around.same_session_failures > 1
    {
        let many = sessions(around.other_sessions_working);
        return Finding::new(Branch::Session, Medium, green)
            .because(format!("{many} on this machine got answers, this one keeps failing."));
    }
    if around.same_session_worked_later {
        return Finding::new(Branch::LiveIncident, Low, green)
            .because("The same session got an answer later: it went by.");
    }
    if case.error.cause == Cause::Overloaded {
        return Finding::new(Branch::LiveIncident, Low, green).because(
            "Neither login nor session can cause a 529: it is the capacity of one model.",
        );
    }
    if around.same_session_failures > 2 {
        return Finding::new(Branch::Undecided, Low, green)
            .because(format!("It happened {} times in a row.", around.same_session_failures))
            .ask(FRESH_SESSION);
    }
    if case.route.is_unusual() {
        return Finding::new(Branch::Route, Low, green).because(in_force(case));
    }
    Finding::new(Branch::Undecided, Low, green).ask(FRESH_SESSION)
}

/// Nobody knows what the page said.
fn dark(case: &Case<'_>) -> Finding {
    let unknown = "What the page said at that time is not known.";
    if case.around.other_sessions_failing > 0 {
        let many = sessions(case.around.other_sessions_failing);
        return Finding::new(Branch::LiveIncident, Low, unknown)
            .because(format!("{many} on this machine failed the same way."))
            .ask(page_question(case));
    }
    Finding::new(Branch::Undecided, Low, unknown).ask(page_question(case))
}

fn page_question(case: &Case<'_>) -> String {
    match case.error.at {
        Some(_) => {
            "What did the page show then? Look at its history: https://status.claude.com/history"
        }
        None => "Does the page show trouble now? Run: ccwatch status",
    }
    .to_owned()
}

/// 502, 503 and their like come from an edge: Anthropic's own, or one in between.
fn edge(case: &Case<'_>) -> Finding {
    if case.error.foreign.is_some() {
        return foreign(case);
    }
    let route = case.route;
    if route.endpoint.is_some() || route.proxy.is_some() || route.path.is_foreign() {
        return Finding::new(Branch::Undecided, Low, in_force(case)).ask(OTHER_ROUTE);
    }
    match case.page.light(case.route.path) {
        Light::Affected(level) => affected(case, level, High),
        _ if !route.path.is_direct() => {
            Finding::new(Branch::Undecided, Low, "Which route the request took is not known.")
                .ask("Is a gateway or proxy in force? Run in the same shell: ccwatch route")
        }
        Light::Green => Finding::new(
            Branch::LiveIncident,
            Low,
            "The route goes straight to Anthropic, so it was Anthropic's own edge; the page was \
             green at the time.",
        ),
        Light::NotKnown => Finding::new(
            Branch::LiveIncident,
            Low,
            "The route goes straight to Anthropic, so it was Anthropic's own edge. What the page \
             said at that time is not known.",
        )
        .ask(page_question(case)),
    }
}

/// The answer stopped, and no status says whose fault it was.
fn no_answer(case: &Case<'_>) -> Finding {
    if is_foreign(case) {
        return foreign(case);
    }
    match (case.page.light(case.route.path), case.page.network) {
        (Light::Affected(level), _) => affected(case, level, Medium),
        (_, Some(false)) => no_network(),
        (Light::Green, _)
            if case.around.other_sessions_failing > 0
                || case.page.followed(case.route.path).is_some() =>
        {
            green(case)
        }
        (Light::Green, Some(true)) => Finding::new(
            Branch::Undecided,
            Low,
            "The page was green at the time, and this machine could reach it: the network was up.",
        )
        .ask(FRESH_SESSION),
        (Light::Green, None) => {
            Finding::new(Branch::Undecided, Low, "The page was green at the time.")
                .ask("Was this machine's network well? Repeat the same request once.")
        }
        (Light::NotKnown, _) => dark(case),
    }
}

/// The connection was lost: more often a matter of this side.
fn dropped(case: &Case<'_>) -> Finding {
    if is_foreign(case) {
        return foreign(case);
    }
    match (case.page.light(case.route.path), case.page.network) {
        (_, Some(false)) => no_network(),
        (Light::Affected(level), _) => affected(case, level, Medium),
        (Light::Green, Some(true)) => Finding::new(
            Branch::Network,
            Low,
            "The page was green, and reachable at the time: one connection was lost, not the \
             network.",
        ),
        _ => Finding::new(
            Branch::Network,
            Medium,
            "The error carries no status: it is about the connection, not an answer of the API.",
        ),
    }
}

fn no_network() -> Finding {
    Finding::new(Branch::Network, High, "This machine could not reach the status page either.")
}

fn no_connection(case: &Case<'_>) -> Finding {
    let refused = case.error.code.as_deref() == Some("ECONNREFUSED");
    if refused && case.route.endpoint.is_some() {
        return Finding::new(
            Branch::Route,
            High,
            "The address that requests go to is not Anthropic's, and nobody listens there.",
        )
        .because(in_force(case));
    }
    if case.page.network == Some(false) {
        return no_network();
    }
    Finding::new(Branch::Network, High, "Nothing reached the API, so it said nothing.")
}

/// 401 and 403 from the API.
fn refused(case: &Case<'_>) -> Finding {
    if is_foreign(case) {
        return foreign(case);
    }
    if case.page.login_trouble() {
        let names: Vec<&str> = case.page.incidents.iter().map(|i| i.name.as_str()).collect();
        let names = if names.is_empty() { "claude.ai".to_owned() } else { names.join("; ") };
        return Finding::new(
            Branch::LiveIncident,
            Medium,
            format!("The page had trouble with logging in at the time: {names}."),
        )
        .because("Logging in again would fail, or lose a login that is still good.");
    }
    if case.route.path == Path::ApiKey {
        return Finding::new(Branch::Route, Medium, "What was refused is not the login.")
            .because(in_force(case));
    }
    let finding = Finding::new(
        Branch::Login,
        if case.error.status == Some(403) { Medium } else { High },
        "The API answered, and turned the credential away.",
    );
    match case.page.light(case.route.path) {
        Light::NotKnown => Finding { confidence: Medium, ..finding }
            .because("What the page said at that time is not known.")
            .ask("Does the page show trouble with logging in? Run: ccwatch status"),
        _ => finding,
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
    let words = "A 429 that names no limit of yours is a matter of moments.";
    match case.page.light(case.route.path) {
        Light::Affected(level) => Finding::new(Branch::RateLimit, Medium, words).because(format!(
            "The page showed {} at the time, which may be why.",
            wording::level(level)
        )),
        _ => Finding::new(Branch::RateLimit, High, words),
    }
}

/// Nothing in the error itself decides.
fn unclear(case: &Case<'_>) -> Finding {
    if is_foreign(case) {
        return foreign(case);
    }
    let known = case.error.cause == Cause::BadRequest;
    if known && case.around.other_sessions_working > 0 {
        let many = sessions(case.around.other_sessions_working);
        return Finding::new(Branch::Session, Medium, format!("{many} got answers all the while."));
    }
    let words = if known {
        "The API refused what was sent, and doesn't say what of it."
    } else {
        "Nothing in the text tells a status, a type or a known wording."
    };
    let question = if known {
        FRESH_SESSION
    } else {
        "What is the whole error, as Claude Code shows it? Paste it, or run: ccwatch diagnose --last"
    };
    Finding::new(Branch::Undecided, Low, words).ask(question)
}

/// Somebody else's answer.
fn foreign(case: &Case<'_>) -> Finding {
    let sure = if case.error.foreign.is_some() { High } else { Medium };
    let mut finding = Finding::new(
        Branch::Route,
        sure,
        format!("{} answered, not Anthropic: the status page doesn't speak for it.", who(case)),
    )
    .because(in_force(case));
    if case.error.direct {
        finding.confidence = Low;
        finding = finding.because(
            "Its text names status.claude.com, so that session may have taken another route than \
             the one in force here.",
        );
    }
    if let Light::Affected(level) = light_of_api(case) {
        finding = finding.because(format!(
            "The page showed {} for Anthropic's own API at the time; the gateway may pass that on.",
            wording::level(level)
        ));
    }
    finding
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
