//! Every page that is watched, beside the one that a command is about.

use crate::app::App;
use crate::config::pages::PageConfig;

use super::picture::Picture;

/// A page with what is known of it. Only the one that a command is about is ever asked.
pub(crate) struct WatchedPicture {
    /// The page.
    pub(crate) page: PageConfig,
    /// What is known of it; none: nothing that could be read was written down.
    pub(crate) picture: Option<Picture>,
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

fn glance(whole: &App, page: &PageConfig) -> Option<Picture> {
    let picture = Picture::glance(&whole.clone().about(page.clone()));
    picture.inspect_err(|error| tracing::warn!("{}: {error:#}", page.name)).ok()
}
