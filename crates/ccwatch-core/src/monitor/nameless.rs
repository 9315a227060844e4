//! Incidents that name no component: told on wish, and where they are bad ones.

use alloc::vec::Vec;

use jiff::Timestamp;

use crate::decide::decision::{Beginning, Candidate, decide};
use crate::decide::models;
use crate::model::{Impact, Incident};
use crate::notice::kind::Kind;
use crate::notice::reason::Reason;
use crate::text;

use super::Monitor;
use super::draft::Draft;

impl Monitor {
    /// Those that are open and mean nothing that is watched; what means something watched is told as
    /// that one's outage.
    pub(super) fn tell_unattributed(&mut self, now: Timestamp) {
        let open = self.state.incidents.open.iter();
        let watched = |i: &Incident| self.state.watched().any(|c| i.means(&c.id));
        let nameless = open.filter(|i| i.components.is_empty() && i.phase.is_active());
        let nameless = nameless.filter(|i| !watched(i));
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
                incident: Some(incident.id),
                ..self.draft(Kind::Unattributed, Reason::NoComponentNamed, &[])
            };
            self.send(now, draft, text);
        }
    }

    /// Whether the user is told of an incident that names no component.
    fn judge_unattributed(&self, now: Timestamp, incident: &Incident) -> Reason {
        let told = self.state.incidents.known.get(&incident.id).is_some_and(|known| known.told);
        let meant = self.state.components.iter().filter(|c| incident.means(&c.id));
        let candidate = Candidate {
            kind: Kind::Unattributed,
            news: if told { Reason::AlreadyTold } else { Reason::NoComponentNamed },
            // About a product that nobody watches, where it isn't wished for all the same.
            watched: meant.count() == 0 || self.state.settings.tell.has(Kind::Unattributed),
            begins_at: None,
            other_models: models::only_others(&incident.name, &self.state.settings.models),
            muted: self.state.mute_of(now, Some(&incident.id)).map(|mute| mute.end),
            beginning: Beginning::Now,
            wanted: Some(self.wants_nameless(incident)),
        };
        decide(&candidate, &self.state.settings)
    }

    /// Whether an incident that names no component is told: on wish, and where it is a bad one.
    pub(super) fn wants_nameless(&self, incident: &Incident) -> bool {
        self.state.settings.tell.has(Kind::Unattributed)
            || matches!(incident.impact, Impact::Major | Impact::Critical)
    }
}
