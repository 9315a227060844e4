//! The road that a session's requests take, which a hook has in its environment, and what the daemon is
//! told of it.

use std::path::PathBuf;

use jiff::Timestamp;
use serde_json::Value;

use crate::app::App;
use crate::claude_code::local::inbox::{OfWay, Report};
use crate::claude_code::place::{Place, environment};
use crate::claude_code::{reading, route};
use ccwatch_core::api_error::ApiError;
use ccwatch_core::diagnose::is_of_the_way;
use ccwatch_core::route::Path;
use ccwatch_core::witness::{LocalError, Road};

/// See the module.
pub(super) struct Going {
    /// The way, and the key of its page, where it is another one and watched.
    way: Option<(Path, String)>,
    /// The road to there; to Anthropic, where there is no such way.
    road: Road,
}

impl Going {
    /// By the environment of the hook, and the page of the road that the app is about.
    pub(super) fn of(app: &App, event: &Value) -> Self {
        let page = app.page.as_ref().and_then(|page| Some((page.role.path()?, page.key.clone())));
        let cwd = event.get("cwd").and_then(Value::as_str).map(PathBuf::from).unwrap_or_default();
        let Some(place) = Place::find(&environment, cwd) else {
            return Self { way: page, road: Road::Open };
        };
        let found = route::look(&environment, &place);
        // What stands nowhere in the environment the configuration may say.
        let is_there = |(path, _): &(Path, String)| found.path == *path || !found.path.is_foreign();
        let way = page.filter(is_there).filter(|_| found.endpoint.is_none());
        let is_foreign = found.path.is_foreign() && way.is_none();
        let is_certain =
            way.as_ref().map_or(found.path.is_direct(), |(path, _)| found.path == *path);
        let road = match (is_foreign, is_certain && found.proxy.is_none()) {
            (true, _) => Road::Elsewhere,
            (false, true) => Road::Straight,
            (false, false) => Road::Open,
        };
        Self { way, road }
    }

    /// Whether the requests go to somebody else than Anthropic.
    pub(super) fn is_elsewhere(&self) -> bool {
        self.way.is_some() || self.road == Road::Elsewhere
    }

    /// Whether a page that is watched speaks for where they go.
    pub(super) fn has_a_page(&self) -> bool {
        self.way.is_some() || self.road != Road::Elsewhere
    }

    /// A turn failed; and whether it was somebody else than Anthropic who answered.
    pub(super) fn failed(&self, error: &ApiError, at: Timestamp, id: &str) -> (Report, bool) {
        let Some((path, page)) = &self.way else {
            let local = LocalError::of(error, at, id, self.road);
            return (Report::Failed { error: (&local).into(), way: None }, local.foreign);
        };
        // Who says that Anthropic answered speaks of another road than the environment: it counts for
        // nobody.
        let road = if is_of_the_way(error) { self.road } else { Road::Elsewhere };
        let local = LocalError::of(&reading::by_way(error.clone(), *path), at, id, road);
        let way = OfWay { page: page.clone(), server: local.server };
        let way = (!local.foreign).then_some(way);
        let foreign = LocalError { foreign: true, server: false, ..local };
        (Report::Failed { error: (&foreign).into(), way }, true)
    }

    /// A turn worked: what came from where no page speaks for says nothing.
    pub(super) fn worked(&self, at: Timestamp, session: String) -> Option<Report> {
        match &self.way {
            Some((_, page)) => Some(Report::WorkedOnWay { at, session, page: page.clone() }),
            None => (self.road != Road::Elsewhere).then_some(Report::Worked { at, session }),
        }
    }

    /// A session began. One that goes elsewhere says so before it fails; one that is resumed may have
    /// changed.
    pub(super) fn began(&self, session: String, resumed: bool) -> Option<Report> {
        let straight = !self.is_elsewhere();
        let page = self.way.as_ref().map(|(_, page)| page.clone());
        (!straight || resumed).then_some(Report::Began { session, straight, page })
    }
}
