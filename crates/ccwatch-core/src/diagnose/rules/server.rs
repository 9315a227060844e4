//! Errors of servers and of connections: what the page said and what else this machine saw decide.

use super::{
    FRESH_SESSION, Finding, OTHER_ROUTE, at_the_time, claudes_own_page, foreign, green_light,
    in_force, is_foreign, nameless, not_known, plan, quiet_page, said_of_the_way, sessions, which,
    who,
};
use crate::api_error::{Branch, Cause, Confidence};
use crate::diagnose::Case;
use crate::history::page_at::{ComponentThen, Light, PageSource, WorkThen};
use crate::model::Level;
use crate::route::Path;
use crate::state::filter::Filter;
use crate::text;
use crate::time::between;
use Confidence::{High, Low, Medium};
use alloc::borrow::ToOwned;
use alloc::string::String;

/// 500, 504 and 529: the API's own errors of its own making.
pub(super) fn server(case: &Case<'_>) -> Finding {
    let light = case.page.light(case.route.path);
    if is_foreign(case) {
        let passed_on = case.error.has_anthropics_id() || case.error.direct;
        return match case.page.light_of_api() {
            Light::Affected(level) if passed_on && case.error.foreign_is_only_the_road() => {
                Finding::new(
                    Branch::LiveIncident,
                    Medium,
                    format!(
                        "The request may have gone through {}, but it was Anthropic that \
                         answered, and the page showed {} {}.",
                        who(case),
                        text::level(level),
                        at_the_time(case)
                    ),
                )
            }
            _ => by_way(case, High).or_else(|| well_way(case)).unwrap_or_else(|| foreign(case)),
        };
    }
    match light {
        Light::Affected(level) => affected(case, case.route.path, level, High),
        Light::Green => green(case),
        Light::NotKnown => dark(case),
    }
}

/// Trouble of the way that requests go, by its own page: none, where that shows none, or where
/// somebody else answered.
fn by_way(case: &Case<'_>, sure: Confidence) -> Option<Finding> {
    case.page.way.as_ref().filter(|_| case.error.foreign.is_none())?;
    let path = case.route.path;
    if let Light::Affected(level) = case.page.light(path) {
        // Whatever stands before the provider may have made the error, too.
        let is_alone = case.route.endpoint.is_none();
        return Some(affected(case, path, level, if is_alone { sure } else { sure.min(Medium) }));
    }
    let later = followed(case)?;
    let then =
        if case.page.light(path) == Light::Green { quiet_page(case) } else { not_known(case) };
    Some(
        Finding::new(Branch::LiveIncident, Medium, then)
            .because(format!("{later}: your error came first.")),
    )
}

/// The servers of the way failed, and its page shows no trouble, or can't be read.
fn well_way(case: &Case<'_>) -> Option<Finding> {
    let is_alone = case.error.foreign.is_none() && case.route.endpoint.is_none();
    case.page.way.as_ref().filter(|_| is_alone)?;
    let mut finding = Finding::new(Branch::Undecided, Low, said_of_the_way(case));
    finding.why.extend(claudes_own_page(case));
    Some(match case.page.light(case.route.path) {
        Light::NotKnown => finding.ask("Does that page show trouble now? Run: ccwatch status"),
        Light::Green | Light::Affected(_) => {
            finding.because("Such a page often lags behind.").ask(FRESH_SESSION)
        }
    })
}

fn affected(case: &Case<'_>, path: Path, level: Level, sure: Confidence) -> Finding {
    let sure = match case.page.source {
        PageSource::Incidents | PageSource::Between { .. } => sure.min(Medium),
        PageSource::Readings | PageSource::Live | PageSource::None => sure,
    };
    let page = case.page;
    let sure = if page.before.is_some() { sure.min(Medium) } else { sure };
    let (which, incident) = (which(case), page.explains(path));
    let began_later = incident.is_some_and(|i| i.began.is_some_and(|began| began > page.at));
    let sure = if began_later { sure.min(Medium) } else { sure };
    let said = match incident {
        Some(incident) if began_later => {
            format!("The {which} posted an incident soon after: {}. It wasn't you.", incident.name)
        }
        Some(incident) if incident.afterwards => {
            format!(
                "The {which} posted an incident for that time afterwards: {}. It wasn't you.",
                incident.name
            )
        }
        Some(incident) => format!(
            "The {which} showed {} {}: {} ({}).",
            text::level(level),
            at_the_time(case),
            incident.name,
            text::phase(&incident.phase)
        ),
        None => {
            let in_work = |work: &&WorkThen| {
                let named = |c: &ComponentThen| {
                    c.level == Level::Maintenance && work.components.contains(&c.id)
                };
                work.components.is_empty() || case.page.on(path).any(named)
            };
            let mut works = case.page.works_on(path).filter(|_| level == Level::Maintenance);
            let work = works.find(in_work);
            let work = work.map_or_else(String::new, |work| format!(": {}", plan(work)));
            format!("The {which} showed {} {}{work}.", text::level(level), at_the_time(case))
        }
    };
    Finding::new(Branch::LiveIncident, sure, said)
}

