//! The binary: parse, run, exit code.

use std::process::ExitCode;

use ccwatch::cli::Cli;
use clap::Parser;

fn main() -> ExitCode {
    match Cli::try_parse() {
        Ok(cli) => ccwatch::commands::run(cli).into(),
        Err(usage) => ccwatch::commands::explain_usage(&usage).into(),
    }
}
