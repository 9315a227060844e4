//! The one connection to the session bus: who is the notification server, what does it say, and
//! every call to it.
use std::fmt::Display;
use std::path::Path;
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::Instant;
use zbus::address::transport::{Transport, UnixSocket};
use zbus::fdo::{self, DBusProxy};
use zbus::message::Sequence;
use zbus::names::WellKnownName;
use zbus::{Address, Connection, Message};

use super::super::{Guarded, Limits, ServerInfo};
use super::link;
use super::manner::Manner;
use super::signals::{Event, subscribe, watch};
use super::unanswered::Answer;
use super::wanted::Wanted;
use crate::render::sanitize;

/// The name that every notification server takes, and the interface that it serves.
pub(super) const NAME: &str = "org.freedesktop.Notifications";
pub(super) const SERVER: WellKnownName<'static> = WellKnownName::from_static_str_unchecked(NAME);
pub(super) const PATH: &str = "/org/freedesktop/Notifications";

/// What is said of a server that answers nothing.
pub(super) const SILENT: &str = "the notification server does not answer";

/// What is said of a bus without a server.
pub(super) const NO_SERVER: &str = "no notification server is running";

/// What stands in the way of a pop-up, as a phrase for people.
pub(super) enum Missing {
    /// The bus doesn't answer; it takes a new connection to try again.
    Bus(String),
    /// The bus is fine, but there is no notification server.
    Server(String),
}

/// The notification server at one moment.
#[derive(Clone)]
pub(super) struct Server {
    /// Its unique name on the bus.
    pub(super) owner: String,
    /// Whether it reads bodies as markup.
    pub(super) markup: bool,
    /// Whether its bubbles can be clicked, and a click can open a link.
    pub(super) clicks: bool,
    /// What it does with critical bubbles.
    pub(super) manner: Manner,
}

/// Why a call of `Notify` gave no bubble.
pub(super) enum Trouble {
    /// The server answered with an error.
    Refused(String),
    /// The call did not reach the server.
    Broken(String),
    /// The server left without a word, perhaps because of the call: it may have shown it.
    Left(String),
    /// The server took it, and its answer can't be read.
    Unreadable(String),
    /// No answer in time; it may still come.
    Uncertain(Answer),
    /// The server answered nothing before, and was not asked to show anything; this may still be
    /// answered.
    Silent(Answer),
}

