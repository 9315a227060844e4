//! Systems whose means we don't use.

use super::{Allowlist, Protection};

pub(super) fn threads() -> Option<usize> {
    Some(1)
}

pub(super) fn restrict(_needs: &Allowlist) -> Protection {
    Protection::off("there is one on Linux only")
}
