//! From a decided notice to the sinks that take it.

pub mod outbox;
