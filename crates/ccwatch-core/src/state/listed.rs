//! What the page lists of what is watched, apart from the entries that match nothing.
//!
//! Nothing is known of such an entry, and no reading will change that: it is most likely a slip of
//! the pen. Who waits can only wait for the rest.

use alloc::borrow::Cow;

use jiff::Timestamp;

use super::PageState;
use super::component::Component;
use crate::model::Level;

impl PageState {
    /// The same without the entries of `watch.components` that match nothing: what there is to say
    /// of the rest.
    pub fn listed(&self) -> Cow<'_, Self> {
        let missing = self.missing_entries();
        if missing.is_empty() {
            return Cow::Borrowed(self);
        }
        let mut rest = self.clone();
        rest.settings.watch.retain(|entry| !missing.contains(&entry.as_str()));
        Cow::Owned(rest)
    }

    /// The components that nobody watches and that aren't well, as far as is known.
    pub fn elsewhere(&self) -> impl Iterator<Item = &Component> {
        let bad = |c: &&Component| c.is_listed() && c.level.is_worse_than(Level::Operational);
        self.components.iter().filter(|component| component.watched.is_none()).filter(bad)
    }

    /// The same as if just these components were all that there is, and all watched.
    pub fn of_those(&self, which: impl Fn(&Component) -> bool) -> Self {
        let mut those = self.clone();
        those.components.retain(which);
        for component in &mut those.components {
            component.watched.get_or_insert_default();
        }
        those.settings.watch.clear();
        those
    }

    /// Whether the page, read lately, lists nothing at all of what is watched.
    pub fn lists_nothing_watched(&self, now: Timestamp) -> bool {
        let missing = self.missing_entries().len();
        missing > 0
            && missing == self.settings.watch.len()
            && self.page_health.is_current(now, self.settings.stale_after)
    }
}
