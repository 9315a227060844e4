//! From a decision to a notice: its words, its bubble, its key.

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use jiff::Timestamp;

use crate::model::{ComponentId, Incident, IncidentId, Level};
use crate::notice::kind::{Kind, Reason, Weight};
use crate::notice::{self, Notice, Urgency};
use crate::state::component::{Component, Episode};
use crate::text::{self, Other, Scene, Stand, Text};

use super::judge::Around;
use super::{Monitor, Record};

/// A component of `Monitor::components`, by its place.
pub(super) type Place = usize;

/// What a notice is made of, beside its words.
pub(super) struct Draft {
    pub(super) kind: Kind,
    pub(super) reason: Reason,
    pub(super) thread: Option<String>,
    pub(super) subjects: Vec<Subject>,
    pub(super) incident: Option<IncidentId>,
    pub(super) urgency: Urgency,
    pub(super) lasted: Option<Duration>,
    pub(super) lead: Option<Duration>,
    pub(super) ends: bool,
}

/// Whom a notice is about, and why.
#[derive(Clone)]
pub(super) struct Subject {
    pub(super) component: ComponentId,
    pub(super) name: String,
    pub(super) episode: Option<String>,
    pub(super) incident: Option<IncidentId>,
    pub(super) reason: Reason,
}

impl Subject {
    /// A component as it is now.
    pub(super) fn of(component: &Component, reason: Reason) -> Self {
        let episode = component.episode();
        Self {
            component: component.id.clone(),
            name: component.name.clone(),
            episode: episode.map(|episode| episode.id.clone()),
            incident: episode.and_then(|episode| episode.explained_by().cloned()),
            reason,
        }
    }

    /// The same when this episode of it is over.
    pub(super) fn after(self, episode: &Episode) -> Self {
        let incident = episode.explained_by().cloned();
        Self { episode: Some(episode.id.clone()), incident, ..self }
    }
}

impl Monitor {
    /// A draft with what follows from its components; a new bubble unless it is given one.
    pub(super) fn draft(&self, kind: Kind, reason: Reason, places: &[Place]) -> Draft {
        let components: Vec<&Component> =
            places.iter().filter_map(|at| self.state.components.get(*at)).collect();
        let urgency = match kind.row().weight {
            Weight::Low => Urgency::Low,
            Weight::ByLevel => Urgency::Normal,
        };
        Draft {
            kind,
            reason,
            thread: None,
            subjects: components.iter().map(|c| Subject::of(c, reason)).collect(),
            incident: self.explains(kind, &components),
            urgency,
            lasted: None,
            lead: None,
            ends: false,
        }
    }

    /// What explains a notice of this kind: it is about somebody whom the title names. That of an
    /// outage names those who are at the worst level.
    pub(super) fn explains(&self, kind: Kind, about: &[&Component]) -> Option<IncidentId> {
        let about = worst_first(about);
        let worst = about.first().map(|component| component.level_away());
        let by_level = matches!(kind, Kind::Outage | Kind::Worse);
        let named = about.iter().filter(|c| !by_level || Some(c.level_away()) == worst);
        let mut ids = named.filter_map(|component| component.episode()?.explained_by());
        let open = ids.clone().find(|id| self.state.incidents.is_open(id));
        open.or_else(|| ids.next()).cloned()
    }

