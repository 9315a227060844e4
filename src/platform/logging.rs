//! The log: one line an event, on stderr or in a file of bounded size.
//!
//! In a file or a pipe a line is `2026-11-21T20:47:03Z  INFO message key=value`; on a terminal the
//! time is the local one, and what doesn't fit goes on below. Under journald the time is left out and the level is given as an sd-daemon prefix (`<6>`), so that
//! `journalctl -p warning` works. Whatever happens to stderr (closed, full disk, a terminal that was
//! stopped), the daemon goes on: its lines are written by a thread of their own. This module must not
//! know what is logged; who logs foreign text makes it short.

mod apart;
mod file;

use std::ffi::OsString;
use std::fmt;
use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, Writer};
use tracing_subscriber::fmt::{FmtContext, FormattedFields, MakeWriter};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;

pub use self::apart::{finish, write_apart};
use self::file::LogFile;
pub use self::file::older;
use super::clock;
use crate::render::columns;
use crate::tty::Colours;

/// Where the log of a process goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Destination<'a> {
    /// To stderr, each line at once: for a command that somebody waits for.
    Stderr,
    /// To a file, or to stderr, by a thread of its own (see [`write_apart`]): for the daemon, which
    /// waits for nobody.
    Apart(Option<&'a Path>),
}

/// Starts the log of this process; later calls change nothing.
///
/// With a `verbosity` of 0 it has warnings only, with 1 what a user would notice, with 2 also every
/// poll, with 3 everything of ccwatch. `RUST_LOG` is used instead if it is set. `now` is the clock.
/// With a file the log goes there, and so does a panic; else to stderr.
pub fn init(verbosity: u8, colours: Colours, now: fn() -> Timestamp, to: Destination<'_>) {
    let (filter, bad_filter) = filter(verbosity, std::env::var_os("RUST_LOG"));
    let targets = verbosity > 1;
    let to_stderr = || Line { form: Form::of_stderr(colours), targets, now, zone: clock::zone() };
    let mut bad_file = None;
    let started = match to {
        Destination::Stderr => {
            subscriber(filter, to_stderr(), || Forgiving(io::stderr())).try_init().is_ok()
        }
        Destination::Apart(path) => {
            let opened = path.map(|path| LogFile::open(path).map_err(|error| (path, error)));
            match opened.transpose() {
                Ok(Some(file)) => {
                    let line = Line { form: Form::PLAIN, targets, now, zone: TimeZone::UTC };
                    apart::start(filter, line, file, true)
                }
                none => {
                    bad_file = none.err();
                    apart::start(filter, to_stderr(), io::stderr(), false)
                }
            }
        }
    };
    // Else a log was started before: it stays.
    if !started {
        return;
    }
    if let Some(error) = bad_filter {
        tracing::warn!("RUST_LOG is not used: {error}");
    }
    if let Some((file, error)) = bad_file {
        tracing::warn!("can't log to {}: {error}", file.display());
    }
}

/// Says on stderr why the process ends. Where the log goes there apart it goes the same way, since
/// nobody may be there to read it.
pub fn complain(text: &str) {
    let text = complaint(text);
    if !apart::say(&text) {
        // A closed stderr leaves the exit code to say it.
        let _ = io::stderr().lock().write_all(text.as_bytes());
    }
}

/// The name of the span of a page that isn't the first one; its message is what the page is called,
/// which then stands before each message.
pub const PAGE: &str = "page";

/// An error message for stderr, such that the journal knows it for one and a terminal has room.
pub fn complaint(text: &str) -> String {
    complaint_as(Form::of_stderr(Colours::Never), columns::of(io::stderr()), text)
}

fn complaint_as(form: Form, columns: Option<usize>, text: &str) -> String {
    let line = |line: &str| match form {
        Form::Journal => format!("<{}>{line}\n", priority(Level::ERROR)),
        Form::Text { .. } => format!("{}\n", columns::wrap(line, columns)),
    };
    text.lines().map(line).collect()
}

fn subscriber<W>(filter: EnvFilter, line: Line, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    tracing_subscriber::fmt()
        // Else a failed write is reported with eprintln!, which panics if stderr is what failed.
        .log_internal_errors(false)
        .with_env_filter(filter)
        .event_format(line)
        .with_writer(writer)
        .finish()
}

