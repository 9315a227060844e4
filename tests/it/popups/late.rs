//! A server that answers late: what it showed is known all the same.
use super::*;

/// Little patience, so that a call is given up soon.
const HASTY: Limits =
    Limits { call: Duration::from_millis(1500), ask: Duration::from_millis(1500), ..PATIENT };

/// A popup of the one outage of these tests.
fn news(key: &str, title: &str, urgency: Urgency) -> Popup {
    Popup { thread: "outage".to_owned(), title: title.to_owned(), urgency, ..popup(key) }
}

fn uncertain(key: &str) -> Report {
    Report::Delivered { key: key.to_owned(), delivery: Delivery::Uncertain }
}

/// The popup with this key is on the screen after all.
#[track_caller]
fn shown_late(desk: &Desk, wanted: &str) -> Bubble {
    match desk.report() {
        Report::ShownLate { key, thread, bubble } => {
            assert_eq!((key.as_str(), thread.as_str()), (wanted, "outage"));
            assert_eq!(desk.report(), Report::ServerAppeared, "what waits may go out now");
            bubble
        }
        other => panic!("expected {wanted} on the screen, got {other:?}"),
    }
}

#[test]
fn what_was_shown_late_is_replaced_or_closed() {
    in_session("popups::late::what_was_shown_late_is_replaced_or_closed", |dir| {
        let bus = Bus::start(dir);
        for character in Character::ALL {
            let server = Server::with(character, &bus, CAPABILITIES);
            let desk = Desk::new(HASTY);
            // It meets the server before that stands still.
            desk.bubble(popup("first"));
            server.freeze();
            desk.ask(news("0", "Major outage", Urgency::Critical));
            assert_eq!(desk.report(), uncertain("0"), "{character:?}");
            server.thaw();
            let late = shown_late(&desk, "0");
            let back = Popup { replaces: Some(late), ..news("1", "Back", Urgency::Normal) };
            desk.bubble(back);
            let left: Vec<String> = titles(&server.list());
            assert_eq!(left.len(), 2, "{character:?}: {left:?}");
            assert_eq!(left.last().unwrap(), "Back", "{character:?}");
            assert_eq!(server.log().len(), 3, "{character:?}");
        }
    });
}

/// Nothing piles up before a server that stands still, and what waited goes out when it goes on.
#[test]
fn a_server_that_owes_an_answer_is_sent_nothing_else() {
    in_session("popups::late::a_server_that_owes_an_answer_is_sent_nothing_else", |dir| {
        let bus = Bus::start(dir);
        let server = Server::start(&bus, CAPABILITIES);
        let desk = Desk::new(HASTY);
        desk.bubble(popup("first"));
        server.freeze();
        desk.ask(news("0", "Major outage", Urgency::Critical));
        assert_eq!(desk.report(), uncertain("0"));
        // The same again, something newer, and something else.
        for next in [
            news("0", "Major outage", Urgency::Critical),
            news("1", "Fix out", Urgency::Normal),
            popup("2"),
        ] {
            assert_no_server(&desk.show(next), "the notification server does not answer");
        }
        desk.assert_responsive();
        server.thaw();
        // The sign of life that was asked for comes late as well, before it or after.
        let mut reports = [desk.report(), desk.report(), desk.report()].into_iter();
        let late = reports.by_ref().filter_map(|report| match report {
            Report::ShownLate { key, bubble, .. } if key == "0" => Some(bubble),
            report => {
                assert_eq!(report, Report::ServerAppeared);
                None
            }
        });
        let late = late.last().expect("it is on the screen");
        assert_eq!(titles(&server.list()).last().unwrap(), "Major outage");
        // It is there, and isn't shown once more.
        let again = desk.bubble(news("0", "Major outage", Urgency::Critical));
        assert_eq!((again, server.log().len()), (late, 2));
    });
}

