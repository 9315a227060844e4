//! `ccwatch uptime`: a bar a day for each component, as people know it from status pages.

use std::io::{self, Write};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde_json::json;

use crate::app::App;
use crate::app::exit_code::ExitCode;
use crate::app::usage::UsageError;
use crate::cli;
use crate::client::pages;
use crate::platform::clock;
use crate::render::columns;
use crate::store::Reader;
use ccwatch_core::history::uptime::{Stretch, Watch, stretches};
use ccwatch_core::model::Level;
use ccwatch_core::monitor::Transition;
use ccwatch_core::state::component::Component;
use ccwatch_core::state::{PageState, SavedState};
use ccwatch_core::time::when::{self, Side};

use crate::render::json::print_json;
use crate::render::names::Names;

/// The longest row of days; the rest goes into more rows of the same length.
const ROW: usize = 66;
/// The date in front of a row, with what is around it.
const DATE: usize = 10;
const NAME: usize = 40;
/// No more days are drawn.
const MOST: u16 = 3660;

/// The days, by the calendar of the user's zone.
struct Days {
    dates: Vec<Date>,
    /// One more than there are days: today ends now.
    bounds: Vec<Timestamp>,
}

/// How a day is drawn.
#[derive(Clone, Copy)]
struct Style {
    colours: bool,
    blocks: bool,
}

/// Tells.
pub fn run(
    app: &App,
    args: &cli::Uptime,
    out: &mut dyn Write,
    colours: bool,
) -> anyhow::Result<ExitCode> {
    let dir = app.page_dir()?;
    let settings = app.settings();
    let now = clock::now();
    let days = Days::asked(args, now, &settings.zone)?;
    let reader = Reader::open(&dir)?;
    let begun = reader.is_some();
    let (saved, transitions, watches): (_, _, Vec<Watch>) = match reader {
        None => (SavedState::default(), Vec::new(), Vec::new()),
        Some(reader) => {
            let watches =
                reader.watches(Timestamp::MIN)?.iter().map(|w| (w.since, w.until)).collect();
            (reader.state()?, reader.transitions(Timestamp::MIN, None)?, watches)
        }
    };
    let page = PageState::restore(settings, saved, now);
    UsageError::check_components(&args.components, &page)?;
    let wanted = |c: &&Component| args.all || c.watched.is_some();
    let rows: Vec<(&Component, Vec<Stretch>)> = page
        .components()
        .iter()
        .filter(wanted)
        .map(|c| (c, of(c, &transitions, &watches, &days)))
        .collect();
    let watched_since = watches.first().map(|(since, _)| *since);
    if args.json {
        return json(&page, &rows, &days, watched_since, out).map(|()| ExitCode::Success);
    }
    pages::heading(page.settings(), out)?;
    if rows.is_empty() {
        writeln!(out, "{}", nothing(begun))?;
    } else {
        let names = Names::of(page.components(), NAME);
        print_text(&rows, &names, &days, Style { colours, blocks: colours && is_utf8() }, out)?;
        if let Some(since) = watched_since {
            let since = since.to_zoned_datetime(page.settings().zone.clone());
            writeln!(out, "Watched since {}", since.strftime("%Y-%m-%d %H:%M"))?;
        }
    }
    Ok(ExitCode::Success)
}

fn of(
    component: &Component,
    transitions: &[Transition],
    watches: &[Watch],
    days: &Days,
) -> Vec<Stretch> {
    stretches(&component.id, transitions, component.level, watches, &days.bounds)
}

impl Days {
    /// Those that the command line asks for.
    fn asked(args: &cli::Uptime, now: Timestamp, zone: &TimeZone) -> anyhow::Result<Self> {
        let date = |text: &String| -> anyhow::Result<Date> {
            let at = when::parse(text, now, zone, Side::Past).map_err(|error| UsageError {
                what: format!("{text:?}: {error}"),
                hint: error.hint().to_owned(),
            })?;
            Ok(at.to_zoned_datetime(zone.clone()).date())
        };
        let last = args.until.as_ref().map(date).transpose()?;
        let last = last.unwrap_or_else(|| now.to_zoned_datetime(zone.clone()).date());
        let first = match &args.since {
            Some(since) => date(since)?,
            None => last.checked_sub(i32::from(args.days - 1).days())?,
        };
        let count = i64::from(first.until(last)?.get_days()) + 1;
        match u16::try_from(count) {
            Ok(count @ 1..=MOST) => Self::up_to(last, count, now, zone),
            Ok(_) | Err(_) => Err(UsageError {
                what: format!("from {first} to {last} are no days, or more than {MOST}"),
                hint: "the earlier time belongs to --since".to_owned(),
            }
            .into()),
        }
    }

