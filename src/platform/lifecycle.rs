//! How the process is told what to do, and how it tells how it does: signals in, the service
//! manager's notifications out.

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use sd_notify::NotifyState;
use tokio::signal::unix::{self, SignalKind, signal};
use tokio::time::Instant;

use super::line_queue::{Entry, LineQueue};
use crate::render::sanitize;
use ccwatch_core::text::summary;

/// What a signal asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// Stop cleanly (SIGTERM, SIGINT).
    Stop,
    /// Read the configuration again (SIGHUP).
    Reload,
}

/// The signals that the daemon listens to.
#[derive(Debug)]
pub struct Signals {
    terminate: unix::Signal,
    interrupt: unix::Signal,
    hang_up: unix::Signal,
}

/// From here on SIGHUP is not the end of this process. To be called first of all, where the daemon
/// is to run: what a configuration that wasn't read yet should be read again for needs no memory.
pub fn outlive_hang_ups() {
    let came = Arc::new(AtomicBool::new(false));
    // It can't fail for a signal that may be caught; and then it is as it was.
    let _ = signal_hook::flag::register(signal_hook::consts::SIGHUP, came);
}

/// SIGHUP alone, which would end a daemon that only begins. One that came is not forgotten.
#[derive(Debug)]
pub struct HangUp(unix::Signal);

impl HangUp {
    /// Starts to listen; must be called inside the runtime.
    ///
    /// # Errors
    /// The runtime can't take over a signal.
    pub fn listen() -> io::Result<Self> {
        Ok(Self(signal(SignalKind::hangup())?))
    }
}

impl Signals {
    /// Starts to listen; must be called inside the runtime.
    ///
    /// # Errors
    /// The runtime can't take over a signal.
    pub fn listen() -> io::Result<Self> {
        Self::listen_with(HangUp::listen()?)
    }

    /// The same where SIGHUP has been listened to from the beginning.
    ///
    /// # Errors
    /// The runtime can't take over a signal.
    pub fn listen_with(hang_up: HangUp) -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hang_up: hang_up.0,
        })
    }

    /// The next one. Safe to be dropped.
    pub async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.terminate.recv() => Signal::Stop,
            _ = self.interrupt.recv() => Signal::Stop,
            _ = self.hang_up.recv() => Signal::Reload,
        }
    }
}

/// The service manager that started us, told over the socket that it named in the environment
/// (systemd's sd_notify). Without one every call does nothing.
///
/// The loop itself feeds the manager's watchdog, and nothing else does: a loop that is stuck is
/// restarted. Time is the runtime's, which stands still in suspend as the manager's does.
///
/// A thread of its own speaks, since the manager may be too busy to listen.
#[derive(Debug)]
pub struct Manager {
    words: Option<LineQueue>,
    watchdog: Option<Duration>,
    fed: Instant,
    status: String,
}

/// So many bytes wait for a manager that does not listen. More would be old news.
const UNHEARD: usize = 4096;

/// The end of the daemon waits no longer than this for the manager to hear of it.
const LAST_WORD: Duration = Duration::from_millis(100);

impl Manager {
    /// The manager that the environment names, if any. Must be called inside the runtime.
    pub fn from_environment() -> Self {
        let watchdog = sd_notify::watchdog_enabled().filter(|limit| !limit.is_zero());
        let words = std::env::var_os("NOTIFY_SOCKET").and_then(|_| speak());
        Self { words, watchdog, fed: Instant::now(), status: String::new() }
    }

    /// The start, or a reload, is done.
    pub fn ready(&mut self) {
        self.tell(&[NotifyState::Ready]);
    }

    /// The configuration is being read again.
    pub fn reloading(&mut self) {
        match NotifyState::monotonic_usec_now() {
            Ok(now) => self.tell(&[NotifyState::Reloading, now]),
            Err(_) => self.tell(&[NotifyState::Reloading]),
        }
    }

    /// The end has begun.
    pub fn stopping(&mut self) {
        self.tell(&[NotifyState::Stopping]);
    }

    /// Waits a moment for the last word to be heard.
    pub fn finish(&self) {
        self.words.iter().for_each(|words| _ = words.flush(LAST_WORD));
    }

    /// To be called once a pass of the loop: tells `status` if it is new, and feeds the watchdog
    /// if it is time, which is seldom enough not to be done at every poll.
    pub fn alive(&mut self, status: &str) {
        let status = sanitize::line(status, summary::ROOM);
        if status != self.status {
            self.tell(&[NotifyState::Status(&status)]);
            self.status = status;
        }
        if self.watchdog.is_some_and(|limit| self.fed.elapsed() >= limit / 4) {
            self.fed = Instant::now();
            self.tell(&[NotifyState::Watchdog]);
        }
    }

    /// The longest that the loop may sleep so that the watchdog is fed after half of its limit at
    /// the latest.
    pub fn patience(&self) -> Option<Duration> {
        self.watchdog.map(|limit| (limit / 2).saturating_sub(self.fed.elapsed()))
    }

    fn tell(&mut self, states: &[NotifyState<'_>]) {
        let Some(words) = &self.words else { return };
        let states: Vec<String> = states.iter().map(ToString::to_string).collect();
        words.put(states.join("\n").into_bytes());
    }
}

/// Starts the thread that speaks with the manager.
fn speak() -> Option<LineQueue> {
    let words = LineQueue::new(UNHEARD);
    let mut is_deaf = false;
    let say = move |entry| {
        let Entry::Line(line) = entry else { return Ok(()) };
        let states = String::from_utf8_lossy(&line);
        if let Err(error) = sd_notify::notify(&[NotifyState::Custom(&states)])
            && !std::mem::replace(&mut is_deaf, true)
        {
            tracing::warn!("the service manager can't be told how ccwatch is: {error}");
        }
        // The next word may be heard.
        Ok(())
    };
    let started = words.start("service-manager", say);
    let complain = |error: &io::Error| {
        tracing::warn!("the service manager can't be told how ccwatch is: {error}");
    };
    started.inspect_err(complain).ok().map(|()| words)
}
