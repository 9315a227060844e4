//! The command, as it is run the next time.

use std::ffi::OsString;

use super::failure::Failure;
use crate::app::usage::UsageError;
use crate::claude_code::find;
use crate::claude_code::headless::{self, Headless};
use crate::claude_code::place::Place;
use crate::cli;
use crate::client::child::Input;

/// See the module.
pub(super) struct Repeated {
    /// What is run next.
    pub(super) words: Vec<OsString>,
    /// What it reads.
    pub(super) input: Input,
    /// Where a repeat is to go on with a session: the command taken apart.
    headless: Option<Headless>,
    /// The session of the next run, where that is known.
    session: Option<String>,
}

impl Repeated {
    /// As the user wants it.
    ///
    /// # Errors
    /// It is to go on with a session, and can't: better said before it is run.
    pub(super) fn new(args: &cli::Retry) -> Result<Self, UsageError> {
        let given = args.command.clone();
        if !args.resume {
            return Ok(Self { words: given, input: Input::Ours, headless: None, session: None });
        }
        let headless = Headless::read(&given).map_err(|why| UsageError {
            what: format!("--resume has no session to go on with: {why}"),
            hint: why.hint(),
        })?;
        let (words, session) = headless.first(&headless::new_id());
        Ok(Self { words, input: Input::Ours, headless: Some(headless), session })
    }

    /// Gets ready for the next run, and tells what is special about it.
    pub(super) fn again(&mut self, failure: &Failure, place: Option<&Place>) -> Option<String> {
        let headless = self.headless.as_ref()?;
        let kept = |id: &String| place.is_some_and(|place| find::is_kept(place, id));
        let certain = failure.session.clone().or_else(|| self.session.clone().filter(kept));
        let Some(session) = certain else {
            // Nothing was begun, or nothing shows what; an id can be used only once.
            (self.words, self.session) = headless.first(&headless::new_id());
            return Some("no session of it was kept: the prompt is sent again".to_owned());
        };
        self.words = headless.go_on(&session);
        self.input = Input::Nothing;
        let told = format!("going on with its session {session}; the prompt is not sent again");
        self.session = Some(session);
        Some(told)
    }
}
