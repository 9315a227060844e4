//! What both the fuzzer and the plain test do with one input: nothing may panic, and what comes
//! out must keep its promises.

use std::path::Path;

use ccwatch::config::Config;
use ccwatch::core::model::{Endpoint, Failure, Host};
use ccwatch::core::monitor::{Monitor, Saved};
use ccwatch::core::settings::Settings;
use ccwatch::fetch::Fetched;
use ccwatch::recording::Line;
use ccwatch::{inert, reading};
use jiff::Timestamp;

const PAGE: &str = "tymt9n04zgry";

/// The body of either document of the page, through the parser and the core.
pub(crate) fn page(bytes: &[u8]) {
    for endpoint in [Endpoint::Summary, Endpoint::Incidents] {
        drive(endpoint, Ok(Fetched::Body { bytes: bytes.to_vec(), etag: None }));
    }
}

/// A line of a recording.
pub(crate) fn recording(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for text in text.lines() {
        let Ok(line) = serde_json::from_str::<Line<'_>>(text) else { continue };
        let Ok(answer) = line.answer() else { continue };
        drive(line.endpoint(), answer);
    }
}

/// A configuration file.
pub(crate) fn config(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Err(error) = Config::parse(text, Path::new("config.toml")) {
        assert!(!error.to_string().is_empty());
    }
}

/// Foreign text on its way to a sink.
pub(crate) fn text(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let hidden = |c: char| c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c);
    let outcomes = [
        inert::line(&text, 300),
        inert::popup_title(&text),
        inert::popup_body(&text, false),
        inert::popup_body(&text, true),
    ];
    for outcome in outcomes {
        assert!(!outcome.contains(hidden), "{outcome:?}");
        assert!(outcome.len() < 20_000);
    }
    let paragraph = inert::paragraph(&text, 300);
    assert!(!paragraph.contains(|c| c != '\n' && hidden(c)), "{paragraph:?}");
}

/// Twice, so that the second reading meets what the first one left.
fn drive(endpoint: Endpoint, answer: Result<Fetched, Failure>) {
    let now = Timestamp::constant(1_782_900_000, 0);
    let mut monitor = Monitor::new(Settings::default(), Saved::default(), now);
    for _ in 0..2 {
        let input = reading::input(endpoint, Host::Primary, answer.clone(), PAGE, 0.5);
        monitor.handle(now, input);
        while monitor.next_command().is_some() {}
    }
}
