//! A command line that can be parsed, and not be obeyed.

use crate::render::{sanitize, shell};
use ccwatch_core::settings::short_name;
use ccwatch_core::state::PageState;
use ccwatch_core::state::component::Component;
use ccwatch_core::state::watchlist;

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
    pub(crate) fn no_component(name: &str, there_are: &[&str]) -> Self {
        let known: Vec<String> = there_are
            .iter()
            .map(|name| shell::quoted(&sanitize::line(short_name(name), 80)))
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

    /// Whether each of the components that the command line names is there. Where nothing is known
    /// of the page, that can't be told.
    ///
    /// # Errors
    /// One is not there.
    pub(crate) fn check_components(named: &[String], page: &PageState) -> Result<(), Self> {
        let missing = |name: &&String| {
            let answers = |c: &Component| {
                // One that once answered to it, and has another name now, does so still.
                let still = c.watched.as_ref() == Some(*name);
                still || watchlist::fit(name, &c.id.0, &c.name, c.group.as_ref()).is_some()
            };
            !page.components().is_empty() && !page.components().iter().any(answers)
        };
        let Some(name) = named.iter().find(missing) else { return Ok(()) };
        let there_are: Vec<&str> = page.components().iter().map(|c| c.name.as_str()).collect();
        Err(Self::no_component(name, &there_are))
    }
}
