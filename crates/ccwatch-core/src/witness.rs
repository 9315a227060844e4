//! What this machine's own sessions saw of the API: errors, and answers after them.
//!
//! Several errors of the server in a few minutes while the page is green make it suspect. Errors
//! of the connection, limits and refusals never do: they are about this side.

use alloc::borrow::ToOwned;
use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::api_error::{ApiError, ErrorSource};
use crate::time::{after, between, shifted};

/// Errors so close to each other are one burst.
const BURST: Duration = Duration::from_secs(5 * 60);
/// So many of them make it suspect; or as many sessions as below.
const ERRORS: usize = 3;
/// See [`ERRORS`].
const SESSIONS: usize = 2;
/// Without a further error a suspicion ends after this.
const FADES: Duration = Duration::from_secs(30 * 60);
/// Errors are remembered this long, to be matched with incidents that are posted afterwards.
const REMEMBERED: Duration = Duration::from_secs(24 * 3600);
/// And so many of them.
const MOST: usize = 500;
/// So many sessions that go elsewhere are remembered.
const MOST_ELSEWHERE: usize = 200;
/// Two reports of one failure are no further apart than this.
const SAME: Duration = Duration::from_secs(2);

/// The same by a hook, whose time is that of its own start, and by the transcript.
const SAME_BY_HOOK: Duration = Duration::from_secs(10);

/// What is known of the road that a session's requests take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Road {
    /// Straight to Anthropic, with nothing in between.
    Straight,
    /// Nothing says that it doesn't go straight.
    #[default]
    Open,
    /// What would say it can't be read.
    Hidden,
    /// To a gateway or another provider.
    Elsewhere,
}

/// An API error that Claude Code wrote down on this machine; nothing else of it is ever kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalError {
    /// When.
    pub at: Timestamp,
    /// The API's type of it, or what went wrong.
    pub kind: String,
    /// The HTTP status.
    pub status: Option<u16>,
    /// Anthropic's id of the request.
    pub request_id: Option<String>,
    /// A hash of the session's id.
    pub session: String,
    /// Whether it is an error of the servers that the page is about: only those make it suspect.
    pub server: bool,
    /// Whether somebody else answers this session than the page is about: nothing of it counts.
    pub foreign: bool,
    /// Whether a hook told of it, and not a transcript.
    pub by_hook: bool,
}

impl LocalError {
    /// What is kept of an error. `session` is the session's own id.
    pub fn of(error: &ApiError, at: Timestamp, session: &str, road: Road) -> Self {
        let kind = error.kind.as_deref().filter(|kind| kind.len() <= 40);
        let foreign = road == Road::Elsewhere || error.foreign.is_some();
        Self {
            at,
            kind: kind.unwrap_or(error.cause.as_str()).to_owned(),
            status: error.status,
            request_id: error.request_id.clone().filter(|id| id.len() <= 80),
            session: hash(session),
            server: !foreign && is_of_the_server(error, road),
            foreign,
            by_hook: error.source == ErrorSource::Hook,
        }
    }

    /// Whether both tell of one failure: by the hook and by the transcript, or in the transcripts
    /// of a session and of one that was resumed from it or split off and has copies of its rows.
    fn is_same(&self, other: &Self) -> bool {
        let copy = self.at == other.at && self.kind == other.kind;
        if copy && self.status == other.status && self.request_id == other.request_id {
            return true;
        }
        let within = if self.by_hook == other.by_hook { SAME } else { SAME_BY_HOOK };
        let near = between(self.at, other.at).max(between(other.at, self.at)) <= within;
        let ids = self.request_id.is_some() && self.request_id == other.request_id;
        let times = near && (self.request_id.is_none() || other.request_id.is_none());
        self.session == other.session && self.status == other.status && (times || ids && near)
    }
}

