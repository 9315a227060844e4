//! Recordings: what the page said, poll by poll, as JSON lines.
//!
//! ```text
//! {"at":"2026-06-02T10:00:00Z","status":200,"body":{...summary.json...}}
//! {"at":"2026-06-02T10:01:00Z","status":304}
//! {"at":"2026-06-02T10:02:00Z","error":"timeout"}
//! {"at":"2026-06-02T10:02:01Z","endpoint":"incidents","status":200,"body":{...}}
//! ```

use std::borrow::Cow;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::page::engine;
use crate::page::fetch::Fetched;
use crate::platform::line_queue::{Entry, LineQueue};
use crate::platform::plain;
use ccwatch_core::model::{Endpoint, Failure, FailureKind};

/// One line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line<'a> {
    /// When the answer was there.
    pub at: Timestamp,
    /// `incidents` for the history; the summary needs no word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<Document>,
    /// 200 or 304.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The body of a 200.
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    pub body: Option<&'a RawValue>,
    /// The kind of a failure.
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    pub error: Option<Cow<'a, str>>,
}

/// The documents of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Document {
    /// `summary.json`.
    Summary,
    /// `incidents.json`.
    Incidents,
}

impl Line<'_> {
    /// Which document the line is about.
    pub fn endpoint(&self) -> Endpoint {
        match self.endpoint {
            Some(Document::Incidents) => Endpoint::Incidents,
            Some(Document::Summary) | None => Endpoint::Summary,
        }
    }

    /// What came back, as the fetcher would give it.
    ///
    /// # Errors
    /// The line says neither a body, nor "unchanged", nor an error.
    pub fn answer(&self) -> Result<Result<Fetched, Failure>, &'static str> {
        match (self.status, self.body, &self.error) {
            (_, _, Some(word)) => {
                let kind = FailureKind::from(word.clone().into_owned());
                Ok(Err(Failure::new(kind, word.clone())))
            }
            (None | Some(200), Some(body), None) => {
                // What isn't JSON stands there as a text.
                let text = serde_json::from_str::<String>(body.get());
                let bytes = text.unwrap_or_else(|_| body.get().to_owned()).into_bytes();
                Ok(Ok(Fetched::Body { bytes, etag: None }))
            }
            (Some(304), None, None) => Ok(Ok(Fetched::Unchanged)),
            (Some(304), Some(_), None) => Err("a 304 has no body"),
            (Some(200), None, None) => Err("a 200 needs a body"),
            (Some(_), _, None) => Err("the status must be 200 or 304; else give an error"),
            (None, None, None) => Err("neither a status nor an error"),
        }
    }
}

/// So many bytes of a recording wait for its file.
const ROOM: usize = 32 << 20;

/// Appends to a recording, by a thread of its own: a file that takes nothing holds up nobody.
#[derive(Debug)]
pub struct Recorder {
    queue: LineQueue,
    /// Until the thread has it, which begins with the first answer.
    file: Option<File>,
}

impl Recorder {
    /// Opens the file, or makes it, readable by the user only.
    ///
    /// # Errors
    /// It can't be opened for appending.
    pub fn open(path: &Path) -> io::Result<Self> {
        use std::os::unix::fs::OpenOptionsExt;
        // Whoever reads a pipe may stop reading, and the daemon waits for nobody.
        let mut options = OpenOptions::new();
        let file = plain::open_with(options.append(true).create(true).mode(0o600), path)?;
        Ok(Self { queue: LineQueue::new(ROOM), file: Some(file) })
    }

    /// Appends one answer as one line, in one write. That a line could not be written is logged.
    ///
    /// # Errors
    /// There can be no line, or nobody to write it.
    pub fn append(
        &mut self,
        at: Timestamp,
        endpoint: Endpoint,
        answer: &Result<Fetched, Failure>,
    ) -> io::Result<()> {
        let text = line_of(at, endpoint, answer)?;
        if let Some(file) = self.file.take() {
            self.queue.start("recording", move |entry| write(&file, &entry))?;
        }
        self.queue.put(text);
        Ok(())
    }

    /// Waits until all is written, but not for long.
    pub fn finish(&self, limit: Duration) {
        if self.file.is_none() && !self.queue.flush(limit) {
            tracing::warn!(
                "the last answers are missing in the recording: its file does not take them"
            );
        }
    }
}

fn write(mut file: &File, entry: &Entry) -> io::Result<()> {
    match entry {
        Entry::Line(line) => file.write_all(line).inspect_err(|error| {
            tracing::warn!("recording stopped, the file can't be written: {error}");
        }),
        Entry::Lost(lost) => {
            tracing::warn!("{lost} answers are missing in the recording: its file was too slow");
            Ok(())
        }
    }
}

/// An answer as a line of a recording.
fn line_of(
    at: Timestamp,
    endpoint: Endpoint,
    answer: &Result<Fetched, Failure>,
) -> io::Result<Vec<u8>> {
    let endpoint = (endpoint == Endpoint::Incidents).then_some(Document::Incidents);
    let mut line = Line { at, endpoint, status: None, body: None, error: None };
    let body;
    match answer {
        Ok(Fetched::Unchanged) => line.status = Some(304),
        Err(failure) => line.error = Some(Cow::Borrowed(failure.kind.as_str())),
        Ok(Fetched::Body { bytes, .. }) => match one_line(bytes) {
            Some(json) => {
                body = json;
                line.status = Some(200);
                line.body = Some(&body);
            }
            None => line.error = Some(Cow::Borrowed(FailureKind::NotJson.as_str())),
        },
    }
    let mut text = serde_json::to_vec(&line)?;
    text.push(b'\n');
    Ok(text)
}

/// A body as JSON on one line, a feed as a text; none where it is neither.
fn one_line(bytes: &[u8]) -> Option<Box<RawValue>> {
    let text = engine::decode(bytes).ok()?;
    let value = match text.trim_start().starts_with('<') {
        true => serde_json::Value::String(text),
        false => serde_json::from_str(&text).ok()?,
    };
    serde_json::value::to_raw_value(&value).ok()
}
