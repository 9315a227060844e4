//! Lines on their way to a file that may take them late or never: a terminal that was stopped, a pipe
//! that nobody reads, a mount that is gone.
//!
//! Who has a line puts it here and goes on; a thread of its own writes. There is room for so much;
//! what comes beyond that is lost, and counted in its place.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// What is to be written.
#[derive(Debug, PartialEq, Eq)]
pub enum Entry {
    /// A line, with its end.
    Line(Vec<u8>),
    /// Here so many lines are missing.
    Lost(u64),
}

/// The lines that wait, shared by all who have some.
#[derive(Debug, Clone)]
pub struct LineQueue {
    shared: Arc<(Mutex<Waiting>, Condvar)>,
    room: usize,
}

#[derive(Debug, Default)]
struct Waiting {
    entries: VecDeque<Entry>,
    /// The length of all lines together.
    bytes: usize,
    /// An entry was taken out, and is not written yet.
    writing: bool,
}

impl LineQueue {
    /// One with room for so many bytes, and for a single line in any case.
    pub fn new(room: usize) -> Self {
        Self { shared: Arc::default(), room }
    }

    /// Puts a line in, and waits for nobody.
    pub fn put(&self, line: Vec<u8>) {
        let mut waiting = self.lock();
        // After a loss there must be good room again, else every other line would be a lost one.
        let room = match waiting.entries.back() {
            Some(Entry::Lost(_)) => self.room / 2,
            Some(Entry::Line(_)) | None => self.room,
        };
        if waiting.bytes == 0 || waiting.bytes.saturating_add(line.len()) <= room {
            waiting.bytes += line.len();
            waiting.entries.push_back(Entry::Line(line));
        } else if let Some(Entry::Lost(lost)) = waiting.entries.back_mut() {
            *lost += 1;
        } else {
            waiting.entries.push_back(Entry::Lost(1));
        }
        self.shared.1.notify_all();
    }

    /// Waits until all is written, but not for long; whether it is.
    pub fn flush(&self, limit: Duration) -> bool {
        let left = |waiting: &mut Waiting| waiting.writing || !waiting.entries.is_empty();
        let flushed = self.shared.1.wait_timeout_while(self.lock(), limit, left);
        !flushed.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }

    /// Starts the thread that writes. After a write that failed there is no other: what waits and
    /// comes is then forgotten.
    ///
    /// # Errors
    /// There can be no other thread.
    pub fn start(
        &self,
        name: &str,
        mut write: impl FnMut(Entry) -> io::Result<()> + Send + 'static,
    ) -> io::Result<()> {
        let queue = self.clone();
        let work = move || {
            let mut failed = false;
            loop {
                let entry = queue.take();
                failed = failed || write(entry).is_err();
                queue.lock().writing = false;
                queue.shared.1.notify_all();
            }
        };
        thread::Builder::new().name(name.to_owned()).spawn(work).map(drop)
    }

    /// Takes all out that waits.
    pub fn take_all(&self) -> Vec<Entry> {
        let mut waiting = self.lock();
        waiting.bytes = 0;
        waiting.entries.drain(..).collect()
    }

    /// Waits for the next entry, which counts as being written from then on.
    fn take(&self) -> Entry {
        let mut waiting = self.lock();
        loop {
            if let Some(entry) = waiting.entries.pop_front() {
                if let Entry::Line(line) = &entry {
                    waiting.bytes -= line.len();
                }
                waiting.writing = true;
                return entry;
            }
            waiting = self.shared.1.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.shared.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    const LONG: Duration = Duration::from_secs(30);

    fn line(text: &str) -> Entry {
        Entry::Line(text.as_bytes().to_vec())
    }

    #[test]
    fn what_finds_no_room_is_counted_in_its_place() {
        let queue = LineQueue::new(4);
        for text in ["a\n", "b\n", "c\n", "d\n"] {
            queue.put(text.into());
        }
        assert_eq!(queue.take(), line("a\n"));
        // There is room for this one, but not good room.
        queue.put("e\n".into());
        assert_eq!(queue.take(), line("b\n"));
        queue.put("f\n".into());
        assert_eq!(queue.take_all(), [Entry::Lost(3), line("f\n")]);
        queue.put("longer than all the room\n".into());
        assert_eq!(queue.take_all(), [line("longer than all the room\n")]);
    }

    #[test]
    fn a_write_that_does_not_end_holds_up_nobody_and_is_waited_for_not_for_long() {
        let queue = LineQueue::new(100);
        let (begins, begun) = channel();
        let (goes_on, go_on) = channel();
        let (writes, written) = channel();
        let write = move |entry| {
            begins.send(()).unwrap();
            go_on.recv().unwrap();
            writes.send(entry).unwrap();
            Ok(())
        };
        queue.start("test", write).unwrap();
        queue.put("a\n".into());
        begun.recv_timeout(LONG).unwrap();
        assert!(!queue.flush(Duration::from_millis(1)), "the line is not written yet");
        queue.put("b\n".into());
        (0..2).for_each(|_| goes_on.send(()).unwrap());
        assert!(queue.flush(LONG));
        assert_eq!(written.try_iter().collect::<Vec<_>>(), [line("a\n"), line("b\n")]);
    }

    #[test]
    fn after_an_error_nothing_is_waited_for() {
        let queue = LineQueue::new(100);
        queue.start("test", |_| Err(io::ErrorKind::StorageFull.into())).unwrap();
        for text in ["a\n", "b\n"] {
            queue.put(text.into());
            assert!(queue.flush(LONG));
        }
    }
}
