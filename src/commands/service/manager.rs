//! The service manager as it is: whether it is there, and what it says of ccwatch.

use std::io::{self, Write};
use std::os::unix::process::ExitStatusExt;
use std::process;

use serde::Serialize;

use super::execute::ask;
use super::plan::Command;
use super::site::Site;
use super::systemd::{NAME, systemctl};
use super::{ServiceError, launchd};
use crate::app::exit_code::ExitCode;
use crate::render::json::print_json;
use crate::render::sanitize;

/// Launchd manages agents on macOS; anywhere else it's systemd or nobody.
pub(super) const LAUNCHD: bool = cfg!(target_os = "macos");

/// What is asked of systemd about the unit.
const PROPERTIES: &str = "LoadState,ActiveState,SubState,UnitFileState,Result,ExecMainStatus,\
                          MainPID,NRestarts,StatusText,FragmentPath,ActiveEnterTimestamp";
/// The longest property that is shown, in characters.
const LONGEST: usize = 300;

/// Asks the manager for its environment; empty where it has none to tell.
///
/// # Errors
/// There is no manager, or it doesn't answer.
pub(super) fn environment() -> Result<String, ServiceError> {
    let no_manager = |why| ServiceError::NoManager { why };
    if LAUNCHD {
        let domain = format!("gui/{}", rustix::process::getuid().as_raw());
        let asked = ask(&Command::new(["launchctl", "print", &domain]));
        return asked.map(|_| String::new()).map_err(no_manager);
    }
    ask(&systemctl(["show-environment"])).map_err(no_manager)
}

/// The command that starts, stops or restarts.
pub(super) fn control(site: &Site, verb: Verb) -> Command {
    let target = launchd::target(site);
    match verb {
        Verb::Start if LAUNCHD => Command::new(["launchctl", "kickstart", &target]),
        Verb::Stop if LAUNCHD => Command::new(["launchctl", "kill", "SIGTERM", &target]),
        Verb::Restart if LAUNCHD => Command::new(["launchctl", "kickstart", "-k", &target]),
        Verb::Start => systemctl(["start", NAME]),
        Verb::Stop => systemctl(["stop", NAME]),
        Verb::Restart => systemctl(["restart", NAME]),
    }
}

/// How the daemon stands with the service manager.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It runs.
    Runs,
    /// It is installed, or not, and doesn't run.
    Stopped,
    /// It ended by itself, and systemd gave up.
    Failed,
    /// There is no manager, or it doesn't answer.
    Silent,
}

/// Asks the manager; for those that only want to know whether it runs.
pub(crate) fn standing() -> Standing {
    if LAUNCHD {
        return match ask(&Command::new([
            "launchctl",
            "print",
            &launchd::target_of(rustix::process::getuid().as_raw()),
        ])) {
            Ok(printed) if agent(true, Some(&printed)).running => Standing::Runs,
            Ok(_) => Standing::Stopped,
            Err(_) => Standing::Silent,
        };
    }
    match ask(&systemctl(["show", "--property", PROPERTIES, NAME])) {
        Ok(shown) => of_unit(&unit(&shown)),
        Err(_) => Standing::Silent,
    }
}

fn of_unit(unit: &Answer) -> Standing {
    match unit.state.as_deref() {
        Some("active" | "activating" | "reloading") => Standing::Runs,
        Some("failed") => Standing::Failed,
        // One that isn't installed has none.
        Some(_) | None => Standing::Stopped,
    }
}

/// What can be done to an installed service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
    Start,
    Stop,
    Restart,
}

/// Whether the service is installed.
pub(super) fn is_installed(site: &Site) -> Result<bool, ServiceError> {
    if LAUNCHD {
        return Ok(launchd::file(site).exists());
    }
    let no_manager = |why| ServiceError::NoManager { why };
    let state = systemctl(["show", "--property=LoadState", "--value", NAME]);
    Ok(ask(&state).map_err(no_manager)?.trim() != "not-found")
}

/// Prints what the manager says. Success if the service runs.
pub(super) fn status(site: &Site, json: bool, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    if LAUNCHD {
        return launchd_status(site, json, out);
    }
    let show = systemctl(["show", "--property", PROPERTIES, NAME]);
    let shown = ask(&show).map_err(|why| ServiceError::NoManager { why })?;
    match json {
        true => Ok(answer(&unit(&shown), out)?),
        false => Ok(report(&shown, out)?),
    }
}

/// Version 1 of a documented shape.
#[derive(Default, Serialize)]
struct Answer {
    version: u8,
    manager: &'static str,
    installed: bool,
    running: bool,
    state: Option<String>,
    pid: Option<u32>,
    says: Option<String>,
    last_exit_code: Option<u32>,
    restarts: Option<u32>,
    at_login: Option<bool>,
    file: Option<String>,
}

fn answer(answer: &Answer, out: &mut dyn Write) -> io::Result<ExitCode> {
    print_json(answer, out)?;
    Ok(if answer.running { ExitCode::Success } else { ExitCode::Warning })
}

