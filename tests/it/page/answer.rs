//! Answers byte by byte: good ones and every kind of bad one.

use std::io::Write;
use std::time::Duration;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder};

/// What happens on the wire after a request has come in.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    /// These bytes; the connection stays usable.
    Whole(Vec<u8>),
    /// These bytes, then an orderly end.
    Cut(Vec<u8>),
    /// These bytes, then a reset.
    Reset(Vec<u8>),
    /// Nothing, for ever.
    Silence,
    /// These bytes, then nothing, for ever.
    Stall(Vec<u8>),
    /// Some bytes, then others one at a time.
    Drip { at_once: Vec<u8>, then: Vec<u8>, every: Duration },
    /// The first bytes once, the second ones until the other side hangs up.
    Endless(Vec<u8>, Vec<u8>),
}

impl Answer {
    /// A whole HTTP answer.
    pub(crate) fn new(status: u16, headers: &[(&str, &str)], body: &[u8]) -> Self {
        let mut bytes = head(status, headers, Some(body.len()));
        bytes.extend_from_slice(body);
        Self::Whole(bytes)
    }

    /// Only a status.
    pub(crate) fn status(status: u16) -> Self {
        Self::new(status, &[], b"")
    }

    /// 200 with JSON.
    pub(crate) fn json(body: impl AsRef<[u8]>) -> Self {
        Self::new(200, &[("Content-Type", "application/json")], body.as_ref())
    }

    /// 200 with a web page.
    pub(crate) fn html(body: &str) -> Self {
        Self::new(200, &[("Content-Type", "text/html; charset=utf-8")], body.as_bytes())
    }

    /// The same answer with another status.
    pub(crate) fn with_status(self, status: u16) -> Self {
        let Self::Whole(bytes) = self else { panic!("not a whole answer") };
        let text = format!("HTTP/1.1 {status}");
        Self::Whole([text.as_bytes(), &bytes[text.len()..]].concat())
    }

    /// 302 to another address.
    pub(crate) fn redirect(to: &str) -> Self {
        Self::new(302, &[("Location", to)], b"")
    }

    /// Promises more JSON than it sends.
    pub(crate) fn short_body() -> Self {
        let mut bytes = head(200, &[("Content-Type", "application/json")], Some(5000));
        bytes.extend_from_slice(b"{\"page\":");
        Self::Cut(bytes)
    }

    /// Begins a JSON answer, then hangs.
    pub(crate) fn stall_in_body() -> Self {
        let mut bytes = head(200, &[("Content-Type", "application/json")], Some(5000));
        bytes.extend_from_slice(b"{\"page\":");
        Self::Stall(bytes)
    }

    /// A JSON answer that never ends.
    pub(crate) fn endless_body() -> Self {
        let head = head(200, &[("Content-Type", "application/json")], None);
        Self::Endless(head, vec![b' '; 64 << 10])
    }

    /// A few bytes that unpack to as much as anyone will take.
    pub(crate) fn gzip_bomb() -> Self {
        let headers = [("Content-Type", "application/json"), ("Content-Encoding", "gzip")];
        let mut start = head(200, &headers, None);
        // The header of a gzip file without a name or a time.
        start.extend_from_slice(&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
        // A flushed block of blanks is a whole deflate block, and may be repeated for ever.
        let mut blanks = DeflateEncoder::new(Vec::new(), Compression::best());
        blanks.write_all(&vec![b' '; 1 << 20]).unwrap();
        blanks.flush().unwrap();
        Self::Endless(start, blanks.get_ref().clone())
    }

    /// A header that never ends.
    pub(crate) fn endless_header() -> Self {
        Self::Endless(b"HTTP/1.1 200 OK\r\nX-Filler: ".to_vec(), vec![b'a'; 16 << 10])
    }
}

/// Every way in which a page misbehaves, those that take their time last. The soak draws from the first
/// eight by their places.
pub(crate) const FAULTS: [fn() -> Answer; 12] = [
    || Answer::status(500),
    || Answer::status(503),
    || Answer::html("<html>Sign in</html>"),
    || Answer::json("{"),
    || Answer::Reset(Vec::new()),
    Answer::short_body,
    Answer::gzip_bomb,
    Answer::endless_header,
    || Answer::redirect("/elsewhere"),
    Answer::endless_body,
    || Answer::Silence,
    Answer::stall_in_body,
];

/// `body` as a gzip file.
pub(crate) fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

fn head(status: u16, headers: &[(&str, &str)], length: Option<usize>) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {status} Made up\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if let Some(length) = length.filter(|_| status != 304) {
        head.push_str(&format!("Content-Length: {length}\r\n"));
    }
    head.push_str("\r\n");
    head.into_bytes()
}
