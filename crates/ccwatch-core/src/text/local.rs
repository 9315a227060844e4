//! The words about what this machine's own sessions saw.

use alloc::borrow::ToOwned;
use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::string::ToString;
use alloc::vec::Vec;
use core::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{Text, clock, duration};

/// A burst of API errors on this machine while the page is green.
pub fn suspect(
    count: usize,
    statuses: &BTreeSet<u16>,
    since: Timestamp,
    now: Timestamp,
    zone: &TimeZone,
) -> Text {
    let statuses: Vec<String> = statuses.iter().map(u16::to_string).collect();
    let what = match count {
        1 => format!("An error of the API ({})", statuses.join(", ")),
        many => format!("{many} errors of the API ({})", statuses.join(", ")),
    };
    let body = format!(
        "{what} on this machine since {}. Change nothing yet; the page is read more often now, and \
         ccwatch tells you when it follows.",
        clock(since, now, zone)
    );
    ("API errors here, page still green".to_owned(), body)
}

/// An outage that this machine's own errors announced, `lead` before the page.
pub fn after_own_errors((title, body): Text, lead: Option<Duration>) -> Text {
    match lead {
        None => (title, body),
        Some(lead) => {
            (title, format!("{body} Your own errors began {} before the page.", duration(lead)))
        }
    }
}

/// An outage before which another one, that was told, was over at `at` while nobody looked.
pub fn after_another((title, body): Text, at: Timestamp, now: Timestamp, zone: &TimeZone) -> Text {
    let at = clock(at, now, zone);
    (title, format!("{body} The outage before this one was over at {at}."))
}

/// For the history: this machine's own errors began `lead` before the page showed it.
pub fn seen_here_first(lead: Duration) -> String {
    format!("Your machine saw it {} before the page.", duration(lead))
}
