//! One run of the hook in a process of its own, which alone is the hook's parent.
//!
//! A hook can stop or kill its parent, and looking at the file of one that is on a mount that no
//! longer answers never ends. So the runner does neither itself, waits for this process no longer
//! than a hook may take, and then leaves it behind.

use std::io;
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

use super::{Limits, Payload, ourselves};

/// The process answers within a hook's limits and this much more.
const SLACK: Duration = Duration::from_secs(2);

/// What the process is asked, one line of JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// The hook's words.
    pub command: Vec<String>,
    /// The notice.
    pub payload: Payload,
}

/// What the process says when the hook is over, one line of JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// What went wrong, inert and short; none: the hook ended with exit code 0.
    pub failed: Option<String>,
}

/// Runs the hook once, in a process of its own; `stop` ends it early.
///
/// # Errors
/// What went wrong, in inert words.
pub async fn apart(call: &Call, stop: impl Future<Output = ()>) -> Result<(), String> {
    let started = start().and_then(|mut child| {
        let pipes = child.stdin.take().zip(child.stdout.take());
        Ok((pipes.ok_or_else(|| io::Error::other("no pipe"))?, child))
    });
    let ((mut stdin, stdout), child) =
        started.map_err(|error| format!("no process to run it in: {error}"))?;
    let mut line = serde_json::to_vec(call).map_err(|error| error.to_string())?;
    line.push(b'\n');
    let mut answer = BufReader::new(stdout).lines();
    let limits = Limits::default();
    let exchange = timeout(limits.longest() + SLACK, async {
        stdin.write_all(&line).await.ok()?;
        ended(&mut answer).await
    });
    let heard = tokio::select! {
        heard = exchange => heard,
        () = stop => {
            // It ends the hook when nobody can ask any more.
            drop(stdin);
            timeout(limits.last_grace * 2, ended(&mut answer)).await
        }
    };
    match heard {
        Ok(Some(Ended { failed })) => failed.map_or(Ok(()), Err),
        Ok(None) => Err(leave(&child, "the process that ran it was killed")),
        Err(_) => Err(leave(&child, "the process that ran it did not answer")),
    }
}

/// Listens until the hook is over; none where the process ended before.
async fn ended(answer: &mut Lines<BufReader<ChildStdout>>) -> Option<Ended> {
    serde_json::from_str(&answer.next_line().await.ok()??).ok()
}

/// Kills the process with the hook, which is in its group, and waits for neither.
fn leave(child: &Child, why: &str) -> String {
    if let Some(group) = child.id().and_then(|id| Pid::from_raw(id.cast_signed())) {
        // They may just have ended by themselves.
        let _ = kill_process_group(group, Signal::KILL);
    }
    why.to_owned()
}

fn start() -> io::Result<Child> {
    Command::new(ourselves()?)
        .arg0("ccwatch")
        .args(["hook-runner", "--once"])
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
}