/// What is logged, and why the wish in `RUST_LOG` can't be met.
fn filter(verbosity: u8, rust_log: Option<OsString>) -> (EnvFilter, Option<String>) {
    let by_verbosity = match verbosity {
        0 => "warn",
        1 => "warn,ccwatch=info",
        2 => "warn,ccwatch=debug",
        _ => "warn,ccwatch=trace",
    };
    let default = || EnvFilter::new(by_verbosity);
    let Some(wish) = rust_log.filter(|wish| !wish.is_empty()) else {
        return (default(), None);
    };
    let Some(wish) = wish.to_str() else {
        return (default(), Some("it is not UTF-8".to_owned()));
    };
    match EnvFilter::builder().parse(wish) {
        Ok(filter) => (filter, None),
        Err(error) => (default(), Some(error.to_string())),
    }
}

/// How a line is made up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// With the time: on a terminal the local one.
    Text { terminal: bool, colours: bool },
    /// For journald, which adds the time.
    Journal,
}

impl Form {
    /// For a file.
    const PLAIN: Self = Self::Text { terminal: false, colours: false };

    fn of_stderr(colours: Colours) -> Self {
        let env = |name: &str| std::env::var_os(name);
        Self::choose(env, colours, io::stderr().is_terminal(), stderr_file())
    }

    /// `stderr_file` is the device and inode of stderr, if it has any.
    fn choose(
        env: impl Fn(&str) -> Option<OsString>,
        colours: Colours,
        terminal: bool,
        stderr_file: Option<(u64, u64)>,
    ) -> Self {
        // Every child of a service inherits the variable, also one that has its own stderr.
        let journal = env("JOURNAL_STREAM").and_then(|stream| {
            let (device, inode) = stream.to_str()?.split_once(':')?;
            Some((device.parse().ok()?, inode.parse().ok()?))
        });
        if journal.is_some() && journal == stderr_file {
            return Self::Journal;
        }
        let dumb = crate::tty::is_dumb(env("TERM").as_deref());
        Self::Text { terminal, colours: colours.are_on(env, terminal && !dumb) }
    }
}

/// The device and inode of stderr, as `JOURNAL_STREAM` names them.
fn stderr_file() -> Option<(u64, u64)> {
    let stderr = io::stderr().as_fd().try_clone_to_owned().ok()?;
    let metadata = File::from(stderr).metadata().ok()?;
    Some((metadata.dev(), metadata.ino()))
}

/// Writes one event as one line.
#[derive(Clone)]
struct Line {
    form: Form,
    /// Whether the module is named.
    targets: bool,
    now: fn() -> Timestamp,
    /// Where a person reads it.
    zone: TimeZone,
}

impl<S, N> FormatEvent<S, N> for Line
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut out: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let level = *event.metadata().level();
        let mut line = self.head(level);
        if self.targets {
            line.push_str(&format!("{}: ", event.metadata().target()));
        }
        let mut fields = String::new();
        for span in context.event_scope().into_iter().flatten().filter(|span| span.name() == PAGE) {
            if let Some(page) = span.extensions().get::<FormattedFields<N>>() {
                fields.push_str(&format!("{page}: "));
            }
        }
        context.format_fields(Writer::new(&mut fields), event)?;
        // One event, one line: a second one would look like another event.
        for c in fields.chars() {
            if c.is_control() { line.extend(c.escape_default()) } else { line.push(c) }
        }
        let columns = match self.form {
            Form::Text { terminal: true, .. } => columns::of(io::stderr()),
            Form::Text { terminal: false, .. } | Form::Journal => None,
        };
        writeln!(out, "{}", columns::wrap(&line, columns))
    }
}

impl Line {
    /// In the place of lines that nobody took.
    fn lost(&self, lost: u64) -> String {
        let lines = if lost == 1 { "1 line is" } else { &format!("{lost} lines are") };
        let what = format!("{lines} missing here: this log was not read, or could not be written");
        format!("{}{what}\n", self.head(Level::WARN))
    }

    /// What stands before the message.
    fn head(&self, level: Level) -> String {
        let Form::Text { terminal, colours } = self.form else {
            return format!("<{}>", priority(level));
        };
        let word = level.as_str();
        let word = match colours {
            true => {
                format!("{:>pad$}\x1b[{}m{word}\x1b[0m", "", colour(level), pad = 5 - word.len())
            }
            false => format!("{word:>5}"),
        };
        format!("{} {word} ", self.time(terminal))
    }

