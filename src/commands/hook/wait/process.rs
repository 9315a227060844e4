//! Whether there still is a session that could be woken.

use rustix::process::{Pid, getppid, test_kill_process};

use crate::claude_code::place::environment;

/// The process of the session.
pub(super) struct Process {
    parent: Option<Pid>,
    claude: Option<Pid>,
}

impl Process {
    /// As it is when the hook begins.
    pub(super) fn of_claude() -> Self {
        let claude = environment("CLAUDE_PID").and_then(|pid| pid.parse().ok());
        let claude = claude.and_then(Pid::from_raw);
        let parent = getppid();
        // A number may be given anew; that a parent is gone shows for sure.
        Self { parent, claude: claude.filter(|_| claude != parent) }
    }

    /// Whether there is nobody any more who could be woken.
    pub(super) fn is_gone(&self) -> bool {
        let gone = |pid| test_kill_process(pid) == Err(rustix::io::Errno::SRCH);
        match self.claude {
            Some(claude) => gone(claude),
            None => getppid() != self.parent,
        }
    }
}