/// The property of a unit as systemd shows it.
fn property(shown: &str, name: &str) -> String {
    let value = |line: &str| line.strip_prefix(name)?.strip_prefix('=').map(str::to_owned);
    sanitize::line(&shown.lines().find_map(value).unwrap_or_default(), LONGEST)
}

fn unit(shown: &str) -> Answer {
    let property = |name: &str| Some(property(shown, name)).filter(|value| !value.is_empty());
    let number = |name: &str| property(name)?.parse().ok();
    let systemd = Answer { version: 1, manager: "systemd", ..Answer::default() };
    if property("LoadState").as_deref() == Some("not-found") {
        return systemd;
    }
    let at_login = |state: String| matches!(state.as_str(), "enabled" | "enabled-runtime");
    Answer {
        installed: true,
        running: property("ActiveState").as_deref() == Some("active"),
        state: property("ActiveState"),
        pid: number("MainPID").filter(|pid| *pid > 0),
        says: property("StatusText"),
        last_exit_code: number("ExecMainStatus"),
        restarts: number("NRestarts"),
        at_login: property("UnitFileState").map(at_login),
        file: property("FragmentPath"),
        ..systemd
    }
}

/// Puts the properties of the unit into words.
fn report(shown: &str, out: &mut dyn Write) -> io::Result<ExitCode> {
    let property = |name: &str| property(shown, name);
    if property("LoadState") == "not-found" {
        writeln!(out, "Not installed. To install it, run: ccwatch service install")?;
        return Ok(ExitCode::Warning);
    }
    let (active, result) = (property("ActiveState"), property("Result"));
    write!(out, "{active} ({})", property("SubState"))?;
    if active == "active" {
        writeln!(out, " since {}, pid {}", property("ActiveEnterTimestamp"), property("MainPID"))?;
        writeln!(out, "{}", property("StatusText"))?;
    } else if result == "success" {
        writeln!(out)?;
    } else {
        writeln!(out, ": {result}, exit code {}", property("ExecMainStatus"))?;
        writeln!(out, "The reason is in its log: ccwatch service logs")?;
    }
    if property("NRestarts") != "0" {
        writeln!(out, "Restarted after a failure: {} times", property("NRestarts"))?;
    }
    let at_login = match property("UnitFileState").as_str() {
        "enabled" | "enabled-runtime" => "starts when you log in".to_owned(),
        other => format!("does not start when you log in ({other})"),
    };
    writeln!(out, "Unit {}, {at_login}", property("FragmentPath"))?;
    Ok(if active == "active" { ExitCode::Success } else { ExitCode::Warning })
}

/// The output of `launchctl print` is for people, and not an interface: only lines that are
/// short and known are passed on.
fn launchd_status(site: &Site, json: bool, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    if json {
        let installed = launchd::file(site).exists();
        let printed = ask(&Command::new(["launchctl", "print", &launchd::target(site)]));
        return Ok(answer(&agent(installed, printed.ok().as_deref()), out)?);
    }
    if !launchd::file(site).exists() {
        writeln!(out, "Not installed. To install it, run: ccwatch service install")?;
        return Ok(ExitCode::Warning);
    }
    let printed = match ask(&Command::new(["launchctl", "print", &launchd::target(site)])) {
        Ok(printed) => printed,
        Err(why) => {
            writeln!(out, "Installed, but not loaded: {why}")?;
            return Ok(ExitCode::Warning);
        }
    };
    Ok(launchd_report(&printed, out)?)
}

/// What is known of the agent itself: deeper lines belong to parts of it.
fn own_lines(printed: &str) -> impl Iterator<Item = (&str, &str)> {
    let own = printed.lines().filter_map(|line| line.strip_prefix('\t'));
    own.filter(|line| !line.starts_with('\t')).filter_map(|line| line.split_once(" = "))
}

fn agent(installed: bool, printed: Option<&str>) -> Answer {
    let value = |name: &str| {
        own_lines(printed?).find(|line| line.0 == name).map(|line| sanitize::line(line.1, LONGEST))
    };
    let number = |name: &str| value(name)?.parse().ok();
    Answer {
        version: 1,
        manager: "launchd",
        installed,
        running: value("state").as_deref() == Some("running"),
        state: value("state"),
        pid: number("pid"),
        last_exit_code: number("last exit code"),
        at_login: installed.then_some(true),
        file: value("path"),
        ..Answer::default()
    }
}

fn launchd_report(printed: &str, out: &mut dyn Write) -> io::Result<ExitCode> {
    let mut running = false;
    for line in own_lines(printed) {
        running |= line == ("state", "running");
        if ["state", "pid", "runs", "last exit code", "path"].contains(&line.0) {
            writeln!(out, "{}: {}", line.0, sanitize::line(line.1, LONGEST))?;
        }
    }
    Ok(if running { ExitCode::Success } else { ExitCode::Warning })
}

