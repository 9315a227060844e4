//! What Claude Code does by itself when a request fails: what is set, and when that is worth it.

use super::Finding::{self, Fix, Skipped, Well};
use crate::claude_code::place::{Place, environment};
use crate::claude_code::{retries, route};

/// Reads the settings of this directory and the environment of this shell.
pub(super) fn check() -> Finding {
    let Some(place) = Place::of_process() else {
        return Skipped("there is no home directory to look for settings in".to_owned());
    };
    let found = route::look(&environment, &place).retries;
    if found.is_empty() {
        let known: Vec<String> =
            retries::all().map(|(name, worth)| format!("{name} ({worth})")).collect();
        return Skipped(format!("Claude Code tries 10 times; not set: {}", known.join("; ")));
    }
    let set = found.iter().map(|retry| {
        let value = retry.value.as_ref().map(|value| format!(" {value}")).unwrap_or_default();
        format!("{}{value}, set in {}: {}", retry.name, retry.place, retry.words())
    });
    let set = set.collect::<Vec<_>>().join("; ");
    match found.iter().find(|retry| retry.is_mistaken()) {
        Some(retry) => {
            let next = format!("set {} to a number from 1 to 15, or take it out", retry.name);
            Fix(set, next)
        }
        None => Well(set),
    }
}
