//! The table of notice kinds.

use alloc::collections::BTreeSet;

use serde::Serialize;

use Weight::ByLevel;

/// What a notice is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A watched component became affected.
    Outage,
    /// It got worse, another one joined, or the fix did not hold.
    Worse,
    /// A retry makes sense though the page is still red.
    FixOut,
    /// The episode is over.
    Back,
    /// An incident that names no component.
    Unattributed,
    /// The page can't be read while an episode is open.
    LostSight,
    /// Announced work.
    Maintenance,
    /// Only learnt when it was over.
    AfterTheFact,
    /// API errors on this machine while the page is green.
    Suspect,
    /// A watched component vanished from the page, or an entry of the watch list was never on it.
    ComponentGone,
    /// The page calls a watched component something else.
    Renamed,
    /// The watched page itself moved, changed its id, refuses us or lists nothing, for an hour.
    PageTrouble,
    /// That is over: the page can be read again.
    PageReadable,
}

/// How strongly the notices of a kind ask for attention.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// They may be collected quietly.
    Low,
    /// They are a banner, and stay on the screen from a level on that the user chose.
    ByLevel,
}

/// What a notice looks like beside its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// As the program itself.
    Plain,
    /// An outage.
    Outage,
    /// A fix that is out.
    Fix,
    /// A return.
    Back,
}

/// Of which episodes a notice is the message, as the history names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TellsOf {
    /// Of none: an end, or no matter of an episode.
    None,
    /// Of outages.
    Outage,
    /// Of announced work.
    Work,
    /// Of both.
    Either,
}

impl TellsOf {
    /// Whether it is the message about an episode, which is one of announced work or an outage.
    pub fn episode(self, of_work: bool) -> bool {
        match self {
            Self::None => false,
            Self::Outage => !of_work,
            Self::Work => of_work,
            Self::Either => true,
        }
    }
}

/// What decides whether a notice still holds when it had to wait: see `monitor/weigh.rs`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waiting {
    /// How its outage is now.
    Outage,
    /// Whether its components are still well.
    Return,
    /// Whether its components are still missing.
    Absence,
    /// Whether this machine's sessions still make the page suspect.
    Suspicion,
    /// Whether its incident is still open.
    Incident,
    /// Its age.
    Age,
    /// Nothing: it holds until something withdraws it.
    Withdrawal,
    /// Nothing either, and it needs no good reading to go out: it says that there is none.
    Trouble,
}

/// One row of the table.
#[derive(Debug, Clone, Copy)]
pub struct KindRow {
    /// The kind.
    pub kind: Kind,
    /// The word in JSON, the log, the database and the configuration.
    pub word: &'static str,
    /// Whether it is told where the configuration doesn't say; none: it can't be switched off.
    pub switch: Option<bool>,
    /// How strongly it asks for attention.
    pub weight: Weight,
    /// What it looks like.
    pub look: Look,
    /// Of which episodes it is the message.
    pub tells_of: TellsOf,
    /// What decides whether it still holds when it had to wait.
    pub waiting: Waiting,
}

/// All kinds, in the order of the configuration.
pub const KINDS: [KindRow; 13] = [
    row(Kind::Outage, "outage", ON, ByLevel, Look::Outage, TellsOf::Outage, Waiting::Outage),
    row(Kind::Worse, "worse", ON, ByLevel, Look::Outage, TellsOf::Outage, Waiting::Outage),
    row(Kind::FixOut, "fix_out", ON, ByLevel, Look::Fix, TellsOf::Either, Waiting::Outage),
    row(Kind::Back, "back", ON, ByLevel, Look::Back, TellsOf::None, Waiting::Return),
    plain(Kind::Unattributed, "unattributed", OFF, TellsOf::None, Waiting::Incident),
    plain(Kind::LostSight, "lost_sight", ON, TellsOf::None, Waiting::Withdrawal),
    plain(Kind::Maintenance, "maintenance", ON, TellsOf::Work, Waiting::Outage),
    plain(Kind::AfterTheFact, "after_the_fact", OFF, TellsOf::None, Waiting::Age),
    plain(Kind::Suspect, "suspect", ON, TellsOf::None, Waiting::Suspicion),
    plain(Kind::ComponentGone, "component_gone", None, TellsOf::None, Waiting::Absence),
    plain(Kind::Renamed, "renamed", None, TellsOf::None, Waiting::Age),
    plain(Kind::PageTrouble, "page_trouble", ON, TellsOf::None, Waiting::Trouble),
    plain(Kind::PageReadable, "page_readable", None, TellsOf::None, Waiting::Age),
];

/// Told unless the user switches it off.
const ON: Option<bool> = Some(true);
/// Told where the user switches it on.
const OFF: Option<bool> = Some(false);

/// Their words, in the same order.
#[expect(clippy::indexing_slicing, reason = "the compiler runs it, and knows the length")]
pub const WORDS: [&str; KINDS.len()] = {
    let mut words = [""; KINDS.len()];
    let mut at = 0;
    while at < words.len() {
        words[at] = KINDS[at].word;
        at += 1;
    }
    words
};

const fn row(
    kind: Kind,
    word: &'static str,
    switch: Option<bool>,
    weight: Weight,
    look: Look,
    tells_of: TellsOf,
    waiting: Waiting,
) -> KindRow {
    KindRow { kind, word, switch, weight, look, tells_of, waiting }
}

/// A row of what may be collected quietly.
const fn plain(
    kind: Kind,
    word: &'static str,
    switch: Option<bool>,
    tells_of: TellsOf,
    waiting: Waiting,
) -> KindRow {
    row(kind, word, switch, Weight::Low, Look::Plain, tells_of, waiting)
}

impl Kind {
    /// Its row of the table.
    pub fn row(self) -> &'static KindRow {
        // Every kind has one, which a test holds; the first stands in for the impossible.
        KINDS.iter().find(|row| row.kind == self).unwrap_or(&KINDS[0])
    }

    /// Whether it says that something is over: nobody is told the end of what nobody heard of.
    pub fn is_end(self) -> bool {
        matches!(self, Self::Back | Self::PageReadable)
    }

    /// Whether it says that an outage goes on, which is no longer so once that is over.
    pub fn says_outage(self) -> bool {
        matches!(self, Self::Outage | Self::Worse | Self::FixOut)
    }

    /// The word used in JSON, the log and the database.
    pub fn as_str(self) -> &'static str {
        self.row().word
    }
}

/// The kinds that the user wants to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedKinds(BTreeSet<Kind>);

impl Default for WantedKinds {
    fn default() -> Self {
        let on = |row: &&KindRow| row.switch.unwrap_or(true);
        Self(KINDS.iter().filter(on).map(|row| row.kind).collect())
    }
}

impl WantedKinds {
    /// Whether this kind is wanted.
    pub fn has(&self, kind: Kind) -> bool {
        self.0.contains(&kind)
    }

    /// Switches a kind on or off.
    pub fn set(&mut self, kind: Kind, on: bool) {
        if on {
            self.0.insert(kind);
        } else {
            self.0.remove(&kind);
        }
    }

    /// The same with one kind switched on or off.
    #[must_use]
    pub fn with(mut self, kind: Kind, on: bool) -> Self {
        self.set(kind, on);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_one_row_and_the_word_that_serde_gives_it() {
        for row in KINDS {
            let same = KINDS.iter().filter(|other| other.kind == row.kind).count();
            assert_eq!(same, 1, "{row:?}");
            assert_eq!(serde_json::to_value(row.kind).unwrap(), row.word);
        }
    }
}
