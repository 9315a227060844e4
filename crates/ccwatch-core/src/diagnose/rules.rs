//! Which branch, how sure, and why.

mod refusal;
mod server;

use crate::api_error::{Branch, Confidence, ErrorSource, Rule};
use crate::history::page_at::{FilteredThen, IncidentThen, Light, WorkThen};
use crate::model::Level;
use crate::route::Path;
use crate::text;
use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::string::ToString;
use alloc::vec::Vec;

use super::Case;
use Confidence::{High, Low, Medium};
use refusal::{account, edge_blocked, network_rule, no_credit, org_disabled, refused, token};
use server::{dropped, edge, login_server, no_answer, no_connection, server};

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

/// Decides by what went wrong: the table of causes names the rule for each.
pub(super) fn judge(case: &Case<'_>) -> Finding {
    let finding = by_rule(case);
    let error = case.error;
    let mut why = vec![headline(case)];
    why.extend(finding.why);
    why.extend(works(case));
    why.extend(nameless(case));
    if error.background && finding.branch == Branch::Route {
        why.push(
            "It was a session in the background: it has the environment of the process that \
             started it, not that of your shell."
                .to_owned(),
        );
    }
    Finding { why, ..finding }
}

/// Announced work that went on, beside an error that it could explain.
fn works(case: &Case<'_>) -> Option<String> {
    // Where the page shows maintenance, that is said with its level.
    let is_said = case.page.light(case.route.path) == Light::Affected(Level::Maintenance);
    let work = case.page.works_on(case.route.path).next();
    let work = work.filter(|_| could_be_the_page(case) && !is_said)?;
    Some(format!("Announced work was going on, which may be why: {}.", plan(work)))
}

/// A bad incident that names nobody, beside an error that it could explain.
fn nameless(case: &Case<'_>) -> Option<String> {
    let speaks = |i: &&IncidentThen| i.nameless && (i.phase.is_active() || i.afterwards);
    let incident = case.page.incidents.iter().find(speaks).filter(|_| could_be_the_page(case))?;
    Some(format!(
        "The page had an incident that names no component, which may be why: {} ({}).",
        incident.name,
        text::phase(&incident.phase)
    ))
}

/// Whether trouble that the page tells of could be why.
fn could_be_the_page(case: &Case<'_>) -> bool {
    let rule = &case.error.cause.row().rule;
    matches!(rule, Rule::Server | Rule::Edge | Rule::LoginServer | Rule::NoAnswer)
}

/// Announced work in a few words.
fn plan(work: &WorkThen) -> String {
    let until = work
        .scheduled_until
        .map_or_else(String::new, |at| format!(", until {}", at.strftime("%Y-%m-%d %H:%M UTC")));
    format!("{} ({}{until})", work.name, text::phase(&work.phase))
}

/// That the page was green, or no more of it than is on the path.
fn green_light(case: &Case<'_>) -> String {
    match case.page.components.iter().any(|c| c.level.is_worse_than(Level::Operational)) {
        true => "All that is on your path was green".to_owned(),
        false => format!("The {} was green", which(case)),
    }
}

/// Which page it is, as sentences name it.
fn which(case: &Case<'_>) -> String {
    match &case.page.way {
        Some(way) => format!("page of {}", way.name),
        None => "page".to_owned(),
    }
}

/// What the page showed where nothing of it concerns the user.
fn quiet_page(case: &Case<'_>) -> String {
    let at = at_the_time(case);
    let Some(FilteredThen { level, filter, models, incident }) =
        case.page.filtered_on(case.route.path)
    else {
        return format!("{} {at}.", green_light(case));
    };
    let incident = incident.map_or_else(String::new, |name| format!(": {name}"));
    let why = text::filtered(filter, &models);
    let which = which(case);
    format!("The {which} showed {} {at}{incident}; {why}.", text::level(level))
}

