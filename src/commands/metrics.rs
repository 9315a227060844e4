//! `ccwatch metrics`: what is known, as Prometheus reads it.
//!
//! It knows what `status` knows, by the same way. What isn't known now is `unknown` or left out, and
//! never the last that was well. Of the page's text nothing gets in but the names and ids of what is
//! watched: titles and updates of incidents would make a new series each.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use url::Url;

use crate::app::App;
use crate::app::exit_code::ExitCode;
use crate::app::explain::Explained;
use crate::cli;
use crate::client::beside::DaemonState;
use crate::client::pages::{WatchedPicture, pages};
use crate::client::picture::Picture;
use crate::config::pages::Role;
use crate::render::prometheus::Exposition;
use crate::render::sanitize;
use crate::store::{Reader, StoreError, page_dir};
use ccwatch_core::model::Level;
use ccwatch_core::notice::DeliveryState;
use ccwatch_core::notice::kind::Kind;
use ccwatch_core::notice::sink::Sink;
use ccwatch_core::state::component::{Component, State};
use ccwatch_core::state::verdict::Verdict;
use ccwatch_core::time::shifted;

/// The window of what is counted.
const DAY: SignedDuration = SignedDuration::from_hours(24);
/// The longest label, in characters.
const LABEL: usize = 100;
/// So many components are shown; what comes after them is left out, which their count betrays. A page
/// may list as many as fit into its body.
const MOST: usize = 200;

/// The file could not be written.
#[derive(Debug, thiserror::Error)]
#[error("can't write {}: {why}", path.display())]
pub struct MetricsError {
    path: PathBuf,
    why: io::Error,
}

impl Explained for MetricsError {
    fn exit_code(&self) -> ExitCode {
        ExitCode::Store
    }

    fn next_step(&self) -> Option<String> {
        let dir = self.path.parent().filter(|dir| !dir.as_os_str().is_empty());
        let dir = dir.unwrap_or(Path::new(".")).display();
        Some(format!("make {dir} a directory in which you may make and rename files"))
    }
}

/// Prints them, or puts them in the place of a file, whole.
pub fn run(app: &App, args: &cli::Metrics, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let picture = Picture::look(app)?;
    let mut exposed = Exposition::default();
    for WatchedPicture { page, picture } in pages(app, app, &picture) {
        let Some(picture) = picture else { continue };
        let kept = kept(app, &page.key, picture.now).unwrap_or_else(|error| {
            tracing::warn!("{error}; what was counted is left out");
            None
        });
        let label = match page.role {
            Role::First => page_label(&app.config.page.url),
            Role::Other | Role::Bedrock | Role::Vertex | Role::Foundry => page.key.clone(),
        };
        expose(&mut exposed, &picture, kept.as_ref(), &label, page.role);
    }
    let text = exposed.into_text();
    match &args.output {
        None => out.write_all(text.as_bytes())?,
        Some(path) => {
            replace(path, &text).map_err(|why| MetricsError { path: path.clone(), why })?;
        }
    }
    Ok(ExitCode::Success)
}

/// Writes a new file beside the old one and puts it in its place: who reads it finds the one or the
/// other. All may read it, for node_exporter has a user of its own.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let name = path.file_name().ok_or(io::ErrorKind::InvalidFilename)?.to_string_lossy();
    // The collector reads what ends in .prom, and nothing else.
    let new = path.with_file_name(format!(".{name}.{}.new", std::process::id()));
    let written = write_new(&new, text).and_then(|()| fs::rename(&new, path));
    if written.is_err() {
        // Its own error says more than one of the tidying up.
        let _ = fs::remove_file(&new);
    }
    written
}

fn write_new(path: &Path, text: &str) -> io::Result<()> {
    // One that a killed process of this number left behind.
    let _ = fs::remove_file(path);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    file.set_permissions(Permissions::from_mode(0o644))?;
    file.sync_all()
}

/// What the page is called in every sample: its address without what goes without saying.
fn page_label(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    let port = url.port().map_or_else(String::new, |port| format!(":{port}"));
    format!("{host}{port}{}", url.path().trim_end_matches('/'))
}

