//! The pure heart: no clock, no I/O, no environment, no randomness.
//!
//! Driving contract, the same for the daemon, `replay` and every test:
//!
//! 1. give [`Monitor`](monitor::Monitor) one input with `now`: `handle`, or `handle_timeout`;
//! 2. take commands with `next_command` until there are none, and carry them out;
//! 3. wait until `poll_timeout` or the next input, whichever comes first.
//!
//! Time is an argument. The same inputs give the same commands, always.

// The compiler keeps the promise: without `std` there is no clock, no file, no socket and no
// environment to be named, and no dependency has them either. Tests may use all of it.
#![cfg_attr(not(any(test, feature = "testing")), no_std)]

#[macro_use]
extern crate alloc;

pub mod api_error;
pub mod decide;
pub mod deliver;
pub mod diagnose;
pub mod history;
pub mod model;
pub mod monitor;
pub mod notice;
pub mod persist;
pub mod route;
pub mod sessions;
pub mod settings;
pub mod state;
pub mod text;
pub mod time;
pub mod witness;

#[cfg(any(test, feature = "testing"))]
#[expect(clippy::unwrap_used, reason = "it serves tests, where a panic is the right answer")]
pub mod testing;
