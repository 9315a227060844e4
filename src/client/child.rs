//! Somebody else's command, run as if ccwatch were not there: it has our standard input, our
//! terminal and our process group; what it says goes where it would have gone, and what it gives
//! back is what we give back.

use std::ffi::OsString;
use std::io::{self, ErrorKind};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::fs::{Mode, OFlags};
use rustix::process::{Pid, Signal};
use tokio::signal::unix::{self, SignalKind, signal};

use super::tee::{Spoken, Tee};
use crate::app::exit_code::{Exit, ExitCode};

/// The signals that end a wait.
pub(crate) struct Interrupts {
    interrupt: unix::Signal,
    terminate: unix::Signal,
}

impl Interrupts {
    /// Starts to listen; must be called inside the runtime.
    ///
    /// # Errors
    /// The runtime can't take over a signal.
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    /// The next one. Safe to be dropped.
    pub(crate) async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.interrupt.recv() => Signal::INT,
            _ = self.terminate.recv() => Signal::TERM,
        }
    }
}

/// How a signal ends us: as the shell tells it.
pub(crate) fn ended_by(signal: Signal) -> Exit {
    if signal == Signal::INT { ExitCode::Interrupted.into() } else { by_signal(signal.as_raw()) }
}

/// Becomes `command`: from then on there is no ccwatch. Returns only if that fails.
pub(crate) fn become_command(command: &[OsString]) -> Exit {
    let Some((program, args)) = command.split_first() else { return ExitCode::Success.into() };
    let error = std::process::Command::new(program).args(args).exec();
    not_run(program, &error)
}

/// For a signal that reached a command before it reached us.
const A_MOMENT: Duration = Duration::from_millis(100);

/// How a command went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ran {
    /// It could not be started.
    NotAtAll(Exit),
    /// It ended by itself.
    Ended(Exit),
    /// It ended after we were told to stop.
    Stopped(Exit),
}

/// What a command reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Input {
    /// Our standard input.
    Ours,
    /// Nothing.
    Nothing,
}

/// Runs `command` once, and gives back the end of what it said. A signal to us alone is passed on;
/// Ctrl-C in a terminal reaches it anyway.
pub(crate) async fn run(
    command: &[OsString],
    input: Input,
    interrupts: &mut Interrupts,
) -> io::Result<(Ran, Spoken)> {
    let Some((program, args)) = command.split_first() else {
        return Ok((Ran::NotAtAll(ExitCode::Usage.into()), Spoken::default()));
    };
    let mut command = tokio::process::Command::new(program);
    if input == Input::Nothing {
        command.stdin(Stdio::null());
    }
    let tee = Tee::attach(command.args(args))?;
    let spawned = command.spawn();
    // Its ends of the pipes are in it: without them the pipes would never end.
    drop(command);
    let mut child = match spawned {
        Ok(child) => child,
        Err(error) => return Ok((Ran::NotAtAll(not_run(program, &error)), Spoken::default())),
    };
    let mut stopped = false;
    loop {
        tokio::select! {
            signal = interrupts.next() => {
                stopped = true;
                let pid = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
                if let Some(pid) = pid.filter(|_| signal != Signal::INT || !in_foreground()) {
                    // It may just have ended by itself.
                    let _ = rustix::process::kill_process(pid, signal);
                }
            }
            status = child.wait() => {
                let status = status?;
                // Ctrl-C reaches both of us: our own may be a moment behind.
                if !stopped && !status.success() {
                    stopped = tokio::time::timeout(A_MOMENT, interrupts.next()).await.is_ok();
                }
                let exit = exit(status);
                // Who doesn't read what is left is not waited for after a signal.
                let spoken = tokio::select! {
                    spoken = tee.finish() => spoken,
                    _ = interrupts.next() => {
                        stopped = true;
                        Spoken::default()
                    }
                };
                return Ok((if stopped { Ran::Stopped(exit) } else { Ran::Ended(exit) }, spoken));
            }
        }
    }
}

/// Whether the terminal sends its Ctrl-C to us, and so to everything that we started.
fn in_foreground() -> bool {
    let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
    let terminal = rustix::fs::open("/dev/tty", flags, Mode::empty());
    let group = terminal.and_then(rustix::termios::tcgetpgrp);
    group.is_ok_and(|group| group == rustix::process::getpgrp())
}

fn exit(status: ExitStatus) -> Exit {
    match (status.code(), status.signal()) {
        (Some(code), _) => Exit::Command(u8::try_from(code & 0xff).unwrap_or(u8::MAX)),
        (None, signal) => by_signal(signal.unwrap_or_default()),
    }
}

fn by_signal(signal: i32) -> Exit {
    Exit::Command(128_u8.saturating_add(u8::try_from(signal).unwrap_or_default()))
}

/// What to type where quotes made one word of a whole command.
fn quoted_hint(program: &str) -> Option<String> {
    let program = program.trim();
    if program.split_once('=').is_some_and(|(name, _)| !name.contains(char::is_whitespace))
        && !program.contains(char::is_whitespace)
    {
        return Some(format!("to set a variable for a command: env {program} COMMAND"));
    }
    if !program.contains(char::is_whitespace) {
        return None;
    }
    // What only a shell understands.
    let for_a_shell = program.contains(['|', '&', ';', '<', '>', '$', '`', '*', '~', '('])
        || program.split_whitespace().next().is_some_and(|word| word.contains('='));
    Some(match for_a_shell {
        true => format!("to have a shell run it: sh -c {}", crate::render::shell::quoted(program)),
        false => format!("the quotes make one word of it; without them: {program}"),
    })
}

fn not_run(program: &OsString, error: &io::Error) -> Exit {
    use std::io::Write;
    let shown = crate::render::sanitize::line(&program.to_string_lossy(), 200);
    let _ = writeln!(io::stderr(), "error: can't run {shown}: {error}");
    if let Some(hint) =
        quoted_hint(&program.to_string_lossy()).filter(|_| error.kind() == ErrorKind::NotFound)
    {
        let _ = writeln!(io::stderr(), "hint: {}", crate::render::sanitize::line(&hint, 300));
    }
    match error.kind() {
        ErrorKind::NotFound => ExitCode::NotFound.into(),
        _ => ExitCode::NotExecutable.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_in_quotes_is_shown_as_it_can_be_typed() {
        for (program, expected) in [
            ("claude", None),
            ("claude -p hi", Some("the quotes make one word of it; without them: claude -p hi")),
            ("echo a; echo b", Some("to have a shell run it: sh -c 'echo a; echo b'")),
            ("FOO=1", Some("to set a variable for a command: env FOO=1 COMMAND")),
            ("FOO=1 env", Some("to have a shell run it: sh -c 'FOO=1 env'")),
        ] {
            assert_eq!(quoted_hint(program).as_deref(), expected, "{program}");
        }
    }
}
