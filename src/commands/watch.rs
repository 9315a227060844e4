//! `ccwatch watch`: the answer of `status`, live and on the whole screen.
//!
//! With a daemon it reads the database once a second. Without one it reads the page itself, as
//! often as the core asks for it, and writes nothing down. What is drawn is a function of what is
//! known (`view`); this file only keeps that up to date and the terminal in order.

mod view;

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::sleep;

use crate::app::exit_code::ExitCode;
use crate::cli::Global;
use crate::config::Config;
use crate::page::fetch::{Fetcher, Request};
use crate::page::reading;
use crate::platform::clock;
use crate::platform::lifecycle::Signals;
use crate::platform::paths::{self, PathError};
use crate::store::{Lock, Reader};
use ccwatch_core::monitor::{Command, Input, Transition};

use super::status::{Known, Picture, Source};
use crate::app::wiring::ONE_LOOK;

/// How often the screen is brought up to date.
const TICK: Duration = Duration::from_secs(1);
/// How far back changes are shown.
const PAST: SignedDuration = SignedDuration::from_hours(7 * 24);

/// There is nothing that can be drawn on.
#[derive(Debug, thiserror::Error)]
#[error("a terminal is needed to watch")]
pub struct NoScreen;

impl NoScreen {
    /// The next step.
    pub fn hint(&self) -> &'static str {
        "for one answer as text run: ccwatch status"
    }
}

/// Watches until `q`, Ctrl-C or a signal.
pub fn run(global: &Global, colours: bool) -> anyhow::Result<ExitCode> {
    let (config, _) = Config::load(global.config.as_deref())?;
    let dir = match paths::state_dir(global.state_dir.as_deref(), config.state_dir.as_deref()) {
        Err(PathError::NoHome { .. }) => None,
        dir => Some(dir?),
    };
    let dumb = std::env::var_os("TERM").is_none_or(|term| term.is_empty() || term == "dumb");
    if dumb || !io::stdout().is_terminal() || !io::stdin().is_terminal() {
        return Err(NoScreen.into());
    }
    let runtime = crate::app::runtime()?;
    let done = runtime.block_on(async {
        let signals = Signals::listen()?;
        let mut live = Live::new(config, dir)?;
        // Whatever is wrong from the beginning is said before the screen is ours.
        live.refresh()?;
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

/// What is known, and how more comes to be known.
struct Live {
    config: Config,
    dir: Option<PathBuf>,
    fetcher: Arc<Fetcher>,
    picture: Picture,
    /// Whether the picture is our own, because no daemon runs.
    own: bool,
    changes: Vec<Transition>,
    inputs: (UnboundedSender<Input>, UnboundedReceiver<Input>),
    all: bool,
    scrolled: u16,
}

impl Live {
    fn new(config: Config, dir: Option<PathBuf>) -> anyhow::Result<Self> {
        let fetcher = Arc::new(crate::app::wiring::limited_fetcher(&config, ONE_LOOK)?);
        let picture = Picture::new(&config, Known::default());
        let inputs = unbounded_channel();
        let (changes, own, all, scrolled) = (Vec::new(), false, false, 0);
        Ok(Self { config, dir, fetcher, picture, own, changes, inputs, all, scrolled })
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
                input = self.inputs.1.recv() => if let Some(input) = input {
                    self.take_in(input);
                },
                () = sleep(TICK) => self.refresh()?,
            }
        }
    }

    fn draw(&mut self, screen: &mut Screen) -> io::Result<()> {
        self.picture.now = clock::now();
        let scene = view::Scene {
            picture: &self.picture,
            changes: &self.changes,
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

    /// Brings the picture up to date: by the daemon's database, or by the core's own wish.
    fn refresh(&mut self) -> anyhow::Result<()> {
        let running = match &self.dir {
            Some(dir) => Lock::holder(dir)?.is_some(),
            None => false,
        };
        if running || !self.own {
            let known = self.dir.as_deref().map_or_else(|| Ok(Known::default()), Known::read)?;
            self.picture = Picture::new(&self.config, known);
            self.own = !self.picture.running;
            self.changes = match self.dir.as_deref().map(|dir| changes(dir, &self.picture)) {
                Some(Err(error)) if !self.own => return Err(error),
                Some(Ok(changes)) => changes,
                _ => Vec::new(),
            };
        }
        self.picture.now = clock::now();
        if self.own {
            self.picture.monitor.handle_timeout(self.picture.now);
            self.obey();
        }
        Ok(())
    }

    /// An answer of the page. One that comes when a daemon has taken over is of no use any more.
    fn take_in(&mut self, input: Input) {
        if !self.own {
            return;
        }
        self.picture.now = clock::now();
        self.picture.monitor.handle(self.picture.now, input);
        if self.picture.monitor.state().page_health().failing.is_none() {
            self.picture.source = Source::Live;
        }
        self.obey();
    }

    /// Reads what the core wants to be read. Its records and notices are the daemon's business.
    fn obey(&mut self) {
        while let Some(command) = self.picture.monitor.next_command() {
            let Command::Fetch { endpoint, host, etag } = command else { continue };
            let (fetcher, sender) = (Arc::clone(&self.fetcher), self.inputs.0.clone());
            let page_id = self.config.page.id.clone();
            tokio::spawn(async move {
                let answer = fetcher.get(&Request { host, endpoint, etag }).await;
                let jitter = fastrand::f64();
                // Nobody listens when we are leaving.
                let _ = sender.send(reading::input(endpoint, host, answer, &page_id, jitter));
            });
        }
    }
}

/// Changes of the last days, the newest first.
fn changes(dir: &Path, picture: &Picture) -> anyhow::Result<Vec<Transition>> {
    let Some(reader) = Reader::open(dir)? else { return Ok(Vec::new()) };
    let since = ccwatch_core::time::shifted(picture.now, -PAST);
    let mut changes = reader.transitions(since, None)?;
    changes.reverse();
    Ok(changes)
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
