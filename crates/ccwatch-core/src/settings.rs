//! What the user wants, as far as the core needs it. `config.rs` fills it.

use alloc::borrow::ToOwned;
use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use jiff::tz::TimeZone;

use crate::model::{IncidentId, Level};
use crate::notice::kind::Kind;
use crate::notice::sink::Sink;

/// What tells a page from the first one, in messages and in their keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageLabel {
    /// A word of small letters, digits and hyphens, which no other page has.
    pub key: String,
    /// What the page is called, raw.
    pub name: String,
    /// What stands behind the news in a title, where the names of components don't say it; raw.
    pub tag: String,
}

/// The core's part of the configuration.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// A reading older than this is no longer current.
    pub stale_after: Duration,
    /// Between two polls while all is well.
    pub interval: Duration,
    /// Between two polls while something watched is affected.
    pub during_outage: Duration,
    /// Component names (without case, up to a parenthesis) or ids; empty: every component.
    pub watch: Vec<String>,
    /// Below this level nothing is told.
    pub min_level: Level,
    /// Models that the user uses; empty: all.
    pub models: Vec<String>,
    /// How long a component must look well before it is told to be back.
    pub settle: Duration,
    /// From this level up an outage stays on the screen; none: never.
    pub critical_from: Option<Level>,
    /// Which kinds of notice are wanted.
    pub tell: WantedKinds,
    /// The sinks that are on; without any, notices are only lines of the log.
    pub sinks: BTreeSet<Sink>,
    /// The page's id; what is remembered of another page is not used.
    pub page_id: String,
    /// Whether the page has another address to fall back to.
    pub has_fallback: bool,
    /// Where a person reads the page, without a trailing slash; links are built from it.
    pub page_url: String,
    /// Whether an incident has a page of its own there.
    pub incident_pages: bool,
    /// Whether the page may keep an incident that nobody thought of closing: one that goes silent stops
    /// counting as reported then.
    pub incidents_linger: bool,
    /// What the page is called where several are watched; the first one has no label.
    pub label: Option<PageLabel>,
    /// Whether the user's requests go by what this page is about, or it is to be told in any case:
    /// else nothing that begins is told.
    pub on_road: bool,
    /// Times in notices are given in this zone.
    pub zone: TimeZone,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            stale_after: Duration::from_secs(600),
            interval: Duration::from_secs(60),
            during_outage: Duration::from_secs(30),
            watch: ["Claude Code", "Claude API", "claude.ai"].map(str::to_owned).to_vec(),
            min_level: Level::Reported,
            models: Vec::new(),
            settle: Duration::from_secs(30),
            critical_from: Some(Level::Major),
            tell: WantedKinds::default(),
            sinks: BTreeSet::from([Sink::Desktop]),
            page_id: "tymt9n04zgry".to_owned(),
            has_fallback: false,
            page_url: "https://status.claude.com".to_owned(),
            incident_pages: true,
            incidents_linger: true,
            label: None,
            on_road: true,
            zone: TimeZone::UTC,
        }
    }
}

impl Settings {
    /// What tells the page from another one: its id, or its address where any id is believed.
    pub fn page_key(&self) -> &str {
        if self.page_id.is_empty() { &self.page_url } else { &self.page_id }
    }

    /// The address of an incident's page, built here and never taken from the page; none where it has
    /// none of its own, or where the id is not one.
    pub fn incident_url(&self, id: &IncidentId) -> Option<String> {
        let letters = id.0.bytes().all(|b| b.is_ascii_alphanumeric());
        let is_id = !id.0.is_empty() && id.0.len() <= 64 && letters;
        (self.incident_pages && is_id).then(|| format!("{}/incidents/{id}", self.page_url))
    }

    /// Whether the user wants to hear of this level. Announced work is milder than `reported`, but
    /// with a kind of notice of its own: only who wants to hear of nothing mild is spared it.
    pub fn wants_level(&self, level: Level) -> bool {
        match level {
            Level::Maintenance => !self.min_level.is_worse_than(Level::Reported),
            level => level.is_at_least(self.min_level),
        }
    }
}

/// The kinds that the user wants to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedKinds(BTreeSet<Kind>);

impl Default for WantedKinds {
    fn default() -> Self {
        let on = |kind: &Kind| kind.row().switch.unwrap_or(true);
        Self(Kind::ALL.iter().copied().filter(on).collect())
    }
}

impl WantedKinds {
    /// Whether this kind is wanted.
    pub fn has(&self, kind: Kind) -> bool {
        self.0.contains(&kind)
    }

    /// Switches a kind on or off.
    pub fn set(&mut self, kind: Kind, on: bool) {
        if on {
            self.0.insert(kind);
        } else {
            self.0.remove(&kind);
        }
    }

    /// The same with one kind switched on or off.
    #[must_use]
    pub fn with(mut self, kind: Kind, on: bool) -> Self {
        self.set(kind, on);
        self
    }
}

/// A name as it is matched: without case, and without what stands in parentheses.
pub fn plain_name(name: &str) -> String {
    short_name(name).to_lowercase()
}

/// A name up to a parenthesis, trimmed. What stands behind the parenthesis of a group stays: "US-East
/// (N. Virginia): Storage (beta)" is "US-East: Storage".
pub fn short_name(name: &str) -> String {
    let (mut short, mut rest) = (String::new(), name.trim());
    loop {
        let (part, child) = up_to_parenthesis(rest);
        short.push_str(part);
        let Some(child) = child else { return short };
        short.push_str(": ");
        rest = child;
    }
}

/// The beginning of a name up to a parenthesis; and what a colon behind that sets off, if anything.
fn up_to_parenthesis(name: &str) -> (&str, Option<&str>) {
    let Some((before, within)) = name.split_once('(').filter(|(it, _)| !it.trim().is_empty())
    else {
        return (name, None);
    };
    let child = behind_parenthesis(within).and_then(|rest| rest.trim_start().strip_prefix(':'));
    (before.trim(), child.map(str::trim).filter(|child| !child.is_empty()))
}

/// What follows the parenthesis that is open, where it is ever closed.
fn behind_parenthesis(text: &str) -> Option<&str> {
    let mut open = 1_usize;
    let end = text.char_indices().find(|(_, c)| {
        match c {
            '(' => open += 1,
            ')' => open = open.saturating_sub(1),
            _ => {}
        }
        open == 0
    });
    end.and_then(|(at, _)| text.get(at + 1..))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_short_without_its_parentheses() {
        for (name, short) in [
            ("Claude API (api.anthropic.com)", "Claude API"),
            (" Claude Code ", "Claude Code"),
            ("(api.anthropic.com)", "(api.anthropic.com)"),
            ("US-East (N. Virginia): Storage", "US-East: Storage"),
            ("US-East (N. (old) Virginia) : Storage (S3)", "US-East: Storage"),
            ("US-East (N. Virginia): (S3)", "US-East: (S3)"),
            ("US-East (N. Virginia):", "US-East"),
            ("US-East (N. Virginia) Storage", "US-East"),
            ("a (b: c", "a"),
            ("", ""),
        ] {
            assert_eq!(short_name(name), short, "{name}");
        }
        let long = "a (b): ".repeat(50_000);
        assert_eq!(short_name(&long).len(), "a: ".len() * 50_000 - 2);
    }
}
