//! The built program with its system calls bent: a disk that fails, a clock that is set, names
//! that are not found. A small library in C, loaded before the C library; SQLite needs a compiler
//! as well, so there is one.
#![cfg(target_os = "linux")]
use std::fs::{self, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use crate::program::{Daemon, Home};

/// No space left on the device, a read-only file system, an input/output error.
pub(crate) const DISK_ERRORS: [(i32, &str); 3] = [(28, "ENOSPC"), (30, "EROFS"), (5, "EIO")];

/// One for all tests of this process.
static LIBRARY: LazyLock<PathBuf> = LazyLock::new(|| {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let (source, library) = (dir.join("shim.c"), dir.join("shim.so"));
    fs::create_dir_all(dir).unwrap();
    fs::write(&source, include_str!("shim.c")).unwrap();
    let fresh = tempfile::NamedTempFile::new_in(dir).unwrap();
    let compiler = Command::new("cc")
        .args(["-shared", "-fPIC", "-O1", "-Wall", "-o"])
        .args([fresh.path(), &source])
        .arg("-ldl")
        .output()
        .unwrap();
    assert!(compiler.status.success(), "{}", String::from_utf8_lossy(&compiler.stderr));
    fresh.persist(&library).unwrap();
    library
});

/// What one program is told.
pub(crate) struct Shim {
    dir: tempfile::TempDir,
}

impl Shim {
    pub(crate) fn new() -> Self {
        let shim = Self { dir: tempfile::tempdir().unwrap() };
        ["disk", "clock", "names", "watches"].into_iter().for_each(|name| shim.say(name, ""));
        shim
    }

    /// `ccwatch ARGS` under it.
    pub(crate) fn command(&self, home: &Home, args: &[&str]) -> Command {
        let mut command = home.command(args);
        command.env("LD_PRELOAD", LIBRARY.as_path()).env("CCWATCH_SHIM", self.dir.path());
        command
    }

    pub(crate) fn daemon(&self, home: &Home) -> Daemon {
        Daemon::start(self.command(home, &["run", "-v"]))
    }

    /// Every write to a database fails with this number, 0 for none.
    pub(crate) fn disk(&self, error: i32) {
        self.say("disk", &error.to_string());
    }

    /// The wall clock is wrong by so many seconds.
    pub(crate) fn clock(&self, seconds: i64) {
        self.say("clock", &seconds.to_string());
    }

    /// Name lookups: `fail`, `hang`, find `both` an IPv6 and an IPv4 address, or work.
    pub(crate) fn names(&self, how: &str) {
        self.say("names", how);
    }

    /// No directory is watched any more, or as many as one likes.
    pub(crate) fn watches(&self, how: &str) {
        self.say("watches", how);
    }

    /// In place and in one write: the program has the file open.
    fn say(&self, name: &str, text: &str) {
        let mut file = OpenOptions::new();
        let file = file.write(true).create(true).truncate(false);
        let file = file.open(self.dir.path().join(name)).unwrap();
        file.write_all_at(format!("{text:<31}").as_bytes(), 0).unwrap();
    }
}
