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
    stamp: Option<(SystemTime, u64)>,
    /// As it was last right.
    pub(super) last: Wish,
}

impl WishNow {
    pub(super) fn new(global: &Global, last: Wish) -> Self {
        let file = App::place_of_config(global).ok();
        let stamp = file.as_deref().and_then(written);
        Self { global: global.clone(), file, stamp, last }
    }

    /// What is wanted now, if the file was written to and is right: a mistake in it changes nothing.
    pub(super) fn changed(&mut self) -> Option<Wish> {
        let stamp = self.file.as_deref().and_then(written);
        if std::mem::replace(&mut self.stamp, stamp) == stamp {
            return None;
        }
        let app = App::load(&self.global).ok()?;
        self.last = wiring::session_wish(&app.config);
        Some(self.last.clone())
    }
}

fn written(file: &Path) -> Option<(SystemTime, u64)> {
    let found = fs::metadata(file).ok()?;
    Some((found.modified().ok()?, found.len()))
}
