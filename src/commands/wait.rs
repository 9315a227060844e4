//! `ccwatch wait`: blocks until a retry makes sense, then runs a command if there is one.

use std::time::Duration;

use crate::app::App;
use crate::app::exit_code::{Exit, ExitCode};
use crate::cli::{self, WaitFor};
use crate::render::sanitize;
use ccwatch_core::settings::short_name;
use ccwatch_core::state::PageState;
use ccwatch_core::state::component::Component;
use ccwatch_core::state::verdict::Verdict;
use ccwatch_core::state::watchlist;
use ccwatch_core::text;
use ccwatch_core::text::waiting::{Goal, situation};

use crate::app::usage::UsageError;
use crate::client::child::{self, Interrupts};
use crate::client::follow::Follower;
use crate::client::wait_line::WaitLine;
use crate::client::waiting::{Waited, until};

/// Waits.
pub fn run(app: &App, args: &cli::Wait) -> anyhow::Result<Exit> {
    let goal = match args.until {
        WaitFor::Retry => Goal::Retry,
        WaitFor::Clear => Goal::Clear,
    };
    let runtime = crate::app::runtime()?;
    let waited = runtime.block_on(wait(app, args, goal));
    runtime.shutdown_timeout(Duration::ZERO);
    Ok(match waited? {
        Waited::Reached if args.command.is_empty() => ExitCode::Success.into(),
        Waited::Reached => child::become_command(&args.command),
        Waited::TimedOut => ExitCode::TimedOut.into(),
        Waited::Interrupted(signal) => child::ended_by(signal),
    })
}

async fn wait(app: &App, args: &cli::Wait, goal: Goal) -> anyhow::Result<Waited> {
    let mut settings = app.settings();
    if !args.components.is_empty() {
        settings.watch.clone_from(&args.components);
    }
    let mut progress = WaitLine::new(settings.zone.clone(), args.quiet);
    let mut interrupts = Interrupts::listen()?;
    let mut follower = Follower::start(app, settings)?;
    let mut waited = Waited::Reached;
    // A component that the page doesn't have would never come back: better said at once.
    let current =
        |page: &PageState, now| page.page_health().is_current(now, page.settings().stale_after);
    if !args.components.is_empty() {
        waited = until(&mut follower, &mut progress, &mut interrupts, current, args.timeout).await;
        check_names(&args.components, follower.page())?;
    }
    if waited == Waited::Reached {
        let reached = |page: &PageState, now| goal.is_reached(page, now);
        waited = until(&mut follower, &mut progress, &mut interrupts, reached, args.timeout).await;
    }
    progress.say(follower.now(), &closing(&follower, waited));
    Ok(waited)
}

fn closing(follower: &Follower, waited: Waited) -> String {
    let (page, now) = (follower.page(), follower.now());
    let took = text::duration(follower.elapsed());
    let how = situation(page, now);
    match waited {
        Waited::TimedOut => format!("timed out after {took}: {how}"),
        Waited::Interrupted(_) => format!("interrupted after {took}: {how}"),
        Waited::Reached if page.verdict(now) == Verdict::Clear => how,
        Waited::Reached => format!("{how}: repeat the same request, on the same path"),
    }
}

fn check_names(names: &[String], page: &PageState) -> Result<(), UsageError> {
    let answers = |name: &str, c: &Component| {
        watchlist::fit(name, &c.id.0, &c.name, c.group.as_ref()).is_some()
    };
    let missing = |name: &&String| !page.components().iter().any(|c| answers(name, c));
    let seen = !page.components().is_empty();
    let Some(name) = names.iter().find(missing).filter(|_| seen) else { return Ok(()) };
    let has: Vec<&str> = page.components().iter().map(|c| short_name(&c.name)).collect();
    Err(UsageError {
        what: format!("the page has no component {name:?}"),
        hint: format!("it has: {}", sanitize::line(&has.join(", "), 400)),
    })
}
