//! What the commands share.

pub mod exit_code;
pub mod usage;
pub mod wiring;

use std::io;

/// A runtime for one thread.
pub(crate) fn runtime() -> io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().max_blocking_threads(4).build()
}
