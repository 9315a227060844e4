//! Why the verdict is unknown, as a fact; each place has room for other words.

use jiff::Timestamp;

use crate::model::Level;
use crate::state::PageState;
use crate::state::component::Component;
use crate::state::page_health::Failing;

/// What is missing for a verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubt<'a> {
    /// The page can't be read, for too long to go by what was read before.
    Failing(&'a Failing),
    /// The page was not read yet.
    NeverRead,
    /// The newest reading, of this time, is too old, and nothing failed since.
    TooOld(Timestamp),
    /// The page lists nothing that is watched.
    NothingWatched,
    /// Nothing that the page lists answers to this entry of `watch.components`.
    NotListed(&'a str),
    /// The page has a word for this component that is not known.
    UnknownWord(&'a Component),
}

impl PageState {
    /// What is missing for a verdict, where it is unknown.
    pub fn doubt(&self, now: Timestamp) -> Doubt<'_> {
        let health = self.page_health();
        let current = health.is_current(now, self.settings().stale_after);
        match (&health.failing, health.last_good) {
            (Some(failing), _) if !current => Doubt::Failing(failing),
            (_, None) => Doubt::NeverRead,
            (_, Some(at)) if !current => Doubt::TooOld(at),
            _ => self.doubt_of_watched(),
        }
    }

    /// What is missing though the page was read just now.
    fn doubt_of_watched(&self) -> Doubt<'_> {
        let mut listed = self.watched().filter(|component| component.is_listed()).peekable();
        if listed.peek().is_none() {
            return Doubt::NothingWatched;
        }
        let unknown = listed.find(|component| component.level == Level::Unknown);
        let missing = || self.missing_entries().into_iter().next().map(Doubt::NotListed);
        unknown.map(Doubt::UnknownWord).or_else(missing).unwrap_or(Doubt::NothingWatched)
    }
}
