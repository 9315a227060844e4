//! The pages beside the one that `status` is about: a line each.

use std::io::{self, Write};

use crate::app::App;
use crate::client::pages::WatchedPicture;
use crate::client::picture::Picture;
use crate::render::{columns, sanitize};
use ccwatch_core::text::summary;

/// The longest line, in characters.
const LINE: usize = 160;

/// Prints them, by the keys that stand for them; nothing where there are none.
pub(super) fn print(pages: &[WatchedPicture], about: &App, out: &mut dyn Write) -> io::Result<()> {
    let others: Vec<&WatchedPicture> =
        pages.iter().filter(|one| one.page.key != about.page_key()).collect();
    if others.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nAlso watched (for more of one: ccwatch status --page NAME):")?;
    let width = others.iter().map(|one| columns::width(&one.page.key)).max().unwrap_or(0);
    for one in others {
        let key = columns::padded(&one.page.key, width);
        writeln!(out, "  {key}  {}", line(one.picture.as_ref()))?;
    }
    Ok(())
}

fn line(picture: Option<&Picture>) -> String {
    let Some(picture) = picture else { return "not known".to_owned() };
    let line = summary::line(&picture.page, false, picture.now);
    sanitize::line(&line, LINE)
}
