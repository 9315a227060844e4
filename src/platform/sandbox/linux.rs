//! The rules, for Landlock.

use std::fs;
use std::path::{Path, PathBuf};

use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, LandlockStatus, Ruleset, RulesetAttr,
    RulesetCreatedAttr, RulesetError, RulesetStatus, Scope, make_bitflags, path_beneath_rules,
};

use super::{Allowlist, Protection};
use crate::platform::paths;

/// What the rules were written and tried for. A later kernel can do more, which stays allowed:
/// ABI 9 also rules over sockets that have a path, and with all of it the session bus would be
/// out of reach.
const RULES: ABI = ABI::V6;

/// What the system itself needs to run a program, look up a name and check a certificate. `/run` is
/// there as a whole because the resolver's configuration is in it, in a directory that may come
/// only later; so are the user's own sockets.
const SYSTEM: [&str; 18] = [
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/etc",
    "/usr",
    "/opt",
    "/nix",
    "/gnu",
    "/run",
    "/var/lib",
    "/proc",
    "/sys",
    "/dev/null",
    "/dev/zero",
    "/dev/random",
    "/dev/urandom",
];

/// How many threads this process has; none where that can't be known.
pub(super) fn threads() -> Option<usize> {
    fs::read_dir("/proc/self/task").ok().map(Iterator::count)
}

/// Shuts in the calling thread and what it starts from here on.
pub(super) fn restrict(needs: &Allowlist) -> Protection {
    apply(needs).unwrap_or_else(Protection::off)
}

fn apply(needs: &Allowlist) -> Result<Protection, RulesetError> {
    let read = AccessFs::ReadFile | AccessFs::ReadDir;
    // One that doesn't answer is closed under the name that is known.
    let home = needs.home.as_deref().and_then(|home| match paths::silent_home() {
        Some(silent) if silent == home => Some(home.to_owned()),
        Some(_) | None => home.canonicalize().ok(),
    });
    let system = SYSTEM.iter().flat_map(|place| without(Path::new(place), home.as_deref()));
    // Nobody may run anything, and nobody may listen.
    let status = Ruleset::default()
        .handle_access(AccessFs::from_all(RULES))?
        .handle_access(AccessNet::BindTcp)?
        .scope(scopes(needs))?
        .create()?
        .add_rules(path_beneath_rules(system, read))?
        .add_rules(path_beneath_rules(&needs.read, read))?
        .add_rules(path_beneath_rules(&needs.change, read | change()))?
        .restrict_self()?;
    let LandlockStatus::Available { effective_abi, .. } = status.landlock else {
        let why = "this kernel has no Landlock, or whoever started ccwatch forbids it";
        return Ok(Protection::off(why));
    };
    let abi = number(effective_abi);
    Ok(match status.ruleset {
        RulesetStatus::FullyEnforced => Protection::On { abi },
        RulesetStatus::PartiallyEnforced => Protection::Partly { abi },
        RulesetStatus::NotEnforced => Protection::off("this kernel did not enforce it"),
    })
}

/// All that is done to files of one's own: neither links nor devices, sockets and pipes.
fn change() -> BitFlags<AccessFs> {
    make_bitflags!(AccessFs::{
        WriteFile | Truncate | MakeReg | MakeDir | RemoveFile | RemoveDir
    })
}

/// No signals to other programs, and no sockets without a path, unless the desktop is behind one.
fn scopes(needs: &Allowlist) -> BitFlags<Scope> {
    match needs.abstract_sockets {
        true => Scope::Signal.into(),
        false => Scope::from_all(RULES),
    }
}

/// `place`, or all that is in it except `home` where that is below it.
pub(super) fn without(place: &Path, home: Option<&Path>) -> Vec<PathBuf> {
    if home == Some(place) {
        return Vec::new();
    }
    let Ok(place) = place.canonicalize() else { return Vec::new() };
    let Some(home) = home.filter(|home| home.starts_with(&place)) else { return vec![place] };
    if home == place {
        return Vec::new();
    }
    let entries = fs::read_dir(&place).into_iter().flatten().flatten();
    // What a link leads to has a place of its own.
    let real = entries.filter(|entry| entry.file_type().is_ok_and(|kind| !kind.is_symlink()));
    real.flat_map(|entry| without(&entry.path(), Some(home))).collect()
}

fn number(abi: ABI) -> u32 {
    abi as u32
}
