//! The driving contract as one call, for whoever carries out every command at once.

use jiff::Timestamp;

use super::{Command, Input, Monitor};

impl Monitor {
    /// Takes one input, or only the time if there is none, and then hands out commands until there
    /// are none. What `carry_out` gives back came of its command, and is an input of the same time.
    ///
    /// A loop that carries out commands while it waits for other things, as the daemon's does, takes
    /// them with [`next_command`](Self::next_command).
    pub fn drive(
        &mut self,
        now: Timestamp,
        input: Option<Input>,
        mut carry_out: impl FnMut(Command) -> Option<Input>,
    ) {
        match input {
            Some(input) => self.handle(now, input),
            None => self.handle_timeout(now),
        }
        while let Some(command) = self.next_command() {
            if let Some(input) = carry_out(command) {
                self.handle(now, input);
            }
        }
    }
}
