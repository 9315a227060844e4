//! The commands that set ccwatch up and look after it.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

/// `ccwatch config`.
#[derive(Debug, Subcommand)]
pub enum Config {
    /// The file that is read, whether or not it exists
    Path {
        /// As JSON, of a documented and versioned shape
        #[arg(long)]
        json: bool,
    },
    /// Write the file with every key, its default and what it means; never over one that is there
    #[command(
        after_help = "Examples:\n  ccwatch config init\n  ccwatch --config here.toml config init"
    )]
    Init,
    /// Check a configuration: ok, or every problem with what to do
    ///
    /// Names in watch.components that the page doesn't have are warned of: they are compared with
    /// what a daemon has read, or, for the configuration in force, with the page itself.
    ///
    /// Exit code: 0 right, 78 not right, 69 right, but with --live the page can't be read so.
    #[command(
        after_help = "Examples:\n  ccwatch config check\n  ccwatch config check --live\n  ccwatch config check bedrock.toml --live --json"
    )]
    Check {
        /// The file; without it the one that is in force
        #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
        file: Option<PathBuf>,
        /// Read the page once, and say what it is, what of it is watched, and what goes on there
        #[arg(long)]
        live: bool,
        /// As JSON, of a documented and versioned shape
        #[arg(long)]
        json: bool,
    },
    /// Every key with the value in force, as TOML
    Show {
        /// As JSON, of a documented and versioned shape
        #[arg(long)]
        json: bool,
    },
}

/// `ccwatch doctor`.
#[derive(Debug, Args)]
pub struct Doctor {
    /// As JSON, of a documented and versioned shape
    #[arg(long)]
    pub json: bool,
}

/// `ccwatch metrics`.
#[derive(Debug, Args)]
pub struct Metrics {
    /// Put them in the place of this file, whole, readable for everybody; its name must end in .prom
    /// for node_exporter
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub output: Option<PathBuf>,
}

/// `ccwatch notify-test`.
#[derive(Debug, Args)]
pub struct NotifyTest {
    /// As JSON, of a documented and versioned shape
    #[arg(long)]
    pub json: bool,
}

/// `ccwatch service`.
#[derive(Debug, Subcommand)]
pub enum Service {
    /// Start ccwatch now and whenever you log in
    ///
    /// Also repairs a service, and brings an older one up to date.
    Install(ServiceInstall),
    /// Stop the service and remove all of it; the database and the configuration stay
    Uninstall(ServiceUninstall),
    /// Start the service
    Start(ServiceControl),
    /// Stop the service until you log in again
    Stop(ServiceControl),
    /// Stop the service and start it again
    Restart(ServiceControl),
    /// Whether the service runs, and since when
    ///
    /// Exit code: 0 if it runs, else 1.
    Status(ServiceStatus),
    /// Show the service's log
    Logs(ServiceLogs),
}

/// `ccwatch service install`.
#[derive(Debug, Args)]
pub struct ServiceInstall {
    /// Print the files and commands, and do nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Also replace files that ccwatch did not write
    #[arg(long)]
    pub force: bool,
    /// systemd: shut the service out of everything it doesn't need; takes user namespaces
    #[arg(long, conflicts_with = "autostart")]
    pub strict: bool,
    /// Where there is no systemd: let the desktop start ccwatch at login
    #[arg(long)]
    pub autostart: bool,
}

/// `ccwatch service uninstall`.
#[derive(Debug, Args)]
pub struct ServiceUninstall {
    /// Print the files and commands, and do nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Also remove files that ccwatch did not write
    #[arg(long)]
    pub force: bool,
}

/// `ccwatch service start`, `stop` and `restart`.
#[derive(Debug, Args)]
pub struct ServiceControl {
    /// Print the command, and do nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// `ccwatch service status`.
#[derive(Debug, Args)]
pub struct ServiceStatus {
    /// As JSON, of a documented and versioned shape
    #[arg(long)]
    pub json: bool,
}

/// `ccwatch service logs`.
#[derive(Debug, Args)]
pub struct ServiceLogs {
    /// Show new lines as they come
    #[arg(short, long)]
    pub follow: bool,
    /// How many of the newest lines
    #[arg(short = 'n', long, value_name = "N", default_value_t = 100)]
    pub lines: u32,
}

/// `ccwatch plugin`.
#[derive(Debug, Subcommand)]
pub enum Plugin {
    /// Write the plugin down and install it into Claude Code; also brings an older one up to date
    ///
    /// Its hooks name this program by its path. Asks once whether sessions that an API error stopped
    /// may go on by themselves, and writes the answer into the configuration.
    Install(PluginInstall),
    /// Take the plugin out of Claude Code, and remove what was written
    Uninstall(PluginUninstall),
    /// Whether Claude Code has it, whether it is up to date, and when it was last heard of
    ///
    /// Exit code: 0 if there is nothing to do, else 1.
    Status(PluginStatus),
}

/// `ccwatch plugin install`.
#[derive(Debug, Args)]
pub struct PluginInstall {
    /// Print the files and commands, and do nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Don't ask: sessions may go on by themselves
    #[arg(long, conflicts_with = "no_resume")]
    pub resume: bool,
    /// Don't ask: sessions don't go on by themselves
    #[arg(long)]
    pub no_resume: bool,
}

/// `ccwatch plugin uninstall`.
#[derive(Debug, Args)]
pub struct PluginUninstall {
    /// Print the commands, and do nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// `ccwatch plugin status`.
#[derive(Debug, Args)]
pub struct PluginStatus {
    /// As JSON, of a documented and versioned shape
    #[arg(long)]
    pub json: bool,
}
