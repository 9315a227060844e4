//! Reads the configuration again, beside the loop: its file may be on a mount that does not answer.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::{Instant, sleep_until};

use super::Watchlist;

/// A file that takes longer than this is said not to answer.
const ANSWERS_WITHIN: Duration = Duration::from_secs(5);

/// What a configuration means to the daemon.
type Meaning = anyhow::Result<Watchlist>;

/// Reads the configuration; may take as long as its file does.
pub type Read = Arc<dyn Fn() -> Meaning + Send + Sync>;

/// How far a reading has come.
pub(super) enum Reloaded {
    /// It was read, or can't be.
    Done(Meaning),
    /// The file has not answered yet; said once, the end of it follows whenever it comes.
    Late,
}

/// The readings, one at a time: a file that doesn't answer holds one thread, however often it is
/// asked for.
pub(super) struct Reload {
    read: Read,
    sender: UnboundedSender<Meaning>,
    done: UnboundedReceiver<Meaning>,
    under_way: bool,
    /// It was asked for again meanwhile, and the file may be another one by now.
    again: bool,
    late_at: Option<Instant>,
}

impl Reload {
    pub(super) fn new(read: Read) -> Self {
        let (sender, done) = unbounded_channel();
        Self { read, sender, done, under_way: false, again: false, late_at: None }
    }

    /// Begins to read, now or after the reading that is under way.
    pub(super) fn begin(&mut self) {
        self.late_at = Some(Instant::now() + ANSWERS_WITHIN);
        if std::mem::replace(&mut self.under_way, true) {
            self.again = true;
            return;
        }
        let (read, sender) = (Arc::clone(&self.read), self.sender.clone());
        // Nobody listens any more only while stopping.
        let work = move || drop(sender.send(read()));
        // Not one of the runtime's few threads, on which names are looked up.
        if let Err(error) = std::thread::Builder::new().name("config".to_owned()).spawn(work) {
            let _ = self.sender.send(Err(error.into()));
        }
    }

    /// Whether another end is to come.
    pub(super) fn is_under_way(&self) -> bool {
        self.under_way
    }

    /// Waits for the next news. Loses nothing when it's dropped.
    pub(super) async fn next(&mut self) -> Reloaded {
        tokio::select! {
            Some(done) = self.done.recv() => {
                self.under_way = false;
                self.late_at = None;
                if std::mem::take(&mut self.again) {
                    self.begin();
                }
                Reloaded::Done(done)
            }
            () = sleep_until(self.late_at.unwrap_or_else(Instant::now)), if self.late_at.is_some() => {
                self.late_at = None;
                Reloaded::Late
            }
        }
    }
}
