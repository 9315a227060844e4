//! The daemon locks itself out of what it doesn't need, where the system can do that (Linux with
//! Landlock): a mistake in what reads foreign text then reaches neither the user's other files nor
//! another program.
//!
//! Once in, there is no way out, and none of it is needed to work: where the system can't, the
//! daemon runs without. What it [`Allowlist`] is found out before; the rules are in `linux.rs`.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(not(target_os = "linux"))]
#[path = "sandbox/other.rs"]
mod linux;
mod needs;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use self::needs::{Allowlist, is_below};

/// How well the daemon is shut in. Kept as JSON beside the lock, for `ccwatch doctor`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Protection {
    /// Every rule holds.
    On {
        /// The version of Landlock's interface that the kernel has.
        abi: u32,
    },
    /// The kernel is too old for some of the rules.
    Partly {
        /// The version of Landlock's interface that the kernel has.
        abi: u32,
    },
    /// Nothing holds.
    Off {
        /// Why, as a phrase for people.
        why: String,
    },
}

impl Protection {
    /// None, and why.
    pub fn off(why: impl fmt::Display) -> Self {
        Self::Off { why: why.to_string() }
    }

    /// Whether any rule holds.
    pub fn is_on(&self) -> bool {
        !matches!(self, Self::Off { .. })
    }
}

impl fmt::Display for Protection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::On { abi } => write!(f, "on (Landlock ABI {abi})"),
            Self::Partly { abi } => {
                write!(f, "on as far as this kernel can (Landlock ABI {abi})")
            }
            Self::Off { why } => write!(f, "off: {why}"),
        }
    }
}

/// Shuts this process in, for good. The rules hold for the thread that calls this and for all that
/// it starts: where others run already, nothing is done.
pub fn enter(needs: &Allowlist) -> Protection {
    match linux::threads() {
        Some(1) => linux::restrict(needs),
        Some(_) => Protection::off("other threads run already"),
        None => Protection::off("/proc can't be read, to see whether other threads run already"),
    }
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests;
