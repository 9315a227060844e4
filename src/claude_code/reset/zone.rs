//! Zones as errors name them: `America/New_York`, `UTC`, `UTC+8`, `PST`, `+0100`.

use jiff::tz::{Offset, TimeZone};

/// What stands where a zone may stand.
pub(super) enum Named {
    /// A zone.
    Zone(TimeZone),
    /// The user's own.
    Local,
    /// Letters of a zone that could be more than one, or none.
    Unclear,
    /// Something else.
    Nothing,
}

/// Abbreviations with one meaning, and their hours from UTC. `CST`, `IST`, `BST` and their like
/// have several.
const HOURS: &[(&str, i8)] = &[
    ("UTC", 0),
    ("GMT", 0),
    ("Z", 0),
    ("PST", -8),
    ("PDT", -7),
    ("MDT", -6),
    ("EST", -5),
    ("CDT", -5),
    ("EDT", -4),
    ("WEST", 1),
    ("CET", 1),
    ("CEST", 2),
    ("EET", 2),
    ("EEST", 3),
    ("SGT", 8),
    ("HKT", 8),
    ("JST", 9),
    ("KST", 9),
    ("AEST", 10),
    ("AEDT", 11),
    ("NZST", 12),
    ("NZDT", 13),
];
/// Zones that are named without saying whether it is summer.
const PLACES: &[(&str, &str)] = &[
    ("PT", "America/Los_Angeles"),
    ("MT", "America/Denver"),
    ("CT", "America/Chicago"),
    ("ET", "America/New_York"),
];

/// What a word or the words in a parenthesis name, in their own letters.
pub(super) fn named(words: &str) -> Named {
    let edge = |c: char| matches!(c, ' ' | '.' | ',' | '!' | '"' | '\'' | '?' | ')' | '}' | ']');
    let words = words.trim_matches(edge);
    // A command of Claude Code is no zone.
    if words.contains('/') && !words.starts_with('/') {
        return TimeZone::get(words).map_or(Named::Unclear, Named::Zone);
    }
    let upper = words.to_ascii_uppercase();
    if upper.contains("LOCAL") || upper.starts_with("YOUR") {
        return Named::Local;
    }
    if let Some((_, hours)) = HOURS.iter().find(|(name, _)| *name == upper) {
        return fixed(i32::from(*hours) * 60);
    }
    if let Some((_, place)) = PLACES.iter().find(|(name, _)| *name == words) {
        return TimeZone::get(place).map_or(Named::Unclear, Named::Zone);
    }
    let behind = upper.strip_prefix("UTC").or_else(|| upper.strip_prefix("GMT"));
    if let Some(behind) = behind.or_else(|| upper.starts_with(['+', '-']).then_some(&upper)) {
        return minutes(behind.trim()).map_or(Named::Unclear, fixed);
    }
    let letters = words.chars().all(|c| c.is_ascii_uppercase());
    match letters && (2..=5).contains(&words.len()) {
        true => Named::Unclear,
        false => Named::Nothing,
    }
}

/// `+8`, `-05:00`, `+0530`, in minutes.
fn minutes(offset: &str) -> Option<i32> {
    let offset = offset.replace('−', "-");
    let (sign, digits) = match offset.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let (hours, minutes) = match digits.split_once(':') {
        Some(parts) => parts,
        None if digits.len() == 4 => digits.split_at_checked(2)?,
        None => (digits, "0"),
    };
    let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
    ((0..=14).contains(&hours) && (0..60).contains(&minutes))
        .then_some(sign * (hours * 60 + minutes))
}

fn fixed(minutes: i32) -> Named {
    Offset::from_seconds(minutes * 60)
        .map_or(Named::Unclear, |offset| Named::Zone(offset.to_time_zone()))
}
