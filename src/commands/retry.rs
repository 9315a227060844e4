//! `ccwatch retry`: the same request on the same path, once that makes sense.
//!
//! What a command failed with decides, by the table of causes: what time heals is repeated - once a
//! red page says so, else after a pause that grows - and what somebody has to mend first is not.
//! Where the command tells nothing, the page alone may explain the failure. Where it is green,
//! nothing is repeated then: repeating blindly costs tokens and hides what is really wrong.

mod command;
mod failure;
mod waiting;

use std::time::Duration;

use crate::app::App;
use crate::app::exit_code::Exit;
use crate::claude_code::place::Place;
use crate::claude_code::said::By;
use crate::cli;
use crate::client::child::{self, Interrupts, Ran};
use crate::client::follow::Follower;
use crate::client::wait_line::WaitLine;
use crate::platform::clock;
use crate::render::sanitize;

use command::Repeated;
use failure::{Asks, Failure};
use waiting::{Next, Waiting};

/// Runs and repeats.
pub fn run(app: &App, args: &cli::Retry) -> anyhow::Result<Exit> {
    let repeated = Repeated::new(args)?;
    let runtime = crate::app::runtime()?;
    let done = runtime.block_on(retry(app, args, repeated));
    runtime.shutdown_timeout(Duration::ZERO);
    done
}

async fn retry(app: &App, args: &cli::Retry, mut repeated: Repeated) -> anyhow::Result<Exit> {
    let mut interrupts = Interrupts::listen()?;
    let settings = app.settings();
    let mut progress = WaitLine::new(settings.zone.clone(), args.quiet);
    let name = args.command.first().map(|name| name.to_string_lossy());
    let name = sanitize::line(&name.unwrap_or_default(), 100);
    let (place, by) = (Place::of_process(), By::of(&args.command));
    let mut follower = None;
    let mut paused = 0;
    let mut run = 0;
    loop {
        run += 1;
        let from = clock::now();
        let (ran, spoken) = child::run(&repeated.words, repeated.input, &mut interrupts).await?;
        let exit = match ran {
            Ran::Ended(exit) if exit != Exit::Command(0) => exit,
            Ran::Ended(exit) | Ran::Stopped(exit) | Ran::NotAtAll(exit) => return Ok(exit),
        };
        let at = clock::now();
        if run >= args.max || spoken.unheard {
            if run > 1 && !spoken.unheard {
                progress.say(at, &format!("{name} failed {run} times: no more"));
            }
            return Ok(exit);
        }
        let failure = Failure::read(place.as_ref(), &spoken, by, from, at);
        if let Asks::Somebody(why) = failure.asks() {
            progress.say(at, &format!("{name} is not repeated: {why}"));
            return Ok(exit);
        }
        let how = match repeated.again(&failure, place.as_ref()) {
            Ok(how) => how,
            Err(why) => {
                progress.say(at, &format!("{name} is not repeated: {why}"));
                return Ok(exit);
            }
        };
        // A page of its own speaks for another way.
        let of_the_page = app.page.is_some() || failure.is_of_the_page(place.as_ref());
        let follower = match &mut follower {
            Some(follower) => follower,
            empty @ None => empty.insert(Follower::start(app, settings.clone())?),
        };
        let mut waiting = Waiting {
            name: &name,
            follower,
            progress: &mut progress,
            interrupts: &mut interrupts,
            within: args.within,
            pauses: &args.pause,
            paused: &mut paused,
        };
        match waiting.decide(&failure, of_the_page).await {
            Next::Repeat => {}
            Next::Stop(why) => {
                progress.say(clock::now(), &format!("{name} is not repeated: {why}"));
                return Ok(exit);
            }
            Next::Interrupted(exit) => return Ok(exit),
        }
        let (now, next, max) = (clock::now(), run + 1, args.max);
        progress.say(now, &format!("repeating {name} (run {next} of {max} at most)"));
        if let Some(how) = how {
            progress.say(now, &how);
        }
    }
}
