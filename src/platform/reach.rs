//! Whether a place answers at all: on a mount whose other end is gone, a look never ends, and who
//! looks may not even be killed. So where that could be, a process of its own looks first.
//!
//! Which mounts there are, the kernel tells without touching them. A place on the machine's own
//! disks costs no process.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};
use std::process::{Command, Stdio};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::retry_on_intr;

/// A place that takes longer than this, in seconds, is said not to answer.
const ANSWERS_WITHIN: i64 = 5;

/// File systems of the kernel's own, which wait for nothing but a disk of this machine.
const OWN: [&str; 27] = [
    "bcachefs", "bpf", "btrfs", "cgroup", "cgroup2", "configfs", "debugfs", "devpts", "devtmpfs",
    "efivarfs", "erofs", "exfat", "ext2", "ext3", "ext4", "f2fs", "iso9660", "jfs", "overlay",
    "proc", "ramfs", "squashfs", "sysfs", "tmpfs", "vfat", "xfs", "zfs",
];

/// Room for the list of mounts of most machines, so that it is read at once.
const ROOM: usize = 8192;

/// No more links than this lead to a file.
const MOST_LINKS: usize = 40;

/// What to say of a place that doesn't answer.
pub fn silent() -> io::Error {
    let why = "it does not answer: is it on a mount that is gone?";
    io::Error::new(io::ErrorKind::TimedOut, why)
}

/// Whether a look at a file or a directory comes to an end, one way or the other.
pub fn answers(path: &Path) -> bool {
    Mounts::now().answer(path)
}

/// Where file systems are mounted that are not the kernel's own. Elsewhere than on Linux that isn't
/// known.
#[derive(Debug)]
pub struct Mounts(Vec<PathBuf>);

impl Mounts {
    /// Those that there are now, for a few looks in a row.
    pub fn now() -> Self {
        let mut list = Vec::with_capacity(ROOM);
        let read =
            File::open("/proc/self/mountinfo").and_then(|mut file| file.read_to_end(&mut list));
        Self(read.map_or_else(|_| Vec::new(), |_| foreign(&list)))
    }

    /// As [`answers`].
    pub fn answer(&self, path: &Path) -> bool {
        !self.may_be_silent(path) || look_apart(path).unwrap_or(true)
    }

    /// Whether a path, or what it leads to, is on a file system that somebody else answers for.
    pub fn may_be_silent(&self, path: &Path) -> bool {
        !self.0.is_empty() && leads_into(path, &self.0)
    }
}

/// This very program, also after another one was installed in its place.
///
/// # Errors
/// The system doesn't say where it is.
pub fn ourselves() -> io::Result<PathBuf> {
    match cfg!(target_os = "linux") {
        true => Ok("/proc/self/exe".into()),
        false => std::env::current_exe(),
    }
}

/// Looks in a process of its own, which is left behind where the look doesn't end.
fn look_apart(path: &Path) -> io::Result<bool> {
    let mut command = Command::new(ourselves()?);
    command.args(["hook-runner", "--read"]).arg(path).stdin(Stdio::null());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    let Some(stdout) = child.stdout.take() else { return Ok(true) };
    let patience = Timespec { tv_sec: ANSWERS_WITHIN, tv_nsec: 0 };
    // It says nothing: that its output is closed says that it is over.
    let ended = retry_on_intr(|| poll(&mut [PollFd::new(&stdout, PollFlags::IN)], Some(&patience)));
    let ended = ended? > 0;
    match ended {
        true => drop(child.wait()),
        false => drop(child.kill()),
    }
    Ok(ended)
}

/// Where file systems are mounted that are not the kernel's own. See proc_pid_mountinfo(5).
fn foreign(mounts: &[u8]) -> Vec<PathBuf> {
    let place = |line: &[u8]| {
        let line: Vec<&[u8]> = line.split(|byte| *byte == b' ').collect();
        let end = line.iter().position(|word| *word == b"-")?;
        let kind = line.get(end + 1)?;
        let own = OWN.iter().any(|own| own.as_bytes() == *kind);
        (!own).then(|| unescaped(line.get(4)?)).flatten()
    };
    mounts.split(|byte| *byte == b'\n').filter_map(place).collect()
}

/// A path as the kernel writes it, with blanks as octal numbers.
fn unescaped(text: &[u8]) -> Option<PathBuf> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        let octal = after.get(..3).and_then(|digits| std::str::from_utf8(digits).ok());
        let octal = octal.and_then(|digits| u8::from_str_radix(digits, 8).ok());
        match octal.filter(|_| *first == b'\\') {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(3..)?;
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    Some(OsStr::from_bytes(&bytes).into())
}

/// Follows a path and its links step by step, and touches none of these places on the way.
fn leads_into(path: &Path, places: &[PathBuf]) -> bool {
    let Ok(path) = std::path::absolute(path) else { return true };
    let mut ahead: Vec<PathBuf> = steps(&path);
    let mut here = PathBuf::from("/");
    let mut links = 0;
    while let Some(step) = ahead.pop() {
        if step.as_os_str() == ".." {
            here.pop();
            continue;
        }
        here.push(&step);
        if places.iter().any(|place| here.starts_with(place)) {
            return true;
        }
        let Ok(target) = fs::read_link(&here) else { continue };
        links += 1;
        if links > MOST_LINKS {
            return false;
        }
        here.pop();
        ahead.extend(steps(&target));
        if target.is_absolute() {
            here = PathBuf::from("/");
        }
    }
    false
}

/// The steps of a path, the last one first.
fn steps(path: &Path) -> Vec<PathBuf> {
    let step = |part: Component<'_>| match part {
        Component::Prefix(_) | Component::RootDir | Component::CurDir => None,
        Component::ParentDir | Component::Normal(_) => Some(PathBuf::from(part.as_os_str())),
    };
    path.components().rev().filter_map(step).collect()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn mounts_that_somebody_else_answers_for_are_told_from_the_own() {
        let mounts = b"22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n\
            30 22 0:26 / /run/user/1000 rw shared:2 master:1 - tmpfs tmpfs rw\n\
            40 22 0:50 / /mnt/my\\040files rw - fuse.sshfs me@far: rw\n\
            41 22 0:51 / /home/far rw shared:9 - nfs4 far:/home rw\n\
            a line that is none\n";
        let foreign = foreign(mounts);
        assert_eq!(foreign, ["/mnt/my files", "/home/far"].map(PathBuf::from));
    }

    #[test]
    fn links_are_followed_up_to_the_mount_and_not_into_it() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        let at = |name: &str| root.join(name);
        fs::create_dir(at("far")).unwrap();
        fs::create_dir(at("near")).unwrap();
        symlink("../far/config.toml", at("near/relative")).unwrap();
        symlink(at("far"), at("near/absolute")).unwrap();
        symlink("loop", at("near/loop")).unwrap();
        symlink("nowhere", at("near/dangling")).unwrap();
        fs::write(at("near/file"), "").unwrap();
        let places = [at("far")];
        for (name, expected) in [
            ("far", true),
            ("far/config.toml", true),
            ("near/relative", true),
            ("near/absolute/x", true),
            ("near/../far/x", true),
            ("near/file", false),
            ("near/missing/x", false),
            ("near/dangling", false),
            ("near/loop", false),
            ("farther", false),
        ] {
            assert_eq!(leads_into(&at(name), &places), expected, "{name}");
        }
    }
}
