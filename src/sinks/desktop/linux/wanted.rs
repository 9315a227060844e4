//! A popup as a server is asked to show it.

use std::collections::HashMap;

use zbus::Variant;

use super::link::is_openable;
use super::session::Server;
use crate::render::sanitize;
use crate::sinks::desktop::{Popup, Urgency};

/// The arguments of `Notify`, beside those that are the same for all.
pub(super) struct Wanted {
    /// The name or the path of an icon, or empty.
    pub(super) icon: String,
    pub(super) summary: String,
    pub(super) body: String,
    pub(super) actions: &'static [&'static str],
    pub(super) hints: HashMap<&'static str, Variant<'static>>,
    pub(super) expire: i32,
}

impl Wanted {
    /// What this server is to show: text is made inert here, as it needs it.
    pub(super) fn of(popup: &Popup, server: &Server) -> Self {
        let clickable = server.clicks && popup.link.as_deref().is_some_and(is_openable);
        Self {
            icon: popup.icon.clone().unwrap_or_default(),
            summary: sanitize::popup_title(&popup.title),
            body: sanitize::popup_body(&popup.body, server.markup),
            actions: if clickable { &["default", "Open the page"] } else { &[] },
            hints: hints(popup.urgency),
            expire: expire(popup, server),
        }
    }
}

/// After how long the server takes it away: 0 is never, -1 what it thinks best.
fn expire(popup: &Popup, server: &Server) -> i32 {
    match popup.urgency {
        Urgency::Critical => server.manner.critical_expires,
        Urgency::Low | Urgency::Normal => -1,
    }
}

/// What is said beside the text.
fn hints(urgency: Urgency) -> HashMap<&'static str, Variant<'static>> {
    let urgency: u8 = match urgency {
        Urgency::Low => 0,
        Urgency::Normal => 1,
        Urgency::Critical => 2,
    };
    HashMap::from([
        ("urgency", Variant::new(urgency)),
        ("desktop-entry", Variant::new("ccwatch")),
        // The general one: "network.disconnected" and "network.error" would say that the user's
        // own connection is down, the very thing ccwatch is there to tell apart.
        ("category", Variant::new("network")),
    ])
}
