//! `ccwatch hook-runner`: runs the user's hook for a daemon, which starts it and alone speaks to it.
//!
//! Orders come on standard input, answers go to standard output, a line of JSON each. What the
//! daemon starts is the keeper (`keep`). That starts the runner, this program with `--life`, with
//! the same input and output, and does no more than to start the next one when it died. The runner
//! reads the hook from the configuration file itself, runs one at a time, and ends, with the hook
//! that is running, when its standard input does: no daemon leaves one behind, however it ends.
//!
//! The runner waits for nothing but orders and answers: the hook's parent is another process, this
//! program with `--once`, and so is who looks at files that may not answer (`--find`, `--read`).

mod keep;

use std::io::{self, Write};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use rustix::process::{Signal, kill_current_process_group};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::net::unix::pipe;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use crate::app::exit_code::ExitCode;
use crate::cli::{self, Global};
use crate::config::Config;
use crate::platform::lifecycle::Signals;
use crate::platform::plain;
use crate::render::sanitize;
use crate::sinks::hook::{self, Answer, Call, Ended, Limits, Order};

use crate::app::usage::UsageError;

/// The configuration is read again within this, or not at all.
const READS_WITHIN: Duration = Duration::from_secs(5);

/// Looks for a program, keeps a runner, serves a daemon as one until it is gone, or runs a hook once.
pub fn run(
    global: &Global,
    args: &cli::HookRunner,
    out: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    if let Some(program) = &args.find {
        say(&hook::find(program), out)?;
        return Ok(ExitCode::Success);
    }
    if let Some(file) = &args.read {
        // Whether it can be read is for others to say.
        let _ = match file.is_dir() {
            true => std::fs::read_dir(file).map(Iterator::count).is_ok(),
            false => plain::read(file).is_ok(),
        };
        return Ok(ExitCode::Success);
    }
    let runtime = crate::app::runtime().context("can't start the runtime")?;
    let done = runtime.block_on(async {
        // A service manager that stops us all signals us all: the daemon's end is what counts.
        let _signals = Signals::listen().context("can't listen to signals")?;
        let file = global.config.clone();
        match args {
            cli::HookRunner { once: true, .. } => once(out).await,
            cli::HookRunner { life: Some(life), .. } => serve(file, *life, out).await,
            cli::HookRunner { life: None, .. } => keep::keep(file, stdin()?, out).await,
        }
    });
    // A thread that looks at a mount that is gone is left behind.
    runtime.shutdown_background();
    done.map(|()| ExitCode::Success)
}

async fn serve(file: Option<PathBuf>, life: u32, out: &mut dyn Write) -> anyhow::Result<()> {
    let (sender, mut orders) = unbounded_channel();
    let mut reader = tokio::spawn(read(stdin()?, life, sender));
    let first = file.clone();
    let mut command = tokio::select! {
        loaded = spawn_blocking(move || Config::load_at_leisure(first.as_deref())) => {
            loaded??.0.notify.hook.0
        }
        _ = &mut reader => return Ok(()),
    };
    let (looked, mut unfit) = unbounded_channel();
    look(&command, &looked);
    loop {
        let order = tokio::select! {
            order = orders.recv() => order,
            Some(why) = unfit.recv() => {
                say(&Answer::Unfit(why), out)?;
                continue;
            }
        };
        match order {
            None => return Ok(()),
            Some(Order::Begin { life }) => say(&Answer::Begun { life }, out)?,
            Some(Order::Reload) => {
                command = read_again(file.clone()).await.unwrap_or(command);
                look(&command, &looked);
            }
            Some(Order::Run(payload)) => {
                let gone = async { drop((&mut reader).await) };
                let call = Call { command: command.clone(), payload: *payload };
                let done = hook::apart(&call, gone).await;
                if reader.is_finished() {
                    return Ok(());
                }
                say(&Answer::Ran { key: call.payload.key, failed: done.err() }, out)?;
            }
        }
    }
}

/// Runs the hook that the one line of standard input names; the end of the input ends it. The
/// runner made us the leader of a process group.
async fn once(out: &mut dyn Write) -> anyhow::Result<()> {
    let mut stdin = BufReader::new(stdin()?);
    let mut line = String::new();
    stdin.read_line(&mut line).await?;
    let Call { command, payload } = serde_json::from_str(&line)?;
    let gone = async { drop(stdin.read_u8().await) };
    let done = hook::call_in_our_group(&command, &payload, Limits::default(), gone).await;
    let (failed, killed) = done.err().map(|failed| (failed.why, failed.killed)).unzip();
    say(&Ended { failed }, out)?;
    if killed == Some(true) {
        // What it started is in this group, and so are we.
        kill_current_process_group(Signal::KILL)?;
    }
    Ok(())
}

fn say(word: &impl serde::Serialize, out: &mut dyn Write) -> io::Result<()> {
    let mut line = serde_json::to_vec(word)?;
    line.push(b'\n');
    out.write_all(&line)?;
    out.flush()
}

fn stdin() -> anyhow::Result<pipe::Receiver> {
    let stdin = io::stdin().as_fd().try_clone_to_owned().context("no standard input")?;
    pipe::Receiver::from_owned_fd(stdin).map_err(|_| not_for_you().into())
}

/// A configuration that is not right yet changes nothing, as in the daemon.
async fn read_again(file: Option<PathBuf>) -> Option<Vec<String>> {
    let load = move || Config::load_at_leisure(file.as_deref().map(Path::new)).ok();
    let loaded = timeout(READS_WITHIN, spawn_blocking(load)).await;
    loaded.ok()?.ok()?.map(|(config, _)| config.notify.hook.0)
}

/// Looks whether there is such a program; tells only of a fault.
fn look(command: &[String], looked: &UnboundedSender<String>) {
    let (Some(program), looked) = (command.first().cloned(), looked.clone()) else { return };
    tokio::spawn(async move {
        if let Err(why) = hook::find_apart(&program).await {
            let _ = looked.send(sanitize::line(&why, 200));
        }
    });
}

/// Reads orders as they come, so that the end of them is seen while a hook runs. What was left by
/// a life before, perhaps half a line, is not for this one.
async fn read(stdin: pipe::Receiver, life: u32, orders: UnboundedSender<Order>) {
    let mut lines = BufReader::new(stdin).lines();
    let mut begun = false;
    while let Ok(Some(line)) = lines.next_line().await {
        let order = serde_json::from_str(&line);
        begun |= matches!(&order, Ok(Order::Begin { life: this }) if *this == life);
        if !begun {
            continue;
        }
        let Ok(order) = order else { return };
        if orders.send(order).is_err() {
            return;
        }
    }
}

fn not_for_you() -> UsageError {
    UsageError {
        what: "hook-runner is started by the daemon, and by nobody else".to_owned(),
        hint: "to try your hook: ccwatch notify-test".to_owned(),
    }
}
