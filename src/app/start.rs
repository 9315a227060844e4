//! The daemon, put together from a configuration: the lock, the database, the sandbox, the sinks and
//! what is read again at SIGHUP.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use anyhow::Context;
use tokio::runtime::Runtime;
use tokio::sync::mpsc::unbounded_channel;
use tokio::sync::watch;

use super::road::roads;
use super::runtime;
use super::wiring::{proxy_problem, watchlist};
use crate::claude_code::local;
use crate::claude_code::place::Place;
use crate::config::{Config, ConfigError};
use crate::daemon::{self, Pages, Parts, WatchedPage, Watchlist, open_others};
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
use crate::store::Lock;
use ccwatch_core::notice::FIRST_PAGE;
use ccwatch_core::notice::sink::Sink;
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
    let held = Held::open(dir)?;
    let icons = Icons::write(dir);
    let runner = start_runner(&config, file.as_deref());
    let Watchlist { pages, find_road } = watchlist(&config, runner.is_some())?;
    let mut all = pages.into_iter();
    let first = all.next().map(|first| WatchedPage::open(first, dir, now)).transpose()?;
    let first = first.context("no page is configured")?;
    let others = open_others(all.collect(), dir, now);
    // Before this line: what starts other programs. After it: whatever reads foreign text, and
    // every other thread.
    let protection = shut_in(needs.as_ref(), &mut lock);
    logging::write_apart();
    let parts = || -> anyhow::Result<(Parts, Signals)> {
        let signals = Signals::listen_with(hang_up).context("can't listen to signals")?;
        let (sender, reports) = unbounded_channel();
        let (inputs, local) = unbounded_channel();
        let (places, follow) = watch::channel(followed(&config, dir));
        tokio::spawn(local::follow(follow, inputs));
        let state = dir.to_owned();
        let (hooking, hooked) = unbounded_channel();
        let hook = runner.map(|runner| runner.attend(hooking)).transpose();
        let hook = hook.context("can't speak with the hook's runner")?;
        let has_runner = hook.is_some();
        // The sandbox leaves Claude Code's settings open to who needed them when it was entered.
        let sees_road = config.watches_ways() || !protection.is_on();
        let limits = desktop::Limits { may_run: !protection.is_on(), ..desktop::Limits::default() };
        let mut pages = Pages::new(first.guarded_by(lock), others, once, now);
        // Nobody waits for the loop yet.
        pages.follow(now, find_road().unwrap_or_else(|| FIRST_PAGE.to_owned()));
        let parts = Parts {
            local,
            sinks: Sinks::new(
                &config.notify,
                (Notifier::after(left(&pages), limits, sender), reports),
                (hook, hooked),
                icons,
            ),
            pages,
            find_road,
            state: dir.to_owned(),
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
                if !sees_road && config.watches_ways() && config.providers.road.is_empty() {
                    tracing::warn!(
                        "[providers] is new: which way your requests go is seen {AFTER_RESTART}"
                    );
                }
                let wanted = followed(&config, &state);
                places.send_if_modified(|now| std::mem::replace(now, wanted.clone()) != wanted);
                watchlist(&config, has_runner)
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

/// What an earlier life left on the screen.
fn left(pages: &Pages) -> Vec<desktop::Left> {
    let bubbles =
        pages.iter().flat_map(|page| page.monitor().outboxes().of(Sink::Desktop).bubbles());
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
    local::Places { claude: place, state: state.to_owned(), roads: roads(config) }
}

fn say_hello(config: &Config, explains_itself: bool) {
    let names: Vec<&str> = config.watch.components.iter().map(String::as_str).collect();
    let names = match names.as_slice() {
        [] => "every component".to_owned(),
        names => sanitize::line(&text::list(names), 400),
    };
    tracing::info!("watching {}: {names}", config.page.url.as_str().trim_end_matches('/'));
    let others: Vec<String> =
        config.all_pages().into_iter().skip(1).map(|page| page.name).collect();
    if !others.is_empty() {
        tracing::info!("watching also {}", sanitize::line(&others.join(", "), 400));
    }
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
