//! Every page that is watched, beside the one that a command is about.

use std::io::{self, Write};

use serde::Serialize;

use crate::app::App;
use crate::claude_code::place::{Place, environment};
use crate::claude_code::route::{self, Detour, Unset};
use crate::config::pages::{FIRST, PageConfig, Role};
use crate::render::{columns, sanitize};
use ccwatch_core::settings::Settings;
use ccwatch_core::state::verdict::Verdict;
use ccwatch_core::text::summary;

use super::beside::DaemonState;
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
/// The longest name of a page, in characters.
const NAME: usize = 32;

impl WatchedPicture {
    /// How things stand there, in a line.
    pub(crate) fn says(&self) -> String {
        let Some(picture) = &self.picture else { return "not known".to_owned() };
        if picture.daemon == DaemonState::LeavesOut {
            return "the daemon doesn't watch it yet: ccwatch service restart".to_owned();
        }
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

/// The key of the page that an answer is of.
pub(crate) fn key(settings: &Settings) -> &str {
    settings.label.as_ref().map_or(FIRST, |label| label.key.as_str())
}

/// Says which page an answer is of, where that isn't the first one.
pub(crate) fn heading(settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
    match &settings.label {
        Some(label) => writeln!(out, "On the page of {}:", sanitize::line(&label.name, NAME)),
        None => Ok(()),
    }
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
    /// What has to be taken out of settings files before that.
    first_unset: Vec<Unset>,
}

impl WayRound {
    /// The offer in words, for so many columns: ccwatch itself never goes there.
    pub(crate) fn lines(&self, columns: Option<usize>) -> Vec<String> {
        let Self { name, command, .. } = self;
        let offer = "if you have an account there, in a new session";
        let first = self.first_unset.iter().map(|Unset { name, set_in }| {
            let file = sanitize::line(set_in, LINE);
            format!("  (first take {name} out of {file}, which goes before the shell)")
        });
        std::iter::once(format!("Another way looks well: {name}; {offer}:"))
            .chain(first)
            .chain([columns::command(&format!("  {command}"), columns)])
            .collect()
    }
}

/// What to say of sessions where another way is offered.
pub(crate) const STAY: &str =
    "Leave running sessions where they are: a session that changes its way may break.";

/// What the way straight to Anthropic is called.
const STRAIGHT: &str = "Anthropic itself";

/// The ways beside the one that a command is about, as far as they are watched and look well.
pub(crate) fn ways_round(whole: &App, about: &App) -> Vec<WayRound> {
    let Some(place) = Place::of_process() else { return Vec::new() };
    let others = whole.config.all_pages().into_iter().filter(|it| it.key != about.page_key());
    let way = |page: PageConfig| {
        let name = match page.role {
            Role::Other => return None,
            Role::First if !page.config.page.is_of_claude() => return None,
            Role::First => STRAIGHT.to_owned(),
            Role::Bedrock | Role::Vertex | Role::Foundry => page.name.clone(),
        };
        let (path, region) = (page.role.path(), page.region.as_deref());
        let detour = route::detour(path, region, &environment, &place)?;
        let is_well = matches!(glance(whole, &page)?.verdict(), Verdict::Clear | Verdict::Retry);
        let Detour { command, first_unset } = detour;
        is_well.then_some(WayRound { page: page.key, name, command, first_unset })
    };
    others.filter_map(way).collect()
}

fn glance(whole: &App, page: &PageConfig) -> Option<Picture> {
    let picture = Picture::glance(&whole.clone().about(page.clone()));
    picture.inspect_err(|error| tracing::warn!("{}: {error:#}", page.name)).ok()
}
