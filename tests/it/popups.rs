//! Pop-ups, from the notifier's side of the bus to the server's.
#![cfg(target_os = "linux")]
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

use ccwatch::sinks::desktop::{
    Bubble, Delivery, Limits, Notifier, Popup, Report, ServerInfo, Urgency, availability, describe,
};
use tokio::sync::oneshot;

use crate::desktop::{Bus, Character, PATIENCE, Server, Shown, in_session, runtime};

mod late;

const CAPABILITIES: &[&str] = &["body", "body-markup", "actions"];
const LINK: &str = "https://status.claude.com/incidents/tmyn1ydxm0n6";
const ICON: &str = "file:///icons/ccwatch-outage.svg";
const ETERNITY: Duration = Duration::from_secs(3600);
const PATIENT: Limits = Limits {
    call: PATIENCE,
    ask: PATIENCE,
    start_after: ETERNITY,
    apart: Duration::from_millis(300),
    may_run: true,
};

/// A notifier on a runtime thread like the daemon's, and its reports.
struct Desk {
    notifier: Option<Notifier>,
    reports: mpsc::Receiver<Report>,
    /// Those that say that there is no server.
    missing: mpsc::Receiver<Report>,
    runtime: tokio::runtime::Handle,
    thread: Option<(oneshot::Sender<()>, std::thread::JoinHandle<()>)>,
}

impl Desk {
    fn new(limits: Limits) -> Self {
        let (send_report, reports) = mpsc::channel();
        let (send_missing, missing) = mpsc::channel();
        let (send_ready, ready) = mpsc::channel();
        let (stop, stopped) = oneshot::channel::<()>();
        let thread = std::thread::spawn(move || {
            runtime().block_on(async {
                let (to_us, mut from_notifier) = tokio::sync::mpsc::unbounded_channel();
                let notifier = Notifier::with_limits(limits, to_us);
                send_ready.send((notifier, tokio::runtime::Handle::current())).unwrap();
                tokio::spawn(async move {
                    while let Some(report) = from_notifier.recv().await {
                        let missing = matches!(report, Report::ServerMissing(_));
                        let _ = if missing {
                            send_missing.send(report)
                        } else {
                            send_report.send(report)
                        };
                    }
                });
                let _ = stopped.await;
            });
        });
        let (notifier, runtime) = ready.recv_timeout(PATIENCE).unwrap();
        Self { notifier: Some(notifier), reports, missing, runtime, thread: Some((stop, thread)) }
    }

    fn ask(&self, popup: Popup) {
        self.notifier.as_ref().unwrap().show(popup);
    }

    #[track_caller]
    fn report(&self) -> Report {
        self.reports.recv_timeout(PATIENCE).expect("no report")
    }

    /// Shows a popup; the next report must be its delivery.
    #[track_caller]
    fn show(&self, popup: Popup) -> Delivery {
        let wanted = popup.key.clone();
        self.ask(popup);
        match self.report() {
            Report::Delivered { key, delivery } if key == wanted => delivery,
            other => panic!("expected the delivery of {wanted}, got {other:?}"),
        }
    }

    #[track_caller]
    fn bubble(&self, popup: Popup) -> Bubble {
        match self.show(popup) {
            Delivery::Shown(Some(bubble)) => bubble,
            other => panic!("expected a bubble, got {other:?}"),
        }
    }

    /// The runtime thread does other work: nothing blocks it.
    #[track_caller]
    fn assert_responsive(&self) {
        let (done, is_done) = mpsc::channel();
        self.runtime.spawn(async move { done.send(()) });
        is_done.recv_timeout(PATIENCE).expect("the runtime is blocked");
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        let (stop, thread) = self.thread.take().unwrap();
        self.notifier = None;
        let _ = stop.send(());
        assert!(thread.join().is_ok() || std::thread::panicking());
    }
}

