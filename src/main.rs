//! The binary: parse, run, exit code.

use std::process::ExitCode;

use ccwatch::{cli, commands};

fn main() -> ExitCode {
    match cli::read() {
        Ok(cli) => commands::run(cli).into(),
        Err(usage) => commands::explain_usage(&usage).into(),
    }
}
