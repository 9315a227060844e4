//! The command line: types and help texts, nothing else.

mod errors;
mod lazy;
mod line;
mod setup;
mod terminal;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};
use clap_complete::Shell;

pub use errors::{Diagnose, Evidence, RouteArgs};
pub use lazy::Lazy;
pub use line::{color, hint, is_daemon, read};
pub use setup::{
    Config, Doctor, Metrics, NotifyTest, Plugin, PluginInstall, PluginStatus, PluginUninstall,
    Service, ServiceControl, ServiceInstall, ServiceLogs, ServiceStatus, ServiceUninstall,
};
pub use terminal::{
    Forget, History, Mute, Retry, Sessions, SessionsCommand, Uptime, Wait, WaitFor, Watch,
};

/// Is it Claude, or is it me - and when does it make sense to try again?
///
/// ccwatch watches status.claude.com, tells you once when Claude goes down and once when a retry
/// makes sense, and answers `ccwatch status` at any time.
#[derive(Debug, Parser)]
#[command(name = "ccwatch", version, arg_required_else_help = true)]
#[command(after_help = concat!(
    "Begin with `ccwatch demo` to see what you will get, then `ccwatch service install`.\n",
    "All of it is explained at ",
    env!("CARGO_PKG_HOMEPAGE"),
))]
pub struct Cli {
    /// What applies to every command.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The heading of the options that every command has: they stand behind its own.
const FOR_ALL: &str = "For every command";

/// What applies to every command.
#[derive(Debug, Clone, Args)]
pub struct Global {
    /// Read this configuration instead of the one at `ccwatch config path`
    #[arg(long, global = true, help_heading = FOR_ALL, value_name = "FILE")]
    #[arg(value_hint = ValueHint::FilePath)]
    pub config: Option<PathBuf>,
    /// Keep or look for the database here
    #[arg(long, global = true, help_heading = FOR_ALL, value_name = "DIR")]
    #[arg(value_hint = ValueHint::DirPath)]
    pub state_dir: Option<PathBuf>,
    /// Say more on stderr; twice for everything
    #[arg(short, long, global = true, help_heading = FOR_ALL, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// Colours: where a terminal shows them, always, or never
    #[arg(long, global = true, help_heading = FOR_ALL, value_enum, value_name = "WHEN")]
    #[arg(alias = "colour", default_value_t = Color::Auto, hide_default_value = true)]
    pub color: Color,
}

/// When there are colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR or CLICOLOR=0 is set; anywhere with CLICOLOR_FORCE=1
    Auto,
    /// Also in a pipe or a file
    Always,
    /// Nowhere
    Never,
}

