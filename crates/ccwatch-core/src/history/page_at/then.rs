//! What the page said at a time, and what may be asked of that.

use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use jiff::Timestamp;

use super::WorkThen;
use crate::model::{ComponentId, Group, IncidentId, Level, Phase};
use crate::route::Path;
use crate::settings::plain_name;
use crate::state::filter::Filter;
use crate::text;
use crate::time::between;

/// Where the knowledge of a past state comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageSource {
    /// ccwatch looked at the page then.
    Readings,
    /// ccwatch looked at the page at these times, and not between them.
    Between {
        /// The reading before.
        before: Timestamp,
        /// The reading after.
        after: Timestamp,
    },
    /// The page's incidents, read later.
    Incidents,
    /// The page was read just now, and the time is recent.
    Live,
    /// There is none.
    None,
}

impl PageSource {
    /// The word used in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Readings => "readings",
            Self::Between { .. } => "between_readings",
            Self::Incidents => "incidents",
            Self::Live => "live",
            Self::None => "none",
        }
    }
}

/// What the page said at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageThen {
    /// The time in question.
    pub at: Timestamp,
    /// Where this comes from.
    pub source: PageSource,
    /// The components; none where it is not known.
    pub components: Vec<ComponentThen>,
    /// Incidents that were open then, or whose time, as posted later, includes it.
    pub incidents: Vec<IncidentThen>,
    /// The announced work that went on.
    pub works: Vec<WorkThen>,
    /// Whether this machine could reach the page then; none: nobody tried.
    pub network: Option<bool>,
    /// Nothing was read at that time or after it; this was known before.
    pub before: Option<Before>,
    /// It is the page of another way to Claude; none: it is Claude's own.
    pub way: Option<WayThen>,
}

/// What else is known where a page is that of another way to Claude, on which everything is about
/// that way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WayThen {
    /// What the way is called, such as "Amazon Bedrock (us-east-1)".
    pub name: String,
    /// How Anthropic's own API was at that time, by Claude's page.
    pub api: Light,
}

/// What was read before the time in question, where nothing was read since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Before {
    /// When.
    pub at: Timestamp,
    /// The components that were operational. Nobody knows whether they still were.
    pub green: Vec<ComponentId>,
}

/// A component at that time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComponentThen {
    /// The page's key.
    pub id: ComponentId,
    /// The page's name, raw.
    pub name: String,
    /// The group that the page lists it in.
    pub group: Option<Group>,
    /// The entry of the watch list that it answered to when it was written down.
    pub watched: Option<String>,
    /// How it was.
    pub level: Level,
    /// It became affected soon after: when, and how badly.
    pub followed: Option<(Timestamp, Level)>,
    /// The worst of the time away in which it was then, as far as that is remembered.
    pub worst: Option<Level>,
    /// Why its trouble doesn't concern the user, where it had any and it is known what the user wants.
    pub filtered: Option<Filter>,
}

/// An incident at that time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncidentThen {
    /// The page's key.
    pub id: IncidentId,
    /// The title, raw.
    pub name: String,
    /// How far it had come then.
    pub phase: Phase,
    /// Whom it names.
    pub components: Vec<ComponentId>,
    /// When it began and ended, by the page.
    pub began: Option<Timestamp>,
    /// See `began`.
    pub ended: Option<Timestamp>,
    /// It was posted only after that time, or began soon after.
    pub afterwards: bool,
    /// It names neither a component nor a product, and the page says that it is a bad one.
    pub nameless: bool,
}

impl IncidentThen {
    /// Whether it had not begun at `at`.
    pub fn begins_after(&self, at: Timestamp) -> bool {
        self.began.is_some_and(|began| began > at)
    }
}

/// The components on a path, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Light {
    /// At least one was affected, this badly at worst.
    Affected(Level),
    /// All were operational and no incident named them, but for what is filtered.
    Green,
    /// Nobody knows, or the page says nothing about this path.
    NotKnown,
}

impl PageThen {
    /// Nothing is known.
    pub fn unknown(at: Timestamp) -> Self {
        Self {
            at,
            source: PageSource::None,
            components: Vec::new(),
            incidents: Vec::new(),
            works: Vec::new(),
            network: None,
            before: None,
            way: None,
        }
    }

    /// How the components on `path` were; what is filtered counts as no trouble.
    pub fn light(&self, path: Path) -> Light {
        let relevant: Vec<&ComponentThen> = self.on(path).collect();
        let worst = relevant
            .iter()
            .filter(|c| c.filtered.is_none())
            .map(|c| c.level)
            .filter(|level| level.is_worse_than(Level::Operational) && *level != Level::Unknown)
            .max_by_key(|level| level.severity());
        if let Some(level) = worst {
            return Light::Affected(level);
        }
        let concerns = |i: &&IncidentThen| {
            relevant.iter().any(|c| c.filtered.is_none() && i.components.contains(&c.id))
        };
        if self.incidents_on(path).filter(concerns).any(|i| i.phase.is_active() || i.afterwards) {
            return Light::Affected(Level::Reported);
        }
        let known = relevant.iter().all(|c| c.level == Level::Operational || c.filtered.is_some());
        if known && !relevant.is_empty() { Light::Green } else { Light::NotKnown }
    }

