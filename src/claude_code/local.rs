//! Follows what Claude Code writes down on this machine, for the daemon.
//!
//! File notifications say which transcripts grew; only what was appended is read, and of that only
//! API errors and answers are looked at. While nothing is written, nothing is done. Beside the
//! transcripts there is an inbox in the state directory, into which `ccwatch hook` puts what a
//! hook of Claude Code reports.

mod follow;
pub mod inbox;

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::{Notify, watch};

use crate::claude_code::place::Place;
use crate::platform::clock;
use ccwatch_core::monitor::Input;
use follow::Follower;

/// What is written in this time is read at once.
const GATHER: Duration = Duration::from_millis(200);
/// A directory that isn't there yet is looked for this often.
const LOOK_AGAIN: Duration = Duration::from_secs(60);

/// What to follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// Claude Code's files, where the user allowed to follow its transcripts.
    pub claude: Option<Place>,
    /// The state directory: what hooks report is in `inbox` below it.
    pub state: PathBuf,
}

/// Paths that were written to since they were last looked at.
#[derive(Debug, Default)]
struct Touched {
    paths: Mutex<BTreeSet<PathBuf>>,
    wake: Notify,
}

impl Touched {
    fn add(&self, event: notify::Result<Event>) {
        let Ok(event) = event else { return };
        if event.kind.is_access() {
            return;
        }
        let mut paths = self.paths.lock().unwrap_or_else(PoisonError::into_inner);
        paths.extend(event.paths);
        self.wake.notify_one();
    }

    fn take(&self) -> BTreeSet<PathBuf> {
        std::mem::take(&mut *self.paths.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Follows until the receiver is gone; what is followed may change meanwhile.
pub async fn follow(mut places: watch::Receiver<Places>, inputs: UnboundedSender<Input>) {
    loop {
        let now = places.borrow_and_update().clone();
        let followed = now.claude.is_some();
        tokio::select! {
            () = follow_these(now, &inputs) => return,
            Ok(()) = places.changed() => {}
        }
        if followed && places.borrow().claude.is_none() {
            tracing::info!("Claude Code transcripts are no longer followed");
        }
    }
}

async fn follow_these(places: Places, inputs: &UnboundedSender<Input>) {
    let touched = Arc::new(Touched::default());
    let own = Arc::clone(&touched);
    let watcher = notify::recommended_watcher(move |event| own.add(event));
    let Ok(mut watcher) = watcher.inspect_err(|error| {
        tracing::warn!("file notifications don't work here, transcripts aren't followed: {error}");
    }) else {
        return;
    };
    inbox::prepare(&places.state);
    let mut missing = wanted(&places);
    let mut follower = Follower::of(places.claude.clone());
    for path in inbox::waiting(&places.state) {
        take_report(&path, inputs);
    }
    loop {
        missing = begin(&mut watcher, missing, &mut follower);
        tokio::select! {
            () = touched.wake.notified() => tokio::time::sleep(GATHER).await,
            () = tokio::time::sleep(LOOK_AGAIN), if !missing.is_empty() => {}
            () = inputs.closed() => return,
        }
        let paths = touched.take();
        let read = tokio::task::spawn_blocking(move || {
            let found = follower.read(&paths);
            (follower, paths, found)
        });
        let Ok((back, paths, found)) = read.await else { return };
        follower = back;
        found.into_iter().for_each(|input| drop(inputs.send(input)));
        for path in paths.iter().filter(|path| inbox::is_report(path, &places.state)) {
            take_report(path, inputs);
        }
    }
}

/// The directories to watch.
fn wanted(places: &Places) -> Vec<PathBuf> {
    let inbox = inbox::dir(&places.state);
    places.claude.iter().map(Place::projects).chain([inbox]).collect()
}

/// Begins to watch what is there; gives what is not.
fn begin(
    watcher: &mut RecommendedWatcher,
    dirs: Vec<PathBuf>,
    follower: &mut Follower,
) -> Vec<PathBuf> {
    let mut missing = Vec::new();
    for dir in dirs {
        if !dir.is_dir() {
            missing.push(dir);
            continue;
        }
        let denied = fs::read_dir(&dir).is_err_and(|e| e.kind() == ErrorKind::PermissionDenied);
        if denied {
            let dir = dir.display();
            tracing::warn!(
                "{dir} can't be read: the sandbox opens it at the start, so start ccwatch again"
            );
            continue;
        }
        match watcher.watch(&dir, RecursiveMode::Recursive) {
            // What is in the files so far is not news.
            Ok(()) => {
                follower.skip_what_is_there(&dir);
                let what = match dir.ends_with("inbox") {
                    true => "reports of Claude Code's hooks are taken",
                    false => "Claude Code transcripts are followed",
                };
                tracing::info!("{what}");
            }
            Err(error) => {
                tracing::warn!("{} can't be followed: {error}", dir.display());
            }
        }
    }
    missing
}

/// Takes a report of a hook out of the inbox.
fn take_report(path: &Path, inputs: &UnboundedSender<Input>) {
    if let Some(input) = inbox::take(path, clock::now()) {
        let _ = inputs.send(input);
    }
}
