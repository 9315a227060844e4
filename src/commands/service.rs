//! `ccwatch service`: ccwatch as a service of the user's login, under systemd or launchd.
//!
//! What is going to be done is a plan first: `--dry-run` prints it, else it is carried out.

mod desktop;
mod execute;
mod files;
mod launchd;
mod manager;
mod plan;
mod site;
mod systemd;
#[cfg(test)]
mod tests;

use std::io::Write;
use std::path::PathBuf;

use crate::app::exit_code::ExitCode;
use crate::app::explain::Explained;
use crate::claude_code::place::Place;
use crate::claude_code::plugin::registered;
use crate::cli::{self, Global};
use crate::config::Config;
use crate::platform::paths;

pub(crate) use manager::{Standing, standing};

use files::Disk;
use manager::{LAUNCHD, Verb};
use plan::{Plan, Step};
use site::Site;
pub(super) use site::program;

/// Why the service could not be changed.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// The file is somebody else's.
    #[error("{} was not written by ccwatch: it is not {done}", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What would have been done to it.
        done: &'static str,
    },
    /// The file is a newer ccwatch's.
    #[error("{} was written by a newer ccwatch (version {version} of the file)", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        version: u32,
    },
    /// No service manager for users answers.
    #[error("no service manager for your login can be reached: {why}")]
    NoManager {
        /// Why.
        why: String,
    },
    /// There is no service.
    #[error("the service is not installed")]
    NotInstalled,
    /// The path of this program can't stand in a unit.
    #[error("the path of this program can't be used: {why}")]
    Program {
        /// Why.
        why: String,
    },
    /// A step failed.
    #[error("this failed: {what}: {why}")]
    Step {
        /// The step, as it would be done by hand.
        what: String,
        /// Why.
        why: String,
        /// Whether the log of the service may tell more.
        service_may_tell: bool,
    },
}

impl ServiceError {
    /// The next step.
    fn hint(&self) -> String {
        match self {
            Self::Foreign { .. } => {
                "look at it; if ccwatch may have its place, add --force".to_owned()
            }
            Self::Newer { .. } => "use the newer ccwatch, or add --force".to_owned(),
            Self::NoManager { .. } if LAUNCHD => {
                "log in at the Mac itself: over ssh there is no graphical session".to_owned()
            }
            Self::NoManager { .. } => "run it as yourself, logged in (not through su or sudo); on \
                                       a machine without systemd: ccwatch service install \
                                       --autostart; without a desktop: ccwatch run"
                .to_owned(),
            Self::NotInstalled => "install it: ccwatch service install".to_owned(),
            Self::Program { .. } => "install ccwatch anew, or move it to another place".to_owned(),
            Self::Step { service_may_tell: true, .. } => {
                "the reason may be in the log: ccwatch service logs; then do it by hand, or run \
                 this again"
                    .to_owned()
            }
            Self::Step { service_may_tell: false, .. } => {
                "do it by hand, then run this again".to_owned()
            }
        }
    }
}

impl Explained for ServiceError {
    fn exit_code(&self) -> ExitCode {
        ExitCode::Warning
    }

    fn next_step(&self) -> Option<String> {
        Some(self.hint())
    }
}

/// How something is changed.
#[derive(Debug, Clone, Copy, Default)]
struct Change {
    force: bool,
    dry_run: bool,
}

/// Runs one of the sub-commands.
pub fn run(
    global: &Global,
    command: &cli::Service,
    out: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    match command {
        cli::Service::Install(args) => install(global, args, out),
        cli::Service::Uninstall(args) => {
            uninstall(global, Change { force: args.force, dry_run: args.dry_run }, out)
        }
        cli::Service::Start(args) => control(global, Verb::Start, args.dry_run, out),
        cli::Service::Stop(args) => control(global, Verb::Stop, args.dry_run, out),
        cli::Service::Restart(args) => control(global, Verb::Restart, args.dry_run, out),
        cli::Service::Status(args) => manager::status(&site(global, None)?, args.json, out),
        cli::Service::Logs(args) => manager::logs(&site(global, None)?, args.lines, args.follow),
    }
}

