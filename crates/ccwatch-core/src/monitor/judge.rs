//! What is new, and so might be told, put before the one decision.

use core::time::Duration;

use jiff::Timestamp;

use crate::decide::decision::{Beginning, Candidate, decide};
use crate::model::{Incident, Level};
use crate::notice::kind::{Kind, Reason};
use crate::settings::Settings;
use crate::state::component::{Component, Episode, Fix, Told};
use crate::time::between;

use super::Monitor;
use super::draft::Place;

/// Who was told that a component is gone is not told again for this long.
const GONE_AGAIN: Duration = Duration::from_secs(24 * 3600);

/// What else is told, beside the episode in question.
#[derive(Debug, Clone, Copy)]
pub(super) struct Around {
    /// Another component's outage is told already.
    pub(super) open: bool,
    /// This reading calls for a message that a fix is out: what would be told so a reading later
    /// goes with it.
    pub(super) fix_is_told: bool,
}

impl Monitor {
    /// Whether the user is told that an episode is over, and in which kind of message.
    pub(super) fn judge_end(
        &self,
        now: Timestamp,
        place: Place,
        episode: &Episode,
    ) -> (Kind, Reason) {
        let Some(component) = self.state.components.get(place) else {
            return (Kind::Back, Reason::NoNews);
        };
        let incident = episode.incident.as_ref().and_then(|id| self.state.incidents.get(id));
        let counts = |i: &Incident| self.state.incidents.raises(i, &component.id);
        let faded = episode.level == Level::Reported && incident.is_some_and(counts);
        let goes_on = component.affected().map(|now| now.id != episode.id);
        let awaited = match goes_on {
            // Who was told of the work alone hears of its end.
            Some(true) => episode.outage_thread().is_some() || episode.tell_end,
            Some(false) | None => episode.told.is_some() || episode.tell_end,
        };
        let left_behind = goes_on == Some(true)
            && component.affected().is_some_and(|now| matches!(now.fix, Fix::Out { .. }));
        // Whoever was in maintenance before has what there was before; of the others nobody is back.
        let turned = goes_on == Some(true) && episode.work_began.is_none() && !left_behind;
        let kind = if turned { Kind::Maintenance } else { Kind::Back };
        let tell = &self.state.settings.tell;
        let candidate = Candidate {
            kind,
            news: match (goes_on, faded) {
                (Some(true), _) if left_behind => Reason::MaintenanceOver,
                (Some(true), _) if turned => Reason::TurnedIntoWork,
                (Some(true), _) => Reason::WorkGoesOn,
                (Some(false), _) if self.state.is_too_mild(component) => Reason::MilderOnly,
                (Some(false), _) => Reason::OthersOnly,
                (None, true) => Reason::Faded,
                (None, false) => Reason::Recovered,
            },
            watched: component.watched.is_some(),
            begins_at: None,
            other_models: false,
            muted: self.state.mute_of(now, episode.explained_by()).map(|mute| mute.end),
            beginning: if awaited { Beginning::Awaited } else { Beginning::NeverTold },
            // It is the end of an outage, whoever wants to hear of announced work or not.
            wanted: turned.then_some(tell.has(Kind::Maintenance) || tell.has(Kind::Back)),
        };
        (kind, decide(&candidate, &self.state.settings))
    }

    /// Whether the user is told that a component is gone for good, as far as two readings tell.
    /// One that the page lists again under another id isn't gone, and one that comes and goes is
    /// told once a day, unless it takes an outage with it that the user was told of.
    pub(super) fn judge_vanished(
        &self,
        now: Timestamp,
        place: Place,
        episode: Option<&Episode>,
    ) -> Reason {
        let Some(gone) = self.state.components.get(place) else { return Reason::NoNews };
        // Who was told of an outage must not wait for an end that never comes.
        let awaited = episode.is_some_and(|episode| episode.told.is_some());
        let lately = gone.gone_told.is_some_and(|at| between(at, now) < GONE_AGAIN);
        let moved = self.state.is_replaced(gone);
        let candidate = Candidate {
            kind: Kind::ComponentGone,
            news: match (awaited, moved, lately) {
                (false, true, _) => Reason::NoNews,
                (false, false, true) => Reason::AlreadyTold,
                _ => Reason::Vanished,
            },
            watched: gone.watched.is_some(),
            begins_at: None,
            other_models: false,
            muted: self.state.mute_of(now, None).map(|mute| mute.end).filter(|_| !awaited),
            beginning: if awaited { Beginning::Awaited } else { Beginning::Now },
            wanted: None,
        };
        decide(&candidate, &self.state.settings)
    }

    /// Whether a component that is affected now calls for a message, and of which kind.
    pub(super) fn judge_affected(
        &self,
        now: Timestamp,
        component: &Component,
        episode: &Episode,
        around: Around,
    ) -> (Kind, Reason) {
        let candidate = self.candidate(now, component, episode, around);
        (candidate.kind, decide(&candidate, &self.state.settings))
    }