    /// The time in whole seconds; with the day, since a log goes on for days.
    fn time(&self, terminal: bool) -> String {
        let now = (self.now)();
        let seconds = Timestamp::from_second(now.as_second()).unwrap_or(now);
        match terminal {
            true => {
                seconds.to_zoned_datetime(self.zone.clone()).strftime("%d %b %H:%M:%S").to_string()
            }
            false => seconds.to_string(),
        }
    }
}

/// The sd-daemon priority (syslog's numbers).
fn priority(level: Level) -> u8 {
    match level {
        Level::ERROR => 3,
        Level::WARN => 4,
        Level::INFO => 6,
        Level::DEBUG | Level::TRACE => 7,
    }
}

/// The ANSI colour.
fn colour(level: Level) -> u8 {
    match level {
        Level::ERROR => 31,
        Level::WARN => 33,
        Level::INFO => 32,
        Level::DEBUG => 34,
        Level::TRACE => 35,
    }
}

/// A writer that loses what can't be written: a log must never stop what it tells about.
struct Forgiving<W>(W);

impl<W: Write> Write for Forgiving<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let _lost = self.0.write_all(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let _lost = self.0.flush();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    /// What the log wrote.
    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// A stderr that fails on every write.
    #[derive(Clone, Copy)]
    struct Broken;

    impl Write for Broken {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
    }

    const TERMINAL: Form = Form::Text { terminal: true, colours: true };

    fn line(form: Form, targets: bool) -> Line {
        let zone = TimeZone::fixed(jiff::tz::offset(1));
        Line { form, targets, now: || "2026-11-21T20:47:03.9Z".parse().unwrap(), zone }
    }

    fn logged(filter: EnvFilter, line: Line, log: impl FnOnce()) -> String {
        let lines = Lines::default();
        let writer = lines.clone();
        let subscriber = subscriber(filter, line, move || Forgiving(writer.clone()));
        tracing::subscriber::with_default(subscriber, log);
        let bytes = lines.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn lines_by_form() {
        let cases = [
            (Form::PLAIN, false, "2026-11-21T20:47:03Z  WARN slow ms=5 page=\"x\"\n"),
            (Form::PLAIN, true, "2026-11-21T20:47:03Z  WARN ccwatch: slow ms=5 page=\"x\"\n"),
            (Form::Journal, false, "<4>slow ms=5 page=\"x\"\n"),
            (TERMINAL, false, "21 Nov 21:47:03  \x1b[33mWARN\x1b[0m slow ms=5 page=\"x\"\n"),
        ];
        for (form, targets, expected) in cases {
            let text = logged(filter(1, None).0, line(form, targets), || {
                tracing::warn!(target: "ccwatch", ms = 5, page = "x", "slow");
            });
            assert_eq!(text, expected, "{form:?}");
        }
    }

    #[test]
    fn journal_priorities() {
        let text = logged(filter(3, None).0, line(Form::Journal, false), || {
            tracing::error!(target: "ccwatch", "a");
            tracing::warn!(target: "ccwatch", "b");
            tracing::info!(target: "ccwatch", "c");
            tracing::debug!(target: "ccwatch", "d");
            tracing::trace!(target: "ccwatch", "e");
        });
        assert_eq!(text, "<3>a\n<4>b\n<6>c\n<7>d\n<7>e\n");
    }

    #[test]
    fn an_error_message_is_one_in_the_journal_too() {
        for (form, expected) in [
            (Form::Journal, "<3>error: a\n<3>hint: b\n"),
            (Form::PLAIN, "error: a\nhint: b\n"),
            (TERMINAL, "error: a\nhint: b\n"),
        ] {
            assert_eq!(complaint_as(form, None, "error: a\nhint: b"), expected, "{form:?}");
        }
        let text = "error: no such file or directory";
        assert_eq!(
            complaint_as(TERMINAL, Some(20), text),
            "error: no such file\n    or directory\n"
        );
        assert_eq!(complaint_as(Form::Journal, Some(20), text), format!("<3>{text}\n"));
    }

    #[test]
    fn an_event_stays_one_line_without_control_characters() {
        let hostile = "a\n<0>fake\r\x1b[2J\u{9b}31m\0";
        let text = logged(filter(1, None).0, line(Form::Journal, false), || {
            tracing::info!(target: "ccwatch", by_display = %hostile, by_debug = ?hostile, "{hostile}");
        });
        assert_eq!(text.lines().count(), 1);
        assert!(!text.trim_end_matches('\n').contains(char::is_control), "{text:?}");
        assert_eq!(text.matches("fake").count(), 3);
    }

    #[test]
    fn filters() {
        let ours = |level| format!("ccwatch {level}");
        let cases = [
            (0, None, vec!["other warn".to_owned()]),
            (1, None, vec![ours("info"), "other warn".to_owned()]),
            (2, None, vec![ours("debug"), ours("info"), "other warn".to_owned()]),
            (3, None, vec![ours("trace"), ours("debug"), ours("info"), "other warn".to_owned()]),
            (9, Some("error"), vec![]),
            (1, Some(""), vec![ours("info"), "other warn".to_owned()]),
            (0, Some("other=info"), vec!["other info".to_owned(), "other warn".to_owned()]),
        ];
        for (verbosity, rust_log, expected) in cases {
            let (filter, error) = filter(verbosity, rust_log.map(OsString::from));
            assert_eq!(error, None);
            let text = logged(filter, line(Form::Journal, false), || {
                tracing::trace!(target: "ccwatch::daemon", "ccwatch trace");
                tracing::debug!(target: "ccwatch::daemon", "ccwatch debug");
                tracing::info!(target: "ccwatch::daemon", "ccwatch info");
                tracing::info!(target: "other", "other info");
                tracing::warn!(target: "other", "other warn");
            });
            let got: Vec<&str> = text.lines().map(|line| &line[3..]).collect();
            assert_eq!(got, expected, "-v {verbosity}, RUST_LOG {rust_log:?}");
        }
    }

    #[test]
    fn a_wrong_rust_log_is_told_in_one_line_and_changes_nothing() {
        use std::os::unix::ffi::OsStringExt;
        for wish in [OsString::from("ccwatch=loud"), OsString::from_vec(vec![b'a', 0xff])] {
            let (chosen, error) = filter(2, Some(wish.clone()));
            assert_eq!(error.unwrap().lines().count(), 1, "{wish:?}");
            assert_eq!(chosen.to_string(), filter(2, None).0.to_string());
        }
    }

    #[test]
    fn forms() {
        const FILE: Option<(u64, u64)> = Some((9, 12345));
        const BLACK_AND_WHITE: Form = Form::Text { terminal: true, colours: false };
        let cases = [
            (&[] as &[(&str, &str)], false, Form::PLAIN),
            (&[("TERM", "xterm")], true, TERMINAL),
            (&[("TERM", "dumb")], true, BLACK_AND_WHITE),
            (&[], true, BLACK_AND_WHITE),
            (&[("TERM", "xterm"), ("NO_COLOR", "1")], true, BLACK_AND_WHITE),
            (&[("TERM", "xterm"), ("NO_COLOR", "")], true, TERMINAL),
            (&[("JOURNAL_STREAM", "9:12345")], false, Form::Journal),
            // Inherited by a shell in a terminal, or redirected to a file.
            (&[("TERM", "xterm"), ("JOURNAL_STREAM", "9:999")], true, TERMINAL),
            (&[("JOURNAL_STREAM", "8:12345")], false, Form::PLAIN),
            (&[("JOURNAL_STREAM", "nonsense")], false, Form::PLAIN),
        ];
        for (env, terminal, expected) in cases {
            let lookup = |name: &str| {
                env.iter().find(|(key, _)| *key == name).map(|(_, value)| OsString::from(value))
            };
            assert_eq!(
                Form::choose(lookup, Colours::Auto, terminal, FILE),
                expected,
                "{env:?} {terminal}"
            );
        }
        let nonsense = |_: &str| Some(OsString::from("nonsense"));
        assert_eq!(Form::choose(nonsense, Colours::Auto, false, None), Form::PLAIN);
    }

    #[test]
    fn a_broken_stderr_harms_nobody() {
        let mut forgiving = Forgiving(Broken);
        assert!(writeln!(forgiving, "lost").and_then(|()| forgiving.flush()).is_ok());
        // Not even without the forgiving writer.
        let subscriber = subscriber(filter(1, None).0, line(Form::PLAIN, false), || Broken);
        tracing::subscriber::with_default(subscriber, || {
            tracing::error!(target: "ccwatch", "lost");
        });
    }
}
