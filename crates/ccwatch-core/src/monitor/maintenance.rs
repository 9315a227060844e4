//! What there is to tell of announced work: that it began, that it takes longer than planned, and
//! that it is over while the page still shows a component in maintenance. All of it is quiet, and
//! shares one bubble a work.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use jiff::Timestamp;

use crate::decide::decision::{Beginning, Candidate, decide};
use crate::decide::models;
use crate::model::{IncidentId, Level};
use crate::notice::kind::{Kind, Reason};
use crate::notice::{Notice, Urgency};
use crate::state::component::{Component, State};
use crate::state::maintenance::{KnownMaintenance, Stage, ToldWork};
use crate::text;

use super::Monitor;
use super::draft::{Draft, Place};

impl Monitor {
    /// Components that went into maintenance: one message for each announced work.
    pub(super) fn tell_maintenance(&mut self, now: Timestamp, places: &[Place]) {
        for (work, places) in self.by_work(places) {
            self.tell_began(now, work, &places);
        }
    }

    /// Announced work is over, and the page still shows components in maintenance.
    pub(super) fn tell_left_behind(&mut self, now: Timestamp, places: &[Place]) {
        for (work, places) in self.by_work(places) {
            let draft = Draft {
                thread: self.thread_of_work(&places),
                urgency: Urgency::Low,
                ..self.draft(Kind::FixOut, Reason::MaintenanceOver, &places)
            };
            let known = work.and_then(|id| self.state.incidents.work(&id)).cloned();
            let words = |scene: text::Scene<'_>| text::left_behind(&scene, known.as_ref());
            let text = self.scene(now, &places, None, words);
            self.send_and_mark(now, draft, text, &places, true);
        }
    }

    /// What is new of announced work that goes on, beside components that went into maintenance:
    /// that it began while their light stays green, and that it takes longer than planned.
    pub(super) fn tell_work(&mut self, now: Timestamp) {
        let works = self.state.incidents.maintenances.iter();
        let going: Vec<KnownMaintenance> =
            works.filter(|known| known.stage(now).is_under_way()).cloned().collect();
        for mut known in going {
            self.take_up_work(&mut known);
            let (news, places) = self.news_of_work(now, &known);
            let reason = self.judge_work(now, &known, news);
            if reason.tells() {
                self.tell_of_work(now, &known, reason, &places);
            } else if let Some(kept) = self.work_mut(known.id()) {
                // How long it is planned to go on is no news where nothing is in maintenance.
                if let Some(told) = kept.told.as_mut().filter(|_| places.is_empty()) {
                    told.until = kept.page.scheduled_until;
                }
                let told = matches!(reason, Reason::AlreadyTold | Reason::NoNews);
                if !told && kept.decided.replace(reason) != Some(reason) {
                    self.note_other(now, Kind::Maintenance, reason, Some(known.id()), None);
                }
            }
        }
    }

    /// Work that the page lists only after it showed a component in maintenance: how it goes on is told
    /// where that was.
    fn take_up_work(&mut self, known: &mut KnownMaintenance) {
        let told = |c: &Component| {
            let episode = c.affected().filter(|episode| episode.is_work() && is_in_work(c))?;
            let is_this = episode.work.as_ref() == Some(known.id());
            episode.told.as_ref().filter(|_| is_this).map(|told| told.thread.clone())
        };
        let thread = self.state.watched().find_map(told).filter(|_| known.told.is_none());
        let Some(thread) = thread else { return };
        known.told = Some(ToldWork { thread, until: None, overrun: false });
        if let Some(kept) = self.work_mut(known.id()) {
            kept.told.clone_from(&known.told);
        }
    }

    /// What is new of work that goes on, and whom it is about.
    fn news_of_work(&self, now: Timestamp, known: &KnownMaintenance) -> (Reason, Vec<Place>) {
        let named = |c: &Component| c.watched.is_some() && known.page.work.names(&c.id);
        let calm =
            |c: &Component| matches!(c.state, State::Up { .. }) && c.level == Level::Operational;
        let in_work = self.state.watched().any(|c| named(c) && is_in_work(c));
        let joined = self.places(|c| named(c) && calm(c) && known.joined.contains(&c.id));
        let Some(told) = &known.told else {
            let places = self.places(|c| named(c) && calm(c));
            // Where a component is in maintenance, that is what is told.
            let silent = places.is_empty() || in_work;
            return (if silent { Reason::NoNews } else { Reason::MaintenanceBegan }, places);
        };
        if !joined.is_empty() && !in_work {
            return (Reason::MaintenanceBegan, joined);
        }
        let was_told =
            |c: &Component| c.affected().is_some_and(|e| e.is_work() && e.told.is_some());
        let places = self.places(|c| named(c) && is_in_work(c) && was_told(c));
        let news = match (known.stage(now), known.page.scheduled_until, told.until) {
            // An outage has the bubble now.
            _ if places.is_empty() || self.open_thread().as_ref() == Some(&told.thread) => {
                Reason::NoNews
            }
            (Stage::Overrun, _, _) if !told.overrun => Reason::MaintenanceOverruns,
            (Stage::UnderWay, Some(until), before) if before.is_none_or(|it| until > it) => {
                Reason::MaintenanceExtended
            }
            _ => Reason::AlreadyTold,
        };
        (news, places)
    }

