//! Whether something is told, and why or why not.
//!
//! The questions are asked anew at every reading ("is there anything the user should know and was
//! not told?"), not once at an edge: so a changed configuration, a renamed incident or a restart
//! can neither lose a message nor repeat one.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::decide::models;
use crate::decide::mute::End;
use crate::model::Level;
use crate::settings::Settings;
use crate::state::component::{Component, Episode, Fix, Told};

/// Why something is told, or why it is not. Stored with each transition and each notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Told: a watched component became affected and nothing else was.
    NewOutage,
    /// Told: its level rose above what was told.
    GotWorse,
    /// Told: it joined an outage that was told before.
    Joined,
    /// Told: the fix did not hold.
    FellBack,
    /// Told: the fix is out while the page is still red.
    FixIsOut,
    /// Told: it is over.
    Recovered,
    /// Told: the incident has been silent so long that it no longer counts.
    Faded,
    /// Told: the page can't be read while an episode is open.
    PageUnreadable,
    /// Told: announced work began.
    MaintenanceBegan,
    /// Told: a watched component vanished.
    Vanished,
    /// Told: posted or found only afterwards.
    LearntLater,
    /// Told: an incident that names no component.
    NoComponentNamed,
    /// Told: a burst of API errors on this machine while the page is green.
    LocalErrors,

    /// Quiet: nobody watches this component.
    NotWatched,
    /// Quiet: milder than `min_level`.
    BelowMinLevel,
    /// Quiet: the incident's title names only models that the user doesn't use.
    OtherModels,
    /// Quiet: this kind of notice is switched off.
    SwitchedOff,
    /// Quiet: the user knows this already.
    AlreadyTold,
    /// Quiet: the user muted it.
    Muted,
    /// Quiet: its beginning was never told.
    NeverTold,
    /// Quiet: it has not looked well for long enough yet.
    Settling,
    /// Quiet: nothing that calls for a message.
    NoNews,
}

impl Reason {
    /// Whether this is a reason to tell.
    pub fn tells(self) -> bool {
        use Reason as R;
        match self {
            R::NewOutage | R::GotWorse | R::Joined | R::FellBack | R::FixIsOut | R::Recovered => {
                true
            }
            R::Faded | R::PageUnreadable | R::MaintenanceBegan | R::Vanished => true,
            R::LearntLater | R::NoComponentNamed | R::LocalErrors => true,
            R::NotWatched | R::BelowMinLevel | R::OtherModels | R::SwitchedOff => false,
            R::AlreadyTold | R::Muted | R::NeverTold | R::Settling | R::NoNews => false,
        }
    }

    /// The word used in JSON and the database.
    pub fn as_str(self) -> &'static str {
        use Reason as R;
        match self {
            R::NewOutage => "new_outage",
            R::GotWorse => "got_worse",
            R::Joined => "joined",
            R::FellBack => "fell_back",
            R::FixIsOut => "fix_is_out",
            R::Recovered => "recovered",
            R::Faded => "faded",
            R::PageUnreadable => "page_unreadable",
            R::MaintenanceBegan => "maintenance_began",
            R::Vanished => "vanished",
            R::LearntLater => "learnt_later",
            R::NoComponentNamed => "no_component_named",
            R::LocalErrors => "local_errors",
            R::NotWatched => "not_watched",
            R::BelowMinLevel => "below_min_level",
            R::OtherModels => "other_models",
            R::SwitchedOff => "switched_off",
            R::AlreadyTold => "already_told",
            R::Muted => "muted",
            R::NeverTold => "never_told",
            R::Settling => "settling",
            R::NoNews => "no_news",
        }
    }
}

/// Decides about a component that is affected now.
///
/// `incident` is the title of the incident that explains it, `outage_open` whether another
/// component's outage is already on the screen, `muted` that the user wants silence about it.
pub fn affected(
    component: &Component,
    episode: &Episode,
    incident: Option<&str>,
    outage_open: bool,
    muted: bool,
    settings: &Settings,
    now: Timestamp,
) -> Reason {
    let reason = wish(component, episode, outage_open, settings, now);
    if !reason.tells() {
        return reason;
    }
    if reason == Reason::MaintenanceBegan {
        return unless_muted(reason, settings.tell.maintenance, muted);
    }
    // Who was told of the beginning is told how it goes on.
    if matches!(reason, Reason::NewOutage | Reason::Joined) {
        if !episode.level.is_at_least(settings.min_level) {
            return Reason::BelowMinLevel;
        }
        if incident.is_some_and(|title| models::only_others(title, &settings.models)) {
            return Reason::OtherModels;
        }
    }
    let wanted = match reason {
        Reason::NewOutage => settings.tell.outage,
        Reason::FixIsOut => settings.tell.fix_out,
        _ => settings.tell.worse,
    };
    unless_muted(reason, wanted, muted)
}

fn unless_muted(reason: Reason, wanted: bool, muted: bool) -> Reason {
    match (wanted, muted) {
        (false, _) => Reason::SwitchedOff,
        (true, true) => Reason::Muted,
        (true, false) => reason,
    }
}

/// What there would be to tell if the user wanted to hear everything.
fn wish(
    component: &Component,
    episode: &Episode,
    outage_open: bool,
    settings: &Settings,
    now: Timestamp,
) -> Reason {
    if component.watched.is_none() {
        return Reason::NotWatched;
    }
    let maintenance = episode.level == Level::Maintenance;
    let holds = episode.fix_holds(now, settings.settle);
    let reason = match &episode.told {
        None if maintenance => Reason::MaintenanceBegan,
        Some(told) if maintenance || !starts_anew(told, episode) => news(told, episode, holds),
        _ if outage_open => Reason::Joined,
        _ => Reason::NewOutage,
    };
    // The page's word of now is not understood: the level is that of before, and old news.
    match reason {
        Reason::FixIsOut | Reason::AlreadyTold => reason,
        _ if component.level == Level::Unknown => Reason::NoNews,
        _ => reason,
    }
}

/// Announced work was told, but this is an outage.
fn starts_anew(told: &Told, episode: &Episode) -> bool {
    told.level == Level::Maintenance && episode.level.is_worse_than(told.level)
}

/// What is new since the user was told.
fn news(told: &Told, episode: &Episode, holds: bool) -> Reason {
    match (&episode.fix, told.fix) {
        _ if episode.level.is_worse_than(told.level) => Reason::GotWorse,
        (Fix::Out { .. }, false) if holds => Reason::FixIsOut,
        (Fix::Awaited, true) => Reason::FellBack,
        _ => Reason::AlreadyTold,
    }
}

/// Decides about an episode that is over. The end of what was told is told although it is muted,
/// unless the user wished otherwise.
pub fn over(
    component: &Component,
    episode: &Episode,
    faded: bool,
    muted: Option<End>,
    settings: &Settings,
) -> Reason {
    let awaited = episode.told.is_some() || episode.tell_end || muted == Some(End::Always);
    if component.watched.is_none() {
        Reason::NotWatched
    } else if !awaited {
        if muted.is_some() { Reason::Muted } else { Reason::NeverTold }
    } else if !settings.tell.back {
        Reason::SwitchedOff
    } else if muted == Some(End::Never) {
        Reason::Muted
    } else if faded {
        Reason::Faded
    } else {
        Reason::Recovered
    }
}
