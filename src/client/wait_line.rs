//! What a command that waits says meanwhile, on stderr: a line at each change, and on a terminal
//! a quiet last line with the time that has passed.

use std::io::{self, Write};
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::render::sanitize;

use crate::render::columns;

/// The longest line, in characters: it may take several of the screen.
const LONGEST: usize = 2000;
/// Where the terminal doesn't tell its width.
const USUAL_WIDTH: usize = 80;
/// Plain characters, which every terminal and font has.
const FRAMES: [&str; 4] = ["-", "\\", "|", "/"];

/// See the module.
pub(crate) struct WaitLine {
    zone: TimeZone,
    quiet: bool,
    moving: bool,
    drawn: Option<String>,
    frame: usize,
    said: Option<String>,
}

impl WaitLine {
    /// Says nothing at all if `quiet`.
    pub(crate) fn new(zone: TimeZone, quiet: bool) -> Self {
        let terminal = crate::tty::can_draw(&io::stderr());
        Self { zone, quiet, moving: terminal && !quiet, drawn: None, frame: 0, said: None }
    }

    /// Says a line with the time before it.
    pub(crate) fn say(&mut self, now: Timestamp, text: &str) {
        if self.quiet {
            return;
        }
        self.clear();
        let at = now.to_zoned_datetime(self.zone.clone()).strftime("%H:%M").to_string();
        let line = format!("{at}  {}", sanitize::line(text, LONGEST));
        // A closed stderr leaves the exit code to say it.
        let _ = writeln!(io::stderr(), "{}", columns::wrap(&line, columns::of(io::stderr())));
    }

    /// Says a line unless one of the same `key` was the last change, and below it the `links`, which
    /// are never cut.
    pub(crate) fn say_change(&mut self, now: Timestamp, key: &str, text: &str, links: &[String]) {
        if self.said.as_deref() == Some(key) {
            return;
        }
        self.said = Some(key.to_owned());
        self.say(now, text);
        for link in links.iter().filter(|_| !self.quiet) {
            let _ = writeln!(io::stderr(), "       {}", sanitize::line(link, LONGEST));
        }
    }

    /// Draws the last line anew, at most once a second.
    pub(crate) fn tick(&mut self, text: &str, elapsed: Duration) {
        if !self.moving {
            return;
        }
        let line = format!("{text} ({})", clock(elapsed));
        if self.drawn.as_ref() == Some(&line) {
            return;
        }
        let frame = FRAMES.get(self.frame % FRAMES.len()).unwrap_or(&"-");
        self.frame += 1;
        let shown = sanitize::line(&format!("{frame} {line}"), width().saturating_sub(1));
        let _ = write!(io::stderr(), "\r\x1b[K{shown}");
        self.drawn = Some(line);
    }

    /// Takes the last line away.
    pub(crate) fn clear(&mut self) {
        if self.drawn.take().is_some() {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}

impl Drop for WaitLine {
    fn drop(&mut self) {
        self.clear();
    }
}

fn width() -> usize {
    columns::of(io::stderr()).unwrap_or(USUAL_WIDTH)
}

/// A running time: "42 s", "3:07 min", "1:03:07 h".
fn clock(elapsed: Duration) -> String {
    let seconds = elapsed.as_secs();
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, s) => format!("{s} s"),
        (0, m, s) => format!("{m}:{s:02} min"),
        (h, m, s) => format!("{h}:{m:02}:{s:02} h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_running_time_is_short() {
        for (seconds, expected) in [(42, "42 s"), (187, "3:07 min"), (3787, "1:03:07 h")] {
            assert_eq!(clock(Duration::from_secs(seconds)), expected);
        }
    }
}
