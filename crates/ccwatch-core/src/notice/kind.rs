//! The two tables of notices: which kinds there are, and the reasons why one is told or not. They stand
//! in one place, since a new kind mostly brings a reason with it.

use serde::Serialize;

use Weight::ByLevel;

/// Makes a type, its rows and the list of all of it from one table.
macro_rules! table {
    ($(#[doc = $about:literal])+ $type:ident, rows of $row:ty: $($(#[doc = $doc:literal])+ $name:ident => $make:expr;)+) => {
        $(#[doc = $about])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $type {
            $($(#[doc = $doc])+ $name,)+
        }

        impl $type {
            /// All of them, in the order of the table.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// Their words, in the same order.
            pub const WORDS: [&'static str; Self::ALL.len()] = [$($make.word,)+];

            /// Its row of the table.
            pub fn row(self) -> &'static $row {
                match self {
                    $(Self::$name => const { &$make },)+
                }
            }

            /// The word used in JSON, the log, the database and the configuration.
            pub fn as_str(self) -> &'static str {
                self.row().word
            }
        }
    };
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

/// A row of the table of kinds.
#[derive(Debug, Clone, Copy)]
pub struct KindRow {
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

/// Told unless the user switches it off.
const ON: Option<bool> = Some(true);
/// Told where the user switches it on.
const OFF: Option<bool> = Some(false);

/// A row of the table of kinds.
const fn row(
    word: &'static str,
    switch: Option<bool>,
    weight: Weight,
    look: Look,
    tells_of: TellsOf,
    waiting: Waiting,
) -> KindRow {
    KindRow { word, switch, weight, look, tells_of, waiting }
}

/// A row of what may be collected quietly.
const fn plain(
    word: &'static str,
    switch: Option<bool>,
    tells_of: TellsOf,
    waiting: Waiting,
) -> KindRow {
    row(word, switch, Weight::Low, Look::Plain, tells_of, waiting)
}

table! {
    /// What a notice is about; the order is that of the configuration.
    Kind, rows of KindRow:

    /// A watched component became affected.
    Outage => row("outage", ON, ByLevel, Look::Outage, TellsOf::Outage, Waiting::Outage);
    /// It got worse, another one joined, or the fix did not hold.
    Worse => row("worse", ON, ByLevel, Look::Outage, TellsOf::Outage, Waiting::Outage);
    /// A retry makes sense though the page is still red.
    FixOut => row("fix_out", ON, ByLevel, Look::Fix, TellsOf::Either, Waiting::Outage);
    /// The episode is over.
    Back => row("back", ON, ByLevel, Look::Back, TellsOf::None, Waiting::Return);
    /// An incident that names no component.
    Unattributed => plain("unattributed", OFF, TellsOf::None, Waiting::Incident);
    /// The page can't be read while an episode is open.
    LostSight => plain("lost_sight", ON, TellsOf::None, Waiting::Withdrawal);
    /// Announced work.
    Maintenance => plain("maintenance", ON, TellsOf::Work, Waiting::Outage);
    /// Only learnt when it was over.
    AfterTheFact => plain("after_the_fact", OFF, TellsOf::None, Waiting::Age);
    /// API errors on this machine while the page is green.
    Suspect => plain("suspect", ON, TellsOf::None, Waiting::Suspicion);
    /// A watched component vanished from the page, or an entry of the watch list was never on it.
    ComponentGone => plain("component_gone", None, TellsOf::None, Waiting::Absence);
    /// The page calls a watched component something else.
    Renamed => plain("renamed", None, TellsOf::None, Waiting::Age);
    /// The watched page itself moved, changed its id, refuses us or lists nothing, for an hour.
    PageTrouble => plain("page_trouble", ON, TellsOf::None, Waiting::Trouble);
    /// That is over: the page can be read again.
    PageReadable => plain("page_readable", None, TellsOf::None, Waiting::Age);
}

impl Kind {
    /// Whether it says that something is over: nobody is told the end of what nobody heard of.
    pub fn is_end(self) -> bool {
        matches!(self, Self::Back | Self::PageReadable)
    }

    /// Whether it says that an outage goes on, which is no longer so once that is over.
    pub fn says_outage(self) -> bool {
        matches!(self, Self::Outage | Self::Worse | Self::FixOut)
    }
}

/// A row of the table of reasons.
#[derive(Debug, Clone, Copy)]
pub struct ReasonRow {
    /// The word in JSON and the database.
    pub word: &'static str,
    /// Whether it is a reason to tell.
    pub tells: bool,
    /// What the history says of it.
    pub said: &'static str,
}

/// A reason to tell.
const fn told(word: &'static str, said: &'static str) -> ReasonRow {
    ReasonRow { word, tells: true, said }
}

/// A reason to be quiet.
const fn quiet(word: &'static str, said: &'static str) -> ReasonRow {
    ReasonRow { word, tells: false, said }
}

table! {
    /// Why something is told, or why it is not. Stored with each transition and each notice.
    Reason, rows of ReasonRow:

    /// A watched component became affected and nothing else was.
    NewOutage => told("new_outage", "told: a new outage");
    /// It was told to be back, and is red again in the same incident.
    Relapsed => told("relapsed", "told: red again in the same incident");
    /// Its level rose above what was told.
    GotWorse => told("got_worse", "told: it got worse");
    /// It joined an outage that was told before.
    Joined => told("joined", "told: one more joined");
    /// The fix did not hold.
    FellBack => told("fell_back", "told: the fix did not hold");
    /// The fix is out while the page is still red.
    FixIsOut => told("fix_is_out", "told: a fix is out");
    /// It is over.
    Recovered => told("recovered", "told: it is back");
    /// An outage inside announced work is over, and the work goes on.
    WorkGoesOn => told("work_goes_on", "told: the outage is over, maintenance goes on");
    /// The page shows maintenance in place of an outage.
    TurnedIntoWork => told("turned_into_work", "told: under maintenance in place of the outage");
    /// What goes on is only about models that the user doesn't use.
    OthersOnly => told("others_only", "told: what goes on is about other models");
    /// What goes on is only reported, and milder than `min_level`.
    MilderOnly => told("milder_only", "told: what goes on is milder than watch.min_level");
    /// The incident has been silent so long that it no longer counts.
    Faded => told("faded", "told: the incident went silent");
    /// The page can't be read while an episode is open.
    PageUnreadable => told("page_unreadable", "told: the page can't be read");
    /// Announced work began.
    MaintenanceBegan => told("maintenance_began", "told: maintenance began");
    /// Announced work is to take longer.
    MaintenanceExtended => told("maintenance_extended", "told: maintenance takes longer");
    /// The planned end of announced work is past, and it goes on.
    MaintenanceOverruns => told("maintenance_overruns", "told: past its planned end");
    /// Announced work is over while the page still shows it: a retry makes sense.
    MaintenanceOver => told("maintenance_over", "told: maintenance is over, or no longer listed");
    /// A watched component vanished.
    Vanished => told("vanished", "told: no longer on the page");
    /// The page calls a watched component something else.
    Renamed => told("renamed", "told: the page gave it another name or place");
    /// Nothing on the page answers to an entry of the watch list.
    NotListed => told("not_listed", "told: not on the page");
    /// The watched page itself moved, changed its id, refuses us or lists nothing.
    PageTrouble => told("page_trouble", "told: the page itself can't be used");
    /// The page can be read again.
    PageReadable => told("page_readable", "told: the page can be read again");
    /// Posted or found only afterwards.
    LearntLater => told("learnt_later", "told: learnt afterwards");
    /// An incident that names no component.
    NoComponentNamed => told("no_component_named", "told: it names no component");
    /// Such an incident is over.
    IncidentOver => told("incident_over", "told: the incident is over");
    /// A burst of API errors on this machine while the page is green.
    LocalErrors => told("local_errors", "told: API errors on this machine");

    /// Nobody watches this component.
    NotWatched => quiet("not_watched", "not told: you don't watch it");
    /// Milder than `min_level`.
    BelowMinLevel => quiet("below_min_level", "not told: milder than watch.min_level");
    /// The incident's title names only models that the user doesn't use.
    OtherModels => quiet("other_models", "not told: only models that you don't use");
    /// This kind of notice is switched off.
    SwitchedOff => quiet("switched_off", "not told: switched off in the configuration");
    /// The user knows this already.
    AlreadyTold => quiet("already_told", "told before");
    /// The user muted it.
    Muted => quiet("muted", "not told: muted");
    /// The user's requests go another way.
    OtherRoad => quiet("other_road", "not told: your requests go another way");
    /// Its beginning was never told.
    NeverTold => quiet("never_told", "not told: its beginning wasn't either");
    /// It was over while nobody looked, and away again when somebody did.
    AwayAgain => quiet("away_again", "not told: it was affected again when ccwatch looked");
    /// It has not looked well for long enough yet.
    Settling => quiet("settling", "not told yet: it must look well for a while");
    /// Nothing that calls for a message.
    NoNews => quiet("no_news", "not told: no news");
}

impl Reason {
    /// Whether this is a reason to tell.
    pub fn tells(self) -> bool {
        self.row().tells
    }

    /// What the history says of it.
    pub fn said(self) -> &'static str {
        self.row().said
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_the_one_that_serde_gives_and_stands_for_one_thing() {
        let kinds = Kind::ALL.iter().map(|kind| (kind.as_str(), serde_json::to_value(kind)));
        let reasons = Reason::ALL.iter().map(|why| (why.as_str(), serde_json::to_value(why)));
        for (word, printed) in kinds.chain(reasons) {
            assert_eq!(printed.unwrap(), word);
        }
    }

    #[test]
    fn what_is_said_of_a_reason_begins_with_whether_it_was_told() {
        for reason in Reason::ALL {
            let row = reason.row();
            assert_eq!(row.said.starts_with("told: "), row.tells, "{row:?}");
        }
    }
}