/// The sub-commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Watch the page and tell when Claude goes down and when a retry makes sense
    ///
    /// Runs until it is stopped (Ctrl-C or SIGTERM); SIGHUP makes it read its configuration again.
    /// It goes on by itself after errors.
    #[command(
        after_help = "Examples:\n  ccwatch run\n  ccwatch run --record today.jsonl\n  ccwatch run --once          (from cron: one look, told if there is news)"
    )]
    Run(Lazy<Run>),
    /// Is it Claude, or is it me? The verdict, what to do, and what the page says
    ///
    /// Exit code: 0 clear or retry, 1 a little affected, 2 an outage, 3 not known.
    #[command(
        after_help = "Examples:\n  ccwatch status\n  ccwatch status -q && claude --continue\n  ccwatch status --json | jq -r .verdict\n  ccwatch status --at 'yesterday 15:46'\n  ccwatch status --component 'Claude Code'\n  ccwatch status --format tmux"
    )]
    Status(Lazy<Status>),
    /// The same as `status`, live and on the whole screen; q leaves
    #[command(after_help = "Examples:\n  ccwatch watch\n  ccwatch watch --component 'Claude Code'")]
    Watch(Lazy<Watch>),
    /// Which branch is it: Claude, your login, this session, the route, a limit or the network?
    ///
    /// Takes an API error and looks at what the page said at its time and at the route in force.
    /// Without arguments it takes the newest error in Claude Code's own transcripts.
    ///
    /// Exit code: 10 live incident, 11 login, 12 session, 13 route, 14 limit, 15 network,
    /// 16 undecided.
    #[command(
        after_help = "Examples:\n  ccwatch diagnose\n  ccwatch diagnose 'API Error: 529 Overloaded'\n  pbpaste | ccwatch diagnose -\n\nQuotes around the text keep the shell from taking it apart; without them the words are joined."
    )]
    Diagnose(Lazy<Diagnose>),
    /// Which authentication and endpoint Claude Code would use here, and where that is set
    ///
    /// Run it in the shell and the directory in which you start claude. Secrets are looked at for
    /// presence and expiry only, and never shown.
    #[command(after_help = "Examples:\n  ccwatch route\n  ccwatch route --json | jq -r .path")]
    Route(Lazy<RouteArgs>),
    /// Make the packet for support: the error, its request ids, the page then, the tests done
    ///
    /// Shown on the terminal first, without secrets, paths and names; -o also writes it.
    #[command(
        after_help = "Examples:\n  ccwatch evidence\n  ccwatch evidence 'API Error: 529 Overloaded'\n  ccwatch evidence --since '2h ago' -o outage.md"
    )]
    Evidence(Lazy<Evidence>),
    /// Record what a hook of Claude Code reports on standard input
    ///
    /// Called by the plugin; it is silent and never fails.
    #[command(hide = true)]
    Hook(Lazy<Hook>),
    /// Run the hook of `notify.hook` for the daemon that started this
    #[command(hide = true)]
    HookRunner(Lazy<HookRunner>),
    /// Wait until a retry makes sense, then run COMMAND if there is one
    ///
    /// Ends at once if nothing is wrong. What is not known is not green: then it waits on, and says
    /// why. With a daemon it only reads what that wrote down; without one it asks the page itself.
    /// While the page is green but the daemon sees API errors on this machine, it waits for a session
    /// that gets an answer, for 5 minutes without a further error, or for the page to follow.
    ///
    /// Exit code: 0 a retry makes sense, 3 the page doesn't list all that is waited for, and the rest is
    /// well, 124 timed out; with COMMAND the one of COMMAND.
    #[command(
        after_help = "Examples:\n  ccwatch wait && claude --continue\n  ccwatch wait \"Claude API\" --timeout 2h -- ./nightly.sh\n  ccwatch wait --for clear"
    )]
    Wait(Lazy<Wait>),
    /// Run COMMAND, and repeat it if it failed with an error that time heals, once that makes sense
    ///
    /// What COMMAND says is read on its way, and goes where it would have gone. 529, 500, a lost
    /// connection: while the page is red they are waited out, until a fix is out or it is back; else
    /// COMMAND is run again after 1, 2, 5, 10 and 15 minutes. A limit is waited for until it resets.
    /// A refused login, a prompt that is too long, a policy and the like are not repeated, and the
    /// reason is said. A COMMAND that fails without a word of an API error is repeated only if the
    /// page explains it.
    ///
    /// Standard input, the terminal and signals are COMMAND's own. A stream that is a terminal stays
    /// one and is not read: then Claude Code's transcripts tell what happened. What COMMAND has read of its
    /// standard input is not there again for the next try.
    ///
    /// Exit code: the one of COMMAND's last run.
    #[command(
        after_help = "Examples:\n  ccwatch retry -- claude -p 'summarise CHANGES.md'\n  ccwatch retry --resume -- claude -p 'fix the tests' --output-format json\n  ccwatch retry --max 3 --for 2h -- ./nightly.sh"
    )]
    Retry(Lazy<Retry>),
    /// What happened, when, how long, and whether you were told and why or why not
    ///
    /// Each time that a component was away from operational; or, with an option, the page's
    /// incidents, the notices, or every single change of a level.
    #[command(
        after_help = "Examples:\n  ccwatch history\n  ccwatch history --since \"monday 9:00\" --component \"Claude Code\"\n  ccwatch history --decisions       (why you were told, or not)\n  ccwatch history --notices --json"
    )]
    History(Lazy<History>),
    /// A bar a day for each component, and its uptime by the page's own formula
    ///
    /// Only time in which ccwatch could see the page counts; the rest is shown as not watched.
    #[command(
        after_help = "Examples:\n  ccwatch uptime\n  ccwatch uptime --days 30 --json\n  ccwatch uptime --since 2026-06-01 --until 2026-06-30"
    )]
    Uptime(Lazy<Uptime>),
    /// Silence for a while, or for one incident; the end of what you were told is still told
    ///
    /// WHAT is a time (1h), `until` and a time of day, the id or address of an open incident, or
    /// `off`. Without it, or with `list`: tell what is muted. What is still going on when a mute ends is told then.
    #[command(
        after_help = "Examples:\n  ccwatch mute 1h\n  ccwatch mute until tomorrow 9:00\n  ccwatch mute tq6l9r8qm4h1 --and-tell-end\n  ccwatch mute off"
    )]
    Mute(Lazy<Mute>),
    /// Sessions of Claude Code that an API error stopped, and what happens next with each
    ///
    /// When it stopped, in which folder, why, whether it goes on by itself or waits for you, and the
    /// command to go on by hand. Needs ccwatch's plugin for Claude Code; whether sessions go on by
    /// themselves is up to sessions.resume in the configuration.
    #[command(
        args_conflicts_with_subcommands = true,
        after_help = "Examples:\n  ccwatch sessions\n  ccwatch sessions --all --json\n  ccwatch sessions forget 6f1c2a90\n  ccwatch sessions forget --all"
    )]
    Sessions(Sessions),
    /// Print the notices that a recording would have given
    ///
    /// A recording is made by `ccwatch run --record FILE`: JSON lines, one a poll.
    #[command(
        after_help = "Examples:\n  ccwatch replay today.jsonl\n  ccwatch replay --json today.jsonl | jq -r .title"
    )]
    Replay(Lazy<Replay>),
    /// Play a short outage from start to recovery, with real pop-ups, in under 30 seconds
    #[command(after_help = "Examples:\n  ccwatch demo")]
    Demo,
    /// Show one pop-up and tell what the notification server can do, or why none came
    ///
    /// Also runs the hook of `notify.hook`, where there is one, and tells how that went.
    #[command(after_help = "Examples:\n  ccwatch notify-test")]
    NotifyTest(Lazy<NotifyTest>),
    /// Where the configuration is, whether it is right, and what is in force
    #[command(subcommand)]
    #[command(
        after_help = "Examples:\n  ccwatch config init\n  ccwatch config check\n  ccwatch config show"
    )]
    Config(Config),
    /// Run ccwatch whenever you are logged in: as a service under systemd or launchd
    #[command(subcommand)]
    #[command(
        after_help = "Examples:\n  ccwatch service install --dry-run\n  ccwatch service install\n  ccwatch service logs -f"
    )]
    Service(Service),
    /// The plugin for Claude Code: tells ccwatch of API errors, and lets sessions go on
    #[command(subcommand)]
    #[command(
        after_help = "Examples:\n  ccwatch plugin install --dry-run\n  ccwatch plugin install --resume\n  ccwatch plugin status"
    )]
    Plugin(Plugin),
    /// What is known as Prometheus reads it, for node_exporter's textfile collector
    ///
    /// The verdict, the level of each watched component, when the page was read last, what this machine
    /// saw and what was told. It knows what `status` knows, by the same way: beside a daemon it
    /// reads the database, without one it asks the page. docs/team.md has a timer and alert rules.
    ///
    /// Exit code: 0 printed or written, whatever the verdict; 74 FILE can't be written, or the daemon's
    /// database can't be read. FILE then stays as it was, and its age says so.
    #[command(
        after_help = "Examples:\n  ccwatch metrics\n  ccwatch metrics --output /var/lib/prometheus/node-exporter/ccwatch.prom"
    )]
    Metrics(Lazy<Metrics>),
    /// Check everything that ccwatch depends on: a line each, with what to do where it isn't well
    ///
    /// Exit code: 0 all is well, 1 something needs you.
    #[command(
        after_help = "Examples:\n  ccwatch doctor\n  ccwatch doctor --json | jq '.checks[] | select(.outcome == \"fix\")'"
    )]
    Doctor(Lazy<Doctor>),
    /// Print the names of the page's components, for what completes words in a shell
    #[command(hide = true)]
    Components,
    /// Print what makes a shell complete the words of ccwatch
    #[command(
        after_help = "Examples:\n  ccwatch completions bash > ~/.local/share/bash-completion/completions/ccwatch\n  ccwatch completions zsh > ~/.zfunc/_ccwatch        (with ~/.zfunc in fpath)\n  ccwatch completions fish > ~/.config/fish/completions/ccwatch.fish"
    )]
    Completions {
        /// Which shell
        #[arg(value_name = "SHELL")]
        shell: Shell,
    },
    /// Print the manual page, or write one for every command into a directory
    #[command(
        after_help = "Examples:\n  ccwatch man | man -l -\n  ccwatch man ~/.local/share/man/man1"
    )]
    Man {
        /// Where the pages are written; it is made if need be
        #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
        dir: Option<PathBuf>,
    },
}

