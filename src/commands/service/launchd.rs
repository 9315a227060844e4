//! The plans where launchd runs the user's agents.

use std::path::PathBuf;

use super::files::{Found, Look};
use super::plan::{Command, Plan, Step};
use super::site::Site;
use super::{Change, ServiceError};

/// The agent as packages ship it.
const AGENT: &str = include_str!("../../../launchd/io.github.ccwatch.plist");
/// The agent's label, which is also the name of its file.
const LABEL: &str = "io.github.ccwatch";

/// Installs, upgrades or repairs: afterwards the agent runs, now and at every login.
pub(super) fn install(site: &Site, disk: &dyn Look, change: Change) -> Result<Plan, ServiceError> {
    let mut plan = Plan::default();
    let (file, target) = (file(site), target(site));
    plan.write(disk, change.force, &file, agent(site))?;
    // An agent that is loaded keeps its old definition until it is gone, which takes a moment.
    plan.step(Step::Try(Command::new(["launchctl", "bootout", &target])));
    plan.step(Step::UntilItFails(Command::new(["launchctl", "print", &target])));
    plan.step(Step::Run(Command::new(["launchctl", "enable", &target])));
    let file = file.to_string_lossy();
    let bootstrap = Command::new(["launchctl", "bootstrap", &domain(site), &file]);
    plan.step(Step::Insist(bootstrap));
    plan.note("ccwatch runs now, and from now on whenever you log in.");
    plan.note("macOS may say that a background item was added: that is ccwatch.");
    Ok(plan)
}

/// Takes away everything that `install` brought, and the log.
pub(super) fn uninstall(
    site: &Site,
    disk: &dyn Look,
    change: Change,
) -> Result<Plan, ServiceError> {
    let mut plan = Plan::default();
    let file = file(site);
    if disk.look(&file) == Found::Nothing {
        return Ok(plan);
    }
    plan.step(Step::Try(Command::new(["launchctl", "bootout", &target(site)])));
    plan.remove(disk, change.force, &file)?;
    let log = log(site);
    plan.step(Step::Remove(log.clone()));
    plan.step(Step::Remove(crate::platform::logging::older(&log)));
    plan.step(Step::RemoveIfEmpty(site.home.join("Library/Logs/ccwatch")));
    Ok(plan)
}

/// `gui/UID`: the user's graphical session.
pub(super) fn domain(site: &Site) -> String {
    format!("gui/{}", site.uid)
}

/// The agent in the user's session.
pub(super) fn target(site: &Site) -> String {
    target_of(site.uid)
}

/// The same, of the user with this id.
pub(super) fn target_of(uid: u32) -> String {
    format!("gui/{uid}/{LABEL}")
}

/// The log that the agent writes.
pub(super) fn log(site: &Site) -> PathBuf {
    site.home.join("Library/Logs/ccwatch/ccwatch.log")
}

/// The agent's file.
pub(super) fn file(site: &Site) -> PathBuf {
    site.home.join("Library/LaunchAgents").join(format!("{LABEL}.plist"))
}

/// The agent for this site.
fn agent(site: &Site) -> String {
    let string = |text: &str| format!("<string>{}</string>", xml(text));
    let mut arguments = string("run");
    for option in &site.options {
        arguments.push_str(&format!("\n\t\t{}", string(option)));
    }
    AGENT
        .replace("<string>/usr/local/bin/ccwatch</string>", &string(&site.program))
        .replace("<string>run</string>", &arguments)
}

/// Text as XML; what XML can't hold, no path that launchd takes can have either.
fn xml(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
