//! What Claude Code knows of our plugin, from the files in which it keeps that.

use std::path::PathBuf;

use serde_json::Value;

use super::{ID, MARKETPLACE};
use crate::claude_code::place::Place;
use crate::platform::plain;

/// How Claude Code has the plugin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registered {
    /// The version that it took over; newer versions of Claude Code read the plugin where it lies.
    pub version: Option<String>,
    /// Whether the user left it on.
    pub is_enabled: bool,
    /// The directory that it comes from.
    pub from: Option<PathBuf>,
}

/// Looks it up; none: it isn't installed for this user.
pub fn registered(place: &Place) -> Option<Registered> {
    let read = |name: &str| -> Option<Value> {
        let text = plain::read_to_string(&place.config.join(name)).ok()?;
        serde_json::from_str(&text).ok()
    };
    let installed = read("plugins/installed_plugins.json")?;
    let plugin = installed.get("plugins")?.get(ID)?;
    // Older versions keep one, newer ones a list, an entry for each scope.
    let entry = plugin.as_array().map_or(Some(plugin), |list| list.first())?;
    let settings = read("settings.json").unwrap_or_default();
    let enabled = settings.get("enabledPlugins").and_then(|plugins| plugins.get(ID));
    let markets = read("plugins/known_marketplaces.json").unwrap_or_default();
    let market = markets.get(MARKETPLACE);
    let from = market.and_then(|market| market.pointer("/source/path")?.as_str());
    Some(Registered {
        version: entry.get("version").and_then(Value::as_str).map(str::to_owned),
        is_enabled: enabled.and_then(Value::as_bool) == Some(true),
        from: from.map(PathBuf::from),
    })
}
