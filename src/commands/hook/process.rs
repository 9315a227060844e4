//! The process of the session, by which is known whether there still is one that could be woken.

use std::fs;

use rustix::process::{Pid, getppid, test_kill_process};

use crate::claude_code::place::environment;

/// The number of the process of Claude Code that called this hook, where it says so: from 2.1.250 at
/// the latest.
pub(super) fn of_claude() -> Option<u32> {
    environment("CLAUDE_PID").and_then(|pid| pid.parse().ok()).filter(|pid| *pid > 0)
}

/// Whether there is no such process any more.
pub(super) fn is_gone(number: u32) -> bool {
    pid(number).is_none_or(|pid| test_kill_process(pid) == Err(rustix::io::Errno::SRCH))
}

/// Whether Claude Code is gone already, or was started for one prompt alone (`-p`), as its words show
/// on Linux.
pub(super) fn ends_with_its_turn() -> bool {
    let claude = of_claude();
    let parent = || getppid().and_then(|pid| u32::try_from(pid.as_raw_nonzero().get()).ok());
    let Some(number) = claude.or_else(parent) else { return false };
    let words = fs::read(format!("/proc/{number}/cmdline")).unwrap_or_default();
    let is_print = |word: &[u8]| word == b"-p" || word == b"--print";
    claude.is_some_and(is_gone) || words.split(|byte| *byte == 0).any(is_print)
}

fn pid(number: u32) -> Option<Pid> {
    i32::try_from(number).ok().and_then(Pid::from_raw)
}

/// Who is to be woken.
pub(super) struct Process {
    parent: Option<Pid>,
    claude: Option<u32>,
}

impl Process {
    /// As it is when the hook begins.
    pub(super) fn of_claude() -> Self {
        let parent = getppid();
        // A number may be given anew; that a parent is gone shows for sure.
        Self { parent, claude: of_claude().filter(|claude| pid(*claude) != parent) }
    }

    /// Whether there is nobody any more who could be woken.
    pub(super) fn is_gone(&self) -> bool {
        match self.claude {
            Some(claude) => is_gone(claude),
            None => getppid() != self.parent,
        }
    }
}
