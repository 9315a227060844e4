//! Pop-ups over D-Bus: the Desktop Notifications Specification as servers really follow it.
//!
//! notify-rust shows; the session asks what notify-rust can't tell. Each popup is sent over a
//! connection of its own, which stays open as long as the bubble: GNOME takes a bubble down when
//! its sender leaves the bus, and tells only the sender of clicks.
use std::collections::VecDeque;

use notify_rust::{Hint, Notification, NotificationHandle, NotificationResponse};
use tokio::sync::mpsc::UnboundedSender;

use self::link::is_openable;
use self::session::{Event, Missing, Server, Session, phrase};
pub(super) use self::session::{availability, describe};
use super::{Bubble, Delivery, Guarded, Limits, Popup, Report, Urgency};
use crate::render::sanitize;

mod link;
mod session;

/// Bubbles to remember, each with up to two connections.
const MAX_BUBBLES: usize = 8;

pub(super) struct Backend {
    /// Or why there can be no pop-ups.
    blank: Result<Notification, String>,
    limits: Limits,
    reports: UnboundedSender<Report>,
    /// `None` until the first popup, and after the bus went away.
    session: Option<Session>,
    /// The last attempt to reach the bus failed.
    was_unreachable: bool,
    /// Unique name of the server that we met last, empty before the first.
    server: String,
    bubbles: VecDeque<Held>,
}

/// A bubble and what keeps it alive. Once it's closed there's nothing to keep, and it must not be
/// replaced: its id may by now be somebody else's.
struct Held {
    bubble: Bubble,
    link: Option<String>,
    /// Those of the first popup (the server's source belongs to it) and of the latest.
    connections: Vec<Guarded>,
}

impl Held {
    fn is_open(&self) -> bool {
        !self.connections.is_empty()
    }
}

impl Backend {
    pub(super) fn new(limits: Limits, reports: UnboundedSender<Report>) -> Self {
        Self {
            blank: super::blank(),
            limits,
            reports,
            session: None,
            was_unreachable: false,
            server: String::new(),
            bubbles: VecDeque::new(),
        }
    }

    /// Shows the popup and waits for the outcome, some multiple of `limits.call` at most.
    pub(super) async fn show(&mut self, popup: &Popup) -> Delivery {
        let blank = match &self.blank {
            Ok(blank) => blank.clone(),
            Err(reason) => return Delivery::NoServer(reason.clone()),
        };
        let (bus, server) = match self.find_server().await {
            Ok(found) => found,
            Err(reason) => return Delivery::NoServer(reason),
        };
        let replaces = popup.replaces.as_ref().filter(|bubble| {
            bubble.bus == bus && bubble.owner == server.owner && !self.is_closed(bubble)
        });
        let notification = compose(blank, popup, &server, replaces.map_or(0, |bubble| bubble.id));
        match tokio::time::timeout(self.limits.call, notification.show_async()).await {
            Err(_) => Delivery::Uncertain,
            Ok(Err(error)) => self.explain(&phrase(&error)).await,
            Ok(Ok(handle)) => {
                let bubble = Bubble { bus, owner: server.owner, id: handle.id() };
                // If the server changed meanwhile, nobody knows whose id this is.
                if self.owner().await.as_ref() != Some(&bubble.owner) {
                    return Delivery::Shown(None);
                }
                self.hold(bubble.clone(), popup.link.clone(), handle);
                Delivery::Shown(Some(bubble))
            }
        }
    }

    /// Waits for the next news of the server and deals with it. Loses nothing when it's dropped.
    pub(super) async fn attend(&mut self) {
        let Some(session) = &mut self.session else { return std::future::pending().await };
        match session.next_event().await {
            Event::Closed { owner, id } => self.close(&owner, id, false),
            Event::Clicked { owner, id } => self.close(&owner, id, true),
            Event::NewOwner { old, new } => self.change_server(&old, new),
            Event::BusLost => self.drop_session(),
        }
    }

    /// The bus's id and the server that owns the name, connecting and starting as needed.
    async fn find_server(&mut self) -> Result<(String, Server), String> {
        let was_unreachable = self.was_unreachable;
        if self.session.is_none() {
            let connected = Session::connect(self.limits).await;
            self.was_unreachable = connected.is_err();
            self.session = Some(connected?);
        }
        let Some(session) = &mut self.session else { return Err("no session bus".to_owned()) };
        match session.find_server().await {
            Ok(server) => {
                let bus = session.bus_id().to_owned();
                self.server.clone_from(&server.owner);
                if was_unreachable {
                    self.report(Report::ServerAppeared);
                }
                Ok((bus, server))
            }
            Err(Missing::Server(reason)) => Err(reason),
            Err(Missing::Bus(reason)) => {
                self.drop_session();
                Err(reason)
            }
        }
    }

    /// Whether a failed call met a server at all.
    async fn explain(&mut self, reason: &str) -> Delivery {
        match self.owner().await {
            Some(_) => Delivery::Failed(reason.to_owned()),
            None => Delivery::NoServer(reason.to_owned()),
        }
    }

    async fn owner(&self) -> Option<String> {
        self.session.as_ref()?.owner().await.ok().flatten()
    }

    fn is_closed(&self, bubble: &Bubble) -> bool {
        self.bubbles.iter().any(|held| held.bubble == *bubble && !held.is_open())
    }

