//! How it stands with each of those that are watched, in the one line of a bar: who is down, who is worth
//! a try again, and who isn't known. None of them hides another.

use crate::client::picture::Picture;
use crate::render::names::Names;
use crate::render::sanitize;
use ccwatch_core::model::Level;
use ccwatch_core::state::PageState;
use ccwatch_core::state::component::Component;
use ccwatch_core::state::doubt::Doubt;
use ccwatch_core::state::verdict::Verdict;
use ccwatch_core::text::{self, ending};
use ccwatch_core::time::between;

/// The longest name of a component, in characters.
const NAME: usize = 40;
/// The longest title of an incident, in characters.
const TITLE: usize = 80;

/// The whole line, without announced work and without its age.
pub(super) fn headline(picture: &Picture) -> String {
    let (page, now) = (&picture.page, picture.now);
    let parts = match picture.verdict() {
        Verdict::Wait => {
            let fixed: Vec<&Component> = fixed(picture);
            let parts = waits(picture, page.grounds(now)).into_iter();
            parts.chain(retries(page, &fixed)).chain(not_known(picture)).collect()
        }
        Verdict::Retry => {
            return format!("{}, try again", retries(page, &page.grounds(now)).join("; "));
        }
        Verdict::Clear => clear("clear", page),
        Verdict::Suspect => clear("clear, but errors here", page),
        Verdict::Unknown if is_partly_known(picture) => {
            let back = retries(page, &page.worth_a_retry(now)).into_iter();
            back.chain(not_known(picture)).collect()
        }
        Verdict::Unknown => {
            vec![format!("{}: not known{}", about(page, NAME), why_unknown(picture))]
        }
    };
    parts.join("; ")
}

/// That all is well, and which incidents are open that name nobody.
fn clear(said: &str, page: &PageState) -> Vec<String> {
    let nameless =
        page.nameless().map(|it| format!("incident: {}", sanitize::line(&it.name, TITLE)));
    [format!("{}: {said}", about(page, NAME))].into_iter().chain(nameless).collect()
}

/// What a page is about, in so many characters; which region of it is known to who asks.
pub(super) fn about(page: &PageState, room: usize) -> String {
    let label = page.settings().label.as_ref();
    let name = label.map_or("Claude", |label| label.name.split(" (").next().unwrap_or_default());
    sanitize::line(name, room)
}

/// Whether the page was read, and something of what is watched is known, or is on the page at all.
pub(super) fn is_partly_known(picture: &Picture) -> bool {
    let (page, now) = (&picture.page, picture.now);
    match page.doubt(now) {
        Doubt::UnknownWord(_) => true,
        Doubt::NotListed(_) | Doubt::NothingWatched => {
            !page.worth_a_retry(now).is_empty() || !page.unclear(now).is_empty()
        }
        Doubt::Failing(_) | Doubt::NeverRead | Doubt::TooOld(_) => false,
    }
}

/// Those for which a retry makes sense though the page still shows them red, beside others for which
/// it doesn't.
pub(super) fn fixed(picture: &Picture) -> Vec<&Component> {
    let concerns = |c: &&Component| c.affected().is_some() && picture.page.filter(c).is_none();
    picture.page.worth_a_retry(picture.now).into_iter().filter(concerns).collect()
}

/// Who is at which level, and for how long; the worst first.
fn waits(picture: &Picture, grounds: Vec<&Component>) -> Vec<String> {
    let part = |(level, group): (Level, Vec<&Component>)| {
        let since = group.iter().filter_map(|c| c.episode()).map(|e| e.since).min();
        let lasting = between(since.unwrap_or(picture.now), picture.now);
        format!(
            "{}: {} ({})",
            names(&picture.page, &group),
            text::level(level),
            text::duration(lasting)
        )
    };
    text::grouped(grounds, |component| component.level).into_iter().map(part).collect()
}

/// Why each of them is worth a try.
pub(super) fn reasons<'a>(
    page: &PageState,
    grounds: &[&'a Component],
) -> Vec<(&'static str, Vec<&'a Component>)> {
    let why = |c: &Component| match c.affected().filter(|_| page.filter(c).is_none()) {
        Some(episode) if episode.level == Level::Maintenance => match &episode.work {
            Some(work) if ending::is_taken_off(page, work) => "maintenance is no longer listed",
            _ => "maintenance is over",
        },
        Some(_) => "fix is out",
        None if ending::was_only_reported(c) => "cleared",
        None => "back",
    };
    let order =
        ["fix is out", "maintenance is over", "maintenance is no longer listed", "back", "cleared"];
    let those = |reason: &'static str| -> (&'static str, Vec<&'a Component>) {
        (reason, grounds.iter().copied().filter(|component| why(component) == reason).collect())
    };
    order.into_iter().map(those).filter(|(_, group)| !group.is_empty()).collect()
}

fn retries(page: &PageState, grounds: &[&Component]) -> Vec<String> {
    let part = |(why, group): (&str, Vec<&Component>)| format!("{}: {why}", names(page, &group));
    reasons(page, grounds).into_iter().map(part).collect()
}

/// Who isn't known, and which entries of the watch list mean nobody.
fn not_known(picture: &Picture) -> Vec<String> {
    let page = &picture.page;
    let unclear = page.unclear(picture.now);
    let named = (!unclear.is_empty()).then(|| format!("{}: not known", names(page, &unclear)));
    let missing = page.missing_entries().into_iter();
    let missing = missing.map(|entry| format!("{}: not on the page", sanitize::line(entry, NAME)));
    named.into_iter().chain(missing).collect()
}

fn names(page: &PageState, group: &[&Component]) -> String {
    let names = Names::of(page.components(), NAME);
    text::list(&group.iter().map(|component| names.get(&component.id)).collect::<Vec<_>>())
}

fn why_unknown(picture: &Picture) -> String {
    match (picture.page.doubt(picture.now), picture.daemon.why_old()) {
        (Doubt::UnknownWord(_), _) => String::new(),
        (Doubt::NothingWatched, _) => ", nothing watched is on the page".to_owned(),
        (Doubt::NotListed(entry), _) => {
            format!(", {} is not on the page", sanitize::line(entry, NAME))
        }
        (_, Some(why)) => format!(", {why}"),
        (Doubt::Failing(_), None) => ", the page can't be read".to_owned(),
        (Doubt::NeverRead | Doubt::TooOld(_), None) => ", not read yet".to_owned(),
    }
}