    /// Words, from what the components of a notice have in common, and the incident that explains it.
    pub(super) fn scene(
        &self,
        now: Timestamp,
        places: &[Place],
        explains: Option<&IncidentId>,
        words: impl Fn(Scene<'_>) -> Text,
    ) -> Text {
        let about: Vec<&Component> =
            places.iter().filter_map(|at| self.state.components.get(*at)).collect();
        let names: Vec<&str> = about.iter().map(|c| c.shown_name()).collect();
        let levels: Vec<(&str, Level)> =
            about.iter().map(|c| (c.shown_name(), c.level_away())).collect();
        let others = self.others(now, &about);
        let incident = explains.and_then(|id| self.state.incidents.get(id));
        let explained = self.explained(&about, incident);
        let explained_names: Vec<&str> = explained.iter().map(|c| c.shown_name()).collect();
        let episode = explained.iter().find_map(|c| c.episode());
        words(Scene {
            now,
            zone: &self.state.settings.zone,
            names: &names,
            levels: &levels,
            level: self.level_of(places),
            since: episode.map_or(now, |episode| episode.since),
            incident,
            explained: &explained_names,
            work: explained.iter().find_map(|c| self.state.work_beside(c, now)),
            others: &others,
            back: &[],
            expectation: explained.iter().find_map(|c| self.state.expectation_of(c, now)),
        })
    }

    /// Those of a notice whom its incident is about; where it has none, those who have none.
    fn explained<'a>(
        &self,
        about: &[&'a Component],
        incident: Option<&Incident>,
    ) -> Vec<&'a Component> {
        let has_none = |c: &Component| {
            let own = c.episode().and_then(|episode| episode.incident.as_ref());
            own.is_none_or(|id| self.state.incidents.get(id).is_none())
        };
        let is_about = |c: &Component| match incident {
            Some(incident) => incident.names(&c.id) || incident.means(&c.id),
            None => has_none(c),
        };
        let some: Vec<&Component> = about.iter().copied().filter(|c| is_about(c)).collect();
        if some.is_empty() { about.to_vec() } else { some }
    }

    /// Everybody else whom a notice must not pass over: who is affected, as far as the filters let
    /// the user know, and who was, and is not yet said to be back. A mute of everything hides nobody
    /// here: what is told in spite of it is told whole.
    fn others<'a>(&'a self, now: Timestamp, about: &[&Component]) -> Vec<Other<'a>> {
        let around = Around { open: self.open_thread().is_some(), fix_is_told: false };
        let other = |component: &'a Component| {
            let episode = component.episode()?;
            let told = episode.told.is_some();
            let stand = match component.affected() {
                _ if component.level == Level::Unknown => Stand::NotKnown,
                Some(_) if episode.fix_stands(now, self.state.settings.settle) => Stand::FixOut,
                Some(_) => Stand::Affected,
                None => Stand::NotSure,
            };
            let is_known = match stand {
                Stand::FixOut | Stand::Affected => {
                    told || self.would_tell(now, component, episode, around)
                }
                Stand::NotSure | Stand::NotKnown => told,
            };
            let (name, level) = (component.shown_name(), component.level_away());
            is_known.then_some(Other { name, level, stand })
        };
        let is_other = |c: &&Component| !about.iter().any(|one| one.id == c.id);
        self.state.watched().filter(is_other).filter_map(other).collect()
    }

    /// Who was named in a message about these in spite of a mute is to be told of again: see
    /// [`Episode::mark_named`].
    pub(super) fn mark_named(&mut self, now: Timestamp, places: &[Place], thread: &str) {
        let around = Around { open: true, fix_is_told: false };
        let is_named = |c: &Component| {
            let named = |e: &Episode| {
                let muted = self.judge_affected(now, c, e, around).1 == Reason::Muted;
                e.told.is_none() && muted && self.would_tell(now, c, e, around)
            };
            c.watched.is_some() && c.affected().is_some_and(named)
        };
        let mut named = self.places(is_named);
        named.retain(|at| !places.contains(at));
        for place in named {
            let component = self.state.components.get_mut(place);
            if let Some(episode) = component.and_then(Component::affected_mut) {
                episode.mark_named(thread);
            }
        }
    }

    /// What components are called.
    pub(super) fn names(&self, places: &[Place]) -> Vec<&str> {
        let about = places.iter().filter_map(|at| self.state.components.get(*at));
        about.map(Component::shown_name).collect()
    }

    pub(super) fn send_and_mark(
        &mut self,
        now: Timestamp,
        draft: Draft,
        text: Text,
        places: &[Place],
        fix: bool,
    ) -> String {
        let thread = self.send(now, draft, text);
        self.mark_named(now, places, &thread);
        for place in places {
            if let Some(episode) =
                self.state.components.get_mut(*place).and_then(Component::affected_mut)
            {
                episode.mark_told(&thread, fix);
            }
        }
        thread
    }

    /// Decides a notice: written down, and on its way. Gives the bubble it belongs to.
    pub(super) fn send(&mut self, now: Timestamp, draft: Draft, (title, body): Text) -> String {
        let key = self.key(now, &draft);
        self.note_decision(now, &draft, &key);
        let is_taken = |thread: &String| self.is_of_others(thread, &draft.subjects);
        // What is quiet takes no place on the screen from an outage that goes on.
        let quiet = draft.urgency == Urgency::Low;
        let thread = draft.thread.filter(|thread| !(quiet && is_taken(thread)));
        let thread = thread.unwrap_or_else(|| key.clone());
        // One that is over and what goes on of it are two subjects, of one component.
        let mut components: Vec<ComponentId> =
            draft.subjects.iter().map(|one| one.component.clone()).collect();
        components.dedup();
        let notice = Notice {
            key,
            at: now,
            kind: draft.kind,
            thread: thread.clone(),
            components,
            episodes: draft.subjects.iter().filter_map(|one| one.episode.clone()).collect(),
            link: self.link_of(draft.incident.as_ref()),
            incident: draft.incident,
            title: self.titled(title),
            body: text::run_for_page(body, self.state.settings.label.as_ref()),
            urgency: draft.urgency,
            reason: draft.reason,
            lasted_seconds: draft.lasted.map(|lasted| lasted.as_secs()),
            lead_seconds: draft.lead.map(|lead| lead.as_secs()),
        };
        self.post(&notice, draft.ends);
        thread
    }

    /// Puts a notice on its way. `ends` says that with it the whole thread is over.
    fn post(&mut self, notice: &Notice, ends: bool) {
        self.record(Record::Notice(Box::new(notice.clone())));
        let on = self.state.settings.sinks.clone();
        let steps = self.outboxes.each(|sink, outbox| match on.contains(&sink) {
            true => outbox.add(notice.clone(), ends),
            false => Vec::new(),
        });
        self.record_steps(steps);
    }
}

