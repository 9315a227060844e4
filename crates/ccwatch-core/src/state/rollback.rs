//! A copy of the page from earlier, which a cache may serve while its origin fails.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use jiff::Timestamp;

use crate::model::Snapshot;
use crate::time::between;

use super::component::Component;
use super::incidents::Incidents;

/// A time stamp of the page as a whole that lies further ahead than this says nothing. Our own clock
/// may be wrong by days, so that what is only a little ahead still does.
const FAR_AHEAD: Duration = Duration::from_secs(30 * 24 * 3600);
/// A time stamp of a row that lies this much ahead of the page as a whole says nothing: the page was
/// seen to date a change two days ahead, and what came after it was refused as older.
const AHEAD_OF_THE_PAGE: Duration = Duration::from_secs(3600);

/// What betrays that a snapshot is older than one already seen: it differs, and time stamps go
/// back while none of a row goes forward. A snapshot with anything newer in it is no stale copy,
/// and one that says the same can't mislead.
pub fn detect(
    now: Timestamp,
    snapshot: &Snapshot,
    components: &[Component],
    incidents: &Incidents,
    page_updated_at: Option<Timestamp>,
) -> Option<String> {
    let mut rows = Vec::new();
    let mut differs = incidents.lacks_any(snapshot);
    let new: BTreeMap<_, _> = snapshot.components.iter().map(|row| (&row.id, row)).collect();
    for old in components {
        match new.get(&old.id) {
            Some(new) => {
                differs |= old.page_status != new.status || !old.is_listed();
                rows.push((&old.id.0, old.updated_at, new.updated_at));
            }
            None => differs |= snapshot.complete && old.is_listed(),
        }
    }
    for new in snapshot.incidents.iter().flatten() {
        if let Some(old) = incidents.get(&new.id) {
            differs |= old.phase != new.phase;
            rows.push((&new.id.0, old.updated_at, new.updated_at));
        } else if !new.phase.is_over() {
            differs = true;
            rows.push((&new.id.0, incidents.closed_at(&new.id), new.updated_at));
        }
    }
    let page = credible(now, snapshot.updated_at).max(credible(now, page_updated_at));
    let says = |at: Option<Timestamp>| {
        let fits = |at: &Timestamp| {
            page.is_none_or(|page| between(page.max(now), *at) < AHEAD_OF_THE_PAGE)
        };
        credible(now, at).filter(fits)
    };
    let earlier = |a, b| matches!((says(a), says(b)), (Some(a), Some(b)) if a < b);
    let open = snapshot.incidents.iter().flatten().filter(|new| !new.phase.is_over());
    let mut unheard_of = open.filter(|new| !incidents.known.contains_key(&new.id));
    // Posted after all that was seen before: no copy of earlier has it.
    if unheard_of.any(|new| earlier(page_updated_at, new.updated_at)) {
        return None;
    }
    if !differs || rows.iter().any(|row| earlier(row.1, row.2)) {
        return None;
    }
    let row = rows.iter().find(|row| earlier(row.2, row.1)).map(|row| row.0.as_str());
    let page = earlier(snapshot.updated_at, page_updated_at).then_some("the page");
    row.or(page).map(|what| format!("{what} is older than when it was last seen"))
}

/// A time stamp that is near enough to say something.
pub(super) fn credible(now: Timestamp, at: Option<Timestamp>) -> Option<Timestamp> {
    at.filter(|at| between(now, *at) < FAR_AHEAD)
}
