//! The log: one line an event, on stderr or in a file of bounded size.
//!
//! On a terminal or in a file a line is `2026-11-21T20:47:03Z  INFO message key=value`. Under
//! journald the time is left out and the level is given as an sd-daemon prefix (`<6>`), so that
//! `journalctl -p warning` works. Whatever happens to stderr (closed, full disk), the daemon goes
//! on. This module must not know what is logged; who logs foreign text makes it short.

mod file;

use std::ffi::OsString;
use std::fmt;
use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, Writer};
use tracing_subscriber::fmt::{FmtContext, MakeWriter};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;

use self::file::LogFile;
pub use self::file::older;

/// Starts the log of this process; later calls change nothing.
///
/// With a `verbosity` of 0 it has warnings only, with 1 what a user would notice, with 2 also every
/// poll, with 3 everything of ccwatch. `RUST_LOG` is used instead if it is set. `now` is the clock.
/// With a `file` the log goes there, and so does a panic; else to stderr.
pub fn init(verbosity: u8, now: fn() -> Timestamp, file: Option<&Path>) {
    let (filter, bad_filter) = filter(verbosity, std::env::var_os("RUST_LOG"));
    let targets = verbosity > 1;
    let (started, bad_file) = match file.map(LogFile::open).transpose() {
        Ok(Some(file)) => {
            let line = Line { form: Form::Plain, targets, now };
            let shared = Shared(Arc::new(Mutex::new(file)));
            let writer = move || Forgiving(shared.clone());
            let started = subscriber(filter, line, writer).try_init();
            std::panic::set_hook(Box::new(|panic| tracing::error!("a bug: {panic}")));
            (started, None)
        }
        none => {
            let line = Line { form: Form::of_stderr(), targets, now };
            (subscriber(filter, line, || Forgiving(io::stderr())).try_init(), none.err())
        }
    };
    // An error means that a log was started before: it stays.
    if started.is_err() {
        return;
    }
    if let Some(error) = bad_filter {
        tracing::warn!("RUST_LOG is not used: {error}");
    }
    if let (Some(error), Some(file)) = (bad_file, file) {
        tracing::warn!("can't log to {}: {error}", file.display());
    }
}

/// An error message for stderr, such that the journal knows it for one.
pub fn complaint(text: &str) -> String {
    complaint_as(Form::of_stderr(), text)
}

fn complaint_as(form: Form, text: &str) -> String {
    let mark = match form {
        Form::Journal => format!("<{}>", priority(Level::ERROR)),
        Form::Plain | Form::Coloured => String::new(),
    };
    text.lines().map(|line| format!("{mark}{line}\n")).collect()
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
    /// With the time.
    Plain,
    /// With the time and colours.
    Coloured,
    /// For journald, which adds the time.
    Journal,
}

impl Form {
    fn of_stderr() -> Self {
        Self::choose(|name| std::env::var_os(name), io::stderr().is_terminal(), stderr_file())
    }

    /// `stderr_file` is the device and inode of stderr, if it has any.
    fn choose(
        env: impl Fn(&str) -> Option<OsString>,
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
        let no_color = env("NO_COLOR").is_some_and(|value| !value.is_empty());
        let dumb = crate::tty::is_dumb(env("TERM").as_deref());
        if terminal && !no_color && !dumb { Self::Coloured } else { Self::Plain }
    }
}

/// The device and inode of stderr, as `JOURNAL_STREAM` names them.
fn stderr_file() -> Option<(u64, u64)> {
    let stderr = io::stderr().as_fd().try_clone_to_owned().ok()?;
    let metadata = File::from(stderr).metadata().ok()?;
    Some((metadata.dev(), metadata.ino()))
}

/// Writes one event as one line.
struct Line {
    form: Form,
    /// Whether the module is named.
    targets: bool,
    now: fn() -> Timestamp,
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
        match self.form {
            Form::Journal => write!(out, "<{}>", priority(level))?,
            Form::Plain => write!(out, "{} {level:>5} ", self.seconds())?,
            Form::Coloured => {
                write!(out, "{} \x1b[{}m{level:>5}\x1b[0m ", self.seconds(), colour(level))?;
            }
        }
        if self.targets {
            write!(out, "{}: ", event.metadata().target())?;
        }
        let mut fields = String::new();
        context.format_fields(Writer::new(&mut fields), event)?;
        // One event, one line: a second one would look like another event.
        for c in fields.chars() {
            if c.is_control() { write!(out, "{}", c.escape_default())? } else { out.write_char(c)? }
        }
        writeln!(out)
    }
}

impl Line {
    /// The time in whole seconds.
    fn seconds(&self) -> Timestamp {
        let now = (self.now)();
        Timestamp::from_second(now.as_second()).unwrap_or(now)
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

/// A log file that several threads write to, a whole line each.
#[derive(Clone)]
struct Shared(Arc<Mutex<LogFile>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).flush()
    }
}

#[cfg(test)]
mod tests {
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

    fn line(form: Form, targets: bool) -> Line {
        Line { form, targets, now: || "2026-11-21T20:47:03.9Z".parse().unwrap() }
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
            (Form::Plain, false, "2026-11-21T20:47:03Z  WARN slow ms=5 page=\"x\"\n"),
            (Form::Plain, true, "2026-11-21T20:47:03Z  WARN ccwatch: slow ms=5 page=\"x\"\n"),
            (Form::Journal, false, "<4>slow ms=5 page=\"x\"\n"),
            (
                Form::Coloured,
                false,
                "2026-11-21T20:47:03Z \x1b[33m WARN\x1b[0m slow ms=5 page=\"x\"\n",
            ),
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
            (Form::Plain, "error: a\nhint: b\n"),
            (Form::Coloured, "error: a\nhint: b\n"),
        ] {
            assert_eq!(complaint_as(form, "error: a\nhint: b"), expected, "{form:?}");
        }
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
        let cases = [
            (&[] as &[(&str, &str)], false, Form::Plain),
            (&[("TERM", "xterm")], true, Form::Coloured),
            (&[("TERM", "dumb")], true, Form::Plain),
            (&[], true, Form::Plain),
            (&[("TERM", "xterm"), ("NO_COLOR", "1")], true, Form::Plain),
            (&[("TERM", "xterm"), ("NO_COLOR", "")], true, Form::Coloured),
            (&[("JOURNAL_STREAM", "9:12345")], false, Form::Journal),
            // Inherited by a shell in a terminal, or redirected to a file.
            (&[("TERM", "xterm"), ("JOURNAL_STREAM", "9:999")], true, Form::Coloured),
            (&[("JOURNAL_STREAM", "8:12345")], false, Form::Plain),
            (&[("JOURNAL_STREAM", "nonsense")], false, Form::Plain),
        ];
        for (env, terminal, expected) in cases {
            let lookup = |name: &str| {
                env.iter().find(|(key, _)| *key == name).map(|(_, value)| OsString::from(value))
            };
            assert_eq!(Form::choose(lookup, terminal, FILE), expected, "{env:?} {terminal}");
        }
        let nonsense = |_: &str| Some(OsString::from("nonsense"));
        assert_eq!(Form::choose(nonsense, false, None), Form::Plain);
    }

    #[test]
    fn a_broken_stderr_harms_nobody() {
        let mut forgiving = Forgiving(Broken);
        assert!(writeln!(forgiving, "lost").and_then(|()| forgiving.flush()).is_ok());
        // Not even without the forgiving writer.
        let subscriber = subscriber(filter(1, None).0, line(Form::Plain, false), || Broken);
        tracing::subscriber::with_default(subscriber, || {
            tracing::error!(target: "ccwatch", "lost");
        });
    }
}
