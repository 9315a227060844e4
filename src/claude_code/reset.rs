//! When a limit resets, from the words of the error: Claude Code writes a time of the day, or a
//! day and a time, in the user's zone or with the name of a zone.

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, Zoned};

use ccwatch_core::api_error::{ApiError, TimeHeals};

/// Notes when a limit is over, where only the words of the error tell. `at` is when it happened.
pub fn note(error: &mut ApiError, at: Timestamp, zone: &TimeZone) {
    if error.resets_at.is_none() && error.cause.row().heals == TimeHeals::AtReset {
        error.resets_at = find(&error.text, at, zone);
    }
}

/// The reset that a text names, next after `at`; a time without a zone is one of `zone`. What can't
/// be read for certain is none: a wrong time is worse than none.
pub fn find(text: &str, at: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
    const LEADS: &[&str] = &["resets", "reset at", "regain access"];
    let lower = text.to_lowercase();
    if let Some(epoch) = lower.split_once("limit reached|").and_then(|(_, rest)| epoch(rest)) {
        return Some(epoch);
    }
    let rest = LEADS.iter().find_map(|lead| Some(lower.split_once(lead)?.1))?;
    let rest = rest.split(['·', '∙', '\n', ';']).next().unwrap_or_default();
    let (said, named) = match rest.split_once('(').map(|(said, rest)| (said, rest.split_once(')')))
    {
        Some((said, Some((name, _)))) if name.contains('/') => {
            (said, Some(TimeZone::get(name).ok()?))
        }
        Some((said, Some((name, _)))) => (said, TimeZone::get(name).ok()),
        // The zone goes on in the next line.
        Some((_, None)) => return None,
        None => (rest, rest.contains("utc").then_some(TimeZone::UTC)),
    };
    let zone = named.unwrap_or_else(|| zone.clone());
    next(Said::read(said), &at.to_zoned(zone))
}

/// Seconds since 1970, as old versions put them behind a bar.
fn epoch(rest: &str) -> Option<Timestamp> {
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let seconds = rest.get(..end)?.parse().ok().filter(|seconds| *seconds > 1_500_000_000)?;
    Timestamp::from_second(seconds).ok()
}

/// What a text says of a point in time.
#[derive(Default)]
struct Said {
    year: Option<i16>,
    month: Option<i8>,
    day: Option<i8>,
    weekday: Option<Weekday>,
    time: Option<Time>,
}

impl Said {
    fn read(text: &str) -> Self {
        let mut said = Self::default();
        let mut words = text.split([' ', ',', '\u{a0}']).filter(|word| !word.is_empty()).peekable();
        // What follows the time is about something else.
        while let Some(word) = words.next().filter(|_| said.time.is_none()) {
            let next = words.peek().copied().unwrap_or_default();
            if let Ok(date) = word.parse::<Date>() {
                said.year = Some(date.year());
                (said.month, said.day) = (Some(date.month()), Some(date.day()));
            } else if let Some(month) = month(word) {
                said.month = Some(month);
                said.day = next.parse().ok();
            } else if let Some(weekday) = weekday(word) {
                said.weekday = Some(weekday);
            } else if let Some(time) = time(word, next) {
                said.time = Some(time);
            }
        }
        said
    }
}

fn month(word: &str) -> Option<i8> {
    const MONTHS: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let at = MONTHS.iter().position(|month| word.get(..3) == Some(month))?;
    i8::try_from(at + 1).ok()
}

/// `mon`, `Monday`. "Month" and other words that begin so are none.
fn weekday(word: &str) -> Option<Weekday> {
    const DAYS: [(&str, Weekday); 7] = [
        ("monday", Weekday::Monday),
        ("tuesday", Weekday::Tuesday),
        ("wednesday", Weekday::Wednesday),
        ("thursday", Weekday::Thursday),
        ("friday", Weekday::Friday),
        ("saturday", Weekday::Saturday),
        ("sunday", Weekday::Sunday),
    ];
    let word = word.trim_end_matches('.');
    let is = |day: &str| word.len() >= 3 && day.starts_with(word);
    DAYS.into_iter().find(|(day, _)| is(day)).map(|(_, weekday)| weekday)
}

