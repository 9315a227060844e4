//! What a command says, passed on byte for byte while the end of it is kept.
//!
//! A stream that is a terminal stays one: the command has it itself, and nothing of it is read. Any
//! other stream - a pipe, a file - becomes a pipe to us, and whether that is one or the other is
//! nothing that a program can tell by asking for a terminal. Where both streams go to the same
//! place (`2>&1`) they share one pipe, so that their order stays as it was.

use std::io::{self, IsTerminal};
use std::os::fd::{AsFd, OwnedFd};
use std::process::Stdio;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe::Receiver;
use tokio::process::Command;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// So much of the end of a stream is kept, in bytes: the result of a headless run is one line.
const KEPT: usize = 1 << 20;
/// What is passed on at once, in bytes.
const CHUNK: usize = 64 << 10;

/// What a command said last, on the streams that are no terminals.
#[derive(Debug, Default)]
pub(crate) struct Spoken {
    /// On its standard output, or on both streams where they are one.
    pub(crate) output: String,
    /// On its standard error.
    pub(crate) errors: String,
    /// Nobody reads it any more: what it would say next is lost.
    pub(crate) unheard: bool,
}

/// The streams of one run that are read.
pub(crate) struct Tee {
    output: Option<Copying>,
    errors: Option<Copying>,
    ended: watch::Sender<bool>,
}

type Copying = JoinHandle<(Tail, End)>;

/// How the passing on came to its end.
enum End {
    /// Nobody has the pipe open any more.
    Over,
    /// The command is gone, but something that it left behind may go on writing.
    Held(Receiver),
    /// Our own side can't be written to.
    Unheard,
}

/// Which of our own streams something is passed on to.
#[derive(Clone, Copy)]
enum Side {
    Output,
    Errors,
}

impl Tee {
    /// Gives `command` a pipe for each of its streams that is no terminal; must be called inside
    /// the runtime.
    ///
    /// # Errors
    /// There is no pipe to be had.
    pub(crate) fn attach(command: &mut Command) -> io::Result<Self> {
        let (ended, over) = watch::channel(false);
        let (output, errors) = (io::stdout(), io::stderr());
        let is_read = |terminal: bool, stream: &dyn AsFd| {
            !terminal && rustix::fs::fstat(stream.as_fd()).is_ok()
        };
        let reads_output = is_read(output.is_terminal(), &output);
        let reads_errors = is_read(errors.is_terminal(), &errors);
        let are_one = reads_output && reads_errors && is_same(&output, &errors);
        let mut tee = Self { output: None, errors: None, ended };
        if reads_output {
            let (from, to) = io::pipe()?;
            if are_one {
                command.stderr(Stdio::from(to.try_clone()?));
            }
            command.stdout(Stdio::from(to));
            tee.output = Some(begin(from.into(), Side::Output, over.clone())?);
        }
        if reads_errors && !are_one {
            let (from, to) = io::pipe()?;
            command.stderr(Stdio::from(to));
            tee.errors = Some(begin(from.into(), Side::Errors, over)?);
        }
        Ok(tee)
    }

    /// The command has ended: passes on what is left, and gives back the end of it all.
    pub(crate) async fn finish(self) -> Spoken {
        // Without anybody who copies nobody listens.
        let _ = self.ended.send(true);
        let mut spoken = Spoken::default();
        for (side, copying) in [(Side::Output, self.output), (Side::Errors, self.errors)] {
            let Some(copying) = copying else { continue };
            let Ok((tail, end)) = copying.await else { continue };
            match end {
                End::Over => {}
                End::Held(pipe) => leave(pipe, side),
                End::Unheard => spoken.unheard = true,
            }
            match side {
                Side::Output => spoken.output = tail.text(),
                Side::Errors => spoken.errors = tail.text(),
            }
        }
        spoken
    }
}

/// Whether two streams lead to the same place.
fn is_same(one: &impl AsFd, other: &impl AsFd) -> bool {
    match (rustix::fs::fstat(one), rustix::fs::fstat(other)) {
        (Ok(one), Ok(other)) => (one.st_dev, one.st_ino) == (other.st_dev, other.st_ino),
        _ => false,
    }
}

fn begin(from: OwnedFd, side: Side, over: watch::Receiver<bool>) -> io::Result<Copying> {
    Ok(tokio::spawn(copy(Receiver::from_owned_fd(from)?, side, over)))
}

