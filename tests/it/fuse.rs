//! A file system of a few files that can fall silent, as one over a network does: it takes every
//! question and answers none, so that whoever asked can't even be killed. A real FUSE mount, and
//! no more of the protocol than that takes.
#![cfg(target_os = "linux")]

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, PipeReader, PipeWriter, Read, Write, pipe};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;

use rustix::event::{PollFd, PollFlags, poll};

use crate::desktop::PATIENCE;

/// Requests, as the kernel numbers them.
mod opcode {
    pub(super) const LOOKUP: u32 = 1;
    pub(super) const FORGET: u32 = 2;
    pub(super) const GETATTR: u32 = 3;
    pub(super) const OPEN: u32 = 14;
    pub(super) const READ: u32 = 15;
    pub(super) const RELEASE: u32 = 18;
    pub(super) const FLUSH: u32 = 25;
    pub(super) const INIT: u32 = 26;
    pub(super) const OPENDIR: u32 = 27;
    pub(super) const RELEASEDIR: u32 = 29;
    pub(super) const ACCESS: u32 = 34;
    pub(super) const INTERRUPT: u32 = 36;
    pub(super) const BATCH_FORGET: u32 = 42;
}

const ENOENT: i32 = 2;
const ENOSYS: i32 = 38;
const ROOT: u64 = 1;

/// The files, and what is asked of them.
#[derive(Default)]
struct Contents {
    files: Vec<(String, String)>,
    silent: bool,
    /// Questions that were taken and not answered.
    open: Vec<Vec<u8>>,
}

/// The file system, as long as this lives; what asks it then gets an error.
pub(crate) struct Fuse {
    contents: Arc<(Mutex<Contents>, Condvar)>,
    device: Arc<File>,
    stop: Option<PipeWriter>,
    thread: Option<JoinHandle<()>>,
}

impl Fuse {
    /// A command that mounts it at `place` in mounts of its own, and then is `run`; none where that
    /// is not possible, and why. Each of the files can be executed.
    pub(crate) fn around(
        run: &Command,
        place: &Path,
        files: &[(&str, &str)],
    ) -> Result<(Self, Command), String> {
        let device = OpenOptions::new().read(true).write(true).open("/dev/fuse");
        let device = device.map_err(|error| format!("/dev/fuse: {error}"))?;
        let files = files.iter().map(|&(name, text)| (name.to_owned(), text.to_owned())).collect();
        let contents = Contents { files, ..Contents::default() };
        std::fs::create_dir_all(place).unwrap();
        // The device is standard input of who mounts, and of nobody else.
        let mount = "mount -i -t fuse -o fd=0,rootmode=40000,user_id=0,group_id=0 fuse \"$0\"";
        let shell = |then: &str| {
            let mut shell = Command::new("unshare");
            shell.args(["-m", "sh", "-c", &format!("{mount} && {then}")]).arg(place);
            shell.stdin(device.try_clone().unwrap());
            shell
        };
        let tried = shell("true").stderr(Stdio::piped()).output();
        let tried = tried.map_err(|error| format!("unshare: {error}"))?;
        if !tried.status.success() {
            return Err(String::from_utf8_lossy(&tried.stderr).trim().to_owned());
        }
        // The one of the try is used up.
        let device = OpenOptions::new().read(true).write(true).open("/dev/fuse").unwrap();
        let mut command = Command::new("unshare");
        command.env_clear();
        command.envs(run.get_envs().filter_map(|(name, value)| Some((name, value?))));
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.args(["-m", "sh", "-c"]);
        command.arg(format!("{mount} && shift 0 && exec \"$@\" </dev/null")).arg(place);
        command.arg(run.get_program()).args(run.get_args());
        command.stdin(device.try_clone().unwrap());
        Ok((Self::serve(device, contents), command))
    }

    fn serve(device: File, contents: Contents) -> Self {
        let (stopped, stop) = pipe().unwrap();
        let contents = Arc::new((Mutex::new(contents), Condvar::new()));
        let device = Arc::new(device);
        let (served, asked) = (Arc::clone(&contents), Arc::clone(&device));
        let thread = std::thread::spawn(move || serve(&asked, &stopped, &served));
        Self { contents, device, stop: Some(stop), thread: Some(thread) }
    }

    /// From now on nobody gets an answer.
    pub(crate) fn fall_silent(&self) {
        self.contents.0.lock().unwrap().silent = true;
    }

    /// Waits until somebody waits for an answer.
    pub(crate) fn is_asked(&self) {
        let (contents, changed) = &*self.contents;
        let nobody = |contents: &mut Contents| contents.open.is_empty();
        let (contents, _) =
            changed.wait_timeout_while(contents.lock().unwrap(), PATIENCE, nobody).unwrap();
        assert!(!contents.open.is_empty(), "nobody asks");
    }

    /// How many wait for an answer.
    pub(crate) fn waiting(&self) -> usize {
        self.contents.0.lock().unwrap().open.len()
    }

