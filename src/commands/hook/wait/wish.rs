//! What the user wants meanwhile: the configuration may be changed while a hook waits.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::app::{App, wiring};
use crate::cli::Global;
use ccwatch_core::sessions::Wish;

/// What the user wants of stopped sessions, by the configuration as it is now.
pub(super) struct WishNow {
    global: Global,
    file: Option<PathBuf>,
    stamp: Option<Stamp>,
    /// As it was last right.
    pub(super) last: Wish,
}

/// When a file was written, and how long it is.
type Stamp = (SystemTime, u64);

impl WishNow {
    pub(super) fn new(global: &Global, last: Wish) -> Self {
        let file = App::place_of_config(global).ok();
        let stamp = file.as_deref().and_then(written);
        Self { global: global.clone(), file, stamp, last }
    }

    /// What is wanted now, if the file was written to and is right. A mistake in it changes nothing;
    /// neither does a file that isn't there, or is empty: somebody is just replacing it.
    pub(super) fn changed(&mut self) -> Option<Wish> {
        let stamp = self.file.as_deref().and_then(written)?;
        if self.stamp == Some(stamp) {
            return None;
        }
        let app = App::load(&self.global);
        // It may have been replaced while it was read.
        if self.file.as_deref().and_then(written) != Some(stamp) {
            return None;
        }
        self.stamp = Some(stamp);
        self.last = wiring::session_wish(&app.ok()?.config);
        Some(self.last.clone())
    }
}

/// None where there is no file, or nothing in it.
fn written(file: &Path) -> Option<Stamp> {
    let found = fs::metadata(file).ok()?;
    let stamp = (found.modified().ok()?, found.len());
    (found.len() > 0).then_some(stamp)
}
