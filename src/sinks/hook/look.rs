//! Looks at files in a process of its own: on a mount that no longer answers a look never ends, and
//! who looks may not even be killed.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;
use tokio::time::timeout;

use super::ourselves;

/// A file that takes longer than this is said not to answer.
const ANSWERS_WITHIN: Duration = Duration::from_secs(5);

/// As [`find`](super::find), without the risk of it.
///
/// # Errors
/// Why the program can't be run, or can't even be looked at, as a phrase for people.
pub async fn find_apart(word: &str) -> Result<PathBuf, String> {
    let asked = ask("--find", word.as_ref()).await;
    let said = asked.map_err(|error| format!("can't be looked at: {error}"))?;
    let Some(said) = said else {
        return Err(format!("{word} does not answer: is it on a mount that is gone?"));
    };
    serde_json::from_slice(&said).map_err(|error| format!("can't be looked at: {error}"))?
}

/// Whether reading a file comes to an end, one way or the other.
pub async fn answers(file: &Path) -> bool {
    !matches!(ask("--read", file.as_os_str()).await, Ok(None))
}

/// What `ccwatch hook-runner` prints with an option; none: it doesn't end, and is left behind.
async fn ask(option: &str, value: &OsStr) -> io::Result<Option<Vec<u8>>> {
    let mut command = Command::new(ourselves()?);
    command.args(["hook-runner", option]).arg(value);
    command.stdin(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    match timeout(ANSWERS_WITHIN, command.output()).await {
        Ok(done) => Ok(Some(done?.stdout)),
        Err(_) => Ok(None),
    }
}
