//! The words for what isn't known.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use jiff::Timestamp;

use super::{failure, list};
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
        Doubt::NotListed(entry) => format!("{}; check watch.components", no_answer(&[entry])),
        Doubt::UnknownWord(component) => format!(
            "the page's word for {} ({}) is not one that ccwatch knows",
            component.shown_name(),
            component.page_status.as_str()
        ),
    }
}

/// That these entries of `watch.components` match nothing.
pub fn no_answer(entries: &[&str]) -> String {
    let entries: Vec<String> = entries.iter().map(|entry| format!("{entry:?}")).collect();
    let entries: Vec<&str> = entries.iter().map(String::as_str).collect();
    format!("nothing on the page answers to {}", list(&entries))
}

/// What to write instead of entries that match nothing; none before the page was read.
pub fn to_write_instead(page: &PageState) -> Option<String> {
    let listed = page.components().iter().filter(|component| component.is_listed());
    let names: Vec<&str> = listed.map(|component| component.shown_name()).collect();
    (!names.is_empty()).then(|| {
        format!(
            "the page has: {}; write one of these into watch.components, or behind --component",
            names.join(", ")
        )
    })
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
