//! What Claude Code hands to its status line on stdin, as far as it matters here: the model.

use std::io::{self, IsTerminal};
use std::os::fd::AsFd;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use serde::Deserialize;

/// More than Claude Code ever sends.
const LONGEST: usize = 256 << 10;
/// Nobody who has something to say needs this long to go on, in milliseconds.
const PATIENCE: i64 = 100;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Session {
    model: Model,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Model {
    id: Option<String>,
    display_name: Option<String>,
}

/// The model of the session, for example `Opus 4.6`; none where nobody says, or not so that it
/// can be understood. Never waits for long.
pub(super) fn model() -> Option<String> {
    let stdin = io::stdin();
    if stdin.is_terminal() {
        return None;
    }
    model_of(&read(stdin.as_fd()))
}

fn model_of(text: &[u8]) -> Option<String> {
    let session: Session = serde_json::from_slice(text).ok()?;
    session.model.display_name.or(session.model.id)
}

/// What comes without a pause, up to the limit.
fn read(from: impl AsFd) -> Vec<u8> {
    let from = from.as_fd();
    let patience = Timespec { tv_sec: 0, tv_nsec: PATIENCE * 1_000_000 };
    let mut text = Vec::new();
    let mut piece = vec![0; 16 << 10];
    // However small the pieces are, they are not endless.
    for _ in 0..64 {
        let mut ready = [PollFd::new(&from, PollFlags::IN)];
        if !matches!(poll(&mut ready, Some(&patience)), Ok(1..)) {
            break;
        }
        match rustix::io::read(from, &mut piece[..]) {
            Ok(length) if length > 0 && text.len() < LONGEST => {
                text.extend(piece.iter().take(length));
            }
            _ => break,
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn the_model_is_read_and_everything_else_let_be() {
        for (text, expected) in [
            (
                r#"{"model":{"id":"claude-opus-4-6","display_name":"Opus 4.6"},"cwd":"/x"}"#,
                Some("Opus 4.6"),
            ),
            (r#"{"model":{"id":"claude-opus-4-6"}}"#, Some("claude-opus-4-6")),
            (r#"{"model":{}}"#, None),
            (r#"{"model":"opus"}"#, None),
            ("", None),
            ("{", None),
            ("\u{0}\u{1b}[31m", None),
        ] {
            assert_eq!(model_of(text.as_bytes()).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn who_says_nothing_is_not_waited_for_and_who_never_ends_is_cut_off() {
        let (silent, _held) = std::os::unix::net::UnixStream::pair().unwrap();
        assert_eq!(read(silent), b"");
        let (ours, mut theirs) = std::os::unix::net::UnixStream::pair().unwrap();
        let writer = std::thread::spawn(move || while theirs.write_all(&[b' '; 4096]).is_ok() {});
        assert!(read(&ours).len() <= LONGEST + (16 << 10));
        drop(ours);
        writer.join().unwrap();
    }
}