    /// Whether it would call for one, were not everything muted. Who muted one incident wants to hear
    /// nothing of that.
    pub(super) fn would_tell(
        &self,
        now: Timestamp,
        component: &Component,
        episode: &Episode,
        around: Around,
    ) -> bool {
        let candidate = self.candidate(now, component, episode, around);
        let mute = self.state.mute_of(now, episode.explained_by());
        let mute = mute.filter(|mute| mute.incident.is_some());
        let candidate = Candidate { muted: mute.map(|mute| mute.end), ..candidate };
        decide(&candidate, &self.state.settings).tells()
    }

    fn candidate(
        &self,
        now: Timestamp,
        component: &Component,
        episode: &Episode,
        around: Around,
    ) -> Candidate {
        let news = news_of(component, episode, around, &self.state.settings, now);
        let begins = matches!(
            news,
            Reason::NewOutage | Reason::Relapsed | Reason::Joined | Reason::MaintenanceBegan
        );
        let incident = episode.incident.as_ref().and_then(|id| self.state.incidents.get(id));
        let by_title = episode.level == Level::Reported
            && incident.is_some_and(|incident| incident.components.is_empty());
        let wanted =
            !by_title || incident.is_some_and(|incident| self.state.wants_nameless(incident));
        Candidate {
            kind: kind_of(news, episode.level),
            news,
            watched: component.watched.is_some(),
            begins_at: begins.then_some(episode.level),
            other_models: begins && episode.filtered_since.is_some(),
            muted: self.state.mute_of(now, episode.explained_by()).map(|mute| mute.end),
            beginning: Beginning::Now,
            wanted: (begins && !wanted).then_some(false),
        }
    }

    /// Whether something that is about no component is told, such as errors on this machine.
    pub(super) fn judge_other(&self, now: Timestamp, kind: Kind, news: Reason) -> Reason {
        let candidate = Candidate {
            kind,
            news,
            watched: true,
            begins_at: None,
            other_models: false,
            muted: self.state.mute_of(now, None).map(|mute| mute.end),
            beginning: Beginning::Now,
            wanted: None,
        };
        decide(&candidate, &self.state.settings)
    }
}

/// What is new about an episode that is open, for somebody who wants to hear everything.
fn news_of(
    component: &Component,
    episode: &Episode,
    around: Around,
    settings: &Settings,
    now: Timestamp,
) -> Reason {
    if component.level == Level::Unknown {
        // The page's word of now is not understood: the level is that of before, and old news.
        return Reason::NoNews;
    }
    let maintenance = episode.level == Level::Maintenance;
    let goes_along = around.fix_is_told && episode.is_fixed_at_first();
    let holds = goes_along || episode.fix_holds(now, settings.settle);
    match &episode.told {
        // What goes on is filtered: to the user it is about to be over.
        Some(_) if episode.filtered_since.is_some() => Reason::AlreadyTold,
        // The page calls an outage maintenance: one more reading says what that is.
        Some(_) if maintenance && !episode.is_work() => Reason::AlreadyTold,
        None if maintenance => Reason::MaintenanceBegan,
        Some(told) if maintenance || !starts_anew(told, episode) => {
            since_told(told, episode, holds)
        }
        _ if around.open => Reason::Joined,
        _ if relapses(component, episode) => Reason::Relapsed,
        _ => Reason::NewOutage,
    }
}

/// It goes on in the incident in which it was told to be back.
fn relapses(component: &Component, episode: &Episode) -> bool {
    let last = component.last_episode.as_ref();
    last.is_some_and(|last| last.id == episode.id && last.thread.is_some())
}

/// Announced work was told, but this is an outage.
fn starts_anew(told: &Told, episode: &Episode) -> bool {
    told.level == Level::Maintenance && episode.level.is_worse_than(told.level)
}

/// What is new since the user was told.
fn since_told(told: &Told, episode: &Episode, holds: bool) -> Reason {
    let in_work = episode.level == Level::Maintenance;
    match (&episode.fix, told.fix) {
        _ if episode.level.is_worse_than(told.level) => Reason::GotWorse,
        (Fix::Out { .. }, false) if holds && in_work => Reason::MaintenanceOver,
        // Other work began before the component was set green after the first.
        (Fix::Awaited, true) if in_work && told.level == Level::Maintenance => {
            Reason::MaintenanceBegan
        }
        (Fix::Out { .. }, false) if holds => Reason::FixIsOut,
        (Fix::Awaited, true) => Reason::FellBack,
        _ => Reason::AlreadyTold,
    }
}

/// The kind of notice that news of an open episode would be.
fn kind_of(news: Reason, level: Level) -> Kind {
    match news {
        Reason::NewOutage | Reason::Relapsed => Kind::Outage,
        Reason::GotWorse | Reason::Joined | Reason::FellBack => Kind::Worse,
        Reason::FixIsOut | Reason::MaintenanceOver => Kind::FixOut,
        Reason::MaintenanceBegan => Kind::Maintenance,
        _ if level == Level::Maintenance => Kind::Maintenance,
        _ => Kind::Outage,
    }
}
