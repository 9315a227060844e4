//! The one decision: whether something is told, and why or why not.
//!
//! Whoever notices that there might be something to tell describes it as a [`Candidate`]; what the
//! user wants to hear is asked here and nowhere else, for all kinds alike, at every reading. So a
//! changed configuration, a renamed incident or a restart can neither lose a message nor repeat
//! one. The answer is a [`Reason`] either way, and is written down with the ids of what it is
//! about: that is how `history` knows why somebody was, or was not, told.

use alloc::string::String;

use jiff::Timestamp;
use serde::Serialize;

use crate::model::{ComponentId, IncidentId, Level};
use crate::notice::kind::{Kind, Reason};
use crate::notice::mute::End;
use crate::settings::Settings;

/// Something that there might be to tell.
#[derive(Debug, Clone, Copy)]
pub struct Candidate {
    /// What kind of notice it would be.
    pub kind: Kind,
    /// Why it would be told, or a reason that there is nothing to tell.
    pub news: Reason,
    /// Whether the user watches what it is about; what is about no component counts as watched.
    pub watched: bool,
    /// The level of what begins; none where nothing begins: who was told of a beginning is told
    /// how it goes on, whatever the filters say.
    pub begins_at: Option<Level>,
    /// Whether what begins is only about models that the user doesn't use.
    pub other_models: bool,
    /// The mute that covers it, by what it says of endings.
    pub muted: Option<End>,
    /// What the user knows of its beginning.
    pub beginning: Beginning,
    /// Whether this one is wanted, where something else than the switch of its kind says so.
    pub wanted: Option<bool>,
}

/// What the user knows of the beginning of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beginning {
    /// This is the beginning, or nothing that ends.
    Now,
    /// It was told, or its end was wished for: the end must not be lost.
    Awaited,
    /// It was not told: its end is no news.
    NeverTold,
}

/// Decides.
pub fn decide(candidate: &Candidate, settings: &Settings) -> Reason {
    if !candidate.watched {
        return Reason::NotWatched;
    }
    if !candidate.news.tells() {
        return candidate.news;
    }
    if candidate.beginning == Beginning::NeverTold && candidate.muted != Some(End::Always) {
        return if candidate.muted.is_some() { Reason::Muted } else { Reason::NeverTold };
    }
    if let Some(quiet) = filtered(candidate, settings) {
        return quiet;
    }
    if !candidate.wanted.unwrap_or_else(|| settings.tell.has(candidate.kind)) {
        return Reason::SwitchedOff;
    }
    // Who was told of a beginning is told how it goes on, whatever way requests go by then.
    if !settings.on_road && candidate.beginning == Beginning::Now {
        return Reason::OtherRoad;
    }
    let silent = match candidate.beginning {
        Beginning::Now => candidate.muted.is_some(),
        Beginning::Awaited | Beginning::NeverTold => candidate.muted == Some(End::Never),
    };
    if silent { Reason::Muted } else { candidate.news }
}

/// The filters of what begins: by level, and by model.
fn filtered(candidate: &Candidate, settings: &Settings) -> Option<Reason> {
    let below = candidate.begins_at.is_some_and(|level| !settings.wants_level(level));
    match (below, candidate.other_models) {
        (true, _) => Some(Reason::BelowMinLevel),
        (false, true) => Some(Reason::OtherModels),
        (false, false) => None,
    }
}