    /// Keeps the connection open and listens on it.
    fn hold(&mut self, bubble: Bubble, link: Option<String>, handle: NotificationHandle) {
        let Some(session) = &self.session else { return };
        let listener = listen(handle, bubble.owner.clone(), session.events());
        if let Some(held) = self.bubbles.iter_mut().find(|held| held.bubble == bubble) {
            held.link = link;
            held.connections.truncate(1);
            held.connections.push(listener);
            return;
        }
        if self.bubbles.len() == MAX_BUBBLES {
            self.bubbles.pop_front();
        }
        self.bubbles.push_back(Held { bubble, link, connections: vec![listener] });
    }

    /// The server took a bubble down, or it was clicked, which servers take as the end of it, and
    /// so do we. May come more than once for a bubble: over our connection and over the popup's.
    fn close(&mut self, owner: &str, id: u32, clicked: bool) {
        let of_ours =
            |held: &&mut Held| held.is_open() && held.bubble.owner == owner && held.bubble.id == id;
        let Some(held) = self.bubbles.iter_mut().find(of_ours) else { return };
        held.connections.clear();
        let bubble = held.bubble.clone();
        let link = held.link.take().filter(|link| clicked && is_openable(link));
        if let (Some(link), Some(session)) = (link, &self.session) {
            tokio::spawn(link::open(session.connection(), link, self.limits.call));
        }
        self.report(Report::Closed(bubble));
    }

    /// No bubble outlives its server. A new one that we met already, since it was started for
    /// our popup, is no news: the bus may tell of it only after the popup was shown.
    fn change_server(&mut self, old: &str, new: String) {
        self.forget(|bubble| bubble.owner == old);
        if !new.is_empty() && new != self.server {
            self.server = new;
            self.report(Report::ServerAppeared);
        }
    }

    fn drop_session(&mut self) {
        self.session = None;
        self.was_unreachable = true;
        self.server.clear();
        self.forget(|_| true);
    }

    fn forget(&mut self, is_gone: impl Fn(&Bubble) -> bool) {
        let (gone, kept) = std::mem::take(&mut self.bubbles)
            .into_iter()
            .partition::<VecDeque<_>, _>(|held| is_gone(&held.bubble));
        self.bubbles = kept;
        for held in gone.into_iter().filter(Held::is_open) {
            self.report(Report::Closed(held.bubble));
        }
    }

    fn report(&self, report: Report) {
        // No receiver: the program is on its way out.
        let _ = self.reports.send(report);
    }
}

/// The popup in the terms of this server.
fn compose(
    mut notification: Notification,
    popup: &Popup,
    server: &Server,
    replaces: u32,
) -> Notification {
    notification
        .summary(&sanitize::popup_title(&popup.title))
        .body(&sanitize::popup_body(&popup.body, server.markup))
        .urgency(match popup.urgency {
            Urgency::Low => notify_rust::Urgency::Low,
            Urgency::Normal => notify_rust::Urgency::Normal,
            Urgency::Critical => notify_rust::Urgency::Critical,
        })
        .hint(Hint::DesktopEntry("ccwatch".to_owned()))
        // The general one: "network.disconnected" and "network.error" would say that the user's
        // own connection is down, the very thing ccwatch is there to tell apart.
        .hint(Hint::Category("network".to_owned()))
        .id(replaces);
    if server.actions && popup.link.as_deref().is_some_and(is_openable) {
        notification.action("default", "Open the page");
    }
    notification
}

/// Holds the popup's connection, and passes on what the server says over it. The library panics
/// if the bus goes away in the wrong moment: that ends this task and nothing else.
fn listen(handle: NotificationHandle, owner: String, events: UnboundedSender<Event>) -> Guarded {
    Guarded::spawn(async move {
        let id = handle.id();
        let mut event = None;
        handle
            .wait_for_action_async(|response: &NotificationResponse| {
                event = match response {
                    NotificationResponse::Default => Some(Event::Clicked { owner, id }),
                    NotificationResponse::Closed(_) => Some(Event::Closed { owner, id }),
                    NotificationResponse::Action(_) | NotificationResponse::Reply(_) => None,
                };
            })
            .await;
        if let Some(event) = event {
            // No receiver: the session is gone, and the bubble with it.
            let _ = events.send(event);
        }
        std::future::pending().await
    })
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc::unbounded_channel;

    use super::*;

    /// The bus may say only after a popup was shown that the old server left and that the one that
    /// showed it has come.
    #[tokio::test]
    async fn late_news_of_a_server_takes_no_bubble_of_it() {
        let (sender, mut reports) = unbounded_channel();
        let mut backend = Backend::new(Limits::default(), sender);
        let bubble = Bubble { bus: "bus".to_owned(), owner: ":1.1".to_owned(), id: 1 };
        let connections = vec![Guarded::spawn(std::future::pending())];
        backend.bubbles.push_back(Held { bubble: bubble.clone(), link: None, connections });
        backend.server.clone_from(&bubble.owner);

        let nobody = String::new;
        backend.change_server(":1.0", nobody());
        backend.change_server("", ":1.1".to_owned());
        assert_eq!(backend.bubbles.len(), 1);
        assert!(reports.try_recv().is_err());

        backend.change_server(":1.1", nobody());
        assert!(backend.bubbles.is_empty());
        assert_eq!(reports.try_recv(), Ok(Report::Closed(bubble)));
        assert!(reports.try_recv().is_err());

        backend.change_server("", ":1.2".to_owned());
        assert_eq!(reports.try_recv(), Ok(Report::ServerAppeared));
    }
}
