//! Pop-ups over D-Bus: the Desktop Notifications Specification as servers really follow it.
//!
//! Everything goes over the one connection of the session, since GNOME Shell lets only the
//! connection that made a bubble replace it, takes the bubble down when that leaves the bus, and
//! tells only that one of clicks. Whether a bubble is replaced in place, or taken down and shown
//! anew, and how soon after the one before, depends on the server: see [`manner`].
use std::collections::VecDeque;

use tokio::sync::mpsc::UnboundedSender;
use tokio::time::Instant;
use zbus::message::Sequence;

use self::held::{Held, State};
use self::link::is_openable;
use self::session::{Missing, NO_SERVER, SILENT, Server, Session, Trouble, close};
pub(super) use self::session::{availability, describe};
use self::signals::Event;
use self::unanswered::{Call, Late, Unanswered};
use self::wanted::Wanted;
use super::{Bubble, Delivery, Left, Limits, Popup, Report};

mod held;
mod late;
mod link;
mod manner;
mod session;
mod signals;
mod unanswered;
mod wanted;

/// Bubbles to remember.
const MAX_BUBBLES: usize = 8;

pub(super) struct Backend {
    limits: Limits,
    reports: UnboundedSender<Report>,
    /// Whether the bus was looked for at all.
    begun: bool,
    /// `None` where there is no bus, and after it went away.
    session: Option<Session>,
    /// The last attempt to reach the bus failed.
    was_unreachable: bool,
    /// Unique name of the server that we met last, empty before the first.
    server: String,
    bubbles: VecDeque<Held>,
    /// When a bubble was shown last, at the latest.
    last: Instant,
    /// What the server owes an answer to.
    unanswered: Unanswered,
}

/// What can happen while nothing is shown.
pub(super) enum News {
    /// The first thing of all.
    Begin,
    /// The bus says so.
    Event(Event),
    /// A call is answered that was given up.
    Late(Box<Late>),
}

impl Backend {
    pub(super) fn new(left: Vec<Left>, limits: Limits, reports: UnboundedSender<Report>) -> Self {
        Self {
            limits,
            reports,
            begun: false,
            session: None,
            was_unreachable: false,
            server: String::new(),
            // An earlier life may have shown it a moment ago.
            last: Instant::now(),
            bubbles: left.into_iter().map(Held::left).collect(),
            unanswered: Unanswered::default(),
        }
    }

    /// Shows the popup and waits for the outcome, some multiple of `limits.call` at most.
    pub(super) async fn show(&mut self, popup: &Popup) -> Delivery {
        let (bus, server) = match self.find_server().await {
            Ok(found) => found,
            Err(reason) => return Delivery::NoServer(reason),
        };
        if !self.is_answering(&server.owner).await {
            return Delivery::NoServer(SILENT.to_owned());
        }
        let before = match self.came_meanwhile(popup) {
            Some((bubble, true)) => return Delivery::Shown(Some(bubble)),
            Some((bubble, false)) => Some(bubble),
            None => popup.replaces.clone(),
        };
        let before = before.filter(|bubble| bubble.bus == bus && bubble.owner == server.owner);
        match self.show_over(popup, &server, before.as_ref()).await {
            Err(Trouble::Uncertain(answer)) => {
                self.unanswered.add(Call::of(popup, &server.owner), answer);
                Delivery::Uncertain
            }
            Err(Trouble::Silent(answer)) => {
                self.unanswered.add(Call::for_a_sign(&server.owner), answer);
                Delivery::NoServer(SILENT.to_owned())
            }
            Err(Trouble::Refused(reason) | Trouble::Left(reason)) => Delivery::Failed(reason),
            Err(Trouble::Broken(reason)) => Delivery::NoServer(reason),
            Err(Trouble::Unreadable(error)) => {
                tracing::debug!(error, "the server does not say which bubble it is");
                self.unanswered.overtake(&popup.thread);
                Delivery::Shown(None)
            }
            Ok((id, since)) => {
                self.unanswered.overtake(&popup.thread);
                let bubble = Bubble { bus, owner: server.owner, id };
                // If the server changed meanwhile, nobody knows whose id this is.
                if self.owner().await.as_ref() != Some(&bubble.owner) {
                    return Delivery::Shown(None);
                }
                self.hold(bubble.clone(), popup, since);
                Delivery::Shown(Some(bubble))
            }
        }
    }

    /// Shows the popup over what there was before: in its place, where that is seen, else anew
    /// once it is taken down. Never both at a time, as they may contradict each other.
    async fn show_over(
        &mut self,
        popup: &Popup,
        server: &Server,
        before: Option<&Bubble>,
    ) -> Result<(u32, Sequence), Trouble> {
        self.leave_time(server).await;
        let Some(before) = before.filter(|bubble| !self.is(bubble, State::Closed)) else {
            return self.call_notify(popup, server, 0).await;
        };
        if server.manner.in_place && !self.is(before, State::Clicked) {
            match self.call_notify(popup, server, before.id).await {
                Err(Trouble::Refused(error)) => tracing::debug!(error, "not replaced: shown anew"),
                answered => return answered,
            }
        }
        self.take_down(before).await?;
        self.call_notify(popup, server, 0).await
    }

