//! The incident history: what the polls did not see, and how incidents that left the list ended.

use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use jiff::Timestamp;

use crate::decide::decision::{Beginning, Candidate, decide};
use crate::decide::models;
use crate::model::{ComponentId, HistoryReading, Incident, IncidentId};
use crate::notice::kind::{Kind, Reason};
use crate::state::expectation::{self, Past};
use crate::text;
use crate::time::between;

use super::draft::{Draft, Subject};
use super::{Monitor, Record};

impl Monitor {
    /// Takes in a read of `incidents.json`. It amends the history; it never changes a level.
    pub(super) fn history_read(&mut self, now: Timestamp, reading: HistoryReading) {
        self.schedule.history_read(now, reading.is_ok());
        if let Ok(list) = reading {
            self.learn_unseen(now, &list);
            self.listed(now, list);
        }
        self.take_up_held(now);
    }

    fn listed(&mut self, now: Timestamp, list: Vec<Incident>) {
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
        let judged: Vec<(&Incident, Reason)> = missed
            .iter()
            .filter(|incident| incident.components.iter().any(|id| watched(&id)))
            .map(|incident| (*incident, self.judge_missed(now, incident)))
            .collect();
        let quiet: Vec<(IncidentId, Reason)> = judged
            .iter()
            .filter(|(_, reason)| !reason.tells())
            .map(|(incident, reason)| (incident.id.clone(), *reason))
            .collect();
        let told: Vec<&Incident> =
            judged.iter().filter(|(_, reason)| reason.tells()).map(|(one, _)| *one).collect();
        let all: BTreeSet<ComponentId> =
            told.iter().flat_map(|i| i.components.iter().filter(watched).cloned()).collect();
        for (incident, reason) in quiet {
            self.note_other(now, Kind::AfterTheFact, reason, Some(&incident), None);
        }
        if told.is_empty() {
            return;
        }
        let lasted = told.iter().filter_map(|i| Some(between(i.began()?, i.resolved_at?))).max();
        let about = self.state.components.iter().filter(|c| all.contains(&c.id));
        let subject = |c| Subject { episode: None, ..Subject::of(c, Reason::LearntLater) };
        let draft = Draft {
            subjects: about.map(subject).collect(),
            incident: told.first().map(|incident| incident.id.clone()),
            lasted,
            ..self.draft(Kind::AfterTheFact, Reason::LearntLater, &[])
        };
        let text = text::after_the_fact(&told, now, &self.state.settings.zone);
        self.send(now, draft, text);
    }

    /// Whether the user is told of an incident that was only learnt of when it was over. Whoever
    /// met it is told that it wasn't them, wanted or not.
    fn judge_missed(&self, now: Timestamp, incident: &Incident) -> Reason {
        let settings = &self.state.settings;
        let ended = incident.resolved_at.or(incident.newest_update_at()).unwrap_or(now);
        let saw = |began| self.state.witness.saw(began, ended);
        let met = settings.tell.has(Kind::Suspect) && incident.began().is_some_and(saw);
        let candidate = Candidate {
            kind: Kind::AfterTheFact,
            news: Reason::LearntLater,
            watched: true,
            begins_at: None,
            other_models: models::only_others(&incident.name, &settings.models),
            muted: self.state.mute_of(now, None).map(|mute| mute.end),
            beginning: Beginning::Now,
            wanted: met.then_some(true),
        };
        decide(&candidate, settings)
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