/// What was counted in the last day.
#[derive(Debug, Default, PartialEq, Eq)]
struct Kept {
    notices: BTreeMap<Kind, u64>,
    deliveries: BTreeMap<(Sink, &'static str), u64>,
}

/// From the database; none where there is none, for then nobody counted.
fn kept(app: &App, page: &str, now: Timestamp) -> Result<Option<Kept>, StoreError> {
    let Ok(dir) = app.state_dir() else { return Ok(None) };
    let Some(reader) = Reader::open(&page_dir(&dir, page))? else { return Ok(None) };
    let mut kept = Kept::default();
    for stored in reader.notices(shifted(now, -DAY))? {
        *kept.notices.entry(stored.notice.kind).or_default() += 1;
        for (sink, delivery) in stored.deliveries {
            *kept.deliveries.entry((sink, delivery.state.as_str())).or_default() += 1;
        }
    }
    Ok(Some(kept))
}

/// All of one page. Every sample names its page, so that two of them have no series in common; what is
/// not of a page is said with the first.
fn expose(out: &mut Exposition, picture: &Picture, kept: Option<&Kept>, page: &str, role: Role) {
    let page = &("page", page);
    let is_first = role == Role::First;
    if is_first {
        out.gauge(
            "ccwatch_build_info",
            "The version of ccwatch that wrote this; always 1.",
            [(vec![*page, ("version", env!("CARGO_PKG_VERSION"))], 1)],
        );
    }
    daemon(out, picture, *page);
    reading(out, picture, *page);
    verdict(out, picture, *page);
    components(out, picture, *page);
    let Some(kept) = kept else { return };
    if is_first || role.path().is_some() {
        seen_here(out, picture, *page);
    }
    counted(out, kept, *page);
    if is_first {
        sessions(out, picture, *page);
    }
}

/// A label of every sample.
type Label<'a> = (&'static str, &'a str);

fn daemon(out: &mut Exposition, picture: &Picture, page: Label<'_>) {
    let up = picture.daemon == DaemonState::Works;
    out.gauge(
        "ccwatch_daemon_up",
        "Whether a daemon reads the page and writes down what it reads.",
        [(vec![page], u8::from(up))],
    );
    out.gauge(
        "ccwatch_daemon_start_time_seconds",
        "When the daemon was started, in seconds since the epoch; left out without one.",
        picture.heartbeat.iter().map(|beat| (vec![page], beat.started_at.as_second())),
    );
}

fn reading(out: &mut Exposition, picture: &Picture, page: Label<'_>) {
    let stale_after = picture.page.settings().stale_after;
    let health = picture.page.page_health();
    let readable = health.last_good.is_some() && health.failing.is_none();
    out.gauge(
        "ccwatch_page_readable",
        "Whether the newest try to read the page gave a reading that is believed.",
        [(vec![page], u8::from(readable))],
    );
    out.gauge(
        "ccwatch_page_last_read_timestamp_seconds",
        "When the page was last read well, in seconds since the epoch; 0 for never.",
        [(vec![page], health.last_good.map_or(0, Timestamp::as_second))],
    );
    out.gauge(
        "ccwatch_page_stale_after_seconds",
        "The age from which a reading no longer counts as current.",
        [(vec![page], stale_after.as_secs())],
    );
}

fn verdict(out: &mut Exposition, picture: &Picture, page: Label<'_>) {
    let own = picture.verdict();
    let state =
        |verdict: Verdict| (vec![page, ("verdict", verdict.as_str())], u8::from(verdict == own));
    out.gauge(
        "ccwatch_verdict",
        "What ccwatch advises: 1 for the verdict that holds, 0 for the others.",
        Verdict::ALL.map(state),
    );
}

/// One watched component: its labels, its level as of now, and whether it doesn't concern the user.
struct Row {
    name: String,
    id: String,
    level: Level,
    filtered: bool,
}

impl Row {
    fn labels<'a>(&'a self, page: Label<'a>) -> Vec<Label<'a>> {
        vec![page, ("component", &self.name), ("id", &self.id)]
    }
}

/// What is watched, whether or not the page lists it; what of it isn't known now is unknown.
fn watched(picture: &Picture) -> Vec<Row> {
    let page = &picture.page;
    let current = is_current(picture);
    let is_gone =
        |component: &Component| matches!(component.state, State::Gone { confirmed: true, .. });
    let row = |component: &Component| Row {
        name: sanitize::line(component.shown_name(), LABEL),
        id: sanitize::line(&component.id.0, LABEL),
        level: if current && component.is_listed() { component.level } else { Level::Unknown },
        filtered: page.filtered(component).is_some(),
    };
    let missing = |entry: &str| Row {
        name: sanitize::line(entry, LABEL),
        id: String::new(),
        level: Level::Unknown,
        filtered: false,
    };
    let there = page.watched().filter(|component| !is_gone(component)).map(row);
    match page.components().is_empty() {
        // Before the page was read nobody knows what the entries mean.
        true => page.settings().watch.iter().map(|entry| missing(entry)).collect(),
        false => there.chain(page.missing_entries().into_iter().map(missing)).collect(),
    }
}

fn is_current(picture: &Picture) -> bool {
    let stale_after = picture.page.settings().stale_after;
    picture.page.page_health().is_current(picture.now, stale_after)
}

fn components(out: &mut Exposition, picture: &Picture, page: Label<'_>) {
    let all = watched(picture);
    let shown = all.get(..MOST).unwrap_or(&all);
    out.gauge(
        "ccwatch_watched_components",
        "How many components, and entries that nothing answers to, are watched.",
        [(vec![page], all.len())],
    );
    out.gauge(
        "ccwatch_component_level",
        "How a watched component is: 1 for its level, 0 for the others.",
        shown.iter().flat_map(|row| {
            Level::ALL.map(|level| {
                let mut labels = row.labels(page);
                labels.push(("level", level.as_str()));
                (labels, u8::from(level == row.level))
            })
        }),
    );
    out.gauge(
        "ccwatch_component_filtered",
        "Whether what is wrong with it doesn't concern this user, by models and min_level.",
        shown.iter().map(|row| (row.labels(page), u8::from(row.filtered))),
    );
    let open = is_current(picture).then(|| picture.page.incidents().open.len());
    out.gauge(
        "ccwatch_incidents_open",
        "Incidents that the page shows as open; left out while that isn't known.",
        open.map(|open| (vec![page], open)),
    );
}

fn seen_here(out: &mut Exposition, picture: &Picture, page: Label<'_>) {
    let (server, other) = picture.page.witness().counts(shifted(picture.now, -DAY));
    out.gauge(
        "ccwatch_local_errors_last_day",
        "API errors that sessions on this machine saw in 24 hours, as far as ccwatch is told of them.",
        [("server", server), ("other", other)].map(|(whose, n)| (vec![page, ("whose", whose)], n)),
    );
}

fn counted(out: &mut Exposition, kept: &Kept, page: Label<'_>) {
    let kinds = Kind::ALL.iter().map(|kind| {
        (vec![page, ("kind", kind.as_str())], kept.notices.get(kind).copied().unwrap_or(0))
    });
    out.gauge("ccwatch_notices_last_day", "Notices decided in 24 hours, by their kind.", kinds);
    let deliveries = Sink::ALL.into_iter().flat_map(|sink| {
        DeliveryState::ALL.map(|state| {
            let n = kept.deliveries.get(&(sink, state.as_str())).copied().unwrap_or(0);
            (vec![page, ("sink", sink.as_str()), ("state", state.as_str())], n)
        })
    });
    out.gauge(
        "ccwatch_deliveries_last_day",
        "What became of these notices with each sink that was to take them.",
        deliveries,
    );
}

fn sessions(out: &mut Exposition, picture: &Picture, page: Label<'_>) {
    let sessions = picture.page.sessions();
    out.gauge(
        "ccwatch_stopped_sessions",
        "Sessions of Claude Code that an API error stopped lately, by who goes on with them.",
        [("themselves", sessions.going_on), ("user", sessions.yours)]
            .map(|(who, n)| (vec![page, ("by", who)], n)),
    );
}
