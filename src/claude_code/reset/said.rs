//! What is said of a point in time, word by word.

use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::zone::{self, Named};

/// What words say.
pub(super) enum Said {
    /// A point in time.
    Then(Timestamp),
    /// So long from now.
    After(SignedDuration),
    /// A day or a time of the day.
    When(When),
    /// Something of that kind that can't be read for certain.
    Unclear,
}

/// A day, a time, and where they are said to be.
#[derive(Default)]
pub(super) struct When {
    pub(super) day: Option<Day>,
    pub(super) time: Option<Time>,
    pub(super) zone: Option<TimeZone>,
}

/// Which day.
#[derive(Clone, Copy)]
pub(super) enum Day {
    Today,
    Tomorrow,
    Weekday(Weekday),
    Date { year: Option<i16>, month: i8, day: i8 },
}

/// Seconds or milliseconds since 1970, at the start of a text.
pub(super) fn epoch(text: &str) -> Option<Timestamp> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let number: i64 = text.get(..end)?.parse().ok()?;
    match end {
        10 if number > 1_500_000_000 => Timestamp::from_second(number).ok(),
        13 => Timestamp::from_millisecond(number).ok(),
        _ => None,
    }
}

/// So many words are looked at.
const WORDS: usize = 12;

/// What the words behind "resets" say; none where they speak of no time.
pub(super) fn read(text: &str) -> Option<Said> {
    // As the word ends, or a key of JSON.
    let ending =
        ["s_at", "sAt", "_at", "At", "s"].into_iter().find_map(|end| text.strip_prefix(end));
    let text = ending.unwrap_or(text).trim_start_matches(['"', '\'', ':', '=', ' ']);
    if let Some(point) = epoch(text) {
        return Some(Said::Then(point));
    }
    let words: Vec<&str> = text
        .split([' ', ',', '\u{a0}', '\t'])
        .filter(|word| !word.is_empty())
        .take(WORDS)
        .collect();
    let mut when = When::default();
    let mut rest = words.as_slice();
    while let [word, behind @ ..] = rest {
        rest = behind;
        let bare = word.trim_matches(|c: char| matches!(c, '"' | '\'' | '!' | ')'));
        let bare = bare.trim_end_matches('.');
        let (lower, upper) = (bare.to_ascii_lowercase(), bare.to_ascii_uppercase());
        if let Ok(point) = upper.parse::<Timestamp>() {
            return Some(Said::Then(point));
        }
        if lower == "in" && when.day.is_none() {
            return Some(duration(behind).map_or(Said::Unclear, Said::After));
        }
        if let Some(time) = time(&lower, behind) {
            when.time = Some(time);
            let half = usize::from(is_half(behind));
            let last = if half > 0 { behind.first()? } else { word };
            let sentence = if ends_sentence(last) { &[] } else { behind.get(half..)? };
            return Some(completed(when, sentence));
        }
        if let Ok(date) = upper.parse::<Date>() {
            when.day = Some(of_date(date));
            // A time may be glued to it.
            let Some(both) = upper.contains('T').then(|| upper.parse::<DateTime>().ok()).flatten()
            else {
                continue;
            };
            when.time = Some(both.time());
            return Some(completed(when, behind));
        }
        match day(&lower, behind) {
            Seen::Day(day, taken) => {
                when.day = Some(day);
                rest = behind.get(taken..).unwrap_or_default();
                if offers_another(rest) {
                    return Some(Said::Unclear);
                }
            }
            Seen::Unclear => return Some(Said::Unclear),
            // The sentence ends.
            Seen::Nothing if word.ends_with('.') => break,
            Seen::Nothing => {}
        }
    }
    when.day.is_some().then_some(Said::When(when))
}

fn of_date(date: Date) -> Day {
    Day::Date { year: Some(date.year()), month: date.month(), day: date.day() }
}

/// Words that stand between a time and its day.
const FILLERS: &[&str] = &["on", "at", "the", "every", "each", "next", "this", "of", "daily"];

