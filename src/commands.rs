//! One file a sub-command, and how each of them ends.

pub mod completions;
pub mod config;
pub mod demo;
pub mod diagnose;
pub mod doctor;
pub mod evidence;
pub mod history;
pub mod hook;
pub mod hook_runner;
pub mod man;
pub mod mute;
pub mod notify_test;
pub mod replay;
pub mod retry;
pub mod route;
pub mod run;
pub mod service;
pub mod status;
pub mod uptime;
pub mod wait;
pub mod watch;

use std::io::{self, Write};

use crate::app::App;
use crate::app::exit_code::{Exit, ExitCode};
use crate::app::explain::{Explanation, explanation};
use crate::app::usage::UsageError;
use crate::cli::{self, Cli, Command};
use crate::config::ConfigError;
use crate::platform::clock;
use crate::platform::logging;
use crate::platform::paths::{self, PathError};
use crate::store::{LockError, StoreError};
use crate::tty::colours;
use crate::tty::pipe::{IgnoreBrokenPipe, unless_closed};

/// Runs a command and says how it went; errors go to stderr with a hint.
pub fn run(cli: Cli) -> Exit {
    // What the daemon tells at INFO would only be noise beside an answer.
    let daemon = matches!(cli.command, Command::Run(_) | Command::Demo);
    let verbosity = cli.global.verbose.saturating_add(daemon.into());
    let log_file = match &cli.command {
        Command::Run(args) => args.log_file.as_deref().map(paths::below_home),
        _ => None,
    };
    logging::init(verbosity, clock::now, log_file.as_deref());
    let mut out = io::stdout().lock();
    let done = dispatch(cli, &mut out).and_then(|code| {
        unless_closed(out.flush(), ())?;
        Ok(code)
    });
    done.unwrap_or_else(|error| explain(&error, log_file.is_some()).into())
}

/// Says what is wrong with the command line, or prints the help that was asked for.
pub fn explain_usage(error: &clap::Error) -> ExitCode {
    // Who closed the pipe does not want to read it.
    let _ = error.print();
    if error.use_stderr() { ExitCode::Usage } else { ExitCode::Success }
}

fn dispatch(cli: Cli, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let global = cli.global;
    let file = global.config.as_deref();
    let app = || App::load(&global);
    let done = match cli.command {
        Command::Wait(args) => return wait::run(&app()?, &args),
        Command::Retry(args) => return retry::run(&app()?, &args),
        Command::Run(args) => run::run(&global, &args),
        Command::Status(args) => status::run(&global, &args, out, colours()),
        Command::Watch => watch::run(&app()?, colours()),
        Command::Diagnose(args) => diagnose::run(&app()?, &args, &mut IgnoreBrokenPipe(out)),
        Command::Route(args) => route::run(&args, out),
        Command::Hook => Ok(hook::run(&global, out)),
        Command::HookRunner(args) => hook_runner::run(&global, &args, out),
        Command::Evidence(args) => evidence::run(&app()?, &args, out),
        Command::Replay(args) => replay::run(&app()?, &args, out),
        Command::Demo => demo::run(out),
        Command::NotifyTest => notify_test::run(&app()?, out),
        Command::History(args) => history::run(&app()?, &args, out),
        Command::Uptime(args) => uptime::run(&app()?, &args, out, colours()),
        Command::Mute(args) => mute::run(&app()?, &args, out),
        Command::Service(command) => service::run(&global, &command, out),
        Command::Config(cli::Config::Path) => config::path(file, out),
        Command::Config(cli::Config::Check { file: named }) => {
            config::check_with_page(&global, named.as_deref(), out)
        }
        Command::Config(cli::Config::Show) => config::show(file, out),
        Command::Doctor => doctor::run(&global, &mut IgnoreBrokenPipe(out), colours()),
        Command::Completions { shell } => completions::run(shell, out),
        Command::Man { dir } => man::run(dir.as_deref(), out),
    };
    done.map(Exit::from)
}

/// Prints an error with its hint, and gives the exit code that belongs to it. It is `logged` as
/// well where the log does not go to stderr.
fn explain(error: &anyhow::Error, logged: bool) -> ExitCode {
    let (code, hint) = explanation_of(error);
    if code != ExitCode::Success {
        let hint = hint.map_or_else(String::new, |hint| format!("\nhint: {hint}"));
        let text = format!("error: {error:#}{hint}");
        // A closed stderr leaves the exit code to say it.
        let _ = io::stderr().lock().write_all(logging::complaint(&text).as_bytes());
        if logged {
            text.lines().for_each(|line| tracing::error!("{line}"));
        }
    }
    code
}

/// The next step after an error, where there is one.
pub(crate) fn hint(error: &anyhow::Error) -> Option<String> {
    explanation_of(error).1
}

/// Every error that explains itself.
const ERRORS: [fn(&anyhow::Error) -> Option<Explanation>; 12] = [
    explanation::<ConfigError>,
    explanation::<PathError>,
    explanation::<StoreError>,
    explanation::<LockError>,
    explanation::<UsageError>,
    explanation::<service::ServiceError>,
    explanation::<replay::ReplayError>,
    explanation::<man::ManError>,
    explanation::<watch::NoScreen>,
    explanation::<diagnose::NoError>,
    explanation::<io::Error>,
    explanation::<serde_json::Error>,
];

/// What nobody explains is a bug.
fn explanation_of(error: &anyhow::Error) -> Explanation {
    ERRORS.iter().find_map(|explain| explain(error)).unwrap_or((ExitCode::Internal, None))
}