impl Monitor {
    /// What a click opens: the incident's page, or the status page.
    pub(super) fn link_of(&self, incident: Option<&IncidentId>) -> Option<String> {
        incident.and_then(|id| self.state.link(id)).or_else(|| self.state.page_link())
    }

    /// What tells a notice from all others, on whichever page; see [`notice::page_of`]. One reading
    /// may have two of a kind about a component, of two announced works.
    fn key(&self, now: Timestamp, draft: &Draft) -> String {
        let component = draft.subjects.first().map(|subject| subject.component.0.as_str());
        let incident = draft.incident.as_ref().map(|id| id.0.as_str());
        let about = match (component, incident) {
            (Some(component), Some(work)) if draft.kind == Kind::Maintenance => {
                format!("{component}/{work}")
            }
            (about, or) => about.or(or).unwrap_or("page").to_owned(),
        };
        let page = self.state.settings.label.as_ref().map(|label| label.key.as_str());
        format!("{}/{about}/{now}", notice::with_page(page, draft.kind.as_str()))
    }

    /// A title that says of which page it is.
    pub(super) fn titled(&self, title: String) -> String {
        text::of_page(title, self.state.settings.label.as_ref())
    }

    /// Whether somebody else's outage was told in a bubble, and goes on.
    fn is_of_others(&self, thread: &str, subjects: &[Subject]) -> bool {
        let is_other = |c: &Component| !subjects.iter().any(|one| one.component == c.id);
        let in_it = |c: &Component| c.episode().and_then(Episode::outage_thread) == Some(thread);
        self.state.components.iter().any(|component| is_other(component) && in_it(component))
    }
}

/// The worst level first, as a title has it: what explains that one explains the notice.
fn worst_first<'a>(components: &[&'a Component]) -> Vec<&'a Component> {
    let mut sorted = components.to_vec();
    let severity = |c: &&Component| c.level_away().severity();
    sorted.sort_by_key(|component| core::cmp::Reverse(severity(component)));
    sorted
}
