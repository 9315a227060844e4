//! What waits to be told is weighed against each good reading: it may have waited over a stop of
//! days, or for a notification server, and the page may say something else by now.
//!
//! Nothing goes out before the first good reading after a start. Then a notice goes out as it is
//! if the page bears it out, in new words if it goes on in another way, and not at all if it is
//! over. While a recovery settles it waits for what comes of that.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use jiff::Timestamp;

use crate::deliver::delivery::Fate;
use crate::deliver::outbox::Outbox;
use crate::model::{ComponentId, IncidentId, Level};
use crate::notice::kind::{Kind, Reason, Waiting};
use crate::notice::sink::Sink;
use crate::notice::{Notice, Urgency};
use crate::state::component::{Component, Episode, Fix, State, Told};
use crate::text;
use crate::time::between;

use super::draft::Place;
use super::maintenance::is_in_work;
use super::{Monitor, Record};

/// Words that are older than this are written anew: they name times of day.
const OLD: Duration = Duration::from_secs(3600);
/// What is only worth telling while it is fresh is not told after this.
const STALE: Duration = Duration::from_secs(24 * 3600);

impl Monitor {
    /// At the first good reading after a start, before it is decided what to tell: an outage that
    /// nobody heard of, and that is over by now, counts as never told.
    pub(super) fn forget_unheard(&mut self) {
        if self.weighed {
            return;
        }
        let waits = |thread: &str| {
            let mut waiting = self.outboxes.iter().flat_map(|(_, outbox)| outbox.pending());
            waiting.any(|notice| notice.thread == thread)
        };
        let heard = |thread: &str| self.outboxes.iter().any(|(_, outbox)| outbox.has_heard(thread));
        let unheard = |component: &Component| match &component.state {
            State::Recovering { episode, .. } => {
                let told = episode.told.as_ref().map(|told| told.thread.as_str());
                told.is_some_and(|thread| waits(thread) && !heard(thread))
            }
            _ => false,
        };
        let places = self.places(unheard);
        for place in places {
            if let Some(State::Recovering { episode, .. }) =
                self.state.components.get_mut(place).map(|component| &mut component.state)
            {
                episode.told = None;
            }
        }
    }

    /// After a good reading, and after it was decided what to tell.
    pub(super) fn weigh(&mut self, now: Timestamp) {
        self.weighed = true;
        let fates = Sink::ALL.map(|sink| {
            let outbox = self.outboxes.of(sink);
            let fate = |notice: &Notice| (notice.key.clone(), self.fate(now, notice, outbox));
            (sink, outbox.pending().map(fate).collect::<BTreeMap<String, Fate>>())
        });
        let mut reworded = BTreeMap::new();
        for (sink, fates) in fates {
            let weighed = self.outboxes.of_mut(sink).weigh(now, fates);
            reworded.extend(weighed.reworded.into_iter().map(|n| (n.key.clone(), n)));
            self.record_steps(weighed.steps.into_iter().map(|step| (sink, step)).collect());
        }
        for notice in reworded.into_values() {
            self.mark_reworded(now, &notice);
            self.record(Record::Reworded(Box::new(notice)));
        }
    }

    fn fate(&self, now: Timestamp, notice: &Notice, sink: &Outbox) -> Fate {
        let age = between(notice.at, now);
        let places = self.places(|component| notice.components.contains(&component.id));
        let all = |which: fn(&Component) -> bool| {
            let mut about = places.iter().filter_map(|at| self.state.components.get(*at));
            !places.is_empty() && about.all(which)
        };
        if self.is_silenced(now, notice) {
            return Fate::Waits;
        }
        match notice.kind.row().waiting {
            Waiting::Outage => self.fate_of_outage(now, notice, &places),
            Waiting::Return if notice.components.is_empty() => {
                self.fate_of_incident_over(notice, age)
            }
            Waiting::Return if self.are_well(&places) => self.fate_of_return(now, notice, &places),
            Waiting::Return if is_of_work(notice.reason) && all(is_in_work) => Fate::Holds,
            Waiting::Return if places.is_empty() || all(is_gone) => Fate::Over,
            Waiting::Return if places.iter().any(|at| self.is_heard_again(*at, sink)) => Fate::Over,
            Waiting::Return => Fate::Waits,
            Waiting::Absence if all(|component| !component.is_listed()) => Fate::Holds,
            Waiting::Absence if places.is_empty() && self.state.has_missing_entries() => {
                Fate::Holds
            }
            Waiting::Absence => Fate::Over,
            Waiting::Suspicion if self.state.witness.suspicion().is_some() && age < OLD => {
                Fate::Holds
            }
            Waiting::Suspicion => Fate::Over,
            Waiting::Incident => {
                let open = |id: &IncidentId| {
                    self.state.incidents.open.iter().any(|incident| incident.id == *id)
                };
                if notice.incident.as_ref().is_some_and(open) { Fate::Holds } else { Fate::Over }
            }
            Waiting::Age if age < STALE => Fate::Holds,
            Waiting::Age => Fate::Over,
            // A good reading has withdrawn it.
            Waiting::Withdrawal | Waiting::Trouble => Fate::Holds,
        }
    }

