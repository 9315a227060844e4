//! When a limit resets, from the words of the error: a time of the day, a day and a time, a point
//! in time, or how long it takes, in the user's zone or with the name of another one.

mod said;
mod zone;

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, ZonedDateTime};

use super::marks;
use ccwatch_core::api_error::{ApiError, TimeHeals};
use said::{Day, Said, When};

/// Notes when a limit is over, where only the words of the error tell. `at` is when it happened.
pub fn note(error: &mut ApiError, at: Timestamp, zone: &TimeZone) {
    if error.resets_at.is_none() && error.cause.row().heals == TimeHeals::AtReset {
        error.resets_at = find(&error.text, at, zone);
    }
}

/// Words before the time of a reset.
const LEADS: &[&str] = &["reset", "regain access", "try again", "available again"];
/// So many places of such words are looked at.
const PLACES: usize = 8;
/// What stands behind such words is looked at so far, in bytes.
const BEHIND: usize = 160;

/// The reset that a text names, next after `at`; a time without a zone is one of `zone`. What can't
/// be read for certain is none: a wrong time is worse than none.
pub fn find(text: &str, at: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
    let barred = text.split('|').skip(1).take(PLACES).find_map(said::epoch);
    if let Some(epoch) = barred.filter(|epoch| is_near(*epoch, at)) {
        return Some(epoch);
    }
    let lower = text.to_ascii_lowercase();
    let mut places: Vec<usize> = Vec::new();
    for lead in LEADS {
        let found = lower.match_indices(lead).take(PLACES);
        places.extend(found.map(|(start, lead)| start + lead.len()));
    }
    places.sort_unstable();
    let said = places.into_iter().find_map(|place| {
        let behind = marks::head(text.get(place..)?, BEHIND);
        said::read(behind.split(['·', '∙', '\n', ';', '|']).next()?)
    })?;
    let reset = next(said, at, zone).filter(|reset| is_near(*reset, at))?;
    let day = 24.hours();
    match is_of_session(&lower) && reset.duration_since(at).as_hours() >= WINDOW {
        true => reset.checked_sub(day).ok(),
        false => Some(reset),
    }
}

/// The limit of a session is over in less than so many hours: the next time of the day that is
/// further on is the one after the reset that is meant.
const WINDOW: i64 = 6;

/// Whether it is the limit of a session, of five hours.
fn is_of_session(lower: &str) -> bool {
    const NAMES: &[&str] = &["session limit", "5-hour", "5 hour", "five-hour"];
    NAMES.iter().any(|name| lower.contains(name))
}

/// No limit is longer than a month, and a date without its year may be one further on.
fn is_near(reset: Timestamp, at: Timestamp) -> bool {
    const NEAR: i64 = 400 * 24;
    reset.duration_since(at).as_hours().abs() <= NEAR
}

/// A date without a year that is past by no more than this is of this year: that reset is over.
const LATELY: i64 = 180;

/// The first point in time after `at` that fits what is said; none where it is over.
fn next(said: Said, at: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
    let (day, time, zone) = match said {
        Said::Unclear => return None,
        Said::Then(point) => return Some(point),
        Said::After(span) => return at.checked_add(span).ok(),
        Said::When(When { day, time, zone: named }) => {
            (day, time, named.unwrap_or_else(|| zone.clone()))
        }
    };
    let now = at.to_zoned_datetime(zone);
    let whole = |date: Date| {
        let time = time.unwrap_or(Time::midnight());
        Some(date.to_datetime(time).to_zoned_datetime(now.time_zone().clone()).ok()?.timestamp())
    };
    let over = |date: Date| Some(whole(date)? <= at);
    let date = date(day, &now)?;
    match (day, over(date)?) {
        (Some(Day::Date { year: Some(_), .. }), _) | (_, false) => whole(date),
        (Some(Day::Today | Day::Tomorrow), true) => None,
        (Some(Day::Date { year: None, .. }), true) => {
            let days = at.duration_since(whole(date)?).as_hours() / 24;
            (days >= LATELY).then(|| whole(date.checked_add(1.year()).ok()?)).flatten()
        }
        (Some(Day::Weekday(_)), true) => whole(date.checked_add(1.week()).ok()?),
        (None, true) => whole(date.checked_add(1.day()).ok()?),
    }
}

