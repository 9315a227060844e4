//! `ccwatch status`: the verdict, what to do, and what the page says.
//!
//! With a daemon it only reads the database. Without one, or beside one that hangs, it reads the page
//! once itself, writes nothing, and says so.

mod at;
mod forms;
mod json;
mod session;
mod short;
mod stand;
pub(super) mod text;

use std::io::Write;

use crate::app::App;
use crate::app::exit_code::ExitCode;
use crate::app::usage::UsageError;
use crate::cli::{self, Global};
use crate::client::picture::Picture;
use crate::tty::Colours;

/// Answers.
pub fn run(
    global: &Global,
    args: &cli::Status,
    out: &mut dyn Write,
    colours: Colours,
) -> anyhow::Result<ExitCode> {
    if let Some(form) = args.format.and_then(forms::Form::of) {
        return forms::run(global, args, form, colours, out);
    }
    let app = App::load(global)?.watching(&args.components);
    if let Some(at) = &args.at {
        return at::run(&app, args, at, out);
    }
    let picture = Picture::look(&app)?;
    UsageError::check_components(&args.components, &picture.page)?;
    let printed = match args {
        cli::Status { quiet: true, .. } => Ok(()),
        cli::Status { json: true, .. } | cli::Status { format: Some(_), .. } => {
            json::print(&picture, out)
        }
        _ => text::print(&picture, args.all, colours.on(&std::io::stdout()), out),
    };
    // Who closed the pipe has read enough, and still gets the answer in the exit code.
    match printed.and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(picture.exit_code()),
    }
}
