//! Calls that the server did not answer in time. Their answers are waited for as long as the
//! connection lasts, since only they say which bubble a popup became.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::timeout;
use zbus::{Connection, DynamicType, Message};

use super::super::Popup;
use super::session::{NAME, PATH};

/// How many are remembered.
const MOST: usize = 8;

/// The answer to a call: it comes whether or not somebody waits for it at the moment, and is given
/// up with this.
pub(super) struct Answer(JoinHandle<zbus::Result<Message>>);

impl Answer {
    /// Calls a method of the server. With its unique name nothing gets started by it.
    pub(super) fn to<A>(
        connection: &Connection,
        owner: &str,
        method: &'static str,
        arguments: A,
    ) -> Self
    where
        A: serde::Serialize + DynamicType + Send + Sync + 'static,
    {
        let (connection, owner) = (connection.clone(), owner.to_owned());
        Self(tokio::spawn(async move {
            connection.call_method(Some(owner), PATH, Some(NAME), method, &arguments).await
        }))
    }

    /// Waits for it, but not for long. Once it has come there is no other.
    pub(super) async fn within(&mut self, limit: Duration) -> Option<zbus::Result<Message>> {
        timeout(limit, poll_fn(|context| self.poll(context))).await.ok()
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<zbus::Result<Message>> {
        Pin::new(&mut self.0).poll(context).map(|ended| {
            // The task is not ended by anybody else.
            ended.unwrap_or_else(|error| Err(zbus::Error::Failure(error.to_string())))
        })
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// What was called, and not answered yet.
pub(super) struct Call {
    /// The server's unique name.
    pub(super) owner: String,
    /// The popup that it was to show; none: it was asked for something else.
    pub(super) popup: Option<Popup>,
    /// A newer popup of its thread is on the screen.
    pub(super) overtaken: bool,
}

impl Call {
    /// One that was to show this popup.
    pub(super) fn of(popup: &Popup, owner: &str) -> Self {
        Self { owner: owner.to_owned(), popup: Some(popup.clone()), overtaken: false }
    }

    /// Any other one: that it is answered is a sign of life.
    pub(super) fn for_a_sign(owner: &str) -> Self {
        Self { owner: owner.to_owned(), popup: None, overtaken: false }
    }
}

/// All of them, the oldest first.
#[derive(Default)]
pub(super) struct Unanswered(Vec<(Call, Answer)>);

impl Unanswered {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Of signs of life one is enough.
    pub(super) fn add(&mut self, call: Call, answer: Answer) {
        if call.popup.is_none() && self.0.iter().any(|(call, _)| call.popup.is_none()) {
            return;
        }
        if self.0.len() >= MOST {
            self.0.remove(0);
        }
        self.0.push((call, answer));
    }

    /// A popup of this thread is on the screen now: those before are not to be.
    pub(super) fn overtake(&mut self, thread: &str) {
        let of_it = |call: &&mut Call| call.popup.as_ref().is_some_and(|p| p.thread == thread);
        self.0.iter_mut().map(|(call, _)| call).filter(of_it).for_each(|c| c.overtaken = true);
    }

    /// Nothing of this server is waited for any more.
    pub(super) fn forget(&mut self, owner: &str) {
        self.0.retain(|(call, _)| call.owner != owner);
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// Waits for the first answer that comes, for ever if none is waited for. Loses nothing when it's
    /// dropped.
    pub(super) async fn next(&mut self) -> Late {
        poll_fn(|context| self.poll(context)).await
    }

    /// One that has come already.
    pub(super) async fn ready(&mut self) -> Option<Late> {
        poll_fn(|context| {
            Poll::Ready(match self.poll(context) {
                Poll::Ready(late) => Some(late),
                Poll::Pending => None,
            })
        })
        .await
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Late> {
        for at in 0..self.0.len() {
            let Some((_, answer)) = self.0.get_mut(at) else { break };
            if let Poll::Ready(answer) = answer.poll(context) {
                let (call, _) = self.0.remove(at);
                // Those of its thread that were sent before it were to be seen before it.
                if let Some(popup) = &call.popup
                    && answer.is_ok()
                {
                    let before = self.0.iter_mut().take(at).map(|(call, _)| call);
                    let same = |call: &&mut Call| {
                        call.popup.as_ref().is_some_and(|other| other.thread == popup.thread)
                    };
                    before.filter(same).for_each(|call| call.overtaken = true);
                }
                return Poll::Ready(Late { call, answer });
            }
        }
        Poll::Pending
    }
}

/// An answer that came late.
pub(in crate::sinks::desktop) struct Late {
    pub(super) call: Call,
    pub(super) answer: zbus::Result<Message>,
}
