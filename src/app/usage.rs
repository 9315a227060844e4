//! A command line that can be parsed, and not be obeyed.

use crate::render::{sanitize, shell};
use ccwatch_core::state::component::Component;
use ccwatch_core::state::{PageState, is_meant};

/// What was asked for can't be.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
pub struct UsageError {
    /// Why not.
    pub what: String,
    /// The next step.
    pub hint: String,
}

impl UsageError {
    /// A component that isn't there, with those that are, as they can be typed.
    pub(crate) fn no_component(name: &str, there_are: &[Component]) -> Self {
        let known: Vec<String> = there_are
            .iter()
            .filter(|component| component.is_listed())
            .map(|component| shell::quoted(&sanitize::line(component.shown_name(), 80)))
            .collect();
        Self {
            what: format!(
                "the page has no component {}",
                sanitize::line(&shell::quoted(name), 200)
            ),
            hint: match known.is_empty() {
                true => "none is known yet; to read the page, run: ccwatch status --all".to_owned(),
                false => format!("it has: {}", known.join(", ")),
            },
        }
    }

    /// A page that isn't watched, with the keys of those that are.
    pub(crate) fn no_page<'k>(word: &str, there_are: impl Iterator<Item = &'k str>) -> Self {
        let word = sanitize::line(&shell::quoted(word), 200);
        let known: Vec<&str> = there_are.collect();
        Self {
            what: format!("no page {word} is watched"),
            hint: format!("those that are: {}", known.join(", ")),
        }
    }

    /// Whether each of the components that the command line names is there. Where nothing is known
    /// of the page, that can't be told.
    ///
    /// # Errors
    /// One is not there.
    pub(crate) fn check_components(named: &[String], page: &PageState) -> Result<(), Self> {
        let missing = |name: &&String| {
            let answers = |c: &Component| is_meant(name, c);
            !page.components().is_empty() && !page.components().iter().any(answers)
        };
        let Some(name) = named.iter().find(missing) else { return Ok(()) };
        Err(Self::no_component(name, page.components()))
    }
}
