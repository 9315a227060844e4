//! What a user pastes: the text of an error, or a line of any of Claude Code's own formats.

mod split;

use std::cmp::Reverse;

use jiff::Timestamp;
use serde_json::Value;

use self::split::{Split, split};
use super::marks::{self, head};
use super::reading::{self, Known};
use super::screen::{self, Piece};
use super::stranger::{self, Owner};
use super::transcript::{self, Row};
use super::wording;
use crate::render::sanitize;
use ccwatch_core::api_error::{ApiError, Cause, ErrorSource, is_anthropics, is_anthropics_id};

/// Reads it. Anything is an error of some kind: what can't be understood has the cause `Unknown`.
/// Of several errors it is the last that counts, as on a screen.
pub fn read(text: &str) -> ApiError {
    // What is invisible takes no column of a line, and must not reach into one that is joined to it.
    let text = &sanitize::visible(text);
    let as_it_is = read_as_it_is(text);
    match screen::unbroken(text) {
        Some(whole) => better(as_it_is, read_as_it_is(&whole.text), whole.is_sure),
        None => as_it_is,
    }
}

/// An error as it is where requests go to `endpoint`, a server of the user's own: to Claude Code that
/// one is the API, and its name in an error is no stranger's.
pub fn at_endpoint(error: ApiError, endpoint: &str) -> ApiError {
    let whose = error.stranger.as_deref();
    let named = whose.is_some_and(|who| stranger::is_named_by(who, endpoint));
    if !named || !error.text.contains(endpoint) {
        return error;
    }
    let own = read(&error.text.replace(endpoint, "api.anthropic.com"));
    ApiError { text: error.text, at: error.at, ..own }
}

/// The better understood of two readings of one text: in lines, and with those joined that a
/// terminal broke. Where both are understood as well, the joined one counts if it `is_sure`.
fn better(lines: ApiError, joined: ApiError, is_sure: bool) -> ApiError {
    // Whose it is doesn't change with the width of a window, but for an address that it broke.
    let foreign = lines.cause == Cause::Stranger;
    let broken = is_sure && lines.stranger.as_deref() == Some(stranger::ANOTHER);
    if foreign && !broken {
        return lines;
    }
    // A type that is not the API's may be one of its own that was broken.
    let is_whole = lines.kind.as_deref().is_none_or(is_anthropics);
    let of_lines = (lines.cause != Cause::Unknown, is_whole, told(&lines), lines.kind.is_some());
    let of_joined = (joined.cause != Cause::Unknown, true, told(&joined), joined.kind.is_some());
    let is_better = of_joined > of_lines || is_sure && of_joined == of_lines;
    if is_better { joined } else { lines }
}

/// How particular the words of an error are: the more, the further up they stand in the table.
fn told(error: &ApiError) -> Option<Reverse<usize>> {
    let lower = screen::flat(&error.text).to_lowercase();
    let refusal = matches!(error.status, Some(401..=403));
    wording::rank(wording::Text { lower: &lower, about_claude: true, refusal }).map(Reverse)
}

fn read_as_it_is(text: &str) -> ApiError {
    let Split { prose, objects } = split(text.trim());
    let found = last_of(&objects);
    let prose = prose.trim();
    let mut error = match found {
        Some(found) => match named_beside(&objects, prose) {
            Some(who) => of_stranger(&found.text, who),
            None => found,
        },
        // Rows that tell of no error, whatever they quote.
        None if prose.is_empty() && !objects.is_empty() => {
            ApiError::new(head(text, SHOWN), ErrorSource::Pasted)
        }
        None => of_prose(prose, false),
    };
    error.at = error.at.or_else(|| time_in(&error.text)).or_else(|| time_in(prose));
    error
}

/// Who is named beside an answer in the form of the API's that stands by itself: others answer so,
/// too, and the form of an answer is no mark of Claude's.
fn named_beside(objects: &[&str], prose: &str) -> Option<&'static str> {
    let [json] = objects else { return None };
    let value: Value = serde_json::from_str(json).ok()?;
    let has_id = || marks::request_id_in(json).is_some_and(|id| is_anthropics_id(&id));
    if !is_the_apis_body(&value) || has_id() || stranger::says_overloaded(&json.to_lowercase()) {
        return None;
    }
    match screen::pieces(prose).as_slice() {
        [piece] => match stranger::owner(piece) {
            Owner::Stranger(who) => Some(who),
            Owner::Claude | Owner::Near | Owner::Nobody => None,
        },
        _ => None,
    }
}

