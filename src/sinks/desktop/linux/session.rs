//! Our own connection to the session bus: who is the notification server, and what does it say.
use std::fmt::Display;
use std::path::Path;
use std::time::Duration;

use futures_lite::StreamExt;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use zbus::address::transport::{Transport, UnixSocket};
use zbus::fdo::{self, DBusProxy};
use zbus::message::Type;
use zbus::names::WellKnownName;
use zbus::{Address, Connection, MatchRule, Message, MessageStream};

use super::super::{Guarded, Limits, ServerInfo};
use crate::render::sanitize;

/// The name that every notification server takes, and the interface that it serves.
const NAME: &str = "org.freedesktop.Notifications";
const SERVER: WellKnownName<'static> = WellKnownName::from_static_str_unchecked(NAME);
const PATH: &str = "/org/freedesktop/Notifications";

/// Something happened to the server or to one of its bubbles.
#[derive(Debug)]
pub(super) enum Event {
    /// The server took the bubble down.
    Closed {
        /// Unique name of the server.
        owner: String,
        /// The bubble's id.
        id: u32,
    },
    /// The user chose the bubble's default action.
    Clicked {
        /// Unique name of the server.
        owner: String,
        /// The bubble's id.
        id: u32,
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

/// What stands in the way of a pop-up, as a phrase for people.
pub(super) enum Missing {
    /// The bus doesn't answer; it takes a new connection to try again.
    Bus(String),
    /// The bus is fine, but there is no notification server.
    Server(String),
}

/// The notification server at one moment.
pub(super) struct Server {
    /// Its unique name on the bus.
    pub(super) owner: String,
    /// It reads the body as markup.
    pub(super) markup: bool,
    /// It can tell us of clicks.
    pub(super) actions: bool,
}

/// A connection to the session bus that has listened to the notification server since before the
/// first popup, so that nothing is missed.
pub(super) struct Session {
    bus: DBusProxy<'static>,
    bus_id: String,
    limits: Limits,
    /// What this owner can do.
    capabilities: Option<(String, Vec<String>)>,
    sender: UnboundedSender<Event>,
    events: UnboundedReceiver<Event>,
    _watcher: Guarded,
}

impl Session {
    pub(super) async fn connect(limits: Limits) -> Result<Self, String> {
        let what = "no session bus";
        let bus = within(limits.call, what, connect()).await?;
        let bus_id = within(limits.call, what, bus.get_id()).await?.to_string();
        let signals = within(limits.call, what, subscribe(bus.inner().connection())).await?;
        let (sender, events) = unbounded_channel();
        let _watcher = Guarded::spawn(watch(signals, sender.clone()));
        Ok(Self { bus, bus_id, limits, capabilities: None, sender, events, _watcher })
    }

    /// The bus's own id: another one means another bus, where our ids mean nothing.
    pub(super) fn bus_id(&self) -> &str {
        &self.bus_id
    }

    pub(super) fn connection(&self) -> Connection {
        self.bus.inner().connection().clone()
    }

    /// Where events about bubbles go that come over another connection.
    pub(super) fn events(&self) -> UnboundedSender<Event> {
        self.sender.clone()
    }

    /// Waits for the next event. Loses nothing when it's dropped.
    pub(super) async fn next_event(&mut self) -> Event {
        // We hold a sender ourselves, so the channel never ends.
        self.events.recv().await.unwrap_or(Event::BusLost)
    }

    /// The unique name of the notification server, if there is one.
    pub(super) async fn owner(&self) -> Result<Option<String>, String> {
        let ask = async {
            match self.bus.get_name_owner(SERVER.into()).await {
                Ok(owner) => Ok(Some(owner.to_string())),
                Err(fdo::Error::NameHasNoOwner(_)) => Ok(None),
                Err(error) => Err(error),
            }
        };
        within(self.limits.call, "the session bus does not answer", ask).await
    }

    /// The notification server, started first if the bus knows how.
    pub(super) async fn find_server(&mut self) -> Result<Server, Missing> {
        let mut owner = self.owner().await.map_err(Missing::Bus)?;
        if owner.is_none() {
            self.start_server().await?;
            owner = self.owner().await.map_err(Missing::Bus)?;
        }
        match owner {
            Some(owner) => Ok(self.ask_capabilities(owner).await),
            None => Err(Missing::Server("no notification server is running".to_owned())),
        }
    }

    /// Asks the bus to start a server. Better than to let `Notify` start it: when that takes too
    /// long (with KDE's it can take minutes) we still know that nothing was shown.
    async fn start_server(&self) -> Result<(), Missing> {
        let what = "the session bus does not answer";
        let names = within(self.limits.call, what, self.bus.list_activatable_names()).await;
        if !names.map_err(Missing::Bus)?.iter().any(|name| name.as_str() == NAME) {
            return Ok(());
        }
        let what = "the notification server does not start";
        let start = self.bus.start_service_by_name(SERVER, 0);
        within(self.limits.call, what, start).await.map_err(Missing::Server)?;
        Ok(())
    }

    /// What that owner can do, asked once. If it doesn't say, assume markup, since a bare `&`
    /// makes whole bodies disappear while an entity is only ugly; and no actions.
    async fn ask_capabilities(&mut self, owner: String) -> Server {
        if self.capabilities.as_ref().is_none_or(|(of, _)| *of != owner) {
            let ask = call(self.bus.inner().connection(), &owner, "GetCapabilities");
            let asked = within(self.limits.ask, "no capabilities", ask).await;
            self.capabilities = match asked.and_then(|reply| read::<Vec<String>>(&reply)) {
                Ok(capabilities) => Some((owner.clone(), capabilities)),
                Err(error) => {
                    tracing::debug!(error, "assuming that the notification server reads markup");
                    None
                }
            };
        }
        let known = self.capabilities.as_ref();
        let has = |wanted| known.map(|(_, all)| all.iter().any(|one| one == wanted));
        Server {
            markup: has("body-markup").unwrap_or(true),
            actions: has("actions").unwrap_or(false),
            owner,
        }
    }
}

/// Why there can be no pop-ups: the bus's address is unusable, or its socket isn't there.
pub(in crate::sinks::desktop) fn availability() -> Result<(), String> {
    let address = Address::session().map_err(|e| format!("no session bus: {}", phrase(&e)))?;
    match address.transport() {
        Transport::Unix(unix) => match unix.path() {
            UnixSocket::File(path) => is_there(path),
            _ => Ok(()),
        },
        _ => Ok(()),
    }
}

fn is_there(socket: &Path) -> Result<(), String> {
    match socket.try_exists() {
        Ok(true) => Ok(()),
        Ok(false) => Err(format!("no session bus: {} does not exist", socket.display())),
        Err(error) => Err(format!("no session bus: {}: {error}", socket.display())),
    }
}

/// Asks the running server, or the one that the bus starts for the question.
pub(in crate::sinks::desktop) async fn describe(limits: Limits) -> Result<ServerInfo, String> {
    let mut session = Session::connect(limits).await?;
    let owner = match session.find_server().await {
        Ok(server) => server.owner,
        Err(Missing::Bus(reason) | Missing::Server(reason)) => return Err(reason),
    };
    let what = "the notification server does not answer";
    let ask = call(session.bus.inner().connection(), &owner, "GetServerInformation");
    let reply = within(limits.call, what, ask).await?;
    let (name, vendor, version, spec) = read::<(String, String, String, String)>(&reply)?;
    let capabilities = session.capabilities.map(|(_, all)| all).unwrap_or_default();
    Ok(ServerInfo { name, vendor, version, spec, capabilities })
}

async fn connect() -> zbus::Result<DBusProxy<'static>> {
    DBusProxy::new(&Connection::session().await?).await
}

/// Calls a method without arguments. With the server's unique name nothing gets started by it.
async fn call(connection: &Connection, owner: &str, method: &str) -> zbus::Result<Message> {
    connection.call_method(Some(owner), PATH, Some(NAME), method, &()).await
}

fn read<T: serde::de::DeserializeOwned + zbus::Type>(reply: &Message) -> Result<T, String> {
    reply.body().deserialize().map_err(|e| phrase(&e))
}

/// An error of the bus or of another program, as a phrase that can be logged and shown.
pub(super) fn phrase(error: &impl Display) -> String {
    sanitize::line(&error.to_string(), 200)
}

/// Waits for an answer, but not for long. `what` names the failure.
async fn within<T, E: Display>(
    limit: Duration,
    what: &str,
    answer: impl Future<Output = Result<T, E>>,
) -> Result<T, String> {
    match tokio::time::timeout(limit, answer).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(format!("{what}: {}", phrase(&error))),
        Err(_) => Err(format!("{what}: no answer in {} s", limit.as_secs_f32())),
    }
}

/// What the bus says of the server's name, and the server of its bubbles.
async fn subscribe(connection: &Connection) -> zbus::Result<(MessageStream, MessageStream)> {
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
async fn watch(signals: (MessageStream, MessageStream), events: UnboundedSender<Event>) {
    let mut signals = signals.0.race(signals.1);
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
    match header.member()?.as_str() {
        "NameOwnerChanged" => {
            let (_, old, new) = read::<(String, String, String)>(signal).ok()?;
            Some(Event::NewOwner { old, new })
        }
        "NotificationClosed" => {
            let (id, _reason) = read::<(u32, u32)>(signal).ok()?;
            Some(Event::Closed { owner: owner()?, id })
        }
        "ActionInvoked" => {
            let (id, action) = read::<(u32, String)>(signal).ok()?;
            (action == "default").then_some(Event::Clicked { owner: owner()?, id })
        }
        _ => None,
    }
}