fn popup(key: &str) -> Popup {
    Popup {
        icon: Some(ICON.to_owned()),
        key: key.to_owned(),
        thread: key.to_owned(),
        title: "Partial outage: Claude Code".to_owned(),
        body: "Elevated errors (identified, 15:52). Wait.".to_owned(),
        urgency: Urgency::Normal,
        link: None,
        replaces: None,
    }
}

fn replacing(key: &str, bubble: &Bubble) -> Popup {
    Popup { replaces: Some(bubble.clone()), ..popup(key) }
}

#[track_caller]
fn assert_no_server(delivery: &Delivery, reason_has: &str) {
    match delivery {
        Delivery::NoServer(reason) => assert!(reason.contains(reason_has), "{reason}"),
        other => panic!("expected no server, got {other:?}"),
    }
}

#[test]
fn shown_with_the_right_fields() {
    in_session("popups::shown_with_the_right_fields", |dir| {
        let bus = Bus::start(dir);
        let server = Server::start(&bus, CAPABILITIES);
        let _links = server.serve_portal(true);
        let desk = Desk::new(PATIENT);
        let first = desk.bubble(Popup {
            urgency: Urgency::Critical,
            link: Some(LINK.to_owned()),
            ..popup("a")
        });
        let second = desk.bubble(Popup { urgency: Urgency::Low, ..popup("b") });
        let log = server.wait_for(2, PATIENCE);

        assert_eq!((log[0].id, log[1].id), (first.id, second.id));
        assert_ne!(first, second);
        assert_eq!(log[0].app_name, "ccwatch");
        assert_eq!(log[0].replaces_id, 0);
        assert_eq!(log[0].icon, ICON);
        assert_eq!(log[0].summary, "Partial outage: Claude Code");
        assert_eq!(log[0].body, "Elevated errors (identified, 15:52). Wait.");
        assert_eq!(log[0].actions, ["default", "Open the page"]);
        assert_eq!(log[0].urgency, Some(2));
        assert_eq!(log[0].category.as_deref(), Some("network"));
        assert_eq!(log[0].desktop_entry.as_deref(), Some("ccwatch"));
        assert_eq!(log[0].hints, ["category", "desktop-entry", "urgency"]);
        assert_eq!(log[0].expire, -1);
        assert_eq!((log[1].urgency, log[1].actions.len()), (Some(0), 0));
    });
}

#[test]
fn escaped_and_clickable_as_the_server_says() {
    in_session("popups::escaped_and_clickable_as_the_server_says", |dir| {
        let bus = Bus::start(dir);
        let plain = "R&D a < b";
        let mut desk = None;
        let cases: [(&[&str], &str, usize); 4] = [
            (&["body", "body-markup", "actions"], "R&amp;D a &lt; b", 2),
            (&["body", "actions"], plain, 2),
            (&["body-markup"], "R&amp;D a &lt; b", 0),
            (&[], plain, 0),
        ];
        for (number, (capabilities, body, actions)) in cases.into_iter().enumerate() {
            let server = Server::with(Character::ALL[number], &bus, capabilities);
            let _links = server.serve_portal(true);
            let desk = desk.get_or_insert_with(|| Desk::new(PATIENT));
            if number > 0 {
                assert_eq!(desk.report(), Report::ServerAppeared);
            }
            let bubble = desk.bubble(Popup {
                title: plain.to_owned(),
                body: plain.to_owned(),
                link: Some(LINK.to_owned()),
                ..popup("a")
            });
            let log = server.wait_for(1, PATIENCE);
            assert_eq!(log[0].summary, plain, "{capabilities:?}");
            assert_eq!(log[0].body, body, "{capabilities:?}");
            assert_eq!(log[0].actions.len(), actions, "{capabilities:?}");
            server.stop();
            assert_eq!(desk.report(), Report::Lost(bubble));
        }
    });
}

