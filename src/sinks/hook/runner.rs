//! The daemon's side of the runner: started first of all, attended in a task, gone with the daemon.

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::unix::pipe;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::{Answer, Limits, NOT_INHERITED, Order, Payload};

/// The runner answers within a hook's limits and this much more.
const SLACK: Duration = Duration::from_secs(5);
/// How long a stop waits for the runner to put an end to its hook and itself.
const LEAVE: Duration = Duration::from_millis(700);

/// How a notice fared with the hook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The hook ran and ended with exit code 0.
    Done,
    /// It ran, or should have, and this went wrong.
    Failed(String),
    /// The runner was lost while it was at work on this notice.
    Lost,
    /// There is no runner any more.
    NoRunner,
}

/// News from the runner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Of which notice.
    pub key: String,
    /// How it fared.
    pub outcome: Outcome,
}

/// A runner that was started and not yet spoken to.
#[derive(Debug)]
pub struct Runner {
    child: Child,
    orders: OwnedFd,
    answers: OwnedFd,
}

impl Runner {
    /// Starts `ccwatch hook-runner`, which reads the hook from `config`. To be called before there
    /// are threads, and before the daemon takes rights away from itself.
    ///
    /// # Errors
    /// The process can't be started.
    pub fn start(config: &Path) -> io::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        for name in NOT_INHERITED {
            command.env_remove(name);
        }
        let mut child = command
            .arg("--config")
            .arg(config)
            .arg("hook-runner")
            // Ctrl-C in a terminal is for the daemon, which ends the runner itself.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let missing = || io::Error::other("no pipe");
        let orders = child.stdin.take().ok_or_else(missing)?.into();
        let answers = child.stdout.take().ok_or_else(missing)?.into();
        Ok(Self { child, orders, answers })
    }

    /// Begins to speak with it; must be called inside the runtime.
    ///
    /// # Errors
    /// The runtime can't take over a pipe.
    pub fn attend(self, reports: UnboundedSender<Report>) -> io::Result<Hook> {
        let pipes = Pipes {
            orders: pipe::Sender::from_owned_fd(self.orders)?,
            answers: BufReader::new(pipe::Receiver::from_owned_fd(self.answers)?).lines(),
        };
        let (orders, wanted) = unbounded_channel();
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(work(self.child, pipes, wanted, reports, stopped));
        Ok(Hook { orders, stop, task })
    }
}

/// The runner, as the daemon's loop sees it.
#[derive(Debug)]
pub struct Hook {
    orders: UnboundedSender<Order>,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Hook {
    /// Wants the hook run for a notice; one [`Report`] follows.
    pub fn tell(&self, payload: Payload) {
        // The task ends only with `stop`.
        let _ = self.orders.send(Order::Run(Box::new(payload)));
    }

    /// The configuration is another one now.
    pub fn reload(&self) {
        let _ = self.orders.send(Order::Reload);
    }

    /// Ends the runner, and the hook that it is running; takes less than a second.
    pub async fn stop(self) {
        let _ = self.stop.send(());
        let _ = self.task.await;
    }
}

struct Pipes {
    orders: pipe::Sender,
    answers: Lines<BufReader<pipe::Receiver>>,
}

async fn work(
    mut child: Child,
    mut pipes: Pipes,
    wanted: UnboundedReceiver<Order>,
    reports: UnboundedSender<Report>,
    stopped: oneshot::Receiver<()>,
) {
    tokio::select! {
        () = serve(&mut child, &mut pipes, wanted, &reports) => {}
        _ = stopped => {}
    }
    let Pipes { orders, mut answers } = pipes;
    // The runner ends its hook and itself when nobody can order any more.
    drop(orders);
    let ended = async { while let Ok(Some(_)) = answers.next_line().await {} };
    let _ = timeout(LEAVE, ended).await;
    end(&mut child);
}

/// Passes orders on one at a time. Once the runner is lost, which is said once, every notice is
/// told so.
async fn serve(
    child: &mut Child,
    pipes: &mut Pipes,
    mut wanted: UnboundedReceiver<Order>,
    reports: &UnboundedSender<Report>,
) {
    // Nobody listens any more only while stopping.
    let report = |key, outcome| drop(reports.send(Report { key, outcome }));
    loop {
        let order = tokio::select! {
            order = wanted.recv() => order,
            // It only speaks when it is asked: this is its end.
            _ = pipes.answers.next_line() => break,
        };
        let Some(order) = order else { return };
        let key = match &order {
            Order::Run(payload) => Some(payload.key.clone()),
            Order::Reload => None,
        };
        match (pipes.give(&order, key.as_deref()).await, key) {
            (Ok(outcome), Some(key)) => report(key, outcome),
            (Ok(_), None) => {}
            (Err(Lost), key) => {
                if let Some(key) = key {
                    report(key, Outcome::Lost);
                }
                break;
            }
        }
    }
    end(child);
    tracing::error!(
        "the process that runs notify.hook is gone: no hook is run any more, pop-ups go on \
         (hint: start ccwatch again, as a service with: ccwatch service restart)"
    );
    while let Some(order) = wanted.recv().await {
        if let Order::Run(payload) = order {
            report(payload.key, Outcome::NoRunner);
        }
    }
}

/// The runner is gone, or does not answer.
struct Lost;

impl Pipes {
    /// Gives an order, and waits for the answer to it where it has a `key`.
    async fn give(&mut self, order: &Order, key: Option<&str>) -> Result<Outcome, Lost> {
        let mut line = serde_json::to_vec(order).map_err(|_| Lost)?;
        line.push(b'\n');
        let limits = Limits::default();
        let patience = limits.run + limits.grace * 2 + SLACK;
        let exchange = async {
            self.orders.write_all(&line).await.map_err(|_| Lost)?;
            let Some(key) = key else { return Ok(Outcome::Done) };
            let answer = self.answers.next_line().await.ok().flatten().ok_or(Lost)?;
            match serde_json::from_str::<Answer>(&answer) {
                Ok(Answer { key: of, failed }) if of == key => {
                    Ok(failed.map_or(Outcome::Done, Outcome::Failed))
                }
                _ => Err(Lost),
            }
        };
        timeout(patience, exchange).await.unwrap_or(Err(Lost))
    }
}

/// Whatever became of it, it is no more, and leaves no zombie.
fn end(child: &mut Child) {
    let _ = child.kill();
    let _ = child.wait();
}
