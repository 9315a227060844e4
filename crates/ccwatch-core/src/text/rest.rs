//! What a notice says of those that it is not about. It takes the place of the message before it,
//! so that it must be true of them, too, for as long as it stands on the screen.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use super::names::{grouped, level_title, list, list_all, title};
use super::{Scene, WAIT_WITH_THE_REST, join, level};
use crate::model::Level;

/// Somebody that a notice is not about.
#[derive(Debug, Clone, Copy)]
pub struct Other<'a> {
    /// Its short name.
    pub name: &'a str,
    /// Its level.
    pub level: Level,
    /// How it stands with it.
    pub stand: Stand,
}

/// How it stands with somebody that a notice is not about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stand {
    /// It is affected, and has to be waited for.
    Affected,
    /// A retry makes sense, while the page still shows it affected.
    FixOut,
    /// It looks well, not yet for long enough to say so.
    NotSure,
    /// The page has a word for it that isn't known.
    NotKnown,
}

/// The title of something bad that is new: what is worse and goes on stands before it.
pub(super) fn behind_what_is_worse(scene: &Scene<'_>, news: String) -> String {
    match worse(scene) {
        Some((level, names)) => format!("{}; {}", title(level_title(level), &names), small(&news)),
        None => news,
    }
}

/// Who goes on at a level that is worse than that of the notice.
pub(super) fn worse<'a>(scene: &Scene<'a>) -> Option<(Level, Vec<&'a str>)> {
    worst(scene).filter(|(level, _)| level.is_worse_than(scene.level))
}

/// The title of something good: who has to be waited for all the same stands behind it.
pub(super) fn before_the_rest(scene: &Scene<'_>, news: String) -> String {
    match worst(scene) {
        Some((Level::Major, names)) => format!("{news}; {}", title("still down", &names)),
        Some((_, names)) => format!("{news}; {}", title("still affected", &names)),
        None => news,
    }
}

/// Whether somebody has to be waited for: who is affected, or in maintenance.
pub(super) fn is_left(scene: &Scene<'_>) -> bool {
    scene.others.iter().any(|other| other.stand == Stand::Affected)
}

/// Whether somebody is affected who stands in the title for that.
pub(super) fn is_still_affected(scene: &Scene<'_>) -> bool {
    worst(scene).is_some()
}

/// The first move after something good, and what to do `then` where nobody has to be waited for.
pub(super) fn first_move(scene: &Scene<'_>, then: &str) -> String {
    let only = format!("Repeat what needs only {} now, on the same path.", list(scene.names));
    if is_left(scene) {
        return join([only, also(scene), WAIT_WITH_THE_REST.to_owned()]);
    }
    if scene.others.iter().any(|other| other.stand == Stand::NotKnown) {
        return join([only, also(scene), then.to_owned()]);
    }
    let now = "Repeat the same request now, on the same path. ";
    join([also(scene), format!("{now}{then}")])
}

/// How it stands with all the others, in sentences: as it is a part of each body.
pub fn also(scene: &Scene<'_>) -> String {
    let those = |stand: Stand| -> Vec<&str> {
        let which = scene.others.iter().filter(|other| !is_in_work(other) && other.stand == stand);
        which.map(|other| other.name).collect()
    };
    let in_work: Vec<&str> =
        scene.others.iter().filter(|other| is_in_work(other)).map(|other| other.name).collect();
    let part = |what: &str, names: &[&str]| match names {
        [] => String::new(),
        names => format!("{what}: {}.", list_all(names)),
    };
    let affected = affected(scene).into_iter().map(|(of, names)| match of == scene.level {
        true => list_all(&names),
        false => format!("{} ({})", list_all(&names), level(of)),
    });
    let affected = match affected.collect::<Vec<_>>().join("; ") {
        none if none.is_empty() => none,
        all => format!("Still affected: {all}."),
    };
    join([
        affected,
        part("Fix out, try again", &those(Stand::FixOut)),
        part("Not sure yet", &those(Stand::NotSure)),
        part("Not known", &those(Stand::NotKnown)),
        part("In maintenance", &in_work),
        part("Back", scene.back),
    ])
}

/// Who has to be waited for, by level, worst level first.
fn affected<'a>(scene: &Scene<'a>) -> Vec<(Level, Vec<&'a str>)> {
    let others = scene.others.iter();
    let affected = others.filter(|other| !is_in_work(other) && other.stand == Stand::Affected);
    let groups = grouped(affected.collect(), |other| other.level);
    let names = |group: Vec<&Other<'a>>| group.into_iter().map(|other| other.name).collect();
    groups.into_iter().map(|(level, group)| (level, names(group))).collect()
}

fn worst<'a>(scene: &Scene<'a>) -> Option<(Level, Vec<&'a str>)> {
    affected(scene).into_iter().next()
}

fn is_in_work(other: &Other<'_>) -> bool {
    other.level == Level::Maintenance
}

/// A title inside of another one.
fn small(title: &str) -> String {
    let mut chars = title.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}
