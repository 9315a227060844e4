//! What a run failed with, and what that asks for.
//!
//! It is read from what the command said on the streams that we read. Where those are terminals, or
//! tell nothing, Claude Code's own transcripts are asked for a session of this folder that ended
//! with an error meanwhile.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::claude_code::find::{self, Ended};
use crate::claude_code::place::{Place, environment};
use crate::claude_code::said::{self, By};
use crate::claude_code::{reset, route};
use crate::client::tee::Spoken;
use ccwatch_core::api_error::{ApiError, TimeHeals};
use ccwatch_core::sessions::Heals;
use ccwatch_core::text::waiting::never_healed;

/// One failed run.
pub(super) struct Failure {
    /// When it was over.
    pub(super) at: Timestamp,
    /// The API error that it ended with, where one is found.
    pub(super) error: Option<ApiError>,
    /// Its session, where that is certain.
    pub(super) session: Option<String>,
}

/// What a failure asks for, by its cause.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Asks {
    /// Nothing is known of it: the page alone may explain it.
    ThePage,
    /// Time heals it.
    Time,
    /// Time: this machine's network lost it.
    TheNetwork,
    /// A limit that is over then.
    Reset(Timestamp),
    /// Nothing that a repeat could give, and why.
    Somebody(String),
}

impl Failure {
    /// Reads what a run left behind that began at `from` and ended just now.
    pub(super) fn read(
        place: Option<&Place>,
        spoken: &Spoken,
        by: By,
        from: Timestamp,
        at: Timestamp,
    ) -> Self {
        let said::Said { mut error, session } = said::read(&spoken.output, &spoken.errors, by);
        let lacks_reset = |error: &ApiError| {
            error.time_heals() == TimeHeals::No && error.cause.row().heals == TimeHeals::AtReset
        };
        if let Some(error) = &mut error {
            reset::note(error, at, &TimeZone::system());
        }
        let mut ended = Vec::new();
        if error.is_none() || session.is_none() || error.as_ref().is_some_and(lacks_reset) {
            ended = place.map(|place| find::ended_since(place, from)).unwrap_or_default();
        }
        let ours = |ended: &&Ended| session.is_none() || session == ended.session;
        let newest = ended.iter().rfind(ours).map(|ended| &ended.error);
        // A transcript has the time of a reset in figures.
        let same = |error: &ApiError| newest.filter(|newest| newest.cause == error.cause);
        let error = match error {
            Some(error) if lacks_reset(&error) => same(&error).cloned().or(Some(error)),
            None => newest.cloned(),
            error => error,
        };
        let only = match ended.as_slice() {
            [only] => only.session.clone(),
            _ => None,
        };
        Self { at, error, session: session.or(only) }
    }

    /// What it asks for.
    pub(super) fn asks(&self) -> Asks {
        let Some(error) = &self.error else { return Asks::ThePage };
        match Heals::of(error) {
            Heals::Time => Asks::Time,
            Heals::Network => Asks::TheNetwork,
            Heals::Reset(at) => Asks::Reset(at),
            Heals::No => Asks::Somebody(never_healed(error)),
        }
    }

    /// Whether the page can speak for it: not where somebody else answers the requests.
    pub(super) fn is_of_the_page(&self, place: Option<&Place>) -> bool {
        let foreign = self.error.as_ref().is_some_and(|error| error.foreign.is_some());
        let elsewhere = || {
            place.is_some_and(|place| route::look(&environment, place).headless_path.is_foreign())
        };
        !foreign && !elsewhere()
    }
}
