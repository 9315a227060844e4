//! From what a reading meant to what the user is told: one poll, one message for all that goes
//! the same way.

use alloc::borrow::ToOwned;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use jiff::Timestamp;

use crate::model::Level;
use crate::notice::kind::{Kind, Reason};
use crate::notice::mute::End;
use crate::state::component::{Component, Episode, Event, Fix};
use crate::text::{self, Scene};
use crate::time::between;

use super::Monitor;
use super::draft::{Draft, Place, Subject};
use super::ended::Ended;
use super::judge::Around;

/// A component that is gone from the page.
struct Gone {
    place: Place,
    episode: Option<Episode>,
    reason: Reason,
}

impl Monitor {
    /// Asks of everything that a good reading left behind whether the user should know.
    pub(super) fn tell(&mut self, now: Timestamp, events: Vec<(Place, Event)>) {
        self.forget_unheard();
        let mut reasons = vec![Reason::NoNews; self.state.components.len()];
        let mut changes = Vec::new();
        let mut ended = Vec::new();
        let mut vanished = Vec::new();
        let mut over: BTreeMap<Place, String> = BTreeMap::new();
        for (place, event) in events {
            match event {
                Event::LevelChanged { from } => changes.push((place, from)),
                Event::Over { episode, back_at } => {
                    let (kind, reason) = self.judge_end(now, place, &episode);
                    note(&mut reasons, place, reason);
                    over.insert(place, episode.id.clone());
                    ended.push(Ended { place, episode, back_at, kind, reason });
                }
                Event::Vanished { episode } => {
                    let reason = self.judge_vanished(now, place, episode.as_ref());
                    note(&mut reasons, place, reason);
                    over.extend(episode.as_ref().map(|episode| (place, episode.id.clone())));
                    vanished.push(Gone { place, episode, reason });
                }
            }
        }
        ended.extend(self.over_for_user(now));
        self.withdraw_lost_sight();
        self.tell_page_readable(now);
        let back = self.tell_ended(now, ended);
        self.tell_vanished(now, &vanished);
        self.tell_affected(now, &mut reasons, &back);
        self.tell_unattributed(now);
        self.tell_not_listed(now);
        self.write_changes(now, &changes, &reasons, &over);
        self.forget_unseen();
        self.weigh(now);
    }

    /// Those that are gone for good.
    fn tell_vanished(&mut self, now: Timestamp, vanished: &[Gone]) {
        for gone in vanished.iter().filter(|gone| !gone.reason.tells()) {
            let episode = gone.episode.as_ref();
            self.note_quiet_end(now, Kind::ComponentGone, gone.place, episode, gone.reason);
        }
        let told: Vec<&Gone> = vanished.iter().filter(|gone| gone.reason.tells()).collect();
        let places: Vec<Place> = told.iter().map(|gone| gone.place).collect();
        if places.is_empty() {
            return;
        }
        let open = |gone: &&Gone| Some(gone.episode.as_ref()?.told.as_ref()?.thread.clone());
        let thread = told.iter().find_map(open);
        let affected = told.iter().any(|gone| gone.episode.is_some());
        let subjects = told.iter().filter_map(|gone| {
            let subject = Subject::of(self.state.components.get(gone.place)?, gone.reason);
            Some(match &gone.episode {
                Some(episode) => subject.after(episode),
                None => subject,
            })
        });
        let draft = Draft {
            subjects: subjects.collect(),
            thread,
            ..self.draft(Kind::ComponentGone, Reason::Vanished, &places)
        };
        let text = self.scene(now, &places, None, |scene| text::gone(scene.names, affected));
        self.send(now, draft, text);
        for place in places {
            if let Some(component) = self.state.components.get_mut(place) {
                component.gone_told = Some(now);
            }
        }
    }

    /// Everything that is affected now and calls for a message, grouped by the way it goes.
    /// In its words stands also who came back at the same time: it takes the place of that message.
    fn tell_affected(&mut self, now: Timestamp, reasons: &mut [Reason], back: &[Place]) {
        let open = self.open_thread().is_some();
        let fix_is_told = self.is_fix_told(now);
        let mut wanted: Vec<(Place, Reason)> = Vec::new();
        let mut silenced: Vec<(Place, bool)> = Vec::new();
        let mut judged: Vec<(Place, Kind)> = Vec::new();
        for (place, component) in self.state.components.iter().enumerate() {
            let Some(episode) = component.affected() else { continue };
            let mute = self.state.mute_of(now, episode.explained_by());
            let (kind, reason) =
                self.judge_affected(now, component, episode, Around { open, fix_is_told });
            note(reasons, place, reason);
            if reason == Reason::Muted {
                silenced.push((place, mute.is_some_and(|mute| mute.end == End::Always)));
            }
            judged.push((place, kind));
            wanted.push((place, reason));
        }
        for ((place, kind), (_, reason)) in judged.into_iter().zip(&wanted) {
            self.note_quiet(now, kind, place, *reason);
        }
        for (place, tell_end) in silenced {
            if let Some(episode) =
                self.state.components.get_mut(place).and_then(Component::affected_mut)
            {
                episode.tell_end = tell_end;
            }
        }
        let going = |which: &[Reason]| -> Vec<Place> {
            wanted.iter().filter(|(_, reason)| which.contains(reason)).map(|(at, _)| *at).collect()
        };
        let worse = [
            Reason::NewOutage,
            Reason::Relapsed,
            Reason::GotWorse,
            Reason::Joined,
            Reason::FellBack,
        ];
        let lead = worse.into_iter().find(|reason| wanted.iter().any(|(_, r)| r == reason));
        if let Some(reason) = lead {
            let reasons: Vec<(Place, Reason)> =
                wanted.iter().filter(|(_, r)| worse.contains(r)).copied().collect();
            self.tell_outage(now, reason, &reasons, back);
        }
        self.tell_fix(now, &going(&[Reason::FixIsOut]), back);
        self.tell_left_behind(now, &going(&[Reason::MaintenanceOver]));
        self.tell_maintenance(now, &going(&[Reason::MaintenanceBegan]));
        self.tell_work(now);
    }