    /// Whether the user wants silence about something that began, or goes on.
    fn is_silenced(&self, now: Timestamp, notice: &Notice) -> bool {
        let begins = match notice.kind.row().waiting {
            Waiting::Outage | Waiting::Suspicion | Waiting::Incident => true,
            Waiting::Return
            | Waiting::Absence
            | Waiting::Age
            | Waiting::Withdrawal
            | Waiting::Trouble => false,
        };
        begins && self.state.mute_of(now, notice.incident.as_ref()).is_some()
    }

    /// Of a notice that says that something is back, which is so: it also says who is not.
    fn fate_of_return(&self, now: Timestamp, notice: &Notice, places: &[Place]) -> Fate {
        let lasted = notice.lasted_seconds.map(Duration::from_secs);
        let (Some(lasted), Reason::Recovered) = (lasted, notice.reason) else {
            return Fate::Holds;
        };
        if notice.urgency == Urgency::Low {
            // Announced work is over.
            return Fate::Holds;
        }
        let mut about = places.iter().filter_map(|at| self.state.components.get(*at));
        let only_reported = about.all(text::ending::was_only_reported);
        let about: Vec<&Component> =
            places.iter().filter_map(|at| self.state.components.get(*at)).collect();
        let this_time = text::ending::this_time(&about);
        let words = |scene: text::Scene<'_>| text::back(&scene, only_reported, lasted, this_time);
        let text = self.scene(now, places, None, words);
        let (title, body) = text::sessions::counted(text, self.state.sessions);
        let urgency = self.urgency_beside(now, places, None);
        let title = self.titled(title);
        Fate::Says(Box::new(Notice { title, body, urgency, ..notice.clone() }))
    }

    /// Of a notice that says that an incident is over which named nobody.
    fn fate_of_incident_over(&self, notice: &Notice, age: Duration) -> Fate {
        let open = notice.incident.as_ref().is_some_and(|id| self.state.incidents.is_open(id));
        if open || age >= STALE { Fate::Over } else { Fate::Holds }
    }

    /// Whether all of them are well again, or affected in a way that doesn't concern the user.
    fn are_well(&self, places: &[Place]) -> bool {
        let well = |c: &Component| {
            is_well(c) || (c.affected().is_some() && self.state.filter(c).is_some())
        };
        let mut about = places.iter().filter_map(|at| self.state.components.get(*at));
        !places.is_empty() && about.all(well)
    }

    fn is_red(&self, place: Place) -> bool {
        self.state.components.get(place).is_some_and(|component| component.affected().is_some())
    }

    /// Whether this sink was told that it is away once more.
    fn is_heard_again(&self, place: Place, sink: &Outbox) -> bool {
        let episode = self.state.components.get(place).and_then(Component::episode);
        let told = episode.and_then(|episode| episode.told.as_ref());
        told.is_some_and(|told| sink.has_heard(&told.thread))
    }