/// 500, 504 and 529 are the API's own; any other may as well come from something in between,
/// unless it is known that the request went straight to the API, or the API gave it an id of its own. Where
/// the road can't be known, only an error counts that says itself whose it is.
fn is_of_the_server(error: &ApiError, road: Road) -> bool {
    let own = matches!(error.status, Some(500 | 504 | 529));
    let straight = error.direct || road == Road::Straight || error.has_anthropics_id();
    match road {
        Road::Elsewhere => false,
        Road::Hidden => error.direct && error.status >= Some(500),
        Road::Straight | Road::Open => own || error.status >= Some(500) && straight,
    }
}

/// FNV-1a: stable over versions, and enough to tell sessions apart.
pub fn hash(session: &str) -> String {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
    format!("{:016x}", session.bytes().fold(0xcbf2_9ce4_8422_2325, step))
}

/// A burst of errors under a green page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suspicion {
    /// The first error of the burst.
    pub since: Timestamp,
    /// The newest.
    pub newest: Timestamp,
    /// The bubble in which it was told.
    pub thread: Option<String>,
}

fn is_burst<'e>(errors: impl Iterator<Item = &'e LocalError> + Clone) -> bool {
    let sessions: BTreeSet<&str> = errors.clone().map(|error| error.session.as_str()).collect();
    errors.count() >= ERRORS || sessions.len() >= SESSIONS
}

/// What is remembered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Local {
    /// Errors of the last day, oldest first.
    pub(crate) errors: Vec<LocalError>,
    /// The suspicion, while there is one.
    pub(crate) suspicion: Option<Suspicion>,
    /// Sessions whose requests don't go straight to Anthropic, by their hashes.
    pub(crate) elsewhere: Vec<String>,
    /// Errors up to here are answered for: a success came, or the page followed.
    pub(crate) settled_at: Option<Timestamp>,
}

impl Local {
    /// Takes in an error; gives it back as it is remembered, if it is a new one.
    pub fn take(&mut self, now: Timestamp, mut error: LocalError) -> Option<LocalError> {
        error.at = error.at.min(now);
        self.learn_whose(&mut error);
        if between(error.at, now) > REMEMBERED || self.errors.iter().any(|e| e.is_same(&error)) {
            return None;
        }
        let counts = error.server && self.is_open(&error);
        if let Some(suspicion) = self.suspicion.as_mut().filter(|_| counts) {
            suspicion.newest = suspicion.newest.max(error.at);
        }
        let place = self.errors.partition_point(|other| other.at <= error.at);
        self.errors.insert(place, error.clone());
        self.errors.retain(|other| between(other.at, now) <= REMEMBERED);
        let surplus = self.errors.len().saturating_sub(MOST);
        self.errors.drain(..surplus);
        Some(error)
    }

    /// The attempts before an error don't say who answers, the error that ends the turn does.
    fn learn_whose(&mut self, error: &mut LocalError) {
        if error.foreign {
            self.goes(&error.session, false);
        }
        if self.elsewhere.contains(&error.session) {
            (error.foreign, error.server) = (true, false);
        }
    }

    /// Whether a session's requests go straight to Anthropic. Where they don't, its errors are none
    /// of Anthropic's servers, those that are known already included.
    pub fn goes(&mut self, session: &str, straight: bool) {
        self.elsewhere.retain(|other| other != session);
        if straight {
            return;
        }
        self.elsewhere.push(session.to_owned());
        let surplus = self.elsewhere.len().saturating_sub(MOST_ELSEWHERE);
        self.elsewhere.drain(..surplus);
        for other in self.errors.iter_mut().filter(|other| other.session == session) {
            (other.foreign, other.server) = (true, false);
        }
    }

    /// Whether errors of a session (a hash of its id) count as those of the server.
    pub fn blames_the_server(&self, session: &str) -> bool {
        self.errors.iter().any(|error| error.server && error.session == session)
    }

    /// The page speaks for the errors up to now: they are no news any more.
    pub fn settle(&mut self, now: Timestamp) {
        self.settled_at = self.settled_at.max(Some(now));
    }

