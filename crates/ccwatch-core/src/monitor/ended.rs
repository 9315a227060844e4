//! What is over, and what of it is told: a recovery, the end of announced work, an outage that
//! turned into such, what goes on and is filtered.

use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use jiff::Timestamp;

use crate::model::{IncidentId, Level};
use crate::notice::Urgency;
use crate::notice::kind::{Kind, Reason};
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
    pub(super) kind: Kind,
    pub(super) reason: Reason,
}

/// Episodes whose ends are told in one message.
struct Group {
    thread: Option<String>,
    kind: Kind,
    reason: Reason,
    /// Whether they were announced work.
    of_work: bool,
    /// The announced work that they turned into.
    work: Option<IncidentId>,
    ended: Vec<Ended>,
}

impl Monitor {
    /// Those that were told, and of which what goes on is filtered. One more reading must agree, as with
    /// a recovery.
    pub(super) fn over_for_user(&mut self, now: Timestamp) -> Vec<Ended> {
        let settle = self.state.settings.settle;
        let due = |c: &Component| {
            let known = c.affected().filter(|_| c.level != Level::Unknown);
            let since = known.and_then(|episode| episode.filtered_since);
            since.is_some_and(|since| since < now)
                && c.settled_at(settle).is_some_and(|at| at <= now)
        };
        let mut ended = Vec::new();
        for place in self.places(due) {
            let Some(component) = self.state.components.get(place) else { continue };
            let Some(episode) = component.affected().cloned() else { continue };
            let back_at = episode.filtered_since.unwrap_or(now);
            let (kind, reason) = self.judge_end(now, place, &episode);
            ended.push(Ended { place, episode, back_at, kind, reason });
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
        let mut groups: Vec<Group> = Vec::new();
        for end in ended {
            if !end.reason.tells() {
                self.note_quiet_end(now, end.kind, end.place, Some(&end.episode), end.reason);
                continue;
            }
            let new = self.group_of(&end);
            match groups.iter_mut().find(|group| group.is_like(&new)) {
                Some(group) => group.ended.push(end),
                None => groups.push(Group { ended: vec![end], ..new }),
            }
        }
        // What is quiet, and over at the same time as something else in its bubble, is told beside it.
        let (loud, quiet): (Vec<Group>, Vec<Group>) =
            groups.into_iter().partition(|group| !group.is_quiet());
        let mut taken: Vec<String> = Vec::new();
        let mut back = Vec::new();
        for mut group in loud.into_iter().chain(quiet) {
            let quiet = group.is_quiet();
            group.thread = group.thread.filter(|it| !(quiet && taken.contains(it)));
            taken.extend(group.thread.clone());
            self.tell_end(now, &group);
            back.extend(group.ended.iter().filter(|_| !group.is_quiet()).map(|end| end.place));
        }
        back
    }

    fn group_of(&self, end: &Ended) -> Group {
        let goes_on = self.state.components.get(end.place).and_then(Component::affected);
        let turned = end.reason == Reason::TurnedIntoWork;
        Group {
            thread: end.episode.told.as_ref().map(|told| told.thread.clone()),
            kind: end.kind,
            reason: end.reason,
            of_work: end.episode.is_work(),
            work: goes_on.filter(|_| turned).and_then(|episode| episode.work.clone()),
            ended: Vec::new(),
        }
    }

    fn tell_end(&mut self, now: Timestamp, group: &Group) {
        let places: Vec<Place> = group.ended.iter().map(|end| end.place).collect();
        // Of an outage inside announced work only the outage counts; of one that the page calls
        // maintenance for the second time, only what came after the first.
        let turned = group.reason == Reason::TurnedIntoWork;
        let began = |episode: &Episode| if turned { episode.since } else { episode.began };
        let lasted =
            |end: &Ended| between(began(&end.episode), end.episode.outage_ended(end.back_at));
        let lasted = group.ended.iter().map(lasted).max();
        let ends = !group
            .thread
            .as_deref()
            .is_some_and(|thread| self.state.components.iter().any(|c| told_in(c) == Some(thread)));
        let draft = Draft {
            subjects: self.subjects_of(group),
            ends,
            thread: group.thread.clone(),
            lasted,
            incident: self.incident_of(group),
            urgency: match group.is_quiet() {
                true => Urgency::Low,
                false => self.urgency_beside(now, &places, None),
            },
            ..self.draft(group.kind, group.reason, &places)
        };
        let text = self.words_for(now, group, &places, draft.incident.as_ref(), lasted);
        let text = match group.kind {
            Kind::Back => text::sessions::counted(text, self.state.sessions),
            _ => text,
        };
        let thread = self.send(now, draft, text);
        self.mark_named(now, &places, &thread);
        let over = group.reason == Reason::MaintenanceOver;
        if over || matches!(group.reason, Reason::WorkGoesOn | Reason::TurnedIntoWork) {
            self.mark_work_goes_on(now, &places, &thread, over);
        }
    }

    /// What is over; and what goes on in its place as announced work, of which this tells as well.
    fn subjects_of(&self, group: &Group) -> Vec<Subject> {
        let subjects = group.ended.iter().filter_map(|end| {
            let component = self.state.components.get(end.place)?;
            let now = Subject::of(component, end.reason);
            let goes_on = (end.reason == Reason::TurnedIntoWork).then(|| now.clone());
            Some(goes_on.into_iter().chain([now.after(&end.episode)]))
        });
        subjects.flatten().collect()
    }

    /// What explains an end: the announced work that is there now, else what explained what is over.
    fn incident_of(&self, group: &Group) -> Option<IncidentId> {
        let ended = || group.ended.iter().map(|end| &end.episode);
        match group.reason {
            Reason::TurnedIntoWork => group.work.clone(),
            // What goes on, and isn't the user's, is an outage, whatever was told.
            Reason::OthersOnly | Reason::MilderOnly => {
                ended().find_map(|episode| episode.incident.clone())
            }
            _ => ended().find_map(|episode| episode.explained_by().cloned()),
        }
    }

    fn words_for(
        &self,
        now: Timestamp,
        group: &Group,
        places: &[Place],
        incident: Option<&IncidentId>,
        lasted: Option<Duration>,
    ) -> text::Text {
        let lasted = lasted.unwrap_or_default();
        let only_reported = group.ended.iter().all(|end| end.episode.worst == Level::Reported);
        let about: Vec<&Component> =
            places.iter().filter_map(|at| self.state.components.get(*at)).collect();
        let this_time = text::ending::this_time(&about);
        let work = about.iter().find_map(|component| component.affected()?.work.as_ref());
        let work = work.and_then(|id| self.state.incidents.work(id));
        self.scene(now, places, incident, |scene| match (group.reason, group.of_work) {
            (Reason::WorkGoesOn, _) => text::outage_in_work_over(&scene, lasted, work),
            (Reason::MaintenanceOver, _) => text::outage_and_work_over(&scene, lasted, work),
            (Reason::TurnedIntoWork, _) => {
                text::outage_turned_into_work(&scene, only_reported, lasted, work)
            }
            (Reason::OthersOnly, _) => text::back_for_user(&scene, lasted, "not about your models"),
            (Reason::MilderOnly, _) => {
                text::back_for_user(&scene, lasted, "milder than watch.min_level")
            }
            (Reason::Faded, _) => text::faded(&scene),
            (_, true) => text::maintenance_over(&scene, lasted),
            (_, false) => text::back(&scene, only_reported, lasted, this_time),
        })
    }
}

impl Group {
    fn is_like(&self, other: &Self) -> bool {
        let key =
            |one: &Self| (one.thread.clone(), one.kind, one.reason, one.of_work, one.work.clone());
        key(self) == key(other)
    }

    /// Whether it tells of announced work: quietly.
    fn is_quiet(&self) -> bool {
        self.of_work || self.reason == Reason::TurnedIntoWork
    }
}

fn told_in(component: &Component) -> Option<&str> {
    component.episode().and_then(|episode| episode.told.as_ref()).map(|told| told.thread.as_str())
}
