//! The keeper of the runner: outside of the daemon's sandbox, where programs can be started.

use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::ExitStatus;

use anyhow::Context;
use tokio::io::Interest;
use tokio::net::unix::pipe;
use tokio::process::Command;

use super::say;
use crate::sinks::hook::{self, Answer};

/// Starts one runner after the other, each when the daemon has something to say again, until the
/// daemon is gone. What is said, only the runners read: they have the same standard input.
pub(super) async fn keep(
    file: Option<PathBuf>,
    orders: pipe::Receiver,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let file = file.context("no configuration to read the hook from")?;
    for life in 0.. {
        if orders.ready(Interest::READABLE).await?.is_read_closed() {
            break;
        }
        let how = match live(&file, life).await {
            Ok(status) => hook::account(status),
            Err(error) => format!("can't be started: {error}"),
        };
        if is_over(&orders)? {
            break;
        }
        say(&Answer::Died { life, how }, out)?;
    }
    Ok(())
}

/// One runner, from its start to its end. It is in our process group, which the kernel wakes when
/// the daemon is gone.
async fn live(file: &Path, life: u32) -> io::Result<ExitStatus> {
    let mut command = Command::new(hook::ourselves()?);
    command.arg0("ccwatch").arg("--config").arg(file);
    command.args(["hook-runner", "--life", &life.to_string()]);
    command.status().await
}

/// Whether the daemon is gone. Drops what a dead runner left unread: nobody else may carry it out,
/// and what the daemon says next wakes us.
fn is_over(orders: &pipe::Receiver) -> io::Result<bool> {
    let mut left = [0; 4096];
    loop {
        match orders.try_read(&mut left) {
            Ok(0) => return Ok(true),
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
            Err(error) => return Err(error),
        }
    }
}
