//! `ccwatch hook-runner`: runs the user's hook for a daemon, which starts it and alone speaks to it.
//!
//! Orders come on standard input, answers go to standard output, a line of JSON each. It reads the
//! hook from the configuration file itself, runs one at a time, and ends, with the hook that is
//! running, when its standard input does: no daemon leaves one behind, however it ends.

use std::io::{self, Write};
use std::os::fd::AsFd;
use std::path::Path;

use anyhow::Context;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::unix::pipe;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use crate::app::exit_code::ExitCode;
use crate::cli::Global;
use crate::config::Config;
use crate::platform::lifecycle::Signals;
use crate::sinks::hook::{self, Answer, Limits, Order};

use crate::app::usage::UsageError;

/// Serves a daemon until it is gone.
pub fn run(global: &Global, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let runtime = crate::app::runtime().context("can't start the runtime")?;
    runtime.block_on(serve(global.config.as_deref(), out))
}

async fn serve(file: Option<&Path>, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    // A service manager that stops us all signals us all: the daemon's end is what counts.
    let _signals = Signals::listen().context("can't listen to signals")?;
    let stdin = io::stdin().as_fd().try_clone_to_owned().context("no standard input")?;
    let Ok(stdin) = pipe::Receiver::from_owned_fd(stdin) else { return Err(not_for_you().into()) };
    let mut command = Config::load(file)?.0.notify.hook.0;
    let (sender, mut orders) = unbounded_channel();
    let mut reader = tokio::spawn(read(stdin, sender));
    while let Some(order) = orders.recv().await {
        match order {
            // A configuration that is not right yet changes nothing, as in the daemon.
            Order::Reload => {
                command = Config::load(file).map_or(command, |(config, _)| config.notify.hook.0);
            }
            Order::Run(payload) => {
                let gone = async { drop((&mut reader).await) };
                let done = hook::call(&command, &payload, Limits::default(), gone).await;
                if reader.is_finished() {
                    break;
                }
                let answer = Answer { key: payload.key, failed: done.err() };
                serde_json::to_writer(&mut *out, &answer)?;
                writeln!(out)?;
                out.flush()?;
            }
        }
    }
    Ok(ExitCode::Success)
}

/// Reads orders as they come, so that the end of them is seen while a hook runs.
async fn read(stdin: pipe::Receiver, orders: UnboundedSender<Order>) {
    let mut lines = BufReader::new(stdin).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let Ok(order) = serde_json::from_str(&line) else { return };
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