/// `9am`, `3:45pm`, `9:30 am` or `16:00`. A number alone is a day.
fn time(word: &str, next: &str) -> Option<Time> {
    let half = |text: &str| ["am", "pm"].into_iter().find(|half| text.starts_with(half));
    let digits = word.trim_end_matches(|c: char| !c.is_ascii_digit());
    let half = half(word.get(digits.len()..)?).or_else(|| half(next));
    let (hour, minute) = digits.split_once(':').unwrap_or((digits, "0"));
    if half.is_none() && !digits.contains(':') {
        return None;
    }
    let hour: i8 = hour.parse().ok()?;
    let hour = match half {
        Some("am") => hour % 12,
        Some(_) => hour % 12 + 12,
        None => hour,
    };
    Time::new(hour, minute.parse().ok()?, 0, 0).ok()
}

/// A date without a year that is past by no more than this is of this year: that reset is over.
const LATELY: i64 = 180;

/// The first point in time after `now` that fits what is said; none where it is over.
fn next(said: Said, now: &Zoned) -> Option<Timestamp> {
    let date = match (said.month, said.day) {
        (Some(month), Some(day)) => Date::new(said.year.unwrap_or(now.year()), month, day).ok()?,
        _ if said.weekday.is_some() => {
            let today = now.date();
            let ahead = said.weekday.map_or(0, |day| today.weekday().until(day));
            today.checked_add(i64::from(ahead).days()).ok()?
        }
        _ if said.time.is_some() => now.date(),
        _ => return None,
    };
    let whole = |date: Date| {
        let time = said.time.unwrap_or(Time::midnight());
        Some(date.to_datetime(time).to_zoned(now.time_zone().clone()).ok()?.timestamp())
    };
    let first = whole(date)?;
    let again = match (said.month, said.weekday) {
        (Some(_), _) => 1.year(),
        (None, Some(_)) => 1.week(),
        (None, None) => 1.day(),
    };
    let is_past = first <= now.timestamp();
    let days = now.timestamp().duration_since(first).as_hours() / 24;
    if is_past && said.month.is_some() && said.year.is_none() && days < LATELY {
        return None;
    }
    match is_past && said.year.is_none() {
        false => Some(first),
        true => whole(date.checked_add(again).ok()?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_a_reset_is_a_time_to_come() {
        let at: Timestamp = "2026-11-27T10:00:00Z".parse().unwrap();
        let west = TimeZone::fixed(jiff::tz::offset(-5));
        let cases = [
            ("You've hit your weekly limit · resets 9am (UTC)", "2026-11-28T09:00:00Z"),
            (
                "You've hit your session limit · resets 3:45pm (UTC) · out of",
                "2026-11-27T15:45:00Z",
            ),
            ("You've hit your limit. Limits will reset at 9:30 PM.  View", "2026-11-28T02:30:00Z"),
            ("You've reached your weekly limit · resets Nov 30, 9am (UTC)", "2026-11-30T09:00:00Z"),
            ("Weekly limit reached ∙ resets Jan 9, 4pm", "2027-01-09T21:00:00Z"),
            ("resets Sun 8pm (UTC)", "2026-11-29T20:00:00Z"),
            ("resets Monday 08:00", "2026-11-30T13:00:00Z"),
            ("resets Fri 4am", "2026-12-04T09:00:00Z"),
            ("resets Friday 6am", "2026-11-27T11:00:00Z"),
            ("resets 10am (America/New_York)", "2026-11-27T15:00:00Z"),
            ("resets Dec 1 at 12am (UTC)", "2026-12-01T00:00:00Z"),
            ("spend limit reached (daily; resets 00:00 UTC)", "2026-11-28T00:00:00Z"),
            ("You will regain access on 2026-12-01 at 00:00 UTC.", "2026-12-01T00:00:00Z"),
            ("Claude AI usage limit reached|1795770000", "2026-11-27T09:00:00Z"),
            ("resets 5pm", "2026-11-27T22:00:00Z"),
            ("resets Dec 3", "2026-12-03T05:00:00Z"),
        ];
        for (text, expected) in cases {
            assert_eq!(find(text, at, &west), expected.parse().ok(), "{text}");
        }
        for text in [
            "resets soon",
            "resets 9",
            "limit reached",
            "resets 25:00",
            "resets Feb 30",
            // Over already.
            "resets Nov 25, 9am (UTC)",
            "Weekly limit reached ∙ resets Oct 9, 4pm",
            // Cut at the margin.
            "resets 10am (America/New_Yo\nrk)",
            "resets 10am (America/Nowhere)",
        ] {
            assert_eq!(find(text, at, &west), None, "{text}");
        }
    }
}
