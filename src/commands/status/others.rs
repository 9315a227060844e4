//! The pages beside the one that `status` is about, a line each; and the ways round an outage.

use std::io::{self, Write};

use crate::app::{App, road};
use crate::claude_code::place::environment;
use crate::claude_code::route::Provider;
use crate::client::pages::{STAY, WatchedPicture, WayRound};
use crate::render::columns;
use ccwatch_core::route::Path;

/// Offers the other ways that look well.
pub(super) fn offer(ways: &[WayRound], out: &mut dyn Write) -> io::Result<()> {
    let columns = columns::of(io::stdout());
    let lines = ways.iter().flat_map(|way| way.lines(columns));
    let stay = (!ways.is_empty()).then(|| STAY.to_owned());
    for line in lines.chain(stay) {
        writeln!(out, "{line}")?;
    }
    Ok(())
}

/// Says where requests go from here, where that is a provider of which nothing is watched.
pub(super) fn unwatched(whole: &App, out: &mut dyn Write) -> io::Result<()> {
    if !whole.config.page.is_of_claude() {
        return Ok(());
    }
    let cwd = std::env::current_dir().unwrap_or_default();
    let found = road::roads(&whole.config).unwatched(&environment, cwd);
    let Some(Provider { path, region }) = found else { return Ok(()) };
    let regions = |key: &str| {
        let region = region.as_deref().unwrap_or("YOUR-REGION");
        format!("{key} = [\"{region}\"]")
    };
    let setting = match path {
        Path::Bedrock => regions("bedrock"),
        Path::Vertex => regions("vertex"),
        Path::Foundry => "foundry = true".to_owned(),
        Path::Subscription
        | Path::ApiKey
        | Path::Gateway
        | Path::AnthropicOnAws
        | Path::AnthropicOnGoogleCloud
        | Path::Unknown => return Ok(()),
    };
    let of_region = region.as_ref().map_or_else(String::new, |region| format!(" ({region})"));
    writeln!(
        out,
        "Your requests go to {}{of_region}, of which this page says nothing. To watch it, put {setting} \
         below [providers] in the configuration.",
        path.words()
    )
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
