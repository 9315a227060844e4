//! A terminal, or what stands in its place.

pub mod pipe;
pub mod spinner;

use std::ffi::{OsStr, OsString};
use std::io::IsTerminal;

/// When there are colours, as the user asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colours {
    /// Where a person looks: on a terminal that can, unless the environment says otherwise.
    Auto,
    /// Anywhere.
    Always,
    /// Nowhere.
    Never,
}

impl Colours {
    /// Whether to write them to a stream.
    pub(crate) fn on(self, stream: &impl IsTerminal) -> bool {
        self.are_on(|name| std::env::var_os(name), can_draw(stream))
    }

    /// The same for a reader of whom it is known whether it shows colours. `NO_COLOR` goes before
    /// `CLICOLOR_FORCE`, and that before `CLICOLOR`; one that is empty is not set.
    pub(crate) fn are_on(
        self,
        env: impl Fn(&str) -> Option<OsString>,
        shows_colours: bool,
    ) -> bool {
        let set = |name: &str| env(name).filter(|value| !value.is_empty());
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::Auto if set("NO_COLOR").is_some() => false,
            Self::Auto if set("CLICOLOR_FORCE").is_some_and(|value| value != "0") => true,
            Self::Auto => shows_colours && set("CLICOLOR").is_none_or(|value| value != "0"),
        }
    }
}

/// Whether it is a terminal that can move its cursor.
pub(crate) fn can_draw(out: &impl IsTerminal) -> bool {
    out.is_terminal() && !is_dumb(std::env::var_os("TERM").as_deref())
}

/// Whether what `TERM` names can't even move its cursor, or is nothing.
pub(crate) fn is_dumb(term: Option<&OsStr>) -> bool {
    term.is_none_or(|term| term.is_empty() || term == "dumb")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_as_the_environment_and_the_user_want_them() {
        for (choice, set, terminal, expected) in [
            (Colours::Auto, &[][..], true, true),
            (Colours::Auto, &[], false, false),
            (Colours::Auto, &[("NO_COLOR", "1")], true, false),
            (Colours::Auto, &[("NO_COLOR", "")], true, true),
            (Colours::Auto, &[("CLICOLOR", "0")], true, false),
            (Colours::Auto, &[("CLICOLOR", "1")], false, false),
            (Colours::Auto, &[("CLICOLOR_FORCE", "1")], false, true),
            (Colours::Auto, &[("CLICOLOR_FORCE", "0")], false, false),
            (Colours::Auto, &[("CLICOLOR_FORCE", "1"), ("CLICOLOR", "0")], true, true),
            (Colours::Auto, &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], true, false),
            (Colours::Always, &[("NO_COLOR", "1")], false, true),
            (Colours::Never, &[("CLICOLOR_FORCE", "1")], true, false),
        ] {
            let env = |name: &str| {
                set.iter().find(|(known, _)| *known == name).map(|(_, value)| value.into())
            };
            assert_eq!(choice.are_on(env, terminal), expected, "{choice:?} {set:?} {terminal}");
        }
    }
}
