//! Times as people write them: `15:46`, `yesterday 15:46`, `2h ago`, RFC 3339.

use jiff::civil::{Date, Time, Weekday};
use jiff::fmt::friendly::SpanParser;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan, ZonedDateTime};

/// On which side of now a time is meant that names no day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The newest one that is over.
    Past,
    /// The next one.
    Future,
}

/// Why a text is no time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WhenError {
    /// Nothing that we know.
    #[error("not a time")]
    Unclear,
    /// It lies ahead, where a time that is over was asked for.
    #[error("this time is still to come")]
    Ahead,
    /// It is over, where one to come was asked for.
    #[error("this time is over")]
    Over,
}

impl WhenError {
    /// The next step.
    pub fn hint(self) -> &'static str {
        "write it as 15:46, \"yesterday 15:46\", \"monday 9:00\", \"2h ago\", \
         \"2026-06-02 15:46\" or 2026-06-02T15:46:00Z"
    }
}

/// The time that `text` means.
pub fn parse(
    text: &str,
    now: Timestamp,
    zone: &TimeZone,
    side: Side,
) -> Result<Timestamp, WhenError> {
    let here = now.to_zoned_datetime(zone.clone());
    let text = text.trim().to_lowercase();
    let at = understood(&text, &here, side).ok_or(WhenError::Unclear)?;
    match side {
        Side::Past if at > now => Err(WhenError::Ahead),
        Side::Future if at <= now => Err(WhenError::Over),
        _ => Ok(at),
    }
}

fn understood(text: &str, here: &ZonedDateTime, side: Side) -> Option<Timestamp> {
    if text == "now" {
        return Some(here.timestamp());
    }
    // An offset or Z makes it exact, whatever the zone.
    if let Ok(at) = text.to_uppercase().parse() {
        return Some(at);
    }
    // A span may be written as 15:46 as well, but nobody means one by it.
    if time_of_day(text).is_none()
        && let Some(at) = relative(text, here, side)
    {
        return Some(at);
    }
    let (day, time) = parts(text)?;
    let zone = here.time_zone();
    let on = |date: Date, time: Time| {
        Some(date.to_datetime(time).to_zoned_datetime(zone.clone()).ok()?.timestamp())
    };
    let today = here.date();
    match (day, time) {
        (Some(day), time) => {
            let date = named_day(day, here, time, side).or_else(|| day.parse().ok())?;
            on(date, time.unwrap_or(Time::midnight()))
        }
        (None, Some(time)) => {
            let at = on(today, time)?;
            let other = match side {
                Side::Past if at > here.timestamp() => today.yesterday().ok()?,
                Side::Future if at <= here.timestamp() => today.tomorrow().ok()?,
                _ => return Some(at),
            };
            on(other, time)
        }
        (None, None) => None,
    }
}

/// `2h ago`, `in 2h`; without either word it is on the side that is asked for.
fn relative(text: &str, here: &ZonedDateTime, side: Side) -> Option<Timestamp> {
    let (words, back) = match (text.strip_suffix(" ago"), text.strip_prefix("in ")) {
        (Some(words), _) => (words, true),
        (_, Some(words)) => (words, false),
        _ => (text, side == Side::Past),
    };
    let span: Span = SpanParser::new().parse_span(words.trim()).ok().filter(|s| s.is_positive())?;
    let at = if back { here.checked_sub(span) } else { here.checked_add(span) };
    Some(at.ok()?.timestamp())
}

/// A day and a time of day, in either order: `yesterday 15:46`, `15:46 yesterday`, `2026-06-02T15:46`.
fn parts(text: &str) -> Option<(Option<&str>, Option<Time>)> {
    if let Some(time) = time_of_day(text) {
        return Some((None, Some(time)));
    }
    let halves = text.split_once(' ').or_else(|| {
        let (day, time) = text.split_once('t')?;
        day.starts_with(|c: char| c.is_ascii_digit()).then_some((day, time))
    });
    let Some((first, second)) = halves else { return Some((Some(text), None)) };
    let (first, second) = (first.trim(), second.trim().trim_start_matches("at "));
    match (time_of_day(second), time_of_day(first)) {
        (Some(time), _) => Some((Some(first), Some(time))),
        (None, Some(time)) => Some((Some(second), Some(time))),
        (None, None) => None,
    }
}

fn time_of_day(text: &str) -> Option<Time> {
    let formats = ["%H:%M", "%H:%M:%S", "%I:%M%p", "%I:%M %p", "%I%p", "%I %p"];
    formats.iter().find_map(|format| Time::strptime(format, text).ok())
}

