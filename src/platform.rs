//! What the operating system gives: time, places, files, signals, the log, and a sandbox.

pub mod clock;
pub mod lifecycle;
pub mod line_queue;
pub mod logging;
pub mod paths;
pub mod plain;
pub mod reach;
pub mod sandbox;
pub mod wsl;
