//! The binary: parse, run, exit code.

use std::process::ExitCode;

use ccwatch::platform::lifecycle;
use ccwatch::{cli, commands};

fn main() -> ExitCode {
    if cli::is_daemon(std::env::args_os()) {
        // Before all else: until it is listened to, it would be the end.
        lifecycle::outlive_hang_ups();
    }
    match cli::read() {
        Ok(cli) => commands::run(cli).into(),
        Err(usage) => commands::explain_usage(&usage).into(),
    }
}
