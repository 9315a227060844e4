//! What is over, and what of it is told: a recovery, the end of announced work, what goes on for
//! other models only.

use alloc::string::String;
use alloc::vec::Vec;

use jiff::Timestamp;

use crate::model::Level;
use crate::notice::Urgency;
use crate::notice::kind::Kind;
use crate::notice::reason::Reason;
use crate::state::component::{Component, Episode};
use crate::text;
use crate::time::between;

use super::Monitor;
use super::draft::{Draft, Place, Subject};

/// An episode that is over.
pub(super) struct Ended {
    pub(super) place: Place,
    pub(super) episode: Episode,
    pub(super) back_at: Timestamp,
    pub(super) reason: Reason,
}

impl Monitor {
    /// Those that were told, and go on only for models that the user doesn't use. One more reading
    /// must agree, as with a recovery.
    pub(super) fn over_for_user(&mut self, now: Timestamp) -> Vec<Ended> {
        let settle = self.state.settings.settle;
        let due = |c: &Component| {
            let since = c.affected().and_then(|episode| episode.other_models_since);
            since.is_some_and(|since| since < now)
                && c.settled_at(settle).is_some_and(|at| at <= now)
        };
        let mut ended = Vec::new();
        for place in self.places(due) {
            let Some(component) = self.state.components.get(place) else { continue };
            let Some(episode) = component.affected().cloned() else { continue };
            let back_at = episode.other_models_since.unwrap_or(now);
            let reason = self.judge_end(now, place, &episode);
            ended.push(Ended { place, episode, back_at, reason });
        }
        for end in &ended {
            let component = self.state.components.get_mut(end.place);
            if let Some(episode) = component.and_then(Component::affected_mut) {
                episode.told = None;
            }
        }
        ended
    }

    /// Those that are over. Announced work is told apart from outages, and a silent incident
    /// apart from a recovery. Gives who came back.
    pub(super) fn tell_ended(&mut self, now: Timestamp, ended: Vec<Ended>) -> Vec<Place> {
        let mut groups: Vec<(Option<String>, Reason, bool, Vec<Ended>)> = Vec::new();
        for end in ended {
            if !end.reason.tells() {
                self.note_quiet_end(now, Kind::Back, end.place, Some(&end.episode), end.reason);
                continue;
            }
            let thread = end.episode.told.as_ref().map(|told| told.thread.clone());
            let work = end.episode.worst == Level::Maintenance;
            let like = |g: &&mut (Option<String>, Reason, bool, Vec<Ended>)| {
                g.0 == thread && g.1 == end.reason && g.2 == work
            };
            match groups.iter_mut().find(like) {
                Some(group) => group.3.push(end),
                None => groups.push((thread, end.reason, work, vec![end])),
            }
        }
        let mut back = Vec::new();
        let of_outage: Vec<String> =
            groups.iter().filter(|group| !group.2).filter_map(|group| group.0.clone()).collect();
        for (thread, reason, work, group) in groups {
            // An outage inside announced work had its bubble: what is over at the same time is told
            // beside each other.
            let thread = thread.filter(|thread| !(work && of_outage.contains(thread)));
            self.tell_back(now, thread, reason, work, &group);
            back.extend(group.iter().filter(|_| !work).map(|end| end.place));
        }
        back
    }

    fn tell_back(
        &mut self,
        now: Timestamp,
        thread: Option<String>,
        reason: Reason,
        work: bool,
        group: &[Ended],
    ) {
        let places: Vec<Place> = group.iter().map(|end| end.place).collect();
        // Of an outage inside announced work only the outage counts.
        let lasted =
            |end: &Ended| between(end.episode.since, end.episode.outage_ended(end.back_at));
        let lasted = group.iter().map(lasted).max();
        let incident = group.iter().find_map(|end| end.episode.explained_by().cloned());
        let subjects = group.iter().filter_map(|end| {
            let component = self.state.components.get(end.place)?;
            Some(Subject::of(component, end.reason).after(&end.episode))
        });
        let draft = Draft {
            subjects: subjects.collect(),
            ends: !thread.as_deref().is_some_and(|thread| {
                self.state.components.iter().any(|c| told_in(c) == Some(thread))
            }),
            thread,
            lasted,
            incident: incident.clone(),
            urgency: if work { Urgency::Low } else { self.urgency_beside(now, &places, None) },
            ..self.draft(Kind::Back, reason, &places)
        };
        let lasted = lasted.unwrap_or_default();
        let only_reported = group.iter().all(|end| end.episode.worst == Level::Reported);
        let work_of = |at: &Place| self.state.components.get(*at)?.affected()?.work.clone();
        let known = places.iter().find_map(work_of);
        let known = known.and_then(|id| self.state.incidents.work(&id)).cloned();
        let explains = incident.as_ref().and_then(|id| self.state.incidents.get(id));
        let text = self.scene(now, &places, explains, |scene| match (reason, work) {
            (Reason::WorkGoesOn, _) => text::outage_in_work_over(&scene, lasted, known.as_ref()),
            (Reason::OthersOnly, _) => text::back_for_user(&scene, lasted),
            (Reason::Faded, _) => text::faded(&scene),
            (_, true) => text::maintenance_over(&scene, lasted),
            (_, false) => text::back(&scene, only_reported, lasted),
        });
        let text = text::sessions::counted(text, self.state.sessions);
        let thread = self.send(now, draft, text);
        self.mark_named(now, &places, &thread);
    }
}

fn told_in(component: &Component) -> Option<&str> {
    component.episode().and_then(|episode| episode.told.as_ref()).map(|told| told.thread.as_str())
}
