//! `ccwatch history`: what happened, how long it took, and whether the user was told.

mod json;
mod known;
mod learnt;
mod table;
mod told;

use std::collections::BTreeSet;
use std::io::Write;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::app::App;
use crate::app::exit_code::ExitCode;
use crate::cli;
use crate::client::pages;
use crate::platform::clock;
use crate::render::names::PastNames;
use crate::render::sanitize;
use crate::store::{Reader, StoredIncident, StoredNotice};
use ccwatch_core::decide::decision::Decision;
use ccwatch_core::history::episodes::{EpisodeRecord, episodes};
use ccwatch_core::history::uptime::Watch;
use ccwatch_core::history::watched;
use ccwatch_core::model::{ComponentId, Incident, IncidentId};
use ccwatch_core::monitor::Transition;
use ccwatch_core::notice::kind::Kind;
use ccwatch_core::settings::Settings;
use ccwatch_core::state::component::Component;
use ccwatch_core::state::watchlist;
use ccwatch_core::state::{PageState, SavedState};
use ccwatch_core::text;
use ccwatch_core::time::shifted;
use ccwatch_core::time::when::{self, Side};

use crate::app::usage::UsageError;
use crate::render::json::print_json;
use table::Row;

/// A spell that goes on at the beginning of what is asked for began within this time before it.
const LONGEST_SPELL: SignedDuration = SignedDuration::from_hours(60 * 24);
/// The longest name of a component, in characters.
const NAME: usize = 120;
/// Other words of the page, in characters.
const WORD: usize = 24;
const TITLE: usize = 120;
/// The title of an incident in the place of a name, in characters.
const SUBJECT: usize = 24;
/// The longest message: what it says last is what to do.
const BODY: usize = 4000;
/// How wide the columns are at least: of episodes and incidents, of decisions, of changes of a level.
const SPELLS: [usize; 3] = [38, 16, 20];
const DECISIONS: [usize; 3] = [16, 16, 14];
const CHANGES: [usize; 3] = [16, 16, 28];

/// Everything that an answer needs.
struct Past {
    now: Timestamp,
    since: Timestamp,
    until: Timestamp,
    /// No more than the newest so many.
    limit: usize,
    settings: Settings,
    /// Only these; none: all.
    components: Vec<ComponentId>,
    /// All that the page lists, or did.
    page: Vec<Component>,
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
    let Some(reader) = Reader::open(&app.page_dir()?)? else {
        if args.json {
            let times = json!({"since": since, "until": until, "at": now});
            print_json(&json::head(&settings, times), out)?;
        } else {
            pages::heading(&settings, out)?;
            writeln!(out, "Nothing was written down yet. Start the daemon with: ccwatch run")?;
        }
        return Ok(ExitCode::Success);
    };
    let saved = reader.state()?;
    let limit = args.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX);
    let watches = reader.watches(Timestamp::MIN)?.iter().map(|w| (w.since, w.until)).collect();
    let of_watched = saved.components.iter().filter(|c| c.watched.is_some());
    let watched = of_watched.map(|c| c.id.clone()).collect();
    let page = saved.components.clone();
    let last_good = saved.page_health.last_good;
    let known_until = known::until(&dir, last_good, now, app.config.stale_after);
    let components = components(&args.components, &settings, saved, now, &reader)?;
    let past = Past {
        now,
        since,
        until,
        limit,
        settings,
        components,
        page,
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

/// The components that are meant by names, as the entries of the watch list are; else those that
/// once had them.
fn components(
    names: &[String],
    settings: &Settings,
    saved: SavedState,
    now: Timestamp,
    reader: &Reader,
) -> anyhow::Result<Vec<ComponentId>> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let settings = Settings { watch: names.to_vec(), ..settings.clone() };
    let page = PageState::restore(settings, saved, now);
    let mut found: BTreeSet<ComponentId> = page.watched().map(|c| c.id.clone()).collect();
    let nobody = |name: &&String| {
        page.components().is_empty() || page.page_health().unmatched.contains(name)
    };
    let missing: Vec<&String> = names.iter().filter(nobody).collect();
    if missing.is_empty() {
        return Ok(found.into_iter().collect());
    }
    let all = reader.transitions(Timestamp::MIN, None)?;
    for name in missing {
        let fit =
            |it: &&Transition| watchlist::fit(name, &it.component.0, &it.name, None).is_some();
        let before = found.len();
        found.extend(all.iter().filter(fit).map(|it| it.component.clone()));
        if found.len() == before {
            return Err(UsageError::no_component(name, page.components()).into());
        }
    }
    Ok(found.into_iter().collect())
}

