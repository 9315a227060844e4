//! `ccwatch history`: what happened, how long it took, and whether the user was told.

mod json;
mod known;
mod learnt;
mod told;

use std::io::Write;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::app::App;
use crate::app::exit_code::ExitCode;
use crate::cli;
use crate::platform::clock;
use crate::render::sanitize;
use crate::store::{Reader, StoredIncident, StoredNotice};
use ccwatch_core::decide::decision::Decision;
use ccwatch_core::history::episodes::{EpisodeRecord, episodes};
use ccwatch_core::history::uptime::Watch;
use ccwatch_core::history::watched;
use ccwatch_core::model::{ComponentId, Incident, IncidentId};
use ccwatch_core::monitor::Transition;
use ccwatch_core::settings::{Settings, plain_name, short_name};
use ccwatch_core::state::SavedState;
use ccwatch_core::text;
use ccwatch_core::time::when::{self, Side};
use ccwatch_core::time::{between, shifted};

use crate::app::usage::UsageError;
use crate::render::json::print_json;
use json::{notice_json, with};

/// A spell that goes on at the beginning of what is asked for began within this time before it.
const LONGEST_SPELL: SignedDuration = SignedDuration::from_hours(60 * 24);
const NAME: usize = 120;
const TITLE: usize = 120;
/// The longest message: what it says last is what to do.
const BODY: usize = 4000;

/// Everything that an answer needs.
struct Past {
    now: Timestamp,
    since: Timestamp,
    until: Timestamp,
    /// No more than the newest so many.
    limit: usize,
    settings: Settings,
    component: Option<ComponentId>,
    /// The components that the user watches.
    watched: Vec<ComponentId>,
    /// The times in which the page could be seen, oldest first.
    watches: Vec<Watch>,
    /// The last reading, where nobody reads the page now: what went on then is known up to it.
    known_until: Option<Timestamp>,
    reader: Reader,
}

/// Tells.
pub fn run(app: &App, args: &cli::History, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let dir = app.state_dir()?;
    let settings = app.settings();
    let now = clock::now();
    let time = |text: &str| {
        when::parse(text, now, &settings.zone, Side::Past).map_err(|error| UsageError {
            what: format!("{text:?}: {error}"),
            hint: error.hint().to_owned(),
        })
    };
    let since = time(&args.since)?;
    let until = args.until.as_deref().map_or(Ok(now), time)?;
    if until < since {
        let (what, hint) = ("--until is before --since", "the earlier time belongs to --since");
        return Err(UsageError { what: what.to_owned(), hint: hint.to_owned() }.into());
    }
    let Some(reader) = Reader::open(&dir)? else {
        if args.json {
            print_json(&json!({"version": 1, "since": since, "until": until, "at": now}), out)?;
        } else {
            writeln!(out, "Nothing was written down yet. Start the daemon with: ccwatch run")?;
        }
        return Ok(ExitCode::Success);
    };
    let saved = reader.state()?;
    let component = args.component.as_deref().map(|name| find(name, &saved)).transpose()?;
    let limit = args.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX);
    let watches = reader.watches(Timestamp::MIN)?.iter().map(|w| (w.since, w.until)).collect();
    let of_watched = saved.components.iter().filter(|c| c.watched.is_some());
    let watched = of_watched.map(|c| c.id.clone()).collect();
    let health = &saved.page_health;
    let known_until = known::until(&dir, health.last_good, now, app.config.stale_after);
    let past = Past {
        now,
        since,
        until,
        limit,
        settings,
        component,
        watched,
        watches,
        known_until,
        reader,
    };
    match args.json {
        true => past.print_json(args, out),
        false => past.print_text(args, out),
    }?;
    Ok(ExitCode::Success)
}

fn find(name: &str, saved: &SavedState) -> Result<ComponentId, UsageError> {
    let plain = plain_name(name);
    let found = saved.components.iter().find(|c| c.id.0 == name || plain_name(&c.name) == plain);
    let known = || saved.components.iter().map(|c| c.name.as_str()).collect::<Vec<&str>>();
    found.map(|c| c.id.clone()).ok_or_else(|| UsageError::no_component(name, &known()))
}

impl Past {
    /// Those of a list, the oldest first, that are asked for.
    fn asked_for<T>(&self, mut list: Vec<T>, at: impl Fn(&T) -> Option<Timestamp>) -> Vec<T> {
        list.retain(|it| at(it).is_none_or(|at| at <= self.until));
        list.split_off(list.len().saturating_sub(self.limit))
    }

    fn changes(&self) -> anyhow::Result<Vec<Transition>> {
        Ok(self.asked_for(self.transitions(self.since)?, |it| Some(it.at)))
    }

    fn messages(&self) -> anyhow::Result<Vec<StoredNotice>> {
        Ok(self.asked_for(self.notices(self.since)?, |it| Some(it.notice.at)))
    }

    fn transitions(&self, since: Timestamp) -> anyhow::Result<Vec<Transition>> {
        Ok(self.reader.transitions(since, self.component.as_ref())?)
    }