#[test]
fn hostile_text_is_inert_and_bad_links_are_no_links() {
    in_session("popups::hostile_text_is_inert_and_bad_links_are_no_links", |dir| {
        let bus = Bus::start(dir);
        let server = Server::start(&bus, CAPABILITIES);
        let desk = Desk::new(PATIENT);
        desk.bubble(Popup {
            title: "\x1b]0;x\x07<b>Claude\u{202e}\0 API</b>\r\n& more".to_owned(),
            body: format!("\u{9b}31m<script>\u{2028}x</script>{}", "y".repeat(1 << 20)),
            link: Some("file:///etc/passwd".to_owned()),
            ..popup("a")
        });
        let log = server.wait_for(1, PATIENCE);
        assert_eq!(log[0].summary, "<b>Claude API</b> & more");
        let expected = format!("&lt;script&gt; x&lt;/script&gt;{}…", "y".repeat(380));
        assert_eq!(log[0].body, expected);
        assert!(log[0].actions.is_empty());
    });
}

/// GNOME refuses a replacement by anybody else, and takes a bubble down when who made it leaves. A
/// text is put in the place of another one only where that is always seen.
#[test]
fn one_text_after_the_other_over_one_connection_that_stays() {
    in_session("popups::one_text_after_the_other_over_one_connection_that_stays", |dir| {
        let bus = Bus::start(dir);
        for character in Character::ALL {
            let server = Server::with(character, &bus, CAPABILITIES);
            let desk = Desk::new(PATIENT);
            let mut bubble = desk.bubble(popup("0"));
            for n in 1..4 {
                let next = desk.bubble(replacing(&n.to_string(), &bubble));
                assert_eq!(next == bubble, character == Character::Small, "{character:?}");
                bubble = next;
            }
            let log = server.wait_for(4, PATIENCE);
            let replaced = if character == Character::Small { bubble.id } else { 0 };
            assert!(log[1..].iter().all(|call| call.replaces_id == replaced), "{character:?}");
            assert!(log.iter().all(|call| call.sender == log[0].sender), "{character:?}");
            assert!(server.has_name(&log[0].sender));
            let all = (server.seen().len(), server.list().len(), server.refused());
            assert_eq!(all, (4, 1, 0), "{character:?}");
            drop(desk);
            assert_eq!(server.log().len(), 4);
        }
    });
}

/// Two stories at once: GNOME takes away a banner that still slides in when the next one comes.
#[test]
fn each_of_two_that_come_at_once_is_seen() {
    in_session("popups::each_of_two_that_come_at_once_is_seen", |dir| {
        let bus = Bus::start(dir);
        for character in Character::ALL {
            let server = Server::with(character, &bus, CAPABILITIES);
            let desk = Desk::new(PATIENT);
            for title in ["One", "Two", "Three"] {
                desk.ask(Popup { title: title.to_owned(), ..popup(title) });
            }
            server.wait_for(3, PATIENCE);
            assert_eq!(titles(&server.seen()), ["One", "Two", "Three"], "{character:?}");
        }
    });
}

/// Milder, worse and as it was, each is seen, and one after the other.
#[test]
fn every_change_of_urgency_is_seen() {
    in_session("popups::every_change_of_urgency_is_seen", |dir| {
        let bus = Bus::start(dir);
        let urgencies = [
            Urgency::Normal,
            Urgency::Critical,
            Urgency::Critical,
            Urgency::Normal,
            Urgency::Low,
            Urgency::Critical,
            Urgency::Low,
        ];
        for character in Character::ALL {
            let server = Server::with(character, &bus, CAPABILITIES);
            let desk = Desk::new(PATIENT);
            let mut bubble = None;
            for (n, urgency) in urgencies.into_iter().enumerate() {
                let title = n.to_string();
                let wanted = Popup { title: title.clone(), urgency, ..popup(&title) };
                bubble = Some(desk.bubble(Popup { replaces: bubble, ..wanted }));
                assert_eq!(titles(&server.seen()).last(), Some(&title), "{character:?}");
                assert_eq!(titles(&server.screen()), [title.as_str()], "{character:?}");
                assert_eq!(titles(&server.list()), [title.as_str()], "{character:?}");
            }
            let expires: Vec<_> = server.log().iter().map(|call| call.expire).collect();
            let stays = if character == Character::Lxqt { 0 } else { -1 };
            assert_eq!(expires, [-1, stays, stays, -1, -1, stays, -1], "{character:?}");
            assert_eq!(server.refused(), 0);
        }
    });
}

