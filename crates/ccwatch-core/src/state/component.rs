//! The state machine of one component.
//!
//! ```text
//! Unknown ──first good reading──▶ Up │ Affected
//! Up ──level above operational──▶ Affected
//! Affected ──operational and not reported──▶ Recovering { back_at, settled_at }
//! Recovering ──affected again──▶ Affected (same episode, one relapse more)
//! Recovering ──a good reading at or after settled_at agrees──▶ Up
//! ```
//!
//! Only good readings get here. A reading in which this component's level can't be told changes
//! what is shown (`level`), never the state: an episode is neither begun nor ended by it.

mod episode;
mod learnt;
mod relapse;
mod sighting;
mod told;

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::model::{ComponentId, Group, Level, PageStatus};
use crate::time::{after, between, shifted};

pub use episode::{Attention, Episode, Fix, Work};
pub use relapse::LastEpisode;
use relapse::RELAPSE_MEMORY;
use sighting::when;
pub use sighting::{Event, Sighting};
pub use told::Told;

/// One component as ccwatch knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Component {
    /// The page's key.
    pub id: ComponentId,
    /// The page's newest name, raw.
    pub name: String,
    /// What it is called on screens and in messages, raw: see [`names`](super::names). Found anew
    /// from the names of the page, and not kept.
    pub shown: String,
    /// The page's own word in the newest good reading.
    pub page_status: PageStatus,
    /// The level in the newest good reading.
    pub level: Level,
    /// Since when it has this level, as well as can be told.
    pub since: Timestamp,
    /// The page's time stamp of it: one that goes back betrays a stale cache.
    pub updated_at: Option<Timestamp>,
    /// The entry of `watch.components` that it answers to. Kept over a renaming.
    pub watched: Option<String>,
    /// The group that the page lists it in.
    pub group: Option<Group>,
    /// Where it stands.
    pub state: State,
    /// Recent relapses, oldest first.
    pub relapses: Vec<Timestamp>,
    /// When the user was last told that the page doesn't list it.
    pub gone_told: Option<Timestamp>,
    /// The episode that was over last, as far as it matters after its end.
    pub last_episode: Option<LastEpisode>,
}

/// Where a component stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// No reading yet that says anything about it.
    Unknown,
    /// All is well.
    Up {
        /// When the last episode ended.
        ended: Option<Timestamp>,
    },
    /// Away from operational.
    Affected {
        /// The time away.
        episode: Episode,
    },
    /// It looks well, but not yet for long enough.
    Recovering {
        /// The time away, not over yet.
        episode: Episode,
        /// Since when it looks well.
        back_at: Timestamp,
        /// A good reading from then on that agrees completes the recovery.
        settled_at: Timestamp,
    },
    /// The page doesn't list it.
    Gone {
        /// Since when.
        since: Timestamp,
        /// Whether one more reading agreed; before that it may be a hiccup of the page.
        confirmed: bool,
        /// Where it stood.
        before: Box<State>,
    },
}

impl Component {
    /// A component that no reading has said anything about yet.
    pub fn new(id: ComponentId, now: Timestamp) -> Self {
        Self {
            id,
            name: String::new(),
            shown: String::new(),
            page_status: PageStatus::Other(String::new()),
            level: Level::Unknown,
            since: now,
            updated_at: None,
            watched: None,
            group: None,
            state: State::Unknown,
            relapses: Vec::new(),
            gone_told: None,
            last_episode: None,
        }
    }

    /// What it is called on screens and in messages.
    pub fn shown_name(&self) -> &str {
        let names = [self.shown.as_str(), self.name.trim()];
        names.into_iter().find(|name| !name.is_empty()).unwrap_or(&self.id.0)
    }

    /// The level of its time away, as far as the page says: not known while the page's word isn't
    /// understood.
    pub fn level_away(&self) -> Level {
        let away = self.episode().filter(|_| self.level != Level::Unknown);
        away.map_or(self.level, |episode| episode.level)
    }