    /// How Anthropic's own API was, whatever the path.
    pub fn light_of_api(&self) -> Light {
        self.way.as_ref().map_or_else(|| self.light(Path::ApiKey), |way| way.api)
    }

    /// The components on `path`: all of a page that is that of the way itself.
    pub fn on(&self, path: Path) -> impl Iterator<Item = &ComponentThen> {
        let is_on = move |c: &&ComponentThen| {
            self.way.is_some() || is_on(path, &c.name, c.watched.as_deref())
        };
        self.components.iter().filter(is_on)
    }

    /// The incident that explains what [`light`](Self::light) says of `path`: one that names a
    /// component which is that bad.
    pub fn explains(&self, path: Path) -> Option<&IncidentThen> {
        let Light::Affected(level) = self.light(path) else { return None };
        let worst = self.on(path).filter(|c| c.filtered.is_none() && shows(c, level));
        let ids: Vec<&ComponentId> = worst.map(|c| &c.id).collect();
        let speaks = |i: &&IncidentThen| {
            (level != Level::Reported || i.phase.is_active() || i.afterwards)
                && i.components.iter().any(|id| ids.contains(&id))
        };
        self.incidents.iter().find(speaks)
    }

    /// The incidents that name a component on `path`.
    pub fn incidents_on(&self, path: Path) -> impl Iterator<Item = &IncidentThen> {
        let ids: Vec<&ComponentId> = self.on(path).map(|c| &c.id).collect();
        self.incidents.iter().filter(move |i| i.components.iter().any(|id| ids.contains(&id)))
    }

    /// How long before it was read last, and whether everything on `path` was operational then;
    /// none where it was read at that time or after it.
    pub fn last_read(&self, path: Path) -> Option<(Duration, bool)> {
        let before = self.before.as_ref()?;
        let mut on_path = self.on(path).peekable();
        let green = on_path.peek().is_some() && on_path.all(|c| before.green.contains(&c.id));
        let quiet = self.light(path) == Light::NotKnown;
        Some((between(before.at, self.at), green && quiet))
    }

    /// Whether it says of any component how it was at that time, or soon after.
    pub fn tells(&self) -> bool {
        let known = |c: &ComponentThen| c.level != Level::Unknown || c.followed.is_some();
        self.components.iter().any(known)
    }

    /// When the page followed: the first time soon after that a component on `path` became
    /// affected, and how badly.
    pub fn followed(&self, path: Path) -> Option<(Timestamp, Level)> {
        let concerning = self.on(path).filter(|c| c.filtered.is_none());
        concerning.filter_map(|c| c.followed).min_by_key(|(at, _)| *at)
    }

    /// The page's trouble with logging in, in its own words: open incidents that are about it, or
    /// an outage of claude.ai itself, which logs everybody in.
    pub fn login_trouble(&self) -> Option<String> {
        let mut trouble: Vec<String> = self.login_incidents().map(|i| i.name.clone()).collect();
        let down = |c: &&ComponentThen| {
            plain_name(&c.name) == "claude.ai" && c.level.is_at_least(Level::Partial)
        };
        if let Some(claude_ai) = self.components.iter().find(down).filter(|_| trouble.is_empty()) {
            trouble.push(format!("{}, {}", claude_ai.name, text::level(claude_ai.level)));
        }
        (!trouble.is_empty()).then(|| trouble.join("; "))
    }

    /// The open incidents that are about logging in.
    pub fn login_incidents(&self) -> impl Iterator<Item = &IncidentThen> {
        // Only Anthropic logs people in.
        let speaks =
            |i: &&IncidentThen| self.way.is_none() && (i.phase.is_active() || i.afterwards);
        self.incidents.iter().filter(speaks).filter(|i| is_about_login(&i.name))
    }
}

/// Whether a component with this name, or one that answers to this entry of the watch list, matters for
/// a path. The user's word goes on meaning what the page has renamed or split.
pub(crate) fn is_on(path: Path, name: &str, watched: Option<&str>) -> bool {
    let words = [Some(name), watched].into_iter().flatten();
    let plain: Vec<String> = words.map(plain_name).collect();
    path.components().iter().any(|of_path| plain.contains(&plain_name(of_path)))
}

/// Whether a component is what makes the light of a path show this level: it is at it, or the light of
/// its own is green and an incident names it.
fn shows(component: &ComponentThen, level: Level) -> bool {
    component.level == level || (level == Level::Reported && component.level == Level::Operational)
}

/// Whether a title is about logging in, by whole words.
fn is_about_login(title: &str) -> bool {
    const ABOUT: &[&str] = &[
        "login",
        "logins",
        "log in",
        "logging in",
        "logged in",
        "sign in",
        "signing in",
        "signin",
        "signed in",
        "sign out",
        "signed out",
        "signing out",
        "log out",
        "logout",
        "logouts",
        "logged out",
        "logging out",
        "401",
        "403",
        "unauthorized",
        "credential",
        "credentials",
        "oauth",
        "auth",
        "authentication",
        "authenticate",
        "authenticating",
        "authorization",
        "sso",
    ];
    let words: Vec<String> = title
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    let spaced = format!(" {} ", words.join(" "));
    ABOUT.iter().any(|about| spaced.contains(&format!(" {about} ")))
}
