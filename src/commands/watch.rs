//! `ccwatch watch`: the answer of `status`, live and on the whole screen.
//!
//! What is drawn is a function of what is known (`view`); the follower keeps that up to date, and
//! this file the terminal in order.

mod fit;
mod view;

use std::io::{self, IsTerminal};
use std::path::Path;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::app::exit_code::ExitCode;
use crate::app::explain::Explained;
use crate::app::usage::UsageError;
use crate::app::{App, road};
use crate::claude_code::place::environment;
use crate::cli;
use crate::client::follow::Follower;
use crate::client::picture::Picture;
use crate::platform::lifecycle::Signals;
use crate::store::{Reader, StoreError};
use crate::tty;
use ccwatch_core::history::uptime::Watch;
use ccwatch_core::monitor::Transition;
use ccwatch_core::time::shifted;

/// How far back changes are shown.
const PAST: SignedDuration = SignedDuration::from_hours(7 * 24);

/// There is nothing that can be drawn on.
#[derive(Debug, thiserror::Error)]
#[error("a terminal is needed to watch")]
pub struct NoScreen;

impl Explained for NoScreen {
    fn exit_code(&self) -> ExitCode {
        ExitCode::Usage
    }

    fn next_step(&self) -> Option<String> {
        Some("for one answer as text run: ccwatch status".to_owned())
    }
}

/// Watches until `q`, Ctrl-C or a signal.
pub fn run(app: &App, args: &cli::Watch, colours: bool) -> anyhow::Result<ExitCode> {
    let about = app.clone().on_page(args.page.as_deref())?;
    if !tty::can_draw(&io::stdout()) || !io::stdin().is_terminal() {
        return Err(NoScreen.into());
    }
    let runtime = crate::app::runtime()?;
    let done = runtime.block_on(async {
        let signals = Signals::listen()?;
        let mut live = Live::start(app, args, about)?;
        UsageError::check_components(&args.components, &live.picture.page)?;
        let mut screen = Screen { terminal: ratatui::try_init()?, colours };
        live.watch(&mut screen, signals).await
    });
    runtime.shutdown_timeout(Duration::ZERO);
    done?;
    Ok(ExitCode::Success)
}

/// The terminal, which is given back as it was however this ends; `ratatui` sees to panics.
struct Screen {
    terminal: ratatui::DefaultTerminal,
    colours: bool,
}

impl Drop for Screen {
    fn drop(&mut self) {
        ratatui::restore();
    }
}

/// What is on the screen, and what keeps it up to date.
struct Live<'a> {
    whole: &'a App,
    args: &'a cli::Watch,
    /// The key of the page.
    page: String,
    follower: Follower,
    picture: Picture,
    changes: Vec<Transition>,
    /// The times in which the page could be seen, oldest first.
    watches: Vec<Watch>,
    /// When the database was read that the changes are of.
    changes_of: Option<Timestamp>,
    all: bool,
    scrolled: u16,
}

impl<'a> Live<'a> {
    /// Whatever is wrong from the beginning is said before the screen is ours.
    fn start(whole: &'a App, args: &'a cli::Watch, about: App) -> anyhow::Result<Self> {
        let page = about.page_key().to_owned();
        let follower = Follower::start_for_a_screen(&about.watching(&args.components))?;
        let picture = follower.picture();
        let (changes, watches, changes_of) = (Vec::new(), Vec::new(), None);
        let (all, scrolled) = (args.all, 0);
        let mut live = Self {
            whole,
            args,
            page,
            follower,
            picture,
            changes,
            watches,
            changes_of,
            all,
            scrolled,
        };
        live.refresh();
        Ok(live)
    }

    async fn watch(&mut self, screen: &mut Screen, mut signals: Signals) -> anyhow::Result<()> {
        let mut keys = keys();
        loop {
            self.draw(screen)?;
            tokio::select! {
                _ = signals.next() => return Ok(()),
                key = keys.recv() => match key {
                    Some(event) if !self.leaves(&event) => {}
                    _ => return Ok(()),
                },
                () = self.follower.step() => self.refresh(),
            }
        }
    }