    /// Lets what was shown last settle on the screen. GNOME Shell takes a banner away at once if
    /// anything happens while that still slides in, for a fifth of a second.
    async fn leave_time(&self, server: &Server) {
        if !server.manner.in_place {
            tokio::time::sleep_until(self.last + self.limits.apart).await;
        }
    }

    async fn call_notify(
        &self,
        popup: &Popup,
        server: &Server,
        replaces: u32,
    ) -> Result<(u32, Sequence), Trouble> {
        let broken = || Trouble::Broken("no session bus".to_owned());
        let session = self.session.as_ref().ok_or_else(broken)?;
        session.notify(&server.owner, replaces, Wanted::of(popup, server)).await
    }

    /// Takes a bubble off the screen before another is shown; that is no news to anybody.
    async fn take_down(&mut self, bubble: &Bubble) -> Result<(), Trouble> {
        let Some(session) = &self.session else { return Ok(()) };
        let closed = session.close(&bubble.owner, bubble.id).await;
        if let Some(held) = self.bubbles.iter_mut().find(|held| held.bubble == *bubble) {
            held.state = State::Closed;
            held.until = closed.as_ref().ok().copied().flatten();
        }
        closed.map(|_| ()).map_err(Trouble::Silent)
    }

    /// Takes a bubble off the screen for good, if its server is there.
    pub(super) async fn take_away(&mut self, bubble: &Bubble) {
        let Some(bus) = self.session.as_ref().map(Session::bus_id) else { return };
        let is_there = bus == bubble.bus && self.owner().await.as_ref() == Some(&bubble.owner);
        if !is_there || self.is(bubble, State::Closed) {
            return;
        }
        // One that stands still has heard of it, and does it when it goes on.
        if let Err(Trouble::Silent(answer)) = self.take_down(bubble).await {
            self.unanswered.add(Call::for_a_sign(&bubble.owner), answer);
        }
        self.report(Report::Closed(bubble.clone()));
    }

    /// Waits for the next news of the server. Loses nothing when it's dropped.
    pub(super) async fn news(&mut self) -> News {
        if !self.begun {
            return News::Begin;
        }
        let Some(session) = &mut self.session else { return std::future::pending().await };
        tokio::select! {
            // What became of a bubble is of use only once the bubble is known.
            biased;
            late = self.unanswered.next() => News::Late(Box::new(late)),
            event = session.next_event() => News::Event(event),
        }
    }

    /// Deals with news.
    pub(super) async fn attend(&mut self, news: News) {
        match news {
            News::Begin => {
                self.begun = true;
                // From now on it is known how long there has been no server.
                self.look_around().await;
            }
            News::Late(late) => self.came_late(*late),
            News::Event(Event::Closed { owner, id, at }) => self.closed(&owner, id, at),
            News::Event(Event::Clicked { owner, id, at }) => self.clicked(&owner, id, at),
            News::Event(Event::NewOwner { old, new }) => {
                let is_gone = new.is_empty();
                self.change_server(&old, new);
                if is_gone {
                    self.say_missing(NO_SERVER.to_owned()).await;
                }
            }
            News::Event(Event::BusLost) => {
                self.drop_session();
                self.look_around().await;
                if self.session.is_none() {
                    self.lose(|_| true);
                }
            }
        }
    }

    /// Connects, and sees who is there and what of ours is left.
    async fn look_around(&mut self) {
        if let Err(reason) = self.find_server().await {
            self.say_missing(reason).await;
        }
    }

    /// Reports that there is no server, unless the bus starts one when it's needed.
    async fn say_missing(&self, reason: String) {
        let comes = match &self.session {
            Some(session) => session.can_start_server().await,
            None => false,
        };
        if !comes {
            self.report(Report::ServerMissing(reason));
        }
    }

    /// The bus's id and the server that owns the name, connecting and starting as needed.
    async fn find_server(&mut self) -> Result<(String, Server), String> {
        let was_unreachable = self.was_unreachable;
        if self.session.is_none() {
            self.was_unreachable = true;
            self.session = Some(Session::connect(self.limits).await?);
            self.was_unreachable = false;
        }
        let Some(session) = &mut self.session else { return Err("no session bus".to_owned()) };
        let bus = session.bus_id().to_owned();
        match session.find_server().await {
            Ok(server) => {
                self.server.clone_from(&server.owner);
                self.lose(|bubble| bubble.bus != bus || bubble.owner != server.owner);
                if was_unreachable {
                    self.report(Report::ServerAppeared);
                }
                Ok((bus, server))
            }
            Err(Missing::Server(reason)) => {
                self.lose(|_| true);
                Err(reason)
            }
            Err(Missing::Bus(reason)) => {
                self.drop_session();
                Err(reason)
            }
        }
    }

