//! What was decided, as it is written down: once for each subject, and again when it changes.

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::String;

use jiff::Timestamp;

use crate::decide::decision::Decision;
use crate::model::{IncidentId, Level};
use crate::notice::kind::{Kind, Reason};
use crate::state::component::{Component, Episode, State};

use super::draft::{Draft, Place, Subject};
use super::{Monitor, Record, Transition};

impl Monitor {
    /// Notes that a notice was decided, for each of those whom it is about.
    pub(super) fn note_decision(&mut self, now: Timestamp, draft: &Draft, key: &str) {
        for subject in draft.subjects.clone() {
            self.record_decision(now, draft.kind, &subject, Some(key));
        }
        if draft.subjects.is_empty() {
            self.note_other(now, draft.kind, draft.reason, draft.incident.as_ref(), Some(key));
        }
    }

    /// Notes that an open episode is not told of, unless that is known already.
    pub(super) fn note_quiet(&mut self, now: Timestamp, kind: Kind, place: Place, reason: Reason) {
        let Some(component) = self.state.components.get_mut(place) else { return };
        let subject = Subject::of(component, reason);
        let told = matches!(reason, Reason::AlreadyTold | Reason::NoNews | Reason::Settling);
        let Some(episode) = component.affected_mut() else { return };
        if told || reason.tells() {
            return;
        }
        // A switch is of one kind of notice; all else is said of the episode, in whichever kind.
        let known = match reason == Reason::SwitchedOff {
            true => episode.decided.get(&kind) == Some(&reason),
            false => episode.decided.values().any(|it| *it == reason),
        };
        episode.decided.insert(kind, reason);
        if known {
            return;
        }
        self.record_decision(now, kind, &subject, None);
    }

    /// Notes that an end is not told of.
    pub(super) fn note_quiet_end(
        &mut self,
        now: Timestamp,
        kind: Kind,
        place: Place,
        episode: Option<&Episode>,
        reason: Reason,
    ) {
        let Some(component) = self.state.components.get(place) else { return };
        let subject = Subject::of(component, reason);
        let subject = match episode {
            Some(episode) => subject.after(episode),
            None => subject,
        };
        self.record_decision(now, kind, &subject, None);
    }

    /// Notes what was decided of something that is about no component that is listed.
    pub(super) fn note_other(
        &mut self,
        now: Timestamp,
        kind: Kind,
        reason: Reason,
        incident: Option<&IncidentId>,
        notice: Option<&str>,
    ) {
        self.record(Record::Decision(Box::new(Decision {
            at: now,
            kind,
            reason,
            component: None,
            name: String::new(),
            episode: None,
            incident: incident.cloned(),
            notice: notice.map(str::to_owned),
        })));
    }

    /// Writes a decision about one component down.
    pub(super) fn record_decision(
        &mut self,
        now: Timestamp,
        kind: Kind,
        subject: &Subject,
        notice: Option<&str>,
    ) {
        if notice.is_some() {
            let of = |c: &&mut Component| c.id == subject.component;
            if let Some(episode) =
                self.state.components.iter_mut().find(of).and_then(Component::affected_mut)
            {
                // What was quiet is news again when it is quiet again.
                episode.decided.retain(|_, reason| reason.tells());
                episode.decided.insert(kind, subject.reason);
            }
        }
        self.record(Record::Decision(Box::new(Decision {
            at: now,
            kind,
            reason: subject.reason,
            component: Some(subject.component.clone()),
            name: subject.name.clone(),
            episode: subject.episode.clone(),
            incident: subject.incident.clone(),
            notice: notice.map(str::to_owned),
        })));
    }

    /// The changes of level of a reading, each with the decision about it.
    pub(super) fn write_changes(
        &mut self,
        now: Timestamp,
        changes: &[(Place, Level)],
        reasons: &[Reason],
        over: &BTreeMap<Place, String>,
    ) {
        for (place, from) in changes {
            let Some(component) = self.state.components.get(*place) else { continue };
            let reason = reasons.get(*place).copied().unwrap_or(Reason::NoNews);
            let settling =
                matches!(component.state, State::Recovering { .. }) && reason == Reason::NoNews;
            let transition = Transition {
                at: component.since,
                seen_at: now,
                component: component.id.clone(),
                name: component.name.clone(),
                from: *from,
                to: component.level,
                incident: component.episode().and_then(cause),
                episode: component
                    .episode()
                    .map(|episode| episode.id.clone())
                    .or_else(|| over.get(place).cloned()),
                reason: if settling { Reason::Settling } else { reason },
            };
            self.record(Record::Transition(transition));
        }
    }
}

/// What explains the level that an episode has now: announced work is not explained by the incident of
/// an outage before it.
fn cause(episode: &Episode) -> Option<IncidentId> {
    match episode.level == Level::Maintenance && episode.worst.is_worse_than(episode.level) {
        true => episode.work.clone(),
        false => episode.explained_by().cloned(),
    }
}
