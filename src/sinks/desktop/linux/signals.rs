//! What is heard over the bus: of the server, and of its bubbles.

use futures_lite::StreamExt;
use tokio::sync::mpsc::UnboundedSender;
use zbus::message::{Sequence, Type};
use zbus::{Connection, MatchRule, Message, MessageStream};

use super::session::{NAME, PATH, SERVER, read};

/// Something happened to the server or to one of its bubbles.
#[derive(Debug)]
pub(in crate::sinks::desktop) enum Event {
    /// The server took the bubble down.
    Closed {
        /// Unique name of the server.
        owner: String,
        /// The bubble's id.
        id: u32,
        /// Before or after what else the bus said.
        at: Sequence,
    },
    /// The user chose the bubble's default action.
    Clicked {
        /// Unique name of the server.
        owner: String,
        /// The bubble's id.
        id: u32,
        /// Before or after what else the bus said.
        at: Sequence,
    },
    /// The server's name changed hands; nobody has an empty name.
    NewOwner {
        /// Unique name of the server that left.
        old: String,
        /// Unique name of the server that came.
        new: String,
    },
    /// The connection broke.
    BusLost,
}

/// What the bus says of the server's name, and the server of its bubbles.
pub(super) async fn subscribe(
    connection: &Connection,
) -> zbus::Result<(MessageStream, MessageStream)> {
    let owners = MatchRule::builder()
        .msg_type(Type::Signal)
        .sender("org.freedesktop.DBus")
        .interface("org.freedesktop.DBus")
        .member("NameOwnerChanged")
        .add_arg(NAME)
        .build()?;
    let bubbles = MatchRule::builder()
        .msg_type(Type::Signal)
        .sender(SERVER)
        .interface(NAME)
        .path(PATH)
        .build()?;
    Ok((
        MessageStream::for_match_rule(owners, connection, None).await?,
        MessageStream::for_match_rule(bubbles, connection, None).await?,
    ))
}

/// Turns signals into events until the bus goes away. A task of its own, since unread signals
/// would sooner or later hold up the answers that come over the same connection.
pub(super) async fn watch(signals: (MessageStream, MessageStream), events: UnboundedSender<Event>) {
    let mut signals = signals.0.or(signals.1);
    while let Some(Ok(signal)) = signals.next().await {
        if let Some(event) = interpret(&signal)
            && events.send(event).is_err()
        {
            return;
        }
    }
    // No receiver: the session is gone already.
    let _ = events.send(Event::BusLost);
}

fn interpret(signal: &Message) -> Option<Event> {
    let header = signal.header();
    let owner = || header.sender().map(ToString::to_string);
    let at = signal.recv_position();
    match header.member()?.as_str() {
        "NameOwnerChanged" => {
            let (_, old, new) = read::<(String, String, String)>(signal).ok()?;
            Some(Event::NewOwner { old, new })
        }
        "NotificationClosed" => {
            let (id, _reason) = read::<(u32, u32)>(signal).ok()?;
            Some(Event::Closed { owner: owner()?, id, at })
        }
        "ActionInvoked" => {
            let (id, action) = read::<(u32, String)>(signal).ok()?;
            (action == "default").then_some(Event::Clicked { owner: owner()?, id, at })
        }
        _ => None,
    }
}
