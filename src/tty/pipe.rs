//! Output of a command whose exit code is its answer: who closes the pipe has read enough, and
//! still gets that code.

use std::io::{self, ErrorKind, Write};

/// Takes everything and drops it once nobody reads any more.
pub(crate) struct IgnoreBrokenPipe<'a>(pub(crate) &'a mut dyn Write);

impl Write for IgnoreBrokenPipe<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        unless_closed(self.0.write(bytes), bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        unless_closed(self.0.flush(), ())
    }
}

/// The outcome of an output, or `otherwise` where its pipe is closed.
pub(crate) fn unless_closed<T>(done: io::Result<T>, otherwise: T) -> io::Result<T> {
    match done {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(otherwise),
        done => done,
    }
}