/// The day that is meant, the next that fits; it may be over today.
fn date(day: Option<Day>, now: &ZonedDateTime) -> Option<Date> {
    let today = now.date();
    match day {
        None | Some(Day::Today) => Some(today),
        Some(Day::Tomorrow) => today.checked_add(1.day()).ok(),
        Some(Day::Weekday(weekday)) => {
            let ahead = today.weekday().until(weekday);
            today.checked_add(i64::from(ahead).days()).ok()
        }
        Some(Day::Date { year, month, day }) => {
            Date::new(year.unwrap_or(today.year()), month, day).ok()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_limit_that_has_reset_is_not_one_of_tomorrow() {
        let at: Timestamp = "2026-11-27T18:06:00Z".parse().unwrap();
        for (text, reset) in [
            ("You've hit your session limit · resets 5:30pm (UTC)", "2026-11-27T17:30:00Z"),
            ("5-hour limit reached ∙ resets 2pm (UTC)", "2026-11-27T14:00:00Z"),
            ("You've hit your session limit · resets 11pm (UTC)", "2026-11-27T23:00:00Z"),
            ("You've hit your session limit · resets 12am (UTC)", "2026-11-28T00:00:00Z"),
            // One of yesterday evening.
            ("You've hit your session limit · resets 6:30am (UTC)", "2026-11-27T06:30:00Z"),
            ("You've hit your session limit · resets in 4h", "2026-11-27T22:06:00Z"),
            // A week has room for tomorrow.
            ("You've hit your weekly limit · resets 5:30pm (UTC)", "2026-11-28T17:30:00Z"),
        ] {
            assert_eq!(find(text, at, &TimeZone::UTC), reset.parse().ok(), "{text}");
        }
    }

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
            // Points in time.
            ("Claude AI usage limit reached|1795770000000", "2026-11-27T09:00:00Z"),
            (r#"{"status":"rejected","resetsAt":1795777200}"#, "2026-11-27T11:00:00Z"),
            ("Your quota will reset at 2026-11-27T15:00:00Z.", "2026-11-27T15:00:00Z"),
            ("resets at 2026-11-27T15:00:00.000+02:00", "2026-11-27T13:00:00Z"),
            (
                "Your 5-hour usage quota will reset at 2026-11-27 15:00:00 UTC",
                "2026-11-27T15:00:00Z",
            ),
            ("resets 2026-11-28T09:30", "2026-11-28T14:30:00Z"),
            ("will reset on December 1, 2026 at 9:00 AM UTC", "2026-12-01T09:00:00Z"),
            ("resets on 1 Dec at 09:00 (UTC)", "2026-12-01T09:00:00Z"),
            ("resets Dec 1st, 9am UTC", "2026-12-01T09:00:00Z"),
            // How long it takes.
            ("resets in 2h 14m", "2026-11-27T12:14:00Z"),
            ("limit reached, try again in 3 hours 12 minutes.", "2026-11-27T13:12:00Z"),
            ("Your limit resets in 1d 4h", "2026-11-28T14:00:00Z"),
            ("resets in 2h14m30s", "2026-11-27T12:14:30Z"),
            ("resets in an hour", "2026-11-27T11:00:00Z"),
            // Zones.
            ("resets 9am (UTC+8)", "2026-11-28T01:00:00Z"),
            ("resets at 23:00 UTC+08:00", "2026-11-27T15:00:00Z"),
            ("resets at 9:00 GMT-5", "2026-11-27T14:00:00Z"),
            ("You've hit your seat limit. Resets at 6:00 PM PST", "2026-11-28T02:00:00Z"),
            ("resets 6:00 p.m. PT", "2026-11-28T02:00:00Z"),
            ("Your limit will reset at 1pm (Etc/GMT+5). More", "2026-11-27T18:00:00Z"),
            ("resets 22:15 +0100", "2026-11-27T21:15:00Z"),
            ("resets 3pm (local time)", "2026-11-27T20:00:00Z"),
            ("resets tomorrow at 9am", "2026-11-28T14:00:00Z"),
            ("resets at midnight UTC", "2026-11-28T00:00:00Z"),
            // The day behind the time.
            ("resets 9am Monday (UTC)", "2026-11-30T09:00:00Z"),
            ("resets 9am on Monday", "2026-11-30T14:00:00Z"),
            ("resets 9am UTC (Monday)", "2026-11-30T09:00:00Z"),
            ("resets 9:00 AM PT every Monday", "2026-11-30T17:00:00Z"),
            ("resets 9am Nov 30 (UTC)", "2026-11-30T09:00:00Z"),
            ("resets 9am (UTC), Nov 30", "2026-11-30T09:00:00Z"),
            ("resets 9am on Nov 30", "2026-11-30T14:00:00Z"),
            ("resets 23:59 UTC on 30 November.", "2026-11-30T23:59:00Z"),
            ("resets 3pm tomorrow", "2026-11-28T20:00:00Z"),
            ("resets 3pm (UTC) today", "2026-11-27T15:00:00Z"),
            ("resets 5pm. On Monday it is another one", "2026-11-27T22:00:00Z"),
            ("resets 5pm, may vary", "2026-11-27T22:00:00Z"),
            // What follows is no zone.
            (
                "limit reached ∙ resets 8pm /upgrade to increase your usage limit.",
                "2026-11-28T01:00:00Z",
            ),
            ("resets 8pm /upgrade or /usage-credits to continue", "2026-11-28T01:00:00Z"),
            (
                r#"{"message":"You will regain access on 2026-12-01 at 00:00 UTC."},"request_id":"req_1"}"#,
                "2026-12-01T00:00:00Z",
            ),
            (
                "{'message': 'You will regain access on 2026-12-01 at 00:00 UTC.'}}",
                "2026-12-01T00:00:00Z",
            ),
        ];
        let read = |text: &str| find(text, at, &west);
        let wrong = cases.iter().filter(|(text, expected)| read(text) != expected.parse().ok());
        let wrong: Vec<_> = wrong.map(|(text, expected)| (text, expected, read(text))).collect();
        assert!(wrong.is_empty(), "{wrong:#?}");
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
            // Nobody knows which.
            "resets 10am CST",
            "resets 10am (IST)",
            "resets 12/01 at 9am",
            "resets on the 1st at 9am",
            "resets in a while, at 9am",
            "resets in less than an hour",
            "resets 01.12.2026 09:00",
            "resets today at 1am",
            "limit reached|1000000000",
            "limit reached|99999999999999999999",
            "resets at 9:75 PM",
            "resets at 13pm",
            "resets Monday or Tuesday",
            "resets 9am and 9pm",
            "resets 9am Monday or Tuesday",
            "resets 9am (in 5 days)",
            "resets 9am in 3 days",
            "resets 9am, 3 days from now",
            "resets 9am Feb 30",
        ] {
            assert_eq!(find(text, at, &west), None, "{text}");
        }
    }
}
