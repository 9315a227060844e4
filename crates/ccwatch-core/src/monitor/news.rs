//! What is new about a component, for somebody who wants to hear everything.

use jiff::Timestamp;

use crate::model::Level;
use crate::settings::Settings;
use crate::state::component::{Component, Episode, Fix, Told};

use crate::notice::kind::{Kind, Reason};

/// What else is told, beside the episode in question.
#[derive(Debug, Clone, Copy)]
pub(super) struct Around {
    /// Another component's outage is told already.
    pub(super) open: bool,
    /// This reading calls for a message that a fix is out: what would be told so a reading later
    /// goes with it.
    pub(super) fix_is_told: bool,
}

/// What is new about an episode that is open.
pub(super) fn of_episode(
    component: &Component,
    episode: &Episode,
    around: Around,
    settings: &Settings,
    now: Timestamp,
) -> Reason {
    if component.level == Level::Unknown {
        // The page's word of now is not understood: the level is that of before, and old news.
        return Reason::NoNews;
    }
    let maintenance = episode.level == Level::Maintenance;
    let goes_along = around.fix_is_told && episode.is_fixed_at_first();
    let holds = goes_along || episode.fix_holds(now, settings.settle);
    match &episode.told {
        // What goes on is filtered: to the user it is about to be over.
        Some(_) if episode.filtered_since.is_some() => Reason::AlreadyTold,
        // The page calls an outage maintenance: one more reading says what that is.
        Some(_) if maintenance && !episode.is_work() => Reason::AlreadyTold,
        None if maintenance => Reason::MaintenanceBegan,
        Some(told) if maintenance || !starts_anew(told, episode) => news(told, episode, holds),
        _ if around.open => Reason::Joined,
        _ if relapses(component, episode) => Reason::Relapsed,
        _ => Reason::NewOutage,
    }
}

/// It goes on in the incident in which it was told to be back.
fn relapses(component: &Component, episode: &Episode) -> bool {
    let last = component.last_episode.as_ref();
    last.is_some_and(|last| last.id == episode.id && last.thread.is_some())
}

/// Announced work was told, but this is an outage.
fn starts_anew(told: &Told, episode: &Episode) -> bool {
    told.level == Level::Maintenance && episode.level.is_worse_than(told.level)
}

/// What is new since the user was told.
fn news(told: &Told, episode: &Episode, holds: bool) -> Reason {
    let in_work = episode.level == Level::Maintenance;
    match (&episode.fix, told.fix) {
        _ if episode.level.is_worse_than(told.level) => Reason::GotWorse,
        (Fix::Out { .. }, false) if holds && in_work => Reason::MaintenanceOver,
        // Other work began before the component was set green after the first.
        (Fix::Awaited, true) if in_work && told.level == Level::Maintenance => {
            Reason::MaintenanceBegan
        }
        (Fix::Out { .. }, false) if holds => Reason::FixIsOut,
        (Fix::Awaited, true) => Reason::FellBack,
        _ => Reason::AlreadyTold,
    }
}

/// The kind of notice that news of an open episode would be.
pub(super) fn kind(news: Reason, level: Level) -> Kind {
    match news {
        Reason::NewOutage | Reason::Relapsed => Kind::Outage,
        Reason::GotWorse | Reason::Joined | Reason::FellBack => Kind::Worse,
        Reason::FixIsOut | Reason::MaintenanceOver => Kind::FixOut,
        Reason::MaintenanceBegan => Kind::Maintenance,
        _ if level == Level::Maintenance => Kind::Maintenance,
        _ => Kind::Outage,
    }
}
