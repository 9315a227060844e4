//! What `wait`, `retry` and `watch` share: following a page beside a daemon, or without one; one
//! look at it; what it said at a time.

pub mod child;
pub mod follow;
pub mod look;
pub mod page_at;
pub mod picture;
pub mod wait_line;
