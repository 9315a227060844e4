//! The words for what was written down: reasons, what became of notices, mutes.

use alloc::borrow::ToOwned;
use alloc::string::String;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::notice::mute::{End, Mute};
use crate::notice::reason::Reason;
use crate::state::filter::Filter;

use super::clock;

/// Why something was told, or why not.
pub fn reason(reason: Reason) -> &'static str {
    use Reason as R;
    match reason {
        R::NewOutage => "told: a new outage",
        R::Relapsed => "told: red again in the same incident",
        R::GotWorse => "told: it got worse",
        R::Joined => "told: one more joined",
        R::FellBack => "told: the fix did not hold",
        R::FixIsOut => "told: a fix is out",
        R::Recovered => "told: it is back",
        R::WorkGoesOn => "told: the outage is over, maintenance goes on",
        R::TurnedIntoWork => "told: under maintenance in place of the outage",
        R::OthersOnly => "told: what goes on is about other models",
        R::MilderOnly => "told: what goes on is milder than watch.min_level",
        R::Faded => "told: the incident went silent",
        R::PageUnreadable => "told: the page can't be read",
        R::MaintenanceBegan => "told: maintenance began",
        R::MaintenanceExtended => "told: maintenance takes longer",
        R::MaintenanceOverruns => "told: past its planned end",
        R::MaintenanceOver => "told: maintenance is over, or no longer listed",
        R::Vanished => "told: no longer on the page",
        R::Renamed => "told: the page gave it another name or place",
        R::NotListed => "told: not on the page",
        R::PageTrouble => "told: the page itself can't be used",
        R::PageReadable => "told: the page can be read again",
        R::LearntLater => "told: learnt afterwards",
        R::NoComponentNamed => "told: it names no component",
        R::IncidentOver => "told: the incident is over",
        R::LocalErrors => "told: API errors on this machine",
        R::NotWatched => "not told: you don't watch it",
        R::BelowMinLevel => "not told: milder than watch.min_level",
        R::OtherModels => "not told: only models that you don't use",
        R::SwitchedOff => "not told: switched off in the configuration",
        R::AlreadyTold => "told before",
        R::Muted => "not told: muted",
        R::OtherRoad => "not told: your requests go another way",
        R::NeverTold => "not told: its beginning wasn't either",
        R::AwayAgain => "not told: it was affected again when ccwatch looked",
        R::Settling => "not told yet: it must look well for a while",
        R::NoNews => "not told: no news",
    }
}

/// Why something that is affected doesn't concern the user; `models` are those that it is about.
pub fn filtered(filter: Filter, models: &str) -> String {
    match (filter, models) {
        (Filter::OtherModels, "") => "not your model".to_owned(),
        (Filter::OtherModels, models) => format!("{models} only; not your model"),
        (Filter::BelowMinLevel, _) => "milder than watch.min_level".to_owned(),
    }
}

/// A mute, in a sentence.
pub fn muted(mute: &Mute, now: Timestamp, zone: &TimeZone) -> String {
    let what = match (&mute.incident, mute.until) {
        (Some(id), _) => format!("Muted: incident {id}, until it is over"),
        (None, Some(until)) => format!("Muted until {}", clock(until, now, zone)),
        (None, None) => "Muted".to_owned(),
    };
    let end = match mute.end {
        End::IfTold => "the end of what you were told is still told",
        End::Always => "its end is told",
        End::Never => "its end isn't told either",
    };
    format!("{what}; {end}. Hear again with: ccwatch mute off")
}