    /// The episode that is open, settling or not.
    pub fn episode(&self) -> Option<&Episode> {
        match &self.state {
            State::Affected { episode } | State::Recovering { episode, .. } => Some(episode),
            State::Gone { confirmed: false, before, .. } => match before.as_ref() {
                State::Affected { episode } | State::Recovering { episode, .. } => Some(episode),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether the page lists it.
    pub fn is_listed(&self) -> bool {
        !matches!(self.state, State::Gone { .. })
    }

    /// When one more good reading would complete its recovery, or would agree that what goes on is
    /// about other models, or announced work alone.
    pub fn settled_at(&self, settle: Duration) -> Option<Timestamp> {
        match &self.state {
            State::Recovering { settled_at, .. } => Some(*settled_at),
            State::Affected { episode } if episode.told.is_some() => {
                let since = episode.filtered_since.or(episode.outage_until)?;
                Some(after(since, self.settling(since, settle)))
            }
            _ => None,
        }
    }

    /// The episode while the page shows it.
    pub fn affected(&self) -> Option<&Episode> {
        match &self.state {
            State::Affected { episode } => Some(episode),
            _ => None,
        }
    }

    /// The same, to note what was told.
    pub fn affected_mut(&mut self) -> Option<&mut Episode> {
        match &mut self.state {
            State::Affected { episode } => Some(episode),
            _ => None,
        }
    }

    /// Takes in a good reading that lists it. `last_good` is the time of the good reading before.
    pub fn observe(
        &mut self,
        now: Timestamp,
        last_good: Option<Timestamp>,
        seen: Sighting,
        settle: Duration,
    ) -> Vec<Event> {
        let changed_at = when(&seen, last_good, now);
        self.return_from_absence();
        self.name.clone_from(&seen.name);
        self.page_status.clone_from(&seen.page_status);
        self.updated_at = seen.updated_at.or(self.updated_at);
        let mut events = Vec::new();
        if seen.level != self.level {
            events.push(Event::LevelChanged { from: self.level });
            self.level = seen.level;
            self.since = changed_at;
        }
        events.extend(match seen.level {
            Level::Unknown => None,
            Level::Operational => self.looks_well(now, changed_at, settle),
            Level::Maintenance
            | Level::Reported
            | Level::Degraded
            | Level::Partial
            | Level::Major => self.is_affected(now, changed_at, &seen, settle),
        });
        events
    }

    /// Takes in a good and complete reading that doesn't list it.
    pub fn observe_absence(&mut self, now: Timestamp) -> Vec<Event> {
        match &mut self.state {
            State::Gone { confirmed: true, .. } => Vec::new(),
            State::Gone { confirmed, before, .. } => {
                *confirmed = true;
                let before = core::mem::replace(before.as_mut(), State::Unknown);
                let from = core::mem::replace(&mut self.level, Level::Unknown);
                self.since = now;
                let episode = match before {
                    State::Affected { episode } | State::Recovering { episode, .. } => {
                        Some(episode)
                    }
                    _ => None,
                };
                vec![Event::LevelChanged { from }, Event::Vanished { episode }]
            }
            state => {
                let before = Box::new(core::mem::replace(state, State::Unknown));
                *state = State::Gone { since: now, confirmed: false, before };
                Vec::new()
            }
        }
    }

    /// An episode that an earlier version wrote down has no id yet.
    pub(crate) fn name_episode(&mut self) {
        let id = self.id.clone();
        if let State::Affected { episode } | State::Recovering { episode, .. } = &mut self.state
            && episode.id.is_empty()
        {
            episode.id = episode_id(&id, episode.since);
        }
    }

    /// Takes over the open episode of one that the page lists under this id from now on.
    pub fn inherit(&mut self, from: &mut Self) {
        if let State::Gone { confirmed: false, .. } = from.state {
            from.return_from_absence();
        }
        self.state = core::mem::replace(&mut from.state, State::Unknown);
        self.relapses = core::mem::take(&mut from.relapses);
    }

    /// Goes on with the outage of one of which it was a part until now: the user was told of both.
    pub(crate) fn split_from(&mut self, now: Timestamp, whole: &Episode) {
        let episode = Episode { id: episode_id(&self.id, now), ..whole.clone() };
        self.state = State::Affected { episode };
    }

    /// Listed again: a hiccup is forgotten, a confirmed absence begins anew.
    fn return_from_absence(&mut self) {
        if let State::Gone { confirmed, before, .. } = &mut self.state {
            let before = core::mem::replace(before.as_mut(), State::Unknown);
            self.state = if *confirmed { State::Unknown } else { before };
        }
    }

    fn looks_well(&mut self, now: Timestamp, at: Timestamp, settle: Duration) -> Option<Event> {
        let state = core::mem::replace(&mut self.state, State::Unknown);
        let (next, event) = match state {
            State::Affected { episode } => {
                let settled_at = after(now, self.settling(now, settle));
                let back_at = at.max(episode.since);
                if settled_at <= now {
                    ended(episode, back_at)
                } else {
                    (State::Recovering { episode, back_at, settled_at }, None)
                }
            }
            State::Recovering { episode, back_at, settled_at } if now >= settled_at => {
                ended(episode, back_at)
            }
            State::Unknown => (State::Up { ended: None }, None),
            other => (other, None),
        };
        self.state = next;
        if let Some(Event::Over { episode, .. }) = &event {
            self.last_episode = Some(episode.into());
        }
        event
    }

    fn is_affected(
        &mut self,
        now: Timestamp,
        at: Timestamp,
        seen: &Sighting,
        settle: Duration,
    ) -> Option<Event> {
        let last = self.relapse_of(&seen.incidents).cloned();
        let (mut over, mut level) = (None, seen.level);
        let mut episode = match core::mem::replace(&mut self.state, State::Unknown) {
            State::Affected { mut episode } => {
                level = episode.level_for_user(seen);
                if episode.escalates(level, seen) {
                    self.note_relapse(now, episode.since);
                    episode.begins_inside_work(at, last.as_ref());
                }
                over = self.turns_into_work(now, at, &mut episode, level, settle);
                episode
            }
            State::Recovering { mut episode, back_at, .. } => {
                self.relapses.push(now);
                level = episode.level_for_user(seen);
                if episode.escalates(level, seen) {
                    episode.begins_inside_work(at, last.as_ref());
                }
                episode.bounds_outage(back_at, level);
                episode
            }
            before => {
                if let State::Up { ended: Some(ended) } = before {
                    self.note_relapse(now, ended);
                }
                Episode::new(episode_id(&self.id, now), at, seen, last.as_ref())
            }
        };
        self.relapses.retain(|relapse| between(*relapse, now) < RELAPSE_MEMORY);
        episode.observe(now, level, seen);
        self.state = State::Affected { episode };
        over
    }

    /// An outage that the page calls maintenance is over when one more reading agrees: what goes on
    /// is announced work, and an episode of its own.
    fn turns_into_work(
        &mut self,
        now: Timestamp,
        at: Timestamp,
        episode: &mut Episode,
        level: Level,
        settle: Duration,
    ) -> Option<Event> {
        let until = episode.outage_until;
        episode.bounds_outage(at, level);
        let until = until.filter(|_| level == Level::Maintenance)?;
        if now < after(until, self.settling(now, settle)) {
            return None;
        }
        let work = episode.work_goes_on(episode_id(&self.id, now), until);
        let over = core::mem::replace(episode, work);
        self.last_episode = Some((&over).into());
        Some(Event::Over { episode: over, back_at: until })
    }

    /// The wall clock was set: everything that ccwatch itself has timed moves with it.
    pub fn shift(&mut self, by: SignedDuration) {
        self.since = shifted(self.since, by);
        self.gone_told = self.gone_told.map(|at| shifted(at, by));
        self.relapses.iter_mut().for_each(|at| *at = shifted(*at, by));
        self.last_episode.iter_mut().for_each(|last| last.shift(by));
        self.state.shift(by);
    }
}

impl State {
    fn shift(&mut self, by: SignedDuration) {
        match self {
            Self::Unknown => {}
            Self::Up { ended } => *ended = ended.map(|at| shifted(at, by)),
            Self::Affected { episode } => episode.shift(by),
            Self::Recovering { episode, back_at, settled_at } => {
                episode.shift(by);
                *back_at = shifted(*back_at, by);
                *settled_at = shifted(*settled_at, by);
            }
            Self::Gone { since, before, .. } => {
                *since = shifted(*since, by);
                before.shift(by);
            }
        }
    }
}

/// An episode is known by its component and the reading that showed it first.
fn episode_id(component: &ComponentId, at: Timestamp) -> String {
    format!("{}/{}", component.0, at.as_millisecond())
}

fn ended(episode: Episode, back_at: Timestamp) -> (State, Option<Event>) {
    (State::Up { ended: Some(back_at) }, Some(Event::Over { episode, back_at }))
}

#[cfg(test)]
mod tests;
