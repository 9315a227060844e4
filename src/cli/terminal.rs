//! The commands for people and scripts: waiting, the past, silence.

use std::ffi::OsString;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum, ValueHint};

/// `ccwatch wait`.
#[derive(Debug, Args)]
pub struct Wait {
    /// Only these, by name or id, instead of those in watch.components
    #[arg(value_name = "COMPONENT")]
    pub components: Vec<String>,
    /// The same, as the other commands have it; may be repeated
    #[arg(long = "component", value_name = "COMPONENT")]
    pub also: Vec<String>,
    /// Another page that is watched, by its key (`ccwatch status` names them)
    #[arg(long, value_name = "KEY")]
    pub page: Option<String>,
    /// What to wait for
    #[arg(long = "for", value_enum, default_value_t = WaitFor::Retry, value_name = "WHAT")]
    pub until: WaitFor,
    /// Give up after this long (exit code 124), for example 2h or 90m
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub timeout: Option<Duration>,
    /// Say nothing
    #[arg(short, long)]
    pub quiet: bool,
    /// How it ended as JSON, of a documented and versioned shape
    #[arg(long, conflicts_with = "command")]
    pub json: bool,
    /// What to run then; it stands behind `--`
    #[arg(last = true, value_name = "COMMAND")]
    pub command: Vec<OsString>,
}

/// What `ccwatch wait` waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum WaitFor {
    /// A retry makes sense: it is green, or a fix is out
    Retry,
    /// The page is green again
    Clear,
}

/// `ccwatch retry`.
#[derive(Debug, Args)]
pub struct Retry {
    /// Run it this often at most, the first time included
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    pub max: u32,
    /// Begin no repeat later than this after the first failure
    #[arg(long = "for", visible_alias = "within", value_name = "TIME", default_value = "6h")]
    #[arg(value_parser = duration)]
    pub within: Duration,
    /// How long to wait after each failure while the page explains nothing; the last one goes on
    #[arg(long, value_name = "TIME,...", default_value = "1m,2m,5m,10m,15m")]
    #[arg(value_delimiter = ',', value_parser = duration)]
    pub pause: Vec<Duration>,
    /// Only this one, by name or id, instead of those in watch.components; may be repeated
    #[arg(long = "component", value_name = "COMPONENT")]
    pub components: Vec<String>,
    /// Another page that is watched, by its key (`ccwatch status` names them)
    #[arg(long, value_name = "KEY")]
    pub page: Option<String>,
    /// Repeat `claude -p ...` as one that goes on with the cut-off session, without the prompt
    #[arg(long)]
    pub resume: bool,
    /// Say nothing
    #[arg(short, long)]
    pub quiet: bool,
    /// What to run, with everything that follows; `--` before it is allowed
    #[arg(required = true, value_name = "COMMAND", trailing_var_arg = true)]
    #[arg(value_hint = ValueHint::CommandWithArguments)]
    pub command: Vec<OsString>,
}

/// A duration as people write it: `2h`, `90m`, `1h 30m`.
fn duration(text: &str) -> Result<Duration, String> {
    let expected = || "expected a time such as 90m, 2h or 1h 30m".to_owned();
    let span: jiff::SignedDuration = text.parse().map_err(|_| expected())?;
    Duration::try_from(span).map_err(|_| expected())
}

/// `ccwatch history`.
#[derive(Debug, Args)]
pub struct History {
    /// From when on: 30d, "monday 9:00", 2026-06-02
    #[arg(long, value_name = "TIME", default_value = "30d")]
    pub since: String,
    /// Up to when, in the same words; without it: up to now
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,
    /// Only the newest N of them
    #[arg(short = 'n', long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: Option<u32>,
    /// Only this one, by name or id; may be repeated
    #[arg(long = "component", value_name = "COMPONENT")]
    pub components: Vec<String>,
    /// Another page that is watched, by its key (`ccwatch status` names them)
    #[arg(long, value_name = "KEY")]
    pub page: Option<String>,
    /// The page's incidents
    #[arg(long, group = "view")]
    pub incidents: bool,
    /// The notices
    #[arg(long, group = "view")]
    pub notices: bool,
    /// Every change of a level
    #[arg(long, group = "view")]
    pub transitions: bool,
    /// Why you were told, or not
    #[arg(long, group = "view")]
    pub decisions: bool,
    /// As JSON, of a documented and versioned shape
    #[arg(long)]
    pub json: bool,
}