/// Options of `ccwatch hook`.
#[derive(Debug, Args)]
pub struct Hook {
    /// Where the session may go on by itself: wait for the moment, and end with 2 then
    #[arg(long)]
    pub wait: bool,
}

/// Options of `ccwatch hook-runner`.
#[derive(Debug, Args)]
pub struct HookRunner {
    /// Run hooks until this life of the runner is over, for the keeper that started this
    #[arg(long, conflicts_with = "once")]
    pub life: Option<u32>,
    /// Run one hook, for the runner that started this
    #[arg(long)]
    pub once: bool,
    /// Look for the program of a hook, for who can't wait for that
    #[arg(long, value_name = "PROGRAM", conflicts_with_all = ["life", "once"])]
    pub find: Option<String>,
    /// Read a file, for who can't wait for that
    #[arg(long, value_name = "FILE", conflicts_with_all = ["life", "once", "find"])]
    pub read: Option<PathBuf>,
}

/// `ccwatch run`.
#[derive(Debug, Args)]
pub struct Run {
    /// Append every reading to this file, for `ccwatch replay`
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub record: Option<PathBuf>,
    /// Write the log to this file instead of stderr; at 1 MiB it is moved to FILE.1
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub log_file: Option<PathBuf>,
    /// Read the page once, tell what there is to tell, and end with the exit code of `status`
    #[arg(long)]
    pub once: bool,
}

