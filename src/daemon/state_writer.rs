//! Writes down what the core wants, and keeps it while that isn't possible.

use ccwatch_core::notice::sink::Sink;
use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::Timestamp;

use crate::store::{Event, Heartbeat, Lock, LockError, Opened, ReadingRow, Store, StoreError};
use ccwatch_core::deliver::delivery::Step;
use ccwatch_core::model::Reading;
use ccwatch_core::monitor::{Input, Monitor, Record};
use ccwatch_core::notice::DeliveryState;
use ccwatch_core::notice::mute::Mute;
use ccwatch_core::sessions::Counts;
use ccwatch_core::time::between;

use super::queue::Queue;

/// Old rows are deleted this often.
const TIDY_EVERY: std::time::Duration = std::time::Duration::from_secs(24 * 3600);

/// The database with a queue before it: notices are shown and the page is read whether or not
/// the disk plays along.
pub struct StateWriter {
    dir: PathBuf,
    /// None while it could not be opened yet.
    store: Option<Store>,
    heartbeat: Heartbeat,
    /// What stands in the way of sinks, whether or not something waits for them.
    troubles: BTreeMap<Sink, String>,
    queue: Queue,
    reading: Option<(&'static str, String)>,
    failing: bool,
    /// The database is another one since the last commit: what waits to be told is in the queue.
    is_new: bool,
    tidied: Option<Timestamp>,
    /// After the store, so that it is given back when the database is closed.
    lock: Option<Lock>,
    unguarded: bool,
}

impl StateWriter {
    /// A writer that writes to `store`, in `dir`, in the name of this process. Without one it opens
    /// it as soon as that is possible.
    pub fn new(dir: PathBuf, store: impl Into<Option<Store>>, heartbeat: Heartbeat) -> Self {
        let store = store.into();
        Self {
            dir,
            // Who begins without one has said so.
            failing: store.is_none(),
            store,
            heartbeat,
            troubles: BTreeMap::new(),
            queue: Queue::default(),
            reading: None,
            is_new: false,
            tidied: None,
            lock: None,
            unguarded: false,
        }
    }

    /// The same by the right that `lock` gives, which it holds from now on.
    #[must_use]
    pub fn guarded_by(self, lock: Lock) -> Self {
        Self { lock: Some(lock), ..self }
    }

    /// Makes sure that no other daemon can run beside this one, though somebody may have deleted
    /// the lock's file. An error says that another one runs already: then nothing may be told or
    /// written any more.
    pub fn keep_lock(&mut self) -> Result<(), LockError> {
        match self.lock.as_mut().map_or(Ok(()), Lock::keep) {
            Err(error @ LockError::Held { .. }) => Err(error),
            Err(error) => {
                if !std::mem::replace(&mut self.unguarded, true) {
                    let hint = "start ccwatch again";
                    tracing::error!("{error}: another daemon could start (hint: {hint})");
                }
                Ok(())
            }
            Ok(()) => {
                self.unguarded = false;
                Ok(())
            }
        }
    }

