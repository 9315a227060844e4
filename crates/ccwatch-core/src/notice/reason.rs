//! Why something is told, or why it is not.

use serde::Serialize;

/// Why something is told, or why it is not. Stored with each transition and each notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Told: a watched component became affected and nothing else was.
    NewOutage,
    /// Told: it was told to be back, and is red again in the same incident.
    Relapsed,
    /// Told: its level rose above what was told.
    GotWorse,
    /// Told: it joined an outage that was told before.
    Joined,
    /// Told: the fix did not hold.
    FellBack,
    /// Told: the fix is out while the page is still red.
    FixIsOut,
    /// Told: it is over.
    Recovered,
    /// Told: an outage inside announced work is over, and the work goes on.
    WorkGoesOn,
    /// Told: the page shows maintenance in place of an outage.
    TurnedIntoWork,
    /// Told: what goes on is only about models that the user doesn't use.
    OthersOnly,
    /// Told: what goes on is only reported, and milder than `min_level`.
    MilderOnly,
    /// Told: the incident has been silent so long that it no longer counts.
    Faded,
    /// Told: the page can't be read while an episode is open.
    PageUnreadable,
    /// Told: announced work began.
    MaintenanceBegan,
    /// Told: announced work is to take longer.
    MaintenanceExtended,
    /// Told: the planned end of announced work is past, and it goes on.
    MaintenanceOverruns,
    /// Told: announced work is over while the page still shows it: a retry makes sense.
    MaintenanceOver,
    /// Told: a watched component vanished.
    Vanished,
    /// Told: the page calls a watched component something else.
    Renamed,
    /// Told: nothing on the page answers to an entry of the watch list.
    NotListed,
    /// Told: the watched page itself moved, changed its id, refuses us or lists nothing.
    PageTrouble,
    /// Told: the page can be read again.
    PageReadable,
    /// Told: posted or found only afterwards.
    LearntLater,
    /// Told: an incident that names no component.
    NoComponentNamed,
    /// Told: such an incident is over.
    IncidentOver,
    /// Told: a burst of API errors on this machine while the page is green.
    LocalErrors,

    /// Quiet: nobody watches this component.
    NotWatched,
    /// Quiet: milder than `min_level`.
    BelowMinLevel,
    /// Quiet: the incident's title names only models that the user doesn't use.
    OtherModels,
    /// Quiet: this kind of notice is switched off.
    SwitchedOff,
    /// Quiet: the user knows this already.
    AlreadyTold,
    /// Quiet: the user muted it.
    Muted,
    /// Quiet: the user's requests go another way.
    OtherRoad,
    /// Quiet: its beginning was never told.
    NeverTold,
    /// Quiet: it was over while nobody looked, and away again when somebody did.
    AwayAgain,
    /// Quiet: it has not looked well for long enough yet.
    Settling,
    /// Quiet: nothing that calls for a message.
    NoNews,
}

impl Reason {
    /// Whether this is a reason to tell.
    pub fn tells(self) -> bool {
        use Reason as R;
        match self {
            R::NewOutage | R::GotWorse | R::Joined | R::FellBack | R::FixIsOut | R::Recovered => {
                true
            }
            R::Relapsed | R::WorkGoesOn | R::TurnedIntoWork => true,
            R::OthersOnly | R::MilderOnly => true,
            R::Faded | R::PageUnreadable | R::MaintenanceBegan => true,
            R::MaintenanceExtended | R::MaintenanceOverruns | R::MaintenanceOver => true,
            R::Vanished | R::NotListed | R::PageTrouble | R::PageReadable => true,
            R::Renamed | R::LearntLater | R::NoComponentNamed => true,
            R::IncidentOver | R::LocalErrors => true,
            R::NotWatched | R::BelowMinLevel | R::OtherModels | R::SwitchedOff => false,
            R::AlreadyTold | R::Muted | R::OtherRoad | R::NeverTold | R::AwayAgain => false,
            R::Settling | R::NoNews => false,
        }
    }

    /// The word used in JSON and the database.
    pub fn as_str(self) -> &'static str {
        use Reason as R;
        match self {
            R::NewOutage => "new_outage",
            R::Relapsed => "relapsed",
            R::GotWorse => "got_worse",
            R::Joined => "joined",
            R::FellBack => "fell_back",
            R::FixIsOut => "fix_is_out",
            R::Recovered => "recovered",
            R::WorkGoesOn => "work_goes_on",
            R::TurnedIntoWork => "turned_into_work",
            R::OthersOnly => "others_only",
            R::MilderOnly => "milder_only",
            R::Faded => "faded",
            R::PageUnreadable => "page_unreadable",
            R::MaintenanceBegan => "maintenance_began",
            R::MaintenanceExtended => "maintenance_extended",
            R::MaintenanceOverruns => "maintenance_overruns",
            R::MaintenanceOver => "maintenance_over",
            R::Vanished => "vanished",
            R::Renamed => "renamed",
            R::NotListed => "not_listed",
            R::PageTrouble => "page_trouble",
            R::PageReadable => "page_readable",
            R::LearntLater => "learnt_later",
            R::NoComponentNamed => "no_component_named",
            R::IncidentOver => "incident_over",
            R::LocalErrors => "local_errors",
            R::NotWatched => "not_watched",
            R::BelowMinLevel => "below_min_level",
            R::OtherModels => "other_models",
            R::SwitchedOff => "switched_off",
            R::AlreadyTold => "already_told",
            R::Muted => "muted",
            R::OtherRoad => "other_road",
            R::NeverTold => "never_told",
            R::AwayAgain => "away_again",
            R::Settling => "settling",
            R::NoNews => "no_news",
        }
    }
}
