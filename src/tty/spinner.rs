//! A sign of life on a terminal while something takes longer than a moment.

use std::io::{self, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// What is done sooner needs no sign.
const MOMENT: Duration = Duration::from_millis(300);
/// From one picture to the next.
const STEP: Duration = Duration::from_millis(120);
const PICTURES: [char; 4] = ['|', '/', '-', '\\'];

/// Shows `what` on stderr until it is dropped, if stderr is a terminal; else nothing.
pub(crate) struct Spinner {
    worker: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Spinner {
    /// Starts to wait; the first picture comes after a moment.
    pub(crate) fn start(what: &'static str) -> Self {
        if !super::can_draw(&io::stderr()) {
            return Self { worker: None };
        }
        let (stop, stopped) = channel();
        let turn = move || turn(what, &stopped, &mut io::stderr());
        Self { worker: Some((stop, std::thread::spawn(turn))) }
    }
}

impl Drop for Spinner {
    fn drop(&mut self) {
        if let Some((stop, worker)) = self.worker.take() {
            drop(stop);
            // It only draws; there is nothing to be had from how it ended.
            let _ = worker.join();
        }
    }
}

/// Draws until the other end is dropped, then leaves the line as it was. A terminal that goes away
/// ends it as well.
fn turn(what: &str, stopped: &Receiver<()>, out: &mut impl Write) {
    let on = |pause| stopped.recv_timeout(pause) == Err(RecvTimeoutError::Timeout);
    if !on(MOMENT) {
        return;
    }
    for picture in PICTURES.iter().cycle() {
        let drawn = write!(out, "\r{picture} {what}").and_then(|()| out.flush());
        if drawn.is_err() || !on(STEP) {
            break;
        }
    }
    let _ = write!(out, "\r\x1b[K").and_then(|()| out.flush());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_quick_leaves_no_trace_and_what_is_slow_is_wiped_away() {
        let (stop, stopped) = channel();
        drop(stop);
        let mut drawn = Vec::new();
        turn("reading", &stopped, &mut drawn);
        assert_eq!(drawn, b"");

        /// Hangs up at the second picture.
        struct Screen(Option<Sender<()>>, String);
        impl Write for Screen {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                self.1.push_str(std::str::from_utf8(bytes).unwrap());
                if self.1.contains('/') {
                    self.0 = None;
                }
                Ok(bytes.len())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let (stop, stopped) = channel();
        let mut screen = Screen(Some(stop), String::new());
        turn("reading", &stopped, &mut screen);
        assert_eq!(screen.1, "\r| reading\r/ reading\r\x1b[K");
    }
}