    /// Takes a record for the next transaction.
    pub fn note(&mut self, record: Record) {
        self.queue.push(record);
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

    /// What stands in the way of a sink, for the next transaction.
    pub fn note_trouble(&mut self, sink: Sink, why: Option<String>) {
        match why {
            Some(why) => self.troubles.insert(sink, why),
            None => self.troubles.remove(&sink),
        };
    }

    /// Why transcripts aren't followed, where that is so, for the next transaction.
    pub fn note_local(&mut self, trouble: Option<String>) {
        self.heartbeat.local = trouble;
    }

    /// What the user wants silence about; none where that can't be read now.
    pub fn mutes(&self) -> Option<Vec<Mute>> {
        self.store
            .as_ref()?
            .mutes()
            .inspect_err(|error| tracing::debug!("mutes not read: {error}"))
            .ok()
    }

    /// How many of Claude Code's sessions stopped lately; none where that can't be read now.
    pub fn sessions(&self) -> Option<Counts> {
        self.store
            .as_ref()?
            .sessions()
            .inspect_err(|error| tracing::debug!("stopped sessions not read: {error}"))
            .ok()
    }

    /// Why something waits for a sink, or what stands in the way of one that is wanted.
    fn troubles_of(&self, monitor: &Monitor) -> BTreeMap<Sink, String> {
        let wanted = &monitor.state().settings().sinks;
        let why = |sink: Sink| {
            let waits = monitor.outboxes().of(sink).waiting();
            let stands = self.troubles.get(&sink).filter(|_| wanted.contains(&sink));
            stands.map(String::as_str).or(waits).map(|why| (sink, why.to_owned()))
        };
        Sink::ALL.into_iter().filter_map(why).collect()
    }

    /// Writes everything of one event in one transaction; what can't be written waits.
    pub fn commit(&mut self, now: Timestamp, monitor: &Monitor) {
        self.heartbeat.beat_at = now;
        self.heartbeat.next_poll = monitor.next_poll().or(self.heartbeat.next_poll);
        self.heartbeat.troubles = self.troubles_of(monitor);
        if self.store.as_ref().is_some_and(Store::is_replaced) {
            self.tell_the_new_one(monitor);
        }
        let mut done = self.write(now, monitor);
        if let Err(StoreError::Damaged { .. }) = done {
            self.tell_the_new_one(monitor);
            done = self.begin_anew(now).and_then(|()| self.write(now, monitor));
        }
        match done {
            Ok(()) => {
                let (was_failing, dropped) = (self.failing, self.queue.clear());
                (self.failing, self.is_new, self.reading) = (false, false, None);
                match dropped {
                    0 if !was_failing => {}
                    0 => tracing::info!("the database can be written again, nothing was lost"),
                    n => tracing::warn!(
                        "the database can be written again; {n} records are missing from it, for \
                         too many waited (the history has gaps)"
                    ),
                }
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

    /// The same at a stop, after which there is no other try: says what a restart won't know.
    pub fn commit_last(&mut self, now: Timestamp, monitor: &Monitor) {
        self.store.iter().for_each(Store::be_patient);
        self.commit(now, monitor);
        if self.failing {
            let records = self.queue.records().len();
            tracing::error!(
                "stopped without a database to write to: {records} records are lost. After the \
                 next start the history lacks them, and what was told meanwhile may be told \
                 again, or its end not at all"
            );
        }
    }

    fn write(&mut self, now: Timestamp, monitor: &Monitor) -> Result<(), StoreError> {
        if self.store.is_none() {
            self.begin_anew(now)?;
        }
        let Some(store) = &mut self.store else { return Ok(()) };
        let reading = self.reading.as_ref();
        store.commit(&Event {
            reading: reading.map(|(outcome, detail)| ReadingRow { outcome, detail }),
            ..Event::of(now, monitor, self.queue.records(), &self.heartbeat)
        })
    }

    /// A database that begins anew must hear what waits to be told.
    fn tell_the_new_one(&mut self, monitor: &Monitor) {
        if !std::mem::replace(&mut self.is_new, true) {
            waiting(monitor).for_each(|record| self.queue.push(record));
        }
    }

    /// Opens the database; one that got damaged while it was in use is set aside. What the core knows
    /// is written to the new one; the history before that is in the file that was set aside.
    fn begin_anew(&mut self, now: Timestamp) -> Result<(), StoreError> {
        let Opened { store, rebuilt, .. } = Store::open(&self.dir, now)?;
        self.store = Some(store);
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
        let Some(store) = &mut self.store else { return };
        if let Err(error) = store.tidy(now) {
            tracing::warn!("old readings could not be deleted: {error}");
        }
    }
}

/// What still has to be told, as a database needs it that never heard of it.
fn waiting(monitor: &Monitor) -> impl Iterator<Item = Record> {
    monitor.outboxes().iter().flat_map(|(sink, outbox)| {
        outbox.to_restore().flat_map(move |(notice, unanswered)| {
            let (key, progress) = (notice.key.clone(), DeliveryState::Pending);
            let step = Step { key, progress, unanswered, why: None };
            [Record::Notice(Box::new(notice.clone())), Record::Delivery { sink, step }]
        })
    })
}

#[cfg(test)]
mod tests;