fn by_rule(case: &Case<'_>) -> Finding {
    match case.error.cause.row().rule {
        Rule::Alone(sure, why) => by_itself(case, sure, why),
        Rule::Server => server(case),
        Rule::Edge => edge(case),
        Rule::LoginServer => login_server(case),
        Rule::NoAnswer => no_answer(case),
        Rule::Dropped => dropped(case),
        Rule::NoConnection => no_connection(case),
        Rule::EdgeBlocked => edge_blocked(case),
        Rule::NetworkRule => network_rule(case),
        Rule::Refused => refused(case),
        Rule::Token => token(case),
        Rule::Account(sure, why) => account(case, sure, why),
        Rule::OrgDisabled => org_disabled(case),
        Rule::ForeignAnswer => foreign(case),
        Rule::NoCredit => no_credit(case),
        Rule::TooManyRequests => too_many(case),
        Rule::BadRequest => bad_request(case),
        Rule::OwnFiles => own_files(case),
        Rule::Stranger => stranger(case),
        Rule::Unknown => unknown(case),
    }
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

/// Errors that decide by themselves. Where it is about the road, what is in force belongs to it.
fn by_itself(case: &Case<'_>, sure: Confidence, why: &str) -> Finding {
    let branch = case.error.cause.row().branch;
    let finding = Finding::new(branch, sure, why);
    match branch {
        Branch::Route => finding.because(in_force(case)),
        Branch::Undecided => finding.ask("Does it still happen once that is done?"),
        _ => finding,
    }
}

/// A tool's, a server's of the user, another vendor's.
fn stranger(case: &Case<'_>) -> Finding {
    let whose = case.error.stranger.as_deref().unwrap_or("something other than Claude");
    Finding::new(
        Branch::Undecided,
        High,
        format!("It is an error of {whose}. The status page doesn't speak for it."),
    )
    .ask(format!("Does Claude Code itself show an error too? {}", paste(case)))
}

fn too_many(case: &Case<'_>) -> Finding {
    if case.error.foreign.is_some() && !case.error.foreign_is_only_the_road() {
        return foreign(case);
    }
    let words = "A 429 that names no limit of yours is a matter of moments.";
    match case.page.light(case.route.path) {
        Light::Affected(level) => {
            Finding::new(Branch::RateLimit, Medium, words).because(may_be_why(case, level))
        }
        _ => Finding::new(Branch::RateLimit, High, words),
    }
}

/// The API did not accept what was sent: another session tells whether it is this one.
fn bad_request(case: &Case<'_>) -> Finding {
    if somebody_else_answered(case) {
        return foreign(case);
    }
    if case.around.other_sessions_working > 0 {
        let many = sessions(case.around.other_sessions_working);
        let why = format!("{many} got answers all the while.");
        return Finding::new(Branch::Session, Medium, why);
    }
    let words = "The API refused what was sent, and doesn't say what of it.";
    Finding::new(Branch::Undecided, Low, words).ask(FRESH_SESSION)
}

fn own_files(case: &Case<'_>) -> Finding {
    if somebody_else_answered(case) {
        return foreign(case);
    }
    Finding::new(
        Branch::Undecided,
        Low,
        "It came from a file or the disk of this machine: neither the API nor the network had a \
         part in it.",
    )
    .ask("Is there room on the disk (df -h), and do the files in question belong to you?")
}

fn unknown(case: &Case<'_>) -> Finding {
    if somebody_else_answered(case) {
        return foreign(case);
    }
    let words = "Nothing in the text tells a status, a type or a known wording.";
    let question = format!("What is the whole error, as Claude Code shows it? {}", paste(case));
    Finding::new(Branch::Undecided, Low, words).ask(question)
}

/// How to give another error than this one. What the transcripts hold was read already.
fn paste(case: &Case<'_>) -> &'static str {
    match case.error.source {
        ErrorSource::Pasted if case.means.has_another => {
            "Paste that one, or run: ccwatch diagnose --last"
        }
        ErrorSource::Pasted => {
            "Give all of it, with its number, as in: ccwatch diagnose 'API Error: 529 Overloaded'"
        }
        ErrorSource::RetryRow | ErrorSource::TerminalRow | ErrorSource::Hook => {
            "Paste that one: ccwatch diagnose 'API Error: ...'"
        }
    }
}

/// Whether the error says so itself, or a status came by a road that isn't Anthropic's.
fn somebody_else_answered(case: &Case<'_>) -> bool {
    case.error.foreign.is_some() || case.error.status.is_some() && is_foreign(case)
}

/// Somebody else's answer.
fn foreign(case: &Case<'_>) -> Finding {
    let sure = if case.error.foreign.is_some() { High } else { Medium };
    // Without a status there may have been no answer at all.
    let what = match case.error.status {
        Some(_) => format!("{} answered, not Anthropic", at_the_start(&who(case))),
        None => format!("The request went to {}, not to Anthropic", who(case)),
    };
    let words = match &case.page.way {
        Some(_) => format!("{what}. {}", said_of_the_way(case)),
        None => format!("{what}: the status page doesn't speak for it."),
    };
    let mut finding = Finding::new(Branch::Route, sure, words).because(in_force(case));
    if case.error.direct {
        finding.confidence = Low;
        finding = finding.because(
            "Its text names status.claude.com, so that session may have taken another route than \
             the one in force here.",
        );
    }
    if let Some(context) = claudes_own_page(case) {
        return finding.because(context);
    }
    if let Light::Affected(level) = case.page.light_of_api() {
        finding = finding.because(format!(
            "The page showed {} for Anthropic's own API {}; the gateway may pass that on.",
            text::level(level),
            at_the_time(case)
        ));
    }
    finding
}

/// Trouble on Claude's own page where requests go another way.
fn claudes_own_page(case: &Case<'_>) -> Option<String> {
    let way = case.page.way.as_ref()?;
    let Light::Affected(level) = way.api else { return None };
    let (level, name) = (text::level(level), &way.name);
    Some(format!("Claude's own page showed {level} meanwhile, which says nothing of {name}."))
}

/// What the page of the way said, beside an error that it doesn't explain for certain.
fn said_of_the_way(case: &Case<'_>) -> String {
    match case.page.light(case.route.path) {
        Light::Affected(level) => may_be_why(case, level),
        Light::Green => quiet_page(case),
        Light::NotKnown => not_known(case),
    }
}

/// Trouble that the page showed, and that may have caused the error.
fn may_be_why(case: &Case<'_>, level: Level) -> String {
    let (which, level, at) = (which(case), text::level(level), at_the_time(case));
    format!("The {which} showed {level} {at}, which may be why.")
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
    let unknown = format!("What the {} said at that time is not known", which(case));
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
        true => path.words().to_owned(),
        false => "something in between".to_owned(),
    })
}

/// A name as a sentence begins with it: words get a capital, hosts stay as they are.
pub(super) fn at_the_start(name: &str) -> String {
    match name.contains(' ') {
        true => capital(name),
        false => name.to_owned(),
    }
}

/// What else a provider's error may come from: its page was looked at where it is watched.
pub(super) fn where_to_look(case: &Case<'_>) -> &'static str {
    match case.page.way {
        Some(_) => "your credentials, quotas and models there",
        None => "that provider's own status page and credentials",
    }
}

fn in_force(case: &Case<'_>) -> String {
    match case.route.path {
        Path::Unknown => "Which route is in force could not be told from here.".to_owned(),
        _ => format!("In force here: {}.", case.route.in_words()),
    }
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