/// A connection to the session bus that listens.
pub(super) struct Session {
    bus: DBusProxy<'static>,
    bus_id: String,
    limits: Limits,
    /// The server that we know all about.
    known: Option<Server>,
    absence: Absence,
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
        let _watcher = Guarded::spawn(watch(signals, sender));
        Ok(Self { bus, bus_id, limits, known: None, absence: Absence::default(), events, _watcher })
    }

    /// The bus's own id: another one means another bus, where our ids mean nothing.
    pub(super) fn bus_id(&self) -> &str {
        &self.bus_id
    }

    pub(super) fn connection(&self) -> Connection {
        self.bus.inner().connection().clone()
    }

    /// Waits for the next event. Loses nothing when it's dropped.
    pub(super) async fn next_event(&mut self) -> Event {
        // The watcher's last word is that the bus is lost.
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

    /// The server's name has nobody now: a new one is waited for from here on.
    pub(super) fn server_left(&mut self) {
        self.absence = Absence(Some(Instant::now()));
    }

    /// The notification server. Where there has been none for a good while, the bus is asked to
    /// start one; not before, since it might start another one than the desktop's own, which is
    /// about to come back.
    pub(super) async fn find_server(&mut self) -> Result<Server, Missing> {
        let mut owner = self.owner().await.map_err(Missing::Bus)?;
        if owner.is_none() && self.absence.is_long(Instant::now(), self.limits.start_after) {
            self.start_server().await?;
            owner = self.owner().await.map_err(Missing::Bus)?;
        }
        match owner {
            Some(owner) => {
                self.absence = Absence::default();
                Ok(self.get_to_know(owner).await)
            }
            None => Err(Missing::Server(NO_SERVER.to_owned())),
        }
    }

    /// Asks the bus to start a server. Better than to let `Notify` start it: when that takes too
    /// long (with KDE's it can take minutes) we still know that nothing was shown.
    async fn start_server(&self) -> Result<(), Missing> {
        if !self.is_startable(NAME).await.map_err(Missing::Bus)? {
            return Ok(());
        }
        let what = "the notification server does not start";
        let start = self.bus.start_service_by_name(SERVER, 0);
        within(self.limits.call, what, start).await.map_err(Missing::Server)?;
        Ok(())
    }

    /// Whether a server that isn't there comes when it's needed.
    pub(super) async fn can_start_server(&self) -> bool {
        self.is_startable(NAME).await.unwrap_or(false)
    }

    async fn is_startable(&self, wanted: &str) -> Result<bool, String> {
        let what = "the session bus does not answer";
        let names = within(self.limits.call, what, self.bus.list_activatable_names()).await?;
        Ok(names.iter().any(|name| name.as_str() == wanted))
    }

    /// What that owner is and can do, asked once. If it doesn't say, assume markup, since a bare
    /// `&` makes whole bodies disappear while an entity is only ugly; no clicks; and the manner
    /// that does no harm anywhere.
    async fn get_to_know(&mut self, owner: String) -> Server {
        if let Some(known) = self.known.as_ref().filter(|known| known.owner == owner) {
            return known.clone();
        }
        let (capabilities, information) =
            futures_lite::future::zip(self.capabilities(&owner), self.information(&owner)).await;
        let complete = capabilities.is_ok() && information.is_ok();
        let has = |wanted| Some(capabilities.as_ref().ok()?.iter().any(|one| one == wanted));
        let actions = has("actions").unwrap_or(false);
        let server = Server {
            markup: has("body-markup").unwrap_or(true),
            clicks: actions && link::can_open(self.connection(), self.limits).await,
            manner: information
                .as_ref()
                .map_or_else(|_| Manner::unknown(), |(name, ..)| Manner::of(name)),
            owner,
        };
        if complete {
            self.known = Some(server.clone());
        } else {
            tracing::debug!("the notification server does not say what it is or can do");
        }
        server
    }

    async fn capabilities(&self, owner: &str) -> Result<Vec<String>, String> {
        let ask = call(self.bus.inner().connection(), owner, "GetCapabilities", &());
        within(self.limits.ask, "no capabilities", ask).await.and_then(|reply| read(&reply))
    }

    async fn information(&self, owner: &str) -> Result<Information, String> {
        let ask = call(self.bus.inner().connection(), owner, "GetServerInformation", &());
        within(self.limits.ask, "no answer", ask).await.and_then(|reply| read(&reply))
    }

    /// Shows a bubble, in the place of another one unless `replaces` is 0: its id, and the place of
    /// the answer among all that the bus said.
    pub(super) async fn notify(
        &self,
        owner: &str,
        replaces: u32,
        wanted: Wanted,
    ) -> Result<(u32, Sequence), Trouble> {
        let Wanted { icon, summary, body, actions, hints, expire } = wanted;
        let arguments = ("ccwatch", replaces, icon, summary, body, actions, hints, expire);
        let mut answer = Answer::to(&self.connection(), owner, "Notify", arguments);
        match answer.within(self.limits.call).await {
            None => Err(Trouble::Uncertain(answer)),
            Some(Ok(reply)) => shown(&reply).map_err(Trouble::Unreadable),
            Some(Err(error)) if is_refusal(&error) => Err(Trouble::Refused(phrase(&error))),
            Some(Err(error)) if never_arrived(&error) => Err(Trouble::Broken(phrase(&error))),
            Some(Err(error)) => Err(Trouble::Left(phrase(&error))),
        }
    }

    /// Asks for a sign of life. A server that takes one call after the other has answered the calls
    /// before when it gives one.
    pub(super) async fn sign_of_life(&self, owner: &str) -> Result<(), Answer> {
        let mut answer = Answer::to(&self.connection(), owner, "GetServerInformation", ());
        answer.within(self.limits.ask).await.map_or_else(|| Err(answer), |_| Ok(()))
    }

    /// Takes a bubble down before another is shown: the place of the answer among all that the bus
    /// said. One that is gone already is no trouble: servers say nothing, or that they don't know it.
    pub(super) async fn close(&self, owner: &str, id: u32) -> Result<Option<Sequence>, Answer> {
        let mut answer = Answer::to(&self.connection(), owner, "CloseNotification", (id,));
        match answer.within(self.limits.call).await {
            None => Err(answer),
            Some(Ok(reply)) => Ok(Some(reply.recv_position())),
            Some(Err(error)) => {
                tracing::debug!(%error, id, "a bubble was not closed");
                Ok(None)
            }
        }
    }
}