/// What a life of the daemon left is replaced by the next one, whether or not the bus has noticed
/// the end of the first.
#[test]
fn what_another_connection_left_is_replaced_all_the_same() {
    in_session("popups::what_another_connection_left_is_replaced_all_the_same", |dir| {
        let bus = Bus::start(dir);
        for character in Character::ALL {
            for (urgency, lives) in
                [(Urgency::Critical, true), (Urgency::Critical, false), (Urgency::Normal, true)]
            {
                let server = Server::with(character, &bus, CAPABILITIES);
                let desk = Desk::new(PATIENT);
                let left = desk.bubble(Popup { urgency, ..popup("0") });
                let first = lives.then_some(desk);
                let desk = Desk::new(PATIENT);
                let fix = Popup { title: "Fix is out".to_owned(), ..replacing("1", &left) };
                let bubble = desk.bubble(fix);
                let back = Popup { title: "Back".to_owned(), ..replacing("2", &bubble) };
                let next = desk.bubble(back);
                assert_eq!(next == bubble, character == Character::Small, "{character:?}");
                assert_eq!(titles(&server.seen())[1..], ["Fix is out", "Back"], "{character:?}");
                assert_eq!(titles(&server.list()), ["Back"], "{character:?}");
                drop(first);
            }
        }
    });
}

#[test]
fn a_refused_replacement_is_shown_anew_and_the_old_one_closed() {
    in_session("popups::a_refused_replacement_is_shown_anew_and_the_old_one_closed", |dir| {
        let bus = Bus::start(dir);
        for character in Character::ALL {
            let server = Server::with(character, &bus, CAPABILITIES);
            let desk = Desk::new(PATIENT);
            let first = desk.bubble(popup("0"));
            server.refuse();
            let second = desk.bubble(Popup { title: "Worse".to_owned(), ..replacing("1", &first) });
            assert_ne!(first, second);
            assert_eq!(server.refused(), usize::from(character == Character::Small));
            assert_eq!(titles(&server.list()), ["Worse"], "{character:?}");
            assert_eq!(titles(&server.seen()).last().unwrap(), "Worse");
        }
    });
}

/// The connection breaks, the bus and the server live on.
#[test]
fn a_new_connection_takes_over_what_the_lost_one_left() {
    in_session("popups::a_new_connection_takes_over_what_the_lost_one_left", |dir| {
        let bus = Bus::start(dir);
        for character in Character::ALL {
            let server = Server::with(character, &bus, CAPABILITIES);
            let desk = Desk::new(PATIENT);
            let before = desk.bubble(Popup { urgency: Urgency::Critical, ..popup("0") });
            let sender = server.log()[0].sender.clone();
            bus.cut(&sender);
            // It is there again by itself, and the bubble is not lost.
            assert_eq!(desk.report(), Report::ServerAppeared, "{character:?}");
            desk.bubble(Popup { title: "Back".to_owned(), ..replacing("1", &before) });
            assert_eq!(titles(&server.list()), ["Back"], "{character:?}");
            assert_eq!(titles(&server.seen()).last().unwrap(), "Back");
            assert_ne!(server.log()[1].sender, sender);
        }
    });
}

/// LXQt and mako leave a clicked bubble on the screen, where it would contradict the next.
#[test]
fn a_click_is_the_end_of_a_bubble_on_every_server() {
    in_session("popups::a_click_is_the_end_of_a_bubble_on_every_server", |dir| {
        let bus = Bus::start(dir);
        for character in Character::ALL {
            let server = Server::with(character, &bus, CAPABILITIES);
            let links = server.serve_portal(true);
            let desk = Desk::new(PATIENT);
            let clicked = desk.bubble(Popup { link: Some(LINK.to_owned()), ..popup("0") });
            let other = desk.bubble(popup("1"));
            server.click(clicked.id);
            assert_eq!(links.recv_timeout(PATIENCE).unwrap(), LINK);
            server.wait_until_gone(clicked.id);
            assert_eq!(desk.report(), Report::Closed(clicked.clone()), "{character:?}");
            let next = desk.bubble(replacing("2", &clicked));
            let left: Vec<u32> = server.list().iter().map(|shown| shown.id).collect();
            assert_eq!(left, [other.id, next.id], "{character:?}");
            assert!(links.try_recv().is_err(), "once");
        }
    });
}

