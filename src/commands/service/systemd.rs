//! The plans where systemd runs the user's services.

use std::path::{Path, PathBuf};

use super::files::{Found, Look};
use super::plan::{Command, Plan, Step};
use super::site::Site;
use super::{Change, ServiceError, desktop};

/// The unit as packages ship it.
const UNIT: &str = include_str!("../../../systemd/ccwatch.service");
/// The drop-in with the hardening that needs user namespaces.
const STRICT: &str = include_str!("../../../systemd/strict.conf");
/// The unit's name.
pub(super) const NAME: &str = "ccwatch.service";
/// Where packages and administrators put units for users.
const PACKAGED: [&str; 4] = [
    "/etc/systemd/user",
    "/usr/local/lib/systemd/user",
    "/usr/lib/systemd/user",
    "/lib/systemd/user",
];

/// `systemctl --user` with some words.
pub(super) fn systemctl<const N: usize>(words: [&str; N]) -> Command {
    let words = ["systemctl", "--user"].into_iter().chain(words);
    Command(words.map(str::to_owned).collect())
}

/// Installs, upgrades or repairs: afterwards the service runs, now and at every login.
pub(super) fn install(
    site: &Site,
    disk: &dyn Look,
    change: Change,
    strict: bool,
) -> Result<Plan, ServiceError> {
    let (mut plan, files) = (Plan::default(), Files::of(site));
    check_program(&site.program)?;
    let text = unit(site);
    if !(is_packaged(disk, &text) && disk.look(&files.unit) == Found::Nothing) {
        plan.write(disk, change.force, &files.unit, text)?;
    }
    let was_strict = matches!(disk.look(&files.strict), Found::Ours { .. });
    if strict || was_strict {
        plan.step(Step::MakeDir(site.state_dir.clone()));
        plan.write(disk, change.force, &files.strict, strict_drop_in(site))?;
    }
    if was_strict && !strict {
        plan.note("The strict drop-in stays; to be rid of it, uninstall first.");
    }
    desktop::list(&mut plan, site, disk)?;
    desktop::stop_autostart(&mut plan, site, disk)?;
    plan.step(Step::Run(systemctl(["daemon-reload"])));
    plan.step(Step::Run(systemctl(["enable", NAME])));
    // Else a service that failed too often is not started again.
    plan.step(Step::Try(systemctl(["reset-failed", NAME])));
    plan.step(Step::Run(systemctl(["restart", NAME])));
    plan.note("ccwatch runs now, and from now on whenever you log in.");
    Ok(plan)
}

/// Takes away everything that `install` brought.
pub(super) fn uninstall(
    site: &Site,
    disk: &dyn Look,
    change: Change,
) -> Result<Plan, ServiceError> {
    let (mut plan, files) = (Plan::default(), Files::of(site));
    let packaged = PACKAGED.iter().map(|dir| Path::new(dir).join(NAME));
    let packaged = packaged.into_iter().any(|path| disk.look(&path) != Found::Nothing);
    let installed = disk.look(&files.unit) != Found::Nothing;
    if installed || packaged {
        // It fails where systemd never could read the unit.
        plan.step(Step::Try(systemctl(["stop", NAME])));
        plan.step(Step::Run(systemctl(["disable", NAME])));
    }
    plan.remove(disk, change.force, &files.unit)?;
    plan.remove(disk, change.force, &files.strict)?;
    if plan.steps.contains(&Step::Remove(files.strict.clone())) {
        plan.step(Step::RemoveIfEmpty(files.drop_ins));
    }
    desktop::unlist(&mut plan, site, disk)?;
    desktop::stop_autostart(&mut plan, site, disk)?;
    if installed {
        plan.step(Step::Run(systemctl(["daemon-reload"])));
        plan.step(Step::Try(systemctl(["reset-failed", NAME])));
    }
    Ok(plan)
}

/// systemd refuses these characters in the path of a program, however they are written.
fn check_program(program: &str) -> Result<(), ServiceError> {
    match program.chars().find(|c| matches!(c, '"' | '\'' | '\\') || c.is_ascii_control()) {
        Some(c) => {
            let why = format!("systemd takes no program with {c:?} in its path, {program}");
            Err(ServiceError::Program { why })
        }
        None => Ok(()),
    }
}

/// The service's files in the user's directories.
struct Files {
    unit: PathBuf,
    drop_ins: PathBuf,
    strict: PathBuf,
}

impl Files {
    fn of(site: &Site) -> Self {
        let dir = site.manager_config_home.join("systemd/user");
        let drop_ins = dir.join(format!("{NAME}.d"));
        Self { unit: dir.join(NAME), strict: drop_ins.join("strict.conf"), drop_ins }
    }
}

/// Whether a package brought this very unit: then there is nothing to write.
fn is_packaged(disk: &dyn Look, text: &str) -> bool {
    PACKAGED.iter().any(|dir| {
        let found = disk.look(&Path::new(dir).join(NAME));
        matches!(found, Found::Ours { text: theirs, .. } if theirs == text)
    })
}

/// The unit for this site.
fn unit(site: &Site) -> String {
    let mut start = format!("ExecStart={} run", path_word(&site.program));
    for option in &site.options {
        start.push(' ');
        start.push_str(&argument(option));
    }
    for (name, value) in &site.environment {
        // No `$` is expanded here.
        start.push_str(&format!("\nEnvironment={}", path_word(&format!("{name}={value}"))));
    }
    UNIT.replace("ExecStart=/usr/bin/ccwatch run", &start)
}

/// The drop-in for this site.
fn strict_drop_in(site: &Site) -> String {
    let state = site.state_dir.to_string_lossy();
    STRICT.replace("=%h/.local/state/ccwatch", &format!("={}", path_word(&state)))
}

/// An argument of ExecStart, which stands for exactly itself.
fn argument(text: &str) -> String {
    word(&text.replace('$', "$$"))
}

/// A word where `$` has no meaning: the program of ExecStart, a path, a variable.
fn path_word(text: &str) -> String {
    word(text)
}

fn word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+=:@,$".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    let mut quoted = String::from('"');
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '%' => quoted.push_str("%%"),
            c if c.is_ascii_control() => quoted.push_str(&format!("\\x{:02x}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