    /// Of a notice that says that something is affected.
    fn fate_of_outage(&self, now: Timestamp, notice: &Notice, places: &[Place]) -> Fate {
        let about: Vec<&Component> =
            places.iter().filter_map(|at| self.state.components.get(*at)).collect();
        let awaits = |c: &&Component| {
            let told = c.episode().and_then(|episode| episode.told.as_ref());
            told.is_some_and(|told| told.thread == notice.thread)
        };
        if self.is_of_work_that_goes_on(now, notice) && !about.iter().any(awaits) {
            return Fate::Holds;
        }
        let red: Vec<Place> = places.iter().copied().filter(|at| self.is_red(*at)).collect();
        let known = !about.iter().any(|component| component.level == Level::Unknown);
        if !known || red.is_empty() {
            // Over, once what comes of it is known.
            return if about.iter().any(awaits) { Fate::Waits } else { Fate::Over };
        }
        let work = |at: &Place| self.state.components.get(*at).is_some_and(is_in_work);
        if notice.kind == Kind::Maintenance {
            return if red.iter().all(work) { Fate::Holds } else { Fate::Over };
        }
        let fresh = between(notice.at, now) < OLD;
        let settle = self.state.settings.settle;
        let as_told = |e: &Episode| is_as_told(e, e.fix_stands(now, settle));
        let same = |component: &Component| component.affected().is_some_and(as_told);
        let (_, others) = self.scene(now, &red, None, |scene| (String::new(), text::also(&scene)));
        let all_same = about.iter().all(|component| same(component));
        match fresh && all_same && notice.body.contains(&others) {
            true => Fate::Holds,
            false => Fate::Says(Box::new(self.reworded(now, notice, &red))),
        }
    }

    /// The same notice with what holds now.
    pub(super) fn reworded(&self, now: Timestamp, notice: &Notice, places: &[Place]) -> Notice {
        let episodes: Vec<&Episode> =
            places.iter().filter_map(|at| self.state.components.get(*at)?.affected()).collect();
        let fixed = episodes.iter().all(|e| e.fix_stands(now, self.state.settings.settle));
        let closed = |e: &&Episode| matches!(e.fix, Fix::Out { closed: true, .. });
        let closed = episodes.iter().all(closed);
        let fix_out = notice.kind == Kind::FixOut && fixed;
        let about: Vec<&Component> =
            places.iter().filter_map(|at| self.state.components.get(*at)).collect();
        let kind = if fix_out { Kind::FixOut } else { Kind::Outage };
        let incident = self.explains(kind, &about);
        let in_work = about.iter().all(|component| is_in_work(component));
        let work = about.iter().find_map(|component| component.affected()?.work.as_ref());
        let work = work.and_then(|id| self.state.incidents.work(id));
        let text = self.scene(now, places, incident.as_ref(), |scene| match (fix_out, in_work) {
            (true, true) => text::left_behind(&scene, work),
            (true, false) => text::fix_out(&scene, closed),
            (false, _) => text::outage(&scene, fixed),
        });
        let lead = notice.lead_seconds.map(Duration::from_secs);
        let (title, body) = match fix_out {
            true => text::sessions::counted(text, self.state.sessions),
            false => text::after_own_errors(text, lead),
        };
        let level = (!fix_out).then(|| self.level_of(places));
        let urgency = self.urgency_beside(now, places, level);
        let id = |at: &Place| self.state.components.get(*at).map(|component| component.id.clone());
        Notice {
            title: self.titled(title),
            body,
            urgency,
            components: places.iter().filter_map(id).collect::<Vec<ComponentId>>(),
            link: self.link_of(incident.as_ref()),
            incident,
            ..notice.clone()
        }
    }

    /// What is told now is what holds now: what gets worse from here on is news.
    fn mark_reworded(&mut self, now: Timestamp, notice: &Notice) {
        let settle = self.state.settings.settle;
        let about = |component: &&mut Component| notice.components.contains(&component.id);
        for component in self.state.components.iter_mut().filter(about) {
            if let Some(episode) = component.affected_mut() {
                episode.mark_told_anew(episode.fix_stands(now, settle));
            }
        }
    }
}

/// Whether it tells the end of an outage in place of which the page shows maintenance.
fn is_of_work(reason: Reason) -> bool {
    matches!(reason, Reason::WorkGoesOn | Reason::MaintenanceOver)
}

fn is_well(component: &Component) -> bool {
    matches!(component.state, State::Up { .. }) && component.level == Level::Operational
}

fn is_gone(component: &Component) -> bool {
    matches!(component.state, State::Gone { confirmed: true, .. })
}

/// Whether what was told of an episode is what is; `fixed`: a fix is out.
fn is_as_told(episode: &Episode, fixed: bool) -> bool {
    let same = |told: &Told| {
        told.level == episode.level && told.incident == episode.incident && told.fix == fixed
    };
    episode.told.as_ref().is_some_and(same)
}

#[cfg(test)]
mod tests;
