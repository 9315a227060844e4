//! What the commands share.

pub mod exit_code;
pub mod explain;
pub mod road;
pub mod start;
pub mod usage;
pub mod wiring;

use std::io;
use std::path::PathBuf;

use ccwatch_core::settings::Settings;

use crate::claude_code::place::environment;
use crate::cli::Global;
use crate::config::pages::{FIRST, PageConfig, Role};
use crate::config::{Config, ConfigError, last_good};
use crate::platform::paths::{self, PathError};
use crate::platform::reach;
use crate::store::page_dir;

use self::usage::UsageError;

/// What a command knows from the start.
#[derive(Debug, Clone)]
pub struct App {
    /// The options that every command has.
    pub global: Global,
    /// The configuration in force.
    pub config: Config,
    /// The file that it was read from, if there is one.
    pub file: Option<PathBuf>,
    /// Which page a command is about, where that isn't the first one: `config` is then the
    /// configuration as it would be with that page alone.
    pub page: Option<PageConfig>,
}

impl App {
    /// Reads the configuration.
    ///
    /// # Errors
    /// It can't be read, or is not accepted.
    pub fn load(global: &Global) -> Result<Self, ConfigError> {
        let (config, file) = Config::load(global.config.as_deref())?;
        Ok(Self { global: global.clone(), config, file, page: None })
    }

    /// The same about one of the pages that are watched, by its key or its name; without one, about
    /// that of the road that requests take from here.
    ///
    /// # Errors
    /// There is no such page.
    pub(crate) fn on_page(self, word: Option<&str>) -> Result<Self, UsageError> {
        let Some(word) = word else { return Ok(self.on_road()) };
        let page = self.config.page_named(word).ok_or_else(|| {
            UsageError::no_page(word, self.config.all_pages().iter().map(|page| page.key.as_str()))
        })?;
        Ok(self.about(page))
    }

    /// The same about the page of the road that requests take from here.
    #[must_use]
    pub(crate) fn on_road(self) -> Self {
        self.on_road_from(std::env::current_dir().unwrap_or_default())
    }

    /// The same of the road from a directory.
    #[must_use]
    pub(crate) fn on_road_from(self, cwd: PathBuf) -> Self {
        let key = road::page(&self.config, &environment, cwd);
        match key.and_then(|key| self.config.page_named(&key)) {
            Some(page) => self.about(page),
            None => self,
        }
    }

    /// The same about this page.
    #[must_use]
    pub(crate) fn about(self, page: PageConfig) -> Self {
        let config = page.config.clone();
        let page = Some(page).filter(|page| page.role != Role::First);
        Self { config, page, ..self }
    }

    /// The word that stands for the page that this is about.
    pub(crate) fn page_key(&self) -> &str {
        self.page.as_ref().map_or(FIRST, |page| page.key.as_str())
    }

    /// Where the database of that page is, or would be.
    ///
    /// # Errors
    /// As for [`App::state_dir`].
    pub(crate) fn page_dir(&self) -> Result<PathBuf, PathError> {
        self.state_dir().map(|dir| page_dir(&dir, self.page_key()))
    }

    /// The same for who must not stop over a mistake in it: with the configuration as it was when it
    /// was last right, and what is wrong with it now.
    ///
    /// # Errors
    /// There is no place where that could be kept.
    pub fn load_despite_mistakes(
        global: &Global,
    ) -> Result<(Self, Option<ConfigError>), PathError> {
        let error = match Self::load(global) {
            Ok(app) => return Ok((app, None)),
            Err(error) => error,
        };
        let file = Self::place_of_config(global).ok();
        let readable = file.as_deref().filter(|file| reach::answers(file));
        let named = readable.and_then(last_good::state_dir);
        let state = paths::state_dir(global.state_dir.as_deref(), named.as_deref())?;
        let config = Config { state_dir: named, ..last_good::kept(&state) };
        Ok((Self { global: global.clone(), config, file, page: None }, Some(error)))
    }

    /// Where the configuration file is, whether or not there is one.
    ///
    /// # Errors
    /// There is no home directory.
    pub fn place_of_config(global: &Global) -> Result<PathBuf, PathError> {
        global.config.clone().map_or_else(paths::config_file, Ok)
    }

    /// The same with other components to watch, where some are named.
    #[must_use]
    pub fn watching(mut self, components: &[String]) -> Self {
        if !components.is_empty() {
            self.config.watch.components = components.to_vec();
        }
        self
    }

    /// Where the database is, or would be.
    ///
    /// # Errors
    /// There is no home directory, or the place that is named can't be used.
    pub fn state_dir(&self) -> Result<PathBuf, PathError> {
        paths::state_dir(self.global.state_dir.as_deref(), self.config.state_dir.as_deref())
    }

    /// The same for who can do without: none where there is no home directory.
    ///
    /// # Errors
    /// The place that is named can't be used.
    pub(crate) fn state_dir_if_any(&self) -> Result<Option<PathBuf>, PathError> {
        match self.state_dir() {
            Err(PathError::NoHome { .. }) => Ok(None),
            dir => dir.map(Some),
        }
    }

    /// The core's part of the configuration.
    pub(crate) fn settings(&self) -> Settings {
        let label = self.page.as_ref().and_then(PageConfig::label);
        Settings { label, ..wiring::settings(&self.config) }
    }
}

/// A runtime for one thread.
pub(crate) fn runtime() -> io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().max_blocking_threads(4).build()
}
