//! Incidents that name no component: told on wish, and where they are bad ones, with their end.

use alloc::string::String;
use alloc::vec::Vec;

use jiff::Timestamp;

use crate::decide::decision::{Beginning, Candidate, decide};
use crate::decide::models;
use crate::model::{Incident, IncidentId};
use crate::notice::Urgency;
use crate::notice::kind::{Kind, Reason};
use crate::text;
use crate::time::between;

use super::Monitor;
use super::draft::Draft;

impl Monitor {
    /// Those that are open and mean nothing that is watched; what means something watched is told as
    /// that one's outage.
    pub(super) fn tell_unattributed(&mut self, now: Timestamp) {
        let nameless = self.state.unattributed();
        let judged: Vec<(Incident, Reason)> =
            nameless.map(|i| (i.clone(), self.judge_unattributed(now, i))).collect();
        for (incident, reason) in judged {
            let known = self.state.incidents.known_mut(now, &incident);
            if !reason.tells() {
                let news = known.decided.replace(reason) != Some(reason);
                if news && reason != Reason::AlreadyTold {
                    self.note_other(now, Kind::Unattributed, reason, Some(&incident.id), None);
                }
                continue;
            }
            (known.told, known.decided) = (true, Some(reason));
            let text = text::unattributed(&incident, now, &self.state.settings.zone);
            let draft = Draft {
                thread: Some(thread_of(&incident.id)),
                incident: Some(incident.id),
                ..self.draft(Kind::Unattributed, Reason::NoComponentNamed, &[])
            };
            self.send(now, draft, text);
        }
    }

    /// Of those that were told, and are open no longer: that they are over. One that came to name
    /// something watched is told as the outage of that, to its end.
    pub(super) fn tell_unattributed_over(&mut self, now: Timestamp, left: &[Incident]) {
        for incident in left {
            let known = self.state.incidents.known.get_mut(&incident.id).filter(|known| known.told);
            let Some(known) = known else { continue };
            let began = incident.began().unwrap_or(known.first_seen);
            // Listed once more, it is news.
            (known.told, known.decided) = (false, None);
            if self.state.is_about_watched(incident) {
                continue;
            }
            let reason = self.judge_unattributed_over(now, incident);
            if !reason.tells() {
                self.note_other(now, Kind::Back, reason, Some(&incident.id), None);
                continue;
            }
            let lasted = between(began, now);
            let draft = Draft {
                thread: Some(thread_of(&incident.id)),
                incident: Some(incident.id.clone()),
                lasted: Some(lasted),
                urgency: Urgency::Low,
                ends: true,
                ..self.draft(Kind::Back, reason, &[])
            };
            self.send(now, draft, text::unattributed_over(incident, lasted));
        }
    }

    fn judge_unattributed_over(&self, now: Timestamp, incident: &Incident) -> Reason {
        let candidate = Candidate {
            kind: Kind::Back,
            news: Reason::IncidentOver,
            watched: true,
            begins_at: None,
            other_models: false,
            muted: self.state.mute_of(now, Some(&incident.id)).map(|mute| mute.end),
            beginning: Beginning::Awaited,
            wanted: None,
        };
        decide(&candidate, &self.state.settings)
    }

    /// Whether the user is told of an incident that names no component.
    fn judge_unattributed(&self, now: Timestamp, incident: &Incident) -> Reason {
        let told = self.state.incidents.known.get(&incident.id).is_some_and(|known| known.told);
        let candidate = Candidate {
            kind: Kind::Unattributed,
            news: if told { Reason::AlreadyTold } else { Reason::NoComponentNamed },
            watched: self.state.is_for_all(incident),
            begins_at: None,
            other_models: models::only_others(&incident.name, &self.state.settings.models),
            muted: self.state.mute_of(now, Some(&incident.id)).map(|mute| mute.end),
            beginning: Beginning::Now,
            wanted: Some(self.state.wants_nameless(incident)),
        };
        decide(&candidate, &self.state.settings)
    }
}

/// The bubble of such an incident, from its beginning to its end.
fn thread_of(id: &IncidentId) -> String {
    format!("{}/{id}", Kind::Unattributed.as_str())
}