/// The API failed under a green page: what else was seen on this machine decides.
fn green(case: &Case<'_>) -> Finding {
    if let Some(later) = followed(case) {
        return Finding::new(Branch::LiveIncident, Medium, quiet_page(case))
            .because(format!("{later}: your error came first."));
    }
    match case.page.filtered_on(case.route.path).map(|filtered| filtered.filter) {
        None if nameless(case).is_some() => {
            Finding::new(Branch::LiveIncident, Low, quiet_page(case))
        }
        None => {
            let green = green_light(case);
            quiet(case, format!("{green} at the time; the page often lags behind."))
        }
        Some(Filter::OtherModels) => quiet(case, quiet_page(case)),
        Some(Filter::BelowMinLevel) => Finding::new(Branch::LiveIncident, Low, quiet_page(case))
            .because("It may be why all the same; ccwatch doesn't tell you when it is over."),
    }
}

/// Nobody knows what the page said: it decides no more than a green one, and may be asked.
fn dark(case: &Case<'_>) -> Finding {
    let unknown = not_known(case);
    if let Some(later) = followed(case) {
        return Finding::new(Branch::LiveIncident, Medium, unknown).because(format!("{later}."));
    }
    let mut finding = quiet(case, unknown);
    finding.confidence = Low;
    finding.ask(page_question(case))
}

/// The page shows no trouble: what else was seen on this machine decides.
fn quiet(case: &Case<'_>, page: String) -> Finding {
    let around = case.around;
    if around.other_sessions_failing > 0 {
        let many = sessions(around.other_sessions_failing);
        return Finding::new(Branch::LiveIncident, Medium, page)
            .because(format!("{many} on this machine had errors of a server too."));
    }
    let capacity = case.error.cause.is_capacity();
    if !capacity
        && around.other_sessions_working > 0
        && !around.same_session_worked_later
        && around.same_session_failures > 1
    {
        let many = sessions(around.other_sessions_working);
        return Finding::new(Branch::Session, Medium, page)
            .because(format!("{many} on this machine got answers, this one keeps failing."));
    }
    if around.same_session_worked_later {
        return Finding::new(Branch::LiveIncident, Low, page)
            .because("The same session got an answer later: it went by.");
    }
    if capacity {
        let name = if case.error.cause == Cause::Overloaded { "a 529" } else { "it" };
        return Finding::new(Branch::LiveIncident, Low, page).because(format!(
            "Neither login nor session can cause {name}: it is the capacity of one model."
        ));
    }
    if around.same_session_failures > 2 {
        return Finding::new(Branch::Undecided, Low, page)
            .because(format!("It happened {} times in a row.", around.same_session_failures))
            .ask(FRESH_SESSION);
    }
    if case.route.is_unusual() {
        return Finding::new(Branch::Route, Low, page).because(in_force(case));
    }
    Finding::new(Branch::Undecided, Low, page).ask(FRESH_SESSION)
}

/// The server that logs people in failed: only the page's trouble with logging in explains it.
pub(super) fn login_server(case: &Case<'_>) -> Finding {
    if let Some(trouble) = case.page.login_trouble() {
        return Finding::new(
            Branch::LiveIncident,
            Medium,
            format!("The page had trouble with logging in {}: {trouble}.", at_the_time(case)),
        );
    }
    match case.page.light(Path::Subscription) {
        Light::Affected(level) => affected(case, Path::Subscription, level, Medium),
        Light::Green => Finding::new(
            Branch::LiveIncident,
            Low,
            "A server answered that it can't, and refused nothing.",
        )
        .because(quiet_page(case)),
        Light::NotKnown => Finding::new(
            Branch::LiveIncident,
            Low,
            "A server answered that it can't, and refused nothing.",
        )
        .because(not_known(case))
        .ask(page_question(case)),
    }
}

