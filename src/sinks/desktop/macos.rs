//! Pop-ups through the Notification Center.
//!
//! notify-rust speaks to NSUserNotificationCenter, the only one that works for a program outside
//! of an app bundle. What follows from that:
//! - It sends when the handle is dropped, not on `show`, and takes up to two seconds for it: the
//!   handle is dropped at once, on a thread of its own.
//! - It never says whether anything was shown; the user's settings may hide all of it.
//! - A banner can't be replaced, closed or clicked, so there are no bubbles and no links.
use std::convert::Infallible;
use std::sync::OnceLock;

use notify_rust::Notification;
use tokio::sync::mpsc::UnboundedSender;

use super::{Bubble, Delivery, Left, Limits, Popup, Report, ServerInfo};
use crate::render::sanitize;

/// Banners come in the name of an installed app. Without one the first of them would ask "Where
/// is use_default?" in a dialog, or hang for ever.
const APPLICATION: &str = "com.apple.Terminal";

pub(super) fn availability() -> Result<(), String> {
    Ok(())
}

pub(super) async fn describe(_: Limits) -> Result<Option<ServerInfo>, String> {
    Ok(Some(ServerInfo {
        name: "Notification Center".to_owned(),
        vendor: "Apple".to_owned(),
        version: String::new(),
        spec: String::new(),
        capabilities: vec!["body".to_owned()],
    }))
}

pub(super) struct Backend {
    /// Or why there can be no pop-ups.
    blank: Result<Notification, String>,
    limits: Limits,
}

impl Backend {
    pub(super) fn new(_: Vec<Left>, limits: Limits, _: UnboundedSender<Report>) -> Self {
        Self { blank: super::blank(), limits }
    }

    pub(super) async fn show(&mut self, popup: &Popup) -> Delivery {
        let mut notification = match &self.blank {
            Ok(blank) => blank.clone(),
            Err(reason) => return Delivery::NoServer(reason.clone()),
        };
        notification
            .summary(&sanitize::popup_title(&popup.title))
            .body(&sanitize::popup_body(&popup.body, false));
        let sending = tokio::task::spawn_blocking(move || send(&notification));
        match tokio::time::timeout(self.limits.call, sending).await {
            Err(_) => Delivery::Uncertain,
            Ok(Err(_)) => Delivery::Failed("the notification library failed".to_owned()),
            Ok(Ok(Err(reason))) => Delivery::Failed(sanitize::line(&reason, 200)),
            Ok(Ok(Ok(()))) => Delivery::Shown(None),
        }
    }

    /// There are no bubbles to take down.
    pub(super) async fn take_away(&mut self, _: &Bubble) {}

    /// Nothing is ever heard of a banner.
    pub(super) async fn news(&mut self) -> Infallible {
        std::future::pending().await
    }

    pub(super) async fn attend(&mut self, news: Infallible) {
        match news {}
    }
}

/// Blocks until the banner was handed over.
fn send(notification: &Notification) -> Result<(), String> {
    static NAMED: OnceLock<Result<(), String>> = OnceLock::new();
    NAMED
        .get_or_init(|| notify_rust::set_application(APPLICATION).map_err(|e| e.to_string()))
        .clone()?;
    drop(notification.show().map_err(|e| e.to_string())?);
    Ok(())
}
