//! The words for what isn't known.

use alloc::borrow::ToOwned;
use alloc::string::String;
use jiff::Timestamp;

use super::failure;
use crate::model::Level;
use crate::settings::short_name;
use crate::state::PageState;

/// What exactly is not known where the verdict is unknown; raw, without a full stop.
pub fn why_unknown(page: &PageState, now: Timestamp) -> String {
    let page_health = page.page_health();
    let current = page_health.is_current(now, page.settings().stale_after);
    match (&page_health.failing, page_health.last_good) {
        (Some(run), _) if !current => {
            let (what, hint) = failure(run.kind);
            format!("{what} ({}); {hint}", run.detail)
        }
        (_, None) => "no reading yet".to_owned(),
        (_, Some(_)) if !current => "the newest reading is too old to go by".to_owned(),
        _ => match page.watched().find(|component| component.level == Level::Unknown) {
            None => "the page lists nothing that you watch; check watch.components".to_owned(),
            Some(component) => format!(
                "the page's word for {} ({}) is not one that ccwatch knows",
                short_name(&component.name),
                component.page_status.as_str()
            ),
        },
    }
}