/// What an answer to `Notify` says: the bubble's id, and its place among all that the bus said.
pub(super) fn shown(reply: &Message) -> Result<(u32, Sequence), String> {
    Ok((read(reply)?, reply.recv_position()))
}

/// Whether the server said that, and not the bus of a server that isn't there.
pub(super) fn is_refusal(error: &zbus::Error) -> bool {
    match error {
        zbus::Error::MethodError(..) => true,
        zbus::Error::FDO(error) => !matches!(
            **error,
            fdo::Error::ServiceUnknown(_)
                | fdo::Error::NameHasNoOwner(_)
                | fdo::Error::NoReply(_)
                | fdo::Error::Timeout(_)
                | fdo::Error::TimedOut(_)
                | fdo::Error::Disconnected(_)
        ),
        _ => false,
    }
}

/// Whether the bus found nobody to give the call to.
fn never_arrived(error: &zbus::Error) -> bool {
    let nobody = |error: &fdo::Error| {
        matches!(error, fdo::Error::ServiceUnknown(_) | fdo::Error::NameHasNoOwner(_))
    };
    matches!(error, zbus::Error::FDO(error) if nobody(error))
}

/// Since when there has been no server, where there is none.
#[derive(Default)]
struct Absence(Option<Instant>);

impl Absence {
    /// Whether one may be started now: there was none for so long, and none was started lately.
    fn is_long(&mut self, now: Instant, limit: Duration) -> bool {
        let since = *self.0.get_or_insert(now);
        let long = now.saturating_duration_since(since) >= limit;
        if long {
            self.0 = Some(now);
        }
        long
    }
}

/// Takes a bubble down while nobody waits for it.
pub(super) async fn close(connection: &Connection, owner: &str, id: u32, limits: Limits) {
    let arguments = (id,);
    let call = call(connection, owner, "CloseNotification", &arguments);
    if let Err(error) = within(limits.call, "a bubble was not closed", call).await {
        tracing::debug!(error, id);
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

/// Asks the running server; starts none.
pub(in crate::sinks::desktop) async fn describe(
    limits: Limits,
) -> Result<Option<ServerInfo>, String> {
    let session = Session::connect(limits).await?;
    let Some(owner) = session.owner().await? else {
        return match session.can_start_server().await {
            true => Ok(None),
            false => Err(NO_SERVER.to_owned()),
        };
    };
    let ask = call(session.bus.inner().connection(), &owner, "GetServerInformation", &());
    let reply = within(limits.call, "the notification server does not answer", ask).await?;
    let (name, vendor, version, spec) = read::<Information>(&reply)?;
    let capabilities = session.capabilities(&owner).await.unwrap_or_default();
    Ok(Some(ServerInfo { name, vendor, version, spec, capabilities }))
}

/// What a server says of itself: its name, its maker, its version and the specification's.
type Information = (String, String, String, String);

async fn connect() -> zbus::Result<DBusProxy<'static>> {
    DBusProxy::new(&Connection::session().await?).await
}

/// Calls a method of the server. With its unique name nothing gets started by it.
async fn call<A: serde::Serialize + zbus::DynamicType>(
    connection: &Connection,
    owner: &str,
    method: &str,
    arguments: &A,
) -> zbus::Result<Message> {
    connection.call_method(Some(owner), PATH, Some(NAME), method, arguments).await
}

pub(super) fn read<T: serde::de::DeserializeOwned + zbus::Type>(
    reply: &Message,
) -> Result<T, String> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_started_only_after_a_good_while_and_then_not_at_once_again() {
        let (mut absence, begin) = (Absence::default(), Instant::now());
        let limit = Duration::from_secs(30);
        let mut at = |seconds| absence.is_long(begin + Duration::from_secs(seconds), limit);
        let answers = [0, 5, 29, 30, 31, 59, 60].map(&mut at);
        assert_eq!(answers, [false, false, false, true, false, false, true]);
        assert!(Absence::default().is_long(begin, Duration::ZERO), "somebody waits for it");
    }
}
