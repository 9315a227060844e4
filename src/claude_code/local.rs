//! Follows what Claude Code writes down on this machine, for the daemon.
//!
//! File notifications say which transcripts grew; only what was appended is read, and of that only
//! API errors and answers are looked at. While nothing is written, nothing is done. Beside the
//! transcripts there is an inbox in the state directory, into which `ccwatch hook` puts what a
//! hook of Claude Code reports.

mod follow;
mod heard;
pub mod inbox;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::{Notify, watch};
use tokio::task::spawn_blocking;

use crate::claude_code::place::Place;
use crate::claude_code::route::Roads;
use crate::platform::clock;
use follow::Follower;
pub use heard::{By, Heard};

/// What is written in this time is read at once.
const GATHER: Duration = Duration::from_millis(200);
/// A directory that isn't there yet is looked for this often.
const LOOK_AGAIN: Duration = Duration::from_secs(60);

/// Files that take longer to answer are on a mount that is gone.
const ANSWERS_WITHIN: Duration = Duration::from_secs(30);

/// What to follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// Claude Code's files, where the user allowed to follow its transcripts.
    pub claude: Option<Place>,
    /// The state directory: what hooks report is in `inbox` below it.
    pub state: PathBuf,
    /// Which page is that of the road that a session's requests take.
    pub roads: Roads,
}

/// What following gives.
#[derive(Debug)]
pub enum News {
    /// Something was written down.
    Heard(Heard),
    /// Why transcripts are not followed, a phrase for people; none: they are, or needn't be.
    Trouble(Option<String>),
}

/// What happened since it was last looked.
#[derive(Debug, Default)]
struct Seen {
    paths: BTreeSet<PathBuf>,
    /// Too much at once: anything may have been written to.
    all: bool,
    /// The system can't watch any more of it.
    failed: Option<String>,
}

/// Paths that were written to since they were last looked at.
#[derive(Debug, Default)]
struct Touched {
    seen: Mutex<Seen>,
    wake: Notify,
}

