//! What Claude Code is told to do by itself when a request fails, what that comes to, and when each
//! is worth it.

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
    /// What that comes to, where it isn't what the value says.
    pub effect: Option<&'static str>,
}

/// The settings, with what each is worth.
const RETRIES: [(&str, &str); 3] = [
    (
        WATCHDOG,
        "waits out 429 and 529 without end: for runs that nobody watches; where you sit before \
         it, it only hides an outage",
    ),
    (MAX_RETRIES, "10 without it, 15 at most: a few tries more bridge a minute, not an outage"),
    (
        FALLBACK,
        "another model takes over while yours is overloaded: for work that any of them can do",
    ),
];
const WATCHDOG: &str = "CLAUDE_CODE_RETRY_WATCHDOG";
const MAX_RETRIES: &str = "CLAUDE_CODE_MAX_RETRIES";
/// A key of the settings and no variable.
const FALLBACK: &str = "fallbackModel";
/// More tries than these Claude Code doesn't make.
const MOST: u32 = 15;

/// What is set, in the order of the table.
pub(super) fn look(settings: &Settings<'_>) -> Vec<Retry> {
    let found = RETRIES.iter().filter_map(|(name, _)| {
        if *name == FALLBACK {
            let (models, place) = settings.fallback()?;
            return Some(Retry { name, value: Some(models), place, effect: None });
        }
        let (held, place) = settings.get(name)?;
        let value = match held {
            Held::Count(count) => Some(count.to_string()),
            Held::On => Some("on".to_owned()),
            Held::Off => Some("off".to_owned()),
            _ => None,
        };
        Some(Retry { name, value, place, effect: effect(name, &held) })
    });
    found.collect()
}

/// What a value comes to, where it isn't what it says.
fn effect(name: &str, held: &Held) -> Option<&'static str> {
    match (name, held) {
        (WATCHDOG, Held::Off) => {
            Some("switched off, as without it: failed requests are tried 10 times")
        }
        (MAX_RETRIES, Held::Count(0)) => {
            Some("no failed request is tried again, so that every short trouble ends a turn")
        }
        (MAX_RETRIES, Held::Count(count)) if *count > MOST => {
            Some("more than there can be: 15 are in force")
        }
        (MAX_RETRIES, Held::Count(_)) => None,
        (MAX_RETRIES, _) => Some("not a number from 0 to 15: the usual 10 are in force"),
        _ => None,
    }
}

impl Retry {
    /// What it does here: what its value comes to, or else when it is worth it.
    pub fn words(&self) -> &'static str {
        let worth = RETRIES.iter().find(|(known, _)| *known == self.name);
        self.effect.unwrap_or_else(|| worth.map_or("", |(_, worth)| worth))
    }

    /// Whether it says something that Claude Code can't do, or nobody wants.
    pub fn is_mistaken(&self) -> bool {
        self.name == MAX_RETRIES && self.effect.is_some()
    }
}

/// All of them, with when each is worth it.
pub fn all() -> impl Iterator<Item = (&'static str, &'static str)> {
    RETRIES.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_value_comes_to_is_said_where_it_says_something_else() {
        for (name, held, words) in [
            (MAX_RETRIES, Held::Count(0), Some("no failed request")),
            (MAX_RETRIES, Held::Count(15), None),
            (MAX_RETRIES, Held::Count(99), Some("15 are in force")),
            (MAX_RETRIES, Held::Present, Some("10 are in force")),
            (WATCHDOG, Held::On, None),
            (WATCHDOG, Held::Off, Some("switched off")),
            (FALLBACK, Held::Present, None),
        ] {
            let found = effect(name, &held);
            assert_eq!(found.is_some(), words.is_some(), "{name} {held:?}: {found:?}");
            assert!(
                found.zip(words).is_none_or(|(found, words)| found.contains(words)),
                "{found:?}"
            );
            let retry = Retry { name, value: None, place: String::new(), effect: found };
            assert_eq!(retry.is_mistaken(), name == MAX_RETRIES && words.is_some());
            assert!(!retry.words().is_empty());
        }
    }
}
