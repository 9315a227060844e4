//! What sessions of this machine told goes to the page of the road that their requests take, and to
//! Claude's page as somebody else's.

use std::collections::VecDeque;

use jiff::Timestamp;

use super::Pages;
use crate::claude_code::local::{By, Heard};
use ccwatch_core::monitor::Input;
use ccwatch_core::notice::FIRST_PAGE;
use ccwatch_core::witness::LocalError;

/// So many sessions are remembered; of one that is forgotten, its hook tells again when a turn fails.
const MOST: usize = 200;

/// By which page the requests of sessions go, as their hooks told: the key of a page, or none that is
/// watched.
#[derive(Default)]
pub(super) struct SessionRoads(VecDeque<(String, Option<String>)>);

impl SessionRoads {
    fn told(&mut self, session: &str, page: Option<String>) {
        self.0.retain(|(other, _)| other != session);
        self.0.push_back((session.to_owned(), page));
        if self.0.len() > MOST {
            self.0.pop_front();
        }
    }

    fn of(&self, session: &str) -> Option<&Option<String>> {
        self.0.iter().find(|(other, _)| other == session).map(|(_, page)| page)
    }
}

impl Pages {
    /// Takes in what a session told.
    pub(super) fn hear(&mut self, now: Timestamp, heard: Heard) {
        let Heard { session, by, input } = heard;
        let (page, is_sure) = match by {
            By::Told(page) => {
                self.take_back(now, &session, page.as_deref());
                self.session_roads.told(&session, page.clone());
                (page, true)
            }
            By::Assumed(assumed) => match self.session_roads.of(&session) {
                Some(told) => (told.clone(), *told == Some(assumed)),
                None => (Some(assumed), true),
            },
        };
        if page.as_deref() == Some(FIRST_PAGE) {
            return self.first_mut().handle(now, input);
        }
        if let Some(input) = of_another_road(&input) {
            self.first_mut().handle(now, input);
        }
        // Whether somebody else answered was asked of the way that was assumed.
        let is_unclear = !is_sure && matches!(&input, Input::LocalError(error) if error.foreign);
        if let Some(way) = page.filter(|_| !is_unclear).and_then(|key| self.of_key(&key)) {
            way.handle(now, input);
        }
    }

    /// What was taken for errors of other pages before a hook told of the session's road.
    fn take_back(&mut self, now: Timestamp, session: &str, page: Option<&str>) {
        for other in self.iter_mut().filter(|other| Some(other.key()) != page) {
            if other.monitor.state().witness().blames_the_server(session) {
                let session = session.to_owned();
                other.handle(now, Input::LocalRoute { session, straight: false });
            }
        }
    }
}

/// What Claude's page is given of what a session told whose requests go another road: that they do.
fn of_another_road(input: &Input) -> Option<Input> {
    match input {
        Input::LocalError(error) => {
            Some(Input::LocalError(LocalError { server: false, foreign: true, ..error.clone() }))
        }
        Input::LocalRoute { session, .. } => {
            Some(Input::LocalRoute { session: session.clone(), straight: false })
        }
        _ => None,
    }
}