impl Touched {
    fn add(&self, event: notify::Result<Event>) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Ok(event) if event.need_rescan() => seen.all = true,
            Ok(event) if event.kind.is_access() => return,
            Ok(event) => seen.paths.extend(event.paths),
            Err(error) => seen.failed = Some(explained(&error)),
        }
        self.wake.notify_one();
    }

    fn take(&self) -> Seen {
        std::mem::take(&mut *self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Follows until the receiver is gone; what is followed may change meanwhile.
pub async fn follow(mut places: watch::Receiver<Places>, news: UnboundedSender<News>) {
    loop {
        let now = places.borrow_and_update().clone();
        let followed = now.claude.is_some();
        if !follow_these(now, &mut places, &news).await {
            return;
        }
        if followed && places.borrow().claude.is_none() {
            let _ = news.send(News::Trouble(None));
            tracing::info!("Claude Code transcripts are no longer followed");
        }
    }
}

/// Follows until something else is to be followed, or nobody listens any more; whether the former.
///
/// Files are only touched in a thread of their own, which may hang with them. A look that is under
/// way is waited for: what it took out of the inbox would be lost with it.
async fn follow_these(
    places: Places,
    others: &mut watch::Receiver<Places>,
    news: &UnboundedSender<News>,
) -> bool {
    let touched = Arc::new(Touched::default());
    let own = Arc::clone(&touched);
    let watcher = notify::recommended_watcher(move |event| own.add(event));
    let mut following = match watcher {
        Ok(watcher) => Following::new(places, watcher),
        Err(error) => {
            let why = explained(&error);
            tracing::warn!("Claude Code's transcripts aren't followed: {why}");
            let _ = news.send(News::Trouble(places.claude.map(|_| why)));
            return tokio::select! {
                () = news.closed() => false,
                Ok(()) = others.changed() => true,
            };
        }
    };
    let mut told = None;
    loop {
        let seen = touched.take();
        let mut look = spawn_blocking(move || {
            let heard = following.look(seen);
            (following, heard)
        });
        let done = tokio::select! {
            done = &mut look => done,
            () = tokio::time::sleep(ANSWERS_WITHIN) => {
                tell(Some("their files do not answer".to_owned()), &mut told, news);
                tokio::select! {
                    done = &mut look => done,
                    Ok(()) = others.changed() => return true,
                }
            }
        };
        let Ok((back, all)) = done else { return false };
        following = back;
        tell(following.trouble.clone(), &mut told, news);
        all.into_iter().for_each(|heard| drop(news.send(News::Heard(heard))));
        tokio::select! {
            () = touched.wake.notified() => tokio::time::sleep(GATHER).await,
            () = tokio::time::sleep(LOOK_AGAIN), if following.is_incomplete() => {}
            Ok(()) = others.changed() => return true,
            () = news.closed() => return false,
        }
    }
}

/// Tells of trouble that is new.
fn tell(trouble: Option<String>, told: &mut Option<String>, news: &UnboundedSender<News>) {
    if trouble == *told {
        return;
    }
    if let Some(why) = &trouble {
        tracing::warn!("Claude Code's transcripts are not followed: {why}");
    }
    told.clone_from(&trouble);
    let _ = news.send(News::Trouble(trouble));
}

/// The directories, and how far their files were read.
struct Following {
    places: Places,
    watcher: RecommendedWatcher,
    follower: Follower,
    watched: Vec<(PathBuf, Identity)>,
    missing: Vec<PathBuf>,
    /// What is watched instead of a directory that is missing: one above it.
    above: BTreeMap<PathBuf, PathBuf>,
    /// Why transcripts are not followed.
    trouble: Option<String>,
    begun: bool,
    /// What is in the files so far is not news, the first time.
    followed: bool,
}

impl Following {
    fn new(places: Places, watcher: RecommendedWatcher) -> Self {
        let follower = Follower::of(places.claude.clone(), places.roads.clone());
        let missing = places.claude.iter().map(Place::projects).chain([inbox::dir(&places.state)]);
        let missing = missing.collect();
        Self {
            places,
            watcher,
            follower,
            missing,
            watched: Vec::new(),
            above: BTreeMap::new(),
            trouble: None,
            begun: false,
            followed: false,
        }
    }

    /// Whether a directory is to be looked for.
    fn is_incomplete(&self) -> bool {
        !self.missing.is_empty()
    }

    /// Takes in what happened, and makes sure that all of it is watched.
    fn look(&mut self, seen: Seen) -> Vec<Heard> {
        if !std::mem::replace(&mut self.begun, true) {
            inbox::prepare(&self.places.state);
        }
        let projects = self.places.claude.as_ref().map(Place::projects);
        self.drop_what_is_gone();
        if let Some(why) = seen.failed.filter(|_| projects.is_some()) {
            self.trouble = Some(why);
        }
        let (mut paths, mut reports) = (seen.paths, Vec::new());
        for dir in std::mem::take(&mut self.missing) {
            match self.begin(&dir) {
                true if dir == inbox::dir(&self.places.state) => {
                    reports = inbox::waiting(&self.places.state);
                }
                // It was gone for a while, and made or moved here again.
                true if std::mem::replace(&mut self.followed, true) => {
                    paths.extend(Follower::transcripts(&dir));
                    say_followed();
                }
                true => {
                    self.follower.skip_what_is_there(&dir);
                    say_followed();
                }
                false => {}
            }
        }
        if let Some(projects) = &projects {
            paths.retain(|path| path.starts_with(projects) || path.starts_with(&self.places.state));
            if seen.all {
                paths.extend(Follower::transcripts(projects));
            }
        }
        if seen.all {
            reports = inbox::waiting(&self.places.state);
        }
        let is_report = |path: &&PathBuf| inbox::is_report(path, &self.places.state);
        reports.extend(paths.iter().filter(is_report).cloned());
        // Hooks know which way a session goes, transcripts don't.
        let taken = reports.iter().filter_map(|path| inbox::take(path, clock::now()));
        let mut heard: Vec<Heard> = taken.collect();
        if projects.is_some() {
            heard.extend(self.follower.read(&paths));
        }
        heard
    }

    /// A directory that was deleted or moved, and perhaps made again, is another one.
    fn drop_what_is_gone(&mut self) {
        let gone = |(dir, identity): &(PathBuf, Identity)| identity_of(dir) != Some(*identity);
        let (gone, watched) = std::mem::take(&mut self.watched).into_iter().partition(gone);
        self.watched = watched;
        for (dir, _) in gone {
            // It is gone with the directory, mostly.
            let _ = self.watcher.unwatch(&dir);
            self.missing.push(dir);
        }
    }

    /// Begins to watch a directory, if it is there; whether it is watched now.
    fn begin(&mut self, dir: &Path) -> bool {
        let begun = self.watch(dir);
        let ours = dir == inbox::dir(&self.places.state);
        match &begun {
            Ok(()) if ours => tracing::info!("reports of Claude Code's hooks are taken"),
            Ok(()) => self.trouble = None,
            Err(why) => {
                self.missing.push(dir.to_owned());
                match ours {
                    true => tracing::debug!("no reports of Claude Code's hooks are taken: {why}"),
                    false => self.trouble = Some(why.clone()),
                }
            }
        }
        begun.is_ok()
    }

    fn watch(&mut self, dir: &Path) -> Result<(), String> {
        let shown = dir.display();
        if let Some(above) = self.above.remove(dir) {
            let _ = self.watcher.unwatch(&above);
        }
        let Some(identity) = identity_of(dir) else {
            // What is put there wakes us.
            if let Some(above) = dir.ancestors().find(|above| above.is_dir()) {
                let _ = self.watcher.watch(above, RecursiveMode::NonRecursive);
                self.above.insert(dir.to_owned(), above.to_owned());
            }
            return Err(format!("there is no directory {shown}"));
        };
        if fs::read_dir(dir).is_err_and(|e| e.kind() == ErrorKind::PermissionDenied) {
            return Err(format!(
                "{shown} can't be read: the sandbox opens it at the start, so start ccwatch again"
            ));
        }
        let watched = self.watcher.watch(dir, RecursiveMode::Recursive);
        watched.map_err(|error| format!("{shown}: {}", explained(&error)))?;
        self.watched.push((dir.to_owned(), identity));
        Ok(())
    }
}

/// Said once what is there was passed over: what is written from then on is news.
fn say_followed() {
    tracing::info!("Claude Code transcripts are followed");
}

/// Which directory it is.
type Identity = (u64, u64);

fn identity_of(dir: &Path) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt;
    let found = fs::metadata(dir).ok().filter(fs::Metadata::is_dir)?;
    Some((found.dev(), found.ino()))
}

fn explained(error: &notify::Error) -> String {
    match error.kind {
        notify::ErrorKind::MaxFilesWatch => {
            "the system watches no more files (raise fs.inotify.max_user_watches)".to_owned()
        }
        _ => format!("file notifications don't work ({error})"),
    }
}
