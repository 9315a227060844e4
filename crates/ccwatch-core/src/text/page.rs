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

/// What a body says to run, about its own page: the words of this module and of `gone` name the command
/// that is about the first one.
pub fn run_for_page(body: String, label: Option<&PageLabel>) -> String {
    let Some(label) = label else { return body };
    body.replace("run: ccwatch status", &format!("run: ccwatch status --page {}", label.key))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notice::page_of;
    use crate::settings::Settings;
    use crate::testing::{CODE, Harness};

    fn label(tag: &str) -> PageLabel {
        PageLabel { key: "openai".into(), name: "OpenAI".into(), tag: tag.into() }
    }

    #[test]
    fn a_message_of_another_page_says_whose_it_is() {
        let named = |title: &str, tag: &str| of_page(title.to_owned(), Some(&label(tag)));
        assert_eq!(named("Back: API, after 5 min", "OpenAI"), "Back (OpenAI): API, after 5 min");
        assert_eq!(named("Back: Amazon Bedrock", ""), "Back: Amazon Bedrock");
        assert_eq!(named(UNREADABLE, "OpenAI"), "OpenAI: The status page can't be used");
        assert_eq!(of_page("Back: API".to_owned(), None), "Back: API");
        let (_, body) = not_listed(&["API"]);
        let body = run_for_page(body, Some(&label("")));
        assert!(body.ends_with("run: ccwatch status --page openai --all"), "{body}");
    }

    #[test]
    fn its_key_says_so_too() {
        let settings = Settings { label: Some(label("OpenAI")), ..Settings::default() };
        let mut harness = Harness::new(settings);
        harness.polls().wait(60).status(CODE, "major_outage").polls();
        let told = harness.told.last().unwrap();
        assert_eq!(told.title, "Major outage (OpenAI): Claude Code");
        assert_eq!((page_of(&told.key), page_of(&told.thread)), ("openai", "openai"));
    }
}
