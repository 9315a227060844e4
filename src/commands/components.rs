//! `ccwatch components`: the names of the page's components, a line each, for shells that complete
//! words.
//!
//! Out of the daemon's database only, in milliseconds, and without a word about what is wrong: a
//! shell that completes a word has no place for that.

use std::io::Write;

use crate::app::App;
use crate::app::exit_code::ExitCode;
use crate::cli::Global;
use crate::render::sanitize;
use crate::store::Reader;
use ccwatch_core::state::component::Component;

/// The longest name, in characters.
const NAME: usize = 80;

/// Names them, or nobody.
pub fn run(global: &Global, out: &mut dyn Write) -> ExitCode {
    let names = names(global).unwrap_or_default();
    let text: String = names.iter().map(|name| format!("{name}\n")).collect();
    // Whoever does not listen any more completes nothing.
    let _ = out.write_all(text.as_bytes());
    ExitCode::Success
}

/// None: nothing is known.
fn names(global: &Global) -> Option<Vec<String>> {
    let app = App::load(global).ok()?;
    let saved = Reader::open(&app.page_dir().ok()?).ok()??.state().ok()?;
    let name = |component: &Component| sanitize::line(component.shown_name(), NAME);
    Some(saved.components.iter().filter(|c| c.is_listed()).map(name).collect())
}
