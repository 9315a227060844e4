//! A terminal, or what stands in its place.

pub mod pipe;
pub mod spinner;

use std::io::{self, IsTerminal};

/// Colours only where a person looks: a terminal that can, and NO_COLOR unset.
pub(crate) fn colours() -> bool {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    io::stdout().is_terminal() && set("NO_COLOR").is_none() && !is_dumb()
}

/// A terminal that can't move its cursor.
pub(crate) fn is_dumb() -> bool {
    std::env::var_os("TERM").is_some_and(|term| term == "dumb")
}
