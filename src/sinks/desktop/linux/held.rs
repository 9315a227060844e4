//! What is known of a bubble that is, or was, on the screen.

use zbus::message::Sequence;

use super::super::{Bubble, Left, Popup};

/// A bubble that we showed.
pub(super) struct Held {
    pub(super) bubble: Bubble,
    /// What is in it, where that was only known late.
    pub(super) late: Option<Popup>,
    pub(super) link: Option<String>,
    pub(super) critical: bool,
    /// The `expire_timeout` that it was last shown with.
    pub(super) expire: i32,
    /// Whether it was made over the connection that we have now.
    pub(super) ours: bool,
    /// The server's answer that it shows this text: what it said before is about the one before.
    pub(super) since: Option<Sequence>,
    pub(super) state: State,
}

impl Held {
    /// One of an earlier life of the program.
    pub(super) fn left(Left { bubble, link }: Left) -> Self {
        let (critical, expire, ours) = (false, -1, false);
        let (late, since) = (None, None);
        Self { bubble, late, link, critical, expire, ours, since, state: State::Open }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Open,
    /// It was clicked, which is the end of it, but some servers leave it on the screen.
    Clicked,
    /// It must not be replaced: its id may by now be somebody else's.
    Closed,
}