/// A decision as it is written down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// When it was made.
    pub at: Timestamp,
    /// What kind of notice it was about.
    pub kind: Kind,
    /// Why it was told, or why not.
    pub reason: Reason,
    /// The component that it was about, where it was about one.
    pub component: Option<ComponentId>,
    /// The component's name then, raw; empty where it was about none.
    pub name: String,
    /// The episode that it was about, where it was about one.
    pub episode: Option<String>,
    /// The incident that explained it, where there was one.
    pub incident: Option<IncidentId>,
    /// The notice that followed, where one did.
    pub notice: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(kind: Kind) -> Candidate {
        Candidate {
            kind,
            news: Reason::NewOutage,
            watched: true,
            begins_at: None,
            other_models: false,
            muted: None,
            beginning: Beginning::Now,
            wanted: None,
        }
    }

    #[test]
    fn every_kind_heeds_the_same_wishes() {
        let settings = Settings::default();
        for &kind in Kind::ALL {
            let one = candidate(kind);
            let off =
                Settings { tell: settings.tell.clone().with(kind, false), ..Settings::default() };
            let on =
                Settings { tell: settings.tell.clone().with(kind, true), ..Settings::default() };
            assert_eq!(decide(&one, &on), Reason::NewOutage, "{kind:?}");
            assert_eq!(decide(&one, &off), Reason::SwitchedOff, "{kind:?}");
            let unwatched = Candidate { watched: false, ..one };
            assert_eq!(decide(&unwatched, &on), Reason::NotWatched, "{kind:?}");
            for end in [End::IfTold, End::Always, End::Never] {
                let muted = Candidate { muted: Some(end), ..one };
                assert_eq!(decide(&muted, &on), Reason::Muted, "{kind:?} {end:?}");
            }
        }
    }

    #[test]
    fn off_the_road_only_what_was_told_goes_on_being_told() {
        let settings = Settings { on_road: false, ..Settings::default() };
        for &kind in Kind::ALL {
            let on = Settings {
                tell: settings.tell.clone().with(kind, true),
                on_road: false,
                ..Settings::default()
            };
            let one = candidate(kind);
            assert_eq!(decide(&one, &on), Reason::OtherRoad, "{kind:?}");
            let awaited = Candidate { beginning: Beginning::Awaited, ..one };
            assert_eq!(decide(&awaited, &on), Reason::NewOutage, "{kind:?}");
        }
    }

    #[test]
    fn what_one_candidate_says_of_being_wanted_goes_before_the_switch_of_its_kind() {
        let settings = Settings::default();
        for &kind in Kind::ALL {
            let one = |wanted| Candidate { wanted, ..candidate(kind) };
            assert_eq!(decide(&one(Some(true)), &settings), Reason::NewOutage, "{kind:?}");
            assert_eq!(decide(&one(Some(false)), &settings), Reason::SwitchedOff, "{kind:?}");
            let unwatched = Candidate { watched: false, ..one(Some(false)) };
            assert_eq!(decide(&unwatched, &settings), Reason::NotWatched, "{kind:?}");
        }
    }

    #[test]
    fn an_end_is_told_to_whoever_waits_for_it() {
        use Beginning::{Awaited, NeverTold};
        let cases = [
            (Awaited, None, Reason::Recovered),
            (Awaited, Some(End::IfTold), Reason::Recovered),
            (Awaited, Some(End::Always), Reason::Recovered),
            (Awaited, Some(End::Never), Reason::Muted),
            (NeverTold, None, Reason::NeverTold),
            (NeverTold, Some(End::IfTold), Reason::Muted),
            (NeverTold, Some(End::Always), Reason::Recovered),
            (NeverTold, Some(End::Never), Reason::Muted),
        ];
        for (beginning, muted, expected) in cases {
            let end =
                Candidate { news: Reason::Recovered, beginning, muted, ..candidate(Kind::Back) };
            assert_eq!(decide(&end, &Settings::default()), expected, "{beginning:?} {muted:?}");
        }
    }

    #[test]
    fn only_what_begins_is_filtered() {
        let settings = Settings {
            min_level: Level::Partial,
            models: vec!["haiku".into()],
            ..Settings::default()
        };
        let begins = Candidate {
            begins_at: Some(Level::Partial),
            other_models: true,
            ..candidate(Kind::Outage)
        };
        assert_eq!(decide(&begins, &settings), Reason::OtherModels);
        let mild = Candidate { begins_at: Some(Level::Degraded), other_models: false, ..begins };
        assert_eq!(decide(&mild, &settings), Reason::BelowMinLevel);
        let goes_on = Candidate { begins_at: None, other_models: false, ..begins };
        assert_eq!(decide(&goes_on, &settings), Reason::NewOutage);
    }
}
