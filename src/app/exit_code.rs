//! The exit codes, one table for all sub-commands: scripts and service units rely on them.

/// What the process says to its caller.
///
/// | code | meaning |
/// |---|---|
/// | 0 | done; for `status` and `wait`: clear, or a retry makes sense |
/// | 1 | `status`: something watched is reported, degraded or in maintenance, or API errors were seen under a green page; others: it did not work (no pop-up came, the service does not run, a check failed) |
/// | 2 | `status`: something watched is partly or fully down |
/// | 3 | `status`: not known: no reading is recent enough, or the page doesn't list what is watched; `wait`: it doesn't list all of it, and the rest is well |
/// | 10 | `diagnose`: Anthropic has trouble: wait |
/// | 11 | `diagnose`: the login or the account |
/// | 12 | `diagnose`: this session |
/// | 13 | `diagnose`: an unexpected key, gateway, proxy or provider |
/// | 14 | `diagnose`: a limit |
/// | 15 | `diagnose`: this machine's network |
/// | 16 | `diagnose`: the evidence does not decide, it says what would |
/// | 64 | the command line, or a recording, was wrong |
/// | 69 | the page could not be reached |
/// | 70 | a bug in ccwatch |
/// | 74 | the database could not be read or written |
/// | 75 | another daemon is running |
/// | 78 | the configuration was not accepted |
/// | 124 | `wait` timed out |
/// | 126 | `wait` and `retry`: the command could not be run |
/// | 127 | `wait` and `retry`: there is no such command |
/// | 130 | interrupted (Ctrl-C) |
///
/// 0 to 3 are the convention of monitoring plugins, 10 to 16 the branches of
/// `diagnose`, 64 to 78 that of sysexits.h, 124 that of
/// timeout(1), 126 to 130 that of the shell. A command that `wait` or `retry` ran gives its own code,
/// 128 and the signal's number where a signal ended it. Service units must not restart the daemon on
/// 64 and 78: trying again can't help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum ExitCode {
    /// Done, or all is well.
    Success = 0,
    /// `status`: something watched is affected a little, or looks suspect. `service`: it failed.
    Warning = 1,
    /// `status`: something watched is down, for some or for all.
    Critical = 2,
    /// `status`: nothing recent enough is known, or not of all that is watched.
    Unknown = 3,
    /// `diagnose`: Anthropic has trouble: wait.
    LiveIncident = 10,
    /// `diagnose`: the login or the account.
    Login = 11,
    /// `diagnose`: this session.
    Session = 12,
    /// `diagnose`: an unexpected key, gateway, proxy or provider.
    Route = 13,
    /// `diagnose`: a limit.
    RateLimit = 14,
    /// `diagnose`: this machine's network.
    Network = 15,
    /// `diagnose`: the evidence does not decide, it says what would.
    Undecided = 16,
    /// The command line was wrong.
    Usage = 64,
    /// The page could not be reached.
    Unreachable = 69,
    /// A bug.
    Internal = 70,
    /// The database could not be read or written.
    Store = 74,
    /// Another daemon is running.
    AlreadyRunning = 75,
    /// The configuration was not accepted.
    Config = 78,
    /// `wait` timed out.
    TimedOut = 124,
    /// A command is there, but could not be run.
    NotExecutable = 126,
    /// A command is not there.
    NotFound = 127,
    /// Ctrl-C.
    Interrupted = 130,
}

impl ExitCode {
    /// Every code, in order, for tables.
    pub const ALL: &[Self] = &[
        Self::Success,
        Self::Warning,
        Self::Critical,
        Self::Unknown,
        Self::LiveIncident,
        Self::Login,
        Self::Session,
        Self::Route,
        Self::RateLimit,
        Self::Network,
        Self::Undecided,
        Self::Usage,
        Self::Unreachable,
        Self::Internal,
        Self::Store,
        Self::AlreadyRunning,
        Self::Config,
        Self::TimedOut,
        Self::NotExecutable,
        Self::NotFound,
        Self::Interrupted,
    ];

    /// The number that the caller sees.
    pub fn code(self) -> u8 {
        self as u8
    }

    /// What it means, for help texts.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Success => "done; for `status` and `wait`: clear, or a retry makes sense",
            Self::Warning => {
                "`status`: something watched is reported, degraded or in maintenance, or API \
                 errors were seen under a green page; others: it did not work (no pop-up came, the \
                 service does not run, a check failed)"
            }
            Self::Critical => "`status`: something watched is partly or fully down",
            Self::Unknown => {
                "`status`: not known: no reading is recent enough, or the page doesn't list what is \
                 watched; `wait`: it doesn't list all of it, and the rest is well"
            }
            Self::LiveIncident => "`diagnose`: Anthropic has trouble: wait",
            Self::Login => "`diagnose`: the login or the account",
            Self::Session => "`diagnose`: this session",
            Self::Route => "`diagnose`: an unexpected key, gateway, proxy or provider",
            Self::RateLimit => "`diagnose`: a limit",
            Self::Network => "`diagnose`: this machine's network",
            Self::Undecided => "`diagnose`: the evidence does not decide, it says what would",
            Self::Usage => "the command line, or a recording, was wrong",
            Self::Unreachable => "the page could not be reached",
            Self::Internal => "a bug in ccwatch",
            Self::Store => "the database could not be read or written",
            Self::AlreadyRunning => "another daemon is running",
            Self::Config => "the configuration was not accepted",
            Self::TimedOut => "`wait` timed out",
            Self::NotExecutable => "`wait` and `retry`: the command could not be run",
            Self::NotFound => "`wait` and `retry`: there is no such command",
            Self::Interrupted => "interrupted (Ctrl-C)",
        }
    }
}

impl From<ExitCode> for std::process::ExitCode {
    fn from(code: ExitCode) -> Self {
        Self::from(code.code())
    }
}

/// How the process ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// With a code of ours.
    Own(ExitCode),
    /// With that of a command that it ran.
    Command(u8),
}

impl From<ExitCode> for Exit {
    fn from(code: ExitCode) -> Self {
        Self::Own(code)
    }
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Own(code) => code.into(),
            Exit::Command(code) => code.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_table_is_the_enum() {
        let documented: Vec<String> = include_str!("exit_code.rs")
            .lines()
            .filter_map(|line| line.strip_prefix("/// | "))
            .filter(|row| row.starts_with(|c: char| c.is_ascii_digit()))
            .map(|row| row.trim_end_matches(" |").to_owned())
            .collect();
        let declared: Vec<String> = ExitCode::ALL
            .iter()
            .map(|code| format!("{} | {}", code.code(), code.meaning()))
            .collect();
        assert_eq!(documented, declared);
    }
}
