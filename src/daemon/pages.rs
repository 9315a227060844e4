//! The pages that a daemon watches. Each has a monitor, a fetcher and a database of its own, and
//! knows of no other; what they share, the daemon gives to those whom it concerns.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tracing::Span;
use tracing::span::EnteredSpan;

use super::event_log::EventLog;
use super::hear::SessionRoads;
use super::{FindRoad, StateWriter};
use crate::page::fetch::Fetcher;
use crate::platform::logging::PAGE;
use crate::platform::paths;
use crate::render::sanitize;
use crate::store::{Heartbeat, Lock, Opened, Reader, Store, other_page_dirs, page_dir};
use ccwatch_core::monitor::{Input, Monitor, Saved};
use ccwatch_core::notice::sink::Sink;
use ccwatch_core::notice::{self, Bubble, FIRST_PAGE};
use ccwatch_core::settings::Settings;
use ccwatch_core::time::after;

/// Between the first polls of two pages; less where they are read more often than that.
const APART: Duration = Duration::from_secs(2);

/// The longest name of a page in the log, in characters.
const LONGEST: usize = 60;

/// A page as a configuration has it.
pub struct PageSetup {
    /// The word that stands for it.
    pub key: String,
    /// What the user wants of it.
    pub settings: Settings,
    /// Whether it is told only while requests go by it.
    pub by_road: bool,
    /// Reads it.
    pub fetcher: Fetcher,
}

/// All that a configuration wants to be watched.
pub struct Watchlist {
    /// The pages, the first one first.
    pub pages: Vec<PageSetup>,
    /// Whose news count.
    pub find_road: FindRoad,
}

/// A page that is watched.
pub struct WatchedPage {
    /// No other page of this process had the same: an answer to one that was watched before under
    /// the same key isn't taken for one to this.
    pub(super) life: u64,
    key: String,
    pub(super) monitor: Monitor,
    pub(super) fetcher: Arc<Fetcher>,
    pub(super) writer: StateWriter,
    pub(super) event_log: EventLog,
    /// Names it in the log.
    span: Span,
    by_road: bool,
    /// Something was given to its monitor since its commands were carried out.
    touched: bool,
    /// It is watched no more, and goes as soon as nothing of it is on its way to the screen.
    leaves: bool,
}

impl WatchedPage {
    /// The page of `setup`, as it was left in its place in the state directory.
    ///
    /// # Errors
    /// Its place can't be used, or a database there is of a newer ccwatch.
    pub fn open(setup: PageSetup, state: &Path, now: Timestamp) -> anyhow::Result<Self> {
        let dir = page_dir(state, &setup.key);
        if setup.key != FIRST_PAGE {
            // Its parent first: each is closed to others.
            dir.parent().map_or(Ok(()), paths::prepare_state_dir)?;
            paths::prepare_state_dir(&dir)?;
        }
        let (store, saved) = open_store(&dir, now)?;
        Ok(Self::new(setup, saved, StateWriter::new(dir, store, Heartbeat::first(now)), now))
    }

    fn new(setup: PageSetup, saved: Saved, writer: StateWriter, now: Timestamp) -> Self {
        let PageSetup { key, settings, by_road, fetcher } = setup;
        let span = settings.label.as_ref().map(|label| {
            let name = sanitize::line(&label.name, LONGEST);
            tracing::error_span!(PAGE, message = %name)
        });
        Self {
            span: span.unwrap_or_else(Span::none),
            by_road,
            life: 0,
            key,
            monitor: Monitor::new(settings, saved, now),
            fetcher: Arc::new(fetcher),
            writer,
            event_log: EventLog::default(),
            touched: true,
            leaves: false,
        }
    }

    /// The word that stands for it.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// What is logged while this is held is of this page.
    pub(super) fn in_log(&self) -> EnteredSpan {
        self.span.clone().entered()
    }

    /// The core of it.
    pub fn monitor(&self) -> &Monitor {
        &self.monitor
    }

    /// The same with a writer that holds the daemon's lock.
    #[must_use]
    pub fn guarded_by(self, lock: Lock) -> Self {
        Self { writer: self.writer.guarded_by(lock), ..self }
    }

    pub(super) fn handle(&mut self, now: Timestamp, input: Input) {
        self.monitor.handle(now, input);
        self.touched = true;
    }

