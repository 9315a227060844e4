//! The log of a daemon: a thread of its own writes it, so that nobody waits for whoever reads it.

use std::io::{self, Write};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::util::SubscriberInitExt;

use super::{Forgiving, Line, subscriber};
use crate::platform::line_queue::{Entry, LineQueue};

/// So many bytes of the daemon's log wait for whoever reads it; what comes beyond that is lost.
const ROOM: usize = 1 << 20;

/// The end of the daemon waits no longer than this for its last lines to be written.
const LAST_LINES: Duration = Duration::from_millis(200);

/// Writes what comes, and doesn't fail.
type Writes = Box<dyn FnMut(Entry) + Send>;

/// The log of a daemon.
struct Apart {
    queue: LineQueue,
    /// Writes; not there any more once a thread does so.
    writer: Mutex<Option<Writes>>,
    to_file: bool,
}

static APART: OnceLock<Apart> = OnceLock::new();

pub(super) fn start(
    filter: EnvFilter,
    line: Line,
    to: impl Write + Send + 'static,
    to_file: bool,
) -> bool {
    let queue = LineQueue::new(ROOM);
    let (waiting, missing) = (queue.clone(), line.clone());
    let started = subscriber(filter, line, move || Queued(waiting.clone())).try_init().is_ok();
    if started {
        let mut to = Forgiving(to);
        let writer = move |entry| {
            let line = match entry {
                Entry::Line(line) => line,
                Entry::Lost(lost) => missing.lost(lost).into_bytes(),
            };
            // It never fails.
            let _ = to.write_all(&line);
        };
        let writes: Writes = Box::new(writer);
        let _ = APART.set(Apart { queue, writer: Mutex::new(Some(writes)), to_file });
        hear_panics();
    }
    started
}

impl Apart {
    fn take_writer(&self) -> Option<Writes> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// A panic is told after what was logged before it; in the file, where there is one.
fn hear_panics() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let to_file = APART.get().is_some_and(|apart| apart.to_file);
        if to_file {
            tracing::error!("a bug: {panic}");
        }
        finish();
        if !to_file {
            usual(panic);
        }
    }));
}

/// From here on what the daemon logs is written, by a thread of its own; until then it waits. To be
/// called once the sandbox holds, which a thread that runs already would not be in. Where the log is
/// written at once this does nothing.
pub fn write_apart() {
    let Some((apart, mut writer)) = APART.get().and_then(|one| Some((one, one.take_writer()?)))
    else {
        return;
    };
    // Without a thread there is no log, and nobody to tell that.
    let _ = apart.queue.start("log", move |entry| {
        writer(entry);
        Ok(())
    });
}

/// Waits a moment for the last lines, where the log is written apart.
pub fn finish() {
    let Some(apart) = APART.get() else { return };
    match apart.take_writer() {
        None => _ = apart.queue.flush(LAST_LINES),
        Some(mut writer) => {
            apart.queue.take_all().into_iter().for_each(&mut writer);
            let mut kept = apart.writer.lock().unwrap_or_else(PoisonError::into_inner);
            *kept = Some(writer);
        }
    }
}

/// Says something that is no event of the log, where that goes to stderr apart; whether it does.
pub(super) fn say(text: &str) -> bool {
    let Some(apart) = APART.get().filter(|apart| !apart.to_file) else { return false };
    apart.queue.put(text.as_bytes().to_owned());
    finish();
    true
}

/// A line of the daemon's log on its way to the thread that writes.
struct Queued(LineQueue);

impl Write for Queued {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.put(line.to_owned());
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
