//! The pure heart: no clock, no I/O, no environment, no randomness.
//!
//! Driving contract, the same for the daemon, `replay` and every test:
//!
//! 1. give [`Monitor`](monitor::Monitor) one input with `now`: `handle`, or `handle_timeout`;
//! 2. take commands with `next_command` until there are none, and carry them out;
//! 3. wait until `poll_timeout` or the next input, whichever comes first.
//!
//! Time is an argument. The same inputs give the same commands, always.

pub mod chronicle;
pub mod component;
pub mod diagnosis;
pub mod expectation;
pub mod local;
pub mod model;
pub mod models;
pub mod monitor;
pub mod mute;
pub mod notice;
pub mod outbox;
pub mod past;
pub mod policy;
pub mod route;
pub mod schedule;
pub mod settings;
pub mod sight;
pub mod summary;
pub mod time;
pub mod uptime;
pub mod verdict;
pub mod waiting;
pub mod when;
pub mod wording;

#[cfg(test)]
pub(crate) mod script;
