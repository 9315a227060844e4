//! The daemon, put together from a configuration: the lock, the database, the sandbox, the sinks and
//! what is read again at SIGHUP.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use anyhow::Context;
use jiff::Timestamp;
use tokio::runtime::Runtime;
use tokio::sync::mpsc::unbounded_channel;
use tokio::sync::watch;

use super::runtime;
use super::wiring::{fetcher, proxy_problem, settings};
use crate::claude_code::local;
use crate::claude_code::place::Place;
use crate::config::{Config, ConfigError};
use crate::daemon::{self, Parts, StateWriter};
use crate::page::recording::Recorder;
use crate::platform::clock;
use crate::platform::lifecycle::{HangUp, Signals};
use crate::platform::logging;
use crate::platform::paths::{self, Held};
use crate::platform::sandbox::{self, Allowlist, Protection};
use crate::render::sanitize;
use crate::sinks::Sinks;
use crate::sinks::desktop::icons::Icons;
use crate::sinks::desktop::{self, Notifier};
use crate::sinks::hook::Runner;
use crate::store::{Heartbeat, Lock, Opened, Reader, Store};
use ccwatch_core::monitor::{Monitor, Saved};
use ccwatch_core::notice::sink::Sink;
use ccwatch_core::settings::Settings;
use ccwatch_core::text;

/// A name lookup that hangs is left behind after this; the process ends with it.
const LEAVE_BEHIND: Duration = Duration::from_millis(300);

/// What is there before all else: SIGHUP is no end from here on. The runtime has no thread yet, and
/// SIGTERM ends a daemon that only begins, however long something takes.
pub(crate) struct Base {
    runtime: Runtime,
    hang_up: HangUp,
}

impl Base {
    /// Begins; to be called before anything else is read or made.
    pub(crate) fn begin() -> anyhow::Result<Self> {
        let runtime = runtime().context("can't start the runtime")?;
        let hang_up = {
            let _inside = runtime.enter();
            HangUp::listen().context("can't listen to signals")?
        };
        Ok(Self { runtime, hang_up })
    }
}

/// How a daemon runs.
#[derive(Default)]
pub(crate) struct RunOptions {
    /// Where every answer of the page is recorded.
    pub(crate) recorder: Option<Recorder>,
    /// With these it shuts itself in.
    pub(crate) needs: Option<Allowlist>,
    /// It ends as soon as the page was read once, and what there was to tell is told.
    pub(crate) once: bool,
    /// What it tells is made up: it takes that off the screen where it is stopped.
    pub(crate) made_up: bool,
    /// It says how it goes on, and how it is stopped: somebody looks at it in a terminal.
    pub(crate) explains_itself: bool,
}

/// Runs the daemon in a state directory until a signal or `until` ends it. `file` is what SIGHUP
/// reads again.
pub(crate) fn start(
    Base { runtime, hang_up }: Base,
    config: Config,
    file: Option<PathBuf>,
    dir: &Path,
    options: RunOptions,
    until: impl Future<Output = ()>,
) -> anyhow::Result<()> {
    let RunOptions { recorder, needs, once, made_up, explains_itself } = options;
    paths::prepare_state_dir(dir)?;
    let now = clock::now();
    let mut lock = Lock::acquire(dir, now)?;
    let (store, saved) = open_store(dir, now)?;
    let held = Held::open(dir)?;
    let icons = Icons::write(dir);
    let runner = start_runner(&config, file.as_deref());
    // Before this line: what starts other programs. After it: whatever reads foreign text, and
    // every other thread.
    let protection = shut_in(needs.as_ref(), &mut lock);
    logging::write_apart();
    let parts = || -> anyhow::Result<(Parts, Signals)> {
        let signals = Signals::listen_with(hang_up).context("can't listen to signals")?;
        let (sender, reports) = unbounded_channel();
        let heartbeat = Heartbeat::first(now);
        let (inputs, local) = unbounded_channel();
        let (places, follow) = watch::channel(followed(&config, dir));
        tokio::spawn(local::follow(follow, inputs));
        let state = dir.to_owned();
        let (hooking, hooked) = unbounded_channel();
        let hook = runner.map(|runner| runner.attend(hooking)).transpose();
        let hook = hook.context("can't speak with the hook's runner")?;
        let has_runner = hook.is_some();
        let limits = desktop::Limits { may_run: !protection.is_on(), ..desktop::Limits::default() };
        let monitor = Monitor::new(with_hook(&config, has_runner), saved, now);
        let parts = Parts {
            local,
            fetcher: fetcher(&config)?,
            writer: StateWriter::new(dir.to_owned(), store, heartbeat).guarded_by(lock),
            sinks: Sinks::new(
                &config.notify,
                (Notifier::after(left(&monitor), limits, sender), reports),
                (hook, hooked),
                icons,
            ),
            monitor,
            recorder,
            once,
            made_up,
            reload: Arc::new(move || {
                // Beside the loop, which waits for nobody; and in the sandbox nothing is started.
                let loaded = Config::load_at_leisure(file.as_deref());
                let (config, _) = loaded.map_err(|error| explain(error, &protection))?;
                if !has_runner && !config.notify.hook.0.is_empty() {
                    tracing::warn!("notify.hook is new: it is run {AFTER_RESTART}");
                }
                let fetcher = fetcher(&config)?;
                let wanted = followed(&config, &state);
                places.send_if_modified(|now| std::mem::replace(now, wanted.clone()) != wanted);
                Ok(Box::new((with_hook(&config, has_runner), fetcher)))
            }),
        };
        Ok((parts, signals))
    };
    let outcome = runtime.block_on(async {
        let (parts, signals) = parts()?;
        say_hello(&config, explains_itself);
        let until = async {
            tokio::select! { () = until => {}, () = lost(&held) => {} }
        };
        daemon::run(parts, signals, until).await?;
        if held.is_lost() { Err(held.lost().into()) } else { Ok(()) }
    });
    runtime.shutdown_timeout(LEAVE_BEHIND);
    outcome
}