fn install(
    global: &Global,
    args: &cli::ServiceInstall,
    out: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    // A service with a wrong configuration would only fail: say so now.
    let (config, file) = Config::load(global.config.as_deref())?;
    let mut notes = about_transcripts(&config, file.or_else(|| global.config.clone()));
    notes.extend(about_plugin());
    let change = Change { force: args.force, dry_run: args.dry_run };
    if args.autostart {
        let site = site_with(global, Some(&config), None)?;
        let mut plan = desktop::autostart(&site, &Disk, change)?;
        plan.notes.extend(notes);
        return finish(plan, change, out);
    }
    let environment = match manager::environment() {
        // The plan can be shown all the same.
        Err(_) if change.dry_run => None,
        asked => Some(asked?),
    };
    let site = site_with(global, Some(&config), environment.as_deref())?;
    let mut plan = match LAUNCHD {
        true => launchd::install(&site, &Disk, change)?,
        false => systemd::install(&site, &Disk, change, args.strict)?,
    };
    if site.is_build() {
        plan.note(format!("The service uses {}, which a build replaces.", site.program));
    }
    plan.notes.extend(notes);
    finish(plan, change, out)
}

/// The plugin, for who has Claude Code here and not the plugin.
fn about_plugin() -> Option<String> {
    let place = Place::of_process().filter(|place| place.config.is_dir())?;
    let offer = "Claude Code can tell ccwatch of API errors at once, and sessions that one stopped can \
                 go on by themselves; for both, run: ccwatch plugin install";
    registered(&place).is_none().then(|| offer.to_owned())
}

/// What else ccwatch could look at, so that it is the user's own choice.
fn about_transcripts(config: &Config, file: Option<PathBuf>) -> Vec<String> {
    const KEPT: &str = "Of an API error it keeps the time, kind, status, request id and a hash of \
                        the session; of everything else nothing.";
    if config.local.transcripts {
        let on = "It follows Claude Code's transcripts ([local] transcripts = true).";
        return vec![format!("{on} {KEPT}")];
    }
    let file = file.or_else(|| paths::config_file().ok());
    let file = file.map_or_else(|| "the configuration".to_owned(), |f| f.display().to_string());
    vec![
        format!(
            "Off: it can follow Claude Code's transcripts on this machine, and warn you of API \
             errors before the page does. {KEPT}"
        ),
        format!(
            "To switch that on, put transcripts = true below a line [local] in {file}; then run: \
             ccwatch service restart"
        ),
    ]
}

fn uninstall(global: &Global, change: Change, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let environment = manager::environment().ok();
    let site = site(global, environment.as_deref())?;
    let mut plan = match LAUNCHD {
        true => launchd::uninstall(&site, &Disk, change)?,
        false => systemd::uninstall(&site, &Disk, change)?,
    };
    if plan.steps.iter().any(|step| matches!(step, Step::Run(_))) && !change.dry_run {
        manager::environment()?;
    }
    if plan.steps.is_empty() {
        plan.note("There is no service to uninstall.");
    }
    let config = paths::config_file().map_or_else(
        |_| String::new(),
        |file| format!(" and the configuration ({})", file.display()),
    );
    let state = site.state_dir.display();
    plan.note(format!("The database ({state}){config} stay; delete them if you like."));
    finish(plan, change, out)
}

fn control(
    global: &Global,
    verb: Verb,
    dry_run: bool,
    out: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    let site = site(global, None)?;
    if !dry_run && !manager::is_installed(&site)? {
        return Err(ServiceError::NotInstalled.into());
    }
    let plan = Plan { steps: vec![Step::Run(manager::control(&site, verb))], notes: Vec::new() };
    finish(plan, Change { force: false, dry_run }, out)
}

fn finish(plan: Plan, change: Change, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    if change.dry_run {
        plan.print(out)?;
    } else {
        execute::execute(&plan, out)?;
    }
    Ok(ExitCode::Success)
}

/// The place as it is, with the state directory in force; the platform's where the configuration
/// can't be read.
fn site(global: &Global, manager: Option<&str>) -> anyhow::Result<Site> {
    let config = Config::load(global.config.as_deref()).map(|(config, _)| config);
    site_with(global, config.ok().as_ref(), manager)
}

/// This user on this machine; what was given to us on the command line, `run` is given too.
fn site_with(
    global: &Global,
    config: Option<&Config>,
    manager: Option<&str>,
) -> anyhow::Result<Site> {
    let mut options = Vec::new();
    let named = [("--config", &global.config), ("--state-dir", &global.state_dir)];
    for (option, path) in named {
        let Some(path) = path else { continue };
        let path = std::path::absolute(path)?;
        let text = path.to_str().ok_or_else(|| ServiceError::Program {
            why: format!("{} is not UTF-8", path.display()),
        })?;
        options.extend([option.to_owned(), text.to_owned()]);
    }
    let configured = config.and_then(|config| config.state_dir.as_deref());
    let state = paths::place_of_state(global.state_dir.as_deref(), configured)?;
    Site::look(options, state, manager)
}