    fn episodes(&self) -> anyhow::Result<Vec<EpisodeRecord>> {
        let transitions = self.transitions(shifted(self.since, -LONGEST_SPELL))?;
        let in_time = |spell: &EpisodeRecord| spell.until.is_none_or(|until| until >= self.since);
        let episodes = episodes(&transitions).into_iter().filter(in_time).collect();
        Ok(self.asked_for(episodes, |spell| spell.since))
    }

    fn incidents(&self) -> anyhow::Result<Vec<StoredIncident>> {
        let concerns = |i: &Incident| self.component.as_ref().is_none_or(|id| i.names(id));
        let mut found = self.reader.incidents(self.since)?;
        found.retain(|stored| concerns(&stored.incident));
        Ok(self.asked_for(found, |it| Some(it.incident.began().unwrap_or(it.first_seen))))
    }

    fn notices(&self, since: Timestamp) -> anyhow::Result<Vec<StoredNotice>> {
        let about = |n: &StoredNotice| {
            self.component.as_ref().is_none_or(|id| n.notice.components.contains(id))
        };
        let mut found = self.reader.notices(since)?;
        found.retain(about);
        Ok(found)
    }

    fn print_text(&self, args: &cli::History, out: &mut dyn Write) -> anyhow::Result<()> {
        let lines = if args.incidents {
            self.incidents()?.iter().map(|stored| self.incident_lines(stored)).collect()
        } else if args.notices {
            self.messages()?.iter().map(|notice| self.notice_lines(notice)).collect()
        } else if args.transitions {
            let notices = self.notices(shifted(self.since, -LONGEST_SPELL))?;
            let (all, decisions) = (self.transitions(self.since)?, self.decisions()?);
            let line = |it: &Transition| self.transition_line(it, &all, &notices, &decisions);
            self.changes()?.iter().map(line).collect()
        } else if args.decisions {
            let notices = self.notices(self.since)?;
            let line = |it: &Decision| self.decision_line(it, &notices);
            self.decisions()?.iter().map(line).collect()
        } else {
            self.spell_lines()?
        };
        if lines.is_empty() {
            let clock = |at| text::clock(at, self.now, &self.settings.zone);
            match self.until < self.now {
                _ if self.known_until.is_some_and(|known| known < self.since) => {
                    writeln!(out, "Not known: nobody read the page since {}.", clock(self.since))?;
                }
                true => {
                    writeln!(out, "Nothing from {} to {}.", clock(self.since), clock(self.until))?;
                }
                false => writeln!(out, "Nothing since {}.", clock(self.since))?,
            }
        }
        for line in lines.into_iter().chain(self.watched_line()) {
            writeln!(out, "{line}")?;
        }
        Ok(())
    }

    fn spell_lines(&self) -> anyhow::Result<Vec<String>> {
        let (episodes, incidents) = (self.episodes()?, self.incidents()?);
        let notices = self.notices(shifted(self.since, -LONGEST_SPELL))?;
        let title = |id: &IncidentId| {
            let stored = incidents.iter().find(|stored| stored.incident.id == *id)?;
            Some(sanitize::line(&stored.incident.name, TITLE))
        };
        let line = |spell: &EpisodeRecord| {
            let when = match (spell.since, spell.until) {
                (Some(since), Some(until)) => self.period(since, Some(until)),
                (Some(since), None) => self.period(since, None),
                (None, Some(until)) => format!("until {}", self.stamp(until)),
                (None, None) => "since before".to_owned(),
            };
            let name = sanitize::line(short_name(&spell.name), NAME);
            let told = told::of_episode(spell, &notices, |at| self.stamp(at));
            let level = text::level(spell.worst);
            let first = format!("{when:<38}  {name:<16}  {level:<20}  {told}");
            let lead = told::lead_of(spell, &notices).map(text::seen_here_first);
            let goes_on = spell.until.is_none().then(|| self.unread_line()).flatten();
            let title = spell.incident.as_ref().and_then(title);
            let more = [title, lead, self.learnt_line(spell), goes_on];
            let more = more.into_iter().flatten().map(|line| format!("\n    {line}"));
            (spell.since, first + &more.collect::<String>())
        };
        let mut lines: Vec<(Option<Timestamp>, String)> = episodes.iter().map(line).collect();
        for stored in self.learnt(&episodes)? {
            lines.push((stored.incident.began(), self.incident_lines(&stored)));
        }
        lines.sort_by_key(|(since, _)| *since);
        Ok(lines.into_iter().map(|(_, line)| line).collect())
    }

