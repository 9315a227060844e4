//! What an answer's status and headers say, before its body is parsed.

use std::time::Duration;

use jiff::fmt::rfc2822::DateTimeParser;
use jiff::{SignedDuration, Timestamp};
use reqwest::StatusCode;
use reqwest::header::{AGE, CONTENT_TYPE, DATE, HeaderMap, HeaderName, RETRY_AFTER};

use super::network::clip;
use crate::page::engine::Syntax;
use ccwatch_core::model::{Failure, FailureKind};
use ccwatch_core::text;

/// How Amazon's firewall marks the answers that it gives in the page's stead.
const WAF_ACTION: HeaderName = HeaderName::from_static("x-amzn-waf-action");

/// Within so many bytes markup gets to its first element.
const PROLOGUE: usize = 4 << 10;

/// An answer that is worth reading on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// What we have is the newest.
    Unchanged,
    /// The body that follows.
    Body,
}

/// Judges the head of an answer. `conditional` says whether an ETag was sent, `syntax` what the
/// body should be made of.
///
/// # Errors
/// Everything but a 200 that calls itself so, or an expected 304.
pub fn judge(
    status: StatusCode,
    headers: &HeaderMap,
    conditional: bool,
    syntax: Syntax,
) -> Result<Verdict, Failure> {
    if let Some(action) = header(headers, &WAF_ACTION) {
        let detail = format!("{} with a firewall's {}", status.as_u16(), clip(action));
        return Err(fail(FailureKind::BotWall, detail, headers));
    }
    let kind = match status.as_u16() {
        200 => return judge_type(headers, syntax),
        304 if conditional => return Ok(Verdict::Unchanged),
        304 => FailureKind::UnexpectedUnchanged,
        202 | 403 | 405 => FailureKind::BotWall,
        429 => FailureKind::RateLimited,
        511 => FailureKind::CaptivePortal,
        500..=599 => FailureKind::Unavailable,
        300..=399 => FailureKind::Redirect,
        _ => FailureKind::HttpStatus,
    };
    let reason = status.canonical_reason().unwrap_or_default();
    let detail = format!("{} {reason}", status.as_u16());
    Err(fail(kind, detail.trim_end().to_owned(), headers))
}

/// A cache says how long ago its copy was made or checked. One that is too old is news of then, and
/// neither it nor "unchanged" since then is news of now.
pub(super) fn judge_age(headers: &HeaderMap, most: Duration) -> Result<(), Failure> {
    let age = age(headers);
    if age <= most {
        return Ok(());
    }
    let detail = format!("a cache's copy, {} old", text::duration(age));
    Err(Failure::new(FailureKind::Stale, detail))
}

/// A 200 must not call itself anything but what it should be.
fn judge_type(headers: &HeaderMap, syntax: Syntax) -> Result<Verdict, Failure> {
    let Some(full) = header(headers, &CONTENT_TYPE) else { return Ok(Verdict::Body) };
    let essence = full.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let kind = match essence.as_str() {
        "" => return Ok(Verdict::Body),
        its_own if syntax.is_called(its_own) => return Ok(Verdict::Body),
        "text/html" | "application/xhtml+xml" => FailureKind::CaptivePortal,
        _ => FailureKind::ContentType,
    };
    Err(Failure::new(kind, format!("200 with {} instead of {syntax}", clip(&essence))))
}

/// A body that begins like markup is a web page where JSON should be, whatever its type says, unless
/// it is a feed; and one that begins like a web page is one even where markup should be.
pub(super) fn judge_body(bytes: &[u8], syntax: Syntax) -> Result<(), Failure> {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    let begins = |with: &[u8]| text.get(..with.len()).is_some_and(|t| t.eq_ignore_ascii_case(with));
    let is_web_page = match syntax {
        Syntax::Json => begins(b"<"),
        Syntax::Xml => begins(b"<!doctype html") || begins(b"<html"),
    };
    match is_web_page {
        true if syntax == Syntax::Json && is_feed(text) => {
            let detail = format!("200 with an RSS or Atom feed instead of {syntax}");
            Err(Failure::new(FailureKind::ContentType, detail))
        }
        true => {
            let detail = format!("200 with a web page instead of {syntax}");
            Err(Failure::new(FailureKind::CaptivePortal, detail))
        }
        false => Ok(()),
    }
}

/// Whether markup is an RSS or Atom feed, by its first element. No network signs anybody in by one.
fn is_feed(markup: &[u8]) -> bool {
    let start = String::from_utf8_lossy(markup.get(..PROLOGUE).unwrap_or(markup)).to_lowercase();
    let mut rest = start.trim_start();
    loop {
        let end = match rest {
            comment if comment.starts_with("<!--") => "-->",
            declaration if declaration.starts_with("<?") => "?>",
            _ => return ["<rss", "<feed", "<rdf:rdf"].iter().any(|tag| rest.starts_with(tag)),
        };
        match rest.split_once(end) {
            Some((_, behind)) => rest = behind.trim_start(),
            None => return false,
        }
    }
}

fn fail(kind: FailureKind, detail: String, headers: &HeaderMap) -> Failure {
    Failure { kind, detail, retry_after: retry_after(headers) }
}

/// The server's wish to be left alone: seconds, or a date that is measured against the answer's
/// own `Date`, so that a wrong clock on this machine does not matter. What can't be understood, or is
/// over, is no wish. What is sensible is for the schedule to decide.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let wish = header(headers, &RETRY_AFTER)?.trim();
    let seconds = if !wish.is_empty() && wish.bytes().all(|b| b.is_ascii_digit()) {
        // So many digits that they don't fit are a very long time, not garbage.
        wish.parse().unwrap_or(u64::MAX)
    } else {
        let parser = DateTimeParser::new();
        let until = parser.parse_timestamp(wish).ok()?;
        let sent = parser.parse_timestamp(header(headers, &DATE)?.trim()).ok()?;
        u64::try_from(until.as_second() - sent.as_second()).ok()?
    };
    (seconds > 0).then(|| Duration::from_secs(seconds.min(u32::MAX.into())))
}

/// When an answer was sent, by the server's clock: one out of a cache keeps the date of its origin
/// and says how old it is.
pub fn sent_at(headers: &HeaderMap) -> Option<Timestamp> {
    let date = DateTimeParser::new().parse_timestamp(header(headers, &DATE)?.trim()).ok()?;
    date.checked_add(SignedDuration::try_from(age(headers)).ok()?).ok()
}

/// How old an answer is by its own word; what is no number says nothing, and so many digits that they
/// don't fit are a very long time.
fn age(headers: &HeaderMap) -> Duration {
    let age = header(headers, &AGE).map(str::trim).unwrap_or_default();
    let is_number = !age.is_empty() && age.bytes().all(|b| b.is_ascii_digit());
    let seconds = if is_number { age.parse().unwrap_or(u32::MAX) } else { 0 };
    Duration::from_secs(seconds.into())
}

fn header<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}
