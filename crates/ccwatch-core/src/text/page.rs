//! The words about the page itself.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::names::{list_all, title};
use super::{Text, clock, failure, sentence};
use crate::model::FailureKind;
use crate::settings::PageLabel;

/// A title with what tells its page from others, in the part that no desktop cuts: "Back (OpenAI):
/// API". What is about the page itself begins with its name.
pub fn of_page(title: String, label: Option<&PageLabel>) -> String {
    let Some(label) = label else { return title };
    match title.split_once(": ") {
        Some(_) if label.tag.is_empty() => title,
        Some((what, names)) => format!("{what} ({}): {names}", label.tag),
        None => format!("{}: {title}", label.name),
    }
}

/// The page can be reached and not be used.
pub fn page_trouble(kind: FailureKind, since: Timestamp, now: Timestamp, zone: &TimeZone) -> Text {
    use FailureKind as K;
    let title = match kind {
        K::Redirect => "The status page has moved",
        K::OtherPage => "The status page is another one now",
        K::BotWall | K::RateLimited | K::HttpStatus => "The status page refuses ccwatch",
        K::NotUnderstood => "The status page lists nothing",
        K::NotJson | K::ContentType | K::TooLarge => "The status page is no status page now",
        K::Dns | K::Connect | K::Proxy | K::Tls | K::Timeout | K::Stalled => UNREADABLE,
        K::Transport => UNREADABLE,
        K::CaptivePortal | K::Unavailable | K::Stale | K::UnexpectedUnchanged => UNREADABLE,
        K::Other => UNREADABLE,
    };
    let (what, hint) = failure(kind);
    let body = format!(
        "Since {}: {what}. Your network works. Until that is right ccwatch can't tell how things \
         are. {}",
        clock(since, now, zone),
        sentence(hint)
    );
    (title.to_owned(), body)
}

const UNREADABLE: &str = "The status page can't be used";

/// The page can be read again.
pub fn page_readable(since: Timestamp, now: Timestamp, zone: &TimeZone) -> Text {
    let body = format!(
        "It could not be used since {}. To see what it says now, run: ccwatch status",
        clock(since, now, zone)
    );
    ("The status page can be read again".to_owned(), body)
}

/// Nothing on the page answers to these entries of the watch list.
pub fn not_listed(entries: &[&str]) -> Text {
    let quoted: Vec<String> = entries.iter().map(|entry| format!("{entry:?}")).collect();
    let quoted: Vec<&str> = quoted.iter().map(String::as_str).collect();
    let body = format!(
        "{}: nothing on the status page answers to that entry of watch.components, so ccwatch can't \
         tell how it is. To see what the page lists, run: ccwatch status --all",
        list_all(&quoted)
    );
    (title("Not on the page", entries), body)
}
