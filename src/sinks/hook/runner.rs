//! The daemon's side of the runner: its keeper is started first of all, attended in a task, gone with
//! the daemon. A runner that died is begun anew from here: soon, but not for ever.

mod restarts;

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
use tokio::time::{Instant, sleep_until, timeout};

use crate::render::sanitize;

use super::{Answer, Limits, NOT_INHERITED, Order, Payload};

use restarts::Restarts;

/// The runner answers within a hook's limits and this much more, which is more than it gives to the
/// process in which the hook runs.
const SLACK: Duration = Duration::from_secs(5);
/// What to do about a runner that is lost.
const RESTART: &str = "start ccwatch again, as a service with: ccwatch service restart";
/// What to do about a runner that ended too often.
const REVIVE: &str = "it is started at once when the configuration is read again: send SIGHUP, or run \
                      systemctl --user reload ccwatch";
/// The longest account of a runner's end, in characters.
const HOW: usize = 100;
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
    /// There is no runner now.
    NoRunner,
}

/// What became of a notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Of which notice.
    pub key: String,
    /// How it fared.
    pub outcome: Outcome,
}

/// News from the runner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// It is done with a notice.
    Ran(Report),
    /// Why it can't run the hook, a phrase for people; none: it can again.
    Trouble(Option<String>),
}

