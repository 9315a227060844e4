//! What Claude Code is told to do by itself when a request fails, and when each is worth it.

use super::settings::{Held, Settings};

/// A setting that makes Claude Code try again, or elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retry {
    /// Its name.
    pub name: &'static str,
    /// What it is set to, where that may be shown.
    pub value: Option<String>,
    /// Where it is set.
    pub place: String,
}

/// The settings, with what each is worth.
const RETRIES: [(&str, &str); 3] = [
    (
        "CLAUDE_CODE_RETRY_WATCHDOG",
        "waits out 429 and 529 without end: for runs that nobody watches; where you sit before \
         it, it only hides an outage",
    ),
    (
        "CLAUDE_CODE_MAX_RETRIES",
        "10 without it, 15 at most: a few tries more bridge a minute, not an outage",
    ),
    (
        FALLBACK,
        "another model takes over while yours is overloaded: for work that any of them can do",
    ),
];
/// A key of the settings and no variable.
const FALLBACK: &str = "fallbackModel";

/// What is set, in the order of the table.
pub(super) fn look(settings: &Settings<'_>) -> Vec<Retry> {
    let found = RETRIES.iter().filter_map(|(name, _)| {
        if *name == FALLBACK {
            let (models, place) = settings.fallback()?;
            return Some(Retry { name, value: Some(models), place });
        }
        let (held, place) = settings.get(name)?;
        let value = match held {
            Held::Count(count) => Some(count.to_string()),
            Held::On => Some("on".to_owned()),
            Held::Off => Some("off".to_owned()),
            _ => None,
        };
        Some(Retry { name, value, place })
    });
    found.collect()
}

/// When a setting is worth it.
pub fn worth(name: &str) -> &'static str {
    RETRIES.iter().find(|(known, _)| *known == name).map_or("", |(_, worth)| worth)
}

/// All of them, with when each is worth it.
pub fn all() -> impl Iterator<Item = (&'static str, &'static str)> {
    RETRIES.into_iter()
}
