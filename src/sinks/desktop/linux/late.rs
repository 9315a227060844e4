//! What a server answers after it was given up: a popup that is on the screen all the same.
//!
//! A server that owes an answer is asked for a sign of life before it is asked to show anything
//! else. So nothing piles up before one that stands still, and what it showed meanwhile is known,
//! and can be replaced, when it goes on.

use zbus::message::Sequence;

use super::Backend;
use super::held::{Held, State};
use super::session::{close, is_refusal, shown};
use super::unanswered::{Call, Late};
use crate::sinks::desktop::{Bubble, Popup, Report};

impl Backend {
    /// Whether the server answers, as far as there is reason to doubt it.
    pub(super) async fn is_answering(&mut self, owner: &str) -> bool {
        self.catch_up().await;
        if self.unanswered.is_empty() {
            return true;
        }
        let Some(session) = &self.session else { return true };
        if let Err(answer) = session.sign_of_life(owner).await {
            self.unanswered.add(Call::for_a_sign(owner), answer);
            return false;
        }
        self.catch_up().await;
        true
    }

    /// Takes in the answers that have come.
    async fn catch_up(&mut self) {
        while let Some(late) = self.unanswered.ready().await {
            self.came_late(late);
        }
    }

    /// The bubble of the popup's thread that became known only late, and whether this very popup is
    /// in it.
    pub(super) fn came_meanwhile(&self, popup: &Popup) -> Option<(Bubble, bool)> {
        let wanted = Popup { replaces: None, ..popup.clone() };
        self.bubbles.iter().rev().filter(|held| held.state == State::Open).find_map(|held| {
            let late = held.late.as_ref().filter(|late| late.thread == popup.thread)?;
            Some((held.bubble.clone(), Popup { replaces: None, ..late.clone() } == wanted))
        })
    }

    /// An answer came late. A popup that is on the screen by now is the bubble of its thread, unless
    /// a newer one is there: then it has to go.
    pub(super) fn came_late(&mut self, late: Late) {
        let Late { call, answer } = late;
        let answers = match &answer {
            Ok(_) => true,
            Err(error) => is_refusal(error),
        };
        if let (Some(popup), Ok(reply)) = (&call.popup, &answer) {
            match shown(reply) {
                Ok((id, since)) => self.shown_late(&call, popup, id, since),
                Err(error) => tracing::debug!(error, "a late answer is not understood"),
            }
        }
        if answers {
            self.report(Report::ServerAppeared);
        }
    }

    fn shown_late(&mut self, call: &Call, popup: &Popup, id: u32, since: Sequence) {
        let Some(session) = &self.session else { return };
        let (connection, limits) = (session.connection(), self.limits);
        let bubble = Bubble { bus: session.bus_id().to_owned(), owner: call.owner.clone(), id };
        let close = |id| {
            let (connection, owner) = (connection.clone(), call.owner.clone());
            tokio::spawn(async move { close(&connection, &owner, id, limits).await });
        };
        if call.overtaken {
            // A newer one that took its very place is to stay.
            if !self.is(&bubble, State::Open) {
                close(id);
            }
            return;
        }
        // One that came late as well, and is older.
        let is_older = |held: &&mut Held| {
            let of_thread = |late: &Popup| late.thread == popup.thread;
            let is_there = held.bubble != bubble && held.state != State::Closed;
            is_there && held.late.as_ref().is_some_and(of_thread)
        };
        for older in self.bubbles.iter_mut().filter(is_older) {
            older.state = State::Closed;
            close(older.bubble.id);
        }
        self.hold(bubble.clone(), popup, since);
        if let Some(held) = self.bubbles.back_mut() {
            held.late = Some(popup.clone());
        }
        let (key, thread) = (popup.key.clone(), popup.thread.clone());
        self.report(Report::ShownLate { key, thread, bubble });
    }
}