async fn copy(mut from: Receiver, side: Side, mut over: watch::Receiver<bool>) -> (Tail, End) {
    let (mut tail, mut chunk) = (Tail::default(), Vec::new());
    loop {
        chunk.resize(CHUNK, 0);
        let read = tokio::select! {
            biased;
            read = from.read(&mut chunk) => read,
            _ = over.wait_for(|over| *over) => match rustix::io::read(&from, &mut chunk) {
                Err(Errno::AGAIN) => return (tail, End::Held(from)),
                read => read.map_err(io::Error::from),
            },
        };
        match read {
            Ok(n @ 1..) => chunk.truncate(n),
            Ok(0) | Err(_) => return (tail, End::Over),
        }
        tail.take(&chunk);
        // Whoever reads it may be slow, and signals must not wait for that.
        let passed = tokio::task::spawn_blocking(move || pass_on(side, &chunk).map(|()| chunk));
        match passed.await {
            Ok(Ok(emptied)) => chunk = emptied,
            // Dropping the pipe lets the command know, as if it had written there itself.
            Ok(Err(_)) | Err(_) => return (tail, End::Unheard),
        }
    }
}

/// Writes all of it, past the buffer and the lock of our own standard output: those are held while
/// a command of ours runs.
fn pass_on(side: Side, mut said: &[u8]) -> rustix::io::Result<()> {
    let (output, errors) = (io::stdout(), io::stderr());
    let to = match side {
        Side::Output => output.as_fd(),
        Side::Errors => errors.as_fd(),
    };
    while !said.is_empty() {
        match rustix::io::write(to, said) {
            Ok(n) => said = said.get(n..).unwrap_or_default(),
            Err(Errno::INTR) => {}
            // Somebody who shares it with us made it so.
            Err(Errno::AGAIN) => {
                poll(&mut [PollFd::from_borrowed_fd(to, PollFlags::OUT)], None)?;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Something that the command left behind has the pipe open. What it writes goes on to where it
/// would have gone, also when we are no more.
fn leave(pipe: Receiver, side: Side) {
    let Ok(pipe) = pipe.into_blocking_fd() else { return };
    let to = match side {
        Side::Output => io::stdout().as_fd().try_clone_to_owned(),
        Side::Errors => io::stderr().as_fd().try_clone_to_owned(),
    };
    let Ok(to) = to else { return };
    let mut cat = std::process::Command::new("cat");
    // Without it what was left behind has nobody who reads it, which is all that can be done.
    let _ = cat.stdin(pipe).stdout(to).stderr(Stdio::null()).spawn();
}

/// The end of a stream.
#[derive(Default)]
struct Tail {
    bytes: Vec<u8>,
    is_cut: bool,
}

impl Tail {
    fn take(&mut self, said: &[u8]) {
        self.bytes.extend_from_slice(said);
        if self.bytes.len() > 2 * KEPT {
            self.cut();
        }
    }

    fn cut(&mut self) {
        let surplus = self.bytes.len().saturating_sub(KEPT);
        self.is_cut |= surplus > 0;
        self.bytes.drain(..surplus);
    }

    /// As text, from the start of a line on.
    fn text(mut self) -> String {
        self.cut();
        let start = match self.is_cut {
            true => memchr::memchr(b'\n', &self.bytes).map_or(self.bytes.len(), |at| at + 1),
            false => 0,
        };
        String::from_utf8_lossy(self.bytes.get(start..).unwrap_or_default()).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_stream_the_end_is_kept_in_whole_lines() {
        let mut tail = Tail::default();
        tail.take(b"one\ntwo");
        assert_eq!(tail.text(), "one\ntwo");
        let mut tail = Tail::default();
        for n in 0..400_000 {
            tail.take(format!("line {n}\n").as_bytes());
            assert!(tail.bytes.len() <= 2 * KEPT);
        }
        let text = tail.text();
        assert!(text.len() <= KEPT && text.len() > KEPT - 20, "{}", text.len());
        assert!(text.starts_with("line ") && text.ends_with("line 399999\n"));
        let mut tail = Tail::default();
        tail.take(&vec![b'x'; 2 * KEPT + 1]);
        assert_eq!(tail.text(), "", "the end of a line tells nothing");
    }
}
