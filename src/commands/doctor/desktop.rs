//! Who shows the pop-ups, and who keeps the daemon running.

use std::path::Path;
use std::time::Duration;

use tokio::time::timeout;

use crate::client::beside::{DaemonState, Signs};
use crate::commands::service::{self, Standing};
use crate::config::Config;
use crate::platform::{clock, plain, wsl};
use crate::sinks::desktop;
use crate::store::{Holder, Lock, Reader};

use super::Finding::{self, Fix, Skipped, Well};

/// For one answer of the desktop or the service manager.
const PATIENCE: Duration = Duration::from_secs(5);

pub(super) async fn popups(config: Option<&Config>) -> Finding {
    if config.is_some_and(|config| !config.notify.desktop) {
        return Well("switched off (notify.desktop)".to_owned());
    }
    let found = match desktop::availability() {
        Ok(()) => timeout(PATIENCE, desktop::describe()).await,
        Err(why) => Ok(Err(why)),
    };
    match found {
        Ok(Ok(Some(server))) => Well(format!("{} {}", server.name, server.version)),
        Ok(Ok(None)) => Well(
            "no notification server runs now, the bus starts one when it is needed; try: ccwatch \
             notify-test"
                .to_owned(),
        ),
        Ok(Err(why)) if config.is_some_and(|config| !config.notify.hook.0.is_empty()) => {
            Skipped(format!("{why}: notices go to notify.hook and to the log"))
        }
        Ok(Err(why)) => Fix(format!("none possible here: {why}"), instead()),
        Err(_) => {
            let step = "restart it, or log in again".to_owned();
            Fix("the notification server does not answer".to_owned(), step)
        }
    }
}

/// Where there is no desktop, one of two things makes this right, and then doctor says so.
fn instead() -> String {
    match wsl::is_wsl() {
        true => desktop::instead().to_owned(),
        false => "notices go to the log. To have them elsewhere set notify.hook to a command of \
                  yours; if the log is enough, set desktop = false below [notify]"
            .to_owned(),
    }
}

/// What it takes to have toasts of Windows. None: this is no Linux below Windows.
pub(super) fn windows(config: Option<&Config>, popups: &Finding) -> Option<Finding> {
    if !wsl::is_wsl() {
        return None;
    }
    let hooked = config.is_some_and(|config| !config.notify.hook.0.is_empty());
    let both = "the hook contrib/wsl/ccwatch-toast, and for a service the drop-in \
                contrib/wsl/wsl.conf";
    Some(match (hooked, has_wsl_drop_in(), popups) {
        (false, _, Well(_)) => Skipped(format!("for toasts of Windows: {both}")),
        (false, ..) => Fix("Windows shows nothing of ccwatch".to_owned(), format!("set up {both}")),
        (true, true, _) => Well("notices go to notify.hook, as a service, too".to_owned()),
        (true, false, _) => Skipped(
            "notices go to notify.hook; as a service it reaches Windows only with the drop-in \
             contrib/wsl/wsl.conf"
                .to_owned(),
        ),
    })
}

/// Whether some drop-in of the unit lets its programs reach Windows.
fn has_wsl_drop_in() -> bool {
    let Some(base) = directories::BaseDirs::new() else { return false };
    let drop_ins = base.config_dir().join("systemd/user/ccwatch.service.d");
    let entries = std::fs::read_dir(drop_ins).into_iter().flatten().flatten();
    let allows = |text: String| {
        text.lines().any(|l| l.starts_with("RestrictAddressFamilies=") && l.contains("AF_VSOCK"))
    };
    entries.map(|entry| plain::read_to_string(&entry.path())).any(|text| text.is_ok_and(allows))
}

/// Whether the daemon runs, and who sees to it.
pub(super) async fn service(dir: Option<&Path>) -> Finding {
    let manager = standing().await;
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
    let state = state_of(&holder, dir);
    if let DaemonState::CannotWrite(why) = state {
        let said = format!("the daemon runs{pid}, but {why}, so it can't write down what it reads");
        return Fix(said, "make room, or choose another place with state_dir".to_owned());
    }
    if state == DaemonState::Hangs {
        let step = match (manager, holder.pid) {
            (Standing::Runs, _) => "run: ccwatch service restart".to_owned(),
            (_, Some(pid)) => format!("run: kill {pid}; then start it again: ccwatch run"),
            (_, None) => "stop it, and start it again: ccwatch run".to_owned(),
        };
        return Fix(format!("the daemon{pid} has stopped polling"), step);
    }
    Well(match manager {
        Standing::Runs => format!("the daemon runs{pid}, as a service"),
        _ => format!(
            "the daemon runs{pid}, but not as a service; to have it always: ccwatch service install"
        ),
    })
}

fn not_running(manager: Standing) -> Finding {
    let (said, step) = match manager {
        Standing::Runs => ("the service runs with another state directory", "see --state-dir"),
        Standing::Failed => ("the service failed", "see why: ccwatch service logs"),
        Standing::Stopped | Standing::Silent => {
            ("no daemon is running", "run: ccwatch service install (or: ccwatch run)")
        }
    };
    Fix(said.to_owned(), step.to_owned())
}

/// What can be seen of the daemon in what it wrote down.
fn state_of(holder: &Holder, dir: &Path) -> DaemonState {
    let reader = Reader::open(dir).ok().flatten();
    let beat = reader.as_ref().and_then(|reader| reader.heartbeat().ok()?);
    let saved = reader.and_then(|reader| reader.state().ok());
    let tried_at = saved.and_then(|saved| saved.page_health.last_attempt);
    let signs = Signs { holder: Some(holder), beat: beat.as_ref(), tried_at };
    DaemonState::of(signs, dir, clock::now())
}

/// What the service manager says of the daemon. It is asked on a thread of its own, as it may take
/// its time.
async fn standing() -> Standing {
    tokio::task::spawn_blocking(service::standing).await.unwrap_or(Standing::Silent)
}