/// `ccwatch uptime`.
#[derive(Debug, Args)]
pub struct Uptime {
    /// How many days, the last one included
    #[arg(long, value_name = "N", default_value_t = 90, value_parser = clap::value_parser!(u16).range(1..=3660))]
    pub days: u16,
    /// From the day of this time on, instead of --days: 30d, monday, 2026-06-02
    #[arg(long, value_name = "TIME", conflicts_with = "days")]
    pub since: Option<String>,
    /// Up to the day of this time, in the same words; without it: up to today
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,
    /// All components of the page, also those that you don't watch
    #[arg(short, long)]
    pub all: bool,
    /// Only this one, by name or id, instead of those in watch.components; may be repeated
    #[arg(long = "component", value_name = "COMPONENT")]
    pub components: Vec<String>,
    /// Another page that is watched, by its key (`ccwatch status` names them)
    #[arg(long, value_name = "KEY")]
    pub page: Option<String>,
    /// As JSON, of a documented and versioned shape
    #[arg(long)]
    pub json: bool,
}

/// `ccwatch mute`.
#[derive(Debug, Args)]
pub struct Mute {
    /// A time, `until` TIME, an incident, `off`, or `list`
    #[arg(value_name = "WHAT")]
    pub what: Vec<String>,
    /// Tell the end of what is muted, even if its beginning was not told
    #[arg(long, conflicts_with = "also_back")]
    pub and_tell_end: bool,
    /// Don't tell the end of what was told before either
    #[arg(long)]
    pub also_back: bool,
    /// Another page that is watched, by its key (`ccwatch status` names them)
    #[arg(long, value_name = "KEY")]
    pub page: Option<String>,
    /// As JSON, of a documented and versioned shape
    #[arg(long)]
    pub json: bool,
}

/// `ccwatch watch`.
#[derive(Debug, Args)]
pub struct Watch {
    /// All components of the page, also those that you don't watch
    #[arg(short, long)]
    pub all: bool,
    /// Only this one, by name or id, instead of those in watch.components; may be repeated
    #[arg(long = "component", value_name = "COMPONENT")]
    pub components: Vec<String>,
    /// Another page that is watched, by its key (`ccwatch status` names them)
    #[arg(long, value_name = "KEY")]
    pub page: Option<String>,
}

/// `ccwatch sessions`.
#[derive(Debug, Args)]
pub struct Sessions {
    /// Something to do with them, instead of showing them
    #[command(subcommand)]
    pub command: Option<SessionsCommand>,
    /// Also those that are over, and those of the last 7 days
    #[arg(short, long)]
    pub all: bool,
    /// As JSON, of a documented and versioned shape
    #[arg(long)]
    pub json: bool,
}

/// What can be done with stopped sessions.
#[derive(Debug, Subcommand)]
pub enum SessionsCommand {
    /// Forget one of them, or all: nothing of it is kept, and it doesn't go on by itself
    #[command(
        after_help = "Examples:\n  ccwatch sessions forget 6f1c2a90\n  ccwatch sessions forget --all"
    )]
    Forget(Forget),
}

/// `ccwatch sessions forget`.
#[derive(Debug, Args)]
pub struct Forget {
    /// Which one, by its id or the beginning of it
    #[arg(value_name = "ID", required_unless_present = "all", conflicts_with = "all")]
    pub id: Option<String>,
    /// All of them
    #[arg(long)]
    pub all: bool,
}
