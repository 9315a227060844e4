//! The file with certificate authorities that the environment names: to read a pipe in its place would
//! take for ever, and the loop with it.

use std::path::PathBuf;

use crate::platform::plain;
use crate::platform::reach::{self, Mounts};
use ccwatch_core::model::{Failure, FailureKind};

/// Whether the authorities can be read without waiting for anybody.
pub(super) fn check() -> Result<(), Failure> {
    let named = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let refused = |name: &str, why: &dyn std::fmt::Display| {
        Err(Failure::new(FailureKind::Tls, format!("what {name} names can't be read: {why}")))
    };
    let mounts = Mounts::now();
    if let Some(file) = named("SSL_CERT_FILE").map(PathBuf::from) {
        let found = mounts.answer(&file).then(|| file.metadata());
        match found.as_ref().map(|found| found.as_ref().map(plain::other_than_plain)) {
            None => return refused("SSL_CERT_FILE", &reach::silent()),
            Some(Ok(Some(other))) => return refused("SSL_CERT_FILE", &other),
            Some(Ok(None) | Err(_)) => {}
        }
    }
    let dirs = named("SSL_CERT_DIR");
    match dirs.iter().flat_map(std::env::split_paths).all(|dir| mounts.answer(&dir)) {
        true => Ok(()),
        false => refused("SSL_CERT_DIR", &reach::silent()),
    }
}