    /// Ends a suspicion that no longer has its errors; whether it did.
    pub fn unfounded(&mut self) -> bool {
        let founded = |since| is_burst(self.errors.iter().filter(|e| e.server && e.at >= since));
        let unfounded = self.suspicion.as_ref().is_some_and(|s| !founded(s.since));
        if unfounded {
            self.suspicion = None;
        }
        unfounded
    }

    /// A session (a hash of its id) got an answer; whether that ended a suspicion. An answer from
    /// elsewhere says nothing of Anthropic.
    pub fn succeeded(&mut self, at: Timestamp, session: &str) -> bool {
        if self.elsewhere.iter().any(|other| other == session) {
            return false;
        }
        self.settle(at);
        let over = self.suspicion.as_ref().is_some_and(|suspicion| suspicion.newest < at);
        if over {
            self.suspicion = None;
        }
        over
    }

    /// The first error of a burst that is under way and not answered for.
    pub fn burst(&self, now: Timestamp) -> Option<Timestamp> {
        let counts = |e: &&LocalError| e.server && self.is_open(e) && between(e.at, now) <= BURST;
        let mut recent = self.errors.iter().filter(counts);
        if is_burst(recent.clone()) { recent.next().map(|first| first.at) } else { None }
    }

    /// Begins to suspect; the thread is noted once it was told.
    pub fn suspect(&mut self, since: Timestamp) {
        let newest = self.errors.last().map_or(since, |error| error.at);
        self.suspicion = Some(Suspicion { since, newest, thread: None });
    }

    /// Notes where the suspicion was told.
    pub fn told(&mut self, thread: String) {
        if let Some(suspicion) = &mut self.suspicion {
            suspicion.thread = Some(thread);
        }
    }

    /// The suspicion, while there is one.
    pub fn suspicion(&self) -> Option<&Suspicion> {
        self.suspicion.as_ref()
    }

    /// Errors of the last minutes, as they are counted in a notice: how many, and the statuses.
    pub fn recent(&self, since: Timestamp) -> (usize, BTreeSet<u16>) {
        let recent = || self.errors.iter().filter(|error| error.server && error.at >= since);
        (recent().count(), recent().filter_map(|error| error.status).collect())
    }

    /// All errors since a time: those of Anthropic's servers, and the others, which are about this
    /// side or about who answers in Anthropic's stead.
    pub fn counts(&self, since: Timestamp) -> (usize, usize) {
        let recent = self.errors.iter().filter(|error| error.at >= since);
        let (server, other): (Vec<_>, Vec<_>) = recent.partition(|error| error.server);
        (server.len(), other.len())
    }

    /// The page followed: hands over the suspicion.
    pub fn followed(&mut self, now: Timestamp) -> Option<Suspicion> {
        let suspicion = self.suspicion.take();
        if suspicion.is_some() {
            self.settled_at = Some(now);
        }
        suspicion
    }

    /// Whether a server error of this machine falls into a time.
    pub fn saw(&self, from: Timestamp, to: Timestamp) -> bool {
        self.errors.iter().any(|error| error.server && error.at >= from && error.at <= to)
    }

    /// Ends a suspicion that nothing feeds any more; whether it did.
    pub fn fade(&mut self, now: Timestamp) -> bool {
        let faded = self.suspicion.as_ref().is_some_and(|s| between(s.newest, now) >= FADES);
        if faded {
            self.suspicion = None;
        }
        faded
    }

    /// When the suspicion ends by itself.
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        self.suspicion.as_ref().map(|suspicion| after(suspicion.newest, FADES))
    }

    /// The wall clock was set. The errors' own times come from the same clock.
    pub fn shift(&mut self, by: SignedDuration) {
        for error in &mut self.errors {
            error.at = shifted(error.at, by);
        }
        if let Some(suspicion) = &mut self.suspicion {
            suspicion.since = shifted(suspicion.since, by);
            suspicion.newest = shifted(suspicion.newest, by);
        }
        self.settled_at = self.settled_at.map(|at| shifted(at, by));
    }

    fn is_open(&self, error: &LocalError) -> bool {
        self.settled_at.is_none_or(|settled| error.at > settled)
    }
}

#[cfg(test)]
mod tests;
