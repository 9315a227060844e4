//! `ccwatch wait`: blocks until a retry makes sense, then runs a command if there is one.

use std::io::Write;
use std::time::Duration;

use serde_json::json;

use crate::app::App;
use crate::app::exit_code::{Exit, ExitCode};
use crate::cli::{self, WaitFor};
use crate::render::json::print_json;
use crate::render::{sanitize, shell};
use ccwatch_core::state::PageState;
use ccwatch_core::state::verdict::Verdict;
use ccwatch_core::text;
use ccwatch_core::text::waiting::{Goal, links, situation};

use crate::app::usage::UsageError;
use crate::client::child::{self, Interrupts};
use crate::client::follow::Follower;
use crate::client::wait_line::WaitLine;
use crate::client::waiting::{Waited, until};

/// Waits.
pub fn run(app: &App, args: &cli::Wait, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let goal = match args.until {
        WaitFor::Retry => Goal::Retry,
        WaitFor::Clear => Goal::Clear,
    };
    let runtime = crate::app::runtime()?;
    let waited = runtime.block_on(wait(app, args, goal, out));
    runtime.shutdown_timeout(Duration::ZERO);
    Ok(match waited? {
        Waited::Reached if args.command.is_empty() => ExitCode::Success.into(),
        Waited::Reached => child::become_command(&args.command),
        Waited::TimedOut => ExitCode::TimedOut.into(),
        Waited::Interrupted(signal) => child::ended_by(signal),
    })
}

async fn wait(
    app: &App,
    args: &cli::Wait,
    goal: Goal,
    out: &mut dyn Write,
) -> anyhow::Result<Waited> {
    let mut settings = app.settings();
    let named = [args.components.as_slice(), &args.also].concat();
    if !named.is_empty() {
        settings.watch.clone_from(&named);
    }
    let mut progress = WaitLine::new(settings.zone.clone(), args.quiet || args.json);
    let mut interrupts = Interrupts::listen()?;
    let mut follower = Follower::start(app, settings)?;
    let mut waited = Waited::Reached;
    // A component that the page doesn't have would never come back: better said at once.
    let current =
        |page: &PageState, now| page.page_health().is_current(now, page.settings().stale_after);
    if !named.is_empty() {
        waited = until(&mut follower, &mut progress, &mut interrupts, current, args.timeout).await;
        UsageError::check_components(&named, follower.page())
            .map_err(|error| or_command(error, args))?;
    }
    if waited == Waited::Reached {
        let reached = |page: &PageState, now| goal.is_reached(page, now);
        waited = until(&mut follower, &mut progress, &mut interrupts, reached, args.timeout).await;
    }
    progress.say(follower.now(), &closing(&follower, waited));
    if args.json {
        json(&follower, waited, out)?;
    }
    Ok(waited)
}

/// A word that is no component may be the command that was meant to be run.
fn or_command(error: UsageError, args: &cli::Wait) -> UsageError {
    let Some(_) = args.components.first() else { return error };
    let words: Vec<String> = args.components.iter().map(|word| shell::quoted(word)).collect();
    let words = sanitize::line(&words.join(" "), 200);
    let hint = format!("{}; to run a command then: ccwatch wait -- {words}", error.hint);
    UsageError { hint, ..error }
}

/// Version 1 of a documented shape.
fn json(follower: &Follower, waited: Waited, out: &mut dyn Write) -> std::io::Result<()> {
    let (page, now) = (follower.page(), follower.now());
    let answer = json!({
        "version": 1,
        "at": now,
        "outcome": match waited {
            Waited::Reached => "reached",
            Waited::TimedOut => "timed_out",
            Waited::Interrupted(_) => "interrupted",
        },
        "verdict": page.verdict(now),
        "situation": situation(page, now),
        "links": links(page, now),
        "waited_seconds": follower.elapsed().as_secs(),
    });
    print_json(&answer, out)
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