impl Past {
    /// Whether one of the components that are asked for is such a one; where none is named, any is.
    fn asks_for_any(&self, is: impl Fn(&ComponentId) -> bool) -> bool {
        self.components.is_empty() || self.components.iter().any(is)
    }

    /// Those of a list, the oldest first, that are asked for.
    fn asked_for<T>(&self, mut list: Vec<T>, at: impl Fn(&T) -> Option<Timestamp>) -> Vec<T> {
        list.retain(|it| at(it).is_none_or(|at| at <= self.until));
        list.split_off(list.len().saturating_sub(self.limit))
    }

    /// What components are called that are written down by id and the name of that day.
    fn names<'a>(&self, past: impl IntoIterator<Item = (&'a ComponentId, &'a str)>) -> PastNames {
        PastNames::of(&self.page, past, NAME)
    }

    fn changes(&self) -> anyhow::Result<Vec<Transition>> {
        Ok(self.asked_for(self.transitions(self.since)?, |it| Some(it.at)))
    }

    fn messages(&self) -> anyhow::Result<Vec<StoredNotice>> {
        Ok(self.asked_for(self.notices(self.since)?, |it| Some(it.notice.at)))
    }

    fn transitions(&self, since: Timestamp) -> anyhow::Result<Vec<Transition>> {
        if self.components.is_empty() {
            return Ok(self.reader.transitions(since, None)?);
        }
        let mut all = Vec::new();
        for id in &self.components {
            all.extend(self.reader.transitions(since, Some(id))?);
        }
        all.sort_by_key(|it| it.at);
        Ok(all)
    }

    fn episodes(&self) -> anyhow::Result<Vec<EpisodeRecord>> {
        let transitions = self.transitions(shifted(self.since, -LONGEST_SPELL))?;
        let in_time = |spell: &EpisodeRecord| spell.until.is_none_or(|until| until >= self.since);
        let episodes = episodes(&transitions).into_iter().filter(in_time).collect();
        Ok(self.asked_for(episodes, |spell| spell.since))
    }

    fn incidents(&self) -> anyhow::Result<Vec<StoredIncident>> {
        let concerns = |i: &Incident| self.asks_for_any(|id| i.names(id));
        let mut found = self.reader.incidents(self.since)?;
        found.retain(|stored| concerns(&stored.incident));
        Ok(self.asked_for(found, |it| Some(it.incident.began().unwrap_or(it.first_seen))))
    }

    fn notices(&self, since: Timestamp) -> anyhow::Result<Vec<StoredNotice>> {
        let about = |n: &StoredNotice| self.asks_for_any(|id| n.notice.components.contains(id));
        let mut found = self.reader.notices(since)?;
        found.retain(about);
        Ok(found)
    }

    fn print_text(&self, args: &cli::History, out: &mut dyn Write) -> anyhow::Result<()> {
        pages::heading(&self.settings, out)?;
        let lines = if args.incidents {
            let rows: Vec<Row> = self.incidents()?.iter().map(|it| self.incident_row(it)).collect();
            table::lines(&rows, &SPELLS)
        } else if args.notices {
            let all = self.notices(shifted(self.since, -LONGEST_SPELL))?;
            self.messages()?.iter().map(|notice| self.notice_lines(notice, &all)).collect()
        } else if args.transitions {
            let notices = self.notices(shifted(self.since, -LONGEST_SPELL))?;
            let (all, decisions) = (self.transitions(self.since)?, self.decisions()?);
            let changes = self.changes()?;
            let names = self.names(changes.iter().map(|it| (&it.component, it.name.as_str())));
            let why = |it: &Transition| told::of_transition(it, &all, &notices, &decisions);
            let row = |it: &Transition| self.transition_row(it, &why(it), &names);
            table::lines(&changes.iter().map(row).collect::<Vec<_>>(), &CHANGES)
        } else if args.decisions {
            let notices = self.notices(self.since)?;
            let decisions = self.decisions()?;
            let about =
                decisions.iter().filter_map(|it| Some((it.component.as_ref()?, it.name.as_str())));
            let names = self.names(about);
            let incidents = self.reader.incidents(self.since)?;
            let row = |it: &Decision| self.decision_row(it, &notices, &names, &incidents);
            table::lines(&decisions.iter().map(row).collect::<Vec<_>>(), &DECISIONS)
        } else {
            self.spell_lines()?
        };
        if lines.is_empty() {
            writeln!(out, "{}", self.nothing())?;
        }
        for line in lines.into_iter().chain(self.watched_line()) {
            writeln!(out, "{line}")?;
        }
        Ok(())
    }

    /// What is said of a time of which there is nothing to tell.
    fn nothing(&self) -> String {
        let clock = |at| text::clock(at, self.now, &self.settings.zone);
        let first = self.watches.first().map(|watch| watch.0);
        if let Some(first) = first.filter(|first| self.until < *first) {
            return format!("Not known: nobody read the page before {}.", clock(first));
        }
        match self.until < self.now {
            _ if self.known_until.is_some_and(|known| known < self.since) => {
                format!("Not known: nobody read the page since {}.", clock(self.since))
            }
            true => format!("Nothing from {} to {}.", clock(self.since), clock(self.until)),
            false => format!("Nothing since {}.", clock(self.since)),
        }
    }

    fn spell_lines(&self) -> anyhow::Result<Vec<String>> {
        let (episodes, incidents) = (self.episodes()?, self.incidents()?);
        let notices = self.notices(shifted(self.since, -LONGEST_SPELL))?;
        let title = |id: &IncidentId| {
            let stored = incidents.iter().find(|stored| stored.incident.id == *id)?;
            Some(sanitize::line(&stored.incident.name, TITLE))
        };
        let names = self.names(episodes.iter().map(|it| (&it.component, it.name.as_str())));
        let line = |spell: &EpisodeRecord| {
            let when = match (spell.since, spell.until) {
                (Some(since), until) => self.period(since, until, self.known_until_of(spell)),
                (None, Some(until)) => format!("until {}", self.stamp(until)),
                (None, None) => "since before".to_owned(),
            };
            let name = names.get(&spell.component, &spell.name);
            let told = told::of_episode(spell, &notices, |at| self.stamp(at));
            let level = text::level(spell.worst);
            let row = Row::new([when, name.to_owned(), level.to_owned(), told]);
            let lead = told::lead_of(spell, &notices).map(text::seen_here_first);
            let goes_on = spell.until.is_none().then(|| self.unknown_line(spell)).flatten();
            let title = spell.incident.as_ref().and_then(title);
            let more = [title, lead, self.learnt_line(spell), goes_on];
            (spell.since, row.with(more.into_iter().flatten()))
        };
        let mut lines: Vec<(Option<Timestamp>, Row)> = episodes.iter().map(line).collect();
        for stored in self.beside(&episodes, &notices)? {
            lines.push((stored.incident.began(), self.incident_row(&stored)));
        }
        lines.sort_by_key(|(since, _)| *since);
        let rows: Vec<Row> = lines.into_iter().map(|(_, row)| row).collect();
        Ok(table::lines(&rows, &SPELLS))
    }

    fn incident_row(&self, stored: &StoredIncident) -> Row {
        let incident = &stored.incident;
        let began = incident.began().unwrap_or(stored.first_seen);
        let ended = incident.resolved_at.or(stored.removed_at);
        let phase = match stored.removed_at {
            Some(_) => "taken off the page",
            None => text::phase(&incident.phase),
        };
        let title = sanitize::line(&incident.name, TITLE);
        let what = format!("{title} ({})", sanitize::line(phase, WORD));
        let turned = known::is_turned(began, ended).then(|| {
            let began = self.stamp(began);
            format!(
                "The page dates its beginning after its end, {began}: how long it took is not known."
            )
        });
        let seen = || format!("Learnt afterwards, at {}.", self.stamp(stored.first_seen));
        let more = [
            self.settings.incident_url(&incident.id),
            turned,
            self.unread_line().filter(|_| ended.is_none()),
            learnt::is_later(stored).then(seen),
        ];
        let when = self.period(began, ended, self.known_until);
        Row::new([when, what]).with(more.into_iter().flatten())
    }

    fn notice_lines(&self, stored: &StoredNotice, all: &[StoredNotice]) -> String {
        let (at, notice) = (self.stamp(stored.notice.at), &stored.notice);
        let (title, body) =
            (sanitize::line(&notice.title, BODY), sanitize::line(&notice.body, BODY));
        let why = notice.reason.said().trim_start_matches("told: ");
        format!("{at}  {title} ({why}; {})\n    {body}", told::became(stored, all))
    }

    fn decisions(&self) -> anyhow::Result<Vec<Decision>> {
        let mut found = self.reader.decisions(self.since)?;
        found.retain(|it| self.asks_for_any(|id| it.component.as_ref() == Some(id)));
        Ok(self.asked_for(found, |it| Some(it.at)))
    }

    /// When, about whom, what there was to tell, and why it was told or not.
    fn decision_row(
        &self,
        it: &Decision,
        notices: &[StoredNotice],
        names: &PastNames,
        incidents: &[StoredIncident],
    ) -> Row {
        let title = |id: &IncidentId| {
            let stored = incidents.iter().find(|stored| stored.incident.id == *id)?;
            Some(sanitize::line(&stored.incident.name, SUBJECT))
        };
        // What is about no component is about an incident, or about the page as a whole.
        let name = match (&it.component, &it.incident) {
            (Some(id), _) => names.get(id, &it.name).to_owned(),
            (None, Some(id)) => title(id).unwrap_or_else(|| sanitize::line(&id.0, SUBJECT)),
            (None, None) if it.kind == Kind::Suspect => "this machine".to_owned(),
            (None, None) => "the page".to_owned(),
        };
        let stored =
            it.notice.as_ref().and_then(|key| notices.iter().find(|n| n.notice.key == *key));
        let became = stored
            .map_or_else(String::new, |stored| format!("; {}", told::became(stored, notices)));
        let (kind, why) = (it.kind.as_str().to_owned(), it.reason.said());
        Row::new([self.stamp(it.at), name, kind, format!("{why}{became}")])
    }

    fn transition_row(&self, it: &Transition, why: &str, names: &PastNames) -> Row {
        let name = names.get(&it.component, &it.name).to_owned();
        let change = format!("{} -> {}", it.from.as_str(), it.to.as_str());
        let (at, seen) = (self.stamp(it.at), self.stamp(it.seen_at));
        let later = match watched::was_learnt_later(it.at, it.seen_at, &self.watches) {
            true if seen != at => format!("; seen at {seen}"),
            true | false => String::new(),
        };
        Row::new([at, name, change, format!("{why}{later}")])
    }

    fn stamp(&self, at: Timestamp) -> String {
        self.format(at, "%Y-%m-%d %H:%M")
    }

    fn format(&self, at: Timestamp, format: &str) -> String {
        at.to_zoned_datetime(self.settings.zone.clone()).strftime(format).to_string()
    }
}
