//! Pop-ups: one popup in, one report out, and nothing else of the program ever waits for it.
//!
//! [`Notifier`] owns a task that shows one popup at a time through the backend of the platform,
//! every backend having the same three parts: `Backend` (`new`, `show`, `news`, `attend`),
//! `availability` and `describe`. It keeps no backlog of its own: who asks decides again, with
//! the latest news, after each [`Report`]. It doesn't know what an outage is, and text is made
//! inert here and nowhere earlier.
#[cfg(target_os = "macos")]
use std::ffi::OsStr;
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::platform::wsl;
pub use ccwatch_core::notice::{Bubble, Urgency};

pub mod icons;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "macos")]
mod macos;
#[cfg(not(any(target_os = "linux", target_os = "macos")))]
mod other;

#[cfg(target_os = "linux")]
use linux as platform;
#[cfg(target_os = "macos")]
use macos as platform;
#[cfg(not(any(target_os = "linux", target_os = "macos")))]
use other as platform;

/// What to show. Texts are raw: they are made inert on their way to the server.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Popup {
    /// The caller's name for it; comes back in [`Report::Delivered`].
    pub key: String,
    /// The story that it belongs to: of one story only the latest is on the screen.
    pub thread: String,
    /// The first line.
    pub title: String,
    /// What happened and what to do.
    pub body: String,
    /// How much it may disturb.
    pub urgency: Urgency,
    /// A picture beside the text: the address of a file. Without it the server chooses one.
    pub icon: Option<String>,
    /// Opened by a click, if it is an `https` address.
    pub link: Option<String>,
    /// The bubble to rewrite in place, if it's still there and still the same server's.
    pub replaces: Option<Bubble>,
}

/// A bubble that an earlier life of the program left on the screen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Left {
    /// Which one.
    pub bubble: Bubble,
    /// What a click on it opens, as with [`Popup::link`].
    pub link: Option<String>,
}

/// How it went.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Delivery {
    /// The server took it. Without a bubble it can't be replaced later.
    Shown(Option<Bubble>),
    /// It wasn't shown: there is nobody to show it, for this reason. Worth another try on
    /// [`Report::ServerAppeared`], and now and then.
    NoServer(String),
    /// No answer in time: it may have been shown, or may still be. If an answer comes,
    /// [`Report::ShownLate`] follows.
    Uncertain,
    /// The server refused it, or left over it. Something of it may have been shown all the same, and
    /// to ask again may do harm.
    Failed(String),
}

/// News from the notifier.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Report {
    /// One of these for every popup, unless a newer one with the same key took its place.
    Delivered {
        /// The popup's key.
        key: String,
        /// How it went.
        delivery: Delivery,
    },
    /// A popup that counted as uncertain is on the screen, with nothing newer of its thread.
    ShownLate {
        /// The popup's key.
        key: String,
        /// Its thread.
        thread: String,
        /// Where it is.
        bubble: Bubble,
    },
    /// This bubble is gone from the screen, as the user, the server or we wanted: it can't be
    /// replaced any more.
    Closed(Bubble),
    /// This bubble went down with its server: nobody took it away, nobody need have read it.
    Lost(Bubble),
    /// There is no notification server now, and none that the bus could start, for this reason.
    ServerMissing(String),
    /// There is a notification server where there was none, a new one, or one that answers again: a
    /// good time to try again.
    ServerAppeared,
}

/// Patience, in one place so that tests can have less of it.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Longest wait for any one answer.
    pub call: Duration,
    /// Longest wait for what a server can do, after which the safest is assumed.
    pub ask: Duration,
    /// How long there must have been no server before the bus is asked to start one. The one of
    /// the desktop needs time to come back, and must find its place free.
    pub start_after: Duration,
    /// The least time from one bubble to the next, on a server that may show only the second of two.
    /// Less than a stop waits for what is on its way.
    pub apart: Duration,
    /// Whether programs may be run, which a click can take.
    pub may_run: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            call: Duration::from_secs(5),
            ask: Duration::from_secs(1),
            start_after: Duration::from_secs(30),
            apart: Duration::from_millis(500),
            may_run: true,
        }
    }
}

/// What a notification server says about itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ServerInfo {
    /// Product name.
    pub name: String,
    /// Who makes it.
    pub vendor: String,
    /// Its version.
    pub version: String,
    /// The version of the Desktop Notifications Specification that it follows.
    pub spec: String,
    /// Optional features, such as `body-markup`.
    pub capabilities: Vec<String>,
}

/// Why pop-ups can't be shown here, as far as the environment tells; asks nobody, so it is quick,
/// and `Ok` is no promise.
///
/// # Errors
/// The reason, as a phrase for people.
pub fn availability() -> Result<(), String> {
    platform::availability()
}

/// The ways that are left where there are no pop-ups, as the end of a sentence.
pub fn instead() -> &'static str {
    match wsl::is_wsl() {
        true => {
            "notices go to the log, and to notify.hook if you set it: contrib/wsl/ccwatch-toast \
             makes Windows toasts of them"
        }
        false => "notices go to the log, and to notify.hook if you set it",
    }
}

