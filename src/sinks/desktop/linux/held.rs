//! What is known of a bubble that is, or was, on the screen.

use zbus::message::Sequence;

use super::super::{Bubble, Left, Popup};

/// A bubble that we showed.
pub(super) struct Held {
    pub(super) bubble: Bubble,
    /// What is in it, where that was only known late.
    pub(super) late: Option<Popup>,
    pub(super) link: Option<String>,
    /// The server's answer that it shows this text: what it said before is about the one before.
    pub(super) since: Option<Sequence>,
    /// The server's answer that it took it down, as we wanted: a click from before is one on it.
    pub(super) until: Option<Sequence>,
    pub(super) state: State,
}

impl Held {
    /// One of an earlier life of the program.
    pub(super) fn left(Left { bubble, link }: Left) -> Self {
        Self { bubble, late: None, link, since: None, until: None, state: State::Open }
    }

    /// Whether what the server said then can be about it: its id may be somebody else's once it is
    /// closed.
    pub(super) fn was_there(&self, at: Sequence) -> bool {
        self.state != State::Closed || self.until.is_some_and(|until| at < until)
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
