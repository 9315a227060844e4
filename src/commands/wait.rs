//! `ccwatch wait`: blocks until a retry makes sense, then runs a command if there is one.

use std::io::Write;
use std::time::Duration;

use rustix::process::Signal;
use serde_json::json;

use crate::app::App;
use crate::app::exit_code::{Exit, ExitCode};
use crate::cli::{self, WaitFor};
use crate::render::json::print_json;
use crate::render::{sanitize, shell};
use ccwatch_core::state::PageState;
use ccwatch_core::text::waiting::{Goal, first_move, links, situation};
use ccwatch_core::text::{self, doubt};

use crate::app::usage::UsageError;
use crate::client::child::{self, Interrupts};
use crate::client::follow::Follower;
use crate::client::pages;
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
        Ended::Reached if args.command.is_empty() => ExitCode::Success.into(),
        Ended::Reached => child::become_command(&args.command),
        Ended::Unmatched => ExitCode::Unknown.into(),
        Ended::TimedOut => ExitCode::TimedOut.into(),
        Ended::Interrupted(signal) => child::ended_by(signal),
    })
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ended {
    /// What was waited for is there.
    Reached,
    /// It is there as far as the page lists what was waited for, and the page doesn't list all.
    Unmatched,
    TimedOut,
    Interrupted(Signal),
}

impl Ended {
    fn of(waited: Waited, goal: Goal, follower: &Follower) -> Self {
        match waited {
            Waited::Reached if goal.is_reached(follower.page(), follower.now()) => Self::Reached,
            Waited::Reached => Self::Unmatched,
            Waited::TimedOut => Self::TimedOut,
            Waited::Interrupted(signal) => Self::Interrupted(signal),
        }
    }
}

async fn wait(
    app: &App,
    args: &cli::Wait,
    goal: Goal,
    out: &mut dyn Write,
) -> anyhow::Result<Ended> {
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
        let over = |page: &PageState, now| goal.is_over(page, now);
        waited = until(&mut follower, &mut progress, &mut interrupts, over, args.timeout).await;
    }
    let ended = Ended::of(waited, goal, &follower);
    progress.say(follower.now(), &closing(&follower, ended));
    if ended == Ended::Unmatched {
        let instead = doubt::to_write_instead(follower.page());
        instead.iter().for_each(|instead| progress.say(follower.now(), instead));
    }
    if args.json {
        json(&follower, ended, out)?;
    }
    Ok(ended)
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
fn json(follower: &Follower, ended: Ended, out: &mut dyn Write) -> std::io::Result<()> {
    let (page, now) = (follower.page(), follower.now());
    let answer = json!({
        "version": 1,
        "page": pages::key(page.settings()),
        "at": now,
        "outcome": match ended {
            Ended::Reached => "reached",
            Ended::Unmatched => "unmatched",
            Ended::TimedOut => "timed_out",
            Ended::Interrupted(_) => "interrupted",
        },
        "verdict": page.verdict(now),
        "situation": situation(page, now),
        "unmatched": page.missing_entries(),
        "links": links(page, now),
        "waited_seconds": follower.elapsed().as_secs(),
    });
    print_json(&answer, out)
}

fn closing(follower: &Follower, ended: Ended) -> String {
    let (page, now) = (follower.page(), follower.now());
    let took = text::duration(follower.elapsed());
    let how = situation(page, now);
    match (ended, first_move(page, now)) {
        (Ended::TimedOut, _) => format!("timed out after {took}: {how}"),
        (Ended::Interrupted(_), _) => format!("interrupted after {took}: {how}"),
        (Ended::Reached | Ended::Unmatched, None) => how,
        (Ended::Reached | Ended::Unmatched, Some(first_move)) => format!("{how}: {first_move}"),
    }
}