/// The server says what became of the text before, and then that it shows the next one.
#[test]
fn a_click_on_the_text_before_does_not_take_the_next_one_down() {
    in_session("popups::a_click_on_the_text_before_does_not_take_the_next_one_down", |dir| {
        let bus = Bus::start(dir);
        for character in Character::ALL {
            let server = Server::with(character, &bus, CAPABILITIES);
            let links = server.serve_portal(true);
            let desk = Desk::new(PATIENT);
            let with_link = |popup| Popup { link: Some(LINK.to_owned()), ..popup };
            let first = desk.bubble(with_link(popup("0")));
            server.click_before_the_next();
            desk.ask(with_link(replacing("1", &first)));
            // That the first one is gone may be said before and after, if its number is free now.
            let shown = || loop {
                match desk.report() {
                    Report::Delivered { delivery: Delivery::Shown(Some(shown)), .. } => {
                        break shown;
                    }
                    Report::Closed(closed) => assert_eq!(closed, first, "{character:?}"),
                    other => panic!("{other:?}"),
                }
            };
            let next = shown();
            assert_eq!(links.recv_timeout(PATIENCE).unwrap(), LINK);
            desk.ask(popup("2"));
            let other = shown();
            let left: Vec<u32> = server.list().iter().map(|shown| shown.id).collect();
            assert_eq!(left, [next.id, other.id], "{character:?}");
            // What was not clicked can be, and then goes.
            server.click(next.id);
            assert_eq!(links.recv_timeout(PATIENCE).unwrap(), LINK);
            server.wait_until_gone(next.id);
        }
    });
}

fn titles(shown: &[Shown]) -> Vec<String> {
    shown.iter().map(|shown| shown.title.clone()).collect()
}

#[test]
fn never_replaces_what_is_not_ours() {
    in_session("popups::never_replaces_what_is_not_ours", |dir| {
        let bus = Bus::start(dir);
        let server = Server::start(&bus, CAPABILITIES);
        let desk = Desk::new(PATIENT);
        let bubble = desk.bubble(popup("0"));
        let strangers = [
            Bubble { bus: "0123456789abcdef0123456789abcdef".to_owned(), ..bubble.clone() },
            Bubble { owner: ":1.4242".to_owned(), ..bubble.clone() },
        ];
        for stranger in strangers {
            assert_ne!(desk.bubble(replacing("1", &stranger)), bubble);
        }
        assert!(server.wait_for(3, PATIENCE).iter().all(|call| call.replaces_id == 0));

        // The same id by a server that has started anew is another bubble.
        server.stop();
        for _ in 0..3 {
            assert!(matches!(desk.report(), Report::Lost(_)));
        }
        let server = Server::start(&bus, CAPABILITIES);
        assert_eq!(desk.report(), Report::ServerAppeared);
        let again = desk.bubble(replacing("2", &bubble));
        assert_eq!((again.id, &again.bus), (bubble.id, &bubble.bus));
        assert_ne!(again.owner, bubble.owner);
        assert_eq!(server.wait_for(1, PATIENCE)[0].replaces_id, 0);
    });
}