    fn judge_work(&self, now: Timestamp, known: &KnownMaintenance, news: Reason) -> Reason {
        let begins = news == Reason::MaintenanceBegan;
        let candidate = Candidate {
            kind: Kind::Maintenance,
            news,
            watched: true,
            begins_at: begins.then_some(Level::Maintenance),
            other_models: begins
                && models::only_others(&known.page.work.name, &self.state.settings.models),
            muted: self.state.mute_of(now, Some(known.id())).map(|mute| mute.end),
            beginning: Beginning::Now,
            wanted: None,
        };
        decide(&candidate, &self.state.settings)
    }

    fn tell_began(&mut self, now: Timestamp, work: Option<IncidentId>, places: &[Place]) {
        let known = work.and_then(|id| self.state.incidents.work(&id)).cloned();
        let told = known.as_ref().and_then(|known| known.told.as_ref());
        let draft = Draft {
            thread: told.map(|told| told.thread.clone()),
            ..self.draft(Kind::Maintenance, Reason::MaintenanceBegan, places)
        };
        let words = |scene: text::Scene<'_>| text::maintenance(&scene, known.as_ref());
        let text = self.scene(now, places, None, words);
        let thread = self.send_and_mark(now, draft, text, places, false);
        if let Some(known) = known {
            self.mark_work_told(now, &known, thread);
        }
    }

    fn tell_of_work(
        &mut self,
        now: Timestamp,
        known: &KnownMaintenance,
        reason: Reason,
        places: &[Place],
    ) {
        let draft = Draft {
            thread: known.told.as_ref().map(|told| told.thread.clone()),
            incident: Some(known.id().clone()),
            ..self.draft(Kind::Maintenance, reason, places)
        };
        let text = self.scene(now, places, None, |scene| match reason {
            Reason::MaintenanceExtended => text::maintenance_extended(&scene, known),
            Reason::MaintenanceOverruns => text::maintenance_overruns(&scene, known),
            _ => text::maintenance_while_green(&scene, known),
        });
        let thread = self.send(now, draft, text);
        for place in places {
            let component = self.state.components.get_mut(*place);
            if let Some(told) =
                component.and_then(Component::affected_mut).and_then(|e| e.told.as_mut())
            {
                told.thread.clone_from(&thread);
            }
        }
        self.mark_work_told(now, known, thread);
    }

    /// Notes that announced work was told with the end of an outage, in this bubble; `over`: that it is
    /// over, too.
    pub(super) fn mark_work_goes_on(
        &mut self,
        now: Timestamp,
        places: &[Place],
        thread: &str,
        over: bool,
    ) {
        for place in places {
            let component = self.state.components.get_mut(*place);
            let Some(episode) = component.and_then(Component::affected_mut) else { continue };
            episode.mark_told(thread, over);
            let work = episode.work.clone();
            let work = work.and_then(|id| self.state.incidents.work(&id)).cloned();
            if let Some(known) = work {
                let thread = known.told.as_ref().map_or(thread, |told| told.thread.as_str());
                self.mark_work_told(now, &known, thread.to_owned());
            }
        }
    }

    fn mark_work_told(&mut self, now: Timestamp, known: &KnownMaintenance, thread: String) {
        let overrun = known.stage(now) == Stage::Overrun;
        if let Some(kept) = self.work_mut(known.id()) {
            kept.told = Some(ToldWork { thread, until: known.page.scheduled_until, overrun });
            kept.decided = None;
            kept.joined.clear();
        }
    }

    fn work_mut(&mut self, id: &IncidentId) -> Option<&mut KnownMaintenance> {
        self.state.incidents.maintenances.iter_mut().find(|known| known.id() == id)
    }

    /// Components by the announced work that explains them; those of none together.
    fn by_work(&self, places: &[Place]) -> Vec<(Option<IncidentId>, Vec<Place>)> {
        let mut groups: Vec<(Option<IncidentId>, Vec<Place>)> = Vec::new();
        for place in places {
            let episode = self.state.components.get(*place).and_then(Component::affected);
            let work = episode.and_then(|episode| episode.work.clone());
            match groups.iter_mut().find(|(of, _)| *of == work) {
                Some((_, group)) => group.push(*place),
                None => groups.push((work, vec![*place])),
            }
        }
        groups
    }

    /// The bubble in which the announced work of these components was told: an outage inside of it
    /// takes it over.
    pub(super) fn thread_of_work(&self, places: &[Place]) -> Option<String> {
        let of = |at: &Place| {
            let component = self.state.components.get(*at)?;
            let episode = component.affected()?;
            let own = episode.told.as_ref().map(|told| told.thread.clone());
            own.or_else(|| {
                let going = self.state.incidents.maintenances.iter();
                let mut going = going.filter(|known| known.ended.is_none());
                let known = going.find(|known| known.page.work.names(&component.id))?;
                known.told.as_ref().map(|told| told.thread.clone())
            })
        };
        places.iter().find_map(of)
    }

    /// Whether a notice says of work that goes on that it began, or takes longer.
    pub(super) fn is_of_work_that_goes_on(&self, now: Timestamp, notice: &Notice) -> bool {
        let work = notice.incident.as_ref().and_then(|id| self.state.incidents.work(id));
        let goes_on = work.is_some_and(|known| known.stage(now).is_under_way());
        notice.kind == Kind::Maintenance && goes_on
    }
}

/// Whether it is in maintenance, as far as the page says.
pub(super) fn is_in_work(component: &Component) -> bool {
    component.affected().is_some() && component.level_away() == Level::Maintenance
}

#[cfg(test)]
mod tests;
