//! Writes down what the core wants, and keeps it while that isn't possible.

use std::path::PathBuf;

use jiff::Timestamp;

use crate::core::model::Reading;
use crate::core::monitor::{Input, Monitor, Record};
use crate::core::mute::Mute;
use crate::core::time::between;
use crate::store::{Event, Heartbeat, Opened, ReadingRow, Store, StoreError};

/// Records that wait for a database which can't be written are kept up to here; then the oldest
/// go, for memory is not endless.
const LONGEST_QUEUE: usize = 20_000;
/// Old rows are deleted this often.
const TIDY_EVERY: std::time::Duration = std::time::Duration::from_secs(24 * 3600);

/// The database with a queue before it: notices are shown and the page is read whether or not
/// the disk plays along.
pub struct Ledger {
    dir: PathBuf,
    store: Store,
    heartbeat: Heartbeat,
    records: Vec<Record>,
    reading: Option<(&'static str, String)>,
    failing: bool,
    tidied: Option<Timestamp>,
}

impl Ledger {
    /// A ledger that writes to `store`, in `dir`, in the name of this process.
    pub fn new(dir: PathBuf, store: Store, heartbeat: Heartbeat) -> Self {
        Self {
            dir,
            store,
            heartbeat,
            records: Vec::new(),
            reading: None,
            failing: false,
            tidied: None,
        }
    }

    /// Takes a record for the next transaction.
    pub fn note(&mut self, record: Record) {
        if self.records.len() >= LONGEST_QUEUE {
            self.records.remove(0);
        }
        self.records.push(record);
    }

    /// Takes the outcome of a poll for the next transaction.
    pub fn note_reading(&mut self, input: &Input) {
        if let Input::Polled { reading, .. } = input {
            self.reading = Some(match reading {
                Reading::Fresh(_) => ("fresh", String::new()),
                Reading::Unchanged => ("unchanged", String::new()),
                Reading::Failed(failure) => (failure.kind.as_str(), failure.detail.clone()),
            });
        }
    }

    /// What the user wants silence about; none where that can't be read now.
    pub fn mutes(&self) -> Option<Vec<Mute>> {
        self.store.mutes().inspect_err(|error| tracing::debug!("mutes not read: {error}")).ok()
    }

    /// Writes everything of one event in one transaction; what can't be written waits.
    pub fn commit(&mut self, now: Timestamp, monitor: &Monitor) {
        self.heartbeat.beat_at = now;
        self.heartbeat.next_poll = monitor.next_poll().or(self.heartbeat.next_poll);
        self.heartbeat.popups = monitor.outbox().waiting().map(str::to_owned);
        let mut done = self.write(now, monitor);
        if let Err(StoreError::Damaged { .. }) = done {
            done = self.begin_anew(now).and_then(|()| self.write(now, monitor));
        }
        match done {
            Ok(()) => {
                if std::mem::take(&mut self.failing) {
                    tracing::info!("the database can be written again, nothing was lost");
                }
                self.records.clear();
                self.reading = None;
                self.tidy(now);
            }
            Err(error) => {
                if !std::mem::replace(&mut self.failing, true) {
                    let hint = error.hint().unwrap_or("it is tried again at every event");
                    tracing::error!("{error}; ccwatch goes on from memory (hint: {hint})");
                }
            }
        }
    }

    fn write(&mut self, now: Timestamp, monitor: &Monitor) -> Result<(), StoreError> {
        let reading = self.reading.as_ref();
        self.store.commit(&Event {
            now,
            reading: reading.map(|(outcome, detail)| ReadingRow { outcome, detail }),
            records: &self.records,
            components: monitor.components(),
            sight: monitor.sight(),
            incidents: monitor.incidents(),
            threads: monitor.outbox().threads(),
            hook_threads: monitor.hook().threads(),
            local: monitor.local(),
            heartbeat: &self.heartbeat,
            counts_for: monitor.settings().stale_after,
        })
    }

    /// Sets a database aside that got damaged while it was in use. What the core knows is written
    /// to the new one; the history before that is in the file that was set aside.
    fn begin_anew(&mut self, now: Timestamp) -> Result<(), StoreError> {
        let Opened { store, rebuilt, .. } = Store::open(&self.dir, now)?;
        self.store = store;
        if let Some(damaged) = rebuilt {
            let damaged = damaged.display();
            tracing::warn!("the database was damaged: it was moved to {damaged}, and begins anew");
        }
        Ok(())
    }

    fn tidy(&mut self, now: Timestamp) {
        if self.tidied.is_some_and(|at| between(at, now) < TIDY_EVERY) {
            return;
        }
        self.tidied = Some(now);
        if let Err(error) = self.store.tidy(now) {
            tracing::warn!("old readings could not be deleted: {error}");
        }
    }
}
