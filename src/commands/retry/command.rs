//! The command, as it is run the next time.

use std::ffi::OsString;
use std::io;

use rustix::fs::{FileType, SeekFrom};

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
    /// Our standard input, as the first run found it.
    given: Given,
    /// The prompt is no word of the command.
    reads_its_prompt: bool,
}

impl Repeated {
    /// As the user wants it.
    ///
    /// # Errors
    /// It is to go on with a session, and can't: better said before it is run.
    pub(super) fn new(args: &cli::Retry) -> Result<Self, UsageError> {
        let words = args.command.clone();
        let mut repeated = Self {
            reads_its_prompt: headless::reads_its_prompt(&words),
            words,
            input: Input::Ours,
            headless: None,
            session: None,
            given: Given::now(),
        };
        if args.resume {
            let headless = Headless::read(&repeated.words).map_err(|why| UsageError {
                what: format!("--resume has no session to go on with: {why}"),
                hint: why.hint(),
            })?;
            (repeated.words, repeated.session) = headless.first(&headless::new_id());
            repeated.headless = Some(headless);
        }
        Ok(repeated)
    }

    /// Gets ready for the next run, and tells what is special about it.
    ///
    /// # Errors
    /// It can't be the same request again, and why.
    pub(super) fn again(
        &mut self,
        failure: &Failure,
        place: Option<&Place>,
    ) -> Result<Option<String>, String> {
        let Some(headless) = &self.headless else { return self.same_again().map(|()| None) };
        let kept = |id: &String| place.is_some_and(|place| find::is_kept(place, id));
        let certain = failure.session.clone().or_else(|| self.session.clone().filter(kept));
        let Some(session) = certain else {
            if self.session.is_none() {
                return Err(
                    "which session it went on with is not known, and the prompt may stand \
                            in it already"
                        .to_owned(),
                );
            }
            // Nothing was begun, or nothing shows what; an id can be used only once.
            let (words, session) = headless.first(&headless::new_id());
            self.same_again()?;
            (self.words, self.session) = (words, session);
            return Ok(Some("no session of it was kept: the prompt is sent again".to_owned()));
        };
        self.words = headless.go_on(&session);
        self.input = Input::Nothing;
        let told = format!("going on with its session {session}; the prompt is not sent again");
        self.session = Some(session);
        Ok(Some(told))
    }

    /// Gets our standard input ready for the same command.
    fn same_again(&self) -> Result<(), String> {
        match self.given {
            Given::File(from) => rustix::fs::seek(io::stdin(), SeekFrom::Start(from))
                .map(drop)
                .map_err(|error| format!("its standard input can't be read again: {error}")),
            Given::Once if self.reads_its_prompt => Err(
                "its prompt came through a pipe, which can be read only once; give it as a word, \
                     or as a file (< FILE)"
                    .to_owned(),
            ),
            Given::Once | Given::Always => Ok(()),
        }
    }
}

/// What our standard input is.
enum Given {
    /// A file, read from there on.
    File(u64),
    /// A pipe or a socket: what was read is gone.
    Once,
    /// A terminal, or nothing.
    Always,
}

impl Given {
    fn now() -> Self {
        let stdin = io::stdin();
        let kind = rustix::fs::fstat(&stdin).map(|found| FileType::from_raw_mode(found.st_mode));
        match (kind, rustix::fs::tell(&stdin)) {
            (Ok(FileType::RegularFile), Ok(from)) => Self::File(from),
            (Ok(FileType::Fifo | FileType::Socket), _) => Self::Once,
            _ => Self::Always,
        }
    }
}
