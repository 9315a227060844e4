//! The user's hook (`notify.hook`): a command of their own, run for each notice that is told.
//!
//! The daemon never starts it itself. A small process, the runner (`ccwatch hook-runner`), is
//! started before anything else of the daemon is; it reads the command from the configuration
//! file itself and is given nothing but notices. So a sandbox around the daemon does not bind the
//! hook, and a daemon that was taken over can't name a command. The runner isn't the hook's parent
//! either: for each notice it starts a process that is ([`apart()`]), which a hook may stop or kill,
//! or which may hang where the hook's file is, without harm to the next notice. [`call()`] is the
//! only place that starts a hook; [`Runner`] is the daemon's side of the pipe,
//! `commands/hook_runner.rs` the other.
//!
//! A runner that dies is started again by its keeper, a process that does nothing else and was
//! started by the daemon while that still could. Each runner has one life, with a number; the
//! daemon says when one begins, so that no order is carried out by the wrong one.

mod apart;
mod call;
mod look;
mod runner;

use std::fs;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, access};
use serde::{Deserialize, Serialize};

use crate::platform::paths;
use crate::platform::plain::{self, NotPlain};
pub use crate::platform::reach::ourselves;

pub use super::payload::Payload;
pub use apart::{Call, Ended, apart};
pub use call::{Failed, Limits, account, call, call_in_our_group};
pub use look::find_apart;
pub use runner::{Hook, News, Outcome, Report, Runner};

/// What the daemon asks of the runner, a line of JSON each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// The runner with this number begins. What stands before it in the pipe was for one that died.
    Begin {
        /// Which of the runners, from 0 on.
        life: u32,
    },
    /// Run the hook for this notice, and answer.
    Run(Box<Payload>),
    /// Read the configuration again.
    Reload,
}

/// What the runner says, a line of JSON each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// The answer to [`Order::Begin`].
    Begun {
        /// Which of the runners.
        life: u32,
    },
    /// A runner is no more; its keeper says so, and waits for the next [`Order::Begin`].
    Died {
        /// Which of the runners.
        life: u32,
        /// How it ended, a phrase for people.
        how: String,
    },
    /// The answer to [`Order::Run`].
    Ran {
        /// The notice's key, as it came.
        key: String,
        /// What went wrong, inert and short; none: the hook ended with exit code 0.
        failed: Option<String>,
    },
    /// The hook can't be run as it is configured, and why.
    Unfit(String),
}

/// What a service manager gives to the daemon alone.
const NOT_INHERITED: [&str; 3] = ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"];

/// Where programs are looked for without a `PATH`.
const USUAL_PLACES: &str = "/usr/local/bin:/usr/bin:/bin";

/// The program that a hook's first word names: an absolute path, one below the home directory
/// (`~/...`), or a name in `PATH`.
///
/// To be called where nobody waits for it: see [`find_apart`].
///
/// # Errors
/// Why it can't be run, as a phrase for people.
pub fn find(word: &str) -> Result<PathBuf, String> {
    if word.contains('/') {
        let path = paths::below_home(Path::new(word));
        return match fs::metadata(&path).map(|found| plain::other_than_plain(&found)) {
            Err(_) => Err(format!("there is no file {word}")),
            Ok(Some(NotPlain(what))) => Err(format!("{word} is {what}, not a program")),
            Ok(None) if !executable(&path) => Err(format!("{word} is not executable")),
            Ok(None) => Ok(path),
        };
    }
    let dirs = std::env::var_os("PATH").unwrap_or_else(|| USUAL_PLACES.into());
    let mut places = std::env::split_paths(&dirs).filter(|dir| dir.is_absolute());
    let found = places.find_map(|dir| Some(dir.join(word)).filter(|path| executable(path)));
    found.ok_or_else(|| format!("there is no program {word} in PATH"))
}

fn executable(path: &Path) -> bool {
    path.is_file() && access(path, Access::EXEC_OK).is_ok()
}
