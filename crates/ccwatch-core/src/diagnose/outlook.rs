//! How it stands on the path now: what the first move goes by, and whether somebody tells of the end.
//!
//! It is the verdict of `status`, asked of what is on the path alone, so that the two never contradict
//! each other.

use alloc::vec::Vec;

use jiff::Timestamp;

use crate::history::page_at::{PageThen, is_on};
use crate::model::IncidentId;
use crate::notice::kind::Kind;
use crate::route::Path;
use crate::settings::plain_name;
use crate::state::PageState;
use crate::state::component::{Component, Episode};
use crate::state::verdict::Verdict;
use crate::text::Behind;

/// See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outlook<'a> {
    /// The verdict on what is on the path.
    pub verdict: Verdict,
    /// What the page still shows where a retry makes sense already.
    pub behind: Behind,
    /// Who tells of the end.
    pub teller: Teller<'a>,
}

/// Who tells when a retry makes sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Teller<'a> {
    /// The daemon.
    Daemon,
    /// Nobody: no daemon runs.
    NoDaemon,
    /// Nobody: the user doesn't watch this component, or any other that is affected.
    Unwatched(&'a str),
    /// Nobody: of this one the daemon tells nothing, or it has nothing to tell it by.
    Silent,
}

impl Outlook<'static> {
    /// Nothing is known of now.
    pub const NOT_KNOWN: Self =
        Self { verdict: Verdict::Unknown, behind: Behind::Unclear, teller: Teller::Daemon };
}

impl<'a> Outlook<'a> {
    /// By what is known now of the same page. `then` is the page at the time of the error; `runs`: whether a
    /// daemon does, and `shows`: whether anything takes what it tells.
    pub fn of(
        page: &'a PageState,
        now: Timestamp,
        path: Path,
        then: &PageThen,
        (runs, shows): (bool, bool),
    ) -> Self {
        let about = |c: &Component| {
            if then.way.is_some() {
                return true;
            }
            let path = if path.components().is_empty() { Path::ApiKey } else { path };
            is_on(path, &c.name, c.watched.as_deref()) || is_about_login(then, c)
        };
        let scope = page.of_those(about);
        let goes_on = |id: &IncidentId| {
            page.incidents().get(id).is_some_and(|incident| incident.phase.is_active())
        };
        // One that names no component weighs on none.
        let login = then.login_incidents().any(|incident| goes_on(&incident.id));
        let verdict = if login { Verdict::Wait } else { scope.verdict(now) };
        let affected = |c: &&Component| c.affected().is_some() && page.filter(c).is_none();
        let affected: Vec<&Component> =
            page.components().iter().filter(|c| about(c)).filter(affected).collect();
        let teller = match affected.as_slice() {
            _ if !runs => Teller::NoDaemon,
            [first, ..] if affected.iter().all(|c| c.watched.is_none()) => {
                Teller::Unwatched(first.shown_name())
            }
            [_, ..] if shows && tells_of_all(page, &affected) => Teller::Daemon,
            _ => Teller::Silent,
        };
        Self { verdict, behind: Behind::of(&scope, now), teller }
    }
}

/// Whether the user was told of all of these that are watched, and hears of their end.
fn tells_of_all(page: &PageState, affected: &[&Component]) -> bool {
    let tell = &page.settings().tell;
    let heard = |c: &&Component| c.affected().is_some_and(Episode::is_awaited);
    (tell.has(Kind::FixOut) || tell.has(Kind::Back))
        && affected.iter().filter(|c| c.watched.is_some()).all(heard)
}

/// Whether a component is what the page's trouble with logging in was about.
fn is_about_login(then: &PageThen, component: &Component) -> bool {
    let named = then.login_incidents().any(|incident| incident.components.contains(&component.id));
    let logs_in = plain_name(&component.name) == "claude.ai";
    named || (logs_in && then.login_trouble().is_some())
}
