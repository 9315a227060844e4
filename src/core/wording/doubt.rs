//! The words for what isn't known.

use jiff::Timestamp;

use super::failure;
use crate::core::model::Level;
use crate::core::monitor::Monitor;
use crate::core::settings::short_name;

/// What exactly is not known where the verdict is unknown; raw, without a full stop.
pub fn why_unknown(monitor: &Monitor, now: Timestamp) -> String {
    let sight = monitor.sight();
    let current = sight.is_current(now, monitor.settings().stale_after);
    match (&sight.failing, sight.last_good) {
        (Some(run), _) if !current => {
            let (what, hint) = failure(run.kind);
            format!("{what} ({}); {hint}", run.detail)
        }
        (_, None) => "no reading yet".to_owned(),
        (_, Some(_)) if !current => "the newest reading is too old to go by".to_owned(),
        _ => match monitor.watched().find(|component| component.level == Level::Unknown) {
            None => "the page lists nothing that you watch; check watch.components".to_owned(),
            Some(component) => format!(
                "the page's word for {} ({}) is not one that ccwatch knows",
                short_name(&component.name),
                component.page_status.as_str()
            ),
        },
    }
}