/// Asks the notification server what it is. None: none runs now, but the bus starts one when a
/// pop-up has waited for a while.
///
/// # Errors
/// Why there's no answer, as a phrase for people.
pub async fn describe() -> Result<Option<ServerInfo>, String> {
    platform::describe(Limits::default()).await
}

/// Shows pop-ups in a task of its own, which ends when this is dropped. Bubbles may leave the
/// screen with it. All is said over one connection to the desktop, which lives as long: GNOME
/// lets nobody else replace a bubble.
#[derive(Debug)]
pub struct Notifier {
    wanted: UnboundedSender<Wish>,
    _worker: Guarded,
}

impl Notifier {
    /// Starts the task.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub fn start(reports: UnboundedSender<Report>) -> Self {
        Self::with_limits(Limits::default(), reports)
    }

    /// Like [`Notifier::start`], with other patience.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub fn with_limits(limits: Limits, reports: UnboundedSender<Report>) -> Self {
        Self::after(Vec::new(), limits, reports)
    }

    /// The same where an earlier life of the program left something on the screen: what becomes of
    /// that is reported, too.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub fn after(left: Vec<Left>, limits: Limits, reports: UnboundedSender<Report>) -> Self {
        let (wanted, queue) = unbounded_channel();
        let backend = platform::Backend::new(left, limits, reports.clone());
        let worker = work(Queue { wanted: queue, waiting: Vec::new() }, backend, reports);
        Self { wanted, _worker: Guarded::spawn(worker) }
    }

    /// Asks for a popup, and returns at once. One that still waits under the same key is dropped
    /// in favour of this one.
    pub fn show(&self, popup: Popup) {
        self.wish(Wish::Show(popup));
    }

    /// Takes a bubble off the screen, and returns at once. [`Report::Closed`] says when it is gone, as
    /// far as the server can be asked.
    pub fn take_down(&self, bubble: Bubble) {
        self.wish(Wish::TakeDown(bubble));
    }

    fn wish(&self, wish: Wish) {
        if self.wanted.send(wish).is_err() {
            tracing::error!("the notifier has ended; no pop-ups until a restart");
        }
    }
}

/// News of the server comes first, so that a popup is shown with the latest knowledge.
async fn work(mut queue: Queue, mut backend: platform::Backend, reports: UnboundedSender<Report>) {
    loop {
        tokio::select! {
            biased;
            news = backend.news() => backend.attend(news).await,
            next = queue.next() => match next {
                None => return,
                Some(Wish::TakeDown(bubble)) => backend.take_away(&bubble).await,
                Some(Wish::Show(popup)) => {
                    let delivery = backend.show(&popup).await;
                    tracing::debug!(key = popup.key, ?delivery, "popup");
                    // No receiver: the program is on its way out.
                    let _ = reports.send(Report::Delivered { key: popup.key, delivery });
                }
            }
        }
    }
}

/// What is wanted of the screen.
#[derive(Debug)]
enum Wish {
    Show(Popup),
    TakeDown(Bubble),
}

/// What waits for its turn, at most one popup a key.
struct Queue {
    wanted: UnboundedReceiver<Wish>,
    waiting: Vec<Wish>,
}

impl Queue {
    /// The oldest wish, `None` once nobody can ask for more. Loses nothing when it's dropped.
    async fn next(&mut self) -> Option<Wish> {
        while let Ok(wish) = self.wanted.try_recv() {
            self.put(wish);
        }
        if self.waiting.is_empty() {
            let wish = self.wanted.recv().await?;
            self.put(wish);
        }
        Some(self.waiting.remove(0))
    }

    fn put(&mut self, wish: Wish) {
        let same = |older: &&mut Wish| match (older, &wish) {
            (Wish::Show(older), Wish::Show(popup)) => older.key == popup.key,
            (Wish::TakeDown(_), _) | (_, Wish::TakeDown(_)) => false,
        };
        match self.waiting.iter_mut().find(same) {
            Some(older) => *older = wish,
            None => self.waiting.push(wish),
        }
    }
}

/// A task that ends with its owner.
#[derive(Debug)]
struct Guarded(tokio::task::JoinHandle<()>);

impl Guarded {
    fn spawn(task: impl Future<Output = ()> + Send + 'static) -> Self {
        Self(tokio::spawn(task))
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// A notification with nothing in it but our name. Made once: notify-rust looks up the path of
/// the program for each new one, and panics if it can't or if the path isn't UTF-8.
#[cfg(target_os = "macos")]
fn blank() -> Result<notify_rust::Notification, String> {
    let program = std::env::current_exe().map_err(|e| format!("own path unknown: {e}"))?;
    if program.file_name().and_then(OsStr::to_str).is_none() {
        return Err(format!("the name of this program is not UTF-8: {}", program.display()));
    }
    let mut blank = notify_rust::Notification::new();
    blank.appname("ccwatch");
    Ok(blank)
}