    async fn owner(&self) -> Option<String> {
        self.session.as_ref()?.owner().await.ok().flatten()
    }

    fn is(&self, bubble: &Bubble, state: State) -> bool {
        self.bubbles.iter().any(|held| held.bubble == *bubble && held.state == state)
    }

    fn hold(&mut self, bubble: Bubble, popup: &Popup, since: Sequence) {
        self.last = Instant::now();
        self.bubbles.retain(|held| held.bubble != bubble);
        while self.bubbles.len() >= MAX_BUBBLES {
            self.bubbles.pop_front();
        }
        self.bubbles.push_back(Held {
            bubble,
            late: None,
            link: popup.link.clone(),
            since: Some(since),
            until: None,
            state: State::Open,
        });
    }

    /// A bubble of ours that this can be about.
    fn held(&mut self, owner: &str, id: u32, at: Sequence) -> Option<&mut Held> {
        let wanted = |held: &&mut Held| held.bubble.owner == owner && held.bubble.id == id;
        self.bubbles.iter_mut().find(wanted).filter(|held| held.was_there(at))
    }

    /// The server took a bubble down.
    fn closed(&mut self, owner: &str, id: u32, at: Sequence) {
        let Some(held) = self.held(owner, id, at) else { return };
        if held.state == State::Closed || held.since.is_some_and(|since| at < since) {
            return;
        }
        held.state = State::Closed;
        let bubble = held.bubble.clone();
        self.report(Report::Closed(bubble));
    }

    /// The user clicked a bubble: its link is opened, and it has to go. Most servers see to that
    /// themselves; being asked to, too, does no harm, as they don't use an id again. Where a new
    /// text took the place of what was clicked, that stays: nobody has seen it yet. What we took down
    /// ourselves may have been clicked just before.
    fn clicked(&mut self, owner: &str, id: u32, at: Sequence) {
        let limits = self.limits;
        let Some(connection) = self.session.as_ref().map(Session::connection) else { return };
        let Some(held) = self.held(owner, id, at) else { return };
        let is_another = held.since.is_some_and(|since| at < since);
        let link = if is_another { held.link.clone() } else { held.link.take() };
        if let Some(link) = link.filter(|link| is_openable(link)) {
            tokio::spawn(link::open(connection.clone(), link, limits));
        }
        if is_another || held.state == State::Closed {
            return;
        }
        held.state = State::Clicked;
        let owner = owner.to_owned();
        tokio::spawn(async move { close(&connection, &owner, id, limits).await });
    }

    /// No bubble outlives its server. A new one that we met already, since it was started for
    /// our popup, is no news: the bus may tell of it only after the popup was shown.
    fn change_server(&mut self, old: &str, new: String) {
        self.lose(|bubble| bubble.owner == old);
        self.unanswered.forget(old);
        if new.is_empty() {
            self.session.iter_mut().for_each(Session::server_left);
        } else if new != self.server {
            self.server = new;
            self.report(Report::ServerAppeared);
        }
    }

    /// The connection is gone, but the bus may not be, nor the bubbles.
    fn drop_session(&mut self) {
        self.session = None;
        self.unanswered.clear();
        self.was_unreachable = true;
        self.server.clear();
    }

    /// These bubbles are gone with their server.
    fn lose(&mut self, is_gone: impl Fn(&Bubble) -> bool) {
        let (gone, kept) = std::mem::take(&mut self.bubbles)
            .into_iter()
            .partition::<VecDeque<_>, _>(|held| is_gone(&held.bubble));
        self.bubbles = kept;
        for Held { bubble, state, .. } in gone {
            match state {
                State::Open => self.report(Report::Lost(bubble)),
                State::Clicked => self.report(Report::Closed(bubble)),
                State::Closed => {}
            }
        }
    }

    fn report(&self, report: Report) {
        // No receiver: the program is on its way out.
        let _ = self.reports.send(report);
    }
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
        let mut backend = Backend::new(Vec::new(), Limits::default(), sender);
        let bubble = Bubble { bus: "bus".to_owned(), owner: ":1.1".to_owned(), id: 1 };
        backend.bubbles.push_back(Held {
            bubble: bubble.clone(),
            late: None,
            link: None,
            since: None,
            until: None,
            state: State::Open,
        });
        backend.server.clone_from(&bubble.owner);

        let nobody = String::new;
        backend.change_server(":1.0", nobody());
        backend.change_server("", ":1.1".to_owned());
        assert_eq!(backend.bubbles.len(), 1);
        assert!(reports.try_recv().is_err());

        backend.change_server(":1.1", nobody());
        assert!(backend.bubbles.is_empty());
        assert_eq!(reports.try_recv(), Ok(Report::Lost(bubble)));
        assert!(reports.try_recv().is_err());

        backend.change_server("", ":1.2".to_owned());
        assert_eq!(reports.try_recv(), Ok(Report::ServerAppeared));
    }
}