/// The page came after the error.
fn followed(case: &Case<'_>) -> Option<String> {
    let (at, level) = case.page.followed(case.route.path)?;
    let (level, later) = (text::level(level), text::duration(between(case.page.at, at)));
    Some(format!("It showed {level} {later} later"))
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
pub(super) fn edge(case: &Case<'_>) -> Finding {
    if case.error.foreign.is_some() {
        return foreign(case);
    }
    let route = case.route;
    if let Some(finding) = by_way(case, High) {
        return finding;
    }
    if route.endpoint.is_some() || route.proxy.is_some() || route.path.is_foreign() {
        return on_another_road(case);
    }
    match case.page.light(case.route.path) {
        Light::Affected(level) => affected(case, case.route.path, level, High),
        _ if !route.path.is_direct() => {
            Finding::new(Branch::Undecided, Low, "Which route the request took is not known.")
                .ask("Is a gateway or proxy in force? Run in the same shell: ccwatch route")
        }
        Light::Green => Finding::new(
            Branch::LiveIncident,
            Low,
            "The route goes straight to Anthropic, so it was Anthropic's own edge.",
        )
        .because(quiet_page(case)),
        Light::NotKnown => Finding::new(
            Branch::LiveIncident,
            Low,
            "The route goes straight to Anthropic, so it was Anthropic's own edge.",
        )
        .because(not_known(case))
        .ask(page_question(case)),
    }
}

/// Whoever is on the road may have made it.
fn on_another_road(case: &Case<'_>) -> Finding {
    let finding = Finding::new(Branch::Undecided, Low, in_force(case)).ask(OTHER_ROUTE);
    match &case.page.way {
        Some(_) => finding.because(said_of_the_way(case)),
        None => finding,
    }
}

/// The answer stopped, and no status says whose fault it was. A base URL or a provider in force
/// is no evidence that anybody answered.
pub(super) fn no_answer(case: &Case<'_>) -> Finding {
    if case.error.foreign.is_some() {
        return foreign(case);
    }
    if let Some(finding) = by_way(case, Medium) {
        return finding;
    }
    match (case.page.light(case.route.path), case.page.network) {
        (Light::Affected(level), _) => affected(case, case.route.path, level, Medium),
        (_, Some(false)) => no_network(),
        _ if is_foreign(case) => on_another_road(case),
        (Light::Green, _)
            if case.around.other_sessions_failing > 0
                || case.page.followed(case.route.path).is_some() =>
        {
            green(case)
        }
        (Light::Green, Some(true)) => Finding::new(Branch::Undecided, Low, quiet_page(case))
            .because("This machine could reach the page: the network was up.")
            .ask(FRESH_SESSION),
        (Light::Green, None) => Finding::new(Branch::Undecided, Low, quiet_page(case))
            .ask("Was this machine's network well? Repeat the same request once."),
        (Light::NotKnown, _) => dark(case),
    }
}

/// The connection was lost: more often a matter of this side.
pub(super) fn dropped(case: &Case<'_>) -> Finding {
    match (case.page.light(case.route.path), case.page.network) {
        (_, Some(false)) => no_network(),
        _ if case.error.foreign.is_some() => foreign(case),
        (Light::Affected(level), _) => affected(case, case.route.path, level, Medium),
        (Light::Green, Some(true)) => Finding::new(Branch::Network, Low, quiet_page(case))
            .because("The page could be reached: one connection was lost, not the network."),
        _ => {
            let words = "The error carries no status: it is about the connection, not an answer of the API.";
            let finding = Finding::new(Branch::Network, Medium, words);
            if is_foreign(case) { finding.because(in_force(case)) } else { finding }
        }
    }
}

fn no_network() -> Finding {
    Finding::new(Branch::Network, High, "This machine could not reach the status page either.")
}

pub(super) fn no_connection(case: &Case<'_>) -> Finding {
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
