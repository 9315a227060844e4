//! One file a sub-command: each takes what it needs, writes its data to `out`, and returns the
//! exit code. Nothing else in the crate writes to the user.
pub mod config;
