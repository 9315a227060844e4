//! Who shows the pop-ups, and who keeps the daemon running.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;
use tokio::time::timeout;

use crate::config::Config;
use crate::platform::clock;
use crate::sinks::desktop;
use crate::store::{Lock, Reader};
use ccwatch_core::time::after;

use super::Finding::{self, Fix, Skipped, Well};

/// For one answer of the desktop or the service manager.
const PATIENCE: Duration = Duration::from_secs(5);
/// A poll that is so long overdue won't come any more.
const OVERDUE: Duration = Duration::from_secs(120);

pub(super) async fn popups(config: Option<&Config>) -> Finding {
    if config.is_some_and(|config| !config.notify.desktop) {
        return Well("switched off (notify.desktop)".to_owned());
    }
    let instead = "notices go to the log until then; try: ccwatch notify-test";
    if let Err(why) = desktop::availability() {
        return Fix(format!("none possible here: {why}"), instead.to_owned());
    }
    match timeout(PATIENCE, desktop::describe()).await {
        Ok(Ok(server)) => Well(format!("{} {}", server.name, server.version)),
        Ok(Err(why)) => Fix(why, instead.to_owned()),
        Err(_) => {
            let step = "restart it, or log in again".to_owned();
            Fix("the notification server does not answer".to_owned(), step)
        }
    }
}

/// Whether the daemon runs, and who sees to it.
pub(super) async fn service(dir: Option<&Path>) -> Finding {
    let manager = manager().await;
    let Some(dir) = dir else {
        return Skipped("depends on the state directory".to_owned());
    };
    let holder = match Lock::holder(dir) {
        Ok(holder) => holder,
        Err(error) => return Fix(error.to_string(), error.hint().to_owned()),
    };
    let Some(holder) = holder else {
        return not_running(manager);
    };
    let pid = holder.pid.map_or_else(String::new, |pid| format!(" (pid {pid})"));
    if is_stuck(dir) {
        let step = "run: ccwatch service restart".to_owned();
        return Fix(format!("the daemon{pid} has stopped polling"), step);
    }
    Well(match manager {
        Manager::Runs => format!("the daemon runs{pid}, as a service"),
        _ => format!(
            "the daemon runs{pid}, but not as a service; to have it always: ccwatch service install"
        ),
    })
}

fn not_running(manager: Manager) -> Finding {
    let (said, step) = match manager {
        Manager::Runs => ("the service runs with another state directory", "see --state-dir"),
        Manager::Failed => ("the service failed", "see why: ccwatch service logs"),
        Manager::Stopped | Manager::Silent => {
            ("no daemon is running", "run: ccwatch service install (or: ccwatch run)")
        }
    };
    Fix(said.to_owned(), step.to_owned())
}

/// Its heartbeat says when it wanted to poll.
fn is_stuck(dir: &Path) -> bool {
    let beat = Reader::open(dir).ok().flatten().and_then(|reader| reader.heartbeat().ok()?);
    let due = beat.and_then(|beat| beat.next_poll);
    due.is_some_and(|due| after(due, OVERDUE) < clock::now())
}

/// What the service manager says of the daemon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manager {
    Runs,
    Stopped,
    #[cfg_attr(target_os = "macos", expect(dead_code, reason = "launchd does not tell"))]
    Failed,
    /// There is none, or it does not answer.
    Silent,
}

#[cfg(not(target_os = "macos"))]
async fn manager() -> Manager {
    match ask("systemctl", &["--user", "is-active", "ccwatch.service"]).await.as_deref() {
        Some("active" | "activating" | "reloading") => Manager::Runs,
        Some("failed") => Manager::Failed,
        Some("inactive" | "deactivating" | "unknown") => Manager::Stopped,
        _ => Manager::Silent,
    }
}

#[cfg(target_os = "macos")]
async fn manager() -> Manager {
    let target = format!("gui/{}/io.github.ccwatch", rustix::process::getuid().as_raw());
    match ask("launchctl", &["print", &target]).await {
        Some(text) if text.contains("state = running") => Manager::Runs,
        Some(text) if text.is_empty() => Manager::Silent,
        Some(_) => Manager::Stopped,
        None => Manager::Silent,
    }
}

/// What a program prints, whatever its exit code.
async fn ask(program: &str, args: &[&str]) -> Option<String> {
    let mut command = Command::new(program);
    command.args(args).stdin(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    let output = timeout(PATIENCE, command.output()).await.ok()?.ok()?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