    fn up_to(last: Date, count: u16, now: Timestamp, zone: &TimeZone) -> anyhow::Result<Self> {
        let back = (0..count).rev().map(|n| last.checked_sub(i32::from(n).days()));
        let dates = back.collect::<Result<Vec<Date>, _>>()?;
        let start = |date: Date| Ok(date.to_zoned_datetime(zone.clone())?.timestamp());
        let starts = dates.iter().copied().map(start);
        let mut bounds = starts.collect::<Result<Vec<Timestamp>, jiff::Error>>()?;
        bounds.push(start(last.checked_add(1.day())?)?.min(now));
        Ok(Self { dates, bounds })
    }
}

/// Why there is nothing to show, and what to do.
fn nothing(begun: bool) -> &'static str {
    match begun {
        false => "Nothing was written down yet. Start the daemon with: ccwatch run",
        true => "Nothing is known yet of what you watch; what the page lists: ccwatch status --all",
    }
}

fn sum(days: &[Stretch]) -> Stretch {
    days.iter().fold(Stretch::default(), |sum, day| sum.plus(day))
}

fn print_text(
    rows: &[(&Component, Vec<Stretch>)],
    names: &Names,
    days: &Days,
    style: Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let room = columns::of(io::stdout()).map(|columns| columns.saturating_sub(DATE).max(DATE));
    let row = room.unwrap_or(ROW).min(ROW);
    for (component, stretches) in rows {
        let name = names.get(&component.id);
        let whole = sum(stretches);
        let uptime = whole.uptime().map_or("not watched".to_owned(), |up| {
            // Cut, not rounded: 100 % is only what never failed.
            format!("{:.2} % uptime", (up * 10_000.0).floor() / 100.0)
        });
        let watched =
            format!("watched {:.1} of {} days", whole.watched / 86_400.0, stretches.len());
        writeln!(out, "{name}  {uptime}, {watched}")?;
        let count = stretches.len().div_ceil(stretches.len().div_ceil(row).max(1)).max(1);
        for (cells, dates) in stretches.chunks(count).zip(days.dates.chunks(count)) {
            let date = dates.first().map(|date| date.strftime("%d %b").to_string());
            writeln!(out, "  {}  {}", date.unwrap_or_default(), style.bar(cells))?;
        }
        writeln!(out)?;
    }
    writeln!(out, "{}", style.legend())
}

impl Style {
    fn bar(self, days: &[Stretch]) -> String {
        days.iter().map(|day| self.cell(day.worst)).collect()
    }

    /// Blocks in colours where the terminal has them; else a letter for each level.
    fn cell(self, worst: Option<Level>) -> String {
        let (letter, colour) = match worst {
            None | Some(Level::Unknown) => ("-", "90"),
            Some(Level::Operational) => (".", "32"),
            Some(Level::Maintenance) => ("w", "34"),
            Some(Level::Reported) => ("r", "36"),
            Some(Level::Degraded) => ("d", "33"),
            Some(Level::Partial) => ("p", "35"),
            Some(Level::Major) => ("M", "31"),
        };
        let seen = worst.is_some_and(|level| level != Level::Unknown);
        let sign = match (self.blocks, seen) {
            (true, true) => "█",
            (true, false) => "░",
            (false, _) => letter,
        };
        if self.colours { format!("\x1b[{colour}m{sign}\x1b[0m") } else { sign.to_owned() }
    }

    fn legend(self) -> String {
        let names = [
            (Some(Level::Operational), "operational"),
            (Some(Level::Maintenance), "maintenance"),
            (Some(Level::Reported), "reported"),
            (Some(Level::Degraded), "degraded"),
            (Some(Level::Partial), "partial"),
            (Some(Level::Major), "major"),
            (None, "not watched"),
        ];
        names.map(|(level, name)| format!("{} {name}", self.cell(level))).join("  ")
    }
}

/// Whether the terminal's encoding has blocks.
fn is_utf8() -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .filter_map(std::env::var_os)
        .find(|value| !value.is_empty());
    let utf8 = |value: &str| value.to_lowercase().replace('-', "").contains("utf8");
    locale.is_some_and(|value| value.to_str().is_some_and(utf8))
}

/// Version 1 of a documented shape.
fn json(
    page: &PageState,
    rows: &[(&Component, Vec<Stretch>)],
    days: &Days,
    watched_since: Option<Timestamp>,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let day = |(date, stretch): (&Date, &Stretch)| {
        json!({
            "date": date.to_string(),
            "watched_seconds": stretch.watched.round(),
            "partial_seconds": stretch.partial.round(),
            "major_seconds": stretch.major.round(),
            "worst": stretch.worst,
        })
    };
    let row = |(component, stretches): &(&Component, Vec<Stretch>)| {
        let whole = sum(stretches);
        json!({
            "id": component.id,
            "name": component.name,
            "uptime": whole.uptime(),
            "watched_seconds": whole.watched.round(),
            "days": days.dates.iter().zip(stretches).map(day).collect::<Vec<_>>(),
        })
    };
    let answer = json!({
        "version": 1,
        "page": pages::key(page.settings()),
        "from": days.bounds.first(),
        "until": days.bounds.last(),
        "watched_since": watched_since,
        "components": rows.iter().map(row).collect::<Vec<_>>(),
    });
    Ok(print_json(&answer, out)?)
}
