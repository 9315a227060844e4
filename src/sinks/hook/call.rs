//! One run of a hook, with every limit.
//!
//! No shell; a process group of its own, which is killed as a whole when time is up; nothing that
//! it does with its standard input and output can hold us up.

use std::io;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_current_process_group, kill_process_group};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStderr, ChildStdin, Command};
use tokio::time::timeout;

use crate::render::sanitize;

use super::{NOT_INHERITED, Payload, find};

/// What is kept of a hook's standard error, in bytes; the rest is read and dropped.
const SAID: usize = 4096;
/// The longest account of a failure, in characters.
const ACCOUNT: usize = 300;
/// For words that a hook said just before its end, while a child of it holds the pipe open.
const LAST_WORDS: Duration = Duration::from_millis(100);

/// How patient we are with a hook.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The longest that it may run.
    pub run: Duration,
    /// From SIGTERM to SIGKILL.
    pub grace: Duration,
    /// The same when we are about to stop ourselves.
    pub last_grace: Duration,
}

impl Limits {
    /// The longest that a call takes.
    pub(super) fn longest(&self) -> Duration {
        self.run + self.grace * 2
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            run: Duration::from_secs(10),
            grace: Duration::from_secs(1),
            last_grace: Duration::from_millis(200),
        }
    }
}

/// Why a hook failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed {
    /// What went wrong, in inert words.
    pub why: String,
    /// It was ended by us; where it was in our own process group, what it started may still run.
    pub killed: bool,
}

/// Which process group a hook is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Group {
    Own,
    Ours,
}

/// Runs a hook once, in a process group of its own; `stop` ends it early.
///
/// # Errors
/// What went wrong, in inert words: not to be run, too slow, or another exit code than 0.
pub async fn call(
    command: &[String],
    payload: &Payload,
    limits: Limits,
    stop: impl Future<Output = ()>,
) -> Result<(), String> {
    run(command, payload, limits, stop, Group::Own).await.map_err(|failed| failed.why)
}

/// The same in the group of this process, which must heed no SIGTERM. Who knows that group can end
/// the hook, even if the hook has stopped or killed this process.
///
/// # Errors
/// As with [`call`].
pub async fn call_in_our_group(
    command: &[String],
    payload: &Payload,
    limits: Limits,
    stop: impl Future<Output = ()>,
) -> Result<(), Failed> {
    run(command, payload, limits, stop, Group::Ours).await
}

async fn run(
    command: &[String],
    payload: &Payload,
    limits: Limits,
    stop: impl Future<Output = ()>,
    group: Group,
) -> Result<(), Failed> {
    let payload = payload.inert();
    let failed = |why: &str, killed| Failed { why: sanitize::line(why, ACCOUNT), killed };
    let input = serde_json::to_vec(&payload).map_err(|error| failed(&error.to_string(), false))?;
    let mut child = spawn(command, &payload, group).map_err(|why| failed(&why, false))?;
    let mut said = Vec::new();
    let ended = attend(&mut child, &input, &mut said, limits.run, stop).await;
    let killed = !matches!(ended, Ended::ByItself(_));
    let what = match ended {
        Ended::ByItself(Ok(status)) if status.success() => return Ok(()),
        Ended::ByItself(Ok(status)) => account(status),
        Ended::ByItself(Err(error)) => format!("can't be waited for: {error}"),
        Ended::TooSlow => {
            kill(&mut child, group, limits.grace).await;
            format!("killed after {} s", limits.run.as_secs_f32())
        }
        Ended::Stopped => {
            kill(&mut child, group, limits.last_grace).await;
            "killed, because ccwatch stops".to_owned()
        }
    };
    let said = String::from_utf8_lossy(&said);
    let first = said.lines().map(str::trim).find(|line| !line.is_empty());
    let account = first.map_or_else(|| what.clone(), |line| format!("{what}: {line}"));
    Err(failed(&account, killed))
}

fn spawn(command: &[String], payload: &Payload, group: Group) -> Result<Child, String> {
    let (program, args) = command.split_first().ok_or("no hook is set")?;
    let mut command = Command::new(find(program)?);
    command.args(args);
    if group == Group::Own {
        command.process_group(0);
    }
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    for name in NOT_INHERITED {
        command.env_remove(name);
    }
    for (name, value) in payload.variables() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command.spawn().map_err(|error| format!("can't run {program}: {error}"))
}

enum Ended {
    ByItself(io::Result<ExitStatus>),
    TooSlow,
    Stopped,
}

/// Feeds it, listens to it, and waits for its end. What it reads and says is up to it: neither a
/// hook that reads nothing nor a child of it that keeps a pipe open is waited for.
async fn attend(
    child: &mut Child,
    input: &[u8],
    said: &mut Vec<u8>,
    limit: Duration,
    stop: impl Future<Output = ()>,
) -> Ended {
    let (stdin, stderr) = (child.stdin.take(), child.stderr.take());
    let talk = async { tokio::join!(feed(stdin, input), listen(stderr, said)) };
    let late = tokio::time::sleep(limit);
    tokio::pin!(talk, late, stop);
    let mut talking = true;
    loop {
        tokio::select! {
            status = child.wait() => {
                if talking {
                    // Unread words are words; an open pipe is nobody's business any more.
                    let _ = timeout(LAST_WORDS, &mut talk).await;
                }
                return Ended::ByItself(status);
            }
            _ = &mut talk, if talking => talking = false,
            () = &mut late => return Ended::TooSlow,
            () = &mut stop => return Ended::Stopped,
        }
    }
}

async fn feed(stdin: Option<ChildStdin>, input: &[u8]) {
    let Some(mut stdin) = stdin else { return };
    // A hook need not read what it doesn't want to know.
    let _ = stdin.write_all(input).await;
}

async fn listen(stderr: Option<ChildStderr>, said: &mut Vec<u8>) {
    let Some(mut stderr) = stderr else { return };
    let mut buffer = [0; 1024];
    while let Ok(n @ 1..) = stderr.read(&mut buffer).await {
        let room = SAID.saturating_sub(said.len()).min(n);
        said.extend(buffer.iter().take(room));
    }
}

/// The whole group: first asked, then not. Our own is only asked.
async fn kill(child: &mut Child, group: Group, grace: Duration) {
    let pid = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
    let Some(pid) = pid else { return };
    // It may just have ended by itself.
    let _ = match group {
        Group::Own => kill_process_group(pid, Signal::TERM),
        Group::Ours => kill_current_process_group(Signal::TERM),
    };
    let _ = timeout(grace, child.wait()).await;
    if group == Group::Own {
        let _ = kill_process_group(pid, Signal::KILL);
        // A process that the kernel can't let go of now is reaped later.
        let _ = timeout(grace, child.wait()).await;
    }
}

/// How a process ended, a phrase for people.
pub fn account(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt;
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit code {code}"),
        (None, Some(signal)) => format!("ended by signal {signal}"),
        (None, None) => "ended oddly".to_owned(),
    }
}