/// A day and a time, with what stands directly behind the time: a zone, a day, or both.
fn completed(mut when: When, behind: &[&str]) -> Said {
    let mut rest = behind;
    while let Some(first) = rest.first() {
        let zone = if when.zone.is_some() { Named::Nothing } else { zone_of(rest) };
        match zone {
            Named::Zone(zone) => when.zone = Some(zone),
            // It says nothing new, and a day may follow.
            Named::Local => {}
            Named::Unclear => return Said::Unclear,
            Named::Nothing => match day_behind(first, rest) {
                Seen::Day(day, taken) if when.day.is_none() => {
                    when.day = Some(day);
                    rest = rest.get(taken..).unwrap_or_default();
                }
                Seen::Unclear if when.day.is_none() => return Said::Unclear,
                Seen::Nothing if FILLERS.contains(&first.to_ascii_lowercase().as_str()) => {}
                Seen::Day(..) | Seen::Unclear | Seen::Nothing => break,
            },
        }
        rest = rest.get(1..).unwrap_or_default();
        if ends_sentence(first) {
            break;
        }
    }
    if offers_another(rest) {
        return Said::Unclear;
    }
    Said::When(when)
}

/// The zone that a list of words begins with.
fn zone_of(words: &[&str]) -> Named {
    let joined = words.join(" ");
    match joined.strip_prefix('(') {
        Some(rest) => match rest.split_once(')') {
            Some((name, _)) => zone::named(name),
            // The zone goes on in the next line.
            None => Named::Unclear,
        },
        None => words.first().map_or(Named::Nothing, |word| zone::named(word)),
    }
}

/// The day that a word behind a time says. So long from now is no day: it would have to be counted.
fn day_behind(word: &str, words: &[&str]) -> Seen {
    let bare = word.trim_matches(|c: char| !c.is_alphanumeric()).to_ascii_lowercase();
    match bare.as_str() {
        "in" => Seen::Unclear,
        // A word of its own as well as a month.
        "may"
            if words.get(1).is_none_or(|word| !word.starts_with(|c: char| c.is_ascii_digit())) =>
        {
            Seen::Nothing
        }
        _ => day(&bare, words.get(1..).unwrap_or_default()),
    }
}

/// Whether a sentence ends with a word; half a day is no end of one.
fn ends_sentence(word: &str) -> bool {
    word.ends_with('.') && !word.ends_with(".m.")
}

/// Whether a second day or time follows: then nobody knows which.
fn offers_another(words: &[&str]) -> bool {
    let [joint, another, behind @ ..] = words else { return false };
    let (joint, another) = (joint.to_ascii_lowercase(), another.to_ascii_lowercase());
    let another = another.trim_matches(|c: char| !c.is_alphanumeric());
    let is_another =
        || time(another, behind).is_some() || matches!(day(another, behind), Seen::Day(..));
    matches!(joint.as_str(), "or" | "and") && is_another()
}

/// What a word says of a day, and how many words behind it belong to it.
enum Seen {
    Day(Day, usize),
    Unclear,
    Nothing,
}

fn day(word: &str, behind: &[&str]) -> Seen {
    let number = |word: Option<&&str>| -> Option<i8> {
        let word = word?.trim_end_matches(|c: char| !c.is_ascii_digit());
        word.parse().ok().filter(|day| (1..=31).contains(day))
    };
    let year = |word: Option<&&str>| {
        let year: Option<i16> = word?.trim_end_matches(['.', ',']).parse().ok();
        year.filter(|year| (2000..2200).contains(year))
    };
    match word {
        "today" => return Seen::Day(Day::Today, 0),
        "tomorrow" => return Seen::Day(Day::Tomorrow, 0),
        _ => {}
    }
    if let Some(month) = month(word) {
        let Some(day) = number(behind.first()) else { return Seen::Unclear };
        let year = year(behind.get(1));
        return Seen::Day(Day::Date { year, month, day }, 1 + usize::from(year.is_some()));
    }
    if let Some(weekday) = weekday(word) {
        return Seen::Day(Day::Weekday(weekday), 0);
    }
    if word.starts_with(|c: char| c.is_ascii_digit()) {
        let next = behind.first().map(|word| word.to_ascii_lowercase());
        let (day, month) = (number(Some(&word)), next.as_deref().and_then(month));
        let (Some(day), Some(month)) = (day, month) else { return Seen::Unclear };
        let year = year(behind.get(1));
        return Seen::Day(Day::Date { year, month, day }, 1 + usize::from(year.is_some()));
    }
    Seen::Nothing
}