    /// It answers again, also what was asked meanwhile; with another text of a file.
    pub(crate) fn answer_again(&self, file: &str, text: &str) {
        let mut contents = self.contents.0.lock().unwrap();
        contents.silent = false;
        contents.files.iter_mut().filter(|(name, _)| name == file).for_each(|(_, now)| {
            text.clone_into(now);
        });
        for request in std::mem::take(&mut contents.open) {
            answer(&self.device, &request, &contents.files);
        }
    }
}

impl Drop for Fuse {
    fn drop(&mut self) {
        drop(self.stop.take());
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

/// Reads questions until there is nobody to stop it any more. With the device goes the mount.
fn serve(device: &File, stopped: &PipeReader, contents: &(Mutex<Contents>, Condvar)) {
    let mut buffer = vec![0; 1 << 18];
    loop {
        let mut both = [PollFd::new(device, PollFlags::IN), PollFd::new(stopped, PollFlags::IN)];
        poll(&mut both, None).unwrap();
        if !both[1].revents().is_empty() {
            return;
        }
        let mut device = device;
        let length = match device.read(&mut buffer) {
            Ok(length) => length,
            // It isn't mounted yet.
            Err(error) if error.kind() == ErrorKind::PermissionDenied => {
                std::thread::yield_now();
                continue;
            }
            Err(_) => return,
        };
        let request = &buffer[..length];
        let (contents, changed) = (&contents.0, &contents.1);
        let mut contents = contents.lock().unwrap();
        // Without an answer to the first one there would be no file system that could be silent.
        let answered = [opcode::INTERRUPT, opcode::INIT].contains(&number(request, 4));
        match contents.silent && !answered {
            true => {
                contents.open.push(request.to_owned());
                changed.notify_all();
            }
            false => answer(device, request, &contents.files),
        }
    }
}

fn number(request: &[u8], at: usize) -> u32 {
    u32::from_ne_bytes(request[at..at + 4].try_into().unwrap())
}

fn long(request: &[u8], at: usize) -> u64 {
    u64::from_ne_bytes(request[at..at + 8].try_into().unwrap())
}

fn answer(mut device: &File, request: &[u8], files: &[(String, String)]) {
    let (node, rest) = (long(request, 16), &request[40..]);
    let text = |node: u64| files.get(usize::try_from(node).unwrap().wrapping_sub(2));
    let answer: Result<Vec<u8>, i32> = match number(request, 4) {
        opcode::FORGET | opcode::BATCH_FORGET | opcode::INTERRUPT => return,
        opcode::INIT => {
            // Version, read-ahead, flags, requests in the background, the longest write.
            let mut init = Vec::new();
            for word in [7, 31, 4096, 0, 0, 4096] {
                init.extend(u32::to_ne_bytes(word));
            }
            init.resize(64, 0);
            Ok(init)
        }
        opcode::LOOKUP => {
            let name = rest.split(|byte| *byte == 0).next().unwrap();
            match files.iter().position(|(file, _)| file.as_bytes() == name) {
                None => Err(ENOENT),
                Some(at) => {
                    let node = at as u64 + 2;
                    // Nothing of it may be remembered.
                    let mut entry = u64::to_ne_bytes(node).to_vec();
                    entry.resize(40, 0);
                    entry.extend(attributes(node, text(node)));
                    Ok(entry)
                }
            }
        }
        opcode::GETATTR => {
            let mut found = vec![0; 16];
            found.extend(attributes(node, text(node)));
            Ok(found)
        }
        opcode::OPEN | opcode::OPENDIR => Ok(vec![0; 16]),
        opcode::READ => {
            let (from, most) = (long(rest, 8) as usize, number(rest, 16) as usize);
            let bytes = text(node).map_or(&b""[..], |(_, text)| text.as_bytes());
            Ok(bytes.iter().skip(from).take(most).copied().collect())
        }
        opcode::RELEASE | opcode::RELEASEDIR | opcode::FLUSH | opcode::ACCESS => Ok(Vec::new()),
        _ => Err(ENOSYS),
    };
    let (error, body) = answer.map_or_else(|error| (-error, Vec::new()), |body| (0, body));
    let mut reply = u32::to_ne_bytes(16 + body.len() as u32).to_vec();
    reply.extend(i32::to_ne_bytes(error));
    reply.extend(&request[8..16]);
    reply.extend(body);
    // Who asked may be gone.
    let _ = device.write_all(&reply);
}

/// Of a file, or of the root. All times are 1970.
fn attributes(node: u64, file: Option<&(String, String)>) -> Vec<u8> {
    let size = file.map_or(0, |(_, text)| text.len() as u64);
    let mode: u32 = if node == ROOT { 0o40755 } else { 0o100_755 };
    let mut all = Vec::new();
    for long in [node, size, size.div_ceil(512), 0, 0, 0] {
        all.extend(u64::to_ne_bytes(long));
    }
    for word in [0, 0, 0, mode, 1, 0, 0, 0, 4096, 0] {
        all.extend(u32::to_ne_bytes(word));
    }
    all
}