    /// What the user wants of it is another thing now.
    pub(super) fn reconfigure(&mut self, now: Timestamp, setup: PageSetup, road: &str) {
        self.by_road = setup.by_road;
        let on_road = self.is_told_on(road);
        self.fetcher = Arc::new(setup.fetcher);
        let settings = Settings { on_road, ..setup.settings };
        self.handle(now, Input::Reconfigured(Box::new(settings)));
    }

    /// Whether what begins on it is told while requests go by the page with this key.
    fn is_told_on(&self, road: &str) -> bool {
        !self.by_road || self.key == road
    }

    /// Requests go by the page with this key from now on.
    fn follow(&mut self, now: Timestamp, road: &str) {
        let on_road = self.is_told_on(road);
        let settings = self.monitor.state().settings();
        if settings.on_road != on_road {
            let settings = Settings { on_road, ..settings.clone() };
            self.handle(now, Input::Reconfigured(Box::new(settings)));
        }
    }

    /// Gives its writer something for the next transaction.
    pub(super) fn notes(&mut self, note: impl FnOnce(&mut StateWriter)) {
        note(&mut self.writer);
        self.touched = true;
    }

    /// Does what is due, if anything is.
    pub(super) fn handle_timeout(&mut self, now: Timestamp) {
        if self.monitor.poll_timeout().is_some_and(|at| at <= now) {
            self.monitor.handle_timeout(now);
            self.touched = true;
        }
    }

    /// The page, if there may be commands that were not carried out yet, which then are.
    pub(super) fn if_touched(&mut self) -> Option<&mut Self> {
        std::mem::take(&mut self.touched).then_some(self)
    }

    /// Whether it is still to be read.
    pub(super) fn stays(&self) -> bool {
        !self.leaves
    }

    /// It is not watched any more: nothing of it is to be told, nor to stand on the screen. What is
    /// on its way there is heard of first.
    fn fall_silent(&mut self, now: Timestamp) {
        self.leaves = true;
        let settings = self.monitor.state().settings().clone();
        let silent = Settings { sinks: BTreeSet::new(), ..settings };
        self.handle(now, Input::Reconfigured(Box::new(silent)));
    }
}

/// All of them: the first one is always there.
pub struct Pages {
    first: WatchedPage,
    others: Vec<WatchedPage>,
    lives: u64,
    /// The key of the page that requests go by.
    road: String,
    pub(super) session_roads: SessionRoads,
}

impl Pages {
    /// The first page, and those beside it. Their first polls are spread, unless all are wanted `at_once`.
    pub fn new(
        first: WatchedPage,
        others: Vec<WatchedPage>,
        at_once: bool,
        now: Timestamp,
    ) -> Self {
        let road = FIRST_PAGE.to_owned();
        let session_roads = SessionRoads::default();
        let mut pages = Self { first, others: Vec::new(), lives: 0, road, session_roads };
        for mut page in others {
            if !at_once {
                let interval = page.monitor.state().settings().interval;
                let number = u32::try_from(pages.others.len() + 1).unwrap_or(1);
                page.monitor.poll_first_at(after(now, APART.min(interval / 4) * number));
            }
            pages.add(page);
        }
        pages
    }

    pub(super) fn add(&mut self, mut page: WatchedPage) {
        self.lives += 1;
        page.life = self.lives;
        // One of the same key that was about to go.
        self.others.retain(|other| other.key != page.key);
        self.others.push(page);
    }

    /// Requests go by the page with this key from now on; by the first one where that isn't watched.
    pub fn follow(&mut self, now: Timestamp, road: String) {
        let road = self.of_key(&road).map_or(FIRST_PAGE, |page| page.key()).to_owned();
        if road != self.road {
            tracing::info!("your requests go by the page {road} now");
            self.road = road;
        }
        let road = self.road.clone();
        self.iter_mut().for_each(|page| page.follow(now, &road));
    }

    /// Whether there is another page than the first.
    pub(super) fn are_many(&self) -> bool {
        !self.others.is_empty()
    }

    /// The key of the page that requests go by.
    pub(super) fn road(&self) -> &str {
        &self.road
    }

    /// The page that requests go by; the first one where that isn't watched.
    pub(super) fn on_road(&self) -> &WatchedPage {
        self.others.iter().find(|page| page.key == self.road).unwrap_or(&self.first)
    }