#[test]
fn a_closed_bubble_is_reported_once_and_not_replaced() {
    in_session("popups::a_closed_bubble_is_reported_once_and_not_replaced", |dir| {
        let bus = Bus::start(dir);
        let server = Server::with(Character::Small, &bus, CAPABILITIES);
        let desk = Desk::new(PATIENT);
        let bubble = desk.bubble(popup("0"));
        assert_eq!(desk.bubble(replacing("1", &bubble)), bubble);
        let other = desk.bubble(popup("2"));
        // Nobody's, then twice ours.
        server.close(4242, 2);
        server.close(bubble.id, 2);
        server.close(bubble.id, 2);
        assert_eq!(desk.report(), Report::Closed(bubble.clone()));
        assert_ne!(desk.bubble(replacing("3", &bubble)), bubble);
        assert_eq!(desk.bubble(replacing("4", &other)), other);
        let replaced: Vec<_> =
            server.wait_for(5, PATIENCE).iter().map(|call| call.replaces_id).collect();
        assert_eq!(replaced, [0, bubble.id, 0, 0, other.id]);
    });
}

#[test]
fn a_frozen_server_costs_a_timeout_and_nothing_else() {
    in_session("popups::a_frozen_server_costs_a_timeout_and_nothing_else", |dir| {
        let bus = Bus::start(dir);
        let server = Server::start(&bus, CAPABILITIES);
        server.freeze();
        // With endless patience: nothing waits for it but the notifier itself.
        let desk = Desk::new(Limits { call: ETERNITY, ask: ETERNITY, ..PATIENT });
        desk.ask(popup("0"));
        desk.assert_responsive();
        drop(desk);

        let desk = Desk::new(Limits {
            // The bus answers within that, even on a busy machine.
            call: Duration::from_secs(2),
            ask: Duration::from_millis(100),
            ..PATIENT
        });
        desk.ask(Popup { body: "R&D".to_owned(), ..popup("0") });
        let unanswered = Report::Delivered { key: "0".to_owned(), delivery: Delivery::Uncertain };
        assert_eq!(desk.report(), unanswered);
        assert!(server.log().is_empty());
        // What was unanswered may be shown after all, escaped in case the server reads markup.
        server.thaw();
        assert_eq!(server.wait_for(1, PATIENCE)[0].body, "R&amp;D");
        drop(desk);
        let desk = Desk::new(PATIENT);
        desk.bubble(Popup { body: "a < b".to_owned(), ..popup("1") });
        assert_eq!(server.wait_for(2, PATIENCE)[1].body, "a &lt; b");
    });
}

#[test]
fn only_the_latest_of_a_key_waits() {
    in_session("popups::only_the_latest_of_a_key_waits", |dir| {
        let bus = Bus::start(dir);
        let server = Server::start(&bus, CAPABILITIES);
        let desk = Desk::new(PATIENT);
        desk.bubble(popup("0"));
        server.freeze();
        desk.ask(popup("1"));
        // Let the worker take it, so that the others have to wait.
        desk.assert_responsive();
        for n in 0..100 {
            desk.ask(Popup { body: n.to_string(), ..popup("2") });
        }
        desk.assert_responsive();
        server.thaw();
        for wanted in ["1", "2"] {
            match desk.report() {
                Report::Delivered { key, delivery: Delivery::Shown(_) } => assert_eq!(key, wanted),
                other => panic!("{other:?}"),
            }
        }
        let bodies: Vec<_> = server.wait_for(3, PATIENCE).into_iter().map(|c| c.body).collect();
        assert_eq!(bodies[2], "99");
        assert_eq!(bodies.len(), 3);
    });
}

#[test]
fn no_server_is_told_at_once_and_waited_for() {
    in_session("popups::no_server_is_told_at_once_and_waited_for", |dir| {
        let bus = Bus::start(dir);
        assert_eq!(availability(), Ok(()));
        let desk = Desk::new(PATIENT);
        let missing = Report::ServerMissing("no notification server is running".to_owned());
        assert_eq!(desk.missing.recv_timeout(PATIENCE), Ok(missing));
        assert_no_server(&desk.show(popup("0")), "no notification server is running");
        let server = Server::start(&bus, CAPABILITIES);
        assert_eq!(desk.report(), Report::ServerAppeared);
        desk.bubble(popup("0"));
        assert_eq!(server.wait_for(1, PATIENCE)[0].replaces_id, 0);
    });
}