    fn incident_lines(&self, stored: &StoredIncident) -> String {
        let incident = &stored.incident;
        let began = incident.began().unwrap_or(stored.first_seen);
        let ended = incident.resolved_at.or(stored.removed_at);
        let phase = match stored.removed_at {
            Some(_) => "taken off the page",
            None => text::phase(&incident.phase),
        };
        let title = sanitize::line(&incident.name, TITLE);
        let mut line =
            format!("{:<38}  {title} ({})", self.period(began, ended), sanitize::line(phase, NAME));
        if let Some(url) = self.settings.incident_url(&incident.id) {
            line.push_str(&format!("\n    {url}"));
        }
        if known::is_turned(began, ended) {
            let began = self.stamp(began);
            line.push_str(&format!(
                "\n    The page dates its beginning after its end, {began}: how long it took is not \
                 known."
            ));
        }
        if let Some(unread) = self.unread_line().filter(|_| ended.is_none()) {
            line.push_str(&format!("\n    {unread}"));
        }
        if learnt::is_later(stored) {
            let seen = self.stamp(stored.first_seen);
            line.push_str(&format!("\n    Learnt afterwards, at {seen}."));
        }
        line
    }

    fn notice_lines(&self, stored: &StoredNotice) -> String {
        let (at, notice) = (self.stamp(stored.notice.at), &stored.notice);
        let (title, body) =
            (sanitize::line(&notice.title, BODY), sanitize::line(&notice.body, BODY));
        let why = text::reason(notice.reason).trim_start_matches("told: ");
        format!("{at}  {title} ({why}; {})\n    {body}", told::became(stored))
    }

    fn decisions(&self) -> anyhow::Result<Vec<Decision>> {
        let mut found = self.reader.decisions(self.since)?;
        found.retain(|it| self.component.is_none() || it.component == self.component);
        Ok(self.asked_for(found, |it| Some(it.at)))
    }

    /// When, about whom, what there was to tell, and why it was told or not.
    fn decision_line(&self, it: &Decision, notices: &[StoredNotice]) -> String {
        let name = match it.name.as_str() {
            "" => String::new(),
            name => sanitize::line(short_name(name), NAME),
        };
        let stored =
            it.notice.as_ref().and_then(|key| notices.iter().find(|n| n.notice.key == *key));
        let became =
            stored.map_or_else(String::new, |stored| format!("; {}", told::became(stored)));
        let (kind, why) = (it.kind.as_str(), text::reason(it.reason));
        format!("{}  {name:<16}  {kind:<14}  {why}{became}", self.stamp(it.at))
    }

    fn transition_line(
        &self,
        it: &Transition,
        all: &[Transition],
        notices: &[StoredNotice],
        decisions: &[Decision],
    ) -> String {
        let why = told::of_transition(it, all, notices, decisions);
        let name = sanitize::line(short_name(&it.name), NAME);
        let change = format!("{} -> {}", it.from.as_str(), it.to.as_str());
        let later = match watched::was_learnt_later(it.at, it.seen_at, &self.watches) {
            true => format!("; seen at {}", self.stamp(it.seen_at)),
            false => String::new(),
        };
        format!("{}  {name:<16}  {change:<28}  {why}{later}", self.stamp(it.at))
    }

    fn period(&self, since: Timestamp, until: Option<Timestamp>) -> String {
        let (began, to) = (self.stamp(since), until.or(self.known_until).unwrap_or(self.now));
        if known::is_turned(since, until) {
            return format!("until {}", self.stamp(to));
        }
        let lasted = text::duration(between(since, to));
        let same_day = self.format(since, "%F") == self.format(to, "%F");
        let end = if same_day { self.format(to, "%H:%M") } else { self.stamp(to) };
        match (until, self.known_until) {
            (None, None) => format!("{began} to now    {lasted}"),
            (None, Some(_)) => format!("{began} at least until {end}  {lasted}"),
            (Some(_), _) => format!("{began} to {end}  {lasted}"),
        }
    }

    fn stamp(&self, at: Timestamp) -> String {
        self.format(at, "%Y-%m-%d %H:%M")
    }

    fn format(&self, at: Timestamp, format: &str) -> String {
        at.to_zoned(self.settings.zone.clone()).strftime(format).to_string()
    }

    /// Version 1 of a documented shape: all four lists, or the one that is asked for.
    fn print_json(&self, args: &cli::History, out: &mut dyn Write) -> anyhow::Result<()> {
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
        let head = json!({"version": 1, "since": self.since, "until": self.until, "at": self.now,
            "watched_since": watched_since, "known_until": self.known_until});
        let answer = with(head, lists);
        Ok(print_json(&answer, out)?)
    }

    fn spell_json(&self, spell: &EpisodeRecord, notices: &[StoredNotice]) -> Value {
        let lasted = spell.since.and_then(|since| self.lasted(since, spell.until));
        let lead = told::lead_of(spell, notices).map(|lead| lead.as_secs());
        let more = [
            ("lasted_seconds", json!(lasted)),
            ("at_least_until", json!(self.at_least_until(spell.until))),
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
            ("lasted_seconds", json!(began.and_then(|began| self.lasted(began, ended)))),
            ("at_least_until", json!(self.at_least_until(ended))),
            ("removed_at", json!(stored.removed_at)),
            ("first_seen", json!(stored.first_seen)),
            ("learnt_later", json!(learnt::is_later(stored))),
            ("url", json!(url)),
        ];
        with(json!(stored.incident), more)
    }
}