/// The last error of many objects. The result of a headless run repeats the error of the row
/// before it, without the request's id.
fn last_of(objects: &[&str]) -> Option<ApiError> {
    let mut errors = objects.iter().rev().filter_map(|json| of_json(json));
    let mut last = errors.next()?;
    // A log of errors has those of files and tools among them, which come with every start.
    let logged = last.source == ErrorSource::Pasted;
    if logged && matches!(last.cause, Cause::OwnFiles | Cause::Stranger) {
        let answered = |error: &ApiError| error.status.is_some() || error.kind.is_some();
        last = errors.find(answered).unwrap_or(last);
    }
    if last.request_id.is_none() {
        let row = errors.next().filter(|row| row.text == last.text);
        last.request_id = row.and_then(|row| row.request_id);
    }
    Some(last)
}

const SOURCE: ErrorSource = ErrorSource::Pasted;
/// What can't be read is shown no further than this, in bytes.
const SHOWN: usize = 4 << 10;

/// So many things on a screen are looked at, the last ones: it is the last error that counts.
const PIECES: usize = 500;

/// Text as it stands on a screen: the last error of Claude's counts; where there is none, the last
/// of somebody else's; and where nobody's mark is in it, what it says of this machine.
///
/// `logged`: Claude Code wrote it down, so that a text without any mark is its own.
fn of_prose(text: &str, logged: bool) -> ApiError {
    let pieces = screen::pieces(text);
    let pieces = pieces.get(pieces.len().saturating_sub(PIECES)..).unwrap_or_default();
    let owned: Vec<(&Piece, Owner)> =
        pieces.iter().map(|piece| (piece, stranger::owner(piece))).collect();
    let owned = since_answer(&owned);
    let last = owned.iter().rev();
    let claudes = |(piece, owner): &&(&Piece, Owner)| *owner == Owner::Claude && !is_abort(piece);
    let mut found = last.clone().filter(claudes).map(|(piece, _)| {
        let mut error = reading::read(from_marker(&piece.text), Known::default(), SOURCE);
        let causes = causes_above(pieces, piece);
        if error.status.is_none() && !causes.is_empty() {
            let whole = format!("{causes} {}", piece.text);
            error = reading::read(&whole, Known::default(), SOURCE);
        }
        // An id may stand before the error, in the same piece or by itself.
        let above = || id_above(pieces, piece);
        let id = error.request_id.take();
        error.request_id = id.or_else(|| marks::request_id_in(&piece.text)).or_else(above);
        error.at = piece.at;
        (error, piece.text.contains("API Error"))
    });
    if let Some((newest, is_error)) = found.next() {
        // What stands below an error, apart from it, may be no more than its id.
        let above = if is_error || newest.cause != Cause::Unknown { None } else { found.next() };
        return match above {
            Some((error, _)) => {
                ApiError { request_id: error.request_id.clone().or(newest.request_id), ..error }
            }
            None => newest,
        };
    }
    let whose = last.clone().find_map(|(piece, owner)| match owner {
        Owner::Stranger(who) => Some((*piece, *who)),
        Owner::Claude | Owner::Near | Owner::Nobody => None,
    });
    if let Some((piece, who)) = whose {
        return of_stranger(&piece.text, who);
    }
    let shown = || ApiError::new(head(text, SHOWN), SOURCE);
    let near = logged || last.clone().any(|(_, owner)| *owner == Owner::Near);
    let read = |text: &str| match near {
        true => reading::read(text, Known::default(), SOURCE),
        false => reading::read_unowned(text, SOURCE),
    };
    if let [(piece, _)] = owned {
        return if piece.asks || piece.said { shown() } else { read(text) };
    }
    let mut begun =
        last.filter(|(piece, _)| !piece.said && !piece.asks && begins_with_error(&piece.text));
    let known = |error: &ApiError| error.cause != Cause::Unknown;
    begun.find_map(|(piece, _)| Some(read(&piece.text)).filter(known)).unwrap_or_else(shown)
}