#[test]
fn no_session_bus_is_no_server_until_there_is_one() {
    in_session("popups::no_session_bus_is_no_server_until_there_is_one", |dir| {
        let socket = dir.join("bus");
        let reason = availability().unwrap_err();
        assert!(reason.contains(socket.to_str().unwrap()), "{reason}");
        let desk = Desk::new(PATIENT);
        assert_no_server(&desk.show(popup("0")), "no session bus");

        let bus = Bus::start(dir);
        let server = Server::start(&bus, CAPABILITIES);
        desk.ask(popup("1"));
        assert_eq!(desk.report(), Report::ServerAppeared);
        let Report::Delivered { delivery: Delivery::Shown(Some(bubble)), .. } = desk.report()
        else {
            panic!("not shown");
        };

        // And when it goes away.
        drop(bus);
        assert_eq!(desk.report(), Report::Lost(bubble.clone()));
        assert_no_server(&desk.show(popup("2")), "no session bus");
        drop(server);
        let bus = Bus::start(dir);
        let server = Server::start(&bus, CAPABILITIES);
        desk.ask(replacing("3", &bubble));
        assert_eq!(desk.report(), Report::ServerAppeared);
        assert!(matches!(
            desk.report(),
            Report::Delivered { delivery: Delivery::Shown(Some(_)), .. }
        ));
        assert_eq!(server.wait_for(1, PATIENCE)[0].replaces_id, 0);
    });
}

#[test]
fn a_click_opens_the_link_through_the_portal_once() {
    in_session("popups::a_click_opens_the_link_through_the_portal_once", |dir| {
        let bus = Bus::start(dir);
        let server = Server::start(&bus, CAPABILITIES);
        let links = server.serve_portal(true);
        let desk = Desk::new(PATIENT);
        let elsewhere = Some("https://status.claude.com/elsewhere".to_owned());
        let dismissed = desk.bubble(Popup { link: elsewhere, ..popup("d") });
        server.close(dismissed.id, 2);
        assert_eq!(desk.report(), Report::Closed(dismissed));
        let quiet = desk.bubble(popup("0"));
        let bubble = desk.bubble(Popup { link: Some(LINK.to_owned()), ..popup("1") });
        server.click(quiet.id);
        assert_eq!(desk.report(), Report::Closed(quiet));
        server.click(bubble.id);
        assert_eq!(desk.report(), Report::Closed(bubble.clone()));
        assert_eq!(links.recv_timeout(PATIENCE).unwrap(), LINK);
        // Clicked means closed.
        assert_ne!(desk.bubble(replacing("2", &bubble)), bubble);
        assert!(links.try_recv().is_err());
    });
}

#[test]
fn a_click_opens_the_link_with_xdg_open_if_the_portal_does_not() {
    in_session("popups::a_click_opens_the_link_with_xdg_open_if_the_portal_does_not", |dir| {
        let bus = Bus::start(dir);
        let server = Server::start(&bus, CAPABILITIES);
        let links = server.serve_portal(false);
        let told = fake_xdg_open(dir);
        let desk = Desk::new(PATIENT);
        let bubble = desk.bubble(Popup { link: Some(LINK.to_owned()), ..popup("0") });
        server.click(bubble.id);
        assert_eq!(desk.report(), Report::Closed(bubble));
        assert_eq!(links.recv_timeout(PATIENCE).unwrap(), LINK);
        assert_eq!(told.recv_timeout(PATIENCE).unwrap(), format!("1 {LINK}\n"));
    });
}

#[test]
fn a_click_opens_the_link_where_there_is_nothing_but_xdg_open() {
    in_session("popups::a_click_opens_the_link_where_there_is_nothing_but_xdg_open", |dir| {
        let bus = Bus::start(dir);
        let server = Server::start(&bus, CAPABILITIES);
        let told = fake_xdg_open(dir);
        let desk = Desk::new(PATIENT);
        let bubble = desk.bubble(Popup { link: Some(LINK.to_owned()), ..popup("0") });
        assert_eq!(server.log()[0].actions, ["default", "Open the page"]);
        server.click(bubble.id);
        assert_eq!(desk.report(), Report::Closed(bubble));
        assert_eq!(told.recv_timeout(PATIENCE).unwrap(), format!("1 {LINK}\n"));
    });
}

