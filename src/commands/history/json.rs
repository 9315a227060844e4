//! `ccwatch history --json`: an object for each thing that happened. Keys may be added, never
//! renamed.

use std::io::Write;

use serde_json::{Value, json};

use super::{LONGEST_SPELL, Past, learnt, told};
use crate::cli;
use crate::client::pages;
use crate::render::json::print_json;
use crate::store::{StoredIncident, StoredNotice};
use ccwatch_core::history::episodes::EpisodeRecord;
use ccwatch_core::history::watched;
use ccwatch_core::monitor::Transition;
use ccwatch_core::notice::DeliveryState;
use ccwatch_core::notice::sink::Sink;
use ccwatch_core::settings::Settings;
use ccwatch_core::time::shifted;

/// An object with more keys.
fn with(mut object: Value, more: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
    if let Some(object) = object.as_object_mut() {
        object.extend(more.into_iter().map(|(key, value)| (key.to_owned(), value)));
    }
    object
}

/// What every answer begins with: which page it is of, and its times.
pub(super) fn head(settings: &Settings, times: Value) -> Value {
    with(times, [("version", json!(1)), ("page", json!(pages::key(settings)))])
}

/// `progress` and `hook` are what there was before there were sinks; `deliveries` has them all.
fn notice_json(stored: &StoredNotice) -> Value {
    let desktop = stored.deliveries.get(&Sink::Desktop);
    let progress = desktop.map_or(DeliveryState::Logged, |delivery| delivery.state);
    let deliveries = stored.deliveries.iter().map(|(sink, delivery)| {
        let unanswered = delivery.unanswered;
        let (state, at, why) = (delivery.state, delivery.at, &delivery.why);
        let row = json!({"state": state, "at": at, "unanswered": unanswered, "why": why});
        (sink.as_str().to_owned(), row)
    });
    let more = [
        ("progress", json!(progress)),
        ("progress_at", json!(desktop.map_or(stored.notice.at, |delivery| delivery.at))),
        ("hook", json!(stored.state(Sink::Hook))),
        ("deliveries", Value::Object(deliveries.collect())),
    ];
    with(json!(stored.notice), more)
}

impl Past {
    /// Version 1 of a documented shape: all four lists, or the one that is asked for.
    pub(super) fn print_json(
        &self,
        args: &cli::History,
        out: &mut dyn Write,
    ) -> anyhow::Result<()> {
        let all = !(args.incidents || args.notices || args.transitions || args.decisions);
        let mut lists = Vec::new();
        if all {
            let notices = self.notices(shifted(self.since, -LONGEST_SPELL))?;
            let episodes = self.episodes()?;
            let json = |spell: &EpisodeRecord| self.spell_json(spell, &notices);
            lists.push(("episodes", episodes.iter().map(json).collect()));
        }
        if all || args.transitions {
            let notices = self.notices(shifted(self.since, -LONGEST_SPELL))?;
            let json = |it: &Transition| self.transition_json(it, &notices);
            lists.push(("transitions", self.changes()?.iter().map(json).collect()));
        }
        if all || args.incidents {
            let json = |i: &StoredIncident| self.incident_json(i);
            lists.push(("incidents", self.incidents()?.iter().map(json).collect()));
        }
        if all || args.notices {
            lists.push(("notices", self.messages()?.iter().map(notice_json).collect()));
        }
        if all || args.decisions {
            lists.push(("decisions", json!(self.decisions()?)));
        }
        let watched_since = self.watches.first().map(|(since, _)| since);
        let times = json!({"since": self.since, "until": self.until, "at": self.now,
            "watched_since": watched_since, "known_until": self.known_until});
        let head = head(&self.settings, times);
        let answer = with(head, lists);
        Ok(print_json(&answer, out)?)
    }

    fn spell_json(&self, spell: &EpisodeRecord, notices: &[StoredNotice]) -> Value {
        let known = self.known_until_of(spell);
        let lasted = spell.since.and_then(|since| self.lasted(since, spell.until, known));
        let lead = told::lead_of(spell, notices).map(|lead| lead.as_secs());
        let more = [
            ("lasted_seconds", json!(lasted)),
            ("at_least_until", json!(known.filter(|_| spell.until.is_none()))),
            ("told_at", json!(told::at(spell, notices))),
            ("back_told_at", json!(told::back_at(spell, notices))),
            ("lead_seconds", json!(lead)),
            ("began_unseen", json!(self.was_learnt_later(spell.since, spell.since_seen_at))),
            ("ended_unseen", json!(self.was_learnt_later(spell.until, spell.until_seen_at))),
        ];
        with(json!(spell), more)
    }

    fn transition_json(&self, it: &Transition, notices: &[StoredNotice]) -> Value {
        let unseen = watched::was_learnt_later(it.at, it.seen_at, &self.watches);
        let more =
            [("told_at", json!(told::transition_at(it, notices))), ("unseen", json!(unseen))];
        with(json!(it), more)
    }

    fn incident_json(&self, stored: &StoredIncident) -> Value {
        let url = self.settings.incident_url(&stored.incident.id);
        let ended = stored.incident.resolved_at.or(stored.removed_at);
        let began = stored.incident.began();
        let more = [
            (
                "lasted_seconds",
                json!(began.and_then(|began| self.lasted(began, ended, self.known_until))),
            ),
            ("at_least_until", json!(self.known_until.filter(|_| ended.is_none()))),
            ("removed_at", json!(stored.removed_at)),
            ("first_seen", json!(stored.first_seen)),
            ("learnt_later", json!(learnt::is_later(stored))),
            ("url", json!(url)),
        ];
        with(json!(stored.incident), more)
    }
}
