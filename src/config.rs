//! The configuration: one TOML file, every key optional, every mistake reported at once.
//!
//! A key is declared once, in the `settings!` blocks below, with its type and its
//! default: reading, showing, the list of known keys and their suggestions follow from that.
//! What a key means to the user is written in `config.example.toml`; what the values allow
//! together is in `check.rs`. Nothing here reads the environment or knows who uses a value.

mod check;
pub mod edit;
mod error;
pub mod last_good;
pub mod pages;
mod report;
mod setting;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use toml::de::{DeTable, DeValue};
use url::Url;

use crate::page::engine::Format;
use crate::platform::plain::{self, NotPlain};
use crate::platform::{paths, reach};
use ccwatch_core::model::Level;
use ccwatch_core::notice::sink::Sink;
use ccwatch_core::settings::WantedKinds;

pub use self::error::{ConfigError, Problem};
use self::pages::{OtherPages, Providers, When};
use self::report::Report;
use self::setting::{Setting, settings};

/// The largest configuration file that is read, in bytes.
const LARGEST: u64 = 1024 * 1024;

settings! {
    /// The whole configuration, checked: what a [`Config`] holds can be used as it is.
    Config {
        /// Older than this, a reading is no longer current.
        stale_after: Duration = Duration::from_secs(10 * 60),
        /// Where the database is kept: absolute, or below the home directory (`~/...`); none for
        /// the platform's place. See [`paths::state_dir`].
        state_dir: Option<PathBuf> = None,
        /// Whether the daemon shuts itself in, where the system can do that.
        sandbox: bool = true,
        /// Which page is read.
        page: Page = Page::default(),
        /// How often.
        poll: Poll = Poll::default(),
        /// What matters of it.
        watch: Watch = Watch::default(),
        /// What is told, and how.
        notify: Notify = Notify::default(),
        /// What this machine itself saw.
        local: Local = Local::default(),
        /// What becomes of sessions that an API error stopped.
        sessions: Sessions = Sessions::default(),
        /// The other ways to Claude.
        providers: Providers = Providers::default(),
        /// Other status pages.
        pages: OtherPages = OtherPages::default(),
    }
}

settings! {
    /// `[page]`: which page is read and believed.
    Page {
        /// The page's address, without a slash at the end of its path.
        url: Url = setting::constant_url("https://status.claude.com"),
        /// Another address of the same page, tried after repeated failures; not to be used
        /// while `id` is empty, because nothing would tell another page from this one.
        fallback: Option<Url> = Some(setting::constant_url("https://anthropic.statuspage.io")),
        /// A page with another id is not believed; empty: any page is. Feeds have none.
        id: String = "tymt9n04zgry".to_owned(),
        /// The page's format.
        engine: Format = Format::Statuspage,
        /// The regions that are looked at, for formats that tell of many.
        regions: Vec<String> = Vec::new(),
        /// When its news are told: always, as long as no other way is watched.
        notify: When = When::Route,
    }
}

settings! {
    /// `[poll]`: how often the page is read.
    Poll {
        /// From one poll to the next.
        interval: Duration = Duration::from_secs(60),
        /// The same, while something watched is affected.
        during_outage: Duration = Duration::from_secs(30),
    }
}

settings! {
    /// `[watch]`: what matters to this user.
    Watch {
        /// Names (without case, up to a parenthesis) or ids; empty: every component.
        components: Vec<String> = ["Claude Code", "Claude API", "claude.ai"].map(str::to_owned).to_vec(),
        /// What is below this is not told.
        min_level: Level = Level::Reported,
        /// The models in use; empty: all.
        models: Vec<String> = Vec::new(),
    }
}

settings! {
    /// `[notify]`: what is told, and how.
    Notify {
        /// Whether pop-ups are shown at all.
        desktop: bool = true,
        /// The command that is run for each notice.
        hook: HookCommand = HookCommand::default(),
        /// How long a component must look well before it is told to be back.
        settle: Duration = Duration::from_secs(30),
        /// From this level up, the pop-up stays on the screen.
        critical_from: CriticalFrom = CriticalFrom::At(Level::Major),
        /// Which kinds of notice are told: a key for each that can be switched.
        tell: WantedKinds = WantedKinds::default(),
    }
}

settings! {
    /// `[local]`: what this machine itself saw.
    Local {
        /// Whether Claude Code's transcripts are followed for API errors.
        transcripts: bool = false,
    }
}

settings! {
    /// `[sessions]`: what becomes of Claude Code's sessions that an API error stopped.
    Sessions {
        /// Whether they go on by themselves when a retry makes sense.
        resume: bool = false,
        /// Also those that a limit of the plan stopped, at its reset.
        limits: bool = false,
        /// So often a session is woken before it works.
        max_attempts: u32 = 8,
        /// So long after its first failure it is woken no more: the key `for`.
        within: Within = Within(Duration::from_secs(6 * 60 * 60)),
        /// Over so much time those are spread that would go on in the same moment.
        spread: Duration = Duration::from_secs(30),
    }
}

