//! One file a sub-command, and how each of them ends.

pub mod completions;
pub mod components;
pub mod config;
pub mod demo;
pub mod diagnose;
pub mod doctor;
pub mod evidence;
pub mod history;
pub mod hook;
pub mod hook_runner;
pub mod man;
pub mod metrics;
pub mod mute;
pub mod notify_test;
pub mod plugin;
pub mod replay;
pub mod retry;
pub mod route;
pub mod run;
pub mod service;
pub mod sessions;
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
use crate::platform::logging::{self, Destination};
use crate::platform::paths::{self, PathError};
use crate::render::columns::{self, Fitted};
use crate::store::{LockError, StoreError};
use crate::tty::Colours;
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
    let colours = colours(cli.global.color);
    // What a hook says on stderr is said to Claude: it must be nothing but its own sentence.
    if !matches!(cli.command, Command::Hook(_)) || verbosity > 0 {
        let to = match daemon {
            true => Destination::Apart(log_file.as_deref()),
            false => Destination::Stderr,
        };
        logging::init(verbosity, colours, clock::now, to);
    }
    let columns = is_text(&cli.command).then(|| columns::of(io::stdout())).flatten();
    let mut out = Fitted::new(io::stdout().lock(), columns);
    let done = dispatch(cli, &mut out).and_then(|code| {
        unless_closed(out.flush(), ())?;
        Ok(code)
    });
    let exit = done.unwrap_or_else(|error| explain(&error, log_file.is_some()).into());
    logging::finish();
    exit
}

/// Whether a person reads what a command prints, so that it is laid out for the terminal. What a
/// program reads stays as it is.
fn is_text(command: &Command) -> bool {
    match command {
        Command::Status(args) => !args.json && args.format.is_none(),
        Command::Diagnose(args) => !args.json,
        Command::Evidence(args) => !args.json,
        Command::Route(args) => !args.json,
        Command::History(args) => !args.json,
        Command::Uptime(args) => !args.json,
        Command::Mute(args) => !args.json,
        Command::Sessions(args) => !args.json,
        Command::Replay(args) => !args.json,
        Command::NotifyTest(args) => !args.json,
        Command::Doctor(args) => !args.json,
        Command::Wait(args) => !args.json,
        Command::Config(cli::Config::Check { json, .. }) => !json,
        Command::Config(cli::Config::Path { .. } | cli::Config::Show { .. }) => false,
        Command::Service(cli::Service::Status(args)) => !args.json,
        Command::Plugin(cli::Plugin::Status(args)) => !args.json,
        // Commands and files, to be copied.
        Command::Plugin(cli::Plugin::Install(args)) => !args.dry_run,
        Command::Plugin(cli::Plugin::Uninstall(args)) => !args.dry_run,
        Command::Service(cli::Service::Install(args)) => !args.dry_run,
        Command::Service(cli::Service::Uninstall(args)) => !args.dry_run,
        Command::Service(
            cli::Service::Start(_)
            | cli::Service::Stop(_)
            | cli::Service::Restart(_)
            | cli::Service::Logs(_),
        ) => false,
        Command::Config(cli::Config::Init)
        | Command::Run(_)
        | Command::Watch(_)
        | Command::Demo
        | Command::Retry(_) => true,
        Command::Hook(_)
        | Command::HookRunner(_)
        | Command::Metrics(_)
        | Command::Components
        | Command::Completions { .. }
        | Command::Man { .. } => false,
    }
}

fn colours(wish: cli::Color) -> Colours {
    match wish {
        cli::Color::Auto => Colours::Auto,
        cli::Color::Always => Colours::Always,
        cli::Color::Never => Colours::Never,
    }
}

/// Says what is wrong with the command line, or prints the help that was asked for.
pub fn explain_usage(error: &clap::Error) -> ExitCode {
    let colours = colours(cli::color());
    let text = error.render();
    let text = |colours: bool| if colours { text.ansi().to_string() } else { text.to_string() };
    if !error.use_stderr() {
        let mut out = Fitted::new(io::stdout().lock(), columns::of(io::stdout()));
        // Who closed the pipe does not want to read it.
        let _ =
            out.write_all(text(colours.on(&io::stdout())).as_bytes()).and_then(|()| out.flush());
        return ExitCode::Success;
    }
    let said = text(colours.on(&io::stderr()));
    let said = match cli::hint(error) {
        None => said,
        // Clap's own tip would be wrong here.
        Some(hint) => format!("{}\nhint: {hint}", said.lines().next().unwrap_or_default()),
    };
    logging::complain(&said);
    ExitCode::Usage
}

fn dispatch(cli: Cli, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let global = cli.global;
    let app = || App::load(&global);
    let on_page = |word: &Option<String>| -> anyhow::Result<App> {
        Ok(App::load(&global)?.on_page(word.as_deref())?)
    };
    let wish = colours(global.color);
    let colours = wish.on(&io::stdout());
    let done = match cli.command {
        Command::Wait(args) => return wait::run(&on_page(&args.page)?, &args, out),
        Command::Retry(args) => {
            return retry::run(&on_page(&args.page)?.watching(&args.components), &args);
        }
        Command::Run(args) => run::run(&global, &args),
        Command::Status(args) => status::run(&global, &args, out, wish),
        Command::Watch(args) => watch::run(&app()?, &args, colours),
        Command::Diagnose(args) => diagnose::run(&app()?, &args, &mut IgnoreBrokenPipe(out)),
        Command::Route(args) => route::run(&global, &args, out),
        Command::Hook(args) => return Ok(hook::run(&global, &args, out)),
        Command::HookRunner(args) => hook_runner::run(&global, &args, out),
        Command::Evidence(args) => evidence::run(&app()?, &args, out),
        Command::Replay(args) => replay::run(&app()?.watching(&args.components), &args, out),
        Command::Demo => demo::run(out),
        Command::NotifyTest(args) => notify_test::run(&app()?, &args, out),
        Command::History(args) => history::run(&on_page(&args.page)?, &args, out),
        Command::Uptime(args) => {
            uptime::run(&on_page(&args.page)?.watching(&args.components), &args, out, colours)
        }
        Command::Mute(args) => mute::run(&app()?, &args, out),
        Command::Sessions(args) => sessions::run(&global, &args, out),
        Command::Service(command) => service::run(&global, &command, out),
        Command::Plugin(command) => plugin::run(&global, &command, out),
        Command::Config(command) => config::run(&global, &command, out),
        Command::Metrics(args) => metrics::run(&app()?, &args, out),
        Command::Doctor(args) => doctor::run(&global, &args, &mut IgnoreBrokenPipe(out), colours),
        Command::Components => Ok(components::run(&global, out)),
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
        logging::complain(&text);
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
const ERRORS: [fn(&anyhow::Error) -> Option<Explanation>; 16] = [
    explanation::<ConfigError>,
    explanation::<PathError>,
    explanation::<StoreError>,
    explanation::<LockError>,
    explanation::<UsageError>,
    explanation::<service::ServiceError>,
    explanation::<plugin::PluginError>,
    explanation::<replay::ReplayError>,
    explanation::<config::InitError>,
    explanation::<man::ManError>,
    explanation::<metrics::MetricsError>,
    explanation::<watch::NoScreen>,
    explanation::<diagnose::NoError>,
    explanation::<evidence::NoEvidence>,
    explanation::<io::Error>,
    explanation::<serde_json::Error>,
];

/// What nobody explains is a bug.
fn explanation_of(error: &anyhow::Error) -> Explanation {
    ERRORS.iter().find_map(|explain| explain(error)).unwrap_or((ExitCode::Internal, None))
}
