//! The names of a notice: in a row, behind what happened, beside their levels.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use super::{Scene, level};
use crate::model::Level;

/// Names in a row: "A", "A and B", "A, B and C", "A, B and 3 more".
pub fn list(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [a, b] => format!("{a} and {b}"),
        [a, b, c] => format!("{a}, {b} and {c}"),
        [a, b, rest @ ..] => format!("{a}, {b} and {} more", rest.len()),
    }
}

/// All names in a row: "A, B, C and D".
pub(super) fn list_all(names: &[&str]) -> String {
    match names {
        [before @ .., last] if !before.is_empty() => format!("{} and {last}", before.join(", ")),
        few => few.concat(),
    }
}

/// What happened, and to whom: "Back: A and B", "Back: A and 2 more".
pub(super) fn title(what: &str, names: &[&str]) -> String {
    match names {
        [first, rest @ ..] if rest.len() > 1 => format!("{what}: {first} and {} more", rest.len()),
        few => format!("{what}: {}", list_all(few)),
    }
}

/// The worst level first and who is at it; of the others only that there are some, for no name may
/// stand beside a level that isn't its own.
pub(super) fn outage_title(scene: &Scene<'_>) -> String {
    let level_of = |one: &&(&str, Level)| one.1 == scene.level;
    let worst: Vec<&str> = scene.levels.iter().filter(level_of).map(|(name, _)| *name).collect();
    let title = title(level_title(scene.level), &worst);
    match scene.levels.len() - worst.len() {
        0 => title,
        milder => format!("{title}; {milder} more affected"),
    }
}

/// A level as the beginning of a title.
pub(super) fn level_title(of: Level) -> &'static str {
    match of {
        Level::Unknown => "Not known",
        Level::Operational => "Operational",
        Level::Maintenance => "Maintenance",
        Level::Reported => "Incident reported",
        Level::Degraded => "Degraded",
        Level::Partial => "Partial outage",
        Level::Major => "Major outage",
    }
}

/// What goes by level, worst level first: so every surface says who is at which level, and no name
/// stands beside a level that isn't its own.
pub fn grouped<T>(items: Vec<T>, level: impl Fn(&T) -> Level) -> Vec<(Level, Vec<T>)> {
    let mut groups: Vec<(Level, Vec<T>)> = Vec::new();
    for item in items {
        let own = level(&item);
        match groups.iter_mut().find(|(level, _)| *level == own) {
            Some((_, group)) => group.push(item),
            None => groups.push((own, vec![item])),
        }
    }
    groups.sort_by_key(|(level, _)| core::cmp::Reverse(level.severity()));
    groups
}

/// Names with their levels, worst first: "A: major outage; B and C: degraded performance".
pub fn by_level(levels: &[(&str, Level)]) -> String {
    let part = |(of, group): (Level, Vec<&(&str, Level)>)| {
        let names: Vec<&str> = group.into_iter().map(|(name, _)| *name).collect();
        format!("{}: {}", list_all(&names), level(of))
    };
    let groups = grouped(levels.iter().collect(), |one| one.1);
    groups.into_iter().map(part).collect::<Vec<_>>().join("; ")
}

pub(super) fn is_mixed(levels: &[(&str, Level)]) -> bool {
    levels.windows(2).any(|pair| matches!(pair, [a, b] if a.1 != b.1))
}