/// Shows the log, in the terminal or pager of the user.
pub(super) fn logs(site: &Site, lines: u32, follow: bool) -> anyhow::Result<ExitCode> {
    let lines = lines.to_string();
    let mut command = if LAUNCHD {
        let log = launchd::log(site);
        Command::new(["tail", "-n", &lines, &log.to_string_lossy()])
    } else {
        // Not `--user --unit`: that finds nothing where users have no journal of their own.
        Command::new(["journalctl", "--user-unit", NAME, "--lines", &lines])
    };
    if follow {
        command.0.insert(1, if LAUNCHD { "-F" } else { "--follow" }.to_owned());
    }
    let (program, arguments) = command.split();
    let failed = |why: String| ServiceError::Step {
        what: command.to_string(),
        why,
        service_may_tell: false,
    };
    let ended = process::Command::new(program).args(arguments).status();
    let ended = ended.map_err(|error| failed(error.to_string()))?;
    // Ctrl-C, or a pager that was left, is how one ends this.
    match ended.success() || ended.signal().is_some() {
        true => Ok(ExitCode::Success),
        false => Err(failed(ended.to_string()).into()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(report: impl FnOnce(&mut dyn Write) -> io::Result<ExitCode>) -> (String, ExitCode) {
        let mut out = Vec::new();
        let code = report(&mut out).unwrap();
        (String::from_utf8(out).unwrap(), code)
    }

    #[test]
    fn what_systemd_says_in_words() {
        let running = "LoadState=loaded\nActiveState=active\nSubState=running\nResult=success\n\
                       UnitFileState=enabled\nMainPID=42\nNRestarts=0\nFragmentPath=/u\n\
                       StatusText=CLEAR: the page is green\nActiveEnterTimestamp=Sat 10:00\n";
        let failed = "LoadState=loaded\nActiveState=failed\nSubState=failed\nResult=exit-code\n\
                      ExecMainStatus=78\nUnitFileState=disabled\nNRestarts=3\nFragmentPath=/u\n";
        for (shown, expected, code) in [
            (
                running,
                "active (running) since Sat 10:00, pid 42\nCLEAR: the page is green\n\
                 Unit /u, starts when you log in\n",
                ExitCode::Success,
            ),
            (
                failed,
                "failed (failed): exit-code, exit code 78\n\
                 The reason is in its log: ccwatch service logs\n\
                 Restarted after a failure: 3 times\n\
                 Unit /u, does not start when you log in (disabled)\n",
                ExitCode::Warning,
            ),
            (
                "LoadState=not-found\nActiveState=inactive\n",
                "Not installed. To install it, run: ccwatch service install\n",
                ExitCode::Warning,
            ),
        ] {
            assert_eq!(told(|out| report(shown, out)), (expected.to_owned(), code));
        }
    }

    #[test]
    fn the_same_as_json_tells_what_is_not_known_as_null() {
        let unit = unit(
            "LoadState=loaded\nActiveState=active\nMainPID=42\nExecMainStatus=0\n\
                         UnitFileState=enabled\nNRestarts=3\nFragmentPath=/u\nStatusText=\n",
        );
        let absent = super::unit("LoadState=not-found\nActiveState=inactive\n");
        let agent = agent(true, Some("x = {\n\tstate = running\n\tpid = 7\n\tpath = /p\n}\n"));
        for (answer, expected) in [
            (
                unit,
                json!({"version": 1, "manager": "systemd", "installed": true, "running": true,
                    "state": "active", "pid": 42, "says": null, "last_exit_code": 0, "restarts": 3,
                    "at_login": true, "file": "/u"}),
            ),
            (
                absent,
                json!({"version": 1, "manager": "systemd", "installed": false, "running": false,
                    "state": null, "pid": null, "says": null, "last_exit_code": null,
                    "restarts": null, "at_login": null, "file": null}),
            ),
            (
                agent,
                json!({"version": 1, "manager": "launchd", "installed": true, "running": true,
                    "state": "running", "pid": 7, "says": null, "last_exit_code": null,
                    "restarts": null, "at_login": true, "file": "/p"}),
            ),
        ] {
            assert_eq!(serde_json::to_value(answer).unwrap(), expected);
        }
    }

    #[test]
    fn what_launchd_says_is_passed_on_as_far_as_it_is_known() {
        let printed = "gui/501/io.github.ccwatch = {\n\tactive count = 1\n\tpath = /p\n\
                       \tstate = running\n\n\tspawn type = daemon\n\tpid = 42\n\tendpoints = {\n\
                       \t\tstate = idle\n\t}\n}\n";
        let expected = "path: /p\nstate: running\npid: 42\n".to_owned();
        assert_eq!(told(|out| launchd_report(printed, out)), (expected, ExitCode::Success));
        let printed = "x = {\n\tstate = not running\n\tlast exit code = 78\n}\n";
        let expected = "state: not running\nlast exit code: 78\n".to_owned();
        assert_eq!(told(|out| launchd_report(printed, out)), (expected, ExitCode::Warning));
    }
}
