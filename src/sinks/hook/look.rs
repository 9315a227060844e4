//! Looks for the hook in a process of its own: on a mount that no longer answers a look never ends,
//! and who looks may not even be killed.

use std::ffi::OsStr;
use std::io;
use std::path::PathBuf;
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
    let asked = ask(word.as_ref()).await;
    let said = asked.map_err(|error| format!("can't be looked at: {error}"))?;
    let Some(said) = said else {
        return Err(format!("{word} does not answer: is it on a mount that is gone?"));
    };
    serde_json::from_slice(&said).map_err(|error| format!("can't be looked at: {error}"))?
}

/// What `ccwatch hook-runner --find` prints; none: it doesn't end, and is left behind.
async fn ask(word: &OsStr) -> io::Result<Option<Vec<u8>>> {
    let mut command = Command::new(ourselves()?);
    command.args(["hook-runner", "--find"]).arg(word);
    command.stdin(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    match timeout(ANSWERS_WITHIN, command.output()).await {
        Ok(done) => Ok(Some(done?.stdout)),
        Err(_) => Ok(None),
    }
}