    fn draw(&mut self, screen: &mut Screen) -> io::Result<()> {
        let scene = view::Scene {
            picture: &self.picture,
            unreadable: self.follower.unreadable(),
            changes: &self.changes,
            watches: &self.watches,
            all: self.all,
            scrolled: self.scrolled,
            colours: screen.colours,
        };
        screen.terminal.draw(|frame| view::draw(frame, &scene)).map(|_| ())
    }

    /// Whether a key asks to leave; the others are obeyed.
    fn leaves(&mut self, event: &Event) -> bool {
        let Event::Key(KeyEvent { code, modifiers, kind, .. }) = event else { return false };
        if *kind == KeyEventKind::Release {
            return false;
        }
        match code {
            KeyCode::Char('c') if modifiers.contains(KeyModifiers::CONTROL) => return true,
            KeyCode::Char('q') | KeyCode::Esc => return true,
            KeyCode::Char('a') => self.all = !self.all,
            KeyCode::Down | KeyCode::Char('j') => self.scrolled = self.scrolled.saturating_add(1),
            KeyCode::Up | KeyCode::Char('k') => self.scrolled = self.scrolled.saturating_sub(1),
            KeyCode::Home => self.scrolled = 0,
            _ => {}
        }
        false
    }

    /// At each poll: the page of the road, where that is another one by now.
    fn follow_the_road(&mut self, polled: bool) {
        if !polled || self.args.page.is_some() {
            return;
        }
        let cwd = std::env::current_dir().unwrap_or_default();
        let found = road::page(&self.whole.config, &environment, cwd);
        let Some(page) = found.filter(|key| *key != self.page) else { return };
        let Some(about) = self.whole.config.page_named(&page) else { return };
        let about = self.whole.clone().about(about).watching(&self.args.components);
        match Follower::start_for_a_screen(&about) {
            Ok(follower) => {
                self.picture = follower.picture();
                (self.page, self.follower) = (page, follower);
                (self.changes, self.watches) = (Vec::new(), Vec::new());
                (self.changes_of, self.scrolled) = (None, 0);
            }
            Err(error) => tracing::debug!("the page {page} can't be followed: {error:#}"),
        }
    }

    /// Draws what the follower knows from now on; the changes only where the database has more.
    fn refresh(&mut self) {
        let tried_before = self.picture.page.page_health().last_attempt;
        self.picture = self.follower.picture();
        let polled = self.picture.page.page_health().last_attempt != tried_before;
        self.follow_the_road(polled);
        let read_at = self.follower.read_at();
        if read_at == self.changes_of {
            return;
        }
        self.changes_of = read_at;
        let Some(dir) = self.follower.dir() else { return };
        match changes(&dir, self.picture.now) {
            Ok((changes, watches)) => (self.changes, self.watches) = (changes, watches),
            // The screen is ours: what is known of now is worth more than this.
            Err(error) => tracing::debug!("the changes can't be read: {error}"),
        }
    }
}

/// Changes of the last days, the newest first, and the times in which the page could be seen.
fn changes(dir: &Path, now: Timestamp) -> Result<(Vec<Transition>, Vec<Watch>), StoreError> {
    let Some(reader) = Reader::open(dir)? else { return Ok((Vec::new(), Vec::new())) };
    let mut changes = reader.transitions(shifted(now, -PAST), None)?;
    changes.reverse();
    let watches = reader.watches(Timestamp::MIN)?.iter().map(|w| (w.since, w.until)).collect();
    Ok((changes, watches))
}

/// Keys and resizes, from a thread that ends with the process.
fn keys() -> UnboundedReceiver<Event> {
    let (sender, receiver) = unbounded_channel();
    std::thread::spawn(move || {
        while let Ok(event) = event::read() {
            if sender.send(event).is_err() {
                break;
            }
        }
    });
    receiver
}
