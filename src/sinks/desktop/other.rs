//! No pop-ups on this platform: everything else of the program works.
use std::convert::Infallible;

use tokio::sync::mpsc::UnboundedSender;

use super::{Bubble, Delivery, Left, Limits, Popup, Report, ServerInfo};

const REASON: &str = "pop-ups are not supported on this platform";

pub(super) fn availability() -> Result<(), String> {
    Err(REASON.to_owned())
}

pub(super) async fn describe(_: Limits) -> Result<Option<ServerInfo>, String> {
    Err(REASON.to_owned())
}

pub(super) struct Backend;

impl Backend {
    pub(super) fn new(_: Vec<Left>, _: Limits, _: UnboundedSender<Report>) -> Self {
        Self
    }

    pub(super) async fn show(&mut self, _: &Popup) -> Delivery {
        Delivery::NoServer(REASON.to_owned())
    }

    /// There are no bubbles to take down.
    pub(super) async fn take_away(&mut self, _: &Bubble) {}

    /// Nothing ever happens here.
    pub(super) async fn news(&mut self) -> Infallible {
        std::future::pending().await
    }

    pub(super) async fn attend(&mut self, news: Infallible) {
        match news {}
    }
}