/// A runner's keeper, started and not yet spoken to.
#[derive(Debug)]
pub struct Runner {
    keeper: Child,
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
        let mut keeper = command
            .arg("--config")
            .arg(config)
            .arg("hook-runner")
            // Ctrl-C in a terminal is for the daemon, which ends the runner itself.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let missing = || io::Error::other("no pipe");
        let orders = keeper.stdin.take().ok_or_else(missing)?.into();
        let answers = keeper.stdout.take().ok_or_else(missing)?.into();
        Ok(Self { keeper, orders, answers })
    }

    /// Begins to speak with it; must be called inside the runtime.
    ///
    /// # Errors
    /// The runtime can't take over a pipe.
    pub fn attend(self, news: UnboundedSender<News>) -> io::Result<Hook> {
        let pipe = pipe::Sender::from_owned_fd(self.orders)?;
        let answers = BufReader::new(pipe::Receiver::from_owned_fd(self.answers)?).lines();
        let (orders, wanted) = unbounded_channel();
        let (stop, stopped) = oneshot::channel();
        let (lines, to_write) = unbounded_channel();
        let writer = tokio::spawn(write(pipe, to_write));
        let talk = Talk {
            answers,
            lines,
            news,
            asked: None,
            life: 0,
            now: Life::Begins,
            restarts: Restarts::default(),
        };
        let task = tokio::spawn(work(self.keeper, talk, writer, wanted, stopped));
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

/// Writes as fast as the runner reads: one that stands still is nobody's business but this task's.
async fn write(mut pipe: pipe::Sender, mut lines: UnboundedReceiver<Vec<u8>>) {
    while let Some(line) = lines.recv().await {
        if pipe.write_all(&line).await.is_err() {
            return;
        }
    }
}

async fn work(
    mut keeper: Child,
    mut talk: Talk,
    writer: JoinHandle<()>,
    wanted: UnboundedReceiver<Order>,
    stopped: oneshot::Receiver<()>,
) {
    tokio::select! {
        () = talk.go_on(wanted) => {}
        _ = stopped => {}
    }
    // The runner ends its hook and itself when nobody can order any more.
    writer.abort();
    let _ = writer.await;
    if !talk.is_late() {
        let ended = async { while let Ok(Some(_)) = talk.answers.next_line().await {} };
        let _ = timeout(LEAVE, ended).await;
    }
    // Not allowed in the sandbox; one that stands still goes on, and ends, when we are gone.
    let _ = keeper.kill();
    reap(keeper);
}

/// Leaves no zombie, and waits for nobody: a process that can't be ended is not waited for here.
fn reap(mut keeper: Child) {
    let wait = move || drop(keeper.wait());
    // Without a thread the zombie lasts as long as we do.
    let _ = std::thread::Builder::new().name("reaper".to_owned()).spawn(wait);
}

/// A notice that the runner was given.
struct Asked {
    key: String,
    until: Instant,
    /// It did not answer in time.
    late: bool,
}

/// What is known of the runner.
enum Life {
    /// It was told to begin, and did not answer that yet.
    Begins,
    /// It serves.
    Serves,
    /// It died too often, and is begun again then.
    Over { again: Instant },
}

/// The exchange with the runner: one notice at a time, and nothing that waits for it.
struct Talk {
    answers: Lines<BufReader<pipe::Receiver>>,
    lines: UnboundedSender<Vec<u8>>,
    news: UnboundedSender<News>,
    asked: Option<Asked>,
    /// Which of the runners it is.
    life: u32,
    now: Life,
    restarts: Restarts,
}

/// The keeper is gone, too, or somebody says what they should not.
struct Lost;

impl Talk {
    /// Passes orders on. Once the runner is lost, which is said once, every notice is told so.
    async fn go_on(&mut self, mut wanted: UnboundedReceiver<Order>) {
        if let Ok(()) = self.serve(&mut wanted).await {
            return;
        }
        if let Some(asked) = self.asked.take_if(|asked| !asked.late) {
            self.report(asked.key, Outcome::Lost);
        }
        tracing::error!(
            "the process that runs notify.hook is gone, and the one that starts it, too: no hook \
             is run any more, pop-ups go on (hint: {RESTART})"
        );
        self.trouble(Some(format!("the process that runs it is gone ({RESTART})")));
        while let Some(order) = wanted.recv().await {
            if let Order::Run(payload) = order {
                self.report(payload.key, Outcome::NoRunner);
            }
        }
    }

    async fn serve(&mut self, wanted: &mut UnboundedReceiver<Order>) -> Result<(), Lost> {
        self.begin()?;
        loop {
            let until = self.asked.as_ref().filter(|asked| !asked.late).map(|asked| asked.until);
            let again = match self.now {
                Life::Over { again } => Some(again),
                Life::Begins | Life::Serves => None,
            };
            tokio::select! {
                line = self.answers.next_line() => {
                    self.hear(&line.ok().flatten().ok_or(Lost)?)?;
                }
                order = wanted.recv(), if until.is_none() => match order {
                    Some(order) => self.give(order)?,
                    None => return Ok(()),
                },
                () = sleep_until(until.unwrap_or_else(Instant::now)), if until.is_some() => {
                    self.give_up();
                }
                () = sleep_until(again.unwrap_or_else(Instant::now)), if again.is_some() => {
                    self.begin()?;
                }
            }
        }
    }

    /// The runner that the keeper is about to start, or has started, is to serve from here on.
    fn begin(&mut self) -> Result<(), Lost> {
        self.now = Life::Begins;
        self.send(&Order::Begin { life: self.life })
    }

    /// A runner is no more. What it was asked may have been done, unless it never served.
    fn died(&mut self, how: &str) -> Result<(), Lost> {
        let outcome = match self.now {
            Life::Serves => Outcome::Lost,
            Life::Begins | Life::Over { .. } => Outcome::NoRunner,
        };
        if let Some(asked) = self.asked.take().filter(|asked| !asked.late) {
            self.report(asked.key, outcome);
        }
        self.life += 1;
        let how = sanitize::line(how, HOW);
        let gone = "the process that runs notify.hook is gone";
        match self.restarts.after_a_death(Instant::now()) {
            None => {
                tracing::warn!("{gone} ({how}), and is started again");
                self.trouble(Some("the process that runs it is being started again".to_owned()));
                self.begin()
            }
            Some(again) => {
                tracing::error!(
                    "{gone} ({how}), as often before: no hook is run for {} min, pop-ups go on \
                     (hint: {REVIVE})",
                    restarts::PAUSE.as_secs() / 60
                );
                self.trouble(Some(format!(
                    "the process that runs it ends again and again ({REVIVE})"
                )));
                self.now = Life::Over { again };
                Ok(())
            }
        }
    }

    fn hear(&mut self, line: &str) -> Result<(), Lost> {
        match serde_json::from_str(line).map_err(|_| Lost)? {
            Answer::Begun { life } if life == self.life => {
                self.now = Life::Serves;
                if life > 0 {
                    tracing::info!("the process that runs notify.hook is there again");
                    self.trouble(None);
                }
            }
            Answer::Died { life, how } if life == self.life => self.died(&how)?,
            Answer::Begun { .. } | Answer::Died { .. } => return Err(Lost),
            Answer::Unfit(why) => {
                tracing::warn!(
                    "notify.hook: {why} (hint: write its absolute path; see: ccwatch doctor)"
                );
            }
            Answer::Ran { key, failed } => {
                let asked = self.asked.take_if(|asked| asked.key == key).ok_or(Lost)?;
                self.report(key, failed.map_or(Outcome::Done, Outcome::Failed));
                if asked.late {
                    tracing::info!("the process that runs notify.hook answers again");
                    self.trouble(None);
                }
            }
        }
        Ok(())
    }

    fn give(&mut self, order: Order) -> Result<(), Lost> {
        let is_over = matches!(self.now, Life::Over { .. });
        match &order {
            Order::Run(payload) => {
                let key = payload.key.clone();
                if is_over || self.is_late() {
                    self.report(key, Outcome::NoRunner);
                    return Ok(());
                }
                let until = Instant::now() + Limits::default().longest() + SLACK;
                self.asked = Some(Asked { key, until, late: false });
            }
            Order::Reload => {
                self.restarts = Restarts::default();
                if is_over {
                    return self.begin();
                }
            }
            Order::Begin { .. } => {}
        }
        self.send(&order)
    }

    fn send(&self, order: &Order) -> Result<(), Lost> {
        let mut line = serde_json::to_vec(order).map_err(|_| Lost)?;
        line.push(b'\n');
        self.lines.send(line).map_err(|_| Lost)
    }

    /// The notice counts as maybe told; until the answer comes there is no other try.
    fn give_up(&mut self) {
        let Some(asked) = &mut self.asked else { return };
        asked.late = true;
        let key = asked.key.clone();
        tracing::error!(
            "the process that runs notify.hook does not answer: no hook is run until it does, \
             pop-ups go on (hint: {RESTART})"
        );
        self.report(key, Outcome::Lost);
        self.trouble(Some(format!("the process that runs it does not answer ({RESTART})")));
    }

    fn is_late(&self) -> bool {
        self.asked.as_ref().is_some_and(|asked| asked.late)
    }

    // Nobody listens any more only while stopping.
    fn report(&self, key: String, outcome: Outcome) {
        let _ = self.news.send(News::Ran(Report { key, outcome }));
    }

    fn trouble(&self, what: Option<String>) {
        let _ = self.news.send(News::Trouble(what));
    }
}
