//! `ccwatch doctor`: everything that ccwatch depends on, a line each.
//!
//! Looks and changes nothing. Each check has its own patience, and those that wait for somebody
//! else run side by side: on a dead network the whole takes less than 15 seconds.

mod desktop;
mod files;
mod network;
mod plugin;
mod retries;

use std::io::{self, Write};
use std::time::Duration;

use serde_json::{Value, json};

use crate::app::exit_code::ExitCode;
use crate::app::wiring;
use crate::cli::{self, Global};
use crate::client::look;
use crate::config::Config;
use crate::platform::paths;
use crate::render::json::print_json;
use crate::render::sanitize;

use crate::tty::spinner::Spinner;
use ccwatch_core::notice::FIRST_PAGE;

/// The longest line, in characters; paths and foreign texts can be long.
const LINE: usize = 400;

/// How one check went.
#[derive(Debug, PartialEq, Eq)]
enum Finding {
    /// All is well, and what was found.
    Well(String),
    /// Something to do: what was found, and the next step.
    Fix(String, String),
    /// Not checked, and why.
    Skipped(String),
}

use Finding::{Fix, Skipped, Well};

/// Checks everything. Exit code 0 if there is nothing to do, else 1.
pub fn run(
    global: &Global,
    args: &cli::Doctor,
    out: &mut dyn Write,
    colours: bool,
) -> anyhow::Result<ExitCode> {
    let form = match args.json {
        true => Form::Json(Vec::new()),
        false => Form::Text { colours },
    };
    let mut report = Report { out, form, to_do: 0 };
    let runtime = crate::app::runtime()?;
    let loaded = Config::load(global.config.as_deref());
    report.line("config", &files::config(global, &loaded))?;
    let (config, file) = loaded.ok().unzip();
    let file = file.flatten();
    let dir = config
        .as_ref()
        .map(|config| paths::state_dir(global.state_dir.as_deref(), config.state_dir.as_deref()));
    let beat = dir.as_ref().and_then(|dir| files::heartbeat(dir.as_deref().ok()?));
    if let Some(program) = config.as_ref().and_then(|config| config.notify.hook.0.first()) {
        let dir = dir.as_ref().and_then(|dir| dir.as_deref().ok());
        let failed = dir.and_then(files::hook_failed);
        let finding =
            runtime.block_on(files::hook(program, beat.as_ref(), failed, file.as_deref()));
        report.line("hook", &finding)?;
    }
    report.line("state", &files::state(dir.as_ref()))?;
    let dir = dir.and_then(Result::ok);
    report.line("database", &files::database(dir.as_deref()))?;
    report.line("local", &files::local(config.as_ref(), beat.as_ref()))?;
    report.line("retries", &retries::check())?;
    report.line("plugin", &plugin::check(global, dir.as_deref()))?;
    report.out.flush()?;

    // Whom the user's words meant before the page called them something else.
    let settings = config.as_ref().map(wiring::settings);
    let before =
        dir.as_deref().zip(settings).and_then(|(dir, of)| look::remembered(dir, FIRST_PAGE, &of));
    let progress = Spinner::start("asking the page, the desktop and the service manager");
    let (network, popups, service, others) = runtime.block_on(async {
        tokio::join!(
            network::check(config.as_ref(), before.unwrap_or_default()),
            desktop::popups(config.as_ref()),
            desktop::service(dir.as_deref()),
            network::others(config.as_ref()),
        )
    });
    // A name lookup that hangs is left behind.
    runtime.shutdown_timeout(Duration::ZERO);
    drop(progress);
    report.line("network", &network.network)?;
    report.line("clock", &network.clock)?;
    report.line("page", &network.page)?;
    for (key, finding) in &others {
        report.line(key, finding)?;
    }
    report.line("pop-ups", &popups)?;
    if let Some(finding) = desktop::windows(config.as_ref(), &popups) {
        report.line("wsl", &finding)?;
    }
    report.line("service", &service)?;
    report.line("sandbox", &files::sandbox(global, config.is_some(), dir.as_deref()))?;
    report.end()?;
    Ok(if report.to_do == 0 { ExitCode::Success } else { ExitCode::Warning })
}

/// How it is told.
enum Form {
    /// A line as soon as it is known.
    Text { colours: bool },
    /// All at the end, version 1 of a documented shape.
    Json(Vec<Value>),
}

struct Report<'a> {
    out: &'a mut dyn Write,
    form: Form,
    to_do: usize,
}

impl Report<'_> {
    fn line(&mut self, what: &str, finding: &Finding) -> io::Result<()> {
        let (word, mark, colour, said, step) = match finding {
            Well(said) => ("ok", "ok", "32", said, None),
            Fix(said, step) => ("fix", "FIX", "1;31", said, Some(step)),
            Skipped(why) => ("skipped", "-", "2", why, None),
        };
        self.to_do += usize::from(matches!(finding, Fix(..)));
        let colours = match &mut self.form {
            Form::Json(checks) => {
                checks.push(json!({"check": what, "outcome": word, "found": said, "step": step}));
                return Ok(());
            }
            Form::Text { colours } => *colours,
        };
        let gap = " ".repeat(5 - mark.len());
        let mark = if colours { format!("\x1b[{colour}m{mark}\x1b[0m") } else { mark.to_owned() };
        let said = step.map_or_else(|| said.clone(), |step| format!("{said}; {step}"));
        writeln!(self.out, "{mark}{gap}{what:<8}  {}", sanitize::line(&said, LINE))
    }

    fn end(&mut self) -> io::Result<()> {
        let Form::Json(checks) = &self.form else { return Ok(()) };
        print_json(&json!({"version": 1, "well": self.to_do == 0, "checks": checks}), self.out)
    }
}