    pub(super) fn first(&self) -> &WatchedPage {
        &self.first
    }

    pub(super) fn first_mut(&mut self) -> &mut WatchedPage {
        &mut self.first
    }

    /// All pages.
    pub fn iter(&self) -> impl Iterator<Item = &WatchedPage> {
        std::iter::once(&self.first).chain(&self.others)
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut WatchedPage> {
        std::iter::once(&mut self.first).chain(&mut self.others)
    }

    pub(super) fn of_life(&mut self, life: u64) -> Option<&mut WatchedPage> {
        self.iter_mut().find(|page| page.life == life)
    }

    /// The page with this key, while it is watched.
    pub(super) fn of_key(&mut self, key: &str) -> Option<&mut WatchedPage> {
        self.iter_mut().find(|page| page.key == key && !page.leaves)
    }

    /// The page that a notice is of, by its key or that of its thread.
    pub(super) fn of_notice(&mut self, key: &str) -> Option<&mut WatchedPage> {
        let of = notice::page_of(key);
        self.iter_mut().find(|page| page.key == of)
    }

    /// Those that are not among `kept` are no longer watched; the first one always is.
    pub(super) fn keep(&mut self, now: Timestamp, kept: impl Fn(&str) -> bool) {
        for page in self.others.iter_mut().filter(|page| !page.leaves && !kept(&page.key)) {
            tracing::info!("{} is not watched any more", page.key);
            page.fall_silent(now);
        }
    }

    /// Those that are no longer watched go, once their last commands were carried out and nothing
    /// of them is on its way to the screen.
    pub(super) fn let_go(&mut self) {
        let goes = |page: &WatchedPage| {
            page.leaves && !page.touched && !page.monitor.outboxes().is_sending()
        };
        self.others.retain(|page| !goes(page));
    }

    /// The next deadline of any.
    pub(super) fn poll_timeout(&self) -> Option<Timestamp> {
        self.iter().filter_map(|page| page.monitor.poll_timeout()).min()
    }

    /// Whether something waits for a sink.
    pub(super) fn wait_for(&self, sink: Sink) -> bool {
        self.iter().any(|page| page.monitor.outboxes().of(sink).waiting().is_some())
    }
}

/// The database in a directory, and what was known. A disk that is full or can't be written delays
/// the one, and stops nobody from watching.
fn open_store(dir: &Path, now: Timestamp) -> anyhow::Result<(Option<Store>, Saved)> {
    match Store::open(dir, now) {
        Ok(Opened { store, saved, rebuilt }) => {
            if let Some(damaged) = rebuilt {
                let damaged = damaged.display();
                tracing::warn!(
                    "the database was damaged: it was moved to {damaged}, and begins anew"
                );
            }
            Ok((Some(store), saved))
        }
        Err(error) if error.is_of_the_disk() => {
            let hint = error.hint().unwrap_or("check the disk");
            tracing::error!("{error}; ccwatch begins without it, from memory (hint: {hint})");
            let saved = Reader::open(dir).and_then(|reader| reader.map(|r| r.saved()).transpose());
            Ok((None, saved.ok().flatten().unwrap_or_default()))
        }
        Err(error) => Err(error.into()),
    }
}

/// The bubbles of pages that are no longer watched and say that an outage goes on: nobody tells its
/// end.
pub(super) fn left_behind(state: &Path, pages: &Pages) -> Vec<Bubble> {
    let mut dirs = other_page_dirs(state);
    dirs.retain(|(key, _)| !pages.iter().any(|page| page.key == *key));
    let saved = dirs.iter().filter_map(|(_, dir)| Reader::open(dir).ok()??.saved().ok());
    saved.flat_map(|saved| saved.says_outage().collect::<Vec<_>>()).collect()
}

/// Opens the pages beside the first one. One that can't be opened stops no other.
pub fn open_others(setups: Vec<PageSetup>, state: &Path, now: Timestamp) -> Vec<WatchedPage> {
    let open = |setup: PageSetup| {
        let key = setup.key.clone();
        let opened = WatchedPage::open(setup, state, now);
        opened.inspect_err(|error| tracing::error!("{key} is not watched: {error:#}")).ok()
    };
    setups.into_iter().filter_map(open).collect()
}