/// What stands on a screen since the last answer of the model to something that the user typed:
/// an error before that went by.
fn since_answer<'a>(owned: &'a [(&'a Piece, Owner)]) -> &'a [(&'a Piece, Owner)] {
    let answers = |(piece, owner): &(&Piece, Owner)| {
        piece.said && !piece.asks && !matches!(owner, Owner::Claude)
    };
    let question = owned
        .iter()
        .rposition(answers)
        .and_then(|answer| owned.get(..answer)?.iter().rposition(|(piece, _)| piece.typed));
    owned.get(question.unwrap_or(0)..).unwrap_or_default()
}

/// What an exception came from, which Python shows above it.
fn causes_above(pieces: &[Piece], piece: &Piece) -> String {
    const LINKS: &[&str] =
        &["The above exception was the direct cause", "During handling of the above exception"];
    let at = pieces.iter().position(|it| std::ptr::eq(it, piece)).unwrap_or(0);
    let above = pieces.get(..at).unwrap_or_default().rchunks_exact(2);
    let linked = above.map_while(|pair| match pair {
        [cause, link] if LINKS.iter().any(|it| link.text.starts_with(it)) => Some(&*cause.text),
        _ => None,
    });
    linked.collect::<Vec<_>>().join(" ")
}

/// The id in the piece above, where there is nothing else in it.
fn id_above(pieces: &[Piece], piece: &Piece) -> Option<String> {
    let at = pieces.iter().position(|it| std::ptr::eq(it, piece))?;
    let above = &pieces.get(at.checked_sub(1)?)?.text;
    let alone = above.split_whitespace().count() <= 4;
    alone.then(|| marks::request_id_in(above)).flatten()
}

/// The user stopped it: what went wrong stands before.
fn is_abort(piece: &Piece) -> bool {
    const ABORTS: &[&str] = &["operation aborted", "request was aborted", "interrupted by user"];
    let lower = piece.text.to_lowercase();
    ABORTS.iter().any(|words| lower.contains(words))
}

/// An error that is none of Claude's. No status in it is the API's.
fn of_stranger(text: &str, who: &str) -> ApiError {
    ApiError {
        cause: Cause::Stranger,
        stranger: Some(who.to_owned()),
        ..ApiError::new(head(text, SHOWN), SOURCE)
    }
}

/// Whether a line of a screen begins with an error: further on words are anybody's.
fn begins_with_error(line: &str) -> bool {
    const BEGINNING: usize = 40;
    let mut places = wording::places(&line.to_lowercase());
    marks::status_in(line).is_some() || places.any(|(place, _)| place.start < BEGINNING)
}

/// A piece from where its error begins: words before it may be anybody's, unless they lead to it.
fn from_marker(piece: &str) -> &str {
    let Some((before, _)) = piece.rsplit_once("API Error") else { return piece };
    match before.trim_end().ends_with(['·', ':', '(']) {
        true => piece,
        false => piece.get(before.len()..).unwrap_or(piece),
    }
}

/// A row of a transcript, an event of `--output-format stream-json`, what a hook is given, an
/// entry of a bug report, or the body of an answer of the API.
fn of_json(line: &str) -> Option<ApiError> {
    let mut value: Value = serde_json::from_str(line).ok()?;
    // Older versions leave the mark of an error out of their events.
    let synthetic = value.pointer("/message/model").and_then(Value::as_str) == Some("<synthetic>");
    let classed = value.get("error").is_some_and(Value::is_string);
    if let Some(row) = value.as_object_mut().filter(|_| synthetic && classed) {
        row.insert("isApiErrorMessage".to_owned(), Value::Bool(true));
    }
    // Rows stand in one line each; here they may be spread over many.
    if let Some(Row::Error(failed)) = transcript::read(&value.to_string()) {
        return Some(failed.error);
    }
    let body = || {
        let read = || reading::read(line, Known::default(), SOURCE);
        is_the_apis_body(&value).then(read).filter(|error| error.foreign.is_none())
    };
    let said = hook(&value).or_else(|| stream(&value)).or_else(|| reported(&value));
    said.or_else(body).or_else(|| shipped(&value))
}

/// What a collector of logs put into an object of its own: the line stands in one of its strings.
fn shipped(value: &Value) -> Option<ApiError> {
    const LINES: &[&str] =
        &["log", "message", "msg", "MESSAGE", "textPayload", "line", "data", "stdout", "stderr"];
    let line = LINES.iter().find_map(|key| value.get(key)?.as_str());
    let line = line.or_else(|| Some(value.get("error")?.as_str()?.trim()))?;
    let inner: Option<Value> = serde_json::from_str(line).ok();
    match inner.filter(Value::is_object) {
        Some(_) => of_json(line),
        None => of_marked(line),
    }
}

/// A line that bears a mark of Claude's.
fn of_marked(line: &str) -> Option<ApiError> {
    let pieces = screen::pieces(line);
    let is_claudes = pieces.iter().any(|piece| stranger::owner(piece) == Owner::Claude);
    is_claudes.then(|| of_prose(line, false)).filter(|error| error.cause != Cause::Unknown)
}

/// Whether it is a body of the API. Others have errors with types of the same names, and nobody
/// else says what the value as a whole is, or that it is overloaded.
fn is_the_apis_body(value: &Value) -> bool {
    let text = |pointer: &str| value.pointer(pointer).and_then(Value::as_str);
    let kind = text("/error/type");
    let is_error = text("/type") == Some("error") || kind == Some("overloaded_error");
    kind.is_some() && is_error && value.get("uuid").is_none()
}

/// An entry of the "Errors" of a bug report. Claude Code logs what its tools and servers say, too.
fn reported(value: &Value) -> Option<ApiError> {
    let (text, at) = marks::logged(value)?;
    let mut error = of_prose(text, true);
    error.at = at.parse().ok();
    (error.cause != Cause::Unknown).then_some(error)
}

/// The input of a StopFailure hook: a class, the text as it was shown, and what it leaves out.
pub fn hook(value: &Value) -> Option<ApiError> {
    let text = |key: &str| value.get(key).and_then(Value::as_str);
    if text("hook_event_name") != Some("StopFailure") {
        return None;
    }
    let details = text("error_details").unwrap_or_default();
    let shown = text("last_assistant_message").filter(|it| !it.is_empty()).unwrap_or(details);
    let known = Known {
        class: text("error").map(str::to_owned),
        request_id: marks::request_id_in(details),
        ..Known::default()
    };
    Some(reading::read_both(shown, details, known, ErrorSource::Hook))
}

/// Events of a headless run: retries of the session or of a subagent, and the result.
fn stream(value: &Value) -> Option<ApiError> {
    let retry = value.get("subagent_retry").or_else(|| {
        (value.get("subtype").and_then(Value::as_str) == Some("api_retry")).then_some(value)
    });
    let result = value.get("is_error").and_then(Value::as_bool) == Some(true);
    let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let (status, class, shown) = match (retry, result) {
        (Some(retry), _) => {
            let class = retry.get("error").or_else(|| retry.get("error_category"));
            (retry.get("error_status"), class, None)
        }
        // A tool that failed has the mark of its own result.
        (None, true) if text("type").is_none_or(|kind| kind == "result") => {
            (value.get("api_error_status"), None, value.get("result"))
        }
        (None, _) => return None,
    };
    let known = Known {
        status: status
            .and_then(Value::as_u64)
            .and_then(|n| u16::try_from(n).ok())
            .filter(|n| (100..=599).contains(n)),
        finding: text("api_error"),
        class: class.and_then(Value::as_str).map(str::to_owned),
        kind: text("api_error_type"),
        request_id: text("request_id"),
        ..Known::default()
    };
    let text = shown.and_then(Value::as_str).unwrap_or_default();
    // Where a run ended by itself its errors are a list.
    let listed = value.pointer("/errors/0").and_then(Value::as_str).filter(|_| text.is_empty());
    Some(reading::read(listed.unwrap_or(text), known, ErrorSource::Pasted))
}

/// A time at the start of a line, as the debug log writes it.
fn time_in(text: &str) -> Option<Timestamp> {
    text.split_whitespace().next()?.parse().ok()
}
