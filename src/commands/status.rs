//! `ccwatch status`: the verdict, what to do, and what the page says.
//!
//! With a daemon it only reads the database. Without one, or beside one that hangs, it reads the page
//! once itself, writes nothing, and says so.

mod at;
mod forms;
mod json;
mod others;
mod session;
mod short;
mod stand;
pub(super) mod text;

use std::io::Write;

use crate::app::App;
use crate::app::exit_code::ExitCode;
use crate::app::usage::UsageError;
use crate::cli::{self, Global};
use crate::client::pages::{pages, ways_round};
use crate::client::picture::Picture;
use crate::tty::Colours;
use ccwatch_core::state::verdict::Verdict;

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
    let whole = App::load(global)?;
    let app = whole.clone().on_page(args.page.as_deref())?.watching(&args.components);
    if let Some(at) = &args.at {
        return at::run(&app, args, at, out);
    }
    let picture = Picture::look(&app)?;
    UsageError::check_components(&args.components, &picture.page)?;
    // Of a page that is none of the user's road there is nothing to go round.
    let is_road = || whole.clone().on_road().page_key() == app.page_key();
    let ways = match picture.verdict() == Verdict::Wait && (args.page.is_none() || is_road()) {
        true => ways_round(&whole, &app),
        false => Vec::new(),
    };
    let printed = match args {
        cli::Status { quiet: true, .. } => Ok(()),
        cli::Status { json: true, .. } | cli::Status { format: Some(_), .. } => {
            let pages = pages(&whole, &app, &picture);
            json::print(&picture, (&pages, app.page_key()), &ways, out)
        }
        _ => {
            let others = match args.page {
                None => pages(&whole, &app, &picture),
                Some(_) => Vec::new(),
            };
            text::print(&picture, args.all, colours.on(&std::io::stdout()), out)
                .and_then(|()| match args.page {
                    None => others::unwatched(&whole, out),
                    Some(_) => Ok(()),
                })
                .and_then(|()| others::offer(&ways, out))
                .and_then(|()| others::print(&others, &app, out))
        }
    };
    // Who closed the pipe has read enough, and still gets the answer in the exit code.
    match printed.and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(picture.exit_code()),
    }
}
