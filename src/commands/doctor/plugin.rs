//! Our plugin for Claude Code: is it there, up to date, and heard of?

use std::path::Path;

use super::Finding::{self, Fix, Skipped, Well};
use crate::claude_code::local::inbox;
use crate::claude_code::place::Place;
use crate::claude_code::plugin::registered;
use crate::cli::Global;
use crate::commands::plugin::{self, Standing};
use crate::platform::clock;
use ccwatch_core::text;
use ccwatch_core::time::between;

/// Reads the files that Claude Code keeps of its plugins.
pub(super) fn check(global: &Global, state: Option<&Path>) -> Finding {
    let Some(place) = Place::of_process().filter(|place| place.config.is_dir()) else {
        return Skipped("there is no Claude Code of yours on this machine".to_owned());
    };
    let (ours, dir) = match (plugin::ours(global), plugin::place()) {
        (Ok(ours), Ok(dir)) => (ours, dir),
        (Err(error), _) | (_, Err(error)) => return Skipped(format!("can't tell: {error:#}")),
    };
    let standing = Standing::of(&ours, &dir, registered(&place).as_ref());
    let found = standing.words();
    let found = found.trim_end_matches('.');
    match (standing.step(), &standing) {
        // Nobody has to have it.
        (Some(step), Standing::Missing) => Skipped(format!("{found}. {step}")),
        (Some(step), _) => Fix(found.to_owned(), step.to_owned()),
        (None, _) => match state.and_then(inbox::last_heard) {
            Some(at) => {
                let ago = text::duration(between(at, clock::now()));
                Well(format!("{found}; heard of last {ago} ago"))
            }
            None => Well(format!("{found}; nothing was heard of it yet")),
        },
    }
}
