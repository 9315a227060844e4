//! `ccwatch completions SHELL`: made from the definitions in [`cli`](crate::cli).

use std::io::Write;

use clap::CommandFactory;
use clap_complete::Shell;

use crate::app::exit_code::ExitCode;
use crate::cli::Cli;

/// Prints what the shell has to source.
pub fn run(shell: Shell, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    // Not straight to `out`: the generator panics where a pipe is closed.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "ccwatch", &mut script);
    out.write_all(&script)?;
    Ok(ExitCode::Success)
}
