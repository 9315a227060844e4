//! The built program, run as a user would: its own state directory, configuration and bus.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use ccwatch::platform::clock::now;
use serde_json::Value;

use crate::page::{FakePage, SOON};

/// A place for one user's files.
pub(crate) struct Home {
    dir: tempfile::TempDir,
    bus: Option<String>,
}

/// Polls so fast that a test needs no patience.
pub(crate) const QUICK: &str = r#"
[poll]
interval = "40ms"
during_outage = "40ms"
[notify]
settle = "60ms"
"#;

impl Home {
    /// A user with a configuration for `page`; `more` is appended to the top of it.
    pub(crate) fn new(page: &FakePage) -> Self {
        let home = Self { dir: tempfile::tempdir().unwrap(), bus: None };
        home.configure(&page.url(), "stale_after = \"10m\"", QUICK);
        home
    }

    /// The same, on a desktop.
    pub(crate) fn on(page: &FakePage, bus: &str) -> Self {
        Self { bus: Some(bus.to_owned()), ..Self::new(page) }
    }

    pub(crate) fn configure(&self, url: &str, top: &str, rest: &str) {
        let text = format!("{top}\n[page]\nurl = \"{url}\"\nfallback = \"\"\n{rest}");
        fs::write(self.config(), text).unwrap();
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.dir.path().join("config.toml")
    }

    pub(crate) fn state(&self) -> PathBuf {
        self.dir.path().join("state")
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    /// `ccwatch ARGS`, with nothing of this machine's environment.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ccwatch"));
        command
            .env_clear()
            .env("HOME", self.dir.path())
            .env("XDG_RUNTIME_DIR", self.dir.path())
            .env("TZ", "UTC")
            .envs(self.bus.as_ref().map(|bus| ("DBUS_SESSION_BUS_ADDRESS", bus)))
            .args(["--config".as_ref(), self.config().as_os_str()])
            .args(["--state-dir".as_ref(), self.state().as_os_str()])
            .args(args)
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// `ccwatch status --json`, and its exit code.
    pub(crate) fn status(&self) -> (Value, i32) {
        let output = self.run(&["status", "--json"]);
        let json = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&output.stderr)));
        (json, output.status.code().unwrap())
    }

    /// Starts the daemon.
    pub(crate) fn daemon(&self) -> Daemon {
        self.daemon_with(&[])
    }

    pub(crate) fn daemon_with(&self, args: &[&str]) -> Daemon {
        self.start(&[&["run"], args].concat())
    }

    /// Starts any command that takes its time.
    pub(crate) fn start(&self, args: &[&str]) -> Daemon {
        Daemon::start(self.command(args))
    }
}

/// Makes a program out of a script. A process of its own writes it: of what this one wrote another
/// test, which is just starting a program, may have an open copy, and then it can't be run.
pub(crate) fn executable(path: &Path, script: &str) {
    let mut shell = Command::new("sh");
    shell.args(["-c", "cat >\"$0\" && chmod 755 \"$0\""]).arg(path).stdin(Stdio::piped());
    let mut shell = shell.spawn().unwrap();
    shell.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
    assert!(shell.wait().unwrap().success());
}

/// A running daemon, or another command that takes its time; dropped, it is killed.
pub(crate) struct Daemon {
    child: Child,
    lines: Receiver<String>,
    said: Vec<String>,
}

impl Daemon {
    /// Starts `ccwatch run` as the command has it.
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let (send, lines) = channel();
        std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                if send.send(line).is_err() {
                    break;
                }
            }
        });
        Self { child, lines, said: Vec::new() }
    }

    /// The same where nobody hears what it says.
    pub(crate) fn unheard(command: &mut Command) -> Self {
        let (_, lines) = channel();
        Self { child: command.spawn().unwrap(), lines, said: Vec::new() }
    }

    /// Waits for a line of the log that contains `what`.
    pub(crate) fn says(&mut self, what: &str) -> String {
        loop {
            match self.lines.recv_timeout(SOON) {
                Ok(line) => self.said.push(line.clone()),
                Err(_) => panic!("the daemon did not say {what:?}:\n{}", self.said.join("\n")),
            }
            if self.said.last().unwrap().contains(what) {
                return self.said.pop().unwrap();
            }
        }
    }

    pub(crate) fn signal(&self, name: &str) {
        let done =
            Command::new("kill").args([name, &self.child.id().to_string()]).status().unwrap();
        assert!(done.success());
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// kill -9.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM; how it ended, how long that took, and everything that it said.
    pub(crate) fn stop(mut self) -> (ExitStatus, Duration, String) {
        let (status, took) = self.terminate();
        self.said.extend(self.lines.iter());
        (status, took, self.said.join("\n"))
    }

    /// SIGTERM, while others may still hold its log open; how it ended, and how long that took.
    pub(crate) fn terminate(&mut self) -> (ExitStatus, Duration) {
        let asked = now();
        self.signal("-TERM");
        let status = self.child.wait().unwrap();
        let took = now().duration_since(asked).unsigned_abs();
        println!("stopped after {took:?}");
        (status, took)
    }

    /// Waits until it ends by itself.
    pub(crate) fn ends(mut self) -> (ExitStatus, String) {
        let status = self.child.wait().unwrap();
        self.said.extend(self.lines.iter());
        (status, self.said.join("\n"))
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if let Some(stderr) = &mut self.child.stderr {
            let _ = stderr.read_to_string(&mut String::new());
        }
    }
}