/// In the sandbox what is there can't be run.
#[test]
fn no_click_is_offered_where_nothing_could_open_the_link() {
    in_session("popups::no_click_is_offered_where_nothing_could_open_the_link", |dir| {
        let bus = Bus::start(dir);
        let server = Server::start(&bus, CAPABILITIES);
        let offers = |desk: &Desk| {
            desk.bubble(Popup { link: Some(LINK.to_owned()), ..popup("0") });
            !server.log().last().unwrap().actions.is_empty()
        };
        let shut_in = Limits { may_run: false, ..PATIENT };
        assert!(!offers(&Desk::new(PATIENT)), "no xdg-open");
        std::fs::create_dir(dir.join("bin")).unwrap();
        std::fs::write(dir.join("bin/xdg-open"), "").unwrap();
        assert!(offers(&Desk::new(PATIENT)));
        assert!(!offers(&Desk::new(shut_in)));
        let _commands = server.serve_service_manager();
        assert!(offers(&Desk::new(shut_in)));
    });
}

/// In the sandbox, and where what is there can't be run.
#[test]
fn a_click_opens_the_link_through_the_service_manager_where_nothing_may_be_run() {
    let name =
        "popups::a_click_opens_the_link_through_the_service_manager_where_nothing_may_be_run";
    in_session(name, |dir| {
        let bus = Bus::start(dir);
        let server = Server::start(&bus, CAPABILITIES);
        let _links = server.serve_portal(false);
        let commands = server.serve_service_manager();
        let program = dir.join("bin/xdg-open");
        std::fs::create_dir(dir.join("bin")).unwrap();
        std::fs::write(&program, "").unwrap();
        for may_run in [true, false] {
            let desk = Desk::new(Limits { may_run, ..PATIENT });
            let bubble = desk.bubble(Popup { link: Some(LINK.to_owned()), ..popup("0") });
            server.click(bubble.id);
            assert_eq!(desk.report(), Report::Closed(bubble));
            let command =
                format!("[(\"{}\", [\"xdg-open\", \"{LINK}\"], false)]", program.display());
            assert_eq!(commands.recv_timeout(PATIENCE).unwrap(), command);
        }
    });
}

/// An `xdg-open` on the path that tells how many arguments it got, and which.
fn fake_xdg_open(dir: &Path) -> mpsc::Receiver<String> {
    let (bin, fifo) = (dir.join("bin"), dir.join("told"));
    std::fs::create_dir(&bin).unwrap();
    let script = bin.join("xdg-open");
    std::fs::write(&script, format!("#!/bin/sh\necho $# \"$@\" >'{}'\n", fifo.display())).unwrap();
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
    let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
    rustix::fs::mkfifoat(rustix::fs::CWD, &fifo, mode).unwrap();
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || tell.send(std::fs::read_to_string(fifo).unwrap()));
    told
}

#[test]
fn the_server_is_described() {
    in_session("popups::the_server_is_described", |dir| {
        let ask = || runtime().block_on(describe());
        assert!(ask().unwrap_err().contains("no session bus"));
        let bus = Bus::start(dir);
        assert!(ask().unwrap_err().contains("no notification server is running"));
        for character in Character::ALL {
            let _server = Server::with(character, &bus, CAPABILITIES);
            let (name, vendor) = character.name();
            let expected = ServerInfo {
                name: name.to_owned(),
                vendor: vendor.to_owned(),
                version: "1".to_owned(),
                spec: "1.2".to_owned(),
                capabilities: CAPABILITIES.iter().map(ToString::to_string).collect(),
            };
            assert_eq!(ask(), Ok(Some(expected)));
        }
    });
}
