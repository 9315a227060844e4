//! The ways to Claude that have a page of their own, and which page is that of a road.

use std::path::PathBuf;

use super::provider::{Provider, provider};
use crate::claude_code::place::{Env, Place};
use ccwatch_core::notice::FIRST_PAGE;
use ccwatch_core::route::Path;

/// A way with a page of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// The key of the page.
    pub key: String,
    /// Where requests go.
    pub path: Path,
    /// In which region; none: it has no regions.
    pub region: Option<String>,
}

/// See the module.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Roads {
    /// The key of the page that requests go by, where the user says so; empty: it is found out.
    pub given: String,
    /// The ways, in their order.
    pub ways: Vec<Way>,
}

impl Roads {
    /// The key of the page of the road that requests take from a directory; the first page where the
    /// road has none of its own. None: that can't be told now.
    pub fn page(&self, env: Env<'_>, cwd: PathBuf) -> Option<String> {
        if self.ways.is_empty() {
            return Some(FIRST_PAGE.to_owned());
        }
        if !self.given.is_empty() {
            return Some(self.given.clone());
        }
        let found = Place::find(env, cwd).map(|place| provider(env, &place));
        match found {
            Some(Err(problem)) => {
                tracing::debug!(
                    "{}: {}: the way of requests isn't known",
                    problem.set_in,
                    problem.what
                );
                None
            }
            Some(Ok(Some(provider))) => Some(self.page_of(&provider)),
            Some(Ok(None)) | None => Some(FIRST_PAGE.to_owned()),
        }
    }

    /// The provider that requests go to from a directory, where no page is watched for it.
    pub fn unwatched(&self, env: Env<'_>, cwd: PathBuf) -> Option<Provider> {
        let place = Place::find(env, cwd).filter(|_| self.given.is_empty())?;
        let provider = provider(env, &place).ok().flatten()?;
        (self.page_of(&provider) == FIRST_PAGE).then_some(provider)
    }

    /// The way whose page has a key; none: it is no page of a way.
    pub fn way(&self, key: &str) -> Option<&Way> {
        self.ways.iter().find(|way| way.key == key)
    }

    /// A provider whose region isn't named goes by its first page.
    fn page_of(&self, provider: &Provider) -> String {
        let mut ways = self.ways.iter().filter(|way| way.path == provider.path);
        let found = match &provider.region {
            Some(region) => ways.find(|way| way.region.as_ref().is_none_or(|of| of == region)),
            None => ways.next(),
        };
        found.map_or_else(|| FIRST_PAGE.to_owned(), |way| way.key.clone())
    }
}