/// It answers everything but one call.
#[test]
fn what_comes_after_a_newer_one_is_closed_at_once() {
    in_session("popups::late::what_comes_after_a_newer_one_is_closed_at_once", |dir| {
        let bus = Bus::start(dir);
        for character in Character::ALL {
            let server = Server::with(character, &bus, CAPABILITIES);
            let desk = Desk::new(HASTY);
            server.hold_the_next();
            desk.ask(news("0", "Major outage", Urgency::Critical));
            assert_eq!(desk.report(), uncertain("0"), "{character:?}");
            let back = desk.bubble(news("1", "Back", Urgency::Normal));
            server.let_go();
            // The late one is shown, and then taken down.
            let log = server.wait_for(2, PATIENCE);
            assert_eq!(log[1].summary, "Major outage", "{character:?}");
            server.wait_until_gone(log[1].id);
            assert_eq!(titles(&server.list()), ["Back"], "{character:?}");
            assert_eq!(desk.report(), Report::ServerAppeared, "and no other bubble is reported");
            let next = Popup { replaces: Some(back), ..news("2", "Worse", Urgency::Normal) };
            desk.bubble(next);
            assert_eq!(titles(&server.list()), ["Worse"], "{character:?}");
        }
    });
}

/// Both are late: the first is known for a while, and has to go when the second comes.
#[test]
fn of_two_late_ones_the_newer_stays() {
    in_session("popups::late::of_two_late_ones_the_newer_stays", |dir| {
        let bus = Bus::start(dir);
        for first_comes_first in [true, false] {
            let server = Server::with(Character::Plain, &bus, CAPABILITIES);
            let desk = Desk::new(HASTY);
            server.hold_the_next();
            desk.ask(news("0", "Major outage", Urgency::Critical));
            assert_eq!(desk.report(), uncertain("0"));
            if first_comes_first {
                server.let_go();
                let late = shown_late(&desk, "0");
                server.hold_the_next();
                let fix = news("1", "Fix out", Urgency::Normal);
                desk.ask(Popup { replaces: Some(late), ..fix });
                assert_eq!(desk.report(), uncertain("1"));
                server.let_go();
                shown_late(&desk, "1");
            } else {
                server.freeze();
                assert_no_server(
                    &desk.show(news("1", "Fix out", Urgency::Normal)),
                    "the notification server does not answer",
                );
                server.thaw();
                assert_eq!(desk.report(), Report::ServerAppeared);
                desk.bubble(news("1", "Fix out", Urgency::Normal));
                server.let_go();
                let log = server.wait_for(2, PATIENCE);
                server.wait_until_gone(log[1].id);
            }
            assert_eq!(titles(&server.list()), ["Fix out"]);
        }
    });
}

/// It leaves without an answer: then nothing of it is on any screen.
#[test]
fn what_a_server_took_with_it_is_shown_anew_by_the_next() {
    in_session("popups::late::what_a_server_took_with_it_is_shown_anew_by_the_next", |dir| {
        let bus = Bus::start(dir);
        let server = Server::start(&bus, CAPABILITIES);
        let desk = Desk::new(HASTY);
        server.freeze();
        desk.ask(news("0", "Major outage", Urgency::Critical));
        assert_eq!(desk.report(), uncertain("0"));
        server.stop();
        let missing = desk.missing.recv_timeout(PATIENCE);
        assert!(matches!(missing, Ok(Report::ServerMissing(_))), "{missing:?}");
        let server = Server::start(&bus, CAPABILITIES);
        assert_eq!(desk.report(), Report::ServerAppeared);
        desk.bubble(news("0", "Major outage", Urgency::Critical));
        assert_eq!(titles(&server.list()), ["Major outage"]);
    });
}

/// The bubble before can't be taken down, as nothing is answered: then nothing is shown beside it.
#[test]
fn nothing_is_shown_beside_what_could_not_be_taken_down() {
    in_session("popups::late::nothing_is_shown_beside_what_could_not_be_taken_down", |dir| {
        let bus = Bus::start(dir);
        let server = Server::start(&bus, CAPABILITIES);
        let desk = Desk::new(HASTY);
        let outage = desk.bubble(news("0", "Major outage", Urgency::Critical));
        server.freeze();
        let back = Popup { replaces: Some(outage), ..news("1", "Back", Urgency::Normal) };
        let silent = "the notification server does not answer";
        assert_no_server(&desk.show(back.clone()), silent);
        server.thaw();
        assert_eq!(desk.report(), Report::ServerAppeared);
        desk.bubble(back);
        assert_eq!(titles(&server.list()), ["Back"]);
        assert_eq!(server.log().len(), 2);
    });
}
