//! A terminal, or what stands in its place.

pub mod pipe;
pub mod spinner;

use std::io::{self, IsTerminal};

/// Colours only where a person looks: a terminal that can, and NO_COLOR unset.
pub(crate) fn colours() -> bool {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    can_draw(&io::stdout()) && set("NO_COLOR").is_none()
}

/// Whether it is a terminal that can move its cursor.
pub(crate) fn can_draw(out: &impl IsTerminal) -> bool {
    let term = std::env::var_os("TERM");
    let dumb = term.is_none_or(|term| term.is_empty() || term == "dumb");
    out.is_terminal() && !dumb
}
