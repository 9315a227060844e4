//! `ccwatch mute`: silence for a while, without losing the end of what was told.

use std::io::{self, Write};
use std::path::Path;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::app::App;
use crate::app::exit_code::ExitCode;
use crate::cli;
use crate::config::pages::FIRST;
use crate::platform::clock;
use crate::platform::paths;
use crate::render::sanitize;
use crate::store::{Lock, change_mutes, page_state};
use ccwatch_core::model::{Incident, IncidentId};
use ccwatch_core::notice::mute::{End, Mute};
use ccwatch_core::state::incidents::Incidents;
use ccwatch_core::text;
use ccwatch_core::time::when::{self, Side};

use crate::app::usage::UsageError;
use crate::render::json::print_json;

/// What is asked for.
enum Wish {
    Show,
    Off,
    Until(Timestamp),
    Incident(IncidentId),
}

/// Mutes, ends all mutes, or tells what is muted.
pub fn run(app: &App, args: &cli::Mute, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let dir = app.state_dir()?;
    let about = app.clone().on_page(args.page.as_deref())?;
    let (now, zone) = (clock::now(), clock::zone());
    let (saved, _) = page_state(&dir, about.page_key())?.unwrap_or_default();
    let (shared, _) = page_state(&dir, FIRST)?.unwrap_or_default();
    let wish = wish(&args.what, now, &zone, &open_ones(&saved.incidents))?;
    let pages = app.config.all_pages();
    let open = |mute: &Mute| match &mute.incident {
        Some(id) => pages.iter().any(|page| may_be_open(&dir, &page.key, id)),
        None => true,
    };
    let over = |mute: &Mute| !mute.holds(now) || !open(mute);
    let end = match (args.and_tell_end, args.also_back) {
        (true, _) => End::Always,
        (_, true) => End::Never,
        (false, false) => End::IfTold,
    };
    let new = match wish {
        Wish::Show => {
            let mutes: Vec<Mute> = shared.mutes.iter().filter(|m| !over(m)).cloned().collect();
            return show(&mutes, args.json, now, &zone, out).map(|()| ExitCode::Success);
        }
        Wish::Off => None,
        Wish::Until(until) => Some(Mute { incident: None, until: Some(until), end, since: now }),
        Wish::Incident(id) => Some(Mute { incident: Some(id), until: None, end, since: now }),
    };
    paths::prepare_state_dir(&dir)?;
    let mutes = change_mutes(&dir, |old| {
        let Some(new) = &new else { return Vec::new() };
        let kept = |mute: &Mute| !over(mute) && mute.incident != new.incident;
        old.into_iter().filter(kept).chain([new.clone()]).collect()
    })?;
    show(&mutes, args.json, now, &zone, out)?;
    if !args.json && Lock::holder(&dir)?.is_none() {
        writeln!(out, "No daemon is running; it heeds this when it is started with: ccwatch run")?;
    }
    Ok(ExitCode::Success)
}

/// Whether a page shows an incident as open; one that can't be asked now may.
fn may_be_open(dir: &Path, page: &str, id: &IncidentId) -> bool {
    let open =
        page_state(dir, page).map(|known| known.is_some_and(|(it, _)| it.incidents.is_open(id)));
    open.unwrap_or(true)
}

/// All that can be muted by its id: open incidents, and announced work that is not over.
fn open_ones(incidents: &Incidents) -> Vec<Incident> {
    let work = incidents.maintenances.iter().filter(|known| known.ended.is_none());
    incidents.open.iter().cloned().chain(work.map(|known| known.page.work.clone())).collect()
}

fn wish(
    words: &[String],
    now: Timestamp,
    zone: &TimeZone,
    open: &[Incident],
) -> Result<Wish, UsageError> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let time = |text: &str| {
        when::parse(text, now, zone, Side::Future).map_err(|error| UsageError {
            what: format!("{text:?}: {error}"),
            hint: "write it as 1h, until 18:00, or \"until tomorrow 9:00\"".to_owned(),
        })
    };
    match words.as_slice() {
        [] | ["list"] => Ok(Wish::Show),
        ["off"] => Ok(Wish::Off),
        ["until", rest @ ..] => time(&rest.join(" ")).map(Wish::Until),
        [one] => match incident(one, open) {
            Some(id) => Ok(Wish::Incident(id)),
            None if one.starts_with(|c: char| c.is_ascii_digit()) => time(one).map(Wish::Until),
            None => Err(no_incident(one, open)),
        },
        many => time(&many.join(" ")).map(Wish::Until),
    }
}

/// An open incident, by its id or its address.
fn incident(word: &str, open: &[Incident]) -> Option<IncidentId> {
    let id = word.trim_end_matches('/').rsplit('/').next()?;
    open.iter().find(|incident| incident.id.0 == id).map(|incident| incident.id.clone())
}

fn no_incident(word: &str, open: &[Incident]) -> UsageError {
    let list: Vec<String> =
        open.iter().map(|i| format!("{} ({})", i.id, sanitize::line(&i.name, 60))).collect();
    let known = if list.is_empty() { "none".to_owned() } else { list.join(", ") };
    UsageError {
        what: format!("{word:?} is no open incident, and no time"),
        hint: format!("open incidents: {known}; a time is 1h or until 18:00"),
    }
}

fn show(
    mutes: &[Mute],
    json: bool,
    now: Timestamp,
    zone: &TimeZone,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    if json {
        let answer = serde_json::json!({"version": 1, "muted": mutes});
        return Ok(print_json(&answer, out)?);
    }
    if mutes.is_empty() {
        writeln!(out, "Nothing is muted.")?;
    }
    lines(mutes.iter(), now, zone, out)?;
    Ok(())
}

/// A line for each mute; `status` shows them too.
pub(super) fn lines<'a>(
    mutes: impl Iterator<Item = &'a Mute>,
    now: Timestamp,
    zone: &TimeZone,
    out: &mut dyn Write,
) -> io::Result<()> {
    for mute in mutes {
        writeln!(out, "{}", sanitize::line(&text::muted(mute, now, zone), 300))?;
    }
    Ok(())
}
