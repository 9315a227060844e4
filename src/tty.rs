//! A terminal, or what stands in its place.

pub mod pipe;
pub mod spinner;

use std::ffi::OsStr;
use std::io::{self, IsTerminal};

/// Colours only where a person looks: a terminal that can, and NO_COLOR unset.
pub(crate) fn colours() -> bool {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    can_draw(&io::stdout()) && set("NO_COLOR").is_none()
}

/// Whether it is a terminal that can move its cursor.
pub(crate) fn can_draw(out: &impl IsTerminal) -> bool {
    out.is_terminal() && !is_dumb(std::env::var_os("TERM").as_deref())
}

/// Whether what `TERM` names can't even move its cursor, or is nothing.
pub(crate) fn is_dumb(term: Option<&OsStr>) -> bool {
    term.is_none_or(|term| term.is_empty() || term == "dumb")
}