    /// Whether this reading calls for a message that a fix is out.
    fn is_fix_told(&self, now: Timestamp) -> bool {
        let settle = self.state.settings.settle;
        let due = |episode: &Episode| {
            let told = episode.told.as_ref().is_some_and(|told| !told.fix);
            told && episode.fix_holds(now, settle)
        };
        self.state.watched().filter_map(Component::affected).any(due)
    }

    fn tell_outage(
        &mut self,
        now: Timestamp,
        reason: Reason,
        about: &[(Place, Reason)],
        back: &[Place],
    ) {
        let places: Vec<Place> = about.iter().map(|(place, _)| *place).collect();
        let places = places.as_slice();
        let kind = match reason {
            Reason::NewOutage | Reason::Relapsed => Kind::Outage,
            _ => Kind::Worse,
        };
        let suspicion = self.state.witness.followed(now);
        let episodes: Vec<&Episode> = places
            .iter()
            .filter_map(|at| self.state.components.get(*at).and_then(Component::affected))
            .collect();
        let began = episodes.iter().map(|episode| episode.since).min().unwrap_or(now);
        let first = suspicion.as_ref().map(|suspicion| suspicion.since);
        let lead = first.filter(|first| *first < began).map(|first| between(first, began));
        let subjects = about.iter().filter_map(|(place, reason)| {
            Some(Subject::of(self.state.components.get(*place)?, *reason))
        });
        let draft = Draft {
            subjects: subjects.collect(),
            thread: self
                .open_thread()
                .or_else(|| self.thread_of_unseen(places))
                .or_else(|| self.thread_of_work(places))
                .or_else(|| self.thread_of_relapse(reason, places))
                .or(suspicion.and_then(|suspicion| suspicion.thread)),
            lead,
            urgency: self.urgency_beside(now, places, Some(self.level_of(places))),
            ..self.draft(kind, reason, places)
        };
        // A retry is advised only where it makes sense for all; for the others it is told next.
        let fixed = episodes.iter().all(|e| e.fix_holds(now, self.state.settings.settle));
        let same = |e: &&Episode| e.told.as_ref().is_some_and(|told| told.incident == e.incident);
        let fell_back = reason == Reason::FellBack && episodes.iter().all(same);
        let back = self.names(back);
        let text = self.scene(now, places, draft.incident.as_ref(), |scene| {
            match (fell_back, Scene { back: &back, ..scene }) {
                (true, scene) => text::fell_back(&scene),
                (false, scene) if reason == Reason::Relapsed => text::relapsed(&scene, fixed),
                (false, scene) => text::outage(&scene, fixed),
            }
        });
        let text = text::after_own_errors(text, lead);
        let text = self.after_unseen(now, places, text);
        self.send_and_mark(now, draft, text, places, fixed);
    }

    fn tell_fix(&mut self, now: Timestamp, places: &[Place], back: &[Place]) {
        if places.is_empty() {
            return;
        }
        let closed = |at: &Place| {
            let episode = self.state.components.get(*at).and_then(Component::affected);
            episode.is_some_and(|e| matches!(e.fix, Fix::Out { closed: true, .. }))
        };
        let closed = places.iter().all(closed);
        let draft = Draft {
            thread: self.open_thread(),
            urgency: self.urgency_beside(now, places, None),
            ..self.draft(Kind::FixOut, Reason::FixIsOut, places)
        };
        let back = self.names(back);
        let text = self.scene(now, places, draft.incident.as_ref(), |scene| {
            text::fix_out(&Scene { back: &back, ..scene }, closed)
        });
        let text = text::sessions::counted(text, self.state.sessions);
        self.send_and_mark(now, draft, text, places, true);
    }

    /// The bubble in which those were told to be back that are red again.
    fn thread_of_relapse(&self, reason: Reason, places: &[Place]) -> Option<String> {
        let last = |at: &Place| self.state.components.get(*at)?.last_episode.as_ref();
        let mut threads = places.iter().filter_map(last).filter_map(|last| last.thread.clone());
        threads.next().filter(|_| reason == Reason::Relapsed)
    }

    /// The bubble of the outage that is on the screen, if one is.
    pub(super) fn open_thread(&self) -> Option<String> {
        let thread =
            |c: &Component| c.episode().and_then(Episode::outage_thread).map(str::to_owned);
        self.state.components.iter().find_map(thread)
    }

    pub(super) fn places(&self, which: impl Fn(&Component) -> bool) -> Vec<Place> {
        let places = self.state.components.iter().enumerate().filter(|(_, c)| which(c));
        places.map(|(place, _)| place).collect()
    }

    pub(super) fn level_of(&self, places: &[Place]) -> Level {
        let away = places.iter().filter_map(|at| self.state.components.get(*at));
        let levels = away.filter(|c| c.episode().is_some()).map(Component::level_away);
        let worst = levels.max_by_key(|level| level.severity());
        worst.unwrap_or(Level::Unknown)
    }
}

fn note(reasons: &mut [Reason], place: Place, reason: Reason) {
    if let Some(slot) = reasons.get_mut(place) {
        *slot = reason;
    }
}
