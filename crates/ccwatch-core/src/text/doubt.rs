//! The words for what isn't known.

use alloc::borrow::ToOwned;
use alloc::string::String;
use jiff::Timestamp;

use super::failure;
use crate::state::PageState;
use crate::state::doubt::Doubt;

/// What exactly is not known where the verdict is unknown; raw, without a full stop.
pub fn why_unknown(page: &PageState, now: Timestamp) -> String {
    match page.doubt(now) {
        Doubt::Failing(run) => {
            let (what, hint) = failure(run.kind);
            format!("{what} ({}); {hint}", run.detail)
        }
        Doubt::NeverRead => "no reading yet".to_owned(),
        Doubt::TooOld(_) => "the newest reading is too old to go by".to_owned(),
        Doubt::NothingWatched => {
            "the page lists nothing that you watch; check watch.components".to_owned()
        }
        Doubt::NotListed(entry) => {
            format!("nothing on the page answers to {entry:?}; check watch.components")
        }
        Doubt::UnknownWord(component) => format!(
            "the page's word for {} ({}) is not one that ccwatch knows",
            component.shown_name(),
            component.page_status.as_str()
        ),
    }
}

/// The same in the few words that a line has room for, with the time that it has been so.
pub(super) fn why_unknown_in_short(page: &PageState, now: Timestamp) -> String {
    let clock = |at: Timestamp| super::clock(at, now, &page.settings().zone);
    match page.doubt(now) {
        Doubt::Failing(run) => format!("{}, since {}", failure(run.kind).0, clock(run.since)),
        Doubt::NeverRead => "no reading yet".to_owned(),
        Doubt::TooOld(at) => format!("last read at {}", clock(at)),
        Doubt::NothingWatched => "the page lists nothing that is watched".to_owned(),
        Doubt::NotListed(entry) => format!("the page lists no {entry:?}"),
        Doubt::UnknownWord(_) => "the page does not say how something watched is".to_owned(),
    }
}