/// A duration whose key is `for`, which is no name for a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Within(pub Duration);

/// A program and its arguments, none of them empty; without a program: no hook.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HookCommand(pub Vec<String>);

/// From which level up a pop-up is critical.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CriticalFrom {
    /// From this level up.
    At(Level),
    /// None is.
    Never,
}

impl CriticalFrom {
    /// Whether a pop-up about `level` is critical.
    pub fn includes(self, level: Level) -> bool {
        matches!(self, Self::At(from) if level.is_at_least(from))
    }
}

impl Notify {
    /// The sinks that are on. A hook needs a process that runs it, which only a daemon has.
    pub fn sinks(&self, runs_hooks: bool) -> BTreeSet<Sink> {
        let on = |sink: &Sink| match sink {
            Sink::Desktop => self.desktop,
            Sink::Hook => runs_hooks && !self.hook.0.is_empty(),
        };
        Sink::ALL.into_iter().filter(on).collect()
    }
}

impl Config {
    /// Reads the text of a configuration; `origin` is the file that the errors name.
    pub fn parse(text: &str, origin: &Path) -> Result<Self, ConfigError> {
        let mut config = Self::default();
        let mut report = Report::new(text, config.entries());
        match DeTable::parse(text) {
            Ok(table) => {
                let root = toml::Spanned::new(table.span(), DeValue::Table(table.into_inner()));
                config.read("", &root, &mut report);
                check::check(&config, &mut report);
            }
            Err(error) => report.syntax(&error),
        }
        match report.into_problems() {
            problems if problems.is_empty() => Ok(config),
            problems => Err(ConfigError::Invalid { path: origin.to_owned(), problems }),
        }
    }

    /// The configuration in force, and the file that it came from: `explicit`, which must exist,
    /// or else the platform's, or else the defaults without a file.
    ///
    /// A file on a mount that no longer answers is an error, and not waited for.
    pub fn load(explicit: Option<&Path>) -> Result<(Self, Option<PathBuf>), ConfigError> {
        match explicit.map(Path::to_owned).or_else(|| paths::config_file().ok()) {
            Some(path) if !reach::answers(&path) => {
                Err(ConfigError::Unreadable { path, why: reach::silent() })
            }
            _ => Self::load_at_leisure(explicit),
        }
    }

    /// The same for who may wait as long as the file does, or must not start another process.
    pub fn load_at_leisure(
        explicit: Option<&Path>,
    ) -> Result<(Self, Option<PathBuf>), ConfigError> {
        match explicit {
            Some(path) => Ok((Self::parse(&read_file(path)?, path)?, Some(path.to_owned()))),
            // Without a home directory there can be no file in it.
            None => paths::config_file().map_or(Ok((Self::default(), None)), Self::load_default),
        }
    }

    /// As [`Config::load`], with `path` as the platform's file.
    fn load_default(path: PathBuf) -> Result<(Self, Option<PathBuf>), ConfigError> {
        match read_file(&path) {
            Ok(text) => Ok((Self::parse(&text, &path)?, Some(path))),
            // A link to nowhere is a file that someone meant to be there.
            Err(error) if error.is_missing() && path.symlink_metadata().is_err() => {
                Ok((Self::default(), None))
            }
            Err(error) => Err(error),
        }
    }

    /// Every key with its value, in a form that [`Config::parse`] reads back to an equal value.
    pub fn to_toml(&self) -> String {
        let mut text = String::new();
        let mut table = "";
        let entries = self.entries();
        for (path, value) in &entries {
            let (in_table, key) = path.rsplit_once('.').unwrap_or(("", path));
            if in_table != table {
                table = in_table;
                // The tables of a list are numbered.
                let head = match table.rsplit_once('.') {
                    Some((list, _)) => format!("[[{list}]]"),
                    None => format!("[{table}]"),
                };
                text.push_str(&format!("\n{head}\n"));
            }
            text.push_str(&format!("{key} = {value}\n"));
        }
        text
    }

    /// Every key as its dotted path with its value, in the order of the declaration.
    pub(crate) fn entries(&self) -> Vec<(String, toml::Value)> {
        let mut entries = Vec::new();
        self.list("", &mut entries);
        entries
    }
}

/// The text of a configuration file.
fn read_file(path: &Path) -> Result<String, ConfigError> {
    let unreadable = |why| ConfigError::Unreadable { path: path.to_owned(), why };
    let file = plain::open(path).map_err(|why| match plain::not_plain(&why) {
        Some(NotPlain(what)) => ConfigError::NotPlain { path: path.to_owned(), what },
        None => unreadable(why),
    })?;
    let mut bytes = Vec::new();
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > LARGEST {
        return Err(ConfigError::TooLarge { path: path.to_owned() });
    }
    String::from_utf8(bytes).map_err(|error| ConfigError::NotText {
        path: path.to_owned(),
        valid_up_to: error.utf8_error().valid_up_to(),
    })
}