/// The database, and what was known. A disk that is full or can't be written delays the one, and
/// stops nobody from watching.
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

/// Ends when the state directory is another one, or none: what is written is not kept any more, and
/// the sandbox knows no other. It is looked at whenever the loop goes to sleep, and wakes nobody.
async fn lost(held: &Held) {
    std::future::poll_fn(|_| if held.is_lost() { Poll::Ready(()) } else { Poll::Pending }).await;
}

/// Shuts the daemon in, and notes beside the lock how well that went.
fn shut_in(needs: Option<&Allowlist>, lock: &mut Lock) -> Protection {
    let protection = match needs {
        Some(needs) => sandbox::enter(needs),
        None => Protection::off("switched off (sandbox = false)"),
    };
    match (needs, &protection) {
        (Some(_), Protection::Partly { .. } | Protection::Off { .. }) => {
            tracing::info!("the sandbox is {protection}");
        }
        _ => tracing::debug!("the sandbox is {protection}"),
    }
    lock.note(&protection);
    protection
}

/// What can't be read any more may be there, but new.
fn explain(error: ConfigError, protection: &Protection) -> anyhow::Error {
    let denied = error.is_denied() && protection.is_on();
    let error = anyhow::Error::new(error);
    if !denied {
        return error;
    }
    error.context("the sandbox knows only what was there at the start, so start ccwatch again")
}

/// What to do about a hook that the running daemon can't run.
const AFTER_RESTART: &str =
    "after a restart (hint: start ccwatch again, as a service with: ccwatch service restart)";

/// The process that runs the user's hook, where there is one. Without it ccwatch does the rest.
fn start_runner(config: &Config, file: Option<&Path>) -> Option<Runner> {
    config.notify.hook.0.first()?;
    let started = Runner::start(file?);
    started
        .inspect_err(|error| {
            tracing::error!("the process that runs notify.hook can't be started: {error}");
        })
        .ok()
}

/// The settings of a daemon, which has a hook only together with the process that runs it.
fn with_hook(config: &Config, has_runner: bool) -> Settings {
    Settings { sinks: config.notify.sinks(has_runner), ..settings(config) }
}

/// What an earlier life left on the screen.
fn left(monitor: &Monitor) -> Vec<desktop::Left> {
    let bubbles = monitor.outboxes().of(Sink::Desktop).bubbles();
    let left = |(bubble, link): (&desktop::Bubble, Option<&str>)| desktop::Left {
        bubble: bubble.clone(),
        link: link.map(str::to_owned),
    };
    bubbles.map(left).collect()
}

/// What of Claude Code is followed: what its hooks report, and its transcripts if that is wanted.
pub(crate) fn followed(config: &Config, state: &Path) -> local::Places {
    let env = |name: &str| std::env::var(name).ok();
    let place = config.local.transcripts.then(|| Place::find(&env, PathBuf::new())).flatten();
    local::Places { claude: place, state: state.to_owned() }
}

fn say_hello(config: &Config, explains_itself: bool) {
    let names: Vec<&str> = config.watch.components.iter().map(String::as_str).collect();
    let names = match names.as_slice() {
        [] => "every component".to_owned(),
        names => sanitize::line(&text::list(names), 400),
    };
    tracing::info!("watching {}: {names}", config.page.url.as_str().trim_end_matches('/'));
    if let Some((what, hint)) = proxy_problem(&config.page.url) {
        tracing::error!("{what} (hint: {hint})");
    }
    if explains_itself {
        tracing::info!(
            "ccwatch goes on by itself after errors; stop it with Ctrl-C. To look in between, in \
             another terminal: ccwatch status"
        );
    }
}
