//! Every page that is watched, beside the one that a command is about.

use serde::Serialize;

use crate::app::App;
use crate::claude_code::place::environment;
use crate::claude_code::route;
use crate::config::pages::PageConfig;
use crate::render::sanitize;
use ccwatch_core::state::verdict::Verdict;
use ccwatch_core::text::summary;

use super::picture::Picture;

/// A page with what is known of it. Only the one that a command is about is ever asked.
pub(crate) struct WatchedPicture {
    /// The page.
    pub(crate) page: PageConfig,
    /// What is known of it; none: nothing that could be read was written down.
    pub(crate) picture: Option<Picture>,
}

/// The longest line about a page, in characters.
const LINE: usize = 160;

impl WatchedPicture {
    /// How things stand there, in a line.
    pub(crate) fn says(&self) -> String {
        let Some(picture) = &self.picture else { return "not known".to_owned() };
        sanitize::line(&summary::line(&picture.page, false, picture.now), LINE)
    }
}

/// All pages of a configuration (`whole`); what is known of the one that `about` is about is there
/// already.
pub(crate) fn pages(whole: &App, about: &App, picture: &Picture) -> Vec<WatchedPicture> {
    let known = |page: PageConfig| {
        let picture = match page.key == about.page_key() {
            true => Some(picture.clone()),
            false => glance(whole, &page),
        };
        WatchedPicture { page, picture }
    };
    whole.config.all_pages().into_iter().map(known).collect()
}

/// Another way to Claude that looks well.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct WayRound {
    /// The key of its page.
    page: String,
    /// What it is called.
    name: String,
    /// What starts a session that goes this way.
    command: String,
}

impl WayRound {
    /// The offer in words: ccwatch itself never goes there.
    pub(crate) fn lines(&self) -> [String; 2] {
        let Self { name, command, .. } = self;
        let offer = "for who has an account there, in a new session";
        [format!("Another way looks well: {name}; {offer}:"), format!("  {command}")]
    }
}

/// What to say of sessions where another way is offered.
pub(crate) const STAY: &str =
    "Leave running sessions where they are: a session that changes its way may break.";

/// The ways beside the one that a command is about, as far as they are watched and look well.
pub(crate) fn ways_round(whole: &App, about: &App) -> Vec<WayRound> {
    let others = whole.config.all_pages().into_iter();
    let way = |page: PageConfig| {
        let command = route::command(page.role.path()?, page.region.as_deref(), &environment)?;
        let picture = glance(whole, &page)?;
        let is_well = matches!(picture.verdict(), Verdict::Clear | Verdict::Retry);
        is_well.then_some(WayRound { page: page.key, name: page.name, command })
    };
    others.filter(|page| page.key != about.page_key()).filter_map(way).collect()
}

fn glance(whole: &App, page: &PageConfig) -> Option<Picture> {
    let picture = Picture::glance(&whole.clone().about(page.clone()));
    picture.inspect_err(|error| tracing::warn!("{}: {error:#}", page.name)).ok()
}