fn named_day(day: &str, here: &ZonedDateTime, time: Option<Time>, side: Side) -> Option<Date> {
    let today = here.date();
    let weekday = match day {
        "today" => return Some(today),
        "yesterday" => return today.yesterday().ok(),
        "tomorrow" => return today.tomorrow().ok(),
        _ => weekday(day)?,
    };
    let reached = time.unwrap_or(Time::midnight()) <= here.time();
    let step = match side {
        Side::Past => (-1).days(),
        Side::Future => 1.day(),
    };
    let here_today = today.weekday() == weekday && reached == (side == Side::Past);
    let first = if here_today { today } else { today.checked_add(step).ok()? };
    first.series(step).take(7).find(|date| date.weekday() == weekday)
}

fn weekday(word: &str) -> Option<Weekday> {
    Some(match word.get(..3)? {
        "mon" => Weekday::Monday,
        "tue" => Weekday::Tuesday,
        "wed" => Weekday::Wednesday,
        "thu" => Weekday::Thursday,
        "fri" => Weekday::Friday,
        "sat" => Weekday::Saturday,
        "sun" => Weekday::Sunday,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tuesday, 2 June 2026, 16:00 in Berlin, which is two hours ahead of UTC.
    fn read(text: &str, side: Side) -> Result<String, WhenError> {
        let now = "2026-06-02T14:00:00Z".parse().unwrap();
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        parse(text, now, &zone, side).map(|at| at.to_string())
    }

    #[test]
    fn times_that_are_over() {
        for (text, expected) in [
            ("now", "2026-06-02T14:00:00Z"),
            ("2026-06-02T13:46:00Z", "2026-06-02T13:46:00Z"),
            ("2026-06-02T13:46:00+02:00", "2026-06-02T11:46:00Z"),
            ("2026-06-02 13:46", "2026-06-02T11:46:00Z"),
            ("2026-06-02T13:46", "2026-06-02T11:46:00Z"),
            ("2026-06-01", "2026-05-31T22:00:00Z"),
            ("15:46", "2026-06-02T13:46:00Z"),
            (" 15:46:30 ", "2026-06-02T13:46:30Z"),
            ("3:46pm", "2026-06-02T13:46:00Z"),
            ("3:46 PM", "2026-06-02T13:46:00Z"),
            ("9am", "2026-06-02T07:00:00Z"),
            ("16:46", "2026-06-01T14:46:00Z"),
            ("today 15:46", "2026-06-02T13:46:00Z"),
            ("yesterday 15:46", "2026-06-01T13:46:00Z"),
            ("15:46 yesterday", "2026-06-01T13:46:00Z"),
            ("Yesterday at 15:46", "2026-06-01T13:46:00Z"),
            ("monday 9:00", "2026-06-01T07:00:00Z"),
            ("tuesday 9:00", "2026-06-02T07:00:00Z"),
            ("tuesday 17:00", "2026-05-26T15:00:00Z"),
            ("wed 9:00", "2026-05-27T07:00:00Z"),
            ("2h ago", "2026-06-02T12:00:00Z"),
            ("2h", "2026-06-02T12:00:00Z"),
            ("90 minutes ago", "2026-06-02T12:30:00Z"),
            ("1h 30m ago", "2026-06-02T12:30:00Z"),
            ("30d", "2026-05-03T14:00:00Z"),
            // Summer time began on 29 March at 02:00: that half hour never was.
            ("2026-03-29 02:30", "2026-03-29T01:30:00Z"),
        ] {
            assert_eq!(read(text, Side::Past).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn times_to_come() {
        for (text, expected) in [
            ("18:00", "2026-06-02T16:00:00Z"),
            ("9:00", "2026-06-03T07:00:00Z"),
            ("tomorrow 9:00", "2026-06-03T07:00:00Z"),
            ("tuesday 9:00", "2026-06-09T07:00:00Z"),
            ("tuesday 17:00", "2026-06-02T15:00:00Z"),
            ("friday", "2026-06-04T22:00:00Z"),
            ("2h", "2026-06-02T16:00:00Z"),
            ("in 2h", "2026-06-02T16:00:00Z"),
        ] {
            assert_eq!(read(text, Side::Future).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_or_on_the_wrong_side_is_refused() {
        for text in
            ["", "soon", "25:00", "2026-13-01", "15:46 15:46", "yesterday noonish", "-2h", "0h"]
        {
            assert_eq!(read(text, Side::Past), Err(WhenError::Unclear), "{text:?}");
        }
        assert_eq!(read("2027-01-01", Side::Past), Err(WhenError::Ahead));
        assert_eq!(read("in 2h", Side::Past), Err(WhenError::Ahead));
        assert_eq!(read("yesterday 9:00", Side::Future), Err(WhenError::Over));
    }
}