/// `ccwatch status`.
#[derive(Debug, Args)]
pub struct Status {
    /// As JSON, of a documented and versioned shape
    #[arg(long, conflicts_with = "quiet")]
    pub json: bool,
    /// Print nothing: the exit code says it
    #[arg(short, long)]
    pub quiet: bool,
    /// All components of the page, also those that you don't watch
    #[arg(short, long)]
    pub all: bool,
    /// What the page said at a time that is over: 15:46, "yesterday 15:46", "2h ago", RFC 3339
    #[arg(long, value_name = "TIME")]
    pub at: Option<String>,
    /// Only this one, by name or id, instead of those in watch.components; may be repeated
    #[arg(long = "component", value_name = "COMPONENT")]
    pub components: Vec<String>,
    /// Another page that is watched, by its key (`ccwatch status` names them)
    #[arg(long, value_name = "KEY")]
    pub page: Option<String>,
    /// One line for a bar or a prompt, out of the daemon's database only
    ///
    /// Takes milliseconds, never reads the page, and is always an answer: what went wrong stands
    /// in the line. The exit code is 0, unless with -q.
    #[arg(long, value_name = "FORM", conflicts_with_all = ["json", "all", "at"])]
    pub format: Option<Form>,
    /// Say it also when all is well, in the forms that are silent then (starship, claude-code)
    #[arg(long, requires = "format")]
    pub always: bool,
}

/// What `ccwatch status --format` can speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// Plain text
    Line,
    /// JSON for a custom module with `"return-type": "json"`
    Waybar,
    /// Text with tmux's colours, for `#(...)` in a status line
    Tmux,
    /// JSON for a block with `format=json`
    I3blocks,
    /// Plain text for a custom module; nothing when all is well
    Starship,
    /// For Claude Code's `statusLine`; reads its JSON on stdin; nothing when all is well
    ClaudeCode,
    /// The same as --json
    Json,
}

/// `ccwatch replay`.
#[derive(Debug, Args)]
pub struct Replay {
    /// The recording; `-` reads standard input
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    /// Only this one, by name or id, instead of those in watch.components; may be repeated
    #[arg(long = "component", value_name = "COMPONENT")]
    pub components: Vec<String>,
    /// One JSON line a notice, and nothing else
    #[arg(long)]
    pub json: bool,
}
