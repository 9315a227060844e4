//! The pages beside the one that `status` is about, a line each; and the ways round an outage.

use std::io::{self, Write};

use crate::app::App;
use crate::client::pages::{STAY, WatchedPicture, WayRound};
use crate::render::columns;

/// Offers the other ways that look well.
pub(super) fn offer(ways: &[WayRound], out: &mut dyn Write) -> io::Result<()> {
    let lines = ways.iter().flat_map(WayRound::lines);
    let stay = (!ways.is_empty()).then(|| STAY.to_owned());
    for line in lines.chain(stay) {
        writeln!(out, "{line}")?;
    }
    Ok(())
}

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
        writeln!(out, "  {key}  {}", one.says())?;
    }
    Ok(())
}