fn month(word: &str) -> Option<i8> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let word = word.trim_end_matches('.');
    let at = MONTHS.iter().position(|month| {
        word.len() >= 3 && month.starts_with(word) || word == "sept" && month.starts_with("sept")
    })?;
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

/// The half of the day that a text begins with.
fn half(text: &str) -> Option<&'static str> {
    let text = text.to_ascii_lowercase().replace('.', "");
    let text = text.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
    ["am", "pm"].into_iter().find(|half| text == *half)
}

fn is_half(behind: &[&str]) -> bool {
    behind.first().is_some_and(|word| half(word).is_some())
}

/// `9am`, `3:45pm`, `9:30 am`, `16:00` or `15:00:00`. A number alone is a day.
fn time(word: &str, behind: &[&str]) -> Option<Time> {
    match word {
        "midnight" => return Some(Time::midnight()),
        "noon" => return Time::new(12, 0, 0, 0).ok(),
        _ => {}
    }
    let end = word.find(|c: char| !(c.is_ascii_digit() || c == ':')).unwrap_or(word.len());
    let (digits, glued) = word.split_at_checked(end).filter(|(digits, _)| !digits.is_empty())?;
    let next = behind.first().and_then(|word| half(word));
    let half = if glued.is_empty() { next } else { Some(half(glued)?) };
    let mut parts = digits.split(':');
    let mut part = || parts.next().unwrap_or("0").parse::<i8>().ok();
    let (hour, minute, second) = (part()?, part()?, part()?);
    if half.is_none() && !digits.contains(':') {
        return None;
    }
    let hour = match half {
        Some(_) if !(1..=12).contains(&hour) => return None,
        Some("am") => hour % 12,
        Some(_) => hour % 12 + 12,
        None => hour,
    };
    Time::new(hour, minute, second, 0).ok()
}

/// `2h 14m`, `3 hours 12 minutes`, `1d4h`, `an hour`.
fn duration(words: &[&str]) -> Option<SignedDuration> {
    let mut seconds: i64 = 0;
    let mut number: Option<i64> = None;
    let mut found = false;
    'words: for word in words {
        let word = word.trim_end_matches(['.', ')', '!']).to_ascii_lowercase();
        match word.as_str() {
            "about" | "approximately" | "around" | "and" => continue,
            "a" | "an" => {
                number = Some(1);
                continue;
            }
            _ => {}
        }
        let mut rest = word.as_str();
        while !rest.is_empty() {
            let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            if digits > 0 {
                number = Some(rest.get(..digits)?.parse().ok().filter(|n| *n < 100_000)?);
                rest = rest.get(digits..)?;
                continue;
            }
            let letters = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
            let Some(each) = unit(rest.get(..letters)?) else { break 'words };
            seconds += number.take()? * each;
            found = true;
            rest = rest.get(letters..)?;
        }
    }
    (found && number.is_none()).then(|| SignedDuration::from_secs(seconds))
}

/// The seconds of a unit.
fn unit(word: &str) -> Option<i64> {
    Some(match word {
        "s" | "sec" | "secs" | "second" | "seconds" => 1,
        "m" | "min" | "mins" | "minute" | "minutes" => 60,
        "h" | "hr" | "hrs" | "hour" | "hours" => 3600,
        "d" | "day" | "days" => 24 * 3600,
        _ => return None,
    })
}
