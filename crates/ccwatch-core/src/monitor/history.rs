//! The incident history: what the polls did not see, and how incidents that left the list ended.

use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use jiff::Timestamp;

use crate::decide::models;
use crate::decide::notice::Kind;
use crate::decide::policy::Reason;
use crate::model::{ComponentId, HistoryReading, Incident, IncidentId};
use crate::state::expectation::{self, Past};
use crate::text;
use crate::time::between;

use super::draft::Draft;
use super::{Monitor, Record};

impl Monitor {
    /// Takes in a read of `incidents.json`. It amends the history; it never changes a level.
    pub(super) fn history_read(&mut self, now: Timestamp, reading: HistoryReading) {
        self.schedule.history_read(now, reading.is_ok());
        let Ok(list) = reading else { return };
        let missed: Vec<&Incident> = list.iter().filter(|i| self.was_missed(i)).collect();
        self.tell_missed(now, &missed);
        self.state.page_health.history_at = Some(now);
        self.note_removed(&list);
        let open: BTreeSet<IncidentId> =
            self.state.incidents.open.iter().map(|i| i.id.clone()).collect();
        let listed: BTreeSet<IncidentId> = list.iter().map(|i| i.id.clone()).collect();
        for incident in list {
            let over = incident.phase.is_over();
            let known = self.state.incidents.known_mut(now, &incident);
            if over {
                (known.left, known.over) = (None, true);
            }
            if let Some(past) = Past::of(&incident) {
                expectation::remember(&mut self.state.incidents.past, past);
            }
            // What is still open is told better by the summary.
            if !open.contains(&incident.id) {
                self.record(Record::Incident(Box::new(incident)));
            }
        }
        self.state.incidents.forget(now, &listed);
    }

    /// Over before a poll could see it, and since ccwatch began to watch. The first read of the
    /// history is where it begins: nothing in it is news.
    fn was_missed(&self, incident: &Incident) -> bool {
        let began = self.state.page_health.history_at.and(self.state.page_health.first_good);
        let ended = incident.resolved_at.or(incident.newest_update_at());
        let since_then = matches!((began, ended), (Some(began), Some(ended)) if ended > began);
        since_then
            && incident.phase.is_over()
            && !self.state.incidents.known.contains_key(&incident.id)
    }

    fn tell_missed(&mut self, now: Timestamp, missed: &[&Incident]) {
        let watched = |id: &&ComponentId| self.state.watched().any(|c| c.id == **id);
        let concerns = |i: &&&Incident| {
            let ours = i.components.iter().any(|id| watched(&id));
            ours && !models::only_others(&i.name, &self.state.settings.models)
        };
        // Whoever met it is told that it wasn't them, wanted or not.
        let met = |i: &&&Incident| {
            let ended = i.resolved_at.or(i.newest_update_at()).unwrap_or(now);
            self.state.settings.tell.suspect
                && i.began().is_some_and(|b| self.state.witness.saw(b, ended))
        };
        let wanted = |i: &&&Incident| self.state.settings.tell.after_the_fact || met(i);
        let told: Vec<&Incident> = missed.iter().filter(concerns).filter(wanted).copied().collect();
        if told.is_empty() || self.state.mute_of(now, None).is_some() {
            return;
        }
        let all: BTreeSet<ComponentId> =
            told.iter().flat_map(|i| i.components.iter().filter(watched).cloned()).collect();
        let lasted = told.iter().filter_map(|i| Some(between(i.began()?, i.resolved_at?))).max();
        let draft = Draft {
            components: all.into_iter().collect(),
            incident: told.first().map(|incident| incident.id.clone()),
            lasted,
            ..self.draft(Kind::AfterTheFact, Reason::LearntLater, &[])
        };
        let text = text::after_the_fact(&told, now, &self.state.settings.zone);
        self.send(now, draft, text);
    }

    /// An incident that left the summary and isn't in the history either, though the history
    /// reaches back further than it, was taken off the page.
    fn note_removed(&mut self, list: &[Incident]) {
        let Some(oldest) = list.iter().filter_map(|i| i.created_at).min() else { return };
        let mut removed = Vec::new();
        for (id, known) in &mut self.state.incidents.known {
            let listed = list.iter().any(|incident| incident.id == *id);
            if let Some(at) = known.left
                && !listed
                && known.first_seen > oldest
            {
                known.left = None;
                removed.push((id.clone(), at));
            }
        }
        for (incident, at) in removed {
            self.record(Record::Removed { incident, at });
        }
    }
}
