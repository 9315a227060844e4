//! `ccwatch history --json`: an object for each thing that happened. Keys may be added, never
//! renamed.

use serde_json::{Value, json};

use crate::store::StoredNotice;
use ccwatch_core::notice::DeliveryState;
use ccwatch_core::notice::sink::Sink;

/// An object with more keys.
pub(super) fn with(
    mut object: Value,
    more: impl IntoIterator<Item = (&'static str, Value)>,
) -> Value {
    if let Some(object) = object.as_object_mut() {
        object.extend(more.into_iter().map(|(key, value)| (key.to_owned(), value)));
    }
    object
}

/// `progress` and `hook` are what there was before there were sinks; `deliveries` has them all.
pub(super) fn notice_json(stored: &StoredNotice) -> Value {
    let desktop = stored.deliveries.get(&Sink::Desktop);
    let progress = desktop.map_or(DeliveryState::Logged, |delivery| delivery.state);
    let deliveries = stored.deliveries.iter().map(|(sink, delivery)| {
        let unanswered = delivery.unanswered;
        let (state, at, why) = (delivery.state, delivery.at, &delivery.why);
        let row = json!({"state": state, "at": at, "unanswered": unanswered, "why": why});
        (sink.as_str().to_owned(), row)
    });
    let more = [
        ("progress", json!(progress)),
        ("progress_at", json!(desktop.map_or(stored.notice.at, |delivery| delivery.at))),
        ("hook", json!(stored.state(Sink::Hook))),
        ("deliveries", Value::Object(deliveries.collect())),
    ];
    with(json!(stored.notice), more)
}
