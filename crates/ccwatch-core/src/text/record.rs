//! The words for what was written down: what is filtered, and mutes.

use alloc::borrow::ToOwned;
use alloc::string::String;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::notice::mute::{End, Mute};
use crate::state::filter::Filter;

use super::clock;

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
